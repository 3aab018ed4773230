/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dot.c - a graph in the language of Graphviz. Nodes are called by number, so that names can be
 * anything; a program that reads DOT finds kind and name in the labels.
 */
#include "report/graph.h"
#include "report/text.h"

static const char *const node_styles[] = {
    [MS_GRAPH_PD] = "shape=box, style=\"rounded,filled\", fillcolor=\"#eef3fb\"",
    [MS_GRAPH_VM] = "shape=box3d, style=filled, fillcolor=\"#f1ecfa\"",
    [MS_GRAPH_REGION] = "shape=cylinder, style=filled, fillcolor=\"#eef6ee\"",
    [MS_GRAPH_IRQ] = "shape=cds, style=filled, fillcolor=\"#fbf3e6\"",
};
static const char *const link_styles[] = {
    [MS_LINK_CALL] = "color=\"#1f5fb4\", penwidth=1.6",
    [MS_LINK_SIGNAL] = "color=\"#1f5fb4\", style=dashed, arrowhead=vee, arrowtail=vee",
    [MS_LINK_MAP] = "color=\"#3c7a3c\", dir=none",
    [MS_LINK_IRQ] = "color=\"#9a5b00\", arrowhead=vee",
    [MS_LINK_FAULT] = "color=\"#7a3fa8\", style=dotted, arrowhead=empty",
    [MS_LINK_CAP] = "color=\"#a8322f\", arrowhead=diamond",
};

static void put_node(struct ms_buf *out, size_t i, const struct ms_graph_node *node)
{
	ms_buf_printf(out, "  n%zu [label=", i);
	ms_dot_text(out, node->name);
	ms_buf_puts(out, ", tooltip=");
	ms_dot_text(out, node->detail);
	ms_buf_printf(out, ", %s];\n", node_styles[node->kind]);
}

static void put_link(struct ms_buf *out, const struct ms_graph_link *link)
{
	ms_buf_printf(out, "  n%zu -> n%zu [label=", link->from, link->to);
	ms_dot_text(out,
	            link->kind == MS_LINK_MAP ? ms_permission_text(link->permissions) : link->name);
	ms_buf_puts(out, ", tooltip=");
	ms_dot_text(out, link->detail);
	ms_buf_printf(out, "%s, %s];\n", link->both ? ", dir=both" : "", link_styles[link->kind]);
}

char *ms_graph_dot(const struct ms_graph *graph)
{
	struct ms_buf out = {0};

	ms_buf_puts(&out, "digraph system {\n"
	                  "  graph [rankdir=TB, fontname=\"sans-serif\"];\n"
	                  "  node [fontname=\"sans-serif\", fontsize=11];\n"
	                  "  edge [fontname=\"sans-serif\", fontsize=9];\n");
	for (size_t i = 0; i < graph->count; i++)
		put_node(&out, i, &graph->nodes[i]);
	for (size_t i = 0; i < graph->link_count; i++)
		put_link(&out, &graph->links[i]);
	ms_buf_puts(&out, "}\n");
	return out.data;
}
