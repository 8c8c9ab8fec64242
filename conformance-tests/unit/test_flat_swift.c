/* SPDX-License-Identifier: Apache-2.0
 *
 * test_flat_swift.c - the short way of reading records (swift.h) gives what the long one gives: the same trees to the last offset,
 * the same diagnostics to the last byte, of good and of spoiled records, whole and in pieces; and the planes of bits are the same
 * however they are found. One thread.
 */
#include "flat_tests.h"

#include "codecs/flat/swift.h"

#include <glob.h>

/* ---- planes ---- */

static void planes(void)
{
    enum { BLOCKS = 9, BYTES = BLOCKS * DGM_FLAT_BLOCK };
    test_random random = { 20261122 };
    for (uint32_t sets = 1; sets <= DGM_FLAT_PLANES_MAX; sets++) {
        dgm_flat_sets s = { 0 };
        uint32_t bits[DGM_FLAT_PLANES_MAX][8] = { { 0 } };
        char bytes[BYTES];
        for (uint32_t k = 0; k < sets; k++) {
            for (uint32_t i = 0; i < 4; i++) bits[k][i] = test_random_below(&random, UINT32_MAX);
            bits[k][3] |= 1u << k; /* none is like another */
            for (uint32_t i = 0; i < k; i++) bits[k][3] &= ~(1u << i);
            CU_ASSERT_EQUAL(dgm_flat_set_of(&s, bits[k]), k);
        }
        for (size_t i = 0; i < BYTES; i++) bytes[i] = (char)(i < 256 ? i : test_random_below(&random, 256));
        const char *name;
        for (size_t w = 0; dgm_flat_look_at(w, &name); w++) {
            uint64_t out[(DGM_FLAT_PLANES_MAX + 1) * BLOCKS];
            size_t wrong = 0;
            dgm_flat_look_at(w, NULL)(bytes, BLOCKS, &s, out, BLOCKS);
            for (size_t i = 0; i < BYTES; i++) {
                unsigned char c = (unsigned char)bytes[i];
                for (uint32_t k = 0; k <= sets; k++) {
                    bool in = k == sets ? c >= 0x80 : c < 0x80 && (bits[k][c >> 5] >> (c & 31) & 1);
                    wrong += (out[k * BLOCKS + i / 64] >> (i % 64) & 1) != in;
                }
            }
            CU_ASSERT_EQUAL(wrong, 0);
            if (wrong) printf("%zu wrong bits by %s\n", wrong, name);
        }
    }
    dgm_flat_sets full = { 0 };
    for (char c = 'A'; c < 'A' + DGM_FLAT_PLANES_MAX; c++) CU_ASSERT_EQUAL(dgm_flat_set_of_byte(&full, c), (uint32_t)(c - 'A'));
    CU_ASSERT_EQUAL(dgm_flat_set_of_byte(&full, 'B'), 1);
    CU_ASSERT_EQUAL(dgm_flat_set_of_byte(&full, '*'), DGM_FLAT_PLANES_MAX);
}

/* ---- both ways ---- */

static void put_all(dgm_buffer *b, dgm_slice s)
{
    CU_ASSERT_EQUAL_FATAL(dgm_buffer_append(b, s), DGM_OK);
}

static void show_message(dgm_buffer *b, const dgm_message *m)
{
    const dgm_tree *t = m->tree;
    CU_ASSERT_EQUAL_FATAL(dgm_buffer_print(b, "message %u at %llu+%llu: %zu errors, %.*s, %.*s, %.*s\n", m->position.message,
                                           (unsigned long long)m->at_byte, (unsigned long long)m->bytes, (size_t)m->errors,
                                           (int)m->reference.len, m->reference.at, (int)m->sender.len, m->sender.at,
                                           (int)m->recipient.len, m->recipient.at),
                          DGM_OK);
    if (!t) return;
    CU_ASSERT(dgm_tree_sound(t));
    CU_ASSERT_EQUAL_FATAL(dgm_buffer_print(b, "tree of %u bytes\n", t->byte_count), DGM_OK);
    for (uint32_t i = 0; i < t->node_count; i++) {
        const dgm_node *n = &t->nodes[i];
        CU_ASSERT_EQUAL_FATAL(dgm_buffer_print(b, "%u %u %x %x ", n->at, n->span, n->tag, n->place), DGM_OK);
        put_all(b, dgm_tree_value(t, i));
        put_all(b, DGM_LITERAL("\n"));
    }
}

