/* SPDX-License-Identifier: Apache-2.0
 *
 * guide_show.c - a guide as the table of its message: groups and segments as the directory has them, below each what the guide says
 * of it, then its own codes and its rules; for people, or as one JSON object. One thread.
 */
#include "guide.h"

#include "base/slice.h"

#include <stdio.h>

typedef struct guide_row {
    uint32_t position, depth; /* position 0: what the guide says of a place, not one of the directory's */
    const char *kind;
    dgm_slice id, name, repr;
    char status;
    uint32_t max, directory_max;
    const dgm_edi_guide_entry *entry;
} guide_row;

typedef struct table {
    cli *c;
    const dgm_edi_guide *g;
    dir d;
    guide_row *rows;
    size_t count, room;
    uint32_t position;
    bool failed;
} table;

/* ---- rows ---- */

static guide_row *add(table *t)
{
    if (t->count == t->room) {
        size_t wanted = t->room ? t->room * 2 : 128;
        guide_row *rows = DGM_NEW(&t->c->arena, guide_row, wanted);
        if (!rows) {
            t->failed = true;
            return NULL;
        }
        if (t->count) memcpy(rows, t->rows, t->count * sizeof *rows);
        t->rows = rows;
        t->room = wanted;
    }
    return &t->rows[t->count++];
}

static char status_of(const dgm_slot *s, const dgm_edi_guide_entry *e)
{
    static const char letters[] = {
        [DGM_EDI_OPTIONAL] = 'O', [DGM_EDI_REQUIRED] = 'R', [DGM_EDI_DEPENDENT] = 'D', [DGM_EDI_UNUSED] = 'N'
    };
    if (e && e->use != DGM_EDI_OPTIONAL) return s->min && s->component == 0 ? 'M' : letters[e->use];
    if (e && e->min) return 'R';
    return s->min ? 'M' : 'O';
}

static const char *kind_of(const dgm_slot *s)
{
    static const char *const kinds[] = {
        [DGM_GROUP] = "group", [DGM_SEGMENT] = "segment", [DGM_COMPOSITE] = "composite", [DGM_ELEMENT] = "element"
    };
    return kinds[s->kind];
}

static void add_row(table *t, uint32_t slot, const dgm_edi_guide_entry *e, dgm_slice id, uint32_t position, uint32_t depth)
{
    const dgm_slot *s = dgm_shape_slot(t->g->shape, slot);
    guide_row *r = add(t);
    dgm_edi_element element;
    if (!r) return;
    *r = (guide_row){ .position = position, .depth = depth, .kind = kind_of(s), .id = id, .entry = e };
    r->name = e && e->name.len ? e->name : s->kind == DGM_GROUP ? (dgm_slice){ 0 } : dir_quiet(&t->d, s->title);
    r->status = status_of(s, e);
    r->directory_max = s->max;
    r->max = e && e->max ? e->max : s->max;
    if (e && e->repr_text.len)
        r->repr = e->repr_text;
    else if (s->kind == DGM_ELEMENT && dgm_edi_element_find(&t->g->directory, s->name, &element))
        r->repr = element.repr_text;
}

static bool plain(const dgm_edi_guide_spot *s)
{
    return s->test_count == 0 && s->from == 0 && s->value_count == 0;
}

/* The spot of a slot itself beneath another; 0: there is none. */
static uint32_t plain_below(const dgm_edi_guide *g, uint32_t spot, uint32_t slot)
{
    const dgm_edi_guide_spot *s = &g->spots[spot];
    for (uint32_t i = s->first_child; i < s->first_child + s->child_count; i++)
        if (g->spots[i].slot == slot && plain(&g->spots[i])) return i;
    return 0;
}

/* What is said of a spot and of all below it that are elements (all: whatever they are), by the place as it is written. */
static void add_said(table *t, uint32_t spot, uint32_t depth, bool all)
{
    const dgm_edi_guide_spot *s = &t->g->spots[spot];
    if (s->entry && !s->entry->implied) add_row(t, s->slot, s->entry, s->entry->place, 0, depth);
    for (uint32_t i = s->first_child; i < s->first_child + s->child_count; i++)
        if (all || dgm_shape_slot(t->g->shape, t->g->spots[i].slot)->kind >= DGM_COMPOSITE) add_said(t, i, depth, all);
}

static void add_level(table *t, uint32_t slot, uint32_t spot, bool known, uint32_t depth);

static void add_place(table *t, uint32_t slot, uint32_t spot, bool known, uint32_t depth)
{
    const dgm_edi_guide *g = t->g;
    const dgm_slot *s = dgm_shape_slot(g->shape, slot);
    uint32_t own = known ? plain_below(g, spot, slot) : 0;
    const dgm_edi_guide_entry *e = own ? g->spots[own].entry : NULL;
    bool unused = e && e->use == DGM_EDI_UNUSED;
    t->position += 10;
    uint32_t before = t->position;
    add_row(t, slot, e, s->name, before, depth);
    const dgm_edi_guide_spot *up = &g->spots[spot];
    for (uint32_t i = up->first_child; known && i < up->first_child + up->child_count; i++)
        if (g->spots[i].slot == slot && !plain(&g->spots[i])) add_said(t, i, depth + 1, true);
    for (uint32_t i = own ? g->spots[own].first_child : 0, end = own ? i + g->spots[own].child_count : 0; i < end; i++)
        if (dgm_shape_slot(g->shape, g->spots[i].slot)->kind >= DGM_COMPOSITE) add_said(t, i, depth + 1, false);
    size_t kept = t->count;
    if (s->kind == DGM_GROUP) add_level(t, slot, own, own != 0, depth + 1);
    if (unused) t->count = kept; /* what is below counts, but there is no need to see it */
}

