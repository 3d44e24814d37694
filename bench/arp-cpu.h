/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Where the CPU's time goes when a request is answered: the kernel answers in a software interrupt, which runs in the thread that
 * sent (and on its clock, unless the kernel has CONFIG_IRQ_TIME_ACCOUNTING) or, when there is much to do, in ksoftirqd. */

#ifndef BENCH_ARP_CPU_H
#define BENCH_ARP_CPU_H

#include <stdint.h>
#include <sys/types.h>

struct cpu_time {
	uint64_t sender_ns;	/* the calling thread */
	uint64_t softirq_ns;	/* every ksoftirqd */
	uint64_t responder_ns;	/* that process's first thread; 0 without one */
};

void cpu_time_read(struct cpu_time *time, pid_t responder);

#endif
