/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_write_envelope.c - references that count, functional groups, interchanges of a set size, and writers that are used
 * again. What is written is read back and must be right. One thread.
 */
#include "edifact_tests.h"

static int64_t fixed_now(void *ctx)
{
    (void)ctx;
    return 848485380000; /* 1996-11-20 10:23 UTC */
}

typedef struct desk {
    dgm_mem mem;
    dgm_shape *shape;
    dgm_format format;
    dgm_diags *diags;
    dgm_host host;
    dgm_buffer out;
    dgm_builder *builder;
    dgm_writer *writer;
} desk;

static void desk_open_counted(desk *d, const dgm_setting *settings, size_t n, dgm_counter counter)
{
    dgm_world world = dgm_world_default();
    world.now_ms = fixed_now;
    *d = (desk){ .mem = dgm_mem_default() };
    CU_ASSERT_FATAL(edi_cusdec_shape(&d->mem, &d->shape) == DGM_OK);
    d->format = edi_cusdec(d->shape);
    CU_ASSERT_FATAL(dgm_diags_new(&d->mem, 100, &d->diags) == DGM_OK);
    d->host = dgm_host_make(&d->mem, NULL, d->diags, &world, NULL, 0);
    d->host.counter = counter;
    dgm_buffer_init(&d->out, &d->mem);
    CU_ASSERT_FATAL(dgm_builder_new(&d->mem, NULL, &d->builder) == DGM_OK);
    CU_ASSERT_FATAL(dgm_codec_edifact.writer_open(&d->host, &d->format, settings, n, dgm_buffer_sink(&d->out), &d->writer) ==
                    DGM_OK);
}

static void desk_open(desk *d, const dgm_setting *settings, size_t n)
{
    desk_open_counted(d, settings, n, (dgm_counter){ 0 });
}

static void desk_close(desk *d)
{
    dgm_codec_edifact.writer_close(d->writer);
    dgm_builder_free(d->builder);
    dgm_buffer_free(&d->out);
    dgm_diags_free(d->diags);
    dgm_shape_free(d->shape);
}

/* A message of one BGM; reference NULL: it has none of its own. code "": BGM is missing. */
static dgm_status write_one(desk *d, const char *reference, const char *code)
{
    dgm_tree *t = NULL;
    const dgm_shape *s = d->shape;
    CU_ASSERT_FATAL(dgm_builder_begin(d->builder, s, false) == DGM_OK);
    if (reference) {
        uint32_t unh = dgm_builder_open(d->builder, 0, dgm_shape_find(s, DGM_LITERAL("UNH"), NULL), 0);
        dgm_builder_leaf(d->builder, unh, dgm_shape_find(s, DGM_LITERAL("UNH/0062"), NULL), 0, dgm_slice_of(reference));
    }
    if (*code) {
        uint32_t bgm = dgm_builder_open(d->builder, 0, dgm_shape_find(s, DGM_LITERAL("BGM"), NULL), 0);
        dgm_builder_leaf(d->builder, bgm, dgm_shape_find(s, DGM_LITERAL("BGM/1225"), NULL), 0, dgm_slice_of(code));
    }
    CU_ASSERT_FATAL(dgm_builder_freeze(d->builder, &t, NULL) == DGM_OK);
    dgm_status st = dgm_codec_edifact.write(d->writer, t);
    dgm_builder_recycle(d->builder, t);
    return st;
}

/* What was written reads without a word about it. */
static void reads_well(desk *d, size_t messages)
{
    dgm_buffer text;
    dgm_buffer_init(&text, &d->mem);
    edi_case c = { .mem = &d->mem, .format = &d->format, .text = &text };
    CU_ASSERT_EQUAL(edi_read(&c, dgm_buffer_slice(&d->out)), DGM_END);
    CU_ASSERT_EQUAL(c.messages, messages);
    CU_ASSERT_PTR_NULL(memmem(text.at, text.len, "\n!", 2));
    dgm_buffer_free(&text);
}

