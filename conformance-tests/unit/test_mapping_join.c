/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_join.c - occurrences that do not stand where they are wanted: rows tied to their parents by keys, rows with equal
 * keys that are one occurrence, one thing stated in many parents, places of the occurrence around. Each both ways.
 */
#include "mapping_kit.h"
#include "mapping/why.h"

static const char wire_text[] = "HREC S 0 1\n"
                                " CONTROL E\n"
                                " KIND E\n"
                                "INVOICE S 0 u\n"
                                " SNO E 0 1 n\n"
                                " NO E\n"
                                "ITEMS S 0 u\n"
                                " INV E\n"
                                " SNO E 0 1 n\n"
                                " DESC E\n"
                                "INFO S 0 u\n"
                                " INV E\n"
                                " ITEM E\n"
                                " TYPE E\n"
                                " TEXT E\n"
                                "Cons G 0 u\n"
                                " BL E\n"
                                " Equip S 0 u\n"
                                "  NO E\n"
                                "  SIZE E\n"
                                "  SEAL E\n"
                                "  SEAL E\n"
                                " CItem S 0 u\n"
                                "  SEQ E 0 1 n\n"
                                "  BOX E\n"
                                "AWB S 0 u\n"
                                " NO E\n"
                                " TOTAL E 0 1 n\n"
                                " PIECES E 0 1 n\n"
                                " PART E\n"
                                " T E\n"
                                " T E\n"
                                "Line G 0 u\n"
                                " CST S 0 1\n"
                                "  NO E 0 1 n\n"
                                " CUR E\n"
                                " Ref S 0 u\n"
                                "  Q E\n"
                                "  N E\n"
                                "  AMT E 0 1 n\n"
                                " Doc S 0 u\n"
                                "  ID E\n"
                                "  KIND E\n"
                                "Marks G 0 3\n"
                                " PCI S 0 1\n"
                                "  M E\n"
                                "  M E\n"
                                " FTX S 0 2\n"
                                "  Q E\n"
                                "  T E\n"
                                "  T E\n";

static const char model_text[] = "FunctionalReferenceID E 0 1 i\n"
                                 "TypeCode E 0 1 c\n"
                                 "TransportEquipment G 0 u\n"
                                 " ID E 0 1 i\n"
                                 " Size E 0 1 c\n"
                                 " SealID E 0 9 i\n"
                                 "Invoice G 0 u\n"
                                 " SequenceNumeric E 0 1 n\n"
                                 " ID E 0 1 i\n"
                                 " Item G 0 u\n"
                                 "  SequenceNumeric E 0 1 n\n"
                                 "  Description E 0 1 t\n"
                                 "  OriginText E 0 1 t\n"
                                 "  Document G 0 u\n"
                                 "   ID E 0 1 i\n"
                                 "Consignment G 0 u\n"
                                 " ID E 0 1 i\n"
                                 " ConsignmentItem G 0 u\n"
                                 "  SequenceNumeric E 0 1 n\n"
                                 "  EquipmentID E 0 1 i\n"
                                 "AirWaybill G 0 u\n"
                                 " ID E 0 1 i\n"
                                 " TotalQuantity E 0 1 n\n"
                                 " Remark E 0 1 t\n"
                                 " Placement G 0 u\n"
                                 "  PackageQuantity E 0 1 n\n"
                                 "  PartCode E 0 1 c\n"
                                 "GoodsItem G 0 u\n"
                                 " SequenceNumeric E 0 1 n\n"
                                 " AdditionalDocument G 0 u\n"
                                 "  ID E 0 1 i\n"
                                 "  TypeCode E 0 1 c\n"
                                 "  WriteOffAmount E 0 1 n\n"
                                 "  CurrencyCode E 0 1 c\n";

#define HEAD "dragoman: mapping/1\nmapping: m\nwire: {format: w}\nmodel: M@1\nrules:\n"

#include "mapping_run_kit.h"

/* ---- rows joined by serials ---------------------------------------------------------------------------------------------- */

static const char tables[] = HEAD "- {wire: HREC/CONTROL, model: FunctionalReferenceID}\n"
                                  "- each: {wire: INVOICE, model: Invoice}\n"
                                  "  rules:\n"
                                  "  - {wire: SNO, model: SequenceNumeric, number: keep, name: inv}\n"
                                  "  - {wire: NO, model: ID}\n"
                                  "  - each: {wire: \"/ITEMS[INV=$inv]\", model: Item}\n"
                                  "    rules:\n"
                                  "    - {wire: SNO, model: SequenceNumeric, number: keep, name: item}\n"
                                  "    - {wire: DESC, model: Description}\n"
                                  "    - {wire: \"/INFO[INV=$inv, ITEM=$item, TYPE=ORC]/TEXT\", model: OriginText}\n"
                                  "    - each: {wire: \"/INFO[INV=$inv, ITEM=$item, TYPE=DOC]\", model: Document}\n"
                                  "      rules: [{wire: TEXT, model: ID}]\n";

