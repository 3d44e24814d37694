/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* masqctl's commands. Each gets the words behind its name and returns an exit code, having reported what went wrong. */

#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/options.h"

int status_command(const struct options *opt, int count, char **words);
int list_command(const struct options *opt, int count, char **words);
int policies_command(const struct options *opt, int count, char **words);
int uplinks_command(const struct options *opt, int count, char **words);
int arp_command(const struct options *opt, int count, char **words);
int arp_conflicts_command(const struct options *opt, int count, char **words);
int arp_add_command(const struct options *opt, int count, char **words);
int arp_del_command(const struct options *opt, int count, char **words);
int explain_command(const struct options *opt, int count, char **words);
int show_command(const struct options *opt, int count, char **words);
int kick_command(const struct options *opt, int count, char **words);
int attach_command(const struct options *opt, int count, char **words);
int detach_command(const struct options *opt, int count, char **words);
int set_command(const struct options *opt, int count, char **words);
int unset_command(const struct options *opt, int count, char **words);
int diff_command(const struct options *opt, int count, char **words);
int reconcile_command(const struct options *opt, int count, char **words);
int reset_quota_command(const struct options *opt, int count, char **words);
int reload_command(const struct options *opt, int count, char **words);
int confirm_command(const struct options *opt, int count, char **words);
int rollback_command(const struct options *opt, int count, char **words);
int check_command(const struct options *opt, int count, char **words);
int who_command(const struct options *opt, int count, char **words);
int history_command(const struct options *opt, int count, char **words);
int wait_command(const struct options *opt, int count, char **words);

#endif
