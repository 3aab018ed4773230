/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-report-text.c - what a document says stays text: no markup, nothing unseen, no other
 * direction of writing; and the drawing's integer sine.
 */
#include "report/picture.h"
#include "report/text.h"
#include "tap.h"

#include <inttypes.h>

static char *html(const char *s)
{
	struct ms_buf out = {0};

	ms_buf_puts(&out, "");
	ms_html_text(&out, s);
	return out.data;
}

static char *clipped(const char *s, size_t width)
{
	struct ms_buf out = {0};

	ms_html_clipped(&out, s, width);
	return out.data;
}

static char *dot(const char *s)
{
	struct ms_buf out = {0};

	ms_dot_text(&out, s);
	return out.data;
}

static char *markup(void)
{
	struct ms_buf out = {0};

	ms_html(&out, "<b a=\"%s\">%d %zu %" PRIu64 " %% %s</b>", "\"><img", -3, (size_t)7,
	        UINT64_MAX, "</b>");
	return out.data;
}

/* Known values, and sine and cosine on the unit circle everywhere. */
static void sine(void)
{
	static const int known[][2] = {{0, 0},        {30, 8192},   {45, 11585},  {60, 14189},
	                               {90, 16384},   {135, 11585}, {180, 0},     {210, -8192},
	                               {270, -16384}, {-30, -8192}, {450, 16384}, {-450, -16384}};
	const int64_t one = INT64_C(1) << 28;
	int64_t worst = 0;
	int wrong = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		wrong += ms_picture_sine(known[i][0] * 64) != known[i][1];
	for (int angle = -400 * 64; angle < 800 * 64; angle += 7) {
		int64_t s = ms_picture_sine(angle), c = ms_picture_sine(angle + 90 * 64);
		int64_t off = s * s + c * c - one;

		off = off < 0 ? -off : off;
		worst = off > worst ? off : worst;
	}
	ok(!wrong, "the sine of known angles");
	ok(worst < 32768, "sine and cosine stay on the circle");
}

int main(void)
{
	is_string(html("plain, \xc3\xa4 \xe2\x82\xac \xf0\x9f\x99\x82"),
	          "plain, \xc3\xa4 \xe2\x82\xac \xf0\x9f\x99\x82", "letters stay");
	is_string(html("</script><script>alert(1)</script>"),
	          "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;", "a script is text");
	is_string(html("\"><img src=x onerror='a&b'>"),
	          "&quot;&gt;&lt;img src=x onerror=&#39;a&amp;b&#39;&gt;",
	          "quotes end no attribute");
	is_string(html("a\x1b[31m\r\n\t\x7f"), "a\\x1b[31m\\x0d\\x0a\\x09\\x7f",
	          "control characters");
	is_string(html("\xc2\x85\xc2\xad"), "\\x85\\xad", "control characters of the second kind");
	is_string(html("abc\xe2\x80\xae"
	               "fdp.exe"),
	          "abc\\u202efdp.exe", "no other direction of writing");
	is_string(html("\xe2\x81\xa6x\xe2\x81\xa9\xd8\x9c"), "\\u2066x\\u2069\\u061c",
	          "nor isolates");
	is_string(html("a\xe2\x80\x8b\xef\xbb\xbf\xe2\x80\xa8"), "a\\u200b\\ufeff\\u2028",
	          "nothing unseen");
	is_string(html("\xf3\xa0\x81\x81"), "\\ue0041", "nor tags");
	is_string(html("\xff\xc0<"), "\\x80\\x80&lt;", "broken UTF-8 eats nothing");
	is_string(html("\xe2\x80"), "\\x80\\x80", "nor at the end");
	is_string(clipped("short", 8), "short", "what fits is not clipped");
	is_string(clipped("abcdefghij", 8), "abc\xe2\x80\xa6ghij",
	          "what does not loses its middle");
	is_string(clipped("<<<<<<<<<<", 4), "&lt;\xe2\x80\xa6&lt;&lt;", "clipped by characters");
	is_string(dot("a\"b\\c\n\xe2\x80\xae]"), "\"a\\\"b\\\\c\\\\x0a\\\\u202e]\"",
	          "strings of DOT");
	is_string(markup(), "<b a=\"&quot;&gt;&lt;img\">-3 7 18446744073709551615 % &lt;/b&gt;</b>",
	          "markup escapes what it is about");
	is_string(ms_size_text(1), "1 byte", "sizes: bytes");
	is_string(ms_size_text(1536), "1.5 KiB", "sizes: parts");
	is_string(ms_size_text(UINT64_C(3) << 30), "3 GiB", "sizes: whole");
	sine();
	done_testing();
	return 0;
}
