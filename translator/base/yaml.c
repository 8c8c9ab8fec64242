/* SPDX-License-Identifier: Apache-2.0
 *
 * yaml.c - see yaml.h. libyaml gives events; nothing here recurses, so a file of brackets costs a counter and not the stack.
 * libyaml keeps its own buffers with malloc (it knows no allocator) and they are freed before the reader returns. One thread.
 */
#include "yaml.h"

#include "utf8.h"

#include <yaml.h>

enum { KEYS_FEW = 16, KEY_BITS = 8192 };

typedef struct yaml_reader {
    dgm_arena *arena;
    dgm_slice path, file;
    dgm_diags *diags;
    yaml_parser_t parser;
    size_t at_byte, at_character; /* a cursor: libyaml counts characters, we count bytes */
    size_t line_start;            /* byte */
    uint32_t line;                /* of the cursor, from 1 */
    dgm_yaml *open[DGM_YAML_DEPTH_MAX + 1];
    dgm_yaml *last[DGM_YAML_DEPTH_MAX + 1]; /* last member so far of each open thing */
    bool key_next[DGM_YAML_DEPTH_MAX + 1];
    dgm_slice key[DGM_YAML_DEPTH_MAX + 1];
    dgm_yaml_mark key_mark[DGM_YAML_DEPTH_MAX + 1];
    uint64_t key_bits[DGM_YAML_DEPTH_MAX + 1][KEY_BITS / 64]; /* of maps with many keys: those that there may be */
    uint32_t depth, nodes;
    dgm_yaml *root;
} yaml_reader;

dgm_diag *dgm_yaml_fault(dgm_diags *diags, dgm_slice path, dgm_slice file, dgm_yaml_mark mark, dgm_diag_code code,
                         dgm_severity severity)
{
    dgm_diag *d = dgm_diags_add(diags, code, severity);
    if (!d) return NULL;
    d->at_byte = mark.byte;
    d->bytes = mark.bytes;
    d->line = mark.line;
    d->column = mark.column;
    size_t from = mark.byte < file.len ? (size_t)mark.byte : file.len, to = from;
    while (from && file.at[from - 1] != '\n') from--;
    while (to < file.len && file.at[to] != '\n' && file.at[to] != '\r') to++;
    dgm_diag_source(diags, d, path);
    dgm_diag_excerpt(diags, d, dgm_slice_part(file, from, to), from);
    return d;
}

/* The place of a character that libyaml speaks of. Marks rise but for a few that look back a little. */
static dgm_yaml_mark mark_of(yaml_reader *r, size_t character)
{
    while (r->at_character > character && r->at_byte) {
        r->at_byte--;
        while (r->at_byte && ((unsigned char)r->file.at[r->at_byte] & 0xC0) == 0x80) r->at_byte--;
        r->at_character--;
        if (r->file.at[r->at_byte] == '\n') r->line--, r->line_start = 0;
    }
    if (!r->line_start && r->line > 1) {
        r->line_start = r->at_byte;
        while (r->line_start && r->file.at[r->line_start - 1] != '\n') r->line_start--;
    }
    while (r->at_character < character && r->at_byte < r->file.len) {
        if (r->file.at[r->at_byte++] == '\n') r->line++, r->line_start = r->at_byte;
        while (r->at_byte < r->file.len && ((unsigned char)r->file.at[r->at_byte] & 0xC0) == 0x80) r->at_byte++;
        r->at_character++;
    }
    return (dgm_yaml_mark){ r->at_byte, r->line, (uint32_t)(r->at_byte - r->line_start + 1), 0 };
}

static dgm_yaml_mark span_of(yaml_reader *r, const yaml_event_t *e)
{
    dgm_yaml_mark from = mark_of(r, e->start_mark.index), to = mark_of(r, e->end_mark.index);
    from.bytes = (uint32_t)(to.byte - from.byte);
    return from;
}

static dgm_status refuse(yaml_reader *r, dgm_yaml_mark mark, dgm_diag_code code, dgm_slice what)
{
    dgm_diag *d = dgm_yaml_fault(r->diags, r->path, r->file, mark, code, DGM_ERROR);
    dgm_diag_text(r->diags, d, what);
    return DGM_CONFIG;
}

