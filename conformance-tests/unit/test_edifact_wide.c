/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_wide.c - segments of more elements than they have places for: ARR of D.00A, 10,000 of them (C778 and 9,999 times
 * C770), and a segment with elements behind such a one. Positions are worked out here by counting separators. One thread.
 */
#include "codecs/edifact/directory_book.h"
#include "edifact_tests.h"

#define CELLS 9999u /* of ARR, the elements 2 to 10,000 */

typedef struct told { /* a diagnostic of the reader or the writer */
    char name[48], path[64];
    uint64_t at;
    uint32_t element, component, repetition;
} told;

typedef struct wide { /* an input that is read, and perhaps written again in another syntax version */
    dgm_buffer input, output;
    told told[16];
    size_t told_count, cells_at; /* cells_at: the byte of the first cell */
    uint32_t leaves, nodes_wrong;
    dgm_status wrote;
} wide;

static dgm_mem memory(void)
{
    return dgm_mem_default();
}

/* UNB to UNZ with one ARR, whose cell number i (from 1) is what cell() says. */
static void make(wide *w, int syntax, uint32_t cells, const char *(*cell)(uint32_t i, char text[16]))
{
    dgm_mem mem = memory();
    char text[16];
    *w = (wide){ 0 };
    dgm_buffer_init(&w->input, &mem);
    dgm_buffer_init(&w->output, &mem);
    dgm_buffer_print(&w->input, "UNB+UNOC:%d+S+R+%s:0900+1'UNH+1+GESMES:D:00A:UN'BGM+74'DSI+X'ARR+1:2+", syntax,
                     syntax == 4 ? "20260101" : "260101");
    w->cells_at = w->input.len;
    for (uint32_t i = 1; i <= cells; i++) dgm_buffer_print(&w->input, "%s%s", i == 1 ? "" : syntax == 4 ? "*" : "+", cell(i, text));
    dgm_buffer_print(&w->input, "'UNT+5+1'UNZ+1+1'");
}

static void forget(wide *w)
{
    dgm_buffer_free(&w->input);
    dgm_buffer_free(&w->output);
}

static const char *number(uint32_t i, char text[16])
{
    snprintf(text, 16, "%u", i);
    return text;
}

/* A diagnostic about the value of a tree names its segment, element and component, and its bytes unless those were decoded. */
static bool points_right(const wide *w, const dgm_tree *t, uint32_t node, uint32_t element)
{
    dgm_diag d = { 0 };
    dgm_tree_point(t, node, NULL, &d);
    if (d.position.segment != 4 || d.position.element != element || d.position.component != 1) return false;
    if (t->recoded) return d.at_byte == t->base && d.bytes == 0;
    dgm_slice v = dgm_tree_value(t, node);
    return d.bytes == v.len && memcmp(w->input.at + d.at_byte, v.at, v.len) == 0;
}

/* Each leaf of C770 stands where it should: its number is its value. */
static void look(wide *w, const dgm_tree *t)
{
    for (uint32_t i = 0; i < t->node_count; i++) {
        char path[64] = "", wanted[64];
        dgm_slice v = dgm_tree_value(t, i);
        if (dgm_node_kind(&t->nodes[i]) != DGM_ELEMENT || !dgm_slice_is(dgm_tree_name(t, i), "9424")) continue;
        snprintf(wanted, sizeof wanted, "SG13#1/ARR#1/C770#%.*s/9424", (int)v.len, v.at);
        uint32_t element = dgm_tree_element(t, i), n = (uint32_t)strtoul(wanted + 18, NULL, 10);
        bool four = element == 2 && n > 1;
        w->nodes_wrong += !four && element != n + 1;
        w->nodes_wrong += !points_right(w, t, i, four ? 2 : n + 1);
        if (w->leaves++ % 83 && (n < 250 || n > 260) && n != CELLS) continue; /* a path takes a walk over the message */
        dgm_tree_path(t, i, path, sizeof path - 1);
        w->nodes_wrong += strcmp(path, wanted) != 0;
    }
}

