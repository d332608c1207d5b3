"""The rule undropped-capabilities."""
