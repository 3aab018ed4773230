/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * describe.c - what each key of a system is for, in a sentence or two, for editors. ms-spec(5) has
 * the whole text.
 */
#include "spec/schema.h"

#include <string.h>

static const struct {
	const char *path;
	const char *text;
} texts[] = {
    {"schema", "The form of this file."},
    {"priority_order", "zero-lowest: a larger priority is more urgent, as in seL4. zero-highest: 0 "
                       "is the most urgent."},

    {"build", "What the system is built for, and where."},
    {"build.board", "Name of the board."},
    {"build.config", "Name of the kernel's configuration."},
    {"build.output_dir", "Folder for what is built."},
    {"build.sdk", "Folder of a kernel SDK, whose kernel for board and config is taken."},
    {"build.root_task", "What seL4 starts. system: the toolkit's root task, which creates all that "
                        "is described. pd: the single protection domain itself. auto: pd for a "
                        "single one with nothing else, else system."},

    {"protection_domains", "The isolated programs, each with one thread."},
    {"protection_domains.name", "Name, unique among protection domains."},
    {"protection_domains.binary",
     "A C source (.c), an assembler source (.S) or a linked program (.elf)."},
    {"protection_domains.priority", "Priority of the thread; priority_order says which end is "
                                    "urgent."},
    {"protection_domains.stack_bytes", "Size of the stack in bytes."},
    {"protection_domains.sources", "Further C and assembler sources of the program."},
    {"protection_domains.include_dirs", "Folders in which the sources find headers."},
    {"protection_domains.defines", "Macros for the sources: NAME or NAME=VALUE."},
    {"protection_domains.libs", "Libraries that are linked after all sources, in this order."},
    {"protection_domains.budget_us", "Microseconds that it may run in each period; needs a kernel "
                                     "with MCS."},
    {"protection_domains.period_us",
     "Length of the period in microseconds; by default that of the budget."},
    {"protection_domains.passive", "After its initialisation it runs only on the time of those who "
                                   "call it; needs a kernel with MCS."},
    {"protection_domains.cpu", "The core on which it runs."},
    {"protection_domains.domain", "Name of the domain in which it runs, where there are domains."},
    {"protection_domains.fpu", "It may use floating-point and vector registers."},
    {"protection_domains.smc", "It may make secure monitor calls."},
    {"protection_domains.symbols_from",
     "A program from which symbols are taken, for a binary that was stripped of its own."},
    {"protection_domains.parent",
     "Name of the protection domain that gets this one's faults and can stop and restart it."},
    {"protection_domains.child_id", "The number under which the parent sees it."},
    {"protection_domains.setvar_id", "Variable in the parent's program that gets child_id."},
    {"protection_domains.maps", "Memory regions in its address space."},
    {"protection_domains.maps.region", "Name of the memory region."},
    {"protection_domains.maps.vaddr", "Virtual address, or auto: the layout chooses one."},
    {"protection_domains.maps.permissions", "What of the region's permissions it has here; by "
                                            "default all of them."},
    {"protection_domains.maps.cached", "By default as the region is."},
    {"protection_domains.maps.setvar_vaddr", "Variable that gets the virtual address."},
    {"protection_domains.maps.setvar_size", "Variable that gets the region's size in bytes."},
    {"protection_domains.maps.setvar_prefill_size",
     "Variable that gets the size in bytes of what the region is filled with."},
    {"protection_domains.setvars", "Variables that get their values when the image is made."},
    {"protection_domains.setvars.symbol", "The variable."},
    {"protection_domains.setvars.region_paddr",
     "Its value is the physical address of this memory region."},
    {"protection_domains.setvars.value", "Its value, where it is a number."},
    {"protection_domains.caps", "Capabilities of protection domains that it is given."},
    {"protection_domains.caps.kind",
     "tcb: the thread. sc: its scheduling context. vspace: its address space."},
    {"protection_domains.caps.pd", "Name of the protection domain that it is of."},
    {"protection_domains.caps.slot", "Where the holder finds it."},

    {"channels", "Each joins two protection domains."},
    {"channels.name", "Name, unique among channels."},
    {"channels.end_a", "Name of the protection domain at one end."},
    {"channels.end_b", "Name of the protection domain at the other end."},
    {"channels.kind", "ppc: calls, from the less urgent end to the more urgent one. notification: "
                      "signals."},
    {"channels.id_a", "The number under which end_a sees the channel; by default the lowest free "
                      "one."},
    {"channels.id_b", "The number under which end_b sees the channel; by default the lowest free "
                      "one."},
    {"channels.caller", "Which end calls. It follows from the priorities; stated, it is checked."},
    {"channels.notify_a", "Whether end_a may signal end_b."},
    {"channels.notify_b", "Whether end_b may signal end_a."},
    {"channels.setvar_id_a", "Variable in end_a's program that gets id_a."},
    {"channels.setvar_id_b", "Variable in end_b's program that gets id_b."},

    {"memory_regions", "Ranges of physical memory and registers of devices."},
    {"memory_regions.name", "Name, unique among regions."},
    {"memory_regions.phys_addr", "Physical address; by default anywhere in memory."},
    {"memory_regions.phys_addr.dt", "A node of the kernel's device tree: a path, an alias, or "
                                    "stdout-path."},
    {"memory_regions.phys_addr.reg", "Which of the node's registers."},
    {"memory_regions.size_bytes", "Size in bytes; needed unless it follows from what it is "
                                  "filled with or from a register of the device tree."},
    {"memory_regions.caching", "How it is mapped; device-memory for registers."},
    {"memory_regions.permissions", "The most that any map of it can have. write needs read."},
    {"memory_regions.prefill_from", "A file whose bytes the region begins with."},
    {"memory_regions.prefill_bootinfo", "What the kernel hands on at boot that the region begins "
                                        "with: fdt, the device tree."},
    {"memory_regions.page_bytes", "Size of its pages, 4096 or 2097152; by default the larger where "
                                  "it fits."},

    {"irq_delivery", "Interrupts that protection domains receive."},
    {"irq_delivery.irq", "The number at the interrupt controller."},
    {"irq_delivery.irq.dt", "A node of the kernel's device tree: a path, an alias, or "
                            "stdout-path."},
    {"irq_delivery.irq.index", "Which of the node's interrupts."},
    {"irq_delivery.target_pd", "Name of the protection domain that receives it."},
    {"irq_delivery.target_channel", "The number under which it sees the interrupt; by default the "
                                    "lowest free one."},
    {"irq_delivery.trigger", "Whether the interrupt is level- or edge-triggered."},
    {"irq_delivery.setvar_id", "Variable that gets target_channel."},

    {"virtual_machines", "Guests, run by a kernel with hypervisor support."},
    {"virtual_machines.name", "Name, unique among virtual machines."},
    {"virtual_machines.parent", "Name of the protection domain that gets the guest's faults."},
    {"virtual_machines.priority",
     "Priority of its threads; priority_order says which end is urgent."},
    {"virtual_machines.budget_us", "Microseconds that each virtual CPU may run in each period."},
    {"virtual_machines.period_us",
     "Length of the period in microseconds; by default that of the budget."},
    {"virtual_machines.vcpus", "Its virtual CPUs."},
    {"virtual_machines.vcpus.id", "The number under which the parent sees the virtual CPU."},
    {"virtual_machines.vcpus.cpu", "The core on which it runs; by default the parent's."},
    {"virtual_machines.vcpus.setvar_id", "Variable in the parent's program that gets id."},
    {"virtual_machines.maps", "Memory regions in the guest's address space."},
    {"virtual_machines.maps.region", "Name of the memory region."},
    {"virtual_machines.maps.vaddr", "Address in the guest, or auto: the layout chooses one."},
    {"virtual_machines.maps.permissions",
     "What of the region's permissions it has here; by default all of them."},
    {"virtual_machines.maps.cached", "By default as the region is."},

    {"domains", "Parts of time, in which the protection domains of one domain run."},
    {"domains.name", "Name, unique among domains."},
    {"domains.id", "The kernel's number of it; by default the lowest free one."},

    {"domain_schedule", "Which domain runs when, and for how long."},
    {"domain_schedule.start_index", "The entry with which the system begins, counted from 0."},
    {"domain_schedule.index_shift", "Where in the kernel's schedule the first entry is put."},
    {"domain_schedule.entries", "The spans of time, one after the other."},
    {"domain_schedule.entries.domain", "Name of the domain that runs."},
    {"domain_schedule.entries.duration", "How long it runs."},
    {"domain_schedule.entries.unit", "us: microseconds. ticks: of the kernel's timer."},
    {"domain_schedule.entries.end_marker",
     "The schedule begins anew here. Such an entry has no other key."},

    {"assertions", "What must hold of the system; where it does not, that is an error."},
    {"assertions.only", "Names of protection domains: no other one does so. With may_map, "
                        "may_write, may_call, may_signal or may_reach."},
    {"assertions.never", "Name of a protection domain: it does not do so. With maps, writes, "
                         "calls, signals or reaches."},
    {"assertions.at_most", "No more protection domains do so. With mappers, writers, callers, "
                           "signallers or reachers."},
    {"assertions.may_map", "Only those may map this memory region."},
    {"assertions.may_write", "Only those may write this memory region."},
    {"assertions.may_call", "Only those may call this protection domain."},
    {"assertions.may_signal", "Only those may signal this protection domain."},
    {"assertions.may_reach", "Only their data can get to this protection domain, by any chain."},
    {"assertions.maps", "It never maps this memory region."},
    {"assertions.writes", "It never writes this memory region."},
    {"assertions.calls", "It never calls this protection domain."},
    {"assertions.signals", "It never signals this protection domain."},
    {"assertions.reaches", "Its data never gets to this protection domain, by any chain."},
    {"assertions.mappers", "At most so many map this memory region."},
    {"assertions.writers", "At most so many write this memory region."},
    {"assertions.callers", "At most so many call this protection domain."},
    {"assertions.signallers", "At most so many signal this protection domain."},
    {"assertions.reachers", "The data of at most so many gets to this protection domain."},
};

const char *ms_spec_describe(const char *path)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(texts[i].path, path) == 0)
			return texts[i].text;
	}
	return NULL;
}
