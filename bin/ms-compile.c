/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ms-compile.c - the stage as a program; what it does: lib/host/stage/compile.c.
 */
#include "base/diag.h"
#include "stage/stage.h"

int main(int argc, char **argv)
{
	ms_exit(ms_stage_compile(argc, argv));
}
