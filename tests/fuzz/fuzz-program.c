/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-program.c - ms-layout of a system whose two programs are an ELF file of anybody: segments,
 * symbols that setvars name, sizes. What is decided must be a table that the root task takes, and
 * the document of no other one.
 */
#include "host.h"
#include "mutate.h"

#include "../unit/fake-kernel.h"
#include "both/table.h"
#include "layout/layout.h"
#include "layout/strip.h"
#include "spec/document.h"

#include <string.h>

static struct ms_kernel kernels[2]; /* classic, MCS */
static struct ms_spec *spec;
static uint8_t root[64 + 56 + 8];

/* A program of one instruction, which stands for the root task. */
static void make_root(void)
{
	make_header(root, 0x10000000, 1);
	make_segment(root, 0,
	             &(struct elf64_segment){.flags = ELF64_PF_R | ELF64_PF_X,
	                                     .offset = 120,
	                                     .vaddr = 0x10000000,
	                                     .paddr = 0x10000000,
	                                     .filesz = 8,
	                                     .memsz = 8,
	                                     .align = 4096});
}

void fuzz_once(void)
{
	static const char text[] =
	    "[[protection_domains]]\nname = \"one\"\nbinary = \"one.elf\"\npriority = 100\n"
	    "stack_bytes = 8192\n"
	    "[[protection_domains.maps]]\nregion = \"shared\"\nvaddr = 0x4000000\n"
	    "permissions = [\"read\"]\n"
	    "setvar_vaddr = \"variable\"\n"
	    "[[protection_domains]]\nname = \"two\"\nbinary = \"one.elf\"\npriority = 101\n"
	    "[[protection_domains.maps]]\nregion = \"device\"\npermissions = [\"read\", "
	    "\"write\"]\nsetvar_vaddr = \"variable\"\n"
	    "[[channels]]\nname = \"c\"\nend_a = \"one\"\nend_b = \"two\"\nkind = \"ppc\"\n"
	    "id_a = 0\nid_b = 0\n"
	    "[[memory_regions]]\nname = \"shared\"\nsize_bytes = 8192\n"
	    "permissions = [\"read\", \"write\"]\n"
	    "[[memory_regions]]\nname = \"device\"\nphys_addr = 0x9000000\nsize_bytes = 4096\n"
	    "caching = \"device-memory\"\npermissions = [\"read\", \"write\"]\n"
	    "[[irq_delivery]]\nirq = 33\ntarget_pd = \"two\"\ntarget_channel = 5\n"
	    "[[assertions]]\nonly = [\"one\"]\nmay_call = \"two\"\n";
	struct ms_source source = {.name = "spec", .text = text, .len = sizeof(text) - 1};

	fake_kernel_write("classic", &fake_classic);
	fake_kernel_write("mcs", &fake_mcs);
	fuzz_check(ms_kernel_open("classic", &kernels[0]) == 0 &&
	               ms_kernel_open("mcs", &kernels[1]) == 0,
	           "no kernel");
	spec = ms_spec_from_toml_quietly(&source);
	fuzz_check(spec != NULL, "the system is none");
	make_root();
}

struct work {
	struct ms_kernel *kernel;
	const uint8_t *data;
	size_t size;
};

static void add(struct ms_members *m, const char *name, const void *data, size_t len,
                uint32_t align)
{
	m->items[m->count++] =
	    (struct ms_member){.name = name, .data = data, .len = len, .align = align};
}

static void check_table(const struct ms_members *members, const struct ms_kernel *kernel,
                        json_t *layout)
{
	const struct ms_member *table = &members->items[members->table];
	json_t *document = json_pack("{s:o}", "layout", layout);
	uint8_t *again;
	size_t len;

	fuzz_check(table_check(table->data, table->len) == TABLE_OK, "a table that is none");
	fuzz_check(ms_layout_is_for(table->data, kernel), "a table for another kernel");
	again = ms_layout_packed("layout", document, &len);
	fuzz_check(again && len == table->len && memcmp(again, table->data, len) == 0,
	           "the document is of another table");
	fuzz_check(ms_layout_judge(spec, table->data, table->len), "an assertion is broken");
	ms_layout_report(ms_doc_expand("layout", document, "layout"));
}

static void lay_out(void *user)
{
	const struct work *w = user;
	struct ms_pd_file file = {.member = 3, .data = w->data, .len = w->size, .path = "one.elf"};
	struct ms_members members = {.root = 1, .table = 2};
	struct ms_buf reduced = {0}, kernel = {0};
	json_t *layout;

	if (ms_strip(w->data, w->size, &reduced) != ELF64_OK)
		return;
	fuzz_check(ms_strip(w->kernel->image.data, w->kernel->image.len, &kernel) == ELF64_OK,
	           "the kernel is no program");
	members.items = ms_alloc(4, sizeof(*members.items));
	members.pds = ms_alloc(spec->pds.count + 1, sizeof(*members.pds));
	members.prefills = ms_alloc(spec->regions.count + 1, sizeof(*members.prefills));
	for (size_t i = 0; i < spec->regions.count; i++)
		members.prefills[i] = MS_NO_INDEX;
	add(&members, "kernel.elf", kernel.data, kernel.len, MS_ARCHIVE_PAGE);
	add(&members, "rootserver", root, sizeof(root), MS_ARCHIVE_PAGE);
	add(&members, TABLE_MEMBER, NULL, 0, 8);
	add(&members, "one.elf", reduced.data, reduced.len, MS_ARCHIVE_PAGE);
	file.symbols = file.data;
	file.symbols_len = file.len;
	file.symbols_path = file.path;
	file.sha256 = "";
	members.pds[0] = members.pds[1] = file;
	layout = ms_layout_make(spec, w->kernel, &members);
	if (layout)
		check_table(&members, w->kernel, layout);
}

void fuzz_one(const uint8_t *data, size_t size)
{
	uint8_t *copy = ms_alloc(size + 1, 1); /* alignment is the caller's otherwise */
	struct work work = {&kernels[0], copy, size};

	memcpy(copy, data, size);
	fuzz_try(lay_out, &work);
	work.kernel = &kernels[1];
	fuzz_try(lay_out, &work);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_fields(data, size, room, seed, FUZZ_LITTLE);
}
