# SPDX-License-Identifier: BSD-2-Clause
# moonshot-toolkit: builds the ms-* programs, tests, installs. GNU make, one file, no configure.
#
#   make deps demo     install what is missing, build, boot examples/hello-world under QEMU
#   make deps check    all tests
#   make               the programs, at bin/ms-*
#
# BUILD is where objects go, BINDIR where programs go; check-asan uses other folders for both.

BUILD   ?= build/host
BINDIR  ?= bin
PREFIX  ?= /usr/local
DESTDIR ?=
DISTDIR ?= dist
VERSION := $(shell sed -n 's/^\#define MS_VERSION "\(.*\)"/\1/p' lib/host/base/cli.h)

CC      ?= cc
CFLAGS  ?= -O2 -g
WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
           -Wformat=2 -Wcast-qual -Wwrite-strings -Wundef
ALLFLAGS = -std=c11 -D_GNU_SOURCE -Ilib/host -Ilib -Ivendor $(WARN) $(WERROR) \
           -ffile-prefix-map=$(CURDIR)=. $(CFLAGS) $(SANFLAGS)
# Programs are linked statically: a pipe of seven starts in the time of one (make bench).
# --wrap: libcrypto loads no modules and looks up no hosts (lib/host/trust/closed.c).
LINK    ?= -static -Wl,--wrap=dlopen,--wrap=getaddrinfo,--wrap=gethostbyname
LDLIBS   = -l:libjansson.a -l:libcrypto.a -l:libexpat.a
ifdef SANITIZE
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
            -Wno-format-truncation
LINK     :=
endif

