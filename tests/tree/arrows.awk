# SPDX-License-Identifier: BSD-2-Clause
# Reads "FILE:LINE:#include ..." lines (grep -n) and prints every include that goes against the
# arrows of docs/architecture.md. Room names are folders.
function room(path) {
  if (path ~ /^vendor\//) return "vendor"
  if (path ~ /^lib\/both\//) return "both"
  if (match(path, /^lib\/(host|board)\/[a-z0-9]+/)) return substr(path, RSTART + 4, RLENGTH - 4)
  if (path ~ /^bin\//) return "bin"
  return ""
}
function target(name) {
  if (name ~ /^both\//) return "both"
  if (name ~ /^toml\//) return "vendor"
  if (match(name, /^(base|spec|plan|layout|image|stage|trust|report|drive)\//)) return "host/" substr(name, 1, RLENGTH - 1)
  if (match(name, /^board\/[a-z0-9]+\//)) return substr(name, 1, RLENGTH - 1)
  if (name ~ /^ms\//) return "board/sel4"
  return ""
}
function set(from, list, a, n, i) {
  n = split(list, a, " ")
  for (i = 1; i <= n; i++) allowed[from, a[i]] = 1
}
BEGIN {
  set("host/base", "both")
  set("host/spec", "host/base both vendor")
  set("host/plan", "host/base host/spec both")
  set("host/layout", "host/base host/spec both")
  set("host/image", "host/base host/spec host/plan host/layout both")
  set("host/stage", "host/base host/spec host/plan host/layout host/image both")
  set("host/trust", "host/base host/spec host/plan host/layout host/image both")
  set("host/report", "host/base host/spec host/plan host/layout host/image host/trust both")
  set("host/drive", "host/base host/spec host/plan host/layout host/image host/stage host/trust host/report both")
  set("bin", "host/base host/spec host/plan host/layout host/image host/stage host/trust host/report host/drive both")
  set("board/boot", "board/rt board/sel4 both")
  set("board/root", "board/rt board/sel4 both")
  set("board/pd", "board/rt board/sel4 both")
  set("board/probe", "board/rt board/sel4 both")
  set("board/rt", "both")
  set("board/sel4", "both")
}
{
  split($0, part, ":")
  from = room(part[1])
  if (from == "") next
  if (!match($0, /"[^"]+"/)) {
    if (match($0, /<[^>]+>/)) {
      name = substr($0, RSTART + 1, RLENGTH - 2)
      if (name !~ /^ms\//) next
    } else next
  } else name = substr($0, RSTART + 1, RLENGTH - 2)
  if (name ~ /^\.\.?\// ) { print $0 ": a relative include with dots"; next }
  to = target(name)
  if (to == "" || to == from) next
  if (!((from, to) in allowed)) print $0 ": " from " may not include " to
}
