#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-import: golden cases for every element, attribute and rule; files that mean harm.
load ../lib

setup() {
  cases=$BATS_TEST_DIRNAME/cases
  cd "$BATS_TEST_TMPDIR" || return 1
}

# A system with that inside.
system() {
  printf '<system><protection_domain name="a"><program_image path="a.elf"/>%s</protection_domain></system>' "$1"
}

@test "golden cases" {
  golden ms-import "$cases"
}

@test "every rule stands in ms-import(1) and has a case that breaks it" {
  ms-import --list-rules >rules
  awk '/^\.It Cm .* Pq error/ { name = $3; getline; printf "%s\terror\t%s\n", name, $0 }' \
    "$MS_ROOT/man/ms-import.1" >page
  [ -s page ]
  diff rules page
  while IFS=$'\t' read -r rule _; do
    grep -aqE "^<stdin>:([0-9]+:[0-9]+:)? error: .* \[$rule\]$" "$cases/rule-$rule/err" ||
      { echo "no error of $rule in $cases/rule-$rule/err"; exit 1; }
  done <rules
}

@test "every element and attribute that ms-import(1) lists is in the full case, or refused" {
  awk '/^\.Bl -column/ { on = 1; next } /^\.El/ { on = 0 }
    on && /^\.It Li .* Ta / { print $3, $5, $7 }' "$MS_ROOT/man/ms-import.1" >table
  [ "$(wc -l <table)" -gt 60 ]
  while read -r element attribute field; do
    if [ "$field" = refused ]; then
      grep -qE "<$element [^>]*\b$attribute=" "$cases"/rule-other-architecture/in
    else
      tr '\n' ' ' <"$cases/full/in" | grep -qE "<$element [^>]*\b$attribute="
    fi || { echo "$element $attribute: no case"; return 1; }
  done <table
}

