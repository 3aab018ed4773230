/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ms-link.c - the stage as a program; what it does: lib/host/stage/link.c.
 */
#include "base/diag.h"
#include "stage/stage.h"

int main(int argc, char **argv)
{
	ms_exit(ms_stage_link(argc, argv));
}
