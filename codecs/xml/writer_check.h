/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_check.h - what is done with a document that was written before it is given away: held against the schema of its format,
 * made canonical. One thread for each.
 */
#ifndef DGM_CODECS_XML_WRITER_CHECK_H
#define DGM_CODECS_XML_WRITER_CHECK_H

#include "schema.h"

#include <libxml/parser.h>

/* say: what the schema has against the nth element, from 0. */
typedef struct dgm_xml_written {
    dgm_xml_check check;
    xmlParserCtxtPtr parser;
    void (*say)(void *ctx, uint32_t element, const dgm_xml_said *said);
    void *ctx;
    uint32_t count, depth, in_hand;
    uint32_t open[DGM_DEPTH_MAX + 2]; /* their numbers */
} dgm_xml_written;

void dgm_xml_written_init(dgm_xml_written *w, const dgm_mem *mem,
                          void (*say)(void *ctx, uint32_t element, const dgm_xml_said *said), void *ctx);
void dgm_xml_written_free(dgm_xml_written *w);
/* Holds a document against a schema. DGM_NOMEM. */
dgm_status dgm_xml_written_check(dgm_xml_written *w, xmlSchemaPtr schema, dgm_slice document);

/* Canonical XML 1.0, inclusive or exclusive, of a document; without comments. DGM_NOMEM. */
dgm_status dgm_xml_canonical(dgm_slice document, bool exclusive, dgm_buffer *out);

#endif
