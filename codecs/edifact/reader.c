/* SPDX-License-Identifier: Apache-2.0
 *
 * reader.c - from chunks of any size to segments, and from segments to messages. What is consumed is dropped when the next chunk
 * comes; a byte is looked at once, wherever chunks end. One thread.
 */
#include "reader.h"

#define WINDOW   4096u             /* bytes lexed at a time: bytes and slices stay in the nearest cache */
#define BASE_MAX ((size_t)1 << 30) /* offsets are 32 bits wide; the base moves on before that */

const dgm_option dgm_edi_reader_options[] = {
    { "level", "directory",
      "rules an input must keep: syntax (those of ISO 9735 alone), directory, codes (code lists and check digits too), guide "
      "(those of an implementation guide too); advice: as directory, and what is wrong with codes is a warning",
      DGM_OPT_TEXT, "syntax directory advice codes guide" },
    { "guide", "auto",
      "implementation guide that messages are held against at level guide, and whose own codes are taken from level advice on: "
      "auto "
      "finds it by association code, sender and version, none takes none; or its name, for some senders only: SENDER=NAME;auto",
      DGM_OPT_TEXT, NULL },
    { "charset", "", "character set of this partner, instead of the one UNB names (windows-1252, Shift_JIS, IBM500, GB18030)",
      DGM_OPT_TEXT, NULL },
    { "format", "",
      "read messages by this directory (D.96B) or loaded format, whatever UNH names; for some senders or messages only: "
      "SENDER=D.96B;OTHER=D.01B;CUSRES:D.99A",
      DGM_OPT_TEXT, NULL },
    { "line-breaks", "keep",
      "CR and LF inside segments: keep them, or drop them all, for a partner whose lines are cut at some length (not one who sends "
      "packages)",
      DGM_OPT_TEXT, "keep drop" },
    { "junk", "warning", "bytes and byte order marks around interchanges, which are skipped", DGM_OPT_TEXT, "warning error" },
    { "blanks", "warning", "blanks, tabs and NULs before segments, which are skipped", DGM_OPT_TEXT, "warning error" },
    { "headless", "warning", "messages without UNB, which are read", DGM_OPT_TEXT, "warning error" },
    { "trailing", "accept", "separators at the end of a segment or element with nothing behind them, which are passed over",
      DGM_OPT_TEXT, "accept warning error" },
    { 0 },
};

/* ---- making
 * ---------------------------------------------------------------------------------------------------------------------- */

static dgm_edi_reader *of(dgm_reader *r)
{
    return (dgm_edi_reader *)(void *)r;
}

static void setup(dgm_edi_reader *r)
{
    r->phase = DGM_EDI_BETWEEN;
    r->path_position = DGM_NONE;
    r->syntax_version = 3;
    r->at = 0;
    r->junk = false;
    r->any = r->ended = r->last = r->overflow = false;
    r->position = (dgm_position){ 0 };
    r->token_next = r->token_ready = r->token_count = 0;
    r->order.made = false;
    r->reference.len = r->type.len = 0;
    r->kind = NULL;
    r->kind_raw.len = 0;
}

static dgm_status open_charset(dgm_edi_reader *r, dgm_slice name)
{
    if (name.len == 0) return DGM_OK;
    dgm_status st = dgm_charset_open(&r->mem, name, &r->opened.charset);
    if (st == DGM_NOMEM) return st;
    if (st != DGM_OK) {
        dgm_diag *d = dgm_diags_add(r->host.diags, DGM_D_EDI_SETTING, DGM_ERROR);
        dgm_edi_say(r, d, "charset");
        dgm_edi_say_slice(r, d, name);
        dgm_edi_say_slice(r, d, dgm_charset_nearest(&r->mem, name));
        return DGM_CONFIG;
    }
    dgm_edi_text_set(&r->opened.charset_name, name);
    return DGM_OK;
}

dgm_edi_level dgm_edi_level_of(dgm_slice name)
{
    if (dgm_slice_is(name, "syntax")) return DGM_EDI_LEVEL_SYNTAX;
    if (dgm_slice_is(name, "advice")) return DGM_EDI_LEVEL_ADVICE;
    if (dgm_slice_is(name, "codes")) return DGM_EDI_LEVEL_CODES;
    if (dgm_slice_is(name, "guide")) return DGM_EDI_LEVEL_GUIDE;
    return DGM_EDI_LEVEL_DIRECTORY;
}

dgm_severity dgm_edi_severity_of(dgm_slice word)
{
    return dgm_slice_is(word, "error") ? DGM_ERROR : dgm_slice_is(word, "accept") ? (dgm_severity)0 : DGM_WARNING;
}

static dgm_severity severity_of(const dgm_setting *settings, size_t n, const char *name)
{
    return dgm_edi_severity_of(dgm_setting_get(settings, n, dgm_edi_reader_options, name));
}

