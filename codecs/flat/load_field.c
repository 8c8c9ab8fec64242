/* SPDX-License-Identifier: Apache-2.0
 *
 * load_field.c - the fields of a record as steps: columns or ordinals, what a value may be, fields that repeat in place. One
 * thread.
 */
#include "load.h"

const char dgm_flat_field_keys[] =
    "field title at width type class only length pad justify packed binary implied decimals point thousands sign check date "
    "century era near flag "
    "values value required absent upper long whole-zero same count sum hash repeat counted split continues join when unless fields";

/* Where the fields of a list stand. */
typedef struct flat_list {
    uint32_t place, slot; /* slot: the maker's, of the record or composite */
    uint32_t base, next;  /* first column (field) of the list, and the one behind what was read */
    uint32_t covered;     /* up to where each column has a step */
    uint32_t ordinal;
    bool within;      /* a composite */
    bool conditional; /* it, or what it stands in, has conditions */
    bool counts;      /* some of its fields say how often others stand */
    uint32_t id;      /* of the list */
} flat_list;

static const uint32_t class_letters[8] = { 0, 0, 0x07FFFFFEu, 0x07FFFFFEu }, class_digits[8] = { 0, 0x03FF0000u },
                      class_both[8] = { 0, 0x03FF0000u, 0x07FFFFFEu, 0x07FFFFFEu };

static uint32_t push(flat_loader *k, const dgm_yaml *n, const dgm_flat_step *s)
{
    void *steps = k->steps, *nodes = (void *)(uintptr_t)k->step_nodes;
    if (k->step_count >= DGM_FLAT_STEPS_MAX) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_LARGE, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return DGM_NONE;
    }
    bool room = dgm_flat_grow(k, &steps, &k->step_room, k->step_count, sizeof *s);
    k->steps = steps;
    if (room) room = dgm_flat_grow(k, &nodes, &k->step_node_room, k->step_count, sizeof(const dgm_yaml *));
    k->step_nodes = (const dgm_yaml **)nodes;
    if (!room) return DGM_NONE;
    k->step_nodes[k->step_count] = n;
    k->steps[k->step_count] = *s;
    return (uint32_t)k->step_count++;
}

/* Columns that no field has must be blank; fields that none describes, empty. */
static void fill_up(flat_loader *k, flat_list *f, uint32_t to, const dgm_yaml *n)
{
    dgm_flat_step s = { .type = DGM_FLAT_CONSTANT, .slot = DGM_SLOT_NONE, .pad = ' ', .value = { "", 0 }, .name = { "", 0 } };
    s.number = 1;
    for (; f->covered < to; f->covered += s.len) {
        s.at = f->covered;
        s.len = k->l->delimited ? 1 : to - f->covered;
        dgm_flat_step put = s;
        if (k->l->delimited) put.len = 0;
        if (push(k, n, &put) == DGM_NONE) return;
    }
}

/* ---- what a value is ---- */

/* "A-Z0-9 .-": characters and ranges; a - that is meant stands first or last. */
static void take_only(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s)
{
    dgm_slice t;
    if (!dgm_flat_text(k, n, &t)) return;
    uint32_t *bits = DGM_NEW(&k->l->arena, uint32_t, 8);
    if (!bits) {
        k->status = DGM_NOMEM;
        return;
    }
    for (size_t i = 0; i < t.len; i++) {
        unsigned char from = (unsigned char)t.at[i], to = from;
        if (i + 2 < t.len && t.at[i + 1] == '-') to = (unsigned char)t.at[i + 2], i += 2;
        for (unsigned c = from; c <= to; c++) bits[c >> 5] |= 1u << (c & 31);
    }
    s->only = bits;
    s->class = dgm_flat_copy(k, t).at;
}

static void take_class(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s)
{
    static const uint32_t *const bits[] = { class_letters, class_digits, class_both, NULL };
    static const char *const said[] = { "letters", "digits", "letters and digits", NULL };
    int which = dgm_flat_word(k, n, "a n an x");
    if (which < 0) return;
    s->only = bits[which];
    s->class = said[which];
}

static void take_codes(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s)
{
    if (n->kind != DGM_YAML_LIST) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TYPE, n->key, DGM_LITERAL("a list"), (dgm_slice){ 0 });
        return;
    }
    size_t room = 1, len = 0;
    for (const dgm_yaml *m = n->first; m; m = m->next) room += m->text.len + 1;
    char *all = dgm_arena_new(&k->l->arena, room, 1, 1);
    if (!all) {
        k->status = DGM_NOMEM;
        return;
    }
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        dgm_slice t;
        if (!dgm_flat_text(k, m, &t)) continue;
        if (memchr(t.at, ' ', t.len))
            dgm_flat_fault(k, m->mark, DGM_D_FLAT_LAYOUT_TYPE, n->key, DGM_LITERAL("codes without a blank in them"),
                           (dgm_slice){ 0 });
        if (len) all[len++] = ' ';
        memcpy(all + len, t.at, t.len);
        len += t.len;
    }
    s->codes = (dgm_slice){ all, len };
}

