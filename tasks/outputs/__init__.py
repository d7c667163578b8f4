"""The outputs folder: where things lie, what the manifest says, what can stay, and the switch to a new build.

``manifest``, ``accounting``, ``reuse``, ``older`` and ``layout`` are pure; ``local`` and ``parquet`` touch the disk.
What pages and charts look like is not known here. To add a file to a build: its place in ``layout.py``; the
manifest counts it.
"""
