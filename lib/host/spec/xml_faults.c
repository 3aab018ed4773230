/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml_faults.c - the rules that a system description of Microkit can break before it is a
 * system; ms-import(1) lists the same. The rules of a system (rules.c) come on top.
 */
#include "spec/xml.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	const char *name, *summary;
} rules[MS_XML_RULE_COUNT] = {
    [MS_XML_SYNTAX] = {"xml-syntax", "The text is well-formed XML 1.0."},
    [MS_XML_UTF8] = {"xml-utf8", "The text is valid UTF-8 and says nothing else of itself."},
    [MS_XML_DOCTYPE] = {"xml-doctype",
                        "There is no document type declaration, and so no entity of its own."},
    [MS_XML_LIMIT] = {"xml-limit", "The text stays within the limits of depth and number."},
    [MS_XML_TEXT_FOUND] = {"xml-text", "There is no text between elements."},
    [MS_XML_ROOT] = {"xml-root", "The root element is system."},
    [MS_XML_UNKNOWN_ELEMENT] = {"unknown-element",
                                "Every element is one that Microkit has in that place."},
    [MS_XML_UNKNOWN_ATTRIBUTE] = {"unknown-attribute",
                                  "Every attribute is one that its element takes."},
    [MS_XML_MISSING_ELEMENT] = {"missing-element", "Every required element is there."},
    [MS_XML_MISSING_ATTRIBUTE] = {"missing-attribute", "Every required attribute is there."},
    [MS_XML_REPEATED_ELEMENT] = {"repeated-element",
                                 "An element that can be there once is there once."},
    [MS_XML_WRONG_VALUE] = {"wrong-value",
                            "Every value has the form that its attribute takes, and fits."},
    [MS_XML_ID_RANGE] = {"id-range", "The id of a channel end or an interrupt is 0 to 61."},
    [MS_XML_RESERVED_NAME] = {"reserved-name", "No protection domain is called monitor."},
    [MS_XML_CHANNEL_ENDS] = {"channel-ends",
                             "A channel has two ends, of which one at most may call."},
    [MS_XML_PROGRAM] = {"program", "A program image is an .elf file."},
    [MS_XML_FILE_MISSING] = {"file-missing", "Every file is in one of the search paths."},
    [MS_XML_FILE_OUTSIDE] = {"file-outside", "Every file lies in the project."},
    [MS_XML_OTHER_ARCHITECTURE] = {"other-architecture",
                                   "Nothing is a form of x86 or RISC-V machines."},
};

void ms_xml_fault(struct ms_xml_faults *faults, enum ms_xml_rule rule, const struct ms_mark *mark,
                  const char *fmt, ...)
{
	struct ms_place place = {.source = faults->source};
	va_list ap;

	faults->errors++;
	if (faults->quiet)
		return;
	if (faults->shown[rule] == MS_SHOWN_MAX) {
		faults->hidden[rule]++;
		return;
	}
	faults->shown[rule]++;
	if (mark) {
		place.line = mark->line;
		place.col = mark->col;
		place.len = mark->len;
	}
	va_start(ap, fmt);
	ms_report(MS_ERROR, &place, rules[rule].name, "%s", ms_vformat(fmt, ap));
	va_end(ap);
}

void ms_xml_faults_end(struct ms_xml_faults *faults)
{
	struct ms_place place = {.source = faults->source};

	for (size_t i = 0; i < MS_XML_RULE_COUNT; i++) {
		if (faults->hidden[i])
			ms_report(MS_NOTE, &place, rules[i].name, "%u more %s not shown",
			          faults->hidden[i], faults->hidden[i] == 1 ? "is" : "are");
	}
}

void ms_microkit_list_rules(void)
{
	for (size_t i = 0; i < MS_XML_RULE_COUNT; i++)
		printf("%s\terror\t%s\n", rules[i].name, rules[i].summary);
}