static dgm_status add_node(yaml_reader *r, dgm_yaml_kind kind, dgm_yaml_mark mark, dgm_yaml **out)
{
    if (++r->nodes > DGM_YAML_NODES_MAX) return refuse(r, mark, DGM_D_YAML_LIMIT, DGM_LITERAL("1048576 nodes"));
    dgm_yaml *n = DGM_NEW(r->arena, dgm_yaml, 1);
    if (!n) return DGM_NOMEM;
    n->kind = kind;
    n->mark = mark;
    if (!r->depth) {
        r->root = n;
    } else {
        dgm_yaml *above = r->open[r->depth - 1], *before = r->last[r->depth - 1];
        if (above->kind == DGM_YAML_MAP) {
            n->key = r->key[r->depth - 1];
            n->key_mark = r->key_mark[r->depth - 1];
            r->key_next[r->depth - 1] = true;
        }
        if (before)
            before->next = n;
        else
            above->first = n;
        r->last[r->depth - 1] = n;
        above->count++;
    }
    *out = n;
    return DGM_OK;
}

static uint32_t bit_of(dgm_slice key)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < key.len; i++) hash = (hash ^ (unsigned char)key.at[i]) * 16777619u;
    return (hash ^ hash >> 16) % KEY_BITS;
}

static void set_bit(uint64_t *bits, uint32_t bit)
{
    bits[bit / 64] |= (uint64_t)1 << bit % 64;
}

/* The member of the innermost open map that has this key already. Of a map with many keys, bits tell which are certainly new. */
static const dgm_yaml *key_before(yaml_reader *r, dgm_slice key)
{
    const dgm_yaml *map = r->open[r->depth - 1], *m = map->first;
    uint64_t *bits = r->key_bits[r->depth - 1];
    uint32_t bit = map->count >= KEYS_FEW ? bit_of(key) : 0;
    if (map->count == KEYS_FEW) {
        memset(bits, 0, sizeof r->key_bits[0]);
        for (m = map->first; m; m = m->next) set_bit(bits, bit_of(m->key));
        m = map->first;
    }
    if (map->count >= KEYS_FEW && !(bits[bit / 64] >> bit % 64 & 1)) {
        set_bit(bits, bit);
        return NULL;
    }
    while (m && !dgm_slice_equal(m->key, key)) m = m->next;
    return m;
}

static dgm_status take_key(yaml_reader *r, dgm_slice text, dgm_yaml_mark mark)
{
    uint32_t top = r->depth - 1;
    if (dgm_slice_is(text, "<<")) return refuse(r, mark, DGM_D_YAML_REFUSED, DGM_LITERAL("a merge key (<<)"));
    if (r->open[top]->count >= 1024) return refuse(r, mark, DGM_D_YAML_LIMIT, DGM_LITERAL("1024 keys in one map"));
    const dgm_yaml *before = key_before(r, text);
    if (before) {
        dgm_diag *d = dgm_yaml_fault(r->diags, r->path, r->file, mark, DGM_D_YAML_TWICE, DGM_ERROR);
        dgm_diag_text(r->diags, d, text);
        dgm_diag_number(r->diags, d, before->key_mark.line);
        return DGM_CONFIG;
    }
    r->key[top] = text;
    r->key_mark[top] = mark;
    r->key_next[top] = false;
    return DGM_OK;
}

static dgm_status scalar(yaml_reader *r, const yaml_event_t *e)
{
    dgm_yaml_mark mark = span_of(r, e);
    if (e->data.scalar.anchor) return refuse(r, mark, DGM_D_YAML_REFUSED, DGM_LITERAL("an anchor"));
    if (e->data.scalar.tag) return refuse(r, mark, DGM_D_YAML_REFUSED, DGM_LITERAL("a tag"));
    const char *raw = (const char *)e->data.scalar.value;
    dgm_slice text = dgm_arena_copy(r->arena, (dgm_slice){ raw, e->data.scalar.length });
    if (!text.at) return DGM_NOMEM;
    if (r->depth && r->open[r->depth - 1]->kind == DGM_YAML_MAP && r->key_next[r->depth - 1]) return take_key(r, text, mark);
    dgm_yaml *n;
    dgm_status s = add_node(r, DGM_YAML_TEXT, mark, &n);
    if (s != DGM_OK) return s;
    n->text = text;
    n->quoted = e->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE || e->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    return DGM_OK;
}

