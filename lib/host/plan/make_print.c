/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * make_print.c - commands of a plan as they are run, and what they print, for a person or a shell.
 */
#include "plan/make.h"

#include "plan/make_print.h"

#include "base/diag.h"
#include "base/events.h"
#include "base/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ms_list ms_make_launcher(const struct ms_make *make)
{
	const char *p = make->launcher ? make->launcher : "";
	struct ms_list words = {0};

	while (*(p += strspn(p, " "))) {
		size_t n = strcspn(p, " ");

		ms_list_add(&words, ms_strndup(p, n));
		p += n;
	}
	if (words.count && !ms_find_program(words.items[0]))
		ms_die_system("the launcher %s: there is no such program", words.items[0]);
	return words;
}

char *ms_make_command_line(const struct ms_make *make, const struct ms_list *launcher,
                           const struct ms_words *words)
{
	struct ms_buf line = {0};

	for (size_t k = 0; words->compiles && k < launcher->count; k++) {
		ms_shell_word(&line, launcher->items[k]);
		ms_buf_puts(&line, " ");
	}
	for (size_t k = 0; k < words->count; k++) {
		ms_shell_word(&line, ms_expand_word(make->places, words->argv[k]));
		if (k + 1 < words->count)
			ms_buf_puts(&line, " ");
	}
	return line.data;
}

void ms_make_show(const struct ms_make_command *command, size_t id, bool failed,
                  const struct ms_buf *output)
{
	struct ms_buf text = {0};
	size_t header;

	if (output->len == 0)
		return;
	/* Of one that failed it is said behind its own words. */
	if (!failed)
		ms_buf_printf(&text, "%s: %s: %s\n", ms_diag_program_name(), command->step,
		              command->output);
	header = text.len;
	for (size_t i = 0; i < output->len; i++) {
		unsigned char c = (unsigned char)output->data[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			ms_buf_printf(&text, "\\x%02x", c);
		else
			ms_buf_add(&text, &c, 1);
	}
	if (text.data[text.len - 1] != '\n')
		ms_buf_puts(&text, "\n");
	ms_event_output(id, text.data + header, text.len - header);
	if (!ms_events_only())
		fwrite(text.data, 1, text.len, stderr);
	free(text.data);
}

void ms_make_print(const struct ms_make *make, const struct ms_make_command *commands, size_t count)
{
	const struct ms_list launcher = ms_make_launcher(make);

	for (size_t i = 0; i < count; i++) {
		struct ms_words words;
		const char *why = ms_words_read(&words, commands[i].argv);

		if (why)
			ms_die_input("step %s: the command %s %s", commands[i].step,
			             commands[i].argv[0], why);
		puts(ms_make_command_line(make, &launcher, &words));
	}
}
