/* SPDX-License-Identifier: Apache-2.0
 *
 * foreign.h - codecs built elsewhere, as shared objects: loaded from a folder, checked against the contract, and listed behind the
 * built-in ones. A set is read-only once open; any thread.
 */
#ifndef DGM_FOREIGN_H
#define DGM_FOREIGN_H

#include "codecs.h"

/* All codecs of a set, NULL-ended, the built-in ones first, in their order. NULL: those alone. */
const dgm_codec *const *dgm_codec_set_list(const dgm_codec_set *set);
/* The place of a codec in such a list, or -1. */
int dgm_codec_list_find(const dgm_codec *const *list, dgm_slice name);
/* What is told of one codec; of a built-in one with no file. */
dgm_codec_info dgm_codec_told(const dgm_codec *codec);
/* SHA-256 of the file of the i-th codec of the set, 32 bytes; empty of a built-in one. */
dgm_slice dgm_codec_set_sum(const dgm_codec_set *set, size_t i);

#endif
