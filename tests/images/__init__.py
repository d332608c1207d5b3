"""Golden examples of every image family of the table."""
