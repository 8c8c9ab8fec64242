/* SPDX-License-Identifier: Apache-2.0
 *
 * intake.h - interchanges that must be decoded before they can be cut into segments: where an apostrophe may be half of a character
 * (Shift_JIS, GB18030, ISO 2022) or is another byte (EBCDIC, UTF-16). The reader then reads the text made here; the map leads from
 * it back to the input. All other sets are scanned as they stand and never come here. A reader's own; one thread.
 */
#ifndef DGM_EDI_INTAKE_H
#define DGM_EDI_INTAKE_H

#include "base/utf8.h"

struct dgm_edi_reader;

typedef struct dgm_edi_intake {
    bool on;
    bool stays;       /* to the end of the input, because the setting asks for it; otherwise to the end of the interchange */
    bool lines;       /* the bytes as they are, without line breaks: no text */
    bool shifts;      /* ISO 2022: who reads on is decided at each escape sequence */
    bool told;        /* that this interchange is encoded so */
    bool whole, last; /* what the reader's are of the input itself */
    dgm_charset *set; /* reading now; borrowed */
    dgm_charset *own; /* opened here last */
    bool met;         /* in this input, not in one before */
    dgm_charset_map map;
    dgm_buffer kept;       /* of an input in pieces: bytes from raw_from on */
    const char *raw;       /* the input, or kept */
    size_t raw_len, taken; /* taken: bytes that have become text */
    uint64_t raw_from;     /* absolute offset of raw[0] */
    char before;           /* lines: the byte before the break */
    bool joined_told;      /* that one stood inside a segment */
    struct {
        uint64_t at, bytes;
    } joined;       /* the first such, when it is not told yet */
    uint64_t ended; /* where the last interchange read so ended */
    uint64_t from;  /* absolute offset of the first byte of the text that is there */
} dgm_edi_intake;

void dgm_edi_intake_free(dgm_edi_intake *k);
/* From the byte `at` on the input is text. set is borrowed; NULL: ISO 2022. DGM_OK or DGM_NOMEM. */
dgm_status dgm_edi_intake_start(struct dgm_edi_reader *r, size_t at, dgm_charset *set, bool stays);
/* The text before `at` is done with: from there on the reader reads the input as it stands. DGM_OK or DGM_NOMEM. */
dgm_status dgm_edi_intake_stop(struct dgm_edi_reader *r, size_t at);
/* From the byte `at` on line breaks are left out, to the end of the interchange. DGM_OK or DGM_NOMEM. */
dgm_status dgm_edi_intake_lines(struct dgm_edi_reader *r, size_t at);
/* A piece of the input, to be decoded when text is wanted. */
dgm_status dgm_edi_intake_feed(struct dgm_edi_reader *r, dgm_slice chunk, bool last);
/* Decodes a piece behind the reader's text. DGM_MORE: there is none. */
dgm_status dgm_edi_intake_pull(struct dgm_edi_reader *r);
/* Has this input had something in that set, which was not known beforehand? */
bool dgm_edi_intake_met(const struct dgm_edi_intake *k, const char *name);
/* Opens a set to be read with, once. */
dgm_status dgm_edi_intake_open(struct dgm_edi_reader *r, const char *name, dgm_charset **out);
/* What an interchange at this place of the input is encoded in, by its first bytes: NULL for nothing special. *more: too few bytes
 * to tell. *mark: length of a byte order mark. little_end: a NUL here is the second half
 * of a character of the interchange before. */
const char *dgm_edi_intake_detect(dgm_slice bytes, bool last, bool little_end, bool *more, size_t *mark);

/* What the reader reads is UTF-8. */
static inline bool dgm_edi_intake_text(const dgm_edi_intake *k)
{
    return k->on && !k->lines;
}
static inline uint64_t dgm_edi_intake_offset(const dgm_edi_intake *k, size_t at)
{
    return k->from + dgm_charset_map_source(&k->map, at);
}
/* Where the character before an offset of the text ends. */
static inline uint64_t dgm_edi_intake_end(const dgm_edi_intake *k, size_t at)
{
    const dgm_charset_run *run = at ? dgm_charset_map_at(&k->map, at - 1) : NULL;
    return run ? dgm_edi_intake_offset(k, at - 1) + run->source_width : dgm_edi_intake_offset(k, at);
}

#endif
