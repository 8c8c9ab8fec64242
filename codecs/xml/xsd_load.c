/* SPDX-License-Identifier: Apache-2.0
 *
 * xsd_load.c - schema files for the import of formats: read through libxml2's trees with no network, no DTD and no file but those
 * the source gives; included and imported ones with them; every global component by name. One thread.
 */
#include "xsd.h"

#include <libxml/parser.h>
#include <limits.h>

static const char XSD_URI[] = "http://www.w3.org/2001/XMLSchema";

/* ---- telling ---- */

static void tell(dgm_xsd *x, const xmlNode *at, dgm_diag_code code, dgm_severity severity, dgm_slice a, dgm_slice b)
{
    dgm_diag *d = dgm_diags_add(x->diags, code, severity);
    if (a.len) dgm_diag_text(x->diags, d, a);
    if (b.len) dgm_diag_text(x->diags, d, b);
    if (!at) return;
    dgm_diag_source(x->diags, d, dgm_xsd_file_of(at)->path);
    long line = xmlGetLineNo(at);
    if (d && line > 0) d->line = (uint32_t)line, d->column = 1;
}

void dgm_xsd_wrong(dgm_xsd *x, const xmlNode *at, dgm_diag_code code, dgm_slice a, dgm_slice b)
{
    tell(x, at, code, DGM_ERROR, a, b);
    x->failed = true;
}

void dgm_xsd_warn(dgm_xsd *x, const xmlNode *at, dgm_diag_code code, dgm_slice a, dgm_slice b)
{
    tell(x, at, code, DGM_WARNING, a, b);
}

