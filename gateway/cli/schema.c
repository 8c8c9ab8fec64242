/* SPDX-License-Identifier: Apache-2.0
 *
 * schema.c - the command schema: JSON Schemas (draft 2020-12) of the files that people write and of the documents that programs
 * exchange, made from the tables that read them, for editors and for other systems. One thread.
 */
#include "cli.h"

#include "codecs/foreign.h"
#include "codecs/edifact/guide_load.h"
#include "codecs/flat/tokens.h"
#include "context.h"
#include "map.h"
#include "mapping/describe.h"
#include "partner.h"
#include "schema.h"

#include <string.h>

/* What a key holds, where it is more than a text, a list or a map of anything. */
typedef struct shaped {
    const char *key, *schema;
} shaped;

#define REF(name) "{\"$ref\":\"#/$defs/" name "\"}"

/* All scalars are text in our files; an editor sees numbers and truths. */
static const char definitions[] = "\"text\":{\"type\":[\"string\",\"number\",\"boolean\"]},"
                                  "\"texts\":{\"anyOf\":[" REF("text") ",{\"type\":\"array\",\"items\":" REF(
                                      "text") "}]},"
                                              "\"named\":{\"type\":\"object\",\"additionalProperties\":" REF(
                                                  "text") "},"
                                                          "\"truth\":{\"enum\":[true,false,\"yes\",\"no\",\"true\",\"false\"]}";

#define TEXT  REF("text")
#define TEXTS REF("texts")
#define NAMED REF("named")
/* A message that holds several documents, and one that is a part of a document. */
#define SPLIT_DOCUMENT                                                                                                             \
    "{\"type\":\"object\",\"properties\":{\"wire\":" TEXT ",\"by\":" NAMED ",\"max\":" TEXT "},"                                   \
    "\"required\":[\"wire\"],\"additionalProperties\":false}"
#define MERGED_DOCUMENT                                                                                                            \
    "{\"type\":\"object\",\"properties\":{\"merge\":" NAMED ",\"into\":{\"type\":\"object\","                                      \
    "\"additionalProperties\":" TEXTS "},\"number\":" TEXT ",\"count\":" TEXT ",\"of\":" TEXT ","                                  \
    "\"last\":{\"anyOf\":[" TEXT ",{\"type\":\"object\",\"maxProperties\":1,"                                                      \
    "\"additionalProperties\":" TEXTS "}]},\"with\":{\"type\":\"array\",\"items\":" TEXT "},"                                      \
    "\"master\":" TEXT ",\"again\":{\"enum\":[\"refuse\",\"replace\"]}},\"required\":[\"merge\"],"                                 \
    "\"additionalProperties\":false}"

static const shaped mapping_keys[] = {
    { "dragoman", "{\"const\":\"mapping/1\"}" },
    { "mapping", REF("text") },
    { "wire", "{\"type\":\"object\"}" },
    { "model", REF("text") },
    { "params", "{\"type\":\"object\"}" },
    { "rules", "{\"type\":\"array\",\"items\":" REF("statement") "}" },
    { "checks", "{\"type\":\"array\",\"items\":" REF("check") "}" },
    { "fragments", "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"array\",\"items\":" REF("statement") "}}" },
    { "let", REF("named") },
    { "extends", REF("text") },
    { "document", "{\"anyOf\":[" SPLIT_DOCUMENT "," MERGED_DOCUMENT "]}" },
    { "partial", REF("text") },
    { NULL, NULL },
};
/* A place, a list of places, or the parts of a form: each a place, or a map with its place and what else is said of it. */
#define SIDE                                                                                                                       \
    "{\"anyOf\":[" REF("texts") ",{\"type\":\"object\",\"additionalProperties\":{\"anyOf\":[" REF(                                 \
        "text") ",{\"type\":\"object\","                                                                                           \
                "\"required\":[\"place\"]}]}}]}"
