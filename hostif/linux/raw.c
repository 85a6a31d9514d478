// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/hyp-iommu/raw: any hypercall with any arguments, as a host
 * whose kernel was taken over could make it.  For tests.
 *
 * Write "call [a0 [a1 ...]]", decimal or 0x..., up to six arguments, the rest
 * are 0; then read "status done need", decimal, of this open file's last call.
 *
 * Who gives a page away like this has to take it back before Linux touches it.
 */
#include <linux/debugfs.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "hyp-iommu.h"

struct raw {
	struct mutex lock;	/* the result below */
	struct hyp_iommu_ret ret;
};

static int raw_open(struct inode *inode, struct file *file)
{
	struct raw *raw = kzalloc_obj(*raw);

	if (!raw)
		return -ENOMEM;
	mutex_init(&raw->lock);
	file->private_data = raw;
	return 0;
}

static int raw_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static ssize_t raw_write(struct file *file, const char __user *data, size_t size, loff_t *pos)
{
	u64 arg[1 + HYP_IOMMU_MAX_ARGS] = {};
	struct raw *raw = file->private_data;
	char text[256], *at = text, *word;
	unsigned int nr = 0;

	if (size >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, data, size))
		return -EFAULT;
	text[size] = '\0';
	while ((word = strsep(&at, " \t\n")) != NULL) {
		if (!*word)
			continue;
		if (nr == ARRAY_SIZE(arg) || kstrtou64(word, 0, &arg[nr++]))
			return -EINVAL;
	}
	if (!nr)
		return -EINVAL;
	mutex_lock(&raw->lock);
	raw->ret = hyp_iommu_hvc(arg[0], arg[1], arg[2], arg[3], arg[4], arg[5], arg[6]);
	mutex_unlock(&raw->lock);
	*pos = 0;
	return size;
}

static ssize_t raw_read(struct file *file, char __user *data, size_t size, loff_t *pos)
{
	struct raw *raw = file->private_data;
	char text[80];
	int len;

	mutex_lock(&raw->lock);
	len = scnprintf(text, sizeof(text), "%lld %llu %llu\n", raw->ret.status, raw->ret.done,
			raw->ret.need);
	mutex_unlock(&raw->lock);
	return simple_read_from_buffer(data, size, pos, text, len);
}

static const struct file_operations raw_fops = {
	.owner = THIS_MODULE,
	.open = raw_open,
	.release = raw_release,
	.write = raw_write,
	.read = raw_read,
	.llseek = default_llseek,
};

void __init hyp_host_raw_init(struct dentry *dir)
{
	debugfs_create_file("raw", 0600, dir, NULL, &raw_fops);
}
