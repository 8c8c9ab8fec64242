/* SPDX-License-Identifier: Apache-2.0
 *
 * writer.h - the writer's functions, for codec.c. A writer belongs to one thread.
 */
#ifndef DGM_EDI_WRITER_H
#define DGM_EDI_WRITER_H

#include "base/buffer.h"
#include "codecs/codecs.h"

extern const dgm_option dgm_edi_writer_options[];
dgm_status dgm_edi_writer_open(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n, dgm_sink sink,
                               dgm_writer **out);
dgm_status dgm_edi_write(dgm_writer *w, const dgm_tree *tree);
dgm_status dgm_edi_finish(dgm_writer *w);
dgm_status dgm_edi_writer_flush(dgm_writer *w);
void dgm_edi_writer_again(dgm_writer *w, dgm_sink sink);
dgm_status dgm_edi_writer_renew(dgm_writer *w, const dgm_setting *settings, size_t n, dgm_sink sink);
void dgm_edi_writer_goes_on(dgm_writer *w);
dgm_status dgm_edi_writer_envelope(dgm_writer *w, const dgm_envelope *e);
dgm_status dgm_edi_recount(dgm_slice between, dgm_left_out *left, dgm_buffer *out);
bool dgm_edi_writer_full(const dgm_writer *w);
void dgm_edi_writer_close(dgm_writer *w);

#endif
