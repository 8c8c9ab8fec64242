/* SPDX-License-Identifier: Apache-2.0
 *
 * internal.h - what the files of this room share: the mapping as read (places, expressions, rules, blocks), the plan compiled from
 * it for each direction, and the runner. Everything hangs in the mapping's arena and is read-only once loaded; a runner is one
 * thread's.
 */
#ifndef DGM_MAPPING_INTERNAL_H
#define DGM_MAPPING_INTERNAL_H

#include "base/date.h"
#include "base/decimal.h"
#include "base/utf8.h"
#include "cells.h"
#include "codes.h"
#include "document.h"
#include "form.h"
#include "frame.h"
#include "join.h"
#include "mapping.h"
#include "pattern.h"
#include "sheet.h"
#include "star.h"
#include "terms.h"
#include "base/yaml.h"

/* ---- rules ------------------------------------------------------------------------------------------------------------------ */

typedef enum map_fold_by { MAP_FOLD_WORD, MAP_FOLD_WIDTH, MAP_FOLD_LINE } map_fold_by;
typedef struct map_fold {
    map_fold_by by;
    uint32_t many;    /* the side with the many places */
    uint32_t *widths; /* one for each place of the list */
    uint32_t width_count;
    uint32_t max;    /* pieces at most; 0: as many as there are places */
    uint32_t *ring;  /* by place of the list: the first that stands in the same repeated occurrence */
    uint32_t *stars; /* of the plan that writes */
} map_fold;

/* `as: pointer`: what it points into, and where occurrences of a class spell it, one for each step. */
enum { MAP_CHAIN_CLASS, MAP_CHAIN_NUMBER, MAP_CHAIN_LEAF, MAP_CHAIN_PARTS };
typedef struct map_pointer {
    const dgm_shape *of;
    dgm_slice of_name;
    const map_place *chain; /* the class, on the side that the rule's fold calls many; NULL: both sides are texts */
    uint32_t parts[MAP_CHAIN_PARTS];
} map_pointer;

/* Where a part of a value stands, seen from the place: the place itself (len 0), a descendant, an attribute of a leaf. */
typedef struct map_way {
    const uint32_t *path;
    uint32_t len;
    bool there;
    uint32_t slot;
} map_way;

typedef enum map_statement { MAP_RULE, MAP_EACH, MAP_IGNORE } map_statement;
typedef enum map_number { MAP_NUMBER_NONE, MAP_NUMBER_ORDER, MAP_NUMBER_KEEP } map_number;
enum { MAP_BOTH = 0, MAP_ONLY_READ = 1, MAP_ONLY_WRITE = 2 };

typedef struct map_rule {
    map_statement kind;
    uint32_t id, block, opens; /* opens: block of an each */
    uint32_t cond;             /* DGM_NONE: always */
    map_mark mark;
    dgm_slice text;
    const map_place **side[2];
    uint32_t side_count[2];
    map_expr *source[2]; /* =expression in place of a side */
    const map_place **copies;
    uint32_t copy_count;
    uint32_t only;
    dgm_type as;
    dgm_slice format; /* 2379 code of `as: date 102` */
    dgm_slice yes, no;
    int32_t scale; /* -1: none */
    dgm_rounding rounding;
    map_expr *scale_expr, *round_expr; /* instead of these, asked for with each value */
    const map_codes *codes;
    map_pointer *pointer;     /* as: pointer */
    map_expr *by[MAP_BY_MAX]; /* what the further columns of the table are */
    const map_codes *cells;   /* its cells are forms, of which this is one field: `form` has the names of all */
    map_expr *cells_by[MAP_BY_MAX];
    map_fold *fold;
    dgm_slice is;
    map_expr *is_expr;
    bool has_is, has_default, default_omit, always;
    map_mark is_mark, default_mark;
    dgm_severity otherwise; /* else: */
    dgm_slice standard;     /* default */
    map_number number;
    dgm_slice name;
    dgm_slice lose, why;
    map_expr *second;                      /* currency: or unit: */
    dgm_slice times, per;                  /* convert: model = wire * times / per; empty: as it is */
    const map_form *form;                  /* this is one field of it: rules first_field to first_field + field_count - 1 are one */
    uint32_t field, first_field;           /* its number in the form; the rule of the first field */
    uint32_t form_side;                    /* where the text stands that the form cuts */
    uint32_t form_word;                    /* of the plan that glues: head and tail of the values that came */
    uint32_t covered_first, covered_count; /* pairs of a ** rule (read direction) */
    const map_by *keys;                    /* of an each: `by` */
    uint32_t key_count;
    map_expr *where;
    struct map_typed {
        uint32_t slot;
        map_way value, code;
    } typed[2]; /* where the value of each side stands; slot: value and code beneath it */
} map_rule;

