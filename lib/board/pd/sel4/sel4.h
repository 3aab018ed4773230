/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sel4/sel4.h - seL4's own names for what protection domains use of them, over <ms/sel4.h>. The
 * IPC buffer is the one that every protection domain of a system has.
 */
#ifndef PD_SEL4_H
#define PD_SEL4_H

#include <ms/sel4.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* -- the configuration, as seL4 spells it: defined or not ---------------------------------- */

#define CONFIG_ARCH_AARCH64 1
#define CONFIG_WORD_SIZE    64
#if MS_KERNEL_MCS
#define CONFIG_KERNEL_MCS 1
#endif
#if MS_KERNEL_HYPERVISOR
#define CONFIG_ARM_HYPERVISOR_SUPPORT 1
#endif
#if MS_KERNEL_DEBUG
#define CONFIG_DEBUG_BUILD 1
#endif
#if MS_KERNEL_PRINTING
#define CONFIG_PRINTING 1
#endif
#if MS_KERNEL_SMC
#define CONFIG_ALLOW_SMC_CALLS 1
#endif

/* -- types --------------------------------------------------------------------------------- */

typedef int8_t seL4_Int8;
typedef int16_t seL4_Int16;
typedef int32_t seL4_Int32;
typedef int64_t seL4_Int64;
typedef uint8_t seL4_Uint8;
typedef uint16_t seL4_Uint16;
typedef uint32_t seL4_Uint32;
typedef uint64_t seL4_Uint64;
typedef uint64_t seL4_Word;
typedef seL4_Word seL4_CPtr;
typedef seL4_Int8 seL4_Bool;
#define seL4_True  1
#define seL4_False 0
#define seL4_Null  0

typedef seL4_CPtr seL4_TCB;
typedef seL4_CPtr seL4_IRQHandler;
typedef seL4_CPtr seL4_ARM_VSpace;
typedef seL4_CPtr seL4_ARM_VCPU;

typedef enum {
	seL4_NoError,
	seL4_InvalidArgument,
	seL4_InvalidCapability,
	seL4_IllegalOperation,
	seL4_RangeError,
	seL4_AlignmentError,
	seL4_FailedLookup,
	seL4_TruncatedMessage,
	seL4_DeleteFirst,
	seL4_RevokeFirst,
	seL4_NotEnoughMemory
} seL4_Error;

typedef struct {
	seL4_Word words[1];
} seL4_MessageInfo_t;

typedef struct sel4_ipc_buffer seL4_IPCBuffer;
typedef struct sel4_context seL4_UserContext;

typedef struct {
	seL4_Word x0, x1, x2, x3, x4, x5, x6, x7;
} seL4_ARM_SMCContext;

#define seL4_MsgMaxLength         SEL4_MAX_MRS
#define seL4_FastMessageRegisters SEL4_REGISTER_MRS

/* -- faults: labels of their messages, and where what lies in them ------------------------- */

enum {
	seL4_Fault_NullFault = 0,
	seL4_Fault_CapFault = MS_FAULT_CAP,
	seL4_Fault_UnknownSyscall = MS_FAULT_UNKNOWN_SYSCALL,
	seL4_Fault_UserException = MS_FAULT_USER_EXCEPTION,
#ifdef MS_FAULT_DEBUG_EXCEPTION
	seL4_Fault_DebugException = MS_FAULT_DEBUG_EXCEPTION,
#endif
#ifdef MS_FAULT_TIMEOUT
	seL4_Fault_Timeout = MS_FAULT_TIMEOUT,
#endif
#if MS_KERNEL_HYPERVISOR
	seL4_Fault_VGICMaintenance = MS_FAULT_VGIC_MAINTENANCE,
	seL4_Fault_VCPUFault = MS_FAULT_VCPU,
	seL4_Fault_VPPIEvent = MS_FAULT_VPPI_EVENT,
#endif
	seL4_Fault_VMFault = MS_FAULT_VM
};

enum {
	seL4_VMFault_IP = SEL4_VM_FAULT_IP,
	seL4_VMFault_Addr = SEL4_VM_FAULT_ADDRESS,
	seL4_VMFault_PrefetchFault = SEL4_VM_FAULT_IS_FETCH,
	seL4_VMFault_FSR = SEL4_VM_FAULT_ESR,
	seL4_VMFault_Length = SEL4_VM_FAULT_LENGTH
};

