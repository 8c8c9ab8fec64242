/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_directory.c - the directory, the programs made of it, shapes, and the scan. Expected values are read off the printed
 * UN/EDIFACT directory D.96B. One thread.
 */
#include "codecs/edifact/directory.h"
#include "codecs/edifact/directory_text.h"
#include "codecs/edifact/program.h"
#include "codecs/edifact/references.h"
#include "codecs/edifact/scan.h"
#include "edifact_tests.h"

static dgm_edi_directory d96b(void)
{
    dgm_edi_directory d;
    CU_ASSERT_FATAL(dgm_edi_directory_open(DGM_LITERAL("D.96B"), &d));
    return d;
}

static void directories_are_found(void)
{
    dgm_edi_directory d, e;
    CU_ASSERT(dgm_edi_directory_open(DGM_LITERAL("D96B"), &d) && dgm_edi_directory_open(DGM_LITERAL("96B"), &e) &&
              d.number == e.number);
    CU_ASSERT_STRING_EQUAL(d.name, "D.96B");
    CU_ASSERT_FALSE(dgm_edi_directory_open(DGM_LITERAL("D.92Z"), &d));
    CU_ASSERT_FALSE(dgm_edi_directory_open((dgm_slice){ 0 }, &d));
    CU_ASSERT_EQUAL(d.number, 0);
    CU_ASSERT(dgm_edi_directory_at(0, &d));
    CU_ASSERT_FALSE(dgm_edi_directory_at(1000, &d));
    for (size_t i = 0; dgm_edi_directory_at(i, &d); i++)
        CU_ASSERT(dgm_edi_directory_open(dgm_slice_of(d.name), &e) && e.number == d.number && e.ordinal == i + 1);
    CU_ASSERT_FALSE(dgm_edi_directory_open(DGM_LITERAL("D.93B"), &d)); /* between two that there are */
    CU_ASSERT_FALSE(dgm_edi_directory_open(DGM_LITERAL("D.24B"), &d));
}

static void elements_segments_codes(void)
{
    dgm_edi_directory d = d96b(), none = { .number = 0 };
    dgm_edi_element e;
    dgm_edi_list l;
    dgm_edi_item item;
    CU_ASSERT_FATAL(dgm_edi_element_find(&d, DGM_LITERAL("7361"), &e));
    TEST_TEXT(e.repr_text, "an..18");
    CU_ASSERT(e.repr.length_max == 18 && e.repr.length_min == 0 && !e.coded);
    CU_ASSERT(dgm_edi_element_find(&d, DGM_LITERAL("2379"), &e) && e.coded);
    CU_ASSERT_FALSE(dgm_edi_element_find(&d, DGM_LITERAL("736"), &e));
    CU_ASSERT_FALSE(dgm_edi_element_find(&d, DGM_LITERAL("73611"), &e));
    CU_ASSERT_FALSE(dgm_edi_element_find(&none, DGM_LITERAL("7361"), &e));
    CU_ASSERT(dgm_edi_element_find(&none, DGM_LITERAL("0062"), &e));
    CU_ASSERT_FATAL(dgm_edi_segment_find(&d, DGM_LITERAL("CST"), &l));
    TEST_TEXT(l.name, "CUSTOMS STATUS OF GOODS");
    size_t n = 0;
    while (dgm_edi_item_next(&l.items, &item)) {
        TEST_TEXT(item.id, n++ ? "C246" : "1496");
        CU_ASSERT_FALSE(item.mandatory);
    }
    CU_ASSERT_EQUAL(n, 6);
    TEST_TEXT(dgm_edi_code_name(&d, DGM_LITERAL("2379"), DGM_LITERAL("102")), "CCYYMMDD");
    CU_ASSERT_EQUAL(dgm_edi_code_name(&d, DGM_LITERAL("2379"), DGM_LITERAL("9999")).len, 0);
    TEST_TEXT(dgm_edi_code_name(&none, DGM_LITERAL("0001"), DGM_LITERAL("UNOA")), "UN/ECE level A");
}

