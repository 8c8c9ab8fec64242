/* SPDX-License-Identifier: Apache-2.0
 *
 * parts_more.c - the parts of the kit about what a codec uses and gives back: memory that fails, writing, limits, threads, leaks.
 * In a process of their own; one thread, but where threads are tried.
 */
#include "kit.h"

#include "base/diag.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { TRIES_MAX = 1500, ROUNDS = 24, WINDOWS = 8, LEAK_A_READING = 8, THREADS = 4, BASE_BYTES = 16 << 20, BYTES_A_BYTE = 96 };

/* ---- allocations ---- */

/* Reads a sample and writes what can be written: the status that ended it, and a sum of all. */
static dgm_status go_through(kit *k, dgm_slice input, kit_mem *mem, uint64_t *sum)
{
    kit_source s = { .mem = *mem };
    const kit_way way = { 0 };
    kit_feed f = { .rest = input };
    dgm_message m;
    *sum = 0;
    dgm_status st = kit_source_open(k, NULL, &way, input, &s);
    while (st == DGM_OK && (st = kit_source_next(&s, &f, &m)) == DGM_OK) {
        *sum = *sum * 31 + (m.tree ? m.tree->node_count : 7) + m.errors;
        if (m.tree && !m.errors && !s.mem.failed) {
            kit_bytes out = { 0 };
            dgm_status written = kit_write(k, &s.mem, m.format, m.tree, s.diags, &out);
            for (size_t i = 0; written == DGM_OK && i < out.len; i++) *sum = *sum * 31 + (unsigned char)out.at[i];
            free(out.at);
            if (written == DGM_NOMEM) st = written;
        }
        k->codec->recycle(s.reader, &m);
    }
    kit_source_close(&s);
    *mem = s.mem;
    return st;
}

void kit_part_allocations(kit *k)
{
    long all = 0;
    for (size_t i = 0; i < k->sample_count; i++) {
        const dgm_slice bytes = k->samples[i].bytes;
        kit_mem mem = { .fail_at = -1 };
        uint64_t wanted, sum;
        kit_step(k, i, "none fails");
        dgm_status good = go_through(k, bytes, &mem, &wanted);
        const long count = mem.asked, step = 1 + count / TRIES_MAX;
        size_t wrong = 0;
        for (long n = 0; n < count && wrong < 2; n += step, all++) {
            mem = (kit_mem){ .fail_at = n };
            kit_step(k, i, "allocation %ld of %ld fails", n + 1, count);
            dgm_status st = go_through(k, bytes, &mem, &sum);
            bool same = st == good && sum == wanted;
            if (mem.failed && st != DGM_NOMEM && !same) {
                kit_found(k, "the codec says \"%s\" and gives something else, but not that memory is short", dgm_status_text(st));
                wrong++;
            }
            if (mem.live) kit_found(k, "leak: %lld bytes of the host's memory are not given back then", mem.live), wrong++;
        }
    }
    kit_note(k, "%ld tried", all);
}

/* ---- round trip ---- */

typedef struct trip {
    kit *k;
    size_t sample, messages, refused;
} trip;

/* What was written is read again: one message, the same; and written again it is the same bytes. */
static void back(trip *t, const dgm_message *m, const kit_bytes *first)
{
    kit *k = t->k;
    const dgm_slice bytes = { first->at, first->len };
    const kit_way way = { .whole = true };
    kit_source s = { .mem = { .fail_at = -1 } };
    kit_feed f = { .rest = bytes, .way = way };
    dgm_message again = { 0 };
    char differs[320];
    dgm_status st = kit_source_open(k, NULL, &way, bytes, &s);
    if (st == DGM_OK) st = kit_source_next(&s, &f, &again);
    if (st != DGM_OK || !again.tree) {
        kit_found(k, "what was written cannot be read again: %s", dgm_status_text(st));
    } else {
        if (again.errors) kit_found(k, "what was written has %zu errors when it is read again", again.errors);
        kit_difference(m->tree, again.tree, differs, sizeof differs);
        if (*differs) kit_found(k, "a value does not survive: %s", differs);
        kit_bytes second = { 0 };
        kit_mem mem = { .fail_at = -1 };
        dgm_status written = kit_write(k, &mem, again.format, again.tree, s.diags, &second);
        if (!*differs && (written != DGM_OK || second.len != first->len || memcmp(second.at, first->at, first->len) != 0))
            kit_found(k, "written a second time it is other bytes");
        free(second.at);
    }
    if (st == DGM_OK) k->codec->recycle(s.reader, &again);
    if (st == DGM_OK && kit_source_next(&s, &f, &again) == DGM_OK) {
        kit_found(k, "one message was written, and a second one is read again");
        k->codec->recycle(s.reader, &again);
    }
    kit_source_close(&s);
}

