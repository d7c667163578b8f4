"""Flows and the command line. A flow's body reads as a table of contents; the work is in ``tasks``."""
