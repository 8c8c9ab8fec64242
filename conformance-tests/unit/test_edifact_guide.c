/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_guide.c - messages held against implementation guides: each kind of restriction and rule holds and breaks, at the
 * right segment, element, component and bytes, wherever the input is cut; which guide is chosen; codes of a guide's own. What is
 * told is written as "name severity sSEGMENT eELEMENT cCOMPONENT PATH LINE [the bytes meant]", a place between bytes as "^what
 * follows". One thread.
 */
#include "codecs/edifact/guide.h"
#include "edifact_tests.h"

#define GUIDE  "dragoman: guide/1\nguide: t\nmessage: CUSDEC:D:96B:UN\nfor: all\n"
#define PLACES GUIDE "places:\n" /* the first place stands in line 6 */
#define RULES  GUIDE "rules:\n"
#define BGM    "BGM+929+X+9'"

typedef struct row {
    const char *guide, *segments, *told;
} row;

typedef struct reading {
    const char *level, *setting;
    dgm_slice input;
    size_t chunk;
    const char *const *guides;
    size_t guide_count;
    const dgm_format *format;
    dgm_buffer *out;
} reading;

static dgm_slice what_is_meant(dgm_slice input, const dgm_diag *d, char room[64])
{
    size_t at = (size_t)d->at_byte, n = d->bytes ? (size_t)d->bytes : 6;
    int len = snprintf(room, 64, "%s%.*s", d->bytes ? "" : "^", (int)(n > 40 ? 40 : n), input.at + at);
    return (dgm_slice){ room, (size_t)len };
}

static dgm_status print(const reading *x, const dgm_diags *diags)
{
    dgm_status st = DGM_OK;
    for (size_t i = 0; i < dgm_diags_count(diags) && st == DGM_OK; i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        char meant[64];
        dgm_slice of = d->argument_count > 2 ? d->arguments[2].text : (dgm_slice){ 0 }, line = dgm_slice_cut(of, ':').tail;
        if (line.len) line.len--; /* the bracket */
        dgm_slice text = what_is_meant(x->input, d, meant);
        const char *name = dgm_diag_name(d->code), *word = d->severity == DGM_ERROR     ? ""
                                                           : d->severity == DGM_WARNING ? "warning "
                                                                                        : "info ";
        bool guide = strncmp(name, "edifact.guide.", 14) == 0;
        st = dgm_buffer_print(x->out, "%s %ss%u e%u c%u %.*s %.*s [%.*s]\n", guide ? name + 14 : name, word, d->position.segment,
                              d->position.element, d->position.component, (int)d->path.len, d->path.at, guide ? (int)line.len : 0,
                              line.at ? line.at : "", (int)text.len, text.at);
    }
    return st;
}

static dgm_status read_with(const dgm_mem *mem, reading *x, const dgm_host *host, const dgm_diags *diags)
{
    const dgm_codec *k = &dgm_codec_edifact;
    const dgm_setting settings[] = { { DGM_LITERAL("level"), dgm_slice_of(x->level) },
                                     { DGM_LITERAL("guide"), dgm_slice_of(x->setting) } };
    dgm_reader *r = NULL;
    dgm_message m;
    size_t fed = 0;
    (void)mem;
    dgm_status st = x->chunk ? k->open(host, settings, 2, &r) : k->open_whole(host, settings, 2, x->input, &r);
    while (st == DGM_OK || st == DGM_MORE) {
        st = k->next(r, &m);
        if (st == DGM_OK) {
            k->recycle(r, &m);
        } else if (st == DGM_MORE) {
            size_t n = x->input.len - fed < x->chunk ? x->input.len - fed : x->chunk;
            dgm_status fine = k->feed(r, dgm_slice_part(x->input, fed, fed + n), fed + n == x->input.len);
            if (fine != DGM_OK) st = fine;
            fed += n;
        }
    }
    if (st == DGM_END && x->out) st = print(x, diags) == DGM_OK ? DGM_END : DGM_NOMEM;
    k->close(r);
    return st;
}

static dgm_status run(const dgm_mem *mem, reading *x)
{
    dgm_diags *diags = NULL;
    dgm_edi_guide *guides[4] = { NULL };
    const void *given[4];
    dgm_status st = dgm_diags_new(mem, 100, &diags);
    if (st != DGM_OK) return st;
    dgm_host host = dgm_host_make(mem, NULL, diags, NULL, &x->format, x->format ? 1 : 0);
    for (size_t i = 0; i < x->guide_count && st == DGM_OK; i++) {
        st = dgm_edi_guide_load(&host, DGM_LITERAL("t"), dgm_slice_of(x->guides[i]), &guides[i]);
        CU_ASSERT(st == DGM_OK || st == DGM_NOMEM);
        given[i] = guides[i];
    }
    host.guides = given;
    host.guide_count = x->guide_count;
    if (st == DGM_OK) st = read_with(mem, x, &host, diags);
    if (st == DGM_END && dgm_diags_failed(diags)) st = DGM_NOMEM;
    for (size_t i = 0; i < x->guide_count; i++) dgm_edi_guide_free(guides[i]);
    dgm_diags_free(diags);
    return st;
}

