/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_import_text.c - the text files in which UN/CEFACT publishes directories: segments (EDSD), composites (EDCD), elements
 * (EDED) and code lists (UNCL, UNSL), in the layouts of 1993 to now. Columns have moved over the years; what a line is shows in its
 * words. Messages: directory_import_message.c. One thread.
 */
#include "directory_import.h"

#include "base/slice.h"

enum { WRAPPED_MAX = 4 };

/* ---- words ---- */

bool dgm_edi_import_digits(dgm_slice s, size_t least, size_t most)
{
    if (s.len < least || s.len > most) return false;
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < '0' || s.at[i] > '9') return false;
    return true;
}

bool dgm_edi_import_number(dgm_slice s, uint64_t most, uint64_t *out)
{
    uint64_t n = 0;
    if (!dgm_edi_import_digits(s, 1, 18)) return false;
    for (size_t i = 0; i < s.len; i++) n = n * 10 + (uint64_t)(s.at[i] - '0');
    if (n <= most) *out = n;
    return n <= most;
}

bool dgm_edi_import_capitals(dgm_slice s, size_t n)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < 'A' || s.at[i] > 'Z') return i > 0 && s.len == n && s.at[i] >= '0' && s.at[i] <= '9';
    return s.len == n;
}

dgm_slice dgm_edi_import_word(dgm_slice *rest)
{
    *rest = dgm_slice_trim(*rest);
    dgm_cut cut = dgm_slice_cut(*rest, ' ');
    *rest = dgm_slice_trim(cut.tail);
    return cut.head;
}

/* Change indicators: + added, * structure, # name, | text, X will go. "-" is told apart by the caller: it is gone. */
bool dgm_edi_import_is_mark(dgm_slice word)
{
    return word.len == 1 && strchr("+*#|X-", word.at[0]) != NULL;
}

size_t dgm_edi_import_indent(dgm_slice line)
{
    size_t n = 0;
    while (n < line.len && line.at[n] == ' ') n++;
    return n;
}

bool dgm_edi_import_blank(dgm_slice line)
{
    return dgm_edi_import_indent(line) == line.len;
}

/* A line that parts entries: seventy hyphens or so. */
static bool parts_entries(dgm_slice line)
{
    dgm_slice bare = dgm_slice_trim(line);
    size_t n = 0;
    while (n < bare.len && (bare.at[n] == '-' || bare.at[n] == '=')) n++;
    return n == bare.len && n >= 20;
}

bool dgm_edi_import_begins(dgm_slice line, const char *word)
{
    dgm_slice bare = dgm_slice_trim(line), first = bare;
    if (dgm_edi_import_is_mark(dgm_edi_import_word(&first)) && first.len) bare = first;
    size_t n = strlen(word);
    return bare.len >= n && memcmp(bare.at, word, n) == 0;
}

dgm_edi_draft_place dgm_edi_import_place(const dgm_edi_import_file *f, size_t i)
{
    return (dgm_edi_draft_place){ f->path, f->lines[i], (uint32_t)i + 1 };
}

void dgm_edi_import_complain(const dgm_edi_import_file *f, size_t i, const char *what, const char *why)
{
    dgm_diag *diag = dgm_edi_draft_complain(f->draft, DGM_D_DIRECTORY_TEXT, DGM_ERROR, dgm_edi_import_place(f, i));
    dgm_diag_text(f->draft->diags, diag, dgm_slice_of(what));
    dgm_diag_text(f->draft->diags, diag, dgm_slice_of(why));
}

/* ---- heads of entries ---- */

typedef struct head {
    dgm_slice id, name;
    bool gone; /* marked as removed */
    size_t next;
} head;

