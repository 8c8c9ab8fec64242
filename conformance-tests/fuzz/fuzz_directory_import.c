/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_directory_import.c - whatever bytes: files of an official directory, or an integrator's YAML, become a directory file or
 * their mistakes are named; what was made is taken by the reader and tells what it was made of. One thread.
 */
#include "codecs/edifact/directory_draft.h"
#include "codecs/edifact/directory_text.h"
#include "conformance-tests/support/fuzz_kit.h"

/* The files of one input stand one behind the other, each behind a line of this byte; one that begins with "---" is YAML. */
enum { BETWEEN = 0x1C };

static bool take_files(dgm_edi_draft *d, dgm_slice input)
{
    bool good = true;
    for (dgm_cut file = { .tail = input, .found = true }; file.found && good;) {
        file = dgm_slice_cut(file.tail, BETWEEN);
        bool yaml = file.head.len >= 3 && memcmp(file.head.at, "---", 3) == 0;
        dgm_slice path = yaml ? DGM_LITERAL("f.yaml") : DGM_LITERAL("ZEBDEC_D.30A");
        good = yaml ? dgm_edi_draft_take_yaml(d, path, file.head) : dgm_edi_draft_take_text(d, path, file.head);
    }
    return good;
}

/* Every line that was kept is found by its key in the directory that was made. */
static void look_up(const dgm_edi_draft *d, const dgm_edi_directory *in)
{
    static const dgm_edi_table tables[] = { DGM_EDI_MESSAGES, DGM_EDI_SEGMENTS, DGM_EDI_COMPOSITES, DGM_EDI_ELEMENTS };
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (size_t i = 0; i < d->counts[tables[t]]; i++) {
            dgm_edi_line line;
            fuzz_must(dgm_edi_line_find(in, tables[t], d->lines[tables[t]][i].key, &line), "what was imported is there");
        }
    for (size_t i = 0; i < d->counts[DGM_EDI_CODES]; i++) {
        dgm_cut key = dgm_slice_cut(d->lines[DGM_EDI_CODES][i].key, ' ');
        dgm_edi_code_list list;
        dgm_edi_code_list_open(in, key.head, &list);
        fuzz_must(dgm_edi_code_list_has(&list, key.tail), "a code that was imported is there");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const dgm_mem *mem = fuzz_memory();
    const long long before = fuzz_live;
    dgm_arena arena;
    dgm_buffer out;
    dgm_diags *diags;
    dgm_arena_init(&arena, mem);
    dgm_buffer_init(&out, mem);
    fuzz_must(dgm_diags_new(mem, 100, &diags) == DGM_OK, "memory");
    dgm_edi_draft d = { .mem = mem, .arena = &arena, .diags = diags };
    bool good = take_files(&d, (dgm_slice){ (const char *)data, size });
    fuzz_must(good, "only memory can fail");
    if (dgm_diags_errors(diags) == 0) {
        if (!d.name.len) d.name = DGM_LITERAL("D.30A");
        dgm_status st = dgm_edi_draft_finish(&d, &out);
        fuzz_must(st == DGM_OK || st == DGM_CONFIG, "a draft becomes a directory or is refused");
        fuzz_must((st == DGM_OK) == (dgm_diags_errors(diags) == 0), "a refusal has a reason");
        dgm_edi_book *book = NULL;
        if (st == DGM_OK) {
            fuzz_must(dgm_edi_book_load(mem, DGM_LITERAL("x"), dgm_buffer_slice(&out), diags, &book) == DGM_OK, "it is taken");
            const dgm_edi_directory in = dgm_edi_book_directory(book);
            look_up(&d, &in);
        }
        dgm_edi_book_free(book);
    }
    dgm_edi_draft_free(&d);
    dgm_buffer_free(&out);
    dgm_diags_free(diags);
    dgm_arena_free(&arena);
    fuzz_must(fuzz_live == before, "all memory is given back");
    return 0;
}
