/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* RTM_*NEIGH with NTF_PROXY. */

#include "arpd/neighbour.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/ip.h"
#include "lib/netlink.h"

/* From so many changes on, all of the kernel's entries are listed first instead of asking for each. */
enum { LIST_FROM = 16 };
/* Messages in one transfer. */
enum { MESSAGES_MAX = 512 };

/* Fills *found from a message. False if it is none about a proxy neighbour. */
static bool parse_neighbour(struct nlmsghdr *header, struct neighbour *found)
{
	struct ndmsg *message = nlmsg_data(header);
	struct nlattr *attributes[NDA_MAX + 1];
	struct in_addr v4;

	if (header->nlmsg_type != RTM_NEWNEIGH || nlmsg_parse(header, sizeof(*message), attributes, NDA_MAX, NULL) < 0)
		return false;
	if (!(message->ndm_flags & NTF_PROXY) || !attributes[NDA_DST])
		return false;
	if (message->ndm_family == AF_INET && nla_len(attributes[NDA_DST]) == sizeof(v4)) {
		memcpy(&v4, nla_data(attributes[NDA_DST]), sizeof(v4));
		found->address = ip_from_v4(v4);
	} else if (message->ndm_family == AF_INET6 && nla_len(attributes[NDA_DST]) == sizeof(found->address)) {
		memcpy(&found->address, nla_data(attributes[NDA_DST]), sizeof(found->address));
	} else {
		return false;
	}
	found->interface = message->ndm_ifindex;
	found->is_ours = netlink_u8(attributes[NDA_PROTOCOL]) == ARP_PROTOCOL;
	return true;
}

/* A request about one entry. NULL without memory. */
static struct nl_msg *build(int type, int flags, unsigned char kind, int interface, const struct in6_addr *address)
{
	bool is_v4 = ip_is_v4(address);
	struct in_addr v4 = ip_to_v4(address);
	struct ndmsg message = {
		.ndm_family = is_v4 ? AF_INET : AF_INET6,
		.ndm_ifindex = interface,
		.ndm_flags = kind,
		/* Without it, the kernel deletes the entry when the carrier is lost. */
		.ndm_state = type == RTM_NEWNEIGH ? NUD_PERMANENT : 0,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (msg && nlmsg_append(msg, &message, sizeof(message), NLMSG_ALIGNTO) == 0 &&
	    nla_put(msg, NDA_DST, is_v4 ? sizeof(v4) : sizeof(*address), is_v4 ? (const void *)&v4 : address) == 0 &&
	    (type != RTM_NEWNEIGH || nla_put_u8(msg, NDA_PROTOCOL, ARP_PROTOCOL) == 0))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

struct list {
	struct neighbour *found;
	size_t count, size;
	bool is_short;	/* of memory */
};

static void on_listed(void *ctx, struct nlmsghdr *header)
{
	struct list *list = ctx;
	struct neighbour neighbour, *found;

	if (!parse_neighbour(header, &neighbour))
		return;
	if (list->count == list->size) {
		size_t size = list->size ? 2 * list->size : 64;

		found = reallocarray(list->found, size, sizeof(*found));
		if (!found) {
			list->is_short = true;
			return;
		}
		list->found = found;
		list->size = size;
	}
	list->found[list->count++] = neighbour;
}

int neighbour_list(struct nl_sock *sock, struct neighbour **found, size_t *count)
{
	struct ndmsg message = { .ndm_family = AF_UNSPEC, .ndm_flags = NTF_PROXY };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP);
	struct list list = { 0 };
	int rc = -ENOMEM;

