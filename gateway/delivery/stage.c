/* SPDX-License-Identifier: Apache-2.0
 *
 * stage.c - translates a claimed input into OUT/.stage/<id>.part and gives it the name .stage/<id> when every document in it is
 * whole and on disk (definition D, 3 and 5). Until then a crash costs nothing but the work. One thread.
 */
#include "private.h"

#include "codecs/codecs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Larger inputs are fed in pieces; their records tell offsets instead of lines. */
enum { WHOLE_BYTES_MAX = 64 << 20, CHUNK_BYTES = 65536 };

typedef struct staging {
    dgm_delivery *d;
    dgm_claim *c;
    int folder; /* .stage/<id>.part */
    int fd;     /* the document being written */
    char document[NAME_MAX + 1];
    dgm_sink_buffer buffer;
    dgm_slice input; /* the whole, or empty */
    int records;     /* descriptor of .records, or -1 before the first */
    dgm_diags *kept; /* records of an input that may be accepted */
    uint32_t parts;  /* messages that are parts of documents, which wait for others */
    int trouble;     /* errno of what failed outside */
} staging;

static dgm_status trouble(staging *s)
{
    if (!s->trouble) s->trouble = errno ? errno : EIO;
    return DGM_IO;
}

/* ---- documents ---- */

static const char *suffix_of(const dgm_context *c, dgm_slice format)
{
    for (size_t i = 0; i < dgm_context_format_count(c); i++) {
        dgm_format_info f = dgm_context_format(c, i);
        if (!dgm_slice_equal(f.name, format)) continue;
        return dgm_slice_is(f.codec, "edifact") ? ".edi" : dgm_slice_is(f.codec, "xml") ? ".xml" : ".json";
    }
    return ".json";
}

/* decl.edi → 00000001.decl.xml; the number keeps the order of delivery and is taken off with the rename. */
static bool document_name(staging *s, uint32_t number, dgm_slice format)
{
    char stem[NAME_MAX + 1], wanted[NAME_MAX + 32], target[NAME_MAX + 1];
    snprintf(stem, sizeof stem, "%s", s->c->name);
    char *dot = strrchr(stem, '.');
    if (dot && dot > stem) *dot = 0;
    snprintf(wanted, sizeof wanted, "%.*s%s", NAME_MAX - 16, stem, suffix_of(s->d->context, format));
    if (!dgm_folder_name(wanted, number, 16, target)) return false;
    return snprintf(s->document, sizeof s->document, "%08u.%.*s", number, NAME_MAX - 9, target) < (int)sizeof s->document;
}

static dgm_status document_open(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    staging *s = ctx;
    errno = ENAMETOOLONG;
    if (!document_name(s, number, format)) return trouble(s);
    s->fd = openat(s->folder, s->document, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (s->fd < 0) return trouble(s);
    *out = dgm_sink_buffered(&s->buffer, dgm_sink_descriptor(s->fd));
    return DGM_OK;
}

static dgm_status document_close(void *ctx, bool complete)
{
    staging *s = ctx;
    if (s->fd < 0) return DGM_OK;
    dgm_status status = DGM_OK;
    if (complete) {
        dgm_crash_here(DGM_CRASH_TRANSLATING);
        errno = 0;
        if (dgm_sink_flush(&s->buffer) != DGM_OK || s->d->o.world.sync(s->d->o.world.ctx, s->fd) != DGM_OK) status = trouble(s);
    }
    if (close(s->fd) != 0 && complete && status == DGM_OK) status = trouble(s);
    s->fd = -1;
    if (!complete || status != DGM_OK)
        unlinkat(s->folder, s->document, 0);
    else
        s->c->documents++;
    return status;
}

/* ---- records ---- */

static dgm_status records_write(staging *s, const dgm_diags *list)
{
    if (!dgm_diags_count(list)) return DGM_OK;
    if (s->records < 0) s->records = openat(s->c->folder, ".records", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (s->records < 0) return trouble(s);
    dgm_diag_style style = { .form = s->d->o.json ? DGM_DIAG_JSON : DGM_DIAG_TEXT,
                             .input_name = dgm_slice_of(s->c->name),
                             .input = s->input };
    dgm_buffer text;
    dgm_buffer_init(&text, &s->d->o.mem);
    dgm_status status = DGM_OK;
    for (size_t i = 0; i < dgm_diags_count(list) && status == DGM_OK; i++)
        status = dgm_diag_print(dgm_diags_at(list, i), &style, dgm_buffer_sink(&text));
    errno = 0;
    if (status == DGM_OK && dgm_sink_put(dgm_sink_descriptor(s->records), dgm_buffer_slice(&text)) != DGM_OK) status = trouble(s);
    dgm_buffer_free(&text);
    return status;
}

static void report(void *ctx, const dgm_message_report *r)
{
    staging *s = ctx;
    if (r->part == DGM_PART_KEPT || r->part == DGM_PART_AGAIN) s->parts++;
    (void)records_write(s, r->diags); /* a failure stands in s->trouble and is looked at afterwards */
    if (s->d->o.records) s->d->o.records(s->d->o.ctx, dgm_slice_of(s->c->name), s->input, r->diags);
}

static void record_own(staging *s, dgm_diags *list, dgm_diag_code code)
{
    dgm_diag *d = dgm_diags_add(list, code, DGM_ERROR);
    dgm_diag_text(list, d, dgm_slice_of(s->c->name));
    s->c->refused = true;
}

/* ---- the input ---- */

static dgm_status read_whole(staging *s, int fd, size_t bytes, char *into)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t n = read(fd, into + done, bytes - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return trouble(s);
        if (n == 0) break; /* it is shorter than it was: what is there is what we have */
        done += (size_t)n;
        s->input = (dgm_slice){ into, done };
    }
    return DGM_OK;
}

static dgm_status feed_pieces(staging *s, int fd, dgm_job *job)
{
    char chunk[CHUNK_BYTES];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return trouble(s);
        dgm_status status = dgm_job_feed(job, (dgm_slice){ chunk, (size_t)n }, n == 0);
        if (status != DGM_OK || n == 0) return status;
    }
}

