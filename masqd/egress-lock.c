/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* For each uplink: the program that should be there is built, and what is there is compared with it. */

#include "config.h"

#include "masqd/egress-lock.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>

#include "lib/classifier.h"
#include "lib/log.h"
#include "lib/netlink.h"
#include "masqd/egress-program.h"
#include "masqd/repair-pace.h"

static const struct classifier place = {
	.hook = TC_H_MIN_EGRESS, .preference = 7700, .protocol = ETH_P_ALL, .handle = 77, .signature = EGRESS_PROGRAM_SIGNATURE,
};

/* An uplink. */
struct door {
	char interface[IFNAMSIZ];
	unsigned ifindex;	/* 0: there is none of that name */
	bool is_locked;
	int error;		/* the last one that was logged */
};

struct doors {
	struct door *all;
	unsigned count;
};

struct egress_lock {
	struct nl_sock *sock;
	struct netlink_monitor *monitor;
	struct netlink_monitor_handler handler;
	struct event *due;
	const struct links *links;
	struct doors doors;
	struct range allowed[EGRESS_ALLOWED_MAX];	/* of policies; private ones only */
	unsigned allowed_count;
	struct repair_pace pace;
	bool is_touched;	/* by somebody else */
	bool has_strays;	/* locks of an earlier run, of what may be an uplink that is absent, under another name */
	void (*on_repaired)(void *ctx);
	void *ctx;
};

static bool is_private(const struct in6_addr *address)
{
	return (address->s6_addr[0] & 0xfe) == 0xfc;
}

/* The uplink's own networks may be private: it leads to another gateway. Clients are not in them. */
static void build(const struct egress_lock *lock, const struct link *link, struct egress_program *program)
{
	struct range allowed[EGRESS_ALLOWED_MAX];
	struct link_address6 allowed6[EGRESS_ALLOWED6_MAX];
	unsigned count = 0, count6 = 0;

	for (unsigned i = 0; i < link->address_count && count < EGRESS_ALLOWED_MAX; i++) {
		const struct link_address *address = &link->addresses[i];
		struct prefix own = prefix_of(address->address, link->needs_gateway ? address->length : 32);

		if (addr_is_private(address->address))
			allowed[count++] = prefix_range(&own);
	}
	for (unsigned i = 0; i < lock->allowed_count && count < EGRESS_ALLOWED_MAX; i++)
		allowed[count++] = lock->allowed[i];
	for (unsigned i = 0; i < link->address6_count && count6 < EGRESS_ALLOWED6_MAX; i++)
		if (is_private(&link->addresses6[i].address))
			allowed6[count6++] = link->addresses6[i];
	egress_program_build(program, allowed, count, allowed6, count6);
}

/* Is this program there? found.is_ours: or another one of ours. 1, 0 or -errno. */
static int has(const struct egress_lock *lock, const struct link *link, const struct egress_program *program,
	       struct classifier_found *found)
{
	int rc = classifier_find(lock->sock, &place, (int)link->ifindex, found);

	return rc ? rc : found->is_ours && found->length == program->length &&
			 memcmp(found->classic, program->code, program->length * sizeof(*program->code)) == 0;
}

/* 1 if it had to be put there, 0 if it was there, or -errno. */
static int set(struct egress_lock *lock, const struct link *link)
{
	struct egress_program program;
	struct classifier_found found;
	int rc;

	build(lock, link, &program);
	rc = has(lock, link, &program, &found);
	if (rc)
		return rc < 0 ? rc : 0;
	rc = classifier_set_classic(lock->sock, &place, (int)link->ifindex, program.code, program.length);
	return rc ? rc : 1;
}

static void log_failure(struct door *door, int error)
{
	if (error != door->error)
		log_warn("cannot set the second lock of %s: %s", door->interface,
			 error == -ENOENT ? "the kernel has no cls_bpf or no clsact" :
			 error == -EEXIST ? "somebody else's filter has its place" : strerror(-error));
	door->error = error;
}

static void lock_later(struct egress_lock *lock, long seconds)
{
	struct timeval delay = { .tv_sec = seconds };

	if (!evtimer_pending(lock->due, NULL))
		event_add(lock->due, &delay);
}

