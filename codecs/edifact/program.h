/* SPDX-License-Identifier: Apache-2.0
 *
 * program.h - one message of one directory, made ready for reading: dense tables instead of searches. A layout says what the
 * elements of a segment look like; a position is a place of the structure; a move says where the next segment's tag leads from
 * here.
 *
 * A program is read-only once made and bound; it may then be shared by threads.
 */
#ifndef DGM_EDI_PROGRAM_H
#define DGM_EDI_PROGRAM_H

#include "base/arena.h"
#include "directory.h"

typedef enum dgm_edi_class { DGM_EDI_AN, DGM_EDI_N, DGM_EDI_A } dgm_edi_class;

/* A place that holds a value: a simple element or a component. */
typedef struct dgm_edi_leaf {
    uint32_t place; /* DGM_PLACE of a node */
    uint16_t index; /* slot, counted from the position's base[in_composite] */
    uint8_t in_composite;
    uint8_t class;  /* dgm_edi_class */
    uint16_t least; /* characters */
    uint16_t more;  /* most - least, at most UINT16_MAX */
    uint16_t coded; /* number of the element whose code list says what may stand here; 0: none */
    /* How many components further on 1131 (code list) and 3055 (agency) stand that qualify it; 0: nowhere. */
    uint8_t list_ahead, agency_ahead;
} dgm_edi_leaf;

/* One element of a segment; repeated elements stand as often as they may occur, as far as there is room: the last of them then
 * stands for those that have no place of their own, too. Up to syntax version 3 each of them has a position of its own, in version
 * 4 they share one. */
typedef struct dgm_edi_place {
    uint16_t first; /* its first leaf */
    uint8_t count;  /* components; 0: a simple element */
    bool mandatory;
    uint16_t element; /* its position, from 1; the first of several up to version 3 */
    uint8_t times;    /* places of this position from this one on; 1 up to version 3 */
    uint16_t most;    /* how often an element may occur in this position; 1 up to version 3 */
    uint16_t span;    /* how many it stands for: 1, but for the last one where there was no room for all */
    uint32_t needed;  /* mandatory components, a bit each */
} dgm_edi_place;

/* What only shapes and diagnostics want to know of an element or component. */
typedef struct dgm_edi_naming {
    dgm_slice id, title;
    dgm_repr repr;
    bool coded, mandatory;
} dgm_edi_naming;

/* A value with a check digit and its qualifier: elements and components from 1; by_element 0: it needs none. */
typedef struct dgm_edi_digit {
    uint16_t element, by_element;
    uint8_t component, by_component;
    uint8_t rule; /* dgm_edi_digit_rule of check.h */
} dgm_edi_digit;
#define DGM_EDI_DIGITS_MAX 5u

/* A dependency note of a segment, of a composite in it, or of a message. */
typedef struct dgm_edi_rule {
    dgm_slice text; /* "D5(060,050)" */
    uint8_t kind;   /* dgm_edi_note_kind */
    uint8_t count;
    uint16_t element, until; /* of a composite: its positions in the segment; 0: of the segment itself, or of the message */
    /* What it speaks of, in its order: element positions, from the first to the last that a repeated element may take up;
     * components (first alone); positions of the program (first alone). */
    uint16_t first[DGM_EDI_NOTE_ITEMS_MAX], last[DGM_EDI_NOTE_ITEMS_MAX];
} dgm_edi_rule;

typedef struct dgm_edi_layout {
    dgm_slice tag, title;
    uint32_t packed;
    uint32_t digit_count;
    const dgm_edi_digit *digits;
    uint32_t rule_count;
    const dgm_edi_rule *rules;
    uint16_t place_count, leaf_count;
    uint32_t near;   /* that many places stand for one position each, DGM_EDI_NEEDED_MAX at most: what is quick goes no further */
    uint64_t needed; /* mandatory elements among the first DGM_EDI_NEEDED_MAX, a bit each */
    dgm_edi_place *places;
    dgm_edi_leaf *leaves;
    dgm_edi_naming *place_names, *leaf_names;
} dgm_edi_layout;

