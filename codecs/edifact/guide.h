/* SPDX-License-Identifier: Apache-2.0
 *
 * guide.h - a message implementation guide: what a partner or an administration makes of one message of a directory. Fewer codes,
 * shorter values, places that must be there or may not, codes of its own, rules between places. It is read from YAML
 * (mappings/formats/edifact/README.md), checked whole, and compiled into spots: a spot is a place with its tests, beneath the spot
 * of the step before it. A message is held against all spots in one walk over its nodes, each of which knows its spots by its slot.
 *
 * Read-only once loaded; it may then be shared by threads.
 */
#ifndef DGM_EDI_GUIDE_H
#define DGM_EDI_GUIDE_H

#include "base/arena.h"
#include "base/diag.h"
#include "codecs/codecs.h"
#include "directory.h"

typedef enum dgm_edi_use { DGM_EDI_OPTIONAL, DGM_EDI_REQUIRED, DGM_EDI_DEPENDENT, DGM_EDI_UNUSED } dgm_edi_use;

typedef struct dgm_edi_guide_code {
    dgm_slice code, name; /* name: as the guide gives it, or the directory's, or empty */
} dgm_edi_guide_code;
/* Codes in the order of the file, and `sorted`: the same by their bytes. */
typedef struct dgm_edi_guide_codes {
    const dgm_edi_guide_code *at;
    const dgm_slice *sorted;
    uint32_t count;
} dgm_edi_guide_codes;
bool dgm_edi_guide_codes_has(const dgm_edi_guide_codes *c, dgm_slice code);

/* What the guide says of a place. */
typedef struct dgm_edi_guide_entry {
    dgm_slice place; /* as it is written there */
    uint32_t line;
    dgm_severity severity;
    dgm_edi_use use;
    uint32_t min, max;   /* occurrences in the one above; 0: not said */
    dgm_repr repr;       /* where repr_text is not empty */
    dgm_slice repr_text; /* "an..17" */
    dgm_edi_guide_codes codes;
    dgm_slice name, why;
    bool others;  /* what stands directly below and is not named is unused */
    bool implied; /* made by such a word */
} dgm_edi_guide_entry;

/* A step from one node down to one of those below: the slot, and which of equal elements (0: any). */
typedef struct dgm_edi_guide_step {
    uint32_t slot;
    uint16_t ordinal;
    bool once; /* it stands once at most: where it does not fit, nothing behind it will */
} dgm_edi_guide_step;
/* "3227=9", "2005 in (137, 148)", "1154", "!1154": of a place below the spot that it chooses. */
typedef struct dgm_edi_guide_test {
    const dgm_edi_guide_step *steps;
    const dgm_slice *values;
    uint32_t step_count, value_count; /* no values: there is such a place */
    bool not ;
} dgm_edi_guide_test;

typedef struct dgm_edi_guide_spot {
    uint32_t slot, parent;
    uint32_t first_child, child_count;
    uint32_t from, to; /* `#n..m`; 0: any */
    bool ordinal;      /* n counts equal elements of a segment, else occurrences, or matches where there are tests */
    bool leaf, closes; /* closes: there is something to say when an occurrence ends */
    bool shown;        /* some place of the guide goes through it */
    const dgm_edi_guide_test *tests;
    const dgm_slice *values; /* of a leaf that is meant only when it has one of these */
    uint32_t test_count, value_count;
    uint32_t first_watch, watch_count; /* rules that compare its values */
    uint32_t first_rule, rule_count;   /* rules that are told when one of its occurrences is over */
    uint32_t home;                     /* the spot that rules about it are told for */
    const dgm_edi_guide_entry *entry;  /* NULL: it is only on the way */
} dgm_edi_guide_spot;