bool dgm_xsd_step(dgm_xsd *x)
{
    if (x->failed || x->no_memory) return false;
    if (x->steps++ < DGM_XSD_STEPS_MAX) return true;
    dgm_xsd_wrong(x, NULL, DGM_D_XML_SCHEMA_WORK, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    return false;
}

/* ---- nodes ---- */

const dgm_xsd_file *dgm_xsd_file_of(const xmlNode *n)
{
    return n->doc->_private;
}

const dgm_xsd_file *dgm_xsd_file_read(const dgm_xsd *x, dgm_slice path)
{
    for (uint32_t i = 0; i < x->file_count; i++)
        if (dgm_slice_equal(x->files[i].path, path)) return &x->files[i];
    return NULL;
}

static bool of_schema(const xmlNode *n)
{
    return n->type == XML_ELEMENT_NODE && n->ns && n->ns->href && strcmp((const char *)n->ns->href, XSD_URI) == 0;
}

bool dgm_xsd_is(const xmlNode *n, const char *name)
{
    return of_schema(n) && strcmp((const char *)n->name, name) == 0;
}

const xmlNode *dgm_xsd_next(const xmlNode *n)
{
    while (n && (!of_schema(n) || dgm_xsd_is(n, "annotation"))) n = n->next;
    return n;
}

const xmlNode *dgm_xsd_child(const xmlNode *n, const char *name)
{
    for (const xmlNode *c = dgm_xsd_next(n->children); c; c = dgm_xsd_next(c->next))
        if (dgm_xsd_is(c, name)) return c;
    return NULL;
}

dgm_slice dgm_xsd_attribute(const xmlNode *n, const char *name)
{
    for (const xmlAttr *a = n->properties; a; a = a->next) {
        if (a->ns || strcmp((const char *)a->name, name) != 0) continue;
        const xmlNode *text = a->children; /* one text: there are no entities */
        return text && text->content ? dgm_slice_trim(dgm_slice_of((const char *)text->content)) : (dgm_slice){ "", 0 };
    }
    return (dgm_slice){ "", 0 };
}

dgm_slice dgm_xsd_target(const xmlNode *n)
{
    return dgm_xsd_file_of(n)->target;
}

/* The namespace that a prefix stands for at a node; the innermost declaration holds. */
static const xmlNs *declared(const xmlNode *at, dgm_slice prefix)
{
    for (const xmlNode *n = at; n && n->type == XML_ELEMENT_NODE; n = n->parent)
        for (const xmlNs *ns = n->nsDef; ns; ns = ns->next)
            if (dgm_slice_equal(dgm_slice_of((const char *)ns->prefix), prefix)) return ns;
    return NULL;
}

dgm_slice dgm_xsd_qname(const xmlNode *at, dgm_slice qname, dgm_slice *uri)
{
    dgm_cut cut = dgm_slice_cut(qname, ':');
    dgm_slice prefix = cut.found ? cut.head : (dgm_slice){ "", 0 };
    const xmlNs *ns = declared(at, prefix);
    *uri = ns && ns->href ? dgm_slice_of((const char *)ns->href) : (dgm_slice){ "", 0 };
    if (!ns && !cut.found && dgm_xsd_file_of(at)->borrows) *uri = dgm_xsd_target(at);
    return cut.found ? cut.tail : qname;
}

/* ---- symbols ---- */

static dgm_slice key_of(dgm_xsd *x, dgm_xsd_kind kind, dgm_slice uri, dgm_slice name)
{
    x->scratch.len = 0;
    dgm_status st = dgm_buffer_print(&x->scratch, "%c{%.*s}%.*s", (char)kind, (int)uri.len, uri.at, (int)name.len, name.at);
    if (st != DGM_OK) x->no_memory = true;
    return dgm_buffer_slice(&x->scratch);
}

const xmlNode *dgm_xsd_find(dgm_xsd *x, dgm_xsd_kind kind, dgm_slice uri, dgm_slice name)
{
    uint32_t n = dgm_symbols_find(&x->names, key_of(x, kind, uri, name));
    return n == DGM_NONE ? NULL : x->symbols[n].node;
}

const xmlNode *dgm_xsd_resolve(dgm_xsd *x, const xmlNode *at, const char *attribute, dgm_xsd_kind kind, dgm_slice *name,
                               bool *built_in)
{
    dgm_slice uri;
    *name = dgm_xsd_qname(at, dgm_xsd_attribute(at, attribute), &uri);
    bool own = dgm_slice_is(uri, XSD_URI);
    if (built_in) *built_in = own;
    return own ? NULL : dgm_xsd_find(x, kind, uri, *name);
}

uint32_t dgm_xsd_members(dgm_xsd *x, const xmlNode *head)
{
    return dgm_symbols_find(&x->names, key_of(x, DGM_XSD_MEMBER, dgm_xsd_target(head), dgm_xsd_attribute(head, "name")));
}

/* A symbol of the name; members of one head hang behind the first. Of two of one name the first stays: a file that is included
 * twice says the same twice. */
static void add_symbol(dgm_xsd *x, dgm_xsd_kind kind, dgm_slice uri, dgm_slice name, const xmlNode *node)
{
    uint32_t number = 0, first = DGM_NONE, before = dgm_symbols_find(&x->names, key_of(x, kind, uri, name));
    if (before != DGM_NONE && kind != DGM_XSD_MEMBER) return;
    dgm_slice key = dgm_buffer_slice(&x->scratch);
    if (before != DGM_NONE) { /* a number of its own, under a name that nobody asks for */
        first = before;
        before = x->symbols[first].last;
        if (dgm_buffer_print(&x->scratch, " %zu", x->symbol_count) != DGM_OK) x->no_memory = true;
        key = dgm_buffer_slice(&x->scratch);
    }
    void *symbols = x->symbols;
    dgm_status st =
        x->no_memory ? DGM_NOMEM : dgm_mem_reserve(&x->mem, &symbols, &x->symbol_room, x->symbol_count + 1, sizeof *x->symbols);
    x->symbols = symbols;
    if (st == DGM_OK) st = dgm_symbols_add(&x->names, key, &number);
    if (st != DGM_OK) {
        x->no_memory = true;
        return;
    }
    x->symbols[number] = (dgm_xsd_symbol){ node, DGM_NONE, number };
    x->symbol_count = number + 1;
    if (first == DGM_NONE) return;
    x->symbols[before].next = number;
    x->symbols[first].last = number;
}

static void add_components(dgm_xsd *x, const dgm_xsd_file *f)
{
    static const struct {
        const char *name;
        dgm_xsd_kind kind;
    } kinds[] = { { "element", DGM_XSD_ELEMENT }, { "complexType", DGM_XSD_TYPE },          { "simpleType", DGM_XSD_TYPE },
                  { "group", DGM_XSD_GROUP },     { "attributeGroup", DGM_XSD_ATTRIBUTES }, { "attribute", DGM_XSD_ATTRIBUTE } };
    for (const xmlNode *n = dgm_xsd_next(xmlDocGetRootElement(f->doc)->children); n && dgm_xsd_step(x); n = dgm_xsd_next(n->next)) {
        dgm_slice name = dgm_xsd_attribute(n, "name"), head = dgm_xsd_attribute(n, "substitutionGroup"), uri;
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds && name.len; i++)
            if (dgm_xsd_is(n, kinds[i].name)) add_symbol(x, kinds[i].kind, f->target, name, n);
        /* of two of one name only the first is an element, so each has one head and is met once below it */
        if (!head.len || !dgm_xsd_is(n, "element") || dgm_xsd_find(x, DGM_XSD_ELEMENT, f->target, name) != n) continue;
        head = dgm_xsd_qname(n, head, &uri);
        add_symbol(x, DGM_XSD_MEMBER, uri, head, n);
    }
}

