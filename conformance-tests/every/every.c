/* SPDX-License-Identifier: Apache-2.0
 *
 * every.c - every message of every directory, made from the facts and judged by the library: whole messages, least and most; each
 * place at its most and one over, missing when it must be there, in the wrong order; each segment with each kind of wrong value.
 * What is right has to be accepted, what is wrong refused with the one diagnostic that names it, at its byte; and the CONTRL that
 * answers names each wrong message, segment, element and component with its code of list 0085.
 *
 *     every [--percent N] [--seed N] [--syntax 3|4] [--segments N] [--seconds N] [--only D96B/CUSDEC] [--show] [--keep FOLDER]
 * [FOLDER]
 *
 * One thread. Ends with "result every: N passed, N failed" and 0 or 1.
 */
#include "again.h"
#include "answer.h"
#include "make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct expectation {
    const char *code; /* NULL: nothing is wrong; "": something is, whatever it is called */
    size_t at;
    char what[80];
    answer_row answer; /* what the CONTRL says */
} expectation;

typedef struct run {
    dgm_context *context;
    const char *only, *keep; /* folder for interchanges in which something failed */
    int syntax;              /* 3 or 4; 0: both */
    uint32_t percent;
    uint64_t seed;
    size_t segments_max;
    double seconds;
    bool show;
    struct timespec begun;
    /* the instance in hand */
    const directory *directory;
    const message *message;
    made text;
    bool rich; /* its header says what only version 4 can */
    expectation *expected;
    size_t expected_count, expected_room, seen;
    size_t failed_here;
    /* all of them */
    uint64_t instances, instances_failed, messages, bytes, passed, failed, unclear, wide, repeated;
} run;

static double seconds_since(const struct timespec *t)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t->tv_sec) + (double)(now.tv_nsec - t->tv_nsec) / 1e9;
}

/* ---- what is expected, and what comes ---- */

static expectation *expect(run *r, const char *code, size_t at, const char *what, const place *p)
{
    if (r->expected_count == r->expected_room) {
        r->expected_room = 2 * r->expected_room + 256;
        r->expected = realloc(r->expected, r->expected_room * sizeof *r->expected);
        if (!r->expected) abort();
    }
    expectation *e = &r->expected[r->expected_count++];
    e->code = code;
    e->at = at;
    e->answer = code ? (answer_row){ "4" } : (answer_row){ "" };
    const place *named = p;
    while (named && !named->segment) named = &named->places[0];
    snprintf(e->what, sizeof e->what, "%s%s%.*s%s", what, named ? " " : "", named ? (int)named->segment->tag.len : 0,
             named ? named->segment->tag.at : "", p && !p->segment ? " group" : "");
    return e;
}

static void tell_failure(run *r, const expectation *e, const dgm_message_report *m)
{
    if (r->failed_here++ >= 3 && !r->show) return;
    printf("%.*s %.*s message %u, %s: expected %s", (int)r->directory->name.len, r->directory->name.at, (int)r->message->type.len,
           r->message->type.at, m->position.message, e->what, e->code ? (*e->code ? e->code : "any error") : "no error");
    if (e->code && *e->code) printf(" at %zu", e->at - m->at_byte);
    printf("; came:");
    for (size_t i = 0; i < dgm_diags_count(m->diags); i++) {
        const dgm_diag *d = dgm_diags_at(m->diags, i);
        if (d->severity == DGM_ERROR)
            printf(" %s at %lld (%.*s)", dgm_diag_name(d->code), (long long)(d->at_byte - m->at_byte), (int)d->path.len,
                   d->path.at);
    }
    printf("\n");
    size_t len = m->bytes < 700 || r->show ? (size_t)m->bytes : 700;
    printf("    %.*s\n", (int)len, r->text.at + m->at_byte);
}

