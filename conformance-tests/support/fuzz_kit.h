/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_kit.h - what fuzz targets share: a check that says what broke, memory that counts what is not given back, and EDIFACT
 * readers that are kept from run to run and reset, as a program that reads many interchanges keeps them. Opening a reader costs
 * many times what reading a small interchange does. One thread.
 */
#ifndef DGM_FUZZ_KIT_H
#define DGM_FUZZ_KIT_H

#include "base/buffer.h"
#include "base/diag.h"
#include "codecs/codecs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "must hold: %s\n", what);
    abort();
}

/* ---- memory: each block stands by itself, so that a sanitizer sees its ends ---- */

enum { FUZZ_LIVE_MAX = 1 << 30, FUZZ_RUNS_MAX = 1000000 };
static long long fuzz_live; /* bytes that were not given back */

static inline void *fuzz_grow(void *ctx, void *at, size_t old_bytes, size_t new_bytes)
{
    (void)ctx;
    if (new_bytes == 0) {
        fuzz_live -= (long long)old_bytes;
        free(at);
        return NULL;
    }
    void *out = realloc(at, new_bytes);
    fuzz_must(out != NULL, "memory");
    fuzz_live += (long long)new_bytes - (long long)(at ? old_bytes : 0);
    return out;
}

static inline const dgm_mem *fuzz_memory(void)
{
    static const dgm_mem mem = { fuzz_grow, NULL };
    return &mem;
}

/* Is it time to begin anew with everything that is kept? Readers learn kinds of message, and what they learnt must be given back.
 */
static inline bool fuzz_tired(void)
{
    static unsigned runs;
    if (++runs < FUZZ_RUNS_MAX && fuzz_live < FUZZ_LIVE_MAX) return false;
    runs = 0;
    return true;
}

/* A small number that an input chooses by its bytes, so that the same input is always treated alike. */
static inline uint32_t fuzz_choice(const uint8_t *data, size_t size)
{
    uint32_t h = 2166136261u ^ (uint32_t)size;
    for (size_t i = 0; i < size; i += 1 + size / 16) h = (h ^ data[i]) * 16777619u;
    return h ^ h >> 15;
}

/* ---- diagnostics ---- */

static inline bool fuzz_same_diag(const dgm_diag *a, const dgm_diag *b)
{
    const dgm_position *p = &a->position, *q = &b->position;
    bool same = a->code == b->code && a->severity == b->severity && a->at_byte == b->at_byte && a->bytes == b->bytes &&
                a->node == b->node && a->argument_count == b->argument_count && a->excerpt_at == b->excerpt_at;
    same = same && p->interchange == q->interchange && p->group == q->group && p->message == q->message &&
           p->segment == q->segment && p->element == q->element && p->component == q->component && p->repetition == q->repetition;
    same = same && dgm_slice_equal(a->reference, b->reference) && dgm_slice_equal(a->path, b->path) &&
           dgm_slice_equal(a->excerpt, b->excerpt);
    for (uint32_t i = 0; same && i < a->argument_count; i++) {
        const dgm_argument *x = &a->arguments[i], *y = &b->arguments[i];
        same = x->kind == y->kind && x->number == y->number && dgm_slice_equal(x->text, y->text);
    }
    return same;
}

static inline void fuzz_print_diag(const char *which, const dgm_diag *d)
{
    const dgm_diag_style style = { .form = DGM_DIAG_JSON };
    fprintf(stderr, "%s: ", which);
    if (d) (void)dgm_diag_print(d, &style, dgm_sink_descriptor(2));
    fputc('\n', stderr);
}

/* What was written must be right: shows what is said of it, if anything is, and the text. */
static inline void fuzz_no_errors(const dgm_diags *diags, dgm_slice text, const char *what)
{
    if (dgm_diags_errors(diags) == 0) return;
    for (size_t i = 0; i < dgm_diags_count(diags); i++) fuzz_print_diag("said", dgm_diags_at(diags, i));
    fprintf(stderr, "written: %.*s\n", (int)text.len, text.at);
    fuzz_must(false, what);
}

static inline void fuzz_same_diags(const dgm_diags *a, const dgm_diags *b)
{
    size_t n = dgm_diags_count(a), m = dgm_diags_count(b);
    for (size_t i = 0; i < n || i < m; i++) {
        const dgm_diag *x = dgm_diags_at(a, i), *y = dgm_diags_at(b, i);
        if (x && y && fuzz_same_diag(x, y)) continue;
        fuzz_print_diag("whole", x);
        fuzz_print_diag("in pieces", y);
        fuzz_must(false, "the same diagnostics");
    }
    fuzz_must(dgm_diags_errors(a) == dgm_diags_errors(b), "as many errors");
}

/* ---- EDIFACT formats and readers that are kept ---- */

