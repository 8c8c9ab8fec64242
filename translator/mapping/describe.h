/* SPDX-License-Identifier: Apache-2.0
 *
 * describe.h - a mapping as a table that people read and sign: each statement with its places, what they are called, and what
 * happens to the value on the way, in words. Any thread; a mapping is not changed.
 */
#ifndef DGM_MAPPING_DESCRIBE_H
#define DGM_MAPPING_DESCRIBE_H

#include "base/arena.h"
#include "mapping.h"

typedef enum dgm_statement { DGM_STATEMENT_RULE, DGM_STATEMENT_EACH, DGM_STATEMENT_IGNORE } dgm_statement;

typedef struct dgm_row {
    dgm_statement kind;
    uint32_t depth;                         /* how many each it stands in */
    dgm_slice wire, model;                  /* its places as written; empty where there is none */
    const dgm_slot *wire_slot, *model_slot; /* where they end, for their names; NULL where there is none */
    uint32_t wire_at, model_at;             /* the numbers of these; DGM_SLOT_NONE */
    const dgm_repr *repr;                   /* what the wire can hold, where a value goes there as it is; else NULL */
    bool loses;                             /* it may give up information, for a stated reason */
    dgm_slice notes;                        /* "codes message-functions; default 9"; in the arena */
    dgm_slice file;
    uint32_t line;
} dgm_row;

/* Statement i of a mapping, from 0, in the order of its file (those of fragments where they are used). DGM_OK; DGM_END past the
 * last; DGM_NOMEM. */
dgm_status dgm_mapping_row(const dgm_mapping *m, uint32_t i, dgm_arena *arena, dgm_row *out);
/* Line i of the code table that a statement translates with, of those that read and then of those whose cell is a form: what stands
 * in the wire's column (or, where the model has the forms, the wire's code). False past the last, and where there is no table; of
 * the fields of one text only the first statement speaks for its table. */
bool dgm_mapping_code(const dgm_mapping *m, uint32_t statement, uint32_t i, dgm_slice *table, dgm_slice *code);
/* Whether a value of the wire or of the model is said by line i; a form says the texts that fit it, on its own side. */
bool dgm_mapping_code_is(const dgm_mapping *m, uint32_t statement, uint32_t i, bool model, dgm_slice value);
/* The statement that speaks for the table of this one: the first of the fields of one text, or itself. */
uint32_t dgm_mapping_code_statement(const dgm_mapping *m, uint32_t statement);
/* Whether texts of its table are forms; model: they stand in the model. */
bool dgm_mapping_code_forms(const dgm_mapping *m, uint32_t statement, bool *model);
/* Values that matter at places of the model: those a condition or a test compares with, a constant, the codes of a table. A place
 * with codes of its own takes no others. */
typedef struct dgm_hint {
    uint32_t slot;
    bool closed; /* of a table without a line for all others, or a constant */
    bool needed; /* no value: the wire must not lack it where what it stands in is there */
    dgm_slice value;
} dgm_hint;
dgm_status dgm_mapping_hints(const dgm_mapping *m, dgm_arena *arena, dgm_hint **out, size_t *count);
/* The place of the model that a rule writes or reads first; DGM_SLOT_NONE: none. */
uint32_t dgm_mapping_rule_place(const dgm_mapping *m, uint32_t rule);
/* The rule that is about a node of the wire, where that can be told from its place alone; or DGM_NONE. */
uint32_t dgm_mapping_rule_at(const dgm_mapping *m, const dgm_tree *wire, uint32_t node);
/* The keys of a file's head, and of a statement; each list ends with NULL. */
const char *const *dgm_mapping_head_keys(void);
const char *const *dgm_mapping_rule_keys(void);
/* The shapes of its two sides: wire, model. */
const dgm_shape *dgm_mapping_shape(const dgm_mapping *m, bool model);
/* Which documents a message holds, in words; empty where it is one, or without memory. */
dgm_slice dgm_mapping_document_text(const dgm_mapping *m, dgm_arena *arena);
/* Checks, in words: "at PLACE: TEXT"; empty past the last or without memory. */
dgm_slice dgm_mapping_check_text(const dgm_mapping *m, uint32_t i, dgm_arena *arena);

#endif
