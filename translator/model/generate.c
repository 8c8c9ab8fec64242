/* SPDX-License-Identifier: Apache-2.0
 *
 * generate.c - see generate.h. Recursion here goes as deep as the vocabulary does, which is loaded and not sent. One thread.
 */
#include "generate.h"

#include <stdio.h>

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define VALUE_MAX 2200u /* bytes: 512 characters of four bytes and some */

typedef struct maker {
    dgm_builder *b;
    const dgm_shape *shape;
    const dgm_wish *wish;
    uint64_t random;
} maker;

static uint32_t below(maker *m, uint32_t n)
{
    uint64_t x = m->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    m->random = x;
    return (uint32_t)(((x >> 32) * n) >> 32);
}

static bool chance(maker *m, uint32_t percent)
{
    return below(m, 100) < percent;
}

/* ---- values ------------------------------------------------------------------------------------------------------------------ */

typedef struct text {
    char at[VALUE_MAX];
    size_t len;
} text;

static void add(text *t, const char *more)
{
    size_t n = strlen(more);
    if (t->len + n > VALUE_MAX) return;
    memcpy(t->at + t->len, more, n);
    t->len += n;
}

static void add_number(text *t, uint32_t number, int width)
{
    char digits[16];
    snprintf(digits, sizeof digits, "%0*u", width, number);
    add(t, digits);
}

static uint32_t length_of(maker *m, const dgm_repr *r, uint32_t usual)
{
    uint32_t most = r->length_max ? r->length_max : usual, least = r->length_min ? r->length_min : 1;
    if (m->wish->edges && chance(m, 8)) return most;
    if (most > usual && !chance(m, 10)) most = usual;
    return most > least ? least + below(m, most - least + 1) : least;
}

static const char *letter(maker *m, bool first_or_last)
{
    static const char *const plain[] = { "A", "B", "C", "D", "E", "K", "L", "M", "N", "O", "S",
                                         "T", "U", "a", "e", "n", "r", "t", "0", "1", "7", "9" };
    static const char *const marks[] = { "+", ":", "'", "?", "&", "<", ">", "\"", ",",   ".",
                                         "-", "/", "(", ")", "*", "=", "%", ";",  "]]>", "?'" };
    static const char *const latin[] = { "é", "ü", "ß", "ñ", "Å", "ø", "Ç", "ÿ", "À", "§" };
    static const char *const wide[] = { "中", "国", "Ж", "ω", "ř", "€", "ﬁ", "😀", "ع", "é" };
    uint32_t kind = below(m, 100);
    if (kind < 70) return plain[below(m, COUNT(plain))];
    if (kind < 80) return first_or_last ? "X" : " ";
    if (kind < 90) return marks[below(m, COUNT(marks))];
    if (m->wish->letters == DGM_LETTERS_ASCII) return "Z";
    if (m->wish->letters == DGM_LETTERS_LATIN) return latin[below(m, COUNT(latin))];
    return wide[below(m, COUNT(wide))];
}

static uint32_t characters(const char *utf8)
{
    uint32_t n = 0;
    for (; *utf8; utf8++) n += ((unsigned char)*utf8 & 0xC0u) != 0x80u;
    return n;
}

/* Blanks stand alone and never at an end: the model's texts are trimmed. */
static void make_text(maker *m, const dgm_repr *r, text *t)
{
    uint32_t wanted = length_of(m, r, 40);
    for (uint32_t n = 0; n < wanted;) {
        bool edge = n == 0 || n + 1 >= wanted || t->at[t->len - 1] == ' ';
        const char *next = letter(m, edge);
        if (n + characters(next) > wanted) next = "Q";
        add(t, next);
        n += characters(next);
    }
}

