/* SPDX-License-Identifier: Apache-2.0
 *
 * explain_place.c - the whole way of values: of each one, or of those at a place, which rule made it, by what steps, from what,
 * back to the bytes of the input; and of a place that is empty, which rules could have written it and what they lacked. Runs after
 * a message, never while one is mapped. One thread.
 */
#include "job.h"

#include "base/utf8.h"
#include "mapping/describe.h"
#include "mapping/why.h"
#include "model/pointer.h"

enum { PATH_ROOM = 512, STEPS_MAX = 64, LACKS_MAX = 12, TEXT_MAX = 100 };
enum { WIRE, MODEL, TARGET, LEVELS };

typedef struct telling {
    const dgm_message_report *r;
    bool json;
    dgm_sink sink;
    dgm_buffer b;
    dgm_status status;
    const dgm_tree *tree[LEVELS];
    uint32_t *parents[LEVELS];                /* of their nodes */
    const dgm_mapping_entry *mapping[LEVELS]; /* what makes the tree of a level of the one below */
    dgm_inquiry *inquiry[LEVELS];
    uint32_t top; /* level that is explained */
    /* the place asked for */
    uint32_t slots[STEPS_MAX], numbers[STEPS_MAX], step_count;
    bool any; /* a value was found there */
} telling;

/* ---- words --------------------------------------------------------------------------------------------------------------- */

#define PRINT(t, ...) ((t)->status = (t)->status == DGM_OK ? dgm_buffer_print(&(t)->b, __VA_ARGS__) : (t)->status)

static void put(telling *t, dgm_slice s)
{
    if (t->status == DGM_OK) t->status = dgm_buffer_append(&t->b, s);
}

static void put_json(telling *t, dgm_slice s)
{
    put(t, DGM_LITERAL("\""));
    for (size_t i = 0, from = 0; i <= s.len; i++) {
        unsigned char c = i < s.len ? (unsigned char)s.at[i] : 0;
        if (i < s.len && c >= ' ' && c != '"' && c != '\\' && c != 0x7F) continue;
        put(t, dgm_slice_part(s, from, i));
        from = i + 1;
        if (i == s.len) break;
        if (c == '"' || c == '\\')
            PRINT(t, "\\%c", c);
        else
            PRINT(t, "\\u%04x", c);
    }
    put(t, DGM_LITERAL("\""));
}

/* For people: on one line, and not without end. */
static void put_line(telling *t, dgm_slice s, size_t most)
{
    size_t keep = dgm_utf8_head(s, most), from = 0;
    for (size_t i = 0; i < keep; i++) {
        if ((unsigned char)s.at[i] >= ' ' && s.at[i] != 0x7F) continue;
        put(t, dgm_slice_part(s, from, i));
        put(t, DGM_LITERAL(" "));
        while (i + 1 < keep && s.at[i + 1] == ' ') i++;
        from = i + 1;
    }
    put(t, dgm_slice_part(s, from, keep));
    if (keep < s.len) put(t, DGM_LITERAL("…"));
}

static void indent(telling *t, uint32_t depth)
{
    PRINT(t, "%*s", (int)(4 * depth), "");
}

static dgm_slice path_of(const telling *t, uint32_t level, uint32_t node, char *room)
{
    size_t n = dgm_tree_path_up(t->tree[level], t->parents[level], node, room, PATH_ROOM);
    return (dgm_slice){ room, n < PATH_ROOM ? n : PATH_ROOM - 1 };
}

static void flush(telling *t)
{
    if (t->status == DGM_OK) t->status = dgm_sink_put(t->sink, dgm_buffer_slice(&t->b));
    t->b.len = 0;
}

/* ---- a value ------------------------------------------------------------------------------------------------------------- */

