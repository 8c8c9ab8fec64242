/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_mapping.c - whatever bytes: a mapping file is loaded or refused with its mistakes named; one that is loaded runs both ways
 * over a small message, and what it makes is a sound tree. One thread.
 */
#include "mapping/mapping.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_hold(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "must hold: %s\n", what);
    abort();
}
#define must(holds) must_hold((holds), #holds)

typedef struct row {
    const char *name;
    int depth;
    dgm_kind kind;
    dgm_type type;
    uint32_t max;
} row;

static const row wire_rows[] = {
    { "BGM", 0, DGM_SEGMENT, DGM_TYPE_NONE, 1 },    { "C106", 1, DGM_COMPOSITE, DGM_TYPE_NONE, 1 },
    { "1004", 2, DGM_ELEMENT, DGM_TYPE_TEXT, 1 },   { "1225", 1, DGM_ELEMENT, DGM_TYPE_CODE, 1 },
    { "DTM", 0, DGM_SEGMENT, DGM_TYPE_NONE, 9 },    { "C507", 1, DGM_COMPOSITE, DGM_TYPE_DATE, 1 },
    { "2005", 2, DGM_ELEMENT, DGM_TYPE_CODE, 1 },   { "2380", 2, DGM_ELEMENT, DGM_TYPE_TEXT, 1 },
    { "2379", 2, DGM_ELEMENT, DGM_TYPE_CODE, 1 },   { "SG1", 0, DGM_GROUP, DGM_TYPE_NONE, 99 },
    { "CST", 1, DGM_SEGMENT, DGM_TYPE_NONE, 1 },    { "1496", 2, DGM_ELEMENT, DGM_TYPE_NUMBER, 1 },
    { "C246", 2, DGM_COMPOSITE, DGM_TYPE_NONE, 1 }, { "7361", 3, DGM_ELEMENT, DGM_TYPE_TEXT, 1 },
    { "C246", 2, DGM_COMPOSITE, DGM_TYPE_NONE, 1 }, { "7361", 3, DGM_ELEMENT, DGM_TYPE_TEXT, 1 },
    { "FTX", 1, DGM_SEGMENT, DGM_TYPE_NONE, 9 },    { "4451", 2, DGM_ELEMENT, DGM_TYPE_CODE, 1 },
    { "4440", 2, DGM_ELEMENT, DGM_TYPE_TEXT, 1 },   { "4440", 2, DGM_ELEMENT, DGM_TYPE_TEXT, 1 },
};
static const row model_rows[] = {
    { "ID", 0, DGM_ELEMENT, DGM_TYPE_ID, 1 },
    { "TypeCode", 0, DGM_ELEMENT, DGM_TYPE_CODE, 1 },
    { "IssueDateTime", 0, DGM_ELEMENT, DGM_TYPE_DATE, 1 },
    { "Total", 0, DGM_ELEMENT, DGM_TYPE_NUMBER, 1 },
    { "CST", 0, DGM_GROUP, DGM_TYPE_NONE, 9 },
    { "1496", 1, DGM_ELEMENT, DGM_TYPE_NUMBER, 1 },
    { "Item", 0, DGM_GROUP, DGM_TYPE_NONE, 999 },
    { "Number", 1, DGM_ELEMENT, DGM_TYPE_NUMBER, 1 },
    { "Text", 1, DGM_ELEMENT, DGM_TYPE_TEXT, 1 },
    { "Code", 1, DGM_ELEMENT, DGM_TYPE_CODE, 1 },
};

static dgm_shape *make_shape(const dgm_mem *mem, const char *name, const row *rows, size_t n)
{
    dgm_shape_maker *m;
    dgm_shape *out;
    uint32_t ids[32], open[8];
    must(dgm_shape_begin(mem, dgm_slice_of(name), &m) == DGM_OK);
    dgm_slot s = { .name = dgm_slice_of(name), .min = 1, .max = 1, .part_value = DGM_SLOT_NONE, .part_code = DGM_SLOT_NONE };
    open[0] = dgm_shape_add(m, DGM_SLOT_NONE, &s);
    for (size_t i = 0; i < n; i++) {
        s = (dgm_slot){ .name = dgm_slice_of(rows[i].name),
                        .max = rows[i].max,
                        .kind = rows[i].kind,
                        .type = rows[i].type,
                        .part_value = DGM_SLOT_NONE,
                        .part_code = DGM_SLOT_NONE };
        ids[i] = open[rows[i].depth + 1] = dgm_shape_add(m, open[rows[i].depth], &s);
    }
    for (size_t i = 0; i < n; i++)
        if (rows[i].kind == DGM_COMPOSITE && rows[i].type == DGM_TYPE_DATE) dgm_shape_parts(m, ids[i], ids[i + 2], ids[i + 3]);
    must(dgm_shape_freeze(m, &out) == DGM_OK);
    dgm_shape_maker_free(m);
    return out;
}

