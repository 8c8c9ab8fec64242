/* SPDX-License-Identifier: Apache-2.0
 *
 * rules.c - which mappings hold: looked at before each input, so that what was changed holds for the next one. Mappings that cannot
 * be used are told of, once, and those before them stay. One thread.
 */
#include "private.h"

#include <time.h>

/* An input that comes while files are being written waits for them to come to rest, but no longer than this. */
enum { WAIT_MS = 10, WAIT_MOST_MS = 5 * DGM_LIVE_SETTLE_MS };

static dgm_status look(dgm_delivery *d)
{
    const struct timespec moment = { .tv_nsec = WAIT_MS * 1000000L };
    dgm_status s = dgm_live_look(d->o.live, d->o.diags);
    for (int waited = 0; s == DGM_MORE && waited < WAIT_MOST_MS; waited += WAIT_MS) {
        (void)nanosleep(&moment, NULL);
        s = dgm_live_look(d->o.live, d->o.diags);
    }
    return s;
}

void dgm_rules_look(dgm_delivery *d)
{
    if (d->o.fixed) return;
    const int64_t began = d->o.world.now_ms(d->o.world.ctx);
    dgm_status s = look(d);
    if (s == DGM_END || s == DGM_MORE) return;
    if (s == DGM_OK) {
        dgm_live_give_back(d->o.live, d->context);
        d->context = dgm_live_hold(d->o.live);
    }
    const char *why = s == DGM_OK ? NULL : dgm_status_text(s);
    dgm_delivery_tell(d, s == DGM_OK ? DGM_DELIVERY_RULES : DGM_DELIVERY_RULES_REFUSED, NULL, "", why, began);
}
