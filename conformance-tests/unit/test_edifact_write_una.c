/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_write_una.c - service characters of the writer's choice: what is written with any of them reads as the same tree,
 * without a word, and those that cannot be are refused with their reason. Expected values come from ISO 9735. One thread.
 */
#include "edifact_tests.h"

typedef struct una_case {
    const char *una, *syntax;
    const char *input;
    dgm_buffer *out, *said; /* what was written; names of diagnostics, a line each */
} una_case;

static dgm_status write_trees(const dgm_mem *mem, const una_case *c, const dgm_host *host)
{
    const dgm_codec *k = &dgm_codec_edifact;
    const dgm_setting settings[] = { { DGM_LITERAL("una"), dgm_slice_of(c->una) },
                                     { DGM_LITERAL("syntax"), dgm_slice_of(c->syntax) },
                                     { DGM_LITERAL("reference"), DGM_LITERAL("R") } };
    dgm_writer *w = NULL;
    dgm_reader *r = NULL;
    dgm_message m;
    (void)mem;
    dgm_status st = k->writer_open(host, NULL, settings, 3, dgm_buffer_sink(c->out), &w);
    if (st == DGM_OK) st = k->open_whole(host, NULL, 0, dgm_slice_of(c->input), &r);
    while (st == DGM_OK && (st = k->next(r, &m)) == DGM_OK) {
        st = m.tree ? k->write(w, m.tree) : DGM_DEFECT;
        k->recycle(r, &m);
        if (st == DGM_INVALID) st = DGM_OK;
    }
    if (st == DGM_END) st = k->finish(w);
    k->writer_close(w);
    k->close(r);
    return st;
}

static dgm_status write_with(const dgm_mem *mem, void *ctx)
{
    const una_case *c = ctx;
    dgm_diags *diags = NULL;
    dgm_status st = dgm_diags_new(mem, 100, &diags);
    if (st != DGM_OK) return st;
    dgm_host host = dgm_host_make(mem, NULL, diags, NULL, NULL, 0);
    c->out->len = c->said->len = 0;
    st = write_trees(mem, c, &host);
    if (dgm_diags_failed(diags)) st = DGM_NOMEM;
    for (size_t i = 0; i < dgm_diags_count(diags) && st != DGM_NOMEM; i++)
        if (dgm_buffer_print(c->said, "%s\n", dgm_diag_name(dgm_diags_at(diags, i)->code)) != DGM_OK) st = DGM_NOMEM;
    dgm_diags_free(diags);
    return st;
}

/* Leaves and diagnostics of an input. */
static void read_text(const dgm_mem *mem, dgm_slice input, dgm_buffer *text)
{
    edi_case c = { .mem = mem, .text = text };
    CU_ASSERT_EQUAL(edi_read(&c, input), DGM_END);
}

static dgm_status writes(const char *una, const char *syntax, const char *input, dgm_buffer *out, dgm_buffer *said)
{
    static dgm_mem mem;
    mem = dgm_mem_default();
    dgm_buffer_init(out, &mem);
    dgm_buffer_init(said, &mem);
    una_case c = { una, syntax, input, out, said };
    return write_with(&mem, &c);
}

static void forget(dgm_buffer *out, dgm_buffer *said)
{
    dgm_buffer_free(out);
    dgm_buffer_free(said);
}

#define UNB3                     "UNB+UNOC:3+S+R+260115:1023+R'"
#define UNB4                     "UNB+UNOC:4+S+R+20260115:1023+R'"
#define ORDERS(bgm, count, more) "UNH+1+ORDERS:D:96B:UN'BGM+220+" bgm "'DTM+137:20260115:102'UNS+S'" more "UNT+" count "+1'UNZ+1+R'"

/* Every printable character in a value of its own place, and a number with a mark: whatever the service characters are, they come
 * back. */
