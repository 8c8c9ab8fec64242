/* SPDX-License-Identifier: Apache-2.0
 *
 * test_partner.c - profiles of partners: each mistake in a file with its line and column, which profile is chosen for a header, and
 * jobs in which they hold: beneath what the caller sets, above what is usual, for reading, writing and answering. One thread.
 */
#include "base/buffer.h"
#include "base/diag.h"
#include "conformance-tests/support/test.h"
#include "translator/context.h"
#include "translator/partner.h"

#include <stdio.h>
#include <stdlib.h>

static dgm_context *context;

/* ---- files ---- */

static dgm_status read_profile(const dgm_context *c, const char *yaml, dgm_arena *arena, dgm_diags *diags, dgm_partner *out)
{
    return dgm_partner_read(c, arena, DGM_LITERAL("p.yaml"), dgm_slice_of(yaml), diags, out);
}

/* "4:3 map.key.unknown" for each mistake, in order. */
static void check_file(const char *yaml, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    dgm_arena arena;
    dgm_buffer said;
    dgm_diags *diags = NULL;
    dgm_partner p;
    dgm_arena_init(&arena, &mem);
    dgm_buffer_init(&said, &mem);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 50, &diags), DGM_OK);
    dgm_status s = read_profile(context, yaml, &arena, diags, &p);
    CU_ASSERT_EQUAL(s, *wanted ? DGM_CONFIG : DGM_OK);
    for (size_t i = 0; i < dgm_diags_count(diags); i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        CU_ASSERT_EQUAL(dgm_buffer_print(&said, "%u:%u %s\n", d->line, d->column, dgm_diag_name(d->code)), DGM_OK);
    }
    TEST_TEXT(dgm_buffer_slice(&said), wanted);
    dgm_buffer_free(&said);
    dgm_diags_free(diags);
    dgm_arena_free(&arena);
}

#define HEAD "dragoman: partner/1\npartner: p\n"

static void mistakes(void)
{
    check_file(HEAD, "");
    check_file(HEAD "title: T\nwhen: { sender: [A, B], sender-qualifier: ZZ, recipient: R, types: [CUSDEC], test: no }\n"
                    "reader: { level: codes, charset: windows-1252, format: { CUSDEC: D.96B, CUSRES: cusdec-d96b } }\n"
                    "writer: { syntax: auto, choices: [UNOA, UNOC], una: yes }\nack: { types: [CUSDEC], when: rejected }\n"
                    "limits: { message-bytes: 16M, depth: 64 }\n",
               "");
    check_file("dragoman: partner/2\npartner: p\n", "1:11 map.version\n");
    check_file("partner: p\n", "1:1 map.version\n");
    check_file("dragoman: partner/1\n", "1:1 map.key.missing\n");
    check_file("dragoman: partner/1\npartner: auto\n", "2:10 map.value\n");
    check_file("dragoman: partner/1\npartner: a/b\n", "2:10 map.value\n");
    check_file("[1]\n", "1:1 map.kind\n");
    check_file(HEAD "wen: 1\n", "3:1 map.key.unknown\n");
    check_file(HEAD "when: A\n", "3:7 map.kind\n");
    check_file(HEAD "when:\n  recipient: R\n", "3:1 map.key.missing\n");
    check_file(HEAD "when:\n  sender: ''\n", "4:11 map.value\n");
    check_file(HEAD "when:\n  sender: [A, [B]]\n", "4:15 map.kind\n");
    check_file(HEAD "when:\n  sendr: S\n  sender: S\n  test: perhaps\n", "4:3 map.key.unknown\n6:9 map.value\n");
    check_file(HEAD "reader: drop\n", "3:9 map.kind\n");
    check_file(HEAD "reader:\n  charset: latin-99\n  format: D.99Z\n  level: hard\n  junk: { a: b }\n",
               "4:12 partner.setting.refused\n5:11 partner.setting.refused\n6:10 partner.setting.value\n7:9 map.kind\n");
    check_file(HEAD "writer:\n  references: 1\n  messages-per-interchange: ten\n  replacement: '123456789'\n  unmappable: replace\n"
                    "  transliterator: nonsense\n",
               "4:3 partner.setting.unknown\n5:29 partner.setting.value\n8:19 partner.setting.refused\n");
    check_file(HEAD "ack:\n  syntax: UNOC:5\n  directory: D.93A\n  reference: '123456789012345'\n",
               "4:11 partner.setting.refused\n5:14 partner.setting.refused\n6:14 partner.setting.refused\n");
    check_file(HEAD "limits:\n  nodes: 0\n  depth: 65\n  messages: 1\n  segment-bytes: 5T\n",
               "4:10 map.value\n5:10 map.value\n6:3 map.key.unknown\n7:18 map.value\n");
    check_file(HEAD "limits: 5\n", "3:9 map.kind\n");
    check_file(HEAD
               "xml: { reader: { level: schema, encoding: UTF-16 }, writer: { canonical: inclusive, indent: 0, encoding: '' } }\n",
               "");
    check_file(HEAD "xml: yes\n", "3:6 map.kind\n");
    check_file(HEAD "xml: { readr: {}, verify: yes, sign: [a], reader: { charset: x } }\n",
               "3:8 map.key.unknown\n3:27 map.kind\n3:38 map.kind\n3:53 partner.setting.unknown\n");
    check_file(HEAD "xml:\n  verify: { trust: /no/such.pem }\n  sign: { key: '', cert: [a] }\n",
               "4:20 partner.file\n5:16 map.kind\n5:26 map.kind\n");
    check_file(HEAD "xml: { verify: { trust: /etc }, sign: {} }\n",
               "3:25 partner.file\n3:33 map.key.missing\n3:33 map.key.missing\n");
    check_file(HEAD "xml:\n  verify: {}\n  sign: { key: /etc/passwd, cert: /etc/passwd, passphrase: secret }\n",
               "4:3 map.key.missing\n5:48 partner.passphrase\n");
}

