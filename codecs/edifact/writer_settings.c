/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_settings.c - what the writer may be told, checked and kept: partners, references, syntax and looks of an interchange. One
 * thread.
 */
#include "writer_state.h"

#include "charsets.h"
#include "lexer.h"

#define SYNTAXES                                                                                                                   \
    "auto auto:1 auto:2 auto:3 UNOA UNOB UNOC UNOD UNOE UNOF UNOG UNOH UNOI UNOJ UNOK UNOL UNOW UNOX UNOY KECA UNOA:1 UNOB:1 "     \
    "UNOA:2 UNOB:2 UNOA:3 UNOB:3 UNOC:3 UNOD:3 UNOE:3 UNOF:3 UNOG:3 UNOH:3 UNOI:3 UNOJ:3 UNOK:3 UNOL:3 UNOW:3 UNOX:3 UNOY:3 "      \
    "KECA:3 UNOA:4 UNOB:4 UNOC:4 UNOD:4 UNOE:4 UNOF:4 UNOG:4 UNOH:4 UNOI:4 UNOJ:4 UNOK:4 UNOL:4 UNOW:4 UNOX:4 UNOY:4 KECA:4"

enum {
    SENDER,
    SENDER_QUALIFIER,
    RECIPIENT,
    RECIPIENT_QUALIFIER,
    REFERENCE,
    MESSAGE_REFERENCE,
    SYNTAX,
    TEST,
    UNA,
    DECIMAL,
    BREAKS,
    GROUPS,
    PER_INTERCHANGE,
    CHARSET,
    UNMAPPABLE,
    REPLACEMENT,
    RULES,
    CHOICES,
    COUNTED,
    SECURITY,
    WISHES
};

const dgm_option dgm_edi_writer_options[] = {
    [SENDER] = { "sender", "SENDER", "interchange sender (0004)", DGM_OPT_TEXT, NULL },
    [SENDER_QUALIFIER] = { "sender-qualifier", "", "partner identification code qualifier of the sender (0007)", DGM_OPT_TEXT,
                           NULL },
    [RECIPIENT] = { "recipient", "RECIPIENT", "interchange recipient (0010)", DGM_OPT_TEXT, NULL },
    [RECIPIENT_QUALIFIER] = { "recipient-qualifier", "", "partner identification code qualifier of the recipient (0007)",
                              DGM_OPT_TEXT, NULL },
    [REFERENCE] = { "reference", "",
                    "interchange control reference (0020) of the first interchange; its last digits count up; made from the clock "
                    "when empty",
                    DGM_OPT_TEXT, NULL },
    [MESSAGE_REFERENCE] = { "message-reference", "",
                            "reference of the first message (0062); its last digits count up; when empty, messages keep theirs "
                            "and those without one are counted from 1",
                            DGM_OPT_TEXT, NULL },
    [SYNTAX] = { "syntax", "UNOC:3", "syntax identifier and version; auto: the first of `choices` that holds all of an interchange",
                 DGM_OPT_TEXT, SYNTAXES },
    [TEST] = { "test", "no", "mark the interchange as a test (0035)", DGM_OPT_BOOL, NULL },
    [UNA] = { "una", "auto",
              "write UNA: auto (only when the decimal mark is a comma), yes, no, or the six service characters it is to have: "
              ":+.?*' "
              "in its order, blanks for no release and for no repetition before version 4",
              DGM_OPT_TEXT, NULL },
    [DECIMAL] = { "decimal", "", "decimal mark; empty: as values have it", DGM_OPT_TEXT, ". ," },
    [BREAKS] = { "line-breaks", "no", "a line for each segment", DGM_OPT_BOOL, NULL },
    [GROUPS] = { "groups", "no", "put messages of one type into a functional group (UNG, UNE)", DGM_OPT_BOOL, NULL },
    [PER_INTERCHANGE] = { "messages-per-interchange", "0", "begin another interchange after so many messages; 0: never",
                          DGM_OPT_COUNT, NULL },
    [CHARSET] = { "charset", "",
                  "character set of this partner, instead of the one the syntax identifier names (Shift_JIS, IBM500)", DGM_OPT_TEXT,
                  NULL },
    [UNMAPPABLE] = { "unmappable", "refuse", "characters that the set lacks: the message is refused, or they are changed and told",
                     DGM_OPT_TEXT, "refuse replace transliterate" },
    [REPLACEMENT] = { "replacement", "?", "what `unmappable: replace` writes for each", DGM_OPT_TEXT, NULL },
    [RULES] = { "transliterator", "", "rules of ICU for `unmappable: transliterate` (de-ASCII); empty: Any-Latin, then Latin-ASCII",
                DGM_OPT_TEXT, NULL },
    [CHOICES] = { "choices", "UNOA UNOB UNOC UNOD UNOE UNOF UNOY", "syntax identifiers for `syntax: auto`, smallest first",
                  DGM_OPT_TEXT, NULL },
    [COUNTED] = { "counted", "interchanges",
                  "references that a counter gives where there is one: interchanges, groups, messages, with blanks between; their "
                  "numbers take the place of the last digits of `reference` and `message-reference`",
                  DGM_OPT_TEXT, NULL },
    [SECURITY] = { "security", "refuse",
                   "what came with security segments: refused, for what was signed would not be what is written; or written "
                   "without them (drop), or with them (keep) though what they secure is not what it was, which is told",
                   DGM_OPT_TEXT, "refuse drop keep" },
    { 0 },
};

