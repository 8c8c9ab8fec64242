/* SPDX-License-Identifier: Apache-2.0
 *
 * test_diag.c - lists of diagnostics, and records as they are printed, to the letter. The codes used here are of several rooms;
 * when one of their texts is improved, so is what is expected here. One thread.
 */
#include "base/buffer.h"
#include "base/diag.h"
#include "base/utf8.h"
#include "conformance-tests/support/test.h"

#include <limits.h>

#define S(text) DGM_LITERAL(text)

static dgm_diags *new_list(uint32_t records_max)
{
    dgm_diags *list = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, records_max, &list), DGM_OK);
    return list;
}

/* ---- lists ---------------------------------------------------------------------------------------------------------------------
 */

static void keeps_records(void)
{
    dgm_diags *list = new_list(0);
    char text[] = "CST";
    dgm_diag *d = dgm_diags_add(list, DGM_D_BASE_DEFECT, DGM_ERROR);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_EQUAL(d->at_byte, UINT64_MAX);
    CU_ASSERT_EQUAL(d->node, DGM_NONE);
    CU_ASSERT_EQUAL(d->rule, DGM_NONE);
    CU_ASSERT_EQUAL(d->position.segment, 0);
    dgm_diag_text(list, d, dgm_slice_of(text));
    for (int i = 0; i < 5; i++) dgm_diag_number(list, d, -i); /* the fifth argument and later ones are not kept */
    dgm_diag_path(list, d, S("SG30/CST"));
    dgm_diag_reference(list, d, S("4711"));
    dgm_diag_source(list, d, S("a.yaml"));
    text[0] = 'X';
    dgm_diags_add(list, DGM_D_BASE_DROPPED, DGM_WARNING);
    CU_ASSERT_EQUAL(dgm_diags_count(list), 2);
    CU_ASSERT_EQUAL(dgm_diags_errors(list), 1);
    const dgm_diag *got = dgm_diags_at(list, 0);
    CU_ASSERT_EQUAL(got->code, 102);
    CU_ASSERT_EQUAL(got->argument_count, 4);
    TEST_TEXT(got->arguments[0].text, "CST");
    CU_ASSERT_EQUAL(got->arguments[3].number, -2);
    TEST_TEXT(got->path, "SG30/CST");
    TEST_TEXT(got->reference, "4711");
    TEST_TEXT(got->source, "a.yaml");
    CU_ASSERT_PTR_NULL(dgm_diags_at(list, 2));
    dgm_diags_clear(list);
    CU_ASSERT_EQUAL(dgm_diags_count(list), 0);
    CU_ASSERT_EQUAL(dgm_diags_errors(list), 0);
    dgm_diags_free(list);
}

static void counts_what_it_does_not_keep(void)
{
    dgm_diags *list = new_list(3);
    for (int i = 0; i < 10; i++) {
        dgm_diag *d = dgm_diags_add(list, DGM_D_BASE_DEFECT, i % 2 ? DGM_ERROR : DGM_INFO);
        CU_ASSERT_EQUAL(d != NULL, i < 3);
        dgm_diag_text(list, d, S("x"));
        dgm_diag_excerpt(list, d, S("y"), 0);
    }
    CU_ASSERT_EQUAL(dgm_diags_count(list), 3);
    CU_ASSERT_EQUAL(dgm_diags_errors(list), 5);
    CU_ASSERT_EQUAL(dgm_diags_dropped(list), 7);
    CU_ASSERT_FALSE(dgm_diags_failed(list));
    dgm_diags_free(list);
    dgm_diags_free(NULL);
    CU_ASSERT_PTR_NULL(dgm_diags_add(NULL, DGM_D_BASE_DEFECT, DGM_ERROR));
    CU_ASSERT_EQUAL(dgm_diags_count(NULL), 0);
    CU_ASSERT_FALSE(dgm_diags_failed(NULL));
}

static void tells_no_memory_from_the_limit(void)
{
    test_mem state = { .left = 1 };
    dgm_mem mem = test_mem_make(&state);
    dgm_diags *list;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 3, &list), DGM_OK);
    CU_ASSERT_PTR_NULL(dgm_diags_add(list, DGM_D_BASE_DEFECT, DGM_ERROR));
    CU_ASSERT_TRUE(dgm_diags_failed(list));
    CU_ASSERT_EQUAL(dgm_diags_errors(list), 1);
    CU_ASSERT_EQUAL(dgm_diags_dropped(list), 0);
    dgm_diags_free(list);
    CU_ASSERT_EQUAL(state.bytes_live, 0);
}

