/* SPDX-License-Identifier: Apache-2.0
 *
 * xsd_content.c - content models (W3C XML Schema part 1, 3.8): sequences, choices, all, groups, extensions and substitution groups
 * as the one list of children that a profile has, each with how often it may stand. What is lost on the way becomes a remark. One
 * thread; a stack of its own instead of recursion.
 */
#include "xsd.h"

#include <stdio.h>

enum { WORDS = 240 };

typedef struct open_group {
    const xmlNode *next; /* the particle whose turn it is */
    bool choice;         /* of two or more */
    bool all, repeats;   /* repeats: it may stand several times itself */
    uint32_t min, max;
    size_t start, branch; /* of x->parts: where it began, and the alternative in hand */
    char words[WORDS];    /* "A | B C | D" */
    size_t word_count;
} open_group;

/* ---- how often ---- */

static uint32_t times(uint32_t a, uint32_t b)
{
    if (a == 0 || b == 0) return 0;
    if (a == DGM_UNBOUNDED || b == DGM_UNBOUNDED || (uint64_t)a * b >= 400000000u) return DGM_UNBOUNDED;
    return a * b;
}

static uint32_t occurs(const xmlNode *n, const char *name)
{
    dgm_slice text = dgm_xsd_attribute(n, name);
    if (!text.len) return 1;
    if (dgm_slice_is(text, "unbounded")) return DGM_UNBOUNDED;
    uint64_t value = 0;
    for (size_t i = 0; i < text.len && value < 400000000u; i++)
        value = text.at[i] >= '0' && text.at[i] <= '9' ? value * 10 + (uint64_t)(text.at[i] - '0') : value;
    return value < 400000000u ? (uint32_t)value : DGM_UNBOUNDED;
}

static uint32_t least(uint32_t group, const xmlNode *n)
{
    uint32_t min = times(group, occurs(n, "minOccurs"));
    return min == DGM_UNBOUNDED ? 400000000u : min;
}

/* ---- parts ---- */

static void add_part(dgm_xsd *x, const xmlNode *decl, uint32_t min, uint32_t max)
{
    void *parts = x->parts;
    dgm_status st = max == 0 ? DGM_OK : dgm_mem_reserve(&x->mem, &parts, &x->part_room, x->part_count + 1, sizeof *x->parts);
    x->parts = parts;
    if (st != DGM_OK) x->no_memory = true;
    if (st == DGM_OK && max) x->parts[x->part_count++] = (dgm_xsd_part){ decl, min, max };
    if (x->part_count > x->rows_max) dgm_xsd_wrong(x, decl, DGM_D_XML_SCHEMA_WORK, (dgm_slice){ 0 }, (dgm_slice){ 0 });
}

static dgm_slice name_of(const dgm_xsd_part *p)
{
    return p->decl ? dgm_xsd_attribute(p->decl, "name") : DGM_LITERAL("any");
}

/* An element that others may stand for: each of them, if only one at a time. */
static void add_members(dgm_xsd *x, uint32_t row, const xmlNode *head, uint32_t max)
{
    size_t start = x->part_count;
    if (!dgm_slice_is(dgm_xsd_attribute(head, "abstract"), "true")) add_part(x, head, 0, max);
    /* those of members stand behind it in x->parts, so all are reached */
    const xmlNode *of = head;
    for (size_t i = start; of && dgm_xsd_step(x); of = i < x->part_count ? x->parts[i++].decl : NULL) {
        if (of == head && i > start) continue;
        for (uint32_t m = dgm_xsd_members(x, of); m != DGM_NONE && dgm_xsd_step(x); m = x->symbols[m].next) {
            if (x->symbols[m].node != head) add_part(x, x->symbols[m].node, 0, max);
        }
    }
    dgm_slice name = dgm_xsd_attribute(head, "name");
    dgm_xsd_remark_add(x, row, "where %.*s may stand, one of %zu elements of its substitution group stands", (int)name.len, name.at,
                       x->part_count - start);
}

