/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Capabilities by libcap-ng. */

#include "lib/privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

int privilege_find_user(const char *user, uid_t *uid, gid_t *gid)
{
	const struct passwd *entry = getpwnam(user);

	if (!entry)
		return -ENOENT;
	*uid = entry->pw_uid;
	*gid = entry->pw_gid;
	return 0;
}

int privilege_drop(uid_t uid, gid_t gid, const int *capabilities)
{
	const int *cap;
	int rc;

	capng_get_caps_process();
	for (cap = capabilities; *cap >= 0; cap++) {
		if (!capng_have_capability(CAPNG_PERMITTED, (unsigned)*cap))
			return -EPERM;
	}
	capng_clear(CAPNG_SELECT_ALL);
	for (cap = capabilities; *cap >= 0; cap++) {
		if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, (unsigned)*cap))
			return -EPERM;
	}
	/* An ordinary user cannot empty its bounding set; without new privileges it means nothing any more. */
	if (geteuid() == 0)
		rc = capng_change_id((int)uid, (int)gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
	else
		rc = capng_apply(CAPNG_SELECT_CAPS);
	if (rc)
		return -EPERM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return 0;
}
