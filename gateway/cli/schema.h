/* SPDX-License-Identifier: Apache-2.0
 *
 * schema.h - what the files of the command schema share. One thread.
 */
#ifndef DGM_GATEWAY_SCHEMA_H
#define DGM_GATEWAY_SCHEMA_H

#include "cli.h"
#include "model/tree.h"

void schema_head(cli_stream *s, const char *id, const char *title);
/* Of the canonical documents of one kind (schema_document.c). */
void schema_document(cli_stream *s, const dgm_shape *shape);

#endif
