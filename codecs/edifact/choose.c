/* SPDX-License-Identifier: Apache-2.0
 *
 * choose.c - by which directory a message is read: the one that UNH names, or its group where UNH names none, or the one that the
 * setting `format` names for its sender. ISO 9735:1988, S008 and S009. One thread.
 */
#include "directory_book.h"
#include "reader.h"

bool dgm_edi_choice_item(dgm_slice *list, dgm_slice *sender, dgm_slice *type, dgm_slice *what)
{
    while (list->len) {
        dgm_cut item = dgm_slice_cut(*list, ';');
        *list = item.tail;
        dgm_slice whole = dgm_slice_trim(item.head);
        if (whole.len == 0) continue;
        dgm_cut halves = dgm_slice_cut(whole, '=');
        *sender = halves.found ? dgm_slice_trim(halves.head) : (dgm_slice){ 0 };
        dgm_cut named = dgm_slice_cut(halves.found ? halves.tail : halves.head, ':');
        *type = named.found ? dgm_slice_trim(named.head) : (dgm_slice){ 0 };
        *what = dgm_slice_trim(named.found ? named.tail : named.head);
        return true;
    }
    return false;
}

static dgm_slice format_setting(const dgm_format *f, const char *name)
{
    return dgm_setting_get(f->settings, f->setting_count, dgm_edi_format_options, name);
}

static const dgm_format *format_named(const dgm_edi_reader *r, dgm_slice name)
{
    for (size_t i = 0; i < r->host.format_count; i++)
        if (dgm_slice_equal(r->host.formats[i]->name, name) && dgm_slice_is(r->host.formats[i]->codec, "edifact"))
            return r->host.formats[i];
    return NULL;
}

/* "D.96B" or "D96B" as version and release. */
static bool split(dgm_slice what, dgm_slice *version, dgm_slice *release)
{
    if (what.len < 3) return false;
    size_t dot = what.at[1] == '.' ? 2 : 1;
    *version = dgm_slice_part(what, 0, 1);
    *release = dgm_slice_part(what, dot, what.len);
    return release->len > 0;
}

static bool known(const dgm_edi_reader *r, dgm_slice what)
{
    dgm_slice version, release;
    dgm_edi_directory d;
    if (format_named(r, what)) return true;
    if (!split(what, &version, &release)) return false;
    dgm_edi_directory_choose(r->host.knowledge, r->host.knowledge_count, version, release, DGM_LITERAL("UN"), &d);
    return dgm_edi_directory_known(&d);
}

dgm_status dgm_edi_choice_open(dgm_edi_reader *r, dgm_slice setting)
{
    dgm_slice list = setting, sender, type, what;
    while (dgm_edi_choice_item(&list, &sender, &type, &what)) {
        if (known(r, what)) continue;
        dgm_diag *d = dgm_diags_add(r->host.diags, DGM_D_EDI_SETTING, DGM_ERROR);
        dgm_edi_say(r, d, "format");
        dgm_edi_say_slice(r, d, what);
        return DGM_CONFIG;
    }
    if (setting.len == 0) return DGM_OK;
    char *copy = DGM_NEW(&r->constants, char, setting.len);
    if (!copy) return DGM_NOMEM;
    memcpy(copy, setting.at, setting.len);
    r->format_setting = (dgm_slice){ copy, setting.len };
    return DGM_OK;
}

dgm_slice dgm_edi_choice_of(const dgm_edi_reader *r, dgm_slice list, dgm_slice of_type)
{
    dgm_slice sender, type, what, found = { 0 };
    uint32_t best = 0;
    while (dgm_edi_choice_item(&list, &sender, &type, &what)) {
        if (sender.len && !dgm_slice_equal(sender, dgm_edi_text_slice(&r->sender))) continue;
        if (type.len && !dgm_slice_equal(type, of_type)) continue;
        uint32_t worth = 1u + (sender.len ? 2 : 0) + (type.len ? 1 : 0);
        if (worth <= best) continue;
        best = worth;
        found = what;
    }
    return found;
}

bool dgm_edi_choose(dgm_edi_reader *r, dgm_slice type, dgm_edi_text *version, dgm_edi_text *release, dgm_edi_text *association)
{
    dgm_slice what = dgm_edi_choice_of(r, r->format_setting, type), v, n;
    if (version->len + release->len == 0 && r->in_group) {
        *version = r->group_version;
        *release = r->group_release;
    }
    if (what.len == 0) return false;
    const dgm_format *f = format_named(r, what);
    if (f) {
        if (!dgm_slice_equal(format_setting(f, "message"), type)) return false; /* of another message */
        v = format_setting(f, "version");
        n = format_setting(f, "release");
        dgm_edi_text_set(association, format_setting(f, "association"));
    } else if (!split(what, &v, &n)) {
        return false;
    }
    bool other = !dgm_slice_equal(v, dgm_edi_text_slice(version)) || !dgm_slice_equal(n, dgm_edi_text_slice(release));
    dgm_edi_text_set(version, v);
    dgm_edi_text_set(release, n);
    return other;
}