static void every_character_comes_back(void)
{
    static const char *const unas[] = {
        ":+.? '", ":+,? '", "|~.^ !", ":+.\\ ~", "=-.# $", ">*,@\"<", "[](){;", "`_.%&'", "/;.'*?"
    };
    char value[8], message[512], input[40000];
    for (size_t version = 3; version <= 4; version++)
        for (size_t i = 0; i < sizeof unas / sizeof unas[0]; i++) {
            bool good = unas[i][2] == '.' || unas[i][2] == ',';
            size_t n = (size_t)snprintf(input, sizeof input, "%s", version == 4 ? UNB4 : UNB3);
            int count = 0;
            for (int c = 0x20; c < 0x7F; c++) {
                count++;
                snprintf(value, sizeof value, strchr(":+?'*", c) && (c != '*' || version == 4) ? "A?%cB" : "A%cB", c);
                int len = snprintf(message, sizeof message,
                                   "UNH+%d+ORDERS:D:96B:UN'BGM+220+%s'DTM+137:20260115:102'UNS+S'MOA+79:-1.5'UNT+6+%d'", count,
                                   value, count);
                memcpy(input + n, message, (size_t)len);
                n += (size_t)len;
            }
            snprintf(input + n, sizeof input - n, "UNZ+%d+R'", count);
            dgm_mem mem = dgm_mem_default();
            dgm_buffer out, said, before, after;
            dgm_status st = writes(unas[i], version == 4 ? "UNOC:4" : "UNOC:3", input, &out, &said);
            CU_ASSERT_EQUAL(st, good ? DGM_OK : DGM_CONFIG);
            TEST_TEXT(dgm_buffer_slice(&said), good ? "" : "edifact.setting.una\n");
            if (good) {
                dgm_buffer_init(&before, &mem);
                dgm_buffer_init(&after, &mem);
                read_text(&mem, dgm_slice_of(input), &before);
                read_text(&mem, dgm_buffer_slice(&out), &after);
                for (size_t k = 0; k < after.len; k++) /* the decimal mark of UNA is a character of the number */
                    if (after.at[k] == ',' && k > 1 && after.at[k - 1] == '1' && after.at[k - 2] == '-') after.at[k] = '.';
                CU_ASSERT(dgm_slice_equal(dgm_buffer_slice(&before), dgm_buffer_slice(&after)));
                CU_ASSERT_PTR_NULL(memmem(after.at, after.len, "\n!", 2));
                dgm_buffer_free(&before);
                dgm_buffer_free(&after);
            }
            forget(&out, &said);
        }
}

static void exactly(const char *una, const char *syntax, const char *input, const char *wanted, const char *told)
{
    dgm_buffer out, said;
    CU_ASSERT_EQUAL(writes(una, syntax, input, &out, &said), DGM_OK);
    const char *behind = out.len ? memchr(out.at, 'H', out.len) : NULL; /* UNB has the date of today */
    size_t at = behind ? (size_t)(behind - out.at) - 2 : out.len;
    CU_ASSERT(out.len == 0 || memcmp(out.at, "UNA", 3) == 0);
    if (out.len) {
        CU_ASSERT(memcmp(out.at + 3, una, 6) == 0);
    }
    TEST_TEXT(dgm_slice_part(dgm_buffer_slice(&out), at, out.len), wanted);
    TEST_TEXT(dgm_buffer_slice(&said), told);
    forget(&out, &said);
}

