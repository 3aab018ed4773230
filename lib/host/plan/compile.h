/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compile.h - what ms-compile does with a plan: the probe kernel where no other is at hand,
 * the protection domains, and a look at what came out.
 */
#ifndef MS_PLAN_COMPILE_H
#define MS_PLAN_COMPILE_H

#include "base/doc.h"
#include "plan/make.h"

/* The header made for the kernel at hand, as a plan path. */
#define MS_KERNEL_HEADER "@kernel/include/ms/kernel.h"

/* Builds the probe kernel into BUILD_DIR/probe, a flat kernel folder (moonshot-kernel(5)).
 * Returns the number of failed commands. */
unsigned ms_compile_probe(const struct ms_make *make);

/* Every input of the CompilePd and CompileRoot steps is a file of the project. Reports each that is
 * not: missing, or outside by way of a symbolic link. Returns their number. */
unsigned ms_compile_check_inputs(const struct ms_make *make, const json_t *plan);

/*
 * Carries out those steps and checks what came out; reports every failure. Returns the
 * artifacts for the document, or NULL. Writes BUILD_DIR/compile_commands.json in either case.
 */
json_t *ms_compile_pds(const struct ms_make *make, const json_t *plan);

/* Prints the commands that the two above would run. */
void ms_compile_print_probe(const struct ms_make *make);
void ms_compile_print_pds(const struct ms_make *make, const json_t *plan);

#endif
