"""The rule invalid-image-reference."""
