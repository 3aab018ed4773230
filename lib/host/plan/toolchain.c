/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * toolchain.c - digests of a compiler's parts, remembered from run to run.
 *
 * A compiler is forty megabytes of programs: too much to read each time to learn that nothing
 * changed. So each digest is kept with its file's stamp (base/stamp.h), and is believed while that
 * stays the same; and while no file comes into the folders of the compiler's own parts, since it
 * could be one that the compiler takes from then on (specs, another assembler).
 */
#include "plan/toolchain.h"

#include "base/diag.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/notes.h"
#include "base/run.h"
#include "base/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAGIC       "ms-toolchain/4"
#define LIBGCC      "libgcc.a"
#define SPECS       "specs"
#define VERSION_MAX 200
#define MEMORY_MAX  (1024u * 1024)
#define FILES_MAX   1024

struct part {
	char *path;    /* absolute, as it was found: a link that is turned elsewhere shows */
	char *real;    /* without links; NULL: not asked for yet */
	char *name;    /* see struct ms_toolchain_part */
	char *version; /* NULL: it was not asked, or did not say */
	struct ms_stamp stamp;
	char sha256[MS_SHA256_HEX];
	bool settled; /* the stamp may be believed */
	int error;
};

struct ms_toolchain {
	char *name, *program;
	char *memory; /* the file that remembers */
	struct part *parts;
	size_t count, cap;
	bool known, started, failed;
	unsigned jobs; /* for ms_run_all */
	pthread_t thread;
	int64_t asked; /* when it was asked for its parts */
	char *folder;  /* of libgcc.a, without links */
	char id[MS_SHA256_HEX];
};

/* Each path once. */
static void add_part(struct ms_toolchain *t, const char *path, char *name)
{
	char *real = ms_real_path(path);
	void *parts = t->parts;

	if (!real || t->count >= FILES_MAX)
		return;
	if (path[0] != '/')
		path = real;
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->parts[i].path, path) == 0) {
			free(real);
			return;
		}
	}
	ms_reserve(&parts, &t->cap, t->count + 1, sizeof(*t->parts));
	t->parts = parts;
	t->parts[t->count].path = ms_strdup(path);
	t->parts[t->count].name = name;
	t->parts[t->count++].real = real;
}

/* The value of all parts. Their folders do not matter, their names do. */
static void take_id(struct ms_toolchain *t)
{
	bool has_specs = false;
	struct ms_digest d;

	ms_digest_start(&d);
	ms_digest_string(&d, MAGIC);
	for (size_t i = 0; i < t->count; i++) {
		ms_digest_string(&d, ms_path_base(t->parts[i].path));
		ms_digest_string(&d, t->parts[i].sha256);
	}
	ms_digest_end(&d, t->id);
	for (size_t i = 0; i < t->count; i++) {
		const char *path = t->parts[i].path;

		ms_note_read(path, t->parts[i].sha256);
		has_specs = has_specs || strcmp(t->parts[i].name, SPECS) == 0;
		if (strcmp(t->parts[i].name, LIBGCC) == 0)
			t->folder = ms_real_path(ms_path_folder(path));
	}
	if (t->folder && !has_specs)
		ms_note_absent(ms_path_join(t->folder, SPECS));
}

/* -- remembering ------------------------------------------------------------------------- */

static char *first_line(const struct ms_toolchain *t)
{
	const char *path = ms_env("PATH");

	/* The driver looks for its parts in PATH too, at last. */
	return ms_format(MAGIC " %s PATH=%s", t->program, path ? path : "");
}

/* "folder STAMP PATH": that folder is as it was */
static bool folder_held(char *text)
{
	struct ms_stamp then, now;
	const char *path = ms_stamp_parse(&then, text);

	return path && ms_stamp_take(&now, path) && ms_stamp_same(&now, &then);
}

