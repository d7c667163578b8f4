"""Pure functions over tables and records: no Prefect, no git, no files, no clock."""
