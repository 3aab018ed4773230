/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notes.h - what a run depended on, told to ms-build, which remembers it: when all of it is as
 * it was, the next build starts no stage at all (drive/memory.h).
 *
 * What goes through lib/host/base is noted where it happens: file.h notes what is read, written
 * or missing, digest.h what is digested, run.h the search for a program, ms_path_inside its
 * answer, ms_env a variable. Whoever asks the file system in another way notes it here; what
 * cannot be said in these terms is ms_note_never. Without ms-build above, nothing is kept and
 * nothing costs anything.
 *
 * The notes travel through a file that ms-build opened; $MS_NOTES names it (inherit.h).
 *
 *   begin PROGRAM                the program's own path
 *   read SHA256 PATH             a file with these bytes was read
 *   made SHA256|- PATH           ... was written, or was found to be what would be written
 *   absent PATH                  nothing was there
 *   inside ROOT<TAB>PATH         ROOT/PATH leads to nowhere outside of ROOT
 *   env NAME=VALUE, unset NAME   a variable was looked at
 *   say LINE                     a line of a diagnostic that is no error
 *   never                        this run is not to be remembered
 *   end
 */
#ifndef MS_BASE_NOTES_H
#define MS_BASE_NOTES_H

#include "base/digest.h"
#include <stdbool.h>
#include <stddef.h>

#define MS_NOTES_VARIABLE "MS_NOTES"

/* Once, at a program's start; and at its successful end. Both by diag.c. */
void ms_notes_open(void);
void ms_notes_send(void);

/* As at a program's start; path: of that program. */
void ms_notes_again(const char *path);

/* True when somebody wants them: whoever must take a digest only for a note asks first. */
bool ms_notes_wanted(void);

/* What lies in this folder only saves time: it is not noted. One folder; the last one counts. */
void ms_notes_ignore(const char *folder);

/* In place of a digest: something was written there, more is not known (yet). */
#define MS_NOTE_UNKNOWN "-"

void ms_note_read(const char *path, const char *sha256);
void ms_note_made(const char *path, const char *sha256);
void ms_note_absent(const char *path);
void ms_note_inside(const char *root, const char *path);
void ms_note_never(void);

/* The same for bytes at hand. */
void ms_note_read_bytes(const char *path, const void *data, size_t len);
void ms_note_made_bytes(const char *path, const void *data, size_t len);

/* A diagnostic as it was printed. */
void ms_note_said(const char *text, size_t len);

/* The next diagnostic is about this very run: it is not repeated by a build that needs none. */
void ms_note_once(void);

/* getenv for every variable that can change a result. (Those that cannot, such as the width of
 * a terminal or make's jobserver, are asked for with getenv.) */
const char *ms_env(const char *name);

#endif
