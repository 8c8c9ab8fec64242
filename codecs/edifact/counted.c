/* SPDX-License-Identifier: Apache-2.0
 *
 * counted.c - see counted.h. ISO 9735:1988, annex B: 0020, 0048 and 0062 are an..14. One thread.
 */
#include "counted.h"

#include "base/slice.h"

/* Characters before the digits that a pattern ends in. */
static size_t stem_of(dgm_slice pattern)
{
    size_t n = pattern.len;
    while (n > 0 && pattern.at[n - 1] >= '0' && pattern.at[n - 1] <= '9') n--;
    return n;
}

bool dgm_edi_countable(dgm_slice pattern)
{
    return pattern.len <= DGM_EDI_REFERENCE_MAX && stem_of(pattern) < DGM_EDI_REFERENCE_MAX;
}

dgm_status dgm_edi_counted_next(const dgm_counter *counter, dgm_counted_as what, dgm_slice recipient, dgm_slice pattern,
                                dgm_edi_counted *out)
{
    const size_t stem = stem_of(pattern);
    uint64_t first = 0, most = 0, number = 0;
    for (size_t i = stem; i < pattern.len; i++) first = first * 10 + (uint64_t)(pattern.at[i] - '0');
    for (size_t i = stem; i < DGM_EDI_REFERENCE_MAX; i++) most = most * 10 + 9;
    if (most == 0) return DGM_USAGE;
    if (first == 0) first = 1;
    dgm_status s = counter->take(counter->ctx, what, recipient, first, &number);
    if (s != DGM_OK) return s;
    if (number == 0) return DGM_USAGE; /* the host's mistake: it counts from 1 */
    out->anew = number > most && number % most == 1;
    number = (number - 1) % most + 1;
    char digits[DGM_EDI_REFERENCE_MAX];
    size_t n = 0;
    for (; number; number /= 10) digits[n++] = (char)('0' + number % 10);
    while (n < pattern.len - stem) digits[n++] = '0';
    if (stem) memcpy(out->at, pattern.at, stem);
    out->len = stem;
    while (n > 0) out->at[out->len++] = digits[--n];
    return DGM_OK;
}
