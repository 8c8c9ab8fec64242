/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_import_yaml.c - an integrator's own YAML: what a directory adds to one that it is based on, or a directory of its own
 * (mappings/directories/README.md). One thread.
 */
#include "base/slice.h"
#include "directory_import.h"
#include "base/yaml.h"

#include <stdlib.h>

/* Members in the order of their bytes. */
typedef struct members {
    const dgm_yaml **at;
    size_t count;
} members;

typedef struct yaml_file {
    dgm_edi_draft *draft;
    dgm_slice path, bytes;
    const dgm_yaml *root;
    dgm_edi_directory base;
    dgm_slice line;               /* that was looked for last */
    members elements, composites; /* of the file */
    bool good;                    /* no memory has failed */
} yaml_file;

/* ---- telling ---- */

/* Things are told of about in their order, so the line of the last one will often do. */
static dgm_edi_draft_place place_of(yaml_file *f, dgm_yaml_mark mark)
{
    size_t from = mark.byte < f->bytes.len ? (size_t)mark.byte : f->bytes.len, to = from;
    const char *at = f->bytes.at + from;
    if (!f->line.at || at < f->line.at || at > f->line.at + f->line.len) {
        while (from && f->bytes.at[from - 1] != '\n') from--;
        while (to < f->bytes.len && f->bytes.at[to] != '\n' && f->bytes.at[to] != '\r') to++;
        f->line = dgm_slice_part(f->bytes, from, to);
    }
    return (dgm_edi_draft_place){ f->path, f->line, mark.line };
}

static void expects(yaml_file *f, const dgm_yaml *at, const char *what)
{
    dgm_diags *diags = f->draft->diags;
    dgm_diag_text(diags, dgm_yaml_fault(diags, f->path, f->bytes, at->mark, DGM_D_DIRECTORY_VALUE, DGM_ERROR), dgm_slice_of(what));
}

/* Every key of a map must be one of a blank-separated list. */
static void check_keys(yaml_file *f, const dgm_yaml *map, const char *what, const char *known)
{
    dgm_diags *diags = f->draft->diags;
    for (const dgm_yaml *n = map->first; n; n = n->next) {
        bool found = false;
        for (dgm_slice rest = dgm_slice_of(known); rest.len && !found;) {
            dgm_cut cut = dgm_slice_cut(rest, ' ');
            found = dgm_slice_equal(cut.head, n->key);
            rest = cut.tail;
        }
        if (found) continue;
        dgm_diag *d = dgm_yaml_fault(diags, f->path, f->bytes, n->key_mark, DGM_D_DIRECTORY_KEY, DGM_ERROR);
        dgm_diag_text(diags, d, dgm_slice_of(what));
        dgm_diag_text(diags, d, n->key);
        dgm_slice words[16];
        size_t count = 0;
        for (dgm_cut cut = { .tail = dgm_slice_of(known), .found = true }; cut.found && count < 16;) {
            cut = dgm_slice_cut(cut.tail, ' ');
            words[count++] = cut.head;
        }
        int near = dgm_nearest(n->key, words, count);
        if (near >= 0) dgm_diag_text(diags, d, words[near]);
    }
}

static dgm_slice text_of(yaml_file *f, const dgm_yaml *map, const char *key)
{
    const dgm_yaml *n = dgm_yaml_get(map, key);
    if (!n) return (dgm_slice){ 0 };
    if (n->kind == DGM_YAML_TEXT) return n->text;
    expects(f, n, "a text");
    return (dgm_slice){ 0 };
}

/* The maps of a section, one after the other; NULL when the section is not there or no map. */
static const dgm_yaml *section(yaml_file *f, const char *key)
{
    const dgm_yaml *n = dgm_yaml_get(f->root, key);
    if (!n || n->kind == DGM_YAML_MAP) return n ? n->first : NULL;
    expects(f, n, "a map of ids");
    return NULL;
}

static void add(yaml_file *f, dgm_edi_table table, dgm_slice key, dgm_slice rest, const dgm_yaml *at)
{
    f->good = f->good && key.at && rest.at && dgm_edi_draft_add(f->draft, table, key, rest, place_of(f, at->key_mark));
}

/* ---- members by name ---- */

static dgm_slice word_of(const dgm_yaml *n)
{
    return n->key.at ? n->key : n->text;
}

static int by_word(const void *a, const void *b)
{
    return dgm_slice_compare(word_of(*(const dgm_yaml *const *)a), word_of(*(const dgm_yaml *const *)b));
}

