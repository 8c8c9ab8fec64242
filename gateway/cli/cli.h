/* SPDX-License-Identifier: Apache-2.0
 *
 * cli.h - what the files of the command share: the tables of commands and options, the run (struct cli), its streams, inputs and
 * outputs. One thread; the only state outside struct cli is what signal handlers need (output.c).
 */
#ifndef DGM_GATEWAY_CLI_H
#define DGM_GATEWAY_CLI_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/diag.h"
#include "gateway/delivery/late_store.h"

/* Exit codes, the same for every command. */
typedef enum cli_exit { CLI_DONE = 0, CLI_REFUSED = 1, CLI_USAGE = 2, CLI_ENVIRONMENT = 3, CLI_DEFECT = 4 } cli_exit;
/* The worse of two: a defect before the environment before wrong usage before a refused input. */
cli_exit cli_worse(cli_exit a, cli_exit b);
/* The exit code a status of the library stands for. */
cli_exit cli_exit_of(dgm_status status);

/* ---- commands and options: parser, --help, man pages and suggestions all come from these tables (commands.c) ---- */

typedef enum cli_option_id {
    OPT_TO,
    OPT_FROM,
    OPT_OUTPUT,
    OPT_IN,
    OPT_OUT,
    OPT_BAD,
    OPT_ONCE,
    OPT_KEEP,
    OPT_NO_RELOAD,
    OPT_AS_IT_CAME,
    OPT_SCAN,
    OPT_MODEL,
    OPT_EMPTY,
    OPT_STRICT,
    OPT_LEVEL,
    OPT_GUIDE,
    OPT_READ,
    OPT_OF,
    OPT_APERAK,
    OPT_ANSWER,
    OPT_SEEN,
    OPT_COUNTER,
    OPT_STORE,
    OPT_ALL,
    OPT_EXPLAIN,
    OPT_ACCOUNTS,
    OPT_SET,
    OPT_SETTINGS,
    OPT_PARAM,
    OPT_LIMIT,
    OPT_THREADS,
    OPT_MAPPINGS,
    OPT_CODECS,
    OPT_PARTNER,
    OPT_PARTNERS,
    OPT_MAPPING,
    OPT_BLESS,
    OPT_HTML,
    OPT_CHECK,
    OPT_AGAIN,
    OPT_SEED,
    OPT_RUNS,
    OPT_SECONDS,
    OPT_DOCUMENTS,
    OPT_SOURCE,
    OPT_TARGET,
    OPT_NAME,
    OPT_ROOT,
    OPT_PAYLOAD,
    OPT_SCHEMAS,
    OPT_ROWS,
    OPT_DEPTH,
    OPT_BASE,
    OPT_AGENCY,
    OPT_REASON,
    OPT_FUNCTION,
    OPT_TYPE,
    OPT_REFERENCE,
    OPT_KEY,
    OPT_CERT,
    OPT_PASSPHRASE,
    OPT_XADES,
    OPT_TRUST,
    OPT_AT,
    OPT_ALLOW,
    OPT_VERIFY_TRUST,
    OPT_SIGN_KEY,
    OPT_SIGN_CERT,
    OPT_FORMAT,
    OPT_COLOUR,
    OPT_QUIET,
    OPT_MAN,
    OPT_MAN_TO,
    OPT_CRASH_AT,
    OPT_HELP,
    OPT_COUNT
} cli_option_id;

typedef struct cli_option {
    const char *name; /* without the dashes */
    const char *also; /* another spelling, not shown; or NULL */
    char letter;      /* short form, or 0 */
    bool repeats;
    const char *argument; /* how help names its value; NULL: a switch */
    const char *standard; /* default as help tells it, or NULL */
    const char *values;   /* blank-separated list of what the value may be, or NULL */
    const char *help;
} cli_option;
extern const cli_option cli_options[OPT_COUNT];

