/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The bitmaps are memory that the program and we share; which of them is which block is in a map. */

#include "config.h"

#include "arpd/responder.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_sched.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arpd/responder-maps.h"
#include "arpd/responder.skel.h"
#include "lib/classifier.h"
#include "lib/log.h"
#include "lib/netlink.h"

/* It runs for ARP only. */
static const struct classifier place = {
	.hook = TC_H_MIN_INGRESS, .preference = 7700, .protocol = ETH_P_ARP, .handle = 77, .name = "masq-arpd",
};

#define BITMAPS_SIZE (RESPONDER_BLOCKS_MAX * sizeof(struct responder_bitmap))

struct block {
	uint64_t key;
	unsigned addresses;	/* 0: free */
};

struct responder {
	struct responder_bpf *bpf;
	struct nl_sock *sock;
	struct responder_bitmap *bitmaps;	/* one a block */
	struct block blocks[RESPONDER_BLOCKS_MAX];
	unsigned next;				/* where to look for a free one */
	int lans[RESPONDER_LANS_MAX];		/* interfaces attached to, 0: free */
	uint32_t program;			/* its id */
};

/* What libbpf says of a failure is of interest when looking for it; the caller logs that there was one. */
static int on_print(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char *text, *rest, *line;

	if (level == LIBBPF_DEBUG || vasprintf(&text, format, arguments) < 0)
		return 0;
	/* The verifier's opinion has many lines. */
	rest = text;
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (*line)
			log_debug("%s", line);
	}
	free(text);
	return 0;
}

static int read_program_id(struct responder *responder)
{
	struct bpf_prog_info info = { 0 };
	__u32 length = sizeof(info);
	int rc = bpf_obj_get_info_by_fd(bpf_program__fd(responder->bpf->progs.masq_arpd), &info, &length);

	responder->program = info.id;
	return rc;
}

static int open_all(struct responder *responder)
{
	void *bitmaps;

	responder->bpf = responder_bpf__open_and_load();
	if (!responder->bpf)
		return -errno;
	responder->sock = netlink_request_open(NETLINK_ROUTE);
	if (!responder->sock)
		return -errno;
	bitmaps = mmap(NULL, BITMAPS_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(responder->bpf->maps.bitmaps), 0);
	if (bitmaps == MAP_FAILED)
		return -errno;
	responder->bitmaps = bitmaps;
	return read_program_id(responder);
}

int responder_open(struct responder **responder)
{
	struct responder *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return -ENOMEM;
	libbpf_set_print(on_print);
	rc = open_all(r);
	if (rc) {
		responder_leave(r);
		return rc;
	}
	*responder = r;
	return 0;
}

void responder_leave(struct responder *responder)
{
	if (!responder)
		return;
	if (responder->bitmaps)
		munmap(responder->bitmaps, BITMAPS_SIZE);
	if (responder->sock)
		nl_socket_free(responder->sock);
	responder_bpf__destroy(responder->bpf);
	free(responder);
}

void responder_close(struct responder *responder)
{
	for (int i = 0; responder && i < RESPONDER_LANS_MAX; i++) {
		if (responder->lans[i])
			responder_detach(responder, responder->lans[i]);
	}
	responder_leave(responder);
}

/* The place of an interface among the LANs; of 0, a free one. NULL if there is none. */
static int *find_lan(struct responder *responder, int interface)
{
	for (int i = 0; i < RESPONDER_LANS_MAX; i++) {
		if (responder->lans[i] == interface)
			return &responder->lans[i];
	}
	return NULL;
}

static int set_mac(struct responder *responder, int interface, const unsigned char mac[ETH_ALEN])
{
	const struct responder_bpf *bpf = responder->bpf;
	struct responder_lan lan = { 0 };
	uint64_t none = 0;
	int rc;

	memcpy(lan.mac, mac, ETH_ALEN);
	rc = bpf_map_update_elem(bpf_map__fd(bpf->maps.answered), &interface, &none, BPF_NOEXIST);
	if (rc && rc != -EEXIST)
		return rc;
	return bpf_map_update_elem(bpf_map__fd(bpf->maps.lans), &interface, &lan, BPF_ANY);
}

static void forget_lan(struct responder *responder, int interface)
{
	bpf_map_delete_elem(bpf_map__fd(responder->bpf->maps.lans), &interface);
	bpf_map_delete_elem(bpf_map__fd(responder->bpf->maps.answered), &interface);
}

int responder_attach(struct responder *responder, int interface, const unsigned char mac[ETH_ALEN])
{
	int *lan = find_lan(responder, interface);
	int rc;

	if (!lan)
		lan = find_lan(responder, 0);
	if (!lan)
		return -ENOSPC;
	rc = set_mac(responder, interface, mac);
	if (!rc && !responder_is_attached(responder, interface))
		rc = classifier_set_program(responder->sock, &place, interface, bpf_program__fd(responder->bpf->progs.masq_arpd));
	if (!rc)
		*lan = interface;
	else if (*lan == 0)
		forget_lan(responder, interface);
	return rc;
}

