/* SPDX-License-Identifier: Apache-2.0
 *
 * yaml_tidy.c - see yaml_tidy.h. libyaml's tokens say where things stand; between them only blanks, comments and line ends are
 * left, and those are what is tidied. Where a line begins follows from a stack of the lists and maps that are open. One thread.
 */
#include "yaml_tidy.h"

#include <yaml.h>

enum { OPEN_MAX = 2 * DGM_YAML_DEPTH_MAX + 2 };
#define NO_COLUMN UINT32_MAX

typedef struct token {
    yaml_token_type_t type;
    uint32_t from, to;       /* bytes */
    uint32_t line, end_line; /* from 0; of a block scalar the end is the line behind it */
    bool block;              /* a block scalar */
} token;

typedef enum line_kind { LINE_BLANK, LINE_COMMENT, LINE_STRUCTURE, LINE_FLOW, LINE_INSIDE } line_kind;
typedef struct line {
    uint32_t from, text, to; /* first byte, first that is no blank, behind the last without its line end */
    line_kind kind;
    uint32_t column;             /* that it begins at from now on */
    int32_t shift;               /* of what follows a structure: new column less the old one */
    uint32_t token, token_count; /* those that begin on it */
    bool verbatim;               /* inside a block scalar, where leading blanks count */
} line;

typedef struct open_thing {
    bool list;
    uint32_t was, is; /* column */
} open_thing;

typedef struct tidying {
    dgm_arena arena;
    dgm_slice bytes;
    token *tokens;
    size_t token_count, token_room;
    line *lines;
    size_t line_count;
    open_thing open[OPEN_MAX];
    uint32_t depth;
} tidying;

/* ---- tokens and lines ---------------------------------------------------------------------------------------------------- */

typedef struct cursor {
    size_t byte, character;
    uint32_t line;
} cursor;

static void go_to(const tidying *t, cursor *c, size_t character)
{
    while (c->character < character && c->byte < t->bytes.len) {
        if (t->bytes.at[c->byte++] == '\n') c->line++;
        while (c->byte < t->bytes.len && ((unsigned char)t->bytes.at[c->byte] & 0xC0) == 0x80) c->byte++;
        c->character++;
    }
}

static bool keep(tidying *t, token one)
{
    if (t->token_count == t->token_room) {
        size_t room = t->token_room ? 2 * t->token_room : 256;
        token *more = DGM_NEW(&t->arena, token, room);
        if (!more) return false;
        if (t->token_count) memcpy(more, t->tokens, t->token_count * sizeof *more);
        t->tokens = more;
        t->token_room = room;
    }
    t->tokens[t->token_count++] = one;
    return true;
}

/* Only what takes room in the file. */
static dgm_status scan(tidying *t)
{
    yaml_parser_t p;
    cursor c = { 0 };
    dgm_status s = DGM_OK;
    bool over = false;
    if (!yaml_parser_initialize(&p)) return DGM_NOMEM;
    yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&p, (const unsigned char *)t->bytes.at, t->bytes.len);
    while (s == DGM_OK && !over) {
        yaml_token_t y;
        if (!yaml_parser_scan(&p, &y)) {
            s = p.error == YAML_MEMORY_ERROR ? DGM_NOMEM : DGM_DEFECT; /* it was read before */
            break;
        }
        over = y.type == YAML_STREAM_END_TOKEN;
        if (!over && y.end_mark.index > y.start_mark.index && y.type != YAML_BLOCK_END_TOKEN) {
            token one = { .type = y.type };
            go_to(t, &c, y.start_mark.index);
            one.from = (uint32_t)c.byte;
            one.line = c.line;
            go_to(t, &c, y.end_mark.index);
            one.to = (uint32_t)c.byte;
            one.end_line = c.line;
            one.block = y.type == YAML_SCALAR_TOKEN &&
                        (y.data.scalar.style == YAML_LITERAL_SCALAR_STYLE || y.data.scalar.style == YAML_FOLDED_SCALAR_STYLE);
            if (!keep(t, one)) s = DGM_NOMEM;
        }
        yaml_token_delete(&y);
    }
    yaml_parser_delete(&p);
    return s;
}

