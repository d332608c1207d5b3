"""The rule mutable-image-tag."""
