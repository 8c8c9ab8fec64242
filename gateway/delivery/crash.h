/* SPDX-License-Identifier: Apache-2.0
 *
 * crash.h - the named points at which a test may kill the gateway (definition D, 8): one after each step that others could see or
 * that has to survive. The list gives enum, names and test matrix, so a new point cannot be forgotten. Outside test builds nothing
 * is left of it.
 */
#ifndef DGM_DELIVERY_CRASH_H
#define DGM_DELIVERY_CRASH_H

#define DGM_CRASH_LIST(X)                                                                                                          \
    X(CLAIM_FOLDER, "claim-folder")       /* .claim/<id> made, the file not yet moved */                                           \
    X(CLAIMED, "claimed")                 /* the file is in .claim/<id> */                                                         \
    X(TRANSLATING, "translating")         /* a document is half written */                                                         \
    X(TRANSLATED, "translated")           /* all is written and synced, not yet staged */                                          \
    X(STAGED, "staged")                   /* .stage/<id> has its name */                                                           \
    X(ONE_DELIVERED, "one-delivered")     /* a document has been renamed to its target */                                          \
    X(ALL_DELIVERED, "all-delivered")     /* all have, the mark is not yet made */                                                 \
    X(BAD_DIAGNOSTICS, "bad-diagnostics") /* the diagnostics are in --bad, the file not */                                         \
    X(BAD_MOVED, "bad-moved")             /* the refused file is in --bad */                                                       \
    X(MARKED, "marked")                   /* .stage/<id>.done */                                                                   \
    X(CLAIM_EMPTIED, "claim-emptied")     /* the input is gone, its claim folder not */                                            \
    X(CLAIM_REMOVED, "claim-removed")     /* the claim is gone, the mark not */                                                    \
    X(STORE_WRITING, "store-writing")     /* of a store: a new file is half written */                                             \
    X(STORE_WRITTEN, "store-written")     /* it is whole and has not its name */                                                   \
    X(STORE_PUT, "store-put")             /* it has */                                                                             \
    X(STORE_REMOVED, "store-removed")     /* a file is gone */

typedef enum dgm_crash_point {
#define X(id, name) DGM_CRASH_##id,
    DGM_CRASH_LIST(X)
#undef X
        DGM_CRASH_COUNT
} dgm_crash_point;

#ifdef DGM_TESTING
/* Ends the process by SIGKILL if this point is the armed one. */
void dgm_crash_here(dgm_crash_point point);
/* Arms a point by name, or "name:3" for when it is come by after three times; false when there is none of that name. */
int dgm_crash_arm(const char *name);
/* "claim-folder", …; NULL past the end. */
const char *dgm_crash_name(unsigned point);
#else
#define dgm_crash_here(point) ((void)(point))
#endif

#endif
