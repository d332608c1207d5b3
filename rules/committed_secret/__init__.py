"""The rule committed-secret."""
