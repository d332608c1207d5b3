"""The rule secret-in-configmap."""
