/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_charset.c - the character set of what is written: which one, what becomes of characters that it lacks (refused, replaced
 * or transliterated, and every change is told), and the smallest one that holds everything where the writer may choose. One thread.
 */
#include "charsets.h"
#include "writer_state.h"

#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

/* ---- which set --------------------------------------------------------------------------------------------------------------- */

/* Whether the set of the interchange has a character. Memory: w->failed. */
static bool holds(dgm_edi_writer *w, uint32_t point)
{
    char text[4];
    size_t bad = 0;
    if (point < 0x80) return !(w->kind[point] & DGM_EDI_OUTSIDE);
    if (w->kind[0x80] & DGM_EDI_OUTSIDE) return false;
    if (!w->set) return true;
    dgm_status st = dgm_edi_encode(w, (dgm_slice){ text, dgm_utf8_put(point, text) }, &bad);
    if (st != DGM_OK && st != DGM_INVALID) w->failed = st;
    return st == DGM_OK;
}

/* Offset of the first character that the set lacks, from an offset on; v.len: there is none. */
static size_t first_lacking(dgm_edi_writer *w, dgm_slice v, size_t at)
{
    while (at < v.len) {
        dgm_rune c = dgm_utf8_next(dgm_slice_part(v, at, v.len));
        if (!holds(w, c.point) || w->failed != DGM_OK) break;
        at += c.bytes;
    }
    return at;
}

bool dgm_edi_charset_take(dgm_edi_writer *w, dgm_slice identifier, dgm_slice own)
{
    const dgm_edi_set *set = dgm_edi_set_of(identifier);
    if (!set) return false;
    dgm_slice name = own.len ? own : dgm_slice_of(set->ascii ? "UTF-8" : set->set);
    bool utf8 = dgm_slice_is(name, "UTF-8"), latin = dgm_slice_is(name, "ISO-8859-1");
    if (w->charset && !dgm_slice_equal(dgm_charset_name(w->charset), name)) {
        dgm_charset_free(w->charset);
        w->charset = NULL;
    }
    if (!dgm_slice_is(name, w->set_name) || w->own != (own.len > 0)) memset(w->kinds_of, 0, sizeof w->kinds_of);
    w->own = own.len > 0;
    w->set = utf8 || name.len >= sizeof w->set_name ? NULL : w->set_name;
    w->latin = latin;
    w->recode = false;
    memcpy(w->set_name, name.at, name.len < sizeof w->set_name ? name.len : 0);
    w->set_name[name.len < sizeof w->set_name ? name.len : 0] = 0;
    if (utf8 || latin) return true;
    dgm_status st = w->charset ? DGM_OK : dgm_charset_open(&w->mem, name, &w->charset);
    if (st == DGM_NOMEM) w->failed = st;
    w->recode = st == DGM_OK && !dgm_charset_direct(w->charset);
    return st == DGM_OK;
}

/* ASCII is not in every set that a partner may want: some of EBCDIC lack small letters. */
void dgm_edi_charset_kinds(dgm_edi_writer *w)
{
    if (w->own)
        for (unsigned i = 0x20; i < 0x7F; i++) w->kind[i] &= (unsigned char)~DGM_EDI_OUTSIDE;
    if (w->own)
        for (unsigned i = 0x80; i < 0x100; i++) w->kind[i] = DGM_EDI_WIDE;
    if (w->own) w->ascii_free = true;
    if (!w->recode) return;
    for (unsigned i = 0x20; i < 0x7F; i++) {
        const char c = (char)i;
        size_t bad = 0;
        dgm_status st = dgm_edi_encode(w, (dgm_slice){ &c, 1 }, &bad);
        if (st == DGM_OK) continue;
        if (st != DGM_INVALID) w->failed = st;
        w->kind[i] |= DGM_EDI_OUTSIDE;
        w->ascii_free = false;
    }
}

dgm_status dgm_edi_put_out(dgm_edi_writer *w, dgm_slice text)
{
    size_t bad = 0;
    if (!w->recode) return dgm_sink_put(w->sink, text);
    w->encoded.len = 0;
    dgm_status st = dgm_charset_encode(w->charset, text, &w->encoded, &bad);
    if (st == DGM_INVALID) return DGM_DEFECT; /* each value was tried before */
    return st == DGM_OK ? dgm_sink_put(w->sink, dgm_buffer_slice(&w->encoded)) : st;
}

/* ---- what it lacks ----------------------------------------------------------------------------------------------------------- */

static const char *const stages[DGM_EDI_STAGES] = { "Any-Latin", "Latin-ASCII" };

