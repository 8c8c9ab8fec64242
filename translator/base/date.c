/* SPDX-License-Identifier: Apache-2.0
 *
 * date.c - see date.h: UN/EDIFACT code list 2379 (formats of dates, times and periods) on one side, ISO 8601 on the other.
 * Canonical spellings beyond the plain ones: half-year "2026-S2", quarter "2026-Q4", ten days of a month "2026-11-A3", week
 * "2026-W47"; without a year "--11-21", "--11", "---21", "-325" (day of the year), "-W47"; time alone "T20:04"; milliseconds
 * "…:05.123". A day told by week and weekday (103) or by its number in the year (105) is the calendar day.
 * Decisions: a year of two digits is 1950 to 2049; 24:00 is the end of its day and stays so, 24:01 is no time; second 60 is none,
 * as in XML; a zone is Z, UTC, GMT (all "Z") or an offset of at most 14 hours ("+01", "+05:30"), never another name; a period
 * is written without its hyphen, as the code list wants it, and read with or without. Pure functions; any thread.
 */
#include "date.h"

/* What a moment tells. The same bits describe what a format can tell; both must be equal for one to be written as the other. */
enum {
    F_YEAR = 1 << 0,
    F_HALF = 1 << 1,
    F_QUARTER = 1 << 2,
    F_MONTH = 1 << 3,
    F_TEN_DAYS = 1 << 4,
    F_WEEK = 1 << 5,
    F_DAY = 1 << 6,
    F_ORDINAL = 1 << 7,
    F_TIME = 1 << 8,
    F_SECOND = 1 << 9,
    F_MILLI = 1 << 10,
    F_ZONE = 1 << 11,
    F_WEEKDAY = 1 << 12, /* in patterns only */
    F_PERIOD = 1 << 13,  /* in patterns only */
    F_DATE = F_YEAR | F_MONTH | F_DAY
};

typedef struct moment {
    unsigned fields;
    unsigned year, half, quarter, month, ten_days, week, weekday, day, ordinal, hour, minute, second, milli;
    int offset; /* of the zone, in minutes */
    bool zulu;  /* the zone was spelt Z: the same instant as +00, but another text */
} moment;

/* ---- the formats ------------------------------------------------------------------------------------------------------------ */

/* Code and pattern. Y CCYY, y YY, M D H m s two digits each, f milliseconds, W week, w weekday, j day of the year, h half-year,
 * q quarter, t ten-day part, Z zone of three letters or an offset, O offset as +HHMM, T itself, - between the ends of a period. */
/* clang-format off */
#define FORMATS(X) \
    X(2, "DMy") X(3, "MDy") X(4, "DMY") X(5, "DMYHm") X(10, "YMDTHm") X(101, "yMD") X(102, "YMD") \
    X(103, "yWw") X(105, "yj") X(106, "MD") X(107, "j") X(108, "W") X(109, "M") X(110, "D") X(201, "yMDHm") \
    X(202, "yMDHms") X(203, "YMDHm") X(204, "YMDHms") X(205, "YMDHmO") X(206, "yMDHmO") X(207, "yMDHmsO") \
    X(208, "YMDHmsO") X(209, "HmsO") X(210, "HmsO-HmsO") X(301, "yMDHmZ") X(302, "yMDHmsZ") X(303, "YMDHmZ") \
    X(304, "YMDHmsZ") X(305, "MDHm") X(306, "DHm") X(307, "YMDHmsf") X(401, "Hm") X(402, "Hms") X(404, "HmsZ") \
    X(501, "Hm-Hm") X(502, "Hms-Hms") X(601, "y") X(602, "Y") X(603, "yh") X(604, "Yh") X(608, "Yq") \
    X(609, "yM") X(610, "YM") X(613, "yMt") X(614, "YMt") X(615, "yW") X(616, "YW") X(701, "y-y") \
    X(702, "Y-Y") X(703, "yh-yh") X(704, "Yh-Yh") X(707, "yq-yq") X(708, "Yq-Yq") X(709, "yM-yM") \
    X(710, "YM-YM") X(711, "YMD-YMD") X(713, "yMDHm-yMDHm") X(715, "yW-yW") X(716, "YW-YW") X(717, "yMD-yMD") \
    X(718, "YMD-YMD") X(719, "YMDHm-YMDHm") X(721, "YMDHmO-YMDHmO")
/* clang-format on */

