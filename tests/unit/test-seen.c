/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-seen.c - lib/host/base/{seen,elf_file}: a digest is remembered as long as its file's stamp
 * stays the same, and no longer; the parts of a program are those of the whole.
 */
#include "base/diag.h"
#include "base/digest.h"
#include "base/elf_file.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/seen.h"
#include "make-elf.h"
#include "tap.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/ms-test-seen-XXXXXX";
static const char forged[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

#define LATER 10000000000ll /* after which every file of this test has settled */

static char *at(const char *name)
{
	return ms_path_join(folder, name);
}

static void put_text(const char *name, const char *text)
{
	ms_write_file(at(name), text, strlen(text), MS_WRITE_PARENTS);
}

/* A run of a program: what it does is done in a process of its own. */
#define RUN(fresh, ...)                                                                            \
	do {                                                                                       \
		pid_t pid_ = fork();                                                               \
		int status_ = 1;                                                                   \
		if (pid_ == 0) {                                                                   \
			ms_seen_open(folder, fresh);                                               \
			__VA_ARGS__;                                                               \
			ms_seen_save();                                                            \
			_exit(failures != 0);                                                      \
		}                                                                                  \
		waitpid(pid_, &status_, 0);                                                        \
		ran = status_ == 0;                                                                \
	} while (0)

static bool ran;
static int failures;

#define MUST(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			printf("# line %d: %s\n", __LINE__, #what);                                \
			failures++;                                                                \
		}                                                                                  \
	} while (0)

/* Remembers a digest that is not the file's: so it shows who believes it. */
static void forge(const char *name)
{
	struct ms_stamp stamp;

	MUST(ms_stamp_take(&stamp, at(name)));
	ms_seen_add(&stamp, &stamp, ms_stamp_now() + LATER, forged);
}

static bool believed(const char *name)
{
	char sha256[MS_SHA256_HEX];
	uint64_t size;

	MUST(ms_sha256_file(at(name), sha256, &size) == 0);
	return strcmp(sha256, forged) == 0;
}

static void test_stamps(void)
{
	put_text("a", "first\n");
	put_text("b", "first\n");
	RUN(false, forge("a"));
	RUN(false, MUST(believed("a") && !believed("b")));
	ok(ran, "a digest is kept from run to run, each for its file");
	put_text("a", "other\n");
	RUN(false, MUST(!believed("a")));
	ok(ran, "another file in its place is read");
	RUN(false, forge("a"));
	chmod(at("a"), 0600);
	RUN(false, MUST(!believed("a")));
	ok(ran, "a file whose stamp differs is read");
	RUN(false, forge("b"));
	RUN(true, MUST(!believed("b")));
	ok(ran, "a fresh run believes nothing");
	RUN(false, MUST(!believed("b")));
	ok(ran, "and leaves nothing older behind");
	RUN(false, believed("b"); forge("a"); forge("b"));
	RUN(false, MUST(believed("b") && believed("a")));
	ok(ran, "a later digest of the same file counts");
}

static void test_young(void)
{
	char sha256[MS_SHA256_HEX];
	struct ms_stamp stamp, other;

	put_text("young", "young\n");
	RUN(false, {
		MUST(ms_stamp_take(&stamp, at("young")));
		ms_seen_add(&stamp, &stamp, ms_stamp_now(), forged);
		MUST(!ms_seen_get(&stamp, sha256));
		other = stamp;
		other.ctime--;
		ms_seen_add(&other, &stamp, ms_stamp_now() + LATER, forged);
		MUST(!ms_seen_get(&stamp, sha256));
	});
	ok(ran, "too young, or changed while it was read: not kept");
}

