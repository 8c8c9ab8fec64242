/* SPDX-License-Identifier: Apache-2.0
 *
 * rules.h - twice the rules of a mapping, all of them about what a message does not have: it must cost hardly more. Nor must
 * what is kept beside values, residue and provenance. One thread.
 */
#ifndef DGM_STEPS_RULES_H
#define DGM_STEPS_RULES_H

#include "base/slice.h"

/* Counts what passed and failed; prints what failed, or everything. From the root of the project. */
bool rules_try(const dgm_context *c, bool list, int *passed, int *failed);

#endif