typedef struct format {
    unsigned number;
    const char *code, *pattern;
} format;

static const format formats[] = {
#define X(code, pattern) { code, #code, pattern },
    FORMATS(X)
#undef X
};

static const char *const codes[] = {
#define X(code, pattern) #code,
    FORMATS(X)
#undef X
};

enum { FORMAT_COUNT = sizeof formats / sizeof *formats };

/* For a value that brings no format: the first of these that says exactly it. */
static const unsigned short preferred[] = { 602, 610, 102, 203, 204, 303, 304, 616, 604, 608, 614, 401, 402, 404, 209, 106, 109,
                                            110, 107, 108, 305, 306, 307, 718, 719, 702, 710, 716, 704, 708, 721, 501, 502, 210 };

const char *const *dgm_date_formats(size_t *n)
{
    *n = FORMAT_COUNT;
    return codes;
}

static const format *format_of(unsigned number)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (formats[i].number == number) return &formats[i];
    return NULL;
}

static const format *format_named(dgm_slice code)
{
    unsigned number = 0;
    if (!code.len || code.len > 3) return NULL;
    for (size_t i = 0; i < code.len; i++) number = number * 10 + (unsigned)(unsigned char)code.at[i] - '0';
    const format *f = format_of(number);
    return f && dgm_slice_is(code, f->code) ? f : NULL;
}

static unsigned field_of(char token)
{
    switch (token) {
    case 'Y':
    case 'y': return F_YEAR;
    case 'M': return F_MONTH;
    case 'D': return F_DAY;
    case 'H': return F_TIME;
    case 's': return F_SECOND;
    case 'f': return F_MILLI;
    case 'W': return F_WEEK;
    case 'w': return F_WEEKDAY;
    case 'j': return F_ORDINAL;
    case 'h': return F_HALF;
    case 'q': return F_QUARTER;
    case 't': return F_TEN_DAYS;
    case 'Z':
    case 'O': return F_ZONE;
    case '-': return F_PERIOD;
    default: return 0; /* m comes with H, T tells nothing */
    }
}

/* What a pattern tells, a day by week or number being a day. */
static unsigned fields_of(const char *pattern)
{
    unsigned fields = 0;
    for (; *pattern; pattern++) fields |= field_of(*pattern);
    if (fields & F_WEEKDAY) fields = (fields & ~(unsigned)(F_WEEKDAY | F_WEEK)) | F_DATE;
    if ((fields & F_ORDINAL) && (fields & F_YEAR)) fields = (fields & ~(unsigned)F_ORDINAL) | F_DATE;
    return fields;
}

/* ---- the calendar ----------------------------------------------------------------------------------------------------------- */

static bool leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_before(unsigned year, unsigned month)
{
    static const unsigned short before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };
    return before[month - 1] + (month > 2 && leap(year) ? 1u : 0u);
}

static unsigned month_days(unsigned year, unsigned month)
{
    return days_before(year, month + 1) - days_before(year, month);
}

/* Days since the last day of the year 0; 1 January of the year 1, a Monday, is 1. */
static long day_number(unsigned year, unsigned month, unsigned day)
{
    long y = (long)year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400 + (long)days_before(year, month) + (long)day;
}

static unsigned weekday_of(long number)
{
    return (unsigned)((number + 6) % 7) + 1;
}

/* The Monday of week 1, which is the week of 4 January (ISO 8601). */
static long first_monday(unsigned year)
{
    long fourth = day_number(year, 1, 4);
    return fourth - (long)weekday_of(fourth) + 1;
}

static unsigned year_weeks(unsigned year)
{
    return (unsigned)((first_monday(year + 1) - first_monday(year)) / 7);
}

/* Month and day of a day of the year, which exists. */
static void from_ordinal(moment *m, unsigned ordinal)
{
    m->month = 1;
    while (m->month < 12 && days_before(m->year, m->month + 1) < ordinal) m->month++;
    m->day = ordinal - days_before(m->year, m->month);
}

/* The day of m->week and m->weekday of the week-year m->year; false when it falls outside the years 1 to 9999. */
static bool from_week(moment *m)
{
    long number = first_monday(m->year) + (long)(m->week - 1) * 7 + (long)m->weekday - 1;
    if (number < day_number(m->year, 1, 1))
        m->year--;
    else if (m->year < 9999 && number >= day_number(m->year + 1, 1, 1))
        m->year++;
    if (m->year == 0 || number > day_number(9999, 12, 31)) return false;
    from_ordinal(m, (unsigned)(number - day_number(m->year, 1, 1)) + 1);
    return true;
}

