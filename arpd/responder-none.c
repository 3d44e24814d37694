/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* In place of responder.c where BPF was not built in. As nothing can be opened, the others are not called but with NULL. */

#include "arpd/responder.h"

#include <errno.h>

int responder_open(struct responder **responder)
{
	(void)responder;
	return -ENOSYS;
}

void responder_close(struct responder *responder)
{
	(void)responder;
}

void responder_leave(struct responder *responder)
{
	(void)responder;
}

int responder_attach(struct responder *responder, int interface, const unsigned char mac[ETH_ALEN])
{
	(void)responder;
	(void)interface;
	(void)mac;
	return -ENOSYS;
}

void responder_detach(struct responder *responder, int interface)
{
	(void)responder;
	(void)interface;
}

bool responder_is_attached(struct responder *responder, int interface)
{
	(void)responder;
	(void)interface;
	return false;
}

void responder_sweep(struct responder *responder)
{
	(void)responder;
}

bool responder_is_left(void)
{
	return false;
}

int responder_add(struct responder *responder, int interface, struct in_addr address)
{
	(void)responder;
	(void)interface;
	(void)address;
	return -ENOSYS;
}

void responder_del(struct responder *responder, int interface, struct in_addr address)
{
	(void)responder;
	(void)interface;
	(void)address;
}

uint64_t responder_answered(struct responder *responder, int interface)
{
	(void)responder;
	(void)interface;
	return 0;
}
