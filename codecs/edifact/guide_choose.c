/* SPDX-License-Identifier: Apache-2.0
 *
 * guide_choose.c - which guide a message is held against: the one that the setting `guide` names for its sender, or of those for
 * its type, version and release the one that says most of it: association code (S009 0057), sender, recipient. One thread.
 */
#include "guide.h"
#include "reader.h"

static const dgm_edi_guide *named(const dgm_edi_reader *r, dgm_slice name)
{
    for (size_t i = 0; i < r->host.guide_count; i++) {
        const dgm_edi_guide *g = r->host.guides[i];
        if (dgm_slice_equal(g->name, name)) return g;
    }
    return NULL;
}

static bool word(dgm_slice what)
{
    return dgm_slice_is(what, "auto") || dgm_slice_is(what, "none");
}

static dgm_slice nearest(const dgm_edi_reader *r, dgm_slice wrong)
{
    dgm_slice names[64];
    size_t n = 0;
    for (; n < r->host.guide_count && n < 64; n++) names[n] = ((const dgm_edi_guide *)r->host.guides[n])->name;
    int best = dgm_nearest(wrong, names, n);
    return best < 0 ? (dgm_slice){ 0 } : names[best];
}

dgm_status dgm_edi_guide_open(dgm_edi_reader *r, dgm_slice setting)
{
    dgm_slice list = setting, sender, type, what;
    while (dgm_edi_choice_item(&list, &sender, &type, &what)) {
        if (word(what) || named(r, what)) continue;
        dgm_diag *d = dgm_diags_add(r->host.diags, DGM_D_EDI_SETTING, DGM_ERROR);
        dgm_edi_say(r, d, "guide");
        dgm_edi_say_slice(r, d, what);
        dgm_edi_say_slice(r, d, nearest(r, what));
        return DGM_CONFIG;
    }
    if (setting.len == 0) return DGM_OK;
    char *copy = DGM_NEW(&r->constants, char, setting.len);
    if (!copy) return DGM_NOMEM;
    memcpy(copy, setting.at, setting.len);
    r->guide_setting = (dgm_slice){ copy, setting.len };
    return DGM_OK;
}

static bool in(const dgm_slice *names, uint32_t n, dgm_slice name)
{
    for (uint32_t i = 0; i < n; i++)
        if (dgm_slice_equal(names[i], name)) return true;
    return false;
}

/* The guide on the shape that the message is read into; NULL: it is of another message. */
static const dgm_edi_guide_bound *bound_to(const dgm_edi_guide *g, const dgm_edi_guide_wanted *w)
{
    if (!dgm_slice_equal(g->type, w->type) || !dgm_slice_equal(g->version, w->version) ||
        !dgm_slice_equal(g->release, w->release) || !dgm_slice_equal(g->agency, w->agency))
        return NULL;
    for (uint32_t i = 0; i < g->bound_count; i++)
        if (g->bound[i].format == w->format) return &g->bound[i];
    return NULL;
}

/* How much of a message a guide asks for, plus one; 0: it is not for it. */
static uint32_t fitness(const dgm_edi_guide *g, const dgm_edi_reader *r, const dgm_edi_guide_wanted *w)
{
    if (g->chosen_by_name) return 0;
    if (g->association_count && !in(g->associations, g->association_count, w->association)) return 0;
    if (g->sender_count && !in(g->senders, g->sender_count, dgm_edi_text_slice(&r->sender))) return 0;
    if (g->recipient_count && !in(g->recipients, g->recipient_count, dgm_edi_text_slice(&r->recipient))) return 0;
    return 1u + (g->association_count ? 4u : 0u) + (g->sender_count ? 2u : 0u) + (g->recipient_count ? 1u : 0u);
}

const dgm_edi_guide_bound *dgm_edi_guide_choose(const dgm_edi_reader *r, const dgm_edi_guide_wanted *w)
{
    const dgm_edi_guide_bound *best = NULL;
    uint32_t most = 0;
    if (r->level < DGM_EDI_LEVEL_ADVICE || r->host.guide_count == 0) return NULL;
    dgm_slice wish = dgm_edi_choice_of(r, r->guide_setting, w->type);
    if (wish.len && !dgm_slice_is(wish, "auto")) {
        const dgm_edi_guide *g = named(r, wish);
        return g ? bound_to(g, w) : NULL;
    }
    for (size_t i = 0; i < r->host.guide_count; i++) {
        const dgm_edi_guide *g = r->host.guides[i];
        const dgm_edi_guide_bound *b = bound_to(g, w);
        uint32_t much = b ? fitness(g, r, w) : 0;
        if (much <= most) continue;
        most = much;
        best = b;
    }
    return best;
}

bool dgm_edi_guides_by_partner(const dgm_edi_reader *r)
{
    if (r->level < DGM_EDI_LEVEL_ADVICE || r->host.guide_count == 0) return false;
    if (r->guide_setting.len && memchr(r->guide_setting.at, '=', r->guide_setting.len)) return true;
    for (size_t i = 0; i < r->host.guide_count; i++) {
        const dgm_edi_guide *g = r->host.guides[i];
        if (g->sender_count || g->recipient_count) return true;
    }
    return false;
}

static bool share(const dgm_slice *a, uint32_t na, const dgm_slice *b, uint32_t nb)
{
    if ((na == 0) != (nb == 0)) return false;
    for (uint32_t i = 0; i < na; i++)
        if (in(b, nb, a[i])) return true;
    return na == 0;
}

bool dgm_edi_guide_clash(const dgm_edi_guide *a, const dgm_edi_guide *b)
{
    if (a->chosen_by_name || b->chosen_by_name) return false;
    if (!dgm_slice_equal(a->type, b->type) || !dgm_slice_equal(a->version, b->version) ||
        !dgm_slice_equal(a->release, b->release) || !dgm_slice_equal(a->agency, b->agency))
        return false;
    bool other_format = a->format.len && b->format.len && !dgm_slice_equal(a->format, b->format);
    return !other_format && share(a->associations, a->association_count, b->associations, b->association_count) &&
           share(a->senders, a->sender_count, b->senders, b->sender_count) &&
           share(a->recipients, a->recipient_count, b->recipients, b->recipient_count);
}

bool dgm_edi_guide_national(const dgm_edi_guide *g, uint16_t element, dgm_slice code)
{
    for (uint32_t i = 0; i < g->national_count; i++)
        if (g->national[i].element == element) return g->national[i].any || dgm_edi_guide_codes_has(&g->national[i].codes, code);
    return false;
}
