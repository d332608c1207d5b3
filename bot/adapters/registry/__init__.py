"""An OCI registry."""
