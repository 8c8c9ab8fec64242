/* SPDX-License-Identifier: Apache-2.0
 *
 * test_explain.c - the way of every value of every golden input, into each format it can become: the bytes an explanation names
 * hold what it says, and they are the right ones: changing them changes this value, and changing bytes that it does not name does
 * not. One thread.
 */
#include "conformance-tests/laws/laws.h"
#include "conformance-tests/support/test.h"

#include <glob.h>
#include <limits.h>
#include <stdlib.h>

typedef struct source {
    uint64_t offset;
    uint32_t bytes;
    bool strict; /* the value is made of it; else it only has a say in it */
} source;

enum { SOURCES_MAX = 24, VALUES_MAX = 4000 };
typedef struct told {
    char place[200];
    char value[600];
    source sources[SOURCES_MAX];
    size_t source_count;
} told;

typedef struct telling {
    told *at;
    size_t count;
    uint64_t refused, messages;
    dgm_buffer text;
    bool check_bytes;
    dgm_slice input;
    size_t unknown; /* values without a rule */
} telling;

static laws l;
static bool opened;

/* ---- reading what was told ---- */

/* The JSON text behind `key` from `at` on, its escapes undone; at the quote behind it, or NULL. */
static const char *text_of(const char *at, const char *end, const char *key, char *out, size_t room)
{
    size_t n = strlen(key), len = 0;
    while (at + n <= end && memcmp(at, key, n) != 0) at++;
    if (at + n > end) return NULL;
    for (at += n; at < end && *at != '"'; at++) {
        char c = *at;
        if (c == '\\' && at[1] == 'u') {
            c = (char)strtol((char[]){ at[4], at[5], 0 }, NULL, 16);
            at += 5;
        } else if (c == '\\') {
            c = *++at;
        }
        if (len + 1 < room) out[len++] = c;
    }
    out[len] = 0;
    return at;
}

/* The object of a value of the input begins with its role; what it holds is compared with the input. */
static void take_source(telling *t, told *v, const char *line, const char *offset, const char *end)
{
    const char *object = offset;
    while (object > line && memcmp(object, "{\"role\":\"", 9) != 0) object--;
    char role[20], text[600];
    CU_ASSERT_PTR_NOT_NULL_FATAL(text_of(object, end, "{\"role\":\"", role, sizeof role));
    source s = { .offset = strtoull(offset + 9, NULL, 10) };
    const char *bytes = strstr(offset, "\"bytes\":");
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    s.bytes = (uint32_t)strtoul(bytes + 8, NULL, 10);
    s.strict = strcmp(role, "value") == 0 || strcmp(role, "piece") == 0;
    if (t->check_bytes) {
        const char *close = strchr(bytes, '}'), *raw = text_of(bytes, close ? close : end, ",\"raw\":\"", text, sizeof text);
        if (!raw) CU_ASSERT_PTR_NOT_NULL(text_of(object, end, "\"value\":\"", text, sizeof text));
        CU_ASSERT_FATAL(s.offset + s.bytes <= t->input.len);
        dgm_slice there = { t->input.at + s.offset, s.bytes };
        if (there.len < sizeof text) test_slice_equal(there, dgm_slice_of(text), __FILE__, __LINE__);
    }
    if (v->source_count < SOURCES_MAX) v->sources[v->source_count++] = s;
}

static void take_line(telling *t, const char *line, const char *end)
{
    CU_ASSERT_FATAL(t->count < VALUES_MAX);
    told *v = &t->at[t->count++];
    *v = (told){ 0 };
    CU_ASSERT_PTR_NOT_NULL(text_of(line, end, "\"place\":\"", v->place, sizeof v->place));
    CU_ASSERT_PTR_NOT_NULL(text_of(line, end, "\"value\":\"", v->value, sizeof v->value));
    bool weak = false; /* computed or chosen by what it names, or only a part of it */
    for (const char *at = line; at + 20 < end; at++) {
        weak = weak || memcmp(at, ":\"computed\"", 11) == 0 || memcmp(at, ":\"format\"", 9) == 0 ||
               memcmp(at, "a piece of it", 13) == 0;
        if (memcmp(at, "\"offset\":", 9) == 0) take_source(t, v, line, at, end);
        if (weak && v->source_count) v->sources[v->source_count - 1].strict = false;
        t->unknown += memcmp(at, "\"unknown\"", 9) == 0;
    }
}

static void report(void *ctx, const dgm_message_report *m)
{
    telling *t = ctx;
    if (m->status != DGM_OK || !m->wire) return;
    size_t from = t->text.len;
    CU_ASSERT_EQUAL(dgm_report_explain_place(m, (dgm_slice){ 0 }, true, dgm_buffer_sink(&t->text)), DGM_OK);
    const char *at = t->text.at + from, *end = t->text.at + t->text.len;
    while (at < end) {
        const char *line = at;
        while (at < end && *at != '\n') at++;
        take_line(t, line, at++);
    }
}

