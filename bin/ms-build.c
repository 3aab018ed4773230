/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ms-build.c - the whole pipeline as one program; moonshot-toolkit is another name of it.
 */
#include "base/cli.h"
#include "base/diag.h"
#include "base/explain.h"
#include "base/file.h"
#include "base/mem.h"
#include "drive/console.h"
#include "drive/doctor.h"
#include "drive/log.h"
#include "drive/preflight.h"
#include "drive/verbs.h"
#include "image/files.h"
#include "plan/lock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum verb { VALIDATE, PLAN, BUILD, RUN, DEBUG, VERIFY, LOCK, DIFF, INIT, DOCTOR, HELP, VERBS };
static const char *const verb_names[VERBS] = {"validate", "plan",   "build", "run",
                                              "debug",    "verify", "lock",  "diff",
                                              "init",     "doctor", "help"};

enum {
	OPTION_KERNEL = 256,
	OPTION_LAUNCHER,
	OPTION_SEARCH,
	OPTION_HERMETIC,
	OPTION_SAVE,
	OPTION_NO_SAVE,
	OPTION_STAGE,
	OPTION_FILTER,
	OPTION_EXPECT,
	OPTION_TIMEOUT,
	OPTION_FORMAT,
	OPTION_FIT_KEY,
	OPTION_LOCKED,
	OPTION_JSON,
	OPTION_LOCK_FILE,
	OPTION_NO_GDB,
	OPTION_GDB_PORT,
	OPTION_COLOR,
	OPTION_LOG,
	OPTION_DTB,
	OPTION_EXPLAIN,
	OPTION_SILENCE
};

static const struct ms_option options[] = {
    {'C', "directory", "DIR", "change to DIR first: the project's root"},
    {'B', "build-dir", "DIR", "build folder (default: the specification's output_dir, build)"},
    {'o', "output", "IMAGE", "where the image goes (default: BUILD_DIR/system-image.bin)"},
    {OPTION_FORMAT, "format", "FORMAT",
     "elf (the default), raw, image, fit or efi; may be repeated"},
    {OPTION_FIT_KEY, "fit-key", "KEY", "sign the fit with DIR/NAME[:ALGORITHM]; may be repeated"},
    {OPTION_LOCKED, "locked", NULL, "build only from what the lock lists"},
    {OPTION_LOCK_FILE, "lock-file", "FILE", "the lock (default: moonshot.lock beside SPEC)"},
    {OPTION_KERNEL, "kernel", "DIR", "seL4 build (default: $MS_KERNEL, else the probe kernel)"},
    {OPTION_SEARCH, "search-path", "DIR", "find what a SPEC in XML names in DIR; repeatable"},
    {'j', "jobs", "N", "compile N files at a time (default: make's jobserver, else all cores)"},
    {OPTION_LAUNCHER, "launcher", "PROGRAM", "start compilers through PROGRAM, e.g. ccache"},
    {OPTION_HERMETIC, "hermetic", NULL, "let each command see only what it declares, no network"},
    {'n', "dry-run", NULL, "print every command, run none of them"},
    {OPTION_SAVE, "save-stages", NULL, "keep every document in BUILD_DIR/stages (the default)"},
    {OPTION_NO_SAVE, "no-save-stages", NULL, "keep none"},
    {OPTION_STAGE, "stage", "NAME=PROGRAM", "use PROGRAM in place of stage NAME"},
    {OPTION_FILTER, "filter", "NAME=PROGRAM", "pass the document of stage NAME through PROGRAM"},
    {OPTION_EXPECT, "expect", "REGEX", "run: end with 0 when a console line matches REGEX"},
    {OPTION_TIMEOUT, "timeout", "S", "run: end with 124 after S seconds"},
    {OPTION_NO_GDB, "no-gdb", NULL, "debug: start QEMU alone and say how gdb is to be called"},
    {OPTION_GDB_PORT, "gdb-port", "PORT", "debug: a loopback port in place of a socket"},
    {OPTION_SILENCE, "silence", "RULE", "do not look at RULE before a run; may be repeated"},
    {OPTION_EXPLAIN, "explain", NULL, "print the page of the rule SPEC; without one, all rules"},
    {OPTION_DTB, "dtb", "FILE", "doctor: compare a boot loader's device tree with the kernel's"},
    {OPTION_JSON, "json", NULL, "diff: print the differences as a document"},
    {OPTION_COLOR, "color", "WHEN", "colours: auto (the default), always or never"},
    {OPTION_LOG, "log", "json[:FILE]", "write what happens as JSON, to standard error or FILE"},
    {'q', "quiet", NULL, "say nothing but errors"},
    {'v', "verbose", NULL, "show the stages' commands"},
};

