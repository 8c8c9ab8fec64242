/* SPDX-License-Identifier: Apache-2.0
 *
 * watch.c - the command watch: options for the delivery, and its log on standard error (text for people, JSON lines for programs).
 * One thread.
 */
#include "cli.h"

#include "gateway/delivery/crash.h"
#include "gateway/delivery/delivery.h"
#include "gateway/delivery/store.h"

#include <stdio.h>
#include <errno.h>
#include <string.h>
#include <time.h>

static const char *kind_name(dgm_delivery_kind kind)
{
    switch (kind) {
    case DGM_DELIVERY_WATCHING: return "watching";
    case DGM_DELIVERY_DELIVERED: return "delivered";
    case DGM_DELIVERY_REFUSED: return "refused";
    case DGM_DELIVERY_FINISHED: return "finished";
    case DGM_DELIVERY_TROUBLE: return "trouble";
    case DGM_DELIVERY_RULES: return "reloaded";
    case DGM_DELIVERY_RULES_REFUSED: return "kept";
    case DGM_DELIVERY_STOPPED: return "stopped";
    }
    return "unknown";
}

static bool of_rules(const dgm_delivery_event *e)
{
    return e->kind == DGM_DELIVERY_RULES || e->kind == DGM_DELIVERY_RULES_REFUSED;
}

static void put_time(cli_stream *s)
{
    dgm_world w = dgm_world_default();
    time_t seconds = (time_t)(w.now_ms(w.ctx) / 1000);
    struct tm t;
    char text[32];
    if (gmtime_r(&seconds, &t) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &t)) cli_put(s, text);
}

static void log_json(cli_stream *s, const dgm_delivery_event *e)
{
    cli_put(s, "{\"time\":\"");
    put_time(s);
    cli_print(s, "\",\"event\":\"%s\",\"input\":", kind_name(e->kind));
    cli_put_json(s, e->input);
    if (e->kind == DGM_DELIVERY_DELIVERED || e->kind == DGM_DELIVERY_REFUSED) {
        cli_put(s, ",\"target\":");
        cli_put_json(s, e->target);
        cli_put(s, ",\"mappings\":");
        cli_put_json(s, e->version);
        cli_print(s, ",\"documents\":%u,\"errors\":%llu,\"warnings\":%llu,\"ms\":%lld", e->documents, (unsigned long long)e->errors,
                  (unsigned long long)e->warnings, (long long)e->ms);
    }
    if (e->kind == DGM_DELIVERY_WATCHING || of_rules(e)) {
        cli_put(s, ",\"mappings\":");
        cli_put_json(s, e->version);
    }
    if (e->why) {
        cli_put(s, ",\"why\":");
        cli_put_json(s, dgm_slice_of(e->why));
    }
    cli_put(s, "}\n");
}

static void log_text(cli_stream *s, const dgm_delivery_event *e)
{
    const bool bad = e->kind == DGM_DELIVERY_REFUSED || e->kind == DGM_DELIVERY_TROUBLE || e->kind == DGM_DELIVERY_RULES_REFUSED;
    const bool good = e->kind == DGM_DELIVERY_DELIVERED || e->kind == DGM_DELIVERY_RULES;
    cli_ink ink = bad ? INK_BAD : good ? INK_GOOD : INK_DIM;
    cli_put(s, cli_ink_of(s, INK_DIM));
    put_time(s);
    cli_print(s, "%s %s%s%s ", cli_ink_of(s, INK_OFF), cli_ink_of(s, ink), kind_name(e->kind), cli_ink_of(s, INK_OFF));
    cli_put_visible(s, e->input, SIZE_MAX);
    if (e->kind == DGM_DELIVERY_DELIVERED) {
        cli_put(s, e->documents ? " → " : " is kept, for a document that waits for others");
        cli_put_visible(s, e->target, SIZE_MAX);
        if (e->documents > 1) cli_print(s, " and %u more", e->documents - 1);
        if (e->warnings) cli_print(s, ", %llu warning%s", (unsigned long long)e->warnings, e->warnings == 1 ? "" : "s");
        cli_print(s, " (%lld ms)", (long long)e->ms);
    }
    if (e->kind == DGM_DELIVERY_REFUSED) {
        cli_print(s, ": %llu error%s; moved aside as ", (unsigned long long)e->errors, e->errors == 1 ? "" : "s");
        cli_put_visible(s, e->target, SIZE_MAX);
        if (e->documents) cli_print(s, "; %u document%s delivered", e->documents, e->documents == 1 ? "" : "s");
    }
    if (e->kind == DGM_DELIVERY_FINISHED) cli_put(s, ", begun by an earlier run");
    if (e->kind == DGM_DELIVERY_RULES) cli_print(s, "mappings, now version %.*s", (int)e->version.len, e->version.at);
    if (e->kind == DGM_DELIVERY_RULES_REFUSED)
        cli_print(s, "mappings of version %.*s: those in the folder now cannot be used (%s)", (int)e->version.len, e->version.at,
                  e->why);
    else if (e->why)
        cli_print(s, ": %s; tried again", e->why);
    cli_put(s, "\n");
}

