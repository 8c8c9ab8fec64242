/* SPDX-License-Identifier: Apache-2.0
 *
 * kit.h - the conformance kit: what every codec must keep, built in or not, tried on samples. Each part runs in a process of its
 * own, so that a codec that crashes or hangs costs the part alone and is told with the place. One thread, but for the part that
 * tries several.
 */
#ifndef DGM_GATEWAY_KIT_H
#define DGM_GATEWAY_KIT_H

#include "codecs/foreign.h"
#include "context.h"

typedef struct kit_sample {
    dgm_slice name, bytes;
} kit_sample;

typedef struct kit_options {
    uint64_t seed;
    uint32_t runs;    /* mutations of each sample */
    uint32_t seconds; /* one step may take; beyond, it hangs */
    const dgm_setting *reader, *writer;
    size_t reader_count, writer_count;
    /* Told while a part runs, a few times a second; may be NULL. */
    void (*progress)(void *ctx, const char *part, dgm_slice sample, uint64_t work);
    void *progress_ctx;
} kit_options;

typedef enum kit_outcome { KIT_PASSED, KIT_FAILED, KIT_CRASHED, KIT_HANGS, KIT_SKIPPED } kit_outcome;
extern const char *const kit_outcome_names[];

/* What is wrong: step says what was tried ("cut 117"). */
typedef struct kit_finding {
    uint32_t sample;
    char step[96];
    char text[416];
} kit_finding;
enum { KIT_FINDINGS = 8 };

/* Shared with the process a part runs in. */
typedef struct kit_board {
    volatile uint64_t beat, work; /* steps begun; things tried */
    volatile uint32_t sample, finding_count, finished;
    char step[96], note[160];
    kit_finding findings[KIT_FINDINGS];
} kit_board;

typedef struct kit kit;
typedef struct kit_reading kit_reading;
typedef struct kit_part {
    const char *name, *help;
    void (*run)(kit *k);
} kit_part;
/* In the order in which they run; ends with a NULL name. */
extern const kit_part kit_parts[];

typedef struct kit_result {
    const kit_part *part;
    kit_outcome outcome;
    int signal;      /* of what crashed; 0: it ended by itself */
    kit_board board; /* as the part left it */
} kit_result;

/* Runs a part in a process of its own. False: no process could be made. */
bool kit_run(const dgm_codec *codec, const dgm_context *context, const kit_sample *samples, size_t count,
             const kit_options *options, const kit_part *part, kit_result *out);
/* Whether work() comes back in a process of its own; *signal_number as above. For what runs code before any sample is there. */
kit_outcome kit_try(void (*work)(void *ctx), void *ctx, uint32_t seconds, int *signal_number);

/* ---- the inside ---- */

struct kit {
    const dgm_codec *codec;
    const dgm_context *context;
    const dgm_format_list *known;
    const kit_sample *samples;
    size_t sample_count;
    const kit_options *options;
    kit_board *board;
    const kit_reading *like; /* told is what differs of this one */
    char differs[224];
};

/* A step begins: what a crash or a finding is told with. */
void kit_step(kit *k, size_t sample, const char *format, ...) __attribute__((format(printf, 3, 4)));
void kit_found(kit *k, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One line about what was tried. */
void kit_note(kit *k, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Counts what a codec takes from its host, and refuses one allocation on demand. One thread. */
typedef struct kit_mem {
    long asked, fail_at; /* fail_at < 0: never */
    bool failed;
    long long live, peak;
} kit_mem;
dgm_mem kit_mem_use(kit_mem *m);

/* How an input is given: all of it at once as memory (0), or in pieces: the first of `first` bytes (0: of `each`), the others of
 * `each` (0: all that is left), or of lengths made of `seed`. */
typedef struct kit_way {
    size_t first, each;
    uint64_t seed;
    bool whole;
} kit_way;

typedef struct kit_message {
    uint64_t sum;
    uint32_t nodes;
    uint64_t bytes;
} kit_message;

/* What a reading gave. */
struct kit_reading {
    dgm_status status;      /* of the call that ended it: DGM_END */
    size_t messages, trees; /* all, and those with a tree */
    size_t errors, told;    /* errors; diagnostics of any kind */
    uint64_t sum;           /* of everything that was given and told */
    uint64_t told_sum;      /* of what was told alone */
    uint64_t *diags;        /* a sum of each; malloc */
    kit_message *list;      /* of those with a tree; malloc */
    size_t list_room;
    bool unsound, deep, same_end; /* a tree is wrong; deeper than the limit; next() says DGM_END again */
    long long left, peak;         /* of the host's memory after closing; at most */
};
/* Which diagnostic of an input, read in this way, is not as in another reading, as text; empty: all are. */
const char *kit_told_otherwise(kit *k, dgm_slice input, kit_way way, const kit_reading *wanted);
void kit_reading_free(kit_reading *r);

/* A reader at work on an input. */
typedef struct kit_source {
    kit *k;
    kit_mem mem;
    dgm_mem use;
    dgm_diags *diags;
    dgm_host host;
    dgm_reader *reader;
    size_t bytes; /* of its input: no more messages can be in it, but one */
} kit_source;
/* limits may be NULL. */
dgm_status kit_source_open(kit *k, const dgm_limits *limits, const kit_way *way, dgm_slice input, kit_source *s);
/* As next(), feeding when it asks for more. */
typedef struct kit_feed {
    dgm_slice rest;
    kit_way way;
    size_t given; /* messages */
    bool begun, over;
} kit_feed;
dgm_status kit_source_next(kit_source *s, kit_feed *f, dgm_message *m);
void kit_source_close(kit_source *s);

/* Reads a whole input. each (may be NULL): is shown every message before it is given back. */
void kit_read(kit *k, dgm_slice input, kit_way way, const dgm_limits *limits, kit_reading *out);
/* The same with a reader that is open: from its beginning to its end. */
void kit_read_on(kit_source *s, dgm_slice input, kit_way way, kit_reading *out);
/* What a sample gives when it is read whole, without a finding. */
void kit_reference(kit *k, size_t sample, kit_reading *out);

/* One tree as an output of its own, into malloc'd bytes. */
typedef struct kit_bytes {
    char *at;
    size_t len, room;
} kit_bytes;
dgm_status kit_write(kit *k, kit_mem *mem, const dgm_format *format, const dgm_tree *t, dgm_diags *diags, kit_bytes *out);
/* The first place that differs, envelopes aside, into out; empty: none. */
void kit_difference(const dgm_tree *a, const dgm_tree *b, char *out, size_t room);

/* The process of the part ends: told as a crash with that word. */
_Noreturn void kit_no_memory(void);
uint64_t kit_random(uint64_t *state);

/* Tells what is wrong with a reading whatever its input was. */
bool kit_plainly_wrong(kit *k, const kit_reading *r);

/* The parts. */
void kit_part_contract(kit *k);
void kit_part_identify(kit *k);
void kit_part_read(kit *k);
void kit_part_chunks(kit *k);
void kit_part_truncation(kit *k);
void kit_part_mutations(kit *k);
void kit_part_allocations(kit *k);
void kit_part_round_trip(kit *k);
void kit_part_limits(kit *k);
void kit_part_threads(kit *k);
void kit_part_memory(kit *k);

#endif
