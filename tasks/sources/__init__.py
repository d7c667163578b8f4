"""Where CSV files come from: a git upstream, or the made-up sample, which is a git upstream too.

``upstream.py`` is the door: sync, read, list the history. It hands out records of
``tasks/tables/source.py`` and bytes; what the bytes mean is not known here. To add a source: a module that
returns a `ResultsTree`.
"""
