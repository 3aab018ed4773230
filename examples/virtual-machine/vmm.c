/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmm.c - the monitor of the guest: starts it, is the serial port that the guest believes in, ends
 * the guest and starts it again when told so, hands it an interrupt when told so again.
 */
#include "console.h"
#include <microkit.h>

#define OPERATOR 0 /* channel */

#define GUEST_ENTRY 0x40000000
#define UART        0x09000000
#define UART_DR     0x00
#define UART_SIZE   0x1000
#define INTERRUPT   42
#define PSCI_OFF    0x84000008

#define CONTEXT_WORDS (sizeof(seL4_UserContext) / sizeof(seL4_Word))

/* The processor state that a guest begins in: its kernel's own, all interrupts masked. */
#define SPSR_EL1H_MASKED 0x3c5

/* What the processor says of an access (Arm ARM, DDI 0487: ESR_EL2). */
#define ESR_CLASS(esr)    ((esr) >> 26 & 0x3f)
#define ESR_CLASS_SMC     0x17
#define ESR_VALID         (1u << 24) /* a load or store of one register: */
#define ESR_REGISTER(esr) ((esr) >> 16 & 0x1f)
#define ESR_WRITE         (1u << 6)

uint64_t guest; /* its CPU's number, see system.toml */

#ifdef CONFIG_ARM_HYPERVISOR_SUPPORT

static char line[80];
static unsigned length;
static unsigned lines; /* that the guest has printed */
static unsigned told;  /* times, by the operator */
static unsigned done;  /* how often it was acted upon: after as many lines */

/* -- its registers ------------------------------------------------------------------------- */

/* seL4's order of them is its own. */
static seL4_Word *general(seL4_UserContext *c, unsigned number)
{
	seL4_Word *const x[] = {&c->x0,  &c->x1,  &c->x2,  &c->x3,  &c->x4,  &c->x5,  &c->x6,
	                        &c->x7,  &c->x8,  &c->x9,  &c->x10, &c->x11, &c->x12, &c->x13,
	                        &c->x14, &c->x15, &c->x16, &c->x17, &c->x18, &c->x19, &c->x20,
	                        &c->x21, &c->x22, &c->x23, &c->x24, &c->x25, &c->x26, &c->x27,
	                        &c->x28, &c->x29, &c->x30};
	static seL4_Word zero;

	return number < 31 ? x[number] : &zero;
}

static void read_registers(seL4_UserContext *context)
{
	if (seL4_TCB_ReadRegisters(BASE_VM_TCB_CAP + guest, 0, 0, CONTEXT_WORDS, context))
		say("vmm: FAILED to read the guest's registers\n");
}

static void write_registers(seL4_UserContext *context)
{
	if (seL4_TCB_WriteRegisters(BASE_VM_TCB_CAP + guest, 0, 0, CONTEXT_WORDS, context))
		say("vmm: FAILED to write the guest's registers\n");
}

/* -- its serial port ----------------------------------------------------------------------- */

static void print(char c)
{
	if (c != '\n' && length < sizeof(line) - 1) {
		line[length++] = c;
		return;
	}
	line[length] = '\0';
	say("guest: ");
	say(line);
	say("\n");
	length = 0;
	lines++;
}

/* -- what the operator wants --------------------------------------------------------------- */

static void begin(void)
{
	seL4_UserContext context = {.pc = GUEST_ENTRY, .spsr = SPSR_EL1H_MASKED};

	microkit_vcpu_arm_write_reg((microkit_child)guest, seL4_VCPUReg_TPIDR_EL1, INTERRUPT);
	write_registers(&context);
	microkit_vcpu_restart((microkit_child)guest, GUEST_ENTRY);
}

static void restart(void)
{
	seL4_UserContext context = {0};

	microkit_vcpu_stop((microkit_child)guest);
	read_registers(&context);
	say("vmm: stopped the guest at ");
	say_hex(context.pc);
	say(", starting it again\n");
	length = 0;
	begin();
}

static void interrupt(void)
{
	say("vmm: its vectors are at ");
	say_hex(microkit_vcpu_arm_read_reg((microkit_child)guest, seL4_VCPUReg_VBAR));
	say("; interrupt ");
	say_number(INTERRUPT);
	say("\n");
	microkit_vcpu_arm_inject_irq((microkit_child)guest, INTERRUPT, 0, 0, 0);
}

/* What was asked for, once the guest has got so far. Returns whether it goes on where it was. */
static seL4_Bool act(void)
{
	if (done == told || done == lines)
		return seL4_True;
	if (++done == 1) {
		restart();
		return seL4_False;
	}
	interrupt();
	return seL4_True;
}

/* -- its faults ---------------------------------------------------------------------------- */

/* An access where the guest has no memory: the port's, or nobody's. */
static seL4_Bool emulate(seL4_Word address, seL4_Word esr)
{
	seL4_UserContext context = {0};
	seL4_Word *value;

	if (address < UART || address >= UART + UART_SIZE || !(esr & ESR_VALID)) {
		say("vmm: FAILED: the guest has nothing at ");
		say_hex(address);
		say("\n");
		return seL4_False;
	}
	read_registers(&context);
	value = general(&context, ESR_REGISTER(esr));
	if (!(esr & ESR_WRITE))
		*value = 0; /* always ready */
	else if (address == UART + UART_DR)
		print((char)*value);
	context.pc += 4;
	write_registers(&context);
	return act();
}

static seL4_Bool firmware_call(seL4_Word esr)
{
	seL4_UserContext context = {0};

	read_registers(&context);
	if (ESR_CLASS(esr) != ESR_CLASS_SMC || context.x0 != PSCI_OFF) {
		say("vmm: FAILED: the guest did what it cannot do, ESR ");
		say_hex(esr);
		say("\n");
		return seL4_False;
	}
	microkit_vcpu_stop((microkit_child)guest);
	say("vmm: the guest is off\nvmm: done\n");
	return seL4_False;
}

/* Returns whether the guest goes on. */
static seL4_Bool handle(seL4_Word label)
{
	switch (label) {
	case seL4_Fault_VMFault:
		return emulate(seL4_GetMR(seL4_VMFault_Addr), seL4_GetMR(seL4_VMFault_FSR));
	case seL4_Fault_VCPUFault: return firmware_call(seL4_GetMR(seL4_VCPUFault_HSR));
	case seL4_Fault_VGICMaintenance: say("vmm: its interrupt is done\n"); return seL4_True;
	default:
		say("vmm: FAILED: fault ");
		say_number(label);
		say("\n");
		return seL4_False;
	}
}

void init(void)
{
	say("vmm: starting the guest\n");
	begin();
}

void notified(microkit_channel channel)
{
	if (channel != OPERATOR)
		return;
	told++;
	act();
}

seL4_Bool fault(microkit_child child, microkit_msginfo message, microkit_msginfo *reply)
{
	*reply = microkit_msginfo_new(0, 0);
	return child == guest && handle(microkit_msginfo_get_label(message));
}

#else

/* For a kernel that is no hypervisor ms-layout refuses the system. */
void init(void)
{
}

void notified(microkit_channel channel)
{
	(void)channel;
}

#endif
