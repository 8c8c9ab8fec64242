/* SPDX-License-Identifier: Apache-2.0
 *
 * xml_schema.c - see xml_schema.h: elements nested as they are in the table, with order, occurrences, lengths, digits and codes;
 * what is of another namespace than the element it stands in is an element of that namespace's schema by itself. One thread.
 */
#include "xml_schema.h"

#include "base/buffer.h"

#include <stdio.h>

typedef struct making {
    xml_schemas *s;
    const dgm_xml_profile *profile;
    const dgm_shape *shape;
    dgm_buffer *out;
    uint32_t global[256]; /* slots that stand by themselves, one for each name and namespace */
    uint32_t global_count;
} making;

static bool element_child(const making *m, uint32_t slot)
{
    return m->profile->places[slot].kind != DGM_ATTRIBUTE;
}

static void occurs(const making *m, const dgm_xml_place *p)
{
    dgm_buffer_print(m->out, " minOccurs=\"%u\"", p->min);
    if (p->max == DGM_UNBOUNDED)
        dgm_buffer_print(m->out, " maxOccurs=\"unbounded\"");
    else
        dgm_buffer_print(m->out, " maxOccurs=\"%u\"", p->max);
}

/* <xs:restriction> and its end, around what attributes there are, or a simple type of it. */
static void facets(const making *m, const dgm_xml_place *p)
{
    bool number = p->type == DGM_TYPE_NUMBER || p->type == DGM_TYPE_AMOUNT || p->type == DGM_TYPE_QUANTITY;
    bool flag = p->type == DGM_TYPE_FLAG;
    dgm_buffer_print(m->out, "<xs:simpleType><xs:restriction base=\"xs:%s\">",
                     flag                           ? "boolean"
                     : number                       ? "decimal"
                     : p->flags & DGM_XML_COLLAPSED ? "token"
                                                    : "string");
    if (number && p->length_max) dgm_buffer_print(m->out, "<xs:totalDigits value=\"%u\"/>", p->length_max);
    if (number && p->length_max && p->decimals != 255) dgm_buffer_print(m->out, "<xs:fractionDigits value=\"%u\"/>", p->decimals);
    if (!number && !flag && p->length_min) dgm_buffer_print(m->out, "<xs:minLength value=\"%u\"/>", p->length_min);
    if (!number && !flag && p->length_max) dgm_buffer_print(m->out, "<xs:maxLength value=\"%u\"/>", p->length_max);
    for (dgm_slice rest = { p->values, p->values_len }; rest.len;) {
        dgm_cut cut = dgm_slice_cut(rest, ' ');
        dgm_buffer_print(m->out, "<xs:enumeration value=\"%.*s\"/>", (int)cut.head.len, cut.head.at);
        rest = cut.tail;
    }
    dgm_buffer_print(m->out, "</xs:restriction></xs:simpleType>");
}

static void attributes(const making *m, const dgm_xml_place *p)
{
    for (uint32_t i = p->first_child; i < p->first_child + p->child_count; i++) {
        if (element_child(m, i)) continue;
        dgm_slice name = dgm_shape_slot(m->shape, i)->name;
        dgm_buffer_print(m->out, "<xs:attribute name=\"%.*s\"%s>", (int)name.len - 1, name.at + 1,
                         m->profile->places[i].min ? " use=\"required\"" : "");
        facets(m, &m->profile->places[i]);
        dgm_buffer_print(m->out, "</xs:attribute>");
    }
}

/* Standing by itself: the first of its name and namespace speaks for all of them. */
static void note_global(making *m, uint32_t slot)
{
    for (uint32_t i = 0; i < m->global_count; i++) {
        bool same = m->profile->places[m->global[i]].ns == m->profile->places[slot].ns;
        if (same && dgm_slice_equal(dgm_shape_slot(m->shape, m->global[i])->name, dgm_shape_slot(m->shape, slot)->name)) return;
    }
    if (m->global_count < 256) m->global[m->global_count++] = slot;
}

/* The table's depth is bounded, and so is this. */
static void element(making *m, uint32_t slot, bool by_itself)
{
    const dgm_xml_place *p = &m->profile->places[slot];
    dgm_slice name = dgm_shape_slot(m->shape, slot)->name;
    dgm_buffer_print(m->out, "<xs:element name=\"%.*s\"", (int)name.len, name.at);
    if (!by_itself) occurs(m, p);
    dgm_buffer_print(m->out, "><xs:complexType>\n");
    if (p->flags & DGM_XML_LEAF) { /* a restriction of a simple content needs a type by name; an extension does not restrict */
        dgm_buffer_print(m->out, "<xs:simpleContent><xs:extension base=\"t%u\">", slot);
        attributes(m, p);
        dgm_buffer_print(m->out, "</xs:extension></xs:simpleContent></xs:complexType></xs:element>\n");
        return;
    }
    dgm_buffer_print(m->out, "<xs:sequence>\n");
    for (uint32_t i = p->first_child; i < p->first_child + p->child_count; i++) {
        const dgm_xml_place *child = &m->profile->places[i];
        if (!element_child(m, i)) continue;
        if (child->ns == p->ns) {
            element(m, i, false);
            continue;
        }
        dgm_slice other = dgm_shape_slot(m->shape, i)->name;
        dgm_buffer_print(m->out, "<xs:element ref=\"n%u:%.*s\"", child->ns, (int)other.len, other.at);
        occurs(m, child);
        dgm_buffer_print(m->out, "/>\n");
    }
    dgm_buffer_print(m->out, "</xs:sequence>");
    attributes(m, p);
    dgm_buffer_print(m->out, "</xs:complexType></xs:element>\n");
}