static dgm_status open_thing(yaml_reader *r, const yaml_event_t *e, dgm_yaml_kind kind)
{
    dgm_yaml_mark mark = mark_of(r, e->start_mark.index);
    bool map = kind == DGM_YAML_MAP;
    if (map ? e->data.mapping_start.anchor != NULL : e->data.sequence_start.anchor != NULL)
        return refuse(r, mark, DGM_D_YAML_REFUSED, DGM_LITERAL("an anchor"));
    if (map ? e->data.mapping_start.tag != NULL : e->data.sequence_start.tag != NULL)
        return refuse(r, mark, DGM_D_YAML_REFUSED, DGM_LITERAL("a tag"));
    if (r->depth >= DGM_YAML_DEPTH_MAX) return refuse(r, mark, DGM_D_YAML_LIMIT, DGM_LITERAL("32 levels"));
    if (r->depth && r->open[r->depth - 1]->kind == DGM_YAML_MAP && r->key_next[r->depth - 1])
        return refuse(r, mark, DGM_D_YAML_REFUSED, DGM_LITERAL("a key that is no text"));
    dgm_yaml *n;
    dgm_status s = add_node(r, kind, mark, &n);
    if (s != DGM_OK) return s;
    r->open[r->depth] = n;
    r->last[r->depth] = NULL;
    r->key_next[r->depth] = true;
    r->depth++;
    return DGM_OK;
}

static dgm_status event(yaml_reader *r, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT: return DGM_OK;
    case YAML_DOCUMENT_START_EVENT:
        return r->root ? refuse(r, mark_of(r, e->start_mark.index), DGM_D_YAML_REFUSED, DGM_LITERAL("a second document")) : DGM_OK;
    case YAML_ALIAS_EVENT: return refuse(r, span_of(r, e), DGM_D_YAML_REFUSED, DGM_LITERAL("an alias"));
    case YAML_SCALAR_EVENT: return scalar(r, e);
    case YAML_SEQUENCE_START_EVENT: return open_thing(r, e, DGM_YAML_LIST);
    case YAML_MAPPING_START_EVENT: return open_thing(r, e, DGM_YAML_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: r->depth--; return DGM_OK;
    }
    return DGM_OK;
}

static bool name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Whether a tab stands among the blanks that the line at FROM begins with: the parser has several words for it, none says what to
 * do. */
static bool begins_with_tab(dgm_slice file, size_t from)
{
    while (from < file.len && file.at[from] == ' ') from++;
    return from < file.len && file.at[from] == '\t';
}

/* What to do about what the parser says, for the slips that hands make; empty for the others. */
static dgm_slice remedy(dgm_slice file, size_t from, const char *problem)
{
    static const struct {
        const char *says, *hint;
    } known[] = {
        { "did not find expected ',' or '}'", "a { of this line or of one above it is not closed: is a } or a comma missing?" },
        { "did not find expected ',' or ']'", "a [ of this line or of one above it is not closed: is a ] or a comma missing?" },
        { "did not find expected node content", "a [ or { of this line or of one above it is not closed, or a value is missing" },
        { "did not find expected key",
          "what belongs together begins in the same column: compare this line with the ones above it" },
        { "did not find expected '-' indicator",
          "what belongs together begins in the same column: compare this line with the ones above it" },
        { "mapping values are not allowed in this context",
          "is this line indented further than the ones above it? A text with a colon and a blank in it wants quotes" },
        { "could not find expected ':'", "is the colon missing, or the blank behind it?" },
        { "found unexpected end of stream", "a quotation mark is opened and not closed" },
        { "found character that cannot start any token", "a text that begins with this character wants quotes" },
    };
    if (begins_with_tab(file, from)) return DGM_LITERAL("a tab cannot indent a line in YAML: put blanks in its place");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(problem, known[i].says) == 0) return dgm_slice_of(known[i].hint);
    return (dgm_slice){ 0 };
}

/* The commonest slip has a message of its own: a place with [tests] that was not quoted inside { }. */
static dgm_status syntax(yaml_reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR) return DGM_NOMEM;
    const char *problem = p->problem ? p->problem : "cannot be read";
    /* A quotation mark without its end is told of where it stands, not at the end of the file. */
    bool unclosed = p->context && strcmp(p->context, "while scanning a quoted scalar") == 0;
    dgm_yaml_mark mark = mark_of(r, unclosed ? p->context_mark.index : p->problem_mark.index);
    size_t from = (size_t)mark.byte;
    while (from && r->file.at[from - 1] != '\n') from--;
    size_t bracket = SIZE_MAX;
    for (size_t i = from; i < r->file.len && i <= mark.byte && r->file.at[i] != '\n'; i++)
        if (i > from && r->file.at[i] == '[' && name_character(r->file.at[i - 1])) bracket = i;
    if (bracket != SIZE_MAX) {
        mark.byte = bracket;
        mark.column = (uint32_t)(bracket - from + 1);
        mark.bytes = 1;
        dgm_yaml_fault(r->diags, r->path, r->file, mark, DGM_D_YAML_QUOTE, DGM_ERROR);
        return DGM_CONFIG;
    }
    dgm_diag *d = dgm_yaml_fault(r->diags, r->path, r->file, mark, DGM_D_YAML_SYNTAX, DGM_ERROR);
    dgm_diag_text(r->diags, d, dgm_slice_of(problem));
    dgm_diag_text(r->diags, d, remedy(r->file, from, problem));
    return DGM_CONFIG;
}

