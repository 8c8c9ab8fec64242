/* SPDX-License-Identifier: Apache-2.0
 *
 * writer.c - trees become X12 interchanges: one group of transaction sets, separators * : ^ and ~. X12 has no escape, so a value
 * that holds a separator is refused. One thread.
 */
#include "x12.h"

#include <stdio.h>
#include <string.h>

const dgm_option x12_writer_options[] = { { "sender", "SENDER", "ISA06 and GS02", DGM_OPT_TEXT, NULL },
                                          { "recipient", "RECIPIENT", "ISA08 and GS03", DGM_OPT_TEXT, NULL },
                                          { "line-breaks", "yes", "a line for each segment", DGM_OPT_BOOL, NULL },
                                          { 0 } };

typedef struct x12_writer {
    dgm_writer head;
    dgm_host host;
    const dgm_format *format;
    dgm_sink sink;
    x12_bytes out; /* whole messages that the sink does not have yet */
    char sender[16], recipient[16], date[16];
    uint32_t sets;
    bool lines, begun, finished;
} x12_writer;

static x12_writer *self(dgm_writer *w)
{
    return (x12_writer *)(void *)w;
}

static bool put(x12_writer *w, const char *text)
{
    return x12_append(&w->host, &w->out, (dgm_slice){ text, strlen(text) });
}

static bool put_end(x12_writer *w)
{
    return put(w, w->lines ? "~\n" : "~");
}

/* Civil date of days since 1970-01-01 (proleptic Gregorian). */
static void date_of(int64_t ms, char *room, size_t bytes)
{
    int64_t minutes = ms / 60000, days = minutes / 1440 + 719468, era = days / 146097, doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
    int64_t year = yoe + era * 400 + (month <= 2), minute = minutes % 1440;
    (void)snprintf(room, bytes, "%04u%02u%02u%02u%02u", (unsigned)(year % 10000), (unsigned)month, (unsigned)day,
                   (unsigned)(minute / 60), (unsigned)(minute % 60));
}

static void keep(char room[16], dgm_slice s)
{
    size_t n = s.len < 15 ? s.len : 15;
    for (size_t i = 0; i < n; i++) room[i] = s.at[i] == '*' || s.at[i] == '~' || s.at[i] < ' ' ? ' ' : s.at[i];
    room[n] = 0;
}

dgm_status x12_writer_open(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n, dgm_sink sink,
                           dgm_writer **out)
{
    *out = NULL;
    x12_writer *w = host->mem.grow(host->mem.ctx, NULL, 0, sizeof *w);
    if (!w) return DGM_NOMEM;
    *w = (x12_writer){ .head = { &x12 }, .host = *host, .format = format, .sink = sink };
    keep(w->sender, host->setting(settings, n, x12_writer_options, "sender"));
    keep(w->recipient, host->setting(settings, n, x12_writer_options, "recipient"));
    const dgm_slice lines = host->setting(settings, n, x12_writer_options, "line-breaks");
    w->lines = lines.len && lines.at[0] == 'y';
    date_of(host->world.now_ms(host->world.ctx), w->date, sizeof w->date);
    *out = &w->head;
    return DGM_OK;
}

static dgm_status refuse(x12_writer *w, const char *name, const char *text, dgm_slice around)
{
    const dgm_remark r = { .severity = DGM_ERROR,
                           .name = name,
                           .text = { text, strlen(text) },
                           .at_byte = UINT64_MAX,
                           .node = DGM_NONE,
                           .around = around };
    return w->host.tell(&w->host, &r) == DGM_NOMEM ? DGM_NOMEM : DGM_INVALID;
}

/* ---- messages ---- */

static dgm_slice group_id(const x12_writer *w)
{
    dgm_slice id = { "ZZ", 2 };
    if (w->format) id = w->host.setting(w->format->settings, w->format->setting_count, x12_format_options, "group");
    return id.len ? id : (dgm_slice){ "ZZ", 2 };
}

static bool put_header(x12_writer *w)
{
    char line[256];
    const dgm_slice id = group_id(w);
    (void)snprintf(line, sizeof line,
                   "ISA*00*          *00*          *ZZ*%-15.15s*ZZ*%-15.15s*%.6s*%s*^*00501*%09u*0*P*:", w->sender, w->recipient,
                   w->date + 2, w->date + 8, 1u);
    if (!put(w, line) || !put_end(w)) return false;
    (void)snprintf(line, sizeof line, "GS*%.*s*%s*%s*%.8s*%s*1*X*005010", (int)id.len, id.at, w->sender, w->recipient, w->date,
                   w->date + 8);
    return put(w, line) && put_end(w);
}

