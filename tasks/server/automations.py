"""Install the shipped automations on the Prefect server, and remove them."""

from __future__ import annotations

from typing import Final

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import BlockDocument
from prefect.events.actions import ActionTypes, CallWebhook, DoNothing, SendNotification
from prefect.exceptions import ObjectNotFound

from config.errors import UsageError
from tasks.server.automation_rules import PREFIX, Tell, Waits, rules

_WEBHOOK: Final = "webhook"
_NOTIFY: Final = "notify"


def install(notify: str | None, waits: Waits | None = None) -> tuple[str, ...]:
    """Install the automations, in place of those installed before; return their names.

    Args:
        notify: Prefect block that tells people, such as ``slack-webhook/my-team``. None: what would be
            told is only to be seen in the event feed.
        waits: How long to wait, other than the shipped times.

    Raises:
        UsageError: There is no such block.
    """
    with get_client(sync_client=True) as client:
        wanted = rules(_teller(client, notify), waits or Waits())
        _remove(client)
        for automation in wanted:
            client.create_automation(automation)
    return tuple(automation.name for automation in wanted)


def remove() -> tuple[str, ...]:
    """Remove the automations that `install` made; return their names."""
    with get_client(sync_client=True) as client:
        return _remove(client)


def _remove(client: SyncPrefectClient) -> tuple[str, ...]:
    ours = [found for found in client.read_automations() if found.name.startswith(PREFIX)]
    for automation in ours:
        client.delete_automation(automation.id)
    return tuple(sorted(automation.name for automation in ours))


def _teller(client: SyncPrefectClient, notify: str | None) -> Tell:
    """Return what makes the action that tells people."""
    if notify is None:
        return lambda _subject, _text: DoNothing()
    block = _block(client, notify)
    if notify.partition("/")[0] == _WEBHOOK:
        return lambda subject, text: CallWebhook(block_document_id=block.id, payload=f"{subject}\n{text}")

    def notification(subject: str, text: str) -> ActionTypes:
        return SendNotification(block_document_id=block.id, subject=subject, body=text)

    return notification


def _block(client: SyncPrefectClient, notify: str) -> BlockDocument:
    slug, _, name = notify.partition("/")
    try:
        found = client.read_block_document_by_name(name, slug)
    except ObjectNotFound:
        found = None
    if found is None or not name:
        there = ", ".join(_blocks_that_fit(client)) or "none"
        msg = (
            f"no block {notify!r} on the Prefect server; give <block type>/<name> of a notification or "
            f"webhook block; there is: {there}; make one in the UI under Blocks"
        )
        raise UsageError(msg)
    return found


def _blocks_that_fit(client: SyncPrefectClient) -> list[str]:
    documents = [document for document in client.read_block_documents() if document.name]
    return sorted(
        f"{document.block_type.slug}/{document.name}"
        for document in documents
        if document.block_type
        and (
            document.block_type.slug == _WEBHOOK
            or (document.block_schema and _NOTIFY in document.block_schema.capabilities)
        )
    )