static void rows_of_tables(void)
{
    dgm_mapping *m = load(tables);
    BOTH(m,
         "HREC\n CONTROL C1\n"
         "INVOICE\n SNO 1\n NO A\nINVOICE\n SNO 2\n NO B\n"
         "ITEMS\n INV 1\n SNO 1\n DESC shirts\nITEMS\n INV 1\n SNO 2\n DESC shoes\nITEMS\n INV 2\n SNO 1\n DESC tea\n"
         "INFO\n INV 1\n ITEM 1\n TYPE ORC\n TEXT CN\nINFO\n INV 2\n ITEM 1\n TYPE ORC\n TEXT LK\n"
         "INFO\n INV 1\n ITEM 2\n TYPE DOC\n TEXT D1\nINFO\n INV 1\n ITEM 2\n TYPE DOC\n TEXT D2\n",
         "FunctionalReferenceID C1\n"
         "Invoice\n SequenceNumeric 1\n ID A\n Item\n  SequenceNumeric 1\n  Description shirts\n  OriginText CN\n"
         " Item\n  SequenceNumeric 2\n  Description shoes\n  Document\n   ID D1\n  Document\n   ID D2\n"
         "Invoice\n SequenceNumeric 2\n ID B\n Item\n  SequenceNumeric 1\n  Description tea\n  OriginText LK\n");
    /* Rows of a table may stand in any order; they are written by their parents. */
    READ(m, "INVOICE\n SNO 2\n NO B\nINVOICE\n SNO 1\n NO A\nITEMS\n INV 1\n SNO 1\n DESC a\nITEMS\n INV 2\n SNO 1\n DESC b\n",
         "Invoice\n SequenceNumeric 2\n ID B\n Item\n  SequenceNumeric 1\n  Description b\n"
         "Invoice\n SequenceNumeric 1\n ID A\n Item\n  SequenceNumeric 1\n  Description a\n",
         "", 0);
    dgm_mapping_free(m);
}

static void rows_without_a_parent(void)
{
    dgm_mapping *m = load(tables);
    READ(m, "INVOICE\n SNO 1\n NO A\nITEMS\n INV 3\n SNO 1\n DESC x\nITEMS\n INV 1\n SNO 1\n DESC y\nITEMS\n INV 4\n DESC z\n",
         "Invoice\n SequenceNumeric 1\n ID A\n Item\n  SequenceNumeric 1\n  Description y\n", "map.orphan", 5);
    /* Two invoices of one number would both have the row. */
    READ(m, "INVOICE\n SNO 1\n NO A\nINVOICE\n SNO 1\n NO B\nITEMS\n INV 1\n SNO 1\n DESC y\n", NULL,
         "map.key.twice map.number.twice", 0);
    WRITE(m,
          "Invoice\n SequenceNumeric 1\n Item\n  SequenceNumeric 1\n  Description y\n"
          "Invoice\n SequenceNumeric 1\n Item\n  SequenceNumeric 1\n  Description z\n",
          NULL, "map.key.twice map.number.twice", 0);
    /* A number that is missing is given before the rows that need it. */
    WRITE(m, "Invoice\n ID A\n Item\n  Description y\n  OriginText CN\nInvoice\n Item\n  Description z\n",
          "INVOICE\n SNO 1\n NO A\nINVOICE\n SNO 2\n"
          "ITEMS\n INV 1\n SNO 1\n DESC y\nITEMS\n INV 2\n SNO 1\n DESC z\nINFO\n INV 1\n ITEM 1\n TYPE ORC\n TEXT CN\n",
          "", 0);
    dgm_mapping_free(m);
}

static void keys_that_are_missing(void)
{
    dgm_mapping *m = load(HEAD "- each: {wire: INVOICE, model: Invoice}\n"
                               "  rules:\n"
                               "  - {wire: NO, model: ID, name: no}\n"
                               "  - each: {wire: \"/ITEMS[INV=$no]\", model: Item}\n"
                               "    rules: [{wire: DESC, model: Description}]\n");
    BOTH(m, "INVOICE\n NO A\nITEMS\n INV A\n DESC x\n", "Invoice\n ID A\n Item\n  Description x\n");
    WRITE(m, "Invoice\n Item\n  Description x\n", NULL, "map.key.empty", 0);
    dgm_mapping_free(m);
}

/* A parameter is a key as well. */
static void keys_of_the_partner(void)
{
    dgm_mapping *m = load("dragoman: mapping/1\nmapping: m\nwire: {format: w}\nmodel: M@1\nparams: {kind: {default: ORC}}\nrules:\n"
                          "- each: {wire: \"INFO[TYPE=$kind]\", model: Consignment}\n"
                          "  rules: [{wire: TEXT, model: ID}]\n");
    BOTH(m, "INFO\n TYPE ORC\n TEXT CN\nINFO\n TYPE ORC\n TEXT LK\n", "Consignment\n ID CN\nConsignment\n ID LK\n");
    dgm_mapping_free(m);
}

/* Several values in the text of a joined row; a row for each of two kinds. */
static void packed_rows(void)
{
    dgm_mapping *m =
        load(HEAD "- each: {wire: INVOICE, model: GoodsItem}\n"
                  "  rules:\n"
                  "  - {wire: SNO, model: SequenceNumeric, number: keep, name: inv}\n"
                  "  - {wire: \"/INFO[INV=$inv, TYPE=ORC]/TEXT\", form: \"{no}|{kind}\",\n"
                  "     model: {no: \"AdditionalDocument[CurrencyCode=A]/ID\",\n"
                  "             kind: \"AdditionalDocument[CurrencyCode=A]/TypeCode\"}}\n"
                  "  - {wire: \"/INFO[INV=$inv, TYPE=DOC]/TEXT\", model: \"AdditionalDocument[CurrencyCode=B]/ID\"}\n");
    BOTH(m,
         "INVOICE\n SNO 1\nINVOICE\n SNO 2\n"
         "INFO\n INV 1\n TYPE ORC\n TEXT D1|861\nINFO\n INV 2\n TYPE ORC\n TEXT D2|865\nINFO\n INV 1\n TYPE DOC\n TEXT X9\n",
         "GoodsItem\n SequenceNumeric 1\n AdditionalDocument\n  ID D1\n  TypeCode 861\n  CurrencyCode A\n"
         " AdditionalDocument\n  ID X9\n  CurrencyCode B\n"
         "GoodsItem\n SequenceNumeric 2\n AdditionalDocument\n  ID D2\n  TypeCode 865\n  CurrencyCode A\n");
    dgm_mapping_free(m);
}

