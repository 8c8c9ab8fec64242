/* SPDX-License-Identifier: Apache-2.0
 *
 * load_head.c - what a layout says of all its records: how they end, what cuts their fields, which character set, what is forgiven;
 * and what follows from the character set. One thread.
 */
#include "load.h"
#include "tokens.h"

const char dgm_flat_layout_keys[] =
    "message kind encoding unit ends last-end length separator quote trailing short unknown blank-lines "
    "heading tables continuation reference sender recipient records";

/* ---- ends ---- */

static void take_end(flat_loader *k, const dgm_yaml *n)
{
    static const struct {
        const char *name, *bytes;
    } known[] = { { "LF", "\n" }, { "CRLF", "\r\n" }, { "CR", "\r" } };
    dgm_flat_layout *l = k->l;
    dgm_slice end = { 0 };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (n->kind == DGM_YAML_TEXT && dgm_slice_is(n->text, known[i].name)) end = dgm_slice_of(known[i].bytes);
    if (!end.len && !dgm_flat_bytes(k, n, &end)) return;
    if (end.len > DGM_FLAT_END_BYTES || l->end_count == DGM_FLAT_ENDS_MAX) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_ENDS, n->text, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return;
    }
    l->ends[l->end_count++] = dgm_flat_copy(k, end);
}

static void take_ends(flat_loader *k)
{
    const dgm_yaml *n = dgm_yaml_get(k->head, "ends");
    if (!n) {
        k->l->ends[k->l->end_count++] = DGM_LITERAL("\r\n");
        k->l->ends[k->l->end_count++] = DGM_LITERAL("\n");
        return;
    }
    k->l->all = n->kind == DGM_YAML_TEXT && dgm_slice_is(n->text, "file");
    if (k->l->all || (n->kind == DGM_YAML_TEXT && dgm_slice_is(n->text, "none"))) return;
    if (n->kind == DGM_YAML_LIST)
        for (const dgm_yaml *m = n->first; m; m = m->next) take_end(k, m);
    else
        take_end(k, n);
}

/* ---- the character set ---- */

static bool every_byte_alone(dgm_charset *c, dgm_buffer *b)
{
    for (int v = 0; v < 256; v++) {
        char byte = (char)v;
        size_t bad;
        b->len = 0;
        if (dgm_charset_decode(c, (dgm_slice){ &byte, 1 }, b, &bad) != DGM_OK || b->len == 0) return false;
    }
    return true;
}

/* Bytes below 128 are the ASCII characters they look like, unless they are part of a longer character; and longer ones have a byte
 * that is not. */
static bool ascii_like(dgm_charset *c, dgm_buffer *b)
{
    static const char *const wide[] = { "\xE3\x81\x82", "\xE4\xB8\xAD", "\xEA\xB0\x80" };
    char all[95];
    size_t bad;
    for (size_t i = 0; i < sizeof all; i++) all[i] = (char)(' ' + i);
    b->len = 0;
    if (dgm_charset_decode(c, (dgm_slice){ all, sizeof all }, b, &bad) != DGM_OK) return false;
    if (!dgm_slice_equal(dgm_buffer_slice(b), (dgm_slice){ all, sizeof all })) return false;
    for (size_t i = 0; i < 3; i++) {
        b->len = 0;
        if (dgm_charset_encode(c, dgm_slice_of(wide[i]), b, &bad) == DGM_OK && dgm_ascii(dgm_buffer_slice(b))) return false;
    }
    return true;
}

static void encode_ends(flat_loader *k, dgm_charset *c, dgm_buffer *b, const dgm_yaml *n)
{
    bool alone = every_byte_alone(c, b);
    for (uint32_t i = 0; i < k->l->end_count; i++) {
        size_t bad;
        b->len = 0;
        dgm_status st = dgm_charset_encode(c, k->l->ends[i], b, &bad);
        if (st == DGM_NOMEM) k->status = st;
        bool safe = st == DGM_OK && b->len <= DGM_FLAT_END_BYTES && b->len > 0;
        for (size_t x = 0; x < b->len; x++) safe = safe && (alone || dgm_charset_direct(c) || (unsigned char)b->at[x] < 0x21);
        if (safe) k->l->ends[i] = dgm_flat_copy(k, dgm_buffer_slice(b));
        if (!safe && st != DGM_NOMEM)
            dgm_flat_fault(k, n ? n->mark : k->head->mark, DGM_D_FLAT_LAYOUT_END_SET, k->l->encoding, (dgm_slice){ 0 },
                           (dgm_slice){ 0 });
    }
}