#if MS_KERNEL_HYPERVISOR
enum { seL4_VGICMaintenance_IDX, seL4_VGICMaintenance_Length };
enum { seL4_VCPUFault_HSR, seL4_VCPUFault_Length };
enum { seL4_VPPIEvent_IRQ, seL4_VPPIEvent_Length };
#endif

enum {
	seL4_UserException_FaultIP = SEL4_USER_EXCEPTION_IP,
	seL4_UserException_SP = SEL4_USER_EXCEPTION_SP,
	seL4_UserException_SPSR = SEL4_USER_EXCEPTION_SPSR,
	seL4_UserException_Number = SEL4_USER_EXCEPTION_NUMBER,
	seL4_UserException_Code = SEL4_USER_EXCEPTION_CODE,
	seL4_UserException_Length = SEL4_USER_EXCEPTION_LENGTH
};

enum {
	seL4_CapFault_IP = SEL4_CAP_FAULT_IP,
	seL4_CapFault_Addr = SEL4_CAP_FAULT_ADDRESS,
	seL4_CapFault_InRecvPhase = SEL4_CAP_FAULT_IN_RECEIVE,
	seL4_CapFault_LookupFailureType = SEL4_CAP_FAULT_LOOKUP
};

enum {
	seL4_UnknownSyscall_X0,
	seL4_UnknownSyscall_X1,
	seL4_UnknownSyscall_X2,
	seL4_UnknownSyscall_X3,
	seL4_UnknownSyscall_X4,
	seL4_UnknownSyscall_X5,
	seL4_UnknownSyscall_X6,
	seL4_UnknownSyscall_X7,
	seL4_UnknownSyscall_FaultIP = SEL4_UNKNOWN_SYSCALL_IP,
	seL4_UnknownSyscall_SP = SEL4_UNKNOWN_SYSCALL_SP,
	seL4_UnknownSyscall_LR = SEL4_UNKNOWN_SYSCALL_NEXT_IP,
	seL4_UnknownSyscall_SPSR = SEL4_UNKNOWN_SYSCALL_SPSR,
	seL4_UnknownSyscall_Syscall = SEL4_UNKNOWN_SYSCALL_NUMBER,
	seL4_UnknownSyscall_Length = SEL4_UNKNOWN_SYSCALL_LENGTH
};

/* -- messages ------------------------------------------------------------------------------ */

static inline seL4_IPCBuffer *seL4_GetIPCBuffer(void)
{
	return (seL4_IPCBuffer *)(MS_KERNEL_USER_TOP - 0x1000);
}

static inline void seL4_SetMR(int i, seL4_Word value)
{
	seL4_GetIPCBuffer()->msg[i] = value;
}

static inline seL4_Word seL4_GetMR(int i)
{
	return seL4_GetIPCBuffer()->msg[i];
}

static inline seL4_MessageInfo_t seL4_MessageInfo_new(seL4_Word label, seL4_Word unwrapped,
                                                      seL4_Word extra_caps, seL4_Word length)
{
	seL4_MessageInfo_t info;

	info.words[0] = sel4_info(label, (unsigned)extra_caps, (unsigned)length) | (unwrapped & 7)
	                                                                               << 9;
	return info;
}

static inline seL4_Word seL4_MessageInfo_get_label(seL4_MessageInfo_t info)
{
	return sel4_info_label(info.words[0]);
}

static inline seL4_Word seL4_MessageInfo_get_capsUnwrapped(seL4_MessageInfo_t info)
{
	return sel4_info_unwrapped(info.words[0]);
}

static inline seL4_Word seL4_MessageInfo_get_extraCaps(seL4_MessageInfo_t info)
{
	return sel4_info_extra_caps(info.words[0]);
}

static inline seL4_Word seL4_MessageInfo_get_length(seL4_MessageInfo_t info)
{
	return sel4_info_length(info.words[0]);
}

static inline seL4_MessageInfo_t seL4_MessageInfo_set_label(seL4_MessageInfo_t info,
                                                            seL4_Word label)
{
	info.words[0] = (info.words[0] & 0xfff) | label << 12;
	return info;
}

static inline seL4_MessageInfo_t seL4_MessageInfo_set_length(seL4_MessageInfo_t info,
                                                             seL4_Word length)
{
	info.words[0] = (info.words[0] & ~0x7full) | (length & 0x7f);
	return info;
}

/* The words that travel in registers, from and to the IPC buffer. */
static inline struct sel4_message pd_message(seL4_MessageInfo_t info)
{
	seL4_IPCBuffer *ipc = seL4_GetIPCBuffer();
	struct sel4_message m = {info.words[0],
	                         {ipc->msg[0], ipc->msg[1], ipc->msg[2], ipc->msg[3]}};

	return m;
}

