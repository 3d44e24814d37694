/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What the methods' handlers share, and the handlers, which masqd/api.c puts into the table of who may call what. */

#ifndef MASQD_API_METHOD_H
#define MASQD_API_METHOD_H

#include <jansson.h>

#include "lib/varlink-server.h"
#include "masqd/gateway.h"

#define INTERFACE "org.masqgate.Gateway"

struct api {
	struct gateway *gw;
	struct varlink_server *server;
	struct varlink_service service;
	struct monitor *monitors;
	struct hang_ups *hang_ups;
	bool is_closing;
};

/* Answer with the errors Refused and Failed; the latter takes over reason. */
void api_refuse(struct varlink_call *call, const char *reason);
void api_fail(struct varlink_call *call, json_t *reason);

/* Parameters. false if the member is missing or wrong; numbers are positive and of 32 bits. */
bool api_get_address(json_t *parameters, const char *member, struct in_addr *address);
bool api_get_number(json_t *parameters, const char *member, uint32_t *number);
struct session *api_find_session(const struct api *api, json_t *serial);

/* Answers a call whose parameter serials has one that is no session's, or no number. */
void api_no_session(struct varlink_call *call, json_t *serial);

/* For pppd's plugins (masqd/api-line.c); the first answers a call of Admit that had to wait. */
void api_admitted(struct varlink_call *call, const struct session *s);

/* Says to the call of Open that the kernel enforces the session, and whether its IPv6 is open. */
void api_opened(struct session *s);
void api_on_admit(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_open(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_up(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_up_ipv6(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_down_ipv6(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_close(void *ctx, struct varlink_call *call, json_t *parameters);

/* For whoever looks (masqd/api-view.c). */
void api_on_status(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_list(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_policies(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_uplinks(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_explain(void *ctx, struct varlink_call *call, json_t *parameters);

/* For whoever asks who was who (masqd/api-past.c). */
void api_on_who(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_history(void *ctx, struct varlink_call *call, json_t *parameters);

/* Is the kernel as it should be (masqd/api-reconcile.c)? */
void api_on_reconcile(void *ctx, struct varlink_call *call, json_t *parameters);

/* For whoever changes something (masqd/api-change.c). */
void api_on_kick(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_attach(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_detach(void *ctx, struct varlink_call *call, json_t *parameters);

/* And of live sessions (masqd/api-live.c). */
void api_on_set(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_unset(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_diff(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_reload(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_confirm(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_rollback(void *ctx, struct varlink_call *call, json_t *parameters);
void api_on_reset_quota(void *ctx, struct varlink_call *call, json_t *parameters);

#endif
