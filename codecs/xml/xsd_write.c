/* SPDX-License-Identifier: Apache-2.0
 *
 * xsd_write.c - what was laid out of a schema as the two files of a profile: the format file, with every remark at its end, and the
 * element table. The same schema gives the same bytes. One thread.
 */
#include "xsd.h"

#include "base/slice.h"

/* ---- names ---- */

static bool name_letter(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    return letter || (!first && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
}

static bool prefix_like(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!name_letter(s.at[i], i == 0)) return false;
    return s.len > 0 && s.len < 24;
}

static bool prefix_free(const dgm_xsd *x, dgm_slice prefix)
{
    for (uint32_t i = 0; i < x->ns_count; i++)
        if (dgm_slice_equal(x->ns[i].key, prefix)) return false;
    return true;
}

/* The prefix that the schemas themselves use for a namespace. */
static dgm_slice find_prefix(const dgm_xsd *x, dgm_slice uri)
{
    for (uint32_t i = 0; i < x->file_count; i++)
        for (const xmlNs *ns = xmlDocGetRootElement(x->files[i].doc)->nsDef; ns; ns = ns->next) {
            dgm_slice prefix = dgm_slice_of((const char *)ns->prefix);
            if (dgm_slice_equal(dgm_slice_of((const char *)ns->href), uri) && prefix_like(prefix) && prefix_free(x, prefix))
                return prefix;
        }
    return (dgm_slice){ "", 0 };
}

/* Keys and prefixes: the payload's namespace is the default one, or the root's where there is no payload; none is where elements
 * without a namespace stand, for these would fall into it. */
static void name_spaces(dgm_xsd *x)
{
    uint32_t payload = x->payload_row == DGM_NONE ? 0 : x->payload_row;
    for (uint32_t i = 0; i < x->ns_count; i++) {
        bool bare = !x->unqualified && x->rows[payload].ns == i;
        dgm_slice prefix = find_prefix(x, x->ns[i].uri);
        if (!prefix.len && bare && prefix_free(x, DGM_LITERAL("main"))) prefix = DGM_LITERAL("main");
        if (!prefix.len && i == x->rows[0].ns && prefix_free(x, DGM_LITERAL("env"))) prefix = DGM_LITERAL("env");
        for (uint32_t k = 1; !prefix.len && !x->no_memory; k++) {
            dgm_slice made = dgm_arena_print(&x->arena, "n%u", k);
            if (!made.at) x->no_memory = true;
            if (made.at && prefix_free(x, made)) prefix = made;
        }
        x->ns[i].key = prefix;
        x->ns[i].prefix = bare ? (dgm_slice){ "", 0 } : prefix;
    }
}

/* "CertificateOfOrigin" becomes certificate-of-origin. */
static void make_name(dgm_xsd *x)
{
    dgm_slice root = x->rows[x->payload_row == DGM_NONE ? 0 : x->payload_row].name;
    if (x->name.len) return;
    x->scratch.len = 0;
    dgm_status st = DGM_OK;
    for (size_t i = 0; i < root.len && st == DGM_OK; i++) {
        char c = root.at[i];
        bool capital = c >= 'A' && c <= 'Z', plain = name_letter(c, false) && c != '_' && c != '.';
        bool starts = capital && i &&
                      ((root.at[i - 1] >= 'a' && root.at[i - 1] <= 'z') ||
                       (i + 1 < root.len && root.at[i + 1] >= 'a' && root.at[i + 1] <= 'z' && root.at[i - 1] >= 'A' &&
                        root.at[i - 1] <= 'Z'));
        if (starts) st = dgm_buffer_print(&x->scratch, "-");
        bool first = x->scratch.len == 0 && (c == '-' || !plain); /* a file whose name begins with '-' is an option to many */
        if (st == DGM_OK && !first) st = dgm_buffer_print(&x->scratch, "%c", capital ? c + 32 : plain ? c : '-');
    }
    if (st == DGM_OK && x->scratch.len == 0) st = dgm_buffer_print(&x->scratch, "format");
    x->name = st == DGM_OK ? dgm_arena_copy(&x->arena, dgm_buffer_slice(&x->scratch)) : (dgm_slice){ 0 };
    if (!x->name.at) x->no_memory = true;
}