/* The message around some segments; UNT's count is right. */
static dgm_slice message(const char *head, const char *segments, char room[2048])
{
    unsigned count = 2;
    int len = snprintf(room, 2048, "%s%s", head, segments);
    for (const char *at = segments; *at; at++) {
        if (*at == '?' && at[1])
            at++;
        else
            count += *at == '\'';
    }
    len += snprintf(room + len, 2048 - (size_t)len, "UNS+D'UNS+S'UNT+%u+1'UNZ+1+1'", count + 2);
    return (dgm_slice){ room, (size_t)len };
}
#define HEAD_3 "UNB+UNOC:3+S+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN'"

static void check(const char *level, const row *rows, size_t n)
{
    static const size_t chunks[] = { 0, 1, 2, 3, 7, 31, 64, 1000 };
    dgm_mem mem = dgm_mem_default();
    char room[2048];
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof chunks / sizeof chunks[0]; k++) {
            dgm_buffer out;
            dgm_buffer_init(&out, &mem);
            reading x = { .level = level,
                          .setting = "auto",
                          .input = message(HEAD_3, rows[i].segments, room),
                          .chunk = chunks[k],
                          .guides = &rows[i].guide,
                          .guide_count = 1,
                          .out = &out };
            CU_ASSERT_EQUAL(run(&mem, &x), DGM_END);
            TEST_TEXT(dgm_buffer_slice(&out), rows[i].told);
            dgm_buffer_free(&out);
        }
}
#define CHECK(rows) check("guide", rows, sizeof(rows) / sizeof((rows)[0]))

/* ---- restrictions ---- */

static void codes(void)
{
    static const char some[] = PLACES "  BGM/1001: {codes: [929, 830]}\n";
    static const row rows[] = {
        { some, BGM, "" },
        { some, "BGM+830+X+9'", "" },
        { some, "BGM+380+X+9'", "code s2 e1 c1 BGM/C002/1001 6 [380]\n" },
        /* A released code is the code that it stands for; its bytes are those that were sent. */
        { some, "BGM+?380+X+9'", "code s2 e1 c1 BGM/C002/1001 6 [?380]\n" },
        /* What is no code of the directory is told once. */
        { some, "BGM+928+X+9'", "edifact.code.unknown s2 e1 c1 BGM/C002/1001  [928]\n" },
        { PLACES "  BGM/1225: {codes: [4], level: warn}\n", BGM, "code warning s2 e3 c0 BGM/1225 6 [9]\n" },
        { PLACES "  LOC[3227=9]/3225: {codes: [A, B]}\n", BGM "LOC+9+C'LOC+11+C'LOC+9+B'LOC+9+D'",
          "code s3 e2 c1 LOC/C517/3225 6 [C]\ncode s6 e2 c1 LOC#4/C517/3225 6 [D]\n" },
    };
    CHECK(rows);
}

static void formats(void)
{
    static const row rows[] = {
        { PLACES "  BGM/1004: {format: an..3}\n", "BGM+929+ABC+9'", "" },
        { PLACES "  BGM/1004: {format: an..3}\n", "BGM+929+ABCD+9'", "too-long s2 e2 c1 BGM/C106/1004 6 [ABCD]\n" },
        { PLACES "  BGM/1004: {format: an..3}\n", "BGM+929+A?'BC+9'", "too-long s2 e2 c1 BGM/C106/1004 6 [A?'BC]\n" },
        { PLACES "  BGM/1004: {format: an..3}\n", "BGM+929+\xE4\xF6\xFC+9'", "" },
        { PLACES "  BGM/1004: {format: an5}\n", "BGM+929+ABCD+9'", "too-short s2 e2 c1 BGM/C106/1004 6 [ABCD]\n" },
        { PLACES "  BGM/1004: {format: n..5}\n", "BGM+929+12A+9'", "format s2 e2 c1 BGM/C106/1004 6 [12A]\n" },
        { PLACES "  BGM/1004: {format: n..5}\n", "BGM+929+-12345+9'", "" },
        { PLACES "  BGM/1004: {format: n..5}\n", "BGM+929+123456+9'", "too-long s2 e2 c1 BGM/C106/1004 6 [123456]\n" },
        { PLACES "  BGM/1004: {format: \"n..5,2\"}\n", "BGM+929+123.45+9'", "" },
        { PLACES "  BGM/1004: {format: \"n..5,2\"}\n", "BGM+929+1.234+9'", "format s2 e2 c1 BGM/C106/1004 6 [1.234]\n" },
        { PLACES "  BGM/1004: {format: a..5}\n", "BGM+929+AB1+9'", "format s2 e2 c1 BGM/C106/1004 6 [AB1]\n" },
    };
    CHECK(rows);
}

