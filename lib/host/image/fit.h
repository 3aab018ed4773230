/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fit.h - U-Boot's flattened image tree: its source, which we write, and what mkimage makes of
 * it, signed by every key that is named.
 */
#ifndef MS_IMAGE_FIT_H
#define MS_IMAGE_FIT_H

#include "base/mem.h"
#include "plan/make.h"
#include <stddef.h>
#include <stdint.h>

/* Everything that it is made of lies there; so does what comes out but the image itself. */
#define MS_FIT_FOLDER "build/fit"
#define MS_FIT_SOURCE "build/fit/image.its"
#define MS_FIT_KEYS   "build/fit/keys.dtb"

#define MS_FIT_KEYS_MAX 8

/*
 * A key that signs: DIR/NAME.key with its certificate DIR/NAME.crt (RSA), or DIR/NAME.pem (ECDSA),
 * as mkimage reads them.
 */
struct ms_fit_key {
	const char *dir, *name;
	const char *algorithm; /* "rsa2048", "rsa3072", "rsa4096", "ecdsa256" */
	size_t signature_size; /* bytes */
};

struct ms_fit {
	struct ms_fit_key keys[MS_FIT_KEYS_MAX];
	size_t count;
	/* what it is made of: */
	struct ms_buf loader; /* the flat image */
	const void *dtb;      /* the kernel's device tree; NULL: none */
	size_t dtb_len;
	uint64_t address;      /* where the loader is loaded and starts */
	const char *plan_hash; /* NULL: not known */
};

/* Reads DIR/NAME[:ALGORITHM]. Returns NULL, or what is wrong with it. */
const char *ms_fit_add_key(struct ms_fit *fit, const char *text);

/* Are the programs there? They become inputs of the build. MS_EXIT_OK, or MS_EXIT_SYSTEM after
 * reporting. */
int ms_fit_tools(const struct ms_fit *fit, const struct ms_make *make);

/*
 * Writes the source and runs mkimage (and dtc, which it needs). image, source and keys (only with
 * keys; else left alone) receive the bytes of the three files. Returns MS_EXIT_OK, or another
 * status after reporting.
 */
int ms_fit_make(const struct ms_fit *fit, const struct ms_make *make, struct ms_buf *image,
                struct ms_buf *source, struct ms_buf *keys);

#endif
