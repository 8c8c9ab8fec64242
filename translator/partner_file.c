/* SPDX-License-Identifier: Apache-2.0
 *
 * partner_file.c - reads the profile of a partner (YAML, partner/1) and checks it: keys, settings against the tables of the codec,
 * and what only a reader, writer or answer can tell by being opened with it. Each mistake has its place in the file. One thread.
 */
#include "context.h"
#include "files.h"
#include "partner.h"

#include "base/buffer.h"
#include "base/diag.h"
#include "base/utf8.h"
#include "base/yaml.h"

#include <stdio.h>

const dgm_codec *const dgm_partner_codec = &dgm_codec_edifact, *const dgm_partner_xml_codec = &dgm_codec_xml;

const char *const dgm_partner_keys[DGM_PARTNER_KEYS] = { "sender", "sender-qualifier", "recipient", "recipient-qualifier", "types",
                                                         "test" };

typedef struct partner_reader {
    const dgm_context *c;
    dgm_arena *arena;
    dgm_slice path, file;
    dgm_diags *diags;
    dgm_partner *out;
    dgm_named *conditions, *settings;
    dgm_status status; /* DGM_OK, DGM_CONFIG, or what ends it */
} partner_reader;

static dgm_diag *fault(partner_reader *r, dgm_yaml_mark mark, dgm_diag_code code, dgm_slice a, dgm_slice b)
{
    dgm_diag *d = dgm_yaml_fault(r->diags, r->path, r->file, mark, code, DGM_ERROR);
    dgm_diag_text(r->diags, d, a);
    if (b.len) dgm_diag_text(r->diags, d, b);
    if (r->status == DGM_OK) r->status = DGM_CONFIG;
    return d;
}

static bool no_memory(partner_reader *r)
{
    r->status = DGM_NOMEM;
    return false;
}

static dgm_slice nearest(dgm_slice wrong, const char *const *names, size_t n)
{
    dgm_slice all[16];
    for (size_t i = 0; i < n; i++) all[i] = dgm_slice_of(names[i]);
    int near = dgm_nearest(wrong, all, n);
    return near < 0 ? (dgm_slice){ 0 } : all[near];
}

/* ---- values ---- */

/* A list as one text; a map, of types of message and what is for each, as "CUSDEC:D.96B;CUSRES:D.99A". */
static bool joined(partner_reader *r, const dgm_yaml *n, const char *between, dgm_slice *out)
{
    size_t len = 0, at = 0;
    bool map = n->kind == DGM_YAML_MAP;
    if (n->kind == DGM_YAML_TEXT) {
        *out = n->text;
        return true;
    }
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        if (m->kind != DGM_YAML_TEXT) {
            fault(r, m->mark, DGM_D_MAP_KIND, n->key, DGM_LITERAL("a text, or a list of texts"));
            return false;
        }
        len += m->text.len + (map ? m->key.len + 1 : 0) + 1;
    }
    char *text = DGM_NEW(r->arena, char, len + 1);
    if (!text) return no_memory(r);
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        if (at) text[at++] = between[0];
        if (map && m->key.len) memcpy(text + at, m->key.at, m->key.len);
        if (map) at += m->key.len, text[at++] = ':';
        if (m->text.len) memcpy(text + at, m->text.at, m->text.len);
        at += m->text.len;
    }
    *out = (dgm_slice){ text, at };
    return true;
}

static bool keep_setting(partner_reader *r, const char *section, dgm_slice name, dgm_slice value)
{
    dgm_slice whole = dgm_arena_print(r->arena, "%s.%.*s", section, (int)name.len, name.at);
    if (!whole.at) return no_memory(r);
    r->settings[r->out->setting_count++] = (dgm_named){ whole, value };
    return true;
}

/* ---- settings ---- */

typedef struct section {
    const char *name;
    const dgm_option *options;
    dgm_partner_list *list;
    bool encoding; /* what only a try can tell is whether there is such an encoding */
} section;

static dgm_status swallow(void *ctx, dgm_slice bytes)
{
    (void)ctx, (void)bytes;
    return DGM_OK;
}

