/* SPDX-License-Identifier: Apache-2.0
 *
 * xsd_name.c - which characters of a schema may go where: names of elements (XML 1.0, 2.3; Namespaces in XML 1.0, 4), and text that
 * must stay in one line of a YAML comment (YAML 1.1, 5.1 and 5.4). Any thread.
 */
#include "xsd.h"

#include "base/utf8.h"

typedef struct range {
    uint32_t from, to;
} range;

static bool within(const range *r, size_t n, uint32_t point)
{
    for (size_t i = 0; i < n; i++)
        if (point >= r[i].from && point <= r[i].to) return true;
    return false;
}

bool dgm_xsd_ncname(dgm_slice s)
{
    static const range first[] = { { 'A', 'Z' },       { '_', '_' },       { 'a', 'z' },       { 0xC0, 0xD6 },
                                   { 0xD8, 0xF6 },     { 0xF8, 0x2FF },    { 0x370, 0x37D },   { 0x37F, 0x1FFF },
                                   { 0x200C, 0x200D }, { 0x2070, 0x218F }, { 0x2C00, 0x2FEF }, { 0x3001, 0xD7FF },
                                   { 0xF900, 0xFDCF }, { 0xFDF0, 0xFEFE }, { 0xFF00, 0xFFFC }, { 0x10000, 0xEFFFF } };
    static const range more[] = { { '-', '.' }, { '0', '9' }, { 0xB7, 0xB7 }, { 0x300, 0x36F }, { 0x203F, 0x2040 } };
    for (size_t at = 0; at < s.len;) {
        dgm_rune r = dgm_utf8_next(dgm_slice_part(s, at, s.len));
        if (!within(first, sizeof first / sizeof *first, r.point) && (!at || !within(more, sizeof more / sizeof *more, r.point)))
            return false;
        at += r.bytes;
    }
    return s.len > 0;
}

bool dgm_xsd_prints(uint32_t point)
{
    static const range not [] = { { 0, 0x1F },        { 0x7F, 0x9F },     { 0x2028, 0x2029 },
                                  { 0xD800, 0xDFFF }, { 0xFEFF, 0xFEFF }, { 0xFFFD, 0xFFFF } };
    return !within(not, sizeof not / sizeof *not, point);
}

void dgm_xsd_one_line(char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        dgm_rune r = dgm_utf8_next((dgm_slice){ text + at, len - at });
        if (!dgm_xsd_prints(r.point)) memset(text + at, ' ', r.bytes);
        at += r.bytes;
    }
}
