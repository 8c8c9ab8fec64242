/* SPDX-License-Identifier: Apache-2.0
 *
 * test_date.c - the formats of UN/EDIFACT 2379 against ISO 8601 both ways, the calendar, zones, order, and what must be refused.
 * One thread.
 */
#include "base/date.h"
#include "conformance-tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

static dgm_arena arena;

/* Wire text and canonical text that become each other in this format. */
static const struct {
    const char *format, *wire, *iso;
} both_ways[] = {
    { "2", "211126", "2026-11-21" },
    { "3", "112126", "2026-11-21" },
    { "4", "21112026", "2026-11-21" },
    { "5", "211120262004", "2026-11-21T20:04" },
    { "10", "20261121T2004", "2026-11-21T20:04" },
    { "101", "261121", "2026-11-21" },
    { "101", "500101", "1950-01-01" },
    { "101", "491231", "2049-12-31" },
    { "102", "20261121", "2026-11-21" },
    { "102", "20240229", "2024-02-29" },
    { "102", "20000229", "2000-02-29" },
    { "102", "00010101", "0001-01-01" },
    { "102", "99991231", "9999-12-31" },
    { "103", "26476", "2026-11-21" }, /* week 47, Saturday */
    { "103", "20535", "2021-01-01" }, /* 1 January 2021 is Friday of week 53 of 2020 */
    { "103", "26011", "2025-12-29" }, /* week 1 of 2026 begins in 2025 */
    { "105", "26325", "2026-11-21" }, /* 304 days to the end of October, and 21 */
    { "105", "24366", "2024-12-31" },
    { "105", "24060", "2024-02-29" },
    { "106", "1121", "--11-21" },
    { "106", "0229", "--02-29" },
    { "107", "325", "-325" },
    { "108", "47", "-W47" },
    { "109", "11", "--11" },
    { "110", "21", "---21" },
    { "201", "2611212004", "2026-11-21T20:04" },
    { "202", "261121200405", "2026-11-21T20:04:05" },
    { "203", "202611212004", "2026-11-21T20:04" },
    { "203", "202611212400", "2026-11-21T24:00" },
    { "204", "20261121200405", "2026-11-21T20:04:05" },
    { "204", "20261121240000", "2026-11-21T24:00:00" },
    { "205", "202611212004+0100", "2026-11-21T20:04+01" },
    { "205", "202611212004-0330", "2026-11-21T20:04-03:30" },
    { "205", "202611212004+0000", "2026-11-21T20:04+00" },
    { "206", "2611212004+0530", "2026-11-21T20:04+05:30" },
    { "207", "261121200405+0530", "2026-11-21T20:04:05+05:30" },
    { "208", "20261121200405-0500", "2026-11-21T20:04:05-05" },
    { "209", "200405+0100", "T20:04:05+01" },
    { "210", "200405+0100210000+0100", "T20:04:05+01/T21:00:00+01" },
    { "301", "2611212004Z", "2026-11-21T20:04Z" },
    { "302", "261121200405+01", "2026-11-21T20:04:05+01" },
    { "303", "202611212004Z", "2026-11-21T20:04Z" },
    { "303", "202611212004+0530", "2026-11-21T20:04+05:30" },
    { "304", "20161207010101Z", "2016-12-07T01:01:01Z" },
    { "304", "20161207010101+01", "2016-12-07T01:01:01+01" },
    { "304", "20161207010101-05", "2016-12-07T01:01:01-05" },
    { "304", "20161207010101+00", "2016-12-07T01:01:01+00" },
    { "305", "11212004", "--11-21T20:04" },
    { "306", "212004", "---21T20:04" },
    { "307", "20261121200405123", "2026-11-21T20:04:05.123" },
    { "401", "2004", "T20:04" },
    { "401", "0000", "T00:00" },
    { "402", "200405", "T20:04:05" },
    { "404", "200405Z", "T20:04:05Z" },
    { "501", "20042130", "T20:04/T21:30" },
    { "502", "200405213000", "T20:04:05/T21:30:00" },
    { "601", "26", "2026" },
    { "602", "2026", "2026" },
    { "603", "262", "2026-S2" },
    { "604", "20261", "2026-S1" },
    { "608", "20264", "2026-Q4" },
    { "609", "2611", "2026-11" },
    { "610", "202611", "2026-11" },
    { "613", "26113", "2026-11-A3" },
    { "614", "2026111", "2026-11-A1" },
    { "615", "2647", "2026-W47" },
    { "616", "202647", "2026-W47" },
    { "616", "202053", "2020-W53" },
    { "701", "2627", "2026/2027" },
    { "702", "20262027", "2026/2027" },
    { "703", "261262", "2026-S1/2026-S2" },
    { "704", "2026120262", "2026-S1/2026-S2" },
    { "707", "261264", "2026-Q1/2026-Q4" },
    { "708", "2026120264", "2026-Q1/2026-Q4" },
    { "709", "26012603", "2026-01/2026-03" },
    { "710", "202601202603", "2026-01/2026-03" },
    { "711", "2026110120261121", "2026-11-01/2026-11-21" },
    { "713", "26110100002611212359", "2026-11-01T00:00/2026-11-21T23:59" },
    { "715", "26012647", "2026-W01/2026-W47" },
    { "716", "202601202647", "2026-W01/2026-W47" },
    { "717", "261101261121", "2026-11-01/2026-11-21" },
    { "718", "2026110120261121", "2026-11-01/2026-11-21" },
    { "719", "202611010000202611212359", "2026-11-01T00:00/2026-11-21T23:59" },
    { "721", "202611010000+0100202611212359+0100", "2026-11-01T00:00+01/2026-11-21T23:59+01" },
};

