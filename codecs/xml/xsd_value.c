/* SPDX-License-Identifier: Apache-2.0
 *
 * xsd_value.c - what a simple type says of a value (W3C XML Schema part 2), in the terms of a profile: a kind, a length or digits,
 * a class of characters, codes. What goes beyond them becomes a remark. One thread.
 */
#include "xsd.h"

/* The types of XML Schema itself. digits: what the range of a whole number comes to. */
static const struct {
    const char *name, *kind;
    uint32_t digits;
    bool whole, told; /* told: the profile does not check what such a value looks like */
} built_in[] = {
    { "string", "text", 0, false, false },
    { "normalizedString", "text", 0, false, false },
    { "token", "code", 0, false, false },
    { "anyURI", "text", 0, false, false },
    { "anySimpleType", "text", 0, false, false },
    { "anyAtomicType", "text", 0, false, false },
    { "decimal", "number", 0, false, false },
    { "integer", "number", 0, true, false },
    { "nonNegativeInteger", "number", 0, true, true },
    { "positiveInteger", "number", 0, true, true },
    { "nonPositiveInteger", "number", 0, true, true },
    { "negativeInteger", "number", 0, true, true },
    { "long", "number", 19, true, true },
    { "unsignedLong", "number", 20, true, true },
    { "int", "number", 10, true, true },
    { "unsignedInt", "number", 10, true, true },
    { "short", "number", 5, true, true },
    { "unsignedShort", "number", 5, true, true },
    { "byte", "number", 3, true, true },
    { "unsignedByte", "number", 3, true, true },
    { "boolean", "flag", 0, false, false },
    { "language", "code", 0, false, false },
    { "NMTOKEN", "code", 0, false, false },
    { "Name", "code", 0, false, false },
    { "NCName", "code", 0, false, false },
    { "ID", "id", 0, false, false },
    { "IDREF", "id", 0, false, false },
    { "float", "text", 0, false, true },
    { "double", "text", 0, false, true },
};

static bool ends(dgm_slice s, const char *with)
{
    size_t n = strlen(with);
    return s.len >= n && memcmp(s.at + s.len - n, with, n) == 0;
}

/* Core component types are known by their names: a code, an identifier. */
static void go_by_name(dgm_xsd_value *v, dgm_slice name)
{
    if (strcmp(v->kind, "text") != 0 && strcmp(v->kind, "code") != 0) return;
    if (ends(name, "CodeType") || dgm_slice_is(name, "Code"))
        v->kind = "code";
    else if (ends(name, "IDType") || ends(name, "IdentifierType"))
        v->kind = "id";
}

static void begin_with(dgm_xsd *x, uint32_t row, dgm_slice name, dgm_xsd_value *v)
{
    v->kind = "text";
    v->base = name;
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++) {
        if (!dgm_slice_is(name, built_in[i].name)) continue;
        v->kind = built_in[i].kind;
        v->whole = built_in[i].whole;
        v->digits = built_in[i].digits ? built_in[i].digits : DGM_NONE;
        if (built_in[i].told) dgm_xsd_remark_add(x, row, "a value of xs:%s: its range is not checked", built_in[i].name);
        return;
    }
    if (dgm_slice_is(name, "anyType"))
        dgm_xsd_remark_add(x, row, "may hold anything (xs:anyType); taken as text");
    else
        dgm_xsd_remark_add(x, row, "a value of xs:%.*s: its form is not checked", (int)name.len, name.at);
}

/* "{2,2}", "{1,15}", "{3}", "*", "+" behind a class. False: it is something else. */
static bool read_times(dgm_slice s, uint32_t *low, uint32_t *high)
{
    *low = 1, *high = DGM_NONE;
    if (dgm_slice_is(s, "+")) return true;
    *low = 0;
    if (dgm_slice_is(s, "*")) return true;
    if (s.len < 3 || s.at[0] != '{' || s.at[s.len - 1] != '}') return false;
    dgm_cut cut = dgm_slice_cut(dgm_slice_part(s, 1, s.len - 1), ',');
    if (!dgm_slice_count(cut.head, low)) return false;
    if (!cut.found) return *high = *low, true;
    return cut.tail.len == 0 || dgm_slice_count(cut.tail, high);
}

