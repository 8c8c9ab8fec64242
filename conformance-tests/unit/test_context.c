/* SPDX-License-Identifier: Apache-2.0
 *
 * test_context.c - contexts whose files are loaded when they are needed: what is said of each before it is loaded is what it says
 * when it is; what nobody needs is never loaded; what is broken costs who needs it; what changed on the disk meanwhile changes
 * nothing; several threads that need the same first. Several threads.
 */
#include "base/arena.h"
#include "base/buffer.h"
#include "conformance-tests/support/test.h"
#include "translator/context.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/dgm-context-XXXXXX";
static dgm_slice sample, rules;

/* ---- a folder of mappings of our own: all links, but the rules --------------------------------------------------------------- */

static void path_in(char *out, size_t size, const char *name)
{
    int n = snprintf(out, size, "%s/%s", folder, name);
    CU_ASSERT_FATAL(n > 0 && (size_t)n < size);
}

static void write_file(const char *name, dgm_slice text)
{
    char path[256];
    path_in(path, sizeof path, name);
    FILE *f = fopen(path, "wb");
    CU_ASSERT_FATAL(f != NULL);
    CU_ASSERT_EQUAL(fwrite(text.at, 1, text.len, f), text.len);
    CU_ASSERT_EQUAL(fclose(f), 0);
}

static void make_folder(void)
{
    static const char *const links[] = { "model", "formats", "codes", "directories" };
    char here[200], from[256], to[256];
    CU_ASSERT_FATAL(mkdtemp(folder) != NULL && getcwd(here, sizeof here) != NULL);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        snprintf(from, sizeof from, "%s/mappings/%s", here, links[i]);
        path_in(to, sizeof to, links[i]);
        CU_ASSERT_EQUAL_FATAL(symlink(from, to), 0);
    }
    path_in(to, sizeof to, "rules");
    CU_ASSERT_EQUAL_FATAL(mkdir(to, 0777), 0);
}

static void remove_rules(void)
{
    static const char *const files[] = { "rules/a.yaml", "rules/b.yaml", "rules/cusdec-d96b.yaml" };
    char path[256];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        path_in(path, sizeof path, files[i]);
        (void)unlink(path);
    }
}

static void remove_folder(void)
{
    static const char *const links[] = { "model", "formats", "codes", "directories" };
    char path[256];
    remove_rules();
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        path_in(path, sizeof path, links[i]);
        CU_ASSERT_EQUAL(unlink(path), 0);
    }
    path_in(path, sizeof path, "rules");
    CU_ASSERT_EQUAL(rmdir(path), 0);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static dgm_context *open_as(dgm_slice mappings, bool as_needed, const dgm_mem *mem, dgm_diags *diags)
{
    dgm_context_options o = { .struct_bytes = sizeof o, .mappings = mappings, .as_needed = as_needed, .set_aside = as_needed };
    dgm_context *c = NULL;
    if (mem) o.mem = *mem;
    CU_ASSERT_EQUAL_FATAL(dgm_context_open(&o, diags, &c), DGM_OK);
    return c;
}

/* ---- what a job makes ---- */

typedef struct made {
    dgm_buffer bytes;
    unsigned messages, refused, told[8]; /* told: mistakes (yaml, mapping) by message */
    size_t records;
} made;

static dgm_status write_bytes(void *ctx, dgm_slice bytes)
{
    return dgm_buffer_append(&((made *)ctx)->bytes, bytes);
}

static dgm_status outlet_open(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number, (void)format;
    *out = (dgm_sink){ write_bytes, ctx };
    return DGM_OK;
}

static dgm_status outlet_close(void *ctx, bool complete)
{
    (void)ctx, (void)complete;
    return DGM_OK;
}

