/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_load.c - what is wrong with a mapping file is said with its code, line and column, all of it at once; and how places
 * of a YAML file are counted.
 */
#include "mapping_kit.h"
#include "mapping_shapes.h"
#include "mapping_run_kit.h"
#include "mapping/format_file.h"
#include "base/yaml.h"

#define BGM      "- {wire: BGM/1225, model: FunctionCode}\n"
#define WITH_BGM HEAD "rules:\n" BGM

static const refusal refusals[] = {
    { "yaml.syntax", HEAD "rules: [\n^" },
    { "yaml.syntax", "^" },
    { "yaml.quote", WITH_BGM "- {wire: LOC^[3227=9, 3225=8], model: TypeCode}\n" },
    { "yaml.key.twice", HEAD "rules:\n- {wire: BGM/1225, ^wire: BGM/1004}\n" },
    { "yaml.refused", HEAD "rules: ^&a []\n" },
    { "yaml.refused", HEAD "rules: ^*a\n" },
    { "yaml.refused", HEAD "rules:\n- {^<<: x}\n" },
    { "yaml.limit", HEAD "rules: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[^[[[[\n" },
    { "map.version", "dragoman: ^mapping/9\nmapping: m\n" },
    { "map.kind", HEAD "rules: ^x\n" },
    { "map.value", WITH_BGM "- {wire: BGM/1004, model: FunctionalReferenceID, number: ^often}\n" },
    { "map.key.unknown", WITH_BGM "- {wire: BGM/1004, model: FunctionalReferenceID, ^deafult: 1}\n" },
    { "map.key.unknown", HEAD "^ruels: []\nrules:\n" BGM },
    { "map.key.missing", WITH_BGM "- ^{wire: BGM/1004}\n" },
    { "map.key.missing", WITH_BGM "- ^{wire: BGM/1004, model: FunctionalReferenceID, only: read}\n" },
    { "map.key.place", WITH_BGM
      "- each: {wire: Item, model: GoodsShipment/Item, ^codes: x}\n  rules: [{wire: CST/1496, model: SequenceNumeric}]\n" },
    { "map.kind",
      WITH_BGM "- each: {wire: Item, model: GoodsShipment/Item, by: ^{}}\n  rules: [{wire: CST/1496, model: SequenceNumeric}]\n" },
    { "map.name.unknown", WITH_BGM "- {wire: \"LOC[3227=^$x]/3225\", model: TypeCode}\n" },
    { "map.path.syntax", WITH_BGM "- {wire: BGM/1004, model: \"^^/TypeCode\"}\n" },
    { "map.unsupported", HEAD "^match: x\nrules:\n" BGM },
    { "map.combination", WITH_BGM "- ^{wire: BGM/1004, model: FunctionalReferenceID, is: 1}\n" },
    { "map.combination", WITH_BGM "- ^{wire: \"=1\", model: FunctionalReferenceID}\n" },
    { "map.key.place", "dragoman: mapping/1\nmapping: m\nwire: {format: w, model: ^M@1}\nmodel: M@1\nrules:\n" BGM },
    { "map.shape", "dragoman: mapping/1\nmapping: m\nwire: {format: ^wx}\nmodel: M@1\nrules: []\n" },
    { "map.path.syntax", WITH_BGM "- {wire: \"BGM^//1004\", model: TypeCode}\n" },
    { "map.path.syntax", WITH_BGM "- {wire: \"LOC^[3227=9/3225\", model: TypeCode}\n" },
    { "map.path.unknown", WITH_BGM "- {wire: \"BGM/^C245/1004\", model: TypeCode}\n" },
    { "map.path.unknown", WITH_BGM "- {wire: BGM/1004, model: GoodsShipment/^Itme}\n" },
    { "map.path.many", WITH_BGM "- {wire: ^LOC/3225, model: TypeCode}\n" },
    { "map.path.many", WITH_BGM
      "- each: {wire: Item, model: GoodsShipment/Item}\n  rules:\n  - {wire: CST/^C246/7361, model: Commodity/Description}\n" },
    { "map.path.bracket", WITH_BGM "- {wire: \"LOC[^2]/3225\", model: TypeCode}\n" },
    { "map.path.composite",
      WITH_BGM "- each: {wire: Item, model: GoodsShipment/Item}\n  rules:\n  - {wire: CST/^7361, model: Commodity/Description}\n" },
    { "map.path.count",
      WITH_BGM "- each: {wire: Item, model: GoodsShipment/Item}\n  rules:\n  - {wire: \"CST/^C246#7/7361\", model: "
               "Commodity/Description}\n" },
    { "map.path.test", WITH_BGM "- {wire: \"Party[^RFF/1153=A]/NAD/3039\", model: TypeCode}\n" },
    { "map.star", WITH_BGM "- {wire: ^\"LOC[3227=9]#*/3225\", model: TypeCode}\n" },
    { "map.type", WITH_BGM "- {wire: ^BGM, model: TypeCode}\n" },
    { "map.type", WITH_BGM "- {wire: ^BGM/1004, model: IssueDateTime, as: date}\n" },
    { "map.writers", WITH_BGM "- {wire: BGM/1004, model: TypeCode}\n- {wire: BGM/C002/1001, model: ^TypeCode}\n" },
    { "map.address", WITH_BGM "- {wire: \"Party[NAD/3035=EX]/NAD/3039\", model: Exporter/ID}\n"
                              "- {wire: ^\"Party[NAD/3035=EX, NAD/3055=100]/NAD/3036#1\", model: Exporter/Name}\n" },
    { "map.address",
      WITH_BGM "- each: {wire: \"LOC[3227=9]\", model: Itinerary}\n  rules: [{wire: 3225, model: RoutingCountryCode}]\n"
               "- {wire: ^\"LOC[3227=9]/3225\", model: TypeCode}\n" },
    { "map.mandatory", "^" HEAD "rules:\n- {wire: \"LOC[3227=9]/3225\", model: TypeCode}\n" },
    { "map.mandatory", WITH_BGM "- {wire: ^\"Party[NAD/3035=EX]/RFF[1154=A]/1154\", model: TypeCode}\n" },
    { "map.lossy.rule",
      WITH_BGM "- each: {wire: Item, model: GoodsShipment/Item}\n  rules:\n  - {wire: CST/1496, model: SequenceNumeric}\n"
               "  - {wire: ^\"MEA[6311=WT]\", model: Commodity/GrossMassMeasure, as: quantity}\n" },
    { "map.when.place", WITH_BGM "- {wire: BGM/1004, model: TypeCode, when: ^BGM/1225 = 9}\n" },
    { "map.when.else", WITH_BGM "- {wire: BGM/1004, model: TypeCode, when: ^else}\n" },
    { "map.name.unknown", WITH_BGM "- {wire: BGM/1004, model: TypeCode, when: ^$f = 9}\n" },
    { "map.name.twice",
      WITH_BGM "- {wire: BGM/1004, model: TypeCode, name: a}\n- ^{wire: BGM/C002/1001, model: FunctionalReferenceID, name: a}\n" },
    { "map.name.circle map.name.circle", HEAD "let: {^a: =$b, b: =$a}\nrules:\n" BGM },
    { "map.expression.steps map.expression.steps",
      HEAD "let: {a: =$x+$x+$x+$x+$x+$x+$x+$x, b: =$a+$a+$a+$a+$a+$a+$a+$a, c: =$b+$b+$b+$b+$b+$b+$b+$b,\n"
           "  d: =$c+$c+$c+$c+$c+$c+$c+$c, e: ^=$d+$d+$d+$d+$d+$d+$d+$d, f: =$e+$e+$e+$e+$e+$e+$e+$e}\n"
           "rules:\n- {wire: BGM/1225, model: FunctionCode, name: x}\n" },
    { "map.expression.syntax", WITH_BGM "- {wire: \"CNT[6069=1]/6066\", is: \"=^count(GoodsShipment/Item\"}\n" },
    { "map.expression.function", WITH_BGM "- {wire: \"CNT[6069=1]/6066\", is: \"=^cuont(GoodsShipment/Item)\"}\n" },
    { "map.expression.place", WITH_BGM "- {model: TypeCode, is: ^=FunctionCode}\n" },
    { "map.use.unknown", HEAD "fragments: {party: []}\nrules:\n" BGM "- use: ^patry\n" },
    { "map.use.circle", HEAD "fragments: {a: [{use: ^a}]}\nrules:\n" BGM "- use: a\n" },
    { "map.use.with", HEAD "fragments: {a: [{wire: \"^%at/1004\", model: TypeCode}]}\nrules:\n" BGM "- use: a\n" },
    { "map.code.table", WITH_BGM "- {wire: BGM/1004, model: TypeCode, codes: ^untis}\n" },
    { "map.code.column", WITH_BGM "- {wire: BGM/1004, model: TypeCode, codes: ^units(rec20 gac)}\n" },
    { "map.parameter.unknown", NULL }, /* a run says it */
};

