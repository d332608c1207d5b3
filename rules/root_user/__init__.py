"""The rule root-user."""
