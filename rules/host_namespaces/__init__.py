"""The rule host-namespaces."""
