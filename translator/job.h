/* SPDX-License-Identifier: Apache-2.0
 *
 * job.h - the inside of a job: detect → decode → map → check → map → encode. The job belongs to the caller's thread; a lane, which
 * carries one message through the house, belongs to whichever thread has it in hand.
 */
#ifndef DGM_JOB_H
#define DGM_JOB_H

#include "base/buffer.h"
#include "base/pool.h"
#include "context.h"
#include "mapping/merge.h"
#include "partner.h"

enum { DGM_THREADS_MAX = 64 };

/* An outlet that is opened by the first byte written to it, so that a refused document leaves no empty file behind. */
typedef struct dgm_late_sink {
    dgm_outlet outlet;
    dgm_slice format;
    dgm_sink to;
    uint32_t number; /* outputs opened so far in this job */
    bool open;
    /* Ahead of its turn a job may not open its outlet: what one output has is held back. */
    bool hold, held_whole;
    dgm_buffer held;
} dgm_late_sink;

typedef struct dgm_settings {
    dgm_setting *at;
    size_t count;
} dgm_settings;

/* What holds for one partner. */
typedef struct dgm_terms {
    const dgm_partner *partner;
    dgm_agreed agreed; /* what a reader, and who answers, is told */
    dgm_settings writer;
    /* Of XML: settings, whom its signatures must lead to (NULL: it need not sign), and what signs for it. */
    dgm_settings xml_reader, xml_writer;
    const dgm_trust *trust;
    const dgm_signer *signer;
    dgm_writer *kept; /* of messages written again, while another partner has the word: its references go on counting */
    bool goes_on;
} dgm_terms;

/* Whose writer's settings hold for what goes to a recipient: found once for an interchange. */
typedef struct dgm_going {
    bool known;
    uint32_t interchange;
    const dgm_agreed *agreed;
    char recipient[40];
    size_t len;
    dgm_terms *terms;
} dgm_going;

/* One document of a message that holds several, or one that waits for others to share a message with (job_documents.c). */
typedef struct dgm_held {
    dgm_tree *part, *model, *derived, *target; /* of the lane's runners, or copies */
    const dgm_tree *document;                  /* what is written */
    dgm_diags *diags;                          /* NULL: nothing was said yet */
    dgm_message_report report;
    dgm_message message; /* what its envelope says; no tree */
    const dgm_mapping_entry *mapping_in, *mapping_out;
    dgm_status status;
    uint32_t next;   /* of those with its key, + 1 */
    uint32_t merged; /* as of its lane */
    bool copied, answers;
} dgm_held;

typedef struct dgm_desk {
    dgm_held *at;
    size_t count, room;
    uint64_t nodes; /* of copies */
} dgm_desk;

/* One message on its way. Everything it needs is its own, so that lanes can run beside each other. */
typedef struct dgm_lane {
    struct dgm_job *job;
    dgm_diags *diags; /* about this message */
    dgm_runner *runner_in, *runner_out;
    dgm_runner *runner_between; /* from one canonical document to another; made when first wanted */
    dgm_host host;              /* for the writer of single documents */
    dgm_message message;
    dgm_message_report report;
    dgm_buffer names; /* copies of what the reader lends until its next message */
    dgm_tree *model, *target;
    dgm_tree *derived;              /* what another canonical document was made of `model`, or of the message's own */
    const dgm_mapping_entry *rules; /* the mapping of its format, if that can be used */
    const dgm_mapping_entry *mapping_in, *mapping_out;
    dgm_part_facts facts; /* of a message that is a part of a document */
    dgm_tree *whole;      /* the document that is complete with it */
    uint32_t merged;      /* which of those put together in this input that is, + 1 */
    bool merges;          /* it is such a part, and what comes of it is known when it is delivered */
    dgm_buffer bytes;     /* a single document written, when it waits for its turn */
    dgm_desk held;        /* the documents of a message that holds several */
    /* What is answered to it (job_respond.c): a builder made when first wanted, the answer, and whether there is one to write. */
    dgm_builder *responder;
    dgm_tree *response;
    bool responds;
    /* Its writer of single documents, kept from one to the next. */
    dgm_writer *writer;
    const dgm_format *writer_format;
    const dgm_terms *writer_terms;
    dgm_status status;
    size_t before_bytes;  /* of `bytes`, when messages are written as they came: what stood before it */
    size_t canonical[2];  /* of diags, those about the document that the message became: from, to before */
    size_t errors_around; /* told with the message, but not about it */
    bool put_out;         /* its output was written ahead of its turn */
    bool rejected;        /* what surrounds it is */
} dgm_lane;

