/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-plan.c - lib/host/plan: a plan's hashes, a hostile plan, dependency files, the words of
 * argument vectors.
 */
#include "base/diag.h"
#include "base/file.h"
#include "plan/depfile.h"
#include "plan/plan.h"
#include "plan/words.h"
#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char toml[] = "[[protection_domains]]\n"
                           "name = \"hello\"\n"
                           "binary = \"src/hello.c\"\n"
                           "priority = 100\n"
                           "stack_bytes = 65536\n";

/* A hashed plan; its image step is cut down to two commands, to keep what follows short. */
static char *hashed_plan(size_t *len)
{
	struct ms_source source = {.name = "t", .text = toml, .len = sizeof(toml) - 1};
	struct ms_spec *spec = ms_spec_from_toml(&source);
	json_t *plan = json_object(), *steps = ms_plan_steps(spec), *commands;
	char spec_hash[MS_SHA256_HEX], plan_hash[MS_SHA256_HEX];

	commands = ms_doc_member(json_array_get(steps, 1), "commands");
	while (json_array_size(commands) > 2)
		json_array_remove(commands, 1);
	ms_plan_spec_hash(spec, spec_hash);
	ms_plan_hash(spec_hash, steps, plan_hash);
	ms_doc_set(plan, "schema", ms_doc_new_string(MS_PLAN_SCHEMA));
	ms_doc_set(plan, "spec", ms_spec_to_json(spec));
	ms_doc_set(plan, "steps", steps);
	ms_doc_set(plan, "spec_hash", ms_doc_new_string(spec_hash));
	ms_doc_set(plan, "plan_hash", ms_doc_new_string(plan_hash));
	return ms_doc_canonical(plan, len);
}

/* 1: accepted and equal to text, 0: refused, -1: accepted although it is another plan */
static int judge(const char *copy, size_t len, const char *text)
{
	json_t *plan = ms_plan_parse("t", copy, len, MS_PLAN_HASHED, NULL);
	int same;

	if (!plan)
		return 0;
	char *canonical = ms_doc_canonical(plan, NULL);
	same = strcmp(canonical, text) == 0 ? 1 : -1;
	free(canonical);
	json_decref(plan);
	return same;
}

static void test_hostile(void)
{
	static const char values[] = {1, 0x20, '\x80', '"', '}'};
	int keep = dup(2), null = open("/dev/null", O_WRONLY);
	size_t len, accepted = 0, wrong = 0;
	char *text = hashed_plan(&len), *copy;

	ok(judge(text, len, text) == 1, "a hashed plan is accepted");
	dup2(null, 2);
	for (size_t n = 0; n < len; n++) {
		copy = ms_alloc(n + 1, 1);
		memcpy(copy, text, n);
		accepted += judge(copy, n, text) != 0;
		free(copy);
	}
	copy = ms_strndup(text, len);
	for (size_t i = 0; i < len; i++) {
		for (size_t v = 0; v < sizeof(values); v++) {
			copy[i] = (char)(v < 3 ? text[i] ^ values[v] : values[v]);
			wrong += judge(copy, len, text) < 0;
		}
		copy[i] = text[i];
	}
	dup2(keep, 2);
	ok(accepted == 0, "no truncation of %zu is", len);
	ok(wrong == 0, "no changed byte makes another plan of it (%zu)", wrong);
}

static const char *joined(const struct ms_list *list)
{
	struct ms_buf all = {0};

	ms_buf_add(&all, "", 0);
	for (size_t i = 0; i < list->count; i++)
		ms_buf_printf(&all, "%s%s", i ? "|" : "", list->items[i]);
	return all.data;
}

