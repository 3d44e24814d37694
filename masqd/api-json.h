/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The types of org.masqgate.Gateway as JSON, but for sessions (masqd/api-session.h). Every function gives a new reference. */

#ifndef MASQD_API_JSON_H
#define MASQD_API_JSON_H

#include <jansson.h>

#include "masqd/gateway.h"
#include "masqd/policy-key.h"

/* Null for 0. */
json_t *api_json_number(unsigned long long number);
json_t *api_json_address(struct in_addr address);

/* A key's name as a JSON member's. */
#define API_JSON_KEY_MAX 32
const char *api_json_key(const struct policy_key *key, char name[API_JSON_KEY_MAX]);

json_t *api_json_policies(const struct gateway *gw);
json_t *api_json_uplinks(const struct gateway *gw);
json_t *api_json_status(const struct gateway *gw);

/* What a Line parameter says. The texts of user point into user (to be freed by the caller), the others into json. 0, or
 * -EINVAL with the member that is missing or wrong. */
int api_json_parse_line(json_t *json, struct line *line, char **user, const char **wrong);

#endif
