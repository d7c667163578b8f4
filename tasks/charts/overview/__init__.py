"""Charts that compare profiles, devices or test sets: each gets a whole table.

One module a chart. What charts of pairs share is in ``pairs``, what all charts share in ``parts``. To add
one: ``prepare``, ``build``, ``describe`` and ``CHART`` with scope ``overview``, then its line in the
registry.
"""
