/* SPDX-License-Identifier: Apache-2.0
 *
 * parties.c - see parties.h. Tags are counted, not checked: a document that is no XML is refused by its reader, and one that is
 * built to be seen otherwise by it is found out, when both are compared. Pure; any thread.
 */
#include "parties.h"

#include "base/utf8.h"
#include "xml.h"

#include <string.h>

enum { PIECE = 1 << 14, TARGETS = 2 };

/* A place that is looked for: the steps of its path, and how many of them the open elements are. */
typedef struct target {
    dgm_slice path; /* from the root of the document at hand */
    uint32_t steps, matched;
    dgm_party *out;
    bool taking, found, long_one;
} target;

typedef struct looking {
    dgm_slice text;
    size_t at;
    uint32_t depth;
    const dgm_format *format;
    target targets[TARGETS];
    dgm_parties *out;
    bool over;
} looking;

/* ---- formats ---- */

static dgm_slice setting(const dgm_format *f, const char *name)
{
    return dgm_setting_get(f->settings, f->setting_count, dgm_xml_format_options, name);
}

static dgm_slice root_of(const dgm_format *f)
{
    dgm_slice root = setting(f, "root");
    return root.len || !f->shape ? root : dgm_shape_slot(f->shape, DGM_SLOT_ROOT)->name;
}

static dgm_slice last_step(dgm_slice path)
{
    for (dgm_cut c = dgm_slice_cut(path, '/'); c.found; c = dgm_slice_cut(path, '/')) path = c.tail;
    return path;
}

dgm_slice dgm_xml_document_type(const dgm_format *format)
{
    dgm_slice document = setting(format, "document");
    return document.len ? last_step(document) : root_of(format);
}

static uint32_t steps_of(dgm_slice path)
{
    uint32_t n = path.len ? 1 : 0;
    for (size_t i = 0; i < path.len; i++) n += path.at[i] == '/';
    return n;
}

static dgm_slice step(dgm_slice path, uint32_t k)
{
    dgm_cut c = dgm_slice_cut(path, '/');
    while (k-- && c.found) c = dgm_slice_cut(c.tail, '/');
    return c.head;
}

/* Steps above the root at hand: a document may come without its envelope. UINT32_MAX: it is of another format. */
static uint32_t above_root(const dgm_format *f, dgm_slice root)
{
    dgm_slice document = setting(f, "document");
    if (dgm_slice_equal(root_of(f), root)) return 0;
    return document.len && dgm_slice_equal(last_step(document), root) ? steps_of(document) - 1 : UINT32_MAX;
}

static bool has_namespace(const dgm_format *f, dgm_slice uri)
{
    for (size_t i = 0; i < f->setting_count; i++)
        if (dgm_slice_is(dgm_slice_part(f->settings[i].name, 0, 10), "namespace.") && dgm_slice_equal(f->settings[i].value, uri))
            return true;
    return false;
}

/* ---- values ---- */

static void append(target *t, dgm_slice text)
{
    if (t->long_one || !text.len) return;
    t->long_one = text.len > sizeof t->out->at - t->out->len;
    if (t->long_one) return;
    memcpy(t->out->at + t->out->len, text.at, text.len);
    t->out->len += text.len;
}

/* Text of the document: a line ends with a line feed, however it was sent (XML 1.0, 2.11). */
static void append_lines(target *t, dgm_slice text)
{
    while (text.len) {
        dgm_cut c = dgm_slice_cut(text, '\r');
        append(t, c.head);
        if (!c.found) return;
        if (!(c.tail.len && c.tail.at[0] == '\n')) append(t, DGM_LITERAL("\n"));
        text = c.tail;
    }
}

/* A number of a character as it is meant (4.1); 0: it is none. */
static uint32_t numbered(dgm_slice reference)
{
    uint32_t n = 0;
    bool hex = reference.len > 2 && reference.at[1] == 'x';
    if (reference.len < 2 || reference.at[0] != '#') return 0;
    for (size_t i = hex ? 2 : 1; i < reference.len; i++) {
        char c = reference.at[i];
        uint32_t digit = c >= '0' && c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 32) - 'a') + 10;
        if (digit >= (hex ? 16 : 10) || n > 0x10FFFF) return 0;
        n = n * (hex ? 16 : 10) + digit;
    }
    return n > 0x10FFFF || (n >= 0xD800 && n < 0xE000) ? 0 : n;
}

