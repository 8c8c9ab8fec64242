/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_charset.c - interchanges in every character set: by syntax identifier, by the partner's setting, and by what their
 * first bytes are; in chunks of 1 to 7 bytes; what a set does not have is told with its place in the input. Expected values come
 * from the standards of the sets. One thread.
 */
#include "base/utf8.h"
#include "edifact_tests.h"

static dgm_buffer text, input;

static void read_as(const char *set, size_t chunk)
{
    dgm_mem mem = dgm_mem_default();
    dgm_shape *shape = NULL;
    dgm_setting setting = { DGM_LITERAL("charset"), dgm_slice_of(set) };
    CU_ASSERT_FATAL(edi_cusdec_shape(&mem, &shape) == DGM_OK);
    dgm_format format = edi_cusdec(shape);
    text.len = 0;
    edi_case c = {
        .mem = &mem, .format = &format, .chunk = chunk, .text = &text, .settings = &setting, .setting_count = set ? 1 : 0
    };
    CU_ASSERT_EQUAL(edi_read(&c, dgm_buffer_slice(&input)), DGM_END);
    dgm_shape_free(shape);
}

static void put(const char *bytes, size_t n)
{
    dgm_buffer_append(&input, (dgm_slice){ bytes, n });
}

/* An interchange whose NAD has a value, in ASCII but for that; una: the service characters ":+.? '", or NULL for these without UNA.
 */
static void put_interchange(const char *identifier, const char *una, const char *value, size_t n)
{
    const char *parts[] = { "UNB+", identifier, ":3+S+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'NAD+DT+++", NULL,
                            "'UNS+D'UNS+S'UNT+6+1'UNZ+1+1'" };
    if (una) put("UNA", 3), put(una, 6);
    for (size_t i = 0; i < 5; i++) {
        if (i == 3) {
            put(value, n);
            continue;
        }
        for (const char *p = parts[i]; *p; p++) {
            char c = *p;
            if (una) c = c == ':' ? una[0] : c == '+' ? una[1] : c == '\'' ? una[5] : c;
            put(&c, 1);
        }
    }
}

static void recode(const char *set)
{
    dgm_charset *c = NULL;
    dgm_buffer out;
    size_t bad;
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_EQUAL_FATAL(dgm_charset_open(NULL, dgm_slice_of(set), &c), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_charset_encode(c, dgm_buffer_slice(&input), &out, &bad), DGM_OK);
    input.len = 0;
    put(out.at, out.len);
    dgm_buffer_free(&out);
    dgm_charset_free(c);
}

static bool has(const char *wanted)
{
    return text.len && memmem(text.at, text.len, wanted, strlen(wanted));
}

/* The value, and the diagnostics, whole and in chunks. */
static void expect(const char *set, const char *utf8, const char *diags)
{
    char value[256];
    snprintf(value, sizeof value, "SG6#1/NAD/C080/3036#1=%s\n", utf8);
    for (size_t chunk = 0; chunk <= 7; chunk++) {
        read_as(set, chunk);
        const char *told = text.len ? memchr(text.at, '!', text.len) : NULL;
        dgm_slice there = { told, told ? text.len - (size_t)(told - text.at) : 0 };
        bool good = has(value) && has("BGM/C106/1004=X\n") && has("UNT/0062=1\n") && dgm_slice_is(there, diags);
        if (!good)
            fprintf(stderr, "in chunks of %zu, setting %s: wanted %s%s\n%.*s\n", chunk, set ? set : "none", value, diags,
                    (int)text.len, text.at);
        CU_ASSERT(good);
        if (!good) return;
    }
}

#define KANA  "\xE3\x82\xBD\xE3\x83\x9D\xE3\x83\xBC" /* ソポー: in Shift_JIS 83 5C, 83 7C, 81 5B: backslash, bar and bracket */
#define SEOUL "\xEC\x84\x9C\xEC\x9A\xB8"             /* 서울 */
#define HAN   "\xE5\x8C\x97\xE4\xBA\xAC"             /* 北京 */

