# Dragoman: one build, non-recursive. `make help` says what there is.
# Everything is made under $(BUILD); sources are found by folder, so a new file needs no line here.

BUILD   ?= build
VERSION := 0.1.0
SOVERSION := 0
CC      ?= cc
AR      ?= ar
CLANG   ?= clang
DESTDIR ?=
PREFIX  ?= /usr/local
bindir     = $(PREFIX)/bin
libdir     = $(PREFIX)/lib
includedir = $(PREFIX)/include
datadir    = $(PREFIX)/share/dragoman
mandir     = $(PREFIX)/share/man
MAPPINGS_DIR ?= $(CURDIR)/mappings
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)

# Rooms whose sources make the library; a room under construction can be left out: make ROOMS="base model"
ROOMS ?= base model mapping edifact xml json flat top

ROOM_base    := $(wildcard translator/base/*.c)
ROOM_model   := $(wildcard translator/model/*.c)
ROOM_mapping := $(wildcard translator/mapping/*.c)
ROOM_edifact := $(wildcard codecs/edifact/*.c)
ROOM_xml     := $(wildcard codecs/xml/*.c)
ROOM_json    := $(wildcard codecs/json/*.c)
ROOM_flat    := $(wildcard codecs/flat/*.c)
ROOM_top     := $(wildcard translator/*.c codecs/*.c)
LIB_SRC := $(foreach r,$(ROOMS),$(ROOM_$(r)))
CLI_SRC := $(wildcard gateway/*/*.c)
SUPPORT_SRC := $(filter-out %/replay.c,$(wildcard conformance-tests/support/*.c))
UNIT_SRC := $(wildcard conformance-tests/unit/*.c)
FUZZ_SRC := $(wildcard conformance-tests/fuzz/*.c)
BENCH_ALL := $(wildcard conformance-tests/bench/*.c)
BENCH_SRC := $(if $(BENCH_ALL),$(shell grep -lE '^int main' $(BENCH_ALL)))
BENCH_COMMON := $(filter-out $(BENCH_SRC),$(BENCH_ALL))
TOOL_SRC := $(wildcard conformance-tests/tools/*.c)
TORTURE_SRC := $(wildcard conformance-tests/torture/*.c)
EVERY_SRC := $(wildcard conformance-tests/every/*.c)
STEPS_SRC := $(wildcard conformance-tests/steps/*.c)
# What suites, benchmarks and campaigns share; an archive, so that a program takes only what it needs.
SHARED_TEST_SRC := $(wildcard conformance-tests/laws/*.c) $(filter %/corpus.c,$(BENCH_ALL))
HEADERS := $(wildcard translator/*.h translator/*/*.h codecs/*.h codecs/*/*.h gateway/*/*.h conformance-tests/*/*.h)
PUBLIC_HEADERS := translator/dragoman.h codecs/codec.h
OWN_SRC := $(LIB_SRC) $(CLI_SRC) $(wildcard conformance-tests/*/*.c)

PACKAGES := libxml-2.0 yaml-0.1 icu-uc icu-i18n xmlsec1-openssl openssl
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wvla -Wundef \
        -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Wformat=2 -Wpointer-arith -Wwrite-strings
WERROR := $(if $(CI),-Werror)
OPT  ?= -O3 -g
SAN  ?=
EXTRA_CFLAGS ?=
CFLAGS_ALL = -std=c17 -D_GNU_SOURCE $(OPT) $(SAN) $(WARN) $(WERROR) -fvisibility=hidden -fPIC -Itranslator -I. \
             -DDGM_VERSION='"$(VERSION)"' -DDGM_MAPPINGS_DIR='"$(MAPPINGS_DIR)"' $(PKG_CFLAGS) $(CFLAGS) $(EXTRA_CFLAGS)
LDFLAGS_ALL = $(SAN) $(LDFLAGS)
LIBS_ALL = $(PKG_LIBS) -lpthread

# Both sanitizers, and any finding ends the program.
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
BUILD_SAN  := $(BUILD)-san
BUILD_FUZZ := $(BUILD)-fuzz
AGAIN = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS))

# One short line for each step; V=1 shows the commands.
V ?=
Q := $(if $(V),,@)
say = $(if $(V),:,@printf '  %-5s %s\n')

obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

LIB_OBJ  := $(call obj,$(LIB_SRC))
CLI_OBJ  := $(call obj,$(CLI_SRC))
SUP_OBJ  := $(call obj,$(SUPPORT_SRC))
TEST_CLI_OBJ := $(patsubst %.c,$(BUILD)/obj-testing/%.o,$(CLI_SRC))
STEPS_LIB_OBJ := $(patsubst %.c,$(BUILD)/obj-steps/%.o,$(LIB_SRC))
UNIT_BIN := $(patsubst conformance-tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))
REPLAY_BIN := $(patsubst conformance-tests/fuzz/%.c,$(BUILD)/replay/%,$(FUZZ_SRC))
FUZZ_BIN := $(patsubst conformance-tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZ_SRC))
BENCH_BIN := $(patsubst conformance-tests/bench/%.c,$(BUILD)/bench/%,$(BENCH_SRC))
TORTURE_BIN := $(patsubst conformance-tests/torture/%.c,$(BUILD)/torture/%,$(TORTURE_SRC))
TOOL_BIN := $(patsubst conformance-tests/tools/%.c,$(BUILD)/tools/%,$(TOOL_SRC))
SHELL_TESTS := $(sort $(wildcard conformance-tests/cli/test_*.sh))

.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

##@ Building
.PHONY: all
all: $(BUILD)/dragoman $(BUILD)/libdragoman.a $(BUILD)/libdragoman.so man ## the command, the library (static and shared), the man pages

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/obj-testing/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC "$< (testing)"
	$(Q)$(CC) $(CFLAGS_ALL) -DDGM_TESTING -MMD -MP -c -o $@ $<

$(BUILD)/libdragoman.a: $(LIB_OBJ)
	@rm -f $@
	$(say) AR $@
	$(Q)$(AR) rcs $@ $^

SHARED = $(CC) $(LDFLAGS_ALL) -shared -Wl,-soname,libdragoman.so.$(SOVERSION) -Wl,-z,defs,-z,relro,-z,now
$(BUILD)/libdragoman.so: $(LIB_OBJ)
	$(say) LINK $@
	$(Q)$(SHARED) -o $@ $^ $(LIBS_ALL)

$(BUILD)/dragoman: $(CLI_OBJ) $(BUILD)/libdragoman.a
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_ALL)

# The same command with crash points in it (gateway/delivery/crash.h): for the tests only.
$(BUILD)/dragoman-testing: $(TEST_CLI_OBJ) $(BUILD)/libdragoman.a
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_ALL)

$(BUILD)/libtests.a: $(call obj,$(SHARED_TEST_SRC))
	@rm -f $@
	$(say) AR $@
	$(Q)$(AR) rcs $@ $^

# One program for each unit suite: make build/unit/test_decimal
$(BUILD)/unit/%: $(BUILD)/obj/conformance-tests/unit/%.o $(SUP_OBJ) $(BUILD)/libtests.a $(BUILD)/libdragoman.a
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ -lcunit $(LIBS_ALL)

# The laws and the corpus they vary are shared by a suite and by the long campaigns.
LAWS_OBJ := $(call obj,$(wildcard conformance-tests/laws/*.c) conformance-tests/bench/corpus.c)
$(BUILD)/unit/test_laws $(BUILD)/torture/torture: $(BUILD)/%: $(BUILD)/obj/conformance-tests/%.o $(LAWS_OBJ) $(SUP_OBJ) $(BUILD)/libdragoman.a
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ -lcunit $(LIBS_ALL)

$(BUILD)/every: $(call obj,$(EVERY_SRC)) $(BUILD)/libdragoman.a
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_ALL)

# The library once more, with a call at each basic block: conformance-tests/steps/count.c counts them.
$(BUILD)/obj-steps/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC "$< (steps)"
	$(Q)$(CC) $(CFLAGS_ALL) -O1 -fsanitize-coverage=trace-pc -MMD -MP -c -o $@ $<

$(BUILD)/steps: $(call obj,$(STEPS_SRC)) $(STEPS_LIB_OBJ)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_ALL)

$(BUILD)/golden: $(BUILD)/obj/conformance-tests/golden/runner.o $(BUILD)/libdragoman.a
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_ALL)

$(BUILD)/replay/%: $(BUILD)/obj/conformance-tests/fuzz/%.o $(BUILD)/obj/conformance-tests/support/replay.o $(BUILD)/libdragoman.a
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_ALL)

$(BUILD)/fuzz/%: $(BUILD)/obj/conformance-tests/fuzz/%.o $(BUILD)/libdragoman.a
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(LIBS_ALL)

$(BUILD)/bench/%: $(BUILD)/obj/conformance-tests/bench/%.o $(call obj,$(BENCH_COMMON)) $(BUILD)/libdragoman.a
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_ALL)

$(BUILD)/torture/%: $(BUILD)/obj/conformance-tests/torture/%.o $(BUILD)/libtests.a $(BUILD)/libdragoman.a
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_ALL)

$(BUILD)/tools/%: $(BUILD)/obj/conformance-tests/tools/%.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^

# The command writes its own pages, so that they cannot say anything else than --help does.
.PHONY: man
man: $(BUILD)/man/.done ## the man pages, into $(BUILD)/man
$(BUILD)/man/.done: $(BUILD)/dragoman
	@mkdir -p $(@D)
	$(say) MAN $(@D)
	$(Q)$(BUILD)/dragoman help --man-to $(@D)
	@touch $@

.PHONY: setup demo
setup: ## install what is missing to build and test (Debian; says what and why)
	@conformance-tests/tools/setup.sh build

##@ Looking
demo: setup ## translate a customs declaration there and back, and show it
	@mkdir -p $(BUILD)
	@test -x $(BUILD)/dragoman || echo "Building; half a minute ..."
	@$(AGAIN) $(BUILD)/dragoman >$(BUILD)/demo.log 2>&1 || { cat $(BUILD)/demo.log; exit 1; }
	@gateway/demo.sh $(BUILD)/dragoman

##@ Checking
.PHONY: check check-all check-unit check-every check-steps check-golden check-cli check-replay check-headers check-symbols check-san
check: setup ## everything: unit, golden, command, replays of the fuzz corpora; sets itself up
	@$(AGAIN) check-all

SUITES = conformance-tests/tools/suites.sh $(BUILD)/logs $(JOBS)
UNIT_SUITES = $(sort $(UNIT_BIN))
TEST_ENV = BUILD=$(BUILD) DRAGOMAN=$(BUILD)/dragoman DRAGOMAN_TESTING=$(BUILD)/dragoman-testing

# Steps are the same with sanitizers, which would only count slower.
STEPS = $(if $(SAN),,$(BUILD)/steps)
CHECK_NEEDS = all $(UNIT_BIN) $(REPLAY_BIN) $(BUILD)/golden $(BUILD)/every $(STEPS) $(BUILD)/dragoman-testing $(BUILD)/tools/tidy
check-all: $(CHECK_NEEDS)
	@$(TEST_ENV) $(SUITES) $(BUILD)/every $(STEPS) $(UNIT_SUITES) $(BUILD)/golden $(SHELL_TESTS) $(REPLAY_BIN)

check-unit: $(UNIT_BIN) ## the unit suites alone
	@$(TEST_ENV) $(SUITES) $(UNIT_SUITES)

check-every: $(BUILD)/every ## every message of every directory: make check-every EVERY="--percent 100 --seed 7"
	$(BUILD)/every $(EVERY)

check-steps: $(BUILD)/steps ## work grows no faster than hard inputs do: make check-steps STEPS_OF="--list --times 10 xml"
	$(BUILD)/steps $(STEPS_OF)

check-golden: $(BUILD)/golden ## the golden cases, or those of CASE=folder
	$(BUILD)/golden $(CASE)

check-cli: $(BUILD)/dragoman $(BUILD)/dragoman-testing $(BUILD)/tools/tidy ## the tests of the command, the watch gateway and the tools
	@$(TEST_ENV) $(SUITES) $(SHELL_TESTS)

check-replay: $(REPLAY_BIN) ## replay every fuzz corpus
	@$(TEST_ENV) $(SUITES) $(REPLAY_BIN)

check-san: setup ## the whole suite under AddressSanitizer and UndefinedBehaviorSanitizer, in $(BUILD)-san
	@$(AGAIN) BUILD=$(BUILD_SAN) SAN="$(SANITIZERS)" OPT="-O1 -g" check-all

CXX_ANY = $(firstword $(foreach c,g++ clang++ $(CLANG),$(shell command -v $(c) 2>/dev/null)))
check-headers: ## each header compiles alone as C17, the public ones as they are installed, as C17 and C++
	@for h in $(HEADERS); do $(CC) -std=c17 -D_GNU_SOURCE -DDGM_MAPPINGS_DIR=\"\" $(WARN) -Werror -Itranslator -I. $(PKG_CFLAGS) -fsyntax-only -x c $$h || exit 1; done
	@test -n "$(CXX_ANY)" || { echo "check-headers: needs g++ or clang++" >&2; exit 3; }
	@rm -rf $(BUILD)/headers && mkdir -p $(BUILD)/headers/dragoman
	@cp translator/dragoman.h $(BUILD)/headers && cp codecs/codec.h $(BUILD)/headers/dragoman
	@for h in dragoman.h dragoman/codec.h; do echo "#include <$$h>" | $(CC) -std=c17 $(WARN) -Werror -I$(BUILD)/headers -fsyntax-only -x c - || exit 1; \
	    echo "#include <$$h>" | $(CXX_ANY) -std=c++17 -Wall -Wextra -Wpedantic -Werror -I$(BUILD)/headers -fsyntax-only -x c++ - || exit 1; done
	@echo "check-headers: $(words $(HEADERS)) headers stand alone"

check-symbols: $(BUILD)/libdragoman.so ## the shared library exports what translator/dragoman.symbols lists, no more and no less
	@nm -D --defined-only $< | awk '$$2 != "A" {print $$3}' | grep -vE '^(_init|_fini|__(a|ub)san|__odr_asan)' | LC_ALL=C sort \
	    | diff -u translator/dragoman.symbols - && echo "check-symbols: $$(wc -l <translator/dragoman.symbols) symbols, as listed"

.PHONY: bless
bless: $(BUILD)/golden ## write what a golden case names from what comes: make bless CASE=cusdec-d96b/name
	@test -n "$(CASE)" || { echo "make bless needs CASE=folder below conformance-tests/golden" >&2; exit 2; }
	$(BUILD)/golden --bless $(CASE)

##@ Lint
.PHONY: lint lint-setup lint-tidy lint-format lint-clang-tidy lint-cppcheck format
lint: lint-setup ## clang-format, our own tidy, headers, cppcheck, clang-tidy
	@$(AGAIN) -k lint-format lint-tidy check-headers lint-cppcheck lint-clang-tidy

lint-setup:
	@conformance-tests/tools/setup.sh build lint

lint-tidy: $(BUILD)/tools/tidy
	$(BUILD)/tools/tidy .

lint-format:
	@clang-format --dry-run -Werror $(OWN_SRC) $(HEADERS)

lint-cppcheck:
	@mkdir -p $(BUILD)/cppcheck
	@cppcheck -q -j$(JOBS) --cppcheck-build-dir=$(BUILD)/cppcheck --std=c11 --error-exitcode=1 --inline-suppr \
	    --enable=warning,performance,portability --suppressions-list=.cppcheck -D_GNU_SOURCE -DDGM_VERSION='""' -DDGM_MAPPINGS_DIR='""' \
	    -Itranslator -I. $(LIB_SRC) $(CLI_SRC)

lint-clang-tidy:
	@printf '%s\n' $(LIB_SRC) $(CLI_SRC) | xargs -P$(JOBS) -n4 sh -c \
	    'clang-tidy --quiet --warnings-as-errors="*" "$$@" -- -std=c17 -D_GNU_SOURCE -Itranslator -I. -DDGM_VERSION="\"\"" -DDGM_MAPPINGS_DIR="\"\"" $(PKG_CFLAGS) 2>&1 \
	     | grep -vE "^[0-9]+ warnings? generated|^Suppressed|^Use -header-filter" | awk "{print} END {exit NR > 0}"' tidy

format: ## run clang-format over our sources
	@clang-format -i $(OWN_SRC) $(HEADERS)

##@ Long work
.PHONY: fuzz fuzz-run torture bench
FUZZ ?=
TIME ?= 60
RUNS ?=
SEED ?= $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
FUZZ_NAME = $(if $(FUZZ),fuzz_$(patsubst fuzz_%,%,$(FUZZ)))
fuzz: ## fuzz with clang's libFuzzer: make fuzz FUZZ=edifact TIME=600, or RUNS=10000000; without FUZZ every target in turn
	@conformance-tests/tools/setup.sh build fuzz
	@$(AGAIN) BUILD=$(BUILD_FUZZ) CC=$(CLANG) OPT="-O2 -g" SAN="$(SANITIZERS) -fsanitize-coverage=inline-8bit-counters,pc-table" fuzz-run

# Findings and what was learnt stay in $(BUILD); a finding becomes a file in conformance-tests/fuzz/corpus/NAME and a test.
fuzz-run: $(if $(FUZZ),$(BUILD)/fuzz/$(FUZZ_NAME),$(FUZZ_BIN))
	@RUNS="$(RUNS)" TIME="$(TIME)" SEED="$(SEED)" conformance-tests/tools/fuzz.sh $(BUILD) $^

torture: ## long campaigns with sanitizers: mutated corpora, kills at random moments: make torture TIME=600 SEED=1
	@$(AGAIN) BUILD=$(BUILD_SAN) SAN="$(SANITIZERS)" OPT="-O1 -g" TIME=$(TIME) SEED=$(SEED) torture-run

.PHONY: torture-run
torture-run: $(REPLAY_BIN) $(BUILD)/dragoman $(BUILD)/dragoman-testing $(BUILD)/torture/torture $(BUILD)/every
	$(BUILD)/every --percent 100 --segments 20000 --seconds $(TIME) --seed $(SEED)
	$(BUILD)/torture/torture --seconds $(TIME) --seed $(SEED)
	@$(TEST_ENV) conformance-tests/tools/torture.sh $(TIME) $(SEED) $(REPLAY_BIN)

BENCH ?=
bench: $(BENCH_BIN) ## measure; BENCH=name runs one
	@for b in $(filter-out %.o %.a,$^); do $$b $(BENCH) || exit 1; done

##@ Installing
.PHONY: install uninstall
# What knows the folder of the mappings is compiled once more with the folder they are installed in.
WHERE_SRC = $(if $(LIB_SRC),$(shell grep -l DGM_MAPPINGS_DIR $(LIB_SRC) $(CLI_SRC)))
INSTALLED = $(BUILD)/installed
install: all ## into $(DESTDIR)$(PREFIX): command, library, header, pkg-config file, man pages, mappings
	@$(MAKE) --no-print-directory install-files

# Takes what is built as it stands; the tests use it, so that they never rebuild what other tests are running.
.PHONY: install-files
install-files:
	@mkdir -p $(INSTALLED)
	for s in $(WHERE_SRC); do mkdir -p $(INSTALLED)/$$(dirname $$s) && \
	    $(CC) $(CFLAGS_ALL) -UDGM_MAPPINGS_DIR -DDGM_MAPPINGS_DIR='"$(datadir)/mappings"' -c -o $(INSTALLED)/$${s%.c}.o $$s || exit 1; done
	$(SHARED) -o $(INSTALLED)/libdragoman.so $(call installed,$(LIB_SRC)) $(LIBS_ALL)
	rm -f $(INSTALLED)/libdragoman.a
	$(AR) rcs $(INSTALLED)/libdragoman.a $(call installed,$(LIB_SRC))
	$(CC) $(LDFLAGS_ALL) -o $(INSTALLED)/dragoman $(call installed,$(CLI_SRC)) $(INSTALLED)/libdragoman.a $(LIBS_ALL)
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(libdir)/pkgconfig $(DESTDIR)$(includedir) $(DESTDIR)$(mandir)/man1 $(DESTDIR)$(mandir)/man7
	install -m 755 $(INSTALLED)/dragoman $(DESTDIR)$(bindir)/dragoman
	install -m 644 $(INSTALLED)/libdragoman.a $(DESTDIR)$(libdir)/libdragoman.a
	install -m 755 $(INSTALLED)/libdragoman.so $(DESTDIR)$(libdir)/libdragoman.so.$(VERSION)
	ln -sf libdragoman.so.$(VERSION) $(DESTDIR)$(libdir)/libdragoman.so.$(SOVERSION)
	ln -sf libdragoman.so.$(SOVERSION) $(DESTDIR)$(libdir)/libdragoman.so
	install -m 644 translator/dragoman.h $(DESTDIR)$(includedir)/dragoman.h
	install -d $(DESTDIR)$(includedir)/dragoman $(DESTDIR)$(libdir)/dragoman/codecs
	install -m 644 codecs/codec.h $(DESTDIR)$(includedir)/dragoman/codec.h
	install -m 644 $(BUILD)/man/*.1 $(DESTDIR)$(mandir)/man1
	install -m 644 $(BUILD)/man/*.7 $(DESTDIR)$(mandir)/man7
	printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$${prefix}/lib' 'includedir=$${prefix}/include' 'mappings=$${prefix}/share/dragoman/mappings' 'codecs=$${libdir}/dragoman/codecs' '' \
	    'Name: dragoman' 'Description: translator between the message standards of trade' 'Version: $(VERSION)' \
	    'Requires.private: $(PACKAGES)' 'Libs: -L$${libdir} -ldragoman' 'Libs.private: -lpthread' 'Cflags: -I$${includedir}' \
	    >$(DESTDIR)$(libdir)/pkgconfig/dragoman.pc
	install -d $(DESTDIR)$(datadir)/schemas
	for k in mapping case guide partner format Declaration@1; do \
	    $(BUILD)/dragoman schema $$k >$(DESTDIR)$(datadir)/schemas/$$k.json && chmod 644 $(DESTDIR)$(datadir)/schemas/$$k.json || exit 1; done
	cd mappings && find . -type f ! -name '.*' -exec install -D -m 644 '{}' '$(DESTDIR)$(datadir)/mappings/{}' ';'

# Objects of $(1) with those of WHERE_SRC in place of their likes.
installed = $(foreach s,$(1),$(if $(filter $(s),$(WHERE_SRC)),$(INSTALLED)/$(s:.c=.o),$(BUILD)/obj/$(s:.c=.o)))

uninstall: ## take away what install put there
	rm -f $(DESTDIR)$(bindir)/dragoman $(DESTDIR)$(libdir)/libdragoman.a $(DESTDIR)$(libdir)/libdragoman.so* \
	    $(DESTDIR)$(includedir)/dragoman.h $(DESTDIR)$(includedir)/dragoman/codec.h $(DESTDIR)$(libdir)/pkgconfig/dragoman.pc \
	    $(DESTDIR)$(mandir)/man1/dragoman.1 $(DESTDIR)$(mandir)/man1/dragoman-*.1 $(DESTDIR)$(mandir)/man7/dragoman-*.7
	-rmdir --ignore-fail-on-non-empty $(DESTDIR)$(includedir)/dragoman $(DESTDIR)$(libdir)/dragoman/codecs $(DESTDIR)$(libdir)/dragoman
	rm -rf $(DESTDIR)$(datadir)

##@ The rest
.PHONY: clean help
clean: ## remove what was built
	rm -rf $(BUILD) $(BUILD_SAN) $(BUILD_FUZZ)

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile
	@printf '\nVariables: BUILD=folder  CI=1 (warnings are errors)  SAN="-fsanitize=…"  JOBS=n  V=1 (show commands)  PREFIX=/usr/local  DESTDIR=\n'

-include $(shell find $(BUILD)/obj $(BUILD)/obj-testing $(BUILD)/obj-steps -name '*.d' 2>/dev/null)
