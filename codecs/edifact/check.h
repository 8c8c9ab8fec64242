/* SPDX-License-Identifier: Apache-2.0
 *
 * check.h - rules about what values say, beyond their place and form: code lists of the directory (check_codes.c), check digits
 * (check_digits.c). A value is judged by its raw bytes first, which is cheap and right for nearly all; only what fails
 * there is looked at with care. Belongs to one reader and so to one thread.
 */
#ifndef DGM_EDI_CHECK_H
#define DGM_EDI_CHECK_H

#include "base/arena.h"
#include "guide.h"
#include "lexer.h"
#include "program.h"

/* ---- code lists -------------------------------------------------------------------------------------------------------------- */

/* A code of 1 to 8 bytes as a number: its bytes at the lower end, zeros above. */
typedef uint64_t dgm_edi_code;
#define DGM_EDI_CODE_BYTES_MAX 8u
#define DGM_EDI_CODES_BITS     7u

/* One code list of one directory, with the codes that were found in it lately: a cell for each hash. */
typedef struct dgm_edi_codes {
    dgm_edi_directory directory; /* with the element and the guide it is the key */
    uint16_t element;
    const dgm_edi_guide *guide; /* has codes of its own; NULL: none */
    bool listed;                /* the directory has the list */
    dgm_edi_code_list list;
    dgm_edi_code known[1u << DGM_EDI_CODES_BITS];
} dgm_edi_codes;

/* The lists that a reader has needed so far. */
typedef struct dgm_edi_code_lists {
    dgm_mem mem;
    const dgm_edi_guide *guide; /* of the message that is read */
    dgm_edi_codes **at;
    size_t count, room;
} dgm_edi_code_lists;

/* The list of an element in a directory, opened at its first use. DGM_NOMEM, else DGM_OK. */
dgm_status dgm_edi_codes_find(dgm_edi_code_lists *lists, const dgm_edi_directory *d, uint16_t element, dgm_edi_codes **out);
/* A list of one code. */
void dgm_edi_codes_only(dgm_edi_codes *c, dgm_slice code);
void dgm_edi_codes_free(dgm_edi_code_lists *lists);
/* Looks into the list itself and, when the code is there, keeps it in its cell. */
bool dgm_edi_codes_ask(dgm_edi_codes *c, dgm_edi_code *cell, dgm_edi_code code, dgm_slice text);
/* Is the code in the list, or one of the guide's own? */
bool dgm_edi_codes_has(const dgm_edi_codes *c, dgm_slice text);

/* eight bytes can be read from `at` on; len is 1 to 8. */
static inline dgm_edi_code dgm_edi_code_of(const char *at, uint32_t len)
{
    uint64_t eight;
    memcpy(&eight, at, sizeof eight);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    eight = __builtin_bswap64(eight);
#endif
    return eight & UINT64_MAX >> (64 - 8 * len);
}

static inline dgm_edi_code *dgm_edi_codes_cell(dgm_edi_codes *c, dgm_edi_code code)
{
    return &c->known[code * 0x9E3779B97F4A7C15u >> (64 - DGM_EDI_CODES_BITS)];
}

/* As numbers, a code and the same with NULs behind it are one; as texts they are not. */
static inline bool dgm_edi_codes_hold(dgm_edi_codes *c, const char *at, uint32_t len)
{
    dgm_edi_code code = dgm_edi_code_of(at, len), *cell = dgm_edi_codes_cell(c, code);
    return (*cell == code && at[len - 1]) || dgm_edi_codes_ask(c, cell, code, (dgm_slice){ at, len });
}

/* The token `ahead` components behind t in the same composite; NULL when the composite ends before. */
static inline const dgm_edi_token *dgm_edi_sibling(const dgm_edi_token *t, uint32_t ahead)
{
    for (; ahead; ahead--, t++)
        if (!dgm_edi_component_follows(*t)) return NULL;
    return t;
}

/* Is the value at t of the UN's own list? Not when 1131 names another list, or 3055 another agency than the UN. */
static inline bool dgm_edi_code_of_un(const dgm_edi_leaf *leaf, const dgm_edi_token *t, const char *in)
{
    const dgm_edi_token *list = leaf->list_ahead ? dgm_edi_sibling(t, leaf->list_ahead) : NULL;
    const dgm_edi_token *agency = leaf->agency_ahead ? dgm_edi_sibling(t, leaf->agency_ahead) : NULL;
    if (list && list->info >> 5) return false;
    return !agency || !(agency->info >> 5) || (agency->info >> 5 == 1 && in[agency->at] == '6');
}

/* ---- check digits ------------------------------------------------------------------------------------------------------------ */

typedef enum dgm_edi_digit_rule {
    DGM_EDI_DIGIT_CONTAINER, /* ISO 6346 */
    DGM_EDI_DIGIT_SHIP,      /* IMO number */
    DGM_EDI_DIGIT_GTIN,
    DGM_EDI_DIGIT_AIR_WAYBILL,
    DGM_EDI_DIGIT_DATE /* 2380 by its 2379: no check digit, but judged by its qualifier like those */
} dgm_edi_digit_rule;

/* What qualifiers look like that a rule holds for, as numbers of their bytes, lowest first: of two pairs one fits at least. */
typedef struct dgm_edi_digit_names {
    uint32_t mask[2], value[2];
} dgm_edi_digit_names;
dgm_edi_digit_names dgm_edi_digit_names_of(dgm_edi_digit_rule rule);
/* Finds what has a check digit in a segment; the layout is complete but for these. DGM_NOMEM or DGM_OK. */
dgm_status dgm_edi_digits_find(dgm_arena *a, dgm_edi_layout *layout);
/* Does the rule hold for a value with this qualifier, and is its check digit another than the one that is worked out, or is it no
 * such date? */
bool dgm_edi_digit_wrong(dgm_edi_digit_rule rule, dgm_slice value, dgm_slice qualifier, char *wanted);

/* notes.c: does the segment that begins with a token keep its dependency notes? */
bool dgm_edi_rules_kept(const dgm_edi_layout *layout, const dgm_edi_token *tokens);

#endif
