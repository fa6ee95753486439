"""Which error messages say too little to tell one error from another."""

from __future__ import annotations

import re

from issuelog.model.traces.lazily import Pattern, phrases, words

# Words that any error may have, in the languages that customers write in; a message of nothing else identifies none.
_SAY_NOTHING = words("""
         a an and any are as at be been by can cannot could did do does doing done for from had has have here
    how doesn't don't can't isn't won't didn't couldn't wasn't aren't haven't hasn't i if in into is it its just
    me my no not of on once or our please so some something that the there this to try up us was we went
    were when while with would you your yet again later now still error errors err fail failed fails failing
    failure failures exception exceptions fault crash crashed crashes problem problems issue issues bug
    wrong invalid unexpected unknown unhandled uncaught internal general generic fatal critical severe warning
    warn info debug trace occurred occured occurs happened happen happens encountered raised thrown reported
    message code status result reason detail details description type null none nil undefined nan void empty
    true false ok yes nothing unspecified unnamed na n see log logs contact support administrator admin
    operation request action process page server app application system program software operating stopped exit
    exited terminated termination returned return non zero value values while during after before running run
    runs failed-to stopping working work works broken sorry oops whoops uups unfortunately unavailable
    temporarily closed quit aborted abort ein eine einen einem einer eines es der die das den dem des und
    oder ist sind war waren wird wurde werden worden hat haben kann konnte nicht kein keine etwas leider
    bitte sie versuchen versuche später erneut wieder noch einmal mal im in am an auf bei beim mit von vom zu
    zum zur so fehler fehlermeldung fehlgeschlagen fehlgeschlagene gescheitert schief gelaufen gegangen
    schiefgelaufen schiefgegangen aufgetreten unbekannt unbekannter unbekannte unerwartet unerwarteter
    unerwarteten interner interne allgemeiner allgemeine schwerer schwerwiegender problem probleme meldung
    hinweis ausnahme ungültig abgebrochen abgestürzt abbruch vorgang anfrage seite anwendung programm keine
    leer une erreur est survenue inconnue un se ha producido ocurrido desconocido si è verificato errore
    sconosciuto erro ocorreu le la el los
    """)
# Whole messages of operating systems, protocols and languages: each of them has a thousand causes.
_COMMONPLACE = phrases("""
    bad request|not found|file not found|page not found|forbidden|unauthorized|access denied|access is denied
    permission denied|timeout|timed out|time out|connection refused|connection reset|connection reset by peer
    connection timed out|connection closed|connection lost|connection error|connection failed|network error
    network request failed|no network|no internet|no internet connection|script error|load failed
    failed to fetch|out of memory|memory error|internal server error|server error|service unavailable
    bad gateway|gateway timeout|gateway time-out|segmentation fault|bus error|broken pipe|aborted|killed
    no such file or directory|file does not exist|does not exist|already exists|invalid argument
    illegal argument|syntax error|parse error|end of file|unexpected end of file|unexpected end of input
    null pointer|null reference|build failed|compilation failed|access violation|disk full|login failed
    read timed out|linker command failed with exit code 1 (use -v to see invocation|java heap space
    operation timed out|request timed out|request timeout|the operation was canceled|the operation has timed out
    cancelled|canceled|keine verbindung|verbindung fehlgeschlagen|verbindungsfehler|netzwerkfehler
    zugriff verweigert|zugriff abgelehnt|nicht gefunden|datei nicht gefunden|seite nicht gefunden
    zeitüberschreitung|keine berechtigung|interner serverfehler|serverfehler|anmeldung fehlgeschlagen
    verbindung unterbrochen|kein netz|object reference not set to an instance of an object
    attempted to divide by zero|index out of range|list index out of range|stack overflow
    maximum call stack size exceeded|index was outside the bounds of the array|undefined is not a function
    undefined is not an object|null is not an object|invalid memory address or nil pointer dereference
    runtime error: invalid memory address or nil pointer dereference|sequence contains no elements
    value cannot be null
    """)
