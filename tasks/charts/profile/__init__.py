"""Charts of one benchmark profile: each gets the rows of ``merged`` of that profile.

One module a chart. A chart that compares profiles, devices or test sets belongs in ``overview``. To add
one: ``prepare``, ``build``, ``describe`` and ``CHART``, then its line in ``tasks/charts/registry.py``.
"""
