#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-layout --cdl: the text has the form of capDL, and says what the layout document says. (capDL's own parser is a
# Haskell program: this is a second reading of its grammar, and the last test asks that program where MS_CAPDL names it.)
load ../lib
load ../layout

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  kernels
}

cdl() {
  compiled system.toml >doc.json
  ms-layout --kernel "kernels/$1" doc.json -o layout.json
  ms-layout --kernel "kernels/$1" --cdl doc.json >system.cdl
}

# The form, line by line: sections, declarations, capabilities. Prints declared names to names, and
# "CONTAINER SLOT OBJECT PARAMETERS" to caps.
parse() {
  awk -v names=names -v caps=caps '
    BEGIN { id = "[A-Za-z][A-Za-z0-9_@.-]*"; n = "(0x[0-9a-f]+|[0-9]+)"; printf "" >names; printf "" >caps }
    function bad() { print "line " NR ": " $0; failed = 1; exit 1 }
    NR == 1 { if ($0 != "arch aarch64") bad(); next }
    /^$/ { next }
    section == "" {
      if ($0 !~ /^(objects|caps|irq maps|domains) \{$/) bad()
      section = $1; next
    }
    $0 == "}" { if (holder != "") { holder = "" } else { seen[section]++; section = "" } next }
    section == "objects" {
      type = "(ep|notification|rtreply|vcpu|smc|pgd|pud|pd|pt|tcb|tcb \\([a-z_]+: [A-Za-z0-9]+(, [a-z_]+: [A-Za-z0-9]+)*\\)"
      type = type "|cnode \\(" n " bits\\)|sc \\(period: " n ", budget: " n ", data: " n ", " n " bits\\)"
      type = type "|frame \\(" n "[kM], paddr: " n "\\)|arm_irq \\(trigger: (level|edge), target: " n "\\)"
      type = type "|ut \\(" n " bits, paddr: " n "\\)( \\{( " id ")* \\})?)"
      if ($0 !~ "^" id " = " type "$") bad()
      if ($1 in declared) bad()
      declared[$1] = 1
      print $1 >names
      if ($3 == "ut" && /\{/) for (i = 9; i < NF; i++) { if (!($i in declared)) bad(); if ($i in parent) bad(); parent[$i] = 1 }
      next
    }
    section == "caps" && holder == "" {
      if ($0 !~ "^" id " \\{$" || !($1 in declared)) bad()
      holder = $1; next
    }
    section == "caps" {
      slot = "(" n "|cspace|vspace|ipc_buffer_slot|fault_ep_slot|sc_slot|bound_notification|bound_vcpu)"
      param = "([RWXGP]+|cached|uncached|(badge|guard|guard_size): " n ")"
      if ($0 !~ "^\t" slot ": " id "( \\(" param "(, " param ")*\\))?$") bad()
      if (!($2 in declared)) bad()
      s = $1; sub(/:$/, "", s)
      if ((holder, s) in taken) bad()
      taken[holder, s] = 1
      rest = $0; sub(/^\t[^ ]* [^ ]* ?/, "", rest)
      print holder, s, $2, rest >caps
      next
    }
    section == "irq" { if ($0 !~ "^[0-9]+: " id "$" || !($2 in declared)) bad(); next }
    section == "domains" { if ($0 !~ /^(domain_set_start: [0-9]+|index_shift: [0-9]+|schedule: \[\([0-9]+, [0-9]+\)(, \([0-9]+, [0-9]+\))*\])$/) bad(); next }
    END { if (!failed && (section != "" || !seen["objects"] || !seen["caps"] || !seen["irq"])) { print "unfinished"; exit 1 } exit failed }
  ' system.cdl
}

# made: the objects of the document; and that each of them is of one untyped.
objects() {
  jq -r '.layout.objects[] | select(.type != "Untyped") | . as $o | range(.count) | . as $i | $o.name |
    if test("\\[") then capture("^(?<base>[^[]*)\\[(?<first>[0-9]+)") | "\(.base)@\((.first | tonumber) + $i)" else . end' \
    layout.json | tr / @ | sort >made
  diff made <(sed -n 's/.* = ut (.*) { \(.*\) }$/\1/p' system.cdl | tr ' ' '\n' | grep -v '^skipped@' | sort)
}

# The same from the document.
expected() {
  jq -r '
    def name: gsub("/"; "@") | sub("\\[(?<i>[0-9]+)\\]$"; "@\(.i)");
    def rights: (if index("read") then "R" else "" end) + (if index("write") then "W" else "" end)
      + (if index("grant") then "G" else "" end) + (if index("grant-reply") then "P" else "" end);
    .layout as $l
    | ($l.objects | map({key: (.name | sub("\\[.*"; "")), value: .type}) | from_entries) as $types
    | $l.caps[] | select(has("cnode")) | $types[.object] as $type
    | "\(.cnode | name) \(.slot) \(.object | name) " + (
        if $type == "Endpoint" or $type == "Notification" then
          "(" + (.rights | rights) + (if .badge != "0x0" then ", badge: \(.badge)" else "" end) + ")"
        else "" end)' layout.json | sort
}

@test "a small system, on both kinds of kernel: its form, and every capability" {
  small
  for kind in classic mcs; do
    cdl "$kind"
    parse
    # objects: as many as the layout has, and each is of an untyped
    objects
    [ "$(wc -l <made)" -gt 20 ]
    [ "$(grep -vc '^\(archive\|untyped\|irq\|skipped\)@\|^root@\(tcb\|vspace\|smc\)$' names)" = "$(wc -l <made)" ]
    diff made <(grep -v '^\(archive\|untyped\|irq\|skipped\)@\|^root@\(tcb\|vspace\|smc\)$' names | sort)
    # capabilities of protection domains
    diff <(expected) <(grep '^pd@[^ ]*@\(cnode\|cspace\) ' caps | sort)
    # maps: one entry for each page
    [ "$(grep -c 'cached)$' caps)" = "$(jq '[.layout.maps[].pages] | add' layout.json)" ]
    grep -q '^33: irq@33$' system.cdl
    grep -Eq '^irq@33 0 pd@uart@notification \(W, badge: 0x20\)$' caps
    # the monitor receives, and nothing else
    grep -q '^monitor@cnode 1 monitor@endpoint (R)$' caps
    # threads
    [ "$(grep -c ' vspace pd@.*@vspace ' caps)" = 3 ]
    [ "$(grep -c ' sc_slot ' caps)" = "$([ "$kind" = mcs ] && echo 3 || echo 0)" ]
    # the same from the table alone
    ms-layout --decode --cdl build/system.table | cmp - system.cdl
  done
}

@test "what is made of memory before an address that was asked for" {
  small
  printf '[[memory_regions]]\nname = "fixed"\npermissions = ["read"]\nsize_bytes = 4096\nphys_addr = 0x6ffff000\n' >>system.toml
  sed -i 's/{region = "large"}/&, {region = "fixed"}/' system.toml
  cdl mcs
  parse
  objects
  grep -q '^skipped@[0-9]* = ut (26 bits, paddr: 0x68000000) { region@large@0 ' system.cdl
}

@test "page tables by walking them: every map's page is where its address says" {
  small
  for kind in classic mcs; do
    cdl "$kind"
    parse
    jq -r '.layout.maps[] | select(.vspace | startswith("root/") | not) | .page_bits as $b | . as $m | range(.pages) |
      "\($m.vspace | gsub("/"; "@")) \($m.vaddr) \($b) \(.)"' layout.json >pages
    [ -s pages ]
    walk <pages
  done
}

# Of each "VSPACE VADDR BITS N": follows capabilities from the VSpace down to a frame.
walk() {
  local vspace vaddr bits n at top shift slot next
  declare -A entry
  while read -r holder slot object _; do entry["$holder $slot"]=$object; done <caps
  top=39
  ! grep -q '^pd@uart@vspace = pud$' system.cdl || top=30
  while read -r vspace vaddr bits n; do
    at=$vspace
    vaddr=$((vaddr + (n << bits)))
    for ((shift = top; shift >= bits; shift -= 9)); do
      slot=$((vaddr >> shift))
      [ "$shift" = "$top" ] || slot=$((slot & 511))
      next=${entry["$at $(printf '0x%x' "$slot")"]:-}
      [ -n "$next" ] || { echo "nothing at $at slot $slot for $vaddr"; return 1; }
      at=$next
    done
    grep -q "^$at = frame (" system.cdl || { echo "$at is no frame"; return 1; }
  done
}

@test "domains, virtual machines, capabilities of others: the form holds" {
  root
  program a
  program b
  {
    domain a 200 'domain = "one"' 'caps = [{kind = "tcb", pd = "b", slot = 1}, {kind = "vspace", pd = "b", slot = 2}]' 'fpu = false'
    domain b 100 'domain = "two"' 'parent = "a"' 'child_id = 3'
    printf '[[domains]]\nname = "%s"\n' one two
    printf '[domain_schedule]\nindex_shift = 1\nstart_index = 1\n'
    printf '[[domain_schedule.entries]]\ndomain = "%s"\nduration = %d\nunit = "ticks"\n' one 5 two 7
  } >system.toml
  cdl mcs
  parse
  grep -q '^schedule: \[(0, 5), (1, 7)\]$' system.cdl
  grep -q '^domain_set_start: 1$' system.cdl
  grep -q '^index_shift: 1$' system.cdl
  grep -q 'fpu_disabled: True' system.cdl
  diff <(expected | grep -v cspace) <(grep '^pd@[^ ]*@cnode ' caps | sort)
  grep -Eq '^pd@a@cspace 1 pd@b@tcb ' caps
}

@test "nothing is laid out where the domain is the root task itself; one output at a time" {
  root
  program hello
  domain hello 100 >system.toml
  compiled system.toml >doc.json
  run -1 --separate-stderr ms-layout --cdl doc.json
  [[ $stderr == *"root task itself"* ]]
  run -2 ms-layout --cdl --report doc.json
}

@test "seL4's own tool takes it, and says the same objects and as many capabilities" {
  [ -n "${MS_CAPDL:-}" ] || skip "MS_CAPDL names no parse-capDL"
  small
  for kind in classic mcs; do
    cdl "$kind"
    parse
    "$MS_CAPDL" --text=theirs.cdl --dot=theirs.dot system.cdl
    diff <(sort names) <(sed -n '/^objects/,/^} caps/p' theirs.cdl | grep -oE '^ +[A-Za-z][^ ]* = ' | tr -d ' =' | sort)
    # what stands in CNodes, page tables and TCBs, whatever its parameters are called
    diff <(awk '{ print $3 }' caps | sort) \
      <(sed -n '/^} caps/,$p' theirs.cdl | grep -oE '[0-9a-z_]+: [A-Za-z]+@[A-Za-z0-9_@.-]+' | grep -v '^33: irq@' |
        sed 's/.*: //' | sort)
  done
}
