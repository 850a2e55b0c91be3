"""Registering and revoking operators' keys: entries of the ledger, signed by the holder of an earlier key."""

from __future__ import annotations

from db.desk import Desk
from db.errors import Refused, Usage
from db.ledger import Found, key_told
from db.once import enter
from db.operation import Armed, new_id
from db.recent import keys_of
from db.verifier import key_id
from db.write import gate


def register(desk: Desk, armed: Armed | None, public_key: str) -> Found:
    """Let the holder of that key work here; raises Usage for what is no Ed25519 key, Refused where it is there."""
    gate(desk, armed)
    try:
        name = key_id(public_key)
    except ValueError:
        raise Usage("That is no 'ssh-ed25519 AAAA… name' line.") from None
    line = " ".join(public_key.split())
    if keys_of(desk.session).get(name, ("",))[0] == "add":
        raise Refused(f"The key {name} is registered already.")
    return enter(desk, new_id(), {**key_told("key-add", line), "reason": "registered"})


def revoke(desk: Desk, armed: Armed | None, name: str, reason: str) -> Found:
    """Let that key sign no more; raises Refused for one's own last key, or one that is not registered."""
    gate(desk, armed)
    if not reason.strip():
        raise Refused("A reason is needed.")
    keys = keys_of(desk.session)
    held = [key for key, (event, _, _) in keys.items() if event == "add"]
    if name not in held:
        raise Refused(f"The key {name} is not registered.")
    if held == [name]:
        raise Refused("It is the last key of this ledger: register another one first.")
    return enter(desk, new_id(), {**key_told("key-revoke", keys[name][1]), "reason": reason})