static void take_flag(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s)
{
    const dgm_yaml *yes = n->kind == DGM_YAML_LIST && n->count == 2 ? n->first : NULL;
    if (!yes || yes->kind != DGM_YAML_TEXT || yes->next->kind != DGM_YAML_TEXT || dgm_slice_equal(yes->text, yes->next->text)) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TYPE, n->key, DGM_LITERAL("what says yes and what says no: [Y, N]"),
                       (dgm_slice){ 0 });
        return;
    }
    s->yes = dgm_flat_copy(k, yes->text);
    s->no = dgm_flat_copy(k, yes->next->text);
    s->type = DGM_FLAT_FLAG;
}

/* The pattern is looked at when the era is known, wherever that stands. */
static void take_date(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s)
{
    dgm_slice t;
    if (!dgm_flat_text(k, n, &t)) return;
    s->date = dgm_flat_copy(k, t);
    s->type = DGM_FLAT_DATE;
}

void dgm_flat_check_date(flat_loader *k, const dgm_yaml *field, const dgm_flat_step *s)
{
    const char *why;
    const dgm_yaml *n = dgm_yaml_get(field, "date"), *era = dgm_yaml_get(field, "era"), *near = dgm_yaml_get(field, "near");
    if (n && s->date.len && !dgm_flat_date_pattern(s->date, (dgm_flat_era)s->era, near, &why))
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_DATE, s->date, dgm_slice_of(why), (dgm_slice){ 0 });
    if (near && !n)
        dgm_flat_fault(k, near->key_mark, DGM_D_FLAT_LAYOUT_ONLY, near->key, DGM_LITERAL("of a date"), (dgm_slice){ 0 });
    if (era && !n) dgm_flat_fault(k, era->key_mark, DGM_D_FLAT_LAYOUT_ONLY, era->key, DGM_LITERAL("of a date"), (dgm_slice){ 0 });
}

static void take_mark(flat_loader *k, const dgm_yaml *n, char *out)
{
    dgm_slice t;
    if (!dgm_flat_text(k, n, &t)) return;
    if (t.len == 1 && (unsigned char)t.at[0] < 0x80)
        *out = t.at[0];
    else
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TYPE, n->key, DGM_LITERAL("one character of ASCII"), (dgm_slice){ 0 });
}

static void take_number_key(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s)
{
    uint32_t v = 0;
    int which;
    if (dgm_slice_is(n->key, "implied") && dgm_flat_number(k, n, 1, 18, &v)) s->implied = (uint8_t)v;
    if (dgm_slice_is(n->key, "decimals") && dgm_flat_number(k, n, 0, 18, &v)) s->decimals = (uint8_t)v;
    if (dgm_slice_is(n->key, "point")) take_mark(k, n, &s->point);
    if (dgm_slice_is(n->key, "thousands")) take_mark(k, n, &s->thousands);
    if (dgm_slice_is(n->key, "sign") && (which = dgm_flat_word(k, n, "none leading trailing overpunch CR DB DB/CR CR/DB")) >= 0) {
        static const char *const minus[] = { "CR", "DB", "CR", "DB" }, *const plus[] = { "", "", "DB", "CR" };
        bool marked = which >= DGM_FLAT_MARKED;
        s->sign = (uint8_t)(marked ? DGM_FLAT_MARKED : which);
        s->no = dgm_slice_of(marked ? minus[which - DGM_FLAT_MARKED] : "");
        s->yes = dgm_slice_of(marked ? plus[which - DGM_FLAT_MARKED] : "");
    }
    if (dgm_slice_is(n->key, "whole-zero")) {
        bool whole = true;
        dgm_flat_bool(k, n, &whole);
        s->bare = !whole;
    }
    s->type = DGM_FLAT_NUMBER;
}

