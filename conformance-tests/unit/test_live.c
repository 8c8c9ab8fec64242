/* SPDX-License-Identifier: Apache-2.0
 *
 * test_live.c - contexts that follow their files: what was edited holds for who asks next, what cannot be used is refused and told
 * of once, who holds a context keeps it, and no message that flows meanwhile is lost or sees two states of the rules. Several
 * threads.
 */
#include "base/arena.h"
#include "base/buffer.h"
#include "conformance-tests/support/test.h"
#include "translator/dragoman.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/dgm-live-XXXXXX";
static const char rules_file[] = "mappings/rules/cusdec-d96b.yaml";
static dgm_slice rules, sample;

/* ---- a folder of mappings of our own: all links, but the rules --------------------------------------------------------------- */

static void path_in(char *out, size_t size, const char *name)
{
    int n = snprintf(out, size, "%s/%s", folder, name);
    CU_ASSERT_FATAL(n > 0 && (size_t)n < size);
}

static void write_file(const char *name, const char *more)
{
    char path[256], fresh[300];
    path_in(path, sizeof path, name);
    snprintf(fresh, sizeof fresh, "%s.tmp", path);
    FILE *f = fopen(fresh, "wb");
    CU_ASSERT_FATAL(f != NULL);
    CU_ASSERT_EQUAL(fwrite(rules.at, 1, rules.len, f), rules.len);
    CU_ASSERT(fputs(more, f) >= 0);
    CU_ASSERT_EQUAL(fclose(f), 0);
    CU_ASSERT_EQUAL(rename(fresh, path), 0);
}

/* The rules say in two places which state of them this is. */
static void write_state(unsigned state)
{
    char more[300];
    snprintf(more, sizeof more,
             "\n- {model: DocumentMetaData/WCOTypeName, is: \"state %u\", always: true}\n"
             "- {model: DocumentMetaData/ResponsibleAgencyName, is: \"state %u\", always: true}\n",
             state, state);
    write_file("rules/cusdec-d96b.yaml", more);
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
    write_state(0);
}

static void remove_folder(void)
{
    static const char *const files[] = { "model", "formats", "codes", "directories", "rules/cusdec-d96b.yaml" };
    char path[256];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        path_in(path, sizeof path, files[i]);
        CU_ASSERT_EQUAL(unlink(path), 0);
    }
    path_in(path, sizeof path, "rules");
    CU_ASSERT_EQUAL(rmdir(path), 0);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

/* ---- looking ---- */

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL); /* between two looks at a fact */
}

/* Looks until files have come to rest. */
static dgm_status look(dgm_live *l, dgm_diags *diags)
{
    dgm_status s = dgm_live_look(l, diags);
    for (int i = 0; s == DGM_MORE && i < 3000; i++) {
        pause_ms(5);
        s = dgm_live_look(l, diags);
    }
    return s;
}

/* A clock that goes before that of the files: to it, what was written has come to rest. */
static int64_t later_ms(void *ctx)
{
    const dgm_world w = dgm_world_default();
    (void)ctx;
    return w.now_ms(w.ctx) + 1000;
}

static dgm_world later_world(void)
{
    dgm_world w = dgm_world_default();
    w.now_ms = later_ms;
    return w;
}

static bool refuse_all;

static dgm_status accept(void *ctx, const dgm_context *c, dgm_diags *diags)
{
    (void)diags;
    ++*(int *)ctx;
    CU_ASSERT(dgm_context_format_count(c) > 0);
    return refuse_all ? DGM_INVALID : DGM_OK;
}

static void holds_what_was_saved(void)
{
    const dgm_context_options o = { .struct_bytes = sizeof o, .world = later_world(), .mappings = dgm_slice_of(folder) };
    dgm_diags *diags = NULL;
    dgm_live *l = NULL;
    int asked = 0;
    char before[20];
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &diags), DGM_OK);
    write_state(1);
    CU_ASSERT_EQUAL_FATAL(dgm_live_open(&o, accept, &asked, diags, &l), DGM_OK);
    CU_ASSERT_EQUAL(asked, 0); /* the first is the caller's to judge */
    const dgm_context *first = dgm_live_hold(l);
    CU_ASSERT_EQUAL(dgm_context_version(first).len, 16);
    snprintf(before, sizeof before, "%s", dgm_context_version(first).at);
    CU_ASSERT_EQUAL(look(l, diags), DGM_END);

    write_state(1); /* another file, the same text */
    CU_ASSERT_EQUAL(look(l, diags), DGM_END);
    write_state(2);
    CU_ASSERT_EQUAL(look(l, diags), DGM_OK);
    CU_ASSERT_EQUAL(asked, 1);
    const dgm_context *second = dgm_live_hold(l);
    CU_ASSERT_NOT_EQUAL(first, second);
    TEST_TEXT(dgm_context_version(first), before); /* as it was */
    CU_ASSERT_NOT_EQUAL(strcmp(dgm_context_version(second).at, before), 0);

    write_file("rules/cusdec-d96b.yaml", "- {wire: NOWHERE, model: ID}\n");
    CU_ASSERT_EQUAL(look(l, diags), DGM_CONFIG);
    CU_ASSERT(dgm_diags_count(diags) > 0);
    CU_ASSERT_EQUAL(look(l, diags), DGM_END); /* told once */
    CU_ASSERT_EQUAL(asked, 1);
    const dgm_context *third = dgm_live_hold(l);
    CU_ASSERT_EQUAL(third, second);

    refuse_all = true;
    write_state(3);
    CU_ASSERT_EQUAL(look(l, diags), DGM_INVALID);
    CU_ASSERT_EQUAL(asked, 2);
    refuse_all = false;
    write_state(1); /* the files of the first again: its version is the same, wherever it was loaded */
    CU_ASSERT_EQUAL(look(l, diags), DGM_OK);
    const dgm_context *again = dgm_live_hold(l);
    TEST_TEXT(dgm_context_version(again), before);
    CU_ASSERT_NOT_EQUAL(again, first);

    dgm_live_give_back(l, again);
    dgm_live_give_back(l, third);
    dgm_live_give_back(l, second);
    dgm_live_give_back(l, first);
    dgm_live_give_back(l, NULL);
    dgm_live_close(l);
    dgm_diags_free(diags);
}

