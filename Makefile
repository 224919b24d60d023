# make help lists the targets. Only build, demo, test and package are needed to
# use snapferry, and they need nothing but Go; the rest is for changing it.

GO ?= go

# The linters, each at a fixed version, so that a new release of one of them
# never breaks an old commit. They are installed into .bin when missing.
GOFUMPT_VERSION     := v0.12.0
STATICCHECK_VERSION := v0.8.2
GOLANGCI_VERSION    := v2.15.0

GOFUMPT     := .bin/gofumpt-$(GOFUMPT_VERSION)
STATICCHECK := .bin/staticcheck-$(STATICCHECK_VERSION)
GOLANGCI    := .bin/golangci-lint-$(GOLANGCI_VERSION)

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Nothing is inlined in these packages. The function's zip is smaller for it,
# and none of them is where a sweep spends its time.
SMALL := net/... text/... regexp/... github.com/alecthomas/... github.com/jedib0t/... github.com/schollz/... \
	snapferry/internal/sim snapferry/internal/cli

# What a release is built with: release:VERSION:COMMIT.
STAMP ?=

.PHONY: build
build: need-go ## build the function's binary, dist/main (linux/amd64, no cgo)
	@mkdir -p dist
	CGO_ENABLED=0 GOOS=linux GOARCH=amd64 $(GO) build -buildvcs=false -trimpath $(SMALL:%='-gcflags=%=-l') -ldflags "-s -w -X 'snapferry/handler.stamp=$(STAMP)'" -o dist/main .

.PHONY: package
package: build ## zip it for SCF, dist/snapferry.zip: main at the root, executable, same bytes for the same sources
	$(GO) run ./internal/pack zip dist/main dist/snapferry.zip

VERSION ?=
.PHONY: release
release: need-go ## the commit that is checked out as VERSION=x.y.z, into dist/release: zip, SBOM, SHA256SUMS
	GO='$(GO)' $(GO) run ./internal/pack release '$(VERSION)' dist/release

RELEASE ?=
.PHONY: verify
verify: need-go ## build RELEASE=file.zip again from the commit that it names, and compare the bytes
	GO='$(GO)' $(GO) run ./internal/pack verify '$(RELEASE)'

# Deployment: all settings come from one file. WATCH=REGION is for a watcher: verify and
# status alone, in a region that is not lost together with what they watch.
SETTINGS ?= snapferry.env
WATCH ?=
DEPLOY = $(GO) run ./internal/deploy -settings '$(SETTINGS)' $(if $(WATCH),-watch '$(WATCH)')

.PHONY: settings
settings: need-go
	@$(DEPLOY) check

.PHONY: deploy
deploy: settings package ## deploy the functions with the settings of snapferry.env, then check (WATCH=REGION: a watcher there)
	$(DEPLOY) deploy

.PHONY: undeploy
undeploy: settings package ## remove functions, timers and the event rule, and never a replica (WATCH=REGION: the watcher)
	$(DEPLOY) undeploy

COMPONENTS_VERSION := 3.18.2
TOOLKIT_VERSION := 2.27.6
VENDOR := .bin/vendor-$(COMPONENTS_VERSION)-$(TOOLKIT_VERSION)

.PHONY: deploy-check
deploy-check: need-go $(VENDOR) ## what the vendor's deployment command and library send for the example's settings, beside golden files (needs node)
	$(GO) test ./internal/deploy -run '^TestTheVendors' -count=1 -v -args -tools '$(abspath $(VENDOR))'

$(VENDOR):
	@command -v npm >/dev/null || { echo "npm is not here: install Node.js, which the vendor's deployment tool needs" >&2; exit 1; }
	@mkdir -p .bin
	npm install --prefix $@.new --no-audit --no-fund --ignore-scripts @serverless/components@$(COMPONENTS_VERSION) tencent-component-toolkit@$(TOOLKIT_VERSION)
	@mv $@.new $@

.PHONY: demo
demo: need-go ## the whole story on the embedded simulator, in seconds
	@$(GO) run . demo

.PHONY: test
test: need-go ## all tests
	$(GO) test -timeout=5m -shuffle=on ./...

.PHONY: race
race: need-go need-cc ## all tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -timeout=8m -short -race -shuffle=on ./...

.PHONY: lint
lint: need-go $(GOFUMPT) $(STATICCHECK) $(GOLANGCI) ## format, vet, staticcheck, golangci-lint
	@unformatted=$$($(GOFUMPT) -l .) || exit; \
	if [ -n "$$unformatted" ]; then \
		$(GOFUMPT) -d .; \
		echo "lint: not in gofumpt's format; run 'make format':" $$unformatted >&2; exit 1; \
	fi
	$(GO) vet ./...
	$(STATICCHECK) ./...
	$(GOLANGCI) run ./...

.PHONY: format
format: need-go $(GOFUMPT) ## put the sources into the format that lint wants
	$(GOFUMPT) -w .

.PHONY: check
check: lint test race ## everything a change must pass

ROWS ?=
.PHONY: bench
bench: build ## memory and pace of dist/main beside their bounds, then Go's benchmarks (ROWS=start,zip for some rows alone)
	$(GO) run ./internal/bench -rows '$(ROWS)'
	$(if $(ROWS),,$(GO) test -run '^$$' -bench . -benchmem ./...)

SEEDS ?= 1000
FROM ?= 0
.PHONY: simulate
simulate: need-go ## random storms against the function: SEEDS=10000, or one seed again: SEEDS=1 FROM=n
	$(GO) test ./internal/storm -run '^TestStorms$$' -count=1 -v -timeout 60m -args -seeds $(SEEDS) -from $(FROM)

.PHONY: mutants
mutants: need-go ## plant known mistakes, one at a time: each must be caught by its test
	$(GO) run ./internal/mutants

FUZZ_TIME ?= 1m
.PHONY: fuzz
fuzz: need-go ## every fuzz target for a minute each (FUZZ_TIME=10s for less)
	@set -e; for package in $$(grep -rl '^func Fuzz' --include='*_test.go' . | xargs -n 1 dirname | sort -u); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			$(GO) test -timeout=10m -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_TIME) -fuzzminimizetime 2s $$package; \
		done; \
	done

.PHONY: clean
clean: ## remove what was built (the linters in .bin stay)
	rm -rf dist

# The version is part of the file's name: another version is another file.
$(GOFUMPT): TOOL = mvdan.cc/gofumpt@$(GOFUMPT_VERSION)
$(STATICCHECK): TOOL = honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)
$(GOLANGCI): TOOL = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
$(GOFUMPT) $(STATICCHECK) $(GOLANGCI): | need-go
	@mkdir -p .bin
	@rm -f $(firstword $(subst -v, ,$@))-v*
	@echo 'installing $(TOOL)'
	@GOBIN='$(CURDIR)/.bin' $(GO) install $(TOOL) || \
		{ echo 'cannot install $(TOOL): is the Go module proxy reachable?' >&2; exit 1; }
	@mv $(firstword $(subst -v, ,$@)) $@

.PHONY: need-go need-cc
need-go:
	@command -v $(firstword $(GO)) >/dev/null || \
		{ echo "'$(GO)' is not here: install Go (go.mod says which version) and put it on the PATH" >&2; exit 1; }

need-cc:
	@cc=$$($(GO) env CC); command -v $${cc%% *} >/dev/null || \
		{ echo "race: no C compiler ($$cc): install gcc or clang, which Go's race detector needs" >&2; exit 1; }
