/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * make.c - carries out commands of a plan, cached by content.
 *
 * The key of a command: its words, the launcher, the toolchain, SOURCE_DATE_EPOCH, and the bytes
 * of every file that its words name. What it read besides (headers, scripts, libraries) is learnt
 * from its dependency file and stands in the cache's entry. Nothing that changed while it was read
 * is kept: files that are known beforehand have the same digest before and after, the others were
 * not touched (ctime) after the command started.
 *
 * A command writes to a temporary name, which is renamed when all is well. Two programs in one
 * build folder therefore see each other's whole outputs or none.
 */
#include "plan/make.h"

#include "plan/adopt.h"
#include "plan/hermetic.h"
#include "plan/make_parts.h"
#include "plan/make_print.h"
#include "plan/toolchain.h"

#include "base/cache.h"
#include "base/diag.h"
#include "base/events.h"
#include "base/file.h"
#include "base/names.h"
#include "base/notes.h"
#include "base/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 3 /* of a command whose headers change while it runs */
#define AHEAD 4 /* commands that wait, ready, for one that runs to end */

char *ms_make_expand(void *user, const char *name)
{
	const struct making *m = user;

	return ms_expand_path(m->make->places, name);
}

void ms_make_fail(const struct task *task, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ms_report(MS_ERROR, NULL, "compile", "%s: %s", task->command->step, ms_vformat(fmt, ap));
	va_end(ap);
	task->command->failed = true;
}

/* -- the toolchain ----------------------------------------------------------------------- */

struct ms_toolchain *ms_make_toolchain(struct making *m, const struct task *task)
{
	const char *program = task->command->argv[0];
	struct ms_toolchain *t = ms_toolchain_open(m->cache.folder, program, m->make->jobs);

	if (!t)
		ms_die_system("%s: there is no such program; on Debian and Ubuntu it comes with "
		              "the package %s",
		              program,
		              strstr(program, "gcc") ? "gcc-aarch64-linux-gnu"
		                                     : "binutils-aarch64-linux-gnu");
	return t;
}

static void drop_network(const struct making *m)
{
	static unsigned said;

	if (m->make->hermetic)
		ms_hermetic_enter();
	if (m->make->hermetic || m->launcher.count || ms_drop_network() || !ms_diag_first(&said))
		return;
	ms_note_once();
	ms_report(MS_NOTE, NULL, "network",
	          "the network cannot be taken away from the compilers: %s", strerror(errno));
}

/* The key of a task; false when its toolchain has none. */
static bool take_key(struct making *m, const struct task *task, char key[MS_SHA256_HEX])
{
	const char *id = ms_toolchain_id(ms_make_toolchain(m, task));
	const char *epoch = ms_env("SOURCE_DATE_EPOCH"); /* what __DATE__ becomes */
	struct ms_digest d;

	if (!id)
		return false;
	ms_digest_start(&d);
	ms_digest_string(&d, "ms-make/2");
	ms_digest_string(&d, id);
	for (size_t i = 0; i < m->launcher.count; i++)
		ms_digest_string(&d, m->launcher.items[i]);
	ms_digest_string(&d, epoch ? epoch : "0");
	/* What saw more than it declares is not handed out as if it had not. */
	if (m->make->hermetic)
		ms_digest_string(&d, "hermetic/1");
	ms_digest_string(&d, task->command->executable ? "x" : "-");
	for (size_t i = 0; i < task->words.count; i++)
		ms_digest_string(&d, task->words.argv[i]);
	for (size_t i = 0; i < task->known_count; i++) {
		ms_digest_string(&d, task->known[i].name);
		ms_digest_string(&d, task->known[i].sha256);
	}
	ms_digest_end(&d, key);
	return true;
}

/* -- before a command runs --------------------------------------------------------------- */

static void add_known(struct task *task, const char *name)
{
	void *known = task->known;

	for (size_t i = 0; i < task->known_count; i++) {
		if (strcmp(task->known[i].name, name) == 0)
			return;
	}
	ms_reserve(&known, &task->known_cap, task->known_count + 1, sizeof(*task->known));
	task->known = known;
	task->known[task->known_count++].name = name;
}

