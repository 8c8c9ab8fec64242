/* SPDX-License-Identifier: Apache-2.0
 *
 * kit.c - runs each part of the conformance kit in a process of its own, watches it, and keeps what it wrote on the board that both
 * share. One thread.
 */
#include "kit.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* AddressSanitizer asks for terabytes of addresses. */
#if defined(__SANITIZE_ADDRESS__)
#define CHECKS_ADDRESSES 1
#elif defined(__has_feature)
#define CHECKS_ADDRESSES __has_feature(address_sanitizer)
#else
#define CHECKS_ADDRESSES 0
#endif
#define CHILD_BYTES_MAX ((rlim_t)4 << 30)

enum { EXIT_NO_MEMORY = 3 };

const char *const kit_outcome_names[] = { "passed", "failed", "crashed", "hangs", "skipped" };

const kit_part kit_parts[] = {
    { "contract", "entries and tables of options are whole, and ends are ends", kit_part_contract },
    { "identification", "it knows its own samples by any number of first bytes, and no other codec is as sure", kit_part_identify },
    { "reading", "samples are read, and trees are sound", kit_part_read },
    { "chunks", "however an input is cut, the same comes of it", kit_part_chunks },
    { "truncation", "what ends too early is told, or gives a shorter reading", kit_part_truncation },
    { "mutations", "damaged and random bytes do no harm", kit_part_mutations },
    { "allocations", "each allocation may fail, once", kit_part_allocations },
    { "round-trip", "what is written and read again is the same", kit_part_round_trip },
    { "limits", "each limit holds, and what is beyond it is told", kit_part_limits },
    { "threads", "readers at work at once do not disturb each other", kit_part_threads },
    { "memory", "nothing stays behind, nothing grows from input to input", kit_part_memory },
    { NULL, NULL, NULL },
};

/* ---- in the part's process ---- */

void kit_step(kit *k, size_t sample, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    k->board->sample = (uint32_t)sample;
    (void)vsnprintf(k->board->step, sizeof k->board->step, format, list);
    va_end(list);
    k->board->beat++;
    k->board->work++;
}

void kit_found(kit *k, const char *format, ...)
{
    kit_board *b = k->board;
    uint32_t n = b->finding_count;
    if (n < KIT_FINDINGS) {
        va_list list;
        va_start(list, format);
        b->findings[n].sample = b->sample;
        (void)memcpy(b->findings[n].step, b->step, sizeof b->step);
        (void)vsnprintf(b->findings[n].text, sizeof b->findings[n].text, format, list);
        va_end(list);
    }
    b->finding_count = n + 1;
    if (n + 1 < KIT_FINDINGS) return;
    b->finished = 1; /* what is broken everywhere needs no longer list */
    _exit(0);
}

void kit_note(kit *k, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)vsnprintf(k->board->note, sizeof k->board->note, format, list);
    va_end(list);
}

_Noreturn void kit_no_memory(void)
{
    static const char text[] = "dragoman: the kit itself has no memory\n";
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(EXIT_NO_MEMORY);
}

/* The part dies with who watches it: nobody else would end one that hangs. */
static void child_limits(pid_t watcher)
{
    const struct rlimit none = { 0, 0 };
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != watcher) _exit(EXIT_NO_MEMORY);
    (void)setrlimit(RLIMIT_CORE, &none);
#if !CHECKS_ADDRESSES
    const struct rlimit room = { CHILD_BYTES_MAX, CHILD_BYTES_MAX };
    (void)setrlimit(RLIMIT_AS, &room);
#endif
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
    signal(SIGABRT, SIG_DFL);
}

/* ---- in ours ---- */

static kit_board *board_new(void)
{
    void *at = mmap(NULL, sizeof(kit_board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Who started us may ignore ended children, and then there is none to wait for. */
static pid_t begin_child(pid_t *watcher)
{
    (void)signal(SIGCHLD, SIG_DFL);
    *watcher = getpid();
    return fork();
}

/* Waits until the process ends, or makes no step for so long. */
static kit_outcome watch(pid_t child, const kit_board *b, uint32_t seconds, int *signal_number, void (*tell)(void *), void *ctx)
{
    const struct timespec moment = { .tv_nsec = 20000000 };
    uint64_t beat = b->beat;
    int64_t since = now_ms(), told = since;
    int how = 0;
    for (;;) {
        pid_t ended = waitpid(child, &how, WNOHANG);
        if (ended == child) break;
        if (ended < 0 && errno != EINTR) return KIT_CRASHED;
        int64_t now = now_ms();
        if (b->beat != beat) beat = b->beat, since = now;
        if (now - since > (int64_t)seconds * 1000) {
            (void)kill(child, SIGKILL);
            while (waitpid(child, &how, 0) < 0 && errno == EINTR) continue;
            return KIT_HANGS;
        }
        if (tell && now - told > 200) tell(ctx), told = now;
        (void)nanosleep(&moment, NULL);
    }
    *signal_number = WIFSIGNALED(how) ? WTERMSIG(how) : 0;
    return b->finished ? KIT_PASSED : KIT_CRASHED;
}

kit_outcome kit_try(void (*work)(void *ctx), void *ctx, uint32_t seconds, int *signal_number)
{
    kit_board *b = board_new();
    if (!b) return KIT_FAILED;
    pid_t watcher, child = begin_child(&watcher);
    if (child == 0) {
        child_limits(watcher);
        work(ctx);
        b->finished = 1;
        _exit(0);
    }
    kit_outcome outcome = child < 0 ? KIT_FAILED : watch(child, b, seconds, signal_number, NULL, NULL);
    (void)munmap(b, sizeof *b);
    return outcome;
}

static void tell_progress(void *ctx)
{
    const kit *k = ctx;
    const kit_board *b = k->board;
    if (k->options->progress && b->sample < k->sample_count)
        k->options->progress(k->options->progress_ctx, b->note, k->samples[b->sample].name, b->work);
}

bool kit_run(const dgm_codec *codec, const dgm_context *context, const kit_sample *samples, size_t count,
             const kit_options *options, const kit_part *part, kit_result *out)
{
    kit k = { .codec = codec, .context = context, .samples = samples, .sample_count = count, .options = options };
    *out = (kit_result){ .part = part };
    k.known = &context->by_codec[dgm_context_codec_of(context, dgm_slice_of(codec->name))];
    k.board = board_new();
    if (!k.board) return false;
    kit_note(&k, "%s", part->name);
    pid_t watcher, child = begin_child(&watcher);
    if (child == 0) {
        child_limits(watcher);
        kit_note(&k, "%s", "");
        part->run(&k);
        k.board->finished = 1;
        _exit(0);
    }
    if (child > 0) {
        out->outcome = watch(child, k.board, options->seconds, &out->signal, tell_progress, &k);
        if (out->outcome == KIT_PASSED && k.board->finding_count) out->outcome = KIT_FAILED;
        (void)memcpy(&out->board, k.board, sizeof out->board);
    }
    (void)munmap(k.board, sizeof *k.board);
    return child > 0;
}
