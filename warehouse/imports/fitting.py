"""Fits a mapping to the files that are there: finds them by their columns, leaves out what they need not have."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from warehouse.imports.field_rule import FieldRule, folded
from warehouse.imports.mapping import FileSign, ImportProblem
from warehouse.imports.mapping import Mapping as ImportMapping
from warehouse.imports.rules import EntityRule, Rows, StageFile, StageStep
from warehouse.imports.sheets import FILE, Sheet, columns_in, file_of, read_sheet, tables_in


def fitted(mapping: ImportMapping, folder: Path) -> tuple[ImportMapping, dict[str, Sheet]]:
    """The mapping with the names that files and columns have here, and those files; ImportProblem where one lacks.

    What an optional entity reads and the folder does not hold is left out of the mapping and noted.
    """
    sheets, notes = _Folder(folder, mapping), list[str]()
    entities = [kept for entity in mapping.entities for kept in _entities(entity, sheets, notes)]
    if not entities:
        raise ImportProblem(
            f"{folder} holds no {mapping.vendor or mapping.source} export: none of {', '.join(_looked_for(mapping))}."
        )
    next(iter(sheets.read.values())).notes.extend(dict.fromkeys(notes))
    return mapping.model_copy(update={"entities": entities}), sheets.read


def tables_known(mapping: ImportMapping, tables: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Name of a file in the mapping → names of the tables here that have its columns. `tables`: name → columns.

    Where several have them and one is wanted, the one that is also named so; ImportProblem where that leaves several.
    """
    columns = {table: {folded(column) for column in names} for table, names in tables.items()}
    found = {}
    for name, sign in mapping.files.items():
        wanted, lacking = {folded(column) for column in sign.columns}, {folded(column) for column in sign.lacks}
        alike = [table for table, has in columns.items() if wanted <= has and not has & lacking]
        alike = [table for table in alike if _is_placed(table, sign)]
        named = [table for table in alike if folded(name) in folded(stem_of(table))]
        exactly = [table for table in named if folded(name) == folded(stem_of(table))]
        best = alike if sign.each else exactly or named or alike
        if len(best) > 1 and not sign.each:
            raise ImportProblem(f"{' and '.join(best)} both look like {name}. Leave one of them in the folder.")
        if best:
            found[name] = best
    return found


def _is_placed(table: str, sign: FileSign) -> bool:
    """Whether the table's name and folder speak for a file of the kind."""
    path = file_of(table)
    return sign.under in {None, Path(path).parent.name} and not any(
        folded(word) in folded(path) for word in sign.unlike
    )


def stem_of(table: str) -> str:
    """`Account` for Account.csv as for the sheet Account of a workbook, or the list of that name in a JSON file."""
    file = file_of(table)
    return table.removeprefix(f"{file}/") if table != file else Path(file).stem


class _Folder:
    """The files of a folder as the mapping names them; each is read once."""

    def __init__(self, folder: Path, mapping: ImportMapping) -> None:
        self.folder, self.mapping = folder, mapping
        self.read: dict[str, Sheet] = {}
        self.known: dict[str, list[str]] = {}
        if mapping.files and folder.is_dir():
            self.known = self._known()

    def find(self, name: str, *, optional: bool) -> list[Sheet]:
        """The files of a name in the mapping; none where it is not there and need not be."""
        if name in self.mapping.files and name not in self.known and optional:
            return []
        return [sheet for there in self.known.get(name, [name]) if (sheet := self._sheet(there, optional=optional))]

    def _sheet(self, there: str, *, optional: bool) -> Sheet | None:
        if optional and there not in self.read and not (self.folder / file_of(there)).is_file():
            return None
        if there not in self.read:
            self.read[there] = sheet = read_sheet(self.folder, there)
            self._complete(sheet)
        return self.read[there]

    def _complete(self, sheet: Sheet) -> None:
        """Rows say nothing where the mapping says so, and the name of their file where the mapping asks for it."""
        mapping, own = self.mapping, {FILE: Path(file_of(sheet.name)).stem}
        asked = any(FILE in mapping.columns_of(entity.file) for entity in mapping.entities)
        for row in sheet.rows if mapping.blanks or asked else []:
            row.update({column: None for column, text in row.items() if text in mapping.blanks})
            row.update(own if asked else {})

    def _known(self) -> dict[str, list[str]]:
        names, problems = tables_in(self.folder, deep=self.mapping.has_folders)
        tables = {}
        for name in names:
            try:
                tables[name] = columns_in(self.folder, name)
            except ImportProblem as problem:
                problems.append(str(problem))
        known = tables_known(self.mapping, tables)
        taken = {table for found in known.values() for table in found}
        for wanted in self.mapping.files:
            # A file of exactly that name is meant, however few of its columns were exported.
            named = [name for name in names if folded(stem_of(name)) == folded(wanted)]
            if wanted not in known and len(named) == 1 and named[0] not in taken:
                known[wanted] = named
        if not known and problems:
            raise ImportProblem("\n".join(problems))
        return known


