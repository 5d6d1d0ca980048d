"""`python -m armchair` is `armchair`."""

from armchair.cli import main

main()
