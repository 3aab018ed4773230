/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * root.c - a root task that makes objects, maps memory, starts a thread, talks to it and takes
 * its fault, through every part of lib/board/sel4, and says on the kernel's console what came of
 * it. The last line is "sel4: passed" or "sel4: FAILED".
 */
#include <ms/sel4.h>

#define TEXT_OF(x) #x
#define TEXT(x)    TEXT_OF(x)
#define STACK_END  "stack + " TEXT(MS_STACK_BYTES)

#define PAGE         4096u
#define NEW_ADDRESS  0x20000000ull /* nothing of ours is anywhere near */
#define FAULT_AT     0x30000000ull
#define PRIORITY     100
#define THREAD_BADGE 7

__attribute__((aligned(16), used)) static char stack[MS_STACK_BYTES];
__attribute__((aligned(16))) static char thread_stack[PAGE];

_Noreturn void root(const struct sel4_bootinfo *info);
_Noreturn void thread(uint64_t endpoint);

__asm__(".section .text.start, \"ax\"\n"
        ".global _start\n"
        "_start:\n"
        "	adrp	x9, " STACK_END "\n"
        "	add	x9, x9, :lo12:(" STACK_END ")\n"
        "	mov	sp, x9\n"
        "	b	root\n"
        ".previous\n");

static const struct sel4_bootinfo *boot;
static struct sel4_ipc_buffer *ipc;
static struct sel4_invocation inv;
static uint64_t next_slot, untyped;
static int failed;

static void print(const char *s)
{
#ifdef MS_SYS_DEBUG_PUT_CHAR
	sel4_debug_puts(s);
#else
	(void)s;
#endif
}

static void print_hex(uint64_t value)
{
	char text[17];
	int i = 16;

	text[i] = '\0';
	do {
		text[--i] = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value);
	print(text + i);
}

static int check(int good, const char *what, uint64_t got)
{
	print(good ? "sel4: ok " : "sel4: NOT OK ");
	print(what);
	if (!good) {
		print(", got 0x");
		print_hex(got);
		failed = 1;
	}
	print("\n");
	return good;
}

static uint64_t invoke(void)
{
	return (uint64_t)sel4_invoke(ipc, &inv);
}

/* One new object in a free slot of the root CNode; 0 when the kernel refuses. */
static uint64_t make(uint64_t type, uint64_t size_bits)
{
	sel4_untyped_retype(&inv, untyped, type, size_bits, SEL4_SLOT_CNODE, 0, 0, next_slot, 1);
	return invoke() == SEL4_NO_ERROR ? next_slot++ : 0;
}

static void check_boot(void)
{
	const struct sel4_extra *extra = NULL;
	uint64_t best = 0;

	check(boot->cnode_bits == MS_KERNEL_ROOT_CNODE_BITS, "root CNode bits", boot->cnode_bits);
	check(boot->node_count == MS_KERNEL_CORES, "cores", boot->node_count);
	check(boot->untyped.end > boot->untyped.start &&
	          boot->untyped.end - boot->untyped.start <= MS_KERNEL_MAX_UNTYPEDS &&
	          boot->untyped.end <= boot->empty.start,
	      "untypeds", boot->untyped.end);
#if MS_KERNEL_MCS
	check(boot->sched_control.end - boot->sched_control.start == MS_KERNEL_CORES,
	      "sched control for each core", boot->sched_control.end);
#endif
	if (boot->extra_size) {
		while ((extra = sel4_extra_next(boot, extra)) && extra->id != SEL4_EXTRA_FDT)
			;
		check(extra && *(const uint32_t *)(extra + 1) == 0xedfe0dd0, "device tree",
		      extra ? extra->id : 0);
	}
	/* The smallest untyped that serves: its first use clears all of it. */
	for (uint64_t i = 0; i < boot->untyped.end - boot->untyped.start; i++) {
		const struct sel4_untyped *u = &boot->untypeds[i];

		if (!u->is_device && u->size_bits >= 17 &&
		    (!best || u->size_bits < boot->untypeds[best - 1].size_bits))
			best = i + 1;
	}
	check(best != 0, "an untyped of 128 KiB or more", 0);
	untyped = boot->untyped.start + best - 1;
	next_slot = boot->empty.start;
#ifdef MS_SYS_DEBUG_CAP_IDENTIFY
	check(sel4_debug_cap_identify(SEL4_SLOT_TCB) == 12, "slot of the TCB",
	      sel4_debug_cap_identify(SEL4_SLOT_TCB));
	check(sel4_debug_cap_identify(untyped) == 2, "slot of the untyped",
	      sel4_debug_cap_identify(untyped));
#endif
#ifdef MS_SYS_DEBUG_NAME_THREAD
	sel4_debug_name_thread(ipc, SEL4_SLOT_TCB, "root");
#endif
}