/* A pattern that is one class and a number of times is a class and a length; letters that must be capitals stay a remark. Exact:
 * nothing else has to be said of it. */
static bool take_pattern(dgm_xsd_value *v, dgm_slice pattern)
{
    static const struct {
        const char *text;
        char class;
        bool exact;
    } classes[] = { { "[0-9]", 'n', true },    { "\\d", 'n', true },        { "([0-9])", 'n', true },    { "[a-zA-Z]", 'a', true },
                    { "[A-Za-z]", 'a', true }, { "([a-zA-Z])", 'a', true }, { "[A-Z]", 'a', false },     { "[a-z]", 'a', false },
                    { "[A-Z0-9]", 0, false },  { "[a-zA-Z0-9]", 0, false }, { "[A-Za-z0-9]", 0, false }, { ".", 0, true } };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        size_t n = strlen(classes[i].text);
        uint32_t low, high;
        if (pattern.len <= n || memcmp(pattern.at, classes[i].text, n) != 0) continue;
        if (!read_times(dgm_slice_part(pattern, n, pattern.len), &low, &high)) continue;
        if (strcmp(v->kind, "number") == 0 || strcmp(v->kind, "flag") == 0) return false;
        if (classes[i].class) v->class = classes[i].class;
        if (low > v->low) v->low = low;
        if (high < v->high) v->high = high;
        return classes[i].exact;
    }
    return false;
}

/* The codes of one restriction, in place of those of its base. In one go, so that their number does not square. */
static void take_codes(dgm_xsd *x, dgm_xsd_value *v, const xmlNode *step)
{
    dgm_buffer all;
    dgm_buffer_init(&all, &x->mem);
    all.bytes_max = DGM_XSD_VALUES_MAX;
    dgm_status st = DGM_OK;
    bool lost = false, any = false;
    for (const xmlNode *f = dgm_xsd_next(step->children); f && dgm_xsd_step(x); f = dgm_xsd_next(f->next)) {
        if (!dgm_xsd_is(f, "enumeration")) continue;
        dgm_slice code = dgm_xsd_attribute(f, "value");
        any = true;
        lost = lost || code.len == 0;
        for (size_t i = 0; i < code.len && !lost; i++) lost = (unsigned char)code.at[i] <= ' ';
        if (!lost && st == DGM_OK && all.len) st = dgm_buffer_append(&all, DGM_LITERAL(" "));
        if (!lost && st == DGM_OK) st = dgm_buffer_append(&all, code);
    }
    if (st == DGM_NOMEM) x->no_memory = true;
    if (any) {
        v->values_lost = lost || st != DGM_OK;
        v->values = (dgm_slice){ "", 0 };
        if (!v->values_lost) v->values = dgm_arena_copy(&x->arena, dgm_buffer_slice(&all));
        if (!v->values.at) x->no_memory = true;
    }
    dgm_buffer_free(&all);
}

