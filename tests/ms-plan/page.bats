#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-plan(5): its examples go through the stages, its keys are those of the programs.
load ../lib

# The whole pipe once, over the system of the page's examples.
setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL
  mkdir src
  echo 'void _start(void) { for (;;); }' >src/hello.c
  cat >system.toml <<'END'
[[protection_domains]]
name = "hello"
binary = "src/hello.c"
priority = 100
stack_bytes = 65536
END
  ms-parse system.toml | ms-plan | ms-hash --inputs >hashed.json
  ms-compile -o compiled.json hashed.json
  ms-cpio -o packed.json compiled.json
  ms-link --format elf --format raw -o linked.json packed.json
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
}

# The example of that name on the page.
example() {
  awk -v want="$1" '
    $0 == ".\\\" example: " want { found = 1 }
    found && /^\.Bd/ { on = 1; next }
    /^\.Ed/ { if (on) exit }
    on' "$MS_ROOT/man/ms-plan.5"
}

@test "the example plan is accepted, and hashing it again gives the same" {
  example plan | ms-hash --verify
  example plan | jq -cS . >example.json
  example plan | ms-hash | cmp - example.json
  jq -cS 'del(.plan_hash, .spec_hash)' example.json | ms-hash | cmp - example.json
}

@test "its system and its first step are what ms-plan writes" {
  cmp <(example plan | jq -cS '.spec, .spec_hash, .steps[0]') \
    <(jq -cS '.spec, .spec_hash, .steps[0]' hashed.json)
  cmp <(example plan | jq -cS '.steps[1] | .kind, .name, .description, .outputs') \
    <(jq -cS '.steps[1] | .kind, .name, .description, .outputs' hashed.json)
}

@test "the example plan can be compiled" {
  example plan | ms-compile -B other | jq -cS .artifacts | cmp - <(jq -cS .artifacts linked.json)
}

# Every key with the keys around it; the length of lists does not matter.
keys() { jq -r 'paths | map(if type == "number" then "[]" else . end) | join(".")' | sort -u; }

@test "what later stages add has the form of the example" {
  diff <(example later | keys) <(jq '{artifacts, archive, image}' linked.json | keys)
}

@test "records of inputs have the form of the example" {
  diff <(example inputs | keys) \
    <(jq '{inputs, compiled_from, packed_from, linked_from: [.linked_from[] | del(.version)], inputs_hash}' linked.json | keys)
}

@test "inputs_hash by hand, as the page says it" {
  [ "$(jq -cjS '[.compiled_from, .packed_from, .linked_from | .[]] | unique_by(.path)' linked.json |
    sha256sum | cut -d' ' -f1)" = "$(jq -r .inputs_hash linked.json)" ]
}

# The keys that the page lists under a heading.
listed() {
  awk -v from="$1" '$0 == ".Ss " from { on = 1; next } /^\.S[sh]/ { on = 0 }
    on && /^\.It Cm/ { print $3 }' "$MS_ROOT/man/ms-plan.5" | sort
}

@test "the keys on the page are those of the documents" {
  while IFS='|' read -r heading filter; do
    [ -n "$(listed "$heading")" ]
    diff <(listed "$heading") <(jq -r "$filter | keys[]" linked.json | sort -u)
  done <<'END'
Top level|. + {devices: 0}
A step|.steps[]
A record of inputs|.compiled_from[], .packed_from[], .linked_from[], .inputs.files[]
An artifact|.artifacts[] + {hermetic: true}
The archive|.archive
An entry of the archive|.archive.entries[]
The kernel|.archive.kernel
A range of the kernel's memory|.archive.kernel.memory[]
The image|.image + {hermetic: true}
A file beside the image|.image.files[]
A segment of the image|.image.segments[]
A range of the memory map|.image.memory_map[]
A device|{region, pd, dt, node, phys_addr, size_bytes, offset, irq, trigger}
A kernel's configuration beside the verified ones|{verdict, release, nearest, different, differs, proved, source, date}
END
  # and no heading with keys is left out above (hermetic stands on the page twice)
  [ "$(grep -c '^\.It Cm' "$MS_ROOT/man/ms-plan.5")" = "$(
    jq '[., .steps[0], (.compiled_from | max_by(length)), .artifacts[0],
      .archive, .archive.entries[0], .archive.kernel, .archive.kernel.memory[0], .image, .image.files[0], .image.segments[0],
      .image.memory_map[0] | length] | add + 2 + 8 + 1 + 9' linked.json)" ]
}

@test "every stage keeps what it was given" {
  for pair in hashed:compiled compiled:packed packed:linked; do
    cmp "${pair%:*}.json" <(jq -cS --slurpfile before "${pair%:*}.json" \
      'with_entries(select(.key as $k | $before[0] | has($k)))' "${pair#*:}.json")
  done
}