static void free_block(struct responder *responder, unsigned number)
{
	struct block *block = &responder->blocks[number];

	bpf_map_delete_elem(bpf_map__fd(responder->bpf->maps.blocks), &block->key);
	memset(&responder->bitmaps[number], 0, sizeof(responder->bitmaps[number]));
	block->addresses = 0;
}

void responder_detach(struct responder *responder, int interface)
{
	int *lan = find_lan(responder, interface);
	int rc;

	if (lan) {
		rc = classifier_del(responder->sock, &place, interface);
		if (rc)
			log_error("cannot remove the filter: interface %d: %s", interface, strerror(-rc));
		forget_lan(responder, interface);
		*lan = 0;
	}
	for (unsigned i = 0; i < RESPONDER_BLOCKS_MAX; i++) {
		if (responder->blocks[i].addresses && responder->blocks[i].key >> 32 == (unsigned)interface)
			free_block(responder, i);
	}
}

bool responder_is_attached(struct responder *responder, int interface)
{
	struct classifier_found found;

	return classifier_find(responder->sock, &place, interface, &found) == 0 && found.program == responder->program;
}

struct sweep {
	struct responder *responder;	/* whose LANs keep theirs; may be NULL */
	struct nl_sock *sock;
};

static void on_swept(void *ctx, int interface)
{
	const struct sweep *sweep = ctx;
	char name[IF_NAMESIZE] = "";
	int rc;

	if (sweep->responder && find_lan(sweep->responder, interface))
		return;
	rc = classifier_del(sweep->sock, &place, interface);
	if (rc)
		log_error("cannot remove the filter of an earlier run: %s: %s", if_indextoname((unsigned)interface, name) ? name : "interface",
			  strerror(-rc));
}

void responder_sweep(struct responder *responder)
{
	struct sweep sweep = { responder, responder ? responder->sock : netlink_request_open(NETLINK_ROUTE) };
	int rc = sweep.sock ? classifier_each(sweep.sock, &place, on_swept, &sweep) : -errno;

	if (rc)
		log_error("cannot look for filters of an earlier run: %s", strerror(-rc));
	if (sweep.sock && !responder)
		nl_socket_free(sweep.sock);
}

static void on_left(void *ctx, int interface)
{
	bool *is_left = ctx;

	*is_left = true;
}

bool responder_is_left(void)
{
	struct nl_sock *sock = netlink_request_open(NETLINK_ROUTE);
	bool is_left = false;

	if (!sock)
		return false;
	classifier_each(sock, &place, on_left, &is_left);
	nl_socket_free(sock);
	return is_left;
}

/* Its number, or -ENOENT. */
static int find_block(const struct responder *responder, int interface, uint32_t address)
{
	uint64_t key = RESPONDER_BLOCK(interface, address);

	for (int i = 0; i < RESPONDER_BLOCKS_MAX; i++) {
		if (responder->blocks[i].addresses && responder->blocks[i].key == key)
			return i;
	}
	return -ENOENT;
}

/* Its number, or -errno. The block's bitmap is empty, and none that was given up a moment ago if there is another: the program may
 * still be looking at that one as it was. */
static int make_block(struct responder *responder, int interface, uint32_t address)
{
	uint64_t key = RESPONDER_BLOCK(interface, address);
	int rc;

	for (unsigned i = 0; i < RESPONDER_BLOCKS_MAX; i++) {
		__u32 number = (responder->next + i) % RESPONDER_BLOCKS_MAX;

		if (responder->blocks[number].addresses)
			continue;
		rc = bpf_map_update_elem(bpf_map__fd(responder->bpf->maps.blocks), &key, &number, BPF_ANY);
		if (rc)
			return rc;
		responder->blocks[number].key = key;
		responder->next = number + 1;
		return (int)number;
	}
	return -ENOSPC;
}

int responder_add(struct responder *responder, int interface, struct in_addr address)
{
	uint32_t host = ntohl(address.s_addr), bit = RESPONDER_BIT(host);
	int number = find_block(responder, interface, host);
	__u32 *word;

	if (number == -ENOENT)
		number = make_block(responder, interface, host);
	if (number < 0)
		return number;
	word = &responder->bitmaps[number].words[RESPONDER_WORD(host)];
	if (!(__atomic_fetch_or(word, bit, __ATOMIC_RELAXED) & bit))
		responder->blocks[number].addresses++;
	return 0;
}

void responder_del(struct responder *responder, int interface, struct in_addr address)
{
	uint32_t host = ntohl(address.s_addr), bit = RESPONDER_BIT(host);
	int number = find_block(responder, interface, host);
	__u32 *word;

	if (number < 0)
		return;
	word = &responder->bitmaps[number].words[RESPONDER_WORD(host)];
	if ((__atomic_fetch_and(word, ~bit, __ATOMIC_RELAXED) & bit) && --responder->blocks[number].addresses == 0)
		free_block(responder, (unsigned)number);
}

uint64_t responder_answered(struct responder *responder, int interface)
{
	uint64_t count = 0;

	bpf_map_lookup_elem(bpf_map__fd(responder->bpf->maps.answered), &interface, &count);
	return count;
}
