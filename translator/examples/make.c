/* SPDX-License-Identifier: Apache-2.0
 *
 * make.c - makes a message of a directory by hand and writes it as an interchange; the library sees to release characters, empty
 * elements, counts and references. cc make.c $(pkg-config --cflags --libs dragoman)
 */
#include <dragoman.h>

#include <stdio.h>
#include <string.h>

static dgm_status to_stdout(void *ctx, dgm_slice bytes)
{
    return fwrite(bytes.at, 1, bytes.len, ctx) == bytes.len ? DGM_OK : DGM_IO;
}

static dgm_slice text(const char *s)
{
    return (dgm_slice){ s, strlen(s) };
}

int main(void)
{
    static const char *const values[][2] = {
        { "BGM/C002/1001", "380" },
        { "BGM/1004", "INV-2026/17" },
        { "DTM/C507/2005", "137" },
        { "DTM/C507/2380", "20261121" },
        { "DTM/C507/2379", "102" },
        { "SG2/NAD/3035", "SE" },
        { "SG2/NAD/C080/3036", "O'Hara" },
        { "SG2#2/NAD/3035", "BY" },
        { "SG2#2/NAD/C080/3036", "Åse & Sons" },
        { "SG25/LIN/1082", "1" },
        { "SG25/SG26/MOA/C516/5025", "203" },
        { "SG25/SG26/MOA/C516/5004", "12.50" },
        { "UNS/0081", "S" },
        { "SG48/MOA/C516/5025", "77" },
        { "SG48/MOA/C516/5004", "12.50" },
    };
    static const dgm_named settings[] = { { { "sender", 6 }, { "ME", 2 } }, { { "recipient", 9 }, { "YOU", 3 } } };
    dgm_context *context = NULL;
    dgm_context_options all = { .struct_bytes = sizeof all };
    dgm_document *invoice = NULL;
    dgm_output *output = NULL;
    const dgm_tree *tree = NULL;
    dgm_status s = dgm_context_open(&all, NULL, &context);
    if (s == DGM_OK) s = dgm_document_new(context, text("INVOIC:D.96A"), NULL, &invoice);
    for (size_t i = 0; i < sizeof values / sizeof *values && s == DGM_OK; i++)
        s = dgm_document_set(invoice, text(values[i][0]), text(values[i][1]), NULL);
    if (s == DGM_OK) s = dgm_document_tree(invoice, &tree);
    if (s == DGM_OK) s = dgm_output_open(context, text("edifact"), settings, 2, (dgm_sink){ to_stdout, stdout }, NULL, &output);
    if (s == DGM_OK) s = dgm_output_write(output, tree);
    if (s == DGM_OK) s = dgm_output_finish(output);
    if (s != DGM_OK) fprintf(stderr, "%s\n", dgm_status_text(s));
    dgm_output_free(output);
    dgm_document_free(invoice);
    dgm_context_free(context);
    return s == DGM_OK ? 0 : 1;
}
