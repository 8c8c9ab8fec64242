/* SPDX-License-Identifier: Apache-2.0
 *
 * date.c - dates and times by the pattern of a layout (YYYYMMDD, DDMMMYY, YYYYJJJ, hhmm ...) and as ISO 8601. A pattern says each
 * part once; a year of two digits belongs to the century that the field's pivot says. Pure; any thread.
 */
#include "flat.h"

#include "base/date.h"

static const char months[] = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
static const uint16_t days_before[13] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };

typedef struct moment {
    int32_t year, month, day, ordinal, hour, minute, second, era; /* -1: the pattern has none */
} moment;

static const moment nothing = { -1, -1, -1, -1, -1, -1, -1, -1 };

/* Eras of Japan since the calendar is ours: the letter, and the first day. */
static const struct era {
    char letter;
    int32_t year, month, day;
} eras[] = { { 'M', 1868, 10, 23 }, { 'T', 1912, 7, 30 }, { 'S', 1926, 12, 25 }, { 'H', 1989, 1, 8 }, { 'R', 2019, 5, 1 } };
enum { ERAS = sizeof eras / sizeof *eras };
/* Until 2 December of the fifth year of Meiji days were counted by the moon; the day behind it was 1 January 1873. */
enum { FIRST_SOLAR_MEIJI = 6, FIRST_SOLAR_YEAR = 1873 };

static size_t run_of(dgm_slice pattern, size_t at)
{
    size_t n = 1;
    while (at + n < pattern.len && pattern.at[at + n] == pattern.at[at]) n++;
    return n;
}

/* The part a run of letters stands for; NULL: none, the characters are themselves. */
static int32_t *part_of(moment *m, char letter, size_t n)
{
    switch (letter) {
    case 'Y': return n >= 2 && n <= 4 ? &m->year : NULL;
    case 'G': return n == 1 ? &m->era : NULL;
    case 'M': return n == 2 || n == 3 ? &m->month : NULL;
    case 'D': return n == 2 ? &m->day : NULL;
    case 'J': return n == 3 ? &m->ordinal : NULL;
    case 'h': return n == 2 ? &m->hour : NULL;
    case 'm': return n == 2 ? &m->minute : NULL;
    case 's': return n == 2 ? &m->second : NULL;
    default: return NULL;
    }
}

static bool letter_like(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Without a year: a day of the month, or of a year that another date tells. */
static bool yearless(const moment *seen, const char **why)
{
    *why = "without a year, for `near` tells it: MM or MMM and DD, or DD alone";
    return seen->year < 0 && seen->era < 0 && seen->ordinal < 0 && seen->day >= 0;
}

bool dgm_flat_date_whole(dgm_slice p)
{
    moment seen = nothing;
    for (size_t i = 0; i < p.len; i += run_of(p, i)) {
        int32_t *part = part_of(&seen, p.at[i], run_of(p, i));
        if (part) *part = 1;
    }
    return seen.year >= 0 && (seen.day >= 0 || seen.ordinal >= 0);
}

bool dgm_flat_date_pattern(dgm_slice p, dgm_flat_era era, bool near, const char **why)
{
    moment seen = nothing;
    *why = "YYYY YY MM MMM DD JJJ hh mm ss, and marks between";
    if (p.len == 0 || p.len > DGM_FLAT_DATE_MAX / 2) return false;
    size_t years = 0;
    for (size_t i = 0; i < p.len;) {
        size_t n = run_of(p, i);
        int32_t *part = part_of(&seen, p.at[i], n);
        if (part == &seen.year) years = n;
        if (part && *part >= 0) {
            *why = "each part once";
            return false;
        }
        if (part)
            *part = 1;
        else if (letter_like(p.at[i]) && p.at[i] != 'T' && p.at[i] != 'Z')
            return false;
        i += n;
    }
    *why = "with an era: YYYY (buddhist), YYY (republic), GYY and a day (japanese)";
    size_t due = era == DGM_FLAT_BUDDHIST ? 4 : era == DGM_FLAT_REPUBLIC ? 3 : era == DGM_FLAT_JAPANESE ? 2 : 0;
    if ((due && years != due) || (!due && years == 3) || (seen.era >= 0) != (era == DGM_FLAT_JAPANESE)) return false;
    if (era == DGM_FLAT_JAPANESE && seen.day < 0) return false;
    bool time = seen.hour >= 0, date = seen.year >= 0;
    if (near && !yearless(&seen, why)) return false;
    bool order = near || seen.day < 0 || seen.month >= 0;
    order = order && (seen.minute < 0 || time) && (seen.second < 0 || seen.minute >= 0) && (seen.ordinal < 0 || seen.month < 0);
    bool day = seen.day >= 0 || seen.ordinal >= 0;
    *why = near ? "hours with minutes"
                : "a year with every day or month (or `near`, which tells it), hours with minutes, a whole date with a time";
    if (near) return order;
    return order && (date || time) && (date || (seen.month < 0 && !day)) && (!date || !time || day);
}

static bool digits(const char *at, size_t n, int32_t *out)
{
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        if (at[i] < '0' || at[i] > '9') return false;
        *out = *out * 10 + (at[i] - '0');
    }
    return true;
}

