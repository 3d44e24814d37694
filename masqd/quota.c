/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Accounts, the sessions that add to them, the look once a second, and the writing. */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "lib/varlink-client.h"
#include "masqd/clock.h"
#include "masqd/quota-store.h"
#include "masqd/quota.h"

/* Rows written at a time, and the pause between two such slices. */
enum { SLICE_ROWS = 1000 };
static const struct timeval slice_pause = { .tv_sec = 1 };
static const struct timeval write_pause = { .tv_sec = QUOTA_WRITE_SECONDS };
static const struct timeval at_once = { 0 };
static const struct timeval second = { .tv_sec = 1 };

/* Of the time, a look takes one part in so many at most. */
enum { LOOK_SHARE = 20 };

/* How long a clock that was set, or does not run while the machine is off, has to become right. */
enum { CLOCK_PATIENCE_SECONDS = 10 * 60 };

struct account {
	char *key;
	struct account_name name;	/* its owner points into key */
	struct account_bytes bytes;
	struct counted *sessions;
	bool is_dirty;		/* differs from what is written */
	bool is_in_slice;	/* being written */
	UT_hash_handle hh;
};

/* A session that adds to an account. */
struct counted {
	struct account_counters counters;	/* as last added */
	struct quota_terms terms;
	struct account *account;
	enum quota_state state;	/* as the session knows it */
	bool is_gone;		/* is not counted any more; stays until its account is written */
	bool has_ended;		/* nor can be again */
	struct counted *prev, *next;
	UT_hash_handle hh;
};

struct quota {
	struct store *store;
	const struct quota_handler *handler;
	struct account *accounts;
	struct counted *sessions;	/* by serial */
	struct event *tick, *write;
	struct clock clock;
	int64_t look_ms;		/* when the next look may be */
	bool has_swept;
};

/* Whose the session's bytes are; what sections name is no user. */
static void name_account(const struct session *s, enum period period, struct account_name *name, char text[ADDR_TEXT_MAX])
{
	bool has_user = s->user && (s->type == SESSION_PPP || s->type == SESSION_ATTACHED);
	bool has_line = s->tty || (s->user && s->type == SESSION_SERIAL);

	name->period = period;
	name->owner = text;
	if (period == PERIOD_SESSION) {
		name->kind = ACCOUNT_SESSION;
		snprintf(text, ADDR_TEXT_MAX, "#%u", s->serial);
	} else if (has_user) {
		name->kind = ACCOUNT_USER;
		name->owner = s->user;
	} else if (has_line) {
		name->kind = ACCOUNT_LINE;
		name->owner = !s->tty ? s->user : strncmp(s->tty, "/dev/", 5) == 0 ? s->tty + 5 : s->tty;
	} else {
		name->kind = ACCOUNT_ADDRESS;
		addr_text(s->address.address, text);
	}
}

static void write_later(struct quota *quota)
{
	if (!evtimer_pending(quota->write, NULL))
		event_add(quota->write, &write_pause);
}

/* The account begins anew with its period. A clock that was set back does not give another quota; one that was wrong and is
 * right again does not make a period last for years. */
static void roll(struct quota *quota, struct account *account)
{
	int64_t settled_sec = clock_settled_sec(&quota->clock);
	time_t now = time(NULL), start = period_start(account->name.period, now);

	if (account->name.period == PERIOD_SESSION || account->bytes.since == start)
		return;
	if (account->bytes.since > now && settled_sec < CLOCK_PATIENCE_SECONDS)
		return;
	if (account->bytes.since < start)
		account->bytes.down = account->bytes.up = 0;
	account->bytes.since = start;
	account->is_dirty = true;
	write_later(quota);
}

/* The account of this name, from memory, the store, or new. NULL without memory. */
static struct account *find_account(struct quota *quota, const struct account_name *name)
{
	struct account *account;
	char *key;

	if (asprintf(&key, "%d%d%s", name->kind, name->period, name->owner) < 0)
		return NULL;
	HASH_FIND_STR(quota->accounts, key, account);
	if (!account)
		account = calloc(1, sizeof(*account));
	if (!account || account->key) {
		free(key);
		return account;
	}
	account->key = key;
	account->name = *name;
	account->name.owner = key + 2;
	account->bytes.since = period_start(name->period, time(NULL));
	quota_store_load(quota->store, name, &account->bytes);
	HASH_ADD_KEYPTR(hh, quota->accounts, account->key, strlen(account->key), account);
	return account;
}

/* Forgets an account that nobody needs in memory. */
static void release(struct quota *quota, struct account *account)
{
	if (!account || account->sessions || account->is_dirty)
		return;
	HASH_DEL(quota->accounts, account);
	free(account->key);
	free(account);
}

static void forget(struct quota *quota, struct counted *c)
{
	DL_DELETE(c->account->sessions, c);
	HASH_DEL(quota->sessions, c);
	free(c);
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return b > INT64_MAX - a ? INT64_MAX : a + b;
}

/* A counter that went back has begun again at 0. */
static uint64_t growth(uint64_t last, uint64_t now)
{
	return now < last ? now : now - last;
}