#define UNB(reference)     "UNB+UNOC:3+SENDER+RECIPIENT+961120:1023+" reference "'"
#define MESSAGE(reference) "UNH+" reference "+CUSDEC:D:96B:UN'BGM+++9'UNS+D'UNS+S'UNT+5+" reference "'"

static void references_of_trees_are_kept(void)
{
    desk d;
    desk_open(&d, NULL, 0);
    CU_ASSERT_EQUAL(write_one(&d, "X7", "9"), DGM_OK);
    CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
    CU_ASSERT_EQUAL(write_one(&d, "2", "9"), DGM_OK); /* what would have been the next */
    CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
    CU_ASSERT_EQUAL(write_one(&d, "X7", "9"), DGM_INVALID); /* a reader would refuse it */
    CU_ASSERT_EQUAL(dgm_diags_count(d.diags), 1);
    CU_ASSERT_EQUAL(dgm_diags_at(d.diags, 0)->code, DGM_D_EDI_REFERENCE_TWICE);
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&d.out),
              UNB("848485380000") MESSAGE("X7") MESSAGE("1") MESSAGE("2") MESSAGE("3") "UNZ+4+848485380000'");
    reads_well(&d, 4);
    desk_close(&d);
}

static void references_are_counted(void)
{
    dgm_setting settings[] = { { DGM_LITERAL("message-reference"), DGM_LITERAL("M098") },
                               { DGM_LITERAL("reference"), DGM_LITERAL("99") },
                               { DGM_LITERAL("messages-per-interchange"), DGM_LITERAL("2") } };
    desk d;
    desk_open(&d, settings, 3);
    CU_ASSERT_EQUAL(write_one(&d, "X7", "9"), DGM_OK);
    CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
    CU_ASSERT_EQUAL(write_one(&d, NULL, ""), DGM_INVALID); /* refused: no interchange is begun for it, no number used */
    CU_ASSERT_EQUAL(write_one(&d, "X7", "9"), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&d.out),
              UNB("99") MESSAGE("M098") MESSAGE("M099") "UNZ+2+99'" UNB("100") MESSAGE("M100") "UNZ+1+100'");
    reads_well(&d, 3);
    desk_close(&d);
}

static void functional_groups(void)
{
    dgm_setting settings[] = { { DGM_LITERAL("groups"), DGM_LITERAL("yes") },
                               { DGM_LITERAL("reference"), DGM_LITERAL("R") },
                               { DGM_LITERAL("sender-qualifier"), DGM_LITERAL("14") } };
    desk d;
    desk_open(&d, settings, 3);
    CU_ASSERT_EQUAL(write_one(&d, NULL, ""), DGM_INVALID); /* its group goes with it */
    CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
    CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&d.out),
              "UNB+UNOC:3+SENDER:14+RECIPIENT+961120:1023+R'"
              "UNG+CUSDEC+SENDER:14+RECIPIENT+961120:1023+1+UN+D:96B'" MESSAGE("1") MESSAGE("2") "UNE+2+1'UNZ+1+R'");
    reads_well(&d, 2);
    desk_close(&d);
}

