"""The command in processes of its own, of which only the first imports Keras.

usage: forked.py serve SOCKET             until standard input ends
       forked.py ask SOCKET [ARGUMENT ...]

The server imports what the command needs, and forks a process for each that asks. That
has the streams, the folder and the arguments of the one that asked, runs the command as
`python -m layerbridge.bridge` does, and ends as Python ends, which is what counts here.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress

STREAMS = {0: "r", 1: "w", 2: "w"}


def serve(path):
    import layerbridge.bridge.cli
    import layerbridge.bridge.resolve  # noqa: F401

    gc.freeze()  # else each process spends a second on collecting Keras at its end
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        print("ready", flush=True)
        while server in select.select([server, sys.stdin], [], [])[0]:
            client, _ = server.accept()
            message, opened, *_ = socket.recv_fds(client, 2**16, len(STREAMS))
            if not (child := os.fork()):
                os.close(server.detach())
                return become(json.loads(message), opened)
            for number in opened:
                os.close(number)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            with suppress(BrokenPipeError):
                client.send(str(status).encode())
            client.close()
    return 0


def become(request, opened):
    """Run the command as the process would that sent the request."""
    for number, mode in STREAMS.items():
        stream = None
        os.close(number)
        if number in request["streams"]:
            os.dup2(opened.pop(0), number)
            stream = open(number, mode, closefd=False)  # noqa: SIM115
        setattr(sys, ("stdin", "stdout", "stderr")[number], stream)
    os.chdir(request["folder"])
    sys.path[0] = request["folder"]
    sys.argv[1:] = request["arguments"]
    from layerbridge_command import main

    return main()


def ask(path, arguments):
    """Let a process of the server's run the command; end as it ended."""
    request = {"arguments": arguments, "folder": os.getcwd()}
    request["streams"] = [number for number in STREAMS if is_open(number)]
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        message = json.dumps(request).encode()
        socket.send_fds(server, [message], request["streams"])
        status = int(server.recv(16))
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return status


def is_open(number):
    with suppress(OSError):
        os.fstat(number)
        return True
    return False


if __name__ == "__main__":
    _, what, path, *arguments = sys.argv
    sys.exit(serve(path) if what == "serve" else ask(path, arguments))
