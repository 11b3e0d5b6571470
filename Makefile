# The same commands on a laptop and in CI. `make demo` and `make test` need Python 3.11 and git alone.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo test lint types training clean

demo: $(VENV)/core
	rm -rf demo
	$(BIN)/convqa score data/samples --out demo/run --max-rejected 0.05
	$(BIN)/convqa report demo/run --output demo/report.html

test: $(VENV)/test
	$(BIN)/python -m pytest

lint: $(VENV)/test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/test
	$(BIN)/mypy src

# What `training/` and its tests need; torch comes first, by hand, where a small CPU build is wanted.
training: $(VENV)/test
	$(BIN)/python -m pip install --quiet --editable '.[training]'

$(VENV)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@

$(VENV)/core: $(VENV)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/test: $(VENV)/core
	$(BIN)/python -m pip install --quiet --editable '.[test,ray,mlflow]'
	touch $@

clean:
	rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache
