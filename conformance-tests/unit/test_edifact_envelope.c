/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_envelope.c - what surrounds messages is told value by value, with its place and its name, in the order of the
 * input and between the reports of messages: headers, and what secures interchanges and groups (ISO 9735-5 and -7), whole, in
 * pieces, on several threads and of several inputs. Places are counted by hand. One thread, but for what jobs have.
 */
#include "edifact_tests.h"

static dgm_context *context;

typedef struct listener {
    dgm_buffer text;
    bool names;
} listener;

static void put_value(listener *l, const dgm_envelope_value *v)
{
    dgm_buffer_print(&l->text, " %u.%u.%u=%.*s@%llu+%llu", v->element, v->component, v->repetition, (int)v->text.len, v->text.at,
                     (unsigned long long)v->at_byte, (unsigned long long)v->bytes);
    if (!l->names) return;
    dgm_buffer_print(&l->text, " [%.*s|%.*s|%.*s|%.*s]", (int)v->composite.len, v->composite.at ? v->composite.at : "",
                     (int)v->name.len, v->name.at ? v->name.at : "", (int)v->title.len, v->title.at ? v->title.at : "",
                     (int)v->meaning.len, v->meaning.at ? v->meaning.at : "");
}

static void take_envelope(void *ctx, const dgm_envelope *e)
{
    listener *l = ctx;
    dgm_buffer_print(&l->text, "%.*s %s%s%s @%llu+%llu", (int)e->tag.len, e->tag.at, e->group ? "group" : "interchange",
                     e->secures ? " secures" : "", e->ends ? " ends" : "", (unsigned long long)e->at_byte,
                     (unsigned long long)e->bytes);
    if (l->names) dgm_buffer_print(&l->text, " \"%.*s\"", (int)e->title.len, e->title.at);
    for (size_t i = 0; i < e->count; i++) put_value(l, &e->values[i]);
    dgm_buffer_print(&l->text, "\n");
}

static void take_report(void *ctx, const dgm_message_report *r)
{
    listener *l = ctx;
    if (r->bytes) dgm_buffer_print(&l->text, "message %.*s\n", (int)r->reference.len, r->reference.at);
}

static dgm_job_options options_of(listener *l, uint32_t threads)
{
    return (dgm_job_options){ .struct_bytes = sizeof(dgm_job_options),
                              .report = take_report,
                              .report_ctx = l,
                              .envelope = take_envelope,
                              .envelope_ctx = l,
                              .threads = threads };
}

static dgm_status listen(listener *l, dgm_slice input, uint32_t threads, size_t chunk)
{
    dgm_job_options o = options_of(l, threads);
    dgm_job *job = NULL;
    dgm_status s = dgm_job_open(context, &o, NULL, &job);
    if (s == DGM_OK && !chunk) s = dgm_job_whole(job, input);
    for (size_t at = 0; s == DGM_OK && chunk && at < input.len; at += chunk)
        s = dgm_job_feed(job, dgm_slice_part(input, at, at + chunk), at + chunk >= input.len);
    dgm_job_close(job);
    return s;
}

static void expect(const char *input, size_t len, bool names, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    listener l = { .names = names };
    dgm_buffer_init(&l.text, &mem);
    for (uint32_t threads = 1; threads < 4; threads += 2)
        for (size_t chunk = 0; chunk < 9; chunk += 4) {
            l.text.len = 0;
            CU_ASSERT_EQUAL(listen(&l, (dgm_slice){ input, len }, threads, chunk), DGM_OK);
            TEST_TEXT(dgm_buffer_slice(&l.text), wanted);
        }
    dgm_buffer_free(&l.text);
}
#define EXPECT(input, names, wanted) expect((input), sizeof(input) - 1, (names), (wanted))

#define U4     "UNB+UNOA:4+S+R+20260115:1023+1'"                                                 /* 31 bytes */
#define UNG    "UNG+ORDERS+S+R+20260115:1023+9+UN+D:96B'"                                        /* 40 */
#define M(ref) "UNH+" ref "+ORDERS:D:96B:UN'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+" ref "'" /* 67 with one digit */
#define U4_TOLD                                                                                                                    \
    "UNB interchange @0+31 1.1.1=UNOA@4+4 1.2.1=4@9+1 2.1.1=S@11+1 3.1.1=R@13+1 4.1.1=20260115@15+8 4.2.1=1023@24+4 "              \
    "5.1.1=1@29+1\n"