static dgm_status run(const dgm_mem *mem, wide *w, const void *book, const char *syntax, size_t chunk)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_diags *diags = NULL;
    dgm_reader *r = NULL;
    dgm_writer *out = NULL;
    dgm_message m;
    size_t fed = 0;
    dgm_slice input = dgm_buffer_slice(&w->input);
    const dgm_setting settings[] = { { DGM_LITERAL("syntax"), dgm_slice_of(syntax ? syntax : "UNOC:3") },
                                     { DGM_LITERAL("sender"), DGM_LITERAL("S") },
                                     { DGM_LITERAL("recipient"), DGM_LITERAL("R") },
                                     { DGM_LITERAL("reference"), DGM_LITERAL("1") } };
    dgm_status st = dgm_diags_new(mem, 100, &diags);
    if (st != DGM_OK) return st;
    dgm_host host = dgm_host_make(mem, NULL, diags, NULL, NULL, 0);
    host.knowledge = &book;
    host.knowledge_count = book != NULL;
    w->told_count = w->leaves = w->nodes_wrong = 0;
    w->output.len = 0;
    st = chunk ? k->open(&host, NULL, 0, &r) : k->open_whole(&host, NULL, 0, input, &r);
    if (st == DGM_OK && syntax) st = k->writer_open(&host, NULL, settings, 4, dgm_buffer_sink(&w->output), &out);
    while (st == DGM_OK && ((st = k->next(r, &m)) == DGM_OK || st == DGM_MORE)) {
        if (st == DGM_MORE) {
            size_t n = input.len - fed < chunk ? input.len - fed : chunk;
            st = k->feed(r, dgm_slice_part(input, fed, fed + n), fed + n == input.len);
            fed += n;
            continue;
        }
        if (m.tree) {
            CU_ASSERT(dgm_tree_sound(m.tree));
            look(w, m.tree);
            if (out) st = w->wrote = k->write(out, m.tree);
            if (st == DGM_INVALID) st = DGM_OK;
        }
        k->recycle(r, &m);
    }
    if (st == DGM_END && out && w->wrote == DGM_OK) st = k->finish(out) == DGM_OK ? DGM_END : DGM_NOMEM;
    for (size_t i = 0; i < dgm_diags_count(diags) && i < 16; i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        told *t = &w->told[w->told_count++];
        *t = (told){ .at = d->at_byte,
                     .element = d->position.element,
                     .component = d->position.component,
                     .repetition = d->position.repetition };
        snprintf(t->name, sizeof t->name, "%s", dgm_diag_name(d->code));
        snprintf(t->path, sizeof t->path, "%.*s", (int)d->path.len, d->path.at ? d->path.at : "");
    }
    if (dgm_diags_failed(diags)) st = DGM_NOMEM;
    k->writer_close(out);
    k->close(r);
    dgm_diags_free(diags);
    return st;
}

/* Behind UNB, whose date of preparation is that of the writer. */
static void same_behind_header(const wide *wrote, const wide *wanted, size_t header)
{
    dgm_slice out = dgm_buffer_slice(&wrote->output), in = dgm_buffer_slice(&wanted->input);
    size_t n = in.len - header;
    CU_ASSERT_FATAL(out.len >= n);
    test_slice_equal(dgm_slice_part(out, out.len - n, out.len), dgm_slice_part(in, header, in.len), __FILE__, __LINE__);
}
#define UNB_THREE 29u /* bytes */
#define UNB_FOUR  31u

static void read_it(wide *w, const char *syntax)
{
    dgm_mem mem = memory();
    CU_ASSERT_EQUAL(run(&mem, w, NULL, syntax, 0), DGM_END);
}

/* Whole and in pieces, with all cells: nothing to tell, every cell where it belongs, and both versions written from either. */
static void all_there_can_be(void)
{
    wide three, four;
    make(&three, 3, CELLS, number);
    make(&four, 4, CELLS, number);
    wide *all[] = { &three, &four };
    for (size_t i = 0; i < 2; i++) {
        dgm_mem mem = memory();
        const size_t chunks[] = { 0, 1000, 65536 };
        for (size_t k = 0; k < 3; k++) {
            CU_ASSERT_EQUAL(run(&mem, all[i], NULL, NULL, chunks[k]), DGM_END);
            CU_ASSERT_EQUAL(all[i]->told_count, 0);
            CU_ASSERT_EQUAL(all[i]->leaves, CELLS);
            CU_ASSERT_EQUAL(all[i]->nodes_wrong, 0);
        }
        read_it(all[i], "UNOC:3");
        CU_ASSERT_EQUAL(all[i]->wrote, DGM_OK);
        same_behind_header(all[i], &three, UNB_THREE);
        read_it(all[i], "UNOC:4");
        same_behind_header(all[i], &four, UNB_FOUR);
    }
    forget(&three);
    forget(&four);
}

