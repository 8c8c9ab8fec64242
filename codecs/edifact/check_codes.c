/* SPDX-License-Identifier: Apache-2.0
 *
 * check_codes.c - code lists of the directories: tables made at their first use, the check of one value, and what is said when a
 * code is not known (UN/EDIFACT code list directory; qualifiers 1131 and 3055 as UN/TDID explains them). One thread.
 */
#include "check.h"
#include "reader.h"

#include <stdio.h>

static dgm_slice element_id(uint16_t element, char text[8])
{
    int n = snprintf(text, 8, "%04u", (unsigned)element);
    return (dgm_slice){ text, (size_t)n };
}

/* D.94A lists one code for 3239, the number of the standard that has the countries: where no code fits the element, it is no list.
 */
static bool any_fits(const dgm_edi_directory *d, dgm_slice id, const dgm_edi_code_list *list)
{
    dgm_edi_element element;
    dgm_slice code, name;
    if (!dgm_edi_element_find(d, id, &element) || element.repr.length_max == 0) return true;
    for (size_t cursor = 0; dgm_edi_code_list_each(list, &cursor, &code, &name);)
        if (code.len <= element.repr.length_max) return true;
    return false;
}

/* Each cell gets a number that belongs to another one. */
static void forget(dgm_edi_codes *c)
{
    memset(c->known, 0, sizeof c->known);
    *dgm_edi_codes_cell(c, 0) = 1;
}

dgm_status dgm_edi_codes_find(dgm_edi_code_lists *lists, const dgm_edi_directory *d, uint16_t element, dgm_edi_codes **out)
{
    char text[8];
    *out = NULL;
    for (size_t i = 0; i < lists->count; i++)
        if (lists->at[i]->element == element && lists->at[i]->guide == lists->guide &&
            dgm_edi_directory_same(&lists->at[i]->directory, d)) {
            *out = lists->at[i];
            return DGM_OK;
        }
    void *at = lists->at;
    dgm_status st = dgm_mem_reserve(&lists->mem, &at, &lists->room, lists->count + 1, sizeof *lists->at);
    lists->at = at;
    if (st != DGM_OK) return st;
    dgm_edi_codes *made = dgm_mem_new(&lists->mem, sizeof *made);
    if (!made) return DGM_NOMEM;
    made->directory = *d;
    made->element = element;
    made->guide = lists->guide;
    made->listed =
        dgm_edi_code_list_open(d, element_id(element, text), &made->list) && any_fits(d, element_id(element, text), &made->list);
    forget(made);
    *out = lists->at[lists->count++] = made;
    return DGM_OK;
}

void dgm_edi_codes_only(dgm_edi_codes *c, dgm_slice code)
{
    char eight[DGM_EDI_CODE_BYTES_MAX] = { 0 };
    forget(c);
    memcpy(eight, code.at, code.len);
    dgm_edi_code number = dgm_edi_code_of(eight, (uint32_t)code.len);
    *dgm_edi_codes_cell(c, number) = number;
}

bool dgm_edi_codes_ask(dgm_edi_codes *c, dgm_edi_code *cell, dgm_edi_code code, dgm_slice text)
{
    if (!dgm_edi_codes_has(c, text)) return false;
    *cell = code;
    return true;
}

bool dgm_edi_codes_has(const dgm_edi_codes *c, dgm_slice text)
{
    return dgm_edi_code_list_has(&c->list, text) || (c->guide && dgm_edi_guide_national(c->guide, c->element, text));
}

void dgm_edi_codes_free(dgm_edi_code_lists *lists)
{
    for (size_t i = 0; i < lists->count; i++) dgm_mem_free(&lists->mem, lists->at[i], sizeof *lists->at[i]);
    if (lists->at) dgm_mem_free(&lists->mem, lists->at, lists->room * sizeof(dgm_edi_codes *));
    lists->at = NULL;
    lists->count = lists->room = 0;
}

/* ---- what is said ---------------------------------------------------------------------------------------------------------------
 */

#define NEAR_MOST 3u

typedef struct near_code {
    dgm_slice code, name;
    uint32_t far;
} near_code;

static char upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
}

/* How far two codes are apart: edits, with a change of case, O for 0 and I for 1 counting least, and a
 * character more or less counting more than another one. */
