/* SPDX-License-Identifier: Apache-2.0
 *
 * guide_rule.c - rules of a guide: {each, when, one of require forbid one-of any-of equal, why, level}. A rule is decided when an
 * occurrence of what it is about (each), or the message, is over. One thread.
 */
#include "guide_load.h"

const char dgm_edi_guide_rule_keys[] = "each when require forbid one-of any-of equal why level";
static const struct {
    const char *key;
    dgm_edi_rule_kind kind;
} kinds[] = { { "require", DGM_EDI_REQUIRE },
              { "forbid", DGM_EDI_FORBID },
              { "one-of", DGM_EDI_ONE_OF },
              { "any-of", DGM_EDI_ANY_OF },
              { "equal", DGM_EDI_EQUAL } };
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static guide_spot *take_each(guide_loader *l, const dgm_yaml *each, dgm_edi_guide_rule *rule)
{
    if (!each) return l->root;
    if (!dgm_edi_guide_text(l, each, "each", &rule->each)) return NULL;
    guide_spot *s = dgm_edi_guide_place(l, rule->each, each->mark, l->root);
    if (!s) return NULL;
    dgm_kind kind = dgm_shape_slot(l->guide->shape, s->is.slot)->kind;
    if (kind == DGM_GROUP || kind == DGM_SEGMENT) return s;
    dgm_edi_guide_fault(l, each->mark, DGM_D_GUIDE_SCOPE, dgm_edi_guide_called(l, s->is.slot), (dgm_slice){ 0 }, (dgm_slice){ 0 });
    return NULL;
}

static uint32_t top_of(const dgm_shape *s, uint32_t slot)
{
    while (slot != DGM_SLOT_ROOT && dgm_shape_slot(s, slot)->parent != DGM_SLOT_ROOT) slot = dgm_shape_slot(s, slot)->parent;
    return slot;
}

/* What stands elsewhere in the message is known only when it has passed. */
static void check_order(guide_loader *l, const dgm_yaml *when, const guide_rule *rule, const guide_terms *t)
{
    const dgm_shape *s = l->guide->shape;
    for (uint32_t i = 0; i < t->count; i++) {
        if (!t->terms[i].top || rule->scope == l->root) continue;
        if (top_of(s, t->spots[i]->is.slot) < top_of(s, rule->scope->is.slot)) continue;
        dgm_edi_guide_fault(l, when->mark, DGM_D_GUIDE_BEHIND, t->terms[i].text, rule->is.each, (dgm_slice){ 0 });
    }
}

static void take_terms(guide_loader *l, const dgm_yaml *n, guide_rule *rule, guide_terms *t)
{
    uint32_t least = rule->is.kind >= DGM_EDI_ONE_OF ? 2 : 1;
    if (n->kind == DGM_YAML_MAP || (n->kind == DGM_YAML_LIST && n->count == 0)) {
        dgm_edi_guide_fault(l, n->key_mark, DGM_D_GUIDE_KIND, n->key, DGM_LITERAL("a place, or a list of places"),
                            (dgm_slice){ 0 });
        return;
    }
    for (const dgm_yaml *m = n->kind == DGM_YAML_LIST ? n->first : n; m; m = n->kind == DGM_YAML_LIST ? m->next : NULL) {
        dgm_slice text;
        if (dgm_edi_guide_text(l, m, "a place", &text)) (void)dgm_edi_guide_terms(l, text, m->mark, rule->scope, false, t);
    }
    if (n->kind != DGM_YAML_LIST ? least > 1 : n->count < least)
        dgm_edi_guide_fault(l, n->mark.bytes ? n->mark : n->key_mark, DGM_D_GUIDE_FEW, n->key, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    for (uint32_t i = 0; i < t->count; i++) {
        t->spots[i]->wanted |= rule->is.kind != DGM_EDI_FORBID;
        if (rule->is.kind != DGM_EDI_EQUAL || t->spots[i]->is.leaf) continue;
        dgm_edi_guide_fault(l, n->key_mark, DGM_D_GUIDE_LEAF, dgm_edi_guide_called(l, t->spots[i]->is.slot), DGM_LITERAL("equal"),
                            (dgm_slice){ 0 });
    }
}

static const dgm_yaml *what_it_says(guide_loader *l, const dgm_yaml *n, dgm_edi_rule_kind *kind)
{
    const dgm_yaml *found = NULL;
    uint32_t count = 0;
    for (size_t i = 0; i < KINDS; i++) {
        const dgm_yaml *m = dgm_yaml_get(n, kinds[i].key);
        if (!m) continue;
        count++;
        if (found && m->mark.byte < found->mark.byte) continue; /* tell of the later one */
        found = m;
        *kind = kinds[i].kind;
    }
    if (count == 1) return found;
    dgm_edi_guide_fault(l, count ? found->key_mark : n->mark, DGM_D_GUIDE_RULE,
                        count ? DGM_LITERAL("several") : DGM_LITERAL("none"), (dgm_slice){ 0 }, (dgm_slice){ 0 });
    return NULL;
}

void dgm_edi_guide_rule_take(guide_loader *l, const dgm_yaml *n)
{
    if (n->kind != DGM_YAML_MAP) {
        dgm_edi_guide_fault(l, n->mark, DGM_D_GUIDE_KIND, DGM_LITERAL("a rule"), DGM_LITERAL("a map"),
                            DGM_LITERAL("{when: BGM/1001=929, require: SG5/DOC}"));
        return;
    }
    for (const dgm_yaml *m = n->first; m; m = m->next) (void)dgm_edi_guide_key(l, m, "a rule", dgm_edi_guide_rule_keys);
    guide_rule *rule = GUIDE_NEW(l, guide_rule, 1);
    if (!rule) return;
    const dgm_yaml *says = what_it_says(l, n, &rule->is.kind), *when = dgm_yaml_get(n, "when"), *why = dgm_yaml_get(n, "why"),
                   *level = dgm_yaml_get(n, "level");
    rule->is.line = n->first ? n->first->key_mark.line : n->mark.line;
    rule->is.severity = DGM_ERROR;
    rule->scope = take_each(l, dgm_yaml_get(n, "each"), &rule->is);
    if (why) (void)dgm_edi_guide_text(l, why, "why", &rule->is.why);
    if (level) {
        static const dgm_severity levels[] = { DGM_ERROR, DGM_WARNING, DGM_INFO };
        int which = dgm_edi_guide_word(l, level, "error warn info");
        if (which >= 0) rule->is.severity = levels[which];
    }
    if (!rule->scope) return;
    guide_terms whens = { 0 }, terms = { 0 };
    if (when && dgm_edi_guide_text(l, when, "when", &rule->is.when) &&
        dgm_edi_guide_terms(l, rule->is.when, when->mark, rule->scope, true, &whens))
        check_order(l, when, rule, &whens);
    if (says) take_terms(l, says, rule, &terms);
    rule->whens = whens.spots;
    rule->terms = terms.spots;
    rule->is.whens = whens.terms;
    rule->is.terms = terms.terms;
    rule->is.when_count = whens.count;
    rule->is.term_count = terms.count;
    if (l->last_rule)
        l->last_rule->next = rule;
    else
        l->first_rule = rule;
    l->last_rule = rule;
    l->guide->rule_count++;
}
