/* SPDX-License-Identifier: Apache-2.0
 *
 * inputs.c - all inputs of a command through the library, in their order: opened when there is room for them, told of in their
 * turn, closed when they are through. The library may work on several at a time; this is the thread that sees their outputs and
 * reports.
 */
#include "cli.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 65536 };

typedef struct work {
    cli *c;
    cli_feeding *feeding;
    const cli_turns *turns;
    struct turn *all;
    size_t next;
    bool broken; /* reading the input whose turn it is failed, and it was said why */
    cli_exit code;
} work;

typedef struct turn {
    work *work;
    cli_input in;
    int why; /* errno when it could not be opened */
} turn;

static dgm_status cannot_read(work *w, dgm_slice name, int why)
{
    cli_say(w->c, DGM_D_GATEWAY_INPUT_OPEN, DGM_ERROR, name, dgm_slice_of(strerror(why)));
    w->broken = true;
    return DGM_IO;
}

/* What cannot be mapped is read piece by piece; what could not be opened says so here, in its turn. */
static dgm_status feed(void *ctx, dgm_job *job)
{
    turn *t = ctx;
    if (t->why) return cannot_read(t->work, t->in.name, t->why);
    if (t->in.whole) return dgm_job_whole(job, t->in.mapped);
    char chunk[CHUNK_BYTES];
    for (uint64_t done = 0;;) {
        ssize_t n = read(t->in.fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return cannot_read(t->work, t->in.name, errno);
        dgm_status status = dgm_job_feed(job, (dgm_slice){ chunk, (size_t)n }, n == 0);
        if (status != DGM_OK || n == 0) return status;
        done += (uint64_t)n;
        cli_progress_step(t->work->feeding, done, dgm_job_count(job).messages);
    }
}

static dgm_status next(void *ctx, dgm_input *input)
{
    work *w = ctx;
    if (w->next == w->c->args.input_count) return DGM_END;
    turn *t = &w->all[w->next];
    t->work = w;
    t->why = cli_input_open(w->c->args.inputs[w->next++], &t->in);
    *input = (dgm_input){ .whole = t->in.mapped, .feed = t->in.whole ? NULL : feed, .ctx = t };
    return DGM_OK;
}

static void begin(void *ctx, const dgm_input *input)
{
    work *w = ctx;
    turn *t = input->ctx;
    w->broken = false;
    cli_feeding_turn(w->feeding, &t->in);
    if (w->turns->begin) w->turns->begin(w->turns->ctx, &t->in);
}

static dgm_status end(void *ctx, const dgm_input *input, dgm_status status, const dgm_job_counts *counts)
{
    work *w = ctx;
    turn *t = input->ctx;
    bool go_on = false;
    if (status != DGM_END) {
        cli_turn_end e = { .status = status, .code = cli_exit_of(status), .counts = *counts };
        e.said = w->broken || counts->errors > 0;
        if (counts->refused || counts->errors) e.code = cli_worse(e.code, CLI_REFUSED);
        cli_feeding_over(w->feeding, counts->messages);
        cli_progress_clear(w->feeding);
        go_on = w->turns->end(w->turns->ctx, &t->in, &e) && e.code != CLI_USAGE && e.code != CLI_DEFECT && !w->c->out.error;
        w->code = cli_worse(w->code, e.code);
    }
    cli_input_close(&t->in);
    return go_on ? DGM_OK : DGM_END;
}

/* How much there is to do, as far as that can be known: for the bar. */
static uint64_t bytes_of_all(const cli *c)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < c->args.input_count; i++) {
        struct stat s;
        dgm_slice name = c->args.inputs[i];
        int found = dgm_slice_is(name, "-") ? fstat(STDIN_FILENO, &s) : stat(name.at, &s);
        if (found != 0) continue;
        if (!S_ISREG(s.st_mode)) return 0;
        sum += (uint64_t)s.st_size;
    }
    return sum;
}

cli_exit cli_inputs_run(cli *c, cli_feeding *f, const dgm_job_options *options, const cli_turns *turns)
{
    work w = { .c = c, .feeding = f, .turns = turns, .all = DGM_NEW(&c->arena, turn, c->args.input_count) };
    if (!w.all) return CLI_ENVIRONMENT;
    bool wanted = f->wanted;
    *f = cli_feeding_begin(c);
    f->wanted &= wanted;
    f->total_inputs = c->args.input_count;
    f->total_bytes = f->wanted ? bytes_of_all(c) : 0;
    dgm_inputs inputs = { .next = next, .begin = begin, .end = end, .ctx = &w };
    dgm_status status = dgm_job_inputs(c->context, options, &inputs, c->diags);
    cli_progress_clear(f);
    cli_advise(f);
    /* What a job cannot be opened with are words of the command line: formats, settings. */
    bool words = status == DGM_UNKNOWN || status == DGM_CONFIG;
    bool said = dgm_diags_errors(c->diags) > 0;
    cli_print_own(c);
    if (status == DGM_OK || status == DGM_END) return w.code;
    if (!said) cli_say(c, DGM_D_GATEWAY_JOB, DGM_ERROR, DGM_LITERAL("dragoman"), dgm_slice_of(dgm_status_text(status)));
    return cli_worse(w.code, words ? CLI_USAGE : cli_exit_of(status));
}

void cli_turn_failed(cli *c, const cli_input *in, const cli_turn_end *end)
{
    if (end->status == DGM_OK || end->said) return;
    cli_say(c, DGM_D_GATEWAY_JOB, DGM_ERROR, in->name, dgm_slice_of(dgm_status_text(end->status)));
}
