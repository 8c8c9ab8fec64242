/* SPDX-License-Identifier: Apache-2.0
 *
 * test_merge.c - documents that several messages tell, and the stores their parts wait in: the store in memory with its limit, a
 * document whose messages come in inputs of their own, what is asked of a store, what a store that fails costs; each allocation
 * failing.
 */
#include "conformance-tests/support/test.h"
#include "translator/job.h"
#include "translator/parts.h"

#include "base/diag.h"
#include "model/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static dgm_context *context;
static dgm_slice first, second; /* two messages of one declaration, each with two items of its own */

/* ---- the store in memory --------------------------------------------------------------------------------------------------------
 */

static dgm_status count_keys(void *ctx, dgm_slice key)
{
    (void)key;
    ++*(int *)ctx;
    return DGM_OK;
}

static dgm_status store_work(const dgm_mem *mem, void *ctx)
{
    (void)ctx;
    dgm_memory_store *m = NULL;
    dgm_status s = dgm_memory_store_new(mem, 0, &m);
    if (s != DGM_OK) return s;
    dgm_store st = dgm_memory_store_use(m);
    for (uint32_t i = 0; i < 200 && s == DGM_OK; i++) {
        char key[16], value[16];
        int k = snprintf(key, sizeof key, "k%u", i % 150), v = snprintf(value, sizeof value, "v%u", i);
        s = st.put(st.ctx, (dgm_slice){ key, (size_t)k }, (dgm_slice){ value, (size_t)v });
    }
    dgm_memory_store_free(m);
    return s;
}

static void store_in_memory(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_memory_store *m = NULL;
    dgm_buffer got;
    int keys = 0;
    CU_ASSERT_EQUAL_FATAL(dgm_memory_store_new(&mem, 1000, &m), DGM_OK);
    dgm_store st = dgm_memory_store_use(m);
    dgm_buffer_init(&got, &mem);
    CU_ASSERT_EQUAL(st.get(st.ctx, DGM_LITERAL("a"), dgm_buffer_sink(&got)), DGM_END);
    CU_ASSERT_EQUAL(st.put(st.ctx, DGM_LITERAL("a"), DGM_LITERAL("one")), DGM_OK);
    CU_ASSERT_EQUAL(st.put(st.ctx, DGM_LITERAL("ab"), DGM_LITERAL("")), DGM_OK);
    CU_ASSERT_EQUAL(st.put(st.ctx, DGM_LITERAL("b"), DGM_LITERAL("two")), DGM_OK);
    CU_ASSERT_EQUAL(st.put(st.ctx, DGM_LITERAL("a"), DGM_LITERAL("three")), DGM_OK);
    CU_ASSERT_EQUAL(st.get(st.ctx, DGM_LITERAL("a"), dgm_buffer_sink(&got)), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&got), "three");
    got.len = 0;
    CU_ASSERT_EQUAL(st.get(st.ctx, DGM_LITERAL("ab"), dgm_buffer_sink(&got)), DGM_OK);
    CU_ASSERT_EQUAL(got.len, 0);
    CU_ASSERT_EQUAL(st.each(st.ctx, DGM_LITERAL("a"), count_keys, &keys), DGM_OK);
    CU_ASSERT_EQUAL(keys, 2);
    /* what finds no room leaves what was there */
    char large[1000] = { 0 };
    CU_ASSERT_EQUAL(st.put(st.ctx, DGM_LITERAL("a"), (dgm_slice){ large, sizeof large }), DGM_LIMIT);
    CU_ASSERT_EQUAL(st.get(st.ctx, DGM_LITERAL("a"), dgm_buffer_sink(&got)), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&got), "three");
    CU_ASSERT_EQUAL(st.remove(st.ctx, DGM_LITERAL("a")), DGM_OK);
    CU_ASSERT_EQUAL(st.remove(st.ctx, DGM_LITERAL("a")), DGM_OK);
    CU_ASSERT_EQUAL(st.get(st.ctx, DGM_LITERAL("a"), dgm_buffer_sink(&got)), DGM_END);
    dgm_buffer_free(&got);
    dgm_memory_store_free(m);
    CU_ASSERT(test_each_allocation_fails(store_work, NULL) > 300);
}

