/* SPDX-License-Identifier: Apache-2.0
 *
 * documents.c - the laws of documents: what is written and read again is what it was, and what could not be written was said. A
 * counterexample is cut down greedily. One thread.
 */
#include "laws.h"

#include "model/check.h"

#include <stdlib.h>

static dgm_host host_of(laws *l, const dgm_codec *codec)
{
    dgm_world world = laws_world();
    int index = dgm_context_codec(dgm_slice_of(codec->name));
    return dgm_host_make(&l->mem, NULL, l->diags, &world, l->context->by_codec[index].at, l->context->by_codec[index].count);
}

static laws_verdict broken(laws *l, const char *what)
{
    size_t len = (size_t)snprintf(l->why, sizeof l->why, "%s", what);
    for (size_t i = 0; i < dgm_diags_count(l->diags) && len < sizeof l->why - 400; i++) {
        const dgm_diag *d = dgm_diags_at(l->diags, i);
        len += (size_t)snprintf(l->why + len, sizeof l->why - len, "\n    %s %.*s (%.*s)", dgm_diag_name(d->code), (int)d->path.len,
                                d->path.at ? d->path.at : "", d->argument_count ? (int)d->arguments[0].text.len : 0,
                                d->argument_count && d->arguments[0].text.at ? d->arguments[0].text.at : "");
    }
    return LAWS_BROKEN;
}

/* ---- codecs ----------------------------------------------------------------------------------------------------------------- */

static dgm_status write_bytes(laws *l, const dgm_codec *codec, const dgm_format *format, const dgm_tree *tree, dgm_buffer *out)
{
    dgm_host host = host_of(l, codec);
    dgm_writer *writer = NULL;
    dgm_status status = codec->writer_open(&host, format, NULL, 0, dgm_buffer_sink(out), &writer);
    if (status == DGM_OK) status = codec->write(writer, tree);
    if (status == DGM_OK) status = codec->finish(writer);
    codec->writer_close(writer);
    return status;
}

/* The one message of the bytes, as a tree of its own. */
static dgm_status read_bytes(laws *l, const dgm_codec *codec, const dgm_format *format, dgm_slice bytes, dgm_tree **out)
{
    dgm_host host = host_of(l, codec);
    if (codec == &dgm_codec_json) { /* its formats are the models, which no list of formats holds */
        static const dgm_format *only[1];
        only[0] = format;
        host = dgm_host_make(&l->mem, NULL, l->diags, &host.world, only, 1);
    }
    dgm_reader *reader = NULL;
    dgm_message message;
    *out = NULL;
    dgm_status status = codec->open(&host, NULL, 0, &reader);
    if (status == DGM_OK) status = codec->feed(reader, bytes, true);
    if (status == DGM_OK) status = codec->next(reader, &message);
    if (status == DGM_OK) {
        status = message.tree && message.errors == 0 ? dgm_tree_own(message.tree, &l->mem, out) : DGM_INVALID;
        if (message.tree) codec->recycle(reader, &message);
    }
    codec->close(reader);
    return status;
}

/* ---- comparing -------------------------------------------------------------------------------------------------------------- */

static void path_of(const dgm_tree *t, uint32_t node, char *out, size_t room)
{
    size_t len = node == DGM_NONE ? 0 : dgm_tree_path(t, node, out, room - 1);
    out[len < room ? len : room - 1] = 0;
}

static bool same(laws *l, const dgm_tree *wanted, const dgm_tree *got, const char *law)
{
    uint32_t a, b;
    if (dgm_tree_equal(wanted, got, true, &a, &b)) return true;
    char path_a[300], path_b[300];
    dgm_slice value_a = { 0 }, value_b = { 0 };
    path_of(wanted, a, path_a, sizeof path_a);
    path_of(got, b, path_b, sizeof path_b);
    if (a != DGM_NONE) value_a = dgm_tree_value(wanted, a);
    if (b != DGM_NONE) value_b = dgm_tree_value(got, b);
    snprintf(l->why, sizeof l->why, "%s: wanted %s = \"%.*s\", got %s = \"%.*s\"", law, path_a, (int)value_a.len,
             value_a.at ? value_a.at : "", path_b, (int)value_b.len, value_b.at ? value_b.at : "");
    return false;
}

