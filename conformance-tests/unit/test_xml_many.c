/* SPDX-License-Identifier: Apache-2.0
 *
 * test_xml_many.c - documents of many messages: one tree for each, however the input is cut; what one of them breaks costs that
 * one; places are exact after the bytes before them are gone; limits; memory does not grow with the document, and fails where it
 * may. One thread.
 */
#include "xml_tests.h"

static const char MANY[] = "format: many\ncodec: xml\ntable: m.tsv\nroot: Box\nmessage: Box/Decl\nreference: Box/Decl/ID\n"
                           "sender: Box/Head/From\nnamespace.b: urn:b\n";
static const char MANY_TABLE[] = "path\nBox\t1\t1\t-\t-\tb\nBox/@version\t0\t1\ttext\t-\t-\nBox/Head\t0\t1\t-\t-\tb\n"
                                 "Box/Head/From\t1\t1\tid\tan..10\tb\nBox/Decl\t0\t*\t-\t-\tb\nBox/Decl/ID\t1\t1\tid\tan..10\tb\n"
                                 "Box/Decl/Count\t0\t1\tnumber\tn..5\tb\nBox/Decl/Line\t0\t*\t-\t-\tb\n"
                                 "Box/Decl/Line/Text\t0\t9\ttext\t-\tb\nBox/Tail\t0\t1\ttext\t-\tb\n";

static void put(dgm_buffer *b, const char *text)
{
    CU_ASSERT_EQUAL(dgm_buffer_append(b, dgm_slice_of(text)), DGM_OK);
}

/* "2 @120+35 E0: /Box/Head/From=ann …", then what is wrong. */
static void show(dgm_buffer *b, const dgm_message *m, dgm_slice input)
{
    char line[400], path[200];
    snprintf(line, sizeof line, "%u @%llu+%llu E%zu [%.*s|%.*s]%s", m->position.message, (unsigned long long)m->at_byte,
             (unsigned long long)m->bytes, m->errors, (int)m->reference.len, m->reference.len ? m->reference.at : "",
             (int)m->sender.len, m->sender.len ? m->sender.at : "", m->tree ? "" : " no tree");
    put(b, line);
    for (uint32_t i = 0; m->tree && i < m->tree->node_count; i++) {
        const dgm_node *n = &m->tree->nodes[i];
        if (!dgm_node_leaf(n)) continue;
        size_t used = dgm_tree_path(m->tree, i, path, sizeof path);
        dgm_slice value = dgm_tree_value(m->tree, i);
        uint64_t at = dgm_tree_place(m->tree, n->at);
        bool there = at + n->span <= input.len && memcmp(input.at + at, m->tree->bytes + n->at, n->span) == 0;
        snprintf(line, sizeof line, " %.*s=%.*s%s", (int)used, path, (int)value.len, value.len ? value.at : "",
                 there ? "" : " ASTRAY");
        put(b, line);
    }
    put(b, "\n");
}

static void show_said(dgm_buffer *b, dgm_diags *d)
{
    char line[400];
    for (size_t i = 0; i < dgm_diags_count(d); i++) {
        const dgm_diag *g = dgm_diags_at(d, i);
        if (g->code == DGM_D_XML_NAMESPACE_NONE) continue;
        snprintf(line, sizeof line, "  %s #%u @%lld+%llu %.*s\n", dgm_diag_name(g->code), g->position.message,
                 (long long)g->at_byte, (unsigned long long)g->bytes, (int)g->path.len, g->path.len ? g->path.at : "");
        put(b, line);
    }
}