typedef enum dgm_edi_rule_kind { DGM_EDI_REQUIRE, DGM_EDI_FORBID, DGM_EDI_ONE_OF, DGM_EDI_ANY_OF, DGM_EDI_EQUAL } dgm_edi_rule_kind;
typedef struct dgm_edi_guide_term {
    uint32_t spot;
    dgm_slice text; /* as written */
    bool not, top;  /* top: anywhere in the message, not only in the occurrence that the rule is about */
} dgm_edi_guide_term;
typedef struct dgm_edi_guide_rule {
    dgm_edi_rule_kind kind;
    uint32_t line, scope; /* the spot that it is about */
    dgm_severity severity;
    dgm_slice why, each, when; /* as written, for people */
    const dgm_edi_guide_term *whens, *terms;
    uint32_t when_count, term_count;
} dgm_edi_guide_rule;

/* National codes of an element, by number. */
typedef struct dgm_edi_guide_list {
    uint16_t element;
    uint32_t line;
    bool any; /* its list is kept elsewhere: whatever stands there is taken */
    dgm_edi_guide_codes codes;
} dgm_edi_guide_list;

/* The guide on a shape of its message: several may be loaded, for formats and for the directory alone. */
typedef struct dgm_edi_guide_bound {
    const struct dgm_edi_guide *guide;
    const dgm_format *format; /* NULL: messages that no format fits */
    const dgm_shape *shape;
    const uint32_t *same;    /* slot → the slot of the first of its equals, in the guide's shape */
    const uint16_t *ordinal; /* slot → which of its equals it is, from 1 */
    uint32_t slot_count;
} dgm_edi_guide_bound;

typedef struct dgm_edi_guide {
    dgm_arena arena;                   /* holds all of it, this struct too */
    dgm_slice name, title, path, file; /* file: the path's last step */
    dgm_slice format;                  /* name of the format that it is of, or empty */
    dgm_slice type, version, release, agency;
    dgm_slice message, chosen; /* for people: "CUSDEC:D:96B:UN", "association NL-IM" */
    dgm_edi_directory directory;
    const dgm_slice *associations, *senders, *recipients; /* what it is for; counts 0: any */
    uint32_t association_count, sender_count, recipient_count;
    bool chosen_by_name; /* no `for`: only who names it gets it */
    dgm_shape *own;      /* of a guide without a format; else NULL */
    const dgm_shape *shape;
    dgm_edi_guide_bound *bound;
    uint32_t bound_count;
    const dgm_edi_guide_spot *spots; /* breadth first; 0 is the message */
    uint32_t spot_count;
    const uint32_t *uses_from; /* slot → where its spots begin in uses; one more than there are slots */
    const uint32_t *uses;
    const uint32_t *watches; /* rules */
    const dgm_edi_guide_rule *rules;
    uint32_t rule_count;
    const dgm_edi_guide_list *national;
    uint32_t national_count, entry_count;
} dgm_edi_guide;

/* ---- guide_load.c ---- */
/* Begins a file like a guide (else it is a format)? Looks for its first key alone. */
bool dgm_edi_guide_looks(dgm_slice yaml);
/* host: formats and knowledge that the guide may name. DGM_OK; DGM_CONFIG: diags tell every mistake with its place; DGM_NOMEM. */
dgm_status dgm_edi_guide_load(const dgm_host *host, dgm_slice path, dgm_slice yaml, dgm_edi_guide **out);
void dgm_edi_guide_free(dgm_edi_guide *g); /* NULL: nothing */

/* ---- guide_choose.c ---- */
/* Are two guides for the same messages, and neither for fewer of them? */
bool dgm_edi_guide_clash(const dgm_edi_guide *a, const dgm_edi_guide *b);
/* ---- guide_check.c ---- */
/* Tells in document order what the guide calls nodes of a tree by names of its own; where several of its places fit a node, one
 * with tests or numbers goes before others. DGM_UNKNOWN: the tree is of no message that it is for. DGM_NOMEM. */
dgm_status dgm_edi_guide_names(const dgm_edi_guide *g, const dgm_tree *t, const dgm_mem *mem,
                               void (*called)(void *ctx, uint32_t node, dgm_slice name), void *ctx);

/* ---- guide_choose.c, too ---- */
/* Is the code one of the guide's own for an element? */
bool dgm_edi_guide_national(const dgm_edi_guide *g, uint16_t element, dgm_slice code);

#endif
