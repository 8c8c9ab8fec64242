/* SPDX-License-Identifier: Apache-2.0
 *
 * test_acked.c - acknowledgements as a program gets them: CONTRL of both forms and APERAK of several directories read into items,
 * and tied to the messages they answer. What is wanted is read off the standard's segments by hand. One thread.
 */
#include "base/buffer.h"
#include "conformance-tests/support/test.h"
#include "translator/context.h"

#include <stdio.h>

static dgm_context *context;

typedef struct reading {
    const dgm_mem *mem;
    dgm_acked *acked;
    dgm_status read, tied; /* what the last message came to */
    size_t tied_count;
} reading;

static void read_one(void *ctx, const dgm_message_report *r)
{
    reading *g = ctx;
    if (!r->position.message) return;
    dgm_acked_free(g->acked);
    g->acked = NULL;
    g->read = dgm_acked_read(r, &g->acked);
}

static void tie_one(void *ctx, const dgm_message_report *r)
{
    reading *g = ctx;
    dgm_status s = dgm_acked_tie(g->acked, r);
    g->tied_count += s == DGM_OK;
    if (s == DGM_NOMEM) g->tied = s;
}

static dgm_status pass(reading *g, const char *input, void (*report)(void *, const dgm_message_report *))
{
    dgm_context c = *context;
    dgm_job *job = NULL;
    dgm_job_options o = { .struct_bytes = sizeof o, .report = report, .report_ctx = g };
    c.mem = *g->mem;
    dgm_status s = dgm_job_open(&c, &o, NULL, &job);
    if (s == DGM_OK) s = dgm_job_whole(job, dgm_slice_of(input));
    dgm_job_close(job);
    return s;
}

static void put(dgm_buffer *out, const char *name, dgm_slice text)
{
    if (text.len) CU_ASSERT_EQUAL(dgm_buffer_print(out, " %s=%.*s", name, (int)text.len, text.at), DGM_OK);
}

/* One line for each item. */
static void show(const dgm_acked *a, dgm_buffer *out)
{
    static const char *const levels[] = { "interchange", "group", "message", "error" };
    for (size_t i = 0; i < a->count; i++) {
        const dgm_acked_item *t = &a->items[i];
        const dgm_position *p = &t->position;
        CU_ASSERT_EQUAL(dgm_buffer_print(out, "%s", levels[t->level]), DGM_OK);
        put(out, "ref", t->reference);
        put(out, "doc", t->document);
        put(out, "from", t->sender);
        put(out, "to", t->recipient);
        put(out, "type", t->type);
        put(out, "is", dgm_slice_of(t->verdict));
        put(out, "by", t->action);
        put(out, "code", t->code);
        put(out, "text", t->text);
        put(out, "tag", t->tag);
        put(out, "path", t->path);
        if (p->message || p->segment || p->element)
            CU_ASSERT_EQUAL(
                dgm_buffer_print(out, " m%u s%u e%u c%u r%u", p->message, p->segment, p->element, p->component, p->repetition),
                DGM_OK);
        CU_ASSERT_EQUAL(dgm_buffer_print(out, "\n"), DGM_OK);
    }
}

/* original NULL: none; tied: how many of its messages are answered. */
static void check(const char *answer, const char *original, size_t tied, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    reading g = { .mem = &mem };
    dgm_buffer out;
    dgm_buffer_init(&out, &mem);
    CU_ASSERT_EQUAL(pass(&g, answer, read_one), DGM_OK);
    CU_ASSERT_EQUAL(g.read, *wanted ? DGM_OK : DGM_UNKNOWN);
    if (original && g.acked) CU_ASSERT_EQUAL(pass(&g, original, tie_one), DGM_OK);
    CU_ASSERT_EQUAL(g.tied_count, tied);
    if (g.acked) show(g.acked, &out);
    TEST_TEXT(dgm_buffer_slice(&out), wanted);
    dgm_acked_free(g.acked);
    dgm_buffer_free(&out);
}

