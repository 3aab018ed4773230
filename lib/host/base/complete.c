/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * complete.c - a program's options as a completion script for bash, zsh and fish. What an option's
 * argument is follows from the name that the option table gives it, or from the program's list of
 * words (cli.h). The scripts need nothing but the shell.
 */
#include "base/complete.h"

#include <ctype.h>
#include <string.h>

enum what { NOTHING, FILES, FOLDERS, PROGRAMS, WORDS };

/* The words that an option ("" for the first operand) can be given, or NULL. */
static const char *words_of(const struct ms_cli *cli, const char *option)
{
	for (size_t i = 0; cli->words && cli->words[i]; i += 2) {
		if (strcmp(cli->words[i], option) == 0)
			return cli->words[i + 1];
	}
	return NULL;
}

static enum what what_is(const struct ms_cli *cli, const struct ms_option *option)
{
	static const struct {
		const char *arg;
		enum what what;
	} names[] = {{"FILE", FILES},  {"IMAGE", FILES},      {"KEY", FILES},     {"KEYS", FILES},
	             {"DIR", FOLDERS}, {"PROGRAM", PROGRAMS}, {"WORDS", PROGRAMS}};

	if (words_of(cli, option->name))
		return WORDS;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i].arg, option->arg) == 0)
			return names[i].what;
	}
	return NOTHING;
}

/* All options, the program's own first. */
static size_t option_count(const struct ms_cli *cli)
{
	return cli->count + MS_CLI_STANDARD;
}

static const struct ms_option *option_at(const struct ms_cli *cli, size_t i)
{
	return i < cli->count ? &cli->options[i] : &ms_cli_standard[i - cli->count];
}

/* A name that a shell's function can have. */
static const char *function_name(const struct ms_cli *cli)
{
	char *name = ms_format("_%s", cli->program);

	for (char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c))
			*c = '_';
	}
	return name;
}

/* Adds text between single quotes; each of the characters in escape gets a backslash. */
static void add_quoted(struct ms_buf *out, const char *text, const char *quote, const char *escape)
{
	for (; *text; text++) {
		if (*text == '\'')
			ms_buf_puts(out, quote);
		else
			ms_buf_printf(out, "%s%c", strchr(escape, *text) ? "\\" : "", *text);
	}
}

/* -- bash ---------------------------------------------------------------------------------- */

static void bash_argument(struct ms_buf *out, const struct ms_cli *cli,
                          const struct ms_option *option)
{
	ms_buf_puts(out, "  ");
	if (option->id < 256)
		ms_buf_printf(out, "-%c|", option->id);
	ms_buf_printf(out, "--%s) ", option->name);
	switch (what_is(cli, option)) {
	case FILES: ms_buf_puts(out, "compopt -o filenames; how=(-f)"); break;
	case FOLDERS: ms_buf_puts(out, "compopt -o filenames; how=(-d)"); break;
	case PROGRAMS: ms_buf_puts(out, "how=(-c)"); break;
	case WORDS: ms_buf_printf(out, "how=(-W '%s')", words_of(cli, option->name)); break;
	case NOTHING: ms_buf_puts(out, "return"); break;
	}
	ms_buf_puts(out, " ;;\n");
}

static void bash_script(struct ms_buf *out, const struct ms_cli *cli)
{
	const char *function = function_name(cli), *first = words_of(cli, "");

	/* bash breaks a word at "=": the option stands one or two words before. */
	ms_buf_printf(
	    out,
	    "# bash completion of %s\n"
	    "%s() {\n"
	    "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} word\n"
	    "  local how=()\n"
	    "  COMPREPLY=()\n"
	    "  if [[ $cur == = ]]; then\n    cur=\n"
	    "  elif [[ $prev == = ]]; then\n    prev=${COMP_WORDS[COMP_CWORD-2]}\n  fi\n"
	    "  case $prev in\n",
	    cli->program, function);
	for (size_t i = 0; i < option_count(cli); i++) {
		if (option_at(cli, i)->arg)
			bash_argument(out, cli, option_at(cli, i));
	}
	ms_buf_puts(out, "  *)\n    case $cur in\n    -*) how=(-W '");
	for (size_t i = 0; i < option_count(cli); i++)
		ms_buf_printf(out, "%s--%s", i ? " " : "", option_at(cli, i)->name);
	ms_buf_puts(out, "') ;;\n    *)\n      compopt -o filenames\n      how=(-f)\n");
	if (first)
		ms_buf_printf(out,
		              "      how=(-f -W '%s')\n"
		              "      for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
		              "        case \" %s \" in *\" $word \"*) how=(-f) ;; esac\n"
		              "      done\n",
		              first, first);
	ms_buf_puts(out, "      ;;\n    esac\n    ;;\n  esac\n"
	                 "  mapfile -t COMPREPLY < <(compgen \"${how[@]}\" -- \"$cur\")\n}\n");
	ms_buf_printf(out, "complete -F %s %s%s%s\n", function, cli->program, cli->alias ? " " : "",
	              cli->alias ? cli->alias : "");
}

