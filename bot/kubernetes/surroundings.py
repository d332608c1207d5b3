"""Whether what goes into a namespace is in view, or other things make objects there too."""

from __future__ import annotations

from bot.kubernetes.kustomization import folder_of, is_open_ended
from bot.kubernetes.namespace import Place
from bot.kubernetes.network_view import kustomizations_of, namespaces_of, place_of
from bot.kubernetes.places import Places
from bot.kubernetes.view import Seen, View

# custom resources that install other objects, wherever these say
_INSTALLERS = frozenset(
    {
        ("argoproj.io", "Application"),
        ("argoproj.io", "ApplicationSet"),
        ("helm.cattle.io", "HelmChart"),
        ("helm.toolkit.fluxcd.io", "HelmRelease"),
        ("kustomize.toolkit.fluxcd.io", "Kustomization"),
        ("external-secrets.io", "ClusterExternalSecret"),
    }
)
# groups of custom resources that make neither pods nor Secrets nor ConfigMaps
_QUIET_GROUPS = frozenset(
    {
        "cilium.io",
        "crd.projectcalico.org",
        "getambassador.io",
        "keda.sh",
        "kyverno.io",
        "networking.istio.io",
        "policies.kyverno.io",
        "projectcalico.org",
        "security.istio.io",
        "telemetry.istio.io",
        "traefik.containo.us",
        "traefik.io",
    }
)
# single kinds that make neither, or whose Secret is known by name
_QUIET = frozenset(
    {
        ("argoproj.io", "AnalysisTemplate"),
        ("argoproj.io", "ClusterAnalysisTemplate"),
        ("bitnami.com", "SealedSecret"),
        ("external-secrets.io", "ClusterSecretStore"),
        ("external-secrets.io", "ExternalSecret"),
        ("external-secrets.io", "SecretStore"),
        ("monitoring.coreos.com", "PodMonitor"),
        ("monitoring.coreos.com", "Probe"),
        ("monitoring.coreos.com", "PrometheusRule"),
        ("monitoring.coreos.com", "ServiceMonitor"),
    }
)
# groups that make Secrets but no pods
_SECRETIVE_GROUPS = frozenset({"cert-manager.io"})


class Surroundings:
    """What a view holds besides plain objects; use it through `view.derived`."""

    def __init__(self, view: View) -> None:
        namespaces = view.derived(namespaces_of)
        self._kustomizations = view.derived(kustomizations_of)
        self._installs = False
        self._secretive: Places[bool] = Places(namespaces)
        self._makers: Places[bool] = Places(namespaces)
        for seen in view.present:
            self._add(seen)

    def is_closed(self, place: Place, *, secrets: bool = False) -> bool:
        """Whether nothing in view makes pods (with `secrets`: Secrets, too) at a place unseen."""
        if self._installs or any(map(is_open_ended, self._kustomizations.of(place.folder))):
            return False
        if secrets and any(self._secretive.near(place)):
            return False
        return not any(self._makers.near(place))

    def _add(self, seen: Seen) -> None:
        key = (seen.group, seen.kind)
        if key in _INSTALLERS:
            self._installs = True
        elif "." not in seen.group or seen.group.endswith(".k8s.io") or seen.pod_path:
            return
        elif seen.group in _SECRETIVE_GROUPS:
            self._secretive.add(place_of(seen), True)
        elif seen.group not in _QUIET_GROUPS and key not in _QUIET:
            self._makers.add(place_of(seen), True)


def place_at(namespace: str | None, file: str) -> Place:
    """Where an object goes whose namespace and file are known."""
    return Place(namespace, folder_of(file))
