/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_secured.c - what came secured (ISO 9735-5 and -7) and is to be written again: with other service characters, counts or
 * references it would not be what was signed, so it is refused, or written without its security or with it (writer_seal.c) where a
 * setting says so, which is told. What was encrypted is nobody's to write. One thread.
 */
#include "writer_state.h"

bool dgm_edi_secures(const dgm_edi_writer *w, uint32_t node)
{
    static const char tags[][4] = { "USH", "USA", "USC", "USR", "UST" };
    const dgm_tree *t = w->tree;
    if (dgm_node_kind(&t->nodes[node]) != DGM_SEGMENT) return false;
    dgm_slice name = dgm_tree_name(t, node);
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        if (dgm_slice_is(name, tags[i])) return true;
    return false;
}

bool dgm_edi_encrypts(const dgm_edi_writer *w, uint32_t node)
{
    dgm_slice name = dgm_tree_name(w->tree, node);
    return dgm_slice_is(name, "USD") || dgm_slice_is(name, "USU") ||
           (dgm_node_kind(&w->tree->nodes[node]) == DGM_OPAQUE && dgm_slice_is(name, "data"));
}

static void complain(dgm_edi_writer *w, dgm_diag_code code, uint32_t node, const char *what)
{
    dgm_diag *d = dgm_edi_complain(w, code, node, (dgm_slice){ 0 });
    dgm_diag_text(w->host.diags, d, dgm_slice_of(what));
}

void dgm_edi_complain_secured(dgm_edi_writer *w, uint32_t node, bool *told)
{
    const bool keeps = w->wishes.security == DGM_EDI_SECURITY_KEEP && w->four;
    if (dgm_edi_encrypts(w, node)) {
        if (dgm_slice_is(dgm_tree_name(w->tree, node), "USD")) complain(w, DGM_D_EDI_WRITE_ENCRYPTED, node, "the message");
    } else if (keeps) {
        dgm_edi_seal_check(w, node);
    } else if (!*told && w->wishes.security != DGM_EDI_SECURITY_DROP) {
        complain(w, DGM_D_EDI_WRITE_SECURED, node, "the message");
        *told = true;
    }
}

static void tell(dgm_edi_writer *w, const char *what)
{
    const bool dropped = w->wishes.security == DGM_EDI_SECURITY_DROP;
    dgm_diag *d = dgm_edi_remark(w, dropped ? DGM_D_EDI_WRITE_UNSECURED : DGM_D_EDI_WRITE_RESEALED, DGM_WARNING,
                                 w->tree ? 0 : DGM_NONE, (dgm_slice){ 0 });
    dgm_diag_text(w->host.diags, d, dgm_slice_of(what));
}

void dgm_edi_tell_secured(dgm_edi_writer *w)
{
    const dgm_tree *t = w->tree;
    uint32_t i = 1;
    if (w->wishes.security == DGM_EDI_SECURITY_REFUSE) return;
    while (i < t->node_count && !(dgm_node_slot(&t->nodes[i]) == DGM_SLOT_UNKNOWN && dgm_edi_secures(w, i)))
        i = dgm_tree_next(t, i);
    if (i < t->node_count) tell(w, "the message");
}

/* Nowhere to put what secures it, or it cannot be written as it came; told. */
static bool keeps(dgm_edi_writer *w, bool group, const char *what)
{
    if (!w->four || (group && (w->wishes.given & DGM_EDI_GIVEN_GROUPS))) {
        complain(w, DGM_D_EDI_WRITE_SECURED, DGM_NONE, what);
        return false;
    }
    return dgm_edi_seal_right(w, group);
}

bool dgm_edi_secured_may(dgm_edi_writer *w)
{
    static const char *const what[2] = { "the interchange", "the group" };
    for (size_t i = 0; i < 2; i++) {
        dgm_edi_seal *s = &w->seals[i];
        if (s->encrypted) {
            complain(w, DGM_D_EDI_WRITE_ENCRYPTED, DGM_NONE, what[i]);
            return false;
        }
        if (!s->there) continue;
        if (w->wishes.security == DGM_EDI_SECURITY_REFUSE) {
            complain(w, DGM_D_EDI_WRITE_SECURED, DGM_NONE, what[i]);
            return false;
        }
        if (w->wishes.security == DGM_EDI_SECURITY_KEEP && !keeps(w, i == 1, what[i])) return false;
        if (!s->told) tell(w, what[i]);
        s->told = true;
    }
    return true;
}
