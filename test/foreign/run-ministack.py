"""Runs MiniStack for as long as the process that started it: standard input ends with that, however it came to its end."""

import os
import signal
import sys
import threading

from ministack.app import main


def end_with_parent():
    sys.stdin.buffer.read()
    # Its functions are in the same group, which nobody else is in.
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


threading.Thread(target=end_with_parent, daemon=True).start()
main()