/* Room for so many tokens and for what order.h tells of them. */
static dgm_status token_room(dgm_edi_reader *r, size_t count)
{
    void *tokens = r->tokens;
    dgm_status st = dgm_mem_reserve(&r->mem, &tokens, &r->token_room, count, sizeof *r->tokens);
    r->tokens = tokens;
    r->order.made = false;
    if (st != DGM_OK || r->order.room >= r->token_room) return st;
    st = dgm_mem_reserve(&r->mem, &r->order_block, &r->order_room, dgm_edi_order_bytes(r->token_room), 1);
    if (st == DGM_OK) dgm_edi_order_place(&r->order, r->order_block, r->token_room);
    return st;
}

static dgm_status fill_reader(dgm_edi_reader *r, const dgm_setting *settings, size_t n)
{
    dgm_status st = open_charset(r, dgm_setting_get(settings, n, dgm_edi_reader_options, "charset"));
    if (st == DGM_OK) st = dgm_edi_choice_open(r, dgm_setting_get(settings, n, dgm_edi_reader_options, "format"));
    if (st == DGM_OK) st = dgm_edi_guide_open(r, dgm_setting_get(settings, n, dgm_edi_reader_options, "guide"));
    if (st == DGM_OK) st = r->host.draft_new(&r->mem, &r->host.limits, &r->draft);
    if (st != DGM_OK) return st;
    st = token_room(r, WINDOW + 2 * DGM_EDI_LEX_ROOM);
    if (st != DGM_OK) return st;
    r->molds = dgm_mem_new(&r->mem, sizeof *r->molds);
    if (!r->molds) return DGM_NOMEM;
    dgm_edi_molds_init(r->molds);
    r->lexer.scan = dgm_edi_scan_best();
    r->wide = r->lexer.scan == dgm_edi_scan_at(3, NULL);
    r->order_way = dgm_edi_order_best();
    r->unwrap.on = dgm_slice_is(dgm_setting_get(settings, n, dgm_edi_reader_options, "line-breaks"), "drop");
    r->opened.junk = severity_of(settings, n, "junk");
    r->opened.blanks = severity_of(settings, n, "blanks");
    r->opened.headless = severity_of(settings, n, "headless");
    r->opened.trailing = severity_of(settings, n, "trailing");
    r->opened.level = dgm_edi_level_of(dgm_setting_get(settings, n, dgm_edi_reader_options, "level"));
    r->opened.format = r->format_setting;
    r->opened.guide = r->guide_setting;
    r->opened.limits = r->host.limits;
    r->molds->lists.mem = r->mem;
    dgm_edi_agreed_reset(r);
    dgm_edi_codes_only(&r->molds->section_d, DGM_LITERAL("D"));
    return st;
}

static void reader_close(dgm_reader *reader)
{
    if (!reader) return;
    dgm_edi_reader *r = of(reader);
    dgm_mem mem = r->mem;
    dgm_edi_crew_close(r->crew);
    r->host.draft_free(r->draft);
    for (size_t i = 0; i < r->known_count; i++) dgm_shape_free(r->known[i].shape);
    dgm_edi_intake_free(&r->intake);
    dgm_edi_unwrap_free(r);
    dgm_charset_free(r->charset_known);
    dgm_charset_free(r->opened.charset);
    dgm_charset_free(r->charset_kept);
    dgm_edi_references_clear(&r->references, &mem, false);
    dgm_mem_free(&mem, r->known, r->known_room * sizeof *r->known);
    if (r->molds) dgm_edi_codes_free(&r->molds->lists);
    dgm_mem_free(&mem, r->molds, sizeof *r->molds);
    dgm_mem_free(&mem, r->guide_state, r->guide_state_room);
    dgm_mem_free(&mem, r->counts, r->counts_room * sizeof *r->counts);
    dgm_mem_free(&mem, r->tokens, r->token_room * sizeof *r->tokens);
    dgm_mem_free(&mem, r->order_block, r->order_room);
    dgm_mem_free(&mem, r->buffer, r->capacity);
    dgm_mem_free(&mem, r->message_bytes, r->message_bytes_room);
    dgm_buffer_free(&r->plain);
    dgm_buffer_free(&r->decoded);
    dgm_buffer_free(&r->told_values);
    dgm_buffer_free(&r->told_texts);
    dgm_arena_free(&r->constants);
    dgm_mem_free(&mem, r, sizeof *r);
}

void dgm_edi_limits_cut(dgm_limits *l)
{
    if (l->message_bytes_max > BASE_MAX) l->message_bytes_max = BASE_MAX;
    if (l->segment_bytes_max > DGM_EDI_TOKEN_BYTES_MAX / 2) l->segment_bytes_max = DGM_EDI_TOKEN_BYTES_MAX / 2;
}