typedef struct shapes {
    dgm_shape *side[2];
} shapes;

static const dgm_shape *format(void *ctx, dgm_slice name)
{
    const shapes *s = ctx;
    return dgm_slice_is(name, "w") ? s->side[0] : NULL;
}

static const dgm_shape *model(void *ctx, dgm_slice name)
{
    const shapes *s = ctx;
    return dgm_slice_is(name, "m@1") ? s->side[1] : NULL;
}

static dgm_status file(void *ctx, const char *kind, dgm_slice name, dgm_slice *bytes, dgm_slice *path)
{
    (void)ctx;
    (void)name;
    *path = DGM_LITERAL("t");
    *bytes = kind[0] == 'c' ? DGM_LITERAL("# source: a\n# edition: b\nm\tw\nA\t1\nB\t2\n*\t=\n")
                            : DGM_LITERAL("fragments: {f: [{wire: \"%at/1004\", model: TypeCode}]}\n");
    return DGM_OK;
}

/* One value at each leaf, twice where a place repeats. */
static dgm_tree *fill(const dgm_mem *mem, const dgm_shape *s)
{
    dgm_builder *b;
    dgm_tree *t;
    uint32_t ids[64] = { 0 };
    must(dgm_builder_new(mem, NULL, &b) == DGM_OK && dgm_builder_begin(b, s, false) == DGM_OK);
    for (uint32_t i = 1; i < dgm_shape_count(s) && i < 64; i++) {
        const dgm_slot *slot = dgm_shape_slot(s, i);
        dgm_slice v = slot->type == DGM_TYPE_NUMBER ? DGM_LITERAL("2")
                      : slot->type == DGM_TYPE_DATE ? DGM_LITERAL("2026-11-21")
                                                    : DGM_LITERAL("102");
        for (int twice = 0; twice < (slot->max > 1 ? 2 : 1); twice++)
            ids[i] = dgm_kind_leaf(slot->kind) ? dgm_builder_leaf(b, ids[slot->parent], i, 0, v)
                                               : dgm_builder_open(b, ids[slot->parent], i, 0);
    }
    must(dgm_builder_freeze(b, &t, NULL) == DGM_OK);
    dgm_builder_free(b);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dgm_mem mem = dgm_mem_default();
    shapes s = { { make_shape(&mem, "w", wire_rows, sizeof wire_rows / sizeof *wire_rows),
                   make_shape(&mem, "m@1", model_rows, sizeof model_rows / sizeof *model_rows) } };
    dgm_mapping_env env = { mem, &s, format, model, file, NULL };
    dgm_diags *diags;
    dgm_mapping *m;
    must(dgm_diags_new(&mem, 0, &diags) == DGM_OK);
    dgm_status st = dgm_mapping_load(&env, DGM_LITERAL("f.yaml"), (dgm_slice){ (const char *)data, size }, diags, &m);
    must(st == DGM_OK || st == DGM_CONFIG);
    must((st == DGM_OK) == (dgm_diags_errors(diags) == 0) && (st == DGM_OK) == (m != NULL));
    const bool derives = m && dgm_mapping_derives(m); /* from one model to another: only that way */
    for (int d = 0; m && d < 2 - derives; d++) {
        dgm_tree *in = fill(&mem, s.side[derives ? 1 : d]), *out;
        dgm_runner *r;
        dgm_run_options o = { .accounts = true, .origin = true };
        dgm_diags_clear(diags);
        must(dgm_runner_new(&mem, NULL, &r) == DGM_OK);
        st = dgm_mapping_run(r, m, (dgm_direction)d, in, &o, diags, &out);
        must(st == DGM_OK || st == DGM_INVALID || st == DGM_LIMIT);
        must((st == DGM_OK) == (out != NULL));
        if (out) must(dgm_tree_sound(out) && dgm_diags_errors(diags) == 0);
        if (out) dgm_runner_recycle(r, out);
        dgm_runner_free(r);
        dgm_tree_free(in);
    }
    dgm_mapping_free(m);
    dgm_diags_free(diags);
    dgm_shape_free(s.side[0]);
    dgm_shape_free(s.side[1]);
    return 0;
}
