# SPDX-License-Identifier: BSD-2-Clause
# What the tests of statements and signatures share: keys that openssl makes. Load it after lib.bash.

# new_key NAME KIND: NAME.pem and NAME.pub. KIND: p256, p384, p521, k256, ed25519, ed448, x25519, rsaN, pss.
new_key() {
  local name=$1
  case $2 in
  p256) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$name.pem" ;;
  p384) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$name.pem" ;;
  p521) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out "$name.pem" ;;
  k256) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out "$name.pem" ;;
  explicit) openssl ecparam -name prime256v1 -genkey -noout -param_enc explicit -out "$name.pem" ;;
  pss) openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out "$name.pem" ;;
  dsa)
    openssl dsaparam -genkey -out "$name.dsa" 1024
    openssl pkey -in "$name.dsa" -out "$name.pem"
    ;;
  rsa*) openssl genrsa -out "$name.pem" "${2#rsa}" ;;
  *) openssl genpkey -algorithm "$2" -out "$name.pem" ;;
  esac 2>/dev/null
  openssl pkey -in "$name.pem" -pubout -out "$name.pub" 2>/dev/null
}

# key_id FILE.pub: the keyid as ms-sign(1) says how to compute it.
key_id() { openssl pkey -pubin -in "$1" -outform DER | openssl dgst -sha256 -binary | base64; }

# signature_of ENVELOPE FILE.pub: the bytes of that key's signature.
signature_of() {
  jq -r --arg id "$(key_id "$2")" '.signatures[] | select(.keyid == $id) | .sig' "$1" | base64 -d
}

# openssl_verify FILE.pub DIGEST SIGNATURE FILE; DIGEST "none" for Ed25519.
openssl_verify() {
  if [ "$2" = none ]; then
    openssl pkeyutl -verify -rawin -pubin -inkey "$1" -sigfile "$3" -in "$4"
  else
    openssl dgst "-$2" -verify "$1" -signature "$3" "$4"
  fi
}

# openssl_sign FILE.pem DIGEST FILE
openssl_sign() {
  if [ "$2" = none ]; then
    openssl pkeyutl -sign -rawin -inkey "$1" -in "$3"
  else
    openssl dgst "-$2" -sign "$1" "$3"
  fi
}

# record BUILD_DIR: the last document of a build.
record() { ls "$1"/stages/*-ms-link.json; }

# new_project: a small project in the folder `source`.
new_project() {
  mkdir -p source/src
  cat >source/system.toml <<'END'
[[protection_domains]]
name = "hello"
binary = "src/hello.c"
priority = 100
stack_bytes = 65536
include_dirs = ["src"]
END
  echo '#define NUMBER 1' >source/src/number.h
  printf '%s\n' '#include "number.h"' 'int answer = NUMBER;' \
    'void _start(void) { for (;;) answer++; }' >source/src/hello.c
}

# new_delivery: in the working folder, a project `source` that was built, and what a customer gets:
# system-image.bin, last.json, statement.json, system.dsse.json (signed by vendor and customer), vendor.pub, customer.pub.
new_delivery() {
  new_project
  (cd source && ms-build -q system.toml)
  cp "$(record source/build)" last.json
  ms-attest -C source --spec system.toml -o "$PWD/statement.json" "$PWD/last.json"
  cp source/build/system-image.bin .
  new_key vendor p256
  new_key customer ed25519
  ms-sign --key vendor.pem statement.json | ms-sign --key customer.pem -o system.dsse.json
}
