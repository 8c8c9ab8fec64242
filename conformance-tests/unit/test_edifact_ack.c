/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_ack.c - what is answered: an interchange, settings, and the body of the CONTRL worked out by hand from ISO 9735
 * (positions: the tag of a segment is its place 1, UNH is segment 1). Every answer is read back by our own reader, which must have
 * nothing to say about it. One thread.
 */
#include "codecs/edifact/ack.h"
#include "codecs/edifact/directory.h"
#include "edifact_tests.h"

#define NOW_MS 1767323045000 /* 2026-01-02T03:04:05Z */

static int64_t now_ms(void *ctx)
{
    (void)ctx;
    return NOW_MS;
}

static dgm_status no_random(void *ctx, void *out, size_t bytes)
{
    (void)ctx;
    memset(out, 0, bytes);
    return DGM_OK;
}

static dgm_status no_sync(void *ctx, int descriptor)
{
    (void)ctx, (void)descriptor;
    return DGM_OK;
}

static const dgm_world world = { now_ms, no_random, no_sync, NULL };

/* ---- an input through reader and acknowledgement, as a job does it ---- */

typedef struct answering {
    dgm_buffer *out;
    size_t opened, closed;
} answering;

static dgm_status out_open(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    answering *a = ctx;
    CU_ASSERT_EQUAL(number, a->opened + 1);
    TEST_TEXT(format, "edifact");
    a->opened++;
    *out = dgm_buffer_sink(a->out);
    return DGM_OK;
}

static dgm_status out_close(void *ctx, bool complete)
{
    answering *a = ctx;
    a->closed += complete;
    return DGM_OK;
}

typedef struct asking {
    const dgm_mem *mem;
    dgm_slice input;
    const dgm_setting *settings;
    size_t setting_count, chunk;
    const char *trailing;    /* setting of the reader, or NULL */
    dgm_buffer *out, *codes; /* codes: names of the diagnostics that the acknowledgement itself made, may be NULL */
    uint32_t records;
    const dgm_limits *limits;
    size_t refusals; /* so many errors of its mapping does each message get */
    size_t answers;
} asking;

static dgm_status note(const asking *q, const dgm_diags *diags)
{
    dgm_status s = DGM_OK;
    for (size_t i = 0; q->codes && s == DGM_OK && i < dgm_diags_count(diags); i++)
        s = dgm_buffer_print(q->codes, "%s\n", dgm_diag_name(dgm_diags_at(diags, i)->code));
    return s;
}

/* What a mapping may have said. */
static void refuse(const asking *q, dgm_message_report *r, dgm_diags *diags)
{
    for (size_t i = 0; i < q->refusals; i++) {
        dgm_diag *d = dgm_diags_add(diags, i % 2 ? DGM_D_MODEL_VALUE_DATE : DGM_D_MAP_CODE_UNKNOWN, DGM_ERROR);
        if (d) d->position = r->position;
        dgm_diag_path(diags, d, DGM_LITERAL("BGM/1225"));
        dgm_diag_text(diags, d, DGM_LITERAL("77"));
        dgm_diag_text(diags, d, DGM_LITERAL("a table with a name that is so long that it takes another line of text"));
    }
    if (q->refusals) r->status = DGM_INVALID;
}

static const dgm_answer_code answer_codes[] = { { { "*", 1 }, { "99", 2 } },
                                                { { "map.*", 5 }, { "M", 1 } },
                                                { { "map.code.unknown", 16 }, { "C1", 2 } },
                                                { { "map.code.*", 10 }, { "C2", 2 } } };

static dgm_status take(const asking *q, dgm_ack *ack, const dgm_message *m, dgm_diags *diags)
{
    dgm_message_report r = { .codec = "edifact",
                             .type = m->type,
                             .reference = m->reference,
                             .position = m->position,
                             .at_byte = m->at_byte,
                             .bytes = m->bytes,
                             .wire = m->tree };
    if (m->position.message && !m->errors) refuse(q, &r, diags);
    dgm_status s = ack->codec->ack_take(ack, &r, diags);
    if (s == DGM_OK) s = note(q, diags);
    if (s == DGM_OK && dgm_diags_failed(diags)) s = DGM_NOMEM;
    dgm_diags_clear(diags);
    return s;
}

static dgm_status read_all(asking *q, dgm_reader *r, dgm_ack *ack, dgm_diags *diags)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_message m = { 0 };
    size_t fed = 0;
    for (;;) {
        dgm_status s = k->next(r, &m);
        if (s == DGM_MORE) {
            size_t n = q->input.len - fed < q->chunk ? q->input.len - fed : q->chunk;
            s = k->feed(r, dgm_slice_part(q->input, fed, fed + n), fed + n == q->input.len);
            fed += n;
        } else if (s == DGM_OK) {
            s = take(q, ack, &m, diags);
            k->recycle(r, &m);
        }
        if (s != DGM_OK) return s;
    }
}

