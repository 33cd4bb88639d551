"""The only writers of codes: creating and editing, the life of a code, folders and channels."""

from codes.services.changing import code_to_change, require_on_code
from codes.services.changing import note as code_note
from codes.services.creating import code_create, code_update, participants_set
from codes.services.filing import (
    channel_create,
    channel_ensure,
    channel_update,
    folder_create,
    folder_rename,
)
from codes.services.life import (
    code_mark_live,
    code_pause,
    code_renew,
    code_resume,
    code_retire,
    first_scan_note,
    native_qr_set,
)

__all__ = [
    "channel_create",
    "channel_ensure",
    "channel_update",
    "code_create",
    "code_mark_live",
    "code_note",
    "code_pause",
    "code_renew",
    "code_resume",
    "code_retire",
    "code_to_change",
    "code_update",
    "first_scan_note",
    "folder_create",
    "folder_rename",
    "native_qr_set",
    "participants_set",
    "require_on_code",
]
