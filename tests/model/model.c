/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * model.c - the model's boot, the way in for invocations, and the run of the root task.
 */
#include "parts.h"
#include "board/root/root.h"
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#define PAGE         4096u
#define CONSOLE_MAX  65536
#define MESSAGES_MAX 64
#define LABELS_MAX   128
#define PRIORITY_MAX 255
#define PADDING      24 /* bytes of the chunk before the device tree */

struct model model;

static jmp_buf out;
static char console[CONSOLE_MAX];
static size_t console_len;
static struct {
	uint64_t badge, info, mr[SEL4_MAX_MRS];
} messages[MESSAGES_MAX];
static size_t message_count, message_next;
static long fail_at;
static enum sel4_error fail_with;
static unsigned long calls, calls_by_label[LABELS_MAX];
static uint64_t image_vaddr, image_size, own_offset;

/* -- answers ------------------------------------------------------------------------------- */

enum sel4_error answer(struct call *c, enum sel4_error error)
{
	c->inv->length = 0;
	return error;
}

enum sel4_error answer_number(struct call *c, enum sel4_error error, uint64_t mr0)
{
	c->inv->mr[0] = mr0;
	c->inv->length = 1;
	return error;
}

enum sel4_error answer_range(struct call *c, uint64_t least, uint64_t most)
{
	c->inv->mr[0] = least;
	c->inv->mr[1] = most;
	c->inv->length = 2;
	return SEL4_RANGE_ERROR;
}

int too_short(const struct call *c, unsigned words, unsigned caps)
{
	return c->inv->length < words || (caps > 0 && !c->extra[caps - 1]);
}

/* -- the console --------------------------------------------------------------------------- */

void kernel_put_char(char c)
{
	if (console_len + 1 < sizeof(console))
		console[console_len++] = c;
	console[console_len] = '\0';
}

const char *model_console(void)
{
	return console;
}

_Noreturn void model_fault(const char *what, uint64_t number)
{
	char line[160];

	snprintf(line, sizeof(line), "model: %s: 0x%llx\n", what, (unsigned long long)number);
	for (const char *p = line; *p; p++)
		kernel_put_char(*p);
	longjmp(out, 1 + MODEL_FAULTED);
}

/* -- boot ---------------------------------------------------------------------------------- */

static struct cap *root_slots(void)
{
	return model.root_tcb->thread->cspace.object->slots;
}

static void put(uint64_t slot, enum kind kind, struct object *object, uint64_t badge)
{
	root_slots()[slot] =
	    (struct cap){.kind = kind, .object = object, .rights = SEL4_ALL_RIGHTS, .badge = badge};
}

static void forget(void)
{
	while (model.objects) {
		struct object *o = model.objects;

		model.objects = o->next;
		free(o->slots);
		free(o->thread);
		free(o->pages);
		free(o->spans);
		free(o);
	}
	memset(&model, 0, sizeof(model));
	console_len = 0;
	console[0] = '\0';
	message_count = message_next = 0;
	fail_at = -1;
	calls = 0;
	memset(calls_by_label, 0, sizeof(calls_by_label));
}

/* The kernel's own objects get addresses at the end of memory, as in a real boot. */
static void make_root_task(uint64_t top)
{
	struct object *cnode, *space;
	struct thread *t;

	cnode = new_object(K_CNODE, top - (1ull << 23),
	                   MS_KERNEL_ROOT_CNODE_BITS + MS_OBJECT_BITS_CNODE_SLOT);
	space = new_object(K_VSPACE, top - (1ull << 17), MS_OBJECT_BITS_VSPACE);
	space->has_asid = 1;
	model.root_cnode = cnode;
	model.root_tcb = new_object(K_TCB, top - (1ull << 16), MS_OBJECT_BITS_TCB);
	t = model.root_tcb->thread;
	t->mcp = t->priority = PRIORITY_MAX;
	t->runs = 1;
	t->cspace = (struct cap){.kind = K_CNODE,
	                         .object = cnode,
	                         .rights = SEL4_ALL_RIGHTS,
	                         .guard_bits = 64 - MS_KERNEL_ROOT_CNODE_BITS};
	t->vspace = (struct cap){.kind = K_VSPACE, .object = space, .rights = SEL4_ALL_RIGHTS};
	put(SEL4_SLOT_TCB, K_TCB, model.root_tcb, 0);
	cnode->slots[SEL4_SLOT_CNODE] = t->cspace;
	put(SEL4_SLOT_VSPACE, K_VSPACE, space, 0);
	put(SEL4_SLOT_IRQ_CONTROL, K_IRQ_CONTROL, NULL, 0);
	put(SEL4_SLOT_ASID_CONTROL, K_ASID_CONTROL, NULL, 0);
	put(SEL4_SLOT_ASID_POOL, K_ASID_POOL, NULL, 0);
	put(SEL4_SLOT_DOMAIN, K_DOMAIN, NULL, 0);
	model.schedule[0].duration = UINT64_MAX >> 8;
#if MS_KERNEL_MCS
	t->sc = new_object(K_SCHED_CONTEXT, top - (1ull << 15), MS_OBJECT_BITS_SCHED_CONTEXT_MIN);
	put(SEL4_SLOT_SCHED_CONTEXT, K_SCHED_CONTEXT, t->sc, 0);
#endif
#if MS_KERNEL_SMC
	put(SEL4_SLOT_SMC, K_SMC, NULL, 0);
#endif
}