static dgm_status no_open(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)ctx, (void)number, (void)format;
    *out = (dgm_sink){ swallow, NULL };
    return DGM_OK;
}

static dgm_status no_close(void *ctx, bool complete)
{
    (void)ctx, (void)complete;
    return DGM_OK;
}

/* What only the codec knows: is something opened with these settings? What is wrong goes to `said`. */
static dgm_status try_out(const partner_reader *r, const section *s, const dgm_setting *settings, size_t n, dgm_diags *said)
{
    const dgm_codec *k = dgm_partner_codec;
    const dgm_format_list *known = &r->c->by_codec[dgm_context_codec(dgm_slice_of(k->name))];
    dgm_host host = dgm_host_make(&r->c->mem, &r->c->limits, said, &r->c->world, known->at, known->count);
    host.knowledge = (const void *const *)known->knowledge;
    host.knowledge_count = known->knowledge_count;
    host.guides = known->guides;
    host.guide_count = known->guide_count;
    dgm_reader *reader = NULL;
    dgm_writer *writer = NULL;
    dgm_ack *ack = NULL;
    dgm_status st = DGM_OK;
    if (s->options == k->reader_options && dgm_context_guides_asked(settings, n)) st = dgm_context_guides(r->c, r->diags);
    host.guide_count = known->guide_count;
    if (st != DGM_OK) return st;
    if (s->options == k->reader_options) st = k->open(&host, settings, n, &reader);
    if (s->options == k->writer_options) st = k->writer_open(&host, NULL, settings, n, (dgm_sink){ swallow, NULL }, &writer);
    if (s->encoding && settings[n - 1].value.len) {
        dgm_charset *set = NULL;
        st = dgm_charset_open(&r->c->mem, settings[n - 1].value, &set);
        dgm_charset_free(set);
    }
    if (s->options == k->ack_options) st = k->ack_open(&host, settings, n, (dgm_outlet){ no_open, no_close, NULL }, &ack);
    if (reader) k->close(reader);
    if (writer) k->writer_close(writer);
    if (ack) k->ack_close(ack);
    return st;
}

/* Tried with what stands before it in its section, so that what leans on another setting finds it. */
static void check_deeply(partner_reader *r, const section *s, dgm_yaml_mark mark)
{
    dgm_diags *said = NULL;
    dgm_buffer text;
    dgm_buffer_init(&text, &r->c->mem);
    dgm_status st = dgm_diags_new(&r->c->mem, 4, &said);
    if (st == DGM_OK) st = try_out(r, s, s->list->at, s->list->count, said);
    if (st == DGM_NOMEM) {
        r->status = st;
    } else if (st != DGM_OK) {
        const dgm_diag *first = dgm_diags_at(said, 0);
        if (first && dgm_diag_sentence(first, dgm_buffer_sink(&text)) == DGM_NOMEM) r->status = DGM_NOMEM;
        if (!first && dgm_buffer_print(&text, "there is no such encoding") != DGM_OK) r->status = DGM_NOMEM;
        dgm_diag *d = fault(r, mark, DGM_D_PARTNER_REFUSED, dgm_slice_of(s->name), dgm_buffer_slice(&text));
        if (first && first->code == DGM_D_EDI_SETTING && first->argument_count > 2 && first->arguments[2].text.len)
            dgm_diag_text(r->diags, d, first->arguments[2].text);
        s->list->count--; /* the others are looked at without it */
    }
    dgm_buffer_free(&text);
    dgm_diags_free(said);
}

static const dgm_option *option_named(const dgm_option *table, dgm_slice name)
{
    while (table->name && !dgm_slice_is(name, table->name)) table++;
    return table->name ? table : NULL;
}

static void unknown_setting(partner_reader *r, const section *s, const dgm_yaml *m)
{
    const char *names[64];
    dgm_slice all[64];
    size_t n = 0;
    for (const dgm_option *o = s->options; o->name && n < 64; o++, n++) names[n] = o->name, all[n] = dgm_slice_of(o->name);
    int near = dgm_nearest(m->key, all, n);
    dgm_diag *d = fault(r, m->key_mark, DGM_D_PARTNER_SETTING, dgm_slice_of(s->name), m->key);
    if (near >= 0) dgm_diag_text(r->diags, d, dgm_slice_of(names[near]));
}

