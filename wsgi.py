"""What a WSGI server imports: `wsgi:app`."""

from checkout_desk.app import create_app

app = create_app()
