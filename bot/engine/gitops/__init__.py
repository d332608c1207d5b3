"""GitOps repositories: their map, and findings and fixes by what is rendered of them."""
