/* SPDX-License-Identifier: Apache-2.0
 *
 * xsd.h - an XML Schema (W3C XML Schema 1.0, parts 1 and 2) as the format of a profile: what the files xsd_*.c share, and what the
 * library calls. Schemas are loaded (xsd_load.c), the tree of elements below one root is laid out level by level (xsd_rows.c) from
 * content models (xsd_content.c) and simple types (xsd_value.c), and written as format file and element table (xsd_write.c). What a
 * profile cannot say becomes a remark at its place. Work is bounded in steps and rows. One thread for each import.
 */
#ifndef DGM_CODECS_XML_XSD_H
#define DGM_CODECS_XML_XSD_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/diag.h"
#include "base/symbols.h"
#include "xml.h"

#include <libxml/tree.h>

enum {
    DGM_XSD_FILES_MAX = 256,
    DGM_XSD_CHAIN_MAX = 32, /* types derived one from another */
    DGM_XSD_NEST_MAX = 64,  /* groups inside one another */
    DGM_XSD_STEPS_MAX = 4000000,
    DGM_XSD_VALUES_MAX = 65536 /* bytes of the codes of one place */
};

/* What is looked up by name: the kinds have name spaces of their own. */
typedef enum dgm_xsd_kind {
    DGM_XSD_ELEMENT = 'e',
    DGM_XSD_TYPE = 't',
    DGM_XSD_GROUP = 'g',
    DGM_XSD_ATTRIBUTES = 'a',
    DGM_XSD_ATTRIBUTE = 'b',
    DGM_XSD_MEMBER = 's' /* those that may stand for an element */
} dgm_xsd_kind;

/* How schema files are got at: `from` is the path of the one that names the location, empty for those the caller names. DGM_OK;
 * DGM_UNKNOWN: it is not to be read, *why says the reason; DGM_NOMEM. What comes back outlives the import. */
typedef struct dgm_xsd_source {
    dgm_status (*read)(void *ctx, dgm_slice from, dgm_slice location, dgm_slice *path, dgm_slice *bytes, const char **why);
    void *ctx;
} dgm_xsd_source;

typedef struct dgm_xsd_file {
    xmlDocPtr doc; /* its _private is this */
    dgm_slice path, bytes, target;
    bool elements_qualified, attributes_qualified, borrows; /* borrows: the target of who includes it */
} dgm_xsd_file;

typedef struct dgm_xsd_symbol {
    const xmlNode *node;
    uint32_t next; /* MEMBER: the next symbol of the same head, DGM_NONE at the end */
    uint32_t last; /* MEMBER: of the first, the last of the same head */
} dgm_xsd_symbol;

typedef struct dgm_xsd_remark {
    uint32_t next;
    dgm_slice text;
} dgm_xsd_remark;

#define DGM_XSD_NO_NAMESPACE 255u

/* An element or attribute of the table. Rows stand level by level; children hang one behind another, attributes first. */
typedef struct dgm_xsd_row {
    uint32_t parent, next, first, last, last_attribute;
    uint32_t remarks, last_remark;
    uint32_t min, max; /* DGM_UNBOUNDED */
    uint32_t depth;
    dgm_slice name, format, ident, values;
    const char *kind;    /* type column */
    const xmlNode *type; /* its complex type, or NULL */
    uint8_t ns;
    bool attribute, holds; /* holds: elements stand below it, to be laid out */
} dgm_xsd_row;

/* One child of a content model. */
typedef struct dgm_xsd_part {
    const xmlNode *decl; /* NULL: a wildcard that stands for the payload */
    uint32_t min, max;
} dgm_xsd_part;

typedef struct dgm_xsd {
    dgm_mem mem;
    dgm_arena arena;
    dgm_diags *diags;
    dgm_xsd_source source;
    dgm_slice root, payload, name; /* as wished; name: of the format */
    uint32_t rows_max, depth_max;
    dgm_xsd_file files[DGM_XSD_FILES_MAX];
    uint32_t file_count;
    dgm_symbols names;
    dgm_xsd_symbol *symbols; /* by their number in names; members hang behind */
    size_t symbol_count, symbol_room;
    dgm_buffer scratch;
    uint64_t steps;
    bool failed, no_memory; /* failed: a diagnostic says why */
    dgm_xsd_row *rows;
    size_t row_count, row_room;
    dgm_xsd_remark *remarks;
    size_t remark_count, remark_room;
    dgm_xsd_part *parts;
    size_t part_count, part_room;
    const xmlNode *payload_decl;
    uint32_t payload_row; /* where it stands, DGM_NONE before */
    bool payload_taken;
    struct {
        dgm_slice uri, prefix, key;
    } ns[DGM_XML_NAMESPACES_MAX];
    uint32_t ns_count;
    bool unqualified; /* elements without a namespace stand below those that have one */
    dgm_slice out_format, out_table;
} dgm_xsd;

/* ---- xsd_load.c ---- */