static inline seL4_MessageInfo_t pd_received(const struct sel4_message *m)
{
	seL4_IPCBuffer *ipc = seL4_GetIPCBuffer();
	seL4_MessageInfo_t info = {{m->info}};

	for (int i = 0; i < SEL4_REGISTER_MRS; i++)
		ipc->msg[i] = m->mr[i];
	return info;
}

/* -- system calls -------------------------------------------------------------------------- */

static inline seL4_MessageInfo_t seL4_Call(seL4_CPtr dest, seL4_MessageInfo_t info)
{
	struct sel4_message m = pd_message(info);

	sel4_call(dest, &m);
	return pd_received(&m);
}

static inline void seL4_Send(seL4_CPtr dest, seL4_MessageInfo_t info)
{
	struct sel4_message m = pd_message(info);

	sel4_send(dest, &m);
}

static inline void seL4_NBSend(seL4_CPtr dest, seL4_MessageInfo_t info)
{
	struct sel4_message m = pd_message(info);

	sel4_nb_send(dest, &m);
}

static inline void seL4_Signal(seL4_CPtr dest)
{
	sel4_signal(dest);
}

static inline void seL4_Wait(seL4_CPtr src, seL4_Word *sender)
{
	seL4_Word badge = sel4_wait(src);

	if (sender)
		*sender = badge;
}

static inline void seL4_Yield(void)
{
	sel4_yield();
}

#ifdef MS_SYS_DEBUG_PUT_CHAR
static inline void seL4_DebugPutChar(char c)
{
	sel4_debug_put_char(c);
}

static inline void seL4_DebugPutString(char *s)
{
	sel4_debug_puts(s);
}
#endif

/* -- invocations --------------------------------------------------------------------------- */

static inline seL4_Error seL4_IRQHandler_Ack(seL4_IRQHandler handler)
{
	struct sel4_invocation inv;

	sel4_irq_ack(&inv, handler);
	return (seL4_Error)sel4_invoke(seL4_GetIPCBuffer(), &inv);
}

static inline seL4_Error seL4_TCB_Suspend(seL4_TCB tcb)
{
	struct sel4_invocation inv;

	sel4_tcb_suspend(&inv, tcb);
	return (seL4_Error)sel4_invoke(seL4_GetIPCBuffer(), &inv);
}

static inline seL4_Error seL4_TCB_Resume(seL4_TCB tcb)
{
	struct sel4_invocation inv;

	sel4_tcb_resume(&inv, tcb);
	return (seL4_Error)sel4_invoke(seL4_GetIPCBuffer(), &inv);
}

static inline seL4_Error seL4_TCB_WriteRegisters(seL4_TCB tcb, seL4_Bool resume, seL4_Uint8 flags,
                                                 seL4_Word count, seL4_UserContext *context)
{
	struct sel4_invocation inv;

	(void)flags; /* no architecture of ours has any */
	sel4_tcb_write_registers(&inv, tcb, resume, (unsigned)count, context);
	return (seL4_Error)sel4_invoke(seL4_GetIPCBuffer(), &inv);
}

static inline seL4_Error seL4_TCB_ReadRegisters(seL4_TCB tcb, seL4_Bool suspend, seL4_Uint8 flags,
                                                seL4_Word count, seL4_UserContext *context)
{
	seL4_Word *words = &context->pc;
	struct sel4_invocation inv;
	seL4_Error error;

	(void)flags;
	sel4_tcb_read_registers(&inv, tcb, suspend, (unsigned)count);
	error = (seL4_Error)sel4_invoke(seL4_GetIPCBuffer(), &inv);
	for (unsigned i = 0; !error && i < inv.length && i < count && i < SEL4_CONTEXT_WORDS; i++)
		words[i] = inv.mr[i];
	return error;
}

/* Cache maintenance of a range of virtual addresses; the own address space is in slot 3. */
static inline seL4_Error seL4_ARM_VSpace_Clean_Data(seL4_ARM_VSpace vspace, seL4_Word start,
                                                    seL4_Word end)
{
	struct sel4_invocation inv;

	sel4_vspace_clean_data(&inv, vspace, start, end);
	return (seL4_Error)sel4_invoke(seL4_GetIPCBuffer(), &inv);
}

static inline seL4_Error seL4_ARM_VSpace_Invalidate_Data(seL4_ARM_VSpace vspace, seL4_Word start,
                                                         seL4_Word end)
{
	struct sel4_invocation inv;

	sel4_vspace_invalidate_data(&inv, vspace, start, end);
	return (seL4_Error)sel4_invoke(seL4_GetIPCBuffer(), &inv);
}

