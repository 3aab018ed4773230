#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# How large systems can be, on each real seL4 build that MS_KERNELS names (folders joined by ":").
# A kernel that prints nothing is passed over: these domains speak through it.
load ../lib
load ../boot

setup() {
  real_kernels
  cd "$BATS_TEST_TMPDIR" || exit 1
  cat >common.h <<'C'
#include <microkit.h>
static inline void say(const char *s)
{
	microkit_dbg_puts(s);
}
static inline void say_number(uint64_t n)
{
	if (n >= 10)
		say_number(n / 10);
	microkit_dbg_putc((int)('0' + n % 10));
}
C
}

# boot EXPECT [FILTER]: the system in the working folder on every kernel that prints and whose
# `ms-cpio` document passes the jq filter.
boot() {
  local k n=0
  need_kernels
  for k in "${kernels[@]}"; do
    [ "$(jq "$2" <(ms-build -q --kernel "$k" system.toml >&2 && cat build/stages/*-ms-cpio.json))" = true ] || continue
    echo "# $k"
    ms-build -q --kernel "$k" run --expect "$1" --timeout 90 system.toml </dev/null >console 2>&1 || {
      cat console
      return 1
    }
    n=$((n + 1))
  done
  [ "$n" -gt 0 ] || skip "none of the builds prints and is for this"
}
printing=.archive.kernel.printing

domain() { # NAME PRIORITY [LINE...]
  printf '[[protection_domains]]\nname = "%s"\nbinary = "%s.c"\npriority = %d\n' "$1" "${SOURCE:-$1}" "$2"
  shift 2
  printf '%s\n' "$@"
}

region() { # NAME BYTES [LINE...]
  printf '[[memory_regions]]\nname = "%s"\nsize_bytes = %d\npermissions = ["read", "write"]\n' "$1" "$2"
  shift 2
  printf '%s\n' "$@"
}

@test "15 MiB of programs, in the archive's own pages, where the root CNode has 4,096 slots" {
  cat >big.c <<'C'
#include "common.h"
#define WORDS (5 << 20 >> 3)
#define STRING(x) #x
#define TEXT(x) STRING(x)
/* No page of it is zeroes or another one: nothing can be left out. */
__asm__(".section .rodata, \"a\"\n"
        ".globl big\n"
        "big: .set i, 0\n"
        ".rept " TEXT(WORDS) "\n"
        ".quad i + " TEXT(WHICH) "\n"
        ".set i, i + 1\n"
        ".endr\n"
        ".text\n");
extern const volatile uint64_t big[];
void init(void)
{
	uint64_t i = 0;

	while (i < WORDS && big[i] == i + WHICH)
		i++;
	if (i == WORDS) {
		say("program ");
		say_number(WHICH);
		say(" is whole\n");
	}
}
void notified(microkit_channel ch)
{
	(void)ch;
}
C
  for i in 1 2 3; do
    SOURCE=big domain "pd$i" $((200 - i)) "defines = [\"WHICH=$i\"]"
  done >system.toml
  boot 'program 3 is whole' "$printing and (.archive.entries | map(.size) | add) > 15 * 1048576"
  grep -q 'program 1 is whole' console
  # More than the slots take is an error that says so.
  sed -i 's/5 << 20/6 << 20/' big.c
  for k in "${kernels[@]}"; do
    [ "$(jq -r .ROOT_CNODE_SIZE_BITS "$(find -L "$k" -path '*kernel/gen_config.json' -print -quit)")" = 12 ] || continue
    run -1 --separate-stderr ms-build -q --kernel "$k" system.toml
    [[ $stderr == *"slots"* ]] || { echo "$stderr"; false; }
  done
}