/* ---- choosing ---- */

static dgm_envelope_value value(uint16_t element, uint16_t component, const char *text)
{
    return (dgm_envelope_value){ .element = element, .component = component, .text = dgm_slice_of(text) };
}

typedef struct header {
    const char *sender, *qualifier, *recipient, *test, *type, *wanted;
} header;

static void which_one(void)
{
    static const char *const files[] = {
        HEAD "when: { sender: S }\n",
        "dragoman: partner/1\npartner: q\nwhen: { sender: S, sender-qualifier: ZZ }\n",
        "dragoman: partner/1\npartner: r\nwhen: { sender: [S, T], recipient: R }\n",
        "dragoman: partner/1\npartner: t\nwhen: { sender: S, test: yes }\n",
        "dragoman: partner/1\npartner: y\nwhen: { sender: S, types: [CUSDEC, CUSRES] }\n",
        "dragoman: partner/1\npartner: z\nwhen: { sender: S, types: [CUSDEC:D:96B] }\n",
        "dragoman: partner/1\npartner: n\n",
    };
    static const header headers[] = {
        { "S", "", "X", "", "", "p" },
        { "S", "14", "X", "0", "ORDERS:D:96B:UN", "p" },
        { "S", "ZZ", "R", "1", "CUSDEC:D:96B:UN", "q" }, /* what stands first in the list of keys */
        { "S", "", "R", "1", "CUSDEC:D:96B:UN", "r" },
        { "T", "", "R", "", "", "r" },
        { "T", "", "X", "", "", "" },
        { "S", "", "X", "1", "ORDERS:D:96B:UN", "t" },
        { "S", "", "X", "1", "CUSDEC:D:99A:UN", "y" },
        { "S", "", "X", "", "CUSRES:D:96B:UN", "y" },
        { "S", "", "X", "", "CUSDEC:D:96B:UN", "z" }, /* the longer type */
        { "S", "", "X", "", "CUSDECX:D:96B:UN", "p" },
        { "s", "", "X", "", "", "" },
        { "", "", "X", "", "", "" },
    };
    enum { FILES = sizeof files / sizeof *files };
    dgm_mem mem = dgm_mem_default();
    dgm_arena arena;
    dgm_partner partners[FILES];
    dgm_context c = *context;
    dgm_arena_init(&arena, &mem);
    for (size_t i = 0; i < FILES; i++) CU_ASSERT_EQUAL_FATAL(read_profile(context, files[i], &arena, NULL, &partners[i]), DGM_OK);
    c.partners = partners;
    c.partner_count = FILES;
    CU_ASSERT(dgm_partner_by_type(&c));
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        const header *h = &headers[i];
        const dgm_envelope_value values[] = { value(2, 1, h->sender), value(2, 2, h->qualifier), value(3, 1, h->recipient),
                                              value(11, 1, h->test) };
        const dgm_envelope e = { .values = values, .count = 4 };
        const dgm_partner *p = dgm_partner_choose(&c, &e, dgm_slice_of(h->type));
        TEST_TEXT(p ? p->name : (dgm_slice){ 0 }, h->wanted);
    }
    TEST_TEXT(dgm_partner_nearest(&c, DGM_LITERAL("n")), "n");
    CU_ASSERT_PTR_NULL(dgm_partner_named(&c, DGM_LITERAL("x")));
    dgm_arena_free(&arena);
}