laws_verdict laws_json(laws *l, const dgm_tree *document)
{
    dgm_buffer bytes;
    dgm_tree *back = NULL;
    laws_verdict verdict = LAWS_BROKEN;
    dgm_buffer_init(&bytes, &l->mem);
    dgm_diags_clear(l->diags);
    if (write_bytes(l, &dgm_codec_json, &l->model->json, document, &bytes) != DGM_OK)
        broken(l, "json: every document can be written, this one was refused");
    else if (read_bytes(l, &dgm_codec_json, &l->model->json, dgm_buffer_slice(&bytes), &back) != DGM_OK)
        broken(l, "json: what was written cannot be read");
    else if (same(l, document, back, "json"))
        verdict = LAWS_HOLDS;
    dgm_tree_free(back);
    dgm_buffer_free(&bytes);
    return verdict;
}

/* ---- through a mapping ------------------------------------------------------------------------------------------------------ */

typedef struct written {
    bool *unsaid; /* of each node of the document */
    dgm_buffer bytes;
    uint32_t unsaid_count;
} written;

/* What a codec refused is named by nodes of the wire tree; from here on by those of the document that they came from. */
static void name_sources(laws *l, const dgm_tree *wire)
{
    l->refused_count = 0;
    for (size_t i = 0; i < dgm_diags_count(l->diags) && l->refused_count < LAWS_REFUSED_MAX; i++) {
        const dgm_diag *d = dgm_diags_at(l->diags, i);
        uint32_t node = d->severity == DGM_ERROR && wire->origin && d->node < wire->node_count ? d->node : 0;
        while (node && wire->origin[node].source_node == DGM_NONE) node--; /* an attribute of a date stands behind its date */
        if (node) l->refused[l->refused_count++] = wire->origin[node].source_node;
    }
}

static void name_refused(laws *l)
{
    l->refused_count = 0;
    for (size_t i = 0; i < dgm_diags_count(l->diags) && l->refused_count < LAWS_REFUSED_MAX; i++) {
        const dgm_diag *d = dgm_diags_at(l->diags, i);
        if (d->severity == DGM_ERROR && d->node != DGM_NONE) l->refused[l->refused_count++] = d->node;
    }
}

/* Document → mapping → codec. DGM_INVALID: refused, with diagnostics. */
static dgm_status write_mapped(laws *l, const dgm_format_entry *format, const dgm_tree *document, written *out)
{
    dgm_tree *wire = NULL;
    dgm_run_options options = { .accounts = true, .origin = true };
    dgm_status status = dgm_mapping_run(l->runner, format->mapping->mapping, DGM_WRITE, document, &options, l->diags, &wire);
    if (status == DGM_INVALID) name_refused(l);
    if (status != DGM_OK) return status;
    const uint8_t *accounts = dgm_runner_accounts(l->runner);
    out->unsaid = calloc(document->node_count, sizeof *out->unsaid);
    for (uint32_t i = 0; out->unsaid && accounts && i < document->node_count; i++) {
        out->unsaid[i] = accounts[i] == DGM_ACCOUNT_RESIDUE;
        out->unsaid_count += out->unsaid[i];
    }
    status = out->unsaid && accounts ? write_bytes(l, format->codec, &format->format, wire, &out->bytes) : DGM_DEFECT;
    if (status == DGM_INVALID) name_sources(l, wire);
    dgm_runner_recycle(l->runner, wire);
    return status;
}

/* Bytes → codec → mapping; residue must be none. */
static dgm_status read_mapped(laws *l, const dgm_format_entry *format, dgm_slice bytes, dgm_tree **out, uint32_t *residue)
{
    dgm_tree *wire = NULL;
    dgm_run_options options = { .accounts = true };
    *out = NULL;
    dgm_status status = read_bytes(l, format->codec, &format->format, bytes, &wire);
    if (status == DGM_OK) status = dgm_mapping_run(l->runner, format->mapping->mapping, DGM_READ, wire, &options, l->diags, out);
    *residue = status == DGM_OK ? dgm_runner_residue_count(l->runner) : 0;
    if (status == DGM_OK) { /* what was made may stand on the bytes it was made from */
        dgm_tree *made = *out;
        status = dgm_tree_own(made, &l->mem, out);
        dgm_runner_recycle(l->runner, made);
    }
    dgm_tree_free(wire);
    return status;
}