bool ms_make_is_known(const struct task *task, const char *name)
{
	for (size_t i = 0; i < task->known_count; i++) {
		if (strcmp(task->known[i].name, name) == 0)
			return true;
	}
	return false;
}

/* True when every file known beforehand has a digest. For a look-up the one that this run has
 * seen will do (fresh: false); before a command runs it is taken anew. */
static bool take_known(struct making *m, struct task *task, bool fresh)
{
	for (size_t i = 0; i < task->known_count; i++) {
		struct known *known = &task->known[i];
		const char *sha256 = "";

		if (!fresh)
			sha256 = ms_cache_digest(&m->cache, known->name, ms_make_expand, m,
			                         &known->size);
		if (*sha256) {
			memcpy(known->sha256, sha256, MS_SHA256_HEX);
			continue;
		}
		char *path = ms_make_expand(m, known->name);

		if (ms_sha256_file(path, known->sha256, &known->size) != 0) {
			ms_make_fail(task, "%s: %s", path, strerror(errno));
			return false;
		}
		free(path);
	}
	return true;
}

static void finished(struct making *m, struct task *task);
static void abandon(struct task *task);
static bool digest_run(struct making *m, struct task *task);
static void on_done(void *user, size_t index, struct ms_result *result);

/* GNU as lists what it reads while it is at it. Not through a launcher: a compiler cache would see
 * a new command each time. */
static bool is_listed(struct making *m, const struct task *task)
{
	return task->words.dialect == MS_DEPFILE_GCC && task->words.compiles &&
	       !m->launcher.count && ms_toolchain_has_gnu_as(ms_make_toolchain(m, task));
}

/* The words for that, with the file's name, stand before this one of the plan's. */
static const char *const listing_words[] = {"-Xassembler", "--MD", "-Xassembler"};
enum { LISTING_WORDS = sizeof(listing_words) / sizeof(listing_words[0]) };

static size_t listing_place(const struct ms_words *words)
{
	return words->output - (strcmp(words->argv[words->output - 1], "-o") == 0);
}

/* The argument vector as it is run: symbolic names expanded, temporary names for what it makes.
 * listing: for the assembler; NULL: it is not asked. */
static const char *const *run_words(const struct making *m, const struct task *task,
                                    const char *output, const char *depfile, const char *listing)
{
	struct ms_list argv = {0};

	for (size_t i = 0; task->words.compiles && i < m->launcher.count; i++)
		ms_list_add(&argv, m->launcher.items[i]);
	for (size_t i = 0; i < task->words.count; i++) {
		if (listing && i == listing_place(&task->words)) {
			for (size_t k = 0; k < LISTING_WORDS; k++)
				ms_list_add(&argv, listing_words[k]);
			ms_list_add(&argv, listing);
		}
		if (i == task->words.output)
			ms_list_add(&argv, output);
		else if (i == task->words.depfile && i)
			ms_list_add(&argv, depfile);
		else
			ms_list_add(&argv, ms_expand_word(m->make->places, task->words.argv[i]));
	}
	return argv.items;
}

/* Its own view of the files, and the names in it of what it makes. False after reporting. */
static bool close_off(struct making *m, struct task *task, const char **output,
                      const char **depfile, const char **listing)
{
	struct ms_list files = {0};
	const char *folder;

	for (size_t i = 0; i < task->known_count; i++)
		ms_list_add(&files, task->known[i].name);
	task->sandbox = ms_hermetic_view(m->make->places, &task->words, &files,
	                                 ms_make_toolchain(m, task), task->command->step);
	if (!task->sandbox) {
		task->command->failed = true;
		return false;
	}
	folder = ms_sandbox_prepare(task->sandbox, ms_make_expand(m, "build"));
	if (!folder)
		ms_die_errno("--hermetic: %s: prepare what it sees", task->command->step);
	*output = ms_path_join(folder, "output");
	*depfile = ms_path_join(folder, "depfile");
	if (task->listing.path)
		*listing = ms_path_join(folder, "listing");
	task->run.sandbox = task->sandbox;
	task->run.env = ms_hermetic_environment(folder);
	return true;
}

