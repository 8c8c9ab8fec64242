/* SPDX-License-Identifier: Apache-2.0
 *
 * ack.c - collects what an acknowledgement needs: who sent what to whom (from the envelope), and what was wrong where (from the
 * diagnostics of each message, in the order of the input). An interchange is answered when a message of a later one has come, or
 * the end. What is kept grows with what is wrong, not with what is right. One thread.
 */
#include "ack.h"

#include "directory_book.h"

#include <stdio.h>

const dgm_option dgm_edi_ack_options[] = {
    { "answer", "contrl", "what is written: contrl, about syntax; aperak, about what was refused although its syntax is right",
      DGM_OPT_TEXT, "contrl aperak both" },
    { "directory", "D.96B", "directory of APERAK messages", DGM_OPT_TEXT, NULL },
    { "document-type", "963", "document name code of an APERAK (1001)", DGM_OPT_TEXT, NULL },
    { "when", "always",
      "which interchanges are answered: all, those that ask for it (0031), or those of which something is rejected", DGM_OPT_TEXT,
      "always requested rejected" },
    { "receipt", "auto", "only say that the interchange was received; auto: when it asks for just that (0031 is 2)", DGM_OPT_TEXT,
      "auto yes no" },
    { "messages", "rejected", "which messages are named one by one", DGM_OPT_TEXT, "rejected all" },
    { "reference", "", "control reference of the first answer (0020), the last digits count up; made from the clock when empty",
      DGM_OPT_TEXT, NULL },
    { "message-reference", "1", "message reference of an answer (0062)", DGM_OPT_TEXT, NULL },
    { "recipient-reference", "", "reference or password that the partner asks for (0022)", DGM_OPT_TEXT, NULL },
    { "recipients", "", "identifications that are received for, with commas between; empty: any", DGM_OPT_TEXT, NULL },
    { "senders", "", "senders that are known, with commas between; empty: any", DGM_OPT_TEXT, NULL },
    { "types", "", "types of message agreed on, as CUSDEC or CUSDEC:D:96B, with commas between; empty: any", DGM_OPT_TEXT, NULL },
    { "test", "yes", "whether interchanges marked as a test (0035) are accepted", DGM_OPT_BOOL, NULL },
    { "warnings", "no", "whether what is only warned of is a reason to reject", DGM_OPT_BOOL, NULL },
    { "max-age", "0", "days after which an interchange is too old; 0: never", DGM_OPT_COUNT, NULL },
    { "line-breaks", "no", "a line for each segment of an answer", DGM_OPT_BOOL, NULL },
    { 0 },
};

enum { KEEP_BYTES = 65536 };

static dgm_edi_ack *of(dgm_ack *a)
{
    return (dgm_edi_ack *)(void *)a;
}

/* ---- making ---- */

static bool yes(dgm_slice v)
{
    return dgm_slice_is(v, "yes") || dgm_slice_is(v, "true") || dgm_slice_is(v, "1");
}

static dgm_status refuse_setting(dgm_edi_ack *a, const char *name, dgm_slice value)
{
    dgm_diag *d = dgm_diags_add(a->host.diags, DGM_D_EDI_SETTING, DGM_ERROR);
    dgm_diag_text(a->host.diags, d, dgm_slice_of(name));
    dgm_diag_text(a->host.diags, d, value);
    return DGM_CONFIG;
}

/* "D.96B" or "D96B", linked in or added: the directory whose APERAK is written. */
static bool find_aperak(dgm_edi_ack *a, dgm_slice name)
{
    dgm_edi_message aperak;
    dgm_cut halves = dgm_slice_cut(name, '.');
    if (!halves.found) halves = (dgm_cut){ dgm_slice_part(name, 0, 1), dgm_slice_part(name, 1, name.len), true };
    return dgm_edi_directory_choose(a->host.knowledge, a->host.knowledge_count, halves.head, halves.tail, DGM_LITERAL("UN"),
                                    &a->wish.directory) &&
           dgm_edi_message_find(&a->wish.directory, DGM_LITERAL("APERAK"), &aperak);
}

