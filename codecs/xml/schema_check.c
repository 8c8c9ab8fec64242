/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_check.c - one document after the other held against a compiled XML Schema: the events of a parser go to libxml2's
 * validator, what it says becomes codes of ours. It never sees xsi:schemaLocation, so a document cannot name a schema. One thread.
 */
#include "schema.h"

#include <stdio.h>

static const char XSI[] = "http://www.w3.org/2001/XMLSchema-instance";

void dgm_xml_check_init(dgm_xml_check *k, const dgm_mem *mem, void (*say)(void *ctx, const dgm_xml_said *said), void *ctx)
{
    *k = (dgm_xml_check){ .mem = *mem, .say = say, .ctx = ctx };
}

/* ---- what it says ---- */

static dgm_diag_code code_of(int number)
{
    switch (number) {
    case XML_SCHEMAV_CVC_ELT_1: return DGM_D_XML_XSD_ROOT;
    case XML_SCHEMAV_ELEMENT_CONTENT: return DGM_D_XML_XSD_ELEMENT;
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2:
    case XML_SCHEMAV_CVC_TYPE_3_1_1: return DGM_D_XML_XSD_ATTRIBUTE;
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_4: return DGM_D_XML_XSD_ATTRIBUTE_MISSING;
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_2:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_4:
    case XML_SCHEMAV_CVC_TYPE_3_1_2:
    case XML_SCHEMAV_CVC_ELT_3_1:
    case XML_SCHEMAV_CVC_ELT_3_2_1:
    case XML_SCHEMAV_CVC_ELT_3_2_2: return DGM_D_XML_XSD_CONTENT;
    case XML_SCHEMAV_CVC_IDC: return DGM_D_XML_XSD_KEY;
    case XML_SCHEMAV_CVC_ATTRIBUTE_3:
    case XML_SCHEMAV_CVC_ATTRIBUTE_4:
    case XML_SCHEMAV_CVC_AU:
    case XML_SCHEMAV_CVC_ELT_5_2_2_2_1:
    case XML_SCHEMAV_CVC_ELT_5_2_2_2_2:
    case XML_SCHEMAV_CVC_ENUMERATION_VALID: return DGM_D_XML_XSD_VALUE;
    default: break;
    }
    bool value = number >= XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1 && number <= XML_SCHEMAV_CVC_ENUMERATION_VALID;
    return value ? DGM_D_XML_XSD_VALUE : DGM_D_XML_XSD_RULE;
}

/* The text behind `mark` in quotes, and what follows them; a name without its namespace. */
static bool quoted(dgm_slice *rest, const char *mark, dgm_slice *name)
{
    size_t n = strlen(mark);
    if (rest->len < n || memcmp(rest->at, mark, n) != 0) return false;
    dgm_slice inner = dgm_slice_part(*rest, n, rest->len);
    const char *brace = inner.len && inner.at[0] == '{' ? memchr(inner.at, '}', inner.len) : NULL; /* a namespace may have quotes */
    size_t from = brace ? (size_t)(brace - inner.at) + 1 : 0;
    const char *end = memchr(inner.at + from, '\'', inner.len - from);
    if (!end) return false;
    *name = dgm_slice_part(inner, from, (size_t)(end - inner.at));
    *rest = dgm_slice_part(inner, (size_t)(end - inner.at) + 1, inner.len);
    return true;
}

/* "one of ( {urn:a}B, {urn:a}C )." as "B, C". */
static dgm_slice expected(dgm_slice list, char *room, size_t size)
{
    size_t n = 0;
    const char *open = list.len ? memchr(list.at, '(', list.len) : NULL;
    for (const char *at = open ? open + 1 : list.at + list.len; at < list.at + list.len && n + 4 < size; at++) {
        const char *end = *at == '{' ? memchr(at, '}', (size_t)(list.at + list.len - at)) : NULL;
        if (end)
            at = end;
        else
            room[n++] = *at;
    }
    dgm_slice text = dgm_slice_trim((dgm_slice){ room, n });
    while (text.len && (text.at[text.len - 1] == '.' || text.at[text.len - 1] == ')' || text.at[text.len - 1] == ' ')) text.len--;
    return text;
}

