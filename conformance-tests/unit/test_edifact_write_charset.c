/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_write_charset.c - writing in every character set: each character of each set comes back; what a set lacks is
 * refused, replaced or transliterated as the settings say, and every change is told. Expected values come from the standards of the
 * sets and the usual romanizations. One thread.
 */
#include "base/utf8.h"
#include "codecs/edifact/charsets.h"
#include "edifact_tests.h"

#define HEAD "UNB+UNOW:4+S+R+20260102:0304+1'"
#define TAIL "UNZ+1+1'"

typedef struct wishes {
    dgm_setting at[6];
    size_t n;
} wishes;

/* "syntax=UNOA:3 unmappable=replace" */
static wishes parse(const char *text)
{
    wishes w = { .n = 0 };
    for (dgm_slice rest = dgm_slice_of(text); rest.len && w.n < 6;) {
        dgm_cut cut = dgm_slice_cut(rest, ' '), halves = dgm_slice_cut(cut.head, '=');
        w.at[w.n++] = (dgm_setting){ halves.head, halves.tail };
        rest = cut.tail;
    }
    return w;
}

static dgm_status dump(const dgm_diags *diags, dgm_buffer *out)
{
    dgm_status st = DGM_OK;
    for (size_t i = 0; i < dgm_diags_count(diags) && st == DGM_OK; i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        st = dgm_buffer_print(out, "%s %.*s", dgm_diag_name(d->code), (int)d->path.len, d->path.at ? d->path.at : "");
        for (uint32_t k = 2; k < d->argument_count && st == DGM_OK; k++)
            st = d->arguments[k].kind == DGM_ARGUMENT_NUMBER
                     ? dgm_buffer_print(out, "|%lld", (long long)d->arguments[k].number)
                     : dgm_buffer_print(out, "|%.*s", (int)d->arguments[k].text.len, d->arguments[k].text.at);
        if (st == DGM_OK) st = dgm_buffer_append(out, DGM_LITERAL("\n"));
    }
    return st;
}

/* Reads what is in UTF-8 and writes it with other settings; *said: what the writer told. Other than DGM_OK: no memory, or
 * DGM_CONFIG. */
static dgm_status rewrite(const dgm_mem *mem, const dgm_shape *shape, dgm_slice input, const char *settings, dgm_buffer *out,
                          dgm_buffer *said, size_t *refused)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_format format = edi_cusdec(shape);
    const dgm_format *formats[1] = { &format };
    dgm_diags *read = NULL, *written = NULL;
    dgm_reader *r = NULL;
    dgm_writer *w = NULL;
    dgm_message m;
    wishes wish = parse(settings);
    *refused = 0;
    dgm_status st = dgm_diags_new(mem, 1000, &read);
    if (st == DGM_OK) st = dgm_diags_new(mem, 1000, &written);
    dgm_host host = dgm_host_make(mem, NULL, read, NULL, formats, 1), other = dgm_host_make(mem, NULL, written, NULL, NULL, 0);
    if (st == DGM_OK) st = k->open_whole(&host, NULL, 0, input, &r);
    if (st == DGM_OK) st = k->writer_open(&other, &format, wish.at, wish.n, dgm_buffer_sink(out), &w);
    while (st == DGM_OK && (st = k->next(r, &m)) == DGM_OK) {
        if (m.tree) st = k->write(w, m.tree);
        k->recycle(r, &m);
        if (st != DGM_INVALID) continue;
        ++*refused;
        st = DGM_OK;
    }
    if (st == DGM_END) st = k->finish(w);
    if (dgm_diags_failed(read) || dgm_diags_failed(written)) st = DGM_NOMEM;
    if (st == DGM_OK || st == DGM_CONFIG) st = dump(written, said) == DGM_OK ? st : DGM_NOMEM;
    k->writer_close(w);
    k->close(r);
    dgm_diags_free(read);
    dgm_diags_free(written);
    return st;
}

static dgm_shape *shape_of(void)
{
    dgm_shape *shape = NULL;
    CU_ASSERT_FATAL(edi_cusdec_shape(NULL, &shape) == DGM_OK);
    return shape;
}

/* ---- what a set lacks -------------------------------------------------------------------------------------------------------- */

