/* SPDX-License-Identifier: Apache-2.0
 *
 * strays.c - segments that no move leads to as they stand: something is missing before them, there are too many, or they are out of
 * place. What is missing is told where it is missing, and nobody else is blamed for it. One thread.
 */
#include "reader.h"

#include <stdio.h>

/* Calls for each mandatory place that a move passes over; returns how many. */
static uint32_t passed(const dgm_edi_reader *r, uint32_t to, uint32_t *first, void (*tell)(dgm_edi_reader *, uint32_t),
                       dgm_edi_reader *teller)
{
    const dgm_edi_program *p = r->program;
    uint32_t n = 0;
    for (uint32_t cur = r->place; cur != 0; cur = p->positions[cur].parent) {
        const dgm_edi_position *g = &p->positions[p->positions[cur].parent];
        uint32_t end = g->first_child + (uint32_t)g->child_count;
        /* Its own group again: everything behind `cur` was passed over. */
        for (uint32_t q = cur + 1; q < end; q++) {
            const dgm_edi_position *next = &p->positions[q];
            if (q == to || (next->group && next->first_child == to)) return n;
            if (next->min == 0 || r->counts[q]) continue;
            if (n++ == 0 && first) *first = q;
            if (tell) tell(teller, q);
        }
        if (p->positions[cur].parent != 0 && g->first_child == to) return n;
    }
    return n;
}

/* The rule that did not match: what the directory has around a position, "SG30 is CST 1, FTX 9?, [LOC 9], ..."; a question mark is
 * a conditional one. */
static size_t rule_text(const dgm_edi_program *p, uint32_t position, char *out, size_t room)
{
    const dgm_edi_position *pos = &p->positions[position], *parent = &p->positions[pos->parent];
    uint32_t end = parent->first_child + (uint32_t)parent->child_count;
    uint32_t from = position > parent->first_child ? position - 1u : position, to = position + 2 < end ? position + 3 : end;
    int n = pos->parent ? snprintf(out, room, "SG%u is ", parent->number)
                        : snprintf(out, room, "%.*s is ", (int)p->type.len, p->type.at);
    if (from > parent->first_child) n += snprintf(out + n, room - (size_t)n, "..., ");
    for (uint32_t q = from; q < to && (size_t)n + 32 < room; q++) {
        const dgm_edi_position *at = &p->positions[q];
        char name[16];
        if (at->group)
            snprintf(name, sizeof name, "SG%u", at->number);
        else
            snprintf(name, sizeof name, "%.*s", (int)p->layouts[at->layout].tag.len, p->layouts[at->layout].tag.at);
        n += snprintf(out + n, room - (size_t)n, "%s%s%s %u%s%s", q > from ? ", " : "", q == position ? "[" : "", name, at->max,
                      at->min ? "" : "?", q == position ? "]" : "");
    }
    if (to < end) n += snprintf(out + n, room - (size_t)n, ", ...");
    return (size_t)n;
}

static void tell_missing(dgm_edi_reader *r, uint32_t position)
{
    const dgm_edi_position *pos = &r->program->positions[position];
    dgm_edi_segment now = r->segment;
    uint32_t number = r->position.segment, kept = r->counts[position];
    char group[256];
    r->segment.at = r->before.at;
    r->segment.end = r->before.end;
    r->position.segment = r->before.position;
    r->path_position = position;
    r->path_layout = NULL;
    r->counts[position] = 1;
    dgm_diag *d =
        dgm_edi_report(r, pos->group ? DGM_D_EDI_GROUP_MISSING : DGM_D_EDI_SEGMENT_MISSING, DGM_ERROR, r->before.end, 0, 0, 0);
    const dgm_edi_layout *l = &r->program->layouts[pos->group ? r->program->positions[pos->first_child].layout : pos->layout];
    if (pos->group) {
        size_t len = dgm_edi_position_path(r, position, group, sizeof group), from = len;
        while (from && group[from - 1] != '/') from--;
        dgm_edi_say_slice(r, d, (dgm_slice){ group + from, len - from });
    }
    dgm_edi_say_slice(r, d, l->tag);
    if (!pos->group) dgm_edi_say_slice(r, d, l->title);
    dgm_edi_say(r, d, r->before.tag);
    dgm_edi_say_slice(r, d, (dgm_slice){ group, rule_text(r->program, position, group, sizeof group) });
    r->counts[position] = kept;
    r->segment = now;
    r->position.segment = number;
}

static dgm_diag *report_segment(dgm_edi_reader *r, dgm_diag_code code, uint32_t path_position)
{
    r->path_position = path_position;
    r->path_layout = NULL;
    return dgm_edi_report(r, code, DGM_ERROR, r->segment.at, r->segment.end - r->segment.at, 0, 0);
}