/* As deep as groups of the directory are. */
static void add_level(table *t, uint32_t slot, uint32_t spot, bool known, uint32_t depth)
{
    const dgm_slot *s = dgm_shape_slot(t->g->shape, slot);
    for (uint32_t i = 0; i < s->child_count && !t->failed; i++) add_place(t, s->first_child + i, spot, known, depth);
}

/* ---- rules ---- */

static const char *rule_word(dgm_edi_rule_kind kind)
{
    static const char *const words[] = { "require", "forbid", "one-of", "any-of", "equal" };
    return words[kind];
}

static void put_rules(const table *t)
{
    cli_stream *s = &t->c->out;
    if (t->g->rule_count) cli_print(s, "\n%sRules%s\n", cli_ink_of(s, INK_BOLD), cli_ink_of(s, INK_OFF));
    for (uint32_t i = 0; i < t->g->rule_count; i++) {
        const dgm_edi_guide_rule *r = &t->g->rules[i];
        cli_print(s, "  %sline %u%s  ", cli_ink_of(s, INK_DIM), r->line, cli_ink_of(s, INK_OFF));
        if (r->each.len) cli_print(s, "each %.*s: ", (int)r->each.len, r->each.at);
        if (r->when.len) cli_print(s, "when %.*s: ", (int)r->when.len, r->when.at);
        cli_print(s, "%s%s%s ", cli_ink_of(s, INK_NAME), rule_word(r->kind), cli_ink_of(s, INK_OFF));
        for (uint32_t k = 0; k < r->term_count; k++) {
            cli_put(s, k ? ", " : "");
            cli_put_visible(s, r->terms[k].text, SIZE_MAX);
        }
        if (r->why.len) {
            cli_put(s, "\n      ");
            dir_inked(s, INK_DIM, r->why);
        }
        cli_put(s, "\n");
    }
}

static void json_rules(const table *t)
{
    cli_stream *s = &t->c->out;
    cli_put(s, ",\"rules\":[");
    for (uint32_t i = 0; i < t->g->rule_count; i++) {
        const dgm_edi_guide_rule *r = &t->g->rules[i];
        cli_print(s, "%s{\"line\":%u,\"says\":\"%s\",\"places\":[", i ? "," : "", r->line, rule_word(r->kind));
        for (uint32_t k = 0; k < r->term_count; k++) {
            cli_put(s, k ? "," : "");
            cli_put_json(s, r->terms[k].text);
        }
        cli_put(s, "]");
        if (r->each.len) cli_put_member(s, "each", r->each);
        if (r->when.len) cli_put_member(s, "when", r->when);
        if (r->why.len) cli_put_member(s, "why", r->why);
        cli_put(s, "}");
    }
    cli_put(s, "]");
}

/* ---- codes of its own ---- */

static void put_national(const table *t)
{
    cli_stream *s = &t->c->out;
    if (t->g->national_count) cli_print(s, "\n%sCodes of its own%s\n", cli_ink_of(s, INK_BOLD), cli_ink_of(s, INK_OFF));
    for (uint32_t i = 0; i < t->g->national_count; i++) {
        const dgm_edi_guide_list *n = &t->g->national[i];
        if (n->any) cli_print(s, "  %s%04u%s  any\n", cli_ink_of(s, INK_NAME), (unsigned)n->element, cli_ink_of(s, INK_OFF));
        for (uint32_t k = 0; k < n->codes.count; k++) {
            cli_print(s, "  %s%04u%s  ", cli_ink_of(s, INK_NAME), (unsigned)n->element, cli_ink_of(s, INK_OFF));
            dir_cell(s, INK_CODE, n->codes.at[k].code, 6);
            cli_put(s, "  ");
            cli_put_visible(s, n->codes.at[k].name, SIZE_MAX);
            cli_put(s, "\n");
        }
    }
}

static void json_codes(cli_stream *s, const dgm_edi_guide_codes *c)
{
    cli_put(s, "[");
    for (uint32_t i = 0; i < c->count; i++) {
        cli_put(s, i ? ",{\"code\":" : "{\"code\":");
        cli_put_json(s, c->at[i].code);
        cli_put_member(s, "name", c->at[i].name);
        cli_put(s, "}");
    }
    cli_put(s, "]");
}

