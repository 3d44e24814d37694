/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The responder in the kernel: a classifier at a LAN interface's ingress that turns an ARP request for a published address
 * into its reply and sends it back. Everything else passes, untouched, to whatever comes next.
 *
 * It needs CAP_BPF and CAP_NET_ADMIN to load, and Linux 5.10 (bpf_fib_lookup() says the interface also where there is no
 * neighbour, as on a line). */

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <stdbool.h>

#include "arpd/responder-maps.h"

/* Of <sys/socket.h> and <linux/if_arp.h>, which are not for this target. */
#define AF_INET		2
#define ARPHRD_ETHER	1
#define ARPOP_REQUEST	1
#define ARPOP_REPLY	2

/* Not TC_ACT_OK: with that, filters behind ours would not be asked. */
#define PASS TC_ACT_UNSPEC

/* RFC 826 with Ethernet and IPv4. An address in it is not aligned as it would like to be. */
struct frame {
	__u16 destination[3];
	__u16 source[3];
	__be16 type;
	__be16 hardware;
	__be16 protocol;
	__u8 hardware_length;
	__u8 protocol_length;
	__be16 operation;
	__u16 sender_mac[3];
	__be32 sender;
	__u16 target_mac[3];
	__be32 target;
} __attribute__((packed, aligned(2)));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, RESPONDER_BLOCKS_MAX);
	__type(key, __u32);
	__type(value, struct responder_bitmap);
} bitmaps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RESPONDER_BLOCKS_MAX);
	__type(key, __u64);
	__type(value, __u32);
} blocks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RESPONDER_LANS_MAX);
	__type(key, __u32);
	__type(value, struct responder_lan);
} lans SEC(".maps");

/* Not in lans, where a new MAC address would begin it anew. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RESPONDER_LANS_MAX);
	__type(key, __u32);
	__type(value, __u64);
} answered SEC(".maps");

static __always_inline bool is_same_mac(const __u16 a[3], const __u16 b[3])
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

static __always_inline void copy_mac(__u16 to[3], const __u16 from[3])
{
	to[0] = from[0];
	to[1] = from[1];
	to[2] = from[2];
}

static __always_inline bool is_unicast(const __u16 mac[3])
{
	return !(mac[0] & bpf_htons(0x0100)) && (mac[0] || mac[1] || mac[2]);
}

/* A request by somebody who has an address, and is who he says; RFC 5227's probes have none, and are the daemon's. */
static __always_inline bool is_request(const struct frame *frame)
{
	return frame->hardware == bpf_htons(ARPHRD_ETHER) && frame->protocol == bpf_htons(ETH_P_IP) && frame->hardware_length == ETH_ALEN &&
	       frame->protocol_length == 4 && frame->operation == bpf_htons(ARPOP_REQUEST) && frame->sender != 0 &&
	       is_unicast(frame->sender_mac) && is_same_mac(frame->sender_mac, frame->source);
}

static __always_inline bool is_published(__u32 interface, __be32 wanted)
{
	__u32 address = bpf_ntohl(wanted);
	__u64 key = RESPONDER_BLOCK(interface, address);
	const __u32 *number = bpf_map_lookup_elem(&blocks, &key);
	const struct responder_bitmap *bitmap;

	if (!number)
		return false;
	bitmap = bpf_map_lookup_elem(&bitmaps, number);
	return bitmap && (bitmap->words[RESPONDER_WORD(address)] & RESPONDER_BIT(address));
}

/* Would the kernel send a packet of that sender's out of another interface? Not if the client's route is gone, and the
 * LAN's own is what is left; nor if this interface does not forward. */
static __always_inline bool is_routed_away(struct __sk_buff *skb, const struct frame *frame)
{
	struct bpf_fib_lookup fib = {
		.family = AF_INET,
		.ifindex = skb->ifindex,
		.ipv4_src = frame->sender,
		.ipv4_dst = frame->target,
	};
	long rc = bpf_fib_lookup(skb, &fib, sizeof(fib), 0);

	return (rc == BPF_FIB_LKUP_RET_SUCCESS || rc == BPF_FIB_LKUP_RET_NO_NEIGH) && fib.ifindex != skb->ifindex;
}

static __always_inline void make_reply(struct frame *frame, const struct responder_lan *lan)
{
	__be32 asked = frame->target;

	copy_mac(frame->destination, frame->sender_mac);
	copy_mac(frame->source, lan->mac);
	frame->operation = bpf_htons(ARPOP_REPLY);
	copy_mac(frame->target_mac, frame->sender_mac);
	frame->target = frame->sender;
	copy_mac(frame->sender_mac, lan->mac);
	frame->sender = asked;
}

SEC("tc")
int masq_arpd(struct __sk_buff *skb)
{
	__u32 interface = skb->ifindex;
	const struct responder_lan *lan;
	struct frame *frame;
	__u64 *count;

	if (skb->protocol != bpf_htons(ETH_P_ARP) || skb->vlan_present)
		return PASS;
	/* Neither what is for another host nor a multicast. */
	if (skb->pkt_type != PACKET_HOST && skb->pkt_type != PACKET_BROADCAST)
		return PASS;
	/* Fails if the frame is shorter. */
	if (bpf_skb_pull_data(skb, sizeof(*frame)))
		return PASS;
	frame = (void *)(long)skb->data;
	if ((void *)(frame + 1) > (void *)(long)skb->data_end || !is_request(frame) || !is_published(interface, frame->target))
		return PASS;
	lan = bpf_map_lookup_elem(&lans, &interface);
	if (!lan || is_same_mac(frame->sender_mac, lan->mac))
		return PASS;
	/* Somebody uses a published address, or announces it: for the daemon to see, and not to be helped. */
	if (is_published(interface, frame->sender) || !is_routed_away(skb, frame))
		return PASS;
	make_reply(frame, lan);
	count = bpf_map_lookup_elem(&answered, &interface);
	if (count)
		__sync_fetch_and_add(count, 1);
	return (int)bpf_redirect(interface, 0);
}

/* Some of the helpers ask for this word. */
char responder_license[] SEC("license") = "GPL";
