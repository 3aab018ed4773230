/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * names.h - the names by which other people's programs know what we write. Each one that
 * is ours names a page in docs/; a name never changes its meaning.
 */
#ifndef MS_TRUST_NAMES_H
#define MS_TRUST_NAMES_H

/* Ours: docs/build-type-v1.md says what they mean. */
#define MS_BUILD_TYPE       "urn:moonshot-toolkit:build-type:v1"
#define MS_BUILDER          "urn:moonshot-toolkit:builder:v1"
#define MS_BUILDER_HERMETIC "urn:moonshot-toolkit:builder:v1:hermetic"
#define MS_VERIFIER         "urn:moonshot-toolkit:verifier:v1"
#define MS_POLICY           "urn:moonshot-toolkit:policy:v1"

/* What is built and what it holds, in statements and bills of materials, wherever the files lie. */
#define MS_IMAGE_NAME   "system-image.bin"
#define MS_ARCHIVE_NAME "system.cpio"

/* in-toto attestation v1, SLSA v1.0, DSSE v1.0.2, Sigstore bundle v0.3. */
#define MS_STATEMENT_TYPE  "https://in-toto.io/Statement/v1"
#define MS_PROVENANCE_TYPE "https://slsa.dev/provenance/v1"
#define MS_SUMMARY_TYPE    "https://slsa.dev/verification_summary/v1"
#define MS_PAYLOAD_TYPE    "application/vnd.in-toto+json"
#define MS_BUNDLE_TYPE     "application/vnd.dev.sigstore.bundle.v0.3+json"

#endif
