/* SPDX-License-Identifier: Apache-2.0
 *
 * place.c - where a record belongs: beneath which that are open, how often, in what order. What is missing, too many or out of
 * order is told, and the record is put where it most likely belongs, so that it costs its neighbours nothing. One thread.
 */
#include "reader.h"

static const dgm_flat_place *place_at(const flat_reader *r, uint32_t place)
{
    return &r->l->places[place];
}

static void say_name(flat_reader *r, dgm_diag *d, uint32_t place)
{
    dgm_diag_text(r->host.diags, d, place_at(r, place)->name);
}

static dgm_flat_holds present(const flat_reader *r, const dgm_flat_place *p, const dgm_flat_condition **why)
{
    return p->condition ? dgm_flat_present(r->l, p->condition, r->kept, r->doubtful, why) : DGM_FLAT_YES;
}

/* Children of a level from the one in hand up to `to` that had to be there. */
static void say_missing(flat_reader *r, const flat_level *v, uint32_t to)
{
    const dgm_flat_place *p = place_at(r, v->place);
    for (uint32_t c = v->child; c < to; c++) {
        const dgm_flat_place *child = place_at(r, p->first_child + c);
        uint32_t came = c == v->child ? v->count : 0;
        const dgm_flat_condition *why;
        if (came >= child->min || present(r, child, &why) != DGM_FLAT_YES) continue;
        dgm_diag *d = dgm_flat_tell(r, DGM_D_FLAT_RECORD_MISSING, DGM_ERROR, 0, 0, child->slot);
        say_name(r, d, p->first_child + c);
        say_name(r, d, v->place);
        dgm_diag_number(r->host.diags, d, child->min);
    }
}

static void close_level(flat_reader *r)
{
    const flat_level *v = &r->levels[--r->depth];
    say_missing(r, v, place_at(r, v->place)->child_count);
    if (!r->hopeless) r->host.draft_close(r->draft);
}

/* Totals within an occurrence of a place begin anew. */
static void open_scope(flat_reader *r, uint32_t place)
{
    for (uint32_t i = 0; i < r->l->control_count; i++) {
        if (r->l->controls[i].scope != place) continue;
        r->counts[i] = 0;
        r->sums[i] = (dgm_flat_sum){ 0 };
    }
}

static void open_level(flat_reader *r, uint32_t place)
{
    r->levels[r->depth++] = (flat_level){ .place = place };
}

dgm_status dgm_flat_begin_message(flat_reader *r)
{
    r->begun = true;
    r->hopeless = false;
    r->errors = 0;
    r->records = 0;
    r->filled = 0;
    r->depth = 0;
    r->message++;
    r->message_at = r->record_at;
    r->message_from = r->in_base + r->record_at;
    r->table = (dgm_slice){ 0 };
    for (uint32_t i = 0; i < r->l->kept_count; i++) r->kept[i].len = 0, r->doubtful[i] = false;
    for (uint32_t i = 0; i < r->l->flow_count; i++) r->flows[i].begun = r->flows[i].grown = false;
    dgm_status st = r->host.draft_begin(r->draft, r->format->shape);
    if (st != DGM_OK) return st;
    if (r->host.draft_open(r->draft, DGM_SLOT_ROOT, DGM_GROUP, 0, 0, 1) == DGM_NONE) return r->host.draft_status(r->draft);
    open_level(r, 0);
    open_scope(r, 0);
    return DGM_OK;
}

void dgm_flat_end_message(flat_reader *r)
{
    while (r->depth) close_level(r);
}

/* The child of a level that a record of this kind may be now, or DGM_NONE. */
static uint32_t fits(const flat_reader *r, const flat_level *v, uint32_t kind)
{
    const dgm_flat_place *p = place_at(r, v->place);
    for (uint32_t c = v->child; c < p->child_count; c++) {
        const dgm_flat_place *child = place_at(r, p->first_child + c);
        const dgm_flat_condition *why;
        bool here = child->kind == kind && (c > v->child || v->count < child->max);
        if (here && present(r, child, &why) != DGM_FLAT_NO) return c;
    }
    return DGM_NONE;
}

/* The same without a look at order and number: what came before, or too often. */
static uint32_t fits_at_all(const flat_reader *r, const flat_level *v, uint32_t kind)
{
    const dgm_flat_place *p = place_at(r, v->place);
    for (uint32_t c = 0; c < p->child_count; c++)
        if (place_at(r, p->first_child + c)->kind == kind) return c;
    return DGM_NONE;
}