/* Makes the program and the shape of one message, as the reader does. */
static void make_program(const dgm_edi_directory *d, dgm_slice type)
{
    dgm_mem mem = dgm_mem_default();
    dgm_edi_program *p = NULL;
    dgm_shape *shape = NULL;
    dgm_status st = dgm_edi_program_make(&mem, d, type, &p);
    if (st == DGM_OK) st = dgm_edi_program_shape(p, &mem, type, NULL, NULL, &shape);
    if (st == DGM_OK) st = dgm_edi_program_bind(p, shape);
    if (st != DGM_OK) fprintf(stderr, "%s %.*s: status %d\n", d->name, (int)type.len, type.at, (int)st);
    CU_ASSERT_EQUAL(st, DGM_OK);
    dgm_shape_free(shape);
    dgm_edi_program_free(p);
}

/* Every composite has elements that are there, as the segment or composite says they are; every segment has items that are. */
static void items_are_there(const dgm_edi_directory *d, dgm_slice holder, dgm_slice items, bool composites_allowed)
{
    dgm_edi_item item;
    size_t n = 0;
    while (dgm_edi_item_next(&items, &item)) {
        dgm_edi_list composite = { 0 };
        dgm_edi_element element = { 0 };
        bool found = item.repr_text.len
                         ? dgm_edi_element_find(d, item.id, &element) && element.name.len
                         : composites_allowed && dgm_edi_composite_find(d, item.id, &composite) && composite.name.len;
        if (!found) fprintf(stderr, "%s %.*s: no %.*s\n", d->name, (int)holder.len, holder.at, (int)item.id.len, item.id.at);
        CU_ASSERT(found && item.max > 0);
        if (composite.items.len) items_are_there(d, composite.id, composite.items, false);
        n++;
    }
    CU_ASSERT(n > 0 && items.len == 0);
}

static bool seen_before(const char **lines, size_t *count, const char *line)
{
    for (size_t i = *count; i > 0; i--)
        if (lines[i - 1] == line) return true;
    CU_ASSERT_FATAL(*count < 1024);
    lines[(*count)++] = line;
    return false;
}

static void each_directory_is_whole(void)
{
    dgm_edi_directory d;
    static const char *lines[1024];
    size_t directories = 0, instances = 0, line_count = 0;
    for (; dgm_edi_directory_at(directories, &d); directories++) {
        dgm_edi_directory before = { 0 };
        if (directories) CU_ASSERT_FATAL(dgm_edi_directory_at(directories - 1, &before) && before.number < d.number);
        dgm_edi_message m;
        for (size_t cursor = 0; dgm_edi_message_each(&d, &cursor, &m);) {
            dgm_edi_part part;
            dgm_slice left = m.structure;
            int level = 0;
            bool service = dgm_slice_is(m.type, "CONTRL");
            while (dgm_edi_part_next(&left, &part)) {
                dgm_edi_list segment;
                level += part.kind == DGM_EDI_PART_OPEN ? 1 : part.kind == DGM_EDI_PART_CLOSE ? -1 : 0;
                if (part.kind != DGM_EDI_PART_SEGMENT) continue;
                bool found = dgm_edi_segment_find(&d, part.tag, &segment);
                if (!found) fprintf(stderr, "%s %.*s: no %.*s\n", d.name, (int)m.type.len, m.type.at, 3, part.tag.at);
                CU_ASSERT(found && segment.name.len && part.max > 0);
                if (found) items_are_there(&d, segment.id, segment.items, true);
            }
            CU_ASSERT(level == 0 && left.len == 0);
            instances += !service;
            if (seen_before(lines, &line_count, m.structure.at)) continue; /* the same line makes the same moves */
            make_program(&d, m.type);
        }
    }
    CU_ASSERT_EQUAL(directories, 62);
    CU_ASSERT_EQUAL(instances, 11136);
    CU_ASSERT_EQUAL(line_count, 888 + 1); /* 890 variants, of which two differ by their printed positions alone; and CONTRL */
}