/* `packed: signed`, `binary: unsigned-little`: the bytes are no characters. */
static void take_stored(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s)
{
    bool packed = dgm_slice_is(n->key, "packed");
    int which = dgm_flat_word(k, n, packed ? "signed unsigned bare" : "signed unsigned signed-little unsigned-little");
    if (which < 0) return;
    if (s->stored)
        dgm_flat_fault(k, n->key_mark, DGM_D_FLAT_LAYOUT_ONLY, n->key, DGM_LITERAL("either packed or binary"), (dgm_slice){ 0 });
    s->stored = (uint8_t)((packed ? DGM_FLAT_PACKED_SIGNED : DGM_FLAT_BINARY_SIGNED) + which);
    s->sign = which == 0 || (!packed && which == 2) ? DGM_FLAT_LEADING : DGM_FLAT_UNSIGNED;
    s->type = DGM_FLAT_NUMBER;
    k->l->stores = true;
}

/* What goes with a number that is no characters. */
static void settle_stored(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s, uint32_t len)
{
    static const char *const others[] = { "sign",       "decimals", "point", "thousands", "pad",       "justify", "class",
                                          "only",       "check",    "upper", "long",      "date",      "flag",    "value",
                                          "whole-zero", "when",     "split", "unless",    "continues", "counted", "length" };
    const dgm_yaml *said = dgm_yaml_get(n, "packed") ? dgm_yaml_get(n, "packed") : dgm_yaml_get(n, "binary");
    if (!said) return;
    const dgm_flat_layout *l = k->l;
    const char *must = NULL;
    if (l->delimited || l->characters || l->end_count || l->all) must = "in fixed records of bytes, with `ends: none` and a length";
    uint32_t most = s->stored <= DGM_FLAT_PACKED_BARE ? DGM_FLAT_PACKED_MOST : DGM_FLAT_BINARY_MOST;
    if (!must && len > most) must = most == DGM_FLAT_PACKED_MOST ? "of 1 to 18 bytes" : "of 1 to 8 bytes";
    if (!must && s->nines_absent) must = "without `absent: nines`";
    if (must) dgm_flat_fault(k, said->key_mark, DGM_D_FLAT_LAYOUT_ONLY, said->key, dgm_slice_of(must), (dgm_slice){ 0 });
    for (size_t i = 0; i < sizeof others / sizeof *others && !must; i++) {
        const dgm_yaml *other = dgm_yaml_get(n, others[i]);
        if (!other) continue;
        dgm_flat_fault(k, other->key_mark, DGM_D_FLAT_LAYOUT_ONLY, other->key, DGM_LITERAL("of a field that is characters"),
                       (dgm_slice){ 0 });
    }
    if (s->stored >= DGM_FLAT_PACKED_BARE && !s->zero_absent) s->required = true; /* no bytes say that there is none */
    s->odd = true;
}

static void take_type(flat_loader *k, const dgm_yaml *n, dgm_type *type, dgm_flat_step *s)
{
    static const dgm_type types[] = { DGM_TYPE_TEXT, DGM_TYPE_CODE, DGM_TYPE_ID, DGM_TYPE_NUMBER };
    int which = dgm_flat_word(k, n, "text code id number");
    if (which < 0) return;
    *type = types[which];
    if (*type == DGM_TYPE_NUMBER) s->type = DGM_FLAT_NUMBER;
}

static void take_length(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s)
{
    uint32_t from = 0, count = 0;
    bool one = false;
    if (!k->l->delimited) {
        dgm_flat_fault(k, n->key_mark, DGM_D_FLAT_LAYOUT_ONLY, n->key, DGM_LITERAL("delimited"), (dgm_slice){ 0 });
        return;
    }
    if (!dgm_flat_range(k, n, &from, &count, &one)) return;
    s->len = from + count;
    s->least = one ? 0 : from + 1;
}

/* `columns`: the text goes on where the columns end; else what stands between its pieces, which are without their padding. */
static void take_join(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s)
{
    bool text = n->kind == DGM_YAML_TEXT;
    s->columns = text && dgm_slice_is(n->text, "columns");
    if (!text || n->text.len > 16)
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TYPE, n->key, DGM_LITERAL("columns, or what stands between the pieces"),
                       (dgm_slice){ 0 });
    else if (!s->columns)
        s->join = dgm_flat_copy(k, n->text);
}

static const char number_keys[] = " implied decimals point thousands sign whole-zero ";

static bool is_number_key(dgm_slice key)
{
    char padded[32];
    if (key.len > 28) return false;
    padded[0] = ' ';
    memcpy(padded + 1, key.at, key.len);
    padded[key.len + 1] = ' ';
    return memmem(number_keys, sizeof number_keys - 1, padded, key.len + 2) != NULL;
}

