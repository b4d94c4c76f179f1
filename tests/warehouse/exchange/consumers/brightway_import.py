"""Imports an unpacked openLCA package with bw2io and prints what came of it as JSON.

Run by itself, as `brightway_import.py PACKAGE_FOLDER OUTPUT`, with BRIGHTWAY2_DIR set: Brightway
keeps projects in a folder that it makes on import.
"""

import contextlib
import io
import json
import sys
from pathlib import Path

import bw2calc
import bw2data
from bw2io.importers.json_ld import JSONLDImporter
from bw2io.importers.json_ld_lcia import JSONLDLCIAImporter


def main(package: Path, output: Path) -> None:
    bw2data.projects.set_current("exchange")
    with contextlib.redirect_stdout(io.StringIO()):
        importer = JSONLDImporter(str(package), "background")
        importer.apply_strategies(no_warning=True)
        importer.merge_biosphere_flows()
        unlinked = len(list(importer.unlinked))
        importer.write_database()
        methods = JSONLDLCIAImporter(str(package))
        methods.apply_strategies()
        methods.match_biosphere_by_id("background")
        methods.write_methods()
    names = {method[1]: method for method in bw2data.methods}
    database = bw2data.Database("background")
    products = [node for node in database if node["type"] == "product"]
    # One factorisation for all products; the matrices of the indicators are Brightway's own.
    lca = bw2calc.LCA({products[0]: 1.0}, next(iter(names.values())))
    lca.lci(factorize=True)
    lca.lcia()
    matrices = {}
    for indicator, method in sorted(names.items()):
        lca.switch_method(method)
        matrices[indicator] = lca.characterization_matrix.copy()
    scores: dict[str, dict[str, float]] = {}
    for product in products:
        lca.lci(demand={product.id: 1.0})
        scores[product["code"]] = {
            indicator: float((matrix @ lca.inventory).sum())
            for indicator, matrix in matrices.items()
        }
    output.write_text(
        json.dumps(
            {
                "unlinked": unlinked,
                "nodes": len(database),
                "products": len(products),
                "processes": len([node for node in database if node["type"] == "process"]),
                "scores": scores,
                "units": {node["code"]: node["unit"] for node in database},
                "locations": sorted({str(node.get("location")) for node in database}),
                "projects": str(bw2data.projects.dir),
            }
        )
    )


main(Path(sys.argv[1]), Path(sys.argv[2]))