static bool take_setting(partner_reader *r, const section *s, const dgm_yaml *m)
{
    const dgm_option *o = option_named(s->options, m->key);
    dgm_slice value;
    if (!o) {
        unknown_setting(r, s, m);
        return true;
    }
    bool by_type = strcmp(o->name, "format") == 0 || strcmp(o->name, "guide") == 0;
    if (m->kind == DGM_YAML_MAP && !by_type) {
        fault(r, m->mark, DGM_D_MAP_KIND, m->key, DGM_LITERAL("a text, or a list of texts"));
        return true;
    }
    const char *between = by_type ? ";" : s->options == dgm_partner_codec->ack_options ? "," : " ";
    if (!joined(r, m, between, &value)) return r->status != DGM_NOMEM;
    if (!dgm_option_takes(o, value)) {
        dgm_diag *d = fault(r, m->mark, DGM_D_PARTNER_VALUE, m->key, value);
        dgm_diag_text(r->diags, d, dgm_option_words(o));
        return true;
    }
    s->list->at[s->list->count++] = (dgm_setting){ m->key, value };
    if (o->kind == DGM_OPT_TEXT && !o->values) check_deeply(r, s, m->mark);
    return r->status != DGM_NOMEM && keep_setting(r, s->name, m->key, value);
}

static bool take_section(partner_reader *r, const dgm_yaml *n, const section *s)
{
    if (n->kind != DGM_YAML_MAP) {
        fault(r, n->mark, DGM_D_MAP_KIND, n->key, DGM_LITERAL("a map of settings"));
        return true;
    }
    s->list->at = DGM_NEW(r->arena, dgm_setting, n->count + 1);
    if (!s->list->at) return no_memory(r);
    for (const dgm_yaml *m = n->first; m; m = m->next)
        if (!take_setting(r, s, m)) return false;
    return true;
}

/* ---- limits ---- */

static const char *const limit_names[] = { "message-bytes", "segment-bytes", "nodes", "depth" };

/* Digits, and K, M or G behind them; 0: it is no such number. */
static uint64_t size_of(dgm_slice text)
{
    uint64_t n = 0;
    size_t i = 0;
    for (; i < text.len && text.at[i] >= '0' && text.at[i] <= '9' && n < 1u << 30; i++) n = n * 10 + (uint64_t)(text.at[i] - '0');
    if (i == 0 || i + 1 < text.len) return 0;
    if (i == text.len) return n;
    uint32_t shift = text.at[i] == 'K' ? 10 : text.at[i] == 'M' ? 20 : text.at[i] == 'G' ? 30 : 0;
    return shift ? n << shift : 0;
}

static bool take_limit(partner_reader *r, const dgm_yaml *m)
{
    dgm_limits *l = &r->out->limits;
    uint64_t n = m->kind == DGM_YAML_TEXT ? size_of(m->text) : 0, most = UINT32_MAX;
    uint32_t *small[] = { NULL, &l->segment_bytes_max, &l->nodes_max, &l->depth_max };
    size_t i = 0;
    while (i < 4 && !dgm_slice_is(m->key, limit_names[i])) i++;
    if (i == 4) {
        fault(r, m->key_mark, DGM_D_MAP_KEY_UNKNOWN, m->key, nearest(m->key, limit_names, 4));
        return true;
    }
    if (i == 3) most = DGM_DEPTH_MAX;
    if (n == 0 || n > most) {
        fault(r, m->mark, DGM_D_MAP_VALUE, m->key,
              i == 3 ? DGM_LITERAL("a whole number from 1 to 64") : DGM_LITERAL("a whole number of at most 4 G, as 65536 or 64K"));
        return true;
    }
    if (small[i])
        *small[i] = (uint32_t)n;
    else
        l->message_bytes_max = n;
    return keep_setting(r, "limits", m->key, m->text);
}