/* Week-year, week and weekday of a calendar day. */
static void to_week(const moment *m, unsigned *year, unsigned *week, unsigned *weekday)
{
    long number = day_number(m->year, m->month, m->day);
    *year = m->year;
    if (number < first_monday(m->year))
        *year = m->year - 1;
    else if (number >= first_monday(m->year + 1))
        *year = m->year + 1;
    *week = *year ? (unsigned)((number - first_monday(*year)) / 7) + 1 : 52;
    *weekday = weekday_of(number);
}

static bool in_range(unsigned n, unsigned low, unsigned high)
{
    return n >= low && n <= high;
}

/* Is there such a moment? Without a year or a month the longest counts. */
static bool exists(const moment *m)
{
    unsigned f = m->fields, year = f & F_YEAR ? m->year : 2000;
    if (!in_range(year, 1, 9999)) return false;
    if ((f & F_MONTH) && !in_range(m->month, 1, 12)) return false;
    if ((f & F_DAY) && !in_range(m->day, 1, f & F_MONTH ? month_days(year, m->month) : 31)) return false;
    if ((f & F_WEEK) && !in_range(m->week, 1, f & F_YEAR ? year_weeks(year) : 53)) return false;
    if ((f & F_WEEKDAY) && !in_range(m->weekday, 1, 7)) return false;
    if ((f & F_ORDINAL) && !in_range(m->ordinal, 1, leap(year) ? 366 : 365)) return false;
    if ((f & F_HALF) && !in_range(m->half, 1, 2)) return false;
    if ((f & F_QUARTER) && !in_range(m->quarter, 1, 4)) return false;
    if ((f & F_TEN_DAYS) && !in_range(m->ten_days, 1, 3)) return false;
    if (m->hour == 24) return m->minute == 0 && m->second == 0 && m->milli == 0;
    return m->hour < 24 && m->minute < 60 && m->second < 60;
}

/* ---- reading what has digits --------------------------------------------------------------------------------------------------
 */

static bool take_digits(dgm_slice *s, unsigned n, unsigned *out)
{
    if (s->len < n) return false;
    *out = 0;
    for (unsigned i = 0; i < n; i++) {
        char c = s->at[i];
        if (c < '0' || c > '9') return false;
        *out = *out * 10 + (unsigned)(c - '0');
    }
    *s = dgm_slice_part(*s, n, s->len);
    return true;
}

static bool take_char(dgm_slice *s, char c)
{
    if (!s->len || s->at[0] != c) return false;
    *s = dgm_slice_part(*s, 1, s->len);
    return true;
}

/* How a zone is spelt: exactly +HHMM; anything we know; or the canonical spelling alone. */
typedef enum zone_spelling { ZONE_BASIC, ZONE_ANY, ZONE_CANONICAL } zone_spelling;

static bool take_zone(dgm_slice *s, zone_spelling how, moment *m)
{
    m->offset = 0;
    if (how != ZONE_BASIC) {
        if (take_char(s, 'Z')) return m->zulu = true;
        if (how == ZONE_ANY && s->len >= 3 && (!memcmp(s->at, "UTC", 3) || !memcmp(s->at, "GMT", 3))) {
            *s = dgm_slice_part(*s, 3, s->len);
            return m->zulu = true;
        }
    }
    bool minus = take_char(s, '-');
    unsigned hours, minutes = 0;
    if ((!minus && !take_char(s, '+')) || !take_digits(s, 2, &hours)) return false;
    bool colon = how != ZONE_BASIC && take_char(s, ':');
    if (colon || how == ZONE_BASIC || (how == ZONE_ANY && s->len && s->at[0] >= '0' && s->at[0] <= '9')) {
        if (!take_digits(s, 2, &minutes)) return false;
        if (how == ZONE_CANONICAL && minutes == 0) return false;
    }
    m->offset = (int)(hours * 60 + minutes);
    if (minutes > 59 || m->offset > 14 * 60 || (minus && m->offset == 0)) return false;
    if (minus) m->offset = -m->offset;
    return true;
}

