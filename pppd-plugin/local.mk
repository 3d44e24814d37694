# masq.so, loaded by pppd. It carries the files of lib that it needs and exports two symbols; pppd's headers want char *
# where they mean const char *. No sanitizers: pppd is not built with them.

plugin_LTLIBRARIES = pppd-plugin/masq.la
pppd_plugin_masq_la_SOURCES = \
	pppd-plugin/masq.c \
	pppd-plugin/masqd-link.c pppd-plugin/masqd-link.h \
	pppd-plugin/options.c pppd-plugin/options.h \
	pppd-plugin/pppd-compat.h \
	lib/frame.c lib/frame.h \
	lib/json-text.c lib/json-text.h \
	lib/text.c lib/text.h \
	lib/varlink-client.c lib/varlink-client.h
pppd_plugin_masq_la_CFLAGS = $(BASE_CFLAGS) $(JANSSON_CFLAGS) $(PPPD_CFLAGS) -fvisibility=hidden -Wno-write-strings
pppd_plugin_masq_la_LDFLAGS = -module -avoid-version -shared -export-symbols-regex '^(plugin_init|pppd_version)$$' \
	-Wl,-z,relro,-z,now -Wl,-Bsymbolic
pppd_plugin_masq_la_LIBADD = $(JANSSON_LIBS)

# libtool's archive is of no use to pppd.
install-data-hook:
	rm -f $(DESTDIR)$(plugindir)/masq.la
uninstall-hook:
	rm -f $(DESTDIR)$(plugindir)/masq.so
