/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * closed.h - doors of libcrypto that a program which judges signatures keeps shut.
 */
#ifndef MS_TRUST_CLOSED_H
#define MS_TRUST_CLOSED_H

/* Called once before libcrypto is used (but for SHA-256, which needs nothing); that it is called
 * links closed.c in. From then on no allocation of libcrypto fails: the program ends. */
void ms_crypto_close(void);

#endif