static void a_writer_is_used_again(void)
{
    dgm_setting settings[] = { { DGM_LITERAL("sender"), DGM_LITERAL("S") }, { DGM_LITERAL("reference"), DGM_LITERAL("A9") } };
    desk d;
    desk_open(&d, settings, 1);
    CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
    d.out.len = 0;
    dgm_codec_edifact.writer_again(d.writer, dgm_buffer_sink(&d.out));
    CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
    /* The clock has not moved, and no two interchanges of a writer share a reference. */
    TEST_TEXT(dgm_buffer_slice(&d.out), "UNB+UNOC:3+S+RECIPIENT+961120:1023+848485380001'" MESSAGE("1") "UNZ+1+848485380001'");
    d.out.len = 0;
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(dgm_codec_edifact.writer_renew(d.writer, settings, 2, dgm_buffer_sink(&d.out)), DGM_OK);
        CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
        CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
    }
    dgm_codec_edifact.writer_again(d.writer, dgm_buffer_sink(&d.out));
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK); /* of no message, but whole */
#define AGAIN(reference) "UNB+UNOC:3+S+RECIPIENT+961120:1023+" reference "'"
    TEST_TEXT(dgm_buffer_slice(&d.out),
              AGAIN("A9") MESSAGE("1") "UNZ+1+A9'" AGAIN("A9") MESSAGE("1") "UNZ+1+A9'" AGAIN("A10") "UNZ+0+A10'");
    settings[1].value = DGM_LITERAL("A REFERENCE TOO LONG");
    CU_ASSERT_EQUAL(dgm_codec_edifact.writer_renew(d.writer, settings, 2, dgm_buffer_sink(&d.out)), DGM_CONFIG);
    desk_close(&d);
}

/* Values of every length around what is copied at once, with a character to be released at each place. */
static void values_of_every_length(void)
{
    char value[40], want[64];
    for (size_t len = 1; len <= 35; len++)
        for (size_t odd = 0; odd <= len; odd++) { /* odd == len: none */
            desk d;
            dgm_tree *t = NULL;
            for (size_t i = 0; i < len; i++) value[i] = (char)('A' + i % 26);
            if (odd < len) value[odd] = "+:?'"[odd % 4];
            size_t n = 0;
            for (size_t i = 0; i < len; i++) {
                if (i == odd) want[n++] = '?';
                want[n++] = value[i];
            }
            want[n++] = '\'';
            desk_open(&d, NULL, 0);
            CU_ASSERT_FATAL(dgm_builder_begin(d.builder, d.shape, false) == DGM_OK);
            uint32_t bgm = dgm_builder_open(d.builder, 0, dgm_shape_find(d.shape, DGM_LITERAL("BGM"), NULL), 0);
            uint32_t c106 = dgm_builder_open(d.builder, bgm, dgm_shape_find(d.shape, DGM_LITERAL("BGM/C106"), NULL), 0);
            uint32_t slot = dgm_shape_find(d.shape, DGM_LITERAL("BGM/C106/1004"), NULL);
            dgm_builder_leaf(d.builder, c106, slot, 0, (dgm_slice){ value, len });
            CU_ASSERT_FATAL(dgm_builder_freeze(d.builder, &t, NULL) == DGM_OK);
            CU_ASSERT_EQUAL(dgm_codec_edifact.write(d.writer, t), DGM_OK);
            dgm_builder_recycle(d.builder, t);
            CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
            const char *at = memmem(d.out.at, d.out.len, "BGM++", 5);
            CU_ASSERT_FATAL(at && (size_t)(d.out.at + d.out.len - at) > 5 + n);
            CU_ASSERT(memcmp(at + 5, want, n) == 0);
            desk_close(&d);
        }
}

/* ---- references from the host's counter ------------------------------------------------------------------------------------ */

/* A store of one number a kind; it keeps for whom it was asked, and fails when it is told to. */
typedef struct store {
    uint64_t last[3];
    char asked[64];
    size_t takes;
    dgm_status fails;
} store;

static dgm_status take_number(void *ctx, dgm_counted_as what, dgm_slice recipient, uint64_t first, uint64_t *number)
{
    store *s = ctx;
    if (s->fails != DGM_OK) return s->fails;
    s->takes++;
    snprintf(s->asked, sizeof s->asked, "%.*s", (int)recipient.len, recipient.at);
    s->last[what] = s->last[what] + 1 > first ? s->last[what] + 1 : first;
    *number = s->last[what];
    return DGM_OK;
}

