# SPDX-License-Identifier: BSD-2-Clause
# Non-recursive. `make` builds into build/; `make demo` and `make check` do all their own set-up.
# `make help` lists the targets.

VERSION := 0.1.0

# --- What a caller may set ---------------------------------------------------------------------
B ?= build
CC ?= cc
PREFIX ?= /usr/local
DESTDIR ?=
# Where libpam looks; DEB_HOST_MULTIARCH is set under Debian's packaging.
MODULEDIR ?= $(if $(DEB_HOST_MULTIARCH),/lib/$(DEB_HOST_MULTIARCH),$(PREFIX)/lib)/security
UNITDIR ?= $(PREFIX)/lib/systemd/system
CONFDIR ?= /etc/pam-dynamo
CFLAGS ?= -O2 -g
# A sanitizer run: make B=build/asan SANITIZE=-fsanitize=address,undefined unit
SANITIZE ?=
# make demo STORE=dynamodb
STORE ?= sqlite
# V=1 shows the commands.
V ?=
# Seconds for each target of `make fuzz`
FUZZ_SECONDS ?= 300
# Seconds of `make soak`
SOAK_SECONDS ?= 600

# --- Flags -------------------------------------------------------------------------------------
PKGS := libsodium libargon2 libcurl openssl json-c sqlite3 inih zlib libcrypt libsystemd libutf8proc libidn2
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wformat=2 -Wconversion -Wswitch-enum -Wvla -Werror
HARDEN := -fstack-protector-strong -fstack-clash-protection
ifneq ($(filter x86_64-%,$(shell $(CC) -dumpmachine 2>/dev/null)),)
HARDEN += -fcf-protection
endif
# The sanitizers intercept the calls that fortification would replace.
ifeq ($(SANITIZE),)
HARDEN += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
# libzxcvbn has no file for pkg-config.
LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lzxcvbn
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DPD_VERSION='"$(VERSION)"' -fPIC -pthread -MMD -MP \
	-Ipam_dynamo -I. $(WARN) $(CPPFLAGS) $(CFLAGS) $(HARDEN) $(SANITIZE) $(PKG_CFLAGS)
ALL_LDFLAGS = -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed -pthread $(CFLAGS) $(SANITIZE) \
	$(LDFLAGS)

