/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_tidy.c - whatever bytes: a file of YAML is tidied or refused with its mistakes named; what was tidied means what it meant,
 * has every comment still, and is not tidied any further. One thread.
 */
#include "base/yaml.h"
#include "base/yaml_tidy.h"
#include "conformance-tests/support/fuzz_kit.h"

/* How often a byte is there that is no blank: comments, keys and texts keep theirs. */
static void count(dgm_slice text, size_t *counts)
{
    memset(counts, 0, 256 * sizeof *counts);
    for (size_t i = 0; i < text.len; i++) counts[(unsigned char)text.at[i]]++;
}

static void same_bytes(dgm_slice a, dgm_slice b)
{
    size_t was[256], is[256];
    count(a, was);
    count(b, is);
    for (int c = '!'; c < 256; c++)
        if (c != 0xEF && c != 0xBB && c != 0xBF) fuzz_must(was[c] == is[c], "as many of every character");
}

/* What cannot be tidied: line ends of other kinds, texts that would end the document at the beginning of a line. */
static bool odd(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        dgm_slice rest = dgm_slice_part(s, i, s.len);
        if (s.at[i] == '\r' && (rest.len < 2 || rest.at[1] != '\n')) return true;
        if (rest.len > 1 && memcmp(rest.at, "\xC2\x85", 2) == 0) return true;
        if (rest.len > 2 && (memcmp(rest.at, "\xE2\x80\xA8", 3) == 0 || memcmp(rest.at, "\xE2\x80\xA9", 3) == 0)) return true;
        if (rest.len > 2 && (memcmp(rest.at, "---", 3) == 0 || memcmp(rest.at, "...", 3) == 0)) return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const dgm_slice file = { (const char *)data, size }, path = DGM_LITERAL("f.yaml");
    const dgm_yaml *was = NULL, *is = NULL;
    dgm_arena arena;
    dgm_buffer once, twice;
    dgm_diags *diags;
    dgm_arena_init(&arena, fuzz_memory());
    dgm_buffer_init(&once, fuzz_memory());
    dgm_buffer_init(&twice, fuzz_memory());
    fuzz_must(dgm_diags_new(fuzz_memory(), 100, &diags) == DGM_OK, "memory");
    dgm_status st = dgm_yaml_tidy(fuzz_memory(), path, file, diags, &once);
    fuzz_must(st == DGM_OK || st == DGM_CONFIG, "a file is tidied or refused");
    fuzz_must((st == DGM_OK) == (dgm_diags_errors(diags) == 0), "a refusal has a reason");
    if (st == DGM_OK && dgm_diags_count(diags)) {
        fuzz_must(odd(file) && dgm_slice_equal(file, dgm_buffer_slice(&once)), "only what is odd stays as it is");
    } else if (st == DGM_OK) {
        const dgm_slice tidy = dgm_buffer_slice(&once);
        fuzz_must(dgm_yaml_read(&arena, path, file, diags, &was) == DGM_OK, "it was read before");
        fuzz_must(dgm_yaml_read(&arena, path, tidy, diags, &is) == DGM_OK, "it can be read again");
        fuzz_must(dgm_yaml_equal(was, is), "and means the same");
        same_bytes(file, tidy);
        fuzz_must(dgm_yaml_tidy(fuzz_memory(), path, tidy, diags, &twice) == DGM_OK, "it can be tidied again");
        fuzz_must(dgm_slice_equal(tidy, dgm_buffer_slice(&twice)), "and then stays as it is");
    }
    dgm_buffer_free(&once);
    dgm_buffer_free(&twice);
    dgm_diags_free(diags);
    dgm_arena_free(&arena);
    return 0;
}
