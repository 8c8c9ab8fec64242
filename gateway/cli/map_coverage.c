/* SPDX-License-Identifier: Apache-2.0
 *
 * map_coverage.c - `map coverage MAPPING SAMPLE...`: which rules, places and codes of a mapping the samples exercised, and which of
 * their values no rule reads. Samples in the mapping's wire format are read with it, documents of its model written. One thread.
 */
#include "map_coverage.h"

#include "context.h"

enum { PATH_BYTES = 512 };

/* ---- gathering ----------------------------------------------------------------------------------------------------------- */

/* A value of the wire or the model that a statement translated: its code is seen. Where texts of a table are forms, these say
 * which line it was. */
static void count_code(coverage *v, uint32_t rule, bool model, dgm_slice value)
{
    uint32_t statement = dgm_mapping_code_statement(v->mapping, rule);
    bool forms_in_model, forms = dgm_mapping_code_forms(v->mapping, statement, &forms_in_model);
    if (forms && forms_in_model != model) return;
    for (size_t i = v->code_first[statement]; i < v->code_first[statement + 1]; i++)
        if (dgm_mapping_code_is(v->mapping, statement, (uint32_t)(i - v->code_first[statement]), model, value)) v->codes[i].seen++;
}

/* Values of the source, by what became of them. */
static void count_source(coverage *v, const dgm_tree *t, dgm_direction d)
{
    const uint8_t *accounts = dgm_runner_accounts(v->runner);
    for (uint32_t n = 0; n < t->node_count; n++) {
        uint32_t slot = dgm_node_slot(&t->nodes[n]), rule = dgm_runner_rule(v->runner, n);
        dgm_slice value = dgm_tree_value(t, n);
        if (slot >= dgm_shape_count(t->shape)) continue;
        coverage_slot *s = &v->slots[d][slot];
        if (!dgm_node_leaf(&t->nodes[n]) || value.len) s->nodes++;
        if (!value.len || accounts[n] == DGM_ACCOUNT_NONE || accounts[n] == DGM_ACCOUNT_ENVELOPE) continue;
        if (accounts[n] == DGM_ACCOUNT_RESIDUE || accounts[n] == DGM_ACCOUNT_IGNORED) {
            if (!s->lost || (!s->example.len && accounts[n] == DGM_ACCOUNT_RESIDUE))
                s->example = dgm_arena_copy(&v->c->arena, dgm_slice_part(value, 0, value.len < 60 ? value.len : 60));
            s->lost++;
            s->ignored += accounts[n] == DGM_ACCOUNT_IGNORED;
        } else {
            s->used++;
        }
        if (rule >= v->statements || accounts[n] == DGM_ACCOUNT_RESIDUE) continue;
        v->rules[d][rule]++;
        if (accounts[n] == DGM_ACCOUNT_MAPPED) count_code(v, rule, d == DGM_WRITE, value);
    }
}

/* What has no value of the source, and occurrences: by what was made. */
static void count_made(coverage *v, const dgm_tree *t, dgm_direction d)
{
    for (uint32_t n = 0; n < t->node_count; n++) {
        uint32_t slot = dgm_node_slot(&t->nodes[n]);
        if (slot < dgm_shape_count(t->shape) && dgm_tree_value(t, n).len) v->slots[1 - d][slot].nodes++;
        if (!t->origin || t->origin[n].rule >= v->statements) continue;
        bool leaf = dgm_node_leaf(&t->nodes[n]), counts = leaf && t->origin[n].source_node == DGM_NONE;
        if (counts || (!leaf && v->each[t->origin[n].rule])) v->rules[d][t->origin[n].rule]++;
        bool forms_in_model;
        uint32_t statement = dgm_mapping_code_statement(v->mapping, t->origin[n].rule);
        if (leaf && dgm_mapping_code_forms(v->mapping, statement, &forms_in_model) && forms_in_model == (d == DGM_READ))
            count_code(v, statement, d == DGM_READ, dgm_tree_value(t, n)); /* a text that was glued */
    }
}

typedef struct sampling {
    coverage *v;
    cli_feeding feeding;
} sampling;

