/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_documents.c - messages that hold several documents: cut into what each is read from, and put together again of what
 * each was written as; totals over all of them; what is refused at load.
 */
#include "mapping/documents.h"
#include "mapping_kit.h"

static const char wire_text[] = "Initn G 1 1\n"
                                " GrpHdr S 1 1\n"
                                "  MsgId E 0 1 i\n"
                                "  NbOfTxs E 0 1 n\n"
                                "  CtrlSum E 0 1 n\n"
                                "  InitgPty S 0 1\n"
                                "   Nm E\n"
                                " PmtInf G 0 3\n"
                                "  PmtInfId E 0 1 i\n"
                                "  NbOfTxs E 0 1 n\n"
                                "  Dbtr S 0 1\n"
                                "   Nm E\n"
                                "  CdtTrfTxInf G 0 4\n"
                                "   Ref E 0 1 i\n"
                                "   Amt E 0 1 a v=. c=@Ccy\n"
                                "    @Ccy A\n"
                                "   Tax S 0 u\n"
                                "    Nb E 0 1 n\n"
                                "    Ctry E\n"
                                "Note S 0 u\n"
                                " Q E\n"
                                " T E\n"
                                "Cons G 0 9\n"
                                " CNI E 0 1 i\n"
                                " Bill G 0 9\n"
                                "  NO E\n"
                                "  KIND E\n"
                                "  Party S 0 9\n"
                                "   Q E\n"
                                "   ID E\n"
                                "  Goods S 0 9\n"
                                "   MASS E 0 1 n\n";

static const char model_text[] = "BatchID E 0 1 i\n"
                                 "InitiatorName E 0 1 t\n"
                                 "PaymentGroupID E 0 1 i\n"
                                 "Debtor G 0 1\n"
                                 " Name E 0 1 t\n"
                                 "RemittanceReference E 0 1 i\n"
                                 "InstructedAmount E 0 1 a v=. c=@currencyID\n"
                                 " @currencyID A\n"
                                 "TaxRecord G 0 u\n"
                                 " SequenceNumeric E 0 1 n\n"
                                 " CountryCode E 0 1 c\n"
                                 "Remark G 0 u\n"
                                 " Text E 0 1 t\n"
                                 "Consignee G 0 1\n"
                                 " ID E 0 1 i\n"
                                 "Consignment G 0 u\n"
                                 " ID E 0 1 i\n"
                                 " Mass G 0 u\n"
                                 "  Value E 0 1 n\n";

#define HEAD "dragoman: mapping/1\nmapping: m\nwire: {format: w}\nmodel: M@1\n"

#include "mapping_run_kit.h"

static const char payments[] =
    HEAD "document: {wire: Initn/PmtInf/CdtTrfTxInf, by: {/Initn/GrpHdr/MsgId: BatchID, ^/PmtInfId: PaymentGroupID}}\n"
         "rules:\n"
         "- {wire: /Initn/GrpHdr/NbOfTxs, is: \"=count(document)\"}\n"
         "- {wire: /Initn/GrpHdr/CtrlSum, is: \"=sum(document/InstructedAmount)\"}\n"
         "- {wire: ^/NbOfTxs, is: \"=count(document)\", else: warn}\n"
         "- {wire: /Initn/GrpHdr/InitgPty/Nm, model: InitiatorName}\n"
         "- {wire: ^/Dbtr/Nm, model: Debtor/Name}\n"
         "- {wire: Ref, model: RemittanceReference}\n"
         "- {wire: Amt, model: InstructedAmount}\n"
         "- each: {wire: Tax, model: TaxRecord}\n"
         "  rules:\n"
         "  - {wire: Nb, model: SequenceNumeric, number: keep}\n"
         "  - {wire: Ctry, model: CountryCode}\n"
         "- each: {wire: /Note, model: Remark}\n"
         "  rules: [{wire: T, model: Text}]\n";

static const char cargo[] =
    HEAD "document: {wire: \"Cons/Bill[KIND=BM]\", by: {^/CNI: PaymentGroupID, \"Party[Q=CN]/ID\": Consignee/ID}}\n"
         "rules:\n"
         "- {wire: /Initn/GrpHdr/MsgId, model: BatchID}\n"
         "- each: {wire: \".\", model: Consignment}\n"
         "  rules:\n"
         "  - {wire: NO, model: ID}\n"
         "  - {wire: ^/^/Initn/GrpHdr/InitgPty/Nm, model: /InitiatorName}\n"
         "  - each: {wire: Goods, model: Mass}\n"
         "    rules: [{wire: MASS, model: Value}]\n";

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

