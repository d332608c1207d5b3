"""The outside world; siblings do not know each other."""
