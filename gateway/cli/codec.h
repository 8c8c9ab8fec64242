/* SPDX-License-Identifier: Apache-2.0
 *
 * codec.h - the parts of the command codec. One thread.
 */
#ifndef DGM_GATEWAY_CODEC_H
#define DGM_GATEWAY_CODEC_H

#include "cli.h"

#include "codecs/foreign.h"

/* word: the name of a codec, or its file. */
cli_exit cli_codec_check(cli *c, dgm_slice word, const dgm_slice *samples, size_t n);

#endif
