"""The rule writable-host-path."""
