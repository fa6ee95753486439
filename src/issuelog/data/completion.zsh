#compdef issuelog
# Completion of issuelog for zsh:  source <(issuelog completion zsh)

_issuelog() {
    local program=issuelog typed=${(Q)PREFIX} line value
    local -a lines whole begun extra
    [[ $words[1] == */* ]] && program=${(Q)words[1]}
    lines=("${(@f)$(command $program __complete "${(@Q)words[2,CURRENT-1]}" "$typed" 2>/dev/null </dev/null)}")
    for line in $lines; do
        value=${line%%$'\t'*}
        case $value in
            (:files|:folders)
                line=${${line#$value}#$'\t'}
                compset -P "${(b)line}"
                if [[ $value == :folders ]]; then _files -/; else _files; fi
                return
                ;;
        esac
        [[ $value == "$typed"* ]] || extra=(-U)
        line=${value//:/\\:}${${line#$value}/$'\t'/:}
        case $value in
            (*[:=,]) begun+=("$line") ;;
            (*) whole+=("$line") ;;
        esac
    done
    # What they have in common is not what was typed, and would take its place.
    (( $#extra && $#lines > 1 )) && compstate[insert]=''
    _describe -V issuelog whole $extra -- begun $extra -S ''
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _issuelog "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef _issuelog issuelog
fi