static bool take_limits(partner_reader *r, const dgm_yaml *n)
{
    if (n->kind != DGM_YAML_MAP) fault(r, n->mark, DGM_D_MAP_KIND, n->key, DGM_LITERAL("a map of limits"));
    for (const dgm_yaml *m = n->kind == DGM_YAML_MAP ? n->first : NULL; m; m = m->next)
        if (!take_limit(r, m)) return false;
    return true;
}

/* ---- when it is chosen ---- */

static bool take_condition(partner_reader *r, const dgm_yaml *m)
{
    size_t key = 0, count = m->kind == DGM_YAML_TEXT ? 1 : m->count;
    while (key < DGM_PARTNER_KEYS && !dgm_slice_is(m->key, dgm_partner_keys[key])) key++;
    if (key == DGM_PARTNER_KEYS) {
        fault(r, m->key_mark, DGM_D_MAP_KEY_UNKNOWN, m->key, nearest(m->key, dgm_partner_keys, DGM_PARTNER_KEYS));
        return true;
    }
    dgm_slice *values = DGM_NEW(r->arena, dgm_slice, count + 1), text;
    if (!values) return no_memory(r);
    if (m->kind == DGM_YAML_MAP) {
        fault(r, m->mark, DGM_D_MAP_KIND, m->key, DGM_LITERAL("a text, or a list of texts"));
        return true;
    }
    if (!joined(r, m, ",", &text)) return r->status != DGM_NOMEM;
    values[0] = m->text;
    size_t n = 0;
    for (const dgm_yaml *v = m->kind == DGM_YAML_LIST ? m->first : NULL; v; v = v->next) values[n++] = v->text;
    bool empty = count == 0;
    for (size_t i = 0; i < count; i++) empty |= values[i].len == 0;
    bool flag = key == DGM_PARTNER_TEST;
    if (empty || (flag && !dgm_slice_is(values[0], "yes") && !dgm_slice_is(values[0], "no"))) {
        fault(r, m->mark, DGM_D_MAP_VALUE, m->key, flag ? DGM_LITERAL("yes or no") : DGM_LITERAL("what the header says"));
        return true;
    }
    r->out->when[key] = (dgm_partner_condition){ values, count };
    r->conditions[r->out->condition_count++] = (dgm_named){ m->key, text };
    return true;
}

static bool take_when(partner_reader *r, const dgm_yaml *n)
{
    if (n->kind != DGM_YAML_MAP) {
        fault(r, n->mark, DGM_D_MAP_KIND, n->key, DGM_LITERAL("a map of what the header says"));
        return true;
    }
    for (const dgm_yaml *m = n->first; m; m = m->next)
        if (!take_condition(r, m)) return false;
    if (r->status == DGM_OK && !r->out->when[DGM_PARTNER_SENDER].count)
        fault(r, n->key_mark, DGM_D_MAP_KEY_MISSING, DGM_LITERAL("sender"), (dgm_slice){ 0 });
    return true;
}

/* ---- XML documents ---- */

/* A file that the profile names: where it is, beside the profile. */
static bool take_path(partner_reader *r, const char *of, const dgm_yaml *m, dgm_slice *out)
{
    size_t folder = r->path.len;
    if (m->kind != DGM_YAML_TEXT || !m->text.len) {
        fault(r, m->mark, DGM_D_MAP_KIND, m->key, DGM_LITERAL("the name of a file"));
        return true;
    }
    while (folder && r->path.at[folder - 1] != '/') folder--;
    if (m->text.at[0] == '/') folder = 0;
    *out = dgm_arena_print(r->arena, "%.*s%.*s", (int)folder, r->path.at, (int)m->text.len, m->text.at);
    if (!out->at) return no_memory(r);
    return keep_setting(r, of, m->key, *out);
}

