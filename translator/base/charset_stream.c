/* SPDX-License-Identifier: Apache-2.0
 *
 * charset_stream.c - whole inputs of other character sets into UTF-8, in pieces of any size, with a map from each character back to
 * the bytes it came from. What stands for nothing becomes U+FFFD, and the map tells which byte it was. A map belongs to one thread.
 */
#include "arena.h"
#include "charset.h"

#include <unicode/utf16.h>

/* What is being made: the map grows with the text. */
typedef struct stream {
    dgm_charset *set;
    dgm_buffer *out;
    dgm_charset_map *map;
    dgm_status status;
} stream;

static size_t characters_of(const dgm_charset_map *m, const dgm_charset_run *run)
{
    return (m->text_len - run->text) / run->text_width;
}

/* n characters of one width have been put behind the text. */
static void note(stream *s, size_t n, unsigned text_width, unsigned source_width, bool broken, unsigned char byte)
{
    dgm_charset_map *m = s->map;
    dgm_charset_run *last = m->count ? &m->runs[m->count - 1] : NULL;
    bool same = last && !broken && !last->broken && last->text_width == text_width && last->source_width == source_width &&
                last->source + characters_of(m, last) * source_width == m->source_len;
    if (!same) {
        void *runs = m->runs;
        dgm_status st = dgm_mem_reserve(&m->mem, &runs, &m->room, m->count + 1, sizeof *m->runs);
        m->runs = runs;
        if (st != DGM_OK) {
            s->status = st;
            return;
        }
        m->runs[m->count++] = (dgm_charset_run){ .text = (uint32_t)m->text_len,
                                                 .source = (uint32_t)m->source_len,
                                                 .text_width = (uint8_t)text_width,
                                                 .source_width = (uint8_t)source_width,
                                                 .broken = broken,
                                                 .byte = byte };
    }
    m->text_len += n * text_width;
    m->source_len += n * source_width;
}

static void put_point(stream *s, uint32_t point, size_t source_width, bool broken, unsigned char byte)
{
    char text[4];
    size_t n = dgm_utf8_put(point, text);
    dgm_status st = dgm_buffer_append(s->out, (dgm_slice){ text, n });
    if (st != DGM_OK) {
        s->status = st;
        return;
    }
    note(s, 1, (unsigned)n, (unsigned)(source_width > UINT8_MAX ? UINT8_MAX : source_width), broken, byte);
    if (source_width > UINT8_MAX) s->map->source_len += source_width - UINT8_MAX;
}

/* A stretch of bytes that are ASCII characters each; returns how many it was. */
static size_t put_ascii(stream *s, dgm_slice bytes)
{
    const dgm_charset *c = s->set;
    size_t n = 0;
    dgm_status st = dgm_buffer_reserve(s->out, bytes.len);
    if (st != DGM_OK) {
        s->status = st;
        return 0;
    }
    char *to = s->out->at + s->out->len;
    for (; n < bytes.len && c->table[(unsigned char)bytes.at[n]][3] == 1; n++)
        to[n] = (char)c->table[(unsigned char)bytes.at[n]][0];
    if (!n) return 0;
    s->out->len += n;
    note(s, n, 1, 1, false, 0);
    return n;
}

static void forget_held(dgm_charset *c, size_t n)
{
    if (n > c->held_len) n = c->held_len;
    for (size_t i = n; i < c->held_len && i < DGM_CHARSET_HELD_MAX; i++) c->held[i - n] = c->held[i];
    c->held_len -= n;
}

/* The first n bytes held stand for nothing. */
static void put_broken(stream *s, size_t n)
{
    dgm_charset *c = s->set;
    if (n == 0) n = 1;
    if (n > c->held_len) n = c->held_len;
    put_point(s, 0xFFFD, n, true, c->held[0]);
    forget_held(c, n);
}

static size_t pending(const dgm_charset *c)
{
    UErrorCode e = U_ZERO_ERROR;
    int32_t n = ucnv_toUCountPending(c->reader, &e);
    return U_SUCCESS(e) && n > 0 ? (size_t)n : 0;
}

