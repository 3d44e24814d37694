/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "masqd/flusher.h"

struct flush_list {
	struct flush *all;
	size_t count, size;
};

struct flusher {
	void (*on_done)(void *ctx, const struct flush *flush);
	void *ctx;
	int told;	/* eventfd: something is done */
	struct event *readable;
	pthread_t thread;
	bool has_thread;
	struct flush_sockets sockets;	/* the thread's */

	pthread_mutex_t lock;		/* for what follows */
	pthread_cond_t wanted;
	struct flush_list pending, done;
	bool ends;
};

static int append(struct flush_list *list, const struct flush *flush)
{
	if (list->count == list->size) {
		size_t size = list->size ? 2 * list->size : 64;
		struct flush *all = realloc(list->all, size * sizeof(*all));

		if (!all)
			return -ENOMEM;
		list->all = all;
		list->size = size;
	}
	list->all[list->count++] = *flush;
	return 0;
}

/* All that is pending, once there is some; false when it is time to end. */
static bool take_pending(struct flusher *flusher, struct flush_list *list)
{
	bool ends;

	pthread_mutex_lock(&flusher->lock);
	while (!flusher->pending.count && !flusher->ends)
		pthread_cond_wait(&flusher->wanted, &flusher->lock);
	*list = flusher->pending;
	flusher->pending = (struct flush_list){ 0 };
	ends = flusher->ends;
	pthread_mutex_unlock(&flusher->lock);
	return !ends;
}

static void give_done(struct flusher *flusher, const struct flush_list *list)
{
	pthread_mutex_lock(&flusher->lock);
	/* Without memory nobody hears of it: what waits for that, waits for good, which is safe. */
	for (size_t i = 0; i < list->count; i++)
		append(&flusher->done, &list->all[i]);
	pthread_mutex_unlock(&flusher->lock);
	eventfd_write(flusher->told, 1);
}

static void *work(void *ctx)
{
	static const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	struct flusher *flusher = ctx;
	struct flush_list list;

	while (take_pending(flusher, &list)) {
		flush_run(&flusher->sockets, list.all, list.count);
		give_done(flusher, &list);
		free(list.all);
		/* In a storm, whoever hangs up meanwhile goes along. */
		if (list.count > FLUSH_FEW)
			nanosleep(&pause, NULL);
	}
	free(list.all);
	return NULL;
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct flusher *flusher = ctx;
	struct flush_list done;
	eventfd_t count;

	eventfd_read(fd, &count);
	pthread_mutex_lock(&flusher->lock);
	done = flusher->done;
	flusher->done = (struct flush_list){ 0 };
	pthread_mutex_unlock(&flusher->lock);
	for (size_t i = 0; i < done.count; i++)
		flusher->on_done(flusher->ctx, &done.all[i]);
	free(done.all);
}

/* Signals are the loop's. */
static int start(struct flusher *flusher)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = -pthread_create(&flusher->thread, NULL, work, flusher);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	flusher->has_thread = !rc;
	return rc;
}

int flusher_open(struct flusher **out, struct event_base *base, void (*on_done)(void *ctx, const struct flush *flush), void *ctx)
{
	struct flusher *flusher = calloc(1, sizeof(*flusher));
	int rc = -ENOMEM;

	if (!flusher)
		return -ENOMEM;
	flusher->on_done = on_done;
	flusher->ctx = ctx;
	pthread_mutex_init(&flusher->lock, NULL);
	pthread_cond_init(&flusher->wanted, NULL);
	flusher->told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (flusher->told >= 0)
		flusher->readable = event_new(base, flusher->told, EV_READ | EV_PERSIST, on_readable, flusher);
	if (flush_sockets_open(&flusher->sockets) == 0 && flusher->readable && event_add(flusher->readable, NULL) == 0)
		rc = start(flusher);
	if (rc)
		flusher_close(flusher);
	else
		*out = flusher;
	return rc;
}

void flusher_close(struct flusher *flusher)
{
	if (!flusher)
		return;
	pthread_mutex_lock(&flusher->lock);
	flusher->ends = true;
	pthread_cond_signal(&flusher->wanted);
	pthread_mutex_unlock(&flusher->lock);
	if (flusher->has_thread)
		pthread_join(flusher->thread, NULL);
	if (flusher->readable)
		event_free(flusher->readable);
	if (flusher->told >= 0)
		close(flusher->told);
	flush_sockets_close(&flusher->sockets);
	pthread_cond_destroy(&flusher->wanted);
	pthread_mutex_destroy(&flusher->lock);
	free(flusher->pending.all);
	free(flusher->done.all);
	free(flusher);
}

int flusher_add(struct flusher *flusher, const struct flush *flush)
{
	int rc;

	pthread_mutex_lock(&flusher->lock);
	rc = append(&flusher->pending, flush);
	if (!rc)
		pthread_cond_signal(&flusher->wanted);
	pthread_mutex_unlock(&flusher->lock);
	return rc;
}
