/* SPDX-License-Identifier: Apache-2.0
 *
 * agreed.c - what the host agreed with the sender of an interchange: asked for when UNB is known, it takes the place of the
 * settings the reader was opened with until the interchange is over. UNB itself is then read again in that light. One thread.
 */
#include "reader.h"

static dgm_slice setting(const dgm_agreed *a, const char *name)
{
    return dgm_setting_get(a->reader, a->reader_count, dgm_edi_reader_options, name);
}

/* Molds are made with codes or without, and for what is told of there are none. */
static void take_level(dgm_edi_reader *r, dgm_edi_level level, dgm_severity trailing)
{
    bool coded = level >= DGM_EDI_LEVEL_ADVICE;
    r->level = level;
    r->advice = level >= DGM_EDI_LEVEL_CODES ? DGM_ERROR : DGM_WARNING;
    r->trailing = trailing;
    if (r->molds->coded == coded && r->molds->trailing == (trailing != 0)) return;
    r->molds->coded = coded;
    r->molds->trailing = trailing != 0;
    r->molds->full = true;
    dgm_edi_molds_renew(r->molds);
    r->kind = NULL; /* guides are chosen from this level on */
    r->kind_raw.len = 0;
}

static void take_guide(dgm_edi_reader *r, dgm_slice guide)
{
    if (dgm_slice_equal(r->guide_setting, guide)) return;
    r->guide_setting = guide;
    r->kind = NULL;
    r->kind_raw.len = 0;
}

static void take_format(dgm_edi_reader *r, dgm_slice format)
{
    if (dgm_slice_equal(r->format_setting, format)) return;
    r->format_setting = format;
    r->kind = NULL;
    r->kind_raw.len = 0;
}

static dgm_status take_limits(dgm_edi_reader *r, const dgm_limits *wanted)
{
    const dgm_limits *own = &r->opened.limits;
    dgm_limits l = *own, *now = &r->host.limits;
    /* never more than offsets can hold, which those of the opening were cut to */
    if (wanted->message_bytes_max) l.message_bytes_max = wanted->message_bytes_max;
    if (wanted->segment_bytes_max) l.segment_bytes_max = wanted->segment_bytes_max;
    if (wanted->nodes_max) l.nodes_max = wanted->nodes_max;
    if (wanted->depth_max) l.depth_max = wanted->depth_max;
    dgm_edi_limits_cut(&l);
    bool draft = l.nodes_max != now->nodes_max || l.depth_max != now->depth_max;
    *now = l;
    if (!draft) return DGM_OK;
    r->host.draft_free(r->draft);
    r->draft = NULL;
    return r->host.draft_new(&r->mem, &r->host.limits, &r->draft);
}

static dgm_severity severity_of(const dgm_agreed *a, const char *name)
{
    return dgm_edi_severity_of(setting(a, name));
}

void dgm_edi_agreed_reset(dgm_edi_reader *r)
{
    r->agreed = NULL;
    r->junk_is = r->opened.junk;
    r->blanks_are = r->opened.blanks;
    r->headless_is = r->opened.headless;
    r->charset_setting = r->opened.charset;
    r->charset_name = r->opened.charset_name;
    take_level(r, r->opened.level, r->opened.trailing);
    take_format(r, r->opened.format);
    take_guide(r, r->opened.guide);
    dgm_status st = take_limits(r, &r->opened.limits);
    if (st != DGM_OK) r->failed = st;
}

/* The set that UNB's values are in no matter what it says; one agreed on before is kept. */
static dgm_status take_charset(dgm_edi_reader *r, dgm_slice name)
{
    if (name.len == 0 || (r->charset_setting && dgm_slice_equal(name, dgm_edi_text_slice(&r->charset_name)))) return DGM_OK;
    bool kept = r->charset_kept && dgm_slice_equal(dgm_charset_name(r->charset_kept), name);
    if (!kept) {
        dgm_charset_free(r->charset_kept);
        r->charset_kept = NULL;
        dgm_status st = dgm_charset_open(&r->mem, name, &r->charset_kept);
        if (st != DGM_OK) return st;
    }
    r->charset_setting = r->charset_kept;
    dgm_edi_text_set(&r->charset_name, name);
    return DGM_OK;
}

dgm_status dgm_edi_agreed_ask(dgm_edi_reader *r, dgm_slice type)
{
    const dgm_agreed *a = dgm_edi_ask_agreed(r, type);
    if (!a || r->failed != DGM_OK) return r->failed;
    r->agreed = a;
    r->junk_is = severity_of(a, "junk");
    r->blanks_are = severity_of(a, "blanks");
    r->headless_is = severity_of(a, "headless");
    take_level(r, dgm_edi_level_of(setting(a, "level")), severity_of(a, "trailing"));
    take_format(r, setting(a, "format"));
    take_guide(r, setting(a, "guide"));
    dgm_status st = take_limits(r, &a->limits);
    return st == DGM_OK ? take_charset(r, setting(a, "charset")) : st;
}

dgm_status dgm_edi_agreed_decode(dgm_edi_reader *r, size_t *at, bool *again)
{
    dgm_edi_intake *k = &r->intake;
    dgm_charset *set = r->charset_setting;
    dgm_status st = DGM_OK;
    *again = false;
    if (!r->agreed || k->stays) return DGM_OK;
    bool text = set && set != r->opened.charset && !dgm_charset_direct(set);
    bool lines = dgm_slice_is(setting(r->agreed, "line-breaks"), "drop") && !r->unwrap.on;
    if (text && k->on && k->set == set) return DGM_OK;
    if (k->on && text) st = dgm_edi_intake_stop(r, *at), *at = 0;
    if (st != DGM_OK || k->on || (!text && !lines)) return st;
    st = text ? dgm_edi_intake_start(r, *at, set, false) : dgm_edi_intake_lines(r, *at);
    k->told = true;
    *at = 0;
    *again = true;
    return st;
}

/* ---- what stands before an interchange -------------------------------------------------------------------------------------- */

static void tell(dgm_edi_reader *r, dgm_diag_code code, uint64_t at, uint64_t bytes)
{
    size_t end = r->segment.end;
    r->segment.end = r->segment.at; /* no excerpt */
    dgm_slice tag = r->segment.tag;
    r->segment.tag.len = 0;
    dgm_diag *d = dgm_edi_report(r, code, r->junk_is, r->segment.at, 0, 0, 0);
    if (code == DGM_D_EDI_INTERCHANGE_JUNK) dgm_edi_say_number(r, d, bytes);
    r->segment.end = end;
    r->segment.tag = tag;
    if (!d) return;
    d->position = (dgm_position){ .interchange = r->position.interchange - (r->phase != DGM_EDI_BETWEEN) };
    d->at_byte = at;
    d->bytes = bytes;
}

void dgm_edi_agreed_tell(dgm_edi_reader *r)
{
    if (r->around.mark) tell(r, DGM_D_EDI_INTERCHANGE_BOM, r->around.mark_at, 3);
    if (r->around.bytes) tell(r, DGM_D_EDI_INTERCHANGE_JUNK, r->around.at, r->around.bytes);
    r->around.mark = false;
    r->around.bytes = 0;
}
