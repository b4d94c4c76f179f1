"""Loads the Brightway packages of a release and prints descriptor, scores and draws as JSON.

Run by itself, as `brightway_matrices.py FOLDER OUTPUT DRAWS`, with BRIGHTWAY2_DIR set.
"""

import io
import json
import sys
import zipfile
from pathlib import Path

import bw2calc
import bw_processing
import numpy as np
import pandas as pd
from bw_processing.io_helpers import generic_zipfile_filesystem


def package(folder: Path, name: str) -> bw_processing.Datapackage:
    return bw_processing.load_datapackage(
        generic_zipfile_filesystem(dirpath=folder, filename=name, write=False)
    )


def main(folder: Path, output: Path, draws: int) -> None:
    background = package(folder, "background.zip")
    characterisation = package(folder, "characterisation.zip")
    with zipfile.ZipFile(folder / "background.zip") as archive:
        ids = pd.read_parquet(io.BytesIO(archive.read("ids.parquet")))
    datasets = ids[(ids["kind"] == "dataset") & ids["in_release"]]
    indicators = {
        resource["group"]: resource["identifier"] for resource in characterisation.resources
    }
    scores: dict[str, dict[str, float]] = {}
    for indicator in sorted(indicators):
        factors = characterisation.filter_by_attribute("group", indicator)
        lca = bw2calc.LCA({int(datasets["id"].iloc[0]): 1}, data_objs=[background, factors])
        lca.lci(factorize=True)
        lca.lcia()
        for number, uuid in zip(datasets["id"], datasets["uuid"], strict=True):
            lca.lcia(demand={int(number): 1})
            scores.setdefault(uuid, {})[indicator] = float(lca.score)
    several = bw2calc.MultiLCA(
        demands={uuid: {int(number): 1} for number, uuid in
                 zip(datasets["id"], datasets["uuid"], strict=True)},
        method_config={"impact_categories": [tuple(each) for each in indicators.values()]},
        data_objs=[background, characterisation],
    )  # fmt: skip
    several.lci()
    several.lcia()
    multiple = {
        f"{uuid}|{'.'.join(method)}": float(value)
        for (method, uuid), value in several.scores.items()
    }
    drawn: dict[str, list[float]] = {}
    again: list[float] = []
    if draws:
        factors = characterisation.filter_by_attribute("group", "gwp100.ar6.total")
        for uuid, number in zip(datasets["uuid"], datasets["id"], strict=True):
            lca = bw2calc.LCA(
                {int(number): 1}, data_objs=[background, factors],
                use_distributions=True, seed_override=42,
            )  # fmt: skip
            lca.lci()
            lca.lcia()
            values = []
            for _ in range(draws):
                next(lca)
                values.append(float(lca.score))
            drawn[uuid] = values
            if len(drawn) == 1:
                repeat = bw2calc.LCA(
                    {int(number): 1}, data_objs=[background, factors],
                    use_distributions=True, seed_override=42,
                )  # fmt: skip
                repeat.lci()
                repeat.lcia()
                for _ in range(5):
                    next(repeat)
                    again.append(float(repeat.score))
    output.write_text(
        json.dumps(
            {
                "licences": [
                    background.metadata["licenses"],
                    characterisation.metadata["licenses"],
                ],
                "resources": sorted(
                    {(each["matrix"], each["kind"]) for each in background.resources}
                ),
                "dtypes": {
                    each["name"]: str(np.asarray(data).dtype)
                    for each, data in zip(background.resources, background.data, strict=True)
                },
                "scores": scores,
                "multiple": multiple,
                "drawn": drawn,
                "again": again,
            }
        )
    )


main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
