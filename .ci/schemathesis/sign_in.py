"""Opens a session and prints it for a shell: NARYAD_TOKEN, NARYAD_SESSION, NARYAD_USER."""

import json
import os
import shlex
import urllib.request

login = {"login": os.environ["NARYAD_LOGIN"], "password": os.environ["NARYAD_PASSWORD"]}
headers = {"content-type": "application/json"}
request = urllib.request.Request(os.environ["NARYAD_URL"] + "/api/v1/auth/login", json.dumps(login).encode(), headers)
with urllib.request.urlopen(request, timeout=60) as answer:
    tokens = json.load(answer)
told = {"TOKEN": tokens["access_token"], "SESSION": tokens["session_id"], "USER": tokens["user"]["id"]}
for name, value in told.items():
    print(f"export NARYAD_{name}={shlex.quote(value)}")