/* Of the diagnostics from `first` to before `last`, which are about the canonical document, tells where the message that was sent
 * has what they are about (job_sent.c). */
dgm_status dgm_lane_sent(dgm_lane *lane, size_t first, size_t last);

/* What the reader told of what surrounds messages, until these have their turn (job_envelope.c). */
typedef struct dgm_envelopes {
    dgm_buffer bytes;
    size_t at, most; /* the next one; bytes at which those without messages are looked for */
    bool cut;        /* the last one lost its values: there was too much */
} dgm_envelopes;
#define DGM_ENVELOPE_VALUES_MAX 128u
#define DGM_ENVELOPE_TAG_MAX    16u
typedef struct dgm_envelope_room {
    dgm_envelope envelope;
    char tag[DGM_ENVELOPE_TAG_MAX];
    dgm_envelope_value values[DGM_ENVELOPE_VALUES_MAX];
} dgm_envelope_room;

/* Makes the answer to the message in hand, and maps it to what is to be written; `status` is what became of the message, and of
 * what is returned unless the answer fails (job_respond.c). */
#define DGM_RESPONSE_MODEL DGM_LITERAL("Response@1")
dgm_status dgm_lane_respond(dgm_lane *lane, dgm_status status);

/* Messages that are written again in their own standard (job_rewrite.c). */
typedef struct dgm_rewriting {
    dgm_envelopes headers; /* whose messages have not had their turn */
    dgm_status failed;
    /* As they came: the input from input_at on, as far as it is wanted. */
    dgm_slice whole;
    dgm_buffer input;
    uint64_t input_at, taken; /* taken: the end of the last message read */
    dgm_buffer between;       /* what stood before messages that were refused, while none was accepted */
    dgm_left_out left;
    bool wrote;
    bool anew;             /* that envelopes are made anew was told of this input */
    bool goes_on;          /* the writer has written of this input */
    struct dgm_terms *own; /* whose writer it is; NULL: nobody's */
    dgm_writer *kept;      /* nobody's, while a partner's has the word */
    bool kept_goes_on;
} dgm_rewriting;

struct dgm_job {
    const dgm_context *context;
    dgm_mem mem;
    dgm_arena arena; /* what lives as long as the job: copies of options */
    dgm_job_options options;
    dgm_diags *diags;        /* what the reader says; goes to the lane of the message it is about */
    dgm_diags *writer_diags; /* what the writer of an interchange says */
    dgm_host host, writer_host;
    dgm_settings reader_settings, writer_settings, ack_settings; /* "reader.", "writer." and "ack." taken off */
    bool *told_aside; /* by mapping: this input was told that it is broken; made when first wanted */
    const dgm_codec *reader_codec;
    dgm_reader *reader;
    bool reader_whole;            /* opened over borrowed memory: it is not used again */
    const dgm_codec *spare_codec; /* whose reader waits for another input of its kind */
    dgm_reader *spare;
    const dgm_terms *spare_terms; /* by which it was opened */
    dgm_buffer head;              /* first bytes while nobody knows what the input is */
    const dgm_format_entry *from, *to;
    bool to_json;
    dgm_slice to_model; /* and which document that is; empty: the one that comes */
    dgm_run_options run;
    dgm_lane *lanes;
    uint32_t lane_count;
    struct dgm_pool *pool; /* NULL: one thread */
    /* the output in hand */
    const dgm_codec *writer_codec;
    const dgm_format *writer_format;
    dgm_writer *writer;          /* kept from one interchange to the next where its codec can */
    bool writing;                /* an interchange is open */
    uint32_t writer_interchange; /* which interchange of the input it answers */
    bool writer_wrote;           /* it took a message, which it may still hold */
    bool wrote_of_input;         /* an interchange of the input in hand was written: references count on */
    dgm_late_sink sink;
    dgm_job_counts counts;
    dgm_status failed; /* what stopped the job for good, or DGM_OK */
    dgm_rewriting rewriting;
    dgm_envelopes told; /* for the caller; told_failed: there was no memory for one */
    dgm_status told_failed;
    dgm_terms *terms; /* by partner, in the order of the context; or those of the one that was named */
    size_t terms_count;
    bool terms_named;
    bool guided; /* implementation guides are asked for, and loaded */
    dgm_going going;
    dgm_ack *ack; /* of the reader's codec; NULL: no answers */
    dgm_status ack_failed;
    dgm_desk held;               /* documents that wait for others of this input */
    dgm_arena held_names;        /* what their reports point to */
    struct dgm_shared *shared;   /* messages put together; made when first wanted */
    struct dgm_merging *merging; /* documents that several messages tell; made when first wanted */
    bool shares, gathers;        /* documents share messages of the target: of one message, of the whole input */
    bool answered;               /* who answers was told of this message already */
    /* of the message in hand, for reports and explanations */
    const dgm_mapping_entry *mapping_in, *mapping_out;
    bool over;
    /* of signatures */
    struct {
        dgm_buffer gathered;      /* an input that comes in pieces */
        dgm_buffer proved;        /* one that is genuine, without its signatures: readers may borrow it */
        dgm_buffer written;       /* a document on its way to its signature */
        const dgm_signer *signer; /* of the document that is written; NULL: it goes as it is */
        dgm_sink to;
    } proof;
    /* Whose profile holds for an XML input, where any says something of such: known before anything of it is read (job_parties.c).
     */
    struct {
        bool asked, known;
        dgm_terms *terms;  /* NULL: nobody's */
        size_t looked;     /* bytes of the input that did not tell it yet */
        dgm_limits limits; /* as the context has them */
    } parties;
    /* of an input begun ahead of its turn */
    struct {
        dgm_status status, closed;
        bool message;     /* the first lane has one */
        dgm_message next; /* read, not yet taken by a lane, when status is DGM_OK */
    } ahead;
};