static void free_run_words(const struct making *m, struct task *task)
{
	const char *const *argv = task->run.argv;
	size_t at = task->words.compiles ? m->launcher.count : 0;

	for (size_t i = 0; argv && i < task->words.count; i++, at++) {
		if (task->listing.path && i == listing_place(&task->words))
			at += LISTING_WORDS + 1;
		/* What it makes has names of its own. */
		if (i != task->words.output && (i != task->words.depfile || !i))
			free((char *)(uintptr_t)argv[at]);
	}
	free((void *)(uintptr_t)argv);
	task->run.argv = NULL;
}

static void on_started(void *user, size_t index)
{
	const struct making *m = user;
	const struct task *task = &m->tasks[index];

	if (task->tries == 1)
		ms_event_start(m->first_id + index, task->command->step, task->command->output,
		               task->run.argv);
}

/* False after reporting, with nothing left of it. */
static bool run_task(struct making *m, struct task *task)
{
	char *output = ms_make_expand(m, task->command->output);
	const char *made = NULL, *depfile = NULL, *listing = NULL;
	struct stat st;

	ms_toolchain_start(ms_make_toolchain(m, task));
	if (ms_temp_open(&task->output, output,
	                 MS_WRITE_PARENTS |
	                     (task->command->executable ? MS_WRITE_EXECUTABLE : 0)) != 0)
		ms_die_errno("%s", output);
	if (task->words.depfile) {
		char *path = ms_make_expand(m, task->words.argv[task->words.depfile]);

		if (ms_temp_open(&task->depfile, path, MS_WRITE_PARENTS) != 0)
			ms_die_errno("%s", path);
	}
	if (!task->output.path || (task->words.depfile && !task->depfile.path))
		ms_die_system("%s: what is there is no file", output);
	if (fstat(task->output.fd, &st) == 0)
		task->started = st.st_ctim;
	/* Beside the output, whose name it never gets. */
	if (is_listed(m, task) && ms_temp_open(&task->listing, output, 0) != 0)
		ms_die_errno("%s", output);
	listing = task->listing.path;
	if (!m->env)
		m->env = ms_clean_environment(m->launcher.count > 0);
	task->run.env = m->env;
	if (m->make->hermetic && !close_off(m, task, &made, &depfile, &listing)) {
		abandon(task);
		return false;
	}
	task->run.argv = run_words(m, task, made ? made : task->output.path,
	                           depfile ? depfile : task->depfile.path, listing);
	task->run.started = on_started;
	task->command->ran = true;
	task->tries++;
	ms_runner_add(m->runner, &task->run, on_done, m, (size_t)(task - m->tasks));
	return true;
}

/* Lets the first of the line run, as long as the runner is soon in need of them. What they read
 * is taken only now: it may be a while since they could have begun. */
static void run_line(struct making *m)
{
	while (m->line && (!m->runner || m->open < ms_runner_jobs(m->runner) + AHEAD)) {
		struct task *task = m->line;

		m->line = task->next;
		if (!m->line)
			m->line_end = &m->line;
		if (!m->runner) {
			drop_network(m); /* before there is a second thread */
			m->runner = ms_runner_new(m->make->jobs);
		}
		m->open++;
		if (take_known(m, task, true) && run_task(m, task))
			continue;
		m->open--;
		finished(m, task);
	}
}

/* True when the cache had what the command makes; it lies in its place then. */
static bool look_up(struct making *m, struct task *task)
{
	struct ms_cache_entry entry = {0};
	char key[MS_SHA256_HEX];

	if (!take_key(m, task, key) ||
	    !ms_cache_get(&m->cache, key, &task->command->output, 1, ms_make_expand, m, &entry))
		return false;
	memcpy(task->command->sha256, entry.outputs[0].sha256, MS_SHA256_HEX);
	task->command->size = entry.outputs[0].size;
	task->entry = entry;
	return true;
}

/* Takes what another build has made with this command; false when there is nothing. */
static bool adopt(struct making *m, struct task *task)
{
	const struct ms_words *words = &task->words;
	struct stat st;

	if (!m->make->built || !words->compiles || !words->depfile ||
	    !ms_adopt(ms_make_expand(m, task->command->output),
	              ms_make_expand(m, words->argv[words->depfile]), &task->output,
	              &task->depfile))
		return false;
	if (fstat(task->output.fd, &st) == 0)
		task->started = st.st_ctim;
	task->run.argv = run_words(m, task, task->output.path, task->depfile.path, NULL);
	task->adopted = true;
	task->tries = TRIES;
	if (take_known(m, task, true))
		digest_run(m, task);
	abandon(task);
	return true;
}

