/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_chunks.c - any bytes as an interchange, with any settings of the reader: what is told and given must not depend on how the
 * input is cut. Each record, message, node and offset of the whole input is compared with those of the same input in chunks. The
 * first byte chooses the settings, the second the size of the chunks. Readers are kept, one for each way to set it; now and then
 * the whole input is read by a new one, over the bytes where they lie. One thread.
 */
#include "base/buffer.h"
#include "conformance-tests/support/fuzz_kit.h"

#include <inttypes.h>

enum { INPUT_MAX = 1 << 16, WAYS = 128, FRESH_EVERY = 128 };

/* Everything that one way of reading says: what it is about, two numbers, and for texts their bytes in order. */
typedef struct item {
    const char *what;
    uint64_t a, b;
} item;
typedef struct record {
    item *items;
    size_t count, room;
    dgm_buffer bytes;
} record;

static void say(record *r, const char *what, uint64_t a, uint64_t b)
{
    if (r->count == r->room) {
        r->room = r->room ? 2 * r->room : 4096;
        r->items = realloc(r->items, r->room * sizeof *r->items);
        fuzz_must(r->items != NULL, "memory");
    }
    r->items[r->count++] = (item){ what, a, b };
}

static void say_slice(record *r, const char *what, dgm_slice s)
{
    say(r, what, s.len, 0);
    fuzz_must(dgm_buffer_append(&r->bytes, s) == DGM_OK, "memory");
}

static void say_position(record *r, const dgm_position *p)
{
    say(r, "position", (uint64_t)p->interchange << 32 | p->group, (uint64_t)p->message << 32 | p->segment);
    say(r, "element", (uint64_t)p->element << 32 | p->component, p->repetition);
}

static void say_tree(record *r, const dgm_tree *t)
{
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
    say_position(r, &m->position);
    say(r, "errors", m->errors, m->format != NULL);
    say_slice(r, "type", m->type);
    say_slice(r, "reference", m->reference);
    say_slice(r, "sender", m->sender);
    say_slice(r, "recipient", m->recipient);
    say_slice(r, "interchange", m->interchange_reference);
    if (m->tree) say_tree(r, m->tree);
}

static void say_envelope(void *ctx, const dgm_envelope *e)
{
    record *r = *(record **)ctx;
    say(r, e->group ? "group" : "envelope", e->at_byte, e->bytes);
    for (size_t i = 0; i < e->count; i++) {
        say(r, "at", e->values[i].element, e->values[i].component);
        say_slice(r, "is", e->values[i].text);
    }
}

static void say_diag(record *r, const dgm_diag *d)
{
    say(r, "diagnostic", d->code, d->severity);
    say(r, "place", d->at_byte, d->bytes);
    say_position(r, &d->position);
    say_slice(r, "of", d->reference);
    say_slice(r, "path", d->path);
    say_slice(r, "excerpt", d->excerpt);
    for (uint32_t i = 0; i < d->argument_count; i++) {
        say(r, "argument", d->arguments[i].kind, (uint64_t)d->arguments[i].number);
        say_slice(r, "text", d->arguments[i].text);
    }
}

/* Where the readers' envelopes are told to. */
static record *listening;

static void read_in(record *out, fuzz_edi *r, const fuzz_edi_setup *s, dgm_slice input, size_t chunk)
{
    dgm_message m;
    out->count = out->bytes.len = 0;
    listening = out;
    fuzz_edi_begin(r, s, input, chunk);
    while (fuzz_edi_next(r, &m)) {
        say_message(out, &m);
        dgm_codec_edifact.recycle(r->reader, &m);
    }
    for (size_t i = 0; i < dgm_diags_count(r->diags); i++) say_diag(out, dgm_diags_at(r->diags, i));
}

/* What a record says around an item, the texts left out. */
static void show(const char *which, size_t chunk, const record *r, size_t at)
{
    fprintf(stderr, "%s (%zu):\n", which, chunk);
    for (size_t i = at > 10 ? at - 10 : 0; i < at + 10 && i < r->count; i++)
        fprintf(stderr, "%s %s %" PRIu64 " %" PRIu64 "\n", i == at ? ">" : " ", r->items[i].what, r->items[i].a, r->items[i].b);
}

/* Tells where two records part. */
static void same(const record *x, const record *y, size_t chunk)
{
    size_t i = 0;
    while (i < x->count && i < y->count && strcmp(x->items[i].what, y->items[i].what) == 0 && x->items[i].a == y->items[i].a &&
           x->items[i].b == y->items[i].b)
        i++;
    if (i == x->count && i == y->count && dgm_slice_equal(dgm_buffer_slice(&x->bytes), dgm_buffer_slice(&y->bytes))) return;
    show("whole", 0, x, i);
    show("in chunks", chunk, y, i);
    fuzz_must(false, "the same whole and in chunks");
}

static fuzz_edi_setup setup_of(unsigned way, dgm_setting settings[8])
{
    static const char *const levels[] = { "syntax", "directory", "advice", "codes" };
    static const char *const sets[] = { "", "windows-1252", "Shift_JIS", "IBM500" };
    size_t n = 0;
#define SET(name, value) settings[n++] = (dgm_setting){ DGM_LITERAL(name), dgm_slice_of(value) }
    SET("level", levels[way & 3]);
    if (way & 4) SET("line-breaks", "drop");
    if (way & 8) SET("format", "D.96B");
    if (way >> 4 & 3) SET("charset", sets[way >> 4 & 3]);
    if (way & 64) SET("junk", "error");
    if (way & 64) SET("blanks", "error");
    if (way & 64) SET("trailing", "warning");
#undef SET
    return (fuzz_edi_setup){ .settings = settings, .count = n, .envelope = say_envelope, .envelope_ctx = &listening };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_edi kept[WAYS], fresh;
    static record whole, pieces;
    dgm_setting settings[8];
    if (size < 2 || size > INPUT_MAX) return 0;
    if (!whole.room) dgm_buffer_init(&whole.bytes, NULL);
    if (!whole.room) dgm_buffer_init(&pieces.bytes, NULL);
    const fuzz_edi_setup s = setup_of(data[0] % WAYS, settings);
    fuzz_edi *r = &kept[data[0] % WAYS];
    dgm_slice input = { (const char *)data + 2, size - 2 };
    size_t chunk = data[1] & 1 ? 1 + data[1] % 13u : 1 + (size_t)data[1] * 3u;
    bool anew = fuzz_choice(data, size) % FRESH_EVERY == 0;
    read_in(&whole, anew ? &fresh : r, &s, input, anew ? 0 : size);
    if (anew) fuzz_edi_close(&fresh); /* its input goes */
    read_in(&pieces, r, &s, input, chunk);
    same(&whole, &pieces, chunk);
    if (fuzz_tired()) {
        for (int i = 0; i < WAYS; i++) fuzz_edi_close(&kept[i]);
        fuzz_must(fuzz_live == 0, "all memory is given back");
    }
    return 0;
}