static void run(sampling *sampled, const dgm_tree *source, dgm_direction d)
{
    coverage *v = sampled->v;
    cli *c = v->c;
    dgm_tree *made = NULL;
    dgm_param *params = DGM_NEW(&c->arena, dgm_param, c->args.param_count + 1);
    if (!params) {
        v->status = DGM_NOMEM;
        return;
    }
    for (size_t i = 0; i < c->args.param_count; i++) params[i] = (dgm_param){ c->args.params[i].name, c->args.params[i].value };
    dgm_run_options o = { .accounts = true, .origin = true, .params = params, .param_count = c->args.param_count };
    dgm_diags_clear(v->diags);
    dgm_status s = dgm_mapping_run(v->runner, v->mapping, d, source, &o, v->diags, &made);
    if (s == DGM_INVALID) cli_print_diags(&sampled->feeding, &c->err, v->diags);
    if (s == DGM_INVALID) v->refused++;
    if (s != DGM_OK && s != DGM_INVALID) v->status = s;
    if (s != DGM_OK) return;
    v->messages[d]++;
    count_source(v, source, d);
    count_made(v, made, d);
    dgm_runner_recycle(v->runner, made);
}

static void report(void *ctx, const dgm_message_report *m)
{
    sampling *s = ctx;
    coverage *v = s->v;
    cli_print_diags(&s->feeding, &v->c->err, m->diags);
    if (!m->wire && !m->type.len) return;
    if (m->wire && m->wire->shape == v->shape[DGM_READ] && m->status == DGM_OK)
        run(s, m->wire, DGM_READ);
    else if (m->model && m->model->shape == v->shape[DGM_WRITE] && m->status == DGM_OK)
        run(s, m->model, DGM_WRITE);
    else if (m->status != DGM_OK)
        v->refused++;
    else
        v->strange++;
}

/* ---- telling ------------------------------------------------------------------------------------------------------------- */

bool coverage_place(const coverage *v, uint32_t slot, char *room, size_t bytes, dgm_slice *out, uint32_t side)
{
    size_t n = dgm_shape_path(v->shape[side], slot, room, bytes);
    *out = (dgm_slice){ room, n < bytes ? n : bytes - 1 };
    return n > 0;
}

static uint32_t done(const coverage *v, uint32_t statement)
{
    return v->rules[DGM_READ][statement] + v->rules[DGM_WRITE][statement];
}

static void put_statement(cli_stream *s, const dgm_row *r)
{
    cli_print(s, "  %.*s:%-4u ", (int)dgm_slice_file_name(r->file).len, dgm_slice_file_name(r->file).at, r->line);
    if (r->kind != DGM_STATEMENT_RULE) cli_put(s, r->kind == DGM_STATEMENT_EACH ? "each " : "ignore ");
    cli_put_visible(s, r->wire.len ? r->wire : DGM_LITERAL("-"), 70);
    cli_put(s, " ↔ ");
    cli_put_visible(s, r->model.len ? r->model : DGM_LITERAL("-"), 70);
    cli_put(s, "\n");
}

static void heading(cli_stream *s, const char *text)
{
    cli_print(s, "\n%s%s%s\n", cli_ink_of(s, INK_BOLD), text, cli_ink_of(s, INK_OFF));
}

static void tell_codes(coverage *v)
{
    cli_stream *s = &v->c->out;
    uint32_t missing = 0, seen = 0;
    for (size_t i = 0; i < v->code_count; i++) v->codes[i].seen ? seen++ : missing++;
    cli_print(s, "  codes   %u of %zu seen\n", seen, v->code_count);
    if (!missing) return;
    heading(s, "codes that no sample has");
    for (size_t i = 0, n = 0; i < v->code_count; i += n) {
        bool begun = false;
        for (n = 0; i + n < v->code_count && v->codes[i + n].statement == v->codes[i].statement; n++) {
            if (v->codes[i + n].seen) continue;
            if (!begun) cli_print(s, "  %.*s:", (int)v->codes[i].table.len, v->codes[i].table.at);
            begun = true;
            cli_put(s, " ");
            cli_put_visible(s, v->codes[i + n].code, 40);
        }
        if (begun) cli_put(s, "\n");
    }
}

