"""``python -m flows`` is the same program as ``timm-charts``."""

from flows.cli import main

main()
