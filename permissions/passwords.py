"""What a password may not be, told in the words of the form it stands in."""

from __future__ import annotations

from django.contrib.auth import password_validation


class UnlikeUsername(password_validation.UserAttributeSimilarityValidator):
    """Refuses a password that is like the name it belongs to."""

    DEFAULT_USER_ATTRIBUTES = ("username",)

    def get_error_message(self) -> str:
        """Django's words name the attribute in English."""
        return "密码不能与用户名相似"


class LongEnough(password_validation.MinimumLengthValidator):
    """Refuses a short password."""

    def get_error_message(self) -> str:
        """As short as the help text beside it."""
        return f"密码至少 {self.min_length} 个字符"


class NotCommon(password_validation.CommonPasswordValidator):
    """Refuses what is tried first."""

    def get_error_message(self) -> str:
        """Says what to do."""
        return "这个密码太常见，请换一个"
