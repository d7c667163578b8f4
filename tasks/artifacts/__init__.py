"""What the Prefect UI shows of a run: words and rows for its artifacts, and the progress of long work.

``summary`` and ``changes`` are pure: manifest and tables in, Markdown and plain values out. Making the
artifacts is the task's work (``tasks/publish.py``). To add one: a function here that returns its content, a
key, and a call there.
"""
