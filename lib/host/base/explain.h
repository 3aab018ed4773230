/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain.h - the pages of the rules: what the name in [brackets] at the end of a message means,
 * why the rule holds, a wrong and a right example. The pages are text files of the toolkit
 * (@toolkit/rules), one a room:
 *
 *   == NAME
 *   One sentence.
 *
 *   Why it holds.
 *
 *   Wrong:
 *
 *       four spaces: TOML, or XML, or lines of a shell that begin with "$ "
 *
 *   Right:
 *
 *       the same
 *
 * "Wrong, in words:" stands over examples that nobody can run without machines of the trade.
 */
#ifndef MS_BASE_EXPLAIN_H
#define MS_BASE_EXPLAIN_H

/* Prints the page of a rule, with or without its brackets; rule NULL: a list of all rules. Ends the
 * program with 2 when there is no such rule. */
void ms_explain(const char *rule);

#endif
