/* SPDX-License-Identifier: Apache-2.0
 *
 * ack_read.c - the command ack --read: what partners answered, for people or as one JSON object for each acknowledgement; with
 * --of, the interchange that is answered is read too, so that segments in error have their names. One thread.
 */
#include "cli.h"

typedef struct answer {
    struct answer *next;
    dgm_slice input; /* where it stands */
    dgm_acked *acked;
} answer;

typedef struct reading {
    cli *c;
    cli_feeding feeding;
    answer *first, *last;
    bool failed, stray;
} reading;

/* ---- reading ---- */

static void keep(reading *r, dgm_acked *acked)
{
    answer *a = DGM_NEW(&r->c->arena, answer, 1);
    if (!a) {
        r->failed = true;
        dgm_acked_free(acked);
        return;
    }
    *a = (answer){ .input = r->feeding.in->name, .acked = acked };
    if (r->last)
        r->last->next = a;
    else
        r->first = a;
    r->last = a;
}

static void on_answer(void *ctx, const dgm_message_report *m)
{
    reading *r = ctx;
    dgm_acked *acked = NULL;
    cli_print_diags(&r->feeding, &r->c->err, m->diags);
    if (m->position.message == 0) return;
    dgm_status s = dgm_acked_read(m, &acked);
    if (s == DGM_OK)
        keep(r, acked);
    else if (s == DGM_NOMEM)
        r->failed = true;
    else {
        r->stray = true;
        cli_say(r->c, DGM_D_GATEWAY_ACK_NONE, DGM_ERROR, r->feeding.in->name, m->type);
    }
}

static void on_original(void *ctx, const dgm_message_report *m)
{
    reading *r = ctx;
    for (answer *a = r->first; a; a = a->next)
        if (dgm_acked_tie(a->acked, m) == DGM_NOMEM) r->failed = true;
}

/* ---- for people ---- */

static void put_error(cli_stream *s, const dgm_acked_item *item)
{
    if (item->text.len && !item->code.len) {
        cli_put_visible(s, item->text, SIZE_MAX);
        return;
    }
    if (item->text.len) {
        cli_put_visible(s, item->text, SIZE_MAX);
        cli_print(s, " (%.*s)", (int)item->code.len, item->code.at);
    } else {
        cli_put(s, "error ");
        cli_put_visible(s, item->code, SIZE_MAX);
    }
}

static void put_element(cli_stream *s, const dgm_acked_item *item)
{
    if (item->position.element) cli_print(s, ", element %u", item->position.element);
    if (item->position.component) cli_print(s, " component %u", item->position.component);
    if (item->position.repetition) cli_print(s, " occurrence %u", item->position.repetition);
}

static void put_party(cli_stream *s, dgm_slice id, dgm_slice qualifier)
{
    cli_put_visible(s, id, SIZE_MAX);
    if (qualifier.len) {
        cli_put(s, ":");
        cli_put_visible(s, qualifier, SIZE_MAX);
    }
}

static void put_verdict(cli_stream *s, const dgm_acked_item *item)
{
    bool bad = item->verdict[0] == 'r' && item->verdict[2] == 'j';
    cli_print(s, ": %s%s%s", cli_ink_of(s, bad ? INK_BAD : INK_GOOD), *item->verdict ? item->verdict : "answered with action ",
              cli_ink_of(s, INK_OFF));
    if (!*item->verdict) cli_put_visible(s, item->action, SIZE_MAX);
    if (item->code.len) {
        cli_put(s, "; ");
        if (item->tag.len) {
            cli_put_visible(s, item->tag, SIZE_MAX);
            put_element(s, item);
            cli_put(s, ": ");
        }
        put_error(s, item);
    }
    cli_put(s, "\n");
}

static void put_message_name(cli_stream *s, const dgm_acked_item *m)
{
    cli_put(s, "message ");
    if (m->position.message)
        cli_print(s, "%u", m->position.message);
    else if (m->reference.len || !m->document.len)
        cli_put_visible(s, m->reference, SIZE_MAX);
    else
        cli_put_visible(s, m->document, SIZE_MAX);
}