static void test_damage(void)
{
	size_t len;
	char *text;
	bool good = true;

	put_text("c", "text\n");
	RUN(true, forge("c"));
	text = ms_try_read_file(at("cache/seen"), 1 << 20, &len);
	ok(text != NULL, "the memory is a file");
	for (size_t i = 0; text && i < len; i++) {
		text[i] ^= 1;
		ms_write_file(at("cache/seen"), text, len, 0);
		RUN(false, MUST(!believed("c")));
		good = good && ran;
		text[i] ^= 1;
		ms_write_file(at("cache/seen"), text, i, 0);
		RUN(false, MUST(!believed("c")));
		good = good && ran;
	}
	ok(good, "damaged in any byte, or cut off anywhere, it is none");
	if (text)
		ms_write_file(at("cache/seen"), text, len, 0);
	RUN(false, MUST(believed("c")));
	ok(ran, "whole it is one");
	RUN(false, {
		struct ms_stamp stamp;

		MUST(ms_stamp_take(&stamp, at("c")));
		for (stamp.ino = 1; stamp.ino < 3000; stamp.ino++)
			ms_seen_add(&stamp, &stamp, ms_stamp_now() + LATER, forged);
	});
	RUN(false, {
		struct ms_stamp stamp;
		char sha256[MS_SHA256_HEX];

		MUST(ms_stamp_take(&stamp, at("c")));
		for (stamp.ino = 1; stamp.ino < 3000; stamp.ino++)
			MUST(ms_seen_get(&stamp, sha256));
		MUST(!ms_seen_get(&stamp, sha256) && believed("c"));
	});
	ok(ran, "it grows");
}

/* -- programs ------------------------------------------------------------------------------ */

#define ELF_SIZE  60000u
#define SEGMENT   20000u
#define SECTIONS  50000u
#define SYMBOLS   40000u
#define STRINGS   45000u
#define SEG_BYTES 500u

/* A program with a segment, a symbol "here", and much that nobody wants. */
static uint8_t *new_elf(void)
{
	uint8_t *d = ms_alloc(ELF_SIZE, 1);

	memset(d, 0xaa, ELF_SIZE);
	memset(d, 0, ELF64_EHDR + ELF64_PHDR);
	make_header(d, 0x200000, 1);
	make_segment(d, 0,
	             &(struct elf64_segment){.flags = ELF64_PF_R | ELF64_PF_X,
	                                     .offset = SEGMENT,
	                                     .vaddr = 0x200000,
	                                     .paddr = 0x200000,
	                                     .filesz = SEG_BYTES,
	                                     .memsz = SEG_BYTES});
	memset(d + SECTIONS, 0, 3 * ELF64_SHDR);
	make_sections(d, SECTIONS, SYMBOLS, 2, STRINGS, 6);
	memset(d + SYMBOLS, 0, 2 * MAKE_SYMBOL);
	make_symbol(d + SYMBOLS + MAKE_SYMBOL, 1, 0x200010, 8);
	memcpy(d + STRINGS, "\0here", 6);
	return d;
}

static bool has_symbol(const struct elf64 *elf)
{
	uint64_t value = 0, size = 0;

	return elf64_symbol(elf, "here", &value, &size) == ELF64_OK && value == 0x200010 &&
	       size == 8;
}

/* The parts are there, bit for bit, and nothing else is. */
static bool is_part(const struct ms_file *file, const uint8_t *whole, unsigned parts)
{
	uint64_t data = parts & MS_ELF_LOADED ? SEG_BYTES : 0;
	struct elf64_segment s;
	struct elf64 elf;

	if (file->size != ELF_SIZE || file->len > 1500 || file->data[file->len] != '\0' ||
	    elf64_open(&elf, file->data, file->len) != ELF64_OK || elf.entry != 0x200000)
		return false;
	s = elf64_segment(&elf, 0);
	return s.filesz == data && s.memsz == SEG_BYTES && s.vaddr == 0x200000 &&
	       memcmp(elf.data + s.offset, whole + SEGMENT, data) == 0 &&
	       has_symbol(&elf) == ((parts & MS_ELF_SYMBOLS) != 0);
}

