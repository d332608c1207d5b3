"""The code of the rule unknown-field."""