static dgm_status reader_make(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_reader **out)
{
    *out = NULL;
    if (host->abi != DGM_CODEC_ABI) return DGM_USAGE;
    dgm_edi_reader *r = dgm_mem_new(&host->mem, sizeof *r);
    if (!r) return DGM_NOMEM;
    r->head.codec = &dgm_codec_edifact;
    r->host = *host;
    r->mem = host->mem;
    dgm_edi_limits_cut(&r->host.limits);
    dgm_arena_init(&r->constants, &r->mem);
    dgm_buffer_init(&r->plain, &r->mem);
    dgm_buffer_init(&r->decoded, &r->mem);
    dgm_buffer_init(&r->told_values, &r->mem);
    dgm_buffer_init(&r->told_texts, &r->mem);
    dgm_buffer_init(&r->intake.kept, &r->mem);
    dgm_charset_map_init(&r->intake.map, &r->mem);
    setup(r);
    dgm_status st = fill_reader(r, settings, n);
    if (st != DGM_OK) {
        reader_close(&r->head);
        return st;
    }
    *out = &r->head;
    return DGM_OK;
}

/* The bytes of the input are there, or will come: where the setting names a set that cannot be scanned as it stands, they become
 * text first. */
static dgm_status begin_input(dgm_edi_reader *r)
{
    if (!r->charset_setting || dgm_charset_direct(r->charset_setting)) return DGM_OK;
    r->unwrap.on = false; /* offsets have one map only */
    return dgm_edi_intake_start(r, 0, r->charset_setting, true);
}

dgm_status dgm_edi_open(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_reader **out)
{
    dgm_status st = reader_make(host, settings, n, out);
    return st == DGM_OK ? begin_input(of(*out)) : st;
}

dgm_status dgm_edi_open_whole(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_slice input, dgm_reader **out)
{
    dgm_status st = reader_make(host, settings, n, out);
    if (st != DGM_OK) return st;
    dgm_edi_reader *r = of(*out);
    st = r->unwrap.on ? begin_input(r) : DGM_OK;
    if (st == DGM_OK && r->unwrap.on) st = dgm_edi_feed(*out, input, true);
    if (st != DGM_OK || r->unwrap.on) return st;
    r->whole = r->last = true;
    r->in = input.len ? input.at : "";
    r->len = input.len;
    st = begin_input(r); /* in one piece no memory is needed for it */
    return st == DGM_OK ? dgm_edi_crew_open(r, settings, n, &r->crew) : st;
}

void dgm_edi_close(dgm_reader *r)
{
    reader_close(r);
}

void dgm_edi_reset(dgm_reader *reader)
{
    dgm_edi_reader *r = of(reader);
    if (r->failed != DGM_OK) return;
    dgm_edi_crew_close(r->crew);
    r->crew = NULL;
    if (r->intake.on) r->whole = r->intake.whole;
    r->intake.on = r->intake.lines = r->intake.met = r->intake.told = false;
    setup(r);
    dgm_edi_agreed_reset(r);
    r->last = r->whole;
    r->len = 0;
    r->base = 0;
    r->behind_gone = 0;
    r->errors = 0;
    r->unknown = (dgm_edi_unknown){ 0 };
    dgm_edi_unwrap_reset(r);
    r->failed = begin_input(r);
}

/* ---- input
 * ----------------------------------------------------------------------------------------------------------------------- */

/* The first byte that is still wanted. */
static size_t wanted_from(const dgm_edi_reader *r)
{
    if (r->phase == DGM_EDI_BETWEEN) return r->at;
    if (r->phase == DGM_EDI_IN_MESSAGE) return r->message_at;
    if (r->phase == DGM_EDI_IN_OCTETS) return r->octets_resume == DGM_EDI_IN_MESSAGE ? r->message_at : r->octets_searched;
    if (r->token_next < r->token_count) return r->tokens[r->token_next].at;
    return r->lexer.start;
}

/* Forgets the first n bytes: everything that counts from in[0] moves. */
static void drop(dgm_edi_reader *r, size_t n)
{
    if (n == 0) return;
    if (r->intake.on || r->unwrap.on) r->behind_gone = dgm_edi_offset(r, n - 1) + dgm_edi_extent(r, n - 1, 1);
    if (r->intake.on) r->intake.from += dgm_charset_map_drop(&r->intake.map, n);
    if (r->whole)
        r->in += n;
    else
        memmove(r->buffer, r->buffer + n, r->len - n);
    r->len -= n;
    r->base += n;
    r->at -= r->at < n ? r->at : n;
    r->message_at -= r->message_at < n ? r->message_at : n;
    r->octets_at -= r->octets_at < n ? r->octets_at : n;
    r->octets_searched -= r->octets_searched < n ? r->octets_searched : n;
    r->before.at -= r->before.at < n ? r->before.at : n;
    r->before.end -= r->before.end < n ? r->before.end : n;
    r->segment.at = r->segment.end = r->segment.tag.len = 0;
    for (size_t i = r->token_next; i < r->token_count; i++) r->tokens[i].at -= (uint32_t)n;
    r->lexer.base = r->in;
    r->lexer.at -= r->lexer.at < n ? r->lexer.at : n;
    r->lexer.start -= r->lexer.start < n ? r->lexer.start : n;
}