static void take_key(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s, dgm_type *type)
{
    dgm_slice text;
    uint32_t v;
    int which;
    if (is_number_key(n->key)) take_number_key(k, n, s);
    if (dgm_slice_is(n->key, "packed") || dgm_slice_is(n->key, "binary")) take_stored(k, n, s);
    if (dgm_slice_is(n->key, "type")) take_type(k, n, type, s);
    if (dgm_slice_is(n->key, "class")) take_class(k, n, s);
    if (dgm_slice_is(n->key, "only")) take_only(k, n, s);
    if (dgm_slice_is(n->key, "length")) take_length(k, n, s);
    if (dgm_slice_is(n->key, "pad")) take_mark(k, n, &s->pad);
    if (dgm_slice_is(n->key, "justify") && (which = dgm_flat_word(k, n, "left right")) >= 0) s->right = which == 1;
    if (dgm_slice_is(n->key, "date")) take_date(k, n, s);
    if (dgm_slice_is(n->key, "century") && dgm_flat_number(k, n, 0, 100, &v)) s->century = (uint8_t)v;
    if (dgm_slice_is(n->key, "era") && (which = dgm_flat_word(k, n, "common buddhist republic japanese")) >= 0)
        s->era = (uint8_t)which;
    if (dgm_slice_is(n->key, "flag")) take_flag(k, n, s);
    if (dgm_slice_is(n->key, "values")) take_codes(k, n, s);
    if (dgm_slice_is(n->key, "value") && dgm_flat_text(k, n, &text)) {
        s->value = dgm_flat_copy(k, text);
        s->type = DGM_FLAT_CONSTANT;
    }
    if (dgm_slice_is(n->key, "required")) dgm_flat_bool(k, n, &s->required);
    if (dgm_slice_is(n->key, "absent") && (which = dgm_flat_word(k, n, "blank zero nines")) >= 0) {
        s->zero_absent = which == 1;
        s->nines_absent = which == 2;
    }
    if (dgm_slice_is(n->key, "check") && (which = dgm_flat_word(k, n, "none container ship gtin air-waybill")) >= 0)
        s->check = (uint8_t)which;
    if (dgm_slice_is(n->key, "join")) take_join(k, n, s);
    if (dgm_slice_is(n->key, "upper")) dgm_flat_bool(k, n, &s->upper);
    if (dgm_slice_is(n->key, "long") && (which = dgm_flat_word(k, n, "refuse cut")) >= 0) s->cut = which == 1;
}

/* ---- where it stands ---- */

/* at and width of a field; false: told. */
static bool take_columns(flat_loader *k, const dgm_yaml *n, flat_list *f, uint32_t *at, uint32_t *len)
{
    const dgm_yaml *where = dgm_yaml_get(n, "at"), *width = dgm_yaml_get(n, "width");
    uint32_t from = 0, count = 1;
    bool one = true;
    *at = f->next;
    *len = 1;
    if (where) {
        if (!dgm_flat_range(k, where, &from, &count, &one)) return false;
        *at = f->base + from;
        *len = count;
        if (k->l->delimited && !one) {
            dgm_flat_fault(k, where->mark, DGM_D_FLAT_LAYOUT_RANGE, where->key, where->text, (dgm_slice){ 0 });
            return false;
        }
        bool apart = f->conditional || dgm_yaml_get(n, "when") || dgm_yaml_get(n, "unless");
        if (*at < f->next && !(apart && *at >= f->base)) {
            dgm_flat_fault(k, where->mark, DGM_D_FLAT_LAYOUT_OVERLAP, where->text, (dgm_slice){ 0 }, (dgm_slice){ 0 });
            return false;
        }
    }
    if (width && !dgm_flat_number(k, width, 1, DGM_FLAT_COLUMNS_MAX, len)) return false;
    bool group = dgm_yaml_get(n, "fields") != NULL;
    if (width && k->l->delimited && (group || dgm_yaml_get(n, "length"))) {
        dgm_flat_fault(k, width->key_mark, DGM_D_FLAT_LAYOUT_ONLY, width->key, DGM_LITERAL("without length and fields"),
                       (dgm_slice){ 0 });
        return false;
    }
    if (!k->l->delimited && !where && !width && !group) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_MISSING, DGM_LITERAL("at"), DGM_LITERAL("columns, or a width"),
                       (dgm_slice){ 0 });
        return false;
    }
    return true;
}

/* ---- slots ---- */

static dgm_type type_of(const dgm_flat_step *s, dgm_type said)
{
    if (s->type == DGM_FLAT_NUMBER) return DGM_TYPE_NUMBER;
    if (s->type == DGM_FLAT_DATE) return DGM_TYPE_DATE;
    if (s->type == DGM_FLAT_FLAG) return DGM_TYPE_FLAG;
    return said == DGM_TYPE_NONE ? s->codes.len ? DGM_TYPE_CODE : DGM_TYPE_TEXT : said;
}

