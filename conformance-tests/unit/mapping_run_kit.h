/* SPDX-License-Identifier: Apache-2.0
 *
 * mapping_run_kit.h - a mapping loaded and run both ways over the shapes of mapping_shapes.h, what is made compared; and mistakes
 * told at load. Header only, for the suites test_mapping_*.c, after mapping_kit.h and mapping_shapes.h.
 */
#ifndef MAPPING_RUN_KIT_H
#define MAPPING_RUN_KIT_H

#include "mapping_kit.h"

/* The message begins with BGM, so something must write it. */
#define TOP HEAD "rules:\n- {wire: BGM/C002/1001, model: TypeCode}\n"

static kit_env env;
static dgm_mem mem;

static inline dgm_mapping *load(const char *yaml)
{
    dgm_diags *diags;
    dgm_mapping *m = NULL;
    dgm_diags_new(&mem, 0, &diags);
    dgm_mapping_env e = kit_environment(&mem, &env);
    dgm_status s = dgm_mapping_load(&e, DGM_LITERAL("m.yaml"), dgm_slice_of(yaml), diags, &m);
    if (s != DGM_OK) kit_show(diags);
    CU_ASSERT_EQUAL(s, DGM_OK);
    dgm_diags_free(diags);
    return m;
}

/* Runs and compares the text of what is made; wanted NULL: refused. codes: names of the diagnostics, blank between. */
static inline void run(const dgm_mapping *m, dgm_direction d, const char *in, const char *wanted, const char *codes,
                       uint32_t residue, int line)
{
    if (!m) return;
    const dgm_shape *from = d == DGM_READ ? env.wire : env.model;
    dgm_tree *tree = kit_tree(from, in), *out = NULL;
    dgm_diags *diags;
    dgm_runner *r;
    dgm_diags_new(&mem, 0, &diags);
    CU_ASSERT_EQUAL_FATAL(dgm_runner_new(&mem, NULL, &r), DGM_OK);
    dgm_run_options o = { .accounts = true };
    dgm_status s = dgm_mapping_run(r, m, d, tree, &o, diags, &out);
    char names[512] = "";
    for (size_t i = 0; i < dgm_diags_count(diags); i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? " " : "",
                 dgm_diag_name(dgm_diags_at(diags, i)->code));
    char *text = out ? kit_text(out) : NULL;
    bool same = wanted ? text && strcmp(text, wanted) == 0 : s == DGM_INVALID;
    if (!same || strcmp(names, codes) != 0 || dgm_runner_residue_count(r) != residue) {
        fprintf(stderr, "line %d: status %d, residue %u, diagnostics \"%s\"\n%s", line, (int)s, dgm_runner_residue_count(r), names,
                text ? text : "");
        kit_show(diags);
        for (uint32_t n = 0; dgm_runner_accounts(r) && n < tree->node_count; n++) {
            char path[200];
            if (dgm_runner_accounts(r)[n] != DGM_ACCOUNT_RESIDUE) continue;
            dgm_tree_path(tree, n, path, sizeof path);
            fprintf(stderr, "residue %s\n", path);
        }
    }
    CU_ASSERT(same);
    CU_ASSERT_STRING_EQUAL(names, codes);
    CU_ASSERT_EQUAL(dgm_runner_residue_count(r), residue);
    if (out) CU_ASSERT(dgm_tree_sound(out));
    if (out) dgm_runner_recycle(r, out);
    dgm_run_options with_origin = { .accounts = true, .origin = true }; /* keeps the nodes in another way, and says the same */
    size_t said = dgm_diags_count(diags);
    dgm_diags_clear(diags);
    CU_ASSERT_EQUAL(dgm_mapping_run(r, m, d, tree, &with_origin, diags, &out), s);
    CU_ASSERT_EQUAL(dgm_diags_count(diags), said);
    CU_ASSERT_EQUAL(dgm_runner_residue_count(r), residue);
    char *again = out ? kit_text(out) : NULL;
    CU_ASSERT((again && text && strcmp(again, text) == 0) || (!again && !text));
    if (out) dgm_runner_recycle(r, out);
    free(again);
    free(text);
    dgm_tree_free(tree);
    dgm_runner_free(r);
    dgm_diags_free(diags);
}
#define READ(m, in, wanted, codes, residue)  run(m, DGM_READ, in, wanted, codes, residue, __LINE__)
#define WRITE(m, in, wanted, codes, residue) run(m, DGM_WRITE, in, wanted, codes, residue, __LINE__)
/* Reading and writing are each other's inverse here. */
static inline void both(const dgm_mapping *m, const char *wire, const char *model, int line)
{
    run(m, DGM_READ, wire, model, "", 0, line);
    run(m, DGM_WRITE, model, wire, "", 0, line);
}
#define BOTH(m, wire, model) both(m, wire, model, __LINE__)

