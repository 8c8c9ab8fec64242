/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_write.c - trees become interchanges: envelope, releases, truncation, refusals, and the way back. One thread.
 */
#include "edifact_tests.h"

#define MESSAGE                                                                                                                    \
    "UNH+7+CUSDEC:D:96B:UN'BGM+929+A?+B??C?'D?:E+9'CST++DE:122'DTM+137:19961120:102'NAD+DT+123::ZZZ++M\xDCLLER'UNS+D'CST+1+"       \
    "84713000'"                                                                                                                    \
    "MEA+WT++KGM:1234.5'MOA+38:99:EUR'CST+2+1++2'UNS+S'CNT+5:2'UNT+13+7'"

static int64_t fixed_now(void *ctx)
{
    (void)ctx;
    return 848485380000; /* 1996-11-20 10:23 UTC */
}

typedef struct desk { /* a writer over a tree that a test makes */
    dgm_mem mem;
    dgm_shape *shape;
    dgm_format format;
    dgm_diags *diags;
    dgm_host host;
    dgm_buffer out;
    dgm_builder *builder;
    dgm_writer *writer;
} desk;

static dgm_status desk_open(desk *d, const dgm_setting *settings, size_t n)
{
    dgm_world world = dgm_world_default();
    world.now_ms = fixed_now;
    *d = (desk){ .mem = dgm_mem_default() };
    CU_ASSERT_FATAL(edi_cusdec_shape(&d->mem, &d->shape) == DGM_OK);
    d->format = edi_cusdec(d->shape);
    CU_ASSERT_FATAL(dgm_diags_new(&d->mem, 100, &d->diags) == DGM_OK);
    d->host = dgm_host_make(&d->mem, NULL, d->diags, &world, NULL, 0);
    dgm_buffer_init(&d->out, &d->mem);
    CU_ASSERT_FATAL(dgm_builder_new(&d->mem, NULL, &d->builder) == DGM_OK);
    CU_ASSERT_FATAL(dgm_builder_begin(d->builder, d->shape, false) == DGM_OK);
    return dgm_codec_edifact.writer_open(&d->host, &d->format, settings, n, dgm_buffer_sink(&d->out), &d->writer);
}

static void desk_close(desk *d)
{
    dgm_codec_edifact.writer_close(d->writer);
    dgm_builder_free(d->builder);
    dgm_buffer_free(&d->out);
    dgm_diags_free(d->diags);
    dgm_shape_free(d->shape);
}

/* Puts a value; each step is opened anew at the last group of its name, which these tests do not need more cleverly. */
static void put(desk *d, const char *path, const char *value)
{
    uint32_t slot = dgm_shape_find(d->shape, dgm_slice_of(path), NULL), chain[16], n = 0;
    CU_ASSERT_FATAL(slot != DGM_SLOT_NONE);
    for (uint32_t s = slot; s != DGM_SLOT_ROOT; s = dgm_shape_slot(d->shape, s)->parent) chain[n++] = s;
    uint32_t at = 0;
    while (n > 1) at = dgm_builder_open(d->builder, at, chain[--n], 0);
    CU_ASSERT(dgm_builder_leaf(d->builder, at, slot, 0, dgm_slice_of(value)) != DGM_NONE);
}

static dgm_status desk_write(desk *d)
{
    dgm_tree *t = NULL;
    CU_ASSERT_FATAL(dgm_builder_freeze(d->builder, &t, NULL) == DGM_OK);
    dgm_status st = dgm_codec_edifact.write(d->writer, t);
    dgm_builder_recycle(d->builder, t);
    CU_ASSERT(dgm_builder_begin(d->builder, d->shape, false) == DGM_OK);
    return st;
}

static void what_is_read_is_written_back(void)
{
    static const char input[] = "UNB+UNOC:3+SENDER+RECIPIENT+961120:1023+848485380000'" MESSAGE "UNZ+1+848485380000'";
    desk d;
    CU_ASSERT_FATAL(desk_open(&d, NULL, 0) == DGM_OK);
    dgm_reader *r = NULL;
    dgm_message m;
    const dgm_format *formats[] = { &d.format };
    dgm_host host = dgm_host_make(&d.mem, NULL, d.diags, NULL, formats, 1);
    CU_ASSERT_FATAL(dgm_codec_edifact.open_whole(&host, NULL, 0, DGM_LITERAL(input), &r) == DGM_OK);
    CU_ASSERT_FATAL(dgm_codec_edifact.next(r, &m) == DGM_OK);
    CU_ASSERT_PTR_EQUAL(m.format, &d.format);
    TEST_TEXT(m.type, "CUSDEC:D:96B:UN");
    TEST_TEXT(m.sender, "SENDER");
    CU_ASSERT_EQUAL(m.errors, 0);
    CU_ASSERT_EQUAL(dgm_codec_edifact.write(d.writer, m.tree), DGM_OK);
    dgm_codec_edifact.recycle(r, &m);
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_USAGE);
    TEST_TEXT(dgm_buffer_slice(&d.out), input);
    dgm_codec_edifact.close(r);
    desk_close(&d);
}