static bool split(tidying *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->bytes.len; i++) count += t->bytes.at[i] == '\n';
    t->lines = DGM_NEW(&t->arena, line, count + 1);
    for (size_t i = 0, k = 0; t->lines && i < t->bytes.len; k++) {
        line *l = &t->lines[k];
        size_t to = i;
        while (to < t->bytes.len && t->bytes.at[to] != '\n') to++;
        l->from = l->text = (uint32_t)i;
        l->to = (uint32_t)to;
        while (l->text < l->to && t->bytes.at[l->text] == ' ') l->text++;
        while (l->to > l->text &&
               (t->bytes.at[l->to - 1] == ' ' || t->bytes.at[l->to - 1] == '\r' || t->bytes.at[l->to - 1] == '\t'))
            l->to--;
        l->kind = l->text == l->to ? LINE_BLANK : t->bytes.at[l->text] == '#' ? LINE_COMMENT : LINE_STRUCTURE;
        t->line_count = k + 1;
        i = to + 1;
    }
    return t->lines != NULL;
}

/* Which lines continue a scalar, and which a flow collection. */
static void classify(tidying *t)
{
    uint32_t flow = 0, flow_from = 0;
    for (size_t i = 0; i < t->token_count; i++) {
        const token *k = &t->tokens[i];
        line *l = &t->lines[k->line];
        if (!l->token_count++) l->token = (uint32_t)i;
        uint32_t end = k->block ? k->end_line : k->end_line + 1;
        for (uint32_t n = k->line + 1; n < end && n < t->line_count; n++) {
            t->lines[n].kind = LINE_INSIDE;
            t->lines[n].verbatim = k->block;
        }
        bool opens = k->type == YAML_FLOW_MAPPING_START_TOKEN || k->type == YAML_FLOW_SEQUENCE_START_TOKEN;
        bool closes = k->type == YAML_FLOW_MAPPING_END_TOKEN || k->type == YAML_FLOW_SEQUENCE_END_TOKEN;
        if (opens && !flow++) flow_from = k->line;
        if (closes && flow && !--flow)
            for (uint32_t n = flow_from + 1; n <= k->line; n++)
                if (t->lines[n].kind == LINE_STRUCTURE) t->lines[n].kind = LINE_FLOW;
    }
}

/* ---- where lines begin --------------------------------------------------------------------------------------------------- */

static void enter(tidying *t, bool list, uint32_t was, uint32_t is)
{
    if (t->depth < OPEN_MAX) t->open[t->depth++] = (open_thing){ list, was, is };
}

/* A scalar with `:` behind it on its line. */
static bool is_key(const tidying *t, uint32_t k)
{
    return k + 1 < t->token_count && t->tokens[k].type == YAML_SCALAR_TOKEN && t->tokens[k + 1].type == YAML_VALUE_TOKEN &&
           t->tokens[k + 1].line == t->tokens[k].line;
}

/* The dashes a line begins with, each a list; what stands behind them may be the first key of a map. */
static void enter_lists(tidying *t, line *l)
{
    uint32_t k = l->token, was = l->text - l->from, is;
    open_thing *top = t->depth ? &t->open[t->depth - 1] : NULL;
    if (top && top->list && top->was == was)
        is = top->is;
    else
        enter(t, true, was, is = top ? top->is + (top->list ? 2 : 0) : 0);
    l->column = is;
    for (uint32_t end = l->token + l->token_count; ++k < end;) {
        was = t->tokens[k].from - l->from;
        is += 2;
        bool list = t->tokens[k].type == YAML_BLOCK_ENTRY_TOKEN;
        if (list || is_key(t, k)) enter(t, list, was, is);
        if (!list) break;
    }
}

/* A text that would end the document if its line began with it. */
static bool looks_like_a_mark(const tidying *t, const line *l)
{
    dgm_slice rest = dgm_slice_part(t->bytes, l->text, l->to);
    if (rest.len < 3 || (memcmp(rest.at, "---", 3) != 0 && memcmp(rest.at, "...", 3) != 0)) return false;
    yaml_token_type_t type = l->token_count ? t->tokens[l->token].type : YAML_NO_TOKEN;
    return type != YAML_DOCUMENT_START_TOKEN && type != YAML_DOCUMENT_END_TOKEN;
}

static void place_structure(tidying *t, line *l)
{
    uint32_t was = l->text - l->from;
    bool list = l->token_count && t->tokens[l->token].type == YAML_BLOCK_ENTRY_TOKEN;
    while (t->depth &&
           (t->open[t->depth - 1].was > was || (t->open[t->depth - 1].was == was && t->open[t->depth - 1].list && !list)))
        t->depth--;
    open_thing *top = t->depth ? &t->open[t->depth - 1] : NULL;
    if (list) {
        enter_lists(t, l);
    } else if (top && !top->list && top->was == was) {
        l->column = top->is;
    } else {
        l->column = top ? top->is + 2 : looks_like_a_mark(t, l);
        enter(t, false, was, l->column);
    }
    top = t->depth ? &t->open[t->depth - 1] : NULL;
    l->shift = top ? (int32_t)top->is - (int32_t)top->was : 0;
}

