/* SPDX-License-Identifier: Apache-2.0
 *
 * host.c - the host that built-in codecs run on: the functions of tree.h and limits without zeros; and the look-up of settings.
 * Pure; any thread.
 */
#include "codecs.h"

#include "base/date.h"

#include <stdio.h>

static uint32_t or_default(uint32_t value, uint32_t standard)
{
    return value ? value : standard;
}

/* The defaults named in dragoman.h. */
static dgm_limits limits_filled(const dgm_limits *given)
{
    dgm_limits l = given ? *given : (dgm_limits){ 0 };
    if (l.message_bytes_max == 0) l.message_bytes_max = 64u << 20;
    l.segment_bytes_max = or_default(l.segment_bytes_max, 1u << 20);
    l.nodes_max = or_default(l.nodes_max, 16u << 20);
    l.depth_max = or_default(l.depth_max, DGM_DEPTH_MAX);
    if (l.depth_max > DGM_DEPTH_MAX) l.depth_max = DGM_DEPTH_MAX;
    l.attributes_max = or_default(l.attributes_max, 64);
    l.name_bytes_max = or_default(l.name_bytes_max, 256);
    l.kinds_bytes_max = or_default(l.kinds_bytes_max, 4u << 20);
    l.diagnostics_max = or_default(l.diagnostics_max, 1000);
    return l;
}

dgm_host dgm_host_make(const dgm_mem *mem, const dgm_limits *limits, dgm_diags *diags, const dgm_world *world,
                       const dgm_format *const *formats, size_t format_count)
{
    dgm_host host = {
        .abi = DGM_CODEC_ABI,
        .struct_bytes = sizeof(dgm_host),
        .mem = mem ? *mem : dgm_mem_default(),
        .limits = limits_filled(limits),
        .segment_usual = !limits || limits->segment_bytes_max == 0,
        .diags = diags,
        .world = world ? *world : dgm_world_default(),
        .formats = formats,
        .format_count = format_count,
        .known = formats,
        .known_count = format_count,
        .draft_new = dgm_draft_new,
        .draft_free = dgm_draft_free,
        .draft_begin = dgm_draft_begin,
        .draft_open = dgm_draft_open,
        .draft_close = dgm_draft_close,
        .draft_reserve = dgm_draft_reserve,
        .draft_commit = dgm_draft_commit,
        .draft_count = dgm_draft_count,
        .draft_decoded = dgm_draft_decoded,
        .draft_text = dgm_draft_text,
        .draft_named = dgm_draft_named,
        .draft_flag = dgm_draft_flag,
        .draft_node = dgm_draft_node,
        .draft_status = dgm_draft_status,
        .draft_finish = dgm_draft_finish,
        .draft_recycle = dgm_draft_recycle,
    };
    dgm_host_for_foreign(&host);
    return host;
}

dgm_slice dgm_answer_code_of(const dgm_answer_code *codes, size_t count, uint32_t diag, char room[12])
{
    dgm_slice name = dgm_slice_of(dgm_diag_name(diag)), best = { 0 };
    size_t best_len = 0;
    for (size_t i = 0; i < count; i++) {
        dgm_slice key = codes[i].diag;
        bool open = key.len && key.at[key.len - 1] == '*';
        size_t len = key.len - (open ? 1 : 0);
        if (!(open ? dgm_slice_equal(dgm_slice_part(name, 0, len), dgm_slice_part(key, 0, len)) : dgm_slice_equal(name, key)))
            continue;
        if (best.len && len + !open <= best_len) continue;
        best = codes[i].code;
        best_len = len + !open;
    }
    if (best.len) return best;
    int n = snprintf(room, 12, "%u", diag);
    return (dgm_slice){ room, (size_t)n };
}

dgm_slice dgm_setting_get(const dgm_setting *settings, size_t n, const dgm_option *options, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (dgm_slice_is(settings[i].name, name)) return settings[i].value;
    for (const dgm_option *o = options; o && o->name; o++)
        if (strcmp(o->name, name) == 0) return dgm_slice_of(o->standard);
    return (dgm_slice){ 0 };
}

static bool in_list(const char *list, dgm_slice value)
{
    for (dgm_slice rest = dgm_slice_of(list); rest.len;) {
        dgm_cut cut = dgm_slice_cut(rest, ' ');
        if (dgm_slice_equal(cut.head, value)) return true;
        rest = cut.tail;
    }
    return false;
}

const char *dgm_option_values(const dgm_option *o)
{
    return o->kind == DGM_OPT_BOOL ? "yes no" : o->values;
}

dgm_slice dgm_option_words(const dgm_option *o)
{
    if (o->kind == DGM_OPT_COUNT) return DGM_LITERAL("a whole number");
    if (o->kind == DGM_OPT_DAY) return DGM_LITERAL("a day, as 2026-12-31");
    return dgm_slice_of(dgm_option_values(o));
}

bool dgm_option_takes(const dgm_option *o, dgm_slice value)
{
    if (o->kind == DGM_OPT_COUNT) {
        for (size_t i = 0; i < value.len; i++)
            if (value.at[i] < '0' || value.at[i] > '9') return false;
        return value.len > 0 && value.len < 10;
    }
    if (o->kind == DGM_OPT_DAY) return value.len == 0 || (value.len == 10 && dgm_date_valid(value));
    return !dgm_option_values(o) || in_list(dgm_option_values(o), value);
}
