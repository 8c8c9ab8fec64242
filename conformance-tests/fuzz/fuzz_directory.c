/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_directory.c - whatever bytes as a directory file: it is loaded or refused with its mistakes named; what is loaded answers
 * every look-up, each of its messages becomes a program and a shape or is too large, and a message by it can be read. One thread.
 */
#include "codecs/codecs.h"
#include "codecs/edifact/directory_book.h"
#include "codecs/edifact/program.h"

#include <stdio.h>
#include <stdlib.h>

enum { MESSAGES_MAX = 3, INPUT_MAX = 1 << 15 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "fuzz_directory: %s\n", what);
    abort();
}

/* What its own lines are about is found by its id; what is based on another directory is not gone through. */
static void look_up(const dgm_edi_directory *d)
{
    dgm_slice id;
    for (int t = 0; t < DGM_EDI_TABLES; t++) {
        size_t n = 0;
        for (size_t cursor = 0; n < 200 && dgm_edi_id_each(d, (dgm_edi_table)t, &cursor, &id); n++) {
            dgm_edi_element e;
            dgm_edi_list l;
            dgm_edi_item item;
            dgm_edi_note note;
            dgm_slice code, name;
            switch ((dgm_edi_table)t) {
            case DGM_EDI_ELEMENTS:
                must(dgm_edi_element_find(d, id, &e), "an element is found");
                for (size_t at = 0, k = 0; k < 50 && dgm_edi_code_each(d, id, &at, &code, &name); k++)
                    must(dgm_slice_equal(dgm_edi_code_name(d, id, code), name), "a code is found");
                break;
            case DGM_EDI_SEGMENTS:
                must(dgm_edi_segment_find(d, id, &l), "a segment is found");
                while (dgm_edi_item_next(&l.items, &item)) must(item.max > 0, "an item may stand there");
                break;
            case DGM_EDI_COMPOSITES: must(dgm_edi_composite_find(d, id, &l), "a composite is found"); break;
            case DGM_EDI_NOTES:
                for (dgm_slice rest = dgm_edi_notes_of(d, DGM_EDI_SEGMENTS, id); dgm_edi_note_next(&rest, &note);)
                    must(note.count > 1 && note.kind >= DGM_EDI_NOTE_ONE && note.kind <= DGM_EDI_NOTE_THEN_NONE, "a note is one");
                break;
            case DGM_EDI_MESSAGES:
            case DGM_EDI_NAMES:
            case DGM_EDI_CODES:
            case DGM_EDI_TABLES: break;
            }
        }
    }
}

/* Reads a message of each kind with a few segments whose tags the message has. */
static void read_message(const dgm_edi_book *book, dgm_slice type, dgm_slice structure)
{
    char text[2048];
    const void *books[] = { book };
    dgm_edi_part part;
    int n = snprintf(text, sizeof text, "UNB+UNOA:4+A+B+20260101:0000+1'UNH+1+%.*s:D:30A:UN'", (int)type.len, type.at);
    for (int i = 0; i < 20 && dgm_edi_part_next(&structure, &part) && n < 1900;)
        if (part.kind == DGM_EDI_PART_SEGMENT && i++ > 0)
            n += snprintf(text + n, sizeof text - (size_t)n, "%.*s+1:2*3+4'", 3, part.tag.at);
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, NULL, 0);
    host.knowledge = books;
    host.knowledge_count = 1;
    dgm_reader *r;
    dgm_message m;
    dgm_status st = dgm_codec_edifact.open_whole(&host, NULL, 0, (dgm_slice){ text, (size_t)n }, &r);
    must(st == DGM_OK, "a reader opens");
    while ((st = dgm_codec_edifact.next(r, &m)) == DGM_OK) {
        must(!m.tree || dgm_tree_sound(m.tree), "a tree is sound");
        dgm_codec_edifact.recycle(r, &m);
    }
    must(st == DGM_END, "reading ends");
    dgm_codec_edifact.close(r);
}

static void use(const dgm_edi_book *book)
{
    dgm_mem mem = dgm_mem_default();
    dgm_edi_directory d = dgm_edi_book_directory(book);
    dgm_edi_message m;
    size_t tried = 0;
    look_up(&d);
    if (d.number) return; /* messages of the base come first: they are known to be right */
    for (size_t cursor = 0; tried < MESSAGES_MAX && dgm_edi_message_each(&d, &cursor, &m); tried++)
        for (int four = 0; four < 2; four++) {
            dgm_edi_program *p = NULL;
            d.syntax4 = four;
            dgm_status st = dgm_edi_program_make(&mem, &d, m.type, &p);
            must(st == DGM_OK || st == DGM_LIMIT || st == DGM_UNKNOWN, "a message that was checked has a program");
            dgm_edi_program_free(p);
            if (four) read_message(book, m.type, m.structure);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags;
    dgm_edi_book *book = NULL;
    if (size > INPUT_MAX) return 0;
    must(dgm_diags_new(&mem, 0, &diags) == DGM_OK, "no memory");
    dgm_status st = dgm_edi_book_load(&mem, DGM_LITERAL("x"), (dgm_slice){ (const char *)data, size }, diags, &book);
    must(st == DGM_OK || st == DGM_CONFIG, "it is loaded or refused");
    must((st == DGM_OK) == (dgm_diags_errors(diags) == 0) && (st == DGM_OK) == (book != NULL), "a refusal says why");
    if (book) use(book);
    dgm_edi_book_free(book);
    dgm_diags_free(diags);
    return 0;
}