/* The keys of a map, the texts of a list; of anything else none. */
static members index_of(yaml_file *f, const dgm_yaml *all)
{
    members out = { .count = 0 };
    if (!all || all->kind == DGM_YAML_TEXT || !all->count) return out;
    out.at = DGM_NEW(f->draft->arena, const dgm_yaml *, all->count);
    f->good = f->good && out.at;
    for (const dgm_yaml *n = all->first; n && out.at; n = n->next)
        if (all->kind == DGM_YAML_MAP || n->kind == DGM_YAML_TEXT) out.at[out.count++] = n;
    if (out.count) qsort(out.at, out.count, sizeof(const dgm_yaml *), by_word);
    return out;
}

static const dgm_yaml *member(const members *in, dgm_slice word)
{
    size_t low = 0, high = in->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = dgm_slice_compare(word_of(in->at[middle]), word);
        if (order == 0) return in->at[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- elements ---- */

static void add_code(yaml_file *f, dgm_slice element, dgm_slice code, dgm_slice name, const dgm_yaml *at)
{
    dgm_slice key = dgm_arena_print(f->draft->arena, "%.*s %.*s", (int)element.len, element.at, (int)code.len, code.at);
    add(f, DGM_EDI_CODES, key, name, at);
}

/* The codes given, then those of the base that are neither given nor removed. */
static void take_codes(yaml_file *f, const dgm_yaml *element)
{
    const dgm_yaml *codes = dgm_yaml_get(element, "codes"), *gone = dgm_yaml_get(element, "remove");
    dgm_slice code, name;
    if (codes && codes->kind != DGM_YAML_MAP) {
        expects(f, codes, "a map of codes and their names");
        return;
    }
    if (gone && gone->kind != DGM_YAML_LIST) {
        expects(f, gone, "a list of codes");
        return;
    }
    for (const dgm_yaml *n = codes ? codes->first : NULL; n; n = n->next) {
        if (n->kind != DGM_YAML_TEXT)
            expects(f, n, "the name of a code");
        else
            add_code(f, element->key, n->key, n->text, n);
    }
    if (!codes && !gone) return;
    dgm_edi_code_list list;
    dgm_edi_code_list_open(&f->base, element->key, &list);
    for (const dgm_yaml *n = gone ? gone->first : NULL; n; n = n->next)
        if (n->kind != DGM_YAML_TEXT || !dgm_edi_code_list_has(&list, n->text)) expects(f, n, "a code that the base has");
    members given = index_of(f, codes), removed = index_of(f, gone);
    for (size_t cursor = 0; dgm_edi_code_list_each(&list, &cursor, &code, &name);)
        if (!member(&removed, code) && !member(&given, code)) add_code(f, element->key, code, name, element);
}

static void take_element(yaml_file *f, const dgm_yaml *n)
{
    if (n->kind != DGM_YAML_MAP) {
        expects(f, n, "a map with repr, name, codes");
        return;
    }
    check_keys(f, n, "an element", "repr name codes remove");
    dgm_edi_element old;
    bool known = dgm_edi_element_find(&f->base, n->key, &old);
    dgm_slice repr = text_of(f, n, "repr"), name = text_of(f, n, "name");
    if (!repr.len && known) repr = old.repr_text;
    if (!name.len && known) name = old.name;
    if (!repr.len) {
        expects(f, n, "repr, as the base does not have the element,");
        return;
    }
    const char *coded = known && old.coded ? "y" : "n";
    dgm_slice rest = dgm_arena_print(f->draft->arena, "%.*s\t%s\t%.*s", (int)repr.len, repr.at, coded, (int)name.len, name.at);
    add(f, DGM_EDI_ELEMENTS, n->key, rest, n);
    take_codes(f, n);
}

/* ---- places: "1225", "C082 C", "3124 C 5 an..35", "DTM C 9" ---- */

typedef struct spot {
    dgm_slice id, repr;
    uint32_t max;
    bool mandatory;
} spot;

static bool read_spot(yaml_file *f, const dgm_yaml *at, dgm_slice text, spot *out)
{
    *out = (spot){ .max = 1, .mandatory = true };
    for (dgm_slice rest = text; rest.len;) {
        dgm_cut cut = dgm_slice_cut(rest, ' ');
        dgm_slice word = cut.head;
        uint64_t max = 0;
        dgm_repr repr;
        rest = cut.tail;
        if (!word.len) continue;
        if (!out->id.len)
            out->id = word;
        else if (dgm_slice_is(word, "M") || dgm_slice_is(word, "C"))
            out->mandatory = word.at[0] == 'M';
        else if (dgm_edi_import_number(word, 99999999, &max) && max)
            out->max = (uint32_t)max;
        else if (dgm_edi_repr_parse(word, &repr))
            out->repr = word;
        else {
            expects(f, at, "an id, then M or C, a number of repetitions, a representation");
            return false;
        }
    }
    if (!out->id.len) expects(f, at, "an id");
    return out->id.len > 0;
}

static void put(yaml_file *f, dgm_buffer *b, dgm_slice text)
{
    f->good = f->good && dgm_buffer_append(b, text) == DGM_OK;
}

static void put_spot(yaml_file *f, dgm_buffer *b, const spot *s)
{
    if (b->len && b->at[b->len - 1] != '(') put(f, b, DGM_LITERAL(" "));
    put(f, b, s->id);
    if (s->repr.len) put(f, b, DGM_LITERAL(":"));
    put(f, b, s->repr);
}

static void put_occurrence(yaml_file *f, dgm_buffer *b, const spot *s)
{
    if (s->max > 1) f->good = f->good && dgm_buffer_print(b, "%c%u", s->mandatory ? '!' : '?', s->max) == DGM_OK;
    if (s->max == 1 && !s->mandatory) put(f, b, DGM_LITERAL("?"));
}

/* What the file or the base says of an element that an item names without a representation; composites have none. */
static dgm_slice repr_of(yaml_file *f, dgm_slice id)
{
    dgm_edi_element e;
    if (member(&f->composites, id)) return (dgm_slice){ 0 };
    const dgm_yaml *own = member(&f->elements, id);
    dgm_slice repr = own && own->kind == DGM_YAML_MAP ? text_of(f, own, "repr") : (dgm_slice){ 0 };
    if (repr.len) return repr;
    return dgm_edi_element_find(&f->base, id, &e) ? e.repr_text : (dgm_slice){ 0 };
}

static void take_list(yaml_file *f, const dgm_yaml *n, dgm_edi_table table)
{
    const dgm_yaml *items = n->kind == DGM_YAML_MAP ? dgm_yaml_get(n, "items") : NULL;
    if (!items || items->kind != DGM_YAML_LIST) {
        expects(f, items ? items : n, "items, a list,");
        return;
    }
    check_keys(f, n, table == DGM_EDI_SEGMENTS ? "a segment" : "a composite", "name items");
    dgm_buffer b;
    dgm_buffer_init(&b, f->draft->mem);
    for (const dgm_yaml *i = items->first; i; i = i->next) {
        spot s;
        if (i->kind != DGM_YAML_TEXT) expects(f, i, "an item, such as 1225 C");
        if (i->kind != DGM_YAML_TEXT || !read_spot(f, i, i->text, &s)) continue;
        if (!s.repr.len) s.repr = repr_of(f, s.id);
        put_spot(f, &b, &s);
        put_occurrence(f, &b, &s);
    }
    add(f, table, n->key, dgm_arena_copy(f->draft->arena, dgm_buffer_slice(&b)), n);
    dgm_slice name = text_of(f, n, "name");
    if (name.len) add(f, DGM_EDI_NAMES, n->key, name, n);
    dgm_buffer_free(&b);
}

/* ---- messages ---- */

/* A list of segments, and maps of one key for groups: "SG1 C 9: [RFF, DTM C]". Lists stand in each other as deep as the YAML reader
 * lets them, so that a stack of that size is enough. */
static void put_structure(yaml_file *f, dgm_buffer *b, const dgm_yaml *list)
{
    struct {
        const dgm_yaml *next;
        spot group;
    } open[DGM_YAML_DEPTH_MAX + 1];
    size_t depth = 0;
    open[0].next = list->first;
    for (;;) {
        const dgm_yaml *n = open[depth].next;
        if (!n) {
            if (depth == 0) return;
            put(f, b, DGM_LITERAL(")"));
            put_occurrence(f, b, &open[depth].group);
            depth--;
            continue;
        }
        open[depth].next = n->next;
        spot s;
        if (n->kind == DGM_YAML_TEXT) {
            if (!read_spot(f, n, n->text, &s)) continue;
            put_spot(f, b, &s);
            put_occurrence(f, b, &s);
        } else if (n->kind == DGM_YAML_MAP && n->count == 1 && n->first->kind == DGM_YAML_LIST && depth < DGM_YAML_DEPTH_MAX) {
            if (!read_spot(f, n, n->first->key, &s)) continue;
            if (b->len && b->at[b->len - 1] != '(') put(f, b, DGM_LITERAL(" "));
            put(f, b, DGM_LITERAL("("));
            open[++depth].next = n->first->first;
            open[depth].group = s;
        } else {
            expects(f, n, "a segment, such as DTM C 9, or a group, such as SG1 C 9: and a list,");
        }
    }
}

static void take_message(yaml_file *f, const dgm_yaml *n)
{
    if (n->kind == DGM_YAML_TEXT) {
        add(f, DGM_EDI_MESSAGES, n->key, n->text, n);
        return;
    }
    if (n->kind != DGM_YAML_LIST) {
        expects(f, n, "a list of segments and groups");
        return;
    }
    dgm_buffer b;
    dgm_buffer_init(&b, f->draft->mem);
    put_structure(f, &b, n);
    add(f, DGM_EDI_MESSAGES, n->key, dgm_arena_copy(f->draft->arena, dgm_buffer_slice(&b)), n);
    dgm_buffer_free(&b);
}

/* ---- dependency notes: "UNG: [ D2(010,060,070) ]" ---- */

static void take_notes(yaml_file *f, const dgm_yaml *n)
{
    dgm_buffer b;
    if (n->kind != DGM_YAML_LIST) {
        expects(f, n, "a list of notes, such as D5(060,050)");
        return;
    }
    dgm_buffer_init(&b, f->draft->mem);
    for (const dgm_yaml *i = n->first; i; i = i->next) {
        if (i->kind != DGM_YAML_TEXT) expects(f, i, "a note, such as D5(060,050)");
        if (i->kind != DGM_YAML_TEXT) continue;
        if (b.len) put(f, &b, DGM_LITERAL(" "));
        for (size_t k = 0; k < i->text.len; k++)
            if (i->text.at[k] != ' ') put(f, &b, dgm_slice_part(i->text, k, k + 1));
    }
    if (b.len) add(f, DGM_EDI_NOTES, n->key, dgm_arena_copy(f->draft->arena, dgm_buffer_slice(&b)), n);
    dgm_buffer_free(&b);
}

/* ---- the file ---- */

static void take_head(yaml_file *f)
{
    dgm_edi_draft *d = f->draft;
    dgm_slice name = text_of(f, f->root, "directory"), base = text_of(f, f->root, "base"), agency = text_of(f, f->root, "agency");
    if (!d->name.len) d->name = name;
    if (!d->base.len) d->base = base;
    if (!d->agency.len) d->agency = agency;
    if (!d->base.len || dgm_edi_directory_open(d->base, &f->base)) return;
    const dgm_yaml *at = dgm_yaml_get(f->root, "base");
    dgm_diags *diags = d->diags;
    dgm_diag *diag = at ? dgm_yaml_fault(diags, f->path, f->bytes, at->mark, DGM_D_DIRECTORY_BASE, DGM_ERROR)
                        : dgm_diags_add(diags, DGM_D_DIRECTORY_BASE, DGM_ERROR);
    dgm_diag_text(diags, diag, d->base);
    dgm_diag_text(diags, diag, dgm_edi_directories_text());
}

bool dgm_edi_draft_take_yaml(dgm_edi_draft *d, dgm_slice path, dgm_slice bytes)
{
    yaml_file f = { .draft = d, .path = path, .bytes = bytes, .good = true };
    dgm_status st = dgm_yaml_read(d->arena, path, bytes, d->diags, &f.root);
    if (st != DGM_OK) return st != DGM_NOMEM;
    if (f.root->kind != DGM_YAML_MAP) {
        expects(&f, f.root, "a map with directory, base, agency, elements, composites, segments, messages, notes");
        return true;
    }
    check_keys(&f, f.root, "a directory", "directory base agency elements composites segments messages notes");
    take_head(&f);
    const dgm_yaml *elements = dgm_yaml_get(f.root, "elements"), *composites = dgm_yaml_get(f.root, "composites");
    if (elements && elements->kind == DGM_YAML_MAP) f.elements = index_of(&f, elements);
    if (composites && composites->kind == DGM_YAML_MAP) f.composites = index_of(&f, composites);
    for (const dgm_yaml *n = section(&f, "elements"); n && f.good; n = n->next) take_element(&f, n);
    for (const dgm_yaml *n = section(&f, "composites"); n && f.good; n = n->next) take_list(&f, n, DGM_EDI_COMPOSITES);
    for (const dgm_yaml *n = section(&f, "segments"); n && f.good; n = n->next) take_list(&f, n, DGM_EDI_SEGMENTS);
    for (const dgm_yaml *n = section(&f, "messages"); n && f.good; n = n->next) take_message(&f, n);
    for (const dgm_yaml *n = section(&f, "notes"); n && f.good; n = n->next) take_notes(&f, n);
    return f.good;
}
