# SPDX-License-Identifier: BSD-2-Clause
# pages.awk - takes a file of rules (lib/host/base/explain.h) apart: into OUT/NAME/ go sentence, wrong and
# right, and "words" for a page whose examples are not to be run. A page of another form is an error.
function fail(text) { print FILENAME ":" FNR ": " text; bad = 1 }
function done_page() {
  if (name == "") return
  if (state != "right" || !lines) fail("the page " name " ends without its right example")
}
/^== / {
  done_page()
  name = substr($0, 4)
  if (name !~ /^[a-z][a-z0-9-]*$/) fail("a strange name: " name)
  if (name in seen) fail(name " has two pages")
  seen[name] = 1
  dir = OUT "/" name
  system("mkdir -p " dir)
  state = "sentence"; lines = 0; next
}
name == "" { if ($0 != "") fail("text before the first page"); next }
length($0) > 200 { fail("a line of more than 200 characters") }
state == "sentence" { if ($0 !~ /[.]$/) fail("no sentence: " $0); print >(dir "/sentence"); state = "why"; next }
/^Wrong(, in words)?:$/ { if (state != "why" || !lines) fail("no reason before the wrong example"); words = /words/; if (words) print >(dir "/words"); state = "wrong"; lines = 0; next }
/^Right(, in words)?:$/ { if (state != "wrong" || !lines) fail("no wrong example before the right one"); if (words != /words/ + 0) fail("one example in words, one not"); state = "right"; lines = 0; next }
/^$/ { if (lines && state != "why") print "" >(dir "/" state); next }
state == "why" { lines++; next }
/^    / { lines++; print substr($0, 5) >(dir "/" state); next }
{ fail("neither a heading nor four spaces: " $0) }
END { done_page(); exit bad }