/* ---- job_signature.c ---- */

void dgm_job_proof_init(dgm_job *j);
void dgm_job_proof_free(dgm_job *j);
dgm_status dgm_job_signing_open(dgm_job *j, dgm_diags *diags); /* what is written gets signatures, where they are asked for */
dgm_status dgm_job_gather(dgm_job *j, dgm_slice chunk);        /* of an input that comes in pieces */
/* Once it is known what the input is, and whose: DGM_OK, and *input is what may be read of it; else why not was said. */
dgm_status dgm_job_prove(dgm_job *j, dgm_slice *input);
bool dgm_job_proves(const dgm_job *j);                /* is it asked for? */
bool dgm_job_unproved(dgm_job *j, dgm_status status); /* the input was refused, which is counted: nothing of it is read */

/* ---- job_parties.c ---- */

dgm_status dgm_job_parties_prepare(dgm_job *j, dgm_diags *diags); /* with the terms of partners */
/* Whose profile holds for an input of the reader's codec. DGM_MORE: these bytes do not tell it yet. Told when it is known. */
dgm_status dgm_job_parties_look(dgm_job *j, dgm_slice first, bool whole);
void dgm_job_parties_forget(dgm_job *j); /* the input is over */
/* What its reader is opened with, its settings. false: no profile has a word in it. */
bool dgm_job_parties_open(dgm_job *j, const dgm_setting **settings, size_t *count);
/* A message was read: whose it is, and whether that is who it seemed to be from, and whether it must have been signed. */
void dgm_job_parties_check(dgm_lane *lane);
/* By whose terms a document of XML goes out, made of this message; NULL: nobody's. Any thread. going: and it is told. */
const dgm_terms *dgm_job_parties_to(const dgm_job *j, const dgm_message *m, const dgm_codec *codec);
const dgm_terms *dgm_job_parties_going(dgm_lane *lane, const dgm_codec *codec);
/* Which key signs the document made of a message, which is about to go to the outlet. */
void dgm_job_sign_for(dgm_job *j, const dgm_message *m);

/* Residue and unsaid values of the last run as diagnostics; returns how many. strict: they are errors. */
uint32_t dgm_job_tell_residue(dgm_lane *lane, const dgm_runner *runner, const dgm_tree *tree, const dgm_mapping_entry *mapping,
                              bool writing);

