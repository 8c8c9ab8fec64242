/* SPDX-License-Identifier: Apache-2.0
 *
 * guide.h - what the files of the command `guide` share. One thread.
 */
#ifndef DGM_GATEWAY_GUIDE_H
#define DGM_GATEWAY_GUIDE_H

#include "directory.h"

#include "codecs/edifact/guide.h"
#include "context.h"

/* A guide of the context as the codec has it. */
static inline const dgm_edi_guide *dgm_context_guide_at(const dgm_context *c, size_t i)
{
    return c->guides[i].guide;
}
/* The message's table as the guide has it. */
cli_exit cli_guide_show(cli *c, const dgm_edi_guide *g);

#endif
