/* SPDX-License-Identifier: Apache-2.0
 *
 * directory.h - the UN/EDIFACT directories linked into the library: messages, segments, composites, elements and code lists by
 * name. Nothing is parsed before it is asked for, nothing is allocated: every slice points into constant text. Any thread.
 *
 * Service messages, segments, composites, elements and codes (ISO 9735) are found through any directory, also through one whose
 * number is 0 (none): as syntax versions 1 to 3 have them, with what only version 4 has.
 */
#ifndef DGM_EDI_DIRECTORY_H
#define DGM_EDI_DIRECTORY_H

#include "model/shape.h"

/* A directory that was added to the ones linked in (directory_book.h). */
typedef struct dgm_edi_book dgm_edi_book;

enum { DGM_EDI_NAME_ROOM = 24 };

/* A directory: its name and a number that grows with time. syntax4 may be set on one that was opened: what is of ISO 9735 is then
 * found as syntax version 4 has it. Of one that was added (book), number is that of the directory it is based on, or 0. */
typedef struct dgm_edi_directory {
    char name[DGM_EDI_NAME_ROOM]; /* "D.96B" */
    uint32_t number;
    uint8_t ordinal; /* place among those linked in, from 1; 0: none of them */
    bool syntax4;
    const dgm_edi_book *book;
} dgm_edi_directory;

/* "D.96B", "D96B" or "96B". False when it is none of the directories linked in; *out is then all zero. */
bool dgm_edi_directory_open(dgm_slice name, dgm_edi_directory *out);
/* The directories linked in, oldest first; false past the end. */
bool dgm_edi_directory_at(size_t i, dgm_edi_directory *out);
/* "D.93A to D.24A", to tell people what is there. */
dgm_slice dgm_edi_directories_text(void);
/* True when the same facts hold in both. */
bool dgm_edi_directory_same(const dgm_edi_directory *a, const dgm_edi_directory *b);
/* False for none: service segments are all that is known. */
static inline bool dgm_edi_directory_known(const dgm_edi_directory *d)
{
    return d->number != 0 || d->book;
}

/* What a directory has of each kind, by id, in order: start with *cursor = 0; false at the end. Ids of names are those of segments
 * and composites; of codes, element and code ("1001 380"); of notes, those of messages, segments and composites. */
typedef enum dgm_edi_table {
    DGM_EDI_MESSAGES,
    DGM_EDI_SEGMENTS,
    DGM_EDI_COMPOSITES,
    DGM_EDI_ELEMENTS,
    DGM_EDI_NAMES,
    DGM_EDI_CODES,
    DGM_EDI_NOTES,
    DGM_EDI_TABLES
} dgm_edi_table;
bool dgm_edi_id_each(const dgm_edi_directory *d, dgm_edi_table table, size_t *cursor, dgm_slice *id);

typedef struct dgm_edi_element {
    dgm_slice id, name;  /* "7361", "Customs code identification" */
    dgm_slice repr_text; /* "an..18" */
    dgm_repr repr;
    bool coded; /* it has a code list */
} dgm_edi_element;
bool dgm_edi_element_find(const dgm_edi_directory *d, dgm_slice id, dgm_edi_element *out);

/* A segment or composite: its items in order, to be read with dgm_edi_item_next. */
typedef struct dgm_edi_list {
    dgm_slice id, name;
    dgm_slice items;
} dgm_edi_list;
typedef struct dgm_edi_item {
    dgm_slice id;        /* of an element or a composite */
    dgm_slice repr_text; /* empty for a composite */
    dgm_repr repr;
    bool mandatory;
    uint32_t max;
} dgm_edi_item;
bool dgm_edi_segment_find(const dgm_edi_directory *d, dgm_slice tag, dgm_edi_list *out);
bool dgm_edi_composite_find(const dgm_edi_directory *d, dgm_slice id, dgm_edi_list *out);
/* Takes the next item off the list; false at its end. */
bool dgm_edi_item_next(dgm_slice *items, dgm_edi_item *out);

