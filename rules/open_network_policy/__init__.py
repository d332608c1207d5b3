"""The rule open-network-policy."""
