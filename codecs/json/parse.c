/* SPDX-License-Identifier: Apache-2.0
 *
 * parse.c - JSON text (RFC 8259) to tokens: no recursion, one pass, strict. One thread at a time.
 */
#include "json.h"
#include "base/utf8.h"

/* A document nests two containers (object, array) for each level of its model, and the envelope. */
enum { DEPTH_MAX = 2 * DGM_DEPTH_MAX + 2 };

typedef struct parser {
    const dgm_mem *mem;
    const dgm_limits *limits;
    dgm_json_text *text;
    dgm_json_fault *fault;
    const char *begin, *at, *end;
    uint32_t open[DEPTH_MAX]; /* containers, and the last child of each */
    uint32_t last[DEPTH_MAX];
    uint32_t depth;
} parser;

static dgm_status fault_at(parser *p, dgm_diag_code code, const char *at, size_t bytes, const char *wanted, int64_t number)
{
    *p->fault = (dgm_json_fault){ code, (uint64_t)(at - p->begin), bytes, wanted, number };
    return wanted || number == 0 ? DGM_SYNTAX : DGM_LIMIT;
}

static dgm_status wanted(parser *p, const char *what)
{
    if (p->at == p->end) return fault_at(p, DGM_D_JSON_TRUNCATED, p->at, 0, what, 0);
    return fault_at(p, DGM_D_JSON_SYNTAX, p->at, 1, what, 0);
}

static void skip_blanks(parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r')) p->at++;
}