/* True if it had to be put there. */
static bool lock_door(struct egress_lock *lock, struct door *door)
{
	const struct link *link = links_find_name(lock->links, door->interface);
	unsigned ifindex = link ? link->ifindex : 0;
	int rc = link ? set(lock, link) : -ENODEV;

	if (door->ifindex != ifindex)
		door->is_locked = false;
	door->ifindex = ifindex;
	/* Without memory it is not known what is there. */
	if (rc == -ENOMEM || rc == -ENOBUFS)
		lock_later(lock, 1);
	else
		door->is_locked = rc >= 0;
	/* One that has just gone is told of soon. */
	if (rc < 0 && rc != -ENODEV)
		log_failure(door, rc);
	else
		door->error = 0;
	return rc > 0;
}

static void on_due(evutil_socket_t fd, short what, void *ctx)
{
	struct egress_lock *lock = ctx;
	bool is_touched = lock->is_touched, is_changed = false;

	lock->is_touched = false;
	for (unsigned i = 0; i < lock->doors.count; i++)
		is_changed |= lock_door(lock, &lock->doors.all[i]);
	if (!is_touched || !is_changed)
		return;
	repair_pace_done(&lock->pace);
	lock->on_repaired(lock->ctx);
}

static struct door *find_door(const struct doors *doors, unsigned ifindex)
{
	for (unsigned i = 0; i < doors->count; i++)
		if (doors->all[i].ifindex == ifindex)
			return &doors->all[i];
	return NULL;
}

static void on_message(void *ctx, struct nlmsghdr *header)
{
	struct egress_lock *lock = ctx;
	const struct tcmsg *info = nlmsg_data(header);

	if (info->tcm_ifindex <= 0 || !find_door(&lock->doors, (unsigned)info->tcm_ifindex))
		return;
	lock->is_touched = true;
	lock_later(lock, repair_pace_delay(&lock->pace).tv_sec);
}

static void on_overrun(void *ctx)
{
	struct egress_lock *lock = ctx;

	lock->is_touched = true;
	lock_later(lock, 0);
}

int egress_lock_open(struct egress_lock **out, struct event_base *base, const struct links *links, void (*on_repaired)(void *ctx),
		     void *ctx)
{
	static const int groups[] = { RTNLGRP_TC, 0 };
	struct egress_lock *lock = calloc(1, sizeof(*lock));
	int rc;

	if (!lock)
		return -ENOMEM;
	lock->links = links;
	lock->on_repaired = on_repaired;
	lock->ctx = ctx;
	lock->handler = (struct netlink_monitor_handler){ .on_message = on_message, .on_overrun = on_overrun, .ctx = lock };
	lock->due = evtimer_new(base, on_due, lock);
	lock->sock = lock->due ? netlink_request_open(NETLINK_ROUTE) : NULL;
	rc = lock->sock ? netlink_monitor_open(&lock->monitor, base, NETLINK_ROUTE, groups, &lock->handler) : -ENOMEM;
	if (!rc)
		netlink_monitor_ignore(lock->monitor, nl_socket_get_local_port(lock->sock));
	if (rc)
		egress_lock_close(lock);
	else
		*out = lock;
	return rc;
}

void egress_lock_close(struct egress_lock *lock)
{
	if (!lock)
		return;
	netlink_monitor_close(lock->monitor);
	if (lock->sock)
		nl_socket_free(lock->sock);
	if (lock->due)
		event_free(lock->due);
	free(lock->doors.all);
	free(lock);
}

struct unlocking {
	struct egress_lock *lock;
	const struct doors *former;
};

static void on_locked(void *ctx, int interface)
{
	const struct unlocking *unlocking = ctx;
	struct egress_lock *lock = unlocking->lock;
	const struct link *link = links_find(lock->links, (unsigned)interface);
	const struct door *absent = find_door(&lock->doors, 0);
	int rc;

	if (find_door(&lock->doors, (unsigned)interface))
		return;
	if (link && absent && !find_door(unlocking->former, link->ifindex)) {
		log_warn("%s keeps the second lock of an uplink, while interface %s of one is absent: it may be the same, renamed",
			 link->name, absent->interface);
		lock->has_strays = true;
		return;
	}
	rc = classifier_del(lock->sock, &place, interface);
	if (rc)
		log_warn("the second lock of interface %d, which is no uplink any more, stays: %s", interface, strerror(-rc));
}

