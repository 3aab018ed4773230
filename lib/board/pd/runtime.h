/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runtime.h - what the files of the runtime share among themselves.
 */
#ifndef PD_RUNTIME_H
#define PD_RUNTIME_H

#include <microkit.h>

enum { PD_SLOT_INPUT = 1, PD_SLOT_REPLY = 4 };

/* Where it lies in every protection domain: the last page of user space. */
#define PD_IPC_BUFFER seL4_GetIPCBuffer()

/* Puts an operation without words off until the next receive. */
void pd_defer(seL4_CPtr cap, seL4_Word label);

/* Lets an interrupt of this protection domain come again. */
void pd_ack(microkit_channel ch);

#endif