static bool refuse(dgm_edi_writer *w, uint32_t which, dgm_slice value)
{
    dgm_diag *d = dgm_diags_add(w->host.diags, DGM_D_EDI_SETTING, DGM_ERROR);
    dgm_diag_text(w->host.diags, d, dgm_slice_of(dgm_edi_writer_options[which].name));
    dgm_diag_text(w->host.diags, d, value);
    if (which == CHARSET) dgm_diag_text(w->host.diags, d, dgm_charset_nearest(&w->mem, value));
    return false;
}

/* The value of each option: the first setting of its name, or the default. Returns which were given, a bit each. */
static uint32_t sort_settings(const dgm_setting *settings, size_t n, dgm_slice values[WISHES])
{
    uint32_t given = 0;
    for (uint32_t o = 0; o < WISHES; o++) {
        const char *name = dgm_edi_writer_options[o].name;
        values[o] = (dgm_slice){ 0 };
        size_t i = 0;
        while (i < n && !(settings[i].name.len && settings[i].name.at[0] == name[0] && dgm_slice_is(settings[i].name, name))) i++;
        values[o] = i < n ? settings[i].value : dgm_slice_of(dgm_edi_writer_options[o].standard);
        if (i < n) given |= 1u << o;
    }
    return given;
}

static bool yes(dgm_slice v)
{
    return dgm_slice_is(v, "yes") || dgm_slice_is(v, "true") || dgm_slice_is(v, "1");
}

/* "UNOC:3" → identifier, version, character set. */
static bool set_syntax(dgm_edi_writer *w, dgm_slice syntax, dgm_slice own)
{
    dgm_cut halves = dgm_slice_cut(syntax, ':');
    char version = halves.found && halves.tail.len == 1 ? halves.tail.at[0] : '3';
    if (dgm_slice_is(halves.head, "auto") && own.len == 0) halves.head = DGM_LITERAL("UNOY"); /* until it is known */
    if (!dgm_edi_set_of(halves.head) || halves.tail.len > 1 || version < '1' || version > '4') return false;
    w->wishes.version = version;
    w->four = version == '4';
    memcpy(w->wishes.syntax, halves.head.at, 4);
    return true;
}

/* Is a character of UNA in the set? IS1 to IS4 are those of UNOB up to version 3. */
static bool mark_held(const dgm_edi_writer *w, const dgm_edi_set *set, const dgm_edi_alphabet *usual, unsigned char c)
{
    if (c >= 0x1C && c <= 0x1F) return !w->four && strcmp(set->identifier, "UNOB") == 0;
    return w->own || !(usual->kind[c] & DGM_EDI_KIND_ODD);
}

/* The service characters wished for, in this version. False: they cannot be used. */
static bool take_marks(dgm_edi_writer *w, const dgm_edi_set *set)
{
    const char *wish = w->wishes.marks;
    dgm_edi_alphabet usual;
    bool good = true;
    dgm_edi_alphabet_make(&usual, ":+?'", true, set->repertoire);
    memcpy(w->marks, wish, sizeof w->marks);
    if (!w->four) w->marks[DGM_EDI_MARK_REPETITION] = wish[DGM_EDI_MARK_TERMINATOR];
    if (w->four && wish[DGM_EDI_MARK_REPETITION] == ' ') w->marks[DGM_EDI_MARK_REPETITION] = '*';
    for (uint32_t i = 0; i < DGM_EDI_MARKS; i++) {
        good = good && mark_held(w, set, &usual, (unsigned char)w->marks[i]);
        for (uint32_t k = 0; k < i && w->four; k++) good = good && w->marks[i] != w->marks[k];
    }
    return good;
}