/* A reference as it is meant; what is none leaves what nobody is called. */
static dgm_slice meant(dgm_slice reference, char room[4])
{
    static const struct {
        const char *name, *is;
    } known[] = { { "amp", "&" }, { "lt", "<" }, { "gt", ">" }, { "quot", "\"" }, { "apos", "'" } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (dgm_slice_is(reference, known[i].name)) return dgm_slice_of(known[i].is);
    uint32_t n = numbered(reference);
    return n ? (dgm_slice){ room, dgm_utf8_put(n, room) } : DGM_LITERAL("\x1a");
}

static void take_text(target *t, dgm_slice text)
{
    while (text.len) {
        dgm_cut c = dgm_slice_cut(text, '&');
        append_lines(t, c.head);
        text = c.tail;
        if (!c.found) return;
        dgm_cut reference = dgm_slice_cut(text, ';');
        char room[4];
        append(t, meant(reference.head, room));
        text = reference.tail;
    }
}

static void take(looking *l, dgm_slice text, bool literal)
{
    for (size_t i = 0; i < TARGETS; i++) {
        if (!l->targets[i].taking) continue;
        if (literal)
            append_lines(&l->targets[i], text);
        else
            take_text(&l->targets[i], text);
    }
}

static void found(target *t)
{
    t->taking = false;
    t->found = true;
    if (t->long_one) t->out->len = 0;
}

/* ---- tags ---- */

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static dgm_slice local(dgm_slice name)
{
    dgm_cut c = dgm_slice_cut(name, ':');
    return c.found ? c.tail : name;
}

/* The next attribute of a tag, from *at on: its name as it stands, and what is between its quotes. */
static bool attribute(dgm_slice tag, size_t *at, dgm_slice *name, dgm_slice *value)
{
    size_t i = *at;
    while (i < tag.len && (blank(tag.at[i]) || tag.at[i] == '/')) i++;
    size_t begin = i;
    while (i < tag.len && tag.at[i] != '=' && !blank(tag.at[i])) i++;
    *name = (dgm_slice){ tag.at + begin, i - begin };
    while (i < tag.len && tag.at[i] != '"' && tag.at[i] != '\'') i++;
    if (i >= tag.len || !name->len) return false;
    const char *end = memchr(tag.at + i + 1, tag.at[i], tag.len - i - 1);
    if (!end) return false;
    *value = (dgm_slice){ tag.at + i + 1, (size_t)(end - tag.at) - i - 1 };
    *at = (size_t)(end - tag.at) + 1;
    return true;
}

/* The namespace of the root, as its own tag declares it. */
static dgm_slice uri_of(dgm_slice tag, size_t attributes, dgm_slice prefix)
{
    dgm_slice name, value;
    while (attribute(tag, &attributes, &name, &value)) {
        dgm_cut c = dgm_slice_cut(name, ':');
        if (dgm_slice_is(c.head, "xmlns") && dgm_slice_equal(c.tail, prefix)) return value;
    }
    return (dgm_slice){ 0 };
}

static void aim(looking *l, target *t, const char *name, uint32_t above, dgm_party *out)
{
    dgm_slice path = setting(l->format, name);
    *t = (target){ .out = out };
    if (steps_of(path) > above)
        for (uint32_t i = 0; i < above; i++) path = dgm_slice_cut(path, '/').tail;
    t->path = path;
    t->steps = steps_of(path);
    t->found = t->steps == 0;
}

/* Of several formats that begin alike the first that has the root's namespace, else the first. */
static void begin(looking *l, dgm_slice tag, size_t attributes, dgm_slice qualified, const dgm_format *const *formats, size_t n)
{
    dgm_slice root = local(qualified);
    dgm_slice prefix = { qualified.at, qualified.len > root.len ? qualified.len - root.len - 1 : 0 };
    dgm_slice uri = uri_of(tag, attributes, prefix);
    bool named = false;
    for (size_t i = 0; i < n; i++) {
        if (above_root(formats[i], root) == UINT32_MAX) continue;
        bool fits = uri.len && has_namespace(formats[i], uri);
        if (!l->format || (fits && !named)) l->format = formats[i];
        named = named || fits;
    }
    l->over = !l->format;
    if (l->over) return;
    dgm_slice type = dgm_xml_document_type(l->format);
    if (type.len <= sizeof l->out->type.at) memcpy(l->out->type.at, type.at, type.len), l->out->type.len = type.len;
    uint32_t above = above_root(l->format, root);
    aim(l, &l->targets[0], "sender", above, &l->out->sender);
    aim(l, &l->targets[1], "recipient", above, &l->out->recipient);
}

static void take_attributes(target *t, dgm_slice tag, size_t at)
{
    dgm_slice wanted = step(t->path, t->steps - 1), name, value;
    while (!t->found && attribute(tag, &at, &name, &value)) {
        if (!dgm_slice_equal(local(name), dgm_slice_part(wanted, 1, wanted.len))) continue;
        take_text(t, value);
        found(t);
    }
}

static void opened(looking *l, dgm_slice tag, size_t attributes, dgm_slice name)
{
    for (size_t i = 0; i < TARGETS; i++) {
        target *t = &l->targets[i];
        if (t->found || t->taking || t->matched != l->depth || t->matched == t->steps) continue;
        if (!dgm_slice_equal(step(t->path, t->matched), name)) continue;
        t->matched++;
        if (t->matched == t->steps)
            t->taking = true;
        else if (t->matched + 1 == t->steps && step(t->path, t->matched).at[0] == '@')
            take_attributes(t, tag, attributes);
    }
    l->depth++;
}

static void closed(looking *l)
{
    if (!l->depth) return;
    for (size_t i = 0; i < TARGETS; i++) {
        target *t = &l->targets[i];
        if (t->matched != l->depth) continue;
        if (t->taking) found(t);
        t->matched--;
    }
    l->over = --l->depth == 0;
}

static void start_tag(looking *l, dgm_slice tag, const dgm_format *const *formats, size_t n)
{
    size_t i = 0;
    bool empty = tag.len && tag.at[tag.len - 1] == '/';
    if (empty) tag.len--;
    while (i < tag.len && !blank(tag.at[i])) i++;
    dgm_slice name = { tag.at, i };
    if (!l->format) begin(l, tag, i, name, formats, n);
    if (l->over) return;
    opened(l, tag, i, local(name));
    if (empty) closed(l);
}

/* ---- the document ---- */

/* The end of what begins at `from` and ends so, behind it; 0: it does not end here. */
static size_t behind(dgm_slice text, size_t from, const char *end)
{
    size_t len = strlen(end);
    for (size_t i = from; i + len <= text.len; i++) {
        const char *hit = memchr(text.at + i, end[0], text.len - i - len + 1);
        if (!hit) return 0;
        i = (size_t)(hit - text.at);
        if (memcmp(hit, end, len) == 0) return i + len;
    }
    return 0;
}

/* The same of a tag, whose values may have the sign in them. */
static size_t behind_tag(dgm_slice text, size_t from)
{
    char quote = 0;
    for (size_t i = from; i < text.len; i++) {
        char c = text.at[i];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return i + 1;
    }
    return 0;
}

static bool starts(dgm_slice text, size_t at, const char *with)
{
    return dgm_slice_is(dgm_slice_part(text, at, at + strlen(with)), with);
}

/* One mark with the text before it; false: it is not all there. */
static bool next(looking *l, const dgm_format *const *formats, size_t n)
{
    dgm_slice text = l->text;
    const char *mark = memchr(text.at + l->at, '<', text.len - l->at);
    if (!mark) return false;
    size_t at = (size_t)(mark - text.at), end;
    bool comment = starts(text, at, "<!--"), data = starts(text, at, "<![CDATA["), program = starts(text, at, "<?");
    if (at + 9 > text.len && !comment && text.at[text.len - 1] != '>') return false;
    if (comment)
        end = behind(text, at + 4, "-->");
    else if (data)
        end = behind(text, at + 9, "]]>");
    else
        end = program ? behind(text, at + 2, "?>") : behind_tag(text, at + 1);
    if (!end) return false;
    take(l, dgm_slice_part(text, l->at, at), false);
    if (data) take(l, dgm_slice_part(text, at + 9, end - 3), true);
    bool tag = !comment && !data && !program;
    l->over = tag && text.at[at + 1] == '!'; /* a DOCTYPE: it is refused */
    if (tag && text.at[at + 1] == '/')
        closed(l);
    else if (tag && !l->over)
        start_tag(l, dgm_slice_part(text, at + 1, end - 1), formats, n);
    l->at = end;
    return true;
}

static bool known(const looking *l)
{
    return l->over || (l->format && l->targets[0].found && l->targets[1].found);
}

dgm_status dgm_xml_parties(const dgm_mem *mem, const dgm_format *const *formats, size_t format_count, dgm_slice encoding,
                           dgm_slice first, bool whole, dgm_parties *out)
{
    looking l = { .out = out };
    dgm_xml_input in;
    dgm_xml_trouble trouble;
    memset(out, 0, sizeof *out);
    dgm_slice head = dgm_slice_part(first, 0, DGM_PARTIES_BYTES_MAX);
    dgm_xml_input_init(&in, mem);
    in.whole = head;
    in.borrowed = true;
    in.last = whole && head.len == first.len;
    dgm_status st = dgm_xml_input_begin(&in, encoding, &trouble);
    for (size_t piece = PIECE; st == DGM_OK && !known(&l);
         piece *= 2) { /* what does not end in one is looked at again in the next */
        size_t before = in.checked;
        st = dgm_xml_input_more(&in, piece, &trouble);
        l.text = dgm_xml_input_text(&in);
        while (st != DGM_NOMEM && !known(&l) && l.at < l.text.len && next(&l, formats, format_count)) continue;
        if (in.checked == before) break;
    }
    dgm_xml_input_free(&in);
    for (size_t i = 0; i < TARGETS; i++)
        if (!l.targets[i].found && l.targets[i].out) l.targets[i].out->len = 0;
    if (st == DGM_NOMEM) return st;
    return known(&l) || whole || head.len == DGM_PARTIES_BYTES_MAX ? DGM_OK : DGM_MORE;
}
