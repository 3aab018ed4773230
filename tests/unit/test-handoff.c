/* SPDX-License-Identifier: BSD-2-Clause */
/* test-handoff.c - lib/both/handoff: every placement rule, broken one at a time. */
#include "both/handoff.h"

#include "tap.h"

#include <stddef.h>

/* seL4 on qemu-arm-virt, EL1, with a DTB and a root task of seven pages. */
static const struct handoff_table el1 = {
    .magic = HANDOFF_MAGIC,
    .version = HANDOFF_VERSION,
    .cores = 1,
    .image_start = 0x40400000,
    .image_end = 0x40480000,
    .archive_size = 0x40000,
    .kernel = {.offset = 0x1000, .size = 0x30190},
    .dtb = {.offset = 0x32000, .size = 7600},
    .root = {.offset = 0x34000, .size = 0x5000},
    .kernel_start = 0x40000000,
    .kernel_end = 0x4023d000,
    .kernel_virt = 0xffffff8040000000,
    .kernel_entry = 0xffffff8040000000,
    .dtb_start = 0x4023d000,
    .root_start = 0x4023f000,
    .root_end = 0x40246000,
    .user_start = 0x4023f000,
    .user_end = 0x40246000,
    .pv_offset = 0x4023f000 - 0x400000,
    .user_entry = 0x400100,
};

/* The same without a DTB under a hypervisor kernel. */
static struct handoff_table el2(void)
{
	struct handoff_table t = el1;

	t.flags = HANDOFF_HYPERVISOR;
	t.image_start = 0x70000000;
	t.image_end = 0x70080000;
	t.dtb = (struct handoff_member){0};
	t.dtb_start = 0;
	t.kernel_start = 0x60000000;
	t.kernel_end = 0x6024a000;
	t.kernel_virt = t.kernel_entry = 0x8060000000;
	t.root_start = t.user_start = 0x6024a000;
	t.root_end = t.user_end = 0x60251000;
	t.pv_offset = t.user_start - 0x400000;
	return t;
}

struct breach {
	size_t field;
	uint64_t value;
	const char *fault; /* a part of the text */
};
#define F(name) offsetof(struct handoff_table, name)

static const struct breach breaches[] = {
    {F(magic), 1, "not a hand-off table"},
    {F(image_start), 0x40400800, "whole pages"},
    {F(image_end), 0x40400000, "whole pages"},
    {F(image_end), HANDOFF_PHYS_TOP + 0x1000, "whole pages in reach"},
    {F(archive_size), 0, "larger than the image"},
    {F(archive_size), 0x80001, "larger than the image"},
    {F(archive_size), 0x38fff, "outside the archive"},
    {F(kernel) + 8, 0, "no kernel.elf"},
    {F(root) + 8, 0, "no rootserver"},
    {F(kernel), UINT64_MAX, "outside the archive"},
    {F(root), 0x40001, "outside the archive"},
    {F(root) + 8, UINT64_MAX, "outside the archive"},
    {F(dtb) + 8, 0, "kernel.dtb has no place"},
    {F(dtb_start), 0, "kernel.dtb has no place"},
    {F(kernel_start), 0x40000800, "kernel's range"},
    {F(kernel_end), 0x4023d001, "kernel's range"},
    {F(kernel_end), 0x40000000, "kernel's range"},
    {F(kernel_start), 0x3fe00000, "1 GiB"},
    {F(kernel_virt), 0xffffff8040001000, "within 2 MiB"},
    {F(kernel_virt), 0xffffffffffe00000, "wraps"},
    {F(kernel_virt), 0x8040000000, "EL1's upper half"},
    {F(kernel_entry), 0xffffff803fffffff, "entry lies outside the kernel"},
    {F(kernel_entry), 0xffffff804023d000, "entry lies outside the kernel"},
    {F(kernel_entry), 0x40000000, "entry lies outside the kernel"},
    {F(user_start), 0x4023f010, "user image is not whole pages"},
    {F(user_end), 0x4023f000, "user image is not whole pages"},
    {F(user_start), 0x40240000, "root task is not whole pages inside"},
    {F(root_end), 0x40247000, "root task is not whole pages inside"},
    {F(root_start), 0x40246000, "root task is not whole pages inside"},
    {F(dtb_start), 0x4023e000, "page after the kernel"},
    {F(user_start), 0x4023e000, "not above the DTB"},
    {F(image_start), 0x4023c000, "overlaps the kernel"},
    {F(image_start), 0x4023d000, "overlaps the DTB"},
    {F(image_start), 0x40245000, "overlaps the root task"},
    {F(pv_offset), 0x4023f001, "whole pages"},
    {F(pv_offset), 0x40242000, "wraps"},
    {F(pv_offset), 0x4023f000 - 0x7fffffff7000, "last user address"},
    {F(user_entry), 0x3fffff, "entry lies outside the root task"},
    {F(user_entry), 0x407000, "entry lies outside the root task"},
};

