/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-spec.c - lib/host/spec: canonical TOML is a fixed point and the JSON document loses
 * nothing, for a golden spec and for whatever is accepted among its truncations and one-byte
 * changes; hand-made documents do not get round the rules.
 */
#include "base/mem.h"
#include "spec/document.h"
#include "tap.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Every table, every kind of value, every way to write it. */
static const char golden[] = "priority_order = \"zero-highest\" # c\n"
                             "[[protection_domains]]\n"
                             "name='a'\n"
                             "binary=\"d/a.c\"\n"
                             "priority=0xfe\n"
                             "stack_bytes=8_192\n"
                             "[[protection_domains]]\n"
                             "name=\"b\"\n"
                             "binary=\"b.elf\"\n"
                             "[[channels]]\n"
                             "name=\"c\"\n"
                             "end_a=\"a\"\n"
                             "end_b=\"b\"\n"
                             "kind=\"ppc\"\n"
                             "id_a=2\n"
                             "[[memory_regions]]\n"
                             "name=\"r\"\n"
                             "phys_addr=\"0xF000000000001000\"\n"
                             "size_bytes=0x1000\n"
                             "permissions=[\"write\",\"read\"]\n"
                             "[[memory_regions]]\n"
                             "name=\"s\"\n"
                             "phys_addr=0o10000\n"
                             "size_bytes=4096\n"
                             "permissions=[\"read\"]\n"
                             "prefill_from=\"f\"\n"
                             "[[irq_delivery]]\n"
                             "irq=33\n"
                             "target_pd=\"a\"\n"
                             "[build]\n"
                             "output_dir=\"o\"\n";

/* The same for what is in whole systems only. */
static const char whole[] = "[[protection_domains]]\n"
                            "name='p'\n"
                            "binary='p.c'\n"
                            "sources=['q.c', 'r.S']\n"
                            "defines=['A=\\b']\n"
                            "budget_us=20\n"
                            "fpu=false\n"
                            "[[protection_domains.maps]]\n"
                            "region='r'\n"
                            "vaddr=0x200000\n"
                            "permissions=['read']\n"
                            "[[protection_domains.maps]]\n"
                            "region='r'\n"
                            "vaddr='auto'\n"
                            "cached=false\n"
                            "setvar_vaddr='v'\n"
                            "[[protection_domains.setvars]]\n"
                            "symbol='w'\n"
                            "value=-0\n"
                            "[[protection_domains.setvars]]\n"
                            "symbol='x'\n"
                            "region_paddr='r'\n"
                            "[[protection_domains]]\n"
                            "name='c'\n"
                            "binary='c.elf'\n"
                            "passive=true\n"
                            "parent='p'\n"
                            "child_id=61\n"
                            "[[channels]]\n"
                            "name='n'\n"
                            "end_a='p'\n"
                            "end_b='c'\n"
                            "kind='notification'\n"
                            "notify_b=false\n"
                            "id_b=62\n"
                            "[[memory_regions]]\n"
                            "name='r'\n"
                            "permissions=['read','write']\n"
                            "prefill_from='f'\n"
                            "page_bytes=2097152\n"
                            "[[assertions]]\n"
                            "only=['p']\n"
                            "may_write='r'\n"
                            "[[assertions]]\n"
                            "at_most=2\n"
                            "reachers='p'\n";

static const char canonical[] = "schema = \"ms-spec/1\"\n"
                                "priority_order = \"zero-highest\"\n"
                                "\n"
                                "[build]\n"
                                "output_dir = \"o\"\n"
                                "\n"
                                "[[protection_domains]]\n"
                                "name = \"a\"\n"
                                "binary = \"d/a.c\"\n"
                                "priority = 254\n"
                                "stack_bytes = 8192\n"
                                "\n"
                                "[[protection_domains]]\n"
                                "name = \"b\"\n"
                                "binary = \"b.elf\"\n"
                                "\n"
                                "[[channels]]\n"
                                "name = \"c\"\n"
                                "end_a = \"a\"\n"
                                "end_b = \"b\"\n"
                                "kind = \"ppc\"\n"
                                "id_a = 2\n"
                                "\n"
                                "[[memory_regions]]\n"
                                "name = \"r\"\n"
                                "phys_addr = \"0xf000000000001000\"\n"
                                "size_bytes = 4096\n"
                                "permissions = [\"read\", \"write\"]\n"
                                "\n"
                                "[[memory_regions]]\n"
                                "name = \"s\"\n"
                                "phys_addr = 0x1000\n"
                                "size_bytes = 4096\n"
                                "permissions = [\"read\"]\n"
                                "prefill_from = \"f\"\n"
                                "\n"
                                "[[irq_delivery]]\n"
                                "irq = 33\n"
                                "target_pd = \"a\"\n"
                                "target_channel = 0\n";

