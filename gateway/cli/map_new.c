/* SPDX-License-Identifier: Apache-2.0
 *
 * map_new.c - `map new`: the first file of a mapping, with every place that must not be missing on either side, and for each the
 * places of the other side that the standards know under the same number (UN/TDED). One thread.
 */
#include "map.h"

#include "context.h"

enum { PATH_BYTES = 512, NEAR_MAX = 4 };

static dgm_slice path_of(const dgm_shape *s, uint32_t slot, char *room)
{
    size_t n = dgm_shape_path(s, slot, room, PATH_BYTES);
    return (dgm_slice){ room, n < PATH_BYTES ? n : PATH_BYTES };
}

/* A leaf that must be there wherever what it stands in is, and that a mapping has to write. */
static bool leaf_wanted(const dgm_slot *s)
{
    return dgm_kind_leaf(s->kind) && s->kind != DGM_ATTRIBUTE && s->min > 0 && !s->envelope;
}

/* The nearest place above it that may be missing, or the root: with what it must be written. */
static uint32_t optional_above(const dgm_shape *s, uint32_t slot)
{
    uint32_t at = dgm_shape_slot(s, slot)->parent;
    while (at != DGM_SLOT_NONE && at != DGM_SLOT_ROOT && dgm_shape_slot(s, at)->min > 0) at = dgm_shape_slot(s, at)->parent;
    return at;
}

static uint16_t number_of(const dgm_slot *s)
{
    if (s->tded) return s->tded;
    uint64_t n = 0; /* elements of UN/EDIFACT are called by it */
    return s->name.len == 4 && cli_number(s->name, 9999, &n) ? (uint16_t)n : 0;
}

static void comment_of(cli_stream *s, const dgm_slot *slot)
{
    if (slot->title.len) cli_print(s, "  # %.*s", (int)slot->title.len, slot->title.at);
    cli_put(s, "\n");
}

/* Places of the other side with the same number, the highest ones first as they come. */
static void tell_near(cli_stream *s, const dgm_shape *other, uint16_t number)
{
    char room[PATH_BYTES];
    uint32_t told = 0;
    for (uint32_t k = 0; number && k < dgm_shape_count(other) && told < NEAR_MAX; k++) {
        const dgm_slot *slot = dgm_shape_slot(other, k);
        if (!dgm_kind_leaf(slot->kind) || slot->kind == DGM_ATTRIBUTE || slot->envelope || number_of(slot) != number) continue;
        dgm_slice path = path_of(other, k, room);
        cli_print(s, "#     %u is also %.*s\n", number, (int)path.len, path.at);
        told++;
    }
}

/* A segment or class that must be there, and asks for none of its values itself. */
static bool hollow(const dgm_shape *own, uint32_t slot)
{
    const dgm_slot *x = dgm_shape_slot(own, slot);
    if (slot == DGM_SLOT_ROOT || dgm_kind_leaf(x->kind) || x->kind == DGM_COMPOSITE || x->envelope || !x->min) return false;
    for (uint32_t k = slot + 1; k < dgm_shape_count(own); k++)
        if (leaf_wanted(dgm_shape_slot(own, k)) && dgm_shape_beneath(own, k, slot) && optional_above(own, k) <= slot) return false;
    return optional_above(own, slot) == DGM_SLOT_ROOT;
}

/* Every place of one side that must be there whenever `above` is. */
static uint32_t list_places(cli_stream *s, const dgm_shape *own, const dgm_shape *other, bool wire, uint32_t above)
{
    char room[PATH_BYTES];
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < dgm_shape_count(own); slot++) {
        const dgm_slot *x = dgm_shape_slot(own, slot);
        bool leaf = leaf_wanted(x) && optional_above(own, slot) == above;
        if (!leaf && !(above == DGM_SLOT_ROOT && hollow(own, slot))) continue;
        dgm_slice path = path_of(own, slot, room);
        if (!count++ && above != DGM_SLOT_ROOT) cli_print(s, "#\n");
        if (leaf)
            cli_print(s, wire ? "# - {wire: %.*s, model: }" : "# - {wire: , model: %.*s}", (int)path.len, path.at);
        else
            cli_print(s, "# %.*s, whatever stands in it", (int)path.len, path.at);
        comment_of(s, x);
        if (leaf) tell_near(s, other, number_of(x));
    }
    return count;
}