static void show_said(dgm_buffer *b, dgm_diags *diags)
{
    const dgm_diag_style style = { .form = DGM_DIAG_JSON };
    for (size_t i = 0; i < dgm_diags_count(diags); i++)
        CU_ASSERT_EQUAL(dgm_diag_print(dgm_diags_at(diags, i), &style, dgm_buffer_sink(b)), DGM_OK);
    dgm_diags_clear(diags);
}

static void read_all(flat_kit *k, dgm_slice input, size_t piece, dgm_buffer *b)
{
    dgm_reader *r = NULL;
    dgm_status st = piece ? dgm_codec_flat.open(&k->host, NULL, 0, &r) : dgm_codec_flat.open_whole(&k->host, NULL, 0, input, &r);
    for (size_t at = 0; st == DGM_OK;) {
        dgm_message m;
        st = dgm_codec_flat.next(r, &m);
        if (st == DGM_MORE) {
            size_t n = input.len - at < piece ? input.len - at : piece;
            st = dgm_codec_flat.feed(r, dgm_slice_part(input, at, at + n), at + n == input.len);
            at += n;
            continue;
        }
        if (st == DGM_OK) show_message(b, &m);
        show_said(b, k->diags);
        dgm_codec_flat.recycle(r, &m);
    }
    CU_ASSERT_EQUAL(st, DGM_END);
    dgm_codec_flat.close(r);
}

static dgm_flat_layout *layout_of(flat_kit *k)
{
    union {
        const dgm_flat_layout *in;
        dgm_flat_layout *out;
    } l = { dgm_flat_layout_of(k->shape) };
    return l.out;
}

/* True when both ways give the same. */
static bool alike(flat_kit *k, dgm_slice input, size_t piece)
{
    dgm_buffer a, b;
    dgm_flat_layout *l = layout_of(k);
    struct dgm_flat_swift *plan = l->swift;
    dgm_buffer_init(&a, &k->mem);
    dgm_buffer_init(&b, &k->mem);
    read_all(k, input, piece, &a);
    l->swift = NULL;
    read_all(k, input, piece, &b);
    l->swift = plan;
    bool same = dgm_slice_equal(dgm_buffer_slice(&a), dgm_buffer_slice(&b));
    if (!same) {
        dgm_slice x = dgm_buffer_slice(&a), y = dgm_buffer_slice(&b);
        size_t i = 0;
        while (i < x.len && i < y.len && x.at[i] == y.at[i]) i++;
        size_t from = i > 60 ? i - 60 : 0;
        x = dgm_slice_part(x, from, i + 200);
        y = dgm_slice_part(y, from, i + 200);
        printf("the short way:\n%.*s\nthe long way:\n%.*s\nof:\n%.*s\n", (int)x.len, x.at, (int)y.len, y.at,
               (int)(input.len < 600 ? input.len : 600), input.at);
    }
    dgm_buffer_free(&a);
    dgm_buffer_free(&b);
    return same;
}

/* A byte is changed, taken out, put in or doubled; or a line is, or is cut. */
static dgm_slice spoil(test_random *random, dgm_slice input, char *room)
{
    static const char bytes[] = "\n\r ,;'\"09AZaz-.{}\x1D\x1A\x80\xC3\xA4\xFF\x00|~";
    size_t len = input.len;
    memcpy(room, input.at, len);
    for (uint32_t n = 1 + test_random_below(random, 3); n > 0 && len; n--) {
        size_t at = test_random_below(random, (uint32_t)len), end = at;
        while (at && room[at - 1] != '\n' && test_random_below(random, 400) > n) at -= n == 3;
        while (end < len && room[end] != '\n') end++;
        char c = bytes[test_random_below(random, sizeof bytes - 1)];
        switch (test_random_below(random, 7)) {
        case 0:
        case 1:
        case 2: room[at] = c; break;
        case 3: memmove(room + at, room + at + 1, --len - at); break;
        case 4:
            memmove(room + at + 1, room + at, len++ - at);
            room[at] = c;
            break;
        case 5: /* the rest of the line is gone */
            memmove(room + at, room + end, len - end);
            len -= end - at;
            break;
        default: /* it comes twice */ memmove(room + end, room + at, len - at); len += end - at;
        }
    }
    return (dgm_slice){ room, len };
}