static uint32_t apart(dgm_slice a, dgm_slice b)
{
    uint32_t row[DGM_EDI_CODE_BYTES_MAX + 1];
    for (size_t k = 0; k <= b.len; k++) row[k] = (uint32_t)k * 5;
    for (size_t i = 0; i < a.len; i++) {
        uint32_t corner = row[0];
        row[0] = (uint32_t)(i + 1) * 5;
        for (size_t k = 0; k < b.len; k++) {
            char x = upper(a.at[i]), y = upper(b.at[k]);
            bool alike = x == y || (x == 'O' && y == '0') || (x == '0' && y == 'O') || (x == 'I' && y == '1');
            uint32_t cost = a.at[i] == b.at[k] ? 0 : alike ? 1 : 4;
            uint32_t least = corner + cost;
            corner = row[k + 1];
            if (row[k] + 5 < least) least = row[k] + 5;
            if (corner + 5 < least) least = corner + 5;
            row[k + 1] = least;
        }
    }
    return row[b.len];
}

/* How many bytes they begin with together, at most DGM_EDI_CODE_BYTES_MAX. */
static uint32_t alike_first(dgm_slice a, dgm_slice b)
{
    uint32_t n = 0;
    while (n < a.len && n < b.len && n < DGM_EDI_CODE_BYTES_MAX && a.at[n] == b.at[n]) n++;
    return n;
}

/* The nearest codes first: at most NEAR_MOST that are one edit away, or all of a list that is as short as that. */
static size_t nearest(const dgm_edi_code_list *list, dgm_slice value, uint32_t count, near_code *out)
{
    dgm_slice code, name;
    size_t n = 0;
    for (size_t cursor = 0; dgm_edi_code_list_each(list, &cursor, &code, &name);) {
        if (code.len > DGM_EDI_CODE_BYTES_MAX) continue;
        uint32_t far = value.len <= DGM_EDI_CODE_BYTES_MAX ? apart(value, code) : 100;
        if (far > (value.len > 1 ? 5u : 1u) && count > NEAR_MOST) continue;
        far = far * 16 + DGM_EDI_CODE_BYTES_MAX - alike_first(value, code);
        size_t at = n < NEAR_MOST ? n++ : NEAR_MOST;
        while (at && out[at - 1].far > far) {
            if (at < NEAR_MOST) out[at] = out[at - 1];
            at--;
        }
        if (at < NEAR_MOST) out[at] = (near_code){ code, name, far };
    }
    return n;
}

static void report(dgm_edi_reader *r, const dgm_edi_naming *name, dgm_slice value, const dgm_edi_where *where,
                   const dgm_edi_codes *codes)
{
    char text[256];
    near_code near[NEAR_MOST];
    dgm_slice code, meaning;
    uint32_t count = 0;
    const char *directory = r->program->directory.name[0] ? r->program->directory.name : "the service directory";
    dgm_diag *diag = dgm_edi_report(r, DGM_D_EDI_CODE_UNKNOWN, r->advice, where->token.at, dgm_edi_token_len(where->token),
                                    where->element, where->component);
    if (!diag) return;
    for (size_t cursor = 0; dgm_edi_code_list_each(&codes->list, &cursor, &code, &meaning);) count++;
    size_t n = nearest(&codes->list, value, count, near);
    int len = n ? snprintf(text, sizeof text, "%s has ", directory)
                : snprintf(text, sizeof text, "none of its %u codes in %s is near", count, directory);
    for (size_t i = 0; i < n && (size_t)len + 1 < sizeof text; i++) {
        meaning = dgm_slice_part(near[i].name, 0, 60);
        meaning.len = dgm_utf8_check(meaning); /* not in the middle of a character */
        int more = snprintf(text + len, sizeof text - (size_t)len, "%s%.*s (%.*s)", i ? ", " : "", (int)near[i].code.len,
                            near[i].code.at, (int)meaning.len, meaning.at);
        if (more < 0 || (size_t)(len + more) >= sizeof text) break; /* what does not fit is left out whole */
        len += more;
    }
    dgm_edi_say_slice(r, diag, name->id);
    dgm_edi_say_slice(r, diag, name->title);
    dgm_edi_say_slice(r, diag, value);
    dgm_edi_say_slice(r, diag, (dgm_slice){ text, (size_t)len });
}

bool dgm_edi_check_code(dgm_edi_reader *r, const dgm_edi_leaf *leaf, const dgm_edi_naming *name, dgm_slice value,
                        const dgm_edi_token *t, const dgm_edi_where *where)
{
    dgm_edi_codes *list = NULL;
    if (!leaf->coded || !r->program || !dgm_edi_code_of_un(leaf, t, r->in)) return true;
    dgm_status st = dgm_edi_codes_find(&r->molds->lists, &r->program->directory, leaf->coded, &list);
    if (st != DGM_OK) {
        r->failed = st;
        return true;
    }
    if (!list->listed || dgm_edi_codes_has(list, value)) return true;
    report(r, name, value, where, list);
    return r->advice != DGM_ERROR;
}
