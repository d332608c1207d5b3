"""The rule host-path-volume."""
