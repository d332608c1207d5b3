# The digests are placeholders: `make releasable` refuses them, and `make image` builds on tags alone.
ARG KUBECTL=registry.k8s.io/kubectl:v1.34.1@sha256:0000000000000000000000000000000000000000000000000000000000000000
ARG HELM=alpine/helm:3.19.0@sha256:0000000000000000000000000000000000000000000000000000000000000000
ARG PYTHON=python:3.11-slim-bookworm@sha256:0000000000000000000000000000000000000000000000000000000000000000

# What renders kustomizations and charts; podsec confines both (bot/process).
FROM ${KUBECTL} AS kubectl
FROM ${HELM} AS helm

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /opt/build \
 && /opt/build/bin/python -m pip install --require-hashes -r requirements-build.lock \
 && python -m venv /opt/podsec \
 && /opt/podsec/bin/python -m pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY rules rules
# The wheel is made by the locked build backend, without the network.
RUN /opt/build/bin/python -m pip wheel --no-index --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/podsec/bin/python -m pip install --no-index --no-deps /wheels/podsec-*.whl \
 && /opt/podsec/bin/python -m pip uninstall --yes pip setuptools \
 && /opt/podsec/bin/python -m compileall -q /opt/podsec/lib

FROM ${PYTHON}
LABEL org.opencontainers.image.title="podsec" \
      org.opencontainers.image.description="The pull-request bot that hardens Kubernetes pods" \
      org.opencontainers.image.licenses="Apache-2.0"
# Sweeps read repositories with git; without it the service runs, and does not sweep.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/podsec /opt/podsec
COPY --from=kubectl /bin/kubectl /usr/local/bin/kubectl
COPY --from=helm /usr/bin/helm /usr/local/bin/helm
# Numeric, so that Kubernetes can see that it is not root. /data is the only place that is written.
RUN install -d -o 10001 -g 10001 -m 0750 /data
USER 10001:10001
WORKDIR /data
ENV PATH=/opt/podsec/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PODSEC_HOST=0.0.0.0 \
    PODSEC_PORT=8080 \
    PODSEC_DATABASE_URL=sqlite:////data/podsec.db \
    PODSEC_CLONES=/data/clones
EXPOSE 8080
VOLUME ["/data"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['PODSEC_PORT']}/healthz\", timeout=4)"]
ENTRYPOINT ["podsec"]
CMD ["serve"]
