#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# A build for which nothing has changed starts nothing; whatever does change is noticed.
load ../lib

setup_file() {
  unset MS_KERNEL MS_CC_LAUNCHER SOURCE_DATE_EPOCH MAKEFLAGS
  mkdir "$BATS_FILE_TMPDIR/built" && cd "$BATS_FILE_TMPDIR/built" || exit 1
  mkdir include
  echo '#define GREETING "hello"' >include/greeting.h
  printf '#include "greeting.h"\nconst char *const greeting = GREETING;\nvoid _start(void) { for (;;) ; }\n' >hello.c
  spec 1 >system.toml
  ms-build -q system.toml
}

setup() {
  unset MS_KERNEL MS_CC_LAUNCHER SOURCE_DATE_EPOCH MAKEFLAGS
  # What was built stays where it was: the project's folder is part of what is compared.
  cd "$BATS_FILE_TMPDIR/built" || exit 1
  spec 1 >system.toml
  ms-build -q system.toml
}

spec() { # priority
  printf '[[protection_domains]]\nname = "hello"\nbinary = "hello.c"\ninclude_dirs = ["include"]\npriority = %s\n' "$1"
}

# Builds; the stages' commands are in log when there were any.
build() { ms-build -v "$@" >out 2>log || { cat log; false; }; }

stands() {
  build "$@"
  ! grep '^\[' log || { echo "stages were started: $*"; false; }
  grep -qx 'nothing has changed' log
}

runs() {
  build "$@"
  grep -q '^\[7/7\]' log || { echo "no stage was started: $*"; false; }
}

# remember FILE...: those of a build that stands, to be compared with same.
remember() { rm -rf kept && mkdir kept && cp -R build/stages build/system-image.bin build/pd kept; }
same() { diff -r kept/stages build/stages && diff -r kept/pd build/pd && cmp kept/system-image.bin build/system-image.bin; }

@test "nothing changed: nothing is started, and the result is the same" {
  build system.toml
  cp out first
  remember
  stands system.toml
  cmp out first
  same
  stands -j1 system.toml
  ms-build -q system.toml >quiet 2>&1
  [ ! -s quiet ]
  ms-build system.toml 2>&1 >/dev/null | grep -x 'nothing has changed'
  stands -C . system.toml
  cmp out first
}

@test "a stage may have asked for any number of files" {
  # The programs, but for one that tells of more than it has done.
  mkdir -p programs many
  for program in "$MS_BIN"/ms-*; do ln -sf "$program" programs; done
  rm programs/ms-build programs/ms-parse
  cp "$MS_BIN/ms-build" programs
  printf '#!/bin/bash\nfd=${MS_NOTES%%%%:*}\nenv -u MS_NOTES %q "$@" && { echo "begin $0"; cat notes; echo end; } >&"$fd"\n' \
    "$MS_BIN/ms-parse" >programs/ms-parse
  chmod +x programs/ms-parse
  PATH="$PWD/programs:$PATH"
  local count file
  for count in 5000 20000; do
    { awk -v count="$count" 'BEGIN { while (n < count) print "absent many/" n++ }' && echo "unset MS_$count"; } >notes
    timeout 60 ms-build -q -B "b$count" system.toml
    stands -B "b$count" system.toml
    for file in many/0 "many/$((count - 1))"; do
      : >"$file"
      runs -B "b$count" system.toml
      rm "$file"
      stands -B "b$count" system.toml
    done
  done
}

@test "a time stamp alone is no change" {
  touch system.toml hello.c include/greeting.h build/pd/hello.o build/system-image.bin
  stands system.toml
  cp hello.c other; mv other hello.c
  stands system.toml
}

@test "each input that changes is noticed" {
  remember
  spec 2 >system.toml
  runs system.toml
  run ! same
  spec 1 >system.toml
  runs system.toml
  same
  cp hello.c saved
  echo 'int more;' >>hello.c
  runs system.toml
  mv saved hello.c
  runs system.toml
  same
  echo '#define GREETING "HELLO"' >include/greeting.h
  runs system.toml
  run ! same
  echo '#define GREETING "hello"' >include/greeting.h
  runs system.toml
  same
  stands system.toml
}

@test "the same size and an mtime that was set back do not hide a change" {
  cp -p hello.c saved
  sleep 2.1 # so that its stamp settles
  stands system.toml
  sed -i 's/for/fxr/;s/fxr/for/;s/greeting = /greetinh = /' hello.c
  touch -r saved hello.c
  runs system.toml
  cp -p saved hello.c
  runs system.toml
  # the stamps of what was built settle too
  sleep 2.1
  stands system.toml
  stands system.toml
  run ! grep '^file ?' build/cache/last-build
}