static dgm_status answer(asking *q)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_diags *diags = NULL;
    dgm_reader *r = NULL;
    dgm_ack *ack = NULL;
    answering a = { .out = q->out };
    const dgm_message none = { 0 };
    const dgm_setting codes[2] = { { DGM_LITERAL("level"), DGM_LITERAL("codes") },
                                   { DGM_LITERAL("trailing"), dgm_slice_of(q->trailing ? q->trailing : "accept") } };
    dgm_status s = dgm_diags_new(q->mem, q->records ? q->records : 1000, &diags);
    if (s != DGM_OK) return s;
    dgm_host host = dgm_host_make(q->mem, q->limits, diags, &world, NULL, 0);
    host.answer_codes = answer_codes;
    host.answer_code_count = sizeof answer_codes / sizeof answer_codes[0];
    s = k->ack_open(&host, q->settings, q->setting_count, (dgm_outlet){ out_open, out_close, &a }, &ack);
    host.envelope = k->ack_envelope;
    host.envelope_ctx = ack;
    if (s == DGM_OK) s = q->chunk ? k->open(&host, codes, 2, &r) : k->open_whole(&host, codes, 2, q->input, &r);
    if (s == DGM_OK) s = read_all(q, r, ack, diags);
    if (s == DGM_END) s = take(q, ack, &none, diags);
    if (s == DGM_OK) s = k->ack_finish(ack, diags);
    if (s == DGM_OK) s = note(q, diags);
    if (s == DGM_OK && dgm_diags_failed(diags)) s = DGM_NOMEM;
    if (s == DGM_OK) CU_ASSERT_EQUAL(a.opened, a.closed);
    q->answers = a.opened;
    k->close(r);
    k->ack_close(ack);
    dgm_diags_free(diags);
    return s;
}

/* Our own reader finds nothing to say about an answer. */
static void sound(dgm_slice answer_bytes, const char *of)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    edi_case c = { .mem = &mem, .text = &text };
    CU_ASSERT_EQUAL(edi_read(&c, answer_bytes), DGM_END);
    dgm_slice said = dgm_buffer_slice(&text);
    for (dgm_slice rest = said; rest.len;) {
        dgm_cut line = dgm_slice_cut(rest, '\n');
        if (line.head.len && line.head.at[0] == '!') {
            fprintf(stderr, "the answer to %s\n  %.*s\nis not sound: %.*s\n", of, (int)answer_bytes.len, answer_bytes.at,
                    (int)line.head.len, line.head.at);
            CU_FAIL("answer not sound");
        }
        rest = line.tail;
    }
    dgm_buffer_free(&text);
}

/* The segments between UNH and UNT of all answers. */
static dgm_slice body_of(dgm_slice answer_bytes, char *out, size_t room)
{
    size_t n = 0;
    for (dgm_slice rest = answer_bytes; rest.len;) {
        size_t end = 0;
        while (end < rest.len && !(rest.at[end] == '\'' && (end == 0 || rest.at[end - 1] != '?'))) end++;
        bool frame = end > 3 && rest.at[0] == 'U' && rest.at[1] == 'N';
        for (size_t i = 0; !frame && i <= end && i < rest.len && n < room; i++) out[n++] = rest.at[i];
        rest = dgm_slice_part(rest, end + 1, rest.len);
    }
    return (dgm_slice){ out, n };
}

/* Codes of list 0085 that some answer of this suite held. */
static bool seen[100];

static void look_at_codes(dgm_slice body)
{
    static const struct {
        const char *tag;
        uint32_t element;
    } places[] = { { "UCI+", 5 }, { "UCF+", 5 }, { "UCM+", 4 }, { "UCS+", 2 }, { "UCD+", 1 } };
    for (dgm_slice rest = body; rest.len;) {
        dgm_cut segment = dgm_slice_cut(rest, '\'');
        for (size_t i = 0; i < 5; i++) {
            if (!dgm_slice_is(dgm_slice_part(segment.head, 0, 4), places[i].tag)) continue;
            dgm_slice elements = segment.head;
            for (uint32_t e = 0; e < places[i].element; e++) elements = dgm_slice_cut(elements, '+').tail;
            dgm_slice code = dgm_slice_cut(elements, '+').head;
            if (code.len == 1) seen[code.at[0] - '0'] = true;
            if (code.len == 2) seen[(code.at[0] - '0') * 10 + code.at[1] - '0'] = true;
        }
        rest = segment.tail;
    }
}

typedef struct row {
    const char *input, *settings, *body;
} row;

static size_t split_settings(const char *text, dgm_setting *out)
{
    size_t n = 0;
    for (dgm_slice rest = dgm_slice_of(text); rest.len;) {
        dgm_cut one = dgm_slice_cut(rest, ';'), halves = dgm_slice_cut(one.head, '=');
        out[n++] = (dgm_setting){ halves.head, halves.tail };
        rest = one.tail;
    }
    return n;
}

static void check_row(const row *r, size_t chunk)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer out;
    char body[4096];
    dgm_setting settings[8];
    dgm_buffer_init(&out, &mem);
    asking q = { .mem = &mem, .input = dgm_slice_of(r->input), .settings = settings, .chunk = chunk, .out = &out };
    if (r->settings && strcmp(r->settings, "trailing=error") == 0)
        q.trailing = "error";
    else
        q.setting_count = split_settings(r->settings ? r->settings : "", settings);
    CU_ASSERT_EQUAL(answer(&q), DGM_OK);
    dgm_slice got = body_of(dgm_buffer_slice(&out), body, sizeof body);
    if (!dgm_slice_is(got, r->body)) fprintf(stderr, "%s\n", r->input);
    TEST_TEXT(got, r->body);
    look_at_codes(got);
    if (out.len) sound(dgm_buffer_slice(&out), r->input);
    dgm_buffer_free(&out);
}

