/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A line's interface, as PPP's: point to point, without any link layer. A tun device stands for it; what fails ends the program. */

#ifndef BENCH_LINE_TUN_H
#define BENCH_LINE_TUN_H

#include <netinet/in.h>
#include <stdint.h>

/* Makes it; its descriptor, which does not wait. It goes with its namespace: the kernel would wait a while for each that goes by itself. */
int tun_make(const char *name, unsigned *ifindex);

/* Its addresses, and up, by the calls that pppd makes. */
void tun_set_addresses(const char *name, struct in_addr local, struct in_addr peer);

/* Down, and without its addresses, when the line has hung up. */
void tun_clear(const char *name);

/* It vanishes, which takes the kernel a while. */
void tun_delete(int fd);

struct tun_datagram {
	struct in_addr from, to;
	uint16_t port_from, port_to;
	uint32_t number;	/* all that it says */
};

/* Sends it as if the client had. */
void tun_send(int fd, const struct tun_datagram *datagram);

/* The next such datagram for the client; anything else is passed over. 0, or -1 if there is no more. */
int tun_receive(int fd, struct tun_datagram *datagram);

#endif
