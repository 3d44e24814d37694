# What all parts share: the daemons and masqctl link libmasq; the plugin compiles the few files it needs into itself.

noinst_LTLIBRARIES += lib/libmasq.la
lib_libmasq_la_SOURCES = \
	lib/addr.c lib/addr.h \
	lib/bitrate.c lib/bitrate.h \
	lib/classifier.c lib/classifier.h \
	lib/conffile.c lib/conffile.h \
	lib/failpoint.c lib/failpoint.h \
	lib/frame.c lib/frame.h \
	lib/ip.c lib/ip.h \
	lib/json-text.c lib/json-text.h \
	lib/log.c lib/log.h \
	lib/netlink.c lib/netlink.h \
	lib/notify.c lib/notify.h \
	lib/privilege.c lib/privilege.h \
	lib/stream.c lib/stream.h \
	lib/suggest.c lib/suggest.h \
	lib/text.c lib/text.h \
	lib/text-stream.c lib/text-stream.h \
	lib/unix-socket.c lib/unix-socket.h \
	lib/varlink-client.c lib/varlink-client.h \
	lib/varlink-link.c lib/varlink-link.h \
	lib/varlink-server.c lib/varlink-server.h \
	lib/varlink-service.c lib/varlink-service.h \
	lib/watchdog.c lib/watchdog.h
lib_libmasq_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(NL_CFLAGS) $(CAP_NG_CFLAGS) $(CONFUSE_CFLAGS) $(SYSTEMD_CFLAGS)
lib_libmasq_la_LIBADD = $(EVENT_LIBS) $(JANSSON_LIBS) $(NL_LIBS) $(CAP_NG_LIBS) $(CONFUSE_LIBS) $(SYSTEMD_LIBS)
