"""The rule sensitive-host-path."""
