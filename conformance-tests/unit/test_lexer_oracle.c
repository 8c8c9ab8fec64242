/* SPDX-License-Identifier: Apache-2.0
 *
 * test_lexer_oracle.c - the lexer against one that looks at a byte at a time and could not be simpler, over random bytes that are
 * rich in what matters, whole and in pieces, with every way of scanning. One thread.
 */
#include "codecs/edifact/lexer.h"
#include "conformance-tests/support/test.h"

#define BYTES_MAX  640u
#define TOKENS_MAX 800u

static bool is_break(unsigned char c)
{
    return c == '\r' || c == '\n';
}

static uint32_t odd_kind(unsigned char c)
{
    return c < 0x20 || c > 0x7E ? (uint32_t)DGM_EDI_KIND_ODD : 0;
}

/* ISO 9735:1988, 5 and 7, read aloud. */
static size_t simple_lex(const char *at, size_t len, bool repetitions, dgm_edi_token *out)
{
    size_t count = 0, start = 0;
    uint32_t kinds = 0;
    bool fresh = true;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)at[i];
        if (fresh && is_break(c)) {
            start = i + 1;
            continue;
        }
        fresh = false;
        if (c == '?') {
            kinds |= (uint32_t)DGM_EDI_KIND_RELEASE;
            if (++i < len) kinds |= odd_kind((unsigned char)at[i]);
        } else if (c == '\'' || c == '+' || c == ':' || (c == '*' && repetitions)) {
            uint32_t end = (uint32_t)(c == '\''  ? DGM_EDI_KIND_TERMINATOR
                                      : c == '+' ? DGM_EDI_KIND_ELEMENT
                                      : c == ':' ? DGM_EDI_KIND_COMPONENT
                                                 : DGM_EDI_KIND_REPETITION);
            out[count++] = (dgm_edi_token){ (uint32_t)start, (uint32_t)(i - start) << 5 | kinds | end };
            kinds = 0;
            start = i + 1;
            fresh = c == '\'';
        } else {
            kinds |= odd_kind(c);
        }
    }
    return count;
}

static void fill(test_random *r, char *at, size_t len, uint32_t plain)
{
    static const char *const rich = "+:'?\r\n*";
    for (size_t i = 0; i < len; i++) {
        uint32_t kind = test_random_below(r, plain);
        if (kind < 4)
            at[i] = rich[test_random_below(r, 7)];
        else if (kind == 4)
            at[i] = (char)(0x80 + test_random_below(r, 128));
        else
            at[i] = (char)('A' + test_random_below(r, 26));
    }
}

static size_t lex_in_pieces(test_random *r, const char *at, size_t len, bool repetitions, dgm_edi_scan *scan, dgm_edi_token *out)
{
    dgm_edi_lexer x = { 0 };
    size_t count = 0, end = 0, piece = 1 + test_random_below(r, 200);
    bool whole = test_random_below(r, 2);
    dgm_edi_alphabet_make(&x.alphabet, ":+?'", true, DGM_EDI_REPERTOIRE_ANY);
    if (repetitions) dgm_edi_alphabet_repeat(&x.alphabet, '*');
    dgm_edi_lexer_start(&x, at, 0, scan);
    while (x.at < len) {
        end = whole || end + piece > len ? len : end + piece;
        while (x.at < end) count += dgm_edi_lex(&x, end, out + count, DGM_EDI_LEX_ROOM + test_random_below(r, 60));
    }
    return count;
}

static void test_against_the_simple_one(void)
{
    static dgm_edi_token wanted[TOKENS_MAX], got[TOKENS_MAX + 256];
    static const uint32_t plain[] = { 5, 9, 30, 200 };
    test_random r = { .state = 20261121 };
    for (int round = 0; round < 40000; round++) {
        char at[BYTES_MAX];
        const char *name = NULL;
        size_t len = test_random_below(&r, BYTES_MAX);
        dgm_edi_scan *scan = dgm_edi_scan_at(test_random_below(&r, 4), &name);
        fill(&r, at, len, plain[round % 4]);
        size_t a = simple_lex(at, len, round & 4, wanted), b = lex_in_pieces(&r, at, len, round & 4, scan, got);
        bool same = a == b && memcmp(wanted, got, a * sizeof *got) == 0;
        if (!same)
            fprintf(stderr, "round %d, %s, %zu bytes: %zu slices wanted, %zu came\n", round, scan ? name : "best", len, a, b);
        CU_ASSERT_FATAL(same);
    }
}

/* Each way of scanning gives the bits of plain C, for any service characters (all different), any bytes and any repertoire. */
static void each_scan_gives_the_same_bits(void)
{
    test_random r = { .state = 9735 };
    for (int round = 0; round < 4000; round++) {
        static const dgm_edi_repertoire repertoires[] = { DGM_EDI_REPERTOIRE_ANY, DGM_EDI_REPERTOIRE_A, DGM_EDI_REPERTOIRE_B };
        char at[4 * DGM_EDI_BLOCK], service[5];
        dgm_edi_alphabet a;
        dgm_edi_bits wanted[4], got[4];
        for (size_t i = 0; i < 5; i++) {
            service[i] = (char)test_random_below(&r, 256);
            for (size_t k = 0; k < i; k++)
                if (service[k] == service[i]) service[i]++, k = (size_t)-1;
        }
        for (size_t i = 0; i < sizeof at; i++)
            at[i] =
                (char)(test_random_below(&r, 3) ? test_random_below(&r, 256) : (unsigned char)service[test_random_below(&r, 5)]);
        dgm_edi_alphabet_make(&a, service, test_random_below(&r, 2), repertoires[round % 3]);
        if (test_random_below(&r, 2)) dgm_edi_alphabet_repeat(&a, service[4]);
        dgm_edi_scan_plain(at, 4, &a, wanted);
        for (size_t way = 1; way < 4; way++) {
            const char *name = NULL;
            dgm_edi_scan *scan = dgm_edi_scan_at(way, &name);
            if (!scan) continue;
            scan(at, 4, &a, got);
            bool same = memcmp(wanted, got, sizeof got) == 0;
            if (!same) fprintf(stderr, "round %d: %s differs from plain\n", round, name);
            CU_ASSERT_FATAL(same);
        }
    }
}

int main(void)
{
    static const test_case cases[] = { { "against one byte at a time", test_against_the_simple_one },
                                       { "each scan gives the same bits", each_scan_gives_the_same_bits },
                                       { 0 } };
    return test_main("lexer oracle", cases);
}
