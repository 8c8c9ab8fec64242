/* SPDX-License-Identifier: Apache-2.0
 *
 * frame.c - where a record ends, where its fields are cut, and which of the layout's records it is. Each byte is looked at once.
 * Pure but for the growing list of cells; one thread.
 */
#include "tokens.h"

#include "base/arena.h"

/* ---- records ---- */

static bool at_end(dgm_slice end, dgm_slice bytes, size_t at, bool *more)
{
    size_t left = bytes.len - at, n = end.len < left ? end.len : left;
    if (memcmp(bytes.at + at, end.at, n) != 0) return false;
    if (n < end.len) *more = true;
    return n == end.len;
}

/* The longest end that stands at a place; 0: none. */
static size_t longest_end(const dgm_flat_layout *l, dgm_slice bytes, size_t at, bool *more)
{
    size_t longest = 0;
    *more = false;
    for (uint32_t i = 0; i < l->end_count; i++)
        if (at_end(l->ends[i], bytes, at, more) && l->ends[i].len > longest) longest = l->ends[i].len;
    return longest;
}

/* Line feeds alone or behind carriage returns, as nearly all have. */
static bool feeds_only(const dgm_flat_layout *l, bool *returns, bool *alone)
{
    *returns = *alone = false;
    for (uint32_t i = 0; i < l->end_count; i++) {
        bool one = l->ends[i].len == 1 && l->ends[i].at[0] == '\n';
        bool two = l->ends[i].len == 2 && l->ends[i].at[0] == '\r' && l->ends[i].at[1] == '\n';
        if (!one && !two) return false;
        *alone = *alone || one;
        *returns = *returns || two;
    }
    return true;
}

static bool next_line(dgm_slice bytes, bool returns, bool alone, size_t *seen, dgm_flat_frame *out)
{
    for (size_t from = *seen; from < bytes.len;) {
        const char *hit = memchr(bytes.at + from, '\n', bytes.len - from);
        if (!hit) break;
        size_t at = (size_t)(hit - bytes.at);
        bool two = returns && at > 0 && bytes.at[at - 1] == '\r';
        if (two || alone) {
            *out = (dgm_flat_frame){ two ? at - 1 : at, two ? 2 : 1, true };
            return true;
        }
        from = at + 1;
    }
    *seen = bytes.len;
    return false;
}

static bool next_any(const dgm_flat_layout *l, dgm_slice bytes, bool last, size_t *seen, dgm_flat_frame *out)
{
    for (size_t at = *seen; at < bytes.len; at++) {
        bool more = false;
        size_t n = longest_end(l, bytes, at, &more);
        if (more && !last) {
            *seen = at;
            return false;
        }
        if (!n) continue;
        *out = (dgm_flat_frame){ at, n, true };
        return true;
    }
    *seen = bytes.len;
    return false;
}

static bool next_record(const dgm_flat_layout *l, dgm_slice bytes, bool last, size_t *seen, dgm_flat_frame *out)
{
    bool returns, alone, found;
    if (l->all) {
        *out = (dgm_flat_frame){ bytes.len, 0, true };
        *seen = bytes.len;
        return last && bytes.len > 0;
    }
    if (l->end_count == 0) {
        if (bytes.len < l->length && !last) return false;
        *out = (dgm_flat_frame){ bytes.len < l->length ? bytes.len : l->length, 0, bytes.len >= l->length };
        return bytes.len > 0;
    }
    if (feeds_only(l, &returns, &alone))
        found = next_line(bytes, returns, alone, seen, out);
    else
        found = next_any(l, bytes, last, seen, out);
    if (found || !last || bytes.len == 0) return found;
    *out = (dgm_flat_frame){ bytes.len, 0, false };
    return true;
}

bool dgm_flat_frame_next(const dgm_flat_layout *l, dgm_slice bytes, bool last, size_t *seen, dgm_flat_frame *out)
{
    return l->tokens ? dgm_flat_fold(l, bytes, last, seen, out, next_record) : next_record(l, bytes, last, seen, out);
}

