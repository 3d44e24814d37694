/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* All that should be there stands in one array, hashed by set and key once it is complete. */

#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "masqd/difference.h"

/* What comes first in an element, without a gap: its set, its key, and the end of that. */
#define IDENTITY_LEN offsetof(struct element, value)

struct wanted {
	struct element element;
	size_t note;	/* where it begins among the notes, counted from 1; 0: there is none */
	bool is_told;	/* or as it should be */
	UT_hash_handle hh;
};

struct difference {
	const char *const *sets;
	size_t set_count, exact_count;
	struct wanted *list, *by_identity;
	size_t count, size;
	char *notes;
	size_t notes_len, notes_size;
	const struct difference_handler *handler;	/* while they are compared */
	const char *set;
	bool may_have_more;	/* it may */
	int error;
};

struct difference *difference_new(const char *const *sets, size_t count, size_t exact)
{
	struct difference *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->sets = sets;
	d->set_count = count;
	d->exact_count = exact;
	return d;
}

void difference_free(struct difference *d)
{
	if (!d)
		return;
	HASH_CLEAR(hh, d->by_identity);
	free(d->list);
	free(d->notes);
	free(d);
}

/* Makes room for so many more. NULL without memory, and then all is as it was. */
static void *make_room(void *list, size_t item, size_t count, size_t *size, size_t more)
{
	size_t wanted = *size ? *size : 64;

	while (wanted < count + more)
		wanted *= 2;
	if (wanted == *size)
		return list;
	list = realloc(list, wanted * item);
	if (list)
		*size = wanted;
	return list;
}

/* One name has one address here, so that sets can be told apart by it. */
static const char *find_set(const struct difference *d, const char *name)
{
	for (size_t i = 0; i < d->set_count; i++)
		if (strcmp(d->sets[i], name) == 0)
			return d->sets[i];
	return NULL;
}

static int keep_note(struct difference *d, const char *note, size_t *place)
{
	size_t len = strlen(note) + 1;
	char *notes = make_room(d->notes, 1, d->notes_len, &d->notes_size, len);

	if (!notes)
		return -ENOMEM;
	d->notes = notes;
	memcpy(notes + d->notes_len, note, len);
	*place = d->notes_len + 1;
	d->notes_len += len;
	return 0;
}

void difference_want(struct difference *d, const struct element *element)
{
	struct wanted *list = make_room(d->list, sizeof(*list), d->count, &d->size, 1), *wanted;
	const char *set = find_set(d, element->set);

	/* It may have moved. */
	if (list)
		d->list = list;
	if (!list || !set) {
		d->error = list ? -EINVAL : -ENOMEM;
		return;
	}
	wanted = &list[d->count++];
	memset(wanted, 0, sizeof(*wanted));
	wanted->element = *element;
	wanted->element.set = set;
	wanted->element.note = NULL;
	if (element->note && keep_note(d, element->note, &wanted->note))
		d->error = -ENOMEM;
}

static const char *note_of(const struct difference *d, const struct wanted *wanted)
{
	return wanted->note ? d->notes + wanted->note - 1 : NULL;
}

static void take_bytes(struct element_bytes *bytes, const unsigned char *from, size_t len)
{
	if (from && len <= sizeof(bytes->bytes))
		element_append(bytes, from, len);
}

/* A value alone is not padded. */
static bool has_value(const struct element_view *view, const struct element_bytes *value)
{
	return view->value_len == value->len && (!value->len || memcmp(view->value, value->bytes, value->len) == 0);
}

static bool is_right(const struct difference *d, const struct wanted *wanted, const struct element_view *view)
{
	const struct element *element = &wanted->element;
	const char *note = note_of(d, wanted);

	return has_value(view, &element->value) && view->state == element->state && view->rate == element->rate &&
	       view->burst == element->burst && strcmp(view->note, note ? note : "") == 0;
}

static void on_element(void *ctx, const struct element_view *view)
{
	struct difference *d = ctx;
	struct element element = { .set = d->set };
	struct wanted *wanted;

	take_bytes(&element.key, view->key, view->key_len);
	take_bytes(&element.end, view->end, view->end_len);
	HASH_FIND(hh, d->by_identity, &element, IDENTITY_LEN, wanted);
	if (!wanted) {
		if (!d->may_have_more)
			d->handler->on_extra(d->handler->ctx, &element, view);
		return;
	}
	/* Twice, since somebody else was at the table. */
	if (wanted->is_told)
		return;
	wanted->is_told = true;
	if (!is_right(d, wanted, view))
		d->handler->on_other(d->handler->ctx, &wanted->element, view);
}

/* Two may want the same one. */
static void index_wanted(struct difference *d)
{
	struct wanted *wanted, *known;

	for (size_t i = 0; i < d->count; i++) {
		wanted = &d->list[i];
		wanted->element.note = note_of(d, wanted);
		HASH_FIND(hh, d->by_identity, &wanted->element, IDENTITY_LEN, known);
		if (known)
			wanted->is_told = true;
		else
			HASH_ADD_KEYPTR(hh, d->by_identity, &wanted->element, IDENTITY_LEN, wanted);
	}
}

int difference_tell(struct difference *d, struct batch *batch, const struct difference_handler *handler)
{
	int rc = d->error;

	d->handler = handler;
	index_wanted(d);
	for (size_t i = 0; !rc && i < d->set_count; i++) {
		d->set = d->sets[i];
		d->may_have_more = i >= d->exact_count;
		rc = batch_dump(batch, d->set, on_element, d);
	}
	for (size_t i = 0; !rc && i < d->count; i++)
		if (!d->list[i].is_told)
			handler->on_missing(handler->ctx, &d->list[i].element);
	return rc;
}
