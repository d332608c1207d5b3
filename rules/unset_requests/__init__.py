"""The rule unset-requests."""
