/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_amend.c - three documents from bytes: a base, what it is to become, and a message that amends it. Whatever the message says,
 * a sound document comes of it or a reason why not. The message between base and document makes the one of the other when it says
 * so: then nothing differs any more, and made again it is the same. One thread.
 */
#include "conformance-tests/support/fuzz_kit.h"
#include "model/amend.h"
#include "model/vocabulary.h"

enum { INPUT_MAX = 4096, DEPTH = 8, UP = 0xFE, NEXT = 0xFF };

static const char vocabulary[] = "dragoman: model/1\nmodel: Declaration@1\nroot: Declaration\n"
                                 "attribute: amount @currencyID code a3\n"
                                 "path\tmin\tmax\ttype\tformat\twco-id\ttded\ttitle\torigin\n"
                                 "FunctionCode\t0\t1\tcode\tan..3\t017\t-\t-\twco\n"
                                 "FunctionalReferenceID\t0\t1\tid\tan..35\tD026\t-\t-\twco\n"
                                 "ID\t0\t1\tid\tan..35\tD014\t-\t-\twco\n"
                                 "InvoiceAmount\t0\t1\tamount\tn..16,3\t109\t-\t-\twco\n"
                                 "AdditionalInformation\t0\t*\t-\t-\t03A\t-\t-\twco\n"
                                 "AdditionalInformation/StatementDescription\t0\t1\ttext\t-\t225\t-\t-\twco\n"
                                 "AdditionalInformation/Pointer\t0\t*\t-\t-\t97A\t-\t-\twco\n"
                                 "AdditionalInformation/Pointer/TagID\t0\t1\tid\t-\t381\t-\t-\twco\n"
                                 "Amendment\t0\t*\t-\t-\t06A\t-\t-\twco\n"
                                 "Amendment/ChangeReasonCode\t0\t1\tcode\tan..3\t099\t-\t-\twco\n"
                                 "Amendment/Pointer\t0\t*\t-\t-\t97A\t-\t-\twco\n"
                                 "Amendment/Pointer/SequenceNumeric\t0\t1\tnumber\tn..5\t006\t-\t-\twco\n"
                                 "Amendment/Pointer/DocumentSectionCode\t0\t1\tcode\tan..3\t375\t-\t-\twco\n"
                                 "Amendment/Pointer/TagID\t0\t1\tid\tan..4\t381\t-\t-\twco\n"
                                 "GoodsShipment\t0\t1\t-\t-\t67A\t-\t-\twco\n"
                                 "GoodsShipment/Item\t0\t*\t-\t-\t68A\t-\t-\twco\n"
                                 "GoodsShipment/Item/SequenceNumeric\t0\t1\tnumber\tn..5\t006\t-\t-\twco\n"
                                 "GoodsShipment/Item/Document\t0\t*\t-\t-\t02A\t-\t-\twco\n"
                                 "GoodsShipment/Item/Document/ID\t0\t1\tid\tan..9\tD005\t-\t-\twco\n"
                                 "GoodsShipment/Item/Commodity\t0\t1\t-\t-\t23A\t-\t-\twco\n"
                                 "GoodsShipment/Item/Commodity/Description\t0\t1\ttext\t-\t137\t-\t-\twco\n"
                                 "GoodsShipment/Item/Note\t0\t*\ttext\t-\t226\t-\t-\twco\n";

/* Texts a leaf may have: among them identifiers and numbers that pointers are made of. */
static const char *const texts[] = { "A", "B",   "",    "2",   "42A", "67A",  "68A",  "02A", "23A", "03A",
                                     "D", "006", "137", "109", "226", "D005", "D014", "99A", "0",   "x y" };
static const char *const numbers[] = { "1", "2", "3", "10", "01", "7", "2.50", "" };

/* A document of the bytes up to NEXT: UP goes up, another one is a child of what is open; behind that of a leaf stands its value.
 * What may stand once stands once. */
static dgm_tree *document(dgm_builder *b, const dgm_shape *shape, const uint8_t **at, const uint8_t *end)
{
    uint32_t node[DEPTH] = { 0 }, slot[DEPTH] = { DGM_SLOT_ROOT }, seen[DEPTH] = { 0 }, depth = 0, order = 1;
    fuzz_must(dgm_builder_begin(b, shape, false) == DGM_OK, "a builder begins");
    for (; *at < end && **at != NEXT; ++*at) {
        const dgm_slot *up = dgm_shape_slot(shape, slot[depth]);
        if (**at == UP) {
            depth -= depth > 0;
            continue;
        }
        const uint32_t child = **at % up->child_count, below = up->first_child + child;
        const dgm_slot *s = dgm_shape_slot(shape, below);
        if (s->max == 1 && seen[depth] >> child & 1) continue;
        seen[depth] |= 1u << child;
        if (!dgm_kind_leaf(s->kind)) {
            node[depth + 1] = dgm_builder_open(b, node[depth], below, order++);
            slot[++depth] = below;
            seen[depth] = 0;
            continue;
        }
        const unsigned v = *at + 1 < end ? *++*at : 0;
        bool number = s->type == DGM_TYPE_NUMBER || s->type == DGM_TYPE_AMOUNT;
        const char *text = number ? numbers[v % (sizeof numbers / sizeof *numbers)] : texts[v % (sizeof texts / sizeof *texts)];
        uint32_t leaf = dgm_builder_leaf(b, node[depth], below, order++, dgm_slice_of(text));
        if (s->child_count && v & 64) (void)dgm_builder_leaf(b, leaf, s->first_child, 0, DGM_LITERAL("EUR"));
    }
    if (*at < end) ++*at;
    dgm_tree *t = NULL;
    fuzz_must(dgm_builder_freeze(b, &t, NULL) == DGM_OK && dgm_tree_sound(t), "a document is made");
    return t;
}