static void check_rows(const row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t chunk = 0; chunk < 9; chunk += 4) check_row(&rows[i], chunk);
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

/* ---- what is said ---- */

#define U       "UNB+UNOC:3+S:14+R:ZZ+260101:1023+REF1'"
#define H       "UNH+1+CUSDEC:D:96B:UN'"
#define B       "BGM+929+X+9'"
#define END(n)  "UNS+D'UNS+S'UNT+" n "+1'UNZ+1+REF1'"
#define GOOD    H B "UNS+D'UNS+S'UNT+5+1'"
#define UCI(a)  "UCI+REF1+S:14+R:ZZ+" a "'"
#define UCM     "UCM+1+CUSDEC:D:96B:UN+4'"
#define UCMX(x) "UCM+1+CUSDEC:D:96B:UN+4+" x "'"
#define G       "UNG+CUSDEC+A+B+260101:1023+9+UN+D:96B'"

static void errors_of_segments_and_elements(void)
{
    static const row rows[] = {
        { U GOOD "UNZ+1+REF1'", NULL, UCI("7") },
        /* BGM is missing behind UNH, which is segment 1 */
        { U H END("4"), NULL, UCI("7") UCM "UCS+1+13'" },
        /* UNS is missing behind NAD, segment 3; SG1 with TDT behind NAD, segment 4 */
        { U H B "NAD+DT'CST+1'UNS+S'UNT+6+1'UNZ+1+REF1'", NULL, UCI("7") UCM "UCS+3+13'" },
        { U "UNH+1+BAPLIE:D:96B:UN'BGM+1'DTM+137'NAD+CA'UNT+5+1'UNZ+1+REF1'", NULL, UCI("7") "UCM+1+BAPLIE:D:96B:UN+4'UCS+4+13'" },
        { U H B "TOD'FTX+AAA'TDT+20'UNS+D'UNS+S'UNT+8+1'UNZ+1+REF1'", NULL, UCI("7") UCM "UCS+5+15'" },
        { U H B "DTM+137'LOC+5'" END("7"), NULL, UCI("7") UCM "UCS+4+15'" },
        { U H B "CNI+1'" END("6"), NULL, UCI("7") UCM "UCS+3+15'" },
        { U H B "Q7+1'" END("6"), NULL, UCI("7") UCM "UCS+3+12'" },
        { U H B "CST+1'CST+2'" END("7"), NULL, UCI("7") UCM "UCS+4+35'" },
        { U H B "TOD'TOD+1'" END("7"), NULL, UCI("7") UCM "UCS+4+36'" },
        { U H B "NAD++1'" END("6"), NULL, UCI("7") UCM "UCS+3'UCD+13+2'" },
        { U H B "DTM+:19961120:102'" END("6"), NULL, UCI("7") UCM "UCS+3'UCD+13+2:1'" },
        { U H B "DTM+137+X:Y'" END("6"), NULL, UCI("7") UCM "UCS+3+16'UCD+16+3'" },
        { U H B "DTM+137:1:2:X:Y'" END("6"), NULL, UCI("7") UCM "UCS+3'UCD+12+2:2'UCD+16+2:4'" },
        { U H B "NAD+ABCD'" END("6"), NULL, UCI("7") UCM "UCS+3'UCD+39+2'" },
        { U H B "CST+1A'" END("6"), NULL, UCI("7") UCM "UCS+3'UCD+37+2'" },
        { U H B "MOA+39:1.2.3'" END("6"), NULL, UCI("7") UCM "UCS+3'UCD+37+2:2'" },
        { "UNB+UNOY:3+S:14+R:ZZ+260101:1023+REF1'" H "BGM+929+X?+\xE4Z+9'" END("5"), NULL,
          UCI("7") UCM "UCS+2'UCD+21+3:1'" }, /* C106/1004 */
        /* one UCS for each segment, in order, with what is missing behind it last; each error once */
        { U H B "DTM+1379:2:3:4'NAD+ABCD++CN:ABCD'CST+1A'UNS+S'UNT+7+1'UNZ+1+REF1'", NULL,
          UCI("7") UCM "UCS+3'UCD+39+2:1'UCD+12+2:2'UCD+16+2:4'UCS+4'UCD+39+2'UCS+4+13'UCS+5'UCD+37+2'" },
    };
    CHECK_ROWS(rows);
}