static void a_counter_gives_references(void)
{
    dgm_setting settings[] = { { DGM_LITERAL("reference"), DGM_LITERAL("AB007") },
                               { DGM_LITERAL("messages-per-interchange"), DGM_LITERAL("2") },
                               { DGM_LITERAL("recipient"), DGM_LITERAL("ACME") } };
    store s = { 0 };
    desk d;
    desk_open_counted(&d, settings, 3, (dgm_counter){ take_number, &s });
    CU_ASSERT_EQUAL(write_one(&d, NULL, ""), DGM_INVALID); /* refused: its number is the next one's */
    CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
    CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
    CU_ASSERT_EQUAL(write_one(&d, "X", "9"), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
#define TO_ACME(reference) "UNB+UNOC:3+SENDER+ACME+961120:1023+" reference "'"
    TEST_TEXT(dgm_buffer_slice(&d.out),
              TO_ACME("AB007") MESSAGE("1") MESSAGE("2") "UNZ+2+AB007'" TO_ACME("AB008") MESSAGE("X") "UNZ+1+AB008'");
    CU_ASSERT_EQUAL(s.takes, 2);
    CU_ASSERT_STRING_EQUAL(s.asked, "ACME");
    desk_close(&d);
    /* another run, another pattern: the numbers go on */
    settings[0].value = DGM_LITERAL("Z");
    desk_open_counted(&d, settings, 3, (dgm_counter){ take_number, &s });
    CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&d.out), TO_ACME("Z9") MESSAGE("1") "UNZ+1+Z9'");
    desk_close(&d);
}

static void a_counter_counts_groups_and_messages(void)
{
    dgm_setting settings[] = { { DGM_LITERAL("counted"), DGM_LITERAL("groups messages") },
                               { DGM_LITERAL("groups"), DGM_LITERAL("yes") },
                               { DGM_LITERAL("reference"), DGM_LITERAL("R") },
                               { DGM_LITERAL("message-reference"), DGM_LITERAL("M00") } };
    store s = { .last = { 100, 41, 8 } };
    desk d;
    desk_open_counted(&d, settings, 4, (dgm_counter){ take_number, &s });
    CU_ASSERT_EQUAL(write_one(&d, "X", "9"), DGM_OK);
    CU_ASSERT_EQUAL(write_one(&d, "X", ""), DGM_INVALID);
    CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&d.out),
              UNB("R") "UNG+CUSDEC+SENDER+RECIPIENT+961120:1023+42+UN+D:96B'" MESSAGE("M09") MESSAGE("M10") "UNE+2+42'UNZ+1+R'");
    CU_ASSERT_EQUAL(s.last[DGM_COUNT_INTERCHANGE], 100);
    CU_ASSERT_EQUAL(s.last[DGM_COUNT_MESSAGE], 10);
    desk_close(&d);
}

/* Fourteen characters: what has no room begins anew, and that is told, by the host's counter and by the writer's own. */
static void references_begin_anew(void)
{
    dgm_setting settings[] = { { DGM_LITERAL("reference"), DGM_LITERAL("ABCDEFGHIJKL98") },
                               { DGM_LITERAL("messages-per-interchange"), DGM_LITERAL("1") } };
    for (int counted = 0; counted < 2; counted++) {
        store s = { 0 };
        desk d;
        desk_open_counted(&d, settings, 2, counted ? (dgm_counter){ take_number, &s } : (dgm_counter){ 0 });
        for (int i = 0; i < 3; i++) {
            CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
            CU_ASSERT_EQUAL(dgm_diags_count(d.diags), i / 2);
        }
        CU_ASSERT_FATAL(dgm_diags_count(d.diags) == 1);
        CU_ASSERT_EQUAL(dgm_diags_at(d.diags, 0)->code, DGM_D_EDI_WRITE_ANEW);
        CU_ASSERT_EQUAL(dgm_diags_at(d.diags, 0)->severity, DGM_WARNING);
        TEST_TEXT(dgm_diags_at(d.diags, 0)->arguments[0].text, counted ? "ABCDEFGHIJKL01" : "ABCDEFGHIJKL00");
        CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
        CU_ASSERT_PTR_NOT_NULL(memmem(d.out.at, d.out.len, "+ABCDEFGHIJKL99'UNH", 19));
        CU_ASSERT_PTR_NOT_NULL(memmem(d.out.at, d.out.len, counted ? "+ABCDEFGHIJKL01'UNH" : "+ABCDEFGHIJKL00'UNH", 19));
        desk_close(&d);
    }
}