/* A date of these columns is a day: YYYY-MM-DD in the tree. */
static bool day_only(dgm_slice pattern)
{
    return pattern.len && !memchr(pattern.at, 'h', pattern.len) &&
           (memchr(pattern.at, 'D', pattern.len) || memchr(pattern.at, 'J', pattern.len));
}

static uint32_t add_slot(flat_loader *k, flat_list *f, const dgm_flat_step *s, dgm_slice title, dgm_type type, uint32_t times,
                         bool derived)
{
    uint32_t least = s->required && !f->conditional ? 1 : 0;
    dgm_slot slot = { .name = s->name, .title = title, .min = least, .max = times, .kind = DGM_ELEMENT };
    slot.part_value = slot.part_code = DGM_SLOT_NONE;
    slot.type = type_of(s, type);
    slot.element = (uint16_t)(++f->ordinal < UINT16_MAX ? f->ordinal : UINT16_MAX);
    slot.envelope = derived;
    if (s->type == DGM_FLAT_TEXT || s->type == DGM_FLAT_NUMBER) {
        bool number = s->type == DGM_FLAT_NUMBER, digits = number || s->only == class_digits, letters = s->only == class_letters;
        slot.repr = (dgm_repr){ .decimals = 255, .length_max = s->stored ? dgm_flat_stored_digits(s) : s->len };
        memcpy(slot.repr.class, digits ? "n" : letters ? "a" : "an", digits || letters ? 2 : 3);
        if (number) slot.repr.decimals = s->implied ? s->implied : s->decimals;
    }
    if (s->type == DGM_FLAT_DATE && day_only(s->date)) slot.repr.length_min = slot.repr.length_max = 10;
    uint32_t id = dgm_shape_add(k->shape, f->slot, &slot);
    if (id == DGM_SLOT_NONE && k->status == DGM_OK) k->status = DGM_NOMEM;
    return id;
}

static void wish(flat_loader *k, const dgm_yaml *n, uint8_t kind, uint32_t step, const flat_list *f)
{
    void *wishes = k->wishes;
    bool room = dgm_flat_grow(k, &wishes, &k->wish_room, k->wish_count, sizeof *k->wishes);
    k->wishes = wishes;
    if (f->within) dgm_flat_fault(k, n->key_mark, DGM_D_FLAT_LAYOUT_ONLY, n->key, DGM_LITERAL("not repeated"), (dgm_slice){ 0 });
    if (room) k->wishes[k->wish_count++] = (flat_wish){ n, kind, step, f->place };
}

/* ---- what it says of others ---- */

void dgm_flat_link(flat_loader *k, const flat_link *link)
{
    void *links = k->links;
    bool room = dgm_flat_grow(k, &links, &k->link_room, k->link_count, sizeof *k->links);
    k->links = links;
    if (room) k->links[k->link_count++] = *link;
}

static void take_links(flat_loader *k, const flat_list *f, const dgm_yaml *n, size_t from, uint32_t stride, uint32_t times)
{
    static const char *const keys[] = { [FLAT_WHEN] = "when",
                                        [FLAT_UNLESS] = "unless",
                                        [FLAT_CONTINUES] = "continues",
                                        [FLAT_COUNTED] = "counted",
                                        [FLAT_NEAR] = "near" };
    for (uint32_t i = 0; i <= FLAT_NEAR; i++) {
        const dgm_yaml *m = dgm_yaml_get(n, keys[i]);
        bool alone = i == FLAT_WHEN || i == FLAT_UNLESS || i == FLAT_NEAR || !f->within;
        if (m && !alone)
            dgm_flat_fault(k, m->key_mark, DGM_D_FLAT_LAYOUT_ONLY, m->key, DGM_LITERAL("not repeated"), (dgm_slice){ 0 });
        else if (m)
            dgm_flat_link(k, &(flat_link){ m, (uint8_t)i, f->place, (uint32_t)from, (uint32_t)k->step_count, stride, times });
    }
}

/* Which fields of a list say how often others stand: their names, found by hash. */
static void note_counting(flat_loader *k, flat_list *f, const dgm_yaml *fields)
{
    f->id = ++k->list_count;
    for (const dgm_yaml *n = fields->first; n && k->status != DGM_NOMEM; n = n->next) {
        const dgm_yaml *by = n->kind == DGM_YAML_MAP ? dgm_yaml_get(n, "counted") : NULL;
        if (!by || by->kind != DGM_YAML_TEXT) continue;
        (void)dgm_flat_name_of(k, "counts", f->id, by->text, 1);
        f->counts = true;
    }
}