static bool take_token(dgm_slice *s, char token, moment *m)
{
    m->fields |= field_of(token);
    switch (token) {
    case 'Y': return take_digits(s, 4, &m->year);
    case 'y':
        if (!take_digits(s, 2, &m->year)) return false;
        m->year += m->year < 50 ? 2000 : 1900;
        return true;
    case 'M': return take_digits(s, 2, &m->month);
    case 'D': return take_digits(s, 2, &m->day);
    case 'H': return take_digits(s, 2, &m->hour);
    case 'm': return take_digits(s, 2, &m->minute);
    case 's': return take_digits(s, 2, &m->second);
    case 'f': return take_digits(s, 3, &m->milli);
    case 'W': return take_digits(s, 2, &m->week);
    case 'w': return take_digits(s, 1, &m->weekday);
    case 'j': return take_digits(s, 3, &m->ordinal);
    case 'h': return take_digits(s, 1, &m->half);
    case 'q': return take_digits(s, 1, &m->quarter);
    case 't': return take_digits(s, 1, &m->ten_days);
    case 'Z': return take_zone(s, ZONE_ANY, m);
    case 'O': return take_zone(s, ZONE_BASIC, m);
    default: return take_char(s, token);
    }
}

/* One end of a pattern; *pattern is left at its NUL or behind its '-'. */
static bool take_pattern(dgm_slice *s, const char **pattern, moment *m)
{
    *m = (moment){ 0 };
    for (; **pattern && **pattern != '-'; ++*pattern)
        if (!take_token(s, **pattern, m)) return false;
    if (**pattern == '-') {
        ++*pattern;
        take_char(s, '-');
    }
    if (!exists(m)) return false;
    if (m->fields & F_WEEKDAY) {
        if (!from_week(m)) return false;
        m->fields = F_DATE;
    }
    if ((m->fields & F_ORDINAL) && (m->fields & F_YEAR)) {
        from_ordinal(m, m->ordinal);
        m->fields = F_DATE;
    }
    return true;
}

/* ---- ISO 8601 ---------------------------------------------------------------------------------------------------------------- */

static bool take_iso_time(dgm_slice *s, zone_spelling zone, moment *m)
{
    m->fields |= F_TIME;
    if (!take_digits(s, 2, &m->hour) || !take_char(s, ':') || !take_digits(s, 2, &m->minute)) return false;
    if (take_char(s, ':')) {
        m->fields |= F_SECOND;
        if (!take_digits(s, 2, &m->second)) return false;
        if (take_char(s, '.')) {
            m->fields |= F_MILLI;
            if (!take_digits(s, 3, &m->milli)) return false;
        }
    }
    if (!s->len || s->at[0] == '/') return true;
    m->fields |= F_ZONE;
    return take_zone(s, zone, m);
}

/* Behind the year and its hyphen, or behind the two hyphens that stand for it. */
static bool take_iso_month(dgm_slice *s, moment *m)
{
    m->fields |= F_MONTH;
    if (!take_digits(s, 2, &m->month)) return false;
    if (!take_char(s, '-')) return true;
    if ((m->fields & F_YEAR) && take_char(s, 'A')) {
        m->fields |= F_TEN_DAYS;
        return take_digits(s, 1, &m->ten_days);
    }
    m->fields |= F_DAY;
    return take_digits(s, 2, &m->day);
}

static bool take_iso_date(dgm_slice *s, moment *m)
{
    if (take_char(s, '-')) { /* no year */
        if (take_char(s, 'W')) {
            m->fields = F_WEEK;
            return take_digits(s, 2, &m->week);
        }
        if (!take_char(s, '-')) {
            m->fields = F_ORDINAL;
            return take_digits(s, 3, &m->ordinal);
        }
        if (!take_char(s, '-')) return take_iso_month(s, m);
        m->fields = F_DAY;
        return take_digits(s, 2, &m->day);
    }
    m->fields = F_YEAR;
    if (!take_digits(s, 4, &m->year)) return false;
    if (!take_char(s, '-')) return true;
    if (take_char(s, 'W')) {
        m->fields |= F_WEEK;
        return take_digits(s, 2, &m->week);
    }
    if (take_char(s, 'S')) {
        m->fields |= F_HALF;
        return take_digits(s, 1, &m->half);
    }
    if (take_char(s, 'Q')) {
        m->fields |= F_QUARTER;
        return take_digits(s, 1, &m->quarter);
    }
    return take_iso_month(s, m);
}

