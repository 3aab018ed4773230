/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * edge.c - compiled twice, linked before and behind the library: its static variables lie in
 * between, where host.c saves and restores them.
 */
#define PASTE(a, b, c) a##b##c
#define NAME(a, b, c)  PASTE(a, b, c)

extern char NAME(fuzz_, EDGE, _data)[64], NAME(fuzz_, EDGE, _bss)[64];

char NAME(fuzz_, EDGE, _data)[64] = {1};
char NAME(fuzz_, EDGE, _bss)[64];