/* Maps a frame, making the page tables that the kernel asks for. */
static uint64_t map(uint64_t frame, uint64_t address, uint64_t rights)
{
	uint64_t error;

	for (int level = 0; level < MS_KERNEL_VSPACE_LEVELS; level++) {
		uint64_t table;

		sel4_page_map(&inv, frame, SEL4_SLOT_VSPACE, address, rights, SEL4_CACHED);
		error = invoke();
		if (error != SEL4_FAILED_LOOKUP)
			return error;
		table = make(MS_OBJECT_PAGE_TABLE, 0);
		sel4_page_table_map(&inv, table, SEL4_SLOT_VSPACE, address, SEL4_CACHED);
		error = invoke();
		if (!table || error)
			return error;
	}
	return SEL4_FAILED_LOOKUP;
}

static void check_memory(void)
{
	uint64_t frame = make(MS_OBJECT_SMALL_PAGE, 0), copy = next_slot++, error;
	volatile uint64_t *first = (volatile uint64_t *)NEW_ADDRESS;
	volatile uint64_t *second = (volatile uint64_t *)(NEW_ADDRESS + 5 * PAGE);
	uint64_t paddr;

	check(frame != 0, "a frame is made", inv.mr[0]);
	error = map(frame, NEW_ADDRESS, SEL4_READ | SEL4_WRITE);
	if (!check(error == 0, "and mapped", error))
		return;
	check(*first == 0, "it is zero", *first);
	sel4_cnode_copy(&inv, SEL4_SLOT_CNODE, copy, SEL4_ROOT_DEPTH, SEL4_SLOT_CNODE, frame,
	                SEL4_ROOT_DEPTH, SEL4_READ);
	error = invoke();
	check(error == 0, "its capability is copied", error);
	error = map(copy, NEW_ADDRESS + 5 * PAGE, SEL4_READ);
	if (!check(error == 0, "the copy is mapped too", error))
		return;
	*first = 0x600d;
	check(*second == 0x600d, "both show the same memory", *second);
	sel4_page_get_address(&inv, frame);
	error = invoke();
	paddr = inv.mr[0];
	sel4_page_get_address(&inv, copy);
	check(error == 0 && invoke() == 0 && paddr == inv.mr[0] && paddr % PAGE == 0,
	      "it is the same physical page", inv.mr[0]);
	sel4_cnode_delete(&inv, SEL4_SLOT_CNODE, copy, SEL4_ROOT_DEPTH);
	error = invoke();
	check(error == 0, "the copy is deleted", error);
	sel4_cnode_delete(&inv, SEL4_SLOT_CNODE, boot->empty.end, SEL4_ROOT_DEPTH);
	error = invoke();
	check(error == SEL4_RANGE_ERROR || error == SEL4_FAILED_LOOKUP,
	      "a slot past the end is refused", error);
}

static void check_notification(uint64_t notification)
{
	uint64_t badged = next_slot++, error, word;

	sel4_cnode_mint(&inv, SEL4_SLOT_CNODE, badged, SEL4_ROOT_DEPTH, SEL4_SLOT_CNODE,
	                notification, SEL4_ROOT_DEPTH, SEL4_ALL_RIGHTS, 0x10);
	error = invoke();
	check(error == 0, "a badged capability", error);
	word = sel4_poll(notification);
	check(word == 0, "nothing is signalled at first", word);
	sel4_signal(badged);
	word = sel4_poll(notification);
	check(word == 0x10, "the badge arrives", word);
	sel4_signal(badged);
	word = sel4_wait(notification);
	check(word == 0x10, "waiting gets it too", word);
}

_Noreturn void thread(uint64_t endpoint)
{
	struct sel4_message m = {sel4_info(5, 0, 4), {1, 2, 3, 4}};

	sel4_call(endpoint, &m);
	/* What came back is shown by where this faults. */
	if (sel4_info_label(m.info) == 9 && m.mr[0] == 10)
		*(volatile uint64_t *)FAULT_AT = 1;
	for (;;)
		*(volatile uint64_t *)(FAULT_AT + 8) = 1;
}

