/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * make_print.c - commands of a plan as they would be run, for a person or a shell.
 */
#include "plan/make.h"

#include "plan/words.h"

#include "base/diag.h"
#include "base/run.h"

#include <stdio.h>
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

static void print_word(const char *word)
{
	struct ms_buf text = {0};

	ms_shell_word(&text, word);
	fputs(text.data, stdout);
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
		for (size_t k = 0; words.compiles && k < launcher.count; k++) {
			print_word(launcher.items[k]);
			putchar(' ');
		}
		for (size_t k = 0; k < words.count; k++) {
			print_word(ms_expand_word(make->places, words.argv[k]));
			putchar(k + 1 < words.count ? ' ' : '\n');
		}
	}
}
