/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml_tree.c - an XML text as a tree. The parser is expat; a document type declaration ends it,
 * so that no entity is ever defined, let alone expanded. Comments go to the element that they
 * stand before, beside or at the end of.
 */
#include "spec/xml.h"

#include <expat.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

/* An element that is open, and where the next of its children goes. */
struct open {
	struct ms_xml_node *node;
	struct ms_xml_node **tail;
	struct ms_xml_node *latest;             /* child */
	struct ms_xml_note *notes, **notes_end; /* that no child has followed yet */
};

struct reader {
	XML_Parser parser;
	const struct ms_source *source;
	struct ms_xml_faults *faults;
	struct open open[MS_XML_DEPTH_MAX + 1]; /* [0]: the text as a whole */
	size_t depth;
	size_t nodes;
	bool stopped;
	/* The place that was asked for last: places are asked for in order, nearly. */
	size_t offset, line_start;
	unsigned line;
};

/* -- places ------------------------------------------------------------------------------ */

/* Expat counts columns in characters, and both from the start again each time. */
static struct ms_mark mark_at(struct reader *r, size_t offset, size_t len)
{
	if (offset < r->offset || r->line == 0) {
		r->offset = r->line_start = 0;
		r->line = 1;
	}
	for (; r->offset < offset; r->offset++) {
		if (r->source->text[r->offset] == '\n') {
			r->line++;
			r->line_start = r->offset + 1;
		}
	}
	return (struct ms_mark){
	    .line = r->line,
	    .col = (unsigned)(offset - r->line_start) + 1,
	    .len = len > 0xffff ? 0xffff : (unsigned)len,
	};
}

static size_t here(const struct reader *r)
{
	return (size_t)XML_GetCurrentByteIndex(r->parser);
}

static void stop(struct reader *r, enum ms_xml_rule rule, size_t len, const char *what)
{
	struct ms_mark mark = mark_at(r, here(r), len);

	ms_xml_fault(r->faults, rule, &mark, "%s", what);
	r->stopped = true;
	XML_StopParser(r->parser, XML_FALSE);
}

/* The line on which the event at hand ends. */
static unsigned end_line(struct reader *r)
{
	size_t from = here(r), count = (size_t)XML_GetCurrentByteCount(r->parser);
	unsigned line = mark_at(r, from, 1).line;

	for (size_t i = from; i < from + count; i++)
		line += r->source->text[i] == '\n';
	return line;
}

/* -- attributes -------------------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Marks of the attributes from the start tag's own bytes, which expat has found well-formed:
 * NAME = "VALUE" after each other, in the order in which expat lists them. */
static void place_attributes(struct reader *r, struct ms_xml_node *node)
{
	const char *text = r->source->text;
	size_t at = here(r), end = at + (size_t)XML_GetCurrentByteCount(r->parser);

	at += 1 + strlen(node->name);
	for (size_t i = 0; i < node->attr_count; i++) {
		size_t from;
		char quote;

		while (at < end && is_space(text[at]))
			at++;
		node->attrs[i].name_at = mark_at(r, at, strlen(node->attrs[i].name));
		while (at < end && text[at] != '"' && text[at] != '\'')
			at++;
		if (at >= end)
			return;
		quote = text[at];
		from = at++;
		while (at < end && text[at] != quote)
			at++;
		at++;
		node->attrs[i].value_at = mark_at(r, from, at - from);
	}
}

static void take_attributes(struct reader *r, struct ms_xml_node *node, const char **pairs)
{
	size_t count = 0;

	while (pairs[2 * count])
		count++;
	if (count > MS_XML_ATTRIBUTES_MAX) {
		stop(r, MS_XML_LIMIT, 1,
		     ms_format("an element has more than %d attributes", MS_XML_ATTRIBUTES_MAX));
		return;
	}
	node->attrs = ms_alloc(count + 1, sizeof(*node->attrs));
	node->attr_count = count;
	for (size_t i = 0; i < count; i++) {
		node->attrs[i].name = ms_strdup(pairs[2 * i]);
		node->attrs[i].value = ms_strdup(pairs[2 * i + 1]);
	}
	place_attributes(r, node);
}

