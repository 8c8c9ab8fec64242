/* SPDX-License-Identifier: Apache-2.0
 *
 * mapping_kit.h - shapes and trees written as indented text, so that a mapping can be tried without any codec; a mapping
 * environment over them. Header only, for the suites test_mapping_*.c.
 */
#ifndef MAPPING_KIT_H
#define MAPPING_KIT_H

#include "base/diag.h"
#include "mapping/mapping.h"
#include "conformance-tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

/* A line: blanks (one for each level), NAME KIND [MIN MAX [TYPE]] [v=CHILD] [c=CHILD] [r=REPR] [id=IDENTIFIER]
 * [alias=NAME] [env].
 * KIND: G S C E A; TYPE: t c i n d a q f p; v, c: paths beneath the slot of its parts, "." itself. */
static inline const char *kit_word(const char **at, char *out, size_t room)
{
    while (**at == ' ') ++*at;
    size_t n = 0;
    while (**at && **at != ' ' && **at != '\n' && n + 1 < room) out[n++] = *(*at)++;
    out[n] = '\0';
    return n ? out : NULL;
}

typedef struct kit_slot {
    uint32_t id, above;
    char name[48], value[64], code[64], tag[16];
} kit_slot;

static inline void kit_repr(dgm_repr *r, const char *text) /* n..16,3 an..35 n5 */
{
    size_t n = 0;
    while ((*text == 'a' || *text == 'n') && n < 2) r->class[n++] = *text++;
    bool most = *text == '.';
    while (*text == '.') text++;
    r->length_max = (uint32_t)strtoul(text, NULL, 10);
    if (!most) r->length_min = r->length_max;
    const char *comma = strchr(text, ',');
    r->decimals = comma ? (uint8_t)strtoul(comma + 1, NULL, 10) : 255;
}

static inline uint32_t kit_find(const kit_slot *all, uint32_t count, uint32_t from, const char *path)
{
    if (!*path) return DGM_SLOT_NONE;
    if (strcmp(path, ".") == 0) return all[from].id;
    while (*path) {
        size_t n = strcspn(path, "/");
        uint32_t k = 1;
        while (k < count && (all[k].above != from || strlen(all[k].name) != n || memcmp(all[k].name, path, n) != 0)) k++;
        if (k == count) return DGM_SLOT_NONE;
        from = k;
        path += n + (path[n] == '/');
    }
    return all[from].id;
}

static inline void kit_slot_words(const char *p, dgm_slot *s, kit_slot *own, char *alias)
{
    char word[128];
    for (int k = 0; kit_word(&p, word, sizeof word); k++) {
        const char *kinds = "GSCEA", *types = "-tcindaqfp";
        if (k == 0)
            s->kind = (dgm_kind)(strchr(kinds, *word) - kinds);
        else if (strncmp(word, "v=", 2) == 0)
            snprintf(own->value, sizeof own->value, "%.60s", word + 2);
        else if (strncmp(word, "c=", 2) == 0)
            snprintf(own->code, sizeof own->code, "%.60s", word + 2);
        else if (strncmp(word, "r=", 2) == 0)
            kit_repr(&s->repr, word + 2);
        else if (strncmp(word, "alias=", 6) == 0)
            snprintf(alias, 64, "%.60s", word + 6);
        else if (strncmp(word, "id=", 3) == 0)
            snprintf(own->tag, sizeof own->tag, "%.15s", word + 3);
        else if (strcmp(word, "env") == 0)
            s->envelope = true;
        else if (k == 1)
            s->min = (uint32_t)strtoul(word, NULL, 10);
        else if (k == 2)
            s->max = *word == 'u' ? DGM_UNBOUNDED : (uint32_t)strtoul(word, NULL, 10);
        else if (k == 3)
            s->type = (dgm_type)(strchr(types, *word) - types);
    }
    if (s->kind == DGM_ELEMENT && s->type == DGM_TYPE_NONE) s->type = DGM_TYPE_TEXT;
}

