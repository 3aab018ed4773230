#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Each program, with one of its allocations failing, or all of them from one on: as in sweep.bats it ends
# with 3, or does what it was to do, and loses and leaves nothing.
load ../lib
load lib

setup_file() { injected_project; }
setup() { injected_test; }

@test "an allocation fails" {
  needs_shim
  sweeps malloc ENOMEM $(some "$PROGRAMS $BUILDS" parse layout sign-more import report graph)
}

@test "no allocation succeeds any more" {
  needs_shim
  sweeps malloc on $(some "$PROGRAMS $BUILDS" hash link attest export report-trust)
}
