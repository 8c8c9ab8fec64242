/* SPDX-License-Identifier: Apache-2.0
 *
 * program.c - layouts, positions and moves from the text of a directory; see program.h. A program is made by one thread.
 */
#include "program.h"

#include "check.h"

#include "model/tree.h"

/* ---- layouts -------------------------------------------------------------------------------------------------------------- */

static void leaf_set(dgm_edi_leaf *leaf, const dgm_edi_item *item)
{
    uint32_t most = item->repr.length_max ? item->repr.length_max : UINT16_MAX;
    leaf->class = item->repr.class[0] == 'n' ? DGM_EDI_N : item->repr.class[1] == 'n' ? DGM_EDI_AN : DGM_EDI_A;
    leaf->least = (uint16_t)item->repr.length_min;
    leaf->more = (uint16_t)((most > UINT16_MAX ? UINT16_MAX : most) - leaf->least);
}

static void naming_set(dgm_edi_naming *n, const dgm_edi_directory *d, const dgm_edi_item *item)
{
    dgm_edi_element e;
    *n = (dgm_edi_naming){ .id = item->id, .repr = item->repr, .mandatory = item->mandatory };
    if (!dgm_edi_element_find(d, item->id, &e)) return;
    n->title = e.name;
    n->coded = e.coded;
}

typedef struct counts {
    uint32_t places, leaves;
} counts;

static counts count_items(const dgm_edi_directory *d, dgm_slice items, bool folded)
{
    counts c = { 0, 0 };
    dgm_edi_item item, part;
    while (dgm_edi_item_next(&items, &item)) {
        dgm_edi_list composite;
        uint32_t n = 1, times = item.max > DGM_EDI_PLACES_MAX ? DGM_EDI_PLACES_MAX : item.max;
        if (folded) times = 1;
        if (item.repr_text.len == 0 && dgm_edi_composite_find(d, item.id, &composite))
            for (n = 0; dgm_edi_item_next(&composite.items, &part);) n++;
        c.places += times;
        c.leaves += times * n;
    }
    return c;
}

/* What a CONTRL repeats of the headers it answers: type, version, release and agency of a message, whose printed lists end with the
 * directory they stand in; the qualifiers of partners (0007), which are agreed. In the headers they are not looked up either. */
static bool of_headers(dgm_slice id)
{
    return dgm_slice_is(id, "0007") || dgm_slice_is(id, "0065") || dgm_slice_is(id, "0052") || dgm_slice_is(id, "0054") ||
           dgm_slice_is(id, "0051");
}

/* The number of an element that has a code list to be held against; 0 when it has none. */
static uint16_t coded_number(const dgm_edi_naming *n)
{
    uint16_t number = 0;
    if (!n->coded || n->id.len != 4 || of_headers(n->id)) return 0;
    for (size_t i = 0; i < 4; i++) {
        if (n->id.at[i] < '0' || n->id.at[i] > '9') return 0;
        number = (uint16_t)(number * 10 + (n->id.at[i] - '0'));
    }
    return number;
}

/* Which components of a composite 1131 and 3055 qualify: those before them, back to the pair before (UN/TDID, part 4). */
static void tie_qualifiers(dgm_edi_leaf *leaves, const dgm_edi_naming *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (dgm_slice_is(names[i].id, "3055")) continue;
        for (uint32_t k = i + 1; k < count && leaves[i].agency_ahead == 0; k++) {
            bool agency = dgm_slice_is(names[k].id, "3055"), list = dgm_slice_is(names[k].id, "1131");
            if (leaves[i].list_ahead && (list || !agency)) break;
            if (agency) leaves[i].agency_ahead = (uint8_t)(k - i);
            if (list && !dgm_slice_is(names[i].id, "1131")) leaves[i].list_ahead = (uint8_t)(k - i);
        }
    }
}

