/* SPDX-License-Identifier: Apache-2.0
 *
 * format_infer_kinds.c - which lines of samples are records of one kind (the table they stand in, a tag that begins them), and how
 * the kinds nest: what comes again behind something else stands above it. One thread.
 */
#include "format_infer.h"

enum { TAGS_MOST = 24, NAMED_MOST = 24 };

static bool word(dgm_slice s, size_t most)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (i && (c == '_' || c == '-')))) return false;
    }
    return s.len > 0 && s.len <= most;
}

static uint32_t kind_of(inferring *x, dgm_slice table, dgm_slice tag)
{
    for (uint32_t i = 0; i < x->kind_count; i++)
        if (dgm_slice_equal(x->kinds[i].table, table) && dgm_slice_equal(x->kinds[i].tag, tag)) return i;
    if (x->kind_count == INFER_KINDS_MAX) return DGM_NONE;
    x->kinds[x->kind_count] = (infer_kind){ .tag = tag, .table = table, .parent = DGM_NONE };
    return x->kind_count++;
}

/* ---- delimited ---- */

static bool opens_table(const inferring *x, const infer_line *l)
{
    return x->tables.len && l->bytes.len > x->tables.len && memcmp(l->bytes.at, x->tables.at, x->tables.len) == 0;
}

static bool has_digit(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] >= '0' && s.at[i] <= '9') return true;
    return false;
}

/* Names without digits, each another, where other lines have digits. */
static bool heading(const inferring *x)
{
    const infer_line *first = &x->lines[0];
    bool names = x->line_count > 1 && first->cell_count > 1 && first->cell_count <= INFER_NAMED_MAX, digits = false;
    for (uint32_t i = 0; i < first->cell_count && names; i++) {
        names = first->cells[i].len > 0 && first->cells[i].len < 60 && !has_digit(first->cells[i]);
        for (uint32_t k = 0; k < i && names; k++) names = !dgm_slice_equal(first->cells[i], first->cells[k]);
    }
    for (size_t i = 1; i < x->line_count && names; i++) {
        names = x->lines[i].cell_count <= first->cell_count;
        for (uint32_t k = 0; k < x->lines[i].cell_count; k++) digits = digits || has_digit(x->lines[i].cells[k]);
    }
    return names && digits;
}

static void kinds_of_cells(inferring *x)
{
    dgm_slice table = { "", 0 }, tags[TAGS_MOST];
    size_t tag_count = 0, outside = 0;
    bool tagged = true;
    x->heading = !x->tables.len && heading(x);
    for (size_t i = x->heading ? 1 : 0; i < x->line_count && tagged; i++) {
        infer_line *l = &x->lines[i];
        if (opens_table(x, l)) table = l->bytes;
        if (table.len && !opens_table(x, l) && l->cell_count < 3) table = (dgm_slice){ "", 0 };
        if (table.len) continue;
        size_t k = 0;
        while (k < tag_count && !dgm_slice_equal(tags[k], l->cells[0])) k++;
        tagged = word(l->cells[0], 12) && k < TAGS_MOST;
        if (tagged && k == tag_count) tags[tag_count++] = l->cells[0];
        outside++;
    }
    tagged = tagged && outside && (x->tables.len || (tag_count >= 2 && tag_count * 2 <= outside + 2));
    x->kinds_why = x->heading      ? DGM_LITERAL("the first line names the fields; all others are alike")
                   : x->tables.len ? infer_print(x, "lines <TABLE>NAME open tables; %zu other lines by their first field", outside)
                   : tagged        ? infer_print(x, "%zu words begin all %zu lines", tag_count, outside)
                                   : DGM_LITERAL("no few words begin all lines: they are of one kind");
    table = (dgm_slice){ "", 0 };
    for (size_t i = x->heading ? 1 : 0; i < x->line_count; i++) {
        infer_line *l = &x->lines[i];
        if (opens_table(x, l)) {
            table = dgm_slice_part(l->bytes, x->tables.len, l->bytes.len);
            continue;
        }
        if (table.len && l->cell_count < 3) table = (dgm_slice){ "", 0 };
        l->table = table;
        l->kind = kind_of(x, table, tagged && !table.len ? l->cells[0] : (dgm_slice){ "", 0 });
    }
}