/* ---- fields ---- */

/* Behind a quoted field that begins at `at`; DGM_NONE: its quote does not end, or something stands behind it. */
static uint32_t quoted(const dgm_flat_layout *l, dgm_slice t, uint32_t at, dgm_flat_cell *c)
{
    *c = (dgm_flat_cell){ .at = at + 1, .quoted = true };
    for (uint32_t i = at + 1; i < t.len;) {
        const char *hit = memchr(t.at + i, l->quote, t.len - i);
        if (!hit) return DGM_NONE;
        uint32_t end = (uint32_t)(hit - t.at);
        if (end + 1 < t.len && t.at[end + 1] == l->quote) {
            c->doubled = true;
            i = end + 2;
            continue;
        }
        c->len = end - c->at;
        return end + 1 == t.len || t.at[end + 1] == l->separator ? end + 1 : DGM_NONE;
    }
    return DGM_NONE;
}

dgm_status dgm_flat_split(const dgm_flat_layout *l, dgm_slice t, const dgm_mem *mem, dgm_flat_cells *cells)
{
    cells->count = 0;
    cells->fault = DGM_NONE;
    for (uint32_t at = 0;;) {
        if (cells->count == cells->room) {
            void *grown = cells->at;
            dgm_status st = dgm_mem_reserve(mem, &grown, &cells->room, cells->count + 16, sizeof *cells->at);
            cells->at = grown;
            if (st != DGM_OK) return st;
        }
        dgm_flat_cell *c = &cells->at[cells->count++];
        uint32_t end = DGM_NONE;
        if (l->quotes && at < t.len && t.at[at] == l->quote) {
            end = quoted(l, t, at, c);
            if (end == DGM_NONE && cells->fault == DGM_NONE) cells->fault = at;
        }
        if (end == DGM_NONE) {
            const char *hit = at < t.len ? memchr(t.at + at, l->separator, t.len - at) : NULL;
            end = hit ? (uint32_t)(hit - t.at) : (uint32_t)t.len;
            *c = (dgm_flat_cell){ .at = at, .len = end - at };
        }
        if (l->lines && c->len && t.at[c->at + c->len - 1] == '\r') c->len--;
        if (end >= t.len || (l->lines && end + 1 == t.len)) return DGM_OK; /* the last line has its end, too */
        at = end + 1;
    }
}

/* ---- which record ---- */

static bool passes(const dgm_flat_layout *l, const dgm_flat_test *t, dgm_slice text, const dgm_flat_cells *cells)
{
    if (!cells) return text.len >= t->at + t->value.len && memcmp(text.at + t->at, t->value.at, t->value.len) == 0;
    if (t->at >= cells->count) return false;
    const dgm_flat_cell *c = &cells->at[t->at];
    (void)l;
    return c->len == t->value.len && memcmp(text.at + c->at, t->value.at, c->len) == 0;
}

uint32_t dgm_flat_kind_of(const dgm_flat_layout *l, dgm_slice text, const dgm_flat_cells *cells, dgm_slice table)
{
    uint32_t i = 0;
    if (l->tokens) return dgm_flat_token_kind(l, text);
    if (l->quick) {
        if (text.len <= l->quick_at) return DGM_NONE;
        i = l->first_kind[(unsigned char)text.at[l->quick_at]];
    }
    for (; i < l->kind_count; i = l->quick ? l->kinds[i].next : i + 1) {
        const dgm_flat_kind *kind = &l->kinds[i];
        if (kind->table.len && !dgm_slice_equal(kind->table, table)) continue;
        uint32_t k = 0;
        while (k < kind->test_count && passes(l, &l->tests[kind->first_test + k], text, cells)) k++;
        if (k == kind->test_count) return i;
    }
    return DGM_NONE;
}