/* Adds one element; components counts those of the segment so far. element: its position. */
static void add_place(dgm_edi_layout *l, const dgm_edi_directory *d, const dgm_edi_item *item, bool mandatory, uint16_t *components,
                      uint32_t element)
{
    uint16_t at = l->place_count++;
    dgm_edi_place *place = &l->places[at];
    dgm_edi_list composite;
    *place = (dgm_edi_place){
        .first = l->leaf_count, .mandatory = mandatory, .element = (uint16_t)element, .times = 1, .most = 1, .span = 1
    };
    if (at < DGM_EDI_NEEDED_MAX) l->needed |= (uint64_t)mandatory << at;
    if (item->repr_text.len || !dgm_edi_composite_find(d, item->id, &composite)) {
        dgm_edi_leaf *leaf = &l->leaves[l->leaf_count];
        naming_set(&l->leaf_names[l->leaf_count++], d, item);
        *leaf = (dgm_edi_leaf){ .place = DGM_PLACE(element, 0u, 0u), .index = at };
        leaf_set(leaf, item);
        l->place_names[at] = l->leaf_names[l->leaf_count - 1];
        leaf->coded = coded_number(&l->place_names[at]);
    } else {
        dgm_edi_item part;
        while (dgm_edi_item_next(&composite.items, &part)) {
            dgm_edi_leaf *leaf = &l->leaves[l->leaf_count];
            place->needed |= (uint32_t)part.mandatory << place->count++;
            naming_set(&l->leaf_names[l->leaf_count++], d, &part);
            *leaf = (dgm_edi_leaf){ .place = DGM_PLACE(element, (uint32_t)place->count, 0u),
                                    .index = (*components)++,
                                    .in_composite = 1 };
            leaf_set(leaf, &part);
            leaf->coded = coded_number(&l->leaf_names[l->leaf_count - 1]);
        }
        tie_qualifiers(l->leaves + place->first, l->leaf_names + place->first, place->count);
        l->place_names[at] = (dgm_edi_naming){ .id = composite.id, .title = composite.name };
    }
    l->place_names[at].mandatory = mandatory;
}

/* So many positions, as far as they can be counted. */
static uint16_t positions_left(uint32_t wanted, uint32_t from)
{
    uint32_t most = from < DGM_EDI_ELEMENTS_MAX ? DGM_EDI_ELEMENTS_MAX - from + 1 : 1;
    return (uint16_t)(wanted < most ? wanted : most);
}

uint64_t dgm_edi_layout_bytes(const dgm_edi_layout *l)
{
    uint64_t bytes = 4;
    for (uint32_t at = 0; at < l->place_count; at += l->places[at].times) {
        const dgm_edi_place *place = &l->places[at];
        uint64_t one = 0, times = place->most > place->span ? place->most : place->span;
        for (uint32_t c = 0; c < (place->count ? place->count : 1u); c++) {
            const dgm_edi_leaf *leaf = &l->leaves[place->first + c];
            one += 4u * ((uint64_t)leaf->least + leaf->more) + 1;
        }
        bytes += one * times;
    }
    return bytes;
}

/* Does a place stand for one position, or for occurrences in one? */
static bool stands_alone(const dgm_edi_layout *l, uint32_t at)
{
    const dgm_edi_place *p = &l->places[at];
    return p->span == 1 || p->most > 1;
}

