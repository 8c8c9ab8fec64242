/* SPDX-License-Identifier: Apache-2.0
 *
 * map_infer.c - `map infer --source FILE... --target FILE...`: a mapping proposed from messages and what was made of them by other
 * means, with the evidence of every rule. One thread.
 */
#include "map.h"

#include "context.h"
#include "files.h"

#include <errno.h>
#include <sys/stat.h>

typedef struct inferring {
    cli *c;
    cli_feeding feeding;
    dgm_inference *inference;
    bool target;
    uint32_t taken, refused;
    dgm_status failed;
} inferring;

static void report(void *ctx, const dgm_message_report *m)
{
    inferring *x = ctx;
    if (!m->wire && !m->type.len) {
        cli_print_diags(&x->feeding, &x->c->err, m->diags);
        return;
    }
    dgm_status s = dgm_infer_take(x->inference, x->target, m);
    x->taken += s == DGM_OK;
    if (s == DGM_INVALID) {
        cli_print_diags(&x->feeding, &x->c->err, m->diags);
        x->refused++;
    } else if (s != DGM_OK) {
        x->failed = s;
    }
}

static cli_exit one_file(inferring *x, dgm_slice name, bool target)
{
    cli *c = x->c;
    cli_input in;
    cli_exit code = map_sample_open(c, name, &in);
    if (code != CLI_DONE) return code;
    uint32_t before = x->taken + x->refused;
    cli_feeding_turn(&x->feeding, &in);
    x->target = target;
    dgm_job_options o = map_sample_options(c);
    o.from = c->args.value[target ? OPT_TO : OPT_FROM];
    o.to = (dgm_slice){ 0 };
    o.accounts = false;
    o.report = report;
    o.report_ctx = x;
    code = map_sample_run(c, c->context, in.mapped, &o, NULL);
    if (code == CLI_DONE && x->failed != DGM_OK) code = cli_exit_of(x->failed);
    uint32_t messages = x->taken + x->refused - before;
    if (code == CLI_DONE && !messages) {
        cli_say(c, DGM_D_GATEWAY_INFER_NOTHING, DGM_ERROR, name, (dgm_slice){ 0 });
        code = CLI_REFUSED;
    }
    cli_feeding_over(&x->feeding, messages);
    cli_progress_clear(&x->feeding);
    cli_input_close(&in);
    return code;
}

/* ---- telling ------------------------------------------------------------------------------------------------------------- */

static void json_place(cli_stream *s, const char *key, dgm_slice place, dgm_slice value, uint64_t at, uint64_t bytes)
{
    cli_print(s, ",\"%s\":", key);
    if (!place.len) {
        cli_put(s, "null");
        return;
    }
    cli_put(s, "{\"place\":");
    cli_put_json(s, place);
    cli_put(s, ",\"value\":");
    cli_put_json(s, value);
    if (bytes) cli_print(s, ",\"at\":%llu,\"bytes\":%llu", (unsigned long long)at, (unsigned long long)bytes);
    cli_put(s, "}");
}

static void json_proposal(cli_stream *s, const dgm_proposal *p, size_t number)
{
    cli_print(s, "{\"is\":\"proposal\",\"number\":%zu,\"in\":", number);
    if (p->parent == DGM_NONE)
        cli_put(s, "null");
    else
        cli_print(s, "%u", p->parent);
    cli_print(s, ",\"kind\":\"%s\",\"how\":\"%s\",\"kept\":%s,\"percent\":%u,\"wire\":", p->each ? "each" : "rule", p->how,
              p->kept ? "true" : "false", p->percent);
    cli_put_json(s, p->wire);
    cli_put(s, ",\"model\":");
    cli_put_json(s, p->model);
    cli_put(s, ",\"keys\":");
    cli_put_json(s, p->keys);
    cli_print(s,
              ",\"pairs\":%u,\"agree\":%u,\"distinct\":%u,\"differ\":%u,\"wire_alone\":%u,\"model_alone\":%u,\"rivals\":%u,"
              "\"against\":",
              p->pairs, p->agree, p->distinct, p->differ, p->wire_alone, p->model_alone, p->rivals);
    cli_put_json(s, p->against);
    cli_put(s, ",\"codes\":[");
    for (uint32_t i = 0; i < p->code_count; i++) {
        cli_put(s, i ? ",{\"model\":" : "{\"model\":");
        cli_put_json(s, p->codes[2 * i]);
        cli_put(s, ",\"wire\":");
        cli_put_json(s, p->codes[2 * i + 1]);
        cli_put(s, "}");
    }
    cli_put(s, "],\"evidence\":[");
    for (uint32_t i = 0; i < p->witness_count; i++) {
        const dgm_witness *w = &p->witnesses[i];
        cli_print(s, "%s{\"pair\":%u,\"agrees\":%s", i ? "," : "", w->pair + 1, w->agrees ? "true" : "false");
        json_place(s, "wire", w->wire_place, w->wire, w->wire_at, w->wire_bytes);
        json_place(s, "model", w->model_place, w->model, w->model_at, w->model_bytes);
        cli_put(s, "}");
    }
    cli_put(s, "]}\n");
}

