/* SPDX-License-Identifier: Apache-2.0
 *
 * walk.c - reads an EDIFACT interchange from standard input and prints every value of every message with its path; then what one
 * asks for by path. cc walk.c $(pkg-config --cflags --libs dragoman)
 */
#include <dragoman.h>

#include <stdio.h>

static void show(const dgm_tree *t, uint32_t node, int depth)
{
    dgm_view v, below;
    if (!dgm_tree_view(t, node, &v)) return;
    printf("%*s%.*s %.*s\n", 2 * depth, "", (int)v.name.len, v.name.at, (int)v.value.len, v.value.at ? v.value.at : "");
    for (uint32_t c = v.below; c < v.after && dgm_tree_view(t, c, &below); c = below.after) show(t, c, depth + 1);
}

static void message(void *ctx, const dgm_message_report *r)
{
    (void)ctx;
    if (!r->wire) return;
    show(r->wire, 0, 0);
    dgm_slice kind = dgm_tree_text(r->wire, "BGM/C002/1001");
    printf("document kind: %.*s\n", (int)kind.len, kind.at ? kind.at : "");
}

int main(void)
{
    dgm_context *context = NULL;
    dgm_context_options all = { .struct_bytes = sizeof all };
    dgm_job *job = NULL;
    dgm_job_options options = { .struct_bytes = sizeof options, .report = message };
    if (dgm_context_open(&all, NULL, &context) != DGM_OK || dgm_job_open(context, &options, NULL, &job) != DGM_OK) return 3;
    char chunk[4096];
    dgm_status status = DGM_OK;
    for (size_t n = 1; n && status == DGM_OK;) {
        n = fread(chunk, 1, sizeof chunk, stdin);
        status = dgm_job_feed(job, (dgm_slice){ chunk, n }, n == 0);
    }
    dgm_job_close(job);
    dgm_context_free(context);
    return status == DGM_OK ? 0 : 1;
}
