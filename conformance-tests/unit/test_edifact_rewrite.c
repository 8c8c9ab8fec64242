/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_rewrite.c - messages that were read are written again: headers as they came, in another syntax version, or refused
 * when they are wrong; groups, packages, repetition; any directory. Expected values come from ISO 9735 and the directories. One
 * thread.
 */
#include "edifact_tests.h"

typedef struct passing { /* the writer to which the reader tells of headers */
    dgm_writer *writer;
    dgm_status status;
} passing;

static void take_envelope(void *ctx, const dgm_envelope *e)
{
    passing *p = ctx;
    dgm_status st = dgm_codec_edifact.writer_envelope(p->writer, e);
    if (p->status == DGM_OK) p->status = st;
}

static dgm_status messages(const dgm_host *host, dgm_slice input, passing *p)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_reader *r = NULL;
    dgm_message m;
    dgm_status st = k->open_whole(host, NULL, 0, input, &r);
    while (st == DGM_OK && (st = k->next(r, &m)) == DGM_OK) {
        if (p->status != DGM_OK) st = p->status;
        if (st == DGM_OK && m.tree && !m.errors) st = k->write(p->writer, m.tree);
        if (st == DGM_INVALID) st = DGM_OK;
        k->recycle(r, &m);
    }
    k->close(r);
    return st;
}

/* Reads and writes again, with "name=value name=value" as settings; out: what was written, then diagnostics, a line each. */
static dgm_status rewrite_with(const dgm_mem *mem, const char *input, const char *settings, dgm_buffer *out)
{
    dgm_setting list[8];
    size_t n = 0;
    for (dgm_slice rest = dgm_slice_of(settings); rest.len && n < 8;) {
        dgm_cut word = dgm_slice_cut(rest, ' '), halves = dgm_slice_cut(word.head, '=');
        list[n++] = (dgm_setting){ halves.head, halves.tail };
        rest = word.tail;
    }
    passing p = { 0 };
    dgm_diags *diags = NULL;
    dgm_status st = dgm_diags_new(mem, 100, &diags);
    if (st != DGM_OK) return st;
    dgm_host host = dgm_host_make(mem, NULL, diags, NULL, NULL, 0);
    st = dgm_codec_edifact.writer_open(&host, NULL, list, n, dgm_buffer_sink(out), &p.writer);
    host.envelope = take_envelope;
    host.envelope_ctx = &p;
    if (st == DGM_OK) st = messages(&host, dgm_slice_of(input), &p);
    if (st == DGM_END) st = dgm_codec_edifact.finish(p.writer);
    for (size_t i = 0; i < dgm_diags_count(diags) && st == DGM_OK; i++)
        st = dgm_buffer_print(out, "\n%s", dgm_diag_name(dgm_diags_at(diags, i)->code));
    if (st == DGM_OK && dgm_diags_failed(diags)) st = DGM_NOMEM;
    dgm_codec_edifact.writer_close(p.writer);
    dgm_diags_free(diags);
    return st;
}

static void rewrites(const char *input, const char *settings, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer out;
    dgm_buffer_init(&out, &mem);
    CU_ASSERT_EQUAL(rewrite_with(&mem, input, settings, &out), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&out), wanted);
    dgm_buffer_free(&out);
}

#define M(ref)  "UNH+" ref "+ORDERS:D:96B:UN'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+" ref "'"
#define TAIL(n) "UNZ+" n "+REF'"

/* S005 has two parts, and every conditional element is there. */
static void headers_are_as_they_came(void)
{
    static const char full[] = "UNB+UNOC:3+S?+1:14:ROUTE+R:ZZZ:BACK+260115:1023+REF+PASS:AA+APP+A+1+AGREED+1'" M("7") TAIL("1");
    rewrites(full, "", full);
    rewrites(
        "UNA|/,? #UNB/UNOC|3/S/R/260115|1023/REF#\r\nUNH/7/ORDERS|D|96B|UN#BGM/220/A?||?+#DTM/137|20260115|102#UNS/S#MOA/79|1,5#"
        "UNT/6/7#UNZ/1/REF#",
        "",
        "UNB+UNOC:3+S+R+260115:1023+REF'UNH+7+ORDERS:D:96B:UN'BGM+220+A|:?+'DTM+137:20260115:102'UNS+S'MOA+79:1.5'UNT+6+7'" TAIL(
            "1"));
    rewrites(full, "sender=X recipient-qualifier= test=no",
             "UNB+UNOC:3+X:14:ROUTE+R::BACK+260115:1023+REF+PASS:AA+APP+A+1+AGREED'" M("7") TAIL("1"));
    /* two interchanges, the second of another character set; a header of its own stays with each */
    rewrites("UNB+UNOA:2+S+R+260115:1023+1'" M("7") "UNZ+1+1'UNB+UNOD:3+T+R+260115:1023+2'UNH+7+ORDERS:D:96B:UN'BGM+220+\xA3'"
                                                    "DTM+137:20260115:102'UNS+S'UNT+5+7'UNZ+1+2'",
             "",
             "UNB+UNOA:2+S+R+260115:1023+1'" M("7") "UNZ+1+1'UNB+UNOD:3+T+R+260115:1023+2'UNH+7+ORDERS:D:96B:UN'BGM+220+\xA3'"
                                                    "DTM+137:20260115:102'UNS+S'UNT+5+7'UNZ+1+2'");
}