/* Whether the hashed lists say what the lines say: every code that any directory has, in directories of all eras. */
static void code_lists_say_what_the_lines_say(void)
{
    static const char *const eras[] = { "D93A", "D94A", "D96B", "D99B", "D01B", "D06A", "D13B", "D24A" };
    dgm_slice text = dgm_edi_linked(DGM_EDI_CODES);
    for (size_t i = 0; i < sizeof eras / sizeof eras[0]; i++) {
        dgm_edi_directory d;
        CU_ASSERT_FATAL(dgm_edi_directory_open(dgm_slice_of(eras[i]), &d));
        dgm_edi_line line;
        size_t wrong = 0, listed = 0, counted = 0;
        dgm_slice element = { 0 };
        dgm_edi_code_list l = { 0 };
        for (size_t at = 0; dgm_edi_line_at(text, at, &line, &at);) {
            dgm_cut key = dgm_slice_cut(line.key, ' ');
            if (key.head.at[0] == '0') continue; /* service: another test */
            if (!dgm_slice_equal(key.head, element)) {
                dgm_slice code, name;
                element = key.head;
                dgm_edi_code_list_open(&d, element, &l);
                for (size_t cursor = 0; dgm_edi_code_list_each(&l, &cursor, &code, &name);) counted++;
            }
            bool holds = dgm_edi_where_holds(line.where, &d);
            if (holds)
                wrong += !dgm_edi_code_list_has(&l, key.tail) || !dgm_slice_equal(dgm_edi_code_list_name(&l, key.tail), line.rest);
            dgm_edi_line other;
            if (!holds) wrong += dgm_edi_code_list_has(&l, key.tail) != dgm_edi_line_find(&d, DGM_EDI_CODES, line.key, &other);
            listed += holds;
        }
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT_EQUAL(listed, counted);
        CU_ASSERT(i ? listed > 4000 : listed == 0);
    }
}

static void code_lists(void)
{
    dgm_edi_directory d = d96b(), d93a, none = { .number = 0 }, four = { .syntax4 = true };
    dgm_edi_code_list l;
    CU_ASSERT_FATAL(dgm_edi_code_list_open(&d, DGM_LITERAL("1001"), &l));
    CU_ASSERT(dgm_edi_code_list_has(&l, DGM_LITERAL("380")));
    TEST_TEXT(dgm_edi_code_list_name(&l, DGM_LITERAL("380")), "Commercial invoice");
    CU_ASSERT_FALSE(dgm_edi_code_list_has(&l, DGM_LITERAL("9999")));
    CU_ASSERT_FALSE(dgm_edi_code_list_has(&l, DGM_LITERAL("3800")));
    CU_ASSERT_FALSE(dgm_edi_code_list_has(&l, DGM_LITERAL("380 ")));
    CU_ASSERT_FALSE(dgm_edi_code_list_has(&l, (dgm_slice){ "380\0", 4 }));
    CU_ASSERT_FALSE(dgm_edi_code_list_has(&l, (dgm_slice){ 0 }));
    CU_ASSERT_FALSE(dgm_edi_code_list_has(&l, DGM_LITERAL("380380380380380380380")));
    CU_ASSERT_FALSE(dgm_edi_code_list_open(&d, DGM_LITERAL("1004"), &l)); /* not coded */
    CU_ASSERT_FALSE(dgm_edi_code_list_has(&l, DGM_LITERAL("380")));
    CU_ASSERT_FALSE(dgm_edi_code_list_open(&d, DGM_LITERAL("123456789"), &l));
    CU_ASSERT_FALSE(dgm_edi_code_list_open(&d, (dgm_slice){ 0 }, &l));
    CU_ASSERT_FATAL(dgm_edi_directory_open(DGM_LITERAL("D93A"), &d93a));
    CU_ASSERT_FALSE(dgm_edi_code_list_open(&d93a, DGM_LITERAL("1001"), &l)); /* its lists were not printed with it */
    CU_ASSERT_FATAL(dgm_edi_code_list_open(&none, DGM_LITERAL("0001"), &l));
    CU_ASSERT(dgm_edi_code_list_has(&l, DGM_LITERAL("UNOF")) && !dgm_edi_code_list_has(&l, DGM_LITERAL("UNOY")));
    CU_ASSERT_FATAL(dgm_edi_code_list_open(&four, DGM_LITERAL("0001"), &l));
    CU_ASSERT(dgm_edi_code_list_has(&l, DGM_LITERAL("UNOF")) && dgm_edi_code_list_has(&l, DGM_LITERAL("UNOY")));
    CU_ASSERT_FATAL(dgm_edi_code_list_open(&none, DGM_LITERAL("0503"), &l)); /* of version 4 alone */
    CU_ASSERT(dgm_edi_code_list_has(&l, DGM_LITERAL("1")));
    TEST_TEXT(dgm_edi_code_latest(DGM_LITERAL("1001"), DGM_LITERAL("380")), "Commercial invoice");
    TEST_TEXT(dgm_edi_code_latest(DGM_LITERAL("0007"), DGM_LITERAL("14")), "GS1");
    CU_ASSERT_EQUAL(dgm_edi_code_latest(DGM_LITERAL("1001"), DGM_LITERAL("no")).len, 0);
    CU_ASSERT_EQUAL(dgm_edi_code_latest(DGM_LITERAL("1004"), DGM_LITERAL("1")).len, 0);
}

