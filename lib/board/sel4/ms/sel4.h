/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sel4.h - seL4 for target code, on AArch64, whatever kernel build is at hand: all numbers come
 * from <ms/kernel.h>, which ms-compile makes from that build (moonshot-kernel(5)).
 *
 * Header only; needs no C library. What a kernel lacks is not declared, so that code which
 * needs it fails to compile instead of failing on the board:
 *   #ifdef MS_SYS_DEBUG_PUT_CHAR   or   #if MS_KERNEL_MCS
 */
#ifndef MS_SEL4_H
#define MS_SEL4_H

#include <ms/bootinfo.h>
#include <ms/fault.h>
#include <ms/invoke.h>
#include <ms/kernel.h>
#include <ms/message.h>
#include <ms/syscalls.h>

#endif
