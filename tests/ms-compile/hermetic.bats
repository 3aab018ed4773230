#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# --hermetic: what a step sees, what it does not, and that this changes no byte. Each test runs in
# both ways that the kernel may allow, namespaces and Landlock.
load ../lib

setup_file() {
  unset MS_KERNEL MS_CC_LAUNCHER
  cd "$BATS_FILE_TMPDIR" || return 1
  cp -R "$MS_ROOT/examples" .
  ms-build -q -B plain examples/hello-world/system.toml
  export WAYS=
  ms-parse examples/hello-world/system.toml | ms-plan | ms-hash >plan.json
  for way in namespaces landlock; do
    status=0
    MS_HERMETIC=$way ms-compile --hermetic --kernel plain/probe -B "$way" -o /dev/null plan.json 2>"$way.err" || status=$?
    # 3: not allowed here; anything else is for the tests to find out
    [ "$status" -eq 3 ] || WAYS="$WAYS $way"
  done
}

setup() {
  unset MAKEFLAGS MFLAGS MS_CC_LAUNCHER MS_HERMETIC
  export MS_KERNEL=$BATS_FILE_TMPDIR/plain/probe
  project="$BATS_TEST_TMPDIR/a project"
  mkdir -p "$project/src/deeper" "$project/inc/deeper" "$project/private" "$BATS_TEST_TMPDIR/tools"
  cd "$project" || return 1
  echo '#define SECRET 1' >private/secret.h
  echo '#define BESIDE 1' >src/beside.h
  echo '#define BELOW 1' >inc/deeper/below.h
  source_of 'int nothing;'
  printf '[[protection_domains]]\nname = "one"\nbinary = "src/one.c"\ninclude_dirs = ["inc"]\n' >system.toml
}

source_of() { printf '%s\n' "$@" 'void _start(void) { for (;;); }' >src/one.c; }
compile() { ms-parse system.toml | ms-plan | ms-hash | ms-compile --hermetic "$@"; }

# in_both COMMAND...: in each way that this kernel allows.
in_both() {
  [ -n "$WAYS" ] || skip "this kernel allows neither namespaces nor Landlock"
  for MS_HERMETIC in $WAYS; do
    export MS_HERMETIC
    rm -rf build
    "$@" || { echo "in the way of $MS_HERMETIC"; return 1; }
  done
  unset MS_HERMETIC
}

# Puts a compiler first in PATH that runs the lines of stdin before each compile.
real=$(command -v aarch64-linux-gnu-gcc || :)
wrapper() {
  {
    printf '#!/bin/bash\nreal=%q\n' "$real"
    # shellcheck disable=SC2016
    echo 'case " $* " in *" -c "*)'
    cat
    # shellcheck disable=SC2016
    printf ';;\nesac\nexec "$real" "$@"\n'
  } >"$BATS_TEST_TMPDIR/tools/aarch64-linux-gnu-gcc"
  chmod +x "$BATS_TEST_TMPDIR/tools/aarch64-linux-gnu-gcc"
  case $PATH in
  "$BATS_TEST_TMPDIR/tools":*) ;;
  *) PATH="$BATS_TEST_TMPDIR/tools:$PATH" ;;
  esac
}

refused() { # FILE: the step fails, and FILE is named as what it did not declare
  run -1 --separate-stderr compile
  echo "$stderr"
  [ -z "$output" ]
  [[ $stderr == *"error: one: build/pd/one.o: "*"[compile]"* ]]
  [[ $stderr == *"error: one: $1 is there, but the step does not declare it: "*"[undeclared]"* ]]
  [ ! -e build/pd/one.o ]
  [ ! -e build/pd/one.elf ]
  [ -z "$(find build -name '.ms-*')" ]
}

@test "what is declared is there: the header beside the source, include_dirs, the compiler's own" {
  source_of '#include "beside.h"' '#include "deeper/below.h"' '#include <stdint.h>' \
    '#include <ms/kernel.h>' 'uint8_t x = BESIDE + BELOW;'
  in_both compile -o out.json
  jq -e '.artifacts[0].hermetic' out.json
}

@test "the project's own folder as an include folder: all of it but the build folder, and no link" {
  echo '#define IN_ROOT 1' >root.h
  sed -i 's/"inc"/"."/' system.toml
  source_of '#include "root.h"' '#include "private/secret.h"' '#include "inc/deeper/below.h"' \
    'int x = IN_ROOT + SECRET + BELOW;'
  in_both compile -o out.json
  in_both compile -B private/out -o out.json
  mkdir ../outside
  echo >../outside/out.h
  ln -s ../outside door
  source_of '#include "door/out.h"'
  in_both refused door/out.h
  made() { mkdir build && echo >build/made.h && refused build/made.h; }
  source_of '#include "build/made.h"'
  in_both made
}

@test "a header that is not declared" {
  source_of '#include "../private/secret.h"'
  in_both refused 'src/../private/secret.h'
}

