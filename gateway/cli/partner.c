/* SPDX-License-Identifier: Apache-2.0
 *
 * partner.c - the command partner: which profiles there are, what one says, and whether they are right. One thread.
 */
#include "translator/context.h"
#include "translator/partner.h"

#include "cli.h"

#include <errno.h>
#include <string.h>

/* ---- list ---- */

static void put_named_text(cli_stream *s, const dgm_named *at, size_t n, const char *between)
{
    for (size_t i = 0; i < n; i++) {
        if (i) cli_put(s, between);
        cli_put_slice(s, at[i].name);
        cli_put(s, " ");
        cli_put_visible(s, at[i].value, SIZE_MAX);
    }
}

static void put_named_json(cli_stream *s, const char *key, const dgm_named *at, size_t n)
{
    cli_print(s, ",\"%s\":{", key);
    for (size_t i = 0; i < n; i++) {
        if (i) cli_put(s, ",");
        cli_put_json(s, at[i].name);
        cli_put(s, ":");
        cli_put_json(s, at[i].value);
    }
    cli_put(s, "}");
}

static void put_json(cli_stream *s, const dgm_partner_info *p)
{
    cli_put(s, "{\"partner\":");
    cli_put_json(s, p->name);
    if (p->title.len) {
        cli_put(s, ",\"title\":");
        cli_put_json(s, p->title);
    }
    cli_put(s, ",\"file\":");
    cli_put_json(s, p->file);
    put_named_json(s, "when", p->conditions, p->condition_count);
    put_named_json(s, "settings", p->settings, p->setting_count);
    cli_put(s, "}\n");
}

static void put_spaces(cli_stream *s, size_t from, size_t to)
{
    cli_put_times(s, " ", to > from ? to - from : 1);
}

static void list(cli *c)
{
    cli_stream *s = &c->out;
    size_t n = dgm_context_partner_count(c->context), widest = 0;
    for (size_t i = 0; i < n; i++) {
        size_t columns = cli_columns(dgm_context_partner(c->context, i).name);
        if (columns > widest) widest = columns;
    }
    for (size_t i = 0; i < n; i++) {
        dgm_partner_info p = dgm_context_partner(c->context, i);
        if (c->json) {
            put_json(s, &p);
            continue;
        }
        cli_put(s, cli_ink_of(s, INK_NAME));
        cli_put_visible(s, p.name, SIZE_MAX);
        cli_put(s, cli_ink_of(s, INK_OFF));
        put_spaces(s, cli_columns(p.name), widest + 2);
        if (p.condition_count)
            put_named_text(s, p.conditions, p.condition_count, ", ");
        else
            cli_put(s, "by its name only");
        if (p.title.len) {
            cli_put(s, "  ");
            cli_put_visible(s, p.title, SIZE_MAX);
        }
        cli_put(s, "\n");
    }
    if (n == 0 && !c->json) cli_put(s, "no profiles\n");
}

/* ---- show ---- */

static void show_text(cli_stream *s, const dgm_partner_info *p)
{
    cli_put(s, cli_ink_of(s, INK_NAME));
    cli_put_visible(s, p->name, SIZE_MAX);
    cli_put(s, cli_ink_of(s, INK_OFF));
    if (p->title.len) {
        cli_put(s, "  ");
        cli_put_visible(s, p->title, SIZE_MAX);
    }
    cli_put(s, "\nin ");
    cli_put_visible(s, p->file, SIZE_MAX);
    cli_put(s, p->condition_count ? "\n\nholds for interchanges with\n" : "\n\nholds where it is named with --partner\n");
    const dgm_slice *sender = NULL;
    for (size_t i = 0; i < p->condition_count && !sender; i++)
        if (dgm_slice_is(p->conditions[i].name, "sender")) sender = &p->conditions[i].value;
    const struct {
        const dgm_named *at;
        size_t count;
    } parts[] = { { p->conditions, p->condition_count }, { p->settings, p->setting_count } };
    size_t widest = 0;
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < parts[k].count; i++)
            if (parts[k].at[i].name.len > widest) widest = parts[k].at[i].name.len;
    for (size_t k = 0; k < 2; k++) {
        if (k) cli_put(s, p->setting_count ? "\nsettings\n" : "\nno settings\n");
        for (size_t i = 0; i < parts[k].count; i++) {
            cli_put(s, "  ");
            cli_put_slice(s, parts[k].at[i].name);
            put_spaces(s, parts[k].at[i].name.len, widest + 2);
            cli_put_visible(s, parts[k].at[i].value, SIZE_MAX);
            cli_put(s, "\n");
        }
    }
    if (!sender) return;
    cli_put(s, "\nthose of the writer hold for what goes to ");
    cli_put_visible(s, *sender, SIZE_MAX);
    cli_put(s, ", and for what came from there and goes to nobody with a profile\n");
}

