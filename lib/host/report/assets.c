/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assets.c - the style sheets and the script, taken in by the assembler. The Makefile makes this
 * anew when one of them changes. See assets.h.
 */
#include "report/assets.h"

#define ASSET(symbol, path)                                                                        \
	__asm__(".pushsection .rodata\n"                                                           \
	        ".globl " #symbol "\n" #symbol ":\n"                                               \
	        ".incbin \"" path "\"\n"                                                           \
	        ".byte 0\n"                                                                        \
	        ".popsection\n")

ASSET(ms_picture_css, "report/picture.css");
ASSET(ms_page_css, "report/page.css");
ASSET(ms_page_js, "report/page.js");