static void goes_there_and_back(void)
{
    for (size_t i = 0; i < sizeof both_ways / sizeof *both_ways; i++) {
        dgm_slice format = dgm_slice_of(both_ways[i].format), iso = { 0 }, wire = { 0 }, chosen = { 0 };
        CU_ASSERT_EQUAL(dgm_date_read(&arena, dgm_slice_of(both_ways[i].wire), format, &iso), DGM_OK);
        CU_ASSERT_EQUAL(dgm_date_fits(dgm_slice_of(both_ways[i].wire), format), DGM_OK);
        TEST_TEXT(iso, both_ways[i].iso);
        CU_ASSERT(dgm_date_valid(iso));
        CU_ASSERT_EQUAL(dgm_date_write(&arena, iso, format, &wire, &chosen), DGM_OK);
        TEST_TEXT(wire, both_ways[i].wire);
        TEST_TEXT(chosen, both_ways[i].format);
        CU_ASSERT_EQUAL(dgm_date_compare(iso, iso), 0);
    }
}

static void every_format_is_tried(void)
{
    size_t n;
    const char *const *codes = dgm_date_formats(&n);
    long before = 0;
    for (size_t i = 0; i < n; i++) {
        bool seen = false;
        for (size_t k = 0; k < sizeof both_ways / sizeof *both_ways; k++) seen = seen || !strcmp(codes[i], both_ways[k].format);
        CU_ASSERT(seen);
        long code = strtol(codes[i], NULL, 10);
        CU_ASSERT(code > before); /* numeric order */
        before = code;
    }
    CU_ASSERT(n >= 50);
}

