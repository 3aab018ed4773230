/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.c - payload, hand-off table and generated sources. See table.h.
 */
#include "image/table.h"
#include "base/diag.h"
#include "base/elf_file.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/relay.h"
#include "both/fdt.h"
#include "both/newc.h"
#include "image/archive.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#define ARCHIVE_MAX (1024u * 1024 * 1024) /* an image is loaded whole into a board's memory */

static int wrong(const char *rule, char *text)
{
	ms_report(MS_ERROR, NULL, rule, "%s", text);
	return MS_EXIT_INPUT;
}

/* -- the payload --------------------------------------------------------------------------- */

static int read_archive(const char *path, const json_t *archive, struct ms_payload *p)
{
	struct ms_file file;

	if (ms_file_read(path, ARCHIVE_MAX, &file) != 0 && errno == EFBIG)
		return wrong("archive-size", ms_format("%s: longer than 1 GiB", path));
	p->data = file.data;
	p->len = file.len;
	if (!p->data) {
		ms_report(MS_ERROR, NULL, NULL, "%s: %s", path, strerror(errno));
		return MS_EXIT_SYSTEM;
	}
	if ((uint64_t)ms_doc_integer(archive, "size") != p->len ||
	    strcmp(ms_doc_string(archive, "sha256"), file.sha256) != 0)
		return wrong("archive-changed",
		             ms_format("%s: not the archive of the document: %s with sha256 "
		                       "%s, the document says %" PRId64 " with %s",
		                       path, ms_count_text(p->len, "byte"), file.sha256,
		                       ms_doc_integer(archive, "size"),
		                       ms_doc_string(archive, "sha256")));
	return MS_EXIT_OK;
}

/* One entry as the document says and as it is. */
static int check_entry(const char *path, const json_t *said, const struct newc_entry *entry,
                       bool packed, struct handoff_member *member)
{
	char sha256[MS_SHA256_HEX];

	member->offset = entry->offset;
	member->size = entry->size;
	/* Of an archive as it was packed by this process, the digests were taken then. */
	if (!packed || ms_hex_decode(ms_doc_string(said, "sha256"), member->sha256) != 0)
		ms_sha256(entry->data, entry->size, member->sha256);
	ms_hex_encode(member->sha256, sha256);
	if (strcmp(ms_doc_string(said, "name"), entry->name) == 0 &&
	    (uint64_t)ms_doc_integer(said, "offset") == entry->offset &&
	    ms_doc_integer(said, "size") == entry->size &&
	    strcmp(ms_doc_string(said, "sha256"), sha256) == 0)
		return MS_EXIT_OK;
	return wrong("archive-entries", ms_format("%s: the member %s at 0x%" PRIx64
	                                          " is not what archive.entries says",
	                                          path, entry->name, entry->offset));
}

/* The table's place for a member, by the order that they must have: kernel.elf, kernel.dtb (or
 * not), rootserver. NULL: any other member. */
static struct handoff_member *place_of(struct ms_payload *p, size_t index, const char *name)
{
	if (index == 0 && strcmp(name, HANDOFF_KERNEL) == 0)
		return &p->kernel;
	if (index == 1 && strcmp(name, HANDOFF_DTB) == 0)
		return &p->dtb;
	if (index == (p->dtb.size ? 2u : 1u) && strcmp(name, HANDOFF_ROOT) == 0)
		return &p->root;
	return NULL;
}

static int check_entries(const char *path, const json_t *entries, struct ms_payload *p)
{
	const uint8_t *data = (const uint8_t *)p->data;
	const bool packed = ms_relay_known(MS_ARCHIVE_FACT, entries);
	size_t offset = 0, index = 0;
	enum newc_status status;
	struct newc_entry entry;

	while ((status = newc_next(data, p->len, &offset, &entry)) == NEWC_ENTRY) {
		struct handoff_member other, *member = place_of(p, index, entry.name);
		int result;

		if (index == json_array_size(entries))
			break;
		result = check_entry(path, json_array_get(entries, index++), &entry, packed,
		                     member ? member : &other);
		if (result != MS_EXIT_OK)
			return result;
	}
	if (status < 0)
		return wrong("archive-format", ms_format("%s: at byte %zu: %s", path, offset,
		                                         newc_status_text(status)));
	if (status == NEWC_ENTRY || index != json_array_size(entries))
		return wrong("archive-entries",
		             ms_format("%s: archive.entries lists %s, the archive holds %s", path,
		                       ms_count_text(json_array_size(entries), "member"),
		                       status == NEWC_ENTRY ? "more" : "fewer"));
	if (!p->kernel.size || !p->root.size)
		return wrong("archive-entries",
		             ms_format("%s: the first members must be " HANDOFF_KERNEL
		                       ", " HANDOFF_DTB " (where there is one) and " HANDOFF_ROOT,
		                       path));
	return MS_EXIT_OK;
}

