/* SPDX-License-Identifier: Apache-2.0
 *
 * guide_load.h - what the parts of the loader of guides share: guide_load.c reads the head, guide_place.c places, guide_entry.c
 * what is said of a place, guide_rule.c rules, guide_finish.c makes tables of it all. Every mistake is told with its place in the
 * file, and reading goes on. One thread.
 */
#ifndef DGM_EDI_GUIDE_LOAD_H
#define DGM_EDI_GUIDE_LOAD_H

#include "base/yaml.h"
#include "guide.h"

/* A spot while the guide is being read. */
/* Behind so many mistakes nothing near is looked for. */
enum { GUIDE_SPOTS_MAX = 8192, GUIDE_TEXT_MAX = 512, GUIDE_CODES_MAX = 10000, GUIDE_HINTS_MAX = 200, GUIDE_BUCKETS = 1024 };

typedef struct guide_spot guide_spot;
struct guide_spot {
    guide_spot *parent, *first, *last, *next;
    guide_spot *alike; /* the next in its bucket */
    uint32_t serial;   /* in the order of their making */
    dgm_edi_guide_spot is;
    dgm_edi_guide_entry *entry;
    dgm_yaml_mark mark, rule_mark;   /* where it was named, first or by a place; where a rule named it */
    bool qualified;                  /* 1131 or 3055 is tested on the way: its codes may be another list's */
    bool wanted;                     /* a rule asks for it */
    bool ruled;                      /* a rule is about it, or something below */
    const dgm_edi_guide_entry *dead; /* it is said to be unused here */
    uint32_t number;
};

typedef struct guide_rule guide_rule;
struct guide_rule {
    guide_rule *next;
    dgm_edi_guide_rule is;
    guide_spot *scope, **whens, **terms;
};

typedef struct guide_loader {
    const dgm_host *host;
    dgm_edi_guide *guide;
    dgm_arena *arena;
    dgm_slice path, file;
    dgm_diags *diags;
    dgm_status status; /* DGM_CONFIG after the first mistake, DGM_NOMEM */
    guide_spot *root;
    guide_spot *spots[GUIDE_BUCKETS]; /* by what they are, to be found again */
    guide_rule *first_rule, *last_rule;
    uint32_t spot_count, others_line;
    dgm_edi_guide_list *lists;
    bool others;
} guide_loader;

/* A mistake at a mark; texts that are empty are left out at the end. */
dgm_diag *dgm_edi_guide_fault(guide_loader *l, dgm_yaml_mark mark, dgm_diag_code code, dgm_slice a, dgm_slice b, dgm_slice c);
/* A part of a text that stands at a mark, quotes allowed for. */
dgm_yaml_mark dgm_edi_guide_part(const guide_loader *l, dgm_yaml_mark mark, size_t from, size_t bytes);
/* No memory: told once. */
void *dgm_edi_guide_new(guide_loader *l, size_t size, size_t align, size_t n);
#define GUIDE_NEW(l, type, n) ((type *)dgm_edi_guide_new((l), sizeof(type), _Alignof(type), (n)))
/* Is the key one of those (blanks between)? Else told, with the nearest. */
/* The keys there are, a blank between: of a guide, of a place, of a rule. */
extern const char dgm_edi_guide_head_keys[], dgm_edi_guide_entry_keys[], dgm_edi_guide_rule_keys[];
bool dgm_edi_guide_key(guide_loader *l, const dgm_yaml *n, const char *owner, const char *keys);
/* Its text; false, told, when it is none or empty. */
bool dgm_edi_guide_text(guide_loader *l, const dgm_yaml *n, const char *what, dgm_slice *out);
/* The word's place in a list of words (blanks between), or -1, told. */
int dgm_edi_guide_word(guide_loader *l, const dgm_yaml *n, const char *words);
/* "7361 (Customs code identification)" */
dgm_slice dgm_edi_guide_called(guide_loader *l, uint32_t slot);
/* How often the slot's equals may stand in one occurrence of what is above. */
uint32_t dgm_edi_guide_most(const dgm_shape *s, uint32_t slot);
/* The slot of the first of its equals, and of those of what it stands in. */
uint32_t dgm_edi_guide_same(const dgm_shape *s, uint32_t slot);

/* ---- guide_place.c ---- */
/* The spot of a place beneath another; NULL, told, when there is none. */
guide_spot *dgm_edi_guide_place(guide_loader *l, dgm_slice text, dgm_yaml_mark mark, guide_spot *from);
/* The spot of a slot itself, without tests. */
guide_spot *dgm_edi_guide_below(guide_loader *l, guide_spot *parent, uint32_t slot);
/* Takes "test, test" apart; each becomes a term. False: told. */
typedef struct guide_terms {
    guide_spot **spots;
    dgm_edi_guide_term *terms;
    uint32_t count, room;
} guide_terms;
bool dgm_edi_guide_terms(guide_loader *l, dgm_slice text, dgm_yaml_mark mark, guide_spot *from, bool condition, guide_terms *out);

/* ---- guide_entry.c ---- */
void dgm_edi_guide_entry_take(guide_loader *l, const dgm_yaml *n);
/* Codes of a list or map, checked against the length of an element, and, where `listed`, its list. */
bool dgm_edi_guide_codes_take(guide_loader *l, const dgm_yaml *n, uint32_t slot, bool listed, dgm_edi_guide_codes *out);
/* The national list of an element, or NULL. */
const dgm_edi_guide_list *dgm_edi_guide_list_of(const dgm_edi_guide_list *lists, uint32_t n, dgm_slice element);
/* A value that a leaf is compared with: told when it could never stand there. */
void dgm_edi_guide_value_check(guide_loader *l, uint32_t slot, bool listed, dgm_slice value, dgm_yaml_mark mark);

/* ---- guide_rule.c ---- */
void dgm_edi_guide_rule_take(guide_loader *l, const dgm_yaml *n);

/* ---- guide_finish.c ---- */
void dgm_edi_guide_others(guide_loader *l);
void dgm_edi_guide_conflicts(guide_loader *l);
dgm_status dgm_edi_guide_compile(guide_loader *l);
/* On the shapes of the formats of its message too. */
dgm_status dgm_edi_guide_bind(guide_loader *l);

#endif
