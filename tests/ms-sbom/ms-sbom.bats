#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-sbom: structure by jq, the public schemas where MS_SCHEMAS names their folder.
load ../lib
load ../trust

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH
  mkdir src
  for pd in one two; do
    printf '// SPDX-License-Identifier: %s\n#include <microkit.h>\nvoid init(void) {}\nvoid notified(microkit_channel c) { (void)c; }\n' \
      "$([ $pd = one ] && echo MIT || echo 'GPL-2.0-only WITH Classpath-exception-2.0 OR LicenseRef-house')" >src/$pd.c
  done
  echo hello >src/text.txt
  cat >system.toml <<'END'
[[protection_domains]]
name = "one"
binary = "src/one.c"
priority = 100
stack_bytes = 4096
[[protection_domains.maps]]
region = "text"
permissions = ["read"]

[[protection_domains]]
name = "two"
binary = "src/two.c"
priority = 101
stack_bytes = 4096

[[memory_regions]]
name = "text"
size_bytes = 4096
permissions = ["read"]
prefill_from = "src/text.txt"
END
  ms-build -q system.toml 2>/dev/null
  last_document >last.json
  ms-sbom -o spdx.json last.json
  ms-sbom --format cyclonedx -o cdx.json last.json
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH
}

last_document() { cat "$(record build)"; }

@test "golden cases" {
  golden ms-sbom "$BATS_TEST_DIRNAME/cases"
}

@test "a pipe in a file's place is not waited for" {
  mkfifo "$BATS_TEST_TMPDIR/pipe"
  jq -cS --arg path "@system$BATS_TEST_TMPDIR/pipe" 'del(.inputs_hash)
    | .compiled_from += [{kind: "header", path: $path, sha256: ("0" * 64), size: 0}]' last.json >"$BATS_TEST_TMPDIR/hostile.json"
  run -1 timeout 60 ms-sbom "$BATS_TEST_TMPDIR/hostile.json"
  [[ $output == *"$BATS_TEST_TMPDIR/pipe: Invalid argument [sbom-file]"* ]]
}

@test "canonical bytes; the time is SOURCE_DATE_EPOCH or 1970" {
  jq -cS . spdx.json | cmp - spdx.json
  jq -cS . cdx.json | cmp - cdx.json
  [ "$(jq -r .creationInfo.created spdx.json)" = 1970-01-01T00:00:00Z ]
  [ "$(jq -r .metadata.timestamp cdx.json)" = 1970-01-01T00:00:00Z ]
  export SOURCE_DATE_EPOCH=1000000000
  [ "$(ms-sbom last.json | jq -r .creationInfo.created)" = 2001-09-09T01:46:40Z ]
  [ "$(ms-sbom --format cyclonedx last.json | jq -r .metadata.timestamp)" = 2001-09-09T01:46:40Z ]
  [ "$(ms-sbom last.json | jq -r .documentNamespace)" != "$(jq -r .documentNamespace spdx.json)" ]
}

@test "the same build elsewhere: the same list" {
  mkdir -p other
  cp -R src system.toml other
  (cd other && TZ=Asia/Tokyo LC_ALL=tr_TR.UTF-8 ms-build -q -B out system.toml 2>/dev/null)
  ms-sbom -C other "$PWD/$(record other/out)" | cmp - spdx.json
}

@test "SPDX: what the format asks for" {
  jq -e '.spdxVersion == "SPDX-2.3" and .dataLicense == "CC0-1.0" and .SPDXID == "SPDXRef-DOCUMENT"
    and (.creationInfo.creators | length) > 0
    and all(.packages[]; .SPDXID and .name and .downloadLocation and .filesAnalyzed == false)
    and all(.files[]; (.fileName | startswith("./")) and any(.checksums[]; .algorithm == "SHA1"))
    and ([.packages[].SPDXID, .files[].SPDXID] | length == (unique | length))
    and all(.packages[], .files[]; .SPDXID | test("^SPDXRef-[A-Za-z0-9.-]+$"))' spdx.json
  # every relationship is between things that are there
  jq -e '([.packages[].SPDXID, .files[].SPDXID, "SPDXRef-DOCUMENT"]) as $there
    | all(.relationships[]; (.spdxElementId | IN($there[])) and (.relatedSpdxElement | IN($there[])))' spdx.json
}

