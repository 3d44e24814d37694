/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The kernel's proxy neighbours: the table of (interface, address) for which it answers ARP requests and neighbour solicitations
 * itself. For IPv4 only as long as the interface forwards and the address is routed to another one; for IPv6 it does not look at
 * routes. Nothing is reported when an entry comes or goes. */

#ifndef ARPD_NEIGHBOUR_H
#define ARPD_NEIGHBOUR_H

#include <net/ethernet.h>
#include <netinet/in.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Our mark on entries (NDA_PROTOCOL; "proto 77" in ip neigh show proxy). Entries without it are not ours. */
#define ARP_PROTOCOL 77

struct neighbour {
	int interface;
	struct in6_addr address;
	bool is_ours;
};

/* The order by interface and address, for qsort and bsearch. */
int neighbour_compare(const void *a, const void *b);

/* Every proxy neighbour there is, of both families. found is an array that the caller frees. 0 or -errno; -EINTR: changed
 * meanwhile, ask again. */
int neighbour_list(struct nl_sock *sock, struct neighbour **found, size_t *count);

/* Changes that wait to be made together: one transfer to the kernel, however many there are. They are made in their order. */
struct neighbour_batch {
	struct neighbour_change {
		int interface;
		struct in6_addr address;
		bool is_addition;
		void *data;	/* of an addition, the caller's; NULL: it is cancelled */
	} *changes;
	size_t count, size;
};

/* Queues one; data is not NULL. Its place, from 1, or 0 without memory. */
size_t neighbour_add(struct neighbour_batch *batch, int interface, const struct in6_addr *address, void *data);
size_t neighbour_del(struct neighbour_batch *batch, int interface, const struct in6_addr *address);
/* Takes out an addition that is not wanted any more. */
void neighbour_cancel(struct neighbour_batch *batch, size_t place);

/* Makes the changes and empties the batch. Somebody else's entries are left alone: an addition where one is fails with -EEXIST, a
 * deletion of one does nothing. on_result is called for each change: rc is 0 or -errno. */
void neighbour_run(struct neighbour_batch *batch, struct nl_sock *sock,
		   void (*on_result)(void *ctx, const struct neighbour_change *change, int rc), void *ctx);
void neighbour_batch_free(struct neighbour_batch *batch);

/* Deletes an entry, whoever owns it. 0 or -errno; -ENOENT: there is none. */
int neighbour_clean(struct nl_sock *sock, const struct neighbour *neighbour);

/* The Ethernet address under which the kernel itself knows a neighbour. False if it knows none. */
bool neighbour_knows(struct nl_sock *sock, int interface, const struct in6_addr *address, unsigned char mac[ETH_ALEN]);

/* The interface's proxy_delay (ip-sysctl: neigh/<interface>/proxy_delay) in milliseconds, of one family (AF_INET, AF_INET6):
 * answers to broadcast requests are delayed by a random time up to it. Interface 0 is the default for new interfaces. 0 or -errno. */
int neighbour_get_delay(struct nl_sock *sock, int family, int interface, uint64_t *delay_ms);
int neighbour_set_delay(struct nl_sock *sock, int family, int interface, uint64_t delay_ms);

#endif