static void tell_lost(coverage *v, uint32_t side)
{
    cli_stream *s = &v->c->out;
    char room[PATH_BYTES];
    bool begun = false;
    for (uint32_t k = 0; k < dgm_shape_count(v->shape[side]); k++) {
        const coverage_slot *x = &v->slots[side][k];
        dgm_slice path;
        if (x->lost == x->ignored || !v->messages[side]) continue;
        if (!begun) heading(s, side ? "values that the wire cannot say" : "values that no rule reads");
        begun = true;
        coverage_place(v, k, room, sizeof room, &path, side);
        cli_print(s, "  %6u  %.*s  \"", x->lost - x->ignored, (int)path.len, path.at);
        cli_put_visible(s, x->example, 40);
        cli_put(s, "\"\n");
    }
}

static cli_exit tell_text(coverage *v)
{
    cli *c = v->c;
    cli_stream *s = &c->out;
    dgm_row r;
    uint32_t exercised = 0, places = 0, lost = 0;
    for (uint32_t i = 0; i < v->statements; i++) exercised += done(v, i) > 0;
    for (uint32_t side = 0; side < 2; side++)
        for (uint32_t k = 0; k < dgm_shape_count(v->shape[side]) && v->messages[side]; k++) {
            places += v->slots[side][k].used > 0;
            lost += v->slots[side][k].lost > v->slots[side][k].ignored;
        }
    cli_print(s, "%s%.*s%s  %u read, %u written, %u refused, %u of other formats\n", cli_ink_of(s, INK_BOLD),
              (int)dgm_mapping_name(v->mapping).len, dgm_mapping_name(v->mapping).at, cli_ink_of(s, INK_OFF), v->messages[DGM_READ],
              v->messages[DGM_WRITE], v->refused, v->strange);
    cli_print(s, "  rules   %u of %u exercised (%u %%)\n", exercised, v->statements,
              v->statements ? 100 * exercised / v->statements : 100);
    cli_print(s, "  places  %u with values that rules take, %u with values that none does\n", places, lost);
    tell_codes(v);
    if (exercised < v->statements) heading(s, "rules that no sample exercises");
    for (uint32_t i = 0; dgm_mapping_row(v->mapping, i, &c->arena, &r) == DGM_OK; i++)
        if (!done(v, i)) put_statement(s, &r);
    tell_lost(v, DGM_READ);
    tell_lost(v, DGM_WRITE);
    return CLI_DONE;
}

static void json_slots(coverage *v, uint32_t side)
{
    cli_stream *s = &v->c->out;
    char room[PATH_BYTES];
    for (uint32_t k = 0; k < dgm_shape_count(v->shape[side]); k++) {
        const coverage_slot *x = &v->slots[side][k];
        dgm_slice path;
        if (!x->used && !x->lost) continue;
        coverage_place(v, k, room, sizeof room, &path, side);
        cli_print(s, "{\"is\":\"place\",\"side\":\"%s\",\"place\":", side ? "model" : "wire");
        cli_put_json(s, path);
        cli_print(s, ",\"used\":%u,\"ignored\":%u,\"lost\":%u", x->used, x->ignored, x->lost - x->ignored);
        if (x->lost > x->ignored) {
            cli_put(s, ",\"example\":");
            cli_put_json(s, x->example);
        }
        cli_put(s, "}\n");
    }
}

static cli_exit tell_json(coverage *v)
{
    cli *c = v->c;
    cli_stream *s = &c->out;
    dgm_row r;
    cli_put(s, "{\"is\":\"mapping\",\"mapping\":");
    cli_put_json(s, dgm_mapping_name(v->mapping));
    cli_print(s, ",\"read\":%u,\"written\":%u,\"refused\":%u,\"strange\":%u}\n", v->messages[DGM_READ], v->messages[DGM_WRITE],
              v->refused, v->strange);
    for (uint32_t i = 0; dgm_mapping_row(v->mapping, i, &c->arena, &r) == DGM_OK; i++) {
        cli_put(s, "{\"is\":\"rule\",\"file\":");
        cli_put_json(s, r.file);
        cli_print(s, ",\"line\":%u,\"wire\":", r.line);
        cli_put_json(s, r.wire);
        cli_put(s, ",\"model\":");
        cli_put_json(s, r.model);
        cli_print(s, ",\"read\":%u,\"written\":%u}\n", v->rules[DGM_READ][i], v->rules[DGM_WRITE][i]);
    }
    json_slots(v, DGM_READ);
    json_slots(v, DGM_WRITE);
    for (size_t i = 0; i < v->code_count; i++) {
        cli_put(s, "{\"is\":\"code\",\"table\":");
        cli_put_json(s, v->codes[i].table);
        cli_put(s, ",\"code\":");
        cli_put_json(s, v->codes[i].code);
        cli_print(s, ",\"seen\":%u}\n", v->codes[i].seen);
    }
    return CLI_DONE;
}

