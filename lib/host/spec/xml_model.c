/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml_model.c - from the tree of an XML to the model. Each value is read as its attribute's row
 * (xml_schema.c) says and keeps its place, so that the rules of a spec point into the XML.
 */
#include "spec/xml.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* -- fields ------------------------------------------------------------------------------ */

/* A field that no attribute states. */
static void give(struct ms_node *node, const char *key, int64_t value, const struct ms_mark *at)
{
	const struct ms_spec_row *row = ms_xml_row(node->table, key);

	ms_set_number(node, row, value);
	node->marks[row - node->table->rows] = *at;
}

static void give_string(struct ms_node *node, const char *key, const char *value,
                        const struct ms_mark *at)
{
	const struct ms_spec_row *row = ms_xml_row(node->table, key);

	ms_set_string(node, row, value);
	node->marks[row - node->table->rows] = *at;
}

/* -- elements and attributes ------------------------------------------------------------- */

/* Returns the attribute that it was to be, or NULL. */
static const char *unknown_attribute(struct ms_xml_reader *r, const struct ms_xml_node *x,
                                     const struct ms_xml_attr *attr, bool nested)
{
	const struct ms_xml_element *element = x->element;
	struct ms_list names = {0};
	const char *near;

	for (size_t i = 0; i < element->count; i++) {
		if ((element->attributes[i].flags & MS_XML_NESTED) &&
		    strcmp(element->attributes[i].name, attr->name) == 0) {
			ms_xml_fault(r->faults, MS_XML_UNKNOWN_ATTRIBUTE, &attr->name_at,
			             "<%s> has '%s' only inside another one", x->name, attr->name);
			return NULL;
		}
		if (nested || !(element->attributes[i].flags & MS_XML_NESTED))
			ms_list_add(&names, element->attributes[i].name);
	}
	near = ms_nearest(ms_clip(attr->name), names.items, names.count);
	ms_xml_fault(r->faults, MS_XML_UNKNOWN_ATTRIBUTE, &attr->name_at,
	             "<%s> has no attribute '%s'%s", x->name, ms_clip(attr->name),
	             near ? ms_format("; did you mean '%s'?", near) : "");
	return near;
}

static const struct ms_xml_attribute *find_attribute(const struct ms_xml_element *element,
                                                     const char *name, bool nested)
{
	for (size_t i = 0; i < element->count; i++) {
		if (strcmp(element->attributes[i].name, name) == 0 &&
		    (nested || !(element->attributes[i].flags & MS_XML_NESTED)))
			return &element->attributes[i];
	}
	return NULL;
}

static void check_id(struct ms_xml_reader *r, const struct ms_xml_attribute *a,
                     const struct ms_xml_attr *attr, struct ms_node *node, const char *key)
{
	const struct ms_spec_row *row = ms_xml_row(node->table, key);
	struct ms_mark *mark = &node->marks[row - node->table->rows];

	if (!(a->flags & MS_XML_ID) || mark->unread || ms_get_number(node, row) < MS_PD_CALLED_IDS)
		return;
	ms_xml_fault(r->faults, MS_XML_ID_RANGE, &attr->value_at, "%s=\"%s\": ids are 0 to %d",
	             attr->name, ms_clip(attr->value), MS_PD_CALLED_IDS - 1);
	ms_break_rule(node, row->rule);
	mark->unread = 1;
}

/* Says what required attributes are missing, and keeps the rules from their fields. Nothing is to
 * be said of those that are there misspelt. */
static void check_required(struct ms_xml_reader *r, const struct ms_xml_node *x,
                           struct ms_node *node, bool nested, const struct ms_list *misspelt)
{
	for (size_t i = 0; i < x->element->count; i++) {
		const struct ms_xml_attribute *a = &x->element->attributes[i];

		if (!(a->flags & MS_XML_REQUIRED) || (!nested && (a->flags & MS_XML_NESTED)) ||
		    ms_xml_find(x, a->name))
			continue;
		if (!ms_list_has(misspelt, a->name))
			ms_xml_fault(r->faults, MS_XML_MISSING_ATTRIBUTE, &x->at,
			             "<%s> has no '%s'", x->name, a->name);
		if (node && a->key)
			ms_break_rule(node, ms_xml_row(node->table, a->key)->rule);
	}
}

/* Reads all attributes of x that have a key into node. */
static void take_attributes(struct ms_xml_reader *r, const struct ms_xml_node *x,
                            struct ms_node *node, bool nested)
{
	struct ms_list misspelt = {0};