static void a_built_tree(void)
{
    dgm_setting settings[] = { { DGM_LITERAL("decimal"), DGM_LITERAL(",") },
                               { DGM_LITERAL("sender"), DGM_LITERAL("A+B") },
                               { DGM_LITERAL("sender-qualifier"), DGM_LITERAL("ZZ") },
                               { DGM_LITERAL("reference"), DGM_LITERAL("R1") },
                               { DGM_LITERAL("message-reference"), DGM_LITERAL("M9") },
                               { DGM_LITERAL("test"), DGM_LITERAL("yes") },
                               { DGM_LITERAL("line-breaks"), DGM_LITERAL("yes") } };
    desk d;
    CU_ASSERT_FATAL(desk_open(&d, settings, 7) == DGM_OK);
    for (int i = 0; i < 2; i++) {
        put(&d, "BGM/1225", "9");
        put(&d, "SG8/MOA/C516/5025", "39");
        CU_ASSERT_EQUAL(desk_write(&d), DGM_OK);
    }
    put(&d, "BGM/C002/1001", "929");
    put(&d, "CNT/C270/6069", "5");
    CU_ASSERT_EQUAL(desk_write(&d), DGM_INVALID); /* 6066 is mandatory */
    CU_ASSERT_FATAL(dgm_diags_count(d.diags) == 1);
    CU_ASSERT_EQUAL(dgm_diags_at(d.diags, 0)->code, DGM_D_EDI_COMPONENT_MISSING);
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&d.out), "UNA:+,? '\nUNB+UNOC:3+A?+B:ZZ+RECIPIENT+961120:1023+R1++++++1'\n"
                                        "UNH+M9+CUSDEC:D:96B:UN'\nBGM+++9'\nMOA+39'\nUNS+D'\nUNS+S'\nUNT+6+M9'\n"
                                        "UNH+M10+CUSDEC:D:96B:UN'\nBGM+++9'\nMOA+39'\nUNS+D'\nUNS+S'\nUNT+6+M10'\nUNZ+2+R1'\n");
    desk_close(&d);
}

/* One value written to an otherwise good message: the code it is refused with, or what stands in the output. */
static void refused(const char *syntax, const char *path, const char *value, dgm_diag_code code)
{
    dgm_setting setting = { DGM_LITERAL("syntax"), dgm_slice_of(syntax) };
    desk d;
    CU_ASSERT_FATAL(desk_open(&d, &setting, 1) == DGM_OK);
    if (strncmp(path, "BGM", 3) != 0) put(&d, "BGM/1225", "9");
    put(&d, path, value);
    CU_ASSERT_EQUAL(desk_write(&d), DGM_INVALID);
    CU_ASSERT(dgm_diags_count(d.diags) >= 1);
    bool found = false;
    for (size_t i = 0; i < dgm_diags_count(d.diags); i++) found |= dgm_diags_at(d.diags, i)->code == code;
    if (!found) fprintf(stderr, "%s=%s: %s\n", path, value, dgm_diag_name(dgm_diags_at(d.diags, 0)->code));
    CU_ASSERT(found);
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
    CU_ASSERT_PTR_NULL(memmem(d.out.at, d.out.len, "UNH", 3)); /* nothing of it was written */
    desk_close(&d);
}

static void accepted(const char *syntax, const char *path, const char *value, const char *there)
{
    dgm_setting setting = { DGM_LITERAL("syntax"), dgm_slice_of(syntax) };
    desk d;
    CU_ASSERT_FATAL(desk_open(&d, &setting, 1) == DGM_OK);
    put(&d, path, value);
    CU_ASSERT_EQUAL(desk_write(&d), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_edifact.finish(d.writer), DGM_OK);
    CU_ASSERT_PTR_NOT_NULL(memmem(d.out.at, d.out.len, there, strlen(there)));
    desk_close(&d);
}

static void values_that_are_refused(void)
{
    refused("UNOC", "BGM/1225", "abcd", DGM_D_EDI_TOO_LONG);
    refused("UNOC", "BGM/C106/1004", "\xC5\x81\xC3\xB3", DGM_D_EDI_WRITE_CHARACTER); /* Ł is not in ISO 8859-1 */
    refused("UNOC", "BGM/C106/1004", "a\nb", DGM_D_EDI_WRITE_CHARACTER);
    refused("UNOA", "BGM/C106/1004", "a", DGM_D_EDI_WRITE_CHARACTER);
    refused("UNOB", "BGM/C106/1004", "\xC3\xA4", DGM_D_EDI_WRITE_CHARACTER);
    refused("UNOC", "CST/1496", "1A", DGM_D_EDI_NOT_NUMERIC);
    refused("UNOC", "CST/1496", "123456", DGM_D_EDI_TOO_LONG);
}

static void values_that_fit(void)
{
    accepted("UNOD", "BGM/C106/1004", "\xC5\x81\xC3\xB3", "BGM++\xA3\xF3'");
    accepted("UNOY:3", "BGM/C106/1004", "\xE6\xB1\x89", "BGM++\xE6\xB1\x89'");
    accepted("UNOA:2", "BGM/C106/1004", "A:B", "UNB+UNOA:2+");
    accepted("UNOC", "BGM/C106/1004", "A:B", "BGM++A?:B'");
}

