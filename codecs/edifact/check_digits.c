/* SPDX-License-Identifier: Apache-2.0
 *
 * check_digits.c - what a qualifier says of a value: check digits of numbers that other standards define (base/check_digit.h), and
 * dates by their format (base/date.h). A value that does not have the form of such a number is left alone: the place may hold
 * others; a date must have the form that its format names, and there must be such a time. One thread.
 */
#include "check.h"
#include "reader.h"

#include "base/check_digit.h"
#include "base/date.h"

typedef struct digit_row {
    const char *tag, *value, *qualifier; /* elements; the qualifier is of the same composite when that has one */
    dgm_edi_digit_rule rule;
} digit_row;

static const digit_row rows[] = {
    { "EQD", "8260", "8053", DGM_EDI_DIGIT_CONTAINER },   { "SGP", "8260", NULL, DGM_EDI_DIGIT_CONTAINER },
    { "TDT", "8213", "3055", DGM_EDI_DIGIT_SHIP },        { "LIN", "7140", "7143", DGM_EDI_DIGIT_GTIN },
    { "PIA", "7140", "7143", DGM_EDI_DIGIT_GTIN },        { "BGM", "1004", "1001", DGM_EDI_DIGIT_AIR_WAYBILL },
    { "DOC", "1004", "1001", DGM_EDI_DIGIT_AIR_WAYBILL }, { "RFF", "1154", "1153", DGM_EDI_DIGIT_AIR_WAYBILL },
    { "DTM", "2380", "2379", DGM_EDI_DIGIT_DATE },
};

/* ---- where they are -----------------------------------------------------------------------------------------------------------
 */

/* The component of an element that is `id`, from 1; 0: none. A simple element is its own first component. */
static uint32_t component_of(const dgm_edi_layout *l, uint32_t place, const char *id)
{
    uint32_t n = l->places[place].count ? l->places[place].count : 1;
    for (uint32_t c = 0; c < n; c++)
        if (dgm_slice_is(l->leaf_names[l->places[place].first + c].id, id)) return c + 1;
    return 0;
}

static bool find_qualifier(const dgm_edi_layout *l, const char *id, uint32_t place, dgm_edi_digit *d)
{
    uint32_t c = component_of(l, place, id), at = place;
    for (uint32_t i = 0; c == 0 && i < l->place_count; i++) {
        c = component_of(l, i, id);
        at = i;
    }
    d->by_element = l->places[at].element;
    d->by_component = (uint8_t)c;
    return c != 0;
}

static uint32_t find_digits(const dgm_edi_layout *l, const digit_row *row, dgm_edi_digit *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->place_count && n < DGM_EDI_DIGITS_MAX; i++) {
        uint32_t c = component_of(l, i, row->value), element = l->places[i].element;
        if (c == 0 || (n && out[n - 1].element == element)) continue; /* of a repetition only the first is looked at */
        out[n] = (dgm_edi_digit){ .rule = (uint8_t)row->rule, .element = (uint16_t)element, .component = (uint8_t)c };
        n += !row->qualifier || find_qualifier(l, row->qualifier, i, &out[n]);
    }
    return n;
}

dgm_status dgm_edi_digits_find(dgm_arena *a, dgm_edi_layout *layout)
{
    dgm_edi_digit found[DGM_EDI_DIGITS_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!dgm_slice_is(layout->tag, rows[i].tag)) continue;
        layout->digit_count = find_digits(layout, &rows[i], found);
        if (layout->digit_count == 0) return DGM_OK;
        dgm_edi_digit *digits = DGM_NEW(a, dgm_edi_digit, layout->digit_count);
        if (!digits) return DGM_NOMEM;
        memcpy(digits, found, layout->digit_count * sizeof *digits);
        layout->digits = digits;
    }
    return DGM_OK;
}

/* ---- what they are -------------------------------------------------------------------------------------------------------------
 */

static bool either(dgm_slice s, const char *a, const char *b)
{
    return dgm_slice_is(s, a) || dgm_slice_is(s, b);
}

bool dgm_edi_digit_wrong(dgm_edi_digit_rule rule, dgm_slice value, dgm_slice qualifier, char *wanted)
{
    bool has = false;
    if (!value.at || !qualifier.at) return false;
    switch (rule) {
    case DGM_EDI_DIGIT_DATE: return dgm_date_fits(value, qualifier) == DGM_INVALID;
    case DGM_EDI_DIGIT_CONTAINER:
        has = (!qualifier.len || dgm_slice_is(qualifier, "CN")) && dgm_check_digit(DGM_CHECK_CONTAINER, value, wanted);
        break;
    case DGM_EDI_DIGIT_SHIP:
        has = either(qualifier, "11", "54") && dgm_check_digit(DGM_CHECK_SHIP, value, wanted);
        break; /* Lloyd's Register, IMO */
    case DGM_EDI_DIGIT_GTIN: has = either(qualifier, "EN", "SRV") && dgm_check_digit(DGM_CHECK_GTIN, value, wanted); break;
    case DGM_EDI_DIGIT_AIR_WAYBILL:
        has = (either(qualifier, "740", "741") || either(qualifier, "AWB", "MWB")) && value.len > 10 &&
              dgm_check_digit(DGM_CHECK_AIR_WAYBILL, value, wanted);
        break;
    }
    return has && value.at[value.len - 1] != *wanted;
}

