/* SPDX-License-Identifier: Apache-2.0
 *
 * ack.c - collects what an acknowledgement needs: who sent what to whom (from the envelope), and what was wrong where (from the
 * diagnostics of each message, in the order of the input). An interchange is answered when a message of a later one has come, or
 * the end. What is kept grows with what is wrong, not with what is right. One thread.
 */
#include "ack.h"

enum { KEEP_BYTES = 65536 };

static dgm_edi_ack *of(dgm_ack *a)
{
    return (dgm_edi_ack *)(void *)a;
}

/* ---- making ---- */

dgm_status dgm_edi_ack_open(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_outlet outlet, dgm_ack **out)
{
    *out = NULL;
    if (host->abi != DGM_CODEC_ABI || !outlet.open || !outlet.close) return DGM_USAGE;
    dgm_edi_ack *a = dgm_mem_new(&host->mem, sizeof *a);
    if (!a) return DGM_NOMEM;
    a->head.codec = &dgm_codec_edifact;
    a->host = *host;
    a->mem = host->mem;
    a->outlet = outlet;
    dgm_arena_init(&a->constants, &a->mem);
    dgm_status s = dgm_edi_wish_make(a, settings, n, &a->wish);
    if (s == DGM_OK)
        *out = &a->head;
    else
        dgm_edi_ack_close(&a->head);
    return s;
}

static void acked_free(dgm_edi_ack *a, dgm_edi_acked *x)
{
    if (!x) return;
    dgm_arena_free(&x->arena);
    dgm_mem_free(&a->mem, x, sizeof *x);
}

static void forget_all(dgm_edi_ack *a)
{
    while (a->first) {
        dgm_edi_acked *x = a->first;
        a->first = x->next;
        acked_free(a, x);
    }
    a->last = NULL;
}

void dgm_edi_ack_close(dgm_ack *ack)
{
    if (!ack) return;
    dgm_edi_ack *a = of(ack);
    dgm_mem mem = a->mem;
    forget_all(a);
    acked_free(a, a->spare);
    for (size_t i = 0; i < 2; i++) dgm_shape_free(a->shapes[i]);
    for (const dgm_edi_wish *w = &a->wish; w; w = w->next)
        for (size_t i = 0; i < 2; i++) dgm_shape_free(w->aperaks[i]);
    dgm_edi_references_clear(&a->seen, &mem, false);
    dgm_mem_free(&mem, a->faults, a->fault_room * sizeof *a->faults);
    dgm_arena_free(&a->constants);
    dgm_mem_free(&mem, a, sizeof *a);
}

/* ---- the envelope ---- */

static dgm_slice value_of(const dgm_envelope *e, uint32_t element, uint32_t component)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->values[i].element == element && e->values[i].component == component) return e->values[i].text;
    return (dgm_slice){ 0 };
}

typedef struct keeping {
    dgm_arena *arena;
    const dgm_envelope *e;
    bool failed;
} keeping;

static dgm_slice keep_text(keeping *k, dgm_slice text)
{
    if (text.len == 0) return (dgm_slice){ 0 };
    dgm_slice copy = dgm_arena_copy(k->arena, text);
    if (!copy.at) k->failed = true;
    return copy.at ? copy : (dgm_slice){ 0 };
}

static dgm_slice keep(keeping *k, uint32_t element, uint32_t component)
{
    return keep_text(k, value_of(k->e, element, component));
}

static dgm_edi_party keep_party(keeping *k, uint32_t element)
{
    return (dgm_edi_party){ .id = keep(k, element, 1),
                            .qualifier = keep(k, element, 2),
                            .address = keep(k, element, 3),
                            .subaddress = keep(k, element, 4) };
}

static dgm_edi_acked *find(const dgm_edi_ack *a, uint32_t interchange)
{
    dgm_edi_acked *x = a->first;
    while (x && x->number != interchange) x = x->next;
    return x;
}

static dgm_edi_acked *new_acked(dgm_edi_ack *a)
{
    dgm_edi_acked *x = a->spare;
    a->spare = NULL;
    if (x) {
        dgm_arena arena = x->arena;
        *x = (dgm_edi_acked){ .arena = arena };
        return x;
    }
    x = dgm_mem_new(&a->mem, sizeof *x);
    if (x) dgm_arena_init(&x->arena, &a->mem);
    return x;
}

static void take_interchange(dgm_edi_ack *a, const dgm_envelope *e)
{
    dgm_edi_acked *x = new_acked(a);
    if (!x) {
        a->failed = DGM_NOMEM;
        return;
    }
    keeping k = { &x->arena, e, false };
    x->number = e->position.interchange;
    x->wish = dgm_edi_wish_of(a, e->agreed);
    x->identifier = keep(&k, 1, 1);
    x->version = keep(&k, 1, 2);
    x->sender = keep_party(&k, 2);
    x->recipient = keep_party(&k, 3);
    x->reference = keep(&k, 5, 1);
    x->request = keep(&k, 9, 1);
    x->agreement = keep(&k, 10, 1);
    x->test = keep(&k, 11, 1);
    if (k.failed) a->failed = DGM_NOMEM;
    if (a->last)
        a->last->next = x;
    else
        a->first = x;
    a->last = x;
    dgm_edi_ack_check_interchange(a, x, e, a->host.diags);
}