/* Short enough for a diagnostic: what is wrong stands first, and what was expected last. */
static dgm_slice shorten(dgm_slice s, char *room, size_t size)
{
    enum { HEAD = 100, TAIL = 140 };
    if (s.len <= HEAD + TAIL) return s;
    size_t head = dgm_utf8_head(dgm_slice_part(s, 0, HEAD), HEAD), from = s.len - TAIL;
    while (from < s.len && ((unsigned char)s.at[from] & 0xC0) == 0x80) from++;
    int n = snprintf(room, size, "%.*s … %.*s", (int)head, s.at, (int)(s.len - from), s.at + from);
    return (dgm_slice){ room, n > 0 && (size_t)n < size ? (size_t)n : 0 };
}

/* "Element '{ns}Name', attribute 'x': [facet 'length'] The value …\n" in its parts. */
static void take_apart(const char *message, dgm_xml_said *s, char *room, size_t size)
{
    dgm_slice rest = dgm_slice_trim(dgm_slice_of(message)), facet;
    const char *list;
    if (quoted(&rest, "Element '", &s->name)) {
        quoted(&rest, ", attribute '", &s->attribute);
        while (rest.len && (rest.at[0] == ':' || rest.at[0] == ' ')) rest = dgm_slice_part(rest, 1, rest.len);
    }
    if (quoted(&rest, "[facet '", &facet)) rest = dgm_slice_trim(dgm_slice_part(rest, 1, rest.len));
    if (s->code == DGM_D_XML_XSD_ELEMENT) {
        if (rest.len > 7 && memcmp(rest.at, "Missing", 7) == 0) s->code = DGM_D_XML_XSD_MISSING;
        list = memmem(rest.at, rest.len, "Expected is", 11);
        dgm_slice names = { 0 };
        if (list) names = expected(dgm_slice_part(rest, (size_t)(list - rest.at), rest.len), room, size);
        s->what = names.len ? names : DGM_LITERAL("nothing more");
        return;
    }
    dgm_slice word = rest;
    bool named = s->code == DGM_D_XML_XSD_ATTRIBUTE || s->code == DGM_D_XML_XSD_ATTRIBUTE_MISSING;
    if (named && !s->attribute.len) quoted(&word, "The attribute '", &s->attribute);
    s->what = shorten(rest, room, size);
    if (s->what.len && s->what.at[s->what.len - 1] == '.') s->what.len--;
}

#if LIBXML_VERSION >= 21200
static void on_error(void *ctx, const xmlError *e)
#else
static void on_error(void *ctx, xmlErrorPtr e)
#endif
{
    dgm_xml_check *k = ctx;
    if (!e || !k->live || k->muted || e->level < XML_ERR_ERROR) return;
    if (e->code == XML_ERR_NO_MEMORY) {
        k->no_memory = true;
        k->live = false;
        return;
    }
    /* "… is not a valid value of the type" behind the facet that says why */
    bool again = k->facet && e->code >= XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1 && e->code <= XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_3;
    k->facet = e->code >= XML_SCHEMAV_CVC_FACET_VALID && e->code <= XML_SCHEMAV_CVC_ENUMERATION_VALID;
    if (again) return;
    char room[512];
    dgm_xml_said said = { .code = code_of(e->code) };
    if (++k->errors > DGM_XML_CHECK_ERRORS) {
        said.code = DGM_D_XML_XSD_MANY;
        k->muted = true;
        k->live = k->goes_on;
    } else {
        take_apart(e->message ? e->message : "", &said, room, sizeof room);
    }
    k->say(k->ctx, &said);
}

/* ---- documents ---- */