static bool counts_another(flat_loader *k, const flat_list *f, dgm_slice name)
{
    return f->counts && name.len && dgm_flat_name_of(k, "counts", f->id, name, 0) == 1;
}

static void step_behind(flat_list *f, uint32_t column)
{
    f->next = column;
    if (column > f->covered) f->covered = column;
}

/* `split: 3`: the text goes on in the cells behind it. How many there are. */
static uint32_t take_split(flat_loader *k, const flat_list *f, const dgm_yaml *n, uint32_t step, uint32_t stride, uint32_t times)
{
    const dgm_yaml *split = dgm_yaml_get(n, "split");
    uint32_t cells = 1;
    if (!split || !dgm_flat_number(k, split, 2, 1000, &cells)) return 1;
    const dgm_flat_step *s = &k->steps[step];
    bool text = s->type == DGM_FLAT_TEXT && s->slot != DGM_SLOT_NONE && !s->right && s->len && times == 1 && !f->within;
    if (!text || (uint64_t)s->at + (uint64_t)stride * cells > DGM_FLAT_COLUMNS_MAX) {
        dgm_flat_fault(k, split->key_mark, DGM_D_FLAT_LAYOUT_ONLY, split->key,
                       DGM_LITERAL("of a text with a length, to the left, not repeated"), (dgm_slice){ 0 });
        return 1;
    }
    k->steps[step].flow = (uint16_t)++k->l->flow_count;
    for (uint32_t i = 1; i < cells; i++) {
        dgm_flat_step more = k->steps[step];
        more.type = DGM_FLAT_MORE;
        more.slot = DGM_SLOT_NONE;
        more.required = false;
        more.flow = 0;
        more.more = 0;
        more.other = step;
        more.at += stride * i;
        uint32_t added = push(k, n, &more);
        if (added == DGM_NONE) return 1;
        k->steps[added - 1].more = added;
    }
    return cells;
}

/* ---- one field, and several ---- */

static void take_list(flat_loader *k, flat_list *f, const dgm_yaml *fields);

/* Steps [from, to) again, so many columns further on, as occurrence `number`. False: there is no room, told. */
static bool copy_steps(flat_loader *k, size_t from, size_t to, uint32_t shift, uint32_t number)
{
    size_t moved = k->step_count - from;
    for (size_t i = from; i < to && k->status != DGM_NOMEM; i++) {
        dgm_flat_step s = k->steps[i];
        s.at += shift;
        if (i == from) s.number = number;
        if (s.type == DGM_FLAT_OPEN || s.type == DGM_FLAT_CLOSE) s.other += (uint32_t)moved;
        if (push(k, k->step_nodes[i], &s) == DGM_NONE) return false;
    }
    return k->status != DGM_NOMEM;
}

static void take_group(flat_loader *k, flat_list *f, const dgm_yaml *n, dgm_flat_step *s, uint32_t times, dgm_slice title)
{
    const dgm_yaml *fields = dgm_yaml_get(n, "fields");
    dgm_slot slot = { .name = s->name, .title = title, .max = times, .kind = DGM_COMPOSITE };
    slot.part_value = slot.part_code = DGM_SLOT_NONE;
    slot.element = (uint16_t)(++f->ordinal < UINT16_MAX ? f->ordinal : UINT16_MAX);
    s->slot = dgm_shape_add(k->shape, f->slot, &slot);
    if (s->slot == DGM_SLOT_NONE && k->status == DGM_OK) k->status = DGM_NOMEM;
    s->type = DGM_FLAT_OPEN;
    size_t from = k->step_count, links = k->link_count;
    uint32_t open = push(k, n, s);
    flat_list below = { .place = f->place, .slot = s->slot, .base = s->at, .next = s->at, .covered = s->at, .within = true };
    below.conditional = f->conditional;
    if (open != DGM_NONE) take_list(k, &below, fields);
    dgm_flat_step close = *s;
    close.type = DGM_FLAT_CLOSE;
    close.other = open;
    uint32_t behind = open == DGM_NONE ? DGM_NONE : push(k, n, &close);
    if (behind == DGM_NONE) return;
    k->steps[open].other = behind;
    uint32_t stride = below.covered - s->at;
    size_t to = k->step_count;
    if ((uint64_t)stride * times > DGM_FLAT_COLUMNS_MAX || stride == 0) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_LARGE, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return;
    }
    bool room = true;
    for (uint32_t i = 1; i < times && room; i++) room = copy_steps(k, from, to, stride * i, i + 1);
    if (times > 1 && k->link_count > links)
        dgm_flat_link(k, &(flat_link){ n, FLAT_COPIED, f->place, (uint32_t)from, (uint32_t)to, stride, times });
    take_links(k, f, n, from, stride, times);
    step_behind(f, s->at + stride * times);
}

