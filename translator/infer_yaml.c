/* SPDX-License-Identifier: Apache-2.0
 *
 * infer_yaml.c - what was inferred as a mapping file, with its code tables and perhaps its format. What is written is loaded and
 * checked at once: a proposal that the checks do not allow becomes a comment, with what they say. One thread.
 */
#include "infer_state.h"

#include "base/buffer.h"
#include "base/diag.h"

#include <stdlib.h>

enum { ROUNDS_MAX = 400, LINES_MAX = 1 << 20, DEPTH_MAX = 24 };

typedef struct writing {
    dgm_inference *i;
    dgm_slice name; /* of the mapping */
    dgm_slice format;
    bool tables;
    dgm_buffer *out;
    dgm_status status;
    uint32_t line;      /* the next one */
    uint32_t *lines;    /* by proposal: where it stands; 0: nowhere */
    uint32_t *order;    /* proposals as they are written */
    uint64_t *position; /* by proposal: where it is seen first */
    dgm_slice *table;   /* by proposal: the name of its code table */
    dgm_slice wrong;    /* what the checks refuse and no proposal is the reason of */
} writing;

/* ---- text ---------------------------------------------------------------------------------------------------------------- */

static void put(writing *w, dgm_slice text)
{
    for (size_t i = 0; i < text.len; i++) w->line += text.at[i] == '\n';
    if (w->status == DGM_OK) w->status = dgm_buffer_append(w->out, text);
}

static void say(writing *w, const char *text)
{
    put(w, dgm_slice_of(text));
}

static void put_number(writing *w, uint64_t n)
{
    dgm_slice text = dgm_arena_print(&w->i->arena, "%llu", (unsigned long long)n);
    if (!text.at) w->status = DGM_NOMEM;
    put(w, text);
}

/* Nothing that ends a comment or a scalar. */
static void put_one_line(writing *w, dgm_slice text)
{
    size_t from = 0;
    for (size_t i = 0; i <= text.len; i++) {
        bool control = i < text.len && ((unsigned char)text.at[i] < 32 || text.at[i] == 127);
        if (i < text.len && !control) continue;
        put(w, dgm_slice_part(text, from, i));
        if (control) say(w, " ");
        from = i + 1;
    }
}

static bool plain(dgm_slice v)
{
    for (size_t i = 0; i < v.len; i++) {
        char c = v.at[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && (!i || !strchr("_/.@-", c))) return false;
    }
    return v.len > 0;
}

static void put_scalar(writing *w, dgm_slice v)
{
    bool quoted = !plain(v) && !dgm_slice_is(v, ".");
    if (dgm_slice_is(v, ".")) quoted = true;
    if (quoted) say(w, "\"");
    for (size_t i = 0; i < v.len; i++) {
        if (quoted && (v.at[i] == '"' || v.at[i] == '\\')) say(w, "\\");
        put_one_line(w, dgm_slice_part(v, i, i + 1));
    }
    if (quoted) say(w, "\"");
}

static void put_places(writing *w, const dgm_proposal *p)
{
    if (p->wire.len) {
        say(w, "wire: ");
        put_scalar(w, p->wire);
    }
    if (p->model.len) {
        say(w, p->wire.len ? ", model: " : "model: ");
        put_scalar(w, p->model);
    }
}

static void put_evidence(writing *w, const dgm_proposal *p)
{
    put_number(w, p->percent);
    say(w, " %: ");
    say(w, p->each ? "the lists go side by side, " : p->how);
    if (!p->each) say(w, ", ");
    put_number(w, p->agree);
    say(w, p->each ? (p->agree == 1 ? " occurrence" : " occurrences") : p->agree == 1 ? " value" : " values");
    if (!p->each && p->distinct != p->agree) {
        say(w, " (");
        put_number(w, p->distinct);
        say(w, " different)");
    }
    say(w, " in ");
    put_number(w, p->pairs);
    say(w, p->pairs == 1 ? " pair" : " pairs");
    if (!p->against.len) return;
    say(w, "; ");
    put_one_line(w, p->against);
}

/* ---- order --------------------------------------------------------------------------------------------------------------- */

