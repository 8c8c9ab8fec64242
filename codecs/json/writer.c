/* SPDX-License-Identifier: Apache-2.0
 *
 * writer.c - canonical documents as JSON: keys in the order of the model, one line for each value. The document is made whole
 * before a byte of it leaves, so a document that is refused leaves nothing behind. One thread at a time.
 */
#include "json.h"

const dgm_option dgm_json_writer_options[] = {
    { .name = "indent", .standard = "2", .help = "blanks for each level; 0 writes everything on one line", .kind = DGM_OPT_COUNT },
    { 0 },
};

enum { INDENT_MAX = 16 };

typedef struct level {  /* an open object */
    uint32_t end, last; /* its end; the slot written last */
    bool array;         /* of that slot, still open */
    bool any;           /* a member was written */
} level;

typedef struct json_writer {
    dgm_writer base; /* first */
    dgm_host host;
    dgm_sink sink;
    dgm_buffer out;
    uint32_t indent;
    bool used;
    dgm_status status; /* of appending, for the document being written */
    level levels[DGM_DEPTH_MAX];
    uint32_t depth;
} json_writer;

/* ---- text ---- */

static void put(json_writer *w, dgm_slice text)
{
    if (w->status == DGM_OK) w->status = dgm_buffer_append(&w->out, text);
}

static void put_line(json_writer *w, uint32_t depth)
{
    static const char blanks[] = "                ";
    if (w->indent == 0) return;
    put(w, DGM_LITERAL("\n"));
    for (uint32_t i = 0; i < depth; i++) put(w, (dgm_slice){ blanks, w->indent });
}

static void put_string(json_writer *w, dgm_slice text)
{
    static const char hex[] = "0123456789ABCDEF";
    put(w, DGM_LITERAL("\""));
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        put(w, dgm_slice_part(text, from, i));
        from = i + 1;
        const char *hit = c ? strchr("\"\"\\\\\bb\ff\nn\rr\tt", (char)c) : NULL; /* pairs: character, letter of its escape */
        char unicode[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, letter[2] = { '\\', hit ? hit[1] : 0 };
        put(w, hit ? (dgm_slice){ letter, 2 } : (dgm_slice){ unicode, 6 });
    }
    put(w, dgm_slice_part(text, from, text.len));
    put(w, DGM_LITERAL("\""));
}

/* A leaf's value by its type: digits as they are where JSON knows such a number, else text. */
static void put_scalar(json_writer *w, const dgm_tree *t, uint32_t node)
{
    const dgm_slot *s = dgm_shape_slot(t->shape, dgm_node_slot(&t->nodes[node]));
    dgm_slice value = dgm_tree_value(t, node);
    bool number = s->type == DGM_TYPE_NUMBER || s->type == DGM_TYPE_AMOUNT || s->type == DGM_TYPE_QUANTITY;
    bool flag = s->type == DGM_TYPE_FLAG && (dgm_slice_is(value, "true") || dgm_slice_is(value, "false"));
    if (flag || (number && dgm_json_number(value)))
        put(w, value);
    else
        put_string(w, value);
}

/* {"value": 12.50, "currencyID": "GBP"} */
static void put_leaf(json_writer *w, const dgm_tree *t, uint32_t node)
{
    if (!(dgm_node_flags(&t->nodes[node]) & DGM_HAS_MORE)) {
        put_scalar(w, t, node);
        return;
    }
    put(w, w->indent ? DGM_LITERAL("{\"value\": ") : DGM_LITERAL("{\"value\":"));
    put_scalar(w, t, node);
    for (uint32_t i = node + 1, next = dgm_tree_next(t, node); i < next; i++) {
        dgm_slice name = dgm_tree_name(t, i);
        put(w, w->indent ? DGM_LITERAL(", ") : DGM_LITERAL(","));
        if (name.len && name.at[0] == '@' && !dgm_slice_is(name, "@value")) name = dgm_slice_part(name, 1, name.len);
        put_string(w, name);
        put(w, w->indent ? DGM_LITERAL(": ") : DGM_LITERAL(":"));
        put_scalar(w, t, i);
    }
    put(w, DGM_LITERAL("}"));
}