/* One segment: elements at their positions, empty ones between. */
static dgm_status put_segment(x12_writer *w, const dgm_tree *t, const dgm_view *segment)
{
    dgm_view v;
    uint64_t at = 0;
    if (!x12_append(&w->host, &w->out, segment->name)) return DGM_NOMEM;
    for (uint32_t c = segment->below; c < segment->after && w->host.tree_view(t, c, &v); c = v.after) {
        uint64_t n = x12_number(v.name);
        if (n <= at || n > 99) return refuse(w, "x12.element.order", "elements stand in no order", v.name);
        for (size_t i = 0; i < v.value.len; i++)
            if (strchr("*~:^\r\n", v.value.at[i]))
                return refuse(w, "x12.value.separator", "the value holds a separator, and X12 has no escape for it", v.value);
        if (!v.value.len) continue;
        for (; at < n; at++)
            if (!put(w, "*")) return DGM_NOMEM;
        if (!x12_append(&w->host, &w->out, v.value)) return DGM_NOMEM;
    }
    return put_end(w) ? DGM_OK : DGM_NOMEM;
}

static bool of_envelope(const dgm_view *v)
{
    return v->name.len == 2 && (memcmp(v->name.at, "ST", 2) == 0 || memcmp(v->name.at, "SE", 2) == 0);
}

static dgm_status put_message(x12_writer *w, const dgm_tree *t)
{
    char line[64];
    dgm_view v, top;
    uint32_t segments = 2;
    if (!w->host.tree_view(t, 0, &top)) return DGM_USAGE;
    if (!top.name.len || top.name.len > 3) return refuse(w, "x12.set.name", "the tree is no transaction set", top.name);
    (void)snprintf(line, sizeof line, "ST*%.*s*%04u", (int)top.name.len, top.name.at, w->sets + 1);
    if (!put(w, line) || !put_end(w)) return DGM_NOMEM;
    for (uint32_t i = 1; w->host.tree_view(t, i, &v);) {
        if (v.kind != DGM_SEGMENT) {
            i = v.below; /* into the loop */
            continue;
        }
        i = v.after;
        if (of_envelope(&v)) continue;
        dgm_status st = put_segment(w, t, &v);
        if (st != DGM_OK) return st;
        segments++;
    }
    (void)snprintf(line, sizeof line, "SE*%u*%04u", segments, w->sets + 1);
    return put(w, line) && put_end(w) ? DGM_OK : DGM_NOMEM;
}

dgm_status x12_write(dgm_writer *writer, const dgm_tree *t)
{
    x12_writer *w = self(writer);
    if (w->finished) return DGM_USAGE;
    const size_t before = w->out.len;
    const bool first = !w->begun;
    dgm_status st = first && !put_header(w) ? DGM_NOMEM : DGM_OK;
    if (st == DGM_OK) st = put_message(w, t);
    if (st != DGM_OK) {
        w->out.len = before; /* nothing of it */
        return st;
    }
    w->begun = true;
    w->sets++;
    return DGM_OK;
}

dgm_status x12_flush(dgm_writer *writer)
{
    x12_writer *w = self(writer);
    dgm_status st = w->out.len ? w->sink.write(w->sink.ctx, (dgm_slice){ w->out.at, w->out.len }) : DGM_OK;
    if (st == DGM_OK) w->out.len = 0;
    return st;
}

dgm_status x12_finish(dgm_writer *writer)
{
    x12_writer *w = self(writer);
    char line[64];
    if (w->finished) return DGM_USAGE;
    w->finished = true;
    if (!w->begun && !put_header(w)) return DGM_NOMEM;
    (void)snprintf(line, sizeof line, "GE*%u*1", w->sets);
    if (!put(w, line) || !put_end(w)) return DGM_NOMEM;
    (void)snprintf(line, sizeof line, "IEA*1*%09u", 1u);
    if (!put(w, line) || !put_end(w)) return DGM_NOMEM;
    return x12_flush(writer);
}

void x12_writer_close(dgm_writer *writer)
{
    if (!writer) return;
    x12_writer *w = self(writer);
    const dgm_host h = w->host;
    x12_free(&h, &w->out);
    h.mem.grow(h.mem.ctx, w, sizeof *w, 0);
}
