# Daemons as their units say, without systemd: ./check --only net runs its tests through bin/. Only where libseccomp is.

EXTRA_DIST += tests/sandbox/bin tests/sandbox/probe tests/sandbox/sandbox.bats

if HAVE_SECCOMP
check_PROGRAMS += tests/sandbox/as-unit
tests_sandbox_as_unit_SOURCES = tests/sandbox/as-unit.c tests/sandbox/as-unit.h tests/sandbox/filter.c tests/sandbox/mounts.c
tests_sandbox_as_unit_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS) $(CAP_NG_CFLAGS) \
	-DSYSCALL_SETS='"$(abs_top_builddir)/tests/sandbox/syscall-sets"'
tests_sandbox_as_unit_LDADD = $(SECCOMP_LIBS) $(CAP_NG_LIBS)
EXTRA_tests_sandbox_as_unit_DEPENDENCIES = tests/sandbox/syscall-sets
CLEANFILES += tests/sandbox/syscall-sets

# systemd's sets of system calls. Where it is missing as-unit says so.
tests/sandbox/syscall-sets:
	$(AM_V_GEN)$(MKDIR_P) $(@D) && systemd-analyze syscall-filter >$@.tmp 2>/dev/null; mv $@.tmp $@
endif
