/* SPDX-License-Identifier: Apache-2.0
 *
 * job.c - the one place where the halves meet: detect → decode → map (in) → check → map (out) → encode, message by message. A
 * message that is refused costs its neighbours nothing. One thread.
 */
#include "job.h"

#include "base/diag.h"
#include "mapping/documents.h"

#define HEAD_BYTES 1024u

enum { SURE_ENOUGH = 96 }; /* no layout of flat files is surer than that */

/* ---- opening ---- */

/* What is written needs its mapping; one that is broken is as good as none. */
static dgm_status need_target(dgm_job *j, dgm_diags *diags)
{
    const dgm_context *c = j->context;
    dgm_status s = dgm_context_need_format(c, j->to, diags);
    if (s != DGM_OK) return s;
    if (j->to->mapping) s = dgm_context_need_mapping(c, j->to->mapping, NULL);
    if (s == DGM_CONFIG) dgm_context_tell_aside(j->to->mapping, false, diags);
    if (j->to->mapping && s != DGM_CONFIG) return s;
    dgm_diag *d = dgm_diags_add(diags, DGM_D_JOB_MAPPING_MISSING, DGM_ERROR);
    dgm_diag_text(diags, d, j->options.to);
    return DGM_UNKNOWN;
}

static dgm_status find_ends(dgm_job *j, dgm_diags *diags)
{
    const dgm_context *c = j->context;
    const dgm_job_options *o = &j->options;
    if (o->from.len) {
        j->from = dgm_context_find(c, o->from);
        int codec = dgm_context_codec_of(c, o->from);
        if (j->from) {
            dgm_status s = dgm_context_need_format(c, j->from, diags);
            if (s != DGM_OK) return s;
            j->reader_codec = j->from->codec;
        } else if (codec >= 0)
            j->reader_codec = c->codecs[codec];
        else
            return dgm_context_unknown_format(c, o->from, diags);
    }
    if (o->rewrite && (o->to.len || !o->outlet.open || !o->outlet.close)) return DGM_USAGE;
    if (o->respond && !o->to.len) return DGM_USAGE;
    if (!o->to.len) return DGM_OK;
    if (!o->outlet.open || !o->outlet.close) return DGM_USAGE;
    const dgm_model_entry *model = dgm_context_model(c, o->to);
    j->to_json = dgm_slice_is(o->to, "json") || model;
    if (model) j->to_model = model->name;
    const dgm_codec *writer = &dgm_codec_json;
    if (!j->to_json) {
        j->to = dgm_context_find(c, o->to);
        if (!j->to) return dgm_context_unknown_format(c, o->to, diags);
        dgm_status needed = need_target(j, diags);
        if (needed != DGM_OK) return needed;
        writer = j->to->codec;
        j->shares = dgm_mapping_splits(j->to->mapping->mapping);
        j->gathers = j->shares && dgm_mapping_shares(j->to->mapping->mapping);
    }
    if (o->respond) {
        const dgm_model_entry *answers = dgm_context_model(c, DGM_RESPONSE_MODEL);
        dgm_status s = answers ? dgm_context_need_model(c, answers, diags) : DGM_OK;
        if (s != DGM_OK) return s;
    }
    dgm_slice made_of = j->to ? dgm_mapping_model(j->to->mapping->mapping) : j->to_model;
    if (o->respond && made_of.len && !dgm_slice_equal(made_of, DGM_RESPONSE_MODEL)) {
        dgm_diag *d = dgm_diags_add(diags, DGM_D_JOB_RESPOND, DGM_ERROR);
        dgm_diag_text(diags, d, o->to);
        dgm_diag_text(diags, d, made_of);
        return DGM_UNKNOWN;
    }
    dgm_status s = dgm_job_check_settings(writer, true, &j->writer_settings, diags);
    dgm_job_level_of_writer(j, writer);
    return s;
}

