"""One fake a port; a contract test holds it to what the real ones do."""
