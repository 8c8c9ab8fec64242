/* SPDX-License-Identifier: Apache-2.0
 *
 * pointer_run.c - pointers on their way: chains of identifiers, in a text or in occurrences of a class, to canonical places and
 * back. What resolves to nothing is kept as it came. mappings/README.md, "Pointers". One thread for each runner.
 */
#include "run.h"

#include "model/pointer.h"

enum { CHAIN_MAX = 4096 };

static dgm_diag *tell(dgm_runner *r, const map_rule *rule, dgm_diag_code code, dgm_severity severity, uint32_t node,
                      dgm_slice value, dgm_slice bad)
{
    dgm_diag *d = dgm_map_problem(r, code, severity, node, rule->id);
    dgm_diag_text(r->diags, d, value);
    dgm_diag_text(r->diags, d, dgm_slice_cut(rule->pointer->of_name, '@').head);
    dgm_diag_text(r->diags, d, bad);
    dgm_map_problem_rule(r, d, rule->id);
    return d;
}

static bool keep_text(dgm_runner *r, const char *text, size_t len, dgm_slice *out)
{
    *out = dgm_arena_copy(&r->arena, (dgm_slice){ text, len });
    if (!out->at) dgm_map_fail(r, DGM_NOMEM);
    return out->at != NULL;
}

/* ---- other identifiers --------------------------------------------------------------------------------------------------- */

/* Each identifier of a chain by the rule's table, where it is there; those that are not stay. */
static bool translate(dgm_runner *r, uint32_t frame, const map_rule *rule, dgm_slice *chain)
{
    if (!rule->codes) return true;
    r->text.len = 0;
    dgm_status s = DGM_OK;
    for (size_t i = 0; i < chain->len && s == DGM_OK;) {
        size_t to = i;
        char c = chain->at[i];
        if (c == ' ' || c == '/' || c == '#') { /* a number stays: it is no identifier */
            for (to++; c == '#' && to < chain->len && chain->at[to] >= '0' && chain->at[to] <= '9';) to++;
            s = dgm_buffer_append(&r->text, dgm_slice_part(*chain, i, to));
            i = to;
            continue;
        }
        while (to < chain->len && chain->at[to] != ' ' && chain->at[to] != '/' && chain->at[to] != '#') to++;
        dgm_slice id = dgm_slice_part(*chain, i, to), other = id;
        if (!dgm_map_code_here(r, frame, rule, id, &other)) other = id;
        s = dgm_buffer_append(&r->text, other);
        i = to;
    }
    if (s == DGM_OK) return keep_text(r, r->text.at, r->text.len, chain);
    dgm_map_fail(r, s);
    return false;
}

/* ---- spellings ----------------------------------------------------------------------------------------------------------- */

/* A chain as the canonical place; one that names nothing stays what it is. */
static bool to_place(dgm_runner *r, const map_rule *rule, uint32_t node, dgm_slice chain, dgm_slice *out)
{
    char room[CHAIN_MAX];
    dgm_pointer p;
    dgm_slice bad;
    *out = chain;
    if (dgm_pointer_of_chain(rule->pointer->of, chain, &p, &bad) != DGM_OK) {
        tell(r, rule, DGM_D_POINTER_UNRESOLVED, DGM_WARNING, node, chain, bad.len ? bad : chain);
        return true;
    }
    size_t n = dgm_pointer_path(rule->pointer->of, &p, room, sizeof room);
    return keep_text(r, room, n < sizeof room ? n : sizeof room - 1, out);
}

/* Identifiers are of three characters at most, and names of the vocabulary longer: so what was kept is known. */
static bool was_kept(dgm_slice text)
{
    size_t n = 0;
    while (n < text.len && text.at[n] != ' ' && text.at[n] != '#' && text.at[n] != '/') n++;
    return n > 0 && n <= 3;
}

static bool to_chain(dgm_runner *r, const map_rule *rule, uint32_t node, dgm_slice place, dgm_slice *out)
{
    const dgm_shape *of = rule->pointer->of;
    char room[CHAIN_MAX];
    dgm_pointer p;
    dgm_slice bad;
    size_t said;
    *out = place;
    if (dgm_pointer_of_path(of, place, &p, &bad) != DGM_OK) {
        if (was_kept(place)) return true;
        tell(r, rule, DGM_D_POINTER_UNKNOWN, DGM_ERROR, node, place, bad);
        return false;
    }
    size_t n = dgm_pointer_chain(of, &p, room, sizeof room, &said);
    if ((said < p.count && !rule->lose.len) || !n) {
        tell(r, rule, DGM_D_POINTER_UNSAID, DGM_ERROR, node, place,
             said < p.count ? dgm_shape_slot(of, p.slots[said])->name : dgm_shape_name(of));
        return false;
    }
    if (said < p.count) {
        dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_REDUCED, DGM_INFO, node, rule->id);
        dgm_diag_text(r->diags, d, place);
        dgm_diag_number(r->diags, d, (uint32_t)said);
        dgm_diag_text(r->diags, d, rule->lose);
        dgm_map_problem_rule(r, d, rule->id);
    }
    return keep_text(r, room, n < sizeof room ? n : sizeof room - 1, out);
}