static cli_exit show(cli *c, dgm_slice name)
{
    for (size_t i = 0; i < dgm_context_partner_count(c->context); i++) {
        dgm_partner_info p = dgm_context_partner(c->context, i);
        if (!dgm_slice_equal(p.name, name)) continue;
        if (c->json)
            put_json(&c->out, &p);
        else
            show_text(&c->out, &p);
        return CLI_DONE;
    }
    cli_say(c, DGM_D_JOB_PARTNER_UNKNOWN, DGM_ERROR, name, dgm_partner_nearest(c->context, name));
    return CLI_USAGE;
}

/* ---- for ---- */

/* The profile by which something is written to a recipient: "ACME" or "ACME:ZZ". */
static cli_exit show_for(cli *c, dgm_slice recipient, dgm_slice type)
{
    const dgm_cut halves = dgm_slice_cut(recipient, ':');
    const dgm_partner_goes to = { .recipient = halves.head, .recipient_qualifier = halves.tail, .type = type };
    const dgm_partner *p = dgm_partner_of_recipient(c->context, &to);
    if (p) return show(c, p->name);
    cli_say(c, DGM_D_JOB_PARTNER_WRITES_NONE, DGM_ERROR, recipient, (dgm_slice){ 0 });
    return CLI_REFUSED;
}

/* ---- lint ---- */

static cli_exit lint_file(cli *c, dgm_slice name, dgm_slice passphrase)
{
    cli_input in;
    dgm_partner p;
    int why = cli_input_open(name, &in);
    if (why || !in.whole) {
        cli_say(c, DGM_D_GATEWAY_INPUT_OPEN, DGM_ERROR, name, dgm_slice_of(why ? strerror(why) : "no regular file"));
        if (!why) cli_input_close(&in);
        return CLI_ENVIRONMENT;
    }
    dgm_status s = dgm_partner_read(c->context, &c->arena, name, in.mapped, c->diags, &p);
    if (s == DGM_OK) s = dgm_partner_keys_check(c->context, &p, passphrase, c->diags);
    cli_print_own(c);
    cli_input_close(&in);
    if (s == DGM_CONFIG) return CLI_REFUSED;
    if (s == DGM_OK && !c->json) {
        cli_put_visible(&c->out, name, SIZE_MAX);
        cli_print(&c->out, ": partner %.*s, %zu condition%s, %zu setting%s\n", (int)p.name.len, p.name.at, p.condition_count,
                  p.condition_count == 1 ? "" : "s", p.setting_count, p.setting_count == 1 ? "" : "s");
    }
    return cli_exit_of(s);
}

/* Those of the folder were checked when the context was opened, but for keys, which only jobs that sign need. */
static cli_exit lint_folder(cli *c, dgm_slice passphrase)
{
    cli_exit code = CLI_DONE;
    for (size_t i = 0; i < c->context->partner_count; i++) {
        dgm_status s = dgm_partner_keys_check(c->context, &c->context->partners[i], passphrase, c->diags);
        code = cli_worse(code, s == DGM_CONFIG ? CLI_REFUSED : cli_exit_of(s));
    }
    cli_print_own(c);
    return code;
}

static cli_exit lint(cli *c)
{
    dgm_slice words = { 0 };
    cli_exit code = cli_passphrase(c, &words);
    if (code != CLI_DONE) return code;
    for (size_t i = 1; i < c->args.input_count; i++) code = cli_worse(code, lint_file(c, c->args.inputs[i], words));
    if (c->args.input_count == 1) code = lint_folder(c, words);
    cli_wipe(&words);
    if (c->args.input_count == 1 && code == CLI_DONE && !c->json)
        cli_print(&c->out, "%zu profiles are right\n", dgm_context_partner_count(c->context));
    return code;
}

cli_exit cli_run_partner(cli *c)
{
    const size_t n = c->args.input_count;
    dgm_slice what = n ? c->args.inputs[0] : DGM_LITERAL("list");
    bool listing = dgm_slice_is(what, "list"), showing = dgm_slice_is(what, "show"), linting = dgm_slice_is(what, "lint"),
         writing = dgm_slice_is(what, "for");
    if (!listing && !showing && !linting && !writing) {
        dgm_slice near = cli_nearest_word(what, "list show lint for");
        return cli_usage(c, "there is no 'partner %.*s'%s%.*s%s", (int)what.len, what.at,
                         near.len ? "; did you mean " : "; there are ",
                         near.len ? (int)near.len : (int)sizeof "list, show, for and lint" - 1,
                         near.len ? near.at : "list, show, for and lint", near.len ? "?" : "");
    }
    if (showing && c->args.input_count != 2) return cli_usage(c, "partner show needs a name");
    if (writing && (n < 2 || n > 3)) return cli_usage(c, "partner for needs a recipient, and may have a type of message behind it");
    if (listing && c->args.input_count > 1) return cli_usage(c, "partner list takes nothing else");
    cli_exit code = cli_context(c);
    if (code != CLI_DONE) return code;
    if (listing) list(c);
    if (writing) code = show_for(c, c->args.inputs[1], n > 2 ? c->args.inputs[2] : (dgm_slice){ 0 });
    if (showing) code = show(c, c->args.inputs[1]);
    if (linting) code = lint(c);
    return code;
}
