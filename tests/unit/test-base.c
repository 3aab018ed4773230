/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-base.c - lib/host/base: canonical JSON, strict reading, digests, paths, atomic files.
 */
#include "base/diag.h"
#include "base/digest.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/sealed.h"
#include "base/toolkit.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct ms_field point_fields[] = {
    {.name = "schema", .kind = MS_KIND_STRING},
    {.name = "x", .kind = MS_KIND_INTEGER, .min = 0, .max = 10},
    {.name = "at", .kind = MS_KIND_HEX, .optional = 1},
    {.name = "file", .kind = MS_KIND_PATH, .optional = 1},
    {.name = "sum", .kind = MS_KIND_SHA256, .optional = 1},
};
static const struct ms_shape point = {.fields = point_fields, .count = 5};

static json_t *parse(const char *text)
{
	return ms_doc_parse("t", text, strlen(text), "p/1", &point);
}

/* Reading refuses a document silently for the test: stderr goes away meanwhile. */
static int refused(const char *text)
{
	int keep = dup(2), null = open("/dev/null", O_WRONLY);
	json_t *root;

	dup2(null, 2);
	close(null);
	root = parse(text);
	dup2(keep, 2);
	close(keep);
	json_decref(root);
	return root == NULL;
}

static void test_documents(void)
{
	json_t *root = parse("{\"x\":7,\"schema\":\"p/1\",\"at\":\"0xff\"}");

	ok(root != NULL, "a right document is read");
	is_string(ms_doc_canonical(root, NULL), "{\"at\":\"0xff\",\"schema\":\"p/1\",\"x\":7}",
	          "keys are sorted, no white space");
	ok(ms_doc_hex(root, "at") == 255, "an address is read");
	json_decref(root);
	ok(refused("{\"x\":7,\"schema\":\"p/2\"}"), "an unknown schema is refused");
	ok(refused("{\"x\":7,\"schema\":\"p/1\",\"y\":1}"), "an unknown key is refused");
	ok(refused("{\"x\":7,\"x\":7,\"schema\":\"p/1\"}"), "a duplicate key is refused");
	ok(refused("{\"x\":7,\"schema\":\"p/1\"} 1"), "trailing bytes are refused");
	ok(refused("{\"x\":11,\"schema\":\"p/1\"}"), "a number out of range is refused");
	ok(refused("{\"x\":7.0,\"schema\":\"p/1\"}"), "a floating-point number is refused");
	ok(refused("{\"x\":\"7\",\"schema\":\"p/1\"}"), "a wrong type is refused");
	ok(refused("{\"schema\":\"p/1\"}"), "a missing key is refused");
	ok(refused("{\"x\":1,\"schema\":\"p/1\",\"at\":\"0x0f\"}"), "leading zeroes are refused");
	ok(refused("{\"x\":1,\"schema\":\"p/1\",\"at\":\"0xF\"}"), "upper-case hex is refused");
	ok(refused("{\"x\":1,\"schema\":\"p/1\",\"file\":\"a/../b\"}"),
	   "a path with .. is refused");
	ok(refused("{\"x\":1,\"schema\":\"p/1\",\"sum\":\"00\"}"), "a short digest is refused");
	ok(refused("{\"x\":1,\"schema\":\"p/1\",\"file\":\"a\\u0000b\"}"), "a NUL is refused");
	ok(refused("[]"), "an array is no document");
}

static void test_canonical_strings(void)
{
	json_t *value = json_pack("[s,s,i,b,b,n]", "\"\\/\b\f\n\r\t\x01\x1f\x7f",
	                          "\xc3\xa4\xf0\x9f\x98\x80", -5, 1, 0);

	/* RFC 8785 section 3.2.2.2: short escapes, lower-case \u00xx, everything else as it is. */
	is_string(ms_doc_canonical(value, NULL),
	          "[\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\","
	          "\"\xc3\xa4\xf0\x9f\x98\x80\",-5,true,false,null]",
	          "strings are escaped as RFC 8785 says");
	json_decref(value);
}

static void test_digests(void)
{
	char hex[MS_SHA256_HEX], other[MS_SHA256_HEX];
	struct ms_digest d;
	uint8_t bytes[32];

	ms_sha256_hex("abc", 3, hex);
	is_string(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	          "SHA-256 of abc (FIPS 180-4)");
	ok(ms_hex_decode(hex, bytes) == 0 && bytes[0] == 0xba && bytes[31] == 0xad, "hex decodes");
	ok(ms_hex_decode("zz", bytes) == -1, "what is no hex does not decode");
	ms_digest_start(&d);
	ms_digest_string(&d, "a");
	ms_digest_string(&d, "bc");
	ms_digest_end(&d, hex);
	ms_digest_start(&d);
	ms_digest_string(&d, "ab");
	ms_digest_string(&d, "c");
	ms_digest_end(&d, other);
	ok(strcmp(hex, other) != 0, "parts of a key do not run into each other");
}