/* A thread in our own spaces, one IPC buffer page, faults to the given capability. */
static uint64_t start_thread(uint64_t tcb, uint64_t badged, uint64_t frame)
{
	static struct sel4_context context;
	uint64_t buffer = NEW_ADDRESS + PAGE;
	uint64_t guard = sel4_guard(0, 64 - MS_KERNEL_ROOT_CNODE_BITS);
	uint64_t error = map(frame, buffer, SEL4_READ | SEL4_WRITE);

	check(error == 0, "its IPC buffer is mapped", error);
#if MS_KERNEL_MCS
	uint64_t context_cap = make(MS_OBJECT_SCHED_CONTEXT, MS_OBJECT_BITS_SCHED_CONTEXT_MIN);

	sel4_tcb_configure(&inv, tcb, SEL4_SLOT_CNODE, SEL4_SLOT_VSPACE, frame, guard, 0, buffer);
	error = invoke();
	check(error == 0, "TCB_Configure", error);
	sel4_sched_control_configure(&inv, boot->sched_control.start, context_cap, 10000, 10000, 0,
	                             0, 0);
	error = invoke();
	check(error == 0, "SchedControl_ConfigureFlags", error);
	sel4_tcb_set_sched_params(&inv, tcb, SEL4_SLOT_TCB, context_cap, badged, PRIORITY,
	                          PRIORITY);
#else
	sel4_tcb_configure(&inv, tcb, SEL4_SLOT_CNODE, SEL4_SLOT_VSPACE, frame, badged, guard, 0,
	                   buffer);
	error = invoke();
	check(error == 0, "TCB_Configure", error);
	sel4_tcb_set_sched_params(&inv, tcb, SEL4_SLOT_TCB, PRIORITY, PRIORITY);
#endif
	error = invoke();
	check(error == 0, "TCB_SetSchedParams", error);
	context.pc = (uint64_t)(uintptr_t)thread;
	context.sp = (uint64_t)(uintptr_t)(thread_stack + sizeof(thread_stack));
	context.x0 = badged;
	sel4_tcb_write_registers(&inv, tcb, 1, SEL4_CONTEXT_WORDS, &context);
	error = invoke();
	check(error == 0, "TCB_WriteRegisters", error);
	return error;
}

static void check_registers(uint64_t tcb)
{
	uint64_t error;

	sel4_tcb_read_registers(&inv, tcb, 1, SEL4_CONTEXT_WORDS);
	error = invoke();
	check(error == 0 && inv.length == SEL4_CONTEXT_WORDS, "TCB_ReadRegisters", inv.length);
	check(inv.mr[1] > (uint64_t)(uintptr_t)thread_stack &&
	          inv.mr[1] <= (uint64_t)(uintptr_t)(thread_stack + sizeof(thread_stack)),
	      "its stack pointer", inv.mr[1]);
}

static void check_thread(uint64_t endpoint)
{
	uint64_t tcb = make(MS_OBJECT_TCB, 0), frame = make(MS_OBJECT_SMALL_PAGE, 0);
	uint64_t badged = next_slot++, reply = 0, badge, error;
	struct sel4_message m;

	check(tcb && frame, "TCB and frame are made", tcb);
#if MS_KERNEL_MCS
	reply = make(MS_OBJECT_REPLY, 0);
	check(reply != 0, "reply object is made", 0);
#endif
	sel4_cnode_mint(&inv, SEL4_SLOT_CNODE, badged, SEL4_ROOT_DEPTH, SEL4_SLOT_CNODE, endpoint,
	                SEL4_ROOT_DEPTH, SEL4_ALL_RIGHTS, THREAD_BADGE);
	error = invoke();
	check(error == 0, "a badged endpoint", error);
	if (start_thread(tcb, badged, frame))
		return;
	badge = sel4_recv(endpoint, &m, reply);
	check(badge == THREAD_BADGE, "the thread calls", badge);
	check(sel4_info_label(m.info) == 5 && sel4_info_length(m.info) == 4 && m.mr[0] == 1 &&
	          m.mr[3] == 4,
	      "its message arrives", m.info);
	m.info = sel4_info(9, 0, 1);
	m.mr[0] = 10;
	badge = sel4_reply_recv(endpoint, &m, reply);
	check(badge == THREAD_BADGE && sel4_info_label(m.info) == MS_FAULT_VM,
	      "the answer arrived, then its fault", sel4_info_label(m.info));
	check(m.mr[SEL4_VM_FAULT_ADDRESS] == FAULT_AT, "where it should",
	      m.mr[SEL4_VM_FAULT_ADDRESS]);
	check_registers(tcb);
}

static void check_interrupt(uint64_t notification)
{
	uint64_t handler = next_slot++, error;

	sel4_irq_control_get_trigger(&inv, SEL4_SLOT_IRQ_CONTROL, 34, 0, SEL4_SLOT_CNODE, handler,
	                             SEL4_ROOT_DEPTH);
	error = invoke();
	check(error == 0, "a handler for interrupt 34", error);
	sel4_irq_set_notification(&inv, handler, notification);
	error = invoke();
	check(error == 0, "bound to a notification", error);
	sel4_irq_ack(&inv, handler);
	error = invoke();
	check(error == 0, "acknowledged", error);
	sel4_irq_clear(&inv, handler);
	error = invoke();
	check(error == 0, "and given back", error);
}

_Noreturn void root(const struct sel4_bootinfo *info)
{
	uint64_t endpoint, notification;

	boot = info;
	ipc = info->ipc_buffer;
	check_boot();
	endpoint = make(MS_OBJECT_ENDPOINT, 0);
	notification = make(MS_OBJECT_NOTIFICATION, 0);
	check(endpoint && notification, "endpoint and notification are made", notification);
	check_memory();
	check_notification(notification);
	check_interrupt(notification);
	check_thread(endpoint);
	print(failed ? "sel4: FAILED\n" : "sel4: passed\n");
	sel4_tcb_suspend(&inv, SEL4_SLOT_TCB);
	invoke();
	for (;;)
		sel4_yield();
}