static void add_names(char *names, size_t room, const dgm_diags *diags)
{
    for (size_t i = 0; i < dgm_diags_count(diags); i++)
        snprintf(names + strlen(names), room - strlen(names), "%s%s", *names ? " " : "",
                 dgm_diag_name(dgm_diags_at(diags, i)->code));
}

/* Documents wanted end with NULL; "": refused. */
static void cut(const dgm_mapping *m, const char *wire, const char *const *wanted, const char *codes, int line)
{
    if (!m) return;
    dgm_tree *in = kit_tree(env.wire, wire), *parts[16] = { 0 }, *models[16] = { 0 };
    const dgm_tree *made[16] = { 0 };
    dgm_cuts *cuts = NULL;
    dgm_runner *r;
    dgm_diags *diags;
    char names[512] = "";
    CU_ASSERT_EQUAL_FATAL(dgm_runner_new(&mem, NULL, &r), DGM_OK);
    dgm_diags_new(&mem, 0, &diags);
    dgm_status s = dgm_cuts_make(m, in, &mem, NULL, r, diags, &cuts);
    uint32_t count = cuts ? dgm_cuts_count(cuts) : 0, k = 0;
    for (; k < count && wanted[k]; k++) {
        if (dgm_cuts_part(cuts, k, r, diags, &parts[k]) == DGM_OK) {
            CU_ASSERT(dgm_tree_sound(parts[k]));
            (void)dgm_mapping_run(r, m, DGM_READ, parts[k], NULL, diags, &models[k]);
        }
        made[k] = models[k];
        char *text = models[k] ? kit_text(models[k]) : NULL;
        bool same = text ? strcmp(text, wanted[k]) == 0 : !*wanted[k];
        if (!same) fprintf(stderr, "line %d, document %u:\n%s", line, k + 1, text ? text : "refused\n");
        CU_ASSERT(same);
        free(text);
    }
    CU_ASSERT_EQUAL(k, count);
    CU_ASSERT_PTR_NULL(wanted[k]);
    if (cuts) s = dgm_cuts_verify(cuts, r, made, diags);
    add_names(names, sizeof names, diags);
    if (strcmp(names, codes) != 0) {
        fprintf(stderr, "line %d: status %d, diagnostics \"%s\"\n", line, (int)s, names);
        kit_show(diags);
    }
    CU_ASSERT_STRING_EQUAL(names, codes);
    for (k = 0; k < count; k++) {
        if (models[k]) dgm_runner_recycle(r, models[k]);
        dgm_tree_free(parts[k]);
    }
    dgm_cuts_free(cuts);
    dgm_runner_free(r);
    dgm_diags_free(diags);
    dgm_tree_free(in);
}
#define CUT(m, wire, codes, ...) cut(m, wire, (const char *const[]){ __VA_ARGS__, NULL }, codes, __LINE__)

#define HEADER(n, sum)       "Initn\n GrpHdr\n  MsgId B1\n  NbOfTxs " n "\n  CtrlSum " sum "\n  InitgPty\n   Nm ACME\n"
#define GROUP(id, n, debtor) " PmtInf\n  PmtInfId " id "\n  NbOfTxs " n "\n  Dbtr\n   Nm " debtor "\n"
#define TX(ref, amount)      "  CdtTrfTxInf\n   Ref " ref "\n   Amt " amount "\n    @Ccy EUR\n"
#define ORDER(group, debtor, ref, amount)                                                                                          \
    "BatchID B1\nInitiatorName ACME\nPaymentGroupID " group "\nDebtor\n Name " debtor "\nRemittanceReference " ref                 \
    "\nInstructedAmount " amount "\n @currencyID EUR\n"