static dgm_proposal *proposal(const writing *w, size_t i)
{
    return &w->i->found.at[i];
}

static void find_positions(writing *w)
{
    for (size_t n = w->i->found.count; n-- > 0;) {
        const dgm_proposal *p = proposal(w, n);
        uint64_t at = UINT64_MAX;
        uint32_t pair = UINT32_MAX;
        for (uint32_t k = 0; k < p->witness_count; k++)
            if (p->witnesses[k].wire_place.len && p->witnesses[k].pair < pair) {
                pair = p->witnesses[k].pair;
                at = (uint64_t)pair << 40 | (p->witnesses[k].wire_at & 0xFFFFFFFFFFu);
            }
        if (at < w->position[n]) w->position[n] = at;
        if (p->parent != DGM_NONE && w->position[n] < w->position[p->parent]) w->position[p->parent] = w->position[n];
    }
}

typedef struct place_of {
    uint64_t position;
    uint32_t parent, index;
} place_of;

static int earlier(const void *a, const void *b)
{
    const place_of *x = a, *y = b;
    if (x->position != y->position) return x->position < y->position ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static bool sort(writing *w)
{
    size_t n = w->i->found.count;
    place_of *all = DGM_NEW(&w->i->arena, place_of, n + 1);
    if (!all) return false;
    for (size_t k = 0; k < n; k++) w->position[k] = UINT64_MAX;
    find_positions(w);
    for (size_t k = 0; k < n; k++) all[k] = (place_of){ w->position[k], proposal(w, k)->parent, (uint32_t)k };
    qsort(all, n, sizeof *all, earlier);
    for (size_t k = 0; k < n; k++) w->order[k] = all[k].index;
    return true;
}

/* ---- statements ---------------------------------------------------------------------------------------------------------- */

static bool stands(const writing *w, uint32_t index)
{
    const dgm_proposal *p = proposal(w, index);
    if (!p->kept || (p->code_count && !w->tables)) return false;
    if (!p->each) return true;
    for (size_t k = index + 1; k < w->i->found.count; k++)
        if (proposal(w, k)->parent == index && stands(w, (uint32_t)k)) return true;
    return false;
}

static void put_indent(writing *w, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++) say(w, "  ");
}

static void put_table_lines(writing *w, const dgm_proposal *p, uint32_t depth)
{
    for (uint32_t i = 0; i < p->code_count; i++) {
        put_indent(w, depth);
        say(w, "#     model ");
        put_one_line(w, p->codes[2 * i]);
        say(w, "  wire ");
        put_one_line(w, p->codes[2 * i + 1]);
        say(w, "\n");
    }
}

static void put_rule(writing *w, uint32_t index, uint32_t depth, bool live)
{
    const dgm_proposal *p = proposal(w, index);
    put_indent(w, depth);
    if (live) w->lines[index] = w->line;
    say(w, live ? "- {" : "# - {");
    put_places(w, p);
    if (p->keys.len) {
        say(w, ", ");
        put(w, p->keys);
    }
    if (p->code_count) {
        say(w, ", codes: ");
        put_scalar(w, w->table[index]);
    }
    say(w, "}  # ");
    put_evidence(w, p);
    say(w, "\n");
    if (!live && p->code_count) put_table_lines(w, p, depth);
}

/* An each with what is in it; one that does not stand is a comment with all of it. */
static void put_statements(writing *w, uint32_t parent, uint32_t depth, bool live)
{
    for (size_t k = 0; k < w->i->found.count && depth < DEPTH_MAX; k++) {
        uint32_t index = w->order[k];
        const dgm_proposal *p = proposal(w, index);
        if (p->parent != parent) continue;
        bool here = live && stands(w, index);
        if (!p->each) {
            put_rule(w, index, depth, here);
            continue;
        }
        put_indent(w, depth);
        if (here) w->lines[index] = w->line;
        say(w, here ? "- each: {" : "# - each: {");
        put_places(w, p);
        say(w, "}  # ");
        put_evidence(w, p);
        say(w, "\n");
        put_indent(w, depth + 1);
        say(w, here ? "rules:\n" : "# rules:\n");
        put_statements(w, index, depth + 1, here);
    }
}