_COMMON_TYPES = words("""
         Error Exception RuntimeException RuntimeError NullPointerException NullReferenceException TypeError
    ValueError KeyError IndexError AttributeError NameError ReferenceError RangeError SyntaxError EvalError
    URIError InternalError AssertionError AssertionException IOException IOError OSError SystemExit Throwable
    IllegalStateException IllegalArgumentException IllegalAccessException ClassCastException
    ClassNotFoundException NoClassDefFoundError NoSuchMethodError NoSuchFieldError IndexOutOfBoundsException
    ArrayIndexOutOfBoundsException StringIndexOutOfBoundsException ConcurrentModificationException
    UnsupportedOperationException UnsatisfiedLinkError OutOfMemoryError StackOverflowError VerifyError
    ExceptionInInitializerError LinkageError NumberFormatException ArithmeticException
    NoSuchElementException InterruptedException TimeoutException TimeoutError SocketTimeoutException
    SocketException ConnectException ConnectionError ConnectionRefusedError ConnectionResetError
    UnknownHostException FileNotFoundException FileNotFoundError SQLException InvalidOperationException
    ArgumentException ArgumentNullException ArgumentOutOfRangeException FormatException InvalidCastException
    IndexOutOfRangeException KeyNotFoundException NotImplementedException NotImplementedError
    NotSupportedException OverflowException DivideByZeroException AccessViolationException
    AggregateException TaskCanceledException OperationCanceledException HttpRequestException WebException
    UnauthorizedAccessException TargetInvocationException ImportError ModuleNotFoundError PermissionError
    MemoryError RecursionError UnicodeDecodeError UnicodeEncodeError ZeroDivisionError StopIteration
    KeyboardInterrupt OverflowError LookupError ArithmeticError EOFError NoMethodError ArgumentError
    StandardError LoadError ErrorException NSException NSInvalidArgumentException NSRangeException
    NSInternalInconsistencyException NSGenericException InvocationTargetException DeadObjectException
    RemoteException SecurityException JSONException SQLiteException BadTokenException ActivityNotFoundException
    ExecutionException OperationalError IntegrityError ProgrammingError DatabaseError CalledProcessError
    HTTPError SSLError MaxRetryError ReadTimeout JSONDecodeError DOMException SIGSEGV SIGABRT SIGBUS SIGILL
    SIGFPE SIGTRAP EXC_BAD_ACCESS crash panic
    """)
_PLACEHOLDER = Pattern(r"<[a-z]{1,6}>(?:/(?=\w))?")
_WORD = Pattern(
    r"[^\W\d_]{2,}(?:[-_.'][^\W\d_]+)*|[A-Z][A-Z0-9_-]*\d[A-Z0-9]*|0x[0-9A-Fa-f]{8}|\w*\d{2,}\w*|[\u3040-\u9fff]"
)
_HUMP = Pattern(r"[A-Z][a-z]")
_EXIT = Pattern(
    r"(?:exit|return|stat|code|quit|terminat)\w*(?: (?:with|value|was|error|status|code|non-zero|of"
    r"|is)){0,4}:? -?\d{1,5}\b(?! [A-Z])",
    re.IGNORECASE,
)
_ERRNO = Pattern(r"^(?:\[?errno -?\d+\]?|\[winerror \d+\]|e[a-z]{3,12}\b)[:, -]*")
_BARE_STATUS = Pattern(
    r"(?:http(?:/\d(?:\.\d)?)?|error|err|code|status|fehler|exit code|exit status|[:#\s-])*\s*(\d{1,5})[\s:,-]*(.*)",
    re.IGNORECASE,
)
_TELLING_STATUS = frozenset({"408", "409", "413", "415", "422", "423", "429", "501", "502", "503", "504", "507"})


def is_common_type(name: str) -> bool:
    """Whether a kind of error is so common that its name alone identifies none."""
    return name in _COMMON_TYPES or len(name) < 12


def says_enough(kind: str, message: str) -> bool:
    """Whether the normalised message of an error, of a kind that may be empty, tells it from others."""
    if kind and not is_common_type(kind) and len(_HUMP.findall(kind)) > 2:
        return True
    bare = message.strip(" .,;:!?*-_()[]{}'\"<>").casefold()
    if _ERRNO.sub("", _PLACEHOLDER.sub("", bare)).strip(" ,:;'-") in _COMMONPLACE:
        return False
    status = _BARE_STATUS.fullmatch(bare)
    if status and (not status[2] or status[2] in _COMMONPLACE):
        return status[1] in _TELLING_STATUS and bool(re.search("http|gateway|time-?out|unavailable|[a-z]{4}", bare))
    words = _words(_EXIT.sub(" ", message))
    telling = [word for word in words if _is_telling(word)]
    if kind:
        return bool(telling)
    return any(any(char.isdigit() for char in word) for word in telling) or (bool(telling) and len(words) > 1)


def telling_words(message: str) -> int:
    """Return how many different words of a normalised message are such as few errors have."""
    return len({word for word in _words(message) if _is_telling(word)})


def _words(message: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(_PLACEHOLDER.sub(" ", message))]


def _is_telling(word: str) -> bool:
    return word not in _SAY_NOTHING and (len(word) > 2 or not word.isascii())
