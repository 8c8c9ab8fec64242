/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_guide_load.c - the loader of implementation guides: what it takes, and a catalogue of mistakes, each told at its
 * line and column, all of a file in one go. Lines and columns were counted by hand in the texts below. One thread.
 */
#include "codecs/edifact/guide.h"
#include "edifact_tests.h"

#define HEAD   "dragoman: guide/1\nguide: t\nmessage: CUSDEC:D:96B:UN\n" /* three lines */
#define PLACES HEAD "places:\n"                                          /* places begin in line 5 */
#define RULES  HEAD "rules:\n"                                           /* and so do rules */
#define CODES  HEAD "codes:\n"

typedef struct mistake {
    const char *yaml, *told;
} mistake;

static dgm_status load(const dgm_mem *mem, const dgm_format *format, dgm_slice yaml, dgm_buffer *out, dgm_edi_guide **guide)
{
    dgm_diags *diags = NULL;
    const dgm_format *formats[] = { format };
    dgm_status st = dgm_diags_new(mem, 100, &diags);
    if (st != DGM_OK) return st;
    dgm_host host = dgm_host_make(mem, NULL, diags, NULL, formats, format ? 1 : 0);
    st = dgm_edi_guide_load(&host, DGM_LITERAL("guides/t.yaml"), yaml, guide);
    for (size_t i = 0; i < dgm_diags_count(diags) && out; i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        dgm_status s = dgm_buffer_print(out, "%u:%u %s\n", d->line, d->column, dgm_diag_name(d->code));
        if (s != DGM_OK) st = s;
        CU_ASSERT(d->severity == DGM_WARNING || st != DGM_OK);
    }
    CU_ASSERT(st == DGM_NOMEM || (dgm_diags_errors(diags) > 0) == (st == DGM_CONFIG));
    if (st == DGM_OK && dgm_diags_failed(diags)) st = DGM_NOMEM;
    dgm_diags_free(diags);
    return st;
}

