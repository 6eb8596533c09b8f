"""The cluster files of the documentation hold what their readers demand."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import ray.autoscaler
import yaml

DOCS = Path(__file__).resolve().parents[3] / "docs"
FILES = DOCS / "cluster"


def _read(name: str) -> Any:
    return yaml.safe_load((FILES / name).read_text(encoding="utf-8"))


def test_the_launcher_file_keeps_to_rays_own_schema() -> None:
    """Keys that Ray's launcher does not know are refused by it, as are missing ones."""
    schema = json.loads(Path(ray.autoscaler.__path__[0], "ray-schema.json").read_text(encoding="utf-8"))
    launcher = _read("ray-cluster.yaml")
    jsonschema.validate(launcher, schema)
    del launcher["provider"]
    with pytest.raises(jsonschema.ValidationError, match="provider"):
        jsonschema.validate(launcher, schema)


def test_every_node_of_the_launcher_wants_a_token() -> None:
    """Head and workers alike, and the dashboard stays on loopback."""
    launcher = _read("ray-cluster.yaml")
    starts = [
        command
        for key in ("head_start_ray_commands", "worker_start_ray_commands")
        for command in launcher[key]
        if "ray start" in command
    ]
    assert len(starts) == 2
    assert all("RAY_AUTH_MODE=token" in command for command in starts)
    assert "--dashboard-host=127.0.0.1" in starts[0]
    assert "~/.ray/auth_token" in launcher["file_mounts"]


def test_the_kuberay_job_asks_for_gpus_and_wants_a_token() -> None:
    """A RayJob whose workers' requests and limits name the same GPUs, whose volumes exist, and whose driver joins."""
    job = _read("kuberay.yaml")
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    cluster = job["spec"]["rayClusterSpec"]
    assert cluster["authOptions"] == {"mode": "token"}
    assert {"--address auto", "--storage /storage"} <= {
        option for option in ("--address auto", "--storage /storage") if option in job["spec"]["entrypoint"]
    }
    for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
        pod = group["template"]["spec"]
        volumes = {volume["name"] for volume in pod["volumes"]}
        for container in pod["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
    (worker,) = cluster["workerGroupSpecs"][0]["template"]["spec"]["containers"]
    requests, limits = worker["resources"]["requests"], worker["resources"]["limits"]
    assert requests["nvidia.com/gpu"] == limits["nvidia.com/gpu"] == "1"


def test_the_page_names_both_files() -> None:
    """So that they are found."""
    page = (DOCS / "cluster.md").read_text(encoding="utf-8")
    assert all(f"cluster/{path.name}" in page for path in FILES.iterdir())