/* ---- the occurrence around ----------------------------------------------------------------------------------------------- */

static const char write_offs[] = HEAD "- each: {wire: Line, model: GoodsItem}\n"
                                      "  rules:\n"
                                      "  - {wire: CST/NO, model: SequenceNumeric, number: keep}\n"
                                      "  - each: {wire: Doc, model: AdditionalDocument}\n"
                                      "    rules:\n"
                                      "    - {wire: ID, model: ID, name: docno}\n"
                                      "    - {wire: KIND, model: TypeCode}\n"
                                      "    - {wire: ^/CUR, model: CurrencyCode}\n"
                                      "    - {wire: \"^/Ref[Q=LI, N=$docno]/AMT\", model: WriteOffAmount, as: number}\n";

static void places_above(void)
{
    dgm_mapping *m = load(write_offs);
    BOTH(m,
         "Line\n CST\n  NO 1\n CUR EUR\n Ref\n  Q LI\n  N D1\n  AMT 5\n Ref\n  Q LI\n  N D2\n  AMT 7.5\n"
         " Doc\n  ID D1\n  KIND 811\n Doc\n  ID D2\n  KIND 812\n"
         "Line\n CST\n  NO 2\n Ref\n  Q LI\n  N D1\n  AMT 9\n Doc\n  ID D1\n",
         "GoodsItem\n SequenceNumeric 1\n AdditionalDocument\n  ID D1\n  TypeCode 811\n  WriteOffAmount 5\n  CurrencyCode EUR\n"
         " AdditionalDocument\n  ID D2\n  TypeCode 812\n  WriteOffAmount 7.5\n  CurrencyCode EUR\n"
         "GoodsItem\n SequenceNumeric 2\n AdditionalDocument\n  ID D1\n  WriteOffAmount 9\n");
    /* A reference of no document is residue. */
    READ(m, "Line\n CST\n  NO 1\n Ref\n  Q LI\n  N D9\n  AMT 5\n Doc\n  ID D1\n",
         "GoodsItem\n SequenceNumeric 1\n AdditionalDocument\n  ID D1\n", "", 3);
    /* Two documents of one number: whose is the amount? */
    READ(m, "Line\n Ref\n  Q LI\n  N D1\n  AMT 5\n Doc\n  ID D1\n Doc\n  ID D1\n", NULL, "map.key.twice", 0);
    WRITE(m, "GoodsItem\n AdditionalDocument\n  ID D1\n  WriteOffAmount 1\n AdditionalDocument\n  ID D1\n  WriteOffAmount 2\n",
          NULL, "map.key.twice", 0);
    /* A currency that the documents do not agree upon has no place. */
    WRITE(m, "GoodsItem\n AdditionalDocument\n  ID D1\n  CurrencyCode EUR\n AdditionalDocument\n  ID D2\n  CurrencyCode USD\n",
          NULL, "map.disagree", 0);
    dgm_mapping_free(m);
}

/* ---- rows with equal keys ------------------------------------------------------------------------------------------------ */

static const char parts[] = HEAD "- each: {wire: AWB, model: AirWaybill, by: {NO: ID}}\n"
                                 "  rules:\n"
                                 "  - {wire: TOTAL, model: TotalQuantity}\n"
                                 "  - {wire: \"T#*\", model: Remark, fold: {width: 10, by: word}}\n"
                                 "  - each: {wire: \".\", model: Placement}\n"
                                 "    rules:\n"
                                 "    - {wire: PIECES, model: PackageQuantity}\n"
                                 "    - {wire: PART, model: PartCode}\n";

static void rows_made_one(void)
{
    dgm_mapping *m = load(parts);
    static const char model[] = "AirWaybill\n ID A1\n TotalQuantity 76\n Remark keep dry please\n"
                                " Placement\n  PackageQuantity 30\n  PartCode P\n"
                                " Placement\n  PackageQuantity 5\n  PartCode P\n Placement\n  PackageQuantity 41\n  PartCode D\n"
                                "AirWaybill\n ID B2\n TotalQuantity 3\n Placement\n  PackageQuantity 3\n";
    BOTH(m,
         "AWB\n NO A1\n TOTAL 76\n PIECES 30\n PART P\n T keep dry\n T#2 please\n"
         "AWB\n NO A1\n TOTAL 76\n PIECES 5\n PART P\n T keep dry\n T#2 please\n"
         "AWB\n NO A1\n TOTAL 76\n PIECES 41\n PART D\n T keep dry\n T#2 please\n"
         "AWB\n NO B2\n TOTAL 3\n PIECES 3\n",
         model);
    /* Rows that lay apart are one occurrence all the same; what one of them leaves out the others say. */
    READ(m,
         "AWB\n NO A1\n TOTAL 76\n PIECES 30\n PART P\n T keep dry\n T#2 please\nAWB\n NO B2\n TOTAL 3\n PIECES 3\n"
         "AWB\n NO A1\n PIECES 5\n PART P\nAWB\n NO A1\n TOTAL 76\n PIECES 41\n PART D\n",
         model, "", 0);
    READ(m, "AWB\n NO A1\n TOTAL 76\n PIECES 3\nAWB\n NO A1\n TOTAL 77\n PIECES 4\n", NULL, "map.disagree", 0);
    READ(m, "AWB\n TOTAL 76\n", NULL, "map.key.empty", 1);
    WRITE(m, "AirWaybill\n ID A\n TotalQuantity 1\nAirWaybill\n ID A\n TotalQuantity 2\n", NULL, "map.key.twice", 2);
    WRITE(m, "AirWaybill\n ID A\n TotalQuantity 1\n", "AWB\n NO A\n TOTAL 1\n", "", 0);
    dgm_mapping_free(m);
}

