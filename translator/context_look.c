/* SPDX-License-Identifier: Apache-2.0
 *
 * context_look.c - what a file of a folder of mappings says of itself, read from its first lines alone: of a mapping its name,
 * format and model, of a format its name and codec, of a vocabulary its model. Only what can mean nothing else is taken; the rest
 * is for the reader of YAML, and what that refuses for whoever loads the file. One thread.
 */
#include "context_load.h"

#include "base/yaml.h"

/* ---- heads ---- */

enum { KEY_MAX = 32 };

/* The lines that a map begins with, one key and its text each. */
typedef struct head {
    dgm_slice rest;
    dgm_slice key, text; /* text: without blanks around it; empty: what the key has stands in the lines below */
    bool odd;            /* something that is not looked into here */
} head;

static bool plain_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool key_letter(char c)
{
    return plain_letter(c) || c == '_' || c == '.' || c == '-';
}

/* A word that is a scalar of YAML and itself, inside { } too. */
static bool is_word(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!key_letter(s.at[i]) && s.at[i] != '@' && s.at[i] != '/') return false;
    return s.len && plain_letter(s.at[0]);
}

/* The same of several words in a line of their own. */
static bool is_plain(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.at[i], next = i + 1 < s.len ? s.at[i + 1] : ' ';
        if (c < ' ' || c > '~' || (c == ':' && next == ' ') || (c == ' ' && next == '#')) return false;
    }
    return s.len && plain_letter(s.at[0]);
}

/* Is it a line that says nothing: blank, or a comment? */
static bool says_nothing(dgm_slice line)
{
    line = dgm_slice_trim(line);
    return !line.len || line.at[0] == '#';
}

/* The next key; false: there is none, or what comes is odd. */
static bool next_key(head *h)
{
    dgm_slice line;
    do {
        if (!h->rest.len) return false;
        dgm_cut cut = dgm_slice_cut(h->rest, '\n');
        line = cut.head;
        h->rest = cut.tail;
    } while (says_nothing(line));
    size_t n = 0;
    while (n < line.len && n < KEY_MAX && key_letter(line.at[n])) n++;
    h->odd = !n || !plain_letter(line.at[0]) || n + 1 > line.len || line.at[n] != ':';
    if (h->odd) return false;
    h->key = dgm_slice_part(line, 0, n);
    h->text = dgm_slice_trim(dgm_slice_part(line, n + 1, line.len));
    if (!h->text.len) return true;
    /* A text may go on below, in lines that are indented. */
    dgm_slice below = h->rest;
    while (below.len && says_nothing(dgm_slice_cut(below, '\n').head)) below = dgm_slice_cut(below, '\n').tail;
    h->odd = line.at[n + 1] != ' ' || (below.len && !plain_letter(below.at[0]));
    return !h->odd;
}

static head head_of(dgm_slice bytes)
{
    if (bytes.len >= 3 && memcmp(bytes.at, "\xEF\xBB\xBF", 3) == 0) bytes = dgm_slice_part(bytes, 3, bytes.len);
    return (head){ .rest = bytes };
}

/* Takes the text of a key that may stand once. */
static bool take(const head *h, const char *key, dgm_slice *out, bool *odd)
{
    if (!dgm_slice_is(h->key, key)) return false;
    *odd = *odd || out->len || !is_plain(h->text);
    *out = h->text;
    return true;
}

/* ---- formats ---- */

dgm_status dgm_look_format(dgm_slice bytes, dgm_slice *name, dgm_slice *title, dgm_slice *codec, dgm_slice *table)
{
    head h = head_of(bytes);
    dgm_slice version = { 0 };
    bool odd = false, below = false;
    *name = *title = *codec = *table = (dgm_slice){ 0 };
    while (!odd && !below && next_key(&h)) {
        if (!take(&h, "dragoman", &version, &odd) && !take(&h, "format", name, &odd) && !take(&h, "title", title, &odd) &&
            !take(&h, "codec", codec, &odd))
            (void)take(&h, "table", table, &odd);
        below = !h.text.len;
    }
    const bool all = dgm_slice_is(version, "format/1") && name->len && title->len && codec->len;
    /* A table is read with the format's file, wherever the key stands. */
    if (table->len || memmem(bytes.at, bytes.len, "\ntable:", 7)) return DGM_UNKNOWN;
    return all && !odd && (below || !h.odd) ? DGM_OK : DGM_UNKNOWN;
}

/* ---- vocabularies ---- */

dgm_status dgm_look_model(dgm_model_entry *m)
{
    static const char key[] = "model:";
    const size_t n = sizeof key - 1;
    dgm_slice found = { 0 };
    for (dgm_cut cut = { .tail = m->bytes }; cut.tail.len;) {
        cut = dgm_slice_cut(cut.tail, '\n');
        if (memchr(cut.head.at, '\t', cut.head.len)) break; /* the names of the columns */
        if (cut.head.len <= n || memcmp(cut.head.at, key, n) != 0) continue;
        if (found.len) return DGM_UNKNOWN;
        found = dgm_slice_trim(dgm_slice_part(cut.head, n, cut.head.len));
    }
    if (!is_word(found)) return DGM_UNKNOWN;
    m->name = found;
    return DGM_OK;
}

