#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-compile: what runs and what does not, what is refused, and that nothing half-made stays.
load ../lib

# The probe kernel is built once; every other test takes it as its --kernel.
setup_file() {
  export MS_KERNEL='' PROBE="$BATS_FILE_TMPDIR/b/probe"
  cd "$BATS_FILE_TMPDIR" || return 1
  echo 'void _start(void) { for (;;); }' >one.c
  printf '[[protection_domains]]\nname = "one"\nbinary = "one.c"\n' |
    ms-parse | ms-plan | ms-compile -B b -o probe.json 2>probe.err
}

setup() {
  unset MAKEFLAGS MFLAGS MS_CC_LAUNCHER CCACHE_DIR
  project="$BATS_TEST_TMPDIR/a project"
  mkdir -p "$project/src" "$BATS_TEST_TMPDIR/tools"
  cd "$project" || return 1
  log=$BATS_TEST_TMPDIR/log
  : >"$log"
  for pd in one two three; do
    printf '#include "%s.h"\nint value = VALUE;\nvoid _start(void) { for (;;) value++; }\n' $pd >src/$pd.c
    printf '#define VALUE %s\n' ${#pd} >src/$pd.h
  done
  spec one two three >system.toml
}

# A spec with these protection domains, NAME or NAME=BINARY.
spec() {
  local pd priority=0
  for pd in "$@"; do
    priority=$((priority + 1))
    case $pd in
    *=*) ;;
    *) pd="$pd=src/$pd.c" ;;
    esac
    printf '[[protection_domains]]\nname = "%s"\nbinary = "%s"\npriority = %d\n' \
      "${pd%%=*}" "${pd#*=}" "$priority"
  done
}

# The plan with commands that are easy to count: without the root task and the runtime that a
# system of several protection domains gets.
plan() {
  ms-parse system.toml | ms-plan | jq -c 'del(.steps[] | select(.kind == "CompileRoot")) |
    (.steps[] | select(.kind == "CompilePd")) |= (del(.commands[] | select(last | startswith("@toolkit"))) |
      .inputs |= map(select(startswith("@toolkit") | not)) |
      .commands |= map(map(select(test("^(-T|-Wl,--gc-sections|-Wl,--defsym.*|@toolkit/board/pd/pd.lds|build/runtime/.*)$") | not))))' |
    ms-hash
}
compile() { plan | ms-compile --kernel "$PROBE" "$@"; }

# Puts a compiler first in PATH that notes its calls and then runs the lines of stdin and
# the real one; $real is that one.
# shellcheck disable=SC2016
real=$(command -v aarch64-linux-gnu-gcc || :)
wrapper() {
  {
    printf '#!/bin/bash\nlog=%q real=%q\n' "$log" "$real"
    cat <<'END'
out=none; for w; do [ "$last" != -o ] || out=$w; last=$w; done
case "$*" in -print* | --version | *-Wa,--MD,*) exec "$real" "$@" ;; esac
case " $* " in *" -c "*) kind=compile ;; *) kind=link ;; esac
echo "$kind ${last##*/}" >>"$log"
END
    cat
    # shellcheck disable=SC2016
    echo 'exec "$real" "$@"'
  } >"$BATS_TEST_TMPDIR/tools/aarch64-linux-gnu-gcc"
  chmod +x "$BATS_TEST_TMPDIR/tools/aarch64-linux-gnu-gcc"
  case $PATH in
  "$BATS_TEST_TMPDIR/tools":*) ;;
  *) PATH="$BATS_TEST_TMPDIR/tools:$PATH" ;;
  esac
}
# What has run since the last call.
ran() {
  sort "$log" | grep -v '^link -lgcc$' | tr '\n' ' '
  grep -c '^link' "$log" || :
  : >"$log"
}
nothing_left() { [ "$(find . -name '*.tmp' -o -name '*.d')" = "" ]; }

@test "golden cases" {
  golden ms-compile "$BATS_TEST_DIRNAME/cases"
}

@test "without a kernel the probe kernel is built, as a flat kernel folder" {
  cd "$BATS_FILE_TMPDIR"
  [ "$(find b/probe -maxdepth 1 -type f -printf '%f\n' | sort | xargs)" = \
    "gen_config.json kernel.dtb kernel.elf platform_gen.json" ]
  [ -s b/kernel/include/ms/kernel.h ]
  [ "$(head -c 4 b/probe/kernel.dtb | od -An -tx1 | tr -d ' \n')" = d00dfeed ]
}