#define PLACE "SG6#1/NAD/C080/3036#1"
#define WAS   "edifact.write.changed " PLACE
static const struct {
    const char *value, *settings;
    const char *written; /* bytes of the value; NULL: refused */
    const char *said;
} changes[] = {
    { "\u0141\u00F3d\u017A", "syntax=UNOC:3", NULL,
      "edifact.write.character " PLACE "|\"\u0141\" (U+0141 LATIN CAPITAL LETTER L WITH STROKE)|UNOC (UNOD could hold it)\n" },
    { "\u0141\u00F3d\u017A", "syntax=UNOD:3", "\xA3\xF3\x64\xBC", "" },
    { "\u0141\u00F3d\u017A", "syntax=UNOC:3 charset=windows-1250", "\xA3\xF3\x64\x9F", "" },
    { "\u5317", "syntax=UNOC:3 charset=windows-1250", NULL,
      "edifact.write.character " PLACE "|\"\u5317\" (U+5317 CJK UNIFIED IDEOGRAPH-5317)|windows-1250\n" },
    { "\u0141\u00F3d\u017A", "syntax=UNOC:3 unmappable=replace replacement=.", ".\xF3\x64.",
      WAS "|\u0141\u00F3d\u017A|.\u00F3d.\n" },
    { "\u0141\u00F3d\u017A", "syntax=UNOC:3 unmappable=replace", "??\xF3\x64??", WAS "|\u0141\u00F3d\u017A|?\u00F3d?\n" },
    { "\u0141\u00F3d\u017A", "syntax=UNOC:3 unmappable=transliterate", "L\xF3\x64z", WAS "|\u0141\u00F3d\u017A|L\u00F3dz\n" },
    { "\u0141\u00F3d\u017A", "syntax=UNOB:3 unmappable=transliterate", "Lodz", WAS "|\u0141\u00F3d\u017A|Lodz\n" },
    { "\u0141\u00F3d\u017A", "syntax=UNOA:3 unmappable=transliterate", "LODZ", WAS "|\u0141\u00F3d\u017A|LODZ\n" },
    { "Stra\u00DFe 1", "syntax=UNOA:3 unmappable=transliterate", "STRASSE 1", WAS "|Stra\u00DFe 1|STRASSE 1\n" },
    { "M\u00FCller", "syntax=UNOA:3 unmappable=transliterate transliterator=de-ASCII", "MUELLER", WAS "|M\u00FCller|MUELLER\n" },
    { "M\u00FCller", "syntax=UNOA:3 unmappable=transliterate", "MULLER", WAS "|M\u00FCller|MULLER\n" },
    { "\u041C\u043E\u0441\u043A\u0432\u0430", "syntax=UNOA:3 unmappable=transliterate", "MOSKVA",
      WAS "|\u041C\u043E\u0441\u043A\u0432\u0430|MOSKVA\n" },
    { "\u0391\u03B8\u03AE\u03BD\u03B1", "syntax=UNOC:3 unmappable=transliterate", "Athena",
      WAS "|\u0391\u03B8\u03AE\u03BD\u03B1|Athena\n" },
    { "\u5317\u4EAC A", "syntax=UNOC:3 unmappable=transliterate", "bei jing A", WAS "|\u5317\u4EAC A|bei jing A\n" },
    { "\u5317\u4EAC", "syntax=UNOD:3 unmappable=transliterate", "b\xECi jing", WAS "|\u5317\u4EAC|b\u011Bi jing\n" },
    { "u\u0308", "syntax=UNOC:3 unmappable=transliterate", "\xFC", WAS "|u\u0308|\u00FC\n" },
    { "\U0001F6A2", "syntax=UNOC:3 unmappable=transliterate", NULL,
      "edifact.write.character " PLACE "|\"\U0001F6A2\" (U+1F6A2 SHIP)|UNOC (UNOW could hold it)\n" },
    { "PLAIN", "syntax=UNOA:3 unmappable=transliterate", "PLAIN", "" },
    { "it's + a:b", "syntax=UNOB:3 unmappable=replace", "it?'s ?+ a?:b", "" },
    { "\u0429\u0429\u0429\u0429\u0429\u0429\u0429\u0429\u0429\u0429\u0429\u0429",
      "syntax=UNOA:3 unmappable=replace replacement=ABCD", NULL, "edifact.value.too-long " PLACE "|48|35\n" },
    { "\u5317+", "syntax=UNOX:3", "\x1B$B\x4B\x4C\x1B(B?+", "" },
    { "\uC11C", "syntax=KECA:3", "\xBC\xAD", "" },
    { "\u00AD", "syntax=UNOA:3 charset=Shift_JIS", NULL, "edifact.write.character " PLACE "|U+00AD SOFT HYPHEN|Shift_JIS\n" },
};

