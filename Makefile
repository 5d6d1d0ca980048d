.PHONY: setup test slow check docs page demo

setup:  ## everything that is needed, into .venv
	uv sync

test:  ## what runs in minutes
	uv run pytest -n 2

slow:  ## the rest, in about an hour and with nothing else running: browsers, expert scenes, a whole training
	uv run pytest -n 2 -m slow

check:  ## style and types
	uv run ruff check
	uv run ruff format --check
	uv run mypy

docs:  ## the site, into site/index.html; a dead link is an error
	uv run --group docs sphinx-build -q -W --keep-going -c docs . site

page:  ## build the console's page, which is committed
	cd console/page && npm install --no-package-lock && npm run build

demo:  ## from nothing to a policy and its report, in about two minutes
	uv run armchair demo --quick