/* "SHA256 STAMP PATH", then "name NAME" and perhaps "version TEXT" */
static bool parse_part(struct ms_toolchain *t, char *line)
{
	struct part part = {.settled = true};
	uint8_t bytes[32];
	void *parts = t->parts;

	if (t->count && ms_starts_with(line, "name ")) {
		t->parts[t->count - 1].name = line + 5;
		return true;
	}
	if (t->count && ms_starts_with(line, "version ")) {
		t->parts[t->count - 1].version = line + 8;
		return true;
	}
	if (strlen(line) < 65 || line[64] != ' ' || t->count >= FILES_MAX)
		return false;
	memcpy(part.sha256, line, 64);
	part.path = ms_stamp_parse(&part.stamp, line + 65);
	if (!part.path || part.path[0] != '/' || ms_hex_decode(part.sha256, bytes) != 0)
		return false;
	ms_reserve(&parts, &t->cap, t->count + 1, sizeof(*t->parts));
	t->parts = parts;
	t->parts[t->count++] = part;
	return true;
}

static bool all_named(const struct ms_toolchain *t)
{
	for (size_t i = 0; i < t->count; i++) {
		if (!t->parts[i].name)
			return false;
	}
	return t->count > 0;
}

static bool recall(struct ms_toolchain *t)
{
	char *line, *next, *wanted = first_line(t);
	size_t len;
	char *text = ms_read_kept_file(t->memory, MEMORY_MAX, &len);

	if (!text || memchr(text, '\0', len))
		return false;
	for (line = text; *line; line = next) {
		struct ms_stamp now;
		char *stop = strchr(line, '\n');

		if (!stop)
			return false;
		*stop = '\0';
		next = stop + 1;
		if (line == text) {
			if (strcmp(line, wanted) != 0)
				return false;
			continue;
		}
		if (strcmp(line, "end") == 0)
			return *next == '\0' && all_named(t);
		if (ms_starts_with(line, "folder ")) {
			if (!folder_held(line + 7))
				return false;
			continue;
		}
		if (!parse_part(t, line))
			return false;
		const struct part *part = &t->parts[t->count - 1];
		if (part->name)
			continue;
		if (!ms_stamp_take(&now, part->path) || !ms_stamp_same(&now, &part->stamp))
			return false;
	}
	return false;
}

/* Folders that the driver has found parts of its own in. False when one has just changed. */
static bool add_folders(const struct ms_toolchain *t, struct ms_buf *text)
{
	struct ms_list folders = {0};
	char stamp_text[MS_STAMP_TEXT];
	struct ms_stamp stamp;

	for (size_t i = 0; i < t->count; i++) {
		const struct part *p = &t->parts[i];

		if (strcmp(p->path, t->program) != 0 && !ms_starts_with(p->name, "lib/"))
			ms_list_add_once(&folders, ms_path_folder(p->path));
	}
	for (size_t i = 0; i < folders.count; i++) {
		if (!ms_stamp_take(&stamp, folders.items[i]) || !ms_stamp_settled(&stamp, t->asked))
			return false;
		ms_stamp_text(&stamp, stamp_text);
		ms_buf_printf(text, "folder %s %s\n", stamp_text, folders.items[i]);
	}
	return true;
}

static void remember(const struct ms_toolchain *t)
{
	struct ms_buf text = {0};

	ms_buf_printf(&text, "%s\n", first_line(t));
	for (size_t i = 0; i < t->count; i++) {
		const struct part *p = &t->parts[i];
		char stamp[MS_STAMP_TEXT];

		/* One that may not be believed makes the memory useless: better none. */
		if (!p->settled || strchr(p->path, '\n') || strchr(p->name, '\n'))
			return;
		ms_stamp_text(&p->stamp, stamp);
		ms_buf_printf(&text, "%s %s %s\nname %s\n", p->sha256, stamp, p->path, p->name);
		if (p->version)
			ms_buf_printf(&text, "version %s\n", p->version);
	}
	if (!add_folders(t, &text))
		return;
	ms_buf_puts(&text, "end\n");
	/* It only saves time: not being able to write it is no error. */
	(void)ms_write_kept_file(t->memory, text.data, text.len, MS_WRITE_PARENTS);
	free(text.data);
}

/* -- finding the parts ------------------------------------------------------------------- */

/* What a GCC driver runs for a compile and a link, and what it brings to them itself. */
static const char *const questions[] = {
    "-print-prog-name=cc1",
    "-print-prog-name=as",
    "-print-prog-name=collect2",
    "-print-prog-name=ld",
    "-print-file-name=liblto_plugin.so",
    "-print-file-name=" SPECS,
    ("-print-file-name=" LIBGCC),
};
enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]) };

