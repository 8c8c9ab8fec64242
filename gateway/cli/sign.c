/* SPDX-License-Identifier: Apache-2.0
 *
 * sign.c - the commands sign and verify: an XML document gets a signature, and whose it has and whether it is genuine is told; and
 * the same as steps of commands that translate (--verify-trust, --sign-key). One thread.
 */
#include "cli.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    SIGNATURES_MAX = 8,
    CHUNK_BYTES = 65536,
    PASSPHRASE_BYTES = 1024,
    PASSPHRASE_ROOM = PASSPHRASE_BYTES + 3,
    PEM_BYTES = 16 << 20
};

/* ---- what is given ---- */

/* A whole input, whatever it is: mapped, or read up to one byte more than is allowed. */
static cli_exit whole(cli *c, dgm_slice name, uint64_t most, cli_input *in, dgm_buffer *room)
{
    int why = cli_input_open(name, in);
    room->len = 0;
    while (!why && !in->whole) {
        if (dgm_buffer_reserve(room, CHUNK_BYTES) != DGM_OK) return CLI_ENVIRONMENT;
        ssize_t n = read(in->fd, room->at + room->len, CHUNK_BYTES);
        if (n < 0 && errno == EINTR) continue;
        why = n < 0 ? errno : 0;
        room->len += n > 0 ? (size_t)n : 0;
        if (n == 0 || room->len > most) break;
    }
    if (!why) {
        if (!in->whole) in->mapped = (dgm_slice){ room->at ? room->at : "", room->len };
        return CLI_DONE;
    }
    cli_say(c, DGM_D_GATEWAY_INPUT_OPEN, DGM_ERROR, name, dgm_slice_of(strerror(why)));
    cli_input_close(in);
    return CLI_ENVIRONMENT;
}

/* What was read is the buffer's, not a mapping. */
static void forget(cli_input *in)
{
    if (!in->whole) in->mapped = (dgm_slice){ 0 };
    cli_input_close(in);
}

static uint64_t document_most(const dgm_limits *l)
{
    return l->document_bytes_max ? l->document_bytes_max : 16u << 20;
}

void cli_wipe(dgm_slice *secret)
{
    if (secret->len) OPENSSL_cleanse((void *)(uintptr_t)secret->at, secret->len);
    *secret = (dgm_slice){ 0 };
}

/* The first line of a file, or of a descriptor (fd:3): never a word of the command line, which everybody can see. */
cli_exit cli_passphrase(cli *c, dgm_slice *out)
{
    const dgm_slice from = c->args.value[OPT_PASSPHRASE];
    *out = (dgm_slice){ 0 };
    if (!from.len) return CLI_DONE;
    cli_input in = { .fd = -1 };
    uint64_t number = 0;
    bool descriptor = from.len > 3 && memcmp(from.at, "fd:", 3) == 0;
    if (descriptor && !cli_number(dgm_slice_part(from, 3, from.len), 1023, &number))
        return cli_usage(c, "--passphrase-from is a file, or fd: and the number of a descriptor; '%s' is neither", from.at);
    int why = descriptor ? 0 : cli_input_open(from, &in);
    int fd = descriptor ? (int)number : in.fd;
    char *room = DGM_NEW(&c->arena, char, PASSPHRASE_ROOM);
    size_t len = 0;
    ssize_t n = 1;
    while (room && !why && n > 0 && len < PASSPHRASE_ROOM && !memchr(room, '\n', len)) {
        n = read(fd, room + len, PASSPHRASE_ROOM - len);
        if (n < 0 && errno != EINTR) why = errno;
        if (n < 0)
            n = why ? 0 : 1;
        else
            len += (size_t)n;
    }
    cli_input_close(&in);
    if (why) {
        cli_say(c, DGM_D_GATEWAY_INPUT_OPEN, DGM_ERROR, from, dgm_slice_of(strerror(why)));
        return CLI_ENVIRONMENT;
    }
    if (!room) return CLI_ENVIRONMENT;
    *out = dgm_slice_cut((dgm_slice){ room, len }, '\n').head;
    if (out->len && out->at[out->len - 1] == '\r') out->len--;
    if (out->len <= PASSPHRASE_BYTES) return CLI_DONE;
    *out = (dgm_slice){ room, len };
    cli_wipe(out);
    return cli_usage(c, "the passphrase in '%s' is longer than %d bytes", from.at, PASSPHRASE_BYTES);
}