/* ---- jobs
 * ------------------------------------------------------------------------------------------------------------------------ */

typedef struct seen {
    dgm_mem mem;
    dgm_buffer out, said;
    uint32_t nodes;
} seen;

static dgm_status open_output(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number, (void)format;
    *out = dgm_buffer_sink(&((seen *)ctx)->out);
    return DGM_OK;
}

static dgm_status close_output(void *ctx, bool complete)
{
    if (!complete) ((seen *)ctx)->out.len = 0;
    return DGM_OK;
}

static void report(void *ctx, const dgm_message_report *r)
{
    static const char *const parts[] = { "none", "kept", "again", "whole" };
    seen *s = ctx;
    (void)dgm_buffer_print(&s->said, "%s %d", parts[r->part], (int)r->status);
    for (size_t i = 0; i < dgm_diags_count(r->diags); i++)
        (void)dgm_buffer_print(&s->said, " %s", dgm_diag_name(dgm_diags_at(r->diags, i)->code));
    (void)dgm_buffer_print(&s->said, "\n");
    if (r->part == DGM_PART_WHOLE && r->model) s->nodes = r->model->node_count;
}

static void seen_init(seen *s, const dgm_mem *mem)
{
    *s = (seen){ .mem = *mem };
    dgm_buffer_init(&s->out, &s->mem);
    dgm_buffer_init(&s->said, &s->mem);
}

static void seen_free(seen *s)
{
    dgm_buffer_free(&s->out);
    dgm_buffer_free(&s->said);
}

static dgm_status translate(const dgm_context *c, const char *to, dgm_store store, dgm_slice input, seen *s)
{
    dgm_job_options o = { .struct_bytes = sizeof o,
                          .to = dgm_slice_of(to),
                          .outlet = { open_output, close_output, s },
                          .report = report,
                          .report_ctx = s,
                          .store = store };
    dgm_job *job = NULL;
    dgm_status st = dgm_job_open(c, &o, NULL, &job);
    if (st == DGM_OK) st = dgm_job_whole(job, input);
    dgm_job_close(job);
    return st;
}

static void ask(void *ctx, const dgm_waiting *w)
{
    static const char *const states[] = { "waits", "refused", "complete", "written" };
    seen *s = ctx;
    (void)dgm_buffer_print(&s->said, "%s %.*s %.*s %zu [%.*s]", states[w->state], (int)w->model.len, w->model.at, (int)w->name.len,
                           w->name.at, w->part_count, (int)w->lacks.len, w->lacks.len ? w->lacks.at : "");
    for (size_t i = 0; i < w->part_count; i++)
        (void)dgm_buffer_print(&s->said, " %.*s/%.*s", (int)w->parts[i].interchange_reference.len,
                               w->parts[i].interchange_reference.at, (int)w->parts[i].reference.len, w->parts[i].reference.at);
    (void)dgm_buffer_print(&s->said, "\n");
}