/* The surest first; their numbers are those of the file's order, by which an each is named. */
static void tell_json(inferring *x)
{
    size_t n = dgm_infer_count(x->inference);
    for (uint32_t percent = 101; percent-- > 0;)
        for (size_t i = 0; i < n; i++) {
            const dgm_proposal *p = dgm_infer_at(x->inference, i);
            if (p->percent == percent) json_proposal(&x->c->out, p, i);
        }
    dgm_infer_sum sum = dgm_infer_sums(x->inference);
    cli_print(&x->c->out,
              "{\"is\":\"sum\",\"pairs\":%zu,\"wire_values\":%llu,\"wire_taken\":%llu,\"model_values\":%llu,\"model_taken\":%llu,"
              "\"wire\":\"%s\",\"to_do\":",
              sum.pairs, (unsigned long long)sum.wire_values, (unsigned long long)sum.wire_taken,
              (unsigned long long)sum.model_values, (unsigned long long)sum.model_taken, sum.turned ? "target" : "source");
    cli_put_json(&x->c->out, sum.to_do);
    cli_put(&x->c->out, "}\n");
}

static void tell_sum(inferring *x)
{
    cli_stream *s = &x->c->err;
    dgm_infer_sum sum = dgm_infer_sums(x->inference);
    size_t kept = 0, n = dgm_infer_count(x->inference);
    for (size_t i = 0; i < n; i++) kept += dgm_infer_at(x->inference, i)->kept;
    if (x->c->quiet || x->c->json) return;
    cli_print(
        s,
        "%s%s%s %zu rule%s, %zu more as comments, from %zu pair%s; they speak of %llu of %llu values of the wire, %llu of %llu "
        "of the model\n",
        cli_ink_of(s, kept ? INK_GOOD : INK_BAD), kept ? "✓" : "✗", cli_ink_of(s, INK_OFF), kept, kept == 1 ? "" : "s", n - kept,
        sum.pairs, sum.pairs == 1 ? "" : "s", (unsigned long long)sum.wire_taken, (unsigned long long)sum.wire_values,
        (unsigned long long)sum.model_taken, (unsigned long long)sum.model_values);
}

/* ---- files --------------------------------------------------------------------------------------------------------------- */

/* Where a file beside the mapping goes: into the folder of the mappings, when it stands in the rules/ of one; else beside it. */
static dgm_slice path_of(cli *c, dgm_slice output, const dgm_infer_file *f)
{
    dgm_slice folder = dgm_slice_part(output, 0, output.len - dgm_slice_file_name(output).len), bare = folder;
    while (bare.len > 1 && bare.at[bare.len - 1] == '/') bare.len--;
    const char *ending = strcmp(f->folder, "codes") == 0 ? "tsv" : "yaml";
    struct stat s;
    if (dgm_slice_is(dgm_slice_file_name(bare), "rules")) {
        dgm_slice in = dgm_arena_print(&c->arena, "%.*s/../%s", (int)bare.len, bare.at, f->folder);
        if (in.at && stat(in.at, &s) == 0 && S_ISDIR(s.st_mode))
            return dgm_arena_print(&c->arena, "%.*s/%.*s.%s", (int)in.len, in.at, (int)f->name.len, f->name.at, ending);
    }
    return dgm_arena_print(&c->arena, "%.*s%.*s.%s", (int)folder.len, folder.at ? folder.at : "", (int)f->name.len, f->name.at,
                           ending);
}