static void report(void *ctx, const dgm_message_report *m)
{
    run *r = ctx;
    if (!m->type.len && !m->wire) {
        /* About the interchange itself, which is right. */
        r->failed += dgm_diags_errors(m->diags) > 0;
        return;
    }
    if (r->seen >= r->expected_count) {
        r->seen++;
        return;
    }
    const expectation *e = &r->expected[r->seen++];
    size_t errors = 0;
    const dgm_diag *first = NULL;
    for (size_t i = 0; i < dgm_diags_count(m->diags); i++) {
        const dgm_diag *d = dgm_diags_at(m->diags, i);
        /* Control totals are made at random, so most of them are wrong. */
        if (d->severity != DGM_ERROR || strcmp(dgm_diag_name(d->code), "edifact.count.control") == 0) continue;
        if (!errors++) first = d;
    }
    bool good = !e->code    ? errors == 0
                : !*e->code ? errors > 0
                            : errors == 1 && strcmp(dgm_diag_name(first->code), e->code) == 0 && first->at_byte == e->at;
    if (good)
        r->passed++;
    else {
        r->failed++;
        tell_failure(r, e, m);
    }
}

/* ---- the messages of one instance ---- */

/* The walk of what was just made; *complete as walk() says. */
static size_t walked(const run *r, bool *complete)
{
    const made *t = &r->text;
    text *tags = calloc(t->segments + 1, sizeof *tags);
    if (!tags) abort();
    for (size_t i = 0; i < t->segments; i++) {
        const char *at = t->at + t->starts[i];
        tags[i] = (text){ at, 3 };
    }
    size_t taken = walk(r->message, tags, t->segments, complete);
    free(tags);
    return taken;
}

/* Whether a receiver that goes place by place finds its way through: some structures let two places collide. */
static bool walks_through(const run *r)
{
    bool complete;
    return walked(r, &complete) == r->text.segments && complete;
}

static void finish_valid(run *r, const char *what, const place *p)
{
    make_message_end(&r->text, 0);
    if (walks_through(r)) {
        expect(r, NULL, 0, what, p);
    } else {
        r->unclear++;
        expect(r, "", 0, what, p);
    }
}

static void whole_messages(run *r, message *m)
{
    want_least(m);
    make_message(&r->text, r->directory, m, FILL_LEAST, NULL);
    finish_valid(r, "least", NULL);
    want_many(m, 2, r->segments_max);
    make_message(&r->text, r->directory, m, FILL_MOST, NULL);
    finish_valid(r, "most", NULL);
    want_least(m);
    make_message(&r->text, r->directory, m, FILL_LEAST, NULL);
    make_message_end(&r->text, 1);
    expect(r, "edifact.count.segments", r->text.starts[r->text.segments - 1] + strlen("UNT+"), "count", NULL)->answer =
        answer_count();
}

/* Does a tag stand at one place of the message only? */
static bool alone(const message *m, const place *p)
{
    while (!p->segment) p = &p->places[0];
    size_t n = 0;
    for (size_t i = 0; i < m->place_count; i++)
        n += m->by_number[i]->segment && text_equal(m->by_number[i]->segment->tag, p->segment->tag);
    return n == 1;
}

static void at_most_and_over(run *r, message *m, place *p)
{
    want_least(m);
    want(p, p->max);
    if (wanted_segments(m) > r->segments_max) return;
    make_message(&r->text, r->directory, m, FILL_LEAST, NULL);
    finish_valid(r, "at its most", p);
    want(p, p->max + 1);
    make_message(&r->text, r->directory, m, FILL_LEAST, NULL);
    make_message_end(&r->text, 0);
    bool complete;
    size_t taken = walked(r, &complete);
    if (taken == r->text.segments) {
        expect(r, complete ? NULL : "", 0, "one over", p);
    } else if (alone(m, p)) {
        bool group = !p->segment || p == &p->up->places[0]; /* a trigger again is its group again */
        expect(r, group ? "edifact.group.too-many" : "edifact.segment.too-many", r->text.starts[taken], "one over", p)->answer =
            answer_segment(taken + 1, group ? 36 : 35);
    } else {
        expect(r, "", 0, "one over", p);
    }
}