/* The same in UTF-16: the bytes of the input are not those of the tree. */
static void decoded(void)
{
    wide w;
    dgm_mem mem = memory();
    make(&w, 4, 300, number);
    size_t n = w.input.len;
    CU_ASSERT_EQUAL_FATAL(dgm_buffer_reserve(&w.input, n), DGM_OK);
    for (size_t i = n; i-- > 0;) w.input.at[2 * i] = w.input.at[i], w.input.at[2 * i + 1] = '\0';
    w.input.len = 2 * n;
    CU_ASSERT_EQUAL(run(&mem, &w, NULL, NULL, 0), DGM_END);
    CU_ASSERT_EQUAL(w.leaves, 300);
    CU_ASSERT_EQUAL(w.nodes_wrong, 0);
    forget(&w);
}

static const char *const wrong_at[] = { "254", "255", "256", "998", "999", "9999" };

/* 9424 has 512 characters; these have one more. */
static const char *some_too_long(uint32_t i, char text[16])
{
    static char longer[514];
    memset(longer, 'X', 513);
    snprintf(text, 16, "%u", i);
    for (size_t k = 0; k < 6; k++)
        if (strcmp(text, wrong_at[k]) == 0) return longer;
    return text;
}

/* The byte of cell i, counted in the input. */
static uint64_t byte_of(const wide *w, uint32_t i)
{
    size_t at = w->cells_at;
    for (uint32_t n = 1; n < i; at++) n += w->input.at[at] == '+' || w->input.at[at] == '*';
    return at;
}

static void places_of_what_is_wrong(void)
{
    for (int syntax = 3; syntax <= 4; syntax++) {
        wide w;
        make(&w, syntax, CELLS, some_too_long);
        read_it(&w, NULL);
        CU_ASSERT_EQUAL_FATAL(w.told_count, 6);
        for (size_t k = 0; k < 6; k++) {
            char path[64];
            uint32_t i = (uint32_t)strtoul(wrong_at[k], NULL, 10);
            snprintf(path, sizeof path, "SG13/ARR/C770#%u/9424", i);
            CU_ASSERT_STRING_EQUAL(w.told[k].name, "edifact.value.too-long");
            CU_ASSERT_STRING_EQUAL(w.told[k].path, path);
            CU_ASSERT_EQUAL(w.told[k].at, byte_of(&w, i));
            CU_ASSERT_EQUAL(w.told[k].element, syntax == 3 ? i + 1 : 2);
            CU_ASSERT_EQUAL(w.told[k].component, 1);
            CU_ASSERT_EQUAL(w.told[k].repetition, syntax == 3 ? 0 : i);
        }
        forget(&w);
    }
}

static void one_too_many(void)
{
    wide w;
    make(&w, 3, CELLS + 1, number);
    read_it(&w, NULL);
    CU_ASSERT_EQUAL_FATAL(w.told_count, 1);
    CU_ASSERT_STRING_EQUAL(w.told[0].name, "edifact.element.too-many");
    CU_ASSERT_EQUAL(w.told[0].element, 10001);
    CU_ASSERT_EQUAL(w.told[0].at, byte_of(&w, 10000));
    CU_ASSERT_EQUAL(w.leaves, CELLS); /* the other one has no name */
    forget(&w);
    make(&w, 4, CELLS + 1, number);
    read_it(&w, "UNOC:4");
    CU_ASSERT_EQUAL_FATAL(w.told_count, 2);
    CU_ASSERT_STRING_EQUAL(w.told[0].name, "edifact.element.repetitions");
    CU_ASSERT_EQUAL(w.told[0].element, 2);
    CU_ASSERT_EQUAL(w.told[0].repetition, 10000);
    CU_ASSERT_EQUAL(w.told[0].at, byte_of(&w, 10000));
    /* and what has no place is not written */
    CU_ASSERT_EQUAL(w.wrote, DGM_INVALID);
    CU_ASSERT_STRING_EQUAL(w.told[1].name, "edifact.write.twice");
    CU_ASSERT_STRING_EQUAL(w.told[1].path, "SG13#1/ARR#1/C770#10000");
    forget(&w);
}

