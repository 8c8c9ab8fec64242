/* SPDX-License-Identifier: Apache-2.0
 *
 * codec.c - the codec of flat files as codec.h wants it. Any thread.
 */
#include "flat.h"

const dgm_option dgm_flat_reader_options[] = {
    { "as-of", "", "the day that dates without a year are near to, where the layout says `near: received` (empty: today, in UTC)",
      DGM_OPT_DAY, NULL },
    { 0 },
};
const dgm_option dgm_flat_writer_options[] = {
    { "as-of", "", "the day on which what is written will be read, as the reader's (empty: today, in UTC)", DGM_OPT_DAY, NULL },
    { 0 },
};
const dgm_option dgm_flat_format_options[] = { { 0 } };

/* Without its layouts nothing is known of any input. */
static int identify(dgm_slice first)
{
    (void)first;
    return 0;
}

static int identify_formats(const dgm_format *const *formats, size_t n, dgm_slice first, bool whole)
{
    int sure;
    const dgm_format *second;
    (void)dgm_flat_choose(formats, n, first, whole, &sure, &second);
    return sure;
}

static dgm_slice codes(const dgm_shape *shape, uint32_t slot)
{
    const dgm_flat_layout *l = dgm_flat_layout_of(shape);
    for (uint32_t i = 0; l && i < l->step_count; i++)
        if (l->steps[i].slot == slot && l->steps[i].codes.len) return l->steps[i].codes;
    return (dgm_slice){ 0 };
}

const dgm_codec dgm_codec_flat = {
    .abi = DGM_CODEC_ABI,
    .struct_bytes = sizeof(dgm_codec),
    .name = "flat",
    .reader_options = dgm_flat_reader_options,
    .writer_options = dgm_flat_writer_options,
    .format_options = dgm_flat_format_options,
    .identify = identify,
    .identify_formats = identify_formats,
    .shape = dgm_flat_shape,
    .open = dgm_flat_open,
    .open_whole = dgm_flat_open_whole,
    .feed = dgm_flat_feed,
    .next = dgm_flat_next,
    .recycle = dgm_flat_recycle,
    .reset = dgm_flat_reset,
    .close = dgm_flat_close,
    .writer_open = dgm_flat_writer_open,
    .write = dgm_flat_write,
    .finish = dgm_flat_finish,
    .writer_close = dgm_flat_writer_close,
    .writer_again = dgm_flat_writer_again,
    .writer_renew = dgm_flat_writer_renew,
    .codes = codes,
    .waits = true,
};