static void take_encoding(flat_loader *k)
{
    dgm_flat_layout *l = k->l;
    const dgm_yaml *n = dgm_yaml_get(k->head, "encoding");
    dgm_slice name = DGM_LITERAL("UTF-8");
    if (n) dgm_flat_text(k, n, &name);
    const dgm_yaml_mark at = n ? n->mark : k->head->mark;
    l->encoding = dgm_flat_copy(k, name);
    l->utf8 = dgm_slice_is(name, "UTF-8");
    l->ascii = dgm_slice_is(name, "US-ASCII");
    l->direct = true;
    l->blank = ' ';
    if (l->utf8 || l->ascii) return;
    dgm_charset *c = NULL;
    dgm_status st = dgm_charset_open(&k->host->mem, name, &c);
    if (st == DGM_NOMEM) k->status = st;
    if (st != DGM_OK) {
        if (st != DGM_NOMEM)
            dgm_flat_fault(k, at, DGM_D_FLAT_LAYOUT_ENCODING, name, dgm_charset_nearest(&k->host->mem, name), (dgm_slice){ 0 });
        return;
    }
    dgm_buffer b;
    size_t bad;
    dgm_buffer_init(&b, &k->host->mem);
    l->direct = ascii_like(c, &b);
    b.len = 0;
    if (dgm_charset_encode(c, DGM_LITERAL("A"), &b, &bad) != DGM_OK || b.len != 1)
        dgm_flat_fault(k, at, DGM_D_FLAT_LAYOUT_WIDE, name, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    else
        encode_ends(k, c, &b, n);
    b.len = 0;
    if (dgm_charset_encode(c, DGM_LITERAL(" "), &b, &bad) == DGM_OK && b.len == 1) l->blank = b.at[0];
    dgm_buffer_free(&b);
    dgm_charset_free(c);
}

/* ---- one key ---- */

static void take_mark(flat_loader *k, const dgm_yaml *n, char *out)
{
    dgm_slice bytes;
    if (!dgm_flat_bytes(k, n, &bytes)) return;
    if (bytes.len == 1 && (unsigned char)bytes.at[0] < 0x80)
        *out = bytes.at[0];
    else
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TYPE, n->key, DGM_LITERAL("one character of ASCII"), (dgm_slice){ 0 });
}

static void take_quote(flat_loader *k, const dgm_yaml *n)
{
    k->l->quotes = !(n->kind == DGM_YAML_TEXT && dgm_slice_is(n->text, "none"));
    if (k->l->quotes) take_mark(k, n, &k->l->quote);
}

static void take_key(flat_loader *k, const dgm_yaml *n)
{
    dgm_flat_layout *l = k->l;
    dgm_slice text;
    int which;
    if (dgm_slice_is(n->key, "message") && dgm_flat_text(k, n, &text)) {
        l->message = dgm_flat_copy(k, text);
        if (!dgm_flat_name_like(text)) dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_NAME, n->key, text, (dgm_slice){ 0 });
    }
    if (dgm_slice_is(n->key, "kind") && (which = dgm_flat_word(k, n, "fixed delimited tokens")) >= 0) {
        l->delimited = which == 1;
        if (which == 2) l->tokens = DGM_NEW(&l->arena, dgm_flat_tokens, 1);
        if (which == 2 && !l->tokens) k->status = DGM_NOMEM;
    }
    if (dgm_slice_is(n->key, "last-end")) dgm_flat_bool(k, n, &l->last_end);
    if (dgm_slice_is(n->key, "length")) dgm_flat_number(k, n, 1, DGM_FLAT_COLUMNS_MAX, &l->length);
    l->lines = l->lines || (dgm_slice_is(n->key, "separator") && n->kind == DGM_YAML_TEXT && dgm_slice_is(n->text, "CRLF"));
    if (dgm_slice_is(n->key, "separator") && !l->lines) take_mark(k, n, &l->separator);
    if (dgm_slice_is(n->key, "quote")) take_quote(k, n);
    if (dgm_slice_is(n->key, "trailing") && (which = dgm_flat_word(k, n, "drop keep")) >= 0) l->trailing = which == 1;
    if (dgm_slice_is(n->key, "short") && (which = dgm_flat_word(k, n, "refuse accept")) >= 0) l->short_ok = which == 1;
    if (dgm_slice_is(n->key, "unknown") && (which = dgm_flat_word(k, n, "refuse keep skip")) >= 0)
        l->unknown = (dgm_flat_policy)which;
    if (dgm_slice_is(n->key, "blank-lines") && (which = dgm_flat_word(k, n, "refuse skip")) >= 0) l->skip_blank = which == 1;
    if (dgm_slice_is(n->key, "heading") && (which = dgm_flat_word(k, n, "none names")) >= 0) l->heading = which == 1;
    if (dgm_slice_is(n->key, "tables")) dgm_flat_bytes(k, n, &l->table_line);
}