/* ---- the file ------------------------------------------------------------------------------------------------------------ */

static void put_head(writing *w)
{
    const dgm_inference *i = w->i;
    say(w, "# ");
    put_one_line(w, w->format);
    say(w, " and ");
    put(w, dgm_shape_name(i->model->model->shape));
    say(w, ": proposed from ");
    put_number(w, i->count[0]);
    say(w, i->count[0] == 1 ? " pair of messages.\n" : " pairs of messages.\n");
    say(w, "# Behind each rule: how sure it is, and what it is seen in. What is less sure, or not allowed as it is, is a comment. "
           "Keep what is\n"
           "# right, and take the remarks away; `dragoman map lint` and `map coverage` tell what is missing.\n");
    for (dgm_slice rest = w->wrong; rest.len;) {
        dgm_cut cut = dgm_slice_cut(rest, '\n');
        say(w, "# Still to do: ");
        put_one_line(w, cut.head);
        say(w, "\n");
        rest = cut.tail;
    }
    say(w, "dragoman: mapping/1\nmapping: ");
    put_scalar(w, w->name);
    say(w, "\nwire: {format: ");
    put_scalar(w, w->format);
    say(w, "}\nmodel: ");
    put(w, dgm_shape_name(i->model->model->shape));
    say(w, "\n");
    bool any = false;
    for (size_t k = 0; k < i->found.count && !any; k++) any = i->found.at[k].parent == DGM_NONE && stands(w, (uint32_t)k);
    say(w, any ? "rules:\n" : "rules: []\n");
    put_statements(w, DGM_NONE, 0, true);
}

static bool name_tables(writing *w)
{
    for (size_t n = 0; n < w->i->found.count; n++) {
        const dgm_proposal *p = proposal(w, n);
        if (!p->code_count) continue;
        dgm_slice last = dgm_slice_file_name(p->model);
        dgm_slice t = dgm_arena_print(&w->i->arena, "%.*s-%.*s-%zu", (int)w->name.len, w->name.at, (int)last.len, last.at, n + 1);
        char *at = t.at ? DGM_NEW(&w->i->arena, char, t.len + 1) : NULL;
        if (!at) return false;
        for (size_t k = 0; k < t.len; k++) {
            char c = t.at[k] >= 'A' && t.at[k] <= 'Z' ? (char)(t.at[k] + 32) : t.at[k];
            at[k] = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ? c : '-';
        }
        w->table[n] = (dgm_slice){ at, t.len };
    }
    return true;
}

static dgm_slice table_bytes(writing *w, size_t n)
{
    const dgm_proposal *p = proposal(w, n);
    dgm_slice t = dgm_arena_print(&w->i->arena,
                                  "# Codes that go together in %u pairs of messages: those that were seen, not those there are.\n"
                                  "# source: examples\n# edition: %zu pairs\nmodel\twire\n",
                                  p->pairs, w->i->count[0]);
    for (uint32_t i = 0; i < p->code_count && t.at; i++) {
        dgm_slice m = p->codes[2 * i], c = p->codes[2 * i + 1];
        t = dgm_arena_print(&w->i->arena, "%.*s%.*s\t%.*s\n", (int)t.len, t.at, (int)m.len, m.at, (int)c.len, c.at);
    }
    return t;
}

/* A format that no file has: what UNH says of the message. */
static dgm_slice format_bytes(writing *w)
{
    dgm_slice part[4] = { { 0 } }, rest = w->i->wire->type;
    for (int i = 0; i < 4; i++) {
        dgm_cut cut = dgm_slice_cut(rest, ':');
        part[i] = cut.head;
        rest = cut.tail;
    }
    return dgm_arena_print(&w->i->arena,
                           "dragoman: format/1\nformat: %.*s\ntitle: %.*s %.*s.%.*s\ncodec: edifact\nmessage: %.*s\nversion: %.*s\n"
                           "release: %.*s\nagency: %.*s\n",
                           (int)w->format.len, w->format.at, (int)part[0].len, part[0].at, (int)part[1].len, part[1].at,
                           (int)part[2].len, part[2].at, (int)part[0].len, part[0].at, (int)part[1].len, part[1].at,
                           (int)part[2].len, part[2].at, (int)part[3].len, part[3].at);
}