@test "the document: everything that was read, and an artifact for each protection domain" {
  compile -o out.json
  jq -cS 'del(.artifacts, .compiled_from)' out.json | cmp - <(plan)
  jq -r '.artifacts[] | "\(.step) \(.path) \(.sha256) \(.size) \(.entry)"' out.json >got
  for pd in one two three; do
    elf=build/pd/$pd.elf
    entry=$(aarch64-linux-gnu-readelf -h $elf | awk '/Entry point/ { print $4 }')
    echo "$pd $elf $(sha256sum <$elf | cut -d' ' -f1) $(stat -c %s $elf) $entry"
  done | diff - got
  nothing_left
}

@test "nothing changed, nothing run: no process at all" {
  wrapper </dev/null
  compile -o first.json
  [ "$(ran)" = "compile one.c compile three.c compile two.c 3" ]
  touch src/*.c src/*.h
  compile -o second.json
  [ "$(ran)" = 0 ]
  cmp first.json second.json
  if command -v strace >/dev/null; then
    # The wrapper is so new that its digest is not believed yet; the real compiler's is.
    PATH=${PATH#*:}
    compile -o third.json
    plan >plan.json
    strace -f -e trace=process -o trace ms-compile --kernel "$PROBE" -o third.json plan.json
    [ "$(grep -cE '(clone|clone3|fork|vfork|execve|unshare)\(' trace)" = 1 ] # its own start
  fi
}

@test "a changed source or header: exactly what uses it runs; changed back, nothing runs" {
  wrapper </dev/null
  compile -o first.json
  ran >/dev/null
  cp -r src kept
  echo 'int more;' >>src/two.c
  compile -o changed.json
  [ "$(ran)" = "compile two.c 1" ]
  echo '#define VALUE 77' >src/three.h
  compile -o changed.json
  [ "$(ran)" = "compile three.c 1" ]
  cp kept/two.c kept/three.h src
  compile -o second.json
  # an entry stands for one set of headers: three.h came back, and is compiled once more
  [ "$(ran)" = "compile three.c 0" ]
  cmp first.json second.json
}

@test "a comment changes the object's key but not its bytes: no link" {
  wrapper </dev/null
  compile -o first.json
  ran >/dev/null
  echo '/* a comment */' >>src/one.c
  compile -o second.json
  [ "$(ran)" = "compile one.c 0" ]
}

@test "a new header that hides another one is noticed" {
  echo '#include <ms/kernel.h>' >>src/one.c
  wrapper </dev/null
  compile -o first.json
  ran >/dev/null
  mkdir -p src/ms # "..." would be looked for here, <...> is not: noticed all the same
  : >src/ms/kernel.h
  compile -o second.json
  [ "$(ran)" = "compile one.c 0" ]
}

@test "the project's own folder as an include folder: what it holds, and what would hide that" {
  local hiding n=0
  mkdir inc config
  echo '#define IN_ROOT 1' >config.h
  printf '#ifndef below_h\n#define BELOW 2\n#endif\n' >config/below.h
  printf '#include "config.h"\n#include "config/below.h"\nint value = IN_ROOT + BELOW;\nvoid _start(void) { for (;;) value++; }\n' >src/one.c
  spec one | sed 's/^binary.*/&\ninclude_dirs = ["inc", "."]/' >system.toml
  wrapper </dev/null
  compile -o first.json
  ran >/dev/null
  jq -e '.steps[0].commands[0] | .[index("inc"):][:3] == ["inc", "-I", "."]' first.json
  [ "$(jq -r '.compiled_from[].path | select(startswith("@") | not)' first.json | sort | xargs)" = \
    "config.h config/below.h src/one.c" ]
  compile -o second.json
  [ "$(ran)" = 0 ]
  # The same whatever the build folder is called, also where it is in the way.
  compile -B config/out -o other.json
  cmp <(jq -S .compiled_from first.json) <(jq -S .compiled_from other.json)
  [ "$(ran)" = "compile one.c 1" ]
  echo '#define IN_ROOT 3' >config.h
  compile -o second.json
  [ "$(ran)" = "compile one.c 1" ]
  # In each folder that is searched before the project's own.
  mkdir src/config inc/config
  for hiding in src/config.h inc/config.h src/config/below.h inc/config/below.h; do
    printf '#undef IN_ROOT\n#define IN_ROOT %d\n#define BELOW 5\n#define below_h\n' $((n += 10)) >$hiding
    compile -o second.json
    [ "$(ran)" = "compile one.c 1" ]
    rm $hiding
    compile -o second.json
    ran >/dev/null
  done
}

