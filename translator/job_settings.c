/* SPDX-License-Identifier: Apache-2.0
 *
 * job_settings.c - takes over the options of a job and checks the settings against the tables of the codecs. One thread.
 */
#include "job.h"

#include "base/diag.h"

dgm_status dgm_settings_copy(dgm_arena *arena, const dgm_named *from, size_t n, const char *prefix, dgm_settings *out)
{
    size_t skip = strlen(prefix);
    out->at = DGM_NEW(arena, dgm_setting, n + 2); /* two more than came: room for level and guide */
    if (!out->at) return DGM_NOMEM;
    for (size_t i = 0; i < n; i++) {
        if (!dgm_slice_equal(dgm_slice_part(from[i].name, 0, skip), dgm_slice_of(prefix))) continue;
        dgm_setting *s = &out->at[out->count++];
        s->name = dgm_arena_copy(arena, dgm_slice_part(from[i].name, skip, from[i].name.len));
        s->value = dgm_arena_copy(arena, from[i].value);
        if (!s->name.at || !s->value.at) return DGM_NOMEM;
    }
    return DGM_OK;
}

static void wrong(dgm_diags *diags, dgm_diag_code code, dgm_slice a, dgm_slice b, dgm_slice c)
{
    dgm_diag *d = dgm_diags_add(diags, code, DGM_ERROR);
    dgm_diag_text(diags, d, a);
    dgm_diag_text(diags, d, b);
    dgm_diag_text(diags, d, c);
}

static dgm_status check(const dgm_option *table, const char *whose, const dgm_settings *settings, dgm_diags *diags)
{
    dgm_status status = DGM_OK;
    for (size_t i = 0; i < settings->count; i++) {
        const dgm_setting *s = &settings->at[i];
        const dgm_option *o = table;
        while (o->name && !dgm_slice_is(s->name, o->name)) o++;
        if (o->name && dgm_option_takes(o, s->value)) continue;
        status = DGM_CONFIG;
        if (o->name) {
            wrong(diags, DGM_D_JOB_SETTING_VALUE, s->name, s->value, dgm_option_words(o));
            continue;
        }
        dgm_slice names[64];
        size_t n = 0;
        for (const dgm_option *k = table; k->name && n < 64; k++) names[n++] = dgm_slice_of(k->name);
        int near = dgm_nearest(s->name, names, n);
        wrong(diags, DGM_D_JOB_SETTING_UNKNOWN, s->name, dgm_slice_of(whose), near < 0 ? (dgm_slice){ 0 } : names[near]);
    }
    return status;
}

dgm_status dgm_job_check_settings(const dgm_codec *codec, bool writer, const dgm_settings *settings, dgm_diags *diags)
{
    return check(writer ? codec->writer_options : codec->reader_options, writer ? "the writer" : "the reader", settings, diags);
}

dgm_status dgm_job_check_ack_settings(const dgm_codec *codec, const dgm_settings *settings, dgm_diags *diags)
{
    return check(codec->ack_options, "answers", settings, diags);
}

static dgm_status stray_settings(const dgm_job_options *options, dgm_diags *diags)
{
    dgm_status status = DGM_OK;
    for (size_t i = 0; i < options->setting_count; i++) {
        dgm_slice name = options->settings[i].name;
        if (options->ack.open && dgm_slice_is(dgm_slice_part(name, 0, 4), "ack.")) continue;
        if (dgm_slice_is(dgm_slice_part(name, 0, 7), "reader.") || dgm_slice_is(dgm_slice_part(name, 0, 7), "writer.")) continue;
        wrong(diags, DGM_D_JOB_SETTING_UNKNOWN, name, DGM_LITERAL("a codec"), DGM_LITERAL("reader.… or writer.…"));
        status = DGM_CONFIG;
    }
    return status;
}

dgm_status dgm_job_settings(dgm_job *j, const dgm_job_options *options, dgm_diags *diags)
{
    j->options = *options;
    j->options.settings = NULL;
    j->options.from = dgm_arena_copy(&j->arena, options->from);
    j->options.to = dgm_arena_copy(&j->arena, options->to);
    j->options.level = dgm_arena_copy(&j->arena, options->level);
    j->options.level_usual = dgm_arena_copy(&j->arena, options->level_usual);
    j->options.guide = dgm_arena_copy(&j->arena, options->guide);
    j->options.partner = dgm_arena_copy(&j->arena, options->partner);
    if (!j->options.from.at || !j->options.to.at || !j->options.level.at) return DGM_NOMEM;
    if (!j->options.level_usual.at || !j->options.partner.at || !j->options.guide.at) return DGM_NOMEM;
    dgm_settings params = { 0 };
    dgm_status s = dgm_settings_copy(&j->arena, options->settings, options->setting_count, "reader.", &j->reader_settings);
    if (s == DGM_OK) s = dgm_settings_copy(&j->arena, options->settings, options->setting_count, "writer.", &j->writer_settings);
    if (s == DGM_OK) s = dgm_settings_copy(&j->arena, options->settings, options->setting_count, "ack.", &j->ack_settings);
    if (s == DGM_OK) s = dgm_settings_copy(&j->arena, options->params, options->param_count, "", &params);
    if (s != DGM_OK) return s;
    dgm_param *run_params = DGM_NEW(&j->arena, dgm_param, params.count + 1);
    if (!run_params) return DGM_NOMEM;
    for (size_t i = 0; i < params.count; i++) run_params[i] = (dgm_param){ params.at[i].name, params.at[i].value };
    j->run = (dgm_run_options){ .accounts = options->accounts || options->strict,
                                .origin = options->explain,
                                .params = run_params,
                                .param_count = params.count };
    return stray_settings(options, diags);
}
