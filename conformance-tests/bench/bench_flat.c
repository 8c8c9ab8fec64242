/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_flat.c - reading flat files by the layouts that are shipped, held against a loop of memchr over the ends of their records:
 * fixed columns (US CATAIR FT, 80 columns) and delimited fields (India ICEGATE). One thread.
 */
#include "bench.h"

#include "context.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct flat_reading {
    dgm_slice input;
    dgm_host host;
    const dgm_format *format;
} flat_reading;

static bool read_flat(void *ctx)
{
    flat_reading *r = ctx;
    const dgm_codec *codec = &dgm_codec_flat;
    dgm_reader *reader = NULL;
    dgm_message m;
    dgm_status st = codec->open_whole(&r->host, NULL, 0, r->input, &reader);
    uint64_t messages = 0;
    while (st == DGM_OK && (st = codec->next(reader, &m)) == DGM_OK) {
        if (!m.tree || m.errors) st = DGM_INVALID;
        if (m.tree) bench_kept += m.tree->node_count;
        messages++;
        codec->recycle(reader, &m);
    }
    codec->close(reader);
    return st == DGM_END && messages > 0;
}

static bool line_ends(void *ctx)
{
    const dgm_slice *input = ctx;
    const char *p = input->at, *end = p + input->len;
    uint64_t hits = 0;
    for (; (p = memchr(p, '\n', (size_t)(end - p))); p++) hits++;
    bench_kept += hits;
    return hits > 0;
}

/* ---- what is read ---- */

typedef struct growing {
    char *at;
    size_t len, room;
} growing;

static bool room_for(growing *g, size_t bytes)
{
    if (g->room - g->len >= bytes) return true;
    size_t room = (g->room + bytes) * 2;
    char *at = realloc(g->at, room);
    if (!at) return false;
    g->at = at;
    g->room = room;
    return true;
}

/* A record of 80 columns. */
static void fixed_line(growing *g, const char *text)
{
    g->len += (size_t)snprintf(g->at + g->len, 96, "%-80s\r\n", text);
}

static void fixed_message(growing *g, uint32_t n)
{
    char text[96];
    fixed_line(g, "A1001TSTPASSWD261121     FT          03                    TEXT OF THE SENDER");
    fixed_line(g, "B  2704TSTFT                                03");
    snprintf(text, sizeof text, "10A00020200126%08uN2704NTST", n % 100000000u);
    fixed_line(g, text);
    fixed_line(g, "20A11TSTLTEST VESSEL            017W           2026110120261119270420261119");
    fixed_line(g, "40TSTL000000001                                          0000000012DE42870");
    for (uint32_t i = 1; i <= 20; i++) {
        snprintf(text, sizeof text, "50%05u8471500150    DE%012uNO 000000000000", i, (n * 31 + i * 977) % 1000000u);
        fixed_line(g, text);
        snprintf(text, sizeof text, "51%010u%012u%010uP%08u", 240 + i, 18000 + n % 9999u, 350 + i, 225 * i);
        fixed_line(g, text);
        fixed_line(g, "60DATA PROCESSING UNITS                        MIDDETEST0001");
    }
    fixed_line(g, "Y  2704TSTFT                                03");
    fixed_line(g, "Z1001TST      261121                 03");
}

#define GS  "\x1D"
#define KEY "F" GS "INBLR1" GS "77" GS "20261121" GS GS GS

static void delimited_message(growing *g, uint32_t n)
{
    char *to = g->at + g->len;
    size_t room = g->room - g->len, used = 0;
    used += (size_t)snprintf(to, room,
                             "HREC" GS "ZZ" GS "TESTCHA" GS "ZZ" GS "INBLR1" GS "ICES1_5" GS "T" GS GS "CACHI01" GS "%u" GS
                             "20261121" GS "0930\n<TABLE>BE\n" KEY "H" GS "0100000099" GS "0" GS GS GS GS GS GS GS "N" GS "S" GS
                             "P" GS "N" GS "N" GS "CNSHA" GS "AAACA1234BCH001" GS "CN" GS "CN" GS "CNSHA" GS "N" GS "N" GS "Y" GS
                             "1234567" GS "N" GS "D\n<TABLE>ITEMS\n",
                             n);
    for (uint32_t i = 1; i <= 40; i++)
        used +=
            (size_t)snprintf(to + used, room - used,
                             KEY "1" GS "%u" GS "%u.500000" GS "KGS" GS "84715000" GS "DATA PROCESSING UNIT" GS GS GS GS GS GS
                                 "BRAND1" GS "MODEL" GS "GNX200" GS "CN" GS "84715000" GS "P" GS "84715000" GS "050/2017" GS "1\n",
                             i, n % 1000u + i);
    used += (size_t)snprintf(to + used, room - used, "TREC" GS "%u\n", n);
    g->len += used;
}

static dgm_slice make(void (*message)(growing *g, uint32_t n), size_t bytes)
{
    growing g = { 0 };
    for (uint32_t n = 1; g.len < bytes; n++) {
        if (!room_for(&g, 64 << 10)) return (dgm_slice){ 0 };
        message(&g, n);
    }
    return (dgm_slice){ g.at, g.len };
}

static void bench_layout(bench_run *run, const char *name, const char *format, void (*message)(growing *g, uint32_t n),
                         const char *on)
{
    if (!bench_wanted(run, name)) return;
    struct dgm_context *context = bench_context(run);
    const dgm_format_entry *entry = context ? dgm_context_find(context, dgm_slice_of(format)) : NULL;
    dgm_mem mem = dgm_mem_default();
    dgm_world world = dgm_world_default();
    dgm_diags *diags = NULL;
    flat_reading r = { .input = make(message, run->corpus_bytes), .format = entry ? &entry->format : NULL };
    if (!entry || !r.input.at || dgm_diags_new(&mem, 100, &diags) != DGM_OK) {
        bench_fail(run, name, "no layout, or no memory");
        return;
    }
    r.host = dgm_host_make(&mem, NULL, diags, &world, &r.format, 1);
    bench_side against = { "memchr", line_ends, &r.input, r.input.len, 0, 0 };
    bench_compare(run, (bench_side){ name, read_flat, &r, r.input.len, 0, 0 }, against, on);
    dgm_diags_free(diags);
    free((void *)(uintptr_t)r.input.at);
}

void bench_flat(bench_run *run)
{
    bench_layout(run, "flat-fixed", "catair-ft", fixed_message, "all checks of the layout, trees");
    bench_layout(run, "flat-delimited", "icegate-be", delimited_message, "all checks of the layout, trees");
}
