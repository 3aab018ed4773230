#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-parse: golden cases (one for every rule at least), the canonical rendering, hostile input.
load ../lib

setup() {
  cases=$BATS_TEST_DIRNAME/cases
  cd "$BATS_TEST_TMPDIR" || return 1
}

# A small system that keeps every rule.
small() {
  cat <<'END'
[[protection_domains]]
name = "hello"
binary = "examples/hello.c"
priority = 100
stack_bytes = 65536
END
}

canonical() { ms-parse --format toml "$@"; }

@test "golden cases" {
  golden ms-parse "$cases"
}

@test "every rule stands in ms-parse(1), with its severity and its sentence" {
  ms-parse --list-rules >rules
  awk '/^\.It Cm .* Pq / { name = $3; severity = $5; getline; printf "%s\t%s\t%s\n", name, severity, $0 }' \
    "$MS_ROOT/man/ms-parse.1" >page
  [ -s page ]
  diff rules page
}

@test "every rule has a case that breaks it, and every case of a rule has its rule" {
  ms-parse --list-rules | while IFS=$'\t' read -r rule severity _; do
    grep -aqE "^<stdin>:([0-9]+:[0-9]+:)? $severity: .* \[$rule\]$" "$cases/rule-$rule/err" ||
      { echo "no $severity of $rule in $cases/rule-$rule/err"; exit 1; }
  done
  for case in "$cases"/rule-*/; do
    rule=$(basename "$case")
    ms-parse --list-rules | grep -q "^${rule#rule-}$(printf '\t')"
  done
}

@test "--check writes nothing and has the same status" {
  small | ms-parse --check >out
  [ ! -s out ]
  run -1 --separate-stderr ms-parse --check "$cases/rule-pd-stack/in"
  [ -z "$output" ]
}

@test "a file operand and -o" {
  small >system.toml
  ms-parse -o spec.json system.toml
  ms-parse <system.toml | cmp - spec.json
  small | sed 's/100/400/' >wrong.toml
  run -1 --separate-stderr ms-parse -o other.json wrong.toml
  [[ $stderr == "wrong.toml:4:12: error: "* ]]
  [ ! -e other.json ]
  [ "$(find . -name '*.tmp')" = "" ]
}

# The example of that name in ms-spec(5).
example() {
  awk -v want="$1" '
    $0 == ".\\\" example: " want { found = 1 }
    found && /^\.Bd/ { on = 1; next }
    /^\.Ed/ { if (on) exit }
    on' "$MS_ROOT/man/ms-spec.5"
}

@test "the examples of ms-spec(5)" {
  example spec >spec.toml
  example canonical >canonical.toml
  example document | tr -d '\n' >document.json
  echo >>document.json
  [ -s spec.toml ]
  [ -s canonical.toml ]
  canonical spec.toml | diff canonical.toml -
  ms-parse spec.toml | diff document.json -
}

# The keys that the page lists under a heading, and those that the program knows there: it
# answers an unknown key with their list.
page_keys() {
  awk -v from="$1" '$0 == ".Ss " from { on = 1; next } /^\.S[sh]/ { on = 0 }
    on && /^\.It (Cm|Li) / && !/ Ta / { gsub(/^\.It|Cm|Li|[][,]/, ""); print }' "$MS_ROOT/man/ms-spec.5" | xargs
}
known_keys() {
  printf '%s\nzzzzzzzzzzzz = 1\n' "$1" | ms-parse --check 2>&1 |
    sed -n 's/.*; known are \(.*\) \[unknown-key\]$/\1/p' | tr -d ','
}

@test "the keys of ms-spec(5) are those of the program, in the same order" {
  local table within
  [ -n "$(known_keys '')" ]
  diff <(page_keys "Top level") <(known_keys '')
  for table in '[build]' '[[protection_domains]]' '[[protection_domains.maps]]' \
    '[[protection_domains.setvars]]' '[[protection_domains.caps]]' '[[channels]]' \
    '[[memory_regions]]' '[[irq_delivery]]' '[[virtual_machines]]' '[[virtual_machines.vcpus]]' \
    '[[virtual_machines.maps]]' '[[domains]]' '[domain_schedule]' '[[domain_schedule.entries]]' \
    '[[assertions]]'; do
    within=$table
    if [[ $table == *.* && $table != *schedule* ]]; then within=${table%%.*}]]$'\n'$table; fi
    [ -n "$(known_keys "$within")" ]
    diff <(page_keys "$table") <(known_keys "$within")
  done
}

