/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_codes.c - whatever bytes: a code table, and behind bytes of their own the tables it extends, is loaded or refused with its
 * mistakes named; every two-way line of one that is loaded comes back, its further columns asked for or not. One thread.
 */
#include "conformance-tests/support/fuzz_kit.h"
#include "mapping/internal.h"

enum { BETWEEN = 0x1C, LINES_LOOKED_AT = 1000 };

/* The table called `name`: "t" is the first, "t1" the one behind it. */
static dgm_status file(void *ctx, const char *kind, dgm_slice name, dgm_slice *bytes, dgm_slice *path)
{
    (void)kind;
    uint32_t wanted = 0;
    if (name.len == 2 && name.at[1] >= '1' && name.at[1] <= '9') wanted = (uint32_t)(name.at[1] - '0');
    if (name.len < 1 || name.len > 2 || name.at[0] != 't' || (name.len == 2 && !wanted)) return DGM_UNKNOWN;
    dgm_cut table = dgm_slice_cut(*(const dgm_slice *)ctx, BETWEEN);
    for (; wanted && table.found; wanted--) table = dgm_slice_cut(table.tail, BETWEEN);
    if (wanted) return DGM_UNKNOWN;
    *bytes = table.head;
    *path = name;
    return DGM_OK;
}

/* The further columns of the table: those behind the second of its head. */
static uint32_t further(dgm_slice table, dgm_slice by[MAP_BY_MAX])
{
    dgm_cut line = { .tail = table, .found = true };
    uint32_t n = 0;
    do line = dgm_slice_cut(line.tail, '\n');
    while (line.found && (!line.head.len || line.head.at[0] == '#' || line.head.at[0] == '\r'));
    dgm_cut column = { .tail = line.head, .found = true };
    for (uint32_t i = 0; column.found && n < MAP_BY_MAX; i++) {
        column = dgm_slice_cut(column.tail, '\t');
        if (i > 1) by[n++] = dgm_slice_trim(column.head);
    }
    return n;
}

/* A line of the table as whoever writes and reads goes over it. */
static void there_and_back(const map_codes *t, const map_code_cell *c)
{
    static const dgm_slice none[MAP_BY_MAX];
    const dgm_slice *by = c->by ? c->by : none;
    dgm_slice wire, model;
    if (c->alias || dgm_slice_is(c->key, "*") || !dgm_map_code_by(t, DGM_WRITE, by, c->key, &wire)) return;
    if (t->by_count && !c->wild && !dgm_slice_equal(wire, c->value)) fuzz_must(false, "the line that says most holds");
    bool known = dgm_map_code_by(t, DGM_READ, by, wire, &model);
    if (dgm_slice_equal(wire, c->value) && known) fuzz_must(dgm_slice_equal(model, c->key), "a code comes back");
}

static void look_at(const map_codes *t)
{
    dgm_slice out;
    for (int d = 0; d < 2; d++) {
        const map_code_way *w = &t->way[d];
        for (uint32_t i = 0; i < w->count && i < LINES_LOOKED_AT; i++) {
            const map_code_cell *c = &w->cells[i];
            if (!t->by_count) {
                fuzz_must(dgm_map_code(t, (dgm_direction)d, c->key, &out), "a code that stands in the table is known");
                fuzz_must(dgm_slice_equal(out, c->value), "and is what its line says");
            }
            if (d == DGM_WRITE) there_and_back(t, c);
            (void)dgm_map_code_nearest(t, (dgm_direction)d, c->value);
        }
    }
}

static void load(dgm_slice input, bool by)
{
    dgm_arena arena;
    dgm_diags *diags;
    dgm_arena_init(&arena, fuzz_memory());
    fuzz_must(dgm_diags_new(fuzz_memory(), 100, &diags) == DGM_OK, "memory");
    dgm_mapping m = { .file_count = 0 };
    const dgm_mapping_env env = { .mem = *fuzz_memory(), .ctx = &input, .file = file };
    map_loader l = { .m = &m, .env = &env, .arena = &arena, .diags = diags };
    map_table_wanted wanted = { .name = DGM_LITERAL("t") };
    if (by) wanted.by_count = further(dgm_slice_cut(input, BETWEEN).head, wanted.by);
    map_codes *t = dgm_map_codes_by(&l, &wanted);
    fuzz_must((t != NULL) == (dgm_diags_errors(diags) == 0), "a table is loaded or refused with a reason");
    if (t) look_at(t);
    dgm_diags_free(diags);
    dgm_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const dgm_slice input = { (const char *)data, size };
    const long long before = fuzz_live;
    load(input, false);
    load(input, true);
    fuzz_must(fuzz_live == before, "all memory is given back");
    return 0;
}
