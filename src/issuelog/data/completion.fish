# Completion of issuelog for fish:  issuelog completion fish | source

function __issuelog_complete
    set -l words (commandline -opc)
    set -l program issuelog
    string match -q '*/*' -- $words[1]; and set program $words[1]
    set -l raw (commandline -ct)
    set -l typed (string unescape -- $raw; or string unescape -- "$raw\""; or string unescape -- "$raw'")[1]
    for line in (command $program __complete $words[2..] "$typed" 2>/dev/null </dev/null)
        set -l parts (string split -m 1 \t -- $line)
        switch $parts[1]
            case :files :folders
                set -l begin "$parts[2]"
                set -l path (string sub -s (math (string length -- "$begin") + 1) -- "$typed")
                for found in (__fish_complete_path "$path")
                    test $parts[1] = :files; or string match -q '*/*' -- (string split -m 1 \t -- $found)[1]; and echo -- $begin$found
                end
            case '*'
                echo -- $line
        end
    end
end

complete -c issuelog -f -k -a '(__issuelog_complete)'