static void documents_of_a_message(void)
{
    dgm_mapping *m = load(payments);
    CUT(m,
        HEADER("3", "60.50") GROUP("G1", "2", "Left") TX("R1", "10")
            TX("R2", "20.50") "   Tax\n    Nb 1\n    Ctry NL\n" GROUP("G2", "1", "Right") TX("R3", "30") "Note\n T hello\n",
        "", ORDER("G1", "Left", "R1", "10") "Remark\n Text hello\n",
        ORDER("G1", "Left", "R2", "20.50") "TaxRecord\n SequenceNumeric 1\n CountryCode NL\nRemark\n Text hello\n",
        ORDER("G2", "Right", "R3", "30") "Remark\n Text hello\n");
    /* A total that is not what it should be, and one that only warns. */
    CUT(m, HEADER("1", "11") GROUP("G1", "2", "Left") TX("R1", "10"), "map.is map.is", ORDER("G1", "Left", "R1", "10"));
    /* One that is bad costs the others nothing, but then nobody knows the totals. */
    CUT(m, HEADER("2", "30") GROUP("G1", "2", "Left") TX("R1", "ten") TX("R2", "20"),
        "map.number.invalid map.document.unverified map.document.unverified map.document.unverified", "",
        ORDER("G1", "Left", "R2", "20"));
    dgm_mapping_free(m);
}

static void no_document(void)
{
    dgm_mapping *m = load(payments);
    cut(m, HEADER("0", "0") " PmtInf\n  PmtInfId G1\n", (const char *const[]){ NULL }, "map.document.none", __LINE__);
    dgm_mapping_free(m);
}

#define CARGO(cni, who) "BatchID B1\nInitiatorName ACME\nPaymentGroupID " cni "\nConsignee\n ID " who "\n"

static void several_of_one(void)
{
    dgm_mapping *m = load(cargo);
    const char head[] = "Initn\n GrpHdr\n  MsgId B1\n  InitgPty\n   Nm ACME\n";
    char text[2048];
    snprintf(
        text, sizeof text, "%s%s", head,
        "Cons\n CNI 1\n"
        " Bill\n  NO A\n  KIND BM\n  Party\n   Q CN\n   ID X\n  Goods\n   MASS 5\n"
        " Bill\n  NO B\n  KIND BM\n  Party\n   Q CN\n   ID Y\n"
        " Bill\n  NO Z\n  KIND OTHER\n  Party\n   Q CN\n   ID Y\n"
        " Bill\n  NO C\n  KIND BM\n  Party\n   Q SH\n   ID Q\n  Party\n   Q CN\n   ID X\n  Goods\n   MASS 7\n  Goods\n   MASS 8\n"
        "Cons\n CNI 2\n"
        " Bill\n  NO D\n  KIND BM\n  Party\n   Q CN\n   ID X\n"
        " Bill\n  NO E\n  KIND BM\n");
    CUT(m, text, "map.key.empty",
        CARGO("1", "X") "Consignment\n ID A\n Mass\n  Value 5\nConsignment\n ID C\n Mass\n  Value 7\n Mass\n  Value 8\n",
        CARGO("1", "Y") "Consignment\n ID B\n", CARGO("2", "X") "Consignment\n ID D\n", "");
    dgm_mapping_free(m);
}

/* ---- writing ------------------------------------------------------------------------------------------------------------- */

