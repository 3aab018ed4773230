#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The pages of --explain: every rule has one, and its examples do what they say.
load ../lib

# The project that examples in commands begin with.
project() {
  mkdir -p src
  cat >system.toml <<'END'
[[protection_domains]]
name = "client"
binary = "src/client.c"
priority = 1

[[protection_domains]]
name = "server"
binary = "src/server.c"
priority = 2

[[channels]]
name = "c"
end_a = "client"
end_b = "server"
kind = "ppc"
END
  printf '#include <microkit.h>\n\nvoid init(void)\n{\n}\n\nvoid notified(microkit_channel channel)\n{\n\t(void)channel;\n}\n' >src/client.c
  cp src/client.c src/server.c
  # What does not change is not compiled for each example.
  if [ -d "$CACHE" ]; then mkdir build && cp -R "$CACHE" build/cache; fi
}

setup_file() {
  export PAGES=$BATS_FILE_TMPDIR/pages CACHE=$BATS_FILE_TMPDIR/project/build/cache
  mkdir "$BATS_FILE_TMPDIR/project" "$BATS_FILE_TMPDIR/held"
  (cd "$BATS_FILE_TMPDIR/project" && project && ms-build -q system.toml && rm "$CACHE/last-build") || return 1
  for room in "$MS_ROOT"/lib/rules/*.txt; do
    mkdir -p "$PAGES/$(basename "$room" .txt)"
    awk -v OUT="$PAGES/$(basename "$room" .txt)" -f "$BATS_TEST_DIRNAME/pages.awk" "$room" || return 1
  done
}

setup() {
  unset MS_KERNEL MICROKIT_SDK MAKEFLAGS MS_CC_LAUNCHER SOURCE_DATE_EPOCH
  cd "$MS_ROOT" || return 1
}

# Names of the rules that the sources report.
reported() {
  {
    ms-parse --list-rules
    ms-import --list-rules
  } | cut -f1
  grep -oE '"export-[a-z-]+"' lib/host/spec/xml_write.c | tr -d '"'
  # the third argument of ms_report, the first literal of the functions around it
  cat lib/host/*/*.[ch] bin/*.c | tr '\n' ' ' |
    grep -oE '\b(ms_report|ms_maker_error|ms_maker_error_at|ERROR_AT|WARN_AT|ms_maker_warn_at|ms_doctor_report|[a-z_]*fault|fail|told|wrong|refuse|[a-z_]*preflight)\([^;"]*"[a-z][a-z-]*",' |
    sed 's/.*"\(.*\)",/\1/'
  grep -hoE '#define MS_RULE_[A-Z]+ +"[a-z-]+"' lib/host/*/*.h | sed 's/.*"\(.*\)"/\1/'
  grep -hoE '(\*rule = |\? )"[a-z]+-[a-z-]+"' lib/host/layout/boot.c lib/host/plan/plan.c | sed 's/.*"\(.*\)"/\1/'
}

@test "every rule that the sources report has a page, and no other has" {
  reported | sort -u >"$BATS_TEST_TMPDIR/reported"
  find "$PAGES" -mindepth 2 -maxdepth 2 -type d -printf '%f\n' | sort >"$BATS_TEST_TMPDIR/pages"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/pages")" -gt 200 ]
  run uniq -d "$BATS_TEST_TMPDIR/pages"
  [ -z "$output" ]
  diff "$BATS_TEST_TMPDIR/reported" "$BATS_TEST_TMPDIR/pages"
}

@test "a page begins with the rule's own sentence" {
  { ms-parse --list-rules && ms-import --list-rules; } | while IFS=$'\t' read -r name _ sentence; do
    [ "$(cat "$PAGES"/*/"$name"/sentence)" = "$sentence" ] || { echo "$name: $sentence"; return 1; }
  done
}

# Runs one example; what it says is in $BATS_TEST_TMPDIR/said, how it ends its status.
example() { # FILE
  local how=0
  rm -rf "$BATS_TEST_TMPDIR/work"
  mkdir "$BATS_TEST_TMPDIR/work"
  case $(head -c 2 "$1") in
  '$ ')
    (cd "$BATS_TEST_TMPDIR/work" && project && bash -o pipefail -c "$(sed 's/^\$ //' "$1")" >../out 2>../said </dev/null) || how=$?
    ;;
  '<'*)
    cp "$1" "$BATS_TEST_TMPDIR/work/system.system"
    (cd "$BATS_TEST_TMPDIR/work" && : >a.elf && : >b.elf && ms-import --check system.system >../out 2>../said </dev/null) || how=$?
    ;;
  *)
    cp "$1" "$BATS_TEST_TMPDIR/work/system.toml"
    (cd "$BATS_TEST_TMPDIR/work" && ms-parse --check system.toml >../out 2>../said </dev/null) || how=$?
    ;;
  esac
  return "$how"
}

