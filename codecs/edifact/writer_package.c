/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_package.c - packages of syntax version 4 written again: UNO, the object as it is, octet for octet, and UNP (ISO 9735-8).
 * One thread.
 */
#include "writer_state.h"

bool dgm_edi_is_package(const dgm_tree *t)
{
    return !t->shape && t->node_count > 1 && dgm_slice_is(dgm_tree_name(t, 0), "package");
}

/* Can the set of the interchange carry a value? */
static bool carried(dgm_edi_writer *w, dgm_slice v)
{
    size_t bad = 0;
    if (dgm_edi_kinds(w, v) & DGM_EDI_OUTSIDE || dgm_utf8_check(v) != v.len) return false;
    if (!w->set || dgm_ascii(v)) return true;
    dgm_status st = dgm_edi_encode(w, v, &bad);
    if (st != DGM_OK && st != DGM_INVALID) w->failed = st;
    return st == DGM_OK;
}

static bool put_segment(dgm_edi_writer *w, uint32_t node)
{
    const dgm_tree *t = w->tree;
    char tag[4] = { 0 };
    dgm_slice name = dgm_tree_name(t, node);
    if (!dgm_slice_is(name, "UNO") && !dgm_slice_is(name, "UNP")) return false;
    memcpy(tag, name.at, 3);
    dgm_edi_line l = dgm_edi_line_begin(w, tag);
    for (uint32_t i = node + 1, end = dgm_tree_end(t, node); i < end; i++) {
        const dgm_node *n = &t->nodes[i];
        if (!dgm_kind_leaf(dgm_node_kind(n))) continue;
        dgm_slice v = dgm_tree_value(t, i);
        uint32_t component = n->place >> 8 & 0xFF;
        if (w->wishes.security == DGM_EDI_SECURITY_DROP && tag[2] == 'O' && (n->place & 0xFF) == 4 && component == 2)
            continue; /* 0814: how many secure it */
        if (!carried(w, v)) return false;
        dgm_edi_line_value(&l, n->place & 0xFF, component ? component : 1, v);
    }
    const uint32_t behind = dgm_tree_next(t, node); /* the object follows the segment before it at once */
    if (behind < t->node_count && dgm_node_kind(&t->nodes[behind]) == DGM_OPAQUE)
        dgm_edi_line_close(&l);
    else
        dgm_edi_line_end(&l);
    return w->failed == DGM_OK;
}

bool dgm_edi_write_package(dgm_edi_writer *w)
{
    const dgm_tree *t = w->tree;
    if (!w->four || w->recode) return false;
    for (uint32_t i = 1; i < t->node_count; i = dgm_tree_next(t, i)) {
        dgm_kind kind = dgm_node_kind(&t->nodes[i]);
        if (kind == DGM_OPAQUE) {
            w->failed = dgm_buffer_append(&w->out, dgm_tree_raw(t, i));
            if (w->failed != DGM_OK) return false;
        } else if (w->wishes.security == DGM_EDI_SECURITY_DROP && dgm_edi_secures(w, i)) {
            continue;
        } else if (w->wishes.security == DGM_EDI_SECURITY_KEEP && dgm_edi_secures(w, i)) {
            const uint32_t behind = dgm_tree_next(t, i); /* the object follows the segment before it at once */
            bool bare = behind < t->node_count && dgm_node_kind(&t->nodes[behind]) == DGM_OPAQUE;
            if (!dgm_edi_seal_of_message(w, i, bare)) return false;
        } else if (kind != DGM_SEGMENT || !put_segment(w, i)) {
            return false;
        }
    }
    return true;
}
