/* SPDX-License-Identifier: Apache-2.0
 *
 * attributes.c - the attributes of a start tag: kept until it is known what their element is, checked against the profile (XML 1.0,
 * 3.3), and put into the tree behind it. One thread.
 */
#include "reader.h"

bool dgm_xml_find_attribute(dgm_slice text, size_t tag, const char *prefix, const char *name, uint32_t nth, size_t *at, size_t *len)
{
    size_t n = strlen(name), p = prefix ? strlen(prefix) + 1 : 0, i = tag;
    while (i < text.len && !dgm_xml_space(text.at[i]) && text.at[i] != '>') i++;
    for (;;) {
        while (i < text.len && dgm_xml_space(text.at[i])) i++;
        size_t from = i;
        while (i < text.len && !dgm_xml_space(text.at[i]) && text.at[i] != '=' && text.at[i] != '>' && text.at[i] != '/') i++;
        size_t to = i;
        while (i < text.len && (dgm_xml_space(text.at[i]) || text.at[i] == '=')) i++;
        if (to == from || i >= text.len || (text.at[i] != '"' && text.at[i] != '\'')) return false;
        char quote = text.at[i++];
        size_t value = i;
        while (i < text.len && text.at[i] != quote) i++;
        bool same = to - from == n + p && memcmp(text.at + from + p, name, n) == 0 &&
                    (p == 0 || (memcmp(text.at + from, prefix, p - 1) == 0 && text.at[from + p - 1] == ':'));
        if (same && --nth == 0) {
            *at = value;
            *len = i - value;
            return true;
        }
        i++;
    }
}

/* One the format does not have there: with its name. */
static DGM_XML_COLD void keep_name(dgm_xml_reader *r, dgm_xml_attribute *kept, const char *prefix, const char *name)
{
    kept->slot = DGM_SLOT_UNKNOWN;
    kept->name = r->values.len;
    dgm_xml_keep(r, &r->values, DGM_LITERAL("@"));
    if (prefix) {
        dgm_xml_keep(r, &r->values, dgm_slice_of(prefix));
        dgm_xml_keep(r, &r->values, DGM_LITERAL(":"));
    }
    dgm_xml_keep(r, &r->values, dgm_slice_of(name));
    kept->name_len = r->values.len - kept->name;
    r->attributes_unknown = true;
}

/* A value that does not stand in the text as it is. */
static DGM_XML_COLD void keep_value(dgm_xml_reader *r, dgm_xml_attribute *kept, dgm_slice value)
{
    kept->decoded = true;
    kept->value = r->values.len;
    kept->len = value.len;
    dgm_xml_keep(r, &r->values, value);
}

static DGM_XML_COLD bool more_attributes(dgm_xml_reader *r, size_t tag)
{
    void *room = r->attributes;
    dgm_status st = dgm_mem_reserve(&r->host.mem, &room, &r->attribute_room, r->attribute_count + 1, sizeof *r->attributes);
    r->attributes = room;
    if (st == DGM_OK) return true;
    r->no_memory = true;
    dgm_xml_stop(r, tag, true);
    return false;
}

void dgm_xml_add_attribute(dgm_xml_reader *r, uint32_t slot, size_t tag, const xmlChar *const *a)
{
    const char *name = (const char *)a[0], *prefix = (const char *)a[1];
    if (prefix && a[2] && strcmp((const char *)a[2], "http://www.w3.org/2001/XMLSchema-instance") == 0)
        return; /* belongs to the format */
    if (r->attribute_count == r->attribute_room && !more_attributes(r, tag)) return;
    dgm_xml_attribute *kept = &r->attributes[r->attribute_count++];
    size_t at = dgm_xml_text_offset(r, a[3]), len = (size_t)(a[4] - a[3]);
    dgm_slice value = { (const char *)a[3], len };
    bool direct = at != SIZE_MAX; /* a slice of the parser's input, which is the text */
    if (!direct && !dgm_xml_find_attribute(r->text, tag, prefix, name, 1, &at, &len)) at = tag, len = 0;
    kept->slot = slot != DGM_SLOT_UNKNOWN && !prefix ? dgm_xml_find(r, slot | DGM_XML_MARKED, a[0])->slot : DGM_SLOT_NONE;
    kept->text_at = at;
    kept->at = dgm_xml_raw_of(r, at);
    kept->span = dgm_xml_raw_of(r, at + len) - kept->at;
    kept->decoded = false;
    if (!direct || !dgm_xml_raw_is_text(r, at, len, kept->at, kept->span)) keep_value(r, kept, value);
    if (kept->slot == DGM_SLOT_NONE) keep_name(r, kept, prefix, name);
}