static dgm_status run_job(staging *s, int fd, size_t bytes, dgm_diags *about)
{
    dgm_mem mem = s->d->o.mem;
    char *memory = bytes && bytes <= WHOLE_BYTES_MAX ? dgm_mem_new(&mem, bytes) : NULL;
    if (bytes && bytes <= WHOLE_BYTES_MAX && !memory) return DGM_NOMEM;
    dgm_job_options o = s->d->o.job;
    o.outlet = (dgm_outlet){ document_open, document_close, s };
    o.report = report;
    o.report_ctx = s;
    if (o.store.get) {
        dgm_late_store_init(&s->d->late, o.store, &mem);
        o.store = dgm_late_store_use(&s->d->late);
    }
    dgm_job *job = NULL;
    dgm_status status = memory ? read_whole(s, fd, bytes, memory) : DGM_OK;
    if (!bytes) s->input = DGM_LITERAL("");
    if (status == DGM_OK) status = dgm_job_open(s->d->context, &o, about, &job);
    if (status == DGM_OK) status = bytes <= WHOLE_BYTES_MAX ? dgm_job_whole(job, s->input) : feed_pieces(s, fd, job);
    if (job) {
        dgm_job_counts n = dgm_job_count(job);
        s->c->errors = n.errors;
        s->c->warnings = n.warnings;
        s->c->refused = n.refused > 0 || n.errors > 0;
    }
    dgm_job_close(job);
    if (status == DGM_IO && !s->trouble) s->trouble = EIO; /* of the store */
    if (!s->trouble) (void)records_write(s, about);
    s->input = (dgm_slice){ 0 };
    if (memory) dgm_mem_free(&mem, memory, bytes);
    return status;
}

/* Whether the input itself is to blame: everything else is tried again. */
static bool input_refused(dgm_status status)
{
    return status == DGM_UNKNOWN || status == DGM_SYNTAX || status == DGM_LIMIT || status == DGM_INVALID;
}

static dgm_status translate(staging *s)
{
    int fd = openat(s->c->folder, s->c->name, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0) return trouble(s);
    dgm_diags *about = NULL;
    dgm_status status = fstat(fd, &st) == 0 ? dgm_diags_new(&s->d->o.mem, 0, &about) : trouble(s);
    if (status == DGM_OK) {
        status = run_job(s, fd, (size_t)st.st_size, about);
        dgm_diags_clear(about);
        if (!s->trouble && input_refused(status)) {
            s->c->refused = true;
            if (!s->c->errors) s->c->errors = 1;
            status = DGM_OK;
        } else if (status == DGM_OK && s->c->documents == 0 && !s->c->refused && !s->parts) {
            record_own(s, about, DGM_D_GATEWAY_WATCH_EMPTY);
            s->c->errors = 1;
            status = records_write(s, about);
        }
    }
    dgm_diags_free(about);
    close(fd);
    return s->trouble ? DGM_IO : status;
}