static void refused(void)
{
    refused_all(refusals, sizeof refusals / sizeof *refusals);
}

static dgm_status to_buffer(void *ctx, dgm_slice bytes)
{
    char *out = ctx;
    strncat(out, bytes.at, bytes.len);
    return DGM_OK;
}

static void printed(void)
{
    dgm_diags *diags;
    dgm_mapping *m;
    char out[2048] = "";
    dgm_diags_new(&mem, 0, &diags);
    dgm_mapping_env e = kit_environment(&mem, &env);
    CU_ASSERT_EQUAL(dgm_mapping_load(&e, DGM_LITERAL("cusdec.yaml"),
                                     DGM_LITERAL(WITH_BGM "- {wire: \"BGM/C107/1004\", model: TypeCode}\n"), diags, &m),
                    DGM_CONFIG);
    dgm_diag_style style = { .form = DGM_DIAG_TEXT };
    dgm_diag_print(dgm_diags_at(diags, 0), &style, (dgm_sink){ to_buffer, out });
    TEST_TEXT(dgm_slice_of(out), "cusdec.yaml:7:15: error[map.path.unknown]: BGM has no C107 (w)\n"
                                 "    - {wire: \"BGM/C107/1004\", model: TypeCode}\n"
                                 "                  ^~~~\n"
                                 "  hint: did you mean C106?\n");
    dgm_diags_free(diags);
}

