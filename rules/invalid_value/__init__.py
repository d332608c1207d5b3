"""The code of the rule invalid-value."""
