/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cli.c - options from a table, through getopt_long.
 */
#include "base/cli.h"
#include "base/complete.h"
#include "base/diag.h"
#include "base/mem.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_HELP = 0x10000, OPTION_VERSION };

const struct ms_option ms_cli_standard[MS_CLI_STANDARD] = {
    {'h', "help", NULL, "show this text and end"},
    {'V', "version", NULL, "show the version and end"},
};

void ms_cli_help(const struct ms_cli *cli)
{
	printf("usage: %s %s\n%s\n\n", cli->program, cli->synopsis, cli->summary);
	for (size_t i = 0; i < cli->count + MS_CLI_STANDARD; i++) {
		const struct ms_option *o =
		    i < cli->count ? &cli->options[i] : &ms_cli_standard[i - cli->count];
		char *name =
		    ms_format("--%s%s%s", o->name, o->arg ? "=" : "", o->arg ? o->arg : "");

		if (o->id < 256)
			printf("  -%c, %-26s %s\n", o->id, name, o->help);
		else
			printf("      %-26s %s\n", name, o->help);
	}
}

/* getopt_long's two views of the table. */
static void make_tables(const struct ms_cli *cli, struct ms_buf *letters, struct option **longs)
{
	struct option *l = ms_alloc(cli->count + 3, sizeof(*l));

	ms_buf_puts(letters, ":hV");
	for (size_t i = 0; i < cli->count; i++) {
		const struct ms_option *o = &cli->options[i];

		l[i].name = o->name;
		l[i].has_arg = o->arg ? required_argument : no_argument;
		l[i].val = o->id;
		if (o->id < 256)
			ms_buf_printf(letters, "%c%s", o->id, o->arg ? ":" : "");
	}
	l[cli->count].name = "help";
	l[cli->count].val = OPTION_HELP;
	l[cli->count + 1].name = "version";
	l[cli->count + 1].val = OPTION_VERSION;
	*longs = l;
}

/* make install asks this of each program. It is no option of the table: one that people abbreviate
 * keeps its abbreviations. */
static void print_completions(const struct ms_cli *cli, const char *word)
{
	static const char option[] = "--completions=";
	struct ms_buf script = {0};

	if (strncmp(word, option, strlen(option)) != 0)
		return;
	if (!ms_complete(&script, cli, word + strlen(option)))
		ms_die_usage("--completions takes bash, zsh or fish, not \"%s\"",
		             word + strlen(option));
	fwrite(script.data, 1, script.len, stdout);
	ms_exit(MS_EXIT_OK);
}

/* Why getopt took no word that begins with two dashes; len: of its name. */
_Noreturn static void die_of_word(const struct ms_cli *cli, const char *name, size_t len,
                                  bool known)
{
	const char *first = NULL, *candidates[64], *near;
	size_t count = 0;

	if (known)
		ms_die_usage("option --%.*s takes no argument", (int)len, name);
	for (size_t i = 0; i < cli->count + MS_CLI_STANDARD; i++) {
		const char *it =
		    i < cli->count ? cli->options[i].name : ms_cli_standard[i - cli->count].name;

		if (strncmp(it, name, len) == 0 && first)
			ms_die_usage("option --%.*s can be --%s or --%s", (int)len, name, first,
			             it);
		if (strncmp(it, name, len) == 0)
			first = it;
		if (count < sizeof(candidates) / sizeof(candidates[0]))
			candidates[count++] = it;
	}
	near = ms_nearest(ms_strndup(name, len), candidates, count);
	ms_die_usage("unknown option --%.*s%s%s%s (--help lists the options)", (int)len, name,
	             near ? "; did you mean --" : "", near ? near : "", near ? "?" : "");
}

_Noreturn static void die_of_option(const struct ms_cli *cli, const char *word)
{
	bool known = false;

	/* A word "--quiet=5" leaves the letter of the option that it names, too. */
	for (size_t i = 0; i < cli->count + MS_CLI_STANDARD && optopt; i++)
		known = known || optopt == OPTION_HELP || optopt == OPTION_VERSION ||
		        optopt == (i < cli->count ? cli->options[i].id
		                                  : ms_cli_standard[i - cli->count].id);
	if (optopt && !known)
		ms_die_usage("unknown option -%c (--help lists the options)", optopt);
	die_of_word(cli, word + 2, strcspn(word + 2, "="), known);
}

static struct ms_buf letters;
static struct option *longs;

void ms_cli_again(void)
{
	letters.len = 0;
	longs = NULL;
	optind = 0; /* GNU: from the start, with all that getopt remembers */
}

int ms_cli_next(struct ms_cli *cli, int argc, char **argv)
{
	int id;

	if (!longs) {
		ms_diag_program(cli->program);
		if (argc < 1)
			ms_die_usage("started without a name");
		if (argc == 2)
			print_completions(cli, argv[1]);
		make_tables(cli, &letters, &longs);
		opterr = 0;
	}
	id = getopt_long(argc, argv, letters.data, longs, NULL);
	cli->arg = optarg;
	switch (id) {
	case -1: cli->first = optind; return MS_CLI_END;
	case 'h':
	case OPTION_HELP: ms_cli_help(cli); ms_exit(MS_EXIT_OK);
	case 'V':
	case OPTION_VERSION:
		printf("%s (moonshot-toolkit) %s\n", cli->program, MS_VERSION);
		ms_exit(MS_EXIT_OK);
	case ':':
		ms_die_usage("option %s needs an argument (--help lists the options)",
		             argv[optind - 1]);
	case '?': die_of_option(cli, argv[optind - 1]);
	default: return id;
	}
}

const char *ms_cli_operand(const struct ms_cli *cli, int argc, char **argv)
{
	if (argc - cli->first > 1)
		ms_die_usage("more than one operand: %s (--help shows the usage)",
		             argv[cli->first + 1]);
	return cli->first < argc ? argv[cli->first] : NULL;
}

long ms_cli_number(const struct ms_cli *cli, const char *option, long min, long max)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(cli->arg, &end, 10);
	if (errno || end == cli->arg || *end ||
	    strspn(cli->arg, "-0123456789") != strlen(cli->arg) || value < min || value > max)
		ms_die_usage("%s takes a number from %ld to %ld, not \"%s\"", option, min, max,
		             cli->arg);
	return value;
}

bool ms_cli_second(const struct ms_cli *cli, const char *option, const char *first,
                   const char *second)
{
	if (strcmp(cli->arg, second) == 0)
		return true;
	if (strcmp(cli->arg, first) != 0)
		ms_die_usage("--%s takes %s or %s, not \"%s\"", option, first, second, cli->arg);
	return false;
}

void ms_cli_directory(const struct ms_cli *cli)
{
	if (chdir(cli->arg) != 0)
		ms_die_errno("%s", cli->arg);
}