static void required(void)
{
    static const row rows[] = {
        { PLACES "  BGM/1225: {use: required}\n", BGM, "" },
        { PLACES "  BGM/1225: {use: required}\n", "BGM+929+X'", "element.missing s2 e3 c0 BGM/1225 6 [^'UNS+D]\n" },
        { PLACES "  BGM/1004: {use: required}\n", "BGM+929++9'", "element.missing s2 e2 c1 BGM/C106/1004 6 [^+9'UNS]\n" },
        { PLACES "  BGM/1004: {use: required}\n", "BGM+929'", "element.missing s2 e2 c1 BGM/C106/1004 6 [^'UNS+D]\n" },
        { PLACES "  BGM/C002/1000: {use: required}\n", BGM, "element.missing s2 e1 c4 BGM/C002/1000 6 [^+X+9'U]\n" },
        { PLACES "  BGM/C002/1000: {use: required}\n", "BGM+929:::TEXT+X+9'", "" },
        { PLACES "  DTM[2005=137]: {use: required}\n", BGM "LOC+9+C'DTM+137:961120:101'", "" },
        { PLACES "  DTM[2005=137]: {use: required}\n", BGM "LOC+9+C'DTM+148:961120:101'GIS+1'",
          "segment.missing s4 e0 c0 DTM 6 [^GIS+1']\n" },
        { PLACES "  DTM[2005=137]: {use: required}\n", BGM, "segment.missing s2 e0 c0 DTM 6 [^UNS+D']\n" },
        { PLACES "  SG6[NAD/3035=IM]: {use: required}\n", BGM "NAD+EX+1'NAD+IM+2'", "" },
        { PLACES "  SG6[NAD/3035=IM]: {use: required}\n", BGM "NAD+EX+1'CTA+IC'", "segment.missing s4 e0 c0 SG6 6 [^UNS+D']\n" },
        { PLACES "  SG6/CTA: {use: required}\n", BGM "NAD+EX+1'CTA+IC'NAD+IM+2'",
          "segment.missing s5 e0 c0 SG6#2/CTA 6 [^UNS+D']\n" },
        { PLACES "  SG6/CTA: {use: required}\n", BGM, "" },
        { PLACES "  SG6[NAD/3035=IM]/CTA: {use: required}\n", BGM "NAD+EX+1'NAD+IM+2'",
          "segment.missing s4 e0 c0 SG6#2/CTA 6 [^UNS+D']\n" },
        { PLACES "  LOC: {min: 2}\n", BGM "LOC+9+A'", "segment.missing s3 e0 c0 LOC#2 6 [^UNS+D']\n" },
        { PLACES "  LOC: {min: 2}\n", BGM "LOC+9+A'LOC+9+B'", "" },
    };
    CHECK(rows);
}

static void how_often(void)
{
    static const row rows[] = {
        { PLACES "  LOC: {max: 1}\n", BGM "LOC+9+A'", "" },
        { PLACES "  LOC: {max: 1}\n", BGM "LOC+9+A'LOC+11+B'LOC+5+C'",
          "too-many s4 e0 c0 LOC#2 6 [LOC+11+B']\ntoo-many s5 e0 c0 LOC#3 6 [LOC+5+C']\n" },
        { PLACES "  LOC[3227=9]: {max: 1}\n", BGM "LOC+9+A'LOC+11+B'LOC+9+C'", "too-many s5 e0 c0 LOC#3 6 [LOC+9+C']\n" },
        { PLACES "  SG6[NAD/3035=IM]: {max: 1}\n", BGM "NAD+IM+1'NAD+EX+1'CTA+IC'NAD+IM+2'CTA+IC'",
          "group.too-many s6 e0 c0 SG6#3 6 [NAD+IM+2']\n" },
        /* Counted in each occurrence of what is above. */
        { PLACES "  SG6/COM: {max: 1}\n", BGM "NAD+IM+1'COM+A:EM'NAD+EX+1'COM+B:EM'COM+C:TE'",
          "too-many s7 e0 c0 SG6#2/COM#2 6 [COM+C:TE']\n" },
        { PLACES "  CST/C246: {max: 1}\n", BGM "CST++84:TSP:6+85:TRC:6'",
          "edifact.code.unknown s3 e2 c2 CST/C246/1131  [TSP]\nedifact.code.unknown s3 e3 c2 CST/C246#2/1131  [TRC]\n"
          "too-many s3 e3 c0 CST/C246#2 6 [85:TRC:6]\n" },
        { PLACES "  LOC[3227=9]#2/3225: {codes: [B]}\n", BGM "LOC+9+A'LOC+11+X'LOC+9+C'LOC+9+D'",
          "code s5 e2 c1 LOC#3/C517/3225 6 [C]\n" },
        { PLACES "  LOC#2..3/3225: {codes: [B]}\n", BGM "LOC+9+A'LOC+11+X'LOC+9+B'LOC+9+D'",
          "code s4 e2 c1 LOC#2/C517/3225 6 [X]\n" },
    };
    CHECK(rows);
}

