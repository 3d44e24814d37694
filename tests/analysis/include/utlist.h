/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Stands for utlist.h in the static analysis: what uthash.h here is for tables, this is for lists. */

#ifndef TESTS_ANALYSIS_UTLIST_H
#define TESTS_ANALYSIS_UTLIST_H

#include <stddef.h>

/* The list with the element, without it. */
void *utlist_with(void *head, void *element);
void *utlist_without(void *head, const void *element);

#define LL_APPEND(head, element)  ((head) = utlist_with((head), (element)))
#define LL_DELETE(head, element)  ((head) = utlist_without((head), (element)))
#define DL_APPEND(head, element)  ((head) = utlist_with((head), (element)))
#define DL_PREPEND(head, element) ((head) = utlist_with((head), (element)))
#define DL_DELETE(head, element)  ((head) = utlist_without((head), (element)))
#define LL_FOREACH(head, element) for ((element) = (head); (element); (element) = (element)->next)
#define DL_FOREACH(head, element) LL_FOREACH(head, element)
#define LL_FOREACH_SAFE(head, element, after) \
	for ((element) = (head); (element) && ((after) = (element)->next, 1); (element) = (after))
#define DL_FOREACH_SAFE(head, element, after) LL_FOREACH_SAFE(head, element, after)
#define LL_COUNT(head, element, number) \
	do { \
		(number) = 0; \
		LL_FOREACH(head, element) \
			(number)++; \
	} while (0)
#define LL_SEARCH_SCALAR(head, out, member, value) \
	do { \
		LL_FOREACH(head, out) \
			if ((out)->member == (value)) \
				break; \
	} while (0)

#endif