/* A buffer that one giant message needed does not stay. */
static dgm_status fit_buffer(dgm_edi_reader *r, size_t wanted)
{
    if (r->capacity > (1u << 20) && r->capacity / 8 > wanted) {
        char *less = r->mem.grow(r->mem.ctx, r->buffer, r->capacity, wanted);
        if (less) {
            r->buffer = less;
            r->capacity = wanted;
        }
    }
    void *buffer = r->buffer;
    dgm_status st = dgm_mem_reserve(&r->mem, &buffer, &r->capacity, wanted, 1);
    r->buffer = buffer;
    return st;
}

dgm_status dgm_edi_feed(dgm_reader *reader, dgm_slice chunk, bool last)
{
    dgm_edi_reader *r = of(reader);
    if (r->failed != DGM_OK) return r->failed;
    if (r->intake.on ? r->intake.whole || r->intake.last : r->whole || r->last) return DGM_USAGE;
    if (r->intake.on) return r->failed = dgm_edi_intake_feed(r, chunk, last);
    drop(r, wanted_from(r));
    dgm_status st = fit_buffer(r, r->len + chunk.len + 1);
    if (st == DGM_OK && r->unwrap.on) st = dgm_edi_unwrap_append(r, chunk);
    if (st != DGM_OK) return r->failed = st;
    if (chunk.len && !r->unwrap.on) memcpy(r->buffer + r->len, chunk.at, chunk.len);
    if (!r->unwrap.on) r->len += chunk.len;
    r->in = r->lexer.base = r->buffer;
    r->last = last;
    return DGM_OK;
}

/* ---- segments
 * -------------------------------------------------------------------------------------------------------------------- */

/* Most interchanges have the service characters of the one before. */
static bool same_alphabet(const dgm_edi_reader *r, dgm_edi_repertoire repertoire)
{
    const dgm_edi_alphabet *a = &r->lexer.alphabet;
    const unsigned char *c = (const unsigned char *)r->service;
    return a->component == c[0] && a->element == c[1] && a->release == c[2] && a->terminator == c[3] &&
           a->has_release == r->has_release && a->made_of == repertoire && a->repertoire == repertoire &&
           a->has_repetition == r->has_repetition &&
           (!r->has_repetition || a->repetition == (unsigned char)r->repetition_separator);
}

void dgm_edi_lex_from(dgm_edi_reader *r, size_t at)
{
    dgm_edi_repertoire repertoire = r->header_seen ? r->lexer.alphabet.repertoire : DGM_EDI_REPERTOIRE_ANY;
    if (!same_alphabet(r, repertoire)) {
        dgm_edi_alphabet_make(&r->lexer.alphabet, r->service, r->has_release, repertoire);
        if (r->has_repetition) dgm_edi_alphabet_repeat(&r->lexer.alphabet, r->repetition_separator);
    }
    dgm_edi_lexer_start(&r->lexer, r->in, at, r->lexer.scan);
    r->token_next = r->token_ready = r->token_count = 0;
    r->order.made = false;
    r->overflow = false;
    r->kind_raw.len = 0;
}

static size_t segment_start(const dgm_edi_reader *r)
{
    return r->token_next < r->token_count ? r->tokens[r->token_next].at : r->lexer.start;
}

/* The segment that is too long: told once, then read over to its end. */
static void report_overflow(dgm_edi_reader *r, size_t at)
{
    uint64_t most = dgm_edi_segment_most(r, at);
    if (r->phase == DGM_EDI_IN_MESSAGE || r->phase == DGM_EDI_SKIPPING) r->position.segment++;
    r->path_position = DGM_NONE;
    r->path_layout = NULL;
    r->segment = (dgm_edi_segment){ .at = at, .end = at + (most < 256 ? most : 256), .measured = true };
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_LIMIT_SEGMENT, DGM_ERROR, at, 0, 0, 0);
    dgm_edi_say_number(r, d, most);
    if (r->phase == DGM_EDI_IN_MESSAGE) dgm_edi_message_give_up(r);
}

