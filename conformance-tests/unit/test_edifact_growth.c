/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_growth.c - inputs made to be hard, twice as long: the memory that reading them takes at most must not grow faster
 * than they do. One thread.
 */
#include "codecs/edifact/directory.h"
#include "conformance-tests/unit/edifact_tests.h"

typedef struct peak {
    dgm_mem mem;
    size_t live, most;
} peak;

static void *counting_grow(void *ctx, void *at, size_t old_bytes, size_t new_bytes)
{
    peak *p = ctx;
    void *grown = p->mem.grow(p->mem.ctx, at, old_bytes, new_bytes);
    if (!grown && new_bytes) return NULL;
    p->live = p->live - old_bytes + new_bytes;
    if (p->live > p->most) p->most = p->live;
    return grown;
}

/* A byte may be a separator: a slice of 8 bytes, 5 to find it by, and room for two nodes of 16; more while arrays grow. */
#define BYTES_A_BYTE 64u

/* What stands before, again and again, and behind; %u is the number of the repetition. */
typedef struct hard {
    const char *name, *before, *repeated, *behind;
    uint32_t times;
} hard;

#define HEAD "UNB+UNOC:3+A+B+260101:1200+1'"
#define OPEN HEAD "UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'"
#define DONE "UNT+9+1'UNZ+1+1'"

static const hard inputs[] = {
    { "releases in one value", OPEN "FTX+AAA+++", "?+??", "'" DONE, 20000 },
    { "line breaks in one value", OPEN "FTX+AAA+++X", "\r\n", "'" DONE, 20000 },
    { "empty elements", OPEN "FTX", "+", "'" DONE, 20000 },
    { "empty components", OPEN "FTX+", ":", "'" DONE, 20000 },
    { "bytes beyond the set", OPEN "FTX+AAA+++", "\x85", "'" DONE, 20000 },
    { "one segment again and again", OPEN, "LOC+22+FR'", DONE, 5000 },
    { "tags nobody knows", OPEN, "QQQ+1'", DONE, 5000 },
    { "tags that are none", OPEN, "q+1'", DONE, 5000 },
    { "segments out of place", OPEN, "CST+%u'BGM+929+X+9'", DONE, 3000 },
    { "groups without their first segment", OPEN, "COM+1:TE'CTA+IC'", DONE, 3000 },
    { "groups in groups", OPEN "UNS+D'", "CST+%u'FTX+AAA'LOC+27+FR'PAC+1++PK'PCI+28'MOA+38:1:EUR'TAX+1'", DONE, 2000 },
    { "values of the wrong kind", OPEN, "MEA+WT+AAD+KGM:X%u'", DONE, 3000 },
    { "long codes", OPEN, "LOC+2222222222222222222222+FR'", DONE, 3000 },
    { "groups of messages", HEAD, "UNG+CUSDEC+A+B+260101:1200+%u+UN+D:96B'UNE+0+%u'", "UNZ+1+1'", 3000 },
    { "messages of one reference", HEAD, "UNH+1+CUSDEC:D:96B:UN'BGM+929'UNS+D'UNS+S'UNT+5+1'", "UNZ+1+1'", 1000 },
    { "messages of references without order", HEAD, "UNH+R%uX+CUSDEC:D:96B:UN'BGM+929'UNS+D'UNS+S'UNT+5+R%uX'", "UNZ+1+1'", 1000 },
    { "messages without an end", HEAD, "UNH+%u+CUSDEC:D:96B:UN'BGM+929'", "UNZ+1+1'", 1000 },
    { "messages of no directory", HEAD, "UNH+%u+QQQQQQ:D:96B:UN'BGM+929'UNT+3+%u'", "UNZ+1+1'", 1000 },
    { "interchanges", "", HEAD "UNZ+0+1'", "", 1000 },
    { "bytes around", "", "QWERTY UNB ", "", 5000 },
};