/* The file of a path that was taken, read and forgotten: what is public in it is looked at, a key only found. */
static dgm_slice file_there(partner_reader *r, const dgm_yaml *m, dgm_slice path, dgm_arena *room, bool secret)
{
    const char *why = "";
    dgm_slice bytes = { 0 };
    if (!path.len) return bytes;
    dgm_status s = secret ? dgm_file_there(room, path, &why) : dgm_file_read(room, path, DGM_PARTNER_PEM_MAX, &bytes, &why);
    if (s == DGM_NOMEM) r->status = s;
    if (s != DGM_OK && s != DGM_NOMEM)
        dgm_diag_text(r->diags, fault(r, m->mark, DGM_D_PARTNER_FILE, m->key, path), dgm_slice_of(why));
    return bytes;
}

static bool take_word(partner_reader *r, const char *of, const dgm_yaml *m, dgm_slice yes, dgm_slice no, bool *out)
{
    bool is = m->kind == DGM_YAML_TEXT && dgm_slice_equal(m->text, yes);
    if (!is && (m->kind != DGM_YAML_TEXT || !dgm_slice_equal(m->text, no))) {
        char words[64];
        int n = snprintf(words, sizeof words, "%.*s%s%.*s", (int)yes.len, yes.at, no.len ? " or " : "", (int)no.len, no.at);
        fault(r, m->mark, DGM_D_MAP_VALUE, m->key, (dgm_slice){ words, n > 0 ? (size_t)n : 0 });
        return true;
    }
    *out = is;
    return keep_setting(r, of, m->key, m->text);
}

static void check_trust(partner_reader *r, const dgm_yaml *n)
{
    const dgm_yaml *m = dgm_yaml_get(n, "trust");
    dgm_arena room;
    dgm_trust *trust = NULL;
    if (!m) {
        fault(r, n->key_mark, DGM_D_MAP_KEY_MISSING, DGM_LITERAL("trust"), (dgm_slice){ 0 });
        return;
    }
    dgm_arena_init(&room, &r->c->mem);
    dgm_slice pem = file_there(r, m, r->out->xml.verify.trust, &room, false);
    dgm_status s = pem.at ? dgm_trust_new(&r->c->mem, pem, NULL, &trust) : DGM_OK;
    if (s == DGM_NOMEM)
        r->status = s;
    else if (s != DGM_OK)
        dgm_diag_text(r->diags, fault(r, m->mark, DGM_D_PARTNER_FILE, m->key, r->out->xml.verify.trust),
                      DGM_LITERAL("it has no certificate in PEM"));
    dgm_trust_free(trust);
    dgm_arena_free(&room);
}

static bool take_verify(partner_reader *r, const dgm_yaml *n)
{
    static const char *const keys[] = { "trust", "allow", "others" }, *const name = "xml.verify";
    bool good = true;
    for (const dgm_yaml *m = n->first; m && good; m = m->next) {
        if (dgm_slice_is(m->key, "trust"))
            good = take_path(r, name, m, &r->out->xml.verify.trust);
        else if (dgm_slice_is(m->key, "allow"))
            good = take_word(r, name, m, DGM_LITERAL("sha1"), (dgm_slice){ 0 }, &r->out->xml.verify.sha1);
        else if (dgm_slice_is(m->key, "others"))
            good = take_word(r, name, m, DGM_LITERAL("taken"), DGM_LITERAL("refused"), &r->out->xml.verify.others);
        else
            fault(r, m->key_mark, DGM_D_MAP_KEY_UNKNOWN, m->key, nearest(m->key, keys, 3));
    }
    if (good) check_trust(r, n);
    return good && r->status != DGM_NOMEM;
}

static void check_sign(partner_reader *r, const dgm_yaml *n)
{
    const struct {
        const char *key;
        dgm_slice path;
        bool needed;
    } files[] = { { "key", r->out->xml.sign.key, true },
                  { "cert", r->out->xml.sign.certificates, true },
                  { "passphrase-from", r->out->xml.sign.passphrase, false } };
    dgm_arena room;
    dgm_arena_init(&room, &r->c->mem);
    for (size_t i = 0; i < 3; i++) {
        const dgm_yaml *m = dgm_yaml_get(n, files[i].key);
        if (m)
            (void)file_there(r, m, files[i].path, &room, true);
        else if (files[i].needed)
            fault(r, n->key_mark, DGM_D_MAP_KEY_MISSING, dgm_slice_of(files[i].key), (dgm_slice){ 0 });
    }
    dgm_arena_free(&room);
}