#define U(version) "UNB+UNOC:" version "+R+S+260115:1023+9'"
#define U4         "UNB+UNOC:4+R+S+20260115:1023+9'"
#define Z          "UNZ+1+9'"
#define SENT       "UNB+UNOC:3+S+R+260115:1023+REF1'"
#define M(ref)     "UNH+" ref "+ORDERS:D:96B:UN'BGM+220+DOC" ref "'DTM+137:20260115:102'UNS+S'UNT+5+" ref "'"

static void of_syntax(void)
{
    static const char d3[] = U("3") "UNH+1+CONTRL:D:3:UN'UCI+REF1+S+R+7'UCM+7+ORDERS:D:96B:UN+4'UCS+3+13'UCS+2+16'UCD+39+3:1'"
                                    "UCM+8+ORDERS:D:96B:UN+4+29+UNT+2'UNT+8+1'" Z;
    check(d3, NULL, 0,
          "interchange ref=REF1 from=S to=R is=acknowledged by=7\n"
          "message ref=7 type=ORDERS:D:96B:UN is=rejected by=4\nerror code=13 text=Missing m0 s3 e0 c0 r0\n"
          "error code=16 text=Too many constituents m0 s2 e0 c0 r0\nerror code=39 text=Data element too long m0 s2 e2 c1 r0\n"
          "message ref=8 type=ORDERS:D:96B:UN is=rejected by=4 code=29 text=Control count does not match number of instances "
          "received tag=UNT m0 s0 e1 c0 r0\n");
    check(d3, SENT M("6") M("7") M("8") "UNZ+3+REF1'", 2,
          "interchange ref=REF1 from=S to=R is=acknowledged by=7\n"
          "message ref=7 type=ORDERS:D:96B:UN is=rejected by=4 m2 s0 e0 c0 r0\n"
          "error code=13 text=Missing tag=DTM path=DTM m2 s3 e0 c0 r0\n"
          "error code=16 text=Too many constituents tag=BGM path=BGM m2 s2 e0 c0 r0\n"
          "error code=39 text=Data element too long tag=BGM path=BGM m2 s2 e2 c1 r0\n"
          "message ref=8 type=ORDERS:D:96B:UN is=rejected by=4 code=29 text=Control count does not match number of instances "
          "received tag=UNT m3 s0 e1 c0 r0\n");
    /* of another interchange, of another sender: not answered */
    check(U("3") "UNH+1+CONTRL:D:3:UN'UCI+REF1+S+R+8'UCM+7+ORDERS:D:96B:UN+7'UNT+4+1'" Z,
          "UNB+UNOC:3+S+R+260115:1023+REF2'" M("7") "UNZ+1+REF2'UNB+UNOC:3+T+R+260115:1023+REF1'" M("7") "UNZ+1+REF1'", 0,
          "interchange ref=REF1 from=S to=R is=received by=8\nmessage ref=7 type=ORDERS:D:96B:UN is=acknowledged by=7\n");
    /* in a group of syntax version 4, where what repeats has occurrences */
    check(U4 "UNH+1+CONTRL:4:1:UN'UCI+REF1+S+R+4+28+UNZ+3'UCF+G+A+B+7'UCM+7+ORDERS:D:96B:UN+4'UCS+2'UCD+35+3::2'UNT+7+1'" Z,
          SENT "UNG+ORDERS+A+B+260115:1023+G+UN+D:96B'" M("7") "UNE+1+G'UNZ+1+REF1'", 1,
          "interchange ref=REF1 from=S to=R is=rejected by=4 code=28 text=References do not match tag=UNZ m0 s0 e2 c0 r0\n"
          "group ref=G from=A to=B is=acknowledged by=7\nmessage ref=7 type=ORDERS:D:96B:UN is=rejected by=4 m1 s0 e0 c0 r0\n"
          "error code=35 text=Too many data element or segment repetitions tag=BGM path=BGM m1 s2 e2 c0 r2\n");
}