/* Two jobs that share a store: one document, and what the store says before, between and after. */
static void shared_store(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_memory_store *m = NULL;
    seen s;
    seen_init(&s, &mem);
    CU_ASSERT_EQUAL_FATAL(dgm_memory_store_new(&mem, 0, &m), DGM_OK);
    dgm_store st = dgm_memory_store_use(m);
    CU_ASSERT_EQUAL(translate(context, "json", st, first, &s), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&s.said), "kept 0\n");
    CU_ASSERT_EQUAL(s.out.len, 0);
    s.said.len = 0;
    CU_ASSERT_EQUAL(dgm_store_waiting(&st, &mem, false, ask, &s), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&s.said),
              "waits Declaration@1 FunctionalReferenceID NDD2026000117 1 [1 of 2 of cusdec-d96b] IC26000117/1\n");
    s.said.len = 0;
    CU_ASSERT_EQUAL(translate(context, "json", st, second, &s), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&s.said), "whole 0\n");
    CU_ASSERT(s.nodes > 0);
    CU_ASSERT(s.out.len && memmem(s.out.at, s.out.len, "\"SequenceNumeric\": 7", 20));
    CU_ASSERT(s.out.len && memmem(s.out.at, s.out.len, "\"SequenceNumeric\": 1", 20));
    s.said.len = 0;
    CU_ASSERT_EQUAL(dgm_store_waiting(&st, &mem, false, ask, &s), DGM_OK);
    CU_ASSERT_EQUAL(s.said.len, 0);
    CU_ASSERT_EQUAL(dgm_store_waiting(&st, &mem, true, ask, &s), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&s.said), "written Declaration@1 FunctionalReferenceID NDD2026000117 0 []\n");
    /* it is remembered: what comes again is told, and nothing is written */
    s.said.len = s.out.len = 0;
    CU_ASSERT_EQUAL(translate(context, "json", st, first, &s), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&s.said), "again 0 job.merge.again\n");
    CU_ASSERT_EQUAL(s.out.len, 0);
    seen_free(&s);
    dgm_memory_store_free(m);
}

/* Without a store a job knows one input. */
static void own_store(void)
{
    dgm_mem mem = dgm_mem_default();
    seen s;
    seen_init(&s, &mem);
    CU_ASSERT_EQUAL(translate(context, "wco-declaration", (dgm_store){ 0 }, first, &s), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&s.said), "kept 0\nnone 12 job.merge.incomplete\n");
    seen_free(&s);
}

/* ---- a run that ends too soon
 * ------------------------------------------------------------------------------------------------------ */

static dgm_status no_output(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)ctx, (void)number, (void)format, (void)out;
    return DGM_IO;
}

/* The output fails when the document is complete: it stays in the store, and the part that comes again writes it. */
static void comes_back(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_memory_store *m = NULL;
    dgm_job *job = NULL;
    seen s;
    seen_init(&s, &mem);
    CU_ASSERT_EQUAL_FATAL(dgm_memory_store_new(&mem, 0, &m), DGM_OK);
    dgm_store st = dgm_memory_store_use(m);
    CU_ASSERT_EQUAL(translate(context, "json", st, first, &s), DGM_OK);
    dgm_job_options o = {
        .struct_bytes = sizeof o, .to = DGM_LITERAL("json"), .outlet = { no_output, close_output, &s }, .store = st
    };
    CU_ASSERT_EQUAL_FATAL(dgm_job_open(context, &o, NULL, &job), DGM_OK);
    CU_ASSERT_EQUAL(dgm_job_whole(job, second), DGM_IO);
    dgm_job_close(job);
    s.said.len = 0;
    CU_ASSERT_EQUAL(dgm_store_waiting(&st, &mem, false, ask, &s), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&s.said),
              "complete Declaration@1 FunctionalReferenceID NDD2026000117 2 [] IC26000117/1 IC26000117/1\n");
    s.said.len = 0;
    CU_ASSERT_EQUAL(translate(context, "json", st, first, &s), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&s.said), "whole 0 job.merge.again\n");
    CU_ASSERT(s.out.len && memmem(s.out.at, s.out.len, "\"SequenceNumeric\": 7", 20));
    seen_free(&s);
    dgm_memory_store_free(m);
}

static void take_key(void *ctx, const dgm_waiting *w)
{
    *(dgm_slice *)ctx = test_read_file("/dev/null");
    char *copy = malloc(w->key.len + 1);
    memcpy(copy, w->key.at, w->key.len);
    free((char *)(uintptr_t)((dgm_slice *)ctx)->at);
    *(dgm_slice *)ctx = (dgm_slice){ copy, w->key.len };
}

