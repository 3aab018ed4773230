/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor.h - the verb doctor: is everything on this machine that a build needs, and does a boot
 * loader's device tree fit the kernel? Findings are collected, then printed as lines or as JSON.
 */
#ifndef MS_DRIVE_DOCTOR_H
#define MS_DRIVE_DOCTOR_H

#include "layout/kernel.h"
#include <stdbool.h>
#include <stddef.h>

enum ms_finding_state {
	MS_FINDING_OK,
	MS_FINDING_MISSING, /* it is not there */
	MS_FINDING_WRONG,   /* it is there and does not fit */
	MS_FINDING_NOTE     /* worth knowing, nothing to mend */
};

struct ms_finding {
	const char *name; /* what was looked at, one word */
	enum ms_finding_state state;
	bool needed;       /* without it the verdict is not good */
	const char *found; /* what there is, or what is wrong with it */
	const char *why;   /* what it is needed for; of a difference what it would do */
	const char *mend;  /* the command that mends it; NULL: none */
};

struct ms_findings {
	struct ms_finding *items;
	size_t count, cap;
};

void ms_findings_add(struct ms_findings *all, struct ms_finding one);

/* Compares the device tree in the file dtb with what the kernel was built for, and what it reserves
 * with where things lie in the image that the folder build holds, if that is of this kernel. Ends
 * the program with 1 when it is no device tree. */
void ms_doctor_tree(struct ms_findings *all, const struct ms_kernel *kernel, const char *build,
                    const char *dtb);

struct ms_doctor {
	const char *kernel; /* --kernel */
	const char *build;  /* -B */
	const char *dtb;    /* --dtb */
	bool json;
};

/* 0 when nothing that is needed is missing or wrong, else 1. */
int ms_verb_doctor(const struct ms_doctor *doctor);

#endif