static void line_up(struct making *m, struct task *task)
{
	task->next = NULL;
	*m->line_end = task;
	m->line_end = &task->next;
}

/* Everything that it needs is there: look it up, or have it run. */
static void begin(struct making *m, struct task *task)
{
	task->begun = true;
	if (adopt(m, task))
		finished(m, task);
	else if (!m->cold && (!take_known(m, task, false) || look_up(m, task)))
		finished(m, task);
	else
		line_up(m, task);
}

/* -- after it has run -------------------------------------------------------------------- */

/* A cache that cannot be written costs time, no more; but it is worth a word. */
static void cannot_keep(const struct making *m)
{
	if (errno != EINVAL)
		ms_report(MS_WARNING, NULL, "cache", "%s: %s", m->cache.folder, strerror(errno));
}

static void keep_entry(struct making *m, struct task *task)
{
	char key[MS_SHA256_HEX];

	if (!take_key(m, task, key) || !ms_toolchain_unchanged(ms_make_toolchain(m, task)))
		return;
	task->kept = ms_cache_put(&m->cache, key, &task->entry) == 0;
	if (!task->kept)
		cannot_keep(m);
}

/* The output under its final name, and what the cache will know of it. */
static void take_output(struct making *m, struct task *task)
{
	struct ms_make_command *command = task->command;
	struct ms_cache_output *output = ms_alloc(1, sizeof(*output));
	size_t len;
	char *data = ms_temp_read(&task->output, MS_MAKE_FILE_MAX, &len);

	if (!data || len == 0) {
		ms_make_fail(task, "%s was not made", command->output);
		return;
	}
	command->size = len;
	ms_sha256_hex(data, len, command->sha256);
	output->name = command->output;
	output->data = data;
	output->size = len;
	output->executable = command->executable;
	memcpy(output->sha256, command->sha256, MS_SHA256_HEX);
	task->entry.outputs = output;
	task->entry.output_count = 1;
	if (ms_temp_commit(&task->output) != 0)
		ms_die_errno("%s", task->output.final);
	ms_note_made(task->output.final, command->sha256);
	ms_cache_note(&m->cache, command->output, command->sha256, command->size);
	if (task->keep && !m->cold) {
		keep_entry(m, task);
	} else if (task->keep && ms_cache_keep(&m->cache, output) != 0) {
		cannot_keep(m);
		task->keep = false;
	}
	free(data);
	output->data = NULL;
}

static void abandon(struct task *task)
{
	if (task->output.path)
		ms_temp_abandon(&task->output);
	if (task->depfile.path)
		ms_temp_abandon(&task->depfile);
	if (task->listing.path)
		ms_temp_abandon(&task->listing);
	if (task->sandbox)
		ms_sandbox_free(task->sandbox);
	task->sandbox = task->run.sandbox = NULL;
}

/* Takes up what it read besides what was known beforehand. */
static enum ms_reading read_rest(struct making *m, struct task *task)
{
	enum ms_reading reading = ms_make_read_depfile(m, task), embedded;

	if (reading == READ_CHANGED || task->command->failed ||
	    task->words.dialect != MS_DEPFILE_GCC)
		return reading;
	embedded = ms_make_read_embedded(m, task, reading == READ_SILENT || !task->keep);
	return embedded > reading ? embedded : reading;
}

/* Fills in the task's result; false: a header changed meanwhile, try again. */
static bool digest_run(struct making *m, struct task *task)
{
	enum ms_reading reading;

	memset(&task->entry, 0, sizeof(task->entry));
	task->keep = true;
	if (!ms_make_known_held(m, task))
		return true;
	reading = read_rest(m, task);
	if (task->command->failed)
		return true;
	if (reading == READ_CHANGED && task->tries < TRIES)
		return false;
	if (reading == READ_CHANGED) {
		ms_make_fail(task, "files that it includes keep changing while it is compiled");
		return true;
	}
	task->keep = task->keep && reading == READ_GOOD && !task->adopted;
	take_output(m, task);
	return true;
}

