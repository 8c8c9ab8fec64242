/* SPDX-License-Identifier: Apache-2.0
 *
 * problems.c - what is wrong with a document: collected while it is read, with texts of its own, and told once the whole document
 * is here, so that what is said does not depend on how the input was cut. Maps the parser's errors to our codes: one for the cause,
 * no cascade. One thread.
 */
#include "reader.h"

#include <libxml/xmlerror.h>
#include <stdio.h>

/* ---- making ---- */

static size_t put_step(char *out, size_t room, size_t used, const char *name, uint32_t occurrence)
{
    int n = occurrence > 1 ? snprintf(out + used, room - used, "%s%s#%u", used ? "/" : "", name, (unsigned)occurrence)
                           : snprintf(out + used, room - used, "%s%s", used ? "/" : "", name);
    size_t wanted = n > 0 ? (size_t)n : 0;
    return used + (wanted < room - used ? wanted : room - used - 1);
}

static dgm_slice keep(dgm_xml_reader *r, dgm_slice text)
{
    if (text.len > 256) text = dgm_slice_part(text, 0, dgm_utf8_head(dgm_slice_part(text, 0, 256), 64));
    dgm_slice kept = text.len ? dgm_arena_copy(&r->texts, text) : (dgm_slice){ "", 0 };
    if (!kept.at) r->no_memory = true;
    return kept;
}

dgm_xml_problem *dgm_xml_problem_add(dgm_xml_reader *r, dgm_diag_code code, dgm_severity severity, size_t at, size_t bytes)
{
    if (r->problem_count - r->many.problems >= r->host.limits.diagnostics_max) {
        if (severity == DGM_ERROR)
            r->errors_dropped++;
        else
            r->warnings_dropped++;
        return NULL;
    }
    void *problems = r->problems;
    dgm_status st = dgm_mem_reserve(&r->host.mem, &problems, &r->problem_room, r->problem_count + 1, sizeof *r->problems);
    r->problems = problems;
    if (st != DGM_OK) {
        r->no_memory = true;
        return NULL;
    }
    char path[1024];
    size_t used = 0;
    for (uint32_t i = 1; i < r->depth; i++) used = put_step(path, sizeof path, used, r->frames[i].name, r->frames[i].occurrence);
    if (r->leaf.on) used = put_step(path, sizeof path, used, r->leaf.name, r->leaf.occurrence);
    dgm_xml_problem *p = &r->problems[r->problem_count++];
    *p = (dgm_xml_problem){ .code = code, .severity = severity, .node = DGM_NONE, .at = at, .bytes = bytes };
    p->path = used ? dgm_arena_copy(&r->texts, (dgm_slice){ path, used }) : (dgm_slice){ "", 0 };
    if (!p->path.at) r->no_memory = true;
    return p;
}

void dgm_xml_problem_below(dgm_xml_reader *r, dgm_xml_problem *p, const char *name, uint32_t occurrence)
{
    if (!p || !p->path.at) return;
    char path[1400];
    size_t used = p->path.len < 1024 ? p->path.len : 1024;
    memcpy(path, p->path.at, used);
    used = put_step(path, sizeof path, used, name, occurrence);
    p->path = dgm_arena_copy(&r->texts, (dgm_slice){ path, used });
    if (!p->path.at) r->no_memory = true;
}

void dgm_xml_problem_text(dgm_xml_reader *r, dgm_xml_problem *p, dgm_slice text)
{
    if (p && p->argument_count < 3)
        p->arguments[p->argument_count++] = (dgm_argument){ .kind = DGM_ARGUMENT_TEXT, .text = keep(r, text) };
}

void dgm_xml_problem_name(dgm_xml_reader *r, dgm_xml_problem *p, const char *name)
{
    dgm_xml_problem_text(r, p, dgm_slice_of(name));
}

void dgm_xml_problem_number(dgm_xml_problem *p, int64_t number)
{
    if (p && p->argument_count < 3)
        p->arguments[p->argument_count++] = (dgm_argument){ .kind = DGM_ARGUMENT_NUMBER, .number = number };
}

void dgm_xml_problem_fault(dgm_xml_reader *r, const dgm_xml_fault *f, uint32_t node, size_t at, size_t len, const char *owner,
                           uint32_t occurrence, dgm_slice name, dgm_slice value)
{
    dgm_xml_problem *p = dgm_xml_problem_add(r, f->code, f->severity, at, len);
    if (owner) dgm_xml_problem_below(r, p, owner, occurrence);
    if (name.len && name.at[0] == '@') dgm_xml_problem_below(r, p, name.at, 1);
    if (p) p->node = node;
    dgm_xml_problem_text(r, p, name);
    if (f->code == DGM_D_XML_VALUE_LENGTH)
        dgm_xml_problem_number(p, f->number);
    else if (f->code != DGM_D_XML_VALUE_EMPTY)
        dgm_xml_problem_text(r, p, value);
    if (f->code != DGM_D_XML_VALUE_EMPTY) dgm_xml_problem_text(r, p, f->rule);
}

