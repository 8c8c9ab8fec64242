/* SPDX-License-Identifier: Apache-2.0
 *
 * date.h - dates and times that keep the precision and the zone they came with. Canonical spelling: ISO 8601 extended, cut to the
 * precision ("2026", "2026-11", "2026-11-21", "2026-11-21T20:04", "2026-11-21T20:04:05Z", "…+01", "…+05:30"; week "2026-W47"; day
 * of quarter forms as date.c says; periods "2026-11-01/2026-11-21"; time alone "T20:04"). Wire spellings: UN/EDIFACT 2379 codes.
 * "+01:00" and "+00:00" are understood where a canonical text is read, but are not canonical. Pure functions; any thread.
 */
#ifndef DGM_BASE_DATE_H
#define DGM_BASE_DATE_H

#include "arena.h"

/* Two digits from `least` to `most`. */
static inline bool dgm_date_two(const char *at, int least, int most)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9') return false;
    int n = (at[0] - '0') * 10 + (at[1] - '0');
    return n >= least && n <= most;
}

/* Surely a canonical date: the days that every month has, alone or with a time to the second and the zones most senders use. False:
 * ask dgm_date_valid. */
static inline bool dgm_date_plain(dgm_slice v)
{
    const char *p = v.at;
    if (v.len < 10 || !dgm_date_two(p, 19, 20) || !dgm_date_two(p + 2, 0, 99) || p[4] != '-' || !dgm_date_two(p + 5, 1, 12) ||
        p[7] != '-' || !dgm_date_two(p + 8, 1, 28))
        return false;
    if (v.len == 10) return true;
    if (v.len < 19 || p[10] != 'T' || !dgm_date_two(p + 11, 0, 23) || p[13] != ':' || !dgm_date_two(p + 14, 0, 59) ||
        p[16] != ':' || !dgm_date_two(p + 17, 0, 59))
        return false;
    if (v.len == 19) return true;
    if (v.len == 20) return p[19] == 'Z';
    return v.len == 22 && p[19] == '+' && dgm_date_two(p + 20, 0, 13);
}

/* Surely a day as CCYYMMDD: one that every month has. False: ask dgm_date_fits. 8 bytes can be read. */
static inline bool dgm_date_plain_day(const char *p)
{
    return dgm_date_two(p, 19, 20) && dgm_date_two(p + 2, 0, 99) && dgm_date_two(p + 4, 1, 12) && dgm_date_two(p + 6, 1, 28);
}

/* Wire text of a 2379 format → canonical. DGM_UNKNOWN: a format we do not know; DGM_INVALID: text does not fit it or no such day.
 */
dgm_status dgm_date_read(dgm_arena *a, dgm_slice text, dgm_slice format, dgm_slice *iso);
/* Does a text fit a 2379 format, and is there such a time? DGM_OK, DGM_INVALID, or DGM_UNKNOWN for a format we do not know. */
dgm_status dgm_date_fits(dgm_slice text, dgm_slice format);
/* Canonical → the 2379 format asked for. DGM_INVALID when that format would invent or drop precision or zone.
 * format empty: the narrowest code that says exactly this value is chosen and given in *chosen (prefers 102, 203, 204, 303, 304).
 */
dgm_status dgm_date_write(dgm_arena *a, dgm_slice iso, dgm_slice format, dgm_slice *text, dgm_slice *chosen);
/* Is this a canonical date of any precision (and a real day)? */
bool dgm_date_valid(dgm_slice iso);
/* -1, 0, 1; dates of different precision compare on what both have. */
int dgm_date_compare(dgm_slice a, dgm_slice b);
/* A moment in UTC, of milliseconds since 1970 (what is before that counts as its first), and back: the days from then to a day of
 * the calendar that is in force, also before 1582, when it was not. */
typedef struct dgm_moment {
    unsigned year, month, day, hour, minute, second;
} dgm_moment;
dgm_moment dgm_date_moment(int64_t ms);
int64_t dgm_date_days(int64_t year, int64_t month, int64_t day);

/* The format codes known, "101" …, in numeric order; *n their number. */
const char *const *dgm_date_formats(size_t *n);

#endif
