/* SPDX-License-Identifier: Apache-2.0
 *
 * crew.c - see crew.h. Where pieces begin is guessed by looking for UNH behind a terminator; a guess that is wrong shows when the
 * piece before ends elsewhere, and costs the work done on it. Everything here belongs to the thread that reads, but for a piece
 * while it stands in the pool.
 */
#include "crew.h"

#include "base/pool.h"
#include "reader.h"

#include <pthread.h>

#define PIECE_BYTES   (32u * 1024u)
#define LEAST_BYTES   (1024u * 1024u) /* below that threads cost more than they save */
#define LOOK_BYTES    (4u * 1024u * 1024u)
#define SPARES_MAX    96u
#define THREADS_MAX   64u
#define PIECES_MORE   2u  /* than threads */
#define CAREFUL_MOST  48u /* messages read twice among the last CAREFUL_OF: it does not pay */
#define CAREFUL_OF    64u
#define FETCH_RECORDS 6u /* messages ahead */
#define FETCH_TREES   3u

/* What the reader has to know of a message: written by one thread and read by another, so it is no more than a line of memory. */
typedef struct taken {
    dgm_tree *tree; /* NULL: it is to be read with care, or was given out */
    const dgm_format *format;
    const void *guide;
    uint64_t from, end;                                      /* in the input, with what stands before and behind */
    uint64_t at, bytes;                                      /* of the message */
    uint32_t type_at, type_len, reference_at, reference_len; /* in the piece's names */
} taken;

/* A thread keeps to one reader: its molds and the memory of its trees are near then. */
typedef struct hand {
    dgm_edi_reader *reader;
    dgm_diags *diags;
    pthread_t thread; /* of this one; guarded, as all below */
    bool bound;
    dgm_tree *spares[SPARES_MAX];
    uint32_t spare_count;
} hand;

typedef struct piece {
    hand *by;
    taken *messages;
    size_t count, room;
    dgm_buffer names;
    uint64_t from, to;
    uint32_t interchange, group;
    dgm_status failed;
} piece;

struct dgm_edi_crew {
    dgm_edi_reader *r;
    dgm_mem mem;
    dgm_arena arena;
    dgm_pool *pool;
    pthread_mutex_t lock;
    hand *hands;
    piece *pieces;
    uint32_t hand_count, piece_count;
    dgm_edi_reader *seen; /* the reader as it stood in this interchange and group; changed while no piece is in the pool */
    uint32_t current;     /* the piece whose messages are given out; DGM_NONE */
    size_t index;
    uint64_t at;     /* where the next message begins, unless the reader itself stands there */
    bool placed;     /* it does */
    uint64_t handed; /* pieces have been handed out up to here */
    hand *back_to;   /* whose trees these are, most likely */
    dgm_tree *back[SPARES_MAX];
    uint32_t back_count;
    uint32_t lately, careful; /* messages given out, those of them read twice */
    bool over;                /* nothing more is handed out */
};

/* ---- a piece, in whatever thread ----------------------------------------------------------------------------------------------
 */

/* Names are of a piece, whose length is far below what 32 bits hold. */
static dgm_status keep_name(piece *p, dgm_slice name, uint32_t *at, uint32_t *len)
{
    *at = (uint32_t)p->names.len;
    *len = (uint32_t)name.len;
    return name.len ? dgm_buffer_append(&p->names, name) : DGM_OK;
}

/* Room for one message more; NULL: no memory. */
static taken *next_taken(piece *p, const dgm_mem *mem)
{
    void *messages = p->messages;
    p->failed = dgm_mem_reserve(mem, &messages, &p->room, p->count + 1, sizeof *p->messages);
    p->messages = messages;
    return p->failed == DGM_OK ? &p->messages[p->count] : NULL;
}

/* Most messages are of the type of the one before. */
static dgm_status keep_names(piece *p, taken *t, const dgm_message *m)
{
    const taken *before = p->count ? t - 1 : NULL;
    const bool same = before && before->type_len == m->type.len &&
                      (m->type.len == 0 || memcmp(p->names.at + before->type_at, m->type.at, m->type.len) == 0);
    dgm_status st = DGM_OK;
    if (same) {
        t->type_at = before->type_at;
        t->type_len = before->type_len;
    } else {
        st = keep_name(p, m->type, &t->type_at, &t->type_len);
    }
    return st == DGM_OK ? keep_name(p, m->reference, &t->reference_at, &t->reference_len) : st;
}