static dgm_status open_reader(dgm_job *j, const dgm_slice *whole, dgm_diags *diags)
{
    if (!whole && j->spare && j->spare_codec == j->reader_codec && j->spare_terms == j->parties.terms) {
        j->reader = j->spare;
        j->spare = NULL;
        j->reader_whole = false;
        return DGM_OK;
    }
    dgm_status s = dgm_job_check_settings(j->reader_codec, false, &j->reader_settings, diags);
    if (s != DGM_OK) return s;
    const int codec = dgm_context_codec_of(j->context, dgm_slice_of(j->reader_codec->name));
    const dgm_format_list *known = &j->context->by_codec[codec];
    if (!j->from && j->reader_codec->identify_formats) s = dgm_context_need_codec(j->context, (size_t)codec, diags);
    if (s != DGM_OK) return s;
    j->host.formats = j->host.known = known->at;
    j->host.known_count = known->count;
    j->host.knowledge = (const void *const *)known->knowledge;
    j->host.knowledge_count = known->knowledge_count;
    j->host.guides = known->guides;
    j->host.guide_count = j->guided ? known->guide_count : 0; /* else another thread may be loading them */
    j->host.format_count = known->count;
    if (j->from) { /* said by the caller: nothing else is considered */
        for (size_t i = 0; i < known->count; i++)
            if (known->at[i] == &j->from->format) j->host.formats = known->at + i;
        j->host.format_count = 1;
    }
    dgm_job_envelopes_open(j);
    s = dgm_rewriting_open(j, diags);
    if (s != DGM_OK) return s;
    j->reader_whole = whole && j->reader_codec->open_whole;
    j->host.threads = j->options.to.len ? 0 : j->options.threads; /* what is translated keeps them busy without */
    const dgm_setting *settings;
    size_t n = dgm_job_partner_open(j, &settings);
    if (whole && j->reader_whole) return j->reader_codec->open_whole(&j->host, settings, n, *whole, &j->reader);
    return j->reader_codec->open(&j->host, settings, n, &j->reader);
}

enum { LANES_A_THREAD = 6 };

static void work_on(void *ctx, uint32_t slot)
{
    dgm_lane_work(&((dgm_job *)ctx)->lanes[slot]);
}

static dgm_status open_lanes(dgm_job *j)
{
    uint32_t threads = j->options.threads > DGM_THREADS_MAX ? DGM_THREADS_MAX : j->options.threads;
    uint32_t count = threads > 1 ? threads * LANES_A_THREAD : 1;
    j->lanes = DGM_NEW(&j->arena, dgm_lane, count);
    if (!j->lanes) return DGM_NOMEM;
    dgm_status s = DGM_OK;
    while (s == DGM_OK && j->lane_count < count) s = dgm_lane_open(j, &j->lanes[j->lane_count++]);
    return s == DGM_OK && threads > 1 ? dgm_pool_open(&j->arena, threads, count, work_on, j, &j->pool) : s;
}

dgm_status dgm_job_open(const dgm_context *c, const dgm_job_options *options, dgm_diags *diags, dgm_job **out)
{
    *out = NULL;
    if (!c || !options || options->struct_bytes != sizeof *options) return DGM_USAGE;
    dgm_mem mem = c->mem;
    dgm_job *j = dgm_mem_new(&mem, sizeof *j);
    if (!j) return DGM_NOMEM;
    j->context = c;
    j->mem = mem;
    dgm_arena_init(&j->arena, &mem);
    dgm_buffer_init(&j->head, &mem);
    dgm_buffer_init(&j->sink.held, &mem);
    dgm_rewriting_init(j);
    dgm_buffer_init(&j->told.bytes, &mem);
    dgm_job_proof_init(j);
    dgm_arena_init(&j->held_names, &mem);
    dgm_status s = dgm_job_settings(j, options, diags);
    if (s == DGM_OK) s = find_ends(j, diags);
    if (s == DGM_OK && j->reader_codec) s = dgm_job_check_settings(j->reader_codec, false, &j->reader_settings, diags);
    if (s == DGM_OK) s = dgm_rewriting_settings(j, diags);
    uint32_t most = c->limits.diagnostics_max ? c->limits.diagnostics_max : 1000;
    if (s == DGM_OK) s = dgm_diags_new(&mem, most, &j->diags);
    if (s == DGM_OK) s = dgm_diags_new(&mem, most, &j->writer_diags);
    if (s == DGM_OK) s = open_lanes(j);
    if (s == DGM_OK) {
        j->host = dgm_host_make(&mem, &c->limits, j->diags, &c->world, NULL, 0);
        j->writer_host = dgm_host_make(&mem, &c->limits, j->writer_diags, &c->world, NULL, 0);
        j->host.counter = j->writer_host.counter = options->counter;
        j->sink.outlet = j->options.outlet;
        j->parties.limits = j->host.limits;
        s = dgm_job_partner_prepare(j, diags);
    }
    if (s == DGM_OK) s = dgm_job_signing_open(j, diags);
    if (s == DGM_OK) {
        j->guided = dgm_job_asks_for_guides(j);
        if (j->guided) s = dgm_context_guides(c, diags);
        if (s == DGM_OK) s = dgm_job_ack_prepare(j, diags);
    }
    j->options.passphrase = (dgm_slice){ 0 };
    if (s == DGM_OK)
        *out = j;
    else
        dgm_job_close(j);
    return s;
}