static void put_rule(telling *t, uint32_t level, uint32_t rule, uint32_t depth)
{
    const dgm_mapping *m = t->mapping[level] ? t->mapping[level]->mapping : NULL;
    if (!m || rule >= dgm_mapping_rule_count(m)) return;
    dgm_rule_info info = dgm_mapping_rule(m, rule);
    dgm_slice file = dgm_slice_file_name(info.file);
    if (t->json) {
        put(t, DGM_LITERAL(",\"rule\":"));
        put_json(t, file);
        PRINT(t, ",\"line\":%u,\"text\":", info.line);
        put_json(t, info.text);
        return;
    }
    indent(t, depth);
    PRINT(t, "  rule %.*s:%u  ", (int)file.len, file.at ? file.at : "", info.line);
    put_line(t, info.text, TEXT_MAX);
    put(t, DGM_LITERAL("\n"));
}

/* The bytes of a value of the input. */
static void put_bytes(telling *t, uint32_t node)
{
    const dgm_tree *w = t->tree[WIRE];
    const dgm_node *n = &w->nodes[node];
    if (!dgm_kind_leaf(dgm_node_kind(n))) return;
    uint64_t at = w->base + (w->recoded ? 0 : n->at);
    dgm_slice raw = dgm_tree_raw(w, node);
    bool other = !dgm_slice_equal(raw, dgm_tree_value(w, node));
    if (t->json) {
        PRINT(t, ",\"offset\":%llu,\"bytes\":%u", (unsigned long long)at, w->recoded ? 0 : n->span);
        if (!w->recoded && other) {
            put(t, DGM_LITERAL(",\"raw\":"));
            put_json(t, raw);
        }
        return;
    }
    if (w->recoded) {
        PRINT(t, "  of the message at %llu", (unsigned long long)at);
        return;
    }
    PRINT(t, "  bytes %llu..%llu", (unsigned long long)at, (unsigned long long)at + n->span);
    if (!other) return;
    put(t, DGM_LITERAL(", sent as "));
    put_line(t, raw, TEXT_MAX);
}

static void tell_node(telling *t, uint32_t level, uint32_t node, const char *role, dgm_slice name, uint32_t depth);

static void tell_steps(telling *t, const dgm_why *why, uint32_t depth)
{
    if (t->json) put(t, DGM_LITERAL(",\"steps\":["));
    for (size_t i = 0; i < why->step_count; i++) {
        if (t->json) {
            put(t, i ? DGM_LITERAL(",{\"what\":") : DGM_LITERAL("{\"what\":"));
            put_json(t, why->steps[i].what);
            put(t, DGM_LITERAL(",\"value\":"));
            put_json(t, why->steps[i].value);
            put(t, DGM_LITERAL("}"));
            continue;
        }
        indent(t, depth);
        put(t, DGM_LITERAL("  "));
        put_line(t, why->steps[i].what, TEXT_MAX);
        put(t, DGM_LITERAL(": \""));
        put_line(t, why->steps[i].value, TEXT_MAX);
        put(t, DGM_LITERAL("\"\n"));
    }
    if (t->json) put(t, DGM_LITERAL("]"));
}

static void tell_kind(telling *t, const dgm_why *why, uint32_t depth)
{
    static const char *const words[] = {
        [DGM_WHY_UNKNOWN] = "no rule is known of it",
        [DGM_WHY_COPIED] = "copied with all below it",
        [DGM_WHY_TEST] = "said by the test of a place: ",
        [DGM_WHY_LITERAL] = "a constant: ",
        [DGM_WHY_COMPUTED] = "computed: ",
        [DGM_WHY_DEFAULT] = "the default: ",
        [DGM_WHY_NUMBER] = "a running number",
        [DGM_WHY_FORMAT] = "the format that its date is written in",
        [DGM_WHY_SECOND] = "understood where none is said: ",
        [DGM_WHY_PRESENT] = "an occurrence is there",
    };
    if (t->json) {
        PRINT(t, ",\"kind\":\"%s\"", dgm_why_kind_text(why->kind));
        if (!why->words.len) return;
        put(t, DGM_LITERAL(",\"words\":"));
        put_json(t, why->words);
        return;
    }
    if ((size_t)why->kind >= sizeof words / sizeof *words || !words[why->kind]) return;
    indent(t, depth);
    PRINT(t, "  %s", words[why->kind]);
    if (words[why->kind][strlen(words[why->kind]) - 1] == ' ') put_line(t, why->words, TEXT_MAX);
    put(t, DGM_LITERAL("\n"));
}

