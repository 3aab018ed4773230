/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.h - from signatures to bytes: does what was delivered hold together, as far as the
 * one who asks has the means to look?
 */
#ifndef MS_TRUST_VERIFY_H
#define MS_TRUST_VERIFY_H

#include "base/mem.h"
#include "base/toolkit.h"
#include "trust/key.h"
#include "trust/statement.h"
#include "trust/verdict.h"

/* One file of signatures, or a bare statement. */
struct ms_evidence {
	const char *path;
	char sha256[MS_SHA256_HEX];
};

struct ms_verify {
	/* set by the caller: */
	struct ms_keys trust;
	unsigned threshold;      /* how many different keys must have signed */
	bool without;            /* no signature is asked for */
	struct ms_list files;    /* envelopes and bundles; "-": stdin */
	const char *builder;     /* the builder.id that must be there; NULL: any */
	const char *image;       /* NULL: not at hand, as all below */
	const char *spec;        /* the TOML; NULL: where the statement says, below project */
	const char *project;     /* the project's root */
	const char *kernel;      /* the kernel build's folder */
	const char *record;      /* the last document of the build */
	const char *record_text; /* its bytes, where it was read already; else NULL */
	size_t record_len;
	const char *rebuild; /* the folder to build again in; must not exist */
	bool toolchain;      /* compare the compiler's files */
	struct ms_places places;
	/* set by ms_verify: */
	struct ms_verdict verdict;
	struct ms_evidence *evidence;
	size_t evidence_count, evidence_cap;
	const struct ms_key *signers[MS_KEYS_MAX]; /* whose signatures were found good */
	size_t signer_count;
	char *payload; /* the statement's bytes, once they are believed */
	size_t payload_len;
	struct ms_statement statement;
	bool read;               /* statement is filled in */
	json_t *record_document; /* record, checked; NULL: none, or a wrong one */
	bool rebuilt_same;
};

/* Why the keys and the threshold that the caller gave can decide nothing, or NULL; a threshold that
 * was not given becomes 1. */
const char *ms_verify_policy_fault(struct ms_verify *verify);

/* Looks at everything that was asked for, in order, and writes each finding into verdict. */
void ms_verify(struct ms_verify *verify);

/* The verdict as an in-toto statement with a SLSA verification summary. resource: the URI of
 * what was verified; NULL: a package URL of the image's digest. */
json_t *ms_verify_summary(const struct ms_verify *verify, const char *resource);

/* -- its parts --------------------------------------------------------------------------- */

/* verify_signatures.c: files to payload and signers. False: nothing there can be believed. */
bool ms_verify_signatures(struct ms_verify *verify);
/* verify_inputs.c: the inputs of the statement against the files at hand. */
void ms_verify_inputs(struct ms_verify *verify);
/* verify_image.c: the image's digest, the archive in it, its members. */
void ms_verify_image(struct ms_verify *verify);
/* verify_rebuild.c: a build of one's own. */
void ms_verify_rebuild(struct ms_verify *verify);

#endif