dgm_status dgm_xml_check_begin(dgm_xml_check *k, xmlSchemaPtr schema)
{
    dgm_xml_check_over(k);
    if (k->valid && k->schema != schema) {
        xmlSchemaFreeValidCtxt(k->valid);
        k->valid = NULL;
    }
    k->schema = schema;
    k->errors = k->depth = 0;
    k->no_memory = k->muted = k->goes_on = false;
    if (!k->valid) k->valid = xmlSchemaNewValidCtxt(schema);
    if (!k->valid) return DGM_NOMEM;
    xmlSchemaSetValidStructuredErrors(k->valid, on_error, k);
    k->sax = NULL; /* no handler beside the validator's own */
    k->user = NULL;
    k->plug = xmlSchemaSAXPlug(k->valid, &k->sax, &k->user);
    if (!k->plug) return DGM_NOMEM;
    k->live = true;
    return DGM_OK;
}

void dgm_xml_check_message(dgm_xml_check *k)
{
    k->goes_on = true;
    k->muted = false;
    k->errors = 0;
}

void dgm_xml_check_over(dgm_xml_check *k)
{
    static const xmlChar name[] = "-";
    k->live = false;
    /* What is open is closed, so that the validator lets go of what it keeps for it: libxml2 does not when it is stopped within. */
    for (; k->plug && k->depth; k->depth--) k->sax->endElementNs(k->user, name, NULL, NULL);
    if (k->plug) xmlSchemaSAXUnplug(k->plug);
    k->plug = NULL;
}

void dgm_xml_check_free(dgm_xml_check *k)
{
    dgm_xml_check_over(k);
    if (k->valid) xmlSchemaFreeValidCtxt(k->valid);
    k->valid = NULL;
    dgm_mem_free(&k->mem, k->list, k->list_room * sizeof *k->list);
    k->list = NULL;
    k->list_room = 0;
}

static bool names_schema(const xmlChar *const *a)
{
    if (!a[2] || strcmp((const char *)a[2], XSI) != 0) return false;
    return strcmp((const char *)a[0], "schemaLocation") == 0 || strcmp((const char *)a[0], "noNamespaceSchemaLocation") == 0;
}

/* The attributes without those that name a schema, in a list of our own: the parser's is still wanted. */
static bool without_locations(dgm_xml_check *k, const xmlChar **list, int *attributes)
{
    void *room = k->list;
    size_t n = 0;
    dgm_status st = dgm_mem_reserve(&k->mem, &room, &k->list_room, (size_t)*attributes * 5, sizeof *k->list);
    k->list = room;
    if (st != DGM_OK) {
        k->no_memory = true;
        k->live = false;
        return false;
    }
    for (int i = 0; i < *attributes; i++) {
        const xmlChar **a = list + (ptrdiff_t)i * 5;
        if (names_schema(a)) continue;
        for (size_t j = 0; j < 5; j++) k->list[n * 5 + j] = a[j];
        n++;
    }
    *attributes = (int)n;
    return true;
}

void dgm_xml_check_start(dgm_xml_check *k, const dgm_xml_tag *t)
{
    const xmlChar **list = t->list;
    int attributes = t->attributes;
    k->facet = false;
    for (int i = 0; i < t->attributes; i++) {
        if (!names_schema(t->list + (ptrdiff_t)i * 5)) continue;
        if (!without_locations(k, t->list, &attributes)) return;
        list = k->list;
        break;
    }
    k->depth++;
    k->sax->startElementNs(k->user, t->local, t->prefix, t->uri, t->namespaces, t->declared, attributes, t->defaulted, list);
}

void dgm_xml_check_text(dgm_xml_check *k, const xmlChar *text, int n)
{
    k->facet = false;
    k->sax->characters(k->user, text, n);
}

void dgm_xml_check_end(dgm_xml_check *k, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    k->facet = false;
    if (k->depth) k->depth--;
    k->sax->endElementNs(k->user, local, prefix, uri);
}
