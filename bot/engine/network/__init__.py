"""NetworkPolicies from what manifests show: pure, like all of the engine."""