static bool month_name(const char *at, int32_t *out)
{
    for (int32_t k = 0; k < 12; k++) {
        bool same = true;
        for (size_t i = 0; i < 3; i++) same = same && (at[i] & ~0x20) == months[k * 3 + (int32_t)i];
        if (same) {
            *out = k + 1;
            return true;
        }
    }
    return false;
}

static bool leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool from_ordinal(moment *m)
{
    int32_t n = m->ordinal, extra = leap(m->year);
    if (n < 1 || n > 365 + extra) return false;
    for (m->month = 1; m->month < 12; m->month++) {
        int32_t end = days_before[m->month] + (m->month >= 2 ? extra : 0);
        if (n <= end) break;
    }
    m->day = n - days_before[m->month - 1] - (m->month > 2 ? extra : 0);
    return true;
}

static bool before(int32_t year, int32_t month, int32_t day, const struct era *e)
{
    if (year != e->year) return year < e->year;
    return month != e->month ? month < e->month : day < e->day;
}

/* The era a day is of, or -1. */
static int32_t era_of(const moment *m)
{
    int32_t e = ERAS;
    while (e > 0 && before(m->year, m->month, m->day, &eras[e - 1])) e--;
    return e - 1;
}

/* The year of an era to ours; false: the day is not in it. */
static bool from_era(const dgm_flat_step *s, moment *m)
{
    if (s->era == DGM_FLAT_BUDDHIST) m->year -= 543;
    if (s->era == DGM_FLAT_REPUBLIC) m->year += 1911;
    if (s->era != DGM_FLAT_JAPANESE) return m->year >= 0 || s->era == DGM_FLAT_COMMON;
    m->year += eras[m->era].year - 1;
    return m->year >= FIRST_SOLAR_YEAR && era_of(m) == m->era;
}

static bool to_era(const dgm_flat_step *s, moment *m)
{
    if (s->era == DGM_FLAT_BUDDHIST) m->year += 543;
    if (s->era == DGM_FLAT_REPUBLIC) m->year -= 1911;
    if (s->era == DGM_FLAT_JAPANESE) m->era = m->year < FIRST_SOLAR_YEAR ? -1 : era_of(m);
    if (s->era == DGM_FLAT_JAPANESE && m->era >= 0) m->year -= eras[m->era].year - 1;
    int32_t most = s->era == DGM_FLAT_BUDDHIST ? 9999 : s->era == DGM_FLAT_REPUBLIC ? 999 : 99;
    return s->era == DGM_FLAT_COMMON || (m->year > 0 && m->year <= most && (s->era != DGM_FLAT_JAPANESE || m->era >= 0));
}

static bool letter_of_era(char c, int32_t *out)
{
    for (*out = 0; *out < ERAS; ++*out)
        if (eras[*out].letter == c) return true;
    return false;
}

bool dgm_flat_date_lunar(const dgm_flat_step *s, dgm_slice t)
{
    int32_t year = 0;
    if (s->era != DGM_FLAT_JAPANESE || t.len != s->date.len) return false;
    bool meiji = false, early = false;
    for (size_t i = 0; i < t.len; i += run_of(s->date, i)) {
        if (s->date.at[i] == 'G') meiji = t.at[i] == eras[0].letter;
        if (s->date.at[i] == 'Y') early = digits(t.at + i, run_of(s->date, i), &year) && year > 0 && year < FIRST_SOLAR_MEIJI;
    }
    return meiji && early;
}

bool dgm_flat_date_before_solar(const dgm_flat_step *s, dgm_slice iso)
{
    int32_t year = 0;
    return s->era == DGM_FLAT_JAPANESE && iso.len >= 4 && digits(iso.at, 4, &year) && year < FIRST_SOLAR_YEAR;
}

/* A mark and so many digits. */
static size_t put(char *iso, size_t at, char mark, int32_t value, size_t count)
{
    if (mark) iso[at++] = mark;
    for (size_t i = count; i-- > 0; value /= 10) iso[at + i] = (char)('0' + value % 10);
    return at + count;
}

