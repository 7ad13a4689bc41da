"""Manifests are read as the tools of Kubernetes read them, within bounds, and each value knows its place."""

from __future__ import annotations

import io
import random
from pathlib import Path

import own_manifests as own
import pytest

from sim.errors import UsageError
from sim.exchange import trees as tree_reader
from sim.exchange.manifests import gathered
from sim.exchange.sources import Source, sources
from sim.exchange.spots import Remark
from sim.exchange.trees import Tree, Unreadable, trees

NAMED = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"


def test_every_value_knows_its_file_document_path_and_line() -> None:
    found = own.found_in("# nothing\n---\n" + NAMED + "---\n" + own.DEPLOYMENT)
    replicas = found.of("Deployment")[0].spec["replicas"]
    assert str(replicas.spot) == "a.yaml doc 2 spec.replicas, line 12"
    assert replicas.whole() == 6


def test_what_is_missing_has_the_line_of_what_it_would_stand_in() -> None:
    spec = own.found_in("kind: X\nspec:\n  a: 1\n").manifests[0].spec
    assert (spec["b"].there, spec["b"].spot.line) == (False, 2)


def test_anchors_aliases_and_merge_keys_are_unfolded() -> None:
    text = "kind: X\nspec:\n  one: &base {a: 1, b: 2}\n  two: {<<: *base, b: 3}\n  three: *base\n"
    spec = own.found_in(text).manifests[0].spec
    assert (spec.at("two", "a").whole(), spec.at("two", "b").whole(), spec.at("three", "b").whole()) == (1, 3, 2)
    assert spec.at("three").spot.line == 5


def test_lists_of_objects_are_their_objects() -> None:
    found = own.found_in(f"apiVersion: v1\nkind: List\nitems:\n- {{kind: A, metadata: {{name: x}}}}\n- {NAMED!r}\n")
    assert [str(each) for each in found.manifests] == ["A x"]


def test_json_is_read_too() -> None:
    found = own.found_in('{"kind": "Service", "metadata": {"name": "j"}, "spec": {"ports": [{"port": 80}]}}')
    assert found.manifests[0].spec["ports"][0]["port"].whole() == 80


def test_a_broken_document_hides_no_other_and_is_told_with_its_line() -> None:
    found = own.found_in(f"{NAMED}---\na: [1\nb: 2\n---\n{NAMED}")
    assert len(found.manifests) == 2
    (remark,) = [each for each in found.remarks if "not YAML" in each.message]
    assert remark.spot.document == 2
    assert remark.spot.line in (5, 6)


def test_a_message_quotes_nothing_of_the_text() -> None:
    for text in ("password: 'hunter2\n", "a: *hunter2\n", "a: hunter2: b\n", "? [hunter2]\n: 1\n"):
        remarks = own.found_in(text).remarks
        assert remarks, text
        assert all("hunter2" not in str(each) for each in remarks)


def test_a_bomb_of_aliases_is_refused_quickly() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (only,) = trees("\n".join(lines))
    assert isinstance(only, Unreadable)
    assert "aliases unfolded" in only.message


def test_depth_is_bounded() -> None:
    (only,) = trees("a: " + "[" * 200 + "]" * 200)
    assert isinstance(only, Unreadable)
    assert "deeper" in only.message


def test_an_alias_to_what_holds_it_is_refused() -> None:
    (only,) = trees("a: &a [*a]")
    assert isinstance(only, Unreadable)


def test_broken_bytes_give_remarks_and_never_a_traceback() -> None:
    luck = random.Random(1)
    text = own.DEPLOYMENT + own.SERVICE
    for _ in range(300):
        place = luck.randrange(len(text))
        damaged = (
            text[:place]
            + luck.choice(["{", "}", ":", "\t", "&a", "*b", "\x00", "'", "- ", "!!x ", "\n"])
            + text[place + 1 :]
        )
        for each in trees(damaged):
            assert isinstance(each, Tree | Unreadable)


def test_a_helm_template_is_named_and_not_guessed_at() -> None:
    for text in (
        own.DEPLOYMENT.replace("replicas: 6", "replicas: {{ .Values.replicas }}"),
        own.DEPLOYMENT.replace("name: shop}", 'name: "{{ .Release.Name }}"}', 1),
        "{{- if .Values.on }}\n" + own.DEPLOYMENT + "{{- end }}\n",
    ):
        found = own.found_in(text)
        assert not found.manifests
        assert any("helm template" in each.message for each in found.remarks)