static void put_message(cli_stream *s, const dgm_acked_item *m)
{
    const struct {
        const char *what;
        dgm_slice text;
    } parts[] = { { "reference ", m->position.message ? m->reference : (dgm_slice){ 0 } },
                  { "document ", m->document },
                  { "", m->type } };
    const char *between = " (";
    put_message_name(s, m);
    for (size_t i = 0; i < 3; i++) {
        if (!parts[i].text.len) continue;
        cli_put(s, between);
        cli_put(s, parts[i].what);
        cli_put_visible(s, parts[i].text, SIZE_MAX);
        between = ", ";
    }
    if (*between == ',') cli_put(s, ")");
    put_verdict(s, m);
}

/* "message 3, SG7 NAD (segment 12), element 2 component 1: Invalid value (12)" */
static void put_place(cli_stream *s, const dgm_acked_item *message, const dgm_acked_item *item)
{
    bool behind = dgm_slice_is(item->code, "13") && item->position.element == 0;
    cli_put(s, "    ");
    if (message) put_message_name(s, message);
    if (!item->position.segment) { /* of a document: in words only */
        cli_put(s, message ? ": " : "");
        put_error(s, item);
        cli_put(s, "\n");
        return;
    }
    cli_put(s, behind ? ", behind " : ", ");
    for (size_t i = 0; i < item->path.len; i++)
        cli_put_slice(s, item->path.at[i] == '/' ? DGM_LITERAL(" ") : (dgm_slice){ item->path.at + i, 1 });
    cli_print(s, item->path.len ? " (segment %u)" : "segment %u", item->position.segment);
    put_element(s, item);
    cli_put(s, ": ");
    put_error(s, item);
    cli_put(s, "\n");
}

static void print_text(cli_stream *s, const dgm_acked *a)
{
    const dgm_acked_item *message = NULL;
    for (size_t i = 0; i < a->count; i++) {
        const dgm_acked_item *item = &a->items[i];
        if (item->level == DGM_ACKED_INTERCHANGE) {
            cli_put(s, "interchange ");
            cli_put_visible(s, item->reference, SIZE_MAX);
            cli_put(s, " from ");
            put_party(s, item->sender, item->sender_qualifier);
            cli_put(s, " to ");
            put_party(s, item->recipient, item->recipient_qualifier);
            put_verdict(s, item);
        } else if (item->level == DGM_ACKED_GROUP) {
            cli_put(s, "  group ");
            cli_put_visible(s, item->reference, SIZE_MAX);
            put_verdict(s, item);
            message = NULL;
        } else if (item->level == DGM_ACKED_MESSAGE) {
            message = item;
            cli_put(s, a->items->level == DGM_ACKED_INTERCHANGE ? "  " : "");
            put_message(s, item);
        } else {
            put_place(s, message, item);
        }
    }
}

/* ---- for programs ---- */

static void json_text(cli_stream *s, const char *key, dgm_slice value)
{
    if (value.len) cli_put_member(s, key, value);
}

static void json_number(cli_stream *s, const char *key, uint32_t n)
{
    if (n) cli_print(s, ",\"%s\":%u", key, n);
}

static void json_error(cli_stream *s, const dgm_acked_item *item)
{
    json_text(s, "tag", item->tag);
    json_text(s, "path", item->path);
    json_number(s, "element", item->position.element);
    json_number(s, "component", item->position.component);
    json_number(s, "repetition", item->position.repetition);
    json_text(s, "text", item->text);
}

static void json_answer(cli_stream *s, const dgm_acked_item *item)
{
    cli_put(s, "{\"reference\":");
    cli_put_json(s, item->reference);
    if (item->level == DGM_ACKED_MESSAGE) {
        json_text(s, "document", item->document);
        json_text(s, "type", item->type);
        json_number(s, "message_number", item->position.message);
    } else {
        json_text(s, "sender", item->sender);
        json_text(s, "sender_qualifier", item->sender_qualifier);
        json_text(s, "recipient", item->recipient);
        json_text(s, "recipient_qualifier", item->recipient_qualifier);
    }
    json_text(s, "verdict", dgm_slice_of(item->verdict));
    json_text(s, "action", item->action);
    if (!item->code.len) return;
    cli_put(s, ",\"error\":{\"code\":");
    cli_put_json(s, item->code);
    json_error(s, item);
    cli_put(s, "}");
}