static void take_group(dgm_edi_ack *a, const dgm_envelope *e)
{
    dgm_edi_acked *x = find(a, e->position.interchange);
    if (!x) return;
    dgm_edi_acked_group *g = DGM_NEW(&x->arena, dgm_edi_acked_group, 1);
    if (!g) {
        a->failed = DGM_NOMEM;
        return;
    }
    keeping k = { &x->arena, e, false };
    g->number = e->position.group;
    g->sender = keep_party(&k, 2);
    g->recipient = keep_party(&k, 3);
    g->reference = keep(&k, 5, 1);
    if (k.failed) a->failed = DGM_NOMEM;
    if (x->last_group)
        x->last_group->next = g;
    else
        x->groups = g;
    x->last_group = g;
}

void dgm_edi_ack_envelope(void *ack, const dgm_envelope *e)
{
    dgm_edi_ack *a = of(ack);
    if (a->failed != DGM_OK || e->secures) return;
    if (e->group)
        take_group(a, e);
    else
        take_interchange(a, e);
}

/* ---- what was said ---- */

/* A place in UCI, UCF or UCM holds one error: the first. */
static void tell_once(dgm_edi_acked *x, dgm_edi_fault *place, const dgm_edi_fault *f)
{
    if (place->code)
        x->left_out++;
    else
        *place = *f;
}

static dgm_edi_acked_group *find_group(const dgm_edi_acked *x, uint32_t number)
{
    if (number == 0) return NULL;
    if (x->last_group && x->last_group->number == number) return x->last_group;
    dgm_edi_acked_group *g = x->groups;
    while (g && g->number != number) g = g->next;
    return g;
}

static dgm_status add_fault(dgm_edi_ack *a, size_t *n, const dgm_edi_fault *f)
{
    void *faults = a->faults;
    dgm_status s = dgm_mem_reserve(&a->mem, &faults, &a->fault_room, *n + 1, sizeof *a->faults);
    a->faults = faults;
    if (s == DGM_OK) a->faults[(*n)++] = *f;
    return s;
}

/* Is it a reason to reject? What is only warned of is when that is wished for; and what was not read as it was meant, because its
 * version (2), security (27) or character set (46) is not known here, is never acknowledged. */
static bool counts(const dgm_edi_acked *x, const dgm_edi_0085 *row, const dgm_diag *d)
{
    return d->severity == DGM_ERROR || (d->severity == DGM_WARNING && x->wish->warnings) || row->code == 2 || row->code == 27 ||
           row->code == 46;
}

/* Sorts the diagnostics: those of this message into a->faults, those of what surrounds messages to their places. */
static dgm_status sort_out(dgm_edi_ack *a, const dgm_message_report *r, const dgm_diags *diags, size_t *n)
{
    for (size_t i = 0; i < dgm_diags_count(diags); i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        const dgm_edi_0085 *row = dgm_edi_0085_of(d->code);
        dgm_edi_acked *x = row && row->code ? find(a, d->position.interchange) : NULL;
        if (!x || !counts(x, row, d)) continue;
        dgm_edi_fault f = dgm_edi_fault_of(row, d);
        if (f.code == 48 && dgm_edi_letter_version(x) < 4) f.code = d->code == DGM_D_EDI_BARRED ? 15 : 13; /* 48 came with 4 */
        dgm_edi_acked_group *g = find_group(x, d->position.group);
        if (d->position.message == 0) {
            tell_once(x, g ? &g->own : &x->own, &f);
        } else if (d->position.message == r->position.message && x->number == r->position.interchange) {
            dgm_status s = add_fault(a, n, &f);
            if (s != DGM_OK) return s;
        }
    }
    return DGM_OK;
}

/* What UNH and UNT have goes to UCM, which has one place for it. */
static size_t take_own(dgm_edi_acked *x, dgm_edi_acked_message *m, dgm_edi_fault *faults, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (faults[i].tag[0] || faults[i].segment == 0)
            tell_once(x, &m->own, &faults[i]);
        else
            faults[kept++] = faults[i];
    }
    return kept;
}

/* A CONTRL is never answered. */
static bool is_report(const dgm_message_report *r)
{
    return dgm_slice_is(dgm_slice_cut(r->type, ':').head, "CONTRL");
}