typedef struct map_check {
    uint32_t block;
    map_expr *assert;
    const map_place *at;
    dgm_slice code, say;
    dgm_severity level;
    map_mark mark;
} map_check;

typedef struct map_let {
    dgm_slice name;
    map_expr *expr;
    uint32_t block;
    map_mark mark;
} map_let;
typedef struct map_param {
    dgm_slice name, standard;
    dgm_type type;
    bool has_standard;
    map_mark mark;
} map_param;
typedef struct map_cond {
    map_expr *when;   /* NULL for else */
    uint32_t above;   /* condition of the list this stands in, or DGM_NONE */
    uint32_t before;  /* else: the previous condition of the same list (chain through `sibling`) */
    uint32_t sibling; /* previous condition of the same list or DGM_NONE */
    uint32_t block;
    const struct map_asked *among; /* else: what those before it hold a name against, when they all do; or NULL */
} map_cond;

typedef struct map_block {
    uint32_t above; /* DGM_NONE for the top level */
    uint32_t rule;  /* the each, or DGM_NONE */
    uint32_t slot[2];
    uint32_t depth;
    bool walks; /* over the occurrences of a document, one by one */
} map_block;

/* ---- plan: one for each direction ---------------------------------------------------------------------------------------------
 */

typedef enum map_op_kind {
    MAP_OP_MOVE,
    MAP_OP_FOLD,
    MAP_OP_VERIFY,
    MAP_OP_ORDER,
    MAP_OP_COPY,
    MAP_OP_IGNORE,
    MAP_OP_PART,
    MAP_OP_CHOOSE /* those of `asked` whose conditions may hold (choose.c) */
} map_op_kind;

/* Conditions that hold one name, or a parameter, against constants, found by its value. */
typedef struct map_asked_case {
    dgm_slice value;
    uint32_t op, next; /* next + 1 in its bucket */
    bool exact;        /* another spelling of the number is another value */
} map_asked_case;
typedef struct map_asked {
    bool param;
    uint32_t name; /* rule of the name, or number of the parameter */
    map_asked_case *cases;
    uint32_t *buckets; /* case + 1 */
    uint32_t count, mask;
} map_asked;
typedef struct map_op {
    uint32_t id;  /* of the plan's */
    uint8_t kind; /* map_op_kind */
    bool simple;  /* plain text to a plain leaf, but for the condition */
    bool number;  /* the same of a number, when that is spelled as it has to be */
    bool pair;    /* of an amount or quantity whose second part is nothing special; `usual` where the wire has none */
    bool unsaid;  /* pair: the second part that is meant anyway is left out */
    bool cut;     /* a field of the text, by its rule's form */
    bool beside;  /* pair: both parts stand below one place, and the ways to them differ in their last slot only */
    uint32_t rule;
    uint32_t cond;
    map_way value, code;     /* source */
    uint32_t target, second; /* target trie nodes of value and second part; DGM_NONE */
    uint32_t star;           /* star plan of the target, or DGM_NONE */
    uint32_t word;           /* frame word of the fold, or of "seen", or DGM_NONE */
    uint32_t index;          /* fold: place in the list; copy: which */
    dgm_slice usual;         /* pair: currency or unit that is meant where there is none */
} map_op;

typedef struct map_source {            /* a node of the source trie; what each entering asks for comes first */
    uint32_t *map;                     /* child slot → choice + 1; NULL when nothing is wanted beneath */
    uint32_t first_child, child_count; /* of the slot: the range of `map` */
    uint32_t op_first, op_count;
    uint32_t counter;              /* frame word, or DGM_NONE */
    uint32_t cond;                 /* of the each */
    uint32_t opens;                /* block, or DGM_NONE */
    uint32_t mirror_target;        /* ** starts here: target trie node of the occurrence; DGM_NONE */
    uint32_t reset_from, reset_to; /* frame words set to 0 on entry (beneath a star) */
    uint32_t test_count;
    uint32_t block; /* whose frame holds its counter */
    bool rare;      /* conditional, opening, setting back, or with ** */
    bool flat;      /* as in map_hot */
    uint32_t rule;  /* for messages */
    uint32_t from, to;
    const map_test *tests;
    uint32_t slot;
    bool skip_several;     /* each: every occurrence is taken */
    bool apart;            /* the root of what is entered late: no node of the walk leads here */
    uint32_t gathers;      /* occurrences are entered late: which, + 1 */
    const map_expr *where; /* of the each, when writing */
    /* compile time */
    uint32_t above, kid, sibling, op_list, op_tail;
} map_source;

