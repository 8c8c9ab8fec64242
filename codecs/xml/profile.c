/* SPDX-License-Identifier: Apache-2.0
 *
 * profile.c - makes the shape of an XML format from its element table (mappings/formats/xml), and beside it the profile: tag bytes,
 * namespaces, limits of values, everything the hot paths need. Runs once for each format; a mistake in the table names file and
 * line. What it makes is immutable and shared by threads.
 */
#include "schema.h"

typedef struct table_row {
    dgm_slice path, name, values;
    uint32_t id, line; /* the maker's id */
    uint32_t min, max;
    uint8_t ns;
    bool attribute;
} table_row;

typedef struct profile_maker {
    const dgm_host *host;
    const dgm_format *format;
    dgm_shape_maker *shape;
    dgm_xml_profile *profile;
    table_row *rows;
    size_t row_count, row_room;
    size_t open[DGM_DEPTH_MAX]; /* rows above the current one */
    uint32_t depth;
    dgm_slice currency; /* what the attribute is called that says an amount's */
    bool failed;
} profile_maker;

#define NO_NAMESPACE 255u

/* ---- telling what is wrong ---- */

static void wrong_line(profile_maker *m, uint32_t line, const char *what)
{
    dgm_diag *d = dgm_diags_add(m->host->diags, DGM_D_XML_PROFILE_LINE, DGM_ERROR);
    dgm_diag_text(m->host->diags, d, dgm_slice_of(what));
    dgm_diag_source(m->host->diags, d, m->format->table_name);
    if (d) d->line = line, d->column = 1;
    m->failed = true;
}

static void wrong_setting(profile_maker *m, dgm_slice name, const char *what)
{
    dgm_diag *d = dgm_diags_add(m->host->diags, DGM_D_XML_PROFILE_SETTING, DGM_ERROR);
    dgm_diag_text(m->host->diags, d, name);
    dgm_diag_text(m->host->diags, d, dgm_slice_of(what));
    dgm_diag_source(m->host->diags, d, m->format->name);
    m->failed = true;
}

/* ---- settings ---- */

static bool begins(dgm_slice s, const char *with, dgm_slice *rest)
{
    size_t n = strlen(with);
    if (s.len < n || memcmp(s.at, with, n) != 0) return false;
    *rest = dgm_slice_part(s, n, s.len);
    return true;
}

static uint32_t find_namespace(const dgm_xml_profile *p, dgm_slice key)
{
    for (uint32_t i = 0; i < p->ns_count; i++)
        if (dgm_slice_equal(p->ns[i].key, key)) return i;
    return DGM_NONE;
}

static dgm_status copy_text(profile_maker *m, dgm_slice from, dgm_slice *to)
{
    *to = from.len ? dgm_arena_copy(&m->profile->arena, from) : (dgm_slice){ "", 0 };
    return to->at ? DGM_OK : DGM_NOMEM;
}

/* With room to read behind it: the writer copies tags in blocks. */
static dgm_status copy_padded(profile_maker *m, const dgm_buffer *from, dgm_slice *to)
{
    char *at = dgm_arena_new(&m->profile->arena, from->len + DGM_XML_PADDING, 1, 1);
    if (!at) return DGM_NOMEM;
    memcpy(at, from->at, from->len);
    *to = (dgm_slice){ at, from->len };
    return DGM_OK;
}

static bool name_like(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-' || c == '.'))) return false;
    }
    return s.len > 0;
}

