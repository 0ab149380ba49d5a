"""A contract for import-linter: layers of modules. One layer, ``topics``, is all packages without a layer of their own.

A new topic is a new package. Nothing has to be added here or in pyproject.toml.
"""

from typing import Any, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

TOPICS = "topics"


class HouseContract(Contract):
    """Layers from top to bottom, where the modules of one layer may not import each other. Nor may topics.

    container: the package that has the layers. layers: from top to bottom. A layer is names of modules, joined by "|".
    strangers: modules, anywhere, that may not import a topic directly.
    """

    type_name = "house"
    # import-linter replaces each field by the value that it read.
    container = cast("str", fields.StringField())
    layers = cast("list[str]", fields.ListField(subfield=fields.StringField()))
    strangers = cast("list[str] | None", fields.ListField(subfield=fields.StringField(), required=False))

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        named = [{name.strip() for name in layer.split("|")} for layer in self.layers]
        rooms = {module.rpartition(".")[2] for module in graph.find_children(self.container)}
        topics = rooms.difference(*named)
        absent = sorted(set().union(*named) - rooms - {TOPICS})
        layers = [topics if layer == {TOPICS} else layer for layer in named]
        illegal = graph.find_illegal_dependencies_for_layers(layers=layers, containers={self.container})
        met = [
            f"{module} imports {imported}"
            for stranger in self.strangers or ()
            for module in sorted({stranger} | graph.find_descendants(stranger))
            for imported in sorted(graph.find_modules_directly_imported_by(module))
            if imported.startswith(f"{self.container}.") and imported.split(".")[1] in topics
        ]
        found = {"illegal": illegal, "absent": absent, "met": met}
        return ContractCheck(kept=not any(found.values()), metadata=found)

    def render_broken_contract(self, check: ContractCheck) -> None:
        metadata: dict[str, Any] = check.metadata
        for name in metadata["absent"]:
            output.print_error(f"{self.container}.{name} has a layer but does not exist.")
        for meeting in metadata["met"]:
            output.print_error(f"{meeting}, which is a topic: this module may not import topics.")
        for dependency in sorted(metadata["illegal"], key=lambda each: (each.importer, each.imported)):
            output.print_error(f"{dependency.importer} may not import {dependency.imported}:")
            for route in dependency.routes:
                output.print_error("    " + " -> ".join((min(route.heads), *route.middle, min(route.tails))))
