/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor.c - what is missing on this machine, and the command that mends it.
 */
#include "drive/doctor.h"
#include "base/diag.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/run.h"
#include "base/toolkit.h"
#include "plan/plan.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SCHEMA     "ms-doctor/1"
#define ROOM_LEAST (64ull * 1024 * 1024) /* bytes that a build folder should have */

void ms_findings_add(struct ms_findings *all, struct ms_finding one)
{
	void *items = all->items;

	ms_reserve(&items, &all->cap, all->count + 1, sizeof(*all->items));
	all->items = items;
	all->items[all->count++] = one;
}

/* -- programs ---------------------------------------------------------------------------- */

/* Packages by distribution: Debian's name also serves Ubuntu and what is derived of them. */
struct package {
	const char *debian, *fedora, *arch;
};

static const struct tool {
	const char *name, *program;
	bool needed;
	const char *version_option;
	unsigned major, minor; /* at least; 0: any */
	const char *why;
	struct package package;
} tools[] = {
    {"compiler",
     MS_PLAN_CC,
     true,
     "-dumpfullversion",
     10,
     0,
     "compiles protection domains, root task and loader",
     {"gcc-aarch64-linux-gnu", "gcc-aarch64-linux-gnu", "aarch64-linux-gnu-gcc"}},
    {"linker",
     "aarch64-linux-gnu-ld",
     true,
     "--version",
     2,
     35,
     "links them, and says which files it read (--dependency-file)",
     {"binutils-aarch64-linux-gnu", "binutils-aarch64-linux-gnu", "aarch64-linux-gnu-binutils"}},
    {"qemu",
     "qemu-system-aarch64",
     true,
     "--version",
     5,
     0,
     "boots an image: ms-build run",
     {"qemu-system-arm", "qemu-system-aarch64-core", "qemu-system-aarch64"}},
    {"mkimage",
     "mkimage",
     false,
     "-V",
     0,
     0,
     "writes images for U-Boot: --format fit",
     {"u-boot-tools", "uboot-tools", "uboot-tools"}},
    {"dtc",
     "dtc",
     false,
     "--version",
     0,
     0,
     "shows device trees as text, and mkimage needs it",
     {"device-tree-compiler", "dtc", "dtc"}},
    {"gdb",
     "gdb-multiarch",
     false,
     "--version",
     0,
     0,
     "steps through a running system: ms-build debug",
     {"gdb-multiarch", "gdb", "gdb"}},
    {"ccache",
     "ccache",
     false,
     "--version",
     0,
     0,
     "shares compiled objects between projects: --launcher ccache",
     {"ccache", "ccache", "ccache"}},
};

/* The word of ID or ID_LIKE of os-release(5) is there. */
static bool is_distribution(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!ms_starts_with(line, "ID=") && !ms_starts_with(line, "ID_LIKE="))
			continue;
		for (const char *p = strchr(line, '=') + 1; *p && *p != '\n'; p++) {
			bool starts = !isalnum((unsigned char)p[-1]);

			if (starts && strncmp(p, word, n) == 0 && !isalnum((unsigned char)p[n]))
				return true;
		}
	}
	return false;
}

static char *install_command(const struct package *package)
{
	static const char *text;
	const char *sudo = geteuid() == 0 ? "" : "sudo ";
	size_t len;

	if (!text)
		text = ms_try_read_file("/etc/os-release", 65536, &len);
	if (text && is_distribution(text, "debian"))
		return ms_format("%sapt-get install %s", sudo, package->debian);
	if (text && is_distribution(text, "fedora"))
		return ms_format("%sdnf install %s", sudo, package->fedora);
	if (text && is_distribution(text, "arch"))
		return ms_format("%spacman -S %s", sudo, package->arch);
	return ms_format("install the package that Debian calls %s", package->debian);
}

/* "12.2.0" out of what a program says of itself; NULL when there is nothing like it. */
static char *version_in(const char *text, unsigned *major, unsigned *minor)
{
	*major = *minor = 0;
	for (const char *p = text; *p; p++) {
		size_t n = strspn(p, "0123456789.");

		if (!isdigit((unsigned char)*p) ||
		    (p > text && (isalnum((unsigned char)p[-1]) || p[-1] == '.' || p[-1] == '-')) ||
		    !memchr(p, '.', n))
			continue;
		sscanf(p, "%5u.%5u", major, minor);
		while (n && p[n - 1] == '.')
			n--;
		return ms_strndup(p, n);
	}
	return NULL;
}