/* Namespaces first, then their prefixes; at most one has none. */
static dgm_status read_namespaces(profile_maker *m)
{
    dgm_xml_profile *p = m->profile;
    dgm_slice key;
    dgm_status st = DGM_OK;
    for (size_t i = 0; i < m->format->setting_count && st == DGM_OK; i++) {
        const dgm_setting *s = &m->format->settings[i];
        if (!begins(s->name, "namespace.", &key)) continue;
        bool plain = s->value.len && dgm_slice_cut(s->value, '"').found == false && !dgm_slice_cut(s->value, '<').found &&
                     !dgm_slice_cut(s->value, '&').found;
        if (p->ns_count == DGM_XML_NAMESPACES_MAX || find_namespace(p, key) != DGM_NONE || !plain) {
            wrong_setting(m, s->name, "too many namespaces, one given twice, or no URI");
            continue;
        }
        dgm_xml_namespace *ns = &p->ns[p->ns_count++];
        ns->prefix = (dgm_slice){ "", 0 };
        st = copy_text(m, key, &ns->key);
        if (st == DGM_OK) st = copy_text(m, s->value, &ns->uri);
    }
    for (size_t i = 0; i < m->format->setting_count && st == DGM_OK; i++) {
        const dgm_setting *s = &m->format->settings[i];
        if (!begins(s->name, "prefix.", &key) || s->value.len == 0) continue;
        uint32_t ns = find_namespace(p, key);
        if (ns == DGM_NONE || !name_like(s->value)) {
            wrong_setting(m, s->name, "no such namespace, or no name");
            continue;
        }
        st = copy_text(m, s->value, &p->ns[ns].prefix);
    }
    uint32_t bare = 0;
    for (uint32_t i = 0; i < p->ns_count; i++) bare += p->ns[i].prefix.len == 0;
    if (bare > 1) wrong_setting(m, DGM_LITERAL("prefix"), "only one namespace can be without a prefix");
    return st;
}

static void check_setting_names(profile_maker *m)
{
    dgm_slice rest;
    for (size_t i = 0; i < m->format->setting_count; i++) {
        dgm_slice name = m->format->settings[i].name;
        bool known = begins(name, "namespace.", &rest) || begins(name, "prefix.", &rest);
        for (const dgm_option *o = dgm_xml_format_options; o->name && !known; o++) known = dgm_slice_is(name, o->name);
        if (!known) wrong_setting(m, name, "XML formats have no such setting");
    }
}

/* ---- rows ---- */

/* "an..35", "a2", "n..16,3" or "-". */
static bool read_format(dgm_slice s, dgm_repr *repr)
{
    *repr = (dgm_repr){ .decimals = 255 };
    if (dgm_slice_is(s, "-")) return true;
    size_t letters = 0;
    while (letters < s.len && letters < 2 && (s.at[letters] == 'a' || s.at[letters] == 'n'))
        repr->class[letters] = s.at[letters], letters++;
    if (letters == 0 || (letters == 2 && strcmp(repr->class, "an") != 0)) return false;
    dgm_slice rest = dgm_slice_part(s, letters, s.len);
    bool upto = begins(rest, "..", &rest);
    dgm_cut cut = dgm_slice_cut(rest, ',');
    uint32_t decimals = 0;
    if (!dgm_slice_count(cut.head, &repr->length_max) || (cut.found && (!dgm_slice_count(cut.tail, &decimals) || decimals > 254)))
        return false;
    repr->decimals = (uint8_t)decimals;
    if (!upto) repr->length_min = repr->length_max;
    return repr->length_max > 0;
}