static void unused(void)
{
    static const row rows[] = {
        { PLACES "  SG6: {use: unused}\n", BGM "NAD+IM+1'CTA+IC'NAD+EX+1'",
          "unused s3 e0 c0 SG6 6 [NAD+IM+1']\nunused s5 e0 c0 SG6#2 6 [NAD+EX+1']\n" },
        { PLACES "  SG6/CTA: {use: unused}\n", BGM "NAD+IM+1'CTA+IC'", "unused s4 e0 c0 SG6/CTA 6 [CTA+IC']\n" },
        { PLACES "  BGM/1225: {use: unused}\n", BGM, "unused s2 e3 c0 BGM/1225 6 [9]\n" },
        { PLACES "  BGM/C002/1000: {use: unused}\n", "BGM+929:::TEXT+X'", "unused s2 e1 c4 BGM/C002/1000 6 [TEXT]\n" },
        { PLACES "  SG6/NAD/C082: {use: unused}\n", BGM "NAD+IM+1:172:20'", "unused s3 e2 c0 SG6/NAD/C082 6 [1:172:20]\n" },
        { PLACES "  SG6/NAD/C082: {use: unused}\n", BGM "NAD+IM++NAME'", "" },
        { PLACES "  LOC[3227=9]: {use: unused}\n", BGM "LOC+11+A'LOC+9+B'", "unused s4 e0 c0 LOC#2 6 [LOC+9+B']\n" },
        /* What is not named is unused, at the levels where it says so. */
        { GUIDE "others: unused\nplaces:\n  SG6/COM: {max: 1}\n", BGM "LOC+9+A'NAD+IM+1'CTA+IC'",
          "unused s3 e0 c0 LOC 5 [LOC+9+A']\n" },
        { GUIDE "places:\n  SG6: {others: unused}\n  SG6/COM: {max: 1}\n", BGM "LOC+9+A'NAD+IM+1'CTA+IC'COM+A:EM'",
          "unused s5 e0 c0 SG6/CTA 6 [CTA+IC']\n" },
        { PLACES "  BGM: {others: unused}\n  BGM/1004: {format: an..3}\n", BGM,
          "unused s2 e1 c0 BGM/C002 6 [929]\nunused s2 e3 c0 BGM/1225 6 [9]\n" },
    };
    CHECK(rows);
}

/* ---- rules ---- */

static void require_and_forbid(void)
{
    static const char abe[] = RULES "- {when: BGM/1001=929, require: \"SG1/RFF[1153=ABE]\"}\n";
    static const char no_dtm[] = RULES "- {when: \"LOC[3227=9], !SG6\", forbid: [DTM, GIS]}\n";
    static const row rows[] = {
        { abe, BGM "RFF+ABE:1'", "" },
        { abe, BGM "RFF+ABT:1'RFF+ABE:1'", "" },
        { abe, "BGM+830+X+9'", "" },
        { abe, BGM "RFF+ABT:1'", "rule.require s2 e1 c1 BGM/C002/1001 6 [929]\n" },
        { RULES "- {require: DTM}\n", BGM, "rule.require s1 e0 c0  6 [UNH+1+CUSDEC:D:96B:UN']\n" },
        { no_dtm, BGM "LOC+9+A'", "" },
        { no_dtm, BGM "LOC+9+A'DTM+137:961120:101'NAD+IM+1'", "" },
        { no_dtm, BGM "LOC+11+A'DTM+137:961120:101'", "" },
        { no_dtm, BGM "LOC+9+A'DTM+137:961120:101'DTM+148:961120:101'GIS+1'",
          "rule.forbid s4 e0 c0 DTM 6 [DTM+137:961120:101']\nrule.forbid s6 e0 c0 GIS 6 [GIS+1']\n" },
        { RULES "- {forbid: \"LOC/3225 in (X, Y)\"}\n", BGM "LOC+9+A'LOC+9+Y'LOC+9+X'",
          "rule.forbid s4 e2 c1 LOC#2/C517/3225 6 [Y]\n" },
    };
    CHECK(rows);
}