/* A comment stands where what it is about stands: `next`, the line behind it that is neither blank nor a comment, or the last one
 * of its column. */
static void place_comment(tidying *t, size_t i, size_t next, int32_t shift)
{
    uint32_t was = t->lines[i].text - t->lines[i].from;
    line *l = &t->lines[i];
    l->column = (uint32_t)((int32_t)was + shift > 0 ? (int32_t)was + shift : 0);
    if (next < t->line_count && t->lines[next].text - t->lines[next].from == was) {
        l->column = t->lines[next].column;
        return;
    }
    for (uint32_t d = t->depth; d-- > 0;)
        if (t->open[d].was == was) l->column = t->open[d].is;
}

static void place(tidying *t)
{
    int32_t shift = 0;
    for (size_t i = 0; i < t->line_count; i++) {
        line *l = &t->lines[i];
        if (l->kind == LINE_STRUCTURE) {
            place_structure(t, l);
            shift = l->shift;
        } else if (l->kind == LINE_FLOW || l->kind == LINE_INSIDE) {
            int32_t was = (int32_t)(l->text - l->from), at = was + shift;
            uint32_t depth = t->depth;
            l->column = at > 0 ? (uint32_t)at : 0;
            while (depth && t->open[depth - 1].was >= (uint32_t)was) depth--;
            /* What goes on with a text stays further in than what the text stands in. */
            if (depth && !l->verbatim && l->column <= t->open[depth - 1].is) l->column = t->open[depth - 1].is + 1;
        }
    }
    t->depth = 0;
    shift = 0;
    for (size_t i = 0, next = 0; i < t->line_count; i++) { /* again, with the columns of what follows known */
        line *l = &t->lines[i];
        if (next <= i) next = i + 1;
        if (l->kind == LINE_STRUCTURE) place_structure(t, l);
        if (l->kind == LINE_STRUCTURE) shift = l->shift;
        if (l->kind == LINE_COMMENT) {
            while (next < t->line_count && (t->lines[next].kind == LINE_BLANK || t->lines[next].kind == LINE_COMMENT)) next++;
            place_comment(t, i, next, shift);
        }
        if (!l->column && looks_like_a_mark(t, l)) l->column = 1;
    }
}

/* ---- writing ------------------------------------------------------------------------------------------------------------- */

/* Blanks between two tokens of one line. */
static uint32_t gap(const token *a, const token *b, uint32_t was)
{
    if (b->type == YAML_VALUE_TOKEN || b->type == YAML_FLOW_ENTRY_TOKEN || b->type == YAML_FLOW_MAPPING_END_TOKEN ||
        b->type == YAML_FLOW_SEQUENCE_END_TOKEN)
        return 0;
    if (a->type == YAML_FLOW_MAPPING_START_TOKEN || a->type == YAML_FLOW_SEQUENCE_START_TOKEN) return 0;
    return was || a->type == YAML_VALUE_TOKEN || a->type == YAML_FLOW_ENTRY_TOKEN || a->type == YAML_BLOCK_ENTRY_TOKEN;
}

static dgm_status blanks(dgm_buffer *out, uint32_t n)
{
    dgm_status s = DGM_OK;
    while (n-- && s == DGM_OK) s = dgm_buffer_append(out, DGM_LITERAL(" "));
    return s;
}

/* From a place of a line on: its tokens with what belongs between them, then what is left, which is a comment. */
static dgm_status put_tokens(const tidying *t, const line *l, uint32_t from, dgm_buffer *out)
{
    dgm_status s = DGM_OK;
    uint32_t at = from;
    for (uint32_t k = 0; k < l->token_count && s == DGM_OK; k++) {
        const token *x = &t->tokens[l->token + k];
        uint32_t end = x->to < l->to ? x->to : l->to;
        const token *before = l->token + k ? &t->tokens[l->token + k - 1] : NULL;
        if (x->from > l->to) break;
        if (k || (before && before->end_line == x->line && before->line != x->line))
            s = before ? blanks(out, gap(before, x, x->from - at)) : s;
        if (x->block) end = l->to; /* its head, and perhaps a comment */
        if (s == DGM_OK) s = dgm_buffer_append(out, dgm_slice_part(t->bytes, x->from, end));
        at = end;
    }
    uint32_t rest = at;
    while (rest < l->to && t->bytes.at[rest] == ' ') rest++;
    if (rest < l->to && s == DGM_OK) s = dgm_buffer_append(out, dgm_slice_part(t->bytes, at, l->to));
    return s;
}