# Every page of those rooms: its wrong example breaks that very rule, its right one does not.
check_rooms() {
  local page name bad=0 how held
  for page in $(for room; do ls -d "$PAGES/$room"/*/; done); do
    name=$(basename "$page")
    [ ! -e "$page/words" ] || continue
    how=0
    example "$page/wrong" || how=$?
    if ! grep -qF "[$name]" "$BATS_TEST_TMPDIR/said" || { [ "$how" != 0 ] && [ "$how" != 1 ]; } ||
      { grep -q ': error: .*\['"$name" "$BATS_TEST_TMPDIR/said" && [ "$how" != 1 ]; } ||
      { [[ $page == */@(text|domains|memory|channels|guests)/* && $name != *-count ]] && grep ': error: .*\[[a-z-]*\]$' "$BATS_TEST_TMPDIR/said" | grep -qvF "[$name]"; }; then
      echo "== $name: the wrong example ($how)"
      head -5 "$BATS_TEST_TMPDIR/said"
      bad=1
    fi
    how=0
    # The same example may be the right one of several pages.
    held=$BATS_FILE_TMPDIR/held/$(sha256sum <"$page/right" | cut -c1-64)
    if [ -e "$held" ] && ! grep -qF "[$name]" "$held"; then continue; fi
    example "$page/right" || how=$?
    if [ "$how" != 0 ] || grep -qF "[$name]" "$BATS_TEST_TMPDIR/said"; then
      echo "== $name: the right example ($how)"
      head -5 "$BATS_TEST_TMPDIR/said"
      bad=1
    else
      cp "$BATS_TEST_TMPDIR/said" "$held"
    fi
  done
  return $bad
}

@test "examples: the specification" { check_rooms text domains memory channels guests; }

@test "examples: Microkit's descriptions" { check_rooms microkit; }

@test "examples: plans and compiling" { check_rooms compile; }

@test "examples: kernels" { check_rooms kernel; }

@test "examples: layout and image" { check_rooms layout image; }

@test "examples: machines" { check_rooms machine; }

@test "examples: keys and envelopes" { check_rooms trust; }

@test "the specification's rules all have examples that run" {
  for room in text domains memory channels guests microkit; do
    [ -z "$(ls "$PAGES/$room"/*/words 2>/dev/null)" ]
  done
}

@test "of the other rules' pages few have their examples in words" {
  [ "$(find "$PAGES" -name words | wc -l)" -le 18 ]
}

@test "--explain prints a page, by ms-build and by ms-parse" {
  ms-build --explain pd-priority >"$BATS_TEST_TMPDIR/build"
  ms-parse --explain '[pd-priority]' >"$BATS_TEST_TMPDIR/parse"
  cmp "$BATS_TEST_TMPDIR/build" "$BATS_TEST_TMPDIR/parse"
  run -0 cat "$BATS_TEST_TMPDIR/build"
  [ "${lines[0]}" = pd-priority ]
  [ "${lines[1]}" = "A priority is 0 to 254." ]
  [[ $output == *$'Wrong:\n\n    [[protection_domains]]'*$'priority = 255\n\nRight:\n'*"priority = 254" ]]
  # the first and the last page of a room, and that none runs into the next
  for room in lib/rules/*.txt; do
    for name in $(sed -n 's/^== //p' "$room" | sed -n '1p;$p'); do
      run -0 ms-parse --explain "$name"
      [ "${lines[0]}" = "$name" ]
      [[ $output != *$'\n== '* ]]
    done
  done
}

@test "--explain alone lists the rules" {
  ms-build --explain >"$BATS_TEST_TMPDIR/list"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/list")" = "$(cat lib/rules/*.txt | grep -c '^== ')" ]
  grep -qx 'pd-priority            A priority is 0 to 254.' "$BATS_TEST_TMPDIR/list"
  ms-parse --explain | cmp - "$BATS_TEST_TMPDIR/list"
}

@test "--explain of a rule that there is not" {
  run --separate-stderr -2 ms-build --explain pd-prioritty
  [[ $stderr == *'there is no rule "pd-prioritty"; did you mean "pd-priority"?'* ]]
  run --separate-stderr -2 ms-parse --explain ''
  run --separate-stderr -2 ms-parse --explain ../../etc/passwd
  run --separate-stderr -2 ms-build --explain a b
  run -3 bash -c 'ms-build --explain >/dev/full'
}