static void counts(void)
{
    static const char one[] = RULES "- {one-of: [LOC, GIS, SG6]}\n", any[] = RULES "- {when: DTM, any-of: [LOC, GIS]}\n";
    static const row rows[] = {
        { one, BGM "LOC+9+A'LOC+9+B'", "" },
        { one, BGM, "rule.one-of s1 e0 c0  6 [UNH+1+CUSDEC:D:96B:UN']\n" },
        { one, BGM "LOC+9+A'NAD+IM+1'", "rule.one-of s4 e0 c0 SG6 6 [NAD+IM+1']\n" },
        { any, BGM, "" },
        { any, BGM "LOC+9+A'DTM+137:961120:101'GIS+1'", "" },
        { any, BGM "DTM+137:961120:101'", "rule.any-of s3 e0 c0 DTM 6 [DTM+137:961120:101']\n" },
    };
    CHECK(rows);
}

static void equal(void)
{
    static const char same[] = RULES "- {equal: [BGM/1004, \"SG1/RFF[1153=ABE]/1154\"]}\n";
    static const row rows[] = {
        { same, BGM "RFF+ABE:X'RFF+ABT:Y'", "" },
        { same, BGM, "" },
        { same, BGM "RFF+ABE:Y'RFF+ABE:Z'", "rule.equal s3 e1 c2 SG1/RFF/C506/1154 6 [Y]\n" },
        { same, "BGM+929+1.50+9'RFF+ABE:1.5'", "" },
        { RULES "- {each: SG6, equal: [NAD/3039, \"RFF/1154\"]}\n", BGM "NAD+IM+1'RFF+VA:1'NAD+EX+2'RFF+VA:2'RFF+VA:3'",
          "rule.equal s7 e1 c2 SG6#2/RFF#2/C506/1154 6 [3]\n" },
    };
    CHECK(rows);
}

static void each(void)
{
    static const char cta[] = RULES "- {each: SG6, when: \"NAD/3035 in (IM, EX)\", require: CTA}\n";
    static const char top[] = RULES "- {each: \"SG6[NAD/3035=IM]\", when: \"/BGM/1225=9\", require: COM, level: info}\n";
    static const row rows[] = {
        { cta, BGM "NAD+IM+1'CTA+IC'NAD+CZ+1'NAD+EX+1'COM+A:EM'", "rule.require s6 e1 c0 SG6#3/NAD/3035 6 [EX]\n" },
        { cta, BGM, "" },
        { top, BGM "NAD+EX+1'NAD+IM+1'", "rule.require info s2 e3 c0 BGM/1225 6 [9]\n" },
        { top, "BGM+929+X+4'NAD+EX+1'NAD+IM+1'", "" },
        /* Groups in groups, and what was seen in one is not seen in the next. */
        { RULES "- {each: SG5, when: LOC, forbid: DTM}\n",
          BGM "DOC+380'DTM+3:961120:101'DOC+380'LOC+9+A'DOC+380'DTM+3:961120:101'LOC+9+A'",
          "rule.forbid s8 e0 c0 SG5#3/DTM 6 [DTM+3:961120:101']\n" },
    };
    CHECK(rows);
}

/* ---- which guide, and whose codes ---- */

#define FOR(name, who, code)                                                                                                       \
    "dragoman: guide/1\nguide: " name "\nmessage: CUSDEC:D:96B:UN\n" who "places:\n  BGM/1004: {codes: [" code "]}\n"