/* ---- strings ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* The four digits behind "\u", or -1. */
static int32_t hex4(const char *at, const char *end)
{
    int32_t value = 0;
    if (end - at < 4) return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(at[i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* At a backslash; goes behind the escape. */
static dgm_status escape(parser *p)
{
    const char *from = p->at;
    if (p->end - from < 2) {
        p->at = p->end;
        return wanted(p, "the rest of a string");
    }
    if (from[1] != 'u') {
        if (!strchr("\"\\/bfnrt", from[1]) || from[1] == '\0') return fault_at(p, DGM_D_JSON_STRING_ESCAPE, from, 2, NULL, 0);
        p->at += 2;
        return DGM_OK;
    }
    int32_t unit = hex4(from + 2, p->end);
    if (unit < 0) return fault_at(p, DGM_D_JSON_STRING_ESCAPE, from, 2, NULL, 0);
    p->at += 6;
    if (unit < 0xD800 || unit > 0xDFFF) return DGM_OK;
    int32_t low = p->end - p->at >= 6 && p->at[0] == '\\' && p->at[1] == 'u' ? hex4(p->at + 2, p->end) : -1;
    if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF) return fault_at(p, DGM_D_JSON_STRING_SURROGATE, from, 6, NULL, 0);
    p->at += 6;
    return DGM_OK;
}

/* At the opening quote; raw is what stands between the quotes. */
static dgm_status string(parser *p, uint32_t *at, uint32_t *len, bool *escaped)
{
    const char *from = ++p->at;
    *escaped = false;
    for (;;) {
        while (p->at < p->end && *p->at != '"' && *p->at != '\\' && (unsigned char)*p->at >= 0x20) p->at++;
        if (p->at == p->end) return wanted(p, "the end of a string");
        if (*p->at == '"') break;
        if (*p->at != '\\') return fault_at(p, DGM_D_JSON_STRING_CONTROL, p->at, 1, NULL, 0);
        *escaped = true;
        dgm_status st = escape(p);
        if (st != DGM_OK) return st;
    }
    *at = (uint32_t)(from - p->begin);
    *len = (uint32_t)(p->at++ - from);
    return DGM_OK;
}

dgm_status dgm_json_unescape(dgm_slice raw, dgm_buffer *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *at = raw.at, *end = raw.at + raw.len;
    dgm_status st = dgm_buffer_reserve(out, raw.len); /* an escape is never shorter than what it stands for */
    while (st == DGM_OK && at < end) {
        const char *hit = memchr(at, '\\', (size_t)(end - at));
        if (!hit) hit = end;
        st = dgm_buffer_append(out, (dgm_slice){ at, (size_t)(hit - at) });
        if (hit == end || st != DGM_OK) break;
        char utf8[4];
        size_t n = 1;
        at = hit + 2;
        if (hit[1] == 'u') {
            uint32_t point = (uint32_t)hex4(at, end);
            at += 4;
            if (point >= 0xD800 && point <= 0xDBFF) {
                point = 0x10000 + ((point - 0xD800) << 10) + ((uint32_t)hex4(at + 2, end) - 0xDC00);
                at += 6;
            }
            n = dgm_utf8_put(point, utf8);
        } else {
            utf8[0] = to[strchr(from, hit[1]) - from];
        }
        st = dgm_buffer_append(out, (dgm_slice){ utf8, n });
    }
    return st;
}

/* ---- numbers and words ---- */

static const char *digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9') at++;
    return at;
}

/* Behind the number at `at` without its exponent, or NULL. */
static const char *number_end(const char *at, const char *end)
{
    if (at < end && *at == '-') at++;
    const char *whole = at;
    at = digits(at, end);
    if (at == whole || (*whole == '0' && at - whole > 1)) return NULL;
    if (at < end && *at == '.') {
        const char *fraction = ++at;
        at = digits(at, end);
        if (at == fraction) return NULL;
    }
    return at;
}

bool dgm_json_number(dgm_slice text)
{
    return text.len && number_end(text.at, text.at + text.len) == text.at + text.len;
}

static dgm_status number(parser *p, dgm_json_token *t)
{
    const char *from = p->at, *at = number_end(from, p->end);
    if (at && at < p->end && (*at == 'e' || *at == 'E')) {
        const char *exponent = ++at;
        if (at < p->end && (*at == '+' || *at == '-')) exponent = ++at;
        at = digits(at, p->end);
        if (at == exponent) at = NULL;
    }
    if (!at || (at < p->end && (*at == '.' || *at == '+' || *at == '-' || (*at >= '0' && *at <= '9')))) {
        const char *end = from;
        while (end < p->end && strchr("+-.eE0123456789", *end) && *end) end++;
        return fault_at(p, DGM_D_JSON_NUMBER_SYNTAX, from, (size_t)(end - from), NULL, 0);
    }
    t->kind = DGM_JSON_NUMBER;
    t->len = (uint32_t)(at - from);
    p->at = at;
    return DGM_OK;
}

static bool word(parser *p, const char *text, dgm_json_token *t, dgm_json_kind kind)
{
    size_t n = strlen(text);
    if ((size_t)(p->end - p->at) < n || memcmp(p->at, text, n) != 0) return false;
    t->kind = (uint8_t)kind;
    t->len = (uint32_t)n;
    p->at += n;
    return true;
}

/* ---- structure ---- */

static dgm_status add_token(parser *p, const dgm_json_token *t, uint32_t *id)
{
    dgm_json_text *x = p->text;
    uint64_t most = (uint64_t)p->limits->nodes_max * 2 + 64; /* arrays and the envelope are no nodes */
    if (x->count >= most || x->count == DGM_JSON_NONE)
        return fault_at(p, DGM_D_JSON_LIMIT_NODES, p->at, 0, NULL, p->limits->nodes_max);
    void *tokens = x->tokens;
    dgm_status st = dgm_mem_reserve(p->mem, &tokens, &x->room, (size_t)x->count + 1, sizeof *t);
    x->tokens = tokens;
    if (st != DGM_OK) return st;
    *id = x->count++;
    x->tokens[*id] = *t;
    if (p->depth) { /* hang it behind its elder sibling */
        uint32_t above = p->open[p->depth - 1], elder = p->last[p->depth - 1];
        if (elder == DGM_JSON_NONE)
            x->tokens[above].len = *id;
        else
            x->tokens[elder].next = *id;
        p->last[p->depth - 1] = *id;
    }
    return DGM_OK;
}

/* A value at p->at; a container stays open. */
static dgm_status value(parser *p, dgm_json_token *t)
{
    t->at = (uint32_t)(p->at - p->begin);
    t->next = t->slot = DGM_JSON_NONE;
    dgm_status st = DGM_OK;
    char c = p->at < p->end ? *p->at : '\0';
    uint32_t id;
    if (c == '{' || c == '[') {
        uint32_t most = p->limits->depth_max * 2 + 2;
        if (p->depth >= DEPTH_MAX || p->depth >= most) return fault_at(p, DGM_D_JSON_LIMIT_DEPTH, p->at, 1, NULL, most);
        t->kind = c == '{' ? DGM_JSON_OBJECT : DGM_JSON_ARRAY;
        t->len = DGM_JSON_NONE;
        st = add_token(p, t, &id);
        if (st != DGM_OK) return st;
        p->open[p->depth] = id;
        p->last[p->depth++] = DGM_JSON_NONE;
        p->at++;
        return DGM_OK;
    }
    if (c == '"') {
        t->kind = DGM_JSON_STRING;
        st = string(p, &t->at, &t->len, &t->escaped);
    } else if (c == '-' || (c >= '0' && c <= '9')) {
        st = number(p, t);
    } else if (!word(p, "true", t, DGM_JSON_TRUE) && !word(p, "false", t, DGM_JSON_FALSE) && !word(p, "null", t, DGM_JSON_NULL)) {
        return wanted(p, "a value");
    }
    return st == DGM_OK ? add_token(p, t, &id) : st;
}

/* "key": of a member. */
static dgm_status key(parser *p, dgm_json_token *t)
{
    uint32_t len;
    if (p->at == p->end || *p->at != '"') return wanted(p, "a key in quotes");
    const char *from = p->at;
    dgm_status st = string(p, &t->key_at, &len, &t->key_escaped);
    if (st != DGM_OK) return st;
    if (len > p->limits->name_bytes_max || len > UINT16_MAX)
        return fault_at(p, DGM_D_JSON_LIMIT_NAME, from, len, NULL, p->limits->name_bytes_max);
    t->key_len = (uint16_t)len;
    skip_blanks(p);
    if (p->at == p->end || *p->at != ':') return wanted(p, "a colon");
    p->at++;
    skip_blanks(p);
    return DGM_OK;
}

/* Between values: closes what ends here. True when a value (or member) follows. */
static dgm_status between(parser *p, bool *more)
{
    for (*more = false; p->depth;) {
        bool object = p->text->tokens[p->open[p->depth - 1]].kind == DGM_JSON_OBJECT,
             first = p->last[p->depth - 1] == DGM_JSON_NONE;
        skip_blanks(p);
        char c = p->at < p->end ? *p->at : '\0';
        if (c == (object ? '}' : ']')) {
            p->at++;
            p->depth--;
            continue;
        }
        if (!first && c != ',') return wanted(p, object ? "a comma or }" : "a comma or ]");
        if (!first) p->at++;
        skip_blanks(p);
        *more = true;
        return DGM_OK;
    }
    return DGM_OK;
}

dgm_status dgm_json_parse(const dgm_mem *mem, const dgm_limits *limits, dgm_slice bytes, dgm_json_text *out, dgm_json_fault *fault)
{
    parser p = { .mem = mem, .limits = limits, .text = out, .fault = fault, .begin = bytes.at, .at = bytes.at };
    out->bytes = bytes;
    out->count = 0;
    if (bytes.len == 0) p.begin = p.at = "";
    p.end = p.at + bytes.len;
    size_t bad = dgm_utf8_check(bytes);
    if (bad < bytes.len) return fault_at(&p, DGM_D_JSON_UTF8, p.begin + bad, 1, NULL, 0);
    if (bytes.len >= 3 && memcmp(bytes.at, "\xEF\xBB\xBF", 3) == 0) p.at += 3;
    skip_blanks(&p);
    if (p.at == p.end) return fault_at(&p, DGM_D_JSON_EMPTY, p.at, 0, NULL, 0);
    dgm_json_token first = { 0 };
    dgm_status st = value(&p, &first);
    while (st == DGM_OK) {
        bool more;
        st = between(&p, &more);
        if (st != DGM_OK || !more) break;
        dgm_json_token t = { 0 };
        if (out->tokens[p.open[p.depth - 1]].kind == DGM_JSON_OBJECT) st = key(&p, &t);
        if (st == DGM_OK) st = value(&p, &t);
    }
    if (st != DGM_OK) return st;
    skip_blanks(&p);
    return p.at == p.end ? DGM_OK : fault_at(&p, DGM_D_JSON_TRAILING, p.at, 1, NULL, 0);
}