/* What the walk needs of a trie node when nothing special is asked of it. */
typedef struct map_hot {
    const uint32_t *map;
    uint32_t first_child, child_count, op_first;
    uint16_t op_count;
    bool rare; /* conditional, opening, setting back, or with ** */
    bool flat; /* nothing special beneath, two levels at most: `near` and `deep` say all, and no stack is needed */
    uint32_t counter;
    bool special; /* rare, or counted */
    bool tested;
    uint32_t deep_first, deep_count;
    const uint32_t *near, *deep; /* child slots, and slots two levels down → trie node as in `map`, or MAP_TICKED */
} map_hot;
#define MAP_DIRECT (1u << 31) /* in a map: the one trie node of this slot, which has no tests */
#define MAP_TICKED (1u << 30) /* in the maps of a flat node: one operation, of which map_tick says all with sheets */

typedef struct map_choice { /* the trie nodes of one child slot */
    const uint32_t *nodes;
    uint32_t count;
    const uint32_t *path; /* switch: the place tested by all of them; NULL without switch */
    uint32_t path_len, mask;
    const struct map_case {
        uint64_t key; /* of the value */
        dgm_slice value;
        uint32_t node, next;
        uint32_t test; /* of the node, that the value passes; DGM_NONE: it has no other */
    } * cases;
    const uint32_t *buckets; /* case + 1 */
} map_choice;

typedef struct map_constant {
    uint32_t target;
    dgm_slice value;
} map_constant;
typedef struct map_target { /* a node of the target trie: one address */
    uint32_t above;         /* in the same or an enclosing block; DGM_NONE for the top */
    uint32_t block;         /* whose frame holds its id */
    uint32_t slot, order, word;
    uint32_t maker; /* the rule that named it first */
    dgm_kind kind;
    const map_test *tests; /* as written, to compare addresses */
    uint32_t test_count;
    uint32_t from; /* #n, 0 none */
    const map_constant *constants;
    uint32_t constant_count;
    const map_test *joins; /* tests with names: an occurrence for each frame of its block */
    uint32_t join_count;
    const map_test *must;  /* `in` list a rule's value must be in */
    uint32_t writer;       /* rule that writes this leaf, or DGM_NONE */
    uint32_t kid, sibling; /* compile time and checks */
    uint32_t cell;         /* of its block's sheet */
    bool occurrence;       /* its life decides whether constants beneath are written */
    bool star;             /* stands for #* */
    bool apart;            /* a step of a #*: what stands there is not made by its address */
} map_target;

typedef struct map_mirror {
    uint32_t target; /* slot */
    uint8_t action;  /* map_mirror_action */
    uint32_t typed;  /* of the plan's table, for MAP_MIRROR_TYPED */
    uint32_t node;   /* target trie node that shares the occurrence, or DGM_NONE */
    uint32_t rule;
} map_mirror;
typedef struct map_mirror_typed {
    map_way value, code, to_value, to_code;
    dgm_type type;
} map_mirror_typed;
typedef enum map_mirror_action {
    MAP_MIRROR_NONE,
    MAP_MIRROR_GROUP,
    MAP_MIRROR_LEAF,
    MAP_MIRROR_NUMBER,
    MAP_MIRROR_TYPED
} map_mirror_action;

typedef enum map_end_kind {
    MAP_END_FOLD,
    MAP_END_COPIES,
    MAP_END_EXPR,
    MAP_END_LOOKUP,
    MAP_END_FORM,
    MAP_END_ALWAYS,
    MAP_END_KEEP,
    MAP_END_DEFAULT,
    MAP_END_NUMBER,
    MAP_END_IS,
    MAP_END_KEY
} map_end_kind;
typedef struct map_end { /* what is done when a frame closes, in this order */
    map_end_kind kind;
    uint32_t rule, cond;
    uint32_t op; /* DGM_NONE or the move whose target, star and ways are meant */
    uint32_t target;
    uint32_t word;
    uint32_t counter;       /* frame word of the enclosing frame: numbers kept or given so far; LOOKUP: what ^ leads to */
    const map_place *place; /* LOOKUP */
    uint32_t join;          /* LOOKUP by a key; KEY: which */
    uint32_t block;         /* whose frames it ends: the rule's, but for keys of an each */
    dgm_slice value;
} map_end;