static void missing(run *r, message *m, place *p)
{
    if (!p->mandatory || p == &p->up->places[0]) return; /* without its trigger a group is not there */
    want_least(m);
    want(p, 0);
    make_message(&r->text, r->directory, m, FILL_LEAST, NULL);
    make_message_end(&r->text, 0);
    bool complete;
    size_t taken = walked(r, &complete);
    if (taken == r->text.segments && complete) {
        expect(r, NULL, 0, "missing", p);
        return;
    }
    const char *code = p->segment ? "edifact.segment.missing" : "edifact.group.missing";
    /* What stands behind the gap may have found an earlier place of the same name; then nobody can tell what is missing. */
    size_t behind = 0;
    while (behind + 1 < r->text.segments && r->text.places[behind]->number < p->number) behind++;
    bool clear = alone(m, p) && taken == behind;
    expectation *e = expect(r, clear ? code : "", clear ? r->text.starts[taken] : 0, "missing", p);
    if (clear) e->answer = answer_segment(taken, 13); /* the last segment before the gap */
}

/* A segment nobody knows, anywhere behind UNH. */
static void stranger(run *r, message *m)
{
    want_least(m);
    make_message(&r->text, r->directory, m, FILL_LEAST, NULL);
    size_t i = 1 + below(&r->text.random, (uint32_t)r->text.segments);
    size_t at = i < r->text.segments ? r->text.starts[i] : r->text.len;
    static const char unknown[] = "QQQ+1'";
    put(&r->text, "%s", unknown);
    memmove(r->text.at + at + sizeof unknown - 1, r->text.at + at, r->text.len - at - (sizeof unknown - 1));
    memcpy(r->text.at + at, unknown, sizeof unknown - 1);
    r->text.segments++;
    make_message_end(&r->text, 0);
    expect(r, "edifact.segment.unknown", at, "stranger", NULL)->answer = answer_segment(i + 1, 15);
}

static const char *code_of(harm h, const element *e)
{
    switch (h) {
    case HARM_TOO_LONG: return "edifact.value.too-long";
    case HARM_CLASS: return e->class == 'n' ? "edifact.value.not-numeric" : "edifact.value.not-alphabetic";
    case HARM_UNKNOWN_CODE: return "edifact.code.unknown";
    case HARM_ITEM_MISSING: return "edifact.element.missing";
    case HARM_PART_MISSING: return "edifact.component.missing";
    case HARM_ITEMS_TOO_MANY: return "edifact.element.too-many";
    case HARM_PARTS_TOO_MANY: return "edifact.component.too-many";
    case HARM_NOTE: return "edifact.element.paired";
    case HARM_REPEATED: return "edifact.element.repetitions";
    case HARM_NONE:
    case HARM_COUNT: break;
    }
    return "";
}

/* Positions of the first so many items: in syntax versions 1 to 3 each occurrence has its own. */
static size_t positions(int syntax, const segment *g, size_t items)
{
    size_t n = 0;
    for (size_t i = 0; i < items; i++) n += syntax >= 4 ? 1 : g->items[i].max;
    return n;
}

/* UCS and UCD for a wound, by the codes of list 0085. */
static answer_row answer_of(int syntax, const wound *w)
{
    static const unsigned codes[HARM_COUNT] = { [HARM_TOO_LONG] = 39,       [HARM_CLASS] = 37,        [HARM_UNKNOWN_CODE] = 12,
                                                [HARM_ITEM_MISSING] = 13,   [HARM_PART_MISSING] = 13, [HARM_ITEMS_TOO_MANY] = 16,
                                                [HARM_PARTS_TOO_MANY] = 16, [HARM_NOTE] = 13,         [HARM_REPEATED] = 35 };
    const segment *g = w->place->segment;
    const note *n = w->harm == HARM_NOTE ? &g->notes[0] : NULL;
    const size_t which = n ? n->of[n->kind == 3 ? 0 : n->count - 1] : w->item;
    const item *it = &g->items[which];
    size_t position = positions(syntax, g, which) + 1, component = it->composite ? w->part + 1 : 0;
    if (w->harm == HARM_ITEM_MISSING || w->harm == HARM_REPEATED || n) component = 0;
    if (w->harm == HARM_PARTS_TOO_MANY) component = it->composite->count + 1;
    /* A segment with more elements than it has is wrong as a whole, too. */
    if (w->harm == HARM_ITEMS_TOO_MANY) return answer_place(w->segment, 16, 16, positions(syntax, g, g->count) + 1, 0, 0);
    /* Code 48, a dependency note, is of syntax version 4. */
    position += w->behind;
    return answer_place(w->segment, 0, n && syntax >= 4 ? 48 : codes[w->harm], position, component, w->occurrence);
}