static int open_elf(const char *path, const char *name, const struct ms_payload *p,
                    const struct handoff_member *m, struct elf64 *elf)
{
	enum elf64_error error = elf64_open(elf, p->data + m->offset, m->size);

	if (error == ELF64_OK)
		return MS_EXIT_OK;
	return wrong("elf", ms_format("%s: %s: %s", path, name, elf64_error_text(error)));
}

int ms_payload_read(const char *path, const json_t *archive, struct ms_payload *p)
{
	int status;

	memset(p, 0, sizeof(*p));
	p->record = ms_doc_member(archive, "kernel");
	status = read_archive(path, archive, p);
	if (status == MS_EXIT_OK)
		status = check_entries(path, ms_doc_member(archive, "entries"), p);
	if (status == MS_EXIT_OK)
		status = open_elf(path, HANDOFF_KERNEL, p, &p->kernel, &p->kernel_elf);
	if (status == MS_EXIT_OK)
		status = open_elf(path, HANDOFF_ROOT, p, &p->root, &p->root_elf);
	if (status == MS_EXIT_OK && p->dtb.size) {
		enum fdt_error error;
		struct fdt fdt;

		error = fdt_open(&fdt, p->data + p->dtb.offset, p->dtb.size);
		if (error != FDT_OK)
			return wrong("dtb", ms_format("%s: " HANDOFF_DTB ": %s", path,
			                              fdt_error_text(error)));
		if (fdt.size != p->dtb.size)
			return wrong("dtb", ms_format("%s: " HANDOFF_DTB " has 0x%" PRIx64
			                              " bytes, its header says 0x%x",
			                              path, p->dtb.size, fdt.size));
	}
	return status;
}

bool ms_payload_input(const struct ms_payload *p, struct ms_kernel_range memory[MS_PLACE_REGIONS],
                      struct ms_place_input *in)
{
	const json_t *ranges = ms_doc_member(p->record, "memory"), *range;
	size_t i;

	memset(in, 0, sizeof(*in));
	if (json_array_size(ranges) > MS_PLACE_REGIONS) {
		ms_report(MS_ERROR, NULL, "memory-regions",
		          "the kernel has %zu memory regions; at most %d can be placed in",
		          json_array_size(ranges), MS_PLACE_REGIONS);
		return false;
	}
	json_array_foreach(ranges, i, range)
	{
		memory[i].start = ms_doc_hex(range, "start");
		memory[i].end = ms_doc_hex(range, "end");
	}
	in->kernel = &p->kernel_elf;
	in->root = &p->root_elf;
	in->dtb_size = p->dtb.size;
	in->image_size =
	    ((p->len + HANDOFF_PAGE - 1) & ~(uint64_t)(HANDOFF_PAGE - 1)) + HANDOFF_LOADER_MAX;
	in->memory = memory;
	in->memory_count = json_array_size(ranges);
	in->hypervisor = ms_doc_boolean(p->record, "hypervisor");
	in->mcs = ms_doc_boolean(p->record, "mcs");
	in->cores = (unsigned)ms_doc_integer(p->record, "cores");
	in->pa_bits = (unsigned)ms_doc_integer(p->record, "pa_bits");
	in->root_cnode_bits = (unsigned)ms_doc_integer(p->record, "root_cnode_bits");
	in->max_untypeds = (unsigned)ms_doc_integer(p->record, "max_untypeds");
	return true;
}

/* -- the table ----------------------------------------------------------------------------- */

struct handoff_table ms_table(const struct ms_payload *payload, const struct ms_placement *p,
                              bool verify)
{
	struct handoff_table t = {0};

	t.magic = HANDOFF_MAGIC;
	t.version = HANDOFF_VERSION;
	if (ms_doc_boolean(payload->record, "hypervisor"))
		t.flags |= HANDOFF_HYPERVISOR;
	if (ms_doc_integer(payload->record, "pa_bits") == 44)
		t.flags |= HANDOFF_PA44;
	if (strcmp(ms_doc_string(payload->record, "kind"), "probe") == 0)
		t.flags |= HANDOFF_PROBE;
	if (verify)
		t.flags |= HANDOFF_VERIFY;
	t.cores = (uint32_t)ms_doc_integer(payload->record, "cores");
	t.image_start = p->image.start;
	t.image_end = p->image.end;
	t.archive_size = payload->len;
	t.kernel = payload->kernel;
	t.dtb = payload->dtb;
	t.root = payload->root;
	t.kernel_start = p->kernel.start;
	t.kernel_end = p->kernel.end;
	t.kernel_virt = p->kernel_virt;
	t.kernel_entry = p->kernel_entry;
	t.dtb_start = p->dtb.start;
	t.root_start = p->root.start;
	t.root_end = p->root.end;
	t.user_start = p->user.start;
	t.user_end = p->user.end;
	t.pv_offset = p->pv_offset;
	t.user_entry = p->root_entry;
	return t;
}

