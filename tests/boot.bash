# SPDX-License-Identifier: BSD-2-Clause
# What tests that boot share: the real kernels, and what came over the console, which is in $output.
# Load it after lib.bash.

# real_kernels: the folders that MS_KERNELS (or MS_KERNEL) names are in the array kernels, and no other
# program takes one of them by itself.
real_kernels() {
  IFS=: read -ra kernels <<<"${MS_KERNELS:-${MS_KERNEL:-}}"
  unset MS_KERNEL
}

need_kernels() { [ "${#kernels[@]}" -gt 0 ] || skip "MS_KERNELS names no kernel build"; }

shows() {
  case $output in
  *"$1"*) ;;
  *)
    echo "not on the console: $1"
    echo "$output"
    return 1
    ;;
  esac
}

lacks() {
  case $output in
  *"$1"*)
    echo "on the console: $1"
    echo "$output"
    return 1
    ;;
  esac
}

# in_order TEXT...: the texts are there, one after the other.
in_order() {
  local rest=$output text
  for text in "$@"; do
    case $rest in
    *"$text"*) rest=${rest#*"$text"} ;;
    *)
      echo "not on the console (or too early): $text"
      echo "$output"
      return 1
      ;;
    esac
  done
}
