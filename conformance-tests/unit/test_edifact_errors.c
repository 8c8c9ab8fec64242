/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_errors.c - each diagnostic of the reader: an input, a caret line beneath it that shows the bytes blamed, the code.
 * "^" stands beneath each blamed byte, "|" at a point between bytes. One thread.
 */
#include "edifact_tests.h"

typedef struct row {
    const char *input, *caret, *code;
    uint32_t others; /* diagnostics beside this one */
} row;

/* The part of the input before the first "'" of the caret line's text is the same for all rows of a message: CUSDEC with BGM. */
#define U      "UNB+UNOC:3+S+R+961120:1023+1'"
#define H      "UNH+1+CUSDEC:D:96B:UN'"
#define UH     U H
#define B      "BGM+929+X+9'"
#define S29    "                             "
#define S22    "                      "
#define S12    "            "
#define SUH    S29 S22
#define SUHB   SUH S12
#define END(n) "UNS+D'UNS+S'UNT+" n "+1'UNZ+1+1'"

static const row rows[] = {
    { "", "|", "edifact.interchange.none", 0 },
    { "abc", "   |", "edifact.interchange.none", 1 },
    { "abc" UH B END("5"), "^^^", "edifact.interchange.junk", 0 },
    { "\xEF\xBB\xBF" UH B END("5"), "^^^", "edifact.interchange.bom", 0 },
    { H B "UNS+D'UNS+S'UNT+5+1'UNZ+1+1'", "^^^^^^^^^^^^^^^^^^^^^^", "edifact.interchange.no-header", 0 },
    { UH B "UNS+D'UNS+S'UNT+5+1'", SUHB "                    |", "edifact.interchange.no-end", 0 },
    { U "UNG+CUSDEC+A+B+961120:1023+9+UN+D:96B'" H B "UNS+D'UNS+S'UNT+5+1'UNZ+1+1'",
      S29 "                                      " S22 S12 "                    ^^^^^^^^", "edifact.group.no-end", 0 },
    { UH B "UNS+D'UNS+S'UNT+5+1'UNE+1+1'UNZ+1+1'", SUHB "                    ^^^^^^^^", "edifact.group.no-header", 0 },
    { "UNA++.? '" UH B END("5"), "   ^^^^^^", "edifact.una.invalid", 0 },
    { "UNA:+ ? '" UH B "MOA+39:1,5'MOA+40:1.5'" END("7"), "     ^", "edifact.una.decimal", 0 },
    { "UNA:+.?*'" UH "BGM+929+X*Y+9'" END("5"), "       ^", "edifact.una.reserved", 0 },
    { "UNB+UNOB:3+S+R+961120:1023+1'" H B END("5"), "    ^^^^", "edifact.una.expected", 0 },
    { "UNA:+.? '" UH B "MOA+39:1,5'" END("6"), "         " SUHB "        ^", "edifact.value.decimal-mark", 0 },
    { "UNA:+,? '" UH B "MOA+39:1.5'" END("6"), "         " SUHB "        ^", "edifact.value.decimal-mark", 0 },
    { "UNB|UNOC:3", "   ^", "edifact.una.missing", 2 },
    { "UNB+UNOC:5+S+R+961120:1023+1'" H B END("5"), "         ^", "edifact.syntax.version", 0 },
    { "UNB+UNOZ:3+S+R+961120:1023+1'" H B END("5"), "    ^^^^", "edifact.charset.unknown", 0 },
    { "UNB+UNOA:3+S+R+961120:1023+1'" H "BGM+929+Xy+9'" END("5"), SUH "         ^", "edifact.character.repertoire", 0 },
    { "UNB+UNOC:3+S+R+961120:1023+1'" H "BGM+929+X?+\ty+9'" END("5"), SUH "           ^", "edifact.character.repertoire", 0 },
    { "UNB+UNOA:3+S+R+961120:1023+1'" H "BGM+929+X\xE4+9'" END("5"), SUH "         ^", "edifact.character.encoding", 0 },
    { "UNB+UNOY:3+S+R+961120:1023+1'" H "BGM+929+X?+\xE4Z+9'" END("5"), SUH "           ^", "edifact.character.encoding", 0 },
    { UH B "Q7+1'" END("6"), SUHB "^^", "edifact.segment.tag", 0 },
    { UH B " \r\n\tUNS+D'  UNS+S'UNT+5+1'UNZ+1+1'", SUHB "^^^^", "edifact.segment.blanks", 0 },
    { UH B "UNS+D'UNS+S'UNT+5+1' UNZ+1+1'  ", SUHB "                    ^", "edifact.segment.blanks", 0 },
    { UH B "DTM:1+137'" END("6"), SUHB "    ^", "edifact.segment.nesting", 0 },
    { UH B "UNS+D'UNS+S'UNT+5+1'UNZ+1+1", SUHB "                    ^^^^^^^", "edifact.segment.unterminated", 0 },
    { UH END("4"), SUH "|", "edifact.segment.missing", 0 },
    { UH B "NAD+DT'CST+1'UNS+S'UNT+6+1'UNZ+1+1'", SUHB "       |", "edifact.segment.missing", 0 },
    { UH B "UNS+D'CST+1'UNT+5+1'UNZ+1+1'", SUHB "            |", "edifact.segment.missing", 0 },
    { U "UNH+1+BAPLIE:D:96B:UN'BGM+1'DTM+137'NAD+CA'UNT+5+1'UNZ+1+1'", S29 S22 "                     |", "edifact.group.missing",
      0 },
    { UH B "TOD'FTX+AAA'TDT+20'UNS+D'UNS+S'UNT+8+1'UNZ+1+1'", SUHB "            ^^^^^^^", "edifact.segment.unexpected", 0 },
    { UH B "DTM+137'LOC+5'" END("7"), SUHB "        ^^^^^^", "edifact.segment.misplaced", 0 },
    { U "UNH+1+ORDERS:D:96B:UN'BGM+220'DTM+137'UNS+S'RFF+ON:1'NAD+BY'NAD+SU'UNT+8+1'UNZ+1+1'", S29 S22 "                ^^^^^^",
      "edifact.segment.early", 0 },
    { UH B "UNS+S'UNT+4+1'UNZ+1+1'", SUHB "|", "edifact.segment.missing", 0 },
    { UH B "UNS+S'CNT+5:1'UNT+5+1'UNZ+1+1'", SUHB "|", "edifact.segment.missing", 0 },
    { UH B "UNS+D'CST+1'UNS+S'UNT+6+1'" H "BGM+929+X+9'UNS+S'UNT+4+1'UNZ+2+1'", SUHB "                          " S22 S12 "|",
      "edifact.segment.missing", 1 },
    { U "UNH+1+BAPLIE:D:96B:UN'BGM+1'DTM+137'LOC+5+A'DTM+132'LOC+61+B'UNT+7+1'UNZ+1+1'", S29 S22 "              |",
      "edifact.segment.missing", 2 },
    { UH B "PIA+1+1'" END("6"), SUHB "^^^^^^^^", "edifact.segment.unexpected", 0 },
    { UH B "CNI+1'" END("6"), SUHB "^^^^^^", "edifact.segment.unknown", 0 },
    { UH B "CST+1'CST+2'" END("7"), SUHB "      ^^^^^^", "edifact.segment.too-many", 0 },
    { UH B "TOD'TOD+1'" END("7"), SUHB "    ^^^^^^", "edifact.group.too-many", 0 },
    { U "DTM+137'" H B END("5"), S29 "^^^^^^^^", "edifact.segment.stray", 0 },
    { UH B "NAD++1'" END("6"), SUHB "    |", "edifact.element.missing", 0 },
    { UH B "DTM'" END("6"), SUHB "   |", "edifact.element.missing", 0 },
    { UH B "DTM+:19961120:102'" END("6"), SUHB "    |", "edifact.component.missing", 0 },
    { UH B "DTM+137+X:Y'" END("6"), SUHB "        ^^^", "edifact.element.too-many", 0 },
    { UH B "DTM+137:1:2:X:Y'" END("6"), SUHB "            ^^^", "edifact.component.too-many", 0 },
    { "UNB+UNOC:4+S+R+19961120:1023+1'" H "BGM+929+X*Y+9'" END("5"), "  " SUH "          ^", "edifact.element.repetitions", 0 },
    { UH B "NAD+ABCD'" END("6"), SUHB "    ^^^^", "edifact.value.too-long", 0 },
    { UH B "NAD+?+?+?+?+'" END("6"), SUHB "    ^^^^^^^^", "edifact.value.too-long", 0 },
    { U H "BGM+929+X+9'"
          "UNS+'"
          "UNS+S'UNT+5+1'UNZ+1+1'",
      SUHB "    |", "edifact.element.missing", 0 },
    { "UNB+UNOC:3+S+R+96112:1023+1'" H B END("5"), "               ^^^^^", "edifact.value.too-short", 0 },
    { UH B "CST+1A'" END("6"), SUHB "    ^^", "edifact.value.not-numeric", 0 },
    { UH B "MOA+39:1.2.3'" END("6"), SUHB "       ^^^^^", "edifact.value.not-numeric", 0 },
    { UH B "UNS+1'UNS+S'UNT+5+1'UNZ+1+1'", SUHB "    ^", "edifact.value.not-alphabetic", 0 },
    { UH B END("6"), SUHB "                ^", "edifact.count.segments", 0 },
    { UH B "UNS+D'UNS+S'UNT+5+1'UNZ+2+1'", SUHB "                        ^", "edifact.count.messages", 0 },
    { U "UNG+CUSDEC+A+B+961120:1023+9+UN+D:96B'" H B "UNS+D'UNS+S'UNT+5+1'UNE+3+9'UNZ+1+1'",
      S29 "                                      " S22 S12 "                        ^", "edifact.count.messages", 0 },
    { U "UNG+CUSDEC+A+B+961120:1023+9+UN+D:96B'" H B "UNS+D'UNS+S'UNT+5+1'UNE+1+9'UNZ+2+1'",
      S29 "                                      " S22 S12 "                                ^", "edifact.count.groups", 0 },
    { UH B "UNS+D'UNS+S'UNT+5+12'UNZ+1+1'", SUHB "                  ^^", "edifact.reference.differs", 0 },
    { UH B "UNS+D'UNS+S'UNT+5+1'UNZ+1+11'", SUHB "                          ^^", "edifact.reference.differs", 0 },
    { UH B "UNS+D'UNS+S'UNT+5+1'" H B "UNS+D'UNS+S'UNT+5+1'UNZ+2+1'", SUHB "                        ^", "edifact.reference.twice",
      0 },
    { UH B "UNS+D'", SUHB "      |", "edifact.message.truncated", 1 },
    { UH B "UNS+D'UNS+S'UNZ+1+1'", SUHB "            |", "edifact.message.no-end", 0 },
    { U "UNT+1+1'" H B END("5"), S29 "^^^^^^^^", "edifact.message.no-header", 0 },
    { U "UNH+1+CUSDEK:D:96B:UN'BGM+929'UNT+3+1'UNZ+1+1'", S29 "      ^^^^^^", "edifact.message.unknown", 0 },
    { U "UNH+1+CUSDEC:D:04C:UN'BGM+929'UNT+3+1'UNZ+1+1'", S29 "             ^^^^^", "edifact.directory.unknown", 0 },
    { U "UNH+1+CONTRL:1:1:UN:EDIFER'UCI+S+R+7+2'UCX+2+6'UNT+4+1'UNZ+1+1'", S29 "             ^^^", "edifact.directory.unknown", 0 },
    { U "UNH+1+CUSDEC:D'BGM+929'UNT+3+1'UNZ+1+1'", S29 "              |", "edifact.message.unnamed", 2 },
    { U "UNH+1+:D:96B:UN'BGM+929'UNT+3+1'UNZ+1+1'", S29 "      |", "edifact.message.unnamed", 1 },
    { U "UNH+1'BGM+929'UNT+3+1'UNZ+1+1'", S29 "     |", "edifact.message.unnamed", 1 },
};

