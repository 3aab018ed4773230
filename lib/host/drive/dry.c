/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dry.c - what a build would run, as lines that a shell understands.
 */
#include "drive/verbs.h"
#include "base/diag.h"
#include "base/toolkit.h"
#include "drive/progress.h"

#include <stdio.h>
#include <string.h>

#define PLAIN                                                                                      \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"                           \
	"@%+=:,./_-"

static void print_word(const char *word)
{
	if (*word && word[strspn(word, PLAIN)] == '\0') {
		fputs(word, stdout);
		return;
	}
	putchar('\'');
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*word);
	}
	putchar('\'');
}

static void print_stages(const struct ms_pipeline *pipeline)
{
	printf("#");
	for (size_t i = 0; i < pipeline->count; i++) {
		const struct ms_list *argv = &pipeline->stages[i].argv;

		printf(i ? " | \\\n#  " : "");
		for (size_t k = 0; k < argv->count; k++) {
			putchar(' ');
			print_word(argv->items[k]);
		}
	}
	putchar('\n');
}

static void print_step(const struct ms_places *places, const json_t *step)
{
	const json_t *commands = json_object_get(step, "commands"), *command, *word;
	const char *kind = json_string_value(json_object_get(step, "kind"));
	const char *name = json_string_value(json_object_get(step, "name"));
	size_t i, k;

	printf("# %s %s%s\n", kind ? kind : "step", name ? name : "",
	       json_array_size(commands) ? "" : ": nothing to run");
	for (i = 0; i < json_array_size(commands); i++) {
		command = json_array_get(commands, i);
		for (k = 0; k < json_array_size(command); k++) {
			word = json_array_get(command, k);
			if (k)
				putchar(' ');
			if (json_is_string(word))
				print_word(ms_expand_word(places, json_string_value(word)));
		}
		putchar('\n');
	}
}

int ms_verb_dry_run(const struct ms_drive *drive)
{
	struct ms_pipeline all, some;
	struct ms_places places = {0};
	const struct ms_buf *text;
	json_t *plan;
	const json_t *steps;
	int status;

	ms_pipeline_make(&all, drive, MS_PIPELINE_IMAGE);
	ms_pipeline_make(&some, drive, MS_PIPELINE_PLAN);
	ms_progress_open(MS_TALK_QUIET, some.count);
	status = ms_pipeline_run(&some, NULL, NULL);
	if (status != 0)
		return status;
	text = &some.stages[some.count - 1].output;
	plan = json_loadb(text->data, text->len, JSON_REJECT_DUPLICATES, NULL);
	if (!plan) {
		ms_report(MS_ERROR, NULL, NULL, "stage ms-hash wrote no JSON document");
		return MS_EXIT_SYSTEM;
	}
	ms_places_find(&places);
	places.build = ms_build_folder(drive, plan);
	places.kernel = ms_format("%s/kernel", places.build);
	print_stages(&all);
	steps = json_object_get(plan, "steps");
	for (size_t i = 0; i < json_array_size(steps); i++)
		print_step(&places, json_array_get(steps, i));
	return MS_EXIT_OK;
}
