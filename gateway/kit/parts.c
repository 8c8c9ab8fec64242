/* SPDX-License-Identifier: Apache-2.0
 *
 * parts.c - the parts of the kit that read: contract, identification, cuts, truncation, damage. One thread, in a process of their
 * own.
 */
#include "kit.h"

#include "base/diag.h"

#include <stdio.h>
#include <stdlib.h>

enum { HEAD_BYTES = 1024, EVERY_BYTES = 4096, CUTS_OF_LARGE = 64 };

/* How many places of an input are tried: all of a small one, some of a large one, evenly spread. */
static size_t places_of(size_t len)
{
    size_t most = len <= EVERY_BYTES ? len : ((size_t)16 << 20) / len;
    return most < CUTS_OF_LARGE && len > CUTS_OF_LARGE ? CUTS_OF_LARGE : most < len ? most : len;
}

static size_t place_at(size_t len, size_t places, size_t i)
{
    return places >= len ? i : (size_t)((double)len / (double)places * (double)i);
}

/* What is wrong with any reading, whatever the input. */
bool kit_plainly_wrong(kit *k, const kit_reading *r)
{
    if (r->unsound) kit_found(k, "a tree is not sound: spans, slots or places contradict each other, or it was not taken back");
    if (r->deep) kit_found(k, "a tree is deeper than the limit");
    if (!r->same_end) kit_found(k, "next() said that the input is over, and then something else");
    if (r->left) kit_found(k, "leak: %lld bytes of the host's memory are not given back when the reader is closed", r->left);
    if (r->status != DGM_END && !r->told)
        kit_found(k, "the reading ends with \"%s\", and nothing is told", dgm_status_text(r->status));
    return r->unsound || r->deep || !r->same_end || r->left || (r->status != DGM_END && !r->told);
}

/* ---- contract ---- */

static void check_options(kit *k, const dgm_option *table, const char *what)
{
    for (const dgm_option *o = table; o && o->name; o++) {
        kit_step(k, 0, "%s \"%s\"", what, o->name);
        if (!*o->name || !o->help || !*o->help) kit_found(k, "a setting has no name or no help");
        if (o->standard && *o->standard && !dgm_option_takes(o, dgm_slice_of(o->standard)))
            kit_found(k, "its default \"%s\" is no value that it takes", o->standard);
        for (const dgm_option *other = table; other != o; other++)
            if (strcmp(other->name, o->name) == 0) kit_found(k, "two settings have this name");
    }
}

void kit_part_contract(kit *k)
{
    kit_reading r;
    check_options(k, k->codec->reader_options, "setting of readers");
    check_options(k, k->codec->writer_options, "setting of writers");
    check_options(k, k->codec->format_options, "setting of formats");
    check_options(k, k->codec->ack_options, "setting of answers");
    kit_step(k, 0, "close(NULL), writer_close(NULL)");
    k->codec->close(NULL);
    k->codec->writer_close(NULL);
    for (int whole = 0; whole < 2; whole++) {
        kit_step(k, 0, "an empty input, %s", whole ? "whole" : "fed");
        kit_read(k, (dgm_slice){ "", 0 }, (kit_way){ .whole = whole != 0 }, NULL, &r);
        (void)kit_plainly_wrong(k, &r);
        if (r.trees) kit_found(k, "a message came of nothing");
        kit_reading_free(&r);
    }
    kit_step(k, 0, "a reader that is closed before its input is over");
    kit_source s = { .mem = { .fail_at = -1 } };
    const kit_way way = { 0 };
    if (kit_source_open(k, NULL, &way, (dgm_slice){ 0 }, &s) == DGM_OK && k->sample_count) {
        const dgm_slice bytes = k->samples[0].bytes;
        (void)k->codec->feed(s.reader, dgm_slice_part(bytes, 0, bytes.len / 2), false);
    }
    kit_source_close(&s);
    if (s.mem.live) kit_found(k, "leak: %lld bytes of the host's memory are not given back", s.mem.live);
}

/* ---- identification ---- */

static int sure_of(const dgm_codec *codec, const dgm_format_list *known, dgm_slice first, bool whole)
{
    int sure = codec->identify(first);
    int by_format = codec->identify_formats ? codec->identify_formats(known->at, known->count, first, whole) : 0;
    return by_format > sure || by_format < 0 ? by_format : sure;
}

/* The input in memory of its own, so that a look beyond its end is seen by whoever watches memory. */
static int sure_alone(kit *k, dgm_slice first, bool whole)
{
    char *copy = malloc(first.len + 1);
    if (!copy) kit_no_memory();
    if (first.len) memcpy(copy, first.at, first.len);
    copy[first.len] = 'U';
    int sure = sure_of(k->codec, k->known, (dgm_slice){ copy, first.len }, whole);
    free(copy);
    if (sure < 0 || sure > 100) kit_found(k, "it is sure by %d of 100", sure);
    return sure;
}

