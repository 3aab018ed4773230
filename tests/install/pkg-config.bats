#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# moonshot-pd.pc: a protection domain is compiled with it outside of any build, and used as it is.
load ../lib
load ../boot

setup() {
  command -v pkg-config >/dev/null || skip "no pkg-config (Debian's package of that name)"
  real_kernels
  make -s -C "$MS_ROOT" BINDIR="$MS_BIN" DESTDIR="$BATS_TEST_TMPDIR/dest" PREFIX=/opt/ms -o all install
  export PKG_CONFIG_PATH=$BATS_TEST_TMPDIR/dest/opt/ms/share/pkgconfig
  cp -R "$MS_ROOT/examples" "$BATS_TEST_TMPDIR/"
  cd "$BATS_TEST_TMPDIR" || exit 1
}

pc() { pkg-config "--define-variable=prefix=$BATS_TEST_TMPDIR/dest/opt/ms" "$@" moonshot-pd; }

# compile NAME TAKES_MESSAGES WORD...: NAME.elf from the example's source.
compile() {
  local name=$1 messages=$2
  shift 2
  # shellcheck disable=SC2046
  aarch64-linux-gnu-gcc -std=gnu11 -O2 -Wall -Werror "$@" $(pc --cflags) -o "$name.elf" "examples/ping-pong/$name.c" \
    $(pc --variable=sources) $(pc "--define-variable=takes_messages=$messages" --libs)
}

# ping-pong with both domains compiled outside; the kernel's headers are in build.
outside() {
  # what the layout sets by name must not be dropped
  compile ping 0 -Iexamples/common examples/common/console.c -Wl,--undefined=console_registers -Wl,--undefined=clock_registers
  compile pong 1
  sed -e 's,^binary = "examples/ping-pong/\(p.ng\).c",binary = "\1.elf",' -e '/^sources\|^include_dirs/d' \
    examples/ping-pong/system.toml >system.toml
  grep -q '^binary = "pong.elf"' system.toml
}

@test "the flags are those of the plan, the sources too" {
  [ "$(pkg-config --modversion moonshot-pd)" = "$(ms-plan --version | cut -d' ' -f3)" ]
  [ "$(pkg-config --variable=prefix moonshot-pd)" = /opt/ms ]
  ms-parse examples/ping-pong/system.toml | ms-plan | jq '.steps[1].commands' >commands
  # those of a domain's source, less what names files, warnings, language, and the same bytes everywhere
  jq -r '.[0][]' commands | grep -E '^-[mfns]' | grep -vE '^-f(file-prefix-map|no-ident|random)|^-std' | sort >want
  pc --cflags | tr ' ' '\n' | grep -E '^-[mfns]' | grep -vE -- '-sections$' | sort | diff want -
  jq -r '.[-1][]' commands | grep -E '^-[mfnsWl]' | grep -vE 'pd_takes|undefined=' | sort >want
  pc --libs | tr ' ' '\n' | grep -E '^-[mfnsWl]' | grep -vE 'pd_takes|-Wl,-T,' | sort | diff want -
  jq -r '.[][-1]' commands | sed -n 's,^@toolkit/board/pd/,,p' >want
  pc --variable=sources | tr ' ' '\n' | sed 's,.*/,,' | diff want -
  pc --cflags --libs | tr ' ' '\n' | sed -n 's/^-I\|^-Wl,-T,//p' | grep -v '^build/' | while read -r path; do [ -e "$path" ]; done
}

@test "a domain compiled with it has the code of one that the build compiles" {
  ms-build -q examples/ping-pong/system.toml
  outside
  for pd in ping pong; do
    for f in "$pd.elf" "build/pd/$pd.elf"; do
      aarch64-linux-gnu-nm "$f" | grep -E ' [Tt] (init|notified|protected|pd_main|microkit_.*)$' | cut -d' ' -f2- | sort -k2 >"${f//\//.}.names"
    done
    diff "$pd.elf.names" "build.pd.$pd.elf.names"
  done
  ms-build -q system.toml
  [ -s build/system-image.bin ]
}

@test "it runs on real kernels" {
  need_kernels
  for k in "${kernels[@]}"; do
    echo "# $k"
    ms-build -q --kernel "$k" examples/ping-pong/system.toml
    outside
    run ms-build -q run --kernel "$k" --expect 'ping-pong: done' --timeout 120 system.toml </dev/null
    echo "$output"
    [ "$status" -eq 0 ]
  done
}
