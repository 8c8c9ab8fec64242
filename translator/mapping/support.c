/* SPDX-License-Identifier: Apache-2.0
 *
 * support.c - small helpers of the loader: arrays in the arena, diagnostics about a place of a mapping file. One thread.
 */
#include "internal.h"

/* The smallest is lost when there is no room to remember all. */
void dgm_map_room_back(map_loader *l, void *array, size_t bytes)
{
    uint32_t least = 0;
    if (!array || !bytes) return;
    if (l->spare_count < MAP_SPARE) {
        l->spare[l->spare_count++] = (struct map_spare){ array, bytes };
        return;
    }
    for (uint32_t i = 1; i < MAP_SPARE; i++)
        if (l->spare[i].bytes < l->spare[least].bytes) least = i;
    if (l->spare[least].bytes < bytes) l->spare[least] = (struct map_spare){ array, bytes };
}

/* The smallest that is large enough, without more of it than is wanted; NULL: there is none. All zero. */
static void *from_spare(map_loader *l, size_t bytes)
{
    const size_t step = _Alignof(max_align_t), taken = (bytes + step - 1) / step * step;
    uint32_t best = l->spare_count;
    for (uint32_t i = 0; i < l->spare_count; i++)
        if (l->spare[i].bytes >= taken && (best == l->spare_count || l->spare[i].bytes < l->spare[best].bytes)) best = i;
    if (best == l->spare_count) return NULL;
    char *at = l->spare[best].at;
    l->spare[best].at = at + taken;
    l->spare[best].bytes -= taken;
    if (l->spare[best].bytes < 256) l->spare[best] = l->spare[--l->spare_count];
    return memset(at, 0, bytes);
}

bool dgm_map_room(map_loader *l, void **array, size_t *room, size_t wanted, size_t thing_bytes)
{
    if (wanted <= *room) return true;
    size_t more = *room < 8 ? 16 : *room * 2;
    if (more < wanted) more = wanted;
    void *p = more <= SIZE_MAX / 2 / thing_bytes ? from_spare(l, more * thing_bytes) : NULL;
    if (!p) p = dgm_arena_new(l->arena, thing_bytes, _Alignof(max_align_t), more);
    if (!p) {
        l->nomem = true;
        return false;
    }
    if (*room) memcpy(p, *array, *room * thing_bytes);
    dgm_map_room_back(l, *room ? *array : NULL, *room * thing_bytes);
    *array = p;
    *room = more;
    return true;
}

static dgm_diag *tell(map_loader *l, map_mark mark, dgm_diag_code code, dgm_severity severity)
{
    if (severity == DGM_ERROR) l->wrong = true;
    map_file none = { 0 };
    const map_file *f = mark.file < l->m->file_count ? &l->m->files[mark.file] : &none;
    return dgm_yaml_fault(l->diags, f->name, f->bytes, mark.at, code, severity);
}

dgm_diag *dgm_map_fault(map_loader *l, map_mark mark, dgm_diag_code code)
{
    return tell(l, mark, code, DGM_ERROR);
}

dgm_diag *dgm_map_warn(map_loader *l, map_mark mark, dgm_diag_code code)
{
    return tell(l, mark, code, DGM_WARNING);
}

void dgm_map_say(map_loader *l, dgm_diag *d, dgm_slice text)
{
    dgm_diag_text(l->diags, d, text);
}

map_mark dgm_map_part(const map_loader *l, map_mark mark, dgm_slice whole, size_t offset, size_t bytes)
{
    if (mark.file >= l->m->file_count || offset > whole.len) return mark;
    dgm_slice file = l->m->files[mark.file].bytes;
    size_t at = (size_t)mark.at.byte;
    if (at < file.len && (file.at[at] == '"' || file.at[at] == '\'')) at++;
    /* Only a text that stands in the file as it reads can be pointed into. */
    if (at > file.len || file.len - at < whole.len || (whole.len && memcmp(file.at + at, whole.at, whole.len) != 0)) return mark;
    mark.at.column += (uint32_t)(at - mark.at.byte + offset);
    mark.at.byte = at + offset;
    mark.at.bytes = (uint32_t)bytes;
    return mark;
}

const char *dgm_map_param_unfit(dgm_type type, dgm_slice value)
{
    if (type == DGM_TYPE_NUMBER && !dgm_decimal_valid(value, '.')) return "a number";
    if (type == DGM_TYPE_DATE && !dgm_date_valid(value)) return "a date (2026-11-21)";
    if (type == DGM_TYPE_FLAG && !dgm_slice_is(value, "true") && !dgm_slice_is(value, "false")) return "true or false";
    return NULL;
}

dgm_slice dgm_map_slot_text(map_loader *l, const dgm_shape *s, uint32_t slot)
{
    const dgm_slot *self = dgm_shape_slot(s, slot);
    if (!self || slot == DGM_SLOT_ROOT) return dgm_shape_name(s);
    char path[160];
    size_t n = dgm_shape_path(s, self->parent, path, sizeof path);
    if (!n) return self->name;
    dgm_slice out = dgm_arena_print(l->arena, "%.*s in %.*s", (int)self->name.len, self->name.at, (int)(n < 160 ? n : 159), path);
    if (!out.at) l->nomem = true;
    return out;
}
