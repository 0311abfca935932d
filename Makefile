# make demo   set up what the demo needs, and run it
# make check  ruff, mypy, and the quick tests: under a minute on an idle machine
# make test   set up everything, and run all tests
# make faults the long fault tests: every command killed ten times (docs/reliability.md)
# make bench  print the figures that README and docs quote (needs ../shared/data)
# make lint   ruff, mypy
# make sbom   what is installed, as CycloneDX, in build/sbom.json
# make audit  ask the advisory database for the pinned packages (it needs the network)
# make docs   README, docs and the reference of the library as a site in build/site
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# The guard ends whatever a run leaves behind, and the run itself after 35 minutes, with pytest's report.
TEST := $(BIN)/python tests/guard.py --within 2100 -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --ignore tests/faults/test_kills.py

.PHONY: demo test faults sbom audit check bench lint docs clean

demo: .venv/core
	$(BIN)/qosmatin run configs/demo.yaml

test: .venv/all
	$(TEST)

faults: .venv/all
	$(BIN)/python tests/guard.py --within 7200 -m pytest tests/faults --timeout 3600 -o faulthandler_timeout=3600

check: lint
	$(TEST) -m quick

bench: .venv/all
	$(BIN)/python benchmarks/split.py
	$(BIN)/python benchmarks/align.py
	$(BIN)/python benchmarks/score.py
	$(BIN)/python benchmarks/filters.py
	$(BIN)/python benchmarks/checks.py
	$(BIN)/python benchmarks/translate.py cache
	$(BIN)/python benchmarks/publish.py
	$(BIN)/python benchmarks/review.py corrections
	$(BIN)/python benchmarks/review_page.py
	$(BIN)/python benchmarks/fidelity.py
	$(BIN)/python benchmarks/incremental.py

lint: .venv/all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/all
	$(BIN)/python docs/site.py build/site

# In an environment of its own: what these bring along is no part of what they look at.
build/tools/bin/python:
	$(PYTHON) -m venv build/tools
	$@ -m pip install --quiet --disable-pip-version-check 'cyclonedx-bom>=7,<8' 'pip-audit>=2.10,<3'

sbom: .venv/all build/tools/bin/python
	build/tools/bin/cyclonedx-py environment $(BIN)/python --of JSON --output-reproducible -o build/sbom.json

audit: build/tools/bin/python
	build/tools/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip

# Each mark says that what it is named after was installed from the files it depends on.
.venv/core: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --quiet --constraint constraints.txt --editable '.[review]'
	touch $@

.venv/all: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --quiet --constraint constraints.txt --editable '.[all,dev]'
	touch .venv/core $@

clean:
	rm -rf .venv build dist corpora *.egg-info
