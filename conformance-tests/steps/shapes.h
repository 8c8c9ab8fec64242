/* SPDX-License-Identifier: Apache-2.0
 *
 * shapes.h - inputs made to be hard, as long as one likes: something, then the same thing again and again, then something. What
 * each room's inputs are stands in a table of its own. Constant; any thread.
 */
#ifndef DGM_STEPS_SHAPES_H
#define DGM_STEPS_SHAPES_H

#include "base/slice.h"

enum { BEFORE, REPEATED, BEHIND, AGAIN, ENCODING, SETTINGS, SHAPE_TEXTS };

/* In the first four: %u is a number of its own for each repetition, without order; %i its index, from 1; %n how many
 * there are; %% a percent sign. AGAIN comes as often as REPEATED, behind all of these. ENCODING: the whole input, told as UTF-8, in
 * this one (ICU's name). SETTINGS: of a job, "reader.charset=IBM500". NULL: none. */
typedef struct shape {
    const char *name;
    const char *texts[SHAPE_TEXTS];
} shape;
#define S(name, ...)                                                                                                               \
    {                                                                                                                              \
        name,                                                                                                                      \
        {                                                                                                                          \
            __VA_ARGS__                                                                                                            \
        }                                                                                                                          \
    }

/* The tables end with { 0 }. */
extern const shape edifact_shapes[], envelope_shapes[], crew_shapes[], charset_shapes[], xml_shapes[], json_shapes[];
extern const shape mapping_shapes[], guide_shapes[], format_shapes[], partner_shapes[], answer_shapes[];
extern const shape large_mapping_shapes[], tidy_shapes[], import_text_shapes[], import_yaml_shapes[];
extern const shape vocabulary_shapes[], code_table_shapes[], directory_shapes[];
extern const shape flat_shapes[], layout_shapes[];

#endif