/* -- zsh ----------------------------------------------------------------------------------- */

#define ZSH_QUOTE   "'\\''"
#define ZSH_SPECIAL "[]:\\"

static void zsh_option(struct ms_buf *out, const struct ms_cli *cli, const struct ms_option *option)
{
	ms_buf_puts(out, "  '*'");
	if (option->id < 256)
		ms_buf_printf(out, "{-%c%s,--%s%s}", option->id, option->arg ? "+" : "",
		              option->name, option->arg ? "=" : "");
	else
		ms_buf_printf(out, "--%s%s", option->name, option->arg ? "=" : "");
	ms_buf_puts(out, "'[");
	add_quoted(out, option->help, ZSH_QUOTE, ZSH_SPECIAL);
	ms_buf_puts(out, "]");
	if (option->arg) {
		ms_buf_puts(out, ":");
		add_quoted(out, option->arg, ZSH_QUOTE, ZSH_SPECIAL);
		switch (what_is(cli, option)) {
		case FILES: ms_buf_puts(out, ":_files"); break;
		case FOLDERS: ms_buf_puts(out, ":_files -/"); break;
		case PROGRAMS: ms_buf_puts(out, ":_command_names -e"); break;
		case WORDS: ms_buf_printf(out, ":(%s)", words_of(cli, option->name)); break;
		case NOTHING: ms_buf_puts(out, ": "); break;
		}
	}
	ms_buf_puts(out, "' \\\n");
}

static void zsh_script(struct ms_buf *out, const struct ms_cli *cli)
{
	const char *first = words_of(cli, "");

	ms_buf_printf(out, "#compdef %s%s%s\n_arguments -s -S \\\n", cli->program,
	              cli->alias ? " " : "", cli->alias ? cli->alias : "");
	for (size_t i = 0; i < option_count(cli); i++)
		zsh_option(out, cli, option_at(cli, i));
	if (first)
		ms_buf_printf(out, "  '1:first:{ compadd %s; _files }' \\\n", first);
	ms_buf_puts(out, "  '*:file:_files'\n");
}

/* -- fish ---------------------------------------------------------------------------------- */

static void fish_option(struct ms_buf *out, const struct ms_cli *cli,
                        const struct ms_option *option)
{
	ms_buf_printf(out, "complete -c %s", cli->program);
	if (option->id < 256)
		ms_buf_printf(out, " -s %c", option->id);
	ms_buf_printf(out, " -l %s", option->name);
	if (option->arg) {
		switch (what_is(cli, option)) {
		case FILES: ms_buf_puts(out, " -r -F"); break;
		case FOLDERS: ms_buf_puts(out, " -x -a '(__fish_complete_directories)'"); break;
		case PROGRAMS: ms_buf_puts(out, " -x -a '(__fish_complete_command)'"); break;
		case WORDS: ms_buf_printf(out, " -x -a '%s'", words_of(cli, option->name)); break;
		case NOTHING: ms_buf_puts(out, " -x"); break;
		}
	}
	ms_buf_puts(out, " -d '");
	add_quoted(out, option->help, "\\'", "\\");
	ms_buf_puts(out, "'\n");
}

static void fish_script(struct ms_buf *out, const struct ms_cli *cli)
{
	const char *first = words_of(cli, "");

	ms_buf_printf(out, "# fish completion of %s\n", cli->program);
	for (size_t i = 0; i < option_count(cli); i++)
		fish_option(out, cli, option_at(cli, i));
	if (first)
		ms_buf_printf(out,
		              "complete -c %s -n 'not __fish_seen_subcommand_from %s' -a '%s'\n",
		              cli->program, first, first);
	if (cli->alias)
		ms_buf_printf(out, "complete -c %s -w %s\n", cli->alias, cli->program);
}

bool ms_complete(struct ms_buf *out, const struct ms_cli *cli, const char *shell)
{
	static const struct {
		const char *shell;
		void (*script)(struct ms_buf *out, const struct ms_cli *cli);
	} shells[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(shells[i].shell, shell) == 0) {
			shells[i].script(out, cli);
			return true;
		}
	}
	return false;
}
