/* SPDX-License-Identifier: Apache-2.0
 *
 * root.c - what is asked once for a document or a name: which of the loaded formats it is, where its root stands, which slot a name
 * has, whether a namespace is the right one. One thread.
 */
#include "reader.h"

/* ---- names to slots ---- */

/* Is it one of the next few children? Senders keep the order, so the look-up by hash is seldom needed. */
static uint32_t look_near(const dgm_xml_reader *r, uint32_t parent, uint32_t from, dgm_slice step)
{
    const dgm_xml_place *p = &r->places[parent];
    uint32_t end = p->first_child + p->child_count;
    if (p->child_count == 0) return DGM_SLOT_NONE;
    if (from < p->first_child || from >= end) from = p->first_child;
    for (uint32_t i = from; i < end && i < from + 10; i++)
        if (dgm_slice_equal(dgm_shape_slot(r->format->shape, i)->name, step)) return i;
    return DGM_SLOT_NONE;
}

static uint32_t find_child(const dgm_xml_reader *r, uint32_t parent, const xmlChar *name)
{
    char room[260];
    size_t n = name ? strlen((const char *)name) : 0;
    bool attribute = (parent & DGM_XML_MARKED) != 0;
    if (n == 0 || n > 256) return DGM_SLOT_NONE;
    room[0] = '@';
    memcpy(room + 1, name, n);
    dgm_slice step = attribute ? (dgm_slice){ room, n + 1 } : (dgm_slice){ room + 1, n };
    parent &= ~DGM_XML_MARKED;
    uint32_t last = attribute || r->depth == 0 ? DGM_SLOT_NONE : r->frames[r->depth - 1].last;
    uint32_t slot = look_near(r, parent, last, step);
    return slot != DGM_SLOT_NONE ? slot : dgm_shape_child(r->format->shape, parent, step, 1);
}

dgm_xml_known *dgm_xml_look_up(dgm_xml_reader *r, uint32_t parent, const xmlChar *name, uint32_t from)
{
    for (uint32_t i = from;; i = (i + 1) & (DGM_XML_CACHE - 1)) {
        dgm_xml_known *k = &r->known[i];
        if (k->name == name && k->parent == parent) return k;
        if (k->name) continue;
        if (r->known_count >= DGM_XML_CACHE / 4 * 3) {
            memset(r->known, 0, DGM_XML_CACHE * sizeof *r->known);
            r->known_count = 0;
        }
        r->known_count++;
        *k = (dgm_xml_known){ .name = name, .parent = parent, .slot = find_child(r, parent, name) };
        if (k->slot != DGM_SLOT_NONE) {
            k->max = r->places[k->slot].max;
            k->flags = r->places[k->slot].flags;
        }
        return k;
    }
}

/* Which of the loaded formats a document is: its root, and where several share it, the payload that comes first in the text. */
static size_t find_tag(dgm_slice text, size_t from, dgm_slice name)
{
    for (size_t i = from; i + name.len + 1 < text.len; i++) {
        const char *hit = memchr(text.at + i, '<', text.len - i);
        if (!hit) return SIZE_MAX;
        i = (size_t)(hit - text.at);
        dgm_slice rest = dgm_slice_part(text, i + 1, i + 1 + name.len + 64);
        size_t end = 0;
        while (end < rest.len && !dgm_xml_space(rest.at[end]) && rest.at[end] != '>' && rest.at[end] != '/') end++;
        dgm_slice tag = dgm_slice_part(rest, 0, end);
        dgm_cut cut = dgm_slice_cut(tag, ':');
        if (dgm_slice_equal(cut.found ? cut.tail : tag, name)) return i;
    }
    return SIZE_MAX;
}

/* Is a namespace the one that a format has there? */
static bool own_uri(dgm_slice format, const char *uri)
{
    return uri && format.len && dgm_slice_is(format, uri);
}

/* Of those whose root has this name: one with the namespace of the document before the others, and of these the one whose payload
 * comes first. */