	for (size_t i = 0; i < x->attr_count; i++) {
		struct ms_xml_attr *attr = &x->attrs[i];
		const struct ms_xml_attribute *a = find_attribute(x->element, attr->name, nested);

		if (!a) {
			const char *meant = unknown_attribute(r, x, attr, nested);

			if (meant)
				ms_list_add(&misspelt, meant);
		} else if (a->key && node) {
			ms_xml_take(r, node, a->key, a->form, attr);
			check_id(r, a, attr, node, a->key);
		}
	}
	check_required(r, x, node, nested, &misspelt);
}

static void refuse_element(struct ms_xml_reader *r, const struct ms_xml_node *x,
                           const struct ms_xml_node *parent, const char *const *children)
{
	size_t count = 0;
	const char *near;

	if (strcmp(x->name, "virtual_machine") == 0) {
		ms_xml_fault(r->faults, MS_XML_UNKNOWN_ELEMENT, &x->at,
		             "<virtual_machine> stands in the <protection_domain> that is its "
		             "monitor, not in <%s>",
		             parent->name);
		return;
	}
	while (children[count])
		count++;
	near = ms_nearest(ms_clip(x->name), children, count);
	ms_xml_fault(r->faults, MS_XML_UNKNOWN_ELEMENT, &x->at, "<%s> has no element <%s>%s",
	             parent->name, ms_clip(x->name),
	             near ? ms_format("; did you mean <%s>?", near) : "");
}

/* True for a child that the element of its parent can have. */
static bool is_known(struct ms_xml_reader *r, const struct ms_xml_node *parent,
                     const struct ms_xml_node *x)
{
	const char *const *children = parent->element->children;

	for (size_t i = 0; children[i]; i++) {
		if (strcmp(children[i], x->name) == 0)
			return true;
	}
	refuse_element(r, x, parent, children);
	return false;
}

static void no_children(struct ms_xml_reader *r, const struct ms_xml_node *x)
{
	for (const struct ms_xml_node *child = x->children; child; child = child->next)
		refuse_element(r, child, x, x->element->children);
}

/* A new item of the collection, for x. */
static void *add(struct ms_xml_node *x, const struct ms_xml_element *element, void *collection)
{
	struct ms_node *node = ms_items_add(collection, element->table, true);

	x->element = element;
	node->at = x->at;
	return node;
}

/* The same for an element without children: its attributes are all there is of it. */
static void *add_leaf(struct ms_xml_reader *r, struct ms_xml_node *x,
                      const struct ms_xml_element *element, void *collection)
{
	void *item = add(x, element, collection);

	take_attributes(r, x, item, false);
	no_children(r, x);
	return item;
}

static bool refuse_repeated(struct ms_xml_reader *r, const struct ms_xml_node *x,
                            const struct ms_xml_node *parent, const struct ms_xml_node **first)
{
	if (!*first) {
		*first = x;
		return false;
	}
	ms_xml_fault(r->faults, MS_XML_REPEATED_ELEMENT, &x->at, "<%s> has more than one <%s>",
	             parent->name, x->name);
	return true;
}

static bool is(const struct ms_xml_node *x, const char *name)
{
	return strcmp(x->name, name) == 0;
}

/* -- parts of a protection domain -------------------------------------------------------- */

static void read_program(struct ms_xml_reader *r, struct ms_xml_node *x, struct ms_pd *pd)
{
	x->element = &ms_xml_program_image;
	take_attributes(r, x, &pd->node, false);
	no_children(r, x);
	for (size_t i = 0; i < x->attr_count; i++) {
		const struct ms_xml_attr *attr = &x->attrs[i];

		if (!find_attribute(x->element, attr->name, false) ||
		    ms_ends_with(attr->value, ".elf"))
			continue;
		ms_xml_fault(r->faults, MS_XML_PROGRAM, &attr->value_at,
		             "%s=\"%s\": a linked program's name ends in .elf here", attr->name,
		             ms_clip(attr->value));
		if (strcmp(attr->name, "path") == 0) {
			ms_break_rule(&pd->node, MS_RULE_PD_BINARY);
			continue;
		}
		pd->symbols_from = NULL;
	}
}

