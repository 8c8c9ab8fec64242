/* SPDX-License-Identifier: Apache-2.0
 *
 * ack_write.c - one interchange with one CONTRL message: a tree of the message's own shape, given to the writer. What must be
 * copied from the interchange that is answered (its references and parties) is looked at first: where a CONTRL cannot name a
 * message or group, what that stands in is rejected with it. ISO 9735-4, 5.3 and 5.4. One thread.
 */
#include "ack_letter.h"

#include <stdio.h>

/* ---- what may be copied ---- */

static uint32_t slot_at(const dgm_edi_letter *l, const char *path)
{
    dgm_slice bad;
    return dgm_shape_find(l->shape, dgm_slice_of(path), &bad);
}

/* The place can be filled with this, or may stay empty. */
static bool copies(const dgm_edi_letter *l, const char *path, dgm_slice v)
{
    uint32_t slot = slot_at(l, path);
    const dgm_slot *s = dgm_shape_slot(l->shape, slot);
    const dgm_slot *above = s ? dgm_shape_slot(l->shape, s->parent) : NULL;
    return dgm_edi_letter_fits(l, slot, v) || (s && (s->min == 0 || (above->kind == DGM_COMPOSITE && above->min == 0)));
}

static const char *const type_parts[] = { "0065", "0052", "0054", "0051", "0057", "0110", "0113" };
enum { TYPE_PARTS = sizeof type_parts / sizeof type_parts[0] };

static void split_type(dgm_slice type, dgm_slice parts[TYPE_PARTS])
{
    for (size_t i = 0; i < TYPE_PARTS; i++) {
        dgm_cut cut = dgm_slice_cut(type, ':');
        parts[i] = cut.head;
        type = cut.tail;
    }
}

static bool names_message(const dgm_edi_letter *l, const dgm_edi_acked_message *m)
{
    dgm_slice parts[TYPE_PARTS];
    char path[32];
    bool good = copies(l, "SG1/UCM/0062", m->reference);
    split_type(m->type, parts);
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "SG1/UCM/S009/%s", type_parts[i]);
        good = good && copies(l, path, parts[i]);
    }
    return good;
}

static bool names_group(const dgm_edi_letter *l, const dgm_edi_acked_group *g)
{
    return copies(l, "SG3/UCF/0048", g->reference) && copies(l, "SG3/UCF/S006/0040", g->sender.id) &&
           copies(l, "SG3/UCF/S007/0044", g->recipient.id);
}

/* What cannot be named is rejected with what it stands in. */
static void reject_above(dgm_edi_letter *l, dgm_edi_fault *above, const dgm_edi_fault *why, const char *what, uint32_t number,
                         dgm_diags *diags)
{
    dgm_diag *d = dgm_diags_add(diags, DGM_D_EDI_ACK_UNIDENTIFIED, DGM_WARNING);
    if (d) d->position.interchange = l->x->number;
    dgm_diag_text(diags, d, dgm_slice_of(what));
    dgm_diag_number(diags, d, number);
    if (above->code)
        l->x->left_out++;
    else
        *above = (dgm_edi_fault){ .code = why && why->code ? why->code : 18 };
}

static const dgm_edi_fault *first_fault(const dgm_edi_acked_message *m)
{
    return m->own.code ? &m->own : m->fault_count ? m->faults : NULL;
}

static void name_messages(dgm_edi_letter *l, dgm_edi_acked_message **list, dgm_edi_acked_message **last, dgm_edi_fault *above,
                          dgm_diags *diags)
{
    dgm_edi_acked_message *kept = NULL;
    for (dgm_edi_acked_message **at = list; *at;) {
        dgm_edi_acked_message *m = *at;
        if (names_message(l, m)) {
            kept = m;
            at = &m->next;
            continue;
        }
        if (m->rejected) reject_above(l, above, first_fault(m), "message", m->number, diags);
        *at = m->next;
    }
    *last = kept;
}

/* A group is told of when it or something in it is rejected, or everything is wanted. */
static bool worth_telling(const dgm_edi_letter *l, const dgm_edi_acked_group *g)
{
    bool any = g->own.code != 0 || l->x->wish->all;
    for (const dgm_edi_acked_message *m = g->first; m && !any; m = m->next) any = m->rejected;
    return any;
}

