/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ninja.c - a plan as a ninja file.
 *
 * Compilers are run by ninja, and by whatever it is told to run them through. Their dependency
 * files stay where they are, so that ms-compile and ms-link (--built) can record what was read;
 * these run what is left: links, and what needs the finished archive. A program of the pipeline is
 * asked each time where ninja cannot know what it looks at (kernel, prefills); a document that
 * comes out the same is left alone, and ends the matter.
 */
#include "plan/ninja.h"
#include "base/file.h"
#include "base/run.h"
#include "plan/compile.h"
#include "plan/loader_sources.h"
#include "plan/words.h"

#include <stdbool.h>
#include <string.h>

struct writer {
	struct ms_buf *out;
	const struct ms_ninja *ninja;
	struct ms_list compiled; /* outputs of CompilePd and CompileRoot that have edges */
	struct ms_list loader;   /* ... of AssembleImage */
};

/* -- words --------------------------------------------------------------------------------- */

/* A path in a build line. */
static void add_path(struct ms_buf *out, const char *path)
{
	ms_buf_puts(out, " ");
	for (; *path; path++)
		ms_buf_printf(out, "%s%c", strchr("$ :", *path) ? "$" : "", *path);
}

/* Text of a variable. */
static void add_text(struct ms_buf *out, const char *text)
{
	for (; *text; text++)
		ms_buf_printf(out, "%s%c", *text == '$' ? "$" : "", *text);
}

static void add_word(struct ms_buf *out, const char *word)
{
	struct ms_buf quoted = {0};

	ms_shell_word(&quoted, word);
	ms_buf_puts(out, " ");
	add_text(out, quoted.data);
}

static void add_option(struct ms_buf *out, const char *option, const char *value)
{
	if (!value)
		return;
	add_word(out, option);
	add_word(out, value);
}

static char *expand(const struct writer *w, const char *path)
{
	return ms_expand_path(&w->ninja->places, path);
}

static char *stage_file(const struct writer *w, unsigned number, const char *program)
{
	return expand(w, ms_format("build/stages/%02u-%s.json", number, program));
}

/* -- compilers ----------------------------------------------------------------------------- */

/* The edge of one command; none for a link, and for the source that ms-link writes. */
static void add_compile(struct writer *w, const json_t *argv, bool needs_kernel)
{
	struct ms_list *made = needs_kernel ? &w->compiled : &w->loader;
	struct ms_list plain = {0};
	struct ms_words words;
	const json_t *word;
	const char *output;
	size_t i;

	json_array_foreach(argv, i, word)
	{
		ms_list_add(&plain, json_string_value(word));
	}
	if (ms_words_read(&words, plain.items) || !words.compiles || !words.depfile ||
	    strcmp(plain.items[plain.count - 1], MS_LOADER_TABLE) == 0)
		return;
	output = expand(w, plain.items[words.output]);
	if (ms_list_has(made, output))
		return;
	ms_list_add(made, output);
	ms_buf_puts(w->out, "build");
	add_path(w->out, output);
	ms_buf_puts(w->out, ": cc");
	add_path(w->out, expand(w, plain.items[plain.count - 1]));
	if (needs_kernel) {
		ms_buf_puts(w->out, " |");
		add_path(w->out, expand(w, MS_KERNEL_HEADER));
	}
	ms_buf_puts(w->out, "\n  depfile = ");
	add_text(w->out, expand(w, plain.items[words.depfile]));
	ms_buf_puts(w->out, "\n  run =");
	for (i = 0; i < plain.count; i++)
		add_word(w->out, ms_expand_word(&w->ninja->places, plain.items[i]));
	ms_buf_puts(w->out, "\n");
}

static void add_compiles(struct writer *w, const json_t *plan)
{
	const json_t *step, *argv;
	size_t i, k;

	json_array_foreach(ms_doc_member(plan, "steps"), i, step)
	{
		const bool loads = strcmp(ms_doc_string(step, "kind"), "AssembleImage") == 0;

		json_array_foreach(ms_doc_member(step, "commands"), k, argv)
		{
			add_compile(w, argv, !loads);
		}
	}
}

/* -- the toolkit's programs ---------------------------------------------------------------- */

static void add_run(struct writer *w, const char *program)
{
	ms_buf_puts(w->out, "\n  run =");
	add_word(w->out, ms_path_join(w->ninja->tools, program));
}

static void add_build_folder(struct writer *w, bool kernel)
{
	add_option(w->out, "-B", w->ninja->places.build);
	if (kernel)
		add_option(w->out, "--kernel", w->ninja->kernel);
}

/* The beginning of a stage's edge: what it makes and from what. */
static const char *begin_stage(struct writer *w, unsigned number, const char *program,
                               const char *more, const char *input)
{
	const char *output = stage_file(w, number, program);

	ms_buf_puts(w->out, "build");
	add_path(w->out, output);
	if (more) {
		ms_buf_puts(w->out, " |");
		add_path(w->out, more);
	}
	ms_buf_puts(w->out, ": stage");
	add_path(w->out, input);
	return output;
}

static void end_stage(struct writer *w, const char *input)
{
	ms_buf_puts(w->out, "\n  from =");
	add_word(w->out, input);
	ms_buf_puts(w->out, "\n");
}

