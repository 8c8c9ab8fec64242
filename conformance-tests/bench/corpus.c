/* SPDX-License-Identifier: Apache-2.0
 *
 * corpus.c - see corpus.h. A message is put together from templates of segments, in the order of the D.96B message structure; `$x`
 * stands for a drawn value. Values are released (ISO 9735:1988, 7) as they are put in. One thread.
 */
#include "corpus.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(a)        (sizeof(a) / sizeof((a)[0]))
#define CORPUS_SEED     0x5DEECE66D1CE4E5Bu
#define SEGMENTS_WANTED 40u

static const char *const names[] = {
    "ACME TRADING LTD",   "HAMBURG SÜD GMBH", "CAFÉ DE PARIS",    "MUÑOZ E HIJOS SA", "O'BRIEN & SONS", "NORDSJØ AS",
    "SHENZHEN YI TAI CO", "FÖRSTER+CO KG",    "LUSO TÊXTEIS LDA", "MAPLE GROUP INC",  "STRÖMBERG AB",   "KIM ELECTRONICS",
    "BÄCKEREI WEIß",      "TATA STEEL LTD",   "VAN DEN BERG BV",  "ÅLAND SHIPPING",
};
static const char *const streets[] = { "HAFENSTRAßE 12", "RUE DE L'ÉGLISE 4", "42 NANHAI ROAD", "CALLE MAYOR 118",
                                       "12 KING STREET", "KUNGSGATAN 9",      "DOCK ROAD 77",   "AV. ATLÂNTICA 3" };
static const char *const cities[] = { "HAMBURG", "SÃO PAULO", "SHENZHEN", "MÁLAGA", "LONDON", "GÖTEBORG", "FELIXSTOWE", "ORLÉANS" };
static const char *const countries[] = { "CN", "DE", "FR", "GB", "ES", "SE", "BR", "US" };
static const char *const places[] = { "CNSHA", "DEHAM", "FRLEH", "GBFXT", "ESVLC", "SEGOT", "BRSSZ", "USNYC" };
static const char *const vessels[] = { "EVER GIVEN",        "MSC ZOÉ DEL MAR",  "COSCO SHIPPING STAR",
                                       "MÆRSK LÍNEA NORTE", "HANJIN PACIFIC 7", "AIDA PRIMA" };
static const char *const goods[] = {
    "MEN'S SHIRTS OF COTTON, KNITTED OR CROCHETED",
    "PORTABLE COMPUTERS, 14 INCH, 2 KG",
    "CAFÉ TORRÉFIÉ, NON DÉCAFÉINÉ, EN GRAINS",
    "SEAMLESS STEEL TUBES 3' X 20'",
    "PARTS OF MACHINES FOR FILLING BOTTLES",
    "TOYS: ANIMALS+DOLLS, OF PLASTIC",
    "WHY NOT? BRAND CHEWING GUM, SUGAR FREE",
    "OLIVE OIL, EXTRA VIRGIN, IN BOTTLES OF 1 LITRE",
    "FUßBÄLLE AUS KUNSTLEDER, GRÖßE 5",
    "LED LAMPS 12V, FOR MOTOR CARS",
    "NEW PNEUMATIC TYRES OF RUBBER",
    "GREEN TEA, NOT FERMENTED, IN BAGS",
};
static const char *const currencies[] = { "EUR", "USD", "GBP", "CNY" };
static const char *const packings[] = { "CT", "PK", "BX", "PX", "BG", "DR" };
static const char *const terms[] = { "CIF", "FOB", "EXW", "DAP" };
static const char *const documents[] = { "861", "911", "811", "380" };
static const char *const modes[] = { "1", "3", "4", "2" };

static uint32_t below(corpus *c, uint32_t n)
{
    uint64_t x = c->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    c->random = x;
    return (uint32_t)(((x >> 32) * n) >> 32);
}

#define PICK(c, list) ((list)[below((c), (uint32_t)COUNT(list))])

/* A value: released, and in the character set of the interchange. The texts above hold only U+0080..U+00FF beside ASCII, so a
 * character that is not ASCII has two bytes, the first of them C2 or C3. */