static const shaped statement_keys[] = {
    { "wire", SIDE },
    { "model", SIDE },
    { "as", REF("text") },
    { "codes", "{\"anyOf\":[" REF("text") ",{\"type\":\"object\",\"properties\":{\"table\":" REF("text") ",\"by\":" REF(
                   "named") "},\"required\":[\"table\"],\"additionalProperties\":false}]}" },
    { "fold",
      "{\"type\":\"object\",\"properties\":{\"width\":" REF(
          "texts") ",\"by\":{\"enum\":[\"word\",\"width\",\"line\"]},\"max\":" REF("text") "},\"additionalProperties\":false}" },
    { "is", REF("text") },
    { "else", "{\"enum\":[\"error\",\"warn\"]}" },
    { "default", "{\"anyOf\":[" REF("text") ",{\"type\":\"object\",\"required\":[\"value\"]}]}" },
    { "number", "{\"enum\":[\"order\",\"keep\"]}" },
    { "name", REF("text") },
    { "copies", REF("texts") },
    { "when", REF("text") },
    { "of", REF("text") },
    { "always", REF("truth") },
    { "only", "{\"enum\":[\"read\",\"write\"]}" },
    { "why", REF("text") },
    { "lose", REF("text") },
    { "scale", REF("text") },
    { "round", "{\"anyOf\":[{\"enum\":[\"half-up\",\"half-even\",\"down\"]},{\"type\":\"string\",\"pattern\":\"^=\"}]}" },
    { "currency", REF("text") },
    { "unit", REF("text") },
    { "each", "{\"type\":\"object\"}" },
    { "rules", "{\"type\":\"array\",\"items\":" REF("statement") "}" },
    { "use", REF("text") },
    { "ignore", "{\"type\":\"object\"}" },
    { "let", REF("named") },
    { "checks", "{\"type\":\"array\",\"items\":" REF("check") "}" },
    { NULL, NULL },
};
static const shaped case_keys[] = {
    { "title", REF("text") },
    { "input", "{\"anyOf\":[" REF("text") "," REF("file") "]}" },
    { "from", REF("text") },
    { "to", REF("text") },
    { "level", REF("text") },
    { "strict", REF("truth") },
    { "refused", REF("truth") },
    { "settings", REF("named") },
    { "params", REF("named") },
    { "output", "{\"anyOf\":[" REF("text") "," REF("file") ",{\"type\":\"array\",\"items\":{\"anyOf\":[" REF("text") "," REF(
                    "file") "]}}]}" },
    { "model", REF("places") },
    { "target", REF("places") },
    { "diagnostics", "{\"type\":\"array\",\"items\":" REF("text") "}" },
    { "residue", REF("text") },
    { "unsaid", REF("text") },
    { NULL, NULL },
};
static const shaped guide_keys[] = {
    { "dragoman", "{\"const\":\"guide/1\"}" },
    { "guide", REF("text") },
    { "title", REF("text") },
    { "format", REF("text") },
    { "message", REF("text") },
    { "places", "{\"type\":\"object\",\"additionalProperties\":" REF("place") "}" },
    { "rules", "{\"type\":\"array\",\"items\":" REF("rule") "}" },
    { NULL, NULL },
};
static const shaped layout_keys[] = {
    { "kind", "{\"enum\":[\"fixed\",\"delimited\",\"tokens\"]}" },
    { "unit", "{\"enum\":[\"bytes\",\"characters\"]}" },
    { "ends", REF("texts") },
    { "last-end", REF("truth") },
    { "trailing", "{\"enum\":[\"drop\",\"keep\"]}" },
    { "short", "{\"enum\":[\"refuse\",\"accept\"]}" },
    { "unknown", "{\"enum\":[\"refuse\",\"keep\",\"skip\"]}" },
    { "blank-lines", "{\"enum\":[\"refuse\",\"skip\"]}" },
    { "heading", "{\"enum\":[\"none\",\"names\"]}" },
    { "records", "{\"type\":\"array\",\"items\":" REF("record") "}" },
    { NULL, NULL },
};
static const shaped record_keys[] = {
    { "record", REF("text") },
    { "fields", "{\"type\":\"array\",\"items\":" REF("field") "}" },
    { "records", "{\"type\":\"array\",\"items\":" REF("record") "}" },
    { NULL, NULL },
};
static const shaped field_keys[] = {
    { "field", REF("text") },
    { "type", "{\"enum\":[\"text\",\"code\",\"id\",\"number\"]}" },
    { "class", "{\"enum\":[\"a\",\"n\",\"an\",\"x\"]}" },
    { "justify", "{\"enum\":[\"left\",\"right\"]}" },
    { "sign", "{\"enum\":[\"none\",\"leading\",\"trailing\",\"overpunch\",\"CR\",\"DB\",\"DB/CR\",\"CR/DB\"]}" },
    { "sum", REF("texts") },
    { "hash", REF("texts") },
    { "packed", "{\"enum\":[\"signed\",\"unsigned\",\"bare\"]}" },
    { "binary", "{\"enum\":[\"signed\",\"unsigned\",\"signed-little\",\"unsigned-little\"]}" },
    { "absent", "{\"enum\":[\"blank\",\"zero\",\"nines\"]}" },
    { "era", "{\"enum\":[\"common\",\"buddhist\",\"republic\",\"japanese\"]}" },
    { "check", "{\"enum\":[\"none\",\"container\",\"ship\",\"gtin\",\"air-waybill\"]}" },
    { "long", "{\"enum\":[\"refuse\",\"cut\"]}" },
    { "required", REF("truth") },
    { "empty", REF("truth") },
    { "upper", REF("truth") },
    { "whole-zero", REF("truth") },
    { "count", REF("texts") },
    { "flag", "{\"type\":\"array\",\"minItems\":2,\"maxItems\":2}" },
    { "values", "{\"type\":\"array\",\"items\":" REF("text") "}" },
    { "fields", "{\"type\":\"array\",\"items\":" REF("field") "}" },
    { NULL, NULL },
};
static const shaped no_keys[] = { { NULL, NULL } };