/* ---- the table ---- */

uint32_t dgm_xsd_next_row(const dgm_xsd *x, uint32_t row)
{
    if (x->rows[row].first != DGM_NONE) return x->rows[row].first;
    while (row != DGM_NONE && x->rows[row].next == DGM_NONE) row = x->rows[row].parent;
    return row == DGM_NONE ? DGM_NONE : x->rows[row].next;
}

static dgm_status put_path(const dgm_xsd *x, uint32_t row, dgm_buffer *b)
{
    uint32_t up[DGM_DEPTH_MAX + 1], n = 0;
    for (uint32_t i = row; i != DGM_NONE && n <= DGM_DEPTH_MAX; i = x->rows[i].parent) up[n++] = i;
    dgm_status st = DGM_OK;
    for (size_t i = n; i-- > 0 && st == DGM_OK;) {
        const dgm_xsd_row *r = &x->rows[up[i]];
        if (i + 1 < n) st = dgm_buffer_append(b, DGM_LITERAL("/"));
        if (st == DGM_OK && r->attribute) st = dgm_buffer_append(b, DGM_LITERAL("@"));
        if (st == DGM_OK) st = dgm_buffer_append(b, r->name);
    }
    return st;
}

static dgm_status put_row(const dgm_xsd *x, uint32_t row, dgm_buffer *b)
{
    const dgm_xsd_row *r = &x->rows[row];
    dgm_status st = put_path(x, row, b);
    if (st == DGM_OK) st = dgm_buffer_print(b, "\t%u\t", r->min);
    if (st == DGM_OK) st = r->max == DGM_UNBOUNDED ? dgm_buffer_print(b, "*") : dgm_buffer_print(b, "%u", r->max);
    dgm_slice ns = r->ns == DGM_XSD_NO_NAMESPACE ? DGM_LITERAL("-") : x->ns[r->ns].key;
    if (st == DGM_OK)
        st = dgm_buffer_print(b, "\t%s\t%.*s\t%.*s\t%.*s\t", r->kind, (int)r->format.len, r->format.at, (int)ns.len, ns.at,
                              (int)r->ident.len, r->ident.at);
    if (st == DGM_OK) st = dgm_buffer_append(b, r->values);
    return st == DGM_OK ? dgm_buffer_append(b, DGM_LITERAL("\n")) : st;
}

static dgm_status put_table(const dgm_xsd *x, dgm_buffer *b)
{
    dgm_status st =
        dgm_buffer_print(b, "# one row for each element and attribute, in the order of the schema; made by dragoman format import\n"
                            "path\tmin\tmax\ttype\tformat\tnamespace\tidentifier\tvalues\n");
    for (uint32_t i = 0; i != DGM_NONE && st == DGM_OK; i = dgm_xsd_next_row(x, i))
        if (x->rows[i].max) st = put_row(x, i, b);
    return st;
}

/* ---- the format file ---- */

/* As it is where that is safe in YAML, else in quotes. */
static dgm_status put_uri(dgm_buffer *b, dgm_slice uri)
{
    bool plain = uri.len > 0 && name_letter(uri.at[0], true) && uri.at[uri.len - 1] != ':';
    for (size_t i = 0; i < uri.len; i++) plain = plain && (name_letter(uri.at[i], false) || strchr(":/#?=&%+~@,;()!", uri.at[i]));
    if (plain) return dgm_buffer_print(b, "%.*s\n", (int)uri.len, uri.at);
    dgm_status st = dgm_buffer_append(b, DGM_LITERAL("'"));
    for (size_t i = 0; i < uri.len && st == DGM_OK; i++) st = dgm_buffer_print(b, uri.at[i] == '\'' ? "''" : "%c", uri.at[i]);
    return st == DGM_OK ? dgm_buffer_append(b, DGM_LITERAL("'\n")) : st;
}