/* From the command's own folder to the temporary files. One that is missing leaves an empty one,
 * which is an error of its own. */
static void take_made(struct task *task)
{
	ms_hermetic_take(task->sandbox, "output", &task->output);
	if (task->words.depfile)
		ms_hermetic_take(task->sandbox, "depfile", &task->depfile);
	if (task->listing.path)
		ms_hermetic_take(task->sandbox, "listing", &task->listing);
}

static void on_done(void *user, size_t index, struct ms_result *result)
{
	struct making *m = user;
	struct task *task = &m->tasks[index];
	bool again = false;

	ms_make_show(task->command, m->first_id + index, result->status != 0, &result->output);
	if (result->error && task->sandbox && ms_sandbox_fault(task->sandbox))
		ms_die_system("--hermetic: %s: %s: %s", task->command->step,
		              ms_sandbox_fault(task->sandbox), strerror(result->error));
	if (result->error)
		ms_die_system("%s: %s", task->run.argv[0], strerror(result->error));
	if (result->status != 0) {
		ms_make_fail(task, "%s: %s ended with %d", task->command->output,
		             task->command->argv[0], result->status);
		ms_report(MS_NOTE, NULL, NULL, "to repeat it: %s",
		          ms_make_command_line(m->make, &m->launcher, &task->words));
	}
	if (result->status != 0 && task->sandbox)
		ms_hermetic_explain(task->sandbox, m->make->places, &task->words, &result->output,
		                    task->command->step);
	if (result->status == 0 && task->sandbox)
		take_made(task);
	if (result->status == 0)
		again = !digest_run(m, task);
	free_run_words(m, task);
	abandon(task);
	m->open--;
	if (again) {
		ms_cache_forget(&m->cache);
		begin(m, task);
	} else {
		finished(m, task);
	}
	run_line(m);
}

/* Lets those go on that waited; where this one failed, so do they. */
static void finished(struct making *m, struct task *task)
{
	const struct ms_make_command *command = task->command;

	ms_event_end(m->first_id + (size_t)(task - m->tasks), command->step, command->output,
	             command->failed ? (task->begun ? "failed" : "skipped")
	             : command->ran  ? "done"
	                             : "cached");
	for (size_t i = 0; i < task->user_count; i++) {
		struct task *user = &m->tasks[task->users[i]];

		user->command->failed = user->command->failed || task->command->failed;
		if (--user->waiting > 0)
			continue;
		if (user->command->failed)
			finished(m, user);
		else
			begin(m, user);
	}
}

/* -- all of them ------------------------------------------------------------------------- */

/* Notes what task reads: outputs of earlier tasks, which it then waits for, and files. */
static void connect(struct making *m, struct task *task, const char *name, bool must)
{
	size_t index = (size_t)(task - m->tasks), maker = *ms_names_at(&m->makers, name);
	struct stat st;
	char *path;

	/* Its own output stands there already. */
	if (maker && maker - 1 != index) {
		struct task *other = &m->tasks[maker - 1];
		void *users = other->users;

		ms_reserve(&users, &other->user_cap, other->user_count + 1, sizeof(*other->users));
		other->users = users;
		other->users[other->user_count++] = index;
		task->waiting++;
		add_known(task, name);
		return;
	}
	path = ms_make_expand(m, name);
	if (must || (stat(path, &st) == 0 && S_ISREG(st.st_mode)))
		add_known(task, name);
	else if (lstat(path, &st) != 0)
		ms_note_absent(path);
	free(path);
}

static void set_up(struct making *m, struct ms_make_command *commands)
{
	for (size_t i = 0; i < m->count; i++) {
		struct task *task = &m->tasks[i];
		const char *why;
		uint64_t *maker;

		task->command = &commands[i];
		why = ms_words_read(&task->words, commands[i].argv);
		if (why)
			ms_die_input("step %s: the command %s %s", commands[i].step,
			             commands[i].argv[0], why);
		commands[i].output = commands[i].argv[task->words.output];
		commands[i].failed = commands[i].ran = false;
		maker = ms_names_at(&m->makers, commands[i].output);
		if (*maker)
			ms_die_input("two commands make %s", commands[i].output);
		*maker = i + 1;
		for (size_t k = 1; k < task->words.count; k++) {
			if (ms_words_may_be_input(&task->words, k))
				connect(m, task, task->words.argv[k], false);
		}
		for (size_t k = 0; k < commands[i].inputs.count; k++)
			connect(m, task, commands[i].inputs.items[k], true);
	}
}

