// SPDX-License-Identifier: GPL-2.0-only
/* Result lines and the kernel log; see test.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

static unsigned int failures;
static int log_fd = -1;
static char last_line[1024];

/* One write per line, so that lines of several processes do not mix. */
static void print(const char *head, const char *why, va_list args)
{
	char line[1200];
	int n = snprintf(line, sizeof(line), "%s", head);

	n += vsnprintf(line + n, sizeof(line) - n - 1, why, args);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	if (write(STDOUT_FILENO, line, n) != n)
		_exit(3);
}

bool ok(bool good, const char *name, const char *why, ...)
{
	char head[300];
	va_list args;

	va_start(args, why);
	snprintf(head, sizeof(head), "%s %s # ", good ? "ok" : "not ok", name);
	print(head, why, args);
	va_end(args);
	if (!good)
		failures++;
	return good;
}

void info(const char *text, ...)
{
	va_list args;

	va_start(args, text);
	print("# ", text, args);
	va_end(args);
}

void skip(const char *name, const char *why, ...)
{
	char head[300];
	va_list args;

	va_start(args, why);
	snprintf(head, sizeof(head), "# skip %s # ", name);
	print(head, why, args);
	va_end(args);
}

void die(const char *why, ...)
{
	char head[100];
	va_list args;

	va_start(args, why);
	snprintf(head, sizeof(head), "not ok %s # ", program_invocation_short_name);
	print(head, why, args);
	va_end(args);
	exit(2);
}

int test_end(void)
{
	return failures ? 1 : 0;
}

void log_mark(void)
{
	if (log_fd < 0)
		log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (log_fd < 0)
		die("/dev/kmsg: %s", strerror(errno));
	lseek(log_fd, 0, SEEK_END);
}

bool log_has(unsigned int ms, const char *a, const char *b, const char *c)
{
	ssize_t n;

	for (;;) {
		n = read(log_fd, last_line, sizeof(last_line) - 1);
		if (n < 0 && errno == EPIPE)	/* overwritten meanwhile */
			continue;
		if (n <= 0) {
			if (!ms)
				return false;
			sleep_ms(10);
			ms = ms > 10 ? ms - 10 : 0;
			continue;
		}
		last_line[n] = '\0';
		last_line[strcspn(last_line, "\n")] = '\0';
		if ((!a || strstr(last_line, a)) && (!b || strstr(last_line, b)) &&
		    (!c || strstr(last_line, c)))
			return true;
	}
}

const char *log_line(void)
{
	const char *text = strchr(last_line, ';');

	return text ? text + 1 : last_line;
}

void sleep_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

const char *file_text(const char *path)
{
	static char text[4096];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0)
		return NULL;
	text[n] = '\0';
	if (n && text[n - 1] == '\n')
		text[n - 1] = '\0';
	return text;
}

bool file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t len = strlen(text), n;

	if (fd < 0)
		return false;
	n = write(fd, text, len);
	close(fd);
	return n == len;
}