static void errors_of_service_segments(void)
{
    static const row rows[] = {
        { U H B END("6"), NULL, UCI("7") UCMX("29+UNT+2") },
        { U H B "UNS+D'UNS+S'UNT+5+12'UNZ+1+REF1'", NULL, UCI("7") UCMX("28+UNT+3") },
        { U H B "UNS+D'UNS+S'UNZ+1+REF1'", NULL, UCI("7") UCMX("13+UNT") },
        { U GOOD GOOD "UNZ+2+REF1'", NULL, UCI("7") UCMX("26+UNH+2") },
        { U "UNH+1+CUSDEK:D:96B:UN'BGM+929'UNT+3+1'UNZ+1+REF1'", NULL, UCI("7") "UCM+1+CUSDEK:D:96B:UN+4+14+UNH+3:1'" },
        /* the version: the second component */
        { U "UNH+1+CUSDEC:X:99Z:UN'BGM+929'UNT+3+1'UNZ+1+REF1'", NULL, UCI("7") "UCM+1+CUSDEC:X:99Z:UN+4+14+UNH+3:2'" },
        /* what names the message is missing, a part or all: UCM cannot name it either, and the interchange goes with it */
        { U "UNH+1+CUSDEC::96B:UN'BGM+929'UNT+3+1'UNZ+1+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+13'" },
        { U "UNH+1'BGM+929'UNT+3+1'UNZ+1+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+13'" },
        { U GOOD "UNZ+2+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+29+UNZ+2'" },
        { U GOOD "UNZ+1+REF2'", NULL, "UCI+REF1+S:14+R:ZZ+4+28+UNZ+3'" },
        { U GOOD, NULL, "UCI+REF1+S:14+R:ZZ+4+13+UNZ'" },
        { "UNA++.? '" U GOOD "UNZ+1+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+20+UNA'" },
        { "UNB+UNOC:3+S:14+R:ZZ+26011:1023+REF1'" GOOD "UNZ+1+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+40+UNB+5:1'" },
        { U "DTM+137'" GOOD "UNZ+1+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+33'" },
        { U "UNT+1+1'" GOOD "UNZ+1+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+33'" },
        /* what is wrong in messages is told of a rejected interchange, too */
        { U H B "NAD+ABCD'" END("6") U GOOD "UNZ+2+REF1'", "when=always",
          UCI("7") UCM "UCS+3'UCD+39+2'"
                       "UCI+REF1+S:14+R:ZZ+4+26+UNB+6'" },
    };
    CHECK_ROWS(rows);
}

static void groups(void)
{
    static const row rows[] = {
        { U G GOOD "UNE+1+9'UNZ+1+REF1'", NULL, UCI("7") },
        { U G GOOD "UNE+1+9'UNZ+1+REF1'", "messages=all", UCI("7") "UCF+9+A+B+7'UCM+1+CUSDEC:D:96B:UN+7'" },
        { U G H B "NAD+ABCD'UNS+D'UNS+S'UNT+6+1'UNE+1+9'UNZ+1+REF1'", NULL, UCI("7") "UCF+9+A+B+7'" UCM "UCS+3'UCD+39+2'" },
        { U G GOOD "UNE+3+9'UNZ+1+REF1'", NULL, UCI("7") "UCF+9+A+B+4+29+UNE+2'" },
        { U G GOOD "UNE+1+8'UNZ+1+REF1'", NULL, UCI("7") "UCF+9+A+B+4+28+UNE+3'" },
        { U G GOOD "UNZ+1+REF1'", NULL, UCI("7") "UCF+9+A+B+4+13+UNE'" },
        { U G GOOD "UNE+1+9'UNZ+2+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+29+UNZ+2'" },
        { U GOOD "UNE+1+9'UNZ+1+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+33'" },
    };
    CHECK_ROWS(rows);
}

/* ---- whether, and how ---- */

static void what_is_rarer(void)
{
    static const row rows[] = {
        /* not read as it was meant, so not acknowledged */
        { "UNB+UNOC:5+S:14+R:ZZ+260101:1023+REF1'" GOOD "UNZ+1+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+2+UNB+2:2'" },
        { "UNB+UNOQ:3+S:14+R:ZZ+260101:1023+REF1'" GOOD "UNZ+1+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+2+UNB+2:1'" },
        /* list 0085 has a code for it in syntax version 4 only; before it is the level that is not supported (2) */
        { "UNB+UNOQ:4+S:14+R:ZZ+20260101:1023+REF1'" GOOD "UNZ+1+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+46+UNB+2:1'" },
        /* separators with nothing behind them: of the segment, of an element, of both; nothing is wrong where nobody minds */
        { "UNB+UNOC:4+S:14+R:ZZ+20260101:1023+REF1'" H "BGM+929+X+9+'"
          "DTM+137::'NAD+DT++A::+'" END("7"),
          "trailing=error", UCI("7") UCM "UCS+2'UCD+45+5'UCS+3'UCD+45+2:3'UCS+4'UCD+45+4:3'UCD+45+5'" },
        { U H "BGM+929+X+9+'" END("5"), "trailing=error", UCI("7") UCM "UCS+2'UCD+18+5'" },
        { U H "BGM+929+X+9+'" END("5"), NULL, UCI("7") },
        { "UNA:+,? '" U H B "MOA+39:1.5'" END("6"), "warnings=yes", UCI("7") UCM "UCS+3'UCD+19+2:2'" },
        { U H B "MOA+39:.5'" END("6"), NULL, UCI("7") },
        { U H B "MOA+39:.5'" END("6"), "warnings=yes", UCI("7") UCM "UCS+3'UCD+38+2:2'" },
        { U H B "DTM:1+137'" END("6"), "warnings=yes", UCI("7") UCM "UCS+3+34'" },
        { U GOOD "UNZ+1+REF1", NULL, "UCI+REF1+S:14+R:ZZ+4+22+UNZ'" },
        { U GOOD G "UNH+2+CUSDEC:D:96B:UN'" B "UNS+D'UNS+S'UNT+5+2'UNE+1+9'UNZ+1+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+30'" },
        { U G GOOD "UNH+2+CUSCAR:D:96B:UN'BGM+85+X+9'UNT+3+2'UNE+2+9'UNZ+1+REF1'", NULL,
          UCI("7") "UCF+9+A+B+7'UCM+2+CUSCAR:D:96B:UN+4+31+UNH+3:1'" },
        { U "UNZ+0+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+32'" },
        { U G "UNE+0+9'UNZ+1+REF1'", NULL, UCI("7") "UCF+9+A+B+4+32'" },
    };
    CHECK_ROWS(rows);
}

