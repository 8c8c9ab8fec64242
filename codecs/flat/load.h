/* SPDX-License-Identifier: Apache-2.0
 *
 * load.h - what the files that read a layout share. All mistakes of a file are told in one go, each where it stands. One thread.
 */
#ifndef DGM_CODECS_FLAT_LOAD_H
#define DGM_CODECS_FLAT_LOAD_H

#include "flat.h"

#include "base/symbols.h"
#include "base/yaml.h"

/* A field that follows from others; what it names is looked for when all records are known. */
typedef struct flat_wish {
    const dgm_yaml *node;
    uint8_t kind;
    uint32_t step, place;
} flat_wish;

/* What one field, or a record (from == to), says of another; looked up when all records are known. COPIED: the first occurrence of
 * several fields, whose conditions are the others' too; behind those, before the ones that all of them have. */
typedef enum flat_link_kind { FLAT_WHEN, FLAT_UNLESS, FLAT_CONTINUES, FLAT_COUNTED, FLAT_NEAR, FLAT_COPIED } flat_link_kind;
typedef struct flat_link {
    const dgm_yaml *node;
    uint8_t kind;
    uint32_t place, from, to; /* steps */
    uint32_t stride, times;
} flat_link;

/* MADE: times that a record has to stand there which the writer makes; SHARED: pairs of fields that are
 * held against each other for columns that both have. */
enum { DGM_FLAT_CONTROLS_MAX = 64, DGM_FLAT_MADE_MAX = 100000, DGM_FLAT_SHARED_MAX = 1 << 26 };

typedef struct flat_loader {
    const dgm_host *host;
    const dgm_format *format;
    dgm_slice file; /* its bytes, without a byte order mark */
    dgm_flat_layout *l;
    dgm_shape_maker *shape;
    dgm_status status;
    dgm_arena temp;       /* nodes of the YAML, and what is needed while loading */
    const dgm_yaml *head; /* `layout:` */
    /* Growing; copied into the layout at the end. Parallel: where each stands in the file. */
    dgm_flat_place *places;
    size_t place_count, place_room;
    const dgm_yaml **place_nodes;
    size_t place_node_room;
    dgm_flat_step *steps;
    size_t step_count, step_room;
    const dgm_yaml **step_nodes;
    size_t step_node_room;
    dgm_symbols names; /* "p3/name": what stands in a place, a composite or anywhere; number -> of[] */
    uint32_t *of;
    size_t of_room;
    uint32_t list_count; /* of fields */
    flat_wish *wishes;
    size_t wish_count, wish_room;
    flat_link *links;
    size_t link_count, link_room;
    struct flat_token_loader *tokens; /* of a layout of tokens */
} flat_loader;

dgm_diag *dgm_flat_fault(flat_loader *k, dgm_yaml_mark mark, dgm_diag_code code, dgm_slice a, dgm_slice b, dgm_slice c);
/* Is the key of a member one of these (blanks between)? Else told, with the nearest. */
bool dgm_flat_key(flat_loader *k, const dgm_yaml *n, const char *owner, const char *keys);
bool dgm_flat_text(flat_loader *k, const dgm_yaml *n, dgm_slice *out);
/* Which of these words, or -1, told. */
int dgm_flat_word(flat_loader *k, const dgm_yaml *n, const char *words);
bool dgm_flat_bool(flat_loader *k, const dgm_yaml *n, bool *out);
bool dgm_flat_number(flat_loader *k, const dgm_yaml *n, uint32_t least, uint32_t most, uint32_t *out);
/* "3", "5-8": from 1, made to count from 0. */
bool dgm_flat_range(flat_loader *k, const dgm_yaml *n, uint32_t *from, uint32_t *count, bool *one);
/* "3", "0..1", "1..9", "1..*": how often something may stand, at most `limit` times; else told. */
bool dgm_flat_times(flat_loader *k, const dgm_yaml *n, uint32_t limit, uint32_t *min, uint32_t *max);
bool dgm_flat_name_like(dgm_slice s);
/* Text with \n \r \t \\ \xHH in it, as bytes; copied. */
bool dgm_flat_bytes(flat_loader *k, const dgm_yaml *n, dgm_slice *out);
dgm_slice dgm_flat_copy(flat_loader *k, dgm_slice s);
/* Keeps a number for a name of something (a place, a list); DGM_NONE when it is new, else the one kept before. */
uint32_t dgm_flat_name_of(flat_loader *k, const char *kind, uint32_t owner, dgm_slice name, uint32_t number);
/* The number kept, or DGM_NONE. */
uint32_t dgm_flat_named(flat_loader *k, const char *kind, uint32_t owner, dgm_slice name);
/* Room for one more in a growing array; false: no memory. */
bool dgm_flat_grow(flat_loader *k, void **at, size_t *room, size_t count, size_t bytes);

/* load_head.c: everything of `layout:` but its records. */
void dgm_flat_load_head(flat_loader *k);
/* load_field.c: the fields of a place. */
void dgm_flat_load_fields(flat_loader *k, uint32_t place, const dgm_yaml *fields);
void dgm_flat_link(flat_loader *k, const flat_link *link);
/* A key that says what a value is, whatever the kind of layout. */
/* The pattern of a date, once all keys of its field are known. */
void dgm_flat_check_date(flat_loader *k, const dgm_yaml *field, const dgm_flat_step *s);
void dgm_flat_value_key(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s, dgm_type *type);
/* A check digit is a text's. */
void dgm_flat_settle_check(flat_loader *k, const dgm_yaml *n, const dgm_flat_step *s);
uint32_t dgm_flat_push_step(flat_loader *k, const dgm_yaml *n, const dgm_flat_step *s);
/* load_tokens.c: the same of records that are cut by pattern; what they begin with; the copy that the layout keeps. */
void dgm_flat_load_tokens(flat_loader *k, uint32_t place, const dgm_yaml *fields);
void dgm_flat_token_kinds(flat_loader *k);
bool dgm_flat_keep_tokens(flat_loader *k);
void dgm_flat_free_tokens(flat_loader *k);
/* plan.c: kinds, controls, what is named elsewhere. */
void dgm_flat_plan(flat_loader *k);
/* The step that "RECORD/field" names, or "field" of a place of one's own; DGM_NONE, told at mark. */
uint32_t dgm_flat_step_named(flat_loader *k, dgm_yaml_mark mark, dgm_slice path, uint32_t own, uint32_t *place);
/* Another field must know the value of a step. */
void dgm_flat_keep(dgm_flat_layout *l, uint32_t step);
/* load_link.c: conditions, texts that go on, counted lists; before kinds are compared. */
void dgm_flat_take_links(flat_loader *k);
/* Can two lists of conditions never hold both? */
bool dgm_flat_exclusive(const dgm_flat_layout *l, uint32_t a, uint32_t b);

#endif
