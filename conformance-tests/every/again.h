/* SPDX-License-Identifier: Apache-2.0
 *
 * again.h - an interchange written again in its own standard, and what has to be true of that. One thread.
 */
#ifndef DGM_EVERY_AGAIN_H
#define DGM_EVERY_AGAIN_H

#include "dragoman.h"

/* Writes the interchange, of that syntax version, again, normalised, once more, in the other version (3, 4) and back (between: its
 * header can be said in both), and as it came. NULL when all of it holds: what is written is accepted, no message that was accepted
 * is missing, each has the values it had, and writing again what was written changes nothing. Else what does not, in static text.
 */
const char *written_again(const dgm_context *c, dgm_slice interchange, int syntax, bool between);

#endif