static void all_at_once(void)
{
    dgm_diags *diags;
    dgm_mapping *m;
    dgm_diags_new(&mem, 0, &diags);
    dgm_mapping_env e = kit_environment(&mem, &env);
    CU_ASSERT_EQUAL(
        dgm_mapping_load(&e, DGM_LITERAL("m.yaml"),
                         DGM_LITERAL(WITH_BGM "- {wire: BGM/1, model: X}\n- {wire: LOC/3225, model: TypeCode, foo: 1}\n"), diags,
                         &m),
        DGM_CONFIG);
    CU_ASSERT_EQUAL(dgm_diags_count(diags), 4);
    dgm_diags_free(diags);
}

/* ---- addresses among many ------------------------------------------------------------------------------------------------ */

enum { ADDRESSES = 40, QUALIFIERS = 24 };

/* An address of a party: one of these qualifiers (bits) and agencies (bits; 0: any), perhaps the nth. */
typedef struct party {
    uint32_t who, whose, which;
} party;

static bool mistaken(const party *a, const party *b)
{
    if (!(a->who & b->who) || (a->whose && b->whose && !(a->whose & b->whose))) return false;
    bool equal = a->who == b->who && a->whose == b->whose;
    return !(equal && a->which && b->which && a->which != b->which);
}

static size_t put_values(char *out, size_t room, const char *place, uint32_t bits, char letter)
{
    size_t len = (size_t)snprintf(out, room, "%s in (", place);
    for (uint32_t i = 0, n = 0; i < QUALIFIERS; i++)
        if (bits >> i & 1) len += (size_t)snprintf(out + len, room - len, "%s%c%u", n++ ? "," : "", letter, i);
    return len + (size_t)snprintf(out + len, room - len, ")");
}

static size_t put_party(char *out, size_t room, const party *p, uint32_t number)
{
    size_t len = (size_t)snprintf(out, room, "- {wire: \"Party[");
    len += put_values(out + len, room - len, "NAD/3035", p->who, 'A');
    if (p->whose) len += (size_t)snprintf(out + len, room - len, ", ");
    if (p->whose) len += put_values(out + len, room - len, "NAD/3055", p->whose, 'B');
    len += (size_t)snprintf(out + len, room - len, "]");
    if (p->which) len += (size_t)snprintf(out + len, room - len, "#%u", p->which);
    return len + (size_t)snprintf(out + len, room - len, "/NAD/3039\", model: \"Itinerary#%u/RoutingCountryCode\"}\n", number);
}

