/* SPDX-License-Identifier: Apache-2.0
 *
 * fold.c - one text in many places: cut into pieces and joined again, exact inverses of each other (mappings/README.md, "Fold").
 * Widths count characters. Pure functions; any thread.
 */
#include "internal.h"

static bool blank_only(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != ' ') return false;
    return true;
}

/* Where a full piece's last blank is, leading blanks not counted; SIZE_MAX: the piece holds one word. */
static size_t inner_blank(dgm_slice piece)
{
    size_t head = 0;
    while (head < piece.len && piece.at[head] == ' ') head++;
    for (size_t i = piece.len; i > head; i--)
        if (piece.at[i - 1] == ' ') return i - 1;
    return SIZE_MAX;
}

/* word: what is cut at a blank loses that blank, so no piece ends in one; a word that fills the piece exactly leaves its blank at
 * the head of the next, and a full piece without a blank inside is a cut word. */
static dgm_status cut_word(uint32_t width, dgm_slice *rest, dgm_slice *piece)
{
    size_t full = dgm_utf8_head(*rest, width);
    if (full == rest->len) {
        *piece = *rest;
        *rest = (dgm_slice){ rest->at + rest->len, 0 };
        return DGM_OK;
    }
    dgm_slice head = dgm_slice_part(*rest, 0, full);
    if (blank_only(head)) return DGM_INVALID;
    size_t at = rest->at[full] == ' ' ? full : inner_blank(head);
    if (at == full && inner_blank(head) == SIZE_MAX) { /* would join as a cut word: the blank goes along */
        *piece = head;
        *rest = dgm_slice_part(*rest, full, rest->len);
        return DGM_OK;
    }
    if (at == SIZE_MAX) {
        *piece = head;
        *rest = dgm_slice_part(*rest, full, rest->len);
        return DGM_OK;
    }
    size_t end = at;
    if (end && rest->at[end - 1] == ' ') { /* several blanks: one is dropped, the others lead the next piece */
        while (end && rest->at[end - 1] == ' ') end--;
        at = end;
    }
    *piece = dgm_slice_part(*rest, 0, at);
    *rest = dgm_slice_part(*rest, at + 1, rest->len);
    return DGM_OK;
}

static dgm_status cut_width(uint32_t width, dgm_slice *rest, dgm_slice *piece)
{
    size_t full = dgm_utf8_head(*rest, width);
    *piece = dgm_slice_part(*rest, 0, full);
    *rest = dgm_slice_part(*rest, full, rest->len);
    if (blank_only(*piece)) return DGM_INVALID;
    /* Blanks at the end of a piece that is not the last come back when the piece is filled up. */
    while (rest->len && piece->len && piece->at[piece->len - 1] == ' ') piece->len--;
    return DGM_OK;
}

static dgm_status cut_line(uint32_t width, dgm_slice *rest, dgm_slice *piece)
{
    dgm_cut c = dgm_slice_cut(*rest, '\n');
    *piece = c.head;
    *rest = c.found ? c.tail : (dgm_slice){ rest->at + rest->len, 0 };
    if (c.found && !c.tail.len) return DGM_INVALID; /* a line break at the end is no line */
    return width && dgm_utf8_length(*piece) > width ? DGM_INVALID : DGM_OK;
}

dgm_status dgm_map_fold_cut(map_fold_by by, uint32_t width, dgm_slice *rest, dgm_slice *piece)
{
    if (by == MAP_FOLD_LINE) return cut_line(width, rest, piece);
    return by == MAP_FOLD_WIDTH ? cut_width(width, rest, piece) : cut_word(width, rest, piece);
}

dgm_status dgm_map_fold_join(map_fold_by by, dgm_buffer *text, dgm_slice piece, dgm_slice before, uint32_t before_width)
{
    dgm_status s = DGM_OK;
    if (before_width && by == MAP_FOLD_LINE) s = dgm_buffer_append(text, DGM_LITERAL("\n"));
    if (before_width && by == MAP_FOLD_WIDTH)
        for (size_t n = dgm_utf8_length(before); n < before_width && s == DGM_OK; n++)
            s = dgm_buffer_append(text, DGM_LITERAL(" "));
    if (before_width && by == MAP_FOLD_WORD) {
        bool cut_word = dgm_utf8_length(before) >= before_width && inner_blank(before) == SIZE_MAX;
        if (!cut_word) s = dgm_buffer_append(text, DGM_LITERAL(" "));
    }
    return s == DGM_OK ? dgm_buffer_append(text, piece) : s;
}