static const struct {
    const char *identifier, *setting, *una, *bytes;
    size_t len;
    const char *utf8;
} rows[] = {
    { "UNOA", NULL, NULL, "ACME", 4, "ACME" },
    { "UNOB", NULL, ":+.? '", "Acme", 4, "Acme" },
    { "UNOC", NULL, NULL, "Z\xFCrich", 6, "Z\xC3\xBCrich" },
    { "UNOD", NULL, NULL, "\xA3\xF3\x64\xBC", 4, "\xC5\x81\xC3\xB3\x64\xC5\xBA" },     /* Łódź */
    { "UNOE", NULL, NULL, "\xBC\xDE\xE1", 3, "\xD0\x9C\xD0\xBE\xD1\x81" },             /* Мос */
    { "UNOF", NULL, NULL, "\xC1\xE8\xDE", 3, "\xCE\x91\xCE\xB8\xCE\xAE" },             /* Αθή */
    { "UNOG", NULL, NULL, "\xA1\xB1\xE6", 3, "\xC4\xA6\xC4\xA7\xC4\x89" },             /* Ħħĉ */
    { "UNOH", NULL, NULL, "\xC0\xE0\xBD", 3, "\xC4\x80\xC4\x81\xC5\x8A" },             /* ĀāŊ */
    { "UNOI", NULL, NULL, "\xE5\xD5\xD1", 3, "\xD9\x85\xD8\xB5\xD8\xB1" },             /* مصر */
    { "UNOJ", NULL, NULL, "\xE7\xE9\xF4\xE4", 4, "\xD7\x97\xD7\x99\xD7\xA4\xD7\x94" }, /* חיפה */
    { "UNOK", NULL, NULL, "\xDDzmir \xFE", 7, "\xC4\xB0zmir \xC5\x9F" },               /* İzmir ş */
    { "UNOL", NULL, NULL, "\xA4 \xBD", 3, "\xE2\x82\xAC \xC5\x93" },                   /* € œ */
    { "UNOW", NULL, NULL, HAN, 6, HAN },
    { "UNOY", NULL, NULL, KANA, 9, KANA },
    { "KECA", NULL, NULL, "\xBC\xAD\xBF\xEF", 4, SEOUL },
    { "UNOX", NULL, NULL, "\x1B$B\x25\x3D\x1B(B-1", 10, "\xE3\x82\xBD-1" }, /* ソ */
    { "UNOX", NULL, NULL, "\x1B$B\x3F\x27\x3A\x2B\x3F\x3A\x1B(B", 12,
      "\xE8\x89\xB2\xE6\x98\x86\xE6\xA6\x9B" }, /* ?' :+ ?: are 色昆榛 */
    { "UNOX", NULL, NULL, "\x1B$)C\x0E\x3C\x2D\x3F\x6F\x0F", 10, SEOUL },
    { "UNOX", NULL, NULL, "\x1B$)A\x0E\x31\x31\x3E\x29\x0F", 10, HAN },
    { "UNOX", NULL, NULL, "\x1B$A\x31\x31\x3E\x29\x1B(B", 10, HAN },
    { "UNOX", NULL, NULL, "\x1B-L\xBC\xDE\x1B-F\xC1", 9, "\xD0\x9C\xD0\xBE\xCE\x91" },    /* МоΑ */
    { "UNOX", NULL, NULL, "\x1B-A\xFC\x1B$B\x25\x3D\x1B(B", 12, "\xC3\xBC\xE3\x82\xBD" }, /* üソ */
    { "UNOA", "Shift_JIS", NULL, "\x83\x5C\x83\x7C\x81\x5B", 6, KANA },
    { "UNOA", "Shift_JIS", "\\|.? ^", "\x83\x5C\x83\x7C\x81\x5B", 6, KANA },
    { "UNOA", "EUC-JP", NULL, "\xA5\xBD\xA5\xDD\xA1\xBC", 6, KANA },
    { "UNOA", "GB18030", NULL, "\xB1\xB1\xBE\xA9\x94\x39\xDA\x33", 8, HAN "\xF0\x9F\x92\xA9" },
    { "UNOA", "GB18030", "|^.? ~", "\x81\x5E\x81\x7C\x81\x7E", 6, "\xE4\xB9\x9B\xE4\xBA\x85\xE4\xBA\x8A" }, /* 乛亅亊 */
    { "UNOA", "Big5", "\\|.? ~", "\xA5\x5C\xA5\x7C\xA5\x7E", 6, "\xE5\x8A\x9F\xE5\x9B\x9B\xE5\xA4\x96" },   /* 功四外 */
    { "UNOA", "EUC-KR", NULL, "\xBC\xAD\xBF\xEF", 4, SEOUL },
    { "UNOA", "TIS-620", NULL, "\xA1\xB7", 2, "\xE0\xB8\x81\xE0\xB8\x97" },
    { "UNOA", "windows-1252", NULL, "\x80 \x93", 3, "\xE2\x82\xAC \xE2\x80\x9C" },
    { "UNOA", "windows-1250", NULL, "\x8A", 1, "\xC5\xA0" },
    { "UNOA", "windows-1251", NULL, "\xCC", 1, "\xD0\x9C" },
    { "UNOA", "windows-1253", NULL, "\xC1", 1, "\xCE\x91" },
    { "UNOA", "windows-1254", NULL, "\xDD", 1, "\xC4\xB0" },
    { "UNOA", "windows-1255", NULL, "\xE7", 1, "\xD7\x97" },
    { "UNOA", "windows-1256", NULL, "\xE3", 1, "\xD9\x85" },
    { "UNOA", "windows-1257", NULL, "\xC2", 1, "\xC4\x80" },
    { "UNOA", "windows-1258", NULL, "\xFE", 1, "\xE2\x82\xAB" },
    { "UNOA", "KOI8-R", NULL, "\xED\xCF", 2, "\xD0\x9C\xD0\xBE" },
};

