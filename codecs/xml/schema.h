/* SPDX-License-Identifier: Apache-2.0
 *
 * schema.h - documents held against the XML Schema that their format names (XML Schema 1.0, through libxml2): the schema, compiled
 * when it is first asked for and shared by threads from then on, and the check of one document after the other, fed with the
 * events of a parser. A dgm_xml_schema may be shared; a dgm_xml_check belongs to one thread.
 */
#ifndef DGM_CODECS_XML_SCHEMA_H
#define DGM_CODECS_XML_SCHEMA_H

#include "xml.h"

#include <libxml/xmlschemas.h>
#include <pthread.h>

/* ---- schema_load.c ---- */

/* The schema of a format: its files by name, and what became of them. */
struct dgm_xml_schema {
    dgm_mem mem;
    const dgm_file_source *files;
    dgm_slice *names; /* in the profile's arena */
    size_t name_count;
    pthread_mutex_t lock;
    bool lock_there;
    /* behind the lock */
    bool tried;
    xmlSchemaPtr compiled;
    char why[512]; /* it cannot be used */
};

/* What the settings of a format say of its schema; NULL in *out: nothing. In the arena, but for what _free gives back. */
dgm_status dgm_xml_schema_new(const dgm_host *host, const dgm_format *format, dgm_arena *arena, dgm_xml_schema **out);
void dgm_xml_schema_free(dgm_xml_schema *s);
/* The compiled schema. DGM_CONFIG: s->why; DGM_NOMEM. Any thread; what was found once is said again. */
dgm_status dgm_xml_schema_get(dgm_xml_schema *s, xmlSchemaPtr *out);

/* ---- schema_check.c ---- */

/* What the validator has to say of the element whose event it was given. */
typedef struct dgm_xml_said {
    dgm_diag_code code;
    dgm_slice name;      /* of the element, without its namespace */
    dgm_slice attribute; /* whose value or presence is wrong, else empty */
    dgm_slice what;      /* why, or what was expected */
} dgm_xml_said;

enum { DGM_XML_CHECK_ERRORS = 100 }; /* of one document; then the check of it ends */

typedef struct dgm_xml_check {
    dgm_mem mem;
    void (*say)(void *ctx, const dgm_xml_said *said);
    void *ctx;
    bool live;      /* a document is being checked */
    bool no_memory; /* and that is why it is not */
    bool goes_on;   /* after too many errors it is only muted: until the next of many messages begins */
    bool muted;
    uint32_t errors, depth;
    bool facet; /* what was said last, of the event in hand, is which facet a value breaks */
    xmlSchemaPtr schema;
    xmlSchemaValidCtxtPtr valid;
    xmlSchemaSAXPlugPtr plug;
    xmlSAXHandlerPtr sax; /* the validator's, which take `user` */
    void *user;
    const xmlChar **list; /* attributes without those that would name schemas */
    size_t list_room;
} dgm_xml_check;

void dgm_xml_check_init(dgm_xml_check *k, const dgm_mem *mem, void (*say)(void *ctx, const dgm_xml_said *said), void *ctx);
void dgm_xml_check_free(dgm_xml_check *k);
/* A document begins. DGM_NOMEM. */
dgm_status dgm_xml_check_begin(dgm_xml_check *k, xmlSchemaPtr schema);
void dgm_xml_check_message(dgm_xml_check *k); /* one of its many messages begins: its errors are counted anew */
void dgm_xml_check_over(dgm_xml_check *k);    /* it is over, or given up */
/* The tag of an element, with what libxml2's startElementNs says of it; text; an end tag. While the check is live. */
typedef struct dgm_xml_tag {
    const xmlChar *local, *prefix, *uri;
    const xmlChar **declared, **list;
    int namespaces, attributes, defaulted;
} dgm_xml_tag;
void dgm_xml_check_start(dgm_xml_check *k, const dgm_xml_tag *t);
void dgm_xml_check_text(dgm_xml_check *k, const xmlChar *text, int n);
void dgm_xml_check_end(dgm_xml_check *k, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri);

#endif
