"""What is remembered of files."""