@test "it is noticed among sixty folders of headers, too" {
  local i
  printf '[[protection_domains]]\nname = "one"\nbinary = "src/one.c"\ninclude_dirs = ["i1"' >system.toml
  for i in {2..60}; do printf ', "i%d"' "$i"; done >>system.toml
  echo ']' >>system.toml
  mkdir i{1..60}
  for i in {1..80}; do
    echo "#include \"h$i.h\"" >>src/one.c
    echo '/* nothing */' >"i60/h$i.h"
  done
  wrapper </dev/null
  compile -o first.json
  ran >/dev/null
  for i in 1 40 80; do
    echo '/* another */' >"i1/h$i.h"
    compile -o second.json
    [ "$(ran)" = "compile one.c 0" ]
  done
}

@test "a library's members are in the record with it, or it is refused" {
  echo 'extern int answer(void); void _start(void) { answer(); }' >src/one.c
  echo 'int answer(void) { return 42; }' | aarch64-linux-gnu-gcc -xc -c -ffreestanding -o answer.o -
  spec one | sed 's/^binary.*/&\nlibs = ["libanswer.a"]/' >system.toml
  aarch64-linux-gnu-ar rcT libanswer.a answer.o
  run -1 --separate-stderr compile
  [[ $stderr == *"error: one: libanswer.a is a thin archive: "*"[thin-archive]"* ]]
  [ ! -e build/pd/one.elf ]
  # Through a script of the linker, too, which is read each time: it may search.
  mv libanswer.a libthin.a
  echo 'INPUT(libthin.a)' >libanswer.a
  run -1 --separate-stderr compile
  [[ $stderr == *"error: one: libthin.a is a thin archive: "*"[thin-archive]"* ]]
  rm libthin.a
  aarch64-linux-gnu-ar rc libthin.a answer.o
  wrapper </dev/null
  compile -o first.json
  ran >/dev/null
  compile -o second.json
  [ "$(ran)" = "link -Wl,--end-group 1" ]
  jq -e '[.compiled_from[].path] | contains(["libanswer.a", "libthin.a"])' second.json
}

@test "outputs that are gone or damaged are restored, not made again" {
  wrapper </dev/null
  compile -o first.json
  ran >/dev/null
  rm build/pd/one.elf
  echo damage >>build/pd/two.elf
  chmod -x build/pd/three.elf
  compile -o second.json
  [ "$(ran)" = 0 ]
  cmp first.json second.json
  [ -x build/pd/one.elf ]
  [ -x build/pd/three.elf ]
}