/* What begins on line *i with the lines it runs over, to the next word that entries are made of; *i is the last line taken. */
static dgm_slice joined(const dgm_edi_import_file *f, size_t *i, dgm_slice first)
{
    dgm_slice all = first;
    size_t last = *i + WRAPPED_MAX;
    for (size_t k = *i + 1; k < f->count && k <= last; k++) {
        dgm_slice line = dgm_slice_trim(f->lines[k]);
        if (!line.len || dgm_edi_import_begins(line, "Desc:") || dgm_edi_import_begins(line, "Function:") ||
            dgm_edi_import_begins(line, "Repr:") || parts_entries(line))
            break;
        all = dgm_arena_print(f->draft->arena, "%.*s %.*s", (int)all.len, all.at, (int)line.len, line.at);
        if (!all.at) return all;
        *i = k;
    }
    return all;
}

/* "[B]", "[I]" or "E    88.1" behind a name. */
static dgm_slice without_usage(dgm_slice name)
{
    if (name.len > 3 && name.at[name.len - 1] == ']' && name.at[name.len - 3] == '[')
        return dgm_slice_trim(dgm_slice_part(name, 0, name.len - 3));
    for (size_t i = name.len; i > 3; i--)
        if (name.at[i - 2] == ' ' && name.at[i - 3] == ' ' && name.at[i - 1] == 'E' &&
            (i == name.len || name.at[i] == ' ' || name.at[i] == '('))
            return dgm_slice_trim(dgm_slice_part(name, 0, i - 1));
    return name;
}

typedef bool is_id(dgm_slice word);

static bool element_id(dgm_slice word)
{
    return dgm_edi_import_digits(word, 4, 4);
}

static bool composite_id(dgm_slice word)
{
    return word.len == 4 && word.at[0] >= 'A' && word.at[0] <= 'Z' && dgm_edi_import_digits(dgm_slice_part(word, 1, 4), 3, 3);
}

static bool segment_tag(dgm_slice word)
{
    return dgm_edi_import_capitals(word, 3);
}

/* Does an entry begin on line i: an id and a name, and behind them the word that every entry of this kind has? */
static bool read_head(const dgm_edi_import_file *f, size_t i, is_id *fits, const char *soon, head *out)
{
    dgm_slice rest = f->lines[i], word = dgm_edi_import_word(&rest);
    *out = (head){ .next = i };
    while (dgm_edi_import_is_mark(word) && rest.len) {
        out->gone |= word.at[0] == '-' && f->minus_is_gone;
        word = dgm_edi_import_word(&rest);
    }
    if (!fits(word) || !rest.len) return false;
    out->id = word;
    out->name = without_usage(joined(f, &out->next, rest));
    size_t k = out->next + 1;
    while (k < f->count && dgm_edi_import_blank(f->lines[k])) k++;
    return k < f->count && dgm_edi_import_begins(f->lines[k], soon);
}

/* ---- items of segments and composites ---- */

typedef struct item {
    dgm_slice id, repr;
    size_t column;          /* of the id */
    uint32_t max, position; /* as printed; 0: none is */
    bool mandatory, positioned, gone;
} item;

static bool is_repr(dgm_slice word)
{
    dgm_repr r;
    return dgm_edi_repr_parse(word, &r) && r.length_max > 0;
}

/* "... M an..3", "... C    5", "... C    1 an..35  1,2": what stands behind the last M or C that such words follow. */
static bool read_status(dgm_slice text, item *out)
{
    for (size_t i = text.len; i-- > 0;) {
        if (text.at[i] != 'M' && text.at[i] != 'C') continue;
        if ((i > 0 && text.at[i - 1] != ' ') || (i + 1 < text.len && text.at[i + 1] != ' ')) continue;
        dgm_slice rest = dgm_slice_part(text, i + 1, text.len), word = dgm_edi_import_word(&rest);
        uint64_t max = 1;
        if (dgm_edi_import_digits(word, 1, 8) && dgm_edi_import_number(word, 99999999, &max)) word = dgm_edi_import_word(&rest);
        if (word.len && !is_repr(word)) continue;
        out->mandatory = text.at[i] == 'M';
        out->max = max ? (uint32_t)max : 1;
        out->repr = word;
        return true;
    }
    return false;
}