static void cuts_texts_between_characters(void)
{
    dgm_diags *list = new_list(0);
    dgm_diag *d = dgm_diags_add(list, DGM_D_BASE_DEFECT, DGM_ERROR);
    char text[600];
    for (size_t i = 0; i < sizeof text; i += 3) memcpy(text + i, "\xE2\x82\xAC", 3);
    dgm_diag_text(list, d, (dgm_slice){ text, sizeof text });
    CU_ASSERT_EQUAL(d->arguments[0].text.len, 255); /* 85 euros; a 86th would end at 258 */
    memset(text, 0xBF, sizeof text);
    dgm_diag_text(list, d, (dgm_slice){ text, sizeof text });
    CU_ASSERT_EQUAL(d->arguments[1].text.len, 256);
    dgm_diag_text(list, d, (dgm_slice){ text, 256 });
    CU_ASSERT_EQUAL(d->arguments[2].text.len, 256);
    dgm_diags_free(list);
}

static void excerpts_hold_the_place(void)
{
    dgm_diags *list = new_list(0);
    char text[2000];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)('a' + i % 26);
    for (size_t at = 0; at <= sizeof text; at += 7) {
        dgm_diags_clear(list);
        dgm_diag *d = dgm_diags_add(list, DGM_D_BASE_DEFECT, DGM_ERROR);
        d->at_byte = 50000 + at;
        dgm_diag_excerpt(list, d, (dgm_slice){ text, sizeof text }, 50000);
        CU_ASSERT_EQUAL(d->excerpt.len, 256);
        CU_ASSERT(d->excerpt_at <= d->at_byte && d->at_byte <= d->excerpt_at + 256);
        CU_ASSERT(memcmp(d->excerpt.at, text + (d->excerpt_at - 50000), 256) == 0);
    }
    dgm_diag *d = dgm_diags_add(list, DGM_D_BASE_DEFECT, DGM_ERROR);
    dgm_diag_excerpt(list, d, S("BGM+929'"), 17);
    TEST_TEXT(d->excerpt, "BGM+929'");
    CU_ASSERT_EQUAL(d->excerpt_at, 17);
    for (size_t i = 0; i + 1 < sizeof text; i += 2) memcpy(text + i, "\xC3\xA9", 2);
    d = dgm_diags_add(list, DGM_D_BASE_DEFECT, DGM_ERROR);
    d->at_byte = 1001;
    dgm_diag_excerpt(list, d, (dgm_slice){ text, sizeof text }, 1);
    CU_ASSERT_EQUAL(dgm_utf8_check(d->excerpt), d->excerpt.len);
    dgm_diags_free(list);
}

static void moves_from_list_to_list(void)
{
    dgm_diags *from = new_list(2), *to = new_list(3);
    for (int i = 0; i < 3; i++) {
        dgm_diag *d = dgm_diags_add(from, DGM_D_BASE_DEFECT, DGM_ERROR);
        dgm_diag_number(from, d, i);
        dgm_diag_path(from, d, S("A/B"));
    }
    dgm_diags_add(to, DGM_D_BASE_DROPPED, DGM_INFO);
    CU_ASSERT_EQUAL(dgm_diags_move(to, from), DGM_OK);
    CU_ASSERT_EQUAL(dgm_diags_count(from), 0);
    CU_ASSERT_EQUAL(dgm_diags_count(to), 3);
    CU_ASSERT_EQUAL(dgm_diags_errors(to), 3);
    CU_ASSERT_EQUAL(dgm_diags_dropped(to), 1);
    dgm_diags_add(from, DGM_D_BASE_MEMORY, DGM_ERROR);
    CU_ASSERT_EQUAL(dgm_diags_move(to, from), DGM_OK);
    CU_ASSERT_EQUAL(dgm_diags_count(to), 3);
    CU_ASSERT_EQUAL(dgm_diags_errors(to), 4);
    CU_ASSERT_EQUAL(dgm_diags_dropped(to), 2);
    dgm_diags_free(from);
    CU_ASSERT_EQUAL(dgm_diags_at(to, 2)->arguments[0].number, 1);
    TEST_TEXT(dgm_diags_at(to, 2)->path, "A/B");
    dgm_diags_free(to);
}