@test "ms-import | ms-parse works directly, for every case that is right" {
  local case count=0
  for case in "$cases"/*/; do
    if [ ! -s "$case/out" ]; then continue; fi
    ms-parse --check "$case/out" 2>err
    ms-parse -f toml "$case/out" 2>err | sha256sum >want
    count=$((count + 1))
  done
  [ "$count" -ge 6 ]
  ms-import "$cases/hello/in" | ms-parse | jq -e '.protection_domains[0].name == "hello" and
    .protection_domains[0].stack_bytes == 8192 and .build.root_task == "system"'
}

@test "files are found in the search paths, as they are named, and named as the project has them" {
  mkdir -p project/build project/other elsewhere
  : >project/build/a.elf
  : >project/other/a.elf
  : >elsewhere/a.elf
  cd project
  system '' >a.system
  binary() { ms-import "$@" a.system | sed -n 's/^binary = //p'; }
  [ "$(binary)" = '"a.elf"' ]
  [ "$(binary --search-path other --search-path build)" = '"other/a.elf"' ]
  [ "$(binary --search-path none --search-path ./build//)" = '"@project/build/a.elf"' ]
  [ "$(binary --search-path "$PWD/other")" = '"other/a.elf"' ]
  [ "$(binary --search-path ../project/build)" = '"@project/build/a.elf"' ]
  : >a.elf
  [ "$(binary --search-path none)" = '"a.elf"' ]
  run -1 --separate-stderr ms-import --search-path ../elsewhere a.system
  [[ $stderr == *"a.system:1:"*": error: path=\"a.elf\": ../elsewhere/a.elf does not lie in the project"*"[file-outside]"* ]]
  # The TOML that comes out is taken.
  ms-import --search-path build a.system | ms-parse | jq -e '.protection_domains[0].binary == "@project/build/a.elf"'
}

# hostile FILE: refused within a second and 64 MiB, in a few words.
hostile() {
  run -1 --separate-stderr bash -c 'ulimit -v 65536; exec timeout 20 "$@"' - ms-import "$1"
  [ -z "$output" ]
  [[ $stderr == *": error: "* ]]
  [ "${#stderr}" -lt 70000 ]
}

if_asan() { [[ $MS_BIN == *asan* ]]; }

@test "hostile files are refused: entities, depth, numbers, length" {
  if if_asan; then skip "the sanitizers need more address space than is allowed here"; fi
  printf '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><system>&b;</system>' >bomb
  hostile bomb
  [[ $stderr == *"[xml-doctype]"* ]]
  { printf '<!DOCTYPE a [<!ENTITY a0 "aaaaaaaaaaaaaaaa">'
    for i in $(seq 60); do printf '<!ENTITY a%d "&a%d;&a%d;">' "$i" $((i - 1)) $((i - 1)); done
    printf ']><system a="&a60;"/>'; } >laughs
  hostile laughs
  [[ $stderr == *"[xml-doctype]"* ]]
  printf '<!DOCTYPE a [<!ENTITY %% p SYSTEM "file:///dev/zero">%%p;]><system/>' >parameter
  hostile parameter
  yes '<protection_domain name="a">' | head -30000 | tr -d '\n' >deep
  hostile deep
  [[ $stderr == *"[xml-limit]"* ]]
  { printf '<system'; seq -f ' a%.0f=""' 90000 | tr -d '\n'; printf '/>'; } >attributes
  hostile attributes
  [[ $stderr == *"[xml-limit]"* ]]
  { printf '<system><memory_region name="'; head -c 1000000 /dev/zero | tr '\0' x; printf '"/></system>'; } >long
  hostile long
  { printf '<'; head -c 1000000 /dev/zero | tr '\0' x; } >name
  hostile name
  { printf '<system>'; yes '<a/>' | head -250000 | tr -d '\n'; } >many
  hostile many
  { printf '<system>'; yes '<!---->' | head -140000 | tr -d '\n'; } >comments
  hostile comments
  system "$(yes '<map mr="a" vaddr="0"/>' | head -40000 | tr -d '\n')" >maps
  hostile maps
  [[ $stderr == *"there are 40000 maps"*"[map-count]"* ]]
  { printf '<system>'; yes '<memory_region name="a" size="0x1000"/>' | head -25000 | tr -d '\n'; printf '</system>'; } >regions
  hostile regions
  { printf '<system>'; yes '<channel><end pd="a" id="0"/><end pd="b" id="1"/></channel>' | head -16000 | tr -d '\n'; printf '</system>'; } >channels
  hostile channels
  printf '<system>\0</system>' >nul
  hostile nul
}

@test "UTF-16 without its mark is refused, too" {
  printf '<system/>' | iconv -t UTF-16LE >utf16
  run -1 --separate-stderr ms-import utf16
  [[ $stderr == *"utf16:1:2: error: byte 0x00 is no character; XML in UTF-16 must become UTF-8 first [xml-utf8]"* ]]
}

@test "input without an end is left after 8 MiB" {
  run -1 --separate-stderr bash -c 'yes "<a>" | ms-import'
  [[ $stderr == *"longer than 8388608 bytes"* ]]
}

@test "a file cut anywhere, or with any byte changed, is refused or imported" {
  local full="$cases/full/in" size i
  size=$(stat -c %s "$full")
  for i in $(seq 1 37 "$size"); do
    head -c "$i" "$full" >cut.xml
    ms-import --check cut.xml 2>err || { [ $? -eq 1 ] && [ -s err ]; }
    { head -c $((i - 1)) "$full"; printf '\xff'; tail -c "+$((i + 1))" "$full"; } >changed
    run -1 --separate-stderr ms-import --check changed
    [[ $stderr == *"[xml-utf8]"* ]]
    { head -c $((i - 1)) "$full"; printf '"'; tail -c "+$((i + 1))" "$full"; } >changed
    ms-import --check changed 2>err || { [ $? -eq 1 ] && [ -s err ]; }
  done
}

@test "63 protection domains in each other are as deep as it goes" {
  nested() {
    printf '<system>'
    for i in $(seq "$1"); do
      printf '<protection_domain name="p%d"%s><program_image path="a.elf"/>' "$i" \
        "$([ "$i" = 1 ] || echo ' id="0"')"
    done
    for i in $(seq "$1"); do printf '</protection_domain>'; done
    printf '</system>'
  }
  nested 63 | ms-import | ms-parse | jq -e '[.protection_domains[].parent] == [null] + [range(62) | "p\(. + 1)"]'
  run -1 --separate-stderr ms-import <<<"$(nested 64)"
  [[ $stderr == *"[pd-count]"* ]]
}

@test "a full disk, an unreadable file, a wrong call" {
  system '' >a.system
  run -3 --separate-stderr bash -c 'ms-import a.system >/dev/full'
  [[ $stderr == *"No space left"* ]]
  run -3 --separate-stderr ms-import missing.system
  run -3 --separate-stderr bash -c 'ms-import <&-'
  run -2 --separate-stderr ms-import a.system b.system
  ms-import -o out.toml a.system
  ms-import <a.system | cmp - out.toml
}