static inline dgm_shape *kit_shape(const char *name, const char *text)
{
    static kit_slot all[1024];
    dgm_mem from = dgm_mem_default();
    dgm_shape_maker *m;
    dgm_shape *out = NULL;
    uint32_t open[32] = { 0 }, count = 1;
    if (dgm_shape_begin(&from, dgm_slice_of(name), &m) != DGM_OK) return NULL;
    dgm_slot s = { .name = dgm_slice_of(name), .min = 1, .max = 1, .part_value = DGM_SLOT_NONE, .part_code = DGM_SLOT_NONE };
    all[0] = (kit_slot){ .id = dgm_shape_add(m, DGM_SLOT_NONE, &s) };
    for (const char *line = text; *line && count < 1024; line += *line == '\n') {
        size_t depth = strspn(line, " ");
        const char *p = line + depth;
        char alias[64] = "";
        kit_slot *own = &all[count];
        *own = (kit_slot){ .above = open[depth] };
        kit_word(&p, own->name, sizeof own->name);
        s = (dgm_slot){ .name = dgm_slice_of(own->name), .max = 1, .part_value = DGM_SLOT_NONE, .part_code = DGM_SLOT_NONE };
        kit_slot_words(p, &s, own, alias);
        s.tag = dgm_slice_of(own->tag);
        own->id = dgm_shape_add(m, all[own->above].id, &s);
        open[depth + 1] = count++;
        if (*alias) dgm_shape_add_alias(m, dgm_slice_of(alias), own->id);
        line += strcspn(line, "\n");
    }
    for (uint32_t k = 0; k < count; k++)
        if (*all[k].value || *all[k].code)
            dgm_shape_parts(m, all[k].id, kit_find(all, count, k, all[k].value), kit_find(all, count, k, all[k].code));
    if (dgm_shape_freeze(m, &out) != DGM_OK) out = NULL;
    dgm_shape_maker_free(m);
    return out;
}

/* A tree: blanks for levels, NAME or NAME#ORDINAL, and what follows a blank is the value. */
static inline dgm_tree *kit_tree(const dgm_shape *shape, const char *text)
{
    dgm_mem mem = dgm_mem_default();
    dgm_builder *b;
    dgm_tree *t = NULL;
    uint32_t at[64] = { 0 }, slots[64] = { 0 }, order = 0;
    if (dgm_builder_new(&mem, NULL, &b) != DGM_OK) return NULL;
    dgm_builder_begin(b, shape, false);
    for (const char *line = text; *line;) {
        size_t depth = strspn(line, " "), len = strcspn(line + depth, "\n"), name = strcspn(line + depth, " \n#");
        const char *p = line + depth;
        uint32_t ordinal = p[name] == '#' ? (uint32_t)strtoul(p + name + 1, NULL, 10) : 1;
        uint32_t slot = dgm_shape_child(shape, slots[depth], (dgm_slice){ p, name }, ordinal);
        if (slot == DGM_SLOT_NONE) {
            fprintf(stderr, "no such place in %s: %.*s\n", dgm_shape_name(shape).at, (int)len, p);
            CU_FAIL("a tree of the suite does not fit its shape");
            break;
        }
        const char *blank = memchr(p, ' ', len);
        dgm_slice value = blank ? (dgm_slice){ blank + 1, len - (size_t)(blank + 1 - p) } : (dgm_slice){ 0 };
        char lines[1024]; /* ~ stands for a line break in a value */
        for (size_t i = 0; i < value.len && i < sizeof lines; i++) lines[i] = value.at[i] == '~' ? '\n' : value.at[i];
        if (value.len <= sizeof lines && value.len) value.at = lines;
        slots[depth + 1] = slot;
        at[depth + 1] = dgm_kind_leaf(dgm_shape_slot(shape, slot)->kind) ? dgm_builder_leaf(b, at[depth], slot, order++, value)
                                                                         : dgm_builder_open(b, at[depth], slot, order++);
        line = p + len;
        if (*line) line++;
    }
    if (dgm_builder_freeze(b, &t, NULL) != DGM_OK) t = NULL;
    dgm_builder_free(b);
    return t;
}

