/* SPDX-License-Identifier: Apache-2.0
 *
 * value.c - values between a record's columns and the tree: padding, classes, numbers with implied decimals and signs of every kind
 * (digit by digit, never through a float), flags, totals. Pure; any thread.
 */
#include "flat.h"

#include "base/check_digit.h"
#include "base/decimal.h"

/* ---- reading ---- */

static dgm_flat_found wrong(dgm_flat_value *out, dgm_diag_code code, size_t at, size_t bytes)
{
    out->code = code;
    out->at = at;
    out->bytes = bytes;
    return DGM_FLAT_WRONG;
}

/* Eight of a character. */
static inline uint64_t eight(char c)
{
    return 0x0101010101010101u * (unsigned char)c;
}

/* Where what stands behind begins: one character again and again. */
static inline size_t run_begins(dgm_slice s, char c)
{
    uint64_t here, run = eight(c);
    size_t n = s.len;
    while (n >= 8) {
        memcpy(&here, s.at + n - 8, 8);
        if (here != run) break;
        n -= 8;
    }
    while (n && s.at[n - 1] == c) n--;
    return n;
}

static inline bool all_of(dgm_slice s, char c)
{
    return s.len == 0 || (s.at[0] == c && run_begins(s, c) == 0);
}

/* Without what a field of fixed width was filled up with. */
static dgm_slice unpadded(const dgm_flat_step *s, dgm_slice cell)
{
    dgm_slice t = cell;
    if (s->right)
        while (t.len && t.at[0] == s->pad) t.at++, t.len--;
    else
        t.len = run_begins(t, s->pad);
    if (s->pad != ' ' && all_of(t, ' ')) t.len = 0;
    return t;
}

bool dgm_flat_listed(dgm_slice list, dgm_slice value)
{
    while (list.len) {
        dgm_cut cut = dgm_slice_cut(list, ' ');
        if (dgm_slice_equal(cut.head, value)) return true;
        list = cut.tail;
    }
    return false;
}

/* The first byte a field may not hold, or the length. */
static size_t outside(const dgm_flat_step *s, dgm_slice t)
{
    size_t i = 0;
    while (i < t.len && s->only[(unsigned char)t.at[i] >> 5] >> ((unsigned char)t.at[i] & 31) & 1) i++;
    return i;
}

/* Zeros or nines that say that there is no value. */
static bool nothing(const dgm_flat_step *s, dgm_slice t)
{
    return (s->zero_absent && all_of(t, '0')) || (s->nines_absent && all_of(t, '9'));
}

static dgm_flat_found read_text(const dgm_flat_layout *l, const dgm_flat_step *s, dgm_slice cell, dgm_flat_value *out)
{
    dgm_slice t = (l->delimited && !s->padded) || l->tokens ? cell : unpadded(s, cell);
    if (t.len == 0 || nothing(s, t)) return DGM_FLAT_ABSENT;
    out->text = t;
    size_t shift = (size_t)(t.at - cell.at);
    if (s->only) {
        size_t bad = outside(s, t);
        if (bad < t.len) return wrong(out, DGM_D_FLAT_FIELD_CLASS, shift + bad, dgm_utf8_next(dgm_slice_part(t, bad, t.len)).bytes);
    }
    if (l->delimited && (s->len || s->least)) {
        size_t n = l->characters ? dgm_utf8_length(t) : t.len;
        if ((s->len && n > s->len) || n < s->least) return wrong(out, DGM_D_FLAT_FIELD_LENGTH, 0, t.len);
    }
    char wanted = 0;
    if (s->check && !dgm_check_digit((dgm_check_rule)s->check, t, &wanted)) return wrong(out, DGM_D_FLAT_FIELD_FORM, shift, t.len);
    if (s->check && t.at[t.len - 1] != wanted) return wrong(out, DGM_D_FLAT_FIELD_CHECK, shift + t.len - 1, 1);
    return DGM_FLAT_AS_IS;
}

/* The last digit with the sign over it: 0 to 9 of what is not negative, and of what is. */
static const char overpunches[2][11] = { "{ABCDEFGHI", "}JKLMNOPQR" };