/* What a suite tries with an allocation failing: loads a mapping, reads a message and writes it again. */
static inline dgm_status work_with(const dgm_mem *from, const char *yaml, const char *message)
{
    dgm_mapping_env e = kit_environment(from, &env);
    dgm_diags *diags = NULL;
    dgm_mapping *m = NULL;
    dgm_runner *r = NULL;
    dgm_tree *model = NULL, *wire = NULL, *in = kit_tree(env.wire, message);
    dgm_status s = dgm_diags_new(from, 0, &diags);
    if (s == DGM_OK) s = dgm_mapping_load(&e, DGM_LITERAL("m.yaml"), dgm_slice_of(yaml), diags, &m);
    if (s == DGM_OK) s = dgm_runner_new(from, NULL, &r);
    dgm_run_options o = { .accounts = true, .origin = true };
    if (s == DGM_OK) s = dgm_mapping_run(r, m, DGM_READ, in, &o, diags, &model);
    if (s == DGM_OK) s = dgm_mapping_run(r, m, DGM_WRITE, model, &o, diags, &wire);
    if (wire) dgm_runner_recycle(r, wire);
    if (model) dgm_runner_recycle(r, model);
    dgm_runner_free(r);
    dgm_mapping_free(m);
    dgm_diags_free(diags);
    dgm_tree_free(in);
    return s;
}

/* ^ in the text stands before the place that must be blamed; codes: all of them, blank between, in order. */
typedef struct refusal {
    const char *codes, *text;
} refusal;

static inline void refused_all(const refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count && refusals[i].text; i++) {
        char text[4096];
        const char *at = strchr(refusals[i].text, '^');
        if (at[1] == '^' && strstr(refusals[i].text, "^^/")) at = strchr(refusals[i].text, '^'); /* the second is meant */
        size_t before = (size_t)(at - refusals[i].text);
        snprintf(text, sizeof text, "%.*s%s", (int)before, refusals[i].text, at + 1);
        dgm_place where = dgm_locate(dgm_slice_of(text), before);
        dgm_diags *diags;
        dgm_mapping *m;
        dgm_diags_new(&mem, 0, &diags);
        dgm_mapping_env e = kit_environment(&mem, &env);
        dgm_status s = dgm_mapping_load(&e, DGM_LITERAL("m.yaml"), dgm_slice_of(text), diags, &m);
        char names[512] = "";
        for (size_t k = 0; k < dgm_diags_count(diags); k++)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", k ? " " : "",
                     dgm_diag_name(dgm_diags_at(diags, k)->code));
        const dgm_diag *d = dgm_diags_at(diags, 0);
        bool good = s == DGM_CONFIG && !m && d && strcmp(names, refusals[i].codes) == 0 && d->line == where.line &&
                    d->column == where.column;
        if (!good) {
            fprintf(stderr, "wanted %s at %zu:%zu, got %s\n%s", refusals[i].codes, where.line, where.column, names, text);
            kit_show(diags);
        }
        CU_ASSERT(good);
        dgm_mapping_free(m);
        dgm_diags_free(diags);
    }
}

#endif
