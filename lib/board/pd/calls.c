/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * calls.c - the functions of microkit.h that are not worth a copy in every caller.
 */
#include <microkit.h>

#include "runtime.h"

/* -- the debug console --------------------------------------------------------------------- */

void microkit_dbg_putc(int c)
{
#ifdef MS_SYS_DEBUG_PUT_CHAR
	sel4_debug_put_char((char)c);
#else
	(void)c; /* a release kernel prints nothing */
#endif
}

void microkit_dbg_puts(const char *s)
{
	while (*s)
		microkit_dbg_putc(*s++);
}

void microkit_dbg_put8(seL4_Uint8 x)
{
	microkit_dbg_put32(x);
}

void microkit_dbg_put32(seL4_Uint32 x)
{
	char digits[11], *p = digits + sizeof(digits);

	*--p = '\0';
	do
		*--p = (char)('0' + x % 10);
	while (x /= 10);
	microkit_dbg_puts(p);
}

_Noreturn void microkit_internal_crash(seL4_Error error)
{
	/* Nothing is mapped at the lowest addresses: the fault's address is the error. */
	__asm__ volatile("str wzr, [%0]" : : "r"((seL4_Word)error) : "memory");
	for (;;)
		__asm__ volatile("brk #0");
}

/* -- misuse -------------------------------------------------------------------------------- */

void pd_bad_channel(const char *what, microkit_channel ch)
{
	microkit_dbg_puts(microkit_name);
	microkit_dbg_puts(": ");
	microkit_dbg_puts(what);
	microkit_dbg_puts(" has no channel ");
	microkit_dbg_put32(ch);
	microkit_dbg_puts("\n");
}

/* A call that only fails where the layout gave no such capability. */
static void invoke(struct sel4_invocation *inv)
{
	enum sel4_error error = sel4_invoke(PD_IPC_BUFFER, inv);

	if (error == SEL4_NO_ERROR)
		return;
	microkit_dbg_puts(microkit_name);
	microkit_dbg_puts(": the kernel refused an operation, seL4 error ");
	microkit_dbg_put32(error);
	microkit_dbg_puts("\n");
	microkit_internal_crash((seL4_Error)error);
}

/* -- interrupts ---------------------------------------------------------------------------- */

void pd_ack(microkit_channel ch)
{
	struct sel4_invocation inv;

	sel4_irq_ack(&inv, BASE_IRQ_CAP + ch);
	invoke(&inv);
}

void microkit_irq_ack(microkit_channel ch)
{
	if (ch > MICROKIT_MAX_CHANNEL_ID || !(microkit_irqs >> ch & 1))
		pd_bad_channel("microkit_irq_ack", ch);
	else
		pd_ack(ch);
}

void microkit_deferred_irq_ack(microkit_channel ch)
{
	if (ch > MICROKIT_MAX_CHANNEL_ID || !(microkit_irqs >> ch & 1))
		pd_bad_channel("microkit_deferred_irq_ack", ch);
	else
		pd_defer(BASE_IRQ_CAP + ch, MS_LABEL_IRQ_ACK_IRQ);
}

void microkit_deferred_notify(microkit_channel ch)
{
	if (ch > MICROKIT_MAX_CHANNEL_ID || !(microkit_notifications >> ch & 1))
		pd_bad_channel("microkit_deferred_notify", ch);
	else
		pd_defer(BASE_OUTPUT_NOTIFICATION_CAP + ch, 0);
}

/* -- children ------------------------------------------------------------------------------ */

void microkit_pd_restart(microkit_child pd, seL4_Word entry_point)
{
	struct sel4_context context = {.pc = entry_point};
	struct sel4_invocation inv;

	sel4_tcb_write_registers(&inv, BASE_TCB_CAP + pd, 1, 1, &context);
	invoke(&inv);
}

void microkit_pd_stop(microkit_child pd)
{
	struct sel4_invocation inv;

	sel4_tcb_suspend(&inv, BASE_TCB_CAP + pd);
	invoke(&inv);
}

void microkit_pd_resume(microkit_child pd)
{
	struct sel4_invocation inv;

	sel4_tcb_resume(&inv, BASE_TCB_CAP + pd);
	invoke(&inv);
}

/* -- guests -------------------------------------------------------------------------------- */

void microkit_vcpu_restart(microkit_child vcpu, seL4_Word entry_point)
{
	struct sel4_context context = {.pc = entry_point};
	struct sel4_invocation inv;

	sel4_tcb_write_registers(&inv, BASE_VM_TCB_CAP + vcpu, 1, 1, &context);
	invoke(&inv);
}

void microkit_vcpu_stop(microkit_child vcpu)
{
	struct sel4_invocation inv;

	sel4_tcb_suspend(&inv, BASE_VM_TCB_CAP + vcpu);
	invoke(&inv);
}

#if MS_KERNEL_HYPERVISOR
void microkit_vcpu_arm_inject_irq(microkit_child vcpu, seL4_Uint16 irq, seL4_Uint8 priority,
                                  seL4_Uint8 group, seL4_Uint8 index)
{
	struct sel4_invocation inv;

	sel4_vcpu_inject_irq(&inv, BASE_VCPU_CAP + vcpu,
	                     sel4_virtual_irq(irq, priority, group, index));
	invoke(&inv);
}

void microkit_vcpu_arm_ack_vppi(microkit_child vcpu, seL4_Word irq)
{
	struct sel4_invocation inv;

	sel4_vcpu_ack_vppi(&inv, BASE_VCPU_CAP + vcpu, irq);
	invoke(&inv);
}

seL4_Word microkit_vcpu_arm_read_reg(microkit_child vcpu, seL4_Word reg)
{
	struct sel4_invocation inv;

	sel4_vcpu_read_register(&inv, BASE_VCPU_CAP + vcpu, reg);
	invoke(&inv);
	return inv.mr[0];
}

void microkit_vcpu_arm_write_reg(microkit_child vcpu, seL4_Word reg, seL4_Word value)
{
	struct sel4_invocation inv;

	sel4_vcpu_write_register(&inv, BASE_VCPU_CAP + vcpu, reg, value);
	invoke(&inv);
}
#endif

/* -- firmware ------------------------------------------------------------------------------ */

#if MS_KERNEL_SMC
void microkit_arm_smc_call(seL4_ARM_SMCContext *args, seL4_ARM_SMCContext *response)
{
	const seL4_Word in[8] = {args->x0, args->x1, args->x2, args->x3,
	                         args->x4, args->x5, args->x6, args->x7};
	struct sel4_invocation inv;

	sel4_smc_call(&inv, ARM_SMC_CAP, in);
	invoke(&inv);
	*response = (seL4_ARM_SMCContext){inv.mr[0], inv.mr[1], inv.mr[2], inv.mr[3],
	                                  inv.mr[4], inv.mr[5], inv.mr[6], inv.mr[7]};
}
#endif
