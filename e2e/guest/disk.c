// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes data to a disk, drops it from the cache, and reads it back.
 *
 *   disk <name> <MiB> [ext4]	without ext4: the bare device
 *
 * <name> is the disk's, or how it is connected: "ata", "usb".
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sha256.h"

#define CHUNK	(1UL << 20)
#define MNT	"/mnt"

static u64 chunk[CHUNK / 8];
static char device[80], path[120];
static const char *filesystem;

static void mount_it(void)
{
	if (filesystem && mount(device, MNT, filesystem, 0, NULL))
		die("%s: cannot be mounted as %s: %s", device, filesystem, strerror(errno));
}

static void unmount_it(void)
{
	if (filesystem && umount(MNT))
		die("%s: %s", MNT, strerror(errno));
}

/* No block of it is like another. */
static void fill(u64 *state)
{
	size_t i;

	for (i = 0; i < CHUNK / 8; i++) {
		*state ^= *state << 13;
		*state ^= *state >> 7;
		*state ^= *state << 17;
		chunk[i] = *state;
	}
}

static void write_all(struct sha256 *sum, unsigned int mib)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	u64 state = 88172645463325252ULL;

	while (mib--) {
		fill(&state);
		sha256_add(sum, chunk, CHUNK);
		if (fd < 0 || write(fd, chunk, CHUNK) != CHUNK)
			die("%s: cannot be written: %s", path, strerror(errno));
	}
	if (fsync(fd))
		die("%s: fsync: %s", path, strerror(errno));
	close(fd);
}

static void read_all(struct sha256 *sum, unsigned int mib)
{
	int fd = open(path, O_RDONLY);
	size_t have;
	ssize_t n;

	while (mib--) {
		for (have = 0; have < CHUNK; have += n) {
			n = fd < 0 ? -1 : read(fd, (char *)chunk + have, CHUNK - have);
			if (n <= 0)
				die("%s: cannot be read: %s", path, strerror(errno));
		}
		sha256_add(sum, chunk, CHUNK);
	}
	close(fd);
}

/*
 * The name of the disk that is behind something called @bus with a number; NULL:
 * there is none.
 */
static const char *find_disk(const char *bus)
{
	char path[400], link[400], dir[80];
	static char found[64];
	struct dirent **list;
	int i, nr = scandir("/sys/block", &list, NULL, alphasort);
	ssize_t n;

	snprintf(dir, sizeof(dir), "/%.70s", bus);
	for (i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), "/sys/block/%s", list[i]->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		link[n < 0 ? 0 : n] = '\0';
		if (!strcmp(list[i]->d_name, bus) || strstr(link, dir)) {
			snprintf(found, sizeof(found), "%.63s", list[i]->d_name);
			return found;
		}
	}
	return NULL;
}

static u64 sectors_read(const char *name)
{
	unsigned long long sectors = 0;
	const char *text;
	char stat[80];

	snprintf(stat, sizeof(stat), "/sys/block/%s/stat", name);
	text = file_text(stat);
	if (!text || sscanf(text, "%*u %*u %llu", &sectors) != 1)
		die("%s: what is in there?", stat);
	return sectors;
}

int main(int argc, char **argv)
{
	unsigned int mib = argc > 2 ? atoi(argv[2]) : 0, i;
	struct sha256 wrote, got;
	char a[65], b[65], test[64];
	const char *disk = NULL;
	u64 before, sectors;

	if (!mib)
		die("disk <name> <MiB> [ext4]");
	filesystem = argc > 3 ? argv[3] : NULL;
	for (i = 0; !disk && i < 50; i++) {
		disk = find_disk(argv[1]);
		if (!disk)
			sleep_ms(200);
	}
	if (!disk)
		die("there is no disk %s", argv[1]);
	snprintf(device, sizeof(device), "/dev/%s", disk);
	snprintf(path, sizeof(path), "%s", filesystem ? MNT "/data" : device);
	mkdir(MNT, 0700);
	for (i = 0; access(device, F_OK) && i < 50; i++)
		sleep_ms(200);

	sha256_init(&wrote);
	sha256_init(&got);
	mount_it();
	write_all(&wrote, mib);
	unmount_it();
	mount_it();
	sync();
	if (!file_write("/proc/sys/vm/drop_caches", "3"))
		die("the cache cannot be dropped");
	before = sectors_read(disk);
	read_all(&got, mib);
	sectors = sectors_read(disk) - before;
	unmount_it();

	sha256_text(&wrote, a);
	sha256_text(&got, b);
	snprintf(test, sizeof(test), "disk-%s", argv[1]);
	ok(!strcmp(a, b), test, "%u MiB written with SHA-256 %s, read with %s", mib, a, b);
	snprintf(test, sizeof(test), "disk-%s-from-device", argv[1]);
	ok(sectors >= mib * 2048ULL, test, "%llu sectors were read", (unsigned long long)sectors);
	info("moved %s %u MiB, each way", argv[1], mib);
	return test_end();
}
