/* SPDX-License-Identifier: Apache-2.0
 *
 * rewrite.c - the command rewrite: each input read, checked and written again in its own standard. What was wrong goes to standard
 * error. One thread.
 */
#include "cli.h"

cli_exit cli_run_rewrite(cli *c)
{
    bool keep = c->args.given[OPT_AS_IT_CAME];
    for (size_t i = 0; keep && i < c->args.setting_count; i++)
        if (dgm_slice_is(dgm_slice_part(c->args.settings[i].name, 0, 7), "writer."))
            return cli_usage(c, "--keep writes what came; --set %.*s would change it", (int)c->args.settings[i].name.len,
                             c->args.settings[i].name.at);
    if (keep && c->args.given[OPT_COUNTER]) return cli_usage(c, "--keep writes what came; --counter would change its references");
    cli_passing p;
    cli_exit code = cli_pass_open(c, &p);
    if (code != CLI_DONE) return code;
    dgm_job_options o = cli_job_options(c, (dgm_slice){ 0 });
    o.rewrite = keep ? DGM_REWRITE_KEEP : DGM_REWRITE_NORMAL;
    o.outlet = cli_output_outlet(p.output);
    return cli_pass_run(&p, &o);
}