#define U4 "UNB+UNOC:4+S+R+20260101:1023+REF1'"

/* Syntax version 4: UCM may name nothing, UCF no parties; 0136 tells the occurrence where no component is told. */
static void version_four(void)
{
    static const row rows[] = {
        { U4 GOOD "UNZ+1+REF1'", NULL, "UCI+REF1+S+R+7'" },
        { U4 H B "NAD+ABCD'" END("6"), NULL, "UCI+REF1+S+R+7'" UCM "UCS+3'UCD+39+2'" },
        { U4 H B END("6"), NULL, "UCI+REF1+S+R+7'" UCMX("29+UNT+2") },
        { U4 "UNH++CUSDEC:D:96B:UN'" B "UNS+D'UNS+S'UNT+5'UNZ+1+REF1'", NULL, "UCI+REF1+S+R+7'UCM++CUSDEC:D:96B:UN+4+13+UNH+2'" },
        { U4 "UNG+++++9'" GOOD "UNE+2+9'UNZ+1+REF1'", NULL, "UCI+REF1+S+R+7'UCF+9+++4+29+UNE+2'" },
        { U4 "UNG+CUSDEC++++9'" GOOD "UNE+1+9'UNZ+1+REF1'", NULL, "UCI+REF1+S+R+7'UCF+9+++4+48+UNG+7'" },
        /* what is encrypted was not read, and what is interactive is not */
        { U4 "USH+1+A'USD+5'\x01'+?\x02USU+5'UST+A+4'UNZ+0+REF1'", NULL, "UCI+REF1+S+R+4+27'" },
        /* list 0135 has no UNA, which list 0013 of the versions before has */
        { "UNA++.? '" U4 GOOD "UNZ+1+REF1'", NULL, "UCI+REF1+S+R+4+20'" },
        { U4 "UIH+MSG:D:96B:UN'BGM'UIT+1+3'" GOOD "UNZ+1+REF1'", NULL, "UCI+REF1+S+R+4+47'" },
    };
    CHECK_ROWS(rows);
}

static void what_was_not_agreed(void)
{
    static const row rows[] = {
        { U GOOD "UNZ+1+REF1'", "recipients=R, Q", UCI("7") },
        { U GOOD "UNZ+1+REF1'", "recipients=P,Q", "UCI+REF1+S:14+R:ZZ+4+7+UNB+4:1'" },
        { U GOOD "UNZ+1+REF1'", "senders=T", "UCI+REF1+S:14+R:ZZ+4+23+UNB+3:1'" },
        { U GOOD "UNZ+1+REF1'", "types=CUSDEC:D,CUSCAR", UCI("7") },
        { U GOOD "UNZ+1+REF1'", "types=CUSDE,CUSDEC:D:96", UCI("7") UCMX("17+UNH+3") },
        { U GOOD "UNZ+1+REF1'", "max-age=1", UCI("7") }, /* prepared the day before */
        { "UNB+UNOC:3+S:14+R:ZZ+251231:1023+REF1'" GOOD "UNZ+1+REF1'", "max-age=1", "UCI+REF1+S:14+R:ZZ+4+24+UNB+5:1'" },
        { "UNB+UNOC:3+S:14+R:ZZ+991231:1023+REF1'" GOOD "UNZ+1+REF1'", "max-age=9000", "UCI+REF1+S:14+R:ZZ+4+24+UNB+5:1'" },
        { "UNB+UNOC:3+S:14+R:ZZ+260101:1023+REF1++++++1'" GOOD "UNZ+1+REF1'", "test=no", "UCI+REF1+S:14+R:ZZ+4+25+UNB+12'" },
        { "UNB+UNOC:3+S:14+R:ZZ+260101:1023+REF1++++++1'" GOOD "UNZ+1+REF1'", NULL, UCI("7") },
    };
    CHECK_ROWS(rows);
}

static void when_and_receipt(void)
{
    static const row rows[] = {
        { U GOOD "UNZ+1+REF1'", "when=requested", "" },
        { "UNB+UNOC:3+S:14+R:ZZ+260101:1023+REF1++++1'" GOOD "UNZ+1+REF1'", "when=requested", UCI("7") },
        { U GOOD "UNZ+1+REF1'", "when=rejected", "" },
        { U H END("4"), "when=rejected", UCI("7") UCM "UCS+1+13'" },
        { U G GOOD "UNE+3+9'UNZ+1+REF1'", "when=rejected", UCI("7") "UCF+9+A+B+4+29+UNE+2'" },
        { "UNB+UNOC:3+S:14+R:ZZ+260101:1023+REF1++++2'" H END("4"), NULL, UCI("8") },
        { U H END("4"), "receipt=yes", UCI("8") },
        { "UNB+UNOC:3+S:14+R:ZZ+260101:1023+REF1++++2'" H END("4"), "receipt=no", UCI("7") UCM "UCS+1+13'" },
        /* receipt acknowledges UNB and UNZ, so it cannot be said of an interchange where these are wrong */
        { U GOOD "UNZ+2+REF1'", "receipt=yes", "UCI+REF1+S:14+R:ZZ+4+29+UNZ+2'" },
        /* no CONTRL for a CONTRL; beside others it is passed over */
        { U "UNH+1+CONTRL:D:3:UN'UCI+Q+A+B+7'UNT+3+1'UNZ+1+REF1'", NULL, "" },
        { U "UNH+1+CONTRL:D:3:UN'UCI+Q'UNT+3+1'UNZ+1+REF1'", NULL, "" },
        { U "UNH+0+CONTRL:D:3:UN'UCI+Q'UNT+3+0'" GOOD "UNZ+2+REF1'", "messages=all", UCI("7") "UCM+1+CUSDEC:D:96B:UN+7'" },
    };
    CHECK_ROWS(rows);
}

