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
  sweeps malloc ENOMEM $(some "$PROGRAMS $BUILDS" parse layout sign-more import report graph build-same)
}

@test "no allocation succeeds any more" {
  needs_shim
  sweeps malloc on $(some "$PROGRAMS $BUILDS" hash link attest export report-trust)
}

@test "an allocation of a library that fails is no fault of the input, and no crash" {
  local bad=0
  needs_shim
  # jansson's, of which the input's reader would say that the text is malformed
  MS_SWEEP=40 sweeps malloc ENOMEM cpio-list diff || bad=1
  # libcrypto's: its beginning, and the first of a key's
  from_the_first sign-more 40 || bad=1
  from_the_first verify 40 || bad=1
  [ "$bad" = 0 ]
}