@test "the way a system is written does not change its canonical rendering" {
  small | canonical >want
  [ "$(head -1 want)" = 'schema = "ms-spec/1"' ]
  # White space, comments, key order, integer bases, quotes, line ends, defaults spelled out.
  canonical >got <<'END'
# a comment
schema='ms-spec/1'   # another
priority_order = """zero-lowest"""
memory_regions=[]

  [[ "protection_domains" ]]
    stack_bytes = 0x1_0000
    'priority' = 0b1100100
    binary = "ex\u0061mples/hello.c"
    name = """
hello"""
[build]
board = 'qemu-arm-virt'
output_dir = "build"
config = "debug"
END
  diff want got
  small | sed 's/$/\r/' | canonical | diff want -
  printf 'protection_domains=[{stack_bytes=0o200000,priority=+100,binary="examples/hello.c",name="hello"}]' |
    canonical | diff want -
  # Rendering is a fixed point.
  canonical want | diff want -
}

@test "the hash of a system stays what it was before there were more keys" {
  local hash file count=0
  while read -r hash file; do
    [ "$(canonical "$MS_ROOT/$file" 2>err | sha256sum)" = "$hash  -" ] || {
      echo "$file has another hash"
      false
    }
    count=$((count + 1))
  done <"$BATS_TEST_DIRNAME/hashes"
  [ "$count" -ge 13 ]
}

@test "defaults that are spelled out change nothing" {
  canonical >want <<'END'
[[protection_domains]]
name = "a"
binary = "a.c"
priority = 1
[[protection_domains.maps]]
region = "r"
[[protection_domains]]
name = "b"
binary = "b.c"
[[channels]]
name = "c"
end_a = "a"
end_b = "b"
kind = "ppc"
[[channels]]
name = "n"
end_a = "a"
end_b = "b"
kind = "notification"
[[memory_regions]]
name = "r"
permissions = ["read"]
prefill_from = "r.bin"
[[irq_delivery]]
irq = 1
target_pd = "a"
END
  canonical >got <<'END'
virtual_machines = []
domains = []
[domain_schedule]
start_index = 0
index_shift = 0
entries = []
[build]
root_task = "auto"
[[protection_domains]]
name = "a"
binary = "a.c"
priority = 1
sources = []
include_dirs = []
defines = []
libs = []
budget_us = 1000
period_us = 1000
passive = false
cpu = 0
fpu = true
smc = false
setvars = []
caps = []
[[protection_domains.maps]]
region = "r"
vaddr = "auto"
permissions = ["read"]
cached = true
[[protection_domains]]
name = "b"
binary = "b.c"
maps = []
[[channels]]
name = "c"
end_a = "a"
end_b = "b"
kind = "ppc"
id_a = 0
caller = "end_b"
notify_a = false
notify_b = false
[[channels]]
name = "n"
end_a = "a"
end_b = "b"
kind = "notification"
notify_a = true
notify_b = true
[[memory_regions]]
name = "r"
caching = "cached"
permissions = ["read"]
prefill_from = "r.bin"
[[irq_delivery]]
irq = 1
target_pd = "a"
target_channel = 2
trigger = "level"
END
  [ -s want ]
  diff want got
}

@test "the order of protection domains does change it, the order of collections does not" {
  printf '[[protection_domains]]\nname="a"\nbinary="a.c"\n' >a
  printf '[[protection_domains]]\nname="b"\nbinary="b.c"\n' >b
  printf '[[irq_delivery]]\nirq=3\ntarget_pd="a"\n' >irq
  cat a b irq | canonical >want
  cat irq a b | canonical | diff want -
  cat a irq b | canonical | diff want -
  cat b a irq | canonical >other
  run -1 cmp -s want other
}

