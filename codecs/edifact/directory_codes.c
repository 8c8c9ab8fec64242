/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_codes.c - code lists: is a code in the list of an element, and what is it called. A hash of the codes of each element,
 * made beforehand (make_directory.py; dgm_edi_code_index_make for directories that were added), answers in one or two reads.
 * Constant tables; any thread.
 *
 * The index, all numbers little-endian: counts of lists, slots and entries; the lists by element id (id of 8 bytes, first entry,
 * entries, first slot, bits of the hash); the entries by code (first 8 bytes of the code, offset of its line, first and last
 * directory, how many more of this code follow, length of the code); the slots of 16 bits (entry within the list + 1, or 0).
 */
#include "directory_text.h"

#include "base/slice.h"

enum { HEAD = 16, LIST = 24, ENTRY = 16, ID = 8, OF_VERSION_3 = 254, OF_VERSION_4 = 255, OF_BOOK = 1 };

static uint32_t u32(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* The first 8 bytes of a code as a number, whatever the byte order of the machine. */
static uint64_t word_of(dgm_slice code)
{
    unsigned char b[8] = { 0 };
    uint64_t w = 0;
    if (code.len) memcpy(b, code.at, code.len < 8 ? code.len : 8);
    for (int i = 8; i-- > 0;) w = w << 8 | b[i];
    return w;
}

/* All of the code counts, also what stands behind its first 8 bytes. */
static uint32_t slot_of(dgm_slice code, uint64_t word, uint32_t bits)
{
    for (size_t i = 8; i < code.len; i++) word = (word ^ (unsigned char)code.at[i]) * UINT64_C(0x100000001B3);
    return (uint32_t)(word * UINT64_C(0x9E3779B97F4A7C15) >> (64 - bits));
}

static bool list_of(dgm_slice index, dgm_slice text, dgm_slice element, dgm_edi_code_list *out)
{
    char id[ID] = { 0 };
    if (index.len < HEAD || element.len > ID) return false;
    if (element.len) memcpy(id, element.at, element.len);
    uint32_t lists = u32(index.at), low = 0, high = lists;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (memcmp(index.at + HEAD + (size_t)middle * LIST, id, ID) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const char *list = index.at + HEAD + (size_t)low * LIST, *entries = index.at + HEAD + (size_t)lists * LIST;
    if (low == lists || memcmp(list, id, ID) != 0) return false;
    out->entries = entries + (size_t)u32(list + 8) * ENTRY;
    out->entry_count = u32(list + 12);
    out->slots = entries + (size_t)u32(index.at + 8) * ENTRY + (size_t)u32(list + 16) * 2;
    out->bits = u32(list + 20);
    out->text = text;
    return true;
}

static bool entry_holds(const char *entry, uint8_t ordinal)
{
    return (unsigned char)entry[12] <= ordinal && ordinal <= (unsigned char)entry[13];
}

static bool any_holds(const dgm_edi_code_list *l)
{
    for (uint32_t i = 0; i < l->entry_count; i++)
        if (entry_holds(l->entries + (size_t)i * ENTRY, l->ordinal)) return true;
    return false;
}

bool dgm_edi_code_list_open(const dgm_edi_directory *d, dgm_slice element, dgm_edi_code_list *out)
{
    *out = (dgm_edi_code_list){ 0 };
    if (d->book && list_of(d->book->code_index, d->book->texts[DGM_EDI_CODES], element, out)) {
        out->ordinal = OF_BOOK;
        return true;
    }
    if (!list_of(dgm_edi_linked_code_index(), dgm_edi_linked(DGM_EDI_CODES), element, out)) return false;
    bool service = (unsigned char)out->entries[12] >= OF_VERSION_3;
    out->ordinal = service ? (d->syntax4 ? OF_VERSION_4 : OF_VERSION_3) : d->ordinal;
    if (service && !any_holds(out)) out->ordinal = OF_VERSION_4; /* an element of version 4 alone */
    if (any_holds(out)) return true;
    *out = (dgm_edi_code_list){ 0 };
    return false;
}

/* The first entry of a code, whatever it holds for, or NULL. */
static const char *entries_of(const dgm_edi_code_list *l, dgm_slice code)
{
    if (l->entry_count == 0 || code.len == 0 || code.len > 255) return NULL;
    uint64_t word = word_of(code);
    uint32_t mask = (1u << l->bits) - 1;
    for (uint32_t slot = slot_of(code, word, l->bits);; slot = (slot + 1) & mask) {
        const unsigned char *s = (const unsigned char *)l->slots + (size_t)slot * 2;
        uint32_t at = (uint32_t)s[0] | (uint32_t)s[1] << 8;
        if (at == 0) return NULL;
        const char *entry = l->entries + (size_t)(at - 1) * ENTRY;
        if (word_of((dgm_slice){ entry, 8 }) != word || (unsigned char)entry[15] != code.len) continue;
        dgm_edi_line line;
        if (code.len <= 8) return entry;
        if (dgm_edi_line_at(l->text, u32(entry + 8), &line, NULL) && dgm_slice_equal(dgm_slice_cut(line.key, ' ').tail, code))
            return entry;
    }
}

/* The entry that holds, or NULL. */
static const char *entry_of(const dgm_edi_code_list *l, dgm_slice code)
{
    const char *entry = entries_of(l, code);
    if (!entry) return NULL;
    for (uint32_t more = (unsigned char)entry[14];; more--, entry += ENTRY) {
        if (entry_holds(entry, l->ordinal)) return entry;
        if (more == 0) return NULL;
    }
}

bool dgm_edi_code_list_has(const dgm_edi_code_list *l, dgm_slice code)
{
    return entry_of(l, code) != NULL;
}

dgm_slice dgm_edi_code_list_name(const dgm_edi_code_list *l, dgm_slice code)
{
    dgm_edi_line line = { 0 };
    const char *entry = entry_of(l, code);
    if (entry) dgm_edi_line_at(l->text, u32(entry + 8), &line, NULL);
    return line.rest;
}

bool dgm_edi_code_list_each(const dgm_edi_code_list *l, size_t *cursor, dgm_slice *code, dgm_slice *name)
{
    for (; *cursor < l->entry_count; ++*cursor) {
        const char *entry = l->entries + *cursor * ENTRY;
        dgm_edi_line line;
        if (!entry_holds(entry, l->ordinal) || !dgm_edi_line_at(l->text, u32(entry + 8), &line, NULL)) continue;
        *code = dgm_slice_cut(line.key, ' ').tail;
        *name = line.rest;
        ++*cursor;
        return true;
    }
    *code = *name = (dgm_slice){ 0 };
    return false;
}

dgm_slice dgm_edi_code_name(const dgm_edi_directory *d, dgm_slice element, dgm_slice code)
{
    dgm_edi_code_list l;
    dgm_edi_directory four = *d;
    if (!dgm_edi_code_list_open(d, element, &l)) return (dgm_slice){ 0 };
    dgm_slice name = dgm_edi_code_list_name(&l, code);
    if (name.len || l.ordinal != OF_VERSION_3) return name;
    four.syntax4 = true; /* what only version 4 has is found in any */
    return dgm_edi_code_list_open(&four, element, &l) ? dgm_edi_code_list_name(&l, code) : (dgm_slice){ 0 };
}

bool dgm_edi_code_each(const dgm_edi_directory *d, dgm_slice element, size_t *cursor, dgm_slice *code, dgm_slice *name)
{
    dgm_edi_code_list l;
    dgm_edi_code_list_open(d, element, &l);
    return dgm_edi_code_list_each(&l, cursor, code, name);
}

dgm_slice dgm_edi_code_latest(dgm_slice element, dgm_slice code)
{
    dgm_edi_code_list l = { 0 };
    dgm_edi_line line = { 0 };
    list_of(dgm_edi_linked_code_index(), dgm_edi_linked(DGM_EDI_CODES), element, &l);
    const char *entry = entries_of(&l, code), *latest = entry;
    for (uint32_t more = entry ? (unsigned char)entry[14] : 0; more > 0; more--) {
        entry += ENTRY;
        if ((unsigned char)entry[13] > (unsigned char)latest[13]) latest = entry;
    }
    if (latest) dgm_edi_line_at(l.text, u32(latest + 8), &line, NULL);
    return line.rest;
}

/* ---- making the index of a directory that is added ---- */

typedef struct making {
    char *heads, *entries, *slots;
    uint32_t lists, entry_count, slot_count; /* made so far */
} making;

static void put32(char *p, uint32_t n)
{
    for (int i = 0; i < 4; i++) p[i] = (char)(unsigned char)(n >> 8 * i);
}

static uint32_t bits_for(uint32_t codes)
{
    uint32_t bits = 1;
    while (bits < 17 && (1u << bits) < 2 * codes) bits++;
    return bits;
}

/* Codes of the element whose first line is at `at`; *next is the offset behind the last. */
static uint32_t codes_at(dgm_slice text, size_t at, size_t *next)
{
    dgm_edi_line first, line;
    uint32_t n = 0;
    dgm_edi_line_at(text, at, &first, NULL);
    dgm_slice element = dgm_slice_cut(first.key, ' ').head;
    for (*next = at; dgm_edi_line_at(text, at, &line, &at) && dgm_slice_equal(dgm_slice_cut(line.key, ' ').head, element); n++)
        *next = at;
    return n;
}

static void make_list(making *m, dgm_slice text, size_t at, uint32_t n)
{
    dgm_edi_line line;
    uint32_t bits = bits_for(n), mask = (1u << bits) - 1;
    char *head = m->heads + (size_t)m->lists++ * LIST, *slots = m->slots + (size_t)m->slot_count * 2;
    dgm_edi_line_at(text, at, &line, NULL);
    dgm_slice element = dgm_slice_cut(line.key, ' ').head;
    memcpy(head, element.at, element.len);
    put32(head + 8, m->entry_count);
    put32(head + 12, n);
    put32(head + 16, m->slot_count);
    put32(head + 20, bits);
    for (uint32_t i = 0; i < n; i++) {
        char *entry = m->entries + (size_t)(m->entry_count + i) * ENTRY;
        uint32_t line_at = (uint32_t)at;
        dgm_edi_line_at(text, at, &line, &at);
        dgm_slice code = dgm_slice_cut(line.key, ' ').tail;
        if (code.len) memcpy(entry, code.at, code.len < 8 ? code.len : 8);
        put32(entry + 8, line_at);
        entry[12] = entry[13] = OF_BOOK;
        entry[15] = (char)(unsigned char)code.len;
        uint32_t slot = slot_of(code, word_of(code), bits);
        while (slots[slot * 2] || slots[slot * 2 + 1]) slot = (slot + 1) & mask;
        slots[slot * 2] = (char)(unsigned char)(i + 1);
        slots[slot * 2 + 1] = (char)(unsigned char)((i + 1) >> 8);
    }
    m->entry_count += n;
    m->slot_count += mask + 1;
}

dgm_status dgm_edi_code_index_make(dgm_arena *arena, dgm_slice text, dgm_slice *out)
{
    size_t lists = 0, entries = 0, slots = 0;
    *out = (dgm_slice){ 0 };
    if (text.len >= UINT32_MAX) return DGM_LIMIT;
    for (size_t at = 0; at < text.len;) {
        uint32_t n = codes_at(text, at, &at);
        if (n > DGM_EDI_CODES_MAX) return DGM_LIMIT;
        lists++;
        entries += n;
        slots += (size_t)1 << bits_for(n);
    }
    size_t bytes = HEAD + lists * LIST + entries * ENTRY + slots * 2;
    char *index = dgm_arena_new(arena, 1, 8, bytes);
    if (!index) return DGM_NOMEM;
    put32(index, (uint32_t)lists);
    put32(index + 4, (uint32_t)slots);
    put32(index + 8, (uint32_t)entries);
    making m = { .heads = index + HEAD, .entries = index + HEAD + lists * LIST };
    m.slots = m.entries + entries * ENTRY;
    for (size_t at = 0, next; at < text.len; at = next) make_list(&m, text, at, codes_at(text, at, &next));
    *out = (dgm_slice){ index, bytes };
    return DGM_OK;
}
