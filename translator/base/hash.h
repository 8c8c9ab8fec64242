/* SPDX-License-Identifier: Apache-2.0
 *
 * hash.h - bytes and numbers as 64 bits for tables in memory: eight bytes at a step, the low bits as good as the high ones. What
 * comes from a message is hashed from a start that its sender cannot know (an address), or looked for in a bounded number of
 * steps. Never written anywhere. Pure; any thread.
 */
#ifndef DGM_BASE_HASH_H
#define DGM_BASE_HASH_H

#include "slice.h"

#include <string.h>

static inline uint64_t dgm_hash_number(uint64_t h, uint64_t n)
{
    h = (h ^ n) * 0x9E3779B97F4A7C15u;
    return h ^ h >> 29;
}

/* The length counts, so that bytes one behind another are not the same as all of them. */
static inline uint64_t dgm_hash_bytes(uint64_t h, dgm_slice s)
{
    const uint64_t len = s.len;
    uint64_t word;
    for (; s.len >= sizeof word; s.at += sizeof word, s.len -= sizeof word) {
        memcpy(&word, s.at, sizeof word);
        h = dgm_hash_number(h, word);
    }
    word = 0;
    if (s.len) memcpy(&word, s.at, s.len);
    return dgm_hash_number(dgm_hash_number(h, word), len);
}

#endif
