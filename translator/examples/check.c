/* SPDX-License-Identifier: Apache-2.0
 *
 * check.c - validates a file: what is wrong, where, and how many messages are right. cc check.c $(pkg-config --cflags --libs
 * dragoman)
 */
#include <dragoman.h>

#include <stdio.h>

static dgm_status to_stdout(void *ctx, dgm_slice bytes)
{
    return fwrite(bytes.at, 1, bytes.len, ctx) == bytes.len ? DGM_OK : DGM_IO;
}

static void tell(void *ctx, const dgm_message_report *r)
{
    dgm_diag_style style = { .form = DGM_DIAG_TEXT, .input_name = *(const dgm_slice *)ctx };
    for (size_t i = 0; i < dgm_diags_count(r->diags); i++)
        (void)dgm_diag_print(dgm_diags_at(r->diags, i), &style, (dgm_sink){ to_stdout, stdout });
}

int main(int argc, char **argv)
{
    static char bytes[1 << 24];
    FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!f) return 2;
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);

    dgm_slice name = { argv[1], __builtin_strlen(argv[1]) };
    dgm_context *context = NULL;
    dgm_context_options all = { .struct_bytes = sizeof all };
    if (dgm_context_open(&all, NULL, &context) != DGM_OK) return 3;
    dgm_job *job = NULL;
    dgm_job_options read_only = { .struct_bytes = sizeof read_only, .report = tell, .report_ctx = &name };
    if (dgm_job_open(context, &read_only, NULL, &job) != DGM_OK) return 3;
    dgm_status status = dgm_job_whole(job, (dgm_slice){ bytes, len });
    dgm_job_counts n = dgm_job_count(job);
    printf("%llu messages, %llu refused\n", (unsigned long long)n.messages, (unsigned long long)n.refused);
    dgm_job_close(job);
    dgm_context_free(context);
    return status != DGM_OK || n.errors ? 1 : 0;
}