/* Ids come in the order of their bytes, each once. */
static void ids_in_order(void)
{
    dgm_edi_directory d = d96b();
    size_t n[DGM_EDI_TABLES] = { 0 };
    for (int t = 0; t < DGM_EDI_TABLES; t++) {
        dgm_slice id, before = { 0 };
        for (size_t cursor = 0; dgm_edi_id_each(&d, (dgm_edi_table)t, &cursor, &id); before = id, n[t]++)
            CU_ASSERT(dgm_slice_compare(before, id) < 0);
    }
    CU_ASSERT_EQUAL(n[DGM_EDI_MESSAGES], 136 + 1);    /* with CONTRL */
    CU_ASSERT_EQUAL(n[DGM_EDI_SEGMENTS], 136 + 12);   /* with UNB UNG UNH UNS UNT UNE UNZ UCI UCF UCM UCS UCD */
    CU_ASSERT_EQUAL(n[DGM_EDI_COMPOSITES], 174 + 11); /* with S001 to S011 */
    CU_ASSERT_EQUAL(n[DGM_EDI_NAMES], 136 + 12 + 174 + 11);
}

static void service_directories(void)
{
    dgm_edi_directory v3 = { .number = 0 }, v4 = { .syntax4 = true };
    dgm_edi_list l;
    dgm_edi_element e;
    dgm_edi_message m;
    CU_ASSERT(dgm_edi_segment_find(&v3, DGM_LITERAL("UCM"), &l));
    TEST_TEXT(l.items, "0062:an..14 S009 0083:an..3 0085:an..3? 0013:a3? S011?");
    CU_ASSERT(dgm_edi_segment_find(&v4, DGM_LITERAL("UCM"), &l));
    TEST_TEXT(l.items, "0062:an..14? S009? 0083:an..3 0085:an..3? 0135:an..3? S011? 0800:an..35? S020?99 0534:an..14? 0138:n..6?");
    CU_ASSERT(dgm_edi_segment_find(&v4, DGM_LITERAL("UNH"), &l));
    TEST_TEXT(l.items, "0062:an..14 S009 0068:an..35? S010? S016? S017? S018?");
    CU_ASSERT(dgm_edi_segment_find(&v3, DGM_LITERAL("UNH"), &l));
    TEST_TEXT(l.items, "0062:an..14 S009 0068:an..35? S010?");
    CU_ASSERT(dgm_edi_segment_find(&v3, DGM_LITERAL("USH"), &l)); /* only version 4 has it: found in any */
    CU_ASSERT(dgm_edi_segment_find(&v4, DGM_LITERAL("USH"), &l));
    CU_ASSERT(dgm_edi_element_find(&v4, DGM_LITERAL("0017"), &e));
    TEST_TEXT(e.repr_text, "n8");
    CU_ASSERT(dgm_edi_element_find(&v3, DGM_LITERAL("0017"), &e));
    TEST_TEXT(e.repr_text, "n6");
    CU_ASSERT(dgm_edi_message_find(&v3, DGM_LITERAL("CONTRL"), &m));
    TEST_TEXT(m.structure, "UNH UCI (UCM (UCS UCD?99)?999)?999999 (UCF (UCM (UCS UCD?99)?999)?999999)?999999 UNT");
    CU_ASSERT_FATAL(dgm_edi_message_find(&v4, DGM_LITERAL("AUTACK"), &m));
    TEST_TEXT(m.structure, "UNH (USH USA?3 (USC USA?3 USR?)?2)!99 USB (USX USY!9)!9999 (UST USR?)!99 UNT");
    make_program(&v4, DGM_LITERAL("AUTACK"));
    make_program(&v4, DGM_LITERAL("KEYMAN"));
    make_program(&v4, DGM_LITERAL("CONTRL"));
    make_program(&v3, DGM_LITERAL("CONTRL"));
    TEST_TEXT(dgm_edi_code_name(&v4, DGM_LITERAL("0085"), DGM_LITERAL("35")), "Too many data element or segment repetitions");
    TEST_TEXT(dgm_edi_code_name(&v3, DGM_LITERAL("0085"), DGM_LITERAL("13")), "Missing");
    TEST_TEXT(dgm_edi_code_name(&v3, DGM_LITERAL("0085"), DGM_LITERAL("35")), "Too many segment repetitions");
    size_t n = 0, cursor = 0;
    dgm_slice code, name;
    while (dgm_edi_code_each(&v3, DGM_LITERAL("0001"), &cursor, &code, &name)) n++;
    CU_ASSERT_EQUAL(n, 6); /* UNOA to UNOF */
    for (n = cursor = 0; dgm_edi_code_each(&v4, DGM_LITERAL("0001"), &cursor, &code, &name);) n++;
    CU_ASSERT_EQUAL(n, 15); /* UNOA to UNOL, UNOW to UNOY */
    for (n = cursor = 0; dgm_edi_code_each(&v3, DGM_LITERAL("0503"), &cursor, &code, &name);) n++;
    CU_ASSERT_EQUAL(n, 2); /* an element of version 4 alone: its codes */
}