/* A segment with every element as often as it may stand: ARR has 10,000 of them from D.00A to D.02A. */
static void elements_at_most(run *r, message *m, place *p)
{
    bool any = false;
    for (size_t i = 0; i < p->segment->count; i++) any |= p->segment->items[i].max > 1;
    if (!any) return;
    want_least(m);
    want(p, 1);
    r->text.full = p;
    make_message(&r->text, r->directory, m, FILL_LEAST, NULL);
    r->wide += positions(r->text.syntax, p->segment, p->segment->count) > 255;
    finish_valid(r, "elements at their most", p);
}

static void hurt(run *r, message *m, place *p, harm h)
{
    static const char *const names[] = {
        "",         "too long",   "class",      "unknown code", "element missing", "component missing",
        "elements", "components", "dependency", "repetitions"
    };
    const segment *g = p->segment;
    if (!g->count) return;
    made *t = &r->text;
    wound w = { .harm = h, .place = p, .item = below(&t->random, (uint32_t)g->count) };
    const item *it = &g->items[w.item];
    if (it->composite) w.part = below(&t->random, (uint32_t)it->composite->count);
    if (!it->composite && (h == HARM_PART_MISSING || h == HARM_PARTS_TOO_MANY)) return;
    if (h == HARM_REPEATED && (t->syntax < 4 || text_is(g->tag, "UNS"))) return; /* UNS is looked at as the mark that it is */
    if (h == HARM_NOTE && (g->note_count != 1 || (g->notes[0].kind != 2 && g->notes[0].kind != 3 && g->notes[0].kind != 5))) return;
    want_least(m);
    want(p, 1);
    size_t before = t->len;
    make_message(t, r->directory, m, FILL_LEAST, &w);
    if (!w.done) {
        t->len = before;
        t->reference--;
        return;
    }
    make_message_end(t, 0);
    const char *code = h == HARM_NOTE && g->notes[0].kind == 3 ? "edifact.element.none-of" : NULL;
    const element *e = it->composite ? it->composite->items[w.part].element : it->element;
    r->repeated += h == HARM_REPEATED;
    if (walks_through(r))
        expect(r, code ? code : code_of(h, e), w.at, names[h], p)->answer = answer_of(t->syntax, &w);
    else
        expect(r, "", 0, names[h], p);
}

static void keep(const run *r)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%.*s-%.*s.edi", r->keep, (int)r->directory->name.len, r->directory->name.at,
             (int)r->message->type.len, r->message->type.at);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(r->text.at, 1, r->text.len, f) != r->text.len) fprintf(stderr, "every: %s cannot be written\n", path);
    if (f) fclose(f);
}

/* Version 4 lets addresses be longer, and has one more. */
static const char *const parties[] = { "SENDER+RECIPIENT",
                                       "SENDER:ZZZ:AN ADDRESS OF THIRTY-FIVE LETTERS..:DESK 1+RECIPIENT:14:ROUTE:DESK 2" };

/* The CONTRL for all of it. */
static void judge_answer(run *r)
{
    char type[40];
    snprintf(type, sizeof type, "%.*s:D:%.*s:UN", (int)r->message->type.len, r->message->type.at, (int)r->directory->name.len - 1,
             r->directory->name.at + 1);
    answer_row *rows = calloc(r->expected_count, sizeof *rows);
    if (!rows) abort();
    for (size_t i = 0; i < r->expected_count; i++) rows[i] = r->expected[i].answer;
    const char *wrong =
        answered(r->context, (dgm_slice){ r->text.at, r->text.len }, parties[r->rich], type, rows, r->expected_count);
    free(rows);
    if (!wrong) return;
    printf("%.*s %.*s answered: %s\n", (int)r->directory->name.len, r->directory->name.at, (int)r->message->type.len,
           r->message->type.at, wrong);
    r->failed++;
}