/* This thread's; there is one for each. Trees that came back to it are taken up. */
static hand *hand_of(dgm_edi_crew *c)
{
    dgm_tree *spares[SPARES_MAX];
    uint32_t i = 0, spare_count;
    pthread_mutex_lock(&c->lock);
    while (c->hands[i].bound && !pthread_equal(c->hands[i].thread, pthread_self())) i++;
    hand *h = &c->hands[i];
    h->bound = true;
    h->thread = pthread_self();
    spare_count = h->spare_count;
    memcpy(spares, h->spares, spare_count * sizeof(dgm_tree *));
    h->spare_count = 0;
    pthread_mutex_unlock(&c->lock);
    for (i = 0; i < spare_count; i++) __builtin_prefetch(&spares[i]->position, 1);
    for (i = 0; i < spare_count; i++) {
        dgm_message m = { .tree = spares[i] };
        dgm_edi_recycle(&h->reader->head, &m);
    }
    return h;
}

/* The hand's reader stands within the interchange that the reader is in, as it stood there. */
static void place(const dgm_edi_reader *r, dgm_edi_reader *w, uint64_t from)
{
    w->in = r->in + (from - r->base);
    w->len = r->len - (size_t)(from - r->base);
    w->base = from;
    w->whole = w->last = w->any = true;
    w->ended = w->junk = false;
    w->phase = DGM_EDI_IN_INTERCHANGE;
    w->at = 0;
    memcpy(w->service, r->service, sizeof w->service);
    w->repetition_separator = r->repetition_separator;
    w->has_release = r->has_release;
    w->has_repetition = r->has_repetition;
    w->has_una = r->has_una;
    w->una_decimal = r->una_decimal;
    w->mark_wrong = r->mark_wrong;
    w->has_header = r->has_header;
    w->header_seen = r->header_seen;
    w->headless_told = r->headless_told;
    w->mixed_told = r->mixed_told;
    w->blanks_told = r->blanks_told;
    w->syntax_version = r->syntax_version;
    w->sender = r->sender;
    w->recipient = r->recipient;
    w->in_group = r->in_group;
    w->group_version = r->group_version;
    w->group_release = r->group_release;
    w->interchange_messages = r->interchange_messages;
    w->interchange_groups = r->interchange_groups;
    w->position = (dgm_position){ .interchange = r->position.interchange, .group = r->position.group };
    w->references.full = true; /* they are looked at in their turn */
    dgm_edi_values_set(w, (dgm_slice){ r->values.identifier, strlen(r->values.identifier) });
    w->lexer.alphabet = r->lexer.alphabet;
    dgm_edi_lex_from(w, 0);
}

/* The message at hand; false: this is as far as the piece can be read here. */
static bool take_message(const dgm_edi_crew *c, piece *p, dgm_edi_reader *w)
{
    const dgm_edi_reader *r = c->seen;
    dgm_diags *diags = p->by->diags;
    dgm_message m;
    taken *t = next_taken(p, &w->mem);
    if (!t) return false;
    t->from = dgm_edi_next_at(w);
    if (dgm_edi_next(&w->head, &m) != DGM_OK) return false;
    if (dgm_diags_count(diags) || m.errors || w->blanks_told != r->blanks_told || w->mixed_told != r->mixed_told) {
        dgm_edi_recycle(&w->head, &m); /* there is something to say: the reader will */
        w->blanks_told = r->blanks_told;
        w->mixed_told = r->mixed_told;
        dgm_diags_clear(diags);
    }
    t->tree = m.tree;
    t->format = m.format;
    t->guide = m.guide;
    t->at = m.at_byte;
    t->bytes = m.bytes;
    t->end = dgm_edi_next_at(w);
    if (w->phase == DGM_EDI_IN_INTERCHANGE) {
        p->failed = keep_names(p, t, &m);
        p->count += p->failed == DGM_OK;
        if (p->failed == DGM_OK) return true;
    }
    dgm_edi_recycle(&w->head, &m);
    return false;
}

static void work(void *ctx, uint32_t slot)
{
    dgm_edi_crew *c = ctx;
    piece *p = &c->pieces[slot];
    p->by = hand_of(c);
    dgm_edi_reader *w = p->by->reader;
    place(c->seen, w, p->from);
    while (dgm_edi_message_next(w) && dgm_edi_next_at(w) < p->to && take_message(c, p, w)) {
    }
    dgm_diags_clear(p->by->diags);
    if (w->failed != DGM_OK) p->failed = w->failed;
}