static cli_exit pem_file(cli *c, dgm_slice name, dgm_slice *out)
{
    cli_input in;
    dgm_buffer room;
    dgm_buffer_init(&room, &c->mem);
    cli_exit code = whole(c, name, PEM_BYTES, &in, &room);
    if (code == CLI_DONE) {
        *out = dgm_arena_copy(&c->arena, in.mapped);
        forget(&in);
        if (!out->at) code = CLI_ENVIRONMENT;
    }
    dgm_buffer_free(&room);
    return code;
}

static cli_exit told(cli *c, dgm_slice about, dgm_status st)
{
    for (size_t i = 0; i < dgm_diags_count(c->diags); i++) dgm_diag_source(c->diags, dgm_diags_edit(c->diags, i), about);
    cli_print_own(c);
    return st == DGM_OK ? CLI_DONE : CLI_ENVIRONMENT;
}

static cli_exit trust_of(cli *c, dgm_slice file, dgm_trust **out)
{
    dgm_slice pem;
    *out = NULL;
    if (!file.len) return CLI_DONE;
    cli_exit code = pem_file(c, file, &pem);
    return code == CLI_DONE ? told(c, file, dgm_trust_new(&c->mem, pem, c->diags, out)) : code;
}

static cli_exit signer_of(cli *c, dgm_slice key, dgm_slice certificates, dgm_slice words, dgm_signer **out)
{
    dgm_signer_options o = { .struct_bytes = sizeof o, .mem = c->mem, .xades = c->args.given[OPT_XADES], .passphrase = words };
    *out = NULL;
    cli_exit code = cli_limits(c, &o.limits) ? CLI_DONE : CLI_USAGE;
    if (code == CLI_DONE) code = pem_file(c, key, &o.key);
    if (code == CLI_DONE) code = pem_file(c, certificates, &o.certificates);
    if (code == CLI_DONE) code = told(c, key, dgm_signer_new(&o, c->diags, out));
    cli_wipe(&o.key); /* it is in the signer now */
    return code;
}

static cli_exit verify_options(cli *c, dgm_verify_options *o)
{
    dgm_slice at = c->args.value[OPT_AT];
    *o = (dgm_verify_options){ .struct_bytes = sizeof *o,
                               .mem = c->mem,
                               .allow_sha1 = dgm_slice_is(c->args.value[OPT_ALLOW], "sha1") };
    if (!cli_limits(c, &o->limits)) return CLI_USAGE;
    if (!at.len) return CLI_DONE;
    struct tm t = { 0 };
    const char *end = strptime(at.at, "%Y-%m-%dT%H:%M:%SZ", &t);
    if (!end) {
        t = (struct tm){ 0 };
        end = strptime(at.at, "%Y-%m-%d", &t);
    }
    int day = t.tm_mday;
    time_t when = timegm(&t); /* which makes 3 March of 31 February */
    if (!end || *end || t.tm_mday != day)
        return cli_usage(c, "--at takes a time in UTC such as 2026-11-22 or 2026-11-22T15:04:00Z; '%s' is none", at.at);
    o->at_ms = (int64_t)when * 1000;
    if (o->at_ms == 0) o->at_ms = 1;
    return CLI_DONE;
}

/* ---- steps of other commands ---- */

cli_exit cli_signing_open(cli *c, dgm_job_options *job, cli_signing *s)
{
    *s = (cli_signing){ 0 };
    dgm_slice key = c->args.value[OPT_SIGN_KEY], certificates = c->args.value[OPT_SIGN_CERT];
    if (!key.len != !certificates.len) return cli_usage(c, "--sign-key and --sign-cert go together");
    cli_exit code = verify_options(c, &s->options);
    if (code == CLI_DONE) code = trust_of(c, c->args.value[OPT_VERIFY_TRUST], &s->trust);
    if (code == CLI_DONE) code = cli_passphrase(c, &s->passphrase);
    if (code == CLI_DONE && key.len) code = signer_of(c, key, certificates, s->passphrase, &s->signer);
    s->options.trust = s->trust;
    job->passphrase = s->passphrase; /* of keys that profiles of partners name */
    job->verify = s->trust ? &s->options : NULL;
    job->signer = s->signer;
    if (code != CLI_DONE) cli_signing_close(s);
    return code;
}

void cli_signing_close(cli_signing *s)
{
    dgm_trust_free(s->trust);
    dgm_signer_free(s->signer);
    cli_wipe(&s->passphrase);
    *s = (cli_signing){ 0 };
}

