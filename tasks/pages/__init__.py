"""Specifications and tables to files people look at: SVG, PNG and HTML of a chart, the gallery, the explorer.

Runs in render processes too, so nothing here may import Prefect. What a chart shows is decided in
``tasks/charts``. To add a page: a module that fills a template, the template in ``templates/``, and a
browser test.
"""