void dgm_xml_stop(dgm_xml_reader *r, size_t at, bool hopeless)
{
    r->stopped = true;
    r->many.skipping = false;
    r->hopeless = r->hopeless || hopeless;
    r->stop_at = at;
}

void dgm_xml_limit(dgm_xml_reader *r, dgm_diag_code code, size_t at, uint64_t limit)
{
    dgm_xml_problem_number(dgm_xml_problem_add(r, code, DGM_ERROR, at, 0), (int64_t)limit);
    if (!dgm_xml_many_skip(r)) dgm_xml_stop(r, at, true);
}

/* ---- the parser's errors ---- */

typedef struct parser_error {
    int number;
    dgm_diag_code code;
    char back_to; /* the place is the last of these before the parser's position; 0: the position itself */
} parser_error;

static const parser_error parser_errors[] = {
    { XML_ERR_TAG_NAME_MISMATCH, DGM_D_XML_TAG_MISMATCH, '<' },
    { XML_ERR_UNDECLARED_ENTITY, DGM_D_XML_ENTITY_UNDECLARED, '&' },
    { XML_WAR_UNDECLARED_ENTITY, DGM_D_XML_ENTITY_UNDECLARED, '&' },
    { XML_ERR_INVALID_CHAR, DGM_D_XML_CHARACTER_FORBIDDEN, 0 },
    { XML_ERR_INVALID_CHARREF, DGM_D_XML_REFERENCE_SYNTAX, '&' },
    { XML_ERR_INVALID_HEX_CHARREF, DGM_D_XML_REFERENCE_SYNTAX, '&' },
    { XML_ERR_INVALID_DEC_CHARREF, DGM_D_XML_REFERENCE_SYNTAX, '&' },
    { XML_ERR_NAME_REQUIRED, DGM_D_XML_TAG_SYNTAX, 0 },
    { XML_ERR_ENTITYREF_SEMICOL_MISSING, DGM_D_XML_REFERENCE_SYNTAX, '&' },
    { XML_ERR_ENTITYREF_NO_NAME, DGM_D_XML_REFERENCE_SYNTAX, '&' },
    { XML_ERR_ATTRIBUTE_REDEFINED, DGM_D_XML_ATTRIBUTE_DUPLICATE, 0 },
    { XML_ERR_ATTRIBUTE_NOT_STARTED, DGM_D_XML_ATTRIBUTE_SYNTAX, 0 },
    { XML_ERR_ATTRIBUTE_NOT_FINISHED, DGM_D_XML_ATTRIBUTE_SYNTAX, 0 },
    { XML_ERR_ATTRIBUTE_WITHOUT_VALUE, DGM_D_XML_ATTRIBUTE_SYNTAX, 0 },
    { XML_ERR_LT_IN_ATTRIBUTE, DGM_D_XML_ATTRIBUTE_SYNTAX, 0 },
    { XML_ERR_LT_REQUIRED, DGM_D_XML_TAG_SYNTAX, 0 },
    { XML_ERR_GT_REQUIRED, DGM_D_XML_TAG_SYNTAX, 0 },
    { XML_ERR_LTSLASH_REQUIRED, DGM_D_XML_TAG_SYNTAX, 0 },
    { XML_ERR_SPACE_REQUIRED, DGM_D_XML_TAG_SYNTAX, 0 },
    { XML_ERR_COMMENT_NOT_FINISHED, DGM_D_XML_MARKUP_SYNTAX, 0 },
    { XML_ERR_HYPHEN_IN_COMMENT, DGM_D_XML_MARKUP_SYNTAX, 0 },
    { XML_ERR_PI_NOT_STARTED, DGM_D_XML_MARKUP_SYNTAX, 0 },
    { XML_ERR_PI_NOT_FINISHED, DGM_D_XML_MARKUP_SYNTAX, 0 },
    { XML_ERR_CDATA_NOT_FINISHED, DGM_D_XML_MARKUP_SYNTAX, 0 },
    { XML_ERR_MISPLACED_CDATA_END, DGM_D_XML_MARKUP_SYNTAX, 0 },
    { XML_ERR_RESERVED_XML_NAME, DGM_D_XML_DECLARATION_SYNTAX, '<' },
    { XML_ERR_XMLDECL_NOT_STARTED, DGM_D_XML_DECLARATION_SYNTAX, 0 },
    { XML_ERR_XMLDECL_NOT_FINISHED, DGM_D_XML_DECLARATION_SYNTAX, 0 },
    { XML_ERR_VERSION_MISSING, DGM_D_XML_DECLARATION_SYNTAX, 0 },
    { XML_ERR_UNKNOWN_VERSION, DGM_D_XML_DECLARATION_SYNTAX, 0 },
    { XML_ERR_STANDALONE_VALUE, DGM_D_XML_DECLARATION_SYNTAX, 0 },
    { XML_ERR_ENCODING_NAME, DGM_D_XML_DECLARATION_SYNTAX, 0 },
    { XML_ERR_STRING_NOT_STARTED, DGM_D_XML_DECLARATION_SYNTAX, 0 },
    { XML_ERR_STRING_NOT_CLOSED, DGM_D_XML_DECLARATION_SYNTAX, 0 },
    { XML_ERR_EQUAL_REQUIRED, DGM_D_XML_DECLARATION_SYNTAX, 0 },
    { XML_ERR_DOCTYPE_NOT_FINISHED, DGM_D_XML_DOCTYPE_REFUSED, 0 },
};

