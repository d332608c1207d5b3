"""GitOps: the map, rendering, findings and fixes by it."""