/* Lexes one window more behind the tokens that are there. DGM_OK: something may have come. */
static dgm_status lex_more(dgm_edi_reader *r)
{
    size_t pending = r->token_count - r->token_next;
    r->order.made = false;
    if (r->token_next) memmove(r->tokens, r->tokens + r->token_next, pending * sizeof *r->tokens);
    r->token_ready -= r->token_next < r->token_ready ? r->token_next : r->token_ready;
    r->token_next = 0;
    r->token_count = pending;
    if (r->lexer.at == r->len) return r->last ? DGM_END : DGM_MORE;
    dgm_status st = token_room(r, pending + WINDOW + DGM_EDI_LEX_ROOM);
    if (st != DGM_OK) return r->failed = st;
    size_t end = r->len - r->lexer.at > WINDOW ? r->lexer.at + WINDOW : r->len;
    r->token_count += dgm_edi_lex(&r->lexer, end, r->tokens + pending, r->token_room - pending);
    for (size_t i = r->token_count; i > pending; i--)
        if (r->tokens[i - 1].info & DGM_EDI_KIND_TERMINATOR) {
            r->token_ready = i;
            break;
        }
    return DGM_OK;
}

/* Inside a segment that is too long: forgets what came until its terminator has come. */
static void forget_overflow(dgm_edi_reader *r)
{
    size_t i = 0;
    while (i < r->token_count && !(r->tokens[i].info & DGM_EDI_KIND_TERMINATOR)) i++;
    if (i < r->token_count) {
        r->token_next = i + 1;
        r->overflow = false;
    } else {
        r->token_next = r->token_count = r->token_ready = 0;
        r->lexer.start = r->lexer.at;
    }
}

/* The input ends without a terminator: what is left becomes a segment. */
static dgm_status end_of_input(dgm_edi_reader *r)
{
    size_t start = segment_start(r), i = start;
    while (i < r->len && (r->in[i] == ' ' || r->in[i] == '\r' || r->in[i] == '\n' || r->in[i] == 0 || r->in[i] == 0x1A)) i++;
    if (i == r->len || r->overflow) return DGM_END;
    uint32_t len = (uint32_t)(r->len - r->lexer.start);
    r->tokens[r->token_count++] = (dgm_edi_token){ (uint32_t)r->lexer.start, len << 5 | r->lexer.held | DGM_EDI_KIND_TERMINATOR };
    r->token_ready = r->token_count;
    r->order.made = false;
    r->lexer.start = r->len;
    r->segment.unterminated = r->unfinished = true;
    return DGM_OK;
}

/* Offsets are 32 bits wide; no message begins further from the base than this. */
static void move_base(dgm_edi_reader *r)
{
    if (r->phase != DGM_EDI_IN_MESSAGE && segment_start(r) > BASE_MAX) drop(r, segment_start(r));
}

/* Makes sure that a whole segment stands at token_next. */
static dgm_status have_segment(dgm_edi_reader *r)
{
    if (r->token_next >= r->token_ready) r->unfinished = false;
    r->segment.unterminated = r->unfinished; /* it may be asked for again: a message ends before it */
    move_base(r);
    while (r->token_next >= r->token_ready) {
        dgm_status st = lex_more(r);
        if (st == DGM_END) return end_of_input(r);
        if (st != DGM_OK) return st;
        if (r->overflow)
            forget_overflow(r);
        else if (r->token_ready == 0 && r->lexer.at - segment_start(r) > r->host.limits.segment_bytes_max &&
                 r->lexer.at - segment_start(r) > dgm_edi_segment_most(r, segment_start(r))) {
            report_overflow(r, segment_start(r));
            r->overflow = true;
            forget_overflow(r);
        }
        move_base(r);
    }
    return DGM_OK;
}

static inline bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == 0;
}

/* Blanks before a tag: the slice begins behind them from now on. Told once for each interchange. */
static void skip_blanks(dgm_edi_reader *r, dgm_edi_token *t)
{
    uint32_t n = 0, len = dgm_edi_token_len(*t);
    while (n < len && blank(r->in[t->at + n])) n++;
    if (!r->blanks_told) {
        bool in_message = r->phase == DGM_EDI_IN_MESSAGE || r->phase == DGM_EDI_SKIPPING;
        r->blanks_told = true;
        r->path_position = DGM_NONE;
        r->path_layout = NULL;
        r->segment.tag = (dgm_slice){ r->in + t->at + n, len - n };
        r->segment.end = r->segment.at; /* no excerpt: the segment is not measured */
        r->position.segment += in_message;
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_BLANKS, r->blanks_are, t->at, n, 0, 0);
        dgm_edi_say_slice(r, d, r->segment.tag);
        r->position.segment -= in_message;
    }
    r->order.made = false;
    t->at += n;
    t->info = (len - n) << 5 | (t->info & 31u & ~(uint32_t)DGM_EDI_KIND_ODD);
}

/* Describes the segment at token_next. */
static void load_segment(dgm_edi_reader *r)
{
    dgm_edi_segment *s = &r->segment;
    dgm_edi_token *t = r->tokens + r->token_next;
    if (dgm_edi_token_len(*t) && blank(r->in[t->at])) skip_blanks(r, t);
    s->token = t;
    s->measured = false;
    s->at = t->at;
    s->tag = (dgm_slice){ r->in + t->at, dgm_edi_token_len(*t) };
    s->packed = s->tag.len == 3 ? dgm_edi_pack(s->tag.at) : 0;
}