static party party_of_chance(test_random *r, uint32_t kind)
{
    party p = { 1u << test_random_below(r, QUALIFIERS), 0, 0 };
    if (kind > 0 && test_random_below(r, 4) == 0) p.who |= 1u << test_random_below(r, QUALIFIERS);
    if (kind == 2) p.who = 1u << test_random_below(r, 2); /* most are told apart by the agency */
    if (kind == 2 || (kind > 0 && test_random_below(r, 2))) p.whose = 1u << test_random_below(r, QUALIFIERS);
    if (kind != 1 && test_random_below(r, 3)) p.which = 1 + test_random_below(r, 9);
    return p;
}

/* Each pair of addresses by its values: the first later one that an address may be mistaken for is told, with both lines. */
static void addresses_among_many(void)
{
    test_random r = { 4711 };
    static char text[1 << 16];
    uint32_t clashes = 0, clean = 0;
    for (uint32_t round = 0; round < 300; round++) {
        party all[ADDRESSES];
        uint32_t count = 2 + test_random_below(&r, ADDRESSES - 2), told = 0;
        size_t len = (size_t)snprintf(text, sizeof text, "%s", HEAD "rules:\n" BGM);
        for (uint32_t i = 0; i < count; i++) {
            bool again = true; /* the same address twice would be two writers */
            while (again) {
                again = false;
                all[i] = party_of_chance(&r, round % 4);
                for (uint32_t k = 0; k < i; k++) again = again || memcmp(&all[k], &all[i], sizeof all[i]) == 0;
            }
            len += put_party(text + len, sizeof text - len, &all[i], i + 1);
        }
        dgm_diags *diags;
        dgm_mapping *m = NULL;
        dgm_diags_new(&mem, 0, &diags);
        dgm_mapping_env e = kit_environment(&mem, &env);
        dgm_mapping_load(&e, DGM_LITERAL("m.yaml"), (dgm_slice){ text, len }, diags, &m);
        for (uint32_t a = 0; a < count; a++) {
            uint32_t b = a + 1;
            while (b < count && !mistaken(&all[a], &all[b])) b++;
            if (b == count) continue;
            const dgm_diag *d = dgm_diags_at(diags, told++);
            CU_ASSERT_FATAL(d != NULL);
            CU_ASSERT_EQUAL(d->code, DGM_D_MAP_ADDRESS);
            CU_ASSERT_EQUAL(d->line, 7 + b);
            CU_ASSERT(d->argument_count > 2 && d->arguments[2].number == 7 + a);
        }
        CU_ASSERT_EQUAL(dgm_diags_count(diags), told);
        CU_ASSERT_EQUAL(m == NULL, told > 0);
        clashes += told;
        clean += told == 0;
        dgm_mapping_free(m);
        dgm_diags_free(diags);
    }
    CU_ASSERT(clashes > 1000 && clean > 5);
}

/* ---- code tables --------------------------------------------------------------------------------------------------------- */

static const refusal tables[] = {
    { "map.code.twice", "# source: a\n# edition: b\nm\tw\nKGM\t035\nLTR\t095\n^KG\t035\n" },
    { "map.code.line", "# source: a\n# edition: b\nm\tw\n^A\tB\tC\n" },
    { "map.code.line", "# source: a\n# edition: b\nm\tw\n^*\t*\n" },
    { "map.code.head", "^m\tw\nA\tB\n" },
    { "", "# source: a\n# edition: b\nm\tw\nKGM\t035\n<KG\t035\n>KGM\t36\nKGM\t37\n" },
    { NULL, NULL },
};