/* All that a reader says of an input, fed in chunks of so many bytes (0: lent as a whole), as text. */
static dgm_status read_all(const xml_format *f, const dgm_mem *mem, const dgm_limits *limits, const dgm_setting *settings, size_t n,
                           dgm_slice input, size_t chunk, dgm_buffer *out)
{
    const dgm_codec *c = &dgm_codec_xml;
    const dgm_format *formats[] = { &f->format };
    dgm_diags *d;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &d), DGM_OK);
    dgm_host host = dgm_host_make(mem, limits, d, NULL, formats, 1);
    dgm_reader *r = NULL;
    size_t at = 0;
    dgm_status st = chunk ? c->open(&host, settings, n, &r) : c->open_whole(&host, settings, n, input, &r);
    while (st == DGM_OK) {
        dgm_message m;
        st = c->next(r, &m);
        if (st == DGM_MORE) {
            dgm_slice part = dgm_slice_part(input, at, at + chunk);
            at += part.len;
            st = c->feed(r, part, at == input.len);
            continue;
        }
        if (st == DGM_OK) {
            if (m.tree) CU_ASSERT(dgm_tree_sound(m.tree));
            CU_ASSERT_EQUAL(m.errors, dgm_diags_errors(d));
            if (out) show(out, &m, input);
        }
        if (out) show_said(out, d);
        dgm_diags_clear(d);
        if (st == DGM_OK) c->recycle(r, &m);
    }
    c->close(r);
    dgm_diags_free(d);
    return st == DGM_END ? DGM_OK : st;
}

static void make(xml_format *f)
{
    *f = (xml_format){ 0 };
    CU_ASSERT_EQUAL_FATAL(xml_format_make(f, NULL, dgm_slice_of(MANY), dgm_slice_of(MANY_TABLE), NULL), DGM_OK);
}

/* However it is cut, the same; and, where `wanted` is given, this. */
static void expect(const dgm_limits *limits, const dgm_setting *settings, size_t n, dgm_slice input, const char *wanted)
{
    static const size_t chunks[] = { 0, 1, 3, 64, 1000, 16384, 70000 };
    xml_format f;
    dgm_buffer first, other;
    make(&f);
    dgm_buffer_init(&first, NULL);
    dgm_buffer_init(&other, NULL);
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        if (chunks[i] == 1 && input.len > 100000) continue;
        dgm_buffer *b = i ? &other : &first;
        b->len = 0;
        CU_ASSERT_EQUAL(read_all(&f, NULL, limits, settings, n, input, chunks[i], b), DGM_OK);
        bool same = dgm_slice_equal(dgm_buffer_slice(b), dgm_buffer_slice(&first));
        CU_ASSERT(same);
        if (!same) {
            printf("chunks of %zu:\n%.*s--- as a whole:\n%.*s", chunks[i], (int)b->len, b->at, (int)first.len, first.at);
            break;
        }
    }
    bool right = !wanted || dgm_slice_is(dgm_buffer_slice(&first), wanted);
    CU_ASSERT(right);
    if (!right) printf("\n%.*s--- wanted:\n%s", (int)first.len, first.at, wanted);
    dgm_buffer_free(&first);
    dgm_buffer_free(&other);
    xml_format_free(&f);
}

static void expect_text(const char *input, const char *wanted)
{
    expect(NULL, NULL, 0, dgm_slice_of(input), wanted);
}

#define HEAD "<Box version=\"1\"><Head><From>ann</From></Head>"

static void messages(void)
{
    expect_text(
        HEAD
        "<Decl><ID>a</ID></Decl>\n <Decl><ID>b&amp;</ID><Line><Text>x</Text></Line></Decl><!-- --><Decl><ID>c</ID></Decl></Box>",
        "1 @46+23 E0 [a|ann] @version=1 Head/From=ann Decl#1/ID=a\n"
        "2 @71+55 E0 [b&|ann] @version=1 Head/From=ann Decl#1/ID=b& Decl#1/Line#1/Text#1=x\n"
        "3 @134+23 E0 [c|ann] @version=1 Head/From=ann Decl#1/ID=c\n");
}

static void what_one_breaks(void)
{
    expect_text(HEAD "<Decl><ID>a</ID><Count>x</Count></Decl><Decl><Count>1</Count></Decl><Decl><ID>c</ID><Odd/></Decl>"
                     "text<Decl><ID>d</ID></Decl></Box>",
                "1 @46+39 E1 [a|ann] @version=1 Head/From=ann Decl#1/ID=a Decl#1/Count=x\n"
                "  xml.value.number #1 @69+1 Decl/Count\n"
                "2 @85+29 E1 [|ann] @version=1 Head/From=ann Decl#1/Count=1\n"
                "  xml.element.missing #2 @85+5 Decl#2\n"
                "3 @114+29 E0 [c|ann] @version=1 Head/From=ann Decl#1/ID=c Decl#1/Odd=\n"
                "  xml.element.unknown #3 @130+4 Decl#3/Odd\n"
                "4 @147+23 E1 [d|ann] @version=1 Head/From=ann #text=text Decl#1/ID=d\n"
                "  xml.text.mixed #4 @143+4 \n");
}