/* UTF-16 of a valid text in w->units, with room for as much again. */
static dgm_status to_units(dgm_edi_writer *w, dgm_slice v, int32_t room, int32_t *len)
{
    w->units.len = 0;
    dgm_status st = dgm_buffer_reserve(&w->units, (size_t)room * sizeof(UChar));
    if (st != DGM_OK) return st;
    UErrorCode e = U_ZERO_ERROR;
    u_strFromUTF8((UChar *)(void *)w->units.at, room, len, v.at, (int32_t)v.len, &e);
    return U_SUCCESS(e) ? DGM_OK : DGM_INVALID;
}

static dgm_status append_units(dgm_buffer *out, const UChar *units, int32_t len)
{
    dgm_status st = dgm_buffer_reserve(out, (size_t)len * 3 + 1);
    if (st != DGM_OK) return st;
    for (int32_t i = 0; i < len;) {
        uint32_t c = units[i++];
        if (U16_IS_LEAD(c) && i < len && U16_IS_TRAIL(units[i])) c = (uint32_t)U16_GET_SUPPLEMENTARY(c, units[i]), i++;
        out->len += dgm_utf8_put(c, out->at + out->len);
    }
    return DGM_OK;
}

/* Opened when first needed: the rules are large. */
static dgm_status open_stage(dgm_edi_writer *w, size_t stage)
{
    UChar id[DGM_EDI_RULES_MAX + 1];
    UErrorCode e = U_ZERO_ERROR;
    const char *name = w->wishes.rules.len ? w->wishes.rules.at : stages[stage];
    if (w->stages[stage]) return DGM_OK;
    u_uastrncpy(id, name, DGM_EDI_RULES_MAX);
    id[w->wishes.rules.len ? w->wishes.rules.len : strlen(name)] = 0;
    w->stages[stage] = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &e);
    if (e == U_MEMORY_ALLOCATION_ERROR) return DGM_NOMEM;
    return U_SUCCESS(e) ? DGM_OK : DGM_USAGE;
}

/* What the rules make of a run of characters, behind `out`. */
static dgm_status transliterate(dgm_edi_writer *w, size_t stage, dgm_slice run, dgm_buffer *out)
{
    int32_t room = (int32_t)run.len * 4 + 64, len = 0;
    dgm_status st = open_stage(w, stage);
    for (int tries = 0; st == DGM_OK && tries < 8; tries++, room *= 2) {
        UErrorCode e = U_ZERO_ERROR;
        st = to_units(w, run, room, &len);
        if (st != DGM_OK) break;
        int32_t limit = len;
        utrans_transUChars((UTransliterator *)w->stages[stage], (UChar *)(void *)w->units.at, &len, room, 0, &limit, &e);
        if (e == U_BUFFER_OVERFLOW_ERROR) continue;
        if (e == U_MEMORY_ALLOCATION_ERROR) return DGM_NOMEM;
        return U_SUCCESS(e) ? append_units(out, (const UChar *)(const void *)w->units.at, len) : dgm_buffer_append(out, run);
    }
    return st == DGM_OK ? DGM_LIMIT : st;
}

/* Whether a character belongs to the run before it: marks change the letter they stand on. */
static bool mark(uint32_t point)
{
    int8_t type = u_charType((UChar32)point);
    return type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_COMBINING_SPACING_MARK;
}

/* End of the run of characters, from `at` on, that the set lacks. Blanks between two such words belong to it, so that rules see
 * whole texts of a script. */
static size_t end_of_run(dgm_edi_writer *w, dgm_slice v, size_t at)
{
    size_t end = at;
    while (at < v.len) {
        dgm_rune c = dgm_utf8_next(dgm_slice_part(v, at, v.len));
        bool lacking = !holds(w, c.point);
        if (!lacking && !mark(c.point) && c.point != ' ') break;
        at += c.bytes;
        if (lacking || mark(c.point)) end = at;
    }
    return end;
}

/* One step of a change: each run that the set lacks is given to the rules; from → to. */
static dgm_status change_runs(dgm_edi_writer *w, size_t stage, dgm_slice from, dgm_buffer *to)
{
    to->len = 0;
    dgm_status st = DGM_OK;
    for (size_t at = 0; at < from.len && st == DGM_OK;) {
        size_t lacking = first_lacking(w, from, at);
        st = dgm_buffer_append(to, dgm_slice_part(from, at, lacking));
        at = lacking;
        if (at == from.len || st != DGM_OK) break;
        size_t end = end_of_run(w, from, at);
        st = transliterate(w, stage, dgm_slice_part(from, at, end), to);
        at = end;
    }
    return w->failed != DGM_OK ? w->failed : st;
}