/* An item begins with an id, perhaps behind a position and marks. */
static bool item_begins(const dgm_edi_import_file *f, size_t i, item *out)
{
    dgm_slice line = f->lines[i], rest = line, word = dgm_edi_import_word(&rest);
    *out = (item){ 0 };
    if (word.len == 4 && dgm_edi_import_digits(dgm_slice_part(word, 0, 3), 3, 3) && strchr("+*#|X-", word.at[3])) {
        out->gone = word.at[3] == '-' && f->minus_is_gone;
        word = dgm_slice_part(word, 0, 3);
    }
    out->positioned = dgm_edi_import_digits(word, 3, 3);
    if (out->positioned) {
        out->position = (uint32_t)(word.at[0] - '0') * 100 + (uint32_t)(word.at[1] - '0') * 10 + (uint32_t)(word.at[2] - '0');
        word = dgm_edi_import_word(&rest);
    }
    while (dgm_edi_import_is_mark(word) && rest.len) {
        out->gone |= word.at[0] == '-' && f->minus_is_gone;
        word = dgm_edi_import_word(&rest);
    }
    if (!(element_id(word) || composite_id(word)) || !rest.len) return false;
    out->id = word;
    out->column = (size_t)(word.at - line.at);
    return true;
}

/* Reads an item with the lines its name runs over. False, told, when no status is found; *i is the last line taken. */
static bool read_item(const dgm_edi_import_file *f, size_t *i, item *out)
{
    item next;
    if (read_status(f->lines[*i], out)) return true;
    for (size_t k = *i + 1;
         k < f->count && k <= *i + WRAPPED_MAX && !dgm_edi_import_blank(f->lines[k]) && !item_begins(f, k, &next); k++)
        if (read_status(f->lines[k], out)) {
            *i = k;
            return true;
        }
    dgm_edi_import_complain(f, *i, "an item", "there is no M or C with a repetition or a representation behind it");
    return false;
}

static bool add_item(const dgm_edi_import_file *f, dgm_buffer *items, const item *it)
{
    const char *colon = it->repr.len ? ":" : "";
    dgm_status st = dgm_buffer_print(items, "%s%.*s%s%.*s", items->len ? " " : "", (int)it->id.len, it->id.at, colon,
                                     (int)it->repr.len, it->repr.at);
    (void)f;
    if (st == DGM_OK && it->max > 1) st = dgm_buffer_print(items, "%c%u", it->mandatory ? '!' : '?', it->max);
    if (st == DGM_OK && it->max == 1 && !it->mandatory) st = dgm_buffer_append(items, DGM_LITERAL("?"));
    return st == DGM_OK;
}

/* The items of the entry that begins behind line *i, to the next entry or line that parts them. In a segment the components that
 * are printed below their composite are left to the composites: they have no position, or stand further in. */
static bool read_items(const dgm_edi_import_file *f, size_t *i, bool segment, dgm_buffer *items, dgm_edi_import_positions *printed)
{
    bool positioned = false, good = true;
    size_t column = SIZE_MAX;
    for (size_t k = *i + 1; k < f->count; k++) {
        item it;
        head h;
        if (parts_entries(f->lines[k])) break;
        if (read_head(f, k, segment ? segment_tag : composite_id, segment ? "Function:" : "Desc:", &h)) break;
        *i = k;
        if (!item_begins(f, k, &it)) continue;
        if (!read_item(f, &k, &it)) continue;
        *i = k;
        if (column == SIZE_MAX) positioned = it.positioned, column = it.column;
        bool component = segment && (positioned ? !it.positioned : it.column > column);
        if (component || it.gone) continue;
        if (composite_id(it.id)) it.repr = (dgm_slice){ 0 };
        good = good && add_item(f, items, &it);
        if (printed->count < IMPORT_POSITIONS_MAX) printed->at[printed->count++] = it.position;
    }
    return good;
}

static dgm_slice kept(const dgm_edi_import_file *f, const dgm_buffer *b)
{
    return dgm_arena_copy(f->draft->arena, dgm_buffer_slice(b));
}