static void every_set(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        input.len = 0;
        put_interchange(rows[i].identifier, rows[i].una, rows[i].bytes, rows[i].len);
        expect(rows[i].setting, rows[i].utf8, "");
    }
}

/* What a set does not have: the value as it is read, and which bytes of the input are blamed. The value begins at byte 72. */
#define ENCODING(place)   "!edifact.character.encoding@" place " i1 g0 m1 s3 e4 c1\n"
#define REPERTOIRE(place) "!edifact.character.repertoire@" place " i1 g0 m1 s3 e4 c1\n"
#define BAD               "\xEF\xBF\xBD"
static const struct {
    const char *identifier, *setting, *bytes;
    size_t len;
    const char *utf8, *diags;
} faulty[] = {
    { "UNOA", NULL, "A\xE4\xF6z", 4, "A" BAD BAD "z", REPERTOIRE("75+1") ENCODING("73+2") },
    { "UNOA", NULL, "aBcd E", 6, "aBcd E", REPERTOIRE("72+1") REPERTOIRE("74+2") },
    { "UNOB", NULL, "a#b[\\]", 6, "a#b[\\]",
      "!edifact.una.expected@4+4 i1 g0 m0 s0 e1 c1\n" REPERTOIRE("73+1") REPERTOIRE("75+3") },
    { "UNOC", NULL, "a\x80\x93z\xFC", 5, "a\xC2\x80\xC2\x93z\xC3\xBC", REPERTOIRE("73+2") },
    { "UNOE", NULL, "?+?'\x85?:\x86", 8, "+'\xC2\x85:\xC2\x86", REPERTOIRE("76+1") REPERTOIRE("79+1") },
    { "UNOI", NULL, "\xE5\xB5x?+\xB6\xB7", 7, "\xD9\x85" BAD "x+" BAD BAD, ENCODING("73+1") ENCODING("77+2") },
    { "UNOJ", NULL, "\xA1", 1, BAD, ENCODING("72+1") },
    { "UNOW", NULL, "a\xC3z\xE4\xB8", 5, "a" BAD "z" BAD BAD, ENCODING("73+1") ENCODING("75+2") },
    { "UNOY", NULL, "\xC2\x85", 2, "\xC2\x85", REPERTOIRE("72+2") },
    { "KECA", NULL, "\xBC\xAD\xFE\xFF\xBF", 5, "\xEC\x84\x9C" BAD BAD BAD, ENCODING("74+3") },
    { "UNOX", NULL, "\x1B$B\x3F\x27\x2B\x3A\x1B(B", 10, "\xE8\x89\xB2" BAD, ENCODING("77+2") },
    { "UNOX", NULL, "\x1B$)C\xFF\x1B-A\xFF", 9, BAD "\xC3\xBF", ENCODING("76+1") },
    { "UNOA", "Shift_JIS", "?+\x83\x5C\x95", 5, "+\xE3\x82\xBD" BAD, ENCODING("76+1") },
    { "UNOA", "GB18030", "\xFF\xB1\xB1\x80", 4, BAD "\xE5\x8C\x97" BAD, ENCODING("72+1") ENCODING("75+1") },
    { "UNOA", "windows-1253", "\xD2\xC1", 2, BAD "\xCE\x91", ENCODING("72+1") },
};

