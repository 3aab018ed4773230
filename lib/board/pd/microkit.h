/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * microkit.h - the interface of seL4 Microkit for protection domains in C: its names and its
 * meaning, our own code. C sources written for Microkit compile with it (moonshot-pd(7)).
 */
#ifndef MICROKIT_H
#define MICROKIT_H

#include <sel4/sel4.h>

typedef unsigned int microkit_channel;
typedef unsigned int microkit_child;
typedef seL4_MessageInfo_t microkit_msginfo;

/* Where a protection domain's capabilities are; classes are 64 slots apart. */
#define MONITOR_EP                   5
#define ARM_SMC_CAP                  7
#define BASE_OUTPUT_NOTIFICATION_CAP 10
#define BASE_ENDPOINT_CAP            74
#define BASE_IRQ_CAP                 138
#define BASE_TCB_CAP                 202
#define BASE_VM_TCB_CAP              266
#define BASE_VCPU_CAP                330

/* Ids are 0 to 61 where calls or faults are taken; where none are, 62 is one as well. */
#define MICROKIT_MAX_CHANNELS   63
#define MICROKIT_MAX_CHANNEL_ID (MICROKIT_MAX_CHANNELS - 1)
#define MICROKIT_PD_NAME_LENGTH 64

#ifdef __cplusplus
extern "C" {
#endif

/* -- written by the program ---------------------------------------------------------------- */

void init(void);
void notified(microkit_channel ch);
/* The answer to a call, with its words in the message registers. May be left out. */
microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo);
/* A child's fault; true: the child goes on with *reply_msginfo. May be left out. */
seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo);

/* -- written by the toolkit ---------------------------------------------------------------- */

extern char microkit_name[MICROKIT_PD_NAME_LENGTH];
extern seL4_Bool microkit_passive;
extern seL4_Word microkit_irqs;          /* bit i: it handles the interrupt with id i */
extern seL4_Word microkit_notifications; /* bit c: it may notify on channel c */
extern seL4_Word microkit_pps;           /* bit c: it may call on channel c */

/* The operation that is put off, if there is one. */
extern seL4_Bool microkit_have_signal;
extern seL4_CPtr microkit_signal_cap;
extern seL4_MessageInfo_t microkit_signal_msg;

/* -- the debug console; silent where the kernel is --------------------------------------------- */

void microkit_dbg_putc(int c);
void microkit_dbg_puts(const char *s);
void microkit_dbg_put8(seL4_Uint8 x); /* in decimal digits, as the next */
void microkit_dbg_put32(seL4_Uint32 x);
/* Ends the protection domain by a fault at address `error`. */
__attribute__((noreturn)) void microkit_internal_crash(seL4_Error error);

/* -- interrupts, children, firmware -------------------------------------------------------- */

void microkit_irq_ack(microkit_channel ch);
/* The deferred forms happen on the way into the next wait, which saves a system call. */
void microkit_deferred_irq_ack(microkit_channel ch);
void microkit_deferred_notify(microkit_channel ch);

void microkit_pd_restart(microkit_child pd, seL4_Word entry_point);
void microkit_pd_stop(microkit_child pd);
void microkit_pd_resume(microkit_child pd);

/* The virtual CPUs of the domain's guest; kernels that are no hypervisors have none. */
void microkit_vcpu_restart(microkit_child vcpu, seL4_Word entry_point);
void microkit_vcpu_stop(microkit_child vcpu);
/* The interrupt `irq` waits in list register `index` until the guest takes it; group 0 or 1. */
void microkit_vcpu_arm_inject_irq(microkit_child vcpu, seL4_Uint16 irq, seL4_Uint8 priority,
                                  seL4_Uint8 group, seL4_Uint8 index);
/* After a VPPI event: the guest's own timer may interrupt again. */
void microkit_vcpu_arm_ack_vppi(microkit_child vcpu, seL4_Word irq);
/* System registers by seL4's numbers, seL4_VCPUReg_... */
seL4_Word microkit_vcpu_arm_read_reg(microkit_child vcpu, seL4_Word reg);
void microkit_vcpu_arm_write_reg(microkit_child vcpu, seL4_Word reg, seL4_Word value);

#if MS_KERNEL_SMC
void microkit_arm_smc_call(seL4_ARM_SMCContext *args, seL4_ARM_SMCContext *response);
#endif

/* -- channels ------------------------------------------------------------------------------ */

/* Says so on the console; nothing else happens. */
void pd_bad_channel(const char *what, microkit_channel ch);

static inline void microkit_notify(microkit_channel ch)
{
	if (ch > MICROKIT_MAX_CHANNEL_ID || !(microkit_notifications >> ch & 1))
		pd_bad_channel("microkit_notify", ch);
	else
		seL4_Signal(BASE_OUTPUT_NOTIFICATION_CAP + ch);
}

static inline microkit_msginfo microkit_msginfo_new(seL4_Word label, seL4_Uint16 count)
{
	return seL4_MessageInfo_new(label, 0, 0, count);
}

static inline seL4_Word microkit_msginfo_get_label(microkit_msginfo msginfo)
{
	return seL4_MessageInfo_get_label(msginfo);
}

static inline seL4_Word microkit_msginfo_get_count(microkit_msginfo msginfo)
{
	return seL4_MessageInfo_get_length(msginfo);
}

static inline void microkit_mr_set(seL4_Uint8 mr, seL4_Word value)
{
	seL4_SetMR(mr, value);
}

static inline seL4_Word microkit_mr_get(seL4_Uint8 mr)
{
	return seL4_GetMR(mr);
}

/* Calls the other end; its answer's words are in the message registers. */
static inline microkit_msginfo microkit_ppcall(microkit_channel ch, microkit_msginfo msginfo)
{
	if (ch > MICROKIT_MAX_CHANNEL_ID || !(microkit_pps >> ch & 1)) {
		pd_bad_channel("microkit_ppcall", ch);
		return seL4_MessageInfo_new(0, 0, 0, 0);
	}
	return seL4_Call(BASE_ENDPOINT_CAP + ch, msginfo);
}

/* -- capabilities of others ---------------------------------------------------------------- */

/* The capability that the specification's `caps` put into a slot, 1 to 63; 0 for other slots. */
static inline seL4_CPtr microkit_cspace_root_slot_to_cptr(seL4_Word slot)
{
	return slot < 64 ? slot << 58 : 0;
}

#ifdef __cplusplus
}
#endif

#endif
