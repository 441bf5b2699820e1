"""Makes tickets.json with the real pretix: `python3 make.py >tickets.json`, in an environment that has it (script/test-schemes).

A database of its own in a temporary folder, two events that sign their tickets, orders of invented people. Tickets are
made by pretix itself as it saves an order's positions; nothing here signs or encodes.
"""

import datetime
import json
import os
import sys
import tempfile

folder = tempfile.TemporaryDirectory()
os.environ["DATA_DIR"] = folder.name
os.environ["PRETIX_CONFIG_FILE"] = os.path.join(folder.name, "none.cfg")
# As pretix's own tests: tables without the history of their migrations, and nothing is sent to anybody.
os.environ["DJANGO_SETTINGS_MODULE"] = "pretix.testutils.settings"

import django  # noqa: E402

django.setup()

import pretix  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django_scopes import scope  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0, stdout=sys.stderr)

from pretix.api.serializers.event import ValidKeysField  # noqa: E402
from pretix.base.models import Event, Order, OrderPosition, Organizer  # noqa: E402
from pretix.base.secrets import assign_ticket_secret  # noqa: E402

UTC = datetime.timezone.utc
OPENS = datetime.datetime(2026, 12, 31, 18, 0, tzinfo=UTC)
ENDS = datetime.datetime(2027, 1, 1, 3, 0, tzinfo=UTC)


def event(organizer, name, slug):
    made = Event.objects.create(
        organizer=organizer, name=name, slug=slug, date_from=OPENS, currency="RUB", has_subevents=slug == "season", plugins=""
    )
    made.settings.ticket_secret_generator = "pretix_sig1"
    return made


def order(made, code):
    return Order.objects.create(
        event=made,
        code=code,
        email="guest@example.org",
        status=Order.STATUS_PAID,
        datetime=OPENS - datetime.timedelta(days=30),
        expires=OPENS,
        total=0,
        locale="en",
        sales_channel=made.organizer.sales_channels.get(identifier="web"),
    )


def position(of, item, name, number, **more):
    return OrderPosition.objects.create(
        order=of, item=item, price=0, positionid=number, attendee_name_parts={"_scheme": "full", "full_name": name}, **more
    )


def stamp(time):
    return time and int(time.timestamp())


def told(ticket, expected="valid"):
    return {
        "text": ticket.secret,
        "expected": expected,
        "item": ticket.item_id,
        "variation": ticket.variation_id,
        "sub-event": ticket.subevent_id,
        "from": stamp(ticket.valid_from),
        "until": stamp(ticket.valid_until),
    }


def keys(made):
    return ValidKeysField()._get(made)


organizer = Organizer.objects.create(name="House of Culture", slug="house")
# pretix wants what changes an order in one transaction, with a record of it.
with scope(organizer=organizer), transaction.atomic():
    party, season = event(organizer, "New Year's party", "party"), event(organizer, "Season", "season")
    adult, child = party.items.create(name="Adult", default_price=0), party.items.create(name="Child", default_price=0)
    row = adult.variations.create(value="First row")
    evening = season.subevents.create(name="First evening", date_from=OPENS)
    seat = season.items.create(name="Seat", default_price=0)

    first, second = order(party, "AAAA1"), order(season, "BBBB2")
    tickets = [
        position(first, adult, "Земфира Баязитова", 1, variation=row),
        position(first, child, "Müller", 2),
        position(first, child, "Guest", 3, valid_from=OPENS, valid_until=ENDS),
        position(first, child, "Guest", 4, valid_until=ENDS),
    ]
    listed = [told(ticket) for ticket in tickets]
    # Called back: its seed is on the event's list from then on, and its signature is as good as ever.
    revoked = told(position(first, adult, "Guest", 5, variation=row))
    last = first.positions.get(positionid=5)
    assign_ticket_secret(event=party, position=last, force_invalidate=True)
    assert party.revoked_secrets.filter(secret=revoked["text"]).exists()
    listed += [{**revoked, "revoked": True}, told(last)]
    # Of the other event of the same organizer.
    listed.append(told(position(second, seat, "Guest", 1, subevent=evening), "not genuine"))
    # pretix's default, without a signature.
    party.settings.ticket_secret_generator = "random"
    unsigned = position(first, child, "Guest", 6)
    listed.append({"text": unsigned.secret, "expected": "no pass"})

    for changed in (first, second):
        changed.create_transactions(is_new=True)
    print(
        json.dumps(
            {
                "source": f"made with pretix {pretix.__version__} by make.py; the people are invented",
                "valid_keys": [keys(party), keys(season)],
                "tickets": listed,
                "note": "as in ../pretix/tickets.json: the first event's keys are right, and other events' are not",
            },
            ensure_ascii=False,
            indent=1,
        )
    )