static void add_element(dgm_xsd *x, uint32_t row, const xmlNode *n, const open_group *g)
{
    uint32_t min = g->choice ? 0 : least(g->min, n), max = times(g->max, occurs(n, "maxOccurs"));
    const xmlNode *decl = n;
    if (dgm_xsd_attribute(n, "ref").len) {
        dgm_slice name;
        decl = dgm_xsd_resolve(x, n, "ref", DGM_XSD_ELEMENT, &name, NULL);
        if (!decl) {
            dgm_xsd_remark_add(x, row, "its child %.*s is in none of the schemas that were read; left out", (int)name.len, name.at);
            return;
        }
        if (dgm_xsd_members(x, decl) != DGM_NONE) {
            add_members(x, row, decl, max);
            return;
        }
        if (dgm_slice_is(dgm_xsd_attribute(decl, "abstract"), "true"))
            dgm_xsd_remark_add(x, row, "its child %.*s is abstract, and nothing read stands for it", (int)name.len, name.at);
    }
    if (max && max < min) {
        dgm_slice name = dgm_xsd_attribute(decl, "name");
        dgm_xsd_remark_add(x, row, "%.*s must stand %u times, and may stand only %u; taken as the former", (int)name.len, name.at,
                           min, max);
        max = min;
    }
    add_part(x, decl, min, max);
}

/* ---- groups ---- */

static void add_words(dgm_xsd *x, open_group *g)
{
    if (!g->choice || g->branch == x->part_count) return;
    for (size_t i = g->branch; i < x->part_count; i++) {
        dgm_slice name = name_of(&x->parts[i]);
        const char *between = g->word_count == 0 ? "" : i == g->branch ? " | " : " ";
        if (g->word_count + name.len + 8 > WORDS) {
            if (g->word_count && g->words[g->word_count - 1] != '.')
                g->word_count += (size_t)snprintf(g->words + g->word_count, 5, " ...");
            break;
        }
        g->word_count +=
            (size_t)snprintf(g->words + g->word_count, WORDS - g->word_count, "%s%.*s", between, (int)name.len, name.at);
    }
    g->branch = x->part_count;
}

static void end_group(dgm_xsd *x, uint32_t row, open_group *g)
{
    add_words(x, g);
    bool several = x->part_count - g->start > 1;
    if (several && g->choice && !g->repeats) dgm_xsd_remark_add(x, row, "only one of: %s", g->words);
    if (several && g->repeats) {
        dgm_slice first = name_of(&x->parts[g->start]), last = name_of(&x->parts[x->part_count - 1]);
        dgm_xsd_remark_add(x, row, "%.*s to %.*s may take turns in the schema; here each must stand together, in this order",
                           (int)first.len, first.at, (int)last.len, last.at);
    } else if (several && g->all) {
        dgm_xsd_remark_add(x, row, "the schema lets its children stand in any order; here they stand in this one");
    }
}

/* The particle as a group that is open now; false: it is none. */
static bool open_particle(dgm_xsd *x, uint32_t row, const xmlNode *n, const open_group *above, open_group *g)
{
    *g = (open_group){ .start = x->part_count, .branch = x->part_count, .min = 1, .max = 1 };
    const xmlNode *model = n;
    if (dgm_xsd_is(n, "group")) {
        dgm_slice name;
        const xmlNode *named = dgm_xsd_resolve(x, n, "ref", DGM_XSD_GROUP, &name, NULL);
        if (!named)
            dgm_xsd_remark_add(x, row, "the group %.*s is in none of the schemas that were read; left out", (int)name.len, name.at);
        model = named ? dgm_xsd_next(named->children) : NULL;
    }
    if (!model) return false;
    bool choice = dgm_xsd_is(model, "choice");
    g->all = dgm_xsd_is(model, "all");
    if (!choice && !g->all && !dgm_xsd_is(model, "sequence")) return false;
    uint32_t max = occurs(n, "maxOccurs"), alternatives = 0;
    g->next = model->children;
    for (const xmlNode *c = dgm_xsd_next(g->next); c && choice; c = dgm_xsd_next(c->next)) alternatives++;
    g->choice = alternatives > 1;
    g->repeats = max > 1;
    g->min = above->choice ? 0 : least(above->min, n);
    g->max = times(above->max, max);
    return g->max > 0;
}

