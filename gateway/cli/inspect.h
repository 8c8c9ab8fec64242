/* SPDX-License-Identifier: Apache-2.0
 *
 * inspect.h - the two ways in which the command inspect shows a message: as text for people (inspect_text.c) and as JSON
 * (inspect_json.c), and what stands around messages (inspect_envelope.c). One thread.
 */
#ifndef DGM_GATEWAY_INSPECT_H
#define DGM_GATEWAY_INSPECT_H

#include "cli.h"

#include "codecs/foreign.h"
#include "model/tree.h"

/* Whose an interchange or a group is, as its header says. */
enum { INSPECT_SENDER, INSPECT_RECIPIENT, INSPECT_REFERENCE, INSPECT_TEXTS };
typedef struct inspect_header {
    dgm_position position;
    char at[INSPECT_TEXTS][140];
    size_t len[INSPECT_TEXTS];
} inspect_header;

typedef struct inspecting {
    cli *c;
    cli_feeding feeding;
    bool model, empty;
    const dgm_message_report *report;
    const dgm_tree *tree;   /* of the report: wire or model; may be NULL */
    const dgm_codec *codec; /* what knows its codes; NULL: none */
    /* Records in the order of the nodes they are shown at. */
    struct inspect_anchor {
        uint32_t node, diag;
    } * anchors;
    size_t anchor_count, anchor_next;
    dgm_slice *names;               /* of nodes, by the guide that is for the message; NULL: none */
    inspect_header around[2];       /* the interchange and the group in hand */
    bool securing, secured, behind; /* what was shown last is a segment of their security: of a group, behind the messages */
} inspecting;

/* The meaning of a leaf's coded value, or empty. */
dgm_slice inspect_meaning(const inspecting *n, uint32_t node, dgm_slice value);
/* A record that has no place within the message. */
bool inspect_about_all(const inspecting *n, const dgm_diag *d);
/* "SG30 · Item", "CST", "GoodsShipment": name, and what a format or a vocabulary calls it; never NULL slot for known nodes. */
const dgm_slot *inspect_slot(const inspecting *n, uint32_t node); /* NULL: not in the shape */

/* What a node is called: by the guide, else by the format; may be empty. */
dgm_slice inspect_title(const inspecting *n, uint32_t node);

void inspect_text(inspecting *n);
void inspect_json(inspecting *n);
/* What surrounds messages: what secures an interchange or a group is shown. */
void inspect_envelope(void *inspecting, const dgm_envelope *e);

#endif