static void what_ends_it(void)
{
    expect_text(HEAD "<Decl><ID>a</ID></Decl><Decl><ID>b</ID><Line></Decl><Decl><ID>c</ID></Decl></Box>",
                "1 @46+23 E0 [a|ann] @version=1 Head/From=ann Decl#1/ID=a\n"
                "2 @69+58 E1 [|] no tree\n"
                "  xml.tag.mismatch #2 @91+7 Decl#2/Line\n"
                "  xml.messages.before #2 @91+0 Decl#2/Line\n");
    expect_text(HEAD "<Decl><ID>a</ID></Decl><Decl><ID>b</ID></Decl></Bax>",
                "1 @46+23 E0 [a|ann] @version=1 Head/From=ann Decl#1/ID=a\n"
                "2 @69+23 E0 [b|ann] @version=1 Head/From=ann Decl#1/ID=b\n"
                "  xml.document.truncated #0 @98+0 \n"
                "  xml.messages.before #0 @98+0 \n");
    expect_text(HEAD "<Decl><ID>a</ID></Decl><Decl><ID>b</ID>", "1 @46+23 E0 [a|ann] @version=1 Head/From=ann Decl#1/ID=a\n"
                                                                "2 @69+16 E1 [|] no tree\n"
                                                                "  xml.document.truncated #2 @85+0 Decl#2\n"
                                                                "  xml.messages.before #2 @85+0 Decl#2\n");
    expect_text(HEAD "<Decl><ID>a</ID></Decl></Box><Box/>", "1 @46+23 E0 [a|ann] @version=1 Head/From=ann Decl#1/ID=a\n"
                                                            "  xml.document.trailing #0 @75+0 \n"
                                                            "  xml.messages.before #0 @75+0 \n");
    expect_text(HEAD "<Decl><ID>a</ID></Decl>\xFF</Box>", "1 @46+23 E0 [a|ann] @version=1 Head/From=ann Decl#1/ID=a\n"
                                                          "  xml.encoding.bytes #0 @69+1 \n"
                                                          "  xml.messages.before #0 @69+0 \n");
}

static void head_and_tail(void)
{
    expect_text("<Box><Head><From>much too long a name</From></Head><Decl><ID>a</ID></Decl><Decl><ID>b</ID></Decl></Box>",
                "1 @51+23 E1 [a|much too long a name] Head/From=much too long a name Decl#1/ID=a\n"
                "  xml.value.length #1 @17+20 Head/From\n"
                "2 @74+23 E1 [b|much too long a name] Head/From=much too long a name Decl#1/ID=b\n"
                "  xml.messages.envelope #2 @74+0 \n");
    expect_text(HEAD "<Decl><ID>a</ID></Decl><Tail>t</Tail></Box>", "1 @46+23 E0 [a|ann] @version=1 Head/From=ann Decl#1/ID=a\n"
                                                                    "  xml.messages.behind #0 @75+0 \n");
    expect_text(HEAD "<Tail>t</Tail></Box>", "1 @0+66 E1 [|] no tree\n"
                                             "  xml.messages.none #1 @0+0 \n");
    expect_text("<Box/>", "1 @0+6 E1 [|] no tree\n"
                          "  xml.messages.none #1 @0+0 \n");
    expect_text("<Box><Decl/><Decl/></Box>", "1 @5+7 E1 [|]\n"
                                             "  xml.element.missing #1 @5+5 Decl\n"
                                             "2 @12+7 E1 [|]\n"
                                             "  xml.element.missing #2 @12+5 Decl#2\n");
}

