/* SPDX-License-Identifier: Apache-2.0
 *
 * directory.c - what the lines of the directory texts (directory_text.h) say: elements, segments, composites, messages, codes and
 * their names. Pure functions over constant text; any thread.
 */
#include "directory.h"

#include "base/slice.h"
#include "directory_text.h"

bool dgm_edi_repr_parse(dgm_slice text, dgm_repr *out)
{
    dgm_repr r = { .decimals = 255 };
    size_t letters = 0;
    while (letters < text.len && letters < 2 && (text.at[letters] == 'a' || text.at[letters] == 'n')) letters++;
    *out = r;
    if (letters == 0 || (letters == 2 && (text.at[0] != 'a' || text.at[1] != 'n'))) return false;
    memcpy(r.class, text.at, letters);
    dgm_slice rest = dgm_slice_part(text, letters, text.len);
    bool variable = rest.len > 2 && rest.at[0] == '.' && rest.at[1] == '.';
    if (!dgm_slice_count(variable ? dgm_slice_part(rest, 2, rest.len) : rest, &r.length_max)) return false;
    r.length_min = variable ? 0 : r.length_max;
    *out = r;
    return true;
}

bool dgm_edi_element_find(const dgm_edi_directory *d, dgm_slice id, dgm_edi_element *out)
{
    dgm_edi_line line;
    *out = (dgm_edi_element){ 0 };
    if (!dgm_edi_line_find(d, DGM_EDI_ELEMENTS, id, &line)) return false;
    dgm_cut repr = dgm_slice_cut(line.rest, '\t'), coded = dgm_slice_cut(repr.tail, '\t');
    out->id = line.key;
    out->repr_text = repr.head;
    out->coded = dgm_slice_is(coded.head, "y");
    out->name = coded.tail;
    return dgm_edi_repr_parse(out->repr_text, &out->repr);
}

static bool list_find(const dgm_edi_directory *d, dgm_edi_table table, dgm_slice id, dgm_edi_list *out)
{
    dgm_edi_line line, name;
    *out = (dgm_edi_list){ 0 };
    if (!dgm_edi_line_find(d, table, id, &line)) return false;
    out->id = line.key;
    out->items = line.rest;
    if (dgm_edi_line_find(d, DGM_EDI_NAMES, id, &name)) out->name = name.rest;
    return true;
}

bool dgm_edi_segment_find(const dgm_edi_directory *d, dgm_slice tag, dgm_edi_list *out)
{
    return list_find(d, DGM_EDI_SEGMENTS, tag, out);
}

bool dgm_edi_composite_find(const dgm_edi_directory *d, dgm_slice id, dgm_edi_list *out)
{
    return list_find(d, DGM_EDI_COMPOSITES, id, out);
}

bool dgm_edi_id_each(const dgm_edi_directory *d, dgm_edi_table table, size_t *cursor, dgm_slice *id)
{
    dgm_edi_line line;
    bool more = dgm_edi_line_each(d, table, cursor, &line);
    *id = line.key;
    return more;
}

/* Cuts "?99", "!3", "?" or nothing off the end. */
static dgm_slice cut_occurrence(dgm_slice word, bool *mandatory, uint32_t *max)
{
    *mandatory = true;
    *max = 1;
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] != '?' && word.at[i] != '!') continue;
        *mandatory = word.at[i] == '!';
        if (!dgm_slice_count(dgm_slice_part(word, i + 1, word.len), max)) *max = 1;
        return dgm_slice_part(word, 0, i);
    }
    return word;
}

bool dgm_edi_item_next(dgm_slice *items, dgm_edi_item *out)
{
    *out = (dgm_edi_item){ 0 };
    if (items->len == 0) return false;
    dgm_cut word = dgm_slice_cut(*items, ' ');
    *items = word.tail;
    dgm_cut halves = dgm_slice_cut(cut_occurrence(word.head, &out->mandatory, &out->max), ':');
    out->id = halves.head;
    out->repr_text = halves.tail;
    return !halves.found || dgm_edi_repr_parse(out->repr_text, &out->repr);
}

bool dgm_edi_message_find(const dgm_edi_directory *d, dgm_slice type, dgm_edi_message *out)
{
    dgm_edi_line line;
    bool found = dgm_edi_line_find(d, DGM_EDI_MESSAGES, type, &line);
    *out = found ? (dgm_edi_message){ line.key, line.rest } : (dgm_edi_message){ 0 };
    return found;
}