static void start_all(struct making *m, struct ms_make_command *commands)
{
	const char *build = m->make->places->build ? m->make->places->build : "build";

	m->cache.folder = ms_path_join(build, "cache");
	ms_notes_ignore(m->cache.folder);
	if (m->make->known_name)
		ms_cache_note(&m->cache, m->make->known_name, m->make->known_sha256,
		              m->make->known_size);
	m->cache.expected = m->make->outputs > m->count ? m->make->outputs : m->count;
	m->cold = access(ms_path_join(m->cache.folder, "steps"), F_OK) != 0;
	m->launcher = ms_make_launcher(m->make);
	m->tasks = ms_alloc(m->count, sizeof(*m->tasks));
	m->first_id = ms_event_steps(m->count);
	set_up(m, commands);
}

/* A file that commands of one toolchain read; what many read, such as a header, counts once. names:
 * of each file its place among the inputs, + 1. */
static void gather_file(struct making *m, struct ms_names *names, const char *folder,
                        const char *name, const char *sha256, uint64_t size)
{
	struct ms_inputs *inputs = m->make->inputs;
	uint64_t *at = ms_names_at(names, name);
	size_t before = inputs->count;

	if (*at && inputs->items[*at - 1].size == size &&
	    strcmp(inputs->items[*at - 1].sha256, sha256) == 0)
		return;
	ms_inputs_add_file(inputs, m->make->places, folder, name, sha256, size);
	if (inputs->count > before)
		*at = inputs->count;
}

static void gather(struct making *m)
{
	struct ms_toolchain *last = NULL;
	struct ms_names names = {0};

	for (size_t i = 0; i < m->count; i++) {
		const struct task *task = &m->tasks[i];
		struct ms_toolchain *toolchain = ms_make_toolchain(m, task);
		const char *folder = ms_toolchain_folder(toolchain);

		if (toolchain != last) {
			ms_toolchain_gather(toolchain, m->make->inputs);
			ms_names_free(&names);
		}
		last = toolchain;
		for (size_t k = 0; k < task->known_count; k++)
			gather_file(m, &names, folder, task->known[k].name, task->known[k].sha256,
			            task->known[k].size);
		for (size_t k = 0; k < task->entry.input_count; k++)
			gather_file(m, &names, folder, task->entry.inputs[k].name,
			            task->entry.inputs[k].sha256, task->entry.inputs[k].size);
	}
	ms_names_free(&names);
}

void ms_make_add_program(const struct ms_make *make, const char *program)
{
	const char *build = make->places->build ? make->places->build : "build";
	struct ms_toolchain *toolchain =
	    ms_toolchain_open(ms_path_join(build, "cache"), program, make->jobs);

	if (!toolchain)
		ms_die_system("no program %s", program);
	ms_toolchain_start(toolchain);
	if (make->inputs)
		ms_toolchain_gather(toolchain, make->inputs);
}

unsigned ms_make(const struct ms_make *make, struct ms_make_command *commands, size_t count)
{
	struct making m = {.make = make, .count = count};
	unsigned failed = 0;

	m.line_end = &m.line;
	start_all(&m, commands);
	for (size_t i = 0; i < count; i++) {
		/* What waited for one that came from the cache has begun by then. */
		if (m.tasks[i].waiting == 0 && !m.tasks[i].begun && !commands[i].failed)
			begin(&m, &m.tasks[i]);
		run_line(&m);
	}
	if (m.runner)
		ms_runner_wait(m.runner);
	for (size_t i = 0; i < count; i++) {
		if (m.cold && m.tasks[i].keep && !commands[i].failed)
			keep_entry(&m, &m.tasks[i]);
		/* What the cache does not have has to be run again. */
		if (commands[i].ran && !m.tasks[i].kept)
			ms_note_never();
		failed += commands[i].failed;
	}
	if (make->inputs && !failed)
		gather(&m);
	return failed;
}
