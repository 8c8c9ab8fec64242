/* SPDX-License-Identifier: Apache-2.0
 *
 * check_digit.h - check digits of numbers that standards define: containers (ISO 6346), ships (IMO Assembly resolution A.1117),
 * GTIN (GS1 General Specifications, 7.9), air waybills (IATA Resolution 600a). Pure; any thread.
 */
#ifndef DGM_BASE_CHECK_DIGIT_H
#define DGM_BASE_CHECK_DIGIT_H

#include "slice.h"

typedef enum dgm_check_rule {
    DGM_CHECK_NONE,
    DGM_CHECK_CONTAINER,
    DGM_CHECK_SHIP,
    DGM_CHECK_GTIN,
    DGM_CHECK_AIR_WAYBILL
} dgm_check_rule;

/* The check digit a number must have, in *wanted; false: it has not the form of such a number. */
bool dgm_check_digit(dgm_check_rule rule, dgm_slice number, char *wanted);

#endif
