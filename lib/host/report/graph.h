/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * graph.h - a system as nodes and edges: who there is, and what connects them. From the
 * specification alone, in its order; DOT and the drawing are made of it.
 */
#ifndef MS_REPORT_GRAPH_H
#define MS_REPORT_GRAPH_H

#include "base/mem.h"
#include "spec/document.h"

#include <stdbool.h>
#include <stddef.h>

enum ms_graph_kind { MS_GRAPH_PD, MS_GRAPH_VM, MS_GRAPH_REGION, MS_GRAPH_IRQ };

struct ms_graph_node {
	enum ms_graph_kind kind;
	size_t index;       /* in the spec's collection of that kind */
	const char *name;   /* as a person calls it */
	const char *detail; /* one more line: "priority 100", "64 KiB, device memory" */
	size_t group;       /* of the drawing: how many regions this one stands for */
};

enum ms_link_kind {
	MS_LINK_CALL,   /* from calls to */
	MS_LINK_SIGNAL, /* from may signal to; both: and the other way round */
	MS_LINK_MAP,    /* from (a PD or VM) has to (a region) mapped */
	MS_LINK_IRQ,    /* from (an interrupt) is delivered to to */
	MS_LINK_FAULT,  /* from's faults go to to, its parent */
	MS_LINK_CAP,    /* from has a capability of to's thread, time or space */
	MS_LINK_KINDS
};

struct ms_graph_link {
	enum ms_link_kind kind;
	size_t from, to; /* nodes */
	bool both;
	unsigned permissions; /* of a map: enum ms_permission */
	const char *name;     /* of the channel; "" where there is none */
	const char *detail;   /* a sentence about it */
};

struct ms_graph {
	const struct ms_spec *spec;
	struct ms_graph_node *nodes;
	size_t count, cap;
	struct ms_graph_link *links;
	size_t link_count, link_cap;
};

/* What a graph is to show. */
struct ms_graph_choice {
	unsigned links;    /* kinds, one bit each; 0: all */
	const char *focus; /* the name of a PD or VM: it and its neighbours alone; NULL: all */
};

/* The words of ms_graph_choice.links: "calls", "signals", "regions", ...; by enum ms_link_kind. */
extern const char *const ms_link_words[MS_LINK_KINDS];

/* Makes the graph of a system. False when the PD or VM of focus does not exist; then graph has
 * every node. */
bool ms_graph_make(const struct ms_spec *spec, const struct ms_graph_choice *choice,
                   struct ms_graph *graph);

/* "rw-" of or'ed permissions; the text lives on. */
const char *ms_permission_text(unsigned permissions);

/* The graph in the language of Graphviz. */
char *ms_graph_dot(const struct ms_graph *graph);

#endif
