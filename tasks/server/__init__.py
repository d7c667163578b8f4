"""The Prefect server: find or start it, point this process at it, install automations on it.

Imports Prefect only where it must: a typo on the command line should cost no seconds. Nothing here knows
what a run does. To add an automation: a rule in ``automation_rules.py`` and a test on a real server.
"""
