/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* A libnl-3 socket that delivers a netlink protocol's notifications to the event loop, and asks for a resync when some were
 * lost (ENOBUFS); and requests with their answer on a socket of its own. */

#ifndef LIB_NETLINK_H
#define LIB_NETLINK_H

#include <event2/event.h>
#include <netlink/netlink.h>
#include <netlink/msg.h>

/* The number in an attribute; 0 where there is none (attr may be NULL), or too short a one. */
uint32_t netlink_u32(const struct nlattr *attr);
uint8_t netlink_u8(const struct nlattr *attr);

/* The code of an answer that tells of an error (struct nlmsgerr), or of a dump's end: 0 or -errno; -EBADMSG for what is neither. */
int netlink_code(int error);

struct netlink_monitor;

/* Messages that are handed on, here and below, have the whole header of their type (struct ifinfomsg, nfgenmsg …). */
struct netlink_monitor_handler {
	void (*on_message)(void *ctx, struct nlmsghdr *header);
	void (*on_overrun)(void *ctx);	/* notifications were lost: dump everything again */
	void *ctx;
};

/* Joins the groups (RTNLGRP_…, ended by 0) of the protocol (NETLINK_ROUTE …). handler is borrowed for life. 0 or -errno. */
int netlink_monitor_open(struct netlink_monitor **monitor, struct event_base *base, int protocol, const int *groups,
			 const struct netlink_monitor_handler *handler);
void netlink_monitor_close(struct netlink_monitor *monitor);

/* Hands on all that has been told so far, without waiting for the loop's turn. Not for handlers. */
void netlink_monitor_catch_up(struct netlink_monitor *monitor);

/* Has the kernel drop notifications of what this netlink port has requested. Without its help they go on to come. */
void netlink_monitor_ignore(struct netlink_monitor *monitor, uint32_t port);

/* A connected socket for requests, with a large buffer; blocking. NULL and errno on failure. */
struct nl_sock *netlink_request_open(int protocol);

/* Sends the request (borrowed) and hands each message of the answer to on_message (may be NULL) until the kernel's
 * acknowledgement or the dump's end. 0 or the kernel's -errno; -EINTR for a dump that the kernel says is inconsistent. */
int netlink_request(struct nl_sock *sock, struct nl_msg *msg, void (*on_message)(void *ctx, struct nlmsghdr *header), void *ctx);

/* Sends requests that have no other answer than an acknowledgement (borrowed, at most 512) in one transfer; only the last one is
 * acknowledged, beside those that fail. on_done is called for each: rc is 0 or -errno. */
void netlink_request_many(struct nl_sock *sock, struct nl_msg *const msgs[], size_t count,
			  void (*on_done)(void *ctx, size_t number, int rc), void *ctx);

#endif