static void chosen(void)
{
    static const char *const guides[] = { FOR("all", "for: all\n", "A"), FOR("sender", "for: {sender: S}\n", "B"),
                                          FOR("code", "for: {association: [Q, EX]}\n", "C"), FOR("named", "", "D") };
    static const struct {
        const char *setting, *head, *told;
    } rows[] = {
        { "auto", "UNB+UNOC:3+T+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN'", "code s2 e2 c1 BGM/C106/1004 6 [X]\n" },
        { "auto", "UNB+UNOC:3+S+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN'", "code s2 e2 c1 BGM/C106/1004 6 [X]\n" },
        { "named", "UNB+UNOC:3+S+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN'", "code s2 e2 c1 BGM/C106/1004 5 [X]\n" },
        { "none", "UNB+UNOC:3+S+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN'", "none warning s1 e2 c0 UNH/S009  [CUSDEC:D:96B:UN]\n" },
        { "auto", "UNB+UNOC:3+S+R+961120:1023+1'UNH+1+CUSDEC:D:96A:UN'", "none warning s1 e2 c0 UNH/S009  [CUSDEC:D:96A:UN]\n" },
        { "named", "UNB+UNOC:3+S+R+961120:1023+1'UNH+1+CUSDEC:D:96A:UN:EX'",
          "none warning s1 e2 c0 UNH/S009  [CUSDEC:D:96A:UN:EX]\n" },
        { "T=named;none", "UNB+UNOC:3+T+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN'", "code s2 e2 c1 BGM/C106/1004 5 [X]\n" },
    };
    static const struct {
        const char *head, *takes;
    } which[] = { { "UNB+UNOC:3+T+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN'", "A" },
                  { "UNB+UNOC:3+S+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN'", "B" },
                  { "UNB+UNOC:3+S+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN:Q'", "C" },
                  { "UNB+UNOC:3+T+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN:EX'", "C" },
                  { "UNB+UNOC:3+T+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN:OTHER'", "A" } };
    dgm_mem mem = dgm_mem_default();
    char room[2048], segments[64];
    dgm_buffer out;
    dgm_buffer_init(&out, &mem);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        reading x = { "guide", rows[i].setting, message(rows[i].head, BGM, room), 0, guides, 4, NULL, &out };
        CU_ASSERT_EQUAL(run(&mem, &x), DGM_END);
        TEST_TEXT(dgm_buffer_slice(&out), rows[i].told);
        out.len = 0;
    }
    for (size_t i = 0; i < sizeof which / sizeof which[0]; i++) { /* the value that only the chosen one takes */
        snprintf(segments, sizeof segments, "BGM+929+%s+9'", which[i].takes);
        reading x = { "guide", "auto", message(which[i].head, segments, room), 0, guides, 4, NULL, &out };
        CU_ASSERT_EQUAL(run(&mem, &x), DGM_END);
        TEST_TEXT(dgm_buffer_slice(&out), "");
    }
    reading wrong = { "guide", "nmaed", message(HEAD_3, BGM, room), 0, guides, 4, NULL, NULL };
    CU_ASSERT_EQUAL(run(&mem, &wrong), DGM_CONFIG);
    dgm_buffer_free(&out);
}

/* Interchanges of two senders in one input: each message gets its own. */
static void of_several_senders(void)
{
    static const char *const guides[] = { FOR("s", "for: {sender: S}\n", "A"), FOR("t", "for: {sender: T}\n", "B") };
    static const char input[] = "UNB+UNOC:3+S+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN'BGM+929+B+9'UNS+D'UNS+S'UNT+5+1'UNZ+1+1'"
                                "UNB+UNOC:3+T+R+961120:1023+2'UNH+1+CUSDEC:D:96B:UN'BGM+929+B+9'UNS+D'UNS+S'UNT+5+1'UNZ+1+2'"
                                "UNB+UNOC:3+S+R+961120:1023+3'UNH+1+CUSDEC:D:96B:UN'BGM+929+A+9'UNS+D'UNS+S'UNT+5+1'UNZ+1+3'";
    dgm_mem mem = dgm_mem_default();
    for (size_t chunk = 0; chunk < sizeof input; chunk++) {
        dgm_buffer out;
        dgm_buffer_init(&out, &mem);
        reading x = { "guide", "auto", dgm_slice_of(input), chunk, guides, 2, NULL, &out };
        CU_ASSERT_EQUAL(run(&mem, &x), DGM_END);
        TEST_TEXT(dgm_buffer_slice(&out), "code s2 e2 c1 BGM/C106/1004 6 [B]\n");
        dgm_buffer_free(&out);
    }
}

static void national(void)
{
    static const char own[] = GUIDE "codes:\n  1001: {Z01: Ours}\n  3055: any\n";
    static const row rows[] = {
        { own, "BGM+Z01+X+9'", "" },
        { own, "BGM+929::QQ+X+9'BGM+Z02+X+9'",
          "edifact.segment.too-many s3 e0 c0 BGM#2  [BGM+Z02+X+9']\n"
          "edifact.code.unknown s3 e1 c1 BGM#2/C002/1001  [Z02]\n" },
        { GUIDE, "BGM+Z01+X+9'", "edifact.code.unknown s2 e1 c1 BGM/C002/1001  [Z01]\n" },
    };
    static const row places[] = {
        { own, "BGM+Z01+X+9'", "" },
        /* Many of a kind take the short way through the reader. */
        { own, BGM "LOC+9+A'LOC+9+B::QQ'LOC+9+C::QQ'LOC+9+D::QR'", "" },
    };
    CHECK(rows);
    check("codes", places, 2);
}

/* ---- version 4, formats, memory ---- */

