/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assets.h - the style sheets and the script of a page, as they lie beside this file: a program
 * carries them in itself.
 */
#ifndef MS_REPORT_ASSETS_H
#define MS_REPORT_ASSETS_H

extern const char ms_picture_css[], ms_page_css[], ms_page_js[]; /* NUL-terminated */

#endif