dgm_status dgm_edi_layout_make(dgm_arena *a, const dgm_edi_directory *d, dgm_slice tag, bool folded, dgm_edi_layout *out)
{
    dgm_edi_list segment;
    *out = (dgm_edi_layout){ 0 };
    if (tag.len != 3 || !dgm_edi_segment_find(d, tag, &segment)) return DGM_UNKNOWN;
    counts c = count_items(d, segment.items, folded);
    if (c.places > DGM_EDI_PLACES_MAX) c.places = DGM_EDI_PLACES_MAX;
    *out = (dgm_edi_layout){ .tag = segment.id, .title = segment.name, .packed = dgm_edi_pack(tag.at) };
    out->places = DGM_NEW(a, dgm_edi_place, c.places + 1);
    out->leaves = DGM_NEW(a, dgm_edi_leaf, c.leaves + 1);
    out->place_names = DGM_NEW(a, dgm_edi_naming, c.places + 1);
    out->leaf_names = DGM_NEW(a, dgm_edi_naming, c.leaves + 1);
    if (!out->places || !out->leaves || !out->place_names || !out->leaf_names) return DGM_NOMEM;
    uint16_t components = 0;
    dgm_edi_item item;
    uint32_t left = 0;
    for (dgm_slice rest = segment.items; dgm_edi_item_next(&rest, &item);) left++;
    if (left > c.places) left = c.places;
    while (dgm_edi_item_next(&segment.items, &item)) {
        uint32_t first = out->place_count, times = folded ? 1 : item.max, shared = d->syntax4 && item.max > 1;
        uint32_t room = c.places - first - (left ? --left : 0); /* one at least for each of those behind it */
        uint32_t position = dgm_edi_position_count(out) + 1;
        if (times > room) times = room;
        for (uint32_t i = 0; i < times && out->place_count < c.places; i++)
            add_place(out, d, &item, item.mandatory && i == 0, &components, d->syntax4 ? position : position + i);
        if (first == out->place_count) continue;
        dgm_edi_place *begins = &out->places[first], *ends = &out->places[out->place_count - 1u];
        ends->span = positions_left(item.max - (out->place_count - first) + 1, ends->element);
        if (!shared) continue;
        begins->times = (uint8_t)(out->place_count - first);
        for (dgm_edi_place *p = begins; p <= ends; p++) p->most = (uint16_t)(item.max > UINT16_MAX ? UINT16_MAX : item.max);
    }
    while (out->near < DGM_EDI_NEEDED_MAX && out->near < out->place_count && stands_alone(out, out->near)) out->near++;
    dgm_status st = dgm_edi_digits_find(a, out);
    return st == DGM_OK ? dgm_edi_rules_of_layout(a, d, out) : st;
}

/* ---- positions ------------------------------------------------------------------------------------------------------------ */

typedef struct outline { /* a position in document order */
    dgm_slice tag;
    uint32_t parent, min, max, depth, number, place;
    bool group;
} outline;

/* Parts in document order; *count of them. rows NULL: only counts. */
static bool read_outline(dgm_slice structure, outline *rows, uint32_t *count, uint32_t *depth_max)
{
    dgm_edi_part part;
    uint32_t n = 1, open = 0, depth = 0, groups = 0;
    uint32_t stack[DGM_DEPTH_MAX] = { 0 };
    if (rows) rows[0] = (outline){ .group = true, .min = 1, .max = 1 };
    *depth_max = 0;
    while (dgm_edi_part_next(&structure, &part)) {
        if (part.kind == DGM_EDI_PART_CLOSE) {
            if (depth == 0) return false;
            if (rows) rows[open].min = part.mandatory, rows[open].max = part.max;
            open = stack[--depth];
            continue;
        }
        bool group = part.kind == DGM_EDI_PART_OPEN;
        /* The depth of the innermost segment is counted, not that of the group. */
        if (rows) rows[n] = (outline){ part.tag, open, part.mandatory, part.max, depth, group ? groups + 1 : 0, 0, group };
        if (group) {
            if (depth + 8 >= DGM_DEPTH_MAX) return false;
            groups++;
            stack[depth++] = open;
            open = n;
            if (depth > *depth_max) *depth_max = depth;
        } else if (rows && rows[open].group && rows[open].tag.len == 0) {
            rows[open].tag = part.tag;
        }
        n++;
    }
    *count = n;
    return depth == 0 && n < DGM_EDI_POSITIONS_MAX;
}

/* Breadth first is: by depth, and within a depth in document order. */
static void place_positions(dgm_edi_program *p, outline *rows, uint32_t depth_max)
{
    uint32_t next = 1;
    for (uint32_t depth = 0; depth <= depth_max; depth++)
        for (uint32_t i = 1; i < p->position_count; i++)
            if (rows[i].depth == depth) rows[i].place = next++;
    for (uint32_t i = 0; i < p->position_count; i++) {
        const outline *row = &rows[i];
        dgm_edi_position *to = &p->positions[row->place];
        *to = (dgm_edi_position){ .tag = row->tag.len == 3 ? dgm_edi_pack(row->tag.at) : 0,
                                  .min = row->min,
                                  .max = row->max,
                                  .parent = (uint16_t)rows[row->parent].place,
                                  .first_child = to->first_child,
                                  .child_count = to->child_count,
                                  .number = (uint16_t)row->number,
                                  .depth = (uint8_t)row->depth,
                                  .group = row->group };
        if (i == 0) continue;
        dgm_edi_position *parent = &p->positions[to->parent];
        if (parent->child_count++ == 0) parent->first_child = (uint16_t)row->place;
    }
}

