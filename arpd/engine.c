/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* From one engine to the other, a LAN at a time: the new one has the addresses before the old one loses them. */

#include "arpd/engine.h"

#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "lib/log.h"

static size_t count_ipv4(const struct publisher *publisher)
{
	const struct lan *lan;
	size_t count = 0;

	LL_FOREACH(publisher->table.lans, lan)
		count += lan->counts[FAMILY_IPV4];
	return count;
}

static int add(struct publisher *publisher, const struct entry *entry)
{
	return responder_add(publisher->responder, entry->lan->link.index, ip_to_v4(&entry->address));
}

/* 0 or -errno; a new reason is logged. */
static int attach(struct publisher *publisher, struct lan *lan)
{
	int rc = responder_attach(publisher->responder, lan->link.index, lan->link.mac);

	if (rc && rc != lan->attach_error)
		log_warn("cannot answer by BPF on %s, the kernel's proxy neighbours do: %s", lan->name, strerror(-rc));
	lan->attach_error = rc;
	lan->is_attached = !rc;
	return rc;
}

static bool is_kernels(const struct entry *entry)
{
	return entry_family(entry) == FAMILY_IPV4 && ((entry->is_installed && !entry->is_responders) || entry->pending);
}

/* The responder has it, and so it is taken out of the kernel, or out of what is on its way there. */
static void take_over(struct publisher *publisher, struct entry *entry)
{
	bool was_pending = entry->pending;

	entry->is_responders = true;
	if (!was_pending) {
		publisher_leave_kernel(publisher, entry);
		return;
	}
	neighbour_cancel(&publisher->batch, entry->pending);
	entry->pending = 0;
	publisher_installed(publisher, entry);
}

static void move_to_responder(struct publisher *publisher, struct lan *lan)
{
	struct entry *entry, *older;

	LAN_EACH_ENTRY(lan, entry, older)
		if (is_kernels(entry))
			add(publisher, entry);
	if (attach(publisher, lan)) {
		responder_detach(publisher->responder, lan->link.index);
		return;
	}
	LAN_EACH_ENTRY(lan, entry, older)
		if (is_kernels(entry) && add(publisher, entry) == 0)
			take_over(publisher, entry);
	publisher_flush(publisher);
}

/* The kernel answers again for all of a LAN. */
static void move_to_kernel(struct publisher *publisher, struct lan *lan)
{
	struct entry *entry, *older;

	lan->is_attached = false;
	publisher->is_switching = true;
	LAN_EACH_ENTRY(lan, entry, older) {
		if (!entry->is_installed || !entry->is_responders)
			continue;
		entry->is_installed = entry->is_responders = false;
		publisher_install(publisher, entry);
	}
	publisher_flush(publisher);
	publisher->is_switching = false;
}

static void leave_responder(struct publisher *publisher)
{
	struct responder *responder = publisher->responder;
	struct lan *lan;

	publisher->responder = NULL;
	LL_FOREACH(publisher->table.lans, lan) {
		move_to_kernel(publisher, lan);
		lan->attach_error = 0;
	}
	responder_close(responder);
	log_info("the kernel's proxy neighbours answer");
}

static void enter_responder(struct publisher *publisher)
{
	struct lan *lan;
	int rc = responder_open(&publisher->responder);

	publisher->responder_error = rc;
	if (rc) {
		publisher->responder = NULL;
		log_warn("cannot answer by BPF, the kernel's proxy neighbours go on: %s",
			 rc == -ENOSYS ? "it was not built in" : strerror(-rc));
		return;
	}
	LL_FOREACH(publisher->table.lans, lan)
		if (lan->is_ready && lan->counts[FAMILY_IPV4])
			move_to_responder(publisher, lan);
	log_info("the BPF responder answers for IPv4");
	responder_sweep(publisher->responder);
}

void engine_choose(struct publisher *publisher)
{
	size_t count = count_ipv4(publisher);
	bool is_wanted = publisher->engine == ENGINE_BPF ? count > 0 : publisher->engine == ENGINE_AUTO && count >= publisher->bpf_from;

	/* Not back and forth around the threshold. */
	if (publisher->responder && publisher->engine == ENGINE_AUTO)
		is_wanted = count >= publisher->bpf_from / 2;
	if (is_wanted == !!publisher->responder)
		return;
	if (!is_wanted)
		leave_responder(publisher);
	else if (!publisher->responder_error && publisher->is_settled)
		enter_responder(publisher);
}

void engine_settle(struct publisher *publisher)
{
	if (publisher->is_settled)
		return;
	publisher->is_settled = true;
	publisher_flush(publisher);
	engine_choose(publisher);
	if (!publisher->responder)
		responder_sweep(NULL);
}

bool engine_install(struct publisher *publisher, struct entry *entry)
{
	struct lan *lan = entry->lan;

	if (!publisher->responder || entry_family(entry) != FAMILY_IPV4 || lan->attach_error)
		return false;
	if (add(publisher, entry))
		return false;
	if (!lan->is_attached && attach(publisher, lan)) {
		responder_detach(publisher->responder, lan->link.index);
		return false;
	}
	entry->is_responders = true;
	publisher_installed(publisher, entry);
	return true;
}

void engine_uninstall(struct publisher *publisher, struct entry *entry)
{
	responder_del(publisher->responder, entry->lan->link.index, ip_to_v4(&entry->address));
	entry->is_responders = false;
}

bool engine_check(struct publisher *publisher, struct lan *lan, bool is_new)
{
	bool is_there;

	if (!publisher->responder || !lan->is_ready || !lan->counts[FAMILY_IPV4])
		return true;
	/* One that could not be attached to is tried again. */
	if (lan->attach_error) {
		move_to_responder(publisher, lan);
		return true;
	}
	is_there = !lan->is_attached || responder_is_attached(publisher->responder, lan->link.index);
	if (lan->is_attached && (is_new || !is_there) && attach(publisher, lan)) {
		move_to_kernel(publisher, lan);
		responder_detach(publisher->responder, lan->link.index);
	}
	return is_there;
}

void engine_forget(struct publisher *publisher, struct lan *lan, int interface)
{
	if (publisher->responder && lan->is_attached)
		responder_detach(publisher->responder, interface);
	lan->is_attached = false;
	lan->attach_error = 0;
}
