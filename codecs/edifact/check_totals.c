/* SPDX-License-Identifier: Apache-2.0
 *
 * check_totals.c - control totals: CNT (6069 what, 6066 how many) at the end of a message, held against what is in its tree. Only
 * what 6069 defines so that it can be counted is: lines, customs items, consignments, equipment, and the sum of quantities where
 * each line has one. Linear, and only for messages that have a CNT. One thread.
 */
#include "reader.h"

#include <stdio.h>

#define DECIMALS 6u /* of a total or quantity; what has more is not added up */

typedef struct tally {
    uint64_t lines, sub_lines, items, consignments, equipment;
    int64_t quantity;         /* in millionths */
    uint32_t line_parent;     /* slot of the groups that begin with LIN */
    uint32_t of_line;         /* quantities of the line being looked at */
    bool uneven, units, line; /* not one quantity to each line; EQN counts equipment; there is a line */
} tally;

static bool named(const dgm_tree *t, uint32_t node, const char *name)
{
    const dgm_slot *s = dgm_shape_slot(t->shape, dgm_node_slot(&t->nodes[node]));
    return s && dgm_slice_is(s->name, name);
}

/* The first leaf of a segment at an element and component with a value; empty when there is none. */
static dgm_slice value_at(const dgm_tree *t, uint32_t segment, uint32_t place)
{
    for (uint32_t i = segment + 1; i < dgm_tree_end(t, segment); i++)
        if (dgm_kind_leaf(dgm_node_kind(&t->nodes[i])) && t->nodes[i].place == place) return dgm_tree_value(t, i);
    return (dgm_slice){ 0 };
}

/* A number in millionths; false when it is none, or too long or fine to be added. */
static bool millionths(dgm_slice text, int64_t *out)
{
    int64_t n = 0;
    uint32_t digits = 0, behind = 0;
    bool minus = text.len && text.at[0] == '-', mark = false;
    for (size_t i = minus; i < text.len; i++) {
        if ((text.at[i] == '.' || text.at[i] == ',') && !mark) {
            mark = true;
            continue;
        }
        if (text.at[i] < '0' || text.at[i] > '9' || ++digits > 12 || (behind += mark) > DECIMALS) return false;
        n = n * 10 + (text.at[i] - '0');
    }
    for (; behind < DECIMALS; behind++) n *= 10; /* at most 12 digits and 6 more */
    *out = minus ? -n : n;
    return digits > 0;
}

static void end_line(tally *all)
{
    if (all->line && all->of_line != 1) all->uneven = true;
    all->of_line = 0;
}

/* C829 says that a line belongs to another one; in the oldest directories 5495 stands by itself. */
static bool sub_line(const dgm_tree *t, uint32_t segment)
{
    for (uint32_t i = segment + 1; i < dgm_tree_end(t, segment); i++)
        if (named(t, i, "5495") && dgm_tree_value(t, i).len) return true;
    return false;
}

static void count_segment(const dgm_tree *t, uint32_t i, tally *all)
{
    bool begins_group = i > 1 && dgm_node_kind(&t->nodes[i - 1]) == DGM_GROUP;
    if (begins_group && named(t, i, "LIN")) {
        end_line(all);
        all->line = true;
        all->line_parent = dgm_node_slot(&t->nodes[i - 1]);
        all->lines++;
        all->sub_lines += sub_line(t, i);
    } else if (begins_group && named(t, i, "CST")) {
        all->items++;
    } else if (begins_group && named(t, i, "CNI")) {
        all->consignments++;
    } else if (named(t, i, "EQD")) {
        all->equipment++;
    } else if (named(t, i, "EQN")) {
        all->units = true;
    } else if (all->line && named(t, i, "QTY")) {
        const dgm_slot *s = dgm_shape_slot(t->shape, dgm_node_slot(&t->nodes[i]));
        int64_t n;
        if (s->parent != all->line_parent) return;
        all->of_line++;
        if (!millionths(value_at(t, i, DGM_PLACE(1u, 2u, 0u)), &n) || __builtin_add_overflow(all->quantity, n, &all->quantity))
            all->uneven = true;
    }
}

static tally count_all(const dgm_tree *t)
{
    tally all = { 0 };
    for (uint32_t i = 1; i < t->node_count;) {
        bool segment = dgm_node_kind(&t->nodes[i]) == DGM_SEGMENT;
        if (segment) count_segment(t, i, &all);
        i = segment ? dgm_tree_end(t, i) : i + 1;
    }
    end_line(&all);
    return all;
}

/* What a total must be, in millionths; false when this one is not counted here. either: another number that is right too, because
 * practice is divided. */
static bool wanted(const tally *all, dgm_slice code, int64_t *total, int64_t *either)
{
    const int64_t one = 1000000;
    int64_t lines = (int64_t)all->lines * one, main_lines = (int64_t)(all->lines - all->sub_lines) * one;
    bool counted = true;
    *total = *either = lines;
    if (dgm_slice_is(code, "2")) /* line items; sub-lines are items to some */
        *either = main_lines, counted = all->lines;
    else if (dgm_slice_is(code, "3")) /* line and sub items */
        counted = all->lines;
    else if (dgm_slice_is(code, "5")) /* customs item detail lines */
        *total = *either = (int64_t)all->items * one, counted = all->items;
    else if (dgm_slice_is(code, "10")) /* consignments */
        *total = *either = (int64_t)all->consignments * one, counted = all->consignments;
    else if (dgm_slice_is(code, "16")) /* equipment, unless EQN says how many each EQD stands for */
        *total = *either = (int64_t)all->equipment * one, counted = all->equipment && !all->units;
    else if (dgm_slice_is(code, "1")) /* quantities of lines */
        *total = *either = all->quantity, counted = all->lines && !all->uneven;
    else
        counted = false;
    return counted;
}

