/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * system.c - what kind of system a spec describes.
 */
#include "spec/document.h"

bool ms_spec_is_system(const struct ms_spec *spec)
{
	if (spec->build.root_task != MS_ROOT_AUTO)
		return spec->build.root_task == MS_ROOT_SYSTEM;
	return spec->pds.count > 1 || spec->channels.count || spec->regions.count ||
	       spec->irqs.count || spec->assertions.count;
}