static const dgm_format *choose_format(dgm_xml_reader *r, dgm_slice root, const char *uri, bool payload, size_t at)
{
    const dgm_format *best = NULL;
    size_t best_at = SIZE_MAX;
    bool best_own = false;
    for (size_t i = 0; i < r->host.format_count; i++) {
        const dgm_format *f = r->host.formats[i];
        dgm_xml_sketch s;
        if (!dgm_xml_sketch_of(f, r->host.diags, &s, &r->unusable) || (payload && !s.enveloped)) continue;
        if (!dgm_slice_equal(payload ? s.document : s.root, root)) continue;
        bool own = own_uri(payload ? s.document_uri : s.root_uri, uri);
        size_t found = payload || !s.enveloped ? SIZE_MAX : find_tag(r->text, at, s.document);
        if (best && (own == best_own ? found >= best_at : !own)) continue;
        best = f;
        best_at = found;
        best_own = own;
    }
    return best;
}

void dgm_xml_check_namespace(dgm_xml_reader *r, dgm_xml_known *known, uint32_t slot, const char *name, const xmlChar *uri,
                             size_t at)
{
    uint32_t ns = r->places[slot].ns;
    if (!uri && ns < r->profile->ns_count) { /* a root; no more is said of the document, whatever else it has */
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_NAMESPACE_NONE, DGM_INFO, at, strlen(name) + 1);
        dgm_xml_problem_text(r, p, r->profile->ns[ns].uri);
        return;
    }
    if (ns >= r->profile->ns_count || strcmp((const char *)uri, r->profile->ns[ns].uri.at) == 0) {
        if (known) known->uri = uri;
        return;
    }
    for (uint32_t i = 0; i < r->stranger_count; i++)
        if (r->strangers[i].uri == uri && r->strangers[i].ns == ns) return;
    if (r->stranger_count == DGM_XML_STRANGERS) return;
    r->strangers[r->stranger_count].uri = uri;
    r->strangers[r->stranger_count++].ns = ns;
    dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_NAMESPACE_UNEXPECTED, DGM_WARNING, at, strlen(name) + 1);
    dgm_xml_problem_name(r, p, name);
    dgm_xml_problem_name(r, p, (const char *)uri);
    dgm_xml_problem_text(r, p, r->profile->ns[ns].uri);
}

/* An envelope is known also where only what may be in it is asked for. */
static const dgm_format *choose_envelope(dgm_xml_reader *r, dgm_slice root)
{
    for (size_t i = 0; i < r->host.known_count; i++) {
        const dgm_format *f = r->host.known[i];
        dgm_xml_sketch s;
        if (dgm_xml_sketch_of(f, r->host.diags, &s, &r->unusable) && s.carries && dgm_slice_equal(s.root, root)) return f;
    }
    return NULL;
}

/* The profile of a format that is chosen, or may be; NULL: it cannot be loaded, which stops the reading. */
static const dgm_xml_profile *profile_of(dgm_xml_reader *r, const dgm_format *f)
{
    if (!f) return NULL;
    dgm_status s = dgm_format_need(f, r->host.diags);
    if (s != DGM_OK) r->unusable = s;
    return s == DGM_OK ? dgm_xml_profile_of(f) : NULL;
}

/* Does what stands first in an element that begins at `at` have a place there? */
static bool begins_with_child(const dgm_format *f, uint32_t slot, dgm_slice text, size_t at)
{
    for (uint32_t i = 0; i < DGM_XML_NAMESPACES_MAX; i++) { /* comments and the like are stepped over, a few */
        const char *hit = at + 1 < text.len ? memchr(text.at + at + 1, '<', text.len - at - 1) : NULL;
        if (!hit) return false;
        at = (size_t)(hit - text.at);
        size_t end = at + 1;
        if (end < text.len && (text.at[end] == '!' || text.at[end] == '?')) {
            const char *closing = text.at[end] == '?' ? "?>" : "-->";
            size_t n = strlen(closing);
            while (at + n <= text.len && memcmp(text.at + at, closing, n) != 0) at++;
            continue;
        }
        while (end < text.len && !dgm_xml_space(text.at[end]) && text.at[end] != '>' && text.at[end] != '/') end++;
        dgm_cut cut = dgm_slice_cut(dgm_slice_part(text, at + 1, end), ':');
        return dgm_shape_child(f->shape, slot, cut.found ? cut.tail : cut.head, 1) != DGM_SLOT_NONE;
    }
    return false;
}