@test "a damaged or unwritable cache costs time only" {
  compile -o first.json
  for f in build/cache/steps/* build/cache/objects/* build/cache/toolchain*; do echo x >"$f"; done
  rm build/pd/*
  compile -o second.json
  cmp first.json second.json
  rm -r build/cache
  echo 'no folder' >build/cache
  run -0 --separate-stderr compile -o third.json
  cmp first.json third.json
}

@test "every failure is reported, under the step's name; what can be built is" {
  echo 'int f(void) { return wrong_one; }' >>src/one.c
  echo '#error wrong three' >>src/three.c
  run -1 --separate-stderr compile -j 2
  [ -z "$output" ]
  [[ $stderr == *"wrong_one"*"error: one: build/pd/one.o: aarch64-linux-gnu-gcc ended with 1 [compile]"*"note: to repeat it: aarch64-linux-gnu-gcc -c "*" -o build/pd/one.o src/one.c"* ]]
  [[ $stderr == *"wrong three"*"error: three: build/pd/three.o: "* ]]
  [[ $stderr == *"error: one: build/pd/one.o: aarch64-linux-gnu-gcc ended with 1 [compile]"* ]]
  [ -e build/pd/two.elf ]
  [ ! -e build/pd/one.elf ]
  [ ! -e build/pd/one.o ]
  nothing_left
}

@test "warnings are shown and are no failure" {
  echo 'static int unused;' >>src/one.c
  run -0 --separate-stderr compile
  [[ $stderr == *"ms-compile: one: build/pd/one.o"*"-Wunused-variable"* ]]
}

@test "a source that is missing, no file, or a link out of the project" {
  rm src/one.c
  ln -s ../../outside.c src/one.c
  echo 'void _start(void) { }' >../outside.c
  rm src/two.c
  rm src/three.c
  mkdir src/three.c
  run -1 --separate-stderr compile
  [[ $stderr == *"one: src/one.c leads out of the project by a symbolic link [input-outside]"* ]]
  [[ $stderr == *"two: src/two.c: No such file or directory [input]"* ]]
  [[ $stderr == *"three: src/three.c is no file [input]"* ]]
  [ ! -e build/pd ]
}

@test "a link inside the project is followed" {
  mv src/one.c src/real.c
  ln -s real.c src/one.c
  compile -o out.json
}

@test "a missing compiler is exit 3 and says what to install" {
  plan >plan.json
  run -3 --separate-stderr env PATH=/nonexistent "$MS_BIN/ms-compile" --kernel "$PROBE" plan.json
  [[ $stderr == *"aarch64-linux-gnu-gcc: there is no such program"*"gcc-aarch64-linux-gnu"* ]]
}

@test "ready programs are taken as they are, after a look at them" {
  compile -o first.json
  mkdir made
  cp build/pd/one.elf made/one.elf
  spec one=made/one.elf >system.toml
  compile -o out.json
  [ "$(jq -c '.artifacts | map([.step, .path])' out.json)" = '[["one","made/one.elf"]]' ]
  [ "$(jq -r '.artifacts[0].sha256' out.json)" = "$(jq -r '.artifacts[0].sha256' first.json)" ]
}

@test "what is no static AArch64 executable is refused" {
  cc=("$real" -nostdlib -ffreestanding)
  mkdir made
  cp "$(command -v bash)" made/host.elf
  echo 'no ELF' >made/text.elf
  "${cc[@]}" -fPIE -static-pie -o made/pie.elf src/one.c
  echo 'int f(void) { return 0; }' >lib.c
  "${cc[@]}" -shared -fPIC -o libx.so lib.c
  echo 'int f(void); void _start(void) { f(); }' >user.c
  "${cc[@]}" -no-pie -fno-pie -o made/dynamic.elf user.c -L. -lx
  "${cc[@]}" -no-pie -fno-pie -static -Wl,-e,value -o made/entry.elf src/one.c
  "${cc[@]}" -no-pie -fno-pie -static -o whole.elf src/one.c
  head -c 200 whole.elf >made/short.elf
  spec {host,text,pie,dynamic,entry,short}=x | sed -E 'N;N;N;s|"(.*)"\nbinary = "x"|"\1"\nbinary = "made/\1.elf"|' >system.toml
  run -1 --separate-stderr compile
  echo "$stderr"
  for pd in host text pie dynamic entry short; do
    [[ $stderr == *"error: $pd: made/$pd.elf is no static AArch64 executable: "*"[output-elf]"* ]]
  done
  [ -z "$output" ]
}

@test "a program without _start is refused by the linker" {
  echo 'int x;' >src/one.c
  run -1 --separate-stderr compile
  [[ $stderr == *"cannot find entry symbol _start"* ]]
}

@test "assembler sources are preprocessed; the stack's size reaches the source" {
  printf '#include "one.h"\n.global _start\n_start: mov x0, #VALUE\n b _start\n .quad MS_STACK_BYTES\n' >src/start.S
  { spec start=src/start.S && echo 'stack_bytes = 0xabc000'; } >system.toml
  compile -o out.json
  aarch64-linux-gnu-objdump -s -j .text build/pd/start.elf | grep -q 00c0ab00
}

@test "__DATE__ and its like are refused" {
  echo 'const char *when = __DATE__;' >>src/one.c
  run -1 --separate-stderr compile
  [[ $stderr == *"date-time"* ]]
}

@test "a source that embeds a file is compiled each time" {
  printf 'first\n' >blob
  printf '\n__asm__(".data\\n.incbin \\"blob\\"\\n.text");\n' >>src/one.c
  wrapper </dev/null
  compile -o first.json
  ran >/dev/null
  compile -o same.json
  [ "$(ran)" = "compile one.c 0" ]
  printf 'other\n' >blob
  compile -o other.json
  [ "$(ran)" = "compile one.c 1" ]
  grep -q other build/pd/one.elf
}

@test "a file that comes into the compiler's own folder is noticed" {
  local own tools=$BATS_TEST_TMPDIR/elsewhere
  own=$(dirname "$(realpath "$(aarch64-linux-gnu-gcc -print-libgcc-file-name)")")
  [[ $own == /usr/lib/* ]] || skip "a compiler that does not lie in /usr"
  mkdir -p "$tools/bin" "$tools/${own#/usr/}"
  cp -L "$real" "$tools/bin/aarch64-linux-gnu-gcc"
  ln -s "$own"/* "$tools/${own#/usr/}"
  [ ! -e /usr/aarch64-linux-gnu ] || ln -s /usr/aarch64-linux-gnu "$tools"
  sleep 2.2 # what is younger is not remembered
  PATH=$tools/bin:$PATH
  compile -o first.json
  compile -o same.json
  cmp first.json same.json
  run ! jq -e 'any(.compiled_from[].path; . == "@toolchain/specs")' same.json
  aarch64-linux-gnu-gcc -dumpspecs >specs
  cp specs "$tools/${own#/usr/}"
  compile -o other.json
  jq -e 'any(.compiled_from[].path; . == "@toolchain/specs")' other.json
  cmp <(jq .artifacts first.json) <(jq .artifacts other.json)
}

@test "a source that changes while it is compiled: the build fails, nothing is kept" {
  wrapper <<'END'
case "$*" in *" src/two.c") "$real" "$@"; status=$?; echo '/* later */' >>src/two.c; exit $status ;; esac
END
  run -1 --separate-stderr compile
  [[ $stderr == *"two: src/two.c changed while it was being compiled; its result is not used"* ]]
  [ ! -e build/pd/two.o ]
  [ ! -e build/pd/two.elf ]
  wrapper </dev/null
  compile -o out.json
  [ "$(ran | tr ' ' '\n' | grep -c two.c)" -ge 1 ]
}

