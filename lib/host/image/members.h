/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * members.h - what goes into a system's archive, and in which order.
 */
#ifndef MS_IMAGE_MEMBERS_H
#define MS_IMAGE_MEMBERS_H

#include "base/toolkit.h"
#include "image/archive.h"
#include "layout/kernel.h"
#include "spec/model.h"
#include <jansson.h>

/*
 * The members of the system in plan (a checked ms-plan/1 document with "artifacts"; spec is its
 * system): kernel.elf, kernel.dtb where there is one, rootserver (the first PD), NAME.elf for
 * every further PD, and under its region's name each prefill. ELF files are reduced to what is
 * loaded; artifacts must be what the document says, prefills must fit their regions.
 *
 * Returns MS_EXIT_OK with *members and *count set, else MS_EXIT_INPUT or MS_EXIT_SYSTEM after
 * every independent fault has been reported.
 */
int ms_members(const json_t *plan, const struct ms_spec *spec, const struct ms_places *places,
               const struct ms_kernel *kernel, struct ms_member **members, size_t *count);

#endif
