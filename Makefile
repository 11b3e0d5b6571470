# The same commands on a laptop and in CI. `make demo` and `make test` need Python 3.11 and git alone.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo test lint types training train register promote bench soak clean

demo: $(VENV)/core
	rm -rf demo
	$(BIN)/convqa score data/samples --out demo/run --max-rejected 0.05
	$(BIN)/convqa report demo/run --output demo/report.html

# In up to four processes: many tests wait for a browser, a server or a process they started. The
# tests of a file stay together, for some share what took long to make.
test: $(VENV)/test
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: $(VENV)/test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/test
	$(BIN)/mypy src

# What `training/` and its tests need. TORCH names the build, where the registry's default is too large.
TORCH ?= torch
training: $(VENV)/training

# From the data to a registered bundle in work/train; OPTIONS are those of `python -m training.all`.
train: $(VENV)/training
	$(BIN)/python -m training.all $(OPTIONS)
	$(BIN)/python -m training.register $(OPTIONS)

# The last training as challenger in MLflow, and the challenger as champion if it is better. Both need
# `make training` once. RUN is the scoring run that is compared under both, the newest in runs/ if unset;
# OPTIONS as for `make train`, such as the `--work` of that training.
export MLFLOW_TRACKING_URI ?= sqlite:///mlflow.db
export MLFLOW_DISABLE_TELEMETRY = true

register:
	$(BIN)/python -m training.register $(OPTIONS)

promote:
	$(BIN)/python -m training.promote $(if $(RUN),--run $(RUN)) $(OPTIONS)

# The figures of the README, each a ratio of two that are measured here, in about half an hour on two
# cores; with `--sizes 1000 10000 100000` also the memory of a large run. Then nothing else may run.
bench: $(VENV)/training
	$(BIN)/python -m benchmarks.bench $(OPTIONS)

# A run that is killed 50 times at random moments has to end with the bytes of an unbroken one.
soak: $(VENV)/test
	$(BIN)/python -m benchmarks.soak $(OPTIONS)

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

$(VENV)/training: $(VENV)/test
	$(BIN)/python -m pip install --quiet '$(TORCH)'
	$(BIN)/python -m pip install --quiet --editable '.[training]'
	touch $@

clean:
	rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache
