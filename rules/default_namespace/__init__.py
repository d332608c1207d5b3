"""The rule default-namespace."""