static void code_tables(void)
{
    for (size_t i = 0; tables[i].codes; i++) {
        char text[1024];
        const char *at = strchr(tables[i].text, '^');
        size_t before = at ? (size_t)(at - tables[i].text) : 0;
        snprintf(text, sizeof text, "%.*s%s", (int)before, tables[i].text, tables[i].text + before + (at != NULL));
        kit_file files[] = { { "codes", "t", text }, { 0 } };
        kit_env own = { env.wire, env.model, files };
        dgm_diags *diags;
        dgm_mapping *m = NULL;
        dgm_diags_new(&mem, 0, &diags);
        dgm_mapping_env e = kit_environment(&mem, &own);
        dgm_mapping_load(&e, DGM_LITERAL("m.yaml"), DGM_LITERAL(HEAD "rules:\n- {wire: BGM/1225, model: FunctionCode, codes: t}\n"),
                         diags, &m);
        const dgm_diag *d = dgm_diags_at(diags, 0);
        CU_ASSERT_STRING_EQUAL(d ? dgm_diag_name(d->code) : "", tables[i].codes);
        dgm_place where = dgm_locate(dgm_slice_of(text), before);
        CU_ASSERT(!d || (d->line == where.line && d->column == where.column && dgm_slice_is(d->source, "t")));
        CU_ASSERT((m == NULL) == (d != NULL));
        dgm_mapping_free(m);
        dgm_diags_free(diags);
    }
}

/* ---- YAML and format files ----------------------------------------------------------------------------------------------- */

static void yaml_places(void)
{
    dgm_arena a;
    dgm_diags *diags;
    const dgm_yaml *root = NULL;
    dgm_arena_init(&a, &mem);
    dgm_diags_new(&mem, 0, &diags);
    CU_ASSERT_EQUAL(dgm_yaml_read(&a, DGM_LITERAL("f"),
                                  DGM_LITERAL("\xEF\xBB\xBF"
                                              "# caf\xC3\xA9\nk\xC3\xA9y: \"\xC3\xA9 b\"\nno: [0110, ~, NO]\n"),
                                  diags, &root),
                    DGM_OK);
    CU_ASSERT_FATAL(root != NULL && root->count == 2);
    const dgm_yaml *first = root->first, *list = first->next;
    TEST_TEXT(first->key, "k\xC3\xA9y");
    TEST_TEXT(first->text, "\xC3\xA9 b");
    CU_ASSERT_EQUAL(first->key_mark.line, 2);
    CU_ASSERT_EQUAL(first->key_mark.column, 1);
    CU_ASSERT_EQUAL(first->key_mark.byte, 8);
    CU_ASSERT_EQUAL(first->mark.column, 7); /* bytes: the e of the key has two */
    CU_ASSERT_EQUAL(first->mark.bytes, 6);
    CU_ASSERT(first->quoted);
    CU_ASSERT_EQUAL(list->count, 3);
    TEST_TEXT(list->first->text, "0110"); /* text, whatever YAML 1.1 makes of it */
    TEST_TEXT(list->first->next->text, "~");
    TEST_TEXT(list->first->next->next->text, "NO");
    CU_ASSERT_EQUAL(list->first->mark.line, 3);
    CU_ASSERT_EQUAL(list->first->mark.column, 6);
    dgm_diags_free(diags);
    dgm_arena_free(&a);
}

/* Keys k0, k1 … of a map, a smaller map within, and one key again: it is told with its own line and that of the first. */
static void keys_told_again(void)
{
    for (int count = 1; count <= 1000; count = count < 40 ? count + 1 : count + 137)
        for (int again = -1; again < count; again = again < 0 || count < 40 ? again + 1 : again * 2 + 1) {
            char text[32768];
            dgm_arena a;
            dgm_diags *diags;
            const dgm_yaml *root = NULL;
            size_t len = 0;
            dgm_arena_init(&a, &mem);
            dgm_diags_new(&mem, 0, &diags);
            for (int i = 0; i < count; i++) len += (size_t)snprintf(text + len, sizeof text - len, "k%d: {k0: x, k1: x}\n", i);
            if (again >= 0) len += (size_t)snprintf(text + len, sizeof text - len, "k%d: y\n", again);
            dgm_status st = dgm_yaml_read(&a, DGM_LITERAL("f"), (dgm_slice){ text, len }, diags, &root);
            CU_ASSERT_EQUAL(st, again < 0 ? DGM_OK : DGM_CONFIG);
            CU_ASSERT(again >= 0 || (root && root->count == (uint32_t)count));
            CU_ASSERT_EQUAL(dgm_diags_count(diags), again >= 0);
            const dgm_diag *d = dgm_diags_at(diags, 0);
            CU_ASSERT(!d || (d->code == DGM_D_YAML_TWICE && d->line == (uint32_t)count + 1 && d->arguments[1].number == again + 1));
            dgm_diags_free(diags);
            dgm_arena_free(&a);
        }
}