static void put_value(corpus *c, const char *text)
{
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '+' || byte == ':' || byte == '\'' || byte == '?') *c->at++ = '?';
        if (byte >= 0x80 && !c->options.utf8) byte = (unsigned char)((byte & 3u) << 6 | ((unsigned char)*++text & 0x3Fu));
        *c->at++ = (char)byte;
    }
}

static void put_number(corpus *c, uint32_t number)
{
    char digits[12];
    snprintf(digits, sizeof digits, "%u", number);
    put_value(c, digits);
}

static void put_fixed(corpus *c, uint32_t number, int width)
{
    char digits[12];
    snprintf(digits, sizeof digits, "%0*u", width, number);
    put_value(c, digits);
}

static void put_cents(corpus *c, uint32_t cents)
{
    put_number(c, cents / 100);
    if (cents % 100 == 0) return; /* the normal form of a decimal has no trailing zeros */
    *c->at++ = '.';
    if (cents % 10 == 0)
        put_number(c, cents % 100 / 10);
    else
        put_fixed(c, cents % 100, 2);
}

static void put_day(corpus *c)
{
    put_value(c, "2026");
    put_fixed(c, 1 + below(c, 12), 2);
    put_fixed(c, 1 + below(c, 28), 2);
}

static void put_clock(corpus *c)
{
    put_day(c);
    put_fixed(c, below(c, 24), 2);
    put_fixed(c, below(c, 60), 2);
}

static void put_identifier(corpus *c)
{
    put_value(c, PICK(c, countries));
    put_fixed(c, below(c, 10000000), 7);
    put_fixed(c, below(c, 10000000), 7);
}

static void put_container(corpus *c, uint32_t number)
{
    uint32_t sum = 24 + 30 * 2 + 13 * 4 + 32 * 8, digits = number / 10; /* M S C U */
    for (uint32_t i = 0, weight = 512; i < 6; i++, weight /= 2, digits /= 10) sum += digits % 10 * weight;
    put_value(c, "MSCU");
    put_fixed(c, c->options.listed ? number - number % 10 + sum % 11 % 10 : number, 7);
}

/* What a letter behind `$` stands for. */
static void put_letter(corpus *c, char letter)
{
    switch (letter) {
    case 'C': put_value(c, PICK(c, countries)); break;
    case 'L': put_value(c, PICK(c, places)); break;
    case 'O': put_value(c, PICK(c, countries)), put_fixed(c, below(c, 1000000), 6); break;
    case 'D': put_day(c); break;
    case 'T': put_clock(c); break;
    case 'I': put_identifier(c); break;
    case 'N': put_value(c, PICK(c, names)); break;
    case 'S': put_value(c, PICK(c, streets)); break;
    case 'Y': put_value(c, PICK(c, cities)); break;
    case 'P': put_fixed(c, below(c, 100000), 5); break;
    case 'G': put_value(c, PICK(c, goods)); break;
    case 'H': put_fixed(c, 1000 + below(c, 8000), 4), put_fixed(c, below(c, 1000000), 6); break;
    case 'K': put_value(c, PICK(c, packings)); break;
    case 'V': put_value(c, PICK(c, vessels)); break;
    case 'M': put_value(c, PICK(c, modes)); break;
    case 'E': put_container(c, below(c, 10000000)); break;
    case 'Z': put_value(c, "SL"), put_fixed(c, below(c, 1000000), 6); break;
    case 'X': put_value(c, "D"), put_fixed(c, below(c, 1000000), 6); break;
    case 'W':
        put_value(c, "2026/"), put_value(c, PICK(c, countries)), put_value(c, "/"), put_fixed(c, below(c, 100000000), 8);
        break;
    case 'F': put_value(c, PICK(c, terms)); break;
    case 'B': put_value(c, PICK(c, documents)); break;
    case 'A': put_cents(c, 1 + below(c, 9999999)); break;
    case 'R': put_cents(c, 1 + below(c, 2500)); break;
    case 'U': put_value(c, c->currency); break;
    case 'r': put_value(c, c->reference); break;
    case 'i': put_number(c, c->item); break;
    case 'p': put_number(c, c->packages); break;
    case 'g': put_cents(c, c->gross); break;
    case 'n': put_cents(c, c->gross - c->gross / 10); break;
    case 'v': put_cents(c, c->cents); break;
    default: abort(); /* a template of this file is wrong */
    }
}