void dgm_flat_settle_check(flat_loader *k, const dgm_yaml *n, const dgm_flat_step *s)
{
    if (s->check && s->type != DGM_FLAT_TEXT)
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_ONLY, DGM_LITERAL("check"), DGM_LITERAL("of a text"), (dgm_slice){ 0 });
}

/* What follows from the columns and the type, and cannot be. */
static void settle(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s, uint32_t len)
{
    bool fixed = !k->l->delimited;
    s->padded = !fixed && dgm_yaml_get(n, "width");
    if (fixed || s->padded) s->len = len;
    if (s->type == DGM_FLAT_NUMBER && !dgm_yaml_get(n, "justify")) s->right = true;
    if (s->type == DGM_FLAT_NUMBER && !dgm_yaml_get(n, "pad")) s->pad = '0';
    dgm_diag_code code = DGM_D_NONE;
    if ((fixed || s->padded) && s->type == DGM_FLAT_DATE && s->date.len > len) code = DGM_D_FLAT_LAYOUT_NARROW;
    if ((fixed || s->padded) && s->type == DGM_FLAT_CONSTANT && s->value.len > len) code = DGM_D_FLAT_LAYOUT_NARROW;
    if ((fixed || s->padded) && s->type == DGM_FLAT_FLAG && (s->yes.len > len || s->no.len > len)) code = DGM_D_FLAT_LAYOUT_NARROW;
    if (code) dgm_flat_fault(k, n->mark, code, s->name.len ? s->name : s->value, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    settle_stored(k, n, s, len);
    dgm_flat_settle_check(k, n, s);
    if (s->thousands && (s->thousands == s->point || s->implied))
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_ONLY, DGM_LITERAL("thousands"),
                       DGM_LITERAL("another mark than the point, and not with implied decimals"), (dgm_slice){ 0 });
    if (s->type == DGM_FLAT_NUMBER && s->only)
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_ONLY, DGM_LITERAL("class"), DGM_LITERAL("text"), (dgm_slice){ 0 });
}

static void take_leaf(flat_loader *k, flat_list *f, const dgm_yaml *n, dgm_flat_step *s, uint32_t len, uint32_t times,
                      dgm_slice title, dgm_type type)
{
    static const char *const derived[] = { "same", "count", "sum", "hash" };
    const dgm_yaml *by = NULL;
    uint8_t kind = 0;
    for (uint8_t i = 0; i < 4 && !by; i++)
        if ((by = dgm_yaml_get(n, derived[i])) != NULL) kind = i;
    bool counts = counts_another(k, f, s->name);
    if ((by && kind != DGM_FLAT_SAME) || counts) s->type = DGM_FLAT_NUMBER;
    if (dgm_yaml_get(n, "continues")) s->type = DGM_FLAT_MORE;
    settle(k, n, s, len);
    bool filler = !s->name.len || s->type == DGM_FLAT_CONSTANT;
    s->slot = filler ? DGM_SLOT_NONE : add_slot(k, f, s, title, type, times, by != NULL || counts);
    if (!s->name.len && s->type != DGM_FLAT_CONSTANT && s->type != DGM_FLAT_MORE) { /* nothing is said: it must be blank */
        s->type = DGM_FLAT_CONSTANT;
        s->value = (dgm_slice){ "", 0 };
    }
    size_t from = k->step_count;
    uint32_t step = push(k, n, s);
    if (step != DGM_NONE && s->slot != DGM_SLOT_NONE && !f->within && times == 1)
        (void)dgm_flat_name_of(k, "s", f->place, s->name, step);
    if (by && step != DGM_NONE) wish(k, by, kind, step, f);
    uint32_t stride = k->l->delimited ? 1 : len;
    if ((uint64_t)s->at + (uint64_t)stride * times > DGM_FLAT_COLUMNS_MAX) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_LARGE, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return;
    }
    bool room = step != DGM_NONE;
    for (uint32_t i = 1; i < times && room; i++) room = copy_steps(k, from, from + 1, stride * i, i + 1);
    take_links(k, f, n, from, stride, times);
    uint32_t cells = step == DGM_NONE ? times : times * take_split(k, f, n, step, stride, times);
    step_behind(f, s->at + stride * cells);
}