LIBSRC := $(sort $(wildcard lib/host/*/*.c lib/both/*.c vendor/toml/toml.c))
LIBOBJ := $(LIBSRC:%.c=$(BUILD)/%.o)
PROGS  := $(patsubst bin/%.c,%,$(sort $(wildcard bin/ms-*.c)))
UNITS  := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/test-*.c)))
AR     := ar
,      := ,

all: $(PROGS:%=$(BINDIR)/%) $(patsubst ms-build,$(BINDIR)/moonshot-toolkit,$(filter ms-build,$(PROGS)))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALLFLAGS) -MMD -MP -c -o $@ $<

# Its assembler takes them in.
$(BUILD)/lib/host/report/assets.o: $(wildcard lib/host/report/*.css lib/host/report/*.js)

$(BUILD)/libms.a: $(LIBOBJ)
	@rm -f $@
	$(AR) rcsD $@ $(LIBOBJ)

# What a program was made of, for lib/host/drive/alike.h: a note that survives strip.
$(BUILD)/made/%.o: $(BUILD)/libms.a
	@mkdir -p $(@D)
	@text="$$(sha256sum <$< | cut -c1-64) $*"; { \
	  printf '.section .note.moonshot,"a",%%note\n.balign 4\n.long 9, %d, 1\n' $${#text}; \
	  printf '.asciz "moonshot"\n.balign 4\n.globl ms_made_of\nms_made_of: .asciz "%s"\n.balign 4\n' "$$text"; \
	  printf '.section .note.GNU-stack,"",%%progbits\n'; } >$(@:.o=.S)
	$(CC) -c -o $@ $(@:.o=.S)

$(BINDIR)/ms-%: $(BUILD)/bin/ms-%.o $(BUILD)/made/ms-%.o $(BUILD)/libms.a
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LINK) $(LDFLAGS) -o $@ $< $(BUILD)/made/ms-$*.o $(BUILD)/libms.a $(LDLIBS)

$(BINDIR)/moonshot-toolkit: $(BINDIR)/ms-build
	ln -sf ms-build $@

# The filter that the public toml-test suite drives; vendor/toml alone, nothing of ours.
DECODER ?= build/toml-decoder
$(DECODER): vendor/toml/toml.c vendor/toml/toml-decoder.c vendor/toml/toml.h
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARN) $(CFLAGS) $(SANFLAGS) -o $@ vendor/toml/toml.c vendor/toml/toml-decoder.c

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libms.a
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libms.a $(LDLIBS)

# The root task on the host, against a model of seL4's objects: once for each kind of kernel.
MODELS   := classic mcs smp
MODELSRC := $(filter-out %/kernel_calls.c,$(sort $(wildcard lib/board/root/*.c))) \
            $(filter-out %/run.c %/test-root.c,$(sort $(wildcard tests/model/*.c)))

define model_rules
$(BUILD)/model-$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(CC) $$(ALLFLAGS) -Ilib/board/sel4 -Itests/model/cases/$(1) -MMD -MP -c -o $$@ $$<

$(BUILD)/unit/test-root-$(1): $(BUILD)/model-$(1)/tests/model/test-root.o
$(BUILD)/model/$(1): $(BUILD)/model-$(1)/tests/model/run.o
$(BUILD)/unit/test-root-$(1) $(BUILD)/model/$(1): \
    $(MODELSRC:%.c=$(BUILD)/model-$(1)/%.o) $(BUILD)/libms.a
	@mkdir -p $$(@D)
	$$(CC) $$(SANFLAGS) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) $$(filter %.a,$$^)
endef
$(foreach model,$(MODELS),$(eval $(call model_rules,$(model))))

units: $(UNITS:%=$(BUILD)/unit/%) $(MODELS:%=$(BUILD)/unit/test-root-%) $(MODELS:%=$(BUILD)/model/%)

# What lets system calls and allocations fail, and the programs linked so that a library can be preloaded;
# not under sanitizers, which do not survive their own calls failing.
ifndef SANITIZE
FAULTS    := $(BUILD)/faults/inject $(BUILD)/faults/shim.so $(BUILD)/faults/programs
FAULT_ENV := MS_INJECT=$(abspath $(BUILD)/faults/inject) MS_SHIM=$(abspath $(BUILD)/faults/shim.so) \
             MS_FAULTY=$(abspath $(BUILD)/faults/programs)
else
FAULT_ENV := MS_INJECT= MS_SHIM= MS_FAULTY=
endif

$(BUILD)/faults/inject: tests/faults/inject.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -o $@ $<

$(BUILD)/faults/shim.so: tests/faults/shim.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -fPIC -shared -o $@ $<

$(BUILD)/faults/programs: $(PROGS:%=$(BINDIR)/%)
	@$(MAKE) --no-print-directory LINK= BINDIR=$@ all
	@touch $@

# What measures a program, and makes objects without a compiler.
LOAD := $(BUILD)/load/peak $(BUILD)/load/quick

# -- tests -------------------------------------------------------------------------------

check: all units $(DECODER) $(FAULTS) $(LOAD) fuzz-replay build/fuzz/seeds
	@MS_BIN=$(abspath $(BINDIR)) MS_UNITS=$(abspath $(BUILD)/unit) MS_DECODER=$(abspath $(DECODER)) \
	  MS_FUZZ=$(abspath build/asan/fuzz) MS_SEEDS=$(abspath build/fuzz/seeds) $(FAULT_ENV) MS_PEAK=$(abspath $(BUILD)/load/peak) tests/run

check-asan:
	@$(MAKE) --no-print-directory SANITIZE=1 BUILD=build/asan BINDIR=build/asan/programs \
	  DECODER=build/asan/toml-decoder check

# One variation at a time, and reprotest; the dynamic programs can be lied to about the time.
check-repro: all
	@$(MAKE) --no-print-directory LINK= BUILD=build/dynamic BINDIR=build/dynamic/programs all
	@MS_BIN=$(abspath $(BINDIR)) MS_DYNAMIC=$(abspath build/dynamic/programs) tests/repro/all

# Lines and branches that the suite runs through; HTML in build/coverage/html.
.PHONY: coverage
coverage:
	@tests/coverage/run

# Every fault of tests/faults in every place, not a sample of them.
.PHONY: check-faults
check-faults: all $(FAULTS)
	@MS_BIN=$(abspath $(BINDIR)) MS_SWEEP=0 $(FAULT_ENV) tests/run tests/faults

# make deb in two folders, lintian, and the package in a clean Debian (MS_CHROOT).
check-deb: all
	@MS_DEB=1 MS_BIN=$(abspath $(BINDIR)) tests/run tests/deb

# lib/both without run-time errors, by Frama-C; and faults put in on purpose, which the suite must notice.
.PHONY: prove mutate
prove:
	@tests/proof/run

mutate:
	@tests/mutate/run

# 2 GiB through the archive, 63 domains of 100 sources compiled.
.PHONY: check-load
check-load: all $(LOAD)
	@MS_BIN=$(abspath $(BINDIR)) MS_LOAD=1 MS_PEAK=$(abspath $(BUILD)/load/peak) tests/run tests/load

check-boot: all units
	@MS_BIN=$(abspath $(BINDIR)) tests/run tests/boot/*.bats

demo: all
	@tests/demo

lint: deps-lint all
	@tests/lint

bench: all $(BUILD)/bench/pair
	@MS_BIN=$(abspath $(BINDIR)) MS_PAIR=$(abspath $(BUILD)/bench/pair) tests/bench/run

$(BUILD)/load/%: tests/load/%.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -o $@ $<

$(BUILD)/bench/pair: tests/bench/pair.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -o $@ $<

# -- fuzzing -----------------------------------------------------------------------------

# tests/fuzz/fuzz-NAME.c is a target. What drives it is a fuzzer that the compiler brings, or our
# replay program. The library's static variables lie between the two edges (tests/fuzz/host.c).
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz-%.c,%,$(sort $(wildcard tests/fuzz/fuzz-*.c)))
FUZZ_DRIVER  ?= $(BUILD)/tests/fuzz/replay.o
FUZZ_WRAP    := $(addprefix -Wl$(,)--wrap=,malloc calloc realloc free realpath exit write fclose open \
                vfork posix_spawn ms_json_fast_memory ms_file_on_signals CRYPTO_set_mem_functions)
FUZZ_CLANG   := -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all -fno-omit-frame-pointer

$(BUILD)/tests/fuzz/edge-%.o: tests/fuzz/edge.c
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARN) -DEDGE=$* -c -o $@ $<

$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/fuzz-%.o $(BUILD)/tests/fuzz/host.o $(BUILD)/tests/fuzz/mutate.o \
    $(filter %.o,$(FUZZ_DRIVER)) $(BUILD)/tests/fuzz/edge-first.o $(BUILD)/libms.a $(BUILD)/tests/fuzz/edge-last.o
	@mkdir -p $(@D)
	$(CC) $(SANFLAGS) $(FUZZ_WRAP) $(LDFLAGS) -o $@ $(filter %.o,$(filter-out %-last.o,$^)) \
	  $(filter-out %.o,$(FUZZ_DRIVER)) $(BUILD)/libms.a -l:libjansson.a -l:libexpat.a $(BUILD)/tests/fuzz/edge-last.o -lcrypto

fuzz-targets: $(FUZZ_TARGETS:%=$(BUILD)/fuzz/%)

# The targets under ASan and UBSan with our replay program: FOLDER/NAME FILE...
ifdef SANITIZE
fuzz-replay: fuzz-targets
else
fuzz-replay:
	@$(MAKE) --no-print-directory SANITIZE=1 BUILD=build/asan fuzz-targets
endif

# What fuzzers begin with.
build/fuzz/seeds: tests/fuzz/seeds $(PROGS:%=$(BINDIR)/%) $(BUILD)/unit/test-boot
	@ASAN_OPTIONS=detect_leaks=0 MS_BIN=$(abspath $(BINDIR)) MS_UNITS=$(abspath $(BUILD)/unit) tests/fuzz/seeds $@

# libFuzzer: each target (or TARGETS="a b") for SECONDS or RUNS executions, JOBS at a time.
fuzz: build/fuzz/seeds
	@$(MAKE) --no-print-directory CC=clang CFLAGS='-O2 -gline-tables-only' SANFLAGS='$(FUZZ_CLANG)' \
	  FUZZ_DRIVER=-fsanitize=fuzzer BUILD=build/libfuzzer fuzz-targets
	@SECONDS_EACH='$(SECONDS)' RUNS='$(RUNS)' tests/fuzz/run libfuzzer build/libfuzzer/fuzz $<

# AFL++ in its own way of the same.
fuzz-afl: build/fuzz/seeds
	@AFL_QUIET=1 AFL_USE_ASAN=1 AFL_USE_UBSAN=1 $(MAKE) --no-print-directory CC=afl-clang-fast CFLAGS='-O2 -gline-tables-only' \
	  FUZZ_DRIVER=-fsanitize=fuzzer BUILD=build/afl fuzz-targets
	@SECONDS_EACH='$(SECONDS)' tests/fuzz/run afl build/afl/fuzz $<

# A table of what the targets reach of the files that they are there for; needs llvm (deps-all).
fuzz-coverage: build/fuzz/seeds
	@$(MAKE) --no-print-directory CC=clang CFLAGS='-O1 -g' SANFLAGS='-fprofile-instr-generate -fcoverage-mapping' \
	  BUILD=build/fuzz-coverage fuzz-targets
	@tests/fuzz/coverage build/fuzz-coverage/fuzz $<

# -- packages ----------------------------------------------------------------------------

DEPS := gcc make libc6-dev libjansson-dev libssl-dev libexpat1-dev openssl gcc-aarch64-linux-gnu \
        binutils-aarch64-linux-gnu qemu-system-arm u-boot-tools device-tree-compiler bats cpio libarchive-tools jq mandoc

DEPS_LINT := clang clang-format-14 cppcheck shellcheck

# For the tests that skip themselves without: other firmware, builds on a varied machine, schemas.
DEPS_PROOF := u-boot-qemu qemu-efi-aarch64 reprotest python3-jsonschema llvm libclang-rt-dev \
        frama-c-base why3 z3 cvc4 \
        gdb-multiarch clangd zsh fish pkg-config debhelper lintian fakeroot debootstrap distcc icecc ninja-build \
        chromium chromium-driver

# In CI, for the fuzzers.
DEPS_FUZZ := clang libclang-rt-14-dev

deps:
	@tests/deps $(DEPS) $(if $(filter true,$(CI)),$(DEPS_FUZZ))

deps-lint:
	@tests/deps $(DEPS_LINT)

deps-all:
	@tests/deps $(DEPS) $(DEPS_LINT) $(DEPS_FUZZ) afl++ $(DEPS_PROOF)

# What an installed toolkit is made of. share/moonshot-toolkit is "@toolkit" of the plans.
SHARE    := share/moonshot-toolkit
MANPAGES := $(foreach s,1 5 7,$(patsubst man/%,man/man$(s)/%,$(wildcard man/*.$(s))))
TOOLSRC  := $(shell find lib/board lib/both -type f -name '*.[chS]' -o -type f -name '*.lds' -path 'lib/board/*' -o -type f -name '*.json' -path 'lib/board/*'; find lib/templates lib/rules -type f 2>/dev/null)
EXAMPLES := $(shell find examples -type f | sort)

# Where shells look for completions; Debian's package has zsh's elsewhere.
BASHCOMP ?= share/bash-completion/completions
ZSHCOMP  ?= share/zsh/site-functions
FISHCOMP ?= share/fish/vendor_completions.d

install: all
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(PROGS:%=$(BINDIR)/%) $(DESTDIR)$(PREFIX)/bin
	ln -sf ms-build $(DESTDIR)$(PREFIX)/bin/moonshot-toolkit
	set -e; for f in $(TOOLSRC); do \
	  install -D -m 644 $$f $(DESTDIR)$(PREFIX)/$(SHARE)/$${f#lib/}; done
	set -e; for f in $(EXAMPLES); do \
	  if [ -x $$f ]; then mode=755; else mode=644; fi; \
	  install -D -m $$mode $$f $(DESTDIR)$(PREFIX)/$(SHARE)/$$f; done
	$(BINDIR)/ms-parse --schema | install -m 644 /dev/stdin $(DESTDIR)$(PREFIX)/$(SHARE)/ms-spec.schema.json
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' lib/board/pd/moonshot-pd.pc.in | \
	  install -D -m 644 /dev/stdin $(DESTDIR)$(PREFIX)/share/pkgconfig/moonshot-pd.pc
	set -e; for p in $(PROGS); do \
	  $(BINDIR)/$$p --completions=bash | install -D -m 644 /dev/stdin $(DESTDIR)$(PREFIX)/$(BASHCOMP)/$$p; \
	  $(BINDIR)/$$p --completions=zsh | install -D -m 644 /dev/stdin $(DESTDIR)$(PREFIX)/$(ZSHCOMP)/_$$p; \
	  $(BINDIR)/$$p --completions=fish | install -D -m 644 /dev/stdin $(DESTDIR)$(PREFIX)/$(FISHCOMP)/$$p.fish; done
	ln -sf ms-build $(DESTDIR)$(PREFIX)/$(BASHCOMP)/moonshot-toolkit
	ln -sf ms-build.fish $(DESTDIR)$(PREFIX)/$(FISHCOMP)/moonshot-toolkit.fish
	set -e; for f in $(MANPAGES:man/%=%); do \
	  install -D -m 644 man/$${f#*/} $(DESTDIR)$(PREFIX)/share/man/$$f; done
	ln -sf ms-build.1 $(DESTDIR)$(PREFIX)/share/man/man1/moonshot-toolkit.1

uninstall:
	cd $(DESTDIR)$(PREFIX) && rm -rf $(PROGS:%=bin/%) bin/moonshot-toolkit \
	  $(MANPAGES:%=share/%) share/man/man1/moonshot-toolkit.1 $(SHARE) share/pkgconfig/moonshot-pd.pc $(foreach p,$(PROGS) moonshot-toolkit,$(BASHCOMP)/$(p) \
	  $(ZSHCOMP)/_$(p) $(FISHCOMP)/$(p).fish)

# The same bytes from the same commit: names sorted, times and owners fixed.
dist:
	@mkdir -p $(DISTDIR)
	git archive --format=tar --prefix=moonshot-toolkit-$(VERSION)/ HEAD | gzip -9n \
	  >$(DISTDIR)/moonshot-toolkit-$(VERSION).tar.gz

# Debian's package of the files as they are (those that git has, or all of an unpacked tarball), the
# same bytes each time; $(DISTDIR) gets it. Needs dpkg-dev and debhelper.
# DEBFLAGS: for dpkg-buildpackage, -b makes no source package.
DEBDIR := build/deb/moonshot-toolkit-$(VERSION)
deb:
	rm -rf build/deb
	mkdir -p $(DEBDIR) $(DISTDIR)
	if git rev-parse --show-prefix 2>/dev/null | grep -qx ''; then git ls-files -z; \
	  else find . -type f -not -path './build/*' -not -path './$(DISTDIR)/*' -print0; fi | \
	  tar -c --null -T - | tar -x -C $(DEBDIR)
	cd $(DEBDIR) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL dpkg-buildpackage -us -uc $(DEBFLAGS)
	cp build/deb/moonshot-toolkit_$(VERSION)* $(DISTDIR)

clean:
	rm -rf build bin/ms-[a-z]*[!c] bin/moonshot-toolkit

.PHONY: fuzz fuzz-afl fuzz-coverage fuzz-replay fuzz-targets all units check check-asan check-deb check-boot check-repro demo lint bench deps deps-all deps-lint install uninstall dist deb clean
.DELETE_ON_ERROR:
.SECONDARY:

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