static struct ms_spec *from_toml(const char *text, size_t len)
{
	struct ms_source source = {.name = "t", .text = text, .len = len};

	return ms_spec_from_toml(&source);
}

static struct ms_spec *from_json(const char *text, size_t len)
{
	json_t *object = ms_doc_parse("t", text, len, MS_SPEC_SCHEMA, &ms_spec_shape);
	struct ms_spec *spec = object ? ms_spec_from_json("t", object, true) : NULL;

	if (spec && !json_equal(object, ms_spec_to_json(spec)))
		abort(); /* what is accepted is what would be written */
	return spec;
}

/* What must hold for any system: both writings read back to the same. */
static int is_stable(const struct ms_spec *spec)
{
	size_t len, again_len;
	char *text = ms_spec_to_toml(spec, &len);
	char *json = ms_doc_canonical(ms_spec_to_json(spec), NULL);
	struct ms_spec *from_text = from_toml(text, len);
	struct ms_spec *from_doc = from_json(json, strlen(json));

	if (!from_text || !from_doc)
		return 0;
	return strcmp(text, ms_spec_to_toml(from_text, &again_len)) == 0 && again_len == len &&
	       strcmp(text, ms_spec_to_toml(from_doc, NULL)) == 0 &&
	       strcmp(json, ms_doc_canonical(ms_spec_to_json(from_text), NULL)) == 0 &&
	       strcmp(json, ms_doc_canonical(ms_spec_to_json(from_doc), NULL)) == 0;
}

typedef struct ms_spec *spec_reader(const char *text, size_t len);

/* One text, in a block of its own size. 0: fine. */
static int try_text(spec_reader *reader, const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);
	struct ms_spec *spec;
	int bad;

	memcpy(copy, text, len);
	spec = reader(copy, len);
	bad = spec && !is_stable(spec);
	free(copy);
	return bad;
}

/* Truncation at and changes of the bytes from..to: to every value, or of a bit. */
static int try_bytes(spec_reader *reader, const char *text, size_t len, size_t from, size_t to,
                     int dense)
{
	char *copy = ms_strndup(text, len);
	int bad = 0;

	for (size_t i = from; i < to; i++) {
		bad |= try_text(reader, text, i);
		for (int v = 1; v < 256; v = dense ? v + 1 : 2 * v) {
			copy[i] = (char)(text[i] ^ v);
			bad |= try_text(reader, copy, len);
		}
		copy[i] = text[i];
	}
	return bad;
}

/* The library keeps its memory until exit and reports on stderr: a piece of the work at a time
 * is done in a child, whose end also tells whether it crashed. */
static int survives(spec_reader *reader, const char *text, size_t len, int dense)
{
	const size_t piece = 32;
	int good = 1;

	fflush(stdout);
	for (size_t from = 0; from < len && good; from += piece) {
		size_t to = from + piece < len ? from + piece : len;
		pid_t child = fork();
		int status = -1;

		if (child == 0) {
			int null = open("/dev/null", O_WRONLY);

			dup2(null, 2);
			_exit(try_bytes(reader, text, len, from, to, dense) ? 1 : 0);
		}
		good = child > 0 && waitpid(child, &status, 0) == child && status == 0;
		if (!good)
			printf("# bytes %zu to %zu: status %#x\n", from, to, (unsigned)status);
	}
	return good;
}

static void test_canonical(void)
{
	struct ms_spec *spec = from_toml(golden, sizeof(golden) - 1);

	if (!ok(spec != NULL, "the golden spec is accepted"))
		return;
	is_string(ms_spec_to_toml(spec, NULL), canonical, "its canonical rendering");
	ok(is_stable(spec), "both writings read back to the same");
	ok(spec->pds.items[0].priority == 0 && spec->pds.items[1].priority == 254,
	   "priorities are seL4's");
	ok(spec->channels.items[0].caller == MS_END_A, "the less urgent end calls");
	ok(spec->channels.items[0].id_a == 2 && spec->channels.items[0].id_b == 0 &&
	       spec->irqs.items[0].target_channel == 0,
	   "written ids come first, then the free ones");
	ok(spec->channels.items[0].pd_b == 1 && spec->irqs.items[0].pd == 0, "names are resolved");
	ok(spec->regions.items[0].permissions == (MS_READ | MS_WRITE), "permissions");
}

