"""The rule unpinned-image."""
