/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_chunks.c - any bytes as an interchange, with any settings of the reader: what is told and given must not depend on how the
 * input is cut. Each record, message, node and offset of the whole input is compared with those of the same input in chunks of two
 * sizes. The first byte chooses the settings, the second the sizes. One thread.
 */
#include "base/buffer.h"
#include "base/diag.h"
#include "codecs/codec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUT_MAX = 1 << 16, DIAGS_MAX = 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "fuzz_chunks: %s\n", what);
    abort();
}

/* Everything that one way of reading says, as text. */
typedef struct record {
    dgm_buffer text;
} record;

static void say(record *r, const char *what, uint64_t a, uint64_t b)
{
    must(dgm_buffer_print(&r->text, "%s %" PRIu64 " %" PRIu64 "\n", what, a, b) == DGM_OK, "no memory");
}

static void say_slice(record *r, const char *what, dgm_slice s)
{
    say(r, what, s.len, 0);
    must(dgm_buffer_append(&r->text, s) == DGM_OK, "no memory");
}

static void say_tree(record *r, const dgm_tree *t)
{
    must(dgm_tree_sound(t), "a tree is sound");
    say(r, "tree", t->base, t->node_count);
    say(r, "side", t->decoded_count, t->unknown_count);
    for (uint32_t i = 0; i < t->node_count; i++) {
        const dgm_node *n = &t->nodes[i];
        say(r, "node", (uint64_t)n->at << 32 | n->span, (uint64_t)n->tag << 32 | n->place);
        if (dgm_node_flags(n) & DGM_DECODED) say_slice(r, "value", dgm_tree_value(t, i));
        if (dgm_node_slot(n) == DGM_SLOT_UNKNOWN) say_slice(r, "name", dgm_tree_name(t, i));
    }
    say_slice(r, "bytes", (dgm_slice){ t->bytes, t->byte_count });
}

static void say_message(record *r, const dgm_message *m)
{
    say(r, "message", m->at_byte, m->bytes);
    say(r, "position", (uint64_t)m->position.interchange << 32 | m->position.group, m->position.message);
    say(r, "errors", m->errors, m->format != NULL);
    say_slice(r, "type", m->type);
    say_slice(r, "reference", m->reference);
    say_slice(r, "sender", m->sender);
    say_slice(r, "recipient", m->recipient);
    say_slice(r, "interchange", m->interchange_reference);
    must(m->errors > 0 || m->tree, "a message without errors has a tree");
    if (m->tree) say_tree(r, m->tree);
}

static void say_envelope(void *ctx, const dgm_envelope *e)
{
    record *r = ctx;
    say(r, e->group ? "group" : "envelope", e->at_byte, e->bytes);
    for (size_t i = 0; i < e->count; i++) {
        say(r, "at", e->values[i].element, e->values[i].component);
        say_slice(r, "is", e->values[i].text);
    }
}

typedef struct setup {
    const dgm_format *const *formats;
    size_t format_count;
    dgm_setting settings[8];
    size_t count;
} setup;

static void set(setup *s, const char *name, const char *value)
{
    s->settings[s->count++] = (dgm_setting){ dgm_slice_of(name), dgm_slice_of(value) };
}

static void read_in(record *out, const setup *s, dgm_slice input, size_t chunk)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags;
    dgm_reader *reader;
    dgm_buffer_init(&out->text, &mem);
    must(dgm_diags_new(&mem, DIAGS_MAX, &diags) == DGM_OK, "no memory");
    dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, s->formats, s->format_count);
    host.envelope = say_envelope;
    host.envelope_ctx = out;
    dgm_status st =
        chunk ? k->open(&host, s->settings, s->count, &reader) : k->open_whole(&host, s->settings, s->count, input, &reader);
    must(st == DGM_OK, "a reader opens");
    for (size_t fed = 0;;) {
        dgm_message m;
        st = k->next(reader, &m);
        if (st == DGM_OK) {
            say_message(out, &m);
            k->recycle(reader, &m);
            continue;
        }
        if (st != DGM_MORE) break;
        size_t n = input.len - fed < chunk ? input.len - fed : chunk;
        must(k->feed(reader, dgm_slice_part(input, fed, fed + n), fed + n == input.len) == DGM_OK, "a chunk is taken");
        fed += n;
    }
    must(st == DGM_END, "reading ends with DGM_END");
    const dgm_diag_style json = { .form = DGM_DIAG_JSON };
    for (size_t i = 0; i < dgm_diags_count(diags); i++)
        must(dgm_diag_print(dgm_diags_at(diags, i), &json, dgm_buffer_sink(&out->text)) == DGM_OK, "a record is printed");
    k->close(reader);
    dgm_diags_free(diags);
}

/* What a record says around an offset, control characters as dots. */
static void show(const char *which, size_t chunk, dgm_slice text, size_t at)
{
    size_t from = at > 300 ? at - 300 : 0, to = text.len - from > 900 ? from + 900 : text.len;
    fprintf(stderr, "%s (%zu):\n", which, chunk);
    for (size_t i = from; i < to; i++) fputc(text.at[i] == '\n' || text.at[i] >= ' ' ? text.at[i] : '.', stderr);
    fputs("\n\n", stderr);
}

/* Tells where two records part. */
static void same(const record *a, const record *b, size_t chunk)
{
    dgm_slice x = dgm_buffer_slice(&a->text), y = dgm_buffer_slice(&b->text);
    if (dgm_slice_equal(x, y)) return;
    size_t i = 0;
    while (i < x.len && i < y.len && x.at[i] == y.at[i]) i++;
    show("whole", 0, x, i);
    show("in chunks", chunk, y, i);
    must(false, "the same whole and in chunks");
}

static const dgm_format *const *known_formats(void)
{
    static const dgm_setting of_cusdec[] = { { { "message", 7 }, { "CUSDEC", 6 } }, { { "release", 7 }, { "96B", 3 } } };
    static dgm_format cusdec = {
        .name = { "cusdec-d96b", 11 }, .codec = { "edifact", 7 }, .settings = of_cusdec, .setting_count = 2
    };
    static const dgm_format *const all[] = { &cusdec };
    dgm_shape *shape = NULL;
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, NULL, 0);
    if (!cusdec.shape) must(dgm_codec_edifact.shape(&host, &cusdec, &shape) == DGM_OK, "the format has a shape");
    if (!cusdec.shape) cusdec.shape = shape;
    return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const levels[] = { "syntax", "directory", "advice", "codes" };
    static const char *const sets[] = { "", "windows-1252", "Shift_JIS", "IBM500" };
    if (size < 2 || size > INPUT_MAX) return 0;
    setup s = { .formats = known_formats(), .format_count = 1 };
    set(&s, "level", levels[data[0] & 3]);
    if (data[0] & 4) set(&s, "line-breaks", "drop");
    if (data[0] & 8) set(&s, "format", "D.96B");
    if (data[0] >> 4 & 3) set(&s, "charset", sets[data[0] >> 4 & 3]);
    if (data[0] & 64) set(&s, "junk", "error");
    if (data[0] & 64) set(&s, "blanks", "error");
    dgm_slice input = { (const char *)data + 2, size - 2 };
    const size_t chunks[2] = { 1 + data[1] % 13u, 1 + (size_t)data[1] * 3u };
    record whole = { 0 };
    read_in(&whole, &s, input, 0);
    for (int i = 0; i < 2; i++) {
        record pieces = { 0 };
        read_in(&pieces, &s, input, chunks[i]);
        same(&whole, &pieces, chunks[i]);
        dgm_buffer_free(&pieces.text);
    }
    dgm_buffer_free(&whole.text);
    return 0;
}
