/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Stands for uthash.h in the static analysis, and only there. What a table does inside is nothing that an analyser can follow: from the
 * real macros it concludes that what was taken out may be found again. Here it is told what counts: a loop goes through the elements, what
 * is found may be any of them or none, and what a table has may be another one after each change. */

#ifndef TESTS_ANALYSIS_UTHASH_H
#define TESTS_ANALYSIS_UTHASH_H

#include <stddef.h>

typedef struct UT_hash_handle {
	struct UT_hash_table {
		void *tail;
	} *tbl;
	void *prev, *next;
} UT_hash_handle;
#define ELMT_FROM_HH(table, handle) (handle)

/* Any element, or none. */
void *uthash_any(const void *head, const void *key, size_t length);
/* The table with the element, without it, in another order. */
void *uthash_with(void *head, void *element);
void *uthash_without(void *head, const void *element);
unsigned uthash_count(const void *head);

#define HASH_FIND(hh, head, key, length, out)         ((out) = uthash_any((head), (key), (length)))
#define HASH_FIND_STR(head, key, out)                 ((out) = uthash_any((head), (key), 0))
#define HASH_FIND_PTR(head, key, out)                 ((out) = uthash_any((head), (key), sizeof(void *)))
#define HASH_FIND_INT(head, key, out)                 ((out) = uthash_any((head), (key), sizeof(int)))
#define HASH_ADD(hh, head, member, length, element)   ((head) = uthash_with((head), (element)))
#define HASH_ADD_KEYPTR(hh, head, key, length, element) ((head) = uthash_with((head), (element)))
#define HASH_ADD_STR(head, member, element)           ((head) = uthash_with((head), (element)))
#define HASH_ADD_INT(head, member, element)           ((head) = uthash_with((head), (element)))
#define HASH_ADD_PTR(head, member, element)           ((head) = uthash_with((head), (element)))
#define HASH_DELETE(hh, head, element)                ((head) = uthash_without((head), (element)))
#define HASH_DEL(head, element)                       ((head) = uthash_without((head), (element)))
#define HASH_CLEAR(hh, head)                          ((head) = NULL)
#define HASH_SRT(hh, head, order)                     ((void)(order), (head) = uthash_with((head), NULL))
#define HASH_CNT(hh, head)                            (uthash_count(head))
#define HASH_COUNT(head)                              (uthash_count(head))
#define HASH_ITER(hh, head, element, after) \
	for ((element) = (head), (after) = (element) ? (element)->hh.next : NULL; (element); \
	     (element) = (after), (after) = (element) ? (element)->hh.next : NULL)

#endif