/* What becomes of each byte, and the characters to be released as vectors. */
static void make_kinds(dgm_edi_writer *w)
{
    const dgm_edi_set *set = dgm_edi_set_of((dgm_slice){ w->wishes.syntax, 4 });
    char of[sizeof w->kinds_of] = { set->identifier[0], set->identifier[1], set->identifier[2],
                                    set->identifier[3], w->wishes.version,  0 };
    memcpy(of + 6, w->wishes.marks, DGM_EDI_MARKS);
    if (memcmp(w->kinds_of, of, sizeof of) == 0) return;
    w->marks_wrong = !take_marks(w, set);
    const char *m = w->marks;
    const bool release = m[DGM_EDI_MARK_RELEASE] != ' ';
    const char service[DGM_EDI_SERVICE_MAX] = { m[DGM_EDI_MARK_COMPONENT], m[DGM_EDI_MARK_ELEMENT],
                                                release ? m[DGM_EDI_MARK_RELEASE] : m[DGM_EDI_MARK_TERMINATOR],
                                                m[DGM_EDI_MARK_TERMINATOR], m[DGM_EDI_MARK_REPETITION] };
    dgm_edi_alphabet a;
    dgm_edi_alphabet_make(&a, service, release, set->repertoire);
    if (w->four) dgm_edi_alphabet_repeat(&a, m[DGM_EDI_MARK_REPETITION]);
    w->ascii_free = true;
    for (unsigned i = 0; i < 256; i++) {
        bool odd = a.kind[i] & DGM_EDI_KIND_ODD;
        if (a.kind[i] && !release) odd = true; /* what separates cannot be said in a value */
        unsigned kind = a.kind[i] ? DGM_EDI_RELEASE : 0;
        if (odd) kind = DGM_EDI_OUTSIDE;
        if (i >= 0x80) kind = DGM_EDI_WIDE | (set->ascii ? DGM_EDI_OUTSIDE : 0);
        w->kind[i] = (unsigned char)kind;
        if (odd && i >= 0x20 && i < 0x7F) w->ascii_free = false;
    }
    for (uint32_t i = 0; i < DGM_EDI_SERVICE_MAX; i++) memset(w->service[i], service[i], sizeof w->service[i]);
    memcpy(w->kinds_of, of, sizeof of);
    dgm_edi_charset_kinds(w);
    for (uint32_t i = 0; i < DGM_EDI_SERVICE_MAX && release; i++) /* EBCDIC lacks some */
        w->marks_wrong |= (w->kind[(unsigned char)service[i]] & DGM_EDI_OUTSIDE) != 0;
}

bool dgm_edi_syntax_take(dgm_edi_writer *w, dgm_slice syntax, dgm_slice own)
{
    if (!set_syntax(w, syntax, own)) return false;
    if (!dgm_edi_charset_take(w, (dgm_slice){ w->wishes.syntax, 4 }, own)) return false;
    make_kinds(w);
    return !w->marks_wrong;
}

static bool refuse_una(dgm_edi_writer *w, dgm_slice una, const char *why)
{
    dgm_diag *d = dgm_diags_add(w->host.diags, DGM_D_EDI_SETTING_UNA, DGM_ERROR);
    dgm_diag_text(w->host.diags, d, una);
    dgm_diag_text(w->host.diags, d, dgm_slice_of(why));
    return false;
}

/* Six characters: a reader must be able to tell each from the others, and from what may stand where it stands. */
static const char *una_fault(dgm_slice una)
{
    if (una.len != DGM_EDI_MARKS) return "it may be auto, yes, no, or six characters";
    for (uint32_t i = 0; i < DGM_EDI_MARKS; i++) {
        const char c = una.at[i];
        const bool blank = c == ' ' && (i == DGM_EDI_MARK_RELEASE || i == DGM_EDI_MARK_REPETITION);
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
            return "a letter or digit stands among them";
        if ((c < 0x1C || c == 0x7F) && !blank) return "a character that cannot be written stands among them";
        if (c == ' ' && !blank) return "only release and repetition may be blank";
        if (i == DGM_EDI_MARK_DECIMAL && c != '.' && c != ',') return "the third is the decimal mark, a full stop or a comma";
        for (uint32_t k = 0; k < i && !blank; k++)
            if (una.at[k] == c) return "two of them are the same";
    }
    return NULL;
}

