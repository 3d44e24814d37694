/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Transactions that lead from one grant to another, and what the kernel tells of them. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "masqd/batch.h"
#include "masqd/difference.h"
#include "masqd/elements.h"
#include "masqd/grant-elements.h"

enum { CLIENT_SETS = 27, EXACT_SETS = 28, ALL_SETS = 31 };

/* First the sets that hold clients, but for those that count hosts' bytes: no repair and no restart is to lose any. Last those that may have
 * more than is wanted: of an attached interface's session that has ended it stays closed; and what hosts have counted goes with their
 * sessions. */
static const char *const sets[ALL_SETS] = {
	"serial", "serial_net", "owner", "owner_net", "translated", "snat_address", "port_block", "peers", "peers_net", "flow_limit",
	"new_flow_limit", "flow_refused", "route_mark", "route_mark_net", "rate_up", "rate_up_host", "rate_down_host", "rate_up_network",
	"rate_down_network", "mss", "forwards", "forwarded", "serial6", "owner6", "neighbours6", "peers6", "translated6",
	"uplink_addresses", "attached", "host_rx", "host_tx",
};

struct elements {
	struct batch *batch;
	struct difference *difference;	/* NULL: nobody has said what is wanted */
};

int elements_open(struct elements **out)
{
	struct elements *e = calloc(1, sizeof(*e));
	int rc = e ? batch_open(&e->batch) : -ENOMEM;

	if (rc)
		free(e);
	else
		*out = e;
	return rc;
}

uint32_t elements_port(const struct elements *e)
{
	return batch_port(e->batch);
}

void elements_close(struct elements *e)
{
	if (!e)
		return;
	batch_close(e->batch);
	difference_free(e->difference);
	free(e);
}

int elements_find_table(struct elements *e)
{
	return batch_find_table(e->batch);
}

void elements_begin(struct elements *e)
{
	batch_begin(e->batch);
}

static void put_add(void *ctx, const struct element *element)
{
	batch_add(ctx, element);
}

static void put_del(void *ctx, const struct element *element)
{
	batch_del(ctx, element);
}

void elements_replace(struct elements *e, const struct grant *from, const struct grant *to, const char *note)
{
	struct element_list old, new;

	grant_elements_list(&old, from, NULL);
	grant_elements_list(&new, to, note);
	for (unsigned i = 0; i < old.count; i++)
		if (!grant_elements_has(&new, &old.elements[i]))
			batch_del(e->batch, &old.elements[i]);
	for (unsigned i = 0; i < new.count; i++)
		if (!grant_elements_has(&old, &new.elements[i]))
			batch_add(e->batch, &new.elements[i]);
	grant_elements_put_forwards(put_del, e->batch, from, to);
	grant_elements_put_forwards(put_add, e->batch, to, from);
}

static void want_element(void *ctx, const struct element *element)
{
	difference_want(ctx, element);
}

int elements_want_none(struct elements *e)
{
	difference_free(e->difference);
	e->difference = difference_new(sets, ALL_SETS, EXACT_SETS);
	return e->difference ? 0 : -ENOMEM;
}

void elements_want(struct elements *e, const struct grant *grant, const char *note)
{
	struct element_list list;

	grant_elements_list(&list, grant, note);
	for (unsigned i = 0; i < list.count; i++)
		difference_want(e->difference, &list.elements[i]);
	grant_elements_put_forwards(want_element, e->difference, grant, &(const struct grant){ 0 });
}

int elements_compare(struct elements *e, const struct difference_handler *handler)
{
	int rc = difference_tell(e->difference, e->batch, handler);

	difference_free(e->difference);
	e->difference = NULL;
	return rc;
}

static void del_extra(void *ctx, const struct element *identity, const struct element_view *found)
{
	(void)found;
	batch_del(ctx, identity);
}

static void put_other(void *ctx, const struct element *wanted, const struct element_view *found)
{
	(void)found;
	batch_del(ctx, wanted);
	batch_add(ctx, wanted);
}

int elements_add_difference(struct elements *e)
{
	const struct difference_handler handler = { .on_missing = put_add, .on_extra = del_extra, .on_other = put_other, .ctx = e->batch };

	return elements_compare(e, &handler);
}

void elements_flush_uplink_addresses(struct elements *e)
{
	batch_flush(e->batch, "uplink_addresses");
}

static struct element uplink_address(struct in_addr address)
{
	struct element element = { .set = "uplink_addresses" };

	element_append(&element.key, &address, sizeof(address));
	return element;
}

static struct element attached(unsigned ifindex)
{
	struct element element = { .set = "attached" };

	element_append_u32(&element.key, ifindex);
	return element;
}

