/* SPDX-License-Identifier: Apache-2.0
 *
 * corpus.h - CUSDEC D.96B interchanges of any size, always the same for the same seed: what the benchmarks read and what the laws
 * vary. The messages keep the D.96B structure and lengths, use the customary place for each datum, and have several items each.
 * Threads: a corpus belongs to one thread; two corpora share nothing.
 */
#ifndef DGM_TEST_CORPUS_H
#define DGM_TEST_CORPUS_H

#include "base/slice.h"

/* Room that a message, or the head or tail of an interchange, never exceeds. */
#define CORPUS_PIECE_MAX (64u * 1024u)

typedef struct corpus_options {
    uint64_t seed;    /* 0: the committed one */
    bool utf8;        /* UNOY and UTF-8; else UNOC and ISO 8859-1 */
    bool wide;        /* as many items and optional segments as chance gives; else exactly 40 segments a message */
    bool line_breaks; /* CR LF behind each segment */
    bool listed;      /* codes are those of the UN's lists, and check digits are right; else some are national, as is usual */
} corpus_options;

typedef struct corpus {
    corpus_options options;
    uint64_t random;
    uint32_t messages;               /* made so far */
    uint32_t segments;               /* of the message being made */
    uint32_t item;                   /* being made, from 1 */
    uint32_t packages, gross, cents; /* of the item being made; gross in hundredths */
    uint32_t packages_all, gross_all, cents_all;
    char *at; /* where the next byte goes */
    char reference[16], currency[4];
} corpus;

void corpus_start(corpus *c, const corpus_options *options);
/* Each writes one piece to out (CORPUS_PIECE_MAX bytes of room) and returns its length. head: UNA and UNB; tail: UNZ. */
size_t corpus_head(corpus *c, char *out);
size_t corpus_message(corpus *c, char *out);
size_t corpus_tail(corpus *c, char *out);
/* One whole interchange of at least `bytes` bytes, at most one message more; the caller frees(at). at NULL: no memory. */
dgm_slice corpus_make(const corpus_options *options, size_t bytes);

/* A source that is made while it is read: chunks as a pipe would give them. */
typedef struct corpus_stream {
    corpus made;
    uint64_t bytes_wanted, bytes_given;
    int stage; /* 0 head, 1 messages, 2 over */
} corpus_stream;
void corpus_stream_start(corpus_stream *s, const corpus_options *options, uint64_t bytes);
/* Fills room (at least CORPUS_PIECE_MAX) with whole pieces and returns the bytes; *last when nothing more will come. */
size_t corpus_stream_next(corpus_stream *s, char *room, size_t room_bytes, bool *last);

/* What an interchange looks like, counted from its bytes. */
typedef struct corpus_figures {
    uint64_t bytes, messages, segments, separators, elements, empty, releases, not_ascii, items;
} corpus_figures;
corpus_figures corpus_measure(dgm_slice interchange);

#endif
