/* SPDX-License-Identifier: Apache-2.0
 *
 * decimal.h - exact decimals of any precision, as text. The canonical spelling is [-]digits[.digits]; no exponent, no plus, no
 * grouping. Nothing here passes through a float. A text that is no decimal gives DGM_INVALID; DGM_LIMIT: a scale above 1,000,000,
 * or factors so long that multiplying or dividing them would take minutes. Pure functions over slices and an arena; any thread.
 */
#ifndef DGM_BASE_DECIMAL_H
#define DGM_BASE_DECIMAL_H

#include "arena.h"

/* How a decimal is spelt on a wire: the mark ('.' or ',' or 0: both are read, '.' is written). */
typedef enum dgm_rounding { DGM_ROUND_NONE, DGM_ROUND_HALF_UP, DGM_ROUND_HALF_EVEN, DGM_ROUND_DOWN } dgm_rounding;

/* True for [-]digits[mark digits] with at least one digit on one side of the mark ("5.", ".5" and "-0" are decimals). */
bool dgm_decimal_valid(dgm_slice text, char mark);
/* The spelling with '.', digits kept as they were sent ("1,50" → "1.50", ".5" → "0.5", "5." → "5"): scale is information. */
dgm_status dgm_decimal_read(dgm_arena *a, dgm_slice text, char mark, dgm_slice *out);
/* Normal form: no leading zeros, no trailing zeros behind the mark, no mark without digits, no "-0". Equal numbers have equal
 * normal forms. All functions below take any valid decimal ('.') and give normal forms unless they say otherwise. */
dgm_status dgm_decimal_normal(dgm_arena *a, dgm_slice text, dgm_slice *out);
int dgm_decimal_compare(dgm_slice a, dgm_slice b); /* of two valid decimals */
dgm_status dgm_decimal_add(dgm_arena *a, dgm_slice x, dgm_slice y, dgm_slice *out);
dgm_status dgm_decimal_subtract(dgm_arena *a, dgm_slice x, dgm_slice y, dgm_slice *out);
dgm_status dgm_decimal_multiply(dgm_arena *a, dgm_slice x, dgm_slice y, dgm_slice *out);
dgm_status dgm_decimal_sum(dgm_arena *a, const dgm_slice *terms, size_t n, dgm_slice *out); /* of nothing: "0" */
/* The sum of the terms, of which those from `minus` on are taken away, with as many digits behind the mark as the term that has
 * most of them as spelt ("10.50" and "1.5" → "12.00"): as people add up money. */
dgm_status dgm_decimal_tally(dgm_arena *a, const dgm_slice *terms, size_t n, size_t minus, dgm_slice *out);
/* x / y with `scale` digits behind the mark, rounded. y zero: DGM_INVALID. */
dgm_status dgm_decimal_divide(dgm_arena *a, dgm_slice x, dgm_slice y, uint32_t scale, dgm_rounding rounding, dgm_slice *out);
/* Exactly `scale` digits behind the mark ("1.5", 2 → "1.50"). DGM_ROUND_NONE: DGM_INVALID if digits other than 0 would go. */
dgm_status dgm_decimal_scale(dgm_arena *a, dgm_slice x, uint32_t scale, dgm_rounding rounding, dgm_slice *out);
/* Digits of a valid decimal before and behind the mark as spelt (sign and mark do not count: ISO 9735-1, 10.1 / 9735:1988, 10.1).
 */
void dgm_decimal_digits(dgm_slice x, uint32_t *before, uint32_t *behind);

#endif