# --- Sources: a new file is picked up by its folder ----------------------------------------------
obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
tests_of = $(patsubst tests/$(1)/%.c,$(B)/$(1)/%,$(wildcard tests/$(1)/test_*.c))
CORE := $(wildcard pam_dynamo/core/*.c)
IPC := $(wildcard pam_dynamo/ipc/*.c)
SERVICE := $(wildcard pam_dynamo/service/*.c)
MODULE := $(wildcard pam_dynamo/*.c)
UTILS := $(wildcard utils/*.c)
WEB := $(wildcard web/*.c)
TEMPLATES := $(wildcard web/templates/*.html)
LANGUAGES := $(patsubst web/po/%.po,%,$(wildcard web/po/*.po))
# Stores for tests, and what several tests share; never linked into what is installed.
SUPPORT := $(wildcard tests/engines/*.c) tests/lib/service_double.c
MODULE_SUPPORT := $(filter-out tests/module/test_%,$(wildcard tests/module/*.c))
UNIT := $(call tests_of,unit)
CONTRACT := $(call tests_of,contract)
SERVICE_TESTS := $(call tests_of,service)
MODULE_TESTS := $(call tests_of,module)
WEB_TESTS := $(call tests_of,web)
FUZZ := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))
MAN := $(wildcard pam_dynamo/*.8 utils/*.8 web/*.8 conf/*.5)

Q := $(if $(V),,@)
say = $(if $(V),,@echo '  $(1) $@')

.PHONY: all
all: $(B)/pam_dynamo.so $(B)/pam-dynamod $(B)/pam-dynamo $(B)/pam-dynamo.cgi

$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC  )
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# An archive is made anew, so that a removed source leaves no member behind.
define archive
@mkdir -p $(@D)
$(call say,AR  )
@rm -f $@
$(Q)ar rcs $@ $^
endef

$(B)/libcore.a: $(call obj,$(CORE))
	$(archive)

$(B)/libipc.a: $(call obj,$(IPC))
	$(archive)

$(B)/libservice.a: $(call obj,$(filter-out %/main.c,$(SERVICE)))
	$(archive)

$(B)/libutils.a: $(call obj,$(filter-out %/main.c,$(UTILS)))
	$(archive)

$(B)/libmodule.a: $(call obj,$(MODULE))
	$(archive)

$(B)/libsupport.a: $(call obj,$(SUPPORT))
	$(archive)

$(B)/pam_dynamo.so: $(call obj,$(MODULE)) $(B)/libipc.a pam_dynamo/pam_dynamo.map
	$(call say,LINK)
	$(Q)$(CC) -shared $(ALL_LDFLAGS) $(if $(SANITIZE),,-Wl,--no-undefined) -Wl,--version-script=pam_dynamo/pam_dynamo.map \
		-o $@ $(call obj,$(MODULE)) $(B)/libipc.a -lpam

$(B)/pam-dynamod: $(call obj,$(SERVICE)) $(B)/libcore.a $(B)/libipc.a
	$(call say,LINK)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $(call obj,$(SERVICE)) $(B)/libcore.a $(B)/libipc.a $(LIBS)

$(B)/pam-dynamo: $(call obj,$(UTILS)) $(B)/libcore.a $(B)/libipc.a
	$(call say,LINK)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $(call obj,$(UTILS)) $(B)/libcore.a $(B)/libipc.a $(LIBS)

# The page: its templates as a table, its catalogues by gettext; nothing of the core.
CATALOGUES := $(patsubst %,$(B)/locale/%/LC_MESSAGES/pam-dynamo-web.mo,$(LANGUAGES))
WEB_LIBS := -lsodium
$(B)/web/templates.c: web/templates.awk $(TEMPLATES)
	@mkdir -p $(@D)
	$(call say,MAKE)
	$(Q)awk -f web/templates.awk $(TEMPLATES) >$@.new && mv $@.new $@

$(B)/obj/web/templates.o: $(B)/web/templates.c
	@mkdir -p $(@D)
	$(call say,CC  )
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/obj/web/web_conf.o: CPPFLAGS += -DPD_LOCALE_DIR='"$(PREFIX)/share/locale"'

$(B)/libweb.a: $(call obj,$(filter-out %/main.c,$(WEB))) $(B)/obj/web/templates.o
	$(archive)

$(B)/locale/%/LC_MESSAGES/pam-dynamo-web.mo: web/po/%.po
	@mkdir -p $(@D)
	$(call say,MSG )
	$(Q)msgfmt --check-format -o $@ $<

$(B)/pam-dynamo.cgi: $(B)/obj/web/main.o $(B)/libweb.a $(B)/libipc.a $(CATALOGUES)
	$(call say,LINK)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(WEB_LIBS)

# --- Tests -------------------------------------------------------------------------------------
# One cmocka program per file test_*.c; it links what it names of the parts.
PARTS = $(B)/libsupport.a $(B)/libutils.a $(B)/libservice.a $(B)/libcore.a $(B)/libmodule.a \
	$(B)/libipc.a
define test_program
@mkdir -p $(@D)
$(call say,LINK)
$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $< $(PARTS) $(LIBS) -lcmocka
endef

$(B)/unit/%: $(B)/obj/tests/unit/%.o $(PARTS)
	$(test_program)

# The cases of the contract lie beside the program that runs them on one engine.
CONTRACT_CASES := $(filter-out tests/contract/test_%,$(wildcard tests/contract/*.c))
$(B)/contract/%: $(B)/obj/tests/contract/%.o $(call obj,$(CONTRACT_CASES)) $(PARTS)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(PARTS) $(LIBS) -lcmocka

$(B)/service/%: $(B)/obj/tests/service/%.o $(PARTS)
	$(test_program)

# Hosts of the built module: they see libpam and the module as sshd does, and watch what they do.
$(B)/module/%: $(B)/obj/tests/module/%.o $(call obj,$(MODULE_SUPPORT)) $(B)/libsupport.a \
		$(B)/libipc.a $(B)/pam_dynamo.so
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -pie -rdynamic $(ALL_LDFLAGS) -o $@ $(filter-out %.so,$^) -lpam -lcmocka

# The page has nothing of the core, and its tests neither.
$(B)/web/%: $(B)/obj/tests/web/%.o $(B)/libweb.a $(B)/libipc.a
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(WEB_LIBS) -lcmocka

$(B)/fuzz/fuzz_web_%: $(B)/obj/tests/fuzz/fuzz_web_%.o $(B)/libweb.a $(B)/libipc.a
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -pie -fsanitize=fuzzer $(ALL_LDFLAGS) -o $@ $^ $(WEB_LIBS)

$(B)/fuzz/%: $(B)/obj/tests/fuzz/%.o $(PARTS)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -pie -fsanitize=fuzzer $(ALL_LDFLAGS) -o $@ $< $(PARTS) $(LIBS)

# Hosts, relays and clients that measure.
$(B)/bench/%: $(B)/obj/tests/bench/%.o $(B)/libcore.a
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(LIBS) -lpam

# Small programs that the scripts start.
SMALL_HOSTS := $(B)/tests/pam_host $(B)/tests/pam_threads
$(SMALL_HOSTS): $(B)/tests/%: $(B)/obj/tests/lib/%.o $(B)/obj/tests/lib/pam_names.o
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ -lpam

.PHONY: unit contract test-programs fuzz-programs
unit: $(UNIT)
	@for t in $^; do $$t || exit 1; done

contract: $(CONTRACT)

test-programs: $(UNIT) $(CONTRACT) $(SERVICE_TESTS) $(MODULE_TESTS) $(WEB_TESTS) $(SMALL_HOSTS)

fuzz-programs: $(FUZZ)

.PHONY: deps demo serve check fuzz bench fault-matrix soak
deps:
	@tests/lib/deps.sh nocheck

# What the demonstration and what is left running need: programs, a server, all that is built.
define demo_needs
tests/lib/deps.sh nocheck,pkg.pam-dynamo.demo$(if $(filter dynamodb,$(STORE)),$(comma)pkg.pam-dynamo.dynamodb)
@$(if $(filter dynamodb,$(STORE)),tests/lib/node_modules.sh)
@$(MAKE) --no-print-directory -j$$(nproc) B=build all build/tests/pam_host
endef

demo:
	@$(demo_needs)
	@tests/demo.py $(STORE)

serve:
	@$(demo_needs)
	@tests/demo.py --serve $(STORE)

check:
	@tests/lib/deps.sh
	@tests/run

fuzz:
	@tests/lib/deps.sh
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/run fuzz

bench: all $(BENCH)
	@tests/lib/deps.sh
	@tests/lib/node_modules.sh
	@tests/bench/run.py $(B)

# Both take minutes and are not part of `make check`.
fault-matrix: all
	@tests/lib/deps.sh
	@tests/lib/node_modules.sh
	@PAM_DYNAMO_BUILD=$(abspath $(B)) tests/fault/matrix.py

soak: all
	@tests/lib/deps.sh
	@tests/lib/node_modules.sh
	@PAM_DYNAMO_BUILD=$(abspath $(B)) SOAK_SECONDS=$(SOAK_SECONDS) tests/soak.py

.PHONY: screenshots
screenshots: all
	@tests/lib/deps.sh
	@tests/lib/node_modules.sh
	@PAM_DYNAMO_BUILD=$(abspath $(B)) tests/browser/screenshots.py web/screenshots

comma := ,

# --- Installation ------------------------------------------------------------------------------
# An existing configuration stays as it is. A new one names the lists of common passwords and of
# reserved names where those are not in their default places.
LIST_LINE = $(if $(filter-out /usr,$(PREFIX)),s;^.\(blocklist\|reserved_names\) = /usr/share/;\1 = $(PREFIX)/share/;)
UNIT_KINDS := service socket path timer
UNITS := $(wildcard $(patsubst %,conf/*.%,$(UNIT_KINDS)))
SNIPPETS := $(wildcard conf/lighttpd/*.conf conf/nginx/*.conf conf/apache/*.conf)
.PHONY: install
install: all
	install -d $(DESTDIR)$(MODULEDIR) $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(CONFDIR) \
		$(DESTDIR)$(UNITDIR) $(DESTDIR)$(PREFIX)/lib/sysusers.d \
		$(DESTDIR)$(PREFIX)/share/man/man5 \
		$(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(PREFIX)/share/doc/pam-dynamo/examples \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/pam-dynamo/static $(DESTDIR)$(PREFIX)/lib/pam-dynamo
	install -m 0644 $(B)/pam_dynamo.so $(DESTDIR)$(MODULEDIR)/
	install -m 0755 $(B)/pam-dynamod $(B)/pam-dynamo $(DESTDIR)$(PREFIX)/sbin/
	install -m 0755 $(B)/pam-dynamo.cgi $(DESTDIR)$(PREFIX)/lib/pam-dynamo/
	install -m 0644 conf/common-passwords conf/reserved-names $(DESTDIR)$(PREFIX)/share/pam-dynamo/
	install -m 0644 web/static/* $(DESTDIR)$(PREFIX)/share/pam-dynamo/static/
	for language in $(LANGUAGES); do \
		install -D -m 0644 $(B)/locale/$$language/LC_MESSAGES/pam-dynamo-web.mo \
			$(DESTDIR)$(PREFIX)/share/locale/$$language/LC_MESSAGES/pam-dynamo-web.mo || exit 1; \
	done
	test -e $(DESTDIR)$(CONFDIR)/pam_dynamo.conf || { \
		sed '$(LIST_LINE)' conf/pam_dynamo.conf >$(DESTDIR)$(CONFDIR)/pam_dynamo.conf && \
			chmod 0644 $(DESTDIR)$(CONFDIR)/pam_dynamo.conf; }
	test -e $(DESTDIR)$(CONFDIR)/web.conf || \
		install -m 0640 conf/web.conf $(DESTDIR)$(CONFDIR)/
	for unit in $(UNITS); do \
		sed 's,/usr/\(sbin\|lib\)/,$(PREFIX)/\1/,g' $$unit >$(DESTDIR)$(UNITDIR)/$${unit##*/} || exit 1; \
		chmod 0644 $(DESTDIR)$(UNITDIR)/$${unit##*/} || exit 1; \
	done
	install -m 0644 conf/sysusers.d/*.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/
	for page in $(MAN); do \
		install -m 0644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/ || exit 1; \
	done
	cd conf && find . -name '[!.]*' -type f $(patsubst %,! -name '*.%',$(UNIT_KINDS)) ! -name '*.5' \
		! -path ./pam_dynamo.conf ! -path ./web.conf ! -path ./common-passwords \
		! -path ./reserved-names ! -path './sysusers.d/*' \
		-exec install -D -m 0644 {} \
		$(abspath $(DESTDIR)$(PREFIX)/share/doc/pam-dynamo/examples)/{} \;
	sed -i 's,/usr/\(lib\|share\)/pam-dynamo,$(PREFIX)/\1/pam-dynamo,' \
		$(patsubst conf/%,$(DESTDIR)$(PREFIX)/share/doc/pam-dynamo/examples/%,$(SNIPPETS))
	for file in $(wildcard utils/*.bash-completion); do \
		install -m 0644 $$file $(DESTDIR)$(PREFIX)/share/bash-completion/completions/pam-dynamo \
			|| exit 1; \
	done

# --- Housekeeping ------------------------------------------------------------------------------
.PHONY: format clean help
format:
	tests/lint/format.sh fix

clean:
	rm -rf $(B)

help:
	@echo 'make            build into $(B)/'
	@echo 'make demo       install what is missing, build, and log a user in [STORE=dynamodb]'
	@echo 'make serve      the page, the service and sshd on loopback until Ctrl-C [STORE=dynamodb]'
	@echo 'make check      install what the tests need and run all of them'
	@echo 'make deps       install the build dependencies alone'
	@echo 'make install    [DESTDIR=] [PREFIX=$(PREFIX)] [MODULEDIR=$(MODULEDIR)]'
	@echo 'make bench      measure logins; make fuzz: longer fuzzing; make format; make clean'
	@echo 'make soak       logins and faults for [SOAK_SECONDS=$(SOAK_SECONDS)]'
	@echo 'make screenshots  pictures of the page, into web/screenshots/'
	@echo 'make fault-matrix  every fault at every operation under every phase'

.SECONDARY:
-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