/* What UCM, UCF and UCI must repeat and cannot: the level above is rejected; without UNB's own there is no answer. */
static void what_cannot_be_named(void)
{
    static const row rows[] = {
        { U "UNH++CUSDEC:D:96B:UN'" B "UNS+D'UNS+S'UNT+5'UNZ+1+REF1'", NULL, "UCI+REF1+S:14+R:ZZ+4+13'" },
        { U G "UNH+123456789012345+CUSDEC:D:96B:UN'" B "UNS+D'UNS+S'UNT+5+123456789012345'UNE+1+9'UNZ+1+REF1'", NULL,
          UCI("7") "UCF+9+A+B+4+39'" },
        { U "UNG+CUSDEC++B+260101:1023+9+UN+D:96B'" GOOD "UNE+1+9'UNZ+1+REF1'", NULL,
          "UCI+REF1+S:14+R:ZZ+4+13'" }, /* UCI may not name UNG */
        { "UNB+UNOC:3+S:14+R:ZZ+260101:1023'" GOOD "UNZ+1'", NULL, "" },
        { "UNB+UNOC:3++R:ZZ+260101:1023+REF1'" GOOD "UNZ+1+REF1'", NULL, "" },
        { H B END("5"), NULL, "" },
        { "UNB", NULL, "" },
    };
    CHECK_ROWS(rows);
}

/* What was too large to be looked at: its nature is our limit, not its error. */
static void what_is_too_large(void)
{
    dgm_mem mem = dgm_mem_default();
    const dgm_limits limits = { .segment_bytes_max = 50 };
    dgm_buffer out;
    char body[512];
    dgm_buffer_init(&out, &mem);
    asking q = { .mem = &mem, .limits = &limits, .out = &out };
    q.input = dgm_slice_of(U H B "FTX+AAI+++a text of more than fifty bytes, which is the limit here'" END("6"));
    CU_ASSERT_EQUAL(answer(&q), DGM_OK);
    dgm_slice got = body_of(dgm_buffer_slice(&out), body, sizeof body);
    TEST_TEXT(got, UCI("7") UCM "UCS+3+18'");
    look_at_codes(got);
    dgm_buffer_free(&out);
}

/* ---- the interchange of the answer ---- */

static void whole(const char *input, const char *settings, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer out;
    dgm_setting list[8];
    dgm_buffer_init(&out, &mem);
    asking q = { .mem = &mem, .input = dgm_slice_of(input), .settings = list, .out = &out };
    q.setting_count = split_settings(settings, list);
    CU_ASSERT_EQUAL(answer(&q), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&out), wanted);
    sound(dgm_buffer_slice(&out), input);
    dgm_buffer_free(&out);
}

static void envelope_of_the_answer(void)
{
    whole(U GOOD "UNZ+1+REF1'", "reference=A9",
          "UNB+UNOC:3+R:ZZ+S:14+260102:0304+A9'UNH+1+CONTRL:D:3:UN'" UCI("7") "UNT+3+1'UNZ+1+A9'");
    /* references count up from answer to answer; a test is answered by a test */
    whole(U GOOD "UNZ+1+REF1'UNB+UNOA:2+T+R+260101:1023+7++++++1'" GOOD "UNZ+1+7'", "reference=A9;message-reference=M1",
          "UNB+UNOC:3+R:ZZ+S:14+260102:0304+A9'UNH+M1+CONTRL:D:3:UN'" UCI(
              "7") "UNT+3+M1'UNZ+1+A9'"
                   "UNB+UNOA:2+R+T+260102:0304+A10++++++1'UNH+M1+CONTRL:D:3:UN'UCI+7+T+R+7'UNT+3+M1'UNZ+1+A10'");
    /* qualifiers and addresses change places too; agreement and test indicator stay */
    whole("UNB+UNOC:3+S:14:FROM+R:ZZ:TO+260101:1023+REF1+++++AGREED+5'" GOOD "UNZ+1+REF1'", "reference=A9;recipient-reference=PW",
          "UNB+UNOC:3+R:ZZ:TO+S:14:FROM+260102:0304+A9+PW++++AGREED+5'UNH+1+CONTRL:D:3:UN'UCI+REF1+S:14:FROM+R:ZZ:TO+7'UNT+3+1'"
          "UNZ+1+A9'");
    /* the form of syntax version 4: dates with their century, addresses with a further part, its own CONTRL */
    whole("UNB+UNOC:4+S:14:FROM:DESK+R+20260101:1023+REF1++++1++3'" GOOD "UNZ+1+REF1'", "reference=A9",
          "UNB+UNOC:4+R+S:14:FROM:DESK+20260102:0304+A9++++++3'UNH+1+CONTRL:4:1:UN'UCI+REF1+S:14:FROM:DESK+R+7'UNT+3+1'UNZ+1+A9'");
    /* from the clock when nobody says */
    whole(U GOOD "UNZ+1+REF1'", "",
          "UNB+UNOC:3+R:ZZ+S:14+260102:0304+1767323045000'UNH+1+CONTRL:D:3:UN'" UCI("7") "UNT+3+1'UNZ+1+1767323045000'");
}

