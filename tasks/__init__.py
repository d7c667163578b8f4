"""Prefect tasks in the four modules beside this file, and the rooms they call on, one folder a subject.

A module directly in this folder declares tasks and nothing else; each is a thin wrapper that logs and
counts. Tasks take values that can be pickled, never the plan of the run, an open file or a pool. To add a
task: put the work into the room it belongs to, and the wrapper into ``ingest``, ``transform``,
``visualize`` or ``publish``.
"""
