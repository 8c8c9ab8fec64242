/* SPDX-License-Identifier: Apache-2.0
 *
 * inspect_envelope.c - what secures interchanges and functional groups (ISO 9735-5 and -7) and stands in no message, shown beside
 * the messages it is around: in text under a head that says whose it is, as JSON an object a segment. One thread.
 */
#include "inspect.h"

#include <stdio.h>
#include <stdlib.h>

enum { WIDTH_NONE = 120, INDENT = 5, ROOM = 64 };

/* ---- whose it is ----------------------------------------------------------------------------------------------------------- */

static dgm_slice value_of(const dgm_envelope *e, uint32_t element, uint32_t component)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->values[i].element == element && e->values[i].component == component) return e->values[i].text;
    return (dgm_slice){ 0 };
}

static void keep(inspect_header *h, const dgm_envelope *e)
{
    const dgm_slice texts[INSPECT_TEXTS] = { value_of(e, 2, 1), value_of(e, 3, 1), value_of(e, 5, 1) };
    h->position = e->position;
    for (size_t i = 0; i < INSPECT_TEXTS; i++) {
        h->len[i] = texts[i].len < sizeof h->at[i] ? texts[i].len : sizeof h->at[i];
        if (h->len[i]) memcpy(h->at[i], texts[i].at, h->len[i]);
    }
}

static dgm_slice kept(const inspect_header *h, size_t i)
{
    return (dgm_slice){ h->at[i], h->len[i] };
}

/* ---- text ------------------------------------------------------------------------------------------------------------------ */

static void rule(cli_stream *s, size_t width)
{
    cli_put(s, cli_ink_of(s, INK_DIM));
    cli_put_times(s, "─", width);
    cli_print(s, "%s\n", cli_ink_of(s, INK_OFF));
}

static void field(cli_stream *s, const char *name, dgm_slice value)
{
    if (!value.len) return;
    cli_print(s, "  %s%s%s %s", cli_ink_of(s, INK_DIM), name, cli_ink_of(s, INK_OFF), cli_ink_of(s, INK_VALUE));
    cli_put_visible(s, value, ROOM);
    cli_put(s, cli_ink_of(s, INK_OFF));
}

static void head(const inspecting *n, const dgm_envelope *e, size_t width)
{
    cli_stream *s = &n->c->out;
    const inspect_header *i = &n->around[0], *h = &n->around[e->group];
    rule(s, width);
    cli_print(s, "%sSecurity of %s%s%s\n", cli_ink_of(s, INK_BOLD), e->group ? "a functional group" : "an interchange",
              e->ends ? ", behind its messages" : "", cli_ink_of(s, INK_OFF));
    if (e->group) field(s, "group", kept(h, INSPECT_REFERENCE));
    field(s, "from", kept(h, INSPECT_SENDER));
    field(s, "to", kept(h, INSPECT_RECIPIENT));
    field(s, "interchange", kept(i, INSPECT_REFERENCE));
    cli_put(s, "\n");
    field(s, "file", n->feeding.in->name);
    cli_put(s, "\n");
    rule(s, width);
}

static size_t label_columns(const dgm_envelope_value *v)
{
    size_t name = v->name.len ? cli_columns(v->name) : 1;
    return INDENT + 2 + name + (v->title.len ? 1 + cli_columns(v->title) : 0) + 2;
}

static void value_line(cli_stream *s, const dgm_envelope_value *v, size_t column)
{
    cli_put_times(s, " ", INDENT + 2);
    cli_put(s, cli_ink_of(s, INK_DIM));
    cli_put_slice(s, v->name.len ? v->name : DGM_LITERAL("?"));
    cli_put(s, cli_ink_of(s, INK_OFF));
    if (v->title.len) {
        cli_put(s, " ");
        cli_put_slice(s, v->title);
    }
    cli_put_times(s, " ", column - (label_columns(v) - 2));
    cli_put(s, cli_ink_of(s, INK_VALUE));
    cli_put_visible(s, v->text, SIZE_MAX);
    cli_put(s, cli_ink_of(s, INK_OFF));
    if (v->meaning.len) {
        cli_print(s, "  %s", cli_ink_of(s, INK_CODE));
        cli_put_slice(s, v->meaning);
        cli_put(s, cli_ink_of(s, INK_OFF));
    }
    if (!v->name.len) cli_print(s, "  %snot in this segment%s", cli_ink_of(s, INK_WARN), cli_ink_of(s, INK_OFF));
    cli_put(s, "\n");
}

