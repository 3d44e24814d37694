/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The input in place of the kernel's end of every netlink socket. It is a row of datagrams, each behind two bytes that say its length
 * (the lower first): requests are answered by them, one after the other, and what is left is notified. A sequence number of 0 in a
 * message becomes that of the last request. The end of the input ends an answer.
 *
 * For this the linker puts the functions of kernel.c in the place of the system's and of netlink_request (KERNEL_LDFLAGS in local.mk).
 * Reading behind a datagram's end is an error, also where the buffer goes on; libnl's functions that read are there once more, since it is
 * not built with ASan. */

#ifndef TESTS_FUZZ_KERNEL_H
#define TESTS_FUZZ_KERNEL_H

#include "tests/fuzz/fuzz.h"

/* The answers from now on; forgets whom to notify. */
void kernel_begin(const uint8_t *data, size_t size);

/* Tells everybody who listens all that is left, as the loop would. */
void kernel_notify(void);

#endif