static void what_a_set_lacks(void)
{
    dgm_shape *shape = shape_of();
    dgm_buffer input, out, said;
    dgm_buffer_init(&input, NULL);
    dgm_buffer_init(&out, NULL);
    dgm_buffer_init(&said, NULL);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char released[200] = { 0 }, wanted[256];
        size_t refused = 0, n = 0;
        for (const char *p = changes[i].value; *p; p++) {
            if (strchr("'+:?", *p)) released[n++] = '?';
            released[n++] = *p;
        }
        input.len = out.len = said.len = 0;
        dgm_buffer_print(&input, HEAD "UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'NAD+DT+++%s'UNS+D'UNS+S'UNT+6+1'" TAIL, released);
        CU_ASSERT_EQUAL(rewrite(NULL, shape, dgm_buffer_slice(&input), changes[i].settings, &out, &said, &refused), DGM_OK);
        CU_ASSERT_EQUAL(refused, changes[i].written ? 0 : 1);
        int len = snprintf(wanted, sizeof wanted, "'NAD+DT+++%s'", changes[i].written ? changes[i].written : "");
        bool there = out.len && memmem(out.at, out.len, wanted, (size_t)len);
        bool good = there == (changes[i].written != NULL) && dgm_slice_is(dgm_buffer_slice(&said), changes[i].said);
        if (!good)
            fprintf(stderr, "row %zu, %s with %s: wanted\n%s\n%s; there is\n%.*s\n%.*s", i, changes[i].value, changes[i].settings,
                    wanted, changes[i].said, (int)out.len, out.at, (int)said.len, said.at ? said.at : "");
        CU_ASSERT(good);
    }
    dgm_buffer_free(&input);
    dgm_buffer_free(&out);
    dgm_buffer_free(&said);
    dgm_shape_free(shape);
}

/* ---- every character there and back ------------------------------------------------------------------------------------------ */

/* The values of an interchange, a line each. */
static void values_of(const char *charset, dgm_slice bytes, size_t chunk, dgm_buffer *text)
{
    dgm_buffer all;
    dgm_mem mem = dgm_mem_default();
    dgm_shape *shape = shape_of();
    dgm_format format = edi_cusdec(shape);
    dgm_setting setting = { DGM_LITERAL("charset"), dgm_slice_of(charset) };
    dgm_buffer_init(&all, NULL);
    edi_case c = {
        .mem = &mem, .format = &format, .chunk = chunk, .text = &all, .settings = &setting, .setting_count = charset ? 1 : 0
    };
    CU_ASSERT_EQUAL(edi_read(&c, bytes), DGM_END);
    for (dgm_slice rest = dgm_buffer_slice(&all); rest.len;) {
        dgm_cut cut = dgm_slice_cut(rest, '\n');
        if (memmem(cut.head.at, cut.head.len, "/3036", 5)) {
            dgm_buffer_append(text, cut.head);
            dgm_buffer_append(text, DGM_LITERAL("\n"));
        }
        rest = cut.tail;
    }
    dgm_buffer_free(&all);
    dgm_shape_free(shape);
}