typedef struct map_plan_block {
    uint32_t source; /* trie node whose subtree belongs to the block */
    uint32_t target; /* occurrence */
    uint32_t words;  /* of a frame */
    uint32_t others; /* of these, those before the ids of addresses */
    uint32_t end_first, end_count;
    uint32_t index_word;           /* in the enclosing frame: occurrences so far */
    uint32_t made_word;            /* in the enclosing frame: occurrences made so far */
    uint32_t most;                 /* that the target has room for */
    uint32_t gap_first, gap_count; /* target trie nodes with a count above 1 */
    uint32_t around;               /* block whose frame is the enclosing one */
    uint32_t late;                 /* first each that is entered when its frame ends, + 1 */
    uint32_t dot, dot_next;        /* blocks that walk occurrences of this one singly, + 1 */
    const map_place *dot_place;    /* writing: what they walk */
    bool always;
    bool kept; /* occurrences are remembered for checks after freeze */
    /* with sheets */
    const map_cell *cells;
    uint32_t cell_count;
    uint32_t ticks, tick_words, held, sheet_words; /* words of a frame: first of the ticks, of what cells hold, all of them */
    uint32_t list_cell, list_block;
    map_bit list; /* of its occurrences, in a frame of list_block */
} map_plan_block;

typedef struct map_named {  /* the value of a name */
    uint32_t block, word;   /* the frame word that keeps it */
    const map_place *place; /* where it stands as it is; NULL when more is to be done (name_now in ends.c) */
    uint32_t counter;       /* of a number that is given when it is missing, + 1; and where it is put */
    uint32_t target;
} map_named;

typedef struct map_plan {
    dgm_direction direction;
    const dgm_shape *from, *to;
    map_source *sources;
    map_asked *asked;
    size_t asked_count;
    map_hot *hot; /* by source trie node */
    map_choice *choices;
    map_op *ops;
    map_target *targets;
    map_address *addresses; /* by target trie node */
    map_tick *ticks;        /* by operation */
    map_bring *brings;
    size_t bring_count;
    dgm_slice constants; /* their values, one behind the other: the first bytes of each tree made */
    bool sheets;         /* the plan has an order (plan_sheet.c) */
    map_star *stars;
    map_end *ends;
    map_gate *gates; /* by end */
    uint32_t *gaps;
    map_plan_block *blocks;
    map_mirror *mirror;          /* by source slot, NULL when there is no ** */
    struct map_relabel *relabel; /* by source slot: the plan only copies (relabel.c); NULL when it does more */
    map_mirror_typed *typed;
    size_t typed_count;
    size_t source_count, choice_count, op_count, target_count, star_count, end_count, gap_count;
    map_join *joins;
    map_late *lates;
    map_key_write *key_writes;
    size_t join_count, late_count, key_write_count;
    map_named *named;     /* by rule */
    uint32_t *cond_words; /* by condition: frame word of its answer */
} map_plan;

struct dgm_mapping {
    dgm_mem mem;
    dgm_arena arena;
    const dgm_shape *shape[2];
    dgm_slice name, format, model;
    bool derives; /* from a canonical document; not written */
    map_file *files;
    uint32_t file_count;
    map_rule *rules;
    uint32_t rule_count;
    uint32_t known_count; /* places that a run looks for once */
    map_block *blocks;
    uint32_t block_count;
    map_cond *conds;
    uint32_t cond_count;
    map_check *checks;
    uint32_t check_count;
    map_let *lets;
    uint32_t let_count;
    map_param *params;
    uint32_t param_count;
    uint32_t partial;  /* condition under which a message says only what changes, + 1; 0: never */
    uint32_t *covered; /* pairs of slots: wire, model */
    uint32_t covered_count;
    map_document *document; /* NULL: a message is a document, or a part of one */
    map_merge *merge;       /* NULL: it is no part */
    map_pattern **patterns; /* of all forms: closed with the mapping */
    uint32_t pattern_count;
    map_plan plan[2];
    unsigned char digest[32];
};

/* ---- loading ------------------------------------------------------------------------------------------------------------------
 */