/* ---- one thing stated in many parents ------------------------------------------------------------------------------------ */

static const char nested[] = HEAD "- each: {wire: Cons, model: Consignment}\n"
                                  "  rules:\n"
                                  "  - {wire: BL, model: ID}\n"
                                  "  - each: {wire: CItem, model: ConsignmentItem}\n"
                                  "    rules:\n"
                                  "    - {wire: SEQ, model: SequenceNumeric, number: keep}\n"
                                  "    - {wire: BOX, model: EquipmentID}\n"
                                  "  - each: {wire: Equip, model: /TransportEquipment, by: {NO: ID},\n"
                                  "           where: \"=ID in ^/ConsignmentItem/EquipmentID\"}\n"
                                  "    rules: [{wire: SIZE, model: Size}]\n";

static void one_thing_in_many_parents(void)
{
    dgm_mapping *m = load(nested);
    BOTH(m,
         "Cons\n BL B1\n Equip\n  NO C1\n  SIZE 22G1\n Equip\n  NO C2\n  SIZE 45G1\n"
         " CItem\n  SEQ 1\n  BOX C1\n CItem\n  SEQ 2\n  BOX C2\n CItem\n  SEQ 3\n  BOX C1\n"
         "Cons\n BL B2\n Equip\n  NO C2\n  SIZE 45G1\n CItem\n  SEQ 1\n  BOX C2\n",
         "TransportEquipment\n ID C1\n Size 22G1\nTransportEquipment\n ID C2\n Size 45G1\n"
         "Consignment\n ID B1\n ConsignmentItem\n  SequenceNumeric 1\n  EquipmentID C1\n"
         " ConsignmentItem\n  SequenceNumeric 2\n  EquipmentID C2\n ConsignmentItem\n  SequenceNumeric 3\n  EquipmentID C1\n"
         "Consignment\n ID B2\n ConsignmentItem\n  SequenceNumeric 1\n  EquipmentID C2\n");
    /* Parents that say different things of it. */
    READ(m, "Cons\n Equip\n  NO C1\n  SIZE A\n CItem\n  BOX C1\nCons\n Equip\n  NO C1\n  SIZE B\n CItem\n  BOX C1\n", NULL,
         "map.disagree", 0);
    /* A container that no line of its consignment names would not stand there again. */
    READ(m, "Cons\n BL B\n Equip\n  NO C1\n CItem\n  BOX C2\n", NULL, "map.where", 0);
    /* A container that no consignment names is unsaid. */
    WRITE(m, "TransportEquipment\n ID C9\nConsignment\n ID B\n", "Cons\n BL B\n", "", 1);
    dgm_mapping_free(m);
}

/* Every value that is made, keys and those outside of their parents too, is explained by the value it came from. */
static void explained(const dgm_mapping *m, dgm_direction d, const char *text, uint32_t leaves)
{
    dgm_tree *in = kit_tree(d == DGM_READ ? env.wire : env.model, text), *made = NULL;
    dgm_run_options o = { .accounts = true, .origin = true };
    dgm_inquiry *q = NULL;
    dgm_diags *diags;
    dgm_runner *r;
    uint32_t seen = 0;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 0, &diags), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_runner_new(&mem, NULL, &r), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_mapping_run(r, m, d, in, &o, diags, &made), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_inquiry_open(&mem, m, d, in, &o, &q), DGM_OK);
    for (uint32_t n = 0; n < made->node_count; n++) {
        dgm_why why;
        dgm_slice value = dgm_tree_value(made, n);
        bool found = false;
        if (!dgm_node_leaf(&made->nodes[n]) || !value.len) continue;
        seen++;
        CU_ASSERT_EQUAL(dgm_inquiry_why(q, made, n, &why), DGM_OK);
        CU_ASSERT_NOT_EQUAL(why.kind, DGM_WHY_UNKNOWN);
        CU_ASSERT_NOT_EQUAL(why.rule, DGM_NONE);
        for (size_t i = 0; i < why.input_count; i++)
            found = found || (why.inputs[i].node != DGM_NONE && dgm_slice_equal(dgm_tree_value(in, why.inputs[i].node), value));
        CU_ASSERT(found);
        if (!found) fprintf(stderr, "%.*s: %s, rule %u\n", (int)value.len, value.at, dgm_why_kind_text(why.kind), why.rule);
    }
    CU_ASSERT_EQUAL(seen, leaves);
    dgm_inquiry_free(q);
    dgm_runner_recycle(r, made);
    dgm_runner_free(r);
    dgm_diags_free(diags);
    dgm_tree_free(in);
}

