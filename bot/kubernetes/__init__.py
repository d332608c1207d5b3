"""What podsec knows of Kubernetes."""