static void compare_others(kit *k, dgm_slice head, bool whole, int sure)
{
    for (size_t i = 0; k->context->codecs[i]; i++) {
        const dgm_codec *other = k->context->codecs[i];
        if (other == k->codec) continue;
        int theirs = sure_of(other, &k->context->by_codec[i], head, whole);
        if (theirs >= sure)
            kit_found(k, "%s is as sure that this is its own (%d) as %s (%d)", other->name, theirs, k->codec->name, sure);
    }
}

void kit_part_identify(kit *k)
{
    for (size_t i = 0; i < k->sample_count; i++) {
        const dgm_slice bytes = k->samples[i].bytes, head = dgm_slice_part(bytes, 0, HEAD_BYTES);
        for (size_t n = 0; n < head.len; n++) {
            kit_step(k, i, "the first %zu bytes", n);
            (void)sure_alone(k, dgm_slice_part(head, 0, n), n == bytes.len);
        }
        kit_step(k, i, "the first %zu bytes", head.len);
        int sure = sure_alone(k, head, head.len == bytes.len);
        if (sure != sure_alone(k, head, head.len == bytes.len)) kit_found(k, "asked again it says something else");
        if (sure == 0)
            kit_found(k, "it does not know this sample");
        else
            compare_others(k, head, head.len == bytes.len, sure);
    }
    uint64_t state = k->options->seed;
    for (int i = 0; i < 1000; i++) {
        char noise[64];
        for (size_t n = 0; n < sizeof noise; n++) noise[n] = (char)kit_random(&state);
        kit_step(k, 0, "random bytes %d of seed %llu", i, (unsigned long long)k->options->seed);
        (void)sure_alone(k, (dgm_slice){ noise, kit_random(&state) % sizeof noise }, true);
    }
}

/* ---- reading ---- */

void kit_part_read(kit *k)
{
    size_t trees = 0, told = 0;
    for (size_t i = 0; i < k->sample_count; i++) {
        kit_reading r;
        kit_reference(k, i, &r);
        (void)kit_plainly_wrong(k, &r);
        if (r.status != DGM_END) kit_found(k, "the reading ends with \"%s\"", dgm_status_text(r.status));
        if (!r.trees && !r.told) kit_found(k, "no message is read, and nothing is told");
        trees += r.trees;
        told += r.told;
        kit_reading_free(&r);
    }
    kit_note(k, "%zu message%s, %zu diagnostic%s", trees, trees == 1 ? "" : "s", told, told == 1 ? "" : "s");
}

/* ---- chunks ---- */

static bool same_as(kit *k, size_t sample, kit_way way, const kit_reading *wanted)
{
    kit_reading r;
    kit_read(k, k->samples[sample].bytes, way, NULL, &r);
    bool good = !kit_plainly_wrong(k, &r) && r.sum == wanted->sum;
    if (r.sum != wanted->sum)
        kit_found(k,
                  "another reading than of the whole: %zu messages, %zu with a tree, %zu diagnostics instead of %zu, %zu and %zu%s",
                  r.messages, r.trees, r.told, wanted->messages, wanted->trees, wanted->told,
                  kit_told_otherwise(k, k->samples[sample].bytes, way, wanted));
    kit_reading_free(&r);
    return good;
}

void kit_part_chunks(kit *k)
{
    static const size_t sizes[] = { 1, 2, 3, 5, 7, 16, 61, 64, 127, 1021, 4096, 65536 };
    for (size_t i = 0; i < k->sample_count; i++) {
        kit_reading r;
        const size_t len = k->samples[i].bytes.len, places = places_of(len);
        kit_reference(k, i, &r);
        kit_step(k, i, "fed at once");
        (void)same_as(k, i, (kit_way){ 0 }, &r);
        for (size_t n = 0; n < sizeof sizes / sizeof *sizes && sizes[n] < len; n++) {
            kit_step(k, i, "pieces of %zu", sizes[n]);
            if (!same_as(k, i, (kit_way){ .each = sizes[n] }, &r)) break;
        }
        for (size_t n = 1; n < places; n++) {
            size_t cut = place_at(len, places, n);
            kit_step(k, i, "cut %zu", cut);
            if (!same_as(k, i, (kit_way){ .first = cut }, &r)) break;
        }
        for (uint64_t n = 1; n <= 8; n++) {
            kit_step(k, i, "random pieces %llu of seed %llu", (unsigned long long)n, (unsigned long long)k->options->seed);
            if (!same_as(k, i, (kit_way){ .seed = k->options->seed + n }, &r)) break;
        }
        kit_reading_free(&r);
    }
}

/* ---- truncation ---- */

static bool blank(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!strchr(" \t\r\n", s.at[i]) || !s.at[i]) return false;
    return true;
}

/* Nothing is told of it: then it must be a beginning of what the whole gives. */
static bool shorter(kit *k, const kit_reading *r, const kit_reading *whole, dgm_slice given)
{
    if (!r->trees && !blank(given)) return kit_found(k, "nothing is read of it, and nothing is told"), false;
    if (r->trees > whole->trees) return kit_found(k, "it has more messages than the whole, and nothing is told"), false;
    for (size_t i = 0; i < r->trees; i++) {
        bool last = i + 1 == r->trees;
        if (last ? r->list[i].nodes > whole->list[i].nodes : r->list[i].sum != whole->list[i].sum)
            return kit_found(k, "message %zu is another than in the whole, and nothing is told", i + 1), false;
    }
    return true;
}

