/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cache.c - the cache on disk: FOLDER/steps/KEY is an entry, a sealed text (sealed.h);
 * FOLDER/objects/SHA256 are the bytes of an output.
 *
 *   ms-cache/2 KEY
 *   in SHA256 SIZE NAME
 *   absent NAME
 *   out SHA256 SIZE x|- NAME
 *
 * Files appear by rename without fsync: what a power cut leaves behind is seen by its digest.
 */
#include "base/cache.h"
#include "base/file.h"
#include "base/notes.h"
#include "base/sealed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC       "ms-cache/2"
#define ENTRY_MAX   (4u * 1024 * 1024)
#define FILES_MAX   4096 /* in each of the two folders, or twice what a build has */
#define OBJECT_MAX  (1024u * 1024 * 1024)
#define INPUTS_MAX  100000
#define OUTPUTS_MAX 16

/* A file of this run. */
struct ms_cache_memo {
	enum { SEEN_NOTHING, SEEN_ABSENT, SEEN_PRESENT } seen;
	char sha256[MS_SHA256_HEX]; /* "": not taken yet */
	uint64_t size;              /* with it */
};

void ms_cache_add_input(struct ms_cache_entry *entry, const char *name,
                        const char sha256[MS_SHA256_HEX], uint64_t size)
{
	void *inputs = entry->inputs;

	ms_reserve(&inputs, &entry->input_cap, entry->input_count + 1, sizeof(*entry->inputs));
	entry->inputs = inputs;
	entry->inputs[entry->input_count].name = name;
	entry->inputs[entry->input_count].size = size;
	memcpy(entry->inputs[entry->input_count].sha256, sha256, MS_SHA256_HEX);
	entry->input_count++;
}

static void add_output(struct ms_cache_entry *entry, const struct ms_cache_output *output)
{
	void *outputs = entry->outputs;

	ms_reserve(&outputs, &entry->output_cap, entry->output_count + 1, sizeof(*entry->outputs));
	entry->outputs = outputs;
	entry->outputs[entry->output_count++] = *output;
}

static char *entry_path(const struct ms_cache *cache, const char *key)
{
	return ms_format("%s/steps/%s", cache->folder, key);
}

static char *object_path(const struct ms_cache *cache, const char *sha256)
{
	return ms_format("%s/objects/%s", cache->folder, sha256);
}

/* -- reading an entry -------------------------------------------------------------------- */

/* Takes 64 hex digits and the space behind them off *line. */
static bool take_digest(char **line, char sha256[MS_SHA256_HEX])
{
	uint8_t bytes[32];

	if (strlen(*line) < 65 || (*line)[64] != ' ')
		return false;
	memcpy(sha256, *line, 64);
	sha256[64] = '\0';
	*line += 65;
	return ms_hex_decode(sha256, bytes) == 0;
}

/* Takes a number and the space behind it off *line. */
static bool take_size(char **line, uint64_t *size)
{
	char *end;

	if (**line < '0' || **line > '9')
		return false;
	*size = strtoull(*line, &end, 10);
	*line = end + 1;
	return end[0] == ' ';
}

static bool parse_output(char *line, struct ms_cache_entry *entry)
{
	struct ms_cache_output output = {0};

	if (!take_digest(&line, output.sha256) || !take_size(&line, &output.size))
		return false;
	if ((line[0] != 'x' && line[0] != '-') || line[1] != ' ' || !line[2])
		return false;
	output.executable = line[0] == 'x';
	output.name = line + 2;
	if (entry->output_count >= OUTPUTS_MAX)
		return false;
	add_output(entry, &output);
	return true;
}

static bool parse_line(char *line, struct ms_cache_entry *entry)
{
	char sha256[MS_SHA256_HEX];
	uint64_t size;
	char *rest;

	if ((rest = ms_behind(line, "in "))) {
		line = rest;
		if (!take_digest(&line, sha256) || !take_size(&line, &size) || !*line ||
		    entry->input_count >= INPUTS_MAX)
			return false;
		ms_cache_add_input(entry, line, sha256, size);
		return true;
	}
	if ((rest = ms_behind(line, "absent ")) && *rest) {
		ms_list_add(&entry->absent, rest);
		return true;
	}
	return (rest = ms_behind(line, "out ")) && parse_output(rest, entry);
}

static bool parse_entry(char *text, size_t len, const char *key, struct ms_cache_entry *entry)
{
	char *first = ms_format(MAGIC " %s", key);
	char *line, *next;

	if (!ms_unseal(text, len))
		return false;
	for (line = text; *line; line = next) {
		char *stop = strchr(line, '\n');

		if (!stop)
			return false;
		*stop = '\0';
		next = stop + 1;
		if (line == text ? strcmp(line, first) != 0 : !parse_line(line, entry))
			return false;
	}
	return line != text;
}