/* An interchange in UTF-8 that holds each character of a set, thirty a message; returns how many there are. */
static size_t all_characters(const dgm_edi_set *set, const char *name, dgm_buffer *out)
{
    size_t known = 0, bad, messages = 0;
    dgm_charset *c = NULL;
    dgm_edi_alphabet a;
    dgm_buffer bytes;
    dgm_buffer_init(&bytes, NULL);
    CU_ASSERT_EQUAL_FATAL(dgm_charset_open(NULL, dgm_slice_of(name), &c), DGM_OK);
    dgm_edi_alphabet_make(&a, ":+?'", true, set ? set->repertoire : DGM_EDI_REPERTOIRE_ANY);
    dgm_buffer_append(out, DGM_LITERAL(HEAD));
    for (uint32_t point = 0x20; point < 0x30000; point++) {
        char text[4];
        bytes.len = 0;
        if ((point >= 0xD800 && point < 0xE000) || (point >= 0x7F && point < 0xA0) || point == 0xFFFD) continue;
        if (point < 0x80 && (a.kind[point] & DGM_EDI_KIND_ODD)) continue;
        dgm_slice one = { text, dgm_utf8_put(point, text) };
        if (dgm_charset_encode(c, one, &bytes, &bad) != DGM_OK) continue;
        if (known % 30 == 0) {
            if (known) dgm_buffer_append(out, DGM_LITERAL("'UNS+D'UNS+S'UNT+6+1'"));
            dgm_buffer_append(out, DGM_LITERAL("UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'NAD+DT+++"));
            messages++;
        }
        known++;
        if (point < 0x80 && strchr(":+?'", (int)point)) dgm_buffer_append(out, DGM_LITERAL("?"));
        if (point == '*') dgm_buffer_append(out, DGM_LITERAL("?")); /* separates repetitions in version 4 */
        dgm_buffer_append(out, one);
    }
    dgm_buffer_print(out, "'UNS+D'UNS+S'UNT+6+1'UNZ+%zu+1'", messages);
    dgm_buffer_free(&bytes);
    dgm_charset_free(c);
    return known;
}

static void there_and_back(const dgm_edi_set *set, const char *own, size_t least)
{
    dgm_shape *shape = shape_of();
    dgm_buffer input, out, said, first, second;
    char settings[100];
    size_t refused = 0;
    dgm_buffer_init(&input, NULL);
    dgm_buffer_init(&out, NULL);
    dgm_buffer_init(&said, NULL);
    dgm_buffer_init(&first, NULL);
    dgm_buffer_init(&second, NULL);
    size_t known = all_characters(set, set ? set->set : own, &input);
    CU_ASSERT(known >= least);
    snprintf(settings, sizeof settings, "syntax=%s:3 message-reference=1%s%s", set ? set->identifier : "UNOA",
             own ? " charset=" : "", own ? own : "");
    CU_ASSERT_EQUAL(rewrite(NULL, shape, dgm_buffer_slice(&input), settings, &out, &said, &refused), DGM_OK);
    CU_ASSERT_EQUAL(refused, 0);
    if (said.len) fprintf(stderr, "%s: %.*s\n", settings, (int)said.len, said.at);
    CU_ASSERT_EQUAL(said.len, 0);
    values_of(NULL, dgm_buffer_slice(&input), 0, &first);
    for (size_t chunk = 0; chunk < 12000; chunk += chunk ? 4090 : 7) {
        second.len = 0;
        values_of(own, dgm_buffer_slice(&out), chunk, &second);
        bool equal = dgm_slice_equal(dgm_buffer_slice(&first), dgm_buffer_slice(&second));
        if (!equal) fprintf(stderr, "%s: what is read in chunks of %zu is not what was written\n", settings, chunk);
        CU_ASSERT(equal);
    }
    dgm_buffer_free(&input);
    dgm_buffer_free(&out);
    dgm_buffer_free(&said);
    dgm_buffer_free(&first);
    dgm_buffer_free(&second);
    dgm_shape_free(shape);
}

static void every_character_of_every_identifier(void)
{
    static const size_t least[] = { 56, 82, 191, 191, 191, 188, 184, 191, 146, 155, 191, 191, 120000, 13000, 120000, 8000 };
    for (size_t i = 0; dgm_edi_set_at(i); i++) there_and_back(dgm_edi_set_at(i), NULL, least[i]);
}

