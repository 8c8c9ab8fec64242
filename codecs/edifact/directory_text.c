/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_text.c - look-ups in the directory texts. Each text is sorted by its first field, so a line is found by halving;
 * several lines of one key differ in the directories they hold for. Pure functions over constant text; any thread.
 */
#include "directory_text.h"

#include "base/slice.h"
#include "directories/stamp.h"

/* The texts stand in the library as they stand in the repository; a path is relative to its root, where the compiler runs. */
#define TEXT(name, file)                                                                                                           \
    __asm__(".pushsection .rodata\n"                                                                                               \
            ".balign 16\n"                                                                                                         \
            "dgm_edi_text_" #name ":\n"                                                                                            \
            ".incbin \"codecs/edifact/directories/" file "\"\n"                                                                    \
            "dgm_edi_text_" #name "_end:\n"                                                                                        \
            ".byte 0\n"                                                                                                            \
            ".popsection\n");                                                                                                      \
    extern const char dgm_edi_text_##name[] __attribute__((visibility("hidden")));                                                 \
    extern const char dgm_edi_text_##name##_end[] __attribute__((visibility("hidden")))

TEXT(elements, "elements.txt");
TEXT(composites, "composites.txt");
TEXT(segments, "segments.txt");
TEXT(names, "names.txt");
TEXT(messages, "messages.txt");
TEXT(codes, "codes.txt");
TEXT(notes, "notes.txt");
TEXT(code_index, "codes.idx");

#define WHOLE(name) ((dgm_slice){ dgm_edi_text_##name, (size_t)(dgm_edi_text_##name##_end - dgm_edi_text_##name) })

dgm_slice dgm_edi_linked(dgm_edi_table table)
{
    switch (table) {
    case DGM_EDI_MESSAGES: return WHOLE(messages);
    case DGM_EDI_SEGMENTS: return WHOLE(segments);
    case DGM_EDI_COMPOSITES: return WHOLE(composites);
    case DGM_EDI_ELEMENTS: return WHOLE(elements);
    case DGM_EDI_NAMES: return WHOLE(names);
    case DGM_EDI_CODES: return WHOLE(codes);
    case DGM_EDI_NOTES: return WHOLE(notes);
    case DGM_EDI_TABLES: break;
    }
    return (dgm_slice){ 0 };
}

dgm_slice dgm_edi_linked_code_index(void)
{
    return WHOLE(code_index);
}

bool dgm_edi_line_at(dgm_slice text, size_t at, dgm_edi_line *out, size_t *next)
{
    *out = (dgm_edi_line){ 0 };
    if (at >= text.len) return false;
    dgm_slice line = dgm_slice_cut(dgm_slice_part(text, at, text.len), '\n').head;
    dgm_cut key = dgm_slice_cut(line, '\t'), where = dgm_slice_cut(key.tail, '\t');
    *out = (dgm_edi_line){ key.head, where.head, where.tail };
    if (next) *next = at + line.len + 1;
    return true;
}

static size_t line_start(dgm_slice text, size_t at)
{
    const char *before = at ? memrchr(text.at, '\n', at) : NULL;
    return before ? (size_t)(before - text.at) + 1 : 0;
}

/* How the key of the line that begins there compares with another: as dgm_slice_compare, up to the tab behind it. */
static int compare_key(dgm_slice text, size_t at, dgm_slice key)
{
    size_t i = 0;
    for (; at < text.len && text.at[at] != '\t' && text.at[at] != '\n'; at++, i++) {
        if (i == key.len) return 1;
        if (text.at[at] != key.at[i]) return (unsigned char)text.at[at] < (unsigned char)key.at[i] ? -1 : 1;
    }
    return i < key.len ? -1 : 0;
}

