/* SPDX-License-Identifier: Apache-2.0
 *
 * again.h - an interchange written again in its own standard, and what has to be true of that. One thread.
 */
#ifndef DGM_EVERY_AGAIN_H
#define DGM_EVERY_AGAIN_H

#include "dragoman.h"

/* Writes the interchange again, normalised, once more, in syntax version 4 and back, and as it came. NULL when all of it holds:
 * what is written is accepted, no message that was accepted is missing, each has the values it had, and writing again what was
 * written changes nothing. Else what does not, in static text. */
const char *written_again(const dgm_context *c, dgm_slice interchange);

#endif
