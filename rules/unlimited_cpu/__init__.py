"""The rule unlimited-cpu."""