enum { MAP_SPARE = 32 };
typedef struct map_loader {
    const dgm_mapping_env *env;
    dgm_mapping *m;
    dgm_arena *arena; /* m->arena */
    dgm_diags *diags;
    bool nomem, wrong;
    size_t file_room, rule_room, block_room, cond_room, check_room, let_room, param_room, covered_room, pattern_room;
    map_codes **tables;
    size_t table_count, table_room;
    map_expr **exprs;
    size_t expr_count, expr_room;
    const dgm_yaml *fragments[16];
    uint32_t fragment_file[16];
    struct map_with {
        dgm_slice name, value;
    } with[64];
    uint32_t with_count;
    uint32_t file; /* being read */
    uint32_t use_depth;
    struct map_spare { /* of the arena: what arrays have grown out of */
        void *at;
        size_t bytes;
    } spare[MAP_SPARE];
    uint32_t spare_count;
} map_loader;

/* What a text says as `scale` and as `round`. False: nothing. */
bool dgm_map_scale(dgm_slice text, int32_t *out);
bool dgm_map_rounding(dgm_slice text, dgm_rounding *out);
/* Grows an array in the arena by doubling; false: no memory (noted in l). Where it stood before belongs to others from then on. */
bool dgm_map_room(map_loader *l, void **array, size_t *room, size_t wanted, size_t thing_bytes);
/* An array that has done its work. */
void dgm_map_room_back(map_loader *l, void *array, size_t bytes);
/* Adds a record about a place of a file; offset, bytes: the part of a text meant (bytes 0: the whole). */
dgm_diag *dgm_map_fault(map_loader *l, map_mark mark, dgm_diag_code code);
dgm_diag *dgm_map_warn(map_loader *l, map_mark mark, dgm_diag_code code);
map_mark dgm_map_part(const map_loader *l, map_mark mark, dgm_slice whole, size_t offset, size_t bytes);
void dgm_map_say(map_loader *l, dgm_diag *d, dgm_slice text);
/* What a parameter of this type is, when the value is none; else NULL. */
const char *dgm_map_param_unfit(dgm_type type, dgm_slice value);
/* "CST in SG30": name of a slot with the place it stands in. */
dgm_slice dgm_map_slot_text(map_loader *l, const dgm_shape *s, uint32_t slot);

enum {
    MAP_LISTS = 1,
    MAP_DEEP = 2,
    MAP_EACH_END = 4,
    MAP_UP = 8,
    MAP_NAMES = 16
}; /* what a place may do: many occurrences, end in **, end in a repeatable step, begin with ^, have names in its tests */
/* NULL: refused (a diagnostic was made) or no memory. */
const map_place *dgm_map_place(map_loader *l, uint32_t side, uint32_t block, dgm_slice text, map_mark mark, unsigned allow);
/* The slots from below `above` to `slot`, in the arena. */
const uint32_t *dgm_map_slots_between(map_loader *l, const dgm_shape *s, uint32_t above, uint32_t slot, uint32_t *len);

/* text without its "=". names_only: `when`. */
map_expr *dgm_map_expr(map_loader *l, uint32_t side, uint32_t block, dgm_slice text, map_mark mark, bool names_only);
/* The same over the model for `where` of an each: ^ is the occurrence around. */
map_expr *dgm_map_expr_where(map_loader *l, uint32_t block, dgm_slice text, map_mark mark);
void dgm_map_link_names(map_loader *l);           /* after all statements are read */
void dgm_map_lighten(map_loader *l, map_expr *x); /* after that: finds out whether it is light */
typedef struct map_table_wanted {
    dgm_slice name, model, wire; /* columns; empty: the usual ones */
    map_mark mark;
    dgm_slice by[MAP_BY_MAX];
    map_mark by_mark[MAP_BY_MAX];
    uint32_t by_count;
    uint32_t forms; /* side of the texts that may be forms, + 1; 0: none may */
} map_table_wanted;
map_codes *dgm_map_codes_by(map_loader *l, const map_table_wanted *asked);
map_codes *dgm_map_codes(map_loader *l, dgm_slice name, dgm_slice model_column, dgm_slice wire_column, map_mark mark);
/* NULL when the code is not there. */
const dgm_slice *dgm_map_code_find(const map_code_way *w, dgm_slice key);
/* The code's other side, by its lines and then by its * line. */
bool dgm_map_code(const map_codes *t, dgm_direction d, dgm_slice key, dgm_slice *out);
/* The same in a table with further columns, of which `by` are the cells. */
bool dgm_map_code_by(const map_codes *t, dgm_direction d, const dgm_slice *by, dgm_slice key, dgm_slice *out);
dgm_slice dgm_map_code_nearest(const map_codes *t, dgm_direction d, dgm_slice key);
/* For fuzzing and tests of tables alone. */
map_codes *dgm_map_codes_parse(map_loader *l, dgm_slice name, uint32_t file, dgm_slice model_column, dgm_slice wire_column,
                               map_mark mark);