static void name_groups(dgm_edi_letter *l, dgm_diags *diags)
{
    for (dgm_edi_acked_group **at = &l->x->groups; *at;) {
        dgm_edi_acked_group *g = *at;
        name_messages(l, &g->first, &g->last, &g->own, diags);
        bool told = worth_telling(l, g);
        if (told && names_group(l, g)) {
            at = &g->next;
            continue;
        }
        if (told)
            reject_above(l, &l->x->own, g->own.code ? &g->own : g->first ? first_fault(g->first) : NULL, "group", g->number, diags);
        *at = g->next;
    }
}

/* ---- the tree ---- */

static void put_party(dgm_edi_letter *l, dgm_edi_spot at, const char *composite, const dgm_edi_party *p, const char *const names[4])
{
    uint32_t slot = dgm_shape_child(l->shape, at.slot, dgm_slice_of(composite), 1);
    uint32_t id = slot == DGM_SLOT_NONE ? slot : dgm_shape_child(l->shape, slot, dgm_slice_of(names[0]), 1);
    if (id == DGM_SLOT_NONE || !dgm_edi_letter_fits(l, id, p->id)) return;
    dgm_edi_spot s = dgm_edi_letter_open(l, at, composite);
    const dgm_slice values[4] = { p->id, p->qualifier, p->address, p->subaddress };
    for (size_t i = 0; i < 4 && names[i]; i++) dgm_edi_letter_put(l, s, names[i], values[i]);
}

/* 0098 and 0104 are n..3. A UCD without a place, or with another one, would be no answer: what stands further back is told of its
 * segment as a whole, with the same code. */
enum { PLACES_MAX = 999 };
static bool has_place(const dgm_edi_fault *f)
{
    return f->element && f->element + 1u <= PLACES_MAX;
}

/* S011: the tag of a segment counts as its first position (0098). An occurrence is told where no component is (syntax 4). */
static void put_place(dgm_edi_letter *l, dgm_edi_spot at, const dgm_edi_fault *f)
{
    if (!has_place(f)) return;
    dgm_edi_spot s = dgm_edi_letter_open(l, at, "S011");
    dgm_edi_letter_number(l, s, "0098", f->element + 1u);
    if (f->component > PLACES_MAX) return;
    if (f->component)
        dgm_edi_letter_number(l, s, "0104", f->component);
    else if (f->repetition)
        dgm_edi_letter_number(l, s, "0136", f->repetition);
}

/* 0085. Codes from 45 on came with syntax version 4: before, a character set is what the level says (2), and the rest has no code
 * of its own. */
static void put_code(dgm_edi_letter *l, dgm_edi_spot at, uint32_t code)
{
    if (l->version < 4 && code >= 45) code = code == 46 ? 2 : 18;
    dgm_edi_letter_number(l, at, "0085", code);
}

/* 0083, 0085, 0013 or 0135, S011 of UCI, UCF and UCM. */
static void put_action(dgm_edi_letter *l, dgm_edi_spot at, const char *action, const dgm_edi_fault *f)
{
    dgm_edi_letter_put(l, at, "0083", dgm_slice_of(action));
    if (f->code == 0) return;
    put_code(l, at, f->code);
    if (f->tag[0] == 0 || (l->version == 4 && memcmp(f->tag, "UNA", 3) == 0)) return; /* UNA is no segment in the list of 0135 */
    dgm_edi_letter_put(l, at, l->version == 4 ? "0135" : "0013", dgm_slice_of(f->tag));
    put_place(l, at, f);
}

static bool put_ucs(dgm_edi_letter *l, dgm_edi_spot ucm_group, const char *name, uint32_t segment, uint32_t code, uint32_t *room,
                    dgm_edi_spot *group)
{
    if (*room == 0 || segment > 999999) return false;
    --*room;
    *group = dgm_edi_letter_open(l, ucm_group, name);
    dgm_edi_spot ucs = dgm_edi_letter_open(l, *group, "UCS");
    dgm_edi_letter_number(l, ucs, "0096", segment);
    if (code) put_code(l, ucs, code);
    return true;
}

static bool of_whole(const dgm_edi_fault *f)
{
    return !has_place(f) || f->whole;
}

/* The faults of one segment, or of the gap behind it: one UCS with its UCD, and one more for each further code that the segment
 * as a whole has. */
