/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * closed.c - libcrypto can load modules and look up hosts. A program that judges signatures
 * must do neither: what decides is what was linked in, and a static program is one file. So the
 * linker gives libcrypto these functions where it asks for the C library's (the Makefile's
 * --wrap), and each of them fails.
 */
#include "trust/closed.h"

#include <netdb.h>
#include <openssl/crypto.h>
#include <stddef.h>

void *__wrap_dlopen(const char *file, int mode);
struct hostent *__wrap_gethostbyname(const char *name);
int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                       struct addrinfo **result);

void *__wrap_dlopen(const char *file, int mode)
{
	(void)file;
	(void)mode;
	return NULL;
}

struct hostent *__wrap_gethostbyname(const char *name)
{
	(void)name;
	return NULL;
}

int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                       struct addrinfo **result)
{
	(void)name;
	(void)service;
	(void)hints;
	*result = NULL;
	return EAI_FAIL;
}

void ms_crypto_close(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}