void dgm_map_read_file(map_loader *l, const dgm_yaml *root); /* statements → rules */
void dgm_map_check(map_loader *l);                           /* after statements */
void dgm_map_check_places(map_loader *l, const map_rule *r); /* ^ and names in tests */
void dgm_map_check_each(map_loader *l, const map_rule *r);
void dgm_map_check_values(map_loader *l); /* after that */
void dgm_map_check_type(map_loader *l, const map_rule *r);
void dgm_map_check_pointer(map_loader *l, const map_rule *r);
void dgm_map_check_reading(map_loader *l); /* after both plans */
void dgm_map_choose(map_loader *l);        /* after all checks */
bool dgm_map_tests_disjoint(const map_test *a, uint32_t na, const map_test *b, uint32_t nb);
void dgm_map_check_plan(map_loader *l, dgm_direction d); /* after its plan */
void dgm_map_plan(map_loader *l, dgm_direction d);
/* The place a typed value stands at: the slot itself or the one composite of that type beneath it; DGM_SLOT_NONE. */
uint32_t dgm_map_typed_slot(const dgm_shape *s, uint32_t slot, dgm_type type);
bool dgm_map_pair_type(dgm_type t); /* a value of two parts: date, amount, quantity */
bool dgm_map_disjoint(const dgm_mapping *m, uint32_t cond_a, uint32_t cond_b);
bool dgm_map_tests_equal(const map_test *a, uint32_t na, const map_test *b, uint32_t nb);
static inline bool dgm_map_active(const map_rule *r, dgm_direction d)
{
    return r->only == MAP_BOTH || (r->only == MAP_ONLY_READ) == (d == DGM_READ);
}

/* ---- folding (pure) ------------------------------------------------------------------------------------------------------------
 */

/* The next piece of `rest` for a place of `width` characters and what remains; *rest empty when all is told. last: it may not be
 * cut further. DGM_OK, DGM_INVALID: this text cannot be folded so that it comes back. */
dgm_status dgm_map_fold_cut(map_fold_by by, uint32_t width, dgm_slice *rest, dgm_slice *piece);
/* Appends a piece to a text; before_width: width of the place the piece before stood in (0 for the first). */
dgm_status dgm_map_fold_join(map_fold_by by, dgm_buffer *text, dgm_slice piece, dgm_slice before, uint32_t before_width);

/* ---- running -------------------------------------------------------------------------------------------------------------------
 */

struct dgm_runner {
    dgm_mem mem;
    dgm_limits limits;
    dgm_builder *builder;
    dgm_draft *draft; /* of relabelled trees; made when first wanted */
    map_side *sides;
    size_t side_count, side_room;
    dgm_arena arena;
    dgm_buffer text;
    uintptr_t lent; /* the source's bytes, of which the values of the tree being made hold a copy from lent_to on */
    size_t lent_bytes;
    uint32_t lent_to;
    uint32_t *words;
    size_t word_count, word_room;
    map_frame *frames;
    size_t frame_count, frame_room;
    map_walk *walks;
    size_t walk_count, walk_room;
    map_piece *pieces;
    size_t piece_count, piece_room;
    map_later *later;
    size_t later_count, later_room;
    dgm_values *values; /* of the builder */
    dgm_node *laid;     /* occurrences whose frames have closed, with sheets */
    size_t laid_count, laid_room;
    map_chunk *chunks;
    size_t chunk_count, chunk_room;
    map_saved *saved;
    size_t saved_count, saved_room;
    map_chosen *chosen;
    size_t chosen_count, chosen_room;
    dgm_slice *names; /* cache of names: slices by frame word */
    size_t name_count, name_room;
    uint32_t *known; /* by map_place.known: node + 2, 1 nothing, 0 not looked for yet */
    size_t known_room;
    uint32_t *tops; /* by child slot of the source's root: the first child of that slot, and one past the last; 0 there is none */
    size_t tops_room;
    bool tops_known;
    uint32_t tops_asked;  /* places looked for without them */
    struct map_cut_text { /* the text that was cut last, for its other fields */
        uint32_t node;
        const map_form *form;
        bool fits, spent; /* spent: nobody knows, for a pattern was given up */
        dgm_slice fields[MAP_FORM_FIELDS];
    } cut;
    uint32_t spent; /* what the patterns of this message have cost */
    dgm_slice *params;
    size_t param_room;
    map_entry *entries; /* joins: what stands under which key */
    size_t entry_count, entry_room;
    uint32_t *buckets; /* entry + 1, by hash */
    size_t bucket_count, bucket_room;
    map_pick *picks;
    size_t pick_count, pick_room;
    map_turn *turns;
    size_t turn_count, turn_room;
    uint32_t list_count;
    uint8_t *accounts;
    size_t account_room;
    uint32_t *rules;
    size_t rule_room;
    uint32_t residue;
    bool partial;                     /* what this message does not say, it does not mention */
    bool last;                        /* it says that it is the last part of its document */
    bool sheets;                      /* this run writes on sheets; else the builder keeps nodes in any order */
    const dgm_tree *const *documents; /* that share a message, while what is said of all of them is computed; else NULL */
    uint32_t document_count;
    bool with_accounts, with_origin, quiet; /* quiet: a value is only looked at, and told about where it is mapped */
    uint32_t taker;      /* the rule + 1 whose expression is looked at again, for the accounts of what it reads */
    uint32_t slot_count; /* of the source shape when there is **; else 0 */
    /* of the run */
    const dgm_mapping *m;
    const map_plan *p;
    const dgm_tree *in;
    dgm_diags *diags;
    dgm_status status;
    bool wrong;
};