/* The digit and the sign that a last character is, or false. */
static bool overpunched(char c, char *digit, bool *negative)
{
    const char *positive = overpunches[0], *minus = overpunches[1];
    const char *hit = c ? strchr(positive, c) : NULL;
    *negative = false;
    if (!hit && c && (hit = strchr(minus, c)) != NULL) {
        *digit = (char)('0' + (hit - minus));
        *negative = true;
        return true;
    }
    if (hit) *digit = (char)('0' + (hit - positive));
    if (!hit && (c < '0' || c > '9')) return false;
    if (!hit) *digit = c;
    return true;
}

enum { THOUSANDS_MOST = 64 }; /* a number whose thousands are marked is no longer */

typedef struct number {
    dgm_slice digits; /* and at most one mark */
    size_t mark;      /* digits before it; == digits.len: none */
    bool negative, punched, made;
    char last; /* the digit that the last character stands for, when punched */
} number;

static dgm_slice blanks_off(dgm_slice t)
{
    while (t.len && t.at[0] == ' ') t.at++, t.len--;
    t.len = run_begins(t, ' ');
    return t;
}

/* Sign and digits; false: t.at[*bad] has no place in it. */
static bool take_number(const dgm_flat_step *s, dgm_slice t, number *n, size_t *bad)
{
    *n = (number){ .digits = t };
    const char *begin = t.at;
    char first = t.at[0], last = t.at[t.len - 1];
    bool marked = s->sign == DGM_FLAT_LEADING ? first == '-' || first == '+' : false;
    if (marked) {
        n->negative = first == '-';
        n->digits = blanks_off(dgm_slice_part(t, 1, t.len));
    }
    if (s->sign == DGM_FLAT_TRAILING && (last == '-' || last == '+')) {
        n->negative = last == '-';
        n->digits = blanks_off(dgm_slice_part(t, 0, t.len - 1));
    }
    if (s->sign == DGM_FLAT_MARKED && t.len > 2) {
        dgm_slice mark = dgm_slice_part(t, t.len - 2, t.len);
        n->negative = dgm_slice_equal(mark, s->no);
        if (n->negative || (s->yes.len && dgm_slice_equal(mark, s->yes))) n->digits = blanks_off(dgm_slice_part(t, 0, t.len - 2));
    }
    if (s->sign == DGM_FLAT_OVERPUNCH) {
        *bad = t.len - 1;
        n->punched = true;
        if (!overpunched(last, &n->last, &n->negative)) return false;
    }
    t = n->digits;
    n->mark = t.len;
    size_t end = n->punched ? t.len - 1 : t.len;
    for (size_t i = 0; i < end; i++) {
        if (t.at[i] >= '0' && t.at[i] <= '9') continue;
        *bad = (size_t)(t.at - begin) + i;
        if (s->implied || n->mark < t.len || t.at[i] != s->point) return false;
        n->mark = i;
    }
    *bad = 0;
    return t.len > (n->mark < t.len ? 1u : 0u);
}

/* The number as it is spelt canonically, into made. */
static size_t spell(const dgm_flat_step *s, const number *n, char *made)
{
    dgm_slice d = n->digits;
    size_t whole = n->mark, used = 0, from = 0;
    size_t fraction = n->mark < d.len ? d.len - n->mark - 1 : 0, total = d.len - (n->mark < d.len);
    if (s->implied) {
        fraction = s->implied;
        whole = total > fraction ? total - fraction : 0;
    }
    if (n->negative) made[used++] = '-';
    while (from + 1 < whole && d.at[from] == '0' && !(n->punched && from + 1 == d.len)) from++;
    if (whole == 0) made[used++] = '0';
    for (size_t i = from; i < whole; i++) made[used++] = n->punched && i + 1 == d.len ? n->last : d.at[i];
    if (fraction == 0) return used;
    made[used++] = '.';
    if (s->implied)
        for (size_t k = total; k < fraction; k++) made[used++] = '0';
    size_t behind = s->implied ? whole : n->mark + 1;
    for (size_t i = behind; i < d.len; i++) made[used++] = n->punched && i + 1 == d.len ? n->last : d.at[i];
    return used;
}

static bool is_zero(const number *n)
{
    for (size_t i = 0; i < n->digits.len; i++) {
        char c = n->punched && i + 1 == n->digits.len ? n->last : n->digits.at[i];
        if (c != '0' && i != n->mark) return false;
    }
    return true;
}

