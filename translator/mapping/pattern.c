/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern.c - see pattern.h. ICU matches with a copy of the expression that one thread has at a time; idle copies are kept with the
 * pattern. Its limits count steps and bytes, not seconds, so that a text is judged alike on every machine. ICU has memory of its
 * own.
 */
#include "pattern.h"

#include <stdatomic.h>
#include <unicode/uregex.h>
#include <unicode/ustring.h>

/* A unit is ten thousand steps of ICU's, which is when it asks. */
enum { IDLE = 16, UNITS_OF_TEXT = 10, UNITS_OF_MESSAGE = 1000, STACK_BYTES = 1 << 20 };

struct map_pattern {
    dgm_mem mem;
    URegularExpression *first; /* never matched with: copies are made of it */
    _Atomic(URegularExpression *) idle[IDLE];
};

/* ---- at load ------------------------------------------------------------------------------------------------------------- */

static const char *words(UErrorCode e)
{
    switch ((int)e) {
    case U_REGEX_BAD_ESCAPE_SEQUENCE: return "this \\ has nothing behind it that it could stand for";
    case U_REGEX_PROPERTY_SYNTAX: return "there is no such property of characters";
    case U_REGEX_RULE_SYNTAX: return "there is nothing here that could be repeated";
    case U_REGEX_MISMATCHED_PAREN: return "a ( has no ), or a ) no (";
    case U_REGEX_NUMBER_TOO_BIG: return "this number is too large";
    case U_REGEX_BAD_INTERVAL: return "{…} counts: {2}, {2,} or {2,5}";
    case U_REGEX_MAX_LT_MIN: return "{…} counts up to less than it begins with";
    case U_REGEX_INVALID_BACK_REF: return "there is no group of this number";
    case U_REGEX_INVALID_FLAG: return "there is no such (?…)";
    case U_REGEX_LOOK_BEHIND_LIMIT: return "what is looked for behind must have a bounded length";
    case U_REGEX_MISSING_CLOSE_BRACKET: return "this [ has no ]";
    case U_REGEX_INVALID_RANGE: return "a range in [ ] goes backwards, or has no end";
    case U_REGEX_INVALID_CAPTURE_GROUP_NAME: return "this is no name of a group";
    case U_REGEX_UNIMPLEMENTED: return "ICU does not know this";
    default: return "ICU refuses it";
    }
}

/* The place of a character in the text: ICU counts them from 1, and says how far it came. */
static void point_at(dgm_slice text, const UParseError *e, map_pattern_fault *fault)
{
    size_t at = 0;
    for (int32_t n = 1; n < e->offset && at < text.len; n++) do
            at++;
        while (at < text.len && ((unsigned char)text.at[at] & 0xC0) == 0x80);
    if (at >= text.len && at) at--;
    while (at && ((unsigned char)text.at[at] & 0xC0) == 0x80) at--;
    fault->at = at;
    fault->bytes = 1;
    while (at + fault->bytes < text.len && ((unsigned char)text.at[at + fault->bytes] & 0xC0) == 0x80) fault->bytes++;
}

dgm_status dgm_map_pattern_open(const dgm_mem *mem, dgm_slice text, map_pattern **out, map_pattern_fault *fault)
{
    UChar units[MAP_PATTERN_BYTES + 1];
    int32_t count = 0;
    UErrorCode e = U_ZERO_ERROR;
    UParseError where = { 0 };
    *out = NULL;
    *fault = (map_pattern_fault){ 0, text.len, NULL };
    if (!text.len || text.len > MAP_PATTERN_BYTES) {
        fault->what = text.len ? "a pattern has at most 500 bytes" : "there is nothing between the two /";
        return DGM_INVALID;
    }
    u_strFromUTF8(units, MAP_PATTERN_BYTES + 1, &count, text.at, (int32_t)text.len, &e);
    map_pattern *p = U_SUCCESS(e) ? dgm_mem_new(mem, sizeof *p) : NULL;
    if (!p) return U_SUCCESS(e) ? DGM_NOMEM : DGM_INVALID;
    p->mem = *mem;
    p->first = uregex_open(units, count, 0, &where, &e);
    if (U_SUCCESS(e)) {
        *out = p;
        return DGM_OK;
    }
    dgm_map_pattern_close(p);
    if (e == U_MEMORY_ALLOCATION_ERROR) return DGM_NOMEM;
    point_at(text, &where, fault);
    fault->what = words(e);
    return DGM_INVALID;
}

void dgm_map_pattern_close(map_pattern *p)
{
    if (!p) return;
    for (int i = 0; i < IDLE; i++)
        if (atomic_load(&p->idle[i])) uregex_close(atomic_load(&p->idle[i]));
    if (p->first) uregex_close(p->first);
    dgm_mem mem = p->mem;
    dgm_mem_free(&mem, p, sizeof *p);
}

/* ---- in a run ------------------------------------------------------------------------------------------------------------ */

static URegularExpression *take(map_pattern *p)
{
    for (int i = 0; i < IDLE; i++) {
        URegularExpression *x = atomic_load_explicit(&p->idle[i], memory_order_relaxed);
        if (x && (x = atomic_exchange(&p->idle[i], NULL)) != NULL) return x;
    }
    UErrorCode e = U_ZERO_ERROR;
    URegularExpression *x = uregex_clone(p->first, &e);
    uregex_setTimeLimit(x, UNITS_OF_TEXT, &e);
    uregex_setStackLimit(x, STACK_BYTES, &e);
    if (U_SUCCESS(e)) return x;
    uregex_close(x);
    return NULL;
}

static void give_back(map_pattern *p, URegularExpression *x)
{
    for (int i = 0; i < IDLE; i++) {
        URegularExpression *none = NULL;
        if (atomic_compare_exchange_strong(&p->idle[i], &none, x)) return;
    }
    uregex_close(x);
}

/* Asked by ICU after each unit. */
static UBool U_CALLCONV goes_on(const void *context, int32_t units)
{
    uint32_t *spent = (uint32_t *)(uintptr_t)context;
    (void)units;
    return ++*spent < UNITS_OF_MESSAGE;
}

map_pattern_says dgm_map_pattern_fits(map_pattern *p, dgm_slice text, uint32_t *spent)
{
    UChar units[2 * MAP_PATTERN_TEXT + 1];
    int32_t count = 0;
    UErrorCode e = U_ZERO_ERROR;
    if (*spent >= UNITS_OF_MESSAGE) return MAP_PATTERN_SPENT;
    if (text.len > 4 * (size_t)MAP_PATTERN_TEXT) return MAP_PATTERN_NOT;
    u_strFromUTF8(units, 2 * MAP_PATTERN_TEXT + 1, &count, text.at, (int32_t)text.len, &e);
    if (U_FAILURE(e)) return MAP_PATTERN_NOT;
    URegularExpression *x = take(p);
    if (!x) return MAP_PATTERN_NOMEM;
    e = U_ZERO_ERROR;
    uregex_setMatchCallback(x, goes_on, spent, &e);
    uregex_setText(x, units, count, &e);
    bool fits = uregex_matches(x, 0, &e);
    UErrorCode none = U_ZERO_ERROR;
    uregex_setMatchCallback(x, NULL, NULL, &none); /* neither text nor counter live on */
    uregex_setText(x, u"", 0, &none);
    give_back(p, x);
    if (e == U_MEMORY_ALLOCATION_ERROR) return MAP_PATTERN_NOMEM;
    if (U_FAILURE(e)) return MAP_PATTERN_SPENT;
    return fits ? MAP_PATTERN_FITS : MAP_PATTERN_NOT;
}