static bool listed(const laws *l, const dgm_tree *t, uint32_t node)
{
    char path[300];
    laws_plain_path(t, node, path, sizeof path);
    size_t len = strlen(path);
    for (dgm_slice rest = l->equal_paths; rest.len;) {
        dgm_cut cut = dgm_slice_cut(rest, '\n');
        dgm_slice line = dgm_slice_trim(cut.head);
        if (line.len == len && memcmp(line.at, path, len) == 0) return true;
        rest = cut.tail;
    }
    return false;
}

static uint32_t parent_of(const dgm_tree *t, uint32_t node)
{
    uint32_t parent = node;
    while (parent && (dgm_kind_leaf(dgm_node_kind(&t->nodes[parent])) || dgm_tree_end(t, parent) <= node)) parent--;
    return parent;
}

/* What a listed place only means together with a brother: the kind of a number that is not there has no place in any format. */
static const struct pair {
    const char *path, *needs;
} pairs[] = {
    { "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Classification/IdentificationTypeCode", "ID" },
};

static bool alone(const dgm_tree *t, uint32_t node)
{
    char path[300];
    laws_plain_path(t, node, path, sizeof path);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (strcmp(pairs[i].path, path) != 0) continue;
        uint32_t parent = parent_of(t, node);
        for (uint32_t n = parent + 1; n < dgm_tree_end(t, parent); n = dgm_tree_next(t, n))
            if (dgm_slice_is(dgm_tree_name(t, n), pairs[i].needs)) return false;
        return true;
    }
    return false;
}

static bool promised_said(laws *l, const dgm_tree *document, const bool *unsaid)
{
    for (uint32_t i = 0; i < document->node_count; i++) {
        if (!unsaid[i] || !listed(l, document, i) || alone(document, i)) continue;
        char path[300];
        laws_plain_path(document, i, path, sizeof path);
        snprintf(l->why, sizeof l->why, "cusdec: %s always comes back, says the list, and is unsaid here", path);
        return false;
    }
    return true;
}

/* The class of the XML's own envelope is there whenever it holds a value, and only then: an XML document always has a root. */
static void set_aside_empty_envelope(const dgm_tree *t, bool *aside)
{
    for (uint32_t i = 1; i < t->node_count; i = dgm_tree_next(t, i))
        if (dgm_slice_is(dgm_tree_name(t, i), "DocumentMetaData") && dgm_tree_end(t, i) == i + 1) aside[i] = true;
}

/* complete(d) of the CUSDEC mapping: what it says is understood. */
static const dgm_wish_choice understood[] = {
    { .path = "TotalGrossMassMeasure/@unitCode", .values = "KGM" },
    { .path = "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/GoodsMeasure/GrossMassMeasure/@unitCode", .values = "KGM" },
    { .path = "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/GoodsMeasure/NetNetWeightMeasure/@unitCode", .values = "KGM" },
    { 0 },
};

/* Numbers that CUSDEC does not tell, because they are the order of what they number: left out of the comparison. False when one of
 * them is another number than its occurrence's (where `exact`). */
static bool set_aside_numbers(const dgm_tree *t, bool *aside, bool exact)
{
    static const char *const classes[] = { "Consignment/Itinerary/SequenceNumeric",
                                           "GoodsShipment/Consignment/TransportEquipment/SequenceNumeric",
                                           "GoodsShipment/Consignment/TransportEquipment/Seal/SequenceNumeric",
                                           "GoodsShipment/GovernmentAgencyGoodsItem/Packaging/SequenceNumeric" };
    bool right = true;
    for (uint32_t i = 1; i < t->node_count; i++) {
        char path[300], number[16];
        laws_plain_path(t, i, path, sizeof path);
        for (size_t k = 0; k < sizeof classes / sizeof classes[0]; k++) {
            if (strcmp(path, classes[k]) != 0) continue;
            aside[i] = true;
            snprintf(number, sizeof number, "%u", t->nodes[parent_of(t, i)].place);
            if (exact && !dgm_slice_is(dgm_tree_value(t, i), number)) right = false;
        }
    }
    return right;
}

