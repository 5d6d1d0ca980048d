"""The entry point of `python -m armchair`, the same as `armchair`."""

from armchair.cli import main

main()