static void too_many_and_missing(void)
{
    desk d;
    CU_ASSERT_FATAL(desk_open(&d, NULL, 0) == DGM_OK);
    CU_ASSERT_EQUAL(desk_write(&d), DGM_INVALID); /* no BGM */
    CU_ASSERT_EQUAL(dgm_diags_at(d.diags, 0)->code, DGM_D_EDI_SEGMENT_MISSING);
    dgm_diags_clear(d.diags);
    put(&d, "BGM/1225", "9");
    for (int i = 0; i < 6; i++) put(&d, "MEA/6311", "WT");
    CU_ASSERT_EQUAL(desk_write(&d), DGM_INVALID); /* MEA of the header: 5 */
    CU_ASSERT_EQUAL(dgm_diags_count(d.diags), 1);
    CU_ASSERT_EQUAL(dgm_diags_at(d.diags, 0)->code, DGM_D_EDI_SEGMENT_TOO_MANY);
    desk_close(&d);
}

/* Trees that are not what a mapping makes: a place filled twice, a node without a place, a tree of another format. */
static void trees_that_are_refused(void)
{
    desk d, other;
    CU_ASSERT_FATAL(desk_open(&d, NULL, 0) == DGM_OK);
    CU_ASSERT_FATAL(desk_open(&other, NULL, 0) == DGM_OK);
    uint32_t bgm = dgm_shape_find(d.shape, DGM_LITERAL("BGM"), NULL), code = dgm_shape_find(d.shape, DGM_LITERAL("BGM/1225"), NULL);
    uint32_t at = dgm_builder_open(d.builder, 0, bgm, 0);
    dgm_builder_leaf(d.builder, at, code, 0, DGM_LITERAL("9"));
    dgm_builder_leaf(d.builder, at, code, 1, DGM_LITERAL("5"));
    CU_ASSERT_EQUAL(desk_write(&d), DGM_INVALID);
    CU_ASSERT_EQUAL(dgm_diags_at(d.diags, 0)->code, DGM_D_EDI_WRITE_TWICE);
    dgm_diags_clear(d.diags);
    dgm_draft *draft = NULL;
    dgm_tree *t = NULL;
    CU_ASSERT_FATAL(dgm_draft_new(&d.mem, NULL, &draft) == DGM_OK);
    CU_ASSERT(dgm_draft_begin(draft, d.shape) == DGM_OK);
    dgm_draft_open(draft, DGM_SLOT_ROOT, DGM_GROUP, 0, 0, 1);
    uint32_t stray = dgm_draft_open(draft, DGM_SLOT_UNKNOWN, DGM_SEGMENT, 0, 0, 1);
    CU_ASSERT(dgm_draft_named(draft, stray, DGM_LITERAL("ZZZ")) == DGM_OK);
    CU_ASSERT_FATAL(dgm_draft_finish(draft, NULL, 0, 0, true, 0, &t) == DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_edifact.write(d.writer, t), DGM_INVALID);
    CU_ASSERT_EQUAL(dgm_diags_at(d.diags, 0)->code, DGM_D_EDI_WRITE_UNKNOWN);
    dgm_diags_clear(d.diags);
    CU_ASSERT_EQUAL(dgm_codec_edifact.write(other.writer, t), DGM_INVALID);
    CU_ASSERT_EQUAL(dgm_diags_at(other.diags, 0)->code, DGM_D_EDI_WRITE_FORMAT);
    dgm_tree_free(t);
    dgm_draft_free(draft);
    desk_close(&other);
    desk_close(&d);
}

static void settings_that_are_wrong(void)
{
    static const struct {
        const char *name, *value;
    } wrong[] = { { "syntax", "UNOZ" },    { "syntax", "UNOC:5" }, { "decimal", ";" },
                  { "una", "maybe" },      { "sender", "" },       { "reference", "ABCDEFGHIJKLMNO" },
                  { "sender", "\xC3\xA4" } };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        dgm_setting setting = { dgm_slice_of(wrong[i].name), dgm_slice_of(wrong[i].value) };
        desk d;
        CU_ASSERT_EQUAL(desk_open(&d, &setting, 1), DGM_CONFIG);
        CU_ASSERT_PTR_NULL(d.writer);
        CU_ASSERT_EQUAL(dgm_diags_at(d.diags, 0)->code,
                        dgm_slice_is(setting.name, "una") ? DGM_D_EDI_SETTING_UNA : DGM_D_EDI_SETTING);
        desk_close(&d);
    }
}

int main(void)
{
    static const test_case cases[] = {
        { "what is read is written back", what_is_read_is_written_back },
        { "a built tree", a_built_tree },
        { "values that are refused", values_that_are_refused },
        { "values that fit", values_that_fit },
        { "too many and missing", too_many_and_missing },
        { "trees that are refused", trees_that_are_refused },
        { "settings that are wrong", settings_that_are_wrong },
        { 0 },
    };
    return test_main("edifact write", cases);
}
