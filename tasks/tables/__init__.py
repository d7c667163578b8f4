"""CSV bytes to checked tables, merged tables and changes. Pure functions over frames; no files, no clock.

The way: ``filenames`` -> ``parse`` -> ``contract`` -> ``merge`` -> ``snapshot`` -> ``changes``.
``history`` puts results commits in order, ``commits`` tells which snapshots there are. Columns,
types and ranges are declared in ``config/contracts.py`` and nowhere else. To add a column: there, then
where it is computed.
"""
