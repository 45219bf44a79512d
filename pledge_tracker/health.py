"""Is it alive, can it serve, and what is waiting: for machines first, readable by people."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """This process answers. It asks nothing of anybody else."""
    return JsonResponse({"live": True})


@login_not_required
@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers and has every table this code needs; 503 with the reason otherwise."""
    because = not_ready_because()
    return JsonResponse({"ready": not because, "because": because}, status=503 if because else 200)


def not_ready_because() -> str:
    """Why this process should get no visitors yet; empty when it should."""
    try:
        executor = MigrationExecutor(connection)
        unapplied = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, InterfaceError):
        return "The database cannot be reached."
    return f"Migrations not yet applied: {len(unapplied)}." if unapplied else ""
