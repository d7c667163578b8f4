"""Tasks: thin Prefect wrappers over adapters (side effects) and core (pure functions)."""
