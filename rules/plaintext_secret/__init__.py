"""The rule plaintext-secret."""
