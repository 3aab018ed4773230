/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * message.h - what seL4 passes between threads: the message info word, the IPC buffer, rights,
 * attributes and error codes. Pure data: also compiles on the host.
 */
#ifndef MS_MESSAGE_H
#define MS_MESSAGE_H

#include <stdint.h>

#define SEL4_MAX_MRS        120 /* words of a message */
#define SEL4_REGISTER_MRS   4   /* of them in registers, the rest in the IPC buffer */
#define SEL4_MAX_EXTRA_CAPS 3

/*
 * A thread's IPC buffer, 1,024 bytes and aligned to them. Without one a thread sends no more
 * than four words and no capability.
 */
struct sel4_ipc_buffer {
	uint64_t tag;
	uint64_t msg[SEL4_MAX_MRS];
	uint64_t user_data;
	uint64_t caps_or_badges[SEL4_MAX_EXTRA_CAPS]; /* out: CPtrs to send; in: badges */
	uint64_t receive_cnode;
	uint64_t receive_index;
	uint64_t receive_depth;
};
#define SEL4_IPC_BUFFER_SIZE 1024
_Static_assert(sizeof(struct sel4_ipc_buffer) == SEL4_IPC_BUFFER_SIZE, "IPC buffer");

/* A message as far as it travels in registers. */
struct sel4_message {
	uint64_t info;
	uint64_t mr[SEL4_REGISTER_MRS];
};

/* The message info word: length in bits 0-6, extra capabilities in 7-8, capabilities unwrapped
 * in 9-11 (received messages only), label from bit 12. */
static inline uint64_t sel4_info(uint64_t label, unsigned extra_caps, unsigned length)
{
	return label << 12 | (uint64_t)(extra_caps & 3) << 7 | (length & 0x7f);
}

static inline uint64_t sel4_info_label(uint64_t info)
{
	return info >> 12;
}

static inline unsigned sel4_info_unwrapped(uint64_t info)
{
	return (unsigned)(info >> 9) & 7;
}

static inline unsigned sel4_info_extra_caps(uint64_t info)
{
	return (unsigned)(info >> 7) & 3;
}

static inline unsigned sel4_info_length(uint64_t info)
{
	return (unsigned)info & 0x7f;
}

/* What an invocation answers, as the label of the reply. */
enum sel4_error {
	SEL4_NO_ERROR = 0,
	SEL4_INVALID_ARGUMENT = 1,   /* MR0: which argument */
	SEL4_INVALID_CAPABILITY = 2, /* MR0: which capability, 0 the invoked one */
	SEL4_ILLEGAL_OPERATION = 3,
	SEL4_RANGE_ERROR = 4, /* MR0, MR1: least and greatest value */
	SEL4_ALIGNMENT_ERROR = 5,
	SEL4_FAILED_LOOKUP = 6, /* MR0: 1 in the source; MR1: enum sel4_lookup; MR2: bits left */
	SEL4_TRUNCATED_MESSAGE = 7,
	SEL4_DELETE_FIRST = 8, /* the slot or entry is taken */
	SEL4_REVOKE_FIRST = 9,
	SEL4_NOT_ENOUGH_MEMORY = 10 /* MR0: bytes left */
};

/* Why a capability or a page-table slot was not found. */
enum sel4_lookup {
	SEL4_LOOKUP_INVALID_ROOT = 1,
	SEL4_LOOKUP_MISSING_CAP = 2,
	SEL4_LOOKUP_DEPTH_MISMATCH = 3,
	SEL4_LOOKUP_GUARD_MISMATCH = 4
};

/* Rights of a capability, when it is copied, minted or mapped. */
enum sel4_rights {
	SEL4_WRITE = 1, /* endpoint: send */
	SEL4_READ = 2,  /* endpoint: receive */
	SEL4_GRANT = 4,
	SEL4_GRANT_REPLY = 8,
	SEL4_ALL_RIGHTS = 15
};

/* How a page is mapped. Without SEL4_CACHED it is Device-nGnRnE: right for registers. */
enum sel4_attributes { SEL4_UNCACHED = 0, SEL4_CACHED = 1, SEL4_EXECUTE_NEVER = 4 };

#endif