@test "a compiler that ends with 0 without a dependency file: the build fails, nothing is kept" {
  wrapper <<'END'
words=()
for w; do case $w in -MD | -MF | -MQ) ;; *.d) ;; *.o) [ "$last" = -MQ ] || words+=("$w") ;; *) words+=("$w") ;; esac; last=$w; done
[ "$kind" = link ] || set -- "${words[@]}"
END
  run -1 --separate-stderr compile
  for pd in one two three; do
    [[ $stderr == *"error: $pd: build/pd/$pd.o: aarch64-linux-gnu-gcc ended with 0 but wrote no dependency file build/pd/$pd.d, "*"[compile]"* ]]
  done
  [ -z "$output" ]
  [ -z "$(find build/pd -type f)" ]
  ran >/dev/null
  # Its name alone, with nothing in it that could be read.
  wrapper <<'END'
if [ "$kind" = compile ]; then
  "$real" "$@" || exit
  for w; do [ "$last" != -MF ] || printf 'nothing\n' >"$w"; last=$w; done
  exit 0
fi
END
  run -1 --separate-stderr compile
  [[ $stderr == *"ended with 0 but wrote no dependency file build/pd/one.d, "* ]]
  [ -z "$(find build/pd -type f)" ]
  ran >/dev/null
  wrapper </dev/null
  compile -o out.json
  [ "$(ran)" = "compile one.c compile three.c compile two.c 3" ]
}

@test "a linker that does so" {
  wrapper <<'END'
words=()
for w; do case $w in -Xlinker | --dependency-file | *.link.d) ;; *) words+=("$w") ;; esac; done
set -- "${words[@]}"
END
  run -1 --separate-stderr compile
  [[ $stderr == *"error: one: build/pd/one.elf: aarch64-linux-gnu-gcc ended with 0 but wrote no dependency file build/pd/one.link.d, "*"[compile]"* ]]
  [ ! -e build/pd/one.elf ]
}

@test "a source that is not preprocessed has no dependency file" {
  printf '.include "one.inc"\n.global _start\n_start: mov x0, #VALUE\n b _start\n' >src/one.s
  echo '.set VALUE, 3' >one.inc
  spec one >system.toml
  plan | jq -c '(.steps[0].inputs[], .steps[0].commands[0][-1]) |= sub("one\\.c$"; "one.s") | del(.plan_hash, .spec_hash)' |
    ms-hash >plan.json
  ms-compile --kernel "$PROBE" -o out.json plan.json
  [ "$(jq -r '.compiled_from[].path | select(startswith("@") | not)' out.json | sort | xargs)" = "one.inc src/one.s" ]
}

@test "a header that changes while it is compiled: compiled again, from the new bytes" {
  wrapper <<'END'
if [[ "$*" == *" src/two.c" && ! -e changed ]]; then
  "$real" "$@"; status=$?; sleep 0.05; echo '#define VALUE 1234' >src/two.h; touch changed; exit $status
fi
END
  compile -o out.json
  [ "$(ran)" = "compile one.c compile three.c compile two.c compile two.c 3" ]
  aarch64-linux-gnu-objdump -s -j .data build/pd/two.elf | grep -q d2040000
}

@test "the environment does not reach the compiler" {
  compile -o first.json
  mkdir evil
  echo '#define VALUE 666' >evil/one.h
  rm -r build src/one.h
  echo '#define VALUE 3' >src/one.h
  # shellcheck disable=SC2016
  wrapper <<'END'
env | cut -d= -f1 | sort | grep -vxE '_|OLDPWD|PWD|SHLVL|out|last|kind|log|real' | xargs >>"$log"
END
  env CPATH=evil C_INCLUDE_PATH=evil GCC_EXEC_PREFIX=/x COMPILER_PATH=/x LIBRARY_PATH=/x \
    LC_ALL=tr_TR.UTF-8 TZ=Asia/Tokyo SOURCE_DATE_EPOCH=7 TMPDIR="$PWD" \
    bash -c "$(declare -f plan compile); compile -o second.json"
  cmp <(jq 'del(.compiled_from)' first.json) <(jq 'del(.compiled_from)' second.json)
  [ "$(grep -v '^compile\|^link' "$log" | sort -u)" = "LC_ALL PATH SOURCE_DATE_EPOCH TMPDIR TZ" ]
}