/* ---- structure ---- */

static dgm_status refuse(json_writer *w, dgm_diag_code code, const dgm_tree *t, uint32_t node)
{
    dgm_diag *d = dgm_diags_add(w->host.diags, code, DGM_ERROR);
    if (!d) return DGM_INVALID;
    char path[256];
    size_t n = dgm_tree_path(t, node, path, sizeof path);
    d->node = node;
    d->position = t->position;
    dgm_diag_text(w->host.diags, d, dgm_tree_name(t, node));
    dgm_diag_path(w->host.diags, d, (dgm_slice){ path, n < sizeof path ? n : sizeof path });
    return DGM_INVALID;
}

/* The depth of lines: the envelope's object, then two for each open object and array above. */
static uint32_t line_depth(const json_writer *w)
{
    uint32_t arrays = 0;
    for (uint32_t i = 0; i < w->depth; i++) arrays += w->levels[i].array;
    return 1 + w->depth + arrays;
}

static void close_array(json_writer *w, level *v)
{
    if (!v->array) return;
    v->array = false;
    put_line(w, line_depth(w));
    put(w, DGM_LITERAL("]"));
}

static void close_level(json_writer *w)
{
    level *v = &w->levels[w->depth - 1];
    close_array(w, v);
    w->depth--;
    if (v->any) put_line(w, line_depth(w));
    put(w, DGM_LITERAL("}"));
}

/* "C246#2" where several slots have one name. */
static void put_key(json_writer *w, const dgm_tree *t, uint32_t slot)
{
    const dgm_slot *s = dgm_shape_slot(t->shape, slot);
    const dgm_slot *above = dgm_shape_slot(t->shape, s->parent);
    char number[16];
    uint32_t n = sizeof number, ordinal = s->ordinal;
    bool several =
        ordinal > 1 || (s->max != DGM_UNBOUNDED && dgm_shape_child(t->shape, s->parent, s->name, s->max + 1) != DGM_SLOT_NONE);
    if (!several || !above) {
        put_string(w, s->name);
    } else {
        do number[--n] = (char)('0' + ordinal % 10);
        while ((ordinal /= 10) > 0);
        number[--n] = '#';
        put(w, DGM_LITERAL("\""));
        put(w, s->name);
        put(w, (dgm_slice){ number + n, sizeof number - n });
        put(w, DGM_LITERAL("\""));
    }
    put(w, w->indent ? DGM_LITERAL(": ") : DGM_LITERAL(":"));
}

/* Comma, key and bracket before one child of the innermost object. */
static dgm_status begin_child(json_writer *w, const dgm_tree *t, uint32_t node)
{
    level *v = &w->levels[w->depth - 1];
    uint32_t slot = dgm_node_slot(&t->nodes[node]);
    bool same = v->any && slot == v->last;
    if (v->any && !same && slot < v->last) return refuse(w, DGM_D_JSON_WRITE_ORDER, t, node);
    if (!same) close_array(w, v);
    if (v->any) put(w, DGM_LITERAL(","));
    v->any = true;
    v->last = slot;
    put_line(w, line_depth(w));
    if (same) return DGM_OK;
    put_key(w, t, slot);
    uint32_t next = dgm_tree_next(t, node);
    bool twin = next < v->end && dgm_node_slot(&t->nodes[next]) == slot; /* one too many is still written, and read */
    v->array = dgm_shape_slot(t->shape, slot)->max > 1 || twin;
    if (!v->array) return DGM_OK;
    put(w, DGM_LITERAL("["));
    put_line(w, line_depth(w));
    return DGM_OK;
}