/* Adds what has passed since the last time. */
static void count(struct quota *quota, struct counted *c)
{
	struct account *account = c->account;
	uint64_t rx, tx;

	if (!quota->handler->read(quota->handler->ctx, c->counters.serial, &rx, &tx))
		return;
	if (rx != c->counters.rx || tx != c->counters.tx) {
		account->bytes.down = sum(account->bytes.down, growth(c->counters.tx, tx));
		account->bytes.up = sum(account->bytes.up, growth(c->counters.rx, rx));
		c->counters.rx = rx;
		c->counters.tx = tx;
		account->is_dirty = true;
		write_later(quota);
	}
}

static enum quota_state judge(const struct counted *c)
{
	return quota_judge(&c->terms, c->account->bytes.down, c->account->bytes.up, NULL, NULL);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct quota *quota = ctx;
	int64_t begin_ms = varlink_now_ms();
	struct counted *c, *next;

	if (begin_ms < quota->look_ms)
		return;
	quota->handler->refresh(quota->handler->ctx);
	quota->look_ms = begin_ms + LOOK_SHARE * (varlink_now_ms() - begin_ms);
	/* All are counted before any is judged, since several may add to one account. */
	HASH_ITER(hh, quota->sessions, c, next) {
		if (!c->is_gone)
			count(quota, c);
		roll(quota, c->account);
	}
	HASH_ITER(hh, quota->sessions, c, next) {
		enum quota_state state = judge(c);

		if (!c->is_gone && (state != c->state || (state == QUOTA_OVER && c->terms.over.action == OVER_QUOTA_DENY)))
			quota->handler->on_state(quota->handler->ctx, c->counters.serial);
	}
	if (!quota->sessions)
		event_del(quota->tick);
}

/* Rows of sessions that ended while masqd was not there. */
static bool is_counted(void *ctx, uint32_t serial)
{
	struct quota *quota = ctx;
	struct counted *c;

	HASH_FIND(hh, quota->sessions, &serial, sizeof(serial), c);
	return c;
}

/* An account and the counters that it stands for; how many rows that is. */
static unsigned put_account(struct quota_writer *writer, struct account *account)
{
	unsigned rows = 1, left = 0;
	struct counted *c;

	DL_FOREACH(account->sessions, c) {
		if (c->has_ended)
			quota_writer_drop_counters(writer, c->counters.serial);
		else
			quota_writer_save_counters(writer, &c->counters);
		left += !c->has_ended;
		rows++;
	}
	if (left || account->name.kind != ACCOUNT_SESSION)
		quota_writer_save(writer, &account->name, &account->bytes);
	else
		quota_writer_drop(writer, &account->name);
	return rows;
}

/* What is gone is forgotten, written or not: an account that could not be written is in memory still. */
static void end_account(struct quota *quota, struct account *account, bool is_written)
{
	struct counted *c, *next;

	account->is_in_slice = false;
	if (is_written)
		account->is_dirty = false;
	/* To the end of the queue: it may be dirty again before all others have had their turn. */
	HASH_DEL(quota->accounts, account);
	HASH_ADD_KEYPTR(hh, quota->accounts, account->key, strlen(account->key), account);
	DL_FOREACH_SAFE(account->sessions, c, next)
		if (c->is_gone)
			forget(quota, c);
	release(quota, account);
}

/* 0 or -EIO. */
static int write_slice(struct quota *quota, unsigned most)
{
	struct account *account, *next;
	struct quota_writer writer;
	unsigned rows = 0;
	bool is_ready = quota_writer_begin(&writer, quota->store) == 0;
	int rc;

	HASH_ITER(hh, quota->accounts, account, next) {
		if (!account->is_dirty || rows >= most)
			continue;
		account->is_in_slice = true;
		if (is_ready)
			rows += put_account(&writer, account);
	}
	rc = quota_writer_end(&writer);
	HASH_ITER(hh, quota->accounts, account, next)
		if (account->is_in_slice)
			end_account(quota, account, rc == 0);
	return rc;
}

static void on_write(evutil_socket_t fd, short what, void *ctx)
{
	struct quota *quota = ctx;
	int rc = write_slice(quota, SLICE_ROWS);
	struct account *account, *next;

	if (!rc && !quota->has_swept)
		quota->has_swept = quota_store_sweep(quota->store, is_counted, quota) == 0;
	HASH_ITER(hh, quota->accounts, account, next) {
		if (!account->is_dirty)
			continue;
		event_add(quota->write, rc ? &write_pause : &slice_pause);
		break;
	}
}

int quota_open(struct quota **out, struct event_base *base, struct store *store, const struct quota_handler *handler)
{
	struct quota *quota = calloc(1, sizeof(*quota));

	if (!quota)
		return -ENOMEM;
	quota->store = store;
	quota->handler = handler;
	quota->tick = event_new(base, -1, EV_PERSIST, on_tick, quota);
	quota->write = evtimer_new(base, on_write, quota);
	if (!quota->tick || !quota->write) {
		quota_close(quota);
		return -ENOMEM;
	}
	*out = quota;
	return 0;
}