static void limits(void)
{
    const dgm_limits small = {
        .message_bytes_max = 20000, .segment_bytes_max = 40, .nodes_max = 7, .depth_max = 4, .attributes_max = 2
    };
    static const struct {
        const char *before, *behind, *code;
        int blanks;
    } middles[] = {
        { "<Decl><ID>b</ID><Line><Text>1</Text><Text>2</Text><Text>3</Text>", "<Text>4</Text></Line></Decl>", "xml.limit.nodes",
          0 },
        { "<Decl><ID>b</ID><Line><Text>012345678901234567890123456789", "0123456789xyz</Text></Line></Decl>", "xml.limit.element",
          0 },
        { "<Decl><ID>b</ID><Line><Text><a>", "<b><c/></b></a></Text></Line></Decl>", "xml.limit.depth", 0 },
        { "<Decl a=\"1\" b=\"2\" ", "c=\"3\"><ID>b</ID></Decl>", "xml.limit.attributes", 0 },
        { "<Decl>", "<ID>b</ID></Decl>", "xml.limit.message", 20000 },
        { "<Decl>", "<ID>b</ID></Decl>", "xml.limit.message", 200000 },
    };
    for (size_t i = 0; i < sizeof middles / sizeof *middles; i++) {
        static char input[201000];
        char wanted[200];
        int n = snprintf(input, sizeof input, "<Box><Decl><ID>a</ID></Decl>%s%*s%s<Decl><ID>c</ID></Decl></Box>", middles[i].before,
                         middles[i].blanks, "", middles[i].behind);
        xml_format f;
        make(&f);
        dgm_buffer b;
        dgm_buffer_init(&b, NULL);
        CU_ASSERT_EQUAL(read_all(&f, NULL, &small, NULL, 0, dgm_slice_of(input), 1000, &b), DGM_OK);
        CU_ASSERT_EQUAL(dgm_buffer_append(&b, (dgm_slice){ "", 1 }), DGM_OK);
        snprintf(wanted, sizeof wanted, "2 @28+%d E%d [|] no tree\n", n - 28 - 29, middles[i].blanks ? 1 : 1 + (i == 2));
        CU_ASSERT_PTR_NOT_NULL(strstr(b.at, middles[i].code));
        CU_ASSERT_PTR_NOT_NULL(strstr(b.at, wanted));
        CU_ASSERT_PTR_NOT_NULL(strstr(b.at, "E0 [c|] Decl#1/ID=c\n"));
        if (!strstr(b.at, wanted)) printf("%s--- wanted:\n%s", b.at, wanted);
        dgm_buffer_free(&b);
        xml_format_free(&f);
        expect(&small, NULL, 0, dgm_slice_of(input), NULL);
    }
    const dgm_setting two = { DGM_LITERAL("messages-max"), DGM_LITERAL("2") };
    expect(NULL, &two, 1, dgm_slice_of(HEAD "<Decl><ID>a</ID></Decl><Decl><ID>b</ID></Decl><Decl><ID>c</ID></Decl></Box>"),
           "1 @46+23 E0 [a|ann] @version=1 Head/From=ann Decl#1/ID=a\n"
           "2 @69+23 E0 [b|ann] @version=1 Head/From=ann Decl#1/ID=b\n"
           "  xml.limit.messages #0 @92+0 \n"
           "  xml.messages.before #0 @92+0 \n");
    const dgm_setting narrow = { DGM_LITERAL("envelope-bytes"), DGM_LITERAL("20") };
    expect(NULL, &narrow, 1, dgm_slice_of(HEAD "<Decl><ID>a</ID></Decl></Box>"),
           "1 @0+75 E1 [|] no tree\n"
           "  xml.limit.envelope #1 @46+0 \n");
}

/* A document of n messages; each 50th is wrong, each 70th is longer than a message may be. */
static void long_document(dgm_buffer *b, int n)
{
    char line[200];
    put(b, "<?xml version=\"1.0\"?>\n<Box xmlns=\"urn:b\">\n  <Head>\n    <From>ann</From>\n  </Head>\n");
    for (int i = 1; i <= n; i++) {
        snprintf(line, sizeof line, "  <Decl>\n    <ID>%d</ID>\n    <Count>%s</Count>\n", i, i % 50 ? "7" : "many");
        put(b, line);
        for (int k = 0; k < (i % 70 ? i % 9 : 4000); k++)
            put(b, "    <Line><Text>a &lt; b</Text><Text>\xC3\xA9t\xC3\xA9</Text></Line>\n");
        put(b, "  </Decl>\n");
    }
    put(b, "</Box>\n");
}

static const dgm_limits medium = { .message_bytes_max = 100000 };