/* Without the marks between thousands; false: *bad is one that stands elsewhere, or there is none where one is due. */
static bool without_thousands(const dgm_flat_step *s, dgm_slice t, char *out, dgm_slice *made, size_t *bad)
{
    const char *point = memchr(t.at, s->point, t.len);
    size_t n = 0, lead = 0, end = point ? (size_t)(point - t.at) : t.len;
    bool behind = !point && s->sign != DGM_FLAT_OVERPUNCH; /* an overpunched sign is a digit, too */
    while (behind && end > 0 && (t.at[end - 1] < '0' || t.at[end - 1] > '9') && t.at[end - 1] != s->thousands) end--; /* a sign */
    if (s->sign == DGM_FLAT_LEADING && t.len && (t.at[0] == '-' || t.at[0] == '+')) lead++;
    while (lead < end && t.at[lead] == '0') lead++; /* what only fills up has no marks */
    bool marked = memchr(t.at, s->thousands, end) != NULL;
    for (size_t i = 0; i < t.len; i++) {
        bool digit = t.at[i] >= '0' && t.at[i] <= '9', mark = t.at[i] == s->thousands;
        bool due = i < end && (end - i) % 4 == 0 && marked;
        *bad = i;
        if (n == THOUSANDS_MOST || (mark && (!due || i == 0)) || (due && digit && i >= lead)) return false;
        if (!mark) out[n++] = t.at[i];
    }
    *made = (dgm_slice){ out, n };
    return true;
}

static dgm_flat_found read_number(const dgm_flat_layout *l, const dgm_flat_step *s, dgm_slice cell, char *made, dgm_flat_value *out)
{
    number n;
    size_t bad = 0;
    char plain_digits[THOUSANDS_MOST];
    dgm_slice t = blanks_off(cell);
    out->text = t;
    if (s->pad != ' ' && s->pad != '0') t = unpadded(s, t);
    if (t.len == 0 || (s->nines_absent && all_of(t, '9'))) return DGM_FLAT_ABSENT;
    size_t shift = (size_t)(t.at - cell.at);
    if (s->thousands && !without_thousands(s, t, plain_digits, &t, &bad))
        return wrong(out, DGM_D_FLAT_FIELD_NUMBER, shift + bad, 1);
    if (!take_number(s, t, &n, &bad)) return wrong(out, DGM_D_FLAT_FIELD_NUMBER, shift + bad, 1);
    if (s->zero_absent && is_zero(&n)) return DGM_FLAT_ABSENT;
    size_t marked = n.mark < n.digits.len, fraction = marked ? n.digits.len - n.mark - 1 : 0;
    size_t count = n.digits.len - marked;
    if (!s->implied && fraction > s->decimals) return wrong(out, DGM_D_FLAT_FIELD_DECIMALS, shift, t.len);
    if (l->delimited && s->len && count > s->len) return wrong(out, DGM_D_FLAT_FIELD_LENGTH, shift, t.len);
    bool plain = !n.negative && !n.punched && !s->implied && !s->thousands && n.mark > 0 && (fraction > 0) == (marked > 0) &&
                 (!marked || s->point == '.');
    if (!plain) {
        out->text = (dgm_slice){ made, spell(s, &n, made) };
        return DGM_FLAT_MADE;
    }
    size_t from = 0;
    while (from + 1 < n.mark && n.digits.at[from] == '0') from++;
    out->text = dgm_slice_part(n.digits, from, n.digits.len);
    return DGM_FLAT_AS_IS;
}

static dgm_flat_found read_date(const dgm_flat_step *s, dgm_slice cell, char *made, dgm_flat_value *out)
{
    dgm_slice t = blanks_off(cell);
    out->text = t;
    if (t.len == 0 || nothing(s, t)) return DGM_FLAT_ABSENT;
    size_t n = dgm_flat_date_read(s, t, made);
    dgm_diag_code code = s->era && n == 0 && dgm_flat_date_lunar(s, t) ? DGM_D_FLAT_FIELD_LUNAR : DGM_D_FLAT_FIELD_DATE;
    if (n == 0) return wrong(out, code, (size_t)(t.at - cell.at), t.len);
    out->text = (dgm_slice){ made, n };
    return DGM_FLAT_MADE;
}