/* C076 of COM may stand three times in one position from D.00A on. */
static void version_4(void)
{
    static const char guide[] = "dragoman: guide/1\nguide: t\nmessage: CUSDEC:D:01B:UN\nfor: all\nplaces:\n"
                                "  SG6/COM/C076#2/3148: {codes: [Q]}\n  SG6/COM/C076: {max: 1}\n"
                                "  SG6/COM/C076#3: {use: required}\n  SG6/COM/C076#1/3155: {codes: [FX]}\n";
    dgm_mem mem = dgm_mem_default();
    dgm_buffer out;
    char room[2048];
    const char *const guides[] = { guide };
    dgm_buffer_init(&out, &mem);
    reading x = { .level = "guide", .setting = "auto", .guides = guides, .guide_count = 1, .out = &out };
    x.input = message("UNB+UNOC:4+S+R+20261120:1023+1'UNH+1+CUSDEC:D:01B:UN'", BGM "NAD+IM+1'COM+A:EM*B:TE'", room);
    for (x.chunk = 0; x.chunk < 40; x.chunk++, out.len = 0) {
        CU_ASSERT_EQUAL(run(&mem, &x), DGM_END);
        TEST_TEXT(dgm_buffer_slice(&out), "code s4 e1 c2 SG6/COM/C076/3155 9 [EM]\n"
                                          "too-many s4 e1 c0 SG6/COM/C076#2 7 [B:TE]\n"
                                          "code s4 e1 c1 SG6/COM/C076#2/3148 6 [B]\n"
                                          "element.missing s4 e1 c0 SG6/COM/C076#3 8 [^'UNS+D]\n");
    }
    dgm_buffer_free(&out);
}

/* A guide of a loaded format, by its short names; the message is read into the format's own shape. */
static void of_a_format(void)
{
    static const char *const guides[] = { "dragoman: guide/1\nguide: t\nformat: cusdec-d96b\nfor: all\nplaces:\n"
                                          "  \"Party[NAD/3035=IM]\": {max: 1}\n" };
    dgm_mem mem = dgm_mem_default();
    dgm_shape *shape = NULL;
    char room[2048];
    dgm_buffer out;
    dgm_buffer_init(&out, &mem);
    CU_ASSERT_EQUAL_FATAL(edi_cusdec_shape(&mem, &shape), DGM_OK);
    const dgm_format format = edi_cusdec(shape);
    reading x = { "guide", "auto", message(HEAD_3, BGM "NAD+IM+1'NAD+IM+2'", room), 0, guides, 1, &format, &out };
    CU_ASSERT_EQUAL(run(&mem, &x), DGM_END);
    TEST_TEXT(dgm_buffer_slice(&out), "group.too-many s4 e0 c0 SG6#2 6 [NAD+IM+2']\n");
    out.len = 0;
    static const char *const loose[] = { PLACES "  \"SG6[NAD/3035=IM]\": {max: 1}\n" };
    x.guides = loose; /* one without a format holds for messages of formats too */
    CU_ASSERT_EQUAL(run(&mem, &x), DGM_END);
    TEST_TEXT(dgm_buffer_slice(&out), "group.too-many s4 e0 c0 SG6#2 6 [NAD+IM+2']\n");
    dgm_buffer_free(&out);
    dgm_shape_free(shape);
}

static dgm_status read_once(const dgm_mem *mem, void *ctx)
{
    reading x = *(const reading *)ctx;
    dgm_buffer out;
    dgm_buffer_init(&out, mem);
    x.out = &out;
    dgm_status st = run(mem, &x);
    dgm_buffer_free(&out);
    return st == DGM_END ? DGM_OK : st;
}

static void memory_may_end(void)
{
    static const char *const guides[] = { PLACES "  LOC: {max: 1}\n  DTM: {use: required}\n  SG6/NAD/3039: {format: an..3}\n" };
    char room[2048];
    for (size_t chunk = 0; chunk < 50; chunk += 49) {
        reading x = { "guide", "auto", message(HEAD_3, BGM "LOC+9+A'LOC+9+B'NAD+IM+4711'", room), chunk, guides, 1, NULL, NULL };
        CU_ASSERT(test_each_allocation_fails(read_once, &x) > 30);
    }
}

/* What programs are told of guides. */
static void for_programs(void)
{
    dgm_context_options options = { .struct_bytes = sizeof options };
    dgm_context *c = NULL;
    dgm_diags *diags = NULL;
    dgm_mem mem = dgm_mem_default();
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 0, &diags), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_context_open(&options, diags, &c), DGM_OK);
    size_t found = 0;
    for (size_t i = 0; i < dgm_context_guide_count(c); i++) {
        dgm_guide_info g = dgm_context_guide(c, i);
        if (!dgm_slice_is(g.name, "cusdec-d96b-import")) continue;
        found++;
        TEST_TEXT(g.format, "cusdec-d96b");
        TEST_TEXT(g.message, "CUSDEC:D:96B:UN");
        TEST_TEXT(g.chosen, "association IMPDEC");
        CU_ASSERT(g.place_count > 50 && g.rule_count > 5);
    }
    CU_ASSERT_EQUAL(found, 1);
    CU_ASSERT_EQUAL(dgm_context_guide_check(c, DGM_LITERAL("a.yaml"), DGM_LITERAL(GUIDE), diags), DGM_OK);
    CU_ASSERT_EQUAL(dgm_diags_count(diags), 0);
    CU_ASSERT_EQUAL(dgm_context_guide_check(c, DGM_LITERAL("a.yaml"), DGM_LITERAL(GUIDE "others: no\n"), diags), DGM_CONFIG);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_count(diags), 1);
    CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->line, 5);
    CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->column, 9);
    dgm_context_free(c);
    dgm_diags_free(diags);
}