/* A position of a note as the directory file counts it: items that are gone have none. */
static dgm_status put_position(dgm_buffer *notes, dgm_slice word, const dgm_edi_import_positions *printed)
{
    uint64_t number = 0;
    for (size_t i = 0; printed && i < printed->count && dgm_edi_import_number(word, 9999, &number); i++)
        if (printed->at[i] == number) return dgm_buffer_print(notes, "%03zu", (i + 1) * 10);
    return dgm_buffer_append(notes, word);
}

/* Takes the notes of a line: "040  D5(040,030) If first, then all", "1. D2(010, 060, 070) All or none". */
static bool notes_of_line(const dgm_edi_import_file *f, size_t i, const dgm_edi_import_positions *printed, dgm_buffer *notes)
{
    dgm_slice line = f->lines[i];
    dgm_status st = DGM_OK;
    for (size_t at = 0; at + 3 < line.len && st == DGM_OK; at++) {
        bool begins = line.at[at] == 'D' && line.at[at + 1] >= '1' && line.at[at + 1] <= '7' && line.at[at + 2] == '(';
        if (!begins || (at && line.at[at - 1] != ' ')) continue;
        const char *end = memchr(line.at + at, ')', line.len - at);
        if (!end) {
            dgm_edi_import_complain(f, i, "a dependency note", "its positions end on another line");
            return true;
        }
        if (notes->len) st = dgm_buffer_append(notes, DGM_LITERAL(" "));
        if (st == DGM_OK) st = dgm_buffer_append(notes, dgm_slice_part(line, at, at + 3));
        for (dgm_slice rest = dgm_slice_part(line, at + 3, (size_t)(end - line.at)); rest.len && st == DGM_OK;) {
            dgm_cut cut = dgm_slice_cut(rest, ',');
            st = put_position(notes, dgm_slice_trim(cut.head), printed);
            if (st == DGM_OK) st = dgm_buffer_append(notes, cut.found ? DGM_LITERAL(",") : DGM_LITERAL(")"));
            rest = cut.tail;
        }
        at = (size_t)(end - line.at);
    }
    return st == DGM_OK;
}

bool dgm_edi_import_take_notes(const dgm_edi_import_file *f, size_t from, size_t to, dgm_slice id,
                               const dgm_edi_import_positions *printed)
{
    dgm_buffer notes;
    bool good = true;
    size_t first = from;
    while (first < to && !dgm_edi_import_begins(f->lines[first], "Dependency")) first++;
    if (first == to) return true;
    dgm_buffer_init(&notes, f->draft->mem);
    for (size_t i = first; i < to && good; i++) good = notes_of_line(f, i, printed, &notes);
    if (good && notes.len) {
        dgm_slice text = kept(f, &notes);
        good = text.at && dgm_edi_draft_add(f->draft, DGM_EDI_NOTES, id, text, dgm_edi_import_place(f, first));
    }
    dgm_buffer_free(&notes);
    return good;
}

static bool take_lists(const dgm_edi_import_file *f, bool segments)
{
    dgm_buffer items;
    bool good = true;
    dgm_buffer_init(&items, f->draft->mem);
    for (size_t i = 0; i < f->count && good; i++) {
        head h;
        if (!read_head(f, i, segments ? segment_tag : composite_id, segments ? "Function:" : "Desc:", &h)) continue;
        dgm_edi_draft_place place = dgm_edi_import_place(f, i);
        items.len = 0;
        i = h.next;
        dgm_edi_import_positions printed = { .count = 0 };
        good = read_items(f, &i, segments, &items, &printed);
        if (!good || h.gone) continue;
        if (items.len == 0) {
            dgm_edi_import_complain(f, place.line - 1, segments ? "a segment" : "a composite", "no items follow it");
            continue;
        }
        dgm_slice text = kept(f, &items);
        good = text.at && dgm_edi_draft_add(f->draft, segments ? DGM_EDI_SEGMENTS : DGM_EDI_COMPOSITES, h.id, text, place) &&
               dgm_edi_draft_add(f->draft, DGM_EDI_NAMES, h.id, h.name, place) &&
               dgm_edi_import_take_notes(f, place.line, i + 1, h.id, &printed);
    }
    dgm_buffer_free(&items);
    return good;
}

