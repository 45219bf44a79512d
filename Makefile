# The commands of this project. `make help` lists them.
PORT ?= 8000
PYTHON_IN_VENV := .venv/bin/python
ROOMS := pledge_tracker staff reports reminders progress_updates signatories accounts mail design jobs
COMPILE := --universal --generate-hashes --no-header --quiet --upgrade
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-check demo-reset test faults check bench rehearse-image assets locks

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Everything that is needed to run the site; starts nothing
	@scripts/bootstrap

demo: setup ## The site with fictional data on http://127.0.0.1:8000/ (PORT=8001 for another port); Ctrl-C stops it
	@$(PYTHON_IN_VENV) manage.py demo --port $(PORT)

demo-check: setup ## Starts the demo, asks for its main pages, stops it, looks for what is left
	@$(PYTHON_IN_VENV) scripts/demo-check

demo-reset: setup ## Throws away what was typed into the demo
	@$(PYTHON_IN_VENV) manage.py demo --reset

test: ## Every test, on real servers and in a real browser; ARGS="tests/mail -x" for some
	@scripts/bootstrap --test
	@.venv/bin/pytest -n 2 --dist worksteal $(ARGS)

faults: ## Kills senders and planners at every marked point, 50 times each (make test does it 10 times)
	@scripts/bootstrap --test
	@FAULTS_ROUNDS=50 .venv/bin/pytest -n 2 --dist worksteal --timeout 1800 tests/mail/test_faults.py tests/reminders/test_faults.py

check: ## Style, types, layers, migrations, templates, locks
	@scripts/bootstrap --test
	.venv/bin/ruff check --quiet .
	.venv/bin/ruff format --check --quiet .
	.venv/bin/mypy $(ROOMS)
	.venv/bin/lint-imports
	$(PYTHON_IN_VENV) manage.py check --fail-level WARNING
	scripts/check-deploy
	$(PYTHON_IN_VENV) manage.py makemigrations --check --dry-run
	$(PYTHON_IN_VENV) manage.py states | diff docs/states.md -
	$(PYTHON_IN_VENV) manage.py ladder | diff docs/reminders.md -
	$(PYTHON_IN_VENV) manage.py figures | diff docs/figures.md -
	$(PYTHON_IN_VENV) manage.py who_is_told | diff docs/who-is-told.md -
	$(PYTHON_IN_VENV) scripts/check-templates
	scripts/check-locks
	.venv/bin/hadolint Dockerfile
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml

bench: ## Pages, reminders and PDFs at 60 to 10,000 Pledge Makers; ARGS="--sizes 60 100" for a quick look
	@scripts/bootstrap --test
	@$(PYTHON_IN_VENV) -m bench $(ARGS)

rehearse-image: ## Runs the Dockerfile's lines and the services without an engine; as root, with debootstrap
	@scripts/rehearse-image

assets: setup ## Builds static/dist from static/scss and static/js
	@scripts/build-assets

locks: ## Newest versions within the ranges of pyproject.toml into requirements/, newest packages into package-lock.json
	@command -v uv >/dev/null || { echo "uv is needed: pip install uv" >&2; exit 1; }
	uv pip compile $(COMPILE) pyproject.toml -o requirements/run.txt
	uv pip compile $(COMPILE) pyproject.toml --group test -o requirements/test.txt
	uv pip compile $(COMPILE) --group build -o requirements/build.txt
	npm run --silent lock
	scripts/check-locks