static void other_spellings_are_made_one(void)
{
    static const struct {
        const char *format, *wire, *iso;
    } cases[] = {
        { "303", "202611212004UTC", "2026-11-21T20:04Z" },
        { "303", "202611212004GMT", "2026-11-21T20:04Z" },
        { "304", "20261121200405+0100", "2026-11-21T20:04:05+01" },
        { "304", "20261121200405+01:00", "2026-11-21T20:04:05+01" },
        { "304", "20261121200405-09:30", "2026-11-21T20:04:05-09:30" },
        { "718", "20261101-20261121", "2026-11-01/2026-11-21" },
        { "502", "200405-213000", "T20:04:05/T21:30:00" },
        { "719", "202611010000-202611212359", "2026-11-01T00:00/2026-11-21T23:59" },
        { "721", "202611010000+0100-202611212359+0100", "2026-11-01T00:00+01/2026-11-21T23:59+01" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dgm_slice iso = { 0 };
        CU_ASSERT_EQUAL(dgm_date_read(&arena, dgm_slice_of(cases[i].wire), dgm_slice_of(cases[i].format), &iso), DGM_OK);
        TEST_TEXT(iso, cases[i].iso);
    }
}

/* long: one table */
static void refuses_what_is_no_date(void)
{
    static const struct {
        const char *format, *wire;
    } cases[] = {
        { "102", "" },
        { "102", "2026112" },
        { "102", "202611211" },
        { "102", "20261131" },
        { "102", "20261301" },
        { "102", "20260001" },
        { "102", "20261100" },
        { "102", "00000101" },
        { "102", "20230229" },
        { "102", "19000229" },
        { "102", "2026-11-21" },
        { "102", " 2026112" },
        { "102", "2026112A" },
        { "103", "26478" },
        { "103", "26470" },
        { "103", "26541" },
        { "103", "26001" },
        { "105", "26366" },
        { "105", "26000" },
        { "106", "0230" },
        { "107", "367" },
        { "108", "54" },
        { "108", "00" },
        { "110", "32" },
        { "203", "202611212401" },
        { "203", "202611212060" },
        { "203", "202611212500" },
        { "204", "20261121240001" },
        { "204", "20261121235960" },
        { "205", "202611212004" },
        { "205", "202611212004Z" },
        { "205", "202611212004+01" },
        { "205", "202611212004-0000" },
        { "205", "202611212004+1500" },
        { "205", "202611212004+0160" },
        { "303", "202611212004" },
        { "303", "202611212004CET" },
        { "303", "202611212004EST" },
        { "303", "202611212004z" },
        { "303", "202611212004-00" },
        { "303", "202611212004+1" },
        { "303", "202611212004+15" },
        { "303", "202611212004Z1" },
        { "303", "202611212004+01:" },
        { "303", "202611212004+010" },
        { "307", "2026112120040512" },
        { "501", "2004" },
        { "603", "263" },
        { "604", "20260" },
        { "608", "20265" },
        { "614", "2026114" },
        { "616", "202654" },
        { "616", "202153" },
        { "718", "20261121" },
        { "718", "20261121/20261122" },
        { "718", "20261131-20261201" },
        { "718", "20261101-20261121-" },
        { "10", "202611212004" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dgm_slice iso = DGM_LITERAL("untouched");
        dgm_status s = dgm_date_read(&arena, dgm_slice_of(cases[i].wire), dgm_slice_of(cases[i].format), &iso);
        CU_ASSERT_EQUAL(dgm_date_fits(dgm_slice_of(cases[i].wire), dgm_slice_of(cases[i].format)), s);
        if (s != DGM_INVALID) fprintf(stderr, "%s as %s: status %d\n", cases[i].wire, cases[i].format, (int)s);
        CU_ASSERT_EQUAL(s, DGM_INVALID);
    }
    static const char *const unknown[] = { "", "0", "1", "0102", "999", "1022", "10A", "ZZZ", "-102" };
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        dgm_slice out;
        CU_ASSERT_EQUAL(dgm_date_read(&arena, DGM_LITERAL("20261121"), dgm_slice_of(unknown[i]), &out), DGM_UNKNOWN);
        CU_ASSERT_EQUAL(dgm_date_fits(DGM_LITERAL("20261121"), dgm_slice_of(unknown[i])), DGM_UNKNOWN);
        if (*unknown[i])
            CU_ASSERT_EQUAL(dgm_date_write(&arena, DGM_LITERAL("2026-11-21"), dgm_slice_of(unknown[i]), &out, NULL), DGM_UNKNOWN);
    }
}

static void invents_and_drops_nothing(void)
{
    static const struct {
        const char *iso, *format;
    } cases[] = {
        { "2026-11-21", "203" },
        { "2026-11-21T20:04", "102" },
        { "2026-11-21T20:04", "204" },
        { "2026-11-21T20:04:05", "203" },
        { "2026-11-21T20:04", "303" },
        { "2026-11-21T20:04Z", "203" },
        { "2026-11-21T20:04:05Z", "204" },
        { "2026-11", "102" },
        { "2026", "610" },
        { "2026-W47", "102" },
        { "2026-11-21", "616" },
        { "2026-11-21", "106" },
        { "--11-21", "102" },
        { "T20:04", "203" },
        { "2026-11-21T20:04:05.123", "204" },
        { "2026-11-21/2026-11-22", "102" },
        { "2026-11-21", "718" },
        { "1949-12-31", "101" },
        { "2050-01-01", "101" },
        { "2050-01-01T00:00", "201" },
        { "2050", "601" },
        { "2049-01-01/2050-01-01", "717" },
        { "2050-01-03", "103" },
        { "2026-11-21", "107" },
        { "2026-Q4", "604" },
        { "2026-11-A1", "610" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dgm_slice text;
        dgm_status s = dgm_date_write(&arena, dgm_slice_of(cases[i].iso), dgm_slice_of(cases[i].format), &text, NULL);
        if (s != DGM_INVALID) fprintf(stderr, "%s as %s: status %d\n", cases[i].iso, cases[i].format, (int)s);
        CU_ASSERT_EQUAL(s, DGM_INVALID);
    }
}

static void chooses_the_code_that_says_exactly_this(void)
{
    static const struct {
        const char *iso, *code, *wire;
    } cases[] = {
        { "2026", "602", "2026" },
        { "2026-11", "610", "202611" },
        { "2026-11-21", "102", "20261121" },
        { "2026-11-21T20:04", "203", "202611212004" },
        { "2026-11-21T20:04:05", "204", "20261121200405" },
        { "2026-11-21T20:04Z", "303", "202611212004Z" },
        { "2026-11-21T20:04:05+01", "304", "20261121200405+01" },
        { "2026-11-21T20:04:05+01:00", "304", "20261121200405+01" }, /* as XML spells it */
        { "2026-W47", "616", "202647" },
        { "2026-S2", "604", "20262" },
        { "2026-Q4", "608", "20264" },
        { "2026-11-A2", "614", "2026112" },
        { "T20:04", "401", "2004" },
        { "T20:04:05", "402", "200405" },
        { "T20:04:05Z", "404", "200405Z" },
        { "--11-21", "106", "1121" },
        { "--11", "109", "11" },
        { "---21", "110", "21" },
        { "-325", "107", "325" },
        { "-W47", "108", "47" },
        { "2026-11-21T20:04:05.120", "307", "20261121200405120" },
        { "2026-11-01/2026-11-21", "718", "2026110120261121" },
        { "2026-11-01T00:00/2026-11-21T23:59", "719", "202611010000202611212359" },
        { "2026/2027", "702", "20262027" },
        { "2026-01/2026-03", "710", "202601202603" },
        { "2026-W01/2026-W02", "716", "202601202602" },
        { "T20:04/T21:00", "501", "20042100" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dgm_slice text = { 0 }, chosen = { 0 };
        CU_ASSERT_EQUAL(dgm_date_write(&arena, dgm_slice_of(cases[i].iso), (dgm_slice){ 0 }, &text, &chosen), DGM_OK);
        TEST_TEXT(text, cases[i].wire);
        TEST_TEXT(chosen, cases[i].code);
    }
    dgm_slice text;
    CU_ASSERT_EQUAL(dgm_date_write(&arena, DGM_LITERAL("2026-11-21T20:04:05.123Z"), (dgm_slice){ 0 }, &text, NULL), DGM_INVALID);
    CU_ASSERT_EQUAL(dgm_date_write(&arena, DGM_LITERAL("tomorrow"), (dgm_slice){ 0 }, &text, NULL), DGM_INVALID);
}

static void knows_canonical_texts(void)
{
    static const char *const good[] = { "2026",
                                        "2026-02-28",
                                        "2024-02-29",
                                        "2026-11-21T00:00",
                                        "2026-11-21T24:00",
                                        "2026-11-21T20:04:05.000Z",
                                        "T20:04+05:30",
                                        "2026-12-31/2026-01-01",
                                        "--02-29",
                                        "-366" };
    static const char *const bad[] = { "",
                                       "26",
                                       "2026-",
                                       "2026-1",
                                       "2026-13",
                                       "2026-02-29",
                                       "2026-11-21T",
                                       "2026-11-21T20",
                                       "2026-11-21 20:04",
                                       "2026-11-21T20:04z",
                                       "2026-11-21T20:04+01:00",
                                       "2026-11-21T20:04+0100",
                                       "2026-11-21T20:04UTC",
                                       "2026-11-21T20:04:05.12",
                                       "2026-11-21T20:04:60",
                                       "2026-11-21Z",
                                       "2026-11T20:04",
                                       "2026-W54",
                                       "2026-W47-6",
                                       "2026-Q5",
                                       "2026-11-A4",
                                       "--11-A1",
                                       "2026/",
                                       "/2026",
                                       "2026/2027/2028",
                                       "2026/2027-01",
                                       "2026-325",
                                       "-367",
                                       "20261121",
                                       "2026-11-21T20:04-00",
                                       "02026",
                                       "----1",
                                       "2026-11-21\n" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!dgm_date_valid(dgm_slice_of(good[i]))) fprintf(stderr, "refused: number %zu\n", i);
        CU_ASSERT_TRUE(dgm_date_valid(dgm_slice_of(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (dgm_date_valid(dgm_slice_of(bad[i]))) fprintf(stderr, "accepted: number %zu\n", i);
        CU_ASSERT_FALSE(dgm_date_valid(dgm_slice_of(bad[i])));
    }
}

static void compares_on_what_both_have(void)
{
    static const struct {
        const char *a, *b;
        int order;
    } cases[] = {
        { "2026-11-21", "2026-11-22", -1 },
        { "2026-11-21", "2026-11", 0 },
        { "2026-12", "2026-11-21", 1 },
        { "2025", "2026-11-21T20:04", -1 },
        { "2026-11-21T20:04", "2026-11-21T20:04:59", 0 },
        { "2026-11-21T20:04:05", "2026-11-21T20:04:06", -1 },
        { "2026-11-21T24:00", "2026-11-22T00:00", 0 },
        { "2026-11-21T20:04Z", "2026-11-21T21:04+01", 0 },
        { "2026-11-21T20:04Z", "2026-11-21T20:04+01", 1 },
        { "2026-12-31T23:30-01", "2027-01-01T00:30Z", 0 },
        { "2026-11-21T20:04", "2026-11-21T20:04+01", 0 },
        { "2026-W47", "2026-11-21", 0 },
        { "2026-W48", "2026-11-21", 1 },
        { "2020-W53", "2021-01-01", 0 },
        { "2026-Q4", "2026-11", 0 },
        { "2026-Q3", "2026-11", -1 },
        { "2026-S2", "2026-Q3", 0 },
        { "2026-11-A3", "2026-11-21", 0 },
        { "2026-11-A3", "2026-11-20", 1 },
        { "T20:04", "T20:05", -1 },
        { "--11-21", "2026-11-21", 0 },
        { "2026-11-01/2026-11-21", "2026-11-01/2026-11-22", -1 },
        { "2026-11-01/2026-11-21", "2026-11-01", 0 },
        { "0001-01-01", "0001-W01", 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dgm_slice a = dgm_slice_of(cases[i].a), b = dgm_slice_of(cases[i].b);
        int forth = dgm_date_compare(a, b), back = dgm_date_compare(b, a);
        if (forth != cases[i].order) fprintf(stderr, "%s and %s: %d\n", cases[i].a, cases[i].b, forth);
        CU_ASSERT_EQUAL(forth, cases[i].order);
        CU_ASSERT_EQUAL(back, -cases[i].order);
    }
}

/* The calendar walked day by day, counting weekdays, weeks and days of the year by itself. */
static void every_day_of_a_century(void)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int weekday = 7; /* 1 January 1950 was a Sunday */
    for (int year = 1950; year < 2050; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        int ordinal = 0;
        for (int month = 1; month <= 12; month++) {
            int days = lengths[month - 1] + (month == 2 && leap);
            for (int day = 1; day <= days; day++) {
                ordinal++;
                char iso[48], by_number[32];
                snprintf(iso, sizeof iso, "%04d-%02d-%02d", year, month, day);
                snprintf(by_number, sizeof by_number, "%02d%03d", year % 100, ordinal);
                dgm_slice out = { 0 }, back = { 0 };
                CU_ASSERT_EQUAL_FATAL(dgm_date_write(&arena, dgm_slice_of(iso), DGM_LITERAL("105"), &out, NULL), DGM_OK);
                CU_ASSERT_FATAL(dgm_slice_is(out, by_number));
                CU_ASSERT_EQUAL_FATAL(dgm_date_read(&arena, out, DGM_LITERAL("105"), &back), DGM_OK);
                CU_ASSERT_FATAL(dgm_slice_is(back, iso));
                if (dgm_date_write(&arena, dgm_slice_of(iso), DGM_LITERAL("103"), &out, NULL) == DGM_OK) {
                    CU_ASSERT_EQUAL_FATAL(out.at[4], '0' + weekday);
                    CU_ASSERT_EQUAL_FATAL(dgm_date_read(&arena, out, DGM_LITERAL("103"), &back), DGM_OK);
                    CU_ASSERT_FATAL(dgm_slice_is(back, iso));
                } else { /* 1 January 1950 belongs to 1949's last week; all else has a week-year of the window */
                    CU_ASSERT(year == 1950 && ordinal == 1);
                }
                weekday = weekday % 7 + 1;
            }
            char past[48];
            snprintf(past, sizeof past, "%04d-%02d-%02d", year, month, days + 1);
            CU_ASSERT_FALSE(dgm_date_valid(dgm_slice_of(past)));
        }
        dgm_arena_reset(&arena, 65536);
    }
}

/* Nothing random may crash, and what is read must be written as it was, or as its one other spelling. */
static void random_texts(void)
{
    static const char letters[] = "0000111122233345678999+-:/TZWQSA.GMTUTC";
    size_t n;
    const char *const *codes = dgm_date_formats(&n);
    test_random r = { 303 };
    int read = 0;
    for (int round = 0; round < 300000; round++) {
        char text[48];
        uint32_t k = test_random_below(&r, sizeof both_ways / sizeof *both_ways);
        size_t len = strlen(both_ways[k].wire);
        memcpy(text, both_ways[k].wire, len);
        for (uint32_t spoilt = test_random_below(&r, 4); spoilt > 0; spoilt--)
            text[test_random_below(&r, (uint32_t)len)] = letters[test_random_below(&r, sizeof letters - 1)];
        if (test_random_below(&r, 8) == 0) text[len++] = letters[test_random_below(&r, sizeof letters - 1)];
        dgm_slice format = dgm_slice_of(test_random_below(&r, 4) ? both_ways[k].format : codes[test_random_below(&r, (uint32_t)n)]);
        dgm_slice iso, wire, again;
        dgm_date_compare((dgm_slice){ text, len }, DGM_LITERAL("2026-11-21"));
        dgm_date_valid((dgm_slice){ text, len });
        if (dgm_date_read(&arena, (dgm_slice){ text, len }, format, &iso) != DGM_OK) continue;
        read++;
        CU_ASSERT_FATAL(dgm_date_valid(iso));
        CU_ASSERT_EQUAL_FATAL(dgm_date_write(&arena, iso, format, &wire, NULL), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_date_read(&arena, wire, format, &again), DGM_OK);
        CU_ASSERT_FATAL(dgm_slice_equal(iso, again));
        dgm_arena_reset(&arena, 65536);
    }
    CU_ASSERT(read > 50000);
}

static dgm_status date_work(const dgm_mem *mem, void *ctx)
{
    (void)ctx;
    dgm_arena a;
    dgm_arena_init(&a, mem);
    dgm_slice iso, text;
    dgm_status s = DGM_OK;
    for (int i = 0; i < 400 && s == DGM_OK; i++) {
        s = dgm_date_read(&a, DGM_LITERAL("20161207010101+01"), DGM_LITERAL("304"), &iso);
        if (s == DGM_OK) s = dgm_date_write(&a, iso, (dgm_slice){ 0 }, &text, NULL);
    }
    dgm_arena_free(&a);
    return s;
}

static void failing_memory(void)
{
    CU_ASSERT(test_each_allocation_fails(date_work, NULL) >= 3);
}

int main(void)
{
    static const test_case cases[] = {
        { "goes there and back", goes_there_and_back },
        { "every format is tried", every_format_is_tried },
        { "other spellings are made one", other_spellings_are_made_one },
        { "refuses what is no date", refuses_what_is_no_date },
        { "invents and drops nothing", invents_and_drops_nothing },
        { "chooses the code that says exactly this", chooses_the_code_that_says_exactly_this },
        { "knows canonical texts", knows_canonical_texts },
        { "compares on what both have", compares_on_what_both_have },
        { "every day of a century", every_day_of_a_century },
        { "random texts", random_texts },
        { "failing memory", failing_memory },
        { 0 },
    };
    dgm_arena_init(&arena, NULL);
    int failed = test_main("date", cases);
    dgm_arena_free(&arena);
    return failed;
}