static void take_field(flat_loader *k, flat_list *f, const dgm_yaml *n)
{
    dgm_flat_step s = { .slot = DGM_SLOT_NONE, .number = 1, .pad = ' ', .point = '.', .century = 70 };
    dgm_type type = DGM_TYPE_NONE;
    dgm_slice title = { "", 0 };
    uint32_t times = 1, len = 1;
    s.name = s.value = s.codes = s.join = (dgm_slice){ "", 0 };
    if (n->kind != DGM_YAML_MAP) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TYPE, DGM_LITERAL("a field"), DGM_LITERAL("a map"), (dgm_slice){ 0 });
        return;
    }
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        dgm_slice text;
        if (!dgm_flat_key(k, m, "a field", dgm_flat_field_keys)) continue;
        if (dgm_slice_is(m->key, "field") && dgm_flat_text(k, m, &text)) {
            s.name = dgm_flat_copy(k, text);
            if (!dgm_flat_name_like(text)) dgm_flat_fault(k, m->mark, DGM_D_FLAT_LAYOUT_NAME, m->key, text, (dgm_slice){ 0 });
            if (dgm_flat_name_of(k, "f", f->slot, text, (uint32_t)k->step_count) != DGM_NONE)
                dgm_flat_fault(k, m->mark, DGM_D_FLAT_LAYOUT_TWICE, text, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        }
        if (dgm_slice_is(m->key, "title") && dgm_flat_text(k, m, &text)) title = dgm_flat_copy(k, text);
        if (dgm_slice_is(m->key, "repeat")) dgm_flat_number(k, m, 1, DGM_FLAT_REPEAT_MAX, &times);
        take_key(k, m, &s, &type);
    }
    dgm_flat_check_date(k, n, &s);
    const dgm_yaml *below = dgm_yaml_get(n, "fields");
    if (below && (below->kind != DGM_YAML_LIST || !s.name.len)) {
        dgm_flat_fault(k, below->mark, DGM_D_FLAT_LAYOUT_TYPE, below->key, DGM_LITERAL("a list, of a field with a name"),
                       (dgm_slice){ 0 });
        return;
    }
    if (!take_columns(k, n, f, &s.at, &len)) return;
    s.repeats = times > 1;
    fill_up(k, f, s.at, n);
    bool outer = f->conditional;
    f->conditional = outer || dgm_yaml_get(n, "when") || dgm_yaml_get(n, "unless");
    if (below)
        take_group(k, f, n, &s, times, title);
    else
        take_leaf(k, f, n, &s, len, times, title, type);
    f->conditional = outer;
}

static void take_list(flat_loader *k, flat_list *f, const dgm_yaml *fields)
{
    note_counting(k, f, fields);
    for (const dgm_yaml *n = fields->first; n && k->status != DGM_NOMEM; n = n->next) take_field(k, f, n);
}

void dgm_flat_load_fields(flat_loader *k, uint32_t place, const dgm_yaml *fields)
{
    dgm_flat_place *p = &k->places[place];
    if (k->l->tokens) {
        dgm_flat_load_tokens(k, place, fields);
        return;
    }
    flat_list f = { .place = place, .slot = p->slot };
    if (fields && fields->kind == DGM_YAML_LIST) take_list(k, &f, fields);
    p = &k->places[place];
    uint32_t given = k->l->length ? k->l->length : p->width;
    const dgm_yaml *n = k->place_nodes[place];
    if (!k->l->delimited && given && f.covered > given) {
        dgm_diag *d = dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_WIDER, p->name, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        dgm_diag_number(k->host->diags, d, f.covered);
        dgm_diag_number(k->host->diags, d, given);
    }
    if (!k->l->delimited && given) fill_up(k, &f, given, n);
    p->width = given && !k->l->delimited ? given : f.covered;
    for (size_t i = p->first_step; i < k->step_count; i++)
        if (k->steps[i].required || k->steps[i].value.len) p->last_required = (uint32_t)i + 1;
    for (size_t i = p->first_step; i < k->step_count; i++)
        p->leaf_count += k->steps[i].type != DGM_FLAT_CONSTANT && k->steps[i].type != DGM_FLAT_CLOSE;
    p->written = k->l->trailing ? p->width : p->least;
}

void dgm_flat_value_key(flat_loader *k, const dgm_yaml *n, dgm_flat_step *s, dgm_type *type)
{
    take_key(k, n, s, type);
}

uint32_t dgm_flat_push_step(flat_loader *k, const dgm_yaml *n, const dgm_flat_step *s)
{
    return push(k, n, s);
}
