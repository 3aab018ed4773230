/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * relay.c - from stage to stage inside one process. See relay.h.
 */
#include "base/relay.h"
#include "base/mem.h"

#include <string.h>

static struct {
	bool open;
	const char *text;
	size_t len;
	json_t *given, *came;
} relay;

static struct known {
	const char *name;
	const void *of;
	void *what;
} * facts;
static size_t count, cap;

void ms_relay_open(void)
{
	relay.open = true;
}

bool ms_relay_is_open(void)
{
	return relay.open;
}

void ms_relay_give_text(const char *text, size_t len)
{
	if (!relay.open)
		return;
	relay.text = text;
	relay.len = len;
}

/* Held until the end: so no value of it is freed, and none gets another's address. */
void ms_relay_give(json_t *document)
{
	if (!relay.open)
		return;
	relay.given = json_incref(document);
	relay.text = NULL;
}

const char *ms_relay_take_text(size_t *len)
{
	const char *text = relay.text;

	*len = relay.len;
	relay.text = NULL;
	return text;
}

json_t *ms_relay_take(void)
{
	json_t *document = relay.given;

	relay.given = NULL;
	if (document)
		relay.came = document;
	return document;
}

bool ms_relay_came(const json_t *document)
{
	return document && document == relay.came;
}

void ms_relay_know(const char *name, const void *of, void *what)
{
	void *items = facts;

	if (!relay.open)
		return;
	for (size_t i = 0; i < count; i++) {
		if (facts[i].of == of && strcmp(facts[i].name, name) == 0) {
			facts[i].what = what;
			return;
		}
	}
	ms_reserve(&items, &cap, count + 1, sizeof(*facts));
	facts = items;
	facts[count++] = (struct known){name, of, what};
}

void *ms_relay_known(const char *name, const void *of)
{
	for (size_t i = 0; i < count; i++) {
		if (facts[i].of == of && strcmp(facts[i].name, name) == 0)
			return facts[i].what;
	}
	return NULL;
}
