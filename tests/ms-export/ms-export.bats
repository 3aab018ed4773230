#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-export: golden cases, and that the way to XML and back changes nothing.
load ../lib

setup() {
  cases=$BATS_TEST_DIRNAME/cases
  cd "$BATS_TEST_TMPDIR" || return 1
}

@test "golden cases" {
  golden ms-export "$cases"
}

@test "every rule stands in ms-export(1) and has a case that breaks it" {
  ms-export --list-rules >rules
  awk '/^\.It Cm .* Pq / { name = $3; severity = $5; getline; printf "%s\t%s\t%s\n", name, severity, $0 }' \
    "$MS_ROOT/man/ms-export.1" >page
  [ -s page ]
  diff rules page
  while IFS=$'\t' read -r rule severity _; do
    grep -qE "^<stdin>:[0-9]+:[0-9]+: $severity: .* \[$rule\]$" "$cases/rule-$rule/err" ||
      { echo "no $severity of $rule in $cases/rule-$rule/err"; exit 1; }
  done <rules
}

# same A B: two TOML texts describe the same system.
same() {
  cmp <(ms-parse -f toml "$1" 2>err) <(ms-parse -f toml "$2" 2>err)
}

# there_and_back FILE: from XML to TOML to XML to TOML.
there_and_back() {
  ms-import "$1" >one.toml
  ms-export one.toml >two.xml 2>err
  ms-import two.xml >two.toml
  same one.toml two.toml
  # What ms-export writes is a fixed point.
  ms-export two.toml 2>err | cmp - two.xml
}

@test "XML to TOML to XML keeps the meaning, for every case that is right" {
  local case count=0
  for case in "$MS_ROOT"/tests/ms-import/cases/*/; do
    if [ ! -s "$case/out" ] || [ -e "$case/args" ]; then continue; fi
    there_and_back "$case/in"
    count=$((count + 1))
  done
  for case in "$cases"/*/; do
    if [ ! -s "$case/out" ]; then continue; fi
    there_and_back "$case/out"
    count=$((count + 1))
  done
  [ "$count" -ge 10 ]
}

# A system of everything in some number, by a seed.
random_system() {
  awk -v seed="$1" 'function r(n) { return int(rand() * n) }
    function maps(    i, n) {
      n = r(4)
      for (i = 0; i < n; i++)
        printf "<map mr=\"m%d\" vaddr=\"0x%x\"%s%s/>\n", r(regions), (at++) * 4194304,
          r(2) ? "" : sprintf(" perms=\"%s\"", p[r(5)]), r(3) ? "" : " cached=\"false\""
    }
    function pd(id, child,    i) {
      printf "<protection_domain name=\"p%d\" priority=\"%d\"%s%s%s%s>\n", id, 254 - id * 3,
        child ? sprintf(" id=\"%d\"", id) : "", r(2) ? "" : " stack_size=\"0x3000\"",
        r(3) ? "" : " passive=\"true\"", r(3) ? "" : " budget=\"500\" period=\"0x1000\""
      printf "<program_image path=\"p%d.elf\"/>\n", id
      at = 1
      maps()
      for (i = r(3); i > 0; i--)
        printf "<irq irq=\"%d\" id=\"%d\"%s/>\n", 32 + irq++, --top[id], r(2) ? "" : " trigger=\"edge\""
      if (!r(3)) printf "<setvar symbol=\"s%d\" region_paddr=\"m%d\"/>\n", id, r(regions)
      if (!r(4)) {
        printf "<virtual_machine name=\"v%d\"><vcpu id=\"61\"/>", id
        maps()
        print "</virtual_machine>"
      }
      if (!r(4)) printf "<cspace><cap_sc pd=\"p%d\" slot=\"%d\"/></cspace>\n", r(pds), 1 + r(63)
      used++
      while (used < pds && r(3) == 0) pd(used, 1)
      print "</protection_domain>"
    }
    BEGIN {
      srand(seed)
      split("r rw rx rwx x", words, " ")
      for (i = 0; i < 5; i++) p[i] = words[i + 1]
      pds = 2 + r(9)
      regions = 1 + r(6)
      for (i = 0; i < pds; i++) top[i] = 62
      print "<system>"
      for (i = 0; i < regions; i++)
        printf "<memory_region name=\"m%d\" size=\"0x%x\"%s/>\n", i, 4096 * (1 + r(9)),
          r(2) ? "" : sprintf(" phys_addr=\"0x%x\"", 2147483648 + i * 1048576)
      while (used < pds) pd(used, 0)
      for (i = 1; i < pds; i++)
        printf "<channel><end pd=\"p%d\" id=\"%d\" notify=\"%s\"/><end pd=\"p%d\" id=\"%d\"%s/></channel>\n",
          i - 1, n[i - 1]++, r(2) ? "true" : "false", i, n[i]++, r(2) ? "" : " pp=\"true\""
      print "</system>"
    }'
}

@test "XML to TOML to XML keeps the meaning of 60 random systems" {
  local seed
  for seed in $(seq 60); do
    random_system "$seed" >random.xml
    there_and_back random.xml || { echo "seed $seed"; return 1; }
  done
}

@test "examples say what of them XML cannot, and nothing is written" {
  local file
  for file in "$MS_ROOT"/examples/*/system.toml; do
    run -1 --separate-stderr ms-export "$file"
    [ -z "$output" ]
    [[ $stderr == *"$file:"*" is a source; Microkit takes linked programs alone [export-source]"* ]]
  done
}

@test "a full disk, an unreadable file, a wrong call" {
  cp "$cases/check/in" a.toml
  run -3 --separate-stderr bash -c 'ms-export a.toml >/dev/full'
  run -3 --separate-stderr ms-export missing.toml
  run -2 --separate-stderr ms-export a.toml b.toml
  run -2 --separate-stderr ms-export --check -o x a.toml
  ms-export -o a.xml a.toml
  ms-export <a.toml | cmp - a.xml
}
