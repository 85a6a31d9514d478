// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves data over TCP through one network interface to a server outside the
 * machine that sends back what it gets, and compares.
 *
 *   net <driver> <own address> <server> <port> <MiB>
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

#define CHUNK	65536

static int sock;
static u64 total;

/* Name of the interface that @driver drives. */
static const char *find_interface(const char *driver)
{
	char path[400], link[400];
	static char found[64];
	struct dirent **list;
	int i, nr = scandir("/sys/class/net", &list, NULL, alphasort);
	ssize_t n;

	for (i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/device/driver", list[i]->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		if (n < 0)
			continue;
		link[n] = '\0';
		if (!strcmp(strrchr(link, '/') + 1, driver))
			snprintf(found, sizeof(found), "%.63s", list[i]->d_name);
	}
	return found;
}

static void set_address(struct ifreq *req, const char *address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&req->ifr_addr;

	memset(in, 0, sizeof(*in));
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = inet_addr(address);
}

static void bring_up(const char *name, const char *address)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq req = {};

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%.15s", name);
	set_address(&req, address);
	if (ioctl(s, SIOCSIFADDR, &req))
		die("%s: no address: %s", name, strerror(errno));
	set_address(&req, "255.255.255.0");
	if (ioctl(s, SIOCSIFNETMASK, &req) || ioctl(s, SIOCGIFFLAGS, &req))
		die("%s: %s", name, strerror(errno));
	req.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (ioctl(s, SIOCSIFFLAGS, &req))
		die("%s: does not come up: %s", name, strerror(errno));
	close(s);
}

/* The byte stream: word i of it. */
static u32 word(u64 i)
{
	u32 x = (u32)i * 0x9e3779b1U ^ (u32)(i >> 32);

	return x ^ x >> 15;
}

static void *sender(void *unused)
{
	static u32 data[CHUNK / 4];
	u64 at = 0;
	ssize_t n;
	size_t i, off;

	while (at < total) {
		for (i = 0; i < CHUNK / 4; i++)
			data[i] = word(at / 4 + i);
		for (off = 0; off < CHUNK; off += n) {
			n = send(sock, (char *)data + off, CHUNK - off, MSG_NOSIGNAL);
			if (n <= 0)
				return "send";
		}
		at += CHUNK;
	}
	shutdown(sock, SHUT_WR);
	return NULL;
}

/* Return: how many bytes came back as they were sent. */
static u64 receive(void)
{
	static u32 data[CHUNK / 4];
	size_t have, i;
	ssize_t n;
	u64 at;

	for (at = 0; at < total; at += CHUNK) {
		for (have = 0; have < CHUNK; have += n) {
			n = recv(sock, (char *)data + have, CHUNK - have, 0);
			if (n <= 0)
				return at + have;
		}
		for (i = 0; i < CHUNK / 4; i++)
			if (data[i] != word(at / 4 + i))
				return at + i * 4;
	}
	return at;
}

int main(int argc, char **argv)
{
	struct sockaddr_in server = { .sin_family = AF_INET };
	char test[64];
	const char *name;
	pthread_t thread;
	unsigned int i;
	void *err;
	u64 got;

	if (argc < 6)
		die("net <driver> <own address> <server> <port> <MiB>");
	name = find_interface(argv[1]);
	if (!*name)
		die("%s drives no interface", argv[1]);
	bring_up(name, argv[2]);
	server.sin_addr.s_addr = inet_addr(argv[3]);
	server.sin_port = htons(atoi(argv[4]));
	total = strtoull(argv[5], NULL, 0) << 20;

	/* The link needs a moment. */
	for (i = 0; ; i++) {
		sock = socket(AF_INET, SOCK_STREAM, 0);
		setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name));
		if (!connect(sock, (struct sockaddr *)&server, sizeof(server)))
			break;
		close(sock);
		if (i == 30)
			die("%s: no connection to %s: %s", name, argv[3], strerror(errno));
		sleep_ms(500);
	}
	pthread_create(&thread, NULL, sender, NULL);
	got = receive();
	if (got < total)
		shutdown(sock, SHUT_RDWR);
	pthread_join(thread, &err);
	snprintf(test, sizeof(test), "net-%s", argv[1]);
	ok(got == total && !err, test, "%llu of %llu bytes went out and came back",
	   (unsigned long long)got, (unsigned long long)total);
	info("moved %s %llu MiB, each way", argv[1], (unsigned long long)(got >> 20));
	return test_end();
}