/* An input that is no node: a parameter, the index, a name that is computed. */
static void tell_word(telling *t, const dgm_why_input *in, uint32_t depth)
{
    if (t->json) {
        PRINT(t, "{\"role\":\"%s\",\"name\":", in->role);
        put_json(t, in->name);
        put(t, DGM_LITERAL(",\"value\":"));
        put_json(t, in->value);
        put(t, DGM_LITERAL("}"));
        return;
    }
    indent(t, depth);
    PRINT(t, "← %s ", in->role);
    put_line(t, in->name, TEXT_MAX);
    put(t, in->value.len ? DGM_LITERAL(" \"") : DGM_LITERAL(" nothing"));
    put_line(t, in->value, TEXT_MAX);
    put(t, in->value.len ? DGM_LITERAL("\"\n") : DGM_LITERAL("\n"));
}

static void tell_inputs(telling *t, uint32_t level, const dgm_why *why, uint32_t depth)
{
    if (t->json) put(t, DGM_LITERAL(",\"from\":["));
    for (size_t i = 0; i < why->input_count && t->status == DGM_OK; i++) {
        if (t->json && i) put(t, DGM_LITERAL(","));
        if (why->inputs[i].node == DGM_NONE)
            tell_word(t, &why->inputs[i], depth + 1);
        else
            tell_node(t, level - 1, why->inputs[i].node, why->inputs[i].role, why->inputs[i].name, depth + 1);
    }
    if (t->json) put(t, DGM_LITERAL("]"));
}

/* The node of a level, and what it came from: levels go down, so this calls itself twice at most. */
static void tell_node(telling *t, uint32_t level, uint32_t node, const char *role, dgm_slice name, uint32_t depth)
{
    const dgm_tree *tree = t->tree[level];
    char room[PATH_ROOM];
    dgm_slice path = path_of(t, level, node, room), value = dgm_tree_value(tree, node);
    bool leaf = dgm_kind_leaf(dgm_node_kind(&tree->nodes[node]));
    if (t->json) {
        if (depth) PRINT(t, "{\"role\":\"%s\",", role);
        if (name.len) {
            put(t, DGM_LITERAL("\"name\":"));
            put_json(t, name);
            put(t, DGM_LITERAL(","));
        }
        put(t, DGM_LITERAL("\"place\":"));
        put_json(t, path);
        put(t, DGM_LITERAL(",\"value\":"));
        put_json(t, value);
        size_t pointer = depth ? 0 : dgm_pointer_write(tree, t->parents[level], node, room, sizeof room);
        if (pointer && pointer < sizeof room) {
            put(t, DGM_LITERAL(",\"pointer\":"));
            put_json(t, (dgm_slice){ room, pointer });
        }
    } else {
        indent(t, depth);
        if (depth) put(t, DGM_LITERAL("← "));
        if (depth && strcmp(role, "value") != 0 && strcmp(role, "place") != 0) PRINT(t, "%s ", role);
        if (name.len && strcmp(role, "name") == 0) PRINT(t, "%.*s ", (int)name.len, name.at);
        PRINT(t, "%.*s%s", (int)path.len, path.at, leaf ? " \"" : "");
        put_line(t, value, TEXT_MAX);
        if (leaf) put(t, DGM_LITERAL("\""));
    }
    if (level == WIRE || !t->inquiry[level]) {
        if (tree == t->tree[WIRE]) put_bytes(t, node);
        put(t, t->json ? DGM_LITERAL("}") : DGM_LITERAL("\n"));
        return;
    }
    if (!t->json) put(t, DGM_LITERAL("\n"));
    dgm_why why = { .rule = DGM_NONE };
    dgm_status s = leaf ? dgm_inquiry_why(t->inquiry[level], tree, node, &why) : DGM_OK;
    if (s != DGM_OK && t->status == DGM_OK) t->status = s;
    put_rule(t, level, why.rule, depth);
    tell_kind(t, &why, depth);
    tell_steps(t, &why, depth);
    tell_inputs(t, level, &why, depth);
    if (t->json) put(t, DGM_LITERAL("}"));
}