/* ---- verify ---- */

typedef struct verifying {
    cli *c;
    dgm_verify_options options;
    dgm_signature all[SIGNATURES_MAX];
    size_t count;
} verifying;

static void keep(void *ctx, const dgm_signature *s)
{
    verifying *v = ctx;
    if (v->count == SIGNATURES_MAX) return;
    dgm_signature *to = &v->all[v->count++];
    *to = *s;
    dgm_slice *texts[] = { &to->covers, &to->subject, &to->issuer, &to->serial,    &to->valid_from, &to->valid_until,
                           &to->anchor, &to->when,    &to->method, &to->canonical, &to->digest };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = dgm_arena_copy(&v->c->arena, *texts[i]);
}

static void row(cli_stream *s, const char *name, dgm_slice first, const char *between, dgm_slice second, const char *behind)
{
    if (!first.len) return;
    cli_print(s, "    %s%-12s%s ", cli_ink_of(s, INK_DIM), name, cli_ink_of(s, INK_OFF));
    cli_put_visible(s, first, SIZE_MAX);
    if (second.len) {
        cli_put(s, between);
        cli_put_visible(s, second, SIZE_MAX);
    }
    cli_print(s, "%s\n", behind);
}

static void show(cli_stream *s, const dgm_signature *g)
{
    row(s, "signed by", g->subject, "", (dgm_slice){ 0 }, "");
    row(s, "certificate", g->serial, " of ", g->issuer, "");
    row(s, "valid", g->valid_from, " to ", g->valid_until, "");
    row(s, "vouched by", g->anchor.len ? g->anchor : DGM_LITERAL("nobody who is trusted"), "", (dgm_slice){ 0 }, "");
    row(s, "covers", g->covers.len ? g->covers : DGM_LITERAL("nothing"), "", (dgm_slice){ 0 },
        g->whole ? " (the whole document)" : " (a part)");
    row(s, "time", g->when, "", (dgm_slice){ 0 }, " (the signer says)");
    row(s, "algorithms", g->method, ", ", g->digest, "");
    row(s, "canonical", g->canonical, "", (dgm_slice){ 0 }, "");
    row(s, "content", g->intact ? DGM_LITERAL("as it was signed") : DGM_LITERAL("not shown to be as it was signed"), "",
        (dgm_slice){ 0 }, "");
}

static void member(cli_stream *s, const char *name, dgm_slice text)
{
    if (text.len) cli_put_member(s, name, text);
}

static void show_json(cli_stream *s, const dgm_signature *g)
{
    cli_print(s, "{\"genuine\":%s,\"intact\":%s,\"whole\":%s,\"references\":%u,\"at\":%llu,\"bytes\":%llu",
              g->genuine ? "true" : "false", g->intact ? "true" : "false", g->whole ? "true" : "false", g->references,
              (unsigned long long)g->at_byte, (unsigned long long)g->bytes);
    member(s, "covers", g->covers);
    member(s, "subject", g->subject);
    member(s, "issuer", g->issuer);
    member(s, "serial", g->serial);
    member(s, "validFrom", g->valid_from);
    member(s, "validUntil", g->valid_until);
    member(s, "anchor", g->anchor);
    member(s, "signingTime", g->when);
    member(s, "method", g->method);
    member(s, "digest", g->digest);
    member(s, "canonical", g->canonical);
    cli_put(s, "}");
}

static void verdict(const verifying *v, dgm_slice name, bool genuine)
{
    cli *c = v->c;
    cli_stream *s = &c->out;
    if (c->json) {
        cli_put(s, "{\"input\":");
        cli_put_json(s, name);
        cli_print(s, ",\"genuine\":%s,\"signatures\":[", genuine ? "true" : "false");
        for (size_t i = 0; i < v->count; i++) {
            if (i) cli_put(s, ",");
            show_json(s, &v->all[i]);
        }
        cli_put(s, "]}\n");
        return;
    }
    if (c->quiet && genuine) return;
    cli_print(s, "%s%s%s ", cli_ink_of(s, genuine ? INK_GOOD : INK_BAD), genuine ? "✓" : "✗", cli_ink_of(s, INK_OFF));
    cli_put_visible(s, name, SIZE_MAX);
    cli_print(s, ": %s\n", genuine ? "genuine" : "not genuine");
    for (size_t i = 0; i < v->count; i++) show(s, &v->all[i]);
}