static bool take_una(dgm_edi_writer *w, const dgm_slice *v)
{
    dgm_edi_wishes *to = &w->wishes;
    const dgm_slice una = v[UNA];
    const bool automatic = dgm_slice_is(una, "auto"), always = dgm_slice_is(una, "yes");
    to->decimal = v[DECIMAL].len ? v[DECIMAL].at[0] : 0;
    memcpy(to->marks, ":+.? '", DGM_EDI_MARKS);
    if (!automatic && !always && !dgm_slice_is(una, "no")) {
        const char *fault = una_fault(una);
        if (!fault && to->decimal && to->decimal != una.at[DGM_EDI_MARK_DECIMAL]) fault = "the setting `decimal` is another mark";
        if (fault) return refuse_una(w, una, fault);
        memcpy(to->marks, una.at, DGM_EDI_MARKS);
        to->decimal = una.at[DGM_EDI_MARK_DECIMAL];
        to->una = true;
        return true;
    }
    to->una = always || (automatic && to->decimal == ',');
    if (to->una && !to->decimal) to->decimal = '.'; /* UNA names the mark, and then it is the only one */
    return true;
}

static bool take_charset(dgm_edi_writer *w, const dgm_slice *v)
{
    static const char *const ways[] = { "refuse", "replace", "transliterate" };
    uint32_t way = 0;
    if (!set_syntax(w, v[SYNTAX], v[CHARSET])) return refuse(w, SYNTAX, v[SYNTAX]);
    if (!dgm_edi_syntax_take(w, v[SYNTAX], v[CHARSET])) {
        if (w->marks_wrong) return refuse_una(w, v[UNA], "its syntax version or character set has not all of them");
        return refuse(w, CHARSET, v[CHARSET]);
    }
    w->choices = 0;
    if (dgm_slice_is(dgm_slice_part(v[SYNTAX], 0, 4), "auto") && !dgm_edi_choices_take(w, v[CHOICES]))
        return refuse(w, CHOICES, v[CHOICES]);
    while (way < 3 && !dgm_slice_is(v[UNMAPPABLE], ways[way])) way++;
    if (way == 3) return refuse(w, UNMAPPABLE, v[UNMAPPABLE]);
    w->wishes.unmappable = (dgm_edi_unmappable)way;
    bool good = v[REPLACEMENT].len <= 8 && dgm_utf8_check(v[REPLACEMENT]) == v[REPLACEMENT].len;
    if (way == DGM_EDI_REPLACE && !good) return refuse(w, REPLACEMENT, v[REPLACEMENT]);
    w->wishes.replacement.len = good ? v[REPLACEMENT].len : 0;
    if (good && v[REPLACEMENT].len) memcpy(w->wishes.replacement.at, v[REPLACEMENT].at, v[REPLACEMENT].len);
    return dgm_edi_rules_take(w, v[RULES]) || refuse(w, RULES, v[RULES]);
}

/* A text of the envelope, which is read before the character set is known. */
static bool take_text(dgm_edi_writer *w, uint32_t which, dgm_slice v, size_t most, dgm_edi_short_text *to)
{
    if (v.len > most || (dgm_edi_kinds(w, v) & (DGM_EDI_OUTSIDE | DGM_EDI_WIDE))) return refuse(w, which, v);
    if (v.len) memcpy(to->at, v.at, v.len);
    to->len = v.len;
    return true;
}

static bool take_reference(dgm_edi_writer *w, uint32_t which, dgm_slice v, dgm_edi_short_text *to)
{
    return (dgm_edi_kinds(w, v) & DGM_EDI_RELEASE) ? refuse(w, which, v) : take_text(w, which, v, DGM_EDI_REFERENCE_MAX, to);
}

static bool take_partners(dgm_edi_writer *w, const dgm_slice *v)
{
    dgm_edi_wishes *to = &w->wishes;
    if (v[SENDER].len == 0) return refuse(w, SENDER, v[SENDER]);
    if (v[RECIPIENT].len == 0) return refuse(w, RECIPIENT, v[RECIPIENT]);
    return take_text(w, SENDER, v[SENDER], DGM_EDI_PARTY_MAX, &to->sender) &&
           take_text(w, SENDER_QUALIFIER, v[SENDER_QUALIFIER], 4, &to->sender_qualifier) &&
           take_text(w, RECIPIENT, v[RECIPIENT], DGM_EDI_PARTY_MAX, &to->recipient) &&
           take_text(w, RECIPIENT_QUALIFIER, v[RECIPIENT_QUALIFIER], 4, &to->recipient_qualifier);
}