/* Read and write is what a map may do that says nothing. */
static void read_map(struct ms_xml_reader *r, struct ms_xml_node *x,
                     const struct ms_xml_element *element, struct ms_maps *maps)
{
	struct ms_map *map = add_leaf(r, x, element, maps);

	if (!ms_xml_find(x, "perms"))
		give(&map->node, "permissions", MS_READ | MS_WRITE, &x->at);
	if (!ms_xml_find(x, "cached"))
		give(&map->node, "cached", 1, &x->at);
}

static void read_irq(struct ms_xml_reader *r, struct ms_xml_node *x, const struct ms_pd *pd)
{
	struct ms_irq *irq;

	for (size_t i = 0; i < x->attr_count; i++) {
		const struct ms_xml_attribute *a =
		    find_attribute(&ms_xml_irq, x->attrs[i].name, false);

		if (a && (a->flags & MS_XML_X86)) {
			ms_xml_fault(
			    r->faults, MS_XML_OTHER_ARCHITECTURE, &x->attrs[i].name_at,
			    "<irq> with '%s' is an interrupt of x86; on AArch64 it has 'irq'",
			    a->name);
			return;
		}
	}
	irq = add_leaf(r, x, &ms_xml_irq, &r->spec->irqs);
	if (pd->name)
		give_string(&irq->node, "target_pd", pd->name, &x->at);
	else
		ms_break_rule(&irq->node, MS_RULE_IRQ_TARGET);
	if (ms_xml_find(x, "irq"))
		return;
	ms_xml_fault(r->faults, MS_XML_MISSING_ATTRIBUTE, &x->at, "<irq> has no 'irq'");
	ms_break_rule(&irq->node, MS_RULE_IRQ_NUMBER);
}

static void read_cspace(struct ms_xml_reader *r, struct ms_xml_node *x, struct ms_pd *pd)
{
	x->element = &ms_xml_cspace;
	take_attributes(r, x, NULL, false);
	for (struct ms_xml_node *child = x->children; child; child = child->next) {
		struct ms_cap *cap;

		if (!is_known(r, x, child))
			continue;
		cap = add_leaf(r, child, &ms_xml_cap, &pd->caps);
		for (int kind = 0; ms_xml_cspace.children[kind]; kind++) {
			if (is(child, ms_xml_cspace.children[kind]))
				give(&cap->node, "kind", kind, &child->at);
		}
	}
}

static void read_vm(struct ms_xml_reader *r, struct ms_xml_node *x, const struct ms_pd *pd)
{
	struct ms_vm *vm = add(x, &ms_xml_vm, &r->spec->vms);

	take_attributes(r, x, &vm->node, false);
	if (pd->name)
		give_string(&vm->node, "parent", pd->name, &x->at);
	else
		ms_break_rule(&vm->node, MS_RULE_VM_PARENT);
	for (struct ms_xml_node *child = x->children; child; child = child->next) {
		if (!is_known(r, x, child))
			continue;
		if (is(child, "vcpu"))
			add_leaf(r, child, &ms_xml_vcpu, &vm->vcpus);
		else
			read_map(r, child, &ms_xml_vm_map, &vm->maps);
	}
	if (vm->vcpus.count == 0) {
		ms_xml_fault(r->faults, MS_XML_MISSING_ELEMENT, &x->at,
		             "<virtual_machine> has no <vcpu>");
		ms_break_rule(&vm->node, MS_RULE_VCPU_COUNT);
	}
}

/* -- protection domains ------------------------------------------------------------------ */

/* What stands once in a protection domain. */
struct once {
	const struct ms_xml_node *program, *vm, *cspace;
};

static void read_part(struct ms_xml_reader *r, struct ms_xml_node *x, struct ms_xml_node *parent,
                      struct ms_pd *pd, struct once *once)
{
	if (is(x, "program_image") && !refuse_repeated(r, x, parent, &once->program))
		read_program(r, x, pd);
	else if (is(x, "map"))
		read_map(r, x, &ms_xml_map, &pd->maps);
	else if (is(x, "irq"))
		read_irq(r, x, pd);
	else if (is(x, "setvar"))
		add_leaf(r, x, &ms_xml_setvar, &pd->setvars);
	else if (is(x, "cspace") && !refuse_repeated(r, x, parent, &once->cspace))
		read_cspace(r, x, pd);
	else if (is(x, "virtual_machine") && !refuse_repeated(r, x, parent, &once->vm))
		read_vm(r, x, pd);
	else if (is(x, "ioport"))
		ms_xml_fault(r->faults, MS_XML_OTHER_ARCHITECTURE, &x->at,
		             "<ioport> is of x86; AArch64 has no I/O ports");
}