/* A message about a source node; severity error makes the run fail. May return NULL. */
dgm_diag *dgm_map_problem(dgm_runner *r, dgm_diag_code code, dgm_severity severity, uint32_t node, uint32_t rule);
void dgm_map_problem_rule(dgm_runner *r, dgm_diag *d, uint32_t rule); /* adds "file:line" as the next argument */
void dgm_map_fail(dgm_runner *r, dgm_status status);

/* frame DGM_NONE: after freeze; the names saved from `saved` to `saved_to` are known. */
typedef struct map_context {
    const dgm_tree *tree;
    uint32_t node, frame, index, saved, saved_to;
    uint32_t up; /* what ^ means, in a where */
} map_context;
/* Value of an expression; false: nothing. */
bool dgm_map_eval(dgm_runner *r, const map_expr *x, map_context c, dgm_slice *out);
/* A light condition's answer; nothing is no. */
bool dgm_map_light(dgm_runner *r, const map_expr *x, uint32_t frame, uint32_t index);
bool dgm_map_true(dgm_runner *r, const map_expr *x, map_context c, bool nothing_is);
bool dgm_map_cond(dgm_runner *r, uint32_t cond, uint32_t frame);
/* The first node of a place from a context; DGM_NONE. */
uint32_t dgm_map_find(const dgm_tree *t, uint32_t node, const map_place *p);
/* The same in the source of a run, where a place from the top is looked for only once. */
uint32_t dgm_map_find_once(dgm_runner *r, uint32_t node, const map_place *p);
/* All nodes of a place from a context, in document order. */
typedef struct map_iter {
    const dgm_tree *tree;
    const map_place *place;
    uint32_t at[MAP_STEPS_MAX], end[MAP_STEPS_MAX], seen[MAP_STEPS_MAX];
    uint32_t depth;
    bool self;
    bool sorted; /* children stand in the order of their slots; false unless set after begin */
} map_iter;
void dgm_map_iter_begin(map_iter *i, const dgm_tree *t, uint32_t node, const map_place *p);
uint32_t dgm_map_iter_next(map_iter *i); /* DGM_NONE at the end */
bool dgm_map_name(dgm_runner *r, uint32_t rule, uint32_t frame, dgm_slice *out);
/* The first node down a path of slots; DGM_NONE. Short and asked for nearly every value. A slot is one place of the shape, so that
 * attributes of the leaves between can be passed like leaves; and a node of the last slot that stands `len` nodes on has all those
 * of the path between, each the first below the other, as where what is asked for comes first. */
