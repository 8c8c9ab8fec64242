/* SPDX-License-Identifier: Apache-2.0
 *
 * stored.c - numbers that stand in a record as hosts keep them: packed digits (two in a byte, the sign in the last half) and binary
 * integers. Their bytes are no characters and are never decoded. Pure but for the record of a reader; one thread.
 */
#include "reader.h"

enum { TEXT_MOST = 48 };

/* ---- values ---- */

uint32_t dgm_flat_stored_digits(const dgm_flat_step *s)
{
    static const uint8_t binary[] = { 0, 3, 5, 8, 10, 13, 15, 17, 20 };
    if (s->stored == DGM_FLAT_PACKED_BARE) return s->len * 2;
    if (s->stored <= DGM_FLAT_PACKED_BARE) return s->len * 2 - 1;
    return binary[s->len <= DGM_FLAT_BINARY_MOST ? s->len : 0];
}

static bool little(const dgm_flat_step *s)
{
    return s->stored == DGM_FLAT_BINARY_SIGNED_LITTLE || s->stored == DGM_FLAT_BINARY_UNSIGNED_LITTLE;
}

static bool has_sign(const dgm_flat_step *s)
{
    return s->stored == DGM_FLAT_PACKED_SIGNED || s->stored == DGM_FLAT_BINARY_SIGNED || s->stored == DGM_FLAT_BINARY_SIGNED_LITTLE;
}

/* Digits, a minus before them; 0: byte *bad is none of such a number. */
static size_t unpack(const dgm_flat_step *s, dgm_slice bytes, char *text, size_t *bad)
{
    size_t n = 0, halves = bytes.len * 2, digits = s->stored == DGM_FLAT_PACKED_BARE ? halves : halves - 1;
    unsigned sign = digits < halves ? (unsigned char)bytes.at[bytes.len - 1] & 15u : 15u;
    bool minus = sign == 0xB || sign == 0xD, zero = true;
    *bad = bytes.len - 1;
    if (sign < 10 || (minus && !has_sign(s))) return 0;
    for (size_t i = 0; i < digits; i++) {
        unsigned byte = (unsigned char)bytes.at[i / 2], digit = i % 2 ? byte & 15u : byte >> 4;
        *bad = i / 2;
        if (digit > 9) return 0;
        zero = zero && digit == 0;
        if (n == 0 && minus) text[n++] = '-';
        text[n++] = (char)('0' + digit);
    }
    if (!zero || !minus) return n;
    memmove(text, text + 1, n - 1); /* nothing less than nothing */
    return n - 1;
}

static size_t from_binary(const dgm_flat_step *s, dgm_slice bytes, char *text)
{
    char turned[24];
    size_t n = 0, out = 0;
    uint64_t v = 0;
    for (size_t i = 0; i < bytes.len; i++) v = v << 8 | (unsigned char)bytes.at[little(s) ? bytes.len - 1 - i : i];
    unsigned bits = (unsigned)bytes.len * 8;
    bool minus = has_sign(s) && v >> (bits - 1) & 1;
    if (minus) v = bits == 64 ? ~v + 1 : ((uint64_t)1 << bits) - v;
    do turned[n++] = (char)('0' + v % 10);
    while (v /= 10);
    if (minus) text[out++] = '-';
    while (n) text[out++] = turned[--n];
    return out;
}

dgm_flat_found dgm_flat_stored_read(const dgm_flat_layout *l, const dgm_flat_step *s, dgm_slice bytes, char *made,
                                    dgm_flat_value *out)
{
    char text[TEXT_MOST];
    size_t blanks = 0, bad = 0, n = 0;
    dgm_flat_step plain = *s;
    *out = (dgm_flat_value){ .text = { "", 0 }, .code = DGM_D_FLAT_FIELD_REQUIRED, .bytes = bytes.len };
    bool packed = s->stored <= DGM_FLAT_PACKED_BARE;
    while (blanks < bytes.len && bytes.at[blanks] == l->blank) blanks++;
    if (bytes.len == 0 || (s->stored < DGM_FLAT_PACKED_BARE && blanks == bytes.len))
        return s->required ? DGM_FLAT_WRONG : DGM_FLAT_ABSENT;
    if (bytes.len == s->len) n = packed ? unpack(s, bytes, text, &bad) : from_binary(s, bytes, text);
    if (n == 0) {
        *out = (dgm_flat_value){ .text = { "", 0 }, .code = DGM_D_FLAT_FIELD_PACKED, .at = bad, .bytes = 1 };
        return DGM_FLAT_WRONG;
    }
    plain.stored = DGM_FLAT_IN_CHARACTERS;
    plain.sign = DGM_FLAT_LEADING;
    dgm_flat_found found = dgm_flat_value_read(l, &plain, (dgm_slice){ text, n }, made, out);
    if (found == DGM_FLAT_WRONG) out->at = 0, out->bytes = bytes.len;
    if (found == DGM_FLAT_ABSENT || out->text.at == made) return found;
    memcpy(made, out->text.at, out->text.len);
    out->text.at = made;
    return found == DGM_FLAT_WRONG ? found : DGM_FLAT_MADE;
}

static bool pack(const dgm_flat_step *s, dgm_slice digits, bool minus, unsigned char *to)
{
    size_t halves = (size_t)s->len * 2, room = s->stored == DGM_FLAT_PACKED_BARE ? halves : halves - 1;
    if (digits.len > room) return false;
    memset(to, 0, s->len);
    for (size_t i = 0; i < digits.len; i++) {
        size_t half = room - digits.len + i;
        to[half / 2] = (unsigned char)(to[half / 2] | (unsigned)(digits.at[i] - '0') << (half % 2 ? 0 : 4));
    }
    if (room < halves) to[s->len - 1] |= (unsigned char)(s->stored == DGM_FLAT_PACKED_UNSIGNED ? 0xF : minus ? 0xD : 0xC);
    return true;
}

