"""What scanners know of images, as texts: for the terminal, for tools, for a review."""
