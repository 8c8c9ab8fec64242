/* SPDX-License-Identifier: Apache-2.0
 *
 * codecs.h - what the codecs of this tree, and those who call codecs, have beside the contract (codec.h): the list of built-in
 * codecs, the host they run on, and settings looked up. Threads: as in codec.h.
 */
#ifndef DGM_CODECS_H
#define DGM_CODECS_H

#include "base/arena.h"
#include "codec.h"
#include "model/tree.h"

/* The value of a setting, or the default of the table, or empty. The first of its name wins. */
dgm_slice dgm_setting_get(const dgm_setting *settings, size_t n, const dgm_option *options, const char *name);

/* The values it may have, with blanks between, or NULL: whatever its kind allows; and whether this is one, as far as the table
 * knows.
 */
const char *dgm_option_values(const dgm_option *o);
/* The same in words, for a diagnostic. */
dgm_slice dgm_option_words(const dgm_option *o);
bool dgm_option_takes(const dgm_option *o, dgm_slice value);

/* What a partner calls an error: of several rows the longest that fits, without one the number of the diagnostic, which never
 * changes. */
dgm_slice dgm_answer_code_of(const dgm_answer_code *codes, size_t count, uint32_t diag, char room[12]);
/* A host over tree.h with default limits where limits is NULL or has zeros. diags may be NULL: diagnostics are then dropped. */
dgm_host dgm_host_make(const dgm_mem *mem, const dgm_limits *limits, dgm_diags *diags, const dgm_world *world,
                       const dgm_format *const *formats, size_t format_count);

/* The shape of a format is about to be looked at. What it returns, and any thread, as in codec.h. */
static inline dgm_status dgm_format_need(const dgm_format *f, dgm_diags *diags)
{
    return f->need ? f->need(f, diags) : DGM_OK;
}

/* Fills in what codecs built elsewhere are given beside the functions of tree.h (foreign_host.c). */
void dgm_host_for_foreign(dgm_host *host);

/* The built-in codecs, NULL-ended. */
extern const dgm_codec dgm_codec_edifact, dgm_codec_xml, dgm_codec_json, dgm_codec_flat;
extern const dgm_codec *const dgm_codecs[];

#endif