static void give_image(const struct model_boot *boot)
{
	struct object *space = model.root_tcb->thread->vspace.object;

	memory_write(boot->image_paddr, boot->image, boot->image_size);
	memory_map(image_vaddr, boot->image_paddr, image_size, 1);
	for (uint64_t at = 0; at < image_size; at += PAGE) {
		uint64_t vaddr = image_vaddr + at, slot = boot->image_slot + at / PAGE;
		struct object *frame = new_object(K_FRAME, boot->image_paddr + at, 12);

		frame->dirty = 1; /* the loader has written it */
		add_spans(space, vaddr, 12);
		add_page(space, vaddr, 12, SEL4_READ | SEL4_WRITE, SEL4_CACHED, frame);
		put(slot, K_FRAME, frame, 0);
		root_slots()[slot].space = space;
		root_slots()[slot].vaddr = vaddr;
	}
}

/* The device tree, behind a chunk of padding, as more than one chunk may be there. */
static void give_tree(const struct model_boot *boot, struct sel4_bootinfo *info)
{
	struct sel4_extra *padding = (struct sel4_extra *)((char *)info + PAGE), *chunk;

	padding->id = SEL4_EXTRA_PADDING;
	padding->len = PADDING;
	chunk = (struct sel4_extra *)((char *)padding + PADDING);
	chunk->id = SEL4_EXTRA_FDT;
	chunk->len = sizeof(*chunk) + boot->tree_size;
	memcpy(chunk + 1, boot->tree, boot->tree_size);
	info->extra_size = PADDING + chunk->len;
	model.tree = chunk;
}

/* Behind the image: the IPC buffer's page, then BootInfo's, then those of the device tree. */
static void give_bootinfo(const struct model_boot *boot)
{
	uint64_t vaddr = image_vaddr + image_size;
	struct sel4_bootinfo *info;
	struct object *space = model.root_tcb->thread->vspace.object;
	uint64_t tree = boot->tree ? PADDING + sizeof(struct sel4_extra) + boot->tree_size : 0;
	uint64_t pages = 2 + (tree + PAGE - 1) / PAGE;

	memory_private(vaddr, pages * PAGE);
	for (unsigned i = 0; i < pages; i++) {
		add_spans(space, vaddr + i * PAGE, 12);
		add_page(space, vaddr + i * PAGE, 12, SEL4_READ | SEL4_WRITE,
		         SEL4_CACHED | SEL4_EXECUTE_NEVER, NULL);
	}
	info = model_bootinfo();
	if (boot->tree)
		give_tree(boot, info);
	info->node_count = MS_KERNEL_CORES;
	info->ipc_buffer = (struct sel4_ipc_buffer *)vaddr;
	info->cnode_bits = MS_KERNEL_ROOT_CNODE_BITS;
	info->image_frames.start = boot->image_slot;
	info->image_frames.end = boot->image_slot + image_size / PAGE;
	info->untyped.start = boot->untyped_slot;
	info->untyped.end = boot->untyped_slot + boot->untyped_count;
	info->empty.start = boot->empty_slot;
	info->empty.end = 1ull << MS_KERNEL_ROOT_CNODE_BITS;
#if MS_KERNEL_MCS
	info->sched_control.start = boot->sched_slot;
	info->sched_control.end = boot->sched_slot + MS_KERNEL_CORES;
	for (uint64_t core = 0; core < MS_KERNEL_CORES; core++)
		put(boot->sched_slot + core, K_SCHED_CONTROL, NULL, core);
#endif
	for (size_t i = 0; i < boot->untyped_count; i++) {
		const struct model_untyped *u = &boot->untypeds[i];
		struct object *o = new_object(K_UNTYPED, u->paddr, u->size_bits);

		o->device = u->device;
		put(boot->untyped_slot + i, K_UNTYPED, o, 0);
		info->untypeds[i] = (struct sel4_untyped){.paddr = u->paddr,
		                                          .size_bits = (uint8_t)u->size_bits,
		                                          .is_device = (uint8_t)u->device};
	}
}

