/* SPDX-License-Identifier: Apache-2.0
 *
 * ack_wish.c - how answers are wished for: the settings ack.…, checked and kept; for each partner with whom something else was
 * agreed they are kept apart, with references that count on by themselves. One thread.
 */
#include "ack.h"

#include "charsets.h"
#include "counted.h"
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
    { "syntax", "",
      "syntax identifier and version of an answer (UNOC:3; version 4 has a CONTRL of its own); empty: those of what is answered",
      DGM_OPT_TEXT, NULL },
    { "line-breaks", "no", "a line for each segment of an answer", DGM_OPT_BOOL, NULL },
    { 0 },
};

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
static bool find_aperak(dgm_edi_ack *a, dgm_slice name, dgm_edi_directory *out)
{
    dgm_edi_message aperak;
    dgm_cut halves = dgm_slice_cut(name, '.');
    if (!halves.found) halves = (dgm_cut){ dgm_slice_part(name, 0, 1), dgm_slice_part(name, 1, name.len), true };
    return dgm_edi_directory_choose(a->host.knowledge, a->host.knowledge_count, halves.head, halves.tail, DGM_LITERAL("UN"), out) &&
           dgm_edi_message_find(out, DGM_LITERAL("APERAK"), &aperak);
}

/* "UNOC:3" */
static bool take_syntax(dgm_edi_wish *w, dgm_slice syntax)
{
    dgm_cut halves = dgm_slice_cut(syntax, ':');
    char version = halves.tail.len == 1 ? halves.tail.at[0] : 0;
    if (syntax.len == 0) return true;
    if (!dgm_edi_set_of(halves.head) || halves.head.len != 4 || version < '1' || version > '4') return false;
    memcpy(w->identifier, halves.head.at, 4);
    w->version = version;
    return true;
}

/* Where the first reference is given by nobody, it is made from the clock. */
static void begin_counting(dgm_edi_ack *a, dgm_edi_wish *w)
{
    int64_t now = a->host.world.now_ms(a->host.world.ctx);
    w->reference_len = w->reference_first.len;
    if (w->reference_len)
        memcpy(w->reference, w->reference_first.at, w->reference_len);
    else
        w->reference_len = (size_t)snprintf(w->reference, sizeof w->reference, "%llu",
                                            now < 0 ? 0ULL : (unsigned long long)now % 100000000000000u);
}

dgm_status dgm_edi_wish_make(dgm_edi_ack *a, const dgm_setting *settings, size_t n, dgm_edi_wish *w)
{
    const struct {
        const char *name;
        dgm_slice *to;
    } texts[] = { { "when", &w->when },
                  { "receipt", &w->receipt },
                  { "recipients", &w->recipients },
                  { "senders", &w->senders },
                  { "types", &w->types },
                  { "document-type", &w->document_type },
                  { "reference", &w->reference_first },
                  { "message-reference", &w->message_reference },
                  { "recipient-reference", &w->recipient_reference } };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i].to = dgm_arena_copy(&a->constants, dgm_setting_get(settings, n, dgm_edi_ack_options, texts[i].name));
        if (!texts[i].to->at) return DGM_NOMEM;
    }
    w->of = settings;
    w->all = dgm_slice_is(dgm_setting_get(settings, n, dgm_edi_ack_options, "messages"), "all");
    w->warnings = yes(dgm_setting_get(settings, n, dgm_edi_ack_options, "warnings"));
    w->test = yes(dgm_setting_get(settings, n, dgm_edi_ack_options, "test"));
    w->breaks = yes(dgm_setting_get(settings, n, dgm_edi_ack_options, "line-breaks"));
    dgm_slice age = dgm_setting_get(settings, n, dgm_edi_ack_options, "max-age");
    for (size_t i = 0; i < age.len && w->max_age < 1000000; i++) w->max_age = w->max_age * 10 + (uint64_t)(age.at[i] - '0');
    dgm_slice answer = dgm_setting_get(settings, n, dgm_edi_ack_options, "answer");
    w->contrl = !dgm_slice_is(answer, "aperak");
    w->aperak = !dgm_slice_is(answer, "contrl");
    dgm_slice directory = dgm_setting_get(settings, n, dgm_edi_ack_options, "directory");
    dgm_slice syntax = dgm_setting_get(settings, n, dgm_edi_ack_options, "syntax");
    if (!find_aperak(a, directory, &w->directory)) return refuse_setting(a, "ack.directory", directory);
    if (!take_syntax(w, syntax)) return refuse_setting(a, "ack.syntax", syntax);
    if (w->reference_first.len > 14 || (a->host.counter.take && !dgm_edi_countable(w->reference_first)))
        return refuse_setting(a, "ack.reference", w->reference_first);
    begin_counting(a, w);
    return DGM_OK;
}

dgm_edi_wish *dgm_edi_wish_of(dgm_edi_ack *a, const dgm_agreed *agreed)
{
    if (!agreed) return &a->wish;
    dgm_edi_wish *w = &a->wish;
    do {
        if (w->of == agreed->ack) return w;
        w = w->next;
    } while (w);
    w = DGM_NEW(&a->constants, dgm_edi_wish, 1);
    dgm_status s = w ? dgm_edi_wish_make(a, agreed->ack, agreed->ack_count, w) : DGM_NOMEM;
    if (s != DGM_OK) {
        a->failed = s;
        return &a->wish;
    }
    w->next = a->wish.next;
    a->wish.next = w;
    return w;
}

dgm_edi_wish *dgm_edi_wish_counter(dgm_edi_ack *a, dgm_edi_wish *w)
{
    return dgm_slice_equal(w->reference_first, a->wish.reference_first) ? &a->wish : w;
}
