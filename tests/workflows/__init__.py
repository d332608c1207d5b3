"""Use cases without a network."""