static void look_at_tool(struct ms_findings *all, const struct tool *tool)
{
	const char *argv[] = {tool->program, tool->version_option, NULL};
	struct ms_finding one = {.name = tool->name, .needed = tool->needed, .why = tool->why};
	char *path = ms_find_program(tool->program), *version;
	struct ms_result result;
	unsigned major, minor;

	if (!path) {
		one.state = MS_FINDING_MISSING;
		one.found = ms_format("no program %s in PATH", tool->program);
		one.mend = install_command(&tool->package);
		ms_findings_add(all, one);
		return;
	}
	result = ms_run(&(struct ms_command){.argv = argv});
	version = version_in(result.output.data ? result.output.data : "", &major, &minor);
	if (result.error || result.status != 0) {
		one.state = MS_FINDING_WRONG;
		one.found = ms_format("%s does not run (exit %d)", path, result.status);
		one.mend = install_command(&tool->package);
	} else if (!version) {
		one.found = ms_format("%s, of unknown version", path);
	} else if (major < tool->major || (major == tool->major && minor < tool->minor)) {
		one.state = MS_FINDING_WRONG;
		one.found = ms_format("%s is %s, and %u.%u or later is needed", path, version,
		                      tool->major, tool->minor);
		one.mend = install_command(&tool->package);
	} else {
		one.found = ms_format("%s, %s", path, version);
	}
	ms_findings_add(all, one);
}

/* -- the toolkit itself ------------------------------------------------------------------ */

static void look_at_toolkit(struct ms_findings *all)
{
	static const char *const programs[] = {"ms-import",  "ms-parse",  "ms-plan", "ms-hash",
	                                       "ms-compile", "ms-layout", "ms-cpio", "ms-link"};
	struct ms_finding one = {.name = "toolkit",
	                         .needed = true,
	                         .why =
	                             "the programs of the stages, and the sources of loader, root "
	                             "task and runtime"};
	struct ms_places places = {0};
	struct ms_buf gone = {0};

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		char *path = ms_path_join(ms_program_folder(), programs[i]);

		if (access(path, X_OK) != 0)
			ms_buf_printf(&gone, " %s", programs[i]);
		free(path);
	}
	ms_places_find(&places);
	one.found = ms_format("%s and %s", ms_program_folder(), places.toolkit);
	if (gone.len) {
		one.state = MS_FINDING_MISSING;
		one.found = ms_format("not in %s:%s", ms_program_folder(), gone.data);
		one.mend = "make install, of the whole toolkit";
	}
	ms_findings_add(all, one);
}

/* The nearest folder that is there already. */
static char *existing_part(const char *path)
{
	char *part = ms_strdup(path);
	struct stat st;

	while (stat(part, &st) != 0) {
		char *slash = strrchr(part, '/');

		if (!slash)
			return ms_strdup(".");
		slash[slash == part] = '\0';
		if (slash == part)
			break;
	}
	return part;
}

static void look_at_folder(struct ms_findings *all, const char *build)
{
	struct ms_finding one = {
	    .name = "build-folder", .needed = true, .why = "takes everything that a build makes"};
	char *part = existing_part(build), *probe;
	struct statvfs fs;
	struct stat st;
	int fd = -1;

	if (stat(part, &st) == 0 && !S_ISDIR(st.st_mode)) {
		one.state = MS_FINDING_WRONG;
		one.found = ms_format("%s is no folder", part);
		one.mend = "ms-build -B DIR names another one";
		ms_findings_add(all, one);
		return;
	}
	probe = ms_path_join(part, "ms-doctor.XXXXXX");
	if (access(part, W_OK | X_OK) == 0)
		fd = mkstemp(probe);
	if (fd < 0) {
		one.state = MS_FINDING_WRONG;
		one.found = ms_format("%s cannot be written to: %s", part, strerror(errno));
		one.mend = "ms-build -B DIR names another one";
	} else {
		close(fd);
		unlink(probe);
		one.found = ms_format("%s can be written to", build);
		if (statvfs(part, &fs) == 0 && fs.f_bavail * fs.f_frsize < ROOM_LEAST) {
			one.state = MS_FINDING_WRONG;
			one.found =
			    ms_format("%s has %llu KiB of room left", part,
			              (unsigned long long)(fs.f_bavail * fs.f_frsize) >> 10);
		}
	}
	ms_findings_add(all, one);
}

static void look_at_network(struct ms_findings *all)
{
	struct ms_finding one = {
	    .name = "namespaces",
	    .found = "user and network namespaces can be made",
	    .why = "take the network from compilers, and close off each command: --hermetic",
	};

	if (!ms_drop_network()) {
		one.state = MS_FINDING_MISSING;
		one.found = ms_format("no namespaces can be made: %s", strerror(errno));
		one.mend = "sysctl kernel.unprivileged_userns_clone=1 "
		           "kernel.apparmor_restrict_unprivileged_userns=0 (those that there are)";
	}
	ms_findings_add(all, one);
}

/* -- the kernel -------------------------------------------------------------------------- */

static const char *sdk_boards(const char *sdk)
{
	char *boards = ms_path_join(sdk, "board");
	struct stat st;

	return stat(boards, &st) == 0 && S_ISDIR(st.st_mode) ? boards : NULL;
}