static void names_codes(void)
{
    CU_ASSERT_STRING_EQUAL(dgm_diag_name(DGM_D_BASE_MEMORY), "base.memory");
    CU_ASSERT_STRING_EQUAL(dgm_diag_name(0), "unknown");
    CU_ASSERT_STRING_EQUAL(dgm_diag_name(UINT32_MAX), "unknown");
    static const char *const names[] = {
#define X(id, number, name, text, hint) name,
#include "base/diag_codes/all.def"
#undef X
    };
    size_t n = sizeof names / sizeof *names;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (!strcmp(names[i], names[j])) {
                fprintf(stderr, "%s is there twice\n", names[i]);
                CU_FAIL("a stable name stands for one thing");
            }
}

static void finds_the_nearest_name(void)
{
    const dgm_slice names[] = { S("Declarant"), S("DeclarationOfficeID"), S("FunctionCode"), S("Submitter"), S("cusdec-d96b") };
    CU_ASSERT_EQUAL(dgm_nearest(S("Declaranr"), names, 5), 0);
    CU_ASSERT_EQUAL(dgm_nearest(S("Delcarant"), names, 5), 0); /* two neighbours swapped: one edit */
    CU_ASSERT_EQUAL(dgm_nearest(S("FUNCTIONCODE"), names, 5), 2);
    CU_ASSERT_EQUAL(dgm_nearest(S("cusdec-d96a"), names, 5), 4);
    CU_ASSERT_EQUAL(dgm_nearest(S("Exporter"), names, 5), -1);
    CU_ASSERT_EQUAL(dgm_nearest(S("De"), names, 5), -1);
    CU_ASSERT_EQUAL(dgm_nearest(S(""), names, 5), -1);
    CU_ASSERT_EQUAL(dgm_nearest(S("x"), NULL, 0), -1);
    const dgm_slice close[] = { S("abcdefgh1"), S("abcdefghi"), S("abcdefgh2") };
    CU_ASSERT_EQUAL(dgm_nearest(S("abcdefghi"), close, 3), 1);
    const dgm_slice bounds[] = { S("abXX") };
    CU_ASSERT_EQUAL(dgm_nearest(S("abcd"), bounds, 1), -1);  /* two edits of four letters are too many */
    CU_ASSERT_EQUAL(dgm_nearest(S("abcdXX"), bounds, 1), 0); /* two of six are not */
}