/* Documents end with NULL; messages wanted too. A document that is refused is in none. */
static void share(const dgm_mapping *m, const char *const *documents, const char *const *wanted, const char *codes, int line)
{
    if (!m) return;
    dgm_tree *models[16] = { 0 }, *targets[16] = { 0 };
    dgm_runner *r;
    dgm_diags *diags;
    dgm_shared *shared;
    char names[512] = "";
    uint32_t made = 0, count = 0;
    CU_ASSERT_EQUAL_FATAL(dgm_runner_new(&mem, NULL, &r), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_shared_new(&mem, NULL, &shared), DGM_OK);
    dgm_diags_new(&mem, 0, &diags);
    dgm_shared_begin(shared, m);
    for (bool more = true; more;) {
        dgm_status s = DGM_END;
        more = documents[count] != NULL;
        if (more && !targets[count]) {
            models[count] = kit_tree(env.model, documents[count]);
            CU_ASSERT_EQUAL(dgm_mapping_run(r, m, DGM_WRITE, models[count], NULL, diags, &targets[count]), DGM_OK);
        }
        if (more) s = dgm_shared_add(shared, targets[count], models[count], diags);
        if (s != DGM_END) {
            count++;
            continue;
        }
        const dgm_tree *t = NULL;
        if (dgm_shared_count(shared)) CU_ASSERT_EQUAL(dgm_shared_finish(shared, r, diags, &t), DGM_OK);
        char *text = t ? kit_text(t) : NULL;
        bool same = text && wanted[made] && strcmp(text, wanted[made]) == 0;
        if (!same) fprintf(stderr, "line %d, message %u:\n%s", line, made + 1, text ? text : "none\n");
        CU_ASSERT(same);
        if (t) CU_ASSERT(dgm_tree_sound(t));
        free(text);
        made++;
        dgm_shared_begin(shared, m);
    }
    CU_ASSERT_PTR_NULL(wanted[made]);
    add_names(names, sizeof names, diags);
    if (strcmp(names, codes) != 0) kit_show(diags);
    CU_ASSERT_STRING_EQUAL(names, codes);
    dgm_shared_free(shared);
    for (uint32_t k = 0; k < count; k++) {
        if (targets[k]) dgm_runner_recycle(r, targets[k]);
        dgm_tree_free(models[k]);
    }
    dgm_runner_free(r);
    dgm_diags_free(diags);
}
#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void documents_that_share(void)
{
    dgm_mapping *m = load(payments);
    /* Groups by their keys, whatever order they come in; totals of the message and of each group. */
    share(m,
          LIST(ORDER("G1", "Left", "R1", "10"), ORDER("G2", "Right", "R3", "30"),
               ORDER("G1", "Left", "R2", "20.50") "TaxRecord\n SequenceNumeric 1\n CountryCode NL\n"),
          LIST(HEADER("3", "60.50") GROUP("G1", "2", "Left") TX("R1", "10")
                   TX("R2", "20.50") "   Tax\n    Nb 1\n    Ctry NL\n" GROUP("G2", "1", "Right") TX("R3", "30")),
          "", __LINE__);
    /* A single one. */
    share(m, LIST(ORDER("G1", "Left", "R1", "10") "Remark\n Text hello\n"),
          LIST(HEADER("1", "10") GROUP("G1", "1", "Left") TX("R1", "10") "Note\n T hello\n"), "", __LINE__);
    /* What stands around them is said once: who says otherwise is not in it. */
    share(m, LIST(ORDER("G1", "Left", "R1", "10"), ORDER("G1", "Wrong", "R2", "20"), ORDER("G1", "Left", "R3", "30")),
          LIST(HEADER("2", "40") GROUP("G1", "2", "Left") TX("R1", "10") TX("R3", "30")), "map.document.disagree", __LINE__);
    share(m, LIST(ORDER("G1", "Left", "R1", "10"), ORDER("G2", "Left", "R2", "20") "Remark\n Text hello\n"),
          LIST(HEADER("1", "10") GROUP("G1", "1", "Left") TX("R1", "10")), "map.document.disagree", __LINE__);
    dgm_mapping_free(m);
}

static void messages_that_are_full(void)
{
    dgm_mapping *m = load(payments);
    /* CdtTrfTxInf stands four times in a PmtInf, PmtInf three times. */
    share(m,
          LIST(ORDER("G1", "L", "1", "1"), ORDER("G1", "L", "2", "1"), ORDER("G1", "L", "3", "1"), ORDER("G1", "L", "4", "1"),
               ORDER("G1", "L", "5", "1")),
          LIST(HEADER("4", "4") GROUP("G1", "4", "L") TX("1", "1") TX("2", "1") TX("3", "1") TX("4", "1"),
               HEADER("1", "1") GROUP("G1", "1", "L") TX("5", "1")),
          "", __LINE__);
    share(m, LIST(ORDER("G1", "L", "1", "1"), ORDER("G2", "L", "2", "1"), ORDER("G3", "L", "3", "1"), ORDER("G4", "L", "4", "1")),
          LIST(HEADER("3", "3") GROUP("G1", "1", "L") TX("1", "1") GROUP("G2", "1", "L") TX("2", "1") GROUP("G3", "1", "L")
                   TX("3", "1"),
               HEADER("1", "1") GROUP("G4", "1", "L") TX("4", "1")),
          "", __LINE__);
    dgm_mapping_free(m);
    char text[4096];
    const char *at = strstr(payments, "Initn/PmtInf/CdtTrfTxInf,");
    snprintf(text, sizeof text, "%.*sInitn/PmtInf/CdtTrfTxInf, max: 2,%s", (int)(at - payments), payments, at + 25);
    m = load(text);
    share(m, LIST(ORDER("G1", "L", "1", "1"), ORDER("G2", "L", "2", "1"), ORDER("G1", "L", "3", "1")),
          LIST(HEADER("2", "2") GROUP("G1", "1", "L") TX("1", "1") GROUP("G2", "1", "L") TX("2", "1"),
               HEADER("1", "1") GROUP("G1", "1", "L") TX("3", "1")),
          "", __LINE__);
    dgm_mapping_free(m);
}