struct call {
	struct ms_drive drive;
	struct ms_debug debug;
	enum verb verb;
	bool verb_given, dry_run, locked, json, explain;
	const char *other; /* diff: the second operand */
	const char *directory, *lock, *log, *dtb;
};

/* QEMU is started, and what follows "--" is for it, or for gdb. */
static bool boots(const struct call *call)
{
	return call->verb == RUN || call->verb == DEBUG;
}

/* An empty name would be found missing late, and named badly. */
static void refuse_empty(const char *option, const char *value)
{
	if (value && !*value)
		ms_die_usage("%s: the name is empty", option);
}

static enum ms_color color_of(const char *when)
{
	static const char *const words[] = {"auto", "always", "never"};

	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(when, words[i]) == 0)
			return (enum ms_color)i;
	}
	ms_die_usage("--color takes auto, always or never, not \"%s\"", when);
}

static void set(struct call *call, struct ms_cli *cli, int id)
{
	struct ms_drive *d = &call->drive;

	switch (id) {
	case 'C': call->directory = cli->arg; break;
	case 'B': d->build = cli->arg; break;
	case 'o': d->image = cli->arg; break;
	case OPTION_FORMAT: ms_list_add(&d->formats, cli->arg); break;
	case OPTION_FIT_KEY: ms_list_add(&d->fit_keys, cli->arg); break;
	case OPTION_JSON: call->json = true; break;
	case OPTION_NO_GDB: call->debug.no_gdb = true; break;
	case OPTION_GDB_PORT: call->debug.port = ms_cli_number(cli, "--gdb-port", 1, 65535); break;
	case OPTION_LOCKED: call->locked = true; break;
	case OPTION_LOCK_FILE: call->lock = cli->arg; break;
	case OPTION_KERNEL: d->kernel = cli->arg; break;
	case 'j':
		ms_cli_number(cli, "-j", 1, 1024);
		d->jobs = cli->arg;
		break;
	case OPTION_LAUNCHER: d->launcher = cli->arg; break;
	case OPTION_SEARCH:
		refuse_empty("--search-path", cli->arg);
		ms_list_add(&d->search_paths, cli->arg);
		break;
	case OPTION_HERMETIC: d->hermetic = true; break;
	case 'n': call->dry_run = true; break;
	case OPTION_SAVE: d->save = true; break;
	case OPTION_NO_SAVE: d->save = false; break;
	case OPTION_STAGE: ms_list_add(&d->replaced, cli->arg); break;
	case OPTION_FILTER: ms_list_add(&d->filters, cli->arg); break;
	case OPTION_EXPECT: call->debug.boot.expect = cli->arg; break;
	case OPTION_TIMEOUT:
		call->debug.boot.timeout = ms_cli_number(cli, "--timeout", 1, 86400);
		break;
	case OPTION_COLOR: d->color = color_of(cli->arg); break;
	case OPTION_SILENCE:
		if (ms_preflight_fault(cli->arg))
			ms_die_usage("--silence %s: that %s", cli->arg,
			             ms_preflight_fault(cli->arg));
		ms_list_add(&d->silenced, cli->arg);
		break;
	case OPTION_EXPLAIN: call->explain = true; break;
	case OPTION_DTB: call->dtb = cli->arg; break;
	case OPTION_LOG: call->log = cli->arg; break;
	case 'q': d->quiet = true; break;
	case 'v': d->verbose = true; break;
	}
}