static dgm_slice own_name(cli *c, dgm_slice output)
{
    if (c->args.given[OPT_NAME]) return c->args.value[OPT_NAME];
    dgm_slice name = dgm_slice_file_name(output);
    return name.len > 5 && dgm_slice_is(dgm_slice_part(name, name.len - 5, name.len), ".yaml")
               ? dgm_slice_part(name, 0, name.len - 5)
               : (dgm_slice){ 0 };
}

static cli_exit write_mapping(inferring *x)
{
    cli *c = x->c;
    dgm_buffer yaml;
    dgm_infer_file f;
    dgm_slice output = c->args.value[OPT_OUTPUT];
    bool to_file = output.len && !dgm_slice_is(output, "-");
    dgm_buffer_init(&yaml, &c->mem);
    dgm_status s =
        dgm_infer_mapping(x->inference, own_name(c, to_file ? output : (dgm_slice){ 0 }), to_file, dgm_buffer_sink(&yaml));
    cli_exit code = s == DGM_OK ? CLI_DONE : cli_exit_of(s);
    if (code == CLI_DONE && to_file && !map_replace(c, output, dgm_buffer_slice(&yaml))) code = CLI_ENVIRONMENT;
    if (code == CLI_DONE && !to_file && !c->json) cli_put_slice(&c->out, dgm_buffer_slice(&yaml));
    for (size_t n = 0; code == CLI_DONE && to_file && dgm_infer_files(x->inference, n, &f); n++) {
        dgm_slice path = path_of(c, output, &f);
        if (!path.at || !map_replace(c, path, f.bytes)) code = CLI_ENVIRONMENT;
    }
    dgm_buffer_free(&yaml);
    return code;
}

static cli_exit infer(inferring *x)
{
    cli *c = x->c;
    cli_exit code = CLI_DONE;
    size_t n = c->args.input_count;
    x->feeding = cli_feeding_begin(c);
    x->feeding.total_inputs = n - 1;
    for (size_t i = 1; i < n && code == CLI_DONE; i++) code = one_file(x, c->args.inputs[i], c->args.sides[i] == CLI_SIDE_TARGET);
    if (code == CLI_DONE && x->refused) code = CLI_REFUSED;
    if (code != CLI_DONE) return code;
    dgm_status s = dgm_infer(x->inference, c->diags);
    cli_print_own(c);
    if (s != DGM_OK) return s == DGM_USAGE || s == DGM_LIMIT ? CLI_REFUSED : cli_exit_of(s);
    code = write_mapping(x);
    if (code != CLI_DONE) return code;
    if (c->json) tell_json(x);
    tell_sum(x);
    dgm_slice to_do = dgm_infer_sums(x->inference).to_do;
    for (dgm_slice rest = to_do; rest.len && !c->json; rest = dgm_slice_cut(rest, '\n').tail) {
        dgm_slice line = dgm_slice_cut(rest, '\n').head;
        cli_print(&c->err, "  still to do: %.*s\n", (int)line.len, line.at);
    }
    bool any = false;
    for (size_t i = 0; i < dgm_infer_count(x->inference); i++) any = any || dgm_infer_at(x->inference, i)->kept;
    return any && !to_do.len ? CLI_DONE : CLI_REFUSED; /* nothing goes together, or something is still missing */
}

cli_exit map_infer(cli *c, size_t n)
{
    size_t sides[3] = { 0 };
    for (size_t i = 1; i <= n; i++) sides[c->args.sides[i]]++;
    if (!sides[CLI_SIDE_SOURCE] || !sides[CLI_SIDE_TARGET] || sides[CLI_SIDE_NONE])
        return cli_usage(c, "map infer takes --source FILE... and --target FILE...");
    cli_exit code = cli_context_whole(c);
    if (code != CLI_DONE) return code;
    inferring x = { .c = c };
    dgm_status s = dgm_infer_new(c->context, &x.inference);
    code = s == DGM_OK ? infer(&x) : cli_exit_of(s);
    dgm_infer_free(x.inference);
    return code;
}
