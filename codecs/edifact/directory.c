/* SPDX-License-Identifier: Apache-2.0
 *
 * directory.c - look-ups in the directory texts. Each text is sorted by its first field, so a line is found by halving; several
 * lines of one key differ in the directories they hold for. Pure functions over constant text; any thread.
 */
#include "directory.h"

#include "base/slice.h"
#include "directories/stamp.h"

/* The texts stand in the library as they stand in the repository; a path is relative to its root, where the compiler runs. */
#define TEXT(name)                                                                                                                 \
    __asm__(".pushsection .rodata\n"                                                                                               \
            ".balign 16\n"                                                                                                         \
            "dgm_edi_text_" #name ":\n"                                                                                            \
            ".incbin \"codecs/edifact/directories/" #name ".txt\"\n"                                                               \
            "dgm_edi_text_" #name "_end:\n"                                                                                        \
            ".byte 0\n"                                                                                                            \
            ".popsection\n");                                                                                                      \
    extern const char dgm_edi_text_##name[] __attribute__((visibility("hidden")));                                                 \
    extern const char dgm_edi_text_##name##_end[] __attribute__((visibility("hidden")))

TEXT(elements);
TEXT(composites);
TEXT(segments);
TEXT(names);
TEXT(messages);
TEXT(codes);

#define WHOLE(name) ((dgm_slice){ dgm_edi_text_##name, (size_t)(dgm_edi_text_##name##_end - dgm_edi_text_##name) })

static dgm_slice line_from(dgm_slice text, size_t at)
{
    return dgm_slice_cut((dgm_slice){ text.at + at, text.len - at }, '\n').head;
}

static size_t line_start(dgm_slice text, size_t at)
{
    while (at > 0 && text.at[at - 1] != '\n') at--;
    return at;
}

/* Offset of the first line whose key is not below `key`. */
static size_t first_line(dgm_slice text, dgm_slice key)
{
    size_t low = 0, high = text.len; /* both are starts of lines, or the end */
    while (low < high) {
        size_t middle = line_start(text, low + (high - low) / 2);
        dgm_slice line = line_from(text, middle);
        if (dgm_slice_compare(dgm_slice_cut(line, '\t').head, key) < 0)
            low = middle + line.len + 1;
        else
            high = middle;
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

static bool of_service(dgm_slice ranges)
{
    return ranges.len > 1 && ranges.at[0] == 'V';
}

/* "V1-V3", "V4", "V1-V4": service directories, by syntax version. */
static bool holds(dgm_slice ranges, const dgm_edi_directory *d)
{
    uint32_t number = d->number;
    if (of_service(ranges)) return ranges.at[d->syntax4 ? ranges.len - 1 : 1] == (d->syntax4 ? '4' : '1');
    while (ranges.len && number) {
        dgm_cut item = dgm_slice_cut(ranges, ',');
        dgm_cut ends = dgm_slice_cut(item.head, '-');
        uint32_t first = directory_number(ends.head), last = ends.found ? directory_number(ends.tail) : first;
        if (number >= first && number <= last) return true;
        ranges = item.tail;
    }
    return false;
}

/* The last directory of some ranges: its number, or the syntax version. */
static uint32_t last_of(dgm_slice ranges)
{
    if (ranges.len < 2) return 0;
    if (ranges.at[0] == 'V') return (uint32_t)(ranges.at[ranges.len - 1] - '0');
    return ranges.len < 4 ? 0 : directory_number(dgm_slice_part(ranges, ranges.len - 4, ranges.len));
}

/* The rest (behind key and ranges) of the line for this key in this directory. What only syntax version 4 has is found in any. */
static bool find(dgm_slice text, const dgm_edi_directory *d, dgm_slice key, dgm_slice *kept_key, dgm_slice *rest)
{
    for (size_t at = first_line(text, key); at < text.len;) {
        dgm_slice line = line_from(text, at);
        dgm_cut first = dgm_slice_cut(line, '\t');
        if (!dgm_slice_equal(first.head, key)) return false;
        dgm_cut second = dgm_slice_cut(first.tail, '\t');
        at += line.len + 1;
        bool last = at >= text.len || !dgm_slice_equal(dgm_slice_cut(line_from(text, at), '\t').head, key);
        if (holds(second.head, d) || (last && of_service(second.head))) {
            *kept_key = first.head;
            *rest = second.tail;
            return true;
        }
    }
    return false;
}

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
    for (size_t i = 0; number && dgm_edi_directory_at(i, out); i++)
        if (out->number == number) return true;
    *out = (dgm_edi_directory){ 0 };
    return false;
}

static bool digits(dgm_slice s, uint32_t *number)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9' || n > 99999999) return false;
        n = n * 10 + (uint32_t)(s.at[i] - '0');
    }
    *number = n;
    return s.len > 0;
}

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
    if (!digits(variable ? dgm_slice_part(rest, 2, rest.len) : rest, &r.length_max)) return false;
    r.length_min = variable ? 0 : r.length_max;
    *out = r;
    return true;
}

bool dgm_edi_element_find(const dgm_edi_directory *d, dgm_slice id, dgm_edi_element *out)
{
    dgm_slice rest;
    *out = (dgm_edi_element){ 0 };
    if (!find(WHOLE(elements), d, id, &out->id, &rest)) return false;
    dgm_cut repr = dgm_slice_cut(rest, '\t'), coded = dgm_slice_cut(repr.tail, '\t');
    out->repr_text = repr.head;
    out->coded = dgm_slice_is(coded.head, "y");
    out->name = coded.tail;
    return dgm_edi_repr_parse(out->repr_text, &out->repr);
}