/* To whom it goes: the profile whose sender that is; what else it asks for, the other way round. */
static void written_to(void)
{
    static const char *const files[] = {
        HEAD "when: { sender: S }\n",
        "dragoman: partner/1\npartner: q\nwhen: { sender: S, sender-qualifier: ZZ }\n",
        "dragoman: partner/1\npartner: r\nwhen: { sender: [S, T], recipient: US }\n",
        "dragoman: partner/1\npartner: y\nwhen: { sender: S, types: [CUSRES] }\n",
        "dragoman: partner/1\npartner: n\n",
        "dragoman: partner/1\npartner: v\nwhen: { sender: V, test: yes, types: CUSDEC }\n",
    };
    static const struct {
        const char *recipient, *qualifier, *sender, *type, *wanted;
    } rows[] = {
        { "S", "", "X", "ORDERS:D:96B:UN", "p" },
        { "S", "14", "X", "", "p" },
        { "S", "ZZ", "X", "", "q" },
        { "S", "ZZ", "US", "CUSRES:D:96B:UN", "q" }, /* what stands first in the list of keys */
        { "S", "14", "US", "CUSRES:D:96B:UN", "r" },
        { "T", "14", "X", "", "r" }, /* written by its settings although somebody else sends */
        { "S", "", "X", "CUSRES:D:99B:UN", "y" },
        { "V", "", "X", "CUSRES:D:99B:UN", "v" },
        { "X", "", "S", "", "" },
        { "", "", "S", "", "" },
    };
    enum { FILES = sizeof files / sizeof *files };
    dgm_mem mem = dgm_mem_default();
    dgm_arena arena;
    dgm_partner partners[FILES];
    dgm_context c = *context;
    dgm_arena_init(&arena, &mem);
    for (size_t i = 0; i < FILES; i++) CU_ASSERT_EQUAL_FATAL(read_profile(context, files[i], &arena, NULL, &partners[i]), DGM_OK);
    c.partners = partners;
    c.partner_count = FILES;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const dgm_partner_goes to = { dgm_slice_of(rows[i].recipient), dgm_slice_of(rows[i].qualifier),
                                      dgm_slice_of(rows[i].sender), dgm_slice_of(rows[i].type) };
        const dgm_partner *p = dgm_partner_of_recipient(&c, &to);
        TEST_TEXT(p ? p->name : (dgm_slice){ 0 }, rows[i].wanted);
    }
    dgm_arena_free(&arena);
}

/* ---- jobs ---- */

typedef struct passing {
    dgm_buffer out, ack, said;
    bool failed;
} passing;

static dgm_status out_open(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number, (void)format;
    *out = dgm_buffer_sink(&((passing *)ctx)->out);
    return DGM_OK;
}

static dgm_status ack_open(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number, (void)format;
    *out = dgm_buffer_sink(&((passing *)ctx)->ack);
    return DGM_OK;
}

static dgm_status out_close(void *ctx, bool complete)
{
    (void)ctx, (void)complete;
    return DGM_OK;
}

static bool goes_on; /* told by whose profile a message is written, too */