@test "canonical rendering of every accepted case is a fixed point, also through the document" {
  local case count=0
  for case in "$cases"/*/; do
    if [ -e "$case/status" ]; then continue; fi
    canonical "$case/in" >once 2>err
    canonical once 2>err | diff once -
    ms-parse "$case/in" 2>err | ms-parse --from json 2>err >again
    ms-parse "$case/in" 2>err | diff again -
    ms-parse --from json --format toml again 2>err | diff once -
    count=$((count + 1))
  done
  [ "$count" -ge 10 ]
}

@test "the result does not depend on where, when and by whom it is made" {
  small >system.toml
  ms-parse system.toml >want
  mkdir -p "deep/er folder/examples"
  : >"deep/er folder/examples/hello.c"
  (cd "deep/er folder" && LC_ALL=C TZ=Asia/Tokyo HOME=/nowhere ms-parse <../../system.toml) | cmp - want
  LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 TZ=UTC ms-parse system.toml | cmp - want
  # Whether a binary exists, or is a link that leaves the project, is not its business.
  mkdir examples
  ln -s /etc/passwd examples/hello.c
  ms-parse system.toml | cmp - want
}

@test "diagnostics as JSON: one object a line, on stderr" {
  printf '[[protection_domains]]\nname = "a\\u001b\\"\xc3\xa4"\nbinary = "a.rs"\npriorty = 3\n' >wrong.toml
  run -1 --separate-stderr ms-parse --diagnostics json wrong.toml
  [ -z "$output" ]
  [ "${#stderr_lines[@]}" -eq 3 ]
  for line in "${stderr_lines[@]}"; do
    jq -e 'keys == ["col","file","line","message","rule","severity","stage","v"]
      and .v == 1 and .stage == "ms-parse" and .file == "wrong.toml"' <<<"$line"
  done
  [ "$(jq -r '"\(.line):\(.col) \(.rule)"' <<<"$stderr" | xargs)" = \
    "4:1 unknown-key 2:8 pd-name 3:10 pd-binary-kind" ]
}

@test "what a terminal would obey is shown, not sent" {
  printf '"\\u001b[2J" = 1\n' >wrong.toml
  run -1 --separate-stderr ms-parse wrong.toml
  [[ $stderr == *"unknown key '\\x1b[2J'"* ]]
  [[ $stderr != *$'\x1b'* ]]
  printf 'x = 1 # \x1b]0;title\x07\n' >wrong.toml
  run -1 --separate-stderr ms-parse wrong.toml
  [[ $stderr == *"[toml-syntax]"* ]]
  [[ $stderr != *$'\x1b'* && $stderr != *$'\x07'* ]]
}

@test "limits hold: 63 PDs, 63 ids on one PD, 10,000 regions" {
  {
    for i in $(seq 63); do printf '[[protection_domains]]\nname="p%d"\nbinary="p.c"\n' "$i"; done
    for i in $(seq 62); do
      printf '[[channels]]\nname="c%d"\nend_a="p1"\nend_b="p%d"\nkind="notification"\n' "$i" $((i + 1))
    done
    printf '[[irq_delivery]]\nirq=1019\ntarget_pd="p1"\n'
    for i in $(seq 10000); do
      printf '[[memory_regions]]\nname="r%d"\nphys_addr=%d\nsize_bytes=4096\npermissions=["read"]\n' \
        "$i" $(((10000 - i) * 4096))
    done
  } >big.toml
  ms-parse big.toml >big.json
  jq -e '(.protection_domains | length) == 63 and (.memory_regions | length) == 10000
    and (.channels | map(.id_a) == [range(62)]) and .irq_delivery[0].target_channel == 62' big.json
  canonical big.toml | canonical | cmp - <(canonical big.toml)
}

@test "62 ids on a PD that is called, 6,300 sources, 6,000 maps, 1,000 assertions" {
  {
    for i in $(seq 63); do
      printf '[[protection_domains]]\nname="p%d"\nbinary="p.c"\npriority=%d\nsources=[' "$i" $((i == 1))
      seq -f '"s%.0f.c",' 100 | tr -d '\n'
      printf ']\n'
      seq -f '[[protection_domains.maps]]
region="r%.0f"' $((i % 50 + 1)) 10 1000
    done
    for i in $(seq 62); do
      printf '[[channels]]\nname="c%d"\nend_a="p1"\nend_b="p%d"\nkind="ppc"\n' "$i" $((i + 1))
    done
    seq -f '[[memory_regions]]
name="r%.0f"
size_bytes=4096
permissions=["read"]' 1000
    seq -f '[[assertions]]
never="p1"
writes="r%.0f"' 1000
  } >big.toml
  ms-parse big.toml >big.json 2>err
  jq -e '([.protection_domains[].sources | length] | unique) == [100]
    and ([.protection_domains[].maps | length] | add) > 6000 and (.assertions | length) == 1000
    and (.channels | map(.id_a) == [range(62)])' big.json
  ms-parse --from json big.json 2>err | cmp - big.json
  printf '[[irq_delivery]]\nirq=1\ntarget_pd="p1"\n' | cat big.toml - >more.toml
  run -1 --separate-stderr ms-parse more.toml
  [[ $stderr == *"protection domain 'p1' has more than 62 channel ends and interrupts, since it is called"*"[pd-channels]"* ]]
}

@test "a chain of 63 PDs is found by an assertion, and who is not on it is not" {
  {
    for i in $(seq 63); do printf '[[protection_domains]]\nname="p%d"\nbinary="p.c"\n' "$i"; done
    for i in $(seq 62); do
      printf '[[channels]]\nname="c%d"\nend_a="p%d"\nend_b="p%d"\nkind="notification"\nnotify_b=false\n' \
        "$i" "$i" $((i + 1))
    done
    printf '[[assertions]]\nnever="p63"\nreaches="p1"\n'
  } >good.toml
  ms-parse --check good.toml
  printf '[[assertions]]\nnever="p1"\nreaches="p63"\n' | cat good.toml - >chain.toml
  run -1 --separate-stderr ms-parse chain.toml
  [[ $stderr == *"'p1' reaches 'p63': 'p1' -(channel 'c1')-> 'p2' -(channel 'c2')-> "*" -(channel 'c62')-> 'p63'; "* ]]
  [ "$(grep -c "note: from " <<<"$stderr")" -eq 62 ]
}

@test "a full disk is exit 3" {
  small >system.toml
  run -3 --separate-stderr bash -c 'ms-parse system.toml >/dev/full'
  [[ $stderr == *"No space left"* ]]
  run -3 --separate-stderr bash -c 'ms-parse -f toml system.toml >/dev/full'
  run -3 --separate-stderr bash -c 'ms-parse --list-rules >/dev/full'
  run -3 --separate-stderr ms-parse -o /dev/full/x system.toml
  run -3 --separate-stderr ms-parse -o no/such/folder system.toml
}

@test "input that cannot be read is exit 3" {
  run -3 --separate-stderr bash -c 'ms-parse <&-'
  [[ $stderr == "ms-parse: error: "* ]]
  run -3 --separate-stderr ms-parse missing.toml
  [[ $stderr == *"missing.toml: No such file"* ]]
  run -3 --separate-stderr ms-parse .
  run -3 --separate-stderr bash -c 'ms-parse </'
  if [ "$(id -u)" != 0 ]; then
    small >secret.toml
    chmod 0 secret.toml
    run -3 --separate-stderr ms-parse secret.toml
    [[ $stderr == *"Permission denied"* ]]
  fi
}

@test "input without an end is left after 8 MiB" {
  # yes never ends by itself: that this test ends shows that reading stops.
  run -1 --separate-stderr bash -c 'yes "# a gigabyte" | ms-parse'
  [[ $stderr == *"longer than 8388608 bytes"* ]]
  truncate -s 1G big.toml
  run -1 --separate-stderr ms-parse big.toml
  [[ $stderr == *"longer than 8388608 bytes"* ]]
}

@test "deep nesting is refused" {
  for text in '[' '{a=' '[{a=' 'a.'; do
    { printf 'x = '; yes "$text" | head -100000 | tr -d '\n'; } | head -c 1000000 >deep.toml
    run -1 --separate-stderr ms-parse deep.toml
    [ "${#stderr}" -lt 2000 ]
  done
  { printf '['; yes 'a.' | head -100000 | tr -d '\n'; echo 'a]'; } >deep.toml
  run -1 --separate-stderr ms-parse deep.toml
  [[ $stderr == *"[toml-limit]"* ]]
  { yes '[' | head -100000 | tr -d '\n'; } >deep.json
  run -1 --separate-stderr ms-parse --from json deep.json
}

@test "many mistakes are counted, not printed without end" {
  { yes '{},' | head -40000 | tr -d '\n' | sed 's/^/protection_domains=[/'; echo ']'; } >many.toml
  run -1 --separate-stderr ms-parse many.toml
  [ "${#stderr}" -lt 60000 ]
  [[ $stderr == *"more are not shown [missing-key]"* ]]
  [[ $stderr == *"there are 40000 protection domains"*"[pd-count]"* ]]
  # Long names that differ late, channels to none of them.
  awk 'BEGIN { for (i = 0; i < 60; i++) x = x "x"
    for (i = 0; i < 4000; i++) printf "[[protection_domains]]\nname=\"%s%d\"\nbinary=\"a.c\"\n", x, i
    for (i = 0; i < 4000; i++) printf "[[channels]]\nname=\"c%d\"\nend_a=\"%s\"\nend_b=\"%s\"\nkind=\"ppc\"\n", i, x, x }' >many.toml
  run -1 --separate-stderr ms-parse many.toml
  [ "${#stderr}" -lt 60000 ]
}

@test "a document written by hand goes through the rules" {
  ms-parse "$cases/full/in" >good.json
  ms-parse --from json good.json | cmp - good.json
  # Other white space and key order are the same document.
  jq . good.json | ms-parse --from json | cmp - good.json
  sed 's/"priority":200/"priority":100/' good.json >equal.json
  run -1 --separate-stderr ms-parse --from json equal.json
  [[ $stderr == *"[channel-priority]"* ]]
  sed 's/"binary":"uart.elf"/"binary":"..\/uart.elf"/' good.json >out.json
  run -1 --separate-stderr ms-parse --from json out.json
  sed 's/^{/{"schema":"ms-spec\/1",/' good.json >double.json
  run -1 --separate-stderr ms-parse --from json double.json
  [[ $stderr == *"duplicate"* ]]
  run -1 --separate-stderr ms-parse --from json <<<"$(cat good.json) x"
  run -1 --separate-stderr ms-parse --from json </dev/null
}