static void put_segment(dgm_edi_letter *l, dgm_edi_spot ucm_group, const char *name, const dgm_edi_fault *f, size_t n,
                        uint32_t *room)
{
    uint64_t told = 0; /* codes of the whole, a bit each */
    uint32_t first = 0, elements = 0;
    dgm_edi_spot group, more;
    for (size_t i = n; i-- > 0;)
        if (of_whole(&f[i])) first = f[i].code;
    if (!put_ucs(l, ucm_group, name, f->segment, first, room, &group)) {
        l->x->left_out += n;
        return;
    }
    if (first) told |= (uint64_t)1 << (first & 63);
    for (size_t i = 0; i < n; i++) {
        if (!has_place(&f[i])) continue;
        if (elements++ >= DGM_EDI_UCD_MAX) {
            l->x->left_out++;
            continue;
        }
        dgm_edi_spot ucd = dgm_edi_letter_open(l, group, "UCD");
        put_code(l, ucd, f[i].code);
        put_place(l, ucd, &f[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (!of_whole(&f[i]) || told >> (f[i].code & 63) & 1) continue;
        told |= (uint64_t)1 << (f[i].code & 63);
        if (!put_ucs(l, ucm_group, name, f[i].segment, f[i].code, room, &more)) l->x->left_out++;
    }
}

static void put_message(dgm_edi_letter *l, dgm_edi_spot above, const char *ucm_group, const char *ucs_group,
                        const dgm_edi_acked_message *m)
{
    dgm_slice parts[TYPE_PARTS];
    dgm_edi_fault own = m->own;
    uint32_t room = DGM_EDI_UCS_MAX;
    dgm_edi_spot group = dgm_edi_letter_open(l, above, ucm_group), ucm = dgm_edi_letter_open(l, group, "UCM");
    if (m->rejected && !own.code && m->fault_count == 0) own.code = 18; /* what was wrong was not kept */
    dgm_edi_letter_put(l, ucm, "0062", m->reference);
    split_type(m->type, parts);
    uint32_t type = dgm_shape_child(l->shape, ucm.slot, DGM_LITERAL("S009"), 1);
    bool good = true;
    for (size_t i = 0; i < TYPE_PARTS; i++) {
        uint32_t slot = dgm_shape_child(l->shape, type, dgm_slice_of(type_parts[i]), 1);
        const dgm_slot *s = dgm_shape_slot(l->shape, slot);
        good = good && (!s || s->min == 0 || dgm_edi_letter_fits(l, slot, parts[i]));
    }
    if (good) {
        dgm_edi_spot s009 = dgm_edi_letter_open(l, ucm, "S009");
        for (size_t i = 0; i < TYPE_PARTS; i++) dgm_edi_letter_put(l, s009, type_parts[i], parts[i]);
    }
    put_action(l, ucm, m->rejected ? DGM_EDI_REJECTED : DGM_EDI_ACKNOWLEDGED, &own);
    for (size_t i = 0; i < m->fault_count;) {
        size_t n = 1;
        while (i + n < m->fault_count && m->faults[i + n].segment == m->faults[i].segment &&
               m->faults[i + n].behind == m->faults[i].behind)
            n++;
        put_segment(l, group, ucs_group, m->faults + i, n, &room);
        i += n;
    }
}

static void put_messages(dgm_edi_letter *l, dgm_edi_spot above, const char *ucm_group, const char *ucs_group,
                         const dgm_edi_acked_message *first)
{
    uint32_t n = 0;
    for (const dgm_edi_acked_message *m = first; m; m = m->next) {
        if (n++ < DGM_EDI_UCM_MAX)
            put_message(l, above, ucm_group, ucs_group, m);
        else
            l->x->left_out += m->fault_count + (m->own.code != 0);
    }
}

static void put_groups(dgm_edi_letter *l, dgm_edi_spot root)
{
    static const char *const senders[4] = { "0040", "0007" }, *const recipients[4] = { "0044", "0007" };
    uint32_t n = 0;
    for (const dgm_edi_acked_group *g = l->x->groups; g; g = g->next) {
        if (n++ == DGM_EDI_UCF_MAX) {
            l->x->left_out++;
            return;
        }
        dgm_edi_spot group = dgm_edi_letter_open(l, root, "SG3"), ucf = dgm_edi_letter_open(l, group, "UCF");
        dgm_edi_letter_put(l, ucf, "0048", g->reference);
        put_party(l, ucf, "S006", &g->sender, senders);
        put_party(l, ucf, "S007", &g->recipient, recipients);
        put_action(l, ucf, g->own.code ? DGM_EDI_REJECTED : DGM_EDI_ACKNOWLEDGED, &g->own);
        put_messages(l, group, "SG4", "SG5", g->first);
    }
}

static dgm_status make_tree(dgm_edi_letter *l, const char *action, bool details, dgm_tree **out)
{
    static const char *const senders[4] = { "0004", "0007", "0008", "0042" }, *const recipients[4] = { "0010", "0007", "0014",
                                                                                                       "0046" };
    dgm_status s = dgm_builder_begin(l->b, l->shape, false);
    if (s != DGM_OK) return s;
    dgm_edi_spot root = { 0, DGM_SLOT_ROOT }, uci = dgm_edi_letter_open(l, root, "UCI");
    dgm_edi_letter_put(l, uci, "0020", l->x->reference);
    put_party(l, uci, "S002", &l->x->sender, senders);
    put_party(l, uci, "S003", &l->x->recipient, recipients);
    put_action(l, uci, action, &l->x->own);
    if (details) {
        put_messages(l, root, "SG1", "SG2", l->x->first);
        put_groups(l, root);
    }
    s = dgm_builder_status(l->b);
    return s == DGM_OK ? dgm_builder_freeze(l->b, out, NULL) : s;
}

/* ---- whether, and what ---- */

static bool wanted(const dgm_edi_letter *l)
{
    const dgm_edi_acked *x = l->x;
    bool asked = x->request.len && !dgm_slice_is(x->request, "0"), rejected = x->own.code || x->rejected;
    for (const dgm_edi_acked_group *g = x->groups; g && !rejected; g = g->next) rejected = g->own.code != 0;
    if (dgm_slice_is(l->x->wish->when, "requested")) return asked;
    return !dgm_slice_is(l->x->wish->when, "rejected") || rejected;
}

static dgm_status send(dgm_edi_letter *l, const char *action, dgm_diags *diags)
{
    dgm_tree *tree = NULL;
    const bool four = l->version == 4;
    dgm_status s = make_tree(l, action, action[0] != DGM_EDI_RECEIVED[0], &tree);
    if (s == DGM_OK)
        s = dgm_edi_letter_send(l, &tree, 1, "CONTRL", four ? DGM_LITERAL("4") : DGM_LITERAL("D"),
                                four ? DGM_LITERAL("1") : DGM_LITERAL("3"), diags);
    dgm_tree_free(tree);
    return s == DGM_INVALID ? DGM_OK : s; /* it was told */
}

dgm_status dgm_edi_ack_write(dgm_edi_ack *a, dgm_edi_acked *x, dgm_diags *diags)
{
    dgm_edi_letter l = dgm_edi_letter_to(a, x);
    if (x->messages && x->messages == x->reports) {
        dgm_diag_number(diags, dgm_edi_letter_tell(&l, diags, DGM_D_EDI_ACK_OF_ACK, DGM_INFO), x->number);
        return DGM_OK;
    }
    if (!wanted(&l)) return DGM_OK;
    const dgm_edi_directory service = { .syntax4 = l.version == 4 };
    dgm_status s = dgm_edi_letter_shape(&l, &service, "CONTRL", &a->shapes[l.version == 4]);
    if (s != DGM_OK) return s == DGM_UNKNOWN ? DGM_DEFECT : s;
    if (!copies(&l, "UCI/0020", x->reference) || !copies(&l, "UCI/S002/0004", x->sender.id) ||
        !copies(&l, "UCI/S003/0010", x->recipient.id)) {
        dgm_edi_letter_impossible(&l, diags, "its UNB has no usable sender, recipient or control reference");
        return DGM_OK;
    }
    name_messages(&l, &x->first, &x->last, &x->own, diags);
    name_groups(&l, diags);
    bool receipt =
        dgm_slice_is(x->wish->receipt, "yes") || (dgm_slice_is(x->wish->receipt, "auto") && dgm_slice_is(x->request, "2"));
    s = dgm_builder_new(&a->mem, &a->host.limits, &l.b);
    if (s == DGM_OK) s = send(&l, x->own.code ? DGM_EDI_REJECTED : receipt ? DGM_EDI_RECEIVED : DGM_EDI_ACKNOWLEDGED, diags);
    dgm_builder_free(l.b);
    return s;
}