void elements_want_uplink_address(struct elements *e, struct in_addr address)
{
	struct element element = uplink_address(address);

	difference_want(e->difference, &element);
}

void elements_want_attached(struct elements *e, unsigned ifindex)
{
	struct element element = attached(ifindex);

	difference_want(e->difference, &element);
}

void elements_add_uplink_address(struct elements *e, struct in_addr address)
{
	struct element element = uplink_address(address);

	batch_add(e->batch, &element);
}

void elements_attach(struct elements *e, unsigned ifindex)
{
	struct element element = attached(ifindex);

	batch_add(e->batch, &element);
}

void elements_detach(struct elements *e, unsigned ifindex)
{
	struct element element = attached(ifindex);

	batch_del(e->batch, &element);
}

void elements_flush(struct elements *e)
{
	for (size_t i = 0; i < CLIENT_SETS; i++)
		batch_flush(e->batch, sets[i]);
}

int elements_commit(struct elements *e)
{
	return batch_commit(e->batch);
}

struct search {
	struct batch *batch;
	const char *missing;
};

static void look_for(void *ctx, const struct element *element)
{
	struct search *search = ctx;

	if (!search->missing && batch_holds(search->batch, element) <= 0)
		search->missing = element->set;
}

const char *elements_missing(struct elements *e, const struct grant *grant)
{
	struct search search = { .batch = e->batch };
	struct element_list list;

	grant_elements_list(&list, grant, NULL);
	for (unsigned i = 0; i < list.count; i++)
		look_for(&search, &list.elements[i]);
	grant_elements_put_forwards(look_for, &search, grant, &(const struct grant){ 0 });
	return search.missing;
}

static unsigned length_between(uint32_t first, uint32_t last)
{
	unsigned length = 32;

	while (length > 0 && (first >> (32 - length) << (32 - length)) == first && (first | (length == 32 ? 0 : UINT32_MAX >> length)) != last)
		length--;
	return length;
}

static void on_session(void *ctx, const struct element_view *view)
{
	const struct elements_memory *memory = ctx;
	struct prefix address = { .length = 32 };
	uint32_t ifindex, serial;

	/* Without a note it is a network behind a client, whose own element has one. */
	if (view->key_len < 8 || view->value_len < 4 || !*view->note)
		return;
	memcpy(&ifindex, view->key, 4);
	memcpy(&address.address, view->key + 4, 4);
	memcpy(&serial, view->value, 4);
	if (view->end_len >= 8) {
		struct in_addr last;

		memcpy(&last, view->end + 4, 4);
		ifindex = ntohl(ifindex);
		address.length = length_between(ntohl(address.address.s_addr), ntohl(last.s_addr));
	}
	memory->on_session(memory->ctx, ifindex, &address, serial, view->note);
}

static void on_address6(void *ctx, const struct element_view *view)
{
	const struct elements_memory *memory = ctx;
	struct in6_addr address6;
	uint32_t ifindex, serial;

	if (view->key_len < 20 || view->value_len < 4)
		return;
	memcpy(&ifindex, view->key, 4);
	memcpy(&address6, view->key + 4, sizeof(address6));
	memcpy(&serial, view->value, 4);
	memory->on_address6(memory->ctx, ifindex, &address6, serial);
}

struct refused {
	void (*on_refused)(void *ctx, uint32_t serial, uint64_t flows);
	void *ctx;
};

static void on_refused(void *ctx, const struct element_view *view)
{
	const struct refused *refused = ctx;
	uint32_t serial;

	if (view->key_len < 4)
		return;
	memcpy(&serial, view->key, 4);
	refused->on_refused(refused->ctx, serial, view->packets);
}

struct dropping {
	bool is_down;
	void (*on_dropped)(void *ctx, const struct dropped *dropped);
	void *ctx;
};

static void tell_dropped(const struct dropping *dropping, const struct element_view *view, bool is_serial)
{
	struct dropped dropped = { .is_down = dropping->is_down, .packets = view->packets };

	if (view->key_len < 4)
		return;
	memcpy(is_serial ? &dropped.serial : &dropped.ifindex, view->key, 4);
	if (view->key_len >= 8)
		memcpy(&dropped.address, view->key + 4, 4);
	dropping->on_dropped(dropping->ctx, &dropped);
}

static void on_dropped(void *ctx, const struct element_view *view)
{
	tell_dropped(ctx, view, false);
}

static void on_network_dropped(void *ctx, const struct element_view *view)
{
	tell_dropped(ctx, view, true);
}

