/* SPDX-License-Identifier: Apache-2.0
 *
 * edifact_tests.h - what the EDIFACT suites share: the format cusdec-d96b, and reading an input into text that can be compared:
 * a line for each leaf ("SG30#1/CST/1496=1") and one for each diagnostic ("!edifact.value.too-long@57+3"). One thread.
 */
#ifndef DGM_EDIFACT_TESTS_H
#define DGM_EDIFACT_TESTS_H

#include "base/buffer.h"
#include "base/diag.h"
#include "codecs/codecs.h"
#include "conformance-tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct edi_case {
    const dgm_mem *mem;
    const dgm_limits *limits;
    const dgm_setting *settings;
    size_t setting_count;
    const dgm_format *format; /* NULL: only the directory */
    size_t chunk;             /* 0: whole */
    bool round_trip;          /* write each tree and finish, into `written` */
    dgm_buffer *text, *written;
    const dgm_agreed *(*agreed)(void *ctx, const dgm_envelope *e, dgm_slice type); /* what was agreed with senders; or NULL */
    bool agreed_by_type;
    size_t messages, errors;
} edi_case;

static inline dgm_status edi_dump_tree(const dgm_tree *t, dgm_buffer *out)
{
    char path[256], again[256];
    uint32_t parents[256];
    if (t->node_count <= 256) dgm_tree_parents(t, parents);
    for (uint32_t i = 0; i < t->node_count; i++) {
        if (!dgm_kind_leaf(dgm_node_kind(&t->nodes[i]))) continue;
        size_t n = dgm_tree_path(t, i, path, sizeof path);
        if (t->node_count <= 256 && n < sizeof path) { /* seen from below it is the same */
            CU_ASSERT_EQUAL(dgm_tree_path_up(t, parents, i, again, sizeof again), n);
            CU_ASSERT_EQUAL(memcmp(path, again, n), 0);
        }
        dgm_slice v = dgm_tree_value(t, i);
        dgm_status st = dgm_buffer_append(out, (dgm_slice){ path, n });
        if (st == DGM_OK) st = dgm_buffer_append(out, DGM_LITERAL("="));
        if (st == DGM_OK) st = dgm_buffer_append(out, v);
        if (st == DGM_OK) st = dgm_buffer_append(out, DGM_LITERAL("\n"));
        if (st != DGM_OK) return st;
    }
    return DGM_OK;
}

static inline dgm_status edi_dump_diags(const dgm_diags *d, dgm_buffer *out)
{
    dgm_status st = DGM_OK;
    for (size_t i = 0; i < dgm_diags_count(d) && st == DGM_OK; i++) {
        const dgm_diag *x = dgm_diags_at(d, i);
        char line[160];
        int n = snprintf(line, sizeof line, "!%s@%llu+%llu i%u g%u m%u s%u e%u c%u\n", dgm_diag_name(x->code),
                         (unsigned long long)x->at_byte, (unsigned long long)x->bytes, x->position.interchange, x->position.group,
                         x->position.message, x->position.segment, x->position.element, x->position.component);
        st = dgm_buffer_append(out, (dgm_slice){ line, (size_t)n });
    }
    return st;
}

static inline dgm_status edi_take_message(edi_case *c, dgm_message *m, dgm_writer *w)
{
    dgm_status st = DGM_OK;
    c->messages++;
    c->errors += m->errors;
    if (m->tree) {
        CU_ASSERT(dgm_tree_sound(m->tree));
        if (c->text) st = edi_dump_tree(m->tree, c->text);
        if (st == DGM_OK && w) st = dgm_codec_edifact.write(w, m->tree);
    }
    return st;
}

/* Reads the input; the status is DGM_END when all went as it should, whatever the input is. */
static inline dgm_status edi_read(edi_case *c, dgm_slice input)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_diags *diags = NULL;
    dgm_reader *r = NULL;
    dgm_writer *w = NULL;
    dgm_message m;
    size_t fed = 0;
    const dgm_format *formats[1] = { c->format };
    dgm_status st = dgm_diags_new(c->mem, 1000, &diags);
    if (st != DGM_OK) return st;
    dgm_host host = dgm_host_make(c->mem, c->limits, diags, NULL, formats, c->format ? 1 : 0);
    host.agreed = c->agreed;
    host.agreed_by_type = c->agreed_by_type;
    st = c->chunk ? k->open(&host, c->settings, c->setting_count, &r)
                  : k->open_whole(&host, c->settings, c->setting_count, input, &r);
    if (st == DGM_OK && c->round_trip) st = k->writer_open(&host, c->format, NULL, 0, dgm_buffer_sink(c->written), &w);
    while (st == DGM_OK) {
        st = k->next(r, &m);
        if (st == DGM_MORE) {
            size_t n = input.len - fed < c->chunk ? input.len - fed : c->chunk;
            st = k->feed(r, dgm_slice_part(input, fed, fed + n), fed + n == input.len);
            fed += n;
        } else if (st == DGM_OK) {
            st = edi_take_message(c, &m, w);
            k->recycle(r, &m);
        }
    }
    if (st == DGM_END && w) st = k->finish(w) == DGM_OK ? DGM_END : DGM_NOMEM;
    if (st == DGM_END && dgm_diags_failed(diags)) st = DGM_NOMEM;
    if (st == DGM_END && c->text) st = edi_dump_diags(diags, c->text) == DGM_OK ? DGM_END : DGM_NOMEM;
    c->errors = dgm_diags_errors(diags);
    k->writer_close(w);
    k->close(r);
    dgm_diags_free(diags);
    return st;
}

static const dgm_setting edi_cusdec_settings[] = { { { "message", 7 }, { "CUSDEC", 6 } }, { { "release", 7 }, { "96B", 3 } } };
static const dgm_format_alias edi_cusdec_aliases[] = { { { "Item", 4 }, { "SG30", 4 } },
                                                       { { "Party", 5 }, { "SG6", 3 } },
                                                       { { "Packages", 8 }, { "SG30/SG31", 9 } },
                                                       { { "Val", 3 }, { "SG33", 4 } } };

static dgm_format edi_cusdec(const dgm_shape *shape)
{
    return (dgm_format){ .name = { "cusdec-d96b", 11 },
                         .codec = { "edifact", 7 },
                         .settings = edi_cusdec_settings,
                         .setting_count = 2,
                         .aliases = edi_cusdec_aliases,
                         .alias_count = 4,
                         .shape = shape };
}

static inline dgm_status edi_cusdec_shape(const dgm_mem *mem, dgm_shape **out)
{
    dgm_format f = edi_cusdec(NULL);
    dgm_host host = dgm_host_make(mem, NULL, NULL, NULL, NULL, 0);
    return dgm_codec_edifact.shape(&host, &f, out);
}

#define EDI_HEAD        "UNB+UNOC:3+S+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'"
#define EDI_TAIL(count) "UNT+" count "+1'UNZ+1+1'"

#endif
