/* SPDX-License-Identifier: Apache-2.0
 *
 * test_yaml_tidy.c - the tidy form: what changes, what stays, and that it is a form (what is tidy stays as it is), over rows by
 * hand and over every YAML file of the checkout. One thread.
 */
#include "conformance-tests/support/test.h"

#include "base/yaml_tidy.h"

#include <glob.h>
#include <limits.h>
#include <stdlib.h>

static dgm_status tidy(dgm_slice text, dgm_buffer *out)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 10, &diags), DGM_OK);
    dgm_status s = dgm_yaml_tidy(&mem, DGM_LITERAL("it.yaml"), text, diags, out);
    CU_ASSERT_EQUAL(dgm_diags_errors(diags) > 0, s == DGM_CONFIG);
    dgm_diags_free(diags);
    return s;
}

static void becomes(const char *untidy, const char *wanted, int line)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer once, twice;
    dgm_buffer_init(&once, &mem);
    dgm_buffer_init(&twice, &mem);
    CU_ASSERT_EQUAL(tidy(dgm_slice_of(untidy), &once), DGM_OK);
    test_slice_equal(dgm_buffer_slice(&once), dgm_slice_of(wanted), __FILE__, line);
    CU_ASSERT_EQUAL(tidy(dgm_buffer_slice(&once), &twice), DGM_OK);
    test_slice_equal(dgm_buffer_slice(&twice), dgm_slice_of(wanted), __FILE__, line);
    dgm_buffer_free(&once);
    dgm_buffer_free(&twice);
}
#define BECOMES(untidy, wanted) becomes(untidy, wanted, __LINE__)

/* Tidied it would mean something else: it stays as it is, and that is told. */
static void stays(const char *text)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer out;
    dgm_diags *diags = NULL;
    dgm_buffer_init(&out, &mem);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 10, &diags), DGM_OK);
    CU_ASSERT_EQUAL(dgm_yaml_tidy(&mem, DGM_LITERAL("it.yaml"), dgm_slice_of(text), diags, &out), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&out), text);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_count(diags), 1);
    CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->code, DGM_D_YAML_KEPT);
    CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->severity, DGM_WARNING);
    dgm_diags_free(diags);
    dgm_buffer_free(&out);
}

static void test_odd(void)
{
    /* a text may begin with --- where its line does not */
    BECOMES("  --- a\n", " --- a\n");
    BECOMES("    --- a:   b\n    c: d\n", " --- a: b\n c: d\n");
    BECOMES("[a,\n    ...\n   b]\n", "[a,\n    ...\n   b]\n");
    /* the second key may not, and the first stands at the left */
    stays("  c: d\n  --- a:   b\n");
    /* lines end with LF or CR LF; YAML knows others */
    stays("a: b\rc:\n  - d\r\r    - e\n");
    /* many comments are one walk */
    BECOMES("a:\n    - b\n    # c\n\n    # d\n    - e\n", "a:\n- b\n# c\n\n# d\n- e\n");
}

static void test_rows(void)
{
    BECOMES("a:   b  \n", "a: b\n");
    BECOMES("a: b", "a: b\n");
    BECOMES("a: b\r\nc: d\r\n", "a: b\nc: d\n");
    BECOMES("\n\na: b\n\n\n\nc: d\n\n\n", "a: b\n\nc: d\n");
    BECOMES("{ a : b ,c: [ d,e ] }\n", "{a: b, c: [d, e]}\n");
    BECOMES("a:\n    - b\n    -   c: d\n        e: f\n", "a:\n- b\n- c: d\n  e: f\n");
    BECOMES("a:\n      b:\n            c: d\n      e: f\n", "a:\n  b:\n    c: d\n  e: f\n");
    BECOMES("- - a\n  - b\n-   - c\n", "- - a\n  - b\n- - c\n");
    BECOMES("a:\n  -\n    b: c\n", "a:\n-\n  b: c\n");
    /* comments: about the next line, at the end of one, at the end of a list, alone */
    BECOMES("# head\n\na:\n    # of b\n    - b   # why b\n    # at the end\nc: d #\n#tail\n",
            "# head\n\na:\n# of b\n- b   # why b\n# at the end\nc: d #\n#tail\n");
    BECOMES("a:\n   b: c\n   # of d\n\n   d: e\n", "a:\n  b: c\n  # of d\n\n  d: e\n");
    /* texts over several lines keep every byte that counts */
    BECOMES("a: |\n      one\n\n\n        two  \n      three\nb:   c\n", "a: |\n      one\n\n\n        two  \n      three\nb: c\n");
    BECOMES("l:\n    - a: |\n        one\n        # no comment\n      b: c\n", "l:\n- a: |\n    one\n    # no comment\n  b: c\n");
    BECOMES("a: \"one\n     two\"\nb: c\n", "a: \"one\n     two\"\nb: c\n");
    BECOMES("a: [b,\n    c,   d]\n", "a: [b,\n    c, d]\n");
    BECOMES("a: {b: \"x, {y}: z\" ,\n    # inside\n    c: 'it''s'}\n", "a: {b: \"x, {y}: z\",\n    # inside\n    c: 'it''s'}\n");
    BECOMES("\xEF\xBB\xBF"
            "a: \xC3\xA9  \nb :  \xE4\xB8\xAD\n",
            "a: \xC3\xA9\nb: \xE4\xB8\xAD\n");
    BECOMES("a: b # [ { \nc:    \"#\"\n", "a: b # [ {\nc: \"#\"\n");
    BECOMES("f:   |\n  g", "f: |\n  g");
    BECOMES("a: \"one\n  two\" # why\n", "a: \"one\n  two\" # why\n");
    BECOMES("a: [\"one\n  two\" ,b]\n", "a: [\"one\n  two\", b]\n");
}