static void missing(flat_loader *k, const char *key, const char *what)
{
    dgm_flat_fault(k, k->head->mark, DGM_D_FLAT_LAYOUT_MISSING, dgm_slice_of(key), dgm_slice_of(what), (dgm_slice){ 0 });
}

static void only_for(flat_loader *k, const char *key, bool good, const char *what)
{
    const dgm_yaml *n = dgm_yaml_get(k->head, key);
    if (n && !good) dgm_flat_fault(k, n->key_mark, DGM_D_FLAT_LAYOUT_ONLY, n->key, dgm_slice_of(what), (dgm_slice){ 0 });
}

/* Lines of ASCII, whatever else the characters are. */
static void settle_tokens(flat_loader *k)
{
    const dgm_yaml *n = dgm_yaml_get(k->head, "continuation"), *ends = dgm_yaml_get(k->head, "ends");
    if (n) take_mark(k, n, &k->l->tokens->continuation);
    bool lines = k->l->end_count > 0 && k->l->direct;
    for (uint32_t i = 0; i < k->l->end_count; i++)
        lines = lines && (dgm_slice_is(k->l->ends[i], "\n") || dgm_slice_is(k->l->ends[i], "\r\n"));
    if (!lines)
        dgm_flat_fault(k, ends ? ends->mark : k->head->mark, DGM_D_FLAT_LAYOUT_ONLY, DGM_LITERAL("ends"),
                       DGM_LITERAL("CRLF or LF, and the encoding like ASCII"), (dgm_slice){ 0 });
}

void dgm_flat_load_head(flat_loader *k)
{
    dgm_flat_layout *l = k->l;
    l->message = dgm_flat_copy(k, DGM_LITERAL("Message"));
    l->last_end = true;
    l->separator = ',';
    l->quote = '"';
    l->quotes = true;
    for (const dgm_yaml *n = k->head->first; n; n = n->next)
        if (dgm_flat_key(k, n, "a layout", dgm_flat_layout_keys)) take_key(k, n);
    if (!dgm_yaml_get(k->head, "kind")) missing(k, "kind", "fixed, delimited or tokens");
    const dgm_yaml *unit = dgm_yaml_get(k->head, "unit");
    int which = unit ? dgm_flat_word(k, unit, "bytes characters") : -1;
    l->characters = unit ? which == 1 : l->delimited;
    only_for(k, "separator", l->delimited, "delimited");
    only_for(k, "quote", l->delimited, "delimited");
    only_for(k, "trailing", l->delimited, "delimited");
    only_for(k, "heading", l->delimited, "delimited");
    only_for(k, "length", !l->delimited && !l->tokens, "fixed");
    only_for(k, "short", !l->delimited && !l->tokens, "fixed");
    only_for(k, "unit", !l->tokens, "fixed or delimited");
    only_for(k, "tables", !l->tokens, "fixed or delimited");
    only_for(k, "continuation", l->tokens != NULL, "tokens");
    if (!l->delimited || l->lines) l->quotes = false;
    if (l->lines) l->separator = '\n';
    if (l->all) only_for(k, "ends", !l->tokens, "CRLF or LF");
    take_ends(k);
    take_encoding(k);
    if (l->all && !l->lines) only_for(k, "ends", false, "with separator: CRLF, where it is file");
    if (l->lines && !l->all) missing(k, "ends", "file: fields that are lines leave no other end");
    if (l->end_count == 0 && !l->all && (l->delimited || !l->length || l->characters || l->table_line.len))
        missing(k, "length", "of records without an end, in bytes");
    if (l->tokens) settle_tokens(k);
    if (l->end_count) l->end_byte = l->ends[0].at[l->ends[0].len - 1];
    if (l->delimited && l->quotes && l->quote == l->separator)
        dgm_flat_fault(k, k->head->mark, DGM_D_FLAT_LAYOUT_ONLY, DGM_LITERAL("quote"),
                       DGM_LITERAL("another character than the separator"), (dgm_slice){ 0 });
}