static void there(trip *t, const dgm_message *m)
{
    kit *k = t->k;
    kit_mem mem = { .fail_at = -1 };
    kit_bytes out = { 0 };
    dgm_diags *diags = NULL;
    if (dgm_diags_new(NULL, 0, &diags) != DGM_OK) kit_no_memory();
    kit_step(k, t->sample, "message %zu is written", t->messages + 1);
    dgm_status st = kit_write(k, &mem, m->format, m->tree, diags, &out);
    t->messages++;
    if (mem.live) kit_found(k, "leak: %lld bytes of the host's memory are not given back by the writer", mem.live);
    if (st == DGM_OK && !out.len)
        kit_found(k, "it is said to be written, and nothing came out");
    else if (st == DGM_OK)
        back(t, m, &out);
    else if (dgm_diags_count(diags))
        t->refused++;
    else
        kit_found(k, "it is not written (%s), and nothing is told", dgm_status_text(st));
    dgm_diags_free(diags);
    free(out.at);
}

void kit_part_round_trip(kit *k)
{
    trip t = { .k = k };
    for (t.sample = 0; t.sample < k->sample_count; t.sample++) {
        const dgm_slice input = k->samples[t.sample].bytes;
        const kit_way way = { .whole = true };
        kit_source s = { .mem = { .fail_at = -1 } };
        kit_feed f = { .rest = input, .way = way };
        dgm_message m;
        kit_step(k, t.sample, "read");
        dgm_status st = kit_source_open(k, NULL, &way, input, &s);
        while (st == DGM_OK && (st = kit_source_next(&s, &f, &m)) == DGM_OK) {
            if (m.tree && !m.errors) there(&t, &m);
            k->codec->recycle(s.reader, &m);
        }
        kit_source_close(&s);
    }
    if (t.messages && t.refused == t.messages) kit_found(k, "not one message of the samples can be written");
    kit_note(k, "%zu message%s, %zu refused with a diagnostic", t.messages, t.messages == 1 ? "" : "s", t.refused);
}

/* ---- limits ---- */

enum { LIMITS = 8 };

static const char *set_limit(dgm_limits *l, size_t which, uint32_t to)
{
    switch (which) {
    case 0: return l->message_bytes_max = to, "message-bytes";
    case 1: return l->segment_bytes_max = to, "segment-bytes";
    case 2: return l->nodes_max = to, "nodes";
    case 3: return l->depth_max = to, "depth";
    case 4: return l->attributes_max = to, "attributes";
    case 5: return l->name_bytes_max = to, "name-bytes";
    case 6: return l->kinds_bytes_max = to, "kinds-bytes";
    default: return l->diagnostics_max = to, "diagnostics";
    }
}

/* Trees beyond the limit that were given out, and a message that should have been told of. */
static bool holds(kit *k, const kit_reading *r, const kit_reading *whole, size_t which, uint32_t limit)
{
    for (size_t i = 0; i < r->trees; i++) {
        if (which == 2 && r->list[i].nodes > limit) return kit_found(k, "a tree of %u nodes was made", r->list[i].nodes), false;
        if (which == 0 && r->list[i].bytes > limit && !r->told)
            return kit_found(k, "a message of %llu bytes was made", (unsigned long long)r->list[i].bytes), false;
    }
    bool told = r->status != DGM_END || (r->told && r->told_sum != whole->told_sum) || (which == 7 && whole->told);
    if (r->sum != whole->sum && !told) return kit_found(k, "another reading comes of it, and nothing is told of the limit"), false;
    return true;
}

void kit_part_limits(kit *k)
{
    for (size_t i = 0; i < k->sample_count; i++) {
        kit_reading whole;
        kit_reference(k, i, &whole);
        for (size_t which = 0; which < LIMITS; which++) {
            bool good = true;
            for (uint32_t to = 1; good && to <= 1u << 20; to = to < 16 ? to + 1 : to * 2) {
                dgm_limits limits = { 0 };
                kit_reading r;
                const char *name = set_limit(&limits, which, to);
                kit_step(k, i, "%s at most %u", name, to);
                kit_read(k, k->samples[i].bytes, (kit_way){ .whole = to % 2 == 0 }, &limits, &r);
                bool same = r.sum == whole.sum;
                good = !kit_plainly_wrong(k, &r) && holds(k, &r, &whole, which, to);
                kit_reading_free(&r);
                if (same && to > 64) break;
            }
        }
        kit_reading_free(&whole);
    }
}

/* ---- threads ---- */

typedef struct runner {
    kit *k;
    const kit_reading *wanted;
    size_t from, wrong; /* sample it begins with; one that was read otherwise, + 1 */
} runner;

