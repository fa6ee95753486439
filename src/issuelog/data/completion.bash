# Completion of issuelog for bash 3.2 and newer:  eval "$(issuelog completion bash)"
#
# The words are taken from the line itself: bash would split them at colons and equal signs.

_issuelog() {
    local program=issuelog line=${COMP_LINE:0:COMP_POINT} breaks=${COMP_WORDBREAKS:-} tab=$'\t'
    local words=() word='' begun='' quote='' fixed=0 char i
    case $1 in */*) program=$1 ;; esac

    # `fixed` is how much of the last word readline leaves alone: it replaces what follows a break or a quote.
    for ((i = 0; i < ${#line}; i++)); do
        char=${line:i:1}
        if [[ $quote == "'" && $char != "'" ]]; then
            word+=$char
        elif [[ $char == \\ ]]; then
            i=$((i + 1))
            [[ $quote == '"' && ${line:i:1} != [\"\\\$\`] ]] && word+=\\
            word+=${line:i:1} begun=1
        elif [[ -n $quote ]]; then
            if [[ $char == "$quote" ]]; then quote='' fixed=${#word}; else word+=$char; fi
        elif [[ $char == [\"\'] ]]; then
            quote=$char begun=1 fixed=${#word}
        elif [[ $char == [[:space:]] ]]; then
            [[ -n $begun ]] && words+=("$word")
            word='' begun='' fixed=0
        else
            # A break stays before what readline replaces, but an @ belongs to it: it may begin the name of a host.
            [[ $char == @ && $breaks == *@* ]] && fixed=${#word}
            word+=$char begun=1
            [[ $char != @ && $breaks == *"$char"* ]] && fixed=${#word}
        fi
    done

    COMPREPLY=()
    local found value rest common=1 typed=${word:fixed} asked
    asked=$(command "$program" __complete ${words[@]+"${words[@]:1}"} "$word" 2>/dev/null </dev/null)
    while IFS= read -r found; do
        value=${found%%"$tab"*}
        [[ -n $value ]] || continue
        case $value in
            :files | :folders)
                _issuelog_paths "$value" "${found#"$value"}"
                return
                ;;
        esac
        [[ ${value:0:fixed} == "${word:0:fixed}" ]] || continue
        rest=${value:fixed}
        [[ ${rest:0:${#typed}} == "$typed" ]] || common=''
        _issuelog_offer "$rest"
    done <<<"$asked"
    # What they have in common is not what was typed, and would take its place: with an empty one it is nothing.
    [[ -n $common || ${#COMPREPLY[@]} -lt 2 ]] || COMPREPLY+=('')
}

# Offer a value as it has to be typed, and a space where the word ends with it. Readline itself closes a quote.
_issuelog_offer() {
    local value=$1 end=' '
    case $value in *[:=,/]) end='' ;; esac
    if [[ -n $quote ]]; then
        [[ $value == *"$quote"* ]] || COMPREPLY+=("$value")
        return
    fi
    [[ $value != *[!A-Za-z0-9_.,:=@%+/-]* ]] || printf -v value %q "$value"
    COMPREPLY+=("$value$end")
}

_issuelog_paths() {
    local kind=-f before=${2#"$tab"} named='' path
    [[ $1 == :folders ]] && kind=-d
    # Readline itself quotes the names of files and goes on after a folder, where the word is nothing else (bash 4).
    ((${#before} <= fixed)) && compopt -o filenames +o nospace 2>/dev/null && named=1
    while IFS= read -r path; do
        [[ -n $path ]] || continue
        if [[ -n $named ]]; then
            path=$before$path
            COMPREPLY+=("${path:fixed}")
        else
            [[ -d ${path/#\~/$HOME} ]] && path+=/
            path=$before$path
            _issuelog_offer "${path:fixed}"
        fi
    done < <(compgen "$kind" -- "${word#"$before"}")
}

complete -o nospace -o nosort -F _issuelog issuelog 2>/dev/null || complete -o nospace -F _issuelog issuelog