static void report(void *ctx, const dgm_message_report *r)
{
    passing *p = ctx;
    for (size_t i = 0; i < dgm_diags_count(r->diags); i++) {
        const dgm_diag *d = dgm_diags_at(r->diags, i);
        if (dgm_buffer_print(&p->said, "%s\n", dgm_diag_name(d->code)) != DGM_OK) p->failed = true;
    }
    if (!r->position.message) return;
    if (dgm_buffer_print(&p->said, "message of %.*s: %s%s%.*s\n", (int)r->partner.len, r->partner.at ? r->partner.at : "",
                         r->status == DGM_OK ? "taken" : "refused", goes_on ? ", for " : "", goes_on ? (int)r->partner_out.len : 0,
                         r->partner_out.at ? r->partner_out.at : "") != DGM_OK)
        p->failed = true;
}

static const char *const profiles[] = {
    "dragoman: partner/1\npartner: a\nwhen: { sender: A }\nreader: { level: codes }\n"
    "writer: { syntax: 'UNOA:2', una: yes, reference: A7, sender: HERE }\nack: { syntax: 'UNOA:2', reference: X1 }\n",
    "dragoman: partner/1\npartner: b\nwhen: { sender: B }\nreader: { level: syntax }\n"
    "writer: { reference: B1, line-breaks: yes }\nack: { when: rejected }\n",
};

#define U(sender, ref) "UNB+UNOC:3+" sender "+R+260115:1023+" ref "'"
#define M(code)        "UNH+1+ORDERS:D:96B:UN'BGM+220+A'DTM+" code ":20260115:102'UNS+S'UNT+5+1'"

static dgm_status pass(const dgm_mem *mem, const dgm_job_options *given, const char *input, size_t chunk, passing *p)
{
    dgm_context c = *context;
    dgm_arena arena;
    dgm_partner partners[2];
    dgm_job *job = NULL;
    dgm_job_options o = *given;
    dgm_slice all = dgm_slice_of(input);
    c.mem = *mem;
    dgm_arena_init(&arena, mem);
    dgm_buffer_init(&p->out, mem);
    dgm_buffer_init(&p->ack, mem);
    dgm_buffer_init(&p->said, mem);
    dgm_status s = DGM_OK;
    for (size_t i = 0; i < 2 && s == DGM_OK; i++) s = read_profile(&c, profiles[i], &arena, NULL, &partners[i]);
    c.partners = partners;
    c.partner_count = 2;
    o.struct_bytes = sizeof o;
    o.outlet = (dgm_outlet){ out_open, out_close, p };
    o.report = report;
    o.report_ctx = p;
    if (s == DGM_OK) s = dgm_job_open(&c, &o, NULL, &job);
    if (s == DGM_OK && !chunk) s = dgm_job_whole(job, all);
    for (size_t at = 0; s == DGM_OK && chunk && at <= all.len; at += chunk)
        s = dgm_job_feed(job, dgm_slice_part(all, at, at + chunk), at + chunk > all.len);
    dgm_job_close(job);
    dgm_arena_free(&arena);
    return p->failed && s == DGM_OK ? DGM_NOMEM : s;
}

static void end(passing *p)
{
    dgm_buffer_free(&p->out);
    dgm_buffer_free(&p->ack);
    dgm_buffer_free(&p->said);
}

/* Whole and in pieces. */
static void expect_pass(const dgm_job_options *o, const char *input, const char *out, const char *said)
{
    dgm_mem mem = dgm_mem_default();
    for (size_t chunk = 0; chunk < 200; chunk = chunk * 3 + 1) {
        passing p = { .failed = false };
        CU_ASSERT_EQUAL(pass(&mem, o, input, chunk, &p), DGM_OK);
        TEST_TEXT(dgm_buffer_slice(&p.out), out);
        TEST_TEXT(dgm_buffer_slice(&p.said), said);
        end(&p);
    }
}

#define THREE U("A", "1") M("137") "UNZ+1+1'" U("B", "2") M("ZZX") "UNZ+1+2'" U("A", "3") M("ZZX") "UNZ+1+3'"