static void forgotten(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_memory_store *m = NULL;
    dgm_slice key = { 0 };
    int keys = 0;
    seen s;
    seen_init(&s, &mem);
    CU_ASSERT_EQUAL_FATAL(dgm_memory_store_new(&mem, 0, &m), DGM_OK);
    dgm_store st = dgm_memory_store_use(m);
    CU_ASSERT_EQUAL(translate(context, "json", st, first, &s), DGM_OK);
    CU_ASSERT_EQUAL(dgm_store_waiting(&st, &mem, false, take_key, &key), DGM_OK);
    CU_ASSERT_EQUAL(dgm_store_forget(&st, &mem, DGM_LITERAL("none")), DGM_END);
    CU_ASSERT_EQUAL(dgm_store_forget(&st, &mem, key), DGM_OK);
    CU_ASSERT_EQUAL(st.each(st.ctx, (dgm_slice){ 0 }, count_keys, &keys), DGM_OK);
    CU_ASSERT_EQUAL(keys, 0);
    free((char *)(uintptr_t)key.at);
    seen_free(&s);
    dgm_memory_store_free(m);
}

/* ---- a store that holds rubbish
 * ------------------------------------------------------------------------------------------------------ */

static dgm_status rubbish(void *ctx, dgm_slice key, dgm_sink to)
{
    (void)key;
    dgm_slice text = dgm_slice_of(ctx);
    return to.write(to.ctx, text);
}

static void broken_store(void)
{
    static const char *const texts[] = { "", "x", "dragoman 15 kept-document/2\n",
                                         "dragoman 15 kept-document/2\nname 99999999999999999999 ", "dragoman 11 kept-part/1\n" };
    dgm_mem mem = dgm_mem_default();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        dgm_memory_store *m = NULL;
        seen s;
        seen_init(&s, &mem);
        CU_ASSERT_EQUAL_FATAL(dgm_memory_store_new(&mem, 0, &m), DGM_OK);
        dgm_store st = dgm_memory_store_use(m), bad = st;
        if (texts[i][0]) {
            bad.ctx = (void *)(uintptr_t)texts[i];
            bad.get = rubbish;
        }
        CU_ASSERT_EQUAL(translate(context, "json", texts[i][0] ? bad : st, first, &s), DGM_OK);
        TEST_TEXT(dgm_buffer_slice(&s.said), texts[i][0] ? "kept 12 job.merge.broken\n" : "kept 0\n");
        seen_free(&s);
        dgm_memory_store_free(m);
    }
}

/* A store that fails at one put, as a disk that is full or a process that is killed. */
typedef struct ending {
    dgm_store inner;
    int puts; /* that still go well; negative: all */
} ending;

static dgm_status failing_get(void *ctx, dgm_slice key, dgm_sink to)
{
    const ending *f = ctx;
    return f->inner.get(f->inner.ctx, key, to);
}

static dgm_status failing_put(void *ctx, dgm_slice key, dgm_slice bytes)
{
    ending *f = ctx;
    if (f->puts >= 0 && f->puts-- == 0) return DGM_IO;
    return f->inner.put(f->inner.ctx, key, bytes);
}

static dgm_status failing_remove(void *ctx, dgm_slice key)
{
    const ending *f = ctx;
    return f->inner.remove(f->inner.ctx, key);
}

/* A part is put, and the run ends before its document names it; another part comes, and then the first again: it is no part that
 * came before, but what is lacking. */
static void unnamed_part(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_memory_store *m = NULL;
    seen s;
    seen_init(&s, &mem);
    CU_ASSERT_EQUAL_FATAL(dgm_memory_store_new(&mem, 0, &m), DGM_OK);
    dgm_store st = dgm_memory_store_use(m), bad = st;
    ending f = { st, 1 };
    bad.ctx = &f;
    bad.get = failing_get;
    bad.put = failing_put;
    bad.remove = failing_remove;
    CU_ASSERT_EQUAL(translate(context, "json", bad, first, &s), DGM_IO);
    s.said.len = 0;
    CU_ASSERT_EQUAL(translate(context, "json", st, second, &s), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&s.said), "kept 0\n");
    s.said.len = 0;
    CU_ASSERT_EQUAL(translate(context, "json", st, first, &s), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&s.said), "whole 0\n");
    CU_ASSERT(s.out.len && memmem(s.out.at, s.out.len, "\"SequenceNumeric\": 7", 20));
    CU_ASSERT(s.out.len && memmem(s.out.at, s.out.len, "\"SequenceNumeric\": 1", 20));
    seen_free(&s);
    dgm_memory_store_free(m);
}