@test "CycloneDX: what the format asks for" {
  jq -e '.bomFormat == "CycloneDX" and .specVersion == "1.6" and (.serialNumber | test("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$"))
    and all(.components[]; .type and .name)
    and ([.components[]["bom-ref"]] | length == (unique | length))
    and ([.components[]["bom-ref"], "Image"] as $there
      | all(.dependencies[]; (.ref | IN($there[])) and all(.dependsOn[]; IN($there[]))))' cdx.json
}

@test "both against the public schemas" {
  [ -n "${MS_SCHEMAS:-}" ] || skip "MS_SCHEMAS names no folder with the public schemas"
  python3 -c 'import jsonschema' || skip "no python3-jsonschema"
  "$BATS_TEST_DIRNAME/validate" "$MS_SCHEMAS" spdx spdx.json
  "$BATS_TEST_DIRNAME/validate" "$MS_SCHEMAS" cyclonedx cdx.json
  # and the check is one
  jq 'del(.documentNamespace)' spdx.json >wrong.json
  run ! "$BATS_TEST_DIRNAME/validate" "$MS_SCHEMAS" spdx wrong.json
  jq '.components[0].type = "x"' cdx.json >wrong.json
  run ! "$BATS_TEST_DIRNAME/validate" "$MS_SCHEMAS" cyclonedx wrong.json
}

@test "image and members with the digests of the build" {
  image=$(sha256sum <build/system-image.bin | cut -d' ' -f1)
  [ "$(jq -r '.packages[] | select(.SPDXID == "SPDXRef-Image") | .checksums[0].checksumValue' spdx.json)" = "$image" ]
  [ "$(jq -r '.metadata.component.hashes[0].content' cdx.json)" = "$image" ]
  jq -r '.archive.entries[] | .sha256' last.json | sort >want
  jq -r '. as $d | $d.relationships[] | select(.spdxElementId == "SPDXRef-Image" and .relationshipType == "CONTAINS")
    | .relatedSpdxElement as $id | $d.packages[] | select(.SPDXID == $id) | .checksums[]?.checksumValue' spdx.json | sort | diff want -
  jq -r '.components[] | select(.type != "file" and .scope != "excluded") | .hashes[]?.content' cdx.json | sort | diff want -
  diff - <(jq -r '.components[] | select(.type != "file" and .scope != "excluded") | "\(.type) \(.name)"' cdx.json | sort) <<'END'
application one
application rootserver
application two
data kernel.dtb
data system.table
data text
firmware moonshot loader
operating-system probe kernel
END
}

@test "licences: of files, of parts, of none" {
  part() { jq -r --arg n "$1" '.packages[] | select(.name == $n) | .licenseDeclared' spdx.json; }
  [ "$(part one)" = "BSD-2-Clause AND MIT" ]
  [ "$(part two)" = "BSD-2-Clause AND (GPL-2.0-only WITH Classpath-exception-2.0 OR LicenseRef-house)" ]
  [ "$(part rootserver)" = BSD-2-Clause ]
  [ "$(part text)" = NOASSERTION ]
  jq -e '.files[] | select(.fileName == "./src/two.c") | .licenseInfoInFiles == ["GPL-2.0-only", "LicenseRef-house"]' spdx.json
  jq -e '.files[] | select(.fileName == "./src/text.txt") | .licenseInfoInFiles == ["NOASSERTION"]' spdx.json
  jq -e '.hasExtractedLicensingInfos[0].licenseId == "LicenseRef-house"' spdx.json
  jq -e '.components[] | select(.name == "two") | .licenses[0].expression | startswith("BSD-2-Clause AND (")' cdx.json
}

@test "sources lead from their domain, tools to the image" {
  jq -e '(.packages[] | select(.name == "one") | .SPDXID) as $one | (.files[] | select(.fileName == "./src/one.c") | .SPDXID) as $file
    | any(.relationships[]; . == {spdxElementId: $one, relationshipType: "GENERATED_FROM", relatedSpdxElement: $file})' spdx.json
  jq -e '[.relationships[] | select(.relationshipType == "BUILD_TOOL_OF")] | length > 0' spdx.json
  jq -e '[.components[] | select(.scope == "excluded") | .name] | any(. == "@toolchain/cc1")' cdx.json
}

@test "a source that was changed since is refused" {
  cp -R . "$BATS_TEST_TMPDIR/work"
  cd "$BATS_TEST_TMPDIR/work"
  echo >>src/one.c
  run -1 --separate-stderr ms-sbom last.json
  [[ $stderr == *"src/one.c is not the file that the image was built from"*"[sbom-file]"* && -z $output ]]
  rm src/one.c
  run -1 --separate-stderr ms-sbom last.json
  [[ $stderr == *"src/one.c: No such file"* ]]
}
