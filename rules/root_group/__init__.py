"""The rule root-group."""
