"""The outside world, held to its ports."""