static void test_paths(void)
{
	static const char *const wrong[] = {"",     "/a", "..",  "a/../b", "./a",
	                                    "a//b", "a/", "a/.", "a\nb",   "../x"};
	struct ms_places places = {
	    .build = "/tmp/b", .toolkit = "/t", .kernel = "/k", .project = "/p"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ok(ms_path_fault(wrong[i]) != NULL, "\"%zu\": no path of a project", i);
	ok(ms_path_fault("a/b.c") == NULL && ms_path_fault("..a/b") == NULL, "right paths");
	is_string(ms_expand_word(&places, "build/x.o"), "/tmp/b/x.o", "build/ is the build folder");
	is_string(ms_expand_word(&places, "builder"), "builder", "only as a whole component");
	is_string(ms_expand_word(&places, "@toolkit/a.c"), "/t/a.c", "@toolkit");
	is_string(ms_expand_word(&places, "-ffile-prefix-map=@kernel=@kernel"),
	          "-ffile-prefix-map=/k=@kernel", "only the left side of a prefix map");
	is_string(ms_expand_word(&places, "-DX=build/x"), "-DX=build/x", "other words stay");
}

static void test_parts_of_paths(void)
{
	is_string(ms_path_base("a/b.c"), "b.c", "what stands behind the last slash");
	is_string(ms_path_base("b.c"), "b.c", "of a bare name: the name");
	is_string(ms_path_folder("a/b/c"), "a/b", "the folder of a path");
	is_string(ms_path_folder("c"), ".", "of a bare name: the current one");
	is_string(ms_path_folder("/c"), "/", "of a name in the root: the root");
	is_string(ms_path_below("/a/b/c", "/a/"), "b/c", "what lies below a folder");
	ok(!ms_path_below("/ab/c", "/a") && !ms_path_below("/a", "/a") &&
	       !ms_path_below("/a", NULL),
	   "a name that begins alike lies elsewhere, and so does the folder itself");
}

static void test_parts_of_words(void)
{
	const char *text = "absent a/b";
	struct ms_list list = {0};

	ok(ms_behind(text, "absent ") == text + 7, "what lies behind a word");
	ok(ms_behind("absent ", "absent ") && !*ms_behind("absent ", "absent "),
	   "nothing lies behind it");
	ok(!ms_behind("absent", "absent ") && !ms_behind("", "a") &&
	       !ms_behind("Absent ", "absent "),
	   "it does not begin so");
	ok(ms_starts_with("a", "a") && ms_starts_with("a", "") && !ms_starts_with("ba", "a"),
	   "beginnings");
	ms_list_add_once(&list, "a");
	ms_list_add_once(&list, "b");
	ms_list_add_once(&list, "a");
	ok(list.count == 2 && ms_list_has(&list, "b") && !ms_list_has(&list, "c") && !list.items[2],
	   "a list that has each word once");
	ok(ms_ends_with("x.json", ".json") && !ms_ends_with(".json", ".json") &&
	       !ms_ends_with("x.jso", ".json"),
	   "an ending has something before it");
}

static void test_counts(void)
{
	is_string(ms_count_text(0, "key"), "0 keys", "no key");
	is_string(ms_count_text(1, "key"), "1 key", "one is no plural");
	is_string(ms_count_text(1, "capability"), "1 capability", "nor is this one");
	is_string(ms_count_text(2, "capability"), "2 capabilities", "a y after a consonant");
	is_string(ms_count_text(3, "box"), "3 boxes", "a hissing end");
	is_string(ms_count_text(UINT64_MAX, "CPU"), "18446744073709551615 CPUs", "the largest");
}

static void test_sealed(void)
{
	struct ms_buf text = {0};
	unsigned opened = 0;
	char *copy;

	ms_buf_puts(&text, "one\ntwo\n");
	ms_seal(&text);
	copy = ms_strndup(text.data, text.len);
	ok(ms_unseal(copy, text.len) && strcmp(copy, "one\ntwo\n") == 0, "a sealed text opens");
	for (size_t i = 0; i < text.len; i++) {
		copy = ms_strndup(text.data, text.len);
		copy[i] ^= 1;
		opened += ms_unseal(copy, text.len);
	}
	ok(opened == 0, "with any byte changed it does not");
	copy = ms_strndup(text.data, text.len);
	ok(!ms_unseal(copy, text.len - 1) && !ms_unseal(copy, 10) && !ms_unseal(copy, 0),
	   "nor with any missing");
}

/* Whether writing new over old, both of some bytes, leaves the file alone; the bytes are right
 * after it. */
static int is_kept(const char *path, const char *old, size_t old_len, const char *new, size_t len)
{
	struct stat before, after;
	size_t now = 0;
	char *data;
	int right;

	if (ms_try_write_file(path, old, old_len, 0) != 0 || stat(path, &before) != 0 ||
	    ms_try_write_file(path, new, len, MS_WRITE_KEEP_SAME) != 0 || stat(path, &after) != 0)
		return -1;
	data = ms_try_read_file(path, len, &now);
	right = data && now == len && memcmp(data, new, len) == 0;
	free(data);
	return right ? before.st_ino == after.st_ino : -1;
}

/* Files are compared in pieces of 64 KiB. */
static void test_keep_same(const char *folder)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 200000};
	char *path = ms_path_join(folder, "kept");
	char *old = ms_alloc(200001, 1), *new = ms_alloc(200001, 1);
	unsigned same = 0, changed = 0, longer = 0, shorter = 0;
	const unsigned count = sizeof(sizes) / sizeof(sizes[0]);

	for (unsigned i = 0; i < count; i++) {
		size_t len = sizes[i];

		same += is_kept(path, old, len, new, len) == 1;
		longer += is_kept(path, old, len, new, len + 1) == 0;
		if (len == 0)
			continue;
		shorter += is_kept(path, old, len, new, len - 1) == 0;
		for (size_t at = 0, step = len == 1 ? 1 : len - 1; at < len; at += step) {
			new[at] = 'x';
			changed += is_kept(path, old, len, new, len) == 0;
			new[at] = '\0';
		}
	}
	ok(same == count, "a file that holds the same bytes is left alone");
	ok(longer == count && shorter == count - 1, "a longer or a shorter one is not");
	ok(changed == 2 * (count - 2) + 1, "nor one with another first or last byte");
	free(old);
	free(new);
}