/* The same with codes of the UN's lists. */
static const char *with_listed_codes(const char *template)
{
    static const char *const same[][2] = {
        { "TDT+11++$M+++++:11::$V:$C", "TDT+11++$M+++++:146::$V:$C" },
        { "DOC+821:105:Z+$W", "DOC+821:105:6+$W" },
        { "CST+$i+$H:TSP", "CST+$i+$H:122" },
        { "CST+$i+$H:TSP+4000:TRA", "CST+$i+$H:122+4000:117" },
        { "LOC+27+$C:1", "LOC+27+$C:162" },
        { "DOC+$B:147:Y+$W", "DOC+$B:147:6+$W" },
        { "TAX+1+VAT++$p+:::$R:KGM", "TAX+1+VAT++$p+:::$R:2" },
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (strcmp(template, same[i][0]) == 0) return same[i][1];
    return template;
}

static void segment(corpus *c, const char *template)
{
    if (c->options.listed) template = with_listed_codes(template);
    for (; *template; template ++)
        if (*template == '$')
            put_letter(c, *++template);
        else
            *c->at++ = *template;
    *c->at++ = '\'';
    if (c->options.line_breaks) *c->at++ = '\r', *c->at++ = '\n';
    c->segments++;
}

/* ---- the message ------------------------------------------------------------------------------------------------------------ */

/* Optional parts of the header and of an item, in message order; a choice is a set of bits. */
enum { H_LOADING = 1, H_GOODS = 2, H_ACCEPTED = 4, H_EQUIPMENT = 8, H_NOTE = 16, H_INLAND = 32, H_RATE = 64, H_BITS = 7 };
enum {
    I_NET = 1,
    I_MARKS = 2,
    I_STATISTICAL = 4,
    I_DOCUMENT = 8,
    I_DOCUMENT_DATE = 16,
    I_TAX = 32,
    I_TAX_AMOUNT = 64,
    I_TAX_PAYMENT = 128,
    I_CUSTOMS_VALUE = 256,
    I_METHOD = 512,
    I_BITS = 10
};
#define HEADER_LEAST 18u /* UNH up to the first UNS, without the optional ones */
#define TAIL         4u  /* UNS CNT CNT UNT */
#define ITEM_LEAST   6u  /* CST FTX LOC MEA PAC MOA */

static void header(corpus *c, unsigned chosen)
{
    segment(c, below(c, 3) ? "BGM+929:::IMA+$r+9" : "BGM+830:::EXA+$r+9");
    segment(c, "LOC+22+$O");
    segment(c, "LOC+35+$C");
    segment(c, "LOC+36+$C");
    if (chosen & H_LOADING) segment(c, "LOC+9+$L");
    if (chosen & H_GOODS) segment(c, "LOC+14+$L:::$Y");
    segment(c, "DTM+137:$D:102");
    if (chosen & H_ACCEPTED) segment(c, "DTM+148:$T00Z:304");
    segment(c, "MEA+WT+AAD+KGM:$g");
    if (chosen & H_EQUIPMENT) segment(c, "EQD+CN+$E");
    if (chosen & H_NOTE) segment(c, "FTX+ACB++00500+$G");
    segment(c, "RFF+ABE:$r");
    segment(c, "RFF+IV:$W");
    segment(c, "DTM+3:$D:102");
    segment(c, below(c, 2) ? "TDT+11++$M+++++:::$V:$C" : "TDT+11++$M+++++:11::$V:$C");
    if (chosen & H_INLAND) segment(c, "TDT+30++$M");
    segment(c, "DOC+821:105:Z+$W");
    segment(c, below(c, 4) ? "NAD+DT+$I" : "NAD+DT+$I++$N");
    segment(c, below(c, 4) ? "NAD+EX+$I++$N+$S+$Y++$P+$C" : "NAD+EX+++$N+$S+$Y++$P+$C");
    segment(c, below(c, 4) ? "NAD+CN+$I++$N+$S+$Y++$P+$C" : "NAD+CN+++$N+$S+$Y+++$C");
    segment(c, below(c, 2) ? "TOD+++$F" : "TOD+++$F:::$Y");
    segment(c, "MOA+39:$v:$U");
    if (chosen & H_RATE) segment(c, "MOA+6");
    if (chosen & H_RATE) segment(c, "CUX+2:$U++1.$P");
    segment(c, "UNS+D");
}

static void item(corpus *c, unsigned chosen)
{
    segment(c, below(c, 3) ? "CST+$i+$H:TSP" : "CST+$i+$H:TSP+4000:TRA");
    segment(c, "FTX+AAA+++$G");
    segment(c, below(c, 2) ? "LOC+27+$C" : "LOC+27+$C:1");
    segment(c, "MEA+WT+AAG+KGM:$g");
    if (chosen & I_NET) segment(c, "MEA+WT+AAF+KGM:$n");
    segment(c, "PAC+$p++$K");
    if (chosen & I_MARKS) segment(c, "PCI++$V NO $i");
    segment(c, "MOA+38:$v:$U");
    if (chosen & I_CUSTOMS_VALUE) segment(c, "MOA+40:$A:$U");
    if (chosen & I_STATISTICAL) segment(c, "MOA+123:$A:$U");
    if (chosen & I_DOCUMENT) segment(c, "DOC+$B:147:Y+$W");
    if (chosen & I_DOCUMENT_DATE) segment(c, "DTM+7:$D:102");
    if (chosen & I_METHOD) segment(c, "GIS+1:127");
    if (chosen & I_TAX) segment(c, below(c, 2) ? "TAX+1+CUD+++:::$R" : "TAX+1+VAT++$p+:::$R:KGM");
    if (chosen & I_TAX_AMOUNT) segment(c, "MOA+55:$A:$U");
    if (chosen & I_TAX_PAYMENT) segment(c, "GIS+E:134");
}

static uint32_t bits_of(unsigned set)
{
    uint32_t n = 0;
    for (; set; set &= set - 1) n++;
    return n;
}

/* One more segment for one of the items, if the one drawn can stand there. */
static uint32_t widen(corpus *c, unsigned *chosen)
{
    unsigned bit = 1u << below(c, I_BITS);
    if (*chosen & bit) return 0;
    if (bit == I_DOCUMENT_DATE && !(*chosen & I_DOCUMENT)) return 0;
    if ((bit == I_TAX_AMOUNT || bit == I_TAX_PAYMENT) && !(*chosen & I_TAX)) return 0;
    *chosen |= bit;
    return 1;
}

#define ITEMS_MAX 12u

typedef struct message_plan {
    uint32_t items;
    unsigned header, chosen[ITEMS_MAX];
    uint32_t packages[ITEMS_MAX], gross[ITEMS_MAX], cents[ITEMS_MAX];
} message_plan;

static message_plan plan_message(corpus *c)
{
    message_plan plan = { .items = c->options.wide ? 1 + below(c, ITEMS_MAX) : 2 + (below(c, 4) == 0) };
    if (c->options.wide)
        plan.header = below(c, 1u << H_BITS);
    else if (plan.items == 2)
        plan.header = 1u << below(c, H_BITS) | 1u << below(c, H_BITS);
    c->packages_all = c->gross_all = c->cents_all = 0;
    for (uint32_t i = 0; i < plan.items; i++) {
        plan.packages[i] = 1 + below(c, 400);
        plan.gross[i] = 1000 + below(c, 2000000);
        plan.cents[i] = 100 + below(c, 9000000);
        c->packages_all += plan.packages[i];
        c->gross_all += plan.gross[i];
        c->cents_all += plan.cents[i];
    }
    if (c->options.wide) {
        for (uint32_t i = 0; i < plan.items; i++)
            for (uint32_t n = below(c, 20); n; n--) widen(c, &plan.chosen[i]);
        return plan;
    }
    uint32_t segments = HEADER_LEAST + TAIL + bits_of(plan.header) + (plan.header & H_RATE ? 1 : 0) + plan.items * ITEM_LEAST;
    while (segments < SEGMENTS_WANTED) segments += widen(c, &plan.chosen[below(c, plan.items)]);
    return plan;
}

size_t corpus_message(corpus *c, char *out)
{
    char trailer[64];
    c->at = out;
    c->segments = 0;
    c->messages++;
    snprintf(c->reference, sizeof c->reference, "26LRN%010u", c->messages);
    snprintf(c->currency, sizeof c->currency, "%s", PICK(c, currencies));
    message_plan plan = plan_message(c);
    char opening[64];
    snprintf(opening, sizeof opening, "UNH+%u+CUSDEC:D:96B:UN", c->messages);
    segment(c, opening);
    c->gross = c->gross_all;
    c->cents = c->cents_all;
    header(c, plan.header);
    for (c->item = 1; c->item <= plan.items; c->item++) {
        c->packages = plan.packages[c->item - 1];
        c->gross = plan.gross[c->item - 1];
        c->cents = plan.cents[c->item - 1];
        item(c, plan.chosen[c->item - 1]);
    }
    segment(c, "UNS+S");
    c->item = plan.items;
    c->packages = c->packages_all;
    segment(c, "CNT+5:$i");
    segment(c, "CNT+11:$p");
    snprintf(trailer, sizeof trailer, "UNT+%u+%u", c->segments + 1, c->messages);
    segment(c, trailer);
    return (size_t)(c->at - out);
}

/* ---- the interchange -------------------------------------------------------------------------------------------------------- */

void corpus_start(corpus *c, const corpus_options *options)
{
    *c = (corpus){ .options = *options, .random = options->seed ? options->seed : CORPUS_SEED };
}

size_t corpus_head(corpus *c, char *out)
{
    c->at = out;
    segment(c, c->options.utf8 ? "UNB+UNOY:3+SENDER:ZZ+CUSTOMS:ZZ+261121:2004+1" : "UNB+UNOC:3+SENDER:ZZ+CUSTOMS:ZZ+261121:2004+1");
    return (size_t)(c->at - out);
}

size_t corpus_tail(corpus *c, char *out)
{
    char trailer[48];
    c->at = out;
    snprintf(trailer, sizeof trailer, "UNZ+%u+1", c->messages);
    segment(c, trailer);
    return (size_t)(c->at - out);
}

dgm_slice corpus_make(const corpus_options *options, size_t bytes)
{
    corpus c;
    char *at = malloc(bytes + 3 * (size_t)CORPUS_PIECE_MAX);
    if (!at) return (dgm_slice){ 0 };
    corpus_start(&c, options);
    size_t len = corpus_head(&c, at);
    do len += corpus_message(&c, at + len);
    while (len < bytes);
    len += corpus_tail(&c, at + len);
    return (dgm_slice){ at, len };
}

void corpus_stream_start(corpus_stream *s, const corpus_options *options, uint64_t bytes)
{
    *s = (corpus_stream){ .bytes_wanted = bytes };
    corpus_start(&s->made, options);
}

size_t corpus_stream_next(corpus_stream *s, char *room, size_t room_bytes, bool *last)
{
    size_t len = 0;
    while (s->stage < 2 && room_bytes - len >= CORPUS_PIECE_MAX) {
        size_t n;
        if (s->stage == 0) {
            n = corpus_head(&s->made, room + len);
            s->stage = 1;
        } else if (s->bytes_given < s->bytes_wanted) {
            n = corpus_message(&s->made, room + len);
        } else {
            n = corpus_tail(&s->made, room + len);
            s->stage = 2;
        }
        len += n;
        s->bytes_given += n;
    }
    *last = s->stage == 2;
    return len;
}

corpus_figures corpus_measure(dgm_slice interchange)
{
    corpus_figures f = { .bytes = interchange.len };
    const char *at = interchange.at, *end = at + interchange.len, *segment_at = at, *token = at;
    for (; at < end; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte >= 0x80) f.not_ascii++;
        if (byte == '?' && at + 1 < end) {
            f.releases++;
            at++;
            continue;
        }
        if (byte != '+' && byte != ':' && byte != '\'') continue;
        f.separators++;
        if (token != segment_at) { /* the tag is no element */
            f.elements++;
            f.empty += token == at;
        }
        token = at + 1;
        if (byte != '\'') continue;
        f.segments++;
        f.messages += at - segment_at > 3 && memcmp(segment_at, "UNH", 3) == 0;
        f.items += at - segment_at > 3 && memcmp(segment_at, "CST", 3) == 0;
        while (at + 1 < end && (at[1] == '\r' || at[1] == '\n')) at++;
        segment_at = token = at + 1;
    }
    return f;
}
