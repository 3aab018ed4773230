/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dry.c - what a build would run, as lines that a shell understands.
 */
#include "drive/verbs.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/json.h"
#include "base/run.h"
#include "base/toolkit.h"
#include "drive/folder.h"
#include "drive/progress.h"
#include "plan/make.h"
#include "plan/plan.h"

#include <stdio.h>
#include <string.h>

static void print_stages(const struct ms_pipeline *pipeline)
{
	struct ms_buf text = {0};

	ms_buf_puts(&text, "#");
	for (size_t i = 0; i < pipeline->count; i++) {
		const struct ms_list *argv = &pipeline->stages[i].argv;

		ms_buf_puts(&text, i ? " | \\\n#  " : "");
		for (size_t k = 0; k < argv->count; k++) {
			ms_buf_puts(&text, " ");
			ms_shell_word(&text, argv->items[k]);
		}
	}
	puts(text.data);
}

/* The step that ms-link carries out; the others are ms-compile's. */
static void print_assembly(const struct ms_drive *drive, const json_t *plan)
{
	struct ms_places places = {0};
	struct ms_make make = {.places = &places, .launcher = drive->launcher};
	struct ms_make_command *commands;
	size_t count;

	ms_places_find(&places);
	places.build = ms_build_folder(drive, plan);
	places.kernel = ms_path_join(places.build, "kernel");
	commands = ms_make_commands(ms_plan_step(plan, "AssembleImage"), &count);
	ms_make_print(&make, commands, count);
}

int ms_verb_dry_run(const struct ms_drive *drive)
{
	struct ms_pipeline all, dry;
	const struct ms_buf *text;
	json_t *plan;
	int status;

	ms_pipeline_make(&all, drive, MS_PIPELINE_IMAGE);
	ms_pipeline_make(&dry, drive, MS_PIPELINE_DRY);
	ms_progress_open(MS_TALK_QUIET, drive->color, dry.count);
	status = ms_pipeline_run(&dry, NULL, NULL);
	if (status != 0)
		return status;
	text = &dry.stages[dry.count - 2].output;
	plan = ms_json_load(text->data, text->len, NULL);
	if (!plan || !ms_plan_step(plan, "AssembleImage")) {
		ms_report(MS_ERROR, NULL, NULL, "stage ms-hash wrote no plan");
		return MS_EXIT_SYSTEM;
	}
	print_stages(&all);
	text = &dry.stages[dry.count - 1].output;
	ms_write_file(NULL, text->data, text->len, 0);
	print_assembly(drive, plan);
	return MS_EXIT_OK;
}