@test "compilers have no network, or it is said that they have" {
  wrapper <<'END'
tail -n +3 /proc/net/dev | cut -d: -f1 | xargs >>"$log"
END
  run -0 --separate-stderr compile -j1
  if [[ $stderr == *"[network]"* ]]; then
    [ "$(grep -c '\[network\]' <<<"$stderr")" = 1 ]
  else
    [ "$(grep -v '^compile\|^link' "$log" | sort -u)" = lo ] ||
      [ "$(grep -v '^compile\|^link' "$log" | sort -u)" = "" ]
  fi
}

@test "the same bytes from other folders, jobs, umasks, locales and time zones" {
  printf '\nconst char *file = __FILE__;\n#include <ms/kernel.h>\n' >>src/one.c
  compile -j1 -o first.json
  cp -r src system.toml "$BATS_TEST_TMPDIR"
  mkdir -p "$BATS_TEST_TMPDIR/x/much/deeper/one"
  cp -r src system.toml "$BATS_TEST_TMPDIR/x/much/deeper/one"
  cd "$BATS_TEST_TMPDIR/x/much/deeper/one"
  (umask 077 && LC_ALL=C.UTF-8 TZ=Asia/Tokyo compile -j2 -B "$BATS_TEST_TMPDIR/other build" -o second.json)
  cmp "$project/first.json" second.json
  for pd in one two three; do
    cmp "$project/build/pd/$pd.elf" "$BATS_TEST_TMPDIR/other build/pd/$pd.elf"
    cmp "$project/build/pd/$pd.o" "$BATS_TEST_TMPDIR/other build/pd/$pd.o"
  done
  run grep -rlE "much/deeper|a project|other build" "$project/build/pd" "$BATS_TEST_TMPDIR/other build/pd"
  [ "$status" -eq 1 ]
}

@test "-C goes to the project, -B is where files are made, output_dir is its default" {
  (cd / && ms-compile -C "$project" -B out --kernel "$PROBE" -o "$project/x.json" <<<"$(cd "$project" && plan)")
  [ -e out/pd/one.elf ]
  [ ! -e build ]
  printf '[build]\noutput_dir = "made/here"\n' >>system.toml
  compile -o y.json
  [ -e made/here/pd/one.elf ]
}

@test "compile_commands.json" {
  compile -o out.json
  jq -e --arg d "$PWD" 'length == 3 and all(.[]; .directory == $d and (.arguments | type) == "array")' \
    build/compile_commands.json
  [ "$(jq -r '.[0] | .file, .output, .arguments[-1]' build/compile_commands.json | xargs)" = \
    "src/one.c build/pd/one.o src/one.c" ]
  run grep -E '"(@|-ffile-prefix-map=@)' build/compile_commands.json
  [ "$status" -eq 1 ]
}

@test "compile_commands.json: clangd understands every C source, a domain's and our own" {
  command -v clangd >/dev/null || skip "no clangd (Debian's package of that name)"
  cp -R "$MS_ROOT/examples" "$BATS_TEST_TMPDIR/"
  cd "$BATS_TEST_TMPDIR"
  ms-build -q examples/ping-pong/system.toml
  # Each of a domain's sources, and one of the toolkit's of each kind.
  mapfile -t sources < <(jq -r '.[].file' build/compile_commands.json | sort -u |
    grep -E '^examples/|/board/(pd/loop|root/main)\.c$|/both/newc\.c$')
  [ "${#sources[@]}" -ge 6 ]
  for source in "${sources[@]}"; do
    run timeout 120 clangd --compile-commands-dir=build --check="$source" --log=error
    echo "$source: $output"
    [ "$status" -eq 0 ]
  done
  # one that is wrong is found to be wrong
  echo 'int init(microkit_channel wrong)' >>examples/ping-pong/pong.c
  run ! timeout 120 clangd --compile-commands-dir=build --check=examples/ping-pong/pong.c --log=error
}

@test "--dry-run prints the commands and runs none; a shell can" {
  compile -n >commands
  [ ! -e build ]
  [ "$(wc -l <commands)" = 6 ]
  compile -o out.json
  mv build made
  mkdir -p build/pd
  cp -r made/kernel build
  sh -e commands
  for pd in one two three; do cmp build/pd/$pd.elf made/pd/$pd.elf; done
  rm -r build
  plan | ms-compile -n >with-probe
  grep -q kernel.dtb with-probe
  [ ! -e build ]
}

