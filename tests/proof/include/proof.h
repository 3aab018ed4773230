/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proof.h - what the proofs put in the place of the compiler's own functions; included before
 * every file that is proved, by tests/proof/run.
 */
#ifndef PROOF_PROOF_H
#define PROOF_PROOF_H

#include <stddef.h>
#include <stdint.h>
/* Plain char is unsigned, as on AArch64: bytes and characters are of one type. */
#define char unsigned char
#include <string.h>

#define __builtin_assume_aligned(pointer, bytes) (pointer)

/* A word's bytes, fetched in one piece; a prover that sees memory as typed cells needs the two
 * ends said in their own types. */
#define __builtin_memcpy(to, from, size)                                                           \
	(*(to) = sizeof(*(to)) == 8 ? proof_fetch64(from, size) : proof_fetch32(from, size))

/*@ requires size == 8;
    requires \valid_read(from + (0 .. 7));
    assigns \result \from from[0 .. 7];
 */
uint64_t proof_fetch64(const uint8_t *from, size_t size);

/*@ requires size == 4;
    requires \valid_read(from + (0 .. 3));
    assigns \result \from from[0 .. 3];
 */
uint32_t proof_fetch32(const uint8_t *from, size_t size);

/*@ assigns \result \from value; */
uint32_t proof_swap32(uint32_t value);
#define __builtin_bswap32 proof_swap32

#endif
