/* SPDX-License-Identifier: Apache-2.0
 *
 * registry.c - the built-in codecs. A new one is one line here. Constant; any thread.
 */
#include "codecs.h"

const dgm_codec *const dgm_codecs[] = { &dgm_codec_edifact, &dgm_codec_xml, &dgm_codec_json, &dgm_codec_flat, NULL };