static void groups_are_as_they_came(void)
{
#define UNG(ref) "UNG+ORDERS+A:1+B+260115:1023+" ref "+UN+D:96B+PW'"
#define UNB3     "UNB+UNOC:3+S+R+260115:1023+REF'"
    static const char two[] = UNB3 UNG("G1") M("1") M("2") "UNE+2+G1'" UNG("G2") M("3") "UNE+1+G2'UNZ+2+REF'";
    rewrites(two, "", two);
    /* version 4: type, agency and version of a group, all or none of them */
    static const char bare[] = "UNB+UNOC:4+S+R+20260115:1023+REF'UNG+++++G'" M("1") "UNE+1+G'" TAIL("1");
    rewrites(bare, "", bare);
    rewrites("UNB+UNOC:4+S+R+20260115:1023+REF'UNG+ORDERS++++G'" M("1") "UNE+1+G'" TAIL("1"), "",
             "\nedifact.element.paired\nedifact.element.paired\nedifact.write.header");
    rewrites(two, "groups=no", UNB3 M("1") M("2") M("3") TAIL("3"));
    /* the second message is wrong: its group has one left; the group that has nothing left goes */
    rewrites(UNB3 UNG("G1") M("1") "UNH+2+ORDERS:D:96B:UN'BGM+220+A+1234'DTM+137'UNS+S'UNT+5+2'"
                                   "UNE+2+G1'" UNG("G2") "UNH+3+ORDERS:D:96B:UN'BGM+220+A+1234'DTM+137'UNS+S'UNT+5+3'"
                                                         "UNE+1+G2'UNZ+2+REF'",
             "", UNB3 UNG("G1") M("1") "UNE+1+G1'UNZ+1+REF'\nedifact.value.too-long\nedifact.value.too-long");
}

/* What cannot be written bars all that is in it, message by message, and not what comes behind it. */
static void headers_that_are_wrong(void)
{
    rewrites("UNB+UNOC:3+"
             "A SENDER WHOSE NAME HAS 36 CHARACTERS"
             "+R+260115:1023+1'" M("1") M("2") "UNZ+2+1'" UNB3 M("1") TAIL("1"),
             "", UNB3 M("1") TAIL("1") "\nedifact.value.too-long\nedifact.write.header\nedifact.write.header");
    rewrites("UNB+UNOC:3+S++260115:1023+1'" M("1") "UNZ+1+1'", "", "\nedifact.element.missing\nedifact.write.header");
    /* version 1 asks for type and version of a message only */
    rewrites("UNB+UNOA:1+S+R+260115:1023+1'UNH+1+CONTRL:2'UCI+R+A+B+8'UNT+3+1'UNZ+1+1'", "syntax=UNOA:3", "\nedifact.write.names");
    /* a setting mends it */
    rewrites("UNB+UNOC:3+S++260115:1023+REF'" M("1") TAIL("1"), "recipient=R", UNB3 M("1") TAIL("1") "\nedifact.element.missing");
    /* six digits are no date of version 4 */
    rewrites("UNB+UNOC:4+S+R+20260115:1023+REF'" M("1") TAIL("1"), "syntax=UNOC:3", UNB3 M("1") TAIL("1"));
    rewrites("UNB+UNOC:4:D00B:1+S+R+20260115:1023+REF'" M("1") TAIL("1"), "syntax=UNOC:3", "\nedifact.write.header");
}

/* SSREGW D.02B: ATT has C956 five times; up to version 3 each has a position of its own. */
static void repeated_elements(void)
{
#define SSREGW(att) "UNH+1+SSREGW:D:02B:UN'BGM+1'GEI+1'PNA+1'ATT+" att "'UNT+6+1'"
    rewrites(UNB3 SSREGW("1++A*:::B+++:::C") TAIL("1"), "syntax=UNOC:4",
             "UNB+UNOC:4+S+R+20260115:1023+REF'" SSREGW("1++A?*:::B***:::C") TAIL("1"));
    rewrites("UNB+UNOC:4+S+R+20260115:1023+REF'" SSREGW("1++A?*:::B***:::C") TAIL("1"), "syntax=UNOC:3",
             UNB3 SSREGW("1++A*:::B+++:::C") TAIL("1"));
}

