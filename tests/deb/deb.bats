#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# make deb: the same bytes twice, clean for lintian, and used in a clean Debian. It compiles
# everything twice, so it is run by `make check-deb` alone. MS_CHROOT names a clean Debian 12
# (tests/deb/make-chroot makes one), which stays as it is.
load ../lib

setup_file() {
  [ -n "${MS_DEB:-}" ] || return 0
  command -v dh >/dev/null || return 0
  # the files of the checkout in two folders, as two people of different habits have them
  # shellcheck disable=SC2153
  cd "$MS_ROOT" || return 1
  for who in one another/folder; do
    mkdir -p "$BATS_FILE_TMPDIR/$who/tree"
    git ls-files -z | tar -c --null -T - | tar -x -C "$BATS_FILE_TMPDIR/$who/tree"
  done
  cd "$BATS_FILE_TMPDIR" || return 1
  (umask 022; make -s -C one/tree deb) >one.log 2>&1 || { tail -50 one.log; return 1; }
  (umask 077; TZ=Asia/Tokyo LC_ALL=C.UTF-8 DEB_BUILD_OPTIONS=parallel=1 make -s -C another/folder/tree deb DEBFLAGS=-b) >another.log 2>&1 ||
    { tail -50 another.log; return 1; }
}

setup() {
  [ -n "${MS_DEB:-}" ] || skip "it compiles everything twice: make check-deb"
  command -v dh >/dev/null || skip "no debhelper (Debian's package of that name)"
  cd "$BATS_FILE_TMPDIR" || exit 1
}

@test "two builds give the same package" {
  cmp one/tree/dist/moonshot-toolkit_*.deb another/folder/tree/dist/moonshot-toolkit_*.deb
}

@test "lintian finds nothing, neither in the package nor in its source" {
  command -v lintian >/dev/null || skip "no lintian (Debian's package of that name)"
  run lintian --fail-on error,warning one/tree/dist/*.changes
  echo "$output"
  [ "$status" -eq 0 ]
  run ! grep -E '^[EW]:' <<<"$output"
}

@test "the package's version is the programs'" {
  [ "$(dpkg-deb -f one/tree/dist/*.deb Version)" = "$(ms-build --version | cut -d' ' -f3)" ]
  [ "$(sed -n '1s/.*(\(.*\)).*/\1/p' "$MS_ROOT/debian/changelog")" = "$(ms-build --version | cut -d' ' -f3)" ]
}

@test "installed in a clean Debian it builds the image that the checkout does; removed, nothing is left" {
  [ -n "${MS_CHROOT:-}" ] || skip "MS_CHROOT names no clean Debian (tests/deb/make-chroot makes one)"
  unshare --mount true 2>/dev/null || unshare --mount --map-root-user true 2>/dev/null || skip "no mount namespaces here"
  mkdir -p shared/project/examples
  cp one/tree/dist/*.deb shared/
  cp -R "$MS_ROOT/examples/hello-world" shared/project/examples/
  chmod -R a+rwX shared
  cat >shared/steps <<'END'
set -eu
cd /
touch /before
apt-get -o APT::Sandbox::User=root install -y --no-install-recommends /mnt/moonshot-toolkit_*.deb
for p in $(dpkg -L moonshot-toolkit | grep '^/usr/bin/'); do "$p" --version; done
test -e /usr/share/man/man1/ms-build.1.gz || grep -rq 'path-exclude.*man' /etc/dpkg/dpkg.cfg.d
test -e /usr/share/bash-completion/completions/moonshot-toolkit
test -e /usr/share/zsh/vendor-completions/_ms-build
cmp /usr/share/moonshot-toolkit/ms-spec.schema.json <(ms-parse --schema)
cd /mnt/project
setpriv --reuid=65534 --regid=65534 --clear-groups moonshot-toolkit examples/hello-world/system.toml ||
  moonshot-toolkit examples/hello-world/system.toml # where there is one user alone
cp build/system-image.bin /mnt/image
dpkg -P moonshot-toolkit
test ! -e /usr/share/moonshot-toolkit
find / -xdev -newer /before -name '*moonshot*' -not -path '/var/lib/apt/*' | grep -v '^/mnt' && exit 1
echo all done
END
  run "$BATS_TEST_DIRNAME/inside" "$BATS_FILE_TMPDIR/shared" bash /mnt/steps
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *"all done" ]]
  # the same bytes: the compiler of the clean Debian may be another build of the same release
  cd "$BATS_FILE_TMPDIR/one/tree"
  unset MS_KERNEL
  if [ "$(aarch64-linux-gnu-gcc --version)" = "$(chroot "$MS_CHROOT" aarch64-linux-gnu-gcc --version 2>/dev/null)" ]; then
    MS_TOOLKIT=$PWD/lib ms-build -q examples/hello-world/system.toml
    cmp build/system-image.bin "$BATS_FILE_TMPDIR/shared/image"
  fi
}
