/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_structure.c - every message of several directories: the smallest message that its structure allows is accepted, and
 * when any one of its segments is left out, that one is told to be missing, where it is missing, and nothing is blamed on its
 * neighbours. One thread.
 */
#include "codecs/edifact/directory.h"
#include "edifact_tests.h"

#define PARTS_MAX 4096u
#define HEAD      "UNB+UNOC:3+S+R+961120:1023+1'"

typedef struct made {
    char text[64 * 1024];
    size_t len, starts[512]; /* of each segment, UNH first */
    char tags[512][4];
    uint32_t count;
} made;

typedef struct outline {
    dgm_edi_part parts[PARTS_MAX];
    uint32_t close[PARTS_MAX]; /* of an opening part: that which closes it */
    uint32_t count;
} outline;

static outline parts;
static made whole, cut;

static bool read_parts(dgm_slice structure)
{
    uint32_t open[64], depth = 0;
    for (parts.count = 0; parts.count < PARTS_MAX && dgm_edi_part_next(&structure, &parts.parts[parts.count]); parts.count++) {
        if (parts.parts[parts.count].kind == DGM_EDI_PART_OPEN) open[depth++] = parts.count;
        if (parts.parts[parts.count].kind == DGM_EDI_PART_CLOSE) parts.close[open[--depth]] = parts.count;
    }
    return depth == 0 && parts.count < PARTS_MAX;
}

static void put(made *m, const char *text, size_t n)
{
    CU_ASSERT_FATAL(m->len + n < sizeof m->text);
    memcpy(m->text + m->len, text, n);
    m->len += n;
}

/* The smallest value: a code of its list where there is one, else as few characters as may be. */
static void put_value(made *m, const dgm_edi_directory *d, const dgm_edi_item *item)
{
    dgm_slice code = { 0 }, name;
    size_t cursor = 0;
    if (dgm_edi_code_each(d, item->id, &cursor, &code, &name)) {
        put(m, code.at, code.len);
        return;
    }
    uint32_t n = item->repr.length_min ? item->repr.length_min : 1;
    for (uint32_t i = 0; i < n; i++) put(m, item->repr.class[0] == 'n' ? "1" : "X", 1);
}

static void put_item(made *m, const dgm_edi_directory *d, const dgm_edi_item *item)
{
    dgm_edi_list composite;
    dgm_edi_item part;
    size_t start = m->len, end = m->len;
    if (item->repr_text.len || !dgm_edi_composite_find(d, item->id, &composite)) {
        put_value(m, d, item);
        return;
    }
    dgm_slice items = composite.items;
    for (uint32_t i = 0; dgm_edi_item_next(&items, &part); i++) {
        if (i) put(m, ":", 1);
        if (part.mandatory) put_value(m, d, &part), end = m->len;
    }
    m->len = end;
    items = composite.items;
    if (end == start && dgm_edi_item_next(&items, &part)) put_value(m, d, &part);
}

static void put_segment(made *m, const dgm_edi_directory *d, dgm_slice tag, const char *elements)
{
    dgm_edi_list segment;
    dgm_edi_item item;
    CU_ASSERT_FATAL(m->count < 512);
    m->starts[m->count] = m->len;
    memcpy(m->tags[m->count++], tag.at, 3);
    put(m, tag.at, 3);
    if (elements) put(m, elements, strlen(elements));
    size_t end = m->len;
    if (!elements && dgm_edi_segment_find(d, tag, &segment))
        while (dgm_edi_item_next(&segment.items, &item)) {
            put(m, "+", 1);
            size_t before = m->len;
            if (item.mandatory) put_item(m, d, &item);
            if (m->len > before) end = m->len;
        }
    m->len = end;
    put(m, "'", 1);
}

/* The message without its segment number `without` (0: with all); the counts are right. */
static void make(made *m, const dgm_edi_directory *d, dgm_slice type, uint32_t without)
{
    char text[64];
    uint32_t sections = 0, seen = 0, number = 0;
    m->len = m->count = 0;
    memset(m->tags, 0, sizeof m->tags);
    put(m, HEAD, strlen(HEAD));
    for (uint32_t i = 0; i < parts.count; i++) sections += dgm_slice_is(parts.parts[i].tag, "UNS");
    for (uint32_t i = 0; i < parts.count; i++) {
        const dgm_edi_part *p = &parts.parts[i];
        if (p->kind == DGM_EDI_PART_OPEN && !parts.parts[parts.close[i]].mandatory) i = parts.close[i];
        if (p->kind != DGM_EDI_PART_SEGMENT || !p->mandatory) continue;
        const char *elements = NULL;
        if (dgm_slice_is(p->tag, "UNH"))
            snprintf(text, sizeof text, "+1+%.*s:D:%.3s:UN", (int)type.len, type.at, d->name + 2), elements = text;
        if (dgm_slice_is(p->tag, "UNT")) snprintf(text, sizeof text, "+%u+1", m->count + 1), elements = text;
        if (dgm_slice_is(p->tag, "UNS")) elements = sections == 2 && seen++ == 0 ? "+D" : "+S";
        if (number++ == without && without) continue;
        put_segment(m, d, p->tag, elements);
    }
    put(m, "UNZ+1+1'", 8);
}

