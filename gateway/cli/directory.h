/* SPDX-License-Identifier: Apache-2.0
 *
 * directory.h - what the files of the command `directory` share: directories by name, what an id is in one of them, and its parts
 * as rows that show prints and diff compares. One thread.
 */
#ifndef DGM_GATEWAY_DIRECTORY_H
#define DGM_GATEWAY_DIRECTORY_H

#include "cli.h"

#include "codecs/edifact/directory_book.h"
#include "codecs/edifact/directory_text.h"

/* What the command knows of: the directories linked in, those added in the folder of the mappings, and as V3 and V4 the service
 * directories alone. */
typedef struct dir {
    cli *c;
    dgm_edi_directory *added;
    dgm_edi_book **books; /* the added, owned */
    size_t added_count;
} dir;

/* Loads what was added in the folder of the mappings; a file that is wrong is told of, and CLI_ENVIRONMENT. */
cli_exit dir_added(dir *d);
void dir_forget(dir *d);

/* Linked in, then added; false past the end. */
bool dir_at(const dir *d, size_t i, dgm_edi_directory *out);
/* By name; false, and told with the nearest one, when there is none. */
bool dir_open(const dir *d, dgm_slice name, dgm_edi_directory *out);
/* The same, silently. */
bool dir_known(const dir *d, dgm_slice name, dgm_edi_directory *out);
/* "D.96B", "V4" */
bool dir_service_alone(const dgm_edi_directory *in);

/* Kinds by their tables: messages, segments, composites, elements; codes are DGM_EDI_CODES with the key "1001 380". */
typedef struct dir_thing {
    dgm_edi_table kind;
    dgm_edi_directory in;
    dgm_edi_line line;
    bool service; /* of ISO 9735 */
    dgm_slice name;
} dir_thing;
/* What the id is in this directory. */
bool dir_find_in(const dir *d, dgm_slice id, const dgm_edi_directory *in, dir_thing *out);
/* What the id is in the latest directory that has it. */
bool dir_find_latest(const dir *d, dgm_slice id, dir_thing *out);
const char *dir_kind_name(dgm_edi_table kind);
/* "D.94A to D.96B, D.98A"; "syntax versions 1 to 3" */
dgm_slice dir_where(const dir *d, const dir_thing *thing);
/* Nothing has the id (in this directory): says so, with where it is or what is called alike. CLI_USAGE. */
cli_exit dir_unknown(const dir *d, dgm_slice id, const dgm_edi_directory *in);

/* A line of a message, segment or composite. */
typedef struct dir_row {
    uint32_t position, depth, max;
    bool group, mandatory, coded;
    dgm_slice id, name, repr;
} dir_row;
typedef struct dir_rows {
    dir_row *at;
    size_t count;
} dir_rows;
/* The parts of a message, segment or composite (in a segment, components stand below their composite); none of an element or code.
 * False: no memory. */
bool dir_rows_of(const dir *d, const dir_thing *thing, dir_rows *out);

/* Names of a directory that shout are written as a sentence would be. */
dgm_slice dir_quiet(const dir *d, dgm_slice name);
void dir_inked(cli_stream *s, cli_ink ink, dgm_slice text);
/* `text` in at least `width` columns. */
void dir_cell(cli_stream *s, cli_ink ink, dgm_slice text, size_t width);
size_t dir_width(const cli_stream *s);

cli_exit dir_list(const dir *d);
cli_exit dir_show(const dir *d, const dgm_slice *words, size_t count);
cli_exit dir_diff(const dir *d, const dgm_slice *words, size_t count);
/* Files and folders become a directory file. */
cli_exit dir_import(cli *c, const dgm_slice *words, size_t count);

#endif
