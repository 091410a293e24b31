"""Serves a folder over HTTP on a free port of the loopback. Usage: serve.py FOLDER PORT-FILE. The socket is open
before the port is written, so nobody has to wait."""

import functools
import http.server
import sys

folder, port_file = sys.argv[1:]
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
    with open(port_file, "w", encoding="utf-8") as out:
        out.write(f"{server.server_address[1]}\n")
    server.serve_forever()
