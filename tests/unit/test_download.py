"""The downloader against a server that breaks off, knows no ranges, redirects or lies."""

import errno
import hashlib
import http.server
import threading

import pytest

from seedbed import download
from seedbed.download import DownloadError, at_hand, checked, fetch, place_of

CONTENT = bytes(range(256)) * 400
SHA256 = hashlib.sha256(CONTENT).hexdigest()
KEY = "prompts.parti.local"


class Handler(http.server.BaseHTTPRequestHandler):
    """What it does with a request is in its path; every request is noted."""

    def do_GET(self):
        asked = self.headers.get("Range")
        self.server.asked.append((self.path, asked))
        begin = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        first = sum(path == self.path for path, _ in self.server.asked) == 1
        getattr(self, self.path.strip("/"))(begin, first)

    def say(self, code, body, headers):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def ranges(self, begin, first, sent=None):
        """The file, from where it is asked for; at most ``sent`` bytes of what is announced."""
        if begin >= len(CONTENT):
            return self.say(416, b"", {"Content-Range": f"bytes */{len(CONTENT)}"})
        rest = CONTENT[begin:]
        span = {"Content-Range": f"bytes {begin}-{len(CONTENT) - 1}/{len(CONTENT)}"}
        headers = {"Content-Length": len(rest)} | (span if begin else {})
        return self.say(206 if begin else 200, rest[:sent], headers)

    def breaks(self, begin, first):
        self.ranges(begin, first, 30_000)

    def once(self, begin, first):
        self.ranges(begin, first, 10_000 if first else None)

    def plain(self, begin, first):
        """A server that knows no ranges, and breaks off at the first request."""
        sent = CONTENT[:10_000] if first else CONTENT
        self.say(200, sent, {"Content-Length": len(CONTENT)})

    def always_short(self, begin, first):
        self.say(200, CONTENT[:10_000], {"Content-Length": len(CONTENT)})

    def gone(self, begin, first):
        self.say(404, b"no such thing", {})

    def busy(self, begin, first):
        if first:
            return self.say(503, b"", {})
        return self.ranges(begin, first)

    def moved(self, begin, first):
        self.say(302, b"", {"Location": "/once"})

    def another_part(self, begin, first):
        self.say(206, CONTENT, {"Content-Range": f"bytes 7-{len(CONTENT)}/{len(CONTENT) + 1}"})

    def silent(self, begin, first):
        self.server.release.wait(10)

    def endless(self, begin, first):
        self.say(200, CONTENT, {})

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.asked, httpd.release = [], threading.Event()
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    httpd.url = f"http://127.0.0.1:{httpd.server_port}"
    yield httpd
    httpd.release.set()
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def refusal(*arguments, **keywords):
    with pytest.raises(DownloadError) as caught:
        fetch(*arguments, key=KEY, **keywords)
    message = str(caught.value)
    assert "\n" not in message
    return message


def ranges_of(server):
    return [asked for _, asked in server.asked]


@pytest.mark.parametrize("path", ["ranges", "breaks", "once", "plain", "busy", "moved"])
def test_it_comes_whole_whatever_the_server_does(tmp_path, server, path):
    target = tmp_path / "new" / "file.zip"
    assert fetch(f"{server.url}/{path}", SHA256.upper(), target, key=KEY) == target
    assert target.read_bytes() == CONTENT
    assert [p.name for p in target.parent.iterdir()] == ["file.zip"]
    if path == "breaks":
        assert ranges_of(server) == [None, "bytes=30000-", "bytes=60000-", "bytes=90000-"]
    if path == "moved":
        # The redirection keeps the range.
        assert server.asked[-1] == ("/once", "bytes=10000-")


def test_from_a_file_too(tmp_path):
    source = tmp_path / "source"
    source.write_bytes(CONTENT)
    target = fetch(source.as_uri(), SHA256, tmp_path / "target", key=KEY)
    assert target.read_bytes() == CONTENT and target.stat().st_mode == source.stat().st_mode


def test_the_next_run_goes_on_where_the_last_gave_up(tmp_path, server, monkeypatch):
    target = tmp_path / "file.zip"
    monkeypatch.setattr(download, "TRIES", 1)
    monkeypatch.setattr(Handler, "breaks", lambda self, b, f: self.ranges(b, f, 30_000 * f))
    message = refusal(f"{server.url}/breaks", SHA256, target)
    assert "30,000 bytes are kept, run again to go on from there" in message
    assert [p.name for p in tmp_path.iterdir()] == [".file.zip.download"]
    fetch(f"{server.url}/ranges", SHA256, target, key=KEY)
    assert target.read_bytes() == CONTENT and ranges_of(server)[-1] == "bytes=30000-"
    assert [p.name for p in tmp_path.iterdir()] == ["file.zip"]


@pytest.mark.parametrize("left", [b"x" * 500, CONTENT, CONTENT + b"more", b"x" * len(CONTENT)])
def test_what_was_left_of_another_file_does_no_harm(tmp_path, server, left):
    target = tmp_path / "file.zip"
    (tmp_path / ".file.zip.download").write_bytes(left)
    fetch(f"{server.url}/ranges", SHA256, target, key=KEY)
    assert target.read_bytes() == CONTENT
    assert [p.name for p in tmp_path.iterdir()] == ["file.zip"]