/* A group's "(" clings to the word behind it, its ")" to the word before it: "(RFF DTM?)?99". */
bool dgm_edi_part_next(dgm_slice *structure, dgm_edi_part *out)
{
    *out = (dgm_edi_part){ 0 };
    while (structure->len && structure->at[0] == ' ') *structure = dgm_slice_part(*structure, 1, structure->len);
    if (structure->len == 0) return false;
    size_t n = 1;
    if (structure->at[0] == '(') {
        out->kind = DGM_EDI_PART_OPEN;
    } else {
        bool closes = structure->at[0] == ')';
        while (n < structure->len && structure->at[n] != ' ' && structure->at[n] != ')') n++;
        dgm_slice word = cut_occurrence(dgm_slice_part(*structure, 0, n), &out->mandatory, &out->max);
        out->kind = closes ? DGM_EDI_PART_CLOSE : DGM_EDI_PART_SEGMENT;
        if (!closes) out->tag = word;
    }
    *structure = dgm_slice_part(*structure, n, structure->len);
    return true;
}

bool dgm_edi_message_each(const dgm_edi_directory *d, size_t *cursor, dgm_edi_message *out)
{
    dgm_edi_line line;
    bool more = dgm_edi_line_each(d, DGM_EDI_MESSAGES, cursor, &line);
    *out = (dgm_edi_message){ line.key, line.rest };
    return more;
}

/* ---- dependency notes ----------------------------------------------------------------------------------------------------- */

/* An added directory's own segment has the notes that it says itself, not those of the one that it replaces. */
static bool replaced(const dgm_edi_directory *d, dgm_edi_table table, dgm_slice id)
{
    dgm_edi_line line;
    if (!d->book) return false;
    dgm_slice text = d->book->texts[table];
    return dgm_edi_line_at(text, dgm_edi_line_first(text, id), &line, NULL) && dgm_slice_equal(line.key, id);
}

dgm_slice dgm_edi_notes_of(const dgm_edi_directory *d, dgm_edi_table table, dgm_slice id)
{
    dgm_edi_line note, owner;
    if (d->book) {
        dgm_slice text = d->book->texts[DGM_EDI_NOTES];
        if (dgm_edi_line_at(text, dgm_edi_line_first(text, id), &note, NULL) && dgm_slice_equal(note.key, id)) return note.rest;
        if (replaced(d, table, id)) return (dgm_slice){ 0 };
    }
    dgm_slice text = dgm_edi_linked(DGM_EDI_NOTES);
    for (size_t at = dgm_edi_line_first(text, id); dgm_edi_line_at(text, at, &note, &at) && dgm_slice_equal(note.key, id);) {
        if (dgm_edi_where_holds(note.where, d)) return note.rest;
        /* what only version 4 has is found in any, with its notes */
        if (dgm_slice_is(note.where, "V4") && dgm_edi_line_find(d, table, id, &owner) && dgm_slice_is(owner.where, "V4"))
            return note.rest;
    }
    return (dgm_slice){ 0 };
}

static bool note_parse(dgm_slice word, dgm_edi_note *out)
{
    *out = (dgm_edi_note){ .text = word };
    if (word.len < 4 || word.at[0] != 'D' || word.at[1] < '1' || word.at[1] > '7' || word.at[2] != '(' ||
        word.at[word.len - 1] != ')')
        return false;
    out->kind = (dgm_edi_note_kind)(word.at[1] - '0');
    for (dgm_slice rest = dgm_slice_part(word, 3, word.len - 1); rest.len;) {
        dgm_cut item = dgm_slice_cut(rest, ',');
        uint32_t number = 0;
        if (item.head.len < 3 || item.head.len > 4 || out->count == DGM_EDI_NOTE_ITEMS_MAX) return false;
        for (size_t i = 0; i < item.head.len; i++) {
            if (item.head.at[i] < '0' || item.head.at[i] > '9') return false;
            number = number * 10 + (uint32_t)(item.head.at[i] - '0');
        }
        if (number == 0 || number % 10) return false;
        out->at[out->count++] = (uint16_t)(number / 10);
        rest = item.tail;
    }
    return out->count > 1;
}

bool dgm_edi_note_next(dgm_slice *notes, dgm_edi_note *out)
{
    dgm_cut cut = dgm_slice_cut(*notes, ' ');
    *notes = cut.tail;
    return note_parse(cut.head, out);
}

const char *dgm_edi_note_words(dgm_edi_note_kind kind)
{
    static const char *const words[] = { "",
                                         "one and only one",
                                         "all or none",
                                         "one or more",
                                         "one or none",
                                         "if first, then all",
                                         "if first, then at least one more",
                                         "if first, then none of the others" };
    return words[kind];
}
