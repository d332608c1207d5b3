"""The rule writable-root-filesystem."""
