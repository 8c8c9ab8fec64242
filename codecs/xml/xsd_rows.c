/* SPDX-License-Identifier: Apache-2.0
 *
 * xsd_rows.c - the tree of elements below one root of a schema, level by level, so that a schema without an end is cut evenly and
 * where its limit says: whole levels only. A type within itself is not followed. One thread.
 */
#include "xsd.h"

#include <stdarg.h>
#include <stdio.h>

/* Of one row; its attributes are looked through for each of them. */
enum { REMARKS_MAX = 100, ATTRIBUTES_MAX = 4096 };

/* ---- remarks ---- */

void dgm_xsd_remark_add(dgm_xsd *x, uint32_t row, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    dgm_xsd_one_line(text, len);
    dgm_xsd_row *r = &x->rows[row];
    uint32_t before = 0;
    for (uint32_t i = r->remarks; i != DGM_NONE; i = x->remarks[i].next, before++)
        if (before == REMARKS_MAX || dgm_slice_equal(x->remarks[i].text, (dgm_slice){ text, len })) return;
    void *remarks = x->remarks;
    dgm_status st = dgm_mem_reserve(&x->mem, &remarks, &x->remark_room, x->remark_count + 1, sizeof *x->remarks);
    x->remarks = remarks;
    dgm_slice kept = st == DGM_OK ? dgm_arena_copy(&x->arena, (dgm_slice){ text, len }) : (dgm_slice){ 0 };
    if (!kept.at) {
        x->no_memory = true;
        return;
    }
    if (before == REMARKS_MAX) kept = DGM_LITERAL("and more");
    uint32_t number = (uint32_t)x->remark_count++;
    x->remarks[number] = (dgm_xsd_remark){ DGM_NONE, kept };
    if (r->remarks == DGM_NONE)
        r->remarks = number;
    else
        x->remarks[r->last_remark].next = number;
    r->last_remark = number;
}

dgm_slice dgm_xsd_path(dgm_xsd *x, uint32_t row)
{
    uint32_t up[DGM_DEPTH_MAX + 1], n = 0;
    for (uint32_t i = row; i != DGM_NONE && n <= DGM_DEPTH_MAX; i = x->rows[i].parent) up[n++] = i;
    x->scratch.len = 0;
    dgm_status st = DGM_OK;
    for (size_t i = n; i-- > 0 && st == DGM_OK;) {
        const dgm_xsd_row *r = &x->rows[up[i]];
        st = dgm_buffer_print(&x->scratch, "%s%s%.*s", i + 1 < n ? "/" : "", r->attribute ? "@" : "", (int)r->name.len, r->name.at);
    }
    dgm_slice path = st == DGM_OK ? dgm_arena_copy(&x->arena, dgm_buffer_slice(&x->scratch)) : (dgm_slice){ 0 };
    if (!path.at) x->no_memory = true;
    return path;
}

/* ---- rows ---- */

