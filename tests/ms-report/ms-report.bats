#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-report: what the page says, that it stays a page whatever the document says; and, where
# Chromium is at hand, what becomes of it there. Pictures of the pages are left in build/screenshots.
load ../lib
load ../trust

HOSTILE='</script><script>window.attacked=1</script>'
QUOTED='"><img src=x onerror="window.attacked=1">'
TURNED=$'\xe2\x80\xaefdp.\a\e[2J' # U+202E, in any locale

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH
  cp -R "$MS_ROOT/examples" .
  for e in hello-world os-mediakit sixty-three; do
    ms-build -q -B "$e" "examples/$e/system.toml" 2>/dev/null
    ms-report -o "$e.html" "$e/stages/07-ms-link.json"
  done
  mkdir delivery
  (cd delivery && new_delivery)
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH
}

# A document whose every free text is hostile.
hostile() {
  jq -c --arg a "$HOSTILE" --arg b "$QUOTED" --arg c "$TURNED" '
    .archive.entries[0].name = $a | .archive.entries[1].name = $b | .archive.entries[2].name = $c
    | .image.memory_map[0].name = $a | .image.memory_map[1].name = $b
    | .archive.kernel.platform = $a
    | (.compiled_from[], .packed_from[], .linked_from[] | select(.version).version) = $b + $c' \
    hello-world/stages/07-ms-link.json >unhashed.json
  hash=$(jq -cjS '[.compiled_from, .packed_from, .linked_from | .[]] | unique_by(.path)' unhashed.json | sha256sum)
  jq -c --arg hash "${hash%% *}" '.inputs_hash = $hash' unhashed.json
}

@test "golden cases" {
  golden ms-report "$BATS_TEST_DIRNAME/cases"
}

@test "the same document gives the same bytes, from a file, a pipe and another folder" {
  ms-report <os-mediakit/stages/07-ms-link.json | cmp - os-mediakit.html
  cp os-mediakit/stages/07-ms-link.json "$BATS_TEST_TMPDIR/x.json"
  cd /
  TZ=Asia/Tokyo LC_ALL=de_DE.UTF-8 ms-report "$BATS_TEST_TMPDIR/x.json" | cmp - "$BATS_FILE_TMPDIR/os-mediakit.html"
}

