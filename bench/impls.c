// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of implementations, once per compiler: bench/Makefile gives it the
 * compiler's name, and hides all else that a compiler made from the other one.
 */
#include "bench/bench.h"

extern const struct bench_impl bench_floor;
extern const struct bench_impl bench_ioarm_s1, bench_ioarm_s2, bench_ioarm_s2_unread;
extern const struct bench_impl bench_genpt_vtdss, bench_genpt_x86_64;
extern const struct bench_impl bench_hyp_s1, bench_hyp_s2, bench_hyp_ss, bench_hyp_fs;
extern const struct bench_impl bench_hyp_s2_pin, bench_hyp_ss_pin;

extern bench_list bench_impls;

bench_list bench_impls = {
	&bench_floor,
	&bench_ioarm_s1, &bench_ioarm_s2, &bench_ioarm_s2_unread,
	&bench_genpt_vtdss, &bench_genpt_x86_64,
	&bench_hyp_s1, &bench_hyp_s2, &bench_hyp_ss, &bench_hyp_fs,
	&bench_hyp_s2_pin, &bench_hyp_ss_pin,
	0
};
