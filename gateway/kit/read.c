/* SPDX-License-Identifier: Apache-2.0
 *
 * read.c - how the kit has a codec read and write: with memory that is counted, a clock that stands, and sums of everything that
 * comes, so that two readings can be compared. One thread each.
 */
#include "kit.h"

#include "base/diag.h"

#include <stdio.h>
#include <stdlib.h>

enum { RECORDS_MAX = 20000, DIFFERS_BYTES = sizeof((kit *)0)->differs };
#define SUM_EMPTY 0xCBF29CE484222325u

/* ---- memory, clock, chance ---- */

static void *mem_grow(void *ctx, void *at, size_t old_bytes, size_t new_bytes)
{
    kit_mem *m = ctx;
    if (new_bytes == 0) {
        if (at) m->live -= (long long)old_bytes;
        free(at);
        return NULL;
    }
    if (m->asked++ == m->fail_at) {
        m->failed = true;
        return NULL;
    }
    void *made = realloc(at, new_bytes);
    if (!made) return NULL;
    m->live += (long long)new_bytes - (long long)(at ? old_bytes : 0);
    if (m->live > m->peak) m->peak = m->live;
    return made;
}

dgm_mem kit_mem_use(kit_mem *m)
{
    return (dgm_mem){ mem_grow, m };
}

static int64_t clock_stands(void *ctx)
{
    (void)ctx;
    return 1767323045000; /* 2026-01-02T03:04:05Z */
}

static dgm_status no_chance(void *ctx, void *out, size_t bytes)
{
    (void)ctx;
    for (size_t i = 0; i < bytes; i++) ((unsigned char *)out)[i] = (unsigned char)i;
    return DGM_OK;
}

static dgm_status no_sync(void *ctx, int descriptor)
{
    (void)ctx;
    (void)descriptor;
    return DGM_OK;
}

