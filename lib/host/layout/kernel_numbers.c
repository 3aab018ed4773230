/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel_numbers.c - the numbers of a kernel's interface, computed from its configuration.
 *
 * seL4 assigns every number by counting over an ordered list in which some entries exist only
 * under a condition. These are those lists: libsel4's syscall.xml, object-api*.xml and the
 * object type enumerations, 15.0.0 and 16.0.0.
 */
#include "layout/kernel_parts.h"
#include <string.h>

enum {
	F_MCS = 1 << 0,     /* KERNEL_MCS */
	F_SMP = 1 << 1,     /* ENABLE_SMP_SUPPORT */
	F_HYP = 1 << 2,     /* ARM_HYPERVISOR_SUPPORT */
	F_HWDEBUG = 1 << 3, /* HARDWARE_DEBUG_API */
	F_TK1 = 1 << 4,     /* TK1_SMMU */
	F_SMMU = 1 << 5,    /* ARM_SMMU */
	F_PRINT = 1 << 6,   /* PRINTING */
	F_DEBUG = 1 << 7,   /* DEBUG_BUILD */
	F_INJECT = 1 << 8,  /* DANGEROUS_CODE_INJECTION */
	F_BENCH = 1 << 9,   /* ENABLE_BENCHMARKS */
	F_TRACK = 1 << 10,  /* BENCHMARK_TRACK_UTILISATION */
	F_TLS = 1 << 11,    /* SET_TLS_BASE_SELF */
	F_16 = 1 << 12,     /* 16.0.0 and later */
	F_NEVER = 1 << 13   /* other architectures only */
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A row that takes a number up under s and not under sn, and is served under n. */
#define ROW(name, macro, s, sn, n)                                                                 \
	{                                                                                          \
		name, macro, NULL, s, sn, n                                                        \
	}
#define ALWAYS(name, macro)       ROW(name, macro, 0, 0, 0)
#define IF(name, macro, cond)     ROW(name, macro, cond, 0, 0)
#define UNLESS(name, macro, cond) ROW(name, macro, 0, cond, 0)
#define SERVED(name, macro, cond) ROW(name, macro, 0, 0, cond)
#define RENAMED(name, macro, c, t)                                                                 \
	{                                                                                          \
		name, macro, t, c, 0, 0                                                            \
	}

/* A debug system call keeps its number where it is not compiled in. */
static const struct ms_kernel_row syscalls[] = {
    ALWAYS("Call", "CALL"),
    ALWAYS("ReplyRecv", "REPLY_RECV"),
    IF("NBSendRecv", "NB_SEND_RECV", F_MCS),
    IF("NBSendWait", "NB_SEND_WAIT", F_MCS),
    ALWAYS("Send", "SEND"),
    ALWAYS("NBSend", "NB_SEND"),
    ALWAYS("Recv", "RECV"),
    UNLESS("Reply", "REPLY", F_MCS),
    UNLESS("Yield", "YIELD", F_MCS),
    ALWAYS("NBRecv", "NB_RECV"),
    IF("Wait", "WAIT", F_MCS),
    IF("NBWait", "NB_WAIT", F_MCS),
    IF("Yield", "YIELD", F_MCS),
    SERVED("DebugPutChar", "DEBUG_PUT_CHAR", F_PRINT),
    SERVED("DebugDumpScheduler", "DEBUG_DUMP_SCHEDULER", F_PRINT),
    SERVED("DebugHalt", "DEBUG_HALT", F_DEBUG),
    SERVED("DebugCapIdentify", "DEBUG_CAP_IDENTIFY", F_DEBUG),
    SERVED("DebugSnapshot", "DEBUG_SNAPSHOT", F_DEBUG),
    SERVED("DebugNameThread", "DEBUG_NAME_THREAD", F_DEBUG),
    ROW("DebugSendIPI", "DEBUG_SEND_IPI", 0, F_16, F_DEBUG),
    ROW("DebugSendIPI", "DEBUG_SEND_IPI", F_16, 0, F_DEBUG | F_SMP),
    ROW("DebugGetThreadAffinity", "DEBUG_GET_THREAD_AFFINITY", F_16, 0, F_DEBUG | F_SMP),
    SERVED("DebugRun", "DEBUG_RUN", F_INJECT),
    SERVED("BenchmarkFlushCaches", "BENCHMARK_FLUSH_CACHES", F_BENCH),
    SERVED("BenchmarkResetLog", "BENCHMARK_RESET_LOG", F_BENCH),
    SERVED("BenchmarkFinalizeLog", "BENCHMARK_FINALIZE_LOG", F_BENCH),
    SERVED("BenchmarkSetLogBuffer", "BENCHMARK_SET_LOG_BUFFER", F_BENCH),
    SERVED("BenchmarkNullSyscall", "BENCHMARK_NULL_SYSCALL", F_BENCH),
    SERVED("BenchmarkGetThreadUtilisation", "BENCHMARK_GET_THREAD_UTILISATION", F_TRACK),
    SERVED("BenchmarkResetThreadUtilisation", "BENCHMARK_RESET_THREAD_UTILISATION", F_TRACK),
    SERVED("BenchmarkDumpAllThreadsUtilisation", "BENCHMARK_DUMP_ALL_THREADS_UTILISATION",
           F_DEBUG | F_TRACK),
    SERVED("BenchmarkResetAllThreadsUtilisation", "BENCHMARK_RESET_ALL_THREADS_UTILISATION",
           F_DEBUG | F_TRACK),
    SERVED("X86DangerousWRMSR", "X86_DANGEROUS_WRMSR", F_NEVER),
    SERVED("X86DangerousRDMSR", "X86_DANGEROUS_RDMSR", F_NEVER),
    SERVED("VMEnter", "VM_ENTER", F_NEVER),
    SERVED("SetTLSBase", "SET_TLS_BASE", F_TLS),
};

static const struct ms_kernel_row labels[] = {
    ALWAYS("UntypedRetype", "UNTYPED_RETYPE"),
    ALWAYS("TCBReadRegisters", "TCB_READ_REGISTERS"),
    ALWAYS("TCBWriteRegisters", "TCB_WRITE_REGISTERS"),
    ALWAYS("TCBCopyRegisters", "TCB_COPY_REGISTERS"),
    ALWAYS("TCBConfigure", "TCB_CONFIGURE"),
    ALWAYS("TCBSetPriority", "TCB_SET_PRIORITY"),
    ALWAYS("TCBSetMCPriority", "TCB_SET_MC_PRIORITY"),
    ALWAYS("TCBSetSchedParams", "TCB_SET_SCHED_PARAMS"),
    IF("TCBSetTimeoutEndpoint", "TCB_SET_TIMEOUT_ENDPOINT", F_MCS),
    ALWAYS("TCBSetIPCBuffer", "TCB_SET_IPC_BUFFER"),
    ALWAYS("TCBSetSpace", "TCB_SET_SPACE"),
    ALWAYS("TCBSuspend", "TCB_SUSPEND"),
    ALWAYS("TCBResume", "TCB_RESUME"),
    ALWAYS("TCBBindNotification", "TCB_BIND_NOTIFICATION"),
    ALWAYS("TCBUnbindNotification", "TCB_UNBIND_NOTIFICATION"),
    ROW("TCBSetAffinity", "TCB_SET_AFFINITY", F_SMP, F_MCS, 0),
    IF("TCBSetBreakpoint", "TCB_SET_BREAKPOINT", F_HWDEBUG),
    IF("TCBGetBreakpoint", "TCB_GET_BREAKPOINT", F_HWDEBUG),
    IF("TCBUnsetBreakpoint", "TCB_UNSET_BREAKPOINT", F_HWDEBUG),
    IF("TCBConfigureSingleStepping", "TCB_CONFIGURE_SINGLE_STEPPING", F_HWDEBUG),
    ALWAYS("TCBSetTLSBase", "TCB_SET_TLS_BASE"),
    ALWAYS("TCBSetFlags", "TCB_SET_FLAGS"),
    ALWAYS("CNodeRevoke", "CNODE_REVOKE"),
    ALWAYS("CNodeDelete", "CNODE_DELETE"),
    ALWAYS("CNodeCancelBadgedSends", "CNODE_CANCEL_BADGED_SENDS"),
    ALWAYS("CNodeCopy", "CNODE_COPY"),
    ALWAYS("CNodeMint", "CNODE_MINT"),
    ALWAYS("CNodeMove", "CNODE_MOVE"),
    ALWAYS("CNodeMutate", "CNODE_MUTATE"),
    ALWAYS("CNodeRotate", "CNODE_ROTATE"),
    UNLESS("CNodeSaveCaller", "CNODE_SAVE_CALLER", F_MCS),
    ALWAYS("IRQIssueIRQHandler", "IRQ_ISSUE_IRQ_HANDLER"),
    ALWAYS("IRQAckIRQ", "IRQ_ACK_IRQ"),
    ALWAYS("IRQSetIRQHandler", "IRQ_SET_IRQ_HANDLER"),
    ALWAYS("IRQClearIRQHandler", "IRQ_CLEAR_IRQ_HANDLER"),
    ALWAYS("DomainSetSet", "DOMAIN_SET_SET"),
    ALWAYS("DomainScheduleConfigure", "DOMAIN_SCHEDULE_CONFIGURE"),
    ALWAYS("DomainScheduleSetStart", "DOMAIN_SCHEDULE_SET_START"),
    IF("SchedControlConfigureFlags", "SCHED_CONTROL_CONFIGURE_FLAGS", F_MCS),
    IF("SchedContextBind", "SCHED_CONTEXT_BIND", F_MCS),
    IF("SchedContextUnbind", "SCHED_CONTEXT_UNBIND", F_MCS),
    IF("SchedContextUnbindObject", "SCHED_CONTEXT_UNBIND_OBJECT", F_MCS),
    IF("SchedContextConsumed", "SCHED_CONTEXT_CONSUMED", F_MCS),
    IF("SchedContextYieldTo", "SCHED_CONTEXT_YIELD_TO", F_MCS),
    ALWAYS("ARMVSpaceClean_Data", "ARM_VSPACE_CLEAN_DATA"),
    ALWAYS("ARMVSpaceInvalidate_Data", "ARM_VSPACE_INVALIDATE_DATA"),
    ALWAYS("ARMVSpaceCleanInvalidate_Data", "ARM_VSPACE_CLEAN_INVALIDATE_DATA"),
    ALWAYS("ARMVSpaceUnify_Instruction", "ARM_VSPACE_UNIFY_INSTRUCTION"),
    ALWAYS("ARMSMCCall", "ARM_SMC_CALL"),
    ALWAYS("ARMPageTableMap", "ARM_PAGE_TABLE_MAP"),
    ALWAYS("ARMPageTableUnmap", "ARM_PAGE_TABLE_UNMAP"),
    IF("ARMIOPageTableMap", "ARM_IO_PAGE_TABLE_MAP", F_TK1),
    IF("ARMIOPageTableUnmap", "ARM_IO_PAGE_TABLE_UNMAP", F_TK1),
    ALWAYS("ARMPageMap", "ARM_PAGE_MAP"),
    ALWAYS("ARMPageUnmap", "ARM_PAGE_UNMAP"),
    IF("ARMPageMapIO", "ARM_PAGE_MAP_IO", F_TK1),
    ALWAYS("ARMPageClean_Data", "ARM_PAGE_CLEAN_DATA"),
    ALWAYS("ARMPageInvalidate_Data", "ARM_PAGE_INVALIDATE_DATA"),
    ALWAYS("ARMPageCleanInvalidate_Data", "ARM_PAGE_CLEAN_INVALIDATE_DATA"),
    ALWAYS("ARMPageUnify_Instruction", "ARM_PAGE_UNIFY_INSTRUCTION"),
    ALWAYS("ARMPageGetAddress", "ARM_PAGE_GET_ADDRESS"),
    ALWAYS("ARMASIDControlMakePool", "ARM_ASID_CONTROL_MAKE_POOL"),
    ALWAYS("ARMASIDPoolAssign", "ARM_ASID_POOL_ASSIGN"),
    IF("ARMVCPUSetTCB", "ARM_VCPU_SET_TCB", F_HYP),
    IF("ARMVCPUInjectIRQ", "ARM_VCPU_INJECT_IRQ", F_HYP),
    IF("ARMVCPUReadReg", "ARM_VCPU_READ_REG", F_HYP),
    IF("ARMVCPUWriteReg", "ARM_VCPU_WRITE_REG", F_HYP),
    IF("ARMVCPUAckVPPI", "ARM_VCPU_ACK_VPPI", F_HYP),
    ALWAYS("ARMIRQIssueIRQHandlerTrigger", "ARM_IRQ_ISSUE_IRQ_HANDLER_TRIGGER"),
    IF("ARMIRQIssueIRQHandlerTriggerCore", "ARM_IRQ_ISSUE_IRQ_HANDLER_TRIGGER_CORE", F_SMP),
    UNLESS("ARMIRQIssueSGISignal", "ARM_IRQ_ISSUE_SGI_SIGNAL", F_SMP),
    IF("ARMSIDIssueSIDManager", "ARM_SID_ISSUE_SID_MANAGER", F_SMMU),
    IF("ARMSIDGetFault", "ARM_SID_GET_FAULT", F_SMMU),
    IF("ARMSIDClearFault", "ARM_SID_CLEAR_FAULT", F_SMMU),
    IF("ARMSIDBindCB", "ARM_SID_BIND_CB", F_SMMU),
    IF("ARMSIDUnbindCB", "ARM_SID_UNBIND_CB", F_SMMU),
    IF("ARMCBIssueCBManager", "ARM_CB_ISSUE_CB_MANAGER", F_SMMU),
    IF("ARMCBTLBInvalidateAll", "ARM_CB_TLB_INVALIDATE_ALL", F_SMMU),
    IF("ARMCBAssignVspace", "ARM_CB_ASSIGN_VSPACE", F_SMMU),
    IF("ARMCBUnassignVspace", "ARM_CB_UNASSIGN_VSPACE", F_SMMU),
    IF("ARMCBTLBInvalidate", "ARM_CB_TLB_INVALIDATE", F_SMMU),
    IF("ARMCBGetFault", "ARM_CB_GET_FAULT", F_SMMU),
    IF("ARMCBClearFault", "ARM_CB_CLEAR_FAULT", F_SMMU),
};

static const struct ms_kernel_row objects[] = {
    RENAMED("Untyped", "UNTYPED", 0, "UntypedObject"),
    RENAMED("TCB", "TCB", 0, "TCBObject"),
    RENAMED("Endpoint", "ENDPOINT", 0, "EndpointObject"),
    RENAMED("Notification", "NOTIFICATION", 0, "NotificationObject"),
    RENAMED("CNode", "CNODE", 0, "CapTableObject"),
    RENAMED("SchedContext", "SCHED_CONTEXT", F_MCS, "SchedContextObject"),
    RENAMED("Reply", "REPLY", F_MCS, "ReplyObject"),
    RENAMED("HugePage", "HUGE_PAGE", 0, "ARM_HugePageObject"),
    RENAMED("VSpace", "VSPACE", 0, "ARM_VSpaceObject"),
    RENAMED("SmallPage", "SMALL_PAGE", 0, "ARM_SmallPageObject"),
    RENAMED("LargePage", "LARGE_PAGE", 0, "ARM_LargePageObject"),
    RENAMED("PageTable", "PAGE_TABLE", 0, "ARM_PageTableObject"),
    RENAMED("VCPU", "VCPU", F_HYP, "ARM_VCPUObject"),
    RENAMED("IOPageTable", "IO_PAGE_TABLE", F_TK1, "ARM_IOPageTableObject"),
};

/* theirs: keys of a Microkit SDK's object_sizes.json. */
static const struct ms_kernel_row object_bits[] = {
    RENAMED("Untyped", "UNTYPED_MIN", 0, "min_untyped_bits"),
    RENAMED("UntypedMax", "UNTYPED_MAX", 0, "max_untyped_bits"),
    RENAMED("TCB", "TCB", 0, "tcb"),
    RENAMED("Endpoint", "ENDPOINT", 0, "endpoint"),
    RENAMED("Notification", "NOTIFICATION", 0, "notification"),
    RENAMED("CNode", "CNODE_SLOT", 0, "slot"),
    RENAMED("SchedContext", "SCHED_CONTEXT_MIN", F_MCS, "min_sched_context"),
    RENAMED("Reply", "REPLY", F_MCS, "reply"),
    RENAMED("HugePage", "HUGE_PAGE", 0, "huge_page"),
    RENAMED("VSpace", "VSPACE", 0, "vspace"),
    RENAMED("SmallPage", "SMALL_PAGE", 0, "small_page"),
    RENAMED("LargePage", "LARGE_PAGE", 0, "large_page"),
    RENAMED("PageTable", "PAGE_TABLE", 0, "page_table"),
    RENAMED("VCPU", "VCPU", F_HYP, "vcpu"),
    RENAMED("ASIDPool", "ASID_POOL", 0, "asid_pool"),
};

static const struct ms_kernel_row faults[] = {
    ALWAYS("NullFault", "NULL"),
    ALWAYS("CapFault", "CAP"),
    ALWAYS("UnknownSyscall", "UNKNOWN_SYSCALL"),
    ALWAYS("UserException", "USER_EXCEPTION"),
    SERVED("DebugException", "DEBUG_EXCEPTION", F_HWDEBUG),
    IF("Timeout", "TIMEOUT", F_MCS),
    ALWAYS("VMFault", "VM"),
    SERVED("VGICMaintenance", "VGIC_MAINTENANCE", F_HYP),
    SERVED("VCPUFault", "VCPU", F_HYP),
    SERVED("VPPIEvent", "VPPI_EVENT", F_HYP),
};

const struct ms_kernel_rows *ms_kernel_rows(enum ms_kernel_table table)
{
	static const struct ms_kernel_rows tables[] = {
	    [MS_KERNEL_SYSCALLS] = {syscalls, COUNT(syscalls), -1, -1, "MS_SYS_"},
	    [MS_KERNEL_LABELS] = {labels, COUNT(labels), 1, 1, "MS_LABEL_"},
	    [MS_KERNEL_OBJECTS] = {objects, COUNT(objects), 0, 1, "MS_OBJECT_"},
	    [MS_KERNEL_OBJECT_BITS] = {object_bits, COUNT(object_bits), 0, 0, "MS_OBJECT_BITS_"},
	    [MS_KERNEL_FAULTS] = {faults, COUNT(faults), 0, 1, "MS_FAULT_"},
	};
	return &tables[table];
}

uint32_t ms_kernel_conditions(const struct ms_kernel *k)
{
	static const struct {
		const char *key;
		uint32_t flag;
	} keys[] = {
	    {"HARDWARE_DEBUG_API", F_HWDEBUG},
	    {"TK1_SMMU", F_TK1},
	    {"ARM_SMMU", F_SMMU},
	    {"DANGEROUS_CODE_INJECTION", F_INJECT},
	    {"ENABLE_BENCHMARKS", F_BENCH},
	    {"BENCHMARK_TRACK_UTILISATION", F_TRACK},
	    {"SET_TLS_BASE_SELF", F_TLS},
	};
	uint32_t flags = (k->mcs ? F_MCS : 0) | (k->smp ? F_SMP : 0) | (k->hypervisor ? F_HYP : 0) |
	                 (k->printing ? F_PRINT : 0) | (k->debug ? F_DEBUG : 0) |
	                 (k->version >= 16 ? F_16 : 0);

	for (size_t i = 0; i < COUNT(keys); i++)
		if (ms_kernel_flag(k, keys[i].key))
			flags |= keys[i].flag;
	return flags;
}

/* A TCB grows with what it must keep of the processor's debug state (libsel4's constants.h). */
static int tcb_bits(const struct ms_kernel *k)
{
	bool tracks = k->hypervisor && k->smp && ms_kernel_flag(k, "BENCHMARK_TRACK_UTILISATION");

	if (k->version >= 16 && k->mcs)
		tracks = false;
	return ms_kernel_flag(k, "HARDWARE_DEBUG_API") ||
	               ms_kernel_flag(k, "ARM_HYP_ENABLE_VCPU_CP14_SAVE_AND_RESTORE") || tracks
	           ? 12
	           : 11;
}

static int bits_of(const struct ms_kernel *k, const char *name)
{
	static const struct {
		const char *name;
		int bits;
	} fixed[] = {
	    {"Untyped", 4},    {"UntypedMax", 47},  {"Endpoint", 4},  {"CNode", 5},
	    {"Reply", 5},      {"SchedContext", 7}, {"HugePage", 30}, {"SmallPage", 12},
	    {"LargePage", 21}, {"PageTable", 12},   {"VCPU", 12},     {"ASIDPool", 12},
	};

	if (strcmp(name, "TCB") == 0)
		return tcb_bits(k);
	if (strcmp(name, "Notification") == 0)
		return k->mcs ? 6 : 5;
	if (strcmp(name, "VSpace") == 0) /* three levels: the root is two tables in a row */
		return k->hypervisor && k->pa_bits == 40 ? 13 : 12;
	for (size_t i = 0; i < COUNT(fixed); i++)
		if (strcmp(name, fixed[i].name) == 0)
			return fixed[i].bits;
	return 0;
}

/* The row called name, or without one the i-th of those that there are under the conditions.
 * kernel: whose sizes the numbers are, in a table of sizes. */
static const struct ms_kernel_row *seek(const struct ms_kernel *kernel, uint32_t have,
                                        enum ms_kernel_table table, const char *name, size_t i,
                                        int *number)
{
	const struct ms_kernel_rows *t = ms_kernel_rows(table);
	int next = t->first;

	for (size_t r = 0; r < t->count; r++) {
		const struct ms_kernel_row *row = &t->rows[r];

		if ((have & row->slot) != row->slot || (have & row->slot_not))
			continue;
		if ((have & row->need) == row->need &&
		    (name ? strcmp(row->name, name) == 0 : i-- == 0)) {
			*number = t->step ? next : bits_of(kernel, row->name);
			return row;
		}
		next += t->step;
	}
	return NULL;
}

const struct ms_kernel_row *ms_kernel_row(const struct ms_kernel *kernel,
                                          enum ms_kernel_table table, size_t i, int *number)
{
	return seek(kernel, kernel->conditions, table, NULL, i, number);
}

bool ms_kernel_find(const struct ms_kernel *kernel, enum ms_kernel_table table, const char *name,
                    int *number)
{
	return seek(kernel, kernel->conditions, table, name, 0, number) != NULL;
}

/* Types that other conditions add come last. */
static const struct ms_kernel_row *seek_object(bool mcs, bool hypervisor, const char *name,
                                               size_t i, int *number)
{
	const uint32_t have = (mcs ? F_MCS : 0) | (hypervisor ? F_HYP : 0);

	return seek(NULL, have, MS_KERNEL_OBJECTS, name, i, number);
}

const char *ms_kernel_object_name(bool mcs, bool hypervisor, uint32_t number)
{
	const struct ms_kernel_row *row;
	int found;

	row = seek_object(mcs, hypervisor, NULL, number, &found);
	return row ? row->name : NULL;
}

int ms_kernel_object_number(bool mcs, bool hypervisor, const char *name)
{
	int number;

	return seek_object(mcs, hypervisor, name, 0, &number) ? number : -1;
}