/* A message: its structure in document order, to be read with dgm_edi_part_next. */
typedef struct dgm_edi_message {
    dgm_slice type; /* "CUSDEC" */
    dgm_slice structure;
} dgm_edi_message;
typedef enum dgm_edi_part_kind { DGM_EDI_PART_SEGMENT, DGM_EDI_PART_OPEN, DGM_EDI_PART_CLOSE } dgm_edi_part_kind;
typedef struct dgm_edi_part {
    dgm_edi_part_kind kind;
    dgm_slice tag;  /* of a segment */
    bool mandatory; /* of a segment, and of a group where it closes */
    uint32_t max;
} dgm_edi_part;
bool dgm_edi_message_find(const dgm_edi_directory *d, dgm_slice type, dgm_edi_message *out);
bool dgm_edi_part_next(dgm_slice *structure, dgm_edi_part *out);
/* All messages of a directory, by name: start with *cursor = 0; false at the end. */
bool dgm_edi_message_each(const dgm_edi_directory *d, size_t *cursor, dgm_edi_message *out);

/* Dependency notes (ISO 9735-1): which items of a segment or composite, or parts of a message, ask for others or bar them. D1 to D7
 * in their order. */
typedef enum dgm_edi_note_kind {
    DGM_EDI_NOTE_ONE = 1,   /* one and only one */
    DGM_EDI_NOTE_ALL,       /* all or none */
    DGM_EDI_NOTE_SOME,      /* one or more */
    DGM_EDI_NOTE_AT_MOST,   /* one or none */
    DGM_EDI_NOTE_THEN_ALL,  /* if first, then all */
    DGM_EDI_NOTE_THEN_SOME, /* if first, then at least one more */
    DGM_EDI_NOTE_THEN_NONE  /* if first, then none of the others */
} dgm_edi_note_kind;
#define DGM_EDI_NOTE_ITEMS_MAX 16u
#define DGM_EDI_NOTES_MAX      64u /* of one segment, composite or message */
typedef struct dgm_edi_note {
    dgm_slice text; /* "D5(060,050)" */
    dgm_edi_note_kind kind;
    uint32_t count;
    uint16_t at[DGM_EDI_NOTE_ITEMS_MAX]; /* which items or parts, from 1: positions are counted in tens */
} dgm_edi_note;
/* The notes of a message, segment or composite, blanks between them, to be read with dgm_edi_note_next; empty where there are none.
 */
dgm_slice dgm_edi_notes_of(const dgm_edi_directory *d, dgm_edi_table table, dgm_slice id);
/* Takes the next note off the list; false at its end, and where it is not well-formed. */
bool dgm_edi_note_next(dgm_slice *notes, dgm_edi_note *out);
/* "if first, then all" */
const char *dgm_edi_note_words(dgm_edi_note_kind kind);

/* What a code means, or empty. */
dgm_slice dgm_edi_code_name(const dgm_edi_directory *d, dgm_slice element, dgm_slice code);
/* What the latest directory that has it says that a code means, or empty. */
dgm_slice dgm_edi_code_latest(dgm_slice element, dgm_slice code);
/* All codes of an element, by code: start with *cursor = 0; false at the end. */
bool dgm_edi_code_each(const dgm_edi_directory *d, dgm_slice element, size_t *cursor, dgm_slice *code, dgm_slice *name);

/* The code list of one element in one directory: a handle to be kept beside whatever is checked often. It is opened once (a halving
 * over the elements), copied freely, never closed, and valid as long as the directory (for those linked in, for ever). Asking it
 * takes a hash and one or two reads, some nanoseconds, and allocates nothing. Codes are compared byte by byte: the caller has taken
 * off release characters and padding.
 *
 * dgm_edi_code_list_open is false, and the handle empty, when the directory lists no codes for the element. That is so for elements
 * that are not coded, and for all coded ones of D.93A, whose code lists were not printed with it: nothing can be said against a
 * code there. An element may be coded by a list that others keep (ISO 3166 of 3207): it is then not `coded` here, nor listed. */
typedef struct dgm_edi_code_list {
    const char *slots, *entries;
    uint32_t bits, entry_count;
    dgm_slice text;
    uint8_t ordinal;
} dgm_edi_code_list;
bool dgm_edi_code_list_open(const dgm_edi_directory *d, dgm_slice element, dgm_edi_code_list *out);
/* False for an empty handle too: ask only one that was opened. */
bool dgm_edi_code_list_has(const dgm_edi_code_list *l, dgm_slice code);
/* What the code means, or empty. */
dgm_slice dgm_edi_code_list_name(const dgm_edi_code_list *l, dgm_slice code);
/* All of them, by code: start with *cursor = 0; false at the end. */
bool dgm_edi_code_list_each(const dgm_edi_code_list *l, size_t *cursor, dgm_slice *code, dgm_slice *name);

/* "an..35", "n3", "a..2"; false when it is no representation. */
bool dgm_edi_repr_parse(dgm_slice text, dgm_repr *out);

#endif
