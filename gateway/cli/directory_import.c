/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_import.c - `dragoman directory import`: files of an official distribution or an integrator's YAML become one directory
 * file, checked as the reader will check it, put where the reader looks. And the directories that were put there. One thread.
 */
#include "base/slice.h"
#include "directory.h"
#include "codecs/edifact/directory_draft.h"
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 << 20, BOOKS_MAX = 256 };

static bool ends(dgm_slice s, const char *suffix)
{
    size_t n = strlen(suffix);
    return s.len >= n && memcmp(s.at + s.len - n, suffix, n) == 0;
}

static dgm_slice folder_of_books(cli *c)
{
    dgm_slice mappings = cli_mappings(c);
    return dgm_path_join(&c->arena, mappings.len ? mappings : DGM_LITERAL(DGM_MAPPINGS_DIR), DGM_LITERAL("directories"));
}

/* ---- reading ---- */

static cli_exit take_file(cli *c, dgm_edi_draft *d, dgm_slice path)
{
    dgm_slice bytes;
    const char *why = "too large";
    dgm_status st = dgm_file_read(&c->arena, path, FILE_MAX, &bytes, &why);
    if (st != DGM_OK) {
        cli_say(c, DGM_D_GATEWAY_INPUT_OPEN, DGM_ERROR, path, dgm_slice_of(why));
        return CLI_ENVIRONMENT;
    }
    bool yaml = ends(path, ".yaml") || ends(path, ".yml");
    return (yaml ? dgm_edi_draft_take_yaml(d, path, bytes) : dgm_edi_draft_take_text(d, path, bytes)) ? CLI_DONE : CLI_ENVIRONMENT;
}

/* "EDSD.96B" → "D.96B" */
static void name_from_file(cli *c, dgm_edi_draft *d, dgm_slice path)
{
    size_t dot = path.len;
    while (dot && path.at[dot - 1] != '.' && path.at[dot - 1] != '/') dot--;
    dgm_slice suffix = dgm_slice_part(path, dot, path.len);
    if (d->name.len || !dot || path.at[dot - 1] != '.' || suffix.len != 3) return;
    if (suffix.at[0] < '0' || suffix.at[0] > '9' || suffix.at[1] < '0' || suffix.at[1] > '9') return;
    char letter = suffix.at[2] >= 'a' && suffix.at[2] <= 'z' ? (char)(suffix.at[2] - 32) : suffix.at[2];
    if (letter >= 'A' && letter <= 'Z') d->name = dgm_arena_print(&c->arena, "D.%.2s%c", suffix.at, letter);
}

static int by_bytes(const void *a, const void *b)
{
    return dgm_slice_compare(*(const dgm_slice *)a, *(const dgm_slice *)b);
}

/* The regular files of a folder, by name, without those that begin with a dot. */
static cli_exit take_folder(cli *c, dgm_edi_draft *d, dgm_slice path, DIR *folder)
{
    void *files = NULL;
    size_t n = 0, room = 0;
    cli_exit code = CLI_DONE;
    for (struct dirent *e; code == CLI_DONE && (e = readdir(folder)) != NULL;) {
        if (e->d_name[0] == '.') continue;
        dgm_slice file = dgm_path_join(&c->arena, path, dgm_slice_of(e->d_name));
        struct stat s;
        if (file.at && (stat(file.at, &s) != 0 || !S_ISREG(s.st_mode))) continue;
        if (!file.at || dgm_mem_reserve(&c->mem, &files, &room, n + 1, sizeof file) != DGM_OK)
            code = CLI_ENVIRONMENT;
        else
            ((dgm_slice *)files)[n++] = file;
    }
    if (n) qsort(files, n, sizeof(dgm_slice), by_bytes);
    for (size_t i = 0; i < n && code == CLI_DONE; i++) {
        code = take_file(c, d, ((dgm_slice *)files)[i]);
        name_from_file(c, d, ((dgm_slice *)files)[i]);
    }
    if (files) dgm_mem_free(&c->mem, files, room * sizeof(dgm_slice));
    return code;
}