/* Records that name more parts than there are, themselves, or one another. */
static void records_that_lie(void)
{
    static const char view[] = "mapping 1 m\ncame 1 1\ncount 1 2\nlisted 1 0\nlast 1 0\nhighest 1 0\nrules 1 2\n";
    static const char *const parts[] = { "1", "2", "4294967294", "4294967295" };
    dgm_mem mem = dgm_mem_default();
    dgm_arena arena;
    dgm_memory_store *m = NULL;
    dgm_buffer record;
    seen s;
    dgm_arena_init(&arena, &mem);
    dgm_buffer_init(&record, &mem);
    seen_init(&s, &mem);
    CU_ASSERT_EQUAL_FATAL(dgm_memory_store_new(&mem, 0, &m), DGM_OK);
    dgm_store st = dgm_memory_store_use(m);
    const dgm_kept_part p = { .identity = DGM_LITERAL("p"), .before = DGM_LITERAL("p"), .ordinal = 1 };
    CU_ASSERT_EQUAL(dgm_kept_part_put(&st, &mem, DGM_LITERAL("d"), &p), DGM_OK);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        record.len = 0;
        dgm_kept k;
        dgm_kept_part *all = NULL;
        CU_ASSERT_EQUAL(dgm_buffer_print(&record,
                                         "dragoman 15 kept-document/2\nname 1 n\nmodel 1 m\nstate 1 0\nsince 1 5\nparts %zu %s\n"
                                         "bytes 1 9\nlatest 1 p\nwere 0 \nlists 1 0\nviews 1 1\n%s",
                                         strlen(parts[i]), parts[i], view),
                        DGM_OK);
        CU_ASSERT_EQUAL(st.put(st.ctx, DGM_LITERAL("document d"), dgm_buffer_slice(&record)), DGM_OK);
        CU_ASSERT_EQUAL(dgm_kept_get(&st, &mem, &arena, DGM_LITERAL("d"), &k), DGM_OK);
        CU_ASSERT_EQUAL(dgm_kept_parts(&st, &mem, &arena, DGM_LITERAL("d"), &k, &all), i ? DGM_INVALID : DGM_OK);
        s.said.len = 0;
        CU_ASSERT_EQUAL(dgm_store_waiting(&st, &mem, false, ask, &s), i ? DGM_INVALID : DGM_OK);
        TEST_TEXT(dgm_buffer_slice(&s.said),
                  i ? "waits m n 0 [the record of one of its parts cannot be read]\n" : "waits m n 1 [1 of 2 of m] /\n");
    }
    /* however it is cut, it is none */
    for (size_t len = 0; len < record.len; len++) {
        dgm_kept k;
        CU_ASSERT_EQUAL(st.put(st.ctx, DGM_LITERAL("document d"), (dgm_slice){ record.at, len }), DGM_OK);
        CU_ASSERT_EQUAL(dgm_kept_get(&st, &mem, &arena, DGM_LITERAL("d"), &k), DGM_INVALID);
    }
    CU_ASSERT_EQUAL(dgm_store_forget(&st, &mem, DGM_LITERAL("d")), DGM_OK);
    CU_ASSERT_EQUAL(dgm_store_waiting(&st, &mem, true, ask, &s), DGM_OK);
    seen_free(&s);
    dgm_buffer_free(&record);
    dgm_memory_store_free(m);
    dgm_arena_free(&arena);
}

/* ---- a document of many parts ---------------------------------------------------------------------------------------------------
 */

/* Bytes that were read of a store. */
static uint64_t bytes_read;

static dgm_status counting_write(void *ctx, dgm_slice bytes)
{
    const dgm_sink *to = ctx;
    bytes_read += bytes.len;
    return to->write(to->ctx, bytes);
}

static dgm_status counting_get(void *ctx, dgm_slice key, dgm_sink to)
{
    const dgm_store *inside = ctx;
    dgm_sink counted = { counting_write, &to };
    return inside->get(inside->ctx, key, counted);
}