/* Elements of one segment are counted up to 65,535, occurrences among them; what is behind is left out, once told. */
static void more_than_can_be_counted(void)
{
    for (int syntax = 3; syntax <= 4; syntax++) {
        wide w;
        make(&w, syntax, 65534, number);
        read_it(&w, NULL);
        CU_ASSERT_EQUAL(w.told_count, 1); /* too many, but counted */
        forget(&w);
        make(&w, syntax, 70000, number);
        read_it(&w, NULL);
        CU_ASSERT_EQUAL_FATAL(w.told_count, 2);
        CU_ASSERT_STRING_EQUAL(w.told[1].name, "edifact.limit.elements");
        CU_ASSERT_EQUAL(w.told[1].at, byte_of(&w, 65535));
        CU_ASSERT_EQUAL(w.told[1].element, 0);
        forget(&w);
    }
}

static const char *as_long_as_it_may_be(uint32_t i, char text[16])
{
    static char full[513];
    (void)i;
    (void)text;
    memset(full, 'A', 512);
    return full;
}

static size_t errors_of(const wide *w, const dgm_limits *limits, size_t chunk)
{
    dgm_mem mem = memory();
    edi_case c = { .mem = &mem, .limits = limits, .chunk = chunk };
    CU_ASSERT_EQUAL(edi_read(&c, dgm_buffer_slice(&w->input)), DGM_END);
    CU_ASSERT_EQUAL(c.messages, 1);
    return c.errors;
}

/* Five megabytes that the directory lets be; what is set holds, though, and no other segment may be as long. */
static void longer_than_a_megabyte(void)
{
    static const dgm_limits set = { .segment_bytes_max = 1u << 20 };
    for (int syntax = 3; syntax <= 4; syntax++) {
        wide w;
        make(&w, syntax, CELLS, as_long_as_it_may_be);
        CU_ASSERT(w.input.len > 5000000);
        CU_ASSERT_EQUAL(errors_of(&w, NULL, 0), 0);
        CU_ASSERT_EQUAL(errors_of(&w, NULL, 65536), 0);
        CU_ASSERT_EQUAL(errors_of(&w, &set, 0), 1);
        CU_ASSERT_EQUAL(errors_of(&w, &set, 65536), 1);
        char *arr = memmem(w.input.at, w.input.len, "ARR", 3);
        memcpy(arr, "GIS", 3);
        CU_ASSERT_EQUAL(errors_of(&w, NULL, 0), 1);
        CU_ASSERT_EQUAL(errors_of(&w, NULL, 65536), 1);
        forget(&w);
    }
}

static const char *only_the_last(uint32_t i, char text[16])
{
    return i == CELLS ? number(i, text) : "";
}

/* Thousands of separators before one value. */
static void gaps(void)
{
    wide three, four;
    make(&three, 3, CELLS, only_the_last);
    make(&four, 4, CELLS, only_the_last);
    read_it(&three, "UNOC:4");
    CU_ASSERT_EQUAL(three.told_count + three.nodes_wrong, 0);
    CU_ASSERT_EQUAL(three.leaves, 1);
    same_behind_header(&three, &four, UNB_FOUR);
    read_it(&four, "UNOC:3");
    CU_ASSERT_EQUAL(four.told_count + four.nodes_wrong, 0);
    CU_ASSERT_EQUAL(four.leaves, 1);
    same_behind_header(&four, &three, UNB_THREE);
    forget(&three);
    forget(&four);
}

static dgm_edi_book *load(const char *text)
{
    dgm_mem mem = memory();
    dgm_diags *diags = NULL;
    dgm_edi_book *book = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 0, &diags), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_edi_book_load(&mem, DGM_LITERAL("x"), dgm_slice_of(text), diags, &book), DGM_OK);
    dgm_diags_free(diags);
    return book;
}

/* A segment of a directory of one's own: 9901 up to 300 times, C901 up to 1,000 times, then 9902. In version 3 these are the
 * elements 1 to 300, 301 to 1,300 and 1,301. C901 has a dependency note: its second component asks for the third. */
