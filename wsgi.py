"""What a WSGI server imports: `wsgi:app`."""

import gc

gc.disable()  # it would look through modules again and again and find nothing

from checkout_desk.app import create_app  # noqa: E402
from checkout_desk.serving import keep_little_memory  # noqa: E402

keep_little_memory()
app = create_app()
gc.freeze()
gc.enable()
