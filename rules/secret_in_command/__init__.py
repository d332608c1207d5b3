"""The rule secret-in-command."""