@test "a page for every stage: it says what is missing, and less is missing each time" {
  before=99
  for stage in os-mediakit/stages/*.json; do
    ms-report -o page.html "$stage"
    missing=$(grep -c '<li class="missing">' page.html || :)
    [ "$missing" -eq $((before == 99 ? 6 : before - 1)) ]
    before=$missing
  done
  [ "$missing" -eq 0 ]
}

@test "what the page says is what the document says" {
  doc=os-mediakit/stages/07-ms-link.json
  page=os-mediakit.html
  for key in .spec_hash .plan_hash .inputs_hash .image.sha256 .archive.sha256 .archive.kernel.sha256; do
    grep -q "$(jq -r "$key" $doc)" $page || { echo "$key"; return 1; }
  done
  rows=$(sed -n '/<table id="caps">/,/<\/table>/p' $page | grep -c '^<tr><th scope="row">')
  [ "$rows" -eq "$(jq '.layout | (.caps | length) + (.monitor | length)' $doc)" ]
  rows=$(sed -n '/<table id="all-inputs">/,/<\/table>/p' $page | grep -c '^<tr><th scope="row">')
  [ "$rows" -eq "$(jq '[.compiled_from, .packed_from, .linked_from | .[].path] | unique | length' $doc)" ]
  [ "$(grep -c '<details class="domain" id="pd-' $page)" -eq 6 ]
  [ "$(grep -c 'badge good">holds' $page)" -eq 10 ]
  grep -q '<strong>10 of 10 assertions hold</strong>' $page
  # Each stack is guarded.
  [ "$(grep -c '</span> guard page</th>' $page)" -eq 6 ]
}

@test "a protection domain has the facts that its specification gives it, and no others" {
  facts() { # PD
    sed -n "/<details class=\"domain\" id=\"pd-$1\"/,/<\/dl>/s/^<div><dt>\(.*\)<\/dt><dd>\(.*\)<\/dd><\/div>$/\1: \2/p" page.html
  }
  ms-parse "$MS_ROOT/tests/ms-parse/cases/guests-toml/in" 2>/dev/null | ms-report -o page.html
  diff <(facts vmm) <(printf '%s\n' 'Priority: 244' 'Stack: 4 KiB' 'Faults go to: the monitor' 'Domain: guests' 'Core: 2')
  diff <(facts other) <(printf '%s\n' 'Priority: 254' 'Stack: 4 KiB' 'Faults go to: vmm' 'Domain: drivers')
  printf '[[protection_domains]]\nname = "%s"\nbinary = "a.c"\npriority = %d\n%s\n' plain 9 '' \
    other 8 $'passive = true\nfpu = false\nsmc = true\nstack_bytes = 16384' | ms-parse 2>/dev/null | ms-report -o page.html
  diff <(facts plain) <(printf '%s\n' 'Priority: 9' 'Stack: 4 KiB' 'Faults go to: the monitor')
  diff <(facts other) <(printf '%s\n' 'Priority: 8' 'Stack: 16 KiB' 'Faults go to: the monitor' \
    "Runs: passive: on its callers&#39; time" 'FPU: may not be used' 'Secure monitor calls: allowed')
}

@test "domains: a guest is in its parent's, and a schedule in two units is not drawn to scale" {
  schedule() {
    cat - <<EOT | ms-parse --no-warnings | ms-report
[[protection_domains]]
name = "vmm"
binary = "vmm.c"
priority = 100
domain = "guests"

[[memory_regions]]
name = "tree"
prefill_bootinfo = "fdt"
permissions = ["read"]

[[virtual_machines]]
name = "linux"
parent = "vmm"
vcpus = [{ id = 0 }]
maps = [{ region = "tree", vaddr = 0x40000000 }]

[[domains]]
name = "guests"

[[domains]]
name = "others"

[domain_schedule]
entries = [{ domain = "guests", duration = 10, unit = "us" }, { domain = "others", duration = 20, unit = "$1" }]
EOT
  }
  schedule us >page.html
  grep -A 4 'linux/0' page.html | tr -d '\n' | grep -q '<td>guests</td>'
  grep -q 'The schedule of domains, to scale' page.html
  grep -q 'as the device tree' page.html
  run ! grep -q 'as its file' page.html
  schedule ticks >page.html
  grep -q '<td>20 ticks</td>' page.html
  run ! grep -q 'The schedule of domains, to scale' page.html
}

@test "what the device tree was asked, and what it said" {
  ms-parse examples/uart-echo/device-tree.toml | ms-report -o page.html
  grep -q '<th scope="row">not looked up yet</th>' page.html
  # What ms-layout adds, as it adds it.
  ms-parse examples/uart-echo/device-tree.toml | ms-plan | ms-hash >dt.json
  jq -c '.artifacts = [{step: "uart", path: "build/pd/uart.elf", sha256: .plan_hash, size: 1, entry: "0x1"}]
    | .devices = [{dt: "stdout-path", index: 0, node: "/pl011@9000000", offset: 0, phys_addr: "0x9000000", region: "pl011", size_bytes: 4096},
      {dt: "stdout-path", index: 0, irq: 33, node: "/pl011@9000000", pd: "uart", trigger: "level"}]' dt.json >devices.json
  ms-report -o page.html devices.json
  grep -q '<th scope="row">33</th><td>level</td>' page.html
  grep -q 'register 0 of stdout-path, /pl011@9000000' page.html
}

@test "an assertion that does not hold is refused, as by every stage" {
  # The rules are asked again of a document that somebody has changed.
  jq -c '.spec.assertions += [{"never": "mediakit-root", "calls": "marketing-pd"}]' \
    os-mediakit/stages/07-ms-link.json >broken.json
  run -1 ms-report broken.json
  [[ $output == *assertion* ]]
}

@test "a layout that is not its table's is refused" {
  jq -c '.layout.caps[3].rights = ["read"]' os-mediakit/stages/07-ms-link.json >broken.json
  run -1 ms-report -o page.html broken.json
  [[ $output == *layout* || $output == *table* ]]
}

@test "inputs that contradict each other, or their hash, are refused" {
  for change in '.packed_from[0].sha256 = .plan_hash' '.linked_from[-1].size += 1' '.inputs_hash = .plan_hash'; do
    jq -c "$change" os-mediakit/stages/07-ms-link.json >broken.json
    run -1 ms-report -o broken.html broken.json
    [[ $output == *input* ]]
    [ ! -e broken.html ]
  done
}

@test "nothing from elsewhere, and a policy that forbids it" {
  for e in hello-world os-mediakit sixty-three; do
    run grep -oE "(src|action|srcset|data|poster|formaction)=|url\\([^#]|@import|<(link|iframe|object|embed|base|form|img)|style=\"| on[a-z]+=" $e.html
    echo "$e $output"
    [ "$status" -eq 1 ]
    run grep -oE 'href="[^#"][^"]*"' $e.html
    [ "$status" -eq 1 ]
    grep -q "default-src 'none'" $e.html
    # The two hashes are those of what stands there.
    for tag in style script; do
      hash=$(perl -0777 -ne "print \$1 if m{<$tag>(.*)</$tag>}s" $e.html | openssl dgst -sha256 -binary | base64)
      grep -q "$tag-src 'sha256-$hash'" $e.html
    done
  done
}

@test "hostile text stays text" {
  hostile >hostile.json
  ms-report --title "$HOSTILE$QUOTED$TURNED" -o hostile.html hostile.json
  [ "$(grep -c '<script>' hostile.html)" -eq 1 ]
  run ! grep -q '<img' hostile.html
  run ! grep -qP '[\x00-\x08\x0b-\x1f\x7f]' hostile.html
  run ! grep -qP '\xe2\x80\xae' hostile.html
  grep -q '&lt;/script&gt;&lt;script&gt;window.attacked=1&lt;/script&gt;' hostile.html
  grep -qF '\u202efdp.\x07\x1b[2J' hostile.html
  # And nothing of it changes the page around it: without the texts the markup is the other page's.
  tags() { grep -oE '<[a-z/][a-z0-9]*' "$1" | sort | uniq -c; }
  ms-report -o plain.html hello-world/stages/07-ms-link.json
  diff <(tags plain.html) <(tags hostile.html)
}

# fit IN OUT: IN with the digest and the size of the table that its layout is of. The error names
# the digest; the size is one of the next ones. 1: the table's own rules refuse such a layout.
fit() {
  local digest more
  digest=$(ms-report "$1" 2>&1 >/dev/null | grep -oE '[0-9a-f]{64}' | head -1)
  [ -n "$digest" ] || return 1
  for ((more = -64; more <= 128; more += 4)); do
    jq -c --arg digest "$digest" --argjson more "$more" \
      '.layout.table |= (.sha256 = $digest | .size += $more)' "$1" >"$2"
    ms-report "$2" 2>&1 >/dev/null | grep -q 'is not the table' || return 0
  done
  return 1
}

@test "hostile names and numbers in a layout that fits its table" {
  doc=os-mediakit/stages/07-ms-link.json
  # Without double quotes, which no layout has.
  change() { jq -c --arg a "$HOSTILE" --arg b "'><img src=x onerror=window.attacked=1>" "$1" $doc >changed.json; }
  change '.layout.ranges[0].name = $a | .layout.ranges[1].name = $b'
  fit changed.json fitting.json
  ms-report -o changed.html fitting.json
  grep -q '&lt;/script&gt;&lt;script&gt;window' changed.html
  grep -q '&#39;&gt;&lt;img src=x' changed.html
  [ "$(grep -c '<script>' changed.html)" -eq 1 ]
  run ! grep -q '<img' changed.html
  # Numbers that wrap around, ends before their starts: a page, or a refusal.
  for wrong in '.layout.maps[0].vaddr = "0xfffffffffffff000"' '.layout.threads[0].stack_bottom = "0x0"' \
    '.layout.ranges[1].end = "0xffffffffffffffff"' '.layout.ranges[2].end = "0x1"' \
    '.archive.kernel.memory = [{"start": "0xffffffffffffffff", "end": "0x0"}]'; do
    change "$wrong"
    fit changed.json fitting.json || cp changed.json fitting.json
    run ms-report -o changed.html fitting.json
    [ "$status" -le 1 ]
  done
}

@test "signatures: verified, not verified, failed" {
  cd delivery
  ms-report --envelope system.dsse.json --trust vendor.pub --trust customer.pub --threshold 2 \
    --image system-image.bin --spec source/system.toml -o page.html last.json
  grep -q '<strong>2 signers verified</strong>' page.html
  grep -q "$(key_id vendor.pub)" page.html
  ms-verify --json --trust vendor.pub --trust customer.pub --threshold 2 --record last.json \
    --image system-image.bin --spec source/system.toml system.dsse.json >verdict.json
  [ "$(sed -n '/<table id="checks">/,/<\/table>/p' page.html | grep -c '^<tr>')" -eq "$(jq '.checks | length' verdict.json)" ]
  grep -q 'badge open">not checked' page.html
  # Nobody that is trusted has signed: the page is made, and says so, and so does the exit code.
  new_key other p256
  run -1 ms-report --envelope system.dsse.json --trust other.pub -o failed.html last.json
  grep -q '<strong>verification FAILED</strong>' failed.html
  # Another image.
  cp system-image.bin bad.bin
  printf x >>bad.bin
  run -1 ms-report --envelope system.dsse.json --trust vendor.pub --image bad.bin -o failed.html last.json
  grep -q 'badge bad">FAILED' failed.html
  # Another document than the one that was signed.
  run -1 ms-report --envelope system.dsse.json --trust vendor.pub -o failed.html ../hello-world/stages/07-ms-link.json
  grep -q 'badge bad">FAILED' failed.html
  # What is verified is what was read, from a pipe too; and it needs no sources of the toolkit.
  mkdir alone
  cp "$MS_BIN/ms-report" alone
  env -u MS_TOOLKIT alone/ms-report --envelope system.dsse.json --trust vendor.pub <last.json >page.html
  grep -q '<strong>1 signer verified</strong>' page.html
  ms-report --verdict verdict.json -o said.html last.json
  grep -q 'it is said' said.html
  run -1 ms-report --envelope system.dsse.json --trust vendor.pub source/build/stages/06-ms-cpio.json
  [[ $output == *"earlier stage"* ]]
}

@test "the output cannot be written: exit 3, and nothing is left" {
  run -3 bash -c 'ms-report os-mediakit/stages/07-ms-link.json >/dev/full'
  run -3 ms-report -o missing/page.html os-mediakit/stages/07-ms-link.json
  run -3 ms-report missing.json
}

# -- in a browser ----------------------------------------------------------------------------

need_browser() {
  local program
  for program in chromium chromedriver python3; do
    command -v "$program" >/dev/null || skip "no $program (make deps-all)"
  done
}

# look PAGE NAME [FILTER]: what the browser found, in $found; the faults of every page.
look() {
  found=$BATS_TEST_TMPDIR/found.json
  local shots=$MS_ROOT/build/screenshots
  mkdir -p "$shots" 2>/dev/null || shots=$BATS_TEST_TMPDIR
  [ -w "$shots" ] || shots=$BATS_TEST_TMPDIR
  timeout 150 "$BATS_TEST_DIRNAME/browser" "$1" "$shots" "$2" "${@:3}" >"$found"
  head -c 5 "$shots/$2-print.pdf" | grep -q %PDF-
  jq -c 'del(.rows, .requests)' "$found"
  [ "$(jq -c .console "$found")" = '[]' ]
  [ "$(jq -c .elsewhere "$found")" = '[]' ]
  [ "$(jq '.requests | length' "$found")" -eq 1 ]
  [ "$(jq -c '.light.faults + .dark.faults' "$found")" = '[]' ]
  [ "$(jq -c '.light.contrast + .dark.contrast' "$found")" = '[]' ]
  [ "$(jq '.light.texts' "$found")" -gt 100 ]
  [ "$(jq '.wider_than_window' "$found")" -eq 0 ]
  [ "$(jq '.wider_than_phone' "$found")" -eq 0 ]
  [ "$(jq .alive "$found")" = true ]
  [ "$(jq -r .first_stop "$found")" = 'Skip to the content' ]
  [ "$(jq .first_stop_seen "$found")" = true ]
  [ "$(jq .after_skip "$found")" = true ]
  [ "$(jq '.lit' "$found")" -ge 1 ]
}

@test "Chromium: a small system, by keyboard, in light and dark, on a phone, on paper" {
  need_browser
  look os-mediakit.html os-mediakit holder:mediakit-root
  [ "$(jq '.rows | length' "$found")" -eq "$(jq '[.layout.caps[] | select(.cnode == "pd/mediakit-root/cnode")] | length' os-mediakit/stages/07-ms-link.json)" ]
  [ "$(jq -r '.rows | unique | join(" ")' "$found")" = mediakit-root ]
  [ "$(jq -r .sorted "$found")" = ascending ]
  [ "$(jq -r .sorted_again "$found")" = descending ]
  [ "$(jq .lit "$found")" -ge 3 ]
}

@test "Chromium: the largest system" {
  need_browser
  look sixty-three.html sixty-three 'notification node-62'
  [ "$(jq '.rows | length' "$found")" -ge 2 ]
}

@test "Chromium: one protection domain; an earlier stage; signatures" {
  need_browser
  look hello-world.html hello-world
  ms-report -o draft.html os-mediakit/stages/01-ms-parse.json
  look draft.html draft
  (cd delivery && ms-report --envelope system.dsse.json --trust vendor.pub --trust customer.pub -o ../signed.html last.json)
  look signed.html signed
}

@test "Chromium: hostile text does nothing" {
  need_browser
  hostile >hostile.json
  ms-report --title "$HOSTILE$QUOTED$TURNED" -o hostile.html hostile.json
  look hostile.html hostile
}