/* ---- APERAK ---- */

static void whole_refused(const char *input, const char *settings, size_t refusals, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer out;
    dgm_setting list[8];
    dgm_buffer_init(&out, &mem);
    asking q = { .mem = &mem, .input = dgm_slice_of(input), .settings = list, .out = &out, .refusals = refusals };
    q.setting_count = split_settings(settings, list);
    CU_ASSERT_EQUAL(answer(&q), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&out), wanted);
    if (out.len) sound(dgm_buffer_slice(&out), input);
    dgm_buffer_free(&out);
}

#define DATED "UNH+1+CUSDEC:D:96B:UN'BGM+929+X1+9'DTM+137:20260101:102'UNS+D'UNS+S'UNT+6+1'"

static void what_was_refused_for_other_reasons(void)
{
    /* the longest row of the table that fits a diagnostic wins; a text is broken at a blank before 70 characters */
    whole_refused(
        U DATED "UNZ+1+REF1'", "answer=aperak;reference=A1", 2,
        "UNB+UNOC:3+R:ZZ+S:14+260102:0304+A1'UNH+1+APERAK:D:96B:UN'BGM+963+A1-1+27'DTM+137:202601020304:203'RFF+ACW:1'"
        "RFF+AGO:X1'DTM+137:20260101:102'NAD+MS+R'NAD+MR+S'ERC+C1'"
        "FTX+AAO+++the code 77 is not in a table with a name that is so long that it:takes another line of text (BGM/1225)'"
        "ERC+99'FTX+AAO+++\"77\" is no date (BGM/1225)'UNT+13+1'UNZ+1+A1'");
    /* from D.97A on BGM has a composite, from D.99A on groups have other numbers; UNOA has no lower case */
    whole_refused(
        "UNB+UNOA:1+S+R+260101:1023+REF1'" DATED "UNZ+1+REF1'", "answer=aperak;reference=A1;directory=D.01B;document-type=313", 2,
        "UNB+UNOA:1+R+S+260102:0304+A1'UNH+1+APERAK:D:01B:UN'BGM+313+A1-1+27'DTM+137:202601020304:203'RFF+ACW:1'"
        "RFF+AGO:X1'DTM+137:20260101:102'NAD+MS+R'NAD+MR+S'ERC+C1'"
        "FTX+AAO+++THE CODE 77 IS NOT IN A TABLE WITH A NAME THAT IS SO LONG THAT IT TAKES ANOTHER LINE OF TEXT (BGM/1225)'"
        "ERC+99'FTX+AAO+++\"77\" IS NO DATE (BGM/1225)'UNT+13+1'UNZ+1+A1'");
    /* syntax is answered by CONTRL, the rest by APERAK, each message by one of them */
    whole_refused(
        U "UNH+1+CUSDEC:D:96B:UN'UNS+D'UNS+S'UNT+4+1'UNH+2+CUSDEC:D:96B:UN'" B "UNS+D'UNS+S'UNT+5+2'UNZ+2+REF1'",
        "answer=both;reference=A1", 1,
        "UNB+UNOC:3+R:ZZ+S:14+260102:0304+A1'UNH+1+CONTRL:D:3:UN'" UCI("7") UCM
        "UCS+1+13'UNT+5+1'UNZ+1+A1'"
        "UNB+UNOC:3+R:ZZ+S:14+260102:0304+A2'UNH+1+APERAK:D:96B:UN'BGM+963+A2-1+27'DTM+137:202601020304:203'RFF+ACW:2'"
        "RFF+AGO:X'NAD+MS+R'NAD+MR+S'ERC+C1'"
        "FTX+AAO+++the code 77 is not in a table with a name that is so long that it:takes another line of text (BGM/1225)'"
        "UNT+10+1'UNZ+1+A2'");
    whole_refused(U GOOD "UNZ+1+REF1'", "answer=aperak", 0, "");
}

/* ---- the tables ---- */

typedef struct coded {
    uint32_t number;
    const char *name;
} coded;

static void every_diagnostic_has_a_code_or_a_reason(void)
{
    static const coded all[] = {
#define X(id, number, name, text, hint) { (number), (name) },
#include "base/diag_codes/edifact.def"
#undef X
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const dgm_edi_0085 *said = dgm_edi_0085_of(all[i].number);
        if (!said) fprintf(stderr, "%s has no row in translator/base/diag_codes/edifact_0085.def\n", all[i].name);
        CU_ASSERT_PTR_NOT_NULL_FATAL(said);
        bool good = (said->code == 0) == (said->why[0] != 0);
        if (!good) fprintf(stderr, "%s: a code of list 0085, or a reason why there is none\n", all[i].name);
        CU_ASSERT(good);
    }
}

