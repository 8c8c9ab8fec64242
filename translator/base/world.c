/* SPDX-License-Identifier: Apache-2.0
 *
 * world.c - the real outside world: the one place of the library that asks for the clock, for randomness and for durability.
 * No state; any thread.
 */
#include "../dragoman.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void *ctx)
{
    (void)ctx;
    struct timespec t;
    if (clock_gettime(CLOCK_REALTIME, &t) != 0) return 0;
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static dgm_status fill_random(void *ctx, void *out, size_t bytes)
{
    (void)ctx;
    char *at = out;
    while (bytes) {
        ssize_t n = getrandom(at, bytes < 256 ? bytes : 256, 0);
        if (n > 0) {
            at += n;
            bytes -= (size_t)n;
        } else if (errno != EINTR) {
            return DGM_IO;
        }
    }
    return DGM_OK;
}

static dgm_status sync_descriptor(void *ctx, int descriptor)
{
    (void)ctx;
    int r;
    do r = fsync(descriptor);
    while (r != 0 && errno == EINTR);
    return r == 0 ? DGM_OK : DGM_IO;
}

dgm_world dgm_world_default(void)
{
    return (dgm_world){ now_ms, fill_random, sync_descriptor, NULL };
}