static void long_documents(void)
{
    dgm_buffer b, out;
    xml_format f;
    dgm_buffer_init(&b, NULL);
    dgm_buffer_init(&out, NULL);
    long_document(&b, 2000);
    expect(&medium, NULL, 0, dgm_buffer_slice(&b), NULL);
    make(&f);
    CU_ASSERT_EQUAL(read_all(&f, NULL, &medium, NULL, 0, dgm_buffer_slice(&b), 4096, &out), DGM_OK);
    CU_ASSERT_EQUAL(dgm_buffer_append(&out, (dgm_slice){ "", 1 }), DGM_OK);
    CU_ASSERT_PTR_NULL(strstr(out.at, "ASTRAY"));
    int messages = 0, without = 0, bad = 0;
    for (const char *at = out.at; (at = strstr(at, " E")) != NULL; at++) messages++;
    for (const char *at = out.at; (at = strstr(at, "no tree")) != NULL; at++) without++;
    for (const char *at = out.at; (at = strstr(at, "xml.value.number")) != NULL; at++) bad++;
    CU_ASSERT_EQUAL(messages, 2000);
    CU_ASSERT_EQUAL(without, 2000 / 70);
    CU_ASSERT_EQUAL(bad, 2000 / 50 - 2000 / 350 + 2000 / 350); /* said before the message was too long, too */
    xml_format_free(&f);
    dgm_buffer_free(&b);
    dgm_buffer_free(&out);
}

/* In other encodings places lead back to the bytes, whatever went before. */
static void encodings(void)
{
    dgm_buffer b, wide;
    dgm_buffer_init(&b, NULL);
    dgm_buffer_init(&wide, NULL);
    long_document(&b, 300);
    put(&wide, "\xFF\xFE");
    dgm_slice text = dgm_slice_part(dgm_buffer_slice(&b), 22, b.len); /* without the declaration */
    for (size_t i = 0; i < text.len; i++) {
        char pair[2] = { text.at[i], 0 };
        if ((unsigned char)text.at[i] == 0xC3) pair[0] = (char)0xE9, i++;
        CU_ASSERT_EQUAL(dgm_buffer_append(&wide, (dgm_slice){ pair, 2 }), DGM_OK);
    }
    const dgm_limits roomy = { .message_bytes_max = 200000 };
    expect(&roomy, NULL, 0, dgm_buffer_slice(&wide), NULL);
    xml_format f;
    make(&f);
    dgm_buffer out;
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_EQUAL(read_all(&f, NULL, &roomy, NULL, 0, dgm_buffer_slice(&wide), 5000, &out), DGM_OK);
    CU_ASSERT_EQUAL(dgm_buffer_append(&out, (dgm_slice){ "", 1 }), DGM_OK);
    CU_ASSERT_PTR_NULL(strstr(out.at, "ASTRAY"));
    CU_ASSERT_PTR_NOT_NULL(strstr(out.at, "300 @"));
    dgm_buffer_free(&out);
    dgm_buffer_free(&b);
    dgm_buffer_free(&wide);
    xml_format_free(&f);
}

/* Every beginning of a document gives the messages that are whole in it, and no others. */
static void truncated(void)
{
    static const char text[] = HEAD "<Decl><ID>a</ID></Decl><Decl><ID>b</ID></Decl><Decl><ID>c</ID></Decl></Box>";
    xml_format f;
    make(&f);
    for (size_t n = 1; n < sizeof text - 1; n++) {
        dgm_buffer b;
        dgm_buffer_init(&b, NULL);
        CU_ASSERT_EQUAL(read_all(&f, NULL, NULL, NULL, 0, (dgm_slice){ text, n }, 5, &b), DGM_OK);
        CU_ASSERT_EQUAL(dgm_buffer_append(&b, (dgm_slice){ "", 1 }), DGM_OK);
        size_t whole = 0, wanted = 0;
        for (const char *at = b.at; (at = strstr(at, "E0 [")) != NULL; at++) whole++;
        for (const char *at = text; (at = strstr(at, "</Decl>")) != NULL && (size_t)(at - text) + 7 <= n; at++) wanted++;
        CU_ASSERT_EQUAL(whole, wanted);
        CU_ASSERT_PTR_NOT_NULL(strstr(b.at, "xml."));
        dgm_buffer_free(&b);
    }
    xml_format_free(&f);
}

typedef struct counted {
    size_t now, most;
} counted;

