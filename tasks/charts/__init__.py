"""Charts as declarations: rows in, a Vega-Lite specification out. Pure: no Prefect, git, files or clock.

``chart.py`` says what a chart is, ``registry.py`` lists them all, ``jobs.py`` says which ones a snapshot
has. How a specification becomes pictures and pages is in ``tasks/pages``. To add a chart: a module in
``profile`` or ``overview`` with ``prepare``, ``build``, ``describe`` and ``CHART``, its line in the
registry, and its golden file.
"""