def test_arguments_of_argo_and_flagger_are_no_helm() -> None:
    found = own.found_in(own.template(own.metric(own.RATIO)))
    assert len(found.manifests) == 1
    assert not found.remarks


def test_templates_in_a_config_map_are_no_helm() -> None:
    text = "kind: ConfigMap\nmetadata: {name: a}\ndata: {x: '{{ .Values.x }}'}\n---\n" + own.DEPLOYMENT
    assert len(own.found_in(text).manifests) == 2


def test_a_kustomization_is_named(tmp_path: Path) -> None:
    folder = own.written(tmp_path, kustomization_yaml="resources: [a.yaml]\n", a_yaml=own.DEPLOYMENT)
    found = gathered(sources([str(folder)]))
    assert len(found.manifests) == 1
    assert any("kubectl kustomize" in each.message for each in found.remarks)


def test_a_patch_of_kustomize_is_named_and_is_no_object() -> None:
    patch = "kind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, args: [x]}]}}}\n"
    found = own.found_in(patch)
    assert not found.manifests
    assert "is a patch" in found.remarks[0].message
    assert len(own.found_in(patch.replace("args: [x]", "image: x")).manifests) == 1


def test_an_object_that_stands_twice_is_remarked_with_both_places() -> None:
    found = own.found_in(own.DEPLOYMENT, own.DEPLOYMENT)
    (remark,) = found.remarks
    assert (remark.spot.file, "a.yaml line" in remark.message) == ("b.yaml", True)


def test_a_key_that_is_given_twice_is_remarked() -> None:
    (remark,) = own.found_in("kind: X\nspec:\n  a: 1\n  a: 2\n").remarks
    assert (remark.spot.line, "given twice" in remark.message) == (4, True)


def test_what_has_the_wrong_type_is_told_with_what_was_expected() -> None:
    found = own.found_in(own.DEPLOYMENT.replace("replicas: 6", "replicas: six"))
    assert found.of("Deployment")[0].spec["replicas"].whole() is None
    assert "a.yaml:6: spec.replicas: expected a whole number, found text" in map(str, found.remarks)


def test_remarks_of_one_place_are_not_repeated() -> None:
    remarks: list[Remark] = []
    field = own.found_in("kind: X\nspec: {a: [1]}\n").manifests[0].spec["a"]
    for _ in range(3):
        field.whole()
    assert len(field.remarks) == 1
    assert not remarks


def test_folders_are_read_whole_and_what_is_hidden_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / ".git").mkdir()
    for file in (tmp_path / "deep" / "b.yml", tmp_path / "a.json", tmp_path / ".git" / "c.yaml", tmp_path / "notes.md"):
        file.write_text("kind: X\n" if file.suffix != ".json" else '{"kind": "X"}')
    names = [Path(each.name).name for each in sources([str(tmp_path)]) if isinstance(each, Source)]
    assert names == ["a.json", "b.yml"]


def test_standard_input_is_read(tmp_path: Path) -> None:
    found = gathered(sources(["-"], io.BytesIO(own.SERVICE.encode())))
    assert found.manifests[0].spot.file == "stdin"


def test_a_path_that_is_not_there_is_an_error_of_usage() -> None:
    with pytest.raises(UsageError, match="no such file"):
        list(sources(["no-such-folder"]))


def test_bytes_that_are_no_text_are_told_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"kind: X\nname: \xff\xfe\n")
    (only,) = sources([str(tmp_path)])
    assert isinstance(only, Remark)
    assert (only.spot.line, "UTF-8" in only.message) == (2, True)


def test_a_file_beyond_the_bound_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.exchange.sources.LARGEST_FILE", 10)
    (tmp_path / "a.yaml").write_text("kind: something long")
    (only,) = sources([str(tmp_path)])
    assert isinstance(only, Remark)
    assert "larger" in only.message


def test_words_of_yaml_1_1_are_read_as_kubectl_reads_them() -> None:
    text = "kind: X\nspec: {a: yes, b: off, c: 010, d: 12:30, e: 1e3, f: 2026-01-31, g: 'no', h: 1_000}\n"
    spec = own.found_in(text).manifests[0].spec
    assert [spec[key].data for key in "abcdefgh"] == [True, False, 8, "12:30", 1000.0, "2026-01-31", "no", 1000]


def test_the_bound_on_values_counts_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_reader, "MOST_NODES", 5)
    assert isinstance(next(iter(trees("[1, 2, 3]"))), Tree)
    assert isinstance(next(iter(trees("[1, 2, 3, 4, 5, 6]"))), Unreadable)