static dgm_flat_found read_flag(const dgm_flat_step *s, dgm_slice cell, char *made, dgm_flat_value *out)
{
    dgm_slice t = blanks_off(cell);
    out->text = t;
    bool yes = dgm_slice_equal(t, s->yes), no = dgm_slice_equal(t, s->no);
    if (t.len == 0 && !no) return DGM_FLAT_ABSENT;
    if (!yes && !no) return wrong(out, DGM_D_FLAT_FIELD_FLAG, (size_t)(t.at - cell.at), t.len);
    size_t n = yes ? 4 : 5;
    memcpy(made, yes ? "true" : "false", n);
    out->text = (dgm_slice){ made, n };
    return DGM_FLAT_MADE;
}

dgm_flat_found dgm_flat_value_read(const dgm_flat_layout *l, const dgm_flat_step *s, dgm_slice cell, char *made,
                                   dgm_flat_value *out)
{
    dgm_flat_found found;
    out->text = (dgm_slice){ cell.at, 0 };
    out->code = DGM_D_NONE;
    if (s->padded && (l->characters ? dgm_utf8_length(cell) : cell.len) != s->len && cell.len)
        return wrong(out, DGM_D_FLAT_FIELD_LENGTH, 0, cell.len);
    switch ((dgm_flat_type)s->type) {
    case DGM_FLAT_NUMBER: found = read_number(l, s, cell, made, out); break;
    case DGM_FLAT_DATE: found = read_date(s, cell, made, out); break;
    case DGM_FLAT_FLAG: found = read_flag(s, cell, made, out); break;
    case DGM_FLAT_CONSTANT: {
        dgm_slice t = unpadded(s, cell);
        bool same = dgm_slice_equal(t, s->value) || dgm_slice_equal(cell, s->value) || dgm_slice_equal(t, unpadded(s, s->value));
        return same ? DGM_FLAT_ABSENT : wrong(out, DGM_D_FLAT_FIELD_CONSTANT, 0, cell.len);
    }
    case DGM_FLAT_TEXT:
    case DGM_FLAT_MORE:
    case DGM_FLAT_OPEN:
    case DGM_FLAT_CLOSE:
    default: found = read_text(l, s, cell, out); break;
    }
    if (found == DGM_FLAT_ABSENT && s->required) return wrong(out, DGM_D_FLAT_FIELD_REQUIRED, 0, cell.len);
    if (found != DGM_FLAT_ABSENT && found != DGM_FLAT_WRONG && s->codes.len && !dgm_flat_listed(s->codes, out->text))
        return wrong(out, DGM_D_FLAT_FIELD_CODE, 0, cell.len);
    return found;
}

/* ---- writing ---- */

static dgm_status put_number(const dgm_flat_step *s, dgm_slice v, dgm_buffer *out, dgm_diag_code *code)
{
    *code = DGM_D_FLAT_WRITE_NUMBER;
    if (!dgm_decimal_valid(v, '.')) return DGM_INVALID;
    bool negative = v.at[0] == '-';
    dgm_cut cut = dgm_slice_cut(dgm_slice_part(v, negative, v.len), '.');
    dgm_slice whole = cut.head, fraction = cut.tail;
    size_t places = s->implied ? s->implied : s->decimals;
    while (whole.len > 1 && whole.at[0] == '0') whole.at++, whole.len--;
    while (fraction.len > places && fraction.at[fraction.len - 1] == '0') fraction.len--;
    *code = DGM_D_FLAT_WRITE_DECIMALS;
    if (fraction.len > places) return DGM_INVALID;
    *code = DGM_D_FLAT_WRITE_SIGN;
    if (negative && s->sign == DGM_FLAT_UNSIGNED) return DGM_INVALID;
    dgm_status st = dgm_buffer_reserve(out, whole.len * 2 + places + 8);
    if (st != DGM_OK) return st;
    size_t begin = out->len;
    char *to = out->at + out->len;
    if (negative && s->sign == DGM_FLAT_LEADING) *to++ = '-';
    bool no_whole = dgm_slice_is(whole, "0") && fraction.len && (s->bare || s->implied);
    for (size_t i = 0; i < whole.len && !no_whole; i++) {
        if (s->thousands && i && (whole.len - i) % 3 == 0) *to++ = s->thousands;
        *to++ = whole.at[i];
    }
    if (fraction.len && !s->implied) *to++ = s->point;
    if (fraction.len) memcpy(to, fraction.at, fraction.len);
    to += fraction.len;
    if (s->implied)
        for (size_t k = fraction.len; k < places; k++) *to++ = '0';
    if (s->sign == DGM_FLAT_TRAILING) *to++ = negative ? '-' : ' ';
    if (s->sign == DGM_FLAT_MARKED) {
        dgm_slice mark = negative ? s->no : s->yes;
        to[0] = mark.len ? mark.at[0] : ' ';
        to[1] = mark.len ? mark.at[1] : ' ';
        to += 2;
    }
    if (s->sign == DGM_FLAT_OVERPUNCH) to[-1] = overpunches[negative][to[-1] - '0'];
    out->len = begin + (size_t)(to - (out->at + begin));
    return DGM_OK;
}

