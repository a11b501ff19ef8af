"""`python -m service.cli` is `tresteg`."""

from service.cli import main

main(prog_name="tresteg")
