/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * password.c - asking for a password. See password.h.
 */
#include "trust/password.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int terminal = -1; /* /dev/tty while its echo is off */
static struct termios before;

/* Also runs in the handlers of signals. */
static void restore(void)
{
	if (terminal >= 0)
		tcsetattr(terminal, TCSANOW, &before);
	terminal = -1;
}

/* One line, without its end; -1 with errno. A longer one than fits is EMSGSIZE. */
static int read_line(int fd, char *line, int room)
{
	int len = 0;
	char ch;

	for (;;) {
		ssize_t n = read(fd, &ch, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0 || ch == '\n')
			break;
		if (len == room) {
			errno = EMSGSIZE;
			return -1;
		}
		line[len++] = ch;
	}
	if (len && line[len - 1] == '\r')
		len--;
	return len;
}

static int ask(const char *path, char *password, int room)
{
	const char *text = ms_format("password of %s: ", ms_visible(path));
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY), len;
	struct termios quiet;

	if (fd < 0 || tcgetattr(fd, &before) != 0) {
		ms_report(MS_ERROR, NULL, "key-password",
		          "%s is encrypted, and there is no terminal to ask on; give its password "
		          "by --password-fd",
		          path);
		return -1;
	}
	ms_on_end(restore);
	terminal = fd;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ICANON;
	tcsetattr(fd, TCSANOW, &quiet);
	if (write(fd, text, strlen(text)) < 0)
		ms_die_errno("/dev/tty");
	len = read_line(fd, password, room);
	if (write(fd, "\n", 1) < 0)
		ms_die_errno("/dev/tty");
	restore();
	if (len < 0)
		ms_report(MS_ERROR, NULL, "key-password", "/dev/tty: %s", strerror(errno));
	close(fd);
	return len;
}

int ms_password(void *user, const char *path, char *password, int room)
{
	const int *fd = user;
	int len;

	if (!fd || *fd < 0)
		return ask(path, password, room);
	len = read_line(*fd, password, room);
	if (len < 0)
		ms_report(MS_ERROR, NULL, "key-password", "descriptor %d: %s", *fd,
		          strerror(errno));
	return len;
}
