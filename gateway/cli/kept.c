/* SPDX-License-Identifier: Apache-2.0
 *
 * kept.c - where the inputs of a command keep parts of documents that wait for the others, and what is told of those that still do
 * when the last input is through. One thread.
 */
#include "cli.h"

#include "gateway/delivery/store.h"
#include "translator/parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct telling {
    cli *c;
    dgm_arena arena;
    bool lost; /* what waits is kept nowhere */
    uint64_t waiting;
} telling;

static dgm_diag_code code_of(const telling *t, const dgm_waiting *w)
{
    if (w->state == DGM_WAITS_COMPLETE) return DGM_D_JOB_MERGE_KEPT;
    return t->lost ? DGM_D_JOB_MERGE_INCOMPLETE : DGM_D_JOB_MERGE_WAITS;
}

static void tell(void *ctx, const dgm_waiting *w)
{
    telling *t = ctx;
    cli *c = t->c;
    if (w->state == DGM_WAITS_WRITTEN || w->state == DGM_WAITS_REFUSED) return; /* it was told why, with its last part */
    t->waiting++;
    dgm_diag *d = dgm_diags_add(c->diags, code_of(t, w), t->lost ? DGM_ERROR : DGM_INFO);
    dgm_diag_text(c->diags, d, w->name);
    dgm_diag_text(c->diags, d, w->lacks);
    dgm_diag_text(c->diags, d, dgm_waiting_words(&t->arena, w));
    cli_print_own(c);
    dgm_arena_reset(&t->arena, 1 << 12);
}

cli_exit cli_kept_open(cli *c, dgm_slice folder, bool there, cli_kept *k)
{
    dgm_limits limits = { 0 };
    const dgm_world world = dgm_world_default();
    *k = (cli_kept){ .c = c, .name = folder };
    if (!cli_limits(c, &limits)) return CLI_USAGE;
    if (!folder.len && c->args.given[OPT_STORE]) return cli_usage(c, "--store takes the name of a folder");
    if (!folder.len) {
        if (dgm_memory_store_new(&c->mem, limits.store_bytes_max, &k->memory) != DGM_OK) return CLI_ENVIRONMENT;
        k->store = dgm_memory_store_use(k->memory);
        return CLI_DONE;
    }
    dgm_status s = dgm_folder_store_open(&c->mem, &world, folder.at, there, &k->folder);
    if (s == DGM_IO) cli_say(c, DGM_D_GATEWAY_STORE, DGM_ERROR, folder, dgm_slice_of(strerror(errno)));
    if (s == DGM_OK) dgm_late_store_init(&k->late, dgm_folder_store_use(k->folder), &c->mem);
    if (s == DGM_OK) k->store = dgm_late_store_use(&k->late);
    return cli_exit_of(s);
}

cli_exit cli_kept_broken(const cli_kept *k, dgm_severity severity)
{
    const char *file = k->folder ? dgm_folder_store_strange(k->folder) : NULL;
    char why[160];
    if (file)
        snprintf(why, sizeof why, "its file %.80s cannot be read; what else waits is not touched by it", file);
    else
        snprintf(why, sizeof why, "a record in it cannot be read; what else waits is not touched by it");
    cli_say(k->c, DGM_D_GATEWAY_STORE_BROKEN, severity, k->name, dgm_slice_of(why));
    return CLI_ENVIRONMENT;
}

cli_exit cli_kept_close(cli_kept *k, bool written)
{
    telling t = { .c = k->c, .lost = k->memory != NULL };
    dgm_arena_init(&t.arena, &k->c->mem);
    dgm_status s = k->folder && dgm_folder_store_failed(k->folder) ? DGM_IO : DGM_OK;
    if (s == DGM_OK && k->folder && written) s = dgm_late_store_settle(&k->late, dgm_buffer_slice(&k->late.keys));
    if (s == DGM_OK) s = dgm_store_waiting(&k->store, &k->c->mem, false, tell, &t);
    if (s == DGM_INVALID) { /* what this run has done is done */
        (void)cli_kept_broken(k, DGM_WARNING);
        s = DGM_OK;
    }
    if (k->folder) dgm_late_store_end(&k->late);
    int why = k->folder ? dgm_folder_store_failed(k->folder) : 0;
    if (why) cli_say(k->c, DGM_D_GATEWAY_STORE, DGM_ERROR, k->name, dgm_slice_of(strerror(why)));
    dgm_arena_free(&t.arena);
    dgm_memory_store_free(k->memory);
    dgm_folder_store_close(k->folder);
    if (s != DGM_OK) return cli_exit_of(s);
    return t.lost && t.waiting ? CLI_REFUSED : CLI_DONE;
}