static inline uint32_t dgm_map_below(const dgm_tree *t, uint32_t node, const uint32_t *path, uint32_t len)
{
    const dgm_node *nodes = t->nodes;
    if (!len) return node;
    if (node + len < t->node_count && dgm_node_slot(&nodes[node + len]) == path[len - 1]) return node + len;
    for (uint32_t k = 0; k < len; k++) {
        const uint32_t end = dgm_tree_next(t, node), wanted = path[k];
        for (node++; node < end;) {
            const dgm_node *n = &nodes[node];
            if (dgm_node_slot(n) == wanted) break;
            node = dgm_node_leaf(n) ? node + 1 : n->span;
        }
        if (node >= end) return DGM_NONE;
    }
    return node;
}
bool dgm_map_tests_pass(const dgm_tree *t, uint32_t node, const map_test *tests, uint32_t count);
bool dgm_map_tests_pass_but(const dgm_tree *t, uint32_t node, const map_test *tests, uint32_t count, uint32_t passed);
/* The frame of a block that this one stands in, or itself; DGM_NONE. */
static inline uint32_t dgm_map_frame_of(const dgm_runner *r, uint32_t frame, uint32_t block)
{
    while (frame != DGM_NONE && r->frames[frame].block != block) frame = r->frames[frame].above;
    return frame;
}

/* The node that a place starts from in a frame. */
static inline uint32_t dgm_map_place_base(const dgm_runner *r, uint32_t frame, const map_place *p)
{
    uint32_t own = p->root ? DGM_NONE : p->up ? dgm_map_frame_of(r, frame, p->base) : frame;
    return own == DGM_NONE ? 0 : r->frames[own].node;
}

/* Text of the source → text of the target by as, codes and the rest; false: told. */
bool dgm_map_convert(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t node, dgm_slice value, dgm_slice *out);
/* Typed values with two parts. has_code false: there is none. */
typedef struct map_pair {
    dgm_slice value, code;
} map_pair;
/* A pointer from the spelling of the source to that of the target. */
bool dgm_map_point(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t node, dgm_slice in, dgm_slice *out);
bool dgm_map_convert_date(dgm_runner *r, const map_rule *rule, uint32_t node, map_pair in, bool from_parts, bool to_parts,
                          map_pair *out);
/* frame: where `scale` and `round` are asked for; DGM_NONE when the rule has them as they are. */
bool dgm_map_number(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t node, dgm_slice in, dgm_slice *out);

/* A number in decimal, in the caller's room of ten bytes. */
static inline dgm_slice dgm_map_digits(uint32_t n, char *room)
{
    char *p = room + 10;
    do *--p = (char)('0' + n % 10);
    while (n /= 10);
    return (dgm_slice){ p, (size_t)(room + 10 - p) };
}

/* Occurrences on demand. DGM_NONE: no memory or limit. */
uint32_t dgm_map_build_ensure(dgm_runner *r, uint32_t frame, uint32_t target, uint32_t node, uint32_t rule);
void dgm_map_build_put(dgm_runner *r, uint32_t frame, uint32_t target, dgm_slice value, uint32_t node, uint32_t rule);
/* The same with sheets; for ids, anything but DGM_NONE. */
uint32_t dgm_map_sheet_ensure(dgm_runner *r, uint32_t frame, uint32_t target, uint32_t node, uint32_t rule);
void dgm_map_sheet_put(dgm_runner *r, uint32_t frame, uint32_t target, dgm_slice value, uint32_t node, uint32_t rule);
static inline uint32_t dgm_map_ensure(dgm_runner *r, uint32_t frame, uint32_t target, uint32_t node, uint32_t rule)
{
    return r->sheets ? dgm_map_sheet_ensure(r, frame, target, node, rule) : dgm_map_build_ensure(r, frame, target, node, rule);
}
static inline void dgm_map_put(dgm_runner *r, uint32_t frame, uint32_t target, dgm_slice value, uint32_t node, uint32_t rule)
{
    if (r->sheets)
        dgm_map_sheet_put(r, frame, target, value, node, rule);
    else
        dgm_map_build_put(r, frame, target, value, node, rule);
}
bool dgm_map_put_star(dgm_runner *r, uint32_t frame, uint32_t star, dgm_slice value, uint32_t node, uint32_t rule);
uint32_t dgm_map_made(const dgm_runner *r, uint32_t frame, uint32_t target);
/* Width of the place the next piece of a star plan goes to; 0: no width known. */
void dgm_map_move(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node);
void dgm_map_end(dgm_runner *r, uint32_t frame);
void dgm_map_after(dgm_runner *r, const dgm_tree *made, const uint32_t *ids); /* checks and = verifications */
void dgm_map_account_all(dgm_runner *r);

static inline void dgm_map_mark_node(dgm_runner *r, uint32_t node, dgm_account account, uint32_t rule)
{
    if (!r->with_accounts || node == DGM_NONE) return;
    r->accounts[node] = (uint8_t)account;
    r->rules[node] = rule;
}

#endif