static bool truncated(kit *k, size_t sample, size_t cut, const kit_reading *whole)
{
    const dgm_slice bytes = k->samples[sample].bytes;
    bool good = true;
    char *copy = malloc(cut ? cut : 1); /* so that a byte behind the end is nobody's */
    if (copy)
        memcpy(copy, bytes.at, cut);
    else
        kit_no_memory();
    for (int way = 0; way < 2 && good; way++) {
        kit_reading r;
        kit_read(k, (dgm_slice){ copy, cut }, (kit_way){ .whole = way == 0 }, NULL, &r);
        good = !kit_plainly_wrong(k, &r) && (r.told || shorter(k, &r, whole, (dgm_slice){ copy, cut }));
        kit_reading_free(&r);
    }
    free(copy);
    return good;
}

void kit_part_truncation(kit *k)
{
    for (size_t i = 0; i < k->sample_count; i++) {
        kit_reading whole;
        const size_t len = k->samples[i].bytes.len, places = places_of(len);
        size_t wrong = 0;
        kit_reference(k, i, &whole);
        for (size_t n = 0; n < places && wrong < 2; n++) {
            size_t cut = place_at(len, places, n);
            kit_step(k, i, "cut %zu", cut);
            wrong += !truncated(k, i, cut, &whole);
        }
        kit_reading_free(&whole);
    }
}

/* ---- mutations ---- */

static size_t damage(char *at, size_t len, size_t room, const kit *k, uint64_t *state)
{
    static const char liked[] = "'+:?*~<>&\"{}[],;|\r\n\0 09AZ\xFF\xC3";
    for (uint64_t n = 1 + kit_random(state) % 4; n; n--) {
        size_t from = len ? kit_random(state) % len : 0, some = 1 + kit_random(state) % 32;
        if (some > len - from) some = len - from;
        switch (kit_random(state) % 6) {
        case 0:
            if (len) at[from] = (char)kit_random(state);
            break;
        case 1:
            if (len) at[from] = liked[kit_random(state) % (sizeof liked - 1)];
            break;
        case 2:
            memmove(at + from, at + from + some, len - from - some);
            len -= some;
            break;
        case 3:
            if (len + some > room) break;
            memmove(at + from + some, at + from, len - from);
            len += some;
            break;
        case 4: /* a piece of another sample */
        {
            const dgm_slice other = k->samples[kit_random(state) % k->sample_count].bytes;
            size_t there = other.len ? kit_random(state) % other.len : 0;
            if (some > other.len - there) some = other.len - there;
            if (some) memcpy(at + from, other.at + there, some);
            break;
        }
        default: len = from ? from : len; break;
        }
    }
    return len;
}

static bool harmless(kit *k, dgm_slice input, uint64_t seed)
{
    kit_reading a, b;
    kit_read(k, input, (kit_way){ .whole = true }, NULL, &a);
    kit_read(k, input, (kit_way){ .seed = seed }, NULL, &b);
    bool good = !kit_plainly_wrong(k, &a) && !kit_plainly_wrong(k, &b);
    if (good && a.sum != b.sum) {
        kit_found(k, "read in pieces it is another: %zu messages, %zu with a tree, %zu diagnostics instead of %zu, %zu and %zu%s",
                  b.messages, b.trees, b.told, a.messages, a.trees, a.told,
                  kit_told_otherwise(k, input, (kit_way){ .seed = seed }, &a));
        good = false;
    }
    if (good && !a.trees && !a.told && !blank(input)) kit_found(k, "nothing is read of it, and nothing is told"), good = false;
    kit_reading_free(&a);
    kit_reading_free(&b);
    return good;
}

void kit_part_mutations(kit *k)
{
    for (size_t i = 0; i < k->sample_count; i++) {
        const dgm_slice bytes = k->samples[i].bytes;
        const size_t room = bytes.len + 256;
        size_t wrong = 0;
        for (uint32_t n = 0; n < k->options->runs && wrong < 2; n++) {
            uint64_t state = k->options->seed ^ ((uint64_t)i << 32 | n);
            char *at = malloc(room);
            if (!at) kit_no_memory();
            size_t len = bytes.len;
            if (n % 8 == 7) {
                len = kit_random(&state) % (room < 512 ? room : 512);
                for (size_t c = 0; c < len; c++) at[c] = (char)kit_random(&state);
            } else {
                memcpy(at, bytes.at, len);
                len = damage(at, len, room, k, &state);
            }
            char *tight = realloc(at, len ? len : 1); /* so that a byte behind the end is nobody's */
            if (!tight) kit_no_memory();
            kit_step(k, i, "damage %u of seed %llu", n, (unsigned long long)k->options->seed);
            wrong += !harmless(k, (dgm_slice){ tight, len }, kit_random(&state) | 1);
            free(tight);
        }
    }
    kit_note(k, "seed %llu", (unsigned long long)k->options->seed);
}
