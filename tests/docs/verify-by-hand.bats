#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# docs/verify-by-hand.md: its commands run, and stop where something was changed.
load ../lib
load ../trust

# commands FROM TO: those of the page between two headings.
commands() {
  awk -v from="## $1" -v to="## $2" '$0 == from { on = 1 } $0 == to { exit }
    on && /^```sh/ { in_block = 1; next } /^```/ { in_block = 0 } on && in_block' "$MS_ROOT/docs/verify-by-hand.md"
}

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH
  export MS_ROOT
  new_project
  commands 'The vendor' 'The customer' >vendor.sh
  commands 'The customer' 'Building it again' >customer.sh
  commands 'Building it again' 'the end' >again.sh
  bash -eu -o pipefail vendor.sh 2>vendor.err || { cat vendor.err; return 1; }
}

setup() {
  unset MS_KERNEL SOURCE_DATE_EPOCH
  mkdir "$BATS_TEST_TMPDIR/work"
  cp -R "$BATS_FILE_TMPDIR"/{delivery,customer.sh,again.sh} "$BATS_TEST_TMPDIR/work"
  cd "$BATS_TEST_TMPDIR/work" || return 1
}

customer() { bash -eu -o pipefail customer.sh; }

@test "the customer's walk, and the rebuild" {
  cat again.sh >>customer.sh
  run -0 customer
  [ "$(grep -c 'Verified' <<<"$output")" = 2 ]
  [[ $output == *"system-image.bin: OK"*"canonical.toml: OK"*"source/src/hello.c: OK"*"members/kernel.elf: OK"* ]]
}

@test "ms-verify agrees" {
  cd delivery
  ms-verify --trust vendor.pub --trust customer.pub --threshold 2 --image system-image.bin --project source system.dsse.json
}

@test "the walk stops where something was changed" {
  cp -R delivery good
  while IFS='#' read -r change words; do
    rm -rf delivery
    cp -R good delivery
    (cd delivery && eval "$change")
    run customer
    [ "$status" -ne 0 ] && [[ $output == *"$words"* ]] || { echo "$change: $status"; echo "$output"; return 1; }
  done <<'END'
printf x >>system-image.bin#system-image.bin: FAILED
echo "/* */" >>source/src/hello.c#source/src/hello.c: FAILED
echo "/* */" >>source/src/number.h#source/src/number.h: FAILED
sed -i s/100/101/ canonical.toml#canonical.toml: FAILED
sed -i s/-O2/-O3/ plan.json#OK
cp customer.pub vendor.pub#
sed -i 's/"payload":"e/"payload":"f/' system.dsse.json#
jq -c '.signatures |= reverse | .signatures[0].sig = .signatures[1].sig' system.dsse.json >x && mv x system.dsse.json#
END
}

@test "every program that the page names is there" {
  for program in $(grep -oE '\bms-[a-z]+' "$MS_ROOT/docs/verify-by-hand.md" | sort -u); do
    case $program in ms-link) continue ;; esac
    [ -e "$MS_ROOT/bin/$program.c" ] || { echo "$program"; return 1; }
  done
}
