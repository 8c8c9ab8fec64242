/* SPDX-License-Identifier: Apache-2.0
 *
 * flat_tests.h - what the suites of the flat codec share: a layout from its text, an input read whole or in pieces and shown as
 * lines, a tree written. One thread.
 */
#ifndef DGM_FLAT_TESTS_H
#define DGM_FLAT_TESTS_H

#include "conformance-tests/support/test.h"

#include "codecs/flat/flat.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct flat_kit {
    dgm_mem mem;
    dgm_diags *diags;
    dgm_format format;
    dgm_shape *shape;
    dgm_host host;
    const dgm_format *formats[1];
    dgm_status loaded;
} flat_kit;

/* `yaml` stands below "layout:", each line of it indented by two already. */
static inline flat_kit *flat_kit_make(const dgm_mem *mem, const dgm_limits *limits, const char *yaml)
{
    static const char head[] = "dragoman: format/1\nformat: t\ncodec: flat\nlayout:\n";
    flat_kit *k = calloc(1, sizeof *k);
    size_t room = strlen(yaml) + sizeof head;
    char *file = malloc(room);
    snprintf(file, room, "%s%s", head, yaml);
    k->mem = mem ? *mem : dgm_mem_default();
    k->format = (dgm_format){
        .name = DGM_LITERAL("t"), .codec = DGM_LITERAL("flat"), .file = dgm_slice_of(file), .file_name = DGM_LITERAL("t.yaml")
    };
    k->formats[0] = &k->format;
    k->loaded = dgm_diags_new(&k->mem, 0, &k->diags);
    if (k->loaded != DGM_OK) return k;
    k->host = dgm_host_make(&k->mem, limits, k->diags, NULL, k->formats, 1);
    k->loaded = dgm_codec_flat.shape(&k->host, &k->format, &k->shape);
    k->format.shape = k->shape;
    return k;
}

static inline void flat_kit_free(flat_kit *k)
{
    dgm_shape_free(k->shape);
    dgm_diags_free(k->diags);
    free((void *)(uintptr_t)k->format.file.at);
    free(k);
}

/* Lines that grow. */
typedef struct flat_lines {
    char *at;
    size_t len, room;
} flat_lines;

static inline void flat_put(flat_lines *l, dgm_slice s)
{
    if (l->len + s.len + 1 > l->room) {
        l->room = (l->len + s.len + 1) * 2;
        l->at = realloc(l->at, l->room);
    }
    if (s.len) memcpy(l->at + l->len, s.at, s.len);
    l->len += s.len;
    l->at[l->len] = 0;
}

static inline void flat_put_number(flat_lines *l, const char *before, uint64_t n)
{
    char text[64];
    snprintf(text, sizeof text, "%s%llu", before, (unsigned long long)n);
    flat_put(l, dgm_slice_of(text));
}

/* "A/site=9999": a line for each value; the records without one as "A/B". */
static inline void flat_show_tree(flat_lines *l, const dgm_tree *t)
{
    CU_ASSERT(dgm_tree_sound(t));
    for (uint32_t i = 1; i < t->node_count; i++) {
        char path[512];
        bool leaf = dgm_node_leaf(&t->nodes[i]);
        if (!leaf && t->nodes[i].span > i + 1) continue;
        size_t n = dgm_tree_path(t, i, path, sizeof path), used = 0;
        for (size_t c = 0; c < n && c < sizeof path; c++) { /* the first goes without its number */
            bool first = path[c] == '#' && c + 1 < n && path[c + 1] == '1' && (c + 2 == n || path[c + 2] == '/');
            if (first)
                c++;
            else
                path[used++] = path[c];
        }
        flat_put(l, (dgm_slice){ path, used });
        if (leaf) flat_put(l, DGM_LITERAL("="));
        if (leaf) flat_put(l, dgm_tree_value(t, i));
        if (dgm_node_flags(&t->nodes[i]) & DGM_BAD) flat_put(l, DGM_LITERAL(" (bad)"));
        flat_put(l, DGM_LITERAL("\n"));
    }
}

/* "flat.field.class 12+1 A/site" */
static inline void flat_show_diags(flat_lines *l, const dgm_diags *diags)
{
    for (size_t i = 0; i < dgm_diags_count(diags); i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        flat_put(l, dgm_slice_of(dgm_diag_name(d->code)));
        if (d->at_byte != UINT64_MAX) {
            flat_put_number(l, " ", d->at_byte);
            flat_put_number(l, "+", d->bytes);
        }
        if (d->path.len) flat_put(l, DGM_LITERAL(" "));
        flat_put(l, d->path);
        flat_put(l, DGM_LITERAL("\n"));
    }
}

