"""The variables that the operator may set: what each means, and what holds without it."""

from __future__ import annotations

from dataclasses import dataclass

# where images of the public are; everybody's registry is the operator's to list
PUBLIC_REGISTRIES = (
    "docker.io",
    "ghcr.io",
    "quay.io",
    "gcr.io",
    "*.gcr.io",
    "*.pkg.dev",
    "registry.k8s.io",
    "k8s.gcr.io",
    "mcr.microsoft.com",
    "public.ecr.aws",
    "registry.gitlab.com",
    "registry.access.redhat.com",
    "registry.redhat.io",
    "cgr.dev",
    "docker.elastic.co",
    "nvcr.io",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One variable: what it means, and what holds without it (None: it must be set)."""

    name: str
    default: str | None
    means: str


SERVICE_SETTINGS = (
    Setting(name="PODSEC_APP_ID", default=None, means="the GitHub App's id"),
    Setting(
        name="PODSEC_PRIVATE_KEY",
        default="",
        means="the App's private key (PEM); or set PODSEC_PRIVATE_KEY_FILE",
    ),
    Setting(name="PODSEC_PRIVATE_KEY_FILE", default="", means="a file that holds the private key"),
    Setting(
        name="PODSEC_WEBHOOK_SECRET",
        default=None,
        means="the webhook secret; several, one a line, while you rotate it",
    ),
    Setting(
        name="PODSEC_GITHUB_URL",
        default="https://api.github.com",
        means="GitHub's API; https://HOST/api/v3 for an Enterprise Server",
    ),
    Setting(
        name="PODSEC_DATABASE_URL",
        default="sqlite:///podsec.db",
        means="sqlite:///PATH on a local disk, or postgresql://USER:PASSWORD@HOST/NAME",
    ),
    Setting(
        name="PODSEC_OPERATOR_CONFIG",
        default="",
        means="a file with the keys of `.podsec.yaml` that holds below every repository's config; "
        "it alone may say `enforced` and `rollout`",
    ),
    Setting(name="PODSEC_HOST", default="127.0.0.1", means="the address to listen on"),
    Setting(name="PODSEC_PORT", default="8080", means="the port to listen on"),
    Setting(
        name="PODSEC_MODE",
        default="advise",
        means="how far podsec goes: observe (write nothing; `podsec report` prints it), advise "
        "(check runs are neutral at worst) or enforce (they fail from failOn on); `rollout` in the "
        "operator's config says it by repository",
    ),
    Setting(name="PODSEC_ENFORCE", default="0", means="1: the older name of PODSEC_MODE=enforce"),
    Setting(
        name="PODSEC_MAX_BODY_BYTES", default="26214400", means="larger deliveries are refused"
    ),
    Setting(
        name="PODSEC_DELIVERY_DAYS",
        default="30",
        means="after how many days the payloads of deliveries and the ended jobs are cleared; the "
        "ids stay",
    ),
    Setting(
        name="PODSEC_POLL_SECONDS",
        default="30",
        means="how often `podsec serve --poll` reads GitHub's log of deliveries",
    ),
    Setting(
        name="PODSEC_WRITE_PAUSE_SECONDS",
        default="1",
        means="the pause between two writes of one job, which GitHub asks for",
    ),
    Setting(
        name="PODSEC_WRITES_PER_MINUTE",
        default="80",
        means="how much podsec writes in an installation at most, each minute: GitHub's own limit",
    ),
    Setting(
        name="PODSEC_WRITES_PER_HOUR",
        default="500",
        means="how much podsec writes in an installation at most, each hour: GitHub's own limit",
    ),
    Setting(
        name="PODSEC_SWEEPS",
        default="1",
        means="1: repositories are swept on their schedules; 0: never, but by `podsec sweep`",
    ),
    Setting(
        name="PODSEC_CLONES",
        default="",
        means="where sweeps keep clones, a folder a repository; ~/.cache/podsec/clones if empty",
    ),
    Setting(name="PODSEC_LOG_LEVEL", default="INFO", means="DEBUG, INFO, WARNING or ERROR"),
)
SCAN_SETTINGS = (
    Setting(
        name="PODSEC_SCANNER",
        default="",
        means="who is asked about images: trivy, clair, aqua (scannercli) or aqua-console; nobody "
        "if empty",
    ),
    Setting(
        name="PODSEC_REGISTRIES",
        default=" ".join(PUBLIC_REGISTRIES),
        means="the registries that podsec speaks to, with blanks between: name, name:port, "
        "*.domain, http://name without TLS, or * for every public one; only a listed one may have "
        "a private address",
    ),
    Setting(
        name="PODSEC_DOCKER_CONFIG",
        default="",
        means="a Docker config.json with logins of registries (auths; helpers are not run)",
    ),
    Setting(
        name="PODSEC_SCAN_CACHE",
        default="",
        means="where reports of images are kept; ~/.cache/podsec if empty",
    ),
    Setting(
        name="PODSEC_SCAN_SECONDS",
        default="300",
        means="how long the scans of one check may take in all",
    ),
    Setting(name="PODSEC_SCANS_AT_ONCE", default="2", means="how many images are scanned at once"),
    Setting(name="PODSEC_TRIVY_PROGRAM", default="trivy", means="Trivy's program"),
    Setting(
        name="PODSEC_TRIVY_CACHE",
        default="",
        means="the folder of Trivy's databases; ~/.cache/trivy if empty",
    ),
    Setting(
        name="PODSEC_TRIVY_UPDATES",
        default="1",
        means="1: Trivy downloads its databases itself; 0: others do",
    ),
    Setting(name="PODSEC_TRIVY_SERVER", default="", means="the URL of a Trivy server that matches"),
    Setting(name="PODSEC_TRIVY_TOKEN", default="", means="the token that this server wants"),
    Setting(name="PODSEC_CLAIR_URL", default="", means="the URL of Clair's HTTP API"),
    Setting(
        name="PODSEC_CLAIR_KEY",
        default="",
        means="Clair's pre-shared key, base64 as in Clair's own config",
    ),
    Setting(
        name="PODSEC_CLAIR_ISSUER",
        default="podsec",
        means="the issuer that podsec's tokens name; Clair has a list of those it takes",
    ),
    Setting(
        name="PODSEC_AQUA_URL", default="", means="the URL of Aqua's console, for scannercli too"
    ),
    Setting(name="PODSEC_AQUA_PROGRAM", default="scannercli", means="Aqua's scannercli"),
    Setting(name="PODSEC_AQUA_TOKEN", default="", means="the token of a scanner in Aqua"),
    Setting(name="PODSEC_AQUA_USER", default="", means="instead of a token: a user of Aqua"),
    Setting(name="PODSEC_AQUA_PASSWORD", default="", means="this user's password"),
    Setting(
        name="PODSEC_AQUA_REGISTRIES",
        default="",
        means="what Aqua calls registries, with blanks between: harbor.example.com=Harbor",
    ),
)
SETTINGS = (*SERVICE_SETTINGS, *SCAN_SETTINGS)
