/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-image.c - an image of anybody in any format: ms-verify's search in it, and ms-build diff of
 * it and another. Two halves of the input are two images; the same twice has no difference.
 */
#include "host.h"
#include "mutate.h"

#include "base/doc.h"
#include "base/file.h"
#include "trust/compare.h"
#include "trust/json.h"
#include "trust/verify.h"

#include <string.h>

static json_t *byproducts;

void fuzz_once(void)
{
	static const char zeroes[] =
	    "0000000000000000000000000000000000000000000000000000000000000000";

	byproducts = json_pack("[{s:s,s:{s:s},s:{s:i}},{s:s,s:{s:s}}]", "name", "system.cpio",
	                       "digest", "sha256", zeroes, "annotations", "size", 1 << 20, "name",
	                       "system.cpio/kernel.elf", "digest", "sha256", zeroes);
}

static void verify(void *user)
{
	struct ms_verify v = {.image = "a",
	                      .statement = {.image_sha256 = "", .byproducts = byproducts}};

	(void)user;
	ms_verify_image(&v);
	ms_verdict_text(&v.verdict);
}

static void compare(void *user)
{
	const bool *same = user;
	json_t *list = ms_compare_images("a", "b", NULL, NULL);

	fuzz_check(list != NULL, "files that cannot be read");
	fuzz_check((json_array_size(list) == 0) == *same, "differences where there are none");
	ms_compare_text(list, "a", "b");
	ms_compare_delivered("a", "b", NULL, NULL);
}

void fuzz_one(const uint8_t *data, size_t size)
{
	size_t half = size / 2;
	bool same = size % 2 == 0 && memcmp(data, data + half, half) == 0;

	fuzz_file("a", data, half);
	fuzz_file("b", data + half, size - half);
	fuzz_try(verify, NULL);
	fuzz_try(compare, &same);
	fuzz_file("a", data, size);
	fuzz_try(verify, NULL);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_fields(data, size, room, seed, seed % 3 ? FUZZ_LITTLE : FUZZ_HEX);
}