int elements_each_dropped(struct elements *e, void (*tell)(void *ctx, const struct dropped *dropped), void *ctx)
{
	struct dropping up = { .is_down = false, .on_dropped = tell, .ctx = ctx }, down = { .is_down = true, .on_dropped = tell, .ctx = ctx };
	int rc = batch_dump(e->batch, "rate_up", on_dropped, &up);

	if (!rc)
		rc = batch_dump(e->batch, "rate_up_host", on_dropped, &up);
	if (!rc)
		rc = batch_dump(e->batch, "rate_up_network", on_network_dropped, &up);
	if (!rc)
		rc = batch_dump(e->batch, "rate_down_host", on_dropped, &down);
	if (!rc)
		rc = batch_dump(e->batch, "rate_down_network", on_network_dropped, &down);
	return rc;
}

int elements_each_refused(struct elements *e, void (*tell)(void *ctx, uint32_t serial, uint64_t flows), void *ctx)
{
	struct refused refused = { .on_refused = tell, .ctx = ctx };

	return batch_dump(e->batch, "flow_refused", on_refused, &refused);
}

static void on_snat_address(void *ctx, const struct element_view *view)
{
	const struct elements_memory *memory = ctx;
	struct public public = { 0 };
	uint32_t serial;

	if (view->key_len < 4 || view->value_len < 4)
		return;
	memcpy(&serial, view->key, 4);
	memcpy(&public.address, view->value, 4);
	memory->on_public(memory->ctx, serial, &public);
}

static void on_port_block(void *ctx, const struct element_view *view)
{
	const struct elements_memory *memory = ctx;
	uint32_t serial, ports;

	if (view->key_len < 4 || view->value_len < 4)
		return;
	memcpy(&serial, view->key, 4);
	memcpy(&ports, view->value, 4);
	memory->on_public(memory->ctx, serial, &(struct public){ .port_first = (uint16_t)(ports >> 16), .port_last = (uint16_t)ports });
}

static void on_attached(void *ctx, const struct element_view *view)
{
	const struct elements_memory *memory = ctx;
	uint32_t ifindex;

	if (view->key_len < 4)
		return;
	memcpy(&ifindex, view->key, 4);
	memory->on_attached(memory->ctx, ifindex);
}

static void on_forward(void *ctx, const struct element_view *view)
{
	const struct elements_memory *memory = ctx;
	struct in_addr to;

	if (view->value_len < 4)
		return;
	memcpy(&to, view->value, 4);
	memory->on_forward(memory->ctx, to);
}

int elements_dump(struct elements *e, const struct elements_memory *memory)
{
	static const struct {
		const char *name;
		void (*on_element)(void *ctx, const struct element_view *view);
	} remembered[] = {
		{ "serial", on_session }, { "serial_net", on_session }, { "snat_address", on_snat_address },
		{ "port_block", on_port_block }, { "attached", on_attached },
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(remembered) / sizeof(remembered[0]); i++)
		rc = batch_dump(e->batch, remembered[i].name, remembered[i].on_element, (void *)memory);
	/* A table of an older masqd has none. */
	if (!rc && batch_dump(e->batch, "forwards", on_forward, (void *)memory))
		log_debug("no forwards to remember");
	if (!rc && batch_dump(e->batch, "serial6", on_address6, (void *)memory))
		log_debug("no IPv6 to remember");
	return rc;
}

struct counting {
	void (*on_count)(void *ctx, const struct host_count *count);
	void *ctx;
	bool is_received;
};

static void on_counter(void *ctx, const struct element_view *view)
{
	const struct counting *counting = ctx;
	struct host_count count = { .is_received = counting->is_received, .bytes = view->bytes };

	if (view->key_len < 8)
		return;
	memcpy(&count.ifindex, view->key, 4);
	memcpy(&count.address, view->key + 4, 4);
	counting->on_count(counting->ctx, &count);
}

int elements_read_counts(struct elements *e, const struct grant *grant, void (*on_count)(void *ctx, const struct host_count *count),
			 void *ctx)
{
	struct counting counting = { .on_count = on_count, .ctx = ctx };
	int rc = 0;

	for (unsigned i = 0; !rc && i < GRANT_COUNT_SETS; i++) {
		struct element element = { .set = grant_count_sets[i] };

		counting.is_received = i == 0;
		if (grant)
			grant_elements_set_key(&element, grant);
		rc = grant ? batch_get(e->batch, &element, on_counter, &counting) :
			     batch_dump(e->batch, element.set, on_counter, &counting);
	}
	/* An older masqd had no such sets. */
	return rc == -ENOENT && !grant ? 0 : rc;
}

void elements_forget_count(struct elements *e, const struct host_count *count)
{
	struct element element = { .set = grant_count_sets[!count->is_received] };

	element_append_u32(&element.key, count->ifindex);
	element_append(&element.key, &count->address, sizeof(count->address));
	batch_del(e->batch, &element);
}