static dgm_status make_layouts(dgm_edi_program *p, const outline *rows)
{
    p->layouts = DGM_NEW(&p->arena, dgm_edi_layout, p->position_count);
    p->tags = DGM_NEW(&p->arena, uint32_t, p->position_count + 1);
    if (!p->layouts || !p->tags) return DGM_NOMEM;
    p->tag_count = 1;
    for (uint32_t i = 1; i < p->position_count; i++) {
        if (rows[i].group) continue;
        dgm_edi_position *at = &p->positions[rows[i].place];
        uint32_t l = 0;
        while (l < p->layout_count && p->layouts[l].packed != at->tag) l++;
        if (l == p->layout_count) {
            dgm_status st = dgm_edi_layout_make(&p->arena, &p->directory, rows[i].tag, false, &p->layouts[l]);
            if (st != DGM_OK) return st == DGM_UNKNOWN ? DGM_DEFECT : st;
            p->layout_count++;
            p->tags[p->tag_count++] = at->tag;
        }
        at->layout = (uint16_t)l;
    }
    return p->tag_count <= UINT8_MAX ? DGM_OK : DGM_DEFECT;
}

static bool try_factor(dgm_edi_program *p, uint32_t factor, uint32_t cells)
{
    memset(p->tag_table, 0, cells * sizeof *p->tag_table);
    p->tag_factor = factor;
    for (uint32_t i = 1; i < p->tag_count; i++) {
        uint32_t *cell = &p->tag_table[p->tags[i] * factor >> p->tag_shift];
        if (*cell) return false;
        *cell = p->tags[i] | i << 24;
    }
    return true;
}

/* A factor under which no two tags of the message fall together, in the smallest table that has one. */
static dgm_status make_tag_table(dgm_edi_program *p)
{
    p->tag_table = DGM_NEW(&p->arena, uint32_t, DGM_EDI_TAG_TABLE_MAX);
    if (!p->tag_table) return DGM_NOMEM;
    p->tag_shift = 24;
    for (uint32_t cells = 256; cells <= DGM_EDI_TAG_TABLE_MAX; cells *= 2, p->tag_shift--)
        for (uint32_t factor = 0x9E3779B1u, tries = 0; tries < 256; factor += 0x6C8E9CF4u, tries++)
            if (try_factor(p, factor, cells)) return DGM_OK;
    return DGM_DEFECT;
}

/* ---- moves ---------------------------------------------------------------------------------------------------------------- */

typedef bool move_seen(void *ctx, uint32_t tag, dgm_edi_move move);

/* Shows every place that can follow `from`, nearest first: itself again, what comes later in its group, its group again, and so on
 * outwards. Stops when seen() says so. */
static void follow(const dgm_edi_program *p, uint32_t from, move_seen *seen, void *ctx)
{
    const dgm_edi_position *at = &p->positions[from];
    uint32_t passes = 0;
    if (at->max > 1 && seen(ctx, at->tag, DGM_EDI_MOVE(from, 0, 0))) return;
    for (uint32_t cur = from;;) {
        uint32_t group = p->positions[cur].parent;
        const dgm_edi_position *g = &p->positions[group];
        uint32_t end = g->first_child + (uint32_t)g->child_count;
        for (uint32_t q = cur + 1; q < end; q++) {
            const dgm_edi_position *next = &p->positions[q];
            uint32_t target = next->group ? next->first_child : q;
            if (seen(ctx, next->tag, DGM_EDI_MOVE(target, next->group, passes))) return;
            if (next->min) passes = 1;
        }
        if (group == 0) return;
        if (g->max > 1 && seen(ctx, g->tag, DGM_EDI_MOVE(g->first_child, 1, passes))) return;
        cur = group;
    }
}