static dgm_status take_settings(dgm_edi_ack *a, const dgm_setting *settings, size_t n)
{
    const struct {
        const char *name;
        dgm_slice *to;
    } texts[] = { { "when", &a->wish.when },
                  { "receipt", &a->wish.receipt },
                  { "recipients", &a->wish.recipients },
                  { "senders", &a->wish.senders },
                  { "types", &a->wish.types },
                  { "document-type", &a->wish.document_type },
                  { "reference", &a->wish.reference },
                  { "message-reference", &a->wish.message_reference },
                  { "recipient-reference", &a->wish.recipient_reference } };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i].to = dgm_arena_copy(&a->constants, dgm_setting_get(settings, n, dgm_edi_ack_options, texts[i].name));
        if (!texts[i].to->at) return DGM_NOMEM;
    }
    a->wish.all = dgm_slice_is(dgm_setting_get(settings, n, dgm_edi_ack_options, "messages"), "all");
    a->wish.warnings = yes(dgm_setting_get(settings, n, dgm_edi_ack_options, "warnings"));
    a->wish.test = yes(dgm_setting_get(settings, n, dgm_edi_ack_options, "test"));
    a->wish.breaks = yes(dgm_setting_get(settings, n, dgm_edi_ack_options, "line-breaks"));
    dgm_slice age = dgm_setting_get(settings, n, dgm_edi_ack_options, "max-age");
    for (size_t i = 0; i < age.len && a->wish.max_age < 1000000; i++)
        a->wish.max_age = a->wish.max_age * 10 + (uint64_t)(age.at[i] - '0');
    dgm_slice answer = dgm_setting_get(settings, n, dgm_edi_ack_options, "answer");
    a->wish.contrl = !dgm_slice_is(answer, "aperak");
    a->wish.aperak = !dgm_slice_is(answer, "contrl");
    dgm_slice directory = dgm_setting_get(settings, n, dgm_edi_ack_options, "directory");
    if (!find_aperak(a, directory)) return refuse_setting(a, "ack.directory", directory);
    if (a->wish.reference.len > 14) return refuse_setting(a, "ack.reference", a->wish.reference);
    int64_t now = a->host.world.now_ms(a->host.world.ctx);
    a->reference_len = a->wish.reference.len;
    if (a->reference_len)
        memcpy(a->reference, a->wish.reference.at, a->reference_len);
    else
        a->reference_len = (size_t)snprintf(a->reference, sizeof a->reference, "%llu",
                                            now < 0 ? 0ULL : (unsigned long long)now % 100000000000000u);
    return DGM_OK;
}

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
    dgm_status s = take_settings(a, settings, n);
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
    for (size_t i = 0; i < 2; i++) dgm_shape_free(a->aperak[i]);
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
    if (a->failed != DGM_OK) return;
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
static bool counts(const dgm_edi_ack *a, const dgm_edi_0085 *row, const dgm_diag *d)
{
    return d->severity == DGM_ERROR || (d->severity == DGM_WARNING && a->wish.warnings) || row->code == 2 || row->code == 27 ||
           row->code == 46;
}

/* Sorts the diagnostics: those of this message into a->faults, those of what surrounds messages to their places. */
static dgm_status sort_out(dgm_edi_ack *a, const dgm_message_report *r, const dgm_diags *diags, size_t *n)
{
    for (size_t i = 0; i < dgm_diags_count(diags); i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        const dgm_edi_0085 *row = dgm_edi_0085_of(d->code);
        if (row && !counts(a, row, d)) row = NULL;
        dgm_edi_acked *x = row && row->code ? find(a, d->position.interchange) : NULL;
        if (!x) continue;
        dgm_edi_fault f = dgm_edi_fault_of(row, d);
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
    if (!rejected && !a->wish.all) return DGM_OK;
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
    dgm_status s = a->wish.contrl ? dgm_edi_ack_write(a, x, diags) : DGM_OK;
    if (s == DGM_OK && a->wish.aperak) s = dgm_edi_refusals_write(a, x, diags);
    if (s == DGM_OK && x->left_out) {
        dgm_diag *d = dgm_diags_add(diags, DGM_D_EDI_ACK_LEFT_OUT, DGM_WARNING);
        if (d) d->position.interchange = x->number;
        dgm_diag_number(diags, d, x->left_out > INT64_MAX ? INT64_MAX : (int64_t)x->left_out);
        dgm_diag_text(diags, d, x->reference);
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
    if (s == DGM_OK && x && n == 0 && a->wish.aperak && report->status == DGM_INVALID)
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
