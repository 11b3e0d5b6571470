"""`python -m convqa`."""

from convqa.cli import main

main()
