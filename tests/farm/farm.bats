#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Where one machine is not enough: compiling through distcc and icecc, with two workers each on the
# loopback. The image is that of a local build.
load ../lib

setup() {
  unset MS_KERNEL SOURCE_DATE_EPOCH MS_CC_LAUNCHER
  # Workers are other users, who may not enter the folders of bats.
  FARM=$(mktemp -d /tmp/ms-farm.XXXXXX)
  chmod 777 "$FARM"
  mkdir "$FARM/distcc"
  cp -R "$MS_ROOT/examples" "$FARM/"
  cd "$FARM" || exit 1
  daemons=()
}

# Those that this test has started, and no others.
teardown() {
  if [ "${#daemons[@]}" -gt 0 ]; then
    kill "${daemons[@]}" 2>/dev/null
    wait "${daemons[@]}" 2>/dev/null
  fi
  if [ -n "${FARM:-}" ]; then rm -rf "$FARM"; fi
  return 0
}

# same_image BUILD-OPTION...: builds with these options and without; compares image and record.
same_image() {
  ms-build -q -B far -j 4 "$@" examples/ping-pong/system.toml 2>err || { cat err; return 1; }
  ms-build -q -B near examples/ping-pong/system.toml 2>/dev/null
  cmp far/system-image.bin near/system-image.bin
  cmp far/stages/07-ms-link.json near/stages/07-ms-link.json
}

# worker NAME: a distccd on a free port, which is left in $port; it takes work from this machine alone.
worker() {
  local user=()
  [ "$(id -u)" != 0 ] || user=(--user nobody)
  mkdir "$1"
  chmod 777 "$1"
  for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 20000))
    TMPDIR=$PWD/$1 timeout 300 distccd --daemon --no-detach --listen 127.0.0.1 --port "$port" --allow 127.0.0.1 \
      --jobs 2 --log-stderr --log-level info --enable-tcp-insecure "${user[@]}" >/dev/null 2>"$1.log" 3>&- &
    daemons+=($!)
    for _ in $(seq 250); do
      kill -0 "${daemons[-1]}" 2>/dev/null || break
      ! (exec 4<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || return 0
      sleep 0.02
    done
    kill "${daemons[-1]}" 2>/dev/null || :
  done
  return 1
}

@test "distcc: two workers, the same image" {
  command -v distccd >/dev/null || skip "no distcc (Debian's package of that name)"
  local one two
  worker one
  one=$port
  worker two
  two=$port
  # what a worker cannot do is an error, and not done here instead
  export DISTCC_HOSTS="127.0.0.1:$one/2 127.0.0.1:$two/2" DISTCC_FALLBACK=0 DISTCC_DIR=$PWD/distcc
  same_image --launcher distcc
  for log in one two; do grep -q COMPILE_OK $log.log; done
  # and the variable says the same
  rm -r far
  : >one.log
  MS_CC_LAUNCHER=distcc ms-build -q -B far examples/ping-pong/system.toml
  grep -q COMPILE_OK one.log
  cmp far/system-image.bin near/system-image.bin
}

@test "distcc: what fails at a worker fails here, with its words" {
  command -v distccd >/dev/null || skip "no distcc (Debian's package of that name)"
  worker one
  export DISTCC_HOSTS="127.0.0.1:$port" DISTCC_FALLBACK=0 DISTCC_DIR=$PWD/distcc
  echo 'int broken(void) { return nothing; }' >>examples/ping-pong/pong.c
  run -1 ms-build -q --launcher distcc examples/ping-pong/system.toml
  [[ $output == *"pong.c"*"nothing"* ]]
  # no worker at all
  cp "$MS_ROOT/examples/ping-pong/pong.c" examples/ping-pong/
  kill "${daemons[@]}"
  wait "${daemons[@]}" || :
  daemons=()
  run -1 ms-build -q -B other --launcher distcc examples/ping-pong/system.toml
}

# Inside a network of its own: a scheduler, this machine's own daemon, and two workers.
icecc_farm() {
  ip link set lo up
  icecc-scheduler -p 23450 -n farm -l "$PWD/scheduler.log" -vv 3>&- &
  daemons+=($!)
  for name in local one two; do
    mkdir "base-$name"
    chown icecc: "base-$name"
    case $name in
    local) role=(--no-remote -m 0 -p 23460) ;;
    one) role=(-m 2 -p 23461) ;;
    two) role=(-m 2 -p 23462) ;;
    esac
    ICECC_TEST_SOCKET=$PWD/socket-$name iceccd -s 127.0.0.1:23450 -n farm -N "$name" -b "$PWD/base-$name" \
      -l "$PWD/$name.log" -vv "${role[@]}" 3>&- &
    daemons+=($!)
  done
  for _ in $(seq 1000); do
    [ "$(cat one.log two.log local.log 2>/dev/null | grep -c 'Connected to scheduler')" -lt 3 ] || break
    sleep 0.02
  done
  export ICECC_TEST_SOCKET=$PWD/socket-local ICECC_TEST_REMOTEBUILD=1 ICECC_VERSION
  same_image --launcher icecc
  # every compile of C went to one of the two
  [ "$(cat one.log two.log | grep -c 'Remote compilation completed with exit code 0')" -ge 30 ]
  for log in one two; do grep -q 'Remote compilation completed' $log.log; done
}

@test "icecc: two workers, the same image" {
  command -v iceccd >/dev/null || skip "no icecc (Debian's package of that name)"
  command -v icecc-create-env >/dev/null && command -v ip >/dev/null || skip "no icecc-create-env, or no ip (iproute2)"
  [ "$(id -u)" = 0 ] || skip "icecc's workers change their root, which takes root"
  unshare --net true 2>/dev/null || skip "no network namespace of one's own here"
  # The compiler as a worker gets it: C alone, so its driver stands for that of C++, too.
  cc=$(command -v aarch64-linux-gnu-gcc)
  icecc-create-env --gcc "$cc" "$cc" >/dev/null
  ICECC_VERSION=$(echo "$PWD"/*.tar.gz)
  [ -e "$ICECC_VERSION" ]
  {
    declare -f icecc_farm same_image teardown
    echo "set -eu; export PATH='$PATH' ICECC_VERSION='$ICECC_VERSION' MS_TOOLKIT='$MS_TOOLKIT'; daemons=()"
    echo "trap teardown EXIT; icecc_farm; echo all done"
  } >steps
  run timeout 300 unshare --net bash steps
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *"all done" ]]
}