void dgm_job_close(dgm_job *j)
{
    if (!j) return;
    dgm_mem mem = j->mem;
    dgm_pool_close(j->pool); /* its threads are done before anything goes */
    (void)dgm_job_close_output(j, false);
    if (j->writer) j->writer_codec->writer_close(j->writer);
    if (j->rewriting.kept) j->writer_codec->writer_close(j->rewriting.kept);
    dgm_job_partner_free(j);
    dgm_documents_free(j);
    dgm_merge_free(j);
    for (uint32_t i = 0; i < j->lane_count; i++) dgm_lane_free(&j->lanes[i]);
    if (j->ahead.next.tree) j->reader_codec->recycle(j->reader, &j->ahead.next);
    if (j->reader) j->reader_codec->close(j->reader);
    if (j->spare) j->spare_codec->close(j->spare);
    if (j->ack) j->ack->codec->ack_close(j->ack);
    dgm_diags_free(j->diags);
    dgm_diags_free(j->writer_diags);
    dgm_buffer_free(&j->head);
    dgm_buffer_free(&j->sink.held);
    dgm_rewriting_free(j);
    dgm_buffer_free(&j->told.bytes);
    dgm_job_proof_free(j);
    dgm_arena_free(&j->arena);
    dgm_mem_free(&mem, j, sizeof *j);
}

dgm_status dgm_job_again(dgm_job *j)
{
    if (j->failed != DGM_OK) return j->failed;
    if (!j->over) return DGM_USAGE;
    if (j->reader && j->reader_whole) {
        j->reader_codec->close(j->reader);
    } else if (j->reader) {
        if (j->spare) j->spare_codec->close(j->spare);
        j->reader_codec->reset(j->reader);
        j->spare = j->reader;
        j->spare_codec = j->reader_codec;
        j->spare_terms = j->parties.terms;
    }
    j->reader = NULL;
    dgm_job_parties_forget(j);
    if (j->told_aside) memset(j->told_aside, 0, j->context->mapping_count * sizeof *j->told_aside);
    if (!j->options.from.len) j->reader_codec = NULL; /* the next input may be of another kind */
    j->over = false;
    return DGM_OK;
}

dgm_job_counts dgm_job_count(const dgm_job *j)
{
    return j->counts;
}

/* ---- feeding ---- */

/* What was said about the input beside its messages: counts of the envelope, trailing bytes, an input nobody knows. */
static void tell_rest(dgm_job *j, dgm_status status)
{
    if (!dgm_diags_count(j->diags)) return;
    dgm_message_report r = { .codec = j->reader_codec ? j->reader_codec->name : "", .status = status };
    if (dgm_diags_errors(j->diags) && status == DGM_OK) r.status = DGM_INVALID;
    dgm_job_tell(j, &r, j->diags);
}

/* The oldest message under way is brought to its end; DGM_END when there is none. */
static dgm_status bring_one_home(dgm_job *j)
{
    uint32_t slot = dgm_pool_oldest(j->pool);
    if (slot == DGM_NONE) return DGM_END;
    dgm_status s = dgm_lane_deliver(&j->lanes[slot]);
    dgm_pool_release(j->pool);
    return s;
}

