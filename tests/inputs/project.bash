# SPDX-License-Identifier: BSD-2-Clause
# What the tests of records and locks share: a project with one source, two headers, a prefill,
# and the probe kernel built once. Load it after lib.bash.
unset MS_KERNEL MS_KERNELS MS_CC_LAUNCHER MAKEFLAGS MFLAGS

# project DIR: a small system.
project() {
  mkdir -p "$1/src" "$1/include"
  cat >"$1/system.toml" <<'END'
[[protection_domains]]
name = "hello"
binary = "src/hello.c"
include_dirs = ["include"]
priority = 100
maps = [{ region = "table", vaddr = 0x10000000, permissions = ["read"] }]

[[memory_regions]]
name = "table"
size_bytes = 4096
permissions = ["read"]
prefill_from = "table.bin"
END
  cat >"$1/src/hello.c" <<'END'
#include "hello.h"
#include <stdint.h>
#include <value.h>
uint32_t value = VALUE + HELLO;
END
  printf '#include <microkit.h>\nvoid init(void) { value++; }\nvoid notified(microkit_channel ch) { (void)ch; }\n' >>"$1/src/hello.c"
  echo '#define HELLO 5' >"$1/src/hello.h"
  echo '#define VALUE 3' >"$1/include/value.h"
  echo 'a prefill' >"$1/table.bin"
}

# In bats' setup_file: a project that was built once, with its documents and its cache.
built_once() {
  cd "$BATS_FILE_TMPDIR" || return 1
  project built
  (cd built && ms-build -q system.toml) || return 1
  cp -R built/build/probe "$BATS_FILE_TMPDIR/probe"
}

# In bats' setup: a copy of it, and the folder to put compilers of one's own in.
copied() {
  cp -R "$BATS_FILE_TMPDIR/built" "$BATS_TEST_TMPDIR/project"
  mkdir -p "$BATS_TEST_TMPDIR/tools"
  cd "$BATS_TEST_TMPDIR/project" || return 1
}

# A compiler that comes first in PATH, runs the lines of stdin (with $last: the last word) before
# each compile, and then the real one.
real=$(command -v aarch64-linux-gnu-gcc || :)
wrapper() {
  {
    printf '#!/bin/bash\nreal=%q\n' "$real"
    # shellcheck disable=SC2016
    echo 'for last; do :; done; case " $* " in *" -c "*) :'
    cat
    # shellcheck disable=SC2016
    printf '%s\n' ';; esac' 'exec "$real" "$@"'
  } >"$BATS_TEST_TMPDIR/tools/aarch64-linux-gnu-gcc"
  chmod +x "$BATS_TEST_TMPDIR/tools/aarch64-linux-gnu-gcc"
  PATH="$BATS_TEST_TMPDIR/tools:$PATH"
}

# The last document of a build.
record() { jq "$@" build/stages/07-ms-link.json; }

# "KIND PATH" of every input of the last document.
inputs() { record -r '[.compiled_from, .packed_from, .linked_from | .[]] | unique_by(.path)[] | "\(.kind) \(.path)"'; }