static bool is_driver(const char *name)
{
	const char *base = ms_path_base(name);

	return strstr(base, "gcc") || strstr(base, "clang");
}

/* No answer at all, because of the system and not of the program, is nothing to go on with: what is
 * recorded of a toolchain would depend on it. */
static void must_answer(const char *program, const struct ms_result *result)
{
	if (ms_system_failed(result->error))
		ms_die_system("%s: %s", program, strerror(result->error));
	if (!result->error && result->status > 128)
		ms_die_system("%s: ended by signal %d", program, result->status - 128);
}

/* An answer that is a bare name is looked for in PATH, as the driver would. */
static void take_answer(void *user, size_t index, struct ms_result *result)
{
	struct ms_toolchain *t = user;
	char *answer = result->output.data, *path;

	must_answer(t->program, result);
	if (result->error || result->status != 0 || !answer)
		return;
	answer[strcspn(answer, "\n")] = '\0';
	path = strchr(answer, '/') ? ms_strdup(answer) : ms_find_program(answer);
	if (path)
		add_part(t, path, ms_strdup(strchr(questions[index], '=') + 1));
}

static bool is_dynamic(const char *path)
{
	char head[4096];
	size_t have = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : 0;

	while (fd >= 0 && have < sizeof(head)) {
		n = read(fd, head + have, sizeof(head) - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	if (n < 0 && ms_system_failed(errno))
		ms_die_errno("%s", path);
	if (fd >= 0)
		close(fd);
	/* The interpreter's name stands right behind the program headers. */
	return have > 4 && memcmp(head, "\177ELF", 4) == 0 && memmem(head, have, "/ld-", 4) != NULL;
}

/* The dynamic linker's list: "\tlibz.so.1 => /lib/libz.so.1 (0x…)" and "\t/lib/ld.so (0x…)". */
static void take_libraries(struct ms_toolchain *t, const struct ms_result *result)
{
	char *line = result->output.data;

	while (!result->error && line && *line) {
		char *stop = strchr(line, '\n');
		char *path = strchr(line, '/');
		char *end;

		if (stop)
			*stop = '\0';
		if (path && (!stop || path < stop) && (end = strstr(path, " (0x"))) {
			*end = '\0';
			line += strspn(line, "\t ");
			/* By the name on the left, of which the dynamic linker's own is a path. */
			line[strcspn(line, " ")] = '\0';
			add_part(t, path, ms_format("lib/%s", ms_path_base(line)));
		}
		line = stop ? stop + 1 : NULL;
	}
}

/* The first line of what a program says to --version, as text. */
static void take_version(struct part *part, const struct ms_result *result)
{
	const char *text = result->output.data;
	struct ms_buf line = {0};
	json_t *valid;

	if (result->error || result->status != 0 || !text)
		return;
	for (; *text && *text != '\n' && line.len < VERSION_MAX; text++)
		ms_buf_add(&line, (unsigned char)*text < 0x20 || *text == 0x7f ? "?" : text, 1);
	valid = line.len ? json_string(line.data) : NULL;
	if (valid)
		part->version = line.data;
	json_decref(valid);
}

/* The second round of questions: what each program loads, and its version. */
struct round {
	struct ms_toolchain *t;
	size_t lists;  /* so many commands list libraries; the others ask for versions, */
	size_t *parts; /* each of this part */
	const struct ms_command *commands;
};

static void take_second(void *user, size_t index, struct ms_result *result)
{
	const struct round *round = user;

	must_answer(round->commands[index].argv[0], result);
	if (index < round->lists)
		take_libraries(round->t, result);
	else
		take_version(&round->t->parts[round->parts[index - round->lists]], result);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct part *)a)->path, ((const struct part *)b)->path);
}

static bool says_version(const struct ms_toolchain *t, const struct part *part)
{
	return part == t->parts || strcmp(part->name, "as") == 0 || strcmp(part->name, "ld") == 0;
}