size_t dgm_edi_line_first(dgm_slice text, dgm_slice key)
{
    size_t low = 0, high = text.len; /* both are starts of lines, or the end */
    while (low < high) {
        size_t middle = line_start(text, low + (high - low) / 2);
        if (compare_key(text, middle, key) < 0) {
            const char *end = memchr(text.at + middle, '\n', text.len - middle);
            low = end ? (size_t)(end - text.at) + 1 : text.len + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* "D96B" → a number that grows with time; 0 when it is none. Years from 93 on are of the last century. */
static uint32_t directory_number(dgm_slice name)
{
    if (name.len != 4 || name.at[0] != 'D' || name.at[3] < 'A' || name.at[3] > 'Z') return 0;
    uint32_t tens = (uint32_t)(unsigned char)name.at[1] - '0', ones = (uint32_t)(unsigned char)name.at[2] - '0';
    if (tens > 9 || ones > 9) return 0;
    uint32_t year = tens * 10 + ones;
    return ((year < 93 ? year + 100 : year) << 5) + (uint32_t)(name.at[3] - 'A') + 1;
}

bool dgm_edi_where_service(dgm_slice where)
{
    return where.len > 1 && where.at[0] == 'V';
}

/* "D94A-D96A,D99B"; "V1-V3", "V4", "V1-V4": service directories, by syntax version. */
bool dgm_edi_where_holds(dgm_slice where, const dgm_edi_directory *d)
{
    uint32_t number = d->number;
    if (dgm_edi_where_service(where)) return where.at[d->syntax4 ? where.len - 1 : 1] == (d->syntax4 ? '4' : '1');
    while (where.len && number) {
        dgm_cut item = dgm_slice_cut(where, ',');
        dgm_cut ends = dgm_slice_cut(item.head, '-');
        uint32_t first = directory_number(ends.head), last = ends.found ? directory_number(ends.tail) : first;
        if (number >= first && number <= last) return true;
        where = item.tail;
    }
    return false;
}

static bool find_linked(const dgm_edi_directory *d, dgm_edi_table table, dgm_slice key, dgm_edi_line *out)
{
    dgm_slice text = dgm_edi_linked(table);
    dgm_edi_line line, service = { 0 };
    for (size_t at = dgm_edi_line_first(text, key); dgm_edi_line_at(text, at, &line, &at) && dgm_slice_equal(line.key, key);) {
        *out = line;
        if (dgm_edi_where_holds(line.where, d)) return true;
        if (dgm_edi_where_service(line.where)) service = line;
    }
    *out = service;
    return service.key.len > 0;
}

bool dgm_edi_line_find(const dgm_edi_directory *d, dgm_edi_table table, dgm_slice key, dgm_edi_line *out)
{
    if (d->book) {
        dgm_slice text = d->book->texts[table];
        if (dgm_edi_line_at(text, dgm_edi_line_first(text, key), out, NULL) && dgm_slice_equal(out->key, key)) return true;
        *out = (dgm_edi_line){ 0 };
        if (table == DGM_EDI_CODES && dgm_edi_book_lists(d->book, dgm_slice_cut(key, ' ').head)) return false;
    }
    return find_linked(d, table, key, out);
}

bool dgm_edi_book_lists(const dgm_edi_book *book, dgm_slice element)
{
    dgm_edi_line line;
    if (!book) return false;
    dgm_slice text = book->texts[DGM_EDI_CODES];
    return dgm_edi_line_at(text, dgm_edi_line_first(text, element), &line, NULL) &&
           dgm_slice_equal(dgm_slice_cut(line.key, ' ').head, element);
}

/* A line of the linked texts that an added directory does not replace. */
static bool stands(const dgm_edi_directory *d, dgm_edi_table table, const dgm_edi_line *line)
{
    dgm_edi_line added;
    if (!dgm_edi_where_holds(line->where, d)) return false;
    if (!d->book) return true;
    if (table == DGM_EDI_CODES) return !dgm_edi_book_lists(d->book, dgm_slice_cut(line->key, ' ').head);
    dgm_slice text = d->book->texts[table];
    return !dgm_edi_line_at(text, dgm_edi_line_first(text, line->key), &added, NULL) || !dgm_slice_equal(added.key, line->key);
}

/* The cursor holds two offsets of 32 bits: where it is in the linked text, and above, in the added one. */
bool dgm_edi_line_each(const dgm_edi_directory *d, dgm_edi_table table, size_t *cursor, dgm_edi_line *out)
{
    dgm_slice linked = dgm_edi_linked(table), added = d->book ? d->book->texts[table] : (dgm_slice){ 0 };
    size_t at = *cursor & UINT32_MAX, at_added = *cursor >> 32, next = at, next_added = at_added;
    dgm_edi_line other;
    bool one = false, two = dgm_edi_line_at(added, at_added, &other, &next_added);
    while ((one = dgm_edi_line_at(linked, at, out, &next)) && !stands(d, table, out)) at = next;
    if (two && (!one || dgm_slice_compare(other.key, out->key) < 0)) {
        *out = other;
        at_added = next_added;
    } else if (one) {
        at = next;
    }
    *cursor = at | at_added << 32;
    return one || two;
}

/* ---- directories by name ---- */

#define X(name) #name,
static const char names[][8] = { DGM_EDI_DIRECTORIES(X) };
#undef X

dgm_slice dgm_edi_directories_text(void)
{
    return DGM_LITERAL(DGM_EDI_DIRECTORIES_TEXT);
}

bool dgm_edi_directory_at(size_t i, dgm_edi_directory *out)
{
    *out = (dgm_edi_directory){ 0 };
    if (i >= sizeof names / sizeof names[0]) return false;
    out->name[0] = 'D';
    out->name[1] = '.';
    memcpy(out->name + 2, names[i] + 1, 3);
    out->number = directory_number(dgm_slice_of(names[i]));
    out->ordinal = (uint8_t)(i + 1);
    return true;
}

bool dgm_edi_directory_open(dgm_slice name, dgm_edi_directory *out)
{
    char plain[4] = { 'D' };
    if (name.len == 5 && name.at[0] == 'D' && name.at[1] == '.')
        memcpy(plain + 1, name.at + 2, 3);
    else if (name.len == 4)
        memcpy(plain, name.at, 4);
    else if (name.len == 3)
        memcpy(plain + 1, name.at, 3);
    uint32_t number = directory_number((dgm_slice){ plain, 4 });
    size_t low = 0, high = sizeof names / sizeof names[0]; /* asked for each message: halved, as the numbers grow */
    while (number && low < high) {
        size_t middle = (low + high) / 2;
        uint32_t there = directory_number((dgm_slice){ names[middle], 4 });
        if (there == number) return dgm_edi_directory_at(middle, out);
        if (there < number)
            low = middle + 1;
        else
            high = middle;
    }
    *out = (dgm_edi_directory){ 0 };
    return false;
}

bool dgm_edi_directory_same(const dgm_edi_directory *a, const dgm_edi_directory *b)
{
    return a->number == b->number && a->syntax4 == b->syntax4 && a->book == b->book;
}
