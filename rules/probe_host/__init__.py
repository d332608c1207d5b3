"""The rule probe-host."""