/* A file that is being written for a while holds when it has come to rest, not half of it. */
static void waits_for_a_writer(void)
{
    const dgm_context_options o = { .struct_bytes = sizeof o, .mappings = dgm_slice_of(folder) };
    dgm_diags *diags = NULL;
    dgm_live *l = NULL;
    char path[256];
    write_state(1);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &diags), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_live_open(&o, NULL, NULL, diags, &l), DGM_OK);
    path_in(path, sizeof path, "rules/cusdec-d96b.yaml");
    int fd = open(path, O_WRONLY | O_APPEND);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(write(fd, "- {model: DocumentMetaData/", 27), 27);
    CU_ASSERT_EQUAL(dgm_live_look(l, diags), DGM_MORE);
    static const char rest[] = "ResponsibleCountryCode, is: NL}\n";
    CU_ASSERT_EQUAL(write(fd, rest, sizeof rest - 1), (ssize_t)sizeof rest - 1);
    CU_ASSERT_EQUAL(close(fd), 0);
    CU_ASSERT_EQUAL(look(l, diags), DGM_OK);
    CU_ASSERT_EQUAL(dgm_diags_count(diags), 0);
    dgm_live_close(l);
    dgm_diags_free(diags);
}

/* When memory ends while files are loaded, the context before stays, and they are loaded the next time. */
static void without_memory(void)
{
    static const long points[] = { 0, 1, 2, 3, 5, 8, 20, 60, 150, 400 };
    test_mem state = { .left = LONG_MAX };
    const dgm_context_options o = {
        .struct_bytes = sizeof o, .mem = test_mem_make(&state), .world = later_world(), .mappings = dgm_slice_of(folder)
    };
    dgm_diags *diags = NULL;
    dgm_live *l = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &diags), DGM_OK);
    write_state(0);
    CU_ASSERT_EQUAL_FATAL(dgm_live_open(&o, NULL, NULL, diags, &l), DGM_OK);
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        const dgm_context *c = dgm_live_hold(l);
        write_state(100 + (unsigned)i);
        state.left = points[i];
        CU_ASSERT_EQUAL(dgm_live_look(l, diags), DGM_NOMEM);
        state.left = LONG_MAX;
        const dgm_context *same = dgm_live_hold(l);
        CU_ASSERT_EQUAL(same, c);
        CU_ASSERT_EQUAL(dgm_live_look(l, diags), DGM_OK);
        dgm_live_give_back(l, same);
        dgm_live_give_back(l, c);
    }
    dgm_live_close(l);
    dgm_diags_free(diags);
    CU_ASSERT_EQUAL(state.bytes_live, 0);
}

/* ---- while messages flow -------------------------------------------------------------------------------------------------------
 */

enum { TRANSLATORS = 2, EDITS = 12, MESSAGES_EACH = 150 };

static atomic_uint translated, mixed, unsure, failed; /* assertions are the main thread's */
static atomic_bool over;

/* Which state a version is: the first who sees one says so, and all others must see the same. */
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    char version[20], state[20];
} table[EDITS + 2];
static size_t table_count;

static void compare_state(dgm_slice version, dgm_slice one, dgm_slice two)
{
    if (one.len == 0 || one.len >= 20 || version.len >= 20 || !dgm_slice_equal(one, two)) {
        mixed++;
        return;
    }
    pthread_mutex_lock(&table_lock);
    size_t i = 0;
    while (i < table_count && !dgm_slice_is(version, table[i].version)) i++;
    if (i == table_count && i < EDITS + 2) {
        snprintf(table[i].version, 20, "%.*s", (int)version.len, version.at);
        snprintf(table[i].state, 20, "%.*s", (int)one.len, one.at);
        table_count++;
    }
    if (i == EDITS + 2 || !dgm_slice_is(one, table[i].state)) unsure++;
    pthread_mutex_unlock(&table_lock);
}

