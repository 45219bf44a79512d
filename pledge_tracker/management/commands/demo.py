import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from pledge_tracker import demo
from pledge_tracker.demo_people import DEMO_PEOPLE
from pledge_tracker.supervisor import Supervisor


class Command(BaseCommand):
    help = "Runs the site with fictional data, web server and worker; Ctrl-C stops it and leaves nothing running."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--reset", action="store_true", help="throw away what was typed, start nothing")

    def handle(self, *args: Any, port: int, reset: bool, **options: Any) -> None:
        try:
            if reset:
                demo.reset()
                self.say("The demonstration starts afresh next time.")
            elif settings.DEMO:
                self.run_demo(port)
            else:
                self.start_over_as_demo(port)
        except demo.DemoError as error:
            raise CommandError(str(error)) from None

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def start_over_as_demo(self, port: int) -> None:
        """Settings are read once: this very process begins again in the demonstration's environment."""
        demo.check_port(port)
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo", "--port", str(port)]
        os.chdir(settings.BASE_DIR)
        os.execve(sys.executable, command, demo.environment(port))

    def run_demo(self, port: int) -> None:
        with demo.claim(demo.folder()):
            demo.check_port(port)
            try:
                demo.prepare(self.say)
                supervisor = Supervisor(demo.children(port), self.say)
                supervisor.run(once_ready=lambda: demo.answers(port) and self.welcome(port))
            except KeyboardInterrupt:
                pass  # before anything was started
        self.say("\nStopped.")

    def welcome(self, port: int) -> bool:
        site = f"http://127.0.0.1:{port}"
        width = max(len(person.kind) for person in DEMO_PEOPLE)
        people = "\n".join(f"  {person.kind:{width}}  {person.email}" for person in DEMO_PEOPLE)
        self.say(
            f"\nPledge Tracker runs at {site}/ with fictional data.\n\n"
            f"Sign in as one of these; the code arrives at {site}/demo/mail/\n{people}\n"
            "  Staff are asked for a recovery code next: it stands on the same page.\n\n"
            f"Logs are in {demo.folder() / 'logs'}. Ctrl-C stops it."
        )
        return True
