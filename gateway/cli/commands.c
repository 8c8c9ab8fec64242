/* SPDX-License-Identifier: Apache-2.0
 *
 * commands.c - the one table of options and the one table of commands. Parser, --help, the manual pages and "did you mean" are made
 * from them, so they cannot disagree. Constant; any thread.
 */
#include "cli.h"

const cli_option cli_options[OPT_COUNT] = {
    [OPT_TO] = { "to", NULL, 't', false, "FORMAT", NULL, NULL,
                 "Format to write, as `dragoman formats` names it; json is the canonical document, and a document's "
                 "name (Declaration@1) that document as JSON." },
    [OPT_FROM] = { "from", NULL, 'f', false, "FORMAT", "found from the first bytes", NULL, "Format or codec of the input." },
    [OPT_OUTPUT] = { "output", NULL, 'o', false, "FILE|DIR/", "standard output", NULL,
                     "Where documents go: one file, or a folder (an existing one, or a name ending in /) in which every document "
                     "becomes a file. "
                     "A file appears under its name only when it is whole and on disk." },
    [OPT_IN] = { "in", NULL, 'i', false, "DIR", NULL, NULL, "Folder to watch." },
    [OPT_OUT] = { "out", NULL, 0, false, "DIR", NULL, NULL, "Folder that receives the translated documents." },
    [OPT_BAD] = { "bad", NULL, 0, false, "DIR", "bad/ in the watched folder", NULL,
                  "Folder for files that were refused, each with its diagnostics beside it. On the same file system as --in." },
    [OPT_ONCE] = { "once", NULL, 0, false, NULL, NULL, NULL, "Deliver what is there now, then end." },
    [OPT_KEEP] = { "keep", NULL, 0, false, NULL, NULL, NULL, "Keep delivered inputs in .done/ of the watched folder." },
    [OPT_NO_RELOAD] = { "no-reload", NULL, 0, false, NULL, NULL, NULL,
                        "Go on with the mappings as they are now, whatever becomes of their files." },
    [OPT_AS_IT_CAME] = { "keep", NULL, 'k', false, NULL, NULL, NULL,
                         "Byte for byte as the sender wrote it; only messages that were refused, and the counts that have them in, "
                         "are not." },
    [OPT_SCAN] = { "scan", NULL, 0, false, "SECONDS", "2", NULL,
                   "How often the folder is looked through besides what the kernel tells; also how long a file found this way must "
                   "stay unchanged "
                   "before it is taken." },
    [OPT_MODEL] = { "model", NULL, 'm', false, NULL, NULL, NULL,
                    "Show the canonical document that the message becomes, instead of the message." },
    [OPT_EMPTY] = { "empty", NULL, 0, false, NULL, NULL, NULL, "Show elements that are present without a value, too." },
    [OPT_STRICT] = { "strict", NULL, 0, false, NULL, NULL, NULL, "Refuse a message when any of its values would be lost." },
    [OPT_LEVEL] = { "level", NULL, 'l', false, "syntax|directory|advice|codes|guide|schema",
                    "advice for validate, codes for ack, else directory", "syntax directory advice codes guide schema",
                    "Which rules an EDIFACT input must keep. syntax: those of ISO 9735 alone; directory: also those of its "
                    "directory (order, occurrences, lengths, representations); codes: also code lists and check digits; guide: "
                    "also "
                    "those of the implementation guide that fits. advice: as directory, and what is wrong with codes is a "
                    "warning. schema: XML documents, those that are read and those that are written, must be valid against the XML "
                    "Schema that their format names (--schemas), too; EDIFACT is held to what is usual." },
    [OPT_GUIDE] = { "guide", NULL, 'g', false, "NAME|auto", NULL, NULL,
                    "Hold messages against this implementation guide (`dragoman guide list`), or against the one that fits: by "
                    "association code, sender and version. The level is then guide, unless --level says otherwise." },
    [OPT_READ] = { "read", NULL, 'r', false, NULL, NULL, NULL,
                   "Read acknowledgements that came instead, and tell what they say; as JSON, one object for each." },
    [OPT_OF] = { "of", NULL, 0, false, "FILE", NULL, NULL,
                 "With --read: the interchange that is answered, so that segments in error can be named." },
    [OPT_APERAK] = { "aperak", NULL, 0, false, NULL, NULL, NULL,
                     "Answer what was refused although its syntax is right, by APERAK messages; as --set ack.answer=aperak." },
    [OPT_ANSWER] = { "answer", NULL, 0, false, "KIND", NULL, NULL,
                     "What to answer with: contrl (the usual), aperak, or what customs answers to a declaration, in a format that "
                     "is made of "
                     "a Response: cusres (CUSRES D.96B), response (WCO XML), json, or the name of another such format." },
    [OPT_SEEN] = { "seen", NULL, 0, false, "FILE", NULL, NULL,
                   "Register of the interchanges that were taken: one that is in it is a duplicate and rejected (26); those "
                   "answered "
                   "now and not rejected are added when the answers are in place. It need not be there yet." },
    [OPT_STORE] = { "store", NULL, 0, false, "DIR", "parts wait as long as the command runs", NULL,
                    "Folder where parts of documents wait for the others, over runs and for several processes at once "
                    "(`document: {merge: …}` of a mapping); it is made when it is not there. What waits is told at the end, and by "
                    "`dragoman store list`." },
    [OPT_ALL] = { "all", NULL, 'a', false, NULL, NULL, NULL, "Those that are written, too." },
    [OPT_COUNTER] = { "counter", NULL, 0, false, "FILE", NULL, NULL,
                      "Take control references from this file, which keeps the last number given to each recipient: no two "
                      "interchanges "
                      "get the same, whichever run or process writes them. --set writer.reference=AB0001 says how they look and "
                      "where "
                      "they begin, --set \"writer.counted=interchanges groups messages\" what else is counted. The file need not "
                      "be "
                      "there yet." },
    [OPT_EXPLAIN] = { "explain", NULL, 0, false, NULL, NULL, NULL,
                      "Tell on standard error, for each value written, the rule and the input bytes it came from." },
    [OPT_ACCOUNTS] = { "accounts", NULL, 0, false, "on|off", "on", "on off",
                       "Account for every value: what no rule reads, and what the target cannot say, is warned of." },
    [OPT_SET] = { "set", NULL, 's', true, "NAME=VALUE", NULL, NULL,
                  "A setting of the reader or writer, such as writer.line-breaks=yes. `dragoman formats --settings` lists them." },
    [OPT_SETTINGS] = { "settings", NULL, 0, false, NULL, NULL, NULL,
                       "List the settings that readers and writers take with --set." },
    [OPT_PARAM] = { "param", NULL, 'p', true, "NAME=VALUE", NULL, NULL, "A parameter of the mapping." },
    [OPT_LIMIT] = { "limit", NULL, 0, true, "NAME=NUMBER", NULL, NULL,
                    "A limit on what an input may cost: message-bytes, segment-bytes, nodes, depth, attributes, name-bytes, "
                    "kinds-bytes, diagnostics, store-bytes, document-bytes (XML with signatures). K, M and G "
                    "behind a number multiply it by 1024." },
    [OPT_THREADS] = { "threads", NULL, 'T', false, "NUMBER", "one for each processor, at most 8", NULL,
                      "How many threads may work on small inputs, or on the messages of a large one. What comes out, and its "
                      "order, is the same." },
    [OPT_MAPPINGS] = { "mappings", NULL, 0, false, "DIR", "$DRAGOMAN_MAPPINGS, else what came with the command", NULL,
                       "Folder of vocabularies, formats and rules." },
    [OPT_CODECS] = { "codecs", NULL, 0, false, "DIR", "lib/dragoman/codecs of where it is installed, if it is there", NULL,
                     "Folder of codecs that were built elsewhere: every file in it that ends in .so is loaded (`dragoman codec "
                     "list`)." },
    [OPT_PARTNER] = { "partner", NULL, 0, false, "NAME|auto|none", "auto", NULL,
                      "Whose profile holds (`dragoman partner list`): settings for what is read, written and answered, beneath "
                      "those "
                      "of --set, --level and --limit. auto: for each EDIFACT interchange the one that fits its header, for each "
                      "XML document, where a profile speaks of such, the one that fits who it says it is from; it is told." },
    [OPT_PARTNERS] = { "partners", NULL, 0, false, "DIR", "partners/ of the mappings", NULL, "Folder of the profiles." },
    [OPT_MAPPING] = { "mapping", NULL, 'M', true, "FILE", NULL, NULL,
                      "A mapping to be tried: it takes the place of the one that --mappings has for its format. The name of one "
                      "that is in "
                      "the folder will do." },
    [OPT_BLESS] = { "bless", NULL, 0, false, NULL, NULL, NULL,
                    "Write what comes into the files that cases name as their outputs. Read them before you keep them." },
    [OPT_HTML] = { "html", NULL, 0, false, NULL, NULL, NULL, "A page of HTML instead of Markdown." },
    [OPT_CHECK] = { "check", NULL, 0, false, NULL, NULL, NULL, "Change no file; tell which are not tidy." },
    [OPT_AGAIN] = { "watch", NULL, 'w', false, NULL, NULL, NULL,
                    "Run the cases of `map test` again whenever a file of the mappings, of their folder or of this one is saved, "
                    "until it is stopped." },
    [OPT_SEED] = { "seed", NULL, 0, false, "NUMBER", "1", NULL,
                   "What the documents of `map laws`, and the damage of `codec check`, are made of: the same number, the same." },
    [OPT_RUNS] = { "runs", NULL, 0, false, "NUMBER", "300", NULL, "How often `codec check` damages each sample." },
    [OPT_SECONDS] = { "seconds", NULL, 0, false, "NUMBER", "60", NULL,
                      "How long one step of `codec check` may take before it is told that it hangs." },
    [OPT_DOCUMENTS] = { "count", NULL, 'n', false, "NUMBER", "1000", NULL,
                        "How many documents `map laws` makes for each mapping." },
    [OPT_SOURCE] = { "source", NULL, 0, true, "FILE...", NULL, NULL,
                     "For `map infer`: messages as they come, one file or several, up to the next option." },
    [OPT_TARGET] = { "target", NULL, 0, true, "FILE...", NULL, NULL,
                     "For `map infer`: what was made of them by other means, in the same order." },
    [OPT_NAME] = { "name", NULL, 0, false, "NAME", "what the files say", NULL,
                   "Name of what is made. Of a directory: version and release as UNH has them, such as D.25A." },
    [OPT_ROOT] = { "root", NULL, 0, false, "ELEMENT", "the one that no other refers to", NULL,
                   "For `format import`: the element that documents begin with." },
    [OPT_PAYLOAD] = { "payload", NULL, 0, false, "ELEMENT", NULL, NULL,
                      "For `format import`: the element that goes where the root's schema lets other vocabularies in: what its "
                      "envelope is around." },
    [OPT_SCHEMAS] = { "schemas", NULL, 0, false, "FOLDER[:FOLDER...]", NULL, NULL,
                      "Folders with the XML Schemas that formats name, for --level schema; those of the mappings are looked in "
                      "last. "
                      "For `format import`: folders that schemas may be read from, beside those of the schemas named." },
    [OPT_ROWS] = { "rows", NULL, 0, false, "NUMBER", "20000", NULL,
                   "For `format import`: how many elements and attributes are laid out at most; whole levels only." },
    [OPT_DEPTH] = { "depth", NULL, 0, false, "NUMBER", "32", NULL, "For `format import`: how many levels of elements at most." },
    [OPT_BASE] = { "base", NULL, 0, false, "DIRECTORY", NULL, NULL, "Directory that has whatever the files do not say." },
    [OPT_AGENCY] = { "agency", NULL, 0, false, "CODE", "any", NULL,
                     "Controlling agency (0051) whose messages are of the directory that is made." },
    [OPT_REASON] = { "reason", NULL, 0, false, "CODE", NULL, NULL, "Why: ChangeReasonCode of each Amendment that is made." },
    [OPT_FUNCTION] = { "function", NULL, 0, false, "CODE", "13", NULL, "FunctionCode of the message that is made." },
    [OPT_TYPE] = { "type", NULL, 0, false, "CODE", "COR", NULL, "TypeCode of the message that is made." },
    [OPT_REFERENCE] = { "reference", NULL, 0, false, "TEXT", "that of the document", NULL,
                        "FunctionalReferenceID of the message that is made." },
    [OPT_KEY] = { "key", NULL, 0, false, "FILE", NULL, NULL,
                  "Private key in PEM: RSA of 2048 bits or more, or EC on P-256, P-384 or P-521." },
    [OPT_CERT] = { "cert", NULL, 0, false, "FILE", NULL, NULL,
                   "Certificates in PEM: the signer's, then those that lead to its authority." },
    [OPT_PASSPHRASE] = { "passphrase-from", NULL, 0, false, "FILE|fd:NUMBER", NULL, NULL,
                         "Where the passphrase of the private key is: the first line of a file, or of an open descriptor. It is "
                         "that of the keys that profiles of partners name, too, where they name no file it is in." },
    [OPT_XADES] = { "xades", NULL, 0, false, NULL, NULL, NULL,
                    "Sign as XAdES baseline B-B has it: time and certificate are signed, too." },
    [OPT_TRUST] = { "trust", NULL, 0, false, "FILE", NULL, NULL,
                    "Certificates in PEM of those who are trusted: authorities, or partners themselves. Revocation lists (CRL) in "
                    "it are asked about signers. Without it nobody is, and nothing is genuine." },
    [OPT_AT] = { "at", NULL, 0, false, "TIME", "now", NULL,
                 "When certificates have to be valid, in UTC: 2026-11-22 or 2026-11-22T15:04:00Z." },
    [OPT_ALLOW] = { "allow", NULL, 0, false, "sha1", NULL, "sha1",
                    "Take signatures and digests with SHA-1, which can be forged, all the same." },
    [OPT_VERIFY_TRUST] = { "verify-trust", NULL, 0, false, "FILE", NULL, NULL,
                           "Take only XML documents with a genuine signature that covers them as a whole, by somebody whom these "
                           "certificates (PEM) vouch for, as `dragoman verify --trust` tells; what comes in another syntax is "
                           "refused." },
    [OPT_SIGN_KEY] = { "sign-key", NULL, 0, false, "FILE", NULL, NULL,
                       "Sign each XML document that is written with this private key, as `dragoman sign --key` does." },
    [OPT_SIGN_CERT] = { "sign-cert", NULL, 0, false, "FILE", NULL, NULL, "Certificates for --sign-key." },
    [OPT_FORMAT] = { "format", NULL, 0, false, "text|json", "text", "text json",
                     "How diagnostics (and what the command itself prints) are written: for people, or one JSON object a line." },
    [OPT_COLOUR] = { "colour", "color", 0, false, "auto|always|never", "auto", "auto always never",
                     "Colour; auto means on a terminal, unless NO_COLOR is set." },
    [OPT_QUIET] = { "quiet", NULL, 'q', false, NULL, NULL, NULL, "Say nothing but errors: no warnings, no summary, no progress." },
    [OPT_MAN] = { "man", NULL, 0, false, NULL, NULL, NULL, "Print the manual page of the command (or of diagnostics) in roff." },
    [OPT_MAN_TO] = { "man-to", NULL, 0, false, "DIR", NULL, NULL, "Write every manual page into a folder." },
    [OPT_CRASH_AT] = { "crash-at", NULL, 0, false, "POINT", NULL, NULL, "End as if killed at a named point (test builds only)." },
    [OPT_HELP] = { "help", NULL, 'h', false, NULL, NULL, NULL, "Show this help." },
};

