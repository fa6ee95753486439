# make demo   the main job on a customer's mail, printed as it happens
# make test   the whole test suite
VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin
READY = $(VENV)/.ready

.PHONY: demo demo-bisect test test-lowest check bench bench-peers bench-precedent bench-watching torture docs lock clean

demo: $(READY)
	@PATH="$(abspath $(BIN)):$$PATH" docs/demo/demo.sh

# An error that shows at times, on a small history of its own: reproduced, its commit found, fixed, and proven fixed.
demo-bisect: $(READY)
	@PATH="$(abspath $(BIN)):$$PATH" docs/demo/bisect.sh

test: $(READY)
	$(BIN)/pytest

# The oldest release of everything that pyproject.toml allows; `make test` runs the newest.
test-lowest: $(VENV)-lowest/.ready
	$(VENV)-lowest/bin/pytest tests/cli tests/store

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Trackers of up to 100,000 reports are made once and kept in .bench (BENCH_CACHE); BENCH='--sizes 100,1000' for less.
bench: $(READY)
	$(BIN)/python -m bench.run $(BENCH)

# The trackers that the bench compares with, into the same folder, as far as that goes without root.
bench-peers: $(READY)
	$(BIN)/python -m bench.install

# How well `precedent` finds duplicates, and how fast, on the labelled reports of ../shared/precedent, if they are there.
bench-precedent: $(READY)
	$(BIN)/python -m bench.precedent $(BENCH)

# How many lines of a log `watch-log` reads in a second, beside `grep -F`.
bench-watching: $(READY)
	$(BIN)/python -m bench.watching $(BENCH)

# Kills writers at 500 random moments and sees whether anything is lost that they had told; TORTURE='--kills 5000' for more.
torture: $(READY)
	PYTHONPATH=tests $(BIN)/python -m support.torture $(TORTURE)

# The reference pages, written anew from the code.
docs: $(READY)
	UPDATE_DOCS=1 $(BIN)/pytest -n 0 tests/docs

lock: $(READY)
	(sed -n '/^#/p' constraints.txt; $(BIN)/pip freeze --exclude-editable | grep -v '^pip==') > constraints.new
	mv constraints.new constraints.txt

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

$(VENV)-lowest/.ready: pyproject.toml tests/lowest.txt
	$(PYTHON) -m venv $(VENV)-lowest
	$(VENV)-lowest/bin/pip install --quiet --disable-pip-version-check -r tests/lowest.txt -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-lowest