static bool gather_files(writing *w)
{
    dgm_inference *i = w->i;
    i->file_count = 0;
    i->files = DGM_NEW(&i->arena, dgm_infer_file, i->found.count + 1);
    if (!i->files) return false;
    if (!i->wire->format.len) i->files[i->file_count++] = (dgm_infer_file){ "formats/edifact", w->format, format_bytes(w) };
    for (size_t n = 0; n < i->found.count; n++)
        if (w->lines[n] && i->found.at[n].code_count)
            i->files[i->file_count++] = (dgm_infer_file){ "codes", w->table[n], table_bytes(w, n) };
    for (size_t n = 0; n < i->file_count; n++)
        if (!i->files[n].bytes.at) return false;
    return true;
}

/* ---- held against the checks --------------------------------------------------------------------------------------------- */

static const dgm_shape *env_format(void *ctx, dgm_slice name)
{
    const writing *w = ctx;
    return dgm_slice_equal(name, w->format) ? w->i->wire->wire->shape : NULL;
}

static const dgm_shape *env_model(void *ctx, dgm_slice name)
{
    const writing *w = ctx;
    const dgm_shape *s = w->i->model->model->shape;
    return dgm_slice_equal(name, dgm_shape_name(s)) ? s : NULL;
}

static dgm_status env_file(void *ctx, const char *kind, dgm_slice name, dgm_slice *bytes, dgm_slice *path)
{
    writing *w = ctx;
    for (size_t n = 0; n < w->i->found.count && strcmp(kind, "codes") == 0; n++) {
        if (!w->table[n].len || !dgm_slice_equal(w->table[n], name)) continue;
        *bytes = table_bytes(w, n);
        *path = w->table[n];
        return bytes->at ? DGM_OK : DGM_NOMEM;
    }
    return DGM_UNKNOWN;
}

static size_t env_names(void *ctx, const char *kind, dgm_slice *out, size_t room)
{
    (void)ctx, (void)kind, (void)out, (void)room;
    return 0;
}

static uint32_t at_line(const writing *w, uint64_t line)
{
    for (size_t n = 0; n < w->i->found.count && line; n++)
        if (w->lines[n] == line) return (uint32_t)n;
    return DGM_NONE;
}

/* A proposal that the checks refuse becomes a comment; of two that do not go together the less sure one. True: there was one. */
static bool refuse(writing *w, const dgm_diag *d)
{
    uint32_t n = at_line(w, d->line);
    for (uint32_t i = 0; i < d->argument_count; i++) {
        const dgm_argument *a = &d->arguments[i];
        uint32_t other = a->kind == DGM_ARGUMENT_NUMBER && a->number > 0 ? at_line(w, (uint64_t)a->number) : DGM_NONE;
        if (other != DGM_NONE && (n == DGM_NONE || proposal(w, other)->percent < proposal(w, n)->percent)) n = other;
    }
    if (n == DGM_NONE || !proposal(w, n)->kept) return false;
    dgm_proposal *p = proposal(w, n);
    if (p->keys.len > 8 && memcmp(p->keys.at, "copies: ", 8) == 0) { /* the rule itself may well be right */
        p->keys = (dgm_slice){ 0 };
        return true;
    }
    dgm_buffer words;
    dgm_buffer_init(&words, &w->i->mem);
    dgm_status s = dgm_diag_sentence(d, dgm_buffer_sink(&words));
    p->kept = false;
    p->against = dgm_arena_print(&w->i->arena, "%.*s%snot allowed: %.*s", (int)p->against.len, p->against.at ? p->against.at : "",
                                 p->against.len ? "; " : "", (int)words.len, words.at ? words.at : "");
    dgm_buffer_free(&words);
    if (s != DGM_OK || !p->against.at) w->status = DGM_NOMEM;
    return true;
}

