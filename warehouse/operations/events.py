"""What the audit calls everything that happens, and how each is said to people: the one place for both."""

import pkgutil
from functools import cache
from importlib import import_module

import warehouse.operations

SIGNED_IN = "identity.signed_in"
SIGN_IN_FAILED = "identity.sign_in_failed"
LOCKED_OUT = "identity.locked_out"
SIGNED_OUT = "identity.signed_out"
SESSIONS_ENDED = "identity.sessions_ended"
RESET_ASKED = "identity.reset_asked"
PASSWORD_CHANGED = "identity.password_changed"  # noqa: S105 - a name in the audit, not a password
TOTP_ON = "identity.totp_turned_on"
TOTP_OFF = "identity.totp_turned_off"
RECOVERY_CODE_USED = "identity.recovery_code_used"
RECOVERY_CODES_MADE = "identity.recovery_codes_made"
TOKEN_MADE = "identity.token_made"  # noqa: S105 - likewise
EXPORTED = "data.exported"
ASKED_IN_SQL = "data.asked_in_sql"
RUN_STARTED = "runs.started"
RUN_STOPPED = "runs.stopped"
FILE_READ = "files.read"
MODEL_ASKED = "insights.model_asked"

SENTENCES = {
    SIGNED_IN: "Signed in",
    SIGN_IN_FAILED: "Failed to sign in",
    LOCKED_OUT: "Was locked out after failed sign-ins",
    SIGNED_OUT: "Signed out",
    SESSIONS_ENDED: "Was signed out everywhere",
    RESET_ASKED: "Asked for a new password",
    PASSWORD_CHANGED: "Changed their password",
    TOTP_ON: "Turned on codes from an authenticator app",
    TOTP_OFF: "Turned off codes from an authenticator app",
    RECOVERY_CODE_USED: "Signed in with a recovery code",
    RECOVERY_CODES_MADE: "Made new recovery codes",
    TOKEN_MADE: "Made a token for a program",
    EXPORTED: "Took data away as a file",
    ASKED_IN_SQL: "Asked a question in SQL",
    RUN_STARTED: "Started a job of the installation",
    RUN_STOPPED: "Stopped a job of the installation",
    FILE_READ: "Opened a file",
    MODEL_ASKED: "Had a model read a question",
    "organization.bulk_load": "Loaded many rows at once",
    "organization.undo_import": "Took an import back",
    "organization.deactivate_member": "Deactivated a member",
    "organization.transfer_ownership": "Made another member an owner in their own place",
    "organization.sync_user": "Changed a member as the identity provider told",
    "organization.edit_team": "Changed a team's name or manager",
}
"""What happens outside of declared operations, and operations whose own summary does not read well here."""

IRREGULAR = {
    "become": "became",
    "begin": "began",
    "bring": "brought",
    "choose": "chose",
    "draw": "drew",
    "forget": "forgot",
    "give": "gave",
    "hold": "held",
    "keep": "kept",
    "leave": "left",
    "let": "let",
    "make": "made",
    "pay": "paid",
    "put": "put",
    "read": "read",
    "send": "sent",
    "set": "set",
    "stop": "stopped",
    "submit": "submitted",
    "take": "took",
    "tell": "told",
    "undo": "undid",
    "withdraw": "withdrew",
    "write": "wrote",
}


def sentence_of(operation: str) -> str:
    """What somebody did, in words: `customers.create_customer` → `Created a customer`."""
    return SENTENCES.get(operation) or _declared().get(operation) or _spelled_out(operation)


def known_operations() -> dict[str, str]:
    """Everything the audit may name → its sentence, by sentence."""
    return dict(sorted((_declared() | SENTENCES).items(), key=lambda one: one[1].lower()))


@cache
def _declared() -> dict[str, str]:
    """Every declared operation → its summary in the past tense, without what follows the first pause."""
    # Declared where they live: all of them are known once all rooms are imported.
    for module in pkgutil.iter_modules(warehouse.operations.__path__):
        import_module(f"{warehouse.operations.__name__}.{module.name}")
    from warehouse.operations.declare import OPERATIONS

    return {name: in_the_past(one.summary) or _spelled_out(name) for name, one in OPERATIONS.items()}


def in_the_past(summary: str) -> str:
    """`Move a deal to another stage; a closed deal stays closed.` → `Moved a deal to another stage`."""
    first = summary.partition("\n")[0]
    for pause in (";", ":", ". "):
        first = first.partition(pause)[0]
    verb, _, rest = first.rstrip(". ").partition(" ")
    return f"{_past(verb)} {rest}".strip()


def _past(verb: str) -> str:
    plain = verb.lower()
    if plain in IRREGULAR:
        return IRREGULAR[plain].capitalize()
    if plain.endswith("e"):
        return f"{verb}d"
    ends_in_y = plain.endswith("y") and plain[-2:-1] not in "aeiou"
    return f"{verb[:-1]}ied" if ends_in_y else f"{verb}ed" if verb else ""


def _spelled_out(operation: str) -> str:
    return operation.rpartition(".")[2].replace("_", " ").capitalize()
