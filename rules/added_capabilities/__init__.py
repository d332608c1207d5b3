"""The rule added-capabilities."""