/* ---- files ---- */

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    xmlParserCtxtPtr p = ctx;
    (void)name, (void)external, (void)system;
    ((bool *)p->_private)[0] = true;
    xmlStopParser(p);
}

#if LIBXML_VERSION >= 21200
static void on_error(void *ctx, const xmlError *e)
#else
static void on_error(void *ctx, xmlErrorPtr e)
#endif
{
    (void)ctx, (void)e; /* asked for at the end */
}

static xmlDocPtr parse(dgm_xsd *x, dgm_slice path, dgm_slice bytes)
{
    bool doctype = false;
    xmlParserCtxtPtr p = bytes.len <= INT_MAX ? xmlNewParserCtxt() : NULL;
    if (!p) {
        x->no_memory = true;
        return NULL;
    }
    p->_private = &doctype;
    p->sax->internalSubset = on_doctype;
    p->sax->serror = on_error;
    xmlDocPtr doc =
        xmlCtxtReadMemory(p, bytes.at, (int)bytes.len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_BIG_LINES | XML_PARSE_NOCDATA);
    const xmlError *e = xmlCtxtGetLastError(p);
    if ((!doc || doctype) && e && e->code == XML_ERR_NO_MEMORY) {
        x->no_memory = true;
    } else if (!doc || doctype) {
        dgm_diag *d = dgm_diags_add(x->diags, doctype ? DGM_D_XML_SCHEMA_DOCTYPE : DGM_D_XML_SCHEMA_SYNTAX, DGM_ERROR);
        if (!doctype) dgm_diag_text(x->diags, d, dgm_slice_trim(dgm_slice_of(e && e->message ? e->message : "no element")));
        dgm_diag_source(x->diags, d, path);
        if (d && e && e->line > 0) d->line = (uint32_t)e->line, d->column = e->int2 > 0 ? (uint32_t)e->int2 : 1;
        x->failed = true;
    }
    if (doctype && doc) {
        xmlFreeDoc(doc);
        doc = NULL;
    }
    xmlFreeParserCtxt(p);
    return doc;
}