static bool list_find(dgm_slice text, const dgm_edi_directory *d, dgm_slice id, dgm_edi_list *out)
{
    dgm_slice key;
    *out = (dgm_edi_list){ 0 };
    if (!find(text, d, id, &out->id, &out->items)) return false;
    if (!find(WHOLE(names), d, id, &key, &out->name)) out->name = (dgm_slice){ 0 };
    return true;
}

bool dgm_edi_segment_find(const dgm_edi_directory *d, dgm_slice tag, dgm_edi_list *out)
{
    return list_find(WHOLE(segments), d, tag, out);
}

bool dgm_edi_composite_find(const dgm_edi_directory *d, dgm_slice id, dgm_edi_list *out)
{
    return list_find(WHOLE(composites), d, id, out);
}

/* Cuts "?99", "!3", "?" or nothing off the end. */
static dgm_slice cut_occurrence(dgm_slice word, bool *mandatory, uint32_t *max)
{
    *mandatory = true;
    *max = 1;
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] != '?' && word.at[i] != '!') continue;
        *mandatory = word.at[i] == '!';
        if (!digits(dgm_slice_part(word, i + 1, word.len), max)) *max = 1;
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
    *out = (dgm_edi_message){ 0 };
    return find(WHOLE(messages), d, type, &out->type, &out->structure);
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
    dgm_slice text = WHOLE(messages);
    while (*cursor < text.len) {
        dgm_slice line = line_from(text, *cursor);
        dgm_cut type = dgm_slice_cut(line, '\t'), ranges = dgm_slice_cut(type.tail, '\t');
        *cursor += line.len + 1;
        if (!holds(ranges.head, d)) continue;
        *out = (dgm_edi_message){ type.head, ranges.tail };
        return true;
    }
    *out = (dgm_edi_message){ 0 };
    return false;
}

typedef struct code_key {
    char text[64];
    size_t len; /* 0: no line can have it */
} code_key;

static code_key key_of(dgm_slice element, dgm_slice code)
{
    code_key k = { .len = 0 };
    if (element.len == 0 || code.len == 0 || element.len >= sizeof k.text || code.len >= sizeof k.text - element.len) return k;
    memcpy(k.text, element.at, element.len);
    k.text[element.len] = ' ';
    memcpy(k.text + element.len + 1, code.at, code.len);
    k.len = element.len + 1 + code.len;
    return k;
}

dgm_slice dgm_edi_code_name(const dgm_edi_directory *d, dgm_slice element, dgm_slice code)
{
    dgm_slice kept, name;
    code_key k = key_of(element, code);
    return k.len && find(WHOLE(codes), d, (dgm_slice){ k.text, k.len }, &kept, &name) ? name : (dgm_slice){ 0 };
}

/* Lines of one key stand in the order of the first directory they hold for; the one that reaches furthest is sought. */
dgm_slice dgm_edi_code_latest(dgm_slice element, dgm_slice code)
{
    dgm_slice text = WHOLE(codes), name = { 0 };
    code_key k = key_of(element, code);
    uint32_t latest = 0;
    if (k.len == 0) return name;
    for (size_t at = first_line(text, (dgm_slice){ k.text, k.len }); at < text.len;) {
        dgm_slice line = line_from(text, at);
        dgm_cut key = dgm_slice_cut(line, '\t'), ranges = dgm_slice_cut(key.tail, '\t');
        if (!dgm_slice_equal(key.head, (dgm_slice){ k.text, k.len })) break;
        uint32_t last = last_of(ranges.head);
        if (last >= latest) name = ranges.tail;
        if (last >= latest) latest = last;
        at += line.len + 1;
    }
    return name;
}

/* The directory as it speaks of this element: one that only syntax version 4 has is taken as version 4 has it. */
static dgm_edi_directory speaking_of(const dgm_edi_directory *d, dgm_slice element)
{
    dgm_edi_directory with = *d, three = { .number = 0 };
    dgm_slice key, rest, text = WHOLE(elements);
    if (d->syntax4 || element.len == 0 || element.at[0] != '0' || !find(text, &three, element, &key, &rest)) return with;
    dgm_slice line = line_from(text, line_start(text, (size_t)(key.at - text.at)));
    with.syntax4 = dgm_slice_is(dgm_slice_cut(dgm_slice_cut(line, '\t').tail, '\t').head, "V4");
    return with;
}

bool dgm_edi_code_each(const dgm_edi_directory *d, dgm_slice element, size_t *cursor, dgm_slice *code, dgm_slice *name)
{
    dgm_slice text = WHOLE(codes);
    const dgm_edi_directory with = speaking_of(d, element);
    if (*cursor == 0) *cursor = first_line(text, element);
    while (*cursor < text.len) {
        dgm_slice line = line_from(text, *cursor);
        dgm_cut key = dgm_slice_cut(line, '\t'), ranges = dgm_slice_cut(key.tail, '\t'), halves = dgm_slice_cut(key.head, ' ');
        if (!dgm_slice_equal(halves.head, element)) break;
        *cursor += line.len + 1;
        if (!holds(ranges.head, &with)) continue;
        *code = halves.tail;
        *name = ranges.tail;
        return true;
    }
    *cursor = text.len;
    *code = *name = (dgm_slice){ 0 };
    return false;
}