static void what_a_set_lacks(void)
{
    for (size_t i = 0; i < sizeof faulty / sizeof *faulty; i++) {
        input.len = 0;
        put_interchange(faulty[i].identifier, NULL, faulty[i].bytes, faulty[i].len);
        expect(faulty[i].setting, faulty[i].utf8, faulty[i].diags);
    }
}

/* EBCDIC and UTF-16 are known by their first bytes. */
static void known_by_bytes(void)
{
#define ENCODED(place) "!edifact.charset.encoded@" place " i1 g0 m0 s0 e0 c0\n"
    input.len = 0;
    put_interchange("UNOC", NULL, "Acme?'s", 7);
    recode("IBM037");
    expect(NULL, "Acme's", ENCODED("0+3"));
    CU_ASSERT_EQUAL(dgm_codec_edifact.identify(dgm_buffer_slice(&input)), 92);
    expect("IBM500", "Acme's", ENCODED("0+3"));

    input.len = 0;
    put_interchange("UNOC", ":+.? '", "Z\xC3\xBC[", 4);
    recode("IBM1047");
    expect("IBM1047", "Z\xC3\xBC[", ENCODED("0+3"));

    input.len = 0;
    put_interchange("UNOY", NULL, HAN, 6);
    recode("UTF-16BE");
    expect(NULL, HAN, ENCODED("0+6"));
    CU_ASSERT_EQUAL(dgm_codec_edifact.identify(dgm_buffer_slice(&input)), 92);
    input.at[144] = (char)0xD8; /* half of a pair */
    expect(NULL, BAD "\xE4\xBA\xAC", ENCODED("0+6") ENCODING("144+2"));

    input.len = 0;
    put_interchange("UNOC", NULL, "a\xC5\x81\xC5\x82z\xC3\xBC", 8); /* Łł are not in ISO 8859-1 */
    recode("UTF-16LE");
    expect(NULL, "a\xC5\x81\xC5\x82z\xC3\xBC", ENCODED("0+6") REPERTOIRE("146+4"));

    dgm_buffer ascii;
    dgm_buffer_init(&ascii, NULL);
    input.len = 0;
    put_interchange("UNOA", NULL, "A\xC3\x84", 3);
    recode("UTF-16LE");
    dgm_buffer_append(&ascii, DGM_LITERAL("\xFF\xFE"));
    dgm_buffer_append(&ascii, dgm_buffer_slice(&input));
    input.len = 0;
    put(ascii.at, ascii.len);
    dgm_buffer_free(&ascii);
    expect(NULL, "A\xC3\x84", "!edifact.interchange.bom@0+2 i0 g0 m0 s0 e0 c0\n" ENCODED("2+6") REPERTOIRE("148+2"));
    CU_ASSERT_EQUAL(dgm_codec_edifact.identify(dgm_buffer_slice(&input)), 80);
    CU_ASSERT_EQUAL(dgm_codec_edifact.identify(DGM_LITERAL("\xFF\xFE<\0?\0x\0m\0l\0")), 0);
}

static size_t times(const char *wanted)
{
    size_t n = 0;
    for (const char *p = text.at, *end = p + text.len; (p = memmem(p, (size_t)(end - p), wanted, strlen(wanted))); p++) n++;
    return n;
}