static void check_pd_name(struct ms_xml_reader *r, const struct ms_xml_node *x)
{
	const struct ms_xml_attr *name = ms_xml_find(x, "name");

	if (name && strcmp(name->value, "monitor") == 0)
		ms_xml_fault(r->faults, MS_XML_RESERVED_NAME, &name->value_at,
		             "a protection domain cannot be called 'monitor': that is "
		             "Microkit's own");
}

/* A parent comes before its children, and these after all that is its own. */
static void read_pd(struct ms_xml_reader *r, struct ms_xml_node *x, const char *parent, bool nested)
{
	struct ms_pd *pd = add(x, &ms_xml_pd, &r->spec->pds);
	struct once once = {0};
	const char *name;

	take_attributes(r, x, &pd->node, nested);
	check_pd_name(r, x);
	if (!ms_xml_find(x, "stack_size"))
		give(&pd->node, "stack_bytes", MS_XML_STACK, &x->at);
	if (parent)
		give_string(&pd->node, "parent", parent, &x->at);
	else if (nested)
		ms_break_rule(&pd->node, MS_RULE_PD_PARENT);
	for (struct ms_xml_node *child = x->children; child; child = child->next) {
		if (is_known(r, x, child))
			read_part(r, child, x, pd, &once);
	}
	if (!once.program) {
		ms_xml_fault(r->faults, MS_XML_MISSING_ELEMENT, &x->at,
		             "<protection_domain> has no <program_image>");
		ms_break_rule(&pd->node, MS_RULE_PD_BINARY);
	}
	name = pd->name;
	for (struct ms_xml_node *child = x->children; child; child = child->next) {
		if (is(child, "protection_domain"))
			read_pd(r, child, name, true);
	}
}

/* -- memory regions ---------------------------------------------------------------------- */

static void read_region(struct ms_xml_reader *r, struct ms_xml_node *x)
{
	void *items = r->regions.items;

	add_leaf(r, x, &ms_xml_region, &r->spec->regions);
	ms_reserve(&items, &r->regions.cap, r->regions.count + 1, sizeof(struct ms_xml_node *));
	r->regions.items = items;
	r->regions.items[r->regions.count++] = x;
}

static int by_name(const void *a, const void *b)
{
	const struct ms_region *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	if (order == 0)
		order = (*x)->node.index < (*y)->node.index ? -1 : 1;
	return order;
}

static int against_name(const void *name, const void *b)
{
	const struct ms_region *const *y = b;

	return strcmp(name, (*y)->name);
}

static void add_permissions(struct ms_region **sorted, size_t count, const struct ms_maps *maps)
{
	for (size_t i = 0; i < maps->count && count; i++) {
		const struct ms_map *map = &maps->items[i];
		struct ms_region **found =
		    map->region ? bsearch(map->region, sorted, count, sizeof(*sorted), against_name)
		                : NULL;

		if (found && !ms_broke_rule(&map->node, MS_RULE_MAP_PERMISSIONS))
			(*found)->permissions |= map->permissions;
	}
}

/* In an XML maps alone have permissions: a region's are what they have together, or, of one that
 * nobody maps, what a map would have. */
static void complete_regions(struct ms_xml_reader *r)
{
	struct ms_spec *spec = r->spec;
	struct ms_region **sorted = ms_alloc(spec->regions.count + 1, sizeof(*sorted));
	size_t count = 0;

	for (size_t i = 0; i < spec->regions.count; i++) {
		if (spec->regions.items[i].name)
			sorted[count++] = &spec->regions.items[i];
	}
	qsort(sorted, count, sizeof(*sorted), by_name);
	for (size_t i = 0; i < spec->pds.count; i++)
		add_permissions(sorted, count, &spec->pds.items[i].maps);
	for (size_t i = 0; i < spec->vms.count; i++)
		add_permissions(sorted, count, &spec->vms.items[i].maps);
	for (size_t i = 0; i < spec->regions.count; i++) {
		struct ms_region *region = &spec->regions.items[i];

		/* A map that can only write breaks a rule itself. */
		if (!region->permissions || (region->permissions & MS_WRITE))
			region->permissions |= MS_READ | MS_WRITE;
		r->regions.items[i]->permissions = region->permissions;
	}
	free(sorted);
}

/* -- channels ---------------------------------------------------------------------------- */