static void expect_slot(const dgm_shape *s, const char *path, uint32_t min, uint32_t max, dgm_type type, uint16_t element,
                        uint16_t component)
{
    dgm_slice bad = { 0 };
    uint32_t id = dgm_shape_find(s, dgm_slice_of(path), &bad);
    if (id == DGM_SLOT_NONE) fprintf(stderr, "no slot %s (%.*s)\n", path, (int)bad.len, bad.at);
    CU_ASSERT_FATAL(id != DGM_SLOT_NONE);
    const dgm_slot *slot = dgm_shape_slot(s, id);
    bool good =
        slot->min == min && slot->max == max && slot->type == type && slot->element == element && slot->component == component;
    if (!good)
        fprintf(stderr, "%s: %u..%u type %d at %u.%u\n", path, slot->min, slot->max, (int)slot->type, slot->element,
                slot->component);
    CU_ASSERT(good);
}

static void shape_of_cusdec(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_shape *s = NULL;
    CU_ASSERT_FATAL(edi_cusdec_shape(&mem, &s) == DGM_OK);
    expect_slot(s, "UNH", 1, 1, DGM_TYPE_NONE, 0, 0);
    expect_slot(s, "BGM", 1, 1, DGM_TYPE_NONE, 0, 0);
    expect_slot(s, "BGM/C002/1001", 0, 1, DGM_TYPE_CODE, 1, 1);
    expect_slot(s, "UNS", 1, 1, DGM_TYPE_NONE, 0, 0);
    expect_slot(s, "SG30", 0, 9999, DGM_TYPE_NONE, 0, 0);
    expect_slot(s, "Item/CST/1496", 0, 1, DGM_TYPE_NUMBER, 1, 0);
    expect_slot(s, "SG30/CST/C246#5/7361", 1, 1, DGM_TYPE_TEXT, 6, 1);
    expect_slot(s, "SG30/SG33/MOA", 1, 1, DGM_TYPE_AMOUNT, 0, 0);
    expect_slot(s, "SG30/SG33/MOA/C516", 1, 1, DGM_TYPE_AMOUNT, 1, 0);
    expect_slot(s, "DTM/C507", 1, 1, DGM_TYPE_DATE, 1, 0);
    expect_slot(s, "Party/NAD/C082/3039", 1, 1, DGM_TYPE_ID, 2, 1);
    const dgm_slot *moa = dgm_shape_slot(s, dgm_shape_find(s, DGM_LITERAL("SG30/SG33/MOA/C516"), NULL));
    TEST_TEXT(dgm_shape_slot(s, moa->part_value)->name, "5004");
    TEST_TEXT(dgm_shape_slot(s, moa->part_code)->name, "6345");
    const dgm_slot *dtm = dgm_shape_slot(s, dgm_shape_find(s, DGM_LITERAL("DTM"), NULL));
    TEST_TEXT(dgm_shape_slot(s, dtm->part_value)->name, "2380");
    TEST_TEXT(dgm_shape_slot(s, dtm->part_code)->name, "2379");
    const dgm_slot *mea = dgm_shape_slot(s, dgm_shape_find(s, DGM_LITERAL("MEA/C174"), NULL));
    TEST_TEXT(dgm_shape_slot(s, mea->part_value)->name, "6314");
    TEST_TEXT(dgm_shape_slot(s, mea->part_code)->name, "6411");
    dgm_shape_free(s);
}