bool dgm_map_point(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t node, dgm_slice in, dgm_slice *out)
{
    const uint32_t from = r->p->direction, to = !from;
    const bool chain_in = from == MAP_WIRE || (rule->pointer->chain && rule->fold->many == from);
    const bool chain_out = to == MAP_WIRE || (rule->pointer->chain && rule->fold->many == to);
    *out = in;
    if (r->m->derives && !rule->pointer->chain) return true; /* from one canonical place to another */
    if (from == MAP_WIRE && !translate(r, frame, rule, out)) return false;
    if (chain_in && !to_place(r, rule, node, *out, out)) return false;
    if (chain_out && !to_chain(r, rule, node, *out, out)) return false;
    return to != MAP_WIRE || translate(r, frame, rule, out);
}

/* ---- occurrences of a class ---------------------------------------------------------------------------------------------- */

static bool no_identifier(dgm_slice v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.at[i] == ' ' || v.at[i] == '/' || v.at[i] == '#') return true;
    return false;
}

/* One step behind what was read so far; false: told. */
static bool read_step(dgm_runner *r, const map_rule *rule, uint32_t node)
{
    static const char *const before[MAP_CHAIN_PARTS] = { " ", "#", "/" };
    for (uint32_t k = 0; k < MAP_CHAIN_PARTS; k++) {
        uint32_t leaf = dgm_map_below(r->in, node, &rule->pointer->parts[k], 1);
        dgm_slice v = leaf == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(r->in, leaf);
        if (!v.len && k) continue;
        dgm_map_mark_node(r, leaf, DGM_ACCOUNT_MAPPED, rule->id);
        if (no_identifier(v) || r->text.len + v.len > CHAIN_MAX / 2) {
            dgm_diag *d = dgm_map_problem(r, DGM_D_POINTER_PARTS, DGM_ERROR, leaf, rule->id);
            dgm_diag_text(r->diags, d, v);
            dgm_diag_text(r->diags, d, (dgm_slice){ 0 });
            dgm_map_problem_rule(r, d, rule->id);
            return false;
        }
        dgm_status s = k || r->text.len ? dgm_buffer_append(&r->text, dgm_slice_of(before[k])) : DGM_OK;
        if (s == DGM_OK) s = dgm_buffer_append(&r->text, v);
        if (s != DGM_OK) dgm_map_fail(r, s);
        if (s != DGM_OK) return false;
    }
    return true;
}

void dgm_map_chain_read(dgm_runner *r, uint32_t frame, const map_end *e, uint32_t head)
{
    const map_rule *rule = &r->m->rules[e->rule];
    const map_op *op = &r->p->ops[e->op];
    uint32_t first = DGM_NONE;
    dgm_slice chain;
    map_pair out = { 0 };
    r->text.len = 0;
    for (uint32_t at = head; at; at = r->pieces[at - 1].next) {
        uint32_t node = r->pieces[at - 1].node;
        if (!read_step(r, rule, node)) return;
        if (first == DGM_NONE) first = dgm_map_below(r->in, node, &rule->pointer->parts[MAP_CHAIN_CLASS], 1);
        if (first == DGM_NONE) first = node;
    }
    if (first == DGM_NONE || !dgm_slice_trim(dgm_buffer_slice(&r->text)).len || !keep_text(r, r->text.at, r->text.len, &chain))
        return;
    if (dgm_map_point(r, frame, rule, first, dgm_slice_trim(chain), &out.value))
        dgm_map_put_parts(r, frame, op, out, first, DGM_NONE);
}

/* One step into an occurrence of its own. */
static bool write_step(dgm_runner *r, uint32_t frame, const map_op *to, dgm_slice step, uint32_t node)
{
    dgm_cut leaf = dgm_slice_cut(step, '/'), number = dgm_slice_cut(leaf.head, '#');
    const dgm_slice values[MAP_CHAIN_PARTS] = { number.head, number.tail, leaf.tail };
    for (uint32_t k = 0; k < MAP_CHAIN_PARTS; k++) {
        if (k && !values[k].len) continue;
        if (k) (void)dgm_map_star_filled(r, frame, to[k].star); /* goes to the occurrence that the class has made */
        if (!dgm_map_put_star(r, frame, to[k].star, values[k], node, to[k].rule)) return false;
    }
    return true;
}

void dgm_map_chain_write(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node, dgm_slice text)
{
    const map_rule *rule = &r->m->rules[op->rule];
    dgm_slice chain;
    if (!dgm_map_point(r, frame, rule, node, text, &chain)) return;
    dgm_map_mark_node(r, node, DGM_ACCOUNT_MAPPED, rule->id);
    for (dgm_slice rest = dgm_slice_trim(chain); rest.len;) {
        dgm_cut cut = dgm_slice_cut(rest, ' ');
        rest = dgm_slice_trim(cut.tail);
        if (!write_step(r, frame, &r->p->ops[op->index], cut.head, node)) return;
    }
}