static void missing_end(dgm_xml_reader *r)
{
    if (!r->root_open) {
        dgm_xml_problem_add(r, DGM_D_XML_DOCUMENT_EMPTY, DGM_ERROR, 0, 0);
        dgm_xml_stop(r, 0, true);
        return;
    }
    const char *name = r->leaf.on ? r->leaf.name : r->frames[r->depth - 1].name;
    dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_DOCUMENT_TRUNCATED, DGM_ERROR, r->text.len, 0);
    dgm_xml_problem_name(r, p, name);
    dgm_xml_stop(r, r->text.len, true);
}

/* The second of two attributes of one name. */
static void name_twin(dgm_xml_reader *r, size_t at, const char *qualified)
{
    size_t tag = dgm_xml_mark_before(r->text, at, '<'), value, len;
    const char *colon = qualified ? strchr(qualified, ':') : NULL;
    size_t n = qualified ? strlen(qualified) : 0;
    dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ATTRIBUTE_DUPLICATE, DGM_ERROR, at, 0);
    if (p && n && !colon && dgm_xml_find_attribute(r->text, tag, NULL, qualified, 2, &value, &len)) {
        p->at = dgm_xml_mark_before(r->text, value - 1, qualified[0]);
        while (p->at > tag && memcmp(r->text.at + p->at, qualified, n) != 0)
            p->at = dgm_xml_mark_before(r->text, p->at, qualified[0]);
        p->bytes = n;
    }
    dgm_xml_problem_text(r, p, (dgm_slice){ qualified, n });
    dgm_xml_stop(r, at, true);
}

