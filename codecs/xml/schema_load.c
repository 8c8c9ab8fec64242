/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_load.c - compiles the XML Schema of a format. Files come from the format's source alone: never from a network, never with
 * a DTD. Any thread; the first that asks compiles, the others wait for it.
 */
#include "schema.h"

#include <libxml/parser.h>
#include <libxml/schemasInternals.h>
#include <libxml/uri.h>
#include <libxml/xmlIO.h>
#include <libxml/xmlschemastypes.h>
#include <stdio.h>

enum { FILES_MAX = 512, BYTES_MAX = 64 << 20 };

typedef struct loading {
    dgm_xml_schema *schema;
    dgm_arena arena;
    dgm_slice *roots; /* paths of the files that the format names */
    size_t root_count;
    uint32_t files;
    size_t bytes;
    bool no_memory, file_failed;
    xmlParserInputBufferCreateFilenameFunc others; /* who opened files before */
    char why[512];                                 /* the first thing that is wrong */
} loading;

/* libxml2 asks for a file with its name alone. The question is put to the thread that compiles, and only while it does. */
static _Thread_local loading *compiling;

static pthread_once_t types_once = PTHREAD_ONCE_INIT;

/* libxml2 makes its table of built-in types when it is first wanted, without a lock. */
static void make_types(void)
{
    xmlInitParser();
    xmlSchemaInitTypes();
}

static void note(loading *l, const char *first, dgm_slice second, const char *third)
{
    if (l->why[0]) return;
    if (second.len > 300) second.len = dgm_utf8_head(dgm_slice_part(second, 0, 300), 300);
    snprintf(l->why, sizeof l->why, "%s%.*s%s", first, (int)second.len, second.len ? second.at : "", third);
}

/* ---- files ---- */