static void expect_refused(dgm_format f, dgm_diag_code code)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    dgm_shape *s = NULL;
    CU_ASSERT_FATAL(dgm_diags_new(&mem, 10, &diags) == DGM_OK);
    dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, NULL, 0);
    CU_ASSERT_EQUAL(dgm_codec_edifact.shape(&host, &f, &s), DGM_CONFIG);
    CU_ASSERT_FATAL(dgm_diags_count(diags) == 1);
    CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->code, code);
    dgm_diags_free(diags);
}

static void formats_that_are_wrong(void)
{
    dgm_setting none[] = { { DGM_LITERAL("release"), DGM_LITERAL("96B") } };
    dgm_setting year[] = { { DGM_LITERAL("message"), DGM_LITERAL("CUSDEC") }, { DGM_LITERAL("release"), DGM_LITERAL("92A") } };
    dgm_setting type[] = { { DGM_LITERAL("message"), DGM_LITERAL("CUSDEK") }, { DGM_LITERAL("release"), DGM_LITERAL("96B") } };
    dgm_format_alias alias = { DGM_LITERAL("Item"), DGM_LITERAL("SG99") };
    expect_refused((dgm_format){ .settings = none, .setting_count = 1 }, DGM_D_EDI_FORMAT_SETTING);
    expect_refused((dgm_format){ .settings = year, .setting_count = 2 }, DGM_D_EDI_FORMAT_DIRECTORY);
    expect_refused((dgm_format){ .settings = type, .setting_count = 2 }, DGM_D_EDI_FORMAT_MESSAGE);
    dgm_format named = edi_cusdec(NULL);
    named.aliases = &alias;
    named.alias_count = 1;
    expect_refused(named, DGM_D_EDI_FORMAT_NAME);
}

static void scans_agree(void)
{
    test_random random = { 7 };
    char bytes[DGM_EDI_BLOCK * 4];
    dgm_edi_bits wanted[4], got[4];
    for (int round = 0; round < 3000; round++) {
        char service[4];
        dgm_edi_alphabet a;
        for (size_t i = 0; i < 4; i++) service[i] = (char)test_random_below(&random, 256);
        for (size_t i = 0; i < 4; i++)
            for (size_t k = 0; k < i; k++)
                if (service[k] == service[i]) memcpy(service, ":+?'", 4);
        dgm_edi_alphabet_make(&a, round % 2 ? service : ":+?'", round % 3 != 0, (dgm_edi_repertoire)(round % 3));
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = test_random_below(&random, 3) ? (char)test_random_below(&random, 256)
                                                     : (round % 2 ? service : ":+?'")[test_random_below(&random, 4)];
        dgm_edi_scan_plain(bytes, 4, &a, wanted);
        dgm_edi_scan *scan;
        for (size_t i = 1; (scan = dgm_edi_scan_at(i, NULL)) != NULL; i++) {
            scan(bytes, 4, &a, got);
            CU_ASSERT(memcmp(got, wanted, sizeof got) == 0);
        }
        for (size_t i = 0; i < sizeof bytes; i++) {
            unsigned char c = (unsigned char)bytes[i];
            CU_ASSERT_EQUAL(wanted[i / 64].high >> i % 64 & 1, c >> 7);
            CU_ASSERT_EQUAL(wanted[i / 64].terminator >> i % 64 & 1, c == a.terminator);
        }
    }
}