/* Each interchange of an input is in a set of its own; line ends stand between and inside. */
static void neighbours(void)
{
    dgm_buffer all;
    dgm_buffer_init(&all, NULL);
    static const struct {
        const char *identifier, *value, *set, *after;
        size_t n, after_len;
    } each[] = {
        { "UNOX", "\x1B$B\x3F\x27\x1B(B", NULL, "\r\n", 8, 2 },
        { "UNOC", "\xFC", NULL, "", 1, 0 },
        { "UNOC", "ebcdic", "IBM037", "\x0D\x15\x25\x40", 6, 4 },
        { "UNOD", "\xA3", NULL, "\n", 1, 1 },
        { "UNOY", HAN, "UTF-16LE", "\n\0", 6, 2 },
        { "UNOY", HAN, "UTF-16LE", "\n\0", 6, 2 },
        { "UNOY", HAN, "UTF-16BE", "\0\n", 6, 2 },
        { "UNOE", "\xBC", NULL, "", 1, 0 },
    };
    size_t at[8];
    for (size_t i = 0; i < 8; i++) {
        input.len = 0;
        put_interchange(each[i].identifier, NULL, each[i].value, each[i].n);
        if (each[i].set) recode(each[i].set);
        at[i] = all.len;
        dgm_buffer_append(&all, dgm_buffer_slice(&input));
        dgm_buffer_append(&all, (dgm_slice){ each[i].after, each[i].after_len });
    }
    input.len = 0;
    put(all.at, all.len);
    char told[512];
    snprintf(told, sizeof told,
             "!edifact.charset.encoded@%zu+3 i3 g0 m0 s0 e0 c0\n!edifact.charset.encoded@%zu+6 i5 g0 m0 s0 e0 c0\n"
             "!edifact.charset.encoded@%zu+6 i6 g0 m0 s0 e0 c0\n!edifact.charset.encoded@%zu+6 i7 g0 m0 s0 e0 c0\n",
             at[2], at[4], at[5], at[6]);
    for (size_t chunk = 0; chunk <= 7; chunk++) {
        read_as(NULL, chunk);
        CU_ASSERT_EQUAL(times("UNT/0062=1\n"), 8);
        CU_ASSERT_EQUAL(times("#1=" HAN "\n"), 3);
        CU_ASSERT(has("#1=\xE8\x89\xB2\n") && has("#1=\xC3\xBC\n") && has("#1=ebcdic\n") && has("#1=\xC5\x81\n") &&
                  has("#1=\xD0\x9C\n"));
        CU_ASSERT_EQUAL(times("!"), 4);
        CU_ASSERT(has(told));
        if (!has(told)) fprintf(stderr, "chunk %zu: wanted\n%sthere is\n%.*s\n", chunk, told, (int)text.len, text.at);
    }
    dgm_buffer_free(&all);
}

/* Lines of a mainframe end with NEL; a message that is cut off is told where it ends. */
static void mainframe_lines(void)
{
    input.len = 0;
    put_interchange("UNOA", NULL, "A'\nDTM+137:19961120:102", 23);
    recode("IBM037");
    for (size_t i = 0; i < input.len; i++)
        if (input.at[i] == 0x25) input.at[i] = 0x15;
    for (size_t chunk = 0; chunk <= 7; chunk++) {
        read_as(NULL, chunk);
        CU_ASSERT(has("#1=A\n"));
        CU_ASSERT(has("!edifact.segment.unexpected@75+21 ") && has("!edifact.count.segments@112+1 "));
        CU_ASSERT_EQUAL(times("!"), 3);
    }
    input.len = 60;
    for (size_t chunk = 0; chunk <= 7; chunk++) {
        read_as(NULL, chunk);
        CU_ASSERT(has("!edifact.message.truncated@60+0 ") && has("!edifact.segment.unterminated@51+9 "));
    }
}

/* The next name is offered where a name is wrong. */
static void names(void)
{
    static const struct {
        const char *set, *near;
    } wrong[] = { { "windows-1525", "windows-1255" }, { "Shift_GIS", "Shift_JIS" }, { "no such set at all", NULL } };
    for (size_t i = 0; i < 3; i++) {
        dgm_diags *diags = NULL;
        dgm_reader *r = NULL;
        CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 10, &diags), DGM_OK);
        dgm_host host = dgm_host_make(NULL, NULL, diags, NULL, NULL, 0);
        dgm_setting setting = { DGM_LITERAL("charset"), dgm_slice_of(wrong[i].set) };
        CU_ASSERT_EQUAL_FATAL(dgm_codec_edifact.open(&host, &setting, 1, &r), DGM_CONFIG);
        const dgm_diag *d = dgm_diags_at(diags, 0);
        CU_ASSERT_EQUAL_FATAL(d->code, DGM_D_EDI_SETTING);
        TEST_TEXT(d->arguments[2].text, wrong[i].near ? wrong[i].near : "");
        dgm_diags_free(diags);
    }
}

int main(void)
{
    dgm_buffer_init(&text, NULL);
    dgm_buffer_init(&input, NULL);
    static const test_case cases[] = {
        { "every set", every_set },
        { "what a set lacks", what_a_set_lacks },
        { "known by bytes", known_by_bytes },
        { "neighbours", neighbours },
        { "mainframe lines", mainframe_lines },
        { "names", names },
        { 0 },
    };
    int rc = test_main("edifact charset", cases);
    dgm_buffer_free(&text);
    dgm_buffer_free(&input);
    return rc;
}
