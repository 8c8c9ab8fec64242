/* SPDX-License-Identifier: Apache-2.0
 *
 * ack.h - what the parts of the acknowledgement share: ack.c collects what was said about each interchange, ack_rules.c adds what
 * the receiver has not agreed to, ack_faults.c turns diagnostics into codes and places of a CONTRL, ack_write.c writes it.
 * ISO 9735-4 (CONTRL of syntax version 4) and CONTRL D.3 (versions 1 to 3). One thread.
 */
#ifndef DGM_EDI_ACK_H
#define DGM_EDI_ACK_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/diag.h"
#include "codecs/codecs.h"
#include "directory.h"
#include "references.h"

/* Codes of list 0083 that are in force. */
#define DGM_EDI_REJECTED     "4"
#define DGM_EDI_ACKNOWLEDGED "7"
#define DGM_EDI_RECEIVED     "8"

/* How many there may be of what (CONTRL). */
enum { DGM_EDI_UCM_MAX = 999999, DGM_EDI_UCF_MAX = 999999, DGM_EDI_UCS_MAX = 999, DGM_EDI_UCD_MAX = 99 };

/* ---- ack_faults.c ---- */

/* What a diagnostic is about, as edifact_0085.def says. */
typedef enum dgm_edi_about {
    DGM_EDI_PLACE,
    DGM_EDI_SEGMENT,
    DGM_EDI_BOTH,
    DGM_EDI_OUTSIDE,
    DGM_EDI_UNA,
    DGM_EDI_UNZ,
    DGM_EDI_UNE,
    DGM_EDI_UNT
} dgm_edi_about;
typedef struct dgm_edi_0085 {
    uint32_t diag;
    uint8_t code; /* 0: none, and why says the reason */
    dgm_edi_about about;
    const char *why;
} dgm_edi_0085;
/* The row of a diagnostic; NULL when it is none of EDIFACT. */
const dgm_edi_0085 *dgm_edi_0085_of(uint32_t diag);

/* One error as a CONTRL tells it. element and component count from 1 without the tag, 0 when not meant; a service segment is named
 * by its tag, one of a message's own by its number. */
typedef struct dgm_edi_fault {
    uint32_t segment;
    uint16_t element, component, repetition;
    uint8_t code; /* 0085; 0: no fault */
    char tag[4];  /* "UNB"; empty: no service segment */
    bool whole;   /* the segment as a whole has a code, too (UCS), besides its place */
    bool behind;  /* something is missing behind the segment */
} dgm_edi_fault;
dgm_edi_fault dgm_edi_fault_of(const dgm_edi_0085 *row, const dgm_diag *d);
/* In the order a CONTRL tells them, each once; returns how many are left. */
size_t dgm_edi_faults_order(dgm_edi_fault *at, size_t n);

/* ---- ack.c ---- */

/* S002, S003, S006, S007. */
typedef struct dgm_edi_party {
    dgm_slice id, qualifier, address, subaddress;
} dgm_edi_party;

typedef struct dgm_edi_acked_message {
    struct dgm_edi_acked_message *next;
    uint32_t number, group;    /* in its interchange */
    dgm_slice reference, type; /* 0062; "CUSDEC:D:96B:UN" */
    dgm_edi_fault own;         /* of UNH or UNT */
    dgm_edi_fault *faults;     /* of the segments between them, in order */
    size_t fault_count;
    bool rejected;
} dgm_edi_acked_message;

typedef struct dgm_edi_acked_group {
    struct dgm_edi_acked_group *next;
    uint32_t number;
    dgm_slice reference; /* 0048 */
    dgm_edi_party sender, recipient;
    dgm_edi_fault own; /* of UNG or UNE */
    dgm_slice type;    /* of its first message: "CUSDEC" */
    uint64_t messages;
    dgm_edi_acked_message *first, *last;
} dgm_edi_acked_group;

/* A message that is right as to its syntax and was refused nevertheless. */
typedef struct dgm_edi_refusal {
    struct dgm_edi_refusal *next;
    dgm_slice reference, document, date, date_format; /* 0062; BGM 1004; DTM 137: 2380, 2379 */
    struct dgm_edi_refusal_error {
        dgm_slice code, text;
    } * errors;
    size_t error_count;
} dgm_edi_refusal;

/* An interchange while it is not answered. */
typedef struct dgm_edi_acked {
    struct dgm_edi_acked *next;
    uint32_t number; /* in the input */
    struct dgm_edi_wish *wish;
    dgm_arena arena;                                                    /* all that follows, and nothing else */
    dgm_slice identifier, version, reference, request, agreement, test; /* 0001 0002 0020 0031 0032 0035 */
    dgm_edi_party sender, recipient;
    dgm_edi_fault own; /* of UNA, UNB or UNZ */
    dgm_edi_acked_group *groups, *last_group;
    dgm_edi_acked_message *first, *last; /* outside of groups */
    dgm_edi_refusal *refusals, *last_refusal;
    uint64_t messages, rejected, reports; /* reports: CONTRL among them */
    uint64_t left_out;                    /* errors there is no room for */
} dgm_edi_acked;

