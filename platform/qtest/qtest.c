// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's qtest protocol: lines of text, each answered by a line that begins
 * with "OK".
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/qtest/qtest.h"

void qtest_die(const struct qtest *q, const char *fmt, ...)
{
	va_list args;

	printf("not ok QEMU: ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("%s%s\n", q->log ? "; its messages: " : "", q->log ? q->log : "");
	exit(1);
}

/* ---- life cycle ---- */

int qtest_open(struct qtest *q)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) || fcntl(fds[0], F_SETFD, FD_CLOEXEC))
		qtest_die(q, "no socket");
	q->fd = fds[0];
	return fds[1];
}

static void run(char *const argv[], const char *log)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	/* It does not outlive us. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd >= 0) {
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
	}
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "cannot run %s\n", argv[0]);
	_exit(127);
}

void qtest_exec(struct qtest *q, char *const argv[], const char *log)
{
	signal(SIGPIPE, SIG_IGN);
	q->log = log;
	q->pid = fork();
	if (q->pid < 0)
		qtest_die(q, "cannot fork");
	if (!q->pid)
		run(argv, log);
}

void qtest_end(struct qtest *q)
{
	kill(q->pid, SIGKILL);
	waitpid(q->pid, NULL, 0);
	close(q->fd);
}

/* ---- lines ---- */

static void send_all(struct qtest *q, const char *text, size_t len)
{
	while (len) {
		ssize_t sent = write(q->fd, text, len);

		if (sent <= 0)
			qtest_die(q, "it has ended");
		text += sent;
		len -= sent;
	}
}

/* The next line, without its end; good until the next call. */
static char *read_line(struct qtest *q)
{
	char *line, *end;
	ssize_t got;

	for (;;) {
		line = q->buf + q->used;
		end = memchr(line, '\n', q->have - q->used);
		if (end)
			break;
		memmove(q->buf, line, q->have - q->used);
		q->have -= q->used;
		q->used = 0;
		got = read(q->fd, q->buf + q->have, sizeof(q->buf) - q->have);
		if (got <= 0)
			qtest_die(q, "it has ended");
		q->have += got;
	}
	*end = 0;
	q->used = end + 1 - q->buf;
	return line;
}

/* Return: what comes behind OK. */
static char *answer(struct qtest *q)
{
	char *line = read_line(q);

	while (!strncmp(line, "IRQ ", 4))
		line = read_line(q);
	if (strncmp(line, "OK", 2))
		qtest_die(q, "it says \"%s\"", line);
	return line + 2;
}

static char letter(unsigned int width)
{
	return width == 1 ? 'b' : width == 2 ? 'w' : width == 4 ? 'l' : 'q';
}

u64 qtest_read(struct qtest *q, u64 pa, unsigned int width)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "read%c %#llx\n", letter(width),
			   (unsigned long long)pa);

	send_all(q, line, len);
	return strtoull(answer(q), NULL, 0);
}

void qtest_write(struct qtest *q, u64 pa, u64 val, unsigned int width)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "write%c %#llx %#llx\n", letter(width),
			   (unsigned long long)pa, (unsigned long long)val);

	send_all(q, line, len);
	answer(q);
}

void qtest_out32(struct qtest *q, u16 port, u32 val)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "outl %#x %#x\n", port, val);

	send_all(q, line, len);
	answer(q);
}

u64 qtest_write_words(struct qtest *q, u64 pa, const u64 *val, unsigned int nr, u64 then)
{
	char line[512];
	unsigned int i;
	int len = 0;

	for (i = 0; i < nr; i++)
		len += snprintf(line + len, sizeof(line) - len, "writeq %#llx %#llx\n",
				(unsigned long long)(pa + 8 * i), (unsigned long long)val[i]);
	len += snprintf(line + len, sizeof(line) - len, "readq %#llx\n", (unsigned long long)then);
	send_all(q, line, len);
	for (i = 0; i < nr; i++)
		answer(q);
	return strtoull(answer(q), NULL, 0);
}
