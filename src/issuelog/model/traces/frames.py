"""Reading one frame of a stack trace: the language, a name without numbers, and whether it is the application's own.

A frame is the application's own unless its path or package is known for a library or a runtime: the tables below.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from issuelog.model.traces.compiled import RUST_LIBRARY, apple, go, native, rust, valgrind, windbg
from issuelog.model.traces.frame import INSTANCE, Frame, Reader, base_name, named
from issuelog.model.traces.lazily import Pattern

__all__ = ["RUST_LIBRARY", "read"]

# --- Python --------------------------------------------------------------------------------------------------------

_PYTHON = Pattern(r'File "([^"\n]{1,400})", line \d+(?:, in (.{1,100}))?$')
_PYTHON_LIBRARY = Pattern(
    r"site-packages|dist-packages|[\\/]lib(?:64)?[\\/]python\d|python[\d.]*[\\/]lib[\\/]|<frozen|[\\/]pypy",
    re.IGNORECASE,
)


def _python(line: str, _before: str) -> Frame | None:
    match = _PYTHON.match(line)
    if not match:
        return None
    path, function = match[1], (match[2] or "").split("(")[0].strip()
    parts = re.split(r"[\\/]", path)
    base = re.sub(r"\.py[cw]?$", "", parts[-1])
    if base in ("__init__", "__main__") and len(parts) > 1:
        base = parts[-2]
    base = INSTANCE.sub("", base)
    return named("python", f"{base}.{function}" if function else base, not _PYTHON_LIBRARY.search(path))


# --- Java, Kotlin, Scala, Android ----------------------------------------------------------------------------------

_JAVA = Pattern(
    r"at\s{0,3}(?:[\w.@-]{0,80}/{1,2}){0,3}+([\w$.<>\u00c0-\u024f-]{2,300}+)\s?"
    r"\((?:Native Method|Unknown Source(?::\d+)?|<generated>|SourceFile(?::\d+)?|Compiled Code"
    r"|[\w$-]{1,100}\.(?:java|kts?|scala|groovy|clj)(?::-?\d+)?)\)"
)
_JAVA_LIBRARY = Pattern(
    r"(?:java|javax|jdk|sun|jakarta|kotlin|kotlinx|scala|groovy|clojure|dalvik|android|androidx"
    r"|libcore|akka|reactor|rx|retrofit2?|okhttp3?|okio|junit|bsh"
    r"|com\.(?:sun|android|google|fasterxml|zaxxer|mysql|oracle|ibm|squareup|mongodb|microsoft"
    r"|intellij|jetbrains|amazonaws|mchange|facebook|netflix)"
    r"|org\.(?:apache|springframework|hibernate|eclipse|jboss|junit|postgresql|mozilla|codehaus"
    r"|gradle|slf4j|h2|mariadb|glassfish|wildfly|quartz|aspectj"
    r"|xml|w3c|json|omg|ietf|bouncycastle|objectweb|jetbrains|chromium|thymeleaf|mockito|testng"
    r"|elasticsearch|kxml2|xmlpull)"
    r"|io\.(?:netty|reactivex|undertow|vertx|ktor|grpc|micrometer|micronaut|quarkus|smallrye)|oracle|net\.sf|ch\.qos)\."
)
_MADE = Pattern(
    r"\$Proxy\d*\.|\$\$Lambda|\$\$(?:Enhancer|FastClass|Spring)|Generated\w*Accessor|^jdk\.proxy"
    r"|\$\$ExternalSyntheticLambda|^(?:LambdaForm|\$Proxy)"
)


def _java(line: str, _before: str) -> Frame | None:
    match = _JAVA.match(line)
    if not match or "." not in match[1]:
        return None
    call = match[1]
    if _MADE.search(call):
        return Frame("java", "", False)
    owner, _, method = call.rpartition(".")
    owner = re.sub(r"\$+(?:\d+|_)(?=\$|$)", "", owner.rpartition(".")[2])
    method = re.sub(r"^lambda\$(\w+?)(?:\$\d+)?$", r"\1", method)
    method = re.sub(r"\$+(?:\d+|default|suspendImpl)$", "", method)
    return named("java", f"{owner}.{method}", not _JAVA_LIBRARY.match(call))


# --- .NET ----------------------------------------------------------------------------------------------------------

_DOTNET = Pattern(
    r"(?:at|bei|à|в|en|in|w|em|vid|ved|om|a)\s{1,3}([\w.<>`+"
    r"|$\[\],&*=@\u00c0-\u024f]{3,400}+)\s?\((?:[^()]|\([^()]{0,100}\)){0,600}+\)"
    r"(?:\s(?:in|dans|в|en|w|em|i)\s.{1,400}:(?:\w{1,10}\s)?\d+[.]?|\s\[0x[0-9a-f]{1,8}\].{0,300})?\s*$"
)
_DOTNET_LIBRARY = Pattern(
    r"(?:System|Microsoft|Newtonsoft|Npgsql|MySql|NHibernate|MediatR|Autofac|Castle|Swashbuckle"
    r"|Serilog|Dapper|Polly|Grpc|StackExchange|AutoMapper|FluentValidation"
    r"|MassTransit|Hangfire|NLog|log4net|UnityEngine|UnityEditor|Xunit|NUnit|RestSharp|Mono|MS"
    r"|Windows|Interop)\.|lambda_method"
)


def _dotnet(line: str, _before: str) -> Frame | None:
    match = _DOTNET.match(line)
    if not match or "." not in match[1] or match[1].endswith((".js", ".ts")):
        return None
    call = re.sub(r"`\d+|\[[^\[\]]*\]", "", match[1])
    kept = re.sub(r"\.?<(\w+)>[dg]__(?:(\w+)\|)?[\w]*(?:\.MoveNext)?$", r".\1", call)
    kept = re.sub(r"[.+]<>c(?:__DisplayClass\w+)?(?=[.+])", "", kept)
    kept = re.sub(r"<(\w+)>[bg]__[\w|]+", r"\1", kept)
    parts = [part for part in re.split(r"[.+]", kept) if part]
    return named("dotnet", ".".join(parts[-2:]), not _DOTNET_LIBRARY.match(call))


# --- JavaScript ----------------------------------------------------------------------------------------------------

_V8 = Pattern(r"at\s{1,3}(?:async )?(?:new )?([^()\n]{1,300}+)\((.{1,500})\)\s*$")
_V8_BARE = Pattern(r"at\s{1,3}(?:async )?([^\s()]{1,500}):\d+:\d+\)?$")
_V8_PLACE = Pattern(r".*?:\d+(?::\d+)?$|native$|<anonymous>$|index \d+$")
_GECKO = Pattern(
    r"([^@\s(){}\"';]{0,200}|(?:global|module|eval) code)@((?:https?|file|webpack|webpack-internal"
    r"|app|capacitor|ionic|resource|blob|moz-extension|safari-extension)?:?[^\s@]{0,500}?)(?::\d+)"
    r"{1,2}$"
)
_GECKO_NATIVE = Pattern(r"[\w$.]{0,100}@?\[native code\]$")
_SCRIPT_LIBRARY = Pattern(
    r"node_modules|bower_components|node:|(?:^|[(/])internal/|webpack/(?:bootstrap|runtime)|^native$"
    r"|^<anonymous>$|^index \d|chrome-extension:|moz-extension:"
    r"|(?:^|[/\\.~-])(?:vendors?|polyfills?|framework|jquery|react-dom|react|angular|vue|zone|lodash"
    r"|bootstrap|runtime~?\w*)[\w.~-]*\.m?js"
    r"|^(?:node|module|events|net|fs|timers|stream|_stream_\w+|child_process|vm|http|https|_http_\w+"
    r"|tls|dns|url|path|util|domain|bootstrap_node|assert)\.js(?::|$)"
    r"|/usr/(?:local/)?lib/node|ti:/|kroll\.js"
)
_BUNDLE_HASH = Pattern(
    r"[.~_-](?=[0-9a-zA-Z_-]*\d)[0-9a-zA-Z_]{5,40}(?=[.~_-]|$)|[.-](?:min|bundle|chunk|prod"
    r"|production|esm|cjs|umd)(?=\.|$)"
)


def _script(kind_line: str, _before: str) -> Frame | None:
    match = _V8.match(kind_line)
    if match:
        place = match[2]
        if place.startswith("eval at"):
            place = place.rpartition(", ")[2]
        return _scripted(match[1], place) if _V8_PLACE.match(place) else None
    bare = _V8_BARE.match(kind_line)
    if bare and ("/" in bare[1] or "\\" in bare[1] or "." in bare[1] or bare[1].startswith(("node:", "<anonymous>"))):
        return _scripted("", bare[1])
    return None


def _gecko(line: str, _before: str) -> Frame | None:
    if _GECKO_NATIVE.match(line):
        return Frame("javascript", "", False)
    match = _GECKO.match(line)
    if not match or not re.search(r"[/\\]|\.m?[jt]sx?\b|debugger eval|code$", match[2]):
        return None
    function = match[1].split("*")[-1].strip("/<")
    return _scripted(function, match[2])


def _scripted(function: str, place: str) -> Frame:
    place = re.sub(r"(?::\d+){1,2}$", "", place)
    base = base_name(re.split(r"[?#]", place)[0].rstrip("/"))
    base = re.sub(r"\.(?:[cm]?[jt]sx?|vue|svelte|html?|php|aspx?|jsp|bundle)$", "", base)
    base = _BUNDLE_HASH.sub("", base)
    function = function.split(" [as ")[0].strip().split("/")[0].rstrip("<").strip()
    function = re.sub(r"^(?:async|new|get|set) ", "", function)
    function = function.rpartition(".")[2] or function
    if (
        function in ("<anonymous>", "anonymous", "global code", "module code", "eval code", "eval", "?", "")
        or len(function) < 3
    ):
        function = ""  # a name that a bundler made is another in each release
    return named("javascript", ".".join(part for part in (base, function) if part), not _SCRIPT_LIBRARY.search(place))


# --- Ruby and PHP --------------------------------------------------------------------------------------------------

_RUBY = Pattern(
    r"(?:\d{1,4}:\s+)?(?:from )?((?:[A-Za-z]:)?[^\s:]{1,300}|<internal:[\w-]{1,40}>"
    r"|\(irb\)):\d+:in [`']([^'\n]{1,150})'"
)
_RUBY_LIBRARY = Pattern(r"/gems/|/ruby/\d|<internal:|/lib/ruby|/rubygems|\(irb\)|/bin/(?:rails|bundle|rake|puma)$")
_PHP = Pattern(
    r"#\d{1,4}\s+(?:(\S.{0,300}?)\(\d+\)|\[internal function\]): ([\w\\:>{}$-]{1,200})(?:\(|$)|#\d{1,4} \{main\}"
)


def _ruby(line: str, _before: str) -> Frame | None:
    match = _RUBY.match(line)
    if not match:
        return None
    function = re.split(r"[#.]", match[2].rpartition(" ")[2])[-1]
    base = re.sub(r"\.(?:rb|erb|rake|ru|haml|slim)$", "", re.sub(r"\.html\.", ".", base_name(match[1])))
    return named("ruby", f"{base}.{INSTANCE.sub('', function)}", not _RUBY_LIBRARY.search(match[1]))


def _php(line: str, _before: str) -> Frame | None:
    match = _PHP.match(line)
    if not match:
        return None
    if not match[2]:
        return Frame("php", "", False)
    path = match[1] or ""
    call = re.sub(r"->|::", ".", match[2].rpartition("\\")[2])
    name = call if "." in call else f"{re.sub(r'[.]php$', '', base_name(path))}.{call}"
    return named("php", name, bool(path) and not re.search(r"[\\/](?:vendor|wp-includes)[\\/]", path))


# --- which reader reads a line -------------------------------------------------------------------------------------

_BY_WORD: tuple[Reader, ...] = (_java, valgrind, _script, _dotnet)
_BY_NUMBER: tuple[Reader, ...] = (apple, rust, _ruby, windbg)
_AT_WORDS = ("at ", "at\t", "bei ", "à ", "в ", "by ", "en ", "in ", "w ", "em ")


def read(line: str, before: str) -> Frame | None:
    """Return the frame that a line is, or None; `before` is the line before it, which Go needs."""
    if not line:
        return None
    for reader in _readers(line):
        found = reader(line, before)
        if found:
            return found
    return None


def _readers(line: str) -> tuple[Reader, ...]:
    first = line[0]
    if line.startswith(_AT_WORDS):
        return _BY_WORD
    if first == "F" and line.startswith('File "'):
        return (_python,)
    if first == "#":
        return (_php, native)
    if first == "=" and line.startswith("=="):
        return (valgrind,)
    if first.isdigit() and (_BY_NUMBER_HINT(line) or ".rb:" in line):
        return _BY_NUMBER
    if ".go:" in line or ".s:" in line:
        return (go,)
    if ":in " in line:
        return (_ruby,)
    if "@" in line:
        return (_gecko,)
    return (windbg,) if "+0x" in line or ("!" in line and "::" in line) else ()


_BY_NUMBER_HINT: Callable[[str], object] = Pattern(r"\d+:?\s").match
