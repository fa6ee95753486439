"""Frames of languages that are compiled to machine code: Go, Rust, C, C++, Objective-C and Swift."""

from __future__ import annotations

import re

from issuelog.model.traces.frame import Frame, base_name, named
from issuelog.model.traces.lazily import Pattern

# --- Go ------------------------------------------------------------------------------------------------------------

_GO_PLACE = Pattern(r"(\S.{0,400}\.(?:go|s)):\d+(?: \+0x[0-9a-f]+)?$")
_GO_CALL = Pattern(r"[\w./~%@·*()\[\]\-{},?$ ]{3,400}")
_GO_LIBRARY = Pattern(
    r"/(?:pkg/mod|vendor)/|/go[\w.-]*/src/|/libexec/src/|^_testmain\.go|[A-Z]:[\\/]Go[\\/]src|@v\d+\.\d+"
)
_GO_RUNTIME = Pattern(
    r"(?:runtime|net|reflect|testing|sync|syscall|os|io|fmt|encoding|database|context|bufio|bytes"
    r"|strings|time|crypto|errors|log|sort|strconv|text|html|internal|math"
    r"|regexp|compress|archive)(?:/[\w/]+)?\.|panic\(|golang\.org/x/|google\.golang\.org/"
)


def go(line: str, before: str) -> Frame | None:
    """Return what the line is as a frame of Go: a call, and its place in the line after it, or None."""
    place = _GO_PLACE.match(line)
    if not place or not _GO_CALL.fullmatch(before):
        return None
    if before.startswith("created by ") or "." not in before:
        return Frame("go", "", False)
    call = before[: before.rfind("(")] if before.endswith(")") else before
    name = re.sub(r"\[[^\[\]]{0,200}\]", "", call)
    name = re.sub(r"/v\d+(?=\.)", "", name).rpartition("/")[2].replace("(*", "").replace(")", "").replace("(", "")
    name = re.sub(r"(?:\.(?:func|gowrap|deferwrap)?\d+|-fm|·\w+·\d+|\.func\d+\S*)+$", "", name)
    return named("go", name, not (_GO_LIBRARY.search(place[1]) or _GO_RUNTIME.match(before)))


# --- Rust ----------------------------------------------------------------------------------------------------------

_RUST = Pattern(r"\d{1,4}:\s+(?:0x[0-9a-f]{4,16} - )?(\S.{0,300})$")
_RUST_RUNTIME = Pattern(
    r"<?(?:std|core|alloc|tokio|futures\w*|backtrace|test|panic_unwind|hashbrown|actix\w*|hyper|axum"
    r"|tower|serde\w*|rayon\w*|crossbeam\w*|anyhow|eyre|color_eyre)::"
    r"|_?rust_|__rust|_start|__libc|clone3?$|start_thread|main$|<unknown>|_main$|__pthread"
)
RUST_LIBRARY = Pattern(r"at (?:/rustc/|.{0,200}\.cargo[/\\]registry)")


def rust(line: str, _before: str) -> Frame | None:
    """Return what the line is as a frame of Rust, or None."""
    match = _RUST.match(line)
    if not match or ("::" not in match[1] and not _RUST_RUNTIME.match(match[1])):
        return None
    call = re.sub(r"::h[0-9a-f]{16}$", "", match[1])
    own = not _RUST_RUNTIME.match(call)
    call = re.sub(r"<(\S+) as [^<>]*>", r"\1", call.replace("::{{closure}}", ""))
    call = re.sub(r"<impl [^<>]* for ([^<>]+)>", r"\1", call)
    for _ in range(4):
        call = re.sub(r"(?:::)?<[^<>]*>", "", call)
    return named("rust", ".".join(part for part in call.split("::")[-2:] if part), own)


# --- native --------------------------------------------------------------------------------------------------------

_GDB = Pattern(r"#\d{1,4}\s+(?:0x[0-9a-f`]{1,20}\s+)?(?:in\s+)?(\S.{0,600})$", re.IGNORECASE)
_VALGRIND = Pattern(r"(?:==\d+==\s+)?(?:at|by) 0x[0-9A-Fa-f]+: (\S.{0,400}?) \((?:in )?([^()]{1,300})\)$")
_TOMBSTONE = Pattern(
    r"#\d\d\s+(?:pc|0x)\s*[0-9a-f]{4,16}\s+(\S{1,300})(?:\s+\((?:offset \S+\)\s\()?([^()\s]{1,200}?)(?"
    r":\([^()]{0,200}\))?(?:\+\d+)?\))?"
)
_WINDBG = Pattern(
    r"(?:[0-9a-f]{1,4} )?(?:[0-9a-f`]{8,17} ){0,3}([\w.-]{1,60})!([^\s+]{1,200})(?:\s?\+\s?0x[0-9a-f]+|\(|$)",
    re.IGNORECASE,
)
_GLIBC = Pattern(r"(\S{1,300})\(([\w:~<>$]{1,200})\+0x[0-9a-f]+\)\s?\[0x[0-9a-f]+\]$")
_SYSTEM_FILE = Pattern(
    r"(?:^|\s|\()(?:/usr)?/lib(?:32|64|x32)?/|/system/|/apex/|/vendor/lib|sysdeps/|/build/glibc"
    r"|\.\./nptl|libc\.so|vgpreload|libsystem|/usr/include/c\+\+|bits/stl_|compiler-rt"
    r"|sanitizer_common",
    re.IGNORECASE,
)
_SYSTEM_CALL = Pattern(
    r"(?:__(?:asan|interceptor|libc|GI|sanitizer|ubsan|cxa|gnu|kernel|pthread|restore|fortify|chk"
    r"|stack_chk|assert)|_Unwind|_start|_dl_|std::|__gnu_cxx::|operator (?:new|delete)"
    r"|(?:clone3?|start_thread|raise|abort|malloc|calloc|realloc|free|strlen|strcpy|strcmp|strncpy"
    r"|memcpy|memmove|memset|memcmp|printf|vfprintf|gsignal|kill|tgkill"
    r"|pthread_\w+|dlopen|dlsym|exit|syscall|poll|select|read|write|main|wWinMain|WinMain|invoke_main"
    r"|BaseThreadInitThunk|RtlUserThreadStart|_main|libc_init)(?:\b|$))"
)
_SYSTEM_MODULE = frozenset(
    [
        "ntdll",
        "kernel32",
        "kernelbase",
        "ucrtbase",
        "ucrtbased",
        "msvcrt",
        "vcruntime140",
        "msvcp140",
        "user32",
        "win32u",
        "combase",
        "ole32",
        "rpcrt4",
        "gdi32",
        "advapi32",
        "clr",
        "coreclr",
        "mscorwks",
    ]
)


