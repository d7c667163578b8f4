"""``timm-charts doctor``: is everything there that a run needs, and if not, what to do. Changes nothing.

``check.py`` says what a finding and its remedy are, ``checks.py`` lists all checks; the other modules hold
them by what they look at. To add a check: a function that returns a `Finding`, its line in ``checks.py``,
and a test that breaks the thing on purpose.
"""
