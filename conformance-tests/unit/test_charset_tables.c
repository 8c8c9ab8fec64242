/* SPDX-License-Identifier: Apache-2.0
 *
 * test_charset_tables.c - each byte of each single-byte set against the tables of its standard, written out here sixteen to a line;
 * "~" stands for a byte that has no graphic character. What has one goes there and back; what has none is told, or is a control
 * character. And the repertoires of levels A and B, from ISO 9735:1988, 5.1 and 5.2. One thread.
 */
#include "base/utf8.h"
#include "codecs/edifact/charsets.h"
#include "conformance-tests/support/test.h"

#include <stdio.h>

static const struct {
    const char *set;
    unsigned first;
    const char *characters;
} tables[] = {
    /* clang-format off */
    { "ISO-8859-1", 0xA0,
      "\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯"
      "°±²³´µ¶·¸¹º»¼½¾¿"
      "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ"
      "ÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"
      "àáâãäåæçèéêëìíîï"
      "ðñòóôõö÷øùúûüýþÿ"
    },
    { "ISO-8859-2", 0xA0,
      "\u00a0Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u00adŽŻ"
      "°ą˛ł´ľśˇ¸šşťź˝žż"
      "ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎ"
      "ĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß"
      "ŕáâăäĺćçčéęëěíîď"
      "đńňóôőö÷řůúűüýţ˙"
    },
    { "ISO-8859-3", 0xA0,
      "\u00a0Ħ˘£¤~Ĥ§¨İŞĞĴ\u00ad~Ż"
      "°ħ²³´µĥ·¸ışğĵ½~ż"
      "ÀÁÂ~ÄĊĈÇÈÉÊËÌÍÎÏ"
      "~ÑÒÓÔĠÖ×ĜÙÚÛÜŬŜß"
      "àáâ~äċĉçèéêëìíîï"
      "~ñòóôġö÷ĝùúûüŭŝ˙"
    },
    { "ISO-8859-4", 0xA0,
      "\u00a0ĄĸŖ¤ĨĻ§¨ŠĒĢŦ\u00adŽ¯"
      "°ą˛ŗ´ĩļˇ¸šēģŧŊžŋ"
      "ĀÁÂÃÄÅÆĮČÉĘËĖÍÎĪ"
      "ĐŅŌĶÔÕÖ×ØŲÚÛÜŨŪß"
      "āáâãäåæįčéęëėíîī"
      "đņōķôõö÷øųúûüũū˙"
    },
    { "ISO-8859-5", 0xA0,
      "\u00a0ЁЂЃЄЅІЇЈЉЊЋЌ\u00adЎЏ"
      "АБВГДЕЖЗИЙКЛМНОП"
      "РСТУФХЦЧШЩЪЫЬЭЮЯ"
      "абвгдежзийклмноп"
      "рстуфхцчшщъыьэюя"
      "№ёђѓєѕіїјљњћќ§ўџ"
    },
    { "ISO-8859-6", 0xA0,
      "\u00a0~~~¤~~~~~~~\u060c\u00ad~~"
      "~~~~~~~~~~~\u061b~~~\u061f"
      "~\u0621\u0622\u0623\u0624\u0625\u0626\u0627\u0628\u0629\u062a\u062b\u062c\u062d\u062e\u062f"
      "\u0630\u0631\u0632\u0633\u0634\u0635\u0636\u0637\u0638\u0639\u063a~~~~~"
      "\u0640\u0641\u0642\u0643\u0644\u0645\u0646\u0647\u0648\u0649\u064a\u064b\u064c\u064d\u064e\u064f"
      "\u0650\u0651\u0652~~~~~~~~~~~~~"
    },
    { "ISO-8859-7", 0xA0,
      "\u00a0‘’£€₯¦§¨©ͺ«¬\u00ad~―"
      "°±²³΄΅Ά·ΈΉΊ»Ό½ΎΏ"
      "ΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟ"
      "ΠΡ~ΣΤΥΦΧΨΩΪΫάέήί"
      "ΰαβγδεζηθικλμνξο"
      "πρςστυφχψωϊϋόύώ~"
    },
    { "ISO-8859-8", 0xA0,
      "\u00a0~¢£¤¥¦§¨©×«¬\u00ad®¯"
      "°±²³´µ¶·¸¹÷»¼½¾~"
      "~~~~~~~~~~~~~~~~"
      "~~~~~~~~~~~~~~~‗"
      "\u05d0\u05d1\u05d2\u05d3\u05d4\u05d5\u05d6\u05d7\u05d8\u05d9\u05da\u05db\u05dc\u05dd\u05de\u05df"
      "\u05e0\u05e1\u05e2\u05e3\u05e4\u05e5\u05e6\u05e7\u05e8\u05e9\u05ea~~\u200e\u200f~"
    },
    { "ISO-8859-9", 0xA0,
      "\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯"
      "°±²³´µ¶·¸¹º»¼½¾¿"
      "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ"
      "ĞÑÒÓÔÕÖ×ØÙÚÛÜİŞß"
      "àáâãäåæçèéêëìíîï"
      "ğñòóôõö÷øùúûüışÿ"
    },
    { "ISO-8859-15", 0xA0,
      "\u00a0¡¢£€¥Š§š©ª«¬\u00ad®¯"
      "°±²³Žµ¶·ž¹º»ŒœŸ¿"
      "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ"
      "ÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"
      "àáâãäåæçèéêëìíîï"
      "ðñòóôõö÷øùúûüýþÿ"
    },
    { "IBM037", 0x40,
      " \u00a0âäàáãåçñ¢.<(+|"
      "&éêëèíîïìß!$*);¬"
      "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
      "øÉÊËÈÍÎÏÌ`:#@'=\""
      "Øabcdefghi«»ðýþ±"
      "°jklmnopqrªºæ¸Æ¤"
      "µ~stuvwxyz¡¿ÐÝÞ®"
      "^£¥·©§¶¼½¾[]¯¨´×"
      "{ABCDEFGHI\u00adôöòóõ"
      "}JKLMNOPQR¹ûüùúÿ"
      "\\÷STUVWXYZ²ÔÖÒÓÕ"
      "0123456789³ÛÜÙÚ~"
    },
    { "IBM500", 0x40,
      " \u00a0âäàáãåçñ[.<(+!"
      "&éêëèíîïìß]$*);^"
      "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
      "øÉÊËÈÍÎÏÌ`:#@'=\""
      "Øabcdefghi«»ðýþ±"
      "°jklmnopqrªºæ¸Æ¤"
      "µ~stuvwxyz¡¿ÐÝÞ®"
      "¢£¥·©§¶¼½¾¬|¯¨´×"
      "{ABCDEFGHI\u00adôöòóõ"
      "}JKLMNOPQR¹ûüùúÿ"
      "\\÷STUVWXYZ²ÔÖÒÓÕ"
      "0123456789³ÛÜÙÚ~"
    },
    { "IBM1140", 0x40,
      " \u00a0âäàáãåçñ¢.<(+|"
      "&éêëèíîïìß!$*);¬"
      "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
      "øÉÊËÈÍÎÏÌ`:#@'=\""
      "Øabcdefghi«»ðýþ±"
      "°jklmnopqrªºæ¸Æ€"
      "µ~stuvwxyz¡¿ÐÝÞ®"
      "^£¥·©§¶¼½¾[]¯¨´×"
      "{ABCDEFGHI\u00adôöòóõ"
      "}JKLMNOPQR¹ûüùúÿ"
      "\\÷STUVWXYZ²ÔÖÒÓÕ"
      "0123456789³ÛÜÙÚ~"
    },
    { "KOI8-R", 0x80,
      "─│┌┐└┘├┤┬┴┼▀▄█▌▐"
      "░▒▓⌠■∙√≈≤≥\u00a0⌡°²·÷"
      "═║╒ё╓╔╕╖╗╘╙╚╛╜╝╞"
      "╟╠╡Ё╢╣╤╥╦╧╨╩╪╫╬©"
      "юабцдефгхийклмно"
      "пярстужвьызшэщчъ"
      "ЮАБЦДЕФГХИЙКЛМНО"
      "ПЯРСТУЖВЬЫЗШЭЩЧЪ"
    },
    { "windows-1250", 0x80,
      "€~‚~„…†‡~‰Š‹ŚŤŽŹ"
      "~‘’“”•–—~™š›śťžź"
      "\u00a0ˇ˘Ł¤Ą¦§¨©Ş«¬\u00ad®Ż"
      "°±˛ł´µ¶·¸ąş»Ľ˝ľż"
      "ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎ"
      "ĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß"
      "ŕáâăäĺćçčéęëěíîď"
      "đńňóôőö÷řůúűüýţ˙"
    },
    { "windows-1251", 0x80,
      "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏ"
      "ђ‘’“”•–—~™љ›њќћџ"
      "\u00a0ЎўЈ¤Ґ¦§Ё©Є«¬\u00ad®Ї"
      "°±Ііґµ¶·ё№є»јЅѕї"
      "АБВГДЕЖЗИЙКЛМНОП"
      "РСТУФХЦЧШЩЪЫЬЭЮЯ"
      "абвгдежзийклмноп"
      "рстуфхцчшщъыьэюя"
    },
    { "windows-1252", 0x80,
      "€~‚ƒ„…†‡ˆ‰Š‹Œ~Ž~"
      "~‘’“”•–—˜™š›œ~žŸ"
      "\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯"
      "°±²³´µ¶·¸¹º»¼½¾¿"
      "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ"
      "ÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"
      "àáâãäåæçèéêëìíîï"
      "ðñòóôõö÷øùúûüýþÿ"
    },
    { "windows-1253", 0x80,
      "€~‚ƒ„…†‡~‰~‹~~~~"
      "~‘’“”•–—~™~›~~~~"
      "\u00a0΅Ά£¤¥¦§¨©ª«¬\u00ad®―" /* AA: as CCSID 5349 has it; Microsoft leaves it free */
      "°±²³΄µ¶·ΈΉΊ»Ό½ΎΏ"
      "ΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟ"
      "ΠΡ~ΣΤΥΦΧΨΩΪΫάέήί"
      "ΰαβγδεζηθικλμνξο"
      "πρςστυφχψωϊϋόύώ~"
    },
    { "windows-1254", 0x80,
      "€~‚ƒ„…†‡ˆ‰Š‹Œ~~~"
      "~‘’“”•–—˜™š›œ~~Ÿ"
      "\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯"
      "°±²³´µ¶·¸¹º»¼½¾¿"
      "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ"
      "ĞÑÒÓÔÕÖ×ØÙÚÛÜİŞß"
      "àáâãäåæçèéêëìíîï"
      "ğñòóôõö÷øùúûüışÿ"
    },
    { "windows-1255", 0x80,
      "€~‚ƒ„…†‡ˆ‰~‹~~~~"
      "~‘’“”•–—˜™~›~~~~"
      "\u00a0¡¢£₪¥¦§¨©×«¬\u00ad®¯"
      "°±²³´µ¶·¸¹÷»¼½¾¿"
      "\u05b0\u05b1\u05b2\u05b3\u05b4\u05b5\u05b6\u05b7\u05b8\u05b9~\u05bb\u05bc\u05bd\u05be\u05bf"
      "\u05c0\u05c1\u05c2\u05c3\u05f0\u05f1\u05f2\u05f3\u05f4~~~~~~~"
      "\u05d0\u05d1\u05d2\u05d3\u05d4\u05d5\u05d6\u05d7\u05d8\u05d9\u05da\u05db\u05dc\u05dd\u05de\u05df"
      "\u05e0\u05e1\u05e2\u05e3\u05e4\u05e5\u05e6\u05e7\u05e8\u05e9\u05ea~~\u200e\u200f~"
    },
    { "windows-1256", 0x80,
      "€\u067e‚ƒ„…†‡ˆ‰\u0679‹Œ\u0686\u0698\u0688"
      "\u06af‘’“”•–—\u06a9™\u0691›œ‌‍\u06ba"
      "\u00a0\u060c¢£¤¥¦§¨©\u06be«¬\u00ad®¯"
      "°±²³´µ¶·¸¹\u061b»¼½¾\u061f"
      "\u06c1\u0621\u0622\u0623\u0624\u0625\u0626\u0627\u0628\u0629\u062a\u062b\u062c\u062d\u062e\u062f"
      "\u0630\u0631\u0632\u0633\u0634\u0635\u0636×\u0637\u0638\u0639\u063a\u0640\u0641\u0642\u0643"
      "à\u0644â\u0645\u0646\u0647\u0648çèéêë\u0649\u064aîï"
      "\u064b\u064c\u064d\u064eô\u064f\u0650÷\u0651ù\u0652ûü\u200e\u200f\u06d2"
    },
    { "windows-1257", 0x80,
      "€~‚~„…†‡~‰~‹~¨ˇ¸"
      "~‘’“”•–—~™~›~¯˛~"
      "\u00a0~¢£¤~¦§Ø©Ŗ«¬\u00ad®Æ"
      "°±²³´µ¶·ø¹ŗ»¼½¾æ"
      "ĄĮĀĆÄÅĘĒČÉŹĖĢĶĪĻ"
      "ŠŃŅÓŌÕÖ×ŲŁŚŪÜŻŽß"
      "ąįāćäåęēčéźėģķīļ"
      "šńņóōõö÷ųłśūüżž˙"
    },
    { "windows-1258", 0x80,
      "€~‚ƒ„…†‡ˆ‰~‹Œ~~~"
      "~‘’“”•–—˜™~›œ~~Ÿ"
      "\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯"
      "°±²³´µ¶·¸¹º»¼½¾¿"
      "ÀÁÂĂÄÅÆÇÈÉÊË̀ÍÎÏ"
      "ĐÑ̉ÓÔƠÖ×ØÙÚÛÜỮß"
      "àáâăäåæçèéêë́íîï"
      "đṇ̃óôơö÷øùúûüư₫ÿ"
    },
    { "TIS-620", 0x80, /* with the few characters of windows-874 beside it */
      "€~~~~…~~~~~~~~~~"
      "~‘’“”•–—~~~~~~~~"
      "\u00a0กขฃคฅฆงจฉชซฌญฎฏ"
      "ฐฑฒณดตถทธนบปผฝพฟ"
      "ภมยรฤลฦวศษสหฬอฮฯ"
      "ะัาำิีึืฺุู~~~~฿"
      "เแโใไๅๆ็่้๊๋์ํ๎๏"
      "๐๑๒๓๔๕๖๗๘๙๚๛~~~~"
    },
    /* clang-format on */
};