/* Every field in its order; a digest is four words of bytes. */
static const struct field {
	const char *name;
	unsigned offset, size; /* size 32: a digest */
} fields[] = {
#define FIELD(member, size)                                                                        \
	{                                                                                          \
#member, offsetof(struct handoff_table, member), size                              \
	}
    FIELD(magic, 8),       FIELD(version, 4),        FIELD(flags, 4),
    FIELD(cores, 4),       FIELD(reserved, 4),       FIELD(image_start, 8),
    FIELD(image_end, 8),   FIELD(archive_size, 8),   FIELD(kernel.offset, 8),
    FIELD(kernel.size, 8), FIELD(kernel.sha256, 32), FIELD(dtb.offset, 8),
    FIELD(dtb.size, 8),    FIELD(dtb.sha256, 32),    FIELD(root.offset, 8),
    FIELD(root.size, 8),   FIELD(root.sha256, 32),   FIELD(kernel_start, 8),
    FIELD(kernel_end, 8),  FIELD(kernel_virt, 8),    FIELD(kernel_entry, 8),
    FIELD(dtb_start, 8),   FIELD(root_start, 8),     FIELD(root_end, 8),
    FIELD(user_start, 8),  FIELD(user_end, 8),       FIELD(pv_offset, 8),
    FIELD(user_entry, 8),
#undef FIELD
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static uint64_t value_of(const struct handoff_table *table, const struct field *f)
{
	const uint8_t *at = (const uint8_t *)table + f->offset;
	uint64_t wide;
	uint32_t narrow;

	if (f->size == 4) {
		memcpy(&narrow, at, sizeof(narrow));
		return narrow;
	}
	memcpy(&wide, at, sizeof(wide));
	return wide;
}

void ms_table_bytes(const struct handoff_table *table, uint8_t bytes[HANDOFF_TABLE_SIZE])
{
	for (size_t i = 0; i < FIELDS; i++) {
		const struct field *f = &fields[i];
		uint64_t value;

		if (f->size == 32) {
			memcpy(bytes + f->offset, (const uint8_t *)table + f->offset, f->size);
			continue;
		}
		value = value_of(table, f);
		for (unsigned k = 0; k < f->size; k++)
			bytes[f->offset + k] = (uint8_t)(value >> (8 * k));
	}
}

/* As a string of the assembler's. */
static char *quoted(const char *path)
{
	struct ms_buf out = {0};

	for (; *path; path++)
		ms_buf_printf(&out, *path == '"' || *path == '\\' ? "\\%c" : "%c", *path);
	return out.data;
}

char *ms_table_source(const struct handoff_table *table, const char *path, size_t *len)
{
	struct ms_buf out = {0};

	ms_buf_puts(&out, "/* Generated by ms-link: the hand-off table (both/handoff.h) and the "
	                  "archive. */\n"
	                  "\t.section .rodata.handoff, \"a\", %progbits\n"
	                  "\t.balign 8\n"
	                  "\t.globl handoff_table\n"
	                  "\t.type handoff_table, %object\n"
	                  "handoff_table:\n");
	for (size_t i = 0; i < FIELDS; i++) {
		const struct field *f = &fields[i];
		const uint8_t *digest = (const uint8_t *)table + f->offset;

		if (f->size != 32) {
			ms_buf_printf(&out, "\t%s 0x%" PRIx64 " /* %s */\n",
			              f->size == 8 ? ".quad" : ".word", value_of(table, f),
			              f->name);
			continue;
		}
		for (unsigned k = 0; k < f->size; k++)
			ms_buf_printf(&out, "%s0x%02x", k ? "," : "\t.byte ", digest[k]);
		ms_buf_printf(&out, " /* %s */\n", f->name);
	}
	ms_buf_printf(&out,
	              "\t.size handoff_table, . - handoff_table\n\n"
	              "\t.section ._archive_cpio, \"a\", %%progbits\n"
	              "\t.balign %u\n"
	              "\t.globl archive_start, archive_end\n"
	              "archive_start:\n"
	              "\t.incbin \"%s\"\n"
	              "archive_end:\n\n"
	              "\t.section .note.GNU-stack, \"\", %%progbits\n",
	              HANDOFF_PAGE, quoted(path));
	*len = out.len;
	return out.data;
}

char *ms_table_script(const struct handoff_table *table, size_t *len)
{
	char *text = ms_format("/* Generated by ms-link: where the loader lies. */\n"
	                       "IMAGE_START = 0x%" PRIx64 ";\n"
	                       "ARCHIVE_START = 0x%" PRIx64 ";\n",
	                       table->image_start, table->image_start + HANDOFF_LOADER_MAX);

	*len = strlen(text);
	return text;
}
