"""A guest book: a list of messages, newest first, kept in a file beside the program."""

import json
from datetime import datetime, timezone
from pathlib import Path

from flask import Flask, abort, redirect, render_template_string, request, url_for

app = Flask(__name__)
STORE = Path(__file__).with_name("messages.json")
PAGE = """
<!doctype html><title>Guest book</title>
<form method="post"><input name="name"><textarea name="text"></textarea><button>Sign</button></form>
{% for entry in entries %}<p><b>{{ entry.name }}</b> {{ entry.time }}<br>{{ entry.text }}</p>{% endfor %}
"""


def load():
    return json.loads(STORE.read_text()) if STORE.exists() else []


def save(entries):
    STORE.write_text(json.dumps(entries, indent=1))


@app.get("/")
def index():
    return render_template_string(PAGE, entries=load())


@app.post("/")
def sign():
    name = request.form.get("name", "").strip()[:80]
    text = request.form.get("text", "").strip()[:2000]
    if not name or not text:
        abort(400, "name and text are required")
    entry = {"name": name, "text": text, "time": datetime.now(timezone.utc).isoformat(timespec="minutes")}
    save([entry, *load()])
    return redirect(url_for("index"))


if __name__ == "__main__":
    app.run(debug=True)
