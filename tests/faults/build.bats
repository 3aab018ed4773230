#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# A build, with a system call failing in ms-build or in one of its stages: as in sweep.bats it ends with 3,
# or does what it was to do, loses and leaves nothing; and nobody waits for ever.
load ../lib
load lib

setup_file() { injected_project; }
setup() { injected_test; }

@test "a write finds the disk full, in a stage and between the stages" {
  sweeps write ENOSPC $(some "$BUILDS" build)
  sweep lock write ENOSPC 0
}

@test "a write or a read takes one byte, or is interrupted" {
  sweeps write short $(some "$BUILDS" build)
  sweeps write EINTR $(some "$BUILDS" lock)
  sweeps read short $(some "$BUILDS" build-same)
  sweeps read EINTR $(some "$BUILDS" build)
}

@test "a read fails, or a file cannot be opened" {
  sweeps read EIO $(some "$BUILDS" build)
  sweeps open EMFILE $(some "$BUILDS" build build-same)
}

@test "a rename fails, or fsync, or there are no pages" {
  sweeps rename EIO $(some "$BUILDS" build)
  sweeps sync EIO $(some "$BUILDS" build)
  sweeps map ENOMEM $(some "$BUILDS" build)
}

@test "no process, no descriptor, no program: fork, pipe and execve fail" {
  sweeps fork EAGAIN $(some "$BUILDS" build validate)
  sweeps descriptor EMFILE $(some "$BUILDS" build)
  sweeps exec ENOMEM $(some "$BUILDS" build)
}

@test "folders, locks, closing, waiting, random bytes" {
  sweeps folder ENOSPC $(some "$BUILDS" build)
  sweeps lock EINTR $(some "$BUILDS" build)
  sweeps close EIO $(some "$BUILDS" build)
  sweeps wait EINTR $(some "$BUILDS" build)
  sweeps random EAGAIN $(some "$BUILDS" build)
}