/* Where all that can be counted are used in one interchange, a message is refused instead of being tried for ever. */
static void references_run_out(void)
{
    dgm_setting settings[] = { { DGM_LITERAL("message-reference"), DGM_LITERAL("ABCDEFGHIJKLM1") },
                               { DGM_LITERAL("counted"), DGM_LITERAL("messages") } };
    for (int counted = 0; counted < 2; counted++) {
        store s = { 0 };
        desk d;
        desk_open_counted(&d, settings, 2, counted ? (dgm_counter){ take_number, &s } : (dgm_counter){ 0 });
        const int room = counted ? 9 : 10; /* no number is 0 */
        for (int i = 0; i < room; i++) CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_OK);
        CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_INVALID);
        const dgm_diag *last = dgm_diags_at(d.diags, dgm_diags_count(d.diags) - 1);
        CU_ASSERT_EQUAL(last->code, DGM_D_EDI_REFERENCE_TWICE);
        CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
        reads_well(&d, (size_t)room);
        desk_close(&d);
    }
}

static void counters_that_cannot_be(void)
{
    const dgm_setting wrong[][1] = { { { DGM_LITERAL("counted"), DGM_LITERAL("interchanges packets") } },
                                     { { DGM_LITERAL("reference"), DGM_LITERAL("ABCDEFGHIJKLMN") } } };
    const dgm_setting both[] = { { DGM_LITERAL("counted"), DGM_LITERAL("messages") },
                                 { DGM_LITERAL("message-reference"), DGM_LITERAL("ABCDEFGHIJKLMN") } };
    store s = { 0 };
    desk d;
    dgm_writer *w = NULL;
    desk_open_counted(&d, NULL, 0, (dgm_counter){ take_number, &s });
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_sink sink = dgm_buffer_sink(&d.out);
    for (size_t i = 0; i < 2; i++) CU_ASSERT_EQUAL(k->writer_open(&d.host, &d.format, wrong[i], 1, sink, &w), DGM_CONFIG);
    CU_ASSERT_EQUAL(k->writer_open(&d.host, &d.format, both, 2, sink, &w), DGM_CONFIG);
    CU_ASSERT_EQUAL(dgm_diags_count(d.diags), 3);
    for (size_t i = 0; i < 3; i++) CU_ASSERT_EQUAL(dgm_diags_at(d.diags, i)->code, DGM_D_EDI_SETTING);
    s.fails = DGM_IO; /* the store is gone: that ends the writer */
    CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_IO);
    CU_ASSERT_EQUAL(write_one(&d, NULL, "9"), DGM_IO);
    CU_ASSERT_EQUAL(d.out.len, 0);
    desk_close(&d);
}

int main(void)
{
    static const test_case cases[] = {
        { "references of trees are kept", references_of_trees_are_kept },
        { "references are counted", references_are_counted },
        { "functional groups", functional_groups },
        { "a writer is used again", a_writer_is_used_again },
        { "values of every length", values_of_every_length },
        { "a counter gives references", a_counter_gives_references },
        { "a counter counts groups and messages", a_counter_counts_groups_and_messages },
        { "references begin anew", references_begin_anew },
        { "references run out", references_run_out },
        { "counters that cannot be", counters_that_cannot_be },
        { 0 },
    };
    return test_main("edifact write envelope", cases);
}