static void written(void)
{
    /* references of A go on counting although B came between; A looks at codes, B does not */
    static const char in[] = U("A", "1") M("137") "UNZ+1+1'" U("B", "2") M("ZZX") "UNZ+1+2'" U("A", "3")
        M("137") "UNZ+1+3'" U("C", "4") M("137") "UNZ+1+4'" U("B", "5") M("137") "UNZ+1+5'" U("A", "6") M("ZZX") "UNZ+1+6'";
#define A(ref) "UNA:+.? 'UNB+UNOA:2+HERE+R+260115:1023+" ref "'" M("137") "UNZ+1+" ref "'"
#define B(ref, c)                                                                                                                  \
    "UNB+UNOC:3+B+R+260115:1023+" ref "'\n"                                                                                        \
    "UNH+1+ORDERS:D:96B:UN'\nBGM+220+A'\nDTM+" c ":20260115:102'\nUNS+S'\nUNT+5+1'\nUNZ+1+" ref "'\n"
    static const char out[] = A("A7") B("B1", "ZZX") A("A8") U("C", "4") M("137") "UNZ+1+4'" B("B2", "137");
    static const char said[] = "job.partner.chosen\nmessage of a: taken\njob.partner.chosen\nmessage of b: taken\n"
                               "job.partner.chosen\nmessage of a: taken\njob.partner.none\nmessage of : taken\n"
                               "job.partner.chosen\nmessage of b: taken\n"
                               "job.partner.chosen\nedifact.code.unknown\nmessage of a: refused\n";
    const dgm_job_options o = { .rewrite = DGM_REWRITE_NORMAL, .partner = DGM_LITERAL("auto") };
    expect_pass(&o, in, out, said);
}

/* What A sends to B looks as B wants it, is read as was agreed with A, and B's references go on counting between. */
static void written_to_another(void)
{
#define TO_B(sender, ref) "UNB+UNOC:3+" sender "+B+260115:1023+" ref "'"
    static const char in[] = TO_B("A", "1") M("137") "UNZ+1+1'" U("A", "2") M("137") "UNZ+1+2'" TO_B("C", "3") M("137") "UNZ+1+3'";
#define AS_B(sender, ref)                                                                                                          \
    "UNB+UNOC:3+" sender "+B+260115:1023+" ref                                                                                     \
    "'\nUNH+1+ORDERS:D:96B:UN'\nBGM+220+A'\nDTM+137:20260115:102'\nUNS+S'\nUNT+5+1'\nUNZ+1+" ref "'\n"
    static const char out[] = AS_B("A", "B1") A("A7") AS_B("C", "B2");
    static const char said[] = "job.partner.chosen\njob.partner.writes\nmessage of a: taken, for b\n"
                               "job.partner.chosen\nmessage of a: taken, for a\n"
                               "job.partner.none\njob.partner.writes\nmessage of : taken, for b\n";
    dgm_job_options o = { .rewrite = DGM_REWRITE_NORMAL, .partner = DGM_LITERAL("auto") };
    goes_on = true;
    expect_pass(&o, in, out, said);
    /* who says to whom it goes chooses, too; who names a profile has it hold for all */
    static const dgm_named to_b[] = { { { "writer.recipient", 16 }, { "B", 1 } } };
    o.settings = to_b;
    o.setting_count = 1;
    expect_pass(&o, U("A", "2") M("137") "UNZ+1+2'", AS_B("A", "B1"),
                "job.partner.chosen\njob.partner.writes\nmessage of a: taken, for b\n");
    o.partner = DGM_LITERAL("a");
    o.setting_count = 0;
    expect_pass(&o, TO_B("C", "3") M("137") "UNZ+1+3'", "UNA:+.? 'UNB+UNOA:2+HERE+B+260115:1023+A7'" M("137") "UNZ+1+A7'",
                "job.partner.chosen\nmessage of a: taken, for a\n");
    goes_on = false;
}

