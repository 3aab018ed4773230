/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-cache.c - lib/host/base/cache: an entry is found again only while every byte that it
 * speaks of is as recorded; a damaged cache is a miss and nothing worse.
 */
#include "base/cache.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "tap.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

static const char key[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
static const char *const outputs[] = {"out/a.bin", "out/b.elf"};
static char folder[] = "/tmp/ms-test-cache-XXXXXX";

/* Names of entries are paths below the test's folder. */
static char *expand(void *user, const char *name)
{
	(void)user;
	return ms_path_join(folder, name);
}

static char *at(const char *name)
{
	return expand(NULL, name);
}

static void put_text(const char *name, const char *text)
{
	ms_write_file(at(name), text, strlen(text), MS_WRITE_PARENTS);
}

/* Every look-up is another run of a program: nothing is remembered between two. */
static bool get(struct ms_cache_entry *entry)
{
	struct ms_cache cache = {.folder = at("cache")};

	return ms_cache_get(&cache, key, outputs, 2, expand, NULL, entry);
}

static int put_into(struct ms_cache *cache, bool early, const char *input_name,
                    const char *output_name)
{
	struct ms_cache_output files[2] = {
	    {.name = output_name, .data = "first", .size = 5},
	    {.name = outputs[1], .data = "second\n", .size = 7, .executable = true}};
	struct ms_cache_entry entry = {.outputs = files, .output_count = 2};
	char sha256[MS_SHA256_HEX];

	ms_sha256_hex("header", 6, sha256);
	ms_cache_add_input(&entry, input_name, sha256, 6);
	ms_list_add(&entry.absent, "early/h.h");
	if (early && (ms_cache_keep(cache, &files[0]) != 0 || files[0].data || get(NULL)))
		return -1;
	return ms_cache_put(cache, key, &entry);
}

static int put(const char *input_name, const char *output_name)
{
	struct ms_cache cache = {.folder = at("cache")};

	return put_into(&cache, false, input_name, output_name);
}

static bool holds(const char *name, const char *text)
{
	size_t len;
	char *data = ms_try_read_file(at(name), 1000, &len);

	return data && len == strlen(text) && memcmp(data, text, len) == 0;
}

static void test_use(void)
{
	struct ms_cache_entry entry = {0};
	struct stat st;

	ok(!get(NULL), "an empty cache has nothing");
	put_text("h.h", "header");
	ok(put("h.h", outputs[0]) == 0, "an entry is recorded");
	ok(get(&entry), "and found, outputs restored");
	ok(holds("out/a.bin", "first") && holds("out/b.elf", "second\n"), "with the right bytes");
	ok(stat(at("out/b.elf"), &st) == 0 && (st.st_mode & 0100) &&
	       stat(at("out/a.bin"), &st) == 0 && !(st.st_mode & 0100),
	   "the executable is one, the other is not");
	ok(entry.input_count == 1 && strcmp(entry.inputs[0].name, "h.h") == 0 &&
	       entry.output_count == 2 && entry.outputs[1].size == 7,
	   "the caller learns what was recorded");
	put_text("out/a.bin", "fIrst");
	ok(get(NULL) && holds("out/a.bin", "first"), "an output that was touched is put right");
	put_text("h.h", "headeR");
	ok(!get(NULL), "a changed input is a miss");
	unlink(at("h.h"));
	ok(!get(NULL), "so is a missing one");
	put_text("h.h", "header");
	ok(get(NULL), "the old bytes are a hit again");
	put_text("early/h.h", "header");
	ok(!get(NULL), "a file that now hides a header is a miss");
	unlink(at("early/h.h"));
	ok(get(NULL), "until it goes");
}

/* One run stays with what it has seen, until it is told of a change. */
static void test_memory(void)
{
	struct ms_cache cache = {.folder = at("cache")};
	char first[MS_SHA256_HEX], second[MS_SHA256_HEX];
	unsigned wrong = 0;

	ms_sha256_hex("first", 5, first);
	ms_sha256_hex("second", 6, second);
	put_text("m.h", "first");
	ok(strcmp(ms_cache_digest(&cache, "m.h", expand, NULL, NULL), first) == 0,
	   "a digest is taken");
	put_text("m.h", "second");
	ok(strcmp(ms_cache_digest(&cache, "m.h", expand, NULL, NULL), first) == 0, "once in a run");
	ms_cache_forget(&cache);
	ok(strcmp(ms_cache_digest(&cache, "m.h", expand, NULL, NULL), second) == 0,
	   "and again when files may have changed");
	ms_cache_note(&cache, "m.h", first, 5);
	ok(strcmp(ms_cache_digest(&cache, "m.h", expand, NULL, NULL), first) == 0,
	   "what was written is known");
	ok(!*ms_cache_digest(&cache, "none.h", expand, NULL, NULL), "no file has no digest");
	put_text("none.h", "first");
	ok(strcmp(ms_cache_digest(&cache, "none.h", expand, NULL, NULL), first) == 0,
	   "and is looked for again");
	for (int i = 0; i < 3000; i++)
		ms_cache_note(&cache, ms_format("n%d", i), i % 2 ? first : second, 1);
	for (int i = 0; i < 3000; i++)
		wrong += strcmp(ms_cache_digest(&cache, ms_format("n%d", i), expand, NULL, NULL),
		                i % 2 ? first : second) != 0;
	ok(wrong == 0, "many files are kept apart");
}

static void test_outputs_named(void)
{
	const char *const other[] = {"out/a.bin", "../escape"};
	struct ms_cache cache = {.folder = at("cache")};

	ok(!ms_cache_get(&cache, key, other, 2, expand, NULL, NULL) &&
	       !ms_cache_get(&cache, key, outputs, 1, expand, NULL, NULL),
	   "an entry about other outputs is a miss: it never decides what is written");
	ok(put("h.h", "a\nb") == -1 && errno == EINVAL && put("", outputs[0]) == -1,
	   "names that a line cannot hold are refused");
}

/* Every truncation and every changed byte of an entry is a miss. */
static void test_damage(void)
{
	char *path = at(ms_format("cache/steps/%s", key));
	size_t len, bad = 0;
	char *text = ms_read_file(path, 10000, &len);

	for (size_t i = 0; i < len; i++) {
		char *copy = ms_strndup(text, len);

		ms_write_file(path, text, i, 0);
		bad += get(NULL);
		copy[i] ^= 1;
		ms_write_file(path, copy, len, 0);
		bad += get(NULL);
		free(copy);
	}
	ok(bad == 0, "no damaged entry of %zu is believed (%zu)", 2 * len, bad);
	ms_write_file(path, text, len, 0);
	ok(get(NULL), "the whole one is");
}

static void test_damaged_object(void)
{
	DIR *dir = opendir(at("cache/objects"));
	struct dirent *e;

	while ((e = readdir(dir))) {
		if (e->d_name[0] != '.')
			put_text(ms_format("cache/objects/%s", e->d_name), "other bytes");
	}
	closedir(dir);
	ok(get(NULL), "outputs in place need no objects");
	unlink(at("out/a.bin"));
	ok(!get(NULL) && access(at("out/a.bin"), F_OK) != 0, "damaged objects restore nothing");
	ok(put("h.h", outputs[0]) == 0 && get(NULL) && holds("out/a.bin", "first"),
	   "recording again heals them");
}

/* The bytes first, the entry later. */
static void test_kept(void)
{
	struct ms_cache cache = {.folder = at("cache")};

	unlink(at("out/a.bin"));
	unlink(at(ms_format("cache/steps/%s", key)));
	ok(put_into(&cache, true, "h.h", outputs[0]) == 0,
	   "bytes are kept before their entry, which is put without them");
	ok(get(NULL) && holds("out/a.bin", "first"), "it has them");
}

static void test_bounds(void)
{
	struct ms_cache large = {.folder = at("cache"), .expected = 4000};
	size_t count = 0;
	struct dirent *e;

	for (int i = 0; i < 4100; i++)
		put_text(ms_format("cache/objects/old%d", i), "");
	ok(put("h.h", outputs[0]) == 0, "a crowded cache still records");
	DIR *dir = opendir(at("cache/objects"));
	while ((e = readdir(dir)))
		count++;
	closedir(dir);
	ok(count < 4096, "and has been cut back (%zu)", count);
	for (int i = 0; i < 4100; i++)
		put_text(ms_format("cache/objects/old%d", i), "");
	count = 0;
	ok(put_into(&large, false, "h.h", outputs[0]) == 0, "a build of thousands of outputs");
	dir = opendir(at("cache/objects"));
	while ((e = readdir(dir)))
		count++;
	closedir(dir);
	ok(count > 4100, "has all of them in the cache (%zu)", count);
}

int main(void)
{
	ms_diag_program("test-cache");
	if (!mkdtemp(folder))
		return 3;
	test_use();
	test_memory();
	test_outputs_named();
	test_damage();
	test_damaged_object();
	test_kept();
	test_bounds();
	if (system(ms_format("rm -rf %s", folder)) != 0)
		return 3;
	done_testing();
	return 0;
}
