/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_message.c - how much memory one giant message takes: a fresh process reads a CUSCAR D.96B cargo report of 100 MB, a hundred
 * thousand lines of goods of nearly a kilobyte each (UNT counts no more than 999,999 segments), which is made while it is read, and
 * tells its own high-water mark (VmHWM). One thread.
 */
#include "bench.h"

#include "context.h"

#include <stdio.h>
#include <stdlib.h>

#define LINES_A_CONSIGNMENT 100u

typedef struct manifest {
    uint64_t bytes_wanted, bytes;
    uint32_t line, consignment;
    uint64_t segments;
    int stage; /* 0 head, 1 goods, 2 over */
    char room[BENCH_CHUNK + 4096];
    size_t len;
} manifest;

static void put(manifest *m, const char *segment)
{
    size_t n = strlen(segment);
    memcpy(m->room + m->len, segment, n);
    m->len += n;
    m->segments++;
}

static void put_goods(manifest *m)
{
    char text[512];
    if (m->line++ % LINES_A_CONSIGNMENT == 0) {
        m->consignment++;
        snprintf(text, sizeof text, "CNI+%u+BL%08u'", m->consignment, m->consignment);
        put(m, text);
        snprintf(text, sizeof text, "RFF+BM:BL%08u'", m->consignment);
        put(m, text);
        put(m, "LOC+9+CNSHA:139:6'");
        put(m, "LOC+11+NLRTM:139:6'");
        put(m, "NAD+CZ+++SHENZHEN HOUSEHOLD GOODS CO LTD+88 FUTIAN ROAD+SHENZHEN+++CN'");
        put(m, "NAD+CN+++NOORDZEE TRADING BV+WAALHAVEN 12+ROTTERDAM++3087 AA+NL'");
    }
    snprintf(text, sizeof text, "GID+%u+%u:CT'", (m->line - 1) % LINES_A_CONSIGNMENT + 1, m->line % 97 + 1);
    put(m, text);
    for (uint32_t i = 0; i < 2; i++) {
        snprintf(text, sizeof text,
                 "FTX+AAA+++KITCHEN AND TABLE WARE OF STAINLESS STEEL, POLISHED, ITEM NO %08u:"
                 "PACKED IN CARTONS OF TWELVE PIECES, ALL WITH LABELS IN FOUR LANGUAGES:"
                 "NOT FOR RESALE BEFORE INSPECTION BY THE BUYER, LOT %u OF 2, ANNEX:"
                 "KEEP DRY, DO NOT STACK MORE THAN SIX CARTONS, USE NO HOOKS:"
                 "DELIVERY WITHIN TEN DAYS OF ARRIVAL, NOTIFY THE WAREHOUSE FIRST'",
                 m->line, i + 1);
        put(m, text);
    }
    snprintf(text, sizeof text, "MEA+AAE+G+KGM:%u.%u'", m->line % 900 + 10, m->line % 10);
    put(m, text);
    snprintf(text, sizeof text, "MOA+44:%u.%02u:USD'", m->line % 90000 + 100, m->line % 100);
    put(m, text);
    put(m, "SGP+CSQU3054383+12'");
    snprintf(text, sizeof text, "PCI+28+NOORDZEE ROTTERDAM:ORDER 4500%06u:CARTON 1 TO %u'", m->line % 1000000, m->line % 97 + 1);
    put(m, text);
    put(m, "CST+1+732393:122'");
}

/* The next piece; false when it is the last one. */
static bool next_piece(manifest *m)
{
    char text[256];
    m->len = 0;
    if (m->stage == 0) {
        put(m, "UNB+UNOC:3+CARRIER:ZZ+CUSTOMS:ZZ+261121:2004+1'");
        m->segments = 0;
        put(m, "UNH+1+CUSCAR:D:96B:UN'");
        put(m, "BGM+785+MANIFEST 1+9'");
        put(m, "TDT+20+042W+1++MSC:172:20+++9074729:146:11:NORDIC STAR:BS'");
        m->stage = 1;
    }
    while (m->stage == 1 && m->len < BENCH_CHUNK - 2048) {
        put_goods(m);
        if (m->bytes + m->len < m->bytes_wanted) continue;
        snprintf(text, sizeof text, "UNT+%llu+1'", (unsigned long long)m->segments + 1);
        put(m, text);
        put(m, "UNZ+1+1'");
        m->stage = 2;
    }
    m->bytes += m->len;
    return m->stage != 2;
}

static dgm_status take(const dgm_codec *codec, dgm_reader *reader, const dgm_diags *diags, uint64_t *messages)
{
    for (;;) {
        dgm_message message;
        dgm_status status = codec->next(reader, &message);
        if (status != DGM_OK) return status;
        *messages += message.tree && message.errors == 0 && dgm_diags_count(diags) == 0;
        codec->recycle(reader, &message);
    }
}

int bench_message_child(uint64_t bytes)
{
    static manifest m;
    static bench_run run;
    const dgm_codec *codec = &dgm_codec_edifact;
    const dgm_limits limits = { .message_bytes_max = bytes * 2, .nodes_max = 256u << 20 };
    const dgm_setting codes = { DGM_LITERAL("level"), DGM_LITERAL("codes") };
    const dgm_context *context = bench_context(&run);
    int index = dgm_context_codec(dgm_slice_of(codec->name));
    dgm_mem mem = dgm_mem_default();
    dgm_world world = dgm_world_default();
    dgm_diags *diags = NULL;
    dgm_reader *reader = NULL;
    uint64_t messages = 0;
    if (!context || index < 0 || dgm_diags_new(&mem, 1000, &diags) != DGM_OK) return 3;
    const dgm_format_list *formats = &context->by_codec[index];
    dgm_host host = dgm_host_make(&mem, &limits, diags, &world, formats->at, formats->count);
    double before = bench_high_water_mb();
    m.bytes_wanted = bytes;
    dgm_status status = codec->open(&host, &codes, 1, &reader);
    for (bool more = true; status == DGM_OK && more;) {
        more = next_piece(&m);
        status = codec->feed(reader, (dgm_slice){ m.room, m.len }, !more);
        if (status == DGM_OK) status = take(codec, reader, diags, &messages);
        if (status == DGM_MORE) status = DGM_OK;
    }
    codec->close(reader);
    printf("%.3f %.3f %llu %llu\n", bench_high_water_mb(), before, (unsigned long long)messages, (unsigned long long)m.bytes);
    for (size_t i = 0; i < dgm_diags_count(diags) && i < 3; i++)
        fprintf(stderr, "%s\n", dgm_diag_name(dgm_diags_at(diags, i)->code));
    dgm_diags_free(diags);
    dgm_context_free(run.context);
    return status == DGM_END && messages == 1 ? 0 : 1;
}