/* ---- handing pieces out -------------------------------------------------------------------------------------------------------
 */

/* Where the next segment begins: line breaks before it are left out. */
static uint64_t where(const dgm_edi_crew *c)
{
    const dgm_edi_reader *r = c->r;
    size_t at = (size_t)((c->placed ? dgm_edi_next_at(r) : c->at) - r->base);
    while (at < r->len && (r->in[at] == '\r' || r->in[at] == '\n') && !memchr(r->service, r->in[at], sizeof r->service)) at++;
    return r->base + at;
}

/* Can messages from here on be read by another reader, given what is known of their interchange? */
static bool possible(const dgm_edi_crew *c)
{
    const dgm_edi_reader *r = c->r;
    return !c->over && r->failed == DGM_OK && r->phase == DGM_EDI_IN_INTERCHANGE && r->has_header && r->values.set &&
           r->syntax_version < 4 && !r->agreed && !r->intake.on && !r->unwrap.on && r->interchange_messages > 0;
}

/* Does a segment end before a byte, if line breaks between segments do not count? */
static bool segment_before(const dgm_edi_reader *r, size_t at)
{
    size_t releases = 0;
    while (at && (r->in[at - 1] == '\r' || r->in[at - 1] == '\n')) at--;
    if (at == 0 || r->in[--at] != r->service[3]) return false;
    while (r->has_release && releases < at && r->in[at - 1 - releases] == r->service[2]) releases++;
    return releases % 2 == 0;
}

/* Where the first message from an offset on seems to begin; 0: nowhere near. */
static uint64_t begins_from(const dgm_edi_reader *r, uint64_t offset)
{
    const char tag[4] = { 'U', 'N', 'H', r->service[1] };
    size_t at = (size_t)(offset - r->base), end = r->len - at > LOOK_BYTES ? at + LOOK_BYTES : r->len;
    while (at < end) {
        const char *found = memmem(r->in + at, end - at, tag, sizeof tag);
        if (!found) return 0;
        at = (size_t)(found - r->in);
        if (segment_before(r, at)) return r->base + at;
        at++;
    }
    return 0;
}

/* What pieces are read by is how the reader stands now; none is in the pool. */
static void look(dgm_edi_crew *c)
{
    *c->seen = *c->r;
}

static bool seen_now(const dgm_edi_crew *c)
{
    const dgm_position *now = &c->r->position, *then = &c->seen->position;
    return now->interchange == then->interchange && now->group == then->group && c->r->base == c->seen->base;
}

static void hand_out(dgm_edi_crew *c)
{
    const dgm_edi_reader *r = c->r;
    uint32_t slot;
    if (!possible(c)) return;
    if (!seen_now(c)) {
        if (dgm_pool_oldest(c->pool) != DGM_NONE) return; /* of another interchange: it goes when it has its turn */
        look(c);
    }
    if (c->handed < where(c)) c->handed = where(c);
    while ((slot = dgm_pool_free_slot(c->pool)) != DGM_NONE) {
        uint64_t end = r->base + r->len, from = c->handed;
        if (end - from < 2 * (uint64_t)PIECE_BYTES) return; /* what is left is soon read */
        uint64_t to = begins_from(r, from + PIECE_BYTES);
        if (to == 0) return;
        piece *p = &c->pieces[slot];
        p->from = from;
        p->to = c->handed = to;
        p->interchange = r->position.interchange;
        p->group = r->position.group;
        p->failed = DGM_OK;
        p->count = 0;
        p->names.len = 0;
        dgm_pool_submit(c->pool);
    }
}

/* ---- giving messages out --------------------------------------------------------------------------------------------------------
 */

/* Trees that came back go to the hand whose they are. */
static void hand_back(dgm_edi_crew *c)
{
    hand *h = c->back_to;
    uint32_t kept = 0;
    if (c->back_count == 0) return;
    pthread_mutex_lock(&c->lock);
    while (h && kept < c->back_count && h->spare_count < SPARES_MAX) h->spares[h->spare_count++] = c->back[kept++];
    pthread_mutex_unlock(&c->lock);
    while (kept < c->back_count) dgm_tree_free(c->back[kept++]);
    c->back_count = 0;
}