static dgm_status swallow(void *ctx, dgm_slice bytes)
{
    (void)ctx, (void)bytes;
    return DGM_OK;
}

static dgm_status open_nothing(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)ctx, (void)number, (void)format;
    *out = (dgm_sink){ swallow, NULL };
    return DGM_OK;
}

static dgm_status close_nothing(void *ctx, bool complete)
{
    (void)ctx, (void)complete;
    return DGM_OK;
}

static void explain(telling *t, const char *to, dgm_slice input, bool check_bytes)
{
    t->count = 0;
    t->text.len = 0;
    t->input = input;
    t->check_bytes = check_bytes;
    dgm_job *job = NULL;
    dgm_job_options o = { .struct_bytes = sizeof o,
                          .to = dgm_slice_of(to),
                          .level = DGM_LITERAL("syntax"),
                          .explain = true,
                          .map = true,
                          .outlet = { open_nothing, close_nothing, NULL },
                          .report = report,
                          .report_ctx = t };
    dgm_diags_clear(l.diags);
    t->messages = t->refused = 0;
    if (dgm_job_open(l.context, &o, l.diags, &job) == DGM_OK && dgm_job_whole(job, input) == DGM_OK) {
        dgm_job_counts n = dgm_job_count(job);
        t->messages = n.messages;
        t->refused = n.refused;
    }
    dgm_job_close(job);
}

/* ---- changing bytes ---- */

typedef struct tally {
    size_t values, tried, decided;
} tally;

static bool names(const told *v, uint64_t offset, bool strict)
{
    for (size_t i = 0; i < v->source_count; i++)
        if (v->sources[i].offset == offset && (!strict || v->sources[i].strict)) return true;
    return false;
}

/* Another one of its kind. */
static char other(char c)
{
    if (c >= '0' && c <= '9') return c == '9' ? '1' : (char)(c + 1);
    if (c >= 'A' && c <= 'Z') return c == 'Z' ? 'B' : (char)(c + 1);
    if (c >= 'a' && c <= 'z') return c == 'z' ? 'b' : (char)(c + 1);
    return 0;
}