void dgm_xsd_init(dgm_xsd *x, const dgm_mem *mem, dgm_diags *diags);
void dgm_xsd_free(dgm_xsd *x);
/* Reads a schema and all it includes and imports. What is wrong is told; x->failed. */
void dgm_xsd_load(dgm_xsd *x, dgm_slice location);
/* Tells of a mistake at a node (NULL: of no place), which fails the import; of a warning, which does not. */
void dgm_xsd_wrong(dgm_xsd *x, const xmlNode *at, dgm_diag_code code, dgm_slice a, dgm_slice b);
void dgm_xsd_warn(dgm_xsd *x, const xmlNode *at, dgm_diag_code code, dgm_slice a, dgm_slice b);
/* Counts work; false when there has been too much of it, and so once anything failed. */
bool dgm_xsd_step(dgm_xsd *x);

const dgm_xsd_file *dgm_xsd_file_of(const xmlNode *n);
/* The first of those read that has the path, or NULL. */
const dgm_xsd_file *dgm_xsd_file_read(const dgm_xsd *x, dgm_slice path);
bool dgm_xsd_is(const xmlNode *n, const char *name); /* an element of XML Schema with this name */
/* The next element of XML Schema from here on, without annotations. */
const xmlNode *dgm_xsd_next(const xmlNode *n);
const xmlNode *dgm_xsd_child(const xmlNode *n, const char *name);
/* The value of an attribute without blanks at its ends; empty: none. Lives as long as the schema. */
dgm_slice dgm_xsd_attribute(const xmlNode *n, const char *name);
/* A qualified name at a node: its namespace and local name. */
dgm_slice dgm_xsd_qname(const xmlNode *at, dgm_slice qname, dgm_slice *uri);
const xmlNode *dgm_xsd_find(dgm_xsd *x, dgm_xsd_kind kind, dgm_slice uri, dgm_slice name);
/* What a reference attribute (ref, type, base …) names; *built_in: it is a type of XML Schema itself, with *name. NULL otherwise
 * when it was in none of the schemas that were read. */
const xmlNode *dgm_xsd_resolve(dgm_xsd *x, const xmlNode *at, const char *attribute, dgm_xsd_kind kind, dgm_slice *name,
                               bool *built_in);
/* The first symbol of those that may stand for the element; DGM_NONE: none. */
uint32_t dgm_xsd_members(dgm_xsd *x, const xmlNode *head);
dgm_slice dgm_xsd_target(const xmlNode *n);

/* ---- xsd_value.c ---- */

typedef struct dgm_xsd_value {
    const char *kind;                     /* type column; "-": it holds elements */
    uint32_t low, high, digits, decimals; /* 0, and DGM_NONE where nothing is said of high, digits, decimals */
    bool whole;
    char class; /* 'a', 'n' or 0 */
    dgm_slice values;
    bool values_lost;
    dgm_slice base; /* the built-in type at the bottom */
} dgm_xsd_value;

/* What is known of values of a type: type is a simpleType, a complexType with simpleContent, or NULL for the built-in `name`;
 * unread: the name of one that no schema has, or empty. Remarks go to the row. */
void dgm_xsd_value_of(dgm_xsd *x, uint32_t row, const xmlNode *type, dgm_slice name, dgm_slice unread, dgm_xsd_value *out);
/* "an..35" or "-", in the arena. */
dgm_slice dgm_xsd_value_format(dgm_xsd *x, uint32_t row, const dgm_xsd_value *v);

/* ---- xsd_content.c ---- */

/* The children of a complex type, in order, into x->parts; remarks go to the row. */
void dgm_xsd_content(dgm_xsd *x, uint32_t row, const xmlNode *type);
/* Its types from the one all begin with to itself; 0 when there are too many. A type that is none of those read ends the chain. */
uint32_t dgm_xsd_chain(dgm_xsd *x, uint32_t row, const xmlNode *type, const xmlNode *chain[DGM_XSD_CHAIN_MAX]);

/* ---- xsd_rows.c ---- */

void dgm_xsd_lay_out(dgm_xsd *x);
void dgm_xsd_remark_add(dgm_xsd *x, uint32_t row, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* "MetaData/Declaration/@a" in the arena. */
dgm_slice dgm_xsd_path(dgm_xsd *x, uint32_t row);

/* ---- xsd_name.c ---- */

/* A name without a prefix (Namespaces in XML 1.0, 4: NCName). */
bool dgm_xsd_ncname(dgm_slice s);
/* A character that YAML takes, and that ends no line. */
bool dgm_xsd_prints(uint32_t point);
/* What a comment of YAML cannot hold, or would end at, becomes blanks: controls, line ends of all kinds, half characters. */
void dgm_xsd_one_line(char *text, size_t len);

/* ---- xsd_write.c ---- */

void dgm_xsd_write(dgm_xsd *x);
/* In the order of a document: the row behind this one, or DGM_NONE. */
uint32_t dgm_xsd_next_row(const dgm_xsd *x, uint32_t row);

#endif