static void what_stands_behind(void)
{
    static const char directory[] =
        "dragoman directory 1\nname\tD.30A\nbase\tD.96B\n[segments]\nZZW\t9901:an..3?300 C901?1000 9902:an..5?\n[composites]\n"
        "C901\t9901:an..3? 1131:an..3? 3055:an..3?\n[elements]\n9901\tan..3\tn\tOne\n9902\tan..5\tn\tTwo\n[messages]\n"
        "ZZZMES\tUNH ZZW?9 UNT\n[notes]\nC901\tD5(020,030)\n";
    dgm_edi_book *book = load(directory);
    dgm_mem mem = memory();
    wide w = { 0 };
    dgm_buffer_init(&w.input, &mem);
    dgm_buffer_init(&w.output, &mem);
    dgm_buffer_print(&w.input, "UNB+UNOC:3+S+R+260101:0900+1'UNH+1+ZZZMES:D:30A:UN'ZZW");
    for (uint32_t e = 1; e <= 1301; e++)
        dgm_buffer_print(&w.input, "+%s", e == 300 ? "A" : e == 1299 ? "B:1:2" : e == 1300 ? "C" : e == 1301 ? "LAST" : "");
    size_t behind = w.input.len;
    dgm_buffer_print(&w.input, "'UNT+3+1'UNZ+1+1'");
    CU_ASSERT_EQUAL(run(&mem, &w, book, "UNOC:3", 0), DGM_END);
    CU_ASSERT_EQUAL(w.told_count, 0);
    same_behind_header(&w, &w, UNB_THREE);
    /* the same with each of the last three wrong: too long, without what the note asks for, and an element too many */
    w.input.len = behind - strlen("B:1:2+C+LAST");
    dgm_buffer_print(&w.input, "B:1+CCCC+LASTLY+1'UNT+3+1'UNZ+1+1'");
    CU_ASSERT_EQUAL(run(&mem, &w, book, NULL, 0), DGM_END);
    static const told wanted[] = { { "edifact.value.too-long", "ZZW/C901#1000/9901", 0, 1300, 1, 0 },
                                   { "edifact.value.too-long", "ZZW/9902", 0, 1301, 0, 0 },
                                   { "edifact.element.too-many", "ZZW/1302", 0, 1302, 0, 0 },
                                   { "edifact.element.paired", "ZZW/C901#999/3055", 0, 1299, 3, 0 } };
    CU_ASSERT_EQUAL_FATAL(w.told_count, 4);
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_STRING_EQUAL(w.told[i].name, wanted[i].name);
        CU_ASSERT_STRING_EQUAL(w.told[i].path, wanted[i].path);
        CU_ASSERT_EQUAL(w.told[i].element, wanted[i].element);
        CU_ASSERT_EQUAL(w.told[i].component, wanted[i].component);
    }
    forget(&w);
    /* in version 4: elements 1, 2 and 3 */
    dgm_buffer_init(&w.input, &mem);
    dgm_buffer_init(&w.output, &mem);
    dgm_buffer_print(&w.input, "UNB+UNOC:4+S+R+20260101:0900+1'UNH+1+ZZZMES:D:30A:UN'ZZW+*A+B:1:2**C+LASTLY'UNT+3+1'UNZ+1+1'");
    CU_ASSERT_EQUAL(run(&mem, &w, book, NULL, 0), DGM_END);
    CU_ASSERT_EQUAL_FATAL(w.told_count, 1);
    CU_ASSERT_STRING_EQUAL(w.told[0].path, "ZZW/9902");
    CU_ASSERT_EQUAL(w.told[0].element, 3);
    forget(&w);
    dgm_edi_book_free(book);
}

static dgm_status without_memory(const dgm_mem *mem, void *ctx)
{
    wide *w = ctx;
    dgm_status st = run(mem, w, NULL, NULL, 0);
    return st == DGM_END ? DGM_OK : st;
}

static void each_allocation_fails(void)
{
    wide w;
    make(&w, 3, 600, some_too_long);
    CU_ASSERT(test_each_allocation_fails(without_memory, &w) > 20);
    forget(&w);
}

int main(void)
{
    static const test_case cases[] = {
        { "all there can be", all_there_can_be },
        { "decoded", decoded },
        { "places of what is wrong", places_of_what_is_wrong },
        { "one too many", one_too_many },
        { "more than can be counted", more_than_can_be_counted },
        { "longer than a megabyte", longer_than_a_megabyte },
        { "gaps", gaps },
        { "what stands behind", what_stands_behind },
        { "each allocation fails", each_allocation_fails },
        { 0 },
    };
    return test_main("edifact wide", cases);
}
