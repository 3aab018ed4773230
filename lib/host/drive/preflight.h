/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * preflight.h - what would end in silence, said before it does: a system of which nothing will be
 * seen, a machine that the kernel was not built for.
 *
 *   silent-system     the kernel cannot print and no domain has the serial port's registers
 *   machine-level     QEMU's machine has no EL2, and the kernel runs there
 *   machine-memory    QEMU's machine has less memory than the kernel was built for
 *   machine-cores     ... or fewer cores
 */
#ifndef MS_DRIVE_PREFLIGHT_H
#define MS_DRIVE_PREFLIGHT_H

#include "base/mem.h"
#include "drive/verbs.h"
#include <jansson.h>

/* Looks at a finished build; what is found is kept in its document, as "preflight", for
 * ms_preflight_say. */
void ms_preflight_look(const struct ms_built *built);

/* Warns of what was found. silenced: names of rules that nobody wants to hear of. */
void ms_preflight_say(const struct ms_built *built, const struct ms_list *silenced);

/* Compares the machine that QEMU's words describe with the kernel's record. Ends the program with 1
 * when the kernel cannot run there, unless that is silenced. */
void ms_preflight_machine(const json_t *record, const struct ms_list *argv,
                          const struct ms_list *silenced);

/* NULL, or what is wrong with the name of a rule to be silenced. */
const char *ms_preflight_fault(const char *rule);

#endif