static bool take_sign(partner_reader *r, const dgm_yaml *n)
{
    static const char *const keys[] = { "key", "cert", "passphrase-from", "xades" }, *const name = "xml.sign";
    dgm_slice *const paths[] = { &r->out->xml.sign.key, &r->out->xml.sign.certificates, &r->out->xml.sign.passphrase };
    bool good = true;
    for (const dgm_yaml *m = n->first; m && good; m = m->next) {
        size_t i = 0;
        while (i < 4 && !dgm_slice_is(m->key, keys[i])) i++;
        if (i < 3)
            good = take_path(r, name, m, paths[i]);
        else if (i == 3)
            good = take_word(r, name, m, DGM_LITERAL("yes"), DGM_LITERAL("no"), &r->out->xml.sign.xades);
        else if (dgm_slice_is(m->key, "passphrase"))
            fault(r, m->key_mark, DGM_D_PARTNER_PASSPHRASE, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        else
            fault(r, m->key_mark, DGM_D_MAP_KEY_UNKNOWN, m->key, nearest(m->key, keys, 4));
    }
    if (good) check_sign(r, n);
    return good && r->status != DGM_NOMEM;
}

static bool take_xml_key(partner_reader *r, const dgm_yaml *m)
{
    static const char *const keys[] = { "reader", "writer", "verify", "sign" };
    const dgm_codec *k = dgm_partner_xml_codec;
    const section sections[] = { { "xml.reader", k->reader_options, &r->out->xml.reader, true },
                                 { "xml.writer", k->writer_options, &r->out->xml.writer, true } };
    size_t i = 0;
    while (i < 4 && !dgm_slice_is(m->key, keys[i])) i++;
    if (i < 2) return take_section(r, m, &sections[i]);
    if (i == 4)
        fault(r, m->key_mark, DGM_D_MAP_KEY_UNKNOWN, m->key, nearest(m->key, keys, 4));
    else if (m->kind != DGM_YAML_MAP)
        fault(r, m->mark, DGM_D_MAP_KIND, m->key,
              i == 2 ? DGM_LITERAL("a map: trust, allow, others") : DGM_LITERAL("a map: key, cert, …"));
    else
        return i == 2 ? take_verify(r, m) : take_sign(r, m);
    return true;
}

static bool take_xml(partner_reader *r, const dgm_yaml *n)
{
    if (n->kind != DGM_YAML_MAP) {
        fault(r, n->mark, DGM_D_MAP_KIND, n->key, DGM_LITERAL("a map: reader, writer, verify, sign"));
        return true;
    }
    r->out->xml.said = true;
    for (const dgm_yaml *m = n->first; m; m = m->next)
        if (!take_xml_key(r, m)) return false;
    return true;
}

/* ---- the file ---- */

static bool take_key(partner_reader *r, const dgm_yaml *m)
{
    static const char *const keys[] = { "dragoman", "partner", "title", "when", "reader", "writer", "ack", "xml", "limits" };
    const dgm_codec *k = dgm_partner_codec;
    const section sections[] = { { "reader", k->reader_options, &r->out->reader, false },
                                 { "writer", k->writer_options, &r->out->writer, false },
                                 { "ack", k->ack_options, &r->out->ack, false } };
    dgm_slice *text = dgm_slice_is(m->key, "partner") ? &r->out->name : dgm_slice_is(m->key, "title") ? &r->out->title : NULL;
    if (dgm_slice_is(m->key, "dragoman")) return true;
    if (text && (m->kind != DGM_YAML_TEXT || m->text.len == 0))
        fault(r, m->mark, DGM_D_MAP_KIND, m->key, DGM_LITERAL("a text"));
    else if (text)
        *text = m->text;
    if (text) return true;
    if (dgm_slice_is(m->key, "when")) return take_when(r, m);
    if (dgm_slice_is(m->key, "limits")) return take_limits(r, m);
    if (dgm_slice_is(m->key, "xml")) return take_xml(r, m);
    for (size_t i = 0; i < 3; i++)
        if (dgm_slice_is(m->key, sections[i].name)) return take_section(r, m, &sections[i]);
    fault(r, m->key_mark, DGM_D_MAP_KEY_UNKNOWN, m->key, nearest(m->key, keys, 9));
    return true;
}

static size_t texts_beneath(const dgm_yaml *n)
{
    size_t sum = 1;
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        sum++;
        for (const dgm_yaml *v = m->first; v; v = v->next) {
            sum++;
            for (const dgm_yaml *w = v->first; w; w = w->next) sum++; /* of xml */
        }
    }
    return sum;
}