/* A file under a target of its own, or that of who includes it; once for each. Its own includes come when it is its turn. */
static void take_file(dgm_xsd *x, const xmlNode *from, dgm_slice location, dgm_slice borrowed)
{
    dgm_slice path, bytes;
    const char *why = "";
    dgm_slice base = from ? dgm_xsd_file_of(from)->path : (dgm_slice){ "", 0 };
    dgm_status st = x->source.read(x->source.ctx, base, location, &path, &bytes, &why);
    if (st == DGM_NOMEM) x->no_memory = true;
    if (st != DGM_OK) {
        if (st != DGM_NOMEM && from) dgm_xsd_warn(x, from, DGM_D_XML_SCHEMA_LEFT, location, dgm_slice_of(why));
        if (st != DGM_NOMEM && !from) dgm_xsd_wrong(x, NULL, DGM_D_XML_SCHEMA_FILE, location, dgm_slice_of(why));
        return;
    }
    for (uint32_t i = 0; i < x->file_count; i++)
        if (dgm_slice_equal(x->files[i].path, path) && (!x->files[i].borrows || dgm_slice_equal(x->files[i].target, borrowed)))
            return;
    if (x->file_count == DGM_XSD_FILES_MAX) {
        dgm_xsd_wrong(x, from, DGM_D_XML_SCHEMA_WORK, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return;
    }
    xmlDocPtr doc = parse(x, path, bytes);
    if (!doc) return;
    const xmlNode *root = xmlDocGetRootElement(doc);
    dgm_xsd_file *f = &x->files[x->file_count++];
    *f = (dgm_xsd_file){ .doc = doc, .path = path, .bytes = bytes };
    doc->_private = f;
    if (!root || !dgm_xsd_is(root, "schema")) {
        dgm_xsd_wrong(x, root, DGM_D_XML_SCHEMA_NONE, path, (dgm_slice){ 0 });
        return;
    }
    f->target = dgm_xsd_attribute(root, "targetNamespace");
    f->borrows = f->target.len == 0 && borrowed.len > 0;
    if (f->borrows) f->target = borrowed;
    f->elements_qualified = dgm_slice_is(dgm_xsd_attribute(root, "elementFormDefault"), "qualified");
    f->attributes_qualified = dgm_slice_is(dgm_xsd_attribute(root, "attributeFormDefault"), "qualified");
    add_components(x, f);
}

static void take_references(dgm_xsd *x, const dgm_xsd_file *f)
{
    const xmlNode *root = xmlDocGetRootElement(f->doc);
    for (const xmlNode *n = dgm_xsd_next(root->children); n && dgm_xsd_step(x); n = dgm_xsd_next(n->next)) {
        bool import = dgm_xsd_is(n, "import"), redefine = dgm_xsd_is(n, "redefine") || dgm_xsd_is(n, "override");
        dgm_slice location = dgm_xsd_attribute(n, "schemaLocation");
        if (redefine) dgm_xsd_warn(x, n, DGM_D_XML_SCHEMA_REDEFINE, location, (dgm_slice){ 0 });
        if (location.len && (import || redefine || dgm_xsd_is(n, "include")))
            take_file(x, n, location, import ? (dgm_slice){ "", 0 } : f->target);
    }
}

void dgm_xsd_load(dgm_xsd *x, dgm_slice location)
{
    uint32_t next = x->file_count;
    take_file(x, NULL, location, (dgm_slice){ "", 0 });
    for (; next < x->file_count && !x->failed && !x->no_memory; next++) take_references(x, &x->files[next]);
}

void dgm_xsd_init(dgm_xsd *x, const dgm_mem *mem, dgm_diags *diags)
{
    xmlInitParser();
    *x = (dgm_xsd){ .diags = diags, .payload_row = DGM_NONE, .rows_max = 20000, .depth_max = 32 };
    dgm_arena_init(&x->arena, mem);
    x->mem = x->arena.mem;
    dgm_symbols_init(&x->names, mem);
    dgm_buffer_init(&x->scratch, mem);
}

void dgm_xsd_free(dgm_xsd *x)
{
    for (uint32_t i = 0; i < x->file_count; i++) xmlFreeDoc(x->files[i].doc);
    dgm_symbols_free(&x->names);
    dgm_buffer_free(&x->scratch);
    dgm_mem_free(&x->mem, x->symbols, x->symbol_room * sizeof *x->symbols);
    dgm_mem_free(&x->mem, x->rows, x->row_room * sizeof *x->rows);
    dgm_mem_free(&x->mem, x->remarks, x->remark_room * sizeof *x->remarks);
    dgm_mem_free(&x->mem, x->parts, x->part_room * sizeof *x->parts);
    dgm_arena_free(&x->arena);
}