static void format_files(void)
{
    dgm_arena a;
    dgm_diags *diags;
    dgm_format_file f;
    dgm_arena_init(&a, &mem);
    dgm_diags_new(&mem, 0, &diags);
    CU_ASSERT_EQUAL(dgm_format_file_read(&mem, &a, DGM_LITERAL("f"),
                                         DGM_LITERAL("dragoman: format/1\nformat: x\ntitle: X 1\ncodec: edifact\nmessage: CUSDEC\n"
                                                     "limits: {depth: 4}\nnames: {Item: SG30, Val: SG30/SG33}\n"),
                                         diags, &f),
                    DGM_OK);
    TEST_TEXT(f.name, "x");
    TEST_TEXT(f.title, "X 1");
    TEST_TEXT(f.codec, "edifact");
    CU_ASSERT_EQUAL_FATAL(f.setting_count, 2);
    TEST_TEXT(f.settings[0].name, "message");
    TEST_TEXT(f.settings[1].name, "limits.depth");
    TEST_TEXT(f.settings[1].value, "4");
    CU_ASSERT_EQUAL_FATAL(f.name_count, 2);
    TEST_TEXT(f.names[1].value, "SG30/SG33");
    CU_ASSERT_EQUAL(dgm_format_file_read(&mem, &a, DGM_LITERAL("f"), DGM_LITERAL("dragoman: format/2\n"), diags, &f), DGM_CONFIG);
    CU_ASSERT_EQUAL(dgm_diags_count(diags), 3); /* version, format, codec */
    dgm_diags_free(diags);
    dgm_arena_free(&a);
}

static void digests(void)
{
    dgm_diags *diags;
    dgm_mapping *a = NULL, *b = NULL, *c = NULL;
    dgm_diags_new(&mem, 0, &diags);
    dgm_mapping_env e = kit_environment(&mem, &env);
    dgm_mapping_load(&e, DGM_LITERAL("a"), DGM_LITERAL(WITH_BGM), diags, &a);
    dgm_mapping_load(&e, DGM_LITERAL("b"), DGM_LITERAL(WITH_BGM), diags, &b);
    dgm_mapping_load(&e, DGM_LITERAL("c"), DGM_LITERAL(WITH_BGM "- {wire: BGM/1004, model: TypeCode}\n"), diags, &c);
    CU_ASSERT_FATAL(a && b && c);
    CU_ASSERT_EQUAL(memcmp(dgm_mapping_digest(a), dgm_mapping_digest(b), 32), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(dgm_mapping_digest(a), dgm_mapping_digest(c), 32), 0);
    CU_ASSERT_EQUAL(dgm_mapping_rule_count(c), 2);
    dgm_rule_info info = dgm_mapping_rule(c, 1);
    TEST_TEXT(info.wire, "BGM/1004");
    TEST_TEXT(info.model, "TypeCode");
    CU_ASSERT_EQUAL(info.line, 7);
    TEST_TEXT(dgm_mapping_format(c), "w");
    TEST_TEXT(dgm_mapping_model(c), "M@1");
    dgm_mapping_free(a);
    dgm_mapping_free(b);
    dgm_mapping_free(c);
    dgm_diags_free(diags);
}

static const kit_file files[] = {
    { "codes", "units", "# source: a\n# edition: b\nrec20\tgacc\nKGM\t035\n" },
    { 0 },
};

static const test_case cases[] = {
    { "what is refused, and where", refused },
    { "as it is printed", printed },
    { "all mistakes at once", all_at_once },
    { "addresses among many", addresses_among_many },
    { "code tables", code_tables },
    { "places in a YAML file", yaml_places },
    { "keys told again", keys_told_again },
    { "format files", format_files },
    { "digests and rules for people", digests },
    { 0 },
};

int main(void)
{
    mem = dgm_mem_default();
    dgm_shape *wire = kit_shape("w", wire_text), *model = kit_shape("M@1", model_text);
    env = (kit_env){ wire, model, files };
    int failed = test_main("mapping_load", cases);
    dgm_shape_free(wire);
    dgm_shape_free(model);
    return failed;
}
