/* SPDX-License-Identifier: Apache-2.0
 *
 * format_import.c - `format import SCHEMA.xsd...`: the two files of an XML format, made of XML Schemas. One thread.
 */
#include "format.h"

#include "map.h"

#include <stdio.h>
#include <sys/stat.h>

/* The folders of --schemas, a colon between them. */
static size_t folders_of(cli *c, dgm_slice **out)
{
    dgm_slice text = c->args.value[OPT_SCHEMAS];
    size_t n = 0;
    *out = DGM_NEW(&c->arena, dgm_slice, text.len + 1);
    for (dgm_cut cut = { .tail = text, .found = *out && text.len }; cut.found;) {
        cut = dgm_slice_cut(cut.tail, ':');
        if (cut.head.len) (*out)[n++] = cut.head;
    }
    return n;
}

static bool yaml_name(dgm_slice path)
{
    return path.len > 5 && dgm_slice_is(dgm_slice_part(path, path.len - 5, path.len), ".yaml");
}

static bool name_fits(dgm_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char ch = name.at[i];
        bool plain = (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || strchr(".-_", ch);
        if (!plain) return false;
    }
    return name.len > 0 && name.at[0] != '.' && name.at[0] != '-';
}

static void tell(cli *c, const dgm_imported *m, dgm_slice path)
{
    cli_stream *s = &c->out;
    size_t remarks = dgm_imported_remark_count(m), rows = dgm_imported_row_count(m);
    if (c->json) {
        for (size_t i = 0; i < remarks; i++) {
            cli_put(s, "{\"path\":");
            cli_put_json(s, dgm_imported_remark_at(m, i)->path);
            cli_put(s, ",\"remark\":");
            cli_put_json(s, dgm_imported_remark_at(m, i)->text);
            cli_put(s, "}\n");
        }
        cli_put(s, "{\"format\":");
        cli_put_json(s, dgm_imported_name(m));
        cli_put(s, ",\"file\":");
        cli_put_json(s, path);
        cli_print(s, ",\"rows\":%zu,\"remarks\":%zu}\n", rows, remarks);
    } else if (!c->quiet) {
        cli_print(s, "%s✓%s ", cli_ink_of(s, INK_GOOD), cli_ink_of(s, INK_OFF));
        cli_put_visible(s, path, SIZE_MAX);
        cli_print(s, ": %zu element%s", rows, rows == 1 ? "" : "s and attributes");
        if (remarks)
            cli_print(s, "; %zu remark%s at its end: what the schema says, and a format cannot", remarks, remarks == 1 ? "" : "s");
        cli_put(s, "\n");
    }
}

/* Is there nothing yet, or what this command made once? Whatever else stands there is not replaced. */
static bool replaceable(cli *c, dgm_slice path)
{
    char line[160] = "";
    struct stat is;
    if (stat(path.at, &is) != 0) return true; /* writing says what is wrong, if anything is */
    FILE *f = S_ISREG(is.st_mode) ? fopen(path.at, "rb") : NULL;
    bool made = f && fgets(line, sizeof line, f) && line[0] == '#' && strcasestr(line, "made by dragoman format import");
    if (f) fclose(f);
    if (!made) cli_say(c, DGM_D_GATEWAY_IMPORT_OTHER, DGM_ERROR, path, (dgm_slice){ 0 });
    return made;
}

/* NAME.yaml and the table beside it. */
static cli_exit write_files(cli *c, const dgm_imported *m, dgm_slice path)
{
    dgm_slice name = dgm_imported_name(m);
    if (!path.len) path = dgm_arena_print(&c->arena, "%.*s.yaml", (int)name.len, name.at);
    size_t folder = path.len - dgm_slice_file_name(path).len;
    dgm_slice table = dgm_arena_print(&c->arena, "%.*s%.*s.tsv", (int)folder, path.at ? path.at : "", (int)name.len, name.at);
    if (!path.at || !table.at) return CLI_ENVIRONMENT;
    if (!replaceable(c, path) || !replaceable(c, table)) return CLI_REFUSED;
    if (!map_replace(c, table, dgm_imported_table(m)) || !map_replace(c, path, dgm_imported_format(m))) return CLI_ENVIRONMENT;
    tell(c, m, path);
    return CLI_DONE;
}

cli_exit cli_format_import(cli *c, const dgm_slice *schemas, size_t n)
{
    dgm_slice output = c->args.value[OPT_OUTPUT], name = c->args.value[OPT_NAME], file = dgm_slice_file_name(output);
    uint64_t rows = 0, depth = 0;
    if (output.len && !yaml_name(output)) return cli_usage(c, "format import writes --output FILE.yaml, and a table beside it");
    if (c->args.given[OPT_ROWS] && (!cli_number(c->args.value[OPT_ROWS], 1000000, &rows) || !rows))
        return cli_usage(c, "--rows takes a number from 1 to 1000000");
    if (c->args.given[OPT_DEPTH] && (!cli_number(c->args.value[OPT_DEPTH], DGM_DEPTH_MAX - 2, &depth) || !depth))
        return cli_usage(c, "--depth takes a number from 1 to %d", DGM_DEPTH_MAX - 2);
    if (!name.len && output.len) name = dgm_slice_part(file, 0, file.len - 5);
    if (name.len && !name_fits(name)) return cli_usage(c, "a format's name has letters, digits, '-', '_' and '.'");
    dgm_slice *folders;
    dgm_format_import_wish wish = { .schemas = schemas,
                                    .schema_count = n,
                                    .root = c->args.value[OPT_ROOT],
                                    .payload = c->args.value[OPT_PAYLOAD],
                                    .name = name,
                                    .rows_max = (uint32_t)rows,
                                    .depth_max = (uint32_t)depth };
    wish.folder_count = folders_of(c, &folders);
    wish.folders = folders;
    dgm_imported *m = NULL;
    dgm_diags_clear(c->diags);
    dgm_status s = folders ? dgm_format_import(&c->mem, &wish, c->diags, &m) : DGM_NOMEM;
    cli_print_own(c);
    cli_exit code = s == DGM_OK ? write_files(c, m, output) : s == DGM_CONFIG ? CLI_REFUSED : cli_exit_of(s);
    dgm_imported_free(m);
    return code;
}
