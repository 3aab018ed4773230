/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * microkit.c - an XML of Microkit becomes TOML: read, checked by every rule, written, and read
 * once more, so that what comes out is known to say the same.
 */
#include "spec/microkit.h"
#include "base/relay.h"
#include "spec/document.h"
#include "spec/xml.h"

#include <stdlib.h>
#include <string.h>

/* Ends the program unless the TOML describes that system: its canonical rendering is the same. */
static void check_result(const struct ms_source *source, const struct ms_spec *spec,
                         const char *text, size_t len)
{
	const struct ms_source written = {
	    .name = ms_format("%s as TOML", source->name), .text = text, .len = len};
	struct ms_spec *again;
	char *one, *two;

	if (len > MS_SPEC_TEXT_MAX)
		ms_die_input("%s: as TOML it would be longer than %u bytes", source->name,
		             MS_SPEC_TEXT_MAX);
	again = ms_spec_from_toml_quietly(&written);
	one = ms_spec_to_toml(spec, NULL);
	two = again ? ms_spec_to_toml(again, NULL) : NULL;
	if (!two || strcmp(one, two) != 0)
		ms_die_system("%s: the TOML does not say the same; this is a fault of %s",
		              source->name, ms_diag_program_name());
	free(one);
	free(two);
	ms_relay_know(MS_SPEC_OF_TEXT, text, again);
}

bool ms_microkit_is_xml(const char *text)
{
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	return text[strspn(text, " \t\r\n")] == '<';
}

/* The system, and the tree that it was read from; NULL after reporting, where it is to be. */
static struct ms_spec *read_system(const struct ms_source *source, const char *const *search_paths,
                                   bool quiet, struct ms_xml_node **tree)
{
	struct ms_spec *spec = ms_alloc(1, sizeof(*spec));
	struct ms_xml_faults faults = {.source = source, .quiet = quiet};
	struct ms_checking c = {.spec = spec, .source = *source, .positions = true};
	struct ms_xml_node *root = ms_xml_read(source, &faults);

	*tree = root;
	if (!root)
		return NULL;
	ms_item_start(spec, &ms_spec_table, 0, true);
	ms_xml_model(root, spec, &faults, search_paths);
	ms_xml_faults_end(&faults);
	if (!root->element)
		return NULL;
	/* A map may be missing because of a fault. */
	c.quiet = quiet || faults.errors != 0;
	ms_rules_run(&c);
	return ms_rules_done(&c) && !faults.errors ? spec : NULL;
}

/* In the relay: the text that this process has read before. */
struct read {
	struct ms_source source;
	struct ms_spec *spec;
};
static const char READ[] = "xml";

struct ms_spec *ms_microkit_read_quietly(const struct ms_source *source,
                                         const char *const *search_paths)
{
	struct ms_xml_node *root;

	const struct read *read = ms_relay_known(READ, READ);

	if (read && read->source.len == source->len &&
	    memcmp(read->source.text, source->text, source->len) == 0)
		return read->spec;
	return read_system(source, search_paths, true, &root);
}

char *ms_microkit_to_toml(const struct ms_source *source, const char *const *search_paths,
                          size_t *len)
{
	struct ms_xml_node *root;
	struct ms_spec *spec = read_system(source, search_paths, false, &root);
	struct read *read;
	char *text;

	if (!spec)
		return NULL;
	text = ms_xml_to_toml(root, len);
	check_result(source, spec, text, *len);
	read = ms_alloc(1, sizeof(*read));
	*read = (struct read){*source, spec};
	ms_relay_know(READ, READ, read);
	return text;
}
