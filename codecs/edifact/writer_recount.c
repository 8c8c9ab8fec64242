/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_recount.c - what stands between the messages of an input, copied byte for byte, but for counts of UNE and UNZ that have
 * messages in them which were left out. ISO 9735:1988, annex B. Pure; any thread.
 */
#include "writer.h"

static bool alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Does a service segment begin here? A value that reads like one has a separator before it. */
static bool segment_at(dgm_slice s, size_t at, const dgm_left_out *left)
{
    if (s.len - at < 5 || s.at[at] != 'U' || s.at[at + 1] != 'N' || alphanumeric(s.at[at + 3])) return false;
    char before = at ? s.at[at - 1] : 0;
    return !alphanumeric(before) && before != s.at[at + 3] && (before != left->component || !before);
}

/* Copies a segment up to its count and writes the count anew; returns where the input goes on. */
static size_t put_count(dgm_slice s, size_t at, uint32_t less, dgm_buffer *out, dgm_status *status)
{
    uint64_t count = 0;
    size_t from = at + 4, end = from;
    while (end < s.len && end - from < 12 && s.at[end] >= '0' && s.at[end] <= '9')
        count = count * 10 + (uint64_t)(s.at[end++] - '0');
    *status = dgm_buffer_append(out, dgm_slice_part(s, at, from));
    if (less == 0 || end == from) return from;
    if (*status == DGM_OK) *status = dgm_buffer_print(out, "%llu", (unsigned long long)(count > less ? count - less : 0));
    return end;
}

dgm_status dgm_edi_recount(dgm_slice between, dgm_left_out *left, dgm_buffer *out)
{
    dgm_status st = DGM_OK;
    size_t done = 0;
    for (size_t at = 0; at < between.len && st == DGM_OK; at++) {
        if (between.at[at] != 'U' || !segment_at(between, at, left)) continue;
        char which = between.at[at + 2];
        if (which == 'B') {
            *left = (dgm_left_out){ 0 };
            if (between.len - at > 8) left->component = between.at[at + 8];
        } else if (which == 'G') {
            left->of_group = 0;
            left->groups = true;
        } else if (which == 'E' || which == 'Z') {
            uint32_t less = which == 'E' ? left->of_group : left->groups ? 0 : left->of_interchange;
            st = dgm_buffer_append(out, dgm_slice_part(between, done, at));
            if (st == DGM_OK) done = put_count(between, at, less, out, &st);
            left->of_group = 0;
            if (which == 'Z') *left = (dgm_left_out){ 0 };
        }
    }
    return st == DGM_OK ? dgm_buffer_append(out, dgm_slice_part(between, done, between.len)) : st;
}