static void packages(void)
{
#define U4 "UNB+UNOA:4+S+R+20260115:1023+1'"
    static const char package[] = U4 "UNO+P1+AAS:X1+1:PDF+6'A'UNP+UNP+6+P1'" M("7") "UNZ+2+1'";
    rewrites(package, "", package);
    rewrites(package, "syntax=UNOC:3", "UNB+UNOC:3+S+R+260115:1023+1'" M("7") "UNZ+1+1'\nedifact.write.package");
}

static dgm_status without_memory(const dgm_mem *mem, void *ctx)
{
    dgm_buffer out;
    dgm_mem always = dgm_mem_default();
    dgm_buffer_init(&out, &always);
    dgm_status st = rewrite_with(mem, ctx, "security=keep", &out);
    dgm_buffer_free(&out);
    return st;
}

static void each_allocation_fails(void)
{
    static char latin[] = UNB3 UNG("G1") M("1") "UNE+1+G1'UNZ+1+REF'";
    static char polish[] =
        "UNB+UNOD:3+T+R+260115:1023+2'UNH+7+ORDERS:D:96B:UN'BGM+220+\xA3'DTM+137:20260115:102'UNS+S'UNT+5+7'UNZ+1+2'";
    CU_ASSERT(test_each_allocation_fails(without_memory, latin) > 20);
    CU_ASSERT(test_each_allocation_fails(without_memory, polish) > 20);
    static char secured[] = "UNB+UNOC:4+S+R+20260115:1023+REF'USH+1+\xC4'UNG+ORDERS+A+B+20260115:1023+G+UN+D:96B'"
                            "USH+1+A'USA+1'" M("1") "UST+A+3'UNE+1+G'UST+\xC4+3'USR+1:F'UNZ+1+REF'";
    CU_ASSERT(test_each_allocation_fails(without_memory, secured) > 20);
}

/* What was signed would be something else: it is refused, or written without its security, each told once. */
static void what_was_secured(void)
{
#define UNB4S     "UNB+UNOC:4+S+R+20260115:1023+REF'"
#define UNG4(ref) "UNG+ORDERS+A:1+B+20260115:1023+" ref "+UN+D:96B'"
#define USH(ref)  "USH+1+" ref "'USA+1'"
#define UST(ref)  "UST+" ref "+3'"
    /* an interchange; the next one is none of it */
    static const char whole[] = UNB4S USH("A") M("1") M("2") UST("A") TAIL("2") UNB4S M("1") TAIL("1");
    rewrites(whole, "", UNB4S M("1") TAIL("1") "\nedifact.write.secured\nedifact.write.secured");
    rewrites(whole, "security=drop", UNB4S M("1") M("2") TAIL("2") UNB4S M("1") TAIL("1") "\nedifact.write.unsecured");
    /* a group; its neighbours are none of it */
    static const char group[] =
        UNB4S UNG4("G1") M("1") "UNE+1+G1'" UNG4("G2") USH("A") M("2") UST("A") "UNE+1+G2'" UNG4("G3") M("3") "UNE+1+G3'UNZ+3+REF'";
    rewrites(group, "", UNB4S UNG4("G1") M("1") "UNE+1+G1'" UNG4("G3") M("3") "UNE+1+G3'UNZ+2+REF'\nedifact.write.secured");
    rewrites(group, "security=drop",
             UNB4S UNG4("G1") M("1") "UNE+1+G1'" UNG4("G2") M("2") "UNE+1+G2'" UNG4("G3")
                 M("3") "UNE+1+G3'UNZ+3+REF'\nedifact.write.unsecured");
    /* a message, and a package with an object that looks like one of the segments */
    static const char message[] =
        UNB4S "UNH+1+ORDERS:D:96B:UN'" USH("A") "BGM+220+A'DTM+137:20260115:102'UNS+S'" UST("A") "UNT+8+1'" M("2") TAIL("2");
    rewrites(message, "", UNB4S M("2") TAIL("1") "\nedifact.write.secured");
    rewrites(message, "security=drop", UNB4S M("1") M("2") TAIL("2") "\nedifact.write.unsecured");
    static const char package[] = UNB4S "UNO+P1+AAS:X1+1:PDF+5:2'" USH("A") "USH'+" UST("A") "UNP+5+P1'" TAIL("1");
    rewrites(package, "", "\nedifact.write.package");
    rewrites(package, "security=drop", UNB4S "UNO+P1+AAS:X1+1:PDF+5'USH'+UNP+5+P1'" TAIL("1") "\nedifact.write.unsecured");
    /* what was encrypted cannot be written at all */
    static const char hidden[] = UNB4S "UNH+1+ORDERS:D:96B:UN'" USH("A") "USD+5'\x01'+?\x02USU+5'UST+A+5'UNT+7+1'" TAIL("1");
    dgm_mem mem = dgm_mem_default();
    dgm_buffer out;
    dgm_buffer_init(&out, &mem);
    CU_ASSERT_EQUAL(rewrite_with(&mem, hidden, "security=drop", &out), DGM_OK);
    CU_ASSERT_PTR_NULL(memmem(out.at, out.len, "UNH+1", 5));
    CU_ASSERT_PTR_NOT_NULL(memmem(out.at, out.len, "edifact.write.encrypted", 23));
    CU_ASSERT_PTR_NULL(memmem(out.at, out.len, "edifact.write.unknown", 21));
    dgm_buffer_free(&out);
    /* nor what stands beside it, lest the rest pass for all */
    static const char beside[] = UNB4S "USH+1+A'USD+5'\x01'+?\x02USU+5'" M("1") "UST+A+4'" TAIL("1");
    rewrites(beside, "security=drop", "\nedifact.security.encrypted\nedifact.write.encrypted");
    rewrites(beside, "security=keep", "\nedifact.security.encrypted\nedifact.write.encrypted");
}