static void every_character_of_partners_sets(void)
{
    static const char *const sets[] = { "Shift_JIS",    "EUC-JP",       "GB18030",      "GBK",          "GB2312",
                                        "Big5",         "EUC-KR",       "windows-949",  "TIS-620",      "windows-1250",
                                        "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255",
                                        "windows-1256", "windows-1257", "windows-1258", "KOI8-R",       "IBM037",
                                        "IBM500",       "IBM1047",      "IBM1140",      "UTF-16LE",     "UTF-16BE",
                                        "ISO-2022-JP",  "ISO-2022-KR",  "ISO-2022-CN" };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) there_and_back(NULL, sets[i], 180);
}

/* ---- the smallest set -------------------------------------------------------------------------------------------------------- */

/* One message for each value; what the interchanges say, and what became of the values. */
static void choose(const char *const *values, size_t n, const char *settings, const char *const *wanted, size_t refusals,
                   const char *told)
{
    dgm_shape *shape = shape_of();
    dgm_buffer input, out, said;
    size_t refused = 0;
    dgm_buffer_init(&input, NULL);
    dgm_buffer_init(&out, NULL);
    dgm_buffer_init(&said, NULL);
    dgm_buffer_append(&input, DGM_LITERAL(HEAD));
    for (size_t i = 0; i < n; i++)
        dgm_buffer_print(&input, "UNH+%zu+CUSDEC:D:96B:UN'BGM+929+X+9'NAD+DT+++%s'UNS+D'UNS+S'UNT+6+%zu'", i + 1, values[i], i + 1);
    dgm_buffer_print(&input, "UNZ+%zu+1'", n);
    CU_ASSERT_EQUAL(rewrite(NULL, shape, dgm_buffer_slice(&input), settings, &out, &said, &refused), DGM_OK);
    CU_ASSERT_EQUAL(refused, refusals);
    TEST_TEXT(dgm_buffer_slice(&said), told);
    const char *at = out.at;
    for (size_t i = 0; wanted[i] && at; i++) { /* in this order */
        const char *found = memmem(at, out.len - (size_t)(at - out.at), wanted[i], strlen(wanted[i]));
        if (!found) fprintf(stderr, "%s: wanted %s in\n%.*s\n", settings, wanted[i], (int)out.len, out.at);
        CU_ASSERT_PTR_NOT_NULL(found);
        at = found ? found + strlen(wanted[i]) : NULL;
    }
    dgm_buffer_free(&input);
    dgm_buffer_free(&out);
    dgm_buffer_free(&said);
    dgm_shape_free(shape);
}

static void the_smallest_set(void)
{
    static const struct {
        const char *value, *header, *bytes;
    } alone[] = {
        { "ACME 1", "UNB+UNOA:3+SENDER", "+++ACME 1'" },
        { "Acme", "UNB+UNOB:3+SENDER", "+++Acme'" },
        { "#1", "UNB+UNOC:3+SENDER", "+++#1'" },
        { "Z\u00FCrich", "UNB+UNOC:3+SENDER", "+++Z\xFCrich'" },
        { "\u0141\u00FC?+", "UNB+UNOD:3+SENDER", "+++\xA3\xFC?+'" },
        { "\u041C", "UNB+UNOE:3+SENDER", "+++\xBC'" },
        { "\u0391", "UNB+UNOF:3+SENDER", "+++\xC1'" },
        { "\u0391\u041C", "UNB+UNOY:3+SENDER", "+++\u0391\u041C'" },
    };
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
        choose(&alone[i].value, 1, "syntax=auto", (const char *[]){ alone[i].header, alone[i].bytes, "UNZ+1+", NULL }, 0, "");
    static const char *const values[] = { "A", "\u041C", "\u0391", "b" };
    choose(values, 4, "syntax=auto:3",
           (const char *[]){ "UNB+UNOY:3", "UNH+1+", "+++\u041C'", "+++\u0391'", "+++b'", "UNZ+4+", NULL }, 0, "");
    /* each interchange for itself, and what is refused leaves no trace */
    choose(values, 4, "syntax=auto messages-per-interchange=1",
           (const char *[]){ "UNB+UNOA:3", "+++A'", "UNZ+1+", "UNB+UNOE:3", "+++\xBC'", "UNZ+1+", "UNB+UNOF:3", "+++\xC1'",
                             "UNZ+1+", "UNB+UNOB:3", "+++b'", "UNZ+1+", NULL },
           0, "");
    choose(values, 4, "syntax=auto choices=UNOC,UNOE messages-per-interchange=1",
           (const char *[]){ "UNB+UNOC:3", "+++A'", "UNZ+1+", "UNB+UNOE:3", "+++\xBC'", "UNZ+1+", "UNB+UNOC:3", "+++b'", "UNZ+1+",
                             NULL },
           1, "edifact.write.character " PLACE "|\"\u0391\" (U+0391 GREEK CAPITAL LETTER ALPHA)|none of the sets to choose from\n");
    choose(values, 4, "syntax=auto choices=UNOA,UNOE sender=acme",
           (const char *[]){ "UNB+UNOE:3+acme", "+++A'", "+++\xBC'", "+++b'", "UNZ+3+", NULL }, 1,
           "edifact.write.character " PLACE "|\"\u0391\" (U+0391 GREEK CAPITAL LETTER ALPHA)|none of the sets to choose from\n");
}