static void make_code(maker *m, const dgm_repr *r, text *t)
{
    static const char alphanumeric[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    uint32_t wanted = length_of(m, r, 6);
    for (uint32_t n = 0; n < wanted; n++) {
        bool digits = strcmp(r->class, "n") == 0, letters = strcmp(r->class, "a") == 0;
        char one[2] = { alphanumeric[digits ? 26 + below(m, 10) : below(m, letters ? 26 : 36)], 0 };
        if (digits && n == 0 && one[0] == '0') one[0] = '1';
        add(t, one);
    }
}

static void make_id(maker *m, const dgm_repr *r, text *t)
{
    static const char signs[] = "ABCDEFGHKLMNPRSTVWXYZ0123456789-/._+:?' ";
    uint32_t wanted = length_of(m, r, 17);
    for (uint32_t n = 0; n < wanted; n++) {
        bool edge = n == 0 || n + 1 == wanted;
        char one[2] = { signs[below(m, edge || !m->wish->edges ? 31 : (uint32_t)sizeof signs - 1)], 0 };
        if (one[0] == ' ' && t->at[t->len - 1] == ' ') one[0] = '-';
        add(t, one);
    }
}

static void make_number(maker *m, const dgm_repr *r, text *t)
{
    uint32_t digits = length_of(m, r, 6), decimals = 0;
    if (r->decimals && chance(m, 60)) {
        uint32_t most = r->decimals > 6 ? 6 : r->decimals;
        decimals = 1 + below(m, most);
    }
    if (decimals >= digits) decimals = digits - 1;
    if (chance(m, 3)) {
        add(t, "0");
        return;
    }
    for (uint32_t n = 0; n < digits - decimals; n++) add_number(t, n == 0 ? 1 + below(m, 9) : below(m, 10), 1);
    if (decimals) add(t, ".");
    for (uint32_t n = 0; n < decimals; n++) add_number(t, n + 1 == decimals ? 1 + below(m, 9) : below(m, 10), 1);
}

static void make_date(maker *m, const dgm_repr *r, text *t)
{
    uint32_t kind = m->wish->edges ? below(m, 100) : 30 + below(m, 60);
    if (r->length_max == 10) kind = 30; /* a day */
    add_number(t, 1990 + below(m, 60), 4);
    if (kind < 4) return; /* a year */
    add(t, "-");
    add_number(t, 1 + below(m, 12), 2);
    if (kind < 8) return; /* a month */
    add(t, "-");
    add_number(t, 1 + below(m, 28), 2);
    if (kind < 55) return;
    add(t, "T");
    add_number(t, below(m, 24), 2);
    add(t, ":");
    add_number(t, below(m, 60), 2);
    if (kind < 65) return;
    add(t, ":");
    add_number(t, below(m, 60), 2);
    if (kind < 70) return;
    add(t, kind < 90 ? "Z" : kind < 97 ? "+01" : "-03");
}

static const dgm_wish_choice *choice_of(const maker *m, uint32_t slot)
{
    char path[256];
    size_t len = dgm_shape_path(m->shape, slot, path, sizeof path - 1);
    path[len < sizeof path ? len : sizeof path - 1] = 0;
    for (const dgm_wish_choice *p = m->wish->choices; p && p->path; p++)
        if (strcmp(p->path, path) == 0) return p;
    return NULL;
}

static void pick_word(maker *m, const char *words, text *t)
{
    uint32_t count = 1, wanted;
    for (const char *c = words; *c; c++) count += *c == ' ';
    wanted = below(m, count);
    for (; wanted; words++) wanted -= *words == ' ';
    size_t len = strcspn(words, " ");
    memcpy(t->at, words, len);
    t->len = len;
}

/* What fits both. */
static dgm_repr narrower(const dgm_repr *own, const dgm_repr *other)
{
    dgm_repr r = *own;
    if (!r.length_max || other->length_max < r.length_max) r.length_max = other->length_max;
    if (other->length_min > r.length_min) r.length_min = other->length_min;
    if (r.length_min > r.length_max) r.length_min = r.length_max;
    if (other->decimals < r.decimals) r.decimals = other->decimals;
    if (other->class[0] && !other->class[1]) memcpy(r.class, other->class, sizeof r.class);
    return r;
}

static void make_value(maker *m, uint32_t slot, uint32_t occurrence, text *t)
{
    const dgm_slot *s = dgm_shape_slot(m->shape, slot);
    const dgm_wish_choice *choice = choice_of(m, slot);
    dgm_repr repr = choice && choice->repr ? narrower(&s->repr, choice->repr) : s->repr;
    bool narrow = repr.length_max != s->repr.length_max || repr.length_min != s->repr.length_min ||
                  repr.decimals != s->repr.decimals || strcmp(repr.class, s->repr.class) != 0;
    if (narrow && !chance(m, 98)) repr = s->repr;
    t->len = 0;
    if (choice && choice->values && (choice->closed || !m->wish->choice_percent || chance(m, m->wish->choice_percent))) {
        pick_word(m, choice->values, t);
        return;
    }
    switch (s->type) {
    case DGM_TYPE_CODE: make_code(m, &repr, t); break;
    case DGM_TYPE_ID:
        if (strcmp(repr.class, "an") == 0 || !repr.class[0])
            make_id(m, &repr, t);
        else
            make_code(m, &repr, t);
        break;
    case DGM_TYPE_NUMBER:
    case DGM_TYPE_AMOUNT:
    case DGM_TYPE_QUANTITY:
        if (m->wish->ordinal && dgm_slice_is(s->name, m->wish->ordinal))
            add_number(t, occurrence, 1);
        else
            make_number(m, &repr, t);
        break;
    case DGM_TYPE_DATE: make_date(m, &repr, t); break;
    case DGM_TYPE_FLAG: add(t, below(m, 2) ? "true" : "false"); break;
    case DGM_TYPE_POINTER: add(t, "/"); break; /* which document it points into is a rule's business: all of it is there in any */
    case DGM_TYPE_NONE:
    case DGM_TYPE_TEXT: (repr.class[0] == 'n' ? make_code : make_text)(m, &repr, t); break;
    }
}

/* ---- trees ------------------------------------------------------------------------------------------------------------------- */

static void make_attributes(maker *m, uint32_t leaf, uint32_t slot)
{
    static const char *const currencies = "EUR USD GBP CNY JPY", *const units = "KGM TNE LTR NAR MTR";
    const dgm_slot *s = dgm_shape_slot(m->shape, slot);
    for (uint32_t i = 0; i < s->child_count; i++) {
        uint32_t at = s->first_child + i;
        bool part = at == s->part_code;
        text t = { .len = 0 };
        if (!chance(m, part ? 92 : m->wish->edges ? 3 : 0)) continue;
        if (part && s->type == DGM_TYPE_AMOUNT)
            pick_word(m, currencies, &t);
        else if (part && s->type == DGM_TYPE_QUANTITY)
            pick_word(m, units, &t);
        else
            make_value(m, at, 1, &t);
        dgm_builder_attribute(m->b, leaf, at, (dgm_slice){ t.at, t.len });
    }
}

static void make_children(maker *m, uint32_t parent, uint32_t slot, uint32_t occurrence);

static uint32_t occurrences_of(maker *m, uint32_t slot)
{
    const dgm_slot *s = dgm_shape_slot(m->shape, slot);
    bool there = s->min > 0 || chance(m, m->wish->presence);
    if (!there && m->wish->choices) {
        const dgm_wish_choice *choice = choice_of(m, slot);
        there = choice && choice->needed;
    }
    if (!there) return 0;
    if (s->max <= 1) return 1;
    uint32_t most = s->max < m->wish->many ? s->max : m->wish->many;
    uint32_t n = 1 + (most > 1 ? below(m, most) : 0);
    return n < s->min ? s->min : n;
}

/* May an occurrence hold nothing at all? */
static bool may_be_hollow(maker *m, const dgm_slot *s)
{
    for (uint32_t i = 0; i < s->child_count; i++)
        if (dgm_shape_slot(m->shape, s->first_child + i)->min > 0) return false;
    return true;
}

static void make_occurrence(maker *m, uint32_t parent, uint32_t slot, uint32_t occurrence)
{
    const dgm_slot *s = dgm_shape_slot(m->shape, slot);
    if (dgm_kind_leaf(s->kind)) {
        text t = { .len = 0 };
        make_value(m, slot, s->max > 1 ? 1 : occurrence, &t);
        uint32_t leaf = dgm_builder_leaf(m->b, parent, slot, 0, (dgm_slice){ t.at, t.len });
        if (leaf != DGM_NONE) make_attributes(m, leaf, slot);
        return;
    }
    uint32_t node = dgm_builder_open(m->b, parent, slot, 0);
    if (node == DGM_NONE || (m->wish->edges && chance(m, 3) && may_be_hollow(m, s))) return;
    make_children(m, node, slot, occurrence);
}

static void make_children(maker *m, uint32_t parent, uint32_t slot, uint32_t occurrence)
{
    const dgm_slot *s = dgm_shape_slot(m->shape, slot);
    for (uint32_t i = 0; i < s->child_count; i++) {
        uint32_t at = s->first_child + i;
        const dgm_slot *child = dgm_shape_slot(m->shape, at);
        if (child->kind == DGM_ATTRIBUTE || (m->wish->whole && dgm_slice_is(child->name, m->wish->whole))) continue;
        uint32_t n = occurrences_of(m, at);
        for (uint32_t k = 1; k <= n; k++) make_occurrence(m, parent, at, dgm_kind_leaf(child->kind) ? occurrence : k);
    }
}

/* A class that cannot be there and hold nothing. */
static void fill_whole(maker *m)
{
    uint32_t slot = m->wish->whole ? dgm_shape_child(m->shape, DGM_SLOT_ROOT, dgm_slice_of(m->wish->whole), 1) : DGM_SLOT_NONE;
    if (slot == DGM_SLOT_NONE || !chance(m, m->wish->presence)) return;
    uint32_t node = dgm_builder_open(m->b, 0, slot, 0);
    if (node == DGM_NONE) return;
    make_children(m, node, slot, 1);
    if (!dgm_builder_has_children(m->b, node)) make_occurrence(m, node, dgm_shape_slot(m->shape, slot)->first_child, 1);
}

dgm_status dgm_generate(dgm_builder *builder, const dgm_shape *shape, const dgm_wish *wish, dgm_tree **out)
{
    maker m = { .b = builder, .shape = shape, .wish = wish, .random = (wish->seed + 1) * 0x9E3779B97F4A7C15u | 1u };
    for (int i = 0; i < 8; i++) below(&m, 2); /* neighbouring seeds part ways */
    *out = NULL;
    dgm_status status = dgm_builder_begin(builder, shape, false);
    if (status != DGM_OK) return status;
    fill_whole(&m);
    make_children(&m, 0, DGM_SLOT_ROOT, 1);
    return dgm_builder_freeze(builder, out, NULL);
}

/* Does anything with a value stand below, once the drops are gone? */
static bool holds_value(const dgm_tree *t, uint32_t node, const bool *drop)
{
    for (uint32_t i = node + 1, end = dgm_tree_end(t, node); i < end;) {
        if (drop && drop[i])
            i = dgm_tree_next(t, i);
        else if (dgm_kind_leaf(dgm_node_kind(&t->nodes[i++])))
            return true;
    }
    return false;
}

/* Gives a leaf just made the attribute that is understood when it is not said. */
static void complete_leaf(dgm_builder *b, const dgm_tree *t, uint32_t node, uint32_t leaf, const dgm_wish_choice *understood)
{
    char path[300];
    size_t bytes = dgm_shape_path(t->shape, dgm_node_slot(&t->nodes[node]), path, sizeof path - 1);
    path[bytes < sizeof path ? bytes : sizeof path - 1] = 0;
    for (; understood && understood->path; understood++) {
        size_t len = strlen(path);
        if (strncmp(understood->path, path, len) != 0 || understood->path[len] != '/') continue;
        uint32_t slot = dgm_shape_child(t->shape, dgm_node_slot(&t->nodes[node]), dgm_slice_of(understood->path + len + 1), 1);
        bool there = false;
        for (uint32_t a = node + 1; a < dgm_tree_next(t, node); a++) there = there || dgm_node_slot(&t->nodes[a]) == slot;
        if (!there) dgm_builder_attribute(b, leaf, slot, dgm_slice_of(understood->values));
    }
}

dgm_status dgm_tree_completed(dgm_builder *b, const dgm_tree *t, const bool *drop, bool hollow, const dgm_wish_choice *understood,
                              dgm_tree **out)
{
    uint32_t ids[DGM_DEPTH_MAX + 2] = { 0 }, ends[DGM_DEPTH_MAX + 2] = { dgm_tree_end(t, 0) }, depth = 0, leaf = DGM_NONE;
    *out = NULL;
    dgm_status status = dgm_builder_begin(b, t->shape, false);
    if (status != DGM_OK) return status;
    for (uint32_t i = 1; i < t->node_count;) {
        const dgm_node *n = &t->nodes[i];
        dgm_kind kind = dgm_node_kind(n);
        while (depth && i >= ends[depth]) depth--;
        if ((drop && drop[i]) || (hollow && !dgm_kind_leaf(kind) && !holds_value(t, i, drop))) {
            i = kind == DGM_ATTRIBUTE ? i + 1 : dgm_tree_next(t, i);
            continue;
        }
        if (kind == DGM_ATTRIBUTE)
            dgm_builder_attribute(b, leaf == DGM_NONE ? ids[depth] : leaf, dgm_node_slot(n), dgm_tree_value(t, i));
        else if (dgm_kind_leaf(kind))
            complete_leaf(b, t, i, leaf = dgm_builder_leaf(b, ids[depth], dgm_node_slot(n), 0, dgm_tree_value(t, i)), understood);
        else if (depth < DGM_DEPTH_MAX) {
            ids[depth + 1] = dgm_builder_open(b, ids[depth], dgm_node_slot(n), 0);
            ends[++depth] = dgm_tree_end(t, i);
            leaf = DGM_NONE;
        }
        i++;
    }
    return dgm_builder_freeze(b, out, NULL);
}

dgm_status dgm_tree_without(dgm_builder *builder, const dgm_tree *t, const bool *drop, bool hollow, dgm_tree **out)
{
    return dgm_tree_completed(builder, t, drop, hollow, NULL, out);
}