/* Places of a segment: IDE has 105 elements from D.99B on, C778 being repeated 99 times; of the 10,000 of ARR the last place stands
 * for what is behind. What is mandatory stands at the front. */
#define DGM_EDI_PLACES_MAX 255u
/* Elements of one segment, occurrences counted: as far as positions of diagnostics and nodes can count. */
#define DGM_EDI_ELEMENTS_MAX   65535u
#define DGM_EDI_NEEDED_MAX     64u
#define DGM_EDI_COMPONENTS_MAX 32u

/* A segment's tag as a number: its three bytes, lowest first. */
static inline uint32_t dgm_edi_pack(const char *tag)
{
    return (uint32_t)(unsigned char)tag[0] | (uint32_t)(unsigned char)tag[1] << 8 | (uint32_t)(unsigned char)tag[2] << 16;
}
#define DGM_EDI_TAG(a, b, c) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16)

/* Makes the layout of a segment in an arena; d->syntax4: repeated elements share a position. folded: they share a place too, which
 * is enough for segments that make no slots. DGM_UNKNOWN: the directory has no such segment. */
dgm_status dgm_edi_layout_make(dgm_arena *a, const dgm_edi_directory *d, dgm_slice tag, bool folded, dgm_edi_layout *out);
/* notes.c: the dependency notes of a segment and its composites; of a message, whose parts stand at `places` in document order. */
dgm_status dgm_edi_rules_of_layout(dgm_arena *a, const dgm_edi_directory *d, dgm_edi_layout *l);
/* Is a note kept when those of its things are there, a bit each in its order? */
bool dgm_edi_rule_kept(const dgm_edi_rule *rule, uint32_t there);
/* The last position that a place stands for. */
static inline uint32_t dgm_edi_place_last(const dgm_edi_place *p)
{
    return p->most > 1 ? p->element : p->element + p->span - 1u;
}
/* The place of an element by its position, from 1: its first one where elements are repeated; place_count when there is none. Looks
 * from a place on, which is one of an element that stands before it, or 0. */
static inline uint32_t dgm_edi_place_from(const dgm_edi_layout *l, uint32_t at, uint32_t element)
{
    while (at < l->place_count && dgm_edi_place_last(&l->places[at]) < element) at += l->places[at].times;
    return at < l->place_count ? at : l->place_count;
}
static inline uint32_t dgm_edi_place_at(const dgm_edi_layout *l, uint32_t element)
{
    return dgm_edi_place_from(l, 0, element);
}
/* Bytes that a segment can have when all it may hold is there as long as it may be, each character being one that takes most of
 * them (four in UTF-8; two that must be released): of nearly all far below a megabyte. */
uint64_t dgm_edi_layout_bytes(const dgm_edi_layout *l);
/* How many positions a segment has. */
static inline uint32_t dgm_edi_position_count(const dgm_edi_layout *l)
{
    return l->place_count ? dgm_edi_place_last(&l->places[l->place_count - 1]) : 0;
}

typedef struct dgm_edi_position {
    uint32_t tag; /* packed; of a group: that of the segment it begins with */
    uint32_t min, max;
    uint16_t parent, first_child, child_count;
    uint16_t layout; /* of a segment */
    uint16_t number; /* of a group: 1 for SG1 */
    uint8_t depth;   /* groups around it, the message itself not counted */
    bool group;
    uint32_t slot, base[2]; /* in the shape it is bound to: its own, that of its first element, that of its first component */
} dgm_edi_position;

/* Where a tag leads: position:14, a group opens:1, mandatory places are passed over:1; 0: nowhere. Which groups stay open follows
 * from the position. */
typedef uint16_t dgm_edi_move;
#define DGM_EDI_POSITIONS_MAX 0x3FFFu
#define DGM_EDI_MOVE(position, opens, passes)                                                                                      \
    ((dgm_edi_move)((uint32_t)(position) | (uint32_t)(opens) << 14 | (uint32_t)(passes) << 15))
