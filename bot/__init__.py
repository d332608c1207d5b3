"""podsec: the pull-request bot that hardens Kubernetes pods."""

__version__ = "0.1.0"