static void test_parts(void)
{
	uint8_t *whole = new_elf();
	char sha256[MS_SHA256_HEX];
	struct ms_file file;

	ms_sha256_hex(whole, ELF_SIZE, sha256);
	ms_write_file(at("p.elf"), whole, ELF_SIZE, 0);
	for (unsigned parts = 0; parts < 4; parts++) {
		RUN(true, {
			MUST(ms_elf_read(at("p.elf"), ELF_SIZE, parts, &file) == 0);
			MUST(strcmp(file.sha256, sha256) == 0 && is_part(&file, whole, parts));
			forge("p.elf");
			MUST(ms_elf_read(at("p.elf"), ELF_SIZE, parts, &file) == 0);
			MUST(strcmp(file.sha256, forged) == 0 && is_part(&file, whole, parts));
		});
		ok(ran, "the same parts of a file that is known and of one that is not");
	}
	ok(ms_elf_read(at("p.elf"), ELF_SIZE - 1, 0, &file) != 0 && errno == EFBIG,
	   "too long a file");
	ok(ms_elf_read(at("none.elf"), ELF_SIZE, 0, &file) != 0 && errno == ENOENT, "no file");
	ok(ms_file_read(at("p.elf"), ELF_SIZE, &file) == 0 && file.len == ELF_SIZE &&
	       memcmp(file.data, whole, ELF_SIZE) == 0,
	   "all of a file");
	ok(ms_elf_read(folder, ELF_SIZE, 0, &file) != 0 && errno == EISDIR, "a folder");
}

/* Whatever the headers say: elf64.h comes to the same verdict, and finds the same. */
static bool same_verdict(const uint8_t *whole, size_t len)
{
	struct ms_file file;
	struct elf64 a, b;
	uint64_t va = 0, vb = 0, sa = 0, sb = 0;
	enum elf64_error error;

	ms_write_file(at("h.elf"), whole, len, 0);
	if (ms_elf_read(at("h.elf"), len, MS_ELF_LOADED | MS_ELF_SYMBOLS, &file) != 0 ||
	    file.size != len)
		return false;
	error = elf64_open(&a, whole, len);
	if (error != elf64_open(&b, file.data, file.len))
		return false;
	if (error != ELF64_OK)
		return true;
	for (unsigned i = 0; i < a.phnum; i++) {
		struct elf64_segment s = elf64_segment(&a, i);

		if (s.type == ELF64_PT_LOAD &&
		    memcmp(whole + s.offset, b.data + elf64_segment(&b, i).offset, s.filesz) != 0)
			return false;
	}
	return elf64_symbol(&a, "here", &va, &sa) == elf64_symbol(&b, "here", &vb, &sb) &&
	       va == vb && sa == sb && elf64_has_symbols(&a) == elf64_has_symbols(&b);
}

static void test_hostile(void)
{
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
	uint8_t *whole = new_elf();
	bool good = true;

	for (size_t i = 0; i < ELF64_EHDR + ELF64_PHDR + 2 * ELF64_SHDR; i++) {
		size_t spot = i < ELF64_EHDR + ELF64_PHDR
		                  ? i
		                  : SECTIONS + ELF64_SHDR + i - ELF64_EHDR - ELF64_PHDR;
		uint8_t was = whole[spot];

		for (size_t k = 0; k < sizeof(values); k++) {
			whole[spot] = values[k];
			if (!same_verdict(whole, ELF_SIZE)) {
				printf("# byte %zu as %u\n", spot, values[k]);
				good = false;
			}
		}
		whole[spot] = was;
	}
	ok(good, "any byte of the headers changed: judged as the whole file is");
	good = true;
	for (size_t len = 0; len < ELF_SIZE; len += len < 200 ? 1 : 1777)
		good = good && same_verdict(whole, len);
	ok(good, "cut off anywhere: judged as the whole file is");
}

int main(void)
{
	if (!mkdtemp(folder))
		ms_die_errno("%s", folder);
	ms_diag_program("test-seen");
	ms_make_folders(at("cache"));
	test_stamps();
	test_young();
	test_damage();
	test_parts();
	test_hostile();
	if (system(ms_format("rm -rf %s", folder)) != 0)
		return 3;
	done_testing();
	return 0;
}