static bool take_iso_moment(dgm_slice *s, zone_spelling zone, moment *m)
{
    *m = (moment){ 0 };
    if (take_char(s, 'T')) return take_iso_time(s, zone, m) && exists(m);
    if (!take_iso_date(s, m)) return false;
    if ((m->fields & F_DAY) && take_char(s, 'T') && !take_iso_time(s, zone, m)) return false;
    return exists(m);
}

/* Both ends, and what they tell; 0 when it is none. The ends of a period must tell alike. */
static unsigned parse_iso(dgm_slice iso, zone_spelling zone, moment m[2])
{
    if (!take_iso_moment(&iso, zone, &m[0])) return 0;
    if (!iso.len) return m[0].fields;
    if (!take_char(&iso, '/') || !take_iso_moment(&iso, zone, &m[1]) || iso.len || m[0].fields != m[1].fields) return 0;
    return m[0].fields | F_PERIOD;
}

/* ---- writing ------------------------------------------------------------------------------------------------------------------
 */

typedef struct scribe {
    char text[96];
    size_t len;
} scribe;

static void put_char(scribe *w, char c)
{
    w->text[w->len++] = c;
}

static void put_digits(scribe *w, unsigned n, unsigned digits)
{
    for (unsigned i = digits; i-- > 0; n /= 10) w->text[w->len + i] = (char)('0' + n % 10);
    w->len += digits;
}

static void put_zone(scribe *w, const moment *m, bool minutes_always, const char *between)
{
    unsigned offset = (unsigned)(m->offset < 0 ? -m->offset : m->offset);
    put_char(w, m->offset < 0 ? '-' : '+');
    put_digits(w, offset / 60, 2);
    if (!minutes_always && offset % 60 == 0) return;
    if (*between) put_char(w, *between);
    put_digits(w, offset % 60, 2);
}

static void put_iso(scribe *w, const moment *m)
{
    unsigned f = m->fields;
    if (f & F_YEAR)
        put_digits(w, m->year, 4);
    else if (f & (F_MONTH | F_DAY | F_WEEK | F_ORDINAL))
        put_char(w, '-');
    if (f & F_HALF) put_char(w, '-'), put_char(w, 'S'), put_digits(w, m->half, 1);
    if (f & F_QUARTER) put_char(w, '-'), put_char(w, 'Q'), put_digits(w, m->quarter, 1);
    if (f & F_WEEK) {
        if (f & F_YEAR) put_char(w, '-');
        put_char(w, 'W'), put_digits(w, m->week, 2);
    }
    if (f & F_ORDINAL) put_digits(w, m->ordinal, 3);
    if (f & F_MONTH)
        put_char(w, '-'), put_digits(w, m->month, 2);
    else if (f & F_DAY)
        put_char(w, '-');
    if (f & F_TEN_DAYS) put_char(w, '-'), put_char(w, 'A'), put_digits(w, m->ten_days, 1);
    if (f & F_DAY) put_char(w, '-'), put_digits(w, m->day, 2);
    if (!(f & F_TIME)) return;
    put_char(w, 'T'), put_digits(w, m->hour, 2), put_char(w, ':'), put_digits(w, m->minute, 2);
    if (f & F_SECOND) put_char(w, ':'), put_digits(w, m->second, 2);
    if (f & F_MILLI) put_char(w, '.'), put_digits(w, m->milli, 3);
    if (!(f & F_ZONE)) return;
    if (m->zulu)
        put_char(w, 'Z');
    else
        put_zone(w, m, false, ":");
}

/* One end in a pattern, up to its '-' or end; false when a year does not fit two digits. */
static bool put_pattern(scribe *w, const char **pattern, const moment *m)
{
    unsigned year = m->year, week = m->week, weekday = 0;
    if (strchr(*pattern, 'w')) to_week(m, &year, &week, &weekday);
    for (; **pattern && **pattern != '-'; ++*pattern) {
        switch (**pattern) {
        case 'Y': put_digits(w, year, 4); break;
        case 'y':
            if (!in_range(year, 1950, 2049)) return false;
            put_digits(w, year % 100, 2);
            break;
        case 'M': put_digits(w, m->month, 2); break;
        case 'D': put_digits(w, m->day, 2); break;
        case 'H': put_digits(w, m->hour, 2); break;
        case 'm': put_digits(w, m->minute, 2); break;
        case 's': put_digits(w, m->second, 2); break;
        case 'f': put_digits(w, m->milli, 3); break;
        case 'W': put_digits(w, week, 2); break;
        case 'w': put_digits(w, weekday, 1); break;
        case 'j': put_digits(w, m->fields & F_ORDINAL ? m->ordinal : days_before(m->year, m->month) + m->day, 3); break;
        case 'h': put_digits(w, m->half, 1); break;
        case 'q': put_digits(w, m->quarter, 1); break;
        case 't': put_digits(w, m->ten_days, 1); break;
        case 'O': put_zone(w, m, true, ""); break;
        case 'Z':
            if (m->zulu)
                put_char(w, 'Z');
            else
                put_zone(w, m, false, "");
            break;
        default: put_char(w, **pattern); break;
        }
    }
    if (**pattern == '-') ++*pattern;
    return true;
}