/* A verb that is misspelt looks like a specification. No verb has a dot or a slash. */
static void refuse_verb(const char *word, bool certain)
{
	const char *near = ms_nearest(word, verb_names, VERBS);

	if (strpbrk(word, "./-") || (!certain && (!near || access(word, F_OK) == 0)))
		return;
	ms_die_usage("there is no verb \"%s\"%s%s%s", word,
	             near ? "; did you mean \"" : " (--help shows them)", near ? near : "",
	             near ? "\"?" : "");
}

/* help [VERB]: a file of that name is ./help. */
_Noreturn static void help(const struct ms_cli *cli, char **words, int count, char **rest)
{
	const char *extra = count > 1 ? words[1] : rest ? rest[0] : NULL;
	bool known = count == 0;

	for (int v = 0; v < VERBS && count; v++)
		known = known || strcmp(words[0], verb_names[v]) == 0;
	if (!known)
		refuse_verb(words[0], true);
	if (!known || extra)
		ms_die_usage("help takes nothing but a verb: %s", known ? extra : words[0]);
	ms_cli_help(cli);
	ms_exit(MS_EXIT_OK);
}

/* Verb and SPEC from the operands; `rest` is what followed "--", or NULL. */
static void operands(struct call *call, const struct ms_cli *cli, char **words, int count,
                     char **rest)
{
	const char *spec = NULL;
	int verb = VERBS;

	for (int v = 0; v < VERBS && count; v++) {
		if (strcmp(words[0], verb_names[v]) == 0)
			verb = v;
	}
	if (verb != VERBS) {
		words++;
		count--;
	}
	if (verb == HELP)
		help(cli, words, count, rest);
	call->verb = verb == VERBS ? BUILD : (enum verb)verb;
	if (count) {
		spec = words[0];
		words++;
		count--;
	} else if (rest && !boots(call) && rest[0]) {
		spec = rest[0];
		rest++;
	}
	if (call->verb == DIFF) {
		if (!spec || count != 1)
			ms_die_usage("diff takes two operands: build folders, documents or images");
		call->other = words[0];
		count = 0;
	}
	if (call->verb == DOCTOR) {
		if (spec)
			ms_die_usage("doctor takes no operand: %s", spec);
		return;
	}
	if (call->verb == INIT && !spec)
		ms_die_usage("init takes the new project's name");
	if (!spec)
		ms_die_usage("no SPEC: ms-build [validate|plan|build|run|debug|verify|lock] SPEC "
		             "(\"-\": standard input; --help shows all)");
	if (count && verb == VERBS)
		refuse_verb(spec, true);
	if (count)
		ms_die_usage("more than one %s: %s (--help shows the usage)",
		             call->verb == INIT ? "NAME" : "SPEC", words[0]);
	call->verb_given = verb != VERBS;
	if (boots(call))
		call->debug.boot.qemu_args = (const char *const *)rest;
	else if (rest && rest[0])
		ms_die_usage("more than one SPEC: %s (--help shows the usage)", rest[0]);
	call->drive.spec = strcmp(spec, "-") == 0 ? NULL : spec;
}

/* Where the lock is: named, or beside the specification. Of the verb lock, -o names it too. */
static void find_lock(struct call *call)
{
	const char *spec = call->drive.spec;
	const char *slash = spec ? strrchr(spec, '/') : NULL;

	refuse_empty("--lock-file", call->lock);
	if (call->locked && call->verb != BUILD && !boots(call))
		ms_die_usage("--locked belongs to the verbs build, run and debug");
	if (call->lock && !call->locked && call->verb != LOCK)
		ms_die_usage("--lock-file goes with --locked and with the verb lock");
	if (call->verb == LOCK && call->drive.image) {
		if (call->lock)
			ms_die_usage("of the verb lock, -o and --lock-file are the same");
		call->lock = call->drive.image;
		call->drive.image = NULL;
	}
	if (!call->lock && slash)
		call->lock = ms_format("%.*s/" MS_LOCK_NAME, (int)(slash - spec), spec);
	else if (!call->lock)
		call->lock = MS_LOCK_NAME;
	if (call->locked)
		call->drive.lock = call->lock;
}

