"""The rule restricted-volume."""
