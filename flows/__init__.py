"""Flows, their stages and the command line: the top of the house.

One flow a file; its body reads as a table of contents. Here alone the plan of a run is made and read:
stages take out of it what a task needs and hand that on. No work is done here: what computes, reads or
writes is in ``tasks``. To add a flow: a module of its own, and a command in ``cli.py``.
"""
