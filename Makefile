# The common commands. Python does the work: see `python3 -m infra --help`.

# These can also be environment variables: `PORT=8001 make run`.
PORT ?= 8000
LOCAL_AWS_PORT ?= 4566
LOCAL_LOGIN_PORT ?= 4567
DOCS_PORT ?= 8008
PYTHON = python3
ARGS =
PROCESSES = 2

APP = .venvs/app/bin
LINT = .venvs/lint/bin
DOCS = .venvs/docs/bin

.PHONY: help setup run manage test test-fast coverage mutants lint fix docs deploy-local messages requirements
.PHONY: bench  # only with bench
.DEFAULT_GOAL := help

help:
	@echo 'make run           run Gatehouse on http://localhost:$(PORT), with a local AWS; Ctrl-C stops it'
	@echo 'make manage        run manage.py in the local stack: make manage ARGS="makemigrations"'
	@echo 'make test          install what is missing and run all tests; ARGS are for pytest: make test ARGS="-k keys"'
	@echo 'make test-fast     run the tests without a browser, MiniStack, PostgreSQL or a deployment'
	@echo 'make coverage      run the fast tests, and fail if their coverage is too low'
	@echo 'make mutants       change the code and report the changes that no test detects: make mutants ARGS="accounts/users.py"'
	@echo 'make lint          check words, links, spelling, documentation, types, imports, templates, Django'
	@echo 'make fix           format the code, and apply the corrections of ruff'
	@echo 'make docs          build the documentation and serve it on http://localhost:$(DOCS_PORT)'
	@echo 'make bench         run a benchmark: make bench ARGS=tokens'  # only with bench
	@echo 'make setup         create or update the virtual environments'
	@echo 'make deploy-local  deploy to a local Lambda behind API Gateway, with the real Zappa: make deploy-local ARGS="--with all"'
	@echo 'make messages      extract the texts of the pages into the catalogs of locale/, and compile these'
	@echo 'make requirements  compile the lock files from requirements/*.in'
	@echo
	@echo 'Variables: PORT=$(PORT) LOCAL_AWS_PORT=$(LOCAL_AWS_PORT) LOCAL_LOGIN_PORT=$(LOCAL_LOGIN_PORT)'
	@echo '           PYTHON=$(PYTHON) PROCESSES=$(PROCESSES), which applies to tests'

setup:
	@$(PYTHON) -m infra local setup test

# A single simple command runs without a shell, so that a signal to make reaches it.
run:
	@$(PYTHON) -m infra local run --port $(PORT) --aws-port $(LOCAL_AWS_PORT) \
		--login-port $(LOCAL_LOGIN_PORT)

manage:
	@$(PYTHON) -m infra local setup run
	@$(APP)/python -m infra local manage -- $(ARGS)

test:
	@$(PYTHON) -m infra local setup test --browser
	@$(APP)/python -m pytest --numprocesses=$(PROCESSES) $(ARGS)

test-fast:
	@$(PYTHON) -m infra local setup test-fast
	@$(APP)/python -m pytest -m 'not slow' --numprocesses=$(PROCESSES) $(ARGS)

coverage:
	@$(PYTHON) -m infra local setup test-fast
	@$(APP)/python -m pytest -m 'not slow' --numprocesses=$(PROCESSES) --cov $(ARGS)

# mutmut runs the tests in its own process, so it needs the packages of both environments.
mutants:
	@$(PYTHON) -m infra local setup mutants
	@PYTHONPATH="$$(echo $(CURDIR)/.venvs/mutants/lib/python3.*/site-packages)" \
		$(APP)/python -P tests/support/mutants.py --processes $(PROCESSES) $(ARGS)

# The checks read settings but make no call, so the user pool does not have to exist.
lint docs: export DJANGO_DEBUG = true
lint docs: export DATABASE_URL = sqlite://:memory:
lint docs: export COGNITO_REGION = eu-west-1
lint docs: export COGNITO_USER_POOL_ID = eu-west-1_lint
lint docs: export COGNITO_CLIENT_ID = lint
lint docs: export COGNITO_DOMAIN = https://lint.auth.eu-west-1.amazoncognito.com
lint:
	@$(PYTHON) -m infra local setup lint
	$(PYTHON) docs/check.py
	$(LINT)/codespell
	$(APP)/ruff check
	$(APP)/ruff format --check
	$(APP)/mypy
	$(APP)/lint-imports
	$(LINT)/cfn-lint
	$(LINT)/checkov
	$(APP)/python manage.py check
	$(APP)/python manage.py makemigrations --check --dry-run
	$(BUILD_DOCS)

# -E reads every page again, because Sphinx does not repeat warnings about unchanged pages.
BUILD_DOCS = $(DOCS)/python -m sphinx -E -W --keep-going --quiet -b html docs .site

docs:
	@$(PYTHON) -m infra local setup docs
	$(BUILD_DOCS)
	$(PYTHON) -m http.server --bind 127.0.0.1 --directory .site $(DOCS_PORT)

fix:
	@$(PYTHON) -m infra local setup lint
	$(APP)/ruff check --fix
	$(APP)/ruff format

# begin capability bench
bench:
	@$(PYTHON) -m infra local setup bench
	@$(APP)/python -m bench $(ARGS)

# end capability bench
# The environment of the tests includes PostgreSQL.
deploy-local:
	@$(PYTHON) -m infra local setup test
	@$(APP)/python -m infra local deploy --aws-port $(LOCAL_AWS_PORT) --login-port $(LOCAL_LOGIN_PORT) $(ARGS)

messages:
	@$(PYTHON) -m infra local setup test-fast
	@$(APP)/python -m infra.messages $(ARGS)

COMPILE = $(PYTHON) -m infra.setup.uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-strip-extras --custom-compile-command 'make requirements'

# begin capability container
# python-jose uses cryptography and no other backend, and drf-spectacular validates only in tests.
# cffi is built with pycparser, and Django REST framework imports pyyaml only if it is installed.
NOT_IN_THE_IMAGE = ecdsa pyasn1 rsa attrs jsonschema jsonschema-specifications referencing rpds-py pycparser pyyaml

# end capability container
# Versions in the lock files change only when a .in file asks for it: delete a lock file to upgrade
# everything in it. The later files follow the first, so that every package has one version
# everywhere. MiniStack, the linters of the templates and uv pin their own versions.
requirements:
	$(COMPILE) requirements/dev.in -o requirements.txt
	$(COMPILE) requirements/runtime.in -c requirements.txt -o requirements/runtime.txt
	$(COMPILE) requirements/traces.in -c requirements.txt -o requirements/traces.txt
	$(COMPILE) requirements/sentry.in -c requirements.txt -o requirements/sentry.txt
	$(COMPILE) requirements/container.in -c requirements.txt $(NOT_IN_THE_IMAGE:%=--no-emit-package=%) -o requirements/container.txt  # only with container
	$(COMPILE) requirements/bench.in -c requirements.txt -o requirements/bench.txt  # only with bench
	$(COMPILE) requirements/ministack.in -o requirements/ministack.txt
	$(COMPILE) requirements/lint.in -o requirements/lint.txt
	$(COMPILE) requirements/mutants.in -c requirements.txt -o requirements/mutants.txt
	$(COMPILE) requirements/docs.in -c requirements.txt -o requirements/docs.txt
	$(COMPILE) requirements/uv.in -o requirements/uv.txt
