"""``timm-charts pick``: the models that no other beats within limits, and what to relax where nothing fits.

``pick`` and ``words`` are pure; ``ask`` reads the outputs folder. The explorer page computes the same
numbers in the browser, and a test compares the two. To add a limit: `Limits` in ``pick.py``, its words, and
the same in the page.
"""