static void describe_kernel(struct ms_finding *one, const struct ms_kernel *kernel)
{
	one->found =
	    ms_format("%s: %s %u, %s, %s, %s%s%s, %u core%s", kernel->dir,
	              kernel->kind == MS_KERNEL_PROBE ? "the probe kernel" : "seL4",
	              kernel->version, kernel->platform_name, kernel->hypervisor ? "EL2" : "EL1",
	              kernel->debug ? "debug" : "release", kernel->mcs ? ", MCS" : "",
	              kernel->printing ? "" : ", without a debug console", kernel->cores,
	              kernel->cores == 1 ? "" : "s");
}

/* True when there is one; *kernel is it. */
static bool look_at_kernel(struct ms_findings *all, const char *named, struct ms_kernel *kernel)
{
	const char *sdk = getenv("MICROKIT_SDK");
	struct ms_finding one = {
	    .name = "kernel", .needed = true, .why = "the seL4 build that images are made for"};
	const char *from = named ? "--kernel" : "MS_KERNEL";

	if (!named)
		named = getenv("MS_KERNEL");
	if (named && *named) {
		bool good = ms_kernel_open(named, kernel) == 0;

		if (good) {
			describe_kernel(&one, kernel);
		} else {
			one.state = MS_FINDING_WRONG;
			one.found = ms_format("%s %s: see the errors above", from, named);
			one.mend = "moonshot-kernel(5) says what a kernel folder holds";
		}
		ms_findings_add(all, one);
		return good;
	}
	if (sdk && *sdk) {
		one.found = ms_format("MICROKIT_SDK=%s; [build] board and config choose", sdk);
		if (!sdk_boards(sdk)) {
			one.state = MS_FINDING_WRONG;
			one.found = ms_format("MICROKIT_SDK=%s: there is no folder board", sdk);
			one.mend = "set it to an unpacked SDK, or unset it";
		}
	} else {
		one.state = MS_FINDING_NOTE;
		one.found = "none named: the probe kernel stands in, which is not seL4";
		one.mend = "export MS_KERNEL=DIR, a seL4 build or an SDK's board/NAME/CONFIG";
	}
	ms_findings_add(all, one);
	return false;
}

/* -- what it comes to -------------------------------------------------------------------- */

static const char *const state_words[] = {"ok", "missing", "wrong", "note"};

static bool is_bad(const struct ms_finding *one)
{
	return one->needed && (one->state == MS_FINDING_MISSING || one->state == MS_FINDING_WRONG);
}

static void print_text(const struct ms_findings *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct ms_finding *one = &all->items[i];

		printf("%-8s %-14s %s\n", state_words[one->state], one->name,
		       ms_visible(one->found));
		if (one->state == MS_FINDING_OK)
			continue;
		printf("%-8s %-14s %s%s\n", "", "", one->needed ? "" : "(optional) ", one->why);
		if (one->mend)
			printf("%-8s %-14s -> %s\n", "", "", one->mend);
	}
}

static void print_json(const struct ms_findings *all, bool good)
{
	json_t *document = json_object(), *list = json_array();

	for (size_t i = 0; i < all->count; i++) {
		const struct ms_finding *one = &all->items[i];
		json_t *item = json_object();

		ms_doc_set(item, "name", ms_doc_new_string(one->name));
		ms_doc_set(item, "state", ms_doc_new_string(state_words[one->state]));
		ms_doc_set(item, "needed", json_boolean(one->needed));
		ms_doc_set(item, "found", ms_doc_new_string(ms_visible(one->found)));
		ms_doc_set(item, "why", ms_doc_new_string(one->why));
		if (one->mend)
			ms_doc_set(item, "mend", ms_doc_new_string(one->mend));
		ms_doc_append(list, item);
	}
	ms_doc_set(document, "schema", ms_doc_new_string(SCHEMA));
	ms_doc_set(document, "good", json_boolean(good));
	ms_doc_set(document, "findings", list);
	ms_doc_write(NULL, document);
}

int ms_verb_doctor(const struct ms_doctor *doctor)
{
	struct ms_findings all = {0};
	struct ms_kernel kernel;
	bool good = true, have;

	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]) && !doctor->dtb; i++)
		look_at_tool(&all, &tools[i]);
	if (!doctor->dtb) {
		look_at_toolkit(&all);
		look_at_folder(&all, doctor->build ? doctor->build : "build");
	}
	have = look_at_kernel(&all, doctor->kernel, &kernel);
	if (doctor->dtb && !have && all.items[all.count - 1].state != MS_FINDING_WRONG)
		ms_die_usage("--dtb is compared with a kernel: name one by --kernel or MS_KERNEL");
	if (doctor->dtb && have)
		ms_doctor_tree(&all, &kernel, doctor->build ? doctor->build : "build", doctor->dtb);
	if (!doctor->dtb)
		look_at_network(&all);
	for (size_t i = 0; i < all.count; i++)
		good = good && !is_bad(&all.items[i]);
	if (doctor->json)
		print_json(&all, good);
	else
		print_text(&all);
	return good ? MS_EXIT_OK : MS_EXIT_INPUT;
}