static void compare(flat_kit *k, dgm_slice input, uint32_t rounds)
{
    test_random random = { 5 + input.len };
    char *room = malloc(input.len * 9 + 64);
    CU_ASSERT(alike(k, input, 0));
    for (size_t piece = 1; piece < 200; piece += piece) CU_ASSERT(alike(k, input, piece));
    for (uint32_t i = 0; i < rounds; i++) {
        bool same = alike(k, spoil(&random, input, room), i % 3 ? 0 : 1 + test_random_below(&random, 300));
        CU_ASSERT_FATAL(same);
    }
    free(room);
}

static flat_kit *kit_of_file(const char *path)
{
    flat_kit *k = flat_kit_make(NULL, NULL, "");
    free((void *)(uintptr_t)k->format.file.at);
    k->format.file = test_read_file(path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(k->format.file.at);
    dgm_diags_clear(k->diags);
    k->loaded = dgm_codec_flat.shape(&k->host, &k->format, &k->shape);
    k->format.shape = k->shape;
    CU_ASSERT_EQUAL_FATAL(k->loaded, DGM_OK);
    return k;
}

/* What is shipped, by the inputs of the golden folders. */
static void shipped(void)
{
    glob_t g;
    size_t planned = 0;
    CU_ASSERT_EQUAL_FATAL(glob("conformance-tests/golden/flat/*/in.*", 0, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        char path[400];
        const char *name = strstr(g.gl_pathv[i], "accept-") ? strstr(g.gl_pathv[i], "accept-") : strstr(g.gl_pathv[i], "refuse-");
        CU_ASSERT_PTR_NOT_NULL_FATAL(name);
        snprintf(path, sizeof path, "mappings/formats/flat/%.*s.yaml", (int)strcspn(name + 7, "/"), name + 7);
        flat_kit *k = kit_of_file(path);
        dgm_slice input = test_read_file(g.gl_pathv[i]);
        planned += layout_of(k)->swift != NULL;
        compare(k, input, 60);
        free((void *)(uintptr_t)input.at);
        flat_kit_free(k);
    }
    CU_ASSERT(planned >= 16); /* but those cut by pattern, and of lines */
    globfree(&g);
}

/* ---- layouts that have every act ---- */

static const char fixed[] =
    "  kind: fixed\n  ends: [CRLF, LF]\n  short: accept\n  blank-lines: skip\n  reference: H/no\n  sender: H/from\n  records:\n"
    "    - record: H\n      fields: [{at: 1-2, value: H}, {field: no, at: 3-8, class: an, required: yes}, {field: from, width: 4},"
    " {field: d, width: 8, date: YYYYMMDD}, {field: t, width: 4, date: hhmm, absent: zero}]\n      records:\n"
    "        - record: D\n          times: 0..*\n          fields: [{at: 1-2, value: D1}, {field: n, width: 5, type: number,"
    " required: yes}, {field: a, width: 3, class: a}, {field: m, width: 7, implied: 2}, {field: z, width: 6, implied: 3, absent: "
    "zero},"
    " {field: p, width: 8, decimals: 3, pad: \" \"}, {field: k, width: 1, values: [A, B]}, {field: two, width: 2, values: [XX, Y]},"
    " {field: r, width: 4, justify: right}, {field: f, width: 1, flag: [Y, N]}, {at: 40-42, value: end}, {at: 44, value: ':'},"
    " {field: g, at: 46-47, repeat: 3, only: \"A-F0-9\"}, {field: long, at: 52-180}, {field: big, width: 70, type: number}, "
    "{field: "
    "s, "
    "width: 5, implied: 2, sign: overpunch}]\n"
    "          records: [{record: E, times: 1..2, fields: [{at: 1-2, value: E}, {field: n, width: 5, same: D/n}, {field: text, "
    "width: 20}]}]\n"
    "        - record: T\n          times: 0..1\n          fields: [{at: 1-2, value: T}, {field: c, width: 4, count: all}, {field: "
    "s, width: 9, implied: 2, sum: D/m}]\n";
static const char fixed_lines[] = "H ref001ME  202603010930\r\n"
                                  "D100012abc0001250000000   1.250AXX  12Y"
                                  "end :  0AFF  \r\n"
                                  "E 00012some text           \r\n"
                                  "D100013   00000050001005      BY  yyyyN"
                                  "end :                                                   x\n"
                                  "E 00013\n"
                                  "E 00013more\n"
                                  "\r\n"
                                  "D100014   1234567              0 AXX    Nend :\r\n"
                                  "T 0008000012403.17\r\n"
                                  "H ref002ME  202603010000\r\n"
                                  "T 0001000000000\n"
                                  "H ref003YOU         0000\n";
static const char delimited[] =
    "  kind: delimited\n  separator: \";\"\n  ends: LF\n  reference: H/no\n  records:\n"
    "    - record: H\n      fields: [{value: HDR}, {field: no, length: 1-5, class: n, required: yes}, {field: d, date: "
    "YYYY-MM-DD}]\n"
    "      records:\n        - record: L\n          times: 0..*\n          least: 3\n          fields: [{value: L}, {field: n, "
    "type: "
    "number}, {field: q, decimals: 3, length: 1-9}, {field: k, values: [A, B, C]}, {field: c, values: [AB, C]}, {field: a, class: "
    "a,"
    " length: 2-3}, {field: t}, {field: i, implied: 2}, {field: f, flag: [Y, N]}, {field: w, width: 4}, {field: g, repeat: 3}]\n"
    "        - record: T\n          times: 0..1\n          fields: [{value: T}, {field: n, count: L}, {field: q, decimals: 3, sum: "
    "L/q}, {field: again, same: H/no}]\n";
static const char delimited_lines[] = "HDR;00012;2026-03-01\n"
                                      "L;1;12.500;A;AB;xyz;a text;125;Y;abc ;1;;3\n"
                                      "L;002;000.250;C;;;;5;N;;;;;;;;\n"
                                      "L;003;7;;C;ab;\"quoted; text\"\n"
                                      "L;4;1\n"
                                      "T;4;20.75;00012\n"
                                      "HDR;7\n"
                                      "L;1;x\n"
                                      "T;1;;7\n"
                                      "HDR;8;\n";
static const char lengths[] =
    "  kind: fixed\n  encoding: US-ASCII\n  ends: none\n  length: 9\n  records: [{record: A, times: 1..2, "
    "fields: [{at: 1, value: A}, {field: n, at: 2-5, implied: 1}, {field: t, width: 4}]}, {record: B, "
    "times: 0..3, fields: [{at: 1, value: B}, {field: n, at: 2-9, type: number}]}]\n";
static const char length_lines[] = "A0012ab  A1   cdefB12345678B       7A0000    A    x   ";
static const char rows[] =
    "  kind: delimited\n  ends: \"~\"\n  records: [{record: R, fields: [{field: a, required: yes}, {field: b, "
    "decimals: 2}, {field: c}]}]\n";
static const char row_lines[] = "x,1.50,q~y,,~,2,3~z,0002~last,1,2";

static const char flowing[] =
    "  kind: fixed\n  ends: LF\n  short: accept\n  records: [{record: R, times: 1..*, fields: [{at: 1, value: "
    "R}, {field: a, at: 2-5, class: an}, {at: 8-11, continues: a}, {field: b, at: 12-13}]}]\n";
static const char flowing_lines[] = "Rab\nRabcd  efghij\nRab    ef  ij\nR      ef\nRabcd      x\nR\n";
static const char going_on[] =
    "  kind: delimited\n  ends: LF\n  records: [{record: R, times: 1..*, fields: [{field: a, length: 1-5, "
    "required: yes}, {length: 1-5, continues: a, join: \" \"}, {field: b, length: 3}]}]\n";
static const char going_lines[] = "abc,def,xyz\nabc,,xyz\nabc\n,def,\nabcdef,,xyz\nabc, ,xyz\n,,xyz\n";

/* Fields with conditions, of the record itself and of one above it. */
static const char conditional[] =
    "  kind: fixed\n  ends: LF\n  short: accept\n  records: [{record: H, times: 1..*, fields: [{at: 1, value: H}, {field: k, at: "
    "2, "
    "class: a}, {field: z, at: 3-4}], records: [{record: R, times: 0..*, fields: [{at: 1, value: R}, {field: t, at: 2, class: a, "
    "required: yes}, {field: a, at: 3-5, class: n, unless: {t: [D, O]}}, {field: b, at: 6-9, when: {H/k: [A, B], t: [X, Y]}}, "
    "{field: d, at: 10-17, date: YYYYMMDD, unless: {t: [D, O]}}, {field: e, at: 18-20, when: H/k}]}]}]\n";
static const char conditional_lines[] = "HAxx\nRX123some20260102end\nRX12a\nRD\nRD123\nRYx  more\nRZ123\nRZ123some20261302\nHC\n"
                                        "RX007    20260304e\nRX007some20260304e\nH zz\nRX007\nRX007            e\nR 007\n"
                                        "HB\nRY   text\nRX123some20260102end\n";
static const char conditional_cells[] = "  kind: delimited\n  ends: LF\n  records: [{record: R, times: 1..*, fields: [{field: t, "
                                        "length: 1}, {field: a, class: n, when: "
                                        "{t: [A, B]}}, {field: b, length: 1-3, unless: {t: B}}, {field: c, unless: b}]}]\n";
static const char conditional_cell_lines[] = "A,1,,x\nA,1,xyz\nB,1\nB,1,,x\nC,,\nC,1\nA,,,\nA,x,,y\n,,,z\nA,1,wxyz\nA,12,,abc\n";
/* As long as what is done at once may be, and longer. */
static const char wide[] =
    "  kind: fixed\n  ends: LF\n  short: accept\n  records: [{record: R, times: 1..*, fields: [{at: 1, value: R}, {field: a, "
    "width: "
    "56, class: n}, {field: b, width: 57, only: \"A-Z\"}, {field: c, width: 58}, {field: d, width: 57, type: number}, {field: e, "
    "width: 58, type: number}, {field: f, width: 57, values: [A, B]}, {at: 345-401, value: ' '}]}]\n";
static const char wide_cells[] =
    "  kind: delimited\n  separator: ;\n  ends: LF\n  records: [{record: R, times: 1..*, fields: [{field: a, length: 2-57, only: "
    "\"a-z\"}, {field: b, length: 58-70}, {field: c, length: 1-80, class: n}, {field: d, type: number, length: 60, decimals: 2}, "
    "{field: e, values: [A, B]}, {field: f, type: number, length: 3, decimals: 1}]}]\n";

/* Fields of all lengths up to 80, of what they may hold and, now and then, of what they may not. */
static dgm_slice lengths_of(test_random *random, bool cells, char *room, size_t bytes)
{
    static const uint32_t widths[] = { 56, 57, 58, 57, 58, 57, 57 };
    static const char first[] = "0Ax00A ", others[] = "axy09A";
    size_t n = 0;
    for (uint32_t line = 0; n + 700 < bytes; line++) {
        if (!cells) room[n++] = 'R';
        for (uint32_t i = 0; i < (cells ? 6u : 7u); i++) {
            uint32_t len = i > 4 || test_random_below(random, 4) == 0 ? test_random_below(random, 5) : line % 81;
            if (!cells && len > widths[i]) len = widths[i];
            memset(room + n, cells ? others[i] : first[i], len);
            if (len && test_random_below(random, 6) == 0)
                room[n + test_random_below(random, len)] = "a.0A; 7"[test_random_below(random, 7)];
            n += len;
            if (!cells) memset(room + n, ' ', widths[i] - len);
            n += cells ? 0 : widths[i] - len;
            if (cells && i < 5) room[n++] = ';';
        }
        room[n++] = '\n';
    }
    return (dgm_slice){ room, n };
}

static void any_length(void)
{
    static const char *const all[] = { wide, wide_cells };
    enum { ROOM = 64 << 10 };
    char *room = malloc(ROOM);
    test_random random = { 57 };
    CU_ASSERT_PTR_NOT_NULL_FATAL(room);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        flat_kit *k = flat_kit_make(NULL, NULL, all[i]);
        for (size_t d = 0; d < dgm_diags_count(k->diags); d++) printf("%s\n", dgm_diag_name(dgm_diags_at(k->diags, d)->code));
        CU_ASSERT_EQUAL_FATAL(k->loaded, DGM_OK);
        CU_ASSERT_PTR_NOT_NULL_FATAL(layout_of(k)->swift);
        CU_ASSERT(layout_of(k)->swift->ways[1].open);
        dgm_slice lines = lengths_of(&random, i == 1, room, ROOM);
        CU_ASSERT(alike(k, lines, 0));
        CU_ASSERT(alike(k, lines, 61));
        flat_kit_free(k);
    }
    free(room);
}

static void acts(void)
{
    static const struct {
        const char *yaml;
        dgm_slice lines;
    } all[] = { { fixed, { fixed_lines, sizeof fixed_lines - 1 } },
                { delimited, { delimited_lines, sizeof delimited_lines - 1 } },
                { lengths, { length_lines, sizeof length_lines - 1 } },
                { rows, { row_lines, sizeof row_lines - 1 } },
                { flowing, { flowing_lines, sizeof flowing_lines - 1 } },
                { going_on, { going_lines, sizeof going_lines - 1 } },
                { conditional, { conditional_lines, sizeof conditional_lines - 1 } },
                { conditional_cells, { conditional_cell_lines, sizeof conditional_cell_lines - 1 } } };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        flat_kit *k = flat_kit_make(NULL, NULL, all[i].yaml);
        for (size_t d = 0; d < dgm_diags_count(k->diags); d++) printf("%s\n", dgm_diag_name(dgm_diags_at(k->diags, d)->code));
        CU_ASSERT_EQUAL_FATAL(k->loaded, DGM_OK);
        CU_ASSERT_PTR_NOT_NULL_FATAL(layout_of(k)->swift);
        for (uint32_t p = 1; p < layout_of(k)->place_count; p++) CU_ASSERT(layout_of(k)->swift->ways[p].open);
        compare(k, all[i].lines, 700);
        flat_kit_free(k);
    }
}

