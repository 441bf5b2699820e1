"""The emulated box: its plug, its screen as seen from outside, its keyboard, its USB port, and a shell in it."""

import json
import socket
import subprocess
import time

# Wide enough for an emulator without KVM on a busy machine, in seconds.
PATIENCE = 240
GREEN, RED, AMBER = "green", "red", "amber"
# Amber too, but a line of the scan page alone, as for a camera that is away.
LINE = "line"


class Failed(Exception):
    pass


class Machine:
    """A root that is read only, and a small disk for /var/lib/greenlit."""

    def __init__(self, folder):
        self.folder, self.process = folder, None

    def boot(self, *, clock="utc", screens=1, kernel=""):
        """Plugs it in: with what its clock says (a box without a battery does not know), and so many screens."""
        for name in ("agent", "qmp"):
            (self.folder / name).unlink(missing_ok=True)
        self.booted, self.screens = time.monotonic(), screens
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", "tcg", "-m", "1024", "-smp", "2", "-vga", "none", "-display", "none", "-nic", "none",
             "-rtc", f"base={clock}",
             "-kernel", self.folder / "vmlinuz", "-initrd", self.folder / "initrd",
             "-append", f"root=/dev/vda ro console=ttyS0 quiet vt.global_cursor_default=0 {kernel}",
             "-drive", f"file={self.folder}/run.img,if=virtio,format=raw,cache=writeback",
             "-drive", f"file={self.folder}/data.img,if=virtio,format=raw,cache=writeback",
             *(part for number in range(screens) for part in ("-device", f"virtio-gpu-pci,xres=1024,yres=600,id=screen{number}")),
             "-device", "virtio-keyboard-pci", "-device", "virtio-tablet-pci", "-device", "virtio-serial-pci", "-device", "qemu-xhci",
             "-chardev", f"socket,id=agent,path={self.folder}/agent,server=on,wait=off", "-device", "virtserialport,chardev=agent,name=agent",
             "-serial", f"file:{self.folder}/serial.log", "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off"],
            stdin=subprocess.DEVNULL)
        while not all((self.folder / name).exists() for name in ("agent", "qmp")):
            if self.process.poll() is not None:
                raise Failed("the emulator does not start")
            time.sleep(0.1)

    def power_off(self):
        """As if somebody pulled the plug."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def ask(self, *commands):
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(PATIENCE)
            link.connect(str(self.folder / "qmp"))
            file = link.makefile("rw")
            file.readline()
            for command in ({"execute": "qmp_capabilities"}, *commands):
                file.write(json.dumps(command) + "\n")
                file.flush()
                while True:
                    answer = json.loads(file.readline())
                    if "error" in answer:
                        raise Failed(answer["error"]["desc"])
                    if "return" in answer:
                        break
                # A key after another: the keyboard's queue is short.
                time.sleep(0.02)

    def run(self, line, patience=PATIENCE):
        """A shell's line in the guest, and what it printed."""
        until = time.monotonic() + patience
        while True:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(patience)
                try:
                    link.connect(str(self.folder / "agent"))
                    link.sendall(line.encode() + b"\n")
                    told = b""
                    while not (b"==done " in told and told.endswith(b"\n")):
                        part = link.recv(65536)
                        if not part:
                            raise OSError("it went away")
                        told += part
                    text, _, code = told.decode().rpartition("==done ")
                    return text.strip(), int(code)
                except OSError as error:
                    if time.monotonic() > until:
                        raise Failed(f"the guest does not answer: {error}") from error
                    time.sleep(2)

    def type(self, text):
        """As an American keyboard, with Enter at the end."""
        signs = {":": "shift-semicolon", "+": "shift-equal", "-": "minus", ".": "dot", "/": "slash", " ": "spc"}
        signs.update({sign: f"shift-{digit}" for sign, digit in zip(")!@#$%^&*(", "0123456789")})
        for sign in text:
            key = signs.get(sign) or (f"shift-{sign.lower()}" if sign.isupper() else sign)
            self.press(key)
        self.press("ret")

    def press(self, keys):
        names = keys.split("-")
        order = [(True, name) for name in names] + [(False, name) for name in reversed(names)]
        events = [{"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": name}}} for down, name in order]
        self.ask({"execute": "input-send-event", "arguments": {"events": events}})

    def tap(self, across, down):
        """Somewhere on the screen, in shares of it."""
        where = [{"type": "abs", "data": {"axis": axis, "value": int(share * 0x7FFF)}} for axis, share in (("x", across), ("y", down))]
        button = [[{"type": "btn", "data": {"down": down, "button": "left"}}] for down in (True, False)]
        for events in (where, *button):
            self.ask({"execute": "input-send-event", "arguments": {"events": events}})

    def plug_stick_in(self, image):
        self.ask({"execute": "blockdev-add", "arguments": {
                      "node-name": "stick", "driver": "raw", "read-only": True, "file": {"driver": "file", "filename": str(image), "read-only": True}}},
                 {"execute": "device_add", "arguments": {"driver": "usb-storage", "id": "stick", "drive": "stick"}})

    def pull_stick_out(self):
        self.ask({"execute": "device_del", "arguments": {"id": "stick"}})
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.ask({"execute": "blockdev-del", "arguments": {"node-name": "stick"}})
            except Failed:
                # It takes a moment until the port has let go of it.
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def picture(self, file, number, **more):
        """Of one of its screens."""
        self.ask({"execute": "screendump", "arguments": {"filename": str(file), "device": f"screen{number}", **more}})

    def screen(self):
        """Which of its screens shows something, or the last one; its width and height, and its pixels."""
        for number in range(self.screens):
            file = self.folder / "screen.ppm"
            self.picture(file, number)
            _, size, _, pixels = file.read_bytes().split(b"\n", 3)
            if any(pixels):
                break
        width, height = map(int, size.split())
        return number, width, height, pixels

    def colour(self):
        """Which answer the screen shows, by what most of its coloured pixels are."""
        _, width, height, pixels = self.screen()
        count = dict.fromkeys((GREEN, RED, AMBER), 0)
        for place in range(0, width * height, 97):
            red, green, blue = pixels[3 * place:3 * place + 3]
            if green > 120 and red < 100 and blue < 150:
                count[GREEN] += 1
            elif red > 140 and green < 60 and blue < 90:
                count[RED] += 1
            elif red > 220 and 150 < green < 220 and blue < 120:
                count[AMBER] += 1
        name = max(count, key=count.get)
        share = count[name] * 97 / (width * height)
        if share < 1 / 12:
            return None
        return LINE if name == AMBER and share < 1 / 4 else name