static size_t part_name(char *out, uint32_t i)
{
    return (size_t)snprintf(out, 16, "part-%u", i);
}

/* Puts a document of n parts and settles it. */
static void settle_many(const dgm_store *st, uint32_t n)
{
    dgm_mem mem = dgm_mem_default();
    dgm_kept k = {
        .name = DGM_LITERAL("n"), .model = DGM_LITERAL("m"), .state = DGM_WAITS_COMPLETE, .since_ms = 1767225600123, .parts = n
    };
    char name[16], before[16];
    for (uint32_t i = 1; i <= n; i++) {
        dgm_kept_part p = { .ordinal = i, .identity = { name, part_name(name, i) }, .digest = { name, 4 } };
        if (i > 1) p.before = (dgm_slice){ before, part_name(before, i - 1) };
        p.digest = p.identity;
        k.last = p.identity;
        CU_ASSERT_EQUAL_FATAL(dgm_kept_part_put(st, &mem, DGM_LITERAL("d"), &p), DGM_OK);
    }
    CU_ASSERT_EQUAL_FATAL(dgm_kept_put(st, &mem, DGM_LITERAL("d"), &k), DGM_OK);
    CU_ASSERT_EQUAL(dgm_store_settle(st, &mem, DGM_LITERAL("d")), DGM_OK);
}

/* What came again is found with as little reading in a document of many parts as in one of few; forgotten, nothing is left. */
static void many_parts(void)
{
    static const uint32_t counts[] = { 1, 64, 65, 1000, 8000 };
    dgm_mem mem = dgm_mem_default();
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        dgm_memory_store *m = NULL;
        dgm_arena arena;
        int keys = 0;
        char name[16];
        dgm_arena_init(&arena, &mem);
        CU_ASSERT_EQUAL_FATAL(dgm_memory_store_new(&mem, 0, &m), DGM_OK);
        dgm_store st = dgm_memory_store_use(m), counted = st;
        counted.ctx = &st;
        counted.get = counting_get;
        settle_many(&st, counts[c]);
        CU_ASSERT_EQUAL(st.each(st.ctx, (dgm_slice){ 0 }, count_keys, &keys), DGM_OK);
        CU_ASSERT_EQUAL((uint32_t)keys, counts[c] <= 64 ? 1 : 1 + (counts[c] + 63) / 64);
        bytes_read = 0;
        for (uint32_t i = 0; i <= counts[c] + 1; i++) {
            dgm_kept k;
            dgm_slice was, wanted = { name, part_name(name, i) };
            if (i == 0 || i > counts[c]) wanted.len = 0;
            CU_ASSERT_EQUAL(dgm_kept_get(&counted, &mem, &arena, DGM_LITERAL("d"), &k), DGM_OK);
            CU_ASSERT(k.state == DGM_WAITS_WRITTEN && k.parts == 0);
            CU_ASSERT_EQUAL(dgm_kept_was(&counted, &mem, &arena, DGM_LITERAL("d"), &k, (dgm_slice){ name, strlen(name) }, &was),
                            DGM_OK);
            test_slice_equal(was, wanted, __FILE__, __LINE__);
            dgm_arena_reset(&arena, 65536);
        }
        CU_ASSERT(bytes_read / (counts[c] + 2) < 8000);
        CU_ASSERT_EQUAL(dgm_store_forget(&st, &mem, DGM_LITERAL("d")), DGM_OK);
        keys = 0;
        CU_ASSERT_EQUAL(st.each(st.ctx, (dgm_slice){ 0 }, count_keys, &keys), DGM_OK);
        CU_ASSERT_EQUAL(keys, 0);
        dgm_memory_store_free(m);
        dgm_arena_free(&arena);
    }
}

/* ---- no memory
 * ------------------------------------------------------------------------------------------------------------------------- */

static dgm_status open_context(const dgm_mem *mem, const char *rules, dgm_diags *diags, dgm_context **out)
{
    dgm_slice path = dgm_slice_of(rules);
    const dgm_context_options o = {
        .struct_bytes = sizeof o, .mem = *mem, .mappings = DGM_LITERAL("mappings"), .rules = &path, .rule_file_count = 1
    };
    return dgm_context_open(&o, diags, out);
}