struct cli;
typedef struct cli_command {
    const char *name;
    const char *summary;   /* one line */
    const char *arguments; /* "INPUT..." as usage shows it; "" for none */
    const char *text;      /* paragraphs for --help and the manual */
    const char *examples;  /* "command\n  what it does\n" pairs: lines in turn */
    uint32_t inputs_min, inputs_max;
    cli_exit (*run)(struct cli *c);
    cli_option_id options[40]; /* ends with OPT_HELP */
    cli_option_id needed[4];   /* options that must be given; ends with OPT_HELP */
} cli_command;
extern const cli_command cli_commands[]; /* ends with a NULL name */
const cli_command *cli_command_find(dgm_slice name);
/* What the exit codes mean: five lines, CLI_DONE first. */
extern const char *const cli_exit_texts[5];

typedef struct cli_args {
    bool given[OPT_COUNT];
    dgm_slice value[OPT_COUNT]; /* the last one given */
    dgm_named *settings, *params, *limits;
    size_t setting_count, param_count, limit_count;
    dgm_slice *rules; /* files of mappings */
    size_t rule_count;
    dgm_slice *inputs;
    uint8_t *sides; /* of each input: of no option, of --source, of --target */
    size_t input_count;
} cli_args;
enum { CLI_SIDE_NONE, CLI_SIDE_SOURCE, CLI_SIDE_TARGET };

/* ---- streams ---- */

