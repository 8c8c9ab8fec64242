/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_check.c - whether a line of a directory that is added is well-formed: what the reader's programs and layouts are made
 * of must be. Pure functions; any thread.
 */
#include "directory_book.h"

#include "base/slice.h"
#include "program.h"

enum { TAGS_MAX = 250, COUNT_DIGITS = 8, ID_MAX = 8 };

static bool plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

static bool plain_id(dgm_slice id, size_t least, size_t most)
{
    if (id.len < least || id.len > most) return false;
    for (size_t i = 0; i < id.len; i++)
        if (!plain(id.at[i])) return false;
    return true;
}

/* What stands behind an id or a group: nothing, "?", "?9" or "!9". */
static bool occurrence(dgm_slice s, const char **why)
{
    *why = "repetitions are written ?, ?9 or !9";
    if (s.len == 0) return true;
    if (s.at[0] != '?' && s.at[0] != '!') return false;
    if (s.len == 1) return s.at[0] == '?';
    if (s.at[1] == '0' || s.len > COUNT_DIGITS) return false;
    for (size_t i = 1; i < s.len; i++)
        if (s.at[i] < '0' || s.at[i] > '9') return false;
    return true;
}

static size_t until(dgm_slice s, const char *marks)
{
    size_t n = 0;
    while (n < s.len && !strchr(marks, s.at[n])) n++;
    return n;
}

bool dgm_edi_item_check(dgm_slice word, bool composite_allowed, const char **why)
{
    size_t n = until(word, "?!");
    dgm_cut halves = dgm_slice_cut(dgm_slice_part(word, 0, n), ':');
    dgm_repr repr;
    *why = "an id has one to eight capital letters and digits";
    if (!plain_id(halves.head, 1, ID_MAX)) return false;
    *why = "a composite cannot hold a composite: a representation is missing";
    if (!halves.found && !composite_allowed) return false;
    *why = "a representation is written an..35, n3, a..2";
    if (halves.found && (!dgm_edi_repr_parse(halves.tail, &repr) || repr.length_max == 0)) return false;
    return occurrence(dgm_slice_part(word, n, word.len), why);
}

typedef struct walk {
    uint32_t depth, positions, tags;
    bool begins; /* a group has been opened, and nothing stands in it yet */
    uint32_t seen[TAGS_MAX];
    dgm_slice first, last;
} walk;

static bool take_tag(walk *w, dgm_slice tag, const char **why)
{
    *why = "a segment's tag has three capital letters or digits";
    if (!plain_id(tag, 3, 3)) return false;
    *why = "the message has more different segments, or more places, than can be read";
    uint32_t packed = dgm_edi_pack(tag.at), i = 0;
    while (i < w->tags && w->seen[i] != packed) i++;
    if (i == TAGS_MAX) return false;
    if (i == w->tags) w->seen[w->tags++] = packed;
    if (w->positions == 0) w->first = tag;
    w->last = tag;
    w->begins = false;
    return ++w->positions < DGM_EDI_POSITIONS_MAX;
}

/* One word: "(RFF", "DTM?9", "UNT)", ")?99". Brackets cling to words. */
static bool take_word(walk *w, dgm_slice word, const char **why)
{
    while (word.len && word.at[0] == '(') {
        *why = "a group must begin with a segment, not with a group";
        if (w->begins) return false;
        *why = "groups stand too deep in each other";
        if (++w->depth + 8 >= DGM_DEPTH_MAX) return false;
        w->begins = true;
        w->positions++;
        word = dgm_slice_part(word, 1, word.len);
    }
    size_t n = until(word, ")"), id = until(dgm_slice_part(word, 0, n), "?!");
    if (!take_tag(w, dgm_slice_part(word, 0, id), why)) return false;
    if (!occurrence(dgm_slice_part(word, id, n), why)) return false;
    for (word = dgm_slice_part(word, n, word.len); word.len; word = dgm_slice_part(word, n, word.len)) {
        *why = "a group is closed that was not opened";
        if (word.at[0] != ')' || w->depth-- == 0) return false;
        word = dgm_slice_part(word, 1, word.len);
        n = until(word, ")");
        if (!occurrence(dgm_slice_part(word, 0, n), why)) return false;
    }
    return true;
}

bool dgm_edi_structure_check(dgm_slice structure, const char **why)
{
    walk w = { 0 };
    for (dgm_slice rest = structure; rest.len;) {
        dgm_cut cut = dgm_slice_cut(rest, ' ');
        if (!take_word(&w, cut.head, why)) return false;
        if (w.positions == 1 && w.depth) break;
        rest = cut.tail;
    }
    *why = "a group is not closed";
    if (w.depth) return false;
    *why = "a message begins with UNH and ends with UNT";
    return dgm_slice_is(w.first, "UNH") && dgm_slice_is(w.last, "UNT");
}
