/* SPDX-License-Identifier: Apache-2.0
 *
 * parties.h - who an XML document says it is from and for, found in its first bytes, so that what was agreed with them is known
 * before anything is read: whether it must be signed, by which rules it is read. Only a hint of where to look: whoever acts on it
 * holds it against what the reader makes of the whole document. Pure; any thread.
 */
#ifndef DGM_CODECS_XML_PARTIES_H
#define DGM_CODECS_XML_PARTIES_H

#include "codecs/codecs.h"

/* A document that has said nothing of them by then says nothing. */
enum { DGM_PARTIES_BYTES_MAX = 1 << 20, DGM_PARTY_BYTES_MAX = 256 };

typedef struct dgm_party {
    char at[DGM_PARTY_BYTES_MAX];
    size_t len; /* 0: it is not said, or is longer than that */
} dgm_party;

typedef struct dgm_parties {
    dgm_party sender, recipient;
    dgm_party type; /* the document, as the reader calls it; of an envelope that holds another one, the envelope */
} dgm_parties;

/* formats: those that are considered, of this codec; encoding: as "reader.encoding". DGM_OK: nothing more will be known; DGM_MORE:
 * with more bytes, unless `whole`; DGM_NOMEM. */
dgm_status dgm_xml_parties(const dgm_mem *mem, const dgm_format *const *formats, size_t format_count, dgm_slice encoding,
                           dgm_slice first, bool whole, dgm_parties *out);

/* What documents of a format are called: the last step of its `document`, else its root. */
dgm_slice dgm_xml_document_type(const dgm_format *format);

#endif