/* The diagnostic with this code, and how many there are in all. */
static const dgm_diag *find(const dgm_diags *d, const char *code)
{
    for (size_t i = 0; i < dgm_diags_count(d); i++)
        if (strcmp(dgm_diag_name(dgm_diags_at(d, i)->code), code) == 0) return dgm_diags_at(d, i);
    return NULL;
}

static void check_row(const row *r, size_t chunk)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    dgm_reader *reader = NULL;
    dgm_message m;
    dgm_slice input = dgm_slice_of(r->input);
    CU_ASSERT_FATAL(dgm_diags_new(&mem, 100, &diags) == DGM_OK);
    dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, NULL, 0);
    CU_ASSERT_FATAL((chunk ? k->open(&host, NULL, 0, &reader) : k->open_whole(&host, NULL, 0, input, &reader)) == DGM_OK);
    dgm_status st;
    size_t fed = 0;
    while ((st = k->next(reader, &m)) == DGM_OK || st == DGM_MORE) {
        if (st == DGM_OK) {
            CU_ASSERT(m.tree == NULL || dgm_tree_sound(m.tree));
            k->recycle(reader, &m);
            continue;
        }
        size_t n = input.len - fed < chunk ? input.len - fed : chunk;
        k->feed(reader, dgm_slice_part(input, fed, fed + n), fed + n == input.len);
        fed += n;
    }
    CU_ASSERT_EQUAL(st, DGM_END);
    size_t at = strspn(r->caret, " "), bytes = strspn(r->caret + at, "^");
    const dgm_diag *d = find(diags, r->code);
    bool good = d && d->at_byte == at && d->bytes == bytes && dgm_diags_count(diags) == r->others + 1;
    if (!good) {
        fprintf(stderr, "%s\n%s wanted %s at %zu+%zu with %u others; there are:\n", r->input, r->caret, r->code, at, bytes,
                r->others);
        for (size_t i = 0; i < dgm_diags_count(diags); i++) {
            const dgm_diag *x = dgm_diags_at(diags, i);
            fprintf(stderr, "  %s at %llu+%llu %.*s\n", dgm_diag_name(x->code), (unsigned long long)x->at_byte,
                    (unsigned long long)x->bytes, (int)x->path.len, x->path.at ? x->path.at : "");
        }
    }
    CU_ASSERT(good);
    k->close(reader);
    dgm_diags_free(diags);
}