/* ms-link would say so, after everything was compiled. A stand-in for it may know others. */
static void check_formats(const struct ms_drive *drive)
{
	struct ms_wanted wanted = {0};
	bool fit = false;

	for (size_t i = 0; i < drive->replaced.count; i++) {
		if (ms_starts_with(drive->replaced.items[i], "link=") ||
		    ms_starts_with(drive->replaced.items[i], "ms-link="))
			return;
	}
	for (size_t i = 0; i < drive->formats.count; i++) {
		const char *fault = ms_wanted_add(&wanted, drive->formats.items[i]);

		if (fault)
			ms_die_usage("--format: %s", fault);
		fit = fit || strcmp(drive->formats.items[i], "fit") == 0;
	}
	if (drive->fit_keys.count && !fit)
		ms_die_usage("--fit-key is for --format fit");
}

static void check_call(struct call *call)
{
	static struct ms_console console;
	const char *fault;

	refuse_empty("-C", call->directory);
	refuse_empty("-B", call->drive.build);
	refuse_empty("-o", call->drive.image);
	refuse_empty("--kernel", call->drive.kernel);
	refuse_empty("--launcher", call->drive.launcher);
	refuse_empty("SPEC", call->drive.spec);
	find_lock(call);
	refuse_empty("--dtb", call->dtb);
	if (call->dtb && call->verb != DOCTOR)
		ms_die_usage("--dtb belongs to the verb doctor");
	if (call->verb == DOCTOR && call->drive.formats.count > 0 &&
	    strcmp(call->drive.formats.items[0], "json") != 0)
		ms_die_usage("doctor takes --format json alone");
	if (call->verb != DOCTOR)
		check_formats(&call->drive);
	if (call->json && call->verb != DIFF)
		ms_die_usage("--json belongs to the verb diff");
	if (call->log && call->verb != BUILD && call->verb != RUN && call->verb != LOCK)
		ms_die_usage("--log belongs to the verbs build, run and lock");
	if (call->log && call->dry_run)
		ms_die_usage("--log and --dry-run exclude each other");
	if (call->drive.quiet && call->drive.verbose)
		ms_die_usage("-q and -v contradict each other");
	if (call->verb != DEBUG && (call->debug.no_gdb || call->debug.port))
		ms_die_usage("--no-gdb and --gdb-port belong to the verb debug");
	if (call->verb != RUN && !call->debug.no_gdb &&
	    (call->debug.boot.expect || call->debug.boot.timeout))
		ms_die_usage("--expect and --timeout belong to run, and to debug --no-gdb");
	if (boots(call) && call->drive.formats.count &&
	    (strcmp(call->drive.formats.items[0], "fit") == 0 ||
	     strcmp(call->drive.formats.items[0], "efi") == 0))
		ms_die_usage(
		    "QEMU boots no %s by itself: let --format elf, raw or image come first",
		    call->drive.formats.items[0]);
	if (call->dry_run && call->verb != BUILD && call->verb != RUN)
		ms_die_usage("--dry-run belongs to the verbs build and run");
	/* Said now, not after a build. */
	if (call->debug.boot.expect && (fault = ms_console_open(&console, call->debug.boot.expect)))
		ms_die_usage("--expect %s: %s", call->debug.boot.expect, fault);
}

