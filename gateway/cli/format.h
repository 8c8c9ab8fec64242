/* SPDX-License-Identifier: Apache-2.0
 *
 * format.h - what the files of the command `format` share. One thread.
 */
#ifndef DGM_GATEWAY_FORMAT_H
#define DGM_GATEWAY_FORMAT_H

#include "directory.h"

#include "codecs/flat/flat.h"

/* What a field may hold, in words: "date YYYYMMDD", "number, 2 decimals implied, sign overpunched". In the arena of c. */
dgm_slice cli_format_holds(cli *c, const dgm_flat_layout *l, const dgm_flat_step *s);
/* "3-7", "5"; of delimited records the number of the field. */
dgm_slice cli_format_columns(cli *c, const dgm_flat_layout *l, const dgm_flat_step *s);
/* "A/B/FT10" of a place. */
dgm_slice cli_format_path(cli *c, const dgm_flat_layout *l, uint32_t place);
cli_exit cli_format_doc(cli *c, const dgm_format *f);
/* `format import`: of n schemas. */
cli_exit cli_format_import(cli *c, const dgm_slice *schemas, size_t n);
/* `format infer`: a layout guessed from n samples. */
cli_exit cli_format_infer(cli *c, const dgm_slice *samples, size_t n);
cli_exit cli_format_show(cli *c, const dgm_format *f, dgm_slice file);

#endif