/* Nested as the message is: errors in messages, messages in groups, all in the interchange. */
static void print_json(cli_stream *s, dgm_slice input, const dgm_acked *a)
{
    static const char *const lists[] = { NULL, "groups", "messages", "errors" };
    uint32_t open[4], depth = 0; /* levels of what is open, outermost first */
    cli_put(s, "{\"acknowledgement\":");
    cli_put_json(s, a->type);
    json_text(s, "source", input);
    json_text(s, "from", a->sender);
    json_text(s, "to", a->recipient);
    for (size_t i = 0; i < a->count; i++) {
        const dgm_acked_item *item = &a->items[i];
        if (item->level == DGM_ACKED_INTERCHANGE && i > 0) continue; /* there is one UCI; a second was told of as wrong */
        while (depth && open[depth - 1] > item->level) {
            cli_put(s, "}]");
            depth--;
        }
        if (depth && open[depth - 1] == item->level) {
            cli_put(s, "},");
            depth--;
        } else if (item->level == DGM_ACKED_INTERCHANGE) {
            cli_put(s, ",\"interchange\":");
        } else {
            cli_print(s, ",\"%s\":[", lists[item->level]);
        }
        open[depth++] = item->level;
        if (item->level != DGM_ACKED_ERROR) {
            json_answer(s, item);
            continue;
        }
        if (item->position.segment) {
            cli_print(s, "{\"segment\":%u", item->position.segment);
            json_text(s, "code", item->code);
        } else {
            cli_put(s, "{\"code\":");
            cli_put_json(s, item->code);
        }
        json_text(s, "reference", item->reference);
        json_error(s, item);
    }
    while (depth) cli_put(s, open[--depth] == DGM_ACKED_INTERCHANGE ? "}" : "}]");
    cli_put(s, "}\n");
}

/* ---- the command ---- */

static bool end(void *ctx, const cli_input *in, cli_turn_end *e)
{
    cli_turn_failed(((reading *)ctx)->c, in, e);
    return true;
}

static cli_exit read_inputs(reading *r, void (*report)(void *, const dgm_message_report *), bool aloud)
{
    dgm_job_options o = cli_job_options(r->c, (dgm_slice){ 0 });
    o.report = report;
    o.report_ctx = r;
    if (!aloud) o.level = DGM_LITERAL("syntax"); /* of the original only places are wanted */
    return cli_inputs_run(r->c, &r->feeding, &o, &(cli_turns){ NULL, end, r });
}

cli_exit cli_ack_read(cli *c)
{
    reading r = { .c = c, .feeding = { .wanted = true } };
    cli_exit code = read_inputs(&r, on_answer, true);
    if (code > CLI_REFUSED) return code;
    if (c->args.given[OPT_OF]) {
        c->args.inputs[0] = c->args.value[OPT_OF];
        c->args.input_count = 1;
        cli_exit original = read_inputs(&r, on_original, false);
        if (original > CLI_REFUSED) code = original; /* what is wrong with it, the answer says */
    }
    for (const answer *a = r.first; a && !c->out.error; a = a->next) {
        if (c->json)
            print_json(&c->out, a->input, a->acked);
        else
            print_text(&c->out, a->acked);
    }
    for (const answer *a = r.first; a; a = a->next) dgm_acked_free(a->acked);
    if (r.failed) {
        cli_say(c, DGM_D_GATEWAY_JOB, DGM_ERROR, DGM_LITERAL("ack"), dgm_slice_of(dgm_status_text(DGM_NOMEM)));
        return cli_worse(code, CLI_ENVIRONMENT);
    }
    return r.stray ? cli_worse(code, CLI_REFUSED) : code;
}