/* The current piece is done with. */
static void let_go(dgm_edi_crew *c)
{
    piece *p = &c->pieces[c->current];
    hand_back(c);
    c->back_to = p->by;
    for (size_t i = 0; i < p->count; i++) {
        if (!p->messages[i].tree) continue;
        if (c->back_count == SPARES_MAX) hand_back(c);
        c->back[c->back_count++] = p->messages[i].tree;
    }
    p->count = 0;
    dgm_pool_release(c->pool);
    c->current = DGM_NONE;
}

/* By the reader itself. */
static dgm_status read_on(dgm_edi_crew *c, dgm_message *out)
{
    if (!c->placed) {
        dgm_edi_lex_from(c->r, (size_t)(c->at - c->r->base));
        c->r->kind = NULL; /* another may have been met meanwhile */
    }
    c->placed = true;
    return dgm_edi_next_alone(c->r, out);
}

/* Has the reference of a message been used before, or is there anything else to be said about it? */
static bool reference_new(dgm_edi_crew *c, dgm_slice reference)
{
    dgm_edi_reader *r = c->r;
    if (reference.len == 0) return true;
    dgm_status st = dgm_edi_references_add(&r->references, &r->mem, reference);
    if (st == DGM_LIMIT) r->references.full = false; /* it will be told when the message is read */
    if (st == DGM_NOMEM) r->failed = st;
    return st == DGM_OK;
}

static void give_out(dgm_edi_crew *c, const piece *p, taken *t, dgm_message *out)
{
    dgm_edi_reader *r = c->r;
    r->interchange_messages++;
    r->group_messages++;
    dgm_edi_text_set(&r->type, (dgm_slice){ p->names.at + t->type_at, t->type_len });
    dgm_edi_text_set(&r->message_reference, (dgm_slice){ p->names.at + t->reference_at, t->reference_len });
    *out = (dgm_message){ .tree = t->tree,
                          .format = t->format,
                          .guide = t->guide,
                          .type = dgm_edi_text_slice(&r->type),
                          .reference = dgm_edi_text_slice(&r->message_reference),
                          .sender = dgm_edi_text_slice(&r->sender),
                          .recipient = dgm_edi_text_slice(&r->recipient),
                          .interchange_reference = dgm_edi_text_slice(&r->interchange_reference),
                          .position = t->tree->position,
                          .at_byte = t->at,
                          .bytes = t->bytes };
    out->position.message = t->tree->position.message = r->interchange_messages;
    t->tree = NULL;
    c->back_to = p->by;
    c->at = t->end;
    c->placed = false;
}

/* Is the message at hand the one that the reader comes to? It is when the one before it was given out of this piece. */
static bool comes_next(const dgm_edi_crew *c, const piece *p)
{
    return (c->index > 0 && !c->placed) || p->messages[c->index].from == where(c);
}

/* What other threads wrote is fetched before it is wanted: records of messages, and their trees, which get their numbers here. */
static void fetch_ahead(const piece *p, size_t i)
{
    if (i + FETCH_RECORDS < p->count) __builtin_prefetch(&p->messages[i + FETCH_RECORDS]);
    if (i + FETCH_TREES >= p->count) return;
    __builtin_prefetch(p->messages[i + FETCH_TREES].tree);
    if (p->messages[i + FETCH_TREES].tree) __builtin_prefetch(&p->messages[i + FETCH_TREES].tree->position, 1);
}

/* One message of the current piece. DGM_UNKNOWN: it has none left that can be used. */
static dgm_status from_piece(dgm_edi_crew *c, dgm_message *out)
{
    dgm_edi_reader *r = c->r;
    piece *p = &c->pieces[c->current];
    bool fits = c->index < p->count && r->phase == DGM_EDI_IN_INTERCHANGE && p->interchange == r->position.interchange &&
                p->group == r->position.group && comes_next(c, p);
    if (!fits) {
        let_go(c);
        return DGM_UNKNOWN;
    }
    fetch_ahead(p, c->index);
    taken *t = &p->messages[c->index++];
    c->lately++;
    if (t->tree && reference_new(c, (dgm_slice){ p->names.at + t->reference_at, t->reference_len })) {
        give_out(c, p, t, out);
        return DGM_OK;
    }
    c->careful++;
    return r->failed == DGM_OK ? read_on(c, out) : r->failed;
}

/* Where nearly every message is read twice, one reader is as good as many. */
static void judge(dgm_edi_crew *c)
{
    if (c->lately < CAREFUL_OF) return;
    if (c->careful > CAREFUL_MOST) c->over = true;
    c->lately = c->careful = 0;
}

