/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * embedded.c - asking GNU as what it reads ("--MD").
 */
#include "plan/embedded.h"

#include "plan/depfile.h"

#include "base/diag.h"
#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LISTING_MAX (16u * 1024 * 1024)

bool ms_embeds(const char *data, size_t len, bool incbin_known)
{
	static const char *const signs[] = {".incbin", ".include", "#embed", "__has_embed",
	                                    "__has_include"};

	for (size_t i = incbin_known ? 1 : 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (memmem(data, len, signs[i], strlen(signs[i])))
			return true;
	}
	return false;
}

static const char *const *listing_words(const char *const *argv, size_t output, const char *object,
                                        size_t depfile, const char *headers, const char *listing)
{
	struct ms_list words = {0};

	for (size_t i = 0; argv[i]; i++) {
		ms_list_add(&words, i == output               ? object
		                    : depfile && i == depfile ? headers
		                                              : argv[i]);
		/* Behind the driver's name, since the source has to stay last. */
		if (i == 0)
			ms_list_add(&words, ms_format("-Wa,--MD,%s", listing));
	}
	return words.items;
}

bool ms_embedded_files(const char *const *argv, size_t output, size_t depfile, const char *beside,
                       struct ms_list *files)
{
	enum { OBJECT, HEADERS, LISTING, SCRATCH };
	static const char *const suffixes[SCRATCH] = {"o", "d", "list"};
	struct ms_temp temps[SCRATCH] = {{0}};
	struct ms_command command = {0};
	struct ms_result result;
	bool good = true;
	char *text;
	size_t len;

	for (int i = 0; i < SCRATCH && good; i++)
		good = ms_temp_open(&temps[i], ms_format("%s.embedded.%s", beside, suffixes[i]),
		                    MS_WRITE_PARENTS) == 0 &&
		       temps[i].path;
	if (!good && ms_system_failed(errno))
		ms_die_errno("%s.embedded", beside);
	/* A comma would end the assembler's option. */
	if (good && !strchr(temps[LISTING].path, ',')) {
		command.argv = listing_words(argv, output, temps[OBJECT].path, depfile,
		                             temps[HEADERS].path, temps[LISTING].path);
		result = ms_run(&command);
		if (ms_system_failed(result.error))
			ms_die_system("%s: %s", argv[0], strerror(result.error));
		text = ms_temp_read(&temps[LISTING], LISTING_MAX, &len);
		good = !result.error && result.status == 0 && text && !memchr(text, '\0', len) &&
		       ms_depfile_gcc(text, files);
		free(result.output.data);
		free(text);
	} else {
		good = false;
	}
	for (int i = 0; i < SCRATCH; i++) {
		if (temps[i].path)
			ms_temp_abandon(&temps[i]);
	}
	return good;
}
