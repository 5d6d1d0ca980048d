.PHONY: setup test slow check page demo

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

page:  ## build the console's page, which is committed
	cd console/page && npm install --no-package-lock && npm run build

demo:  ## from nothing to a policy and its report, in about two minutes
	uv run armchair demo --quick