/* -- checking it ------------------------------------------------------------------------- */

/* What is known of a file; a new entry when nothing is. Until the next call. */
static struct ms_cache_memo *memo_of(struct ms_cache *cache, const char *name)
{
	uint64_t *number = ms_names_at(&cache->names, name);
	void *memo = cache->memo;

	if (!*number) {
		ms_reserve(&memo, &cache->memo_cap, cache->names.count, sizeof(*cache->memo));
		cache->memo = memo;
		*number = cache->names.count;
	}
	return &cache->memo[*number - 1];
}

const char *ms_cache_digest(struct ms_cache *cache, const char *name, ms_cache_expand *expand,
                            void *user, uint64_t *size)
{
	struct ms_cache_memo *one = memo_of(cache, name);

	if (!one->sha256[0]) {
		char *path = expand(user, name);

		if (ms_sha256_file(path, one->sha256, &one->size) == 0)
			one->seen = SEEN_PRESENT;
		else
			one->sha256[0] = '\0';
		free(path);
	}
	if (size)
		*size = one->size;
	return one->sha256;
}

void ms_cache_note(struct ms_cache *cache, const char *name, const char sha256[MS_SHA256_HEX],
                   uint64_t size)
{
	struct ms_cache_memo *one = memo_of(cache, name);

	one->seen = SEEN_PRESENT;
	one->size = size;
	memcpy(one->sha256, sha256, MS_SHA256_HEX);
}

void ms_cache_forget(struct ms_cache *cache)
{
	for (size_t i = 0; i < cache->names.count; i++) {
		cache->memo[i].seen = SEEN_NOTHING;
		cache->memo[i].sha256[0] = '\0';
	}
}

/* Most steps name the same places: each is looked at once. */
static bool is_absent(struct ms_cache *cache, const char *name, ms_cache_expand *expand, void *user)
{
	struct ms_cache_memo *one = memo_of(cache, name);

	if (one->seen == SEEN_NOTHING) {
		char *path = expand(user, name);
		struct stat st;

		one->seen = lstat(path, &st) == 0 ? SEEN_PRESENT : SEEN_ABSENT;
		if (one->seen == SEEN_ABSENT)
			ms_note_absent(path);
		free(path);
	}
	return one->seen == SEEN_ABSENT;
}

static bool inputs_hold(struct ms_cache *cache, const struct ms_cache_entry *entry,
                        ms_cache_expand *expand, void *user)
{
	for (size_t i = 0; i < entry->input_count; i++) {
		const struct ms_cache_input *input = &entry->inputs[i];

		uint64_t size = 0;

		if (strcmp(ms_cache_digest(cache, input->name, expand, user, &size),
		           input->sha256) != 0 ||
		    size != input->size)
			return false;
	}
	for (size_t i = 0; i < entry->absent.count; i++) {
		if (!is_absent(cache, entry->absent.items[i], expand, user))
			return false;
	}
	return true;
}

/* Puts an output in its place, unless it is there. */
static bool restore(struct ms_cache *cache, const struct ms_cache_output *output, const char *path)
{
	char sha256[MS_SHA256_HEX];
	struct stat st;
	size_t len;
	char *data;
	bool good;

	good = stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == output->size &&
	       (!output->executable || (st.st_mode & S_IXUSR)) &&
	       ms_sha256_file(path, sha256, NULL) == 0 && strcmp(sha256, output->sha256) == 0;
	if (!good) {
		data = ms_read_kept_file(object_path(cache, output->sha256), OBJECT_MAX, &len);
		if (!data)
			return false;
		ms_sha256_hex(data, len, sha256);
		good = strcmp(sha256, output->sha256) == 0 && len == output->size &&
		       ms_try_write_file(path, data, len,
		                         MS_WRITE_PARENTS |
		                             (output->executable ? MS_WRITE_EXECUTABLE : 0)) == 0;
		free(data);
	}
	if (good) {
		ms_cache_note(cache, output->name, output->sha256, output->size);
		ms_note_made(path, output->sha256);
	}
	return good;
}

bool ms_cache_get(struct ms_cache *cache, const char *key, const char *const *outputs,
                  size_t output_count, ms_cache_expand *expand, void *user,
                  struct ms_cache_entry *entry)
{
	struct ms_cache_entry found = {0};
	size_t len;
	/* The entry's names point into this text. */
	char *text = ms_read_kept_file(entry_path(cache, key), ENTRY_MAX, &len);

