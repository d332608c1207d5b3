"""OCI registries: digests, manifests, configs, tags (the distribution specification, v2 API)."""

from bot.adapters.registry.distribution import OciRegistry
from bot.adapters.registry.tokens import Credential

__all__ = ["Credential", "OciRegistry"]
