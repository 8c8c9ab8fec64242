/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_crew.c - an interchange that is read by several threads while memory runs out, at each allocation in turn, for one
 * of them or for all from then on: the reader says so or gives every message, and gives all memory back. What they read is compared
 * in test_edifact_ways.c. Several threads, by way of the reader.
 */
#include "conformance-tests/unit/edifact_tests.h"

#include <limits.h>
#include <stdatomic.h>

/* Fails the allocation number `left`, from 0, or that one and all behind it; any thread may ask. */
typedef struct scarce {
    dgm_mem mem;
    atomic_long left, asked;
    atomic_llong live;
    bool for_good;
} scarce;

static void *scarce_grow(void *ctx, void *at, size_t old_bytes, size_t new_bytes)
{
    scarce *s = ctx;
    if (new_bytes) {
        atomic_fetch_add(&s->asked, 1);
        long left = atomic_fetch_sub(&s->left, 1);
        if (left == 0 || (left < 0 && s->for_good)) return NULL;
    }
    void *grown = s->mem.grow(s->mem.ctx, at, old_bytes, new_bytes);
    if (grown || !new_bytes) atomic_fetch_add(&s->live, (long long)new_bytes - (long long)old_bytes);
    return grown;
}

/* Two groups, types by turns, references that come again, and messages with something to be told: the reader reads these itself. */
static dgm_slice make_input(size_t *messages)
{
    static const char *const types[] = { "CUSDEC:D:96B:UN", "CUSDEC:D:01B:UN", "QQQQQQ:D:96B:UN", "CUSCAR:D:95B:UN" };
    enum { ROOM = 1200000, EACH = 9000 };
    char *at = malloc(ROOM);
    if (!at) abort();
    size_t len = (size_t)snprintf(at, ROOM, "UNB+UNOC:3+A+B+260101:1200+1'UNG+CUSDEC+A+B+260101:1200+7+UN+D:96B'"), n = 0;
    for (; len < ROOM - 2 * EACH; n++) {
        size_t begun = len, segments = 4;
        if (n == 70) len += (size_t)snprintf(at + len, ROOM - len, "UNE+70+7'UNG+CUSDEC+A+B+260101:1200+8+UN+D:96B'");
        len += (size_t)snprintf(at + len, ROOM - len, "UNH+%zu+%s'BGM+929+X%zu+%s'", n % 90, types[n % 16 ? 0 : n / 16 % 4], n,
                                n % 10 ? "9" : "QQQQ");
        for (; len - begun < EACH; segments++) len += (size_t)snprintf(at + len, ROOM - len, "RFF+ABE:%zu?+\xE9'", segments % 900);
        len += (size_t)snprintf(at + len, ROOM - len, "UNS+D'UNS+S'UNT+%zu+%zu'", segments + 1, n % 90);
    }
    len += (size_t)snprintf(at + len, ROOM - len, "UNE+%zu+8'UNZ+2+1'", n - 70);
    *messages = n;
    return (dgm_slice){ at, len };
}

/* DGM_END, or what went wrong; the number of messages that came, and of errors that were told. */
static dgm_status read_all(scarce *s, dgm_slice input, uint32_t threads, size_t *messages, size_t *errors)
{
    const dgm_codec *k = &dgm_codec_edifact;
    const dgm_mem mem = { .grow = scarce_grow, .ctx = s };
    const dgm_setting setting = { DGM_LITERAL("level"), DGM_LITERAL("codes") };
    dgm_diags *diags = NULL;
    dgm_reader *r = NULL;
    dgm_message m;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &diags), DGM_OK);
    dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, NULL, 0);
    host.threads = threads;
    *messages = 0;
    dgm_status st = k->open_whole(&host, &setting, 1, input, &r);
    while (st == DGM_OK) {
        st = k->next(r, &m);
        if (st != DGM_OK) break;
        ++*messages;
        if (*messages % 3)
            k->recycle(r, &m);
        else
            dgm_tree_free(m.tree);
    }
    *errors = dgm_diags_errors(diags);
    k->close(r);
    dgm_diags_free(diags);
    CU_ASSERT_EQUAL(atomic_load(&s->live), 0);
    return st;
}

/* Later allocations are much like those before: some of them are tried, or each, when the program is given any argument. */
static bool each;

static void memory_runs_out(void)
{
    size_t made, wanted, came, errors, told;
    dgm_slice input = make_input(&made);
    scarce s = { .mem = dgm_mem_default() };
    atomic_store(&s.left, LONG_MAX);
    CU_ASSERT_EQUAL(read_all(&s, input, 0, &wanted, &errors), DGM_END);
    CU_ASSERT_EQUAL(wanted, made);
    CU_ASSERT(input.len > 1024 * 1024 && errors > made / 10);
    for (uint32_t threads = each ? 2 : 3; threads <= 4; threads += 2) {
        long failed = 0, tried = 0;
        atomic_store(&s.asked, 0);
        atomic_store(&s.left, LONG_MAX);
        CU_ASSERT_EQUAL(read_all(&s, input, threads, &came, &told), DGM_END);
        CU_ASSERT(came == wanted && told == errors);
        const long asked = atomic_load(&s.asked);
        CU_ASSERT(asked > 100);
        for (long i = 0; i < asked + 8; i += each || i < 150 ? 1 : 23, tried++) {
            s.for_good = tried % 2;
            atomic_store(&s.left, i);
            dgm_status st = read_all(&s, input, threads, &came, &told);
            CU_ASSERT(st == DGM_NOMEM || st == DGM_END);
            CU_ASSERT(st != DGM_END || (came == wanted && told == errors));
            failed += st == DGM_NOMEM;
        }
        CU_ASSERT(failed > tried / 2);
        printf("%u threads: %ld of %ld allocations tried, %ld of these ended it\n", threads, tried, asked, failed);
    }
    free((void *)(uintptr_t)input.at);
}

int main(int argc, char **argv)
{
    (void)argv;
    each = argc > 1;
    static const test_case cases[] = { { "memory runs out", memory_runs_out }, { 0 } };
    return test_main("edifact crew", cases);
}
