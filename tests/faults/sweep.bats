#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Each program, with one of its system calls failing: it ends with 3, or does what it was to do; its
# outputs are the old or the new ones, whole; nothing else is left; and the next run works.
#   MS_SWEEP: calls that fail for each program and kind of fault, evenly spread (default 1; 0: every one)
#   MS_SCENARIOS: with 0, of all scenarios these (lib.bash has their names)
load ../lib
load lib

setup_file() { injected_project; }
setup() { injected_test; }

@test "a write finds the disk full" {
  sweeps write ENOSPC $(some "$PROGRAMS" parse parse-pipe cpio-pack sign-more report)
}

@test "a write or a read takes one byte, or is interrupted" {
  sweeps write short $(some "$PROGRAMS" parse cpio-pack)
  sweeps write EINTR $(some "$PROGRAMS" parse-pipe graph-pipe)
  sweeps read short $(some "$PROGRAMS" cpio-list verify)
  sweeps read EINTR $(some "$PROGRAMS" plan)
}

@test "a read fails" {
  sweeps read EIO $(some "$PROGRAMS" hash layout link verify sbom report-trust)
}

@test "a file cannot be opened: too many are" {
  sweeps open EMFILE $(some "$PROGRAMS" hash cpio link sign-more compile-new graph diff)
}

@test "what compilers have made cannot be read" {
  sweep compile open EMFILE -9
  sweep compile read EIO -9
}

@test "a rename fails, or fsync" {
  sweeps rename EIO $(some "$PROGRAMS" parse link sign-more report)
  sweeps sync EIO $(some "$PROGRAMS" link sign sign-more)
}

@test "no pages: mmap and brk fail" {
  sweeps map ENOMEM $(some "$PROGRAMS" layout sign-more report)
}

@test "no process, no descriptor, no program: fork, pipe and execve fail" {
  sweeps fork EAGAIN $(some "$PROGRAMS" compile-new)
  sweeps descriptor EMFILE $(some "$PROGRAMS" link)
  sweeps exec ENOMEM $(some "$PROGRAMS" link)
}

@test "folders, closing, waiting, random bytes" {
  sweeps folder ENOSPC $(some "$PROGRAMS" compile)
  sweeps close EIO $(some "$PROGRAMS" parse)
  sweeps wait EINTR $(some "$PROGRAMS" link)
  sweeps random EAGAIN $(some "$PROGRAMS" sign-more import)
}
