/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz-lock.c - moonshot.lock, which people keep in version control and merge. One that is taken
 * is written again, and then read as the same.
 */
#include "host.h"
#include "mutate.h"

#include "base/diag.h"
#include "plan/lock.h"

void fuzz_once(void)
{
}

void fuzz_one(const uint8_t *data, size_t size)
{
	struct ms_inputs none = {0};
	json_t *lock, *again;
	size_t len;
	char *toml;

	lock = ms_lock_read(fuzz_file("lock", data, size));
	if (!lock) {
		fuzz_check(ms_error_count() > 0, "refused without a word");
		return;
	}
	toml = ms_lock_to_toml(lock, &len);
	again = ms_lock_read(fuzz_file("again", toml, len));
	fuzz_check(again && json_equal(lock, again), "written, it is another lock");
	ms_lock_compare("lock", lock, lock);
	ms_lock_compare_early("lock", lock, lock, &none);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	return fuzz_mutate_text(data, size, room, seed);
}