@test "a header that comes to stand before another is noticed" {
  echo '#define GREETING "nearer"' >greeting.h
  runs system.toml
  grep -q nearer build/pd/hello.elf
  rm greeting.h
  runs system.toml
  grep -q hello build/pd/hello.elf
}

@test "whatever the last build made is noticed when it is another, or gone" {
  remember
  for f in $(cd build && find . -type f ! -path './cache/*'); do
    cp "build/$f" saved
    rm "build/$f"
    runs system.toml
    cmp "build/$f" saved
    printf x | dd of="build/$f" bs=1 seek=20 conv=notrunc status=none
    runs system.toml
    cmp "build/$f" saved
    same
  done
  stands system.toml
  cp build/stages/03-ms-hash.json build/stages/09-older.json
  stands system.toml
  [ ! -e build/stages/09-older.json ]
}

@test "another call is another build" {
  runs -o image system.toml
  stands -o image system.toml
  rm image
  runs -o image system.toml
  cmp image build/system-image.bin
  runs system.toml
  runs --no-save-stages system.toml
  [ -z "$(ls build/stages)" ]
  stands --no-save-stages system.toml
  [ -z "$(ls build/stages)" ]
  runs system.toml
  [ "$(find build/stages -type f | wc -l)" -eq 7 ]
  runs --kernel build/probe system.toml
  stands --kernel build/probe system.toml
  runs --launcher env system.toml
  runs system.toml
  SOURCE_DATE_EPOCH=5 runs system.toml
  runs system.toml
  MS_KERNEL=build/probe runs system.toml
  mkdir elsewhere
  cp -R hello.c include system.toml build elsewhere/
  (cd elsewhere && runs system.toml)
  rm -r elsewhere
  ln -s system.toml other.toml
  runs other.toml
  rm other.toml
}

@test "each file of the kernel counts" {
  cp -R build/probe kernel
  runs --kernel kernel -B b system.toml
  for f in kernel.dtb gen_config.json platform_gen.json kernel.elf; do
    stands --kernel kernel -B b system.toml
    cp "kernel/$f" saved
    cp saved again; mv again "kernel/$f"
    stands --kernel kernel -B b system.toml
    printf ' ' >>"kernel/$f"
    runs --kernel kernel -B b system.toml
    mv saved "kernel/$f"
    runs --kernel kernel -B b system.toml
  done
  # one of another shape would be taken first
  mkdir -p kernel/include/kernel
  cp kernel/gen_config.json kernel/include/kernel/
  run ms-build -q --kernel kernel -B b system.toml
  [ "$status" -ne 0 ]
  rm -r kernel b
}

@test "a stage, a toolkit or a compiler that was replaced is noticed" {
  mkdir -p programs/bin
  cp -R "$MS_TOOLKIT" programs/lib
  for p in parse plan hash compile layout cpio link build; do cp "$MS_BIN/ms-$p" programs/bin/; done
  own() { (unset MS_TOOLKIT && PATH=$PWD/programs/bin:$PATH && "$@"); }
  own runs -B b system.toml
  own stands -B b system.toml
  cp programs/bin/ms-cpio new; mv new programs/bin/ms-cpio # the same bytes
  own build -B b system.toml
  own stands -B b system.toml
  printf x >>programs/bin/ms-hash # still a program
  own runs -B b system.toml
  echo '/* */' >>programs/lib/board/boot/main.c
  own runs -B b system.toml
  own stands -B b system.toml
  # a compiler that would be found first
  printf '#!/bin/sh\nexec /usr/bin/aarch64-linux-gnu-gcc "$@"\n' >programs/bin/aarch64-linux-gnu-gcc
  chmod +x programs/bin/aarch64-linux-gnu-gcc
  own runs -B b system.toml
  rm -r programs b
}

@test "stages and filters of others are always asked" {
  runs --stage "hash=$(command -v ms-hash)" system.toml
  runs --stage "hash=$(command -v ms-hash)" system.toml
  build --filter plan=cat system.toml
  build --filter plan=cat system.toml
  grep -q '^\[8/8\]' log
  build system.toml
  # so is a specification that comes through a pipe
  runs - <system.toml
  runs - <system.toml
  # and a program that only starts the real one
  mkdir bin
  for p in parse plan hash compile layout cpio build; do cp "$MS_BIN/ms-$p" bin/; done
  printf '#!/bin/sh\nexec %s "$@"\n' "$MS_BIN/ms-link" >bin/ms-link
  chmod +x bin/ms-link
  (PATH=$PWD/bin:$PATH && runs system.toml && runs system.toml)
  rm -r bin
}

@test "what the cache cannot keep is compiled each time" {
  cp hello.c saved
  printf '#if __has_include("maybe.h")\nint maybe;\n#endif\n' >>hello.c
  runs system.toml
  runs system.toml
  mv saved hello.c
}

@test "an image that is written to a device or a pipe is written each time" {
  runs -o /dev/null system.toml
  runs -o /dev/null system.toml
}