static void merged_and_explained(void)
{
    dgm_mapping *m = load(nested);
    if (!m) return;
    explained(m, DGM_READ,
              "Cons\n BL B1\n Equip\n  NO C1\n  SIZE 22G1\n Equip\n  NO C2\n  SIZE 45G1\n"
              " CItem\n  SEQ 1\n  BOX C1\n CItem\n  SEQ 2\n  BOX C2\n"
              "Cons\n BL B2\n Equip\n  NO C2\n  SIZE 45G1\n CItem\n  SEQ 1\n  BOX C2\n",
              12);
    explained(m, DGM_WRITE,
              "TransportEquipment\n ID C1\n Size 22G1\nTransportEquipment\n ID C2\n Size 45G1\n"
              "Consignment\n ID B1\n ConsignmentItem\n  SequenceNumeric 1\n  EquipmentID C1\n"
              " ConsignmentItem\n  SequenceNumeric 2\n  EquipmentID C2\n"
              "Consignment\n ID B2\n ConsignmentItem\n  SequenceNumeric 1\n  EquipmentID C2\n",
              14);
    dgm_mapping_free(m);
}

static void occurrences_chosen(void)
{
    dgm_mapping *m = load(HEAD "- each: {wire: INVOICE, model: AirWaybill, where: \"=TotalQuantity < 10\"}\n"
                               "  rules: [{wire: SNO, model: TotalQuantity}]\n"
                               "- each: {wire: ITEMS, model: AirWaybill, where: \"=TotalQuantity >= 10\", else: warn}\n"
                               "  rules: [{wire: SNO, model: TotalQuantity}]\n");
    BOTH(m, "INVOICE\n SNO 3\nINVOICE\n SNO 4\nITEMS\n SNO 10\n",
         "AirWaybill\n TotalQuantity 3\nAirWaybill\n TotalQuantity 4\nAirWaybill\n TotalQuantity 10\n");
    READ(m, "INVOICE\n SNO 30\n", NULL, "map.where", 0);
    READ(m, "ITEMS\n SNO 3\n", "AirWaybill\n TotalQuantity 3\n", "map.where", 0);
    WRITE(m, "AirWaybill\n ID X\n", "", "", 1);
    dgm_mapping_free(m);
}

/* ---- numbers that stand twice -------------------------------------------------------------------------------------------- */

static void numbers_twice(void)
{
    dgm_mapping *m = load(HEAD "- each: {wire: INVOICE, model: Invoice}\n"
                               "  rules: [{wire: SNO, model: SequenceNumeric, number: keep}, {wire: NO, model: ID}]\n");
    BOTH(m, "INVOICE\n SNO 3\nINVOICE\n SNO 1\nINVOICE\n SNO 2\n",
         "Invoice\n SequenceNumeric 3\nInvoice\n SequenceNumeric 1\nInvoice\n SequenceNumeric 2\n");
    /* The third and the fourth say what the first and the second said. */
    READ(m, "INVOICE\n SNO 2\nINVOICE\n SNO 5\nINVOICE\n SNO 02\nINVOICE\n SNO 5\n",
         "Invoice\n SequenceNumeric 2\nInvoice\n SequenceNumeric 5\nInvoice\n SequenceNumeric 02\nInvoice\n SequenceNumeric 5\n",
         "map.number.twice map.number.twice", 0);
    /* A number that was given stands in the way of one that is stored behind it. */
    READ(m, "INVOICE\n NO A\nINVOICE\n SNO 1\n", "Invoice\n SequenceNumeric 1\n ID A\nInvoice\n SequenceNumeric 1\n",
         "map.number.twice", 0);
    dgm_mapping_free(m);
    m = load(HEAD "- each: {wire: INVOICE, model: Invoice}\n"
                  "  rules: [{wire: SNO, model: SequenceNumeric, number: keep, else: error, when: \"$k = A\"}, {wire: NO, model: "
                  "ID, name: k}]\n");
    READ(m, "INVOICE\n SNO 1\n NO A\nINVOICE\n SNO 1\n NO A\n", NULL, "map.number.twice", 0);
    READ(m, "INVOICE\n SNO 1\n NO A\nINVOICE\n SNO 1\n NO B\n", "Invoice\n SequenceNumeric 1\n ID A\nInvoice\n ID B\n", "", 1);
    dgm_mapping_free(m);
    /* The rows of one occurrence share its number, given or not. */
    m = load(HEAD "- each: {wire: AWB, model: Invoice, by: {NO: ID}}\n"
                  "  rules:\n  - {wire: TOTAL, model: SequenceNumeric, number: keep}\n"
                  "  - each: {wire: \".\", model: Item}\n"
                  "    rules: [{wire: PIECES, model: SequenceNumeric}]\n");
    WRITE(m, "Invoice\n ID A\n Item\n  SequenceNumeric 5\n Item\n  SequenceNumeric 6\nInvoice\n ID B\n Item\n  SequenceNumeric 7\n",
          "AWB\n NO A\n TOTAL 1\n PIECES 5\nAWB\n NO A\n TOTAL 1\n PIECES 6\nAWB\n NO B\n TOTAL 2\n PIECES 7\n", "", 0);
    dgm_mapping_free(m);
}

/* ---- texts over two parts of a repeated occurrence ----------------------------------------------------------------------- */