/* How many channels there are between the two ends of this one, itself included. */
static size_t count_same(const struct ms_xml_reader *r, const struct ms_channel *ch)
{
	size_t count = 1;

	for (const struct ms_channel *other = r->spec->channels.items; other < ch; other++)
		count += other->end_a && other->end_b && strcmp(other->end_a, ch->end_a) == 0 &&
		         strcmp(other->end_b, ch->end_b) == 0;
	return count;
}

/* Channels have no names there: "a-b" between these two, "a-b-2" the next. */
static const char *channel_name(struct ms_xml_reader *r, const struct ms_channel *ch)
{
	const char *ends = ch->end_a && ch->end_b ? ms_format("%s-%s", ch->end_a, ch->end_b) : "";
	const char *name = ends;
	size_t number = 1;

	/* More than can be are not looked through. */
	if (ms_name_fault(ends) || ch->node.index >= MS_CHANNEL_MAX) {
		ends = ms_format("channel-%zu", ch->node.index + 1);
		name = ends;
	} else if ((number = count_same(r, ch)) > 1) {
		name = ms_format("%.*s-%zu", MS_NAME_MAX - 6, ends, number);
	}
	while (ch->node.index < MS_CHANNEL_MAX && ms_list_has(&r->channel_names, name))
		name = ms_format("%.*s-%zu", MS_NAME_MAX - 6, ends, ++number);
	ms_list_add(&r->channel_names, name);
	return name;
}

static void read_end(struct ms_xml_reader *r, struct ms_xml_node *x, struct ms_channel *ch, bool b,
                     bool *calls)
{
	static const struct {
		const char *name, *keys[2];
	} attributes[] = {
	    {"pd", {"end_a", "end_b"}},
	    {"id", {"id_a", "id_b"}},
	    {"notify", {"notify_a", "notify_b"}},
	    {"setvar_id", {"setvar_id_a", "setvar_id_b"}},
	};
	struct ms_xml_attr *attr;
	int64_t value = 0;

	x->element = &ms_xml_end;
	take_attributes(r, x, NULL, false);
	no_children(r, x);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		const struct ms_xml_attribute *a =
		    find_attribute(&ms_xml_end, attributes[i].name, false);
		const char *key = attributes[i].keys[b];

		attr = ms_xml_find(x, a->name);
		if (attr) {
			ms_xml_take(r, &ch->node, key, a->form, attr);
			check_id(r, a, attr, &ch->node, key);
		} else if (a->flags & MS_XML_REQUIRED) {
			ms_break_rule(&ch->node, ms_xml_row(ch->node.table, key)->rule);
		} else if (a->form == MS_XML_BOOL) {
			give(&ch->node, key, 1, &x->at);
		}
	}
	attr = ms_xml_find(x, "pp");
	if (attr && !ms_xml_take_bool(r, attr, &value))
		ms_break_rule(&ch->node, MS_RULE_CHANNEL_KIND);
	*calls = value != 0;
}

static void read_channel(struct ms_xml_reader *r, struct ms_xml_node *x)
{
	struct ms_xml_node *ends[2] = {NULL};
	struct ms_channel *ch;
	bool calls[2];
	size_t count = 0;

	x->element = &ms_xml_channel;
	take_attributes(r, x, NULL, false);
	for (struct ms_xml_node *child = x->children; child; child = child->next) {
		if (!is_known(r, x, child))
			continue;
		if (count < 2)
			ends[count] = child;
		count++;
	}
	if (count != 2) {
		ms_xml_fault(r->faults, MS_XML_CHANNEL_ENDS, &x->at,
		             "<channel> has %s <end>; it has two", ms_count_text(count, "element"));
		return;
	}
	ch = add(x, &ms_xml_channel, &r->spec->channels);
	read_end(r, ends[0], ch, false, &calls[0]);
	read_end(r, ends[1], ch, true, &calls[1]);
	if (calls[0] && calls[1])
		ms_xml_fault(r->faults, MS_XML_CHANNEL_ENDS, &x->at,
		             "both ends of <channel> have pp=\"true\"; one of them can call");
	x->made = channel_name(r, ch);
	x->caller = calls[0] ? MS_END_A : calls[1] ? MS_END_B : MS_END_NONE;
	give_string(&ch->node, "name", x->made, &x->at);
	give(&ch->node, "kind", x->caller == MS_END_NONE ? MS_CHANNEL_NOTIFICATION : MS_CHANNEL_PPC,
	     &x->at);
	if (x->caller != MS_END_NONE)
		give(&ch->node, "caller", x->caller, &ms_xml_find(ends[x->caller], "pp")->value_at);
}