static void judge(run *r)
{
    static const dgm_named level = { { "reader.level", 12 }, { "codes", 5 } };
    dgm_job_options o = { .struct_bytes = sizeof o, .settings = &level, .setting_count = 1, .report = report, .report_ctx = r };
    dgm_job *job = NULL;
    uint64_t failed = r->failed;
    r->seen = 0;
    dgm_status s = dgm_job_open(r->context, &o, NULL, &job);
    if (s == DGM_OK) s = dgm_job_whole(job, (dgm_slice){ r->text.at, r->text.len });
    dgm_job_close(job);
    if (s != DGM_OK || r->seen != r->expected_count) {
        printf("%.*s %.*s: status %d, %zu messages made, %zu came\n", (int)r->directory->name.len, r->directory->name.at,
               (int)r->message->type.len, r->message->type.at, (int)s, r->expected_count, r->seen);
        r->failed++;
    }
    const char *wrong = written_again(r->context, (dgm_slice){ r->text.at, r->text.len }, r->text.syntax, !r->rich);
    if (wrong) {
        printf("%.*s %.*s written again: %s\n", (int)r->directory->name.len, r->directory->name.at, (int)r->message->type.len,
               r->message->type.at, wrong);
        r->failed++;
    }
    judge_answer(r);
    if (r->keep && r->failed > failed) keep(r);
    r->messages += r->expected_count;
    r->bytes += r->text.len;
}

static void instance(run *r, message *m, int syntax)
{
    r->text.syntax = syntax;
    r->rich = syntax >= 4 && below(&r->text.random, 2);
    r->message = m;
    r->text.len = 0;
    r->text.reference = 0;
    r->expected_count = r->failed_here = 0;
    put(&r->text, "UNB+UNOC:%s+%s+%s:0900+1'", !r->rich ? (syntax >= 4 ? "4" : "3") : "4:::02", parties[r->rich],
        syntax >= 4 ? "20260101" : "260101");
    whole_messages(r, m);
    stranger(r, m);
    for (size_t i = 0; i < m->place_count; i++) {
        place *p = m->by_number[i];
        if (p->segment && (text_is(p->segment->tag, "UNH") || text_is(p->segment->tag, "UNT"))) continue;
        at_most_and_over(r, m, p);
        missing(r, m, p);
        if (p->segment) elements_at_most(r, m, p);
        for (int h = HARM_TOO_LONG; p->segment && h < HARM_COUNT; h++) hurt(r, m, p, (harm)h);
    }
    put(&r->text, "UNZ+%zu+1'", r->expected_count);
    uint64_t before = r->failed;
    judge(r);
    r->instances++;
    r->instances_failed += r->failed > before;
}

/* ---- all of them ---- */

/* What found a mistake once is tried always: a full store of molds, 105 elements in a segment, triggers that repeat; and 10,000
 * elements in one. */
static const char *const always[] = { "D97A/HANMOV", "D18A/DELFOR", "D03A/IPPOAD", "D94A/SANCRT", "D01B/GESMES" };

static bool chosen(const run *r, const directory *d, const message *m, uint64_t *dice)
{
    bool drawn = below(dice, 100) < r->percent;
    char name[64];
    snprintf(name, sizeof name, "%.*s/%.*s", (int)d->name.len, d->name.at, (int)m->type.len, m->type.at);
    if (r->only) return strncmp(name, r->only, strlen(r->only)) == 0;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) drawn |= strcmp(name, always[i]) == 0;
    return drawn;
}

static void progress(const run *r, size_t now, size_t all)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%zu of %zu directories, %llu messages \033[K", now, all, (unsigned long long)r->messages);
}