static void test_depfiles(void)
{
	struct ms_list files = {0};

	ok(ms_depfile_gcc("build/a\\ b.o: a/b.c /usr/x.h \\\n c\\ d.h e\\#f.h g$$h.h i\\j.h \\\n"
	                  " a/b.c\n\n/usr/x.h:\n",
	                  &files),
	   "gcc's form is read");
	is_string(joined(&files), "a/b.c|/usr/x.h|c d.h|e#f.h|g$h.h|i\\j.h",
	          "with its quoting, each name once");
	files = (struct ms_list){0};
	ok(!ms_depfile_gcc("", &files) && !ms_depfile_gcc("x.o", &files) &&
	       !ms_depfile_gcc("x.o\ny: z", &files) && !ms_depfile_gcc("x.o:\n", &files),
	   "what is no rule is refused");
	ok(ms_depfile_ld("out dir/x.elf: \\\n  a b.o \\\n  /usr/lib/libgcc.a\n\na b.o:\n\n",
	                 &files),
	   "ld's form is read");
	is_string(joined(&files), "a b.o|/usr/lib/libgcc.a", "blanks belong to a name there");
	files = (struct ms_list){0};
	ok(!ms_depfile_ld("", &files) && !ms_depfile_ld("x.elf:\n", &files),
	   "what is no list is refused");
}

static void test_words(void)
{
	const char *const compile[] = {"cc",  "-c",        "-I",      "inc",
	                               "-MF", "build/a.d", "-MQ",     "build/a.o",
	                               "-o",  "build/a.o", "src/a.c", NULL};
	const char *const link[] = {"cc",          "-Xlinker",  "--dependency-file",
	                            "-Xlinker",    "build/l.d", "-o",
	                            "build/a.elf", "build/a.o", NULL};
	const char *const plain[] = {"objcopy", "build/a.o", "build/a.bin", NULL};
	const char *const outside[] = {"cc", "-o", "build/../a", "b.c", NULL};
	const char *const elsewhere[] = {"cc", "-c", "-o", "a.o", "b.c", NULL};
	const char *const none[] = {"cc", NULL};
	struct ms_words w;

	ok(!ms_words_read(&w, compile) && w.compiles && w.output == 9 && w.depfile == 5 &&
	       w.dialect == MS_DEPFILE_GCC && w.folders.count == 1,
	   "a compile: output, dependency file, folders");
	size_t inputs = 0;
	for (size_t i = 0; i < w.count; i++)
		inputs += ms_words_may_be_input(&w, i);
	ok(inputs == 1 && ms_words_may_be_input(&w, 10), "its only input is the source");
	ok(!ms_words_read(&w, link) && !w.compiles && w.output == 6 && w.depfile == 4 &&
	       w.dialect == MS_DEPFILE_LD && ms_words_may_be_input(&w, 7),
	   "a link: output, dependency file, object");
	ok(!ms_words_read(&w, plain) && w.output == 2 && w.dialect == MS_DEPFILE_NONE,
	   "any other command: its last word is the output");
	ok(ms_words_read(&w, outside) && ms_words_read(&w, elsewhere) && ms_words_read(&w, none),
	   "no output outside of the build folder");
}