	if (msg && nlmsg_append(msg, &message, sizeof(message), NLMSG_ALIGNTO) == 0)
		rc = netlink_request(sock, msg, on_listed, &list);
	nlmsg_free(msg);
	if (!rc && list.is_short)
		rc = -ENOMEM;
	if (rc) {
		free(list.found);
		return rc;
	}
	*found = list.found;
	*count = list.count;
	return 0;
}

static size_t queue(struct neighbour_batch *batch, const struct neighbour_change *change)
{
	if (batch->count == batch->size) {
		size_t size = batch->size ? 2 * batch->size : 64;
		struct neighbour_change *changes = reallocarray(batch->changes, size, sizeof(*changes));

		if (!changes)
			return 0;
		batch->changes = changes;
		batch->size = size;
	}
	batch->changes[batch->count++] = *change;
	return batch->count;
}

size_t neighbour_add(struct neighbour_batch *batch, int interface, const struct in6_addr *address, void *data)
{
	return queue(batch, &(struct neighbour_change){ .interface = interface, .address = *address, .is_addition = true, .data = data });
}

size_t neighbour_del(struct neighbour_batch *batch, int interface, const struct in6_addr *address)
{
	return queue(batch, &(struct neighbour_change){ .interface = interface, .address = *address });
}

void neighbour_cancel(struct neighbour_batch *batch, size_t place)
{
	if (place && place <= batch->count)
		batch->changes[place - 1].data = NULL;
}

void neighbour_batch_free(struct neighbour_batch *batch)
{
	free(batch->changes);
	*batch = (struct neighbour_batch){ 0 };
}

int neighbour_compare(const void *a, const void *b)
{
	const struct neighbour *x = a, *y = b;

	if (x->interface != y->interface)
		return x->interface < y->interface ? -1 : 1;
	return memcmp(&x->address, &y->address, sizeof(x->address));
}

struct owner {
	const struct neighbour *wanted;
	bool is_found, is_ours;
};

static void on_owner(void *ctx, struct nlmsghdr *header)
{
	struct owner *owner = ctx;
	struct neighbour found;

	if (parse_neighbour(header, &found) && neighbour_compare(&found, owner->wanted) == 0) {
		owner->is_found = true;
		owner->is_ours = found.is_ours;
	}
}

/* Is there one, and whose is it? 0, -EEXIST (somebody else's), -ENOENT or another -errno. */
static int find_owner(struct nl_sock *sock, const struct neighbour *wanted)
{
	struct nl_msg *msg = build(RTM_GETNEIGH, 0, NTF_PROXY, wanted->interface, &wanted->address);
	struct owner owner = { .wanted = wanted };
	int rc = msg ? netlink_request(sock, msg, on_owner, &owner) : -ENOMEM;

	nlmsg_free(msg);
	if (rc)
		return rc;
	return !owner.is_found ? -ENOENT : owner.is_ours ? 0 : -EEXIST;
}

/* The same, from a list of all. */
static int find_in(const struct neighbour *found, size_t count, const struct neighbour *wanted)
{
	const struct neighbour *neighbour = count ? bsearch(wanted, found, count, sizeof(*found), neighbour_compare) : NULL;

	return !neighbour ? -ENOENT : neighbour->is_ours ? 0 : -EEXIST;
}

struct transfer {
	const struct neighbour_change **sent;
	void (*on_result)(void *ctx, const struct neighbour_change *change, int rc);
	void *ctx;
};

static void on_sent(void *ctx, size_t number, int rc)
{
	struct transfer *transfer = ctx;
	const struct neighbour_change *change = transfer->sent[number];

	/* Gone already is what was wanted. */
	transfer->on_result(transfer->ctx, change, !change->is_addition && rc == -ENOENT ? 0 : rc);
}

/* Makes those changes of a slice that are to be made: one transfer. */
static void run_slice(struct transfer *transfer, struct nl_sock *sock, struct neighbour_change *changes, size_t count,
		      const struct neighbour *found, size_t found_count, bool has_list)
{
	struct nl_msg *messages[MESSAGES_MAX];
	const struct neighbour_change *sent[MESSAGES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		struct neighbour_change *change = &changes[i];
		struct neighbour wanted = { .interface = change->interface, .address = change->address };
		int rc;

		if (change->is_addition && !change->data)
			continue;
		rc = has_list ? find_in(found, found_count, &wanted) : find_owner(sock, &wanted);
		/* An addition is to be made where there is none, a deletion where there is one of ours. */
		if (rc == (change->is_addition ? -ENOENT : 0)) {
			messages[n] = change->is_addition ? build(RTM_NEWNEIGH, NLM_F_CREATE, NTF_PROXY, change->interface, &change->address)
							  : build(RTM_DELNEIGH, 0, NTF_PROXY, change->interface, &change->address);
			sent[n] = change;
			if (messages[n]) {
				n++;
				continue;
			}
			rc = -ENOMEM;
		}
		transfer->on_result(transfer->ctx, change, !change->is_addition && (rc == -EEXIST || rc == -ENOENT) ? 0 : rc);
	}
	transfer->sent = sent;
	netlink_request_many(sock, messages, n, on_sent, transfer);
	for (size_t i = 0; i < n; i++)
		nlmsg_free(messages[i]);
}

void neighbour_run(struct neighbour_batch *batch, struct nl_sock *sock,
		   void (*on_result)(void *ctx, const struct neighbour_change *change, int rc), void *ctx)
{
	/* on_result may queue further changes, for the next time. */
	struct neighbour_batch now = *batch;
	struct transfer transfer = { .on_result = on_result, .ctx = ctx };
	struct neighbour *found = NULL;
	size_t found_count = 0;
	bool has_list;

	*batch = (struct neighbour_batch){ 0 };
	has_list = now.count >= LIST_FROM && neighbour_list(sock, &found, &found_count) == 0;
	if (found_count)
		qsort(found, found_count, sizeof(*found), neighbour_compare);
	for (size_t i = 0; i < now.count; i += MESSAGES_MAX)
		run_slice(&transfer, sock, &now.changes[i], now.count - i < MESSAGES_MAX ? now.count - i : MESSAGES_MAX, found, found_count,
			  has_list);
	free(found);
	neighbour_batch_free(&now);
}

int neighbour_clean(struct nl_sock *sock, const struct neighbour *neighbour)
{
	struct nl_msg *msg = build(RTM_DELNEIGH, 0, NTF_PROXY, neighbour->interface, &neighbour->address);
	int rc = msg ? netlink_request(sock, msg, NULL, NULL) : -ENOMEM;

	nlmsg_free(msg);
	return rc;
}

struct knowledge {
	unsigned char *mac;
	bool is_known;
};

static void on_neighbour(void *ctx, struct nlmsghdr *header)
{
	struct knowledge *knowledge = ctx;
	struct nlattr *attributes[NDA_MAX + 1];

	if (header->nlmsg_type != RTM_NEWNEIGH || nlmsg_parse(header, sizeof(struct ndmsg), attributes, NDA_MAX, NULL) < 0 ||
	    !attributes[NDA_LLADDR] || nla_len(attributes[NDA_LLADDR]) != ETH_ALEN)
		return;
	memcpy(knowledge->mac, nla_data(attributes[NDA_LLADDR]), ETH_ALEN);
	knowledge->is_known = true;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): on_neighbour writes it. */
bool neighbour_knows(struct nl_sock *sock, int interface, const struct in6_addr *address, unsigned char mac[ETH_ALEN])
{
	struct nl_msg *msg = build(RTM_GETNEIGH, 0, 0, interface, address);
	struct knowledge knowledge = { .mac = mac };

	if (msg)
		netlink_request(sock, msg, on_neighbour, &knowledge);
	nlmsg_free(msg);
	return knowledge.is_known;
}
