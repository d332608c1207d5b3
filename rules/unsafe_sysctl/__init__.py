"""The rule unsafe-sysctl."""