static bool read_type(dgm_slice s, dgm_type *type)
{
    static const struct {
        const char *name;
        dgm_type type;
    } types[] = {
        { "-", DGM_TYPE_NONE },        { "text", DGM_TYPE_TEXT },         { "code", DGM_TYPE_CODE },
        { "id", DGM_TYPE_ID },         { "number", DGM_TYPE_NUMBER },     { "date", DGM_TYPE_DATE },
        { "amount", DGM_TYPE_AMOUNT }, { "quantity", DGM_TYPE_QUANTITY }, { "flag", DGM_TYPE_FLAG },
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (dgm_slice_is(s, types[i].name)) {
            *type = types[i].type;
            return true;
        }
    return false;
}

/* Does an element stand under `path` in what follows? Its attributes come first. */
static bool has_elements(dgm_slice rest, dgm_slice path)
{
    for (;;) {
        dgm_slice line = dgm_slice_cut(rest, '\n').head;
        if (line.len <= path.len + 1 || memcmp(line.at, path.at, path.len) != 0 || line.at[path.len] != '/') return false;
        if (line.at[path.len + 1] != '@') return true;
        rest = dgm_slice_part(rest, line.len + 1, rest.len);
    }
}

/* The attribute with the code of list 2379: as the WCO Data Model calls it, and as UN/CEFACT does. */
static bool names_format(dgm_slice name)
{
    return dgm_slice_is(name, "@formatCode") || dgm_slice_is(name, "@format");
}

/* Number and currency, quantity and unit, date and format: which slots are the parts of which place. */
static void note_parts(profile_maker *m, const table_row *row, dgm_type above_type, const table_row *above, dgm_type type)
{
    if (type == DGM_TYPE_AMOUNT || type == DGM_TYPE_QUANTITY) dgm_shape_parts(m->shape, row->id, row->id, DGM_SLOT_NONE);
    if (!above) return;
    if (above_type == DGM_TYPE_DATE && !row->attribute) dgm_shape_parts(m->shape, above->id, row->id, DGM_SLOT_NONE);
    bool amount = above_type == DGM_TYPE_AMOUNT && row->attribute &&
                  dgm_slice_equal(dgm_slice_part(row->name, 1, row->name.len), m->currency);
    bool quantity = above_type == DGM_TYPE_QUANTITY && dgm_slice_is(row->name, "@unitCode");
    bool date = above_type == DGM_TYPE_DATE && names_format(row->name);
    if (amount || quantity || date) dgm_shape_parts(m->shape, above->id, above->id, row->id);
}

typedef struct row_facts {
    dgm_slot slot;
    dgm_slice ns;
} row_facts;

/* The fields of one line into a row and its slot. */
static bool read_fields(profile_maker *m, dgm_slice line, dgm_slice rest, table_row *row, row_facts *facts)
{
    dgm_slice field[8];
    size_t n = 0;
    for (dgm_cut cut = { .tail = line, .found = true }; cut.found && n < 8;) {
        cut = dgm_slice_cut(cut.tail, '\t');
        field[n++] = cut.head;
    }
    dgm_slot *s = &facts->slot;
    *s = (dgm_slot){ .part_value = DGM_SLOT_NONE, .part_code = DGM_SLOT_NONE };
    if (n < 6) return wrong_line(m, row->line, "fewer than six fields"), false;
    if (!dgm_slice_count(field[1], &row->min)) return wrong_line(m, row->line, "the second field is no number"), false;
    if (dgm_slice_is(field[2], "*"))
        row->max = DGM_UNBOUNDED;
    else if (!dgm_slice_count(field[2], &row->max) || row->max < row->min || row->max == 0)
        return wrong_line(m, row->line, "the third field is no number or below the second"), false;
    if (!read_type(field[3], &s->type)) return wrong_line(m, row->line, "no such type"), false;
    if (!read_format(field[4], &s->repr)) return wrong_line(m, row->line, "no such format"), false;
    facts->ns = field[5];
    if (n > 6 && !dgm_slice_is(field[6], "-")) s->tag = field[6];
    row->values = n > 7 && !dgm_slice_is(field[7], "-") ? field[7] : (dgm_slice){ 0 };
    row->path = field[0];
    size_t slash = row->path.len;
    while (slash > 0 && row->path.at[slash - 1] != '/') slash--;
    row->name = dgm_slice_part(row->path, slash, row->path.len);
    row->attribute = row->name.len && row->name.at[0] == '@';
    if (!name_like(dgm_slice_part(row->name, row->attribute, row->name.len))) return wrong_line(m, row->line, "no name"), false;
    bool group = s->type == DGM_TYPE_NONE || (s->type == DGM_TYPE_DATE && has_elements(rest, row->path));
    if (row->attribute && (group || row->max > 1))
        return wrong_line(m, row->line, "an attribute has a type and stands once"), false;
    s->kind = row->attribute ? DGM_ATTRIBUTE : group ? DGM_GROUP : DGM_ELEMENT;
    s->name = row->name;
    s->min = row->min;
    s->max = row->max;
    return true;
}

/* Finds the row above by the path; rows of an element's children follow it, attributes first. */
static const table_row *find_above(profile_maker *m, const table_row *row)
{
    while (m->depth) {
        const table_row *above = &m->rows[m->open[m->depth - 1]];
        if (row->path.len == above->path.len + 1 + row->name.len && row->path.at[above->path.len] == '/' &&
            memcmp(row->path.at, above->path.at, above->path.len) == 0)
            return above;
        m->depth--;
    }
    return NULL;
}

static dgm_status read_line(profile_maker *m, dgm_slice line, dgm_slice rest, uint32_t number, dgm_type *types)
{
    void *rows = m->rows;
    dgm_status st = dgm_mem_reserve(&m->host->mem, &rows, &m->row_room, m->row_count + 1, sizeof *m->rows);
    m->rows = rows;
    if (st != DGM_OK) return st;
    table_row *row = &m->rows[m->row_count];
    *row = (table_row){ .line = number };
    row_facts facts;
    if (!read_fields(m, line, rest, row, &facts)) return DGM_OK;
    const table_row *above = find_above(m, row);
    if (!above && m->row_count) return wrong_line(m, number, "the element above it has not been named"), DGM_OK;
    if (!above && row->attribute) return wrong_line(m, number, "the first row is the root element"), DGM_OK;
    if (!row->attribute && above && types[m->depth - 1] != DGM_TYPE_NONE && types[m->depth - 1] != DGM_TYPE_DATE)
        return wrong_line(m, number, "an element that holds a value has no children"), DGM_OK;
    if (m->depth == DGM_DEPTH_MAX - 1) return wrong_line(m, number, "nested too deep"), DGM_OK;
    uint32_t ns = row->attribute || dgm_slice_is(facts.ns, "-") ? NO_NAMESPACE : find_namespace(m->profile, facts.ns);
    if (ns == DGM_NONE) return wrong_line(m, number, "the namespace key is not in the format file"), DGM_OK;
    row->ns = (uint8_t)ns;
    row->id = dgm_shape_add(m->shape, above ? above->id : DGM_SLOT_NONE, &facts.slot);
    if (row->id == DGM_SLOT_NONE) return DGM_NOMEM;
    note_parts(m, row, above ? types[m->depth - 1] : DGM_TYPE_NONE, above, facts.slot.type);
    /* The string of a date is its value, the string's format attribute its code. */
    if (row->attribute && m->depth > 1 && types[m->depth - 2] == DGM_TYPE_DATE && names_format(row->name))
        dgm_shape_parts(m->shape, m->rows[m->open[m->depth - 2]].id, above->id, row->id);
    if (!row->attribute) {
        types[m->depth] = facts.slot.type;
        m->open[m->depth++] = m->row_count;
    }
    m->row_count++;
    return DGM_OK;
}

static dgm_status read_table(profile_maker *m)
{
    dgm_type types[DGM_DEPTH_MAX];
    uint32_t number = 0;
    bool heading = true;
    dgm_status st = DGM_OK;
    for (dgm_cut cut = { .tail = m->format->table, .found = true }; cut.found && st == DGM_OK && !m->failed;) {
        cut = dgm_slice_cut(cut.tail, '\n');
        number++;
        dgm_slice line = cut.head;
        if (line.len && line.at[line.len - 1] == '\r') line.len--;
        if (line.len == 0 || line.at[0] == '#') continue;
        if (heading)
            heading = false; /* names of the columns */
        else
            st = read_line(m, line, cut.tail, number, types);
    }
    if (st == DGM_OK && !m->failed && m->row_count == 0) wrong_line(m, number, "there is no element");
    return st;
}

/* ---- the profile ---- */

/* The slot of a path that begins with the root element. */
static uint32_t find_path(const dgm_shape *s, dgm_slice path)
{
    dgm_cut cut = dgm_slice_cut(path, '/');
    if (!dgm_slice_equal(cut.head, dgm_shape_slot(s, 0)->name)) return DGM_SLOT_NONE;
    return cut.found ? dgm_shape_find(s, cut.tail, NULL) : DGM_SLOT_ROOT;
}

/* Where each namespace with a prefix is declared: at the root, or at the payload when it is used only there. */
static void place_namespaces(const dgm_xml_profile *p, const dgm_shape *s, uint32_t *at)
{
    for (uint32_t k = 0; k < p->ns_count; k++) {
        at[k] = p->document != DGM_SLOT_NONE ? p->document : DGM_SLOT_ROOT;
        for (uint32_t i = 0; i < p->count; i++)
            if (p->places[i].ns == k && !dgm_shape_beneath(s, i, at[k])) at[k] = DGM_SLOT_ROOT;
    }
}

/* Texts one behind the other; the last is NULL. Tags of thousands of places are made whenever formats are loaded. */
static dgm_status put_all(dgm_buffer *b, const dgm_slice *const *texts)
{
    dgm_status st = DGM_OK;
    for (; *texts && st == DGM_OK; texts++)
        if ((*texts)->len) st = dgm_buffer_append(b, **texts);
    return st;
}
#define PUT(b, ...) put_all((b), (const dgm_slice *const[]){ __VA_ARGS__, NULL })

static dgm_status make_attribute(profile_maker *m, const dgm_slot *info, dgm_xml_place *place, dgm_buffer *b)
{
    const dgm_slice name = dgm_slice_part(info->name, 1, info->name.len), equals = DGM_LITERAL("=\""), blank = DGM_LITERAL(" ");
    dgm_slice kept;
    dgm_status st = PUT(b, &blank, &name, &equals);
    if (st == DGM_OK) st = copy_padded(m, b, &kept);
    if (st == DGM_OK) place->open = kept.at, place->open_len = place->room = (uint32_t)kept.len;
    return st;
}

/* Bytes of the tags of one slot. */
static dgm_status make_tags(profile_maker *m, const dgm_shape *s, uint32_t slot, const uint32_t *declared_at, uint8_t *standard,
                            dgm_buffer *b)
{
    static const char blanks[] = "\n                                                                                              "
                                 "                                                                ";
    _Static_assert(sizeof blanks > 1 + 2 * DGM_DEPTH_MAX, "two for each level");
    dgm_xml_profile *p = m->profile;
    dgm_xml_place *place = &p->places[slot];
    const dgm_slot *info = dgm_shape_slot(s, slot);
    b->len = 0;
    if (info->kind == DGM_ATTRIBUTE) return make_attribute(m, info, place, b);
    const dgm_slice prefix = place->ns == NO_NAMESPACE ? (dgm_slice){ "", 0 } : p->ns[place->ns].prefix;
    const dgm_slice indent = { blanks, 1 + (size_t)place->depth * 2 }, colon = { ":", prefix.len ? 1 : 0 };
    const dgm_slice less = DGM_LITERAL("<"), close = DGM_LITERAL("></"), greater = DGM_LITERAL(">"), quote = DGM_LITERAL("\"");
    const dgm_slice xmlns = DGM_LITERAL(" xmlns"), equals = DGM_LITERAL("=\"");
    dgm_status st = PUT(b, &indent, &less, &prefix, &colon, &info->name);
    /* standard: the default namespace within each element that was made so far */
    uint8_t above = slot ? standard[info->parent] : NO_NAMESPACE;
    bool bare = place->ns == NO_NAMESPACE || p->ns[place->ns].prefix.len == 0;
    standard[slot] = bare ? place->ns : above;
    if (st == DGM_OK && place->ns == NO_NAMESPACE && above != NO_NAMESPACE) st = PUT(b, &xmlns, &equals, &quote);
    for (uint32_t k = 0; k < p->ns_count && st == DGM_OK; k++) {
        const dgm_xml_namespace *ns = &p->ns[k];
        if (ns->prefix.len ? declared_at[k] != slot : place->ns != k || above == k) continue;
        const dgm_slice between = { ":", ns->prefix.len ? 1 : 0 };
        st = PUT(b, &xmlns, &between, &ns->prefix, &equals, &ns->uri, &quote);
    }
    size_t open = b->len;
    dgm_slice kept;
    if (st == DGM_OK) st = PUT(b, &close, &prefix, &colon, &info->name, &greater);
    if (st == DGM_OK) st = copy_padded(m, b, &kept);
    if (st != DGM_OK) return st;
    place->open = kept.at;
    place->open_len = (uint32_t)open;
    place->close = kept.at + open + 1;
    place->close_len = (uint32_t)(kept.len - open - 1);
    place->room = (uint32_t)kept.len + 2 * (1 + place->depth * DGM_XML_INDENT_MAX);
    return DGM_OK;
}

static void fill_place(dgm_xml_place *p, const dgm_slot *s, dgm_slice values)
{
    bool number = s->type == DGM_TYPE_NUMBER || s->type == DGM_TYPE_AMOUNT || s->type == DGM_TYPE_QUANTITY;
    p->first_child = s->first_child;
    p->child_count = s->child_count;
    p->min = s->min;
    p->max = s->max;
    p->length_min = s->repr.length_min;
    p->length_max = s->repr.length_max;
    p->decimals = s->repr.decimals;
    p->kind = (uint8_t)s->kind;
    p->type = (uint8_t)s->type;
    p->class = s->repr.class[0] && !s->repr.class[1] ? s->repr.class[0] : 0;
    p->values = values.at;
    p->values_len = (uint32_t)values.len;
    if (s->kind != DGM_GROUP) p->flags |= DGM_XML_LEAF;
    if (s->kind == DGM_ATTRIBUTE) p->flags |= DGM_XML_IN_TAG;
    if (number || p->length_max || values.len || s->type == DGM_TYPE_FLAG) p->flags |= DGM_XML_RESTRICTED;
    if (!number && s->type != DGM_TYPE_FLAG && !values.len && !p->class && p->length_max && p->length_min <= 1)
        p->flags |= DGM_XML_LENGTH_ONLY;
    if (number || s->type == DGM_TYPE_CODE || s->type == DGM_TYPE_FLAG) p->flags |= DGM_XML_COLLAPSED;
}

/* A name may stand twice in an element where the namespaces tell the two apart, and nothing stands between them. */
static void mark_twins(profile_maker *m, const dgm_shape *s)
{
    for (size_t i = 0; i < m->row_count; i++) {
        uint32_t slot = dgm_shape_frozen_id(m->shape, m->rows[i].id);
        const dgm_slot *info = dgm_shape_slot(s, slot);
        if (info->ordinal == 1) continue;
        dgm_xml_place *before = &m->profile->places[slot - 1];
        bool twin = dgm_slice_equal(dgm_shape_slot(s, slot - 1)->name, info->name) && dgm_shape_slot(s, slot - 1)->ordinal == 1;
        if (!twin || before->ns == m->profile->places[slot].ns || before->ns == NO_NAMESPACE)
            wrong_line(m, m->rows[i].line, "the path stands twice");
        else
            before->flags |= DGM_XML_TWIN;
    }
}

static dgm_status fill_profile(profile_maker *m, const dgm_shape *s)
{
    dgm_xml_profile *p = m->profile;
    p->count = dgm_shape_count(s);
    p->places = DGM_NEW(&p->arena, dgm_xml_place, p->count);
    if (!p->places) return DGM_NOMEM;
    for (size_t i = 0; i < m->row_count; i++) {
        uint32_t slot = dgm_shape_frozen_id(m->shape, m->rows[i].id);
        dgm_slice values = { 0 };
        if (m->rows[i].values.len && copy_text(m, m->rows[i].values, &values) != DGM_OK) return DGM_NOMEM;
        fill_place(&p->places[slot], dgm_shape_slot(s, slot), values);
        p->places[slot].ns = m->rows[i].ns;
    }
    mark_twins(m, s);
    p->places[0].next_required = p->places[0].required_behind = DGM_SLOT_NONE;
    for (uint32_t i = p->count; i-- > 1;) {
        const dgm_slot *info = dgm_shape_slot(s, i);
        dgm_xml_place *place = &p->places[i];
        const dgm_xml_place *after = i + 1 < p->count && dgm_shape_slot(s, i + 1)->parent == info->parent ? place + 1 : NULL;
        bool same = after && (after->kind == DGM_ATTRIBUTE) == (place->kind == DGM_ATTRIBUTE);
        place->required_behind = after ? after->next_required : DGM_SLOT_NONE;
        place->next_required = place->min ? i : same ? place->required_behind : DGM_SLOT_NONE;
        if (place->min && place->kind == DGM_ATTRIBUTE) p->places[info->parent].flags |= DGM_XML_NEEDS_ATTRIBUTE;
    }
    for (uint32_t i = 0; i < p->count; i++) {
        const dgm_xml_place *place = &p->places[i];
        uint32_t child = place->first_child, end = child + place->child_count;
        while (child < end && p->places[child].kind == DGM_ATTRIBUTE) child++;
        p->places[i].required_child = child < end ? p->places[child].next_required : DGM_SLOT_NONE;
    }
    for (uint32_t i = 1; i < p->count; i++) p->places[i].depth = (uint8_t)(p->places[dgm_shape_slot(s, i)->parent].depth + 1);
    uint32_t declared_at[DGM_XML_NAMESPACES_MAX] = { 0 };
    place_namespaces(p, s, declared_at);
    dgm_buffer b;
    dgm_buffer_init(&b, &m->host->mem);
    uint8_t *standard = dgm_mem_new(&m->host->mem, p->count);
    dgm_status st = standard ? DGM_OK : DGM_NOMEM;
    for (uint32_t i = 0; i < p->count && st == DGM_OK; i++) st = make_tags(m, s, i, declared_at, standard, &b);
    dgm_mem_free(&m->host->mem, standard, p->count);
    dgm_buffer_free(&b);
    return st;
}

static uint32_t path_setting(profile_maker *m, const dgm_shape *s, const char *name)
{
    dgm_slice path = dgm_setting_get(m->format->settings, m->format->setting_count, dgm_xml_format_options, name);
    if (path.len == 0) return DGM_SLOT_NONE;
    uint32_t slot = find_path(s, path);
    if (slot == DGM_SLOT_NONE) wrong_setting(m, dgm_slice_of(name), "no such path in the table");
    return slot;
}

/* Each element at that path is a message: it holds elements and may repeat, and nothing around it does. */
static void check_message(profile_maker *m, const dgm_shape *s)
{
    const dgm_xml_profile *p = m->profile;
    const dgm_slice setting = DGM_LITERAL("message");
    if (p->message == DGM_SLOT_NONE) return;
    const dgm_slot *slot = dgm_shape_slot(s, p->message);
    bool once = true, after = p->message + 1 < dgm_shape_count(s), twin = slot->ordinal > 1;
    if (after) twin = twin || dgm_shape_slot(s, p->message + 1)->ordinal > 1; /* they stand beside each other */
    for (uint32_t i = slot->parent; i != DGM_SLOT_NONE; i = dgm_shape_slot(s, i)->parent)
        once = once && dgm_shape_slot(s, i)->max == 1;
    if (p->message == DGM_SLOT_ROOT || slot->kind != DGM_GROUP || slot->max < 2)
        wrong_setting(m, setting, "a message is an element below the root that holds others and may stand more than once");
    else if (!once)
        wrong_setting(m, setting, "the elements around it may stand once only");
    else if (twin)
        wrong_setting(m, setting, "two places have that name");
    else if (p->payload != DGM_SLOT_NONE)
        wrong_setting(m, setting, "a document of many messages holds no other one in Base64");
    else if (p->document != DGM_SLOT_NONE && p->document != p->message)
        wrong_setting(m, setting, "where there is a document, it is the message");
}

static dgm_slice text_setting(const profile_maker *m, const char *name)
{
    return dgm_setting_get(m->format->settings, m->format->setting_count, dgm_xml_format_options, name);
}

/* What holds for whole documents. */
static dgm_status read_traits(profile_maker *m, const dgm_shape *s)
{
    dgm_xml_profile *p = m->profile;
    dgm_slice order = text_setting(m, "order");
    p->any_order = dgm_slice_is(order, "any");
    if (!p->any_order && !dgm_slice_is(order, "table")) wrong_setting(m, DGM_LITERAL("order"), "it is table or any");
    if (p->payload != DGM_SLOT_NONE && dgm_shape_slot(s, p->payload)->kind != DGM_ELEMENT)
        wrong_setting(m, DGM_LITERAL("payload"), "only an element that holds a value can hold a document");
    const struct {
        const char *name;
        dgm_slice *to;
    } sets[] = { { "encoding", &p->encoding }, { "payload-encoding", &p->payload_encoding } };
    dgm_status st = DGM_OK;
    for (size_t i = 0; i < 2 && st == DGM_OK; i++) {
        dgm_slice name = text_setting(m, sets[i].name);
        /* XML 1.0, 4.3.3: a letter, then letters, digits, full stops, underscores and hyphens */
        if (!name_like(name) || dgm_utf8_check(name) != name.len || name.len > 40)
            wrong_setting(m, dgm_slice_of(sets[i].name), "this is no name of an encoding");
        st = copy_text(m, name, sets[i].to);
    }
    return st;
}

static void release_profile(void *extra)
{
    dgm_arena arena = ((dgm_xml_profile *)extra)->arena; /* the profile stands inside it */
    dgm_xml_schema_free(((dgm_xml_profile *)extra)->schema);
    dgm_arena_free(&arena);
}

static uint32_t find_row(const profile_maker *m, dgm_slice path)
{
    for (size_t i = 1; i < m->row_count; i++) {
        size_t skip = m->rows[0].path.len + 1;
        if (dgm_slice_equal(dgm_slice_part(m->rows[i].path, skip, m->rows[i].path.len), path)) return m->rows[i].id;
    }
    return DGM_SLOT_NONE;
}

static dgm_status add_aliases(profile_maker *m)
{
    dgm_status st = DGM_OK;
    for (size_t i = 0; i < m->format->alias_count && st == DGM_OK; i++) {
        const dgm_format_alias *a = &m->format->aliases[i];
        uint32_t id = find_row(m, a->path);
        if (id != DGM_SLOT_NONE) {
            st = dgm_shape_add_alias(m->shape, a->name, id);
            continue;
        }
        dgm_diag *d = dgm_diags_add(m->host->diags, DGM_D_XML_PROFILE_ALIAS, DGM_ERROR);
        dgm_diag_text(m->host->diags, d, a->name);
        dgm_diag_text(m->host->diags, d, a->path);
        dgm_diag_source(m->host->diags, d, m->format->name);
        m->failed = true;
    }
    return st;
}

static dgm_status make(profile_maker *m, dgm_shape **out)
{
    dgm_shape *s = NULL;
    check_setting_names(m);
    m->currency = text_setting(m, "currency");
    dgm_status st = read_namespaces(m);
    if (st == DGM_OK && !m->failed) st = dgm_shape_begin(&m->host->mem, m->format->name, &m->shape);
    if (st == DGM_OK && !m->failed) st = read_table(m);
    if (st == DGM_OK && !m->failed) {
        dgm_slice root = dgm_setting_get(m->format->settings, m->format->setting_count, dgm_xml_format_options, "root");
        if (root.len && !dgm_slice_equal(root, m->rows[0].name))
            wrong_setting(m, DGM_LITERAL("root"), "it is not the first row of the table");
        st = add_aliases(m);
    }
    if (st == DGM_OK && !m->failed) st = dgm_shape_freeze(m->shape, &s);
    if (st != DGM_OK || m->failed) return st == DGM_OK ? DGM_CONFIG : st;
    m->profile->document = path_setting(m, s, "document");
    m->profile->reference = path_setting(m, s, "reference");
    m->profile->payload = path_setting(m, s, "payload");
    m->profile->message = path_setting(m, s, "message");
    m->profile->sender = path_setting(m, s, "sender");
    m->profile->recipient = path_setting(m, s, "recipient");
    check_message(m, s);
    if (!m->failed) st = read_traits(m, s);
    if (!m->failed && st == DGM_OK) st = fill_profile(m, s);
    if (st == DGM_OK && !m->failed) st = dgm_xml_schema_new(m->host, m->format, &m->profile->arena, &m->profile->schema);
    if (st != DGM_OK || m->failed) {
        dgm_shape_free(s);
        return st == DGM_OK ? DGM_CONFIG : st;
    }
    dgm_shape_attach(s, m->profile, release_profile);
    m->profile = NULL;
    *out = s;
    return DGM_OK;
}

dgm_status dgm_xml_shape(const dgm_host *host, const dgm_format *format, dgm_shape **out)
{
    *out = NULL;
    profile_maker m = { .host = host, .format = format };
    dgm_arena arena;
    dgm_arena_init(&arena, &host->mem);
    m.profile = DGM_NEW(&arena, dgm_xml_profile, 1);
    if (!m.profile) {
        dgm_arena_free(&arena);
        return DGM_NOMEM;
    }
    m.profile->arena = arena; /* from here on the arena in the profile is the one that grows */
    dgm_status st = make(&m, out);
    dgm_shape_maker_free(m.shape);
    dgm_mem_free(&host->mem, m.rows, m.row_room * sizeof *m.rows);
    if (m.profile) release_profile(m.profile);
    return st;
}

const dgm_xml_profile *dgm_xml_profile_of(const dgm_format *format)
{
    return format && format->shape && dgm_slice_is(format->codec, "xml") ? dgm_shape_attached(format->shape) : NULL;
}
