/* SPDX-License-Identifier: Apache-2.0
 *
 * kept.c - where the inputs of a command keep parts of documents that wait for the others, and what is told of those that still do
 * when the last input is through. One thread.
 */
#include "cli.h"

#include "translator/parts.h"

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

cli_exit cli_kept_open(cli *c, cli_kept *k)
{
    dgm_limits limits = { 0 };
    *k = (cli_kept){ .c = c };
    if (!cli_limits(c, &limits)) return CLI_USAGE;
    if (dgm_memory_store_new(&c->mem, limits.store_bytes_max, &k->memory) != DGM_OK) return CLI_ENVIRONMENT;
    k->store = dgm_memory_store_use(k->memory);
    return CLI_DONE;
}

cli_exit cli_kept_close(cli_kept *k)
{
    telling t = { .c = k->c, .lost = k->memory != NULL };
    dgm_arena_init(&t.arena, &k->c->mem);
    dgm_status s = dgm_store_waiting(&k->store, &k->c->mem, false, tell, &t);
    dgm_arena_free(&t.arena);
    dgm_memory_store_free(k->memory);
    if (s != DGM_OK) return cli_exit_of(s);
    return t.lost && t.waiting ? CLI_REFUSED : CLI_DONE;
}