static void take_facet(dgm_xsd *x, uint32_t row, dgm_xsd_value *v, const xmlNode *facet)
{
    dgm_slice value = dgm_xsd_attribute(facet, "value");
    uint32_t n = 0;
    bool counted = dgm_slice_count(value, &n);
    const char *name = (const char *)facet->name;
    if (strcmp(name, "length") == 0 && counted) {
        v->low = v->high = n;
    } else if (strcmp(name, "minLength") == 0 && counted) {
        v->low = n;
    } else if (strcmp(name, "maxLength") == 0 && counted) {
        v->high = n;
    } else if (strcmp(name, "totalDigits") == 0 && counted) {
        v->digits = n;
    } else if (strcmp(name, "fractionDigits") == 0 && counted) {
        v->decimals = n;
    } else if (strcmp(name, "pattern") == 0) {
        if (!take_pattern(v, value)) dgm_xsd_remark_add(x, row, "pattern %.*s", (int)value.len, value.at);
    } else if (strcmp(name, "minInclusive") == 0 || strcmp(name, "maxInclusive") == 0 || strcmp(name, "minExclusive") == 0 ||
               strcmp(name, "maxExclusive") == 0) {
        dgm_xsd_remark_add(x, row, "%s %.*s", name, (int)value.len, value.at);
    } else if (strcmp(name, "assertion") == 0) {
        dgm_xsd_remark_add(x, row, "an assertion (XML Schema 1.1)");
    }
}

/* Members of a union that are all lists of codes are one list; anything else is text. */
static void take_union(dgm_xsd *x, uint32_t row, dgm_xsd_value *v, const xmlNode *of)
{
    *v = (dgm_xsd_value){ .kind = "text", .high = DGM_NONE, .digits = DGM_NONE, .decimals = DGM_NONE, .base = v->base };
    dgm_slice members = dgm_xsd_attribute(of, "memberTypes");
    bool all = true;
    while (members.len && dgm_xsd_step(x)) {
        dgm_cut cut = dgm_slice_cut(members, ' ');
        dgm_slice uri, name = dgm_xsd_qname(of, cut.head, &uri);
        members = dgm_slice_trim(cut.tail);
        const xmlNode *type = cut.head.len ? dgm_xsd_find(x, DGM_XSD_TYPE, uri, name) : NULL;
        const xmlNode *step = type ? dgm_xsd_child(type, "restriction") : NULL;
        dgm_xsd_value part = { .kind = "text" };
        if (step) take_codes(x, &part, step);
        all = all && part.values.len;
        if (v->values.len + part.values.len >= DGM_XSD_VALUES_MAX) {
            v->values = (dgm_slice){ "", 0 };
            v->values_lost = true;
            dgm_xsd_remark_add(x, row, "a union of several simple types; taken as text");
            return;
        }
        if (part.values.len)
            v->values = v->values.len ? dgm_arena_print(&x->arena, "%.*s %.*s", (int)v->values.len, v->values.at,
                                                        (int)part.values.len, part.values.at)
                                      : part.values;
        if (part.values.len && !v->values.at) x->no_memory = true;
    }
    if (all && v->values.len && !dgm_xsd_child(of, "simpleType")) {
        v->kind = "code";
        return;
    }
    v->values = (dgm_slice){ "", 0 };
    dgm_xsd_remark_add(x, row, "a union of several simple types; taken as text");
}

/* One step of a derivation, from the base down. */
static void take_step(dgm_xsd *x, uint32_t row, const xmlNode *type, dgm_xsd_value *v)
{
    const xmlNode *content = dgm_xsd_child(type, "simpleContent");
    const xmlNode *of = content ? content : type;
    const xmlNode *step = dgm_xsd_child(of, "restriction"), *list = dgm_xsd_child(of, "list"), *sum = dgm_xsd_child(of, "union");
    if (list) {
        *v = (dgm_xsd_value){ .kind = "text", .high = DGM_NONE, .digits = DGM_NONE, .decimals = DGM_NONE, .base = v->base };
        dgm_xsd_remark_add(x, row, "a list of values with blanks between; taken as one text");
    }
    if (sum) take_union(x, row, v, sum);
    if (step) {
        take_codes(x, v, step);
        for (const xmlNode *f = dgm_xsd_next(step->children); f && dgm_xsd_step(x); f = dgm_xsd_next(f->next))
            take_facet(x, row, v, f);
    }
    go_by_name(v, dgm_xsd_attribute(type, "name"));
}