/* Every message: "message 1 at 0+80: 0 errors", its values, what was said. piece 0: from memory as a whole. */
static inline dgm_status flat_read(flat_kit *k, dgm_slice input, size_t piece, flat_lines *l, dgm_writer *again)
{
    dgm_reader *r = NULL;
    dgm_status st = piece ? dgm_codec_flat.open(&k->host, NULL, 0, &r) : dgm_codec_flat.open_whole(&k->host, NULL, 0, input, &r);
    for (size_t at = 0; st == DGM_OK;) {
        dgm_message m;
        st = dgm_codec_flat.next(r, &m);
        if (st == DGM_MORE) {
            size_t n = input.len - at < piece ? input.len - at : piece;
            st = dgm_codec_flat.feed(r, dgm_slice_part(input, at, at + n), at + n == input.len);
            at += n;
            continue;
        }
        if (st != DGM_OK) break;
        flat_put_number(l, "message ", m.position.message);
        flat_put_number(l, " at ", m.at_byte);
        flat_put_number(l, "+", m.bytes);
        flat_put_number(l, ": ", m.errors);
        flat_put(l, m.tree ? DGM_LITERAL(" errors\n") : DGM_LITERAL(" errors, no tree\n"));
        if (m.tree) flat_show_tree(l, m.tree);
        flat_show_diags(l, k->diags);
        CU_ASSERT(m.errors == dgm_diags_errors(k->diags));
        dgm_diags_clear(k->diags);
        if (again && m.tree) st = dgm_codec_flat.write(again, m.tree);
        dgm_codec_flat.recycle(r, &m);
    }
    flat_show_diags(l, k->diags);
    dgm_codec_flat.close(r);
    return st == DGM_END ? DGM_OK : st;
}

/* Reads and compares with lines; nothing else may be said. */
static inline void flat_reads(const char *yaml, dgm_slice input, const char *wanted, const char *file, int line)
{
    flat_kit *k = flat_kit_make(NULL, NULL, yaml);
    flat_lines said = { 0 }, l = { 0 };
    flat_put(&l, DGM_LITERAL(""));
    flat_put(&said, DGM_LITERAL(""));
    flat_show_diags(&said, k->diags);
    test_slice_equal((dgm_slice){ said.at, said.len }, (dgm_slice){ "", 0 }, file, line);
    if (k->loaded == DGM_OK) {
        CU_ASSERT_EQUAL(flat_read(k, input, 0, &l, NULL), DGM_OK);
        test_slice_equal((dgm_slice){ l.at, l.len }, dgm_slice_of(wanted), file, line);
    }
    free(l.at);
    free(said.at);
    flat_kit_free(k);
}
#define FLAT_READS(yaml, input, wanted) flat_reads(yaml, (dgm_slice){ (input), sizeof(input) - 1 }, wanted, __FILE__, __LINE__)

/* What is read is written as the same bytes, or as others. */
static inline void flat_returns(const char *yaml, dgm_slice input, dgm_slice wanted, const char *file, int line)
{
    flat_kit *k = flat_kit_make(NULL, NULL, yaml);
    flat_lines l = { 0 };
    dgm_buffer out;
    dgm_writer *w = NULL;
    flat_put(&l, DGM_LITERAL(""));
    dgm_buffer_init(&out, &k->mem);
    if (k->loaded == DGM_OK && dgm_codec_flat.writer_open(&k->host, &k->format, NULL, 0, dgm_buffer_sink(&out), &w) == DGM_OK) {
        dgm_status st = flat_read(k, input, 0, &l, w);
        if (st == DGM_OK) st = dgm_codec_flat.finish(w);
        if (st != DGM_OK) flat_show_diags(&l, k->diags);
        dgm_codec_flat.writer_close(w);
        if (st != DGM_OK) test_slice_equal((dgm_slice){ l.at, l.len }, (dgm_slice){ "", 0 }, file, line);
    } else {
        flat_show_diags(&l, k->diags);
        test_slice_equal((dgm_slice){ l.at, l.len }, (dgm_slice){ "", 0 }, file, line);
    }
    test_slice_equal(dgm_buffer_slice(&out), wanted, file, line);
    dgm_buffer_free(&out);
    free(l.at);
    flat_kit_free(k);
}
#define FLAT_RETURNS(yaml, input)                                                                                                  \
    flat_returns(yaml, (dgm_slice){ (input), sizeof(input) - 1 }, (dgm_slice){ (input), sizeof(input) - 1 }, __FILE__, __LINE__)
#define FLAT_BECOMES(yaml, input, other)                                                                                           \
    flat_returns(yaml, (dgm_slice){ (input), sizeof(input) - 1 }, (dgm_slice){ (other), sizeof(other) - 1 }, __FILE__, __LINE__)

#endif