static void test_refused(void)
{
    static const char *const rows[] = { "a: [b\n", "a: b\na: c\n", "a: &x b\n", "\ta: b\n" };
    dgm_mem mem = dgm_mem_default();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dgm_buffer out;
        dgm_buffer_init(&out, &mem);
        CU_ASSERT_EQUAL(dgm_buffer_append(&out, DGM_LITERAL("before")), DGM_OK);
        CU_ASSERT_EQUAL(tidy(dgm_slice_of(rows[i]), &out), DGM_CONFIG);
        TEST_TEXT(dgm_buffer_slice(&out), "before");
        dgm_buffer_free(&out);
    }
}

/* Blanks where they mean nothing: twice the indentation, and two behind each comma of a line without quotes. */
static void untidy(dgm_slice text, dgm_buffer *out)
{
    for (dgm_slice rest = text; rest.len;) {
        dgm_cut cut = dgm_slice_cut(rest, '\n');
        size_t indent = 0;
        while (indent < cut.head.len && cut.head.at[indent] == ' ') indent++;
        for (size_t i = 0; i < indent; i++) (void)dgm_buffer_append(out, DGM_LITERAL(" "));
        bool plain = !memchr(cut.head.at, '"', cut.head.len) && !memchr(cut.head.at, '\'', cut.head.len) &&
                     !memchr(cut.head.at, '#', cut.head.len) && cut.head.len > indent && cut.head.at[indent] == '-' &&
                     memchr(cut.head.at, '{', cut.head.len);
        for (size_t i = 0; i < cut.head.len; i++) {
            (void)dgm_buffer_append(out, dgm_slice_part(cut.head, i, i + 1));
            if (plain && cut.head.at[i] == ',') (void)dgm_buffer_append(out, DGM_LITERAL("   "));
        }
        (void)dgm_buffer_append(out, DGM_LITERAL("\n"));
        rest = cut.tail;
    }
}

static void test_every_file(void)
{
    static const char *const patterns[] = { "mappings/rules/*.yaml", "mappings/formats/*/*.yaml", "mappings/codes/*.yaml" };
    dgm_mem mem = dgm_mem_default();
    size_t files = 0, other = 0;
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        glob_t found;
        CU_ASSERT_EQUAL_FATAL(glob(patterns[p], 0, NULL, &found), 0);
        for (size_t i = 0; i < found.gl_pathc; i++, files++) {
            dgm_slice text = test_read_file(found.gl_pathv[i]);
            dgm_buffer once, twice, worse, again;
            dgm_buffer_init(&once, &mem);
            dgm_buffer_init(&twice, &mem);
            dgm_buffer_init(&worse, &mem);
            dgm_buffer_init(&again, &mem);
            CU_ASSERT_EQUAL(tidy(text, &once), DGM_OK);
            CU_ASSERT_EQUAL(tidy(dgm_buffer_slice(&once), &twice), DGM_OK);
            CU_ASSERT(dgm_slice_equal(dgm_buffer_slice(&once), dgm_buffer_slice(&twice)));
            untidy(text, &worse);
            other += !dgm_slice_equal(dgm_buffer_slice(&worse), text);
            if (tidy(dgm_buffer_slice(&worse), &again) == DGM_OK && !memmem(text.at, text.len, "|\n", 2) &&
                !dgm_slice_equal(dgm_buffer_slice(&again), dgm_buffer_slice(&once)))
                CU_FAIL("what was made untidy does not become tidy again");
            dgm_buffer_free(&once);
            dgm_buffer_free(&twice);
            dgm_buffer_free(&worse);
            dgm_buffer_free(&again);
            free((void *)(uintptr_t)text.at);
        }
        globfree(&found);
    }
    CU_ASSERT(files >= 8);
    CU_ASSERT(other >= 2);
}

static dgm_status with_memory(const dgm_mem *mem, void *ctx)
{
    dgm_diags *diags = NULL;
    dgm_buffer out;
    (void)ctx;
    dgm_buffer_init(&out, mem);
    dgm_status s = dgm_diags_new(mem, 10, &diags);
    if (s == DGM_OK)
        s = dgm_yaml_tidy(mem, DGM_LITERAL("it"), DGM_LITERAL("a:\n    - {b: c ,d: e}\n    # x\nf: |\n  g"), diags, &out);
    dgm_diags_free(diags);
    dgm_buffer_free(&out);
    return s;
}

static void test_no_memory(void)
{
    CU_ASSERT(test_each_allocation_fails(with_memory, NULL) > 3);
}

int main(void)
{
    static const test_case cases[] = {
        { "rows by hand", test_rows },     { "what must not begin a line", test_odd },  { "what cannot be read", test_refused },
        { "every file", test_every_file }, { "each allocation fails", test_no_memory }, { 0 }
    };
    return test_main("yaml_tidy", cases);
}
