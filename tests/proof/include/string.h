/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * string.h - what the proofs assume of the C library: a contract for each function of
 * <string.h> that lib/both calls. Stands before the system's own in the include path of
 * tests/proof/run; nothing is compiled with it.
 */
#ifndef PROOF_STRING_H
#define PROOF_STRING_H

#include <stddef.h>
#include <stdint.h>

/*@ predicate ends_at{L}(uint8_t *s, integer n) =
      0 <= n && \valid_read(s + (0 .. n)) && \at(s[n], L) == 0;
    predicate ends{L}(uint8_t *s) =
      \exists integer n; 0 <= n && \valid_read(s + (0 .. n)) && \at(s[n], L) == 0;
 */

/*@ requires n > 0 ==> \valid_read(a + (0 .. n - 1));
    requires n > 0 ==> \valid_read(b + (0 .. n - 1));
    assigns \result \from (a)[0 .. n - 1], (b)[0 .. n - 1];
 */
int memcmp(const uint8_t *a, const uint8_t *b, size_t n);

/*@ requires n > 0 ==> \valid(to + (0 .. n - 1));
    requires n > 0 ==> \valid_read(from + (0 .. n - 1));
    requires \separated(to + (0 .. n - 1), from + (0 .. n - 1));
    assigns to[0 .. n - 1] \from from[0 .. n - 1];
    ensures \result == to;
 */
uint8_t *memcpy(uint8_t *to, const uint8_t *from, size_t n);

/*@ requires n > 0 ==> \valid(to + (0 .. n - 1));
    assigns to[0 .. n - 1] \from byte;
    ensures \result == to;
 */
uint8_t *memset(uint8_t *to, int byte, size_t n);

/*@ requires ends(s);
    assigns \result \from s[0 ..];
    ensures \valid_read(s + (0 .. \result)) && s[\result] == 0;
    ensures \forall integer i; 0 <= i < \result ==> s[i] != 0;
    ensures \result < 0x7fffffffffffffff;
 */
size_t strlen(const char *s);

/*@ requires ends(a);
    requires ends(b);
    assigns \result \from a[0 ..], b[0 ..];
 */
int strcmp(const char *a, const char *b);

/* When all n bytes agree and b has no NUL among them, a goes on behind them. */
/*@ requires ends(a) && (n > 0 ==> \valid_read(b + (0 .. n - 1)));
    assigns \result \from a[0 .. n - 1], b[0 .. n - 1];
    ensures \result == 0 && (\forall integer i; 0 <= i < n ==> b[i] != 0) ==>
            \valid_read(a + (0 .. n)) && \forall integer i; 0 <= i < n ==> a[i] == b[i];
 */
int strncmp(const char *a, const char *b, size_t n);

/*@ requires 0 <= byte <= 255;
    requires n > 0 ==> \valid_read(s + (0 .. n - 1));
    assigns \result \from s, s[0 .. n - 1];
    ensures \result == \null ==> \forall integer i; 0 <= i < n ==> s[i] != byte;
    ensures \result != \null ==>
            \exists integer i; 0 <= i < n && \result == s + i && s[i] == byte &&
            \forall integer j; 0 <= j < i ==> s[j] != byte;
 */
uint8_t *memchr(const uint8_t *s, int byte, size_t n);

#endif
