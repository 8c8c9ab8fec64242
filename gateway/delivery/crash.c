/* SPDX-License-Identifier: Apache-2.0
 *
 * crash.c - dying at a named point, in test builds only. The armed point is the one global; one thread.
 */
#include "crash.h"

#ifdef DGM_TESTING

#include <signal.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = {
#define X(id, name) name,
    DGM_CRASH_LIST(X)
#undef X
};
static unsigned armed = DGM_CRASH_COUNT, passes;

void dgm_crash_here(dgm_crash_point point)
{
    if ((unsigned)point == armed && passes-- == 0) kill(getpid(), SIGKILL);
}

const char *dgm_crash_name(unsigned point)
{
    return point < DGM_CRASH_COUNT ? names[point] : NULL;
}

int dgm_crash_arm(const char *name)
{
    size_t len = strcspn(name, ":");
    passes = 0;
    for (const char *digit = name + len; *digit && *++digit >= '0' && *digit <= '9';)
        passes = passes * 10 + (unsigned)(*digit - '0');
    for (armed = 0; armed < DGM_CRASH_COUNT; armed++)
        if (strlen(names[armed]) == len && memcmp(names[armed], name, len) == 0) return 1;
    return 0;
}

#else
typedef int dgm_crash_nothing; /* ISO C wants a declaration in every file */
#endif
