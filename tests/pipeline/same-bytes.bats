#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The same bytes, wherever and by whomever a system is built.
load ../lib

# copy DIR: the toolkit and the examples as a clone has them.
copy() {
  mkdir -p "$1/bin" "$1/lib"
  find "$MS_BIN" -maxdepth 1 -name 'ms-*' -type f -perm -u+x -exec cp {} "$1/bin" \;
  cp -R "$MS_ROOT/lib/board" "$MS_ROOT/lib/both" "$1/lib"
  cp -R "$MS_ROOT/examples" "$1"
}

setup() {
  # Not below the tests' own folder: another user must be able to go there.
  work=$(mktemp -d /tmp/ms-same-XXXXXX)
  chmod 755 "$work"
  unset MS_KERNEL MS_TOOLKIT
}

teardown() { rm -rf "$work"; }

@test "two clones at different depths, -j1 and -j2, other umask, LANG, TZ, HOME and user" {
  a=$work/a
  b=$work/somewhere/much/deeper/with-a-longer-name/b
  copy "$a"
  copy "$b"
  (
    cd "$a"
    umask 022
    LANG=C LC_ALL=C TZ=UTC ./bin/ms-build -q -j1 examples/hello-world/system.toml
  )
  as=()
  if [ "$(id -u)" = 0 ]; then
    chown -R 65534:65534 "$work/somewhere"
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  fi
  (
    cd "$b"
    umask 077
    unset LC_ALL
    "${as[@]}" env LANG=C.UTF-8 TZ=Asia/Kathmandu HOME=/nowhere USER=other TERM=vt100 \
      ./bin/ms-build -q -j2 examples/hello-world/system.toml
  )
  cmp "$a/build/system-image.bin" "$b/build/system-image.bin"
  cmp "$a/build/system.cpio" "$b/build/system.cpio"
  for f in "$a"/build/stages/*.json; do
    cmp "$f" "$b/build/stages/${f##*/}"
  done
  # Nothing of either machine is in what is handed on.
  run ! grep -qaF "$work" "$a/build/system-image.bin" "$a"/build/stages/*.json
  run ! grep -qaF "$work" "$a/build/pd/hello.elf" "$b/build/pd/hello.elf"
}

@test "a build folder outside the project, and a project reached through a link" {
  copy "$work/a"
  ln -s a "$work/link"
  cd "$work/link"
  ./bin/ms-build -q examples/hello-world/system.toml
  cd "$work"
  a/bin/ms-build -q -C link -B "$work/out" examples/hello-world/system.toml
  cmp a/build/system-image.bin out/system-image.bin
  for f in a/build/stages/*.json; do
    cmp "$f" "out/stages/${f##*/}"
  done
}