/* At lower levels a guide says nothing. */
static void levels(void)
{
    static const row rows[] = { { PLACES "  LOC: {max: 1}\n", BGM "LOC+9+A'LOC+9+B'", "" } };
    check("codes", rows, 1);
    check("advice", rows, 1);
    check("directory", rows, 1);
    check("syntax", rows, 1);
}

typedef struct naming {
    const dgm_tree *tree;
    dgm_buffer out;
} naming;

static void take_name(void *ctx, uint32_t node, dgm_slice name)
{
    naming *n = ctx;
    char path[128];
    size_t len = dgm_tree_path(n->tree, node, path, sizeof path);
    dgm_buffer_print(&n->out, "%.*s %.*s\n", (int)len, path, (int)name.len, name.at);
}

/* What a guide calls its places, by its own walk: one with a test goes before one without, and what it does not name is not told.
 */
static void names(void)
{
    static const char text[] = GUIDE "places:\n  LOC: {name: Some place}\n  LOC[3227=9]: {name: Loading}\n  LOC[3227=9]/C517/3225: "
                                     "{name: Port}\n  BGM/C106/1004: {name: Own number}\n  SG6[NAD/3035=IM]: {name: Importer}\n"
                                     "  SG6[NAD/3035=IM]/NAD/C082/3039: {name: Tax number}\n";
    static const char input[] = EDI_HEAD "LOC+9+NLRTM'LOC+14+BEANR'NAD+EX+1'NAD+IM+2'" EDI_TAIL("7") "UNZ+1+1'";
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    dgm_reader *r = NULL;
    dgm_message m;
    void *guide = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 0, &diags), DGM_OK);
    dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(k->guide_load(&host, DGM_LITERAL("t.yaml"), dgm_slice_of(text), &guide), DGM_OK);
    const void *guides[] = { guide };
    host.guides = guides;
    host.guide_count = 1;
    const dgm_setting settings[] = { { DGM_LITERAL("level"), DGM_LITERAL("guide") }, { DGM_LITERAL("guide"), DGM_LITERAL("t") } };
    CU_ASSERT_EQUAL_FATAL(k->open_whole(&host, settings, 2, dgm_slice_of(input), &r), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(k->next(r, &m), DGM_OK);
    CU_ASSERT_PTR_EQUAL(m.guide, guide);
    naming n = { .tree = m.tree };
    dgm_buffer_init(&n.out, &mem);
    CU_ASSERT_EQUAL(k->guide_names(guide, m.tree, &mem, take_name, &n), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&n.out), "BGM/C106/1004 Own number\nLOC#1 Loading\nLOC#1/C517/3225 Port\nLOC#2 Some place\n"
                                        "SG6#2 Importer\nSG6#2/NAD/C082/3039 Tax number\n");
    dgm_buffer_free(&n.out);
    k->recycle(r, &m);
    k->close(r);
    /* without a guide there is none, and its names are not for another message */
    CU_ASSERT_EQUAL_FATAL(k->open_whole(&host, NULL, 0, dgm_slice_of(input), &r), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(k->next(r, &m), DGM_OK);
    CU_ASSERT_PTR_NULL(m.guide);
    CU_ASSERT_EQUAL(k->guide_names(guide, m.tree, &mem, take_name, &n), DGM_UNKNOWN);
    k->recycle(r, &m);
    k->close(r);
    k->guide_free(guide);
    dgm_diags_free(diags);
}

int main(void)
{
    static const test_case cases[] = {
        { "names", names },
        { "codes", codes },
        { "formats", formats },
        { "what is required", required },
        { "how often", how_often },
        { "what is unused", unused },
        { "require and forbid", require_and_forbid },
        { "one-of and any-of", counts },
        { "equal", equal },
        { "each", each },
        { "which guide is chosen", chosen },
        { "several senders in one input", of_several_senders },
        { "codes of its own", national },
        { "version 4", version_4 },
        { "of a format", of_a_format },
        { "levels", levels },
        { "for programs", for_programs },
        { "each allocation fails", memory_may_end },
        { 0 },
    };
    return test_main("edifact_guide", cases);
}
