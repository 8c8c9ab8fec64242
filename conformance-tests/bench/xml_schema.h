/* SPDX-License-Identifier: Apache-2.0
 *
 * xml_schema.h - XML Schemas that say what an XML format's element table says: the published ones are not ours to ship. One thread.
 */
#ifndef DGM_BENCH_XML_SCHEMA_H
#define DGM_BENCH_XML_SCHEMA_H

#include "codecs/xml/xml.h"

/* One schema for each namespace of a format, n.xsd for the nth, which import each other; and the format that names them. */
typedef struct xml_schemas {
    dgm_buffer at[DGM_XML_NAMESPACES_MAX];
    uint32_t count;
    dgm_file_source source;
    dgm_format format;
    dgm_setting settings[64];
    dgm_shape *shape;
} xml_schemas;
/* False: no memory. The format's settings and table must outlive it. */
bool xml_schemas_make(xml_schemas *s, const dgm_format *format);
void xml_schemas_free(xml_schemas *s);

#endif