static cli_exit take_input(cli *c, dgm_edi_draft *d, dgm_slice path)
{
    DIR *folder = opendir(path.at);
    if (!folder) {
        cli_exit code = take_file(c, d, path);
        name_from_file(c, d, path);
        return code;
    }
    cli_exit code = take_folder(c, d, path, folder);
    closedir(folder);
    return code;
}

/* ---- writing ---- */

static cli_exit fail(cli *c, dgm_slice path)
{
    cli_say(c, DGM_D_GATEWAY_OUTPUT, DGM_ERROR, path, dgm_slice_of(strerror(errno)));
    return CLI_ENVIRONMENT;
}

/* Under another name first, so that no reader meets half of it. */
static cli_exit put_file(cli *c, dgm_slice path, dgm_slice bytes)
{
    dgm_slice temporary = dgm_arena_print(&c->arena, "%.*s.%ld.tmp", (int)path.len, path.at, (long)getpid());
    if (!temporary.at) return CLI_ENVIRONMENT;
    int fd = open(temporary.at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) return fail(c, path);
    bool good = dgm_sink_put(dgm_sink_descriptor(fd), bytes) == DGM_OK && fsync(fd) == 0;
    good = close(fd) == 0 && good;
    if (good && rename(temporary.at, path.at) == 0) return CLI_DONE;
    int kept = errno;
    unlink(temporary.at);
    errno = kept;
    return fail(c, path);
}

static bool file_name_fits(dgm_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char ch = name.at[i];
        bool plain = (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || strchr(".-_", ch);
        if (!plain) return false;
    }
    return name.len > 0 && name.len < DGM_EDI_NAME_ROOM && name.at[0] != '.';
}

static cli_exit put(cli *c, dgm_edi_draft *d, dgm_slice bytes)
{
    dgm_slice to = c->args.value[OPT_OUTPUT];
    if (dgm_slice_is(to, "-")) {
        cli_put_slice(&c->out, bytes);
        return CLI_DONE;
    }
    if (!to.len) {
        dgm_slice folder = folder_of_books(c);
        if (!folder.at) return CLI_ENVIRONMENT;
        if (mkdir(folder.at, 0777) != 0 && errno != EEXIST) return fail(c, folder);
        dgm_slice name = dgm_arena_print(&c->arena, "%.*s.directory", (int)d->name.len, d->name.at);
        to = name.at ? dgm_path_join(&c->arena, folder, name) : name;
        if (!to.at) return CLI_ENVIRONMENT;
    }
    cli_exit code = put_file(c, to, bytes);
    if (code != CLI_DONE || c->quiet) return code;
    if (c->json) {
        cli_print(&c->out, "{\"directory\":\"%.*s\"", (int)d->name.len, d->name.at);
        cli_put_member(&c->out, "file", to);
        for (int t = 0; t < DGM_EDI_TABLES; t++)
            if (t != DGM_EDI_NAMES) cli_print(&c->out, ",\"%ss\":%zu", dir_kind_name((dgm_edi_table)t), d->counts[t]);
        cli_put(&c->out, "}\n");
        return code;
    }
    cli_print(&c->out, "%.*s: %zu messages, %zu segments, %zu composites, %zu elements, %zu codes\n", (int)d->name.len, d->name.at,
              d->counts[DGM_EDI_MESSAGES], d->counts[DGM_EDI_SEGMENTS], d->counts[DGM_EDI_COMPOSITES], d->counts[DGM_EDI_ELEMENTS],
              d->counts[DGM_EDI_CODES]);
    cli_print(&c->out, "%swritten to%s %.*s\n", cli_ink_of(&c->out, INK_DIM), cli_ink_of(&c->out, INK_OFF), (int)to.len, to.at);
    return code;
}

