/* SPDX-License-Identifier: Apache-2.0
 *
 * answer.c - see answer.h. The answer is taken apart here, character by character, with nothing of the library. One thread.
 */
#include "answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what has to be said ---- */

answer_row answer_segment(size_t segment, unsigned code)
{
    answer_row row;
    snprintf(row.text, sizeof row.text, "4'UCS+%zu+%u'", segment, code);
    return row;
}

/* The tag is position 1 of a segment (0098). An occurrence is told in syntax version 4 alone, and where no component is: S011 has
 * one of 0104 and 0136 at most. */
answer_row answer_place(size_t segment, unsigned whole, unsigned code, size_t element, size_t component, size_t occurrence)
{
    answer_row row;
    if (element + 1 > 999) return answer_segment(segment, whole ? whole : code); /* 0098 is n..3: there is no place to name */
    int n = snprintf(row.text, sizeof row.text, "4'UCS+%zu", segment);
    if (whole) n += snprintf(row.text + n, sizeof row.text - (size_t)n, "+%u", whole);
    n += snprintf(row.text + n, sizeof row.text - (size_t)n, "'UCD+%u+%zu", code, element + 1);
    if (component) n += snprintf(row.text + n, sizeof row.text - (size_t)n, ":%zu", component);
    if (occurrence && !component) n += snprintf(row.text + n, sizeof row.text - (size_t)n, "::%zu", occurrence);
    snprintf(row.text + n, sizeof row.text - (size_t)n, "'");
    return row;
}

answer_row answer_count(void)
{
    return (answer_row){ "4+29+UNT+2'" };
}

/* ---- what is said ---- */

typedef struct letter {
    char *at;
    size_t len, room, outputs, errors;
} letter;

static dgm_status put_bytes(void *ctx, dgm_slice bytes)
{
    letter *l = ctx;
    if (l->room - l->len <= bytes.len) {
        l->at = realloc(l->at, l->room = 2 * l->room + bytes.len + 4096);
        if (!l->at) abort();
    }
    memcpy(l->at + l->len, bytes.at, bytes.len);
    l->len += bytes.len;
    l->at[l->len] = 0;
    return DGM_OK;
}

static dgm_status open_output(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number, (void)format;
    ((letter *)ctx)->outputs++;
    *out = (dgm_sink){ put_bytes, ctx };
    return DGM_OK;
}

static dgm_status close_output(void *ctx, bool complete)
{
    (void)ctx;
    return complete ? DGM_OK : DGM_IO;
}

static void count_errors(void *ctx, const dgm_message_report *m)
{
    ((letter *)ctx)->errors += dgm_diags_errors(m->diags);
}

static const dgm_named level = { { "reader.level", 12 }, { "codes", 5 } };

static dgm_status job(const dgm_context *c, const dgm_job_options *o, dgm_slice input)
{
    dgm_job *j = NULL;
    dgm_status s = dgm_job_open(c, o, NULL, &j);
    if (s == DGM_OK) s = dgm_job_whole(j, input);
    dgm_job_close(j);
    return s;
}

static bool is_right(const dgm_context *c, const letter *l)
{
    letter check = { 0 };
    const dgm_job_options o = {
        .struct_bytes = sizeof o, .settings = &level, .setting_count = 1, .report = count_errors, .report_ctx = &check
    };
    return job(c, &o, (dgm_slice){ l->at, l->len }) == DGM_OK && check.errors == 0;
}

static bool begins(const char *at, const char *with)
{
    return strncmp(at, with, strlen(with)) == 0;
}

static const char *behind(const char *segment)
{
    const char *end = strchr(segment, '\'');
    return end ? end + 1 : segment + strlen(segment);
}

/* Message by message, in the order of the interchange. `at` is the first segment behind UCI. */
static const char *compare(const char *at, const char *type, const answer_row *rows, size_t count)
{
    static char why[256];
    for (size_t i = 0; i < count; i++) {
        char head[64];
        int n = snprintf(head, sizeof head, "UCM+%zu+%s+", i + 1, type);
        bool named = begins(at, head);
        const char *end = named ? behind(at) : at, *said = named ? at + n : at;
        while (named && (begins(end, "UCS+") || begins(end, "UCD+"))) end = behind(end);
        size_t len = (size_t)(end - said);
        const char *wanted = rows[i].text;
        bool good = !*wanted                   ? !named
                    : strcmp(wanted, "4") == 0 ? named && *said == '4'
                                               : named && len == strlen(wanted) && memcmp(said, wanted, len) == 0;
        if (!good) {
            snprintf(why, sizeof why, "of message %zu it says \"%.*s\" instead of \"%s\"", i + 1, len < 100 ? (int)len : 100, said,
                     wanted);
            return why;
        }
        at = end;
    }
    return begins(at, "UNT+") ? NULL : "it speaks of messages that were not sent";
}

const char *answered(const dgm_context *c, dgm_slice interchange, const char *parties, const char *type, const answer_row *rows,
                     size_t count)
{
    char uci[128];
    snprintf(uci, sizeof uci, "UCI+1+%s+7'", parties);
    letter l = { 0 };
    const char *wrong = NULL;
    const dgm_job_options o = {
        .struct_bytes = sizeof o, .settings = &level, .setting_count = 1, .ack = { open_output, close_output, &l }
    };
    dgm_status s = job(c, &o, interchange);
    const char *at = s == DGM_OK && l.outputs == 1 ? strstr(l.at, uci) : NULL;
    if (s != DGM_OK)
        wrong = "the job failed";
    else if (l.outputs != 1)
        wrong = "there is not one answer";
    else if (!at)
        wrong = "the interchange itself is not acknowledged";
    else
        wrong = compare(at + strlen(uci), type, rows, count);
    if (!wrong && !is_right(c, &l)) wrong = "the answer itself is refused";
    free(l.at);
    return wrong;
}