static size_t invalid(const dgm_charset *c)
{
    char bad[32];
    int8_t n = (int8_t)sizeof bad;
    UErrorCode e = U_ZERO_ERROR;
    ucnv_getInvalidChars(c->reader, bad, &n, &e);
    return U_SUCCESS(e) && n > 0 ? (size_t)n : 0;
}

/* What the converter gives for bytes that are held already: `n` more are offered, which may be none. True: they were taken. */
static bool convert(stream *s, const unsigned char *bytes, size_t n, bool last)
{
    dgm_charset *c = s->set;
    UChar units[16] = { 0 };
    UChar *to = units;
    const char none = 0;
    const char *from = n ? (const char *)bytes : &none, *begin = from;
    UErrorCode e = U_ZERO_ERROR;
    ucnv_toUnicode(c->reader, &to, units + 16, &from, begin + n, NULL, last, &e);
    int32_t count = (int32_t)(to - units);
    bool taken = from != begin || n == 0;
    if (taken) c->held_len += n;
    size_t left = c->stateful ? pending(c) : 0, bad = U_FAILURE(e) ? invalid(c) : 0;
    size_t width = c->held_len > left + bad ? c->held_len - left - bad : 0;
    for (int32_t i = 0; i < count;) {
        uint32_t point = units[i++];
        if (U16_IS_LEAD(point) && i < count && U16_IS_TRAIL(units[i]))
            point = (uint32_t)U16_GET_SUPPLEMENTARY(point, units[i]), i++;
        put_point(s, point, width, false, 0);
        forget_held(c, width);
        width = 0;
    }
    if (e == U_MEMORY_ALLOCATION_ERROR) s->status = DGM_NOMEM;
    if (U_FAILURE(e)) {
        if (!taken && c->held_len == 0) { /* nothing was held and nothing is taken: the byte itself is meant */
            c->held_len = n;
            taken = true;
        }
        put_broken(s, bad);
    } else if (count == 0 && c->stateful && left == 0 && taken) {
        s->map->source_len += c->held_len; /* a shift: it stands for nothing itself */
        c->held_len = 0;
    }
    return taken;
}

/* One byte of a set whose characters have no memory of each other. What was held behind a broken character is looked at anew. */
static void step(stream *s, unsigned char byte)
{
    dgm_charset *c = s->set;
    unsigned char queue[DGM_CHARSET_HELD_MAX + 1] = { byte };
    size_t waiting = 1;
    while (waiting && s->status == DGM_OK) {
        byte = queue[--waiting];
        const unsigned char *t = c->table[byte];
        if (c->held_len == 0 && (t[3] || c->single)) {
            c->held[0] = byte;
            c->held_len = 1;
            if (t[3]) {
                put_point(s, dgm_utf8_next((dgm_slice){ (const char *)t, t[3] }).point, 1, false, 0);
                c->held_len = 0;
            } else {
                put_broken(s, 1);
            }
            continue;
        }
        uint64_t text = s->map->text_len;
        c->held[c->held_len < DGM_CHARSET_HELD_MAX ? c->held_len : DGM_CHARSET_HELD_MAX - 1] = byte;
        bool taken = convert(s, &byte, 1, false), made = s->map->text_len != text;
        if (!made) continue;
        /* A character ended here, whole or broken: whatever is left begins anew, without the converter's memory of it. */
        ucnv_resetToUnicode(c->reader);
        if (!taken) queue[waiting++] = byte;
        size_t left = c->held_len < DGM_CHARSET_HELD_MAX ? c->held_len : DGM_CHARSET_HELD_MAX;
        c->held_len = 0;
        while (left && waiting < sizeof queue) queue[waiting++] = c->held[--left];
    }
}

