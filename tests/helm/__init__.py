"""Helm charts: rendered, judged, fixed, with the real helm."""