static void add_files(struct writer *w, const struct ms_list *files)
{
	ms_buf_puts(w->out, " |");
	for (size_t i = 0; i < files->count; i++)
		add_path(w->out, files->items[i]);
}

static void add_stages(struct writer *w)
{
	const char *parsed, *planned, *hashed, *compiled, *laid_out, *packed;

	parsed = begin_stage(w, 1, "ms-parse", NULL, w->ninja->spec);
	add_run(w, "ms-parse");
	end_stage(w, w->ninja->spec);
	planned = begin_stage(w, 2, "ms-plan", NULL, parsed);
	add_run(w, "ms-plan");
	end_stage(w, parsed);
	hashed = begin_stage(w, 3, "ms-hash", NULL, planned);
	ms_buf_puts(w->out, " | always");
	add_run(w, "ms-hash");
	add_word(w->out, "--inputs");
	end_stage(w, planned);

	ms_buf_puts(w->out, "build");
	add_path(w->out, expand(w, MS_KERNEL_HEADER));
	ms_buf_puts(w->out, ": prepare");
	add_path(w->out, planned);
	ms_buf_puts(w->out, " | always");
	add_run(w, "ms-compile");
	add_word(w->out, "--prepare");
	add_build_folder(w, true);
	end_stage(w, planned);

	compiled = begin_stage(w, 4, "ms-compile", NULL, hashed);
	add_files(w, &w->compiled);
	ms_buf_puts(w->out, " always");
	add_run(w, "ms-compile");
	add_word(w->out, "--built");
	add_build_folder(w, true);
	end_stage(w, hashed);
	laid_out = begin_stage(w, 5, "ms-layout", NULL, compiled);
	add_run(w, "ms-layout");
	add_build_folder(w, true);
	end_stage(w, compiled);
	packed = begin_stage(w, 6, "ms-cpio", NULL, laid_out);
	add_run(w, "ms-cpio");
	add_build_folder(w, true);
	end_stage(w, laid_out);
	begin_stage(w, 7, "ms-link", expand(w, "build/system-image.bin"), packed);
	add_files(w, &w->loader);
	add_run(w, "ms-link");
	add_word(w->out, "--built");
	add_build_folder(w, false);
	end_stage(w, packed);
}

/* The ninja file itself, where its name is known: another specification is another file. */
static void add_self(struct writer *w)
{
	const struct ms_ninja *ninja = w->ninja;

	if (!ninja->file)
		return;
	ms_buf_puts(w->out, "rule plan\n  generator = 1\n  command =");
	add_word(w->out, ms_path_join(ninja->tools, "ms-parse"));
	ms_buf_puts(w->out, " --no-warnings --");
	add_word(w->out, ninja->spec);
	ms_buf_puts(w->out, " |");
	add_word(w->out, ms_path_join(ninja->tools, "ms-plan"));
	add_option(w->out, "--format", "ninja");
	add_option(w->out, "--spec", ninja->spec);
	add_build_folder(w, true);
	add_option(w->out, "--launcher", ninja->launcher);
	ms_buf_puts(w->out, " -o $out\nbuild");
	add_path(w->out, ninja->file);
	ms_buf_puts(w->out, ": plan");
	add_path(w->out, ninja->spec);
	ms_buf_puts(w->out, "\n\n");
}

/* What compilers see of the environment: what ms-compile lets them see. */
static void add_rules(struct writer *w)
{
	const char *launcher = w->ninja->launcher;

	ms_buf_puts(w->out, "# A build of one system; ms-plan(1) explains it.\n"
	                    "ninja_required_version = 1.5\n"
	                    "builddir = ");
	add_text(w->out, expand(w, "build"));
	ms_buf_puts(w->out, "\nlauncher = ");
	add_text(w->out, launcher ? launcher : "");
	ms_buf_printf(w->out,
	              "\nenvironment = env %sLC_ALL=C TZ=UTC "
	              "SOURCE_DATE_EPOCH=\"$${SOURCE_DATE_EPOCH:-0}\"\n\n",
	              launcher ? "" : "-i PATH=\"$$PATH\" TMPDIR=\"$${TMPDIR:-/tmp}\" ");
	ms_buf_puts(w->out, "rule cc\n"
	                    "  command = $environment $launcher $run\n"
	                    "  description = compile $out\n"
	                    "rule prepare\n"
	                    "  command = $run -- $from\n"
	                    "  restat = 1\n"
	                    "  description = prepare $out\n"
	                    "rule stage\n"
	                    "  command = $run -o $out.new -- $from && "
	                    "if cmp -s $out.new $out; then rm $out.new; else mv $out.new $out; fi\n"
	                    "  restat = 1\n"
	                    "  description = $out\n"
	                    "build always: phony\n\n");
}

void ms_ninja_write(struct ms_buf *out, const json_t *plan, const struct ms_ninja *ninja)
{
	struct writer w = {.out = out, .ninja = ninja};

	add_rules(&w);
	add_self(&w);
	add_compiles(&w, plan);
	ms_buf_puts(out, "\n");
	add_stages(&w);
	ms_buf_puts(out, "default");
	add_path(out, expand(&w, "build/system-image.bin"));
	ms_buf_puts(out, "\n");
}
