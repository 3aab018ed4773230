/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ms-graph.c - prints who is in a system and what connects them, for Graphviz or as a drawing.
 */
#include "base/cli.h"
#include "base/diag.h"
#include "base/file.h"
#include "report/document.h"
#include "report/graph.h"
#include "report/picture.h"

#include <stdbool.h>
#include <string.h>

enum { OPT_FORMAT = 256, OPT_ONLY, OPT_FOCUS };

static const struct ms_option options[] = {
    MS_OPTION_OUTPUT,
    {OPT_FORMAT, "format", "NAME", "dot (the default) or svg"},
    {OPT_ONLY, "only", "KINDS",
     "only these: channels (or calls, signals), regions, interrupts, faults, capabilities"},
    {OPT_FOCUS, "focus", "NAME",
     "only this protection domain or virtual machine, and its neighbours"},
};

/* Adds the kinds of a list of words, with commas between. */
static unsigned read_kinds(const char *words)
{
	unsigned kinds = 0;

	for (;;) {
		size_t len = strcspn(words, ",");
		unsigned found = 0;

		for (int k = 0; k < MS_LINK_KINDS; k++)
			if (strlen(ms_link_words[k]) == len &&
			    memcmp(ms_link_words[k], words, len) == 0)
				found = 1u << k;
		if (len == 8 && memcmp(words, "channels", len) == 0)
			found = 1u << MS_LINK_CALL | 1u << MS_LINK_SIGNAL;
		if (!found)
			ms_die_usage("--only %.*s: must be channels, calls, signals, regions, "
			             "interrupts, faults or capabilities",
			             len > 80 ? 80 : (int)len, words);
		kinds |= found;
		if (!words[len])
			return kinds;
		words += len + 1;
	}
}

static const char *const words[] = {"format", "dot svg", "only",
                                    "channels calls signals regions interrupts faults capabilities",
                                    NULL};

int main(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-graph",
	    .synopsis = "[options] [FILE]",
	    .summary = "Prints protection domains, channels, regions and interrupts as a graph.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	    .words = words,
	};
	struct ms_graph_choice choice = {0};
	const char *output = NULL, *text;
	struct ms_document document;
	struct ms_graph graph;
	struct ms_buf drawing = {0};
	bool svg = false;
	int id;

	ms_file_on_signals();
	while ((id = ms_cli_next(&cli, argc, argv)) != MS_CLI_END) {
		switch (id) {
		case 'o': output = cli.arg; break;
		case OPT_FORMAT: svg = ms_cli_second(&cli, "format", "dot", "svg"); break;
		case OPT_ONLY: choice.links |= read_kinds(cli.arg); break;
		case OPT_FOCUS: choice.focus = cli.arg; break;
		}
	}
	ms_document_read(ms_cli_operand(&cli, argc, argv), &document);
	if (!ms_graph_make(document.spec, &choice, &graph))
		ms_die_input("%s has no protection domain or virtual machine called \"%.80s\"",
		             document.name, choice.focus);
	if (svg) {
		struct ms_picture picture;

		ms_picture_make(&graph, &picture);
		ms_picture_svg(&picture, true, &drawing);
		text = drawing.data;
	} else {
		text = ms_graph_dot(&graph);
	}
	ms_write_file(output, text, strlen(text), 0);
	ms_exit(MS_EXIT_OK);
}
