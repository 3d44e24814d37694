# masqctl, the operator's tool. Its pure modules are a library that the unit tests link.

noinst_LTLIBRARIES += cli/libmasqctl.la
cli_libmasqctl_la_SOURCES = \
	cli/column.c cli/column-arp.c cli/column-past.c cli/column.h \
	cli/error.c cli/error.h \
	cli/filter.c cli/filter.h \
	cli/json.c cli/json.h \
	cli/options.c cli/options.h \
	cli/select.c cli/select.h \
	cli/units.c cli/units.h
cli_libmasqctl_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
cli_libmasqctl_la_LIBADD = lib/libmasq.la $(JANSSON_LIBS)

sbin_PROGRAMS += cli/masqctl
cli_masqctl_SOURCES = cli/main.c $(cli_commands)
cli_commands = \
	cli/act.c \
	cli/arp.c \
	cli/check.c \
	cli/commands.h \
	cli/connect.c cli/connect.h \
	cli/explain.c \
	cli/kick.c \
	cli/list.c cli/list.h \
	cli/listing.c cli/listing.h \
	cli/past.c \
	cli/reconcile.c \
	cli/set.c \
	cli/show.c \
	cli/status.c \
	cli/table.c cli/table.h \
	cli/wait.c
cli_masqctl_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SMARTCOLS_CFLAGS)
cli_masqctl_LDADD = cli/libmasqctl.la $(SMARTCOLS_LIBS)