static dgm_diags *read_all(dgm_slice input, const char *level)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    dgm_reader *reader = NULL;
    dgm_message m;
    dgm_setting setting = { DGM_LITERAL("level"), dgm_slice_of(level) };
    CU_ASSERT_FATAL(dgm_diags_new(&mem, 100, &diags) == DGM_OK);
    dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, NULL, 0);
    CU_ASSERT_FATAL(k->open_whole(&host, &setting, 1, input, &reader) == DGM_OK);
    while (k->next(reader, &m) == DGM_OK) {
        CU_ASSERT(m.tree && dgm_tree_sound(m.tree));
        k->recycle(reader, &m);
    }
    k->close(reader);
    return diags;
}

static void show(const char *what, const made *m, const dgm_diags *diags)
{
    fprintf(stderr, "%s: %.*s\n", what, (int)m->len, m->text);
    for (size_t i = 0; i < dgm_diags_count(diags); i++) {
        const dgm_diag *x = dgm_diags_at(diags, i);
        fprintf(stderr, "  %s at %llu %.*s\n", dgm_diag_name(x->code), (unsigned long long)x->at_byte, (int)x->path.len,
                x->path.at ? x->path.at : "");
    }
}

/* Is the one diagnostic there that segment `without` is missing behind the one before it? Where a later segment of the same tag
 * takes its place, the diagnostic comes further on, or there is none: *moved. */
static bool told_missing(const dgm_diags *diags, const made *m, uint32_t without, bool *moved)
{
    const dgm_diag *d = dgm_diags_count(diags) ? dgm_diags_at(diags, 0) : NULL;
    bool missing = d && (d->code == DGM_D_EDI_SEGMENT_MISSING || d->code == DGM_D_EDI_GROUP_MISSING);
    *moved = false;
    for (uint32_t i = 1; i < whole.count; i++) *moved |= i != without && memcmp(whole.tags[i], whole.tags[without], 3) == 0;
    return missing && dgm_diags_count(diags) == 1 && d->at_byte == m->starts[without];
}

static void check_directory(const char *name, uint32_t *messages, uint32_t *cuts, uint32_t *others)
{
    dgm_edi_directory d;
    dgm_edi_message message;
    CU_ASSERT_FATAL(dgm_edi_directory_open(dgm_slice_of(name), &d));
    for (size_t cursor = 0; dgm_edi_message_each(&d, &cursor, &message);) {
        CU_ASSERT_FATAL(read_parts(message.structure));
        make(&whole, &d, message.type, 0);
        dgm_diags *diags = read_all((dgm_slice){ whole.text, whole.len }, "codes");
        if (dgm_diags_count(diags)) show("refused", &whole, diags);
        CU_ASSERT_EQUAL(dgm_diags_count(diags), 0);
        dgm_diags_free(diags);
        ++*messages;
        for (uint32_t i = 1; i + 1 < whole.count; i++) {
            bool moved;
            make(&cut, &d, message.type, i);
            diags = read_all((dgm_slice){ cut.text, cut.len }, "directory");
            bool good = told_missing(diags, &cut, i, &moved);
            ++*cuts;
            if (!good) ++*others;
            if (dgm_diags_errors(diags) == 0 && !moved) show(whole.tags[i], &cut, diags);
            CU_ASSERT(dgm_diags_errors(diags) > 0 || moved);
            dgm_diags_free(diags);
        }
    }
}

static void what_is_left_out_is_missing_there(void)
{
    static const char *const names[] = { "D.93A", "D.96B", "D.01B", "D.10A", "D.24A" };
    uint32_t messages = 0, cuts = 0, others = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) check_directory(names[i], &messages, &cuts, &others);
    printf("%u messages, %u segments left out, %u of them not told there and alone\n", messages, cuts, others);
    CU_ASSERT(messages > 500 && cuts > 3000 && others * 15 < cuts);
}

int main(void)
{
    static const test_case cases[] = {
        { "what is left out is missing there", what_is_left_out_is_missing_there },
        { 0 },
    };
    return test_main("edifact structure", cases);
}
