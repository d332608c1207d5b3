"""The decisions on one pod: values that its containers share go to the pod, once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.kubernetes.image_facts import ImageFacts
from bot.kubernetes.mounts import has_private_secret, origins
from bot.kubernetes.workload import Container, Pod
from bot.rule.hardening import capabilities, root_filesystem, user
from bot.rule.hardening.decision import Decision, Draft, advise
from bot.rule.hardening.user import FS_GROUP, GROUP, NONROOT, USER, Identity, Numbers
from bot.rule.rule import Context, FieldPatch, SetField

FS_GROUP_POLICY = "securityContext.fsGroupChangePolicy"
_IDENTITY = ("runAsNonRoot", "runAsUser", "runAsGroup")


class Plan:
    """What is to be done about a pod; each answer is worked out once."""

    def __init__(self, pod: Pod, context: Context) -> None:
        self._pod = pod
        self._context = context
        self._facts: dict[object, ImageFacts | None] = {}
        self._chosen: dict[object, Identity] = {}
        self._users: dict[object, Decision] = {}
        self._shared: Decision | None = None
        self._knows_shared = False

    def facts(self, container: Container) -> ImageFacts | None:
        """What is known of a container's image."""
        if container.path not in self._facts:
            self._facts[container.path] = self._context.image_facts(container)
        return self._facts[container.path]

    def user(self, container: Container) -> Decision:
        """How a container stops being root's: on the pod, where all its containers agree."""
        if container.path not in self._users:
            shared = self._of_all()
            alone = shared is None or container.list == "ephemeralContainers"
            self._users[container.path] = (
                self._own_user(container) if alone or shared is None else shared
            )
        return self._users[container.path]

    def escalation(self, container: Container) -> Decision:
        """How it forbids privilege escalation."""
        return capabilities.forbid_escalation(container, self.facts(container))

    def capabilities(self, container: Container) -> Decision:
        """How it drops all capabilities."""
        return capabilities.choose(container, self.facts(container), self.user(container))

    def root_filesystem(self, container: Container) -> Decision:
        """How its root file system becomes read-only."""
        return root_filesystem.choose(container, self.facts(container))

    def other_user(self, container: Container) -> Decision:
        """Another user for a container that names root."""
        identity = user.rename(container, self.facts(container), self._context)
        if identity.numbers is None:
            return identity.needs.done()
        draft = Draft(doubts=["it changes an explicit value"])
        self._put_numbers(container, identity.numbers, draft)
        return draft.done().joined(identity.needs.done())

    def other_user_of_pod(self) -> Decision:
        """Another user for a pod that names root: the one that fits all who inherit it."""
        heirs = [one for one in self._members() if one.security.get("runAsUser") is None]
        chosen = [user.rename(one, self.facts(one), self._context) for one in heirs]
        config = self._context.config
        default = Numbers(
            user=config.run_as_user, group=config.run_as_group, fs_group=config.fs_group
        )
        advice = next((one.needs.advice for one in chosen if one.needs.advice), None)
        if advice is not None:
            return advise(advice)
        wanted = {(n.user, n.group) for one in chosen if (n := one.numbers) is not None}
        if len(wanted) > 1:
            return advise("its images run as different users: give each container its own")
        numbers = next((one.numbers for one in chosen if one.numbers), default)
        draft = Draft(doubts=["it changes an explicit value"])
        draft.put(USER, numbers.user, on_pod=True)
        if self._pod.own(GROUP) in (None, 0):
            draft.put(GROUP, numbers.group, on_pod=True)
        self._put_fs_group(draft)
        return self._with_needs(draft.done(), zip(heirs, chosen, strict=True))

    def nonroot_pod(self) -> Decision:
        """True for a pod that says false, and a user for each container that inherits it."""
        decision = Decision(
            patches=(SetField(field=NONROOT, value=True, target="pod"),),
            doubts=("it changes an explicit value",),
        )
        for container in self._pod.containers:
            if container.security.get("runAsNonRoot") is None:
                own = self._own_user(container)
                lifted = tuple(
                    _lifted(container, patch) for patch in own.patches if patch.field != NONROOT
                )
                decision = decision.joined(replace(own, patches=lifted))
        return decision

    def group(self, containers: Sequence[Container], field: str) -> Decision:
        """A group at a field of the pod that suits these containers' images."""
        if any(user.is_of_group_0(self.facts(one)) for one in containers):
            return advise("leave the group: the files of its image belong to the group 0")
        default = self._context.config.run_as_group
        wanted = {user.group_of(self.facts(one)) or default for one in containers}
        if len(wanted) != 1:
            return advise("the images have different groups: set runAsGroup on each container")
        draft = Draft(doubts=["files of the image and of volumes must be reachable for the group"])
        if self._pod.own(field) is not None:
            draft.doubt("it changes an explicit value")
        draft.put(field, wanted.pop(), on_pod=True)
        return draft.done()

    def fs_group(self) -> Decision:
        """A group for the pod's volumes."""
        for container in self._members():
            facts = self.facts(container)
            kept = user.by_hand(container, facts)
            if kept is not None:
                return advise(kept)
        draft = Draft(basis=["the volumes that the manifest names"])
        self._put_fs_group(draft)
        if "claim" in origins(self._pod).values():
            draft.doubt("the files of its claims get another group")
        return draft.done()

    def _identity(self, container: Container) -> Identity:
        if container.path not in self._chosen:
            self._chosen[container.path] = user.choose(
                container, self.facts(container), self._context
            )
        return self._chosen[container.path]

    def _own_user(self, container: Container) -> Decision:
        """The decision on one container alone."""
        identity = self._identity(container)
        draft = Draft()
        draft.put(NONROOT, True)
        explicit = container.own(NONROOT) is not None
        if identity.numbers is not None:
            self._put_numbers(container, identity.numbers, draft)
        if explicit:
            draft.doubt("it changes an explicit value")
        return draft.done().joined(identity.needs.done())

    def _put_numbers(self, container: Container, numbers: Numbers, draft: Draft) -> None:
        draft.put(USER, numbers.user)
        group = container.field(GROUP)
        if group in (None, 0):
            draft.put(GROUP, numbers.group)
        if group == 0:
            draft.doubt("it changes an explicit value")
        self._put_fs_group(draft)

    def _put_fs_group(self, draft: Draft) -> None:
        """The group of the pod's volumes; of claims only the root is looked at once it is right."""
        there = self._pod.own(FS_GROUP)
        if there not in (None, 0):
            return
        if there == 0:
            draft.doubt("it changes an explicit value")
        if has_private_secret(self._pod):
            draft.doubt("files of a Secret that only their owner may read become the group's, too")
        draft.put(FS_GROUP, self._fs_group(), on_pod=True)
        claims = "claim" in origins(self._pod).values()
        if claims and self._pod.own(FS_GROUP_POLICY) is None:
            draft.put(FS_GROUP_POLICY, "OnRootMismatch", on_pod=True)

    def _fs_group(self) -> int:
        """The one that all containers want, else the config's."""
        wanted = {
            numbers.fs_group
            for container in self._members()
            if (numbers := self._identity(container).numbers) is not None
        }
        return wanted.pop() if len(wanted) == 1 else self._context.config.fs_group

    def _members(self) -> list[Container]:
        return [one for one in self._pod.containers if one.list != "ephemeralContainers"]

    def _of_all(self) -> Decision | None:
        """The decision for all containers at once, where two or more agree in all of it."""
        if not self._knows_shared:
            self._knows_shared = True
            self._shared = self._agreed()
        return self._shared

    def _agreed(self) -> Decision | None:
        members = self._members()
        security = [self._pod.security, *(one.security for one in members)]
        if len(members) < 2 or any(name in one for one in security for name in _IDENTITY):
            return None
        chosen = [self._identity(one) for one in members]
        numbers = chosen[0].numbers
        whole = [one.needs.done() for one in chosen]
        if numbers is None or any(
            (one.numbers is None or one.numbers.user != numbers.user)
            or one.numbers.group != numbers.group
            or need.advice is not None
            or need.is_safe != whole[0].is_safe
            for one, need in zip(chosen, whole, strict=True)
        ):
            return None
        draft = Draft()
        draft.put(NONROOT, True, on_pod=True)
        draft.put(USER, numbers.user, on_pod=True)
        draft.put(GROUP, numbers.group, on_pod=True)
        self._put_fs_group(draft)
        return self._with_needs(draft.done(), zip(members, chosen, strict=True))

    def _with_needs(
        self, decision: Decision, chosen: Iterable[tuple[Container, Identity]]
    ) -> Decision:
        """A decision on the pod, with what each container needs for it."""
        for container, identity in chosen:
            need = identity.needs.done()
            patches = tuple(_lifted(container, patch) for patch in need.patches)
            decision = decision.joined(replace(need, patches=patches))
        return decision


def _lifted(container: Container, patch: FieldPatch) -> FieldPatch:
    """A container's patch as one of its pod."""
    if patch.target != "container":
        return patch
    return replace(patch, field=container.below_pod(patch.field), target="pod")