/* The first place for elements of other vocabularies that has room for the payload is the payload's. */
static void add_any(dgm_xsd *x, uint32_t row, const xmlNode *n)
{
    bool wanted = x->payload_decl && !x->payload_taken;
    dgm_slice spaces = dgm_xsd_attribute(n, "namespace");
    bool fits = spaces.len == 0 || spaces.at[0] == '#';
    while (spaces.len && wanted && !fits) {
        dgm_cut cut = dgm_slice_cut(spaces, ' ');
        fits = dgm_slice_equal(cut.head, dgm_xsd_target(x->payload_decl));
        spaces = dgm_slice_trim(cut.tail);
    }
    if (!wanted || !fits) {
        dgm_xsd_remark_add(x, row, "elements of other vocabularies may stand here (xs:any); left out");
        return;
    }
    x->payload_taken = true;
    add_part(x, NULL, 1, 1); /* whoever names it wants it there */
}

/* The particles of one content, from the first on. */
static void walk(dgm_xsd *x, uint32_t row, const xmlNode *first)
{
    open_group stack[DGM_XSD_NEST_MAX];
    size_t depth = 1;
    stack[0] = (open_group){ .next = first, .min = 1, .max = 1, .start = x->part_count, .branch = x->part_count };
    while (depth && dgm_xsd_step(x)) {
        open_group *g = &stack[depth - 1];
        const xmlNode *n = dgm_xsd_next(g->next);
        add_words(x, g);
        if (!n) {
            end_group(x, row, g);
            depth--;
            continue;
        }
        g->next = n->next;
        if (dgm_xsd_is(n, "element")) {
            add_element(x, row, n, g);
        } else if (dgm_xsd_is(n, "any")) {
            add_any(x, row, n);
        } else if (depth == DGM_XSD_NEST_MAX) {
            dgm_xsd_wrong(x, n, DGM_D_XML_SCHEMA_WORK, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        } else if (open_particle(x, row, n, g, &stack[depth])) {
            depth++;
        }
    }
}

uint32_t dgm_xsd_chain(dgm_xsd *x, uint32_t row, const xmlNode *type, const xmlNode *chain[DGM_XSD_CHAIN_MAX])
{
    const xmlNode *found[DGM_XSD_CHAIN_MAX];
    uint32_t n = 0;
    while (type && dgm_xsd_step(x)) {
        if (n == DGM_XSD_CHAIN_MAX) {
            dgm_xsd_wrong(x, type, DGM_D_XML_SCHEMA_CIRCLE, dgm_xsd_attribute(found[0], "name"), (dgm_slice){ 0 });
            return 0;
        }
        found[n++] = type;
        const xmlNode *content = dgm_xsd_child(type, "complexContent");
        if (!content) content = dgm_xsd_child(type, "simpleContent");
        const xmlNode *step = content ? dgm_xsd_child(content, "extension") : NULL;
        if (!step && content) step = dgm_xsd_child(content, "restriction");
        bool own = false;
        dgm_slice base = { "", 0 };
        type = step ? dgm_xsd_resolve(x, step, "base", DGM_XSD_TYPE, &base, &own) : NULL;
        if (type && dgm_xsd_is(type, "simpleType")) type = NULL;
        if (step && !type && !own && dgm_xsd_is(content, "complexContent"))
            dgm_xsd_remark_add(x, row, "its type is made of %.*s, which is in none of the schemas that were read", (int)base.len,
                               base.at);
    }
    for (uint32_t i = 0; i < n; i++) chain[i] = found[n - 1 - i];
    return n;
}

/* In the namespace of its schema: that of an element without one is empty. */
static dgm_slice space_of(const xmlNode *decl)
{
    dgm_slice form = dgm_xsd_attribute(decl, "form");
    bool qualified = dgm_xsd_is(decl->parent, "schema") ||
                     (form.len ? dgm_slice_is(form, "qualified") : dgm_xsd_file_of(decl)->elements_qualified);
    return qualified ? dgm_xsd_target(decl) : (dgm_slice){ "", 0 };
}

/* The same name once more: at its first place, as often as all of them together. */
static void join_twin(dgm_xsd *x, uint32_t row, dgm_xsd_part *first, const dgm_xsd_part *again, bool near)
{
    dgm_slice name = name_of(first);
    bool alike = first->decl == again->decl ||
                 (dgm_slice_equal(dgm_xsd_attribute(first->decl, "type"), dgm_xsd_attribute(again->decl, "type")) &&
                  dgm_slice_equal(dgm_xsd_target(first->decl), dgm_xsd_target(again->decl)));
    dgm_xsd_remark_add(x, row, "%.*s stands at several places of the schema%s%s", (int)name.len, name.at,
                       near ? "; taken as one" : ", with others between; here all stand at the first",
                       alike ? "" : "; they differ, and it is as the first");
    first->min = again->min < first->min ? again->min : first->min;
    bool open = first->max == DGM_UNBOUNDED || again->max == DGM_UNBOUNDED || (uint64_t)first->max + again->max >= 400000000u;
    first->max = open ? DGM_UNBOUNDED : first->max + again->max;
}

/* Two of one name side by side stay two where their namespaces tell them apart; any others become one. */
static void join_twins(dgm_xsd *x, uint32_t row)
{
    dgm_symbols seen; /* numbers of names and of parts kept are the same: each part adds a name, and "<" is in none of XML */
    dgm_symbols_init(&seen, &x->mem);
    size_t kept = 0;
    bool paired = false; /* the last one kept is the second of two */
    for (size_t i = 0; i < x->part_count && !x->no_memory; i++) {
        const dgm_xsd_part *p = &x->parts[i];
        dgm_slice name = name_of(p), key = p->decl ? name : DGM_LITERAL("<");
        uint32_t at = p->decl ? dgm_symbols_find(&seen, name) : DGM_NONE;
        if (at != DGM_NONE) {
            dgm_slice first = space_of(x->parts[at].decl), again = space_of(p->decl);
            bool pair = at + 1 == kept && !paired && first.len && !dgm_slice_equal(first, again);
            bool second = paired && at + 2 == kept && dgm_slice_equal(space_of(x->parts[kept - 1].decl), again);
            if (!pair) {
                join_twin(x, row, &x->parts[second ? kept - 1 : at], p, at + 1 == kept || second);
                continue;
            }
            key = dgm_arena_print(&x->arena, "%.*s<", (int)name.len, name.at);
        }
        paired = at != DGM_NONE;
        if (!key.at || dgm_symbols_add(&seen, key, &at) != DGM_OK) x->no_memory = true;
        x->parts[kept++] = x->parts[i];
    }
    x->part_count = kept;
    dgm_symbols_free(&seen);
}

void dgm_xsd_content(dgm_xsd *x, uint32_t row, const xmlNode *type)
{
    const xmlNode *chain[DGM_XSD_CHAIN_MAX];
    uint32_t n = dgm_xsd_chain(x, row, type, chain), from = 0;
    x->part_count = 0;
    for (uint32_t i = 1; i < n; i++) { /* a restriction says all of its content again */
        const xmlNode *content = dgm_xsd_child(chain[i], "complexContent");
        if (content && dgm_xsd_child(content, "restriction")) from = i;
    }
    for (uint32_t i = from; i < n; i++) {
        const xmlNode *content = dgm_xsd_child(chain[i], "complexContent"), *holder = chain[i];
        if (dgm_slice_is(dgm_xsd_attribute(chain[i], "mixed"), "true") ||
            (content && dgm_slice_is(dgm_xsd_attribute(content, "mixed"), "true")))
            dgm_xsd_remark_add(x, row, "text may stand between its elements; it shows as residue");
        if (content) holder = dgm_xsd_child(content, "extension");
        if (content && !holder) holder = dgm_xsd_child(content, "restriction");
        if (holder) walk(x, row, holder->children);
    }
    join_twins(x, row);
}
