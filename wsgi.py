"""What a WSGI server imports: `wsgi:app`."""

from checkout_desk.app import create_app
from checkout_desk.serving import one_arena

one_arena()  # before the server makes threads
app = create_app()