/* Behind U4 31, behind USH 42, behind USA 67, behind UNG 107, behind USH 115, behind the message 182, behind UNE 198. */
static const char both[] = U4 "USH+1+A?+B'USA+1:16:1+12:300*13:301'" UNG "USH+1+A'" M("1") "UST+A+2'UNE+1+9'"
                                                                                           "UST+A?+B+4'USR+1:FF'UNZ+1+1'";
static const char both_told[] =
    U4_TOLD "USH interchange secures @31+11 1.1.1=1@35+1 2.1.1=A+B@37+4\n"
            "USA interchange secures @42+25 1.1.1=1@46+1 1.2.1=16@48+2 1.3.1=1@51+1 2.1.1=12@53+2 2.2.1=300@56+3 2.1.2=13@60+2 "
            "2.2.2=301@63+3\n"
            "UNG group @67+40 1.1.1=ORDERS@71+6 2.1.1=S@78+1 3.1.1=R@80+1 4.1.1=20260115@82+8 4.2.1=1023@91+4 5.1.1=9@96+1 "
            "6.1.1=UN@98+2 7.1.1=D@101+1 7.2.1=96B@103+3\n"
            "USH group secures @107+8 1.1.1=1@111+1 2.1.1=A@113+1\n"
            "message 1\n"
            "UST group secures ends @182+8 1.1.1=A@186+1 2.1.1=2@188+1\n"
            "UST interchange secures ends @198+11 1.1.1=A+B@202+4 2.1.1=4@207+1\n"
            "USR interchange secures ends @209+9 1.1.1=1@213+1 1.2.1=FF@215+2\n";

static void each_value_with_its_place(void)
{
    expect(both, sizeof both - 1, false, both_told);
}

/* Names and meanings are those of the service directory of syntax version 4; a value too many has none. */
static void names_of_the_service_directory(void)
{
    EXPECT("UNB+UNOC:4+S+R++1'USH+1+\xC4+1+++++++++++X'" M("1") "UST+\xC4+2'UNZ+1+1'", true,
           "UNB interchange @0+18 \"Interchange header\" 1.1.1=UNOC@4+4 [S001|0001|Syntax identifier|UN/ECE level C] "
           "1.2.1=4@9+1 [S001|0002|Syntax version number|Version 4] 2.1.1=S@11+1 [S002|0004|Interchange sender identification|] "
           "3.1.1=R@13+1 [S003|0010|Interchange recipient identification|] "
           "5.1.1=1@16+1 [|0020|Interchange control reference|]\n"
           "USH interchange secures @18+22 \"Security header\" 1.1.1=1@22+1 [|0501|Security service, coded|Non-repudiation of "
           "origin] 2.1.1=\xC3\x84@24+1 [|0534|Security reference number|] "
           "3.1.1=1@26+1 [|0541|Scope of security application, coded|Security header and message body] 14.1.1=X@38+1 [|||]\n"
           "message 1\n"
           "UST interchange secures ends @107+8 \"Security trailer\" 1.1.1=\xC3\x84@111+1 [|0534|Security reference number|] "
           "2.1.1=2@113+1 [|0588|Number of security segments|]\n");
}

/* What was encrypted is no message; the segments around it are told. Behind U4 31, USH 39, USD 45, five octets 50, USU 56. */
static void around_what_was_encrypted(void)
{
    EXPECT(U4 "USH+1+A'USD+5'\x01'+?\x80USU+5'UST+A+4'UNZ+0+1'", false,
           U4_TOLD "USH interchange secures @31+8 1.1.1=1@35+1 2.1.1=A@37+1\n"
                   "USD interchange secures @39+6 1.1.1=5@43+1\n"
                   "USU interchange secures @50+6 1.1.1=5@54+1\n"
                   "UST interchange secures ends @56+8 1.1.1=A@60+1 2.1.1=4@62+1\n");
}

/* Inputs are read ahead of their turn; what surrounds their messages is told in it. */
typedef struct inputs {
    listener *l;
    uint32_t given;
} inputs;

static dgm_status next_input(void *ctx, dgm_input *in)
{
    inputs *i = ctx;
    if (i->given == 12) return DGM_END;
    i->given++;
    *in = (dgm_input){ .whole = { both, sizeof both - 1 } };
    return DGM_OK;
}

static dgm_status input_over(void *ctx, const dgm_input *in, dgm_status status, const dgm_job_counts *counts)
{
    inputs *i = ctx;
    (void)in;
    CU_ASSERT_EQUAL(status, DGM_OK);
    CU_ASSERT_EQUAL(counts->messages, 1);
    return dgm_buffer_print(&i->l->text, "over\n");
}

