"""Fits a mapping to the files that are there: finds them by their columns, leaves out what they need not have."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from warehouse.imports.mapping import ImportProblem
from warehouse.imports.mapping import Mapping as ImportMapping
from warehouse.imports.rules import EntityRule, FieldRule, StageFile, StageStep, folded
from warehouse.imports.sheets import Sheet, columns_in, read_sheet, tables_in
from warehouse.imports.spreadsheets import parted


def fitted(mapping: ImportMapping, folder: Path) -> tuple[ImportMapping, dict[str, Sheet]]:
    """The mapping with the names that files and columns have here, and those files; ImportProblem where one lacks.

    What an optional entity reads and the folder does not hold is left out of the mapping and noted.
    """
    sheets, notes = _Folder(folder, mapping), list[str]()
    entities = [kept for entity in mapping.entities if (kept := _entity(entity, sheets, notes))]
    if not entities:
        raise ImportProblem(
            f"{folder} holds no {mapping.vendor or mapping.source} export: none of {', '.join(_looked_for(mapping))}."
        )
    next(iter(sheets.read.values())).notes.extend(dict.fromkeys(notes))
    return mapping.model_copy(update={"entities": entities}), sheets.read


def tables_known(mapping: ImportMapping, tables: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Name of a file in the mapping → name of the one table here that has its columns. `tables`: name → columns.

    Where several have them, the one that is also named so; ImportProblem where that leaves several.
    """
    columns = {table: {folded(column) for column in names} for table, names in tables.items()}
    found = {}
    for name, wanted in mapping.files.items():
        alike = [table for table, has in columns.items() if {folded(column) for column in wanted} <= has]
        named = [table for table in alike if folded(name) in folded(stem_of(table))]
        exactly = [table for table in named if folded(name) == folded(stem_of(table))]
        if best := exactly or named or alike:
            if len(best) > 1:
                raise ImportProblem(f"{' and '.join(best)} both look like {name}. Leave one of them in the folder.")
            found[name] = best[0]
    return found


def stem_of(table: str) -> str:
    """`Account` for Account.csv as for the sheet Account of a workbook."""
    file, sheet = parted(table)
    return sheet or Path(file).stem


class _Folder:
    """The files of a folder as the mapping names them; each is read once."""

    def __init__(self, folder: Path, mapping: ImportMapping) -> None:
        self.folder, self.mapping = folder, mapping
        self.read: dict[str, Sheet] = {}
        self.known: dict[str, str] = {}
        if mapping.files and folder.is_dir():
            self.known = self._known()

    def find(self, name: str, *, optional: bool) -> Sheet | None:
        """The file of a name in the mapping; None where it is not there and need not be."""
        if name in self.mapping.files and name not in self.known and optional:
            return None
        there = self.known.get(name, name)
        if optional and there not in self.read and not (self.folder / parted(there)[0]).is_file():
            return None
        if there not in self.read:
            self.read[there] = read_sheet(self.folder, there)
        return self.read[there]

    def _known(self) -> dict[str, str]:
        names, problems = tables_in(self.folder)
        tables = {}
        for name in names:
            try:
                tables[name] = columns_in(self.folder, name)
            except ImportProblem as problem:
                problems.append(str(problem))
        known = tables_known(self.mapping, tables)
        for wanted in self.mapping.files:
            # A file of exactly that name is meant, however few of its columns were exported.
            named = [name for name in names if folded(stem_of(name)) == folded(wanted)]
            if wanted not in known and len(named) == 1 and named[0] not in known.values():
                known[wanted] = named[0]
        if not known and problems:
            raise ImportProblem("\n".join(problems))
        return known


def _looked_for(mapping: ImportMapping) -> list[str]:
    return [f"{name} (with {', '.join(columns)})" for name, columns in mapping.files.items()] or [
        entity.file for entity in mapping.entities
    ]


def _entity(entity: EntityRule, folder: _Folder, notes: list[str]) -> EntityRule | None:
    sheet = folder.find(entity.file, optional=entity.optional)
    if sheet is None:
        notes.append(f"There is no file of {entity.file}: its {entity.into.replace('_', ' ')} are not imported.")
        return None
    stage_file = _stage_file(entity.stage_file, folder, optional=entity.optional)
    changed: dict[str, object] = {"file": sheet.name, "stage_file": stage_file}
    if entity.optional:
        names = _names(sheet)
        if folded(entity.key) not in names:
            _without_key(entity, sheet, notes)
            return None
        changed |= _as_written(entity, sheet.name, names, notes)
    return entity.model_copy(update=changed)


def _without_key(entity: EntityRule, sheet: Sheet, notes: list[str]) -> None:
    if not entity.mentioned:
        raise ImportProblem(f"{sheet.name} has no column {entity.key!r}. Export it again with that column.")
    notes.append(f"{sheet.name} has no column {entity.key!r}: it names no {entity.into.replace('_', ' ')}.")


def _as_written(entity: EntityRule, file: str, names: Mapping[str, str], notes: list[str]) -> dict[str, object]:
    """The entity's parts with the columns' own spelling; what reads a column that is not there is left out."""
    fields = {}
    for name, rule in entity.fields.items():
        if kept := _rule(rule, names):
            fields[name] = kept
        elif name in entity.needed:
            raise ImportProblem(
                f"{file} has no column {' or '.join(map(repr, rule.columns))}. Export it again with it."
            )
        else:
            missing = ", ".join(map(repr, rule.columns))
            notes.append(
                f"{file} has no column {missing}: {name} of its {entity.into.replace('_', ' ')} stays unknown."
            )
    steps = [step.model_copy(update={"day": day}) for step in entity.stage_history if (day := _rule(step.day, names))]
    skip = entity.skip
    return {
        "key": names[folded(entity.key)],
        "fields": fields,
        "stage_history": list[StageStep](steps),
        "lines": _rule(entity.lines, names) if entity.lines else None,
        "known_as": names.get(folded(entity.known_as)) if entity.known_as else None,
        "skip": skip.model_copy(update={"column": names[folded(skip.column)]})
        if skip and folded(skip.column) in names
        else None,
    }


def _stage_file(told: StageFile | None, folder: _Folder, *, optional: bool) -> StageFile | None:
    sheet = folder.find(told.file, optional=optional) if told else None
    return told.model_copy(update={"file": sheet.name}) if told and sheet else None


def _names(sheet: Sheet) -> dict[str, str]:
    return {folded(column): column for column in reversed(sheet.columns)}


def _rule(rule: FieldRule, names: Mapping[str, str]) -> FieldRule | None:
    """The rule with the columns' own spelling; None where none of what it reads is there."""
    if rule.first is not None:
        inner = [kept for leaf in rule.first if (kept := _rule(leaf, names))]
        return rule.model_copy(update={"first": inner}) if inner else None
    if rule.join is not None:
        parts = [names[folded(column)] for column in rule.join if folded(column) in names]
        return rule.model_copy(update={"join": parts}) if parts else None
    if rule.column is None:
        return rule
    return rule.model_copy(update={"column": names[folded(rule.column)]}) if folded(rule.column) in names else None
