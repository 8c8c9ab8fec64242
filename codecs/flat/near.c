/* SPDX-License-Identifier: Apache-2.0
 *
 * near.c - dates that say no year, as messages of carriers have them (`15MAR`, or the day of the month alone): the year, and month,
 * is the one in which the date is nearest to another that is known, a field read before it or the day of reading. Any thread.
 */
#include "flat.h"

#include "base/date.h"

#include <stdlib.h>

static int64_t number_at(const char *at, size_t n)
{
    int64_t v = 0;
    for (size_t i = 0; i < n; i++) v = v * 10 + (at[i] - '0');
    return v;
}

static void spell(char *out, int64_t year, int64_t month, int64_t day)
{
    const int64_t parts[8] = { year / 1000, year / 100, year / 10, year, month / 10, month, day / 10, day };
    static const uint8_t at[8] = { 0, 1, 2, 3, 5, 6, 8, 9 };
    for (size_t i = 0; i < 8; i++) out[at[i]] = (char)('0' + parts[i] % 10);
    out[4] = out[7] = '-';
}

/* A day alone is looked for in three months, one with its month in three years. */
size_t dgm_flat_near(dgm_slice partial, dgm_slice day, char *out)
{
    const bool alone = partial.len > 2 && partial.at[2] == '-';
    const size_t head = alone ? 5 : 7;
    if (partial.len < head || day.len < DGM_FLAT_DAY || !dgm_date_valid(dgm_slice_part(day, 0, DGM_FLAT_DAY))) return 0;
    const int64_t year = number_at(day.at, 4), month = number_at(day.at + 5, 2);
    const int64_t there = dgm_date_days(year, month, number_at(day.at + 8, 2));
    const int64_t own_month = alone ? 0 : number_at(partial.at + 2, 2), own_day = number_at(partial.at + head - 2, 2);
    int64_t least = INT64_MAX;
    char found[DGM_FLAT_DAY] = "", made[DGM_FLAT_DAY];
    for (int64_t step = -1; step <= 1; step++) {
        int64_t y = year + step, m = own_month;
        if (alone) {
            m = (month + step + 11) % 12 + 1;
            y = year - (month + step < 1) + (month + step > 12);
        }
        if (y < 0 || y > 9999) continue;
        spell(made, y, m, own_day);
        if (!dgm_date_valid((dgm_slice){ made, sizeof made })) continue;
        int64_t away = llabs(dgm_date_days(y, m, own_day) - there);
        if (away > least) continue;
        least = away;
        memcpy(found, made, sizeof made);
    }
    if (least == INT64_MAX) return 0;
    memmove(out + DGM_FLAT_DAY, partial.at + head, partial.len - head); /* the time; partial may stand in out */
    memcpy(out, found, sizeof found);
    return DGM_FLAT_DAY + partial.len - head;
}

dgm_slice dgm_flat_near_what(const dgm_flat_layout *l, const dgm_flat_step *s, const dgm_buffer *kept, const char *today)
{
    if (s->near == DGM_NONE) return (dgm_slice){ today, DGM_FLAT_DAY };
    return dgm_buffer_slice(&kept[l->steps[s->near - 1].kept - 1]);
}

dgm_slice dgm_flat_near_name(const dgm_flat_layout *l, const dgm_flat_step *s)
{
    return s->near == DGM_NONE ? DGM_LITERAL("the day of reading") : l->steps[s->near - 1].name;
}

bool dgm_flat_near_holds(const dgm_flat_step *s, dgm_slice piece, dgm_slice day, dgm_slice value, char *out, size_t *n)
{
    *n = dgm_flat_date_read(s, piece, out);
    *n = dgm_flat_near((dgm_slice){ out, *n }, day, out);
    return dgm_slice_equal((dgm_slice){ out, *n }, value);
}

void dgm_flat_today(const dgm_host *host, dgm_slice as_of, char *day)
{
    if (as_of.len == DGM_FLAT_DAY) {
        memcpy(day, as_of.at, DGM_FLAT_DAY);
        return;
    }
    const dgm_moment now = dgm_date_moment(host->world.now_ms(host->world.ctx));
    spell(day, now.year, now.month, now.day);
}