/* The settings whose names begin with `prefix`, without it and in order, into the arena, with room for one more. */
dgm_status dgm_settings_copy(dgm_arena *arena, const dgm_named *from, size_t n, const char *prefix, dgm_settings *out);
/* Takes over and checks options; adds what is wrong to diags. */
dgm_status dgm_job_settings(dgm_job *j, const dgm_job_options *options, dgm_diags *diags);
dgm_status dgm_job_check_settings(const dgm_codec *codec, bool writer, const dgm_settings *settings, dgm_diags *diags);
/* The same of settings for answers. */
dgm_status dgm_job_check_ack_settings(const dgm_codec *codec, const dgm_settings *settings, dgm_diags *diags);

/* Partners: made ready with the job, before answers; what a reader is opened with, when its codec is known (the host then asks for
 * what was agreed); what writers are. */
dgm_status dgm_job_partner_prepare(dgm_job *j, dgm_diags *diags);
void dgm_job_partner_free(dgm_job *j);
/* Do the settings of this job, or those of any partner, ask for implementation guides? */
bool dgm_job_asks_for_guides(const dgm_job *j);
size_t dgm_job_partner_open(dgm_job *j, const dgm_setting **settings);
dgm_terms *dgm_job_terms_of(const dgm_job *j, const dgm_agreed *agreed); /* NULL: nothing was agreed */
/* The terms by which a message is written: of the partner it goes to, else of the one it came from; NULL: nobody's. */
dgm_terms *dgm_job_terms_going(dgm_job *j, const dgm_message *m, const dgm_codec *codec);
void dgm_job_tell_going(dgm_lane *lane, const dgm_codec *codec); /* for the report */
void dgm_job_tell_writes(const dgm_job *j, const dgm_terms *t, const dgm_message *m, dgm_slice recipient, dgm_diags *diags);
/* A setting of the writer that the caller gave. */
dgm_slice dgm_job_by_hand(const dgm_job *j, const char *name, dgm_slice otherwise);
const dgm_settings *dgm_job_writer_settings(dgm_job *j, const dgm_message *m, const dgm_codec *codec);

/* Writers of a codec that know the level asked for are told of it. */
void dgm_job_level_of_writer(dgm_job *j, const dgm_codec *codec);

/* What surrounds messages: the reader's host is connected when the reader is known; the caller is told of what stands before an
 * offset of the input. quiet: all messages that were read have had their turn. */
void dgm_job_envelopes_open(dgm_job *j);
void dgm_job_tell_envelopes(dgm_job *j, uint64_t before);
bool dgm_job_quiet(const dgm_job *j);
/* The queue. next: takes out the one ahead, when it stands before an offset of the input and belongs to an interchange (0: to any);
 * it is valid until the queue is touched again. forget: those of interchanges and groups before a position, from time to time: no
 * message of theirs will come. */
dgm_status dgm_envelopes_put(dgm_envelopes *q, const dgm_envelope *e);
bool dgm_envelopes_next(dgm_envelopes *q, uint64_t before, uint32_t interchange, dgm_envelope_room *room);
void dgm_envelopes_forget(dgm_envelopes *q, dgm_position now);
void dgm_envelopes_clear(dgm_envelopes *q);

/* Answers: made ready with the job; told each report, in order; written to the end with the input. */
dgm_status dgm_job_ack_prepare(dgm_job *j, dgm_diags *diags);
void dgm_job_ack_take(dgm_job *j, const dgm_message_report *report, dgm_diags *diags);
dgm_status dgm_job_ack_finish(dgm_job *j);

/* One message: opening and freeing what carries it; taking it over from the reader; all work on it that needs nobody else (any
 * thread); then, in the order of the input and in the caller's thread, its output and its report. */
dgm_status dgm_lane_open(dgm_job *j, dgm_lane *lane);
void dgm_lane_free(dgm_lane *lane);
dgm_status dgm_lane_take(dgm_lane *lane, const dgm_message *message);
void dgm_lane_work(dgm_lane *lane);
void dgm_lane_put_out(dgm_lane *lane); /* its output, when that may be before its turn */
dgm_status dgm_lane_deliver(dgm_lane *lane);
void dgm_lane_recycle(dgm_lane *lane); /* given up: neither output nor report */
/* Statuses that end a job rather than a message. */
bool dgm_job_fatal(dgm_status s);
void dgm_job_tell(dgm_job *j, dgm_message_report *report, dgm_diags *diags);