/* Some messages as loaded formats, so that a new reader knows them; all others are made from the directories. */
enum { FUZZ_FORMATS = 6 };
static inline const dgm_format *const *fuzz_formats(void)
{
#define RELEASE                                                                                                                    \
    {                                                                                                                              \
        { "release", 7 },                                                                                                          \
        {                                                                                                                          \
            "96B", 3                                                                                                               \
        }                                                                                                                          \
    }
    static const dgm_setting settings[FUZZ_FORMATS][2] = {
        { { { "message", 7 }, { "CUSDEC", 6 } }, RELEASE }, { { { "message", 7 }, { "ORDERS", 6 } }, RELEASE },
        { { { "message", 7 }, { "CUSCAR", 6 } }, RELEASE }, { { { "message", 7 }, { "CUSRES", 6 } }, RELEASE },
        { { { "message", 7 }, { "INVOIC", 6 } }, RELEASE }, { { { "message", 7 }, { "APERAK", 6 } }, RELEASE },
    };
#undef RELEASE
    static dgm_format format[FUZZ_FORMATS];
    static const dgm_format *all[FUZZ_FORMATS];
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, NULL, 0);
    for (size_t i = 0; i < FUZZ_FORMATS && !all[i]; i++) {
        dgm_shape *shape;
        format[i] =
            (dgm_format){ .name = settings[i][0].value, .codec = { "edifact", 7 }, .settings = settings[i], .setting_count = 2 };
        fuzz_must(dgm_codec_edifact.shape(&host, &format[i], &shape) == DGM_OK, "a format has a shape");
        format[i].shape = shape;
        all[i] = &format[i];
    }
    return all;
}

typedef struct fuzz_edi {
    dgm_reader *reader;
    dgm_diags *diags;
    bool whole;
    /* of the input being read */
    dgm_slice input;
    size_t fed, chunk;
} fuzz_edi;

typedef struct fuzz_edi_setup {
    const dgm_setting *settings;
    size_t count;
    const void *const *guides;
    size_t guide_count;
    void (*envelope)(void *ctx, const dgm_envelope *e);
    void *envelope_ctx;
} fuzz_edi_setup;

static inline void fuzz_edi_close(fuzz_edi *r)
{
    dgm_codec_edifact.close(r->reader);
    dgm_diags_free(r->diags);
    *r = (fuzz_edi){ 0 };
}

/* Makes it ready for an input. chunk 0: the bytes stay where they are and a reader is opened for them; else the one of the input
 * before is reset (or opened, the first time) and gets its bytes in pieces. */
static inline void fuzz_edi_begin(fuzz_edi *r, const fuzz_edi_setup *s, dgm_slice input, size_t chunk)
{
    const dgm_codec *k = &dgm_codec_edifact;
    if (r->reader && (r->whole || chunk == 0)) {
        k->close(r->reader);
        r->reader = NULL;
    }
    if (r->diags)
        dgm_diags_clear(r->diags);
    else
        fuzz_must(dgm_diags_new(fuzz_memory(), 1000, &r->diags) == DGM_OK, "memory");
    r->input = input;
    r->fed = 0;
    r->chunk = chunk;
    r->whole = chunk == 0;
    if (r->reader) {
        k->reset(r->reader);
        return;
    }
    dgm_host host = dgm_host_make(fuzz_memory(), NULL, r->diags, NULL, fuzz_formats(), FUZZ_FORMATS);
    host.limits.kinds_bytes_max = 256u << 20; /* what was learnt once shall do: mutations name very many */
    host.guides = s->guides;
    host.guide_count = s->guide_count;
    host.envelope = s->envelope;
    host.envelope_ctx = s->envelope_ctx;
    dgm_status st =
        chunk ? k->open(&host, s->settings, s->count, &r->reader) : k->open_whole(&host, s->settings, s->count, input, &r->reader);
    fuzz_must(st == DGM_OK, "a reader opens");
}

/* The next message; false: the input is over. */
static inline bool fuzz_edi_next(fuzz_edi *r, dgm_message *m)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_status st;
    while ((st = k->next(r->reader, m)) == DGM_MORE) {
        fuzz_must(!r->whole, "what is there as a whole needs no more");
        size_t n = r->input.len - r->fed < r->chunk ? r->input.len - r->fed : r->chunk;
        dgm_slice piece = dgm_slice_part(r->input, r->fed, r->fed + n);
        fuzz_must(k->feed(r->reader, piece, r->fed + n == r->input.len) == DGM_OK, "a chunk is taken");
        r->fed += n;
    }
    fuzz_must(st == DGM_OK || st == DGM_END, "reading ends with DGM_END");
    if (st == DGM_END) return false;
    fuzz_must(m->errors > 0 || m->tree, "a message without errors has a tree");
    fuzz_must(!m->tree || dgm_tree_sound(m->tree), "a tree is sound");
    return true;
}

#endif
