/* SPDX-License-Identifier: Apache-2.0
 *
 * terms.h - what rules are made of: where something stands in a mapping's files, places of the two trees, expressions. Read-only
 * once loaded.
 */
#ifndef DGM_MAPPING_TERMS_H
#define DGM_MAPPING_TERMS_H

#include "base/yaml.h"
#include "model/tree.h"

enum { MAP_WIRE = 0, MAP_MODEL = 1 }; /* side of a mapping; the source side of a direction has the direction's number */
enum { MAP_DEPTH_MAX = 24, MAP_STEPS_MAX = 48, MAP_ORDER_BITS = 12 };

typedef struct map_file {
    dgm_slice name, bytes;
} map_file;

/* A place in one of the mapping's files, for diagnostics. */
typedef struct map_mark {
    uint32_t file;
    dgm_yaml_mark at;
} map_mark;

/* ---- places ----------------------------------------------------------------------------------------------------------------- */

typedef enum map_test_kind { MAP_EQUAL, MAP_IN, MAP_HAS, MAP_LACKS } map_test_kind;
typedef struct map_test {
    map_test_kind kind;
    uint32_t slot;        /* tested */
    const uint32_t *path; /* slots from below the step to the tested one */
    uint32_t path_len;
    const dgm_slice *values;
    uint32_t value_count;
    const struct map_expr *name; /* [X=$name]: a join, which stands apart from the other tests */
} map_test;

typedef struct map_step {
    uint32_t slot;         /* the first of `slots` */
    const uint32_t *slots; /* several when #* or #n..m ranges over places of their own (EDIFACT elements) */
    uint32_t slot_count;
    uint32_t from, to; /* occurrences counted; 0: no count; to DGM_UNBOUNDED for #* */
    const map_test *tests;
    uint32_t test_count;
    const map_test *joins; /* tests with names */
    uint32_t join_count;
} map_step;

typedef struct map_place {
    uint32_t side;
    bool root;     /* begins with "/" */
    uint32_t up;   /* how many ^ it begins with; 0 when they lead to the top, for then it begins there */
    uint32_t base; /* block whose occurrence it starts from */
    bool deep;     /* ends with ** */
    uint32_t from; /* slot it starts at */
    uint32_t slot; /* slot it ends at */
    const map_step *steps;
    uint32_t step_count;
    uint32_t star;  /* first step with #* or a range, or DGM_NONE */
    uint32_t named; /* the step with names in its tests, or DGM_NONE */
    uint32_t known; /* from the top, for a block beneath it: where a run keeps what it found, + 1; 0: nowhere */
    const uint32_t
        *way;       /* the slots of its steps, when its first node is the first of each of them, one below the other; or NULL */
    bool whole;     /* and all nodes down the way are meant, no counted ones alone */
    bool documents; /* in each of the documents that share a message, not in the one at hand alone */
    dgm_slice text;
    map_mark mark;
} map_place;

/* ---- expressions ------------------------------------------------------------------------------------------------------------ */

typedef enum map_opcode {
    MAP_X_TEXT,
    MAP_X_NAME,
    MAP_X_PARAM,
    MAP_X_LET,
    MAP_X_I,
    MAP_X_PLACE,
    MAP_X_LIST,
    MAP_X_IN,
    MAP_X_EQ,
    MAP_X_NE,
    MAP_X_LT,
    MAP_X_GT,
    MAP_X_LE,
    MAP_X_GE,
    MAP_X_ADD,
    MAP_X_SUB,
    MAP_X_MUL,
    MAP_X_DIV,
    MAP_X_NEG,
    MAP_X_AND,
    MAP_X_OR,
    MAP_X_NOT,
    MAP_X_IF,
    MAP_X_COUNT,
    MAP_X_SUM,
    MAP_X_FIRST,
    MAP_X_EXISTS,
    MAP_X_ROUND,
    MAP_X_CONCAT,
    MAP_X_CUT,
    MAP_X_UPPER,
    MAP_X_LENGTH,
    MAP_X_LOOKUP,
    MAP_X_NEAREST,
    MAP_X_STEP,
    MAP_X_CHECKED
} map_opcode;

struct map_codes;
typedef struct map_instr {
    map_opcode op;
    uint32_t argc;
    uint32_t index; /* of a name, parameter, let, or column; or which check digits */
    uint32_t skip;  /* this ends the left side of the `and` or `or` there; 0 else */
    dgm_slice text;
    const map_place *place;
    const struct map_codes *codes;
    map_mark mark;
} map_instr;

/* A light condition as questions: where to go on from a yes and a no, or MAP_SAYS_YES, MAP_SAYS_NO. */
typedef enum map_question_kind {
    MAP_ASKS_CODE,   /* by its code */
    MAP_ASKS_EXISTS, /* exists($name) */
    MAP_ASKS_INDEX,  /* $i < 2, or another comparison with a number */
    MAP_ASKS_LENGTH  /* length($name) < 10 */
} map_question_kind;
typedef struct map_question {
    map_question_kind kind;
    uint32_t first, last; /* the code that asks */
    uint32_t name;
    map_opcode op; /* of the comparison */
    uint32_t number;
    uint32_t yes, no;
} map_question;
#define MAP_SAYS_YES (DGM_NONE - 1)
#define MAP_SAYS_NO  (DGM_NONE - 2)

typedef struct map_expr {
    map_instr *code; /* postfix */
    uint32_t count, stack;
    uint32_t block;
    bool places;             /* looks into a tree */
    bool documents;          /* into those of all documents that share a message */
    bool light;              /* needs no more than when.c */
    map_question *questions; /* when it is light */
    dgm_slice text;
    map_mark mark;
} map_expr;

#endif