void dgm_edi_measure(dgm_edi_reader *r)
{
    size_t n = 0;
    if (r->segment.measured) return;
    while (!(r->segment.token[n].info & DGM_EDI_KIND_TERMINATOR)) n++;
    dgm_edi_measured(r, n + 1);
}

dgm_status dgm_edi_peek(dgm_edi_reader *r, uint32_t *packed)
{
    *packed = 0;
    dgm_edi_measure(r);
    while (r->token_next + r->segment.count >= r->token_count) {
        if (r->segment.unterminated) return DGM_OK;
        dgm_status st = lex_more(r);
        r->segment.token = r->tokens + r->token_next;
        if (st == DGM_END) {
            if (r->len - r->lexer.start >= 3) *packed = dgm_edi_pack(r->in + r->lexer.start);
            return DGM_OK;
        }
        if (st != DGM_OK) return st;
        if (r->lexer.at - r->lexer.start > r->host.limits.segment_bytes_max) return DGM_OK;
    }
    dgm_edi_token next = r->tokens[r->token_next + r->segment.count];
    while (next.info >> 5 && blank(r->in[next.at])) next = (dgm_edi_token){ next.at + 1, next.info - 32 };
    if (dgm_edi_token_len(next) == 3) *packed = dgm_edi_pack(r->in + next.at);
    return DGM_OK;
}

/* Takes what stands between + and + or ' of UNH's second element. */
static void type_of(const dgm_edi_reader *r, const dgm_edi_token *t, size_t n, dgm_edi_text *type)
{
    size_t e = 0, i = 0;
    for (type->len = 0; i < n && e < 2; i++) e += !(t[i].info & DGM_EDI_KIND_COMPONENT);
    for (; i < n; i++) {
        for (uint32_t k = 0; k < dgm_edi_token_len(t[i]) && type->len + 1 < sizeof type->at; k++)
            if (r->in[t[i].at + k] != '\r' && r->in[t[i].at + k] != '\n') type->at[type->len++] = r->in[t[i].at + k];
        if (!(t[i].info & DGM_EDI_KIND_COMPONENT)) return;
        type->at[type->len++] = ':';
    }
}

/* UNH stands behind UNB, or a group's header and what secures it are between. */
dgm_status dgm_edi_peek_type(dgm_edi_reader *r, dgm_edi_text *type)
{
    enum { BYTES = 8192 };
    dgm_edi_measure(r);
    size_t next = r->segment.count; /* of the tokens from token_next on */
    type->len = 0;
    for (;;) {
        size_t i = r->token_next + next, n = 0;
        while (i + n < r->token_count && !(r->tokens[i + n].info & DGM_EDI_KIND_TERMINATOR)) n++;
        if (i + n < r->token_count) {
            dgm_edi_token tag = r->tokens[i];
            while (tag.info >> 5 && blank(r->in[tag.at])) tag = (dgm_edi_token){ tag.at + 1, tag.info - 32 };
            uint32_t packed = dgm_edi_token_len(tag) == 3 ? dgm_edi_pack(r->in + tag.at) : 0;
            next += n + 1;
            if (packed == DGM_EDI_TAG('U', 'N', 'H')) type_of(r, r->tokens + i, n + 1, type);
            if (packed == DGM_EDI_TAG('U', 'N', 'H') || packed == DGM_EDI_TAG('U', 'N', 'Z')) return DGM_OK;
            continue;
        }
        if (r->segment.unterminated || r->lexer.at - r->segment.at > BYTES) return DGM_OK;
        dgm_status st = lex_more(r);
        r->segment.token = r->tokens + r->token_next;
        if (st != DGM_OK) return st == DGM_END ? DGM_OK : st;
    }
}

/* ---- messages
 * -------------------------------------------------------------------------------------------------------------------- */

static bool ends_message(const dgm_edi_reader *r)
{
    switch (r->segment.packed) {
    case DGM_EDI_TAG('U', 'N', 'H'):
    case DGM_EDI_TAG('U', 'N', 'B'):
    case DGM_EDI_TAG('U', 'N', 'G'):
    case DGM_EDI_TAG('U', 'N', 'E'):
    case DGM_EDI_TAG('U', 'N', 'Z'): return true;
    case DGM_EDI_TAG('U', 'N', 'O'): return r->syntax_version >= 4;
    default: return r->segment.tag.len >= 3 && memcmp(r->segment.tag.at, "UNA", 3) == 0;
    }
}

