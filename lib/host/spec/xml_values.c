/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml_values.c - the value of an attribute becomes that of a field, as the attribute's row
 * (xml_schema.c) says.
 */
#include "spec/xml.h"

#include <string.h>

bool ms_xml_wrong_value(struct ms_xml_reader *r, const struct ms_xml_attr *attr, const char *what)
{
	ms_xml_fault(r->faults, MS_XML_WRONG_VALUE, &attr->value_at, "%s=\"%s\": %s", attr->name,
	             ms_clip(attr->value), what);
	return false;
}

/* The number of a text of digits and, where they are allowed, underscores and a leading 0x. */
bool ms_xml_take_number(struct ms_xml_reader *r, const struct ms_xml_attr *attr, bool decimal_only,
                        uint64_t *number)
{
	const char *s = attr->value;
	unsigned base = 10, digits = 0;

	if (!decimal_only) {
		while (*s == '_')
			s++;
		if (s[0] == '0' && s[1 + strspn(s + 1, "_")] == 'x') {
			s += 2 + strspn(s + 1, "_");
			base = 16;
		}
	}
	*number = 0;
	for (; *s; s++) {
		const char *hex = "0123456789abcdef", *digit;

		if (*s == '_' && !decimal_only)
			continue;
		digit = strchr(hex, *s >= 'A' && *s <= 'F' ? *s - 'A' + 'a' : *s);
		if (!digit || digit - hex >= (int)base)
			return ms_xml_wrong_value(r, attr,
			                          decimal_only
			                              ? "it takes decimal digits alone"
			                              : "it takes a number, decimal or 0x...");
		if (*number > (UINT64_MAX - (uint64_t)(digit - hex)) / base)
			return ms_xml_wrong_value(r, attr, "the number does not fit 64 bits");
		*number = *number * base + (uint64_t)(digit - hex);
		digits++;
	}
	return digits ? true : ms_xml_wrong_value(r, attr, "it has no digits");
}

bool ms_xml_take_bool(struct ms_xml_reader *r, const struct ms_xml_attr *attr, int64_t *value)
{
	*value = strcmp(attr->value, "true") == 0;
	if (*value || strcmp(attr->value, "false") == 0)
		return true;
	return ms_xml_wrong_value(r, attr, "it takes true or false");
}

bool ms_xml_take_word(struct ms_xml_reader *r, const struct ms_xml_attr *attr,
                      const char *const *words, int64_t *value)
{
	const char *list = "";

	for (int64_t i = 0; words[i]; i++) {
		if (strcmp(words[i], attr->value) == 0) {
			*value = i;
			return true;
		}
		list = ms_format("%s%s%s", list, i ? " or " : "", words[i]);
	}
	return ms_xml_wrong_value(r, attr, ms_format("it takes %s", list));
}

static bool take_permissions(struct ms_xml_reader *r, const struct ms_xml_attr *attr,
                             int64_t *value)
{
	static const char letters[] = "rwx";

	*value = 0;
	for (const char *s = attr->value; *s; s++) {
		const char *letter = strchr(letters, *s);

		if (!letter)
			return ms_xml_wrong_value(r, attr,
			                          "permissions are of the letters r, w and x");
		if (*value & INT64_C(1) << (letter - letters))
			return ms_xml_wrong_value(r, attr, "a letter occurs twice");
		*value |= INT64_C(1) << (letter - letters);
	}
	return true;
}

/* Puts a number where the row keeps it. */
bool ms_xml_set_number(struct ms_xml_reader *r, struct ms_node *node, const struct ms_spec_row *row,
                       const struct ms_xml_attr *attr, uint64_t number)
{
	if (row->doc.kind == MS_KIND_HEX) {
		/* The last address stands for none; it is no multiple of a page either. */
		if (number == MS_ANYWHERE)
			return ms_xml_wrong_value(r, attr, "it is no multiple of a page");
		ms_set_address(node, row, number);
		return true;
	}
	if (number > INT64_MAX)
		return ms_xml_wrong_value(r, attr, "the number is too large");
	ms_set_number(node, row, (int64_t)number);
	return true;
}

static bool take_value(struct ms_xml_reader *r, struct ms_node *node, const struct ms_spec_row *row,
                       enum ms_xml_form form, struct ms_xml_attr *attr)
{
	const char *path;
	uint64_t number;
	int64_t value = 0;

	switch (form) {
	case MS_XML_STRING: ms_set_string(node, row, attr->value); return true;
	case MS_XML_PATH:
		path = ms_xml_path(r->faults, attr, r->search_paths);
		if (path)
			ms_set_string(node, row, path);
		return path != NULL;
	case MS_XML_NUMBER:
	case MS_XML_DECIMAL:
		return ms_xml_take_number(r, attr, form == MS_XML_DECIMAL, &number) &&
		       ms_xml_set_number(r, node, row, attr, number);
	case MS_XML_BOOL:
		if (!ms_xml_take_bool(r, attr, &value))
			return false;
		break;
	case MS_XML_BOOTINFO:
		if (ms_starts_with(attr->value, "x86_")) {
			ms_xml_fault(r->faults, MS_XML_OTHER_ARCHITECTURE, &attr->value_at,
			             "%s=\"%s\" is what x86 machines tell at boot", attr->name,
			             ms_clip(attr->value));
			return false;
		}
		/* fall through */
	case MS_XML_WORD:
		if (!ms_xml_take_word(r, attr, row->doc.values, &value))
			return false;
		break;
	case MS_XML_PERMISSIONS:
		if (!take_permissions(r, attr, &value))
			return false;
		break;
	default: return false;
	}
	ms_set_number(node, row, value);
	return true;
}

/* The value of an attribute becomes that of the field. */
void ms_xml_take(struct ms_xml_reader *r, struct ms_node *node, const char *key,
                 enum ms_xml_form form, struct ms_xml_attr *attr)
{
	const struct ms_spec_row *row = ms_xml_row(node->table, key);
	struct ms_mark *mark = &node->marks[row - node->table->rows];

	*mark = attr->value_at;
	if (!take_value(r, node, row, form, attr)) {
		mark->unread = 1;
		ms_break_rule(node, row->rule);
	}
}
