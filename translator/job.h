/* SPDX-License-Identifier: Apache-2.0
 *
 * job.h - the inside of a job: detect → decode → map → check → map → encode. One thread.
 */
#ifndef DGM_JOB_H
#define DGM_JOB_H

#include "base/buffer.h"
#include "context.h"

/* An outlet that is opened by the first byte written to it, so that a refused document leaves no empty file behind. */
typedef struct dgm_late_sink {
    dgm_outlet outlet;
    dgm_slice format;
    dgm_sink to;
    uint32_t number; /* outputs opened so far in this job */
    bool open;
} dgm_late_sink;

typedef struct dgm_settings {
    dgm_setting *at;
    size_t count;
} dgm_settings;

struct dgm_job {
    const dgm_context *context;
    dgm_mem mem;
    dgm_arena arena; /* what lives as long as the job: copies of options */
    dgm_job_options options;
    dgm_diags *diags; /* of the message in hand; cleared after its report */
    dgm_host host;
    dgm_settings reader_settings, writer_settings; /* "reader." and "writer." taken off */
    const dgm_codec *reader_codec;
    dgm_reader *reader;
    dgm_buffer head; /* first bytes while nobody knows what the input is */
    const dgm_format_entry *from, *to;
    bool to_json;
    dgm_runner *runner_in, *runner_out;
    dgm_run_options run;
    /* the output in hand */
    const dgm_codec *writer_codec;
    dgm_writer *writer;
    uint32_t writer_interchange; /* which interchange of the input it answers */
    bool writer_wrote;           /* it took a message, which it may still hold */
    dgm_late_sink sink;
    dgm_job_counts counts;
    dgm_status failed; /* what stopped the job for good, or DGM_OK */
    /* of the message in hand, for reports and explanations */
    const dgm_mapping_entry *mapping_in, *mapping_out;
    dgm_slice input; /* whole input, when it lies in memory */
    bool over;
};

/* Residue and unsaid values of the last run as diagnostics; returns how many. strict: they are errors. */
uint32_t dgm_job_tell_residue(dgm_job *j, const dgm_runner *runner, const dgm_tree *tree, const dgm_mapping_entry *mapping,
                              bool writing);

/* Takes over and checks options; adds what is wrong to diags. */
dgm_status dgm_job_settings(dgm_job *j, const dgm_job_options *options, dgm_diags *diags);
dgm_status dgm_job_check_settings(const dgm_codec *codec, bool writer, const dgm_settings *settings, dgm_diags *diags);

/* Writing of a whole tree through the codec of the target; DGM_INVALID when it was refused. */
dgm_status dgm_job_write(dgm_job *j, const dgm_message *message, const dgm_tree *tree, const dgm_format *format,
                         const dgm_codec *codec);
/* Finishes the output in hand, if there is one. complete false: it is given up. */
dgm_status dgm_job_close_output(dgm_job *j, bool complete);

#endif