static void every_byte(void)
{
    dgm_buffer text, back;
    dgm_buffer_init(&text, NULL);
    dgm_buffer_init(&back, NULL);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        dgm_charset *c = NULL;
        size_t bad = 99;
        dgm_slice rest = dgm_slice_of(tables[i].characters);
        CU_ASSERT_EQUAL_FATAL(dgm_charset_open(NULL, dgm_slice_of(tables[i].set), &c), DGM_OK);
        for (unsigned b = tables[i].first; b < 256; b++) {
            char byte = (char)b;
            dgm_rune wanted = dgm_utf8_next(rest);
            text.len = back.len = 0;
            dgm_status st = dgm_charset_decode(c, (dgm_slice){ &byte, 1 }, &text, &bad);
            dgm_rune there = st == DGM_OK ? dgm_utf8_next(dgm_buffer_slice(&text)) : (dgm_rune){ 0 };
            bool none = wanted.point == '~' && (st == DGM_INVALID ? bad == 0 : there.point < 0x20 || there.point - 0x7F < 0x21);
            bool tilde = wanted.point == '~' && there.point == '~';
            bool good = none || tilde || (st == DGM_OK && there.point == wanted.point);
            if (good && !none && dgm_charset_encode(c, dgm_buffer_slice(&text), &back, &bad) == DGM_OK)
                good = back.len == 1 && back.at[0] == byte;
            if (!good) fprintf(stderr, "%s %02X: U+%04X, but U+%04X\n", tables[i].set, b, wanted.point, there.point);
            CU_ASSERT(good);
            rest = dgm_slice_part(rest, wanted.bytes, rest.len);
        }
        CU_ASSERT_EQUAL(rest.len, 0);
        dgm_charset_free(c);
    }
    dgm_buffer_free(&text);
    dgm_buffer_free(&back);
}