static dgm_status bring_all_home(dgm_job *j)
{
    dgm_status s = DGM_OK;
    while (j->pool && s == DGM_OK) s = bring_one_home(j);
    return s == DGM_END ? DGM_OK : s;
}

static dgm_status one_message(dgm_job *j, dgm_message *m)
{
    j->counts.messages++;
    dgm_lane *lane = j->lanes;
    if (j->pool) {
        uint32_t slot;
        while ((slot = dgm_pool_free_slot(j->pool)) == DGM_NONE) {
            dgm_status s = bring_one_home(j);
            if (s == DGM_OK) continue;
            j->reader_codec->recycle(j->reader, m);
            return s;
        }
        lane = &j->lanes[slot];
    }
    dgm_status s = dgm_lane_take(lane, m);
    if (s != DGM_OK) return s;
    if (j->pool) {
        dgm_pool_submit(j->pool);
        return DGM_OK;
    }
    dgm_lane_work(lane);
    return dgm_lane_deliver(lane);
}

static dgm_status finish_input(dgm_job *j)
{
    j->over = true;
    j->going.known = false;
    dgm_status s = bring_all_home(j);
    if (s == DGM_OK) s = dgm_documents_flush(&j->lanes[0]);
    if (s == DGM_OK) s = dgm_rewriting_end(j);
    if (s == DGM_OK) s = dgm_job_close_output(j, true);
    if (s == DGM_OK) s = dgm_merge_end(j);
    j->wrote_of_input = false;
    if (s == DGM_OK) s = j->told_failed;
    if (s == DGM_OK) dgm_job_tell_envelopes(j, UINT64_MAX);
    if (s == DGM_OK) s = dgm_diags_move(j->diags, j->writer_diags);
    if (s == DGM_OK && dgm_diags_failed(j->diags)) s = DGM_NOMEM;
    if (s == DGM_OK) tell_rest(j, DGM_OK);
    if (s != DGM_OK || !j->ack) return s;
    s = dgm_job_ack_finish(j);
    if (s == DGM_OK) tell_rest(j, DGM_OK);
    return s;
}

static dgm_status drain(dgm_job *j)
{
    for (;;) {
        dgm_message m = { 0 };
        dgm_status s = j->reader_codec->next(j->reader, &m);
        if (s == DGM_END) return finish_input(j);
        if (s == DGM_MORE) {
            s = bring_all_home(j);
            return s == DGM_OK && dgm_diags_failed(j->diags) ? DGM_NOMEM : s;
        }
        if (s == DGM_OK) s = one_message(j, &m);
        if (s == DGM_CONFIG) tell_rest(j, s); /* a format that the input needs is broken */
        if (s != DGM_OK) return s;
    }
}

/* "una", "Unb", "unh": what an interchange begins with but for its letters, in capitals; empty: none of these. */
static dgm_slice small_letters(dgm_slice first)
{
    static const char *const tags[] = { "UNA", "UNB", "UNH" };
    for (size_t i = 0; i < 3 && first.len > 8; i++) {
        size_t same = 0;
        while (same < 3 && (first.at[same] & ~0x20) == tags[i][same]) same++;
        bool letter = (first.at[3] >= 'a' && first.at[3] <= 'z') || (first.at[3] >= 'A' && first.at[3] <= 'Z');
        if (same == 3 && !letter) return dgm_slice_of(tags[i]);
    }
    return (dgm_slice){ 0 };
}