/* Which format begins so: with its root, or (bare) with its payload, and the one as the other may be called alike. Its own
 * namespace decides; where there is none, what stands first in the element. */
static const dgm_format *choose_root(dgm_xml_reader *r, dgm_slice root, const char *uri, size_t at, bool *bare)
{
    dgm_xml_sketch w = { 0 }, p = { 0 };
    const dgm_format *whole = choose_format(r, root, uri, false, at + 1);
    if (!whole) whole = choose_envelope(r, root);
    if (whole && dgm_xml_sketch_of(whole, NULL, &w, &r->unusable) && own_uri(w.root_uri, uri)) return whole;
    const dgm_format *payload = choose_format(r, root, uri, true, at);
    *bare = payload && !whole;
    if (!payload || !whole) return payload ? payload : whole;
    *bare = dgm_xml_sketch_of(payload, NULL, &p, &r->unusable) && own_uri(p.document_uri, uri);
    if (*bare) return payload;
    const dgm_xml_profile *inner = profile_of(r, payload);
    if (!inner || !profile_of(r, whole)) return NULL;
    *bare = !begins_with_child(whole, DGM_SLOT_ROOT, r->text, at) && begins_with_child(payload, inner->document, r->text, at);
    return *bare ? payload : whole;
}

/* The root: the format is chosen, the draft begins. Returns the slot. */
uint32_t dgm_xml_begin_root(dgm_xml_reader *r, const char *name, const char *uri, size_t at)
{
    r->root_open = true;
    dgm_slice root = dgm_slice_of(name);
    bool bare = false;
    r->format = choose_root(r, root, uri, at, &bare);
    r->profile = profile_of(r, r->format);
    if (r->unusable != DGM_OK) {
        r->format = NULL;
        r->profile = NULL;
        dgm_xml_stop(r, at, true);
        return DGM_SLOT_UNKNOWN;
    }
    if (r->format && r->format != r->known_format) {
        memset(r->known, 0, DGM_XML_CACHE * sizeof *r->known);
        r->known_count = 0;
        r->known_format = r->format;
    }
    r->places = r->profile ? r->profile->places : NULL;
    if (r->host.draft_begin(r->draft, r->format ? r->format->shape : NULL) != DGM_OK) {
        r->no_memory = true;
        dgm_xml_stop(r, at, true);
        return DGM_SLOT_UNKNOWN;
    }
    if (!r->format || !r->profile) {
        dgm_xml_problem_name(r, dgm_xml_problem_add(r, DGM_D_XML_ROOT_UNKNOWN, DGM_ERROR, at, root.len + 1), name);
        return DGM_SLOT_UNKNOWN;
    }
    if (!bare && r->profile->message != DGM_SLOT_NONE) dgm_xml_many_begin(r);
    if (!bare || r->profile->document == DGM_SLOT_ROOT) return DGM_SLOT_ROOT;
    /* The payload without its envelope: the elements above it are put in its place, marked as not sent. */
    uint32_t path[DGM_DEPTH_MAX], n = 0;
    for (uint32_t s = dgm_shape_slot(r->format->shape, r->profile->document)->parent; s != DGM_SLOT_NONE;
         s = dgm_shape_slot(r->format->shape, s)->parent)
        path[n++] = s;
    dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ENVELOPE_MISSING, DGM_WARNING, at, root.len + 1);
    dgm_xml_problem_name(r, p, name);
    dgm_xml_problem_text(r, p, dgm_shape_slot(r->format->shape, DGM_SLOT_ROOT)->name);
    while (n-- && !r->stopped)
        dgm_xml_push_frame(r, path[n], dgm_shape_slot(r->format->shape, path[n])->name.at, 1, at, DGM_SYNTHETIC);
    r->synthetic = r->depth;
    return r->profile->document;
}
