/* SPDX-License-Identifier: Apache-2.0
 *
 * check_digit.h - check digits of numbers that standards define: containers (ISO 6346), ships (IMO Assembly resolution A.1117),
 * GTIN (GS1 General Specifications, 7.9), air waybills (IATA Resolution 600a), bank accounts (ISO 13616, IBAN). Pure; any thread.
 */
#ifndef DGM_BASE_CHECK_DIGIT_H
#define DGM_BASE_CHECK_DIGIT_H

#include "slice.h"

typedef enum dgm_check_rule {
    DGM_CHECK_NONE,
    DGM_CHECK_CONTAINER,
    DGM_CHECK_SHIP,
    DGM_CHECK_GTIN,
    DGM_CHECK_AIR_WAYBILL,
    DGM_CHECK_IBAN /* two digits, near its beginning: for dgm_check_number() only */
} dgm_check_rule;

/* The check digit a number must have, in *wanted; false: it has not the form of such a number. */
bool dgm_check_digit(dgm_check_rule rule, dgm_slice number, char *wanted);
/* Whether a number has the form and the check digits that the rule wants. */
bool dgm_check_number(dgm_check_rule rule, dgm_slice number);
/* container, ship, gtin, air-waybill, iban; DGM_CHECK_NONE: no such word. */
dgm_check_rule dgm_check_named(dgm_slice word);

#endif