static void locates_offsets(void)
{
    dgm_slice text = S("UNB+UNOC:3'\r\nUNH+1'\n\nBGM'");
    static const struct {
        size_t at, line, column;
        const char *text;
    } cases[] = { { 0, 1, 1, "UNB+UNOC:3'" }, { 4, 1, 5, "UNB+UNOC:3'" }, { 12, 1, 13, "UNB+UNOC:3'" },
                  { 13, 2, 1, "UNH+1'" },     { 19, 2, 7, "UNH+1'" },     { 20, 3, 1, "" },
                  { 21, 4, 1, "BGM'" },       { 25, 4, 5, "BGM'" },       { 999, 4, 5, "BGM'" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dgm_place p = dgm_locate(text, cases[i].at);
        CU_ASSERT_EQUAL(p.line, cases[i].line);
        CU_ASSERT_EQUAL(p.column, cases[i].column);
        TEST_TEXT(p.line_text, cases[i].text);
    }
    dgm_place none = dgm_locate((dgm_slice){ 0 }, 5);
    CU_ASSERT_EQUAL(none.line, 1);
    CU_ASSERT_EQUAL(none.column, 1);
    char many[1000];
    test_random r = { 12 };
    size_t line = 1;
    for (size_t i = 0; i < sizeof many; i++) {
        CU_ASSERT_EQUAL(dgm_locate((dgm_slice){ many, i }, i).line, line);
        many[i] = "\n\v\x8A\x0B\x09x"[test_random_below(&r, 6)];
        line += many[i] == '\n';
    }
}

/* ---- printing -------------------------------------------------------------------------------------------------------------------
 */

static void printed(const dgm_diag *d, dgm_diag_style style, const char *wanted, int line)
{
    dgm_buffer out;
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_EQUAL(dgm_diag_print(d, &style, dgm_buffer_sink(&out)), DGM_OK);
    test_slice_equal(dgm_buffer_slice(&out), dgm_slice_of(wanted), __FILE__, line);
    dgm_buffer_free(&out);
}
#define PRINTED(d, wanted, ...) printed((d), (dgm_diag_style){ __VA_ARGS__ }, (wanted), __LINE__)

/* A segment with a value that is too long, as the EDIFACT reader would tell it. */
static dgm_diag *too_long(dgm_diags *list, dgm_slice input)
{
    const char *cst = memmem(input.at, input.len, "CST", 3);
    dgm_diag *d = dgm_diags_add(list, DGM_D_MODEL_VALUE_LONG, DGM_ERROR);
    size_t at = (size_t)(cst - input.at);
    dgm_diag_text(list, d, S("an..18"));
    dgm_diag_number(list, d, 19);
    dgm_diag_number(list, d, 18);
    d->position = (dgm_position){ .interchange = 1, .message = 1, .segment = 12, .element = 2, .component = 1 };
    d->at_byte = at + 6;
    d->bytes = 19;
    dgm_diag_reference(list, d, S("4711"));
    dgm_diag_path(list, d, S("SG30/CST/C246/7361"));
    dgm_diag_excerpt(list, d, S("CST+1+1234567890123456789:112'\n"), at);
    return d;
}

static void prints_as_compilers_do(void)
{
    dgm_diags *list = new_list(0);
    dgm_slice input = S("UNB+UNOC:3'\nBGM+929'\nCST+1+1234567890123456789:112'\nLOC'\n");
    dgm_diag *d = too_long(list, input);
    PRINTED(d,
            "declaration.edi:3:7: error[model.value.long]: the value is too long for an..18; it has 19 characters, 18 are allowed\n"
            "  message 4711, segment 12 CST, element 2 component 1 (SG30/CST/C246/7361), offset 27\n"
            "    CST+1+1234567890123456789:112'\n"
            "          ^~~~~~~~~~~~~~~~~~~\n",
            .input_name = S("declaration.edi"), .input = input);
    PRINTED(d,
            "declaration.edi: error[model.value.long]: the value is too long for an..18; it has 19 characters, 18 are allowed\n"
            "  message 4711, segment 12 CST, element 2 component 1 (SG30/CST/C246/7361), offset 27\n"
            "    CST+1+1234567890123456789:112'\n"
            "          ^~~~~~~~~~~~~~~~~~~\n",
            .input_name = S("declaration.edi"));
    d->line = 3; /* found out by the caller, who has the input: printed just the same */
    d->column = 7;
    PRINTED(d,
            "declaration.edi:3:7: error[model.value.long]: the value is too long for an..18; it has 19 characters, 18 are allowed\n"
            "  message 4711, segment 12 CST, element 2 component 1 (SG30/CST/C246/7361), offset 27\n"
            "    CST+1+1234567890123456789:112'\n"
            "          ^~~~~~~~~~~~~~~~~~~\n",
            .input_name = S("declaration.edi"));
    d->line = d->column = 0;
    d->excerpt = (dgm_slice){ 0 }; /* the line is then taken from the input */
    PRINTED(d,
            "error[model.value.long]: the value is too long for an..18; it has 19 characters, 18 are allowed\n"
            "  message 4711, segment 12 CST, element 2 component 1 (SG30/CST/C246/7361), offset 27\n",
            .width = 0);
    PRINTED(d,
            "3:7: error[model.value.long]: the value is too long for an..18; it has 19 characters, 18 are allowed\n"
            "  message 4711, segment 12 CST, element 2 component 1 (SG30/CST/C246/7361), offset 27\n"
            "    CST+1+1234567890123456789:112'\n"
            "          ^~~~~~~~~~~~~~~~~~~\n",
            .input = input);
    dgm_diags_free(list);
}

static void prints_places_of_all_kinds(void)
{
    dgm_diags *list = new_list(0);
    dgm_diag *d = dgm_diags_add(list, DGM_D_BASE_MEMORY, DGM_WARNING);
    PRINTED(d, "warning[base.memory]: out of memory\n  hint: give the process more memory, or lower the limits\n", .width = 0);
    d->position = (dgm_position){ .interchange = 2, .group = 1, .message = 3, .repetition = 4 };
    d->severity = DGM_INFO;
    PRINTED(d,
            "info[base.memory]: out of memory\n"
            "  interchange 2, group 1, message 3, repetition 4\n"
            "  hint: give the process more memory, or lower the limits\n",
            .width = 0);
    /* A mapping file: line and column are known, its own name is printed, and offsets mean nothing. */
    d = dgm_diags_add(list, DGM_D_JOB_FORMAT_UNKNOWN, DGM_ERROR);
    dgm_diag_text(list, d, S("cusdec-d96a"));
    dgm_diag_text(list, d, S("cusdec-d96b"));
    dgm_diag_source(list, d, S("rules/cusdec.yaml"));
    dgm_diag_path(list, d, S("GoodsShipment/Invoice"));
    d->line = 7;
    d->column = 11;
    d->at_byte = 90;
    d->bytes = 11;
    dgm_diag_excerpt(list, d, S("  format: cusdec-d96a"), 80);
    PRINTED(d,
            "rules/cusdec.yaml:7:11: error[job.format.unknown]: there is no format named cusdec-d96a\n"
            "  at GoodsShipment/Invoice\n"
            "      format: cusdec-d96a\n"
            "              ^~~~~~~~~~~\n"
            "  hint: nearest: cusdec-d96b; `dragoman formats` lists them all\n",
            .input_name = S("declaration.edi"), .input = S("UNB'"));
    /* Without a nearest name the clause that would give it is left out. */
    d = dgm_diags_add(list, DGM_D_JOB_FORMAT_UNKNOWN, DGM_ERROR);
    dgm_diag_text(list, d, S("x"));
    PRINTED(d, "error[job.format.unknown]: there is no format named x\n  hint: `dragoman formats` lists them all\n", .width = 0);
    d = dgm_diags_add(list, DGM_D_JOB_SETTING_UNKNOWN, DGM_ERROR);
    dgm_diag_text(list, d, S("x"));
    dgm_diag_text(list, d, S("y"));
    dgm_diag_text(list, d, S(""));
    PRINTED(d, "error[job.setting.unknown]: x is no setting of y\n", .width = 0);
    d = dgm_diags_add(list, DGM_D_BASE_DEFECT, DGM_ERROR); /* a missing argument of the first clause shows as the mistake it is */
    PRINTED(d, "error[base.defect]: defect of dragoman: {1}\n  hint: please report it, with the input if you may\n", .width = 0);
    /* One is not several, be it a number or told as text; nothing is several, too. */
    static const char *const repetitions[] = { "S002 may stand once; this is occurrence 2",
                                               "S002 may stand 3 times at most; this is occurrence 4",
                                               "S002 may stand 0 times at most; this is occurrence 1" };
    for (int i = 0; i < 3; i++) {
        char wanted[160];
        int64_t most = i == 0 ? 1 : i == 1 ? 3 : 0;
        snprintf(wanted, sizeof wanted, "error[edifact.element.repetitions]: %s\n", repetitions[i]);
        d = dgm_diags_add(list, DGM_D_EDI_REPETITIONS_TOO_MANY, DGM_ERROR);
        dgm_diag_text(list, d, S("S002"));
        dgm_diag_number(list, d, most);
        dgm_diag_number(list, d, most + 1);
        PRINTED(d, wanted, .width = 0);
    }
    d = dgm_diags_add(list, DGM_D_EDI_COUNT_MESSAGES, DGM_ERROR);
    dgm_diag_text(list, d, S("UNZ"));
    dgm_diag_text(list, d, S("1"));
    dgm_diag_number(list, d, 0);
    PRINTED(d, "error[edifact.count.messages]: UNZ counts one message; there are 0\n", .width = 0);
    d = dgm_diags_add(list, DGM_D_BASE_DEFECT, DGM_ERROR);
    d->code = 99999999;
    dgm_diag_text(list, d, S("text"));
    PRINTED(d, "error[unknown]: text\n", .width = 0);
    dgm_diags_free(list);
}

static void shows_what_cannot_be_seen(void)
{
    dgm_diags *list = new_list(0);
    dgm_diag *d = dgm_diags_add(list, DGM_D_BASE_DEFECT, DGM_ERROR);
    dgm_diag_text(list, d,
                  S("\033[31mred\033[0m \xE9\t\xE2\x80\xAE"
                    "abc"));
    d->bytes = 7;
    /* A separator, a broken byte, wide letters (two columns each), an accent that stands over what is before it (none), and what is
     * meant: one wide letter, x, a tab, and u with its dots: five columns from the fourteenth on. */
    dgm_diag_excerpt(list, d,
                     S("\x1C"
                       "a\xE9\xE5\x8C\x97\xE4\xBA\xAC\x7F\xCC\x81z\xC3\xA9\xE6\x9D\xB1x\t\xC3\xBC"),
                     0);
    CU_ASSERT_EQUAL(d->excerpt.len, 22);
    d->at_byte = 15;
    PRINTED(d,
            "error[base.defect]: defect of dragoman: \xE2\x90\x9B[31mred\xE2\x90\x9B[0m <E9>\xE2\x90\x89<U+202E>abc\n"
            "  offset 15\n"
            "    \xE2\x90\x9C"
            "a<E9>\xE5\x8C\x97\xE4\xBA\xAC\xE2\x90\xA1\xCC\x81z\xC3\xA9\xE6\x9D\xB1x\xE2\x90\x89\xC3\xBC\n"
            "                 ^~~~~\n"
            "  hint: please report it, with the input if you may\n",
            .width = 0);
    dgm_diags_free(list);
}

/* The caret line must stand under the same letters in any window; the text is the alphabet over and over, without spaces. */
static void windows_long_lines(void)
{
    static char input[5000];
    for (size_t i = 0; i < sizeof input; i++) input[i] = (char)('a' + i % 26);
    dgm_diags *list = new_list(0);
    dgm_diag *d = dgm_diags_add(list, DGM_D_BASE_MEMORY, DGM_ERROR);
    for (uint32_t width = 0; width < 130; width += 13)
        for (size_t at = 0; at <= sizeof input; at += at < 300 || at > 4700 ? 1 : 97) {
            d->at_byte = at;
            d->bytes = at % 40;
            dgm_buffer out;
            dgm_buffer_init(&out, NULL);
            dgm_diag_style style = { .input = { input, sizeof input }, .width = width };
            CU_ASSERT_EQUAL(dgm_diag_print(d, &style, dgm_buffer_sink(&out)), DGM_OK);
            dgm_slice line = dgm_slice_cut(dgm_slice_cut(dgm_buffer_slice(&out), '\n').tail, '\n').tail, carets;
            carets = dgm_slice_cut(dgm_slice_cut(line, '\n').tail, '\n').head;
            line = dgm_slice_cut(line, '\n').head;
            const char *caret = memchr(carets.at, '^', carets.len);
            CU_ASSERT_PTR_NOT_NULL_FATAL(caret);
            size_t columns = width == 0 ? 120 : width < 24 ? 24 : width;
            CU_ASSERT(dgm_utf8_length(line) <= columns + 1);
            CU_ASSERT(carets.len <= columns + 1);
            /* The letter above the caret is the one that is meant. */
            size_t above = dgm_utf8_head(line, (size_t)(caret - carets.at));
            CU_ASSERT(at == sizeof input ? above == line.len : line.at[above] == input[at]);
            size_t meant = carets.len - (size_t)(caret - carets.at);
            CU_ASSERT(meant >= 1 && meant <= (d->bytes ? d->bytes : 1));
            dgm_buffer_free(&out);
        }
    dgm_diags_free(list);
}

static void a_window_as_a_person_sees_it(void)
{
    dgm_diags *list = new_list(0);
    dgm_diag *d = dgm_diags_add(list, DGM_D_BASE_MEMORY, DGM_ERROR);
    d->at_byte = 30;
    d->bytes = 4;
    PRINTED(d,
            "1:31: error[base.memory]: out of memory\n"
            "  offset 30\n"
            "    \xE2\x80\xA6"
            "VWXYZ0123456789abcdefghijklm\xE2\x80\xA6\n"
            "              ^~~~\n"
            "  hint: give the process more memory, or lower the limits\n",
            .input = S("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz"), .width = 34);
    dgm_diags_free(list);
}

static void paints(void)
{
    dgm_diags *list = new_list(0);
    dgm_diag *d = dgm_diags_add(list, DGM_D_BASE_MEMORY, DGM_ERROR);
    d->at_byte = 1;
    PRINTED(d,
            "\033[1mx:1:2: \033[0m\033[1;31merror[base.memory]:\033[0m \033[1mout of memory\033[0m\n"
            "  offset 1\n"
            "    ab\n"
            "     \033[1;32m^\033[0m\n"
            "  \033[1;36mhint:\033[0m give the process more memory, or lower the limits\n",
            .input = S("ab"), .input_name = S("x"), .colour = true);
    dgm_diags_free(list);
}

static void prints_json(void)
{
    dgm_diags *list = new_list(0);
    dgm_slice input = S("UNB+UNOC:3'\nBGM+929'\nCST+1+1234567890123456789:112'\nLOC'\n");
    dgm_diag *d = too_long(list, input);
    d->rule = 0;
    PRINTED(
        d,
        "{\"code\":\"model.value.long\",\"severity\":\"error\",\"message\":\"the value is too long for an..18; it has 19 "
        "characters, 18 are allowed\","
        "\"source\":\"declaration.edi\",\"line\":3,\"column\":7,\"offset\":27,\"bytes\":19,\"interchange\":1,\"message_number\":1,"
        "\"segment\":12,\"element\":2,\"component\":1,\"reference\":\"4711\",\"path\":\"SG30/CST/C246/7361\",\"rule\":0,"
        "\"arguments\":[\"an..18\",19,18],\"excerpt\":\"CST+1+1234567890123456789:112'\\u000a\"}\n",
        .form = DGM_DIAG_JSON, .input_name = S("declaration.edi"), .input = input, .colour = true);
    d = dgm_diags_add(list, DGM_D_BASE_DEFECT, DGM_WARNING);
    dgm_diag_text(list, d, S("\"\\\n\xE9\xC3\xA9\x7F"));
    PRINTED(
        d,
        "{\"code\":\"base.defect\",\"severity\":\"warning\",\"message\":\"defect of dragoman: "
        "\\\"\\\\\\u000a\xEF\xBF\xBD\xC3\xA9\x7F\","
        "\"arguments\":[\"\\\"\\\\\\u000a\xEF\xBF\xBD\xC3\xA9\x7F\"],\"hint\":\"please report it, with the input if you may\"}\n",
        .form = DGM_DIAG_JSON);
    d = dgm_diags_add(list, DGM_D_BASE_DROPPED, DGM_INFO);
    dgm_diag_number(list, d, INT64_MIN);
    PRINTED(d,
            "{\"code\":\"base.diagnostics.dropped\",\"severity\":\"info\",\"message\":\"-9223372036854775808 more records were not "
            "kept\","
            "\"arguments\":[-9223372036854775808],\"hint\":\"raise the limit of diagnostics to see them\"}\n",
            .form = DGM_DIAG_JSON);
    dgm_diags_free(list);
}

static dgm_status broken_sink(void *ctx, dgm_slice bytes)
{
    (void)bytes;
    ++*(int *)ctx;
    return DGM_IO;
}

static void returns_what_the_sink_returns(void)
{
    dgm_diags *list = new_list(0);
    int calls = 0;
    static char input[100000];
    memset(input, 'x', sizeof input);
    dgm_diag *d = dgm_diags_add(list, DGM_D_BASE_MEMORY, DGM_ERROR);
    d->at_byte = 50000;
    dgm_diag_style style = { .input = { input, sizeof input }, .width = 20000 };
    CU_ASSERT_EQUAL(dgm_diag_print(d, &style, (dgm_sink){ broken_sink, &calls }), DGM_IO);
    CU_ASSERT_EQUAL(calls, 1);
    dgm_diags_free(list);
}

/* Random records over random bytes: the JSON stays UTF-8 on one line, the text shows no control character. */
static void random_records(void)
{
    test_random r = { 2379 };
    char input[300];
    for (int round = 0; round < 20000; round++) {
        size_t len = test_random_below(&r, sizeof input);
        for (size_t i = 0; i < len; i++)
            input[i] = (char)(test_random_below(&r, 3) ? 'a' + test_random_below(&r, 26) : test_random_below(&r, 256));
        dgm_diags *list = new_list(0);
        dgm_diag *d = dgm_diags_add(list, DGM_D_JOB_SETTING_VALUE, DGM_ERROR);
        d->at_byte = test_random_below(&r, 320);
        d->bytes = test_random_below(&r, 4) ? test_random_below(&r, 300) : UINT64_MAX;
        for (int i = 0; i < 3; i++)
            dgm_diag_text(list, d, dgm_slice_part((dgm_slice){ input, len }, test_random_below(&r, 300), 300));
        dgm_diag_path(list, d, dgm_slice_part((dgm_slice){ input, len }, test_random_below(&r, 300), 300));
        if (round % 2) dgm_diag_excerpt(list, d, (dgm_slice){ input, len }, test_random_below(&r, 30));
        dgm_diag_style style = { .form = round % 4 < 2 ? DGM_DIAG_TEXT : DGM_DIAG_JSON,
                                 .input = { input, len },
                                 .width = test_random_below(&r, 140),
                                 .input_name = { input, len } };
        dgm_buffer out;
        dgm_buffer_init(&out, NULL);
        CU_ASSERT_EQUAL_FATAL(dgm_diag_print(d, &style, dgm_buffer_sink(&out)), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_utf8_check(dgm_buffer_slice(&out)), out.len);
        size_t lines = 0;
        for (size_t i = 0; i < out.len; i++) {
            lines += out.at[i] == '\n';
            CU_ASSERT_FATAL((unsigned char)out.at[i] >= 0x20 || out.at[i] == '\n');
        }
        CU_ASSERT_FATAL(style.form == DGM_DIAG_JSON ? lines == 1 : lines <= 5);
        dgm_buffer_free(&out);
        dgm_diags_free(list);
    }
}

static dgm_status diag_work(const dgm_mem *mem, void *ctx)
{
    (void)ctx;
    dgm_diags *from = NULL, *to = NULL;
    dgm_status s = dgm_diags_new(mem, 0, &from);
    if (s == DGM_OK) s = dgm_diags_new(mem, 0, &to);
    for (int i = 0; i < 60 && s == DGM_OK; i++) {
        dgm_diag *d = dgm_diags_add(from, DGM_D_BASE_DEFECT, DGM_ERROR);
        dgm_diag_text(from, d, S("a text of some length, so that the arena needs more than one block in the end"));
        dgm_diag_path(from, d, S("GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Classification/ID"));
        dgm_diag_excerpt(from, d, S("CST+1+1234567890123456789:112'"), 0);
        CU_ASSERT_EQUAL(dgm_diags_errors(from), (size_t)i + 1);
        if (dgm_diags_failed(from)) s = DGM_NOMEM;
    }
    if (s == DGM_OK) {
        s = dgm_diags_move(to, from);
        CU_ASSERT_EQUAL(dgm_diags_count(to), s == DGM_OK ? 60 : 0);
        CU_ASSERT_EQUAL(dgm_diags_count(from), s == DGM_OK ? 0 : 60);
        CU_ASSERT_EQUAL(dgm_diags_failed(to), s != DGM_OK);
    }
    dgm_diags_free(from);
    dgm_diags_free(to);
    return s;
}

static void failing_memory(void)
{
    CU_ASSERT(test_each_allocation_fails(diag_work, NULL) >= 10);
}

int main(void)
{
    static const test_case cases[] = {
        { "keeps records", keeps_records },
        { "counts what it does not keep", counts_what_it_does_not_keep },
        { "tells no memory from the limit", tells_no_memory_from_the_limit },
        { "cuts texts between characters", cuts_texts_between_characters },
        { "excerpts hold the place", excerpts_hold_the_place },
        { "moves from list to list", moves_from_list_to_list },
        { "names codes", names_codes },
        { "finds the nearest name", finds_the_nearest_name },
        { "locates offsets", locates_offsets },
        { "prints as compilers do", prints_as_compilers_do },
        { "prints places of all kinds", prints_places_of_all_kinds },
        { "shows what cannot be seen", shows_what_cannot_be_seen },
        { "windows long lines", windows_long_lines },
        { "a window as a person sees it", a_window_as_a_person_sees_it },
        { "paints", paints },
        { "prints JSON", prints_json },
        { "returns what the sink returns", returns_what_the_sink_returns },
        { "random records", random_records },
        { "failing memory", failing_memory },
        { 0 },
    };
    return test_main("diag", cases);
}