static void ask_again(struct ms_toolchain *t)
{
	const size_t programs = t->count;
	struct round round = {.t = t, .parts = ms_alloc(programs, sizeof(size_t))};
	struct ms_command *commands = ms_alloc(2 * programs, sizeof(*commands));
	struct ms_list env = {0};
	size_t n;

	round.commands = commands;

	/* With this set, the dynamic linker lists what it would load and runs nothing. */
	for (const char *const *e = ms_clean_environment(false); *e; e++)
		ms_list_add(&env, *e);
	ms_list_add(&env, "LD_TRACE_LOADED_OBJECTS=1");
	for (size_t i = 0; i < programs; i++) {
		struct ms_list argv = {0};

		ms_list_add(&argv, t->parts[i].path);
		if (is_dynamic(t->parts[i].path))
			commands[round.lists++] =
			    (struct ms_command){.argv = argv.items, .env = env.items};
	}
	n = round.lists;
	for (size_t i = 0; i < programs; i++) {
		struct ms_list argv = {0};

		if (!says_version(t, &t->parts[i]))
			continue;
		/* By the name it was called by: gcc says that name again. */
		ms_list_add(&argv, i ? t->parts[i].path : t->program);
		ms_list_add(&argv, "--version");
		round.parts[n - round.lists] = i;
		commands[n++] = (struct ms_command){.argv = argv.items};
	}
	ms_run_all(commands, n, t->jobs, take_second, &round);
	/* The driver's own programs have its version. */
	for (size_t i = 1; i < programs; i++) {
		if (strcmp(t->parts[i].name, "cc1") == 0 ||
		    strcmp(t->parts[i].name, "collect2") == 0)
			t->parts[i].version = t->parts[0].version;
	}
}

static void find_parts(struct ms_toolchain *t)
{
	const char *argv[QUESTIONS][3];
	struct ms_command commands[QUESTIONS] = {{0}};

	t->count = 0;
	t->asked = ms_stamp_now();
	add_part(t, t->program, ms_strdup(ms_path_base(t->name)));
	if (is_driver(t->name)) {
		for (size_t i = 0; i < QUESTIONS; i++) {
			argv[i][0] = t->program;
			argv[i][1] = questions[i];
			argv[i][2] = NULL;
			commands[i].argv = argv[i];
		}
		ms_run_all(commands, QUESTIONS, t->jobs, take_answer, t);
	}
	ask_again(t);
	qsort(t->parts, t->count, sizeof(*t->parts), by_path);
}

/* -- digests ----------------------------------------------------------------------------- */

/* Runs in the second thread: no allocation, no diagnostics. */
static int hash_part(struct part *part)
{
	uint8_t buffer[64 * 1024];
	struct ms_stamp after;
	struct ms_digest digest;
	int64_t started = ms_stamp_now();
	ssize_t n = -1;
	int fd;

	if (!ms_stamp_take(&part->stamp, part->path) ||
	    (fd = open(part->path, O_RDONLY | O_CLOEXEC)) < 0)
		return errno;
	ms_digest_start(&digest);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0)
			ms_digest_raw(&digest, buffer, (size_t)n);
	}
	close(fd);
	if (n < 0)
		return errno;
	ms_digest_end(&digest, part->sha256);
	if (!ms_stamp_take(&after, part->path) || !ms_stamp_same(&after, &part->stamp))
		return EBUSY;
	part->settled = ms_stamp_settled(&after, started);
	return 0;
}

static void *hash_parts(void *user)
{
	struct ms_toolchain *t = user;

	for (size_t i = 0; i < t->count; i++)
		t->parts[i].error = hash_part(&t->parts[i]);
	return NULL;
}

