# Static analysis of the programs and the plugin, by clang-tidy (.clang-tidy) and cppcheck; ./check --only analysis runs it. For both,
# include/ has simple words for what uthash and utlist do.

CLANG_TIDY = clang-tidy-14
CPPCHECK = cppcheck
analysis_folder = $(top_srcdir)/tests/analysis
analysis_sources = $(sort $(filter %.c,$(lib_libmasq_la_SOURCES) $(pppd_plugin_masq_la_SOURCES) $(masqd_libmasqd_la_SOURCES) \
	$(masqd_masqd_SOURCES) $(arpd_libarpd_la_SOURCES) $(arpd_masq_arpd_SOURCES) $(cli_libmasqctl_la_SOURCES) $(cli_masqctl_SOURCES)))
analysis_targets = $(analysis_sources:=.tidy)

TIDY_FLAGS = -std=gnu11 -I$(analysis_folder)/include $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(EVENT_CFLAGS) $(JANSSON_CFLAGS) \
	$(NL_CFLAGS) $(NL_ROUTE_CFLAGS) $(NFTABLES_CFLAGS) $(CONFUSE_CFLAGS) $(SQLITE_CFLAGS) $(SMARTCOLS_CFLAGS) $(CAP_NG_CFLAGS) \
	$(LIBBPF_CFLAGS) $(SYSTEMD_CFLAGS) $(PPPD_CFLAGS)
CPPCHECK_FLAGS = --quiet --error-exitcode=1 --template=gcc --enable=warning,performance,portability --std=c11 --library=posix,gnu \
	--library=$(analysis_folder)/cppcheck.cfg --suppressions-list=$(analysis_folder)/cppcheck.suppressions --inline-suppr \
	-I$(analysis_folder)/include -I$(top_srcdir) -I. $(DEFS)

# --keep-going tells everything.
analysis: analysis-cppcheck $(analysis_targets)
analysis-cppcheck: $(BUILT_SOURCES) FORCE
	$(CPPCHECK) $(CPPCHECK_FLAGS) $(addprefix $(top_srcdir)/,$(analysis_sources))
$(analysis_targets): %.tidy: $(top_srcdir)/% $(BUILT_SOURCES) FORCE
	@echo $* && $(CLANG_TIDY) --quiet $< -- $(TIDY_FLAGS)
FORCE:

EXTRA_DIST += .clang-tidy tests/analysis/cppcheck.cfg tests/analysis/cppcheck.suppressions tests/analysis/include