static void check(const mistake *rows, size_t n)
{
    dgm_mem mem = dgm_mem_default();
    dgm_shape *shape = NULL;
    CU_ASSERT_EQUAL_FATAL(edi_cusdec_shape(&mem, &shape), DGM_OK);
    const dgm_format format = edi_cusdec(shape);
    for (size_t i = 0; i < n; i++) {
        dgm_buffer out;
        dgm_edi_guide *guide = NULL;
        dgm_buffer_init(&out, &mem);
        dgm_status st = load(&mem, &format, dgm_slice_of(rows[i].yaml), &out, &guide);
        CU_ASSERT_EQUAL(st == DGM_OK, guide != NULL);
        TEST_TEXT(dgm_buffer_slice(&out), rows[i].told);
        dgm_edi_guide_free(guide);
        dgm_buffer_free(&out);
    }
    dgm_shape_free(shape);
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

static void heads(void)
{
    static const mistake rows[] = {
        { HEAD, "" },
        { "dragoman: guide/1\nguide: t\nformat: cusdec-d96b\n", "" },
        { "dragoman: guide/2\nguide: t\nmessage: CUSDEC:D:96B:UN\n", "1:11 guide.version\n" },
        { "guide: t\nmessage: CUSDEC:D:96B:UN\n", "1:1 guide.version\n" },
        { "dragoman: guide/1\nmessage: CUSDEC:D:96B:UN\n", "1:1 guide.key.missing\n" },
        { "dragoman: guide/1\nguide: [t]\nmessage: CUSDEC:D:96B:UN\n", "2:8 guide.kind\n" },
        { HEAD "plases: {}\n", "4:1 guide.key.unknown\n" },
        { HEAD "format: cusdec-d96b\n", "3:1 guide.base\n" },
        { "dragoman: guide/1\nguide: t\n", "1:1 guide.base\n" },
        { "dragoman: guide/1\nguide: t\nformat: cusdec-d96a\n", "3:9 guide.format.unknown\n" },
        { "dragoman: guide/1\nguide: t\nmessage: CUSDEC:D:96B\n", "3:10 guide.message\n" },
        { "dragoman: guide/1\nguide: t\nmessage: CUSDEC:D:96B:UN:X\n", "3:10 guide.message\n" },
        { "dragoman: guide/1\nguide: t\nmessage: CUSDEC:D:99Z:UN\n", "3:10 guide.message\n" },
        { "dragoman: guide/1\nguide: t\nmessage: CUSDEK:D:96B:UN\n", "3:10 guide.message\n" },
        { HEAD "for: all\n", "" },
        { HEAD "for: {association: [A, B], sender: S}\n", "" },
        { HEAD "for: 7\n", "4:6 guide.kind\n" },
        { HEAD "for: {associaton: X}\n", "4:7 guide.key.unknown\n" },
        { HEAD "for: {sender: {a: b}}\n", "4:7 guide.kind\n" },
        { HEAD "others: used\n", "4:9 guide.word\n" },
        { HEAD "places: [BGM]\n", "4:9 guide.kind\n" },
        { HEAD "rules: {a: b}\n", "4:8 guide.kind\n" },
        { "- a\n", "1:1 guide.kind\n" },
        { "", "1:1 yaml.syntax\n" },
        { HEAD "title: a\ntitle: b\n", "5:1 yaml.key.twice\n" },
        { "\xEF\xBB\xBF" HEAD "others: used\n", "4:9 guide.word\n" },
    };
    CHECK(rows);
}

static void places(void)
{
    static const mistake rows[] = {
        { PLACES "  BGN/1001: {use: required}\n", "5:3 guide.place.unknown\n" },
        { PLACES "  BGM/1002: {use: required}\n", "5:7 guide.place.unknown\n" },
        { PLACES "  BGM//1001: {use: required}\n", "5:7 guide.place.syntax\n" },
        { PLACES "  BGM/1001 X: {use: required}\n", "5:12 guide.place.syntax\n" },
        { PLACES "  \"LOC[3227=9\": {use: required}\n", "5:14 guide.place.syntax\n" },
        { PLACES "  \"SG6[NAD[3035=IM]/3039]\": {max: 1}\n", "5:11 guide.place.nested\n" },
        { PLACES "  LOC[3228=9]: {max: 1}\n", "5:7 guide.place.unknown\n" },
        { PLACES "  LOC[3227=9Q]: {max: 1}\n", "5:12 guide.code.unknown\n" },
        { PLACES "  SG6[NAD=IM]: {max: 1}\n", "5:11 guide.place.value\n" },
        { PLACES "  CST/7361: {use: required}\n", "5:7 guide.place.composite\n" },
        { PLACES "  CST/C246/7361: {use: required}\n", "" },
        { PLACES "  BGM#2: {use: required}\n", "5:6 guide.place.count\n" },
        { PLACES "  CST/C246#6: {use: unused}\n", "5:11 guide.place.count\n" },
        { PLACES "  CST/C246#5: {use: unused}\n", "" },
        { PLACES "  LOC#0: {max: 1}\n", "5:7 guide.place.syntax\n" },
        { PLACES "  LOC#3..2: {max: 1}\n", "5:10 guide.place.syntax\n" },
        { PLACES "  BGM/C002/1001: {use: required}\n  BGM/1001: {use: required}\n", "6:3 guide.place.twice\n" },
        { PLACES "  LOC[3227=9, !3225]: {max: 1}\n  \"LOC[!C517/3225, 3227=9]\": {max: 2}\n", "6:3 guide.place.twice\n" },
        { PLACES "  SG6: required\n", "5:8 guide.kind\n" },
        { PLACES "  SG6: {}\n", "5:3 guide.kind\n" },
    };
    CHECK(rows);
}

static void entries(void)
{
    static const mistake rows[] = {
        { PLACES "  SG6: {us: required}\n", "5:9 guide.key.unknown\n" },
        { PLACES "  SG6: {use: requird}\n", "5:14 guide.word\n" },
        { PLACES "  SG6: {level: warning}\n", "5:16 guide.word\n" },
        { PLACES "  SG6: {max: 11}\n", "5:14 guide.number\n" },
        { PLACES "  SG6: {max: 10}\n", "" },
        { PLACES "  SG6: {max: 0}\n", "5:14 guide.number\n" },
        { PLACES "  SG6: {max: many}\n", "5:14 guide.number\n" },
        { PLACES "  SG6: {min: 1}\n", "5:14 guide.number\n" },
        { PLACES "  SG6: {min: 3, max: 2}\n", "5:22 guide.number\n" },
        { PLACES "  BGM: {use: unused}\n", "5:14 guide.mandatory\n" },
        { PLACES "  SG6: {use: unused, max: 2}\n", "5:22 guide.conflict\n" },
        { PLACES "  SG6: {use: unused}\n  SG6/CTA: {max: 1}\n", "6:3 guide.conflict\n" },
        { PLACES "  SG6: {use: unused}\nrules:\n- {require: SG6}\n", "7:13 guide.conflict\n" },
        { PLACES "  SG6: {use: unused}\nrules:\n- {require: \"SG6[NAD/3035=IM]\"}\n", "7:14 guide.conflict\n" },
        { PLACES "  SG6: {use: unused}\nrules:\n- {forbid: SG6}\n", "" },
        { PLACES "  SG6: {use: dependent}\n", "5:3 guide.dependent\n" },
        { PLACES "  SG6: {use: dependent}\nrules:\n- {when: SG7, require: SG6}\n", "" },
        { PLACES "  BGM: {codes: [929]}\n", "5:9 guide.place.value\n" },
        { PLACES "  SG6: {format: an3}\n", "5:9 guide.place.value\n" },
        { PLACES "  BGM/1004: {format: xx}\n", "5:22 guide.representation\n" },
        { PLACES "  BGM/1004: {format: \"an..5,2\"}\n", "5:22 guide.representation\n" },
        { PLACES "  BGM/1004: {format: an..40}\n", "5:22 guide.wider\n" },
        { PLACES "  BGM/1004: {format: n5}\n", "" },
        { PLACES "  CST/1496: {format: an..5}\n", "5:22 guide.wider\n" },
        { PLACES "  BGM/1001: {codes: [928]}\n", "5:22 guide.code.unknown\n" },
        { PLACES "  BGM/1001: {codes: [9290]}\n", "5:22 guide.code.long\n" },
        { PLACES "  BGM/1001: {codes: [929, 929]}\n", "5:27 guide.code.twice\n" },
        { PLACES "  BGM/1001: {codes: 929}\n", "5:21 guide.kind\n" },
        { PLACES "  BGM/1001: {codes: []}\n", "5:14 guide.kind\n" },
        { PLACES "  BGM/1001: {name: [a]}\n", "5:20 guide.kind\n" },
        { PLACES "  BGM/1001: {others: unused}\n", "5:14 guide.kind\n" },
        /* A code beside another list, and an element without a list, are not held against the directory's. */
        { PLACES "  \"GIS[1131=109]/7365\": {codes: [Q7]}\n  BGM/1004: {codes: [ANY]}\n", "" },
        { CODES "  1001: {Z01: Ours}\nplaces:\n  BGM/1001: {codes: [Z01, Z02]}\n", "7:27 guide.code.unknown\n" },
        { CODES "  1001: any\nplaces:\n  BGM/1001: {codes: [Z01, Z02]}\n", "" },
        { CODES "  1001: {929: X}\n", "5:10 guide.code.known\n" },
        { CODES "  1002: {Z01: X}\n", "5:3 guide.place.unknown\n" },
        { CODES "  1001: {Z0001: X}\n", "5:10 guide.code.long\n" },
        { CODES "  1001: some\n", "5:9 guide.kind\n" },
    };
    CHECK(rows);
}

static void rules(void)
{
    static const mistake rows[] = {
        { RULES "- {when: BGM/1001=929, require: [SG6, SG7]}\n", "" },
        { RULES "- {when: BGM/1001=929}\n", "5:3 guide.rule\n" },
        { RULES "- {require: SG6, forbid: SG7}\n", "5:18 guide.rule\n" },
        { RULES "- {requires: SG6, forbid: SG7}\n", "5:4 guide.key.unknown\n" },
        { RULES "- SG6\n", "5:3 guide.kind\n" },
        { RULES "- {require: {a: b}}\n", "5:4 guide.kind\n" },
        { RULES "- {one-of: [SG6]}\n", "5:4 guide.rule.few\n" },
        { RULES "- {equal: BGM/1001}\n", "5:11 guide.rule.few\n" },
        { RULES "- {equal: [SG6, BGM/1001]}\n", "5:4 guide.place.value\n" },
        { RULES "- {each: BGM/1001, require: SG6}\n", "5:10 guide.rule.each\n" },
        { RULES "- {each: SG30, require: BGM}\n", "5:25 guide.place.unknown\n" },
        { RULES "- {each: SG5, when: \"/SG30\", require: LOC}\n", "5:21 guide.rule.behind\n" },
        { RULES "- {each: SG30, when: \"/SG5\", require: LOC}\n", "" },
        { RULES "- {require: \"!SG6\"}\n", "5:14 guide.rule.not\n" },
        { RULES "- {when: BGM/1001=928, require: SG6}\n", "5:19 guide.code.unknown\n" },
        { RULES "- {when: \"BGM/1001 in (929, 928)\", require: SG6}\n", "5:29 guide.code.unknown\n" },
        { RULES "- {when: \"BGM/1001 in 929\", require: SG6}\n", "5:23 guide.place.syntax\n" },
        { RULES "- {when: \"SG7, \", require: SG6}\n", "5:16 guide.place.syntax\n" },
        { RULES "- {require: \"SG6, SG7\"}\n", "5:17 guide.place.syntax\n" },
    };
    CHECK(rows);
}

/* Names of the format are steps; those of a format that is not the guide's are not. */
static void short_names(void)
{
    static const mistake rows[] = {
        { "dragoman: guide/1\nguide: t\nformat: cusdec-d96b\nplaces:\n  Item/CST/1496: {use: required}\n  Item/Packages: {max: 2}\n"
          "  Packages/PAC: {max: 1}\n",
          "" },
        { PLACES "  Item/CST/1496: {use: required}\n", "5:3 guide.place.unknown\n" },
        { "dragoman: guide/1\nguide: t\nformat: cusdec-d96b\nplaces:\n  SG30/CST/1496: {use: required}\n  Item/CST/1496: {max: "
          "1}\n",
          "6:3 guide.place.twice\n" },
    };
    CHECK(rows);
}

/* One file with a mistake in nearly every line: each is told, in the order of what is read. */
static void all_in_one_go(void)
{
    static const mistake rows[] = {
        { "dragoman: guide/1\n"
          "guide: t\n"
          "titel: x\n"
          "message: CUSDEC:D:96B:UN\n"
          "codes:\n"
          "  1001: {929: X}\n"
          "places:\n"
          "  BGM/1001: {codes: [928], use: requird}\n"
          "  BGM/1004: {format: an..36, max: 2}\n"
          "  BGN: {use: required}\n"
          "  SG6: {use: unused}\n"
          "  SG6/CTA: {max: 1}\n"
          "rules:\n"
          "- {when: BGM/1225=9, require: SG99}\n"
          "- {one-of: [SG7]}\n",
          "3:1 guide.key.unknown\n"
          "6:10 guide.code.known\n"
          "8:22 guide.code.unknown\n"
          "8:33 guide.word\n"
          "9:22 guide.wider\n"
          "9:35 guide.number\n"
          "10:3 guide.place.unknown\n"
          "14:31 guide.place.unknown\n"
          "15:4 guide.rule.few\n"
          "12:3 guide.conflict\n" },
    };
    CHECK(rows);
}

static void looks(void)
{
    CU_ASSERT(dgm_edi_guide_looks(dgm_slice_of("# a\ndragoman: guide/1\n")));
    CU_ASSERT(dgm_edi_guide_looks(dgm_slice_of("guide: a\ndragoman:   guide/2")));
    CU_ASSERT(!dgm_edi_guide_looks(dgm_slice_of("dragoman: format/1\nguide: guide\n")));
    CU_ASSERT(!dgm_edi_guide_looks(dgm_slice_of("# dragoman: guide/1\n")));
    CU_ASSERT(!dgm_edi_guide_looks((dgm_slice){ 0 }));
}

static const char whole[] =
    HEAD "title: all there is\nfor: {association: [A, B], sender: S, recipient: R}\nothers: unused\n"
         "codes: {1001: {Z01: Ours}, 3055: any}\n"
         "places:\n  BGM/1001: {codes: [929, Z01], use: required, name: N, why: W, level: warn}\n"
         "  LOC[3227=9, C517/3225]#1..2: {max: 2, min: 2}\n  SG1: {max: 5}\n  SG6[NAD/3035=IM]: {others: unused}\n  "
         "SG30/CST/C246#1/7361: {format: n8}\n"
         "rules:\n- {each: SG30, when: \"CST/1496 in (1, 2), !LOC\", any-of: [MEA, DTM]}\n- {equal: [BGM/1004, SG1/RFF/1154]}\n";

static dgm_status load_whole(const dgm_mem *mem, void *ctx)
{
    dgm_edi_guide *guide = NULL;
    (void)ctx;
    dgm_status st = load(mem, NULL, dgm_slice_of(whole), NULL, &guide);
    dgm_edi_guide_free(guide);
    return st;
}

static dgm_status load_wrong(const dgm_mem *mem, void *ctx)
{
    dgm_edi_guide *guide = NULL;
    (void)ctx;
    dgm_status st = load(mem, NULL, dgm_slice_of(PLACES "  BGM/1001: {codes: [928]}\n  BGN: {max: 1}\n"), NULL, &guide);
    dgm_edi_guide_free(guide);
    return st == DGM_CONFIG ? DGM_OK : st;
}

static void memory_may_end(void)
{
    CU_ASSERT(test_each_allocation_fails(load_whole, NULL) > 20);
    CU_ASSERT(test_each_allocation_fails(load_wrong, NULL) > 20);
}

/* Every beginning of a guide is loaded or refused, never more. */
static void beginnings(void)
{
    dgm_mem mem = dgm_mem_default();
    for (size_t n = 0; n < sizeof whole; n++) {
        dgm_edi_guide *guide = NULL;
        dgm_status st = load(&mem, NULL, (dgm_slice){ whole, n }, NULL, &guide);
        CU_ASSERT(st == DGM_OK || st == DGM_CONFIG);
        dgm_edi_guide_free(guide);
    }
}

int main(void)
{
    static const test_case cases[] = {
        { "heads", heads },
        { "places", places },
        { "entries", entries },
        { "rules", rules },
        { "short names", short_names },
        { "all mistakes in one go", all_in_one_go },
        { "what looks like a guide", looks },
        { "each allocation fails", memory_may_end },
        { "every beginning", beginnings },
        { 0 },
    };
    return test_main("edifact_guide_load", cases);
}
