"""Every dbt model as an asset, built and tested in one pass."""

import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets
from packaging.version import Version

from pipelines.checks.gate import BUILD_TAG, remember_results
from pipelines.project import ensure_definitions, parsed, prepare_environment
from pipelines.say import say
from pipelines.transform.selection import plan
from warehouse.extracts.builds import definitions_folder
from warehouse.lake.connection import open_lake
from warehouse.lake.workshop import clear
from warehouse.settings import settings

prepare_environment()
MANIFEST = definitions_folder(ensure_definitions()) / "manifest.json"
MODEL = settings().model_path
project = DbtProject(project_dir=MODEL, profiles_dir=MODEL, target_path=settings().dbt_target)


class Lineage(DagsterDbtTranslator):
    """A source's key is its place in the lake, as the ingest names it."""

    def get_asset_key(self, dbt_resource_props: Any) -> dg.AssetKey:
        """raw/<table> for sources, schema/<model> for models."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(["raw", dbt_resource_props["name"]])
        return super().get_asset_key(dbt_resource_props)


LINEAGE = Lineage()


@dbt_assets(manifest=MANIFEST, project=project, pool="lake", dagster_dbt_translator=LINEAGE)
def business_model(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """Build and test what lies downstream of the changes, or the whole business model, for all organizations at once."""
    with open_lake() as lake:
        planned = plan(lake, MANIFEST.parent.name)
    if planned.sources is None:
        clear(settings().workshop_path)
    say("build", f"dbt builds and tests the business model ({planned.why})")
    select = [word for chosen in planned.selection for word in ("--select", chosen)]
    # Unit tests look at no data: they try the definitions, before these run here.
    words = ["build", "--exclude-resource-type", "unit_test", *select]
    invocation = dbt.cli(words, manifest=MANIFEST, dagster_dbt_translator=LINEAGE, raise_on_error=False)
    # Told only now: with a context at hand the resource would add a selection of its own, which is everything.
    invocation.context = context
    # Metadata fetched while it streams would be waited for in a loop that never sleeps: one core less for dbt.
    yield from invocation.stream()
    results = invocation.get_artifact("run_results.json")
    remember_results(context.run.tags.get(BUILD_TAG, context.run_id), results)


class OwnDbt(DbtCliResource):
    """The dbt installed beside us: nobody has to be asked for its version, and nothing is looked up beside its run.

    Each of the two cost a start of Python with all of dbt, on every refresh.
    """

    @property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None


dbt_cli = OwnDbt(
    project_dir=project,  # type: ignore[arg-type]  # its own constructor takes a whole project
    dbt_executable=sys.executable,
    global_config_flags=["-m", "pipelines.transform.child", str(parsed(MANIFEST.parent.name))],
)
