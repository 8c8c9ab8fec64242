/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_form.c - a form, and behind a line end texts for it: the form is taken or refused with a reason in it; what a text is cut
 * into is glued to that text again, and what is glued from any values is cut into them again. One thread.
 */
#include "conformance-tests/support/fuzz_kit.h"
#include "mapping/form.h"

static bool inside(dgm_slice part, dgm_slice whole)
{
    return !part.at || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

/* Fields that stand in optional parts may be empty, others are not: then the text is the only one with these values. */
static void cut_and_glue(const map_form *f, dgm_slice text, dgm_buffer *out)
{
    dgm_slice fields[MAP_FORM_FIELDS];
    uint32_t missing;
    if (!dgm_map_form_cut(f, text, fields)) return;
    for (uint32_t k = 0; k < f->field_count; k++) fuzz_must(inside(fields[k], text), "a field is a part of the text");
    out->len = 0;
    dgm_status st = dgm_map_form_glue(f, fields, out, &missing);
    fuzz_must(st == DGM_OK, "what was cut is glued");
    fuzz_must(dgm_slice_equal(dgm_buffer_slice(out), text), "and is the same text");
}

/* The words of the text as values. */
static void glue_and_cut(const map_form *f, dgm_slice text, dgm_buffer *out)
{
    dgm_slice fields[MAP_FORM_FIELDS] = { 0 }, again[MAP_FORM_FIELDS];
    uint32_t missing = 0;
    dgm_cut word = { .tail = text, .found = true };
    for (uint32_t k = 0; k < f->field_count && word.found; k++) {
        word = dgm_slice_cut(word.tail, ' ');
        fields[k] = word.head;
    }
    out->len = 0;
    dgm_status st = dgm_map_form_glue(f, fields, out, &missing);
    fuzz_must(st == DGM_OK || st == DGM_INVALID, "values are glued or refused");
    if (st == DGM_INVALID) {
        fuzz_must(missing == DGM_FORM_WHOLE || (missing < f->field_count && !fields[missing].len), "a field that is missing");
        return;
    }
    fuzz_must(dgm_map_form_cut(f, dgm_buffer_slice(out), again), "what was glued is cut");
    for (uint32_t k = 0; k < f->field_count; k++) fuzz_must(dgm_slice_equal(fields[k], again[k]), "into the same values");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static map_form form;
    static dgm_buffer out;
    map_form_fault fault;
    dgm_cut rest = dgm_slice_cut((dgm_slice){ (const char *)data, size }, '\n');
    if (!out.mem.grow) dgm_buffer_init(&out, fuzz_memory());
    if (!dgm_map_form_read(rest.head, &form, &fault)) {
        fuzz_must(fault.what && fault.what[0] && fault.bytes > 0, "a refusal has a reason");
        fuzz_must(fault.at + fault.bytes <= rest.head.len || rest.head.len == 0, "at a place of the form");
        fuzz_must(!fault.ambiguous || (fault.sample[0] && fault.one[0] && fault.other[0]), "with a text that shows it");
        return 0;
    }
    while (rest.found) {
        rest = dgm_slice_cut(rest.tail, '\n');
        cut_and_glue(&form, rest.head, &out);
        glue_and_cut(&form, rest.head, &out);
    }
    return 0;
}