/* "auto" and "none" are words of the command line. */
static bool good_name(dgm_slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!((name.at[i] >= 'a' && name.at[i] <= 'z') || (name.at[i] >= 'A' && name.at[i] <= 'Z') ||
              (name.at[i] >= '0' && name.at[i] <= '9') || name.at[i] == '-' || name.at[i] == '_' || name.at[i] == '.'))
            return false;
    return name.len && !dgm_slice_is(name, "auto") && !dgm_slice_is(name, "none");
}

/* A passphrase that stands in a profile is not shown to everybody: neither its line nor others it may be on. */
static void hide_passphrase(dgm_diags *diags, size_t first)
{
    bool there = false;
    for (size_t i = first; diags && i < dgm_diags_count(diags); i++)
        there = there || dgm_diags_at(diags, i)->code == DGM_D_PARTNER_PASSPHRASE;
    for (size_t i = first; there && i < dgm_diags_count(diags); i++) dgm_diags_edit(diags, i)->excerpt = (dgm_slice){ 0 };
}

dgm_status dgm_partner_read(const dgm_context *c, dgm_arena *arena, dgm_slice path, dgm_slice bytes, dgm_diags *diags,
                            dgm_partner *out)
{
    const dgm_yaml *root = NULL;
    *out = (dgm_partner){ .path = path };
    dgm_status s = dgm_yaml_read(arena, path, bytes, diags, &root);
    if (s != DGM_OK) return s;
    if (bytes.len >= 3 && memcmp(bytes.at, "\xEF\xBB\xBF", 3) == 0) bytes = dgm_slice_part(bytes, 3, bytes.len);
    partner_reader r = { .c = c, .arena = arena, .path = path, .file = bytes, .diags = diags, .out = out };
    if (root->kind != DGM_YAML_MAP) {
        fault(&r, root->mark, DGM_D_MAP_KIND, DGM_LITERAL("a partner file"), DGM_LITERAL("a map"));
        return DGM_CONFIG;
    }
    const dgm_yaml *version = dgm_yaml_get(root, "dragoman"), *name = dgm_yaml_get(root, "partner");
    if (!version || !dgm_slice_is(version->text, "partner/1"))
        fault(&r, version ? version->mark : root->mark, DGM_D_MAP_VERSION, DGM_LITERAL("partner/1"), (dgm_slice){ 0 });
    r.conditions = DGM_NEW(arena, dgm_named, DGM_PARTNER_KEYS);
    r.settings = DGM_NEW(arena, dgm_named, texts_beneath(root));
    if (!r.conditions || !r.settings) return DGM_NOMEM;
    out->conditions = r.conditions;
    out->settings = r.settings;
    const size_t first = diags ? dgm_diags_count(diags) : 0;
    for (const dgm_yaml *m = root->first; m; m = m->next)
        if (!take_key(&r, m)) break;
    hide_passphrase(diags, first);
    if (!name)
        fault(&r, root->mark, DGM_D_MAP_KEY_MISSING, DGM_LITERAL("partner"), (dgm_slice){ 0 });
    else if (out->name.len && !good_name(out->name))
        fault(&r, name->mark, DGM_D_MAP_VALUE, name->key, DGM_LITERAL("letters, digits, - _ and ., and neither auto nor none"));
    return r.status;
}