static void report(void *ctx, const dgm_message_report *r)
{
    made *m = ctx;
    for (size_t i = 0; i < dgm_diags_count(r->diags); i++) {
        const dgm_slice name = dgm_slice_of(dgm_diag_name(dgm_diags_at(r->diags, i)->code));
        const bool mistake = dgm_slice_is(name, "map.path.unknown"), aside = dgm_slice_is(name, "context.mapping.aside");
        if ((mistake || aside) && m->messages < 8) m->told[m->messages] += mistake ? 1 : 10;
    }
    m->messages++;
    m->refused += r->status != DGM_OK;
    m->records += dgm_diags_count(r->diags);
}

static dgm_status run(const dgm_context *c, const char *to, dgm_slice input, bool twice, made *m)
{
    dgm_job_options o = { .struct_bytes = sizeof o, .to = dgm_slice_of(to), .report = report, .report_ctx = m };
    o.outlet = (dgm_outlet){ outlet_open, outlet_close, m };
    o.map = !*to;
    dgm_job *job = NULL;
    dgm_mem mem = c->mem;
    dgm_buffer_init(&m->bytes, &mem);
    dgm_status s = dgm_job_open(c, &o, NULL, &job);
    if (s == DGM_OK) s = dgm_job_feed(job, input, true);
    if (s == DGM_OK && twice) s = dgm_job_again(job);
    if (s == DGM_OK && twice) s = dgm_job_feed(job, input, true);
    dgm_job_close(job);
    return s;
}

/* The message of the sample n times, as one interchange. */
static dgm_slice several(unsigned n, char *room, size_t size)
{
    const char *unh = memmem(sample.at, sample.len, "UNH+", 4), *unz = memmem(sample.at, sample.len, "UNZ+", 4);
    CU_ASSERT_FATAL(unh && unz);
    size_t head = (size_t)(unh - sample.at), body = (size_t)(unz - unh), len = head;
    CU_ASSERT_FATAL(head + n * body + 40 < size);
    memcpy(room, sample.at, head);
    for (unsigned i = 0; i < n; i++) {
        memcpy(room + len, unh, body);
        room[len + 4] = (char)('1' + i); /* UNH+1 */
        char *unt = memmem(room + len, body, "UNT+", 4);
        CU_ASSERT_FATAL(unt != NULL);
        *(strchr(unt + 4, '+') + 1) = (char)('1' + i);
        len += body;
    }
    int more = snprintf(room + len, size - len, "UNZ+%u+IC26000117'\n", n);
    return (dgm_slice){ room, len + (size_t)more };
}

/* ---- the tests ---- */

/* Each file is looked at, and says of itself what it says when it is loaded. */
static void looks_as_it_is(void)
{
    dgm_context *looked = open_as(DGM_LITERAL("mappings"), true, NULL, NULL),
                *whole = open_as(DGM_LITERAL("mappings"), false, NULL, NULL);
    test_slice_equal(dgm_context_version(looked), dgm_context_version(whole), __FILE__, __LINE__);
    CU_ASSERT_EQUAL_FATAL(looked->model_count, whole->model_count);
    CU_ASSERT_EQUAL_FATAL(looked->format_count, whole->format_count);
    CU_ASSERT_EQUAL_FATAL(looked->mapping_count, whole->mapping_count);
    CU_ASSERT(whole->model_count >= 6 && whole->format_count > 30 && whole->mapping_count > 12);
    for (size_t i = 0; i < whole->model_count; i++) {
        test_slice_equal(looked->models[i].name, dgm_shape_name(whole->models[i].shape), __FILE__, __LINE__);
        CU_ASSERT_PTR_NULL(looked->models[i].shape);
    }
    for (size_t i = 0; i < whole->format_count; i++) {
        dgm_format_info a = dgm_context_format(looked, i), b = dgm_context_format(whole, i);
        test_slice_equal(a.name, b.name, __FILE__, __LINE__);
        test_slice_equal(a.title, b.title, __FILE__, __LINE__);
        test_slice_equal(a.codec, b.codec, __FILE__, __LINE__);
        test_slice_equal(a.mapping, b.mapping, __FILE__, __LINE__);
        test_slice_equal(a.model, b.model, __FILE__, __LINE__);
        CU_ASSERT_EQUAL(a.rule_count, 0);
        CU_ASSERT(!b.mapping.len || b.rule_count > 0);
        CU_ASSERT_PTR_NULL(looked->formats[i].shape);
    }
    for (size_t i = 0; i < whole->mapping_count; i++) {
        test_slice_equal(looked->mappings[i].name, dgm_mapping_name(whole->mappings[i].mapping), __FILE__, __LINE__);
        test_slice_equal(looked->mappings[i].format, dgm_mapping_format(whole->mappings[i].mapping), __FILE__, __LINE__);
        test_slice_equal(looked->mappings[i].model, dgm_mapping_model(whole->mappings[i].mapping), __FILE__, __LINE__);
        CU_ASSERT_PTR_NULL(looked->mappings[i].mapping);
    }
    CU_ASSERT_EQUAL(dgm_context_check(looked, NULL), DGM_OK);
    for (size_t i = 0; i < whole->format_count; i++)
        CU_ASSERT_EQUAL(dgm_context_format(looked, i).rule_count, dgm_context_format(whole, i).rule_count);
    dgm_context_free(looked);
    dgm_context_free(whole);
}

