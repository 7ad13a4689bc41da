"""All manifests of a set of files: what each is, and what in the files is no manifest."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from sim.exchange.fields import Field
from sim.exchange.sources import KUSTOMIZATIONS, RENDER_HELM, RENDER_KUSTOMIZE, Source, is_helm
from sim.exchange.spots import Remark, Spot
from sim.exchange.trees import Node, Unreadable, trees

PATCH = (
    "is a patch, without selector and image; render what it is laid over: kubectl kustomize FOLDER | rollrisk import -"
)
DEFAULT_NAMESPACE = ""
"""What is written without a namespace goes where it is applied: to one and the same."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object: its kind, group, name and namespace, and its whole content."""

    kind: str
    group: str
    name: str
    namespace: str
    root: Field

    @property
    def spec(self) -> Field:
        """Its ``spec``."""
        return self.root["spec"]

    @property
    def spot(self) -> Spot:
        """Where it begins."""
        return self.root.spot

    @property
    def labels(self) -> dict[str, str]:
        """Its own labels."""
        return self.root.at("metadata", "labels").labels()

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Found:
    """What a set of files holds: manifests in the order of the files, their texts, and what was noted while reading.

    A value of the wrong type is noted when somebody asks for it, so that ``remarks`` are whole at the end only.
    """

    manifests: tuple[Manifest, ...]
    noted: list[Remark]
    texts: tuple[Source, ...] = field(repr=False, default=())

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What was noted so far."""
        return tuple(self.noted)

    @cached_property
    def _by_kind(self) -> dict[str, list[Manifest]]:
        return _indexed(self.manifests, lambda each: each.kind)

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], list[Manifest]]:
        return _indexed(self.manifests, lambda each: (each.kind, each.name))

    def of(self, *kinds: str, group: str = "") -> tuple[Manifest, ...]:
        """The manifests of these kinds, of one API group if it is named."""
        found = [each for kind in dict.fromkeys(kinds) for each in self._by_kind.get(kind, ())]
        return tuple(each for each in found if group in ("", each.group))

    @cached_property
    def _by_selector(self) -> dict[tuple[str, tuple[str, str] | None], list[Manifest]]:
        """By kind and the first label of the selector; those with expressions only under None."""
        with_selector = [each for each in self.manifests if each.spec["selector"].there]
        return _indexed(
            with_selector, lambda each: (each.kind, next(iter(plain_selector(each.spec["selector"]).items()), None))
        )

    def selecting(self, kind: str, labels: Mapping[str, str]) -> list[Manifest]:
        """The manifests of a kind whose selector may take pods with these labels, in the order of the files."""
        found = [each for label in (*labels.items(), None) for each in self._by_selector.get((kind, label), ())]
        return sorted(found, key=lambda each: self._order[id(each)])

    @cached_property
    def _order(self) -> dict[int, int]:
        return {id(each): number for number, each in enumerate(self.manifests)}

    def called(self, kind: str, name: str) -> tuple[Manifest, ...]:
        """The manifests of a kind with a name, in whatever namespace."""
        return tuple(self._by_name.get((kind, name), ()))


def plain_selector(selector: Field) -> dict[str, str]:
    """The labels that a selector asks for, without its expressions."""
    wanted = selector["matchLabels"] if selector["matchLabels"].there else selector
    return {key: value for key, value in wanted.labels().items() if key != "matchExpressions"}


K = TypeVar("K", bound=Hashable)


def _indexed(manifests: Iterable[Manifest], key: Callable[[Manifest], K]) -> dict[K, list[Manifest]]:
    found: dict[K, list[Manifest]] = {}
    for each in manifests:
        found.setdefault(key(each), []).append(each)
    return found


def gathered(found: Iterable[Source | Remark]) -> Found:
    """The manifests in these texts.

    A text that is broken, a Helm template or a Kustomize file is a remark; two objects of one kind, namespace and name
    are kept and remarked.
    """
    remarks: list[Remark] = []
    manifests: list[Manifest] = []
    texts: list[Source] = []
    for each in found:
        if isinstance(each, Remark):
            remarks.append(each)
            continue
        texts.append(each)
        manifests += _manifests(each, remarks)
    remarks += _twice(manifests)
    return Found(tuple(manifests), remarks, tuple(texts))


def _manifests(source: Source, remarks: list[Remark]) -> Iterator[Manifest]:
    if os.path.basename(source.name) in KUSTOMIZATIONS:
        remarks.append(Remark(Spot(source.name), RENDER_KUSTOMIZE))
        return
    helm = is_helm(source.text)
    for tree in trees(source.text):
        if isinstance(tree, Unreadable):
            if helm:
                remarks.append(Remark(Spot(source.name, tree.number, line=tree.line), RENDER_HELM))
                return
            remarks.append(Remark(Spot(source.name, tree.number, line=tree.line), tree.message))
            continue
        for key, line in tree.twice:
            told = f"{_shown_key(key)} is given twice; kubectl takes the last"
            remarks.append(Remark(Spot(source.name, tree.number, line=line), told))
        root = Field(source.name, tree.number, (), tree.root, tree.line, remarks)
        for each in _objects(root):
            if helm and _is_template(each):
                remarks.append(Remark(each.spot, RENDER_HELM))
                return
            if each.kind == "Kustomization":
                remarks.append(Remark(each.spot, RENDER_KUSTOMIZE))
            elif _is_patch(each):
                remarks.append(Remark(each.spot, PATCH))
            else:
                yield each


def _objects(root: Field) -> Iterator[Manifest]:
    """The object, or those of a List."""
    kind = root["kind"].data
    if isinstance(kind, str) and kind.endswith("List") and isinstance(root["items"].data, list):
        for item in root["items"].items():
            yield from _objects(item)
    elif isinstance(root.data, list):
        for item in root.items():
            yield from _objects(item)
    elif isinstance(kind, str):
        yield _manifest(root, kind)


def _manifest(root: Field, kind: str) -> Manifest:
    version = root["apiVersion"].text() or ""
    name = root.at("metadata", "name").text() or root.at("metadata", "generateName").text() or "without a name"
    namespace = root.at("metadata", "namespace").text() or DEFAULT_NAMESPACE
    return Manifest(kind, version.rpartition("/")[0], name, namespace, root)


def _is_template(manifest: Manifest) -> bool:
    """Whether what Helm would fill in stands where Kubernetes wants a plain word."""
    if manifest.kind in ("ConfigMap", "Secret"):
        return False
    places = [manifest.root.at("metadata", key).data for key in ("name", "namespace")]
    texts = [each for each in [manifest.kind, *places, *_leaves(manifest.spec.node, 6)] if isinstance(each, str)]
    return any(is_helm(text) and "\n" not in text for text in texts)


def _is_patch(manifest: Manifest) -> bool:
    """Whether it has containers without any image and no selector: Kustomize lays it over another object."""
    containers = list(manifest.spec.at("template", "spec", "containers").items())
    if manifest.kind not in ("Deployment", "Rollout", "StatefulSet", "DaemonSet") or not containers:
        return False
    return not manifest.spec["selector"].there and not any(each["image"].there for each in containers)


def _leaves(node: Node | None, depth: int) -> Iterator[str]:
    """Short texts of the upper levels."""
    data = None if node is None else node.data
    if isinstance(data, str):
        yield data
    elif depth > 0 and isinstance(data, dict):
        for each in data.values():
            yield from _leaves(each, depth - 1)


def _twice(manifests: list[Manifest]) -> Iterator[Remark]:
    first: dict[tuple[str, str, str, str], Manifest] = {}
    for each in manifests:
        known = first.setdefault((each.group, each.kind, each.namespace, each.name), each)
        if known is not each and each.name != "without a name":
            where = f"{known.spot.file}" + (f" line {known.spot.line}" if known.spot.line else "")
            yield Remark(
                each.spot,
                f"{each.kind} {each.name} stands also in {where}: a base beside its overlay? What is nearest by file "
                "and folder is taken",
            )


def _shown_key(key: str) -> str:
    """A key as a message may say it: nothing that is no plain word."""
    return f"'{key}'" if key.replace("-", "").replace("_", "").isalnum() and len(key) <= 40 else "a key"