static bool take_count(dgm_edi_writer *w, uint32_t which, dgm_slice v, uint64_t *to)
{
    *to = 0;
    for (size_t i = 0; i < v.len; i++) {
        if (v.at[i] < '0' || v.at[i] > '9' || *to > UINT32_MAX) return refuse(w, which, v);
        *to = *to * 10 + (uint64_t)(v.at[i] - '0');
    }
    return v.len ? true : refuse(w, which, v);
}

/* "interchanges messages" */
static bool take_counted(dgm_edi_writer *w, dgm_slice list)
{
    static const char *const names[DGM_EDI_COUNTS] = { "interchanges", "groups", "messages" };
    dgm_edi_wishes *to = &w->wishes;
    uint32_t bits = 0;
    for (dgm_cut cut = { .tail = list, .found = list.len > 0 }; cut.found;) {
        cut = dgm_slice_cut(cut.tail, ' ');
        uint32_t i = 0;
        while (i < DGM_EDI_COUNTS && !dgm_slice_is(cut.head, names[i])) i++;
        if (i == DGM_EDI_COUNTS && cut.head.len) return refuse(w, COUNTED, list);
        if (i < DGM_EDI_COUNTS) bits |= 1u << i;
    }
    to->counted = w->host.counter.take ? bits : 0;
    const dgm_slice first = { to->reference.at, to->reference.len },
                    message = { to->message_reference.at, to->message_reference.len };
    if (dgm_edi_counts(w, DGM_COUNT_INTERCHANGE) && !dgm_edi_countable(first)) return refuse(w, REFERENCE, first);
    if (dgm_edi_counts(w, DGM_COUNT_MESSAGE) && !dgm_edi_countable(message)) return refuse(w, MESSAGE_REFERENCE, message);
    return true;
}

static bool take_all(dgm_edi_writer *w, const dgm_slice *v)
{
    dgm_edi_wishes *to = &w->wishes;
    if (v[DECIMAL].len && !dgm_slice_is(v[DECIMAL], ".") && !dgm_slice_is(v[DECIMAL], ",")) return refuse(w, DECIMAL, v[DECIMAL]);
    if (!take_una(w, v)) return false;
    to->breaks = yes(v[BREAKS]);
    to->test = yes(v[TEST]);
    to->security = dgm_slice_is(v[SECURITY], "drop")   ? DGM_EDI_SECURITY_DROP
                   : dgm_slice_is(v[SECURITY], "keep") ? DGM_EDI_SECURITY_KEEP
                                                       : DGM_EDI_SECURITY_REFUSE;
    if (to->security == DGM_EDI_SECURITY_REFUSE && !dgm_slice_is(v[SECURITY], "refuse")) return refuse(w, SECURITY, v[SECURITY]);
    to->groups = yes(v[GROUPS]);
    w->decimal = to->decimal;
    if (!take_charset(w, v)) return false;
    return take_count(w, PER_INTERCHANGE, v[PER_INTERCHANGE], &to->per_interchange) && take_partners(w, v) &&
           take_reference(w, REFERENCE, v[REFERENCE], &to->reference) &&
           take_reference(w, MESSAGE_REFERENCE, v[MESSAGE_REFERENCE], &to->message_reference) && take_counted(w, v[COUNTED]);
}

dgm_status dgm_edi_wishes_take(dgm_edi_writer *w, const dgm_setting *settings, size_t n)
{
    static const uint32_t bits[WISHES] = {
        [SENDER] = DGM_EDI_GIVEN_SENDER,       [SENDER_QUALIFIER] = DGM_EDI_GIVEN_SENDER_QUALIFIER,
        [RECIPIENT] = DGM_EDI_GIVEN_RECIPIENT, [RECIPIENT_QUALIFIER] = DGM_EDI_GIVEN_RECIPIENT_QUALIFIER,
        [SYNTAX] = DGM_EDI_GIVEN_SYNTAX,       [TEST] = DGM_EDI_GIVEN_TEST,
        [GROUPS] = DGM_EDI_GIVEN_GROUPS
    };
    dgm_slice values[WISHES];
    uint32_t given = sort_settings(settings, n, values);
    w->wishes.given = 0;
    for (uint32_t i = 0; i < WISHES; i++)
        if (given >> i & 1) w->wishes.given |= bits[i];
    return take_all(w, values) ? DGM_OK : DGM_CONFIG; /* told above */
}
