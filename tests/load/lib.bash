# SPDX-License-Identifier: BSD-2-Clause
# What the tests of load share: systems of any size, and what a run took. Load it after lib.bash.

# large REGIONS PDS SOURCES: a specification; the first domain maps all regions, each domain has so many
# further sources.
large() {
  local i k
  for i in $(seq 1 "$2"); do
    printf '[[protection_domains]]\nname = "pd%d"\nbinary = "src/pd%d.c"\npriority = %d\n' "$i" "$i" $((i % 200 + 1))
    if [ "$3" -gt 0 ]; then
      printf 'sources = ['
      seq -f "\"src/d$i/s%.0f.c\", " 1 "$3" | tr -d '\n'
      printf ']\n'
    fi
    if [ "$i" = 1 ] && [ "$1" -gt 0 ]; then
      seq -f '[[protection_domains.maps]]
region = "region%.0f"
vaddr = "auto"' 1 "$1"
    fi
  done
  [ "$1" = 0 ] || seq -f '[[memory_regions]]
name = "region%.0f"
size_bytes = 4096
permissions = ["read", "write"]' 1 "$1"
}

# sources PDS SOURCES: what such a system is made of.
sources() {
  local i k
  mkdir -p src
  for i in $(seq 1 "$1"); do
    printf '%s\n' '#include <microkit.h>' 'void init(void) {}' 'void notified(microkit_channel c) { (void)c; }' >"src/pd$i.c"
    [ "$2" = 0 ] || mkdir -p "src/d$i"
    for ((k = 1; k <= $2; k++)); do echo "int f$k(void) { return $k; }" >"src/d$i/s$k.c"; done
  done
}

# peak COMMAND...: runs it; its largest resident set in kilobytes is in `kilobytes`.
peak() {
  local status=0
  "$MS_PEAK" peak.out "$@" || status=$?
  kilobytes=$(cat peak.out)
  return "$status"
}

# within KILOBYTES FILE...: the peak stays below what was read and 64 MiB (or MiB of `room`). What sanitizers
# take is theirs.
within() {
  local sum=0 n
  [ -z "${SANITIZE:-}" ] || return 0
  for n in $(stat -c %s "${@:2}"); do sum=$((sum + n)); done
  [ "$1" -lt $((sum / 1024 + ${room:-64} * 1024)) ] || { echo "$1 kB for $sum bytes of input"; return 1; }
}

# stages_within MIB: what reads documents of thousands of commands, one program after another: the document
# hashed, ms-compile with all objects in its cache, and what takes the last document. In the working folder.
stages_within() {
  local room=$1 stage
  peak ms-compile -B build -o 4 3; within "$kilobytes" 3 || return 1
  peak ms-layout -B build -o 5 4 2>>warnings; within "$kilobytes" 4 || return 1
  peak ms-cpio -B build -o 6 5 2>>warnings; within "$kilobytes" 5 || return 1
  ms-link -B build -o 7 6 2>>warnings
  peak ms-link -B build -o 7 6 2>>warnings; within "$kilobytes" 6 build/system.cpio || return 1
  for stage in ms-sbom "ms-sbom --format cyclonedx" "ms-attest --spec system.toml" ms-report "ms-graph --format svg"; do
    # shellcheck disable=SC2086 # words
    peak $stage -o other 7 || return 1
    within "$kilobytes" 7 || { echo "$stage"; return 1; }
  done
}

# shellcheck disable=SC2034 # of whoever calls it
# quick: a launcher that has objects at once, in `launcher` (quick.c).
quick() {
  echo 'static const char nothing[] __attribute__((unused)) = "";' | aarch64-linux-gnu-gcc -c -O2 -o quick.o -x c - &&
    launcher="${MS_PEAK%/*}/quick $PWD/quick.o"
}