/* ---- fixed ---- */

/* How far lines with one beginning are alike: the share of columns, of pairs of lines that follow each other, with one class. */
static double alike(const inferring *x, size_t tag)
{
    size_t same = 0, all = 0;
    uint32_t last[256];
    memset(last, 0xFF, sizeof last);
    for (size_t i = 0; i < x->line_count; i++) {
        const infer_line *l = &x->lines[i];
        unsigned char c = tag && l->bytes.len ? (unsigned char)l->bytes.at[0] : 0;
        const infer_line *o = last[c] == UINT32_MAX ? NULL : &x->lines[last[c]];
        last[c] = (uint32_t)i;
        if (!o) continue;
        size_t shorter = o->bytes.len < l->bytes.len ? o->bytes.len : l->bytes.len;
        all += o->bytes.len > l->bytes.len ? o->bytes.len : l->bytes.len;
        for (size_t k = 0; k < shorter; k++) same += o->class[k] == l->class[k];
    }
    return all ? (double)same / (double)all : 1;
}

/* Digits that begin lines come in twos where two of them tell more than one does. */
static size_t digits_of_tags(const inferring *x)
{
    bool seen[100] = { false }, first[10] = { false };
    size_t two = 0, one = 0, lines = 0;
    for (size_t i = 0; i < x->line_count; i++) {
        const infer_line *l = &x->lines[i];
        if (!l->bytes.len || l->class[0] != INFER_DIGIT) continue;
        if (l->bytes.len < 2 || l->class[1] != INFER_DIGIT) return 1;
        size_t a = (size_t)(l->bytes.at[0] & 15) % 10, b = (size_t)(l->bytes.at[1] & 15) % 10;
        one += !first[a];
        two += !seen[a * 10 + b];
        first[a] = seen[a * 10 + b] = true;
        lines++;
    }
    return two > one && two <= one * 3 && (two * 10 <= lines * 9 || two <= 9) ? 2 : 1;
}

static size_t tag_length(size_t digits, const infer_line *l)
{
    if (!l->bytes.len) return 0;
    return l->class[0] == INFER_DIGIT && digits < l->bytes.len ? digits : 1;
}

static void kinds_of_columns(inferring *x)
{
    bool seen[256] = { false }, plain = true, lengths = false;
    size_t count = 0, digits;
    uint32_t first_length[256] = { 0 };
    bool even = true;
    for (size_t i = 0; i < x->line_count; i++) {
        const infer_line *l = &x->lines[i];
        unsigned char c = l->bytes.len ? (unsigned char)l->bytes.at[0] : 0;
        plain = plain && l->bytes.len && (l->class[0] == INFER_DIGIT || l->class[0] == INFER_UPPER);
        if (!seen[c]) first_length[c] = (uint32_t)l->bytes.len;
        even = even && first_length[c] == l->bytes.len;
        lengths = lengths || l->bytes.len != x->lines[0].bytes.len;
        count += !seen[c];
        seen[c] = true;
    }
    double together = alike(x, 0), apart = alike(x, 1);
    bool tagged = plain && count >= 2 && count <= TAGS_MOST && (apart > together + 0.02 || (lengths && even));
    digits = tagged ? digits_of_tags(x) : 1;
    x->kinds_why = tagged
                       ? infer_print(x,
                                     "%zu characters begin all %zu lines; columns of lines that begin alike are alike to %d %%, of "
                                     "all to %d %%",
                                     count, x->line_count, (int)(apart * 100), (int)(together * 100))
                       : DGM_LITERAL("nothing that begins the lines tells them apart: they are of one kind");
    for (size_t i = 0; i < x->line_count; i++) {
        infer_line *l = &x->lines[i];
        dgm_slice tag = dgm_slice_part(l->bytes, 0, tagged ? tag_length(digits, l) : 0);
        if (!tag.len) tag = (dgm_slice){ "", 0 };
        l->kind = kind_of(x, l->table, tag);
    }
    uint32_t length = x->line_count ? (uint32_t)x->lines[0].bytes.len : 0;
    if (!lengths) x->length = length;
}

/* ---- how they nest ---- */