/* ---- settings and memory ----------------------------------------------------------------------------------------------------- */

static void settings_that_cannot_be(void)
{
    static const char *const wrong[] = { "syntax=UNOM:3",
                                         "syntax=UNOC:9",
                                         "charset=no-such-set",
                                         "unmappable=guess",
                                         "unmappable=transliterate transliterator=Martian-Latin",
                                         "unmappable=replace replacement=\xFF",
                                         "syntax=auto choices=UNOA,UNOM",
                                         "syntax=auto choices=UNOX",
                                         "syntax=auto charset=IBM500" };
    dgm_shape *shape = shape_of();
    dgm_buffer out, said;
    dgm_buffer_init(&out, NULL);
    dgm_buffer_init(&said, NULL);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        size_t refused = 0;
        said.len = 0;
        CU_ASSERT_EQUAL(rewrite(NULL, shape, DGM_LITERAL(HEAD TAIL), wrong[i], &out, &said, &refused), DGM_CONFIG);
        CU_ASSERT(said.len > 24 && memcmp(said.at, "edifact.setting.invalid ", 24) == 0);
    }
    CU_ASSERT_EQUAL(out.len, 0);
    dgm_buffer_free(&out);
    dgm_buffer_free(&said);
    dgm_shape_free(shape);
}

static dgm_status work(const dgm_mem *mem, void *ctx)
{
    static const char input[] =
        HEAD "UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'NAD+DT+++\u5317\u4EAC \u0141\u00F3d\u017A'UNS+D'UNS+S'UNT+6+1'" TAIL;
    size_t refused = 0;
    dgm_shape *shape = NULL;
    dgm_buffer out, said;
    dgm_buffer_init(&out, mem);
    dgm_buffer_init(&said, mem);
    dgm_status st = edi_cusdec_shape(mem, &shape);
    if (st == DGM_OK) st = rewrite(mem, shape, (dgm_slice){ input, sizeof input - 1 }, ctx, &out, &said, &refused);
    dgm_buffer_free(&out);
    dgm_buffer_free(&said);
    dgm_shape_free(shape);
    return st;
}

static void failing_memory(void)
{
    static char rules[] = "syntax=UNOA:3 unmappable=transliterate", own[] = "syntax=UNOA:3 charset=GB18030",
                chosen[] = "syntax=auto choices=UNOC,UNOD,UNOY", replaced[] = "syntax=UNOE:3 unmappable=replace";
    CU_ASSERT(test_each_allocation_fails(work, rules) > 20);
    CU_ASSERT(test_each_allocation_fails(work, own) > 20);
    CU_ASSERT(test_each_allocation_fails(work, replaced) > 20);
    CU_ASSERT(test_each_allocation_fails(work, chosen) > 20);
}

int main(void)
{
    static const test_case cases[] = {
        { "what a set lacks", what_a_set_lacks },
        { "every character of every identifier", every_character_of_every_identifier },
        { "every character of partners' sets", every_character_of_partners_sets },
        { "the smallest set", the_smallest_set },
        { "settings that cannot be", settings_that_cannot_be },
        { "failing memory", failing_memory },
        { 0 },
    };
    return test_main("edifact write charset", cases);
}