static void several_written(void)
{
    dgm_mapping *m = load(cargo);
    share(m,
          LIST(CARGO("1", "X") "Consignment\n ID A\n Mass\n  Value 5\nConsignment\n ID C\n", CARGO("2", "X") "Consignment\n ID D\n",
               CARGO("1", "Y") "Consignment\n ID B\n"),
          LIST("Initn\n GrpHdr\n  MsgId B1\n  InitgPty\n   Nm ACME\n"
               "Cons\n CNI 1\n"
               " Bill\n  NO A\n  KIND BM\n  Party\n   Q CN\n   ID X\n  Goods\n   MASS 5\n"
               " Bill\n  NO C\n  KIND BM\n  Party\n   Q CN\n   ID X\n"
               " Bill\n  NO B\n  KIND BM\n  Party\n   Q CN\n   ID Y\n"
               "Cons\n CNI 2\n"
               " Bill\n  NO D\n  KIND BM\n  Party\n   Q CN\n   ID X\n"),
          "", __LINE__);
    /* Two with one key would be read as one: they are in two messages. One without the key is in none. */
    const char head[] = "Initn\n GrpHdr\n  MsgId B1\n  InitgPty\n   Nm ACME\nCons\n CNI 1\n Bill\n";
    char first[256], second[256];
    snprintf(first, sizeof first, "%s  NO A\n  KIND BM\n  Party\n   Q CN\n   ID X\n", head);
    snprintf(second, sizeof second, "%s  NO B\n  KIND BM\n  Party\n   Q CN\n   ID X\n", head);
    share(m,
          LIST(CARGO("1", "X") "Consignment\n ID A\n", CARGO("1", "X") "Consignment\n ID B\n",
               "BatchID B1\nInitiatorName ACME\nPaymentGroupID 1\nConsignment\n ID C\n"),
          LIST(first, second), "map.key.empty", __LINE__);
    /* A document without any occurrence would not be read back. */
    share(m, LIST("BatchID B1\nInitiatorName ACME\n", CARGO("1", "X") "Consignment\n ID A\n"),
          LIST("Initn\n GrpHdr\n  MsgId B1\n  InitgPty\n   Nm ACME\nCons\n CNI 1\n Bill\n  NO A\n  KIND BM\n  Party\n   Q CN\n   "
               "ID X\n"),
          "map.document.empty", __LINE__);
    dgm_mapping_free(m);
}

/* ---- memory -------------------------------------------------------------------------------------------------------------- */

/* Loads, cuts, reads each document, writes them and puts them together. */
static dgm_status work(const dgm_mem *from, void *ctx)
{
    const char *const *texts = ctx; /* mapping, message */
    dgm_mapping_env e = kit_environment(from, &env);
    dgm_diags *diags = NULL;
    dgm_mapping *m = NULL;
    dgm_runner *r = NULL;
    dgm_cuts *cuts = NULL;
    dgm_shared *shared = NULL;
    dgm_tree *in = kit_tree(env.wire, texts[1]), *models[8] = { 0 }, *targets[8] = { 0 };
    const dgm_tree *made[8] = { 0 }, *out = NULL;
    uint32_t count = 0;
    dgm_status s = dgm_diags_new(from, 0, &diags);
    if (s == DGM_OK) s = dgm_mapping_load(&e, DGM_LITERAL("m.yaml"), dgm_slice_of(texts[0]), diags, &m);
    if (s == DGM_OK) s = dgm_runner_new(from, NULL, &r);
    if (s == DGM_OK) s = dgm_shared_new(from, NULL, &shared);
    if (s == DGM_OK) s = dgm_cuts_make(m, in, from, NULL, r, diags, &cuts);
    if (s == DGM_OK) dgm_shared_begin(shared, m);
    for (uint32_t k = 0; s == DGM_OK && k < dgm_cuts_count(cuts); k++, count++) {
        dgm_tree *part = NULL;
        s = dgm_cuts_part(cuts, k, r, diags, &part);
        if (s == DGM_OK) s = dgm_mapping_run(r, m, DGM_READ, part, NULL, diags, &models[k]);
        if (s == DGM_OK) s = dgm_mapping_run(r, m, DGM_WRITE, models[k], NULL, diags, &targets[k]);
        if (s == DGM_OK) s = dgm_shared_add(shared, targets[k], models[k], diags);
        made[k] = models[k];
        dgm_tree_free(part);
    }
    if (s == DGM_OK) s = dgm_cuts_verify(cuts, r, made, diags);
    if (s == DGM_OK) s = dgm_shared_finish(shared, r, diags, &out);
    dgm_shared_free(shared);
    for (uint32_t k = 0; k < 8; k++) {
        if (targets[k]) dgm_runner_recycle(r, targets[k]);
        if (models[k]) dgm_runner_recycle(r, models[k]);
    }
    dgm_cuts_free(cuts);
    dgm_runner_free(r);
    dgm_mapping_free(m);
    dgm_diags_free(diags);
    dgm_tree_free(in);
    return s;
}