/* The message ends here without UNT. */
static dgm_status cut_message(dgm_edi_reader *r, bool input_ends, dgm_message *out)
{
    r->path_position = DGM_NONE;
    r->path_layout = NULL;
    dgm_slice tag = r->segment.tag;
    size_t end = input_ends ? r->len : r->segment.at;
    if (input_ends) { /* of a message that is skipped the segment before may be gone */
        const bool there = r->phase == DGM_EDI_IN_MESSAGE;
        r->segment.at = there ? r->before.at : 0;
        r->segment.end = there ? r->before.end : 0;
        r->segment.tag.len = 0;
        r->segment.measured = true;
    }
    dgm_diag_code code = r->package ? DGM_D_EDI_PACKAGE_NO_END : DGM_D_EDI_MESSAGE_NO_END;
    dgm_diag *d = dgm_edi_report(r, input_ends ? DGM_D_EDI_MESSAGE_TRUNCATED : code, DGM_ERROR, end, 0, 0, 0);
    dgm_edi_say_slice(r, d, dgm_edi_text_slice(&r->reference));
    if (!input_ends) dgm_edi_say_slice(r, d, tag);
    return dgm_edi_message_end(r, end, false, out);
}

static dgm_status in_message(dgm_edi_reader *r, dgm_message *out)
{
    if (ends_message(r)) return cut_message(r, false, out);
    if (r->segment.unterminated) {
        r->path_position = DGM_NONE;
        r->path_layout = NULL;
        r->position.segment++; /* it is the next one */
        dgm_edi_report(r, DGM_D_EDI_UNTERMINATED, DGM_ERROR, r->segment.at, r->segment.end - r->segment.at, 0, 0);
        r->position.segment--;
    }
    uint32_t trailer = r->package ? DGM_EDI_TAG('U', 'N', 'P') : DGM_EDI_TAG('U', 'N', 'T');
    dgm_status st = r->package ? dgm_edi_package_segment(r) : dgm_edi_message_segment(r);
    if (st != DGM_OK) return st;
    bool over = r->segment.packed == trailer && !r->segment.unterminated;
    size_t consumed = r->segment.count;
    if (over) st = dgm_edi_message_end(r, r->segment.end, true, out);
    if (r->phase != DGM_EDI_IN_OCTETS) r->token_next += consumed;
    return st == DGM_OK && !over ? DGM_UNKNOWN : st; /* DGM_UNKNOWN: go on */
}

static bool begins_message(const dgm_edi_reader *r)
{
    return r->segment.packed == DGM_EDI_TAG('U', 'N', 'H') ||
           (r->segment.packed == DGM_EDI_TAG('U', 'N', 'O') && r->syntax_version >= 4);
}

static dgm_status in_interchange(dgm_edi_reader *r)
{
    if (r->phase == DGM_EDI_IN_INTERCHANGE && dgm_edi_interactive_begins(r)) r->phase = DGM_EDI_IN_INTERACTIVE;
    if (r->phase == DGM_EDI_IN_INTERCHANGE && begins_message(r)) {
        r->path_position = DGM_NONE;
        r->path_layout = NULL;
        dgm_edi_agreed_tell(r);
        dgm_edi_headless(r);
        dgm_edi_group_wanted(r);
        dgm_status st = dgm_edi_message_begin(r);
        if (r->phase != DGM_EDI_IN_OCTETS) r->token_next += r->segment.count;
        return st;
    }
    size_t consumed = r->segment.count;
    if (r->phase == DGM_EDI_IN_INTERACTIVE) {
        if (dgm_edi_interactive_segment(r)) r->token_next += consumed;
        return r->failed;
    }
    if (r->host.agreed && (r->header_seen || r->segment.packed != DGM_EDI_TAG('U', 'N', 'B'))) dgm_edi_agreed_tell(r);
    dgm_status st = dgm_edi_envelope_segment(r);
    if (st == DGM_MORE) return st;
    if (r->phase == DGM_EDI_IN_INTERCHANGE && r->token_count) r->token_next += consumed;
    return st;
}

static dgm_status out_of_input(dgm_edi_reader *r, dgm_message *out)
{
    if (r->phase == DGM_EDI_IN_MESSAGE || r->phase == DGM_EDI_SKIPPING) return cut_message(r, true, out);
    r->segment.at = r->segment.end = r->len;
    r->segment.tag.len = 0; /* the last segment is not where something is missing, and may be gone from the bytes */
    dgm_edi_interchange_over(r, false);
    dgm_edi_leave(r, r->len);
    return DGM_UNKNOWN;
}

static bool too_long(const dgm_edi_reader *r)
{
    const size_t bytes = r->segment.end - r->segment.at;
    return bytes > (size_t)r->host.limits.segment_bytes_max + 1 && bytes > dgm_edi_segment_most(r, r->segment.at) + 1;
}

