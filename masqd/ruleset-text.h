/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* The rules that are always the same, to be read as documentation. doc/design.md, "The translation engine", tells why they are
 * as they are. */

#ifndef MASQD_RULESET_TEXT_H
#define MASQD_RULESET_TEXT_H

/* Raised when the maps change in a way that elements of an older masqd do not fit. It stands in the table's comment. */
#define RULESET_LAYOUT "Masq-Gate layout 2"

extern const char ruleset_text_declarations[];
extern const char ruleset_text_rules[];
extern const char ruleset_text_route_marks[];
extern const char ruleset_text_rates[];

/* Rules of chains that have some of them. */
extern const char ruleset_text_limit_new_flows[], ruleset_text_limit_flows[];
extern const char ruleset_text_clamp[], ruleset_text_clamp_at_rates[];

#endif