typedef struct filling {
    const dgm_edi_program *p;
    dgm_edi_move *row;
} filling;

static bool fill_move(void *ctx, uint32_t tag, dgm_edi_move move)
{
    filling *f = ctx;
    dgm_edi_move *cell = &f->row[dgm_edi_tag_number(f->p, tag)];
    if (*cell == 0) *cell = move;
    return false;
}

static dgm_status make_moves(dgm_edi_program *p)
{
    p->moves = DGM_NEW(&p->arena, dgm_edi_move, (size_t)p->position_count * p->tag_count);
    if (!p->moves) return DGM_NOMEM;
    for (uint32_t i = 1; i < p->position_count; i++) {
        if (p->positions[i].group) continue;
        filling f = { p, p->moves + (size_t)i * p->tag_count };
        follow(p, i, fill_move, &f);
    }
    return DGM_OK;
}

typedef struct looking {
    uint32_t tag;
    dgm_edi_move not_this, found;
} looking;

static bool look_move(void *ctx, uint32_t tag, dgm_edi_move move)
{
    looking *l = ctx;
    if (tag != l->tag || move == l->not_this) return false;
    l->found = move;
    return true;
}

dgm_edi_move dgm_edi_move_find(const dgm_edi_program *p, uint32_t position, uint32_t packed, dgm_edi_move not_this)
{
    looking l = { packed, not_this, 0 };
    follow(p, position, look_move, &l);
    return l.found;
}

/* ---- making and finding --------------------------------------------------------------------------------------------------- */

/* A message with two section controls has the one that ends its header first (D), then the one that ends its detail (S). */
static void find_sections(dgm_edi_program *p)
{
    uint16_t found[2];
    uint32_t n = 0;
    const dgm_edi_position *root = &p->positions[0];
    for (uint32_t i = root->first_child; i < root->first_child + (uint32_t)root->child_count; i++)
        if (p->positions[i].tag == DGM_EDI_TAG('U', 'N', 'S') && !p->positions[i].group && n++ < 2) found[n - 1] = (uint16_t)i;
    if (n == 2) memcpy(p->sections, found, sizeof found);
}

/* What control totals are about, where the message itself has it: the counts of its occurrences are then those of the message. */
static void find_counted(dgm_edi_program *p)
{
    static const char tags[DGM_EDI_COUNTED_GROUPS][4] = { "LIN", "CST", "CNI", "EQD" };
    const dgm_edi_position *root = &p->positions[0];
    for (uint32_t i = root->first_child; i < root->first_child + (uint32_t)root->child_count; i++) {
        const dgm_edi_position *at = &p->positions[i];
        if (!at->group && at->tag == DGM_EDI_TAG('C', 'N', 'T') && !p->control) p->control = (uint16_t)i;
        for (uint32_t k = 0; k < DGM_EDI_COUNTED_GROUPS; k++)
            if (at->group && at->tag == dgm_edi_pack(tags[k]) && !p->counted[k]) p->counted[k] = (uint16_t)i;
    }
}

/* The dependency notes of the message itself. The parts of one note stand in one group: a note that says otherwise is left out. */
static dgm_status make_rules(dgm_edi_program *p, const outline *rows)
{
    dgm_slice notes = dgm_edi_notes_of(&p->directory, DGM_EDI_MESSAGES, p->type);
    dgm_edi_note note;
    uint32_t n = 0;
    for (dgm_slice rest = notes; dgm_edi_note_next(&rest, &note);) n++;
    if (!n) return DGM_OK;
    dgm_edi_rule *rules = DGM_NEW(&p->arena, dgm_edi_rule, n);
    if (!rules) return DGM_NOMEM;
    p->rules = rules;
    while (dgm_edi_note_next(&notes, &note)) {
        dgm_edi_rule *rule = &rules[p->rule_count];
        bool together = true;
        *rule = (dgm_edi_rule){ .text = note.text, .kind = (uint8_t)note.kind, .count = (uint8_t)note.count };
        for (uint32_t i = 0; i < note.count && together; i++) {
            together = note.at[i] < p->position_count && rows[note.at[i]].parent == rows[note.at[0]].parent;
            if (together) rule->first[i] = rule->last[i] = (uint16_t)rows[note.at[i]].place;
        }
        p->rule_count += together;
    }
    return DGM_OK;
}