static void test_whole(void)
{
	struct ms_spec *spec = from_toml(whole, sizeof(whole) - 1);
	const struct ms_pd *p, *c;

	if (!ok(spec != NULL, "a whole system is accepted"))
		return;
	p = &spec->pds.items[0];
	c = &spec->pds.items[1];
	ok(is_stable(spec), "both writings of it read back to the same");
	ok(p->sources.count == 2 && strcmp(p->sources.items[1], "r.S") == 0 &&
	       p->defines.count == 1 && strcmp(p->defines.items[0], "A=\\b") == 0 &&
	       p->libs.count == 0,
	   "lists of strings");
	ok(p->budget_us == 20 && p->period_us == 20 && c->budget_us == 1000 && c->period_us == 1000,
	   "a period is its budget unless it is given");
	ok(!p->fpu && c->fpu && !p->passive && c->passive && !c->smc, "booleans");
	ok(p->maps.items[0].vaddr == 0x200000 && p->maps.items[0].permissions == MS_READ &&
	       p->maps.items[0].cached && p->maps.items[0].region_index == 0,
	   "a map as it is written");
	ok(p->maps.items[1].vaddr == MS_ANYWHERE &&
	       p->maps.items[1].permissions == (MS_READ | MS_WRITE) && !p->maps.items[1].cached,
	   "a map has its region's permissions unless it has its own");
	ok(p->setvars.items[0].region_index == MS_NO_INDEX && p->setvars.items[0].value == 0 &&
	       p->setvars.items[1].region_index == 0,
	   "setvars");
	ok(p->is_parent && !p->is_called && p->parent_index == MS_NO_INDEX &&
	       p->child_id == MS_ABSENT && c->parent_index == 0 && c->child_id == 61,
	   "families");
	ok(spec->channels.items[0].notify_a && !spec->channels.items[0].notify_b &&
	       spec->channels.items[0].id_b == 62,
	   "signals one way");
	ok(spec->regions.items[0].phys_addr == MS_ANYWHERE &&
	       spec->regions.items[0].size_bytes == 0 &&
	       spec->regions.items[0].page_bytes == MS_LARGE_PAGE,
	   "a region that the layout places and measures");
	ok(spec->assertions.items[0].quantifier == MS_ONLY &&
	       spec->assertions.items[0].relation == MS_WRITES &&
	       spec->assertions.items[0].subjects == 1 &&
	       strcmp(spec->assertions.items[0].object, "r") == 0 &&
	       spec->assertions.items[1].quantifier == MS_AT_MOST &&
	       spec->assertions.items[1].relation == MS_REACHES,
	   "assertions in few words");
}

/* True when the text is accepted and describes a system for our own root task. */
static int is_system(const char *text)
{
	struct ms_spec *spec = from_toml(text, strlen(text));

	return spec && ms_spec_is_system(spec);
}

static void test_root_task(void)
{
#define ONE "[[protection_domains]]\nname='p'\nbinary='p.c'\npriority=3\nsources=['q.c']\n"
#define TWO ONE "[[protection_domains]]\nname='q'\nbinary='q.c'\n"
	ok(!is_system(ONE), "a single PD is the root task");
	ok(is_system("build={root_task='system'}\n" ONE), "unless it shall not be");
	ok(is_system(TWO), "two PDs are a system");
	ok(is_system(ONE "passive=true\n"), "so is one that wants what a root task does");
	ok(!is_system(ONE "budget_us=1000\ncpu=0\nfpu=true\nmaps=[]\n"),
	   "but not one that only says the defaults");
	ok(is_system(ONE "[[irq_delivery]]\nirq=1\ntarget_pd='p'\n"), "so is an interrupt");
	ok(is_system(ONE "[[memory_regions]]\nname='r'\nsize_bytes=4096\n"
	                 "permissions=['read']\n[[protection_domains.maps]]\nregion='r'\n"),
	   "so is a region");
	ok(!is_system("build={root_task='pd'}\n" ONE
	              "[[memory_regions]]\nname='r'\nsize_bytes=4096\npermissions=['read']\n"),
	   "which a PD that shall be the root task may see to itself");
	ok(is_system(ONE "[[assertions]]\nat_most=0\ncallers='p'\n"), "so is an assertion");
}

static void test_hostile(void)
{
	char *json = ms_doc_canonical(ms_spec_to_json(from_toml(golden, sizeof(golden) - 1)), NULL);

	char *whole_json =
	    ms_doc_canonical(ms_spec_to_json(from_toml(whole, sizeof(whole) - 1)), NULL);

	ok(survives(from_toml, whole, sizeof(whole) - 1, 0),
	   "every truncation and one-bit change of a whole system's TOML");
	ok(survives(from_json, whole_json, strlen(whole_json), 0),
	   "every truncation and one-bit change of a whole system's document");
	ok(survives(from_toml, golden, sizeof(golden) - 1, 1),
	   "every truncation and one-byte change of the TOML");
	ok(survives(from_json, json, strlen(json), 1),
	   "every truncation and one-byte change of the document");
}

