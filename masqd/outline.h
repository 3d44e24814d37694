/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* What is in the kernel's table, but for its rules, sets and elements. libnftables reads all elements before it lists anything of a
 * table, also if it is told to leave them out: with ten thousand sessions 35 MiB of memory. */

#ifndef MASQD_OUTLINE_H
#define MASQD_OUTLINE_H

/* Reads it, as nft lists it: `comment "…"`, `chain NAME {` and `ct helper NAME {`, each on a line of its own behind a tab. The caller
 * frees *text. 0; -ENOENT if there is no table; -errno. */
int outline_read(char **text);

#endif