def _looked_for(mapping: ImportMapping) -> list[str]:
    return [f"{name} (with {', '.join(sign.columns)})" for name, sign in mapping.files.items()] or [
        entity.file for entity in mapping.entities
    ]


def _entities(entity: EntityRule, folder: _Folder, notes: list[str]) -> Iterator[EntityRule]:
    """The rule once for each file that it is about."""
    sheets = folder.find(entity.file, optional=entity.optional)
    if not sheets:
        notes.append(f"There is no file of {entity.file}: its {entity.into.replace('_', ' ')} are not imported.")
    for sheet in sheets:
        if kept := _entity(entity, sheet, folder, notes):
            yield kept


def _entity(entity: EntityRule, sheet: Sheet, folder: _Folder, notes: list[str]) -> EntityRule | None:
    stage_file = _stage_file(entity.stage_file, folder, optional=entity.optional)
    changed: dict[str, object] = {"file": sheet.name, "stage_file": stage_file}
    if entity.optional:
        names = _names(sheet)
        if _rule(entity.key, names) is None:
            _without_key(entity, sheet, notes)
            return None
        if entity.only and folded(entity.only.column) not in names:
            notes.append(
                f"{sheet.name} has no column {entity.only.column!r} that tells which of its rows "
                f"are {entity.into.replace('_', ' ')}: none are imported."
            )
            return None
        changed |= _as_written(entity, sheet.name, names, notes)
    return entity.model_copy(update=changed)


def _without_key(entity: EntityRule, sheet: Sheet, notes: list[str]) -> None:
    if not entity.mentioned:
        raise ImportProblem(f"{sheet.name} has no column {entity.key.told!r}. Export it again with that column.")
    notes.append(f"{sheet.name} has no column {entity.key.told!r}: it names no {entity.into.replace('_', ' ')}.")


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
    return {
        "key": _rule(entity.key, names),
        "fields": fields,
        "metadata": {name: kept for name, rule in entity.metadata.items() if (kept := _rule(rule, names))},
        "stage_history": list[StageStep](steps),
        "lines": _rule(entity.lines, names) if entity.lines else None,
        "known_as": names.get(folded(entity.known_as)) if entity.known_as else None,
        "skip": _rows(entity.skip, names),
        "only": _rows(entity.only, names),
    }


def _rows(rows: Rows | None, names: Mapping[str, str]) -> Rows | None:
    there = rows is not None and names.get(folded(rows.column))
    return rows.model_copy(update={"column": there}) if rows and there else None


def _stage_file(told: StageFile | None, folder: _Folder, *, optional: bool) -> StageFile | None:
    sheets = folder.find(told.file, optional=optional) if told else []
    return told.model_copy(update={"file": sheets[0].name}) if told and sheets else None


def _names(sheet: Sheet) -> dict[str, str]:
    return {folded(column): column for column in (FILE, *reversed(sheet.columns))}


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
