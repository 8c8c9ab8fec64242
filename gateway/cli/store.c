/* SPDX-License-Identifier: Apache-2.0
 *
 * store.c - the command store: which documents wait in a folder of --store, for what and since when; and taking one out. One
 * thread.
 */
#include "cli.h"

#include "gateway/delivery/store.h"
#include "translator/parts.h"

#include <string.h>
#include <time.h>

static const char *const states[] = { "waits", "refused", "complete", "written" };

typedef struct listing {
    cli *c;
    uint64_t count;
    dgm_slice wanted; /* the name of one to be taken out … */
    dgm_slice key;    /* … and its key */
    uint64_t found;
} listing;

static void put_time(cli_stream *s, int64_t ms)
{
    struct tm t;
    time_t seconds = (time_t)(ms / 1000);
    char text[32] = "?";
    if (gmtime_r(&seconds, &t)) (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &t);
    cli_put(s, text);
}

static void one_json(cli_stream *s, const dgm_waiting *w)
{
    cli_print(s, "{\"state\":\"%s\"", states[w->state]);
    cli_put_member(s, "name", w->name);
    cli_put_member(s, "model", w->model);
    cli_put(s, ",\"since\":\"");
    put_time(s, w->since_ms);
    cli_put(s, "\"");
    cli_put_member(s, "lacks", w->lacks);
    cli_put(s, ",\"parts\":[");
    for (size_t i = 0; i < w->part_count; i++) {
        const dgm_part_info *p = &w->parts[i];
        cli_print(s, "%s{\"since\":\"", i ? "," : "");
        put_time(s, p->since_ms);
        cli_print(s, "\",\"number\":%u", p->number);
        cli_put_member(s, "mapping", p->mapping);
        cli_put_member(s, "type", p->type);
        cli_put_member(s, "reference", p->reference);
        cli_put_member(s, "interchange", p->interchange_reference);
        cli_put_member(s, "sender", p->sender);
        cli_put_member(s, "recipient", p->recipient);
        cli_put(s, "}");
    }
    cli_put(s, "]}\n");
}

static void one_text(listing *l, const dgm_waiting *w)
{
    cli *c = l->c;
    cli_stream *s = &c->out;
    put_time(s, w->since_ms);
    cli_print(s, "  %-8s  ", states[w->state]);
    cli_put_visible(s, w->name, SIZE_MAX);
    cli_put(s, " (");
    cli_put_visible(s, w->model, SIZE_MAX);
    cli_put(s, ")");
    if (w->lacks.len) cli_put(s, ": ");
    cli_put_visible(s, w->lacks, SIZE_MAX);
    cli_put(s, "\n");
    for (size_t i = 0; i < w->part_count; i++) {
        dgm_slice words = dgm_part_words(&c->arena, &w->parts[i]);
        cli_put(s, "    ");
        put_time(s, w->parts[i].since_ms);
        cli_put(s, "  ");
        cli_put_visible(s, words, SIZE_MAX);
        if (w->parts[i].sender.len) cli_put(s, ", from ");
        cli_put_visible(s, w->parts[i].sender, SIZE_MAX);
        cli_put(s, "\n");
    }
}

static void list_one(void *ctx, const dgm_waiting *w)
{
    listing *l = ctx;
    l->count++;
    if (l->c->json)
        one_json(&l->c->out, w);
    else
        one_text(l, w);
}

static void find_one(void *ctx, const dgm_waiting *w)
{
    listing *l = ctx;
    if (!dgm_slice_equal(w->name, l->wanted)) return;
    l->found++;
    l->key = dgm_arena_copy(&l->c->arena, w->key);
}

static cli_exit forget(listing *l, cli_kept *k)
{
    cli *c = l->c;
    dgm_status s = dgm_store_waiting(&k->store, &c->mem, true, find_one, l);
    if (s != DGM_OK && s != DGM_INVALID) return cli_exit_of(s);
    if (l->found > 1) return cli_usage(c, "several documents have this name, of several models");
    if (!l->found && s == DGM_INVALID) return cli_kept_broken(k, DGM_ERROR); /* perhaps it is that one */
    if (!l->found) {
        cli_say(c, DGM_D_GATEWAY_STORE_NONE, DGM_ERROR, k->name, l->wanted);
        return CLI_REFUSED;
    }
    return l->key.at ? cli_exit_of(dgm_store_forget(&k->store, &c->mem, l->key)) : CLI_ENVIRONMENT;
}

cli_exit cli_run_store(cli *c)
{
    const size_t n = c->args.input_count;
    dgm_slice what = n ? c->args.inputs[0] : (dgm_slice){ 0 };
    bool listing_wanted = dgm_slice_is(what, "list"), forgetting = dgm_slice_is(what, "forget");
    if (!listing_wanted && !forgetting) return cli_usage(c, "store takes list or forget, and a folder behind it");
    if (listing_wanted && n != 2) return cli_usage(c, "store list takes one folder");
    if (forgetting && n != 3) return cli_usage(c, "store forget takes a folder and the name of a document");
    cli_kept k;
    cli_exit code = cli_kept_open(c, c->args.inputs[1], true, &k);
    if (code != CLI_DONE) return code;
    listing l = { .c = c, .wanted = forgetting ? c->args.inputs[2] : (dgm_slice){ 0 } };
    if (forgetting) {
        code = forget(&l, &k);
    } else {
        dgm_status s = dgm_store_waiting(&k.store, &c->mem, c->args.given[OPT_ALL], list_one, &l);
        code = s == DGM_INVALID ? cli_kept_broken(&k, DGM_ERROR) : cli_exit_of(s);
        if (code == CLI_DONE && !l.count && !c->json) cli_put(&c->out, "nothing waits\n");
    }
    int why = dgm_folder_store_failed(k.folder);
    if (why) cli_say(c, DGM_D_GATEWAY_STORE, DGM_ERROR, k.name, dgm_slice_of(strerror(why)));
    dgm_late_store_end(&k.late);
    dgm_folder_store_close(k.folder);
    return code;
}
