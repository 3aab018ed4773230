# SPDX-License-Identifier: BSD-2-Clause
# Faults for tests/mutate/run: one a line, "KIND<TAB>FILE<TAB>LINE BEFORE<TAB>LINE AFTER", lines
# without their indentation. Variables: count, seed, equivalent (a file of faults that are none).
#
# Rooms (folders) take turns, and within a room kinds of fault do:
#   bound      < for <=, > for >=, or the other way round
#   condition  == for !=, && for ||, an if turned round
#   call       a call whose result nobody takes is left out
#   constant   a number is one larger, or the one of a sum is left out
#   operands   the two sides of a minus change places
# A line serves when it stands once in its file, is code, and has no quotes. What only gives
# memory or files back is never left out: nothing that a program says depends on it.

# A number that the seed and the text decide: what else is in the sources does not change it.
function rank(text,    i, h) {
  h = seed % 2147483647
  for (i = 1; i <= length(text); i++) h = (h * 16807 + ord[substr(text, i, 1)] + 1) % 2147483647
  for (i = 0; i < 4; i++) h = h * 16807 % 2147483647
  return h
}

function offer(kind, after,    n) {
  if ((kind "\t" file "\t" line "\t" after) in left_out) return
  n = ++sites[room, kind]
  total++
  site[room, kind, n] = file "\t" line "\t" after
  rank_of[room, kind, n] = rank(kind site[room, kind, n])
}

function replaced(from, to,    at) { # the first FROM of the line
  at = index(line, from)
  return substr(line, 1, at - 1) to substr(line, at + length(from))
}

function consider(    m, a, b) {
  if (line ~ / <= /) offer("bound", replaced(" <= ", " < "))
  else if (line ~ / >= /) offer("bound", replaced(" >= ", " > "))
  else if (line ~ / < /) offer("bound", replaced(" < ", " <= "))
  else if (line ~ / > /) offer("bound", replaced(" > ", " >= "))
  if (line ~ / == /) offer("condition", replaced(" == ", " != "))
  else if (line ~ / != /) offer("condition", replaced(" != ", " == "))
  else if (line ~ / && /) offer("condition", replaced(" && ", " || "))
  else if (line ~ /^if \(!.*\)$/) offer("condition", replaced("(!", "("))
  else if (line ~ /^if \([a-z_>.-]+\)$/) offer("condition", replaced("(", "(!"))
  a = b = line
  if (line ~ /^[a-z_0-9]+\(.*\);$/ && gsub(/\(/, "", a) == gsub(/\)/, "", b) && line !~ /^([a-z_0-9]*_)?(free|close|fclose|decref|end|unlink|destroy)\(/)
    offer("call", ";")
  if (line ~ / \+ 1[^0-9a-zA-Z.]/) offer("constant", replaced(" + 1", ""))
  else if (line ~ / - 1[^0-9a-zA-Z.]/) offer("constant", replaced(" - 1", ""))
  else if (match(line, /[ (]([2-9]|[1-9][0-9]+)[;,) ]/))
    offer("constant", substr(line, 1, RSTART) (substr(line, RSTART + 1, RLENGTH - 2) + 1) substr(line, RSTART + RLENGTH - 1))
  if (match(line, /(^|[ (])[a-z_][a-z_0-9]*((->|\.)[a-z_0-9]+)* - [a-z_][a-z_0-9]*((->|\.)[a-z_0-9]+)*[ ;)]/)) {
    m = substr(line, RSTART, RLENGTH - 1)
    sub(/^[ (]/, "", m)
    a = b = m
    sub(/ - .*/, "", a)
    sub(/.* - /, "", b)
    offer("operands", replaced(m, b " - " a))
  }
}

FILENAME == equivalent { # KIND, FILE, BEFORE, AFTER and the reason why nothing can notice it
  if ($0 !~ /^#/) {
    n = split($0, part, "\t")
    left_out[part[1] "\t" part[2] "\t" part[3] "\t" part[4]]
  }
  next
}

{
  line = $0
  sub(/^[ \t]+/, "", line)
  lines[++number] = line
  file_of[number] = FILENAME
  indented[number] = $0 ~ /^\t/
  times[FILENAME, line]++
}

END {
  for (i = 32; i < 127; i++) ord[sprintf("%c", i)] = i
  for (i = 1; i <= number; i++) {
    line = lines[i]
    file = file_of[i]
    if (i == 1 || file != file_of[i - 1]) comment = 0
    if (line ~ /^\/\*/) comment = 1
    code = !comment && indented[i] && line !~ /["'\\\t]|\/\*|^(#|\/\/|case |static |const |return;)/
    if (line ~ /\*\/$/) comment = 0
    if (!code || times[file, line] > 1) continue
    room = file
    sub(/\/[^\/]*$/, "", room)
    if (!(room in seen)) {
      seen[room]
      rooms[room_count++] = room
    }
    consider()
  }
  kind_count = split("bound condition call constant operands", kinds, " ")
  for (turn = 0; chosen < count && chosen < total; turn++) {
    room = rooms[turn % room_count]
    kind = kinds[(turn + 2 * int(turn / room_count)) % kind_count + 1]
    pick = 0
    for (i = 1; i <= sites[room, kind]; i++) {
      if (!((room, kind, i) in taken) && (!pick || rank_of[room, kind, i] < rank_of[room, kind, pick])) pick = i
    }
    if (!pick) continue
    taken[room, kind, pick]
    print kind "\t" site[room, kind, pick]
    chosen++
  }
}
