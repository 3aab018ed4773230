#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-build init: a project that builds and boots as it is.
load ../lib

setup() {
  unset MS_CC_LAUNCHER MS_KERNEL MAKEFLAGS
  mkdir "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || exit 1
}

@test "a project with its name in it, and no mark left" {
  run --separate-stderr -0 ms-build init my-project
  [ "${lines[0]}" = "made       my-project" ]
  [ -z "$stderr" ]
  [ "$(cd my-project && find . -type f | sort | tr '\n' ' ')" = "./.gitignore ./Makefile ./README.md ./src/client.c ./src/server.c ./system.toml " ]
  grep -q 'my-project is running' my-project/src/client.c
  run ! grep -r '@NAME@' my-project
  ms-parse --check my-project/system.toml
  # nothing beside it
  [ "$(echo ./* ./.[!.]*)" = "./my-project ./.[!.]*" ] # no such name
  run -0 ms-build -q init other
  [ -z "$output" ]
}

@test "what is there is left alone; an empty folder gives way" {
  mkdir full empty
  echo mine >full/README.md
  echo mine >file
  ln -s empty link
  for name in full file link; do
    run --separate-stderr -1 ms-build init "$name"
    [[ $stderr == *"$name is there already, and is left as it is"* ]]
  done
  [ "$(cat full/README.md file)" = "$(printf 'mine\nmine')" ]
  [ "$(find . | sort | tr '\n' ' ')" = ". ./empty ./file ./full ./full/README.md ./link " ]
  ms-build init empty/
  [ -e empty/system.toml ]
  mkdir deep
  ms-build init deep/er
  [ -e deep/er/system.toml ]
  ms-build -C deep init three
  [ -e deep/three/system.toml ]
}

@test "names are checked before they become text of a Makefile" {
  # shellcheck disable=SC2016 # as it is
  for name in '' . .. a/.. -- '-x' '.hidden' 'a b' 'a$(x)' "a'b" 'ä' 'a/b c' "$(printf 'a%.0s' $(seq 65))"; do
    run --separate-stderr -2 ms-build init -- "$name"
    [[ $stderr == "ms-build: error: "* ]]
  done
  run --separate-stderr -2 ms-build init
  run --separate-stderr -2 ms-build init a b
  [ "$stderr" = "ms-build: error: more than one NAME: b (--help shows the usage)" ]
  [ "$(echo ./*)" = "./*" ]
}

@test "a folder that cannot be made is the system's fault" {
  run --separate-stderr -3 ms-build init no/where
  [[ $stderr == *"no/where: No such file"* ]]
}

@test "it builds, and starts on the probe kernel" {
  ms-build init demo
  cd demo
  run --separate-stderr -0 ms-build run --expect 'entering the root task' --timeout 60 system.toml
  [ -s build/system-image.bin ]
  [ -s build/pd/client.elf ]
  run -0 make -s MS_BUILD='echo ms-build' KERNEL=k check
  [ "$output" = "ms-build run --kernel k --expect demo is running --timeout 60 system.toml" ]
  make clean
  [ ! -e build ]
}

@test "it runs on seL4" {
  [ -n "${MS_KERNELS:-}" ] || skip "MS_KERNELS names no kernel builds"
  ms-build init demo
  cd demo
  ran=0
  for kernel in ${MS_KERNELS//:/ }; do
    # a kernel that cannot print shows nothing of it
    grep -qs '"PRINTING": *true' "$kernel"/{libsel4/include/kernel,include/kernel,gen_config/kernel,.}/gen_config.json || continue
    make check KERNEL="$kernel" >out 2>err || { cat out err; return 1; }
    grep -q 'client: 20 + 22 = 42' out
    ran=1
  done
  [ "$ran" = 1 ] || skip "no kernel of MS_KERNELS can print"
}
