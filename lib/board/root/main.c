/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main.c - what the root task does, in order, and how it ends when a step fails.
 */
#include "board/root/root.h"
#include "board/root/say.h"

static const char *const errors[] = {
    [SEL4_NO_ERROR] = "NoError",
    [SEL4_INVALID_ARGUMENT] = "InvalidArgument",
    [SEL4_INVALID_CAPABILITY] = "InvalidCapability",
    [SEL4_ILLEGAL_OPERATION] = "IllegalOperation",
    [SEL4_RANGE_ERROR] = "RangeError",
    [SEL4_ALIGNMENT_ERROR] = "AlignmentError",
    [SEL4_FAILED_LOOKUP] = "FailedLookup",
    [SEL4_TRUNCATED_MESSAGE] = "TruncatedMessage",
    [SEL4_DELETE_FIRST] = "DeleteFirst",
    [SEL4_REVOKE_FIRST] = "RevokeFirst",
    [SEL4_NOT_ENOUGH_MEMORY] = "NotEnoughMemory",
};

static const char *const lookups[] = {
    [0] = "unknown reason",
    [SEL4_LOOKUP_INVALID_ROOT] = "invalid root",
    [SEL4_LOOKUP_MISSING_CAP] = "missing capability",
    [SEL4_LOOKUP_DEPTH_MISMATCH] = "depth mismatch",
    [SEL4_LOOKUP_GUARD_MISMATCH] = "guard mismatch",
};

/* The numbers that come with an error, in words. */
static void say_numbers(enum sel4_error error, const uint64_t *mr)
{
	say(" (%u", (uint64_t)error);
	switch (error) {
	case SEL4_INVALID_ARGUMENT: say(": argument %u", mr[0]); break;
	case SEL4_INVALID_CAPABILITY: say(": capability %u", mr[0]); break;
	case SEL4_RANGE_ERROR: say(": from %u to %u", mr[0], mr[1]); break;
	case SEL4_NOT_ENOUGH_MEMORY: say(": %u bytes left", mr[0]); break;
	case SEL4_FAILED_LOOKUP:
		say(": %s, %s, %u bits left", mr[0] ? "source" : "destination",
		    lookups[mr[1] <= SEL4_LOOKUP_GUARD_MISMATCH ? mr[1] : 0], mr[2]);
		break;
	default: break;
	}
	say(")\n");
}

void root_invoke(const struct root *root, struct sel4_invocation *inv, const char *name,
                 const char *operation, uint64_t number)
{
	enum sel4_error error = kernel_invoke(root->ipc, inv);

	if (error == SEL4_NO_ERROR)
		return;
	say("root task: %s: %s %x failed: seL4 error %s", name, operation, number,
	    (unsigned)error <= SEL4_NOT_ENOUGH_MEMORY ? errors[error] : "unknown");
	say_numbers(error, inv->mr);
	kernel_stop(root->ipc);
}

_Noreturn void root_fail(const struct root *root, const char *name, const char *problem)
{
	say("root task: %s: %s\n", name, problem);
	kernel_stop(root->ipc);
}

static uint64_t domains(const struct root *root)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < table_count(root->table, TABLE_THREADS); i++) {
		const struct table_thread *t = table_record(root->table, TABLE_THREADS, i);

		count += t->vcpu == TABLE_NONE;
	}
	return count;
}

_Noreturn void root_main(const struct sel4_bootinfo *info, uintptr_t own)
{
	struct root root;

	root_find_table(&root, info, own);
	root_check_boot(&root);
	root_settle(&root);
	root_make_objects(&root);
	root_make_irq_handlers(&root);
	root_assign_spaces(&root);
	root_map_tables(&root);
	root_fill_and_patch(&root);
	root_map_pages(&root);
	root_give_caps(&root);
	root_bind_irqs(&root);
	root_configure_threads(&root);
	root_write_schedule(&root);
	/* Said before: on other cores they run at once. */
	say("root task: starting %u protection domains\n", domains(&root));
	root_start_threads(&root);
	root_give_up_all_but_kept(&root);
	root_monitor(&root);
}
