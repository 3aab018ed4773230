/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * layout.h - the decision about a whole system: every kernel object, address space, capability
 * and thread, with slots and addresses; as the document "layout" (ms-layout(5)) and as the table
 * that the root task carries out (both/table.h). Each of the two gives the other back exactly.
 */
#ifndef MS_LAYOUT_LAYOUT_H
#define MS_LAYOUT_LAYOUT_H

#include "base/doc.h"
#include "layout/kernel.h"
#include "layout/members.h"
#include "spec/model.h"

#include <stddef.h>
#include <stdint.h>

/* Where ms-layout leaves the table, as a plan's path. */
#define MS_LAYOUT_TABLE "build/system.table"
/* What stands in the place of a member's name before an offset in BootInfo's device tree. */
#define MS_LAYOUT_TREE "bootinfo/fdt"

#define MS_LAYOUT_TABLE_MAX (64u << 20) /* bytes of a table */

/* What the relay (base/relay.h) knows of a layout: the table that it was made of. */
#define MS_LAYOUT_FACT "table"

/* The field "layout", for ms_plan_read: its contents are checked by ms_layout_encode. The lazy
 * one leaves a large layout raw (ms_doc_expand), for who needs its table, or only to compare. */
extern const struct ms_field ms_layout_field;
extern const struct ms_field ms_layout_lazy_field;

/*
 * Decides. members: of the system, without the bytes of its table, which this fills in. Returns
 * the document "layout" as a raw value (ms_doc_expand), or NULL after every independent fault has
 * been reported.
 */
json_t *ms_layout_make(const struct ms_spec *spec, const struct ms_kernel *kernel,
                       struct ms_members *members);

/* The document of a PD that is the root task itself: {"root_task":"pd"}. */
json_t *ms_layout_none(void);

/* True when a document "layout" (of whatever shape) says that the system has our root task. */
int ms_layout_is_system(const json_t *layout);

/* Adds the canonical text of a table's document; false after reporting that it is no table. name:
 * for messages. */
bool ms_layout_text(const char *name, const void *table, size_t len, struct ms_buf *out);

/* The document of a table; NULL after reporting that it is none. name: for messages. */
json_t *ms_layout_decode(const char *name, const void *table, size_t len);

/* The table of a document, which must be the one whose digest the document states. NULL after
 * reporting. name: of the document, for messages. */
uint8_t *ms_layout_encode(const char *name, const json_t *layout, size_t *len);

/* The table of the member "layout" of a document, as ms_layout_encode. The member is canonical
 * then, whether it is raw or not. */
uint8_t *ms_layout_packed(const char *name, json_t *document, size_t *len);

/* True when the member "layout" of a document is, to the last key, what ms_layout_decode makes of
 * the table; false after reporting. It is canonical then, whether it is raw or not. */
bool ms_layout_is(const char *name, json_t *document, const void *table, size_t len);

/* Whether a checked table was made for that kernel, by the first 8 bytes of its digest. */
bool ms_layout_is_for(const void *table, const struct ms_kernel *kernel);
uint64_t ms_layout_kernel_id(const struct ms_kernel *kernel);

/* Whether a table keeps what the spec asserts, judged by its capabilities and maps alone. False
 * after reporting each assertion that it breaks, or that it is no table. */
bool ms_layout_judge(const struct ms_spec *spec, const void *table, size_t len);

/* Who can do what to whom, as a table has it. A set of PDs is 64 bits, in the spec's order. */
struct ms_layout_relations {
	uint64_t calls[MS_PD_MAX];   /* whom a PD can call, */
	uint64_t signals[MS_PD_MAX]; /* whom it can signal, */
	uint64_t flows[MS_PD_MAX];   /* and whom it can tell anything, in one step */
	uint64_t *mappers, *writers; /* of each region */
};

/* Finds them; false after reporting that nothing can be said of this table. */
bool ms_layout_relations(const struct ms_spec *spec, const void *table, size_t len,
                         struct ms_layout_relations *relations);

/* A range of a checked table: of memory ("archive"), or of an archive member ("system.table").
 * False when there is none of that kind (enum table_range_kind) and name. */
bool ms_layout_range(const void *table, unsigned kind, const char *name,
                     struct ms_kernel_range *range);

/* What a person wants to see of a layout: memory map, each PD's address space and capabilities,
 * who can reach whom. layout: as ms_layout_decode made it. */
char *ms_layout_report(const json_t *layout);

/* The same as capDL text. layout: as for the report, of a system. */
char *ms_layout_cdl(const json_t *layout);

/* Radix of the largest work CNode: a million objects, or 4 GiB of small pages. Who looks at a table
 * has some memory for each slot, whatever the table's own length. */
#define MS_WORK_BITS_MAX 20

#endif
