/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * service.h - the messages of the line of services. Each level takes a request from the one
 * above and makes one to the one below.
 *
 *   request  label SERVICE_GET: register 0 and on, the name of a page (message.h)
 *            label SERVICE_LEDGER: nothing; asks for the state of the ledger
 *   answer   label: a status; register 0: number of the last ledger entry, register 1: head of
 *            the chain, register 2 and on: the page's text
 */
#ifndef SERVICE_H
#define SERVICE_H

#define DOWN 0 /* the channel to the service below */

enum service_request { SERVICE_GET = 1, SERVICE_LEDGER = 2 };

enum service_status {
	SERVICE_OK = 200,
	SERVICE_FORBIDDEN = 403,
	SERVICE_NOT_FOUND = 404,
	SERVICE_BAD_REQUEST = 400,
	SERVICE_BROKEN = 500, /* the ledger's chain is not whole */
	SERVICE_FULL = 507    /* the ledger takes no more: nothing is served unrecorded */
};

#define SERVICE_ENTRY 0
#define SERVICE_HEAD  1
#define SERVICE_TEXT  2

#define NAME_MAX 40

/* The proofs: a page that mediakit-root writes and the proofreader reads. */
#define PROOF_MAX 256

struct proofs {
	unsigned long length;
	char text[PROOF_MAX];
};

#endif
