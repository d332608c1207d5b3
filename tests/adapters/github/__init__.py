"""The gateway over PyGithub, against a real HTTP server."""