void dgm_edi_take_too_many(dgm_edi_reader *r, dgm_edi_move m)
{
    const dgm_edi_program *p = r->program;
    uint32_t to = dgm_edi_move_position(m), counted = dgm_edi_move_opens(m) ? p->positions[to].parent : to;
    char name[256];
    r->counts[counted]++;
    dgm_diag *d = report_segment(r, counted == to ? DGM_D_EDI_SEGMENT_TOO_MANY : DGM_D_EDI_GROUP_TOO_MANY, counted);
    size_t len = dgm_edi_position_path(r, counted, name, sizeof name), from = len;
    while (from && name[from - 1] != '/') from--;
    while (len > from && name[len - 1] != '#') len--;
    dgm_edi_say_slice(r, d, (dgm_slice){ name + from, len > from ? len - 1 - from : 0 });
    dgm_edi_say_number(r, d, r->counts[counted]);
    dgm_edi_say_number(r, d, p->positions[counted].max);
    r->counts[counted]--;
    dgm_edi_take_move(r, m, DGM_BAD);
}

/* Keeps a segment that has no place, without names. */
void dgm_edi_keep_nameless(dgm_edi_reader *r, dgm_diag_code code)
{
    dgm_diag *d = report_segment(r, code, DGM_NONE);
    dgm_edi_say_slice(r, d, r->segment.tag);
    if (code == DGM_D_EDI_SEGMENT_UNKNOWN)
        dgm_edi_say_slice(r, d, r->program->type);
    else if (code == DGM_D_EDI_SEGMENT_UNEXPECTED)
        dgm_edi_say(r, d, r->before.tag);
    dgm_edi_segment_put(r, 0, 1, DGM_BAD);
}

/* The place of the segment before the last one in the tree; 0 when that has none. */
static uint32_t place_before(dgm_edi_reader *r)
{
    uint32_t i = r->next_node, segments = 0, slot = DGM_SLOT_UNKNOWN;
    while (i > 1 && segments < 2) {
        const dgm_node *n = r->host.draft_node(r->draft, --i);
        if (!n || dgm_node_kind(n) != DGM_SEGMENT) continue;
        segments++;
        slot = dgm_node_slot(n);
    }
    for (uint32_t q = 1; q < r->program->position_count && segments == 2; q++)
        if (r->program->positions[q].slot == slot && !r->program->positions[q].group) return q;
    return 0;
}

/* UNS came before, and what follows goes on with the section that it ended: then it was UNS that stood too early, and one
 * diagnostic is enough for all that comes. */
static bool take_after_early_section(dgm_edi_reader *r, uint32_t number)
{
    const dgm_edi_program *p = r->program;
    if (p->positions[r->place].tag != DGM_EDI_TAG('U', 'N', 'S') || p->positions[r->place].group) return false;
    uint32_t from = place_before(r);
    dgm_edi_move m = from ? dgm_edi_move_get(p, from, number) : 0;
    /* Groups that UNS closed are not opened again. */
    if (!m || dgm_edi_move_passes(m) || dgm_edi_full(r, m) ||
        p->positions[dgm_edi_move_position(m)].depth != (dgm_edi_move_opens(m) ? 1 : 0))
        return false;
    dgm_edi_segment now = r->segment;
    uint32_t segment = r->position.segment;
    r->segment.at = r->before.at;
    r->segment.end = r->before.end;
    r->position.segment = r->before.position;
    dgm_diag *d = report_segment(r, DGM_D_EDI_SEGMENT_EARLY, r->place);
    dgm_edi_say(r, d, r->before.tag);
    dgm_edi_say_slice(r, d, now.tag);
    r->segment = now;
    r->position.segment = segment;
    r->place = from;
    dgm_edi_take_move(r, m, 0);
    return true;
}

/* The segment or group in a group, from behind its first, that this tag may begin when nothing mandatory stands before it; 0: none.
 */
static uint32_t behind_trigger(const dgm_edi_program *p, const dgm_edi_position *group, uint32_t packed)
{
    for (uint32_t c = group->first_child + 1u; c < group->first_child + (uint32_t)group->child_count; c++) {
        if (p->positions[c].tag == packed) return c;
        if (p->positions[c].min) return 0;
    }
    return 0;
}

/* A group ahead whose first segment is missing, while this one follows that; 0: none. needed: the group is mandatory. *place: where
 * this one stands in it. */
static uint32_t group_without_trigger(const dgm_edi_reader *r, uint32_t packed, bool needed, uint32_t *place)
{
    const dgm_edi_program *p = r->program;
    for (uint32_t cur = r->place; cur != 0; cur = p->positions[cur].parent) {
        const dgm_edi_position *g = &p->positions[p->positions[cur].parent];
        for (uint32_t q = cur + 1; q < g->first_child + (uint32_t)g->child_count; q++) {
            const dgm_edi_position *next = &p->positions[q];
            bool waits = next->min && r->counts[q] == 0;
            bool room = next->depth + 3u < r->host.limits.depth_max;
            if (next->group && r->counts[q] < next->max && (waits || !needed) && room) {
                *place = behind_trigger(p, next, packed);
                if (*place) return q;
            }
            if (waits) return 0;
        }
    }
    return 0;
}