@test "--launcher stands before compiles, not links, and changes no byte" {
  compile -o first.json
  rm -r build
  # shellcheck disable=SC2016
  printf '#!/bin/sh\necho "$1 $2" >>%q\nshift 1\nexec "$@"\n' "$log" >../launch
  chmod +x ../launch
  compile --launcher "$BATS_TEST_TMPDIR/launch  word" -o second.json
  [ "$(cat "$log")" = "$(printf 'word aarch64-linux-gnu-gcc\n%.0s' 1 2 3)" ]
  cmp first.json second.json
  run -3 --separate-stderr compile --launcher no-such-launcher
  [[ $stderr == *"no-such-launcher: there is no such program"* ]]
}

@test "ccache finds again what it has compiled" {
  command -v ccache >/dev/null || skip "no ccache"
  export CCACHE_DIR="$BATS_TEST_TMPDIR/cc" CCACHE_STATSLOG="$BATS_TEST_TMPDIR/stats"
  MS_CC_LAUNCHER=ccache compile -o first.json
  rm -r build
  : >"$CCACHE_STATSLOG"
  MS_CC_LAUNCHER=ccache compile -o second.json
  cmp first.json second.json
  [ "$(grep -cE '^(direct|preprocessed)_cache_hit$' "$CCACHE_STATSLOG")" = 3 ]
}

@test "under make: a job of make's own, and its jobserver" {
  plan >plan.json
  # shellcheck disable=SC2016
  printf 'all: one two\none two: ; %%@ms-compile -B $@ --kernel "$(PROBE)" -o $@.json plan.json\n' >form
  sed 's/%@/+@/' form >Makefile
  sed 's/%@/@/' form >without
  run -0 --separate-stderr make -s -j2
  [ -z "$stderr" ]
  cmp one.json two.json
  # a recipe that make does not take for one of its own gets no jobserver
  rm -r one two
  run -0 --separate-stderr make -s -j2 -f without
  [[ $stderr == *"make's jobserver"*"one job runs at a time"*"[jobserver]"* ]]
}

@test "many commands that could all run at once take few descriptors" {
  local i
  mkdir src/many
  for i in $(seq 40); do echo "int f$i;" >"src/many/$i.c"; done
  printf '[[protection_domains]]\nname = "one"\nbinary = "src/one.c"\nsources = [%s]\n' \
    "$(seq -f '"src/many/%.0f.c"' -s ', ' 40)" >system.toml
  # What they share, the toolchain above all, is looked at first: that has its own need.
  plan >hashed
  ms-compile --kernel "$PROBE" -o /dev/null <hashed
  rm -rf build/pd build/cache/steps
  bash -c 'ulimit -n 40 && exec ms-compile --kernel "$1" -j2 -o out' bash "$PROBE" <hashed
  [ "$(find build/pd -name '*.o' | wc -l)" = 41 ]
  nothing_left
}

@test "two at once in one folder" {
  compile -o want.json
  for _ in 1 2 3; do
    rm -r build
    compile -j1 -o a.json &
    compile -j1 -o b.json
    wait $!
    cmp want.json a.json
    cmp want.json b.json
    nothing_left
  done
}

@test "a compiler that dies of a signal when it is asked about itself is no answer" {
  wrapper </dev/null
  for signal in HUP USR1 TERM KILL; do
    # whoever started the suite may ignore SIGHUP
    printf '#!/bin/sh\ncase "$*" in -print* | --version) exec env --default-signal sh -c "kill -s %s \\$\\$" ;; esac\nexec %q "$@"\n' \
      $signal "$real" >"$BATS_TEST_TMPDIR/tools/aarch64-linux-gnu-gcc"
    run -3 --separate-stderr compile -o out.json
    [[ $stderr == *"ended by signal $(kill -l $signal)"* ]]
    [ ! -e out.json ]
  done
}

@test "killed at any moment, nothing half-made stays under a final name" {
  wrapper <<'END'
echo started >>"$log.started"
"$real" "$@" && sleep 0.3; exit
END
  compile -o want.json
  for signal in TERM KILL; do
    rm -r build
    rm -f "$log.started" out.json
    plan >plan.json
    ms-compile --kernel "$PROBE" -o out.json plan.json 3>&- &
    pid=$!
    until [ -e "$log.started" ]; do sleep 0.02; done
    kill -s $signal $pid
    ended=0
    wait $pid || ended=$?
    [ "$ended" -gt 128 ]
    [ ! -e out.json ]
    [ "$(find build/pd -name '*.elf' -o -name '*.o')" = "" ]
    [ $signal = KILL ] || nothing_left
  done
  sleep 0.5
  compile -o out.json
  cmp want.json out.json
}