static inline uint32_t dgm_edi_move_position(dgm_edi_move m)
{
    return m & DGM_EDI_POSITIONS_MAX;
}
static inline bool dgm_edi_move_opens(dgm_edi_move m)
{
    return m >> 14 & 1;
}
static inline bool dgm_edi_move_passes(dgm_edi_move m)
{
    return m >> 15;
}

#define DGM_EDI_TAG_TABLE_MAX 4096u
enum { DGM_EDI_COUNTED_LIN, DGM_EDI_COUNTED_CST, DGM_EDI_COUNTED_CNI, DGM_EDI_COUNTED_EQD, DGM_EDI_COUNTED_GROUPS };

typedef struct dgm_edi_program {
    dgm_arena arena; /* holds all of it, this struct too */
    dgm_edi_directory directory;
    dgm_slice type;              /* "CUSDEC" */
    dgm_edi_position *positions; /* breadth first; 0 is the message, 1 its UNH */
    uint32_t position_count;
    uint32_t depth; /* of groups within groups, at most */
    uint32_t rule_count;
    const dgm_edi_rule *rules; /* each about parts of one group, or of the message itself */
    dgm_edi_layout *layouts;
    uint32_t layout_count;
    uint32_t *tags; /* number → packed tag; 0 is no tag */
    uint32_t tag_count, tag_factor, tag_shift;
    uint32_t *tag_table; /* hash → packed tag, its number above it: no two tags of the message share a cell */
    dgm_edi_move *moves; /* [position * tag_count + number of the tag] */
    const dgm_shape *shape;
    uint16_t sections[2];                     /* UNS D and UNS S, in a message that has both; else 0 */
    uint16_t control;                         /* CNT of the message; 0: it has none */
    uint16_t counted[DGM_EDI_COUNTED_GROUPS]; /* groups of the message that begin with LIN, CST, CNI, EQD; 0: it has none */
} dgm_edi_program;

/* 0 when the tag stands nowhere in the message. */
static inline uint32_t dgm_edi_tag_number(const dgm_edi_program *p, uint32_t packed)
{
    uint32_t cell = p->tag_table[packed * p->tag_factor >> p->tag_shift];
    return (cell & 0xFFFFFF) == packed ? cell >> 24 : 0;
}
static inline dgm_edi_move dgm_edi_move_get(const dgm_edi_program *p, uint32_t position, uint32_t tag_number)
{
    return p->moves[position * p->tag_count + tag_number];
}
/* The same by search, leaving one move out: for when the place it leads to is full. 0: nowhere. */
dgm_edi_move dgm_edi_move_find(const dgm_edi_program *p, uint32_t position, uint32_t packed, dgm_edi_move not_this);

/* DGM_UNKNOWN: the directory has no such message. */
dgm_status dgm_edi_program_make(const dgm_mem *mem, const dgm_edi_directory *d, dgm_slice type, dgm_edi_program **out);
void dgm_edi_program_free(dgm_edi_program *p);
/* The shape of the message: slots for groups, segments, composites, elements. names may be NULL: called to
 * add aliases, with the maker's id of each position. */
typedef dgm_status dgm_edi_aliases(void *ctx, dgm_shape_maker *m, const uint32_t *ids);
dgm_status dgm_edi_program_shape(const dgm_edi_program *p, const dgm_mem *mem, dgm_slice name, dgm_edi_aliases *names, void *ctx,
                                 dgm_shape **out);
/* Ties the program to a shape that dgm_edi_program_shape made of the same message, whoever did. DGM_USAGE: it is another one. */
dgm_status dgm_edi_program_bind(dgm_edi_program *p, const dgm_shape *shape);
/* A group or segment by "SG30", "SG30/CST" or a plain segment tag that is unique in its group; DGM_NONE. */
uint32_t dgm_edi_program_find(const dgm_edi_program *p, dgm_slice path);

#endif