/* What was an uplink until now, or in an earlier run. */
static void unlock_others(struct egress_lock *lock, const struct doors *former)
{
	struct unlocking unlocking = { lock, former };
	int rc;

	lock->has_strays = false;
	rc = classifier_each(lock->sock, &place, on_locked, &unlocking);
	if (rc)
		log_warn("cannot look for locks of what is no uplink any more: %s", strerror(-rc));
}

/* True if it was not allowed before. */
static bool allow(struct egress_lock *lock, const struct range *range)
{
	if (!addr_is_private(range->first) || lock->allowed_count == EGRESS_ALLOWED_MAX)
		return false;
	for (unsigned i = 0; i < lock->allowed_count; i++)
		if (memcmp(&lock->allowed[i], range, sizeof(*range)) == 0)
			return false;
	lock->allowed[lock->allowed_count++] = *range;
	return true;
}

void egress_lock_allow(struct egress_lock *lock, const struct policy *policy)
{
	bool is_new = false;

	for (unsigned i = 0; i < policy->snat_address.count; i++)
		is_new |= allow(lock, &policy->snat_address.ranges[i]);
	for (unsigned i = 0; is_new && i < lock->doors.count; i++)
		lock_door(lock, &lock->doors.all[i]);
}

static bool is_same(const struct egress_lock *lock, const struct conf *conf)
{
	for (unsigned i = 0; i < lock->doors.count && i < conf->uplink_count; i++)
		if (strcmp(lock->doors.all[i].interface, conf->uplinks[i].interface) != 0)
			return false;
	return lock->doors.all && lock->doors.count == conf->uplink_count;
}

void egress_lock_set(struct egress_lock *lock, const struct conf *conf, const struct policy *const *policies, unsigned count)
{
	bool has_changed = !is_same(lock, conf);
	struct doors former = lock->doors;
	struct door *doors = has_changed ? calloc(conf->uplink_count + 1, sizeof(*doors)) : former.all;

	if (!doors) {
		log_warn("cannot set the second lock of the uplinks: %s", strerror(ENOMEM));
		return;
	}
	lock->allowed_count = 0;
	for (unsigned i = 0; i < count; i++)
		for (unsigned k = 0; k < policies[i]->snat_address.count; k++)
			allow(lock, &policies[i]->snat_address.ranges[k]);
	if (has_changed) {
		lock->doors = (struct doors){ doors, conf->uplink_count };
		for (unsigned i = 0; i < conf->uplink_count; i++)
			memcpy(doors[i].interface, conf->uplinks[i].interface, IFNAMSIZ);
	}
	for (unsigned i = 0; i < lock->doors.count; i++)
		lock_door(lock, &doors[i]);
	if (has_changed) {
		unlock_others(lock, &former);
		free(former.all);
	}
}

void egress_lock_follow(struct egress_lock *lock, const struct link *link)
{
	for (unsigned i = 0; i < lock->doors.count; i++)
		if (strcmp(lock->doors.all[i].interface, link->name) == 0)
			lock_door(lock, &lock->doors.all[i]);
	if (lock->has_strays && !find_door(&lock->doors, 0))
		unlock_others(lock, &(struct doors){ 0 });
}

void egress_lock_compare(const struct egress_lock *lock, const struct mismatch_handler *handler)
{
	for (unsigned i = 0; i < lock->doors.count; i++) {
		const struct link *link = links_find_name(lock->links, lock->doors.all[i].interface);
		struct classifier_found found = { 0 };
		struct egress_program program;

		if (!link)
			continue;
		build(lock, link, &program);
		if (has(lock, link, &program, &found) <= 0)
			handler->tell(handler->ctx, &(struct mismatch){ .type = found.is_ours ? MISMATCH_DIFFERS : MISMATCH_MISSING,
									.object = "lock", .name = link->name });
	}
}

bool egress_lock_has(const struct egress_lock *lock, const struct uplink *uplink)
{
	for (unsigned i = 0; i < lock->doors.count; i++)
		if (strcmp(lock->doors.all[i].interface, uplink->interface) == 0)
			return lock->doors.all[i].is_locked;
	return false;
}
