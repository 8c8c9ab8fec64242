/* SPDX-License-Identifier: Apache-2.0
 *
 * output.c - where translated documents go: standard output, one file, or a folder with a file for each document. A file is written
 * under a temporary name in the folder where it belongs, synced, and renamed only when it is whole. One thread; the name of the
 * temporary file is known to the signal handlers, which is the one global.
 */
#include "cli.h"

#include "codecs/foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum where { TO_STDOUT, TO_STREAM, TO_FILE, TO_FOLDER } where;

/* A name that was given, or what several begin with: their hash, and the number to go on with. */
typedef struct taken {
    uint64_t hash;
    uint64_t next;
} taken;

struct cli_output {
    cli *c;
    where where;
    dgm_slice target; /* file, or folder without the slash behind it */
    dgm_slice input_name;
    dgm_slice name; /* of the document being written, for messages */
    char temporary[PATH_MAX], final[PATH_MAX];
    int fd;
    off_t begun_at; /* where the document being written begins in the file */
    uint64_t documents, in_file, of_input;
    const char *extension;
    bool single;
    cli_stream stream;
    struct taken *taken; /* names given in this run: a table with open addresses, its room a power of two */
    size_t taken_count, taken_room;
    cli_exit failed;
};

/* Read by the handlers only; set before the file is there and cleared after it has its name. */
static char temporary_now[PATH_MAX];

static void on_signal(int number)
{
    if (temporary_now[0]) unlink(temporary_now);
    if (number == SIGBUS) {
        /* The mapped input became shorter under us. */
        static const char text[] = "dragoman: error: the input was cut short while it was read\n";
        if (write(STDERR_FILENO, text, sizeof text - 1) < 0) _exit(CLI_ENVIRONMENT); /* nobody is left to tell */
        _exit(CLI_ENVIRONMENT);
    }
    signal(number, SIG_DFL);
    raise(number);
}

void cli_signals(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGBUS };
    struct sigaction a = { .sa_handler = on_signal };
    sigemptyset(&a.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &a, NULL);
}

static cli_exit fail(cli_output *o, const char *why)
{
    cli_say(o->c, DGM_D_GATEWAY_OUTPUT, DGM_ERROR, o->name.len ? o->name : o->target, dgm_slice_of(why));
    return o->failed = CLI_ENVIRONMENT;
}

cli_exit cli_output_open(cli *c, cli_output **out)
{
    cli_output *o = DGM_NEW(&c->arena, cli_output, 1);
    *out = o;
    if (!o) return CLI_ENVIRONMENT;
    o->c = c;
    o->fd = -1;
    o->target = c->args.value[OPT_OUTPUT];
    if (o->target.len == 0 || dgm_slice_is(o->target, "-")) {
        o->target = DGM_LITERAL("standard output");
        return CLI_DONE;
    }
    struct stat s;
    bool there = stat(o->target.at, &s) == 0;
    bool folder = there ? S_ISDIR(s.st_mode) : o->target.at[o->target.len - 1] == '/';
    o->where = folder ? TO_FOLDER : there && !S_ISREG(s.st_mode) ? TO_STREAM : TO_FILE;
    if (folder) {
        while (o->target.len > 1 && o->target.at[o->target.len - 1] == '/') o->target.len--;
        if (!there && mkdir(dgm_arena_copy(&c->arena, o->target).at, 0777) != 0) return fail(o, strerror(errno));
        o->taken_room = 64;
        o->taken = calloc(o->taken_room, sizeof *o->taken);
        if (!o->taken) return fail(o, "out of memory");
    }
    return CLI_DONE;
}

/* ---- the file being written ---- */

static cli_exit temporary_open(cli_output *o, const char *final)
{
    const char *slash = strrchr(final, '/');
    int folder = slash ? (int)(slash - final) + 1 : 0;
    if (o->where == TO_STREAM) {
        o->temporary[0] = 0;
        o->fd = open(final, O_WRONLY | O_CLOEXEC);
    } else {
        int n = snprintf(o->temporary, sizeof o->temporary, "%.*s.%s.XXXXXX", folder, final, final + folder);
        if (n < 0 || (size_t)n >= sizeof o->temporary) return fail(o, strerror(ENAMETOOLONG));
        o->fd = mkostemp(o->temporary, O_CLOEXEC);
        memcpy(temporary_now, o->temporary, sizeof temporary_now);
    }
    if (o->fd < 0) {
        int why = errno;
        temporary_now[0] = 0;
        return fail(o, strerror(why));
    }
    cli_stream_open(&o->stream, o->fd, DGM_LITERAL("never"));
    o->begun_at = 0;
    o->in_file = 0;
    return CLI_DONE;
}

