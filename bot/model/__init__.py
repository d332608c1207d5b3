"""The nouns of podsec: frozen data that flows between pure functions."""