def native(line: str, _before: str) -> Frame | None:
    """Return what the line is as a frame of gdb, of a sanitizer or of an Android tombstone, or None."""
    match = _TOMBSTONE.match(line)
    if match:
        system = bool(_SYSTEM_FILE.search(match[1])) or base_name(match[1]).startswith(
            ("libc.", "libart", "libdvm", "libutils", "libbinder", "linker")
        )
        return _native_named(match[2] or ("" if system else base_name(match[1])), system)
    match = _GDB.match(line)
    if not match:
        return None
    rest = match[1]
    function = re.split(r"\s+\(|\s+at\s|\s+from\s|\s+(?=/|\w:\\|<)|\s+[\w./-]+\.\w{1,4}:\d", rest, maxsplit=1)[0]
    return _native_named(function, bool(_SYSTEM_FILE.search(rest[len(function) :])))


def valgrind(line: str, _before: str) -> Frame | None:
    """Return what the line is as a frame of Valgrind, or None."""
    match = _VALGRIND.match(line)
    return _native_named(match[1], bool(_SYSTEM_FILE.search(match[2]))) if match else None


def windbg(line: str, _before: str) -> Frame | None:
    """Return what the line is as a frame of a Windows debugger or of glibc, or None."""
    match = _WINDBG.match(line)
    if match:
        return _native_named(match[2], match[1].lower() in _SYSTEM_MODULE)
    glibc = _GLIBC.match(line)
    return _native_named(glibc[2], bool(_SYSTEM_FILE.search(glibc[1]))) if glibc else None


def _native_named(function: str, system: bool) -> Frame:
    for _ in range(4):
        if "<" not in function:
            break
        function = re.sub(r"<[^<>]*>", "", function)
    function = re.sub(
        r"@plt$|@@?GLIBC\S*$|\.(?:constprop|isra|part|cold)\.?\d*|\[abi:\w+\]", "", function.split("(")[0].strip()
    )
    own = not system and not _SYSTEM_CALL.match(function)
    name = "::".join(function.split(" ")[-1].split("::")[-2:])
    return (
        Frame("native", "", False)
        if name in ("??", "", "unknown") or name.startswith("0x")
        else named("native", name, own)
    )


# --- Apple ---------------------------------------------------------------------------------------------------------

_APPLE = Pattern(
    r"\d{1,3}\s+(\S.{0,50}?)\s+0x[0-9a-f]{4,16}\s+(\S.{0,300}?)(?:\s\+\s\d+)?(?:\s\([\w.+-]{1,80}:\d+\))?$",
    re.IGNORECASE,
)
_APPLE_LIBRARY = Pattern(
    r"CoreFoundation|Foundation|UIKit(?:Core)?|libobjc|libsystem|libdispatch|libc\+\+|libdyld|dyld"
    r"|GraphicsServices|QuartzCore|WebKit|WebCore|JavaScriptCore|CFNetwork|Security|AppKit"
    r"|HIToolbox|libswift|SwiftUI|CoreGraphics|CoreData|CoreText|CoreAnimation|IOKit"
    r"|FrontBoardServices|BaseBoard|MapKit|AVFoundation|libxpc|libpthread|AttributeGraph|Combine"
    r"|\?\?\?"
)


def apple(line: str, _before: str) -> Frame | None:
    """Return what the line is as a frame of a crash on iOS or macOS, or None."""
    match = _APPLE.match(line)
    if not match:
        return None
    image, call = match[1], match[2]
    method = re.search(r"[-+]\[(\w+)(?:\(\w+\))? ([\w:]+)\]", call)
    if method:
        name = f"{method[1]}.{method[2]}"
    else:
        name = re.sub(r"<[^<>]*>|\(.*$|_block_invoke\S*$", "", call).strip("_ ").split(" ")[0]
        name = "::".join(name.split("::")[-2:])
    if (
        name in ("", "redacted", image, "main", "start")
        or name.startswith("0x")
        or call.startswith(("<redacted>", "0x"))
    ):
        return Frame("apple", "", False)
    return named("apple", name, not _APPLE_LIBRARY.match(image))
