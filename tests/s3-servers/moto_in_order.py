"""moto's server, with conditional writes that hold.

moto looks whether a key is there and then writes it, and nothing keeps another thread from writing in between: on a
busy machine now and then two writers of one key both win, and the self-test of a teamspace rightly refuses the store.
Here one write ends before the next begins, which is what the stores that the app trusts promise.
"""

import sys
import threading

from moto.s3.responses import S3Response
from moto.server import main

writing = threading.RLock()


def in_order(method):
    def alone(*arguments, **named):
        with writing:
            return method(*arguments, **named)

    return alone


# A whole object, and a multipart upload that is completed.
S3Response.put_object = in_order(S3Response.put_object)
S3Response._key_response_post = in_order(S3Response._key_response_post)

main(sys.argv[1:])