/* ---- mappings ---- */

typedef struct mapping_head {
    dgm_slice version, name, format, model, extends;
    bool derives;
} mapping_head;

/* wire: {format: NAME} or {model: NAME} */
static bool take_wire(mapping_head *m, dgm_slice text)
{
    if (text.len < 2 || text.at[0] != '{' || text.at[text.len - 1] != '}' || m->format.len) return false;
    dgm_cut cut = dgm_slice_cut(dgm_slice_trim(dgm_slice_part(text, 1, text.len - 1)), ' ');
    m->derives = dgm_slice_is(cut.head, "model:");
    m->format = cut.tail;
    return (m->derives || dgm_slice_is(cut.head, "format:")) && is_word(m->format);
}

static bool read_head(dgm_slice bytes, mapping_head *m)
{
    head h = head_of(bytes);
    bool odd = false, below = false;
    while (!odd && !below && next_key(&h)) {
        below = !h.text.len;
        if (dgm_slice_is(h.key, "wire"))
            odd = !take_wire(m, h.text);
        else if (!take(&h, "dragoman", &m->version, &odd) && !take(&h, "mapping", &m->name, &odd) &&
                 !take(&h, "model", &m->model, &odd))
            (void)take(&h, "extends", &m->extends, &odd);
    }
    return !odd && (below || !h.odd) && is_word(m->name) && dgm_slice_is(m->version, "mapping/1");
}

static dgm_slice text_of(const dgm_yaml *n)
{
    return n && n->kind == DGM_YAML_TEXT ? n->text : (dgm_slice){ 0 };
}

/* Any way of writing it: the reader of YAML knows. Texts stand in the arena. */
static dgm_status read_whole(dgm_loading *l, dgm_slice path, dgm_slice bytes, mapping_head *m)
{
    dgm_arena arena;
    const dgm_yaml *root = NULL;
    dgm_arena_init(&arena, &l->c->mem);
    *m = (mapping_head){ 0 };
    dgm_status s = dgm_yaml_read(&arena, path, bytes, NULL, &root);
    if (s == DGM_OK) {
        const dgm_yaml *wire = dgm_yaml_get(root, "wire"), *from = dgm_yaml_get(wire, "model");
        const dgm_yaml *of[] = { dgm_yaml_get(root, "dragoman"), dgm_yaml_get(root, "mapping"),
                                 from ? from : dgm_yaml_get(wire, "format"), dgm_yaml_get(root, "model"),
                                 dgm_yaml_get(root, "extends") };
        dgm_slice *to[] = { &m->version, &m->name, &m->format, &m->model, &m->extends };
        m->derives = from != NULL;
        for (size_t i = 0; i < 5 && s == DGM_OK; i++) {
            *to[i] = text_of(of[i]).len ? dgm_arena_copy(&l->c->arena, text_of(of[i])) : (dgm_slice){ 0 };
            if (text_of(of[i]).len && !to[i]->at) s = DGM_NOMEM;
        }
    }
    dgm_arena_free(&arena);
    return s == DGM_CONFIG ? DGM_UNKNOWN : s;
}

static bool has_all(const mapping_head *m)
{
    return m->name.len && m->format.len && m->model.len;
}

enum { EXTENDS_MAX = 8 };

dgm_status dgm_look_mapping(dgm_loading *l, dgm_mapping_entry *m)
{
    mapping_head own = { 0 };
    const dgm_kept_file *seen = NULL;
    dgm_status s = DGM_OK;
    if (!read_head(m->bytes, &own) || (!has_all(&own) && !own.extends.len)) s = read_whole(l, m->path, m->bytes, &own);
    /* What it does not say itself, the mapping says that it extends. */
    dgm_slice extends = own.extends;
    for (int i = 0; s == DGM_OK && !has_all(&own) && extends.len && i < EXTENDS_MAX; i++) {
        mapping_head base = { 0 };
        seen = dgm_kept_find(&l->c->rules, extends);
        if (!seen) return DGM_UNKNOWN;
        if (!read_head(seen->bytes, &base) || (!has_all(&base) && !base.extends.len))
            s = read_whole(l, seen->path, seen->bytes, &base);
        if (!own.name.len) own.name = base.name;
        if (!own.format.len) own.format = base.format, own.derives = base.derives;
        if (!own.model.len) own.model = base.model;
        extends = base.extends;
    }
    if (s != DGM_OK) return s;
    if (!has_all(&own)) return DGM_UNKNOWN;
    m->name = own.name;
    m->format = own.format;
    m->model = own.model;
    m->derives = own.derives;
    return DGM_OK;
}