static dgm_status put_text(const dgm_flat_step *s, dgm_slice v, dgm_buffer *out, dgm_diag_code *code)
{
    size_t begin = out->len;
    dgm_status st = dgm_buffer_append(out, v);
    if (st != DGM_OK) return st;
    if (s->upper)
        for (size_t i = begin; i < out->len; i++)
            if (out->at[i] >= 'a' && out->at[i] <= 'z') out->at[i] = (char)(out->at[i] - 32);
    dgm_slice put = { out->at + begin, out->len - begin };
    *code = DGM_D_FLAT_WRITE_CLASS;
    if (s->only && outside(s, put) < put.len) return DGM_INVALID;
    char wanted = 0;
    *code = DGM_D_FLAT_WRITE_CHECK;
    return s->check && (!dgm_check_digit((dgm_check_rule)s->check, put, &wanted) || put.at[put.len - 1] != wanted) ? DGM_INVALID
                                                                                                                   : DGM_OK;
}

dgm_status dgm_flat_value_write(const dgm_flat_step *s, dgm_slice v, dgm_buffer *out, dgm_diag_code *code)
{
    char date[DGM_FLAT_DATE_MAX];
    *code = DGM_D_FLAT_WRITE_CODE;
    if (s->codes.len && !dgm_flat_listed(s->codes, v)) return DGM_INVALID;
    switch ((dgm_flat_type)s->type) {
    case DGM_FLAT_NUMBER: return put_number(s, v, out, code);
    case DGM_FLAT_DATE: {
        size_t n = dgm_flat_date_write(s, v, date);
        *code = dgm_flat_date_before_solar(s, v) ? DGM_D_FLAT_WRITE_LUNAR : DGM_D_FLAT_WRITE_DATE;
        return n ? dgm_buffer_append(out, (dgm_slice){ date, n }) : DGM_INVALID;
    }
    case DGM_FLAT_FLAG: {
        bool yes = dgm_slice_is(v, "true"), no = dgm_slice_is(v, "false");
        *code = DGM_D_FLAT_WRITE_FLAG;
        return yes || no ? dgm_buffer_append(out, yes ? s->yes : s->no) : DGM_INVALID;
    }
    case DGM_FLAT_CONSTANT: return dgm_buffer_append(out, s->value);
    case DGM_FLAT_TEXT:
    case DGM_FLAT_MORE:
    case DGM_FLAT_OPEN:
    case DGM_FLAT_CLOSE:
    default: return put_text(s, v, out, code);
    }
}

/* ---- totals ---- */

enum { LIMBS = 4, BASE = 1000000000 };

/* Adds or takes away without looking at signs; takes away the smaller from the larger. */
static void combine(dgm_flat_sum *sum, const uint64_t add[LIMBS], bool negative)
{
    if (sum->negative == negative) {
        uint64_t carry = 0;
        for (size_t i = 0; i < LIMBS; i++) {
            uint64_t v = sum->limbs[i] + add[i] + carry;
            sum->limbs[i] = v % BASE;
            carry = v / BASE;
        }
        sum->over = sum->over || carry;
        return;
    }
    int order = 0;
    for (size_t i = LIMBS; i-- > 0 && order == 0;) order = (sum->limbs[i] > add[i]) - (sum->limbs[i] < add[i]);
    const uint64_t *more = order < 0 ? add : sum->limbs, *less = order < 0 ? sum->limbs : add;
    uint64_t borrow = 0, left[LIMBS];
    for (size_t i = 0; i < LIMBS; i++) {
        uint64_t take = less[i] + borrow;
        borrow = more[i] < take;
        left[i] = more[i] + borrow * BASE - take;
    }
    memcpy(sum->limbs, left, sizeof left);
    if (order < 0) sum->negative = negative;
    if (order == 0) sum->negative = false;
}