/* What nearly all segments are: where the program leads them, with nothing to say about them. False: not so, nothing was done. */
static inline bool plain_segment(dgm_edi_reader *r)
{
    if (!r->program || r->segment.unterminated || !dgm_edi_message_plain(r)) return false;
    size_t n = r->segment.count;
    if (too_long(r)) {
        r->position.segment--; /* counted once */
        report_overflow(r, r->segment.at);
    }
    r->token_next += n;
    return true;
}

static dgm_status next_message(dgm_edi_reader *r, dgm_message *out)
{
    *out = (dgm_message){ 0 };
    for (;;) {
        if (r->failed != DGM_OK) return r->failed;
        dgm_status st = DGM_OK;
        if (r->phase == DGM_EDI_BETWEEN) {
            st = dgm_edi_interchange_find(r);
            if (st != DGM_OK) return st;
        }
        if (r->phase == DGM_EDI_IN_OCTETS) {
            st = dgm_edi_octets(r);
            if (st != DGM_OK) return st;
            continue;
        }
        st = have_segment(r);
        if (st == DGM_END) {
            st = out_of_input(r, out);
            if (st != DGM_UNKNOWN) return st;
            continue;
        }
        if (st != DGM_OK) return st;
        if (r->phase == DGM_EDI_IN_MESSAGE && !r->segment.unterminated) {
            bool used_up = dgm_edi_message_run(r);
            if (r->at_trailer) return dgm_edi_message_end(r, r->segment.end, true, out);
            if (used_up) continue;
        }
        load_segment(r);
        if (r->phase == DGM_EDI_IN_MESSAGE && plain_segment(r)) continue;
        dgm_edi_measure(r);
        if (too_long(r)) {
            size_t n = r->segment.count;
            report_overflow(r, r->segment.at);
            r->token_next += n;
            continue;
        }
        if (r->phase == DGM_EDI_IN_INTERCHANGE || r->phase == DGM_EDI_IN_INTERACTIVE) {
            uint64_t end = r->unwrap.on || r->intake.lines ? dgm_edi_plain_end(r, r->segment.end) : 0;
            if (in_interchange(r) == DGM_MORE && r->failed == DGM_OK) return DGM_MORE;
            const bool left = r->phase == DGM_EDI_BETWEEN; /* what there was to tell of it is told */
            if (!left && (r->unwrap.on || r->intake.lines)) dgm_edi_unwrap_tell(r, end);
            continue;
        }
        st = in_message(r, out);
        if (st != DGM_UNKNOWN) return st;
    }
}

/* Where the input is decoded before it is scanned: the next piece of it becomes text. DGM_MORE: it must come first. */
static dgm_status more_text(dgm_edi_reader *r)
{
    drop(r, wanted_from(r));
    dgm_status st = fit_buffer(r, r->len + 1);
    r->in = r->lexer.base = r->buffer ? r->buffer : "";
    if (st == DGM_OK) st = dgm_edi_intake_pull(r);
    return st == DGM_OK || st == DGM_MORE ? st : (r->failed = st);
}

uint64_t dgm_edi_next_at(const dgm_edi_reader *r)
{
    return r->base + (r->phase == DGM_EDI_BETWEEN ? r->at : segment_start(r));
}

bool dgm_edi_message_next(dgm_edi_reader *r)
{
    if (r->failed != DGM_OK || r->phase != DGM_EDI_IN_INTERCHANGE || have_segment(r) != DGM_OK || r->segment.unterminated)
        return false;
    const dgm_edi_token *t = &r->tokens[r->token_next];
    return dgm_edi_token_len(*t) == 3 && dgm_edi_pack(r->in + t->at) == DGM_EDI_TAG('U', 'N', 'H');
}

dgm_status dgm_edi_next(dgm_reader *reader, dgm_message *out)
{
    dgm_edi_reader *r = of(reader);
    return r->crew ? dgm_edi_crew_next(r->crew, out) : dgm_edi_next_alone(r, out);
}

dgm_status dgm_edi_next_alone(dgm_edi_reader *r, dgm_message *out)
{
    dgm_status st = next_message(r, out);
    while (st == DGM_MORE && r->intake.on) {
        st = more_text(r);
        if (st == DGM_OK)
            st = next_message(r, out);
        else
            return st;
    }
    return st;
}

void dgm_edi_recycle(dgm_reader *reader, dgm_message *message)
{
    dgm_edi_reader *r = of(reader);
    char *bytes = NULL;
    size_t capacity = 0;
    if (!message->tree) return;
    if (r->crew && dgm_edi_crew_take_back(r->crew, message->tree)) {
        message->tree = NULL;
        return;
    }
    r->host.draft_recycle(r->draft, message->tree, &bytes, &capacity);
    message->tree = NULL;
    if (bytes && capacity > r->message_bytes_room) {
        dgm_mem_free(&r->mem, r->message_bytes, r->message_bytes_room);
        r->message_bytes = bytes;
        r->message_bytes_room = capacity;
    } else {
        dgm_mem_free(&r->mem, bytes, capacity);
    }
}
