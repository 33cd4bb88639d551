"""The only writers of tags: the tree, the tags of codes, the tags on customers and what WeCom says of them."""

from tagging.services.marking import MarkResult, customer_mark, marks_due
from tagging.services.of_codes import code_tags_apply, code_tags_set
from tagging.services.tree import channel_tag_ensure, channels_tag, tag_create, tag_switch, tags_install

__all__ = [
    "MarkResult",
    "channel_tag_ensure",
    "channels_tag",
    "code_tags_apply",
    "code_tags_set",
    "customer_mark",
    "marks_due",
    "tag_create",
    "tag_switch",
    "tags_install",
]