static void report(void *ctx, const dgm_message_report *r)
{
    (void)ctx;
    translated += r->status == DGM_OK;
    if (r->status == DGM_OK && r->model)
        compare_state(r->version, dgm_tree_text(r->model, "DocumentMetaData/WCOTypeName"),
                      dgm_tree_text(r->model, "DocumentMetaData/ResponsibleAgencyName"));
}

static dgm_status swallow(void *ctx, dgm_slice bytes)
{
    (void)ctx, (void)bytes;
    return DGM_OK;
}

static dgm_status outlet_open(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)ctx, (void)number, (void)format;
    *out = (dgm_sink){ swallow, NULL };
    return DGM_OK;
}

static dgm_status outlet_close(void *ctx, bool complete)
{
    (void)ctx;
    failed += !complete;
    return DGM_OK;
}

typedef struct translator {
    dgm_live *live;
    pthread_t thread;
    unsigned sent;
} translator;

static void *translate(void *ctx)
{
    translator *t = ctx;
    const dgm_job_options o = { .struct_bytes = sizeof o,
                                .from = DGM_LITERAL("cusdec-d96b"),
                                .to = DGM_LITERAL("json"),
                                .outlet = { outlet_open, outlet_close, NULL },
                                .report = report };
    dgm_diags *diags = NULL;
    dgm_job *job = NULL;
    const dgm_context *c = NULL;
    dgm_status s = dgm_diags_new(NULL, 100, &diags);
    while (s == DGM_OK && !over) {
        const dgm_context *now = dgm_live_hold(t->live);
        if (now != c || !job) {
            dgm_job_close(job);
            if (c) dgm_live_give_back(t->live, c);
            c = now;
            s = dgm_job_open(c, &o, diags, &job);
        } else {
            dgm_live_give_back(t->live, now);
            s = dgm_job_again(job);
        }
        if (s != DGM_OK) break;
        t->sent++;
        s = dgm_job_whole(job, sample);
    }
    failed += s != DGM_OK;
    dgm_job_close(job);
    if (c) dgm_live_give_back(t->live, c);
    dgm_diags_free(diags);
    return NULL;
}

static void flows_while_rules_are_edited(void)
{
    const dgm_context_options o = { .struct_bytes = sizeof o, .mappings = dgm_slice_of(folder) };
    translator t[TRANSLATORS] = { 0 };
    dgm_diags *diags = NULL;
    dgm_live *l = NULL;
    unsigned sent = 0;
    write_state(1000);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &diags), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_live_open(&o, NULL, NULL, diags, &l), DGM_OK);
    for (int i = 0; i < TRANSLATORS; i++) {
        t[i].live = l;
        CU_ASSERT_EQUAL_FATAL(pthread_create(&t[i].thread, NULL, translate, &t[i]), 0);
    }
    for (unsigned edit = 1; edit <= EDITS; edit++) {
        while (translated < edit * MESSAGES_EACH && !mixed && !unsure && !failed) pause_ms(1);
        if (edit % 4 == 0) {
            write_file("rules/cusdec-d96b.yaml", "- {wire: NOWHERE, model: ID}\n");
            CU_ASSERT_EQUAL(look(l, diags), DGM_CONFIG);
        } else {
            write_state(1000 + edit);
            CU_ASSERT_EQUAL(look(l, diags), DGM_OK);
        }
    }
    while (translated < (EDITS + 1) * MESSAGES_EACH && !mixed && !unsure && !failed) pause_ms(1);
    over = true;
    for (int i = 0; i < TRANSLATORS; i++) {
        pthread_join(t[i].thread, NULL);
        sent += t[i].sent;
    }
    CU_ASSERT_EQUAL(translated, sent); /* none lost */
    CU_ASSERT_EQUAL(failed, 0);
    CU_ASSERT_EQUAL(mixed, 0);
    CU_ASSERT_EQUAL(unsure, 0);
    CU_ASSERT(table_count > EDITS / 2); /* most states had messages; those that follow each other at once need not */
    dgm_live_close(l);
    dgm_diags_free(diags);
}

int main(void)
{
    static const test_case cases[] = { { "a folder of our own", make_folder },
                                       { "holds what was saved", holds_what_was_saved },
                                       { "waits for a writer", waits_for_a_writer },
                                       { "without memory", without_memory },
                                       { "flows while rules are edited", flows_while_rules_are_edited },
                                       { "and none of it is left", remove_folder },
                                       { 0 } };
    rules = test_read_file(rules_file);
    sample = test_read_file("mappings/samples/import-declaration.edi");
    int result = test_main("live", cases);
    free((void *)(uintptr_t)rules.at);
    free((void *)(uintptr_t)sample.at);
    return result;
}