static dgm_status put_document(json_writer *w, const dgm_tree *t)
{
    w->depth = 0;
    for (uint32_t i = 0; i < t->node_count && w->status == DGM_OK;) {
        while (w->depth && w->levels[w->depth - 1].end <= i) close_level(w);
        const dgm_node *n = &t->nodes[i];
        bool leaf = dgm_kind_leaf(dgm_node_kind(n));
        for (uint32_t k = i, next = leaf ? dgm_tree_next(t, i) : i + 1; k < next; k++) {
            if (dgm_node_flags(&t->nodes[k]) & DGM_UNKNOWN_NAME) return refuse(w, DGM_D_JSON_WRITE_UNKNOWN, t, k);
            bool falls = k > i + 1 && dgm_node_slot(&t->nodes[k]) <= dgm_node_slot(&t->nodes[k - 1]);
            if (falls) return refuse(w, DGM_D_JSON_WRITE_ORDER, t, k); /* one attribute twice would be one key twice */
        }
        dgm_status st = w->depth ? begin_child(w, t, i) : DGM_OK;
        if (st != DGM_OK) return st;
        if (leaf) {
            put_leaf(w, t, i);
            i = dgm_tree_next(t, i);
            continue;
        }
        if (w->depth == DGM_DEPTH_MAX) return DGM_USAGE; /* no sound tree is that deep */
        put(w, DGM_LITERAL("{"));
        w->levels[w->depth++] = (level){ .end = n->span };
        i++;
    }
    while (w->depth) close_level(w);
    return w->status;
}

/* ---- the writer's table ---- */

dgm_status dgm_json_writer_open(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n,
                                dgm_sink sink, dgm_writer **out)
{
    (void)format; /* the tree brings its shape */
    *out = NULL;
    if (host->abi != DGM_CODEC_ABI) return DGM_USAGE;
    dgm_slice indent = dgm_setting_get(settings, n, dgm_json_writer_options, "indent");
    uint32_t blanks = 0;
    for (size_t i = 0; i < indent.len; i++) {
        if (indent.at[i] < '0' || indent.at[i] > '9' || indent.len > 2) return DGM_USAGE;
        blanks = blanks * 10 + (uint32_t)(indent.at[i] - '0');
    }
    if (blanks > INDENT_MAX) return DGM_USAGE;
    json_writer *w = dgm_mem_new(&host->mem, sizeof *w);
    if (!w) return DGM_NOMEM;
    w->base.codec = &dgm_codec_json;
    w->host = *host;
    w->sink = sink;
    w->indent = blanks;
    dgm_buffer_init(&w->out, &host->mem);
    *out = &w->base;
    return DGM_OK;
}

dgm_status dgm_json_write(dgm_writer *base, const dgm_tree *tree)
{
    json_writer *w = (json_writer *)base;
    if (w->used || !tree->shape || tree->node_count == 0) return DGM_USAGE; /* one output holds one document */
    w->out.len = 0;
    w->status = DGM_OK;
    put(w, DGM_LITERAL("{"));
    put_line(w, 1);
    put(w, w->indent ? DGM_LITERAL("\"dragoman\": \"document/1\",") : DGM_LITERAL("\"dragoman\":\"document/1\","));
    put_line(w, 1);
    put(w, w->indent ? DGM_LITERAL("\"model\": ") : DGM_LITERAL("\"model\":"));
    put_string(w, dgm_shape_name(tree->shape));
    put(w, DGM_LITERAL(","));
    put_line(w, 1);
    put(w, w->indent ? DGM_LITERAL("\"document\": ") : DGM_LITERAL("\"document\":"));
    dgm_status st = put_document(w, tree);
    put_line(w, 0);
    put(w, DGM_LITERAL("}\n"));
    if (st == DGM_OK) st = w->status;
    if (st == DGM_OK) st = dgm_sink_put(w->sink, dgm_buffer_slice(&w->out));
    if (st == DGM_OK) w->used = true;
    return st;
}

dgm_status dgm_json_finish(dgm_writer *base)
{
    (void)base; /* the document left whole */
    return DGM_OK;
}

void dgm_json_writer_close(dgm_writer *base)
{
    json_writer *w = (json_writer *)base;
    if (!w) return;
    dgm_mem mem = w->host.mem;
    dgm_buffer_free(&w->out);
    dgm_mem_free(&mem, w, sizeof *w);
}
