# One short command each. `make audit` and `make test` do all the set-up that they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INVENTORY ?= inventories/always-on-vpn
LAB_PACKAGES := nftables iptables iproute2 procps strongswan strongswan-swanctl charon-systemd strongswan-pki \
  libcharon-extra-plugins libstrongswan-extra-plugins libstrongswan-standard-plugins freeradius freeradius-utils \
  eapoltest frr frr-pythontools tshark openssl
N ?= 100
SEED ?= 1

.PHONY: help audit test check lint types contract vulnerabilities lab-setup lab lab-fuzz readme bench clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ --/'

$(BIN)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(BIN)/.developing: $(BIN)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

audit: $(BIN)/.installed ## audit the example (or INVENTORY=...)
	@$(BIN)/fragaudit audit $(INVENTORY) --fail-on never

test: $(BIN)/.developing ## all tests but the lab's, warnings are errors
	$(BIN)/python -m pytest -n auto --dist worksteal --ignore tests/lab

check: lint types contract vulnerabilities test ## everything that must be green before a commit

lint: $(BIN)/.developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/.developing
	$(BIN)/mypy

contract: $(BIN)/.developing
	$(BIN)/lint-imports --no-cache

vulnerabilities: $(BIN)/.developing
	$(BIN)/python tools/vulnerabilities.py

lab-setup: ## the Debian packages that the lab needs (root)
	RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(LAB_PACKAGES) >/dev/null

lab: $(BIN)/.developing ## predictions against real packets, IKEv2 and RADIUS in network namespaces (root)
	$(BIN)/python -m pytest tests/lab

lab-fuzz: $(BIN)/.developing ## N random networks, from SEED on: predicted against measured (root)
	$(BIN)/python -m tests.lab.fuzz --cases $(N) --seed $(SEED)

readme: $(BIN)/.installed ## writes the example's report into README.md
	$(BIN)/python tools/readme.py

bench: $(BIN)/.developing ## the ratios of the performance goals (peers: pip install -e '.[bench]')
	$(BIN)/python tools/bench.py

clean: ## removes the virtual environment and all caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist build