void dgm_xsd_value_of(dgm_xsd *x, uint32_t row, const xmlNode *type, dgm_slice name, dgm_slice unread, dgm_xsd_value *out)
{
    const xmlNode *chain[DGM_XSD_CHAIN_MAX];
    uint32_t n = 0;
    *out = (dgm_xsd_value){ .kind = "text", .high = DGM_NONE, .digits = DGM_NONE, .decimals = DGM_NONE };
    dgm_slice bottom = name;
    while (type && n < DGM_XSD_CHAIN_MAX && dgm_xsd_step(x)) {
        chain[n++] = type;
        const xmlNode *content = dgm_xsd_child(type, "simpleContent"), *of = content ? content : type;
        const xmlNode *step = dgm_xsd_child(of, "restriction");
        if (!step) step = dgm_xsd_child(of, "extension");
        bottom = DGM_LITERAL("string");
        if (!step) break; /* a list, a union */
        const xmlNode *inner = dgm_xsd_child(step, "simpleType");
        bool own = false;
        if (!dgm_xsd_attribute(step, "base").len) {
            type = inner;
            continue;
        }
        type = dgm_xsd_resolve(x, step, "base", DGM_XSD_TYPE, &bottom, &own);
        if (type || own) continue;
        dgm_xsd_remark_add(x, row, "its type %.*s is in none of the schemas that were read; taken as text", (int)bottom.len,
                           bottom.at);
        unread = bottom;
        bottom = DGM_LITERAL("string");
    }
    if (type && n == DGM_XSD_CHAIN_MAX)
        dgm_xsd_wrong(x, type, DGM_D_XML_SCHEMA_CIRCLE, dgm_xsd_attribute(chain[0], "name"), (dgm_slice){ 0 });
    begin_with(x, row, bottom, out);
    go_by_name(out, unread);
    while (n--) take_step(x, row, chain[n], out);
    if (out->values_lost) dgm_xsd_remark_add(x, row, "only certain values, which a table cannot hold: blanks in them, or too many");
    bool text = strcmp(out->kind, "text") == 0;
    if (text && out->values.len) out->kind = "code";
}

dgm_slice dgm_xsd_value_format(dgm_xsd *x, uint32_t row, const dgm_xsd_value *v)
{
    dgm_slice format = DGM_LITERAL("-");
    bool number = strcmp(v->kind, "number") == 0 || strcmp(v->kind, "amount") == 0 || strcmp(v->kind, "quantity") == 0;
    uint32_t decimals = v->whole ? 0 : v->decimals;
    if (number && v->digits != DGM_NONE && v->digits > 0) {
        /* without a word on decimals all digits may stand behind the point */
        uint32_t most = decimals == DGM_NONE || decimals > v->digits ? v->digits : decimals;
        if (most > 254) most = 254;
        format = most ? dgm_arena_print(&x->arena, "n..%u,%u", v->digits, most) : dgm_arena_print(&x->arena, "n..%u", v->digits);
    } else if (number && v->whole) {
        dgm_xsd_remark_add(x, row, "whole numbers only");
    } else if (number && decimals != DGM_NONE) {
        dgm_xsd_remark_add(x, row, "fractionDigits %u", decimals);
    } else if (!number && strcmp(v->kind, "flag") != 0 && v->high != DGM_NONE && v->high > 0) {
        const char *class = v->class == 'a' ? "a" : v->class == 'n' ? "n" : "an";
        bool exact = v->low == v->high;
        format = dgm_arena_print(&x->arena, "%s%s%u", class, exact ? "" : "..", v->high);
        if (!exact && v->low > 1) dgm_xsd_remark_add(x, row, "minLength %u", v->low);
    } else if (!number && strcmp(v->kind, "flag") != 0) {
        if (v->low > 1) dgm_xsd_remark_add(x, row, "minLength %u", v->low);
        if (v->class) dgm_xsd_remark_add(x, row, v->class == 'n' ? "digits only" : "letters only");
    }
    if (!format.at) x->no_memory = true;
    return format;
}