static int act(struct call *call)
{
	const struct ms_doctor doctor = {call->drive.kernel, call->drive.build, call->dtb,
	                                 call->drive.formats.count > 0};
	struct ms_built built;
	int status;

	switch (call->verb) {
	case VALIDATE: return ms_verb_validate(&call->drive);
	case PLAN: return ms_verb_plan(&call->drive);
	case VERIFY: return ms_verb_verify(&call->drive);
	case DIFF: return ms_verb_diff(call->drive.spec, call->other, call->json);
	case LOCK: return ms_verb_lock(&call->drive, call->lock);
	case INIT:
		return ms_verb_init(call->drive.spec ? call->drive.spec : "-", call->drive.quiet);
	case DOCTOR: return ms_verb_doctor(&doctor);
	default: break;
	}
	if (call->dry_run)
		return ms_verb_dry_run(&call->drive);
	call->drive.whole = call->verb == DEBUG;
	status = ms_verb_build(&call->drive, &built);
	if (status != 0)
		return status;
	if (!call->drive.quiet && !(boots(call) && ms_log_owns_stderr()))
		ms_built_print(&built, boots(call));
	if (call->verb == DEBUG)
		return ms_verb_debug(&call->drive, &built, &call->debug);
	return call->verb == RUN ? ms_verb_boot(&built, &call->debug.boot) : MS_EXIT_OK;
}

static const char *const words[] = {
    "",       "validate plan build run debug verify lock diff init doctor help",
    "format", "elf raw image fit efi",
    "color",  "auto always never",
    NULL};

int main(int argc, char **argv)
{
	struct ms_cli cli = {
	    .program = "ms-build",
	    .synopsis =
	        "[options] [validate|plan|build|run|debug|verify|lock] SPEC [-- ARGUMENT...]\n"
	        "       ms-build diff [--json] A B\n"
	        "       ms-build --explain [RULE]\n"
	        "       ms-build init NAME\n"
	        "       ms-build doctor [--format json] [--kernel DIR] [--dtb FILE]\n"
	        "       ms-build help [VERB]",
	    .summary = "Builds a bootable seL4 system image from the specification SPEC.",
	    .options = options,
	    .count = sizeof(options) / sizeof(options[0]),
	    .words = words,
	    .alias = "moonshot-toolkit",
	};
	struct call call = {.drive.save = true};
	char **rest = NULL;
	int count = argc, id;

	/* What follows "--" is not ms-build's: getopt would move it among the operands. */
	for (int i = 1; i < argc && !rest; i++) {
		if (strcmp(argv[i], "--") == 0) {
			count = i;
			rest = argv + i + 1;
		}
	}
	while ((id = ms_cli_next(&cli, count, argv)) != MS_CLI_END)
		set(&call, &cli, id);
	if (call.explain) {
		ms_explain(ms_cli_operand(&cli, count, argv));
		ms_exit(MS_EXIT_OK);
	}
	operands(&call, &cli, argv + cli.first, count - cli.first, rest);
	check_call(&call);
	/* ms-compile knows the variable, ms-link does not. */
	if (!call.drive.launcher && getenv("MS_CC_LAUNCHER") && *getenv("MS_CC_LAUNCHER"))
		call.drive.launcher = getenv("MS_CC_LAUNCHER");
	for (size_t i = 0; call.drive.hermetic && i < call.drive.formats.count; i++) {
		if (strcmp(call.drive.formats.items[i], "fit") == 0)
			ms_die_usage("--hermetic and --format fit exclude each other: U-Boot's "
			             "mkimage is not closed off");
	}
	if (call.drive.hermetic && call.drive.launcher)
		ms_die_usage("--hermetic and the launcher %s exclude each other: a launcher needs "
		             "files and services that no step declares",
		             call.drive.launcher);
	ms_file_on_signals();
	if (call.directory && chdir(call.directory) != 0)
		ms_die_errno("-C %s", call.directory);
	if (!call.verb_given && call.drive.spec)
		refuse_verb(call.drive.spec, false);
	if (call.log)
		ms_log_open(call.log);
	call.debug.boot.no_input = !call.drive.spec;
	call.debug.boot.silenced = &call.drive.silenced;
	call.debug.boot.quiet = call.drive.quiet;
	ms_exit(act(&call));
}