static const char *schema_of(const shaped *table, dgm_slice key)
{
    for (; table->key; table++)
        if (dgm_slice_is(key, table->key)) return table->schema;
    return "true";
}

/* "properties": one for each word. */
static void properties(cli_stream *s, const char *words, const shaped *table)
{
    cli_put(s, "\"properties\":{");
    for (dgm_slice rest = dgm_slice_of(words); rest.len;) {
        dgm_cut cut = dgm_slice_cut(rest, ' ');
        cli_put_json(s, cut.head);
        cli_print(s, ":%s%s", schema_of(table, cut.head), cut.tail.len ? "," : "");
        rest = cut.tail;
    }
    cli_put(s, "},\"additionalProperties\":false");
}

static void properties_of(cli_stream *s, const char *const *names, const shaped *table, const char *more)
{
    cli_print(s, "\"properties\":{%s", more);
    for (bool first = !*more; *names; names++, first = false) {
        if (!first) cli_put(s, ",");
        cli_put_json(s, dgm_slice_of(*names));
        cli_print(s, ":%s", schema_of(table, dgm_slice_of(*names)));
    }
    cli_put(s, "},\"additionalProperties\":false");
}

void schema_head(cli_stream *s, const char *id, const char *title)
{
    cli_print(s,
              "{\"$schema\":\"https://json-schema.org/draft/2020-12/"
              "schema\",\"$id\":\"urn:dragoman:%s\",\"title\":\"%s\",\"type\":\"object\",",
              id, title);
}

/* ---- the files ----------------------------------------------------------------------------------------------------------- */

static void of_mapping(cli *c)
{
    cli_stream *s = &c->out;
    schema_head(s, "mapping/1", "a mapping");
    properties_of(s, dgm_mapping_head_keys(), mapping_keys, "");
    cli_print(s,
              ",\"required\":[\"dragoman\",\"mapping\"],\"if\":{\"not\":{\"required\":[\"extends\"]}},"
              "\"then\":{\"required\":[\"wire\",\"model\"]},\"$defs\":{%s,\"statement\":{\"type\":\"object\",",
              definitions);
    properties_of(s, dgm_mapping_rule_keys(), statement_keys,
                  "\"id\":" REF("text") ",\"drop\":" REF("texts") ",\"with\":" REF("named"));
    cli_put(s, "},\"check\":{\"type\":\"object\",\"required\":[\"assert\",\"at\"]}}}\n");
}

static void of_case(cli *c)
{
    cli_stream *s = &c->out;
    schema_head(s, "case/1", "cases of a mapping");
    cli_print(
        s,
        "\"properties\":{\"dragoman\":{\"const\":\"case/1\"},\"from\":" REF("text") ",\"to\":" REF(
            "text") ",\"cases\":{\"type\":\"array\",\"items\":" REF("case") "}},\"additionalProperties\":false,\"required\":["
                                                                            "\"dragoman\",\"cases\"],\"$defs\":{%s,"
                                                                            "\"file\":{\"type\":\"object\",\"properties\":{"
                                                                            "\"file\":" REF(
                                                                                "text") "},\"required\":[\"file\"],"
                                                                                        "\"additionalProperties\":false},"
                                                                                        "\"places\":{\"anyOf\":[" REF(
                                                                                            "named") ",{\"type\":\"array\","
                                                                                                     "\"items\":" REF("named") "}]}"
                                                                                                                               ",\""
                                                                                                                               "cas"
                                                                                                                               "e\""
                                                                                                                               ":{"
                                                                                                                               "\"t"
                                                                                                                               "ype"
                                                                                                                               "\":"
                                                                                                                               "\"o"
                                                                                                                               "bje"
                                                                                                                               "ct"
                                                                                                                               "\""
                                                                                                                               ",",
        definitions);
    properties(s, map_case_keys, case_keys);
    cli_put(s, ",\"required\":[\"title\",\"input\"]}}}\n");
}