static void two_parts_of_one(void)
{
    dgm_mapping *m = load(HEAD "- {wire: [\"Marks#*/PCI/M#*\", \"Marks#*/FTX[Q=PAC]#*/T#*\"], model: \"AirWaybill#1/Remark\",\n"
                               "   fold: {width: [4, 6], by: word}}\n");
    BOTH(m, "Marks\n PCI\n  M aa\n", "AirWaybill\n Remark aa\n");
    /* Two marks of four, two lines of two texts of six, and then the next occurrence. */
    BOTH(m,
         "Marks\n PCI\n  M ab\n  M#2 cd\n FTX\n  Q PAC\n  T efghij\n  T#2 klmn\n FTX\n  Q PAC\n  T opqrs\n  T#2 tuvw\n"
         "Marks\n PCI\n  M xyz1\n  M#2 234\n FTX\n  Q PAC\n  T last\n",
         "AirWaybill\n Remark ab cd efghijklmn opqrs tuvw xyz1234 last\n");
    /* Three occurrences of six pieces each, and no more. */
#define SIX                                                                                                                        \
    "Marks\n PCI\n  M 111\n  M#2 222\n FTX\n  Q PAC\n  T 33333\n  T#2 44444\n"                                                     \
    " FTX\n  Q PAC\n  T 55555\n  T#2 66666\n"
#define TEXT_OF_SIX "111 222 33333 44444 55555 66666"
    BOTH(m, SIX SIX SIX, "AirWaybill\n Remark " TEXT_OF_SIX " " TEXT_OF_SIX " " TEXT_OF_SIX "\n");
    WRITE(m, "AirWaybill\n Remark " TEXT_OF_SIX " " TEXT_OF_SIX " " TEXT_OF_SIX " 777\n", NULL, "wire.full.text", 0);
    dgm_mapping_free(m);
}

/* ---- one document of another --------------------------------------------------------------------------------------------- */

static void derived(void)
{
    dgm_mapping *m = load("dragoman: mapping/1\nmapping: d\nwire: {model: M@1}\nmodel: M@1\nrules:\n"
                          "- {wire: TypeCode, model: FunctionalReferenceID}\n"
                          "- {wire: \"=count(Invoice)\", model: TypeCode}\n"
                          "- each: {wire: Invoice, model: GoodsItem}\n"
                          "  rules: [{wire: SequenceNumeric, model: SequenceNumeric, number: keep}]\n");
    CU_ASSERT_FATAL(m != NULL);
    CU_ASSERT(dgm_mapping_derives(m));
    TEST_TEXT(dgm_mapping_format(m), "M@1");
    dgm_tree *in = kit_tree(env.model, "TypeCode A\nInvoice\n ID x\nInvoice\n SequenceNumeric 7\n"), *out = NULL;
    dgm_diags *diags;
    dgm_runner *r;
    dgm_diags_new(&mem, 0, &diags);
    CU_ASSERT_EQUAL_FATAL(dgm_runner_new(&mem, NULL, &r), DGM_OK);
    CU_ASSERT_EQUAL(dgm_mapping_run(r, m, DGM_READ, in, NULL, diags, &out), DGM_OK);
    char *text = out ? kit_text(out) : NULL;
    CU_ASSERT(text && strcmp(text, "FunctionalReferenceID A\nTypeCode 2\nGoodsItem\n SequenceNumeric 7\n") == 0);
    free(text);
    if (out) dgm_runner_recycle(r, out);
    CU_ASSERT_EQUAL(dgm_mapping_run(r, m, DGM_WRITE, in, NULL, diags, &out), DGM_USAGE);
    dgm_tree_free(in);
    dgm_runner_free(r);
    dgm_diags_free(diags);
    dgm_mapping_free(m);
}

/* ---- what is refused at load --------------------------------------------------------------------------------------------- */

static const struct mistake {
    const char *code, *rules;
} mistakes[] = {
    { "map.join.need", "- each: {wire: INVOICE, model: Invoice}\n  rules:\n  - each: {wire: /ITEMS, model: Item}\n"
                       "    rules: [{wire: SNO, model: SequenceNumeric}]\n" },
    { "map.path.syntax", "- {wire: ^/HREC/CONTROL, model: FunctionalReferenceID}\n" },
    { "map.path.syntax", "- {wire: HREC/^/CONTROL, model: FunctionalReferenceID}\n" },
    { "map.key.place", "- {wire: HREC/CONTROL, model: FunctionalReferenceID, copies: [\"ITEMS[INV=$x]/DESC\"]}\n" },
    { "map.name.unknown", "- {wire: \"ITEMS[INV=$x]/DESC\", model: FunctionalReferenceID}\n" },
    { "map.key.source", "- {wire: HREC/CONTROL, model: FunctionalReferenceID, codes: kinds, name: x}\n"
                        "- each: {wire: \"ITEMS[INV=$x]\", model: Invoice}\n  rules: [{wire: DESC, model: ID}]\n" },
    { "map.key.source", "- {wire: HREC/KIND, is: A, name: x}\n"
                        "- each: {wire: \"ITEMS[INV=$x]\", model: Invoice}\n  rules: [{wire: DESC, model: ID}]\n" },
    { "map.combination", "- each: {wire: AWB, model: AirWaybill}\n  rules:\n  - each: {wire: \".\", model: Placement}\n"
                         "    rules: [{wire: PART, model: PartCode}]\n" },
    { "map.combination", "- each: {wire: AWB, model: AirWaybill, where: \"=$n = 1\"}\n"
                         "  rules: [{wire: NO, model: ID, name: n}]\n" },
    { "map.combination", "- each: {wire: AWB, model: AirWaybill, by: {NO: /TypeCode}}\n  rules: [{wire: NO, model: ID}]\n" },
    { "map.combination",
      "- each: {wire: Cons, model: Consignment}\n  rules:\n  - {wire: BL, model: ID}\n"
      "  - each: {wire: Equip, model: /TransportEquipment, by: {NO: ID}, where: \"=ID in ^/ConsignmentItem/EquipmentID\"}\n"
      "    rules: [{wire: SIZE, model: Size}, {wire: \"SEAL#*\", model: \"SealID#*\"}]\n" },
    { "map.kind", "- each: {wire: AWB, model: AirWaybill, by: {}}\n  rules: [{wire: NO, model: ID}]\n" },
    { "map.kind", "- each: {wire: AWB, model: AirWaybill, by: NO}\n  rules: [{wire: NO, model: ID}]\n" },
    { "map.value", "- each: {wire: AWB, model: AirWaybill, where: x}\n  rules: [{wire: NO, model: ID}]\n" },
    { "map.type", "- {wire: [\"Marks#*/FTX[Q=P]#1/T#1\", \"Marks#*/PCI/M#1\"], model: \"AirWaybill#1/Remark\",\n"
                  "   fold: {width: 4, by: word}}\n" },
    { "map.path.unknown", "- each: {wire: AWB, model: AirWaybill, by: {NX: ID}}\n  rules: [{wire: NO, model: ID}]\n" },
    { "map.combination", "- each: {wire: AWB, model: AirWaybill, by: {NO: ID}}\n  rules:\n"
                         "  - {wire: TOTAL, number: order}\n  - {wire: PART, model: Remark}\n" },
    { "map.key.source",
      "- each: {wire: Cons, model: Consignment}\n  rules:\n  - {wire: BL, model: ID, name: bl}\n"
      "  - each: {wire: Equip, model: /TransportEquipment, by: {NO: ID}, where: \"=ID in ^/ConsignmentItem/EquipmentID\"}\n"
      "    rules: [{wire: SIZE, model: Size, when: \"$bl = X\"}]\n" },
};