static dgm_status deliver(dgm_arena *a, const scribe *w, dgm_slice *out)
{
    *out = dgm_arena_copy(a, (dgm_slice){ w->text, w->len });
    return out->at ? DGM_OK : DGM_NOMEM;
}

/* ---- the doors -----------------------------------------------------------------------------------------------------------------
 */

/* Both ends where there are two; DGM_UNKNOWN: no such format. */
static dgm_status parse_wire(dgm_slice text, const format *f, moment m[2], bool *period)
{
    if (!f) return DGM_UNKNOWN;
    const char *pattern = f->pattern;
    *period = strchr(pattern, '-') != NULL;
    return take_pattern(&text, &pattern, &m[0]) && (!*period || take_pattern(&text, &pattern, &m[1])) && !text.len ? DGM_OK
                                                                                                                   : DGM_INVALID;
}

dgm_status dgm_date_fits(dgm_slice text, dgm_slice format_code)
{
    moment m[2];
    bool period;
    return parse_wire(text, format_named(format_code), m, &period);
}

dgm_status dgm_date_read(dgm_arena *a, dgm_slice text, dgm_slice format_code, dgm_slice *iso)
{
    moment m[2];
    bool period;
    dgm_status st = parse_wire(text, format_named(format_code), m, &period);
    if (st != DGM_OK) return st;
    scribe w = { .len = 0 };
    put_iso(&w, &m[0]);
    if (period) {
        put_char(&w, '/');
        put_iso(&w, &m[1]);
    }
    return deliver(a, &w, iso);
}

static bool write_as(scribe *w, const format *f, const moment m[2], unsigned fields)
{
    if (fields_of(f->pattern) != fields) return false;
    const char *pattern = f->pattern;
    w->len = 0;
    return put_pattern(w, &pattern, &m[0]) && (!(fields & F_PERIOD) || put_pattern(w, &pattern, &m[1]));
}

dgm_status dgm_date_write(dgm_arena *a, dgm_slice iso, dgm_slice format_code, dgm_slice *text, dgm_slice *chosen)
{
    const format *f = NULL;
    if (format_code.len && !(f = format_named(format_code))) return DGM_UNKNOWN;
    moment m[2];
    unsigned fields = parse_iso(iso, ZONE_ANY, m);
    if (!fields) return DGM_INVALID;
    scribe w = { .len = 0 };
    bool written = f && write_as(&w, f, m, fields);
    for (size_t i = 0; !format_code.len && !written && i < sizeof preferred / sizeof *preferred; i++) {
        f = format_of(preferred[i]);
        written = f && write_as(&w, f, m, fields);
    }
    if (!written || !f) return DGM_INVALID;
    dgm_status s = deliver(a, &w, text);
    if (s == DGM_OK && chosen) *chosen = dgm_slice_of(f->code);
    return s;
}

bool dgm_date_valid(dgm_slice iso)
{
    moment m[2];
    return parse_iso(iso, ZONE_CANONICAL, m) != 0;
}

/* ---- order ----------------------------------------------------------------------------------------------------------------------
 */

/* Fills in what follows from what is told, so that a week can stand against a day and a quarter against a month. */
static moment widened(moment m)
{
    if (m.fields & F_MONTH) {
        m.quarter = (m.month - 1) / 3 + 1;
        m.fields |= F_QUARTER;
    }
    if (m.fields & F_QUARTER) {
        m.half = (m.quarter - 1) / 2 + 1;
        m.fields |= F_HALF;
    }
    if ((m.fields & (F_MONTH | F_DAY)) == (F_MONTH | F_DAY)) {
        m.ten_days = m.day > 20 ? 3 : (m.day - 1) / 10 + 1;
        m.fields |= F_TEN_DAYS;
    }
    return m;
}