struct ms_xml_attr *ms_xml_find(const struct ms_xml_node *node, const char *name)
{
	for (size_t i = 0; i < node->attr_count; i++) {
		if (strcmp(node->attrs[i].name, name) == 0)
			return &node->attrs[i];
	}
	return NULL;
}

/* -- events ------------------------------------------------------------------------------ */

static bool count_node(struct reader *r)
{
	if (r->nodes++ < MS_XML_NODES_MAX)
		return true;
	stop(r, MS_XML_LIMIT, 1,
	     ms_format("there are more than %d elements and comments", MS_XML_NODES_MAX));
	return false;
}

static void XMLCALL on_start(void *user, const char *name, const char **pairs)
{
	struct reader *r = user;
	struct open *parent = &r->open[r->depth], *own = parent + 1;
	struct ms_xml_node *node;

	if (r->stopped || !count_node(r))
		return;
	if (r->depth == MS_XML_DEPTH_MAX) {
		stop(r, MS_XML_LIMIT, 1 + strlen(name),
		     ms_format("elements are nested deeper than %d", MS_XML_DEPTH_MAX));
		return;
	}
	node = ms_alloc(1, sizeof(*node));
	node->name = ms_strdup(name);
	node->at = mark_at(r, here(r), 1 + strlen(name));
	node->last_line = end_line(r);
	take_attributes(r, node, pairs);
	node->before = parent->notes;
	parent->notes = NULL;
	parent->notes_end = &parent->notes;
	*parent->tail = node;
	parent->tail = &node->next;
	parent->latest = node;
	*own = (struct open){.node = node, .tail = &node->children};
	own->notes_end = &own->notes;
	r->depth++;
}

static void XMLCALL on_end(void *user, const char *name)
{
	struct reader *r = user;
	struct open *own = &r->open[r->depth];

	(void)name;
	if (r->stopped)
		return;
	own->node->last_line = end_line(r);
	own->node->within = own->notes;
	r->depth--;
}

static void add_note(struct reader *r, const char *text)
{
	struct open *own = &r->open[r->depth];
	struct ms_xml_node *neighbour = own->latest ? own->latest : own->node;
	const unsigned line = mark_at(r, here(r), 1).line;
	struct ms_xml_note *note;

	if (r->stopped || !count_node(r))
		return;
	note = ms_alloc(1, sizeof(*note));
	note->text = text;
	/* One line behind an element, or behind the start of the one it is in. A carriage return
	 * alone, which no place counts, is a line's end to XML (1.0, 2.11). */
	if (neighbour && neighbour->last_line == line && !strchr(text, '\n') && !own->notes &&
	    !neighbour->beside) {
		neighbour->beside = note;
		return;
	}
	*own->notes_end = note;
	own->notes_end = &note->next;
}

static void XMLCALL on_comment(void *user, const char *text)
{
	add_note(user, ms_strdup(text));
}

static void XMLCALL on_instruction(void *user, const char *target, const char *data)
{
	add_note(user, ms_format("<?%s %s?>", target, data));
}

static void XMLCALL on_text(void *user, const char *text, int len)
{
	struct reader *r = user;
	int i = 0;

	while (i < len && is_space(text[i]))
		i++;
	if (i < len && !r->stopped) {
		size_t at = here(r);
		struct ms_mark mark;

		while (is_space(r->source->text[at]))
			at++;
		mark = mark_at(r, at, 1);
		ms_xml_fault(r->faults, MS_XML_TEXT_FOUND, &mark, "there is text in <%s>",
		             ms_clip(r->open[r->depth].node->name));
	}
}

