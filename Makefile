# SPDX-License-Identifier: BSD-2-Clause
# Non-recursive. `make` builds into build/; `make demo` and `make check` do all their own set-up.

B ?= build
CC ?= cc
PREFIX ?= /usr/local
VERSION := 0.1.0
PKGS := libsodium libcurl openssl json-c sqlite3 inih zlib libcrypt libsystemd

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wformat=2 -Wconversion -Wswitch-enum -Wvla -Werror
HARDEN := -fstack-protector-strong -fstack-clash-protection -fcf-protection -D_FORTIFY_SOURCE=2
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DPD_VERSION='"$(VERSION)"' -fPIC -pthread -MMD -MP -Ipam_dynamo \
	$(WARN) $(HARDEN) $(SANITIZE) $(CFLAGS) $(shell pkg-config --cflags $(PKGS))
ALL_LDFLAGS = -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed -pthread $(SANITIZE) $(LDFLAGS)
LIBS = $(shell pkg-config --libs $(PKGS))

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
CORE := $(wildcard pam_dynamo/core/*.c)
IPC := $(wildcard pam_dynamo/ipc/*.c)
SERVICE := $(wildcard pam_dynamo/service/*.c)
MODULE := $(wildcard pam_dynamo/*.c)
UTILS := $(wildcard utils/*.c)
UNIT := $(wildcard tests/unit/test_*.c)

.PHONY: all
all: $(B)/pam_dynamo.so $(B)/pam-dynamod $(B)/pam-dynamo

$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/libcore.a: $(call obj,$(CORE))
	@rm -f $@
	ar rcs $@ $^

$(B)/libipc.a: $(call obj,$(IPC))
	@rm -f $@
	ar rcs $@ $^

$(B)/pam_dynamo.so: $(call obj,$(MODULE)) $(B)/libipc.a pam_dynamo/pam_dynamo.map
	$(CC) -shared $(ALL_LDFLAGS) -Wl,--no-undefined -Wl,--version-script=pam_dynamo/pam_dynamo.map \
		-o $@ $(call obj,$(MODULE)) $(B)/libipc.a -lpam

$(B)/pam-dynamod: $(call obj,$(SERVICE)) $(B)/libcore.a $(B)/libipc.a
	$(CC) -pie $(ALL_LDFLAGS) -o $@ $(call obj,$(SERVICE)) $(B)/libcore.a $(B)/libipc.a $(LIBS)

$(B)/pam-dynamo: $(call obj,$(UTILS)) $(B)/libcore.a $(B)/libipc.a
	$(CC) -pie $(ALL_LDFLAGS) -o $@ $(call obj,$(UTILS)) $(B)/libcore.a $(B)/libipc.a $(LIBS)

# One cmocka program per core file, under the same name.
$(B)/unit/%: $(B)/obj/tests/unit/%.o $(B)/libcore.a $(B)/libipc.a
	@mkdir -p $(@D)
	$(CC) -pie $(ALL_LDFLAGS) -o $@ $< $(B)/libcore.a $(B)/libipc.a $(LIBS) -lcmocka

.PHONY: unit
unit: $(patsubst tests/unit/%.c,$(B)/unit/%,$(UNIT))
	@for t in $^; do $$t || exit 1; done

.SECONDARY:
.PHONY: clean
clean:
	rm -rf $(B)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