/* It is the plan that good records are read by: of one that is wrong they show it. */
static void taken(void)
{
    flat_kit *k = flat_kit_make(NULL, NULL, delimited);
    static const char lines[] = "HDR;00012;2026-03-01\nL;1;1;A\n";
    flat_lines l = { 0 };
    CU_ASSERT_EQUAL_FATAL(k->loaded, DGM_OK);
    struct dgm_flat_swift *plan = layout_of(k)->swift;
    for (uint32_t i = 1; i < layout_of(k)->place_count; i++) {
        CU_ASSERT(plan->ways[i].open);
        for (uint32_t o = 0; o < plan->ways[i].count; o++) {
            dgm_flat_op *op = &plan->ops[plan->ways[i].first + o];
            if (op->act != DGM_FLAT_ACT_CONSTANT && op->act != DGM_FLAT_ACT_BLANK) op->tag |= DGM_TAG(0, 0, DGM_BAD);
        }
    }
    CU_ASSERT_EQUAL(flat_read(k, (dgm_slice){ lines, sizeof lines - 1 }, 0, &l, NULL), DGM_OK);
    TEST_TEXT(((dgm_slice){ l.at, l.len }), "message 1 at 0+29: 0 errors\nH/no=00012 (bad)\nH/d=2026-03-01 (bad)\nH/L/n=1 (bad)\n"
                                            "H/L/q=1 (bad)\nH/L/k=A (bad)\n");
    free(l.at);
    flat_kit_free(k);
}

