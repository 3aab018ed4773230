/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assets.h - the style sheets and the script of a page, as they lie beside this file: a program
 * carries them in itself.
 */
#ifndef MS_REPORT_ASSETS_H
#define MS_REPORT_ASSETS_H

#include <stddef.h>

extern const char ms_picture_css[], ms_picture_css_end[];
extern const char ms_page_css[], ms_page_css_end[];
extern const char ms_page_js[], ms_page_js_end[];

#endif