/* A message loads its format, its mapping and its model, and nothing else. */
static void only_what_is_needed(void)
{
    dgm_context *c = open_as(DGM_LITERAL("mappings"), true, NULL, NULL);
    made m = { 0 };
    CU_ASSERT_EQUAL(run(c, "", sample, false, &m), DGM_OK);
    CU_ASSERT_EQUAL(m.messages, 1);
    CU_ASSERT_EQUAL(m.refused, 0);
    for (size_t i = 0; i < c->format_count; i++)
        CU_ASSERT_EQUAL(c->formats[i].shape != NULL, dgm_slice_is(c->formats[i].format.name, "cusdec-d96b"));
    for (size_t i = 0; i < c->mapping_count; i++)
        CU_ASSERT_EQUAL(c->mappings[i].mapping != NULL, dgm_slice_is(c->mappings[i].name, "cusdec-d96b"));
    for (size_t i = 0; i < c->model_count; i++)
        CU_ASSERT_EQUAL(c->models[i].shape != NULL, dgm_slice_is(c->models[i].name, "Declaration@1"));
    dgm_buffer_free(&m.bytes);
    dgm_context_free(c);
}

static const char broken[] = "dragoman: mapping/1\nmapping: cusdec-d96b\nwire: {format: cusdec-d96b}\nmodel: Declaration@1\n"
                             "rules:\n- {wire: NOWHERE, model: FunctionalReferenceID}\n";

/* Its mistakes are told with the first message of each input that needs it, and that it is set aside. */
static void broken_costs_who_needs_it(void)
{
    static char room[1 << 16];
    write_file("rules/cusdec-d96b.yaml", dgm_slice_of(broken));
    dgm_diags *diags = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &diags), DGM_OK);
    dgm_context *c = open_as(dgm_slice_of(folder), true, NULL, diags);
    CU_ASSERT_EQUAL(dgm_diags_count(diags), 0);
    made m = { 0 };
    CU_ASSERT_EQUAL(run(c, "json", several(3, room, sizeof room), true, &m), DGM_OK);
    CU_ASSERT_EQUAL(m.messages, 6);
    CU_ASSERT_EQUAL(m.refused, 6);
    static const unsigned wanted[] = { 11, 0, 0, 11, 0, 0 };
    for (size_t i = 0; i < 6; i++) CU_ASSERT_EQUAL(m.told[i], wanted[i]);
    CU_ASSERT_EQUAL(m.bytes.len, 0);
    dgm_buffer_free(&m.bytes);
    /* Where nothing is translated it is only warned of. */
    made v = { 0 };
    CU_ASSERT_EQUAL(run(c, "", sample, false, &v), DGM_OK);
    CU_ASSERT_EQUAL(v.refused, 0);
    CU_ASSERT_EQUAL(v.told[0], 11);
    dgm_buffer_free(&v.bytes);
    /* What is to be written by it cannot be asked for. */
    made w = { 0 };
    CU_ASSERT_EQUAL(run(c, "cusdec-d96b", sample, false, &w), DGM_UNKNOWN);
    dgm_buffer_free(&w.bytes);
    CU_ASSERT_EQUAL(dgm_context_check(c, diags), DGM_CONFIG);
    CU_ASSERT_EQUAL(dgm_diags_errors(diags), 1);
    dgm_context_free(c);
    dgm_diags_free(diags);
    remove_rules();
}