/* A segment whose group is there without its first: that one is missing, and this one stands in the group. */
static void take_in_group(dgm_edi_reader *r, uint32_t group, uint32_t place)
{
    const dgm_edi_program *p = r->program;
    dgm_edi_close_to(r, p->positions[group].depth);
    dgm_edi_open_group(r, group, DGM_BAD);
    tell_missing(r, p->positions[group].first_child);
    if (p->positions[place].group) {
        dgm_edi_open_group(r, place, 0);
        place = p->positions[place].first_child;
    }
    r->place = place;
    dgm_edi_segment_put(r, place, ++r->counts[place], 0);
}

/* No move leads on: too many of this one, one that belongs earlier, or one that has nothing to do here. */
static void take_stray(dgm_edi_reader *r, uint32_t packed)
{
    const dgm_edi_program *p = r->program;
    const dgm_edi_position *here = &p->positions[r->place];
    const dgm_edi_position *g = &p->positions[here->parent];
    uint32_t place = 0, group;
    if (here->tag == packed) {
        if (here->parent && g->tag == packed)
            dgm_edi_take_too_many(r, DGM_EDI_MOVE(r->place, 1, 0));
        else
            dgm_edi_take_too_many(r, DGM_EDI_MOVE(r->place, 0, 0));
        return;
    }
    for (group = here->parent; group; group = p->positions[group].parent)
        if (p->positions[group].tag == packed) {
            dgm_edi_take_too_many(r, DGM_EDI_MOVE(p->positions[group].first_child, 1, 0));
            return;
        }
    for (uint32_t q = g->first_child; q < r->place; q++) {
        if (p->positions[q].group || p->positions[q].tag != packed || packed == DGM_EDI_TAG('U', 'N', 'H')) continue;
        if (r->counts[q] >= p->positions[q].max) continue;
        r->counts[q]++;
        dgm_diag *d = report_segment(r, DGM_D_EDI_SEGMENT_MISPLACED, q);
        dgm_edi_say_slice(r, d, r->segment.tag);
        dgm_edi_say(r, d, r->before.tag);
        dgm_edi_segment_put(r, q, r->counts[q], DGM_BAD);
        return;
    }
    group = group_without_trigger(r, packed, false, &place);
    if (group) {
        take_in_group(r, group, place);
        return;
    }
    dgm_edi_keep_nameless(r, DGM_D_EDI_SEGMENT_UNEXPECTED);
}

static bool leads_plainly(const dgm_edi_program *p, uint32_t from, uint32_t packed)
{
    uint32_t number = dgm_edi_tag_number(p, packed);
    dgm_edi_move m = number ? dgm_edi_move_get(p, from, number) : 0;
    return m && !dgm_edi_move_passes(m);
}

/* A move passes over mandatory places. Is something missing, or is this segment out of place? The next one tells. */
dgm_status dgm_edi_take_passing(dgm_edi_reader *r, dgm_edi_move m)
{
    const dgm_edi_program *p = r->program;
    uint32_t to = dgm_edi_move_position(m), next = 0, first = 0;
    uint32_t n = r->encrypted ? 0 : passed(r, to, &first, NULL, NULL);
    if (n && r->segment.packed != DGM_EDI_TAG('U', 'N', 'T')) {
        dgm_status st = dgm_edi_peek(r, &next);
        if (st != DGM_OK) return st;
        bool before = leads_plainly(p, r->place, next), after = leads_plainly(p, to, next);
        /* One more of the same, and what would be missing comes next: then it is not missing. */
        bool comes = before && first && p->positions[r->place].tag == r->segment.packed && p->positions[first].tag == next;
        uint32_t place = 0, group = group_without_trigger(r, r->segment.packed, true, &place);
        uint32_t leaf = p->positions[place].group ? p->positions[place].first_child : place;
        if (group && next != p->positions[group].tag && !after && leads_plainly(p, leaf, next)) {
            take_in_group(r, group, place);
            return DGM_OK;
        }
        if (comes || (before == after ? n > 1 : before)) {
            take_stray(r, r->segment.packed);
            return DGM_OK;
        }
    }
    if (!r->encrypted) passed(r, to, NULL, tell_missing, r);
    if (dgm_edi_full(r, m))
        dgm_edi_take_too_many(r, m);
    else
        dgm_edi_take_move(r, m, 0);
    return DGM_OK;
}

/* No move leads on. Where a mandatory group waits for its first segment, and this one may follow that, it is that which is missing,
 * unless it comes next. */
dgm_status dgm_edi_take_nowhere(dgm_edi_reader *r, uint32_t number)
{
    uint32_t place = 0, next = 0, group = group_without_trigger(r, r->segment.packed, true, &place);
    if (group) {
        dgm_status st = dgm_edi_peek(r, &next);
        if (st != DGM_OK) return st;
    }
    if (group && next != r->program->positions[group].tag)
        take_in_group(r, group, place);
    else if (!take_after_early_section(r, number))
        take_stray(r, r->segment.packed);
    return DGM_OK;
}
