#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# All processes of a run killed at once (SIGKILL), just before a call that changes the file system: between
# two such calls there is nothing that a kill could change. What is left is old or new, and the next run works.
#   MS_SWEEP: 0: at every such call of a build, not at some
load ../lib
load lib

setup_file() { injected_project; }
setup() { injected_test; }

# at MOST: so many places, or every one in a full sweep
at() { if [ "${MS_SWEEP:-1}" = 0 ]; then echo 0; else echo "$1"; fi; }

@test "a build of which one source has changed" {
  sweep build change kill "$(at 6)"
}

@test "a build in a new folder" {
  sweep build-cold change kill "$(if [ "${MS_SWEEP:-1}" = 0 ]; then echo 200; else echo 2; fi)"
}

@test "a build that has nothing to do, and one without a stage to run again" {
  sweep build-same change kill "$(at 4)"
  sweep lock change kill "$(at 2)"
}

@test "the stages that make files" {
  sweep parse change kill 0
  sweep cpio change kill "$(at 4)"
  sweep cpio-pack change kill 0
  sweep link change kill "$(at 4)"
}

@test "a signature added to an envelope: at every call, none of its signatures is lost" {
  sweep sign-more change kill 0
  sweep sign change kill 0
}