void dgm_flat_sum_add(dgm_flat_sum *sum, dgm_slice d, uint32_t scale)
{
    char digits[LIMBS * 9 + 1];
    size_t n = 0;
    bool negative = d.len && d.at[0] == '-';
    dgm_cut cut = dgm_slice_cut(dgm_slice_part(d, negative, d.len), '.');
    dgm_slice whole = cut.head, fraction = dgm_slice_part(cut.tail, 0, scale);
    while (whole.len && whole.at[0] == '0') whole.at++, whole.len--;
    if (whole.len + scale > LIMBS * 9) {
        sum->over = true;
        return;
    }
    for (size_t i = 0; i < whole.len; i++) digits[n++] = whole.at[i];
    for (size_t i = 0; i < scale; i++) digits[n++] = i < fraction.len ? fraction.at[i] : '0';
    uint64_t add[LIMBS] = { 0 };
    for (size_t i = 0; i < n; i++) {
        size_t limb = (n - 1 - i) / 9;
        add[limb] = add[limb] * 10 + (uint64_t)(digits[i] - '0');
    }
    combine(sum, add, negative);
}

void dgm_flat_hash_add(dgm_flat_sum *sum, dgm_slice d, uint32_t scale)
{
    char digits[LIMBS * 9 + 1];
    uint64_t add[LIMBS] = { 0 };
    size_t n = sizeof digits - 1, behind = 0;
    dgm_cut cut = dgm_slice_cut(dgm_slice_part(d, d.len && d.at[0] == '-', d.len), '.');
    dgm_slice fraction = dgm_slice_part(cut.tail, 0, scale);
    memset(digits, '0', sizeof digits);
    behind = scale - fraction.len; /* zeros that were not written */
    n -= behind < n ? behind : n;
    for (size_t i = fraction.len; i-- > 0 && n > 0;) digits[--n] = fraction.at[i];
    for (size_t i = cut.head.len; i-- > 0 && n > 0;) digits[--n] = cut.head.at[i];
    for (size_t i = 0; i < LIMBS * 9; i++)
        add[(LIMBS * 9 - 1 - i) / 9] = add[(LIMBS * 9 - 1 - i) / 9] * 10 + (uint64_t)(digits[i] - '0');
    combine(sum, add, false);
    sum->over = false;
}

const dgm_flat_control *dgm_flat_tally(const dgm_flat_layout *l, const dgm_flat_step *s, dgm_slice value, dgm_flat_sum *sums)
{
    const dgm_flat_control *over = NULL;
    uint32_t step = (uint32_t)(s - l->steps);
    for (uint32_t i = 0; i < l->control_count; i++) {
        const dgm_flat_control *k = &l->controls[i];
        uint32_t n = 0;
        while (n < k->source_count && k->sources[n] != step) n++;
        if (n == k->source_count) continue;
        if (k->kind == DGM_FLAT_HASH)
            dgm_flat_hash_add(&sums[i], value, k->scale);
        else
            dgm_flat_sum_add(&sums[i], value, k->scale);
        if (sums[i].over && !over) over = k;
    }
    return over;
}

size_t dgm_flat_hash_text(const dgm_flat_sum *sum, uint32_t digits, char *out)
{
    dgm_flat_sum low = *sum;
    for (uint32_t i = 0; i < LIMBS; i++) {
        uint64_t power = 1;
        for (uint32_t k = i * 9; k < digits && k < i * 9 + 9; k++) power *= 10;
        low.limbs[i] %= power;
    }
    return dgm_flat_sum_text(&low, 0, out);
}

size_t dgm_flat_sum_text(const dgm_flat_sum *sum, uint32_t scale, char *out)
{
    char digits[LIMBS * 9];
    size_t n = 0, from = 0;
    for (size_t i = LIMBS; i-- > 0;) {
        uint64_t v = sum->limbs[i];
        for (size_t k = 9; k-- > 0; v /= 10) digits[(LIMBS - 1 - i) * 9 + k] = (char)('0' + v % 10);
    }
    while (from + scale + 1 < sizeof digits && digits[from] == '0') from++;
    if (sum->negative) out[n++] = '-';
    for (size_t i = from; i < sizeof digits; i++) {
        if (scale && i + scale == sizeof digits) out[n++] = '.';
        out[n++] = digits[i];
    }
    return n;
}
