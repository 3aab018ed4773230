/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * closed.c - libcrypto can load modules and look up hosts. A program that judges signatures
 * must do neither: what decides is what was linked in, and a static program is one file. So the
 * linker gives libcrypto these functions where it asks for the C library's (the Makefile's
 * --wrap), and each of them fails. Of an allocation that fails it would say that a key cannot be
 * read or that a signature does not hold; the program ends instead, see base/mem.h.
 */
#include "trust/closed.h"
#include "base/diag.h"
#include "base/mem.h"

#include <netdb.h>
#include <openssl/crypto.h>
#include <stddef.h>
#include <stdlib.h>

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

/* CRYPTO_malloc(3): of no bytes it returns none. */
static void *take(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return size ? ms_library_alloc(size) : NULL;
}

static void give_back(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static void *resize(void *p, size_t size, const char *file, int line)
{
	if (size)
		return ms_library_realloc(p, size);
	give_back(p, file, line);
	return NULL;
}

void ms_crypto_close(void)
{
	/* The end may come with libcrypto's locks taken: it is not to clean up then. */
	if (!CRYPTO_set_mem_functions(take, resize, give_back) ||
	    !OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL))
		ms_die_system("libcrypto cannot be started");
}