static dgm_status put_line(const tidying *t, size_t i, dgm_buffer *out)
{
    const line *l = &t->lines[i];
    uint32_t raw = l->to;
    dgm_status s = blanks(out, l->column);
    if (s != DGM_OK) return s;
    if (l->kind == LINE_COMMENT) return dgm_buffer_append(out, dgm_slice_part(t->bytes, l->text, l->to));
    if (l->kind == LINE_STRUCTURE || l->kind == LINE_FLOW) return put_tokens(t, l, l->text, out);
    /* Inside a scalar every byte may count, blanks at the end too; behind its end there may be tokens. */
    while (raw < t->bytes.len && t->bytes.at[raw] != '\n') raw++;
    uint32_t end = raw;
    if (l->token_count) {
        const token *before = &t->tokens[l->token - 1];
        end = l->token && before->end_line == i ? before->to : t->tokens[l->token].from;
    }
    s = dgm_buffer_append(out, dgm_slice_part(t->bytes, l->text, end));
    return s == DGM_OK && l->token_count ? put_tokens(t, l, end, out) : s;
}

static dgm_status put_all(const tidying *t, dgm_buffer *out)
{
    dgm_status s = DGM_OK;
    bool blank = true; /* none at the head */
    size_t count = t->line_count;
    while (count && t->lines[count - 1].kind == LINE_BLANK) count--;
    for (size_t i = 0; i < count && s == DGM_OK; i++) {
        bool empty = t->lines[i].kind == LINE_BLANK;
        bool inside = t->lines[i].kind == LINE_INSIDE && t->lines[i].text == t->lines[i].to;
        if (empty && blank) continue;
        blank = empty;
        if (!empty && !inside) s = put_line(t, i, out);
        if (s == DGM_OK) s = dgm_buffer_append(out, DGM_LITERAL("\n"));
    }
    return s;
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------- */

/* Nested at most DGM_YAML_DEPTH_MAX deep. */
bool dgm_yaml_equal(const dgm_yaml *a, const dgm_yaml *b)
{
    if (a->kind != b->kind || a->count != b->count || !dgm_slice_equal(a->text, b->text)) return false;
    const dgm_yaml *x = a->first, *y = b->first;
    for (; x && y; x = x->next, y = y->next)
        if (!dgm_slice_equal(x->key, y->key) || !dgm_yaml_equal(x, y)) return false;
    return x == y;
}

static dgm_status tidy(tidying *t, dgm_slice path, dgm_slice bytes, dgm_diags *diags, dgm_buffer *out)
{
    const dgm_yaml *before = NULL, *after = NULL;
    const dgm_slice whole = bytes;
    dgm_diags *again = NULL;
    size_t from = out->len;
    dgm_status s = dgm_yaml_read(&t->arena, path, bytes, diags, &before);
    if (s != DGM_OK) return s;
    bool unended = bytes.len && bytes.at[bytes.len - 1] != '\n';
    if (unended) {
        bytes = dgm_arena_print(&t->arena, "%.*s\n", (int)bytes.len, bytes.at);
        if (!bytes.at) return DGM_NOMEM;
    }
    if (bytes.len >= 3 && memcmp(bytes.at, "\xEF\xBB\xBF", 3) == 0) bytes = dgm_slice_part(bytes, 3, bytes.len);
    t->bytes = bytes;
    s = split(t) ? scan(t) : DGM_NOMEM;
    if (s != DGM_OK) return s;
    classify(t);
    place(t);
    s = put_all(t, out);
    bool counts = unended && t->token_count && t->tokens[t->token_count - 1].block; /* a text whose last line has no end */
    if (s == DGM_OK && counts && out->len > from) out->len--;
    if (s == DGM_OK) s = dgm_diags_new(&t->arena.mem, 1, &again);
    if (s == DGM_OK) s = dgm_yaml_read(&t->arena, path, dgm_slice_part(dgm_buffer_slice(out), from, out->len), again, &after);
    bool same = s == DGM_OK && (before && after ? dgm_yaml_equal(before, after) : before == after);
    dgm_diags_free(again);
    if (s == DGM_NOMEM || same) return s;
    out->len = from;
    dgm_diag_source(diags, dgm_diags_add(diags, DGM_D_YAML_KEPT, DGM_WARNING), path);
    return dgm_buffer_append(out, whole);
}

dgm_status dgm_yaml_tidy(const dgm_mem *mem, dgm_slice path, dgm_slice bytes, dgm_diags *diags, dgm_buffer *out)
{
    tidying t = { .depth = 0 };
    dgm_arena_init(&t.arena, mem);
    size_t from = out->len;
    dgm_status s = tidy(&t, path, bytes, diags, out);
    if (s != DGM_OK) out->len = from;
    dgm_arena_free(&t.arena);
    return s;
}
