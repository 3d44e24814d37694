/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The actions of bench/programming-load; its usage says what they do. */

#ifndef BENCH_PROGRAMMING_ACTIONS_H
#define BENCH_PROGRAMMING_ACTIONS_H

#include "bench/programming-sessions.h"

/* bench/programming-transactions.c */
void action_policy(struct sessions *sessions, char *arguments[]);
void action_fill(struct sessions *sessions, char *arguments[]);
void action_fill_hosts(struct sessions *sessions, char *arguments[]);
void action_empty(struct sessions *sessions, char *arguments[]);
void action_single(struct sessions *sessions, char *arguments[]);
void action_watched(struct sessions *sessions, char *arguments[]);
void action_batch(struct sessions *sessions, char *arguments[]);

/* bench/programming-commands.c */
void action_scripts(struct sessions *sessions, char *arguments[]);
void action_run(struct sessions *sessions, char *arguments[]);

/* bench/programming-counters.c */
void action_hosts(struct sessions *sessions, char *arguments[]);
void action_lines(struct sessions *sessions, char *arguments[]);

#endif