typedef struct cli_stream {
    int fd;
    int error; /* errno of the first write that failed, or 0 */
    bool tty, colour;
    uint32_t width; /* columns; 0 when it is no terminal */
    size_t used;
    char bytes[32768];
} cli_stream;
void cli_stream_open(cli_stream *s, int fd, dgm_slice colour_wish);
dgm_sink cli_stream_sink(cli_stream *s);
void cli_put(cli_stream *s, const char *text);
void cli_put_slice(cli_stream *s, dgm_slice text);
void cli_print(cli_stream *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_put_times(cli_stream *s, const char *text, size_t n);
dgm_status cli_stream_flush(cli_stream *s);
/* "…" as a JSON string with its quotes. */
void cli_put_json(cli_stream *s, dgm_slice text);
/* A further member of an object: a comma, its name, its text. */
void cli_put_member(cli_stream *s, const char *name, dgm_slice text);
/* Words of `text` wrapped to `width` columns, later lines indented; what '\n' separates are paragraphs. */
void cli_put_wrapped(cli_stream *s, const char *text, size_t indent, size_t width);

/* Colours by what they are for; "" when the stream has none. */
typedef enum cli_ink { INK_OFF, INK_BOLD, INK_DIM, INK_NAME, INK_VALUE, INK_CODE, INK_GOOD, INK_WARN, INK_BAD, INK_COUNT } cli_ink;
const char *cli_ink_of(const cli_stream *s, cli_ink ink);

/* Columns that a text takes on a terminal, and the text cut to that many (with … when something went). Control characters are
 * written as their pictures. */
size_t cli_columns(dgm_slice text);
void cli_put_visible(cli_stream *s, dgm_slice text, size_t columns_max);

/* ---- the run ---- */

typedef struct cli {
    const cli_command *command;
    cli_args args;
    dgm_mem mem;
    dgm_arena arena;
    cli_stream out, err;
    bool json, quiet;
    dgm_diags *diags; /* about no message: files, options, mappings */
    const dgm_context *context;
    dgm_context *own; /* the same, when it is not held by `live` */
    dgm_live *live;
    dgm_codec_set *codecs; /* NULL: the built-in ones alone */
} cli;

/* Parses the words behind the command's name. On wrong usage says why on stderr and returns false. */
bool cli_parse(cli *c, int argc, char **argv);
/* "dragoman: <text>" and where help is; returns CLI_USAGE. */
cli_exit cli_usage(cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The nearest of a blank-separated list, or NULL slice. */
dgm_slice cli_nearest_word(dgm_slice wrong, const char *words);
/* A whole number of at most `most`; false when it is none. K, M, G multiply by 1024. */
bool cli_number(dgm_slice text, uint64_t most, uint64_t *out);
/* The environment's only door. Empty when not set. */
dgm_slice cli_environment(const char *name);
/* The folder of the mappings: --mappings, $DRAGOMAN_MAPPINGS, beside the executable; empty: the one the library was built for. */
dgm_slice cli_mappings(cli *c);
/* Loads the codecs of --codecs, else of the folder that was installed with the command; file: one more, or empty. Prints what is
 * wrong with them. */
cli_exit cli_codecs_open(cli *c, dgm_slice file);
/* The folder they are loaded from; empty: none. */
dgm_slice cli_codecs(cli *c);
bool cli_limits(cli *c, dgm_limits *out); /* from --limit; says what is wrong */
/* Opens c->context, of which the rest is loaded when it is needed; prints what is wrong with the mappings so far. */
cli_exit cli_context(cli *c);
/* The same, with all of it loaded: for who looks into mappings and formats by himself. */
cli_exit cli_context_whole(cli *c);
/* The same with c->live, which follows the files: what cannot be used by jobs like this one is refused later on. */
cli_exit cli_context_live(cli *c, dgm_job_options *job); /* job must stay where it is */
/* The options it opens with. False: a limit is wrong, said. */
bool cli_context_options(cli *c, dgm_context_options *out);

/* One thing about a file or the surroundings: code with up to two texts, printed at once. */
void cli_say(cli *c, dgm_diag_code code, dgm_severity severity, dgm_slice first, dgm_slice second);
void cli_say_unusable(cli *c, dgm_slice mappings, dgm_status why); /* the context could not be opened; no folder: the usual one */

/* Files of settings (lint.c): one as it is, said when it cannot be read; and one checked, with a line that says how it went. */
typedef dgm_status cli_file_check(const dgm_context *c, dgm_slice path, dgm_slice bytes, dgm_diags *diags);
cli_exit cli_settings_file(cli *c, dgm_slice path, dgm_slice *bytes);
cli_exit cli_lint_file(cli *c, dgm_slice path, cli_file_check *check);

/* Help and manual (help.c). */
void cli_help(cli_stream *s, const cli_command *k);
void cli_help_all(cli_stream *s);
void cli_man(cli_stream *s, const cli_command *k); /* NULL: dragoman(1) */
void cli_man_diagnostics(cli_stream *s);

/* ---- inputs ---- */

typedef struct cli_input {
    dgm_slice name;   /* as given; "<stdin>" for - */
    dgm_slice mapped; /* the whole file when it is regular; at NULL else */
    bool whole;       /* mapped (perhaps empty) */
    int fd;
    uint64_t total_bytes; /* 0: not known */
} cli_input;
/* 0, or the errno of what failed; the name is there either way. */
int cli_input_open(dgm_slice name, cli_input *in);
void cli_input_close(cli_input *in);

/* CLI_USAGE, told, when --threads is no number. */
cli_exit cli_threads_possible(cli *c);
/* All inputs of a command on their way. */
typedef struct cli_feeding {
    cli *c;
    cli_input *in; /* whose turn it is */
    uint64_t started_ms, shown_ms;
    bool shown, wanted;
    /* through already, and in all (bytes 0: not known) */
    uint64_t bytes_before, messages_before, total_bytes;
    size_t inputs_before, total_inputs;
    /* Line of an offset, found from the last one asked for, so that a thousand records cost one pass: where the line begins, its
     * number, and up to where there is no other. */
    uint64_t known_at, known_line, searched_to;
    /* Codes that no list of the directory has, in messages that a guide could be asked about (advise.c), and the first such guide.
     */
    uint64_t codes_unknown;
    dgm_guide_info fits;
} cli_feeding;
cli_feeding cli_feeding_begin(cli *c);
void cli_feeding_turn(cli_feeding *f, cli_input *in);
void cli_feeding_over(cli_feeding *f, uint64_t messages);

/* How one input ended. */
typedef struct cli_turn_end {
    dgm_status status;
    cli_exit code; /* of the status, and CLI_REFUSED when something was refused or wrong; end() may change it */
    bool said;     /* a failure has been told of */
    dgm_job_counts counts;
} cli_turn_end;
typedef struct cli_turns {
    void (*begin)(void *ctx, const cli_input *in);                  /* its turn; may be NULL */
    bool (*end)(void *ctx, const cli_input *in, cli_turn_end *end); /* false: the inputs behind it are left */
    void *ctx;
} cli_turns;
/* Every input of the command in its turn, with one set of options; f is what the options' report prints with (f->wanted false:
 * without progress). The worst code of all. */
cli_exit cli_inputs_run(cli *c, cli_feeding *f, const dgm_job_options *options, const cli_turns *turns);
/* Tells what an input failed of, unless that was said. */
void cli_turn_failed(cli *c, const cli_input *in, const cli_turn_end *end);
void cli_progress_step(cli_feeding *f, uint64_t bytes_done, uint64_t messages);
void cli_progress_clear(cli_feeding *f);
/* Prints all records of a list in the form asked for, lines and columns found in the input. */
void cli_print_diags(cli_feeding *f, cli_stream *to, const dgm_diags *list);

/* Notes codes that no list has where nobody chose a guide; told of by cli_advise at the end of all inputs, unless --quiet. */
void cli_advise_seen(cli_feeding *f, const dgm_message_report *r);
void cli_advise(cli_feeding *f);

/* A word that is no file, but the name of a mapping of the folder, becomes the path of that. */
void cli_mapping_named(cli *c, dgm_slice *word);

/* Prints and clears c->diags. */
void cli_print_own(cli *c);
/* The same where what is wrong is what was asked for. */
void cli_print_own_to(cli *c, cli_stream *to);
/* Can a job with these options be opened? Says why not. */
cli_exit cli_job_possible(cli *c, const dgm_job_options *options);
/* Options of a job from the command's own. */
dgm_job_options cli_job_options(cli *c, dgm_slice to);

/* ---- outputs ---- */

/* An interrupted command leaves no temporary file behind, and an input that is cut short while it is read ends it with a word. */
void cli_signals(void);

typedef struct cli_output cli_output;
/* --output: absent or "-": stdout; NAME/ or a folder: one file a document; else one file. */
cli_exit cli_output_open(cli *c, cli_output **out);
dgm_outlet cli_output_outlet(cli_output *o);
/* The input whose documents come now; they may be named after it. */
void cli_output_of(cli_output *o, dgm_slice input_name);
/* Puts in place what is complete. CLI_DONE or what went wrong, said. */
cli_exit cli_output_finish(cli_output *o, bool keep);
/* Writing failed, and it was said why. */
bool cli_output_failed(const cli_output *o);

/* ---- commands whose inputs become outputs (passing.c) ---- */

typedef struct cli_passing {
    cli *c;
    cli_feeding feeding;
    cli_output *output;
    dgm_job_counts all; /* of every input */
    bool explain;
} cli_passing;
/* Context and output; CLI_DONE or why not, said. */
cli_exit cli_pass_open(cli *c, cli_passing *p);
/* Every input of the command through jobs with these options, reports told on standard error, references from --counter where it is
 * given. The worst code of all. */
cli_exit cli_pass_run(cli_passing *p, dgm_job_options *o);

/* ---- what differs (differences.c) ---- */

/* Which document is told of: its number, a title before its differences and the input it is from, where they are wanted. */
typedef struct cli_document {
    size_t number;
    dgm_slice title, input;
} cli_document;
/* Tells what differs between two trees of one shape; returns how many places. */
uint64_t cli_differences(cli *c, const dgm_tree *a, const dgm_tree *b, const cli_document *of);

/* ---- interchanges that were taken before (seen.c) ---- */

typedef struct cli_seen {
    dgm_slice name;   /* of the file; empty: none is kept */
    dgm_slice *lines; /* sorted */
    size_t count;
    dgm_buffer added;
} cli_seen;
cli_exit cli_seen_open(cli *c, dgm_slice name, cli_seen *s);
dgm_register cli_seen_register(cli_seen *s);
/* answered: what was added is written to the file. */
cli_exit cli_seen_finish(cli *c, cli_seen *s, bool answered);

/* ---- control references that are never given twice (counter.c) ---- */

/* Numbers that were put aside for what goes to one recipient: the file says `last`, and up to there they are ours to give. */
typedef struct cli_reserve {
    dgm_slice key;
    uint64_t next, last;
} cli_reserve;
typedef struct cli_counter {
    cli *c;
    dgm_slice name; /* of the file; empty: none is kept */
    cli_reserve *reserves;
    size_t reserve_count, reserve_room;
} cli_counter;
/* --counter: the file is looked at, and made when it is not there. */
cli_exit cli_counter_open(cli *c, cli_counter *k);
dgm_counter cli_counter_of(cli_counter *k);
/* What was put aside and not given goes back, when nobody else has taken numbers since. */
void cli_counter_close(cli_counter *k);

/* ---- parts of documents that wait for the others (kept.c) ---- */

typedef struct cli_kept {
    cli *c;
    dgm_memory_store *memory;
    struct dgm_folder_store *folder;
    dgm_late_store late; /* of the folder: until outputs are in place */
    dgm_slice name;      /* of the folder */
    dgm_store store;
} cli_kept;
/* The folder of --store, else in memory for all inputs of the command. there: it must be there. */
/* Says that something in the store cannot be read: CLI_ENVIRONMENT. */
cli_exit cli_kept_broken(const cli_kept *k, dgm_severity severity);
cli_exit cli_kept_open(cli *c, dgm_slice folder, bool there, cli_kept *k);
/* written: outputs are in place. Tells what is not complete: refused where it is kept nowhere, CLI_REFUSED then; and why a folder
 * failed. */
cli_exit cli_kept_close(cli_kept *k, bool written);

/* ---- signatures as steps of other commands (sign.c) ---- */

typedef struct cli_signing {
    dgm_verify_options options;
    dgm_trust *trust;
    dgm_signer *signer;
    dgm_slice passphrase;
} cli_signing;
/* What --passphrase-from leads to, or nothing; wiped when it is no longer needed. */
cli_exit cli_passphrase(cli *c, dgm_slice *out);
void cli_wipe(dgm_slice *secret);
/* --verify-trust, --sign-key and what goes with them, for jobs with these options while `s` stays where it is. */
cli_exit cli_signing_open(cli *c, dgm_job_options *job, cli_signing *s);
void cli_signing_close(cli_signing *s);

cli_exit cli_run_translate(cli *c);
cli_exit cli_run_inspect(cli *c);
cli_exit cli_run_validate(cli *c);
cli_exit cli_run_ack(cli *c);
cli_exit cli_ack_read(cli *c); /* ack --read, with a context */
cli_exit cli_run_rewrite(cli *c);
cli_exit cli_run_formats(cli *c);
cli_exit cli_run_format(cli *c);
cli_exit cli_run_codec(cli *c);
cli_exit cli_run_map(cli *c);
cli_exit cli_run_schema(cli *c);
cli_exit cli_run_diff(cli *c);
cli_exit cli_run_amend(cli *c);
cli_exit cli_run_directory(cli *c);
cli_exit cli_run_partner(cli *c);
cli_exit cli_run_guide(cli *c);
cli_exit cli_run_watch(cli *c);
cli_exit cli_run_store(cli *c);
cli_exit cli_run_sign(cli *c);
cli_exit cli_run_verify(cli *c);
cli_exit cli_run_help(cli *c);
cli_exit cli_run_version(cli *c);

#endif