dgm_edi_digit_names dgm_edi_digit_names_of(dgm_edi_digit_rule rule)
{
    static const dgm_edi_digit_names names[] = {
        [DGM_EDI_DIGIT_CONTAINER] = { { 0xFFFFFF, 0xFFFFFF }, { DGM_EDI_TAG('C', 'N', 0), 0 } }, /* or none */
        [DGM_EDI_DIGIT_SHIP] = { { 0xFFFFFF, 0xFFFFFF }, { DGM_EDI_TAG('1', '1', 0), DGM_EDI_TAG('5', '4', 0) } },
        [DGM_EDI_DIGIT_GTIN] = { { 0xFFFFFF, 0xFFFFFF }, { DGM_EDI_TAG('E', 'N', 0), DGM_EDI_TAG('S', 'R', 'V') } },
        [DGM_EDI_DIGIT_AIR_WAYBILL] = { { 0x00FFFF, 0xFFFF00 }, { DGM_EDI_TAG('7', '4', 0), DGM_EDI_TAG(0, 'W', 'B') } },
        [DGM_EDI_DIGIT_DATE] = { { 0, 0 }, { 0, 0 } }, /* whatever it is */
    };
    return names[rule];
}

static bool simple_element(const dgm_edi_layout *l, uint32_t element)
{
    for (uint32_t i = 0; i < l->place_count; i++)
        if (l->places[i].element == element) return l->places[i].count == 0;
    return true;
}

static void report_digit(dgm_edi_reader *r, const dgm_edi_layout *layout, const dgm_edi_digit *d, dgm_edi_token t, dgm_slice value,
                         char wanted)
{
    static const char *const what[] = { [DGM_EDI_DIGIT_CONTAINER] = "container number",
                                        [DGM_EDI_DIGIT_SHIP] = "IMO number",
                                        [DGM_EDI_DIGIT_GTIN] = "GTIN",
                                        [DGM_EDI_DIGIT_AIR_WAYBILL] = "air waybill number" };
    const char digit[2] = { wanted };
    bool simple = simple_element(layout, d->element);
    dgm_diag *diag =
        dgm_edi_report(r, DGM_D_EDI_CHECK_DIGIT, r->advice, t.at, dgm_edi_token_len(t), d->element, simple ? 0 : d->component);
    dgm_edi_say(r, diag, what[d->rule]);
    dgm_edi_say_slice(r, diag, value);
    dgm_edi_say_slice(r, diag, dgm_slice_part(value, value.len - 1, value.len));
    dgm_edi_say(r, diag, digit);
}

static void report_date(dgm_edi_reader *r, const dgm_edi_digit *d, dgm_edi_token t, dgm_slice value, dgm_slice format)
{
    const dgm_edi_directory *directory = &r->program->directory;
    const dgm_slice id = DGM_LITERAL("2380"), form = dgm_edi_code_name(directory, DGM_LITERAL("2379"), format);
    dgm_edi_element element = { 0 };
    dgm_edi_element_find(directory, id, &element);
    dgm_diag *diag = dgm_edi_report(r, DGM_D_EDI_DATE, r->advice, t.at, dgm_edi_token_len(t), d->element, d->component);
    dgm_edi_say_slice(r, diag, id);
    dgm_edi_say_slice(r, diag, element.name);
    dgm_edi_say_slice(r, diag, value);
    dgm_edi_say_slice(r, diag, form.len ? form : format);
}

/* Is a value right by its qualifier? text: where they are of other bytes than those they stand for (a zone with a plus has a
 * release character before it), that is what is judged. */
static bool digit_right(dgm_edi_reader *r, const dgm_edi_digit *d, dgm_edi_token t, dgm_edi_token by, dgm_edi_text text[2],
                        char *wanted)
{
    const uint32_t other = DGM_EDI_KIND_RELEASE | DGM_EDI_KIND_ODD;
    const bool apart = (t.info | by.info) & other;
    dgm_slice value = { r->in + t.at, dgm_edi_token_len(t) }, qualifier = { r->in + by.at, dgm_edi_token_len(by) };
    if (apart) {
        dgm_edi_take(r, d->element, d->component, &text[0]);
        if (d->by_element) dgm_edi_take(r, d->by_element, d->by_component, &text[1]);
        value = dgm_edi_text_slice(&text[0]);
        if (d->by_element) qualifier = dgm_edi_text_slice(&text[1]);
    }
    if (value.len == 0 || !dgm_edi_digit_wrong(d->rule, value, qualifier, wanted)) return true;
    if (!apart) dgm_edi_text_set(&text[0], value);
    if (!apart) dgm_edi_text_set(&text[1], qualifier);
    return false;
}

bool dgm_edi_check_digits(dgm_edi_reader *r, const dgm_edi_layout *layout, bool tell)
{
    bool right = true;
    for (uint32_t i = 0; i < layout->digit_count; i++) {
        const dgm_edi_digit *d = &layout->digits[i];
        dgm_edi_token t = dgm_edi_token_at(&r->segment, d->element, d->component), by = { 0, 0 };
        char wanted = 0;
        if (d->by_element) by = dgm_edi_token_at(&r->segment, d->by_element, d->by_component);
        if (d->by_element && by.info >> 5 == 0) continue;
        dgm_edi_text text[2];
        if (dgm_edi_token_len(t) == 0 || digit_right(r, d, t, by, text, &wanted)) continue;
        right = false;
        if (tell && d->rule == DGM_EDI_DIGIT_DATE) report_date(r, d, t, dgm_edi_text_slice(&text[0]), dgm_edi_text_slice(&text[1]));
        if (tell && d->rule != DGM_EDI_DIGIT_DATE) report_digit(r, layout, d, t, dgm_edi_text_slice(&text[0]), wanted);
    }
    return right;
}