/* Levels A and B hold these of ASCII, and nothing else. */
static void levels(void)
{
    static const char a[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-()/='+:?!\"%&*;<>";
    static const char b[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,-()/'+:=?!\"%&*;<>";
    const dgm_edi_set *sets[2] = { dgm_edi_set_of(DGM_LITERAL("UNOA")), dgm_edi_set_of(DGM_LITERAL("UNOB")) };
    for (uint32_t c = 0; c < 0x100; c++) {
        bool in_a = c && c < 0x80 && strchr(a, (int)c), in_b = c && c < 0x80 && strchr(b, (int)c);
        const dgm_edi_set *holder = dgm_edi_set_holding(NULL, c);
        CU_ASSERT_EQUAL(in_a, holder == sets[0]);
        CU_ASSERT_EQUAL(in_b && !in_a, holder == sets[1]);
        bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
        CU_ASSERT_EQUAL(control, holder == NULL);
        if (!in_b && !control) TEST_TEXT(dgm_slice_of(holder->identifier), "UNOC");
    }
}

/* The smallest set that has a character; how characters are called. */
static void holders_and_names(void)
{
    static const struct {
        uint32_t point;
        const char *holder, *shown;
    } rows[] = {
        { 'y', "UNOB", "\"y\" (U+0079 LATIN SMALL LETTER Y)" },
        { '#', "UNOC", "\"#\" (U+0023 NUMBER SIGN)" },
        { 0xE9, "UNOC", "\"\xC3\xA9\" (U+00E9 LATIN SMALL LETTER E WITH ACUTE)" },
        { 0x141, "UNOD", "\"\xC5\x81\" (U+0141 LATIN CAPITAL LETTER L WITH STROKE)" },
        { 0x416, "UNOE", "\"\xD0\x96\" (U+0416 CYRILLIC CAPITAL LETTER ZHE)" },
        { 0x3A9, "UNOF", "\"\xCE\xA9\" (U+03A9 GREEK CAPITAL LETTER OMEGA)" },
        { 0x126, "UNOG", "\"\xC4\xA6\" (U+0126 LATIN CAPITAL LETTER H WITH STROKE)" },
        { 0x14A, "UNOH", "\"\xC5\x8A\" (U+014A LATIN CAPITAL LETTER ENG)" },
        { 0x633, "UNOI", "\"\xD8\xB3\" (U+0633 ARABIC LETTER SEEN)" },
        { 0x5D0, "UNOJ", "\"\xD7\x90\" (U+05D0 HEBREW LETTER ALEF)" },
        { 0x20AC, "UNOF", "\"\xE2\x82\xAC\" (U+20AC EURO SIGN)" }, /* ISO 8859-7:2003 */
        { 0x152, "UNOL", "\"\xC5\x92\" (U+0152 LATIN CAPITAL LIGATURE OE)" },
        { 0x5317, "UNOW", "\"\xE5\x8C\x97\" (U+5317 CJK UNIFIED IDEOGRAPH-5317)" },
        { 0x200D, "UNOW", "U+200D ZERO WIDTH JOINER" },
        { 0x85, NULL, "U+0085" },
        { 9, NULL, "U+0009" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[128];
        TEST_TEXT(((dgm_slice){ text, dgm_edi_character(rows[i].point, text, sizeof text) }), rows[i].shown);
        const dgm_edi_set *holder = dgm_edi_set_holding(NULL, rows[i].point);
        TEST_TEXT(dgm_slice_of(holder ? holder->identifier : ""), rows[i].holder ? rows[i].holder : "");
    }
    for (size_t i = 0; dgm_edi_set_at(i); i++) {
        const dgm_edi_set *s = dgm_edi_set_at(i);
        CU_ASSERT_PTR_EQUAL(dgm_edi_set_of(dgm_slice_of(s->identifier)), s);
    }
    CU_ASSERT_PTR_NULL(dgm_edi_set_of(DGM_LITERAL("UNO")));
    CU_ASSERT_PTR_NULL(dgm_edi_set_of(DGM_LITERAL("UNOM")));
    CU_ASSERT_EQUAL(dgm_edi_character(0xE9, (char[4]){ 0 }, 3), 3);
}

int main(void)
{
    static const test_case cases[] = {
        { "every byte", every_byte },
        { "levels", levels },
        { "holders and names", holders_and_names },
        { 0 },
    };
    return test_main("charset_tables", cases);
}
