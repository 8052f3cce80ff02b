"""Runs a command on a real terminal (a pseudo-terminal), reads what it shows, and types answers."""

import os
import pty
import select
import subprocess
import time


def run_on_terminal(command, answers=(), timeout=120, **options):
    """(exit code, everything the terminal showed). Each of `answers` is (text to wait for, line to
    type); a command that ends, or falls silent past the timeout, before it asked shows so."""
    master, slave = pty.openpty()
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave,
                               start_new_session=True, close_fds=True, **options)
    os.close(slave)
    shown = b""
    seen = 0  # what was answered already is not asked again
    waiting = list(answers)
    deadline = time.monotonic() + timeout
    try:
        while True:
            ready, _, _ = select.select([master], [], [], 0.1)
            if ready:
                try:
                    part = os.read(master, 65536)
                except OSError:  # Linux: the other side is closed
                    part = b""
                if not part:
                    break
                shown += part
                if waiting and waiting[0][0].encode() in shown[seen:]:
                    seen = len(shown)
                    os.write(master, waiting.pop(0)[1].encode() + b"\n")
            elif process.poll() is not None:
                break
            if time.monotonic() > deadline:
                process.kill()
                raise AssertionError(f"no end after {timeout} s, it showed:\n{shown.decode()}")
        return process.wait(timeout), shown.decode("utf-8", "replace").replace("\r\n", "\n")
    finally:
        os.close(master)
        if process.poll() is None:
            process.kill()
        process.wait()