	if (!text || !parse_entry(text, len, key, &found) || found.output_count != output_count)
		return false;
	for (size_t i = 0; i < output_count; i++) {
		if (strcmp(found.outputs[i].name, outputs[i]) != 0)
			return false;
	}
	if (!inputs_hold(cache, &found, expand, user))
		return false;
	for (size_t i = 0; i < output_count; i++) {
		if (!restore(cache, &found.outputs[i], expand(user, outputs[i])))
			return false;
	}
	if (entry)
		*entry = found;
	return true;
}

/* -- writing it -------------------------------------------------------------------------- */

struct aged {
	char *name;
	struct timespec when;
};

static int by_age(const void *pa, const void *pb)
{
	const struct aged *a = pa, *b = pb;

	if (a->when.tv_sec != b->when.tv_sec)
		return a->when.tv_sec < b->when.tv_sec ? -1 : 1;
	if (a->when.tv_nsec != b->when.tv_nsec)
		return a->when.tv_nsec < b->when.tv_nsec ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* Keeps a folder from growing for ever: with more than `most` files, the oldest quarter goes. An
 * entry whose objects are gone is a miss, no more. */
static void prune(const char *folder, size_t most)
{
	struct aged *files = NULL;
	size_t count = 0, cap = 0;
	DIR *dir = opendir(folder);
	struct dirent *e;

	if (!dir)
		return;
	while ((e = readdir(dir))) {
		struct stat st;
		void *grown = files;

		if (e->d_name[0] == '.' && (!e->d_name[1] || e->d_name[1] == '.'))
			continue;
		if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		ms_reserve(&grown, &cap, count + 1, sizeof(*files));
		files = grown;
		files[count].name = ms_strdup(e->d_name);
		files[count++].when = st.st_mtim;
	}
	if (count > most) {
		qsort(files, count, sizeof(*files), by_age);
		for (size_t i = 0; i < count - most / 4 * 3; i++)
			unlinkat(dirfd(dir), files[i].name, 0);
	}
	closedir(dir);
	for (size_t i = 0; i < count; i++)
		free(files[i].name);
	free(files);
}

/* A name is a line's end: no control characters. */
static bool good_name(const char *name)
{
	for (const char *p = name; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	}
	return *name != '\0';
}

static bool good_names(const struct ms_cache_entry *entry)
{
	bool good = entry->output_count <= OUTPUTS_MAX && entry->input_count <= INPUTS_MAX;

	for (size_t i = 0; i < entry->input_count && good; i++)
		good = good_name(entry->inputs[i].name);
	for (size_t i = 0; i < entry->absent.count && good; i++)
		good = good_name(entry->absent.items[i]);
	for (size_t i = 0; i < entry->output_count && good; i++)
		good = good_name(entry->outputs[i].name);
	return good;
}

int ms_cache_keep(struct ms_cache *cache, struct ms_cache_output *output)
{
	char *path;
	int result;

	ms_sha256_hex(output->data, output->size, output->sha256);
	path = object_path(cache, output->sha256);
	result = ms_write_kept_file(path, output->data, output->size,
	                            MS_WRITE_PARENTS | MS_WRITE_KEEP_SAME);
	if (result == 0) {
		output->data = NULL;
		free(path);
	}
	return result;
}

static void prune_once(struct ms_cache *cache)
{
	size_t most = cache->expected > FILES_MAX / 2 ? cache->expected * 2 : FILES_MAX;

	if (cache->pruned)
		return;
	cache->pruned = true;
	prune(ms_format("%s/steps", cache->folder), most);
	prune(ms_format("%s/objects", cache->folder), most);
}

int ms_cache_put(struct ms_cache *cache, const char *key, struct ms_cache_entry *entry)
{
	struct ms_buf text = {0};
	int result;

	if (!good_names(entry)) {
		errno = EINVAL;
		return -1;
	}
	ms_buf_printf(&text, MAGIC " %s\n", key);
	for (size_t i = 0; i < entry->input_count; i++)
		ms_buf_printf(&text, "in %s %" PRIu64 " %s\n", entry->inputs[i].sha256,
		              entry->inputs[i].size, entry->inputs[i].name);
	for (size_t i = 0; i < entry->absent.count; i++)
		ms_buf_printf(&text, "absent %s\n", entry->absent.items[i]);
	for (size_t i = 0; i < entry->output_count; i++) {
		struct ms_cache_output *out = &entry->outputs[i];

		if (out->data && ms_cache_keep(cache, out) != 0)
			return -1;
		ms_buf_printf(&text, "out %s %" PRIu64 " %c %s\n", out->sha256, out->size,
		              out->executable ? 'x' : '-', out->name);
	}
	ms_seal(&text);
	result = ms_write_kept_file(entry_path(cache, key), text.data, text.len, MS_WRITE_PARENTS);
	free(text.data);
	prune_once(cache);
	return result;
}
