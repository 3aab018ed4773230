#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# make install, uninstall and dist: an installed toolkit works without the checkout.
load ../lib

install_it() { # extra make words
  make -s -C "$MS_ROOT" BINDIR="$MS_BIN" DESTDIR="$BATS_TEST_TMPDIR/dest" PREFIX=/opt/ms "$@"
}

# The programs under test are installed as they are: nothing may be built again.
install_built() {
  install_it -o all install
}

@test "an installed toolkit builds hello-world from an empty folder" {
  install_built
  local prefix=$BATS_TEST_TMPDIR/dest/opt/ms
  mkdir -p "$BATS_TEST_TMPDIR/empty/examples"
  cd "$BATS_TEST_TMPDIR/empty"
  cp -R "$prefix/share/moonshot-toolkit/examples/hello-world" examples/
  unset MS_TOOLKIT MS_KERNEL
  PATH=$prefix/bin:/usr/bin:/bin ms-build examples/hello-world/system.toml
  [ -s build/system-image.bin ]
  "$prefix/bin/moonshot-toolkit" --version
}

@test "the image of an installed toolkit is that of the checkout" {
  install_built
  local prefix=$BATS_TEST_TMPDIR/dest/opt/ms
  for who in checkout installed; do
    mkdir -p "$BATS_TEST_TMPDIR/$who/examples"
    cp -R "$MS_ROOT/examples/hello-world" "$BATS_TEST_TMPDIR/$who/examples/"
  done
  unset MS_KERNEL
  (cd "$BATS_TEST_TMPDIR/checkout" && ms-build examples/hello-world/system.toml)
  (unset MS_TOOLKIT; cd "$BATS_TEST_TMPDIR/installed" && "$prefix/bin/ms-build" examples/hello-world/system.toml)
  cmp "$BATS_TEST_TMPDIR/checkout/build/system-image.bin" "$BATS_TEST_TMPDIR/installed/build/system-image.bin"
}

@test "installed examples are those of the checkout, and their scripts can be run" {
  install_built
  local installed=$BATS_TEST_TMPDIR/dest/opt/ms/share/moonshot-toolkit/examples
  diff -r "$MS_ROOT/examples" "$installed"
  "$installed/sixty-three/make-system" | cmp - "$MS_ROOT/examples/sixty-three/system.toml"
  [ -x "$installed/filters/stack-budget" ]
}

@test "uninstall removes every file that install made" {
  install_built
  install_it uninstall
  run find "$BATS_TEST_TMPDIR/dest" -type f -o -type l
  echo "$output"
  [ -z "$output" ]
}

@test "install writes below DESTDIR only, whatever the umask" {
  (umask 077; install_built)
  [ "$(stat -c %a "$BATS_TEST_TMPDIR/dest/opt/ms/bin/ms-parse")" = 755 ]
  [ "$(stat -c %a "$BATS_TEST_TMPDIR/dest/opt/ms/share/moonshot-toolkit/board/boot/boot.lds")" = 644 ]
}

@test "the source tarball is the same bytes each time" {
  git -C "$MS_ROOT" rev-parse HEAD >/dev/null 2>&1 || skip "not a git checkout"
  make -s -C "$MS_ROOT" dist DISTDIR="$BATS_TEST_TMPDIR/one"
  make -s -C "$MS_ROOT" dist DISTDIR="$BATS_TEST_TMPDIR/two"
  cmp "$BATS_TEST_TMPDIR"/one/*.tar.gz "$BATS_TEST_TMPDIR"/two/*.tar.gz
  tar -tzf "$BATS_TEST_TMPDIR"/one/*.tar.gz | grep -q '/Makefile$'
}