/* The same text of a tree. The caller frees it. */
static inline char *kit_text(const dgm_tree *t)
{
    size_t room = 1 << 16, used = 0;
    char *out = malloc(room);
    uint32_t ends[64], depth = 0;
    if (!out) return NULL;
    *out = '\0';
    ends[0] = t->node_count;
    for (uint32_t n = 1; n < t->node_count; n++) {
        while (n >= ends[depth]) depth--;
        const dgm_node *node = &t->nodes[n];
        const dgm_slot *s = dgm_shape_slot(t->shape, dgm_node_slot(node));
        dgm_slice v = dgm_tree_value(t, n);
        bool again = s->ordinal > 1;
        used += (size_t)snprintf(out + used, room - used, "%*s%.*s", (int)depth, "", (int)s->name.len, s->name.at);
        if (again) used += (size_t)snprintf(out + used, room - used, "#%u", s->ordinal);
        if (v.len) used += (size_t)snprintf(out + used, room - used, " %.*s", (int)v.len, v.at);
        for (size_t i = 0; i < v.len; i++)
            if (out[used - i - 1] == '\n') out[used - i - 1] = '~';
        used += (size_t)snprintf(out + used, room - used, "\n");
        if (room - used < 4096) {
            char *more = realloc(out, room *= 2);
            if (!more) return out;
            out = more;
        }
        uint32_t end = dgm_kind_leaf(dgm_node_kind(node)) ? dgm_tree_next(t, n) : dgm_tree_end(t, n);
        if (end > n + 1) ends[++depth] = end;
    }
    return out;
}

/* ---- an environment of texts --------------------------------------------------------------------------------------------- */

typedef struct kit_file {
    const char *kind, *name, *text;
} kit_file;
typedef struct kit_env {
    const dgm_shape *wire, *model;
    const kit_file *files; /* ends with {0} */
} kit_env;

static inline const dgm_shape *kit_format(void *ctx, dgm_slice name)
{
    const kit_env *e = ctx;
    return dgm_slice_equal(name, dgm_shape_name(e->wire)) ? e->wire : NULL;
}

static inline const dgm_shape *kit_model(void *ctx, dgm_slice name)
{
    const kit_env *e = ctx;
    return dgm_slice_equal(name, dgm_shape_name(e->model)) ? e->model : NULL;
}

static inline dgm_status kit_open(void *ctx, const char *kind, dgm_slice name, dgm_slice *bytes, dgm_slice *path)
{
    const kit_env *e = ctx;
    for (const kit_file *f = e->files; f && f->name; f++)
        if (strcmp(f->kind, kind) == 0 && dgm_slice_is(name, f->name)) {
            *bytes = dgm_slice_of(f->text);
            *path = dgm_slice_of(f->name);
            return DGM_OK;
        }
    return DGM_UNKNOWN;
}

static inline size_t kit_names(void *ctx, const char *kind, dgm_slice *out, size_t room)
{
    const kit_env *e = ctx;
    size_t n = 0;
    if (strcmp(kind, "formats") == 0 && n < room) out[n++] = dgm_shape_name(e->wire);
    if (strcmp(kind, "models") == 0 && n < room) out[n++] = dgm_shape_name(e->model);
    for (const kit_file *f = e->files; f && f->name && n < room; f++)
        if (strcmp(f->kind, kind) == 0) out[n++] = dgm_slice_of(f->name);
    return n;
}

static inline dgm_mapping_env kit_environment(const dgm_mem *mem, kit_env *e)
{
    return (dgm_mapping_env){ *mem, e, kit_format, kit_model, kit_open, kit_names };
}

static inline dgm_status kit_print(void *ctx, dgm_slice bytes)
{
    (void)ctx;
    fwrite(bytes.at, 1, bytes.len, stderr);
    return DGM_OK;
}

static inline void kit_show(const dgm_diags *list)
{
    dgm_diag_style style = { .form = DGM_DIAG_TEXT };
    for (size_t i = 0; i < dgm_diags_count(list); i++) dgm_diag_print(dgm_diags_at(list, i), &style, (dgm_sink){ kit_print, NULL });
}

#endif
