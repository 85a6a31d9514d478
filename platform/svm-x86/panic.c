// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end: of the monitor, by a mistake of its own, or of the machine, by the host's.  What was
 * wrong goes to the first serial port, which may be Linux's console.
 */
#include "monitor.h"

#define COM1		0x3f8
#define COM1_STATUS	(COM1 + 5)
#define   COM1_EMPTY	0x20
#define RESET_CONTROL	0xcf9	/* full reset: 6 */

static void put_char(u8 c)
{
	u32 patience = 100000;

	while (!(svm_inb(COM1_STATUS) & COM1_EMPTY) && --patience)
		hyp_pf_relax();
	svm_outb(COM1, c);
}

static void put_string(const char *s)
{
	while (*s)
		put_char(*s++);
}

static void put_hex(u64 val)
{
	int shift;

	for (shift = 60; shift >= 0; shift -= 4)
		put_char("0123456789abcdef"[val >> shift & 15]);
}

void svm_reset(void)
{
	svm_outb(RESET_CONTROL, 2);
	svm_outb(RESET_CONTROL, 6);
	for (;;)
		asm volatile("cli; hlt");
}

void svm_panic(const char *what, u64 val)
{
	put_string("\r\nhyp panic: ");
	put_string(what);
	put_string(" 0x");
	put_hex(val);
	put_string("\r\n");
	svm_reset();
}

/* entry.S: an exception in the monitor.  @frame: vector, maybe an error code, RIP, ... */
void svm_fault(const u64 *frame, u64 cr2);
__visible void svm_fault(const u64 *frame, u64 cr2)
{
	int i;

	put_string("\r\nhyp panic: vector, frame, CR2:");
	for (i = 0; i < 5; i++) {
		put_char(' ');
		put_hex(frame[i]);
	}
	put_char(' ');
	svm_panic("exception", cr2);
}

void svm_idt_init(void)
{
	u32 i;

	for (i = 0; i < 32; i++) {
		u64 stub = (u64)svm_stubs + i * 16;

		/* Present, 64-bit interrupt gate, code segment 0x10. */
		svm_idt[i][0] = (stub & 0xffff) | 0x10ULL << 16 | 0x8e00ULL << 32 |
				(stub >> 16 & 0xffff) << 48;
		svm_idt[i][1] = stub >> 32;
	}
}

__visible void *memset(void *to, int val, size_t size)
{
	void *at = to;

	asm volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(val) : "memory");
	return to;
}

__visible void *memcpy(void *to, const void *from, size_t size)
{
	void *at = to;

	asm volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(size) : : "memory");
	return to;
}