/* ---- elements and codes ---- */

/* In which column names of codes begin: ten where "Repr:" stands in the third column (till D.99A), eleven where it stands in the
 * sixth. What begins before it is a code, what begins there goes on with a name, what begins further in describes. */
static size_t name_column(size_t repr_indent)
{
    return repr_indent < 4 ? 10 : repr_indent + 6;
}

/* A code and its name, or what goes on with the name before. */
static bool code_line(const dgm_edi_import_file *f, size_t i, size_t repr_indent, dgm_slice *code, dgm_slice *name, bool *gone)
{
    dgm_slice line = f->lines[i], rest = line, word = dgm_edi_import_word(&rest);
    size_t column = name_column(repr_indent), at = dgm_edi_import_indent(line);
    *gone = false;
    if (dgm_edi_import_is_mark(word) && at <= repr_indent && rest.len && (size_t)(rest.at - line.at) < column) {
        *gone = word.at[0] == '-' && f->minus_is_gone;
        at = (size_t)(rest.at - line.at);
        word = dgm_edi_import_word(&rest);
    }
    if (!word.len || at >= column || !rest.len || word.at[word.len - 1] == ':' || word.len > 8) return false;
    *code = word;
    *name = rest;
    return true;
}

/* A name with the lines that it goes on over; *k is the last one taken. at NULL: no memory. */
static dgm_slice name_to_its_end(const dgm_edi_import_file *f, size_t *k, size_t column, dgm_slice name)
{
    dgm_buffer all;
    dgm_buffer_init(&all, f->draft->mem);
    dgm_status st = DGM_OK;
    size_t first = *k;
    while (*k + 1 < f->count && st == DGM_OK && !dgm_edi_import_blank(f->lines[*k + 1]) &&
           dgm_edi_import_indent(f->lines[*k + 1]) == column && !dgm_edi_import_begins(f->lines[*k + 1], "Note:")) {
        dgm_slice more = dgm_slice_trim(f->lines[++*k]);
        if (all.len == 0) st = dgm_buffer_append(&all, name);
        if (st == DGM_OK) st = dgm_buffer_append(&all, DGM_LITERAL(" "));
        if (st == DGM_OK) st = dgm_buffer_append(&all, more);
    }
    if (*k > first) name = st == DGM_OK ? kept(f, &all) : (dgm_slice){ 0 };
    dgm_buffer_free(&all);
    return name;
}

/* The codes behind "Repr:" on line *i. */
static bool take_codes(const dgm_edi_import_file *f, dgm_slice element, size_t *i)
{
    size_t repr_indent = dgm_edi_import_indent(f->lines[*i]);
    for (size_t k = *i + 1; k < f->count; k++) {
        dgm_slice code, name;
        head h;
        bool gone;
        if (parts_entries(f->lines[k])) break;
        if (dgm_edi_import_blank(f->lines[k]) || !code_line(f, k, repr_indent, &code, &name, &gone)) continue;
        if (element_id(code) && read_head(f, k, element_id, "Desc:", &h)) break;
        dgm_edi_draft_place place = dgm_edi_import_place(f, k);
        name = name_to_its_end(f, &k, name_column(repr_indent), name);
        *i = k;
        if (gone) continue;
        dgm_slice key = dgm_arena_print(f->draft->arena, "%.*s %.*s", (int)element.len, element.at, (int)code.len, code.at);
        if (!key.at || !name.at || !dgm_edi_draft_add(f->draft, DGM_EDI_CODES, key, name, place)) return false;
    }
    return true;
}

