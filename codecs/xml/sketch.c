/* SPDX-License-Identifier: Apache-2.0
 *
 * sketch.c - what tells XML formats apart before one is loaded: what the root and the payload are called, and of which namespaces
 * they are. Taken from settings and the rows of the table that say so; of a format that is loaded, from its profile. Any thread.
 */
#include "xml.h"

#include "base/slice.h"
#include "codecs/codecs.h"

enum { COLUMN_NAMESPACE = 5 };

/* The URI of a key, or empty. */
static dgm_slice uri_of(const dgm_format *f, dgm_slice key)
{
    static const char prefix[] = "namespace.";
    const size_t n = sizeof prefix - 1;
    for (size_t i = 0; i < f->setting_count; i++) {
        const dgm_slice name = f->settings[i].name;
        const bool namespace = name.len > n && memcmp(name.at, prefix, n) == 0;
        if (namespace && dgm_slice_equal(dgm_slice_part(name, n, name.len), key)) return f->settings[i].value;
    }
    return (dgm_slice){ 0 };
}

static dgm_slice column(dgm_slice row, int which)
{
    dgm_cut cut = { .tail = row, .found = true };
    for (int i = 0; i <= which && cut.found; i++) cut = dgm_slice_cut(cut.tail, '\t');
    return cut.head;
}

/* The next row of a table; empty: there is none. */
static dgm_slice next_row(dgm_slice *rest)
{
    while (rest->len) {
        dgm_cut cut = dgm_slice_cut(*rest, '\n');
        dgm_slice row = cut.head;
        *rest = cut.tail;
        if (row.len && row.at[row.len - 1] == '\r') row.len--;
        if (row.len && row.at[0] != '#') return row;
    }
    return (dgm_slice){ 0 };
}

static dgm_slice last_step(dgm_slice path)
{
    size_t slash = path.len;
    while (slash && path.at[slash - 1] != '/') slash--;
    return dgm_slice_part(path, slash, path.len);
}

dgm_status dgm_xml_sketch_make(const dgm_format *f, dgm_arena *arena, const void **out)
{
    const dgm_slice document = dgm_setting_get(f->settings, f->setting_count, dgm_xml_format_options, "document");
    dgm_slice rest = f->table;
    *out = NULL;
    (void)next_row(&rest); /* names of the columns */
    dgm_slice row = next_row(&rest);
    dgm_xml_sketch s = { .root = column(row, 0), .root_uri = uri_of(f, column(row, COLUMN_NAMESPACE)) };
    s.carries = dgm_setting_get(f->settings, f->setting_count, dgm_xml_format_options, "payload").len > 0;
    s.enveloped = document.len > 0;
    while (s.enveloped && row.len && !dgm_slice_equal(column(row, 0), document)) row = next_row(&rest);
    s.document = s.enveloped ? last_step(column(row, 0)) : (dgm_slice){ 0 };
    s.document_uri = s.enveloped ? uri_of(f, column(row, COLUMN_NAMESPACE)) : (dgm_slice){ 0 };
    /* What cannot be told so is loaded by whoever wants to know, who is told what is wrong with it then. */
    if (!s.root.len || dgm_slice_cut(s.root, '/').found || (s.enveloped && !s.document.len)) return DGM_OK;
    dgm_xml_sketch *kept = DGM_NEW(arena, dgm_xml_sketch, 1);
    if (!kept) return DGM_NOMEM;
    *kept = s;
    *out = kept;
    return DGM_OK;
}

static dgm_slice uri_at(const dgm_xml_profile *p, uint32_t slot)
{
    const uint32_t ns = p->places[slot].ns;
    return ns < p->ns_count ? p->ns[ns].uri : (dgm_slice){ 0 };
}

bool dgm_xml_sketch_of(const dgm_format *f, dgm_diags *diags, dgm_xml_sketch *out, dgm_status *status)
{
    if (!f || !dgm_slice_is(f->codec, "xml")) return false;
    if (f->sketch) {
        *out = *(const dgm_xml_sketch *)f->sketch;
        return true;
    }
    const dgm_status s = dgm_format_need(f, diags);
    if (s != DGM_OK) *status = s;
    const dgm_xml_profile *p = s == DGM_OK ? dgm_xml_profile_of(f) : NULL;
    if (!p) return false;
    *out = (dgm_xml_sketch){ .root = dgm_shape_slot(f->shape, DGM_SLOT_ROOT)->name,
                             .root_uri = uri_at(p, DGM_SLOT_ROOT),
                             .enveloped = p->document != DGM_SLOT_NONE,
                             .carries = p->payload != DGM_SLOT_NONE };
    if (!out->enveloped) return true;
    out->document = dgm_shape_slot(f->shape, p->document)->name;
    out->document_uri = uri_at(p, p->document);
    return true;
}