/* With its security, where that came: behind headers and before trailers. */
static void secured_and_kept(void)
{
    static const char whole[] = UNB4S USH("A") M("1") M("2") UST("A") TAIL("2");
    rewrites(whole, "security=keep", UNB4S USH("A") M("1") M("2") UST("A") TAIL("2") "\nedifact.write.resealed");
    static const char group[] =
        UNB4S USH("B") UNG4("G1") M("1") "UNE+1+G1'" UNG4("G2") USH("A") M("2") UST("A") "UNE+1+G2'UST+B+4'USR+1:FF'UNZ+2+REF'";
    rewrites(group, "security=keep",
             UNB4S USH("B") UNG4("G1") M("1") "UNE+1+G1'" UNG4("G2") USH("A") M("2")
                 UST("A") "UNE+1+G2'UST+B+4'USR+1:FF'UNZ+2+REF'\nedifact.write.resealed\nedifact.write.resealed");
    static const char message[] =
        UNB4S "UNH+1+ORDERS:D:96B:UN'" USH("A") "BGM+220+A'DTM+137:20260115:102'UNS+S'" UST("A") "UNT+8+1'" M("2") TAIL("2");
    rewrites(message, "security=keep",
             UNB4S "UNH+1+ORDERS:D:96B:UN'" USH("A") "BGM+220+A'DTM+137:20260115:102'UNS+S'" UST("A") "UNT+8+1'" M("2")
                 TAIL("2") "\nedifact.write.resealed");
    static const char package[] = UNB4S "UNO+P1+AAS:X1+1:PDF+5:2'" USH("A") "USH'+" UST("A") "UNP+5+P1'" TAIL("1");
    rewrites(package, "security=keep",
             UNB4S "UNO+P1+AAS:X1+1:PDF+5:2'" USH("A") "USH'+" UST("A") "UNP+5+P1'" TAIL("1") "\nedifact.write.resealed");
    /* the object follows at once, though every other segment has a line */
    rewrites(package, "security=keep line-breaks=yes",
             "UNB+UNOC:4+S+R+20260115:1023+REF'\nUNO+P1+AAS:X1+1:PDF+5:2'\nUSH+1+A'\nUSA+1'USH'+UST+A+3'\nUNP+5+P1'\n"
             "UNZ+1+REF'\n\nedifact.write.resealed");
}

/* Other service characters, repetition, releases; two pairs, whose trailers stand the other way round. */
static void security_in_normal_form(void)
{
    static const char input[] = "UNA|/,?-#UNB/UNOC|4/S/R/20260115|1023/REF#\r\nUSH/1/A?|+B/1///#USA/1|16|1/12|300-13|301#\r\n"
                                "USH/6/*2#UNH/1/ORDERS|D|96B|UN#BGM/220/A#DTM/137|20260115|102#UNS/S#UNT/5/1#"
                                "UST/*2/2#UST/A?|+B/4#USR/1|F'F-2|E#UNZ/1/REF#";
    rewrites(input, "security=keep",
             UNB4S "USH+1+A|?+B+1'USA+1:16:1+12:300*13:301'USH+6+?*2'" M("1") "UST+?*2+2'UST+A|?+B+4'USR+1:F?'F*2:E'" TAIL(
                 "1") "\nedifact.write.resealed");
}