uint64_t kit_random(uint64_t *state)
{
    uint64_t x = *state += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static dgm_host host_of(kit *k, const dgm_mem *mem, const dgm_limits *limits, dgm_diags *diags)
{
    const dgm_world world = { clock_stands, no_chance, no_sync, NULL };
    dgm_host host = dgm_host_make(mem, limits, diags, &world, k->known->at, k->known->count);
    host.knowledge = (const void *const *)k->known->knowledge;
    host.knowledge_count = k->known->knowledge_count;
    return host;
}

/* ---- sums ---- */

static void add(uint64_t *sum, const void *at, size_t len)
{
    const unsigned char *c = at;
    for (size_t i = 0; i < len; i++) *sum = (*sum ^ c[i]) * 0x100000001B3u;
    *sum = (*sum ^ len) * 0x100000001B3u;
}

static void add_slice(uint64_t *sum, dgm_slice s)
{
    add(sum, s.at, s.len);
}

static void add_number(uint64_t *sum, uint64_t n)
{
    add(sum, &n, sizeof n);
}

static void add_tree(uint64_t *sum, const dgm_tree *t)
{
    dgm_view v;
    for (uint32_t i = 0; dgm_tree_view(t, i, &v); i++) {
        add_number(sum, v.kind);
        add_slice(sum, v.name);
        add_slice(sum, v.value);
        add_number(sum, v.number);
        add_number(sum, v.after);
        add_number(sum, v.at_byte);
        add_number(sum, v.bytes);
    }
}

static uint64_t diag_sum(const dgm_diag *d)
{
    uint64_t sum = SUM_EMPTY;
    add_number(&sum, d->code);
    add_number(&sum, d->severity);
    add_number(&sum, d->at_byte);
    add_number(&sum, d->position.message);
    add_number(&sum, d->position.segment);
    add_slice(&sum, d->path);
    for (uint32_t a = 0; a < d->argument_count; a++) {
        add_slice(&sum, d->arguments[a].text);
        add_number(&sum, (uint64_t)d->arguments[a].number);
    }
    return sum;
}

static void add_diags(kit_reading *r, const dgm_diags *diags)
{
    const size_t n = dgm_diags_count(diags);
    r->told_sum = SUM_EMPTY;
    free(r->diags);
    r->diags = malloc((n + 1) * sizeof *r->diags);
    if (!r->diags) kit_no_memory();
    for (size_t i = 0; i < n; i++) {
        r->diags[i] = diag_sum(dgm_diags_at(diags, i));
        add_number(&r->told_sum, r->diags[i]);
    }
    r->diags[n] = 0;
    add_number(&r->told_sum, dgm_diags_dropped(diags));
    add_number(&r->sum, r->told_sum);
}

static dgm_status into_room(void *ctx, dgm_slice bytes)
{
    char *room = ctx;
    size_t used = strlen(room), free_bytes = DIFFERS_BYTES - 1 - used;
    if (bytes.len > free_bytes) bytes.len = free_bytes;
    if (bytes.len) memcpy(room + used, bytes.at, bytes.len);
    room[used + bytes.len] = 0;
    return DGM_OK;
}

/* The first diagnostic that is not the one of the reading it is to be like. */
static void compare_told(kit *k, const kit_reading *r, const dgm_diags *diags)
{
    size_t i = 0;
    while (r->diags[i] && r->diags[i] == k->like->diags[i]) i++;
    if (!r->diags[i] && !k->like->diags[i]) return;
    const dgm_diag *d = dgm_diags_at(diags, i);
    if (!d) {
        (void)snprintf(k->differs, sizeof k->differs, "; diagnostic %zu is missing", i + 1);
        return;
    }
    int n = snprintf(k->differs, sizeof k->differs, "; told at byte %lld: ", (long long)d->at_byte);
    if (n > 0) (void)dgm_diag_sentence(d, (dgm_sink){ into_room, k->differs });
}

const char *kit_told_otherwise(kit *k, dgm_slice input, kit_way way, const kit_reading *wanted)
{
    kit_reading r;
    k->differs[0] = 0;
    k->like = wanted->diags ? wanted : NULL;
    kit_read(k, input, way, NULL, &r);
    k->like = NULL;
    kit_reading_free(&r);
    return k->differs;
}

static bool too_deep(const dgm_tree *t, uint32_t most)
{
    uint32_t ends[DGM_DEPTH_MAX + 2], depth = 0;
    for (uint32_t i = 0; i < t->node_count; i++) {
        while (depth && ends[depth - 1] <= i) depth--;
        dgm_kind kind = dgm_node_kind(&t->nodes[i]);
        if (kind != DGM_GROUP && kind != DGM_RECORD) continue; /* what a segment holds is no nesting */
        if (depth >= most || depth > DGM_DEPTH_MAX) return true;
        ends[depth++] = dgm_tree_end(t, i);
    }
    return false;
}

static void take(kit_reading *r, const dgm_message *m, const dgm_limits *limits)
{
    uint64_t sum = SUM_EMPTY;
    add_slice(&sum, m->type);
    add_slice(&sum, m->reference);
    add_slice(&sum, m->sender);
    add_slice(&sum, m->recipient);
    add_slice(&sum, m->interchange_reference);
    if (m->format) add_slice(&sum, m->format->name);
    add_number(&sum, m->at_byte);
    r->messages++;
    if (m->tree) {
        add_tree(&sum, m->tree);
        if (!dgm_tree_sound(m->tree)) r->unsound = true;
        if (limits && too_deep(m->tree, limits->depth_max)) r->deep = true;
        if (r->trees == r->list_room) {
            size_t room = r->list_room ? 2 * r->list_room : 16;
            kit_message *grown = realloc(r->list, room * sizeof *grown);
            if (!grown) kit_no_memory();
            r->list = grown;
            r->list_room = room;
        }
        r->list[r->trees++] = (kit_message){ sum, m->tree->node_count, m->bytes };
    }
    add_number(&r->sum, sum);
    add_number(&r->sum, m->bytes);
    add_number(&r->sum, m->errors);
}

void kit_reading_free(kit_reading *r)
{
    free(r->list);
    free(r->diags);
    *r = (kit_reading){ 0 };
}

/* ---- reading ---- */

dgm_status kit_source_open(kit *k, const dgm_limits *limits, const kit_way *way, dgm_slice input, kit_source *s)
{
    long fail_at = s->mem.fail_at; /* set by who wants a failure */
    *s = (kit_source){ .k = k, .mem = { .fail_at = fail_at }, .bytes = input.len };
    s->use = kit_mem_use(&s->mem);
    if (dgm_diags_new(NULL, RECORDS_MAX, &s->diags) != DGM_OK) kit_no_memory();
    s->host = host_of(k, &s->use, limits, s->diags);
    const kit_options *o = k->options;
    return way->whole ? k->codec->open_whole(&s->host, o->reader, o->reader_count, input, &s->reader)
                      : k->codec->open(&s->host, o->reader, o->reader_count, &s->reader);
}

static size_t piece(kit_feed *f)
{
    size_t n = f->way.each ? f->way.each : f->rest.len;
    if (!f->begun && f->way.first) n = f->way.first;
    if (f->way.seed) n = kit_random(&f->way.seed) % (kit_random(&f->way.seed) % 8 ? 16 : 1024);
    f->begun = true;
    return n < f->rest.len ? n : f->rest.len;
}

dgm_status kit_source_next(kit_source *s, kit_feed *f, dgm_message *m)
{
    for (;;) {
        *m = (dgm_message){ 0 };
        dgm_status st = s->k->codec->next(s->reader, m);
        if (st == DGM_OK && f->given++ > s->bytes) {
            kit_found(s->k, "it gives message after message: more than the input has bytes");
            s->k->codec->recycle(s->reader, m);
            return DGM_DEFECT;
        }
        if (st != DGM_MORE) return st;
        if (f->way.whole || f->over) return DGM_DEFECT; /* it has all there is */
        size_t n = piece(f);
        f->over = n == f->rest.len;
        st = s->k->codec->feed(s->reader, dgm_slice_part(f->rest, 0, n), f->over);
        f->rest = dgm_slice_part(f->rest, n, f->rest.len);
        if (st != DGM_OK) return st;
    }
}

void kit_source_close(kit_source *s)
{
    s->k->codec->close(s->reader);
    dgm_diags_free(s->diags);
    s->reader = NULL;
    s->diags = NULL;
}

void kit_read_on(kit_source *s, dgm_slice input, kit_way way, kit_reading *r)
{
    kit_feed f = { .rest = input, .way = way };
    dgm_message m;
    r->sum = SUM_EMPTY;
    while ((r->status = kit_source_next(s, &f, &m)) == DGM_OK) {
        take(r, &m, &s->host.limits);
        s->k->codec->recycle(s->reader, &m);
        if (m.tree) r->unsound = true; /* it was to be taken back */
        s->k->board->beat++;
    }
    r->same_end = r->status != DGM_END || kit_source_next(s, &f, &m) == DGM_END;
    r->errors = dgm_diags_errors(s->diags);
    r->told = dgm_diags_count(s->diags) + dgm_diags_dropped(s->diags);
    add_diags(r, s->diags);
    if (s->k->like) compare_told(s->k, r, s->diags);
    add_number(&r->sum, r->status);
}

void kit_read(kit *k, dgm_slice input, kit_way way, const dgm_limits *limits, kit_reading *r)
{
    kit_source s = { .mem = { .fail_at = -1 } };
    *r = (kit_reading){ 0 };
    r->status = kit_source_open(k, limits, &way, input, &s);
    if (r->status == DGM_OK) {
        kit_read_on(&s, input, way, r);
    } else {
        r->told = dgm_diags_count(s.diags);
        r->same_end = true;
    }
    kit_source_close(&s);
    r->left = s.mem.live;
    r->peak = s.mem.peak;
}

void kit_reference(kit *k, size_t sample, kit_reading *out)
{
    kit_step(k, sample, "read whole");
    kit_read(k, k->samples[sample].bytes, (kit_way){ .whole = true }, NULL, out);
}

/* ---- writing ---- */

static dgm_status sink_write(void *ctx, dgm_slice bytes)
{
    kit_bytes *b = ctx;
    if (b->room - b->len < bytes.len) {
        size_t room = 2 * (b->len + bytes.len) + 64;
        char *grown = realloc(b->at, room);
        if (!grown) return DGM_NOMEM;
        b->at = grown;
        b->room = room;
    }
    if (bytes.len) memcpy(b->at + b->len, bytes.at, bytes.len);
    b->len += bytes.len;
    return DGM_OK;
}

dgm_status kit_write(kit *k, kit_mem *mem, const dgm_format *format, const dgm_tree *t, dgm_diags *diags, kit_bytes *out)
{
    const dgm_mem use = kit_mem_use(mem);
    const dgm_host host = host_of(k, &use, NULL, diags);
    const dgm_sink sink = { sink_write, out };
    dgm_writer *w = NULL;
    dgm_status st = k->codec->writer_open(&host, format, k->options->writer, k->options->writer_count, sink, &w);
    if (st == DGM_OK) st = k->codec->write(w, t);
    if (st == DGM_OK && k->codec->flush) st = k->codec->flush(w);
    if (st == DGM_OK) st = k->codec->finish(w);
    k->codec->writer_close(w);
    return st;
}

/* ---- what differs ---- */

typedef struct walker {
    const dgm_tree *t;
    uint32_t at, depth, ends[DGM_DEPTH_MAX + 2];
} walker;

static bool of_envelope(const dgm_tree *t, uint32_t node)
{
    const dgm_slot *slot = t->shape ? dgm_shape_slot(t->shape, dgm_node_slot(&t->nodes[node])) : NULL;
    return slot && slot->envelope;
}

/* The next node that is of no envelope; false: none is left. */
static bool walk(walker *w, dgm_view *v)
{
    while (w->at < w->t->node_count && of_envelope(w->t, w->at)) w->at = dgm_tree_next(w->t, w->at);
    while (w->depth && w->ends[w->depth - 1] <= w->at) w->depth--;
    if (!dgm_tree_view(w->t, w->at, v)) return false;
    return true;
}

static void step_on(walker *w)
{
    if (!dgm_node_leaf(&w->t->nodes[w->at]) && w->depth < DGM_DEPTH_MAX) w->ends[w->depth++] = dgm_tree_end(w->t, w->at);
    w->at++;
}

static void tell(const dgm_tree *t, uint32_t node, const char *what, dgm_slice value, char *out, size_t room)
{
    char path[160];
    size_t n = dgm_tree_path(t, node, path, sizeof path);
    (void)snprintf(out, room, "%.*s: %s \"%.*s\"", (int)(n < sizeof path ? n : sizeof path), path, what,
                   (int)(value.len < 80 ? value.len : 80), value.at ? value.at : "");
}

void kit_difference(const dgm_tree *a, const dgm_tree *b, char *out, size_t room)
{
    walker x = { .t = a }, y = { .t = b };
    dgm_view v = { 0 }, w = { 0 };
    out[0] = 0;
    for (;;) {
        bool more_a = walk(&x, &v), more_b = walk(&y, &w);
        if (!more_a && !more_b) return;
        if (!more_b) {
            tell(a, x.at, "lost", v.value, out, room);
            return;
        }
        if (!more_a) {
            tell(b, y.at, "came from nowhere:", w.value, out, room);
            return;
        }
        if (v.kind != w.kind || !dgm_slice_equal(v.name, w.name) || x.depth != y.depth) {
            tell(a, x.at, "is lost or stands elsewhere:", v.value, out, room);
            return;
        }
        if (!dgm_slice_equal(v.value, w.value)) {
            char was[128];
            tell(a, x.at, "was", v.value, was, sizeof was);
            (void)snprintf(out, room, "%s, and became \"%.*s\"", was, (int)(w.value.len < 80 ? w.value.len : 80),
                           w.value.at ? w.value.at : "");
            return;
        }
        step_on(&x);
        step_on(&y);
    }
}