static bool arguments(run *r, int argc, char **argv, const char **folder)
{
    for (int i = 1; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--show") == 0)
            r->show = true;
        else if (argv[i][0] != '-')
            *folder = argv[i];
        else if (!next)
            return false;
        else if (strcmp(argv[i], "--percent") == 0)
            r->percent = (uint32_t)strtoul(next, NULL, 10), i++;
        else if (strcmp(argv[i], "--seed") == 0)
            r->seed = strtoull(next, NULL, 10), i++;
        else if (strcmp(argv[i], "--segments") == 0)
            r->segments_max = strtoul(next, NULL, 10), i++;
        else if (strcmp(argv[i], "--seconds") == 0)
            r->seconds = strtod(next, NULL), i++;
        else if (strcmp(argv[i], "--syntax") == 0)
            r->syntax = (int)strtol(next, NULL, 10), i++;
        else if (strcmp(argv[i], "--only") == 0)
            r->only = next, i++;
        else if (strcmp(argv[i], "--keep") == 0)
            r->keep = next, i++;
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    const char *folder = "codecs/edifact/directories";
    run r = { .percent = 5, .seed = 1, .segments_max = 2000, .seconds = 1e9 };
    if (!arguments(&r, argc, argv, &folder)) {
        fprintf(stderr, "usage: every [--percent N] [--seed N] [--syntax 3|4] [--segments N] [--seconds N] [--only D96B/CUSDEC] "
                        "[--show] [--keep "
                        "FOLDER] [FOLDER]\n");
        return 2;
    }
    dgm_context_options o = { .struct_bytes = sizeof o, .mappings = { "mappings", 8 } };
    o.limits.segment_bytes_max = 16u << 20; /* 10,000 elements of 512 characters */
    if (dgm_context_open(&o, NULL, &r.context) != DGM_OK) {
        fprintf(stderr, "the mappings of this folder do not load; run from the top of the project\n");
        return 3;
    }
    clock_gettime(CLOCK_MONOTONIC, &r.begun);
    facts *f = facts_read(folder);
    size_t all = facts_directory_count(f), broken = 0, there = 0;
    uint64_t dice = (r.seed + 1) * 0x9E3779B97F4A7C15u | 1u;
    r.text.random = dice ^ 0x5555;
    /* With too little time for all, another seed begins with another directory. */
    size_t done = 0;
    for (; done < all && seconds_since(&r.begun) < r.seconds; done++) {
        r.directory = facts_directory(f, (done + (r.seconds < 1e9 ? (size_t)r.seed : 0)) % all);
        broken += r.directory->broken;
        there += r.directory->message_count;
        for (size_t k = 0; k < r.directory->message_count; k++)
            if (chosen(&r, r.directory, &r.directory->messages[k], &dice))
                for (int syntax = 3; syntax <= 4; syntax++)
                    if (!r.syntax || r.syntax == syntax) instance(&r, &r.directory->messages[k], syntax);
        progress(&r, done + 1, all);
    }
    if (done < all) printf("time was up after %zu of %zu directories\n", done, all);
    printf("%zu directories with %zu messages; %llu of them tried with seed %llu: %llu messages, %llu MB\n", done, there,
           (unsigned long long)r.instances, (unsigned long long)r.seed, (unsigned long long)r.messages,
           (unsigned long long)(r.bytes >> 20));
    printf("%llu elements repeated once too often in syntax version 4\n", (unsigned long long)r.repeated);
    printf("%llu valid ones whose structure leads a receiver astray; %llu segments of more than 255 elements, all filled\n",
           (unsigned long long)r.unclear, (unsigned long long)r.wide);
    made_free(&r.text);
    free(r.expected);
    facts_free(f);
    dgm_context_free(r.context);
    printf("%llu messages judged as expected, %llu not; %zu references of the files lead nowhere\n", (unsigned long long)r.passed,
           (unsigned long long)r.failed, broken);
    uint64_t failed = r.instances_failed + (broken > 0);
    printf("result every: %llu passed, %llu failed\n", (unsigned long long)(r.instances - r.instances_failed),
           (unsigned long long)failed);
    return failed ? 1 : 0;
}