static inline seL4_Error seL4_ARM_VSpace_CleanInvalidate_Data(seL4_ARM_VSpace vspace,
                                                              seL4_Word start, seL4_Word end)
{
	struct sel4_invocation inv;

	sel4_vspace_clean_invalidate_data(&inv, vspace, start, end);
	return (seL4_Error)sel4_invoke(seL4_GetIPCBuffer(), &inv);
}

static inline seL4_Error seL4_ARM_VSpace_Unify_Instruction(seL4_ARM_VSpace vspace, seL4_Word start,
                                                           seL4_Word end)
{
	struct sel4_invocation inv;

	sel4_vspace_unify_instruction(&inv, vspace, start, end);
	return (seL4_Error)sel4_invoke(seL4_GetIPCBuffer(), &inv);
}

/* -- guests -------------------------------------------------------------------------------- */

#if MS_KERNEL_HYPERVISOR
/* The registers of a VCPU object, by number. */
typedef enum {
	seL4_VCPUReg_SCTLR,
	seL4_VCPUReg_CPACR,
	seL4_VCPUReg_TTBR0,
	seL4_VCPUReg_TTBR1,
	seL4_VCPUReg_TCR,
	seL4_VCPUReg_MAIR,
	seL4_VCPUReg_AMAIR,
	seL4_VCPUReg_CIDR,
	seL4_VCPUReg_ACTLR,
	seL4_VCPUReg_AFSR0,
	seL4_VCPUReg_AFSR1,
	seL4_VCPUReg_ESR,
	seL4_VCPUReg_FAR,
	seL4_VCPUReg_ISR,                    /* 15.0.0's name; */
	seL4_VCPUReg_PAR = seL4_VCPUReg_ISR, /* 16.0.0's */
	seL4_VCPUReg_VBAR,
	seL4_VCPUReg_TPIDR_EL1,
	seL4_VCPUReg_VMPIDR_EL2,
	seL4_VCPUReg_SP_EL1,
	seL4_VCPUReg_ELR_EL1,
	seL4_VCPUReg_SPSR_EL1,
	seL4_VCPUReg_CNTV_CTL,
	seL4_VCPUReg_CNTV_CVAL,
	seL4_VCPUReg_CNTVOFF,
	seL4_VCPUReg_CNTKCTL_EL1,
	seL4_VCPUReg_Num
} seL4_VCPUReg;

typedef struct seL4_ARM_VCPU_ReadRegs {
	int error;
	seL4_Word value;
} seL4_ARM_VCPU_ReadRegs_t;

static inline seL4_Error seL4_ARM_VCPU_InjectIRQ(seL4_ARM_VCPU vcpu, seL4_Uint16 irq,
                                                 seL4_Uint8 priority, seL4_Uint8 group,
                                                 seL4_Uint8 index)
{
	struct sel4_invocation inv;

	sel4_vcpu_inject_irq(&inv, vcpu, sel4_virtual_irq(irq, priority, group, index));
	return (seL4_Error)sel4_invoke(seL4_GetIPCBuffer(), &inv);
}

static inline seL4_Error seL4_ARM_VCPU_AckVPPI(seL4_ARM_VCPU vcpu, seL4_Word irq)
{
	struct sel4_invocation inv;

	sel4_vcpu_ack_vppi(&inv, vcpu, irq);
	return (seL4_Error)sel4_invoke(seL4_GetIPCBuffer(), &inv);
}

static inline seL4_ARM_VCPU_ReadRegs_t seL4_ARM_VCPU_ReadRegs(seL4_ARM_VCPU vcpu, seL4_Word field)
{
	seL4_ARM_VCPU_ReadRegs_t answer;
	struct sel4_invocation inv;

	sel4_vcpu_read_register(&inv, vcpu, field);
	answer.error = (int)sel4_invoke(seL4_GetIPCBuffer(), &inv);
	answer.value = answer.error ? 0 : inv.mr[0];
	return answer;
}

static inline seL4_Error seL4_ARM_VCPU_WriteRegs(seL4_ARM_VCPU vcpu, seL4_Word field,
                                                 seL4_Word value)
{
	struct sel4_invocation inv;

	sel4_vcpu_write_register(&inv, vcpu, field, value);
	return (seL4_Error)sel4_invoke(seL4_GetIPCBuffer(), &inv);
}
#endif

#endif