static dgm_status fill_program(dgm_edi_program *p, dgm_slice structure, outline **rows, size_t *rows_bytes)
{
    uint32_t depth_max = 0;
    if (!read_outline(structure, NULL, &p->position_count, &depth_max)) return DGM_DEFECT;
    *rows_bytes = p->position_count * sizeof(outline);
    *rows = dgm_mem_new(&p->arena.mem, *rows_bytes);
    p->positions = DGM_NEW(&p->arena, dgm_edi_position, p->position_count);
    if (!*rows || !p->positions) return DGM_NOMEM;
    read_outline(structure, *rows, &p->position_count, &depth_max);
    p->depth = depth_max;
    place_positions(p, *rows, depth_max);
    find_counted(p);
    find_sections(p);
    dgm_status st = make_rules(p, *rows);
    if (st == DGM_OK) st = make_layouts(p, *rows);
    if (st == DGM_OK) st = make_tag_table(p);
    return st == DGM_OK ? make_moves(p) : st;
}

dgm_status dgm_edi_program_make(const dgm_mem *mem, const dgm_edi_directory *d, dgm_slice type, dgm_edi_program **out)
{
    dgm_edi_message message;
    *out = NULL;
    if (!dgm_edi_message_find(d, type, &message)) return DGM_UNKNOWN;
    dgm_arena arena;
    dgm_arena_init(&arena, mem);
    dgm_edi_program *p = DGM_NEW(&arena, dgm_edi_program, 1);
    if (!p) {
        dgm_arena_free(&arena);
        return DGM_NOMEM;
    }
    p->arena = arena;
    p->directory = *d;
    p->type = message.type;
    outline *rows = NULL;
    size_t rows_bytes = 0;
    dgm_status st = fill_program(p, message.structure, &rows, &rows_bytes);
    if (rows) dgm_mem_free(mem, rows, rows_bytes);
    if (st == DGM_OK)
        *out = p;
    else
        dgm_edi_program_free(p);
    return st;
}

void dgm_edi_program_free(dgm_edi_program *p)
{
    if (!p) return;
    dgm_arena arena = p->arena; /* the program stands in its own arena */
    dgm_arena_free(&arena);
}

static uint32_t find_group(const dgm_edi_program *p, dgm_slice name)
{
    uint32_t number = 0;
    if (name.len < 3 || name.len > 6 || name.at[0] != 'S' || name.at[1] != 'G') return DGM_NONE;
    for (size_t i = 2; i < name.len; i++) {
        if (name.at[i] < '0' || name.at[i] > '9') return DGM_NONE;
        number = number * 10 + (uint32_t)(name.at[i] - '0');
    }
    for (uint32_t i = 1; i < p->position_count; i++)
        if (p->positions[i].group && p->positions[i].number == number) return i;
    return DGM_NONE;
}

uint32_t dgm_edi_program_find(const dgm_edi_program *p, dgm_slice path)
{
    uint32_t at = 0;
    while (path.len) {
        dgm_cut step = dgm_slice_cut(path, '/');
        uint32_t next = find_group(p, step.head);
        const dgm_edi_position *here = &p->positions[at];
        if (next != DGM_NONE && at != 0 && p->positions[next].parent != at) return DGM_NONE;
        for (uint32_t i = 0; next == DGM_NONE && step.head.len == 3 && i < here->child_count; i++) {
            const dgm_edi_position *child = &p->positions[here->first_child + i];
            if (!child->group && child->tag == dgm_edi_pack(step.head.at)) next = here->first_child + i;
        }
        if (next == DGM_NONE) return DGM_NONE;
        at = next;
        path = step.tail;
    }
    return at ? at : DGM_NONE;
}