@test "standard streams that are closed or full" {
  plan >plan.json
  run -3 --separate-stderr bash -c "ms-compile --kernel '$PROBE' <&-"
  run -3 --separate-stderr bash -c "ms-compile --kernel '$PROBE' plan.json >/dev/full"
  [[ $stderr == *"standard output"* ]]
}

@test "a plan that writes outside of the build folder is refused" {
  ms-parse system.toml | ms-plan >plan.json
  jq -cS '.steps[0].commands[0] |= (.[index("-o") + 1] = "src/one.c")' plan.json >wrong.json
  run -1 --separate-stderr ms-compile --kernel "$PROBE" wrong.json
  [[ $stderr == *"output outside of build/"* ]]
  jq -cS '.steps[0].commands[0] |= (.[index("-MF") + 1] = "build/../x")' plan.json >wrong.json
  run -1 --separate-stderr ms-compile --kernel "$PROBE" wrong.json
  [[ $stderr == *"dependency file outside of build/"* ]]
}

@test "any seL4 build is taken as the kernel" {
  [ -n "${MS_KERNELS:-}" ] || skip "MS_KERNELS names no kernel builds"
  echo '#include <ms/kernel.h>' >>src/one.c
  IFS=: read -ra kernels <<<"$MS_KERNELS"
  for kernel in "${kernels[@]}"; do
    plan | ms-compile --kernel "$kernel" -o out.json
    cmp build/kernel/include/ms/kernel.h <(plan | ms-compile --kernel "$kernel" -B other -o out2.json && cat other/kernel/include/ms/kernel.h)
  done
}

@test "a system: what several steps share is made once, and the root task is an artifact" {
  for pd in one two; do
    echo '#include <microkit.h>
void init(void) { microkit_dbg_puts(microkit_name); } void notified(microkit_channel ch) { (void)ch; }' >src/$pd.c
  done
  spec one two >system.toml
  ms-parse system.toml | ms-plan | ms-hash >plan.json
  ms-compile --kernel "$PROBE" --dry-run plan.json >commands
  [ "$(grep -c -- '-o build/runtime/calls.o ' commands)" = 1 ]
  [ "$(jq '[.steps[].commands[] | select(index("build/runtime/calls.o") and index("-c"))] | length' plan.json)" = 2 ]
  ms-compile --kernel "$PROBE" -o out.json plan.json
  [ "$(jq -c '[.artifacts[] | [.step, .path]]' out.json)" = \
    '[["one","build/pd/one.elf"],["two","build/pd/two.elf"],["root-task","build/root/root.elf"]]' ]
}

@test "a protection domain of a system may have its own _start, functions and libraries" {
  cat >src/one.c <<'END'
#include <sel4/sel4.h>
extern int answer(void);
void _start(void) { for (;;) seL4_SetMR(0, (seL4_Word)answer()); }
END
  echo 'int answer(void) { return 42; }' >src/answer.c
  aarch64-linux-gnu-gcc -c -ffreestanding -o answer.o src/answer.c
  aarch64-linux-gnu-ar rc libanswer.a answer.o
  cat >src/two.c <<'END'
#include <microkit.h>
#include <stddef.h>
void *memset(void *to, int byte, size_t size) { (void)byte, (void)size; return to; }
seL4_Word unused_but_set;
void init(void) { memset(microkit_name, 0, 1); }
void notified(microkit_channel ch) { microkit_notify(ch); }
END
  spec one two >system.toml
  sed -i 's/^binary = "src.one.c"/&\nlibs = ["libanswer.a"]/; s/^binary = "src.two.c"/&\nsetvars = [{symbol = "unused_but_set", value = 3}]/' system.toml
  ms-parse system.toml | ms-plan | ms-hash | ms-compile --kernel "$PROBE" -o out.json
  aarch64-linux-gnu-nm build/pd/one.elf >one
  run ! grep -E ' (pd_main|init|microkit_name)$' one
  grep -q ' answer$' one
  aarch64-linux-gnu-nm build/pd/two.elf >two
  grep -q ' B unused_but_set$' two
  grep -q ' T memset$' two
  # Code and data are on pages of their own, and nothing can be written and run.
  aarch64-linux-gnu-readelf -lW build/pd/two.elf | grep LOAD >segments
  [ "$(wc -l <segments)" = 2 ]
  run ! grep RWE segments
}