const char *const cli_exit_texts[5] = {
    "Done.",
    "An input was refused: it breaks its standard or a rule of its message. What was good in it has still been translated.",
    "Wrong usage: an unknown option, a missing argument.",
    "The surroundings or the configuration failed: a file cannot be read or written, the disk is full, a mapping is wrong.",
    "A defect of dragoman. Please report it.",
};

#define COMMON OPT_FORMAT, OPT_COLOUR, OPT_HELP

const cli_command cli_commands[] = {
    { .name = "translate",
      .summary = "translate documents from one standard to another",
      .arguments = "INPUT...",
      .text = "Reads each input (- is standard input), finds out what it is, and writes it in the format asked for. Documents go "
              "to standard "
              "output or to --output, diagnostics to standard error.\n"
              "Messages are independent: one that is refused is told of and left out, the others are translated. Nothing is lost "
              "silently: a "
              "value that no rule reads, or that the target has no place for, is warned of, and --strict refuses its message.",
      .examples = "dragoman translate declaration.edi --to wco-declaration\nCUSDEC to WCO XML on standard output\n"
                  "dragoman translate declaration.xml --to cusdec-d96b -o declaration.edi\nand back, into a file\n"
                  "dragoman translate *.edi --to json -o out/\nthe canonical documents, one file each\n",
      .inputs_min = 1,
      .inputs_max = UINT32_MAX,
      .run = cli_run_translate,
      .needed = { OPT_TO, OPT_HELP },
      .options = {
#ifdef DGM_TESTING
          OPT_CRASH_AT,
#endif
          OPT_TO, OPT_FROM, OPT_OUTPUT, OPT_COUNTER, OPT_STORE, OPT_STRICT, OPT_EXPLAIN, OPT_ACCOUNTS, OPT_LEVEL, OPT_GUIDE,
          OPT_SCHEMAS, OPT_SET, OPT_PARAM, OPT_VERIFY_TRUST, OPT_AT, OPT_ALLOW, OPT_SIGN_KEY, OPT_SIGN_CERT,
          OPT_PASSPHRASE, OPT_XADES,
                   OPT_LIMIT, OPT_THREADS, OPT_MAPPINGS, OPT_CODECS, OPT_MAPPING, OPT_PARTNER, OPT_PARTNERS, OPT_QUIET, COMMON } },
    { .name = "inspect",
      .summary = "show messages as a person wants to read them",
      .arguments = "INPUT...",
      .text =
          "Shows envelope, segments or elements with their names, values with the meaning of their codes, groups indented, and "
          "every diagnostic at the place it is about. What secures an interchange or a functional group of EDIFACT (USH to UST) "
          "is shown before or behind its messages. With --format json each message is an object on a line, its nodes under "
          "`tree`; so is each of those segments, which has `envelope` (`interchange` or `group`) beside it.",
      .examples = "dragoman inspect declaration.edi\nread a message\ndragoman inspect --model declaration.edi\n"
                  "read it in the terms of the canonical model\n",
      .inputs_min = 1,
      .inputs_max = UINT32_MAX,
      .run = cli_run_inspect,
      .needed = { OPT_HELP },
      .options = { OPT_FROM, OPT_MODEL, OPT_EMPTY, OPT_GUIDE, OPT_SET, OPT_PARAM, OPT_LIMIT, OPT_MAPPINGS, OPT_CODECS, OPT_MAPPING,
                   OPT_PARTNER, OPT_PARTNERS, COMMON } },
    { .name = "validate",
      .summary = "check messages against their standard, mapping and model",
      .arguments = "INPUT...",
      .text = "Prints what is wrong as compilers do (place, text, the line, a caret) and a summary. The input is accepted (exit "
              "code 0) when there is "
              "no error in it, refused (1) when there is one.",
      .examples = "dragoman validate declaration.edi\ncheck one file\n"
                  "dragoman validate --level codes declaration.edi\nrefuse it for an unknown code, too\n"
                  "dragoman validate --level schema --schemas wco/ declaration.xml\nhold XML against its XML Schema, too\n"
                  "dragoman validate --guide cusdec-d96b-import declaration.edi\nhold it against an implementation guide\n"
                  "dragoman validate --format json - <declaration.edi\ndiagnostics for a program\n",
      .inputs_min = 1,
      .inputs_max = UINT32_MAX,
      .run = cli_run_validate,
      .needed = { OPT_HELP },
      .options = { OPT_FROM, OPT_LEVEL, OPT_STRICT, OPT_ACCOUNTS, OPT_GUIDE, OPT_SCHEMAS, OPT_SET, OPT_PARAM,
                   OPT_VERIFY_TRUST, OPT_AT, OPT_ALLOW, OPT_LIMIT, OPT_THREADS, OPT_MAPPINGS, OPT_CODECS, OPT_PARTNER,
                   OPT_PARTNERS, OPT_QUIET, COMMON } },
    { .name = "sign",
      .summary = "sign XML documents (XMLDSig, XAdES)",
      .arguments = "FILE...",
      .text = "Writes each document with an enveloped signature as the last thing in its root element; every other byte is as it "
              "was. Exclusive XML Canonicalization, SHA-256, RSA or ECDSA by the kind of the key; the certificates go with it. "
              "With --xades the time and the certificate are signed, too, as the baseline B-B of EN 319 132-1 has it.\n"
              "A document that is signed already is refused: another signature in it would break the first.",
      .examples = "dragoman sign --key my.key --cert my.pem declaration.xml -o signed.xml\nan enveloped signature\n"
                  "dragoman sign --key my.key --cert my.pem --xades --passphrase-from fd:3 d.xml 3<secret\nXAdES, with a key that "
                  "has a passphrase\n",
      .inputs_min = 1,
      .inputs_max = UINT32_MAX,
      .run = cli_run_sign,
      .needed = { OPT_KEY, OPT_CERT, OPT_HELP },
      .options = { OPT_KEY, OPT_CERT, OPT_PASSPHRASE, OPT_XADES, OPT_OUTPUT, OPT_LIMIT, OPT_QUIET, COMMON } },
    { .name = "verify",
      .summary = "tell whether signed XML documents are genuine, and who signed what",
      .arguments = "FILE...",
      .text =
          "A document is genuine (exit code 0) when each signature in it holds, a trusted certificate vouches for whoever made it, "
          "and one of them covers the whole document; else it is not (1), and each reason is told. What is told of a signature: "
          "who made it, by which certificate, who vouches for that, which elements it covers, when it was made, and the "
          "algorithms.\n"
          "Nothing that a sender could use to have one thing signed and another one read is taken: references must be to the whole "
          "document or to one element by an Id that no other has; transforms must be enveloped-signature and Canonical XML; there "
          "must be no DOCTYPE, no Signature in another one, no Object that is not covered. RSA and ECDSA with SHA-256 and better "
          "are taken. A key in the document is worth what its certificate is: its chain must lead to those of --trust, and be "
          "valid at the time of --at. Nothing is fetched; revocation is known from lists in --trust only.",
      .examples = "dragoman verify --trust customs-ca.pem declaration.xml\nis it genuine?\n"
                  "dragoman verify --trust ca.pem --at 2026-03-01 --format json *.xml\nwas it then? one object for each file\n",
      .inputs_min = 1,
      .inputs_max = UINT32_MAX,
      .run = cli_run_verify,
      .needed = { OPT_HELP },
      .options = { OPT_TRUST, OPT_AT, OPT_ALLOW, OPT_LIMIT, OPT_QUIET, COMMON } },
    { .name = "ack",
      .summary = "answer interchanges: acknowledge or reject them",
      .arguments = "INPUT...",
      .text =
          "Reads each EDIFACT interchange with all checks and writes the CONTRL that answers it: acknowledged, rejected, or only "
          "received when the partner asked for just that, with a code and the place (segment, element, component) of each error, "
          "in the form of the syntax version it came in. What a CONTRL has no room for is told on standard error, as are all "
          "diagnostics. No CONTRL is answered by another.\n"
          "Without --level it is the level codes that holds here (with --aperak: directory), so that a partner is told of all that "
          "is "
          "wrong. Where codes of a national list are agreed, --level advice lets them pass, or better a guide that names them.\n"
          "Settings ack.NAME (with --set) say when and how to answer, and what was agreed with partners: whose interchanges are "
          "received for whom, which messages, how old they may be, whether tests are. `dragoman formats --settings` lists them.\n"
          "With --aperak (or --set ack.answer=both) each document is also held against its mapping and the model, and an APERAK "
          "names "
          "those that are refused, with codes of mappings/codes/application-errors.yaml.\n"
          "With --answer cusres (or response, json, FORMAT) each document is answered as customs does: accepted, or rejected with "
          "an error "
          "for each problem, which says its code (of the same table), its words, and where in the declaration it is; in CUSRES as "
          "an error "
          "point in the terms of CUSDEC, too. Messages that become no document, and answers, are not answered.\n"
          "With --read it is the other way round: a CONTRL or an APERAK that a partner sent is told in words, or as JSON.",
      .examples =
          "dragoman ack arrived.edi -o answer.edi\nexit code 1 when something is rejected\n"
          "dragoman ack arrived.edi --answer cusres -o answer.edi\nwhat customs answers to each declaration, accepted or rejected\n"
          "dragoman ack arrived.edi --set ack.recipients=CUSTOMS --set ack.reference=4711\nrefuse what is not for us; with a "
          "control reference of our own\n",
      .inputs_min = 1,
      .inputs_max = UINT32_MAX,
      .run = cli_run_ack,
      .needed = { OPT_HELP },
      .options = { OPT_READ, OPT_OF, OPT_APERAK, OPT_ANSWER, OPT_SEEN, OPT_COUNTER, OPT_FROM, OPT_OUTPUT, OPT_LEVEL, OPT_GUIDE,
                   OPT_SET, OPT_LIMIT, OPT_THREADS, OPT_MAPPINGS, OPT_CODECS, OPT_PARTNER, OPT_PARTNERS, OPT_QUIET, COMMON } },
    { .name = "rewrite",
      .summary = "write messages again in their own standard, normalised or as they came",
      .arguments = "INPUT...",
      .text =
          "Reads each input with all checks of its standard and writes what is right: any UN/EDIFACT message of any directory, in "
          "any syntax version, without a format file or a mapping; XML and JSON documents of the formats that are there.\n"
          "Normalised, which is what happens without --keep, an EDIFACT interchange has the usual service characters and no line "
          "breaks, no empty elements at the end of segments, `.` for a decimal mark, and counts that are right; headers and "
          "references are those that came. Settings writer.NAME (with --set) change that: another syntax version, sender or "
          "recipient, references counted from a given one, line breaks, groups, a most number of messages an interchange. "
          "`dragoman formats --settings` lists them. Each interchange is an output.\n"
          "Messages that are refused are told of and left out. What is written is accepted by validate.",
      .examples = "dragoman rewrite arrived.edi --set writer.line-breaks=yes\nto look at it, or to compare two\n"
                  "dragoman rewrite --keep arrived.edi -o good.edi\nleave out what is wrong, and nothing else\n"
                  "dragoman rewrite many.edi --set writer.messages-per-interchange=100 --set writer.reference=4711 -o out/\n"
                  "a hundred messages a file, with references of our own\n",
      .inputs_min = 1,
      .inputs_max = UINT32_MAX,
      .run = cli_run_rewrite,
      .needed = { OPT_HELP },
      .options = { OPT_FROM, OPT_OUTPUT, OPT_AS_IT_CAME, OPT_COUNTER, OPT_LEVEL, OPT_GUIDE, OPT_SCHEMAS, OPT_SET, OPT_LIMIT,
                   OPT_THREADS, OPT_MAPPINGS, OPT_CODECS, OPT_PARTNER, OPT_PARTNERS, OPT_QUIET, COMMON } },
    { .name = "formats",
      .summary = "list what can be read and written, and by which mapping",
      .arguments = "",
      .text = "A format with a mapping is translated to and from its model, and so to and from every other format of that model.",
      .examples = "dragoman formats\nthe table\ndragoman formats --settings\nwhat --set may set\n",
      .run = cli_run_formats,
      .needed = { OPT_HELP },
      .options = { OPT_SETTINGS, OPT_MAPPINGS, OPT_CODECS, COMMON } },
    { .name = "map",
      .summary = "work on mappings: check them, run their cases, print their table, compare two",
      .arguments = "lint [FILE...] | test [FILE|FOLDER...] | doc [FILE...] | diff OLD NEW SAMPLE... | new | explain MESSAGE "
                   "[PLACE] | coverage MAPPING SAMPLE... | laws [FILE...] | infer --source FILE... --target FILE... | fmt FILE...",
      .text =
          "lint tells every mistake of mapping files at once, each with its line, a caret and the nearest name: places that their "
          "format or model does not have, rules that write one place, code tables, mandatory places that nothing writes. "
          "Without a file it is the whole folder of the mappings. Here and below the name of a mapping of the folder will do "
          "for its file.\n"
          "test runs cases: inputs, and what must come of them, in files NAME.case.yaml beside the mapping NAME.yaml "
          "(mappings/README.md tells how they are written). A FILE is a mapping or a file of cases; without one it is all "
          "of them. What differs is shown line by line. The clock stands still, so that outputs are the same each time. "
          "With --watch they run again whenever a file is saved.\n"
          "doc prints a mapping as the table that both sides sign: each place with its name, and what happens to the value on the "
          "way; as Markdown, with --html, or as JSON. The digest in it names this very mapping.\n"
          "diff tells what a change does to real messages: each sample goes through OLD and through NEW, and the canonical "
          "documents "
          "(with --to also what is written) are compared place by place. The exit code is 1 when anything differs.\n"
          "new prints the first file of a mapping between the format --from and the model --to, with every place that must not be "
          "missing on either side, and what the other side knows under the same number.\n"
          "explain tells the way of each value that comes of a message (of the canonical document, or with --to of what is "
          "written), or of those at PLACE: the rule, the conversions, and the bytes of the input. PLACE may be a pointer of the "
          "WCO Data "
          "Model, as an answer names what is wrong: '42A 67A 68A#2 23A/137'. When nothing is at PLACE: which "
          "rules could have written it, and what each of them lacked; the exit code is then 1.\n"
          "coverage tells which rules, places and codes of a mapping the samples exercise and which of their values no rule takes: "
          "as a table, as JSON, or with --html as a page with both trees and a line for each rule. Samples in its wire format are "
          "read, others mapped to its model and written.\n"
          "laws makes documents of the model by chance, writes each and reads it again: what was said must come back, nothing may "
          "be "
          "left unread, and what was read must be written as it was. A document that breaks a law is cut down to the smallest "
          "that still does, and shown with its bytes.\n"
          "Where amendments can be said, each document is also made into another: what a base becomes by the message that "
          "was written and read must be the other one.\n"
          "With --output DIR/ each document that holds is kept there, as NAME-SEED.json and as it was written.\n"
          "infer proposes a mapping from a few messages and what was made of them by other means: values that are equal, or equal "
          "as "
          "dates, numbers, amounts, texts in pieces, codes that change together; lists that go side by side become an each. One "
          "side "
          "must be canonical documents (JSON), or of a format that has a mapping already; the mapping is for the other one. Every "
          "rule "
          "has its evidence behind it, what is less sure than 60 % or not allowed is a comment with the reason. With --output FILE "
          "code tables (and a format that no file has yet) are written too: into the folders of the mappings when FILE stands in "
          "its "
          "rules/, else beside FILE. Five pairs that differ from each other are better than fifty alike.\n"
          "fmt tidies files in place: indentation, blanks, empty lines; comments stay, and so does what the file means, which is "
          "read "
          "before and after. With --check nothing is written, and the exit code is 1 when a file is not tidy.",
      .examples = "dragoman map lint my-customs.yaml\nis it right?\n"
                  "dragoman map test my-customs.yaml\ndoes it do what it should?\n"
                  "dragoman map test --watch my-customs.yaml\nand while it is written?\n"
                  "dragoman translate in.edi --to json --mapping my-customs.yaml\ntry it, wherever it stands\n"
                  "dragoman map doc --html my-customs.yaml >my-customs.html\nthe paper for the partner\n"
                  "dragoman map diff my-customs.yaml new.yaml archive/*.edi\nwhat would change?\n"
                  "dragoman map explain in.edi GoodsShipment/Consignee/Name\nwhere is it from, or why is it not there?\n"
                  "dragoman map coverage --html my-customs.yaml archive/*.edi >coverage.html\nwhat do the samples not try?\n"
                  "dragoman map laws my-customs.yaml --count 10000\ndo all documents come back?\n"
                  "dragoman map infer --source a.edi b.edi --target a.xml b.xml -o mine.yaml\na first mapping from examples\n",
      .inputs_max = UINT32_MAX,
      .run = cli_run_map,
      .needed = { OPT_HELP },
      .options = { OPT_BLESS, OPT_HTML, OPT_CHECK, OPT_AGAIN, OPT_SEED, OPT_DOCUMENTS, OPT_SOURCE, OPT_TARGET, OPT_NAME, OPT_OUTPUT,
                   OPT_FROM, OPT_TO, OPT_SET, OPT_PARAM, OPT_LIMIT, OPT_MAPPINGS, OPT_CODECS, OPT_MAPPING, OPT_QUIET, COMMON } },
    { .name = "schema",
      .summary = "print the JSON Schema of a kind of file, or of documents as JSON",
      .arguments = "[list | mapping | case | guide | partner | format | MODEL]",
      .text = "Prints a schema (draft 2020-12) for editors that complete and check YAML, and for programs that exchange canonical "
              "documents: MODEL is a kind of these, such as Declaration@1. list, or nothing, tells which there are.\n"
              "make install puts them into the folder schemas/ beside the mappings. A first line such as\n"
              "# yaml-language-server: $schema=/usr/local/share/dragoman/schemas/mapping.json\n"
              "tells an editor which one a file is of.",
      .examples = "dragoman schema mapping >mapping.json\nfor an editor\n"
                  "dragoman schema Declaration@1 >declaration.json\nfor a program that makes declarations\n",
      .inputs_max = 1,
      .run = cli_run_schema,
      .needed = { OPT_HELP },
      .options = { OPT_MAPPINGS, OPT_CODECS, COMMON } },
    { .name = "amend",
      .summary = "apply a message that says only what changes, or make one of two documents",
      .arguments = "apply BASE AMENDMENT | make BASE FULL",
      .text =
          "An amendment says only what changes: each Amendment of it points at a place, which is set to what the message has "
          "there, "
          "or taken away when it has nothing. apply makes the full document of it and of the document it changes; make the "
          "other way round makes the amendment of two full documents. They may come in any formats of one model, and go as the "
          "canonical document or in the format of --to.\n"
          "Numbers in pointers are those that occurrences say themselves (SequenceNumeric), or else their places in the base. What "
          "an amendment says beside its pointers, and the base says otherwise, is told and does not change anything. What "
          "no amendment can say, such as another order, is told, and none is made.\n"
          "The exit code is 1 when it cannot be done.",
      .examples = "dragoman amend apply declaration.xml amendment.xml --to wco-declaration -o amended.xml\nwhat holds now?\n"
                  "dragoman amend make declaration.edi corrected.edi --to wco-declaration --reason 32\nan amendment for who wants "
                  "one\n",
      .inputs_min = 3,
      .inputs_max = 3,
      .run = cli_run_amend,
      .needed = { OPT_HELP },
      .options = { OPT_TO, OPT_OUTPUT, OPT_REASON, OPT_FUNCTION, OPT_TYPE, OPT_REFERENCE, OPT_FROM, OPT_SET, OPT_PARAM, OPT_LIMIT,
                   OPT_MAPPINGS, OPT_CODECS, OPT_MAPPING, OPT_QUIET, COMMON } },
    { .name = "diff",
      .summary = "tell what differs between two messages, of any formats",
      .arguments = "A B",
      .text =
          "Both are read and mapped to the canonical document, and the documents compared place by place: a CUSDEC with a WCO "
          "declaration, say, or what was sent with what came back. Messages without a mapping are compared as they are, when they "
          "are of one format. Numbers are equal when their values are. Occurrences that were put in or left out are told as such; "
          "the others are paired in order, and so are the messages of two interchanges.\n"
          "The exit code is 0 when nothing differs, 1 when something does.",
      .examples = "dragoman diff sent.edi came-back.xml\nwhat became of it?\n"
                  "dragoman diff --format json a.edi b.edi\none object for each difference\n",
      .inputs_min = 2,
      .inputs_max = 2,
      .run = cli_run_diff,
      .needed = { OPT_HELP },
      .options = { OPT_FROM, OPT_SET, OPT_PARAM, OPT_LIMIT, OPT_MAPPINGS, OPT_CODECS, OPT_MAPPING, OPT_QUIET, COMMON } },
    { .name = "directory",
      .summary = "look up UN/EDIFACT directories: messages, segments, elements, codes",
      .arguments = "list | show NAME [CODE] [DIRECTORY] | diff A B [NAME] | import FILE...",
      .text =
          "list tells which directories are there, with counts: D.93A to D.24A, those added in the folder of the mappings, and as "
          "V3 and V4 the service directories of ISO 9735, syntax versions 1 to 3 and 4.\n"
          "show prints a message as a tree of its segments with positions, status and repetitions; a segment or composite with "
          "what is in it; an element with its representation and codes; or a code (1001 380, or 1001/380). Without a directory "
          "it is the latest that has it, and which directories have it is told.\n"
          "diff tells what B added, removed and changed: all of it in short, or one message, segment, composite or element line "
          "by line.\n"
          "import makes a directory of the text files that UN/CEFACT publishes (messages, EDSD, EDCD, EDED, UNCL; of any year; "
          "files or a folder of them), or of your own YAML (mappings/directories/README.md tells how), and puts it into the "
          "folder of the mappings, where all commands find it; or where --output says.",
      .examples = "dragoman directory show CUSDEC D.96B\na message as a tree\n"
                  "dragoman directory show 1001 380\nwhat a code means, and since when\n"
                  "dragoman directory diff D.96B D.01B NAD\nhow a segment changed\n"
                  "dragoman directory import d25a/ --name D.25A\na directory that came out after this version\n",
      .inputs_max = UINT32_MAX,
      .run = cli_run_directory,
      .needed = { OPT_HELP },
      .options = { OPT_NAME, OPT_BASE, OPT_AGENCY, OPT_OUTPUT, OPT_MAPPINGS, OPT_CODECS, OPT_QUIET, COMMON } },
    { .name = "format",
      .summary = "check format files, make them of XML Schemas, lay a layout over a flat file",
      .arguments = "lint FILE|NAME... | doc LAYOUT | show LAYOUT FILE | infer SAMPLE... | import SCHEMA.xsd...",
      .text =
          "A format file declares one message of one standard; they stand in the folder of the mappings, formats/, whose README "
          "tells how to write one. For flat files - fixed, delimited, tagged - it has a layout: which records there are, how "
          "they are told apart and nested, where their fields stand and what they may hold.\n"
          "lint checks format files that are not in the folder yet, or by their names those that are: every mistake with line, "
          "column and what was expected.\n"
          "doc prints a layout (its name, or its file) as tables: each record with its columns, what they hold and what they "
          "are.\n"
          "show reads a file by a layout and prints each record with a ruler, marks where its fields begin, each field with its "
          "columns and value (and its bytes, where these say it otherwise), and what is wrong where it is wrong. Exit code 1 "
          "when "
          "something is.\n"
          "infer guesses a layout from samples: encoding, ends, separators or columns, kinds of record and how they nest, what "
          "fields hold; each guess stands beside its reason (--format json: one object each). The layout is tried on the samples "
          "before it is given out; exit code 1 when it does not read them without an error. Names, and what no sample shows, are "
          "for you to say.\n"
          "import makes a format of XML Schemas: FILE.yaml and its table FILE.tsv, for the folder formats/xml/. What is included "
          "and "
          "imported is read with it, from local files only: those below the folders of the schemas named, and of --schemas. What a "
          "schema says and a format cannot stands as remarks at the end of the file, each with its place; a schema that goes on "
          "without end is cut at a whole level.",
      .examples = "dragoman format lint mine.yaml\nbefore it goes into the folder\n"
                  "dragoman format show mine.yaml sample.txt\ntry it on a file\n"
                  "dragoman format doc catair-ft\na layout as tables\n"
                  "dragoman format infer sent-*.txt --name ours -o ours.yaml\na first layout of files that somebody sends\n"
                  "dragoman format import national.xsd --root Declaration -o national.yaml\na format of a schema\n",
      .inputs_max = UINT32_MAX,
      .run = cli_run_format,
      .needed = { OPT_HELP },
      .options = { OPT_OUTPUT, OPT_NAME, OPT_ROOT, OPT_PAYLOAD, OPT_SCHEMAS, OPT_ROWS, OPT_DEPTH, OPT_MAPPINGS, OPT_CODECS,
                   OPT_QUIET, COMMON } },
    { .name = "codec",
      .summary = "list the codecs there are, and try whether one keeps its contract",
      .arguments = "list | check NAME|FILE.so SAMPLE...",
      .text = "A codec knows one syntax. Some are built in; others are shared objects that anybody can build against "
              "codec.h, and are loaded from the folder of --codecs. A file or folder that everybody may write, or that "
              "belongs to somebody else but root, is refused, for its code runs in this process.\n"
              "list tells each with its file, and whether its standard has answers.\n"
              "check runs the conformance kit over a codec, built in or not, with samples of what it reads: identification, every "
              "cut of the input, truncation at every byte, damaged and random bytes, each allocation failing, what is written "
              "read again, small limits, several readers at once, memory that stays behind. Each part runs in a process of its "
              "own: a crash or a hang is told with the sample and the place. Formats are those of the mappings. Exit code 1 when "
              "a part fails; the same seed tries the same.",
      .examples = "dragoman codec list --codecs build/codecs\nthose built in and those of the folder\n"
                  "dragoman codec check ./x12.so samples/*.x12\neverything a codec must keep, on these samples\n",
      .inputs_max = UINT32_MAX,
      .run = cli_run_codec,
      .needed = { OPT_HELP },
      .options = { OPT_SEED, OPT_RUNS, OPT_SECONDS, OPT_SET, OPT_CODECS, OPT_MAPPINGS, OPT_QUIET, COMMON } },
    { .name = "guide",
      .summary = "look at implementation guides, and check those you write",
      .arguments = "list | show NAME | lint FILE...",
      .text = "A guide is what a partner or an administration makes of one message: fewer codes, shorter values, what must be "
              "there and "
              "what may not, rules between places. They stand in the folder of the mappings, formats/edifact/, whose README tells "
              "how to "
              "write one in ten minutes.\n"
              "list tells which there are, of what message, and for whom they are chosen.\n"
              "show prints one as the message's table: status (M mandatory in the directory, R required, D dependent on a rule, "
              "O optional, N not used), occurrences, representation, codes and names, and its rules.\n"
              "lint checks guide files that are not in the folder yet: every mistake with line, column and what was expected. Exit "
              "code "
              "1 when there is one.",
      .examples = "dragoman guide show cusdec-d96b-import\nthe message as the guide has it\n"
                  "dragoman guide lint mine.yaml\nbefore it goes into the folder\n"
                  "dragoman validate --guide cusdec-d96b-import declaration.edi\nhold a message against it\n",
      .inputs_max = UINT32_MAX,
      .run = cli_run_guide,
      .needed = { OPT_HELP },
      .options = { OPT_MAPPINGS, OPT_CODECS, OPT_QUIET, COMMON } },
    { .name = "partner",
      .summary = "profiles of partners: what was agreed with whom",
      .arguments = "list | show NAME | for RECIPIENT [TYPE] | lint [FILE...]",
      .text = "A profile is a YAML file of mappings/partners/ (its README tells all it may say): which interchanges it is for, by "
              "sender, recipient, type of message and test mark, and the settings with which they are read, written and answered; "
              "and the same of XML documents, with the certificates that theirs must be signed for and the key that signs what "
              "goes to them.\n"
              "list tells which profiles there are; show prints one with its conditions and settings; for, the one by which "
              "something is "
              "written to a recipient (ACME, or with its qualifier ACME:ZZ), perhaps a type of message (CUSRES); lint checks all "
              "of the "
              "folder, or the files given, and tells every mistake with its place; certificates and keys that they name "
              "are loaded.",
      .examples = "dragoman partner list\nwho is known\ndragoman partner lint acme.yaml\nbefore it is put into the folder\n"
                  "dragoman validate --partner acme arrived.edi\nas if it came from them\n",
      .inputs_max = UINT32_MAX,
      .run = cli_run_partner,
      .needed = { OPT_HELP },
      .options = { OPT_MAPPINGS, OPT_CODECS, OPT_PARTNERS, OPT_PASSPHRASE, COMMON } },
    { .name = "store",
      .summary = "documents that several messages tell: which wait, for what, since when",
      .arguments = "list DIR | forget DIR NAME",
      .text = "A folder of --store keeps parts of documents until they are complete. list tells each document that is not written: "
              "what it is known by, what it lacks, and the messages that came. forget takes one out, with its parts, which are "
              "lost then: one that will never be complete, or one that was written and whose name is used again.",
      .examples = "dragoman store list waiting\nwho waits, and for what\n"
                  "dragoman store forget waiting 'FunctionalReferenceID 4711'\nit will never be complete\n",
      .inputs_max = 3,
      .run = cli_run_store,
      .needed = { OPT_HELP },
      .options = { OPT_ALL, COMMON } },
    { .name = "watch",
      .summary = "translate what lands in a folder, and forward it to another",
      .arguments = "",
      .text = "The smallest gateway. A file that lands in --in is translated and delivered to --out; a file that is refused is "
              "moved to --bad with "
              "its diagnostics beside it. A file still being written is not taken, nor one whose name begins with a dot or ends in "
              ".tmp or "
              ".part: write under such a name and rename, or write in place and close.\n"
              "Each input is delivered exactly once, whatever moment the process or the machine is stopped at: a file is claimed "
              "by renaming it, "
              "its documents are staged and synced, renamed into place without replacing anything, and recorded before the claim "
              "goes. A later "
              "start finishes what an earlier one began. SIGTERM and SIGINT end it after the file in hand.\n"
              "Mappings, formats, code tables, guides and partners may be edited meanwhile: what was saved holds for the next "
              "input, and no input sees two states of them. Files that cannot be used are told of, with line and column, and what "
              "held before stays.",
      .examples = "dragoman watch --in inbox --to wco-declaration --out outbox\nuntil it is stopped\n"
                  "dragoman watch --once --in inbox --to json --out outbox\nfrom cron\n",
      .run = cli_run_watch,
      .needed = { OPT_IN, OPT_TO, OPT_OUT, OPT_HELP },
      .options = { OPT_IN,       OPT_TO,       OPT_OUT,     OPT_BAD,      OPT_FROM,  OPT_ONCE,      OPT_COUNTER, OPT_STORE,
                   OPT_KEEP,     OPT_SCAN,     OPT_STRICT,  OPT_ACCOUNTS, OPT_LEVEL, OPT_GUIDE, OPT_SCHEMAS,
                   OPT_SET, OPT_PARAM, OPT_VERIFY_TRUST, OPT_ALLOW, OPT_SIGN_KEY, OPT_SIGN_CERT, OPT_PASSPHRASE, OPT_XADES,
                   OPT_LIMIT,    OPT_MAPPINGS, OPT_CODECS, OPT_PARTNER, OPT_PARTNERS, OPT_QUIET, OPT_NO_RELOAD,
#ifdef DGM_TESTING
                   OPT_CRASH_AT,
#endif
                   COMMON } },
    { .name = "help",
      .summary = "show help on a command",
      .arguments = "[COMMAND]",
      .text = "Without a command, the list of commands.",
      .examples = "dragoman help translate\nthe same as dragoman translate --help\n",
      .inputs_max = 1,
      .run = cli_run_help,
      .needed = { OPT_HELP },
      .options = { OPT_MAN, OPT_MAN_TO, OPT_COLOUR, OPT_HELP } },
    { .name = "version",
      .summary = "show the version",
      .arguments = "",
      .text = "Version of the command and of the library in it.",
      .examples = "",
      .run = cli_run_version,
      .needed = { OPT_HELP },
      .options = { COMMON } },
    { .name = NULL },
};

const cli_command *cli_command_find(dgm_slice name)
{
    for (const cli_command *c = cli_commands; c->name; c++)
        if (dgm_slice_is(name, c->name)) return c;
    return NULL;
}
