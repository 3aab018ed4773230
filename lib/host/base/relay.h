/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * relay.h - what one stage hands to the next where both run in one process (drive/host.h).
 *
 * A stage writes its document to standard output in any case; here the next one finds the same
 * document as values, so that nobody reads and checks what this process has just written. What
 * else a stage has worked out and a later one would work out again of the same values travels
 * with it. Nothing is handed on in a program that runs one stage: there all of this does nothing.
 */
#ifndef MS_BASE_RELAY_H
#define MS_BASE_RELAY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* From now on there is a next stage. */
void ms_relay_open(void);

bool ms_relay_is_open(void);

/* The text, which lives until the end, or the document that this stage writes to standard output.
 */
void ms_relay_give_text(const char *text, size_t len);
void ms_relay_give(json_t *document);

/* What the stage before gave, in place of standard input; once. NULL: nothing. */
const char *ms_relay_take_text(size_t *len);
json_t *ms_relay_take(void);

/* True for a document that came this way. */
bool ms_relay_came(const json_t *document);

/* What is known of a value, under a name: `of` is its address, which stays its own (the relay
 * holds a reference), or any pointer that lives until the end. NULL: nothing, or no longer. */
void ms_relay_know(const char *name, const void *of, void *what);
void *ms_relay_known(const char *name, const void *of);

#endif