/* A schema that begins with a DOCTYPE could declare entities; what is no ASCII up to its first element is not looked through. */
static const char *unfit(dgm_slice s)
{
    size_t i = s.len >= 3 && memcmp(s.at, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    for (;;) {
        while (i < s.len && (s.at[i] == ' ' || s.at[i] == '\t' || s.at[i] == '\r' || s.at[i] == '\n')) i++;
        if (i + 1 >= s.len || s.at[i] != '<') return "it is not XML in UTF-8 or a set that has ASCII in it";
        bool comment = i + 4 <= s.len && memcmp(s.at + i, "<!--", 4) == 0;
        if (!comment && s.at[i + 1] == '!') return "it has a DOCTYPE, which is not read";
        if (!comment && s.at[i + 1] != '?') return NULL;
        const char *mark = comment ? "-->" : "?>";
        const char *end = memmem(s.at + i + 2, s.len - i - 2, mark, strlen(mark));
        if (!end) return "it is not well-formed";
        i = (size_t)(end - s.at) + strlen(mark);
    }
}

/* A file by its name, as seen from each of those that the format names until one may have it. */
static dgm_status find_file(loading *l, dgm_slice location, dgm_slice *bytes, const char **why)
{
    dgm_slice path;
    dgm_status st = DGM_UNKNOWN;
    const dgm_file_source *files = l->schema->files;
    for (size_t i = 0; i < l->root_count && st == DGM_UNKNOWN; i++)
        st = files->read(files->ctx, &l->arena, l->roots[i], location, &path, bytes, why);
    return st;
}

static bool take_file(loading *l, const char *uri, dgm_slice *bytes)
{
    const char *why = "";
    dgm_slice location = dgm_slice_of(uri);
    dgm_status st = DGM_UNKNOWN;
    if (++l->files > FILES_MAX) {
        note(l, "more than 512 files belong to it", (dgm_slice){ 0 }, "");
        return false;
    }
    st = find_file(l, location, bytes, &why);
    if (st == DGM_UNKNOWN && memchr(uri, '%', location.len)) { /* as it is written in a URI */
        char *plain = xmlURIUnescapeString(uri, 0, NULL);
        if (plain) st = find_file(l, dgm_slice_of(plain), bytes, &why);
        if (!plain) st = DGM_NOMEM;
        xmlFree(plain);
    }
    if (st == DGM_OK) {
        l->bytes += bytes->len;
        why = l->bytes > BYTES_MAX ? "the files of the schema are too large together" : unfit(*bytes);
    }
    if (st == DGM_NOMEM) l->no_memory = true;
    if (st == DGM_OK && !why) return true;
    char more[160];
    snprintf(more, sizeof more, ", which belongs to it, cannot be read: %s", why ? why : "");
    note(l, "", location, more);
    l->file_failed = true;
    return false;
}

static xmlParserInputBufferPtr open_file(const char *uri, xmlCharEncoding encoding)
{
    static const char catalogs[] = "file:///etc/xml/";
    dgm_slice bytes;
    /* For a name that no file has libxml2 asks the system's catalog, once for the whole process: that is its own affair. */
    bool catalog = uri && strncmp(uri, catalogs, sizeof catalogs - 1) == 0 && !strstr(uri, "..") && !strchr(uri, '%');
    if (compiling && catalog) return compiling->others(uri, encoding);
    if (!compiling || compiling->file_failed || !uri || !take_file(compiling, uri, &bytes)) return NULL;
    xmlParserInputBufferPtr b = xmlParserInputBufferCreateMem(bytes.len ? bytes.at : "", (int)bytes.len, encoding);
    if (!b) compiling->no_memory = true;
    return b;
}

/* ---- compiling ---- */

#if LIBXML_VERSION >= 21200
static void on_error(void *ctx, const xmlError *e)
#else
static void on_error(void *ctx, xmlErrorPtr e)
#endif
{
    loading *l = ctx;
    if (!e || e->level < XML_ERR_ERROR) return;
    if (e->code == XML_ERR_NO_MEMORY) l->no_memory = true;
    if (e->domain == XML_FROM_IO) return; /* said with its reason when the file was asked for */
    char place[400] = "";
    dgm_slice file = dgm_slice_file_name(dgm_slice_of(e->file ? e->file : ""));
    if (file.len > 200) file.len = 200;
    if (file.len) snprintf(place, sizeof place, "%.*s, line %d: ", (int)file.len, file.at, e->line);
    note(l, place, dgm_slice_trim(dgm_slice_of(e->message ? e->message : "")), "");
}

/* The target namespace of a schema; *ok false: it is no schema. */
static dgm_slice target_of(loading *l, dgm_slice bytes, bool *ok)
{
    dgm_slice target = { "", 0 };
    xmlDocPtr doc = xmlReadMemory(bytes.at, (int)bytes.len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    xmlNodePtr root = doc ? xmlDocGetRootElement(doc) : NULL;
    *ok = root && xmlStrEqual(root->name, (const xmlChar *)"schema");
    xmlChar *value = *ok ? xmlGetNoNsProp(root, (const xmlChar *)"targetNamespace") : NULL;
    if (value) target = dgm_arena_copy(&l->arena, dgm_slice_of((const char *)value));
    if (!target.at) l->no_memory = true;
    xmlFree(value);
    xmlFreeDoc(doc);
    return target;
}

static bool put_attribute(dgm_buffer *b, const char *name, dgm_slice value)
{
    bool good = dgm_buffer_print(b, " %s=\"", name) == DGM_OK;
    for (size_t i = 0; i < value.len && good; i++) {
        const char *as = value.at[i] == '&' ? "&amp;" : value.at[i] == '<' ? "&lt;" : value.at[i] == '"' ? "&quot;" : NULL;
        good = dgm_buffer_append(b, as ? dgm_slice_of(as) : (dgm_slice){ value.at + i, 1 }) == DGM_OK;
    }
    return good && dgm_buffer_append(b, DGM_LITERAL("\"")) == DGM_OK;
}

/* Several schemas, each of a namespace of its own, are imported by one that has nothing else. */
static bool wrap(loading *l, const dgm_slice *bytes, dgm_buffer *b)
{
    dgm_slice *targets = DGM_NEW(&l->arena, dgm_slice, l->root_count);
    bool good = targets && dgm_buffer_print(b, "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">") == DGM_OK;
    for (size_t i = 0; i < l->root_count && good; i++) {
        bool schema = false;
        targets[i] = target_of(l, bytes[i], &schema);
        if (!schema) note(l, "", dgm_slice_file_name(l->roots[i]), " is no XML Schema");
        for (size_t k = 0; k < i; k++)
            if (dgm_slice_equal(targets[k], targets[i])) note(l, "two of its files are of the namespace ", targets[i], "");
        if (l->why[0] || l->no_memory) return false;
        xmlChar *uri = xmlPathToURI((const xmlChar *)l->roots[i].at);
        good = uri && dgm_buffer_print(b, "<xs:import") == DGM_OK;
        if (good && targets[i].len) good = put_attribute(b, "namespace", targets[i]);
        good = good && put_attribute(b, "schemaLocation", dgm_slice_of((const char *)uri)) && dgm_buffer_print(b, "/>") == DGM_OK;
        xmlFree(uri);
    }
    good = good && dgm_buffer_print(b, "</xs:schema>") == DGM_OK;
    if (!good) l->no_memory = true;
    return good;
}

/* With libxml2's two questions that a thread answers for itself turned to us: where files come from, and where errors go. */
static xmlSchemaPtr parse(loading *l, dgm_slice wrapper)
{
    xmlSchemaParserCtxtPtr p =
        wrapper.len ? xmlSchemaNewMemParserCtxt(wrapper.at, (int)wrapper.len) : xmlSchemaNewParserCtxt(l->roots[0].at);
    if (!p) {
        l->no_memory = true;
        return NULL;
    }
    xmlStructuredErrorFunc said_before = xmlStructuredError;
    void *said_before_to = xmlStructuredErrorContext;
    loading *before = compiling;
    compiling = l;
    xmlSetStructuredErrorFunc(l, on_error);
    l->others = xmlParserInputBufferCreateFilenameDefault(open_file);
    xmlSchemaSetParserStructuredErrors(p, on_error, l);
    xmlSchemaPtr schema = xmlSchemaParse(p);
    xmlParserInputBufferCreateFilenameDefault(l->others);
    xmlSetStructuredErrorFunc(said_before_to, said_before);
    compiling = before;
    xmlSchemaFreeParserCtxt(p);
    return schema;
}

static void load_roots(loading *l, dgm_slice *bytes)
{
    dgm_xml_schema *s = l->schema;
    for (size_t i = 0; i < s->name_count && !l->why[0] && !l->no_memory; i++) {
        const char *why = "there is no file";
        dgm_status st = s->files
                            ? s->files->read(s->files->ctx, &l->arena, (dgm_slice){ 0 }, s->names[i], &l->roots[i], &bytes[i], &why)
                            : DGM_UNKNOWN;
        if (st == DGM_NOMEM) l->no_memory = true;
        if (st != DGM_OK) {
            note(l, "", s->names[i], ": ");
            size_t n = strlen(l->why);
            if (n + 1 < sizeof l->why) snprintf(l->why + n, sizeof l->why - n, "%s", why);
        }
        l->root_count++;
    }
}

static void compile(loading *l)
{
    dgm_xml_schema *s = l->schema;
    dgm_buffer wrapper;
    dgm_buffer_init(&wrapper, &s->mem);
    l->roots = DGM_NEW(&l->arena, dgm_slice, s->name_count);
    dgm_slice *bytes = DGM_NEW(&l->arena, dgm_slice, s->name_count);
    if (!l->roots || !bytes)
        l->no_memory = true;
    else
        load_roots(l, bytes);
    if (!l->why[0] && !l->no_memory && (s->name_count == 1 || wrap(l, bytes, &wrapper)))
        s->compiled = parse(l, dgm_buffer_slice(&wrapper));
    if (s->compiled && (l->file_failed || l->no_memory)) { /* what was skipped would not be checked */
        xmlSchemaFree(s->compiled);
        s->compiled = NULL;
    }
    dgm_buffer_free(&wrapper);
}

dgm_status dgm_xml_schema_get(dgm_xml_schema *s, xmlSchemaPtr *out)
{
    pthread_once(&types_once, make_types);
    pthread_mutex_lock(&s->lock);
    dgm_status st = DGM_OK;
    if (!s->tried) {
        loading l = { .schema = s };
        dgm_arena_init(&l.arena, &s->mem);
        compile(&l);
        dgm_arena_free(&l.arena);
        if (l.no_memory && !s->compiled) {
            st = DGM_NOMEM; /* the next who asks may have some */
        } else {
            s->tried = true;
            if (!l.why[0]) note(&l, "libxml2 does not say why", (dgm_slice){ 0 }, "");
            if (!s->compiled) snprintf(s->why, sizeof s->why, "%s", l.why);
        }
    }
    *out = s->compiled;
    pthread_mutex_unlock(&s->lock);
    return st == DGM_OK && !*out ? DGM_CONFIG : st;
}

/* ---- of a format ---- */

dgm_status dgm_xml_schema_new(const dgm_host *host, const dgm_format *format, dgm_arena *arena, dgm_xml_schema **out)
{
    size_t n = 0;
    *out = NULL;
    for (size_t i = 0; i < format->setting_count; i++)
        n += dgm_slice_is(format->settings[i].name, "schema") && format->settings[i].value.len;
    if (n == 0) return DGM_OK;
    dgm_xml_schema *s = DGM_NEW(arena, dgm_xml_schema, 1);
    dgm_slice *names = DGM_NEW(arena, dgm_slice, n);
    if (!s || !names) return DGM_NOMEM;
    s->mem = host->mem;
    s->files = format->files;
    s->names = names;
    for (size_t i = 0; i < format->setting_count; i++) {
        if (!dgm_slice_is(format->settings[i].name, "schema") || !format->settings[i].value.len) continue;
        names[s->name_count] = dgm_arena_copy(arena, format->settings[i].value);
        if (!names[s->name_count++].at) return DGM_NOMEM;
    }
    s->lock_there = pthread_mutex_init(&s->lock, NULL) == 0;
    *out = s;
    return s->lock_there ? DGM_OK : DGM_NOMEM;
}

void dgm_xml_schema_free(dgm_xml_schema *s)
{
    if (!s) return;
    if (s->compiled) xmlSchemaFree(s->compiled);
    if (s->lock_there) pthread_mutex_destroy(&s->lock);
}