/* What nearly is a byte order mark of UTF-8: the marks of other encodings, one that was encoded twice, two of them. */
static const char *near_mark(dgm_slice b)
{
    static const struct {
        const char *bytes, *problem;
    } marks[] = {
        { "\xFF\xFE", "the file is UTF-16 (it begins with FF FE); save it as UTF-8" },
        { "\xFE\xFF", "the file is UTF-16 (it begins with FE FF); save it as UTF-8" },
        { "\xC3\xAF\xC2\xBB\xC2\xBF", "the byte order mark was encoded twice (C3 AF C2 BB C2 BF); take it away" },
        { "\xEF\xBB\xBF\xEF\xBB\xBF", "two byte order marks stand at the beginning; take one away" },
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i].bytes);
        if (b.len >= n && memcmp(b.at, marks[i].bytes, n) == 0) return marks[i].problem;
    }
    bool half = b.len >= 2 && memcmp(b.at, "\xEF\xBB", 2) == 0 && (b.len < 3 || b.at[2] != '\xBF');
    return half ? "half a byte order mark stands at the beginning (EF BB); take it away" : NULL;
}

dgm_status dgm_yaml_read(dgm_arena *arena, dgm_slice path, dgm_slice bytes, dgm_diags *diags, const dgm_yaml **out)
{
    *out = NULL;
    const char *near = near_mark(bytes);
    if (!near && bytes.len >= 3 && memcmp(bytes.at, "\xEF\xBB\xBF", 3) == 0) bytes = dgm_slice_part(bytes, 3, bytes.len);
    yaml_reader r = { .arena = arena, .path = path, .file = bytes, .diags = diags, .line = 1 };
    if (bytes.len > DGM_YAML_BYTES_MAX) return refuse(&r, (dgm_yaml_mark){ 0, 1, 1, 0 }, DGM_D_YAML_LIMIT, DGM_LITERAL("16 MiB"));
    if (near) return refuse(&r, (dgm_yaml_mark){ 0, 1, 1, 2 }, DGM_D_YAML_SYNTAX, dgm_slice_of(near));
    size_t bad = dgm_utf8_check(bytes);
    if (bad < bytes.len) {
        dgm_place at = dgm_locate(bytes, bad);
        dgm_yaml_mark mark = { bad, (uint32_t)at.line, (uint32_t)at.column, 1 };
        return refuse(&r, mark, DGM_D_YAML_SYNTAX, DGM_LITERAL("this byte is no UTF-8"));
    }
    if (!yaml_parser_initialize(&r.parser)) return DGM_NOMEM;
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)(bytes.at ? bytes.at : ""), bytes.len);
    dgm_status s = DGM_OK;
    for (bool more = true; more && s == DGM_OK;) {
        yaml_event_t e;
        if (!yaml_parser_parse(&r.parser, &e)) {
            s = syntax(&r);
            break;
        }
        more = e.type != YAML_STREAM_END_EVENT;
        s = event(&r, &e);
        yaml_event_delete(&e);
    }
    yaml_parser_delete(&r.parser);
    if (s == DGM_OK && !r.root) s = refuse(&r, (dgm_yaml_mark){ 0, 1, 1, 0 }, DGM_D_YAML_SYNTAX, DGM_LITERAL("the file is empty"));
    if (s == DGM_OK) *out = r.root;
    return s;
}

const dgm_yaml *dgm_yaml_get(const dgm_yaml *map, const char *key)
{
    if (!map || map->kind != DGM_YAML_MAP) return NULL;
    for (const dgm_yaml *m = map->first; m; m = m->next)
        if (dgm_slice_is(m->key, key)) return m;
    return NULL;
}
