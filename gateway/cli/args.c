/* SPDX-License-Identifier: Apache-2.0
 *
 * args.c - reads the words of the command line by the tables of commands.c. A mistake names what was given, what there is, and the
 * nearest right spelling. One thread.
 */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>

cli_exit cli_usage(cli *c, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0) text[0] = 0;
    cli_print(&c->err, "%sdragoman:%s ", cli_ink_of(&c->err, INK_BOLD), cli_ink_of(&c->err, INK_OFF));
    cli_put_visible(&c->err, dgm_slice_of(text), SIZE_MAX);
    cli_print(&c->err, "\nTry 'dragoman %s%s--help'.\n", c->command ? c->command->name : "", c->command ? " " : "");
    (void)cli_stream_flush(&c->err);
    return CLI_USAGE;
}

dgm_slice cli_nearest_word(dgm_slice wrong, const char *words)
{
    dgm_slice list[64];
    size_t n = 0;
    for (dgm_slice rest = dgm_slice_of(words); rest.len && n < 64;) {
        dgm_cut cut = dgm_slice_cut(rest, ' ');
        if (cut.head.len) list[n++] = cut.head;
        rest = cut.tail;
    }
    int best = dgm_nearest(wrong, list, n);
    return best < 0 ? (dgm_slice){ 0 } : list[best];
}

static bool word_of(dgm_slice word, const char *words)
{
    for (dgm_slice rest = dgm_slice_of(words); rest.len;) {
        dgm_cut cut = dgm_slice_cut(rest, ' ');
        if (dgm_slice_equal(cut.head, word)) return true;
        rest = cut.tail;
    }
    return false;
}

bool cli_number(dgm_slice text, uint64_t most, uint64_t *out)
{
    uint64_t times = 1, n = 0;
    if (text.len > 1) {
        char last = text.at[text.len - 1];
        if (last == 'K') times = 1024;
        if (last == 'M') times = 1024 * 1024;
        if (last == 'G') times = 1024 * 1024 * 1024;
        if (times > 1) text.len--;
    }
    if (text.len == 0 || text.len > 18) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') return false;
        n = n * 10 + (uint64_t)(text.at[i] - '0');
    }
    if (n > most / times) return false;
    *out = n * times;
    return true;
}

static bool command_takes(const cli_command *command, cli_option_id id)
{
    if (id == OPT_HELP) return true;
    for (size_t i = 0; command->options[i] != OPT_HELP; i++)
        if (command->options[i] == id) return true;
    return false;
}

static bool unknown_option(cli *c, dgm_slice name)
{
    dgm_slice names[OPT_COUNT];
    size_t n = 0;
    for (size_t i = 0; c->command->options[i] != OPT_HELP; i++) names[n++] = dgm_slice_of(cli_options[c->command->options[i]].name);
    names[n++] = DGM_LITERAL("help");
    int best = dgm_nearest(name, names, n);
    if (best >= 0) {
        cli_usage(c, "%s has no option --%.*s; did you mean --%.*s?", c->command->name, (int)name.len, name.at,
                  (int)names[best].len, names[best].at);
        return false;
    }
    for (size_t i = 0; i < OPT_COUNT; i++) {
        if (!dgm_slice_is(name, cli_options[i].name)) continue;
        cli_usage(c, "%s has no option --%.*s (other commands have)", c->command->name, (int)name.len, name.at);
        return false;
    }
    cli_usage(c, "%s has no option --%.*s", c->command->name, (int)name.len, name.at);
    return false;
}

/* The list an option that repeats is collected in; NULL for the others. */
static bool collect(cli *c, cli_option_id id, dgm_slice value)
{
    cli_args *a = &c->args;
    if (id == OPT_SOURCE || id == OPT_TARGET) { /* and the words behind it, up to the other one */
        a->sides[a->input_count] = id == OPT_SOURCE ? CLI_SIDE_SOURCE : CLI_SIDE_TARGET;
        a->inputs[a->input_count++] = value;
        return true;
    }
    if (id == OPT_MAPPING) {
        a->rules[a->rule_count++] = value;
        return true;
    }
    dgm_named **list = id == OPT_SET ? &a->settings : id == OPT_PARAM ? &a->params : &a->limits;
    size_t *count = id == OPT_SET ? &a->setting_count : id == OPT_PARAM ? &a->param_count : &a->limit_count;
    dgm_cut cut = dgm_slice_cut(value, '=');
    if (!cut.found || cut.head.len == 0) {
        cli_usage(c, "--%s takes %s, and '%.*s' is none", cli_options[id].name, cli_options[id].argument, (int)value.len, value.at);
        return false;
    }
    (*list)[(*count)++] = (dgm_named){ cut.head, cut.tail };
    return true;
}