/* How answers are wished for: as it was opened with, or as was agreed with one partner. */
typedef struct dgm_edi_wish {
    struct dgm_edi_wish *next;
    const dgm_setting *of; /* the settings it was made of, to know it by */
    dgm_slice when, receipt, recipients, senders, types, reference_first, message_reference, recipient_reference;
    dgm_slice document_type;
    char identifier[5], version; /* of the answer; 0: as the interchange */
    dgm_edi_directory directory; /* of APERAK */
    uint64_t max_age;
    bool all, test, breaks, contrl, aperak, warnings;
    char reference[16]; /* of the next answer */
    size_t reference_len;
    dgm_shape *aperaks[2]; /* APERAK of syntax versions 1 to 3, and of 4; made when needed */
} dgm_edi_wish;

typedef struct dgm_edi_ack {
    dgm_ack head;
    dgm_host host;
    dgm_mem mem;
    dgm_outlet outlet;
    dgm_arena constants;                 /* copies of settings */
    dgm_edi_wish wish;                   /* and those that partners have, behind it */
    dgm_edi_acked *first, *last, *spare; /* oldest first; one kept for another */
    dgm_edi_references seen;             /* interchanges by sender and reference */
    dgm_edi_fault *faults;               /* of the message in hand */
    size_t fault_room;
    uint32_t outputs;
    dgm_shape *shapes[2]; /* CONTRL of syntax versions 1 to 3, and of 4; made when needed */
    dgm_status failed;
} dgm_edi_ack;

extern const dgm_option dgm_edi_ack_options[];
dgm_status dgm_edi_ack_open(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_outlet outlet, dgm_ack **out);
void dgm_edi_ack_envelope(void *ack, const dgm_envelope *e);
dgm_status dgm_edi_ack_take(dgm_ack *ack, const dgm_message_report *report, dgm_diags *diags);
bool dgm_edi_ack_rejects(const dgm_ack *ack, uint32_t interchange);
dgm_status dgm_edi_ack_finish(dgm_ack *ack, dgm_diags *diags);
void dgm_edi_ack_close(dgm_ack *ack);

/* ---- ack_wish.c ---- */
/* Takes settings; what is wrong with them is told. DGM_OK, DGM_CONFIG, DGM_NOMEM. */
dgm_status dgm_edi_wish_make(dgm_edi_ack *a, const dgm_setting *settings, size_t n, dgm_edi_wish *w);
/* The wishes for an interchange: those of its partner, made when they are met first. No memory: a->failed. */
dgm_edi_wish *dgm_edi_wish_of(dgm_edi_ack *a, const dgm_agreed *agreed);
/* Whose references count for a wish: its own where it says where to begin, else those that are common. */
dgm_edi_wish *dgm_edi_wish_counter(dgm_edi_ack *a, dgm_edi_wish *w);

/* ---- ack_rules.c ---- */
/* What a register of interchanges keeps of one: its parties, their qualifiers and its reference, with blanks between; blanks,
 * percent signs and control characters in them as %XX. */
enum { DGM_EDI_ACK_LINE = 5 * 3 * 140 };
dgm_slice dgm_edi_ack_line(const dgm_edi_acked *x, char *line, size_t room);
/* Looks at UNB in the light of what the receiver has agreed to; reports to `diags`. */
void dgm_edi_ack_check_interchange(dgm_edi_ack *a, const dgm_edi_acked *x, const dgm_envelope *e, dgm_diags *diags);
/* The same of a message, and of its place in its group (NULL: in none). */
void dgm_edi_ack_check_message(dgm_edi_ack *a, dgm_edi_acked *x, dgm_edi_acked_group *g, const dgm_message_report *report,
                               dgm_diags *diags);
/* When all of it came: an interchange or group that holds nothing. */
void dgm_edi_ack_check_whole(dgm_edi_acked *x, dgm_diags *diags);

/* ---- ack_write.c ---- */
/* Writes the answer, or tells why there is none. */
dgm_status dgm_edi_ack_write(dgm_edi_ack *a, dgm_edi_acked *x, dgm_diags *diags);

/* ---- ack_aperak.c ---- */
/* Keeps what an APERAK says of a message refused for other reasons than its syntax. */
dgm_status dgm_edi_refusal_take(dgm_edi_ack *a, dgm_edi_acked *x, const dgm_message_report *report, const dgm_diags *diags);
/* Writes them all as one interchange, when there are any. */
dgm_status dgm_edi_refusals_write(dgm_edi_ack *a, dgm_edi_acked *x, dgm_diags *diags);

/* ---- ack_read.c ---- */
dgm_status dgm_edi_ack_read(const dgm_tree *tree, dgm_slice type, dgm_arena *arena, dgm_acked_item **items, size_t *count);

/* ack_letter.c: the syntax version in which an interchange is answered. */
uint32_t dgm_edi_letter_version(const dgm_edi_acked *x);

#endif