static bool take_elements(const dgm_edi_import_file *f)
{
    for (size_t i = 0; i < f->count; i++) {
        head h;
        if (!read_head(f, i, element_id, "Desc:", &h)) continue;
        dgm_edi_draft_place place = dgm_edi_import_place(f, i);
        size_t k = h.next + 1;
        head next;
        while (k < f->count && !dgm_edi_import_begins(f->lines[k], "Repr:") && !parts_entries(f->lines[k]) &&
               !read_head(f, k, element_id, "Desc:", &next))
            k++;
        bool there = k < f->count && dgm_edi_import_begins(f->lines[k], "Repr:");
        dgm_slice rest = there ? dgm_slice_trim(f->lines[k]) : (dgm_slice){ 0 }, repr = { 0 };
        const char *colon = rest.len ? memchr(rest.at, ':', rest.len) : NULL;
        if (colon) rest = dgm_slice_part(rest, (size_t)(colon - rest.at) + 1, rest.len), repr = dgm_edi_import_word(&rest);
        if (!is_repr(repr)) {
            dgm_edi_import_complain(f, place.line - 1, "an element", "there is no \"Repr:\" with a representation such as an..35");
            i = h.next;
            continue;
        }
        i = k;
        dgm_slice text = dgm_arena_print(f->draft->arena, "%.*s\tn\t%.*s", (int)repr.len, repr.at, (int)h.name.len, h.name.at);
        if (!text.at) return false;
        if (!h.gone && !dgm_edi_draft_add(f->draft, DGM_EDI_ELEMENTS, h.id, text, place)) return false;
        if (!take_codes(f, h.id, &i)) return false;
    }
    return true;
}

/* ---- which kind of file ---- */

static bool split(dgm_edi_import_file *f, dgm_slice text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++) n += text.at[i] == '\n';
    f->lines = DGM_NEW(f->draft->arena, dgm_slice, n);
    if (!f->lines) return false;
    for (f->count = 0; text.len;) {
        dgm_cut cut = dgm_slice_cut(text, '\n');
        while (cut.head.len && cut.head.at[cut.head.len - 1] == ' ') cut.head.len--;
        f->lines[f->count++] = cut.head;
        text = cut.tail;
    }
    return true;
}

/* "a minus sign (-) for marked for deletion" is said in some years: what is marked so is still there. */
static bool says_minus_stays(const dgm_edi_import_file *f)
{
    for (size_t i = 0; i < f->count; i++) {
        dgm_slice l = f->lines[i];
        if (l.at && l.len > 20 && memmem(l.at, l.len, "(-)", 3) && memmem(l.at, l.len, "marked", 6)) return true;
    }
    return false;
}

bool dgm_edi_draft_take_text(dgm_edi_draft *d, dgm_slice path, dgm_slice bytes)
{
    dgm_edi_import_file f = { .draft = d, .path = path };
    dgm_slice text = dgm_edi_draft_plain_text(d, bytes);
    if (!text.at || !split(&f, text)) return false;
    f.minus_is_gone = !says_minus_stays(&f);
    head h;
    size_t elements = 0, composites = 0, segments = 0, before = dgm_diags_errors(d->diags);
    if (dgm_edi_import_has_message(&f)) return dgm_edi_import_take_message(&f);
    for (size_t i = 0; i < f.count; i++) {
        segments += read_head(&f, i, segment_tag, "Function:", &h);
        composites += read_head(&f, i, composite_id, "Desc:", &h);
        elements += read_head(&f, i, element_id, "Desc:", &h);
    }
    if (segments) return take_lists(&f, true);
    if (composites) return take_lists(&f, false);
    if (elements) return take_elements(&f);
    if (dgm_diags_errors(d->diags) > before) return true;
    dgm_diag *diag = dgm_diags_add(d->diags, DGM_D_DIRECTORY_FILE, DGM_WARNING);
    dgm_diag_text(d->diags, diag, path);
    dgm_diag_text(d->diags, diag, DGM_LITERAL("a segment table, Function:, Desc: or Repr:"));
    return true;
}
