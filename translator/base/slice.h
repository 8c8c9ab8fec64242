/* SPDX-License-Identifier: Apache-2.0
 *
 * slice.h - small helpers on runs of bytes. Messages hold NUL, Latin-1 and escapes, so nothing here relies on a terminator.
 * Pure functions; any thread.
 */
#ifndef DGM_BASE_SLICE_H
#define DGM_BASE_SLICE_H

#include "../dragoman.h"

#include <string.h>

#define DGM_LITERAL(text) ((dgm_slice){ (text), sizeof(text) - 1 })

static inline dgm_slice dgm_slice_of(const char *text)
{
    return (dgm_slice){ text, text ? strlen(text) : 0 };
}

static inline bool dgm_slice_equal(dgm_slice a, dgm_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool dgm_slice_is(dgm_slice a, const char *text)
{
    return dgm_slice_equal(a, dgm_slice_of(text));
}

/* The part from `from` (inclusive) to `to` (exclusive); both are brought inside the slice. */
static inline dgm_slice dgm_slice_part(dgm_slice s, size_t from, size_t to)
{
    if (to > s.len) to = s.len;
    if (from > to) from = to;
    return s.at ? (dgm_slice){ s.at + from, to - from } : s;
}

typedef struct dgm_cut {
    dgm_slice head, tail;
    bool found;
} dgm_cut;

static inline dgm_cut dgm_slice_cut(dgm_slice s, char delimiter)
{
    const char *hit = s.len ? memchr(s.at, delimiter, s.len) : NULL;
    if (!hit) return (dgm_cut){ .head = s };
    size_t n = (size_t)(hit - s.at);
    return (dgm_cut){ { s.at, n }, { hit + 1, s.len - n - 1 }, true };
}

/* What stands behind the last slash of a path; all of it when there is none. */
static inline dgm_slice dgm_slice_file_name(dgm_slice path)
{
    size_t i = path.len;
    while (i && path.at[i - 1] != '/') i--;
    return dgm_slice_part(path, i, path.len);
}

/* What is written in digits alone, as in files of settings; false: it is not, or is beyond 4,000,000,009. */
static inline bool dgm_slice_count(dgm_slice s, uint32_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9' || n > 400000000u) return false;
        n = n * 10 + (uint64_t)(s.at[i] - '0');
    }
    *out = (uint32_t)n;
    return s.len > 0;
}

/* Without blanks (space, tab, CR, LF) at either end. */
static inline dgm_slice dgm_slice_trim(dgm_slice s)
{
    while (s.len && (s.at[0] == ' ' || s.at[0] == '\t' || s.at[0] == '\r' || s.at[0] == '\n')) s.at++, s.len--;
    while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t' || s.at[s.len - 1] == '\r' || s.at[s.len - 1] == '\n'))
        s.len--;
    return s;
}

/* Order of bytes: negative, zero, positive. */
static inline int dgm_slice_compare(dgm_slice a, dgm_slice b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.at, b.at, n) : 0;
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

/* Two hexadecimal digits for each byte; out has room for them, and nothing ends them. */
static inline void dgm_hex(const unsigned char *bytes, size_t n, char *out)
{
    for (size_t i = 0; i < 2 * n; i++) out[i] = "0123456789abcdef"[bytes[i / 2] >> (i % 2 ? 0 : 4) & 15];
}

#endif
