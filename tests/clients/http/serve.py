"""Serves a folder of bare repositories over HTTP: lighttpd in front of git http-backend, on a free port of the
loopback. Usage: serve.py FOLDER PORT-FILE. The socket is open before the port is written, so nobody has to wait."""

import os
import socket
import subprocess
import sys

folder, port_file = map(os.path.abspath, sys.argv[1:])
backend = os.path.join(subprocess.check_output(["git", "--exec-path"], text=True).strip(), "git-http-backend")
config = os.path.join(os.path.dirname(port_file), "lighttpd.conf")

listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
with open(config, "w", encoding="utf-8") as out:
    out.write(f"""
server.modules = ("mod_alias", "mod_cgi", "mod_setenv")
server.document-root = "{folder}"
server.bind = "127.0.0.1"
server.port = {port}
server.systemd-socket-activation = "enable"
alias.url = ("/" => "{backend}/")
cgi.assign = ("" => "")
setenv.set-environment = ("GIT_PROJECT_ROOT" => "{folder}", "GIT_HTTP_EXPORT_ALL" => "1", "PATH" => env.PATH)
""")
if listener.fileno() != 3:
    os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
with open(port_file, "w", encoding="utf-8") as out:
    out.write(f"{port}\n")
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
lighttpd = next(path for path in ("/usr/sbin/lighttpd", "/usr/bin/lighttpd") if os.access(path, os.X_OK))
os.execv(lighttpd, [lighttpd, "-D", "-f", config])
