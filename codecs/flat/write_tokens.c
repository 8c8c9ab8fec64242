/* SPDX-License-Identifier: Apache-2.0
 *
 * write_tokens.c - the nodes of a record that is cut by pattern, as its line or lines: the same program that reads it says what
 * stands between the values. What was made is cut once more as a reader would cut it, and refused where that finds other values.
 * One thread.
 */
#include "tokens.h"
#include "writer.h"

typedef struct write_frame {
    uint32_t group, count, end; /* end: of the nodes of what holds the group */
    bool inside;                /* the nodes are those of an occurrence */
} write_frame;

typedef struct token_writer {
    flat_writer *w;
    const dgm_flat_tokens *t;
    uint32_t node, end, record; /* the next node, behind the last, the record's own */
    write_frame open[DGM_FLAT_NEST_MAX];
    uint32_t depth;
} token_writer;

static const dgm_flat_step *step_at(const token_writer *k, uint32_t step)
{
    return &k->w->l->steps[step];
}

/* ---- what is there ---- */

static uint32_t next_slot(const token_writer *k)
{
    return k->node < k->end ? dgm_node_slot(&k->w->tree->nodes[k->node]) : DGM_SLOT_NONE;
}

static bool known(const token_writer *k)
{
    return k->node < k->end && !(dgm_node_flags(&k->w->tree->nodes[k->node]) & DGM_UNKNOWN_NAME) &&
           dgm_node_kind(&k->w->tree->nodes[k->node]) != DGM_RECORD;
}

static bool there(const token_writer *k, const dgm_flat_token *g)
{
    uint32_t slot = next_slot(k);
    if (!known(k)) return false;
    if (g->step != DGM_NONE) return slot == step_at(k, g->step)->slot;
    return slot >= step_at(k, g->low)->slot && slot <= step_at(k, g->high)->slot;
}

/* ---- text ---- */

static dgm_status put_text(token_writer *k, dgm_slice text)
{
    dgm_status st = DGM_OK;
    for (size_t i = 0; i < text.len && st == DGM_OK;) {
        size_t to = i;
        while (to < text.len && text.at[to] != '\n') to++;
        if (to > i) st = dgm_buffer_append(&k->w->line, dgm_slice_part(text, i, to));
        if (to < text.len && st == DGM_OK) st = dgm_buffer_append(&k->w->line, k->w->l->ends[0]);
        i = to + 1;
    }
    return st;
}

static dgm_status note_place(token_writer *k, uint32_t step, size_t from)
{
    flat_writer *w = k->w;
    void *values = w->values;
    dgm_status st = dgm_mem_reserve(&w->host.mem, &values, &w->value_room, w->value_count + 1, sizeof *w->values);
    w->values = values;
    if (st == DGM_OK) w->values[w->value_count++] = (flat_written_value){ step, (uint32_t)from, (uint32_t)w->line.len };
    return st;
}

/* ---- one value ---- */

static void refuse_value(token_writer *k, const dgm_flat_token *f, uint32_t node, dgm_diag_code code, dgm_slice value)
{
    const dgm_flat_step *s = step_at(k, f->step);
    dgm_diag *d = dgm_flat_refuse(k->w, code, node, s->name, value);
    if (code == DGM_D_FLAT_WRITE_CODE) dgm_diag_text(k->w->host.diags, d, s->codes);
    if (code == DGM_D_FLAT_WRITE_DATE) dgm_diag_text(k->w->host.diags, d, s->date);
    if (code == DGM_D_FLAT_TOKEN_WRITE) dgm_diag_text(k->w->host.diags, d, f->said);
}

/* Zeros before a number whose pattern asks for more characters. */
static dgm_status fill_number(flat_writer *w, const dgm_flat_tokens *t, const dgm_flat_token *f)
{
    size_t least = 0;
    for (uint32_t i = 0; i < f->run_count; i++) least += t->runs[f->first_run + i].min;
    if (w->piece.len >= least) return DGM_OK;
    size_t zeros = least - w->piece.len;
    dgm_status st = dgm_buffer_reserve(&w->piece, zeros);
    if (st != DGM_OK) return st;
    memmove(w->piece.at + zeros, w->piece.at, w->piece.len);
    memset(w->piece.at, '0', zeros);
    w->piece.len = least;
    return DGM_OK;
}

static dgm_status put_field(token_writer *k, const dgm_flat_token *f)
{
    flat_writer *w = k->w;
    const dgm_flat_step *s = step_at(k, f->step);
    if (!known(k) || next_slot(k) != s->slot) {
        if (!f->empty)
            dgm_flat_refuse(w, DGM_D_FLAT_WRITE_REQUIRED, k->record, s->name, w->l->places[w->levels[w->depth - 1].place].name);
        return DGM_OK;
    }
    uint32_t node = k->node;
    dgm_slice value = dgm_tree_value(w->tree, node);
    k->node = dgm_tree_next(w->tree, node);
    if (!value.len && f->empty) return DGM_OK;
    dgm_diag_code code = DGM_D_NONE;
    const dgm_flat_run *stopped;
    w->piece.len = 0;
    dgm_status st = dgm_flat_value_write(s, value, &w->piece, &code);
    if (st == DGM_INVALID) refuse_value(k, f, node, code, value);
    if (st != DGM_OK) return st == DGM_INVALID ? DGM_OK : st;
    if (s->near && dgm_flat_far(w, s, node, value)) return DGM_OK;
    if (s->kept) {
        w->kept[s->kept - 1].len = 0;
        st = dgm_buffer_append(&w->kept[s->kept - 1], value);
    }
    if (st == DGM_OK && s->type == DGM_FLAT_NUMBER) st = fill_number(w, k->t, f);
    if (st != DGM_OK) return st;
    dgm_slice piece = dgm_buffer_slice(&w->piece);
    if (dgm_flat_pattern_takes(k->t, f, piece, &stopped) != piece.len || stopped) {
        refuse_value(k, f, node, DGM_D_FLAT_TOKEN_WRITE, piece);
        return DGM_OK;
    }
    size_t from = w->line.len;
    st = dgm_buffer_append(&w->line, piece);
    return st == DGM_OK ? note_place(k, f->step, from) : st;
}

