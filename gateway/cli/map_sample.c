/* SPDX-License-Identifier: Apache-2.0
 *
 * map_sample.c - samples for the commands that look at what comes of messages: a file goes through the house and only reports are
 * wanted. One thread.
 */
#include "map.h"

#include <string.h>

static dgm_status swallow(void *ctx, dgm_slice bytes)
{
    (void)ctx, (void)bytes;
    return DGM_OK;
}

static dgm_status open_nothing(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number, (void)format;
    *out = (dgm_sink){ swallow, ctx };
    return DGM_OK;
}

static dgm_status close_nothing(void *ctx, bool complete)
{
    (void)ctx, (void)complete;
    return DGM_OK;
}

dgm_job_options map_sample_options(cli *c)
{
    dgm_job_options o = cli_job_options(c, c->args.value[OPT_TO]);
    o.map = true;
    o.threads = 1;
    o.outlet = (dgm_outlet){ open_nothing, close_nothing, NULL };
    return o;
}

cli_exit map_sample_open(cli *c, dgm_slice sample, cli_input *in)
{
    int why = cli_input_open(sample, in);
    if (!why && in->whole) return CLI_DONE;
    cli_say(c, DGM_D_GATEWAY_INPUT_OPEN, DGM_ERROR, sample, dgm_slice_of(why ? strerror(why) : "it is no regular file"));
    cli_input_close(in);
    return CLI_ENVIRONMENT;
}

cli_exit map_sample_run(cli *c, const dgm_context *context, dgm_slice bytes, const dgm_job_options *o, dgm_job_counts *counts)
{
    dgm_job *job = NULL;
    dgm_status status = dgm_job_open(context, o, c->diags, &job);
    cli_print_own(c);
    if (status == DGM_UNKNOWN || status == DGM_CONFIG) return CLI_USAGE;
    if (status == DGM_OK) status = dgm_job_whole(job, bytes);
    if (job && counts) *counts = dgm_job_count(job);
    dgm_job_close(job);
    return status == DGM_UNKNOWN ? CLI_DONE : cli_exit_of(status); /* what nothing knows holds no message */
}