static size_t spell(int64_t n, char *out, size_t room)
{
    int64_t whole = n / 1000000, rest = n % 1000000;
    int len = snprintf(out, room, "%s%lld.%06lld", n < 0 && whole == 0 ? "-" : "", (long long)whole,
                       (long long)(rest < 0 ? -rest : rest));
    while (len > 0 && out[len - 1] == '0') len--;
    if (len > 0 && out[len - 1] == '.') len--;
    return len > 0 ? (size_t)len : 0;
}

static void report(dgm_edi_reader *r, const dgm_tree *t, uint32_t node, uint32_t position, int64_t total)
{
    dgm_edi_segment now = r->segment;
    dgm_position place = r->position;
    char text[32];
    size_t last = dgm_tree_end(t, node) - 1, at = r->message_at + t->nodes[last].at;
    uint32_t kept = r->counts[position];
    dgm_slice code = value_at(t, node, DGM_PLACE(1u, 1u, 0u)), said = value_at(t, node, DGM_PLACE(1u, 2u, 0u));
    for (uint32_t i = node + 1; i <= last; i++)
        if (t->nodes[i].place == DGM_PLACE(1u, 2u, 0u)) at = r->message_at + t->nodes[i].at;
    r->segment.at = r->message_at + t->nodes[node].at;
    r->segment.end = at + said.len;
    while (r->segment.end < r->len && r->in[r->segment.end - 1] != r->service[3]) r->segment.end++;
    r->segment.tag = DGM_LITERAL("CNT");
    r->position.segment = dgm_tree_segment_number(t, node);
    r->path_position = position;
    r->path_layout = &r->program->layouts[r->program->positions[position].layout];
    r->counts[position] = t->nodes[node].place;
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_COUNT_CONTROL, r->advice, at, said.len, 1, 2);
    dgm_edi_say_slice(r, d, said);
    dgm_edi_say_slice(r, d, code);
    dgm_edi_say_slice(r, d, dgm_edi_code_name(&r->program->directory, DGM_LITERAL("6069"), code));
    dgm_edi_say_slice(r, d, (dgm_slice){ text, spell(total, text, sizeof text) });
    r->counts[position] = kept;
    r->position = place;
    r->segment = now;
    r->path_position = DGM_NONE;
    r->path_layout = NULL;
}

/* Which group's occurrences a total is most often the number of; DGM_EDI_COUNTED_GROUPS: none, but it may be counted;
 * DGM_NONE: it is not counted here. */
static uint32_t group_of(dgm_slice code)
{
    static const struct {
        char code[3];
        uint8_t group;
    } groups[] = { { "2", DGM_EDI_COUNTED_LIN },  { "3", DGM_EDI_COUNTED_LIN },  { "5", DGM_EDI_COUNTED_CST },
                   { "10", DGM_EDI_COUNTED_CNI }, { "16", DGM_EDI_COUNTED_EQD }, { "1", DGM_EDI_COUNTED_GROUPS } };
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (dgm_slice_is(code, groups[i].code)) return groups[i].group;
    return DGM_NONE;
}

/* Nearly always the counts that placing has kept tell that a total is right; the tree is walked when they do not. */
static bool plainly_right(const dgm_edi_reader *r, uint32_t group, int64_t said)
{
    uint32_t position = group < DGM_EDI_COUNTED_GROUPS ? r->program->counted[group] : 0;
    return position && said == (int64_t)r->counts[position] * 1000000;
}

void dgm_edi_check_totals(dgm_edi_reader *r, const dgm_tree *t)
{
    const dgm_edi_program *p = r->program;
    uint32_t left = p && p->control && r->level != DGM_EDI_LEVEL_SYNTAX ? r->counts[p->control] : 0, first = t->node_count;
    bool counted = false;
    tally all = { 0 };
    if (!left) return;
    while (left && first > 1) { /* they stand at the end */
        const dgm_node *n = &t->nodes[--first];
        left -= dgm_node_kind(n) == DGM_SEGMENT && dgm_node_slot(n) == p->positions[p->control].slot;
    }
    for (uint32_t i = first; i < t->node_count; i = dgm_tree_next(t, i)) {
        int64_t total, either, said;
        if (dgm_node_kind(&t->nodes[i]) != DGM_SEGMENT || dgm_node_slot(&t->nodes[i]) != p->positions[p->control].slot) continue;
        dgm_slice code = value_at(t, i, DGM_PLACE(1u, 1u, 0u));
        uint32_t group = group_of(code);
        if (group == DGM_NONE || !millionths(value_at(t, i, DGM_PLACE(1u, 2u, 0u)), &said) || plainly_right(r, group, said))
            continue;
        if (!counted) all = count_all(t);
        counted = true;
        if (wanted(&all, code, &total, &either) && said != total && said != either) report(r, t, i, p->control, total);
    }
}