void quota_close(struct quota *quota)
{
	struct account *account, *next;
	struct counted *c, *next_c;

	if (!quota)
		return;
	if (quota->accounts)
		write_slice(quota, UINT_MAX);
	HASH_ITER(hh, quota->sessions, c, next_c)
		forget(quota, c);
	HASH_ITER(hh, quota->accounts, account, next) {
		account->is_dirty = false;
		release(quota, account);
	}
	if (quota->tick)
		event_free(quota->tick);
	if (quota->write)
		event_free(quota->write);
	free(quota);
}

/* Counting goes on where it was when it was last written. Else it begins now; but a line that was there before us, and has come up
 * in this period, has used what its interface has counted. */
static struct counted *begin(struct quota *quota, const struct session *s)
{
	bool is_whole = s->is_remembered && s->type == SESSION_PPP && time(NULL) - session_age(s) >= period_start(s->chosen_policy->quota.period, time(NULL));
	struct counted *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->counters.serial = s->serial;
	if (!quota_store_load_counters(quota->store, &c->counters) && !is_whole)
		quota->handler->read(quota->handler->ctx, s->serial, &c->counters.rx, &c->counters.tx);
	HASH_ADD(hh, quota->sessions, counters.serial, sizeof(c->counters.serial), c);
	return c;
}

static void leave(struct quota *quota, struct counted *c, bool has_ended)
{
	count(quota, c);
	c->is_gone = true;
	c->has_ended = has_ended;
	c->account->is_dirty = true;
	/* Nobody can ask the kernel for its counters any more. Those that end together are written together. */
	event_add(quota->write, &at_once);
}

static void set_account(struct quota *quota, struct counted *c, struct account *account)
{
	struct account *old = c->account;

	if (old == account)
		return;
	if (old)
		DL_DELETE(old->sessions, c);
	c->account = account;
	DL_APPEND(account->sessions, c);
	account->is_dirty = true;
	release(quota, old);
	write_later(quota);
}

/* A network's hosts have theirs each. */
static bool has_quota(const struct session *s)
{
	return s->chosen_policy && s->type != SESSION_NETWORK && quota_is_limited(&s->chosen_policy->quota);
}

void quota_follow(struct quota *quota, struct session *s)
{
	bool is_wanted = has_quota(s) && s->state != SESSION_ADMITTED && s->ifindex;
	char text[ADDR_TEXT_MAX];
	struct account_name name;
	struct account *account;
	struct counted *c;

	HASH_FIND(hh, quota->sessions, &s->serial, sizeof(s->serial), c);
	s->quota_state = QUOTA_NONE;
	if (c && !c->is_gone && !is_wanted)
		leave(quota, c, s->state == SESSION_ADMITTED);
	if (!is_wanted)
		return;
	name_account(s, s->chosen_policy->quota.period, &name, text);
	account = find_account(quota, &name);
	if (account && !c)
		c = begin(quota, s);
	if (!account || !c) {
		release(quota, account);
		return;
	}
	c->is_gone = c->has_ended = false;
	set_account(quota, c, account);
	c->terms = s->chosen_policy->quota;
	count(quota, c);
	roll(quota, account);
	s->quota_state = c->state = judge(c);
	if (!event_pending(quota->tick, EV_TIMEOUT, NULL))
		event_add(quota->tick, &second);
}

bool quota_get(struct quota *quota, const struct session *s, struct quota_use *use)
{
	char text[ADDR_TEXT_MAX];
	struct account_name name;
	struct account *account;

	if (!has_quota(s))
		return false;
	name_account(s, s->chosen_policy->quota.period, &name, text);
	account = find_account(quota, &name);
	if (!account)
		return false;
	roll(quota, account);
	use->down = account->bytes.down;
	use->up = account->bytes.up;
	use->state = quota_judge(&s->chosen_policy->quota, use->down, use->up, &use->percent, &use->left);
	use->resets = period_end(s->chosen_policy->quota.period, time(NULL));
	release(quota, account);
	return true;
}

const char *quota_owner(const struct session *s, char text[ADDR_TEXT_MAX])
{
	struct account_name name;

	name_account(s, s->chosen_policy->quota.period, &name, text);
	return name.owner;
}

unsigned quota_reset(struct quota *quota, const char *owner)
{
	struct account *account, *next;
	unsigned found = 0, dropped;

	write_slice(quota, UINT_MAX);
	dropped = quota_store_drop_owner(quota->store, owner);
	HASH_ITER(hh, quota->accounts, account, next) {
		if (strcmp(account->name.owner, owner) != 0)
			continue;
		found++;
		account->bytes = (struct account_bytes){ .since = period_start(account->name.period, time(NULL)) };
		account->is_dirty = true;
		write_later(quota);
	}
	return dropped > found ? dropped : found;
}

unsigned quota_count(const struct quota *quota, enum quota_state state)
{
	struct counted *c, *next;
	unsigned number = 0;

	HASH_ITER(hh, quota->sessions, c, next)
		number += !c->is_gone && c->state == state;
	return number;
}