/* Codes are those of list 0085 that are in force. */
static void codes_are_in_the_list(void)
{
    const dgm_edi_directory none = { .number = 0 };
    char text[8];
    for (uint32_t n = 1000; n < 1200; n++) {
        const dgm_edi_0085 *said = dgm_edi_0085_of(n);
        if (!said || !said->code) continue;
        snprintf(text, sizeof text, "%u", said->code);
        dgm_edi_directory four = none;
        four.syntax4 = true;
        CU_ASSERT(dgm_edi_code_name(&four, DGM_LITERAL("0085"), dgm_slice_of(text)).len > 0);
    }
}

/* Every code of list 0085 that a receiver of batch interchanges may have to say. Not among them: 1, 3 to 6, 8 to 11 and 44, which
 * were withdrawn; 41 to 43, which networks say; 45 (a separator behind the last value), which no reader here takes for an error. */
static void every_code_was_said(void)
{
    static const uint8_t codes[] = { 2,  7,  12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
                                     28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 45, 46, 47, 48 };
    for (size_t i = 0; i < sizeof codes; i++) {
        if (!seen[codes[i]]) fprintf(stderr, "no answer of this suite says %u\n", codes[i]);
        CU_ASSERT(seen[codes[i]]);
    }
}

/* ---- memory, and much ---- */

static dgm_status without_memory(const dgm_mem *mem, void *ctx)
{
    dgm_buffer out;
    dgm_buffer_init(&out, mem);
    asking q = { .mem = mem, .input = dgm_slice_of(ctx), .out = &out };
    dgm_status s = answer(&q);
    dgm_buffer_free(&out);
    return s;
}

static void each_allocation_may_fail(void)
{
    static char input[] = U G H B "NAD+ABCD'UNS+D'UNS+S'UNT+6+1'UNE+1+9'UNZ+1+REF1'" U GOOD "UNZ+2+REF2'";
    CU_ASSERT(test_each_allocation_fails(without_memory, input) > 20);
}

static dgm_status refused_without_memory(const dgm_mem *mem, void *ctx)
{
    dgm_buffer out;
    const dgm_setting both = { DGM_LITERAL("answer"), DGM_LITERAL("both") };
    dgm_buffer_init(&out, mem);
    asking q = { .mem = mem, .input = dgm_slice_of(ctx), .settings = &both, .setting_count = 1, .out = &out, .refusals = 2 };
    dgm_status s = answer(&q);
    dgm_buffer_free(&out);
    return s;
}

static void each_allocation_of_a_refusal_may_fail(void)
{
    static char input[] = U DATED "UNZ+1+REF1'";
    CU_ASSERT(test_each_allocation_fails(refused_without_memory, input) > 20);
}

/* 1200 segments are wrong: 999 are told of, and it is said that there are more. */
static void more_than_there_is_room_for(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer in, out, codes;
    dgm_buffer_init(&in, &mem);
    dgm_buffer_init(&out, &mem);
    dgm_buffer_init(&codes, &mem);
    dgm_buffer_print(&in, "%s", U "UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'GIS+");
    for (int i = 0; i < 1200; i++) dgm_buffer_print(&in, "%s", "1'GIS+1234");
    dgm_buffer_print(&in, "%s", "'UNS+D'UNS+S'UNT+1206+1'UNZ+1+REF1'");
    asking q = { .mem = &mem, .input = dgm_buffer_slice(&in), .out = &out, .codes = &codes, .records = 5000 };
    CU_ASSERT_EQUAL(answer(&q), DGM_OK);
    size_t ucs = 0;
    dgm_slice bytes = dgm_buffer_slice(&out);
    for (size_t i = 0; i + 4 < bytes.len; i++) ucs += memcmp(bytes.at + i, "UCS+", 4) == 0;
    CU_ASSERT_EQUAL(ucs, 999);
    sound(bytes, "many errors");
    CU_ASSERT_PTR_NOT_NULL(strstr(dgm_buffer_print(&codes, "%c", 0) == DGM_OK ? codes.at : "", "edifact.ack.left-out\n"));
    dgm_buffer_free(&in);
    dgm_buffer_free(&out);
    dgm_buffer_free(&codes);
}

int main(void)
{
    static const test_case cases[] = { { "errors of segments and elements", errors_of_segments_and_elements },
                                       { "errors of service segments", errors_of_service_segments },
                                       { "groups", groups },
                                       { "what is rarer", what_is_rarer },
                                       { "version four", version_four },
                                       { "what was not agreed", what_was_not_agreed },
                                       { "when, and receipt", when_and_receipt },
                                       { "what cannot be named", what_cannot_be_named },
                                       { "envelope of the answer", envelope_of_the_answer },
                                       { "every diagnostic has a code or a reason", every_diagnostic_has_a_code_or_a_reason },
                                       { "codes are in the list", codes_are_in_the_list },
                                       { "what was refused for other reasons", what_was_refused_for_other_reasons },
                                       { "what is too large", what_is_too_large },
                                       { "every code was said", every_code_was_said },
                                       { "each allocation may fail", each_allocation_may_fail },
                                       { "each allocation of a refusal may fail", each_allocation_of_a_refusal_may_fail },
                                       { "more than there is room for", more_than_there_is_room_for },
                                       { 0 } };
    return test_main("edifact_ack", cases);
}
