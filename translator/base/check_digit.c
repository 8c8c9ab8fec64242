/* SPDX-License-Identifier: Apache-2.0
 *
 * check_digit.c - check digits, as the standards work them out. Pure; any thread.
 */
#include "check_digit.h"

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool all_digits(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!digit(s.at[i])) return false;
    return s.len > 0;
}

static uint32_t value_of(char c)
{
    return (uint32_t)(c - '0');
}

/* Owner code, category U, J or Z, six digits and the check digit: letters count 10 to 38 without the multiples of 11. */
static bool container(dgm_slice v, char *wanted)
{
    uint32_t sum = 0;
    if (!v.at || v.len != 11 || !all_digits(dgm_slice_part(v, 4, 11)) || (v.at[3] != 'U' && v.at[3] != 'J' && v.at[3] != 'Z'))
        return false;
    for (uint32_t i = 0; i < 10; i++) {
        uint32_t n = digit(v.at[i]) ? value_of(v.at[i]) : (uint32_t)(unsigned char)v.at[i] - 'A' + 10;
        if (i < 4 && (v.at[i] < 'A' || v.at[i] > 'Z')) return false;
        if (i < 4) n += n > 10 ? (n - 1) / 10 : 0; /* over 11, 22 and 33 */
        sum += n << i;
    }
    *wanted = (char)('0' + sum % 11 % 10);
    return true;
}

/* Six digits weighted 7 to 2; the last digit of their sum is the seventh. "IMO" may stand before them. */
static bool ship(dgm_slice v, char *wanted)
{
    uint32_t sum = 0;
    if (v.len == 10 && memcmp(v.at, "IMO", 3) == 0) v = dgm_slice_part(v, 3, 10);
    if (v.len != 7 || !all_digits(v)) return false;
    for (uint32_t i = 0; i < 6; i++) sum += value_of(v.at[i]) * (7 - i);
    *wanted = (char)('0' + sum % 10);
    return true;
}

/* From the right, digits count three and one in turn; the check digit makes a multiple of ten. */
static bool gtin(dgm_slice v, char *wanted)
{
    uint32_t sum = 0;
    if ((v.len != 8 && v.len != 12 && v.len != 13 && v.len != 14) || !all_digits(v)) return false;
    for (size_t i = 0; i + 1 < v.len; i++) sum += value_of(v.at[i]) * ((v.len - i) % 2 ? 1 : 3);
    *wanted = (char)('0' + (10 - sum % 10) % 10);
    return true;
}

/* Three digits of the airline, perhaps a hyphen or blank, and seven digits whose remainder by seven is the eighth. */
static bool air_waybill(dgm_slice v, char *wanted)
{
    if (v.len == 12 && (v.at[3] == '-' || v.at[3] == ' ') && all_digits(dgm_slice_part(v, 0, 3)))
        v = dgm_slice_part(v, 4, 12);
    else if (v.len == 11 && all_digits(dgm_slice_part(v, 0, 3)))
        v = dgm_slice_part(v, 3, 11);
    if (v.len != 8 || !all_digits(v)) return false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < 7; i++) n = n * 10 + value_of(v.at[i]);
    *wanted = (char)('0' + n % 7);
    return true;
}

bool dgm_check_digit(dgm_check_rule rule, dgm_slice number, char *wanted)
{
    switch (rule) {
    case DGM_CHECK_CONTAINER: return container(number, wanted);
    case DGM_CHECK_SHIP: return ship(number, wanted);
    case DGM_CHECK_GTIN: return gtin(number, wanted);
    case DGM_CHECK_AIR_WAYBILL: return air_waybill(number, wanted);
    case DGM_CHECK_IBAN:
    case DGM_CHECK_NONE:
    default: return false;
    }
}

static bool capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Two letters of the country and two digits, put behind the account's own number; with letters as 10 to 35 that is 1 modulo 97. */
static bool iban(dgm_slice v)
{
    uint32_t rest = 0;
    if (v.len < 15 || v.len > 34 || !capital(v.at[0]) || !capital(v.at[1]) || !digit(v.at[2]) || !digit(v.at[3])) return false;
    for (size_t k = 0; k < v.len; k++) {
        char c = v.at[(k + 4) % v.len];
        if (!digit(c) && !capital(c)) return false;
        rest = digit(c) ? rest * 10 + value_of(c) : rest * 100 + (uint32_t)(c - 'A') + 10;
        rest %= 97;
    }
    return rest == 1;
}

bool dgm_check_number(dgm_check_rule rule, dgm_slice number)
{
    char wanted = 0;
    if (rule == DGM_CHECK_IBAN) return iban(number);
    return dgm_check_digit(rule, number, &wanted) && number.at[number.len - 1] == wanted;
}

dgm_check_rule dgm_check_named(dgm_slice word)
{
    static const char *const words[] = { "", "container", "ship", "gtin", "air-waybill", "iban" };
    for (size_t i = 1; i < sizeof words / sizeof *words; i++)
        if (dgm_slice_is(word, words[i])) return (dgm_check_rule)i;
    return DGM_CHECK_NONE;
}