/* ---- limits ---- */

static void limits(void)
{
    for (uint32_t most = 1; most < 80; most++) {
        const dgm_limits given[] = { { .nodes_max = most },
                                     { .message_bytes_max = most * 5 },
                                     { .segment_bytes_max = most * 2 },
                                     { .depth_max = most % 5 + 1 } };
        for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
            flat_kit *k = flat_kit_make(NULL, &given[i], i % 2 ? fixed : delimited);
            dgm_slice lines = i % 2 ? (dgm_slice){ fixed_lines, sizeof fixed_lines - 1 }
                                    : (dgm_slice){ delimited_lines, sizeof delimited_lines - 1 };
            CU_ASSERT_EQUAL_FATAL(k->loaded, DGM_OK);
            CU_ASSERT(alike(k, lines, 0));
            CU_ASSERT(alike(k, lines, 50));
            flat_kit_free(k);
        }
    }
}

/* Records longer than what is looked at in one go, and a message longer than that. */
static void large(void)
{
    flat_kit *k = flat_kit_make(NULL, NULL, delimited);
    size_t room = 200000, len = 0;
    char *input = malloc(room);
    CU_ASSERT_EQUAL_FATAL(k->loaded, DGM_OK);
    len += (size_t)snprintf(input, room, "HDR;00012;2026-03-01\n");
    for (int i = 0; i < 500; i++) {
        int text = i % 50 == 7 ? 9000 : i % 90;
        len += (size_t)snprintf(input + len, room - len, "L;%d;12.500;A;AB;xyz;%0*d;125;Y;abc ;1;;3\n", i, text, i);
    }
    for (size_t piece = 0; piece <= 70000; piece = piece ? piece * 9 : 900) CU_ASSERT(alike(k, (dgm_slice){ input, len }, piece));
    memset(input + len, ';', 5000); /* more fields than are counted */
    memcpy(input + len, "L;1;1;A", 7);
    input[len + 5000] = '\n';
    CU_ASSERT(alike(k, (dgm_slice){ input, len + 5001 }, 0));
    free(input);
    flat_kit_free(k);
}

int main(void)
{
    static const test_case cases[] = { { "planes", planes },         { "shipped", shipped }, { "acts", acts },
                                       { "any length", any_length }, { "taken", taken },     { "limits", limits },
                                       { "large", large },           { NULL, NULL } };
    return test_main("flat_swift", cases);
}