/* One side: what must be there always, then what comes with each place that may be missing. */
static void list_side(cli_stream *s, const dgm_shape *own, const dgm_shape *other, bool wire, dgm_slice name)
{
    cli_print(s, "\n# ---- in every %.*s\n", (int)name.len, name.at);
    if (!list_places(s, own, other, wire, DGM_SLOT_ROOT)) cli_put(s, "# (none)\n");
    cli_print(s, "\n# ---- in what may be missing, when it is there\n");
    uint32_t count = 0;
    for (uint32_t slot = DGM_SLOT_ROOT + 1; slot < dgm_shape_count(own); slot++) {
        const dgm_slot *x = dgm_shape_slot(own, slot);
        if (!dgm_kind_leaf(x->kind) && !x->envelope && !x->min && x->needs) count += list_places(s, own, other, wire, slot);
    }
    if (!count) cli_put(s, "# (none)\n");
}

static cli_exit unknown(cli *c, const char *what, dgm_slice name)
{
    dgm_slice names[256];
    size_t n = 0, formats = dgm_context_format_count(c->context);
    for (size_t i = 0; *what == 'f' && i < formats && n < 256; i++) names[n++] = dgm_context_format(c->context, i).name;
    for (size_t i = 0; *what == 'm' && i < c->context->model_count && n < 256; i++)
        names[n++] = dgm_shape_name(c->context->models[i].shape);
    int near = dgm_nearest(name, names, n);
    if (near >= 0)
        return cli_usage(c, "there is no %s '%.*s'; did you mean %.*s?", what, (int)name.len, name.at, (int)names[near].len,
                         names[near].at);
    if (*what == 'f')
        return cli_usage(c, "there is no format '%.*s'; `dragoman formats` tells what there is", (int)name.len, name.at);
    return cli_usage(c, "there is no model '%.*s': a model is a document's, such as Declaration@1, not a format's", (int)name.len,
                     name.at);
}

static void file(cli *c, const dgm_shape *wire, const dgm_shape *model, dgm_slice format, dgm_slice model_name)
{
    cli_stream *s = &c->out;
    cli_print(s, "# %.*s and %.*s, both ways. `dragoman map lint` tells what is wrong or missing.\n", (int)format.len, format.at,
              (int)model_name.len, model_name.at);
    cli_print(s, "dragoman: mapping/1\nmapping: %.*s\nwire: {format: %.*s}\nmodel: %.*s\nrules: []\n", (int)format.len, format.at,
              (int)format.len, format.at, (int)model_name.len, model_name.at);
    cli_put(s, "\n# Put rules in the place of the [] above, one place a line: {wire: PLACE, model: PLACE}.\n"
               "# Below are the places that must not be missing; take the # away where you have filled in the other side.\n");
    list_side(s, wire, model, true, format);
    list_side(s, model, wire, false, model_name);
}

static dgm_slice message_of(const dgm_format *f)
{
    for (size_t i = 0; i < f->setting_count; i++)
        if (dgm_slice_is(f->settings[i].name, "message")) return f->settings[i].value;
    return (dgm_slice){ 0 };
}

/* The model that messages of this kind are mapped to, when nobody says: that of this format, else of another with the same message.
 */
static dgm_slice usual_model(const cli *c, const dgm_format_entry *wire)
{
    const dgm_context *x = c->context;
    dgm_slice message = message_of(&wire->format);
    if (wire->mapping) return dgm_mapping_model(wire->mapping->mapping);
    for (size_t i = 0; message.len && i < x->format_count; i++)
        if (x->formats[i].mapping && dgm_slice_equal(message_of(&x->formats[i].format), message))
            return dgm_mapping_model(x->formats[i].mapping->mapping);
    return (dgm_slice){ 0 };
}

cli_exit map_new(cli *c, size_t n)
{
    dgm_slice format = c->args.value[OPT_FROM], model_name = c->args.value[OPT_TO];
    if (n || !format.len) return cli_usage(c, "map new needs --from FORMAT, and --to MODEL where there are several");
    cli_exit code = cli_context_whole(c);
    if (code != CLI_DONE) return code;
    const dgm_format_entry *wire = dgm_context_find(c->context, format);
    if (!wire) return unknown(c, "format", format);
    if (!model_name.len && c->context->model_count == 1) model_name = dgm_shape_name(c->context->models[0].shape);
    if (!model_name.len) model_name = usual_model(c, wire);
    if (!model_name.len) return cli_usage(c, "map new needs --to MODEL: there are several");
    const dgm_model_entry *model = dgm_context_model(c->context, model_name);
    if (!model) return unknown(c, "model", model_name);
    file(c, wire->shape, model->shape, format, model_name);
    return CLI_DONE;
}