void model_boot(const struct model_boot *boot)
{
	forget();
	image_vaddr = boot->image_vaddr;
	image_size = (boot->image_size + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	own_offset = boot->own;
	memory_start(boot->memory_start, boot->memory_end - boot->memory_start);
	make_root_task(boot->memory_end);
	give_image(boot);
	give_bootinfo(boot);
}

struct sel4_bootinfo *model_bootinfo(void)
{
	return (struct sel4_bootinfo *)(image_vaddr + image_size + PAGE);
}

/* -- the root task's ways in --------------------------------------------------------------- */

static struct cap *cptr(uint64_t number)
{
	struct lookup l = look_up(&model.root_tcb->thread->cspace, number, 64);

	if (!l.slot)
		model_fault("the root task names a CPtr that leads nowhere", number);
	return l.slot;
}

static enum sel4_error decode(struct call *c)
{
	switch (c->slot->kind) {
	case K_UNTYPED: return untyped_call(c);
	case K_CNODE: return cnode_call(c);
	case K_TCB: return tcb_call(c);
	case K_FRAME: return frame_call(c);
	case K_PAGE_TABLE: return page_table_call(c);
#if MS_KERNEL_HYPERVISOR
	case K_VCPU: return vcpu_call(c);
#endif
	case K_ASID_POOL: return asid_pool_call(c);
	case K_IRQ_CONTROL: return irq_control_call(c);
	case K_IRQ_HANDLER: return irq_handler_call(c);
	case K_DOMAIN: return domain_call(c);
#if MS_KERNEL_MCS
	case K_SCHED_CONTROL: return sched_control_call(c);
	case K_SCHED_CONTEXT: return sched_context_call(c);
#endif
	case K_NULL: return answer_number(c, SEL4_INVALID_CAPABILITY, 0);
	case K_ENDPOINT:
	case K_NOTIFICATION:
	case K_REPLY: model_fault("a message to whoever is there, not an invocation", c->inv->cap);
	default: return answer(c, SEL4_ILLEGAL_OPERATION);
	}
}

enum sel4_error kernel_invoke(struct sel4_ipc_buffer *ipc, struct sel4_invocation *inv)
{
	struct call c = {.inv = inv};

	if (ipc != model_bootinfo()->ipc_buffer)
		model_fault("an invocation without the root task's IPC buffer", (uintptr_t)ipc);
	if (inv->label >= LABELS_MAX || inv->length > SEL4_INVOCATION_MRS)
		model_fault("an impossible invocation", inv->label);
	calls_by_label[inv->label]++;
	if ((long)calls++ == fail_at)
		return answer_number(&c, fail_with, 7);
	c.slot = cptr(inv->cap);
	for (unsigned i = 0; i < inv->cap_count; i++)
		c.extra[i] = cptr(inv->caps[i]);
	return decode(&c);
}

uint64_t kernel_recv(uint64_t cap, struct sel4_message *m, uint64_t reply)
{
	const struct cap *endpoint = cptr(cap);
	size_t n = message_next;

	if (endpoint->kind != K_ENDPOINT || !(endpoint->rights & SEL4_READ))
		model_fault("the monitor receives from what is no endpoint", cap);
	if (MS_KERNEL_MCS && cptr(reply)->kind != K_REPLY)
		model_fault("the monitor receives without a reply object", reply);
	if (n == message_count)
		longjmp(out, 1 + MODEL_WAITS);
	message_next++;
	m->info = messages[n].info;
	memcpy(m->mr, messages[n].mr, sizeof(m->mr));
	memcpy(model_bootinfo()->ipc_buffer->msg, messages[n].mr, sizeof(messages[n].mr));
	return messages[n].badge;
}

void kernel_name_thread(struct sel4_ipc_buffer *ipc, uint64_t tcb, const char *name)
{
	const struct cap *slot = cptr(tcb);

	(void)ipc;
	if (slot->kind != K_TCB)
		model_fault("a name for what is no thread", tcb);
	snprintf(slot->object->thread->name, sizeof(slot->object->thread->name), "%s", name);
}

_Noreturn void kernel_stop(struct sel4_ipc_buffer *ipc)
{
	(void)ipc;
	longjmp(out, 1 + MODEL_STOPPED);
}

/* -- the run ------------------------------------------------------------------------------- */

void model_message(uint64_t badge, uint64_t label, unsigned length, const uint64_t *mr)
{
	if (message_count == MESSAGES_MAX || length > SEL4_MAX_MRS)
		abort();
	messages[message_count].badge = badge;
	messages[message_count].info = sel4_info(label, 0, length);
	memset(messages[message_count].mr, 0xa5, sizeof(messages[0].mr));
	if (length)
		memcpy(messages[message_count].mr, mr, length * sizeof(*mr));
	message_count++;
}

void model_fail_at(long n, unsigned error)
{
	fail_at = n;
	fail_with = (enum sel4_error)error;
}

unsigned long model_calls(void)
{
	return calls;
}

unsigned long model_calls_of(uint64_t label)
{
	return label < LABELS_MAX ? calls_by_label[label] : 0;
}

enum model_end model_run(void)
{
	int end = setjmp(out);

	if (end == 0)
		root_main(model_bootinfo(), image_vaddr + own_offset);
	return (enum model_end)(end - 1);
}