static void test_names(void)
{
	struct ms_places p = {
	    .build = "/out/b", .toolkit = "/t/lib", .kernel = "/out/b/kernel", .project = "/p"};
	static const char *const cases[][2] = {
	    {"/t/lib/board/x.h", "@toolkit/board/x.h"},
	    {"/t/library/x.h", "/t/library/x.h"},
	    {"/out/b/kernel/include/k.h", "@kernel/include/k.h"},
	    {"/out/b/pd/x.o", "build/pd/x.o"},
	    {"/p/src/a.h", "src/a.h"},
	    {"././src/a.h", "src/a.h"},
	    {"build/x.h", "@project/build/x.h"},
	    {"@toolkit/x.h", "@project/@toolkit/x.h"},
	    {"/usr/include/x.h", "/usr/include/x.h"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_string(ms_plan_name(&p, cases[i][0]), cases[i][1], cases[i][0]);
}

static void test_absent(void)
{
	const char *const argv[] = {
	    "cc",        "-c",      "-I", "@toolkit/first", "-I", "@toolkit/second", "-o",
	    "build/a.o", "src/a.c", NULL};
	char folder[] = "/tmp/ms-test-plan-XXXXXX";
	struct ms_places p = {.project = "/nonexistent"};
	struct ms_list read = {0}, absent = {0};
	struct ms_words w;

	if (!mkdtemp(folder))
		exit(3);
	p.toolkit = folder;
	ms_write_file(ms_path_join(folder, "second/x/h.h"), "", 0, MS_WRITE_PARENTS);
	ms_words_read(&w, argv);
	ms_list_add(&read, "@toolkit/first/a.c");
	ms_list_add(&read, "@toolkit/second/x/h.h");
	ms_list_add(&read, "/usr/lib/gcc/stdint.h");
	ok(ms_words_absent(&w, &p, &read, &absent), "few files would hide a header");
	is_string(joined(&absent),
	          "@toolkit/first/x/h.h|@toolkit/second/x/x/h.h|@toolkit/first/h.h|"
	          "@toolkit/second/h.h|@toolkit/first/stdint.h|@toolkit/second/stdint.h|"
	          "@toolkit/second/x/stdint.h|@toolkit/first/gcc/stdint.h|"
	          "@toolkit/second/gcc/stdint.h|@toolkit/second/x/gcc/stdint.h",
	          "files that would hide a header, were they there");
	if (system(ms_format("rm -rf %s", folder)) != 0)
		exit(3);
}

/* "build/" of the project is not the build folder, which may lie in the project, too. */
static void test_absent_in_project(void)
{
	const char *const argv[] = {"cc", "-c", "-I",        "no/inc", "-I",
	                            ".",  "-o", "build/a.o", "no/a.c", NULL};
	const char *const hiding[] = {"no/inc/no/x.h",    "no/inc/x.h", "x.h",
	                              "no/inc/build/y.h", "no/inc/y.h", "@project/build/x.h",
	                              "no/inc/no/out/z.h"};
	struct ms_places p = {.project = "/nonexistent", .toolkit = "/t", .build = "no/out"};
	struct ms_list read = {0}, absent = {0};
	struct ms_words w;

	ms_words_read(&w, argv);
	ms_list_add(&read, "no/a.c");
	ms_list_add(&read, "no/x.h");
	ms_list_add(&read, "@project/build/y.h");
	ms_list_add(&read, "build/z.h");
	ok(ms_words_absent(&w, &p, &read, &absent), "few files would hide a header");
	for (size_t i = 0; i < sizeof(hiding) / sizeof(hiding[0]); i++)
		ok(ms_list_has(&absent, hiding[i]), "%s", hiding[i]);
}

/* None of them may be left out unsaid: the cache would not see that header come. */
static void test_many_absent(void)
{
	struct ms_places p = {.project = "/nonexistent", .toolkit = "/nonexistent"};
	struct ms_list argv = {0}, read = {0}, absent = {0};
	struct ms_words w;

	ms_list_add(&argv, "cc");
	for (int i = 0; i < 300; i++) {
		ms_list_add(&argv, "-I");
		ms_list_add(&argv, ms_format("@toolkit/%d", i));
	}
	ms_list_add(&argv, "-o");
	ms_list_add(&argv, "build/a.o");
	ms_words_read(&w, argv.items);
	ms_list_add(&read, "@toolkit/0/a.c");
	for (int i = 0; i < 100; i++)
		ms_list_add(&read, ms_format("@toolkit/0/%d.h", i));
	ok(ms_words_absent(&w, &p, &read, &absent) && absent.count == 30000,
	   "each of 100 headers is looked for in each of 300 folders");
	for (int i = 100; i < 300; i++)
		ms_list_add(&read, ms_format("@toolkit/0/%d.h", i));
	absent.count = 0;
	ok(!ms_words_absent(&w, &p, &read, &absent), "more than are kept are not passed over");
}

int main(void)
{
	ms_diag_program("test-plan");
	test_hostile();
	test_depfiles();
	test_words();
	test_names();
	test_absent();
	test_absent_in_project();
	test_many_absent();
	done_testing();
	return 0;
}