static dgm_status upper(dgm_edi_writer *w, dgm_slice from, dgm_buffer *to)
{
    int32_t len = 0, room = (int32_t)from.len + 1;
    UErrorCode e = U_ZERO_ERROR;
    dgm_status st = to_units(w, from, room, &len);
    to->len = 0;
    if (st != DGM_OK) return st;
    dgm_buffer large = { .mem = w->mem };
    st = dgm_buffer_reserve(&large, (size_t)room * 3 * sizeof(UChar));
    if (st == DGM_OK) {
        const UChar *small = (const UChar *)(const void *)w->units.at;
        len = u_strToUpper((UChar *)(void *)large.at, room * 3, small, len, "", &e);
        st = U_SUCCESS(e) ? append_units(to, (const UChar *)(const void *)large.at, len) : DGM_INVALID;
    }
    dgm_buffer_free(&large);
    return st;
}

static dgm_status compose(dgm_edi_writer *w, dgm_slice from, dgm_buffer *to)
{
    int32_t len = 0, room = (int32_t)from.len + 1;
    UErrorCode e = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&e);
    dgm_status st = to_units(w, from, room, &len);
    to->len = 0;
    if (st != DGM_OK) return st;
    dgm_buffer made = { .mem = w->mem };
    st = dgm_buffer_reserve(&made, (size_t)room * 3 * sizeof(UChar));
    if (st == DGM_OK && U_SUCCESS(e)) {
        len = unorm2_normalize(nfc, (const UChar *)(const void *)w->units.at, len, (UChar *)(void *)made.at, room * 3, &e);
        if (U_SUCCESS(e)) st = append_units(to, (const UChar *)(const void *)made.at, len);
    }
    dgm_buffer_free(&made);
    return U_SUCCESS(e) ? st : DGM_INVALID;
}

static dgm_status replace(dgm_edi_writer *w, dgm_slice v)
{
    dgm_buffer *to = &w->adapted[0];
    dgm_status st = DGM_OK;
    to->len = 0;
    for (size_t at = 0; at < v.len && st == DGM_OK;) {
        size_t lacking = first_lacking(w, v, at);
        st = dgm_buffer_append(to, dgm_slice_part(v, at, lacking));
        at = lacking;
        if (at == v.len || st != DGM_OK || w->failed != DGM_OK) break;
        st = dgm_buffer_append(to, (dgm_slice){ w->wishes.replacement.at, w->wishes.replacement.len });
        at += dgm_utf8_next(dgm_slice_part(v, at, v.len)).bytes;
    }
    return w->failed != DGM_OK ? w->failed : st;
}

/* Composed, in capitals where the set has no small letters, then by the rules, one after the other, until nothing is lacking. */
static dgm_status by_rules(dgm_edi_writer *w, dgm_slice v, dgm_slice *out)
{
    const bool capitals = w->kind['a'] & DGM_EDI_OUTSIDE;
    const size_t steps = w->wishes.rules.len ? 1 : DGM_EDI_STAGES;
    dgm_slice text = v;
    size_t next = 0;
    dgm_status st = compose(w, text, &w->adapted[next]);
    for (size_t step = 0; st == DGM_OK; step++) {
        text = dgm_buffer_slice(&w->adapted[next]);
        next ^= 1;
        if (capitals) {
            st = upper(w, text, &w->adapted[next]);
            text = dgm_buffer_slice(&w->adapted[next]);
            next ^= 1;
        }
        if (st != DGM_OK || step == steps || first_lacking(w, text, 0) == text.len) break;
        st = change_runs(w, step, text, &w->adapted[next]);
    }
    *out = text;
    return st;
}

dgm_status dgm_edi_adapt(dgm_edi_writer *w, dgm_slice v, dgm_slice *out, size_t *bad)
{
    *out = v;
    *bad = dgm_utf8_check(v);
    if (*bad < v.len || v.len > INT32_MAX / 64) return DGM_INVALID;
    *bad = first_lacking(w, v, 0);
    if (w->failed != DGM_OK) return w->failed;
    if (*bad == v.len) return DGM_OK;
    if (w->wishes.unmappable == DGM_EDI_REFUSE) return DGM_INVALID;
    dgm_status st;
    if (w->wishes.unmappable == DGM_EDI_REPLACE) {
        st = replace(w, v);
        *out = dgm_buffer_slice(&w->adapted[0]);
    } else {
        st = by_rules(w, v, out);
    }
    if (st != DGM_OK) return st;
    size_t left = first_lacking(w, *out, 0);
    if (w->failed != DGM_OK) return w->failed;
    if (left < out->len) return DGM_INVALID;
    w->changed = true;
    return DGM_OK;
}