static void temporary_drop(cli_output *o)
{
    if (o->fd >= 0) close(o->fd);
    o->fd = -1;
    if (o->temporary[0]) unlink(o->temporary);
    o->temporary[0] = temporary_now[0] = 0;
}

/* Durable before it has its name, and the name durable before success is told. */
static cli_exit temporary_keep(cli_output *o)
{
    dgm_world w = dgm_world_default();
    (void)cli_stream_flush(&o->stream);
    if (o->stream.error) {
        int why = o->stream.error;
        temporary_drop(o);
        return fail(o, strerror(why));
    }
    if (o->where == TO_STREAM) {
        close(o->fd);
        o->fd = -1;
        return CLI_DONE;
    }
    mode_t mask = umask(0);
    umask(mask);
    bool good = fchmod(o->fd, 0666 & ~mask) == 0 && w.sync(w.ctx, o->fd) == DGM_OK && rename(o->temporary, o->final) == 0;
    int why = errno;
    if (!good) {
        temporary_drop(o);
        return fail(o, strerror(why));
    }
    o->temporary[0] = temporary_now[0] = 0;
    close(o->fd);
    o->fd = -1;
    char *slash = strrchr(o->final, '/');
    if (slash) *slash = 0;
    int folder = open(slash ? (*o->final ? o->final : "/") : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (slash) *slash = '/';
    if (folder >= 0) {
        (void)w.sync(w.ctx, folder); /* some file systems cannot sync a folder; the file itself is safe */
        close(folder);
    }
    return CLI_DONE;
}

/* ---- names in a folder ---- */

/* Two names of one hash would only give one of them a higher number. */
static uint64_t hash_of(const char *text)
{
    uint64_t h = 0xCBF29CE484222325u;
    for (; *text; text++) h = (h ^ (unsigned char)*text) * 0x100000001B3u;
    h ^= h >> 29;
    h *= 0xBF58476D1CE4E5B9u;
    return (h ^ h >> 32) | 1; /* never 0, which is a free place */
}

static taken *find_taken(const cli_output *o, uint64_t hash)
{
    size_t i = (size_t)hash & (o->taken_room - 1);
    while (o->taken[i].hash && o->taken[i].hash != hash) i = (i + 1) & (o->taken_room - 1);
    return &o->taken[i];
}

static taken *take(cli_output *o, uint64_t hash)
{
    if (2 * (o->taken_count + 1) > o->taken_room) {
        cli_output old = *o;
        o->taken_room *= 2;
        o->taken = calloc(o->taken_room, sizeof *o->taken);
        if (!o->taken) {
            o->taken = old.taken;
            o->taken_room = old.taken_room;
            return NULL;
        }
        for (size_t i = 0; i < old.taken_room; i++)
            if (old.taken[i].hash) *find_taken(o, old.taken[i].hash) = old.taken[i];
        free(old.taken);
    }
    taken *t = find_taken(o, hash);
    o->taken_count += !t->hash;
    t->hash = hash;
    return t;
}

/* input.edi → input.xml, its second document input-2.xml; a name this run gave already counts on. */
static bool name_in_folder(cli_output *o)
{
    dgm_slice base = dgm_slice_file_name(o->input_name);
    if (base.len && base.at[0] == '<') base = DGM_LITERAL("stdin");
    for (size_t i = base.len; i-- > 1;)
        if (base.at[i] == '.') {
            base.len = i;
            break;
        }
    char name[NAME_MAX + 1];
    int stem = snprintf(name, sizeof name, "/%.*s%s", (int)base.len, base.at, o->extension);
    if (stem < 0 || (size_t)stem >= sizeof name) return false;
    taken *all = take(o, hash_of(name));
    if (!all) return false;
    for (uint64_t n = o->of_input;; n = n < all->next ? all->next : n + 1) {
        int len = n <= 1 ? snprintf(name, sizeof name, "%.*s%s", (int)base.len, base.at, o->extension)
                         : snprintf(name, sizeof name, "%.*s-%llu%s", (int)base.len, base.at, (unsigned long long)n, o->extension);
        if (len < 0 || (size_t)len >= sizeof name) return false;
        if (find_taken(o, hash_of(name))->hash) continue;
        if (n >= all->next) all->next = n + 1;
        break;
    }
    if (!take(o, hash_of(name))) return false;
    int len = snprintf(o->final, sizeof o->final, "%.*s/%s", (int)o->target.len, o->target.at, name);
    return len > 0 && (size_t)len < sizeof o->final;
}

/* ---- the outlet ---- */

/* By a format's name, or a codec's. */
static void format_known(cli_output *o, dgm_slice format)
{
    dgm_slice codec = format;
    for (size_t i = 0; o->c->context && i < dgm_context_format_count(o->c->context); i++) {
        dgm_format_info f = dgm_context_format(o->c->context, i);
        if (dgm_slice_equal(f.name, format)) codec = f.codec;
    }
    o->extension = dgm_slice_is(codec, "edifact") ? ".edi" : dgm_slice_is(codec, "xml") ? ".xml" : ".json";
    o->single = true;
    const dgm_codec *const *codecs = dgm_codec_set_list(o->c->codecs);
    int k = dgm_codec_list_find(codecs, codec);
    if (k >= 0) o->single = codecs[k]->single;
}

static dgm_status outlet_open(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    cli_output *o = ctx;
    o->of_input = number;
    format_known(o, format);
    if (o->where == TO_STDOUT) {
        *out = cli_stream_sink(&o->c->out);
        return o->c->out.error ? DGM_IO : DGM_OK;
    }
    if (o->where == TO_FOLDER) {
        if (!name_in_folder(o)) {
            fail(o, strerror(ENAMETOOLONG));
            return DGM_IO;
        }
    } else if (o->fd < 0) {
        snprintf(o->final, sizeof o->final, "%.*s", (int)o->target.len, o->target.at);
    } else if (o->single && o->in_file > 0) {
        cli_say(o->c, DGM_D_GATEWAY_OUTPUT_SECOND, DGM_ERROR, o->target, (dgm_slice){ 0 });
        o->failed = CLI_USAGE;
        return DGM_IO;
    }
    o->name = dgm_slice_of(o->final);
    if (o->fd < 0 && temporary_open(o, o->final) != CLI_DONE) return DGM_IO;
    (void)cli_stream_flush(&o->stream);
    o->begun_at = lseek(o->fd, 0, SEEK_CUR);
    *out = cli_stream_sink(&o->stream);
    return DGM_OK;
}

static dgm_status outlet_close(void *ctx, bool complete)
{
    cli_output *o = ctx;
    o->documents += complete;
    if (o->where == TO_STDOUT) return o->c->out.error ? DGM_IO : DGM_OK;
    if (o->where == TO_FOLDER) {
        if (complete) return temporary_keep(o) == CLI_DONE ? DGM_OK : DGM_IO;
        temporary_drop(o);
        return DGM_OK;
    }
    o->in_file += complete;
    (void)cli_stream_flush(&o->stream);
    if (o->stream.error) {
        fail(o, strerror(o->stream.error));
        return DGM_IO;
    }
    if (!complete && o->where == TO_FILE && (ftruncate(o->fd, o->begun_at) != 0 || lseek(o->fd, o->begun_at, SEEK_SET) < 0)) {
        fail(o, strerror(errno));
        return DGM_IO;
    }
    return DGM_OK;
}

void cli_output_of(cli_output *o, dgm_slice input_name)
{
    o->input_name = input_name;
}

dgm_outlet cli_output_outlet(cli_output *o)
{
    return (dgm_outlet){ outlet_open, outlet_close, o };
}

cli_exit cli_output_finish(cli_output *o, bool keep)
{
    cli_exit code = o->failed;
    if (o->fd >= 0 && keep && code == CLI_DONE && o->in_file > 0)
        code = temporary_keep(o);
    else if (o->fd >= 0)
        temporary_drop(o);
    free(o->taken);
    o->taken = NULL;
    return code;
}

bool cli_output_failed(const cli_output *o)
{
    return o->failed != CLI_DONE;
}
