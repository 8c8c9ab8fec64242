/* SPDX-License-Identifier: Apache-2.0
 *
 * map_difference.c - two texts that should be one, for people: the lines around the first and the last difference. A text of
 * UN/EDIFACT without line breaks is shown a segment a line. One thread.
 */
#include "map.h"

#include <string.h>

enum { AROUND = 2, SHOWN_MAX = 12, COLUMNS_MAX = 200 };

/* What ends a line of a text. */
static char line_end(dgm_slice text)
{
    bool one_line = !text.len || !memchr(text.at, '\n', text.len - 1);
    return one_line && text.len > 3 && memcmp(text.at, "UN", 2) == 0 ? '\'' : '\n';
}

static dgm_slice next_line(dgm_slice *rest, char end)
{
    dgm_cut cut = dgm_slice_cut(*rest, end);
    dgm_slice line = { rest->at, cut.head.len + (cut.found && end != '\n' ? 1u : 0u) };
    *rest = cut.found ? cut.tail : (dgm_slice){ rest->at + rest->len, 0 };
    return line;
}

static size_t count_lines(dgm_slice text, char end)
{
    size_t n = 0;
    for (; text.len; n++) (void)next_line(&text, end);
    return n;
}

/* Lines first to last - 1 with a mark before each; the middle of many is left out. */
static void print_lines(cli_stream *s, dgm_slice text, char end, size_t first, size_t last, const char *mark, cli_ink ink)
{
    size_t n = last - first, left_out = n > SHOWN_MAX ? n - SHOWN_MAX : 0;
    for (size_t i = 0; text.len && i < last; i++) {
        dgm_slice line = next_line(&text, end);
        if (i < first) continue;
        size_t k = i - first;
        if (left_out && k == SHOWN_MAX / 2) cli_print(s, "    %s … %zu lines\n", mark, left_out);
        if (left_out && k >= SHOWN_MAX / 2 && k < SHOWN_MAX / 2 + left_out) continue;
        cli_print(s, "    %s%s ", cli_ink_of(s, ink), mark);
        cli_put_visible(s, line, COLUMNS_MAX);
        cli_print(s, "%s\n", cli_ink_of(s, INK_OFF));
    }
}

void map_print_difference(cli_stream *s, dgm_slice wanted, dgm_slice got)
{
    char end = line_end(wanted.len ? wanted : got);
    size_t all_wanted = count_lines(wanted, end), all_got = count_lines(got, end), same = 0, same_end = 0;
    size_t least = all_wanted < all_got ? all_wanted : all_got;
    for (dgm_slice a = wanted, b = got; same < least && dgm_slice_equal(next_line(&a, end), next_line(&b, end));) same++;
    /* The same number of bytes counts from the end of both, so whole lines that are equal are found from there. */
    size_t tail = 0, most = wanted.len < got.len ? wanted.len : got.len;
    while (tail < most && wanted.at[wanted.len - 1 - tail] == got.at[got.len - 1 - tail]) tail++;
    dgm_slice last = dgm_slice_part(wanted, wanted.len - tail, wanted.len);
    (void)next_line(&last, end); /* perhaps only the end of a line that differs */
    same_end = count_lines(last, end);
    if (same_end > least - same) same_end = least - same;
    size_t first = same > AROUND ? same - AROUND : 0;
    cli_print(s, "    %sline %zu; - is what the case wants, + what came%s\n", cli_ink_of(s, INK_DIM), same + 1,
              cli_ink_of(s, INK_OFF));
    print_lines(s, wanted, end, first, same, " ", INK_DIM);
    print_lines(s, wanted, end, same, all_wanted - same_end, "-", INK_BAD);
    print_lines(s, got, end, same, all_got - same_end, "+", INK_GOOD);
    print_lines(s, wanted, end, all_wanted - same_end, all_wanted - same_end + (same_end < AROUND ? same_end : AROUND), " ",
                INK_DIM);
}