@test "a header below the source's folder" {
  echo >src/deeper/own.h
  source_of '#include "deeper/own.h"'
  in_both refused 'src/deeper/own.h'
  sed -i 's/"inc"/"inc", "src"/' system.toml
  in_both compile -o out.json
}

@test "a file beside the source that is no header" {
  echo 'int other;' >src/other.c
  source_of '#include "other.c"'
  in_both refused 'src/other.c'
}

@test "an absolute path" {
  source_of "#include \"$project/private/secret.h\""
  in_both refused "$project/private/secret.h"
  source_of '#include "/usr/include/stdio.h"'
  in_both refused "/usr/include/stdio.h"
}

@test "a link to what is not declared" {
  ln -s ../private/secret.h src/link.h
  source_of '#include "link.h"'
  in_both refused 'src/link.h'
  rm src/link.h
  ln -s ../private inc/door
  source_of '#include "door/secret.h"'
  in_both refused 'inc/door/secret.h'
}

@test "an include folder that leads out of the project" {
  mkdir ../outside
  echo >../outside/out.h
  rm -r inc
  ln -s ../outside inc
  source_of '#include "out.h"'
  outside() {
    run -1 --separate-stderr compile
    [[ $stderr == *"one: the include folder inc leads out of the project [input-outside]"* ]]
  }
  in_both outside
}

@test ".incbin of a file that is not declared" {
  echo blob >private/blob
  source_of '__asm__(".data\n.incbin \"private/blob\"\n.text");'
  in_both refused 'private/blob'
  cp private/blob inc
  source_of '__asm__(".data\n.incbin \"blob\"\n.text");'
  in_both compile -o out.json
  grep -q blob build/pd/one.elf
}

@test "a compiler that reads other files" {
  wrapper <<<'read -r line </etc/passwd || exit 1'
  in_both refused /etc/passwd
  mkdir -p "$BATS_TEST_TMPDIR/home"
  echo >"$BATS_TEST_TMPDIR/home/.rc"
  wrapper <<<"read -r line <'$BATS_TEST_TMPDIR/home/.rc' || exit 1"
  in_both refused "$BATS_TEST_TMPDIR/home/.rc"
}

@test "a compiler without HOME or anything else of the environment" {
  # shellcheck disable=SC2016
  wrapper <<<'[ -z "$HOME$USER$SSH_AUTH_SOCK" ] || { echo "HOME is set"; exit 1; }; [ -w "$TMPDIR" ]'
  export USER=me SSH_AUTH_SOCK=/nowhere
  in_both compile -o out.json
}

@test "a compiler that writes outside of its own folder" {
  touch src/victim
  for path in src/victim src/new "$BATS_TEST_TMPDIR/new" build/pd/other.elf /tmp/ms-test-new; do
    wrapper <<<"echo x >'$path' || exit 1"
    fails() {
      run -1 --separate-stderr compile
      [[ $stderr == *"$path: "@(No such file|Permission denied|Read-only)* ]]
    }
    in_both fails
    wrapper <<<"echo x >'$path' || :" # it may fail in silence: nothing is written all the same
    quiet() { compile -o out.json 2>/dev/null; }
    in_both quiet
  done
  [ ! -s src/victim ] && [ ! -e src/new ] && [ ! -e "$BATS_TEST_TMPDIR/new" ] && [ ! -e build/pd/other.elf ] &&
    [ ! -e /tmp/ms-test-new ]
}

@test "a compiler that changes another step's result" {
  printf '[[protection_domains]]\nname = "two"\nbinary = "src/one.c"\npriority = 2\n' >>system.toml
  sed -i '0,/^binary/s/^binary/priority = 1\nbinary/' system.toml
  source_of 'void init(void) { }' 'void notified(unsigned ch) { (void)ch; }'
  compile -o want.json
  # shellcheck disable=SC2016
  wrapper <<<'for f in build/pd/*.o; do [ ! -e "$f" ] || echo damage >"$f"; done 2>/dev/null; :'
  same() { compile -j1 -o out.json && cmp <(jq .artifacts want.json) <(jq .artifacts out.json); }
  in_both same
}

@test "a compiler that tries the network" {
  wrapper <<<': </dev/tcp/127.0.0.1/9 || exit 1'
  fails() {
    run -1 --separate-stderr compile
    [[ $stderr == *"/dev/tcp/127.0.0.1/9: "@(Permission denied|Network is unreachable|Cannot assign)* ]] ||
      [[ $stderr == *"connect: "@(Permission denied|Network is unreachable)* ]]
  }
  in_both fails
}