/* Could a message begin with this? Then it is the next one's. */
static bool begins_anew(const flat_reader *r, uint32_t kind)
{
    const dgm_flat_place *root = place_at(r, 0);
    for (uint32_t c = 0; c < root->child_count; c++) {
        const dgm_flat_place *child = place_at(r, root->first_child + c);
        if (child->kind == kind) return r->records > 1;
        if (child->min > 0) return false;
    }
    return false;
}

/* The record goes beneath a level, which may have to be the innermost first. */
static uint32_t put(flat_reader *r, uint32_t level, uint32_t child)
{
    while (r->depth > level + 1) close_level(r);
    flat_level *v = &r->levels[level];
    if (child > v->child) {
        say_missing(r, v, child);
        v->child = child;
        v->count = 0;
    }
    if (child == v->child) v->count++;
    uint32_t place = place_at(r, v->place)->first_child + child;
    if (place_at(r, place)->scopes) open_scope(r, place);
    for (uint32_t i = 0; i < r->l->control_count && place_at(r, place)->counted; i++)
        if (r->l->controls[i].of && r->l->controls[i].of[place]) r->counts[i]++;
    return place;
}

/* Nothing that is open takes it: what had to stand above it is opened as if it had come, and told once. */
static uint32_t put_among_missing(flat_reader *r, uint32_t kind)
{
    uint32_t place = r->l->kinds[kind].place, way[DGM_DEPTH_MAX], n = 0;
    dgm_diag *d = dgm_flat_tell(r, DGM_D_FLAT_RECORD_ORPHAN, DGM_ERROR, 0, r->record.len, place_at(r, place)->slot);
    say_name(r, d, place);
    say_name(r, d, place_at(r, place)->parent);
    for (uint32_t p = place; p; p = place_at(r, p)->parent) way[n++] = p;
    uint32_t level = 0;
    while (n > 1 && level + 1 < r->depth && r->levels[level + 1].place == way[n - 1]) level++, n--;
    while (n-- > 0) {
        uint32_t child = way[n] - place_at(r, r->levels[level].place)->first_child;
        place = put(r, level, child);
        if (n == 0) break;
        if (!r->hopeless)
            r->host.draft_open(r->draft, place_at(r, place)->slot, DGM_RECORD, DGM_SYNTHETIC, 0, r->levels[level].count);
        open_level(r, place);
        level++;
    }
    return place;
}

static void say_forbidden(flat_reader *r, uint32_t place, const dgm_flat_condition *why)
{
    const dgm_flat_step *source = &r->l->steps[why->source];
    dgm_diag *d = dgm_flat_tell(r, DGM_D_FLAT_RECORD_FORBIDDEN, DGM_ERROR, 0, r->record.len, place_at(r, place)->slot);
    say_name(r, d, place);
    dgm_diag_text(r->host.diags, d, source->name);
    dgm_diag_text(r->host.diags, d, dgm_buffer_slice(&r->kept[source->kept - 1]));
}

uint32_t dgm_flat_take_place(flat_reader *r, uint32_t kind)
{
    for (uint32_t i = r->depth; i-- > 0;) {
        uint32_t child = fits(r, &r->levels[i], kind);
        if (child != DGM_NONE) return put(r, i, child);
    }
    if (begins_anew(r, kind)) return DGM_NONE;
    for (uint32_t i = r->depth; i-- > 0;) {
        flat_level *v = &r->levels[i];
        uint32_t child = fits_at_all(r, v, kind);
        if (child == DGM_NONE) continue;
        uint32_t place = place_at(r, v->place)->first_child + child;
        bool many = child == v->child;
        const dgm_flat_condition *why;
        if (present(r, place_at(r, place), &why) == DGM_FLAT_NO) {
            say_forbidden(r, place, why);
            return put(r, i, child);
        }
        dgm_diag *d = dgm_flat_tell(r, many ? DGM_D_FLAT_RECORD_MANY : DGM_D_FLAT_RECORD_ORDER, DGM_ERROR, 0, r->record.len,
                                    place_at(r, place)->slot);
        say_name(r, d, place);
        if (many)
            dgm_diag_number(r->host.diags, d, place_at(r, place)->max);
        else
            say_name(r, d, place_at(r, v->place)->first_child + v->child);
        return put(r, i, child);
    }
    return put_among_missing(r, kind);
}
