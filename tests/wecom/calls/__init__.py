"""For each endpoint that the client offers: the call that makes the sample request, and what its answer holds."""

from tests.wecom.calls.company import DIRECTORY
from tests.wecom.calls.customers import CUSTOMERS
from tests.wecom.calls.reach import REACH
from tests.wecom.calls.shape import SampleCall
from tests.wecom.calls.ways import WAYS

CALLS: list[SampleCall] = [*DIRECTORY, *WAYS, *CUSTOMERS, *REACH]