static void each_blames_the_right_bytes(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t chunk = 0; chunk < 8; chunk += i % 3 + 1) check_row(&rows[i], chunk);
}

/* Codes of the reader that other suites test: limits, formats, settings, writing, references by the million, and packages, security
 * and groups (test_edifact_package.c). */
static bool tested_elsewhere(uint32_t code)
{
    static const uint32_t version_4[] = { DGM_D_EDI_PACKAGE_NO_END,  DGM_D_EDI_PACKAGE_LENGTH, DGM_D_EDI_COUNT_OCTETS,
                                          DGM_D_EDI_GROUP_TWICE,     DGM_D_EDI_GROUPS_MIXED,   DGM_D_EDI_PAIRED,
                                          DGM_D_EDI_INTERACTIVE,     DGM_D_EDI_ENCRYPTED,      DGM_D_EDI_LINES_JOINED,
                                          DGM_D_EDI_DIRECTORY_CHOSEN };
    for (size_t i = 0; i < sizeof version_4 / sizeof version_4[0]; i++)
        if (code == version_4[i]) return true;
    return code == DGM_D_EDI_REFERENCE_UNCHECKED || code >= DGM_D_EDI_LIMIT_MESSAGE;
}

static void each_code_has_a_row(void)
{
    static const uint32_t codes[] = {
#define X(id, number, name, text, hint) number,
#include "base/diag_codes/edifact.def"
#undef X
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        bool there = tested_elsewhere(codes[i]);
        for (size_t k = 0; k < sizeof rows / sizeof rows[0] && !there; k++)
            there = strcmp(rows[k].code, dgm_diag_name(codes[i])) == 0;
        if (!there) fprintf(stderr, "no row for %s\n", dgm_diag_name(codes[i]));
        CU_ASSERT(there);
    }
}