/* -- domains ----------------------------------------------------------------------------- */

/* "N us" or "N ticks". */
static bool take_duration(struct ms_xml_reader *r, struct ms_schedule_entry *entry,
                          const struct ms_xml_attr *attr)
{
	const char *space = strchr(attr->value, ' ');
	struct ms_xml_attr number = *attr, unit = *attr;
	uint64_t duration;
	int64_t word;

	if (!space)
		return ms_xml_wrong_value(r, attr, "it takes a number, a space and us or ticks");
	number.value = ms_strndup(attr->value, (size_t)(space - attr->value));
	unit.value = space + 1;
	if (!ms_xml_take_number(r, &number, false, &duration) ||
	    !ms_xml_take_word(r, &unit, ms_xml_row(entry->node.table, "unit")->doc.values, &word) ||
	    !ms_xml_set_number(r, &entry->node, ms_xml_row(entry->node.table, "duration"), attr,
	                       duration))
		return false;
	give(&entry->node, "duration", entry->duration, &attr->value_at);
	give(&entry->node, "unit", word, &attr->value_at);
	return true;
}

static void read_schedule(struct ms_xml_reader *r, struct ms_xml_node *x)
{
	struct ms_schedule *schedule = &r->spec->schedule;

	x->element = &ms_xml_schedule;
	schedule->node.at = x->at;
	take_attributes(r, x, &schedule->node, false);
	for (struct ms_xml_node *child = x->children; child; child = child->next) {
		struct ms_schedule_entry *entry;
		const struct ms_xml_attr *attr;

		if (!is_known(r, x, child))
			continue;
		if (is(child, "schedule_end_marker")) {
			entry = add_leaf(r, child, &ms_xml_end_marker, &schedule->entries);
			give(&entry->node, "end_marker", 1, &child->at);
			continue;
		}
		entry = add_leaf(r, child, &ms_xml_schedule_entry, &schedule->entries);
		attr = ms_xml_find(child, "duration");
		if (!attr || !take_duration(r, entry, attr))
			ms_break_rule(&entry->node, MS_RULE_SCHEDULE_DURATION);
	}
}

static void read_domains(struct ms_xml_reader *r, struct ms_xml_node *x)
{
	const struct ms_xml_node *schedule = NULL;

	x->element = &ms_xml_domains;
	take_attributes(r, x, NULL, false);
	for (struct ms_xml_node *child = x->children; child; child = child->next) {
		if (!is_known(r, x, child))
			continue;
		if (is(child, "domain"))
			add_leaf(r, child, &ms_xml_domain, &r->spec->domains);
		else if (!refuse_repeated(r, child, x, &schedule))
			read_schedule(r, child);
	}
	if (!schedule) {
		ms_xml_fault(r->faults, MS_XML_MISSING_ELEMENT, &x->at,
		             "<domains> has no <domain_schedule>");
		ms_break_rule(&r->spec->node, MS_RULE_SCHEDULE_COUNT);
	}
}

/* -- the whole --------------------------------------------------------------------------- */

void ms_xml_model(struct ms_xml_node *root, struct ms_spec *spec, struct ms_xml_faults *faults,
                  const char *const *search_paths)
{
	struct ms_xml_reader r = {.spec = spec, .faults = faults, .search_paths = search_paths};
	const struct ms_xml_node *domains = NULL;

	if (!is(root, "system")) {
		ms_xml_fault(faults, MS_XML_ROOT, &root->at,
		             "the root element is <%s>, not <system>", ms_clip(root->name));
		return;
	}
	root->element = &ms_xml_system;
	give(&spec->build.node, "root_task", MS_ROOT_SYSTEM, &root->at);
	take_attributes(&r, root, NULL, false);
	for (struct ms_xml_node *x = root->children; x; x = x->next) {
		if (!is_known(&r, root, x)) {
			continue;
		} else if (is(x, "protection_domain")) {
			read_pd(&r, x, NULL, false);
		} else if (is(x, "memory_region")) {
			read_region(&r, x);
		} else if (is(x, "channel")) {
			read_channel(&r, x);
		} else if (is(x, "io_address_space")) {
			ms_xml_fault(faults, MS_XML_OTHER_ARCHITECTURE, &x->at,
			             "<io_address_space> is of x86 with an IOMMU");
		} else if (!refuse_repeated(&r, x, root, &domains)) {
			read_domains(&r, x);
		}
	}
	complete_regions(&r);
}
