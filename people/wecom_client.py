"""The WeCom client of a company: tokens, breakers and lanes in Redis, shared by all processes."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from redis import Redis

from livecode_admin.kernel.keys import platform_key
from tenants.selectors import WeComCredentials
from wecom.client import Client
from wecom.redis_store import RedisLimiter, RedisTokenStore, connect


@cache
def _redis(url: str) -> Redis:
    return connect(url)


def client_for(credentials: WeComCredentials) -> Client:
    """A client with the company's credentials; cheap to make, to be used outside of any transaction.

    Keys carry the corp id, which belongs to one company alone. Raises ValueError when the agent id isn't a number.
    """
    redis = _redis(settings.CACHE_URL)
    return Client(
        corp_id=credentials.corp_id,
        secret=credentials.secret,
        agent_id=int(credentials.agent_id or 0),
        base_url=credentials.base_url,
        tokens=RedisTokenStore(redis, platform_key),
        limiter=RedisLimiter(redis, platform_key),
    )