static void of_guide(cli *c)
{
    cli_stream *s = &c->out;
    schema_head(s, "guide/1", "an implementation guide");
    properties(s, dgm_edi_guide_head_keys, guide_keys);
    cli_print(s, ",\"required\":[\"dragoman\",\"guide\"],\"$defs\":{%s,\"place\":{\"type\":\"object\",", definitions);
    properties(s, dgm_edi_guide_entry_keys, no_keys);
    cli_put(s, "},\"rule\":{\"type\":\"object\",");
    properties(s, dgm_edi_guide_rule_keys, no_keys);
    cli_put(s, "}}}\n");
}

/* The settings of a codec: what each may be, and what it is about. */
static void settings(cli_stream *s, const dgm_option *o)
{
    cli_put(s, "{\"type\":\"object\",\"properties\":{");
    for (bool first = true; o && o->name; o++, first = false) {
        if (!first) cli_put(s, ",");
        cli_put_json(s, dgm_slice_of(o->name));
        cli_put(s, ":{\"description\":");
        cli_put_json(s, dgm_slice_of(o->help ? o->help : ""));
        cli_put(s, "}");
    }
    cli_put(s, "},\"additionalProperties\":false}");
}

static void of_partner(cli *c)
{
    cli_stream *s = &c->out;
    const dgm_codec *k = NULL;
    for (size_t i = 0; dgm_codecs[i]; i++)
        if (dgm_slice_is(dgm_slice_of(dgm_codecs[i]->name), "edifact")) k = dgm_codecs[i];
    schema_head(s, "partner/1", "the profile of a partner");
    cli_put(s, "\"properties\":{\"dragoman\":{\"const\":\"partner/1\"},\"partner\":" REF("text") ",\"title\":" REF(
                   "text") ",\"when\":{\"type\":\"object\",\"required\":[\"sender\"],"
                           "\"additionalProperties\":" REF("texts") "},\"limits\":" REF("named") ",\"reader\":");
    settings(s, k ? k->reader_options : NULL);
    cli_put(s, ",\"writer\":");
    settings(s, k ? k->writer_options : NULL);
    cli_put(s, ",\"ack\":");
    settings(s, k ? k->ack_options : NULL);
    cli_put(s, ",\"xml\":{\"type\":\"object\",\"properties\":{\"reader\":");
    settings(s, dgm_partner_xml_codec->reader_options);
    cli_put(s, ",\"writer\":");
    settings(s, dgm_partner_xml_codec->writer_options);
    cli_put(s, ",\"verify\":{\"type\":\"object\",\"required\":[\"trust\"],\"properties\":{\"trust\":" REF(
                   "text") ",\"allow\":{\"const\":\"sha1\"},\"others\":{\"enum\":[\"refused\",\"taken\"]}},"
                           "\"additionalProperties\":false},\"sign\":{\"type\":\"object\",\"required\":[\"key\",\"cert\"],"
                           "\"properties\":{\"key\":" REF("text") ",\"cert\":" REF("text") ",\"passphrase-from\":" REF(
                               "text") ",\"xades\":{\"enum\":[true,false,\"yes\",\"no\"]}},\"additionalProperties\":false}},"
                                       "\"additionalProperties\":false}");
    cli_print(s, "},\"additionalProperties\":false,\"required\":[\"dragoman\",\"partner\"],\"$defs\":{%s}}\n", definitions);
}

/* The words of two lists, those of both once. */
static const char *keys_of_both(cli *c, const char *one, const char *other)
{
    dgm_slice all = dgm_slice_of(one);
    for (dgm_slice rest = dgm_slice_of(other); rest.len && all.at;) {
        dgm_cut cut = dgm_slice_cut(rest, ' ');
        bool known = false;
        for (dgm_slice list = dgm_slice_of(one); list.len && !known;) {
            dgm_cut word = dgm_slice_cut(list, ' ');
            known = dgm_slice_equal(word.head, cut.head);
            list = word.tail;
        }
        if (!known) all = dgm_arena_print(&c->arena, "%.*s %.*s", (int)all.len, all.at, (int)cut.head.len, cut.head.at);
        rest = cut.tail;
    }
    return all.at ? all.at : one;
}