static void no_memory(void)
{
    const char *batch[] = { payments, HEADER("3", "60.50") GROUP("G1", "2", "Left") TX("R1", "10") TX("R2", "20.50")
                                          GROUP("G2", "1", "Right") TX("R3", "30") "Note\n T hello\n" };
    const char *report[] = { cargo, "Cons\n CNI 1\n Bill\n  NO A\n  KIND BM\n  Party\n   Q CN\n   ID X\n"
                                    " Bill\n  NO B\n  KIND BM\n  Party\n   Q CN\n   ID X\n" };
    CU_ASSERT(test_each_allocation_fails(work, batch) > 50);
    CU_ASSERT(test_each_allocation_fails(work, report) > 50);
}

/* What costs more than the message is worth is refused, document by document. */
static void limited(void)
{
    dgm_mapping *m = load(payments);
    dgm_tree *in = kit_tree(env.wire, HEADER("2", "30") GROUP("G1", "2", "Left") TX("R1", "10") TX("R2", "20")), *part;
    dgm_limits limits = { .nodes_max = 25 };
    dgm_cuts *cuts;
    dgm_runner *r;
    dgm_diags *diags;
    dgm_diags_new(&mem, 0, &diags);
    CU_ASSERT_EQUAL_FATAL(dgm_runner_new(&mem, NULL, &r), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_cuts_make(m, in, &mem, &limits, r, diags, &cuts), DGM_OK);
    CU_ASSERT_EQUAL(dgm_cuts_count(cuts), 2);
    CU_ASSERT_EQUAL(dgm_cuts_part(cuts, 0, r, diags, &part), DGM_OK); /* root, Initn, GrpHdr with 5, PmtInf with 4, Tx with 3: 16 */
    CU_ASSERT_EQUAL(part->node_count, 17);
    CU_ASSERT_EQUAL(part->position.document, 1);
    dgm_tree_free(part);
    CU_ASSERT_EQUAL(dgm_cuts_part(cuts, 1, r, diags, &part), DGM_INVALID);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_count(diags), 1);
    CU_ASSERT_STRING_EQUAL(dgm_diag_name(dgm_diags_at(diags, 0)->code), "map.document.limit");
    CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->position.document, 2);
    dgm_cuts_free(cuts);
    dgm_runner_free(r);
    dgm_diags_free(diags);
    dgm_tree_free(in);
    dgm_mapping_free(m);
}

static const test_case cases[] = {
    { "documents of a message", documents_of_a_message },
    { "a message without a document", no_document },
    { "a document of several occurrences", several_of_one },
    { "documents that share a message", documents_that_share },
    { "messages that are full", messages_that_are_full },
    { "documents of several occurrences, written", several_written },
    { "more than a message is worth", limited },
    { "each allocation fails", no_memory },
    { 0 },
};

int main(void)
{
    mem = dgm_mem_default();
    dgm_shape *wire = kit_shape("w", wire_text), *model = kit_shape("M@1", model_text);
    env = (kit_env){ wire, model, NULL };
    int failed = test_main("mapping_documents", cases);
    dgm_shape_free(wire);
    dgm_shape_free(model);
    return failed;
}