static void parser_said(dgm_xml_reader *r, int number, const char *word, const char *message)
{
    size_t at = dgm_xml_text_offset(r, r->parser->input ? r->parser->input->cur : NULL);
    if (at > r->text.len) at = r->text.len;
    /* Cut off inside a tag, a comment or the XML declaration, the parser sees all kinds of faults; the cause is one. */
    size_t markup = dgm_xml_mark_before(r->text, at, '<');
    bool cut = at == r->text.len || !dgm_slice_cut(dgm_slice_part(r->text, markup, r->text.len), '>').found;
    if (r->terminating && cut && !r->root_closed && r->text.len && r->text.at[markup] == '<') {
        missing_end(r);
        return;
    }
    if (number == XML_ERR_DOCUMENT_END && r->root_open && !r->root_closed) {
        missing_end(r);
        return;
    }
    if (number == XML_ERR_DOCUMENT_EMPTY || (number == XML_ERR_DOCUMENT_END && !r->root_closed)) {
        dgm_xml_problem_add(r, DGM_D_XML_DOCUMENT_EMPTY, DGM_ERROR, at, 0);
        dgm_xml_stop(r, at, true);
        return;
    }
    if (r->root_closed && (number == XML_ERR_DOCUMENT_END || r->depth == 0)) {
        if (number != XML_ERR_DOCUMENT_END) at = dgm_xml_mark_before(r->text, at, '<'); /* a comment, say, that does not end */
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_DOCUMENT_TRAILING, DGM_ERROR, at, 0);
        uint64_t raw = dgm_xml_input_offset(&r->in, at);
        if (raw == UINT64_MAX) r->no_memory = true;
        dgm_xml_problem_number(p, (int64_t)dgm_xml_input_place(r, raw));
        dgm_xml_stop(r, at, false);
        return;
    }
    if (number == XML_ERR_ATTRIBUTE_REDEFINED || number == XML_NS_ERR_ATTRIBUTE_REDEFINED) {
        name_twin(r, at, word);
        return;
    }
    size_t doctype = at < r->text.len && r->text.at[at] == '<' ? at : markup;
    if (dgm_slice_is(dgm_slice_part(r->text, doctype, doctype + 9), "<!DOCTYPE")) { /* where none may stand at all */
        dgm_xml_problem_add(r, DGM_D_XML_DOCTYPE_REFUSED, DGM_ERROR, doctype, 9);
        dgm_xml_stop(r, doctype, true);
        return;
    }
    const parser_error *known = NULL;
    for (size_t i = 0; i < sizeof parser_errors / sizeof *parser_errors && !known; i++)
        if (parser_errors[i].number == number) known = &parser_errors[i];
    size_t from = known && known->back_to ? dgm_xml_mark_before(r->text, at, known->back_to) : at;
    dgm_diag_code code = known ? known->code : DGM_D_XML_SYNTAX;
    if (number == XML_ERR_NAME_REQUIRED && at && r->text.at[at - 1] == '&') { /* "&" and no name */
        code = DGM_D_XML_REFERENCE_SYNTAX;
        from = at - 1;
    }
    if (number == XML_ERR_INVALID_CHAR && at && r->text.at[at - 1] == ';') { /* a reference to one */
        code = DGM_D_XML_CHARACTER_FORBIDDEN;
        from = dgm_xml_mark_before(r->text, at, '&');
    }
    dgm_xml_problem *p = dgm_xml_problem_add(r, code, DGM_ERROR, from, at - from);
    if (code == DGM_D_XML_TAG_MISMATCH) {
        const char *open = r->leaf.on ? r->leaf.name : r->depth ? r->frames[r->depth - 1].name : "";
        if (r->many.skipping && r->parser->name) open = (const char *)r->parser->name;
        dgm_xml_problem_name(r, p, open);
    } else if (code == DGM_D_XML_ENTITY_UNDECLARED) {
        dgm_xml_problem_text(r, p, dgm_slice_part(r->text, from, at));
    } else if (code == DGM_D_XML_SYNTAX) {
        dgm_xml_problem_text(r, p, dgm_slice_trim(dgm_slice_of(message ? message : "")));
    }
    dgm_xml_stop(r, from, true);
}

#if LIBXML_VERSION >= 21200
void dgm_xml_on_error(void *ctx, const xmlError *e)
#else
void dgm_xml_on_error(void *ctx, xmlErrorPtr e)
#endif
{
    dgm_xml_reader *r = ctx;
    if (!e || !dgm_xml_running(r) || e->level == XML_ERR_WARNING || e->level == XML_ERR_NONE) return;
    if (e->code == XML_ERR_NO_MEMORY) {
        r->no_memory = true;
        dgm_xml_stop(r, 0, true);
        return;
    }
    if (e->domain == XML_FROM_NAMESPACE && e->code == XML_NS_ERR_UNDEFINED_NAMESPACE) {
        size_t at = dgm_xml_text_offset(r, r->parser->input->cur);
        size_t tag = dgm_xml_mark_before(r->text, at > r->text.len ? r->text.len : at, '<');
        dgm_xml_problem_name(r, dgm_xml_problem_add(r, DGM_D_XML_NAMESPACE_PREFIX, DGM_ERROR, tag, 0), e->str1);
        return;
    }
    parser_said(r, e->code, e->str1, e->message);
}

/* ---- telling ---- */

/* The line around a place of the text, at most 200 bytes to either side. For other encodings the text stands in for the bytes: the
 * caret fits either. */
static dgm_slice line_around(const dgm_xml_reader *r, dgm_slice text, size_t *at)
{
    if (*at > text.len) *at = text.len;
    size_t from = *at, to = *at, least = r->in.gone && *at >= r->many.head ? r->many.head : 0;
    while (from > least && *at - from < 200 && text.at[from - 1] != '\n') from--;
    while (from < *at && ((unsigned char)text.at[from] & 0xC0) == 0x80) from++;
    while (to < text.len && to - *at < 200 && text.at[to] != '\n' && text.at[to] != '\r') to++;
    while (to > *at && to < text.len && ((unsigned char)text.at[to] & 0xC0) == 0x80) to--;
    *at -= from;
    return dgm_slice_part(text, from, to);
}

