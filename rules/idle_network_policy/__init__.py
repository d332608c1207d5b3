"""The rule idle-network-policy."""
