"""The errors a user can meet; each carries a message that says where, what, expected, and what next."""

from __future__ import annotations


class TimmChartsError(Exception):
    """Anything that stops a run for a reason a person can act on. The command line exits with 1."""


class UsageError(TimmChartsError):
    """A wrong option, setting, revision or folder. The command line exits with 2."""


class NetworkError(TimmChartsError):
    """The upstream could not be reached: no fault of usage. Worth a retry; the command line exits with 1."""