static void characters_go_where_they_belong(void)
{
    exactly("|~,\\ !", "UNOC:3", UNB3 ORDERS("A?+|~\\!B", "6", "MOA+79:1.5'"),
            "UNH~1~ORDERS|D|96B|UN!BGM~220~A+\\|\\~\\\\\\!B!DTM~137|20260115|102!UNS~S!MOA~79|1,5!UNT~6~1!UNZ~1~R!", "");
    /* version 4: the fifth repeats */
    exactly("|~.\\^!", "UNOC:4", UNB4 "UNH+1+UTILMD:D:01B:UN'BGM+E01'DTM+137:20260115:102'IDE+1++++2+L?*1:1*L^2'UNT+5+1'UNZ+1+R'",
            "UNH~1~UTILMD|D|01B|UN!BGM~E01!DTM~137|20260115|102!IDE~1~~~~2~L*1|1^L\\^2!UNT~5~1!UNZ~1~R!", "");
    /* IS1, IS3 and IS4 of UNOB, which has no release with them: what separates can be no part of a value, all else can */
    exactly("\x1f\x1d.  \x1c", "UNOB:3", UNB3 ORDERS("A?+B", "5", ""),
            "UNH\x1d\x31\x1dORDERS\x1f"
            "D\x1f"
            "96B\x1fUN\x1c"
            "BGM\x1d"
            "220\x1d"
            "A+B\x1c"
            "DTM\x1d"
            "137\x1f"
            "20260115\x1f"
            "102\x1c"
            "UNS\x1dS\x1c"
            "UNT\x1d"
            "5\x1d"
            "1\x1c"
            "UNZ\x1d"
            "1\x1dR\x1c",
            "");
}

/* Without a release character a value that holds one of the others cannot be written; its neighbour is. */
static void without_release(void)
{
    static const char two[] = UNB3 "UNH+1+ORDERS:D:96B:UN'BGM+220+A?+B'DTM+137:20260115:102'UNS+S'UNT+5+1'"
                                   "UNH+2+ORDERS:D:96B:UN'BGM+220+A?'B'DTM+137:20260115:102'UNS+S'UNT+5+2'UNZ+2+R'";
    exactly("|+.  '", "UNOC:3", two, "", "edifact.write.character\nedifact.write.character\n");
    exactly(";#.  '", "UNOC:3", two, "UNH#1#ORDERS;D;96B;UN'BGM#220#A+B'DTM#137;20260115;102'UNS#S'UNT#5#1'UNZ#1#R'",
            "edifact.write.character\n");
}

static void what_cannot_be_is_refused(void)
{
    static const struct {
        const char *una, *syntax;
    } rows[] = {
        { "", "UNOC:3" },        { "yess", "UNOC:3" },   { ":+.?'", "UNOC:3" },  { ":+.? '\n", "UNOC:3" },
        { "::.? '", "UNOC:3" },  { ":+.? :", "UNOC:3" }, { "A+.? '", "UNOC:3" }, { ":+.?9'", "UNOC:4" },
        { " +.? '", "UNOC:3" },  { ":+.?  ", "UNOC:3" }, { ":+;? '", "UNOC:3" }, { ":,,? '", "UNOC:3" },
        { ":+.? \n", "UNOC:3" }, { ":+.? ~", "UNOA:2" }, { ":+.? ~", "UNOB:3" }, { "\x1f\x1d.  \x1c", "UNOC:3" },
        { ":*.? '", "UNOC:4" }, /* * repeats where nothing else is said */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dgm_buffer out, said;
        CU_ASSERT_EQUAL(writes(rows[i].una, rows[i].syntax, UNB3 ORDERS("A", "5", ""), &out, &said), DGM_CONFIG);
        TEST_TEXT(dgm_buffer_slice(&said), "edifact.setting.una\n");
        CU_ASSERT_EQUAL(out.len, 0);
        forget(&out, &said);
    }
}

static void each_allocation_may_fail(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer out, said;
    dgm_buffer_init(&out, &mem);
    dgm_buffer_init(&said, &mem);
    una_case c = { "|~,\\ !", "UNOC:3", UNB3 ORDERS("A?+|~\\!B", "6", "MOA+79:1.5'"), &out, &said };
    CU_ASSERT(test_each_allocation_fails(write_with, &c) > 0);
    forget(&out, &said);
}

int main(void)
{
    static const test_case cases[] = {
        { "every character comes back", every_character_comes_back },
        { "characters go where they belong", characters_go_where_they_belong },
        { "without release", without_release },
        { "what cannot be is refused", what_cannot_be_is_refused },
        { "each allocation may fail", each_allocation_may_fail },
        { 0 },
    };
    return test_main("edifact write una", cases);
}