/* Errors that the list counted and did not keep. */
static size_t lost_errors(const dgm_diags *diags)
{
    size_t kept = 0;
    if (dgm_diags_dropped(diags) == 0) return 0;
    for (size_t i = 0; i < dgm_diags_count(diags); i++) kept += dgm_diags_at(diags, i)->severity == DGM_ERROR;
    return dgm_diags_errors(diags) - kept;
}

static dgm_status take_message(dgm_edi_ack *a, dgm_edi_acked *x, const dgm_message_report *r, size_t n, size_t lost)
{
    x->messages++;
    x->reports += is_report(r);
    if (is_report(r)) return DGM_OK;
    bool rejected = n > 0 || lost > 0;
    if (rejected) x->rejected++;
    if (!rejected && !x->wish->all) return DGM_OK;
    dgm_edi_acked_message *m = DGM_NEW(&x->arena, dgm_edi_acked_message, 1);
    if (!m) return DGM_NOMEM;
    keeping k = { .arena = &x->arena };
    m->number = r->position.message;
    m->group = r->position.group;
    m->reference = keep_text(&k, r->reference);
    m->type = keep_text(&k, r->type);
    m->rejected = rejected;
    n = take_own(x, m, a->faults, n);
    n = dgm_edi_faults_order(a->faults, n);
    m->faults = DGM_NEW(&x->arena, dgm_edi_fault, n);
    if (k.failed || (n && !m->faults)) return DGM_NOMEM;
    if (n) memcpy(m->faults, a->faults, n * sizeof *m->faults);
    m->fault_count = n;
    x->left_out += lost;
    dgm_edi_acked_group *g = find_group(x, m->group);
    dgm_edi_acked_message **first = g ? &g->first : &x->first, **last = g ? &g->last : &x->last;
    if (*last)
        (*last)->next = m;
    else
        *first = m;
    *last = m;
    return DGM_OK;
}

/* Answers the oldest and lets it go. */
static dgm_status answer_first(dgm_edi_ack *a, dgm_diags *diags)
{
    dgm_edi_acked *x = a->first;
    dgm_edi_ack_check_whole(x, diags);
    dgm_status s = x->wish->contrl ? dgm_edi_ack_write(a, x, diags) : DGM_OK;
    if (s == DGM_OK && x->wish->aperak) s = dgm_edi_refusals_write(a, x, diags);
    if (s == DGM_OK && x->left_out) {
        dgm_diag *d = dgm_diags_add(diags, DGM_D_EDI_ACK_LEFT_OUT, DGM_WARNING);
        if (d) d->position.interchange = x->number;
        dgm_diag_number(diags, d, x->left_out > INT64_MAX ? INT64_MAX : (int64_t)x->left_out);
        dgm_diag_text(diags, d, x->reference);
    }
    if (s == DGM_OK && !x->own.code && x->reference.len && a->host.seen.keep) {
        char line[DGM_EDI_ACK_LINE];
        s = a->host.seen.keep(a->host.seen.ctx, dgm_edi_ack_line(x, line, sizeof line));
    }
    a->first = x->next;
    if (!a->first) a->last = NULL;
    if (a->spare) {
        acked_free(a, x);
    } else {
        dgm_arena_reset(&x->arena, KEEP_BYTES);
        a->spare = x;
    }
    return s;
}

dgm_status dgm_edi_ack_take(dgm_ack *ack, const dgm_message_report *report, dgm_diags *diags)
{
    dgm_edi_ack *a = of(ack);
    size_t n = 0;
    if (a->failed != DGM_OK) return a->failed;
    dgm_edi_acked *x = report->position.message ? find(a, report->position.interchange) : NULL;
    dgm_edi_acked_group *g = x ? find_group(x, report->position.group) : NULL;
    if (g) g->messages++;
    if (x && !is_report(report)) dgm_edi_ack_check_message(a, x, g, report, diags);
    dgm_status s = sort_out(a, report, diags, &n);
    if (s == DGM_OK && x && n == 0 && x->wish->aperak && report->status == DGM_INVALID)
        s = dgm_edi_refusal_take(a, x, report, diags);
    if (s == DGM_OK && x) s = take_message(a, x, report, n, lost_errors(diags));
    while (s == DGM_OK && x && a->first && a->first->number < x->number) s = answer_first(a, diags);
    if (s != DGM_OK) a->failed = s;
    return s;
}

bool dgm_edi_ack_rejects(const dgm_ack *ack, uint32_t interchange)
{
    const dgm_edi_acked *x = find((const dgm_edi_ack *)(const void *)ack, interchange);
    return x && x->own.code != 0;
}

dgm_status dgm_edi_ack_finish(dgm_ack *ack, dgm_diags *diags)
{
    dgm_edi_ack *a = of(ack);
    dgm_status s = a->failed;
    while (s == DGM_OK && a->first) s = answer_first(a, diags);
    if (s != DGM_OK) a->failed = s;
    a->outputs = 0;
    return s;
}