static void XMLCALL on_doctype(void *user, const char *name, const char *sysid, const char *pubid,
                               int has_subset)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_subset;
	struct reader *r = user;
	struct ms_mark mark;
	size_t at = here(r);

	while (at > 0 && !ms_starts_with(r->source->text + at, "<!DOCTYPE"))
		at--;
	mark = mark_at(r, at, 9);
	ms_xml_fault(r->faults, MS_XML_DOCTYPE, &mark,
	             "document type declarations are refused, and the entities in them");
	r->stopped = true;
	XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL on_declaration(void *user, const char *version, const char *encoding,
                                   int standalone)
{
	(void)version;
	(void)standalone;
	if (encoding && strcasecmp(encoding, "UTF-8") != 0 && strcasecmp(encoding, "US-ASCII") != 0)
		stop(user, MS_XML_UTF8, strlen("<?xml"),
		     ms_format("the encoding is '%s'; it must be UTF-8", ms_clip(encoding)));
}

/* -- the whole --------------------------------------------------------------------------- */

static void report_syntax(struct reader *r)
{
	enum XML_Error error = XML_GetErrorCode(r->parser);
	struct ms_mark mark;
	size_t at = here(r);

	if (error == XML_ERROR_ABORTED)
		return;
	if (error == XML_ERROR_NO_MEMORY)
		ms_die_system("out of memory");
	if (at > r->source->len)
		at = r->source->len;
	mark = mark_at(r, at, 1);
	if (error == XML_ERROR_NO_ELEMENTS) {
		ms_xml_fault(r->faults, MS_XML_ROOT, NULL, "there is no element <system>");
		return;
	}
	ms_xml_fault(r->faults, MS_XML_SYNTAX, &mark, "%s", XML_ErrorString(error));
}

/* A NUL is UTF-8 but no character of XML (1.0, 2.2); expat takes a text with NULs for UTF-16. */
static bool is_utf8(struct reader *r)
{
	const struct ms_source *source = r->source;
	size_t length;

	for (size_t at = 0; at < source->len; at += length) {
		length = ms_utf8_length(source->text + at, source->len - at);
		if (length == 0 || source->text[at] == '\0') {
			struct ms_mark mark = mark_at(r, at, 1);

			ms_xml_fault(r->faults, MS_XML_UTF8, &mark,
			             length ? "byte 0x%02x is no character; XML in UTF-16 must "
			                      "become UTF-8 first"
			                    : "byte 0x%02x is no UTF-8",
			             (unsigned char)source->text[at]);
			return false;
		}
	}
	return true;
}

struct ms_xml_node *ms_xml_read(const struct ms_source *source, struct ms_xml_faults *faults)
{
	struct reader *r = ms_alloc(1, sizeof(*r));
	struct ms_xml_node *root = NULL;
	enum XML_Status status;
	unsigned long salt;

	if (source->len > INT32_MAX)
		ms_die_input("%s: too long", source->name);
	r->source = source;
	r->faults = faults;
	r->open[0].tail = &root;
	r->open[0].notes_end = &r->open[0].notes;
	if (!is_utf8(r))
		return NULL;
	r->parser = XML_ParserCreate("UTF-8");
	if (!r->parser)
		ms_die_system("out of memory");
	/* Or expat asks libc for it, which ends the program where the kernel has none to give. */
	if (getrandom(&salt, sizeof(salt), 0) != sizeof(salt))
		ms_die_errno("getrandom");
	XML_SetHashSalt(r->parser, salt | 1);
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCommentHandler(r->parser, on_comment);
	XML_SetProcessingInstructionHandler(r->parser, on_instruction);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	XML_SetXmlDeclHandler(r->parser, on_declaration);
	XML_SetParamEntityParsing(r->parser, XML_PARAM_ENTITY_PARSING_NEVER);
	status = XML_Parse(r->parser, source->text, (int)source->len, XML_TRUE);
	if (status != XML_STATUS_OK)
		report_syntax(r);
	XML_ParserFree(r->parser);
	if (status == XML_STATUS_OK) {
		*r->open[0].notes_end = NULL;
		if (r->open[0].notes) {
			struct ms_xml_note **end = &root->within;

			while (*end)
				end = &(*end)->next;
			*end = r->open[0].notes;
		}
	}
	free(r);
	return status == XML_STATUS_OK ? root : NULL;
}