def test_without_a_digest_nothing_is_gone_on_with(tmp_path, server, caplog):
    caplog.set_level("INFO")
    target = tmp_path / "file.zip"
    (tmp_path / ".file.zip.download").write_bytes(b"x" * 500)
    fetch(f"{server.url}/ranges", None, target, key=KEY)
    assert target.read_bytes() == CONTENT and ranges_of(server) == [None]
    assert f"sha256 {SHA256}, not checked" in caplog.text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("gone", "HTTP Error 404"),
        ("always_short", "10,000 of 102,400 bytes came"),
        ("silent", "timed out"),
    ],
)
def test_what_cannot_be_had_is_one_line(tmp_path, server, path, said):
    target = tmp_path / "out" / "file.zip"
    target.parent.mkdir()
    target.write_bytes(b"old")
    url = f"{server.url}/{path}"
    message = refusal(url, None, target, timeout=0.3)
    assert message.startswith(f"{url}: cannot be downloaded (") and said in message
    assert f"set {KEY} to the file" in message
    assert [p.name for p in target.parent.iterdir()] == ["file.zip"]
    assert target.read_bytes() == b"old"
    tries = {"gone": 1, "always_short": 1 + download.TRIES}.get(path, download.TRIES)
    assert len(server.asked) == tries


def test_another_part_than_was_asked_for_is_not_taken(tmp_path, server):
    (tmp_path / ".x.download").write_bytes(CONTENT[:10])
    message = refusal(f"{server.url}/another_part", SHA256, tmp_path / "x")
    assert "another part than it was asked for" in message and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/closed", "not a url"])
def test_no_server_no_address(tmp_path, url):
    assert refusal(url, SHA256, tmp_path / "x", timeout=0.3).startswith(f"{url}: cannot be down")
    assert list(tmp_path.iterdir()) == []


def test_another_file_is_refused_and_the_old_one_kept(tmp_path, server):
    target = tmp_path / "file.zip"
    target.write_bytes(b"old")
    message = refusal(f"{server.url}/ranges", "0" * 64, target)
    assert message.startswith(f"{server.url}/ranges: sha256 is {SHA256}, expected {'0' * 64};")
    assert [p.name for p in tmp_path.iterdir()] == ["file.zip"] and target.read_bytes() == b"old"


def test_no_more_than_a_file_may_have(tmp_path, server):
    for path in ("ranges", "endless"):
        message = refusal(f"{server.url}/{path}", SHA256, tmp_path / "x", most=1000)
        assert "1,000" in message and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("after", [0, 45_000])
def test_a_full_disk_leaves_nothing(tmp_path, server, monkeypatch, after):
    monkeypatch.setattr(download, "CHUNK", 10_000)
    room = [after]

    class Disk:
        """A file on a disk with room for so many bytes."""

        def __init__(self, file):
            self.file = file

        def write(self, data):
            if not room[0]:
                raise OSError(errno.ENOSPC, "No space left on device")
            count = min(room[0], len(data))
            room[0] -= count
            return self.file.write(data[:count])

        def __getattr__(self, name):
            return getattr(self.file, name)

    append = download._append
    monkeypatch.setattr(download, "_append", lambda file, chunk: append(Disk(file), chunk))
    message = refusal(f"{server.url}/ranges", SHA256, tmp_path / "file.zip")
    assert message.startswith(f"{tmp_path}/file.zip: cannot be written (No space left on device)")
    assert "name another folder in downloads" in message
    assert list(tmp_path.iterdir()) == []


def test_two_processes_do_not_write_one_file(tmp_path, server):
    with download._held(tmp_path / ".x.download", "u"):
        message = refusal(f"{server.url}/ranges", SHA256, tmp_path / "x")
        assert "another process is downloading it" in message
    assert fetch(f"{server.url}/ranges", SHA256, tmp_path / "x", key=KEY).exists()


def test_a_local_file_is_checked_where_it_lies(tmp_path):
    path, url = tmp_path / "f", "http://x.invalid/p"
    path.write_bytes(CONTENT)
    assert checked(path, SHA256.upper(), KEY, url) == path == checked(path, None, KEY, url)
    with pytest.raises(DownloadError, match=f"f: sha256 is {SHA256}, expected 0.* correct {KEY}"):
        checked(path, "0" * 64, KEY, url)
    with pytest.raises(DownloadError, match=f"gone: cannot be read .No such.*correct {KEY} or set"):
        checked(tmp_path / "gone", None, KEY, url)


def test_at_hand_for_as_long_as_it_is_needed(tmp_path, server):
    entry = {"url": f"{server.url}/ranges", "sha256": SHA256, "local": None}
    with at_hand(entry, KEY) as path:
        assert path.read_bytes() == CONTENT
    assert not path.exists()
    path = tmp_path / "own"
    path.write_bytes(CONTENT)
    with at_hand(entry | {"local": str(path)}, KEY) as found:
        assert found == path
    assert path.exists()


def test_places_are_told_apart():
    one, two = (place_of(f"https://{h}.invalid/a/train 1.zip?x=1", "d") for h in "ab")
    assert one != two and one.startswith("d/") and one.endswith("-train_1.zip")
    assert one == place_of("https://a.invalid/a/train 1.zip?x=1", "d")