static void make(const hard *h, uint32_t times, dgm_buffer *out)
{
    char text[512];
    CU_ASSERT_EQUAL(dgm_buffer_append(out, dgm_slice_of(h->before)), DGM_OK);
    for (uint32_t i = 0; i < times; i++) {
        size_t len = 0;
        for (const char *p = h->repeated; *p; p++) {
            if (p[0] == '%' && p[1] == 'u')
                len += (size_t)snprintf(text + len, sizeof text - len, "%u", i * 7919u % 1000003u), p++;
            else
                text[len++] = *p;
        }
        CU_ASSERT_EQUAL(dgm_buffer_append(out, (dgm_slice){ text, len }), DGM_OK);
    }
    CU_ASSERT_EQUAL(dgm_buffer_append(out, dgm_slice_of(h->behind)), DGM_OK);
}

/* The most that was in use at a time, the diagnostics' own memory left out: there is a limit to those. */
static size_t most_used(dgm_slice input, size_t chunk, uint32_t kinds_bytes)
{
    const dgm_codec *k = &dgm_codec_edifact;
    const dgm_mem plain = dgm_mem_default();
    peak counted = { .mem = plain };
    const dgm_mem mem = { .grow = counting_grow, .ctx = &counted };
    const dgm_setting setting = { DGM_LITERAL("level"), DGM_LITERAL("codes") };
    dgm_diags *diags = NULL;
    dgm_reader *r = NULL;
    dgm_message m;
    size_t fed = 0;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&plain, 1000, &diags), DGM_OK);
    const dgm_limits limits = { .kinds_bytes_max = kinds_bytes };
    dgm_host host = dgm_host_make(&mem, &limits, diags, NULL, NULL, 0);
    dgm_status st = chunk ? k->open(&host, &setting, 1, &r) : k->open_whole(&host, &setting, 1, input, &r);
    while (st == DGM_OK || st == DGM_MORE) {
        st = k->next(r, &m);
        if (st == DGM_OK) k->recycle(r, &m);
        if (st != DGM_MORE) continue;
        size_t n = input.len - fed < chunk ? input.len - fed : chunk;
        st = k->feed(r, dgm_slice_part(input, fed, fed + n), fed + n == input.len);
        fed += n;
    }
    CU_ASSERT_EQUAL(st, DGM_END);
    k->close(r);
    dgm_diags_free(diags);
    CU_ASSERT_EQUAL(counted.live, 0);
    return counted.most;
}

/* An array that is full is made twice as large: of two sizes twice apart, one may just have had to. */
static void memory_grows_with_the_input(void)
{
    const dgm_mem mem = dgm_mem_default();
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        for (size_t chunk = 0; chunk < 5000; chunk += 4096) {
            size_t used[3], len[3];
            for (uint32_t n = 0; n < 3; n++) {
                dgm_buffer input;
                dgm_buffer_init(&input, &mem);
                make(&inputs[i], inputs[i].times << n, &input);
                len[n] = input.len;
                used[n] = most_used(dgm_buffer_slice(&input), chunk, 0);
                dgm_buffer_free(&input);
            }
            bool linear = used[2] - used[0] <= 5 * used[0] && used[2] - used[0] <= BYTES_A_BYTE * (len[2] - len[0]) + 65536;
            if (!linear)
                fprintf(stderr, "%s, chunks of %zu: %zu, %zu, %zu bytes\n", inputs[i].name, chunk, used[0], used[1], used[2]);
            CU_ASSERT(linear);
        }
}

/* A message of each of some types in each directory, `rounds` times over: several hundred kinds, each of which takes half a
 * megabyte. Returns how many. */
static uint32_t every_kind(dgm_buffer *out, uint32_t rounds)
{
    static const char *const types[] = { "ORDERS", "INVOIC", "IFTMIN", "CUSRES", "PAXLST", "APERAK" };
    dgm_edi_directory d;
    uint32_t n = 0;
    dgm_buffer_print(out, "%s", HEAD);
    for (uint32_t round = 0; round < rounds; round++)
        for (size_t i = 0; dgm_edi_directory_at(i, &d); i++)
            for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
                dgm_edi_message m;
                if (!dgm_edi_message_find(&d, dgm_slice_of(types[k]), &m)) continue;
                n++;
                dgm_buffer_print(out, "UNH+%u+%s:D:%s:UN'BGM+220+A'UNT+3+%u'", n, types[k], d.name + 2, n);
            }
    dgm_buffer_print(out, "UNZ+%u+1'", n);
    return n;
}

