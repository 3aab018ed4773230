#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Each program, with one of its system calls or allocations failing: it ends with 3, or does what it was to
# do; its outputs are the old or the new ones, whole; nothing else is left; and the next run works.
#   MS_SWEEP: calls that fail for each program and kind of fault, evenly spread (default 1; 0: every one)
#   MS_SCENARIOS: with 0, these scenarios instead of all
load ../lib
load lib

setup_file() { injected_project; }
setup() { injected_test; }

# sweeps CLASS WHAT SCENARIO...: all of them, and says what was wrong with each.
sweeps() {
  local class=$1 what=$2 name bad=0
  shift 2
  for name in "$@"; do
    sweep "$name" "$class" "$what" "${MS_SWEEP:-1}" || bad=1
  done
  [ "$bad" -eq 0 ]
}

# all of them in a full sweep, else those named
some() { if [ "${MS_SWEEP:-1}" = 0 ]; then echo "${MS_SCENARIOS:-$ALL_SCENARIOS}"; else echo "$*"; fi; }

@test "a write finds the disk full" {
  sweeps write ENOSPC $(some parse parse-pipe cpio-pack sign-more build report)
}

@test "a write fails anywhere in a build, between its stages too: nobody waits for ever" {
  sweep lock write ENOSPC 0
}

@test "a write or a read takes one byte, or is interrupted" {
  sweeps write short $(some parse cpio-pack)
  sweeps write EINTR $(some parse-pipe graph-pipe)
  sweeps read short $(some cpio-list verify)
  sweeps read EINTR $(some plan)
}

@test "a read fails" {
  sweeps read EIO $(some hash layout link verify sbom report-trust)
}

@test "a file cannot be opened: too many are" {
  sweeps open EMFILE $(some hash cpio link sign-more build-same compile graph diff)
}

@test "what compilers have made cannot be read" {
  sweep compile open EMFILE -9
  sweep compile read EIO -9
}

@test "a rename fails, or fsync" {
  sweeps rename EIO $(some parse link sign-more report)
  sweeps sync EIO $(some link sign sign-more)
}

@test "no pages: mmap and brk fail" {
  sweeps map ENOMEM $(some layout sign-more report)
}

@test "no process, no descriptor, no program: fork, pipe and execve fail" {
  sweeps fork EAGAIN $(some compile)
  sweeps descriptor EMFILE $(some build)
  sweeps exec ENOMEM $(some build)
}

@test "an allocation fails" {
  needs_shim
  sweeps malloc ENOMEM $(some parse layout sign-more import report graph)
}

@test "no allocation succeeds any more" {
  needs_shim
  sweeps malloc on $(some hash link attest export report-trust)
}

@test "folders, locks, closing, waiting, random bytes" {
  sweeps folder ENOSPC $(some compile)
  sweeps close EIO $(some parse)
  sweeps wait EINTR $(some build)
  sweeps random EAGAIN $(some sign-more import)
  sweeps lock EINTR $(some build)
}