static void refused(void)
{
    static char text[4096];
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        dgm_diags *diags;
        dgm_mapping *m = NULL;
        snprintf(text, sizeof text, "%s%s", HEAD, mistakes[i].rules);
        dgm_diags_new(&mem, 0, &diags);
        dgm_mapping_env e = kit_environment(&mem, &env);
        CU_ASSERT_EQUAL(dgm_mapping_load(&e, DGM_LITERAL("m.yaml"), dgm_slice_of(text), diags, &m), DGM_CONFIG);
        bool told = false;
        for (size_t k = 0; k < dgm_diags_count(diags); k++)
            told = told || strcmp(dgm_diag_name(dgm_diags_at(diags, k)->code), mistakes[i].code) == 0;
        CU_ASSERT(told);
        if (!told) {
            fprintf(stderr, "mistake %zu (%s)\n", i, mistakes[i].code);
            kit_show(diags);
        }
        dgm_mapping_free(m);
        dgm_diags_free(diags);
    }
}

/* ---- what it costs ------------------------------------------------------------------------------------------------------- */

/* Rows in the order that is hardest, many times over: a search for each would take minutes. */
static void many_rows(void)
{
    enum { ROWS = 40000 };
    dgm_mapping *m = load(tables);
    size_t room = (size_t)ROWS * 80, used = 0;
    char *text = malloc(room);
    CU_ASSERT_FATAL(text && m);
    for (int i = 1; i <= ROWS; i++) used += (size_t)snprintf(text + used, room - used, "INVOICE\n SNO %d\n", i);
    for (int i = ROWS; i >= 1; i--) used += (size_t)snprintf(text + used, room - used, "ITEMS\n INV %d\n SNO 1\n", i);
    dgm_tree *in = kit_tree(env.wire, text), *model = NULL, *back = NULL;
    dgm_diags *diags;
    dgm_runner *r;
    dgm_diags_new(&mem, 0, &diags);
    CU_ASSERT_EQUAL_FATAL(dgm_runner_new(&mem, NULL, &r), DGM_OK);
    CU_ASSERT_EQUAL(dgm_mapping_run(r, m, DGM_READ, in, NULL, diags, &model), DGM_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(model);
    CU_ASSERT_EQUAL(model->node_count, 1u + 4u * ROWS);
    CU_ASSERT_EQUAL(dgm_mapping_run(r, m, DGM_WRITE, model, NULL, diags, &back), DGM_OK);
    CU_ASSERT(back && back->node_count == in->node_count);
    if (back) dgm_runner_recycle(r, back);
    dgm_runner_recycle(r, model);
    dgm_tree_free(in);
    dgm_runner_free(r);
    dgm_diags_free(diags);
    dgm_mapping_free(m);
    free(text);
}

/* ---- memory -------------------------------------------------------------------------------------------------------------- */

static const struct memory_case {
    const char *yaml, *in;
    dgm_direction direction;
} memory_cases[] = {
    { tables, "INVOICE\n SNO 1\nITEMS\n INV 1\n SNO 1\n DESC a\nINFO\n INV 1\n ITEM 1\n TYPE DOC\n TEXT x\n", DGM_READ },
    { tables, "Invoice\n ID A\n Item\n  Description y\n  OriginText CN\n", DGM_WRITE },
    { write_offs, "Line\n CUR EUR\n Ref\n  Q LI\n  N D1\n  AMT 5\n Doc\n  ID D1\n", DGM_READ },
    { write_offs, "GoodsItem\n AdditionalDocument\n  ID D1\n  WriteOffAmount 1\n", DGM_WRITE },
    { parts, "AWB\n NO A\n TOTAL 1\n T a\nAWB\n NO A\n PART P\n T a\n", DGM_READ },
    { parts, "AirWaybill\n ID A\n TotalQuantity 1\n Placement\n  PartCode P\n Placement\n  PartCode D\n", DGM_WRITE },
    { nested, "Cons\n Equip\n  NO C1\n CItem\n  BOX C1\nCons\n Equip\n  NO C1\n CItem\n  BOX C1\n", DGM_READ },
    { nested, "TransportEquipment\n ID C1\nConsignment\n ConsignmentItem\n  EquipmentID C1\n", DGM_WRITE },
};

static dgm_status work(const dgm_mem *counted, void *ctx)
{
    const struct memory_case *x = ctx;
    dgm_diags *diags = NULL;
    dgm_mapping *m = NULL;
    dgm_runner *r = NULL;
    dgm_tree *out = NULL, *in = kit_tree(x->direction == DGM_READ ? env.wire : env.model, x->in);
    dgm_mapping_env e = kit_environment(counted, &env);
    dgm_run_options o = { .accounts = true };
    dgm_status s = dgm_diags_new(counted, 0, &diags);
    if (s == DGM_OK) s = dgm_mapping_load(&e, DGM_LITERAL("m"), dgm_slice_of(x->yaml), diags, &m);
    if (s == DGM_OK) s = dgm_runner_new(counted, NULL, &r);
    if (s == DGM_OK) s = dgm_mapping_run(r, m, x->direction, in, &o, diags, &out);
    if (out) dgm_runner_recycle(r, out);
    dgm_runner_free(r);
    dgm_mapping_free(m);
    dgm_diags_free(diags);
    dgm_tree_free(in);
    return s;
}

static void no_memory(void)
{
    for (size_t i = 0; i < sizeof memory_cases / sizeof *memory_cases; i++) {
        struct memory_case x = memory_cases[i];
        CU_ASSERT(test_each_allocation_fails(work, &x) > 20);
    }
}

/* What is read as a key, or as the test of a place that is looked for, is read: only EXTRA is told, at the each that goes over it.
 */
static const char strict_text[] = "HREC S 1 1\n"
                                  " CONTROL E 1 1\n"
                                  "INVOICE S 0 u\n"
                                  " SNO E 1 1 n\n"
                                  "ITEMS S 0 u\n"
                                  " INV E 1 1\n"
                                  " SNO E 0 1 n\n"
                                  " DESC E\n"
                                  " EXTRA E 1 1\n"
                                  "INFO S 0 u\n"
                                  " INV E 1 1\n"
                                  " TYPE E 1 1\n"
                                  " TEXT E\n"
                                  "AWB S 0 u\n"
                                  " NO E 1 1\n"
                                  " PIECES E 0 1 n\n";

static void unread(void)
{
    static const char yaml[] = HEAD "- {wire: HREC/CONTROL, model: FunctionalReferenceID}\n"
                                    "- each: {wire: INVOICE, model: Invoice}\n"
                                    "  rules:\n"
                                    "  - {wire: SNO, model: SequenceNumeric, number: keep, name: inv}\n"
                                    "  - {wire: \"/INFO[INV=$inv, TYPE=NO]/TEXT\", model: ID}\n"
                                    "  - each: {wire: \"/ITEMS[INV=$inv]\", model: Item}\n"
                                    "    rules:\n"
                                    "    - {wire: SNO, model: SequenceNumeric, number: keep}\n"
                                    "    - {wire: DESC, model: Description}\n"
                                    "    - {wire: EXTRA, is: x, only: write, why: the test}\n"
                                    "- each: {wire: AWB, model: AirWaybill, by: {NO: ID}}\n"
                                    "  rules:\n"
                                    "  - each: {wire: \".\", model: Placement}\n"
                                    "    rules: [{wire: PIECES, model: PackageQuantity}]\n";
    dgm_shape *strict = kit_shape("w", strict_text);
    kit_env own = { strict, env.model, env.files };
    dgm_diags *diags;
    dgm_mapping *m = NULL;
    dgm_diags_new(&mem, 0, &diags);
    dgm_mapping_env e = kit_environment(&mem, &own);
    CU_ASSERT_EQUAL(dgm_mapping_load(&e, DGM_LITERAL("m.yaml"), DGM_LITERAL(yaml), diags, &m), DGM_OK);
    CU_ASSERT_EQUAL(dgm_diags_count(diags), 1);
    const dgm_diag *d = dgm_diags_at(diags, 0);
    CU_ASSERT_FATAL(d != NULL);
    CU_ASSERT_EQUAL(d->code, DGM_D_MAP_UNREAD);
    CU_ASSERT_EQUAL(d->line, 11);
    TEST_TEXT(d->arguments[0].text, "EXTRA in ITEMS");
    if (dgm_diags_count(diags) != 1 || d->code != DGM_D_MAP_UNREAD) kit_show(diags);
    dgm_mapping_free(m);
    dgm_diags_free(diags);
    dgm_shape_free(strict);
}

static const kit_file files[] = {
    { "codes", "kinds", "# source: a\n# edition: b\nmodel\twire\nA\t1\n" },
    { 0 },
};

static const test_case cases[] = {
    { "rows of tables", rows_of_tables },
    { "rows without a parent", rows_without_a_parent },
    { "keys that are missing", keys_that_are_missing },
    { "keys of the partner", keys_of_the_partner },
    { "packed rows", packed_rows },
    { "places above", places_above },
    { "rows made one", rows_made_one },
    { "one thing in many parents", one_thing_in_many_parents },
    { "merged and explained", merged_and_explained },
    { "occurrences chosen", occurrences_chosen },
    { "numbers that stand twice", numbers_twice },
    { "texts over two parts of a repeated occurrence", two_parts_of_one },
    { "one document of another", derived },
    { "what is refused", refused },
    { "what nothing reads", unread },
    { "many rows", many_rows },
    { "each allocation fails", no_memory },
    { 0 },
};

int main(void)
{
    mem = dgm_mem_default();
    dgm_shape *wire = kit_shape("w", wire_text), *model = kit_shape("M@1", model_text);
    env = (kit_env){ wire, model, files };
    int failed = test_main("mapping_join", cases);
    dgm_shape_free(wire);
    dgm_shape_free(model);
    return failed;
}