/* What becomes of a base; NULL: refused, and told why. */
static dgm_tree *applied(dgm_builder *b, const dgm_tree *base, const dgm_tree *message, dgm_diags *diags)
{
    dgm_tree *made = NULL;
    dgm_diags_clear(diags);
    fuzz_must(dgm_builder_begin(b, base->shape, false) == DGM_OK, "a builder begins");
    dgm_status s = dgm_amend_apply(fuzz_memory(), base, message, diags, b);
    fuzz_must(s == DGM_OK || s == DGM_INVALID, "a message is applied or refused");
    fuzz_must((s == DGM_INVALID) == (dgm_diags_errors(diags) > 0), "an error is told of what is refused, and of nothing else");
    if (s == DGM_OK) fuzz_must(dgm_builder_freeze(b, &made, NULL) == DGM_OK && dgm_tree_sound(made), "and the document is sound");
    return made;
}

/* The message between two documents; NULL: none says it, which is told. */
static dgm_tree *between(dgm_builder *b, const dgm_tree *base, const dgm_tree *full, dgm_diags *diags)
{
    const dgm_amend_head head = { .function = DGM_LITERAL("13"), .reason = DGM_LITERAL("32") };
    dgm_tree *part = NULL;
    dgm_diags_clear(diags);
    fuzz_must(dgm_builder_begin(b, base->shape, false) == DGM_OK, "a builder begins");
    dgm_status s = dgm_amend_make(fuzz_memory(), base, full, &head, diags, b);
    fuzz_must(s == DGM_OK || s == DGM_INVALID, "a message is made or refused");
    if (s == DGM_OK) fuzz_must(dgm_builder_freeze(b, &part, NULL) == DGM_OK && dgm_tree_sound(part), "and the message is sound");
    if (s == DGM_OK) s = dgm_amend_prove(fuzz_memory(), base, part, full, diags);
    fuzz_must(s == DGM_OK || s == DGM_INVALID, "a message is proven or refused");
    fuzz_must((s == DGM_INVALID) == (dgm_diags_errors(diags) > 0), "an error is told of what is refused, and of nothing else");
    if (s == DGM_OK) return part;
    dgm_tree_free(part);
    return NULL;
}

static bool amends(const dgm_tree *message)
{
    uint32_t slot = dgm_amend_slot(message->shape, DGM_SLOT_ROOT, "06A"), n = 1;
    while (n < message->node_count && dgm_node_slot(&message->nodes[n]) != slot) n = dgm_tree_next(message, n);
    return n < message->node_count;
}

/* base + message = full: so there is nothing left between what was made and full, and the message made a second time is the same.
 */
static void hold(dgm_builder *b, const dgm_tree *base, const dgm_tree *full, dgm_diags *diags)
{
    dgm_tree *part = between(b, base, full, diags), *again, *made, *rest;
    if (!part) return;
    again = between(b, base, full, diags);
    fuzz_must(again && dgm_tree_equal(part, again, false, NULL, NULL), "made again it is the same");
    dgm_tree_free(again);
    if (amends(part)) {
        made = applied(b, base, part, diags);
        fuzz_must(made != NULL, "what was proven can be applied");
        rest = between(b, made, full, diags);
        fuzz_must(rest && !amends(rest), "and leaves no difference");
        dgm_tree_free(rest);
        dgm_tree_free(made);
    }
    dgm_tree_free(part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static dgm_shape *shape;
    dgm_diags *diags;
    dgm_builder *b;
    if (size > INPUT_MAX) return 0;
    if (!shape) {
        fuzz_must(dgm_diags_new(NULL, 0, &diags) == DGM_OK, "memory");
        const dgm_mem mem = dgm_mem_default();
        fuzz_must(dgm_vocabulary_load(&mem, DGM_LITERAL("m.tsv"), dgm_slice_of(vocabulary), diags, &shape) == DGM_OK,
                  "a vocabulary");
        dgm_diags_free(diags);
    }
    const long long before = fuzz_live;
    fuzz_must(dgm_diags_new(fuzz_memory(), 0, &diags) == DGM_OK && dgm_builder_new(fuzz_memory(), NULL, &b) == DGM_OK, "memory");
    const uint8_t *at = data, *end = data + size;
    dgm_tree *base = document(b, shape, &at, end), *full = document(b, shape, &at, end), *message = document(b, shape, &at, end);
    hold(b, base, full, diags);
    hold(b, full, base, diags);
    dgm_tree *made = applied(b, base, message, diags);
    if (made) hold(b, base, made, diags);
    dgm_tree_free(made);
    dgm_tree_free(base);
    dgm_tree_free(full);
    dgm_tree_free(message);
    dgm_builder_free(b);
    dgm_diags_free(diags);
    fuzz_must(fuzz_live == before, "all memory is given back");
    return 0;
}
