/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_document.c - the schema of one kind of canonical documents as JSON, from the shape of its vocabulary: what codecs/json
 * reads and writes (its README has the table). Slots go down as deep as a vocabulary does, which is ours. One thread.
 */
#include "schema.h"

static void leaf_type(cli_stream *s, const dgm_slot *x)
{
    bool number = x->type == DGM_TYPE_NUMBER || x->type == DGM_TYPE_AMOUNT || x->type == DGM_TYPE_QUANTITY;
    if (x->type == DGM_TYPE_FLAG) {
        cli_put(s, "\"type\":[\"boolean\",\"null\"]");
        return;
    }
    cli_put(s, number ? "\"type\":[\"number\",\"string\",\"null\"]" : "\"type\":[\"string\",\"null\"]");
    if (!number && x->type != DGM_TYPE_DATE && x->repr.length_max) cli_print(s, ",\"maxLength\":%u", x->repr.length_max);
}

static void describe(cli_stream *s, const dgm_slot *x)
{
    if (!x->title.len) return;
    cli_put(s, "\"description\":");
    cli_put_json(s, x->title);
    cli_put(s, ",");
}

static void members(cli_stream *s, const dgm_shape *shape, uint32_t slot, bool leaf);

/* A value, or with attributes an object around it. */
static void value(cli_stream *s, const dgm_shape *shape, uint32_t slot)
{
    const dgm_slot *x = dgm_shape_slot(shape, slot);
    cli_put(s, "{");
    describe(s, x);
    if (!x->child_count) {
        leaf_type(s, x);
        cli_put(s, "}");
        return;
    }
    cli_put(s, "\"anyOf\":[{");
    leaf_type(s, x);
    cli_put(s, "},{\"type\":\"object\",");
    members(s, shape, slot, true);
    cli_put(s, "}]}");
}

static void one(cli_stream *s, const dgm_shape *shape, uint32_t slot)
{
    const dgm_slot *x = dgm_shape_slot(shape, slot);
    if (dgm_kind_leaf(x->kind)) {
        value(s, shape, slot);
        return;
    }
    cli_put(s, "{");
    describe(s, x);
    cli_put(s, "\"type\":[\"object\",\"null\"],");
    members(s, shape, slot, false);
    cli_put(s, "}");
}

/* A place that may repeat is an array; one member may stand without it. */
static void place(cli_stream *s, const dgm_shape *shape, uint32_t slot)
{
    const dgm_slot *x = dgm_shape_slot(shape, slot);
    if (x->max <= 1) {
        one(s, shape, slot);
        return;
    }
    cli_put(s, "{\"if\":{\"type\":\"array\"},\"then\":{\"type\":\"array\",");
    if (x->max != DGM_UNBOUNDED) cli_print(s, "\"maxItems\":%u,", x->max);
    cli_put(s, "\"items\":");
    one(s, shape, slot);
    cli_put(s, "},\"else\":");
    one(s, shape, slot);
    cli_put(s, "}");
}

static void members(cli_stream *s, const dgm_shape *shape, uint32_t slot, bool leaf)
{
    const dgm_slot *x = dgm_shape_slot(shape, slot);
    bool first = !leaf, odd = false;
    for (uint32_t i = 0; i < x->child_count; i++)
        odd = odd || dgm_slice_is(dgm_shape_slot(shape, x->first_child + i)->name, "@value");
    cli_put(s, "\"properties\":{");
    if (leaf) {
        cli_put(s, "\"value\":{");
        leaf_type(s, x);
        cli_put(s, "}");
    }
    for (uint32_t i = 0; i < x->child_count; i++, first = false) {
        uint32_t at = x->first_child + i;
        const dgm_slot *child = dgm_shape_slot(shape, at);
        dgm_slice name = child->name;
        if (leaf && name.len && name.at[0] == '@' && !(odd && dgm_slice_is(name, "@value")))
            name = dgm_slice_part(name, 1, name.len);
        if (!first) cli_put(s, ",");
        if (child->ordinal > 1)
            cli_print(s, "\"%.*s#%u\"", (int)name.len, name.at, child->ordinal);
        else
            cli_put_json(s, name);
        cli_put(s, ":");
        place(s, shape, at);
    }
    cli_put(s, "},\"additionalProperties\":false");
    bool begun = false;
    for (uint32_t i = 0; !leaf && i < x->child_count; i++) {
        const dgm_slot *child = dgm_shape_slot(shape, x->first_child + i);
        if (!child->min) continue;
        cli_put(s, begun ? "," : ",\"required\":[");
        cli_put_json(s, child->name);
        begun = true;
    }
    if (begun) cli_put(s, "]");
}

void schema_document(cli_stream *s, const dgm_shape *shape)
{
    char id[128];
    dgm_slice name = dgm_shape_name(shape);
    size_t len = name.len < sizeof id - 16 ? name.len : sizeof id - 16;
    memcpy(id, "document/", 9);
    memcpy(id + 9, name.at, len);
    id[9 + len] = 0;
    schema_head(s, id, "a canonical document");
    cli_put(s, "\"required\":[\"dragoman\",\"model\",\"document\"],\"additionalProperties\":false,\"properties\":{\"dragoman\":"
               "{\"const\":\"document/1\"},\"model\":{\"const\":");
    cli_put_json(s, name);
    cli_put(s, "},\"document\":{\"type\":\"object\",");
    members(s, shape, DGM_SLOT_ROOT, false);
    cli_put(s, "}}}\n");
}
