/* SPDX-License-Identifier: Apache-2.0
 *
 * count.h - how much work was done: one step for each basic block of the library that ran, in whatever thread, and one for each
 * byte that the C library's memory and string functions went over for it or for the libraries it uses. Nothing here depends on time
 * or on the machine. Read it while no other thread works.
 */
#ifndef DGM_STEPS_COUNT_H
#define DGM_STEPS_COUNT_H

#include <stdint.h>

/* Steps since the program began. */
uint64_t steps_counted(void);
/* How many of them were bytes that memset cleared: a processor does 32 at a time. */
uint64_t steps_cleared(void);

#endif