static void *count_grow(void *ctx, void *at, size_t before, size_t after)
{
    counted *c = ctx;
    c->now = c->now - before + after;
    if (c->now > c->most) c->most = c->now;
    if (after) return realloc(at, after);
    free(at);
    return NULL;
}

static size_t most_memory(int messages, size_t chunk)
{
    dgm_buffer b;
    xml_format f;
    counted c = { 0 };
    dgm_mem mem = { .ctx = &c, .grow = count_grow };
    dgm_buffer_init(&b, NULL);
    long_document(&b, messages);
    make(&f);
    CU_ASSERT_EQUAL(read_all(&f, &mem, &medium, NULL, 0, dgm_buffer_slice(&b), chunk, NULL), DGM_OK);
    CU_ASSERT_EQUAL(c.now, 0);
    xml_format_free(&f);
    dgm_buffer_free(&b);
    return c.most;
}

static void memory_is_bounded(void)
{
    CU_ASSERT(most_memory(8000, 65536) < 4 << 20);
    CU_ASSERT(most_memory(8000, 0) < 4 << 20);
    CU_ASSERT(most_memory(16000, 65536) < most_memory(2000, 65536) * 3);
}

/* A reader is used again, in the midst of a document too. */
static void used_again(void)
{
    static const char text[] = HEAD "<Decl><ID>a</ID></Decl><Decl><ID>b</ID></Decl><Decl><ID>c</ID></Decl></Box>";
    const dgm_codec *c = &dgm_codec_xml;
    xml_format f;
    make(&f);
    const dgm_format *formats[] = { &f.format };
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, formats, 1);
    dgm_reader *r;
    dgm_message m, n;
    CU_ASSERT_EQUAL_FATAL(c->open(&host, NULL, 0, &r), DGM_OK);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(c->feed(r, dgm_slice_of(text), true), DGM_OK);
        CU_ASSERT_EQUAL(c->next(r, &m), DGM_OK);
        CU_ASSERT_EQUAL(c->next(r, &n), DGM_OK); /* two at a time */
        CU_ASSERT(dgm_slice_is(m.reference, "a"));
        CU_ASSERT(dgm_slice_is(n.reference, "b"));
        c->recycle(r, &m);
        c->recycle(r, &n);
        c->reset(r);
    }
    c->close(r);
    xml_format_free(&f);
}

static dgm_status read_some(const dgm_mem *mem, void *ctx)
{
    static const char text[] = HEAD "<Decl><ID>a</ID></Decl>x<Decl><ID>b&lt;</ID><Odd/></Decl><Decl><ID>c</ID></Decl></Box>";
    return read_all(ctx, mem, NULL, NULL, 0, dgm_slice_of(text), 16, NULL);
}

static void memory_fails(void)
{
    xml_format f;
    make(&f);
    CU_ASSERT(test_each_allocation_fails(read_some, &f) > 10);
    xml_format_free(&f);
}

static void wrong_settings(void)
{
    static const char *const paths[] = { "Box", "Box/Head", "Box/Tail", "Box/Decl/Line/Text", "Box/Decl/Line", "Box/None" };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char yaml[300];
        snprintf(yaml, sizeof yaml, "format: many\ncodec: xml\ntable: m.tsv\nroot: Box\nnamespace.b: urn:b\nmessage: %s\n",
                 paths[i]);
        xml_format f = { 0 };
        CU_ASSERT_EQUAL(xml_format_make(&f, NULL, dgm_slice_of(yaml), dgm_slice_of(MANY_TABLE), NULL), DGM_CONFIG);
        xml_format_free(&f);
    }
}

static const test_case cases[] = {
    { "one tree for each message", messages },
    { "what is wrong with one", what_one_breaks },
    { "what ends the document", what_ends_it },
    { "what stands before and behind them", head_and_tail },
    { "limits cost one message", limits },
    { "long documents, however they are cut", long_documents },
    { "in other encodings", encodings },
    { "documents that were cut off", truncated },
    { "memory does not grow with the document", memory_is_bounded },
    { "a reader used again", used_again },
    { "each allocation fails", memory_fails },
    { "settings of a format that are wrong", wrong_settings },
    { 0 },
};

int main(void)
{
    return test_main("xml_many", cases);
}
