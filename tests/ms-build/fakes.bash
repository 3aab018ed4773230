# SPDX-License-Identifier: BSD-2-Clause
# Stages and a QEMU that only pretend, for tests of ms-build. Load it after lib.bash.

# fakes STAGE...: programs in the working folder that stand in for them; FAKES is how ms-build is told.
fakes() {
  local stage
  FAKES=()
  for stage in "$@"; do
    ln -s "$BATS_TEST_DIRNAME/fake" "$stage"
    FAKES+=(--stage "$stage=./$stage")
  done
}

# fake_project: the working folder of a test, in which all seven stages pretend; spec.toml is any text.
fake_project() {
  unset MS_CC_LAUNCHER MS_KERNEL MAKEFLAGS
  cd "$BATS_TEST_TMPDIR" || return 1
  fakes parse plan hash compile layout cpio link
  echo 'x = 1' >spec.toml
}

# fake_qemu: what ms-build takes for QEMU does what GUEST says; link.json is what ms-link writes.
fake_qemu() {
  mkdir path
  ln -s "$BATS_TEST_DIRNAME/fake-qemu" path/qemu-system-aarch64
  PATH="$PWD/path:$PATH"
  export FAKE_LINK=$PWD/link.json GUEST='' GUEST_EXIT=0
}
