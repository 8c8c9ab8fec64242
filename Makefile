# Dragoman: one build, non-recursive. `make help` says what there is.
# Everything is made under $(BUILD); sources are found by folder, so a new file needs no line here.

BUILD   ?= build
VERSION := 0.1.0
CC      ?= cc
AR      ?= ar
PREFIX  ?= /usr/local
MAPPINGS_DIR ?= $(CURDIR)/mappings

# Rooms whose sources make the library; a room under construction can be left out: make ROOMS="base model"
ROOMS ?= base model mapping edifact xml json top

ROOM_base    := $(wildcard translator/base/*.c)
ROOM_model   := $(wildcard translator/model/*.c)
ROOM_mapping := $(wildcard translator/mapping/*.c)
ROOM_edifact := $(wildcard codecs/edifact/*.c)
ROOM_xml     := $(wildcard codecs/xml/*.c)
ROOM_json    := $(wildcard codecs/json/*.c)
ROOM_top     := $(wildcard translator/*.c codecs/*.c)
LIB_SRC := $(foreach r,$(ROOMS),$(ROOM_$(r)))
CLI_SRC := $(wildcard gateway/*/*.c)
SUPPORT_SRC := $(wildcard conformance-tests/support/*.c)
UNIT_SRC := $(wildcard conformance-tests/unit/*.c)
FUZZ_SRC := $(wildcard conformance-tests/fuzz/*.c)
BENCH_SRC := $(wildcard conformance-tests/bench/*.c)

PACKAGES := libxml-2.0 yaml-0.1 icu-uc icu-i18n openssl
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wvla -Wundef \
        -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Wformat=2 -Wpointer-arith -Wwrite-strings
WERROR := $(if $(CI),-Werror)
OPT  ?= -O2 -g
SAN  ?=
EXTRA_CFLAGS ?=
CFLAGS_ALL = -std=c17 -D_GNU_SOURCE $(OPT) $(SAN) $(WARN) $(WERROR) -fvisibility=hidden -fPIC -Itranslator -I. \
             -DDGM_VERSION='"$(VERSION)"' -DDGM_MAPPINGS_DIR='"$(MAPPINGS_DIR)"' $(PKG_CFLAGS) $(CFLAGS) $(EXTRA_CFLAGS)
LDFLAGS_ALL = $(SAN) $(LDFLAGS)

obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

LIB_OBJ  := $(call obj,$(LIB_SRC))
CLI_OBJ  := $(call obj,$(CLI_SRC))
SUP_OBJ  := $(call obj,$(SUPPORT_SRC))
UNIT_BIN := $(patsubst conformance-tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))

.DELETE_ON_ERROR:
.PHONY: all
all: $(BUILD)/dragoman

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/libdragoman.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/dragoman: $(CLI_OBJ) $(BUILD)/libdragoman.a
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS) -lpthread

# One program for each unit suite: make build/unit/test_decimal
$(BUILD)/unit/%: $(BUILD)/obj/conformance-tests/unit/%.o $(SUP_OBJ) $(BUILD)/libdragoman.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lcunit $(PKG_LIBS) -lpthread

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
