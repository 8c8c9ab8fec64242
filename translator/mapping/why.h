/* SPDX-License-Identifier: Apache-2.0
 *
 * why.h - questions after a run: which rule made a value, of which values of the source, by what steps; and, for a place that is
 * empty, which rules could have written it and what each of them lacked. The answers are found by looking at the source with the
 * plan's own functions, so a run costs nothing for them but the provenance that the tree keeps. One thread for each inquiry.
 */
#ifndef DGM_MAPPING_WHY_H
#define DGM_MAPPING_WHY_H

#include "base/arena.h"
#include "mapping.h"

typedef enum dgm_why_kind {
    DGM_WHY_UNKNOWN,  /* no rule is known of it */
    DGM_WHY_MOVED,    /* a value of the source, perhaps converted */
    DGM_WHY_COPIED,   /* the same by ** */
    DGM_WHY_FOLDED,   /* one text of several, or a piece of one */
    DGM_WHY_PRESENT,  /* a flag: an occurrence is there */
    DGM_WHY_TEST,     /* a test of a place, written with its occurrence */
    DGM_WHY_LITERAL,  /* is: a literal */
    DGM_WHY_COMPUTED, /* an expression */
    DGM_WHY_DEFAULT,  /* default: */
    DGM_WHY_NUMBER,   /* a running number */
    DGM_WHY_FORMAT,   /* the format a date is written in, chosen by its value */
    DGM_WHY_SECOND    /* the currency or unit that is meant where the source says none */
} dgm_why_kind;
const char *dgm_why_kind_text(dgm_why_kind kind); /* "moved" */

/* What a value was made of. */
typedef struct dgm_why_input {
    uint32_t node;    /* of the source; DGM_NONE: no value of it */
    const char *role; /* "value", "piece", "format", "name", "place", "parameter", "index", "occurrence" */
    dgm_slice name;   /* "$type", the place as the expression has it; empty for values */
    dgm_slice value;
} dgm_why_input;

/* A conversion: what was done, and what came of it. */
typedef struct dgm_why_step {
    dgm_slice what, value;
} dgm_why_step;

typedef struct dgm_why {
    dgm_why_kind kind;
    uint32_t rule;   /* or DGM_NONE */
    dgm_slice words; /* the expression, the literal, the test */
    const dgm_why_input *inputs;
    size_t input_count;
    const dgm_why_step *steps;
    size_t step_count;
} dgm_why;

/* Why a rule wrote nothing at a place. */
typedef enum dgm_lack_kind {
    DGM_LACK_DIRECTION, /* only: read or write */
    DGM_LACK_EACH,      /* its each had no occurrence */
    DGM_LACK_WHEN,      /* a condition said no */
    DGM_LACK_SOURCE,    /* no value in the source */
    DGM_LACK_EMPTY,     /* there, and without a value */
    DGM_LACK_CODE,      /* a code that is not in its table */
    DGM_LACK_VALUE,     /* a value that is none of its type */
    DGM_LACK_NOTHING,   /* the expression came to nothing */
    DGM_LACK_LIFE,      /* a constant, and nothing else made its occurrence */
    DGM_LACK_OMITTED,   /* the default, which is not written */
    DGM_LACK_OTHER      /* it had a value; the occurrence asked for is another one, or the message was refused */
} dgm_lack_kind;
const char *dgm_lack_kind_text(dgm_lack_kind kind); /* "condition" */

typedef struct dgm_lack {
    dgm_lack_kind kind;
    uint32_t rule;
    uint32_t at;      /* source node it was looked for in: of the frame */
    dgm_slice words;  /* a sentence for people */
    dgm_slice source; /* the source's place, without occurrences, from the top; empty where there is none */
} dgm_lack;

typedef struct dgm_inquiry dgm_inquiry;
/* Takes up a source as a run with these options takes it. The tree, the options' values and the mapping must outlive it. */
dgm_status dgm_inquiry_open(const dgm_mem *mem, const dgm_mapping *m, dgm_direction direction, const dgm_tree *in,
                            const dgm_run_options *options, dgm_inquiry **out);
void dgm_inquiry_free(dgm_inquiry *q);
/* Of a leaf of the tree that such a run made with provenance. Answers live in the inquiry. */
dgm_status dgm_inquiry_why(dgm_inquiry *q, const dgm_tree *made, uint32_t node, dgm_why *out);
/* Of a place (slot of the target's shape) that has no value. made: the tree that came, or NULL; above: the deepest node of it on
 * the way to the place, or 0. At most `most` answers, the rest counted. */
dgm_status dgm_inquiry_lacks(dgm_inquiry *q, const dgm_tree *made, uint32_t above, uint32_t slot, size_t most, dgm_lack **out,
                             size_t *count);

#endif
