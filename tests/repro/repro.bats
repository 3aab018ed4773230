#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The same bytes, wherever, whenever and by whomever a system is built: image, archive, every stage's
# document, statement. Here two builds that differ in all at once; one thing after the other, and
# Debian's reprotest, are tests/repro/all (make check-repro).
load ../lib

EXAMPLES="hello-world ping-pong"

setup_file() {
  # Not below the tests' own folder: another user must be able to go there.
  work=$(mktemp -d /tmp/ms-repro-XXXXXX)
  export work
  chmod 755 "$work"
  unset MS_KERNEL MS_TOOLKIT SOURCE_DATE_EPOCH MS_CC_LAUNCHER
  repro=$MS_ROOT/tests/repro
  "$repro/clone" "$MS_BIN" "$work/a"
  date +%s >"$work/began"
  # shellcheck disable=SC2086 # a list
  (umask 022 && LANG=C LC_ALL=C TZ=UTC "$repro/build" "$work/a" "$work/first" -j1 -- $EXAMPLES)
}

teardown_file() { rm -rf "$work"; }

setup() {
  unset MS_KERNEL MS_TOOLKIT SOURCE_DATE_EPOCH MS_CC_LAUNCHER
  repro=$MS_ROOT/tests/repro
}

# scan CLONE: everything that a build leaves, but for what is only for the next one (cache) and for
# editors.
scan() {
  mapfile -d '' files < <(find "$1/build" -type f -not -path '*/cache/*' -not -name compile_commands.json -print0)
  "$repro/scan" "$(cat "$work/began")" "$work" "$MS_ROOT" machine-user machine-host machine-home -- "${files[@]}"
}

@test "another folder, depth, user, umask, locale, time zone, home, -j, clock, file order, launcher, no network" {
  b="$work/somewhere/much/deeper/with a longer name/b"
  "$repro/clone" -r "$MS_BIN" "$b"
  cp "$repro/build" "$b/run"
  mkdir -p "$work/second" "$work/machine-home"
  # A launcher that moves the clock for the compilers; where there is none, the environment alone.
  cat >"$work/launcher" <<'END'
#!/bin/sh
if command -v faketime >/dev/null; then exec faketime '2031-02-03 04:05:06' "$@"; fi
exec "$@"
END
  chmod 755 "$work/launcher"
  as=()
  if [ "$(id -u)" = 0 ]; then
    chown -R 65534:65534 "$work/somewhere" "$work/second" "$work/machine-home"
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  fi
  alone=()
  if "${as[@]}" unshare --map-root-user --net --uts true 2>/dev/null; then
    # shellcheck disable=SC2016
    alone=(unshare --map-root-user --net --uts sh -c 'hostname machine-host && exec "$@"' -)
  fi
  # shellcheck disable=SC2086 # a list
  (
    umask 077
    unset LC_ALL
    "${as[@]}" "${alone[@]}" env LANG=C.UTF-8 LANGUAGE=et_EE:et LC_NUMERIC=de_DE.UTF-8 TZ=Asia/Kathmandu \
      HOME="$work/machine-home" USER=machine-user LOGNAME=machine-user TERM=vt100 COLUMNS=40 CFLAGS=-g \
      "$b/run" "$b" "$work/second" -j2 --launcher "$work/launcher" -- $EXAMPLES
  )
  diff -r "$work/first" "$work/second"
  scan "$work/a"
  scan "$b"
  "$repro/scan" "$(cat "$work/began")" "$work" "$MS_ROOT" machine- -- "$work/first" "$work/second"
}

@test "the scan finds what it looks for" {
  mkdir -p "$work/scan/sub"
  cp "$work/first/hello-world/system-image.bin" "$work/scan/sub/image"
  "$repro/scan" "$(date +%s)" /machine/path -- "$work/scan"
  for bytes in "/machine/path/x.c" "$(date +%s)" "$(date +%Y-%m-%d)" "$(LC_ALL=C date '+%b %e %Y')"; do
    cp "$work/first/hello-world/system-image.bin" "$work/scan/sub/image"
    printf '\0%s\0' "$bytes" | dd of="$work/scan/sub/image" bs=1 seek=5000 conv=notrunc status=none
    run -1 "$repro/scan" "$(date +%s)" other-word /machine/path -- "$work/scan"
    [[ $output == *"scan/sub/image: "* ]]
  done
  run -1 "$repro/scan" "$(date +%s)" word -- "$work/scan/nothing"
  run -1 "$repro/scan" "$(date +%s)" '"spec_hash"' -- "$work/first" # every plan has that
}

@test "a source that says where it lies is found out" {
  # The counter-check: an absolute path in the source is the one way that is left, and is not mapped.
  cp -R "$work/a" "$work/c"
  cd "$work/c"
  rm -rf build
  sed -i "1i static const char where[] __attribute__((used)) = \"$work/c\";" examples/hello-world/hello.c
  "$repro/build" "$work/c" "$work/third" -- hello-world
  run ! diff -rq "$work/first/hello-world" "$work/third/hello-world"
  run -1 "$repro/scan" "$(cat "$work/began")" "$work" -- "$work/third"
}

@test "with the cache, without parts of it, hermetic: the same" {
  cd "$work/a"
  again() { "$repro/build" "$work/a" "$work/again" -- hello-world && diff -r "$work/first/hello-world" "$work/again/hello-world"; }
  again
  rm -r build/hello-world/system-image.bin build/hello-world/pd build/hello-world/loader/*.o build/hello-world/stages
  again
  rm -r build/hello-world/cache
  again
  if "$repro/build" "$work/a" "$work/closed" --hermetic -- hello-world 2>"$work/why"; then
    cmp "$work/first/hello-world/system-image.bin" "$work/closed/hello-world/system-image.bin"
    cmp "$work/first/hello-world/system.cpio" "$work/closed/hello-world/system.cpio"
  else
    grep -q 'lets no step be closed off' "$work/why"
  fi
}

@test "a build folder outside the project, and a project reached through a link" {
  ln -s a "$work/link"
  cd "$work"
  a/bin/ms-build -q -C link -B "$work/out" -o "$work/elsewhere.bin" examples/hello-world/system.toml
  diff -r "$work/first/hello-world/stages" out/stages
  cmp "$work/first/hello-world/system-image.bin" elsewhere.bin
}