static bool same_without(laws *l, const dgm_tree *document, bool *unsaid, const dgm_tree *back)
{
    dgm_tree *wanted = NULL, *got = NULL;
    bool *aside = calloc(back->node_count, sizeof *aside);
    bool good = aside != NULL;
    if (good && !set_aside_numbers(back, aside, true)) {
        snprintf(l->why, sizeof l->why, "cusdec: a number that came back is not the order of what it numbers");
        good = false;
    }
    set_aside_numbers(document, unsaid, false);
    good = good && dgm_tree_completed(l->builder, document, unsaid, true, understood, &wanted) == DGM_OK &&
           dgm_tree_without(l->builder, back, aside, true, &got) == DGM_OK && same(l, wanted, got, "cusdec");
    dgm_tree_free(wanted);
    dgm_tree_free(got);
    free(aside);
    return good;
}

static laws_verdict there_and_back(laws *l, const dgm_format_entry *format, const dgm_tree *document, const char *name, bool all)
{
    written w = { 0 };
    dgm_tree *back = NULL, *wanted = NULL;
    uint32_t residue = 0;
    laws_verdict verdict = LAWS_BROKEN;
    char what[128];
    dgm_buffer_init(&w.bytes, &l->mem);
    dgm_diags_clear(l->diags);
    dgm_status status = write_mapped(l, format, document, &w);
    snprintf(what, sizeof what, "%s: what was written cannot be read", name);
    if (w.unsaid) set_aside_empty_envelope(document, w.unsaid);
    if (status == DGM_INVALID && dgm_diags_errors(l->diags) > 0) {
        broken(l, "refused");
        verdict = LAWS_OUTSIDE;
    } else if (status != DGM_OK) {
        broken(l, "writing failed without an error that says why");
    } else if (all && w.unsaid_count) {
        broken(l, "a value is unsaid where everything can be said");
    } else if (!all && !promised_said(l, document, w.unsaid)) {
        verdict = LAWS_BROKEN;
    } else if (dgm_diags_clear(l->diags), read_mapped(l, format, dgm_buffer_slice(&w.bytes), &back, &residue) != DGM_OK) {
        broken(l, what);
    } else if (residue) {
        snprintf(what, sizeof what, "%s: what was written leaves residue when it is read", name);
        broken(l, what);
    } else if (!all) {
        verdict = same_without(l, document, w.unsaid, back) ? LAWS_HOLDS : LAWS_BROKEN;
    } else if (dgm_tree_without(l->builder, document, w.unsaid, false, &wanted) == DGM_OK && same(l, wanted, back, name)) {
        verdict = LAWS_HOLDS;
    }
    if (verdict == LAWS_BROKEN && l->show) fprintf(stderr, "%.*s\n", (int)w.bytes.len, w.bytes.at ? w.bytes.at : "");
    l->unsaid += w.unsaid_count;
    dgm_tree_free(back);
    dgm_tree_free(wanted);
    free(w.unsaid);
    dgm_buffer_free(&w.bytes);
    return verdict;
}

laws_verdict laws_wco(laws *l, const dgm_tree *document)
{
    return there_and_back(l, l->wco, document, "wco", true);
}

laws_verdict laws_cusdec(laws *l, const dgm_tree *document)
{
    return there_and_back(l, l->cusdec, document, "cusdec", false);
}

/* ---- campaigns -------------------------------------------------------------------------------------------------------------- */

static dgm_wish wish_of(uint64_t seed)
{
    static const dgm_wish_choice pools[] = { { .path = "TypeCode", .values = "IMA EXA IMD EXD IMZ" },
                                             { .path = "FunctionCode", .values = "9" },
                                             { .path = "GoodsShipment/Consignment/ContainerCode", .values = "0 1" },
                                             { 0 } };
    static const uint32_t presence[] = { 3, 8, 20, 45, 80, 100 }, many[] = { 1, 2, 3, 5 };
    return (dgm_wish){ .seed = seed,
                       .presence = presence[seed % 6],
                       .many = many[seed / 6 % 4],
                       .letters = seed % 5 == 4 ? DGM_LETTERS_UNICODE
                                  : seed % 2    ? DGM_LETTERS_LATIN
                                                : DGM_LETTERS_ASCII,
                       .edges = seed % 3 == 2,
                       .choices = pools,
                       .ordinal = "SequenceNumeric",
                       .whole = "DocumentMetaData" };
}

