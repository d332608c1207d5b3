# One word a task. `make` alone prints them.
PY ?= python3
BIN := .venv/bin
WORDS := bot rules tests docs deploy README.md CONTRIBUTING.md CHANGELOG.md SECURITY.md Dockerfile Makefile .ci
export PYTHONDEVMODE ?=

.DEFAULT_GOAL := help
.PHONY: help setup check test fix record rule demo serve image releasable bench lock ci

help: ## print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: .venv/.ready ## environment from the lock file

.venv/.ready: requirements-dev.lock pyproject.toml
	$(PY) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

check: setup ## format, lint, types, imports, words, generated docs, our own manifests: before a commit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell $(WORDS)
	$(BIN)/hadolint Dockerfile
	$(BIN)/python -m tests.record --check
	$(BIN)/podsec check --profile restricted --fail-on low deploy

test: setup ## all tests, on all cores; `make test K=plaintext` some
	$(BIN)/python -m pytest $(if $(K),-k "$(K)",-n auto --dist worksteal)

fix: setup ## format and apply safe lint fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

record: setup ## rewrite recordings and generated docs
	$(BIN)/python -m tests.record

rule: setup ## new rule folder: make rule NAME=host_network
	$(BIN)/python -m tests.rules.new_rule $(NAME)

demo: setup ## the main job, end to end, in the sandbox; STAY=1 keeps its pages up
	$(BIN)/podsec demo $(if $(STAY),--stay) $(if $(PICTURE),--picture $(PICTURE))

serve: setup ## web and worker with SQLite; needs the settings of docs/configuration.md
	$(BIN)/podsec serve

image: ## build the container image, on the tags of its base images; a release pins their digests
	docker build --build-arg PYTHON=python:3.11-slim-bookworm --build-arg KUBECTL=registry.k8s.io/kubectl:v1.34.1 --build-arg HELM=alpine/helm:3.19.0 --tag podsec:dev .

releasable: ## refuse what must not be released, such as placeholders
	bash .ci/releasable

bench: setup .venv-bench/.ready ## podsec beside Trivy and Checkov: CPU, time, memory
	$(BIN)/python -m benchmarks.check $(BENCH)

.venv-bench/.ready: benchmarks/requirements.txt
	$(PY) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	@touch $@

lock: setup ## resolve the lock files anew
	$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	$(BIN)/python -m uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -o requirements.lock pyproject.toml
	$(BIN)/python -m uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	echo hatchling | $(BIN)/python -m uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -c requirements-dev.lock -o requirements-build.lock -

ci: ## everything that CI runs, in CI's order
	bash .ci/run