/* ---- inputs that end the process ---- */

/* How often translation of this claim was begun and never came back. */
static dgm_status tries_begin(staging *s, bool *enough)
{
    int fd = openat(s->c->folder, ".tries", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    struct stat st;
    if (fd < 0) return trouble(s);
    dgm_status status = fstat(fd, &st) == 0 && write(fd, "x", 1) == 1 ? DGM_OK : trouble(s);
    *enough = status == DGM_OK && st.st_size >= DGM_TRIES_MAX;
    close(fd);
    return status;
}

static dgm_status give_up(staging *s)
{
    dgm_diags *about = NULL;
    dgm_status status = dgm_diags_new(&s->d->o.mem, 0, &about);
    if (status == DGM_OK) {
        record_own(s, about, DGM_D_GATEWAY_WATCH_DEADLY);
        s->c->errors = 1;
        status = records_write(s, about);
    }
    dgm_diags_free(about);
    return status;
}

static dgm_status mark_refused(staging *s)
{
    int fd = openat(s->folder, ".refused", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) return trouble(s);
    close(fd);
    return DGM_OK;
}

/* Documents of the store that are staged with it: they are written when they are delivered, in this run or a later one. */
static dgm_status mark_written(staging *s)
{
    const dgm_late_store *late = &s->d->late;
    if (!late->inner.get || !late->keys.len) return DGM_OK;
    int fd = openat(s->folder, ".store", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) return trouble(s);
    dgm_status status = dgm_sink_put(dgm_sink_descriptor(fd), dgm_buffer_slice(&late->keys));
    if (status == DGM_OK) status = s->d->o.world.sync(s->d->o.world.ctx, fd);
    close(fd);
    return status == DGM_OK ? DGM_OK : trouble(s);
}

static dgm_status commit(staging *s, const char *part)
{
    dgm_delivery *d = s->d;
    dgm_status status = s->c->refused ? mark_refused(s) : DGM_OK;
    errno = 0;
    if (status == DGM_OK) status = mark_written(s);
    if (status == DGM_OK && s->records >= 0) status = d->o.world.sync(d->o.world.ctx, s->records);
    if (status == DGM_OK) status = dgm_folder_sync(d, s->c->folder);
    if (status == DGM_OK) status = dgm_folder_sync(d, s->folder);
    if (status != DGM_OK) return trouble(s);
    dgm_crash_here(DGM_CRASH_TRANSLATED);
    if (renameat(d->stage, part, d->stage, s->c->id) != 0 || dgm_folder_sync(d, d->stage) != DGM_OK) return trouble(s);
    dgm_crash_here(DGM_CRASH_STAGED);
    return DGM_OK;
}

dgm_status dgm_stage_make(dgm_delivery *d, dgm_claim *c)
{
    char part[DGM_ID_MAX + 8];
    snprintf(part, sizeof part, "%s.part", c->id);
    dgm_mem mem = d->o.mem;
    staging *s = dgm_mem_new(&mem, sizeof *s);
    if (!s) return DGM_NOMEM;
    s->d = d;
    s->c = c;
    s->fd = s->records = s->folder = -1;
    bool enough = false;
    dgm_rules_look(d);
    dgm_status status = dgm_folder_remove(d->stage, part) == DGM_OK ? DGM_OK : trouble(s);
    if (status == DGM_OK) s->folder = dgm_folder_open(d->stage, part, true);
    if (status == DGM_OK && s->folder < 0) status = trouble(s);
    if (status == DGM_OK) status = tries_begin(s, &enough);
    if (status == DGM_OK) status = enough ? give_up(s) : translate(s);
    if (status == DGM_OK) status = commit(s, part);
    /* We came back, so the input is not what ends the process. */
    (void)unlinkat(c->folder, ".tries", 0);
    if (s->records >= 0) close(s->records);
    if (s->folder >= 0) close(s->folder);
    if (status != DGM_OK) (void)dgm_folder_remove(d->stage, part);
    errno = s->trouble;
    dgm_mem_free(&mem, s, sizeof *s);
    return status;
}
