/* SPDX-License-Identifier: Apache-2.0
 *
 * units.c - units of UN/ECE Recommendation 20 that an exact decimal makes of one another: `convert: {wire: GRM, model: KGM}`.
 * Factors are those of their definitions (SI prefixes; the international yard and pound; the US and the imperial gallon), none is
 * rounded. mappings/README.md, "Convert". Pure; any thread.
 */
#include "units.h"

#include "base/slice.h"

static const map_unit units[] = {
    /* mass, in kilograms */
    { "KGM", 'm', "1" },
    { "GRM", 'm', "0.001" },
    { "MGM", 'm', "0.000001" },
    { "HGM", 'm', "0.1" },
    { "DTN", 'm', "100" },
    { "TNE", 'm', "1000" },
    { "CTM", 'm', "0.0002" },
    { "LBR", 'm', "0.45359237" },
    { "ONZ", 'm', "0.028349523125" },
    { "APZ", 'm', "0.0311034768" },
    { "STN", 'm', "907.18474" },
    { "LTN", 'm', "1016.0469088" },
    /* length, in metres */
    { "MTR", 'l', "1" },
    { "MMT", 'l', "0.001" },
    { "CMT", 'l', "0.01" },
    { "DMT", 'l', "0.1" },
    { "KMT", 'l', "1000" },
    { "INH", 'l', "0.0254" },
    { "FOT", 'l', "0.3048" },
    { "YRD", 'l', "0.9144" },
    { "SMI", 'l', "1609.344" },
    { "NMI", 'l', "1852" },
    /* area, in square metres */
    { "MTK", 'a', "1" },
    { "MMK", 'a', "0.000001" },
    { "CMK", 'a', "0.0001" },
    { "DMK", 'a', "0.01" },
    { "KMK", 'a', "1000000" },
    { "HAR", 'a', "10000" },
    { "INK", 'a', "0.00064516" },
    { "FTK", 'a', "0.09290304" },
    { "YDK", 'a', "0.83612736" },
    /* volume, in cubic metres */
    { "MTQ", 'v', "1" },
    { "MMQ", 'v', "0.000000001" },
    { "CMQ", 'v', "0.000001" },
    { "DMQ", 'v', "0.001" },
    { "LTR", 'v', "0.001" },
    { "MLT", 'v', "0.000001" },
    { "CLT", 'v', "0.00001" },
    { "DLT", 'v', "0.0001" },
    { "HLT", 'v', "0.1" },
    { "INQ", 'v', "0.000016387064" },
    { "FTQ", 'v', "0.028316846592" },
    { "YDQ", 'v', "0.764554857984" },
    { "GLL", 'v', "0.003785411784" },
    { "GLI", 'v', "0.00454609" },
    { "BLL", 'v', "0.158987294928" },
    /* energy, in joules */
    { "JOU", 'e', "1" },
    { "KJO", 'e', "1000" },
    { "WHR", 'e', "3600" },
    { "KWH", 'e', "3600000" },
    { "MWH", 'e', "3600000000" },
    /* time, in seconds */
    { "SEC", 't', "1" },
    { "MIN", 't', "60" },
    { "HUR", 't', "3600" },
    { "DAY", 't', "86400" },
    { "WEE", 't', "604800" },
    /* how many */
    { "C62", 'c', "1" },
    { "H87", 'c', "1" },
    { "PR", 'c', "2" },
    { "DZN", 'c', "12" },
    { "CEN", 'c', "100" },
    { "GRO", 'c', "144" },
    { "MIL", 'c', "1000" },
};

const map_unit *dgm_map_unit(dgm_slice code)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (dgm_slice_is(code, units[i].code)) return &units[i];
    return NULL;
}

size_t dgm_map_unit_names(dgm_slice *out, size_t room)
{
    size_t n = 0;
    for (; n < sizeof units / sizeof *units && n < room; n++) out[n] = dgm_slice_of(units[n].code);
    return n;
}