static cli_exit finish(cli *c, dgm_edi_draft *d)
{
    dgm_buffer out;
    dgm_buffer_init(&out, &c->mem);
    cli_exit code = CLI_DONE;
    dgm_status st = dgm_edi_draft_finish(d, &out);
    if (st == DGM_NOMEM) code = CLI_ENVIRONMENT;
    if (st == DGM_CONFIG || dgm_diags_errors(c->diags)) code = CLI_REFUSED;
    cli_print_own(c);
    if (code == CLI_DONE) code = put(c, d, dgm_buffer_slice(&out));
    dgm_buffer_free(&out);
    return code;
}

cli_exit dir_import(cli *c, const dgm_slice *words, size_t count)
{
    dgm_edi_draft d = {
        .mem = &c->mem,
        .arena = &c->arena,
        .diags = c->diags,
        .name = c->args.value[OPT_NAME],
        .base = c->args.value[OPT_BASE],
        .agency = c->args.value[OPT_AGENCY],
    };
    if (count == 0) return cli_usage(c, "directory import needs a file, or a folder of them");
    dgm_edi_directory base;
    if (d.base.len && !dgm_edi_directory_open(d.base, &base)) {
        dgm_slice known = dgm_edi_directories_text();
        return cli_usage(c, "--base %.*s is not known; known are %.*s", (int)d.base.len, d.base.at, (int)known.len, known.at);
    }
    cli_exit code = CLI_DONE;
    for (size_t i = 0; i < count && code == CLI_DONE; i++) code = take_input(c, &d, words[i]);
    if (code == CLI_DONE && dgm_diags_errors(c->diags) == 0 && !file_name_fits(d.name))
        code = cli_usage(c,
                         d.name.len ? "'%.*s' cannot be the name of a directory: letters, digits, . - _, at most 23"
                                    : "the files do not say which directory they are%.*s; give --name, such as D.25A",
                         (int)d.name.len, d.name.len ? d.name.at : "");
    if (code == CLI_DONE)
        code = finish(c, &d);
    else
        cli_print_own(c);
    dgm_edi_draft_free(&d);
    return code;
}

/* ---- what was added ---- */

cli_exit dir_added(dir *d)
{
    cli *c = d->c;
    dgm_names names;
    const char *why;
    dgm_slice folder = folder_of_books(c);
    if (!folder.at) return CLI_ENVIRONMENT;
    dgm_status st = dgm_folder_list(&c->arena, folder, ".directory", &names, &why);
    if (st != DGM_OK || names.count == 0) return st == DGM_NOMEM ? CLI_ENVIRONMENT : CLI_DONE;
    size_t n = names.count < BOOKS_MAX ? names.count : BOOKS_MAX;
    d->added = DGM_NEW(&c->arena, dgm_edi_directory, n);
    d->books = DGM_NEW(&c->arena, dgm_edi_book *, n);
    if (!d->added || !d->books) return CLI_ENVIRONMENT;
    for (size_t i = 0; i < n; i++) {
        dgm_slice bytes, path = dgm_path_join(&c->arena, folder, names.at[i]);
        if (!path.at || dgm_file_read(&c->arena, path, FILE_MAX, &bytes, &why) != DGM_OK) continue;
        dgm_edi_book *book = NULL;
        if (dgm_edi_book_load(&c->mem, path, bytes, c->diags, &book) != DGM_OK) continue;
        d->books[d->added_count] = book;
        d->added[d->added_count++] = dgm_edi_book_directory(book);
    }
    bool wrong = dgm_diags_errors(c->diags) > 0;
    cli_print_own(c);
    return wrong ? CLI_ENVIRONMENT : CLI_DONE;
}

void dir_forget(dir *d)
{
    for (size_t i = 0; i < d->added_count; i++) dgm_edi_book_free(d->books[i]);
    d->added_count = 0;
}
