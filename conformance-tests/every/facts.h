/* SPDX-License-Identifier: Apache-2.0
 *
 * facts.h - the directory files read a second time, by a program that shares no code with the library: what messages, segments,
 * composites, elements and codes there are in one directory. One thread; a mistake in the files ends the program.
 */
#ifndef DGM_EVERY_FACTS_H
#define DGM_EVERY_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct text {
    const char *at;
    size_t len;
} text;

typedef struct element {
    text id;
    char class; /* 'a', 'n' or 'x' for alphanumeric */
    uint32_t min, max;
    bool coded;
    const text *codes; /* those that fit the representation */
    size_t code_count;
} element;

typedef struct item {
    const element *element; /* or: */
    const struct composite *composite;
    bool mandatory;
    uint32_t max;
} item;

typedef struct composite {
    text id;
    item *items;
    size_t count;
} composite;

/* A dependency note, D1 to D7: which items of a segment, or parts of a message, ask for each other; from 0, in its order. */
typedef struct note {
    int kind;
    size_t of[16], count;
} note;

typedef struct segment {
    text tag;
    item *items;
    size_t count;
    note *notes;
    size_t note_count;
} segment;

/* A place of a message: a segment, or a group (segment NULL) with its places, the first of which is its trigger. */
typedef struct place {
    const segment *segment;
    bool mandatory;
    uint32_t max;
    struct place *up, *places;
    size_t count;
    uint32_t number; /* in document order */
    uint32_t wanted; /* how often a message being made shall have it */
} place;

typedef struct message {
    text type;
    place all; /* a group that stands for the message: UNH to UNT */
    place **by_number;
    size_t place_count;
} message;

typedef struct facts facts;
/* The six files of a folder. */
facts *facts_read(const char *folder);
void facts_free(facts *f);

/* Everything of the directory of that number (facts_directory()); freed by the next call of this or by facts_free(). Messages of
 * which a segment is not in the directory are an error that is told. */
typedef struct directory {
    text name; /* "D96B" */
    message *messages;
    size_t message_count;
    segment *segments;
    size_t segment_count;
    size_t broken; /* references that lead nowhere; told on standard error */
} directory;
size_t facts_directory_count(const facts *f);
const directory *facts_directory(facts *f, size_t i);

bool text_is(text a, const char *b);
bool text_equal(text a, text b);

#endif