void dgm_edi_tell_changes(dgm_edi_writer *w)
{
    const dgm_tree *t = w->tree;
    if (!w->changed) return;
    for (uint32_t i = 1; i < t->node_count && w->failed == DGM_OK; i++) {
        uint32_t slot = dgm_node_slot(&t->nodes[i]);
        if (!dgm_kind_leaf(dgm_node_kind(&t->nodes[i])) || slot >= w->about->row_count) continue;
        dgm_slice v = dgm_tree_value(t, i), made = v;
        size_t bad = 0;
        if (v.len == 0 || !(dgm_edi_kinds(w, v) & (DGM_EDI_OUTSIDE | DGM_EDI_WIDE)) || w->about->rows[slot].class == DGM_EDI_N)
            continue;
        dgm_status st = dgm_edi_adapt(w, v, &made, &bad);
        if (st != DGM_OK && st != DGM_INVALID) w->failed = st;
        if (st != DGM_OK || dgm_slice_equal(v, made)) continue;
        const dgm_slot *s = dgm_shape_slot(t->shape, slot);
        dgm_diag *d = dgm_edi_remark(w, DGM_D_EDI_WRITE_CHANGED, DGM_WARNING, i, (dgm_slice){ 0 });
        dgm_diag_text(w->host.diags, d, s->name);
        dgm_diag_text(w->host.diags, d, s->title);
        dgm_diag_text(w->host.diags, d, v);
        dgm_diag_text(w->host.diags, d, made);
    }
    w->changed = false;
}

/* ---- the smallest set that holds everything ---------------------------------------------------------------------------------- */

bool dgm_edi_choices_take(dgm_edi_writer *w, dgm_slice list)
{
    w->choices = 0;
    while (list.len) {
        size_t n = 0, i = 0;
        while (n < list.len && list.at[n] != ' ' && list.at[n] != ',') n++;
        dgm_slice name = dgm_slice_part(list, 0, n);
        list = dgm_slice_part(list, n + 1, list.len);
        while (dgm_edi_set_at(i) && !dgm_slice_is(name, dgm_edi_set_at(i)->identifier)) i++;
        if (name.len && (!dgm_edi_set_at(i) || i >= DGM_EDI_CHOICES_MAX || dgm_edi_set_at(i)->shifts)) return false;
        if (name.len) w->choices |= 1u << i;
    }
    return w->choices != 0;
}

/* Whether a set holds a text. */
static bool choice_holds(dgm_edi_writer *w, uint32_t number, dgm_slice text)
{
    const dgm_edi_set *set = dgm_edi_set_at(number);
    size_t bad = 0;
    if (set->repertoire != DGM_EDI_REPERTOIRE_ANY) {
        dgm_edi_alphabet a;
        dgm_edi_alphabet_make(&a, ":+?'", true, set->repertoire);
        for (size_t i = 0; i < text.len; i++)
            if ((a.kind[(unsigned char)text.at[i]] & DGM_EDI_KIND_ODD) && text.at[i] != '\n')
                return false; /* a line for each segment */
        return true;
    }
    if (dgm_ascii(text) || strcmp(set->set, "UTF-8") == 0) return true;
    dgm_charset **c = &w->choice_sets[number];
    w->encoded.len = 0;
    dgm_status st = *c ? DGM_OK : dgm_charset_open(&w->mem, dgm_slice_of(set->set), c);
    if (st == DGM_OK) st = dgm_charset_encode(*c, text, &w->encoded, &bad);
    if (st != DGM_OK && st != DGM_INVALID) w->failed = st;
    return st == DGM_OK;
}

static uint32_t narrowed(dgm_edi_writer *w, uint32_t may, dgm_slice text)
{
    for (uint32_t i = 0; i < DGM_EDI_CHOICES_MAX && w->failed == DGM_OK; i++)
        if (may >> i & 1 && !choice_holds(w, i, text)) may &= ~(1u << i);
    return may;
}

static dgm_slice out_from(const dgm_edi_writer *w, size_t from)
{
    return dgm_slice_part(dgm_buffer_slice(&w->out), from, w->out.len);
}

void dgm_edi_choice_begin(dgm_edi_writer *w, size_t from)
{
    w->now.may = narrowed(w, w->choices, out_from(w, from));
    w->now.header = from;
    const char unb[4] = { 'U', 'N', 'B', w->marks[DGM_EDI_MARK_ELEMENT] };
    while (w->now.header + 4 < w->out.len && memcmp(w->out.at + w->now.header, unb, 4) != 0) w->now.header++;
    w->now.header += 4;
}

