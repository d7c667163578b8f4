"""The edges: git, Parquet files, rendering, the outputs folder, the local Prefect server."""
