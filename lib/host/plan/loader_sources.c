/* SPDX-License-Identifier: BSD-2-Clause */
/* loader_sources.c - the tables of loader_sources.h. */
#include "plan/loader_sources.h"

#include <stddef.h>

const char *const ms_board_compile_flags[] = {
    "-std=c11",
    "-O2",
    "-march=armv8-a",
    "-mgeneral-regs-only", /* the loader's and the kernel's FP registers are nobody's */
    "-mstrict-align",      /* code also runs with the MMU off: all memory is Device then */
    "-mno-outline-atomics",
    "-ffreestanding",
    "-fno-stack-protector",
    "-fno-pic",
    "-fno-pie",
    "-fno-common",
    "-fno-asynchronous-unwind-tables",
    "-fno-tree-loop-distribute-patterns",
    "-Wall",
    "-Wextra",
    "-Wshadow",
    "-ffile-prefix-map=@toolkit=toolkit",
    "-I",
    "@toolkit",
    "-I",
    "@toolkit/board/rt/include", /* string.h: no C library for the board is needed */
    NULL};

const char *const ms_board_link_flags[] = {"-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none",
                                           "-Wl,--fatal-warnings", "-Wl,--orphan-handling=error",
                                           "-Wl,-z,max-page-size=4096", "-Wl,-z,norelro",
                                           /* the probe kernel is one segment, as seL4 is */
                                           "-Wl,--no-warn-rwx-segments", NULL};

const char *const ms_loader_sources[] = {"board/boot/start.S",
                                         "board/boot/efi.c",
                                         "board/boot/secure.c",
                                         "board/boot/main.c",
                                         "board/boot/platform.c",
                                         "board/boot/console.c",
                                         "board/boot/mmu.c",
                                         "board/boot/verify.c",
                                         "board/boot/place.c",
                                         "board/boot/cores.c",
                                         "board/rt/memory.S",
                                         "board/rt/machine.S",
                                         "board/rt/sha2.S",
                                         "board/rt/psci.c",
                                         "board/rt/uart.c",
                                         "board/rt/print.c",
                                         "board/rt/string.c",
                                         "both/newc.c",
                                         "both/elf64.c",
                                         "both/fdt.c",
                                         "both/sha256.c",
                                         "both/handoff.c",
                                         NULL};

const char *const ms_probe_sources[] = {
    "board/probe/start.S", "board/probe/main.c", "board/probe/check.c", "board/probe/user.c",
    "board/rt/memory.S",   "board/rt/machine.S", "board/rt/psci.c",     "board/rt/uart.c",
    "board/rt/print.c",    "board/rt/string.c",  "both/fdt.c",          NULL};

const char *const ms_root_sources[] = {"board/root/start.S",
                                       "board/root/main.c",
                                       "board/root/boot.c",
                                       "board/root/domains.c",
                                       "board/root/home.c",
                                       "board/root/objects.c",
                                       "board/root/frames.c",
                                       "board/root/threads.c",
                                       "board/root/monitor.c",
                                       "board/root/fault.c",
                                       "board/root/say.c",
                                       "board/root/kernel_calls.c",
                                       "board/rt/memory.S",
                                       "board/rt/string.c",
                                       "both/newc.c",
                                       "both/table.c",
                                       NULL};
const char *const ms_root_compile_flags[] = {"-I", "@toolkit/board/sel4", "-I", "@kernel/include",
                                             NULL};

const char *const ms_pd_sources[] = {"board/pd/start.S", "board/pd/loop.c",   "board/pd/absent.c",
                                     "board/pd/calls.c", "board/pd/memory.S", NULL};
const char *const ms_pd_compile_flags[] = {"-ffunction-sections",
                                           "-fdata-sections",
                                           "-I",
                                           "@toolkit/board/pd",
                                           "-I",
                                           "@toolkit/board/sel4",
                                           "-I",
                                           "@kernel/include",
                                           NULL};

/* Device trees are big-endian. */
const char *const ms_probe_dtb_flags[] = {"-mbig-endian", NULL};
const char *const ms_probe_dtb_objcopy[] = {"-O", "binary", "-j", ".dtb", NULL};

const char *const ms_probe_files[] = {"board/probe/gen_config.json",
                                      "board/probe/platform_gen.json", NULL};