static bool day_of_some_year(const moment *m)
{
    static const uint8_t most[13] = { 31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return m->month != 0 && m->month <= 12 && m->day >= 1 && m->day <= most[m->month < 0 ? 0 : m->month];
}

size_t dgm_flat_date_read(const dgm_flat_step *s, dgm_slice t, char *iso)
{
    moment m = nothing;
    if (t.len != s->date.len) return 0;
    for (size_t i = 0; i < s->date.len;) {
        size_t n = run_of(s->date, i);
        int32_t *part = part_of(&m, s->date.at[i], n);
        bool good = part == &m.month && n == 3 ? month_name(t.at + i, part)
                    : part == &m.era           ? letter_of_era(t.at[i], part)
                    : part                     ? digits(t.at + i, n, part)
                                               : memcmp(t.at + i, s->date.at + i, n) == 0;
        if (!good) return 0;
        if (part == &m.year && n == 2 && s->era == DGM_FLAT_COMMON) m.year += m.year < s->century ? 2000 : 1900;
        i += n;
    }
    if (s->era && !from_era(s, &m)) return 0;
    if (m.ordinal >= 0 && !from_ordinal(&m)) return 0;
    size_t n = 0;
    if (s->near && !day_of_some_year(&m)) return 0;
    if (s->near) iso[n++] = '-';
    if (s->near && m.month < 0) iso[n++] = '-';
    if (m.year >= 0) n = put(iso, n, 0, m.year, 4);
    if (m.month >= 0) n = put(iso, n, '-', m.month, 2);
    if (m.day >= 0) n = put(iso, n, '-', m.day, 2);
    if (m.hour >= 0) n = put(iso, n, 'T', m.hour, 2);
    if (m.minute >= 0) n = put(iso, n, ':', m.minute, 2);
    if (m.second >= 0) n = put(iso, n, ':', m.second, 2);
    dgm_slice made = { iso, n };
    if (s->near) return m.hour < 24 && m.minute < 60 && m.second < 60 ? n : 0;
    return dgm_date_plain(made) || dgm_date_valid(made) ? n : 0;
}

/* What a canonical date says; false: more than a pattern could (a zone, a week, a fraction). */
static bool take_apart(dgm_slice iso, moment *m)
{
    const char *at = iso.at, *end = iso.at + iso.len;
    *m = nothing;
    if (end - at >= 4 && at[0] != 'T') {
        if (!digits(at, 4, &m->year)) return false;
        at += 4;
        if (end - at >= 3 && *at == '-') {
            if (!digits(at + 1, 2, &m->month)) return false;
            at += 3;
            if (end - at >= 3 && *at == '-') {
                if (!digits(at + 1, 2, &m->day)) return false;
                at += 3;
            }
        }
    }
    if (at < end && *at == 'T') {
        int32_t *parts[] = { &m->hour, &m->minute, &m->second };
        for (size_t k = 0; k < 3 && end - at >= 3 && *at == (k ? ':' : 'T'); k++, at += 3)
            if (!digits(at + 1, 2, parts[k])) return false;
    }
    return at == end && iso.len > 0;
}

/* Has each what the other has? */
static bool same_parts(const moment *a, const moment *b)
{
    bool day_a = a->day >= 0 || a->ordinal >= 0, day_b = b->day >= 0 || b->ordinal >= 0;
    bool month_a = a->month >= 0 || a->ordinal >= 0, month_b = b->month >= 0 || b->ordinal >= 0;
    return (a->year >= 0) == (b->year >= 0) && month_a == month_b && day_a == day_b && (a->hour >= 0) == (b->hour >= 0) &&
           (a->minute >= 0) == (b->minute >= 0) && (a->second >= 0) == (b->second >= 0);
}

size_t dgm_flat_date_write(const dgm_flat_step *s, dgm_slice iso, char *text)
{
    moment m, wanted = nothing;
    if (!dgm_date_valid(iso) || !take_apart(iso, &m)) return 0;
    for (size_t i = 0; i < s->date.len; i += run_of(s->date, i)) {
        int32_t *part = part_of(&wanted, s->date.at[i], run_of(s->date, i));
        if (part) *part = 1;
    }
    if (s->near && m.day >= 0) { /* what is left out, another date tells */
        wanted.year = 1;
        wanted.month = 1;
    }
    if (!same_parts(&m, &wanted)) return 0;
    if (wanted.ordinal >= 0 && m.month >= 1) m.ordinal = days_before[m.month - 1] + m.day + (m.month > 2 && leap(m.year));
    if (s->era && !to_era(s, &m)) return 0;
    int32_t first = 1900 + s->century; /* the hundred years that two digits can say */
    for (size_t i = 0; i < s->date.len;) {
        size_t n = run_of(s->date, i);
        int32_t *part = part_of(&m, s->date.at[i], n);
        int32_t left = part ? *part : 0;
        if (part == &m.year && n == 2 && s->era == DGM_FLAT_COMMON && (left < first || left > first + 99)) return 0;
        if (!part)
            memcpy(text + i, s->date.at + i, n);
        else if (part == &m.era)
            text[i] = eras[left].letter;
        else if (part == &m.month && n == 3)
            memcpy(text + i, months + (left - 1) * 3, 3);
        else
            for (size_t k = n; k-- > 0; left /= 10) text[i + k] = (char)('0' + left % 10);
        i += n;
    }
    return s->date.len;
}