static int order(long long a, long long b)
{
    return (a > b) - (a < b);
}

static long long millis_of_day(const moment *m)
{
    return ((m->hour * 60LL + m->minute) * 60 + m->second) * 1000 + m->milli;
}

static int compare_times(const moment *a, const moment *b, unsigned both)
{
    int c = order(a->hour * 60LL + a->minute, b->hour * 60LL + b->minute);
    if (!c && (both & F_SECOND)) c = order(a->second, b->second);
    return !c && (both & F_MILLI) ? order(a->milli, b->milli) : c;
}

static int compare_moments(const moment *x, const moment *y)
{
    moment a = widened(*x), b = widened(*y);
    unsigned both = a.fields & b.fields;
    if ((both & (F_DATE | F_TIME)) == (F_DATE | F_TIME)) { /* 24:00 is the next day's 00:00, and zones move both */
        if (!(both & F_SECOND)) a.second = b.second = 0;
        if (!(both & F_MILLI)) a.milli = b.milli = 0;
        long long shift_a = both & F_ZONE ? a.offset * 60000LL : 0, shift_b = both & F_ZONE ? b.offset * 60000LL : 0;
        return order(day_number(a.year, a.month, a.day) * 86400000LL + millis_of_day(&a) - shift_a,
                     day_number(b.year, b.month, b.day) * 86400000LL + millis_of_day(&b) - shift_b);
    }
    if (((a.fields | b.fields) & F_WEEK) && (both & F_YEAR)) {
        unsigned weekday;
        if ((a.fields & F_DATE) == F_DATE) to_week(&a, &a.year, &a.week, &weekday), a.fields |= F_WEEK;
        if ((b.fields & F_DATE) == F_DATE) to_week(&b, &b.year, &b.week, &weekday), b.fields |= F_WEEK;
        both = a.fields & b.fields;
    }
    int c = both & F_YEAR ? order(a.year, b.year) : 0;
    if (!c && (both & F_WEEK)) c = order(a.week, b.week);
    if (!c && (both & F_HALF)) c = order(a.half, b.half);
    if (!c && (both & F_QUARTER)) c = order(a.quarter, b.quarter);
    if (!c && (both & F_MONTH)) c = order(a.month, b.month);
    if (!c && (both & F_TEN_DAYS)) c = order(a.ten_days, b.ten_days);
    if (!c && (both & F_DAY)) c = order(a.day, b.day);
    if (!c && (both & F_ORDINAL)) c = order(a.ordinal, b.ordinal);
    return !c && (both & F_TIME) ? compare_times(&a, &b, both) : c;
}

int dgm_date_compare(dgm_slice a, dgm_slice b)
{
    moment x[2], y[2];
    unsigned fields_a = parse_iso(a, ZONE_ANY, x), fields_b = parse_iso(b, ZONE_ANY, y);
    if (!fields_a || !fields_b) return order(dgm_slice_compare(a, b), 0);
    int c = compare_moments(&x[0], &y[0]);
    return !c && (fields_a & fields_b & F_PERIOD) ? compare_moments(&x[1], &y[1]) : c;
}

/* ---- the clock ------------------------------------------------------------------------------------------------------------- */

enum { DAYS_TO_1970 = 719468, DAYS_OF_400_YEARS = 146097 }; /* the calendar repeats every 400 years, counted from 1 March of 0 */

dgm_moment dgm_date_moment(int64_t ms)
{
    int64_t seconds = (ms < 0 ? 0 : ms) / 1000, rest = seconds % 86400, z = seconds / 86400 + DAYS_TO_1970;
    int64_t era = z / DAYS_OF_400_YEARS, doe = z - era * DAYS_OF_400_YEARS;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, month = mp < 10 ? mp + 3 : mp - 9;
    return (dgm_moment){ .year = (unsigned)((yoe + era * 400 + (month <= 2)) % 10000),
                         .month = (unsigned)month,
                         .day = (unsigned)(doy - (153 * mp + 2) / 5 + 1),
                         .hour = (unsigned)(rest / 3600),
                         .minute = (unsigned)(rest / 60 % 60),
                         .second = (unsigned)(rest % 60) };
}

int64_t dgm_date_days(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * DAYS_OF_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970;
}
