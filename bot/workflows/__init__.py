"""One use case a file; ports in, result out."""