static dgm_slice attribute_value(const dgm_xml_reader *r, const dgm_xml_attribute *a)
{
    if (a->decoded) return (dgm_slice){ r->values.at + a->value, a->len };
    return (dgm_slice){ dgm_xml_input_raw(&r->in).at + a->at, a->span };
}

/* Puts the kept attributes behind the node just made. */
void dgm_xml_put_attributes(dgm_xml_reader *r, const char *owner, uint32_t occurrence)
{
    for (size_t i = 0; i < r->attribute_count; i++) {
        const dgm_xml_attribute *a = &r->attributes[i];
        dgm_node *n = dgm_xml_new_node(r);
        if (!n) break;
        dgm_slice value = attribute_value(r, a);
        *n = (dgm_node){ a->at, a->span, DGM_TAG(a->slot, DGM_ATTRIBUTE, value.len ? 0 : DGM_EMPTY), DGM_PLACE(0, 0, 1) };
        uint32_t node = dgm_xml_last_node(r);
        if (a->decoded && value.len) {
            dgm_xml_commit(r);
            r->host.draft_decoded(r->draft, node, value);
        }
        if (a->slot == DGM_SLOT_UNKNOWN) {
            dgm_xml_commit(r);
            r->host.draft_named(r->draft, node, (dgm_slice){ r->values.at + a->name, a->name_len });
            continue;
        }
        dgm_xml_fault fault;
        const dgm_xml_place *place = &r->places[a->slot];
        if (place->type == DGM_TYPE_FLAG) dgm_xml_keep_flag(r, node, value);
        if (dgm_xml_value_fine(place, value) || !dgm_xml_value_wrong(place, value, &fault)) continue;
        dgm_xml_commit(r);
        r->host.draft_flag(r->draft, node, DGM_BAD);
        dgm_xml_problem_fault(r, &fault, node, a->text_at, 0, owner, occurrence, dgm_shape_slot(r->format->shape, a->slot)->name,
                              value);
    }
    r->attribute_count = 0;
    r->attributes_unknown = false;
}

/* Says what is unknown or missing among the kept attributes of an element of the format. */
void dgm_xml_check_attributes(dgm_xml_reader *r, uint32_t slot, const char *name, uint32_t occurrence, size_t tag)
{
    for (size_t i = 0; i < r->attribute_count && r->attributes_unknown; i++) {
        const dgm_xml_attribute *a = &r->attributes[i];
        if (a->slot != DGM_SLOT_UNKNOWN) continue;
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ATTRIBUTE_UNKNOWN, DGM_WARNING, a->text_at, 0);
        dgm_xml_problem_below(r, p, name, occurrence);
        dgm_xml_problem_text(r, p, (dgm_slice){ r->values.at + a->name, a->name_len });
        dgm_xml_problem_name(r, p, name);
    }
    const dgm_xml_place *place = &r->places[slot];
    if (!(place->flags & DGM_XML_NEEDS_ATTRIBUTE)) return;
    for (uint32_t i = place->first_child; i < place->first_child + place->child_count; i++) {
        bool there = r->places[i].min == 0 || r->places[i].kind != DGM_ATTRIBUTE;
        for (size_t k = 0; k < r->attribute_count && !there; k++) there = r->attributes[k].slot == i;
        if (there) continue;
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ATTRIBUTE_MISSING, DGM_ERROR, tag, strlen(name) + 1);
        dgm_xml_problem_below(r, p, name, occurrence);
        dgm_xml_problem_text(r, p, dgm_shape_slot(r->format->shape, i)->name);
        dgm_xml_problem_name(r, p, name);
    }
}
