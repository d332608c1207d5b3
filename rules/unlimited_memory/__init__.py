"""The rule unlimited-memory."""
