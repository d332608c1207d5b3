"""Custom resources that make pods: where these stand, what of them is judged, what may be fixed.

Three sorts of rows:

- *whole*: a pod spec as a Deployment has it. All rules apply, fixes too; Knative takes pod fields
  such as the pod's securityContext only behind feature flags, so there only containers are edited.
- *stated*: a piece of a pod that a controller completes, from its own defaults or another object.
  Only what is written is judged, never what is absent, and nothing is edited.
- by shape: an unknown custom resource whose `spec.template.spec` has containers with images is
  taken for whole; a pod template elsewhere in it is named in the report, not judged.

Sources: the API reference or the Go types of each project, as of 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.kubernetes.kinds import BUILT_IN, EACH, Kinds, Shape, pattern
from bot.model.manifest import Edits
from bot.yamlpatch import Path

_TEMPLATE = "spec.template.spec"
_RAY = ("headGroupSpec.template.spec", "workerGroupSpecs[].template.spec")
_MOST_VALUES = 20_000
_DEEPEST = 16

Row = tuple[str, str, tuple[str, ...]]
# group, kind, the paths of its pod specs
_WHOLE: tuple[Row, ...] = (
    ("actions.github.com", "AutoscalingRunnerSet", (_TEMPLATE,)),
    ("agones.dev", "Fleet", ("spec.template.spec.template.spec",)),
    ("agones.dev", "GameServer", (_TEMPLATE,)),
    ("apps.kruise.io", "AdvancedCronJob", (
        "spec.template.jobTemplate.spec.template.spec",
        "spec.template.broadcastJobTemplate.spec.template.spec",
    )),
    ("apps.kruise.io", "BroadcastJob", (_TEMPLATE,)),
    ("apps.kruise.io", "CloneSet", (_TEMPLATE,)),
    ("apps.kruise.io", "DaemonSet", (_TEMPLATE,)),
    ("apps.kruise.io", "StatefulSet", (_TEMPLATE,)),
    ("apps.kruise.io", "UnitedDeployment", ("spec.template.*.spec.template.spec",)),
    ("apps.openshift.io", "DeploymentConfig", (_TEMPLATE,)),
    ("argoproj.io", "AnalysisRun", ("spec.metrics[].provider.job.spec.template.spec",)),
    ("argoproj.io", "AnalysisTemplate", ("spec.metrics[].provider.job.spec.template.spec",)),
    ("argoproj.io", "ClusterAnalysisTemplate", ("spec.metrics[].provider.job.spec.template.spec",)),
    ("argoproj.io", "Experiment", ("spec.templates[].template.spec",)),
    ("argoproj.io", "Rollout", (_TEMPLATE,)),
    ("batch.volcano.sh", "Job", ("spec.tasks[].template.spec",)),
    ("jobset.x-k8s.io", "JobSet", ("spec.replicatedJobs[].template.spec.template.spec",)),
    ("keda.sh", "ScaledJob", ("spec.jobTargetRef.template.spec",)),
    ("kubeflow.org", "JAXJob", ("spec.jaxReplicaSpecs.*.template.spec",)),
    ("kubeflow.org", "MPIJob", ("spec.mpiReplicaSpecs.*.template.spec",)),
    ("kubeflow.org", "Notebook", (_TEMPLATE,)),
    ("kubeflow.org", "PaddleJob", ("spec.paddleReplicaSpecs.*.template.spec",)),
    ("kubeflow.org", "PyTorchJob", ("spec.pytorchReplicaSpecs.*.template.spec",)),
    ("kubeflow.org", "TFJob", ("spec.tfReplicaSpecs.*.template.spec",)),
    ("kubeflow.org", "XGBoostJob", ("spec.xgbReplicaSpecs.*.template.spec",)),
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet", (
        "spec.leaderWorkerTemplate.leaderTemplate.spec",
        "spec.leaderWorkerTemplate.workerTemplate.spec",
    )),
    ("ray.io", "RayCluster", tuple(f"spec.{path}" for path in _RAY)),
    ("ray.io", "RayJob", (
        *(f"spec.rayClusterSpec.{path}" for path in _RAY), "spec.submitterPodTemplate.spec",
    )),
    ("ray.io", "RayService", tuple(f"spec.rayClusterConfig.{path}" for path in _RAY)),
    ("sources.knative.dev", "ContainerSource", (_TEMPLATE,)),
)  # fmt: skip
_KNATIVE: tuple[Row, ...] = (
    ("serving.knative.dev", "Configuration", (_TEMPLATE,)),
    ("serving.knative.dev", "Revision", ("spec",)),
    ("serving.knative.dev", "Service", (_TEMPLATE,)),
)

_Listed = tuple[tuple[str, Path], ...]
_NONE: _Listed = ()
_USUAL: _Listed = (
    ("initContainers", ("initContainers", EACH)),
    ("containers", ("containers", EACH)),
)
_STEPS: _Listed = (
    ("containers", ("steps", EACH)),
    ("containers", ("sidecars", EACH)),
    ("containers", ("stepTemplate",)),
)
_ARGO: _Listed = (
    ("initContainers", ("initContainers", EACH)),
    ("containers", ("container",)),
    ("containers", ("script",)),
    ("containers", ("containerSet", "containers", EACH)),
    ("containers", ("sidecars", EACH)),
)
_MODEL: _Listed = (*_USUAL, ("containers", ("model",)))
_STRIMZI: _Listed = tuple(
    ("containers", (name,))
    for name in (
        "bridgeContainer",
        "connectContainer",
        "container",
        "cruiseControlContainer",
        "initContainer",
        "kafkaContainer",
        "tlsSidecarContainer",
        "topicOperatorContainer",
        "userOperatorContainer",
        "zookeeperContainer",
    )
)
_WORKFLOW = (("", _NONE), (".templateDefaults", _ARGO), (".templates[]", _ARGO))

# group, kinds, the paths of what is like a pod spec, with the containers there
_STATED: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, _Listed], ...]], ...] = (
    ("argoproj.io", ("Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate"), tuple(
        (f"spec{path}", listed) for path, listed in _WORKFLOW
    )),
    ("argoproj.io", ("CronWorkflow",), tuple(
        (f"spec.workflowSpec{path}", listed) for path, listed in _WORKFLOW
    )),
    ("argoproj.io", ("EventSource", "Sensor"), (
        ("spec.template", (("containers", ("container",)),)),
    )),
    ("kafka.strimzi.io", ("Kafka",), (("spec.*.template", _STRIMZI),)),
    ("kafka.strimzi.io", ("KafkaBridge", "KafkaConnect", "KafkaMirrorMaker2"), (
        ("spec.template", _STRIMZI),
    )),
    ("monitoring.coreos.com", ("Alertmanager", "Prometheus", "PrometheusAgent", "ThanosRuler"), (
        ("spec", _USUAL),
    )),
    ("serving.kserve.io", ("InferenceService",), (
        ("spec.predictor", _MODEL), ("spec.transformer", _USUAL), ("spec.explainer", _USUAL),
    )),
    ("serving.kserve.io", ("ClusterServingRuntime", "ServingRuntime"), (("spec", _USUAL),)),
    ("tekton.dev", ("ClusterTask", "Task"), (("spec", _STEPS),)),
    ("tekton.dev", ("StepAction",), (("spec", (("containers", ()),)),)),
    ("tekton.dev", ("TaskRun",), (("spec.taskSpec", _STEPS), ("spec.podTemplate", _NONE))),
    ("tekton.dev", ("Pipeline",), (
        ("spec.tasks[].taskSpec", _STEPS), ("spec.finally[].taskSpec", _STEPS),
    )),
    ("tekton.dev", ("PipelineRun",), (
        ("spec.pipelineSpec.tasks[].taskSpec", _STEPS),
        ("spec.pipelineSpec.finally[].taskSpec", _STEPS),
        ("spec.podTemplate", _NONE),
        ("spec.taskRunTemplate.podTemplate", _NONE),
        ("spec.taskRunSpecs[].podTemplate", _NONE),
    )),
    ("trainer.kubeflow.org", ("ClusterTrainingRuntime", "TrainingRuntime"), (
        ("spec.template.spec.replicatedJobs[].template.spec.template.spec", _USUAL),
    )),
)  # fmt: skip

UNKNOWN = (Shape(path=("spec", "template", "spec")),)
"""How a custom resource that no row names is looked at."""


def _known() -> Kinds:
    shapes = dict(BUILT_IN.shapes)
    tables: tuple[tuple[tuple[Row, ...], Edits], ...] = ((_WHOLE, "pod"), (_KNATIVE, "containers"))
    for rows, edits in tables:
        for group, kind, paths in rows:
            shapes[group, kind] = tuple(Shape(path=pattern(p), edits=edits) for p in paths)
    for group, kinds, pieces in _STATED:
        stated = tuple(
            Shape(path=pattern(path), containers=listed, is_whole=False, edits="nothing")
            for path, listed in pieces
        )
        shapes.update({(group, kind): stated for kind in kinds})
    return Kinds(shapes)


KNOWN = _known()
"""Every kind that podsec knows to make pods."""


def embedded(data: Mapping[str, Any]) -> Iterator[Path]:
    """Where in an unknown object something looks like a pod spec: containers with an image.

    Gives up without a word after 20,000 values: no object that people write is so large.
    """
    todo: list[tuple[Path, Any]] = [((), data)]
    for _ in range(_MOST_VALUES):
        if not todo:
            return
        path, value = todo.pop()
        if len(path) > _DEEPEST:
            continue
        if isinstance(value, dict):
            if has_images(value.get("containers")):
                yield path
                continue
            todo += [((*path, key), below) for key, below in value.items()]
        elif isinstance(value, list):
            todo += [((*path, index), below) for index, below in enumerate(value)]


def has_images(containers: Any) -> bool:
    """Whether this is a list of containers of which one names its image."""
    return isinstance(containers, list) and any(
        isinstance(one, dict) and isinstance(one.get("image"), str) for one in containers
    )
