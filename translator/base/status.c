/* SPDX-License-Identifier: Apache-2.0
 *
 * status.c - the texts of statuses and the version. Constant; any thread.
 */
#include "../dragoman.h"

#ifndef DGM_VERSION
#error "DGM_VERSION comes from the Makefile"
#endif

const char *dgm_status_text(dgm_status status)
{
    switch (status) {
#define X(name, number, text)                                                                                                      \
    case DGM_##name: return text;
        DGM_STATUS_LIST(X)
#undef X
    }
    return "unknown status";
}

const char *dgm_version(void)
{
    return DGM_VERSION;
}