static void tell_value(telling *t, uint32_t node)
{
    t->any = true;
    if (t->json) PRINT(t, "{\"message\":%u,", t->r->position.message);
    tell_node(t, t->top, node, "value", (dgm_slice){ 0 }, 0);
    if (t->json) put(t, DGM_LITERAL("\n"));
    flush(t);
}

/* ---- places -------------------------------------------------------------------------------------------------------------- */

static const dgm_shape *shape_of(const telling *t, uint32_t level)
{
    if (t->tree[level]) return t->tree[level]->shape;
    const dgm_mapping_entry *m = t->mapping[level];
    return m ? dgm_mapping_shape(m->mapping, level == MODEL) : NULL;
}

/* As an answer names it: a place of what was written, or else of the canonical document, whose vocabulary knows all identifiers. */
static bool read_pointer(telling *t, dgm_slice place)
{
    for (;;) {
        const dgm_shape *shape = shape_of(t, t->top);
        dgm_slice bad;
        size_t steps = 0;
        dgm_status s = shape ? dgm_pointer_read(shape, place, t->slots, t->numbers, STEPS_MAX, &steps, &bad) : DGM_UNKNOWN;
        t->step_count = (uint32_t)steps;
        if (s == DGM_OK && steps) return true;
        if (t->top == MODEL) return false;
        t->top = MODEL;
    }
}

/* The steps of a place as slots; a step with a number behind it means that occurrence alone. */
static bool read_place(telling *t, dgm_slice place)
{
    const dgm_shape *shape = shape_of(t, t->top);
    uint32_t slot = DGM_SLOT_ROOT;
    t->step_count = 0;
    if (shape && dgm_pointer_looks(place)) return read_pointer(t, place);
    while (shape && place.len) {
        dgm_cut cut = dgm_slice_cut(place, '/');
        dgm_slice name;
        uint32_t number, at = DGM_SLOT_NONE;
        place = cut.tail;
        if (!cut.head.len) continue; /* one at its head or end */
        if (t->step_count == STEPS_MAX || !dgm_path_step(cut.head, &name, &number)) return false;
        at = dgm_shape_child(shape, slot, name, number);
        if (at == DGM_SLOT_NONE) at = dgm_shape_alias_under(shape, slot, name);
        if (at == DGM_SLOT_NONE && slot == DGM_SLOT_ROOT) at = dgm_shape_alias(shape, name);
        if (at == DGM_SLOT_NONE) return false;
        t->slots[t->step_count] = slot = at;
        t->numbers[t->step_count++] = name.len < cut.head.len ? number : 0;
    }
    return shape != NULL;
}

