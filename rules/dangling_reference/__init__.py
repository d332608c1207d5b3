"""The rule dangling-reference."""
