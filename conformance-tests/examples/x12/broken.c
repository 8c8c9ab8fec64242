/* SPDX-License-Identifier: Apache-2.0
 *
 * broken.c - the example once more, with one mistake that BROKEN_… chooses: what loading must refuse, and what the conformance kit
 * must find and name. Built with X12_BROKEN, so that x12.c has no entry of its own. Threads as in x12.c.
 */
#include "x12.h"

#include <stdlib.h>
#include <string.h>

dgm_codec broken;
DGM_API const dgm_codec *dragoman_codec(void);

#if defined(BROKEN_CRASH) || defined(BROKEN_HANG)
/* Nobody thought of an input that ends too early. */
static dgm_status careless_feed(dgm_reader *r, dgm_slice chunk, bool last)
{
    static const char ends[] = "~\n";
    volatile const char *end = chunk.len && strchr(ends, chunk.at[chunk.len - 1]) ? chunk.at : NULL;
    if (last && chunk.len && !end) {
#ifdef BROKEN_CRASH
        return (dgm_status)*end;
#else
        for (volatile int i = 0;; i++) continue;
#endif
    }
    return x12.feed(r, chunk, last);
}
#endif

#ifdef BROKEN_LEAK
static dgm_status leaking_open(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_reader **out)
{
    char *lost = host->mem.grow(host->mem.ctx, NULL, 0, 100);
    if (!lost) return DGM_NOMEM;
    return x12.open(host, settings, n, out);
}
#endif

#ifdef BROKEN_LEAK_BEHIND
static void *volatile lost;
static dgm_status leaking_open(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_reader **out)
{
    lost = malloc(100); /* not the host's, and nobody frees it */
    return x12.open(host, settings, n, out);
}
#endif

#ifdef BROKEN_LOSES
static bool (*hosts_view)(const dgm_tree *t, uint32_t node, dgm_view *out);

static bool forgetful_view(const dgm_tree *t, uint32_t node, dgm_view *out)
{
    if (!hosts_view(t, node, out)) return false;
    if (out->name.len == 2 && memcmp(out->name.at, "03", 2) == 0) out->value.len = 0;
    return true;
}

static dgm_status forgetful_open(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n,
                                 dgm_sink sink, dgm_writer **out)
{
    dgm_host mine = *host;
    hosts_view = host->tree_view;
    mine.tree_view = forgetful_view;
    return x12.writer_open(&mine, format, settings, n, sink, out);
}
#endif

#ifdef BROKEN_CHUNKS
/* Takes the first byte of each further chunk for a repetition of the last one. */
static bool begun;
static dgm_status stumbling_feed(dgm_reader *r, dgm_slice chunk, bool last)
{
    if (begun && chunk.len) chunk = (dgm_slice){ chunk.at + 1, chunk.len - 1 };
    begun = !last;
    return x12.feed(r, chunk, last);
}
#endif

const dgm_codec *dragoman_codec(void)
{
    broken = x12;
#if defined(BROKEN_ABI)
    broken.abi = 7;
#elif defined(BROKEN_BUILD)
    broken.build ^= 1;
#elif defined(BROKEN_NAME)
    broken.name = "xml";
#elif defined(BROKEN_PART)
    broken.reset = NULL;
#elif defined(BROKEN_LOADING)
    broken.name = (const char *)(uintptr_t)1;
#elif defined(BROKEN_CRASH) || defined(BROKEN_HANG)
    broken.feed = careless_feed;
#elif defined(BROKEN_LEAK) || defined(BROKEN_LEAK_BEHIND)
    broken.open = leaking_open;
#elif defined(BROKEN_LOSES)
    broken.writer_open = forgetful_open;
#elif defined(BROKEN_CHUNKS)
    broken.feed = stumbling_feed;
#else
#error "say which mistake it is to have"
#endif
    return &broken;
}