static void beneath_the_caller(void)
{
    static const dgm_named settings[] = { { { "writer.sender", 13 }, { "US", 2 } },
                                          { { "reader.level", 12 }, { "directory", 9 } } };
    static const char in[] = U("A", "1") M("ZZX") "UNZ+1+1'";
    dgm_job_options o = { .rewrite = DGM_REWRITE_NORMAL,
                          .partner = DGM_LITERAL("auto"),
                          .settings = settings,
                          .setting_count = 2,
                          .level_usual = DGM_LITERAL("syntax") };
    expect_pass(&o, in, "UNA:+.? 'UNB+UNOA:2+US+R+260115:1023+A7'" M("ZZX") "UNZ+1+A7'",
                "job.partner.chosen\nmessage of a: taken\n");
    o.setting_count = 1; /* the profile's level goes before the usual one */
    expect_pass(&o, in, "", "job.partner.chosen\nedifact.code.unknown\nmessage of a: refused\n");
    o.level = DGM_LITERAL("directory"); /* and the caller's before that */
    expect_pass(&o, in, "UNA:+.? 'UNB+UNOA:2+US+R+260115:1023+A7'" M("ZZX") "UNZ+1+A7'",
                "job.partner.chosen\nmessage of a: taken\n");
    /* by name, whatever the header says; nobody's */
    o = (dgm_job_options){ .rewrite = DGM_REWRITE_NORMAL, .partner = DGM_LITERAL("a") };
    expect_pass(&o, U("Z", "1") M("137") "UNZ+1+1'", A("A7"), "job.partner.chosen\nmessage of a: taken\n");
    o.rewrite = DGM_REWRITE_NO;
    expect_pass(&o, M("137") "UNZ+1+1'", "", "edifact.interchange.no-header\nmessage of a: taken\n");
    o.rewrite = DGM_REWRITE_NORMAL;
    o.partner = DGM_LITERAL("none");
    expect_pass(&o, in, in, "message of : taken\n");
}

static void answered(void)
{
    dgm_mem mem = dgm_mem_default();
    const dgm_job_options o = { .partner = DGM_LITERAL("auto"), .ack = { ack_open, out_close, NULL } };
    passing p = { .failed = false };
    dgm_job_options all = o;
    all.ack.ctx = &p;
    CU_ASSERT_EQUAL(pass(&mem, &all, THREE, 0, &p), DGM_OK);
    dgm_slice said = dgm_buffer_slice(&p.ack);
    char text[2048] = { 0 };
    memcpy(text, said.at, said.len < sizeof text ? said.len : sizeof text - 1);
    /* B is only answered when something is rejected, and at its level nothing is; A in its own syntax, with references of its own
     */
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "UNB+UNOA:2+R+A+"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "+X1'UNH+1+CONTRL:D:3:UN'UCI+1+A+R+7'UNT+3+1'UNZ+1+X1'"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "+X2'UNH+1+CONTRL:D:3:UN'UCI+3+A+R+7'UCM+1+ORDERS:D:96B:UN+4'UCS+3'UCD+12+2:1'"));
    CU_ASSERT_PTR_NULL(strstr(text, "UCI+2+B"));
    end(&p);
}

static void unknown_names(void)
{
    dgm_mem mem = dgm_mem_default();
    passing p = { .failed = false };
    const dgm_job_options o = { .partner = DGM_LITERAL("c") };
    CU_ASSERT_EQUAL(pass(&mem, &o, THREE, 0, &p), DGM_UNKNOWN);
    end(&p);
}

static dgm_status one_pass(const dgm_mem *mem, void *ctx)
{
    (void)ctx;
    passing p = { .failed = false };
    const dgm_job_options o = { .rewrite = DGM_REWRITE_NORMAL, .partner = DGM_LITERAL("auto"), .ack = { ack_open, out_close, &p } };
    dgm_status s = pass(mem, &o, THREE, 0, &p);
    end(&p);
    return s == DGM_CONFIG ? DGM_OK : s;
}

static void each_allocation_fails(void)
{
    CU_ASSERT(test_each_allocation_fails(one_pass, NULL) > 0);
}

static const test_case cases[] = { { "mistakes in a file", mistakes },
                                   { "which one is chosen", which_one },
                                   { "written to", written_to },
                                   { "what is written again", written },
                                   { "written to another", written_to_another },
                                   { "beneath what the caller sets", beneath_the_caller },
                                   { "what is answered", answered },
                                   { "unknown names", unknown_names },
                                   { "each allocation fails", each_allocation_fails },
                                   { 0 } };

int main(void)
{
    dgm_context_options o = { .struct_bytes = sizeof o, .mappings = DGM_LITERAL("mappings") };
    if (dgm_context_open(&o, NULL, &context) != DGM_OK) {
        fprintf(stderr, "the mappings of this folder do not load; run from the top of the project\n");
        return 1;
    }
    int code = test_main("partner", cases);
    dgm_context_free(context);
    return code;
}