static void json_national(const table *t)
{
    cli_stream *s = &t->c->out;
    cli_put(s, ",\"codes\":{");
    for (uint32_t i = 0; i < t->g->national_count; i++) {
        const dgm_edi_guide_list *n = &t->g->national[i];
        cli_print(s, "%s\"%04u\":", i ? "," : "", (unsigned)n->element);
        if (n->any)
            cli_put(s, "\"any\"");
        else
            json_codes(s, &n->codes);
    }
    cli_put(s, "}");
}

/* ---- the table ---- */

static void json_table(const table *t)
{
    cli_stream *s = &t->c->out;
    cli_put(s, ",\"parts\":[");
    for (size_t i = 0; i < t->count; i++) {
        const guide_row *r = &t->rows[i];
        cli_print(s, "%s{\"level\":%u,\"kind\":\"%s\"", i ? "," : "", r->depth, r->kind);
        if (r->position) cli_print(s, ",\"position\":%u", r->position);
        cli_put_member(s, r->position ? "id" : "place", r->id);
        cli_put_member(s, "name", r->name);
        cli_print(s, ",\"status\":\"%c\",\"max\":%u,\"directory_max\":%u", r->status, r->max, r->directory_max);
        if (r->repr.len) cli_put_member(s, "representation", r->repr);
        if (r->entry) {
            cli_print(s, ",\"line\":%u", r->entry->line);
            if (r->entry->codes.count) {
                cli_put(s, ",\"codes\":");
                json_codes(s, &r->entry->codes);
            }
            if (r->entry->why.len) cli_put_member(s, "why", r->entry->why);
        }
        cli_put(s, "}");
    }
    cli_put(s, "]");
}

static void put_codes(cli_stream *s, const dgm_edi_guide_codes *codes)
{
    cli_put(s, "  ");
    for (uint32_t i = 0; i < codes->count && i < 12; i++) {
        cli_put(s, i ? " " : "");
        dir_inked(s, INK_CODE, codes->at[i].code);
    }
    if (codes->count > 12) cli_print(s, " ... (%u)", codes->count);
}

static void text_table(const table *t)
{
    cli_stream *s = &t->c->out;
    size_t id = 4, name = 4;
    for (size_t i = 0; i < t->count; i++) {
        size_t a = t->rows[i].depth * 2 + cli_columns(t->rows[i].id), b = cli_columns(t->rows[i].name);
        if (a > id) id = a;
        if (b > name) name = b;
    }
    if (id > 44) id = 44;
    if (name > 40) name = 40;
    for (size_t i = 0; i < t->count; i++) {
        const guide_row *r = &t->rows[i];
        if (r->position)
            cli_print(s, "%s%04u%s  ", cli_ink_of(s, INK_DIM), r->position, cli_ink_of(s, INK_OFF));
        else
            cli_put(s, "      ");
        cli_put_times(s, "  ", r->depth);
        dir_cell(s,
                 r->status == 'N' ? INK_DIM
                 : r->position    ? INK_NAME
                                  : INK_OFF,
                 r->id, id > 2 * r->depth ? id - 2 * r->depth : 0);
        cli_put(s, "  ");
        cli_put_visible(s, r->name, name);
        size_t columns = cli_columns(r->name);
        if (columns < name) cli_put_times(s, " ", name - columns);
        cli_print(s, "  %s%c%s %4u", cli_ink_of(s, r->status == 'M' || r->status == 'R' ? INK_BOLD : INK_DIM), r->status,
                  cli_ink_of(s, INK_OFF), r->max);
        bool codes = r->entry && r->entry->codes.count;
        if (r->repr.len) cli_print(s, codes ? "  %-7.*s" : "  %.*s", (int)r->repr.len, r->repr.at);
        if (codes) put_codes(s, &r->entry->codes);
        cli_put(s, "\n");
    }
}

cli_exit cli_guide_show(cli *c, const dgm_edi_guide *g)
{
    cli_stream *s = &c->out;
    table t = { .c = c, .g = g, .d = { .c = c } };
    add_level(&t, DGM_SLOT_ROOT, 0, true, 0);
    if (t.failed) return CLI_ENVIRONMENT;
    if (c->json) {
        cli_put(s, "{\"guide\":");
        cli_put_json(s, g->name);
        cli_put_member(s, "title", g->title);
        cli_put_member(s, "message", g->message);
        cli_put_member(s, "directory", dgm_slice_of(g->directory.name));
        cli_put_member(s, "chosen_by", g->chosen);
        cli_put_member(s, "file", g->path);
        json_table(&t);
        json_national(&t);
        json_rules(&t);
        cli_put(s, "}\n");
        return CLI_DONE;
    }
    dir_inked(s, INK_NAME, g->name);
    cli_put(s, "  ");
    dir_inked(s, INK_BOLD, g->title);
    cli_print(s, "\n%s%.*s of %s; chosen by %.*s; %.*s%s\n\n", cli_ink_of(s, INK_DIM), (int)g->type.len, g->type.at,
              g->directory.name, (int)g->chosen.len, g->chosen.at, (int)g->path.len, g->path.at, cli_ink_of(s, INK_OFF));
    text_table(&t);
    put_national(&t);
    put_rules(&t);
    return CLI_DONE;
}