#define A(release, bgm) U("3") "UNH+1+APERAK:D:" release ":UN'" bgm "DTM+137:202601150000:203'"

static void of_documents(void)
{
    static const char refused[] = A("96B", "BGM+963+X+27'") "RFF+ACW:7'RFF+AGO:DOC7'NAD+MS+R'NAD+MR+S'ERC+A1'FTX+AAO+++"
                                                            "first line:second'RFF+LI:5'ERC+A2'UNT+11+1'" Z;
    check(refused, SENT M("6") M("7") "UNZ+2+REF1'", 1,
          "message ref=7 doc=DOC7 from=S to=R is=rejected by=27 m2 s0 e0 c0 r0\n"
          "error ref=5 code=A1 text=first line second m2 s0 e0 c0 r0\nerror code=A2 m2 s0 e0 c0 r0\n");
    /* the number of the document says more than a reference that was used again */
    check(refused, SENT "UNH+7+ORDERS:D:96B:UN'BGM+220+OTHER'DTM+137:20260115:102'UNS+S'UNT+5+7'UNZ+1+REF1'", 0,
          "message ref=7 doc=DOC7 from=S to=R is=rejected by=27\nerror ref=5 code=A1 text=first line second\nerror code=A2\n");
    /* accepted, by the response type; errors and nothing else; a later directory, where 1004 is in a composite as well */
    check(A("96B", "BGM+963+X++AP'") "RFF+ACW:7'UNT+5+1'" Z, SENT M("7") "UNZ+1+REF1'", 1,
          "message ref=7 is=acknowledged by=AP m1 s0 e0 c0 r0\n");
    check(A("01B", "BGM+963+X'") "RFF+ON:DOC8'ERC+9'UNT+6+1'" Z, SENT M("8") "UNZ+1+REF1'", 1,
          "message doc=DOC8 is=rejected m1 s0 e0 c0 r0\nerror code=9 m1 s0 e0 c0 r0\n");
    check(SENT M("1") "UNZ+1+REF1'", NULL, 0, "");
}

static dgm_status read_and_tie(const dgm_mem *mem, void *ctx)
{
    reading g = { .mem = mem };
    const char *const *texts = ctx;
    dgm_status s = pass(&g, texts[0], read_one);
    if (s == DGM_OK) s = g.read;
    if (s == DGM_OK) s = pass(&g, texts[1], tie_one);
    if (s == DGM_OK) s = g.tied;
    dgm_acked_free(g.acked);
    return s;
}

static void each_allocation_fails(void)
{
    static const char *const texts[] = { U("3") "UNH+1+CONTRL:D:3:UN'UCI+REF1+S+R+7'UCM+7+ORDERS:D:96B:UN+4'UCS+3+13'UNT+5+1'" Z,
                                         SENT M("7") "UNZ+1+REF1'",
                                         A("96B", "BGM+963+X+27'") "RFF+ACW:7'ERC+A1'FTX+AAO+++first:second'UNT+7+1'" Z,
                                         SENT M("7") "UNZ+1+REF1'" };
    CU_ASSERT(test_each_allocation_fails(read_and_tie, (void *)(uintptr_t)texts) > 0);
    CU_ASSERT(test_each_allocation_fails(read_and_tie, (void *)(uintptr_t)(texts + 2)) > 0);
}

static const test_case cases[] = {
    { "of syntax", of_syntax }, { "of documents", of_documents }, { "each allocation fails", each_allocation_fails }, { 0 }
};

int main(void)
{
    dgm_context_options o = { .struct_bytes = sizeof o, .mappings = DGM_LITERAL("mappings") };
    if (dgm_context_open(&o, NULL, &context) != DGM_OK) {
        fprintf(stderr, "the mappings of this folder do not load; run from the top of the project\n");
        return 1;
    }
    int code = test_main("acked", cases);
    dgm_context_free(context);
    return code;
}
