/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ms-parse.c - the stage as a program; what it does: lib/host/stage/parse.c.
 */
#include "base/diag.h"
#include "stage/stage.h"

int main(int argc, char **argv)
{
	ms_exit(ms_stage_parse(argc, argv));
}
