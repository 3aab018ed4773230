/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pipeline.c - the stage table, and running the stages.
 *
 * All programs are started at once, so that they load while the first one works; but a stage gets
 * its document only when the one before it has ended well. So a stage never sees half a
 * document, and a failure is reported once, by the stage that failed.
 */
#include "drive/pipeline.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/events.h"
#include "base/file.h"
#include "base/inherit.h"
#include "base/notes.h"
#include "base/run.h"
#include "base/toolkit.h"
#include "drive/child.h"
#include "drive/host.h"
#include "drive/log.h"
#include "drive/progress.h"
#include "drive/watch.h"
#include "spec/microkit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILTERS_MAX 32
#define PIPE_BYTES  (1 << 20) /* what any user may have */
#define HELD_MS     20

enum takes {
	TAKES_SPEC = 1,
	TAKES_BUILD = 2,
	TAKES_KERNEL = 4,
	TAKES_JOBS = 8,
	TAKES_IMAGE = 16,
	TAKES_XML = 32,
	TAKES_LOCK = 64,
	TAKES_PLACES = 128
};

/* The line of programs. A new stage is a row here. */
static const struct row {
	const char *name;         /* the program is "ms-" and this */
	unsigned takes;           /* which of ms-build's options are handed on to it */
	enum ms_pipeline_end end; /* the shortest pipeline that it is part of */
} rows[] = {
    {"import", TAKES_SPEC | TAKES_XML, MS_PIPELINE_PLAN}, /* of a specification in XML alone */
    {"parse", TAKES_SPEC, MS_PIPELINE_PLAN},
    {"plan", 0, MS_PIPELINE_PLAN},
    {"hash", 0, MS_PIPELINE_PLAN},
    {"compile", TAKES_BUILD | TAKES_KERNEL | TAKES_JOBS | TAKES_LOCK, MS_PIPELINE_DRY},
    {"layout", TAKES_BUILD | TAKES_KERNEL | TAKES_PLACES, MS_PIPELINE_IMAGE},
    {"cpio", TAKES_BUILD | TAKES_KERNEL, MS_PIPELINE_IMAGE},
    {"link", TAKES_BUILD | TAKES_JOBS | TAKES_IMAGE | TAKES_LOCK, MS_PIPELINE_IMAGE},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* -- the table and the options ----------------------------------------------------------- */

/* The program of a NAME=PROGRAM argument when NAME is that row's, with or without "ms-". */
static const char *program_for(const char *argument, const struct row *row)
{
	const char *equals = strchr(argument, '=');
	size_t len = equals ? (size_t)(equals - argument) : 0;

	if (len > 3 && ms_starts_with(argument, "ms-")) {
		argument += 3;
		len -= 3;
	}
	return len == strlen(row->name) && strncmp(argument, row->name, len) == 0 ? equals + 1
	                                                                          : NULL;
}

static void check_argument(const char *option, const char *argument)
{
	struct ms_list names = {0};
	const char *equals = strchr(argument, '=');
	const char *near;

	if (!equals || equals == argument || !equals[1])
		ms_die_usage("%s takes NAME=PROGRAM, not \"%s\"", option, argument);
	for (size_t i = 0; i < ROWS; i++) {
		if (program_for(argument, &rows[i]))
			return;
		ms_list_add(&names, rows[i].name);
	}
	near =
	    ms_nearest(ms_strndup(argument, (size_t)(equals - argument)), names.items, names.count);
	ms_die_usage("%s %s: there is no such stage%s%s%s", option, argument,
	             near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static char *find_program(const char *what, const char *name, const char *program)
{
	char *path = ms_find_program(program);

	if (!path)
		ms_die_system("%s %s: no program %s", what, name, program);
	return path;
}

char *ms_pipeline_program(const struct ms_drive *drive, const char *name)
{
	const struct row row = {.name = name};
	const char *program = NULL;
	char *full = ms_format("ms-%s", name);

	for (size_t i = 0; i < drive->replaced.count; i++) {
		const char *named = program_for(drive->replaced.items[i], &row);

		program = named ? named : program; /* the last one wins */
	}
	if (!program)
		program = ms_path_join(ms_program_folder(), full);
	return find_program("stage", full, program);
}

static struct ms_stage *add_stage(struct ms_pipeline *pipeline, const char *what, const char *name,
                                  const char *program)
{
	void *stages = pipeline->stages;
	struct ms_stage *stage;

	ms_reserve(&stages, &pipeline->cap, pipeline->count + 1, sizeof(*stage));
	pipeline->stages = stages;
	stage = &pipeline->stages[pipeline->count++];
	stage->what = what;
	stage->name = name;
	ms_list_add(&stage->argv, program);
	return stage;
}

static void add_option(struct ms_list *argv, const char *option, const char *value)
{
	if (!value)
		return;
	ms_list_add(argv, option);
	ms_list_add(argv, value);
}

bool ms_pipeline_imports(const struct ms_drive *drive)
{
	char start[256];
	ssize_t n;
	int fd;

	if (!drive->spec)
		return false;
	if (ms_ends_with(drive->spec, ".system") || ms_ends_with(drive->spec, ".xml"))
		return true;
	if (ms_ends_with(drive->spec, ".toml"))
		return false;
	/* Not from a pipe, which the first stage reads; a missing file is that one's to report. */
	fd = open(drive->spec, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	n = pread(fd, start, sizeof(start) - 1, 0);
	close(fd);
	start[n > 0 ? n : 0] = '\0';
	return ms_microkit_is_xml(start);
}

/* In what a person wrote messages have places. */
static bool has_places(const struct row *row, const struct ms_drive *drive)
{
	return (row->takes & TAKES_PLACES) && drive->spec && strcmp(drive->spec, "-") != 0;
}

/* Whether it is told where the files are that an XML names. */
static bool searches(const struct row *row, const struct ms_drive *drive)
{
	return (row->takes & TAKES_XML) || (has_places(row, drive) && ms_pipeline_imports(drive));
}

static void add_options(struct ms_list *argv, const struct row *row, const struct ms_drive *drive,
                        bool is_first)
{
	if (row->takes & TAKES_BUILD)
		add_option(argv, "-B", drive->build);
	if (row->takes & TAKES_KERNEL)
		add_option(argv, "--kernel", drive->kernel);
	if (has_places(row, drive))
		add_option(argv, "--spec", drive->spec);
	if (row->takes & TAKES_JOBS) {
		add_option(argv, "-j", drive->jobs);
		add_option(argv, "--launcher", drive->launcher);
		if (drive->hermetic)
			ms_list_add(argv, "--hermetic");
	}
	if (row->takes & TAKES_LOCK)
		add_option(argv, "--lock", drive->lock);
	if (row->takes & TAKES_IMAGE) {
		add_option(argv, "--image", drive->image);
		for (size_t i = 0; i < drive->formats.count; i++)
			add_option(argv, "--format", drive->formats.items[i]);
		for (size_t i = 0; i < drive->fit_keys.count; i++)
			add_option(argv, "--fit-key", drive->fit_keys.items[i]);
	}
	for (size_t i = 0; searches(row, drive) && i < drive->search_paths.count; i++)
		add_option(argv, "--search-path", drive->search_paths.items[i]);
	/* The importer has warned, where the person wrote it. */
	if (row->takes == TAKES_SPEC && !is_first)
		ms_list_add(argv, "--no-warnings");
	if ((row->takes & TAKES_SPEC) && drive->spec && is_first) {
		if (drive->spec[0] == '-')
			ms_list_add(argv, "--");
		ms_list_add(argv, drive->spec);
	}
}

/* What a lock or a closed-off build speaks for is read, whatever an earlier build knows. */
static void add_inputs(struct ms_list *argv, const struct ms_drive *drive)
{
	ms_list_add(argv, "--inputs");
	if (drive->lock || drive->hermetic)
		return;
	ms_list_add(argv, "--remembered");
	add_option(argv, "-B", drive->build);
}

static void add_filters(struct ms_pipeline *pipeline, const struct row *row,
                        const struct ms_drive *drive)
{
	for (size_t i = 0; i < drive->filters.count; i++) {
		const char *program = program_for(drive->filters.items[i], row);
		const char *name;

		if (!program)
			continue;
		name = ms_path_base(program);
		add_stage(pipeline, "filter", name, find_program("filter", name, program));
	}
}

void ms_pipeline_make(struct ms_pipeline *pipeline, const struct ms_drive *drive,
                      enum ms_pipeline_end end)
{
	const bool imports = ms_pipeline_imports(drive);

	if (drive->search_paths.count && !imports)
		ms_die_usage("--search-path is for a SPEC in XML (NAME.system)");
	if (drive->filters.count > FILTERS_MAX)
		ms_die_usage("at most %d filters", FILTERS_MAX);
	for (size_t i = 0; i < drive->replaced.count; i++)
		check_argument("--stage", drive->replaced.items[i]);
	for (size_t i = 0; i < drive->filters.count; i++) {
		check_argument("--filter", drive->filters.items[i]);
		if (!imports && program_for(drive->filters.items[i], &rows[0]))
			ms_die_usage("--filter %s: SPEC is not in XML, so there is no such stage",
			             drive->filters.items[i]);
	}
	*pipeline = (struct ms_pipeline){.feeds_stdin = !drive->spec, .notes = -1};
	for (size_t i = 0; i < ROWS; i++) {
		struct ms_stage *stage;

		if (rows[i].end > end || ((rows[i].takes & TAKES_XML) && !imports))
			continue;
		stage = add_stage(pipeline, "stage", ms_format("ms-%s", rows[i].name),
		                  ms_pipeline_program(drive, rows[i].name));
		add_options(&stage->argv, &rows[i], drive, stage == pipeline->stages);
		/* A build that speaks for what it read and ran starts the programs. */
		stage->hosted = !drive->lock && !drive->hermetic &&
		                ms_host_can(stage->name, stage->argv.items[0]);
		/* A plan alone is a function of the specification, and so is what ms-hash adds. */
		if (end == MS_PIPELINE_IMAGE && strcmp(rows[i].name, "hash") == 0)
			add_inputs(&stage->argv, drive);
		if (end == MS_PIPELINE_DRY && rows[i].end == MS_PIPELINE_DRY)
			ms_list_add(&stage->argv, "--dry-run"); /* writes no document */
		else
			add_filters(pipeline, &rows[i], drive);
	}
}

/* -- running ----------------------------------------------------------------------------- */

struct running {
	struct ms_child child;
	struct ms_watch watch;
	struct running *host; /* whose child this stage runs in, with others; NULL: its own */
	int done;             /* hosted: says that it ended well */
};

/* Writes what the pipe takes; closes it when all is written or nobody reads. */
static void feed(struct ms_child *child, const char **data, size_t *left)
{
	while (*left) {
		ssize_t n = write(child->in, *data, *left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && errno != EPIPE)
			ms_die_errno("the pipe to a stage");
		if (n < 0)
			break; /* it does not read on; its exit code says why */
		*data += n;
		*left -= (size_t)n;
	}
	close(child->in);
	child->in = -1;
}

/* Reads what is there into chunk; closes *fd at its end. The number of bytes, 0 for none. */
static size_t take(int *fd, char *chunk, size_t size)
{
	ssize_t n;

	do {
		n = read(*fd, chunk, size);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		return (size_t)n;
	if (n < 0 && errno != EAGAIN)
		ms_die_errno("the pipe from a stage");
	if (n == 0) {
		close(*fd);
		*fd = -1;
	}
	return 0;
}

/* Feeds one stage and collects its document, until it has closed its output. False: too long. */
static bool pump(struct running *r, const char *data, size_t left, struct ms_buf *output)
{
	static char words[65536];
	struct ms_child *child = &r->child;

	if (child->in >= 0)
		feed(child, &data, &left);
	for (bool ended = false; !ended && (child->out >= 0 || child->err >= 0);) {
		struct pollfd fds[4] = {{child->out, POLLIN, 0},
		                        {child->err, POLLIN, 0},
		                        {child->in, POLLOUT, 0},
		                        {r->watch.fd, POLLIN, 0}};
		size_t n, said = 0;

		/* What a stage leaves behind may hold its stderr; nobody waits for that. */
		ended = child->out < 0 && ms_child_has_ended(child);
		if (poll(fds, 4, ended ? 0 : child->out < 0 ? HELD_MS : ms_progress_wait()) < 0) {
			if (errno != EINTR)
				ms_die_errno("poll");
			memset(fds, 0, sizeof(fds));
		}
		/* What it told before these words comes before them. */
		if (fds[1].revents)
			said = take(&child->err, words, sizeof(words));
		ms_watch_take(&r->watch);
		if (said)
			ms_watch_text(&r->watch, words, said);
		if (fds[0].revents &&
		    (n = take(&child->out, ms_buf_room(output, PIPE_BYTES), PIPE_BYTES))) {
			if (output->len + n > MS_DOC_MAX)
				return false;
			output->len += n;
			output->data[output->len] = '\0';
		}
		if (fds[2].revents)
			feed(child, &data, &left);
		ms_progress_tick();
	}
	ms_watch_take(&r->watch);
	ms_watch_text(&r->watch, "", 0);
	return true;
}

/* Programs that are started from now on inherit the file for their notes; or no longer. */
static void hand_on_notes(const struct ms_pipeline *pipeline, bool on)
{
	unsetenv(MS_NOTES_VARIABLE);
	if (pipeline->notes < 0)
		return;
	if (on)
		(void)ms_hand_on(MS_NOTES_VARIABLE, pipeline->notes, "");
	else
		fcntl(pipeline->notes, F_SETFD, FD_CLOEXEC);
}

static unsigned input_of(const struct ms_pipeline *pipeline, size_t i)
{
	return i > 0 ? MS_CHILD_PIPE_IN : pipeline->feeds_stdin ? 0 : MS_CHILD_NO_INPUT;
}

static _Noreturn void cannot_start(const struct ms_stage *stage, int error)
{
	ms_die_system("%s %s: cannot start %s: %s", stage->what, stage->name, stage->argv.items[0],
	              strerror(error));
}

/* The pipes of a hosted stage; 0 or errno. */
static int open_hosted(struct running *r, struct ms_hosted *hosted, const struct ms_stage *stage,
                       unsigned in)
{
	int error = 0;

	*hosted = (struct ms_hosted){.name = stage->name, .argv = &stage->argv, .in = -1};
	r->child = (struct ms_child){0, -1, -1, -1};
	ms_watch_open(&r->watch, stage->name);
	hosted->events_fd = r->watch.theirs;
	if (r->watch.theirs >= 0)
		hosted->events = ms_strdup(getenv(MS_EVENTS_VARIABLE));
	if (in == MS_CHILD_NO_INPUT) {
		hosted->in = open("/dev/null", O_RDONLY | O_CLOEXEC);
		error = hosted->in < 0 ? errno : 0;
	} else if (in == MS_CHILD_PIPE_IN) {
		error = ms_child_pipe(true, &hosted->in, &r->child.in);
	}
	if (!error)
		error = ms_child_pipe(false, &hosted->out, &r->child.out);
	if (!error) /* whoever writes a document need not wait for us */
		(void)fcntl(r->child.out, F_SETPIPE_SZ, PIPE_BYTES);
	if (!error)
		error = ms_child_pipe(false, &hosted->err, &r->child.err);
	if (!error)
		error = ms_child_pipe(false, &hosted->done, &r->done);
	if (!error) /* it is waited for, not asked */
		(void)fcntl(r->done, F_SETFL, 0);
	return error;
}

static void close_theirs(const struct ms_hosted *hosted)
{
	if (hosted->in >= 0)
		close(hosted->in);
	close(hosted->out);
	close(hosted->err);
	close(hosted->done);
}

/* Starts the stages from `first` on, count of them, in one process. */
static void start_host(struct ms_pipeline *pipeline, struct running *running, size_t first,
                       size_t count)
{
	struct ms_hosted *hosted = ms_alloc(count, sizeof(*hosted));
	struct running *host = &running[first];
	int *mine = ms_alloc(first + count, 5 * sizeof(*mine)), error;
	size_t own = 0;
	struct ms_child child;

	for (size_t i = 0; i < count; i++) {
		error = open_hosted(&host[i], &hosted[i], &pipeline->stages[first + i],
		                    input_of(pipeline, first + i));
		if (error)
			cannot_start(&pipeline->stages[first + i], error);
		host[i].host = host;
	}
	for (size_t i = 0; i < first + count; i++) {
		const struct running *r = &running[i];

		mine[own++] = r->child.in;
		mine[own++] = r->child.out;
		mine[own++] = r->child.err;
		mine[own++] = r->watch.fd;
		mine[own++] = r->host ? r->done : -1;
	}
	error = ms_host_start(&child, hosted, count, mine, own, pipeline->notes);
	for (size_t i = 0; i < count; i++) {
		ms_watch_started(&host[i].watch);
		close_theirs(&hosted[i]);
	}
	if (error)
		cannot_start(&pipeline->stages[first], error);
	host->child.pid = child.pid;
	free(hosted);
	free(mine);
}

static void start_all(struct ms_pipeline *pipeline, struct running *running)
{
	hand_on_notes(pipeline, true);
	for (size_t i = 0; i < pipeline->count; i++) {
		struct ms_stage *stage = &pipeline->stages[i];
		unsigned in = input_of(pipeline, i);
		size_t hosted = 0;
		int error;

		while (i + hosted < pipeline->count && pipeline->stages[i + hosted].hosted)
			hosted++;
		if (hosted > 0) {
			start_host(pipeline, running, i, hosted);
			i += hosted - 1;
			continue;
		}
		ms_watch_open(&running[i].watch, stage->name);
		error = ms_child_start(&running[i].child, stage->argv.items,
		                       in | MS_CHILD_PIPE_OUT | MS_CHILD_PIPE_ERR);
		ms_watch_started(&running[i].watch);
		if (error)
			cannot_start(stage, error);
	}
	hand_on_notes(pipeline, false);
}

/* Lets a hosted stage begin that has its document already. */
static void release(struct running *r)
{
	if (!r->host || r->host == r || r->child.in < 0)
		return;
	ms_child_tell(r->child.in);
	close(r->child.in);
	r->child.in = -1;
}

/* The exit code of a stage that has closed its output. */
static int wait_for(struct running *r)
{
	int status;
	bool told;

	if (!r->host)
		return ms_child_wait(&r->child);
	told = ms_child_told(r->done);
	close(r->done);
	r->done = -1;
	if (told)
		return 0;
	status = ms_child_wait(&r->host->child);
	return status ? status : MS_EXIT_SYSTEM;
}

static int run_stage(struct ms_pipeline *pipeline, size_t i, struct running *r)
{
	struct ms_stage *stage = &pipeline->stages[i];
	const struct ms_buf none = {0};
	const struct ms_buf *input = i ? &pipeline->stages[i - 1].output : &none;
	int status;

	release(r);
	if (!pump(r, input->data, input->len, &stage->output)) {
		ms_child_end(r->host ? &r->host->child : &r->child);
		ms_progress_clear();
		ms_report(MS_ERROR, NULL, NULL, "%s %s wrote more than %u bytes", stage->what,
		          stage->name, MS_DOC_MAX);
		return MS_EXIT_SYSTEM;
	}
	ms_mem_expect_for(stage->output.len);
	status = wait_for(r);
	if (status != 0) {
		ms_progress_failed(stage->what, stage->name, status);
		return status;
	}
	if (stage->output.len == 0) {
		ms_progress_clear();
		ms_report(MS_ERROR, NULL, NULL, "%s %s wrote no document", stage->what,
		          stage->name);
		return MS_EXIT_SYSTEM;
	}
	return 0;
}

static void let_go(struct ms_buf *output)
{
	free(output->data);
	*output = (struct ms_buf){0};
}

/* What -v shows of a stage: its command. */
static char *command_line(const struct ms_stage *stage)
{
	struct ms_buf line = {0};

	for (size_t i = 0; i < stage->argv.count; i++) {
		if (i)
			ms_buf_add(&line, " ", 1);
		ms_buf_puts(&line, stage->argv.items[i]);
	}
	return line.data;
}

int ms_pipeline_run(struct ms_pipeline *pipeline, ms_pipeline_after *after, void *user)
{
	struct running *running = ms_alloc(pipeline->count, sizeof(*running));
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
	int status = 0;

	/* A stage that ends without reading is seen by its exit code. */
	sigaction(SIGPIPE, &ignore, &old);
	start_all(pipeline, running);
	for (size_t i = 0; i < pipeline->count && status == 0; i++) {
		struct ms_stage *stage = &pipeline->stages[i];
		int64_t started = ms_now();

		ms_progress_begin(i + 1, stage->name, command_line(stage));
		ms_log_stage_start(i + 1, stage);
		status = run_stage(pipeline, i, &running[i]);
		/* But for the first document, whose build folder is locked before anybody
		 * writes to it, a hosted stage works while this one's is kept. */
		if (status == 0 && i > 0 && i + 1 < pipeline->count)
			release(&running[i + 1]);
		if (status == 0 && after)
			after(user, i, stage);
		if (pipeline->lets_go && i > 0)
			let_go(&pipeline->stages[i - 1].output);
		ms_log_stage_end(i + 1, stage, status, ms_now() - started);
		if (status == 0)
			ms_progress_end();
	}
	ms_progress_clear();
	for (size_t i = 0; i < pipeline->count; i++) {
		if (running[i].child.pid > 0)
			kill(running[i].child.pid, SIGTERM);
	}
	for (size_t i = 0; i < pipeline->count; i++) {
		ms_child_end(&running[i].child);
		ms_watch_close(&running[i].watch);
	}
	sigaction(SIGPIPE, &old, NULL);
	return status;
}
