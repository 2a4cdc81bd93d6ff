# MemberDesk. `make help` lists what can be done; `make demo` and `make test` are all a stranger needs.
# Windows without make: see README; installer/bootstrap.py does the same with plain Python.

# The first Python on this machine that the locks were made for; name another with  make PYTHON=/usr/bin/python3.12 …
PYTHON ?= $(or $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { echo "$$p"; break; }; \
	done),python3)
# One more than a small machine has processors: tests of devices and of lines mostly wait.
WORKERS ?= 3
SOAK_S ?= 3600
MEMBERS ?= 1000000
IN_VENV := installer/in-venv

.DEFAULT_GOAL := help
.PHONY: help setup setup-test demo demo-hub tour screenshots test soak soak-devices lint types contracts full bench coverage installer smoke lock format clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## .venv, locked libraries, the memberdesk command, Qt's system libraries
	@"$(PYTHON)" installer/bootstrap.py

setup-test: ## the same and what tests, lint and the installer need
	@"$(PYTHON)" installer/bootstrap.py --test

demo: setup ## a living mall to play in; without a display, the guided tour into demo-out/
	@$(IN_VENV) memberdesk demo

demo-hub: setup-test ## the same mall behind a hub of its own, and a switch that cuts the network; without a display, its tour
	@$(IN_VENV) memberdesk demo --hub

tour: setup ## the guided tour, offscreen: pictures, printed bytes, slips and tour.json in demo-out/
	@QT_QPA_PLATFORM=offscreen $(IN_VENV) memberdesk demo --tour --out demo-out

screenshots: setup ## play the tour into build/tour/, to look at, or to choose pictures for docs/pictures/ from
	@QT_QPA_PLATFORM=offscreen $(IN_VENV) memberdesk demo --tour --out build/tour

test: setup-test ## every test, offscreen, on SQLite and a real PostgreSQL
	@$(IN_VENV) python -m pytest -n $(WORKERS)

soak: setup-test ## desks, hubs, PostgreSQL killed and cut off again and again for SOAK_S seconds (an hour); repeat with NEMESIS_SEED=…
	@SOAK_S=$(SOAK_S) $(IN_VENV) python -m pytest -n 0 -s tests/faults/sync/test_nemesis.py

soak-devices: setup-test ## simulated machines break and work for SOAK_S seconds (an hour): no leak of memory, descriptors, threads
	@SOAK_S=$(SOAK_S) $(IN_VENV) python -m pytest -n 0 -o faulthandler_timeout=0 tests/faults/devices/test_soak.py

coverage: setup-test ## the tests again, with the lines they did not reach (one process, slower)
	@$(IN_VENV) coverage erase
	@$(IN_VENV) coverage run -m pytest
	@$(IN_VENV) coverage combine --quiet
	@$(IN_VENV) coverage report

lint: setup-test ## ruff: mistakes, style, order of imports, layout
	@$(IN_VENV) ruff check .
	@$(IN_VENV) ruff format --check .

format: setup-test ## let ruff put right what it can
	@$(IN_VENV) ruff check --fix .
	@$(IN_VENV) ruff format .

types: setup-test ## mypy --strict
	@$(IN_VENV) mypy

contracts: setup-test ## who may import whom
	@$(IN_VENV) lint-imports --no-logo

full: setup-test ## tests and measurements at full size (an hour or so); figures in bench*.json
	@MEMBERDESK_FULL=1 $(IN_VENV) python -m pytest -n $(WORKERS) -o faulthandler_timeout=1800
	@MEMBERDESK_FULL=1 $(IN_VENV) memberdesk bench core --members $(MEMBERS) --json bench.json
	@$(IN_VENV) memberdesk bench devices --json bench-devices.json
	@$(IN_VENV) memberdesk bench sync --members $(MEMBERS) --json bench-sync.json

bench: setup-test ## measure the core suite, the devices and hub with desks; smaller with  make bench MEMBERS=20000
	@$(IN_VENV) memberdesk bench core --members $(MEMBERS)
	@$(IN_VENV) memberdesk bench devices
	@$(IN_VENV) memberdesk bench sync --members $(MEMBERS)

installer: setup-test ## dist/memberdesk/: the program in one folder, and the tour played with it
	@$(IN_VENV) python installer/build.py
	@$(IN_VENV) python installer/smoke.py

smoke: setup-test ## only the tour with what `make installer` built
	@$(IN_VENV) python installer/smoke.py

lock: ## resolve pyproject.toml into the two hashed locks (needs uv); add UPGRADE=--upgrade for newer versions
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --no-annotate --no-header \
		$(UPGRADE) pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --no-annotate --no-header \
		$(UPGRADE) --extra test -c requirements.lock pyproject.toml -o requirements-test.lock

clean: ## what building, testing and the demo left behind; .venv stays
	rm -rf build dist demo-out demo-store bench.json bench-devices.json bench-sync.json .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache \
		.hypothesis .benchmarks .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
