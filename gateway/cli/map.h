/* SPDX-License-Identifier: Apache-2.0
 *
 * map.h - what the parts of the command `map` share: files of cases as they are read, and running one. One thread.
 */
#ifndef DGM_GATEWAY_MAP_H
#define DGM_GATEWAY_MAP_H

#include "base/yaml.h"
#include "cli.h"

enum { MAP_BYTES_MAX = 64 << 20 };

extern const char map_case_keys[]; /* a blank between */

/* One case as its file has it; keys that are not there are NULL or empty. */
typedef struct map_case {
    dgm_slice path, folder; /* of its file */
    uint32_t line;
    dgm_slice title, from, to, level;
    dgm_slice input;             /* its bytes */
    const dgm_yaml *output;      /* a text, a file, or a list of these */
    const dgm_yaml *model;       /* place → value of the first document, or a list of such maps */
    const dgm_yaml *target;      /* the same of what is written */
    const dgm_yaml *diagnostics; /* "code" or "code PLACE" each */
    dgm_named *settings, *params;
    size_t setting_count, param_count;
    uint32_t residue, unsaid;
    bool strict, refused;
} map_case;

typedef struct map_cases {
    map_case *at;
    size_t count, room;
} map_cases;

/* Adds the cases of a file to a list. False: it cannot be used; why is in c->diags. */
bool map_cases_read(cli *c, dgm_slice path, map_cases *into);
/* What an entry of `output` stands for: its bytes, and the file they are in (at NULL: they stand in the case). False: it cannot be
 * read, and the case fails with the text in *why. */
bool map_case_output(cli *c, const map_case *k, const dgm_yaml *entry, dgm_slice *bytes, dgm_slice *path, const char **why);
/* The whole of a file into the arena. */
bool map_file(cli *c, dgm_slice path, dgm_slice *bytes, const char **why);

typedef struct map_totals {
    size_t passed, failed;
} map_totals;
/* Runs a case and prints what came of it. */
cli_exit map_case_run(cli *c, const map_case *k, bool bless, map_totals *totals);

/* Opens c->context with these mapping files alone, or with all of the folder when there are none; what is wrong is printed as the
 * command's output. CLI_REFUSED: a mapping is wrong. */
cli_exit map_open(cli *c, const dgm_slice *files, size_t n);
cli_exit map_doc(cli *c, const dgm_slice *files, size_t n);
cli_exit map_diff(cli *c, const dgm_slice *words, size_t n);
cli_exit map_new(cli *c, size_t n);
cli_exit map_infer(cli *c, size_t n);
/* Puts bytes in the place of a file, whole; false: why not was said. */
bool map_replace(cli *c, dgm_slice path, dgm_slice bytes);

cli_exit map_explain(cli *c, const dgm_slice *words, size_t n);
cli_exit map_laws(cli *c, const dgm_slice *files, size_t n);
cli_exit map_fmt(cli *c, const dgm_slice *files, size_t n);
/* Runs what `map test` runs, again and again (map_watch.c). */
typedef cli_exit map_test_run(cli *c, const dgm_slice *files, size_t n);
cli_exit map_test_watch(cli *c, map_test_run *run, const dgm_slice *files, size_t n);
cli_exit map_coverage(cli *c, const dgm_slice *words, size_t n);

/* Samples (map_sample.c): options of a job whose outputs nobody wants, with a canonical document where a mapping can; a file opened
 * as a whole, or why not, said; its messages through such a job. counts may be NULL. */
dgm_job_options map_sample_options(cli *c);
cli_exit map_sample_open(cli *c, dgm_slice sample, cli_input *in);
cli_exit map_sample_run(cli *c, const dgm_context *context, dgm_slice bytes, const dgm_job_options *o, dgm_job_counts *counts);

/* Lines that differ, for people. */
void map_print_difference(cli_stream *s, dgm_slice wanted, dgm_slice got);

#endif
