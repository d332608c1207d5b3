"""Helm charts: which values they are given, what they render to, and where that stands.

Pure: what renders is passed in (`bot.engine.helm.rendering.Render`). Templates are text, never
YAML.
"""