/* A whole input ahead of its turn, in any thread: the first message is read and worked on, and when it is the only one its output
 * is written too and held back. Then, in its turn and in the caller's thread: outputs, reports and whatever is left to do. */
void dgm_job_ahead(dgm_job *j, dgm_slice input);
dgm_status dgm_job_home(dgm_job *j);

/* Messages that hold several documents, and documents that share one. read: in any thread, all documents of the lane's message;
 * deliver: in its turn, they are written and told; flush: those that waited for others, when the input is over (by a lane that
 * has no message in hand). */
dgm_status dgm_documents_read(dgm_lane *lane);
dgm_status dgm_documents_deliver(dgm_lane *lane);
dgm_status dgm_documents_flush(dgm_lane *lane);
void dgm_documents_drop(dgm_lane *lane, dgm_desk *desk);
void dgm_documents_free(dgm_job *j);
/* Documents that several messages tell (job_merge.c). take: the part of a lane goes into the store, in its turn; when the document
 * is complete with it, lane->whole is that document and report.model, else the lane is only to be told. sent: of what is wrong with
 * a whole document (diagnostics from `first` on), which message said so, and where. refused: a whole document was not put out. end:
 * the input is over, and what came of it put out. */
dgm_status dgm_merge_take(dgm_lane *lane);
void dgm_merge_sent(dgm_lane *lane, size_t first);
void dgm_merge_refused(dgm_job *j, uint32_t merged);
dgm_status dgm_merge_end(dgm_job *j);
void dgm_merge_let_go(dgm_job *j); /* an input that failed */
void dgm_merge_free(dgm_job *j);
/* Steps of a lane that documents take one by one. */
dgm_status dgm_documents_write_out(dgm_lane *lane, const dgm_tree *tree);
dgm_status dgm_lane_map_out(dgm_lane *lane);
dgm_status dgm_lane_tell(dgm_lane *lane);
/* The same as dgm_job_tell_residue, of accounts. */
uint32_t dgm_job_tell_accounts(dgm_lane *lane, const uint8_t *accounts, const dgm_tree *tree, const dgm_mapping_entry *mapping,
                               bool writing);

/* Writing again (options.rewrite). open: when the reader's codec is known; met: the reader met a header; feed: bytes it is about to
 * get; take: a message was read; write: it has its turn; end: the input is over, and its output about to be. Nothing happens in
 * other jobs. */
void dgm_rewriting_init(dgm_job *j);
void dgm_rewriting_free(dgm_job *j);
dgm_status dgm_rewriting_settings(dgm_job *j, dgm_diags *diags);
dgm_status dgm_rewriting_open(dgm_job *j, dgm_diags *diags);
void dgm_rewriting_met(dgm_job *j, const dgm_envelope *e);
dgm_status dgm_rewriting_feed(dgm_job *j, dgm_slice bytes, bool whole);
dgm_status dgm_rewriting_take(dgm_lane *lane);
dgm_status dgm_rewriting_write(dgm_lane *lane, bool accepted);
dgm_status dgm_rewriting_end(dgm_job *j);

/* The target's format and codec for a document of this model. */
dgm_status dgm_job_target(const dgm_job *j, const dgm_tree *model, const dgm_format **format, const dgm_codec **codec);
/* Whether each message is an output of its own. */
bool dgm_job_writes_single(const dgm_job *j);
/* A document of a codec that writes single ones, through a writer of its own. DGM_INVALID: refused, diagnostics say why. */
dgm_status dgm_job_write_single(dgm_job *j, dgm_lane *lane, const dgm_tree *tree, dgm_sink sink);
void dgm_lane_forget_writer(dgm_lane *lane);
/* The job's outlet, opened by the first byte. */
dgm_sink dgm_job_late_sink(dgm_job *j, dgm_slice format);
/* A message of an interchange, through the writer in hand (opened when the interchange of the input is another). */
dgm_status dgm_job_write(dgm_job *j, dgm_lane *lane, const dgm_tree *tree);
/* Finishes the output in hand, if there is one. complete false: it is given up. */
dgm_status dgm_job_close_output(dgm_job *j, bool complete);
/* What was held back goes to the outlet; from now on nothing is. */
dgm_status dgm_job_let_go(dgm_job *j);

#endif
