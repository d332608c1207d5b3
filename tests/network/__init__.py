"""NetworkPolicies from manifests: inference, gate, files, proof."""