static void text(inspecting *n, const dgm_envelope *e)
{
    cli_stream *s = &n->c->out;
    size_t width = s->width ? s->width : WIDTH_NONE, column = 0;
    if (!n->securing || n->secured != e->group || n->behind != e->ends) head(n, e, width);
    n->secured = e->group;
    n->behind = e->ends;
    cli_put_times(s, " ", INDENT);
    cli_put(s, cli_ink_of(s, INK_NAME));
    cli_put_visible(s, e->tag, 3);
    cli_put(s, cli_ink_of(s, INK_OFF));
    if (e->title.len) cli_print(s, "  %s%.*s%s", cli_ink_of(s, INK_DIM), (int)e->title.len, e->title.at, cli_ink_of(s, INK_OFF));
    cli_put(s, "\n");
    for (size_t i = 0; i < e->count; i++)
        if (label_columns(&e->values[i]) > column) column = label_columns(&e->values[i]);
    for (size_t i = 0; i < e->count; i++) value_line(s, &e->values[i], column);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------------------ */

static void node(cli_stream *s, dgm_slice name, const char *kind, dgm_slice title)
{
    cli_put(s, "{\"name\":");
    cli_put_json(s, name.len ? name : DGM_LITERAL("?"));
    cli_print(s, ",\"kind\":\"%s\"", kind);
    if (title.len) cli_put_member(s, "title", title);
    if (!name.len) cli_put(s, ",\"unknown\":true");
}

static void at(cli_stream *s, uint64_t byte)
{
    cli_print(s, ",\"at\":%llu", (unsigned long long)byte);
}

static void leaf(cli_stream *s, const dgm_envelope_value *v)
{
    node(s, v->name, "element", v->title);
    cli_put_member(s, "value", v->text);
    if (v->meaning.len) cli_put_member(s, "meaning", v->meaning);
    at(s, v->at_byte);
    cli_put(s, "}");
}

static void children(cli_stream *s, const dgm_envelope *e)
{
    for (size_t i = 0; i < e->count; i++) {
        const dgm_envelope_value *v = &e->values[i], *before = i ? v - 1 : NULL;
        bool goes_on = before && v->composite.len && before->element == v->element && before->repetition == v->repetition;
        if (before && before->composite.len && !goes_on) cli_put(s, "]}");
        if (before) cli_put(s, ",");
        if (v->composite.len && !goes_on) {
            node(s, v->composite, "composite", v->composite_title);
            cli_print(s, ",\"occurrence\":%u", v->repetition);
            at(s, v->at_byte);
            cli_put(s, ",\"children\":[");
        }
        leaf(s, v);
    }
    if (e->count && e->values[e->count - 1].composite.len) cli_put(s, "]}");
}

static void json(inspecting *n, const dgm_envelope *e)
{
    cli_stream *s = &n->c->out;
    const inspect_header *h = &n->around[e->group];
    cli_put(s, "{\"input\":");
    cli_put_json(s, n->feeding.in->name);
    cli_print(s, ",\"codec\":\"edifact\",\"envelope\":\"%s\",\"ends\":%s", e->group ? "group" : "interchange",
              e->ends ? "true" : "false");
    cli_put_member(s, "sender", kept(h, INSPECT_SENDER));
    cli_put_member(s, "recipient", kept(h, INSPECT_RECIPIENT));
    cli_put_member(s, "interchange", kept(&n->around[0], INSPECT_REFERENCE));
    if (e->group) cli_put_member(s, "group", kept(h, INSPECT_REFERENCE));
    at(s, e->at_byte);
    cli_print(s, ",\"bytes\":%llu,\"tree\":", (unsigned long long)e->bytes);
    node(s, e->tag, "segment", e->title);
    at(s, e->at_byte);
    cli_put(s, ",\"children\":[");
    children(s, e);
    cli_put(s, "]}}\n");
}

/* ---- */

void inspect_envelope(void *ctx, const dgm_envelope *e)
{
    inspecting *n = ctx;
    if (!e->secures) {
        keep(&n->around[e->group], e);
        n->securing = false;
        return;
    }
    if (n->around[0].position.interchange != e->position.interchange) n->around[0] = (inspect_header){ .position = e->position };
    if (n->c->json)
        json(n, e);
    else
        text(n, e);
    n->securing = true;
    (void)cli_stream_flush(&n->c->out);
}