/* One value of the input becomes another: what follows it, and what does not. */
static void change(const telling *before, telling *after, const char *to, dgm_slice input, const source *s, tally *n)
{
    char *bytes = malloc(input.len + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    memcpy(bytes, input.at, input.len);
    char *last = &bytes[s->offset + s->bytes - 1];
    *last = other(*last);
    n->tried++;
    if (*last) explain(after, to, (dgm_slice){ bytes, input.len }, false);
    bool decided = *last && after->messages && !after->refused && after->count == before->count;
    for (size_t i = 0; decided && i < before->count; i++) decided = strcmp(before->at[i].place, after->at[i].place) == 0;
    n->decided += decided;
    for (size_t i = 0; decided && i < before->count; i++) {
        const told *v = &before->at[i];
        bool changed = strcmp(v->value, after->at[i].value) != 0;
        if ((changed && !names(v, s->offset, false)) || (!changed && names(v, s->offset, true))) {
            fprintf(stderr, "%s %s: \"%s\" %s when byte %llu changes\n", to, v->place, v->value, changed ? "changes" : "stays",
                    (unsigned long long)(s->offset + s->bytes - 1));
            CU_FAIL("an explanation names other bytes than the value came from");
        }
    }
    free(bytes);
}

static void one_way(const char *path, const char *to, telling *before, telling *after, tally *n)
{
    dgm_slice input = test_read_file(path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(input.at);
    explain(before, to, input, true);
    n->values += before->count;
    for (size_t i = 0; i < before->count; i++)
        for (size_t k = 0; k < before->at[i].source_count; k++) {
            const source *s = &before->at[i].sources[k];
            bool known = !s->bytes;
            for (size_t j = 0; !known && j < i; j++) known = names(&before->at[j], s->offset, false);
            for (size_t j = 0; !known && j < k; j++) known = before->at[i].sources[j].offset == s->offset;
            if (!known) change(before, after, to, input, s, n);
        }
    free((void *)(uintptr_t)input.at);
}

static void test_every_value(void)
{
    static const char *const patterns[] = { "conformance-tests/golden/*/accept-*/in.edi",
                                            "conformance-tests/golden/*/accept-*/in.xml", "mappings/samples/*-declaration.*" };
    static const char *const targets[] = { "json", "wco-declaration", "cusdec-d96b" };
    telling before = { .at = calloc(VALUES_MAX, sizeof(told)) }, after = { .at = calloc(VALUES_MAX, sizeof(told)) };
    CU_ASSERT_FATAL(before.at && after.at);
    tally all = { 0 };
    opened = opened || laws_open(&l);
    CU_ASSERT_FATAL(opened);
    dgm_buffer_init(&before.text, &l.mem);
    dgm_buffer_init(&after.text, &l.mem);
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        glob_t found;
        CU_ASSERT_EQUAL_FATAL(glob(patterns[p], 0, NULL, &found), 0);
        for (size_t i = 0; i < found.gl_pathc; i++)
            for (size_t k = 0; k < sizeof targets / sizeof *targets; k++)
                one_way(found.gl_pathv[i], targets[k], &before, &after, &all);
        globfree(&found);
    }
    CU_ASSERT_EQUAL(before.unknown, 0);
    CU_ASSERT(all.values > 2000);
    CU_ASSERT(all.decided * 10 > all.tried * 6);
    if (getenv("EXPLAIN_SHOW"))
        fprintf(stderr, "%zu values, %zu changes, %zu of them decided\n", all.values, all.tried, all.decided);
    dgm_buffer_free(&before.text);
    dgm_buffer_free(&after.text);
    free(before.at);
    free(after.at);
}

/* ---- each allocation fails ---- */

typedef struct failing {
    dgm_status status;
} failing;

static void explain_all(void *ctx, const dgm_message_report *m)
{
    failing *f = ctx;
    static const char *const places[] = { "", "GoodsShipment/Warehouse/ID", "GoodsShipment/GovernmentAgencyGoodsItem/Origin" };
    for (size_t i = 0; m->wire && i < 3; i++) {
        dgm_status s = dgm_report_explain_place(m, dgm_slice_of(places[i]), i & 1, (dgm_sink){ swallow, NULL });
        if (s == DGM_NOMEM) f->status = s;
        if (s != DGM_NOMEM && s != DGM_OK && s != DGM_END) CU_FAIL("a status that was not promised");
    }
}

static dgm_status explain_with(const dgm_mem *mem, void *ctx)
{
    const dgm_slice *input = ctx;
    dgm_context_options c = { .struct_bytes = sizeof c, .mem = *mem, .world = laws_world() };
    dgm_context *context = NULL;
    dgm_diags *diags = NULL;
    dgm_job *job = NULL;
    failing f = { DGM_OK };
    dgm_job_options o = { .struct_bytes = sizeof o, .explain = true, .map = true, .report = explain_all, .report_ctx = &f };
    dgm_status s = dgm_diags_new(mem, 100, &diags);
    if (s == DGM_OK) s = dgm_context_open(&c, diags, &context);
    if (s == DGM_OK) s = dgm_job_open(context, &o, diags, &job);
    if (s == DGM_OK) s = dgm_job_whole(job, *input);
    dgm_job_close(job);
    dgm_context_free(context);
    dgm_diags_free(diags);
    return s == DGM_OK ? f.status : s;
}

static void test_no_memory(void)
{
    /* Only what comes behind the context is asked for one by one: the context has suites of its own. */
    test_mem counting = { .left = LONG_MAX };
    dgm_mem mem = test_mem_make(&counting);
    dgm_slice input = test_read_file("conformance-tests/golden/cusdec-d96b/accept-minimal/in.edi");
    CU_ASSERT_PTR_NOT_NULL_FATAL(input.at);
    dgm_context *context = NULL;
    dgm_diags *diags = NULL;
    dgm_context_options c = { .struct_bytes = sizeof c, .mem = mem, .world = laws_world() };
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 100, &diags), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_context_open(&c, diags, &context), DGM_OK);
    long opening = counting.asked;
    dgm_context_free(context);
    dgm_diags_free(diags);
    counting = (test_mem){ .left = LONG_MAX };
    CU_ASSERT_EQUAL(explain_with(&mem, &input), DGM_OK);
    long all = counting.asked;
    CU_ASSERT(all > opening + 20);
    for (long i = opening; i < all; i++) {
        counting = (test_mem){ .left = i };
        dgm_status s = explain_with(&mem, &input);
        CU_ASSERT(s == DGM_NOMEM || s == DGM_OK);
        CU_ASSERT_EQUAL(counting.bytes_live, 0);
    }
    free((void *)(uintptr_t)input.at);
}

int main(void)
{
    static const test_case cases[] = { { "every value of every golden input", test_every_value },
                                       { "each allocation fails", test_no_memory },
                                       { 0 } };
    int code = test_main("explain", cases);
    if (opened) laws_close(&l);
    return code;
}