static dgm_status put_head(dgm_xsd *x, dgm_buffer *b)
{
    dgm_slice root = x->rows[0].name, name = x->name;
    dgm_slice title = x->rows[x->payload_row == DGM_NONE ? 0 : x->payload_row].name;
    dgm_slice whole = dgm_slice_file_name(x->files[0].path);
    char file[256];
    size_t file_len = whole.len < sizeof file ? whole.len : sizeof file;
    memcpy(file, whole.at, file_len);
    dgm_xsd_one_line(file, file_len);
    dgm_status st = dgm_buffer_print(b,
                                     "# Made by dragoman format import from %.*s.\ndragoman: format/1\nformat: %.*s\ntitle: %.*s\n"
                                     "codec: xml\ntable: %.*s.tsv\nroot: %.*s\n",
                                     (int)file_len, file, (int)name.len, name.at, (int)title.len, title.at, (int)name.len, name.at,
                                     (int)root.len, root.at);
    if (st == DGM_OK && x->payload_row != DGM_NONE) {
        st = dgm_buffer_print(b, "document: ");
        if (st == DGM_OK) st = put_path(x, x->payload_row, b);
        if (st == DGM_OK) st = dgm_buffer_print(b, "\n");
    }
    if (st == DGM_OK) st = dgm_buffer_print(b, "# reference: the path of the document's own number\n");
    for (uint32_t i = 0; i < x->ns_count && st == DGM_OK; i++) {
        dgm_slice key = x->ns[i].key, uri = x->ns[i].uri;
        st = dgm_buffer_print(b, "namespace.%.*s: ", (int)key.len, key.at);
        if (st == DGM_OK) st = put_uri(b, uri);
        if (st == DGM_OK && x->ns[i].prefix.len)
            st = dgm_buffer_print(b, "prefix.%.*s: %.*s\n", (int)key.len, key.at, (int)key.len, key.at);
    }
    return st;
}

static dgm_status put_remarks(const dgm_xsd *x, dgm_buffer *b)
{
    bool any = false;
    dgm_status st = DGM_OK;
    for (uint32_t i = 0; i != DGM_NONE && st == DGM_OK; i = dgm_xsd_next_row(x, i)) {
        for (uint32_t k = x->rows[i].max ? x->rows[i].remarks : DGM_NONE; k != DGM_NONE && st == DGM_OK; k = x->remarks[k].next) {
            if (!any) st = dgm_buffer_print(b, "#\n# What the schema says, and this format cannot:\n");
            any = true;
            if (st == DGM_OK) st = dgm_buffer_print(b, "# ");
            if (st == DGM_OK) st = put_path(x, i, b);
            if (st == DGM_OK) st = dgm_buffer_print(b, ": %.*s\n", (int)x->remarks[k].text.len, x->remarks[k].text.at);
        }
    }
    return st;
}

void dgm_xsd_write(dgm_xsd *x)
{
    if (x->failed || x->no_memory) return;
    dgm_buffer format, table;
    dgm_buffer_init(&format, &x->mem);
    dgm_buffer_init(&table, &x->mem);
    name_spaces(x);
    make_name(x);
    dgm_status st = x->no_memory ? DGM_NOMEM : put_head(x, &format);
    if (st == DGM_OK) st = put_remarks(x, &format);
    if (st == DGM_OK) st = put_table(x, &table);
    if (st == DGM_OK) {
        x->out_format = dgm_arena_copy(&x->arena, dgm_buffer_slice(&format));
        x->out_table = dgm_arena_copy(&x->arena, dgm_buffer_slice(&table));
    }
    if (st != DGM_OK || !x->out_format.at || !x->out_table.at) x->no_memory = true;
    dgm_buffer_free(&format);
    dgm_buffer_free(&table);
}
