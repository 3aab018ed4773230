/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * make.h - carries out commands of a plan: in parallel, each after those whose outputs it
 * uses, and not at all where the cache has what it would make.
 */
#ifndef MS_PLAN_MAKE_H
#define MS_PLAN_MAKE_H

#include "base/mem.h"
#include "base/digest.h"
#include "base/doc.h"
#include "base/toolkit.h"
#include "plan/inputs.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One command, in a plan's words. It has one output: the word after "-o", or else its last
 * word; it must lie in the build folder. What it reads: the words that are plan paths of existing
 * files or of earlier commands' outputs, `inputs`, and what its dependency file says ("-MF
 * FILE", or "-Xlinker --dependency-file -Xlinker FILE"). A command without a dependency file must
 * read nothing else. Dependency files are read and removed.
 */
struct ms_make_command {
	const char *step;        /* shown with what it prints */
	const char *const *argv; /* NULL-terminated */
	struct ms_list inputs;   /* plan paths that it reads and that are no words of argv */
	bool embeds;             /* what its source names in .incbin stands in inputs */
	bool executable;         /* its output gets the x bits */
	/* set by ms_make: */
	const char *output; /* plan path */
	bool failed;        /* it, or one that it needs */
	bool ran;           /* false: the output came from the cache */
	char sha256[MS_SHA256_HEX];
	uint64_t size;
};

struct ms_make {
	const struct ms_places *places;
	unsigned jobs;            /* 0: see ms_runner_new */
	const char *launcher;     /* words before each compiler call ("ccache"); NULL or "": none */
	struct ms_inputs *inputs; /* receives all that is read, tools included; NULL: not wanted */
	/* The digest of one file that the caller has just read anyway; NULL: none. */
	const char *known_name, *known_sha256;
	uint64_t known_size;
	size_t outputs; /* of the whole plan: the cache has room for twice as many */
	bool hermetic;  /* each command sees what it declares (hermetic.h); no launcher then */
	/* Compiles are not run where another build has left output and dependency file (adopt.h).
	 * The cache does not learn of them: who knows how they were made. */
	bool built;
};

/*
 * Runs them, without network where the kernel allows that (with a launcher the network stays:
 * distcc and icecc need it). What a command prints is shown under its step's name; every
 * command that can still run does, whatever failed before. A missing program ends this program
 * with 3. Returns the number of commands that failed, those they kept from running included.
 */
unsigned ms_make(const struct ms_make *make, struct ms_make_command *commands, size_t count);

/* The words of the launcher. A missing program ends this one with 3. */
struct ms_list ms_make_launcher(const struct ms_make *make);

/* Prints each command as it would be run, one a line, quoted for a shell, to stdout. */
void ms_make_print(const struct ms_make *make, const struct ms_make_command *commands,
                   size_t count);

/* The commands of a plan's step, to be completed with inputs and embeds. *count: their number.
 * The step must live as long as they do. */
struct ms_make_command *ms_make_commands(const json_t *step, size_t *count);

/* The number of commands in all steps of a plan. */
size_t ms_make_count(const json_t *plan);

/* Adds a program that is run besides, with the libraries that it loads, to make->inputs. One that
 * is missing ends this program with 3. */
void ms_make_add_program(const struct ms_make *make, const char *program);

#endif