static void of_format(cli *c)
{
    cli_stream *s = &c->out;
    const dgm_codec *const *codecs = dgm_codec_set_list(c->codecs);
    bool first = true;
    schema_head(s, "format/1", "a wire format");
    cli_put(s, "\"properties\":{\"dragoman\":{\"const\":\"format/1\"},\"format\":" REF("text") ",\"title\":" REF(
                   "text") ",\"table\":" REF("text") ",\"names\":" REF("named") ",\"codec\":{\"enum\":[");
    for (size_t i = 0; codecs[i]; i++, first = false) cli_print(s, "%s\"%s\"", first ? "" : ",", codecs[i]->name);
    cli_put(s, "]}");
    for (size_t i = 0; codecs[i]; i++)
        for (const dgm_option *o = codecs[i]->format_options; o && o->name; o++) {
            if (strchr(o->name, '*') || strchr(o->name, '.')) continue;
            cli_print(s, ",\"%s\":{\"description\":", o->name);
            cli_put_json(s, dgm_slice_of(o->help ? o->help : ""));
            cli_put(s, "}");
        }
    cli_put(s, ",\"layout\":{\"description\":\"records of flat files\",\"type\":\"object\",");
    properties(s, dgm_flat_layout_keys, layout_keys);
    cli_put(s, ",\"required\":[\"kind\",\"records\"]}");
    cli_print(s, "},\"required\":[\"dragoman\",\"format\",\"codec\"],\"$defs\":{%s,\"record\":{\"type\":\"object\",", definitions);
    properties(s, dgm_flat_record_keys, record_keys);
    cli_put(s, ",\"required\":[\"record\"]},\"field\":{\"type\":\"object\",");
    properties(s, keys_of_both(c, dgm_flat_field_keys, dgm_flat_token_keys), field_keys);
    cli_put(s, "}}}\n");
}

static const struct kind {
    const char *name;
    void (*make)(cli *c);
    const char *what;
} kinds[] = {
    { "mapping", of_mapping, "files of mappings/rules/" },
    { "case", of_case, "their cases, NAME.case.yaml" },
    { "guide", of_guide, "implementation guides" },
    { "partner", of_partner, "profiles of partners" },
    { "format", of_format, "wire formats" },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* ---- the command --------------------------------------------------------------------------------------------------------- */

static void list(cli *c)
{
    cli_stream *s = &c->out;
    for (size_t i = 0; i < KINDS; i++) {
        if (c->json)
            cli_print(s, "{\"schema\":\"%s\",\"of\":\"%s\"}\n", kinds[i].name, kinds[i].what);
        else
            cli_print(s, "%-16s %s\n", kinds[i].name, kinds[i].what);
    }
    for (size_t i = 0; i < c->context->model_count; i++) {
        dgm_slice name = dgm_shape_name(c->context->models[i].shape);
        if (c->json)
            cli_print(s, "{\"schema\":\"%.*s\",\"of\":\"documents\"}\n", (int)name.len, name.at);
        else
            cli_print(s, "%-16.*s documents as JSON\n", (int)name.len, name.at);
    }
}

cli_exit cli_run_schema(cli *c)
{
    dgm_slice name = c->args.input_count ? c->args.inputs[0] : DGM_LITERAL("list");
    for (size_t i = 0; i < KINDS; i++)
        if (dgm_slice_is(name, kinds[i].name)) {
            kinds[i].make(c);
            return CLI_DONE;
        }
    cli_exit code = cli_context_whole(c);
    if (code != CLI_DONE) return code;
    if (dgm_slice_is(name, "list")) {
        list(c);
        return CLI_DONE;
    }
    for (size_t i = 0; i < c->context->model_count; i++) {
        if (!dgm_slice_equal(name, dgm_shape_name(c->context->models[i].shape))) continue;
        schema_document(&c->out, c->context->models[i].shape);
        return CLI_DONE;
    }
    dgm_slice near = cli_nearest_word(name, "mapping case guide partner format list");
    return cli_usage(c, "there is no schema of '%.*s'%s%.*s (dragoman schema list)", (int)name.len, name.at,
                     near.len ? "; did you mean " : "", (int)near.len, near.at ? near.at : "");
}
