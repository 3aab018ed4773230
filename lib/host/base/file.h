/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file.h - whole files in and out. Input is capped; output appears under its final name
 * complete or not at all (temporary file in the same folder, then rename).
 */
#ifndef MS_BASE_FILE_H
#define MS_BASE_FILE_H

#include "base/mem.h"

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Reads all of path ("-" or NULL: stdin). The bytes are NUL-terminated past *len.
 * Ends the program: 3 when it cannot be read (or is a directory), 1 when it is longer than max.
 * Never reads more than max + 1 bytes.
 */
char *ms_read_file(const char *path, size_t max, size_t *len);

/* The same, but returns NULL with errno set (EFBIG: longer than max) instead of ending, unless
 * the system failed. */
char *ms_try_read_file(const char *path, size_t max, size_t *len);

/*
 * The same for a file that only saves time: one that cannot be read, for whatever reason, is none,
 * and so is what is no regular file. Written, it takes the place of whatever has come to stand
 * there (but of a folder that is not empty); 0, or -1 with errno.
 */
char *ms_read_kept_file(const char *path, size_t max, size_t *len);
int ms_write_kept_file(const char *path, const void *data, size_t len, unsigned flags);

/* True when an errno says that the machine failed (an I/O error, no memory, too many open
 * files), not that a file is missing, refused or no file: then no input is to blame. */
bool ms_system_failed(int why);

/* The name of an input for messages: "<stdin>" for "-" and NULL. */
const char *ms_input_name(const char *path);

enum ms_write_flags {
	MS_WRITE_SYNC = 1,       /* fsync file and folder: a person keeps this file */
	MS_WRITE_EXECUTABLE = 2, /* mode 0777 before the umask, else 0666 */
	MS_WRITE_PARENTS = 4,    /* make missing parent folders */
	MS_WRITE_KEEP_SAME = 8,  /* leave an existing file alone when it holds the same bytes */
	MS_WRITE_UNNOTED = 16    /* whoever writes it says what it holds (ms_note_made) */
};

/* Writes a file atomically (a device or a pipe: straight to it). Returns 0, or -1 with errno;
 * nothing is left behind then. */
int ms_try_write_file(const char *path, const void *data, size_t len, unsigned flags);

/* The same; a failure ends the program with 3. path "-" or NULL: stdout. */
void ms_write_file(const char *path, const void *data, size_t len, unsigned flags);

/*
 * A file that is written piece by piece (or by another program) under a temporary name in
 * path's folder. Either commit or abandon it; ms_exit and signals handled through
 * ms_file_on_signals abandon what is left.
 */
struct ms_temp {
	char *path;  /* the temporary name; NULL: what is there is no file (a device, a pipe), so
	              * it is written to and not replaced */
	char *final; /* where it goes */
	int fd;      /* open for writing, close-on-exec */
	unsigned flags;
};
int ms_temp_open(struct ms_temp *temp, const char *path, unsigned flags); /* 0 or -1, errno */
/* 0 or -1, errno. Who commits says what the file holds (ms_note_made): else its build is not
 * remembered. */
int ms_temp_commit(struct ms_temp *temp);
void ms_temp_abandon(struct ms_temp *temp);
/* What was written to it so far, as ms_try_read_file. */
char *ms_temp_read(const struct ms_temp *temp, size_t max, size_t *len);

/* Removes unfinished temporary files, then dies of the signal, on SIGINT, SIGTERM and SIGHUP. */
void ms_file_on_signals(void);

/* All of it to a descriptor; 0, or -1 with errno. */
int ms_write_all(int fd, const void *data, size_t len);

/* The names in a folder that select takes, sorted. -1 with errno where there is no such folder; a
 * failed system ends the program with 3. */
int ms_folder_names(const char *path, int (*select)(const struct dirent *), struct ms_list *names);

/* mkdir -p; 0 or -1 with errno. */
int ms_make_folders(const char *path);

/* realpath; NULL where there is no such file. Ends the program with 3 where the system failed. */
char *ms_real_path(const char *path);

/* a/b from "a" and "b"; b alone where it is absolute or a is "" or ".". */
char *ms_path_join(const char *a, const char *b);

/* What stands behind the last "/" of path: points into it. */
const char *ms_path_base(const char *path);

/* The folder that path lies in, without a "/" at its end: "." of a bare name, "/" of "/name". */
char *ms_path_folder(const char *path);

/* What of path lies below folder (a "/" at whose end does not count): points into path. NULL when
 * it does not lie there, or folder is NULL. */
const char *ms_path_below(const char *path, const char *folder);

/*
 * Why path is no relative path below the project root as written, or NULL when it is one:
 * empty, absolute, longer than 1,023 bytes, an empty or "." or ".." component, control bytes.
 */
const char *ms_path_fault(const char *path);

/* True when root/path, with every symbolic link followed, is root or lies below it.
 * A path that does not exist yet counts by its existing part. root is any folder. */
bool ms_path_inside(const char *root, const char *path);

/*
 * True when what is written to both names would come to one file, pipe or device, by whatever
 * names: links are followed, the folder of a file that does not exist yet is known whatever it is
 * called. "-" and NULL are standard output.
 */
bool ms_same_output(const char *a, const char *b);

#endif