/* All that a reader keeps of kinds, with the largest that is being made. */
#define KINDS_BYTES (8u << 20)

static void kinds_are_forgotten(void)
{
    const dgm_mem mem = dgm_mem_default();
    dgm_buffer once, twice;
    dgm_buffer_init(&once, &mem);
    dgm_buffer_init(&twice, &mem);
    CU_ASSERT(every_kind(&once, 1) > 300);
    every_kind(&twice, 2);
    for (size_t chunk = 0; chunk < 5000; chunk += 4096) {
        CU_ASSERT(most_used(dgm_buffer_slice(&once), chunk, 0) < KINDS_BYTES);
        CU_ASSERT(most_used(dgm_buffer_slice(&twice), chunk, 0) < KINDS_BYTES);
        CU_ASSERT(most_used(dgm_buffer_slice(&once), chunk, 1u << 20) < KINDS_BYTES - (3u << 20)); /* the limit can be set, */
        CU_ASSERT(most_used(dgm_buffer_slice(&once), chunk, 1u << 30) > 8 * KINDS_BYTES); /* so that nothing is forgotten */
    }
    dgm_buffer_free(&once);
    dgm_buffer_free(&twice);
}

/* A tree has its shape however many kinds came after it, even when the reader is gone; what comes again is as it was. */
static void trees_stay(void)
{
    const dgm_codec *k = &dgm_codec_edifact;
    const dgm_mem plain = dgm_mem_default();
    peak counted = { .mem = plain };
    const dgm_mem mem = { .grow = counting_grow, .ctx = &counted };
    dgm_buffer input, first, later;
    dgm_reader *r = NULL;
    dgm_message m;
    dgm_tree *kept = NULL, *own = NULL;
    dgm_buffer_init(&input, &plain);
    dgm_buffer_init(&first, &plain);
    dgm_buffer_init(&later, &plain);
    uint32_t n = every_kind(&input, 2), at = 0;
    dgm_host host = dgm_host_make(&mem, NULL, NULL, NULL, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(k->open_whole(&host, NULL, 0, dgm_buffer_slice(&input), &r), DGM_OK);
    for (; k->next(r, &m) == DGM_OK; at++) {
        CU_ASSERT_FATAL(m.tree && m.tree->shape);
        if (at == 0) {
            CU_ASSERT_EQUAL(edi_dump_tree(m.tree, &first), DGM_OK);
            CU_ASSERT_EQUAL(dgm_tree_own(m.tree, &mem, &own), DGM_OK);
            kept = m.tree;
            continue;
        }
        if (at == n / 2) { /* the same kind, met for the second time */
            CU_ASSERT(m.tree->shape != kept->shape);
            CU_ASSERT(dgm_slice_equal(dgm_shape_name(m.tree->shape), dgm_shape_name(kept->shape)));
            CU_ASSERT_EQUAL(dgm_shape_count(m.tree->shape), dgm_shape_count(kept->shape));
        }
        k->recycle(r, &m);
    }
    CU_ASSERT_EQUAL(at, n);
    k->close(r);
    CU_ASSERT_EQUAL(edi_dump_tree(kept, &later), DGM_OK);
    test_slice_equal(dgm_buffer_slice(&later), dgm_buffer_slice(&first), __FILE__, __LINE__);
    CU_ASSERT(counted.live > 0);
    dgm_tree_free(kept);
    later.len = 0;
    CU_ASSERT_EQUAL(edi_dump_tree(own, &later), DGM_OK);
    test_slice_equal(dgm_buffer_slice(&later), dgm_buffer_slice(&first), __FILE__, __LINE__);
    dgm_tree_free(own);
    CU_ASSERT_EQUAL(counted.live, 0);
    dgm_buffer_free(&input);
    dgm_buffer_free(&first);
    dgm_buffer_free(&later);
}

int main(void)
{
    static const test_case cases[] = { { "memory grows with the input", memory_grows_with_the_input },
                                       { "kinds are forgotten", kinds_are_forgotten },
                                       { "trees stay", trees_stay },
                                       { 0 } };
    return test_main("edifact growth", cases);
}