static cli_exit verify_one(verifying *v, dgm_slice name, dgm_buffer *room)
{
    cli *c = v->c;
    cli_input in;
    cli_exit code = whole(c, name, document_most(&v->options.limits), &in, room);
    if (code != CLI_DONE) return code;
    cli_feeding f = { .c = c };
    cli_feeding_turn(&f, &in);
    v->count = 0;
    dgm_status st = dgm_verify(in.mapped, &v->options, c->diags);
    cli_print_diags(&f, &c->err, c->diags);
    dgm_diags_clear(c->diags);
    code = cli_exit_of(st);
    if (code <= CLI_REFUSED) verdict(v, in.name, st == DGM_OK);
    if (code == CLI_ENVIRONMENT) cli_say(c, DGM_D_GATEWAY_JOB, DGM_ERROR, in.name, dgm_slice_of(dgm_status_text(st)));
    (void)cli_stream_flush(&c->out);
    forget(&in);
    return code;
}

cli_exit cli_run_verify(cli *c)
{
    verifying v = { .c = c };
    dgm_trust *trust = NULL;
    dgm_buffer room;
    dgm_buffer_init(&room, &c->mem);
    cli_exit code = verify_options(c, &v.options);
    if (code == CLI_DONE) code = trust_of(c, c->args.value[OPT_TRUST], &trust);
    v.options.trust = trust;
    v.options.told = keep;
    v.options.told_ctx = &v;
    bool ready = code == CLI_DONE;
    for (size_t i = 0; ready && i < c->args.input_count; i++) code = cli_worse(code, verify_one(&v, c->args.inputs[i], &room));
    dgm_trust_free(trust);
    dgm_buffer_free(&room);
    return code;
}

/* ---- sign ---- */

static cli_exit sign_one(cli *c, const dgm_signer *signer, uint64_t most, cli_output *output, dgm_slice name, dgm_buffer *room)
{
    cli_input in;
    cli_exit code = whole(c, name, most, &in, room);
    if (code != CLI_DONE) return code;
    cli_feeding f = { .c = c };
    cli_feeding_turn(&f, &in);
    dgm_outlet outlet = cli_output_outlet(output);
    dgm_buffer made;
    dgm_buffer_init(&made, &c->mem);
    dgm_status st = dgm_sign(signer, in.mapped, c->diags, dgm_buffer_sink(&made));
    cli_print_diags(&f, &c->err, c->diags);
    dgm_diags_clear(c->diags);
    code = cli_exit_of(st);
    if (st == DGM_OK) {
        dgm_sink sink;
        cli_output_of(output, in.name);
        st = outlet.open(outlet.ctx, 1, DGM_LITERAL("xml"), &sink);
        if (st == DGM_OK) {
            st = sink.write(sink.ctx, dgm_buffer_slice(&made));
            dgm_status closed = outlet.close(outlet.ctx, st == DGM_OK);
            if (st == DGM_OK) st = closed;
        }
        code = cli_exit_of(st);
    } else if (code >= CLI_ENVIRONMENT) {
        cli_say(c, DGM_D_GATEWAY_JOB, DGM_ERROR, in.name, dgm_slice_of(dgm_status_text(st)));
    }
    dgm_buffer_free(&made);
    forget(&in);
    return code;
}

cli_exit cli_run_sign(cli *c)
{
    dgm_signer *signer = NULL;
    cli_output *output = NULL;
    dgm_limits limits = { 0 };
    dgm_buffer room;
    dgm_buffer_init(&room, &c->mem);
    dgm_slice words = { 0 };
    cli_exit code = cli_limits(c, &limits) ? cli_passphrase(c, &words) : CLI_USAGE;
    if (code == CLI_DONE) code = signer_of(c, c->args.value[OPT_KEY], c->args.value[OPT_CERT], words, &signer);
    cli_wipe(&words);
    if (code == CLI_DONE) code = cli_output_open(c, &output);
    if (code == CLI_DONE) {
        for (size_t i = 0; i < c->args.input_count && !cli_output_failed(output); i++)
            code = cli_worse(code, sign_one(c, signer, document_most(&limits), output, c->args.inputs[i], &room));
        code = cli_worse(code, cli_output_finish(output, code <= CLI_REFUSED));
    }
    dgm_signer_free(signer);
    dgm_buffer_free(&room);
    return code;
}
