/* SPDX-License-Identifier: Apache-2.0
 *
 * partner.c - which profile holds for an interchange, by what its header says; and what profiles there are. Pure; any thread.
 */
#include "partner.h"

#include "context.h"

#include "base/diag.h"

const dgm_partner *dgm_partner_named(const dgm_context *c, dgm_slice name)
{
    for (size_t i = 0; i < c->partner_count; i++)
        if (dgm_slice_equal(c->partners[i].name, name)) return &c->partners[i];
    return NULL;
}

dgm_slice dgm_partner_nearest(const dgm_context *c, dgm_slice wrong)
{
    enum { MOST = 256 };
    dgm_slice names[MOST];
    size_t n = c->partner_count < MOST ? c->partner_count : MOST;
    for (size_t i = 0; i < n; i++) names[i] = c->partners[i].name;
    int near = dgm_nearest(wrong, names, n);
    return near < 0 ? (dgm_slice){ 0 } : names[near];
}

/* ---- choosing ---- */

/* A header that was cut into lines has line breaks where nobody put them. */
static bool same(dgm_slice wanted, dgm_slice said)
{
    size_t k = 0;
    for (size_t i = 0; i < said.len; i++) {
        if (said.at[i] == '\r' || said.at[i] == '\n') continue;
        if (k == wanted.len || wanted.at[k++] != said.at[i]) return false;
    }
    return k == wanted.len && wanted.len > 0;
}

/* CUSDEC fits CUSDEC:D:96B:UN, and so does every beginning of it that ends where a component does. */
static bool begins(dgm_slice wanted, dgm_slice type)
{
    return wanted.len <= type.len && dgm_slice_equal(dgm_slice_part(type, 0, wanted.len), wanted) &&
           (wanted.len == type.len || type.at[wanted.len] == ':');
}

static dgm_slice value_of(const dgm_envelope *e, uint32_t element, uint32_t component)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->values[i].element == element && e->values[i].component == component) return e->values[i].text;
    return (dgm_slice){ 0 };
}

/* Of the values that fit the longest; 0: none does. */
static size_t fits(const dgm_partner_condition *when, size_t key, dgm_slice said)
{
    size_t best = 0;
    for (size_t i = 0; i < when->count; i++) {
        bool good = key == DGM_PARTNER_TYPES ? begins(when->at[i], said) : same(when->at[i], said);
        if (good && when->at[i].len > best) best = when->at[i].len;
    }
    return best;
}

/* 0: it does not hold; else more for what is more particular. document: of XML. */
static uint64_t worth(const dgm_partner *p, const dgm_slice said[DGM_PARTNER_KEYS], bool document)
{
    uint64_t sum = 0, longest = 0;
    if (!p->when[DGM_PARTNER_SENDER].count) return 0; /* by its name only */
    for (size_t k = 0; k < DGM_PARTNER_KEYS; k++) {
        const dgm_partner_condition *when = &p->when[k];
        const bool edifact = k == DGM_PARTNER_SENDER_QUALIFIER || k == DGM_PARTNER_RECIPIENT_QUALIFIER || k == DGM_PARTNER_TEST;
        if (document && edifact) continue;
        size_t len = fits(when, k, said[k]);
        if (when->count && len == 0) return 0;
        if (when->count) sum |= (uint64_t)1 << (DGM_PARTNER_KEYS - 1 - k);
        if (k == DGM_PARTNER_TYPES) longest = len;
    }
    return sum << 32 | longest;
}

static const dgm_partner *best_of(const dgm_context *c, const dgm_slice said[DGM_PARTNER_KEYS], bool document)
{
    const dgm_partner *found = NULL;
    uint64_t best = 0;
    for (size_t i = 0; i < c->partner_count; i++) {
        uint64_t w = worth(&c->partners[i], said, document);
        if (w <= best) continue;
        best = w;
        found = &c->partners[i];
    }
    return found;
}

/* UNB: S002 is element 2, S003 element 3, 0035 element 11. */
const dgm_partner *dgm_partner_choose(const dgm_context *c, const dgm_envelope *header, dgm_slice type)
{
    dgm_slice test = value_of(header, 11, 1);
    const dgm_slice said[DGM_PARTNER_KEYS] = { value_of(header, 2, 1),
                                               value_of(header, 2, 2),
                                               value_of(header, 3, 1),
                                               value_of(header, 3, 2),
                                               type,
                                               test.len && !dgm_slice_is(test, "0") ? DGM_LITERAL("yes") : DGM_LITERAL("no") };
    return best_of(c, said, false);
}

/* White space around a value is indentation. */
static dgm_slice trimmed(dgm_slice text)
{
    while (text.len && (unsigned char)text.at[0] <= ' ') text = dgm_slice_part(text, 1, text.len);
    while (text.len && (unsigned char)text.at[text.len - 1] <= ' ') text.len--;
    return text;
}

const dgm_partner *dgm_partner_of_document(const dgm_context *c, dgm_slice sender, dgm_slice recipient, dgm_slice type)
{
    const dgm_slice said[DGM_PARTNER_KEYS] = { trimmed(sender), { 0 }, trimmed(recipient), { 0 }, type, { 0 } };
    return best_of(c, said, true);
}

/* What speaks for a profile when something is written to that partner; 0: it is another's. */
static uint32_t worth_writing(const dgm_partner *p, const dgm_partner_goes *to)
{
    const dgm_slice said[DGM_PARTNER_KEYS] = { to->recipient, to->recipient_qualifier, to->sender, { 0 }, to->type, { 0 } };
    uint32_t good = 1, odd = 0;
    for (size_t k = 0; k < DGM_PARTNER_KEYS; k++) {
        bool fit = fits(&p->when[k], k, said[k]);
        if (!fit && (k == DGM_PARTNER_SENDER || (k == DGM_PARTNER_SENDER_QUALIFIER && p->when[k].count && said[k].len))) return 0;
        if (fit) good += 2u << (DGM_PARTNER_KEYS - k); /* what stands first in the list of keys weighs more than all behind it */
        odd += p->when[k].count && !fit;
    }
    return good * 8 + DGM_PARTNER_KEYS - odd;
}

const dgm_partner *dgm_partner_of_recipient(const dgm_context *c, const dgm_partner_goes *to)
{
    const dgm_partner *found = NULL;
    uint32_t best = 0;
    for (size_t i = 0; i < c->partner_count && to->recipient.len; i++) {
        uint32_t w = worth_writing(&c->partners[i], to);
        if (w > best) found = &c->partners[i];
        if (w > best) best = w;
    }
    return found;
}

bool dgm_partner_by_type(const dgm_context *c)
{
    for (size_t i = 0; i < c->partner_count; i++)
        if (c->partners[i].when[DGM_PARTNER_TYPES].count) return true;
    return false;
}

/* ---- what there is ---- */

size_t dgm_context_partner_count(const dgm_context *c)
{
    return c->partner_count;
}

dgm_partner_info dgm_context_partner(const dgm_context *c, size_t i)
{
    const dgm_partner *p = &c->partners[i];
    return (dgm_partner_info){ .name = p->name,
                               .title = p->title,
                               .file = p->path,
                               .conditions = p->conditions,
                               .condition_count = p->condition_count,
                               .settings = p->settings,
                               .setting_count = p->setting_count };
}