static uint8_t space_of(dgm_xsd *x, const xmlNode *at, dgm_slice uri)
{
    for (uint32_t i = 0; i < x->ns_count; i++)
        if (dgm_slice_equal(x->ns[i].uri, uri)) return (uint8_t)i;
    if (x->ns_count == DGM_XML_NAMESPACES_MAX) {
        dgm_xsd_wrong(x, at, DGM_D_XML_SCHEMA_NAMESPACES, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return DGM_XSD_NO_NAMESPACE;
    }
    for (size_t i = 0; i < uri.len;) {
        dgm_rune r = dgm_utf8_next(dgm_slice_part(uri, i, uri.len));
        if (!dgm_xsd_prints(r.point)) {
            dgm_xsd_wrong(x, at, DGM_D_XML_SCHEMA_NAME, uri, (dgm_slice){ 0 });
            return DGM_XSD_NO_NAMESPACE;
        }
        i += r.bytes;
    }
    x->ns[x->ns_count].uri = uri;
    return (uint8_t)x->ns_count++;
}

static uint32_t add_row(dgm_xsd *x, uint32_t parent, const xmlNode *decl, dgm_slice name, bool attribute)
{
    if (!dgm_xsd_ncname(name)) {
        dgm_xsd_wrong(x, decl, DGM_D_XML_SCHEMA_NAME, name.len ? name : DGM_LITERAL("\"\""), (dgm_slice){ 0 });
        return DGM_NONE;
    }
    void *rows = x->rows;
    dgm_status st = dgm_mem_reserve(&x->mem, &rows, &x->row_room, x->row_count + 1, sizeof *x->rows);
    x->rows = rows;
    if (st != DGM_OK) {
        x->no_memory = true;
        return DGM_NONE;
    }
    uint32_t number = (uint32_t)x->row_count++;
    x->rows[number] = (dgm_xsd_row){
        .parent = parent,
        .next = DGM_NONE,
        .first = DGM_NONE,
        .last = DGM_NONE,
        .last_attribute = DGM_NONE,
        .remarks = DGM_NONE,
        .last_remark = DGM_NONE,
        .min = 1,
        .max = 1,
        .name = name,
        .format = { "-", 1 },
        .ident = { "-", 1 },
        .values = { "-", 1 },
        .kind = "-",
        .ns = DGM_XSD_NO_NAMESPACE,
        .attribute = attribute,
    };
    if (parent == DGM_NONE) return number;
    dgm_xsd_row *above = &x->rows[parent];
    x->rows[number].depth = above->depth + 1;
    if (above->first == DGM_NONE)
        above->first = number;
    else
        x->rows[above->last].next = number;
    above->last = number;
    if (attribute) above->last_attribute = number;
    return number;
}

/* Identifiers that a standard gives its elements stand in annotations, under these names; nothing else of them is taken. */
static dgm_slice find_ident(dgm_xsd *x, const xmlNode *decl)
{
    static const char *const names[] = { "WCOID", "UniqueID" };
    const xmlNode *note = decl->children;
    while (note && !dgm_xsd_is(note, "annotation")) note = note->next;
    for (const xmlNode *n = note ? note->children : NULL; n && dgm_xsd_step(x);) {
        const xmlNode *text = n->children;
        for (size_t i = 0; i < sizeof names / sizeof *names && n->type == XML_ELEMENT_NODE; i++) {
            if (strcmp((const char *)n->name, names[i]) != 0 || !text || !text->content) continue;
            dgm_slice ident = dgm_slice_trim(dgm_slice_of((const char *)text->content));
            bool plain = ident.len > 0 && ident.len < 64;
            for (size_t k = 0; k < ident.len; k++) plain = plain && (unsigned char)ident.at[k] > ' ';
            if (plain) return ident;
        }
        if (n->type == XML_ELEMENT_NODE && text) {
            n = text;
            continue;
        }
        while (n != note && !n->next) n = n->parent;
        n = n == note ? NULL : n->next;
    }
    return DGM_LITERAL("-");
}

static void set_value(dgm_xsd *x, uint32_t row, const dgm_xsd_value *v, const xmlNode *decl)
{
    dgm_slice fixed = dgm_xsd_attribute(decl, "fixed"), standard = dgm_xsd_attribute(decl, "default");
    dgm_slice format = dgm_xsd_value_format(x, row, v);
    dgm_xsd_row *r = &x->rows[row];
    r->kind = v->kind;
    r->format = format;
    if (v->values.len) r->values = v->values;
    bool one = fixed.len > 0;
    for (size_t i = 0; i < fixed.len; i++) one = one && (unsigned char)fixed.at[i] > ' ';
    if (one) r->values = fixed;
    if (fixed.len && !one) dgm_xsd_remark_add(x, row, "always \"%.*s\"", (int)fixed.len, fixed.at);
    if (standard.len) dgm_xsd_remark_add(x, row, "when it is missing or empty, %.*s is meant", (int)standard.len, standard.at);
}

/* ---- attributes ---- */

static void add_attribute(dgm_xsd *x, uint32_t row, const xmlNode *n)
{
    const xmlNode *decl = n;
    dgm_slice name = dgm_xsd_attribute(n, "name"), use = dgm_xsd_attribute(n, "use"), form = dgm_xsd_attribute(n, "form");
    if (dgm_xsd_attribute(n, "ref").len) decl = dgm_xsd_resolve(x, n, "ref", DGM_XSD_ATTRIBUTE, &name, NULL);
    bool qualified = decl != n || (form.len ? dgm_slice_is(form, "qualified")
                                            : dgm_xsd_file_of(n)->attributes_qualified && !dgm_xsd_is(n->parent, "schema"));
    if (qualified && dgm_xsd_target(decl ? decl : n).len == 0) qualified = !decl;
    if (qualified) {
        if (!dgm_slice_is(use, "prohibited"))
            dgm_xsd_remark_add(x, row, "its attribute %.*s has a namespace, which a profile cannot say; left out", (int)name.len,
                               name.at);
        return;
    }
    uint32_t twin = DGM_NONE;
    for (uint32_t i = x->rows[row].first; i != DGM_NONE; i = x->rows[i].next)
        if (x->rows[i].attribute && dgm_slice_equal(x->rows[i].name, name)) twin = i;
    if (dgm_slice_is(use, "prohibited")) {
        if (twin != DGM_NONE) x->rows[twin].max = 0;
        return;
    }
    uint32_t at = twin == DGM_NONE ? add_row(x, row, n, name, true) : twin;
    if (at == DGM_NONE) return;
    dgm_xsd_value v;
    dgm_slice type = { "", 0 };
    bool own = false;
    const xmlNode *simple = dgm_xsd_child(decl, "simpleType");
    if (!simple && dgm_xsd_attribute(decl, "type").len) {
        simple = dgm_xsd_resolve(x, decl, "type", DGM_XSD_TYPE, &type, &own);
        if (!simple && !own)
            dgm_xsd_remark_add(x, at, "its type %.*s is in none of the schemas that were read; taken as text", (int)type.len,
                               type.at);
    }
    dgm_xsd_value_of(x, at, simple, own ? type : DGM_LITERAL("string"), own || simple ? (dgm_slice){ "", 0 } : type, &v);
    set_value(x, at, &v, n);
    x->rows[at].min = dgm_slice_is(use, "required");
    x->rows[at].max = 1;
}

/* Attributes that stand in a type, a derivation or a group of attributes; groups within groups by a stack. */
static void add_attributes(dgm_xsd *x, uint32_t row, const xmlNode *first)
{
    const xmlNode *stack[DGM_XSD_CHAIN_MAX];
    size_t depth = 1;
    stack[0] = first;
    while (depth && dgm_xsd_step(x)) {
        const xmlNode *n = dgm_xsd_next(stack[depth - 1]);
        if (!n) {
            depth--;
            continue;
        }
        stack[depth - 1] = n->next;
        if (x->row_count - row > ATTRIBUTES_MAX) {
            dgm_xsd_wrong(x, n, DGM_D_XML_SCHEMA_WORK, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        } else if (dgm_xsd_is(n, "attribute")) {
            add_attribute(x, row, n);
        } else if (dgm_xsd_is(n, "anyAttribute")) {
            dgm_xsd_remark_add(x, row, "it may have other attributes (xs:anyAttribute); left out");
        } else if (dgm_xsd_is(n, "attributeGroup")) {
            dgm_slice name;
            const xmlNode *group = dgm_xsd_resolve(x, n, "ref", DGM_XSD_ATTRIBUTES, &name, NULL);
            if (!group)
                dgm_xsd_remark_add(x, row, "its attributes %.*s are in none of the schemas that were read; left out", (int)name.len,
                                   name.at);
            else if (depth == DGM_XSD_CHAIN_MAX)
                dgm_xsd_wrong(x, n, DGM_D_XML_SCHEMA_CIRCLE, name, (dgm_slice){ 0 });
            else
                stack[depth++] = group->children;
        }
    }
}

static void type_attributes(dgm_xsd *x, uint32_t row, const xmlNode *type)
{
    const xmlNode *chain[DGM_XSD_CHAIN_MAX];
    uint32_t n = dgm_xsd_chain(x, row, type, chain);
    for (uint32_t i = 0; i < n; i++) {
        const xmlNode *content = dgm_xsd_child(chain[i], "complexContent"), *holder = chain[i];
        if (!content) content = dgm_xsd_child(chain[i], "simpleContent");
        if (content) holder = dgm_xsd_child(content, "extension");
        if (content && !holder) holder = dgm_xsd_child(content, "restriction");
        if (holder) add_attributes(x, row, holder->children);
    }
}

/* ---- elements ---- */

static bool has_attribute(const dgm_xsd *x, uint32_t row, const char *name)
{
    for (uint32_t i = x->rows[row].first; i != DGM_NONE; i = x->rows[i].next)
        if (x->rows[i].attribute && dgm_slice_is(x->rows[i].name, name)) return true;
    return false;
}

/* What the type of an element is: its own, a named one, or that of the element it may stand for. */
static const xmlNode *type_of(dgm_xsd *x, uint32_t row, const xmlNode *decl, dgm_slice *name, dgm_slice *unread)
{
    *name = DGM_LITERAL("string");
    *unread = (dgm_slice){ "", 0 };
    for (uint32_t n = 0; decl && n < DGM_XSD_CHAIN_MAX && dgm_xsd_step(x); n++) {
        const xmlNode *inner = dgm_xsd_child(decl, "complexType");
        if (!inner) inner = dgm_xsd_child(decl, "simpleType");
        if (inner) return inner;
        if (dgm_xsd_attribute(decl, "type").len) {
            bool own = false;
            dgm_slice type;
            const xmlNode *found = dgm_xsd_resolve(x, decl, "type", DGM_XSD_TYPE, &type, &own);
            if (own) *name = type;
            if (!found && !own) *unread = type;
            if (!found && !own)
                dgm_xsd_remark_add(x, row, "its type %.*s is in none of the schemas that were read; taken as text", (int)type.len,
                                   type.at);
            return found;
        }
        dgm_slice head;
        if (!dgm_xsd_attribute(decl, "substitutionGroup").len) break;
        decl = dgm_xsd_resolve(x, decl, "substitutionGroup", DGM_XSD_ELEMENT, &head, NULL);
    }
    *name = DGM_LITERAL("anyType");
    return NULL;
}

static bool within_itself(const dgm_xsd *x, uint32_t row, const xmlNode *type)
{
    for (uint32_t i = x->rows[row].parent; i != DGM_NONE; i = x->rows[i].parent)
        if (x->rows[i].type == type) return true;
    return false;
}

/* Does any type of the chain have simple content? Then the element is a value with attributes. */
static bool is_value(dgm_xsd *x, uint32_t row, const xmlNode *type)
{
    const xmlNode *chain[DGM_XSD_CHAIN_MAX];
    uint32_t n = dgm_xsd_chain(x, row, type, chain);
    return n && dgm_xsd_child(chain[n - 1], "simpleContent");
}

/* The row of an element, with its attributes; what stands below it comes with the next level. */
static uint32_t add_element(dgm_xsd *x, uint32_t parent, const xmlNode *decl, uint32_t min, uint32_t max)
{
    uint32_t row = add_row(x, parent, decl, dgm_xsd_attribute(decl, "name"), false);
    if (row == DGM_NONE) return row;
    dgm_slice form = dgm_xsd_attribute(decl, "form"), target = dgm_xsd_target(decl);
    bool global = decl->parent && dgm_xsd_is(decl->parent, "schema");
    bool qualified = global || (form.len ? dgm_slice_is(form, "qualified") : dgm_xsd_file_of(decl)->elements_qualified);
    if (qualified && target.len)
        x->rows[row].ns = space_of(x, decl, target);
    else
        x->unqualified = true;
    x->rows[row].min = min;
    x->rows[row].max = max;
    x->rows[row].ident = find_ident(x, decl);
    dgm_slice name, unread;
    const xmlNode *type = type_of(x, row, decl, &name, &unread);
    if (dgm_slice_is(dgm_xsd_attribute(decl, "nillable"), "true")) dgm_xsd_remark_add(x, row, "it may be nil (xsi:nil)");
    bool complex = type && dgm_xsd_is(type, "complexType");
    if (complex) type_attributes(x, row, type);
    if (complex && dgm_slice_is(dgm_xsd_attribute(type, "abstract"), "true"))
        dgm_xsd_remark_add(x, row, "its type is abstract: what it holds is said by xsi:type, which is not followed");
    if (complex && !is_value(x, row, type)) {
        x->rows[row].type = type;
        x->rows[row].holds = !within_itself(x, row, type);
        dgm_slice called = dgm_xsd_attribute(type, "name");
        if (!x->rows[row].holds)
            dgm_xsd_remark_add(x, row, "its type%s%.*s is within itself; what it holds is left out", called.len ? " " : "",
                               (int)called.len, called.at);
        return row;
    }
    dgm_xsd_value v;
    dgm_xsd_value_of(x, row, type, name, unread, &v);
    bool number = strcmp(v.kind, "number") == 0;
    if (number && (has_attribute(x, row, "currencyID") || has_attribute(x, row, "Ccy"))) v.kind = "amount";
    if (number && has_attribute(x, row, "unitCode")) v.kind = "quantity";
    set_value(x, row, &v, decl);
    return row;
}

/* ---- levels ---- */

/* The children of one row. A date of the WCO Data Model is an element around its text. */
static void expand(dgm_xsd *x, uint32_t row)
{
    const dgm_xsd_row *r = &x->rows[row];
    dgm_xsd_content(x, row, r->type);
    size_t n = x->part_count;
    const dgm_xsd_part *only = n == 1 ? x->parts : NULL;
    if (only && only->decl && dgm_slice_is(dgm_xsd_attribute(only->decl, "name"), "DateTimeString")) x->rows[row].kind = "date";
    for (size_t i = 0; i < n && x->row_count <= x->rows_max && dgm_xsd_step(x); i++) {
        const dgm_xsd_part *p = &x->parts[i];
        const xmlNode *decl = p->decl ? p->decl : x->payload_decl;
        uint32_t at = add_element(x, row, decl, p->min, p->max);
        if (!p->decl) x->payload_row = at;
    }
    x->rows[row].holds = n > 0;
}

/* Takes a level that was not wanted, or not finished, away again. */
static void cut_level(dgm_xsd *x, size_t begin, size_t end)
{
    uint32_t cut = 0;
    for (size_t i = begin; i < end; i++) {
        dgm_xsd_row *r = &x->rows[i];
        r->last = r->last_attribute;
        if (r->last == DGM_NONE)
            r->first = DGM_NONE;
        else
            x->rows[r->last].next = DGM_NONE;
        if (!r->holds) continue;
        r->kind = "-";
        cut++;
        dgm_xsd_remark_add(x, (uint32_t)i, "what it holds is left out: it stands at the deepest level that was laid out");
    }
    if (x->payload_row != DGM_NONE && x->payload_row >= end) x->payload_row = DGM_NONE;
    x->row_count = end;
    uint32_t levels = x->rows[end - 1].depth + 1;
    char many[16];
    snprintf(many, sizeof many, "%u", levels);
    if (cut)
        dgm_xsd_remark_add(x, 0, "only %s level%s laid out (at most %u rows and %u levels are): %u element%s more",
                           levels == 1 ? "one" : many, levels == 1 ? " was" : "s were", x->rows_max, x->depth_max, cut,
                           cut == 1 ? " holds" : "s hold");
}

static void lay_levels(dgm_xsd *x)
{
    size_t begin = 0, end = x->row_count;
    while (begin < end && !x->failed && !x->no_memory) {
        bool deep = x->rows[begin].depth + 1 >= x->depth_max;
        for (size_t i = begin; i < end && !deep && x->row_count <= x->rows_max; i++)
            if (x->rows[i].holds) expand(x, (uint32_t)i);
        if (deep || x->row_count > x->rows_max) {
            cut_level(x, begin, end);
            return;
        }
        begin = end;
        end = x->row_count;
    }
}

/* ---- the root ---- */

static const xmlNode *find_element(dgm_xsd *x, dgm_slice name)
{
    const xmlNode *found = NULL;
    for (uint32_t i = 0; i < x->file_count; i++) {
        const xmlNode *n = dgm_xsd_find(x, DGM_XSD_ELEMENT, x->files[i].target, name);
        if (n && !found) found = n; /* the file named first wins */
    }
    return found;
}

/* Global elements of the first file that nothing in any file refers to. */
static void mark_referred(dgm_xsd *x, const xmlNode *root, dgm_symbols *referred)
{
    for (const xmlNode *n = root; n && dgm_xsd_step(x);) {
        dgm_slice ref =
            n->type == XML_ELEMENT_NODE && dgm_xsd_is(n, "element") ? dgm_xsd_attribute(n, "ref") : (dgm_slice){ "", 0 };
        uint32_t number;
        if (ref.len &&
            dgm_symbols_add(referred, dgm_slice_cut(ref, ':').found ? dgm_slice_cut(ref, ':').tail : ref, &number) != DGM_OK)
            x->no_memory = true;
        if (n->children && n->type == XML_ELEMENT_NODE) {
            n = n->children;
            continue;
        }
        while (n != root && !n->next) n = n->parent;
        n = n == root ? NULL : n->next;
    }
}

/* Those of one file that may be it; the names of the first few for people. */
static uint32_t look_for_root(dgm_xsd *x, const dgm_symbols *referred, const dgm_xsd_file *f, const xmlNode **found,
                              dgm_slice *names)
{
    uint32_t count = 0;
    for (const xmlNode *n = dgm_xsd_next(xmlDocGetRootElement(f->doc)->children); n; n = dgm_xsd_next(n->next)) {
        dgm_slice name = dgm_xsd_attribute(n, "name");
        if (!dgm_xsd_is(n, "element") || dgm_symbols_find(referred, name) != DGM_NONE) continue;
        *found = n;
        if (count++ < 12)
            *names = dgm_arena_print(&x->arena, "%.*s%s%.*s", (int)names->len, names->at, names->len ? ", " : "", (int)name.len,
                                     name.at);
        if (!names->at) *names = (dgm_slice){ "", 0 }, x->no_memory = true;
    }
    return count;
}

static const xmlNode *choose_root(dgm_xsd *x)
{
    dgm_symbols referred;
    dgm_symbols_init(&referred, &x->mem);
    for (uint32_t i = 0; i < x->file_count; i++) mark_referred(x, xmlDocGetRootElement(x->files[i].doc), &referred);
    const xmlNode *found = NULL;
    dgm_slice names = { "", 0 };
    uint32_t count = look_for_root(x, &referred, &x->files[0], &found, &names);
    for (uint32_t i = 1; i < x->file_count && !count; i++) /* the first may only bring others together */
        count = look_for_root(x, &referred, &x->files[i], &found, &names);
    dgm_symbols_free(&referred);
    if (count == 1) return found;
    if (!x->failed && !x->no_memory)
        dgm_xsd_wrong(x, NULL, count ? DGM_D_XML_SCHEMA_ROOT : DGM_D_XML_SCHEMA_TYPES, names, (dgm_slice){ 0 });
    return NULL;
}

static const xmlNode *named(dgm_xsd *x, dgm_slice name)
{
    const xmlNode *n = find_element(x, name);
    if (!n) dgm_xsd_wrong(x, NULL, DGM_D_XML_SCHEMA_ELEMENT, name, (dgm_slice){ 0 });
    return n;
}

void dgm_xsd_lay_out(dgm_xsd *x)
{
    const xmlNode *root = x->root.len ? named(x, x->root) : choose_root(x);
    if (x->payload.len && root) x->payload_decl = named(x, x->payload);
    if (x->failed || x->no_memory || !root) return;
    if (x->depth_max > DGM_DEPTH_MAX - 2) x->depth_max = DGM_DEPTH_MAX - 2;
    add_element(x, DGM_NONE, root, 1, 1);
    lay_levels(x);
    if (x->payload_decl && x->payload_row == DGM_NONE && !x->failed)
        dgm_xsd_wrong(x, root, DGM_D_XML_SCHEMA_PAYLOAD, x->payload, (dgm_slice){ 0 });
}