@test "63 channels of one domain, which takes no calls" {
  cat >hub.c <<'C'
#include "common.h"
static uint64_t seen;
void init(void)
{
}
void notified(microkit_channel ch)
{
	seen |= 1ull << ch;
	microkit_notify(ch);
	if (seen == ~0ull >> 1)
		say("hub: heard on 63 channels\n");
}
C
  cat >spoke.c <<'C'
#include "common.h"
static unsigned answers;
void init(void)
{
	for (microkit_channel ch = 0; ch < CHANNELS; ch++)
		microkit_notify(ch);
}
void notified(microkit_channel ch)
{
	(void)ch;
	if (++answers == CHANNELS && CHANNELS == 2)
		say("spoke: heard back\n");
}
C
  {
    domain hub 50
    for ((i = 0; i < 62; i++)); do
      SOURCE=spoke domain "spoke$i" $((i ? 100 : 40)) "defines = [\"CHANNELS=$((i ? 1 : 2))\"]"
    done
    for ((i = 0; i < 63; i++)); do
      printf '[[channels]]\nname = "c%d"\nend_a = "hub"\nend_b = "spoke%d"\nkind = "notification"\nid_a = %d\n' \
        "$i" "$((i % 62))" "$i"
    done
  } >system.toml
  boot 'spoke: heard back' "$printing"
  grep -q 'hub: heard on 63 channels' console
}

@test "a region of 512 MiB in 2 MiB pages, a stack of 16 MiB" {
  cat >wide.c <<'C'
#include "common.h"
#define PAGE  (2ull << 20)
#define PAGES 256
char *region;
static void touch_stack(void)
{
	volatile char deep[(16 << 20) - 16384];

	for (unsigned i = 0; i < sizeof(deep); i += 4096)
		deep[i] = (char)(i >> 12);
	for (unsigned i = 0; i < sizeof(deep); i += 4096)
		if (deep[i] != (char)(i >> 12))
			say("stack: lost\n");
	say("stack: all of it\n");
}
void init(void)
{
	unsigned good = 0;

	touch_stack();
	for (uint64_t i = 0; i < PAGES; i++)
		*(volatile uint64_t *)(region + i * PAGE + 8 * i) = i + 1;
	for (uint64_t i = 0; i < PAGES; i++)
		good += *(volatile uint64_t *)(region + i * PAGE + 8 * i) == i + 1 &&
		        *(volatile uint64_t *)(region + i * PAGE + PAGE - 8) == 0;
	say("region: ");
	say_number(good);
	say(" pages of it\n");
}
void notified(microkit_channel ch)
{
	(void)ch;
}
C
  {
    domain wide 100 'stack_bytes = 16777216' 'maps = [{region = "wide", setvar_vaddr = "region"}]'
    region wide $((512 << 20))
  } >system.toml
  boot 'region: 256 pages of it' "$printing"
  grep -q 'stack: all of it' console
}

@test "1,000 regions between two domains, one of them filled and seen past the caches" {
  cat >writer.c <<'C'
#include "common.h"
void init(void)
{
	for (uint64_t i = 0; i < 1000; i++)
		*(volatile uint64_t *)(0x10000000 + i * 8192) = i * i;
	microkit_notify(0);
}
void notified(microkit_channel ch)
{
	(void)ch;
}
C
  cat >reader.c <<'C'
#include "common.h"
const char *text;
void init(void)
{
}
void notified(microkit_channel ch)
{
	unsigned good = 0;

	(void)ch;
	for (uint64_t i = 0; i < 1000; i++)
		good += *(volatile uint64_t *)(0x20000000 + i * 4096) == i * i;
	/* Past the caches: a byte at a time, aligned. */
	for (const volatile char *c = text; *c; c++)
		microkit_dbg_putc(*c);
	say_number(good);
	say(" regions\n");
}
C
  printf 'filled: ' >text.bin
  {
    domain writer 100
    for ((i = 0; i < 1000; i++)); do
      printf '[[protection_domains.maps]]\nregion = "r%d"\nvaddr = %d\n' "$i" "$((0x10000000 + i * 8192))"
    done
    domain reader 50
    for ((i = 0; i < 1000; i++)); do
      printf '[[protection_domains.maps]]\nregion = "r%d"\nvaddr = %d\npermissions = ["read"]\n' "$i" "$((0x20000000 + i * 4096))"
    done
    printf '[[protection_domains.maps]]\nregion = "text"\nsetvar_vaddr = "text"\n'
    printf '[[channels]]\nname = "done"\nend_a = "writer"\nend_b = "reader"\nkind = "notification"\n'
    for ((i = 0; i < 1000; i++)); do region "r$i" 4096; done
    region text 4096 'caching = "uncached"' 'prefill_from = "text.bin"'
  } >system.toml
  boot 'filled: 1000 regions' "$printing"
}
