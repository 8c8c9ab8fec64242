/* SPDX-License-Identifier: Apache-2.0
 *
 * path.h - one step of a path that a caller gives: "SG30#2/CST/C246/7361". Any thread.
 */
#ifndef DGM_PATH_H
#define DGM_PATH_H

#include "base/diag.h"
#include "model/tree.h"

/* Takes the first step off a path; without `#n` the number is 1. False when it is no step. */
bool dgm_path_step(dgm_slice *path, dgm_slice *name, uint32_t *number);

#endif