@test "a build that failed is not remembered" {
  cp hello.c saved
  echo 'wrong' >>hello.c
  run -1 ms-build -q system.toml
  run -1 ms-build -q system.toml
  mv saved hello.c
  build system.toml
  stands system.toml
}

@test "a dry run, a plan and a check are what they were" {
  ms-build -n system.toml >dry
  grep -q ms-link dry
  ms-build plan system.toml | jq -r .plan_hash | grep -qxf - <(jq -r .plan_hash build/stages/03-ms-hash.json)
  ms-build validate system.toml
  ms-build verify system.toml >/dev/null
}

@test "warnings are repeated" {
  { spec 1 && spec 2 | sed 's/"hello"/"other"/'; } >two.toml
  ms-build -B b two.toml 2>&1 >/dev/null | grep -v '^\[' >first
  grep -q 'warning: laid out for the probe kernel' first
  ms-build -B b two.toml 2>&1 >/dev/null | grep -v '^nothing has changed' >second
  diff <(grep -v 'network' first) second
  ms-build -q -B b two.toml 2>&1 | diff second -
  rm -r b two.toml
}

@test "the build folder is found wherever the specification puts it" {
  while read -r folder line; do
    { printf '[build]\n%s\n' "$line" && spec 1; } >system.toml
    runs system.toml
    stands system.toml
    grep -q "^image *$folder/system-image.bin " out
    rm -r "$folder"
    runs system.toml
  done <<'EOT'
there output_dir = "there"
there output_dir='there'
a/b output_dir	=	"a/b" # not "c"
EOT
  # Where a guess fails, the stages are asked, and all is as it was.
  while read -r folder line; do
    { printf '[build]\n%s\n' "$line" && spec 1; } >system.toml
    build system.toml
    build system.toml
    grep -q "^image *$folder/system-image.bin " out
  done <<'EOT'
there output_dir = "th\u0065re"
build # output_dir = "elsewhere"
there "output_dir" = "there"
EOT
  [ ! -e elsewhere ]
  rm -r there a
}

# forge FILE: makes its last line fit the others again.
forge() {
  sed -i '$d' "$1"
  echo "end $(sha256sum <"$1" | cut -d' ' -f1)" >>"$1"
}

@test "a memory that is damaged, cut or forged does no harm" {
  local memory=build/cache/last-build
  cp $memory kept-memory
  for n in 0 1 100 5000; do
    head -c $n kept-memory >$memory
    runs system.toml
    stands system.toml
  done
  for text in 'x' '' "$(head -c 3000 /dev/urandom | base64)"; do
    echo "$text" >$memory
    runs system.toml
  done
  for edit in '2s/.*/unknown line/' '2s/^/file /' 's/^file \(.\) [0-9a-f]*/file \1 x/' 's/^result .*/result {/' \
    's/^result .*/result []/' '/^result/d' 's/^file + /file ? /;s/ 1006[0-9]* / 10644 /' 's/^absent .*/absent hello.c/' \
    '/^document/d;s/^result/say \x1b[2Jevil\nresult/'; do
    cp kept-memory $memory
    sed -i "$edit" $memory
    forge $memory
    runs system.toml
    stands system.toml
  done
  # a folder in its place gives way
  rm $memory
  mkdir $memory
  runs system.toml
  [ -f $memory ]
  stands system.toml
}

@test "a memory that names a pipe or a device does not make the build wait" {
  local memory=build/cache/last-build
  mkfifo pipe
  for name in "$PWD/pipe" /dev/zero; do
    sed -i "s|^file . \([0-9a-f]*\) .* hello.c\$|file ? \1 $(stat -Lc '%d %i 0' "$name") 10644 0 0 $name|" $memory
    forge $memory
    runs system.toml
  done
  rm pipe
}

@test "without a cache that can be written the build goes on" {
  rm -rf b
  mkdir -p b/cache/last-build/x
  build -B b system.toml
  runs -B b system.toml
  rm -r b
}

@test "run boots what stands" {
  mkdir -p fake
  ln -sf "$BATS_TEST_DIRNAME/../ms-build/fake-qemu" fake/qemu-system-aarch64
  export PATH="$PWD/fake:$PATH"
  ms-build -q system.toml
  ms-build run -q system.toml >first </dev/null || true
  ms-build run -v system.toml >second 2>log </dev/null || true
  grep -qx 'nothing has changed' log
  cmp first second
  rm -r fake
}

@test "kill -9 while nothing is to be done, and two at once" {
  for _ in 0 1 2 3 4; do
    ms-build -q system.toml 3>&- &
    kill -9 $! 2>/dev/null || true
    wait $! || true
    ms-build -q system.toml 3>&- &
    one=$!
    ms-build -q system.toml
    wait $one
  done
  stands system.toml
}