/* The arguments told of the n-th message, whose type nobody knows: the third is the type it is near to. */
static uint32_t arguments_of(const dgm_diags *diags, size_t n)
{
    size_t seen = 0;
    for (size_t i = 0; i < dgm_diags_count(diags); i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        if (d->code == DGM_D_EDI_MESSAGE_UNKNOWN && seen++ == n) return d->argument_count;
    }
    return 0;
}

/* The nearest type is looked for a hundred times an input; the same one again needs no looking, and a new input begins anew. */
static void types_nobody_knows_have_hints(void)
{
    enum { TYPES = 100, MESSAGES = TYPES + 4 };
    static char text[MESSAGES * 80];
    size_t len = (size_t)snprintf(text, sizeof text, "UNB+UNOA:3+A+B+260101:1200+1'");
    for (unsigned i = 1; i <= MESSAGES; i++) {
        unsigned type = i <= 2 ? 1 : i - 1; /* the first one twice */
        len += (size_t)snprintf(text + len, sizeof text - len, "UNH+%u+CUSDEC%03u:D:96B:UN'UNT+2+%u'", i, type, i);
    }
    dgm_diags *diags = NULL;
    dgm_reader *r = NULL;
    dgm_message m;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 0, &diags), DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, diags, NULL, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(dgm_codec_edifact.open(&host, NULL, 0, &r), DGM_OK);
    for (int input = 0; input < 2; input++) {
        dgm_status st = dgm_codec_edifact.feed(r, (dgm_slice){ text, len }, true);
        while (st == DGM_OK) {
            st = dgm_codec_edifact.next(r, &m);
            if (st == DGM_OK) dgm_codec_edifact.recycle(r, &m);
        }
        CU_ASSERT_EQUAL(st, DGM_END);
        for (size_t i = 0; i < MESSAGES; i++) CU_ASSERT_EQUAL(arguments_of(diags, i), i <= TYPES ? 3 : 2);
        dgm_diags_clear(diags);
        dgm_codec_edifact.reset(r);
    }
    dgm_codec_edifact.close(r);
    dgm_diags_free(diags);
}

int main(void)
{
    static const test_case cases[] = {
        { "types nobody knows have hints", types_nobody_knows_have_hints },
        { "each blames the right bytes", each_blames_the_right_bytes },
        { "each code has a row", each_code_has_a_row },
        { 0 },
    };
    return test_main("edifact errors", cases);
}