/* Goes through the tree once. Tells the values at the place and beneath it; *above: the deepest node on the way to it. */
static void at_place(telling *t, uint32_t *above)
{
    const dgm_tree *tree = t->tree[t->top];
    uint32_t ends[DGM_DEPTH_MAX + 2], fits[DGM_DEPTH_MAX + 2], depth = 0, deepest = 0, leaf_fits = 0;
    *above = 0;
    ends[0] = dgm_tree_end(tree, 0);
    fits[0] = 0;
    for (uint32_t n = 1; n < tree->node_count && t->status == DGM_OK; n++) {
        const dgm_node *x = &tree->nodes[n];
        while (depth && n >= ends[depth]) depth--;
        bool of_leaf = dgm_node_kind(x) == DGM_ATTRIBUTE && dgm_node_leaf(&tree->nodes[n - 1]) && leaf_fits != UINT32_MAX;
        uint32_t over = of_leaf ? leaf_fits : fits[depth], fit = over;
        bool along = over != UINT32_MAX && over < t->step_count && dgm_node_slot(x) == t->slots[over] &&
                     (!t->numbers[over] || dgm_tree_number(tree, n) == t->numbers[over]);
        if (along)
            fit = over + 1;
        else if (over != t->step_count)
            fit = UINT32_MAX;
        if (along && fit > deepest && fit < t->step_count) {
            deepest = fit;
            *above = n;
        }
        if (fit == t->step_count && dgm_node_leaf(x) && dgm_tree_value(tree, n).len) tell_value(t, n);
        if (dgm_node_leaf(x)) {
            if (dgm_node_kind(x) != DGM_ATTRIBUTE) leaf_fits = fit;
        } else if (depth <= DGM_DEPTH_MAX) {
            ends[++depth] = dgm_tree_end(tree, n);
            fits[depth] = fit;
            leaf_fits = UINT32_MAX;
        }
    }
}

/* ---- what is not there --------------------------------------------------------------------------------------------------- */

static void tell_lacks(telling *t, uint32_t level, const dgm_tree *made, uint32_t above, uint32_t slot, uint32_t depth);

static void tell_lack(telling *t, uint32_t level, const dgm_lack *x, uint32_t depth)
{
    if (t->json) PRINT(t, "{\"why\":\"%s\"", dgm_lack_kind_text(x->kind));
    put_rule(t, level, x->rule, depth);
    if (t->json) {
        put(t, DGM_LITERAL(",\"words\":"));
        put_json(t, x->words);
    } else {
        indent(t, depth);
        put(t, DGM_LITERAL("    "));
        put_line(t, x->words, 400);
        put(t, DGM_LITERAL("\n"));
    }
    bool further =
        level > MODEL && t->inquiry[level - 1] && (x->kind == DGM_LACK_SOURCE || x->kind == DGM_LACK_EMPTY) && x->source.len;
    if (further) {
        dgm_slice bad;
        uint32_t slot = dgm_shape_find(shape_of(t, level - 1), x->source, &bad);
        if (t->json)
            put(t, DGM_LITERAL(",\"place\":"));
        else
            indent(t, depth + 1);
        if (t->json)
            put_json(t, x->source);
        else
            PRINT(t, "← %.*s is empty\n", (int)x->source.len, x->source.at);
        if (slot != DGM_SLOT_NONE) tell_lacks(t, level - 1, t->tree[level - 1], x->at == DGM_NONE ? 0 : x->at, slot, depth + 1);
    }
    if (t->json) put(t, DGM_LITERAL("}"));
}

/* Levels go down, so this and tell_lack call each other twice at most. */
static void tell_lacks(telling *t, uint32_t level, const dgm_tree *made, uint32_t above, uint32_t slot, uint32_t depth)
{
    dgm_lack *lacks = NULL;
    size_t count = 0;
    dgm_status s = t->inquiry[level] ? dgm_inquiry_lacks(t->inquiry[level], made, above, slot, LACKS_MAX, &lacks, &count) : DGM_OK;
    if (s != DGM_OK && t->status == DGM_OK) t->status = s;
    if (t->json) put(t, DGM_LITERAL(",\"reasons\":["));
    for (size_t i = 0; i < count && i < LACKS_MAX && t->status == DGM_OK; i++) {
        if (t->json && i) put(t, DGM_LITERAL(","));
        tell_lack(t, level, &lacks[i], depth);
    }
    if (t->json) {
        put(t, DGM_LITERAL("]"));
        return;
    }
    indent(t, depth);
    dgm_slice mapping = t->mapping[level] ? dgm_slice_file_name(t->mapping[level]->path) : (dgm_slice){ 0 };
    if (!count)
        PRINT(t, "  no rule of %.*s writes it\n", (int)mapping.len, mapping.at ? mapping.at : "a mapping");
    else if (count > LACKS_MAX)
        PRINT(t, "  and %zu more\n", count - LACKS_MAX);
    else
        t->b.len -= 4 * depth;
}