/* ---- the command --------------------------------------------------------------------------------------------------------- */

/* Which statements are eaches, and the codes of each one's table. */
static bool take_statements(coverage *v)
{
    dgm_slice table, code;
    dgm_row r;
    size_t n = 0;
    v->each = DGM_NEW(&v->c->arena, bool, v->statements + 1u);
    for (uint32_t i = 0; v->each && dgm_mapping_row(v->mapping, i, &v->c->arena, &r) == DGM_OK; i++)
        v->each[i] = r.kind == DGM_STATEMENT_EACH;
    v->code_first = DGM_NEW(&v->c->arena, size_t, v->statements + 2u);
    for (uint32_t i = 0; i < v->statements; i++)
        for (uint32_t k = 0; dgm_mapping_code(v->mapping, i, k, &table, &code); k++) n++;
    v->codes = DGM_NEW(&v->c->arena, coverage_code, n + 1);
    if (!v->codes || !v->each || !v->code_first) return false;
    for (uint32_t i = 0; i < v->statements; i++) {
        v->code_first[i] = v->code_count;
        for (uint32_t k = 0; dgm_mapping_code(v->mapping, i, k, &table, &code); k++)
            v->codes[v->code_count++] = (coverage_code){ table, code, i, 0 };
    }
    v->code_first[v->statements] = v->code_count;
    return true;
}

static cli_exit take_mapping(coverage *v)
{
    cli *c = v->c;
    for (size_t i = 0; i < c->context->mapping_count; i++)
        if (dgm_slice_equal(c->context->mappings[i].path, v->path)) v->mapping = c->context->mappings[i].mapping;
    if (!v->mapping) return CLI_DEFECT; /* it was opened with it */
    v->statements = dgm_mapping_rule_count(v->mapping);
    for (uint32_t side = 0; side < 2; side++) {
        v->shape[side] = dgm_mapping_shape(v->mapping, side);
        v->slots[side] = DGM_NEW(&c->arena, coverage_slot, dgm_shape_count(v->shape[side]) + 1u);
        v->rules[side] = DGM_NEW(&c->arena, uint32_t, v->statements + 1u);
        if (!v->slots[side] || !v->rules[side]) return CLI_ENVIRONMENT;
    }
    bool good =
        take_statements(v) && dgm_runner_new(&c->mem, NULL, &v->runner) == DGM_OK && dgm_diags_new(&c->mem, 0, &v->diags) == DGM_OK;
    return good ? CLI_DONE : CLI_ENVIRONMENT;
}

static cli_exit one_sample(coverage *v, dgm_slice sample)
{
    cli *c = v->c;
    cli_input in;
    cli_exit code = map_sample_open(c, sample, &in);
    if (code != CLI_DONE) return code;
    sampling s = { v, { .c = c } };
    cli_feeding_turn(&s.feeding, &in);
    dgm_job_options o = map_sample_options(c);
    o.accounts = false; /* they are kept here */
    o.report = report;
    o.report_ctx = &s;
    code = map_sample_run(c, c->context, in.mapped, &o, NULL);
    cli_input_close(&in);
    return code == CLI_DONE && v->status != DGM_OK ? cli_exit_of(v->status) : code;
}

cli_exit map_coverage(cli *c, const dgm_slice *words, size_t n)
{
    if (n < 2) return cli_usage(c, "map coverage takes a mapping and samples");
    coverage v = { .c = c, .path = words[0] };
    c->args.rules[c->args.rule_count++] = words[0];
    cli_exit code = cli_context_whole(c);
    if (code == CLI_DONE) code = take_mapping(&v);
    for (size_t i = 1; i < n && code == CLI_DONE; i++) code = one_sample(&v, words[i]);
    if (code == CLI_DONE && c->args.given[OPT_HTML])
        coverage_html(&v);
    else if (code == CLI_DONE)
        code = c->json ? tell_json(&v) : tell_text(&v);
    dgm_runner_free(v.runner);
    dgm_diags_free(v.diags);
    return code == CLI_DONE && (v.refused || !(v.messages[DGM_READ] + v.messages[DGM_WRITE])) ? CLI_REFUSED : code;
}