/* What cannot be mended here stands at the top of the file. */
static void leave_to_do(writing *w, dgm_diags *diags)
{
    dgm_buffer words;
    dgm_buffer_init(&words, &w->i->mem);
    dgm_status s = DGM_OK;
    for (size_t i = 0; i < dgm_diags_count(diags) && s == DGM_OK; i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        if (d->severity != DGM_ERROR) continue;
        if (words.len) s = dgm_buffer_append(&words, DGM_LITERAL("\n"));
        if (s == DGM_OK) s = dgm_diag_sentence(d, dgm_buffer_sink(&words));
    }
    w->wrong = s == DGM_OK ? dgm_arena_copy(&w->i->arena, dgm_buffer_slice(&words)) : (dgm_slice){ 0 };
    if (!w->wrong.at) w->status = DGM_NOMEM;
    dgm_buffer_free(&words);
}

/* Whether the checks refuse nothing, or nothing that can be taken out. */
static bool settled(writing *w, dgm_diags *diags)
{
    dgm_mapping_env env = {
        .mem = w->i->mem, .ctx = w, .format = env_format, .model = env_model, .file = env_file, .names = env_names
    };
    dgm_mapping *m = NULL;
    dgm_diags_clear(diags);
    dgm_status s = dgm_mapping_load(&env, w->name, dgm_buffer_slice(w->out), diags, &m);
    dgm_mapping_free(m);
    if (s == DGM_NOMEM) w->status = s;
    if (s == DGM_OK || w->status != DGM_OK) return true;
    bool any = false;
    for (size_t i = 0; i < dgm_diags_count(diags); i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        if (d->severity == DGM_ERROR && refuse(w, d)) any = true;
    }
    if (!any && !w->wrong.len) {
        leave_to_do(w, diags);
        return false; /* written once more, with what is to do */
    }
    return !any;
}

static void write_until_settled(writing *w)
{
    dgm_diags *diags = NULL;
    if (dgm_diags_new(&w->i->mem, 0, &diags) != DGM_OK) {
        w->status = DGM_NOMEM;
        return;
    }
    for (int round = 0; round < ROUNDS_MAX && w->status == DGM_OK; round++) {
        w->out->len = 0;
        w->line = 1;
        memset(w->lines, 0, w->i->found.count * sizeof *w->lines);
        put_head(w);
        if (w->status != DGM_OK || settled(w, diags)) break;
    }
    dgm_diags_free(diags);
}

static dgm_slice own_name(writing *w)
{
    dgm_slice type = w->i->wire->type;
    char *at = DGM_NEW(&w->i->arena, char, type.len + 1);
    size_t n = 0, colons = 0;
    for (size_t i = 0; i < type.len && at && colons < 3; i++) {
        char c = type.at[i];
        colons += c == ':';
        if (c == ':' && colons == 1) at[n++] = '-';
        if (c != ':') at[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return (dgm_slice){ at, n };
}

dgm_status dgm_infer_mapping(dgm_inference *i, dgm_slice name, bool tables, dgm_sink sink)
{
    if (!i || !i->done) return DGM_USAGE;
    dgm_buffer out;
    size_t n = i->found.count;
    writing w = { .i = i, .tables = tables, .out = &out, .format = i->wire->format };
    if (!w.format.len) w.format = own_name(&w);
    w.name = name.len ? name : w.format;
    w.lines = DGM_NEW(&i->arena, uint32_t, n + 1);
    w.order = DGM_NEW(&i->arena, uint32_t, n + 1);
    w.position = DGM_NEW(&i->arena, uint64_t, n + 1);
    w.table = DGM_NEW(&i->arena, dgm_slice, n + 1);
    if (!w.lines || !w.order || !w.position || !w.table || !w.format.at || !name_tables(&w) || !sort(&w)) return DGM_NOMEM;
    dgm_buffer_init(&out, &i->mem);
    write_until_settled(&w);
    if (w.status == DGM_OK && !gather_files(&w)) w.status = DGM_NOMEM;
    i->to_do = w.wrong;
    for (size_t k = 0; k < n && w.status == DGM_OK; k++)
        if (!w.lines[k]) i->found.at[k].kept = false; /* also what stands in an each that does not */
    if (w.status == DGM_OK) w.status = dgm_sink_put(sink, dgm_buffer_slice(&out));
    dgm_buffer_free(&out);
    return w.status;
}
