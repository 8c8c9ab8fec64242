/* SPDX-License-Identifier: Apache-2.0
 *
 * again.c - see again.h. One thread.
 */
#include "again.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one job wrote and which messages it accepted: a number for the values of each. */
typedef struct passage {
    char *at;
    size_t len, room;
    uint64_t *messages;
    size_t count, message_room;
    size_t errors;       /* whatever they are about */
    char refused_by[80]; /* the first diagnostic with which the writer refused what the reader had accepted */
} passage;

static void *more(void *at, size_t bytes)
{
    void *grown = realloc(at, bytes);
    if (!grown) abort();
    return grown;
}

static dgm_status put_bytes(void *ctx, dgm_slice bytes)
{
    passage *p = ctx;
    if (p->room - p->len < bytes.len) p->at = more(p->at, p->room = 2 * p->room + bytes.len + 4096);
    memcpy(p->at + p->len, bytes.at, bytes.len);
    p->len += bytes.len;
    return DGM_OK;
}

static dgm_status open_output(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number, (void)format;
    *out = (dgm_sink){ put_bytes, ctx };
    return DGM_OK;
}

static dgm_status close_output(void *ctx, bool complete)
{
    (void)ctx;
    return complete ? DGM_OK : DGM_IO;
}

static uint64_t mix(uint64_t h, dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++) h = (h ^ (unsigned char)(s.at[i] == ',' ? '.' : s.at[i])) * 0x100000001B3u;
    return (h ^ 0xFF) * 0x100000001B3u;
}

/* A number for the places and values of a message. Of the two decimal marks either may come back. */
static uint64_t number_of(const dgm_tree *t)
{
    uint64_t h = 0xCBF29CE484222325u;
    dgm_view v;
    for (uint32_t node = 0; dgm_tree_view(t, node, &v); node++) {
        h = mix(h, v.name);
        if (v.value.len) h = mix(h, v.value);
    }
    return h;
}

static void report(void *ctx, const dgm_message_report *m)
{
    passage *p = ctx;
    p->errors += dgm_diags_errors(m->diags);
    for (size_t i = 0; i < dgm_diags_count(m->diags) && !p->refused_by[0]; i++) {
        const char *name = dgm_diag_name(dgm_diags_at(m->diags, i)->code);
        if (strncmp(name, "edifact.write.", 14) == 0) snprintf(p->refused_by, sizeof p->refused_by, "%s", name);
    }
    if (m->status != DGM_OK || !m->wire) return;
    if (p->count == p->message_room)
        p->messages = more(p->messages, (p->message_room = 2 * p->message_room + 64) * sizeof(uint64_t));
    p->messages[p->count++] = number_of(m->wire);
}

/* syntax NULL: as it came. */
static dgm_status pass(const dgm_context *c, dgm_slice input, bool keep, const char *syntax, passage *out)
{
    const dgm_named setting = { { "writer.syntax", 13 }, { syntax, syntax ? strlen(syntax) : 0 } };
    dgm_job_options o = { .struct_bytes = sizeof o,
                          .rewrite = keep ? DGM_REWRITE_KEEP : DGM_REWRITE_NORMAL,
                          .settings = &setting,
                          .setting_count = syntax ? 1 : 0,
                          .outlet = { open_output, close_output, out },
                          .report = report,
                          .report_ctx = out };
    dgm_job *job = NULL;
    out->len = out->count = out->errors = 0;
    out->refused_by[0] = 0;
    dgm_status s = dgm_job_open(c, &o, NULL, &job);
    if (s == DGM_OK) s = dgm_job_whole(job, input);
    dgm_job_close(job);
    return s;
}

static dgm_slice bytes_of(const passage *p)
{
    return (dgm_slice){ p->at, p->len };
}

static bool same_bytes(const passage *a, const passage *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->at, b->at, a->len) == 0);
}

static bool same_messages(const passage *a, const passage *b)
{
    return a->count == b->count && (a->count == 0 || memcmp(a->messages, b->messages, a->count * sizeof *a->messages) == 0);
}

const char *written_again(const dgm_context *c, dgm_slice interchange, int syntax, bool between)
{
    static char why[160];
    const char *own = syntax >= 4 ? "UNOC:4" : "UNOC:3", *another = syntax >= 4 ? "UNOC:3" : "UNOC:4";
    passage once = { 0 }, other = { 0 }, back = { 0 };
    const char *wrong = NULL;
    dgm_status s = pass(c, interchange, false, NULL, &once);
    if (s == DGM_OK && once.count) s = pass(c, bytes_of(&once), false, NULL, &other);
    if (once.refused_by[0]) {
        snprintf(why, sizeof why, "the writer refuses what the reader takes: %s", once.refused_by);
        wrong = why;
    } else if (once.count && other.errors) {
        wrong = "what is written is refused";
    } else if (once.count && !same_messages(&once, &other)) {
        wrong = "what is written has other values";
    } else if (once.count && !same_bytes(&once, &other)) {
        wrong = "writing it once more changes it";
    }
    if (s == DGM_OK && !wrong && between && once.count) s = pass(c, bytes_of(&once), false, another, &other);
    if (s == DGM_OK && !wrong && between && once.count) s = pass(c, bytes_of(&other), false, own, &back);
    if (!wrong && between && once.count && (other.errors || back.errors)) wrong = "the other syntax version is refused";
    if (!wrong && between && once.count && !same_bytes(&once, &back)) wrong = "the other syntax version and back changes it";
    if (s == DGM_OK && !wrong && once.count) s = pass(c, bytes_of(&once), true, NULL, &other);
    if (!wrong && once.count && !same_bytes(&once, &other)) wrong = "as it came it is different";
    if (s == DGM_OK && !wrong && once.count) s = pass(c, interchange, true, NULL, &other);
    if (s == DGM_OK && !wrong && once.count) s = pass(c, bytes_of(&other), true, NULL, &back);
    if (!wrong && once.count && (back.errors || !same_messages(&once, &back))) wrong = "what is left as it came is refused";
    if (s != DGM_OK && !wrong) wrong = "a job failed";
    free(once.at), free(once.messages), free(other.at), free(other.messages), free(back.at), free(back.messages);
    return wrong;
}
