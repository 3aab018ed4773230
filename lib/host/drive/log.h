/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.h - a build as events, for other programs: --log json. ms-build(1) has the keys. One JSON
 * object a line, on stderr (in place of all else that is written there) or in a file. It is the
 * one place where a duration is written down.
 */
#ifndef MS_DRIVE_LOG_H
#define MS_DRIVE_LOG_H

#include "drive/pipeline.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What --log says: "json" or "json:FILE". Ends the program with 2 when it says anything else, with
 * 3 when FILE cannot be written. */
void ms_log_open(const char *how);

/* True when events are wanted; and when they go to stderr, where nothing else belongs then. */
bool ms_log_wanted(void);
bool ms_log_owns_stderr(void);

void ms_log_build_start(const char *spec, size_t stages);
void ms_log_stage_start(size_t number, const struct ms_stage *stage);
void ms_log_stage_end(size_t number, const struct ms_stage *stage, int status, int64_t ms);

/* What a stage told (base/events.h), checked. */
void ms_log_step_start(const char *stage, json_t *event);
void ms_log_step_end(const char *stage, json_t *event, int64_t ms);
void ms_log_output(const char *stage, json_t *event);
void ms_log_message(const char *stage, json_t *event);

/* Lines of text from a program that tells nothing. */
void ms_log_text(const char *stage, const char *text, size_t len);

/* unchanged: the last build stands. document: of a build that ended well, else NULL. */
void ms_log_build_end(int status, bool unchanged, const char *image, const json_t *document);

#endif