/* ---- groups ---- */

static dgm_status enter(token_writer *k, uint32_t group, uint32_t count, dgm_slice before)
{
    const dgm_flat_token *g = &k->t->ops[group];
    write_frame *v = &k->open[k->depth++];
    *v = (write_frame){ .group = group, .count = count, .end = k->end };
    if (g->step != DGM_NONE && there(k, g)) {
        v->inside = true;
        k->end = dgm_tree_end(k->w->tree, k->node);
        k->node++;
    } else if (g->step != DGM_NONE) {
        dgm_flat_refuse(k->w, DGM_D_FLAT_WRITE_MISSING, k->record, step_at(k, g->step)->name,
                        k->w->l->places[k->w->levels[k->w->depth - 1].place].name);
        k->end = k->node;
    }
    return put_text(k, before);
}

/* Nodes that nothing has taken; records stand beneath the record and are written by themselves. */
static void refuse_rest(token_writer *k)
{
    while (k->node < k->end && dgm_node_kind(&k->w->tree->nodes[k->node]) != DGM_RECORD) {
        dgm_flat_refuse(k->w, DGM_D_FLAT_WRITE_UNKNOWN, k->node, dgm_tree_name(k->w->tree, k->node), (dgm_slice){ 0 });
        k->node = dgm_tree_next(k->w->tree, k->node);
    }
}

static dgm_status leave(token_writer *k, uint32_t *op)
{
    const write_frame v = k->open[--k->depth];
    const dgm_flat_token *g = &k->t->ops[v.group];
    if (v.inside) refuse_rest(k);
    k->end = v.end;
    uint32_t count = v.count + 1;
    bool more = count < g->max && (there(k, g) || count < g->min);
    if (!more) {
        ++*op;
        return DGM_OK;
    }
    *op = v.group + 1;
    return enter(k, v.group, count, g->again);
}

static dgm_status group(token_writer *k, uint32_t *op)
{
    uint32_t at = *op;
    const dgm_flat_token *g = &k->t->ops[at];
    bool in = g->min > 0 || there(k, g);
    *op = in ? at + 1 : g->other + 1;
    return in ? enter(k, at, 0, g->text) : DGM_OK;
}

/* ---- as a reader would ---- */

typedef struct token_check {
    flat_writer *w;
    size_t next;
    bool other;
} token_check;

static dgm_status same_value(void *ctx, const dgm_flat_token *t, uint32_t number, size_t from, size_t to)
{
    token_check *c = ctx;
    (void)number;
    const flat_written_value *v = c->next < c->w->value_count ? &c->w->values[c->next] : NULL;
    c->next++;
    c->other = c->other || !v || v->step != t->step || v->from != from || v->to != to;
    return DGM_OK;
}

static void other_blanks(void *ctx, size_t from, size_t to)
{
    (void)from;
    (void)to;
    ((token_check *)ctx)->other = true;
}

static void check_again(flat_writer *w, uint32_t place, uint32_t node)
{
    token_check c = { .w = w };
    const dgm_flat_visit visit = { .value = same_value, .blanks = other_blanks, .ctx = &c };
    if (w->refused) return;
    dgm_status st = dgm_flat_cut(w->l, place, dgm_buffer_slice(&w->line), &visit);
    dgm_slice line = dgm_buffer_slice(&w->line);
    bool goes_on = line.len && line.at[0] == w->l->tokens->continuation; /* with the record before */
    if (st == DGM_OK && !c.other && !goes_on && c.next == w->value_count) return;
    dgm_flat_refuse(w, DGM_D_FLAT_TOKEN_READ, node, w->l->places[place].name, (dgm_slice){ 0 });
}

dgm_status dgm_flat_write_tokens(flat_writer *w, uint32_t place, uint32_t node, bool made, uint32_t *next)
{
    token_writer k = { .w = w, .t = w->l->tokens, .node = node + 1, .record = node };
    k.end = made ? node + 1 : dgm_tree_end(w->tree, node);
    w->line.len = 0;
    w->value_count = 0;
    uint32_t op = k.t->first[place];
    dgm_status st = DGM_OK;
    while (op != DGM_NONE && st == DGM_OK) {
        const dgm_flat_token *t = &k.t->ops[op];
        switch ((dgm_flat_op)t->op) {
        case DGM_FLAT_OP_TEXT: st = put_text(&k, t->text), op++; break;
        case DGM_FLAT_OP_FIELD: st = put_field(&k, t), op++; break;
        case DGM_FLAT_OP_GROUP: st = group(&k, &op); break;
        case DGM_FLAT_OP_BACK: st = leave(&k, &op); break;
        case DGM_FLAT_OP_DONE:
        default: op = DGM_NONE; break;
        }
    }
    if (st == DGM_OK) refuse_rest(&k);
    if (st == DGM_OK) check_again(w, place, node);
    *next = k.node;
    return st;
}
