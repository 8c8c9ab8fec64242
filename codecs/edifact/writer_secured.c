/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_secured.c - what came secured (ISO 9735-5 and -7) and is to be written again: with other service characters, counts or
 * references it would not be what was signed, so it is refused, or written without its security where a setting says so, which is
 * told. What was encrypted is nobody's to write. One thread.
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

void dgm_edi_complain_secured(dgm_edi_writer *w, uint32_t node)
{
    dgm_diag *d = dgm_edi_complain(w, DGM_D_EDI_WRITE_SECURED, node, (dgm_slice){ 0 });
    dgm_diag_text(w->host.diags, d, DGM_LITERAL("the message"));
}

static void tell(dgm_edi_writer *w, const char *what)
{
    dgm_diag *d = dgm_edi_remark(w, DGM_D_EDI_WRITE_UNSECURED, DGM_WARNING, w->tree ? 0 : DGM_NONE, (dgm_slice){ 0 });
    dgm_diag_text(w->host.diags, d, dgm_slice_of(what));
}

void dgm_edi_tell_unsecured(dgm_edi_writer *w)
{
    const dgm_tree *t = w->tree;
    uint32_t i = 1;
    if (!w->wishes.unsecured) return;
    while (i < t->node_count && !(dgm_node_slot(&t->nodes[i]) == DGM_SLOT_UNKNOWN && dgm_edi_secures(w, i)))
        i = dgm_tree_next(t, i);
    if (i < t->node_count) tell(w, "the message");
}

bool dgm_edi_unsecured(dgm_edi_writer *w)
{
    static const char *const what[2] = { "the interchange", "the group" };
    for (size_t i = 0; i < 2; i++) {
        if (!w->secured[i]) continue;
        if (!w->wishes.unsecured) {
            dgm_diag *d = dgm_edi_complain(w, DGM_D_EDI_WRITE_SECURED, DGM_NONE, (dgm_slice){ 0 });
            dgm_diag_text(w->host.diags, d, dgm_slice_of(what[i]));
            return false;
        }
        if (!w->unsecured_told[i]) tell(w, what[i]);
        w->unsecured_told[i] = true;
    }
    return true;
}