/* What is written can be read: trailers end what headers begin, with counts that are right; what cannot be is told. */
static void security_that_is_mended(void)
{
    rewrites(UNB4S USH("A") M("1") "UST+A+9'" TAIL("1"), "security=keep",
             UNB4S USH("A") M("1") UST("A") TAIL("1") "\nedifact.write.resealed\nedifact.security.count");
    rewrites(UNB4S USH("A") M("1") TAIL("1"), "security=keep",
             UNB4S USH("A") M("1") UST("A") TAIL("1") "\nedifact.write.resealed\nedifact.security.no-end");
    rewrites(UNB4S USH("A") M("1") "UST+X+3'" UST("A") TAIL("1"), "security=keep",
             UNB4S USH("A") M("1") UST("A") TAIL("1") "\nedifact.write.resealed\nedifact.security.reference");
    rewrites(UNB4S USH("A") M("1") "UST+A+4'USR+'" TAIL("1"), "security=keep",
             UNB4S USH("A") M("1") UST("A") TAIL("1") "\nedifact.write.resealed\nedifact.element.missing\nedifact.write.security");
    /* nothing begins it: it secures nothing, and the reader has told of it */
    rewrites(UNB4S "USA+1'" M("1") UST("A") TAIL("1"), "security=keep",
             UNB4S M("1") TAIL("1") "\nedifact.security.place\nedifact.security.reference");
    /* a reference too long, twice the same, no header in it */
    rewrites(UNB4S "USH+1+ABCDEFGHIJKLMNO'" M("1") "UST+ABCDEFGHIJKLMNO+2'" TAIL("1"), "security=keep",
             "\nedifact.value.too-long\nedifact.write.security\nedifact.value.too-long");
    rewrites(UNB4S USH("A") USH("A") M("1") UST("A") TAIL("1"), "security=keep",
             "\nedifact.security.twice\nedifact.write.security\nedifact.security.no-end");
    /* versions before 4 have none, and messages without their group lose what secures it */
    rewrites(UNB4S USH("A") M("1") UST("A") TAIL("1"), "security=keep syntax=UNOC:3", "\nedifact.write.secured");
    rewrites(UNB4S UNG4("G1") M("1") "UNE+1+G1'" UNG4("G2") USH("A") M("2") UST("A") "UNE+1+G2'UNZ+2+REF'",
             "security=keep groups=no", UNB4S M("1") TAIL("1") "\nedifact.write.secured");
    /* each interchange that one becomes has it */
    rewrites(UNB4S USH("A") M("1") M("2") "UST+A+4'USR+1:FF'" TAIL("2"), "security=keep messages-per-interchange=1",
             UNB4S USH("A") M("1") UST("A") TAIL("1") "UNB+UNOC:4+S+R+20260115:1023+REF2'" USH("A")
                 M("2") "UST+A+4'USR+1:FF'UNZ+1+REF2'\nedifact.write.resealed");
    /* a message that is refused leaves the rest as it is; a group without any goes with its security */
    rewrites(UNB4S USH("B") UNG4("G1")
                 USH("A") "UNH+1+ORDERS:D:96B:UN'BGM+220+A+1234'DTM+137'UNS+S'UNT+5+1'" UST("A") "UNE+1+G1'" UNG4("G2") USH("A")
                     M("2") UST("A") "UNE+1+G2'" UST("B") "UNZ+2+REF'",
             "security=keep",
             UNB4S USH("B") UNG4("G2") USH("A") M("2") UST("A") "UNE+1+G2'" UST(
                 "B") "UNZ+1+REF'\nedifact.value.too-long\nedifact.write.resealed\nedifact.write.resealed");
}

int main(void)
{
    static const test_case cases[] = {
        { "headers are as they came", headers_are_as_they_came },
        { "groups are as they came", groups_are_as_they_came },
        { "headers that are wrong", headers_that_are_wrong },
        { "repeated elements", repeated_elements },
        { "packages", packages },
        { "each allocation fails", each_allocation_fails },
        { "what was secured", what_was_secured },
        { "secured and kept", secured_and_kept },
        { "security in normal form", security_in_normal_form },
        { "security that is mended", security_that_is_mended },
        { 0 },
    };
    return test_main("edifact rewrite", cases);
}
