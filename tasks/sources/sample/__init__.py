"""The sample: a small git repository with made-up results, so that the job runs with no network.

``results.py`` makes up the files (pure), ``repository.py`` writes them as commits. To add a case that the
sample should show: a file or row in ``results.py``; it must be told apart from real results at a glance.
"""
