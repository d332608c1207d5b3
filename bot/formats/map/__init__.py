"""A repository's map as text, as Mermaid, and as a picture."""
