/* SPDX-License-Identifier: Apache-2.0
 *
 * form.h - forms: how one text is cut into parts and glued from them again. `{prefix:n3}-{serial:n8}{?/{part:a1}}`. Read-only once
 * loaded; cutting and gluing keep nothing, so any thread.
 */
#ifndef DGM_MAPPING_FORM_H
#define DGM_MAPPING_FORM_H

#include "base/buffer.h"
#include "base/slice.h"

enum {
    MAP_FORM_FIELDS = 16,
    MAP_FORM_ITEMS = 64,
    MAP_FORM_UNTIL = 4,
    MAP_FORM_NEST = 4,
    MAP_FORM_FIRST = 8,
    MAP_FORM_PATTERN = 512
};
enum { MAP_CLASS_LETTER = 1, MAP_CLASS_DIGIT = 2, MAP_CLASS_OTHER = 4, MAP_CLASS_MARK = 8 }; /* MARK: the point of a number */

typedef enum map_form_kind { MAP_FORM_LITERAL, MAP_FORM_FIELD, MAP_FORM_OPTION } map_form_kind;
typedef struct map_form_item {
    uint8_t kind; /* map_form_kind */
    uint8_t classes;
    bool decimal;         /* may have digits behind a point, at most `decimals` */
    bool open;            /* a field without a class: it ends where a literal behind it begins */
    dgm_slice pattern;    /* a regular expression that all of it must be, besides; at most MAP_FORM_PATTERN characters */
    uint32_t field;       /* number of the field */
    uint32_t least, most; /* characters */
    uint32_t decimals;
    uint32_t after;                /* option: the item behind its end */
    uint8_t first[MAP_FORM_FIRST]; /* option: the items it may begin with */
    uint32_t first_count;
    dgm_slice text; /* literal; field: as it is written, for messages */
    dgm_slice until[MAP_FORM_UNTIL];
    uint32_t until_count;
} map_form_item;

typedef struct map_form {
    dgm_slice text;
    map_form_item items[MAP_FORM_ITEMS];
    uint32_t item_count;
    dgm_slice names[MAP_FORM_FIELDS];
    uint32_t field_count;
    struct map_pattern **patterns; /* by field, when there are any (load_form.c); NULL: the field has none */
} map_form;

/* What is wrong with a form's text: where, how much of it, and in words; ambiguous: it is well written, but a text could be cut in
 * two ways, as `sample` could. */
typedef struct map_form_fault {
    size_t at, bytes;
    const char *what;
    bool ambiguous;
    char sample[64], one[64], other[64];
} map_form_fault;

/* False: *fault says why. text must outlive the form. What patterns say is asked by those who compile them: cutting and gluing here
 * do not. */
bool dgm_map_form_read(dgm_slice text, map_form *out, map_form_fault *fault);
/* Cuts a text; fields that are not there are empty. False: the text does not have this form. */
bool dgm_map_form_cut(const map_form *f, dgm_slice text, dgm_slice fields[MAP_FORM_FIELDS]);
/* Appends the text to `out`. DGM_INVALID: the field *missing has no value although what stands beside it has one, or (missing
 * DGM_FORM_WHOLE) the text could not be cut into these values again. DGM_NOMEM. */
#define DGM_FORM_WHOLE UINT32_MAX
dgm_status dgm_map_form_glue(const map_form *f, const dgm_slice fields[MAP_FORM_FIELDS], dgm_buffer *out, uint32_t *missing);

#endif
