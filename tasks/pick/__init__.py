"""``timm-charts pick``: the models that no other beats within limits, and what to relax where nothing fits.

``pick`` and ``alone`` (what one setting gives) compute, ``words`` writes, all three pure; ``ask`` reads the
outputs folder. Every sentence with a number is a finding. The explorer page computes the same
numbers in the browser, and a test compares the two. To add a limit: `Limits` in ``pick.py``, its words, and
the same in the page.
"""