static void event(void *ctx, const dgm_delivery_event *e)
{
    cli *c = ctx;
    if (e->kind == DGM_DELIVERY_RULES_REFUSED) cli_print_own(c);
    if (c->quiet && e->kind != DGM_DELIVERY_REFUSED && e->kind != DGM_DELIVERY_TROUBLE && e->kind != DGM_DELIVERY_RULES_REFUSED)
        return;
    if (c->json)
        log_json(&c->err, e);
    else
        log_text(&c->err, e);
    (void)cli_stream_flush(&c->err);
}

static void records(void *ctx, dgm_slice input_name, dgm_slice input, const dgm_diags *list)
{
    cli *c = ctx;
    cli_input in = { .name = input_name, .mapped = input };
    cli_feeding f = cli_feeding_begin(c);
    cli_feeding_turn(&f, &in);
    cli_print_diags(&f, &c->err, list);
}

#ifdef DGM_TESTING
/* "list" prints the points, so that a test goes through all of them. */
static bool arm(cli *c, cli_exit *code)
{
    if (!c->args.given[OPT_CRASH_AT]) return true;
    *code = CLI_DONE;
    if (dgm_slice_is(c->args.value[OPT_CRASH_AT], "list")) {
        for (unsigned i = 0; dgm_crash_name(i); i++) cli_print(&c->out, "%s\n", dgm_crash_name(i));
        return false;
    }
    if (dgm_crash_arm(c->args.value[OPT_CRASH_AT].at)) return true;
    *code = cli_usage(c, "there is no crash point '%s'", c->args.value[OPT_CRASH_AT].at);
    return false;
}
#endif

/* --store: where parts of documents wait for those of other inputs. */
static cli_exit open_store(cli *c, dgm_delivery_options *o, dgm_folder_store **store)
{
    if (!c->args.given[OPT_STORE]) return CLI_DONE;
    const dgm_slice name = c->args.value[OPT_STORE];
    dgm_status s = name.len ? dgm_folder_store_open(&c->mem, &o->world, name.at, false, store) : DGM_USAGE;
    if (s == DGM_USAGE) return cli_usage(c, "--store takes the name of a folder");
    if (s == DGM_IO) cli_say(c, DGM_D_GATEWAY_STORE, DGM_ERROR, name, dgm_slice_of(strerror(errno)));
    if (s == DGM_OK) o->job.store = dgm_folder_store_use(*store);
    return cli_exit_of(s);
}

static cli_exit watch(cli *c, dgm_job_options job)
{
    cli_exit code = CLI_DONE;
#ifdef DGM_TESTING
    if (!arm(c, &code)) return code;
#endif
    uint64_t scan = 2;
    if (c->args.given[OPT_SCAN] && (!cli_number(c->args.value[OPT_SCAN], 86400, &scan) || scan == 0))
        return cli_usage(c, "--scan takes seconds from 1 to 86400; '%s' is none", c->args.value[OPT_SCAN].at);
    code = cli_context_live(c, &job);
    if (code != CLI_DONE) return code;
    dgm_delivery_options o = { .live = c->live,
                               .fixed = c->args.given[OPT_NO_RELOAD],
                               .diags = c->diags,
                               .mem = c->mem,
                               .world = dgm_world_default(),
                               .job = job,
                               .in = c->args.value[OPT_IN].at,
                               .out = c->args.value[OPT_OUT].at,
                               .bad = c->args.value[OPT_BAD].at,
                               .keep = c->args.given[OPT_KEEP],
                               .json = c->json,
                               .scan_ms = (uint32_t)scan * 1000,
                               .event = event,
                               .records = records,
                               .ctx = c };
    /* A wrong format or setting is the operator's mistake and must not be found out file by file. */
    code = cli_job_possible(c, &o.job);
    if (code != CLI_DONE) return code;
    cli_counter counter;
    code = cli_counter_open(c, &counter);
    if (code != CLI_DONE) return code;
    o.job.counter = cli_counter_of(&counter);
    dgm_folder_store *store = NULL;
    code = open_store(c, &o, &store);
    if (code != CLI_DONE) {
        cli_counter_close(&counter);
        return code;
    }
    dgm_delivery *d = NULL;
    dgm_status status = dgm_delivery_open(&o, c->diags, &d);
    cli_print_own(c);
    if (status != DGM_OK) {
        dgm_folder_store_close(store);
        cli_counter_close(&counter);
        return status == DGM_USAGE ? CLI_USAGE : cli_exit_of(status);
    }
    uint64_t refused = 0, troubled = 0;
    if (c->args.given[OPT_ONCE]) {
        status = dgm_delivery_pass(d, NULL, NULL, &refused, &troubled);
        code = cli_worse(refused ? CLI_REFUSED : CLI_DONE, troubled ? CLI_ENVIRONMENT : cli_exit_of(status));
    } else {
        code = cli_exit_of(dgm_delivery_watch(d));
    }
    dgm_delivery_close(d);
    dgm_folder_store_close(store);
    cli_counter_close(&counter);
    return code;
}

cli_exit cli_run_watch(cli *c)
{
    cli_signing signing;
    dgm_job_options job = cli_job_options(c, c->args.value[OPT_TO]);
    cli_exit code = cli_signing_open(c, &job, &signing);
    if (code != CLI_DONE) return code;
    code = watch(c, job);
    cli_signing_close(&signing);
    return code;
}