void ms_toolchain_start(struct ms_toolchain *t)
{
	sigset_t all, old;

	if (t->known || t->started)
		return;
	find_parts(t);
	/* Signals are the first thread's: its handler ends the children. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	t->started = pthread_create(&t->thread, NULL, hash_parts, t) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!t->started) {
		hash_parts(t);
		t->started = true;
		t->thread = pthread_self();
	}
}

const char *ms_toolchain_id(struct ms_toolchain *t)
{
	if (t->failed)
		return NULL;
	if (t->known)
		return t->id;
	ms_toolchain_start(t);
	if (!pthread_equal(t->thread, pthread_self()))
		pthread_join(t->thread, NULL);
	for (size_t i = 0; i < t->count; i++)
		t->failed = t->failed || t->parts[i].error != 0;
	if (t->failed)
		return NULL;
	take_id(t);
	t->known = true;
	remember(t);
	return t->id;
}

static bool is_part(struct part *part, const char *real)
{
	if (!part->real)
		part->real = ms_real_path(part->path);
	return part->real && strcmp(part->real, real) == 0;
}

const char *ms_toolchain_fault(const struct ms_toolchain *t)
{
	for (size_t i = 0; i < t->count; i++) {
		if (t->parts[i].error) {
			errno = t->parts[i].error;
			return t->parts[i].path;
		}
	}
	return t->program;
}

bool ms_toolchain_part(const struct ms_toolchain *t, size_t i, struct ms_toolchain_part *part)
{
	const struct part *p = &t->parts[i];

	if (i >= t->count)
		return false;
	*part = (struct ms_toolchain_part){.name = p->name,
	                                   .sha256 = p->sha256,
	                                   .version = p->version,
	                                   .size = p->stamp.size,
	                                   .library = ms_ends_with(p->name, ".a")};
	return true;
}

const char *ms_toolchain_folder(const struct ms_toolchain *t)
{
	return t->folder;
}

char *ms_toolchain_target_folder(const char *own)
{
	char *prefix = ms_strdup(own), *target = NULL;

	for (int up = 0; up < 4; up++) { /* VERSION, TARGET, gcc, lib */
		char *slash = strrchr(prefix, '/');

		if (!slash || slash == prefix)
			return NULL;
		*slash = '\0';
		if (up == 0)
			target = ms_strdup(ms_path_base(prefix));
	}
	return ms_path_join(prefix, target);
}

bool ms_toolchain_has(const struct ms_toolchain *t, const char *path)
{
	char *real = path[0] == '/' ? ms_real_path(path) : NULL;
	bool has = false;

	for (size_t i = 0; real && i < t->count && !has; i++)
		has = is_part(&t->parts[i], real);
	free(real);
	return has;
}

const char *ms_toolchain_file(const struct ms_toolchain *t, size_t i)
{
	return i < t->count ? t->parts[i].path : NULL;
}

bool ms_toolchain_has_gnu_as(const struct ms_toolchain *t)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct part *part = &t->parts[i];

		if (strcmp(part->name, "as") == 0 && part->version &&
		    ms_starts_with(part->version, "GNU assembler"))
			return true;
	}
	return false;
}

bool ms_toolchain_unchanged(const struct ms_toolchain *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct ms_stamp now;

		if (!ms_stamp_take(&now, t->parts[i].path) ||
		    !ms_stamp_same(&now, &t->parts[i].stamp))
			return false;
	}
	return t->known;
}

struct ms_toolchain *ms_toolchain_open(const char *folder, const char *program, unsigned jobs)
{
	static struct ms_toolchain *open[8];
	char *path, sum[MS_SHA256_HEX];
	struct ms_toolchain *t;
	size_t i;

	for (i = 0; i < sizeof(open) / sizeof(open[0]) && open[i]; i++) {
		if (strcmp(open[i]->name, program) == 0)
			return open[i];
	}
	path = ms_find_program(program);
	if (!path)
		return NULL;
	t = ms_alloc(1, sizeof(*t));
	t->name = ms_strdup(program);
	t->program = path;
	t->jobs = jobs;
	ms_sha256_hex(path, strlen(path), sum);
	t->memory = ms_format("%s/toolchain-%.16s", folder, sum);
	t->known = recall(t);
	if (t->known)
		take_id(t);
	if (i < sizeof(open) / sizeof(open[0]))
		open[i] = t;
	return t;
}

void ms_toolchain_gather(struct ms_toolchain *toolchain, struct ms_inputs *inputs)
{
	struct ms_toolchain_part part;

	if (!ms_toolchain_id(toolchain))
		ms_die_system("%s: %s", ms_toolchain_fault(toolchain), strerror(errno));
	for (size_t i = 0; ms_toolchain_part(toolchain, i, &part); i++) {
		struct ms_input input = {.kind = part.library ? "library" : "tool",
		                         .path = ms_format("@toolchain/%s", part.name),
		                         .version = part.version,
		                         .size = part.size};

		memcpy(input.sha256, part.sha256, MS_SHA256_HEX);
		ms_inputs_add(inputs, &input);
	}
}
