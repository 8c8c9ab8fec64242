/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_memory.c - how much memory reading takes when the input is far larger: a fresh process reads an interchange that is made
 * while it is read (so nothing of it is mapped or kept), and tells its own high-water mark (VmHWM). With two threads each has a
 * reader and an interchange of half the size. The context is shared, as it may be.
 */
#include "bench.h"

#include "context.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct reading {
    const dgm_context *context;
    uint64_t seed, bytes;
    uint64_t messages, read, errors; /* what came of it */
    bool good;
    char room[2 * CORPUS_PIECE_MAX];
} reading;

static dgm_status take_messages(const dgm_codec *codec, dgm_reader *reader, reading *r)
{
    for (;;) {
        dgm_message message;
        dgm_status status = codec->next(reader, &message);
        if (status != DGM_OK) return status;
        r->messages++;
        r->errors += message.errors;
        codec->recycle(reader, &message);
    }
}

static void *read_all(void *ctx)
{
    reading *r = ctx;
    const dgm_codec *codec = &dgm_codec_edifact;
    int index = dgm_context_codec(dgm_slice_of(codec->name));
    dgm_mem mem = dgm_mem_default();
    dgm_world world = dgm_world_default();
    dgm_diags *diags = NULL;
    dgm_reader *reader = NULL;
    if (index < 0 || dgm_diags_new(&mem, 1000, &diags) != DGM_OK) return NULL;
    const dgm_format_list *formats = &r->context->by_codec[index];
    dgm_host host = dgm_host_make(&mem, NULL, diags, &world, formats->at, formats->count);
    dgm_status status = codec->open(&host, NULL, 0, &reader);
    corpus_stream source;
    corpus_stream_start(&source, &(corpus_options){ .seed = r->seed }, r->bytes);
    for (bool last = false; status == DGM_OK && !last;) {
        size_t n = corpus_stream_next(&source, r->room, sizeof r->room, &last);
        r->read += n;
        status = codec->feed(reader, (dgm_slice){ r->room, n }, last);
        if (status == DGM_OK) status = take_messages(codec, reader, r);
        if (status == DGM_MORE) status = DGM_OK;
    }
    r->good = status == DGM_END && r->errors == 0 && r->messages == source.made.messages;
    codec->close(reader);
    dgm_diags_free(diags);
    return NULL;
}

double bench_high_water_mb(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    double kb = 0;
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "VmHWM:", 6) == 0) kb = strtod(line + 6, NULL);
    if (f) fclose(f);
    return kb * 1024 / 1e6;
}

int bench_memory_child(int threads, uint64_t bytes)
{
    static reading readings[8];
    static bench_run run;
    pthread_t started[8];
    if (threads == 0) return bench_message_child(bytes);
    if (threads < 1 || threads > 8) return 2;
    const dgm_context *context = bench_context(&run);
    if (!context) return 3;
    double before = bench_high_water_mb();
    for (int i = 0; i < threads; i++) {
        readings[i] = (reading){ .context = context, .seed = 1000u + (unsigned)i, .bytes = bytes / (unsigned)threads };
        if (pthread_create(&started[i], NULL, read_all, &readings[i]) != 0) return 3;
    }
    bool good = true;
    uint64_t messages = 0, read_bytes = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(started[i], NULL);
        good = good && readings[i].good;
        messages += readings[i].messages;
        read_bytes += readings[i].read;
    }
    printf("%.3f %.3f %llu %llu\n", bench_high_water_mb(), before, (unsigned long long)messages, (unsigned long long)read_bytes);
    dgm_context_free(run.context);
    return good ? 0 : 1;
}

/* threads 0: one message alone. */
static void measure(bench_run *run, const char *name, int threads, uint64_t wanted)
{
    int ends[2];
    char text[256] = "", count[16], bytes[32];
    snprintf(count, sizeof count, "%d", threads);
    snprintf(bytes, sizeof bytes, "%llu", (unsigned long long)wanted);
    if (pipe(ends) != 0) {
        bench_fail(run, name, "no pipe");
        return;
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        execl(run->self, "dragoman-bench", "--memory-child", count, bytes, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    FILE *answer = fdopen(ends[0], "r");
    char *got = answer ? fgets(text, sizeof text, answer) : NULL;
    if (answer) fclose(answer);
    int status = -1;
    if (child > 0) waitpid(child, &status, 0);
    if (!got || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        bench_fail(run, name, "the reading process failed");
        return;
    }
    char *rest = text;
    double mb = strtod(rest, &rest), before = strtod(rest, &rest);
    strtoull(rest, &rest, 10);
    bench_memory_row(run, name, threads ? threads : 1, mb, before, strtoull(rest, NULL, 10));
}

void bench_memory(bench_run *run)
{
    if (bench_wanted(run, "memory")) {
        measure(run, "memory", 1, run->memory_bytes);
        measure(run, "memory", 2, run->memory_bytes);
    }
    if (bench_wanted(run, "memory-one-message")) measure(run, "memory-one-message", 0, run->memory_bytes / 10);
}