@test "the same bytes and the same document but for its word, with and without" {
  cd "$BATS_FILE_TMPDIR"
  unset MS_KERNEL
  same() {
    rm -rf own
    ms-build -q --hermetic -B own examples/hello-world/system.toml
    cmp plain/system-image.bin own/system-image.bin
    cmp plain/system.cpio own/system.cpio
    cmp plain/pd/hello.o own/pd/hello.o
    for f in plain/stages/*.json; do
      jq -cS 'del(.artifacts[]?.hermetic) | del(.image.hermetic?)
        | if .image == null then del(.image) else . end | if .artifacts == null then del(.artifacts) else . end' \
        "own/stages/${f##*/}" | cmp - "$f"
    done
    jq -e '.image.hermetic and all(.artifacts[]; .hermetic)' own/stages/07-ms-link.json
  }
  in_both same
  run ! grep -q hermetic plain/stages/07-ms-link.json
}

@test "a system of several protection domains" {
  cd "$BATS_FILE_TMPDIR"
  ms-build -q -B ping examples/ping-pong/system.toml 2>/dev/null
  same() {
    rm -rf pong
    ms-build -q --hermetic -B pong examples/ping-pong/system.toml 2>/dev/null
    cmp ping/system-image.bin pong/system-image.bin
  }
  in_both same
}

@test "the cache keeps the two apart" {
  source_of '#include "../private/secret.h"'
  ms-parse system.toml | ms-plan | ms-hash >plan.json
  ms-compile -o plain.json plan.json
  run -1 ms-compile --hermetic plan.json
  source_of 'int good;'
  compile -o first.json
  if command -v strace >/dev/null; then
    sleep 0.1
    strace -f -e trace=process,mount -o trace ms-compile --hermetic -o second.json plan.json
    run ! grep -E '(clone|clone3|fork|vfork|mount|unshare)\(' trace
    cmp first.json second.json
  fi
}

@test "ms-link takes only what was compiled so" {
  ms-parse system.toml | ms-plan | ms-hash >plan.json
  ms-compile plan.json | ms-layout | ms-cpio -o packed.json
  run -1 --separate-stderr ms-link --hermetic packed.json
  [[ $stderr == *"build/pd/one.elf was compiled without --hermetic [hermetic]"* ]]
  # A program that is ready made was not compiled at all.
  cp build/pd/one.elf ready.elf
  sed -i 's/^binary.*/binary = "ready.elf"/; /include_dirs/d' system.toml
  ms-parse system.toml | ms-plan | ms-hash | ms-compile --hermetic | ms-layout | ms-cpio | ms-link --hermetic >ready.json
  jq -e '.image.hermetic and (.artifacts[0] | has("hermetic") | not)' ready.json
}

@test "no launcher, no mkimage" {
  run -2 --separate-stderr ms-link --hermetic --format elf --format fit /dev/null
  [[ $stderr == *"--hermetic and --format fit exclude each other"* ]]
  run -2 --separate-stderr ms-build --hermetic --format fit system.toml
  run -2 --separate-stderr compile --launcher env
  [[ $stderr == *"--hermetic and the launcher env exclude each other"* ]]
  MS_CC_LAUNCHER='env' run -2 --separate-stderr compile
  run -2 --separate-stderr ms-link --hermetic --launcher env /dev/null
  run -2 --separate-stderr ms-build --hermetic --launcher env system.toml
  MS_CC_LAUNCHER='env' run -2 --separate-stderr ms-build --hermetic system.toml
}

@test "where the kernel allows neither, nothing is built" {
  unshare --user --map-root-user true 2>/dev/null || skip "this user may make no user namespace to try it in"
  # A root that has no rights and may make no namespace.
  # shellcheck disable=SC2016
  closed='echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all "$@"'
  ms-parse system.toml | ms-plan | ms-hash >plan.json
  MS_HERMETIC=namespaces run -3 --separate-stderr unshare --user --map-root-user sh -c "$closed" - \
    ms-compile --hermetic plan.json
  [[ $stderr == *"--hermetic: this system lets no step be closed off: namespaces: "*"; Landlock: not allowed by MS_HERMETIC"* ]]
  [ -z "$output" ]
  [ ! -e build/pd/one.o ]
  # With Landlock it goes on in that way.
  [[ $WAYS == *landlock* ]] || skip "no Landlock"
  unshare --user --map-root-user sh -c "$closed" - ms-compile --hermetic -o out.json plan.json
  jq -e '.artifacts[0].hermetic' out.json
  rm -r build
  MS_HERMETIC=magic run -2 --separate-stderr ms-compile --hermetic plan.json
}

@test "another user, killed at any moment: nothing stays behind" {
  wrapper <<<'sleep 0.2'
  ms-parse system.toml | ms-plan | ms-hash >plan.json
  killed() {
    for signal in TERM INT; do
      env --default-signal=INT ms-compile --hermetic -o out.json plan.json 3>&- 2>/dev/null &
      pid=$!
      sleep 0.1
      kill -s $signal $pid 2>/dev/null || :
      wait $pid || :
      [ -z "$(find . -name '.ms-*')" ] || { find .; return 1; }
    done
  }
  in_both killed
}
