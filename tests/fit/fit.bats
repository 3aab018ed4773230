#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# FIT images: their source, their signatures checked with openssl alone, and U-Boot itself as the
# one who loads them and who refuses (Debian's package u-boot-qemu).
load ../lib
load ../boot

setup_file() {
  export WORK=$BATS_FILE_TMPDIR
  local k
  unset MS_KERNEL
  cd "$WORK" || exit 1
  "${CC:-cc}" -std=c11 -Wall -Wextra -I "$MS_ROOT/lib" -o signed-bytes \
    "$BATS_TEST_DIRNAME/signed-bytes.c" "$MS_ROOT/lib/both/fdt.c"
  cp "$MS_ROOT/tests/boot/loader/root.c" .
  printf '[[protection_domains]]\nname = "root"\nbinary = "root.c"\npriority = 1\n' >root.toml
  mkdir vendor 'the customer' # two people, two folders
  for k in vendor/maker 'the customer/buyer' 'the customer/long'; do
    openssl req -x509 -newkey "rsa:$([ "${k#*/}" = long ] && echo 4096 || echo 2048)" -nodes \
      -keyout "$k.key" -out "$k.crt" -days 36500 -subj "/CN=${k#*/}" 2>/dev/null
  done
  openssl ecparam -name prime256v1 -genkey -noout -out 'the customer/curve.pem'
  ms-build -q root.toml
  cp build/stages/06-ms-cpio.json packed.json
}

setup() {
  cd "$WORK" || exit 1
}

fit() { ms-link --format fit --image "$1.itb" "${@:2}" packed.json >"$1.json"; }

# checked FILE NUMBER KEY: openssl finds that signature right.
checked() {
  ./signed-bytes "$1" system "signature-$2" >bytes
  ./signed-bytes -v "$1" system "signature-$2" >value
  openssl x509 -in "$3.crt" -pubkey -noout >public.pem
  openssl dgst -sha256 -verify public.pem -signature value bytes
}

@test "unsigned: the parts are those of the build, at the address of the build" {
  fit plain
  jq -e '.image.format == "fit" and [.image.files[].path] == ["build/fit/image.its"]' plain.json
  grep -q 'load = <0x0 0x40400000>' build/fit/image.its
  grep -q "plan_hash $(jq -r .plan_hash packed.json)" build/fit/image.its
  run -1 grep signature build/fit/image.its
  jq -e '[.linked_from[].path] | contains(["@toolchain/mkimage", "@toolchain/dtc"])' plain.json
  dumpimage -T flat_dt -p 0 -o loader plain.itb >/dev/null
  ms-link --format raw --image raw packed.json >/dev/null
  cmp loader raw
  dumpimage -T flat_dt -p 1 -o tree plain.itb >/dev/null
  cpio -i --quiet --to-stdout kernel.dtb <build/system.cpio | cmp - tree
  # Made again, elsewhere, at another time: the same bytes.
  mkdir -p other
  cp root.c root.toml other
  (cd other && TZ=Asia/Tokyo SOURCE_DATE_EPOCH=1234567 ms-build -q --format fit -o again.itb root.toml)
  cmp plain.itb other/again.itb
}

@test "signed by two: each signature is right for openssl, and for nobody else's key" {
  fit two --fit-key vendor/maker --fit-key 'the customer/buyer:rsa2048'
  checked two.itb 1 vendor/maker
  checked two.itb 2 'the customer/buyer'
  run checked two.itb 1 'the customer/buyer'
  [ "$status" -ne 0 ]
  # The bytes it is about hold the digests of the images.
  ./signed-bytes two.itb system signature-1 | od -An -v -t x1 | tr -d ' \n' >hex
  grep -q "$(sha256sum <build/fit/loader.bin | cut -d' ' -f1)" hex
  grep -q "$(sha256sum <build/fit/kernel.dtb | cut -d' ' -f1)" hex
  # U-Boot is to ask for all of them.
  [ "$(fdtget build/fit/keys.dtb /signature required-mode)" = all ]
  [ "$(fdtget build/fit/keys.dtb /signature/key-maker required)" = conf ]
  [ "$(fdtget build/fit/keys.dtb /signature/key-buyer required)" = conf ]
  jq -e --arg sum "$(sha256sum <build/fit/keys.dtb | cut -d' ' -f1)" \
    '.image.files[1] | .format == "dtb" and .path == "build/fit/keys.dtb" and .sha256 == $sum' two.json
  # RSA signatures are a function of the bytes and the key.
  mv two.itb first.itb
  fit two --fit-key vendor/maker --fit-key 'the customer/buyer:rsa2048'
  cmp two.itb first.itb
}

@test "signed with longer keys and with a curve" {
  fit long --fit-key 'the customer/long:rsa4096'
  checked long.itb 1 'the customer/long'
  fit curve --fit-key 'the customer/curve:ecdsa256'
  ./signed-bytes curve.itb system signature-1 >bytes
  ./signed-bytes -v curve.itb system signature-1 | od -An -v -t x1 | tr -d ' \n' >hex
  printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
    "$(head -c 64 hex)" "$(tail -c 64 hex)" >value.conf
  openssl asn1parse -genconf value.conf -noout -out value
  openssl ec -in 'the customer/curve.pem' -pubout -out public.pem 2>/dev/null
  openssl dgst -sha256 -verify public.pem -signature value bytes
  [ "$(fdtget build/fit/keys.dtb /signature/curve required)" = conf ]
}

@test "a missing key, a key of another kind and a wrong call are told" {
  run -3 fit bad --fit-key vendor/makr
  [[ $output == *'vendor/makr.key: No such file'* ]]
  run -1 fit bad --fit-key vendor/maker:rsa4096
  [[ $output == *'makes signatures of 256 bytes; those of rsa4096 have 512 [fit]'* ]]
  cp vendor/maker.key vendor/empty.crt
  : >vendor/empty.key
  run -1 fit bad --fit-key vendor/empty
  [[ $output == *'[fit]'* ]]
  [ ! -e bad.itb ]
  for k in maker vendor/ vendor/a:rsa1 'vendor/a"b' "vendor/$(printf 'a%.0s' {1..65})"; do
    run -2 fit bad --fit-key "$k"
  done
  run -2 fit bad --fit-key vendor/maker --fit-key 'the customer/maker'
  [[ $output == *'two keys are named "maker"'* ]]
  run -2 ms-link --format elf --fit-key vendor/maker packed.json
}

# -- U-Boot ----------------------------------------------------------------------------------

uboot=/usr/lib/u-boot/qemu_arm64/u-boot.bin

# load_with COMMAND FILE [WORD...]: U-Boot loads the file to 0x50000000 and runs the command; its console
# is in $output. The machine powers itself off, booted or not.
load_with() {
  local command=$1 file=$2
  shift 2
  [ -e $uboot ] || skip "no U-Boot for QEMU: Debian's package u-boot-qemu has it"
  rm -rf disk
  mkdir disk
  cp "$file" disk/image
  printf 'load virtio 0:1 50000000 image\n%s\necho U-Boot is still here\npoweroff\n' \
    "$command" >boot.cmd
  mkimage -A arm64 -T script -C none -n boot -d boot.cmd disk/boot.scr >/dev/null
  run timeout 90 qemu-system-aarch64 -machine "virt${machine:-}" -cpu cortex-a53 -m 2G -nic none \
    -nographic -bios $uboot -drive file=fat:rw:disk,format=raw,if=virtio "$@" </dev/null
  output=${output//$'\r'/}
  [ "$status" -eq 0 ] || { echo "$output"; echo "QEMU ended with $status"; return 1; }
}

booted() {
  shows 'root: memory is whole'
  shows 'probe: the root task asked for a halt'
  [[ $output != *FAIL* && $output != *'still here'* ]]
}

@test "U-Boot boots the unsigned FIT, in EL1 and EL2" {
  fit plain
  load_with 'bootm 50000000' plain.itb
  shows 'sha256+ OK'
  booted
  machine=,virtualization=on load_with 'bootm 50000000' plain.itb
  shows 'started in EL2'
  booted
}

@test "U-Boot boots the Image with booti, the raw image as a program, the application with bootefi" {
  ms-link --format image --image Image packed.json >/dev/null
  # shellcheck disable=SC2016 # U-Boot's variable
  load_with 'booti 50000000 - ${fdtcontroladdr}' Image
  shows 'loaded at 0x50000000, moved to 0x40400000'
  booted
  # As a program of U-Boot's, whose caches and MMU stay on. (Its go and bootelf are not tried: this
  # U-Boot waits for ever for QEMU's serial port before it starts anything so.)
  ms-link --format raw --image raw packed.json >/dev/null
  mkimage -A arm64 -O u-boot -T standalone -C none -n loader -a 60000000 -e 60000000 -d raw \
    program >/dev/null
  load_with 'setenv autostart yes; bootm 50000000' program
  shows 'loaded at 0x60000000, moved to 0x40400000'
  booted
  ms-link --format efi --image efi packed.json >/dev/null
  # shellcheck disable=SC2016
  load_with 'bootefi 50000000 ${fdtcontroladdr}' efi
  booted
}

@test "a device tree that lies where the loader moves to is not used; EFI refuses absent memory" {
  ms-link --format image --image Image packed.json >/dev/null
  # Left where it is copied to here: in the place of the loader.
  # shellcheck disable=SC2016
  load_with 'setenv fdt_high ffffffffffffffff
    fdt addr ${fdtcontroladdr}; fdt move ${fdtcontroladdr} 40410000 100000
    booti 50000000 - 40410000' Image
  shows 'loaded at 0x50000000, moved to 0x40400000'
  booted
  # A machine with less memory than the kernel was built for.
  ms-link --format efi --image efi --image-start 0x70000000 packed.json >/dev/null
  # shellcheck disable=SC2016
  load_with 'bootefi 50000000 ${fdtcontroladdr}' efi -m 1G
  booted
  # shellcheck disable=SC2016
  load_with 'bootefi 50000000 ${fdtcontroladdr}' efi -m 512M
  shows 'moonshot loader: error: this machine has no free memory at 0x70000000'
  shows 'still here'
}

@test "U-Boot that knows both keys boots what both have signed, and nothing else" {
  [ -e $uboot ] || skip "no U-Boot for QEMU: Debian's package u-boot-qemu has it"
  fit two --fit-key vendor/maker --fit-key 'the customer/buyer'
  # U-Boot's own device tree gets the keys.
  qemu-system-aarch64 -machine virt,dumpdtb=virt.dtb -cpu cortex-a53 -m 2G -nic none -display none
  { dtc -q -I dtb -O dts virt.dtb; dtc -q -I dtb -O dts build/fit/keys.dtb | sed 1d; } >both.dts
  dtc -q -I dts -O dtb -o both.dtb both.dts
  load_with 'bootm 50000000' two.itb -dtb both.dtb
  shows 'sha256,rsa2048:maker+'
  shows 'sha256,rsa2048:buyer+'
  booted
  fit one --fit-key vendor/maker
  load_with 'bootm 50000000' one.itb -dtb both.dtb
  shows "Failed to verify required signature 'key-buyer'"
  shows 'still here'
  [[ $output != *'moonshot loader'* ]]
  fit plain
  load_with 'bootm 50000000' plain.itb -dtb both.dtb
  shows 'Failed to verify required signature'
  shows 'still here'
}