static dgm_status identify(dgm_job *j, dgm_slice first)
{
    if (j->reader_codec) return DGM_OK;
    const dgm_codec *const *codecs = j->context->codecs;
    int best = 0;
    for (int i = 0; codecs[i]; i++) {
        int sure = codecs[i]->identify(dgm_slice_part(first, 0, HEAD_BYTES));
        const dgm_format_list *known = &j->context->by_codec[i];
        if (codecs[i]->identify_formats && best < SURE_ENOUGH) {
            dgm_status s = dgm_context_need_codec(j->context, (size_t)i, j->diags); /* what it is of may be any of them */
            if (s != DGM_OK) return s;
            int by_format =
                codecs[i]->identify_formats(known->at, known->count, dgm_slice_part(first, 0, HEAD_BYTES), first.len < HEAD_BYTES);
            if (by_format > sure) sure = by_format;
        }
        if (sure > best) best = sure, j->reader_codec = codecs[i];
    }
    if (j->reader_codec) return DGM_OK;
    dgm_slice capitals = small_letters(first);
    if (capitals.len) {
        dgm_diag *small = dgm_diags_add(j->diags, DGM_D_JOB_INPUT_SMALL, DGM_ERROR);
        if (small) small->at_byte = 0;
        dgm_diag_text(j->diags, small, dgm_slice_part(first, 0, 3));
        dgm_diag_text(j->diags, small, capitals);
        dgm_diag_excerpt(j->diags, small, dgm_slice_part(first, 0, 64), 0);
        return DGM_UNKNOWN;
    }
    dgm_diag *d = dgm_diags_add(j->diags, first.len ? DGM_D_JOB_INPUT_UNKNOWN : DGM_D_JOB_INPUT_EMPTY, DGM_ERROR);
    if (d) d->at_byte = 0;
    dgm_diag_text(j->diags, d, dgm_slice_part(first, 0, 32));
    dgm_diag_excerpt(j->diags, d, dgm_slice_part(first, 0, 64), 0);
    return DGM_UNKNOWN;
}

static dgm_status fail(dgm_job *j, dgm_status s)
{
    if (s == DGM_OK) return s;
    j->failed = s;
    (void)dgm_job_close_output(j, false);
    dgm_merge_let_go(j);
    return s;
}

static dgm_status feed(dgm_job *j, dgm_slice chunk, bool last)
{
    dgm_status s = DGM_OK;
    bool held = false;
    if (!j->reader) {
        if (!j->reader_codec && !last && j->head.len + chunk.len < HEAD_BYTES) return dgm_buffer_append(&j->head, chunk);
        if (!j->reader_codec && j->head.len) {
            s = dgm_buffer_append(&j->head, chunk);
            chunk = dgm_buffer_slice(&j->head);
            held = true;
        }
        if (s == DGM_OK) s = identify(j, chunk);
        if (s == DGM_OK) s = open_reader(j, NULL, j->diags);
        if (s == DGM_CONFIG || s == DGM_UNKNOWN) tell_rest(j, s);
    }
    if (s == DGM_OK) s = dgm_rewriting_feed(j, chunk, false);
    if (s == DGM_OK) {
        s = j->reader_codec->feed(j->reader, chunk, last);
        if (s == DGM_CONFIG) tell_rest(j, s); /* a format that was needed only now */
    }
    if (held) dgm_buffer_free(&j->head);
    return s == DGM_OK ? drain(j) : s;
}

/* Every input whose signature matters comes here, as a whole. */
static dgm_status whole(dgm_job *j, dgm_slice input)
{
    dgm_status s = identify(j, input);
    if (s == DGM_OK) s = dgm_job_parties_look(j, input, true);
    if (s == DGM_OK) s = dgm_job_prove(j, &input);
    if (s == DGM_CONFIG || s == DGM_UNKNOWN) tell_rest(j, s);
    if (dgm_job_unproved(j, s)) return finish_input(j);
    if (s == DGM_OK && !j->reader_codec->open_whole) return feed(j, input, true);
    if (s != DGM_OK) return s;
    s = open_reader(j, &input, j->diags);
    if (s == DGM_OK) s = dgm_rewriting_feed(j, input, true);
    if (s == DGM_CONFIG || s == DGM_UNKNOWN) tell_rest(j, s);
    return s == DGM_OK ? drain(j) : s;
}

/* An input that comes in pieces is held until it is known whose it is; and as a whole only where it must be signed. */
static dgm_status no_longer_gather(dgm_job *j)
{
    dgm_slice held = dgm_buffer_slice(&j->proof.gathered);
    if (j->options.verify || (!j->reader_codec && held.len < HEAD_BYTES)) return DGM_OK;
    dgm_status s = identify(j, held);
    if (s == DGM_OK) s = dgm_job_parties_look(j, held, false);
    if (s == DGM_MORE || (s == DGM_OK && dgm_job_proves(j))) return DGM_OK;
    if (s == DGM_CONFIG || s == DGM_UNKNOWN) tell_rest(j, s);
    if (s == DGM_OK) s = feed(j, held, false);
    dgm_buffer_free(&j->proof.gathered);
    return s;
}