/* The context's memory, which fails only while a job runs: an allocator in an allocator. */
static const dgm_mem *inner;
static void *grow(void *ctx, void *at, size_t old_bytes, size_t new_bytes)
{
    dgm_mem usual = dgm_mem_default();
    (void)ctx;
    return inner ? inner->grow(inner->ctx, at, old_bytes, new_bytes) : usual.grow(usual.ctx, at, old_bytes, new_bytes);
}

static dgm_status job_work(const dgm_mem *mem, void *ctx)
{
    dgm_memory_store *m = NULL;
    seen s;
    seen_init(&s, mem);
    inner = mem;
    dgm_status st = dgm_memory_store_new(mem, 0, &m);
    if (st == DGM_OK) st = translate(ctx, "json", dgm_memory_store_use(m), first, &s);
    if (st == DGM_OK) st = translate(ctx, "json", dgm_memory_store_use(m), second, &s);
    dgm_memory_store_free(m);
    inner = NULL;
    seen_free(&s);
    return st;
}

static char rules_path[64] = "/tmp/dragoman-merge-XXXXXX";

static void memory(void)
{
    const dgm_mem failing = { grow, NULL };
    dgm_context *c = NULL;
    CU_ASSERT_EQUAL_FATAL(open_context(&failing, rules_path, NULL, &c), DGM_OK);
    CU_ASSERT(test_each_allocation_fails(job_work, c) > 100);
    dgm_context_free(c);
}

/* A copy in which the items have other numbers. */
static dgm_slice renumbered(dgm_slice from)
{
    char *at = malloc(from.len);
    memcpy(at, from.at, from.len);
    for (size_t i = 0; i + 6 < from.len; i++)
        if (memcmp(at + i, "CST+", 4) == 0 && at[i + 4] >= '1' && at[i + 4] <= '3') at[i + 4] = (char)(at[i + 4] + 6);
    return (dgm_slice){ at, from.len };
}

int main(void)
{
    static const char rules[] = "dragoman: mapping/1\n"
                                "mapping: cusdec-d96b\n"
                                "extends: cusdec-d96b\n"
                                "document:\n"
                                "  merge: {BGM/1004: FunctionalReferenceID}\n"
                                "  into: {GoodsShipment/GovernmentAgencyGoodsItem: SequenceNumeric, AdditionalInformation: "
                                "[StatementDescription, StatementTypeCode]}\n"
                                "  count: 2\n";
    static const test_case cases[] = { { "a store in memory", store_in_memory },
                                       { "two inputs, one document", shared_store },
                                       { "a store of its own", own_store },
                                       { "an output that fails", comes_back },
                                       { "forgotten", forgotten },
                                       { "what a store holds is not believed", broken_store },
                                       { "a part that no document names", unnamed_part },
                                       { "records that lie", records_that_lie },
                                       { "a document of many parts", many_parts },
                                       { "each allocation fails", memory },
                                       { 0 } };
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    int fd = mkstemp(rules_path);
    if (fd < 0 || write(fd, rules, sizeof rules - 1) != (ssize_t)sizeof rules - 1) return 1;
    (void)close(fd);
    if (dgm_diags_new(&mem, 0, &diags) != DGM_OK) return 1;
    if (open_context(&mem, rules_path, diags, &context) != DGM_OK) {
        dgm_diag_style style = { .form = DGM_DIAG_TEXT };
        for (size_t i = 0; i < dgm_diags_count(diags); i++)
            (void)dgm_diag_print(dgm_diags_at(diags, i), &style, dgm_sink_descriptor(2));
        return 1;
    }
    first = test_read_file("mappings/samples/import-declaration.edi");
    if (!first.at) return 1;
    second = renumbered(first);
    int failed = test_main("merge", cases);
    free((char *)(uintptr_t)first.at);
    free((char *)(uintptr_t)second.at);
    (void)unlink(rules_path);
    dgm_context_free(context);
    dgm_diags_free(diags);
    return failed;
}
