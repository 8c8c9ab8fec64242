/* SPDX-License-Identifier: Apache-2.0
 *
 * crew.h - one large interchange read in several places at once: it is cut where messages begin, readers of their own take the
 * pieces on several threads, and messages are given out in the order of the input. What a piece cannot know (numbers, references
 * used before) is done when its message has its turn; a message about which anything is to be said is read once more by the reader
 * itself, so that diagnostics are what they always are. Used by the one thread that reads.
 */
#ifndef DGM_EDI_CREW_H
#define DGM_EDI_CREW_H

#include "codecs/codecs.h"

struct dgm_edi_reader;
typedef struct dgm_edi_crew dgm_edi_crew;

/* For a reader over a whole input, which was opened with these settings. NULL in *out: it is not worth it. */
dgm_status dgm_edi_crew_open(struct dgm_edi_reader *r, const dgm_setting *settings, size_t n, dgm_edi_crew **out);
void dgm_edi_crew_close(dgm_edi_crew *c);
/* The next message, as dgm_edi_next gives it. */
dgm_status dgm_edi_crew_next(dgm_edi_crew *c, dgm_message *out);
/* A tree comes back, to be made another message of. False: it is not wanted. */
bool dgm_edi_crew_take_back(dgm_edi_crew *c, dgm_tree *tree);

#endif
