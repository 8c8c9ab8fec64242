/* SPDX-License-Identifier: Apache-2.0
 *
 * answered.c - what a partner answered (a CONTRL or an APERAK), and with a second file what it is about: the messages that were
 * sent, with the names of segments in error. cc answered.c $(pkg-config --cflags --libs dragoman)
 */
#include <dragoman.h>

#include <stdio.h>

typedef struct answers {
    dgm_acked *all[64];
    size_t count;
} answers;

static void read_answer(void *ctx, const dgm_message_report *r)
{
    answers *a = ctx;
    if (a->count < 64 && dgm_acked_read(r, &a->all[a->count]) == DGM_OK) a->count++;
}

static void tie_to_original(void *ctx, const dgm_message_report *r)
{
    answers *a = ctx;
    for (size_t i = 0; i < a->count; i++) (void)dgm_acked_tie(a->all[i], r);
}

static dgm_status pass(const dgm_context *c, const char *path, void (*report)(void *, const dgm_message_report *), answers *a)
{
    static char bytes[1 << 24];
    FILE *f = fopen(path, "rb");
    if (!f) return DGM_IO;
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    dgm_job *job = NULL;
    dgm_job_options options = { .struct_bytes = sizeof options, .report = report, .report_ctx = a };
    dgm_status s = dgm_job_open(c, &options, NULL, &job);
    if (s == DGM_OK) s = dgm_job_whole(job, (dgm_slice){ bytes, len });
    dgm_job_close(job);
    return s;
}

static void tell(const dgm_acked_item *i)
{
    static const char *const levels[] = { "interchange", "group", "message", "error" };
    dgm_slice name = i->document.len ? i->document : i->reference;
    printf("%s", levels[i->level]);
    if (name.len) printf(" %.*s", (int)name.len, name.at);
    if (*i->verdict) printf(" %s", i->verdict);
    if (i->position.message) printf(", our message %u", i->position.message);
    if (i->tag.len) printf(", %.*s", (int)i->tag.len, i->tag.at);
    if (i->position.element) printf(", element %u", i->position.element);
    if (i->code.len) printf(", code %.*s: %.*s", (int)i->code.len, i->code.at, (int)i->text.len, i->text.at);
    printf("\n");
}

int main(int argc, char **argv)
{
    answers a = { .count = 0 };
    dgm_context *context = NULL;
    dgm_context_options all = { .struct_bytes = sizeof all };
    if (argc < 2 || dgm_context_open(&all, NULL, &context) != DGM_OK) return 3;
    dgm_status s = pass(context, argv[1], read_answer, &a);
    if (s == DGM_OK && argc > 2) s = pass(context, argv[2], tie_to_original, &a);
    for (size_t k = 0; k < a.count; k++) {
        for (size_t i = 0; i < a.all[k]->count; i++) tell(&a.all[k]->items[i]);
        dgm_acked_free(a.all[k]);
    }
    dgm_context_free(context);
    return s == DGM_OK && a.count ? 0 : 1;
}
