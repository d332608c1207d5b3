"""The rule foreign-registry."""