/* Of two mappings of one format none is chosen by chance, unless one of them is broken. */
static void two_of_a_format(void)
{
    write_file("rules/a.yaml", rules);
    write_file("rules/b.yaml", rules);
    const dgm_context_options o = {
        .struct_bytes = sizeof o, .mappings = dgm_slice_of(folder), .as_needed = true, .set_aside = true
    };
    dgm_diags *diags = NULL;
    dgm_context *c = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &diags), DGM_OK);
    CU_ASSERT_EQUAL(dgm_context_open(&o, diags, &c), DGM_CONFIG);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_count(diags), 1);
    CU_ASSERT_STRING_EQUAL(dgm_diag_name(dgm_diags_at(diags, 0)->code), "context.mapping.second");
    for (int which = 0; which < 2; which++) {
        write_file(which ? "rules/b.yaml" : "rules/a.yaml", dgm_slice_of(broken));
        write_file(which ? "rules/a.yaml" : "rules/b.yaml", rules);
        dgm_diags_clear(diags);
        CU_ASSERT_EQUAL_FATAL(dgm_context_open(&o, diags, &c), DGM_OK);
        CU_ASSERT_EQUAL(dgm_diags_count(diags), 2); /* its mistake, and that it is set aside */
        made m = { 0 };
        CU_ASSERT_EQUAL(run(c, "json", sample, false, &m), DGM_OK);
        CU_ASSERT_EQUAL(m.refused, 0);
        dgm_buffer_free(&m.bytes);
        dgm_context_free(c);
    }
    dgm_diags_free(diags);
    remove_rules();
}

/* What was there when the context was opened holds, whatever becomes of the files. */
static void as_it_was_when_opened(void)
{
    write_file("rules/cusdec-d96b.yaml", rules);
    dgm_context *c = open_as(dgm_slice_of(folder), true, NULL, NULL);
    write_file("rules/cusdec-d96b.yaml", dgm_slice_of(broken));
    dgm_context *whole = open_as(DGM_LITERAL("mappings"), false, NULL, NULL);
    made m = { 0 }, wanted = { 0 };
    CU_ASSERT_EQUAL(run(c, "json", sample, false, &m), DGM_OK);
    CU_ASSERT_EQUAL(run(whole, "json", sample, false, &wanted), DGM_OK);
    CU_ASSERT(wanted.bytes.len > 1000);
    test_slice_equal(dgm_buffer_slice(&m.bytes), dgm_buffer_slice(&wanted.bytes), __FILE__, __LINE__);
    dgm_buffer_free(&m.bytes);
    dgm_buffer_free(&wanted.bytes);
    dgm_context_free(c);
    dgm_context_free(whole);
    remove_rules();
}

/* ---- threads ---- */

enum { THREADS = 6, ROUNDS = 3 };
typedef struct worker {
    pthread_t thread;
    const dgm_context *c;
    pthread_barrier_t *start;
    const char *to;
    made m;
    dgm_status status;
} worker;

static void *work(void *ctx)
{
    worker *w = ctx;
    (void)pthread_barrier_wait(w->start);
    w->status = run(w->c, w->to, sample, false, &w->m);
    return NULL;
}