static void *run(void *ctx)
{
    runner *r = ctx;
    const kit *k = r->k;
    for (size_t n = 0; n < 4 * k->sample_count; n++) {
        size_t i = (r->from + n) % k->sample_count;
        kit_reading got;
        kit_read(r->k, k->samples[i].bytes, (kit_way){ .whole = n % 2 != 0, .each = 61 }, NULL, &got);
        if (got.sum != r->wanted[i].sum || got.left) r->wrong = i + 1;
        kit_reading_free(&got);
    }
    return NULL;
}

void kit_part_threads(kit *k)
{
    kit_reading *wanted = calloc(k->sample_count + 1, sizeof *wanted);
    pthread_t threads[THREADS];
    runner runners[THREADS];
    size_t begun = 0;
    if (!wanted) kit_no_memory();
    for (size_t i = 0; i < k->sample_count; i++) kit_reference(k, i, &wanted[i]);
    kit_step(k, 0, "%d readers at once", THREADS);
    for (; begun < THREADS; begun++) {
        runners[begun] = (runner){ .k = k, .wanted = wanted, .from = begun };
        if (pthread_create(&threads[begun], NULL, run, &runners[begun]) != 0) break;
    }
    for (size_t n = 0; n < begun; n++) (void)pthread_join(threads[n], NULL);
    for (size_t n = 0; n < begun; n++) {
        if (!runners[n].wrong) continue;
        kit_step(k, runners[n].wrong - 1, "%d readers at once", THREADS);
        kit_found(k, "it is read otherwise than by one reader alone");
    }
    for (size_t i = 0; i < k->sample_count; i++) kit_reading_free(&wanted[i]);
    free(wanted);
}

/* ---- memory ---- */

/* One reader for many inputs: each as the first, and no more memory from round to round. */
static void again_and_again(kit *k, size_t sample)
{
    const dgm_slice bytes = k->samples[sample].bytes;
    const kit_way way = { .each = bytes.len / 2 + 1 };
    kit_source s = { .mem = { .fail_at = -1 } };
    long long early = 0;
    uint64_t first = 0;
    if (kit_source_open(k, NULL, &way, bytes, &s) == DGM_OK) {
        for (int round = 0; round < ROUNDS; round++) {
            kit_reading r = { 0 };
            kit_step(k, sample, "round %d of one reader, reset in between", round + 1);
            kit_read_on(&s, bytes, way, &r);
            if (round == 0) first = r.sum;
            bool other = r.sum != first;
            kit_reading_free(&r);
            if (other) {
                kit_found(k, "after reset() the same input is read otherwise");
                break;
            }
            k->codec->reset(s.reader);
            dgm_diags_clear(s.diags);
            if (round == ROUNDS / 2) early = s.mem.live;
        }
        if (early && s.mem.live > early)
            kit_found(k, "the host's memory grows from input to input: %lld bytes, and %lld after %d more", early, s.mem.live,
                      ROUNDS / 2);
    }
    kit_source_close(&s);
    if (s.mem.live) kit_found(k, "leak: %lld bytes of the host's memory are not given back", s.mem.live);
}

/* Memory that is not the host's: what the C library has given out must not grow for good. It keeps some of what it is given back,
 * so the first rounds say nothing, and one window that grows is no proof: all must. */
static void behind_the_host(kit *k, size_t sample)
{
    const dgm_slice bytes = k->samples[sample].bytes;
    size_t marks[WINDOWS + 1] = { 0 }, least = SIZE_MAX;
    for (size_t round = 0; round < (WINDOWS + 1) * ROUNDS; round++) {
        kit_reading r;
        kit_step(k, sample, "reading %zu", round + 1);
        kit_read(k, bytes, (kit_way){ 0 }, NULL, &r);
        kit_reading_free(&r);
        if ((round + 1) % ROUNDS == 0) marks[round / ROUNDS] = mallinfo2().uordblks;
    }
    for (size_t i = 0; i < WINDOWS; i++) {
        size_t grown = marks[i + 1] > marks[i] ? marks[i + 1] - marks[i] : 0;
        if (grown < least) least = grown;
    }
    if (least >= LEAK_A_READING * ROUNDS)
        kit_found(k, "leak: at least %zu bytes that are not the host's stay behind in every %d readings", least, (int)ROUNDS);
}

void kit_part_memory(kit *k)
{
    long long peak = 0;
    for (size_t i = 0; i < k->sample_count; i++) {
        kit_reading r;
        kit_reference(k, i, &r);
        long long most = BASE_BYTES + (long long)BYTES_A_BYTE * (long long)k->samples[i].bytes.len;
        if (r.peak > most)
            kit_found(k, "it takes %lld bytes of memory for an input of %zu; at most %lld may be", r.peak, k->samples[i].bytes.len,
                      most);
        if (r.peak > peak) peak = r.peak;
        kit_reading_free(&r);
        again_and_again(k, i);
        behind_the_host(k, i);
    }
    kit_note(k, "%lld KiB at most", peak / 1024);
}