static void inputs_in_their_turn(void)
{
    dgm_mem mem = dgm_mem_default();
    listener l = { .names = false };
    dgm_buffer wanted;
    dgm_buffer_init(&l.text, &mem);
    dgm_buffer_init(&wanted, &mem);
    for (int i = 0; i < 12; i++) dgm_buffer_print(&wanted, "%sover\n", both_told);
    for (uint32_t threads = 1; threads < 4; threads++) {
        inputs all = { .l = &l };
        dgm_job_options o = options_of(&l, threads);
        l.text.len = 0;
        CU_ASSERT_EQUAL(dgm_job_inputs(context, &o, &(dgm_inputs){ .next = next_input, .end = input_over, .ctx = &all }, NULL),
                        DGM_OK);
        test_slice_equal(dgm_buffer_slice(&l.text), dgm_buffer_slice(&wanted), __FILE__, __LINE__);
    }
    dgm_buffer_free(&l.text);
    dgm_buffer_free(&wanted);
}

/* Two interchanges, large enough to be read in several places at once, of secured groups: told alike by any number of threads. */
static void large_interchanges_on_threads(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer input;
    listener one = { .names = false }, many = { .names = false };
    dgm_buffer_init(&input, &mem);
    dgm_buffer_init(&one.text, &mem);
    dgm_buffer_init(&many.text, &mem);
    for (int i = 1; i < 3; i++) {
        dgm_buffer_print(&input, "UNB+UNOA:4+S+R+20260115:1023+%d'USH+1+A'", i);
        for (int g = 1; g <= 60; g++) {
            dgm_buffer_print(&input, "UNG+ORDERS+S+R+20260115:1023+%d+UN+D:96B'USH+1+B'", g);
            for (int m = 0; m < 400; m++) dgm_buffer_print(&input, M("%d"), g * 1000 + m, g * 1000 + m);
            dgm_buffer_print(&input, "UST+B+2'UNE+400+%d'", g);
        }
        dgm_buffer_print(&input, "UST+A+2'UNZ+60+%d'", i);
    }
    CU_ASSERT(input.len > 2 * 1024 * 1024);
    CU_ASSERT_EQUAL(listen(&one, dgm_buffer_slice(&input), 1, 0), DGM_OK);
    size_t told = 0;
    for (const char *at = one.text.at; (at = memmem(at, one.text.len - (size_t)(at - one.text.at), "secures", 7)); at++) told++;
    CU_ASSERT_EQUAL(told, 2 * (2 + 60 * 2));
    for (size_t chunk = 0; chunk <= 65536; chunk += 65536) {
        many.text.len = 0;
        CU_ASSERT_EQUAL(listen(&many, dgm_buffer_slice(&input), 3, chunk), DGM_OK);
        CU_ASSERT(dgm_slice_equal(dgm_buffer_slice(&one.text), dgm_buffer_slice(&many.text)));
    }
    dgm_buffer_free(&input);
    dgm_buffer_free(&one.text);
    dgm_buffer_free(&many.text);
}

static void hear(void *ctx, const dgm_envelope *e)
{
    *(size_t *)ctx += e->count;
}

static dgm_status without_memory(const dgm_mem *mem, void *ctx)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_reader *r = NULL;
    dgm_message m;
    dgm_host host = dgm_host_make(mem, NULL, NULL, NULL, NULL, 0);
    host.envelope = hear;
    host.envelope_ctx = ctx;
    host.envelope_names = true;
    dgm_status st = k->open_whole(&host, NULL, 0, (dgm_slice){ both, sizeof both - 1 }, &r);
    while (st == DGM_OK && (st = k->next(r, &m)) == DGM_OK) k->recycle(r, &m);
    k->close(r);
    return st == DGM_END ? DGM_OK : st;
}

static void each_allocation_fails(void)
{
    size_t values = 0;
    CU_ASSERT(test_each_allocation_fails(without_memory, &values) > 10);
    CU_ASSERT(values > 30);
}

int main(void)
{
    static const test_case cases[] = { { "each value with its place", each_value_with_its_place },
                                       { "names of the service directory", names_of_the_service_directory },
                                       { "around what was encrypted", around_what_was_encrypted },
                                       { "inputs in their turn", inputs_in_their_turn },
                                       { "large interchanges on threads", large_interchanges_on_threads },
                                       { "each allocation fails", each_allocation_fails },
                                       { 0 } };
    dgm_context_options o = { .struct_bytes = sizeof o, .mappings = DGM_LITERAL("mappings") };
    if (dgm_context_open(&o, NULL, &context) != DGM_OK) return 1;
    int failed = test_main("edifact envelope", cases);
    dgm_context_free(context);
    return failed;
}
