"""Charts: one module each with prepare, build and a declaration; the registry lists them."""