static void several_threads(void)
{
    static const char *const to[] = { "json", "wco-declaration", "" };
    made wanted[3] = { { .messages = 0 } };
    dgm_context *whole = open_as(DGM_LITERAL("mappings"), false, NULL, NULL);
    for (int i = 0; i < 3; i++) CU_ASSERT_EQUAL(run(whole, to[i], sample, false, &wanted[i]), DGM_OK);
    for (int round = 0; round < ROUNDS; round++) {
        dgm_context *c = open_as(DGM_LITERAL("mappings"), true, NULL, NULL);
        worker all[THREADS];
        pthread_barrier_t start;
        CU_ASSERT_EQUAL_FATAL(pthread_barrier_init(&start, NULL, THREADS), 0);
        for (int i = 0; i < THREADS; i++) {
            all[i] = (worker){ .c = c, .start = &start, .to = to[i % 3] };
            CU_ASSERT_EQUAL_FATAL(pthread_create(&all[i].thread, NULL, work, &all[i]), 0);
        }
        for (int i = 0; i < THREADS; i++) {
            CU_ASSERT_EQUAL(pthread_join(all[i].thread, NULL), 0);
            CU_ASSERT_EQUAL(all[i].status, DGM_OK);
            CU_ASSERT_EQUAL(all[i].m.records, wanted[i % 3].records);
            test_slice_equal(dgm_buffer_slice(&all[i].m.bytes), dgm_buffer_slice(&wanted[i % 3].bytes), __FILE__, __LINE__);
            dgm_buffer_free(&all[i].m.bytes);
        }
        (void)pthread_barrier_destroy(&start);
        dgm_context_free(c);
    }
    for (int i = 0; i < 3; i++) dgm_buffer_free(&wanted[i].bytes);
    dgm_context_free(whole);
}

/* ---- memory ---- */

static dgm_status open_and_check(const dgm_mem *mem, void *ctx)
{
    dgm_context_options o = {
        .struct_bytes = sizeof o, .mem = *mem, .mappings = DGM_LITERAL("mappings/cookbook"), .as_needed = true, .set_aside = true
    };
    dgm_context *c = NULL;
    dgm_status s = dgm_context_open(&o, NULL, &c);
    if (s == DGM_OK) s = *(bool *)ctx ? dgm_context_look_through(c, NULL) : dgm_context_check(c, NULL);
    if (s == DGM_NOMEM && c) s = dgm_context_check(c, NULL) == DGM_OK ? DGM_NOMEM : DGM_DEFECT; /* who asks again is served */
    dgm_context_free(c);
    return s;
}

static void without_memory(void)
{
    bool one_by_one = false;
    CU_ASSERT(test_each_allocation_fails(open_and_check, &one_by_one) > 100);
    one_by_one = true;
    CU_ASSERT(test_each_allocation_fails(open_and_check, &one_by_one) > 100);
}

int main(void)
{
    static const test_case cases[] = { { "a folder", make_folder },
                                       { "what is looked at is what is loaded", looks_as_it_is },
                                       { "only what is needed is loaded", only_what_is_needed },
                                       { "what is broken costs who needs it", broken_costs_who_needs_it },
                                       { "two mappings of one format", two_of_a_format },
                                       { "what was there when it was opened holds", as_it_was_when_opened },
                                       { "several threads need the same", several_threads },
                                       { "each allocation fails", without_memory },
                                       { "the folder goes", remove_folder },
                                       { 0 } };
    sample = test_read_file("mappings/samples/import-declaration.edi");
    rules = test_read_file("mappings/rules/cusdec-d96b.yaml");
    if (!sample.at || !rules.at) {
        fprintf(stderr, "run from the top of the project\n");
        return 3;
    }
    int failed = test_main("context", cases);
    free((void *)(uintptr_t)sample.at);
    free((void *)(uintptr_t)rules.at);
    return failed;
}