/* The golden document with one text in it replaced by another. */
static int document_refused(const char *old, const char *new)
{
	char *json = ms_doc_canonical(ms_spec_to_json(from_toml(golden, sizeof(golden) - 1)), NULL);
	char *at = strstr(json, old);
	char *changed;
	int keep, null;
	struct ms_spec *spec;

	if (!at)
		return 0;
	changed = ms_format("%.*s%s%s", (int)(at - json), json, new, at + strlen(old));
	keep = dup(2);
	null = open("/dev/null", O_WRONLY);
	dup2(null, 2);
	spec = from_json(changed, strlen(changed));
	dup2(keep, 2);
	close(keep);
	close(null);
	return spec == NULL;
}

static void test_documents(void)
{
	static const struct {
		const char *old, *new, *name;
	} cases[] = {
	    {"\"caller\":\"end_a\",", "", "a missing caller"},
	    {"\"caller\":\"end_a\",", "\"caller\":\"end_b\",", "a wrong caller"},
	    {"\"id_a\":2", "\"id_a\":0", "an id given twice"},
	    {"\"id_a\":2", "\"id_a\":63", "an id out of range"},
	    {"\"d/a.c\"", "\"../a.c\"", "a binary outside the project"},
	    {"\"d/a.c\"", "\"@kernel/a.c\"", "a binary among the toolkit's files"},
	    {"\"d/a.c\"", "\"-a.c\"", "a binary that is an option"},
	    {"\"d/a.c\"", "\"build/a.c\"", "a binary in the build folder"},
	    {"\"name\":\"b\"", "\"name\":\"../b\"", "a name that leaves the folder"},
	    {"\"priority\":254", "\"priority\":0", "equal priorities at a ppc channel"},
	    {"\"priority\":254", "\"priority\":255", "a priority that is the root task's"},
	    {"\"stack_bytes\":8192", "\"stack_bytes\":8191", "a stack of no whole pages"},
	    {"[\"read\",\"write\"]", "[\"write\",\"read\"]", "permissions out of order"},
	    {"[\"read\",\"write\"]", "[\"read\",\"read\"]", "a permission twice"},
	    {"[\"read\",\"write\"]", "[\"write\"]", "writing without reading"},
	    {"\"0x1000\"", "\"0xf000000000001000\"", "regions that overlap"},
	    {"\"0x1000\"", "\"0x1001\"", "an address of no page"},
	    {"\"0x1000\"", "\"0x01000\"", "an address with leading zeroes"},
	    {"\"0xf000000000001000\",", "\"0xfffffffffffff000\",\"x\":1,", "an unknown key"},
	    {"\"irq\":33", "\"irq\":33.0", "a number that is no integer"},
	    {"\"output_dir\":\"o\"", "\"output_dir\":\"/o\"", "an absolute output folder"},
	    {"\"zero-highest\"", "\"zero\"", "an unknown word"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(document_refused(cases[i].old, cases[i].new), "a document is refused: %s",
		   cases[i].name);
	ok(!document_refused("\"d/a.c\"", "\"d/b.c\""), "and one that is right is not");
}

/* Takes the n-th member away, of all objects of a tree in their order; counts on in *n. */
static int take_away(json_t *value, size_t *n)
{
	const char *key;
	json_t *member;
	size_t i;
	void *at;

	json_array_foreach(value, i, member)
	{
		if (take_away(member, n))
			return 1;
	}
	json_object_foreach_safe(value, at, key, member)
	{
		if ((*n)-- == 0)
			return json_object_del(value, key) == 0;
		if (take_away(member, n))
			return 1;
	}
	return 0;
}

static void test_members(void)
{
	struct ms_spec *spec = from_toml(whole, sizeof(whole) - 1);
	int keep = dup(2), null = open("/dev/null", O_WRONLY);
	size_t tried = 0, taken = 0;

	dup2(null, 2);
	for (;; tried++) {
		json_t *object = ms_spec_to_json(spec);
		size_t n = tried;
		char *text;

		if (!take_away(object, &n))
			break;
		text = ms_doc_canonical(object, NULL);
		taken += from_json(text, strlen(text)) != NULL;
	}
	dup2(keep, 2);
	close(keep);
	close(null);
	ok(tried > 70, "a document without one of its members, each in turn: %zu", tried);
	/* Those that may be absent and have no default: a prefill, a sentence of a region. */
	ok(taken < tried / 10, "is refused, or is another system's document: %zu", taken);
}

int main(void)
{
	test_canonical();
	test_members();
	test_whole();
	test_root_task();
	test_documents();
	test_hostile();
	done_testing();
	return 0;
}