static void count_lines(inferring *x)
{
    for (size_t i = 0; i < x->line_count; i++) {
        infer_line *l = &x->lines[i];
        if (l->kind == DGM_NONE) continue;
        infer_kind *k = &x->kinds[l->kind];
        uint32_t size = x->delimited ? l->cell_count : (uint32_t)l->bytes.len;
        if (!k->count) k->first = (uint32_t)i, k->least = k->most = size;
        if (k->count && size != k->most) x->uneven = true;
        if (size < k->least) k->least = size;
        if (size > k->most) k->most = size;
        k->last = (uint32_t)i;
        k->count++;
    }
}

/* Kinds are numbered as they are first met. What comes again behind the first of another, and was there before it, stands above it:
 * the nearest such is its parent. Each file begins anew. */
static void nest(inferring *x)
{
    for (uint32_t b = 1; b < x->kind_count; b++)
        for (uint32_t a = b; a-- > 0 && x->kinds[b].parent == DGM_NONE;) {
            bool met = false, again = false;
            uint32_t file = DGM_NONE;
            for (uint32_t i = x->kinds[b].first; i <= x->kinds[a].last && !again; i++) {
                if (x->lines[i].file != file) met = false;
                file = x->lines[i].file;
                met = met || x->lines[i].kind == b;
                again = met && x->lines[i].kind == a;
            }
            if (again) x->kinds[b].parent = a;
        }
}

static bool beneath(const inferring *x, uint32_t kind, uint32_t above)
{
    while (kind != DGM_NONE && kind != above) kind = x->kinds[kind].parent;
    return kind == above;
}

/* One of `above` is over: how often did those beneath it come? */
static void close_one(inferring *x, uint32_t above)
{
    for (uint32_t i = 0; i < x->kind_count; i++) {
        infer_kind *k = &x->kinds[i];
        if (k->parent != above) continue;
        if (k->here < k->low) k->low = k->here;
        if (k->here > k->high) k->high = k->here;
        k->here = 0;
    }
}

static void count_beneath(inferring *x)
{
    bool open[INFER_KINDS_MAX] = { false };
    uint32_t file = DGM_NONE;
    for (uint32_t i = 0; i < x->kind_count; i++) x->kinds[i].low = UINT32_MAX;
    for (size_t i = 0; i <= x->line_count; i++) {
        const infer_line *l = i < x->line_count ? &x->lines[i] : NULL;
        bool anew = !l || l->file != file;
        if (l && l->kind == DGM_NONE) continue;
        for (uint32_t k = x->kind_count; k-- > 0;) { /* those within what ends here */
            bool ends = open[k] && (anew || k == l->kind || (x->kinds[k].parent != DGM_NONE && beneath(x, k, l->kind)));
            if (ends) close_one(x, k);
            if (ends) open[k] = false;
        }
        if (anew && file != DGM_NONE) close_one(x, DGM_NONE);
        if (!l) break;
        file = l->file;
        x->kinds[l->kind].here++;
        open[l->kind] = true;
    }
}

static void name_kinds(inferring *x)
{
    for (uint32_t i = 0; i < x->kind_count; i++) {
        infer_kind *k = &x->kinds[i];
        dgm_slice said = k->table.len ? k->table : k->tag;
        bool letter = said.len && said.at[0] >= 'A' && said.at[0] <= 'Z';
        if (!word(said, NAMED_MOST))
            k->name = x->kind_count == 1 ? DGM_LITERAL("Row") : infer_print(x, "R%u", i + 1);
        else
            k->name = infer_print(x, "%s%.*s", letter ? "" : "R", (int)said.len, said.at);
        for (uint32_t o = 0; o < i; o++)
            if (dgm_slice_equal(x->kinds[o].name, k->name))
                k->name = infer_print(x, "%.*s-%u", (int)k->name.len, k->name.at, i + 1);
    }
}

void infer_kinds(inferring *x)
{
    x->kinds = DGM_NEW(x->a, infer_kind, INFER_KINDS_MAX);
    if (!x->kinds) x->failed = true;
    if (x->failed) return;
    if (x->delimited)
        kinds_of_cells(x);
    else
        kinds_of_columns(x);
    count_lines(x);
    nest(x);
    count_beneath(x);
    name_kinds(x);
}
