/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mutate.h - changes that keep an input's form, so that it gets past the first check: of a text
 * its words and groups, of a binary file its fields. A target calls one of them from
 * LLVMFuzzerCustomMutator; every other change is the fuzzer's own.
 */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);

/* JSON, TOML, XML: words, numbers, strings, groups in brackets, lines. */
size_t fuzz_mutate_text(uint8_t *data, size_t size, size_t room, unsigned seed);

enum fuzz_order {
	FUZZ_LITTLE, /* ELF, tables */
	FUZZ_BIG,    /* device trees */
	FUZZ_HEX     /* eight digits of text: newc */
};

/* Binary files whose numbers are offsets, sizes, counts and addresses. */
size_t fuzz_mutate_fields(uint8_t *data, size_t size, size_t room, unsigned seed,
                          enum fuzz_order order);

#endif