static bool take(cli *c, cli_option_id id, dgm_slice value)
{
    const cli_option *o = &cli_options[id];
    c->args.given[id] = true;
    c->args.value[id] = value;
    if (o->repeats) return collect(c, id, value);
    if (!o->values || word_of(value, o->values)) return true;
    dgm_slice near = cli_nearest_word(value, o->values);
    if (near.len)
        cli_usage(c, "--%s may be %s; '%.*s' is not: did you mean %.*s?", o->name, o->argument, (int)value.len, value.at,
                  (int)near.len, near.at);
    else
        cli_usage(c, "--%s may be %s; '%.*s' is not", o->name, o->argument, (int)value.len, value.at);
    return false;
}

/* One word that begins with a dash; *i moves on when the value is the next word. */
static bool option(cli *c, int argc, char **argv, int *i)
{
    dgm_slice word = dgm_slice_of(argv[*i]);
    bool dashes = word.at[1] == '-';
    dgm_cut cut = dashes ? dgm_slice_cut(dgm_slice_part(word, 2, word.len), '=')
                         : (dgm_cut){ dgm_slice_part(word, 1, 2), dgm_slice_part(word, 2, word.len), word.len > 2 };
    cli_option_id id = 0;
    for (; id < OPT_COUNT; id++) {
        const cli_option *o = &cli_options[id];
        if (!command_takes(c->command, id)) continue;
        if (dashes ? dgm_slice_is(cut.head, o->name) || (o->also && dgm_slice_is(cut.head, o->also)) : o->letter == word.at[1])
            break;
    }
    if (id == OPT_COUNT) {
        if (dashes) return unknown_option(c, cut.head);
        cli_usage(c, "%s has no option -%c", c->command->name, word.at[1]);
        return false;
    }
    const cli_option *o = &cli_options[id];
    if (!o->argument) {
        if (!cut.found) return take(c, id, DGM_LITERAL("on"));
        cli_usage(c, dashes ? "--%s takes no value" : "--%s takes no value, and short options stand alone", o->name);
        return false;
    }
    if (cut.found) return take(c, id, cut.tail);
    if (*i + 1 >= argc) {
        cli_usage(c, "--%s needs a value: %s", o->name, o->argument);
        return false;
    }
    return take(c, id, dgm_slice_of(argv[++*i]));
}

static bool complete(cli *c)
{
    const cli_command *k = c->command;
    if (c->args.given[OPT_HELP]) return true;
    if (c->args.input_count < k->inputs_min) {
        cli_usage(c, "%s needs an input: a file, or - for standard input", k->name);
        return false;
    }
    if (c->args.input_count > k->inputs_max) {
        dgm_slice first = c->args.inputs[k->inputs_max];
        cli_usage(c, "%s does not know what to do with '%.*s'", k->name, (int)first.len, first.at);
        return false;
    }
    for (size_t i = 0; k->needed[i] != OPT_HELP; i++) {
        if (c->args.given[k->needed[i]]) continue;
        const cli_option *o = &cli_options[k->needed[i]];
        cli_usage(c, "%s needs --%s %s", k->name, o->name, o->argument);
        return false;
    }
    return true;
}

static void add_input(cli_args *a, dgm_slice word)
{
    a->sides[a->input_count] = a->input_count ? a->sides[a->input_count - 1] : CLI_SIDE_NONE;
    a->inputs[a->input_count++] = word;
}

bool cli_parse(cli *c, int argc, char **argv)
{
    cli_args *a = &c->args;
    size_t room = (size_t)argc + 1;
    a->settings = DGM_NEW(&c->arena, dgm_named, room);
    a->params = DGM_NEW(&c->arena, dgm_named, room);
    a->limits = DGM_NEW(&c->arena, dgm_named, room);
    a->inputs = DGM_NEW(&c->arena, dgm_slice, room);
    a->rules = DGM_NEW(&c->arena, dgm_slice, room);
    a->sides = DGM_NEW(&c->arena, uint8_t, room);
    if (!a->settings || !a->params || !a->limits || !a->inputs || !a->rules || !a->sides) {
        cli_usage(c, "no memory for %d words", argc);
        return false;
    }
    bool only_inputs = false;
    for (int i = 0; i < argc; i++) {
        dgm_slice word = dgm_slice_of(argv[i]);
        if (!only_inputs && dgm_slice_is(word, "--"))
            only_inputs = true;
        else if (only_inputs || word.len < 2 || word.at[0] != '-')
            add_input(a, word);
        else if (!option(c, argc, argv, &i))
            return false;
    }
    if (!complete(c)) return false;
    if (!a->given[OPT_GUIDE]) return true;
    if (!a->given[OPT_LEVEL]) a->value[OPT_LEVEL] = DGM_LITERAL("guide");
    a->given[OPT_LEVEL] = true;
    return true;
}
