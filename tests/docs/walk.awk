# SPDX-License-Identifier: BSD-2-Clause
# walk.awk - cuts a page into files that walk.bash works through in order: NNN.KIND, where KIND is the first word
# of a fence and its flags (sh, sh-fails, sh-boots, sh-checkout, sh-kernel, text), or "file"; for the
# latter NNN.name holds the file's name.
/^```/ {
	if (out) {
		close(out)
		out = ""
		next
	}
	n++
	kind = $1
	sub(/^```/, "", kind)
	flag = $2
	if (flag ~ /^file=/) {
		name = sprintf("%s/%03d.name", dir, n)
		print substr(flag, 6) >name
		close(name)
		kind = "file"
	} else if (flag != "") {
		kind = kind "-" flag
	}
	out = sprintf("%s/%03d.%s", dir, n, kind)
	printf "" >out
	next
}
out { print >out }