dgm_status dgm_job_feed(dgm_job *j, dgm_slice chunk, bool last)
{
    if (j->failed != DGM_OK) return j->failed;
    if (j->over) return chunk.len ? DGM_USAGE : DGM_OK;
    if (j->reader || (!j->options.verify && !j->parties.asked)) return fail(j, feed(j, chunk, last));
    dgm_status s = dgm_job_gather(j, chunk);
    if (s == DGM_OK && last) s = whole(j, dgm_buffer_slice(&j->proof.gathered));
    if (s == DGM_OK && !last) s = no_longer_gather(j);
    if (last) j->proof.gathered.len = 0;
    return fail(j, s);
}

dgm_status dgm_job_whole(dgm_job *j, dgm_slice input)
{
    if (j->failed != DGM_OK) return j->failed;
    if (j->reader || j->over || j->head.len || j->proof.gathered.len) return fail(j, DGM_USAGE);
    return fail(j, whole(j, input));
}

/* ---- an input ahead of its turn ---- */

static dgm_status first_message(dgm_job *j)
{
    dgm_message m = { 0 };
    dgm_status s = j->reader_codec->next(j->reader, &m);
    if (s != DGM_OK) return s;
    j->counts.messages++;
    s = dgm_lane_take(j->lanes, &m);
    if (s != DGM_OK) return s;
    dgm_lane_work(j->lanes);
    j->ahead.message = true;
    s = j->reader_codec->next(j->reader, &j->ahead.next);
    if (s != DGM_END) return s;
    if (j->lanes->held.count || j->gathers || j->lanes->merges) return DGM_END; /* they are written when it is their turn */
    dgm_lane_put_out(j->lanes);
    dgm_status ended = dgm_rewriting_end(j);
    j->ahead.closed = ended == DGM_OK ? dgm_job_close_output(j, true) : ended;
    return DGM_END;
}

void dgm_job_ahead(dgm_job *j, dgm_slice input)
{
    j->ahead.message = false;
    j->ahead.closed = DGM_OK;
    j->ahead.next = (dgm_message){ 0 };
    j->sink.hold = true;
    dgm_status s = j->failed;
    if (s == DGM_OK) s = identify(j, input);
    if (s == DGM_OK) s = dgm_job_parties_look(j, input, true);
    if (s == DGM_OK) s = dgm_job_prove(j, &input);
    if (dgm_job_unproved(j, s)) s = DGM_END;
    if (s == DGM_OK) s = open_reader(j, NULL, j->diags);
    if (s == DGM_OK) s = dgm_rewriting_feed(j, input, true);
    if (s == DGM_OK) s = j->reader_codec->feed(j->reader, input, true);
    if (s == DGM_OK) s = first_message(j);
    j->ahead.status = s;
}

static dgm_status first_home(dgm_job *j)
{
    /* As without being ahead: a document before its report, an interchange when all of it is told. */
    bool single = dgm_job_writes_single(j) || j->lanes->held.count || j->gathers || j->lanes->merges;
    dgm_status s = single ? dgm_job_let_go(j) : DGM_OK;
    if (s == DGM_OK && j->ahead.message) s = dgm_lane_deliver(j->lanes);
    dgm_status gone = single ? DGM_OK : dgm_job_let_go(j);
    return s == DGM_OK ? gone : s;
}

dgm_status dgm_job_home(dgm_job *j)
{
    dgm_status s = first_home(j);
    if (s != DGM_OK) return fail(j, s);
    s = j->ahead.status;
    if (s == DGM_CONFIG || (!j->reader && s == DGM_UNKNOWN)) tell_rest(j, s);
    if (s == DGM_END) {
        s = j->ahead.closed == DGM_OK ? finish_input(j) : j->ahead.closed;
    } else if (s == DGM_OK) {
        dgm_message next = j->ahead.next;
        j->ahead.next = (dgm_message){ 0 };
        s = one_message(j, &next);
        if (s == DGM_OK) s = drain(j);
    }
    return fail(j, s);
}