dgm_status dgm_edi_crew_next(dgm_edi_crew *c, dgm_message *out)
{
    for (;;) {
        dgm_status st = DGM_UNKNOWN;
        judge(c);
        if (c->current == DGM_NONE) {
            hand_out(c);
            c->current = dgm_pool_oldest(c->pool);
            c->index = 0;
            if (c->current == DGM_NONE) return read_on(c, out);
            if (c->pieces[c->current].failed != DGM_OK) return c->r->failed = c->pieces[c->current].failed;
        }
        if ((c->index == 0 || c->placed) && c->pieces[c->current].from > where(c)) return read_on(c, out); /* on the way there */
        st = from_piece(c, out);
        if (st != DGM_UNKNOWN) return st;
    }
}

bool dgm_edi_crew_take_back(dgm_edi_crew *c, dgm_tree *tree)
{
    if (c->back_count == SPARES_MAX) hand_back(c);
    c->back[c->back_count++] = tree;
    return true;
}

/* ---- opening and closing --------------------------------------------------------------------------------------------------------
 */

static dgm_status open_hand(dgm_edi_crew *c, hand *h, const dgm_setting *settings, size_t n)
{
    dgm_reader *reader = NULL;
    dgm_host host = c->r->host;
    dgm_status st = dgm_diags_new(&c->mem, 16, &h->diags);
    if (st != DGM_OK) return st;
    host.diags = h->diags;
    host.threads = 0;
    host.envelope = NULL;
    host.agreed = NULL;
    st = dgm_edi_open_whole(&host, settings, n, (dgm_slice){ 0 }, &reader);
    h->reader = (dgm_edi_reader *)(void *)reader;
    return st;
}

dgm_status dgm_edi_crew_open(dgm_edi_reader *r, const dgm_setting *settings, size_t n, dgm_edi_crew **out)
{
    uint32_t threads = r->host.threads < THREADS_MAX ? r->host.threads : THREADS_MAX;
    *out = NULL;
    if (threads < 2 || r->len < LEAST_BYTES || r->intake.on || r->unwrap.on) return DGM_OK;
    dgm_edi_crew *c = dgm_mem_new(&r->mem, sizeof *c);
    if (!c) return DGM_NOMEM;
    *out = c;
    c->r = r;
    c->mem = r->mem;
    c->current = DGM_NONE;
    c->placed = true;
    pthread_mutex_init(&c->lock, NULL);
    dgm_arena_init(&c->arena, &c->mem);
    c->hands = DGM_NEW(&c->arena, hand, threads);
    c->pieces = DGM_NEW(&c->arena, piece, threads + PIECES_MORE);
    c->seen = DGM_NEW(&c->arena, dgm_edi_reader, 1);
    if (!c->hands || !c->pieces || !c->seen) return DGM_NOMEM;
    for (; c->piece_count < threads + PIECES_MORE; c->piece_count++) dgm_buffer_init(&c->pieces[c->piece_count].names, &c->mem);
    dgm_status st = DGM_OK;
    while (st == DGM_OK && c->hand_count < threads) st = open_hand(c, &c->hands[c->hand_count++], settings, n);
    return st == DGM_OK ? dgm_pool_open(&c->arena, threads, c->piece_count, work, c, &c->pool) : st;
}

void dgm_edi_crew_close(dgm_edi_crew *c)
{
    if (!c) return;
    dgm_mem mem = c->mem;
    dgm_pool_close(c->pool); /* its threads are done before anything goes */
    for (uint32_t i = 0; i < c->back_count; i++) dgm_tree_free(c->back[i]);
    for (uint32_t i = 0; i < c->piece_count; i++) {
        piece *p = &c->pieces[i];
        for (size_t k = 0; k < p->count; k++) dgm_tree_free(p->messages[k].tree);
        if (p->messages) dgm_mem_free(&mem, p->messages, p->room * sizeof *p->messages);
        dgm_buffer_free(&p->names);
    }
    for (uint32_t i = 0; i < c->hand_count; i++) {
        hand *h = &c->hands[i];
        for (uint32_t k = 0; k < h->spare_count; k++) dgm_tree_free(h->spares[k]);
        if (h->reader) dgm_edi_close(&h->reader->head);
        dgm_diags_free(h->diags);
    }
    pthread_mutex_destroy(&c->lock);
    dgm_arena_free(&c->arena);
    dgm_mem_free(&mem, c, sizeof *c);
}