static void tell_missing(telling *t, dgm_slice place, uint32_t above)
{
    if (t->json) {
        PRINT(t, "{\"message\":%u,\"place\":", t->r->position.message);
        put_json(t, place);
        put(t, DGM_LITERAL(",\"missing\":true"));
    } else {
        PRINT(t, "✗ %.*s is empty\n", (int)place.len, place.at);
    }
    tell_lacks(t, t->top, t->tree[t->top], above, t->slots[t->step_count - 1], 0);
    if (t->json) put(t, DGM_LITERAL("}\n"));
    flush(t);
}

/* ---- a message ----------------------------------------------------------------------------------------------------------- */

/* The trees that there are, and the mappings between them. A canonical document that came as such is both of its own. */
static dgm_status take_up(telling *t)
{
    const dgm_message_report *r = t->r;
    const struct dgm_job *j = r->job;
    dgm_status s = DGM_OK;
    t->tree[WIRE] = r->wire;
    t->tree[MODEL] = r->model && r->model != r->wire ? r->model : NULL;
    t->tree[TARGET] = r->target && r->target != r->model ? r->target : NULL;
    t->mapping[MODEL] = j->mapping_in;
    t->mapping[TARGET] = j->to && !j->to_json ? j->to->mapping : NULL;
    if (r->model && r->model == r->wire) t->tree[MODEL] = r->wire;
    if (r->wire && t->mapping[MODEL] && r->model != r->wire)
        s = dgm_inquiry_open(&j->mem, t->mapping[MODEL]->mapping, DGM_READ, r->wire, &j->run, &t->inquiry[MODEL]);
    if (s == DGM_OK && r->model && t->mapping[TARGET])
        s = dgm_inquiry_open(&j->mem, t->mapping[TARGET]->mapping, DGM_WRITE, r->model, &j->run, &t->inquiry[TARGET]);
    t->top = t->inquiry[TARGET] ? TARGET : MODEL;
    for (uint32_t i = 0; i < LEVELS && s == DGM_OK; i++) {
        if (!t->tree[i]) continue;
        t->parents[i] = dgm_mem_new(&j->mem, t->tree[i]->node_count * sizeof *t->parents[i]);
        if (!t->parents[i]) return DGM_NOMEM;
        dgm_tree_parents(t->tree[i], t->parents[i]);
    }
    return s;
}

dgm_status dgm_report_explain_place(const dgm_message_report *report, dgm_slice place, bool json, dgm_sink sink)
{
    if (!report->job || !report->wire) return DGM_USAGE;
    telling t = { .r = report, .json = json, .sink = sink };
    dgm_buffer_init(&t.b, &report->job->mem);
    dgm_status s = take_up(&t);
    uint32_t above = 0;
    if (s == DGM_OK && !t.tree[MODEL] && !t.inquiry[MODEL]) s = DGM_INVALID;
    bool known = s == DGM_OK && read_place(&t, place);
    if (s == DGM_OK && !known && place.len) s = DGM_UNKNOWN;
    if (s == DGM_OK && t.tree[t.top]) at_place(&t, &above);
    bool missing = s == DGM_OK && !t.any && t.step_count;
    if (missing) tell_missing(&t, place, above);
    for (uint32_t i = 0; i < LEVELS; i++) {
        dgm_inquiry_free(t.inquiry[i]);
        if (t.parents[i] && t.tree[i]) dgm_mem_free(&report->job->mem, t.parents[i], t.tree[i]->node_count * sizeof *t.parents[i]);
    }
    dgm_buffer_free(&t.b);
    if (s == DGM_OK) s = t.status;
    return s == DGM_OK && missing ? DGM_END : s;
}
