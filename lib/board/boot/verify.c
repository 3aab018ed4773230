/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.c - is the archive the one that the hand-off table was made for?
 */
#include "board/boot/boot.h"
#include "board/rt/aarch64.h"
#include "both/newc.h"
#include "both/sha256.h"

#include <string.h>

#define ISAR0_SHA2 12
#define CPACR_FPEN (3ull << 20)

static sha256_blocks *hash_blocks = sha256_blocks_c;

/* Chooses the processor's SHA-256 where it has one. Returns CPACR_EL1 as it was. */
static uint64_t hash_start(void)
{
	uint64_t before = RT_READ(cpacr_el1);

	if ((RT_READ(id_aa64isar0_el1) >> ISAR0_SHA2 & 15) == 0)
		return before;
	/* In EL2 CPTR_EL2, set in start.S, is what counts. */
	RT_WRITE(cpacr_el1, before | CPACR_FPEN);
	rt_isb();
	hash_blocks = rt_sha256_blocks;
	return before;
}

static void check_member(const struct handoff_table *table, const struct handoff_member *member,
                         const char *name)
{
	struct newc_entry entry;
	size_t len = (size_t)(archive_end - archive_start);
	enum newc_status status = newc_find(archive_start, len, name, &entry);

	if (status == NEWC_END && member->size == 0)
		return;
	if (status == NEWC_END)
		boot_stop("the archive has no member %s", name);
	if (status != NEWC_ENTRY)
		boot_stop("the archive is damaged: %s", newc_status_text(status));
	if (entry.offset != member->offset || entry.size != member->size)
		boot_stop("%s is not where the hand-off table says: %u bytes at 0x%lx, not %lu at "
		          "0x%lx",
		          name, entry.size, entry.offset, member->size, member->offset);
	if (!(table->flags & HANDOFF_VERIFY))
		return;

	struct sha256 hash;
	uint8_t digest[SHA256_SIZE];
	sha256_start(&hash);
	sha256_add(&hash, hash_blocks, entry.data, entry.size);
	sha256_end(&hash, hash_blocks, digest);
	if (memcmp(digest, member->sha256, sizeof(digest)) != 0)
		boot_stop("the digest of %s is wrong", name);
}

void boot_verify(const struct handoff_table *table)
{
	size_t len = (size_t)(archive_end - archive_start);
	uint64_t fp = hash_start();

	if (table->archive_size != len)
		boot_stop("the archive has 0x%lx bytes, not 0x%lx", len, table->archive_size);
	check_member(table, &table->kernel, HANDOFF_KERNEL);
	check_member(table, &table->dtb, HANDOFF_DTB);
	check_member(table, &table->root, HANDOFF_ROOT);
	RT_WRITE(cpacr_el1, fp);
	rt_isb();
	if (table->flags & HANDOFF_VERIFY)
		rt_print(BOOT_NAME ": digests are right (SHA-256, %s)\n",
		         hash_blocks == sha256_blocks_c ? "in software" : "by the processor");
}