static bool valid(laws *l, const dgm_tree *t)
{
    dgm_diags_clear(l->diags);
    return dgm_model_check(t, l->diags) == DGM_OK && dgm_diags_errors(l->diags) == 0;
}

/* Drops what can go, biggest first, as long as the verdict stays the same. */
static dgm_tree *cut_down(laws *l, laws_of_document *law, dgm_tree *t, laws_verdict wanted)
{
    for (int tries = 0, progress = 1; progress && tries < 4000;) {
        progress = 0;
        for (uint32_t i = 1; i < t->node_count && tries < 4000; i++, tries++) {
            bool *drop = calloc(t->node_count, sizeof *drop);
            dgm_tree *less = NULL;
            if (!drop) return t;
            drop[i] = true;
            dgm_status status = dgm_tree_without(l->builder, t, drop, false, &less);
            free(drop);
            if (status == DGM_OK && valid(l, less) && law(l, less) == wanted) {
                dgm_tree_free(t);
                t = less;
                progress = 1;
                i--;
            } else {
                dgm_tree_free(less);
            }
        }
    }
    l->show = true;
    law(l, t);
    l->show = false;
    return t;
}

/* Takes the places that a refusal names out of a document, so that the rest of it can be tried. */
static bool take_out_refused(laws *l, dgm_tree **t)
{
    bool *drop = calloc((*t)->node_count, sizeof *drop), any = false;
    dgm_tree *less = NULL;
    if (!drop) return false;
    for (size_t i = 0; i < l->refused_count; i++)
        if (l->refused[i] > 0 && l->refused[i] < (*t)->node_count) drop[l->refused[i]] = any = true;
    if (any && dgm_tree_without(l->builder, *t, drop, false, &less) == DGM_OK) {
        dgm_tree_free(*t);
        *t = less;
    }
    free(drop);
    return any;
}

uint32_t laws_campaign(laws *l, const char *name, laws_of_document *law, uint64_t first, uint32_t count)
{
    for (uint64_t seed = first; seed < first + count; seed++) {
        dgm_wish wish = wish_of(seed);
        dgm_tree *t = NULL;
        if (dgm_generate(l->builder, l->model->shape, &wish, &t) != DGM_OK) return 1;
        laws_verdict verdict = law(l, t);
        for (int again = 0; verdict == LAWS_OUTSIDE && again < 40 && take_out_refused(l, &t); again++) verdict = law(l, t);
        l->held += verdict == LAWS_HOLDS;
        l->outside += verdict == LAWS_OUTSIDE;
        for (uint32_t i = 0; i < t->node_count; i++) l->values += dgm_kind_leaf(dgm_node_kind(&t->nodes[i]));
        if (verdict == LAWS_BROKEN) {
            t = cut_down(l, law, t, LAWS_BROKEN);
            fprintf(stderr, "law %s, seed %llu: %s\n", name, (unsigned long long)seed, l->why);
            laws_print(t, stderr);
            dgm_tree_free(t);
            return 1;
        }
        if (verdict == LAWS_OUTSIDE && getenv("LAWS_OUTSIDE"))
            fprintf(stderr, "law %s, seed %llu is outside: %s\n", name, (unsigned long long)seed, l->why);
        dgm_tree_free(t);
    }
    return 0;
}

void laws_plain_path(const dgm_tree *t, uint32_t node, char *out, size_t room)
{
    size_t len = dgm_shape_path(t->shape, dgm_node_slot(&t->nodes[node]), out, room - 1);
    out[len < room ? len : room - 1] = 0;
}

void laws_print(const dgm_tree *t, FILE *to)
{
    for (uint32_t i = 1; i < t->node_count; i++) {
        char path[512];
        size_t len = dgm_tree_path(t, i, path, sizeof path);
        dgm_slice value = dgm_tree_value(t, i);
        bool leaf = dgm_kind_leaf(dgm_node_kind(&t->nodes[i]));
        if (!leaf && i + 1 < dgm_tree_end(t, i)) continue;
        fprintf(to, "    %.*s%s%.*s\n", (int)(len < sizeof path ? len : sizeof path), path, leaf ? " = " : " (holds nothing)",
                (int)value.len, value.at ? value.at : "");
    }
}
