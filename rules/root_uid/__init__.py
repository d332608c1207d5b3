"""The rule root-uid."""