static bool to_binary(const dgm_flat_step *s, dgm_slice digits, bool minus, unsigned char *to)
{
    uint64_t v = 0, most = s->len == 8 ? UINT64_MAX : ((uint64_t)1 << s->len * 8) - 1;
    if (has_sign(s)) most = most / 2 + (minus ? 1 : 0);
    for (size_t i = 0; i < digits.len; i++) {
        uint64_t digit = (uint64_t)(digits.at[i] - '0');
        if (v > (most - digit) / 10) return false;
        v = v * 10 + digit;
    }
    if (minus) v = ~v + 1;
    for (uint32_t i = 0; i < s->len; i++, v >>= 8) to[little(s) ? i : s->len - 1 - i] = (unsigned char)v;
    return true;
}

bool dgm_flat_stored_write(const dgm_flat_step *s, dgm_slice number, unsigned char *to)
{
    bool minus = number.len && number.at[0] == '-';
    dgm_slice digits = dgm_slice_part(number, minus, number.len);
    while (digits.len && digits.at[0] == '0') digits.at++, digits.len--;
    if (!digits.len) minus = false;
    return s->stored <= DGM_FLAT_PACKED_BARE ? pack(s, digits, minus, to) : to_binary(s, digits, minus, to);
}

/* ---- records ---- */

/* Which record it is, told from its bytes: those of its numbers have to be out of the way before the others are decoded. */
static uint32_t kind_of(const dgm_flat_layout *l, dgm_slice record)
{
    for (uint32_t i = 0; i < l->kind_count; i++) {
        const dgm_flat_kind *kind = &l->kinds[i];
        uint32_t k = 0;
        for (; k < kind->test_count; k++) {
            const dgm_flat_test *t = &l->tests[kind->first_test + k];
            dgm_slice there = dgm_slice_part(record, t->at, t->at + t->bytes.len);
            if (!dgm_slice_equal(there, t->bytes)) break;
        }
        if (k == kind->test_count) return i;
    }
    return DGM_NONE;
}

dgm_status dgm_flat_mask(flat_reader *r)
{
    const dgm_flat_layout *l = r->l;
    uint32_t kind = kind_of(l, r->record);
    r->masked.len = 0;
    dgm_status st = kind == DGM_NONE ? DGM_OK : dgm_buffer_append(&r->masked, r->record);
    if (st != DGM_OK || kind == DGM_NONE) return st;
    const dgm_flat_place *p = &l->places[l->kinds[kind].place];
    for (uint32_t i = p->first_step; i < p->first_step + p->step_count; i++) {
        const dgm_flat_step *s = &l->steps[i];
        if (s->stored && s->at < r->masked.len)
            memset(r->masked.at + s->at, l->blank, s->len < r->masked.len - s->at ? s->len : r->masked.len - s->at);
    }
    r->record = dgm_buffer_slice(&r->masked);
    return DGM_OK;
}

static void tell_stored(flat_reader *r, const dgm_flat_step *s, dgm_slice bytes, const dgm_flat_value *v)
{
    static const char hex[] = "0123456789ABCDEF";
    char shown[TEXT_MOST + 2] = "0x";
    size_t n = 2;
    for (size_t i = 0; i < bytes.len && n + 2 < sizeof shown; i++) {
        shown[n++] = hex[(unsigned char)bytes.at[i] >> 4];
        shown[n++] = hex[(unsigned char)bytes.at[i] & 15];
    }
    dgm_diag *d = dgm_flat_tell(r, v->code, DGM_ERROR, s->at + v->at, v->bytes, s->slot);
    dgm_diag_text(r->host.diags, d, s->name);
    if (v->code != DGM_D_FLAT_FIELD_REQUIRED)
        dgm_diag_text(r->host.diags, d, v->code == DGM_D_FLAT_FIELD_PACKED ? (dgm_slice){ shown, n } : v->text);
    if (v->code == DGM_D_FLAT_FIELD_CODE) dgm_diag_text(r->host.diags, d, s->codes);
}

dgm_status dgm_flat_read_stored(flat_reader *r, flat_nodes *n, const dgm_flat_step *s)
{
    char made[DGM_FLAT_MADE_ROOM + TEXT_MOST];
    dgm_flat_value v;
    dgm_slice bytes = dgm_slice_part(r->record, s->at, s->at + s->len);
    flat_cell_view c = { .text = { "", 0 }, .raw_at = s->at, .raw_len = bytes.len };
    dgm_flat_found found = dgm_flat_stored_read(r->l, s, bytes, made, &v);
    bool wrong = found == DGM_FLAT_WRONG, there = found == DGM_FLAT_MADE;
    if (r->watch) r->watch->field(r->watch->ctx, s, s->at, bytes.len, wrong, there ? v.text : (dgm_slice){ 0 });
    if (s->kept) r->kept[s->kept - 1].len = 0, r->doubtful[s->kept - 1] = wrong && v.code != DGM_D_FLAT_FIELD_REQUIRED;
    if (wrong) tell_stored(r, s, bytes, &v);
    if (!there) return DGM_OK;
    dgm_status st = s->control || s->tallied || s->kept ? dgm_flat_note_value(r, s, &c, v.text) : DGM_OK;
    return st != DGM_OK || !n->at ? st : dgm_flat_put_made(r, n, s, &c, v.text);
}