static void test_files(const char *folder)
{
	char *path = ms_path_join(folder, "a/b/file");
	char *data;
	size_t len;
	struct stat st;

	ok(ms_try_write_file(path, "abc", 3, 0) == -1 && errno == ENOENT, "no folder, no file");
	ok(ms_try_write_file(path, "abc", 3, MS_WRITE_PARENTS | MS_WRITE_SYNC) == 0, "written");
	data = ms_try_read_file(path, 3, &len);
	ok(data && len == 3 && strcmp(data, "abc") == 0, "read again");
	free(data);
	errno = 0;
	ok(!ms_try_read_file(path, 2, &len) && errno == EFBIG, "a longer file is refused");
	ok(ms_try_write_file(path, "xyz", 3, MS_WRITE_EXECUTABLE) == 0 && stat(path, &st) == 0 &&
	       (st.st_mode & S_IXUSR),
	   "replaced by an executable");
	ok(ms_path_inside(folder, "a/b"), "a folder inside");
	ok(ms_path_inside(folder, "a/b/new/file"), "a file that is still to be made");
	ok(symlink("/etc", ms_path_join(folder, "out")) == 0, "a link out of the folder");
	ok(!ms_path_inside(folder, "out/passwd"), "what lies behind it is not inside");
	ok(symlink("a/b", ms_path_join(folder, "in")) == 0, "a link within the folder");
	ok(ms_path_inside(folder, "in/file"), "what lies behind that one is");
	ok(!ms_path_inside(folder, "../x"), "the parent is not inside");
}

/* A rename onto a device or a pipe would destroy it: as root, even /dev/null. */
static void test_special_files(const char *folder)
{
	char *pipe_path = ms_path_join(folder, "pipe"), *link_path = ms_path_join(folder, "link");
	char bytes[8] = "";
	struct stat st;
	int fd;

	if (mkfifo(pipe_path, 0600) != 0 || symlink("pipe", link_path) != 0)
		exit(3);
	fd = open(pipe_path, O_RDWR | O_NONBLOCK);
	ok(ms_try_write_file(pipe_path, "abc", 3, MS_WRITE_SYNC) == 0 &&
	       ms_try_write_file(link_path, "def", 3, 0) == 0,
	   "a pipe is written to, by its name and through a link");
	ok(read(fd, bytes, sizeof(bytes)) == 6 && memcmp(bytes, "abcdef", 6) == 0,
	   "the bytes come out");
	ok(stat(pipe_path, &st) == 0 && S_ISFIFO(st.st_mode) && lstat(link_path, &st) == 0 &&
	       S_ISLNK(st.st_mode),
	   "both are still what they were");
	close(fd);
}

static void test_nearest(void)
{
	static const char *const words[] = {"priority", "binary", "name"};

	is_string(ms_nearest("prioritty", words, 3), "priority", "one letter too many");
	ok(ms_nearest("colour", words, 3) == NULL, "nothing near");
}

int main(void)
{
	char folder[] = "/tmp/ms-test-base-XXXXXX";
	char *remove[] = {(char[]){"rm"}, (char[]){"-rf"}, folder, NULL};

	ms_diag_program("test-base");
	test_documents();
	test_canonical_strings();
	test_digests();
	test_paths();
	test_parts_of_paths();
	test_parts_of_words();
	test_counts();
	test_sealed();
	if (mkdtemp(folder)) {
		test_files(folder);
		test_keep_same(folder);
		test_special_files(folder);
	}
	test_nearest();
	fflush(stdout);
	done_testing();
	execvp(remove[0], remove);
	return 1;
}
