"""What every page's furniture needs, without a query."""

from django.conf import settings
from django.http import HttpRequest


def page_furniture(request: HttpRequest) -> dict[str, object]:
    return {"is_demo": settings.DEMO, "site_url": settings.SITE_URL}
