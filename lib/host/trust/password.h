/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * password.h - where the password of an encrypted key comes from: a descriptor, or the person
 * at the terminal. Never an argument or a variable, which others could see.
 */
#ifndef MS_TRUST_PASSWORD_H
#define MS_TRUST_PASSWORD_H

/* A ms_key_password (key.h). user: pointer to the descriptor to read the first line of, or NULL
 * (or to a negative number) to ask on the terminal, without echo. */
int ms_password(void *user, const char *path, char *password, int room);

#endif
