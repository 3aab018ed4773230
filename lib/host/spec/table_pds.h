/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table_pds.h - the rows of what runs, as members of the whole.
 */
#ifndef MS_SPEC_TABLE_PDS_H
#define MS_SPEC_TABLE_PDS_H

#include "base/doc.h"

/* A protection domain, a virtual machine, a permission of a map or of a memory region. */
extern const struct ms_field ms_pd_item, ms_vm_item, ms_permission_item;

#endif