bool dgm_edi_choice_narrow(dgm_edi_writer *w, size_t from)
{
    const dgm_tree *t = w->tree;
    uint32_t may = narrowed(w, w->now.may, out_from(w, from)), left = w->now.may, node = 0;
    if (may || w->failed != DGM_OK) {
        w->now.may = may;
        return w->failed == DGM_OK;
    }
    for (uint32_t i = 1; i < t->node_count && left && w->failed == DGM_OK; i++) { /* the value that leaves no choice */
        if (!dgm_kind_leaf(dgm_node_kind(&t->nodes[i]))) continue;
        left = narrowed(w, left, dgm_tree_value(t, i));
        node = i;
    }
    dgm_slice v = dgm_tree_value(t, node);
    char text[128];
    size_t at = 0;
    while (at < v.len && (unsigned char)v.at[at] < 0x80) at++;
    dgm_diag *d = dgm_edi_complain(w, DGM_D_EDI_WRITE_CHARACTER, node, (dgm_slice){ 0 });
    dgm_diag_text(w->host.diags, d, dgm_tree_name(t, node));
    dgm_diag_text(w->host.diags, d, (dgm_slice){ 0 });
    uint32_t point = dgm_utf8_next(dgm_slice_part(v, at < v.len ? at : 0, v.len)).point;
    dgm_diag_text(w->host.diags, d, (dgm_slice){ text, dgm_edi_character(point, text, sizeof text) });
    dgm_diag_text(w->host.diags, d, DGM_LITERAL("none of the sets to choose from"));
    return false;
}

void dgm_edi_choice_close(dgm_edi_writer *w)
{
    w->now.closed = w->out.len;
    w->now.closed_may = w->now.may;
    w->now.closed_header = w->now.header;
}

dgm_status dgm_edi_choice_flush(dgm_edi_writer *w)
{
    dgm_edi_course *now = &w->now;
    uint32_t number = 0, may = now->closed_may ? now->closed_may : w->choices; /* 0: no message, and a partner that none can name */
    if (now->closed == 0) return DGM_OK;
    while (number + 1 < DGM_EDI_CHOICES_MAX && !(may >> number & 1)) number++;
    const dgm_edi_set *set = dgm_edi_set_at(number);
    dgm_slice text = { w->out.at, now->closed };
    memcpy(w->out.at + now->closed_header, set->identifier, 4);
    dgm_status st = DGM_OK;
    if (!dgm_ascii(text) && strcmp(set->set, "UTF-8") != 0) {
        size_t bad = 0;
        w->encoded.len = 0;
        st = dgm_charset_encode(w->choice_sets[number], text, &w->encoded, &bad); /* opened when it was tried */
        text = dgm_buffer_slice(&w->encoded);
    }
    if (st == DGM_OK) st = dgm_sink_put(w->sink, text);
    memmove(w->out.at, w->out.at + now->closed, w->out.len - now->closed);
    w->out.len -= now->closed;
    now->header -= now->header < now->closed ? now->header : now->closed;
    now->closed = 0;
    return st == DGM_OK ? DGM_OK : (w->failed = st);
}

/* ---- settings ---------------------------------------------------------------------------------------------------------------- */

bool dgm_edi_rules_take(dgm_edi_writer *w, dgm_slice rules)
{
    dgm_edi_charset_forget(w);
    w->wishes.rules.len = 0;
    if (rules.len == 0) return true;
    if (rules.len > DGM_EDI_RULES_MAX) return false;
    memcpy(w->wishes.rules.at, rules.at, rules.len);
    w->wishes.rules.at[rules.len] = 0;
    w->wishes.rules.len = rules.len;
    if (strlen(w->wishes.rules.at) != rules.len) return false;
    dgm_status st = open_stage(w, 0);
    if (st == DGM_NOMEM) w->failed = st;
    return st == DGM_OK;
}

void dgm_edi_charset_forget(dgm_edi_writer *w)
{
    for (size_t i = 0; i < DGM_EDI_STAGES; i++) {
        if (w->stages[i]) utrans_close((UTransliterator *)w->stages[i]);
        w->stages[i] = NULL;
    }
}

void dgm_edi_choices_free(dgm_edi_writer *w)
{
    for (size_t i = 0; i < DGM_EDI_CHOICES_MAX; i++) dgm_charset_free(w->choice_sets[i]);
}
