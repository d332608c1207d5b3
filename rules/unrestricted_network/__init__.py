"""The rule unrestricted-network."""
