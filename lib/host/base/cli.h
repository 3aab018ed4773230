/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cli.h - options of a program as a table; getopt_long does the parsing. --help and
 * --version are built in, and the usage text is made from the table.
 */
#ifndef MS_BASE_CLI_H
#define MS_BASE_CLI_H

#include <stdbool.h>
#include <stddef.h>

struct ms_option {
	int id;           /* the letter (shown as -x), or 256 and up for a long option alone */
	const char *name; /* long name, without dashes */
	const char *arg;  /* name of its argument, e.g. "FILE"; NULL: takes none */
	const char *help;
};

struct ms_cli {
	const char *program;
	const char *synopsis; /* what follows the program's name, e.g. "[options] [FILE]" */
	const char *summary;  /* one sentence */
	const struct ms_option *options;
	size_t count;
	/* For completions, may be NULL: pairs of an option's long name ("" for the first operand)
	 * and the words that it takes, with blanks between them; NULL at the end. */
	const char *const *words;
	const char *alias; /* another name of the program, or NULL */
	/* set by ms_cli_next: */
	const char *arg; /* the option's argument */
	int first;       /* after MS_CLI_END: index in argv of the first operand */
};
#define MS_CLI_END (-1)

/*
 * The next option's id, or MS_CLI_END. Ends the program: 0 after --help and --version, 2 after
 * an unknown option or a missing argument. Calls ms_diag_program at the first call. A call with
 * the one argument --completions=SHELL prints the completion script for that shell.
 */
int ms_cli_next(struct ms_cli *cli, int argc, char **argv);

/* Prints what --help prints. */
void ms_cli_help(const struct ms_cli *cli);

/* The next call begins with another program's arguments. */
void ms_cli_again(void);

/* The single FILE operand or NULL when there is none; more than one ends the program with 2. */
const char *ms_cli_operand(const struct ms_cli *cli, int argc, char **argv);

/* A decimal number of min..max from an option's argument; anything else ends the program with 2. */
long ms_cli_number(const struct ms_cli *cli, const char *option, long min, long max);

/* Which of two words an option's argument is: true for the second; any other word ends the program
 * with 2. */
bool ms_cli_second(const struct ms_cli *cli, const char *option, const char *first,
                   const char *second);

/* The option -C: goes to the folder that is its argument, or ends the program with 3. */
void ms_cli_directory(const struct ms_cli *cli);

/* Option table entries that every stage has. */
#define MS_OPTION_OUTPUT                                                                           \
	{                                                                                          \
		'o', "output", "FILE", "write to FILE instead of standard output"                  \
	}

#define MS_VERSION "0.1.0"

#endif