static void breach(struct handoff_table t, const struct breach *b)
{
	memcpy((char *)&t + b->field, &b->value, sizeof(b->value));
	const char *fault = handoff_fault(&t);
	if (!ok(fault && strstr(fault, b->fault), "field at %zu = 0x%llx: %s", b->field,
	        (unsigned long long)b->value, b->fault))
		printf("# got: %s\n", fault ? fault : "no fault");
}

int main(void)
{
	ok(handoff_fault(&el1) == NULL, "an EL1 table is sound");
	for (size_t i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++)
		breach(el1, &breaches[i]);

	struct handoff_table t = el2();
	ok(handoff_fault(&t) == NULL, "an EL2 table without a DTB is sound");
	breach(t, &(struct breach){F(kernel_virt), 0x60000000, "EL2's window"});
	breach(t, &(struct breach){F(kernel_virt), 0xffffff8060000000, "EL2's window"});
	breach(t, &(struct breach){F(user_start), 0x60249000, "above the kernel"});
	uint64_t high = t.user_start - 0xfffffff000;
	breach(t, &(struct breach){F(pv_offset), high + 0x6000, "last user address"});
	t.flags |= HANDOFF_PA44;
	t.pv_offset = high + 0x6000;
	t.user_entry = t.root_start - t.pv_offset;
	ok(handoff_fault(&t) == NULL, "44-bit user addresses reach further");

	t = el1;
	t.flags = 1u << 31;
	ok(handoff_fault(&t) != NULL, "an unknown flag");
	t = el1;
	t.reserved = 1;
	ok(handoff_fault(&t) != NULL, "a reserved field in use");
	t = el1;
	t.cores = 0;
	ok(handoff_fault(&t) != NULL, "no core");
	t.cores = HANDOFF_MAX_CORES + 1;
	ok(handoff_fault(&t) != NULL, "too many cores");
	t = el1;
	t.version = 2;
	ok(handoff_fault(&t) != NULL, "another version");
	t = el1;
	t.user_start = t.root_start = HANDOFF_PHYS_TOP - 0x7000;
	t.user_end = t.root_end = HANDOFF_PHYS_TOP;
	t.pv_offset = t.user_start - 0x400000;
	ok(handoff_fault(&t) == NULL, "a user image that ends at 511 GiB");
	breach(t, &(struct breach){F(user_end), HANDOFF_PHYS_TOP + 0x1000, "in reach"});
	t = el1;
	t.user_start = t.root_start = 0x40500000;
	t.user_end = t.root_end = 0x40507000;
	t.pv_offset = t.user_start - 0x400000;
	ok(handoff_fault(&t) == NULL, "a user image above the loader");
	t.user_start = 0x40410000;
	t.pv_offset = t.user_start - 0x400000;
	t.user_entry = t.root_start - t.pv_offset;
	ok(handoff_fault(&t) == NULL, "a user image that begins inside the loader's image");
	done_testing();
	return 0;
}