static void schema(making *m, uint32_t ns)
{
    const dgm_xml_profile *p = m->profile;
    const dgm_slice uri = p->ns[ns].uri;
    m->out = &m->s->at[ns];
    dgm_buffer_print(m->out, "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" elementFormDefault=\"qualified\"");
    for (uint32_t k = 0; k < p->ns_count; k++)
        dgm_buffer_print(m->out, " xmlns:n%u=\"%.*s\"", k, (int)p->ns[k].uri.len, p->ns[k].uri.at);
    dgm_buffer_print(m->out, " targetNamespace=\"%.*s\" xmlns=\"%.*s\">\n", (int)uri.len, uri.at, (int)uri.len, uri.at);
    for (uint32_t k = 0; k < p->ns_count; k++)
        if (k != ns)
            dgm_buffer_print(m->out, "<xs:import namespace=\"%.*s\" schemaLocation=\"%u.xsd\"/>\n", (int)p->ns[k].uri.len,
                             p->ns[k].uri.at, k);
    for (uint32_t i = 0; i < m->global_count; i++)
        if (p->places[m->global[i]].ns == ns) element(m, m->global[i], true);
    for (uint32_t i = 0; i < p->count; i++) {
        if (!(p->places[i].flags & DGM_XML_LEAF) || p->places[i].kind == DGM_ATTRIBUTE || p->places[i].ns != ns) continue;
        size_t from = m->out->len;
        facets(m, &p->places[i]);
        char named[40];
        int n = snprintf(named, sizeof named, "<xs:simpleType name=\"t%u\">", i);
        static const char unnamed[] = "<xs:simpleType>";
        size_t more = (size_t)n - (sizeof unnamed - 1);
        if (dgm_buffer_reserve(m->out, more) != DGM_OK) return;
        memmove(m->out->at + from + n, m->out->at + from + sizeof unnamed - 1, m->out->len - from - (sizeof unnamed - 1));
        memcpy(m->out->at + from, named, (size_t)n);
        m->out->len += more;
    }
    dgm_buffer_print(m->out, "</xs:schema>\n");
}

static dgm_status give(void *ctx, dgm_arena *arena, dgm_slice from, dgm_slice location, dgm_slice *path, dgm_slice *bytes,
                       const char **why)
{
    const xml_schemas *s = ctx;
    (void)from;
    dgm_slice name = dgm_slice_file_name(location);
    uint32_t n = 0;
    *why = "there is none";
    if (!dgm_slice_count(dgm_slice_cut(name, '.').head, &n) || n >= s->count) return DGM_UNKNOWN;
    *bytes = dgm_buffer_slice(&s->at[n]);
    *path = dgm_arena_print(arena, "/made/%u.xsd", n);
    return path->at ? DGM_OK : DGM_NOMEM;
}

bool xml_schemas_make(xml_schemas *s, const dgm_format *format)
{
    *s = (xml_schemas){ .source = { give, s }, .format = *format };
    making m = { .s = s, .profile = dgm_xml_profile_of(format), .shape = format->shape };
    s->count = m.profile->ns_count;
    for (uint32_t k = 0; k < s->count; k++) dgm_buffer_init(&s->at[k], NULL);
    note_global(&m, DGM_SLOT_ROOT);
    for (uint32_t i = 1; i < m.profile->count; i++) {
        uint32_t above = dgm_shape_slot(m.shape, i)->parent;
        if (element_child(&m, i) && m.profile->places[i].ns != m.profile->places[above].ns) note_global(&m, i);
    }
    for (uint32_t k = 0; k < s->count; k++) schema(&m, k);
    size_t n = 0;
    for (size_t i = 0; i < format->setting_count && n < 62; i++)
        if (!dgm_slice_is(format->settings[i].name, "schema")) s->settings[n++] = format->settings[i];
    s->settings[n++] = (dgm_setting){ DGM_LITERAL("schema"), DGM_LITERAL("0.xsd") };
    s->format.settings = s->settings;
    s->format.setting_count = n;
    s->format.files = &s->source;
    dgm_mem mem = dgm_mem_default();
    dgm_host host = dgm_host_make(&mem, NULL, NULL, NULL, NULL, 0);
    if (dgm_codec_xml.shape(&host, &s->format, &s->shape) != DGM_OK) return false;
    s->format.shape = s->shape;
    return true;
}

void xml_schemas_free(xml_schemas *s)
{
    for (uint32_t k = 0; k < s->count; k++) dgm_buffer_free(&s->at[k]);
    dgm_shape_free(s->shape);
}