/* One byte of a set with shifts: the converter keeps what it knows, and gives back by itself what it took too early. */
static void step_stateful(stream *s, unsigned char byte)
{
    dgm_charset *c = s->set;
    for (int tries = 0; tries < 4 && s->status == DGM_OK; tries++) {
        if (c->held_len < DGM_CHARSET_HELD_MAX) c->held[c->held_len] = byte;
        if (convert(s, &byte, 1, false)) break;
    }
    for (int again = 0; again < DGM_CHARSET_HELD_MAX && s->status == DGM_OK && pending(s->set); again++) {
        size_t left = pending(c);
        convert(s, NULL, 0, false);
        if (pending(c) == left) break;
    }
}

static void finish(stream *s)
{
    dgm_charset *c = s->set;
    if (!c->single && (c->held_len || c->stateful)) convert(s, NULL, 0, true);
    if (c->held_len) put_broken(s, c->held_len);
    dgm_charset_reset(c);
}

dgm_status dgm_charset_decode_mapped(dgm_charset *c, dgm_slice bytes, bool last, dgm_buffer *out, dgm_charset_map *map)
{
    stream s = { c, out, map, DGM_OK };
    for (size_t at = 0; at < bytes.len && s.status == DGM_OK;) {
        if (c->held_len == 0 && !c->stateful) at += put_ascii(&s, dgm_slice_part(bytes, at, bytes.len));
        if (at == bytes.len || s.status != DGM_OK) break;
        unsigned char byte = (unsigned char)bytes.at[at++];
        if (c->stateful)
            step_stateful(&s, byte);
        else
            step(&s, byte);
    }
    if (last && s.status == DGM_OK) finish(&s);
    return s.status;
}

/* ---- the map --------------------------------------------------------------------------------------------------------------- */

void dgm_charset_map_init(dgm_charset_map *m, const dgm_mem *mem)
{
    *m = (dgm_charset_map){ .mem = mem ? *mem : dgm_mem_default() };
}

void dgm_charset_map_free(dgm_charset_map *m)
{
    dgm_mem_free(&m->mem, m->runs, m->room * sizeof *m->runs);
    m->runs = NULL;
    m->room = 0;
    dgm_charset_map_clear(m);
}

dgm_status dgm_charset_map_plain(dgm_charset_map *m, size_t n)
{
    stream s = { .map = m };
    note(&s, n, 1, 1, false, 0);
    return s.status;
}

void dgm_charset_map_skip(dgm_charset_map *m, size_t n)
{
    m->source_len += n;
}

void dgm_charset_map_clear(dgm_charset_map *m)
{
    m->count = 0;
    m->text_len = m->source_len = 0;
}

const dgm_charset_run *dgm_charset_map_at(const dgm_charset_map *m, size_t text)
{
    size_t low = 0, high = m->count;
    if (text >= m->text_len) return NULL;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (m->runs[middle].text <= text)
            low = middle;
        else
            high = middle;
    }
    return low < m->count ? &m->runs[low] : NULL;
}

size_t dgm_charset_map_source(const dgm_charset_map *m, size_t text)
{
    const dgm_charset_run *run = dgm_charset_map_at(m, text);
    return run ? run->source + (text - run->text) / run->text_width * run->source_width : (size_t)m->source_len;
}

size_t dgm_charset_map_drop(dgm_charset_map *m, size_t text)
{
    if (text > m->text_len) text = (size_t)m->text_len;
    if (text == 0) return 0;
    size_t source = dgm_charset_map_source(m, text);
    const dgm_charset_run *first = dgm_charset_map_at(m, text);
    size_t gone = first ? (size_t)(first - m->runs) : m->count;
    if (gone) memmove(m->runs, m->runs + gone, (m->count - gone) * sizeof *m->runs);
    m->count -= gone;
    for (size_t i = 0; i < m->count; i++) {
        bool cut = m->runs[i].text < text; /* the first only */
        m->runs[i].source = cut ? 0 : m->runs[i].source - (uint32_t)source;
        m->runs[i].text = cut ? 0 : m->runs[i].text - (uint32_t)text;
    }
    m->text_len -= text;
    m->source_len -= source;
    return source;
}
