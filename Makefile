# make demo: the first whole study on embedded speech.   make test: everything that CI tests.
# make evidence: chaos, clusters and outages at full length.   make docs: the documentation, into build/site.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TOOLS := $(VENV)/.installed-tools
# Python compiles a module when it is first imported, and keeps that: to compile all that is installed takes longer than
# to install it. Some images tell Python to keep nothing; then every process would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE
# uv installs in a fifth of pip's time; where pip is told that packages lie, uv looks too. Where it cannot be had, or does
# not find what pip finds, pip installs.
ifdef PIP_FIND_LINKS
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
endif
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt
INSTALL = with() { $(PIP) uv && $(UV) "$$@" || $(PIP) "$$@"; } && with

.PHONY: demo tools test evidence lint docs clean

demo: $(INSTALLED)
	$(BIN)/python run_search.py run asr-cnn-sublayer-order --seeds 6

tools: $(TOOLS)

test: $(TOOLS)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not evidence" -n 2 --dist loadfile --no-loadscope-reorder --durations 30

evidence: $(TOOLS)
	$(INSTALL) --editable ".[evidence]"
	$(BIN)/python -m pytest -m evidence

lint: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(TOOLS)
	$(BIN)/python -m mkdocs build --strict

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable ".[speech]"
	touch $@

$(TOOLS): pyproject.toml constraints.txt
	test -e $(INSTALLED) || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable ".[dev,docs]"
	touch $(INSTALLED) $@

clean:
	rm -rf $(VENV)