static void references_are_remembered(void)
{
    static dgm_edi_references s;
    dgm_mem mem = dgm_mem_default();
    char text[16];
    for (int i = 100; i < 5000; i++) {
        int n = snprintf(text, sizeof text, "%d", i);
        CU_ASSERT_EQUAL(dgm_edi_references_add(&s, &mem, (dgm_slice){ text, (size_t)n }), DGM_OK);
    }
    CU_ASSERT_PTR_NULL(s.hashes); /* running numbers cost nothing */
    CU_ASSERT_EQUAL(dgm_edi_references_add(&s, &mem, DGM_LITERAL("4711")), DGM_INVALID);
    CU_ASSERT_EQUAL(dgm_edi_references_add(&s, &mem, DGM_LITERAL("04711")), DGM_OK);
    CU_ASSERT_EQUAL(dgm_edi_references_add(&s, &mem, DGM_LITERAL("A1")), DGM_OK);
    CU_ASSERT_EQUAL(dgm_edi_references_add(&s, &mem, DGM_LITERAL("A1")), DGM_INVALID);
    dgm_status st = DGM_OK;
    uint32_t added = 0;
    for (; st == DGM_OK && added < 2 * DGM_EDI_HASHES_MAX; added++) {
        int n = snprintf(text, sizeof text, "B%u", added);
        st = dgm_edi_references_add(&s, &mem, (dgm_slice){ text, (size_t)n });
    }
    CU_ASSERT_EQUAL(st, DGM_LIMIT);
    CU_ASSERT(added > 100000);
    CU_ASSERT_EQUAL(dgm_edi_references_add(&s, &mem, DGM_LITERAL("A1")), DGM_OK); /* told once, silent afterwards */
    dgm_edi_references_clear(&s, &mem, false);
    CU_ASSERT_EQUAL(dgm_edi_references_add(&s, &mem, DGM_LITERAL("A1")), DGM_OK);
    dgm_edi_references_clear(&s, &mem, false);
}

/* ISO 9735 version 4 (part 10): S004 has a year of four digits, 0051 three characters, UNH what was added; what only version 4 has
 * is found either way. */
static void service_segments_of_version_4(void)
{
    dgm_edi_directory three = d96b(), four = three;
    dgm_edi_element e;
    dgm_edi_list list;
    four.syntax4 = true;
    CU_ASSERT(dgm_edi_element_find(&three, DGM_LITERAL("0017"), &e));
    TEST_TEXT(e.repr_text, "n6");
    CU_ASSERT(dgm_edi_element_find(&four, DGM_LITERAL("0017"), &e));
    TEST_TEXT(e.repr_text, "n8");
    CU_ASSERT(dgm_edi_composite_find(&three, DGM_LITERAL("S009"), &list));
    TEST_TEXT(list.items, "0065:an..6 0052:an..3 0054:an..3 0051:an..2 0057:an..6?");
    CU_ASSERT(dgm_edi_composite_find(&four, DGM_LITERAL("S009"), &list));
    TEST_TEXT(list.items, "0065:an..6 0052:an..3 0054:an..3 0051:an..3 0057:an..6? 0110:an..6? 0113:an..6?");
    CU_ASSERT(dgm_edi_segment_find(&three, DGM_LITERAL("UNH"), &list));
    TEST_TEXT(list.items, "0062:an..14 S009 0068:an..35? S010?");
    CU_ASSERT(dgm_edi_segment_find(&four, DGM_LITERAL("UNH"), &list));
    TEST_TEXT(list.items, "0062:an..14 S009 0068:an..35? S010? S016? S017? S018?");
    CU_ASSERT(dgm_edi_segment_find(&three, DGM_LITERAL("UST"), &list));
    TEST_TEXT(list.items, "0534:an..14 0588:n..10");
    CU_ASSERT(dgm_edi_segment_find(&four, DGM_LITERAL("CST"), &list));
    TEST_TEXT(list.items, "1496:n..5? C246? C246? C246? C246? C246?");
}

/* A code that version 4 words anew is told once: 0031 has two codes there, one in versions 1 to 3. */
static void codes_of_version_4_once(void)
{
    dgm_edi_directory d = { .syntax4 = true };
    dgm_slice code, name;
    size_t cursor = 0, n = 0;
    while (dgm_edi_code_each(&d, DGM_LITERAL("0031"), &cursor, &code, &name)) {
        if (n++ == 0) TEST_TEXT(name, "Acknowledgement requested");
    }
    CU_ASSERT_EQUAL(n, 2);
}

int main(void)
{
    static const test_case cases[] = {
        { "directories are found", directories_are_found },
        { "elements, segments, codes", elements_segments_codes },
        { "each directory is whole", each_directory_is_whole },
        { "service directories", service_directories },
        { "code lists say what the lines say", code_lists_say_what_the_lines_say },
        { "code lists", code_lists },
        { "ids in order", ids_in_order },
        { "shape of CUSDEC", shape_of_cusdec },
        { "formats that are wrong", formats_that_are_wrong },
        { "scans agree", scans_agree },
        { "references are remembered", references_are_remembered },
        { "service segments of version 4", service_segments_of_version_4 },
        { "codes of version 4 once", codes_of_version_4_once },
        { 0 },
    };
    return test_main("edifact directory", cases);
}