/* Its place in the input, and what stands around it. */
static void settle(dgm_xml_reader *r, dgm_xml_problem *p, dgm_slice text)
{
    uint64_t at = p->raw ? p->at : dgm_xml_input_offset(&r->in, p->at);
    uint64_t end = p->raw ? p->at + p->bytes : p->bytes ? dgm_xml_input_offset(&r->in, p->at + p->bytes) : at;
    if (at == UINT64_MAX || end == UINT64_MAX) r->no_memory = true;
    bool behind = p->raw && (r->in.width != DGM_XML_UTF8 || p->at < r->in.mark); /* where there is no text yet */
    size_t around = behind ? text.len : p->raw ? p->at - r->in.mark : p->at;
    p->bytes = end > at ? (size_t)(end - at) : 0;
    p->at = (size_t)dgm_xml_input_place(r, at);
    p->excerpt = line_around(r, text, &around);
    p->excerpt_at = p->at - around;
    p->settled = true;
}

void dgm_xml_problems_settle(dgm_xml_reader *r, size_t from)
{
    for (size_t i = from; i < r->problem_count; i++) {
        dgm_xml_problem *p = &r->problems[i];
        if (p->settled) continue;
        settle(r, p, r->text);
        if (p->excerpt.len) p->excerpt = dgm_arena_copy(&r->texts, p->excerpt);
        if (!p->excerpt.at) r->no_memory = true, p->excerpt.len = 0;
    }
}

static void tell(dgm_xml_reader *r, dgm_xml_problem *p, uint32_t message, dgm_slice reference)
{
    dgm_diags *list = r->host.diags;
    dgm_diag *d = dgm_diags_add(list, p->code, p->severity);
    if (!d) return;
    bool waited = p->settled; /* with its message, which is whole */
    if (!waited) settle(r, p, dgm_xml_input_text(&r->in));
    d->at_byte = p->at;
    d->bytes = p->bytes;
    d->position.message = message;
    d->node = r->hopeless && !waited ? DGM_NONE : p->node;
    dgm_diag_path(list, d, p->path);
    dgm_diag_reference(list, d, reference);
    for (uint32_t i = 0; i < p->argument_count; i++) {
        if (p->arguments[i].kind == DGM_ARGUMENT_TEXT)
            dgm_diag_text(list, d, p->arguments[i].text);
        else
            dgm_diag_number(list, d, p->arguments[i].number);
    }
    if (p->excerpt.len) dgm_diag_excerpt(list, d, p->excerpt, p->excerpt_at);
}

size_t dgm_xml_problems_tell_some(dgm_xml_reader *r, size_t from, size_t n, uint32_t message, dgm_slice reference)
{
    size_t errors = 0;
    for (size_t i = from; i < from + n; i++) {
        errors += r->problems[i].severity == DGM_ERROR;
        tell(r, &r->problems[i], message, reference);
    }
    return errors;
}

size_t dgm_xml_problems_tell(dgm_xml_reader *r, uint32_t message, dgm_slice reference)
{
    size_t errors = r->errors_dropped + dgm_xml_problems_tell_some(r, 0, r->problem_count, message, reference);
    for (size_t i = 0; i < r->errors_dropped; i++) dgm_diags_add(r->host.diags, DGM_D_XML_SYNTAX, DGM_ERROR);
    for (size_t i = 0; i < r->warnings_dropped; i++) dgm_diags_add(r->host.diags, DGM_D_XML_SYNTAX, DGM_WARNING);
    return errors;
}

static void move_text(dgm_xml_reader *r, dgm_arena *to, dgm_slice *text)
{
    if (!text->len) return;
    *text = dgm_arena_copy(to, *text);
    if (!text->at) r->no_memory = true, text->len = 0;
}

void dgm_xml_problems_drop(dgm_xml_reader *r, size_t n)
{
    size_t rest = r->problem_count - n;
    if (rest && n) memmove(r->problems, r->problems + n, rest * sizeof *r->problems);
    r->problem_count = rest;
    if (n == 0) return;
    dgm_arena old = r->texts;
    for (size_t i = 0; i < rest; i++) {
        dgm_xml_problem *p = &r->problems[i];
        move_text(r, &r->many.texts, &p->path);
        move_text(r, &r->many.texts, &p->excerpt);
        for (uint32_t k = 0; k < p->argument_count; k++)
            if (p->arguments[k].kind == DGM_ARGUMENT_TEXT) move_text(r, &r->many.texts, &p->arguments[k].text);
    }
    r->texts = r->many.texts;
    r->many.texts = old;
    dgm_arena_reset(&r->many.texts, 65536);
}
