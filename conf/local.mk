# What an administrator finds installed: the example configuration, units, users, sysctl and pppd options.

CONF_IN = conf/masqd.service.in conf/masq-arpd.service.in conf/masqd.socket.in conf/masq-arpd.socket.in conf/masqgate.conf.in \
	conf/masqgate-tmpfiles.conf.in
CONF_MADE = $(CONF_IN:.in=)
EXTRA_DIST += $(CONF_IN) $(CONF_KEPT)
CLEANFILES += $(CONF_MADE)

# Without libsystemd there is nobody to take the socket and to feed the watchdog.
WITHOUT_SYSTEMD = $(if $(SYSTEMD_LIBS),,-e '/ waits instead of being refused/d' -e '/^Sockets=/d' -e '/^Also=/d' -e '/ all is well hangs/d' -e '/^WatchdogSec=/d')

# Not by configure: the folders' names are only complete in make.
$(CONF_MADE): %: %.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SED) \
		-e 's|[@]sbindir[@]|$(sbindir)|' \
		-e 's|[@]masqd_user[@]|$(masqd_user)|g' \
		-e 's|[@]arpd_user[@]|$(arpd_user)|g' \
		-e 's|[@]rundir[@]|$(rundir)|' \
		-e 's|[@]statedir[@]|$(localstatedir)/lib/masqgate|' \
		-e 's|[@]service_type[@]|$(if $(SYSTEMD_LIBS),notify,simple)|' \
		$(WITHOUT_SYSTEMD) \
		$< >$@.tmp && mv $@.tmp $@

if WITH_UNITS
nodist_unit_DATA = conf/masqd.service conf/masq-arpd.service $(if $(SYSTEMD_LIBS),conf/masqd.socket conf/masq-arpd.socket)
sysusersdir = $(prefix)/lib/sysusers.d
nodist_sysusers_DATA = conf/masqgate.conf
tmpfilesdir = $(prefix)/lib/tmpfiles.d
nodist_tmpfiles_DATA = conf/masqgate-tmpfiles.conf
endif

sysctldir = $(prefix)/lib/sysctl.d
dist_sysctl_DATA = conf/60-masqgate.conf
completionsdir = $(datadir)/bash-completion/completions
dist_completions_DATA = conf/completions/masqctl.bash
dist_doc_DATA = conf/options.masqgate conf/radvd.conf.example README.md NEWS.md

# An administrator's file is never overwritten, and only removed when it is still as it came.
CONF_KEPT = conf/masqd.conf conf/arpd.conf
pkgsysconfdir = $(sysconfdir)/masqgate

install-data-local:
	$(MKDIR_P) $(DESTDIR)$(pkgsysconfdir)
	for file in $(CONF_KEPT); do \
		to=$(DESTDIR)$(pkgsysconfdir)/$${file##*/}; \
		test -e $$to || $(INSTALL_DATA) $(srcdir)/$$file $$to || exit; \
	done

uninstall-local:
	for file in $(CONF_KEPT); do \
		to=$(DESTDIR)$(pkgsysconfdir)/$${file##*/}; \
		! cmp -s $(srcdir)/$$file $$to || rm $$to || exit; \
	done
	-rmdir $(DESTDIR)$(pkgsysconfdir) 2>/dev/null
